//! Whatever comes from outside: nothing panics, and what is accepted is written so that it reads the same again.

use std::time::Duration;

use poem::Request;
use poem::http::{HeaderMap, HeaderValue, Method};
use proptest::prelude::*;
use serde_json::Value;
use shared::config::{Config, Layers};

use crate::analyze::key::IdempotencyKey;
use crate::analyze::request::{AnalyzeRequest, AsOf};
use crate::http::body;
use crate::http::params::Key;
use crate::http::prefer::Prefer;
use crate::http::scalar::Scalar;
use crate::http::values::{Day, Int, Limit, Offset, Timestamp};
use crate::positions::request::{ClosePositionRequest, CloseReason};
use crate::runs::status;
use crate::security::Guard;
use crate::stream::LastEventId;
use crate::words::{Reason, Subreddit, Ticker, Username};

/// Reads a text; what is accepted must survive being written and read again.
fn survives<T: Scalar + PartialEq + std::fmt::Debug>(text: &str) -> Result<bool, TestCaseError> {
    let Ok(read) = T::read(text) else { return Ok(false) };
    let again = match read.write() {
        Value::String(written) => T::read(&written),
        written => T::read_json(&written),
    };
    prop_assert_eq!(again, Ok(read));
    Ok(true)
}

/// Text of any kind, and text that is nearly right.
fn texts() -> impl Strategy<Value = String> {
    let nearly = [
        r"[+-]?[0-9]{1,22}(\.[0-9]{1,3})?(e[0-9])?",
        r"[0-9]{4}-[01][0-9]-[0-3][0-9]",
        r"[0-9]{4}-[01][0-9]-[0-3][0-9][Tt ][0-2][0-9]:[0-6][0-9]:[0-6][0-9](\.[0-9]{0,12})?(Z|z|[+-][0-2][0-9]:[0-6][0-9])?",
        r"[A-Za-z0-9_.^-]{0,24}",
        r#""?[ -~]{0,12}"?"#,
        r#"(wait ?= ?"?[0-9a-z]{0,22}"?[,;] ?){0,3}"#,
        r"[\u{0}-\u{20}\u{ad}\u{200b}-\u{200f}\u{2060}\u{feff}]{0,4}",
    ];
    let nearly = nearly.map(|pattern| proptest::string::string_regex(pattern).expect("a pattern").boxed());
    prop_oneof![any::<String>(), proptest::strategy::Union::new(nearly)]
}

