//! What must hold after a run.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use remanence_store::content::{Extent, Hash};
use remanence_store::error::StoreError;
use remanence_store::id::{FileId, MountId, Seq, StoreId, Version};
use remanence_store::index;
use remanence_store::op::Op;
use remanence_store::slot::{self, Slot};
use remanence_store::{At, Options, Store};

use super::agent::Mount;
use super::client::Client;
use super::clock::SimClock;
use super::history::{History, Operation, Status};
use super::keeper::redacted;
use super::oracle::{Replay, replay};
use super::rng::Rng;
use super::text::{Token, mount_of};
use super::trace::digest;
use super::world::{World, memmem};

/// Longest time an answer may take where nothing is ever down for long, and beyond what is down.
const LONGEST_WAIT: Duration = Duration::from_secs(90);

/// What a checked run was like.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) slots: Seq,
    pub(super) void: usize,
    pub(super) longest_wait: Duration,
    pub(super) lines: usize,
    /// The log in words.
    pub(super) story: Vec<String>,
}

/// Checks everything; what is wrong goes to the world's list.
pub(super) async fn check(world: &Arc<World>, history: &History, id: StoreId, mounts: &[Mount]) -> Found {
    let snapshots = history.snapshots();
    let asked: BTreeSet<Seq> = snapshots.iter().map(|s| s.seq).collect();
    let log = replay(world, id, &asked);
    for wrong in &log.wrongs {
        world.wrong(wrong.clone());
    }
    let operations = history.operations();
    once(world, &log);
    kept(world, &log, &operations);
    whole(world, &log, &operations);
    taken(world, &log, &operations);
    if world.overwritten().is_empty() {
        for snapshot in snapshots {
            if log.digests.get(&snapshot.seq) != Some(&snapshot.digest) {
                world.wrong(format!("a mount saw a tree at {} that nobody else sees", snapshot.seq));
            }
        }
        for reading in history.readings() {
            let text = log.texts.get(&(reading.file, reading.version));
            if text.map(|t| digest(t)) != Some(reading.digest) {
                let (file, version) = (reading.file, reading.version);
                world.wrong(format!(
                    "a mount read something else in {file} {version} than was written"
                ));
            }
        }
    }
    gone(world, id, &log);
    agree(world, &log, mounts).await;
    let longest_wait = waits(world, &operations);
    Found {
        slots: log.tree.seq,
        void: log.void.len(),
        longest_wait,
        lines: log.brought.len(),
        story: log.story,
    }
}

/// No op is in the log twice.
fn once(world: &World, log: &Replay) {
    let mut last: BTreeMap<MountId, u64> = BTreeMap::new();
    for step in &log.steps {
        let header = &step.slot.header;
        if header.first > header.last {
            world.wrong(format!(
                "slot {} settles ops {} to {}",
                header.seq, header.first, header.last
            ));
        }
        let before = last.insert(header.mount, header.last).unwrap_or(0);
        if header.first <= before {
            let (seq, mount, first) = (header.seq, header.mount, header.first);
            world.wrong(format!("slot {seq} settles op {first} of {mount} again ({before} was)"));
        }
    }
}

/// What was acknowledged is in the log, what was refused is not.
fn kept(world: &World, log: &Replay, operations: &[Operation]) {
    for operation in operations {
        for token in &operation.added {
            match (operation.status, log.brought.contains_key(token)) {
                (Status::Done, false) => {
                    world.wrong(format!(
                        "{token} was acknowledged and never was in the log ({})",
                        operation.what
                    ));
                }
                (Status::Refused, true) => {
                    world.wrong(format!("{token} was refused and is in the log ({})", operation.what));
                }
                _ => {}
            }
        }
        if operation.status == Status::Open {
            world.wrong(format!("never answered: {}", operation.what));
        }
    }
}

/// All of an atomic change came in one commit, or nothing of it.
fn whole(world: &World, log: &Replay, operations: &[Operation]) {
    let brought = brought_by_writers(log);
    let overwritten = !world.overwritten().is_empty();
    for operation in operations.iter().filter(|d| d.atomic) {
        // Where a slot was overwritten, others may bring copies of some of its lines before it is committed again.
        let first = |t: &Token| log.brought.get(t).and_then(|seqs| seqs.first());
        let own = |t: &Token| brought.get(t).and_then(|seqs| seqs.first());
        let copied = |t: &Token| overwritten && first(t).is_some() && first(t) != own(t);
        let rest = operation.added.iter().filter(|t| !copied(t));
        let seqs: BTreeSet<Option<Seq>> = rest.map(|t| own(t).copied()).collect();
        if seqs.len() > 1 {
            world.wrong(format!("half a commit: {} came in {seqs:?}", operation.what));
        }
    }
}

