//! Our own readings of texts: which stance, and how sure.

use std::{collections::HashMap, path::Path};

use anyhow::Context as _;

use crate::texts::class_of;

/// What a reading of confidence 1, 2 and 3 counts; a label that came with the text counts 1.
const MASSES: [f64; 3] = [0.5, 1.0, 2.0];

/// Readings by the id of the text.
#[derive(Debug, Default)]
pub(crate) struct Readings(HashMap<String, Vec<Reading>>);

#[derive(Debug, Clone, Copy)]
struct Reading {
    class: usize,
    mass: f64,
}

impl Readings {
    /// Reads the file.
    pub(crate) fn read(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
        let mut readings = Self::default();
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.starts_with('#')) {
            let (id, reading) = parse(line)
                .with_context(|| format!("{}:{}: expected id, stance and 1 to 3", path.display(), number + 1))?;
            readings.0.entry(id.to_owned()).or_default().push(reading);
        }
        Ok(readings)
    }

    /// What the readings of a text say of each stance: the mean over its readers.
    pub(crate) fn mass(&self, id: &str) -> Option<[f64; 3]> {
        let readings = self.0.get(id)?;
        let mut mass = [0.0; 3];
        for reading in readings {
            mass[reading.class] += reading.mass / readings.len() as f64;
        }
        Some(mass)
    }

    /// Whether every reader of the text chose that stance.
    pub(crate) fn agree(&self, id: &str, class: usize) -> bool {
        let readings = self.0.get(id);
        readings.is_some_and(|list| list.iter().all(|reading| reading.class == class))
    }
}

fn parse(line: &str) -> Option<(&str, Reading)> {
    let mut fields = line.split('\t');
    let (id, class) = (fields.next()?, class_of(fields.next()?)?);
    let confidence: usize = fields.next()?.parse().ok()?;
    let mass = *MASSES.get(confidence.checked_sub(1)?)?;
    fields.next().is_none().then_some((id, Reading { class, mass }))
}
