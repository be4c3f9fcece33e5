//! Reading a JSON body: size, encoding, media type, syntax, shape, in this order, each with its own answer.
//!
//! The struct derives `Object` for the document and `Deserialize` with `deny_unknown_fields` for the check, so that a
//! refusal can name the field. A body whose type has a default may be absent, whatever its media type.

use std::time::Duration;

use poem::error::ReadBodyError;
use poem::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use poem::{Request, RequestBody, Result};
use poem_openapi::registry::{MetaMediaType, MetaRequest, Registry};
use poem_openapi::types::Type;
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::constraint::{Constraint, Invalid};
use super::error::{ApiError, Code};
use super::repeats;
use super::reply::JSON;

/// Largest body that is read.
pub const LIMIT: usize = 64 * 1024;

/// Longest time the bytes of a body are waited for.
#[derive(Debug, Clone, Copy)]
pub struct Patience(pub Duration);

/// A request object.
pub trait Body: Type + DeserializeOwned {
    /// What an absent body means; `None` when there must be one.
    fn when_absent() -> Option<Self>;
}

/// A body that was read and checked.
#[derive(Debug)]
pub struct JsonBody<T>(pub T);

impl<'a, T: Body> ApiExtractor<'a> for JsonBody<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];
    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        let content = vec![MetaMediaType {
            content_type: JSON,
            schema: T::schema_ref(),
        }];
        Some(MetaRequest {
            description: None,
            content,
            required: T::when_absent().is_none(),
        })
    }

    async fn from_request(request: &'a Request, body: &mut RequestBody, _: ExtractParamOptions<()>) -> Result<Self> {
        let declared = request
            .header("content-length")
            .and_then(|length| length.parse::<usize>().ok());
        if declared.is_some_and(|length| length > LIMIT) {
            return Err(too_large().into());
        }
        let bytes = arrive(request, body).await?;
        if request.headers().contains_key(CONTENT_ENCODING) {
            return Err(ApiError::new(Code::UnsupportedMediaType, "an encoded body is not read").into());
        }
        if bytes.is_empty() {
            let absent = T::when_absent().ok_or_else(|| refuse("body", Constraint::Required, "must be given"))?;
            return Ok(Self(absent));
        }
        if !is_json(request) {
            return Err(ApiError::new(Code::UnsupportedMediaType, "the body must be application/json in UTF-8").into());
        }
        Ok(read(&bytes).map(Self)?)
    }
}

/// The bytes of the body, all of them, in time.
async fn arrive(request: &Request, body: &mut RequestBody) -> Result<Vec<u8>> {
    let whole = body.take()?.into_bytes_limit(LIMIT);
    let read = match request.data::<Patience>() {
        Some(Patience(longest)) => tokio::time::timeout(*longest, whole).await,
        None => Ok(whole.await),
    };
    let late = |_| ApiError::new(Code::BadRequest, "the body took too long to arrive");
    Ok(read.map_err(late)?.map_err(|error| unread(&error))?.into())
}

fn unread(error: &ReadBodyError) -> ApiError {
    match error {
        ReadBodyError::PayloadTooLarge => too_large(),
        _ => ApiError::new(Code::BadRequest, "the body did not arrive whole"),
    }
}

fn too_large() -> ApiError {
    ApiError::new(Code::PayloadTooLarge, "the body is larger than 64 KiB")
}

fn refuse(field: &str, constraint: Constraint, message: &str) -> ApiError {
    ApiError::invalid(field, &Invalid::new(constraint, message))
}

/// One media type, `application/json`, in the only character set that JSON has.
fn is_json(request: &Request) -> bool {
    let mut kinds = request.headers().get_all(CONTENT_TYPE).iter();
    let (Some(kind), None) = (kinds.next(), kinds.next()) else {
        return false;
    };
    let mut parts = kind.to_str().unwrap_or_default().split(';').map(str::trim);
    parts.next().is_some_and(|essence| essence.eq_ignore_ascii_case(JSON)) && parts.all(is_utf8_if_charset)
}

