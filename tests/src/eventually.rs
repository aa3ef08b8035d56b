//! Waiting for what comes by itself.

use std::thread;
use std::time::{Duration, Instant};

/// Short beside whatever is timed.
const PAUSE: Duration = Duration::from_millis(1);

/// Waits until `done`, or fails after `within`; says how long it took.
pub fn eventually(what: &str, within: Duration, mut done: impl FnMut() -> bool) -> Duration {
    let start = Instant::now();
    while !done() {
        assert!(start.elapsed() < within, "not within {within:?}: {what}");
        thread::sleep(PAUSE);
    }
    start.elapsed()
}
