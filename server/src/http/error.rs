//! Errors of the API: what a client is told, and how each error becomes an answer.
//!
//! Everything that can go wrong becomes an [`ApiError`]; the store's errors in exactly one `From`. The cause of a 500
//! is logged beside the request id and never shown.

use std::borrow::Cow;

use poem::Response;
use poem::http::StatusCode;
use poem::http::header::{ALLOW, RETRY_AFTER, WWW_AUTHENTICATE};
use poem_openapi::Object;
use poem_openapi::types::ToJSON;
use shared::store::StoreError;

pub use super::code::Code;
use super::constraint::{Constraint, Invalid};
use super::envelope::Meta;
use super::nullable::Nullable;
use super::reply::JSON;
use crate::runs::active::ActiveRun;

/// A source of prices that failed is worth asking again after this.
const PRICE_RETRY_SECONDS: u64 = 30;

/// Details of an error, as far as its code has any.
#[derive(Debug, Clone, Default, Object)]
#[oai(skip_serializing_if_is_none)]
pub struct ErrorDetails {
    /// `VALIDATION_ERROR`: the refused value, as a path with dots (`options.as_of`, `query.limit`,
    /// `header.idempotency-key`); `body` is the whole body.
    pub field: Nullable<String>,
    /// `VALIDATION_ERROR`: the rule it broke: type, required, unknown, minimum, maximum, length, pattern, enum,
    /// format or conflict.
    pub constraint: Nullable<String>,
    /// `ANALYSIS_ALREADY_RUNNING`: the run that holds the single flight.
    pub active_run: Option<ActiveRun>,
}

/// What went wrong.
#[derive(Debug, Clone, Object)]
#[oai(skip_serializing_if_is_none)]
pub struct ErrorInfo {
    /// For programs. Known: `BAD_REQUEST`, `UNAUTHORIZED`, `FORBIDDEN`, `NOT_FOUND`, `METHOD_NOT_ALLOWED`,
    /// `ANALYSIS_ALREADY_RUNNING`, `POSITION_ALREADY_CLOSED`, `GONE`, `PAYLOAD_TOO_LARGE`, `UNSUPPORTED_MEDIA_TYPE`,
    /// `VALIDATION_ERROR`, `RATE_LIMITED`, `DATABASE_ERROR`, `INTERNAL`, `DATABASE_BUSY`, `PRICE_UNAVAILABLE`,
    /// `NOT_READY`. More may follow.
    pub code: String,
    /// For people.
    pub message: String,
    /// Absent when the code has no details.
    pub details: Option<ErrorDetails>,
}

/// The envelope of every error.
#[derive(Debug, Clone, Object)]
pub struct ErrorBody {
    /// What went wrong.
    pub error: ErrorInfo,
    /// About the answer.
    pub meta: Meta,
}

/// An error on its way to the client.
#[derive(Debug)]
pub struct ApiError {
    code: Code,
    message: Cow<'static, str>,
    details: Option<Box<ErrorDetails>>,
    retry_after: Option<u64>,
    allow: Option<String>,
}

impl ApiError {
    /// An error without details.
    #[must_use]
    pub fn new(code: Code, message: impl Into<Cow<'static, str>>) -> Self {
        let passes = matches!(
            code.parts().1,
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS
        );
        let retry_after = passes.then_some(1);
        Self {
            code,
            message: message.into(),
            details: None,
            retry_after,
            allow: None,
        }
    }

    /// A refused value.
    #[must_use]
    pub fn invalid(field: impl Into<String>, invalid: &Invalid) -> Self {
        let field = field.into();
        let message = format!("{field} {}", invalid.message);
        let constraint = Some(invalid.constraint.as_str().to_owned()).into();
        let details = ErrorDetails {
            field: Some(field).into(),
            constraint,
            active_run: None,
        };
        Self {
            details: Some(details.into()),
            ..Self::new(Code::ValidationError, message)
        }
    }

    /// A value that contradicts what is already known.
    #[must_use]
    pub fn conflict(field: &str, message: &str) -> Self {
        Self::invalid(field, &Invalid::new(Constraint::Conflict, message))
    }

    /// The 404 of a thing.
    #[must_use]
    pub fn not_found(what: &'static str) -> Self {
        Self::new(Code::NotFound, format!("there is no such {what}"))
    }

    /// The 405 of a path that knows other methods.
    #[must_use]
    pub fn method_not_allowed(allow: String) -> Self {
        let message = format!("this path knows {allow} only");
        Self {
            allow: Some(allow),
            ..Self::new(Code::MethodNotAllowed, message)
        }
    }