/// A line that is nowhere any more was taken away by somebody who had seen it.
fn taken(world: &World, log: &Replay, operations: &[Operation]) {
    let mut by_mount: HashMap<MountId, Vec<&Operation>> = HashMap::new();
    for operation in operations {
        by_mount.entry(operation.mount).or_default().push(operation);
    }
    // What was taken away once may live on in a copy (an editor's temporary file, a conflict sibling) and go with it.
    let mut allowed: BTreeSet<Token> = BTreeSet::new();
    // Where a slot was overwritten, a copy of a line may come and go before its own writer writes the line again.
    let again = if world.overwritten().is_empty() {
        BTreeMap::new()
    } else {
        brought_by_writers(log)
    };
    for step in &log.steps {
        let header = &step.slot.header;
        let in_commit = |d: &&&Operation| d.counters.0 >= header.first && d.counters.1 <= header.last;
        let own = by_mount.get(&header.mount).into_iter().flatten().filter(in_commit);
        allowed.extend(own.flat_map(|d| &d.removed));
        let comes = |t: &Token| {
            again
                .get(t)
                .and_then(|seqs| seqs.first())
                .is_some_and(|seq| *seq > header.seq)
        };
        for token in step.lost.iter().filter(|t| !allowed.contains(t) && !comes(t)) {
            let (seq, author) = (header.seq, &header.author);
            world.wrong(format!(
                "slot {seq} of {author} took away {token}, which it had not seen"
            ));
        }
    }
}

/// The commits of its own writer that brought each line.
fn brought_by_writers(log: &Replay) -> BTreeMap<Token, Vec<Seq>> {
    let mounts: HashMap<Seq, MountId> = log
        .steps
        .iter()
        .map(|s| (s.slot.header.seq, s.slot.header.mount))
        .collect();
    let by_writer = |(token, seqs): (&Token, &Vec<Seq>)| {
        let own = |seq: &&Seq| mounts.get(*seq) == Some(&mount_of(token.writer));
        (*token, seqs.iter().filter(own).copied().collect())
    };
    log.brought.iter().map(by_writer).collect()
}

/// All mounts, and whoever opens the store anew, see the same.
async fn agree(world: &Arc<World>, log: &Replay, mounts: &[Mount]) {
    let expected = digest(&index::encode(&log.tree));
    for mount in mounts {
        let tree = mount.store().tree();
        if tree.seq != log.tree.seq || digest(&index::encode(&tree)) != expected {
            let (name, seq) = (&mount.config.name, tree.seq);
            world.wrong(format!(
                "{name} sees another tree at {seq} than the log of {} makes",
                log.tree.seq
            ));
        }
    }
    let client = Client::new(world, "newcomer".into());
    let options = Options {
        clock: Arc::new(SimClock::new(world.start(), jiff::SignedDuration::ZERO)),
        random: Arc::new(Rng::new(0, 77).random()),
        memory_cache: 0,
        probe: false,
        ..Options::default()
    };
    let store = match Store::open(client.backend(false).read_only(), options).await {
        Ok(store) => store,
        Err(error) => return world.wrong(format!("the store can't be opened any more: {error}")),
    };
    let tree = store.tree();
    if digest(&index::encode(&tree)) != expected {
        world.wrong("a newcomer sees another tree than the log makes".into());
    }
    for node in tree.nodes() {
        let Some(content) = node.content() else { continue };
        let path = tree.path(node.id).unwrap_or_default();
        match store.read_all(content).await {
            Ok(bytes) => {
                let written = log.texts.get(&(node.id, node.version));
                if written.map(|t| digest(t)) != Some(digest(&bytes)) {
                    world.wrong(format!("{path} {} does not hold what was written", node.version));
                }
            }
            Err(error) => world.wrong(format!("{path} {} can't be read: {error}", node.version)),
        }
    }
    if world.overwritten().is_empty() {
        retained(world, log, &store).await;
    }
}

