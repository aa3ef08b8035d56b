//! What a mount leaves in journals, as the mount itself tells it, or whoever ended it.

use remanence_sidecar::Stopped;
use remanence_sidecar::aside::Waiting;

use crate::exit::{Failure, Outcome};
use crate::output::Output;

/// What to do about what is left.
pub(crate) const AGAIN: &str = "mount again with the same --at and --cache: it finishes what is left";

/// Says what is not in the store yet.
pub(crate) fn report(stopped: &Stopped, out: &Output) -> Outcome {
    if stopped.in_use {
        out.hint("something still had files open; it keeps what it has, but can't reach the store any more");
    }
    if stopped.left.is_empty() {
        return Ok(());
    }
    Err(Failure::failed(format!(
        "changes are not in the store yet: {}; they are in the journal ({})",
        left(stopped),
        stopped.journal.display()
    ))
    .hint(AGAIN))
}

/// A journal that this mount does not bring to its store.
pub(crate) fn waits(waiting: &Waiting) -> String {
    let store = waiting.store.map(|id| format!(" {id}")).unwrap_or_default();
    format!(
        "changes wait for the store{store}, which was mounted here as `{}`: {}, in the journal {}; mount that store again \
         with the same --at and --cache, as `{}` and to be written to",
        waiting.name,
        waiting.changes,
        waiting.journal.display(),
        waiting.name
    )
}

/// How many changes of which store are left.
pub(crate) fn left(stopped: &Stopped) -> String {
    let left: Vec<String> = stopped.left.iter().map(|(name, n)| format!("{n} of {name}")).collect();
    left.join(", ")
}
