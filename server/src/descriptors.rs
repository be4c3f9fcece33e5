//! Open files: every connection is one, and the usual soft limit is soon reached by a crowd.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tracing::debug;

/// Takes as many as the system lets this process have. Where it does not, the server goes on with what it has.
pub fn take_all() {
    let limit = getrlimit(Resource::Nofile);
    let all = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    if let Err(cause) = setrlimit(Resource::Nofile, all) {
        debug!(%cause, "the limit of open files stays as it is");
    }
}
