//! The annotator as a whole, on texts made up for the purpose.

use super::Lexicon;
use crate::market::annotation::{Annotation, Sentiment};
use crate::sources::language::AnnotationInput;

/// A comment without context.
pub(super) fn input(body: &str) -> AnnotationInput {
    AnnotationInput {
        post_title: "What are your moves? TSLA".to_owned(),
        image_description: None,
        parents: Vec::new(),
        author: "somebody".to_owned(),
        author_trust: 0.5,
        body: body.to_owned(),
    }
}

fn read(body: &str) -> Annotation {
    Lexicon::new().annotate_text(body)
}

fn tickers(annotation: &Annotation) -> Vec<&str> {
    annotation
        .ticker_sentiments
        .iter()
        .map(|entry| entry.ticker.as_str())
        .collect()
}

#[test]
fn plain_stances_are_read() {
    for (body, sentiment) in [
        (
            "Buying more GME calls, this is going to the moon \u{1F680}\u{1F680}",
            Sentiment::Bullish,
        ),
        ("I keep buying and holding AMD, diamond hands", Sentiment::Bullish),
        (
            "Market will crash, loading SPY puts, this is a recession",
            Sentiment::Bearish,
        ),
        (
            "TSLA is dumping hard, bagholders everywhere, it will keep dropping",
            Sentiment::Bearish,
        ),
        (
            "Does anyone know how to open an account with a broker?",
            Sentiment::Neutral,
        ),
    ] {
        assert_eq!(read(body).sentiment, sentiment, "{body}");
    }
}

#[test]
fn what_is_said_outright_beats_the_mood() {
    use Sentiment::{Bearish, Bullish, Neutral};
    for (body, wanted) in [
        ("NVDA calls are worthless", &[Bearish][..]),
        ("closed my NVDA puts", &[Bullish, Neutral]),
        ("sold my INTC puts this morning", &[Bullish, Neutral]),
        ("I never said that AMD would crash", &[Bullish, Neutral]),
        ("AMD bulls, on Monday we take back what the shorts stole", &[Bullish]),
        ("AMD is up 12% and it will keep climbing", &[Bullish]),
        ("holy shit, bought AMD 90 calls", &[Bullish]),
        (
            "AMD was so scared of green that it started dumping",
            &[Bearish, Neutral],
        ),
    ] {
        let annotation = read(body);
        assert!(wanted.contains(&annotation.sentiment), "{body}");
        assert!(wanted.contains(&annotation.ticker_sentiments[0].sentiment), "{body}");
    }
}

#[test]
fn one_comment_may_take_both_sides() {
    let annotation = read("long AMD, puts on INTC");
    let sides: Vec<_> = annotation
        .ticker_sentiments
        .iter()
        .map(|entry| entry.sentiment)
        .collect();
    assert_eq!(tickers(&annotation), ["AMD", "INTC"]);
    assert_eq!(sides, [Sentiment::Bullish, Sentiment::Bearish]);
}

#[test]
fn the_title_and_the_parents_add_no_ticker() {
    let mut reply = input("I agree, buying more tomorrow");
    reply.parents.push(("GME is the way".to_owned(), "other".to_owned()));
    assert!(Lexicon::new().annotate(&reply).ticker_sentiments.is_empty());
}

#[test]
fn trust_raises_and_contradiction_lowers_the_confidence() {
    let lexicon = Lexicon::new();
    let mut reply = input("Buying more GME calls, this is going to the moon");
    let alone = lexicon.annotate(&reply).confidence;
    reply.author_trust = 0.61;
    let trusted = lexicon.annotate(&reply).confidence;
    reply.parents.push((
        "Market will crash, loading SPY puts, this is a recession".to_owned(),
        "x".to_owned(),
    ));
    let contradicting = lexicon.annotate(&reply).confidence;
    assert!((trusted - alone - 0.1).abs() < 1e-9);
    assert!((trusted - contradicting - 0.1).abs() < 1e-9);
}

#[test]
fn sarcasm_is_told_and_caps_the_confidence_of_a_trusted_author() {
    let mut comment = input("All in on GME calls because earnings beat by 40% and revenue doubled, cant go tits up");
    comment.author_trust = 1.0;
    let annotation = Lexicon::new().annotate(&comment);
    assert!(annotation.sarcasm_detected);
    assert!(annotation.confidence <= 0.4);
}

#[test]
fn a_summary_comes_with_an_argument_only() {
    let argued = read("Bullish on NVDA because data center revenue grew 200% and guidance was raised again.");
    assert!(argued.has_reasoning && argued.reasoning_summary.is_some_and(|line| line.contains("revenue")));
    let cheered = read("NVDA to the moon lads");
    assert!(!cheered.has_reasoning && cheered.reasoning_summary.is_none());
}

#[test]
fn what_is_quoted_or_linked_adds_nothing() {
    let annotation = read("&gt; AMC puts, crash incoming\n\nbuying GME, see https://example.org/TSLA");
    assert_eq!(tickers(&annotation), ["GME"]);
}

#[test]
fn nothing_is_read_into_nothing() {
    for body in ["", " \n\t ", "\u{200b}", "&amp;#x200B;", "https://example.org/GME"] {
        let annotation = read(body);
        assert_eq!(
            (annotation.sentiment, annotation.ticker_sentiments.len()),
            (Sentiment::Neutral, 0),
            "{body:?}"
        );
    }
}

#[test]
fn any_body_is_read_without_failing() {
    let lexicon = Lexicon::new();
    let pieces = [
        "$",
        "$$TSLA",
        "\u{1F680}",
        "\u{4e2d}\u{6587}",
        "e\u{301}",
        "&#x",
        "](",
        "/s",
        "1.",
        "BRK.",
        "\n",
        "?!",
        "s",
        "\u{fe0f}",
    ];
    for left in pieces {
        for right in pieces {
            for glue in ["", " "] {
                let annotation = lexicon.annotate_text(&format!("{left}{glue}{right}"));
                assert!((0.0..=1.0).contains(&annotation.confidence));
                assert_eq!(annotation.has_reasoning, annotation.reasoning_summary.is_some());
            }
        }
    }
}

#[test]
fn a_huge_body_is_read_in_linear_time() {
    let lexicon = Lexicon::new();
    let started = std::time::Instant::now();
    for piece in [
        "GME to the moon because earnings. ",
        "A",
        "& ",
        "](",
        "\u{1F680}",
        "> q\n",
        "x? ",
        "earnings ",
    ] {
        let _ = lexicon.annotate_text(&piece.repeat(100_000 / piece.len()));
    }
    assert!(started.elapsed().as_secs() < 20);
}

#[test]
fn the_same_text_is_read_the_same_way_by_any_instance() {
    let body = "PLTR, GME and AMC are up big, NKLA is a scam, long AMD, puts on INTC, because revenue is 20% lower";
    assert_eq!(read(body), read(body));
}

#[test]
fn a_body_that_says_the_same_for_a_megabyte_is_read() {
    let annotation = read(&"\u{1F680} GME calls AMD puts ".repeat(40_000));
    assert_eq!(tickers(&annotation), ["GME", "AMD"]);
}
