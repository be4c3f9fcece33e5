use std::time::Duration;

use super::{at, comment, dump, ids, open, submission, text};
use crate::sources::comments::{CommentSource, SourceError};

#[tokio::test]
async fn a_folder_of_plain_and_packed_files_is_one_dump() {
    let packed = zstd::encode_all(
        text(&[comment("b", "p", Some("a"), 1), comment("c", "p", Some("z"), 1)]).as_bytes(),
        3,
    );
    let last = text(&[submission("p", 4, 60), submission("p", 5, 60)]);
    let crlf = text(&[comment("a", "p", None, 9)]).replace('\n', "\r\n");
    let dump = open(&[
        ("1.ndjson", format!("\u{FEFF}{crlf}").as_bytes()),
        ("2.zst", &packed.unwrap()),
        ("3.ndjson", b""),
        ("RS_2020-12", last.trim_end().as_bytes()),
        ("LICENSE", b"not a line"),
    ]);
    let posts = dump.hot(at(0), 10).await;
    assert_eq!(
        (&*posts[0].title, posts[0].upvotes, posts[0].total_comments),
        ("Title of p", 4, 3)
    );
    let thread = dump.only_thread(at(0)).await;
    assert_eq!(ids(&thread), ["a", "b", "c"]);
    assert_eq!(
        thread.comments.iter().map(|comment| comment.depth).collect::<Vec<_>>(),
        [0, 1, 1]
    );
}

#[tokio::test]
async fn broken_lines_do_not_hide_their_neighbours() {
    let good = |id: &str| text(&[comment(id, "p", None, 1)]);
    let text = [
        &good("a"),
        "{\"id\":\n",
        "\n",
        &good("b"),
        "\u{0}\n",
        good("c").trim_end(),
    ]
    .concat();
    let dump = open(&[("all.ndjson", text.as_bytes())]);
    assert_eq!(ids(&dump.only_thread(at(0)).await), ["a", "b", "c"]);
}

#[tokio::test]
async fn a_file_of_a_folder_in_which_nothing_is_known_is_named() {
    let good = text(&[comment("a", "p", None, 1)]);
    let opened = open(&[
        ("1.ndjson", good.as_bytes()),
        ("2.ndjson", b"garbage\nmore\n"),
        ("3.ndjson", b""),
    ]);
    let errors = [
        opened.dump.market_now("wallstreetbets", None).await.unwrap_err(),
        opened.dump.hot_posts("wallstreetbets", at(0), 1).await.unwrap_err(),
    ];
    for error in errors {
        let text = error.to_string();
        assert!(
            text.contains("2.ndjson: no comment or submission in it; expected one JSON object"),
            "{text}"
        );
    }
}

#[tokio::test]
async fn a_dump_without_a_comment_says_what_was_expected() {
    for lines in ["nothing\nat all\n", "", &text(&[submission("p", 1, 1)])] {
        let opened = open(&[("all.ndjson", lines.as_bytes())]);
        let dump = &opened.dump;
        let errors = [
            dump.check().await.unwrap_err(),
            dump.market_now("wallstreetbets", None).await.unwrap_err(),
            dump.hot_posts("wallstreetbets", at(0), 1).await.unwrap_err(),
        ];
        for error in errors {
            let SourceError::Config(message) = error else {
                panic!("{error}")
            };
            assert!(message.contains("link_id") && !message.contains('\n'), "{message}");
        }
    }
}

#[tokio::test]
async fn a_check_reads_no_further_than_the_first_comment() {
    let bad_archive: &[u8] = b"\x28\xB5\x2F\xFD is no archive";
    let good = open(&[("1.ndjson", text(&[comment("a", "p", None, 1)]).as_bytes())]);
    good.dump.check().await.unwrap();
    let bad = open(&[("1.ndjson", b"\n"), ("2.zst", bad_archive)]);
    assert!(matches!(bad.dump.check().await, Err(SourceError::Unavailable { .. })));
}

#[tokio::test]
async fn dropping_the_call_stops_the_work() {
    let dump = dump(&[comment("a", "p", None, 1)]).dump;
    let endless = dump.blocking(|_, stop| -> Result<(), SourceError> {
        loop {
            stop.check()?;
            std::thread::yield_now();
        }
    });
    tokio::time::timeout(Duration::from_millis(1), endless)
        .await
        .unwrap_err();
    let dropped = std::time::Instant::now();
    while std::sync::Arc::strong_count(&dump.dump) > 1 {
        assert!(dropped.elapsed() < Duration::from_secs(20), "it never stopped");
        tokio::task::yield_now().await;
    }
}
