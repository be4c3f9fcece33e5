//! The market sources that the settings name; both processes bind them, so that both see the same prices.

use std::sync::Arc;

use super::comments::SourceError;
use super::market::{DailySource, MarketSource};
use super::recorded::{RecordedDaily, RecordedMarket};
use super::sample::{SAMPLE_SEED, SampleDaily, SampleMarket};
use crate::config::{Config, MarketKind};

/// Where prices come from; without a source nothing is bought, priced or sold.
#[derive(Clone, Default)]
pub struct MarketSources {
    /// Quotes, candles and chains.
    pub market: Option<Arc<dyn MarketSource>>,
    /// Daily bars.
    pub daily: Option<Arc<dyn DailySource>>,
}

impl MarketSources {
    /// Binds `ANALYZE_MARKET` and `ANALYZE_DAILY`.
    ///
    /// # Errors
    /// [`SourceError::Config`] in one line, when a recorded folder cannot work.
    pub fn bind(config: &Config) -> Result<Self, SourceError> {
        Ok(Self {
            market: market(config)?,
            daily: daily(config)?,
        })
    }
}

fn market(config: &Config) -> Result<Option<Arc<dyn MarketSource>>, SourceError> {
    Ok(match &config.market {
        MarketKind::None => None,
        MarketKind::Sample => Some(Arc::new(SampleMarket::new(SAMPLE_SEED, config.sample_latency))),
        MarketKind::Recorded(folder) => Some(Arc::new(RecordedMarket::open(
            "ANALYZE_MARKET",
            folder,
            config.calendar.clone(),
        )?)),
    })
}

fn daily(config: &Config) -> Result<Option<Arc<dyn DailySource>>, SourceError> {
    Ok(match &config.daily {
        MarketKind::None => None,
        MarketKind::Sample => Some(Arc::new(SampleDaily::new(SAMPLE_SEED, config.sample_latency))),
        MarketKind::Recorded(folder) => Some(Arc::new(RecordedDaily::open(
            "ANALYZE_DAILY",
            folder,
            config.calendar.clone(),
        )?)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Layers;

    fn bind(settings: &[(&str, &str)]) -> Result<MarketSources, SourceError> {
        let flags: Vec<_> = settings
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        MarketSources::bind(&Config::from_layers(Layers::new(&flags, &[], &[]).unwrap()).unwrap())
    }

    #[test]
    fn the_sample_has_its_market_and_a_dump_has_none() {
        let sample = bind(&[]).unwrap();
        assert!(sample.market.is_some() && sample.daily.is_some());
        let dump = bind(&[("ANALYZE_COMMENTS", "dump:x"), ("ANALYZE_DAILY", "sample")]).unwrap();
        assert!(dump.market.is_none() && dump.daily.is_some());
    }

    #[test]
    fn a_recorded_folder_has_to_exist() {
        let error = bind(&[("ANALYZE_DAILY", "recorded:/nowhere/at/all")]).err().unwrap();
        assert!(
            error
                .to_string()
                .starts_with("ANALYZE_DAILY=recorded:/nowhere/at/all: there is no such folder")
        );
    }
}
