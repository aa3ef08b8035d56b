//! What the tasks of a handle share: the tree as it is known, news of it, and health.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures::stream::{self, StreamExt as _};
use parking_lot::Mutex;
use tokio::sync::{Notify, mpsc};
use tokio::time::Instant;

use crate::backend::Backend;
use crate::clock::Clock;
use crate::contents::Contents;
use crate::error::{Result, StoreError};
use crate::id::{MountId, Seq, StoreId, WriteId};
use crate::log::{Loaded, Log, PARALLEL, apply_or_void};
use crate::op::Op;
use crate::planted::{self, Bug};
use crate::random::Random;
use crate::slot::Slot;
use crate::store::{Health, Update};
use crate::tree::{Change, ChangeKind, Tree};
use crate::upkeep::Upkeep;

/// Commits whose mounts count when the rank of a waiting writer is taken.
const RECENT: usize = 128;

pub(crate) struct Shared {
    pub(crate) log: Log,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) mount: MountId,
    /// Whether no process wrote as this mount before.
    pub(crate) is_first: bool,
    pub(crate) next_counter: AtomicU64,
    pub(crate) contents: Contents,
    pub(crate) give_up: Option<Duration>,
    /// Wakes whoever waits out a back-off.
    pub(crate) nudge: Notify,
    /// Something happened on the log: the follower polls quickly for a while.
    pub(crate) active: Notify,
    /// The log turned out to be another than was seen: acknowledged commits may be gone.
    pub(crate) rebuilt: Notify,
    /// Whether this handle follows the log.
    pub(crate) follow: bool,
    state: Mutex<State>,
    /// One catch-up at a time.
    catching_up: tokio::sync::Mutex<()>,
}

struct State {
    tree: Arc<Tree>,
    updates: Option<mpsc::UnboundedSender<Update>>,
    recent: VecDeque<(Seq, MountId)>,
    /// Slots taken in that were not looked at again, to see whether they stay.
    unverified: VecDeque<(Seq, WriteId)>,
    /// Whether some of them are this handle's own, which would be lost with them.
    own_unverified: bool,
    upkeep: Upkeep,
    health: Health,
    /// Whether the trouble is the committer's, and not over before it gets on.
    commits_fail: bool,
}

impl Shared {
    pub(crate) fn new(
        log: Log,
        loaded: Loaded,
        contents: Contents,
        mount: MountId,
        options: &crate::store::Options,
    ) -> Self {
        let mut recent: VecDeque<_> = loaded.slots.iter().map(|s| (s.header.seq, s.header.mount)).collect();
        while recent.len() > RECENT {
            recent.pop_front();
        }
        let upkeep = Upkeep::new(&loaded);
        let settled = loaded.tree.mounts.get(&mount).copied().unwrap_or(0);
        let health = Health {
            missing: loaded.missing,
            looked: Some(Instant::now()),
            ..Health::default()
        };
        Self {
            log,
            clock: options.clock.clone(),
            random: options.random.clone(),
            mount,
            is_first: settled == 0,
            next_counter: AtomicU64::new(if planted::is(Bug::CountersFromOne) {
                1
            } else {
                options.next_counter.max(settled + 1)
            }),
            contents,
            give_up: options.give_up,
            nudge: Notify::new(),
            active: Notify::new(),
            rebuilt: Notify::new(),
            follow: options.follow,
            state: Mutex::new(State {
                tree: Arc::new(loaded.tree),
                updates: None,
                recent,
                unverified: VecDeque::new(),
                own_unverified: false,
                upkeep,
                health,
                commits_fail: false,
            }),
            catching_up: tokio::sync::Mutex::new(()),
        }
    }

    pub(crate) fn backend(&self) -> &Backend {
        &self.log.backend
    }

    pub(crate) fn url(&self) -> &str {
        self.log.url()
    }

    pub(crate) fn id(&self) -> StoreId {
        self.log.id
    }

    pub(crate) fn tree(&self) -> Arc<Tree> {
        self.state.lock().tree.clone()
    }

    pub(crate) fn updates(&self) -> mpsc::UnboundedReceiver<Update> {
        let (sender, receiver) = mpsc::unbounded_channel();
        self.state.lock().updates = Some(sender);
        receiver
    }

    pub(crate) fn health(&self) -> Health {
        self.state.lock().health.clone()
    }

    pub(crate) fn change_health(&self, change: impl FnOnce(&mut Health)) {
        change(&mut self.state.lock().health);
    }

    /// Notes that the object store does (or doesn't do) what a commit needs; logs each change once.
    pub(crate) fn set_trouble(&self, trouble: Option<String>) {
        let mut state = self.state.lock();
        state.commits_fail = trouble.is_some();
        self.note_trouble(&mut state.health, trouble);
    }

