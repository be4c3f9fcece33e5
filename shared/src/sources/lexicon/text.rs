//! A comment as it is read: entities decoded, links and markup gone, one space between words.
//!
//! Called once per comment, before anything else looks at it. Lines that quote somebody (`> ...`) are kept apart, since
//! they are not the author's words. Invariants of the cleaned text: no URL, no zero-width character, no apostrophe, no
//! user or subreddit name, single spaces, `\n` between lines that say something. It never fails, whatever the bytes
//! are, and takes time linear in the length of the body.

/// The cleaned words of a comment.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Text {
    /// What the author says.
    pub said: String,
    /// What the author quotes.
    pub quoted: String,
}

impl Text {
    /// Reads a raw body.
    pub fn new(body: &str) -> Self {
        let decoded;
        let body = if body.contains('&') {
            decoded = decode(&decode(body));
            decoded.as_str()
        } else {
            body
        };
        let mut text = Self {
            said: String::with_capacity(body.len()),
            quoted: String::new(),
        };
        for line in body.lines() {
            let line = line.trim();
            match line.strip_prefix('>') {
                Some(quote) => push_line(&mut text.quoted, quote.trim_start_matches(['>', '!'])),
                None => push_line(&mut text.said, line),
            }
        }
        if text.said.is_empty() {
            std::mem::swap(&mut text.said, &mut text.quoted);
        }
        text
    }
}

/// Most bytes of a markdown link that are skipped.
const LONGEST_TARGET: usize = 2_048;

/// Named entities that Reddit bodies carry.
const ENTITIES: [(&str, &str); 8] = [
    ("amp;", "&"),
    ("gt;", ">"),
    ("lt;", "<"),
    ("quot;", "\""),
    ("apos;", "'"),
    ("nbsp;", " "),
    ("rsquo;", "'"),
    ("ndash;", "-"),
];

fn decode(body: &str) -> String {
    let mut out = String::with_capacity(body.len());
    let mut rest = body;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some((name, plain)) = ENTITIES.iter().find(|(name, _)| rest.starts_with(name)) {
            out.push_str(plain);
            rest = &rest[name.len()..];
        } else if let Some((plain, length)) = numeric_entity(rest) {
            out.push(plain);
            rest = &rest[length..];
        } else {
            out.push('&');
        }
    }
    out.push_str(rest);
    out
}

/// Reads `#8217;` or `#x200B;`; yields the character and the bytes read.
fn numeric_entity(rest: &str) -> Option<(char, usize)> {
    let digits = rest.strip_prefix('#')?;
    let end = digits.bytes().take(8).position(|byte| byte == b';')?;
    let code = match digits[..end].strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok()?,
        None => digits[..end].parse().ok()?,
    };
    Some((char::from_u32(code)?, end + 2))
}

fn push_line(out: &mut String, line: &str) {
    let start = out.len();
    if start > 0 {
        out.push('\n');
    }
    let from = out.len();
    let mut rest = line;
    while let Some(next) = rest.chars().next() {
        let at_word_start = out.len() == from || out.ends_with([' ', '(', '[']);
        if let Some(length) = skipped(rest, at_word_start) {
            push_space(out, from);
            rest = &rest[length..];
            continue;
        }
        match next {
            '\'' | '\u{2019}' | '\u{2018}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{fe0f}' | '\\' => {}
            '*' | '_' | '~' | '`' | '^' | '|' | '"' | '\u{201c}' | '\u{201d}' | '[' | ']' => push_space(out, from),
            _ if next.is_whitespace() || next.is_control() => push_space(out, from),
            _ => out.push(next),
        }
        rest = &rest[next.len_utf8()..];
    }
    out.truncate(out.trim_end_matches(' ').len());
    if out.len() <= from {
        out.truncate(start);
    }
}

fn push_space(out: &mut String, from: usize) {
    if out.len() > from && !out.ends_with(' ') {
        out.push(' ');
    }
}

