//! One pass over all lines of a dump, on all cores and in order.
//!
//! A thread reads (and decompresses) chunks and deals them to the workers in turn; each parses its chunk and lets
//! the [`Pass`] keep what it looks for; the calling thread collects the workers' finds in the same turn. So finds
//! arrive in the order of the lines, which is what "the first of repeated lines wins" needs, and only a handful of
//! chunks is in memory. Raising [`Stop`] ends a pass within a chunk.
//!
//! Broken lines are counted, and the first and every thousandth of them logged by passes that are asked to.

use std::io;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread::{self, Scope};

use memchr::memchr;

use super::reader::{CHUNK, Chunk, Reader};
use crate::sources::comments::SourceError;
use crate::sources::ndjson::{self, Line};

/// Broken lines between two log lines.
const BROKEN_PER_LOG: u64 = 1000;
/// More parsing threads than this would wait for the reader.
const MOST_WORKERS: usize = 6;

/// A request to end early, shared between the one who makes it and the threads of a pass.
#[derive(Debug, Clone, Default)]
pub(super) struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Asks the pass to end.
    pub(super) fn raise(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// An error once it was raised.
    pub(super) fn check(&self) -> Result<(), SourceError> {
        if self.0.load(Ordering::Relaxed) {
            Err(SourceError::Interrupted)
        } else {
            Ok(())
        }
    }
}

/// What a pass looks for.
pub(super) trait Pass: Sync {
    /// What it keeps of a chunk.
    type Found: Default + Send;

    /// Looks at a line, as parsed and as it is, on one of the workers.
    fn look(&self, line: &Line<'_>, raw: &[u8], found: &mut Self::Found);
}

/// The files to pass over, and how.
#[derive(Clone, Copy)]
pub(super) struct Scan<'a> {
    /// The files in order.
    pub(super) files: &'a [PathBuf],
    /// Ends it early.
    pub(super) stop: &'a Stop,
    /// Whether it is the pass that logs broken lines.
    pub(super) logs: bool,
}

/// What a pass went over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tally {
    /// Comments of any subreddit.
    pub(super) comments: u64,
    /// Lines that are neither a comment nor a submission.
    pub(super) broken: u64,
    /// The first file that has lines, and none of them one of both.
    pub(super) foreign: Option<usize>,
}

struct Parsed<F> {
    file: usize,
    found: F,
    overlong: u64,
    lines: u64,
    comments: u64,
    submissions: u64,
    /// Which of its lines are broken, from 0.
    broken: Vec<u64>,
}

