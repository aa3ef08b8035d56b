//! A Dream can wait: those who write on the same machine come first.

/// How far behind: of a processor that somebody else wants too, a Dream has a quarter.
const NICE: i32 = 5;

/// Lowers the priority of this thread, and of those it starts from here on.
pub fn step_back() {
    if let Err(error) = rustix::process::nice(NICE) {
        tracing::debug!(%error, "the dream goes on with the usual priority");
    }
}
