//! Descriptions of the sample's pictures, which nobody has ever drawn.
//!
//! What a picture shows follows from its link. One in seven cannot be described however often it is asked about, so
//! that daily runs meet a failure every few days; trying again is pointless and therefore not waited for.

use std::time::Duration;

use async_trait::async_trait;

use super::random::Stream;
use crate::sources::vision::{Vision, VisionError};

/// How the links of the sample's pictures begin.
const LINKS: &str = "https://i.redd.it/sample-";
/// One picture in so many fails.
const FAILS: u64 = 7;
/// What there is to see; the numbers are filled in.
const SCENES: [&str; 6] = [
    "Screenshot of a brokerage account, the balance up {n} percent on the day.",
    "Screenshot of a brokerage account, the balance down {n} percent on the day.",
    "Chart of a share price with a hand-drawn line that goes up and to the right, marked {n} percent.",
    "List of option positions, {n} of them expiring on Friday.",
    "Meme: somebody watches a candlestick chart with {n} red candles and smiles.",
    "Meme: a rocket over a chart, with the caption \"{n} days left\".",
];

/// The sample as a [`Vision`].
#[derive(Debug, Clone)]
pub struct SampleVision {
    root: Stream,
    latency: Duration,
}

impl SampleVision {
    /// The pictures of `seed`, each described after `latency`.
    #[must_use]
    pub fn new(seed: u64, latency: Duration) -> Self {
        Self {
            root: Stream::new(seed).named("pictures"),
            latency,
        }
    }
}

#[async_trait]
impl Vision for SampleVision {
    async fn describe(&self, url: &str) -> Result<String, VisionError> {
        if !self.latency.is_zero() {
            tokio::time::sleep(self.latency).await;
        }
        if !url.starts_with(LINKS) {
            return Err(VisionError("not a picture of the sample".to_owned()));
        }
        let mut random = self.root.named(url);
        if random.below(FAILS) == 0 {
            return Err(VisionError("planted: the picture cannot be read".to_owned()));
        }
        let scene = random.pick(&SCENES);
        Ok(format!(
            "(synthetic) {}",
            scene.replace("{n}", &random.between(3, 60).to_string())
        ))
    }

    fn waits(&self) -> [Duration; 3] {
        [Duration::ZERO; 3]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::{
        comments::CommentSource,
        sample::{SAMPLE_SEED, SampleComments},
        vision::is_image_url,
    };

    /// Whether each picture of the hot posts of the first days is described.
    async fn described(days: usize) -> Vec<bool> {
        let comments = SampleComments::new(SAMPLE_SEED, Duration::ZERO);
        let vision = SampleVision::new(SAMPLE_SEED, Duration::ZERO);
        let (mut now, mut described) = (None, Vec::new());
        for _ in 0..days {
            now = comments.market_now("wallstreetbets", now).await.unwrap();
            for post in comments.hot_posts("wallstreetbets", now.unwrap(), 10).await.unwrap() {
                let url = post.url.unwrap_or_default();
                if is_image_url(&url) {
                    described.push(vision.describe(&url).await.is_ok());
                }
            }
        }
        described
    }

    #[tokio::test]
    async fn a_few_pictures_of_ten_days_fail_and_most_do_not() {
        let described = described(10).await;
        let failed = described.iter().filter(|fine| !**fine).count();
        assert!(
            (1..=5).contains(&failed) && described.len() >= 15,
            "{failed} of {}",
            described.len()
        );
    }

    #[tokio::test]
    async fn a_picture_is_always_described_the_same() {
        let vision = SampleVision::new(1, Duration::ZERO);
        for number in 0..20 {
            let url = format!("{LINKS}{number}.jpg");
            assert_eq!(vision.describe(&url).await, vision.describe(&url).await);
        }
        assert!(vision.describe("https://i.redd.it/a.jpg").await.is_err());
    }
}
