//! The mover: packing, compaction, emptying of old slots. Copies contents into new objects, then commits where they
//! are now. Cut short, it leaves objects that no commit names; the next run condemns them.

use std::collections::BTreeSet;

use bytes::{Bytes, BytesMut};

use crate::author::Author;
use crate::content::{Content, Extent, Hash, ObjectRef};
use crate::error::{Result, StoreError};
use crate::id::{DataId, Seq};
use crate::maintain::history::{effective, tree_at};
use crate::maintain::plan::{PACK, Pack, plan};
use crate::maintain::rights::{Rights, Stored};
use crate::maintain::{MaintainReport, author, commit};
use crate::op::{Op, Relocation};
use crate::planted::{self, Bug};
use crate::store::Store;

/// Extents one op moves; its header line stays below a megabyte.
const EXTENTS_PER_OP: usize = 2000;

/// What was moved.
#[derive(Debug, Default)]
pub(super) struct Moved {
    extents: u64,
    bytes: u64,
    joined: u64,
    damaged: BTreeSet<Extent>,
}

/// Moves what is worth moving.
pub(super) async fn run(rights: &Rights, horizon: Seq, data: &[Stored], report: &mut MaintainReport) -> Result<()> {
    let packs = plan(&rights.store.tree(), horizon, data);
    let moved = carry_all(rights, packs, &author()).await?;
    report.extents_moved += moved.extents;
    report.bytes_moved += moved.bytes;
    report.extents_joined += moved.joined;
    report.damaged += moved.damaged.len() as u64;
    Ok(())
}

/// Moves everything that retained states refer to out of `objects`, but for what is redacted; says whether they are
/// free of it now. Others may have moved or condemned in between: then not all moves hold, and it is tried again.
pub(super) async fn move_out(rights: &Rights, objects: &BTreeSet<ObjectRef>, author: &Author) -> Result<bool> {
    let left = retained_in(&rights.store, objects).await?;
    if left.is_empty() {
        return Ok(true);
    }
    let mut packs: Vec<Pack> = Vec::new();
    for extent in left {
        if packs.last().is_none_or(|p| p.bytes + extent.length > PACK) {
            packs.push(Pack::default());
        }
        if let Some(pack) = packs.last_mut() {
            pack.extents.push(extent);
            pack.bytes += extent.length;
        }
    }
    let damaged = carry_all(rights, packs, author).await?.damaged.into_iter().collect();
    Ok(retained_in(&rights.store, objects).await?.is_subset(&damaged))
}

/// Extents of `objects` that a retained state refers to and that are not redacted.
async fn retained_in(store: &Store, objects: &BTreeSet<ObjectRef>) -> Result<BTreeSet<Extent>> {
    let head = store.tree();
    let oldest = tree_at(store, head.horizon).await?;
    let slots = effective(&oldest, store.headers(oldest.seq + 1..head.seq + 1).await?);
    // A state in between may refer to what a move joined, though nothing later does.
    let extents = |op: &Op| match op {
        Op::Move { joined, .. } => joined.clone(),
        op => op.content().map(|c| c.extents.clone()).unwrap_or_default(),
    };
    let written = slots.iter().flat_map(|s| &s.header.ops).flat_map(extents);
    Ok(oldest
        .live_extents()
        .chain(head.live_extents())
        .copied()
        .chain(written)
        .map(|e| head.located(&e))
        .filter(|e| objects.contains(&e.object) && !head.is_redacted(e))
        .collect())
}

async fn carry_all(rights: &Rights, packs: Vec<Pack>, author: &Author) -> Result<Moved> {
    let mut moved = Moved::default();
    let mut ops: Vec<Op> = Vec::new();
    let mut waiting = 0;
    for pack in packs {
        for part in split(pack) {
            if let Some(op) = carry(rights, part, &mut moved).await? {
                waiting += count(&op);
                ops.push(op);
            }
            if waiting >= EXTENTS_PER_OP {
                settle(rights, author, std::mem::take(&mut ops)).await?;
                waiting = 0;
            }
        }
    }
    settle(rights, author, ops).await?;
    Ok(moved)
}