    /// The 409 of single flight.
    #[must_use]
    pub fn already_running(active: ActiveRun, retry_after: u64) -> Self {
        let message = format!(
            "run {} is {} and holds the single flight",
            active.run_id,
            active.status_word()
        );
        let details = ErrorDetails {
            active_run: Some(active),
            ..ErrorDetails::default()
        };
        let base = Self::new(Code::AnalysisAlreadyRunning, message);
        Self {
            details: Some(details.into()),
            retry_after: Some(retry_after),
            ..base
        }
    }

    /// The 429 of a caller who wrote too often.
    #[must_use]
    pub fn too_many_writes(seconds: u64) -> Self {
        Self {
            retry_after: Some(seconds),
            ..Self::new(
                Code::RateLimited,
                "too many writes with this key; ANALYZE_RATE_LIMIT sets the limit",
            )
        }
    }

    /// The 503 of a position that nobody can price now.
    #[must_use]
    pub fn price_unavailable() -> Self {
        Self {
            retry_after: Some(PRICE_RETRY_SECONDS),
            ..Self::new(
                Code::PriceUnavailable,
                "there is no price for this position now; nothing changed",
            )
        }
    }

    /// A bug: the cause goes to the log, the client learns the request id.
    #[must_use]
    pub fn internal(cause: &dyn std::fmt::Display) -> Self {
        tracing::error!(request.id = super::request_id::current(), %cause, "internal error");
        Self::new(
            Code::Internal,
            "something went wrong here; the log knows this request id",
        )
    }

    /// Field and rule of a refused value.
    #[cfg(test)]
    pub(crate) fn refused(&self) -> Option<(String, String)> {
        let details = self.details.as_ref()?;
        Some((details.field.0.clone()?, details.constraint.0.clone()?))
    }

    /// The finished answer, with the headers its code asks for.
    #[must_use]
    pub fn into_response(self) -> Response {
        let (word, status) = self.code.parts();
        let details = self.details.map(|details| *details);
        let error = ErrorInfo {
            code: word.to_owned(),
            message: self.message.into_owned(),
            details,
        };
        let body = ErrorBody {
            error,
            meta: Meta::now(),
        };
        let mut response = Response::builder().status(status).content_type(JSON);
        if let Some(seconds) = self.retry_after {
            response = response.header(RETRY_AFTER, seconds.to_string());
        }
        if let Some(methods) = self.allow {
            response = response.header(ALLOW, methods);
        }
        if self.code == Code::Unauthorized {
            response = response.header(WWW_AUTHENTICATE, "Bearer");
        }
        response.body(body.to_json_string())
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        if error.is_busy() {
            return Self::new(Code::DatabaseBusy, "the database is busy; nothing changed");
        }
        let chain: Vec<String> = causes(&error).map(ToString::to_string).collect();
        tracing::error!(
            request.id = super::request_id::current(),
            cause = chain.join(": "),
            "the database failed"
        );
        let message = match error {
            StoreError::Full(_) => "the disk that holds the database is full; nothing changed",
            error if error.is_of_disk() => "the disk that holds the database fails; nothing changed",
            _ => "the database failed; the log knows this request id",
        };
        Self::new(Code::DatabaseError, message)
    }
}

/// An error and what is behind it.
fn causes(error: &StoreError) -> impl Iterator<Item = &dyn std::error::Error> {
    std::iter::successors(Some(error as &dyn std::error::Error), |error| error.source())
}

impl From<ApiError> for poem::Error {
    fn from(error: ApiError) -> Self {
        Self::from_response(error.into_response())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_value_names_its_field_and_its_rule() {
        let invalid = Invalid::new(Constraint::Minimum, "must be at least 1");
        let error = ApiError::invalid("query.limit", &invalid);
        let details = error.details.expect("details");
        assert_eq!(details.field.0.as_deref(), Some("query.limit"));
        assert_eq!(details.constraint.0.as_deref(), Some("minimum"));
    }

    #[test]
    fn an_error_that_may_pass_says_when_to_come_back() {
        for code in [Code::DatabaseBusy, Code::NotReady, Code::RateLimited] {
            let response = ApiError::new(code, "not now").into_response();
            assert!(response.header("retry-after").is_some());
        }
        assert!(
            ApiError::new(Code::Internal, "no")
                .into_response()
                .header("retry-after")
                .is_none()
        );
    }
}