impl Scan<'_> {
    /// Passes over the dump; `take` gets the finds in order and may end the pass.
    ///
    /// # Errors
    /// Those of reading and of `take`, and [`SourceError::Interrupted`].
    pub(super) fn run<P: Pass>(
        self,
        pass: &P,
        take: impl FnMut(P::Found) -> Result<ControlFlow<()>, SourceError>,
    ) -> Result<Tally, SourceError> {
        let workers = thread::available_parallelism()
            .map_or(2, usize::from)
            .clamp(2, MOST_WORKERS);
        thread::scope(|scope| {
            let (give_back, spare) = channel();
            let worker = |_| hire(scope, pass, give_back.clone());
            let (inputs, outputs): (Vec<_>, Vec<_>) = (0..workers).map(worker).unzip();
            let reader = scope.spawn(move || self.deal(&inputs, &spare));
            let (tally, flow) = self.collect(outputs, take)?;
            let read = reader.join().map_err(|_| broke_off())?;
            // What was read ahead of an early end does not matter, nor does its failure.
            if flow.is_continue() {
                read.map(|()| tally)
            } else {
                Ok(tally)
            }
        })
    }

    /// Reads the files and deals their chunks to the workers in turn until one of them is gone.
    fn deal(self, inputs: &[SyncSender<Chunk>], spare: &Receiver<Vec<u8>>) -> Result<(), SourceError> {
        let mut turn = inputs.iter().cycle();
        for (file, path) in self.files.iter().enumerate() {
            let mut reader = Reader::open(file, path)?;
            while let Some(chunk) = reader.next(spare.try_recv().unwrap_or_default())? {
                self.stop.check()?;
                if turn.next().is_none_or(|input| input.send(chunk).is_err()) {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Takes the workers' finds in turn until there are no more or `take` has enough.
    fn collect<F>(
        self,
        outputs: Vec<Receiver<Parsed<F>>>,
        mut take: impl FnMut(F) -> Result<ControlFlow<()>, SourceError>,
    ) -> Result<(Tally, ControlFlow<()>), SourceError> {
        let (mut progress, mut flow) = (Progress::default(), ControlFlow::Continue(()));
        for output in outputs.iter().cycle() {
            self.stop.check()?;
            let Ok(parsed) = output.recv() else { break };
            progress.count(&parsed, self);
            flow = take(parsed.found)?;
            if flow.is_break() {
                break;
            }
        }
        drop(outputs);
        if flow.is_continue() {
            progress.end_file();
        }
        Ok((progress.tally, flow))
    }
}

#[derive(Default)]
struct Progress {
    tally: Tally,
    file: usize,
    /// Lines of the file so far.
    lines: u64,
    /// Those of them that are a comment or a submission, and those that are neither.
    known: u64,
    broken: u64,
}

impl Progress {
    fn count<F>(&mut self, parsed: &Parsed<F>, scan: Scan<'_>) {
        if parsed.file != self.file {
            self.end_file();
            (self.file, self.lines) = (parsed.file, 0);
        }
        self.known += parsed.comments + parsed.submissions;
        self.tally.comments += parsed.comments;
        for line in 0..parsed.overlong {
            self.broken(self.lines + line + 1, scan);
        }
        self.lines += parsed.overlong;
        for line in &parsed.broken {
            self.broken(self.lines + line + 1, scan);
        }
        self.lines += parsed.lines;
    }

    /// Nothing more comes of the file.
    fn end_file(&mut self) {
        if self.known == 0 && self.broken > 0 {
            self.tally.foreign.get_or_insert(self.file);
        }
        (self.known, self.broken) = (0, 0);
    }

    fn broken(&mut self, line: u64, scan: Scan<'_>) {
        self.broken += 1;
        self.tally.broken += 1;
        if scan.logs && (self.tally.broken == 1 || self.tally.broken.is_multiple_of(BROKEN_PER_LOG)) {
            let file = scan
                .files
                .get(self.file)
                .map(|path| path.display().to_string())
                .unwrap_or_default();
            tracing::warn!(
                file,
                line,
                broken = self.tally.broken,
                "skipped a line that is no comment or submission"
            );
        }
    }
}

/// Starts a worker; gives where its chunks go and where its finds come from.
fn hire<'scope, P: Pass>(
    scope: &'scope Scope<'scope, '_>,
    pass: &'scope P,
    give_back: Sender<Vec<u8>>,
) -> (SyncSender<Chunk>, Receiver<Parsed<P::Found>>)
where
    P::Found: 'scope,
{
    let (input, chunks) = sync_channel(1);
    let (parsed, output) = sync_channel(2);
    scope.spawn(move || work(pass, &chunks, &parsed, &give_back));
    (input, output)
}

fn work<P: Pass>(pass: &P, chunks: &Receiver<Chunk>, parsed: &SyncSender<Parsed<P::Found>>, spare: &Sender<Vec<u8>>) {
    while let Ok(chunk) = chunks.recv() {
        let found = parse(pass, &chunk);
        if chunk.buffer.len() <= CHUNK {
            // The reader may have ended, then nobody needs the buffer any more.
            let _ = spare.send(chunk.buffer);
        }
        if parsed.send(found).is_err() {
            return;
        }
    }
}

fn parse<P: Pass>(pass: &P, chunk: &Chunk) -> Parsed<P::Found> {
    let mut parsed = Parsed {
        file: chunk.file,
        found: P::Found::default(),
        overlong: chunk.overlong,
        lines: 0,
        comments: 0,
        submissions: 0,
        broken: Vec::new(),
    };
    let mut rest = chunk.bytes();
    while !rest.is_empty() {
        let end = memchr(b'\n', rest).map_or(rest.len(), |at| at + 1);
        let (raw, after) = rest.split_at(end);
        match ndjson::parse(raw) {
            Some(line) => {
                let is_comment = matches!(line, Line::Comment(_));
                parsed.comments += u64::from(is_comment);
                parsed.submissions += u64::from(!is_comment);
                pass.look(&line, raw, &mut parsed.found);
            }
            None if raw.trim_ascii().is_empty() => {}
            None => parsed.broken.push(parsed.lines),
        }
        parsed.lines += 1;
        rest = after;
    }
    parsed
}

fn broke_off() -> SourceError {
    let source = io::Error::other("its thread panicked").into();
    SourceError::Unavailable {
        what: "reading the comment dump".to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests;