    /// As [`Shared::set_trouble`], of the log that is followed: that it can be read says nothing of a commit that is
    /// refused.
    pub(crate) fn set_follow_trouble(&self, trouble: Option<String>) {
        let mut state = self.state.lock();
        if !state.commits_fail {
            self.note_trouble(&mut state.health, trouble);
        }
    }

    fn note_trouble(&self, health: &mut Health, trouble: Option<String>) {
        match (&health.trouble, &trouble) {
            (None, Some(why)) => tracing::warn!(store = self.url(), why, "object store trouble; trying on"),
            (Some(_), None) => tracing::info!(store = self.url(), "object store is back"),
            _ => {}
        }
        health.trouble = trouble;
    }

    /// How many other mounts of the last commits have waited longer than this one.
    pub(crate) fn rank(&self) -> u32 {
        rank(&self.state.lock().recent, self.mount)
    }

    /// Takes a slot in, unless it is known; `object` are its bytes if they are at hand.
    pub(crate) fn absorb(&self, slot: &Slot, object: Option<&Bytes>) -> Result<()> {
        let mut state = self.state.lock();
        if slot.header.seq <= state.tree.seq {
            return Ok(());
        }
        if slot.header.previous != state.tree.write && !planted::is(Bug::NoChainCheck) {
            return Err(StoreError::Chain {
                url: self.url().into(),
                seq: slot.header.seq,
            });
        }
        let mut tree = Tree::clone(&state.tree);
        if planted::is(Bug::TailSkipsSlot) && slot.header.mount != self.mount && slot.header.seq.is_multiple_of(7) {
            let (seq, write) = (slot.header.seq, slot.header.write);
            (tree.seq, tree.written, tree.write) = (seq, seq, write);
            state.publish(tree, Vec::new());
            return Ok(());
        }
        let changes = apply_or_void(&mut tree, slot, self.url())?;
        self.contents.take_note(slot, object);
        state.recent.push_back((slot.header.seq, slot.header.mount));
        if state.recent.len() > RECENT {
            state.recent.pop_front();
        }
        state.health.missing = None;
        let own = slot.header.mount == self.mount;
        state.own_unverified |= own;
        if own {
            state.health.looked = Some(Instant::now());
        }
        // Lost meanwhile, the slot that it stands on would take it along.
        let below = (state.tree.written, state.tree.write);
        if own && below.0 > 0 && !state.unverified.contains(&below) {
            state.unverified.push_back(below);
        }
        state.unverified.push_back((slot.header.seq, slot.header.write));
        while state.unverified.len() > RECENT {
            state.unverified.pop_front();
        }
        state.upkeep.add(slot, own);
        state.publish(tree, changes);
        drop(state);
        // After that nobody reads what is redacted.
        if slot.header.ops.iter().any(|op| matches!(op, Op::Redact { .. })) {
            self.contents.clear();
        }
        self.active.notify_one();
        Ok(())
    }

    /// Puts a counter aside for `n` intents.
    pub(crate) fn reserve_counters(&self, n: u64) -> u64 {
        self.next_counter.fetch_add(n.max(1), Ordering::Relaxed)
    }

    /// Reads on to the first missing slot.
    pub(crate) async fn advance(&self) -> Result<Seq> {
        let _one = self.catching_up.lock().await;
        loop {
            let next = self.tree().seq + 1;
            let Some((slot, object)) = self.log.slot(next).await? else {
                self.change_health(|h| h.looked = Some(Instant::now()));
                return Ok(next - 1);
            };
            match self.absorb(&slot, Some(&object)) {
                Err(StoreError::Chain { .. }) => self.rebuild().await?,
                other => other?,
            }
        }
    }

    /// Checks that what this handle goes by is still what the bucket holds, and rebuilds if not: the newest slot, and
    /// every recent one where own commits stand on them.
    pub(crate) async fn verify(&self) -> Result<()> {
        let all = self.state.lock().own_unverified;
        self.look_again(all).await.map(drop)
    }

    /// Checks every recent slot; says whether they are what was known.
    pub(crate) async fn verify_all(&self) -> Result<bool> {
        self.look_again(true).await
    }