/// JSON of any kind, with names that our requests know among others.
fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (0_i64..200).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        texts().prop_map(Value::from),
    ];
    let names =
        "subreddit|on_conflict|options|async_mode|requested|as_of|post_limit|reason|quantity_fraction|[a-z]{1,3}";
    leaf.prop_recursive(4, 32, 6, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map(names, inner, 0..5)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn guard(settings: &[(&str, &str)]) -> Guard {
    let flags: Vec<_> = settings
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    Guard::new(&Config::from_layers(Layers::new(&flags, &[], &[]).expect("known")).expect("right"))
}

fn header(bytes: &[u8]) -> HeaderValue {
    HeaderValue::from_bytes(bytes).unwrap_or_else(|_| HeaderValue::from_static("unusable"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn every_scalar_reads_what_it_has_written(text in texts()) {
        survives::<Limit>(&text)?;
        survives::<Offset>(&text)?;
        survives::<Key>(&text)?;
        survives::<Int<-5, 5>>(&text)?;
        survives::<Timestamp>(&text)?;
        survives::<Day>(&text)?;
        survives::<AsOf>(&text)?;
        survives::<Subreddit>(&text)?;
        survives::<Ticker>(&text)?;
        survives::<Username>(&text)?;
        survives::<Reason>(&text)?;
        survives::<CloseReason>(&text)?;
        survives::<IdempotencyKey>(&text)?;
        prop_assert!(survives::<LastEventId>(&text)?, "it is never refused");
        prop_assert!(Prefer::read(&text).is_ok(), "it is never refused");
    }

    #[test]
    fn an_integer_is_accepted_exactly_within_its_bounds(number in any::<i64>(), small in -10_i64..10) {
        for number in [number, small] {
            prop_assert_eq!(Limit::read(&number.to_string()).is_ok(), (1..=100).contains(&number));
            prop_assert_eq!(Limit::read_json(&number.into()).is_ok(), (1..=100).contains(&number));
            prop_assert_eq!(Offset::read(&number.to_string()).is_ok(), number >= 0);
        }
    }

    #[test]
    fn an_accepted_time_has_four_digits_a_year_and_sorts_as_text(left in texts(), right in texts()) {
        if let (Ok(left), Ok(right)) = (Timestamp::read(&left), Timestamp::read(&right)) {
            let (earlier, later) = (left.write(), right.write());
            let (earlier, later) = (earlier.as_str().unwrap_or_default(), later.as_str().unwrap_or_default());
            prop_assert_eq!((earlier.len(), later.len()), (27, 27));
            prop_assert_eq!(left.0.cmp(&right.0), earlier.cmp(later));
        }
    }

    #[test]
    fn a_wait_is_never_longer_than_the_cap(text in texts(), cap in 0_u64..1_000) {
        let cap = Duration::from_secs(cap);
        let prefer = Prefer::read(&text).unwrap_or_default();
        prop_assert!(prefer.waiting(cap).is_none_or(|wait| wait <= cap));
    }

    #[test]
    fn any_bytes_are_a_request_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = body::read::<AnalyzeRequest>(&bytes);
        let _ = body::read::<ClosePositionRequest>(&bytes);
    }

    #[test]
    fn any_json_is_a_request_or_a_refusal_that_names_a_field(value in json()) {
        let bytes = value.to_string();
        if let Err(error) = body::read::<AnalyzeRequest>(bytes.as_bytes()) {
            let (field, constraint) = error.refused().unwrap_or_default();
            prop_assert!(!field.is_empty() && !constraint.is_empty(), "{bytes}");
        } else {
            prop_assert!(value.is_object());
        }
    }

    #[test]
    fn a_tag_is_known_when_it_is_in_the_list_whatever_else_is(
        others in proptest::collection::vec("(W/)?\"[!#-~]{0,8}\"", 0..5), at in 0_usize..5, junk in any::<Vec<u8>>()
    ) {
        let tag = "W/\"1.2.3\"";
        let known = |text: &[u8]| {
            let mut headers = HeaderMap::new();
            headers.append("if-none-match", header(&junk));
            headers.append("if-none-match", header(text));
            status::is_known(&headers, tag)
        };
        let mut list: Vec<_> = others.iter().map(String::as_str).collect();
        let junk_is_star = junk.split(|byte| *byte == b',').any(|part| part.trim_ascii() == b"*");
        prop_assume!(!junk_is_star && !list.iter().any(|other| other.trim_start_matches("W/") == "\"1.2.3\""));
        prop_assert!(!known(list.join(", ").as_bytes()));
        list.insert(at.min(list.len()), tag);
        prop_assert!(known(list.join(", ").as_bytes()));
    }

    #[test]
    fn no_host_is_served_but_loopback_and_those_allowed(
        host in prop_oneof![any::<Vec<u8>>(), "[a-z0-9.:@\\[\\]-]{0,24}".prop_map(String::into_bytes),
                            "(127|0|10)\\.[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}(:[0-9]{1,5})?".prop_map(String::into_bytes)]
    ) {
        let request = Request::builder().uri_str("/runs").header("host", header(&host)).finish();
        let served = guard(&[("ANALYZE_ALLOWED_HOSTS", "box.lan")]).admit(&request).is_ok();
        let text = String::from_utf8_lossy(&host).to_ascii_lowercase();
        let url = format!("http://{text}/").parse::<poem::http::Uri>().ok();
        let name = url.as_ref().and_then(poem::http::Uri::host).unwrap_or_default();
        let address = name.trim_matches(['[', ']']).parse::<std::net::IpAddr>();
        let is_ours = name == "localhost" || name == "box.lan" || address.is_ok_and(|address| address.is_loopback());
        prop_assert!(!served || is_ours, "{text}");
    }

    #[test]
    fn no_origin_may_write_but_our_own(origin in prop_oneof![any::<Vec<u8>>(), "(https?://)?[a-z0-9.:-]{0,20}".prop_map(String::into_bytes)]) {
        let request = Request::builder()
            .method(Method::POST)
            .uri_str("/analyze")
            .header("host", "127.0.0.1:8000")
            .header("origin", header(&origin))
            .finish();
        let own = [&b"http://127.0.0.1:8000"[..], b"https://127.0.0.1:8000"].contains(&origin.as_slice());
        prop_assert_eq!(guard(&[]).admit(&request).is_ok(), own);
    }

    #[test]
    fn nothing_but_the_key_is_a_key(presented in prop_oneof![any::<Vec<u8>>(), "(Bearer )?(writer)?[ -~]{0,4}".prop_map(String::into_bytes)]) {
        let keys = "w:write:b93006774cbdd4b299389a03ac3d88c3a76b460d538795bc12718011a909fba5";
        let guard = guard(&[("ANALYZE_API_KEYS", keys)]);
        let value = header(&presented);
        let text = value.to_str().unwrap_or_default().trim().to_owned();
        let ask = |name: &str| guard.admit(&Request::builder().uri_str("/runs").header(name, value.clone()).finish()).is_ok();
        prop_assert_eq!(ask("x-api-key"), text == "writer");
        let bearer = text.split_once(' ').is_some_and(|(scheme, key)| scheme.eq_ignore_ascii_case("bearer") && key.trim() == "writer");
        prop_assert_eq!(ask("authorization"), bearer);
    }
}
