//! Closing by hand: judge, ask for a price, then book everything in one transaction.
//!
//! The price is asked for before the transaction, so that no lock is held while a source thinks. Meanwhile a run may
//! have sold units: inside the transaction everything is judged once more.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};
use shared::market::calendar::eastern_day;
use shared::market::exit::{Exit, ExitReason};
use shared::store::idempotency::{self, Outcome};
use shared::store::session::{Session, Tx};
use shared::store::{exits, portfolios};

use super::find;
use crate::app::App;
use crate::http::constraint::{Constraint, Invalid};
use crate::http::error::{ApiError, Code};

/// What counts as the next whole unit, so that 0.29 of 100 is 29.
const DUST: f64 = 1e-9;

/// A request to close.
#[derive(Debug)]
pub(super) struct Closing<'a> {
    /// Key of the position.
    pub position: i64,
    /// Why.
    pub reason: &'a str,
    /// Fraction of what is still held.
    pub fraction: f64,
    /// Principal and idempotency key, if one was sent.
    pub key: Option<(&'a str, &'a str)>,
}

/// An exit that was booked, now or when the key was used first.
#[derive(Debug, Clone, Copy)]
pub(super) struct Closed {
    /// Key of the exit.
    pub exit: i64,
    /// Whether the key was used before.
    pub replayed: bool,
}

pub(super) async fn close(app: &App, closing: &Closing<'_>) -> Result<Closed, ApiError> {
    let mut conn = app.store.read().await?;
    if let Some(known) = replayed(&mut conn, closing).await? {
        return Ok(known);
    }
    let row = find(&mut conn, closing.position).await?;
    units(&mut conn, closing).await?;
    let now = app.prices.now(&mut conn, &row.subreddit).await?;
    drop(conn);
    let priced = app.prices.of_position(&row, now).await;
    let priced = priced.ok_or_else(ApiError::price_unavailable)?;

    let mut tx = app.store.begin().await?;
    if let Some(known) = replayed(&mut tx, closing).await? {
        return Ok(known);
    }
    let exit = Exit {
        reason: ExitReason::Manual,
        price: priced.price,
        units: units(&mut tx, closing).await?,
        date: eastern_day(now),
        triggered_at: priced.at,
    };
    let booked = exits::book(&mut tx, closing.position, None, &exit, Some(closing.reason)).await?;
    exits::note_price(&mut tx, closing.position, priced.price, priced.at).await?;
    portfolios::revalue(&mut tx, booked.portfolio_id, now).await?;
    remember(&mut tx, closing, booked.id).await?;
    tx.commit().await?;
    Ok(Closed {
        exit: booked.id,
        replayed: false,
    })
}

/// How many units the request is about; an error when the position is closed or the fraction is less than one.
async fn units(session: &mut impl Session, closing: &Closing<'_>) -> Result<i64, ApiError> {
    let row = find(session, closing.position).await?;
    if !row.is_open() {
        let message = format!("position {} is closed already", row.id);
        return Err(ApiError::new(Code::PositionAlreadyClosed, message));
    }
    match part(closing.fraction, row.remaining()) {
        0 => {
            let message = format!("is less than one of the {} units still held", row.remaining());
            let invalid = Invalid::new(Constraint::Minimum, message);
            Err(ApiError::invalid("quantity_fraction", &invalid))
        }
        units => Ok(units),
    }
}

/// A fraction of some units, rounded down.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "units are few, and the product is no more than they are"
)]
fn part(fraction: f64, units: i64) -> i64 {
    ((fraction * units as f64 + DUST).floor() as i64).min(units)
}

async fn replayed(session: &mut impl Session, closing: &Closing<'_>) -> Result<Option<Closed>, ApiError> {
    let Some((principal, key)) = closing.key else {
        return Ok(None);
    };
    let Some(known) = idempotency::find(session, principal, key).await? else {
        return Ok(None);
    };
    match known.exit_id.filter(|_| known.request_hash == hash(closing)) {
        Some(exit) => Ok(Some(Closed { exit, replayed: true })),
        None => Err(ApiError::conflict(
            "header.idempotency-key",
            "was used before with another request",
        )),
    }
}

async fn remember(tx: &mut Tx, closing: &Closing<'_>, exit: i64) -> Result<(), ApiError> {
    let Some((principal, key)) = closing.key else {
        return Ok(());
    };
    Ok(idempotency::remember(tx, principal, key, &hash(closing), Outcome::Exit(exit)).await?)
}

/// What a repeated key must agree with.
fn hash(closing: &Closing<'_>) -> String {
    let text = format!("close {} {} {}", closing.position, closing.fraction, closing.reason);
    let mut hex = String::from("close+");
    for byte in Sha256::digest(text) {
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fraction_is_rounded_down_to_whole_units() {
        for (fraction, units, expected) in [
            (1.0, 7, 7),
            (0.5, 7, 3),
            (0.5, 1, 0),
            (0.29, 100, 29),
            (0.1, 10, 1),
            (0.099, 10, 0),
            (1.0 / 3.0, 3, 1),
            (0.999_999, 3, 2),
        ] {
            assert_eq!(part(fraction, units), expected, "{fraction} of {units}");
        }
    }
}
