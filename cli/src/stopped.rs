//! How a mount ended, as the mount itself tells it, or whoever ended it.

use remanence_sidecar::Stopped;

use crate::exit::{Failure, Outcome};
use crate::output::Output;

/// Says what is not in the store yet.
pub(crate) fn report(stopped: &Stopped, out: &Output) -> Outcome {
    if stopped.in_use {
        out.hint("something still had files open; it keeps what it has, but can't reach the store any more");
    }
    if stopped.left.is_empty() {
        return Ok(());
    }
    let left: Vec<String> = stopped.left.iter().map(|(name, n)| format!("{n} of {name}")).collect();
    Err(Failure::failed(format!(
        "changes are not in the store yet: {}; they are in the journal ({})",
        left.join(", "),
        stopped.journal.display()
    ))
    .hint("mount again with the same --at and --cache: it finishes them"))
}
