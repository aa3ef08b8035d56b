//! Being told to end: by Ctrl-C, by whoever stops the machine, by the terminal that goes away.

use std::io;

use tokio::signal::unix::{SignalKind, signal};

/// Comes when this process is to end.
///
/// # Errors
/// When signals can't be listened for.
pub(crate) fn stop() -> io::Result<impl Future<Output = ()>> {
    let (mut interrupt, mut terminate, mut hangup) = (
        signal(SignalKind::interrupt())?,
        signal(SignalKind::terminate())?,
        signal(SignalKind::hangup())?,
    );
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
    })
}
