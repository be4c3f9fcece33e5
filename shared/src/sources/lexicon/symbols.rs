//! What a word in capitals may be: a symbol, an ordinary word, an abbreviation, or either by context.
//!
//! The tables come from `symbols.txt` (what is listed) and `words.txt` (what is also, or only, a word); names of
//! companies come from `names.tsv`. The ticker finder asks here and weighs the context itself. Built once per process.

use std::collections::{HashMap, HashSet};

use super::phrase::Phrases;

/// How a word in capitals is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// A listed symbol and no word.
    Symbol,
    /// A listed symbol that is a word too; a symbol unless the text shouts.
    Soft,
    /// A word or abbreviation that is a listed symbol too; a symbol only when the context asks for one.
    Hard,
    /// A word.
    Word,
    /// An abbreviation; capitals are its usual form.
    Abbreviation,
    /// Never a symbol, whatever stands around it.
    Never,
    /// In no table.
    Unknown,
}

/// When a name stands for a symbol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NameForm {
    /// In any case.
    Any,
    /// Beside a word of the trade.
    Market,
    /// With a capital, or beside a word of the trade.
    CapitalOrMarket,
    /// With a capital.
    Capital,
}

/// The tables of symbols, words and names.
#[derive(Debug)]
pub(super) struct Symbols {
    listed: HashSet<&'static str>,
    words: HashMap<&'static str, Reading>,
    lower: HashSet<&'static str>,
    /// Names in lower case; `None` for a phrase that is no company in spite of how it starts.
    pub names: Phrases<Option<(&'static str, NameForm)>>,
}

impl Symbols {
    /// Reads the data files.
    pub fn new() -> Self {
        let (words, lower) = read_words(include_str!("words.txt"));
        let names = read_names(include_str!("names.tsv"));
        Self {
            listed: entries(include_str!("symbols.txt")).collect(),
            words,
            lower,
            names: Phrases::new(names.into_iter()),
        }
    }

    /// Whether the symbol is listed.
    pub fn is_listed(&self, symbol: &str) -> bool {
        self.listed.contains(symbol)
    }

    /// Whether a lower-case word is read as a symbol.
    pub fn is_lower_symbol(&self, word: &str) -> bool {
        self.lower.contains(word)
    }

    /// How a word in capitals is read.
    pub fn reading(&self, capitals: &str) -> Reading {
        let listed = self.is_listed(capitals);
        match self.words.get(capitals) {
            Some(reading @ (Reading::Soft | Reading::Never)) => *reading,
            Some(_) if listed => Reading::Hard,
            Some(reading) => *reading,
            None if listed && capitals.len() == 1 => Reading::Hard,
            None if listed => Reading::Symbol,
            None => Reading::Unknown,
        }
    }

    /// Whether the word in capitals is a word first and a symbol by the way; short abbreviations are no words.
    pub fn is_word(&self, capitals: &str) -> bool {
        match self.words.get(capitals) {
            Some(Reading::Word) => capitals.len() >= 2,
            Some(Reading::Abbreviation) => capitals.len() >= 4,
            _ => false,
        }
    }

    /// Whether the word in capitals is an everyday word, so that capitals shout it.
    pub fn is_shouted_word(&self, capitals: &str) -> bool {
        if let Some(reading) = self.words.get(capitals) {
            return *reading == Reading::Word;
        }
        let spoken = capitals.bytes().any(|byte| b"AEIOU".contains(&byte));
        capitals.len() >= 4 && spoken && !self.is_listed(capitals)
    }
}

/// The whitespace-separated entries of a data file without its comments.
fn entries(file: &'static str) -> impl Iterator<Item = &'static str> {
    file.lines()
        .filter(|line| !line.starts_with('#'))
        .flat_map(str::split_whitespace)
}

fn read_words(file: &'static str) -> (HashMap<&'static str, Reading>, HashSet<&'static str>) {
    let (mut words, mut lower) = (HashMap::new(), HashSet::new());
    let mut section = "";
    for entry in entries(file) {
        let reading = match section {
            _ if entry.starts_with('[') => {
                section = entry;
                continue;
            }
            "[lower]" => {
                lower.insert(entry);
                continue;
            }
            "[never]" => Reading::Never,
            "[abbreviation]" => Reading::Abbreviation,
            "[soft]" => Reading::Soft,
            _ => Reading::Word,
        };
        words.entry(entry).or_insert(reading);
    }
    (words, lower)
}

type Name = (&'static str, Option<(&'static str, NameForm)>);

fn read_names(file: &'static str) -> Vec<Name> {
    file.lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| {
            let mut fields = line.split('\t');
            let (name, symbol, form) = (fields.next()?, fields.next()?, fields.next()?);
            let form = match form {
                "any" => NameForm::Any,
                "market" => NameForm::Market,
                "cap+market" => NameForm::CapitalOrMarket,
                _ => NameForm::Capital,
            };
            Some((name, (symbol != "-").then_some((symbol, form))))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{NameForm, Reading, Symbols, entries, read_names};

    #[test]
    fn words_are_told_from_symbols() {
        let symbols = Symbols::new();
        for (word, reading) in [
            ("GME", Reading::Symbol),
            ("BRK.B", Reading::Symbol),
            ("WISH", Reading::Soft),
            ("NOW", Reading::Hard),
            ("F", Reading::Hard),
            ("AI", Reading::Hard),
            ("NEVER", Reading::Word),
            ("FOMC", Reading::Abbreviation),
            ("YOLO", Reading::Never),
            ("QZXJ", Reading::Unknown),
        ] {
            assert_eq!(symbols.reading(word), reading, "{word}");
        }
    }

    #[test]
    fn the_table_is_large_and_well_formed() {
        let all: Vec<_> = entries(include_str!("symbols.txt")).collect();
        assert!(all.len() > 2_000);
        for symbol in all {
            assert!(symbol.len() <= 6, "{symbol}");
            assert!(
                symbol.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'.'),
                "{symbol}"
            );
        }
    }

    #[test]
    fn lower_case_symbols_are_listed_and_names_lead_to_listed_symbols() {
        let symbols = Symbols::new();
        for word in &symbols.lower {
            assert!(symbols.is_listed(&word.to_ascii_uppercase()), "{word}");
        }
        for (name, target) in read_names(include_str!("names.tsv")) {
            assert_eq!(name, name.to_ascii_lowercase());
            assert!(target.is_none_or(|(symbol, _)| symbols.is_listed(symbol)), "{name}");
        }
    }

    #[test]
    fn every_form_of_a_name_is_read() {
        let names = read_names("a b\tX\tany\nc\tY\tmarket\nd\tZ\tcap\ne\tV\tcap+market\nf\t-\tany\n#g\tU\tany");
        let forms: Vec<_> = names.iter().map(|(_, target)| target.map(|(_, form)| form)).collect();
        let expected = [
            NameForm::Any,
            NameForm::Market,
            NameForm::Capital,
            NameForm::CapitalOrMarket,
        ]
        .map(Some);
        assert_eq!(forms[..4], expected);
        assert_eq!(forms[4..], [None]);
    }
}
