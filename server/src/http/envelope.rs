//! The envelope around every JSON answer: `data` and `meta`, or `error` and `meta`.

use poem_openapi::Object;
use poem_openapi::types::{ParseFromJSON, ToJSON, Type};

use super::request_id;
use super::values::Timestamp;

/// About the answer itself.
#[derive(Debug, Clone, Object)]
pub struct Meta {
    /// When the answer was made.
    pub timestamp: Timestamp,
    /// Version of the service.
    pub version: String,
    /// Name of the request: the one sent in `X-Request-Id`, or a new one.
    pub request_id: String,
}

/// About a page of a list.
#[derive(Debug, Clone, Object)]
pub struct PageMeta {
    /// When the answer was made.
    pub timestamp: Timestamp,
    /// Version of the service.
    pub version: String,
    /// Name of the request: the one sent in `X-Request-Id`, or a new one.
    pub request_id: String,
    /// Items in the whole list, whatever the page shows.
    pub total: i64,
    /// Items asked for.
    pub limit: i64,
    /// Items skipped.
    pub offset: i64,
}

/// About a list that comes whole.
#[derive(Debug, Clone, Object)]
pub struct ListMeta {
    /// When the answer was made.
    pub timestamp: Timestamp,
    /// Version of the service.
    pub version: String,
    /// Name of the request: the one sent in `X-Request-Id`, or a new one.
    pub request_id: String,
    /// Items in the list.
    pub total: i64,
}

/// One thing.
#[derive(Debug, Clone, Object)]
pub struct Envelope<T: ParseFromJSON + ToJSON + Type> {
    /// What was asked for.
    pub data: T,
    /// About the answer.
    pub meta: Meta,
}

/// One page of a list.
#[derive(Debug, Clone, Object)]
pub struct Page<T: ParseFromJSON + ToJSON + Type> {
    /// The items of the page.
    pub data: Vec<T>,
    /// About the page.
    pub meta: PageMeta,
}

/// A list that comes whole.
#[derive(Debug, Clone, Object)]
pub struct List<T: ParseFromJSON + ToJSON + Type> {
    /// The items.
    pub data: Vec<T>,
    /// About the list.
    pub meta: ListMeta,
}

impl Meta {
    /// For the request being answered, now.
    #[must_use]
    pub fn now() -> Self {
        Self {
            timestamp: Timestamp(shared::clock::now()),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            request_id: request_id::current(),
        }
    }
}

impl<T: ParseFromJSON + ToJSON + Type> Envelope<T> {
    /// Wraps one thing.
    #[must_use]
    pub fn new(data: T) -> Self {
        Self {
            data,
            meta: Meta::now(),
        }
    }
}

impl<T: ParseFromJSON + ToJSON + Type> Page<T> {
    /// Wraps the items `offset..offset + limit` of `total`.
    #[must_use]
    pub fn new(data: Vec<T>, total: i64, limit: i64, offset: i64) -> Self {
        let Meta {
            timestamp,
            version,
            request_id,
        } = Meta::now();
        Self {
            data,
            meta: PageMeta {
                timestamp,
                version,
                request_id,
                total,
                limit,
                offset,
            },
        }
    }
}

impl<T: ParseFromJSON + ToJSON + Type> List<T> {
    /// Wraps a whole list.
    #[must_use]
    pub fn new(data: Vec<T>) -> Self {
        let Meta {
            timestamp,
            version,
            request_id,
        } = Meta::now();
        let total = i64::try_from(data.len()).unwrap_or(i64::MAX);
        Self {
            data,
            meta: ListMeta {
                timestamp,
                version,
                request_id,
                total,
            },
        }
    }
}
