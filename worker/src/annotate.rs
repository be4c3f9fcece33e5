//! `analyze-worker annotate`: scores the built-in annotator. One JSON object `{id, text}` a line in, one annotation
//! a line out, with the same `id`.

use std::io::{BufRead, LineWriter, Write};

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

/// What was not annotated.
#[derive(Debug, thiserror::Error)]
pub enum AnnotateError {
    /// Lines that are not `{id, text}`; the others are annotated.
    #[error("{count} of the lines could not be annotated, the first of them line {first}: {reason}")]
    Lines {
        /// How many.
        count: usize,
        /// The first, from 1.
        first: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// Reading or writing.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

/// Annotates line by line, and writes each annotation at once; empty lines are skipped, and so are those of another
/// shape, which are told of at the end.
pub fn annotate(mut input: impl BufRead, output: impl Write) -> Result<(), AnnotateError> {
    let (lexicon, mut output, mut line) = (Lexicon::new(), LineWriter::new(output), Vec::new());
    let (mut number, mut count, mut first) = (0, 0, None);
    while input.read_until(b'\n', &mut line)? > 0 {
        number += 1;
        if !line.trim_ascii().is_empty() {
            match parse(&line) {
                Ok(parsed) => write(&mut output, &parsed.id, &lexicon.annotate_text(&parsed.text))?,
                Err(reason) => {
                    count += 1;
                    first.get_or_insert((number, reason));
                }
            }
        }
        line.clear();
    }
    output.flush()?;
    first.map_or(Ok(()), |(first, reason)| {
        Err(AnnotateError::Lines { count, first, reason })
    })
}

fn parse(line: &[u8]) -> Result<Line, String> {
    serde_json::from_slice(line).map_err(|error| format!("expected a JSON object with id and text: {error}"))
}

fn write(output: &mut impl Write, id: &serde_json::Value, annotation: &Annotation) -> std::io::Result<()> {
    serde_json::to_writer(&mut *output, &answer(id, annotation))?;
    output.write_all(b"\n")
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
    fn a_line_of_another_shape_is_told_of_and_costs_no_other() {
        let input = b"[]\n{\"id\": 1, \"text\": \"x\"}\n{\"id\": 2, \"text\": \"\xff\"}\n{\"id\": 3, \"text\": \"y\"}";
        let mut output = Vec::new();
        let error = annotate(&input[..], &mut output).unwrap_err().to_string();
        assert!(
            error.starts_with("2 of the lines") && error.contains("line 1: expected a JSON"),
            "{error}"
        );
        assert_eq!(
            String::from_utf8(output).unwrap().lines().count(),
            2,
            "the others are annotated"
        );
    }
}
