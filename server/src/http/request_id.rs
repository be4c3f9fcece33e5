//! The name of a request: echoed when the client sent a usable one, else made here.

use std::sync::Arc;

use poem::Request;
use uuid::Uuid;

/// Header that carries it both ways.
pub const HEADER: &str = "x-request-id";

tokio::task_local! {
    static CURRENT: Arc<str>;
}

/// The client's `X-Request-Id` when it matches `^[A-Za-z0-9._:-]{1,128}$`, else a new `UUIDv7`.
#[must_use]
pub fn of(request: &Request) -> Arc<str> {
    match request.header(HEADER) {
        Some(text) if is_usable(text) => text.into(),
        _ => Uuid::now_v7()
            .hyphenated()
            .encode_lower(&mut Uuid::encode_buffer())
            .to_owned()
            .into(),
    }
}

/// Runs `work` under a request id, so that envelopes made inside carry it.
pub async fn scope<F: Future>(id: Arc<str>, work: F) -> F::Output {
    CURRENT.scope(id, work).await
}

/// The id of the request being answered; empty outside of one.
#[must_use]
pub fn current() -> String {
    CURRENT.try_with(ToString::to_string).unwrap_or_default()
}

fn is_usable(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._:-".contains(&byte);
    (1..=128).contains(&text.len()) && text.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_usable_id_is_echoed_and_any_other_replaced() {
        let with = |id: &str| of(&Request::builder().header(HEADER, id).finish()).to_string();
        let longest = "a".repeat(128);
        assert_eq!(with("job-1:a.b_c"), "job-1:a.b_c");
        assert_eq!(with(&longest), longest);
        for bad in ["", "a b", "a/b", "<script>", &"a".repeat(129)] {
            assert_ne!(with(bad), bad);
            assert_eq!(with(bad).len(), 36);
        }
    }
}