fn is_utf8_if_charset(parameter: &str) -> bool {
    let Some((name, value)) = parameter.split_once('=') else {
        return true;
    };
    !name.trim().eq_ignore_ascii_case("charset") || value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
}

pub(crate) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    let value: Value = serde_json::from_slice(bytes)
        .map_err(|error| ApiError::new(Code::BadRequest, format!("the body is not JSON: {error}")))?;
    if !value.is_object() {
        return Err(refuse("body", Constraint::Type, "must be a JSON object"));
    }
    if let Some(field) = repeats::first_repeated(bytes) {
        return Err(refuse(&field, Constraint::Format, "must be given once only"));
    }
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().to_string();
        let text = error.into_inner().to_string();
        ApiError::invalid(field_of(&path, &text), &Invalid::from_serde(&text))
    })
}

/// The path of the refused value. For an absent field serde names the parent and the field in its text.
fn field_of(path: &str, text: &str) -> String {
    let missing = text
        .strip_prefix("missing field `")
        .and_then(|rest| rest.split('`').next());
    match (missing, path) {
        (Some(name), ".") => name.to_owned(),
        (Some(name), _) => format!("{path}.{name}"),
        (None, ".") => "body".to_owned(),
        (None, _) => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::http::nullable::{present, present_object};
    use crate::http::values::{Int, Timestamp};

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        #[serde(default, deserialize_with = "present")]
        _count: Option<Int<1, 3>>,
        #[serde(default, deserialize_with = "present")]
        _at: Option<Timestamp>,
        _needed: bool,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Word {
        Yes,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Outer {
        #[serde(default, deserialize_with = "present")]
        _word: Option<Word>,
        #[serde(default, deserialize_with = "present_object")]
        _inner: Option<Inner>,
    }

    fn refusal(body: &str) -> (String, String) {
        let error = read::<Outer>(body.as_bytes()).expect_err(body);
        error.refused().unwrap_or_default()
    }

    #[test]
    fn every_rule_that_serde_checks_names_its_field_and_its_word() {
        for (body, field, constraint) in [
            (r#"{"x": 1}"#, "x", "unknown"),
            (r#"{"_inner": {"x": 1, "_needed": true}}"#, "_inner.x", "unknown"),
            (r#"{"_inner": {}}"#, "_inner._needed", "required"),
            (r#"{"_inner": {"_needed": 1}}"#, "_inner._needed", "type"),
            (r#"{"_inner": {"_needed": null}}"#, "_inner._needed", "type"),
            (r#"{"_inner": null}"#, "_inner", "type"),
            (r#"{"_inner": []}"#, "_inner", "type"),
            (
                r#"{"_inner": {"_needed": true, "_count": 0}}"#,
                "_inner._count",
                "minimum",
            ),
            (
                r#"{"_inner": {"_needed": true, "_count": 4}}"#,
                "_inner._count",
                "maximum",
            ),
            (
                r#"{"_inner": {"_needed": true, "_count": null}}"#,
                "_inner._count",
                "type",
            ),
            (
                r#"{"_inner": {"_needed": true, "_at": "soon"}}"#,
                "_inner._at",
                "format",
            ),
            (r#"{"_word": "no"}"#, "_word", "enum"),
            (r#"{"_word": "yes", "_word": "yes"}"#, "_word", "format"),
            (
                r#"{"_inner": {"_needed": true, "_needed": false}}"#,
                "_inner._needed",
                "format",
            ),
            ("[]", "body", "type"),
            ("null", "body", "type"),
        ] {
            assert_eq!(refusal(body), (field.to_owned(), constraint.to_owned()), "{body}");
        }
    }

    #[test]
    fn text_that_is_not_json_is_a_bad_request_and_no_refused_value() {
        for body in ["{", "{\"a\": 1}}", "\u{feff}{}", "nope", " "] {
            let error = read::<Outer>(body.as_bytes()).expect_err(body);
            assert!(error.refused().is_none(), "{body}");
        }
    }
}
