//! A comment behind a signal.

use poem_openapi::Object;
use serde::Deserialize;
use shared::store::{StoreError, signals_read};

use crate::http::nullable::Nullable;
use crate::http::values::Timestamp;

/// What a comment says about one ticker.
#[derive(Debug, Clone, Object, Deserialize)]
pub struct TickerSentiment {
    /// Symbol.
    pub ticker: String,
    /// `bullish`, `bearish` or `neutral`.
    pub sentiment: String,
}

/// A comment behind a signal.
#[derive(Debug, Clone, Object)]
pub struct SignalComment {
    /// Key.
    pub id: i64,
    /// Its text.
    pub body: String,
    /// Who wrote it.
    pub author: String,
    /// When it was written.
    pub created_utc: Timestamp,
    /// Its votes.
    pub score: i64,
    /// Depth in its thread; 0 answers the post.
    pub depth: i64,
    /// The comment it answers, if that one was selected too; null otherwise.
    pub parent_comment_id: Nullable<i64>,
    /// `bullish`, `bearish` or `neutral`; null before its annotation.
    pub sentiment: Nullable<String>,
    /// Whether it is meant the other way round; null before its annotation.
    pub sarcasm_detected: Nullable<bool>,
    /// Whether it argues; null before its annotation.
    pub has_reasoning: Nullable<bool>,
    /// Confidence of the annotation, `0..=1`; null before it.
    pub ai_confidence: Nullable<f64>,
    /// Trust in the author when it was annotated; null before.
    pub author_trust_score: Nullable<f64>,
    /// The argument in short; null when there is none.
    pub reasoning_summary: Nullable<String>,
    /// What it says about each ticker.
    pub ticker_sentiments: Vec<TickerSentiment>,
}

impl SignalComment {
    /// What is shown of a comment.
    pub fn of(row: signals_read::SignalComment) -> Result<Self, StoreError> {
        let ticker_sentiments =
            serde_json::from_str(&row.ticker_sentiments).map_err(|error| StoreError::Unreadable {
                what: "comment_tickers",
                reason: error.to_string(),
            })?;
        Ok(Self {
            id: row.id,
            body: row.body,
            author: row.author,
            created_utc: row.created_utc.into(),
            score: row.score,
            depth: row.depth,
            parent_comment_id: row.parent_comment_id.into(),
            sentiment: row.sentiment.into(),
            sarcasm_detected: row.sarcasm_detected.into(),
            has_reasoning: row.has_reasoning.into(),
            ai_confidence: row.ai_confidence.into(),
            author_trust_score: row.author_trust_score.into(),
            reasoning_summary: row.reasoning_summary.into(),
            ticker_sentiments,
        })
    }
}
