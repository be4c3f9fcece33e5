//! Settings of any text: read or refused in one line that names the setting, and never a panic.

use std::time::Duration;

use proptest::prelude::*;

use super::{Config, Layers, Right, SETTINGS, parse_duration};

fn load(name: &str, value: &str) -> Result<Config, String> {
    let flags = [(name.to_owned(), value.to_owned())];
    Layers::new(&flags, &[], &[])
        .and_then(Config::from_layers)
        .map_err(|error| error.to_string())
}

proptest! {
    #[test]
    fn any_value_of_any_setting_is_read_or_refused_by_name(
        setting in proptest::sample::select(SETTINGS),
        value in prop_oneof![any::<String>(), "[0-9]{0,22}[a-z]{0,2}", "[a-z0-9:/.,*-]{0,40}"]
    ) {
        // Those that name a file are read from there; everything else is refused by its own words.
        if let Err(error) = load(setting.name, &value) {
            prop_assert!(error.contains(setting.name), "{error}");
            prop_assert!(!setting.secret || value.trim().len() < 8 || !error.contains(value.trim()), "{error}");
        }
    }

    #[test]
    fn a_duration_is_read_as_it_is_written(
        amount in 0_u64..40_000, (unit, millis) in proptest::sample::select(&[("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000)][..])
    ) {
        prop_assert_eq!(parse_duration(&format!("{amount}{unit}")), Some(Duration::from_millis(amount * millis)));
    }

    #[test]
    fn no_text_is_a_duration_but_digits_and_a_unit(text in any::<String>()) {
        let digits = text.trim().trim_end_matches(char::is_alphabetic);
        let looks_right = text.trim() == "0" || (!digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()));
        prop_assert!(parse_duration(&text).is_none() || looks_right);
    }

    #[test]
    fn keys_are_read_as_they_are_written(
        keys in proptest::collection::vec(("[a-z][a-z0-9-]{0,8}", any::<bool>(), "[0-9a-fA-F]{64}"), 1..4)
    ) {
        let word = |writes: bool| if writes { "write" } else { "read" };
        let text: Vec<_> = keys.iter().map(|(name, writes, hash)| format!("{name}:{}:{hash}", word(*writes))).collect();
        let config = load("ANALYZE_API_KEYS", &text.join(", ")).map_err(TestCaseError::fail)?;
        prop_assert_eq!(config.api_keys.len(), keys.len());
        for (key, (name, writes, hash)) in config.api_keys.iter().zip(&keys) {
            prop_assert_eq!((&key.name, key.right == Right::Write, &key.sha256), (name, *writes, &hash.to_ascii_lowercase()));
        }
    }

    #[test]
    fn what_is_nearly_a_key_is_refused(text in "[a-z]{0,3}:(read|write|admin|):[0-9a-g]{62,66}(:x)?") {
        let right = text.split(':').collect::<Vec<_>>();
        let is_key = right.len() == 3
            && !right[0].is_empty()
            && ["read", "write"].contains(&right[1])
            && right[2].len() == 64
            && !right[2].contains('g');
        prop_assert_eq!(load("ANALYZE_API_KEYS", &text).is_ok(), is_key);
    }
}
