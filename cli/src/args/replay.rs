//! Which days to live through again.

use std::path::PathBuf;

use chrono::{NaiveDate, NaiveTime};
use clap::Args as Group;

/// Which days, and what to make of them.
#[derive(Debug, Clone, Group)]
pub struct Replay {
    /// First day
    #[arg(long, value_name = "DAY")]
    pub from: NaiveDate,
    /// Last day, inclusive
    #[arg(long, value_name = "DAY")]
    pub to: NaiveDate,
    /// Subreddit; the service's default one when absent
    #[arg(long)]
    pub subreddit: Option<String>,
    /// US/Eastern time of day of every run
    #[arg(long, value_name = "HH:MM", default_value = "11:00", value_parser = time_of_day)]
    pub at: NaiveTime,
    /// Draw the equity curve into this file
    #[arg(long, value_name = "FILE")]
    pub svg: Option<PathBuf>,
}

fn time_of_day(text: &str) -> Result<NaiveTime, String> {
    NaiveTime::parse_from_str(text, "%H:%M").map_err(|_| "expected a time such as 11:00".to_owned())
}
