//! Texts of a line as people read them: JSON escapes undone, then HTML entities.
//!
//! Reddit's answers, and the dumps made of them, carry `&`, `<` and `>` of a text as entities, once; so they are
//! decoded once: `&amp;lt;` is `&lt;`. The one exception is the zero-width space that Reddit's editor writes as the
//! entity `&#x200B;` and that therefore arrives as `&amp;#x200B;`; both forms become the character. What is not a
//! known entity stays as it is. Nothing here fails: half a surrogate pair becomes U+FFFD.

/// Entities without their `&`. The longer form of a common beginning comes first.
const ENTITIES: [(&str, char); 8] = [
    ("amp;#x200B;", '\u{200B}'),
    ("amp;", '&'),
    ("lt;", '<'),
    ("gt;", '>'),
    ("quot;", '"'),
    ("apos;", '\''),
    ("nbsp;", '\u{A0}'),
    ("zwj;", '\u{200D}'),
];

/// Decodes what stands between the quotes of a JSON text.
pub(super) fn decode(raw: &str) -> String {
    let text = unescape(raw);
    if text.contains('&') { entities(&text) } else { text }
}

pub(super) fn unescape(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find('\\') {
        text.push_str(&rest[..at]);
        let (character, length) = escape(&rest[at + 1..]);
        text.push(character);
        rest = &rest[at + 1 + length..];
    }
    text.push_str(rest);
    text
}

/// The character of the escape that begins after a backslash, and how many bytes it takes.
fn escape(rest: &str) -> (char, usize) {
    match rest.chars().next() {
        Some('n') => ('\n', 1),
        Some('t') => ('\t', 1),
        Some('r') => ('\r', 1),
        Some('b') => ('\u{8}', 1),
        Some('f') => ('\u{C}', 1),
        Some('u') => unicode(&rest[1..]),
        Some(other) => (other, other.len_utf8()),
        None => ('\\', 0),
    }
}

/// The character of the four digits, or of the surrogate pair, after `\u`; the length counts the `u`.
fn unicode(rest: &str) -> (char, usize) {
    let Some(high) = hex(rest) else {
        return (char::REPLACEMENT_CHARACTER, 1);
    };
    if let Some(character) = char::from_u32(high) {
        return (character, 5);
    }
    let low = rest.get(4..).and_then(|rest| rest.strip_prefix("\\u")).and_then(hex);
    match low {
        Some(low @ 0xDC00..=0xDFFF) if high < 0xDC00 => {
            let code = 0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00);
            (char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), 11)
        }
        _ => (char::REPLACEMENT_CHARACTER, 5),
    }
}

fn hex(rest: &str) -> Option<u32> {
    let digits = rest
        .get(..4)
        .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
    u32::from_str_radix(digits, 16).ok()
}

fn entities(text: &str) -> String {
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        decoded.push_str(&rest[..at]);
        let (character, length) = entity(&rest[at + 1..]).unwrap_or(('&', 0));
        decoded.push(character);
        rest = &rest[at + 1 + length..];
    }
    decoded.push_str(rest);
    decoded
}

/// The character of the entity that begins after an ampersand, and how many bytes it takes.
fn entity(rest: &str) -> Option<(char, usize)> {
    if let Some(number) = rest.strip_prefix('#') {
        let end = number.bytes().take(9).position(|byte| byte == b';')?;
        let code = match number[..end].strip_prefix(['x', 'X']) {
            Some(digits) => u32::from_str_radix(digits, 16).ok()?,
            None => number[..end].parse().ok()?,
        };
        return char::from_u32(code)
            .filter(|&character| character != '\0')
            .map(|character| (character, end + 2));
    }
    ENTITIES
        .iter()
        .find(|(name, _)| rest.starts_with(name))
        .map(|&(name, character)| (character, name.len()))
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn json_escapes_are_undone() {
        assert_eq!(decode(r#"a\"b\\c\/d\n\t\r\b\fe"#), "a\"b\\c/d\n\t\r\u{8}\u{C}e");
        assert_eq!(decode(r"caf\u00e9 \ud83d\ude80\u0041"), "café 🚀A");
        assert_eq!(decode("🚀 plain"), "🚀 plain");
    }

    #[test]
    fn broken_escapes_never_fail() {
        assert_eq!(decode(r"\ud83d!"), "\u{FFFD}!");
        assert_eq!(decode(r"\ude80"), "\u{FFFD}");
        assert_eq!(decode(r"\ud83d\u0041"), "\u{FFFD}A");
        assert_eq!(decode(r"\u12"), "\u{FFFD}12");
        assert_eq!(decode(r"\u+123é"), "\u{FFFD}+123é");
        assert_eq!(decode("\\"), "\\");
        assert_eq!(decode(r"\é"), "é");
    }

    #[test]
    fn entities_are_decoded_once() {
        assert_eq!(
            decode("a &amp; b &lt;c&gt; &quot;d&quot; &#39;e&#39; &apos;f&apos;"),
            "a & b <c> \"d\" 'e' 'f'"
        );
        assert_eq!(decode("&amp;lt; &amp;amp;"), "&lt; &amp;");
        assert_eq!(decode(r"\u0026lt;"), "<");
    }

    #[test]
    fn the_zero_width_space_is_decoded_in_both_forms() {
        assert_eq!(
            decode("a&#x200B;b&amp;#x200B;c&#8203;d"),
            "a\u{200B}b\u{200B}c\u{200B}d"
        );
    }

    #[test]
    fn what_is_no_entity_stays_as_it_is() {
        for text in [
            "AT&T",
            "&",
            "a && b",
            "&unknown;",
            "&#;",
            "&#xZZ;",
            "&#1114112;",
            "&#0;",
            "&#12345678901;",
            "&é",
        ] {
            assert_eq!(decode(text), text);
        }
    }
}
