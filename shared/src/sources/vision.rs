//! Descriptions of the pictures that posts link to.
//!
//! Without a vision source pictures are not looked at: the acquisition phase then stores no description and says
//! so in its log, without a warning.

use std::time::Duration;

use async_trait::async_trait;

/// A picture could not be described.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct VisionError(pub String);

/// A source of descriptions.
#[async_trait]
pub trait Vision: Send + Sync {
    /// One call: what the picture at `url` shows.
    async fn describe(&self, url: &str) -> Result<String, VisionError>;

    /// What to wait before each of the three further attempts after a failure; a source that answers the same
    /// however often it is asked has nothing to wait for.
    fn waits(&self) -> [Duration; 3] {
        [2, 5, 10].map(Duration::from_secs)
    }
}

/// Whether a link leads to a picture: hosts i.redd.it, imgur and preview.redd.it, subdomains included.
#[must_use]
pub fn is_image_url(url: &str) -> bool {
    let Some((_, rest)) = url.split_once("://") else {
        return false;
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority
        .rsplit('@')
        .next()
        .unwrap_or_default()
        .split(':')
        .next()
        .unwrap_or_default();
    let host = host.to_ascii_lowercase();
    ["i.redd.it", "preview.redd.it", "imgur.com"]
        .iter()
        .any(|known| host == *known || host.strip_suffix(known).is_some_and(|sub| sub.ends_with('.')))
}

#[cfg(test)]
mod tests {
    use super::is_image_url;

    #[test]
    fn picture_hosts_are_known_with_their_subdomains_and_nothing_else() {
        for url in [
            "https://i.redd.it/a.png",
            "https://preview.redd.it/a.jpg?width=1",
            "http://imgur.com/a",
            "https://i.imgur.com/a.jpg",
            "https://M.IMGUR.COM:443/a",
        ] {
            assert!(is_image_url(url), "{url}");
        }
        for url in [
            "",
            "i.redd.it/a.png",
            "https://v.redd.it/a",
            "https://notimgur.com/a",
            "https://example.com/i.redd.it",
        ] {
            assert!(!is_image_url(url), "{url}");
        }
    }
}
