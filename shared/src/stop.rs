//! What asks a process to end in order: SIGTERM, SIGINT and, where it is wanted, the end of standard input.
//!
//! A process that is started with `--stop-at-eof` holds the read end of a pipe whose other end is the starter's. The
//! system closes that one however the starter ends, so that nothing is left behind by one that was killed.

use std::io;

use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::oneshot,
};

/// The requests, as they come.
#[derive(Debug)]
pub struct Requests {
    terminate: Signal,
    interrupt: Signal,
    input: Option<oneshot::Receiver<()>>,
}

impl Requests {
    /// Listens for signals and, if asked, for the end of standard input. From here on signals do not end the process.
    pub fn listen(to_input: bool) -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            input: to_input.then(end_of_input),
        })
    }

    /// Waits for the next one. Only the first can be the end of standard input: a starter that dies while it waits for
    /// our orderly end does not hurry us.
    pub async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
            () = ended(&mut self.input) => {}
        }
        self.input = None;
    }
}

async fn ended(input: &mut Option<oneshot::Receiver<()>>) {
    match input {
        Some(end) => {
            let _ = end.await;
        }
        None => std::future::pending().await,
    }
}

/// A thread that reads and forgets: an error of the input is its end, too.
fn end_of_input() -> oneshot::Receiver<()> {
    let (tell, end) = oneshot::channel();
    std::thread::spawn(move || {
        let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
        let _ = tell.send(());
    });
    end
}
