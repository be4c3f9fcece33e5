//! Where a phase panicked: location and backtrace, kept for the log and the stored message.

use std::{any::Any, backtrace::Backtrace, cell::RefCell, panic};

tokio::task_local! {
    /// Set while somebody waits to catch a panic, and will log it.
    static CAUGHT: ();
}

thread_local! {
    static LAST: RefCell<Option<Place>> = const { RefCell::new(None) };
}

/// Where a panic happened.
#[derive(Debug, Clone)]
pub struct Place {
    /// `file:line:column`.
    pub location: String,
    /// Captured when the panic began.
    pub backtrace: String,
}

/// Runs `work` for somebody who catches its panic and logs it with all that is known of the place.
pub async fn caught<T>(work: impl Future<Output = T>) -> T {
    CAUGHT.scope((), work).await
}

/// Installs the hook; called once, by `main`. What nobody is going to catch is logged here.
pub fn install_hook() {
    panic::set_hook(Box::new(|info| {
        let location = info
            .location()
            .map_or_else(|| "unknown".to_owned(), ToString::to_string);
        let place = Place {
            location,
            backtrace: Backtrace::force_capture().to_string(),
        };
        if CAUGHT.try_with(|()| ()).is_err() {
            let Place { location, backtrace } = &place;
            tracing::error!(location, backtrace, "panicked: {}", message(info.payload()));
        }
        LAST.with(|last| *last.borrow_mut() = Some(place));
    }));
}

/// The place of the panic that was just caught on this thread.
#[must_use]
pub fn take_place() -> Option<Place> {
    LAST.with(|last| last.borrow_mut().take())
}

/// The words of a panic.
#[must_use]
pub fn message(payload: &dyn Any) -> String {
    payload
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "panic without a message".to_owned())
}
