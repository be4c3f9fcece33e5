//! Where a phase panicked: location and backtrace, kept for the log and the stored message.

use std::{any::Any, backtrace::Backtrace, cell::RefCell, panic};

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

/// Installs the hook; called once, by `main`. Panics are logged by whoever catches them.
pub fn install_hook() {
    panic::set_hook(Box::new(|info| {
        let location = info
            .location()
            .map_or_else(|| "unknown".to_owned(), ToString::to_string);
        let place = Place {
            location,
            backtrace: Backtrace::force_capture().to_string(),
        };
        tracing::debug!(location = %place.location, "panic");
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
pub fn message(payload: &(dyn Any + Send)) -> String {
    payload
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "panic without a message".to_owned())
}