/// Redacted bytes are nowhere, unless somebody wrote them again.
fn gone(world: &World, id: StoreId, log: &Replay) {
    let live: Vec<&Bytes> = log
        .tree
        .nodes()
        .filter_map(|n| log.texts.get(&(n.id, n.version)))
        .collect();
    for (at, step) in log.steps.iter().enumerate() {
        for extent in step.slot.header.ops.iter().flat_map(redacted) {
            let Some(bytes) = stored(world, id, extent) else {
                continue;
            };
            let later = log.steps[at + 1..].iter().any(|s| brings(world, id, &s.slot, &bytes));
            if later || live.iter().any(|text| memmem(text, &bytes)) {
                continue;
            }
            let left = world.holding(&format!("{id}/"), &bytes);
            // The redaction tells of live files that hold the bytes as their own.
            if left.is_empty() || held(log, at, &bytes) {
                continue;
            }
            for key in left {
                world.wrong(format!("{key} holds bytes that slot {} redacted", step.slot.header.seq));
            }
        }
    }
}

/// Whether a file held such bytes when that commit landed.
fn held(log: &Replay, at: usize, bytes: &[u8]) -> bool {
    let mut live: HashMap<FileId, Version> = HashMap::new();
    for step in &log.steps[..=at] {
        let seq = step.slot.header.seq;
        for (op, number) in step.slot.header.ops.iter().zip(1..) {
            match op {
                Op::Put { file, .. } | Op::Append { file, .. } => drop(live.insert(*file, Version { seq, op: number })),
                Op::Remove { file, .. } => drop(live.remove(file)),
                _ => {}
            }
        }
    }
    let mut texts = live.into_iter().filter_map(|version| log.texts.get(&version));
    texts.any(|text| memmem(text, bytes))
}

/// The bytes of an extent, whenever they were there.
fn stored(world: &World, id: StoreId, extent: &Extent) -> Option<Bytes> {
    let (from, to) = (extent.offset as usize, (extent.offset + extent.length) as usize);
    let bodies = world.archived(&format!("{id}/{}", extent.object));
    let mut parts = bodies
        .iter()
        .filter_map(|body| body.get(from..to).map(|part| body.slice_ref(part)));
    parts.find(|bytes| Hash::of(bytes) == extent.hash)
}

/// Whether a commit brought such bytes with it.
fn brings(world: &World, id: StoreId, slot: &Slot, bytes: &[u8]) -> bool {
    let own = world.archived(&format!("{id}/{}", slot::key(slot.header.seq)));
    let contents = slot.header.ops.iter().filter_map(Op::content);
    let mut data = contents.flat_map(|c| &c.extents).filter(|e| e.offset == 0);
    own.iter().any(|body| memmem(body, bytes))
        || data.any(|e| stored(world, id, e).is_some_and(|part| memmem(&part, bytes)))
}

/// What is retained can be read.
async fn retained(world: &World, log: &Replay, store: &Store) {
    let (first, last) = (log.tree.horizon.max(1), log.tree.seq);
    for seq in (first..=last).step_by((last.saturating_sub(first) / 4 + 1) as usize) {
        let tree = match store.tree_at(At { seq, op: None }).await {
            Ok(tree) => tree,
            Err(error) => {
                world.wrong(format!("the state at {seq} can't be read any more: {error}"));
                continue;
            }
        };
        for node in tree.nodes() {
            let Some(content) = node.content() else { continue };
            let path = tree.path(node.id).unwrap_or_default();
            match store.read_all(content).await {
                Ok(bytes) if log.texts.get(&(node.id, node.version)) == Some(&bytes) => {}
                Err(StoreError::Redacted { .. }) => {}
                Ok(_) => world.wrong(format!("{path} of {seq} does not hold what was written")),
                Err(error) => world.wrong(format!("{path} of {seq} can't be read any more: {error}")),
            }
        }
    }
}

/// Nobody waits for ever.
fn waits(world: &World, operations: &[Operation]) -> Duration {
    let longest = operations.iter().max_by_key(|d| d.took);
    if let Some(operation) = longest.filter(|d| d.took.is_some_and(|t| t > LONGEST_WAIT)) {
        world.wrong(format!("{} waited {:?}", operation.what, operation.took));
    }
    longest.and_then(|d| d.took).unwrap_or_default()
}
