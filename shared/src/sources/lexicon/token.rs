//! Words, numbers, cashtags, emoji and punctuation of a cleaned text, as byte ranges.
//!
//! Every later step works on these tokens. The text is kept twice, as written and in ASCII lower case; both have the
//! same byte offsets, so that one range reads either. Invariant: ranges lie on character boundaries, do not overlap
//! and ascend.

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Letters, perhaps with digits, an inner `&` or a share class (`BRK.B`).
    Word,
    /// Starts with a digit: `20`, `1.5k`, `800c`, `12/18`, `40%`.
    Number,
    /// `$` and a letter: `$TSLA`; the range leaves the `$` out.
    Cashtag,
    /// `$` and a digit: `$20`; the range leaves the `$` out.
    Amount,
    /// One pictograph.
    Emoji,
    /// One mark; runs of the same mark are one token.
    Mark,
}

/// One token: a byte range and its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token {
    /// First byte.
    pub start: usize,
    /// Byte after the last.
    pub end: usize,
    /// What it is.
    pub kind: Kind,
}

/// A cleaned text and its tokens.
#[derive(Debug)]
pub(super) struct Tokens<'a> {
    /// As written.
    pub text: &'a str,
    /// In ASCII lower case, at the same offsets.
    pub lower: String,
    /// In reading order.
    pub list: Vec<Token>,
}

impl<'a> Tokens<'a> {
    /// Splits a cleaned text.
    pub fn new(text: &'a str) -> Self {
        let mut list = Vec::with_capacity(text.len() / 4);
        let mut at = 0;
        while let Some(next) = text[at..].chars().next() {
            if matches!(next, ' ') {
                at += 1;
                continue;
            }
            let token = read(text, at, next);
            at = token.end;
            list.push(token);
        }
        Self {
            text,
            lower: text.to_ascii_lowercase(),
            list,
        }
    }

    /// The token as written.
    pub fn raw(&self, index: usize) -> &'a str {
        let Token { start, end, .. } = self.list[index];
        &self.text[start..end]
    }

    /// The token in lower case; `""` past either end.
    pub fn low(&self, index: usize) -> &str {
        self.list
            .get(index)
            .map_or("", |token| &self.lower[token.start..token.end])
    }

    /// The tokens `from..=to` in lower case, if nothing but single spaces lies between them.
    pub fn phrase(&self, from: usize, to: usize) -> Option<&str> {
        let last = self.list.get(to)?;
        let joined = (from..to).all(|index| {
            let (left, right) = (self.list[index], self.list[index + 1]);
            right.start - left.end == 1 && right.kind != Kind::Cashtag && self.text.as_bytes()[left.end] == b' '
        });
        joined.then(|| &self.lower[self.list[from].start..last.end])
    }

    /// The kind of a token; `Mark` past either end.
    pub fn kind(&self, index: usize) -> Kind {
        self.list.get(index).map_or(Kind::Mark, |token| token.kind)
    }

    /// Whether the token ends a sentence or a line.
    pub fn ends_sentence(&self, index: usize) -> bool {
        self.kind(index) == Kind::Mark && self.low(index).starts_with(['.', '!', '?', '\n'])
    }

    /// Number of words.
    pub fn words(&self) -> usize {
        self.list.iter().filter(|token| token.kind == Kind::Word).count()
    }
}

fn read(text: &str, at: usize, first: char) -> Token {
    let bytes = text.as_bytes();
    let after = bytes.get(at + 1).copied().unwrap_or(b' ');
    match first {
        '$' if after.is_ascii_alphabetic() => Token {
            start: at + 1,
            end: word_end(text, at + 1),
            kind: Kind::Cashtag,
        },
        '$' if after.is_ascii_digit() => Token {
            start: at + 1,
            end: number_end(bytes, at + 1),
            kind: Kind::Amount,
        },
        _ if first.is_ascii_digit() => Token {
            start: at,
            end: number_end(bytes, at),
            kind: Kind::Number,
        },
        _ if first as u32 >= 0x2190 => Token {
            start: at,
            end: at + first.len_utf8(),
            kind: Kind::Emoji,
        },
        _ if first.is_alphabetic() => Token {
            start: at,
            end: word_end(text, at),
            kind: Kind::Word,
        },
        _ => {
            let run = text[at..].chars().take_while(|&c| c == first).count();
            Token {
                start: at,
                end: at + run * first.len_utf8(),
                kind: Kind::Mark,
            }
        }
    }
}

