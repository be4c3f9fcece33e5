//! Telling a run that is being executed to stop: because it was canceled, handed over, or lost.

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// Why a run stops before its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopReason {
    /// Somebody asked for its end.
    Canceled,
    /// The worker shuts down; another one goes on.
    Shutdown,
    /// The claim no longer holds; nothing may be written any more.
    Lost,
}

/// The switch; the first reason is kept, except that a lost claim beats the others.
#[derive(Debug, Clone)]
pub struct Control {
    reason: watch::Sender<Option<StopReason>>,
    /// Whether the worker shuts down, whatever the reason is.
    shutdown: CancellationToken,
}

impl Default for Control {
    fn default() -> Self {
        Self {
            reason: watch::Sender::new(None),
            shutdown: CancellationToken::new(),
        }
    }
}

impl Control {
    /// Asks for a stop.
    pub fn stop(&self, reason: StopReason) {
        if reason == StopReason::Shutdown {
            self.shutdown.cancel();
        }
        self.reason.send_if_modified(|current| {
            let change = current.is_none() || (reason == StopReason::Lost && *current != Some(reason));
            if change {
                *current = Some(reason);
            }
            change
        });
    }

    /// The reason, if a stop was asked for.
    #[must_use]
    pub fn reason(&self) -> Option<StopReason> {
        *self.reason.borrow()
    }

    /// Resolves when the worker shuts down, also when the run stops for another reason.
    pub async fn shut_down(&self) {
        self.shutdown.cancelled().await;
    }

    /// Resolves when a stop is asked for.
    pub async fn stopped(&self) -> StopReason {
        let mut reasons = self.reason.subscribe();
        loop {
            if let Some(reason) = *reasons.borrow_and_update() {
                return reason;
            }
            if reasons.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_reason_is_kept_unless_the_claim_is_lost() {
        let control = Control::default();
        assert_eq!(control.reason(), None);
        control.stop(StopReason::Canceled);
        control.stop(StopReason::Shutdown);
        assert_eq!(control.reason(), Some(StopReason::Canceled));
        control.stop(StopReason::Lost);
        control.stop(StopReason::Canceled);
        assert_eq!(control.reason(), Some(StopReason::Lost));
    }
}
