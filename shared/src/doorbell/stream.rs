//! The rings as a stream for the queue's consumer.
//!
//! Every poll of the queue is a write transaction, and the dispatcher has answered the bell long before. So rings
//! reach the queue after a pause, all rings of the pause as one. The pause is kept by a task of its own: whatever
//! wakes the consumer makes it poll the queue, so it must not be woken earlier.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use futures::{FutureExt as _, Stream, future::BoxFuture};
use tokio::sync::watch::{Receiver, Sender, channel};

/// From a ring to the poll of the queue.
const PAUSE: Duration = Duration::from_millis(50);

/// Yields at once, after every ring, and at every tick.
pub struct RingStream {
    next: BoxFuture<'static, Option<Receiver<()>>>,
}

impl RingStream {
    pub(super) fn new(rings: Receiver<u64>, fallback: Duration) -> Self {
        let (late, mut lates) = channel(());
        lates.mark_changed();
        tokio::spawn(pass_on(rings, late, fallback));
        Self { next: wait(lates) }
    }
}

/// Passes rings on after the pause, and ticks in between; ends with either side.
async fn pass_on(mut rings: Receiver<u64>, late: Sender<()>, fallback: Duration) {
    while !late.is_closed() {
        match tokio::time::timeout(fallback, rings.changed()).await {
            Ok(Err(_)) => return,
            Ok(Ok(())) => tokio::time::sleep(PAUSE).await,
            Err(_) => {}
        }
        rings.mark_unchanged();
        late.send_replace(());
    }
}

fn wait(mut lates: Receiver<()>) -> BoxFuture<'static, Option<Receiver<()>>> {
    async move { lates.changed().await.ok().map(|()| lates) }.boxed()
}

impl Stream for RingStream {
    type Item = ();

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<()>> {
        let mut rang = false;
        // Renewed and polled again, so that the waker is armed also when an item is returned.
        while let Poll::Ready(lates) = self.next.poll_unpin(cx) {
            let Some(lates) = lates else { return Poll::Ready(None) };
            self.next = wait(lates);
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
