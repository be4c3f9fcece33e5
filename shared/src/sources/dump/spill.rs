//! Lines set aside in an unnamed temporary file until somebody asks for them.
//!
//! Records start at multiples of 64 bytes, so that a place fits in 32 bits for up to 256 GiB; block 0 stays
//! empty, so that no place is 0. A record ends with its line end. The file has no name and vanishes with its owner.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Seek, SeekFrom, Write};
use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};

use crate::sources::comments::SourceError;

const BLOCK: usize = 64;
const PADDING: [u8; BLOCK] = [0; BLOCK];

/// The file while it is written.
pub(super) struct Spill {
    file: BufWriter<File>,
    block: NonZeroU32,
}

impl Spill {
    /// An empty file in the system's folder for temporary files.
    pub(super) fn new() -> Result<Self, SourceError> {
        let mut file = BufWriter::with_capacity(1 << 18, tempfile::tempfile().map_err(failed)?);
        file.write_all(&PADDING).map_err(failed)?;
        Ok(Self {
            file,
            block: NonZeroU32::MIN,
        })
    }

    /// Appends a line and answers where it is.
    pub(super) fn write(&mut self, line: &[u8]) -> Result<NonZeroU32, SourceError> {
        let place = self.block;
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let padding = BLOCK - 1 - line.len() % BLOCK;
        let blocks = u32::try_from((line.len() + 1 + padding) / BLOCK).unwrap_or(u32::MAX);
        self.block = place
            .checked_add(blocks)
            .ok_or_else(|| failed(io::ErrorKind::FileTooLarge.into()))?;
        for part in [line, b"\n", &PADDING[..padding]] {
            self.file.write_all(part).map_err(failed)?;
        }
        Ok(place)
    }

    /// Ends the writing.
    pub(super) fn finish(self) -> Result<Lines, SourceError> {
        let file = self.file.into_inner().map_err(|error| failed(error.into_error()))?;
        Ok(Lines { file: Mutex::new(file) })
    }
}

/// The file while it is read.
#[derive(Debug)]
pub(super) struct Lines {
    file: Mutex<File>,
}

impl Lines {
    /// The line at a place that [`Spill::write`] has given out.
    pub(super) fn read(&self, place: NonZeroU32) -> Result<Vec<u8>, SourceError> {
        // The position is set before every read, so a panic of another reader leaves nothing broken.
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(u64::from(place.get()) * BLOCK as u64))
            .map_err(failed)?;
        let mut line = Vec::new();
        BufReader::with_capacity(1 << 11, &*file)
            .read_until(b'\n', &mut line)
            .map_err(failed)?;
        Ok(line)
    }
}

fn failed(error: io::Error) -> SourceError {
    let what = "keeping comments in the temporary folder (TMPDIR; is it full?)".to_owned();
    SourceError::Unavailable {
        what,
        source: error.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::{BLOCK, Spill};

    #[test]
    fn lines_of_any_length_come_back_in_any_order() {
        let mut spill = Spill::new().unwrap();
        let line = |length: usize| vec![b'a' + u8::try_from(length % 26).unwrap(); length];
        let lengths = (0..3 * BLOCK).chain([100_000, 5]);
        let places: Vec<_> = lengths
            .map(|length| (length, spill.write(&line(length)).unwrap()))
            .collect();
        let lines = spill.finish().unwrap();
        for (length, place) in places.into_iter().rev() {
            assert_eq!(lines.read(place).unwrap(), [line(length), b"\n".to_vec()].concat());
        }
    }

    #[test]
    fn a_line_end_is_not_doubled() {
        let mut spill = Spill::new().unwrap();
        let place = spill.write(b"one\n").unwrap();
        assert_eq!(spill.finish().unwrap().read(place).unwrap(), b"one\n");
    }
}
