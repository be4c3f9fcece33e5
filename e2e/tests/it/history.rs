//! Forty trading days over the sample, lived through once and looked at by several tests.

use e2e::{
    days::Days,
    ledger::{self, Dump},
};
use serde_json::Value;
use tokio::sync::OnceCell;

/// Days of the whole history.
pub(crate) const DAYS: usize = 40;

/// What remained of it.
pub(crate) struct History {
    /// Every run as `GET /runs/{id}` shows it.
    pub(crate) runs: Vec<Value>,
    /// The Eastern day of every run.
    pub(crate) dates: Vec<String>,
    /// Every position as `GET /positions/{id}` shows it after the last day.
    pub(crate) positions: Vec<Value>,
    /// The completed evaluation period of every portfolio.
    pub(crate) evaluated: Vec<Value>,
    /// Predictions that are expired, resolved and tracking.
    pub(crate) predictions: [i64; 3],
    /// Posts as `id url`.
    pub(crate) pictures: Vec<String>,
    /// Everything after the first days, [`SHORT`] of them.
    pub(crate) short: Dump,
    /// Everything after the last day.
    pub(crate) whole: Dump,
}

/// Days after which the first dump is taken.
pub(crate) const SHORT: usize = 12;

/// The history; the first who asks lives through it.
pub(crate) async fn history() -> &'static History {
    static HISTORY: OnceCell<History> = OnceCell::const_new();
    HISTORY.get_or_init(|| async { live().await.unwrap() }).await
}

/// A day, after which the books are right.
pub(crate) async fn day(days: &Days) -> anyhow::Result<Value> {
    let run = days.next().await?;
    let wrong = ledger::wrong_books(days.stack())?;
    anyhow::ensure!(wrong.is_empty(), "after run {}: {wrong:?}", run["run_id"]);
    Ok(run)
}

async fn live() -> anyhow::Result<History> {
    let days = Days::start(&[]).await?;
    let (mut runs, mut dates, mut short) = (Vec::new(), Vec::new(), Dump::new());
    while runs.len() < DAYS {
        let run = day(&days).await?;
        dates.push(days.date(&run).await?);
        runs.push(run);
        if runs.len() == SHORT {
            short = ledger::dump(days.stack())?;
        }
    }
    let api = days.api();
    let mut evaluated = Vec::new();
    for portfolio in 1..=4 {
        let periods = api
            .get(&format!("/evaluation-periods?portfolio_id={portfolio}"))
            .await?;
        let periods = periods.data().as_array().cloned().unwrap_or_default();
        evaluated.extend(periods.into_iter().filter(|period| period["status"] == "completed"));
    }
    let mut predictions = [0; 3];
    for (count, status) in predictions.iter_mut().zip(["expired", "resolved", "tracking"]) {
        let list = api.get(&format!("/predictions?status={status}&limit=1")).await?;
        *count = list.body["meta"]["total"].as_i64().unwrap_or_default();
    }
    let pictures = "select id || ' ' || image_url from reddit_posts where image_url is not null";
    Ok(History {
        runs,
        dates,
        positions: days.positions().await?,
        evaluated,
        predictions,
        pictures: days.stack().texts(pictures)?,
        short,
        whole: ledger::dump(days.stack())?,
    })
}