/// Commits moves. A copy of which nothing holds any more where it lands was overtaken, by a redaction perhaps: no
/// commit names it or ever will, and it must not outlive what it was copied from.
async fn settle(rights: &Rights, author: &Author, ops: Vec<Op>) -> Result<()> {
    let copies: Vec<ObjectRef> = ops.iter().filter_map(target).collect();
    let landed = commit(&rights.store, author, ops).await?;
    for (copy, _) in copies.iter().zip(landed).filter(|(_, landed)| !landed) {
        rights.delete(&copy.to_string()).await?;
    }
    Ok(())
}

/// The one object that a move's contents go to.
fn target(op: &Op) -> Option<ObjectRef> {
    match op {
        Op::Move { moves, .. } => moves.first().map(|m| m.to),
        _ => None,
    }
}

fn count(op: &Op) -> usize {
    match op {
        Op::Move { moves, .. } => moves.len(),
        _ => 0,
    }
}

/// Parts of a pack that one op can move; runs that are joined stay together as far as they fit.
fn split(pack: Pack) -> Vec<Pack> {
    if pack.extents.len() <= EXTENTS_PER_OP {
        return vec![pack];
    }
    let mut parts = Vec::new();
    for (index, extents) in pack.extents.chunks(EXTENTS_PER_OP).enumerate() {
        let (from, to) = (index * EXTENTS_PER_OP, index * EXTENTS_PER_OP + extents.len());
        let joins = pack
            .joins
            .iter()
            .map(|j| j.start.max(from)..j.end.min(to))
            .filter(|j| j.len() > 1)
            .map(|j| j.start - from..j.end - from)
            .collect();
        parts.push(Pack {
            extents: extents.to_vec(),
            joins,
            bytes: extents.iter().map(|e| e.length).sum(),
        });
    }
    parts
}

/// Copies a pack into a new object; `None` when nothing of it can be read.
async fn carry(rights: &Rights, mut pack: Pack, moved: &mut Moved) -> Result<Option<Op>> {
    let store = &rights.store;
    let base = store.tree().seq;
    let whole = Content {
        extents: pack.extents.clone(),
    };
    let bytes = match store.read_all(&whole).await {
        Ok(bytes) => bytes,
        Err(StoreError::Damaged { .. } | StoreError::Redacted { .. }) => one_by_one(store, &mut pack, moved).await?,
        Err(error) => return Err(error),
    };
    if pack.extents.is_empty() {
        return Ok(None);
    }
    let id = DataId::random(store.random());
    let cut = usize::from(planted::is(Bug::MoverCutsShort));
    rights
        .create(&format!("data/{id}"), bytes.slice(..bytes.len() - cut))
        .await?;
    let mut offset = 0;
    let mut moves = Vec::with_capacity(pack.extents.len());
    for from in &pack.extents {
        moves.push(Relocation {
            from: *from,
            to: ObjectRef::Data(id),
            at: offset,
        });
        offset += from.length;
    }
    let join = |range: &std::ops::Range<usize>| {
        let (first, last) = (moves[range.start].moved(), moves[range.end - 1].moved());
        let length = last.offset + last.length - first.offset;
        Extent {
            length,
            hash: Hash::of(&bytes[first.offset as usize..(first.offset + length) as usize]),
            ..first
        }
    };
    let joined: Vec<Extent> = pack.joins.iter().map(join).collect();
    moved.extents += moves.len() as u64;
    moved.bytes += offset;
    moved.joined += pack.joins.iter().map(|j| j.len() as u64).sum::<u64>();
    Ok(Some(Op::Move { base, moves, joined }))
}

/// Reads what can be read, and leaves the rest out.
async fn one_by_one(store: &Store, pack: &mut Pack, moved: &mut Moved) -> Result<Bytes> {
    let mut bytes = BytesMut::new();
    let mut there = Vec::new();
    for extent in &pack.extents {
        match store.read_extent(extent).await {
            Ok(part) => {
                bytes.extend_from_slice(&part);
                there.push(*extent);
            }
            Err(StoreError::Redacted { .. }) => {}
            Err(error @ StoreError::Damaged { .. }) => {
                tracing::error!(store = store.url(), %error, "not moved");
                moved.damaged.insert(*extent);
            }
            Err(error) => return Err(error),
        }
    }
    if there.len() < pack.extents.len() {
        pack.joins.clear();
    }
    pack.extents = there;
    Ok(bytes.freeze())
}
