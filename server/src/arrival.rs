//! How far the head of a request has come, by its bytes alone.
//!
//! A head ends with its first empty line. Empty lines before it are nothing begun, and a line may end without a
//! carriage return: so does the reader of requests see it. What follows a head belongs to its body until the answer.

/// Longest head that is read: its lines together.
const LONGEST: usize = 32 * 1024;

/// The first bytes of a connection that speaks HTTP/2.
const HTTP2: &[u8] = b"PRI * HTTP/2.0\r\n";

/// Where a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Nothing has come, or empty lines only.
    Nothing,
    /// Part of a head; whether the line that is being read is empty so far.
    Head { empty: bool },
    /// The whole head, and perhaps a body.
    Whole,
    /// Frames of HTTP/2, for good.
    Frames,
}

/// What of a head is too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Excess {
    /// Its first line, which holds the path.
    Line,
    /// Its fields.
    Fields,
}

/// Follows one connection, from nothing on.
#[derive(Debug)]
pub struct Arrival {
    stage: Stage,
    /// Bytes of the first line that are those of HTTP/2 so far; `None` once they differ.
    alike: Option<usize>,
    /// Bytes of the head so far.
    length: usize,
    /// Whether its first line has ended.
    has_line: bool,
}

impl Default for Arrival {
    fn default() -> Self {
        Self {
            stage: Stage::Nothing,
            alike: Some(0),
            length: 0,
            has_line: false,
        }
    }
}

impl Arrival {
    /// These bytes have come.
    pub fn take(&mut self, bytes: &[u8]) {
        for byte in bytes {
            if matches!(self.stage, Stage::Whole | Stage::Frames) {
                return;
            }
            self.step(*byte);
        }
    }

    fn step(&mut self, byte: u8) {
        self.alike = self.alike.filter(|at| HTTP2.get(*at) == Some(&byte)).map(|at| at + 1);
        if self.alike == Some(HTTP2.len()) {
            self.stage = Stage::Frames;
            return;
        }
        self.length += 1;
        self.has_line |= byte == b'\n';
        self.stage = match (self.stage, byte) {
            (Stage::Nothing, b'\r' | b'\n') => Stage::Nothing,
            (Stage::Head { empty: true }, b'\n') => Stage::Whole,
            (Stage::Head { empty }, b'\r') => Stage::Head { empty },
            (_, byte) => Stage::Head { empty: byte == b'\n' },
        };
    }

    /// Whether part of a request has come; never so with HTTP/2.
    #[must_use]
    pub const fn has_begun(&self) -> bool {
        matches!(self.stage, Stage::Head { .. } | Stage::Whole)
    }

    /// Whether the rest of a head is awaited.
    #[must_use]
    pub const fn is_incomplete(&self) -> bool {
        matches!(self.stage, Stage::Head { .. })
    }

    /// Whether a whole head has come, and what follows belongs to its body.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        matches!(self.stage, Stage::Whole)
    }

    /// The refusal of a head that is too long; `None` while it is not.
    #[must_use]
    pub fn excess(&self) -> Option<Excess> {
        let excess = if self.has_line { Excess::Fields } else { Excess::Line };
        (self.length > LONGEST && self.has_begun()).then_some(excess)
    }

    /// The request has been answered: the next one may begin.
    pub fn answered(&mut self) {
        if self.stage != Stage::Frames {
            self.stage = Stage::Nothing;
            self.length = 0;
            self.has_line = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn after(text: &[u8]) -> Arrival {
        let mut arrival = Arrival::default();
        arrival.take(text);
        arrival
    }

    #[test]
    fn a_head_ends_with_its_first_empty_line() {
        for begun in [
            "G",
            "GET / HTTP/1.1\r\n",
            "GET / HTTP/1.1\r\nHost: x\r\n",
            "\r\n\r\nG",
            "PRI * HTTP/2",
        ] {
            let arrival = after(begun.as_bytes());
            assert!(arrival.has_begun() && arrival.is_incomplete(), "{begun:?}");
        }
        for whole in [
            "GET / HTTP/1.1\r\n\r\n",
            "GET / HTTP/1.1\nHost: x\n\n",
            "G\n\r\nbody without end",
        ] {
            let arrival = after(whole.as_bytes());
            assert!(arrival.has_begun() && !arrival.is_incomplete(), "{whole:?}");
        }
        for nothing in ["", "\r\n", "\n\n\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nframes"] {
            let arrival = after(nothing.as_bytes());
            assert!(!arrival.has_begun() && !arrival.is_incomplete(), "{nothing:?}");
        }
    }

    #[test]
    fn a_head_has_a_longest_length_and_a_body_does_not_count() {
        let line = "G".repeat(LONGEST);
        assert_eq!(after(line.as_bytes()).excess(), None);
        assert_eq!(after(format!("{line}G").as_bytes()).excess(), Some(Excess::Line));
        assert_eq!(after(format!("G\r\n{line}").as_bytes()).excess(), Some(Excess::Fields));
        assert_eq!(after(format!("G\r\n\r\n{line}{line}").as_bytes()).excess(), None);
        let mut next = after(format!("{line}\n\n").as_bytes());
        next.answered();
        next.take(b"G");
        assert_eq!(next.excess(), None);
    }

    #[test]
    fn an_answer_begins_anew_except_with_http_2() {
        let mut arrival = after(b"GET / HTTP/1.1\r\n\r\n");
        arrival.answered();
        assert!(!arrival.has_begun());
        arrival.take(b"PRI * HTTP/2.0\r\n");
        assert!(arrival.is_incomplete(), "only a connection can begin with that");
        let mut frames = after(b"PRI * HTTP/2.0\r\n");
        frames.answered();
        frames.take(b"anything");
        assert!(!frames.has_begun());
    }

    proptest! {
        #[test]
        fn it_does_not_matter_in_which_pieces_the_bytes_come(
            text in "[PRI GT/*.012:\r\n]{0,40}", cuts in proptest::collection::vec(0_usize..41, 0..6)
        ) {
            let bytes = text.as_bytes();
            let mut cuts: Vec<_> = cuts.into_iter().map(|at| at.min(bytes.len())).collect();
            cuts.extend([0, bytes.len()]);
            cuts.sort_unstable();
            let mut pieces = Arrival::default();
            for pair in cuts.windows(2) {
                pieces.take(&bytes[pair[0]..pair[1]]);
            }
            let whole = after(bytes);
            prop_assert_eq!(pieces.stage, whole.stage);
        }
    }
}