/// Bytes to leave out here: a link, the target of a markdown link, a user or subreddit name.
fn skipped(rest: &str, at_word_start: bool) -> Option<usize> {
    let until = |stop: fn(char) -> bool| rest.find(stop).unwrap_or(rest.len());
    let first = rest.as_bytes()[0].to_ascii_lowercase();
    match first {
        b']' if rest.starts_with("](") => closing(rest, b')').map(|at| at + 1),
        b'!' if rest.starts_with("![") => closing(rest, b']'),
        b'h' | b'w' if is_link(rest) => Some(until(|c| c.is_whitespace() || matches!(c, ')' | ']' | '>'))),
        b'r' | b'u' | b'/' if at_word_start && is_reddit_name(rest) => Some(until(|c| {
            c.is_whitespace() || matches!(c, ',' | ')' | '!' | '?' | ':' | ';')
        })),
        _ => None,
    }
}

/// Offset of the closing bracket, which is never far.
fn closing(rest: &str, bracket: u8) -> Option<usize> {
    rest.bytes().take(LONGEST_TARGET).position(|byte| byte == bracket)
}

fn is_link(rest: &str) -> bool {
    ["http://", "https://", "www."].iter().any(|start| {
        rest.get(..start.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(start))
    })
}

fn is_reddit_name(rest: &str) -> bool {
    let name = rest.strip_prefix('/').unwrap_or(rest);
    let name = name.strip_prefix("r/").or_else(|| name.strip_prefix("u/"));
    name.is_some_and(|name| name.starts_with(|c: char| c.is_ascii_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::Text;

    fn said(body: &str) -> String {
        Text::new(body).said
    }

    #[test]
    fn entities_are_decoded_even_when_encoded_twice() {
        assert_eq!(
            said("AT&amp;T &lt; 20 &amp;#x200B; it&#39;s fine &bogus; &"),
            "AT&T < 20 its fine &bogus; &"
        );
    }

    #[test]
    fn links_leave_nothing_but_their_caption() {
        assert_eq!(
            said("see [the chart](https://x.io/GME?a=AMC) or HTTPS://y.io/TSLA now"),
            "see the chart or now"
        );
        assert_eq!(said("www.site.com/SPY"), "");
        assert_eq!(said("hi ![img](emote|t5_abc|4271) there"), "hi there");
        assert_eq!(said("an array[0](x and a lot more"), "an array 0 (x and a lot more");
    }

    #[test]
    fn names_of_users_and_subreddits_are_left_out() {
        assert_eq!(said("ask r/GME or /u/AMC_fan, ok and/or not"), "ask or , ok and/or not");
    }

    #[test]
    fn quoted_lines_are_kept_apart_from_what_is_said() {
        let text = Text::new("&gt; AMC is dead\n\nno it is not");
        assert_eq!(
            (text.said.as_str(), text.quoted.as_str()),
            ("no it is not", "AMC is dead")
        );
    }

    #[test]
    fn a_body_of_nothing_but_a_quote_is_read_as_said() {
        assert_eq!(
            Text::new("> AMC is dead"),
            Text {
                said: "AMC is dead".into(),
                quoted: String::new()
            }
        );
    }

    #[test]
    fn markup_apostrophes_and_zero_width_characters_vanish() {
        assert_eq!(said("**don\u{2019}t**\u{200b} _buy_   \\#1\t`x`"), "dont buy #1 x");
    }

    #[test]
    fn broken_markup_never_fails() {
        for body in [
            "",
            "&",
            "&#",
            "&#x;",
            "&#xZZ;",
            "&#99999999;",
            "](",
            "![",
            "\u{1F680}&#x1F680;",
            "r/",
            "htt",
            "> ",
        ] {
            let _ = Text::new(body);
        }
        assert_eq!(said("&#x1F680;"), "\u{1F680}");
    }
}
