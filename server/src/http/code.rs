//! The codes of errors and the one map from code to status.

use poem::http::StatusCode;

/// What went wrong, for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// The body is not JSON.
    BadRequest,
    /// Key missing, unknown or contradicting.
    Unauthorized,
    /// Key without the right; foreign Origin or Host.
    Forbidden,
    /// No such route or thing.
    NotFound,
    /// The route exists, the method does not.
    MethodNotAllowed,
    /// Single flight is taken.
    AnalysisAlreadyRunning,
    /// Nothing of the position is held any more.
    PositionAlreadyClosed,
    /// The payload has passed its retention.
    Gone,
    /// The body is larger than 64 KiB.
    PayloadTooLarge,
    /// Not application/json, or encoded.
    UnsupportedMediaType,
    /// A value was refused.
    ValidationError,
    /// Too many at once, or too many in a while.
    RateLimited,
    /// The database failed.
    DatabaseError,
    /// A bug of ours.
    Internal,
    /// The database is locked by somebody.
    DatabaseBusy,
    /// Nobody knows the price now.
    PriceUnavailable,
    /// Not able to serve yet, or any more.
    NotReady,
}

impl Code {
    /// The served word and its status.
    #[must_use]
    pub const fn parts(self) -> (&'static str, StatusCode) {
        match self {
            Self::BadRequest => ("BAD_REQUEST", StatusCode::BAD_REQUEST),
            Self::Unauthorized => ("UNAUTHORIZED", StatusCode::UNAUTHORIZED),
            Self::Forbidden => ("FORBIDDEN", StatusCode::FORBIDDEN),
            Self::NotFound => ("NOT_FOUND", StatusCode::NOT_FOUND),
            Self::MethodNotAllowed => ("METHOD_NOT_ALLOWED", StatusCode::METHOD_NOT_ALLOWED),
            Self::AnalysisAlreadyRunning => ("ANALYSIS_ALREADY_RUNNING", StatusCode::CONFLICT),
            Self::PositionAlreadyClosed => ("POSITION_ALREADY_CLOSED", StatusCode::CONFLICT),
            Self::Gone => ("GONE", StatusCode::GONE),
            Self::PayloadTooLarge => ("PAYLOAD_TOO_LARGE", StatusCode::PAYLOAD_TOO_LARGE),
            Self::UnsupportedMediaType => ("UNSUPPORTED_MEDIA_TYPE", StatusCode::UNSUPPORTED_MEDIA_TYPE),
            Self::ValidationError => ("VALIDATION_ERROR", StatusCode::UNPROCESSABLE_ENTITY),
            Self::RateLimited => ("RATE_LIMITED", StatusCode::TOO_MANY_REQUESTS),
            Self::DatabaseError => ("DATABASE_ERROR", StatusCode::INTERNAL_SERVER_ERROR),
            Self::Internal => ("INTERNAL", StatusCode::INTERNAL_SERVER_ERROR),
            Self::DatabaseBusy => ("DATABASE_BUSY", StatusCode::SERVICE_UNAVAILABLE),
            Self::PriceUnavailable => ("PRICE_UNAVAILABLE", StatusCode::SERVICE_UNAVAILABLE),
            Self::NotReady => ("NOT_READY", StatusCode::SERVICE_UNAVAILABLE),
        }
    }
}
