//! `analyze-worker annotate`: scores the built-in annotator. One JSON object `{id, text}` a line in, one annotation
//! a line out, with the same `id`.

use std::io::{BufRead, Write};

use serde::{Deserialize, Serialize};
use shared::{
    market::annotation::{Annotation, TickerSentiment},
    sources::lexicon::Lexicon,
};

#[derive(Deserialize)]
struct Line {
    id: serde_json::Value,
    text: String,
}

#[derive(Serialize)]
struct Answer<'a> {
    id: &'a serde_json::Value,
    sentiment: &'a str,
    tickers: Vec<&'a str>,
    ticker_sentiments: &'a [TickerSentiment],
    sarcasm_detected: bool,
    has_reasoning: bool,
    confidence: f64,
    reasoning_summary: &'a Option<String>,
}

/// A line that is not `{id, text}`, or an output that cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum AnnotateError {
    /// The input.
    #[error("line {number}: expected a JSON object with id and text")]
    Line {
        /// From 1.
        number: usize,
        /// What the parser said.
        source: serde_json::Error,
    },
    /// A line that is no text, or an input that ends early.
    #[error("line {number}: cannot be read")]
    Unreadable {
        /// From 1.
        number: usize,
        /// What the system said.
        source: std::io::Error,
    },
    /// Writing.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

/// Annotates line by line; empty lines are skipped.
pub fn annotate(input: impl BufRead, mut output: impl Write) -> Result<(), AnnotateError> {
    let lexicon = Lexicon::new();
    for (index, line) in input.lines().enumerate() {
        let line = line.map_err(|source| AnnotateError::Unreadable {
            number: index + 1,
            source,
        })?;
        if line.trim().is_empty() {
            continue;
        }
        let parsed: Line = serde_json::from_str(&line).map_err(|source| AnnotateError::Line {
            number: index + 1,
            source,
        })?;
        let annotation = lexicon.annotate_text(&parsed.text);
        serde_json::to_writer(&mut output, &answer(&parsed.id, &annotation)).map_err(std::io::Error::from)?;
        output.write_all(b"\n")?;
    }
    Ok(output.flush()?)
}

fn answer<'a>(id: &'a serde_json::Value, annotation: &'a Annotation) -> Answer<'a> {
    Answer {
        id,
        sentiment: annotation.sentiment.as_str(),
        tickers: annotation
            .ticker_sentiments
            .iter()
            .map(|entry| entry.ticker.as_str())
            .collect(),
        ticker_sentiments: &annotation.ticker_sentiments,
        sarcasm_detected: annotation.sarcasm_detected,
        has_reasoning: annotation.has_reasoning,
        confidence: annotation.confidence,
        reasoning_summary: &annotation.reasoning_summary,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_answered_under_its_own_id() {
        let input = "{\"id\": \"a\", \"text\": \"long $TSLA\"}\n\n{\"id\": 2, \"text\": \"nothing\"}\n";
        let mut output = Vec::new();
        annotate(input.as_bytes(), &mut output).unwrap();
        let lines: Vec<serde_json::Value> = String::from_utf8(output)
            .unwrap()
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(
            (&lines[0]["id"], &lines[0]["tickers"][0]),
            (&"a".into(), &"TSLA".into())
        );
        assert_eq!(lines[1]["id"], 2);
    }

    #[test]
    fn a_line_of_another_shape_is_named() {
        let error = annotate("{\"id\": 1, \"text\": \"x\"}\n[]\n".as_bytes(), Vec::new()).unwrap_err();
        assert!(error.to_string().starts_with("line 2:"), "{error}");
    }
}
