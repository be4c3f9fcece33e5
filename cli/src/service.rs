//! Server and worker as processes of ours: started together, watched, and stopped together whatever happens.
//!
//! [`Plan`] says what to start, [`Service`] holds what was started. Dropping the service stops it, so an error, a
//! signal and a panic all end the same way.

mod interrupt;
mod plan;
mod process;

use std::future::Future;
use std::net::TcpListener;
use std::time::Duration;

use tokio::time::{sleep, timeout};

use crate::failure::Failure;
use crate::server::Server;
pub use interrupt::Interrupt;
pub use plan::Plan;
use process::Process;

/// Longest time from start to readiness.
const START: Duration = Duration::from_mins(1);
/// Time between two looks at the processes.
const PACE: Duration = Duration::from_millis(100);
/// Longest time a process is given to end in order: a worker takes half a minute for the unit at hand, at the most.
const STOP: Duration = Duration::from_secs(35);

/// The processes, in the order they were started.
#[derive(Debug)]
pub struct Service {
    processes: Vec<Process>,
    interrupt: Interrupt,
}

impl Service {
    /// Starts both. From here on signals are ours: they no longer end this program by themselves.
    pub fn start(plan: &Plan) -> Result<Self, Failure> {
        let mut service = Self {
            processes: Vec::new(),
            interrupt: Interrupt::new()?,
        };
        for command in plan.commands() {
            service.processes.push(Process::start(command)?);
        }
        Ok(service)
    }

    /// Waits until `server` is ready, then does `work`; ends early when a process ends or a signal comes.
    pub async fn run(
        &mut self,
        server: &Server,
        work: impl Future<Output = Result<(), Failure>>,
    ) -> Result<(), Failure> {
        let all = async {
            ready(server).await?;
            work.await
        };
        tokio::select! {
            done = all => done,
            ended = first_end(&mut self.processes) => Err(ended),
            () = self.interrupt.arrive() => Err(Failure::Interrupted),
        }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.processes.iter_mut().for_each(Process::ask_to_end);
        for process in &mut self.processes {
            process.end(STOP);
        }
    }
}

async fn ready(server: &Server) -> Result<(), Failure> {
    let asked = async {
        loop {
            match server.ready().await {
                Err(failure) if failure.may_pass() => sleep(PACE).await,
                answer => return answer.map(|_| ()),
            }
        }
    };
    let late = |_| Failure::Process(format!("analyze-server is not ready after {} s", START.as_secs()));
    timeout(START, asked).await.map_err(late)?
}

async fn first_end(processes: &mut [Process]) -> Failure {
    loop {
        if let Some(report) = processes.iter_mut().find_map(Process::ended) {
            return Failure::Process(report);
        }
        sleep(PACE).await;
    }
}

/// A port nobody listens on.
pub fn free_port() -> Result<u16, Failure> {
    let taken = |cause| Failure::Port { port: 0, cause };
    let listener = TcpListener::bind(("127.0.0.1", 0)).map_err(taken)?;
    Ok(listener.local_addr().map_err(taken)?.port())
}

/// Makes sure that nobody listens on `port`: another server there would answer in place of ours.
pub fn claim_port(port: u16) -> Result<(), Failure> {
    let probe = TcpListener::bind(("127.0.0.1", port));
    probe.map(drop).map_err(|cause| Failure::Port { port, cause })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_is_noticed_before_anything_starts() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        let port = listener.local_addr().expect("an address").port();
        assert!(claim_port(port).is_err());
        // Not the same port once more: another test may be starting a process, which holds a copy of the listener until
        // it executes its program.
        assert!(claim_port(0).is_ok(), "any port");
    }
}
