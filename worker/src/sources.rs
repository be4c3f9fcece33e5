//! The sources of this worker, as the configuration binds them.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::json;
use shared::{
    clock,
    config::{CommentsKind, Config, VisionKind},
    market::calendar::Calendar,
    run::failure::ErrorCode,
    sources::{
        bind::MarketSources,
        comments::{CommentSource, SourceError},
        dump::DumpComments,
        language::Language,
        lexicon::{Lexicon, LexiconSource},
        market::{DailySource, MarketSource},
        sample::{SAMPLE_SEED, SampleComments, SampleVision},
        vision::Vision,
    },
};

use crate::{control::StopReason, phase::PhaseError};

/// One source per trait; phases see the traits only.
#[derive(Clone)]
pub struct Sources {
    /// Posts and comments.
    pub comments: Arc<dyn CommentSource>,
    /// Annotations.
    pub language: Arc<dyn Language>,
    /// Descriptions of pictures; `None`: they are not looked at.
    pub vision: Option<Arc<dyn Vision>>,
    /// Quotes, candles and chains; `None`: nothing is traded.
    pub market: Option<Arc<dyn MarketSource>>,
    /// Daily bars; `None`: nothing stands in for candles, and there is no benchmark.
    pub daily: Option<Arc<dyn DailySource>>,
    /// What is bound to what, for the operator.
    pub names: serde_json::Value,
    /// Whether runs can be frozen at an instant of the past.
    pub offline: bool,
    /// The exchange's days.
    pub calendar: Calendar,
}

impl Sources {
    /// Binds the sources; a path that cannot work is an error that names it.
    pub async fn bind(config: &Config) -> Result<Self, SourceError> {
        let latency = config.sample_latency;
        let runs = config.worker_slots.get() as usize;
        let (comments, name): (Arc<dyn CommentSource>, String) = match &config.comments {
            CommentsKind::Sample => (
                Arc::new(SampleComments::new(SAMPLE_SEED, latency).for_runs(runs)),
                "sample".to_owned(),
            ),
            CommentsKind::Dump(path) => {
                let dump = DumpComments::open(path, runs)?;
                dump.check().await?;
                (Arc::new(dump), format!("dump:{}", path.display()))
            }
        };
        let prices = MarketSources::bind(config)?;
        Ok(Self {
            comments,
            language: Arc::new(LexiconSource::new(Arc::new(Lexicon::new())).with_latency(latency)),
            vision: vision(config),
            market: prices.market,
            daily: prices.daily,
            names: json!({ "comments": name, "language": config.language, "vision": config.vision.to_string(),
                           "market": config.market.to_string(), "daily": config.daily.to_string() }),
            offline: true,
            calendar: config.calendar.clone(),
        })
    }

    /// Why a run cannot be frozen at an instant of the past, if it cannot.
    #[must_use]
    pub fn refuse_as_of(&self) -> Option<String> {
        (!self.offline).then(|| "as_of needs offline sources; this worker reads live ones".to_owned())
    }

    /// The instant at which a run without `as_of` is frozen.
    pub async fn market_now(
        &self,
        subreddit: &str,
        previous: Option<DateTime<Utc>>,
    ) -> Result<DateTime<Utc>, PhaseError> {
        let frozen = self.comments.market_now(subreddit, previous).await?;
        Ok(frozen.unwrap_or_else(clock::now))
    }
}

fn vision(config: &Config) -> Option<Arc<dyn Vision>> {
    match config.vision {
        VisionKind::None => None,
        VisionKind::Sample => Some(Arc::new(SampleVision::new(SAMPLE_SEED, config.sample_latency))),
    }
}

impl From<SourceError> for PhaseError {
    fn from(error: SourceError) -> Self {
        match error {
            SourceError::Config(message) => Self::failed(ErrorCode::ConfigError, message),
            SourceError::Interrupted => Self::Stopped(StopReason::Shutdown),
            other @ SourceError::Unavailable { .. } => Self::caused(ErrorCode::RedditApiError, other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::config::Layers;

    async fn bind(settings: &[(&str, &str)]) -> Result<Sources, SourceError> {
        let flags: Vec<_> = settings
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        Sources::bind(&Config::from_layers(Layers::new(&flags, &[], &[]).unwrap()).unwrap()).await
    }

    #[tokio::test]
    async fn the_names_of_the_sources_are_those_that_take_effect() {
        let sources = bind(&[("ANALYZE_DAILY", "none")]).await.unwrap();
        assert!(sources.vision.is_some() && sources.market.is_some() && sources.daily.is_none());
        let names = json!({ "comments": "sample", "language": "lexicon", "vision": "sample", "market": "sample",
                            "daily": "none" });
        assert_eq!(sources.names, names);
    }

    #[tokio::test]
    async fn a_folder_without_a_recording_is_refused_at_the_start() {
        let error = bind(&[("ANALYZE_MARKET", "recorded:/nowhere")]).await.err().unwrap();
        assert!(matches!(error, SourceError::Config(_)), "{error}");
    }
}
