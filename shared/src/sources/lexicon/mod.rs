//! The built-in annotator: reads a comment of the forum without a network or a key.
//!
//! A comment is cleaned (`text`) and split (`token`); tickers are found by cashtag (`cashtag`), capitals and names
//! (`ticker`); cues of stance and mood are collected (`cue`); a small linear model over cues, shape and words decides
//! the stance (`model`) unless a plain statement does (`ruling`); clauses decide where two tickers differ (`stance`);
//! markers tell sarcasm and arguments (`tone`).
//! [`LexiconSource`] offers it to the analysis phase, which knows the trait of all annotators only.
//!
//! Invariants: the same input gives the same annotation; every body, however long or broken, is read in linear time
//! without failing; tickers match `^[A-Z][A-Z0-9.]{0,9}$` and do not repeat; a summary is present exactly when the
//! comment argues. The title and the parents never add a ticker; they only touch the confidence.

mod cashtag;
mod context;
mod contract;
mod cue;
mod feature;
mod model;
mod phrase;
mod position;
mod ruling;
mod source;
mod stance;
mod symbols;
mod text;
mod ticker;
mod token;
mod tone;

pub use source::LexiconSource;

use crate::market::annotation::{Annotation, Sentiment};
use crate::sources::language::AnnotationInput;
use cue::{Cue, Cues};
use feature::visit_features;
pub use model::CLASSES;
use model::{Model, Verdict};
use symbols::Symbols;
use text::Text;
use token::Tokens;
use tone::{Tone, Tones};

/// A stance at least this likely is a clear statement.
const CLEAR_PROBABILITY: f32 = 0.55;

/// Authors trusted more than this lend their comments confidence.
const TRUSTED: f64 = 0.6;

/// The annotator: its tables, read once. Share it behind an `Arc`.
#[derive(Debug)]
pub struct Lexicon {
    symbols: Symbols,
    cues: Cues,
    tones: Tones,
    model: Model,
}

/// What the stance of a body is judged by.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    /// Features by the names of `weights.tsv`, with their values; a name may stand more than once and adds up.
    pub features: Vec<(String, f32)>,
    /// What becomes of a verdict of the model, by [`CLASSES`]: plain statements overrule it.
    pub ruled: [Sentiment; 3],
}

impl Default for Lexicon {
    fn default() -> Self {
        Self::new()
    }
}

impl Lexicon {
    /// Reads the tables that are part of the program.
    #[must_use]
    pub fn new() -> Self {
        Self {
            symbols: Symbols::new(),
            cues: Cues::new(),
            tones: Tones::new(),
            model: Model::new(),
        }
    }

    /// Reads a body without its context.
    #[must_use]
    pub fn annotate_text(&self, body: &str) -> Annotation {
        self.read(body).0
    }

    /// Reads a comment in its context: trust in the author and a contradiction of the parent touch the confidence.
    #[must_use]
    pub fn annotate(&self, input: &AnnotationInput) -> Annotation {
        let (mut annotation, tone) = self.read(&input.body);
        let mut confidence = annotation.confidence;
        if input.author_trust > TRUSTED {
            confidence += 0.1;
        }
        if annotation.sentiment != Sentiment::Neutral && self.contradicts_parent(input, annotation.sentiment) {
            confidence -= 0.1;
        }
        annotation.confidence = tone.cap(confidence);
        annotation
    }

    /// What the model weighs in a body, for those who fit it anew.
    #[must_use]
    pub fn evidence(&self, body: &str) -> Evidence {
        let text = Text::new(body);
        let tokens = Tokens::new(&text.said);
        let cues = self.cues.find(&tokens);
        let tickers = ticker::find_mentions(&self.symbols, &tokens).len();
        let mut features = Vec::new();
        visit_features(&tokens, &cues, tickers, &mut |feature, value| {
            features.push((feature.to_string(), value));
        });
        let ruled = CLASSES.map(|sentiment| ruling::overrule(&tokens, &cues, Verdict::certain(sentiment)).sentiment);
        Evidence { features, ruled }
    }

    fn read(&self, body: &str) -> (Annotation, Tone) {
        let text = Text::new(body);
        let tokens = Tokens::new(&text.said);
        let cues = self.cues.find(&tokens);
        let mentions = ticker::find_mentions(&self.symbols, &tokens);
        let verdict = self.judge(&tokens, &cues, mentions.len());
        let tone = self.tones.read(&tokens, &cues, mentions.len());
        let annotation = Annotation {
            ticker_sentiments: stance::ticker_sentiments(&tokens, &cues, &mentions, verdict.sentiment),
            sentiment: verdict.sentiment,
            sarcasm_detected: tone.sarcastic,
            has_reasoning: tone.argument.is_some(),
            confidence: tone.confidence(verdict.probability >= CLEAR_PROBABILITY),
            reasoning_summary: tone.argument.clone(),
        };
        (annotation, tone)
    }

    fn judge(&self, tokens: &Tokens, cues: &[Cue], tickers: usize) -> Verdict {
        let verdict = self.model.judge(|visit| visit_features(tokens, cues, tickers, visit));
        ruling::overrule(tokens, cues, verdict)
    }

    fn contradicts_parent(&self, input: &AnnotationInput, sentiment: Sentiment) -> bool {
        input.parents.first().is_some_and(|(body, _)| {
            let text = Text::new(body);
            let tokens = Tokens::new(&text.said);
            let cues = self.cues.find(&tokens);
            let parent = self.judge(&tokens, &cues, ticker::find_mentions(&self.symbols, &tokens).len());
            parent.sentiment.sign() * sentiment.sign() < 0.0
        })
    }
}

#[cfg(test)]
mod tests;
