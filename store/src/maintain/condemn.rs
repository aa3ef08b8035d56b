//! Which objects nothing refers to.

use std::collections::HashSet;

use crate::content::ObjectRef;
use crate::id::Seq;
use crate::tree::Tree;

/// Those of `objects` that no live file and no state later than `horizon` refers to: what a commit that lands on
/// `tree` may condemn. Objects that no commit ever named (a writer uploaded them and went away, or is about to commit)
/// are among them; such a writer sees the condemnation before its own commit can land, and uploads again.
pub fn condemnable(tree: &Tree, horizon: Seq, objects: &[ObjectRef]) -> Vec<ObjectRef> {
    let horizon = tree.horizon.max(horizon);
    let live = tree.live_objects();
    let ends = tree.ends_of_moves(horizon);
    let mut seen = HashSet::new();
    let free = |object: &ObjectRef| {
        !live.contains(object)
            && !ends.contains(object)
            && tree.superseded.get(object).is_none_or(|last| *last <= horizon)
            && !tree.condemned.contains_key(object)
            // Redaction destroys those itself, and what it leaves in their place stays.
            && !tree.holds_redacted(*object)
            && !matches!(object, ObjectRef::Slot(seq) if *seq > tree.seq || tree.stubbed.contains(*seq))
    };
    objects
        .iter()
        .filter(|o| free(o) && seen.insert(**o))
        .copied()
        .collect()
}
/// All that may be condemned on `tree`, given the data objects there are.
pub(super) fn candidates(tree: &Tree, horizon: Seq, data: impl Iterator<Item = ObjectRef>) -> Vec<ObjectRef> {
    let slots = tree.stubbed.missing(tree.seq).map(ObjectRef::Slot);
    let all: Vec<ObjectRef> = slots.chain(data).collect();
    condemnable(tree, horizon, &all)
}
