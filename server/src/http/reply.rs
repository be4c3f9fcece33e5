//! How an operation declares what it answers, and the two types its handler returns.
//!
//! Each operation has a zero-size type that implements [`Operation`]. The handler returns `Handled<T, Op>`: a
//! [`Reply`] whose every status carries the schema `T`, or a [`Fail`] whose every status carries the error schema. So
//! the document can never show two success schemas or two error schemas, which generated clients could not represent.

use std::marker::PhantomData;

use poem::http::{HeaderName, HeaderValue, StatusCode};
use poem::{IntoResponse, Response};
use poem_openapi::ApiResponse;
use poem_openapi::registry::{
    MetaHeader, MetaMediaType, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry,
};
use poem_openapi::types::{ParseFromJSON, ToJSON, Type};

use super::envelope::{Envelope, Meta};
use super::error::{ApiError, ErrorBody};

/// Media type of every JSON body.
pub const JSON: &str = "application/json";

/// A response header as the document describes it.
#[derive(Debug, Clone, Copy)]
pub struct HeaderDoc {
    /// Name in its proper case.
    pub name: &'static str,
    /// What it tells.
    pub description: &'static str,
    /// Type of its schema: `string` or `integer`.
    pub ty: &'static str,
}

/// One status an operation answers when it went well.
#[derive(Debug, Clone, Copy)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// When it is given.
    pub description: &'static str,
    /// Headers it may carry.
    pub headers: &'static [HeaderDoc],
}

impl Answer {
    /// The plain 200.
    pub const OK: Self = Self {
        status: 200,
        description: "What was asked for.",
        headers: &[],
    };
}

/// Seconds to wait before asking again.
pub const RETRY_AFTER: HeaderDoc = HeaderDoc {
    name: "Retry-After",
    description: "Seconds to wait before asking again.",
    ty: "integer",
};

/// What one operation can answer.
pub trait Operation: Send + Sync + 'static {
    /// Statuses when it went well, all with one schema.
    const ANSWERS: &'static [Answer] = &[Answer::OK];
    /// Statuses of errors beside those that every operation can answer.
    const ERRORS: &'static [u16];
}

/// Errors that every operation can answer.
pub const COMMON_ERRORS: [u16; 4] = [401, 403, 500, 503];

/// What a handler returns.
pub type Handled<T, O> = Result<Reply<T, O>, Fail<O>>;

/// A finished answer of the schema `T`.
pub struct Reply<T, O>(Response, PhantomData<fn() -> (T, O)>);

impl<T: ToJSON, O: Operation> Reply<T, O> {
    /// 200 with a body.
    #[must_use]
    pub fn ok(body: &T) -> Self {
        Self::with_status(StatusCode::OK, body)
    }

    /// Any of the operation's statuses with a body.
    #[must_use]
    pub fn with_status(status: StatusCode, body: &T) -> Self {
        let text = serde_json::to_vec(&body.to_json()).unwrap_or_default(); // a Value always serialises
        Self(
            Response::builder().status(status).content_type(JSON).body(text),
            PhantomData,
        )
    }

    /// Adds a header; one whose value HTTP cannot carry is left out.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl TryInto<HeaderValue>) -> Self {
        if let Ok(value) = value.try_into() {
            self.0.headers_mut().insert(HeaderName::from_static(name), value);
        }
        self
    }
}