fn word_end(text: &str, at: usize) -> usize {
    let bytes = text.as_bytes();
    let mut end = at;
    while let Some(next) = text[end..].chars().next() {
        if next.is_alphanumeric() && (next as u32) < 0x2190 {
            end += next.len_utf8();
        } else if next == '&' && bytes.get(end + 1).is_some_and(u8::is_ascii_alphabetic) {
            end += 1;
        } else if next == '.' && is_share_class(bytes, at, end) {
            end += 2;
        } else {
            break;
        }
    }
    end
}

/// `BRK` `.B`: capitals, a dot and one of the class letters, nothing after it.
fn is_share_class(bytes: &[u8], at: usize, dot: usize) -> bool {
    dot - at >= 2
        && bytes[at..dot].iter().all(u8::is_ascii_uppercase)
        && matches!(bytes.get(dot + 1), Some(b'A' | b'B'))
        && ends_word(
            bytes,
            if bytes.get(dot + 2) == Some(&b's') {
                dot + 3
            } else {
                dot + 2
            },
        )
}

fn ends_word(bytes: &[u8], at: usize) -> bool {
    !bytes
        .get(at)
        .is_some_and(|next| next.is_ascii_alphanumeric() || *next == b'.')
}

fn number_end(bytes: &[u8], at: usize) -> usize {
    let mut end = at;
    while let Some(next) = bytes.get(end) {
        let inner = matches!(next, b'.' | b',' | b'/' | b':') && bytes.get(end + 1).is_some_and(u8::is_ascii_digit);
        if !(next.is_ascii_alphanumeric() || *next == b'%' || inner) {
            break;
        }
        end += 1;
    }
    end
}

#[cfg(test)]
mod tests {
    use super::{Kind, Tokens};

    fn split(text: &str) -> Vec<(&str, Kind)> {
        let tokens = Tokens::new(text);
        (0..tokens.list.len())
            .map(|index| (tokens.raw(index), tokens.kind(index)))
            .collect()
    }

    #[test]
    fn each_kind_of_token_is_told_apart() {
        assert_eq!(
            split("$TSLA 800c 12/18, $20.5k!!! go \u{1F680}\u{1F680}"),
            [
                ("TSLA", Kind::Cashtag),
                ("800c", Kind::Number),
                ("12/18", Kind::Number),
                (",", Kind::Mark),
                ("20.5k", Kind::Amount),
                ("!!!", Kind::Mark),
                ("go", Kind::Word),
                ("\u{1F680}", Kind::Emoji),
                ("\u{1F680}", Kind::Emoji),
            ]
        );
    }

    #[test]
    fn share_classes_and_ampersands_stay_inside_a_word() {
        assert_eq!(split("BRK.B AT&T"), [("BRK.B", Kind::Word), ("AT&T", Kind::Word)]);
        assert_eq!(split("BRK.As"), [("BRK.As", Kind::Word)]);
        assert_eq!(
            split("GME.And"),
            [("GME", Kind::Word), (".", Kind::Mark), ("And", Kind::Word)]
        );
    }

    #[test]
    fn a_phrase_does_not_cross_punctuation() {
        let tokens = Tokens::new("To the moon, boys");
        assert_eq!(tokens.phrase(0, 2), Some("to the moon"));
        assert_eq!(tokens.phrase(2, 4), None);
        assert_eq!(tokens.phrase(3, 9), None);
    }

    #[test]
    fn letters_of_any_script_are_words_and_lone_marks_do_no_harm() {
        assert_eq!(
            split("caf\u{e9} \u{4e2d} $ % \u{df}"),
            [
                ("caf\u{e9}", Kind::Word),
                ("\u{4e2d}", Kind::Emoji),
                ("$", Kind::Mark),
                ("%", Kind::Mark),
                ("\u{df}", Kind::Word),
            ]
        );
    }
}
