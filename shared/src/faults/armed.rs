//! The points themselves.

use std::{
    collections::HashMap,
    fs,
    path::PathBuf,
    str::FromStr,
    sync::{Mutex, OnceLock, PoisonError},
};

use chrono::TimeDelta;

use super::Moment;

static PLAN: OnceLock<FaultPlan> = OnceLock::new();

/// What is to happen to this process.
#[derive(Debug, Clone, Default)]
pub struct FaultPlan {
    /// `ANALYZE_FAULT`.
    pub death: Option<Death>,
    /// `ANALYZE_FAULT_CLOCK`: a file with the seconds by which the clock is ahead.
    pub clock: Option<PathBuf>,
}

/// `POINT.MOMENT#N`: the end of the process when it passes that point for the n-th time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Death {
    place: String,
    pass: u64,
}

impl FromStr for Death {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (place, pass) = text.split_once('#').ok_or(())?;
        let place = place.to_owned();
        Ok(Self {
            place,
            pass: pass.parse().map_err(|_| ())?,
        })
    }
}

/// Makes the plan that of this process; the first one counts.
pub fn arm(plan: &FaultPlan) {
    let _ = PLAN.set(plan.clone());
}

/// Counts and logs the passing, and dies when it is the one: at once, as by SIGKILL.
pub fn pass(point: &str, moment: Moment) {
    static PASSES: Mutex<Option<HashMap<String, u64>>> = Mutex::new(None);
    let Some(plan) = PLAN.get() else { return };
    let place = format!("{point}.{}", word(moment));
    let mut passes = PASSES.lock().unwrap_or_else(PoisonError::into_inner);
    let count = passes.get_or_insert_default().entry(place.clone()).or_default();
    *count += 1;
    tracing::debug!("passed {place} {count}");
    if plan
        .death
        .as_ref()
        .is_some_and(|death| death.place == place && death.pass == *count)
    {
        std::process::abort();
    }
}

const fn word(moment: Moment) -> &'static str {
    match moment {
        Moment::Begun => "begun",
        Moment::Ready => "ready",
        Moment::Committed => "committed",
    }
}

/// By how much the clock of this process is ahead; read anew each time, so that a test can step it.
pub fn clock_offset() -> TimeDelta {
    let file = PLAN.get().and_then(|plan| plan.clock.as_ref());
    let text = file.and_then(|path| fs::read_to_string(path).ok()).unwrap_or_default();
    text.trim()
        .parse()
        .ok()
        .and_then(TimeDelta::try_seconds)
        .unwrap_or_default()
}
