//! The real `analyze` binary: against canned answers, and with the real server and worker.

mod analyze;
mod answers;
mod demo;
mod fake;
mod refusals;
mod replay;
mod trading;
mod up;
