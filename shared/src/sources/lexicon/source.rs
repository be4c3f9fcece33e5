//! The lexicon as a source of annotations.
//!
//! The analysis phase hands over units and gets one answer per comment, in order, never an error. Reading is CPU work
//! and runs on the blocking pool. A latency can be set to make a run last as long as one with a remote model would.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::Lexicon;
use crate::market::annotation::Annotation;
use crate::sources::language::{AnnotationInput, Language, LanguageError};

/// Comments per unit without a latency.
const UNIT_SIZE: usize = 1_000;

/// Comments per unit with a latency, as for a paid model.
const SLOW_UNIT_SIZE: usize = 5;

/// The built-in annotator behind the trait of all annotators.
#[derive(Debug, Clone)]
pub struct LexiconSource {
    lexicon: Arc<Lexicon>,
    /// Comments per unit.
    pub unit_size: usize,
    /// Slept once per unit; zero for none.
    pub latency: Duration,
}

impl LexiconSource {
    /// A source without latency that takes 1,000 comments at a time.
    #[must_use]
    pub const fn new(lexicon: Arc<Lexicon>) -> Self {
        Self {
            lexicon,
            unit_size: UNIT_SIZE,
            latency: Duration::ZERO,
        }
    }

    /// Sets the latency; a non-zero one makes units of 5.
    #[must_use]
    pub const fn with_latency(mut self, latency: Duration) -> Self {
        self.latency = latency;
        self.unit_size = if latency.is_zero() { UNIT_SIZE } else { SLOW_UNIT_SIZE };
        self
    }

    /// Sets the size of a unit; at least 1.
    #[must_use]
    pub const fn with_unit_size(mut self, unit_size: usize) -> Self {
        self.unit_size = if unit_size == 0 { 1 } else { unit_size };
        self
    }
}

#[async_trait]
impl Language for LexiconSource {
    fn unit_size(&self) -> usize {
        self.unit_size
    }

    async fn annotate(&self, inputs: Vec<AnnotationInput>) -> Vec<Result<Annotation, LanguageError>> {
        if !self.latency.is_zero() {
            tokio::time::sleep(self.latency).await;
        }
        let (lexicon, count) = (Arc::clone(&self.lexicon), inputs.len());
        let read = move || inputs.iter().map(|input| annotate_one(&lexicon, input)).collect();
        tokio::task::spawn_blocking(read).await.unwrap_or_else(|error| {
            let failure = LanguageError::Unavailable(error.to_string());
            vec![Err(failure); count]
        })
    }
}

/// A text that the annotator stumbles over costs itself and no other one of its unit.
fn annotate_one(lexicon: &Lexicon, input: &AnnotationInput) -> Result<Annotation, LanguageError> {
    let read = AssertUnwindSafe(|| lexicon.annotate(input));
    catch_unwind(read).map_err(|_| LanguageError::Unavailable("the annotator panicked, see the log".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::super::tests::input;
    use super::{Arc, Duration, Language, Lexicon, LexiconSource};

    fn source() -> LexiconSource {
        LexiconSource::new(Arc::new(Lexicon::new()))
    }

    #[tokio::test]
    async fn a_unit_is_answered_in_order() {
        let bodies = ["buying GME calls", "", "TSLA puts, it will crash"];
        let answers = source().annotate(bodies.map(input).to_vec()).await;
        let lexicon = Lexicon::new();
        let expected: Vec<_> = bodies.iter().map(|body| Ok(lexicon.annotate(&input(body)))).collect();
        assert_eq!(answers, expected);
    }

    #[test]
    fn a_latency_makes_small_units() {
        assert_eq!(source().unit_size(), 1_000);
        assert_eq!(source().with_latency(Duration::from_millis(5)).unit_size(), 5);
        assert_eq!(source().with_latency(Duration::ZERO).unit_size(), 1_000);
        assert_eq!(source().with_unit_size(0).unit_size(), 1);
    }

    #[tokio::test]
    async fn the_latency_is_slept_once_per_unit() {
        let latency = Duration::from_millis(200);
        let slow = source().with_latency(latency);
        let started = std::time::Instant::now();
        let answers = slow.annotate(vec![input("hi"); 5]).await;
        assert_eq!(answers.len(), 5);
        assert!((latency..latency * 5).contains(&started.elapsed()));
    }
}
