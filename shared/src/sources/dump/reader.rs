//! A dump file as chunks of whole lines.
//!
//! Plain and zstd files look the same to the caller. A chunk ends where a line ends, so that chunks can be parsed
//! apart from each other; what follows the last line end is carried over into the next one. A line longer than
//! [`LONGEST_LINE`] is passed over without being held and only counted. Long-window archives need a decoder window
//! of up to 2 GiB, which is the one case where memory depends on the file.

use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};

use memchr::{memchr, memrchr};

use crate::sources::comments::SourceError;

/// Bytes in a chunk of ordinary lines.
pub(super) const CHUNK: usize = 1 << 20;
/// The longest line that is looked at, in bytes.
pub(super) const LONGEST_LINE: usize = 16 << 20;
/// The largest window zstd can be asked for.
const WINDOW_LOG_MAX: u32 = 31;
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Some lines of a file, in a buffer that may be larger.
pub(super) struct Chunk {
    /// Which file of the dump they are from.
    pub(super) file: usize,
    /// Lines too long to look at that came before them.
    pub(super) overlong: u64,
    /// The buffer, for use again.
    pub(super) buffer: Vec<u8>,
    start: usize,
    end: usize,
}

impl Chunk {
    /// The lines.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }
}

/// An open file of the dump.
pub(super) struct Reader {
    file: usize,
    path: PathBuf,
    source: Box<dyn Read>,
    /// Bytes read so far, of the content as it is when decompressed.
    offset: u64,
    carry: Vec<u8>,
    ended: bool,
}

impl Reader {
    /// Opens file number `file` of the dump.
    pub(super) fn open(file: usize, path: &Path) -> Result<Self, SourceError> {
        let source = open(path).map_err(|error| failed(path, 0, error))?;
        Ok(Self {
            file,
            path: path.to_owned(),
            source,
            offset: 0,
            carry: Vec::new(),
            ended: false,
        })
    }

    /// The next lines, in `buffer` (whatever was in it); `None` at the end of the file.
    pub(super) fn next(&mut self, buffer: Vec<u8>) -> Result<Option<Chunk>, SourceError> {
        let first = self.offset == 0;
        let chunk = self
            .fill(buffer)
            .map_err(|error| failed(&self.path, self.offset, error))?;
        Ok(chunk.map(|mut chunk| {
            if first && chunk.bytes().starts_with(BYTE_ORDER_MARK) {
                chunk.start = BYTE_ORDER_MARK.len();
            }
            chunk
        }))
    }

    fn fill(&mut self, mut buffer: Vec<u8>) -> io::Result<Option<Chunk>> {
        buffer.resize(CHUNK.max(self.carry.len()), 0);
        buffer[..self.carry.len()].copy_from_slice(&self.carry);
        let (mut filled, mut overlong) = (self.carry.len(), 0);
        let end = loop {
            filled = self.read(&mut buffer, filled)?;
            match memrchr(b'\n', &buffer[..filled]) {
                _ if self.ended => break filled,
                Some(at) => break at + 1,
                None if buffer.len() < LONGEST_LINE => buffer.resize(LONGEST_LINE.min(2 * buffer.len()), 0),
                None => {
                    overlong += 1;
                    filled = self.skip_line(&mut buffer)?;
                }
            }
        };
        self.carry.clear();
        self.carry.extend_from_slice(&buffer[end..filled]);
        let chunk = Chunk {
            file: self.file,
            overlong,
            buffer,
            start: 0,
            end,
        };
        Ok((end > 0 || overlong > 0).then_some(chunk))
    }

