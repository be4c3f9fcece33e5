use poem::RequestBuilder;
use poem::http::StatusCode;
use shared::config::Layers;

use super::*;

/// SHA-256 of `reader` and `writer`.
const KEYS: &str = "r:read:3d0941964aa3ebdcb00ccef58b1bb399f9f898465e9886d5aec7f31090a0fb30,\
                    w:write:b93006774cbdd4b299389a03ac3d88c3a76b460d538795bc12718011a909fba5";

fn config(pairs: &[(&str, &str)]) -> Config {
    let flags: Vec<_> = pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    Config::from_layers(Layers::new(&flags, &[], &[]).expect("known names")).expect("right values")
}

fn open() -> Guard {
    Guard::new(&config(&[
        ("ANALYZE_ALLOWED_HOSTS", "analyze.lan,box:9000"),
        ("ANALYZE_CORS_ORIGINS", "https://ui.lan"),
    ]))
}

fn keyed() -> Guard {
    Guard::new(&config(&[("ANALYZE_API_KEYS", KEYS)]))
}

fn get(path: &str) -> RequestBuilder {
    Request::builder().uri_str(path)
}

fn post(path: &str) -> RequestBuilder {
    get(path).method(Method::POST)
}

/// The name a request is let in under, or the status it is refused with.
fn verdict(guard: &Guard, request: RequestBuilder) -> Result<String, StatusCode> {
    match guard.admit(&request.finish()) {
        Ok(principal) => Ok(principal.0.to_string()),
        Err(error) => Err(error.into_response().status()),
    }
}

#[test]
fn without_keys_only_loopback_and_allowed_hosts_are_served() {
    for host in [
        "localhost",
        "localhost:8000",
        "LOCALHOST",
        "127.0.0.1:8000",
        "127.1.2.3",
        "[::1]:8000",
        "analyze.lan:80",
        "box:9000",
    ] {
        assert_eq!(
            verdict(&open(), get("/runs").header("host", host)),
            Ok("anonymous".into()),
            "{host}"
        );
    }
    for host in [
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "10.0.0.1",
        "",
        "box:9001",
        "box",
    ] {
        assert_eq!(
            verdict(&open(), get("/runs").header("host", host)),
            Err(StatusCode::FORBIDDEN),
            "{host}"
        );
    }
    assert_eq!(verdict(&open(), get("/runs")), Err(StatusCode::FORBIDDEN));
    assert_eq!(
        verdict(&open(), get("http://evil.example/runs").header("host", "localhost")),
        Err(StatusCode::FORBIDDEN)
    );
}

#[test]
fn with_keys_every_route_but_health_and_document_needs_one() {
    for path in [
        "/livez",
        "/readyz",
        "/docs",
        "/docs/ui.js",
        "/openapi.json",
        "/openapi.yaml",
    ] {
        assert!(verdict(&keyed(), get(path)).is_ok(), "{path}");
    }
    for path in ["/runs", "/status", "/metrics", "/nowhere", "/docsx", "/livez/"] {
        assert_eq!(verdict(&keyed(), get(path)), Err(StatusCode::UNAUTHORIZED), "{path}");
    }
}

#[test]
fn a_key_is_taken_from_either_header_and_contradictions_are_refused() {
    let with = |name: &str, value: &str| get("/runs").header(name, value);
    assert_eq!(
        verdict(&keyed(), with("authorization", "Bearer reader")),
        Ok("r".into())
    );
    assert_eq!(
        verdict(&keyed(), with("authorization", "bearer writer")),
        Ok("w".into())
    );
    assert_eq!(verdict(&keyed(), with("x-api-key", "writer")), Ok("w".into()));
    assert_eq!(
        verdict(
            &keyed(),
            with("x-api-key", "writer").header("authorization", "Bearer writer")
        ),
        Ok("w".into())
    );
    let refused = [
        with("authorization", "Bearer reade"),
        with("authorization", "Bearer "),
        with("authorization", "Basic cmVhZGVy"),
        with("authorization", "reader"),
        with("x-api-key", "writer").header("authorization", "Bearer reader"),
        with("x-api-key", "writer").header("x-api-key", "reader"),
        get("/runs?key=writer"),
    ];
    for request in refused {
        assert_eq!(verdict(&keyed(), request), Err(StatusCode::UNAUTHORIZED));
    }
}

#[test]
fn a_reading_key_may_not_write() {
    let read = post("/analyze").header("x-api-key", "reader");
    assert_eq!(verdict(&keyed(), read), Err(StatusCode::FORBIDDEN));
    assert_eq!(
        verdict(&keyed(), post("/analyze").header("x-api-key", "writer")),
        Ok("w".into())
    );
}

#[test]
fn a_page_of_another_origin_may_not_write() {
    let from = |origin: &str| {
        post("/analyze")
            .header("host", "localhost:8000")
            .header("origin", origin)
    };
    for origin in ["http://localhost:8000", "https://localhost:8000", "https://ui.lan"] {
        assert!(verdict(&open(), from(origin)).is_ok(), "{origin}");
    }
    for origin in [
        "null",
        "http://localhost:9000",
        "http://evil.example",
        "https://ui.lan.evil.example",
        "",
    ] {
        assert_eq!(verdict(&open(), from(origin)), Err(StatusCode::FORBIDDEN), "{origin}");
    }
    let read = get("/runs")
        .header("host", "localhost:8000")
        .header("origin", "http://evil.example");
    assert!(verdict(&open(), read).is_ok());
}

#[test]
fn an_open_bind_without_keys_is_refused_with_its_remedies() {
    let listen = ("ANALYZE_LISTEN", "0.0.0.0:8000");
    let reason = refuse_open_bind(&config(&[listen])).expect("a refusal");
    for part in [
        "ANALYZE_LISTEN=0.0.0.0:8000",
        "ANALYZE_API_KEYS",
        "ANALYZE_TRUST_NETWORK=1",
    ] {
        assert!(reason.contains(part), "{reason}");
    }
    assert_eq!(refuse_open_bind(&config(&[])), None);
    assert_eq!(refuse_open_bind(&config(&[("ANALYZE_LISTEN", "[::1]:8000")])), None);
    assert_eq!(
        refuse_open_bind(&config(&[listen, ("ANALYZE_TRUST_NETWORK", "1")])),
        None
    );
    assert_eq!(refuse_open_bind(&config(&[listen, ("ANALYZE_API_KEYS", KEYS)])), None);
}
