//! Coins: people write of them as of tickers, but no stock exchange sells them.

/// Coins whose symbols are no stock that people mean by them.
const COINS: [&str; 5] = ["BTC", "ETH", "DOGE", "SHIB", "XRP"];

/// Whether the symbol is that of a coin: it has no stock and no options here, whatever a feed lists under its name.
#[must_use]
pub fn is_coin(ticker: &str) -> bool {
    COINS.contains(&ticker)
}
