//! `/auth/status`: whether the login of the live market source still holds.
//!
//! The login lives in a file beside the database, which whoever logs in or refreshes writes. Only its two times are
//! read here: no token ever reaches this process, nothing is refreshed and nobody is asked.

mod login;

use chrono::{DateTime, TimeDelta, Utc};
use poem_openapi::{Enum, Object, OpenApi};

use crate::app::App;
use crate::http::envelope::Envelope;
use crate::http::error::{ApiError, Code};
use crate::http::nullable::Nullable;
use crate::http::reply::{Handled, Operation, Reply};
use crate::http::values::Timestamp;
use crate::tags::Tags;
use login::Login;

/// A login with less time than this left should be renewed by a person.
const SOON: TimeDelta = TimeDelta::hours(24);

/// How a login stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case")]
pub enum AuthState {
    /// It holds for a day or longer.
    Healthy,
    /// It ends within 24 hours.
    Warning,
    /// It has ended: somebody has to log in again.
    Expired,
    /// Nobody has logged in, and nothing here needs it.
    NotConfigured,
}

/// The login of the live market source.
#[derive(Debug, Clone, PartialEq, Eq, Object)]
pub struct AuthStatus {
    /// How it stands: `healthy`, `warning` (it ends within 24 hours), `expired`, or `not_configured` when nobody has
    /// logged in. The refresh token alone decides: an access token lives for half an hour and is renewed with it.
    pub status: AuthState,
    /// True when it has ended or ends within 24 hours.
    pub warning: bool,
    /// End of the access token; null when nobody has logged in.
    pub access_token_expires_at: Nullable<Timestamp>,
    /// End of the refresh token; null when nobody has logged in.
    pub refresh_token_expires_at: Nullable<Timestamp>,
}

impl AuthStatus {
    fn of(login: Option<&Login>, now: DateTime<Utc>) -> Self {
        let status = match login.map(|login| login.refresh_expires_at - now) {
            None => AuthState::NotConfigured,
            Some(left) if left <= TimeDelta::zero() => AuthState::Expired,
            Some(left) if left < SOON => AuthState::Warning,
            Some(_) => AuthState::Healthy,
        };
        Self {
            status,
            warning: matches!(status, AuthState::Warning | AuthState::Expired),
            access_token_expires_at: login.map(|login| login.expires_at).into(),
            refresh_token_expires_at: login.map(|login| login.refresh_expires_at).into(),
        }
    }
}

/// `GET /auth/status`
pub struct GetAuthStatus;
impl Operation for GetAuthStatus {
    const ERRORS: &'static [u16] = &[];
}

/// The operations.
pub struct AuthApi(pub App);

#[OpenApi(tag = "Tags::System")]
impl AuthApi {
    /// Get the state of the market login
    ///
    /// Whether the login of the live market source still holds. It is told from the stored login alone: nothing is
    /// refreshed, and nobody is asked. 503 `NOT_READY` when a login is stored and cannot be read.
    #[oai(path = "/auth/status", method = "get", operation_id = "get_auth_status")]
    async fn get_auth_status(&self) -> Handled<Envelope<AuthStatus>, GetAuthStatus> {
        let login = login::read(&login::beside(self.0.store.path()))
            .await
            .map_err(|cause| {
                tracing::warn!(%cause, "the login of the market source cannot be read");
                ApiError::new(Code::NotReady, "the stored login cannot be read; the log tells why")
            })?;
        let status = AuthStatus::of(login.as_ref(), shared::clock::now());
        Ok(Reply::ok(&Envelope::new(status)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("a time")
    }

    fn ending(refresh_expires_at: &str) -> Login {
        Login {
            expires_at: at("2026-01-05T20:30:00Z"),
            refresh_expires_at: at(refresh_expires_at),
        }
    }

    #[test]
    fn the_refresh_token_alone_decides() {
        let now = at("2026-01-05T21:00:00Z"); // the access token has ended already
        let judged = |end| {
            let status = AuthStatus::of(Some(&ending(end)), now);
            (status.status, status.warning)
        };
        assert_eq!(judged("2026-01-12T20:00:00Z"), (AuthState::Healthy, false));
        assert_eq!(judged("2026-01-06T21:00:00Z"), (AuthState::Healthy, false));
        assert_eq!(judged("2026-01-06T20:59:59Z"), (AuthState::Warning, true));
        assert_eq!(judged("2026-01-05T21:00:00Z"), (AuthState::Expired, true));
    }

    #[test]
    fn without_a_login_there_is_nothing_to_warn_of() {
        let status = AuthStatus::of(None, at("2026-01-05T21:00:00Z"));
        assert_eq!((status.status, status.warning), (AuthState::NotConfigured, false));
        assert_eq!(status.refresh_token_expires_at, Nullable(None));
    }
}
