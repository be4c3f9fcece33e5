//! A stock position under watch: its levels, its peak, its tier, and the rules they come from.
//!
//! The state is what the `positions` row keeps between two checks. [`StockHolding::opened`] makes it,
//! [`stock_exits`](super::stock_exits) moves it on; nothing else changes it.

use chrono::{DateTime, NaiveDate, Utc};

use super::{
    money::{Micros, Rate},
    timeline::Window,
};

/// Percentages and days of stock exits, from `system_config`; the default holds the seeded values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StockExitRules {
    /// Change from the entry price at which the stop lies; negative.
    pub stop_loss: Rate,
    /// Change from the entry price at which the target lies.
    pub take_profit: Rate,
    /// Part of the peak that the price may lose once the target was met.
    pub trailing_stop: Rate,
    /// Gain at which the stop is raised to the entry price, at least.
    pub breakeven_trigger: Rate,
    /// Days held before that, at least.
    pub breakeven_min_days: i64,
    /// Days held after which the base tier must gain.
    pub time_stop_base_days: i64,
    /// What it must gain then, at least.
    pub time_stop_base_min_gain: Rate,
    /// Days held at which the extended tier ends.
    pub time_stop_extended_days: i64,
    /// Days held at which every tier ends.
    pub time_stop_max_days: i64,
    /// Part of the units sold at the target, `0..=1`.
    pub take_profit_exit: Rate,
}

impl Default for StockExitRules {
    fn default() -> Self {
        Self {
            stop_loss: Rate::percent(-10),
            take_profit: Rate::percent(15),
            trailing_stop: Rate::percent(7),
            breakeven_trigger: Rate::percent(5),
            breakeven_min_days: 5,
            time_stop_base_days: 5,
            time_stop_base_min_gain: Rate::percent(5),
            time_stop_extended_days: 7,
            time_stop_max_days: 10,
            take_profit_exit: Rate::percent(50),
        }
    }
}

/// How long a position may be held; it only moves up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TimeExtension {
    /// As opened.
    Base,
    /// The stop was raised to the entry price.
    Extended,
    /// The target was met.
    Trailing,
}

impl TimeExtension {
    /// Persisted name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::Extended => "extended",
            Self::Trailing => "trailing",
        }
    }

    /// The tier of a persisted name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Base, Self::Extended, Self::Trailing]
            .into_iter()
            .find(|tier| tier.as_str() == text)
    }
}

/// An open stock position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StockHolding {
    /// What a share cost.
    pub entry_price: Micros,
    /// Eastern day of the opening.
    pub entry_date: NaiveDate,
    /// Which prices are still to be tested.
    pub window: Window,
    /// Shares still held; 0 once closed.
    pub remaining: i64,
    /// At or below it everything is sold.
    pub stop_loss_price: Micros,
    /// At or above it a part is sold, once.
    pub take_profit_price: Micros,
    /// Highest price since the opening.
    pub peak_price: Micros,
    /// The target was met.
    pub trailing_stop_active: bool,
    /// The tier.
    pub time_extension: TimeExtension,
}

impl StockHolding {
    /// A position as it is bought: levels from the entry price, rounded half up to a micro-dollar.
    #[must_use]
    pub fn opened(
        entry_price: Micros,
        entry_date: NaiveDate,
        opened_at: DateTime<Utc>,
        shares: i64,
        rules: &StockExitRules,
    ) -> Self {
        Self {
            entry_price,
            entry_date,
            window: Window {
                opened_at,
                last_checked_at: None,
            },
            remaining: shares,
            stop_loss_price: entry_price.times(Rate::ONE + rules.stop_loss),
            take_profit_price: entry_price.times(Rate::ONE + rules.take_profit),
            peak_price: entry_price,
            trailing_stop_active: false,
            time_extension: TimeExtension::Base,
        }
    }

    /// The stop was raised to the entry price.
    #[must_use]
    pub fn is_breakeven(&self) -> bool {
        self.stop_loss_price == self.entry_price
    }

    /// The price at which the rest is sold once the target was met: `peak x (1 - trailing stop)`.
    #[must_use]
    pub fn trailing_level(&self, rules: &StockExitRules) -> Micros {
        self.peak_price.times(Rate::ONE - rules.trailing_stop)
    }

    /// Moves the tier up, never down.
    pub fn extend(&mut self, tier: TimeExtension) {
        self.time_extension = self.time_extension.max(tier);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_levels_of_the_vector_hold() {
        let price = |dollars| Micros::from_number(dollars).unwrap();
        let day = NaiveDate::from_ymd_opt(2026, 3, 2).unwrap();
        let at = day.and_hms_opt(15, 0, 0).unwrap().and_utc();
        let holding = StockHolding::opened(price(142.50), day, at, 14, &StockExitRules::default());
        assert_eq!(holding.stop_loss_price, price(128.25));
        assert_eq!(holding.take_profit_price, price(163.875));
        assert_eq!(holding.peak_price, price(142.50));
        assert_eq!(holding.trailing_level(&StockExitRules::default()), price(132.525));
    }

    #[test]
    fn tiers_are_read_back_and_only_move_up() {
        let day = NaiveDate::from_ymd_opt(2026, 3, 2).unwrap();
        let at = day.and_hms_opt(15, 0, 0).unwrap().and_utc();
        let mut holding = StockHolding::opened(Micros(1), day, at, 1, &StockExitRules::default());
        for (tier, expected) in [
            ("extended", "extended"),
            ("base", "extended"),
            ("trailing", "trailing"),
            ("extended", "trailing"),
        ] {
            holding.extend(TimeExtension::parse(tier).unwrap());
            assert_eq!(holding.time_extension.as_str(), expected);
        }
        assert_eq!(TimeExtension::parse("short"), None);
    }
}
