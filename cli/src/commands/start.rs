//! `analyze start`.

use super::{Client, watch};
use crate::api::types::{AnalyzeOptions, AnalyzeRequest, OnConflict};
use crate::args::Start;
use crate::failure::Failure;
use crate::follow::{Silence, follow};
use crate::{output, show};

/// Starts an analysis, then returns, follows it, or waits for its end.
pub(super) async fn start(client: &Client, start: &Start) -> Result<(), Failure> {
    let key = start.idempotency_key.as_deref();
    let answer = client.server.start(&request(start), key).await?;
    let id = answer.value.data.run_id;
    if start.watch {
        if !client.json {
            output::note(&show::started(&answer.value.data))?;
        }
        watch::watch(client, id).await
    } else if start.wait {
        wait(client, id).await
    } else {
        client.print(&answer, |answer| show::started(&answer.data))
    }
}

/// Waits silently, then prints how the run ended.
async fn wait(client: &Client, id: i64) -> Result<(), Failure> {
    follow(&client.server, id, &mut Silence).await?;
    let answer = client.server.run(id).await?;
    if client.json {
        output::json(&answer.data)?;
        return watch::verdict(&answer.value.data);
    }
    watch::report(&client.server, &answer.value.data).await
}

fn request(start: &Start) -> AnalyzeRequest {
    let options = AnalyzeOptions {
        as_of: start.as_of.clone(),
        async_mode: None,
        post_limit: start.posts,
        comments_per_post: start.comments,
        top_comments: start.top,
    };
    AnalyzeRequest {
        subreddit: start.subreddit.clone(),
        on_conflict: start.join.then_some(OnConflict::Join),
        options: Some(options),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_was_said_is_sent() {
        let start = Start::default();
        let body = serde_json::to_value(request(&start)).expect("a body");
        assert_eq!(body, json!({"options": {}}));
        let start = Start {
            posts: Some(3),
            join: true,
            ..start
        };
        let body = serde_json::to_value(request(&start)).expect("a body");
        assert_eq!(body, json!({"on_conflict": "join", "options": {"post_limit": 3}}));
    }
}
