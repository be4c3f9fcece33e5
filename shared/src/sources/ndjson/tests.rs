use super::{CommentLine, Line, SubmissionLine, parse};

fn comment(line: &str) -> Option<CommentLine<'_>> {
    match parse(line.as_bytes()) {
        Some(Line::Comment(comment)) => Some(comment),
        _ => None,
    }
}

fn submission(line: &str) -> Option<SubmissionLine<'_>> {
    match parse(line.as_bytes()) {
        Some(Line::Submission(submission)) => Some(submission),
        _ => None,
    }
}

/// A comment line in which one field is something else; an empty value leaves the field out.
fn line_with(name: &str, value: &str) -> String {
    let fields = [
        ("id", r#""c1""#),
        ("author", r#""ann""#),
        ("body", r#""hello""#),
        ("score", "3"),
        ("created_utc", "1606780801"),
        ("link_id", r#""t3_p1""#),
        ("parent_id", r#""t1_c0""#),
        ("subreddit", r#""WallStreetBets""#),
    ];
    let fields = fields.map(|(field, usual)| (field, if field == name { value } else { usual }));
    let written = fields
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("\"{name}\":{value}"));
    format!("{{{}}}", written.collect::<Vec<_>>().join(","))
}

#[test]
fn a_comment_is_read_and_unknown_fields_are_passed_over() {
    let line = line_with("gildings", "").replace("{\"id\"", r#"{"awards":[{"id":"no","body":"}"}],"flag":true,"id""#);
    let read = comment(&line).unwrap();
    assert_eq!(
        (read.id, read.post, read.parent, read.subreddit),
        ("c1", "p1", Some("c0"), "WallStreetBets")
    );
    assert_eq!((read.created, read.score, read.removed()), (1_606_780_801, 3, false));
    let whole = read.comment();
    assert_eq!(
        (&*whole.reddit_id, &*whole.author, &*whole.body),
        ("c1", "ann", "hello")
    );
    assert_eq!(
        (whole.created_utc.timestamp(), whole.parent.as_deref()),
        (1_606_780_801, Some("c0"))
    );
}

#[test]
fn a_missing_null_or_deleted_author_is_deleted() {
    for value in ["", "null", r#""[deleted]""#, r#""""#, "7"] {
        assert_eq!(
            comment(&line_with("author", value)).unwrap().comment().author,
            "[deleted]",
            "{value}"
        );
    }
}

#[test]
fn times_are_numbers_or_texts() {
    for value in [
        "1606780801",
        "1606780801.0",
        r#""1606780801""#,
        r#""1606780801.5""#,
        "1.606780801e9",
    ] {
        assert_eq!(
            comment(&line_with("created_utc", value)).unwrap().created,
            1_606_780_801,
            "{value}"
        );
    }
    for value in ["", "null", r#""yesterday""#, "-1", "1e15", "true"] {
        assert_eq!(parse(line_with("created_utc", value).as_bytes()), None, "{value}");
    }
}

#[test]
fn a_score_that_is_null_missing_or_nonsense_is_zero() {
    for (value, score) in [
        ("null", 0),
        ("", 0),
        ("{}", 0),
        (r#""x""#, 0),
        ("-4", -4),
        (r#""12""#, 12),
        ("2.0", 2),
    ] {
        assert_eq!(comment(&line_with("score", value)).unwrap().score, score, "{value}");
    }
}

#[test]
fn a_parent_that_is_the_post_or_not_given_means_top_level() {
    for value in [r#""t3_p1""#, "null", "", "12345"] {
        assert_eq!(comment(&line_with("parent_id", value)).unwrap().parent, None, "{value}");
    }
}

#[test]
fn removed_and_deleted_bodies_are_told_and_null_is_one_of_them() {
    for value in [r#""[removed]""#, r#""[deleted]""#, "null"] {
        assert!(comment(&line_with("body", value)).unwrap().removed(), "{value}");
    }
    for value in [r#""""#, r#""[removed] he said""#] {
        assert!(!comment(&line_with("body", value)).unwrap().removed(), "{value}");
    }
}

#[test]
fn lines_without_a_required_field_are_broken() {
    for field in ["id", "body", "created_utc", "link_id", "subreddit"] {
        assert_eq!(parse(line_with(field, "").as_bytes()), None, "{field}");
    }
    for (field, value) in [
        ("id", r#""""#),
        ("id", "null"),
        ("id", r#""t1_""#),
        ("body", "5"),
        ("link_id", "99"),
    ] {
        assert_eq!(parse(line_with(field, value).as_bytes()), None, "{field} {value}");
    }
}

#[test]
fn invalid_utf8_and_cut_lines_are_broken() {
    let line = line_with("", "");
    assert!(parse(line.as_bytes()).is_some());
    assert_eq!(parse(&line.as_bytes()[..line.len() - 1]), None);
    let mut invalid = line.into_bytes();
    let at = invalid.windows(5).position(|bytes| bytes == b"hello").unwrap();
    invalid[at] = 0xFF;
    assert_eq!(parse(&invalid), None);
}

#[test]
fn emoji_entities_and_long_bodies_come_through() {
    let long = "🚀 &gt; \\\"x\\\" &amp; y\\n".repeat(5_000);
    let line = line_with("body", &format!("\"{long}\""));
    assert!(line.len() > 100_000);
    assert_eq!(comment(&line).unwrap().comment().body, "🚀 > \"x\" & y\n".repeat(5_000));
}

#[test]
fn line_ends_of_both_kinds_are_white_space() {
    for end in ["", "\n", "\r\n"] {
        assert!(comment(&(line_with("", "") + end)).is_some());
    }
}

#[test]
fn a_lean_line_reads_as_the_same_comment() {
    for (field, value) in [
        ("", ""),
        ("author", "null"),
        ("body", "null"),
        ("body", r#""a \"b\" \\ &amp; 🚀""#),
        ("parent_id", "null"),
    ] {
        let line = line_with(field, value);
        let comment = comment(&line).unwrap();
        let mut lean = Vec::new();
        comment.write_lean(&mut lean);
        assert_eq!(
            parse(&lean),
            Some(Line::Comment(comment)),
            "{}",
            String::from_utf8_lossy(&lean)
        );
        assert!(lean.ends_with(b"}\n"));
    }
}

#[test]
fn a_submission_is_told_by_its_title_and_its_texts_are_decoded() {
    let line = r#"{"id":"p1","title":"Up &amp; \"away\"","selftext":"&lt;3","author":"bob","score":5,"num_comments":"9",
        "created_utc":"1606780801","subreddit":"WallStreetBets","url":"https://i.redd.it/a.jpg?a=1&amp;b=2",
        "permalink":"/r/wallstreetbets/comments/p1/up/","body":"not a comment"}"#;
    let read = submission(line).unwrap();
    assert_eq!(
        (read.num_comments, read.author(), read.permalink().unwrap().len()),
        (9, "bob".to_owned(), 33)
    );
    let post = read.post(4);
    assert_eq!(
        (&*post.reddit_id, &*post.subreddit, &*post.title),
        ("p1", "wallstreetbets", "Up & \"away\"")
    );
    assert_eq!((&*post.selftext, post.upvotes, post.total_comments), ("<3", 5, 4));
    assert_eq!(post.url.as_deref(), Some("https://i.redd.it/a.jpg?a=1&b=2"));
}

#[test]
fn a_submission_needs_little_and_a_title_most_of_all() {
    let line = r#"{"id":"t3_p1","title":"","created_utc":1,"subreddit":"x"}"#;
    let post = submission(line).unwrap().post(0);
    assert_eq!((&*post.reddit_id, post.url, post.upvotes), ("p1", None, 0));
    assert_eq!(parse(line.replace("title", "name").as_bytes()), None);
}

#[test]
fn a_score_beyond_belief_is_cut_and_the_last_day_of_all_is_no_time() {
    let score = |value: &str| comment(&line_with("score", value)).map(|line| line.score);
    assert_eq!(score("9223372036854775807"), Some(1_000_000_000));
    assert_eq!(score("-9223372036854775807"), Some(-1_000_000_000));
    assert_eq!(score("1000000000"), Some(1_000_000_000));
    let created = |value: &str| comment(&line_with("created_utc", value)).map(|line| line.created);
    assert_eq!(created("253402214399"), Some(253_402_214_399));
    assert_eq!(created("253402214400"), None);
}

#[test]
fn a_mark_of_removal_is_known_however_it_is_written() {
    let removed = |body: &str| comment(&line_with("body", body)).map(|line| line.removed());
    assert_eq!(removed(r#""\u005bremoved]""#), Some(true));
    assert_eq!(removed(r#""[deleted\u005D""#), Some(true));
    assert_eq!(removed(r#""\u005bremoved] it""#), Some(false));
}