    async fn look_again(&self, all: bool) -> Result<bool> {
        let _one = self.catching_up.lock().await;
        let known: Vec<(Seq, WriteId)> = {
            let state = self.state.lock();
            let newest = (state.tree.written, state.tree.write);
            let older = state.unverified.iter().copied().filter(|s| all && *s != newest);
            older.chain((newest.0 > 0).then_some(newest)).collect()
        };
        let looked: Vec<_> = stream::iter(known)
            .map(|(seq, write)| async move { (seq, write, self.log.header(seq).await) })
            .buffered(PARALLEL)
            .collect()
            .await;
        let mut failed = None;
        for (seq, write, there) in looked {
            match there {
                Ok(Some(slot)) if slot.header.write == write => {
                    let mut state = self.state.lock();
                    state.unverified.retain(|s| *s != (seq, write));
                    state.own_unverified &= !state.unverified.is_empty();
                }
                Ok(_) => {
                    self.rebuild().await?;
                    return Ok(false);
                }
                Err(error) => failed = Some(error),
            }
        }
        failed.map_or(Ok(true), Err)
    }

    /// What the bucket holds is not what this handle knew: takes the bucket's word and tells what differs.
    async fn rebuild(&self) -> Result<()> {
        tracing::error!(
            store = self.url(),
            "the log is not what was seen before; reading it anew"
        );
        let mut loaded = self.log.load(None).await?;
        let mut ends = false;
        let mut state = loop {
            {
                let state = self.state.lock();
                if ends || loaded.tree.seq >= state.tree.seq {
                    break state;
                }
            }
            // A commit of our own landed meanwhile; the tree must not fall back behind it.
            match self.log.slot(loaded.tree.seq + 1).await? {
                Some((slot, _)) => {
                    apply_or_void(&mut loaded.tree, &slot, self.url())?;
                    loaded.slots.push(slot);
                }
                None => ends = true,
            }
        };
        let changes = differences(&state.tree, &loaded.tree);
        state.upkeep = Upkeep::new(&loaded);
        state.unverified.clear();
        state.own_unverified = false;
        state.health.rebuilt += 1;
        state.health.missing = loaded.missing.filter(|seq| *seq > loaded.tree.seq);
        let redacted = state.tree.redacted != loaded.tree.redacted;
        state.publish(loaded.tree, changes);
        drop(state);
        if redacted {
            self.contents.clear();
        }
        self.rebuilt.notify_one();
        Ok(())
    }

    /// Header lines for the batch that ends at the head, and whether an index is due.
    pub(crate) fn upkeep(&self) -> Option<crate::upkeep::Due> {
        let state = &mut *self.state.lock();
        state.upkeep.due(&state.tree)
    }
}

impl State {
    fn publish(&mut self, tree: Tree, changes: Vec<Change>) {
        self.tree = Arc::new(tree);
        if let Some(updates) = &self.updates {
            let update = Update {
                tree: self.tree.clone(),
                changes,
            };
            if updates.send(update).is_err() {
                self.updates = None;
            }
        }
    }
}

/// How many mounts of some commits, oldest first, committed last before `mount` did.
fn rank(recent: &VecDeque<(Seq, MountId)>, mount: MountId) -> u32 {
    let last: BTreeMap<MountId, Seq> = recent.iter().map(|(seq, mount)| (*mount, *seq)).collect();
    let ours = last.get(&mount).copied().unwrap_or(0);
    last.values().filter(|seq| **seq < ours).count() as u32
}

/// Every node that differs between two trees of which one is not the other's successor.
fn differences(old: &Tree, new: &Tree) -> Vec<Change> {
    let change = |file, kind| Change {
        file,
        version: crate::id::Version::NONE,
        mount: MountId::default(),
        kind,
    };
    let place = |n: &crate::tree::Node| crate::op::Place {
        parent: n.parent,
        name: n.name.to_string(),
    };
    let gone = old
        .nodes()
        .filter(|n| new.node(n.id).is_none())
        .map(|n| change(n.id, ChangeKind::Removed { from: place(n) }));
    let other = new.nodes().filter_map(|n| match old.node(n.id) {
        None => Some(change(n.id, ChangeKind::Created)),
        Some(was) if was.version != n.version || was.kind != n.kind => Some(change(n.id, ChangeKind::Replaced)),
        Some(was) if was.parent != n.parent || was.name != n.name => {
            Some(change(n.id, ChangeKind::Moved { from: place(was) }))
        }
        Some(_) => None,
    });
    gone.chain(other).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_waited_longest_goes_first() {
        let [a, b, c, new] = [1, 2, 3, 4].map(MountId);
        let recent = VecDeque::from([(1, a), (2, b), (3, a), (4, c), (5, c)]);
        assert_eq!([b, a, c].map(|mount| rank(&recent, mount)), [0, 1, 2]);
        assert_eq!(rank(&recent, new), 0, "who never wrote waits for nobody");
        assert_eq!(rank(&VecDeque::new(), a), 0);
    }
}
