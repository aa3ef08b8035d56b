//! What a mount wrote last to a file, as the log tells it: a successor process does not know what its predecessor knew.

use std::collections::HashSet;

use crate::error::{Result, StoreError};
use crate::id::{At, FileId, Seq, Version};
use crate::intent::{Base, Entry, Intent};
use crate::merge::resolve::{KnownBase, OwnBase, OwnBases};
use crate::op::Op;
use crate::shared::Shared;
use crate::slot::Slot;
use crate::tree::Tree;

/// Commits that are read at once, newest first.
const CHUNK: Seq = 64;

/// How far back is looked. What was written before that counts as not known, which costs a conflict at worst.
const FARTHEST: Seq = 1024;

/// Files whose last own write was looked for.
#[derive(Debug, Default)]
pub(crate) struct Recall {
    asked: HashSet<FileId>,
}

impl Recall {
    /// `own` with what entries are based on that this process did not write itself.
    pub(crate) async fn complete(&mut self, shared: &Shared, entries: &[&Entry], own: &OwnBases) -> Result<OwnBases> {
        let mut own = own.clone();
        if shared.is_first {
            return Ok(own);
        }
        let tree = shared.tree();
        for file in entries.iter().flat_map(|e| &e.intents).filter_map(|i| own_of(i, &tree)) {
            let known = own.contains_key(&file) || own.contains_key(&tree.resolve_alias(file));
            if known || self.asked.contains(&file) {
                continue;
            }
            if let Some(known) = last_own(shared, &tree, file).await? {
                own.insert(file, OwnBase { known, called: file });
            }
            self.asked.insert(file);
        }
        Ok(own)
    }
}

/// The file whose last own write an intent is based on.
fn own_of(intent: &Intent, tree: &Tree) -> Option<FileId> {
    match intent {
        Intent::Put { file, base, .. } | Intent::Append { file, base, .. } | Intent::Remove { file, base, .. } => {
            (*base == Base::Own).then_some(*file)
        }
        Intent::Rename { place, over, there, .. } if *over == Base::Own => {
            there.or_else(|| Some(tree.child(tree.resolve_alias(place.parent), &place.name)?.id))
        }
        _ => None,
    }
}

/// The newest version of a file that this mount made; `None` where it was merged with others' writes, so that it is not
/// what the mount showed.
async fn last_own(shared: &Shared, tree: &Tree, file: FileId) -> Result<Option<KnownBase>> {
    let id = tree.resolve_alias(file);
    let oldest = tree.horizon.max(tree.seq.saturating_sub(FARTHEST));
    let mut end = tree.seq;
    while end > oldest {
        let start = end.saturating_sub(CHUNK).max(oldest);
        let slots = shared.log.headers(start + 1..=end, tree.seq).await?;
        let mut own = slots.iter().rev().filter(|s| s.header.mount == shared.mount);
        if let Some((version, exact)) = own.find_map(|s| newest(s, id)) {
            return if exact { at(shared, id, version).await } else { Ok(None) };
        }
        end = start;
    }
    Ok(None)
}

/// The last op of a slot that gives the file content, and whether that is exactly what its writer showed.
fn newest(slot: &Slot, id: FileId) -> Option<(Version, bool)> {
    let (number, op) = (1..)
        .zip(&slot.header.ops)
        .filter(|(_, op)| op.file() == Some(id) && op.content().is_some())
        .last()?;
    let merged = match op {
        Op::Put { merged, .. } | Op::Append { merged, .. } => merged.is_some(),
        _ => false,
    };
    let seq = slot.header.seq;
    Some((Version { seq, op: number }, !merged))
}

async fn at(shared: &Shared, id: FileId, version: Version) -> Result<Option<KnownBase>> {
    let then = match shared.log.load(Some(At::from(version))).await {
        Ok(loaded) => loaded.tree,
        // The commit is void.
        Err(StoreError::NoVersion { .. }) => return Ok(None),
        Err(error) => return Err(error),
    };
    let node = then
        .node(id)
        .filter(|n| n.version == version && n.mount == shared.mount);
    Ok(node.and_then(|n| {
        let content = n.content()?.clone();
        Some(KnownBase { version, content })
    }))
}
