//! Which files a dump consists of.
//!
//! A path names one file, or a folder of which the dump files are taken by name, not looking into subfolders:
//! `*.ndjson`, `*.jsonl`, `*.json`, `*.zst` in any case of letters, and the bare `RC_...` and `RS_...` files of
//! the Pushshift archive. Hidden files and anything else (a licence, a checksum) are left alone. Whether a file is
//! compressed is told by its first bytes when it is read, not by its name.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use crate::sources::comments::SourceError;

const EXTENSIONS: [&str; 4] = ["ndjson", "jsonl", "json", "zst"];

/// The files at `path` in the order in which they are read, each of which could be opened.
pub(super) fn list(path: &Path) -> Result<Vec<PathBuf>, SourceError> {
    let files = if path.is_dir() {
        in_folder(path).map_err(|error| unusable(path, &error.to_string()))?
    } else {
        vec![path.to_owned()]
    };
    if files.is_empty() {
        return Err(unusable(
            path,
            "the folder holds no *.ndjson, *.jsonl, *.json, *.zst, RC_* or RS_* file",
        ));
    }
    for file in &files {
        File::open(file).map_err(|error| unusable(file, &error.to_string()))?;
    }
    Ok(files)
}

fn in_folder(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in folder.read_dir()? {
        let path = entry?.path();
        if is_dump(&path) && path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn is_dump(path: &Path) -> bool {
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    match path.extension() {
        _ if name.starts_with('.') => false,
        Some(extension) => EXTENSIONS.iter().any(|known| extension.eq_ignore_ascii_case(known)),
        None => name.starts_with("RC_") || name.starts_with("RS_"),
    }
}

fn unusable(path: &Path, problem: &str) -> SourceError {
    SourceError::Config(format!(
        "comment dump {}: {problem}; set ANALYZE_COMMENTS=dump:PATH to a readable NDJSON file (plain or zstd) or to a \
         folder of such files",
        path.display()
    ))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::list;
    use crate::sources::comments::SourceError;

    #[test]
    fn a_folder_gives_its_dump_files_by_name_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let wanted = [
            "RC_2020-12",
            "RS_2020-12",
            "a.ndjson",
            "b.JSONL",
            "c.json",
            "d.ndjson.zst",
            "e.zst",
        ];
        for name in wanted
            .iter()
            .chain(&["LICENSE", "notes.txt", ".hidden.ndjson", "a.ndjson.sha256"])
        {
            fs::write(folder.path().join(name), "").unwrap();
        }
        fs::create_dir(folder.path().join("deeper.ndjson")).unwrap();
        let found: Vec<_> = list(folder.path()).unwrap();
        assert_eq!(found, wanted.map(|name| folder.path().join(name)));
    }

    #[test]
    fn a_single_file_may_have_any_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("comments.txt");
        fs::write(&path, "").unwrap();
        assert_eq!(list(&path).unwrap(), [path]);
    }

    #[test]
    fn a_missing_path_and_an_empty_folder_are_named_with_their_remedy() {
        let folder = tempfile::tempdir().unwrap();
        for path in [folder.path().join("none.ndjson"), folder.path().to_owned()] {
            let Err(SourceError::Config(message)) = list(&path) else {
                panic!("{path:?} was accepted")
            };
            assert!(message.contains(&path.display().to_string()), "{message}");
            assert!(
                message.contains("ANALYZE_COMMENTS=dump:PATH") && !message.contains('\n'),
                "{message}"
            );
        }
    }
}
