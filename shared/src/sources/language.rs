//! Where annotations come from: the built-in lexicon or a language model.
//!
//! The analysis phase hands over one unit of comments at a time and commits what comes back. Retries of a
//! single call are the source's own business; what it returns is its last word.

use async_trait::async_trait;

use crate::market::annotation::Annotation;

/// One comment with the context in which it was written.
#[derive(Debug, Clone, PartialEq)]
pub struct AnnotationInput {
    /// Title of the post.
    pub post_title: String,
    /// What the picture of the post shows, if it has one and it was described.
    pub image_description: Option<String>,
    /// Bodies of the ancestors with their authors, immediate parent first.
    pub parents: Vec<(String, String)>,
    /// Who wrote the comment.
    pub author: String,
    /// Trust in the author when the comment was selected, `0..=1`.
    pub author_trust: f64,
    /// The comment itself.
    pub body: String,
}

/// Why a comment has no annotation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LanguageError {
    /// The answer could not be read, twice.
    #[error("malformed answer: {0}")]
    Malformed(String),
    /// No answer in time, twice.
    #[error("no answer within the time limit")]
    Timeout,
    /// Refused for too many calls, after the retries.
    #[error("rate limited")]
    RateLimited,
    /// Any other refusal or failure of the service.
    #[error("{0}")]
    Unavailable(String),
}

/// A source of annotations.
#[async_trait]
pub trait Language: Send + Sync {
    /// Comments per unit: what a crash may cost at most.
    fn unit_size(&self) -> usize;

    /// Annotates a unit; the answer has one element per input, in the same order.
    async fn annotate(&self, inputs: Vec<AnnotationInput>) -> Vec<Result<Annotation, LanguageError>>;
}
