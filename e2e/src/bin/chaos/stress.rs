//! A live worker never loses its run: with every core burning, the database locked again and again, and 500 readers.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use e2e::{
    dice::Dice,
    load::{self, Connection},
    oracle,
};

use crate::{Plan, lock::hold, scene::Scene};

/// Readers of the status.
const READERS: usize = 500;

pub(crate) async fn run(plan: &mut Plan) -> anyhow::Result<()> {
    let scene = Scene::start(&[("ANALYZE_SAMPLE_LATENCY", "40ms")]).await?;
    let _other = scene.stack.worker()?;
    let stop = Arc::new(AtomicBool::new(false));
    let mut burdens = burn(&stop);
    burdens.push(lock(&scene, &stop, plan.seed));
    let until = Instant::now() + plan.stress;
    let readers = readers(scene.api().base(), until);
    let (mut runs, mut taken) = (0, 0);
    while Instant::now() < until {
        let run = scene.post().await?;
        runs += 1;
        taken += usize::from(through(&scene, run).await? != 1);
    }
    stop.store(true, Ordering::Relaxed);
    let reads = readers.await?;
    for burden in burdens {
        let _ = burden.join();
    }
    oracle::judge(&scene.stack, None)?.ensure_clean()?;
    let what = format!(
        "runs taken from a live worker in {} s of burning cores, locks and {READERS} readers",
        plan.stress.as_secs()
    );
    plan.table
        .add(&what, format!("{taken} of {runs} ({reads} reads answered)"), "0");
    plan.failed += usize::from(taken != 0);
    Ok(())
}

/// Waits for the run, however long it takes; yields its attempts.
async fn through(scene: &Scene, run: i64) -> anyhow::Result<i64> {
    loop {
        tokio::time::sleep(Duration::from_millis(200)).await;
        let row = scene.stack.texts(&format!(
            "select status || ' ' || attempt from analysis_runs where id = {run}"
        ))?;
        match row.first().and_then(|row| row.split_once(' ')) {
            Some(("completed", attempt)) => return Ok(attempt.parse()?),
            Some(("failed" | "canceled", _)) => anyhow::bail!("run {run}: {row:?}"),
            _ => {}
        }
    }
}

/// A thread for each core that does nothing but count.
fn burn(stop: &Arc<AtomicBool>) -> Vec<thread::JoinHandle<()>> {
    let cores = thread::available_parallelism().map_or(2, std::num::NonZero::get);
    let burner = |stop: Arc<AtomicBool>| {
        thread::spawn(move || {
            while !stop.load(Ordering::Relaxed) {
                std::hint::spin_loop();
            }
        })
    };
    (0..cores).map(|_| burner(Arc::clone(stop))).collect()
}

/// A thread that holds the write lock for up to eight seconds, again and again.
fn lock(scene: &Scene, stop: &Arc<AtomicBool>, seed: u64) -> thread::JoinHandle<()> {
    let (database, stop, mut dice) = (scene.stack.database(), Arc::clone(stop), Dice::new(seed));
    thread::spawn(move || {
        while !stop.load(Ordering::Relaxed) {
            let _ = hold(&database, dice.span(Duration::from_secs(8)).as_secs_f64());
            thread::sleep(dice.span(Duration::from_secs(6)));
        }
    })
}

/// Connections that ask for the status of the newest run until the end; yields how many answers there were.
fn readers(base: &str, until: Instant) -> tokio::task::JoinHandle<u64> {
    let base = base.to_owned();
    tokio::spawn(async move {
        let readers: Vec<_> = (0..READERS).map(|_| tokio::spawn(read(base.clone(), until))).collect();
        let mut reads = 0;
        for reader in readers {
            reads += reader.await.unwrap_or(0);
        }
        reads
    })
}

async fn read(base: String, until: Instant) -> u64 {
    let request = load::get("/runs/1/status");
    let Ok(mut connection) = Connection::open(&base).await else {
        return 0;
    };
    let mut count = 0;
    while Instant::now() < until {
        if connection.call(&request).await.is_ok_and(|status| status == 200) {
            count += 1;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    count
}
