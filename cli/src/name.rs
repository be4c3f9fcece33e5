//! Names of runs and results, as people type them.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

/// A run, by its key or by its permalink.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunName {
    /// Its key.
    Id(i64),
    /// Its permalink.
    Job(Uuid),
}

/// A result: by its own permalink, or the newest of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResultName {
    /// The newest of the run with this key.
    OfRun(i64),
    /// A permalink: of a result, or of a job.
    Link(Uuid),
}

/// Why a name cannot be one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a run id such as 12, or a UUID")]
pub struct NotAName;

impl FromStr for RunName {
    type Err = NotAName;

    fn from_str(text: &str) -> Result<Self, NotAName> {
        match text.parse() {
            Ok(id) if id >= 1 => Ok(Self::Id(id)),
            Ok(_) => Err(NotAName),
            Err(_) => Uuid::try_parse(text).map(Self::Job).map_err(|_| NotAName),
        }
    }
}

impl FromStr for ResultName {
    type Err = NotAName;

    fn from_str(text: &str) -> Result<Self, NotAName> {
        Ok(match text.parse()? {
            RunName::Id(id) => Self::OfRun(id),
            RunName::Job(link) => Self::Link(link),
        })
    }
}

impl fmt::Display for RunName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => write!(f, "run {id}"),
            Self::Job(job) => write!(f, "job {job}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_named_by_a_number_or_a_uuid_and_by_nothing_else() {
        let job = "0198c0de-0000-7000-8000-000000000001";
        assert_eq!("12".parse(), Ok(RunName::Id(12)));
        assert_eq!(job.parse(), Ok(RunName::Job(Uuid::try_parse(job).expect("a UUID"))));
        for bad in ["0", "-3", "", "abc", "12x", "99999999999999999999"] {
            assert_eq!(bad.parse::<RunName>(), Err(NotAName), "{bad:?}");
        }
    }

    #[test]
    fn a_number_names_the_result_of_that_run() {
        assert_eq!("12".parse(), Ok(ResultName::OfRun(12)));
        assert_eq!("x".parse::<ResultName>(), Err(NotAName));
    }
}
