//! Option contracts under watch, of a position or of a prediction, and the rules of their exits.
//!
//! The state is what the row keeps between two checks. [`OptionHolding::opened`] makes it,
//! [`option_exits`](super::option_exits) moves it on; nothing else changes it. Levels are not kept: they follow from
//! the entry premium and the rules of the day.

use chrono::NaiveDate;

use super::money::{Micros, Rate};

/// Percentages and days of option exits, from `system_config`; the default holds the seeded values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptionExitRules {
    /// Change of the premium at which everything is sold; negative.
    pub stop_loss: Rate,
    /// Change of the premium at which a part is sold.
    pub take_profit: Rate,
    /// Part of the peak that the premium may lose once the target was met.
    pub trailing_stop: Rate,
    /// Days held at which everything is sold.
    pub time_stop_days: i64,
    /// Days to the expiration at which everything is sold.
    pub expiration_protection_dte: i64,
    /// Part of the contracts sold at the target, `0..=1`.
    pub take_profit_exit: Rate,
}

impl Default for OptionExitRules {
    fn default() -> Self {
        Self {
            stop_loss: Rate::percent(-50),
            take_profit: Rate::percent(100),
            trailing_stop: Rate::percent(30),
            time_stop_days: 10,
            expiration_protection_dte: 2,
            take_profit_exit: Rate::percent(50),
        }
    }
}

/// Contracts under watch, of a position or of a prediction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OptionHolding {
    /// Premium per share when they were bought, above zero.
    pub entry_premium: Micros,
    /// Eastern day of the opening.
    pub entry_date: NaiveDate,
    /// Last day of the contract.
    pub expiration: NaiveDate,
    /// Contracts still held; 0 once closed.
    pub remaining: i64,
    /// Highest premium seen.
    pub peak_premium: Micros,
    /// The target was met.
    pub trailing_stop_active: bool,
    /// Newest premium seen; `None` when there never was one.
    pub last_premium: Option<Micros>,
}

impl OptionHolding {
    /// Contracts as they are bought: peak and last premium are what was paid.
    #[must_use]
    pub const fn opened(entry_premium: Micros, entry_date: NaiveDate, expiration: NaiveDate, contracts: i64) -> Self {
        Self {
            entry_premium,
            entry_date,
            expiration,
            remaining: contracts,
            peak_premium: entry_premium,
            trailing_stop_active: false,
            last_premium: Some(entry_premium),
        }
    }

    /// Whether the contract's last day is over, so that no quote is needed any more.
    #[must_use]
    pub fn is_expired(&self, today: NaiveDate) -> bool {
        self.expiration < today
    }
}
