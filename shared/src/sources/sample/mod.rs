//! A world made up from a seed: a small market and a subreddit that talks about it.
//!
//! The default source, so that the whole pipeline runs without a key or a network, and the same on every machine:
//! everything is a pure function of (seed, subreddit, day), in whole numbers. It is synthetic and says so wherever it
//! shows; the symbols are well-known ones, everything else about them is invented.
//!
//! * [`World`] writes the lines of a day in the format of a dump; [`SampleComments`] serves them as a source.
//! * [`Market`] has the prices: daily bars, five-minute candles, the price at an instant, for [`INSTRUMENTS`];
//!   `path` walks them. [`SampleMarket`] and [`SampleDaily`] serve them as sources: `listing` has the option
//!   contracts, `answers` the documents, `trouble` what is planted to go wrong.
//!   [`record()`] writes them into a recorded folder.
//! * [`SampleVision`] describes the pictures.
//! * Below them: `agenda` (what a day is about; the design of the signals), `authors`, `speech`, `conversation`,
//!   `post`, `grammar` and `facts` (the words), `ids` and `wire` (the lines), `random` (the streams).
//!
//! Whatever changes a draw, a text or a field changes recorded days; a test pins the bytes of one day.

mod agenda;
mod answers;
mod authors;
mod candles;
mod conversation;
mod dips;
mod facts;
mod grammar;
mod ids;
mod instruments;
mod listing;
mod market;
mod path;
mod pictures;
mod post;
mod random;
mod record;
mod source;
mod speech;
mod trading;
mod trouble;
mod wire;
mod world;

pub use candles::Candle;
pub use instruments::{INSTRUMENTS, Instrument, Role};
pub use market::{MARKET_START, Market};
pub use path::Bar;
pub use pictures::SampleVision;
pub use record::{RecordError, Recorded, record};
pub use source::SampleComments;
pub use trading::{SampleDaily, SampleMarket};
pub use wire::Batch;
pub use world::{DEFAULT_SUBREDDIT, FIRST_DAY, World};

/// The seed of the sample world that every process shows.
pub const SAMPLE_SEED: u64 = 1;
