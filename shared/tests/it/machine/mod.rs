//! Random lives of runs: every step is taken by a model of plain data and by the real store, and compared.
//!
//! [`steps`] makes sequences, [`model`] (with [`run_model`] and [`acts`]) predicts answers and visible state,
//! [`store_steps`] asks the store, [`world`] compares after each step. Runs that a step does not concern must stay as
//! they are to the byte, so a refusal leaves no trace. `PROPTEST_CASES` sets the number of sequences,
//! `PROPTEST_RNG_SEED` another seed.

mod acts;
mod model;
mod run_model;
mod seen;
mod steps;
mod store_steps;
mod world;

use std::{cell::RefCell, collections::BTreeSet};

use proptest::{
    prop_assert, prop_assert_eq,
    test_runner::{Config, RngSeed, TestCaseError, TestRunner},
};
use shared::store::Store;
use tokio::runtime::Runtime;

use self::{
    model::Outcome,
    steps::{Act, Asking, SCOPES, Step, steps},
    world::{World, bytes_sql, clear},
};
use crate::fixture::Fixture;

/// Sequences when nobody asks for another number.
const CASES: u32 = 48;
/// The seed when nobody asks for another one.
const SEED: u64 = 20_261_122;

/// Kinds of answers that have been met.
type Met = BTreeSet<String>;

fn config() -> Config {
    let asked = Config::default();
    #[expect(clippy::disallowed_methods, reason = "a setting of the test library, not of ours")]
    let cases = if std::env::var("PROPTEST_CASES").is_ok() {
        asked.cases
    } else {
        CASES
    };
    let rng_seed = match asked.rng_seed {
        RngSeed::Random => RngSeed::Fixed(SEED),
        fixed @ RngSeed::Fixed(_) => fixed,
    };
    Config {
        cases,
        rng_seed,
        failure_persistence: None,
        ..asked
    }
}

#[test]
fn any_life_of_runs_is_the_one_the_model_predicts() {
    let runtime = Runtime::new().unwrap();
    let (fixture, other, sql) = runtime.block_on(async {
        let fixture = Fixture::with(&[("ANALYZE_SQLITE_SYNCHRONOUS", "normal")]).await;
        let other = fixture.another_store().await;
        let sql = bytes_sql(&fixture).await;
        (fixture, other, sql)
    });
    let met = RefCell::new(Met::new());
    let config = config();
    let enough = config.cases >= CASES;
    let life = |steps: Vec<Step>| runtime.block_on(live(&fixture, &other, &sql, &steps, &met));
    TestRunner::new(config)
        .run(&steps(), life)
        .unwrap_or_else(|error| panic!("{error}"));
    let missing = missing(&met.borrow());
    assert!(!enough || missing.is_empty(), "never met: {missing:?}");
}

/// Answers that the default sequences must meet, or they would prove little.
const KINDS: [&str; 15] = [
    "Accepted",
    "Joined",
    "Conflict",
    "Claimed",
    "Dropped",
    "CrashLoop(\"Recovered from unexpected shutdown: phase",
    "CrashLoop(\"Recovered from unexpected shutdown: the run",
    "Refused",
    "Lost",
    "Told(Canceled)",
    "Told(Lost)",
    "Canceled",
    "Requested",
    "Ended",
    "Runs([0",
];

fn missing(met: &Met) -> Vec<&'static str> {
    let is_met = |kind: &&str| met.iter().any(|outcome| outcome.starts_with(kind));
    KINDS.into_iter().filter(|kind| !is_met(kind)).collect()
}

async fn live(
    fixture: &Fixture,
    other: &Store,
    sql: &str,
    steps: &[Step],
    met: &RefCell<Met>,
) -> Result<(), TestCaseError> {
    clear(fixture).await;
    let mut world = World::new(fixture, other, sql);
    for step in steps {
        let outcome = world.step(*step).await?;
        met.borrow_mut().insert(format!("{outcome:?}"));
    }
    world.check().await?;
    leave(&mut world).await
}

/// There is a way out of every state, with nothing but the public steps; afterwards every scope is free.
async fn leave(world: &mut World<'_>) -> Result<(), TestCaseError> {
    for (back, way) in (0..world.runs()).zip([false, true].into_iter().cycle()) {
        world
            .step(Step::Expire {
                run: back,
                long_ago: false,
            })
            .await?;
        if way {
            let reason = "leaving";
            world.step(Step::Cancel { run: back, reason }).await?;
            continue;
        }
        if let Outcome::Claimed { .. } = world.step(Step::Claim { run: back, worker: 0 }).await? {
            let act = Act::Complete { ms: 1 };
            prop_assert_eq!(world.step(Step::Act { handle: 0, act }).await?, Outcome::Done);
        }
    }
    for scope in 0..SCOPES.len() {
        let how = Asking::Reject;
        let outcome = world.step(Step::Enqueue { scope, how }).await?;
        prop_assert!(outcome == Outcome::Accepted, "the scope is not free: {outcome:?}");
    }
    world.check().await
}
