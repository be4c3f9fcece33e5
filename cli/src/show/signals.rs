//! Signals, and the comments behind one.

use std::fmt::Write as _;

use super::section;
use crate::api::types::{Signal, SignalComment, SignalSummary, SignalSummaryPage};
use crate::figures::{clip, count, or_dash, share, signed, time};
use crate::table::Table;

/// A page of signals.
#[must_use]
pub fn signals(page: &SignalSummaryPage) -> String {
    if page.data.is_empty() {
        return "no signals\n".to_owned();
    }
    format!(
        "{}  {} of {}\n",
        table(&page.data),
        page.data.len(),
        count(page.meta.total, "signal")
    )
}

/// Signals as a table.
pub(super) fn table(all: &[SignalSummary]) -> Table {
    let mut table = Table::new(&[
        "#ID",
        "DAY",
        "TICKER",
        "TYPE",
        "PREDICTION",
        "#CONFIDENCE",
        "#SENTIMENT",
        "#COMMENTS",
        "#PEOPLE",
        "NEW",
    ]);
    for one in all {
        table.row([
            one.id.to_string(),
            one.signal_date.to_string(),
            one.ticker.clone(),
            one.signal_type.clone(),
            one.prediction.clone(),
            share(one.confidence),
            signed(one.sentiment_score),
            one.comment_count.to_string(),
            one.distinct_users.to_string(),
            yes(one.is_emergence),
        ]);
    }
    table
}

/// One signal with the comments behind it.
#[must_use]
pub fn signal(signal: &Signal, comments: &[SignalComment]) -> String {
    let mut text = format!(
        "signal {}: {} is {} ({}, confidence {}) on {} in r/{}\n",
        signal.id,
        signal.ticker,
        signal.prediction,
        signal.signal_type,
        share(signal.confidence),
        signal.signal_date,
        signal.subreddit
    );
    let opened = signal
        .positions
        .iter()
        .map(|position| format!("{} ({})", position.id, position.status));
    let opened: Vec<_> = opened.collect();
    let opened = if opened.is_empty() {
        "none".to_owned()
    } else {
        opened.join(", ")
    };
    let _ = writeln!(text, "  last fired {}  positions {opened}", time(signal.updated_at));
    text + &section(&format!("Comments ({})", comments.len()), &comment_table(comments))
}

fn comment_table(comments: &[SignalComment]) -> Table {
    let mut table = Table::new(&["AUTHOR", "#VOTES", "SENTIMENT", "#CONFIDENCE", "ARGUES", "TEXT"]);
    for one in comments {
        table.row([
            one.author.clone(),
            one.score.to_string(),
            or_dash(one.sentiment.as_ref()),
            or_dash(one.ai_confidence.map(share)),
            yes(one.has_reasoning),
            clip(&one.body, 70),
        ]);
    }
    table
}

fn yes(value: Option<bool>) -> String {
    or_dash(value.map(|value| if value { "yes" } else { "no" }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_empty_page_says_so_and_a_full_one_counts() {
        let meta = json!({"timestamp": "2026-01-05T20:00:00Z", "version": "0", "request_id": "r", "total": 0,
                          "limit": 50, "offset": 0});
        let mut page: SignalSummaryPage = serde_json::from_value(json!({"data": [], "meta": meta})).expect("a page");
        assert_eq!(signals(&page), "no signals\n");
        let one = json!({"id": 3, "subreddit": "stocks", "ticker": "GME", "signal_type": "quality",
                         "signal_date": "2026-01-05", "prediction": "bullish", "confidence": 0.5, "comment_count": 4,
                         "sentiment_score": -0.5, "has_reasoning": true, "is_emergence": true,
                         "prior_7d_mentions": 0, "distinct_users": 3});
        page.data.push(serde_json::from_value(one).expect("a signal"));
        page.meta.total = 9;
        let text = signals(&page);
        assert!(
            text.contains("GME     quality  bullish           0.50      -0.50"),
            "{text}"
        );
        assert!(text.ends_with("  1 of 9 signals\n"), "{text}");
    }
}
