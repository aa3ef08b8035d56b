//! The collector: what an earlier run condemned is deleted; slots, which are for ever, are overwritten by their stubs.

use std::collections::BTreeSet;

use futures::stream::{self, StreamExt as _, TryStreamExt as _};

use crate::content::ObjectRef;
use crate::error::{Result, StoreError};
use crate::id::Seq;
use crate::log::read_again;
use crate::maintain::condemn::condemnable;
use crate::maintain::rights::{PARALLEL, Rights, Stored};
use crate::maintain::{MaintainReport, author, commit};
use crate::op::Op;
use crate::planted::{self, Bug};
use crate::slot::{self, Slot};

/// A header line rarely is longer; one that is costs a second request.
const HEADER_GUESS: u64 = 16 << 10;

/// Objects one op names; its header line stays below 100 KB.
pub(super) const OBJECTS_PER_OP: usize = 2000;

/// Deletes what is condemned, then records it. A run that is cut short repeats it: deleting and stubbing twice is the
/// same as once, and until it is recorded every writer keeps off those objects.
pub(super) async fn collect(rights: &Rights, data: &mut Vec<Stored>, report: &mut MaintainReport) -> Result<()> {
    let tree = rights.store.tree();
    if tree.condemned.is_empty() && !planted::is(Bug::CollectorHasNoGrace) {
        return Ok(());
    }
    let live = tree.live_objects();
    let mut doomed: Vec<ObjectRef> = Vec::new();
    for object in tree.condemned.keys() {
        if live.contains(object) {
            // No commit can bring this about; if it happens all the same, the contents are worth more than the space.
            tracing::error!(store = rights.store.url(), %object, "condemned, but a live file refers to it: kept");
        } else {
            doomed.push(*object);
        }
    }
    if planted::is(Bug::CollectorHasNoGrace) {
        let all: Vec<ObjectRef> = data.iter().map(Stored::object).collect();
        doomed.extend(condemnable(&tree, tree.horizon, &all));
    }
    let slots: Vec<Seq> = doomed.iter().filter_map(slot_of).collect();
    let freed: Vec<u64> = stream::iter(slots)
        .map(|seq| stub_slot(rights, seq))
        .buffer_unordered(PARALLEL)
        .try_collect()
        .await?;
    report.slots_stubbed += freed.len() as u64;
    report.bytes_freed += freed.iter().sum::<u64>();

    // What redaction left in place of an object stays, so that a late duplicate of its upload finds the name taken.
    let gone: BTreeSet<ObjectRef> = doomed.iter().filter(|o| !tree.holds_redacted(**o)).copied().collect();
    let deleted: Vec<ObjectRef> = gone.iter().filter(|o| slot_of(o).is_none()).copied().collect();
    report.objects_deleted += deleted.len() as u64;
    stream::iter(deleted.into_iter().map(|o| o.to_string()))
        .map(|key| async move { rights.delete(&key).await })
        .buffer_unordered(PARALLEL)
        .try_collect::<Vec<()>>()
        .await?;
    data.retain(|stored| {
        let stays = !gone.contains(&stored.object());
        report.bytes_freed += if stays { 0 } else { stored.size };
        stays
    });
    let ops = doomed.chunks(OBJECTS_PER_OP).map(|objects| Op::Collected {
        objects: objects.to_vec(),
    });
    commit(&rights.store, &author(), ops.collect()).await?;
    Ok(())
}

fn slot_of(object: &ObjectRef) -> Option<Seq> {
    match object {
        ObjectRef::Slot(seq) => Some(*seq),
        ObjectRef::Data(_) => None,
    }
}

/// Overwrites a slot by its stub, unless it is one already; returns the bytes freed.
pub(super) async fn stub_slot(rights: &Rights, seq: Seq) -> Result<u64> {
    let key = slot::key(seq);
    let missing = || rights.damaged(ObjectRef::Slot(seq), "the slot is missing");
    let mut tries = 0;
    let (object, whole, header) = loop {
        let mut object = rights.get(&key, Some(0..HEADER_GUESS)).await?.ok_or_else(missing)?;
        let whole = (object.len() as u64) < HEADER_GUESS;
        if !whole && !object.contains(&b'\n') {
            object = rights.get(&key, None).await?.ok_or_else(missing)?;
        }
        match Slot::decode(seq, &object) {
            Ok(header) => break (object, whole, header),
            Err(error) => read_again(&mut tries, rights.store.url(), &error).await?,
        }
    };
    let stub = slot::stub(seq, &object).map_err(|e| StoreError::slot(rights.store.url(), &e))?;
    if whole && stub.len() == object.len() {
        return Ok(0);
    }
    rights.put(&key, stub).await?;
    Ok(header.header.body)
}
