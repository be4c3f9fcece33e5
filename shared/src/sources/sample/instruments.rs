//! What is traded in the sample world.
//!
//! The symbols are ones that people know, because the annotator has to find them in texts; the companies behind them
//! are invented, and so is every price. The market draws paths from these numbers, the subreddit talks about the
//! symbols, and the option chains are priced from the volatility.

/// Part that an instrument plays in the subreddit and in the option market.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Discussed every day, options listed.
    Popular,
    /// Discussed every day, but its option chain is missing.
    Unlisted,
    /// Silent for weeks, then all over the place for a day; options listed.
    Dormant,
    /// An index fund: mentioned every day, never the theme; options listed.
    Fund,
    /// A coin: discussed every day, no options.
    Crypto,
    /// An index: a benchmark that nobody can trade.
    Index,
}

/// Something with a price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Instrument {
    /// The symbol.
    pub symbol: &'static str,
    /// The invented name.
    pub name: &'static str,
    /// What it does here.
    pub role: Role,
    /// The price, in dollars, around which it moves.
    pub base_dollars: i64,
    /// Volatility of its own, in percent of the price and per year.
    pub volatility_percent: i64,
    /// How much of the index's move it takes on, in percent.
    pub beta_percent: i64,
}

const fn instrument(symbol: &'static str, name: &'static str, role: Role, numbers: [i64; 3]) -> Instrument {
    let [base_dollars, volatility_percent, beta_percent] = numbers;
    Instrument {
        symbol,
        name,
        role,
        base_dollars,
        volatility_percent,
        beta_percent,
    }
}

/// Everything with a price, in a fixed order: price, own volatility and beta of each.
pub const INSTRUMENTS: [Instrument; 23] = [
    instrument("TSLA", "Ridgeway Motors", Role::Popular, [310, 58, 140]),
    instrument("NVDA", "Larkspur Compute", Role::Popular, [142, 48, 150]),
    instrument("AMD", "Copperline Devices", Role::Popular, [126, 52, 140]),
    instrument("AAPL", "Orchard Lane Electronics", Role::Popular, [228, 26, 110]),
    instrument("MSFT", "Quillstone Software", Role::Popular, [432, 25, 100]),
    instrument("META", "Gatherly Networks", Role::Popular, [588, 35, 120]),
    instrument("AMZN", "Riverbasket Stores", Role::Popular, [206, 33, 115]),
    instrument("NFLX", "Lanternreel Pictures", Role::Popular, [880, 38, 100]),
    instrument("GME", "Pixel Attic Games", Role::Popular, [27, 76, 60]),
    instrument("AMC", "Velvet Row Cinemas", Role::Popular, [14, 74, 70]),
    instrument("PLTR", "Seeingstone Analytics", Role::Popular, [76, 64, 140]),
    instrument("COIN", "Tidepool Exchange", Role::Popular, [262, 64, 150]),
    instrument("HOOD", "Greenfeather Brokerage", Role::Unlisted, [46, 66, 140]),
    instrument("NIO", "Blue Heron Mobility", Role::Dormant, [11, 70, 80]),
    instrument("SOFI", "Cornerlight Bank", Role::Dormant, [15, 62, 120]),
    instrument("ROKU", "Harborview Streaming", Role::Dormant, [74, 64, 120]),
    instrument("SNAP", "Flickerleaf Media", Role::Dormant, [12, 66, 110]),
    instrument("DKNG", "Laurel Crown Games", Role::Dormant, [38, 54, 110]),
    instrument("INTC", "Granite Gate Silicon", Role::Dormant, [24, 46, 100]),
    instrument("BTC", "bitcoin, at invented prices", Role::Crypto, [94_000, 55, 80]),
    instrument("QQQ", "Hundred Lanterns Fund", Role::Fund, [510, 8, 115]),
    instrument("SPY", "Five Hundred Fund", Role::Fund, [595, 0, 100]),
    instrument("^GSPC", "Five Hundred Index", Role::Index, [5_950, 0, 100]),
];

impl Instrument {
    /// The instrument with this symbol.
    #[must_use]
    pub fn find(symbol: &str) -> Option<&'static Self> {
        INSTRUMENTS.iter().find(|instrument| instrument.symbol == symbol)
    }

    /// The instruments of a role, in their fixed order.
    pub(super) fn of(role: Role) -> impl Iterator<Item = &'static Self> {
        INSTRUMENTS.iter().filter(move |instrument| instrument.role == role)
    }

    /// Whether its options trade, so that a chain can be asked for.
    #[must_use]
    pub const fn has_options(&self) -> bool {
        matches!(self.role, Role::Popular | Role::Dormant | Role::Fund)
    }

    /// The standard deviation of its own daily move, in parts per million.
    #[must_use]
    pub const fn daily_volatility(&self) -> i64 {
        // A year has 252 trading days, whose square root is 15.875.
        self.volatility_percent * 10_000_000 / 15_875
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(role: Role) -> usize {
        Instrument::of(role).count()
    }

    #[test]
    fn every_role_is_filled_and_symbols_are_unique() {
        let mut symbols: Vec<_> = INSTRUMENTS.iter().map(|instrument| instrument.symbol).collect();
        symbols.sort_unstable();
        symbols.dedup();
        assert_eq!(symbols.len(), INSTRUMENTS.len());
        assert!(count(Role::Popular) >= 12 && count(Role::Dormant) >= 4);
        assert_eq!(
            [count(Role::Crypto), count(Role::Unlisted), count(Role::Index)],
            [1, 1, 1]
        );
    }

    #[test]
    fn coins_indexes_and_the_unlisted_have_no_options() {
        let has_options = |symbol| Instrument::find(symbol).unwrap().has_options();
        assert!(has_options("TSLA") && has_options("SPY") && has_options("NIO"));
        assert!(!has_options("BTC") && !has_options("HOOD") && !has_options("^GSPC"));
        assert!(Instrument::find("XYZ").is_none());
    }

    #[test]
    fn a_yearly_volatility_becomes_a_daily_one() {
        assert_eq!(Instrument::find("TSLA").unwrap().daily_volatility(), 36_535);
    }
}
