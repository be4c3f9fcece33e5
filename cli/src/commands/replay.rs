//! `analyze replay`: one run a weekday, each followed to its end, and then what came of all of them.
//!
//! Every run is an ordinary one, started over HTTP with `as_of`. A day that the service refuses, because it has lived
//! through it already, is told and left out; a run that does not complete ends the replay, because the days after it
//! would be judged without it.

use std::path::Path;
use std::{fs, io, mem};

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};

use super::Client;
use crate::api::types::{AnalyzeOptions, AnalyzeRequest, Position, PositionState, Run, RunState};
use crate::args::replay::Replay;
use crate::args::trading::Positions;
use crate::equity::{Equity, svg};
use crate::failure::Failure;
use crate::follow::{Screen, Silence, day, follow};
use crate::replay::{Day, Ending, Report};
use crate::server::Server;
use crate::service::Interrupt;
use crate::{days, output, show};

/// The field a day is refused by.
const AS_OF: &str = "options.as_of";
/// Items of a page of positions.
const PAGE: i64 = 100;

/// What to live through.
pub(super) struct Plan<'a> {
    /// Days, and the instant of the run on each.
    pub days: Vec<(NaiveDate, DateTime<Utc>)>,
    /// Subreddit; the service's default one when absent.
    pub subreddit: Option<&'a str>,
    /// Where the picture goes.
    pub svg: Option<&'a Path>,
    /// Print JSON, and nothing else.
    pub json: bool,
}

/// Lives through the days that were asked for.
pub(super) async fn replay(client: &Client, asked: &Replay) -> Result<(), Failure> {
    let days = days::weekdays(asked.from).take_while(|day| *day <= asked.to);
    let plan = Plan {
        days: days.map(|day| (day, days::eastern(day, asked.at))).collect(),
        subreddit: asked.subreddit.as_deref(),
        svg: asked.svg.as_deref(),
        json: client.json,
    };
    live(&client.server, &plan, Some(Interrupt::new()?)).await
}

/// Runs every day, prints what came of them, and draws the curve. An `interrupt` ends the days, a second one all.
pub(super) async fn live(server: &Server, plan: &Plan<'_>, mut interrupt: Option<Interrupt>) -> Result<(), Failure> {
    // Days are lived through once only: a picture that cannot be written must be known before.
    if let Some(path) = plan.svg {
        fs::File::options()
            .create(true)
            .append(true)
            .open(path)
            .map_err(unusable(path))?;
    }
    let (lived, interrupted) = live_days(server, plan, &mut interrupt).await?;
    let summary = async {
        let report = Report {
            interrupted,
            ..report(server, plan, lived).await?
        };
        tell(plan, &report)
    };
    tokio::select! {
        told = summary => told,
        () = arrival(&mut interrupt) => Err(Failure::Incomplete("interrupted".to_owned())),
    }
}

/// Each day in its turn, as far as they go; the day of an interrupt.
async fn live_days(
    server: &Server,
    plan: &Plan<'_>,
    interrupt: &mut Option<Interrupt>,
) -> Result<(Vec<Day>, Option<NaiveDate>), Failure> {
    let mut lived: Vec<Day> = Vec::new();
    for (day, as_of) in &plan.days {
        let ending = if let Some(reason) = known_refusal(lived.last(), *as_of) {
            Ending::Refused(reason)
        } else {
            tokio::select! {
                ending = one(server, plan, *day, *as_of) => ending?,
                () = arrival(interrupt) => return Ok((lived, Some(*day))),
            }
        };
        let goes_on = !matches!(&ending, Ending::Ran(run) if run.status != RunState::Completed);
        let lived_day = Day {
            date: *day,
            as_of: *as_of,
            ending,
        };
        if !plan.json {
            output::note(&show::day(&lived_day, plan.days.len(), lived.len() + 1))?;
        }
        lived.push(lived_day);
        if !goes_on {
            break;
        }
    }
    Ok((lived, None))
}

/// Resolves with the signal that ends the days.
async fn arrival(interrupt: &mut Option<Interrupt>) {
    match interrupt {
        Some(interrupt) => interrupt.arrive().await,
        None => std::future::pending().await,
    }
}

