use std::fmt::Write as _;
use std::fs;
use std::io::Write;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use super::{Line, Pass, Scan, Stop, Tally};
use crate::sources::comments::SourceError;

/// Keeps the ids of all comments.
struct Ids;

impl Pass for Ids {
    type Found = Vec<String>;

    fn look(&self, line: &Line<'_>, _: &[u8], found: &mut Vec<String>) {
        if let Line::Comment(line) = line {
            found.push(line.id.to_owned());
        }
    }
}

fn lines(ids: std::ops::Range<u32>) -> String {
    let mut text = String::new();
    for id in ids {
        let body = "x".repeat(id as usize % 300);
        let rest = r#""link_id":"t3_p","subreddit":"s","created_utc":1"#;
        writeln!(text, r#"{{"id":"{id}","body":"{body}",{rest}}}"#).unwrap();
    }
    text
}

fn written(folder: &tempfile::TempDir, contents: &[&[u8]]) -> Vec<PathBuf> {
    let write = |(number, content): (usize, &&[u8])| {
        let path = folder.path().join(number.to_string());
        fs::write(&path, content).unwrap();
        path
    };
    contents.iter().enumerate().map(write).collect()
}

fn scan(files: &[PathBuf]) -> Result<(Vec<String>, Tally), SourceError> {
    let mut all = Vec::new();
    let tally = Scan {
        files,
        stop: &Stop::default(),
        logs: true,
    }
    .run(&Ids, |found| {
        all.extend(found);
        Ok(ControlFlow::Continue(()))
    })?;
    Ok((all, tally))
}

#[test]
fn finds_arrive_in_the_order_of_files_and_lines() {
    let folder = tempfile::tempdir().unwrap();
    let packed = zstd::encode_all(lines(20_000..30_000).as_bytes(), 1).unwrap();
    let files = written(
        &folder,
        &[
            lines(0..20_000).as_bytes(),
            b"",
            &packed,
            lines(30_000..30_001).as_bytes(),
        ],
    );
    let (ids, tally) = scan(&files).unwrap();
    assert!(ids.iter().map(|id| id.parse::<u32>().unwrap()).eq(0..30_001));
    assert_eq!(
        tally,
        Tally {
            comments: 30_001,
            broken: 0,
            foreign: None,
        }
    );
}

#[test]
fn broken_lines_are_counted_and_blank_ones_are_not() {
    let folder = tempfile::tempdir().unwrap();
    let text = [
        "\r\n",
        &lines(0..1),
        "{broken\n",
        "\n  \n",
        &lines(1..2),
        "[]\n",
        "{\"id\":\"cut",
    ]
    .concat();
    let (ids, tally) = scan(&written(&folder, &[text.as_bytes(), b"\xFF\xFE\n"])).unwrap();
    assert_eq!(
        (ids, tally),
        (
            vec!["0".to_owned(), "1".to_owned()],
            Tally {
                comments: 2,
                broken: 4,
                foreign: Some(1)
            }
        )
    );
}

#[test]
fn a_pass_may_end_early_and_what_fails_further_on_does_not_matter() {
    let folder = tempfile::tempdir().unwrap();
    let bad_archive = b"\x28\xB5\x2F\xFD is no archive";
    for length in [10, 100_000] {
        let files = written(&folder, &[lines(0..length).as_bytes(), bad_archive]);
        let mut calls = 0;
        let scan = Scan {
            files: &files,
            stop: &Stop::default(),
            logs: false,
        };
        let tally = scan.run(&Ids, |_| {
            calls += 1;
            Ok(ControlFlow::Break(()))
        });
        assert!((1..90_000).contains(&tally.unwrap().comments));
        assert_eq!(calls, 1);
    }
}

#[test]
fn a_raised_stop_interrupts() {
    let folder = tempfile::tempdir().unwrap();
    let files = written(&folder, &[lines(0..100_000).as_bytes()]);
    let (stop, mut calls) = (Stop::default(), 0);
    let result = Scan {
        files: &files,
        stop: &stop,
        logs: false,
    }
    .run(&Ids, |_| {
        calls += 1;
        stop.raise();
        Ok(ControlFlow::Continue(()))
    });
    assert!(matches!(result, Err(SourceError::Interrupted)), "{result:?}");
    assert_eq!(calls, 1);
}

#[test]
fn a_file_that_is_gone_is_named_after_what_was_read_before_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut files = written(&folder, &[lines(0..10).as_bytes()]);
    files.push(folder.path().join("gone"));
    let Err(SourceError::Unavailable { what, .. }) = scan(&files) else {
        panic!("a missing file was read")
    };
    assert!(what.contains("gone") && what.contains("after 0 bytes"), "{what}");
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn the_first_and_every_thousandth_broken_line_are_logged_with_file_and_line() {
    let folder = tempfile::tempdir().unwrap();
    let text = [lines(0..7_000), "broken\n".repeat(2_500)].concat();
    let files = written(&folder, &[b"\n\n\n", text.as_bytes()]);
    let log = Log::default();
    let target = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_writer(move || target.clone())
        .finish();
    let (_, tally) = tracing::subscriber::with_default(subscriber, || scan(&files)).unwrap();
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert_eq!((tally.broken, log.lines().count()), (2_500, 3), "{log}");
    for (entry, (line, broken)) in log.lines().zip([(7_001, 1), (8_000, 1_000), (9_000, 2_000)]) {
        assert!(
            entry.contains(&format!("line={line} broken={broken}")) && entry.contains("/1\""),
            "{entry}"
        );
    }
}
