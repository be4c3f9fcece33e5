//! Phrases of one to five words with a value each; the longest that starts at a token is found.
//!
//! Names of companies and cues of sentiment are kept in such tables. Built once from the data files; looked up for
//! every token, so the first word answers "nothing starts here" with a single lookup.

use std::collections::HashMap;

use super::token::Tokens;

/// The phrases of a data file with the heading they stand under. Headings are `[name]` lines, phrases are separated by
/// `;`, lines starting with `#` are comments.
pub(super) fn sections(file: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let mut section = "";
    file.lines()
        .filter(|line| !line.starts_with('#'))
        .flat_map(move |line| {
            if line.starts_with('[') {
                section = line;
            }
            let phrases = if line.starts_with('[') { "" } else { line };
            phrases
                .split(';')
                .map(str::trim)
                .filter(|phrase| !phrase.is_empty())
                .map(move |phrase| (section, phrase))
        })
}

/// A table of phrases. Keys are lower case with single spaces.
#[derive(Debug)]
pub(super) struct Phrases<V> {
    values: HashMap<&'static str, V>,
    /// First word -> most words of a phrase that starts with it.
    longest: HashMap<&'static str, usize>,
}

impl<V: Copy> Phrases<V> {
    /// Builds the table; of equal phrases the first counts.
    pub fn new(entries: impl Iterator<Item = (&'static str, V)>) -> Self {
        let mut table = Self {
            values: HashMap::new(),
            longest: HashMap::new(),
        };
        for (phrase, value) in entries {
            let first = phrase.split(' ').next().unwrap_or(phrase);
            let words = phrase.split(' ').count();
            let longest = table.longest.entry(first).or_insert(0);
            *longest = words.max(*longest);
            table.values.entry(phrase).or_insert(value);
        }
        table
    }

    /// The value and the length in words of the longest phrase at `index`.
    pub fn find(&self, tokens: &Tokens, index: usize) -> Option<(V, usize)> {
        let longest = *self.longest.get(tokens.low(index))?;
        (1..=longest).rev().find_map(|words| {
            let phrase = tokens.phrase(index, index + words - 1)?;
            self.values.get(phrase).map(|value| (*value, words))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Phrases, Tokens, sections};

    #[test]
    fn a_data_file_is_read_by_section() {
        let read: Vec<_> = sections("# note\n[one]\na b; c\n\n[two]\nd").collect();
        assert_eq!(read, [("[one]", "a b"), ("[one]", "c"), ("[two]", "d")]);
    }

    #[test]
    fn the_longest_phrase_wins_and_the_first_of_equals_counts() {
        let table = Phrases::new([("go", 1), ("go to the moon", 2), ("go", 3)].into_iter());
        let tokens = Tokens::new("Go to the moon! go to the shop");
        assert_eq!(table.find(&tokens, 0), Some((2, 4)));
        assert_eq!(table.find(&tokens, 5), Some((1, 1)));
        assert_eq!(table.find(&tokens, 1), None);
    }
}