/// The refusal of the day before, when it names a newest run that this day lies before as well.
fn known_refusal(before: Option<&Day>, as_of: DateTime<Utc>) -> Option<String> {
    let Ending::Refused(reason) = &before?.ending else {
        return None;
    };
    let (_, rest) = reason.split_once("must not lie before ")?;
    let newest: DateTime<Utc> = rest.split([',', ' ']).next()?.parse().ok()?;
    (as_of < newest).then(|| reason.clone())
}

fn tell(plan: &Plan<'_>, report: &Report) -> Result<(), Failure> {
    if let Some(path) = plan.svg {
        fs::write(path, svg::draw(&report.equity)).map_err(unusable(path))?;
    }
    if plan.json {
        output::json(&report.json(plan.svg))?;
    } else {
        output::text(&show::replay(report, plan.svg))?;
    }
    report.verdict(plan.days.len())
}

fn unusable(path: &Path) -> impl FnOnce(io::Error) -> Failure {
    let path = path.to_owned();
    |cause| Failure::Folder { path, cause }
}

/// One day: a run from its start to its end, or the server's refusal.
async fn one(server: &Server, plan: &Plan<'_>, day: NaiveDate, as_of: DateTime<Utc>) -> Result<Ending, Failure> {
    let options = AnalyzeOptions {
        as_of: Some(as_of.to_rfc3339_opts(SecondsFormat::Secs, true)),
        async_mode: None,
        comments_per_post: None,
        post_limit: None,
        top_comments: None,
    };
    let request = AnalyzeRequest {
        subreddit: plan.subreddit.map(str::to_owned),
        on_conflict: None,
        options: Some(options),
    };
    match server.start(&request, None).await {
        Ok(started) => {
            let mut screen: Box<dyn Screen> = if plan.json {
                Box::new(Silence)
            } else {
                Box::new(day::DayBar::new(day))
            };
            let run = follow(server, started.value.data.run_id, screen.as_mut()).await?;
            Ok(Ending::Ran(Box::new(run)))
        }
        Err(Failure::Refused { text, field, .. }) if field.as_deref() == Some(AS_OF) => Ok(Ending::Refused(text)),
        Err(failure) => Err(failure),
    }
}

/// Everything there is to say about the days.
async fn report(server: &Server, plan: &Plan<'_>, lived: Vec<Day>) -> Result<Report, Failure> {
    let ran = lived.iter().find_map(Day::run).map(|run: &Run| run.subreddit.clone());
    let subreddit = match plan.subreddit {
        Some(name) => Some(name.to_lowercase()),
        None => ran,
    };
    let mut answer = server.portfolios(subreddit.as_deref()).await?;
    let is_lived = |at| plan.days.iter().any(|(day, _)| *day == days::eastern_day(at));
    let mut valued = Vec::new();
    for portfolio in mem::take(&mut answer.value.data) {
        let mut points = server.portfolio_history(portfolio.id).await?.value.data;
        points.retain(|point| is_lived(point.market_now));
        valued.push((portfolio, points));
    }
    let mut closed = positions(server, subreddit.as_deref(), PositionState::Closed).await?;
    let span = plan.days.first().zip(plan.days.last());
    closed.retain(|position| {
        let days = position.exit_date.zip(span);
        days.is_some_and(|(exit, ((first, _), (last, _)))| (*first..=*last).contains(&exit))
    });
    Ok(Report {
        days: lived,
        interrupted: None,
        equity: Equity::of(&valued),
        portfolios: valued,
        open: positions(server, subreddit.as_deref(), PositionState::Open).await?,
        closed,
    })
}

/// All positions in that state, page by page.
async fn positions(server: &Server, subreddit: Option<&str>, state: PositionState) -> Result<Vec<Position>, Failure> {
    let filter = Positions {
        status: Some(state),
        ticker: None,
        portfolio: None,
        subreddit: subreddit.map(str::to_owned),
        limit: Some(PAGE),
    };
    let mut all = Vec::new();
    loop {
        let offset = i64::try_from(all.len()).unwrap_or(i64::MAX);
        let page = server.positions_from(&filter, Some(offset)).await?.value;
        let is_last = page.data.is_empty() || offset + PAGE >= page.meta.total;
        all.extend(page.data);
        if is_last {
            return Ok(all);
        }
    }
}