    /// Reads until the buffer is full or the file ends; answers how much of it is filled.
    fn read(&mut self, buffer: &mut [u8], mut filled: usize) -> io::Result<usize> {
        while filled < buffer.len() && !self.ended {
            match self.source.read(&mut buffer[filled..]) {
                Ok(0) => self.ended = true,
                Ok(count) => {
                    filled += count;
                    self.offset += count as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(filled)
    }

    /// Passes over the rest of a line; answers how much of the buffer is filled with what follows it.
    fn skip_line(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while !self.ended {
            let filled = self.read(buffer, 0)?;
            if let Some(at) = memchr(b'\n', &buffer[..filled]) {
                buffer.copy_within(at + 1..filled, 0);
                return Ok(filled - at - 1);
            }
        }
        Ok(0)
    }
}

fn open(path: &Path) -> io::Result<Box<dyn Read>> {
    let mut file = File::open(path)?;
    let mut magic = Vec::new();
    file.by_ref().take(4).read_to_end(&mut magic)?;
    file.rewind()?;
    if !is_zstd(&magic) {
        return Ok(Box::new(file));
    }
    let mut decoder = zstd::Decoder::new(file)?;
    decoder.window_log_max(WINDOW_LOG_MAX)?;
    Ok(Box::new(decoder))
}

/// A frame, or one of the skippable frames that some packers put first.
fn is_zstd(magic: &[u8]) -> bool {
    matches!(magic, [0x28, 0xB5, 0x2F, 0xFD] | [0x50..=0x5F, 0x2A, 0x4D, 0x18])
}

fn failed(path: &Path, offset: u64, error: io::Error) -> SourceError {
    let hint = match error.kind() {
        io::ErrorKind::UnexpectedEof => " (the compressed file ends too early: fetch it again)",
        _ => "",
    };
    let what = format!("reading {} after {offset} bytes of content{hint}", path.display());
    SourceError::Unavailable {
        what,
        source: error.into(),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::{CHUNK, LONGEST_LINE, Reader};
    use crate::sources::comments::SourceError;

    fn read(path: &Path) -> Result<(Vec<u8>, u64), SourceError> {
        let mut reader = Reader::open(0, path)?;
        let (mut all, mut overlong) = (Vec::new(), 0);
        while let Some(chunk) = reader.next(vec![b'?'; 7])? {
            assert!(
                chunk.bytes().ends_with(b"\n") || reader.ended,
                "a chunk ends within a line"
            );
            all.extend_from_slice(chunk.bytes());
            overlong += chunk.overlong;
        }
        Ok((all, overlong))
    }

    fn lines(bytes: usize) -> Vec<u8> {
        let mut text = Vec::new();
        while text.len() < bytes {
            let length = text.len() % 997;
            text.extend(std::iter::repeat_n(b'a' + u8::try_from(length % 26).unwrap(), length));
            text.push(b'\n');
        }
        text
    }

    #[test]
    fn chunks_are_whole_lines_and_together_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plain");
        for text in [
            Vec::new(),
            b"\n".to_vec(),
            b"no end".to_vec(),
            lines(3 * CHUNK),
            lines(CHUNK + 500_000),
        ] {
            fs::write(&path, &text).unwrap();
            assert_eq!(read(&path).unwrap(), (text, 0));
        }
    }

    #[test]
    fn several_zstd_frames_are_one_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("packed");
        let text = lines(2 * CHUNK);
        let (left, right) = text.split_at(text.len() / 2);
        let packed = [zstd::encode_all(left, 3).unwrap(), zstd::encode_all(right, 3).unwrap()].concat();
        fs::write(&path, packed).unwrap();
        assert_eq!(read(&path).unwrap(), (text, 0));
    }

    #[test]
    fn a_byte_order_mark_is_dropped_at_the_start_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("marked");
        fs::write(&path, "\u{FEFF}a\n\u{FEFF}b\n").unwrap();
        assert_eq!(read(&path).unwrap().0, "a\n\u{FEFF}b\n".as_bytes());
    }

    #[test]
    fn a_line_beyond_all_bounds_is_counted_and_its_neighbours_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("long");
        let long = vec![b'x'; 2 * LONGEST_LINE + 5];
        fs::write(&path, [b"before\n", &*long, b"\nafter\n", &*long].concat()).unwrap();
        assert_eq!(read(&path).unwrap(), (b"before\nafter\n".to_vec(), 2));
        fs::write(&path, [&*vec![b'y'; LONGEST_LINE - 1], b"\nafter"].concat()).unwrap();
        let (text, overlong) = read(&path).unwrap();
        assert_eq!((text.len(), overlong), (LONGEST_LINE + 5, 0));
    }

    #[test]
    fn a_cut_archive_is_an_error_that_names_the_file_and_how_far_it_went() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cut.zst");
        let packed = zstd::encode_all(&*lines(2 * CHUNK), 3).unwrap();
        fs::write(&path, &packed[..packed.len() - 10]).unwrap();
        let Err(SourceError::Unavailable { what, .. }) = read(&path) else {
            panic!("a cut archive was read")
        };
        assert!(what.contains("cut.zst") && what.contains("ends too early"), "{what}");
    }
}
