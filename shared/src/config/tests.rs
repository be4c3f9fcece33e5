//! What settings are taken and refused.

use std::time::Duration;

use super::{CommentsKind, Config, ConfigError, DatabaseUrl, Layers, RateLimit, Right};

fn load(flags: &[(&str, &str)], environment: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let owned = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect()
    };
    Config::from_layers(Layers::new(&owned(flags), &owned(environment), &[])?)
}

#[test]
fn defaults_need_no_key_and_no_network() {
    let config = load(&[], &[]).unwrap();
    assert_eq!(config.comments, CommentsKind::Sample);
    assert_eq!(config.listen.to_string(), "127.0.0.1:8000");
    assert_eq!(config.hard_limit, Some(Duration::from_hours(1)));
    assert!(config.rate_limit.is_none());
}

#[test]
fn a_flag_beats_the_environment() {
    let config = load(&[("ANALYZE_CHUNK", "7")], &[("ANALYZE_CHUNK", "8"), ("HOME", "/x")]).unwrap();
    assert_eq!(config.chunk.get(), 7);
}

#[test]
fn an_unknown_name_is_refused_with_the_nearest_known_one() {
    let error = load(&[], &[("ANALYZE_LISTEM", "x")]).unwrap_err().to_string();
    assert!(
        error.contains("ANALYZE_LISTEM") && error.contains("did you mean ANALYZE_LISTEN"),
        "{error}"
    );
}

#[test]
fn fault_points_are_known_to_programs_that_have_them_and_to_no_others() {
    let asked = [("ANALYZE_FAULT", "unit.committed#3")];
    assert_eq!(load(&[], &asked).is_ok(), cfg!(feature = "faults"));
    assert!(load(&[], &[("ANALYZE_FAULT", "unit.committed")]).is_err());
}

#[test]
fn a_wrong_value_is_refused_with_what_was_expected() {
    for (name, value) in [
        ("ANALYZE_LISTEN", "8000"),
        ("ANALYZE_SOFT_LIMIT", "soon"),
        ("ANALYZE_SOFT_LIMIT", "0"),
        ("ANALYZE_HARD_LIMIT", "0s"),
        ("ANALYZE_ALLOWED_HOSTS", "http://x"),
        ("ANALYZE_ALLOWED_HOSTS", "box.lan,x/path"),
        ("ANALYZE_ALLOWED_HOSTS", "x:http"),
        ("ANALYZE_ALLOWED_HOSTS", "x:0"),
        ("ANALYZE_ALLOWED_HOSTS", "::1"),
        ("ANALYZE_ALLOWED_HOSTS", "[box]:80"),
        ("ANALYZE_MAX_CRASHES", "0"),
        ("ANALYZE_REQUEST_TIMEOUT", "0"),
        ("ANALYZE_COMMENTS", "dump:"),
        ("ANALYZE_COMMENTS", "reddit"),
        ("ANALYZE_LEASE", "6s"),
        ("ANALYZE_SUBREDDIT", "_x"),
        ("ANALYZE_RATE_LIMIT", "0/1s"),
        ("DATABASE_URL", "mysql://x"),
        ("ANALYZE_API_KEYS", "me:admin:00"),
        ("ANALYZE_API_KEYS", ","),
    ] {
        let error = load(&[], &[(name, value)]).unwrap_err().to_string();
        assert!(error.contains(name) && error.contains("expected"), "{error}");
    }
}

#[test]
fn hosts_are_names_and_addresses_with_a_port_or_without() {
    let config = load(
        &[("ANALYZE_ALLOWED_HOSTS", "box.lan, a_b-c:8000,10.0.0.1,[fe80::1]:80")],
        &[],
    )
    .unwrap();
    assert_eq!(config.allowed_hosts.len(), 4);
    assert_eq!(load(&[("ANALYZE_HARD_LIMIT", "off")], &[]).unwrap().hard_limit, None);
}

#[test]
fn a_key_never_shows() {
    let hash = "a".repeat(64);
    let config = load(&[], &[("ANALYZE_API_KEYS", &format!("me:write:{hash}"))]).unwrap();
    assert_eq!(config.api_keys[0].right, Right::Write);
    assert!(!config.describe().contains(&hash) && !format!("{config:?}").contains(&hash));
    assert_eq!(
        config.rate_limit,
        Some(RateLimit {
            count: 600,
            window: Duration::from_mins(1)
        })
    );
}

#[test]
fn two_names_for_the_database_are_one_too_many() {
    let both = [("DATABASE_URL", "sqlite://a.db"), ("ASYNC_JOBS_STORE_FILE", "b.db")];
    assert!(load(&[], &both).unwrap_err().to_string().contains("keep one"));
    let file = load(&[], &both[1..]).unwrap();
    assert_eq!(file.database, DatabaseUrl::Sqlite("b.db".into()));
}
