//! What can go wrong, each as one line that says what happened, where, and what to do.
//!
//! Every failure ends with exit code 1. Wrong usage (2) is found while the command line is read.

use std::io;
use std::path::PathBuf;

use progenitor_client::Error;

use crate::api::types::ErrorBody;
use crate::refusal;

/// Why a command did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Nobody answers.
    #[error("no server at {url} ({cause}); start one with `make up`, or name another with --server")]
    Unreachable {
        /// Where it should be.
        url: String,
        /// What the system says.
        cause: String,
    },
    /// The server said no.
    #[error("{text}")]
    Refused {
        /// Status of the answer.
        status: u16,
        /// The value it is about, if it is about one.
        field: Option<String>,
        /// The whole line.
        text: String,
    },
    /// The answer is not one of this interface.
    #[error("{url} did not answer as its document says ({cause}); is it the right server, and of this version?")]
    Strange {
        /// Who answered.
        url: String,
        /// What is strange.
        cause: String,
    },
    /// The request cannot even be written.
    #[error("the request cannot be sent: {0}")]
    Unsendable(String),
    /// The run did not complete; that has been said already.
    #[error("the run did not complete")]
    Ended,
    /// Not every day of a replay has its run.
    #[error("{0}")]
    Incomplete(String),
    /// A process of our own ended or did not come up; the text carries the end of its log.
    #[error("{0}")]
    Process(String),
    /// A program is not where it should be.
    #[error("{} is missing; build it with `cargo build`, or name its folder with --bin-dir", .0.display())]
    Missing(PathBuf),
    /// A port is taken.
    #[error("cannot listen on 127.0.0.1:{port} ({cause}); stop what uses it, or choose another with --port")]
    Port {
        /// The port.
        port: u16,
        /// What the system says.
        cause: io::Error,
    },
    /// A file or folder cannot be used.
    #[error("cannot use {}: {cause}", path.display())]
    Folder {
        /// Which.
        path: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
    /// The system has no room for us.
    #[error("cannot start: {0}")]
    Runtime(io::Error),
    /// A signal asked for the end.
    #[error("interrupted; everything that was started is stopped")]
    Interrupted,
    /// Nobody reads the output any more.
    #[error("cannot write the output: {0}")]
    Output(io::Error),
}

impl Failure {
    /// What the generated client reports about a server at `url`.
    #[must_use]
    pub fn of(url: &str, error: Error<ErrorBody>) -> Self {
        let strange = |cause: String| Self::Strange {
            url: url.to_owned(),
            cause,
        };
        match error {
            Error::CommunicationError(cause) | Error::ResponseBodyError(cause) | Error::InvalidUpgrade(cause) => {
                Self::Unreachable {
                    url: url.to_owned(),
                    cause: root(&cause),
                }
            }
            Error::ErrorResponse(answer) => {
                let status = answer.status().as_u16();
                let body = answer.into_inner();
                Self::Refused {
                    status,
                    text: refusal::explain(status, &body),
                    field: body.error.details.and_then(|details| details.field),
                }
            }
            Error::InvalidResponsePayload(_, cause) => strange(cause.to_string()),
            Error::UnexpectedResponse(answer) => strange(format!("HTTP {}", answer.status())),
            Error::InvalidRequest(cause) | Error::Custom(cause) => Self::Unsendable(cause),
        }
    }

    /// Whether the same question may be answered in a moment.
    #[must_use]
    pub const fn may_pass(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::Refused { status: 503, .. })
    }

    /// Whether the thing that was named does not exist.
    #[must_use]
    pub const fn is_not_found(&self) -> bool {
        matches!(self, Self::Refused { status: 404, .. })
    }

    /// Whether the line has still to be printed.
    #[must_use]
    pub fn is_news(&self) -> bool {
        let unread = matches!(self, Self::Output(cause) if cause.kind() == io::ErrorKind::BrokenPipe);
        !unread && !matches!(self, Self::Ended)
    }
}

/// The innermost cause: what the system said.
fn root(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_who_left_and_a_run_that_was_reported_need_no_line() {
        assert!(!Failure::Output(io::ErrorKind::BrokenPipe.into()).is_news());
        assert!(Failure::Output(io::ErrorKind::StorageFull.into()).is_news());
        assert!(!Failure::Ended.is_news());
        assert!(Failure::Interrupted.is_news());
    }

    #[test]
    fn only_absence_and_503_may_pass() {
        let refused = |status| Failure::Refused {
            status,
            field: None,
            text: String::new(),
        };
        assert!(refused(503).may_pass() && !refused(500).may_pass() && !refused(409).may_pass());
        assert!(refused(404).is_not_found() && !refused(410).is_not_found());
    }
}
