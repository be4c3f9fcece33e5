//! `POST /analyze`: starts a run, or says which one is active, and waits for its end if asked to.

pub mod key;
pub mod request;
pub mod waits;

use std::time::Duration;

use chrono::TimeDelta;
use poem::http::{HeaderMap, StatusCode};
use poem::web::Data;
use poem_openapi::{Object, OpenApi};
use shared::queue::{self, Submission, Submitted};
use shared::run::request::RunRequest;
use shared::store::runs::{self, Run};
use shared::store::{idempotency, results as stored};

use crate::app::App;
use crate::http::body::JsonBody;
use crate::http::constraint::{Constraint, Invalid};
use crate::http::envelope::Envelope;
use crate::http::error::ApiError;
use crate::http::params::H;
use crate::http::prefer::Prefer;
use crate::http::reply::{Answer, Handled, HeaderDoc, Operation, RETRY_AFTER, Reply};
use crate::jobs::Job;
use crate::results::{self, RunResult};
use crate::runs::active::ActiveRun;
use crate::runs::status::{POLL_SECONDS, retry_after};
use crate::security::Principal;
use crate::tags::Tags;
use crate::wait;
use key::IdempotencyKey;
use request::AnalyzeRequest;

/// The wait that was honoured.
pub const PREFERENCE_APPLIED: HeaderDoc = HeaderDoc {
    name: "Preference-Applied",
    description: "`wait=N`: the wait that was honoured.",
    ty: "string",
};
const LOCATION: HeaderDoc = HeaderDoc {
    name: "Location",
    description: "`/runs/{run_id}`.",
    ty: "string",
};
/// The key was used before.
pub const REPLAYED: HeaderDoc = HeaderDoc {
    name: "Idempotency-Replayed",
    description: "`true` when the key was used before: the answer shows what came of it, as it is now.",
    ty: "string",
};
const HEADERS: &[HeaderDoc] = &[LOCATION, PREFERENCE_APPLIED, REPLAYED, RETRY_AFTER];

/// Clocks of client and server may differ by this much before `as_of` lies in the future.
const SKEW: TimeDelta = TimeDelta::seconds(5);

/// A run that was started, joined or found again.
#[derive(Debug, Clone, Object)]
#[oai(skip_serializing_if_is_none)]
pub struct StartedAnalysis {
    /// Key of the run.
    pub run_id: i64,
    /// True when an equal active run was joined instead of starting one.
    pub joined: bool,
    /// The run as a job.
    pub job: Job,
    /// Its result, once the run has ended with one; absent otherwise.
    pub result: Option<RunResult>,
}

/// `POST /analyze`
pub struct StartAnalysis;
impl Operation for StartAnalysis {
    const ANSWERS: &'static [Answer] = &[
        Answer {
            status: 200,
            description: "The run has ended.",
            headers: HEADERS,
        },
        Answer {
            status: 202,
            description: "The run is accepted and has not ended.",
            headers: HEADERS,
        },
    ];
    const ERRORS: &'static [u16] = &[400, 409, 413, 415, 422, 429];
}

/// The operation.
pub struct AnalyzeApi(pub App);

#[OpenApi(tag = "Tags::Analysis")]
impl AnalyzeApi {
    /// Start an analysis
    ///
    /// Answers 202 at once, whether or not a worker is there; the run survives a loss of power from then on. Only one
    /// run is active at a time: while one is, the answer is 409 and names it, or with `on_conflict: join` that very run
    /// if it was asked the same question. `Prefer: wait=N`, or `options.async_mode.requested: false`, waits for the end
    /// and answers 200 if it comes in time; a client that goes away does not stop the run. With an `Idempotency-Key`
    /// the same request can be sent again safely for 24 hours.
    #[oai(path = "/analyze", method = "post", operation_id = "start_analysis")]
    async fn start_analysis(
        &self,
        body: JsonBody<AnalyzeRequest>,
        /// Makes repeats of this request safe: 1 to 255 printable characters, with or without quotes.
        #[oai(name = "Idempotency-Key")]
        idempotency_key: H<Option<IdempotencyKey>>,
        /// `wait=N`: seconds to wait for the end of the run. The server has a limit; malformed values are ignored.
        #[oai(name = "Prefer")]
        prefer: H<Option<Prefer>>,
        headers: &HeaderMap,
        principal: Data<&Principal>,
    ) -> Handled<Envelope<StartedAnalysis>, StartAnalysis> {
        let request = body.0.normalised(&self.0.subreddit);
        let key = idempotency_key.0.as_ref().map(|key| (&*principal.0.0, key.0.as_str()));
        let preferred = prefer.0.unwrap_or_default().waiting(self.0.sync_max);
        let longest = preferred.or_else(|| body.0.waits().then_some(self.0.sync_max));
        self.check_as_of(&request, key).await?;
        let submission = Submission {
            request: &request,
            scope: self.0.single_flight.scope(&request.subreddit),
            join: body.0.joins(),
            key,
            traceparent: traceparent(headers),
        };
        // Noted before the key is: a repeat that finds the key finds the wait.
        let waiting = key
            .zip(longest)
            .map(|((who, key), longest)| self.0.waits.begin(who, key, longest));
        let started = Started::of(queue::submit(&self.0.store, &submission).await?)?;
        let shared = key
            .filter(|_| started.replayed)
            .and_then(|(who, key)| self.0.waits.left(who, key));
        let longest = longest.or(shared);
        let reply = self.answer(started, longest).await?;
        drop(waiting);
        Ok(match preferred {
            Some(used) => reply.header("preference-applied", format!("wait={}", used.as_secs())),
            None => reply,
        })
    }
}

