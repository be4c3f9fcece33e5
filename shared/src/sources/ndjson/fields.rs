//! The fields of one JSON object, without building a value.
//!
//! [`each`] walks the outermost object and hands over names and values as slices of the line. Nested values are
//! stepped over by counting brackets, texts are found by their closing quote, so that a line costs little more than
//! a search for its quotes. Structure is checked as far as that shows: a line cut short, without its commas or
//! colons, with anything behind its end or with a bare word for a value is refused, and so are texts and numbers of the
//! outermost object that JSON does not know.

use memchr::memchr2;

use super::text::unescape;

/// A value of the outermost object.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Value<'a> {
    /// The field does not occur.
    #[default]
    Missing,
    /// `null`.
    Null,
    /// What stands between the quotes, escapes included.
    Text(&'a str),
    /// A number as written.
    Number(&'a str),
    /// `true`, `false`, an array or an object.
    Other,
}

impl<'a> Value<'a> {
    /// The text, if it is one.
    pub(super) fn text(self) -> Option<&'a str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A number or a text that holds one, rounded down.
    pub(super) fn number(self) -> Option<i64> {
        match self {
            Self::Number(digits) | Self::Text(digits) => whole(digits),
            _ => None,
        }
    }
}

fn whole(digits: &str) -> Option<i64> {
    digits.parse().ok().or_else(|| digits.parse().ok().and_then(floor))
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the fraction is dropped on purpose, the range is checked"
)]
fn floor(number: f64) -> Option<i64> {
    (number.abs() < 9e15).then(|| number.floor() as i64)
}

/// Calls `visit` with every field of the object that `line` consists of; `None` when it is not one object.
pub(super) fn each<'a>(line: &'a str, mut visit: impl FnMut(&str, Value<'a>)) -> Option<()> {
    let mut cursor = Cursor {
        line,
        bytes: line.as_bytes(),
        at: 0,
    };
    cursor.expect(b'{')?;
    if cursor.peek()? == b'}' {
        cursor.at += 1;
        return cursor.end();
    }
    loop {
        cursor.expect(b'"')?;
        let name = cursor.text()?;
        cursor.expect(b':')?;
        let value = cursor.value()?;
        if name.contains('\\') {
            visit(&unescape(name), value);
        } else {
            visit(name, value);
        }
        match cursor.peek()? {
            b',' => cursor.at += 1,
            b'}' => {
                cursor.at += 1;
                return cursor.end();
            }
            _ => return None,
        }
    }
}

struct Cursor<'a> {
    line: &'a str,
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    /// The next byte that is not white space.
    #[inline]
    fn peek(&mut self) -> Option<u8> {
        loop {
            match *self.bytes.get(self.at)? {
                b' ' | b'\t' | b'\r' | b'\n' => self.at += 1,
                byte => return Some(byte),
            }
        }
    }

    #[inline]
    fn expect(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.at += 1)
    }

    fn end(&mut self) -> Option<()> {
        self.peek().is_none().then_some(())
    }

    /// The text whose opening quote was just passed.
    #[inline]
    fn text(&mut self) -> Option<&'a str> {
        let start = self.at;
        loop {
            self.at += memchr2(b'"', b'\\', self.bytes.get(self.at..)?)?;
            if self.bytes[self.at] == b'"' {
                self.at += 1;
                let text = self.line.get(start..self.at - 1)?;
                return (!has_control(text)).then_some(text);
            }
            self.at += 1;
            self.at += escape_length(self.bytes.get(self.at..)?)?;
        }
    }

    #[inline]
    fn value(&mut self) -> Option<Value<'a>> {
        match self.peek()? {
            b'"' => {
                self.at += 1;
                self.text().map(Value::Text)
            }
            b'{' | b'[' => self.nested(),
            _ => self.scalar(),
        }
    }

    fn nested(&mut self) -> Option<Value<'a>> {
        let mut depth = 0;
        loop {
            let byte = *self.bytes.get(self.at)?;
            self.at += 1;
            match byte {
                b'"' => drop(self.text()?),
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return Some(Value::Other);
            }
        }
    }

    fn scalar(&mut self) -> Option<Value<'a>> {
        let start = self.at;
        while !matches!(self.bytes.get(self.at)?, b',' | b'}' | b' ' | b'\t' | b'\r' | b'\n') {
            self.at += 1;
        }
        let word = self.line.get(start..self.at)?;
        match word {
            "null" => Some(Value::Null),
            "true" | "false" => Some(Value::Other),
            _ => is_number(word).then_some(Value::Number(word)),
        }
    }
}

/// Line breaks, tabs and their like stand in a text as escapes only.
#[inline]
fn has_control(text: &str) -> bool {
    text.bytes().fold(u8::MAX, u8::min) < b' '
}

/// Bytes of the escape behind a backslash; `None` when it is none.
fn escape_length(rest: &[u8]) -> Option<usize> {
    match rest.first()? {
        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(1),
        b'u' => rest.get(1..5)?.iter().all(u8::is_ascii_hexdigit).then_some(5),
        _ => None,
    }
}

