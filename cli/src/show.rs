//! Answers as text for people: pure functions from what the server said to what is printed.

mod outcome;
mod overview;
mod portfolios;
mod positions;
mod predictions;
mod replay;
mod result;
mod runs;
mod signals;

pub use outcome::{canceled, outcome, started, status, warnings, warnings_of};
pub use overview::overview;
pub use portfolios::{periods, portfolios, prices};
pub use positions::{position, positions, sold};
pub use predictions::{prediction, predictions};
pub use replay::{day, replay};
pub use result::result;
pub use runs::runs;
pub use signals::{signal, signals};

use crate::table::Table;

/// A heading with its table below; nothing when there are no rows.
fn section(heading: &str, table: &Table) -> String {
    if table.is_empty() {
        String::new()
    } else {
        format!("\n{heading}\n{table}")
    }
}
