//! Texts with what is known of their stance.

use std::{
    collections::HashSet,
    fmt,
    fs::File,
    io::{BufRead as _, BufReader},
    path::PathBuf,
};

use anyhow::Context as _;
use serde_json::Value;
use shared::sources::lexicon::{CLASSES, Evidence, Lexicon};

use crate::readings::Readings;

/// What our readings count in a text that came without a label.
const UNLABELLED: f64 = 0.5;

/// One text.
#[derive(Debug)]
pub(crate) struct Text {
    /// What the annotator weighs in it.
    pub(crate) evidence: Evidence,
    /// What speaks for each stance.
    pub(crate) mass: [f64; 3],
    /// The label that came with it: what it is judged by.
    pub(crate) label: Option<usize>,
    /// Whether every reading says the same as the label.
    pub(crate) agreed: bool,
}

/// All of them.
#[derive(Debug)]
pub(crate) struct Texts {
    /// Each with something to learn from.
    pub(crate) list: Vec<Text>,
}

impl Texts {
    /// Reads the files; of lines with the same id the first counts.
    pub(crate) fn read(paths: &[PathBuf], readings: &Readings) -> anyhow::Result<Self> {
        let (lexicon, mut seen, mut list) = (Lexicon::new(), HashSet::new(), Vec::new());
        for path in paths {
            let file = File::open(path).with_context(|| path.display().to_string())?;
            for line in BufReader::new(file).lines() {
                let line: Value = serde_json::from_str(&line?).with_context(|| path.display().to_string())?;
                let (Some(id), Some(body)) = (line["id"].as_str(), line["text"].as_str().or(line["body"].as_str()))
                else {
                    continue;
                };
                if seen.insert(id.to_owned()) {
                    let label = line["label"].as_str().and_then(class_of);
                    list.extend(text(&lexicon, readings, id, body, label));
                }
            }
        }
        Ok(Self { list })
    }

    /// Whether every stance is that of so many labelled texts that each fold knows it.
    pub(crate) fn has_every_class(&self) -> bool {
        let of = |class: usize| self.labelled().filter(|(_, label)| *label == class).count();
        (0..CLASSES.len()).all(|class| of(class) > 1)
    }

    /// Those that came with a label.
    pub(crate) fn labelled(&self) -> impl Iterator<Item = (&Text, usize)> {
        self.list.iter().filter_map(|text| Some((text, text.label?)))
    }

    /// Those that came without.
    pub(crate) fn unlabelled(&self) -> impl Iterator<Item = &Text> {
        self.list.iter().filter(|text| text.label.is_none())
    }
}

impl fmt::Display for Texts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let labelled = self.labelled().count();
        let agreed = self.labelled().filter(|(text, _)| text.agreed).count();
        let rest = self.unlabelled().count();
        write!(
            f,
            "{labelled} labelled texts, in {agreed} of them every reading agrees; {rest} that only we have read"
        )
    }
}

fn text(lexicon: &Lexicon, readings: &Readings, id: &str, body: &str, label: Option<usize>) -> Option<Text> {
    let read = readings.mass(id);
    let mut mass = match (read, label) {
        (None, None) => return None,
        (None, Some(_)) => [0.0; 3],
        (Some(mass), None) => mass.map(|mass| mass * UNLABELLED),
        (Some(mass), Some(_)) => mass,
    };
    if let Some(class) = label {
        mass[class] += 1.0;
    }
    Some(Text {
        evidence: lexicon.evidence(body),
        mass,
        label,
        agreed: label.is_some_and(|class| readings.agree(id, class)),
    })
}

/// The column of a stance.
pub(crate) fn class_of(name: &str) -> Option<usize> {
    CLASSES.iter().position(|sentiment| sentiment.as_str() == name)
}
