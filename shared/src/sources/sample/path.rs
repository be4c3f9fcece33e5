//! How a price goes from day to day: the walk behind the daily bars of one instrument.
//!
//! Each day takes the index's move times beta, a gap over night (now and then a big one), a move of its own, the drift
//! of the regime it is in, and a pull back to the base price, so that a path neither dies nor runs away. Regimes last
//! eight trading days and point up, down or nowhere. Shares of a price are counted in parts per million, prices in
//! micro-dollars rounded to cents; all arithmetic is on integers and therefore the same on every machine.

use super::instruments::Instrument;
use super::random::{PPM, Stream};

/// Micro-dollars in a cent.
pub(super) const CENT: i64 = 10_000;
/// Micro-dollars in a dollar.
pub(super) const DOLLAR: i64 = 1_000_000;
/// Trading days in a regime.
const REGIME_DAYS: u64 = 8;
/// The standard deviation of the index's daily move, in parts per million.
pub(super) const INDEX_VOLATILITY: i64 = 8_500;

/// A day's prices, in micro-dollars.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bar {
    /// First trade.
    pub open: i64,
    /// Highest trade.
    pub high: i64,
    /// Lowest trade.
    pub low: i64,
    /// Last trade.
    pub close: i64,
}

/// The bars of an instrument, day by day without end.
pub(super) struct Path {
    base: i64,
    volatility: i64,
    beta_percent: i64,
    own: Draws,
    index: Draws,
    number: u64,
    close: i64,
}

/// Where the moves and regimes of something come from.
struct Draws {
    days: Stream,
    regimes: Stream,
}

impl Path {
    /// The path of `instrument` in the market that draws from `market`.
    pub(super) fn new(market: &Stream, instrument: &Instrument) -> Self {
        let base = instrument.base_dollars * DOLLAR;
        Self {
            base,
            volatility: instrument.daily_volatility(),
            beta_percent: instrument.beta_percent,
            own: Draws::new(&market.named(instrument.symbol)),
            index: Draws::new(&market.named("index")),
            number: 0,
            close: base,
        }
    }

    /// The share of the price by which a day without surprises would change it.
    fn expected_change(&self) -> i64 {
        let pull = (self.base - self.close).clamp(-self.base, self.base) / (self.base / PPM).max(1) / 35;
        self.own.regime(self.number) * self.volatility * 2 / 5 + pull
    }

    /// The share by which the whole market moves today.
    fn index_change(&self) -> i64 {
        let drift = self.index.regime(self.number) * INDEX_VOLATILITY / 4;
        scaled(self.index.day(self.number).normal(), INDEX_VOLATILITY) + drift
    }
}

impl Iterator for Path {
    type Item = Bar;

    fn next(&mut self) -> Option<Bar> {
        let index = self.index_change() * self.beta_percent / 100;
        let mut day = self.own.day(self.number);
        let gap = scaled(day.normal(), self.volatility * 2 / 5) + jump(&mut day, self.volatility) + index / 3;
        let change = scaled(day.normal(), self.volatility * 4 / 5) + self.expected_change() + index * 2 / 3;
        let reach = (self.volatility + INDEX_VOLATILITY) * 2 / 5;
        let (above, below) = (scaled(day.normal().abs(), reach), scaled(day.normal().abs(), reach));
        let open = moved(self.close, gap);
        let close = moved(open, change);
        self.close = close;
        self.number += 1;
        Some(Bar {
            open,
            high: moved(open.max(close), above),
            low: moved(open.min(close), -below),
            close,
        })
    }
}

impl Draws {
    fn new(stream: &Stream) -> Self {
        Self {
            days: stream.named("day"),
            regimes: stream.named("regime"),
        }
    }

    const fn day(&self, number: u64) -> Stream {
        self.days.numbered(number)
    }

    /// Where the regime of a day points and how hard, from -2 to 2.
    fn regime(&self, number: u64) -> i64 {
        *self
            .regimes
            .numbered(number / REGIME_DAYS)
            .pick(&[-2, -1, -1, 0, 0, 1, 1, 2, 2])
    }
}

impl Bar {
    /// The bar with another unit of price.
    pub(super) fn map(self, price: impl Fn(i64) -> i64) -> Self {
        Self {
            open: price(self.open),
            high: price(self.high),
            low: price(self.low),
            close: price(self.close),
        }
    }
}

/// One night in forty, news: a gap of three to seven daily standard deviations.
fn jump(day: &mut Stream, volatility: i64) -> i64 {
    let size = day.between(3, 7) * if day.chance(50) { 1 } else { -1 };
    if day.below(40) == 0 { size * volatility } else { 0 }
}

/// `deviations` (parts per million of one) of a standard deviation.
const fn scaled(deviations: i64, volatility: i64) -> i64 {
    deviations * volatility / PPM
}

/// A price after a move in parts per million; a day never takes more than 45 % or gives more than 80 %.
fn moved(price: i64, change: i64) -> i64 {
    to_cent(price + price / 1_000 * change.clamp(-450_000, 800_000) / 1_000)
}

/// A price rounded to cents, and never nothing.
pub(super) fn to_cent(price: i64) -> i64 {
    ((price + CENT / 2) / CENT * CENT).max(CENT)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::sample::instruments::INSTRUMENTS;

    #[test]
    fn every_bar_is_ordered_and_in_cents() {
        for instrument in &INSTRUMENTS {
            for bar in Path::new(&Stream::new(1), instrument).take(750) {
                let (least, most) = (bar.open.min(bar.close), bar.open.max(bar.close));
                assert!(
                    bar.low <= least && most <= bar.high && bar.low > 0,
                    "{} {bar:?}",
                    instrument.symbol
                );
                assert_eq!(
                    [bar.open, bar.high, bar.low, bar.close].map(|price| price % CENT),
                    [0; 4]
                );
            }
        }
    }

    #[test]
    fn prices_stay_within_reach_of_their_base_for_years() {
        for instrument in &INSTRUMENTS {
            let base = instrument.base_dollars * DOLLAR;
            for bar in Path::new(&Stream::new(1), instrument).take(1_500) {
                assert!(
                    bar.close > base / 8 && bar.close < base * 8,
                    "{} {}",
                    instrument.symbol,
                    bar.close
                );
            }
        }
    }

    #[test]
    fn prices_move_about_as_much_as_their_volatility_says() {
        let tesla = Instrument::find("TSLA").unwrap();
        let bars: Vec<_> = Path::new(&Stream::new(1), tesla).take(1_000).collect();
        let changes = bars
            .windows(2)
            .map(|days| (days[1].close - days[0].close).abs() * 1_000 / days[0].close);
        let mean = changes.sum::<i64>() / 1_000;
        assert!((25..45).contains(&mean), "{mean} in a thousand");
    }
}
