//! Parameters: query ([`Q`]), header ([`H`]) and path ([`Path`]).
//!
//! They build their refusals themselves, so that every one names its field and its rule. The document finds path
//! parameters by the name of the type, hence `Path`.

use std::borrow::Cow;

use poem::{Request, RequestBody, Result};
use poem_openapi::registry::{MetaParamIn, MetaSchemaRef, Registry};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};

use super::constraint::{Constraint, Invalid};
use super::error::ApiError;
use super::scalar::Parameter;
use super::values::Int;

/// A query parameter: at most once, and not empty.
#[derive(Debug, Clone, Copy)]
pub struct Q<T>(pub T);

/// A header: at most once, but that the lines of a list count as one, joined by commas.
#[derive(Debug, Clone, Copy)]
pub struct H<T>(pub T);

/// A part of the path; what cannot exist is not found.
#[derive(Debug, Clone, Copy)]
pub struct Path<T>(pub T);

/// A positive integer key.
pub type Key = Int<1, { i64::MAX }>;

macro_rules! parameter {
    ($name:ident, $place:ident, $read:expr) => {
        impl<'a, T: Parameter> ApiExtractor<'a> for $name<T> {
            const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::Parameter];
            const PARAM_IS_REQUIRED: bool = T::IS_REQUIRED;
            type ParamType = T;
            type ParamRawType = T::RawValueType;

            fn register(registry: &mut Registry) {
                T::register(registry);
            }

            fn param_in() -> Option<MetaParamIn> {
                Some(MetaParamIn::$place)
            }

            fn param_schema_ref() -> Option<MetaSchemaRef> {
                Some(T::schema_ref())
            }

            fn param_raw_type(&self) -> Option<&Self::ParamRawType> {
                self.0.as_raw_value()
            }

            async fn from_request(
                request: &'a Request,
                _: &mut RequestBody,
                options: ExtractParamOptions<T>,
            ) -> Result<Self> {
                let read: fn(&'a Request, ExtractParamOptions<T>) -> Result<T, ApiError> = $read;
                Ok(read(request, options).map(Self)?)
            }
        }
    };
}

parameter!(Q, Query, |request, options| {
    let found = match query_value(request, options.name) {
        Ok(found) => found,
        Err(invalid) => return Err(ApiError::invalid(format!("query.{}", options.name), &invalid)),
    };
    match (found, options.default_value) {
        (None, Some(default)) => Ok(default()),
        (text, _) => T::read_parameter(text.as_deref())
            .map_err(|invalid| ApiError::invalid(format!("query.{}", options.name), &invalid)),
    }
});

parameter!(H, Header, |request, options| {
    header_value(request, options.name, T::IS_LIST)
        .and_then(|text| T::read_parameter(text.as_deref()))
        .map_err(|invalid| ApiError::invalid(format!("header.{}", options.name.to_ascii_lowercase()), &invalid))
});

parameter!(Path, Path, |request, options| {
    let text = request.raw_path_param(options.name);
    T::read_parameter(text).map_err(|_| ApiError::not_found("thing"))
});

fn query_value(request: &Request, name: &str) -> Result<Option<String>, Invalid> {
    if request.uri().query().is_none_or(str::is_empty) {
        return Ok(None);
    }
    let pairs: Vec<(Cow<'_, str>, Cow<'_, str>)> = request.params().unwrap_or_default();
    let mut values = pairs
        .into_iter()
        .filter(|(known, _)| known == name)
        .map(|(_, value)| value.into_owned());
    let first = values.next();
    if values.next().is_some() {
        return Err(repeated());
    }
    if first.as_deref() == Some("") {
        return Err(Invalid::new(Constraint::Length, "must not be empty"));
    }
    Ok(first)
}

/// Bytes outside of ASCII become a character that no reader of ours takes.
fn header_value<'a>(request: &'a Request, name: &str, is_list: bool) -> Result<Option<Cow<'a, str>>, Invalid> {
    let readable = |value: &'a poem::http::HeaderValue| value.to_str().unwrap_or("\u{fffd}");
    let mut values = request.headers().get_all(name).iter().map(readable).peekable();
    let Some(first) = values.next() else { return Ok(None) };
    if !is_list && values.peek().is_some() {
        return Err(repeated());
    }
    let joined = values.fold(Cow::Borrowed(first), |all, next| Cow::Owned(format!("{all}, {next}")));
    Ok(Some(joined))
}

fn repeated() -> Invalid {
    Invalid::new(Constraint::Format, "must be given once only")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(uri: &str) -> Result<Option<String>, Constraint> {
        let request = Request::builder().uri_str(uri).finish();
        query_value(&request, "limit").map_err(|invalid| invalid.constraint)
    }

    #[test]
    fn a_query_parameter_stands_once_and_is_not_empty() {
        assert_eq!(query("/runs"), Ok(None));
        assert_eq!(query("/runs?"), Ok(None));
        assert_eq!(query("/runs?limit=5&other=1&other=2"), Ok(Some("5".to_owned())));
        assert_eq!(query("/runs?limit=%35"), Ok(Some("5".to_owned())));
        assert_eq!(query("/runs?limit=5&limit=5"), Err(Constraint::Format));
        assert_eq!(query("/runs?limit="), Err(Constraint::Length));
        assert_eq!(query("/runs?limit"), Err(Constraint::Length));
    }

    #[test]
    fn several_lines_of_a_header_count_as_one_where_it_is_a_list() {
        let request = Request::builder()
            .header("prefer", "respond-async")
            .header("prefer", "wait=5")
            .finish();
        assert_eq!(
            header_value(&request, "Prefer", true),
            Ok(Some(Cow::Borrowed("respond-async, wait=5")))
        );
        assert_eq!(header_value(&request, "other", true), Ok(None));
        let refused = header_value(&request, "Prefer", false).map_err(|invalid| invalid.constraint);
        assert_eq!(refused, Err(Constraint::Format));
    }
}