/// What became of a submission that was not refused.
struct Started {
    run: Run,
    joined: bool,
    replayed: bool,
}

impl Started {
    fn of(submitted: Submitted) -> Result<Self, ApiError> {
        let (run, joined, replayed) = match submitted {
            Submitted::Accepted(run) => (run, false, false),
            Submitted::Joined(run) => (run, true, false),
            Submitted::Replayed(run) => (run, false, true),
            Submitted::KeyMismatch => {
                return Err(ApiError::conflict(
                    "header.idempotency-key",
                    "was used before with another request",
                ));
            }
            Submitted::Conflict(active) => {
                let seconds = retry_after(&active, shared::clock::now()).unwrap_or(POLL_SECONDS);
                return Err(ApiError::already_running(ActiveRun::of(*active), seconds));
            }
        };
        Ok(Self {
            run: *run,
            joined,
            replayed,
        })
    }
}

impl AnalyzeApi {
    /// `as_of` is neither in the future nor before what the subreddit has lived through.
    ///
    /// A repeated request is not judged again: what was right when its run started stays right.
    async fn check_as_of(&self, request: &RunRequest, key: Option<(&str, &str)>) -> Result<(), ApiError> {
        let Some(as_of) = request.as_of else { return Ok(()) };
        let refuse =
            |constraint, message: String| Err(ApiError::invalid("options.as_of", &Invalid::new(constraint, message)));
        if !self.0.replays {
            return refuse(
                Constraint::Conflict,
                "works with recorded comments only; this service reads live ones".into(),
            );
        }
        let mut conn = self.0.store.read().await?;
        if let Some((principal, key)) = key
            && idempotency::find(&mut conn, principal, key).await?.is_some()
        {
            return Ok(());
        }
        if as_of > shared::clock::now() + SKEW {
            return refuse(Constraint::Maximum, "must not lie in the future".into());
        }
        match runs::newest_completed_market_now(&mut conn, &request.subreddit).await? {
            Some(newest) if as_of < newest => refuse(
                Constraint::Minimum,
                format!("must not lie before {newest:?}, the market time of the newest completed run"),
            ),
            _ => Ok(()),
        }
    }

    /// The answer for a run: as it is, or as it is when it ends within `longest`.
    async fn answer(
        &self,
        started: Started,
        longest: Option<Duration>,
    ) -> Handled<Envelope<StartedAnalysis>, StartAnalysis> {
        let Started {
            mut run,
            joined,
            replayed,
        } = started;
        if let Some(longest) = longest {
            run = wait::until(&self.0, run.id, longest, |view| view.run.status.is_terminal())
                .await?
                .run
                .clone();
        }
        let ended = run.status.is_terminal();
        let result = if ended { self.result_of(&run).await? } else { None };
        let again = retry_after(&run, shared::clock::now());
        let body = StartedAnalysis {
            run_id: run.id.0,
            joined,
            job: run.into(),
            result,
        };
        let location = format!("/runs/{}", body.run_id);
        let status = if ended { StatusCode::OK } else { StatusCode::ACCEPTED };
        let reply = Reply::with_status(status, &Envelope::new(body)).header("location", location);
        let reply = if replayed {
            reply.header("idempotency-replayed", "true")
        } else {
            reply
        };
        Ok(match again {
            Some(seconds) => reply.header("retry-after", seconds.to_string()),
            None => reply,
        })
    }

    /// The newest result of a run that has ended; `None` when there is none, or its payload is gone.
    async fn result_of(&self, run: &Run) -> Result<Option<RunResult>, ApiError> {
        let mut conn = self.0.store.read().await?;
        match stored::latest_of_run(&mut conn, run.id).await? {
            Some(row) if row.payload.is_some() => {
                let id = row.result_id.clone();
                results::show(&mut conn, row, &id).await.map(Some)
            }
            _ => Ok(None),
        }
    }
}

/// The trace the request belongs to, if it names one in the right form; anything else is not worth keeping.
fn traceparent(headers: &HeaderMap) -> Option<&str> {
    let text = headers.get("traceparent")?.to_str().ok()?;
    let plain = |byte: u8| byte == b'-' || byte.is_ascii_hexdigit();
    (text.len() == 55 && text.bytes().all(plain)).then_some(text)
}
