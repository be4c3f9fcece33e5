//! Comment and post ids in eight bytes.
//!
//! Reddit's ids are short base-36 texts. Written as twelve digits of base 37, left-aligned and with 0 for "no
//! character", such a text becomes a number whose order is the order of the texts, so that millions of them can be
//! held, compared and searched without a string each. Any other id (upper case, punctuation, more than twelve
//! characters) is known by a hash, marked by the top bit; [`Names`] remembers those texts for whoever needs them
//! back or has to put them in order.
//!
//! Callers: [`super::rank`] and every source that builds a [`super::Shape`].

use std::cmp::Ordering;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::num::NonZeroU64;

const DIGITS: usize = 12;
const ODD: u64 = 1 << 63;

/// An id in eight bytes. Its order is that of the texts among regular ids only; see [`Names::compare`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(NonZeroU64);

impl Id {
    /// The id of a text without its `t1_` or `t3_` prefix.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(regular(text.as_bytes()).unwrap_or_else(|| odd(text)))
    }

    /// Its text, if it is regular; an odd id does not contain its text.
    #[must_use]
    pub fn text(self) -> Option<String> {
        if self.is_odd() {
            return None;
        }
        let mut rest = self.0.get();
        let mut text = Vec::with_capacity(DIGITS);
        while rest > 0 {
            if let Some(digit) = u8::try_from(rest % 37).ok().and_then(|digit| digit.checked_sub(1)) {
                text.push(if digit < 10 { b'0' + digit } else { b'a' + digit - 10 });
            }
            rest /= 37;
        }
        text.reverse();
        String::from_utf8(text).ok()
    }

    /// Whether it stands for a text that is not `[0-9a-z]{1,12}`.
    #[must_use]
    pub fn is_odd(self) -> bool {
        self.0.get() & ODD != 0
    }
}

fn regular(text: &[u8]) -> Option<NonZeroU64> {
    if text.len() > DIGITS {
        return None;
    }
    let mut key = 0;
    for place in 0..DIGITS {
        let digit = match text.get(place) {
            None => 0,
            Some(byte @ b'0'..=b'9') => byte - b'0' + 1,
            Some(byte @ b'a'..=b'z') => byte - b'a' + 11,
            Some(_) => return None,
        };
        key = key * 37 + u64::from(digit);
    }
    NonZeroU64::new(key)
}

fn odd(text: &str) -> NonZeroU64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    NonZeroU64::MIN | (hasher.finish() | ODD)
}

/// The texts of odd ids.
#[derive(Debug, Clone, Default)]
pub struct Names {
    odd: HashMap<Id, Box<str>>,
}

impl Names {
    /// The id of a text, remembered when it is odd.
    pub fn note(&mut self, text: &str) -> Id {
        let id = Id::new(text);
        if id.is_odd() {
            self.odd.entry(id).or_insert_with(|| text.into());
        }
        id
    }

    /// The text of an id; empty for an odd id that was never noted.
    #[must_use]
    pub fn text(&self, id: Id) -> String {
        id.text()
            .or_else(|| self.odd.get(&id).map(ToString::to_string))
            .unwrap_or_default()
    }

    /// The order of the texts of two ids.
    #[must_use]
    pub fn compare(&self, left: Id, right: Id) -> Ordering {
        if left.is_odd() || right.is_odd() {
            return self.text(left).cmp(&self.text(right));
        }
        left.cmp(&right)
    }

    /// Takes over what another table knows.
    pub fn merge(&mut self, other: Self) {
        self.odd.extend(other.odd);
    }
}

#[cfg(test)]
mod tests {
    use super::{Id, Names};

    #[test]
    fn regular_ids_come_back_and_sort_as_texts() {
        let texts = [
            "0",
            "00",
            "01",
            "1",
            "a",
            "ab",
            "ge7etj8",
            "ge7etms",
            "z",
            "zz",
            "zzzzzzzzzzzz",
        ];
        for pair in texts.windows(2) {
            assert!(Id::new(pair[0]) < Id::new(pair[1]), "{pair:?}");
        }
        for text in texts {
            assert!(!Id::new(text).is_odd());
            assert_eq!(Id::new(text).text().as_deref(), Some(text));
        }
    }

    #[test]
    fn odd_ids_are_told_apart_and_keep_their_text_in_the_names() {
        let mut names = Names::default();
        let texts = ["", "A", "Z9", "a-1", "a_2", "bcdefghijklmn", "é"];
        let ids: Vec<Id> = texts.iter().map(|text| names.note(text)).collect();
        for (id, text) in ids.iter().zip(texts) {
            assert!(id.is_odd());
            assert_eq!((id.text(), names.text(*id).as_str()), (None, text));
        }
        for (place, pair) in ids.windows(2).enumerate() {
            assert_eq!(names.compare(pair[0], pair[1]), texts[place].cmp(texts[place + 1]));
        }
    }

    #[test]
    fn an_odd_and_a_regular_id_compare_by_text() {
        let mut names = Names::default();
        let (upper, lower) = (names.note("B"), names.note("a"));
        assert!(names.compare(upper, lower).is_lt());
    }

    #[test]
    fn merged_names_know_both_sides() {
        let (mut left, mut right) = (Names::default(), Names::default());
        let (one, two) = (left.note("One"), right.note("Two"));
        left.merge(right);
        assert_eq!((left.text(one), left.text(two)), ("One".to_owned(), "Two".to_owned()));
    }
}
