//! What one comment says: its stance, its tickers and how sure the annotator is.
//!
//! Every annotator (built-in lexicon, language model) yields this one type; the analysis phase stores it.

use serde::{Deserialize, Serialize};

/// The stance of a comment, or of a comment towards one ticker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sentiment {
    /// Expects the price to rise.
    Bullish,
    /// Expects the price to fall.
    Bearish,
    /// Takes no side.
    Neutral,
}

impl Sentiment {
    /// The stored and served word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bullish => "bullish",
            Self::Bearish => "bearish",
            Self::Neutral => "neutral",
        }
    }

    /// `+1` for bullish, `-1` for bearish, `0` for neutral.
    #[must_use]
    pub const fn sign(self) -> f64 {
        match self {
            Self::Bullish => 1.0,
            Self::Bearish => -1.0,
            Self::Neutral => 0.0,
        }
    }
}

/// The stance towards one ticker inside a comment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TickerSentiment {
    /// Upper-case symbol, `^[A-Z][A-Z0-9.]{0,9}$`.
    pub ticker: String,
    /// The stance towards it.
    pub sentiment: Sentiment,
}

/// The reading of one comment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Annotation {
    /// One entry per ticker, in order of first mention, without repeats.
    pub ticker_sentiments: Vec<TickerSentiment>,
    /// The stance of the comment as a whole.
    pub sentiment: Sentiment,
    /// The comment does not mean what it says.
    pub sarcasm_detected: bool,
    /// The comment argues (earnings, valuation, a catalyst, a position with its ground) instead of cheering.
    pub has_reasoning: bool,
    /// How sure the annotator is, `0..=1`.
    pub confidence: f64,
    /// One line on the argument; `None` unless `has_reasoning`.
    pub reasoning_summary: Option<String>,
}