fn is_number(word: &str) -> bool {
    let digits = word.strip_prefix('-').unwrap_or(word);
    let whole = after_digits(digits);
    let starts = digits.starts_with(|first: char| first.is_ascii_digit());
    let leads = digits.starts_with('0') && digits.len() - whole.len() > 1;
    let fraction = whole.strip_prefix('.').map(|part| (part, after_digits(part)));
    let rest = match fraction {
        Some((part, rest)) if part.len() == rest.len() => return false,
        Some((_, rest)) => rest,
        None => whole,
    };
    let exponent = rest
        .strip_prefix(['e', 'E'])
        .map(|part| part.strip_prefix(['+', '-']).unwrap_or(part));
    starts
        && !leads
        && exponent.map_or(rest.is_empty(), |part| {
            !part.is_empty() && after_digits(part).is_empty()
        })
}

fn after_digits(text: &str) -> &str {
    text.trim_start_matches(|digit: char| digit.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::{Value, each};

    fn fields(line: &str) -> Option<Vec<(String, Value<'_>)>> {
        let mut fields = Vec::new();
        each(line, |name, value| fields.push((name.to_owned(), value)))?;
        Some(fields)
    }

    #[test]
    fn values_of_every_kind_are_told_apart() {
        let line = r#" { "a" : "x\"y\\" ,"b":-1.5e3,"c":null,"d":true,"e":[{"]":"}\""},[]],"f":{"a":1}} "#;
        let expected = [
            ("a", Value::Text(r#"x\"y\\"#)),
            ("b", Value::Number("-1.5e3")),
            ("c", Value::Null),
            ("d", Value::Other),
            ("e", Value::Other),
            ("f", Value::Other),
        ];
        let expected = expected.map(|(name, value)| (name.to_owned(), value));
        assert_eq!(fields(line), Some(expected.to_vec()));
        assert_eq!(fields("{}"), Some(Vec::new()));
    }

    #[test]
    fn every_prefix_of_an_object_is_refused() {
        let line = r#"{"a":"x\"y","b":[1,{"c":"}"}],"d":null,"e":12}"#;
        for end in 0..line.len() {
            assert_eq!(fields(&line[..end]), None, "{}", &line[..end]);
        }
        assert!(fields(line).is_some());
    }

    #[test]
    fn what_is_not_one_object_is_refused() {
        for line in [
            "",
            "[]",
            "12",
            r#"{"a":1}{"a":2}"#,
            r#"{"a":1} x"#,
            r#"{"a" 1}"#,
            r#"{"a":1 "b":2}"#,
            "{a:1}",
        ] {
            assert_eq!(fields(line), None, "{line}");
        }
        for line in [
            r#"{"a":nul}"#,
            r#"{"a":}"#,
            r#"{"a":1,}"#,
            r#"{"a":x1}"#,
            r#"{,"a":1}"#,
            r#"{"a":"\"}"#,
        ] {
            assert_eq!(fields(line), None, "{line}");
        }
    }

    #[test]
    fn texts_and_numbers_are_those_of_json() {
        let long = "\u{1}".repeat(3);
        for text in [r"\q", r"\u12", r"\u12G4", "a\tb", "a\nb", &long, r"\"] {
            assert_eq!(fields(&format!(r#"{{"a":"{text}"}}"#)), None, "{text:?}");
        }
        for text in [r"\u005b", r"\/", r"\n\t\b\f\r", "\u{7F}\u{e9}"] {
            assert!(fields(&format!(r#"{{"a":"{text}"}}"#)).is_some(), "{text:?}");
        }
        for number in [
            "01", "1-2-3", "-", "1.", ".5", "1e", "1e+", "+1", "--1", "1.2.3", "0x1", "1e5.5",
        ] {
            assert_eq!(fields(&format!(r#"{{"a":{number}}}"#)), None, "{number}");
        }
        for number in ["0", "-0", "10", "0.5", "-12.25", "1e5", "1E-5", "2.5e+10"] {
            assert!(fields(&format!(r#"{{"a":{number}}}"#)).is_some(), "{number}");
        }
    }

    #[test]
    fn a_name_may_be_written_with_escapes() {
        let mut names = Vec::new();
        each(r#"{"\u0069d":1,"score":2}"#, |name, _| names.push(name.to_owned()));
        assert_eq!(names, ["id", "score"]);
    }

    #[test]
    fn numbers_are_read_from_numbers_and_texts_and_rounded_down() {
        assert_eq!(Value::Number("1606780801").number(), Some(1_606_780_801));
        assert_eq!(Value::Text("1606780801").number(), Some(1_606_780_801));
        assert_eq!(Value::Number("1606780801.9").number(), Some(1_606_780_801));
        assert_eq!(Value::Number("-1.5").number(), Some(-2));
        assert_eq!(Value::Number("1e3").number(), Some(1000));
        assert_eq!(Value::Text("many").number(), None);
        assert_eq!(Value::Number("1e300").number(), None);
        assert_eq!(Value::Null.number(), None);
    }
}
