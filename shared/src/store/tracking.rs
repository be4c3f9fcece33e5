//! Predictions under watch: `predictions`, `prediction_outcomes`, `prediction_exits` as monitoring moves them on.
//!
//! Nothing here touches a portfolio: what a prediction earns is simulated. Resolved and expired ones are never read.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::FromRow;

use super::{
    StoreError,
    session::{Session, Tx},
};
use crate::market::{
    accounting::quantity_pct,
    exit::Exit,
    money::Micros,
    option_holding::OptionHolding,
    tracking::{Resolution, Tracked, simulated_pnl},
};

/// A prediction that is tracked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrackedPrediction {
    /// Key.
    pub id: i64,
    /// Symbol of the underlying.
    pub ticker: String,
    /// Symbol of the contract.
    pub contract_symbol: String,
    /// When it was made: no premium from before tells anything of it.
    pub made_at: DateTime<Utc>,
    /// Its contracts and what they brought so far.
    pub tracked: Tracked,
}

#[derive(FromRow)]
struct TrackedRow {
    id: i64,
    ticker: String,
    contract_symbol: Option<String>,
    entry_date: NaiveDate,
    created_at: DateTime<Utc>,
    expiration_date: Option<NaiveDate>,
    entry_premium_micros: Option<Micros>,
    current_premium_micros: Option<Micros>,
    peak_premium_micros: Option<Micros>,
    contracts: Option<i64>,
    contracts_remaining: Option<i64>,
    trailing_stop_active: bool,
    booked_pnl_micros: Micros,
}

/// The tracked predictions of a subreddit whose ticker comes after `after` (all without), by ticker, then key.
pub async fn tracking(
    session: &mut impl Session,
    subreddit: &str,
    after: Option<&str>,
) -> Result<Vec<TrackedPrediction>, StoreError> {
    let rows = query!(
        session,
        fetch_all,
        TrackedRow,
        "select p.*, (select cast(coalesce(sum(e.simulated_pnl_micros), 0) as bigint) from prediction_exits as e
                      where e.prediction_id = p.id) as booked_pnl_micros
         from predictions as p join analysis_runs as r on r.id = p.analysis_run_id
         where p.status = 'tracking' and r.subreddit = $1 and ($2 is null or p.ticker > $2)
         order by p.ticker, p.id",
        subreddit,
        after
    )?;
    rows.into_iter().map(TrackedPrediction::try_from).collect()
}

impl TryFrom<TrackedRow> for TrackedPrediction {
    type Error = StoreError;

    fn try_from(row: TrackedRow) -> Result<Self, StoreError> {
        let id = row.id;
        row.prediction().ok_or_else(|| StoreError::Unreadable {
            what: "predictions",
            reason: format!("prediction {id} lacks what it is tracked by"),
        })
    }
}

impl TrackedRow {
    fn prediction(self) -> Option<TrackedPrediction> {
        let entry_premium = self.entry_premium_micros?;
        let tracked = Tracked {
            holding: OptionHolding {
                entry_premium,
                entry_date: self.entry_date,
                expiration: self.expiration_date?,
                remaining: self.contracts_remaining?,
                peak_premium: self.peak_premium_micros.unwrap_or(entry_premium),
                trailing_stop_active: self.trailing_stop_active,
                last_premium: self.current_premium_micros,
            },
            contracts: self.contracts?,
            booked_pnl: self.booked_pnl_micros,
        };
        Some(TrackedPrediction {
            id: self.id,
            ticker: self.ticker,
            contract_symbol: self.contract_symbol?,
            made_at: self.created_at,
            tracked,
        })
    }
}

/// What was seen of a contract on a day; the latest of the day wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    /// Days since the prediction was made.
    pub day_offset: i64,
    /// Premium per share.
    pub premium: Micros,
    /// Price of the underlying, where it is known.
    pub underlying_price: Option<Micros>,
}

/// Keeps what was seen.
pub async fn keep_outcome(tx: &mut Tx, prediction: i64, outcome: Outcome, at: DateTime<Utc>) -> Result<(), StoreError> {
    execute!(
        tx,
        "insert into prediction_outcomes
             (prediction_id, day_offset, premium_micros, underlying_price_micros, recorded_at)
         values ($1, $2, $3, $4, $5) on conflict (prediction_id, day_offset) do update
         set premium_micros = excluded.premium_micros, recorded_at = excluded.recorded_at,
             underlying_price_micros = coalesce(excluded.underlying_price_micros,
                                                prediction_outcomes.underlying_price_micros)",
        prediction,
        outcome.day_offset,
        outcome.premium,
        outcome.underlying_price,
        at
    )?;
    Ok(())
}

/// Writes the simulated exits of a check down; `before` is the prediction ahead of the first.
pub async fn book(
    tx: &mut Tx,
    prediction: i64,
    before: &Tracked,
    exits: &[Exit],
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    let mut remaining = before.holding.remaining;
    for exit in exits {
        execute!(
            tx,
            "insert into prediction_exits
                 (prediction_id, exit_date, exit_premium_micros, exit_reason, quantity_pct, contracts_exited,
                  simulated_pnl_micros, created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8)",
            prediction,
            exit.date,
            exit.price,
            exit.reason.as_str(),
            quantity_pct(exit.units, remaining),
            exit.units,
            simulated_pnl(before.holding.entry_premium, exit),
            at
        )?;
        remaining -= exit.units;
    }
    Ok(())
}

/// Keeps premiums, trailing stop and contracts after a check.
pub async fn keep(tx: &mut Tx, prediction: i64, after: &Tracked) -> Result<(), StoreError> {
    execute!(
        tx,
        "update predictions
         set contracts_remaining = $2, current_premium_micros = $3, peak_premium_micros = $4, trailing_stop_active = $5
         where id = $1 and status = 'tracking'",
        prediction,
        after.holding.remaining,
        after.holding.last_premium,
        after.holding.peak_premium,
        after.holding.trailing_stop_active
    )?;
    Ok(())
}

/// Ends a prediction. What a person has decided about it stays.
pub async fn resolve(tx: &mut Tx, prediction: i64, end: Resolution, at: DateTime<Utc>) -> Result<(), StoreError> {
    execute!(
        tx,
        "update predictions
         set status = 'resolved', simulated_return_pct = $2, resolved_at = $4,
             is_correct = case when hitl_override is null then $3 else is_correct end
         where id = $1 and status = 'tracking'",
        prediction,
        end.simulated_return,
        end.is_correct,
        at
    )?;
    Ok(())
}