impl<T, O: Operation> Reply<Envelope<T>, O>
where
    T: ParseFromJSON + ToJSON + Type,
{
    /// 200 with an envelope around one thing that is JSON already.
    #[must_use]
    pub fn written(data: &str) -> Self {
        let text = format!(r#"{{"data":{data},"meta":{}}}"#, Meta::now().to_json_string());
        Self(Response::builder().content_type(JSON).body(text), PhantomData)
    }
}

impl<T: Send, O> IntoResponse for Reply<T, O> {
    fn into_response(self) -> Response {
        self.0
    }
}

impl<T: Type, O: Operation> ApiResponse for Reply<T, O> {
    fn meta() -> MetaResponses {
        let one = |answer: &Answer| MetaResponse {
            description: answer.description,
            status: Some(answer.status),
            status_range: None,
            content: vec![MetaMediaType {
                content_type: JSON,
                schema: T::schema_ref(),
            }],
            headers: answer.headers.iter().map(meta_header).collect(),
        };
        MetaResponses {
            responses: O::ANSWERS.iter().map(one).collect(),
        }
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

/// A finished answer of the error schema, or one without a body (304).
pub struct Fail<O>(Response, PhantomData<fn() -> O>);

impl<O> Fail<O> {
    /// A finished answer outside of the schemas: a 304, which the document mentions in words only.
    #[must_use]
    pub fn finished(response: Response) -> Self {
        Self(response, PhantomData)
    }
}

impl<O, E: Into<ApiError>> From<E> for Fail<O> {
    fn from(error: E) -> Self {
        Self(error.into().into_response(), PhantomData)
    }
}

impl<O> From<Fail<O>> for poem::Error {
    fn from(fail: Fail<O>) -> Self {
        Self::from_response(fail.0)
    }
}

impl<O: Operation> ApiResponse for Fail<O> {
    fn meta() -> MetaResponses {
        let mut statuses: Vec<u16> = COMMON_ERRORS.iter().chain(O::ERRORS).copied().collect();
        statuses.sort_unstable();
        let one = |status: u16| MetaResponse {
            description: describe(status),
            status: Some(status),
            status_range: None,
            content: vec![MetaMediaType {
                content_type: JSON,
                schema: ErrorBody::schema_ref(),
            }],
            headers: error_headers(status).iter().map(meta_header).collect(),
        };
        MetaResponses {
            responses: statuses.into_iter().map(one).collect(),
        }
    }

    fn register(registry: &mut Registry) {
        ErrorBody::register(registry);
    }
}

fn error_headers(status: u16) -> &'static [HeaderDoc] {
    const CHALLENGE: HeaderDoc = HeaderDoc {
        name: "WWW-Authenticate",
        description: "The scheme to use: `Bearer`.",
        ty: "string",
    };
    match status {
        401 => &[CHALLENGE],
        409 | 429 | 503 => &[RETRY_AFTER],
        _ => &[],
    }
}

fn describe(status: u16) -> &'static str {
    match status {
        400 => "`BAD_REQUEST`: the body is not JSON.",
        401 => "`UNAUTHORIZED`: the key is missing, unknown, or contradicts another one.",
        403 => "`FORBIDDEN`: the key lacks the right, or Host or Origin is foreign.",
        404 => "`NOT_FOUND`: there is no such thing.",
        409 => "A conflict with what is already there; nothing changed. The code names it.",
        410 => "`GONE`: it existed, and its payload has passed its retention.",
        413 => "`PAYLOAD_TOO_LARGE`: the body is larger than 64 KiB.",
        415 => "`UNSUPPORTED_MEDIA_TYPE`: the body is not application/json, or is encoded.",
        422 => "`VALIDATION_ERROR`: a value was refused; `details` names the field and the rule.",
        429 => "`RATE_LIMITED`: too many requests.",
        500 => "`INTERNAL` or `DATABASE_ERROR`: our fault; the log knows the request id.",
        503 => "`DATABASE_BUSY`, `PRICE_UNAVAILABLE` or `NOT_READY`: nothing changed; try again.",
        _ => "An error.",
    }
}

fn meta_header(header: &HeaderDoc) -> MetaHeader {
    MetaHeader {
        name: header.name.to_owned(),
        description: Some(header.description.to_owned()),
        required: false,
        deprecated: false,
        schema: MetaSchemaRef::Inline(Box::new(MetaSchema::new(header.ty))),
    }
}
