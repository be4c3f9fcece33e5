//! The rings as a stream for the queue's consumer.
//!
//! Every poll of the queue is a write transaction, and the dispatcher has answered the bell long before. So rings
//! reach the queue after a pause, all rings of the pause as one.
//!
//! The consumer polls once and may not look again until it is woken, so the waker is armed even when an item is
//! returned: the inner future is renewed and polled in the same call.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use futures::{FutureExt as _, Stream, future::BoxFuture};
use tokio::{
    sync::watch::Receiver,
    time::{Interval, MissedTickBehavior},
};

/// From a ring to the poll of the queue.
const PAUSE: Duration = Duration::from_millis(50);

/// Yields after every ring and at every tick.
pub struct RingStream {
    next: BoxFuture<'static, Option<Receiver<u64>>>,
    tick: Interval,
}

impl RingStream {
    pub(super) fn new(rings: Receiver<u64>, fallback: Duration) -> Self {
        let mut tick = tokio::time::interval(fallback);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self {
            next: wait(rings),
            tick,
        }
    }
}

fn wait(mut rings: Receiver<u64>) -> BoxFuture<'static, Option<Receiver<u64>>> {
    async move {
        rings.changed().await.ok()?;
        tokio::time::sleep(PAUSE).await;
        rings.mark_unchanged();
        Some(rings)
    }
    .boxed()
}

impl Stream for RingStream {
    type Item = ();

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<()>> {
        let mut rang = false;
        while self.tick.poll_tick(cx).is_ready() {
            rang = true;
        }
        while let Poll::Ready(rings) = self.next.poll_unpin(cx) {
            let Some(rings) = rings else { return Poll::Ready(None) };
            self.next = wait(rings);
            rang = true;
        }
        if rang { Poll::Ready(Some(())) } else { Poll::Pending }
    }
}

impl std::fmt::Debug for RingStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RingStream")
    }
}
