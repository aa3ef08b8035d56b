//! The committer: one slot in flight per mount; what is enqueued while it flies joins the next (group commit).

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::backend::{BackendError, Created};
use crate::content::{Extent, ObjectRef};
use crate::error::{Result, StoreError};
use crate::id::{Seq, WriteId};
use crate::intent::{Entry, Outcome, Refused};
use crate::merge::bodies::{Texts, Uploads};
use crate::merge::resolve::{Attempt, OwnBases, Setting, resolve};
use crate::op::Op;
use crate::ring::Ring;
use crate::shared::Shared;
use crate::slot::{self, FORMAT, Header, Slot};
use crate::store::Committed;

/// Most intents of one commit.
const GROUP_INTENTS: usize = 4096;

/// Most new bytes of one commit.
const GROUP_BYTES: u64 = 8 << 20;

/// Groups for which nobody is waited for, at most, after waiting was in vain.
const VAIN_MOST: u32 = 64;

/// Longest wait between tries at an object store that can't be reached.
const BACKOFF_MAX: Duration = Duration::from_secs(2);

/// Acknowledged entries kept until it is clear that their slots stay: a store that broke create-if-absent.
const KEPT_ENTRIES: usize = 256;

/// And at most this many bytes of them.
const KEPT_BYTES: u64 = 2 << 20;

/// A handle that wrote nothing for this long checks its newest slot beside its next commit.
const VERIFY_AFTER: Duration = Duration::from_secs(5);

/// An entry on its way.
pub(crate) struct Queued {
    pub(crate) entry: Entry,
    /// Op counter of its first intent.
    pub(crate) counter: u64,
    pub(crate) reply: oneshot::Sender<Committed>,
}

impl Queued {
    fn last(&self) -> u64 {
        self.counter + (self.entry.intents.len() as u64).max(1) - 1
    }
}

pub(crate) struct Committer {
    shared: Arc<Shared>,
    queue: mpsc::UnboundedReceiver<Queued>,
    ring: Option<Arc<Ring>>,
    probed: bool,
    /// Taken from the queue, but not into the group (another author, or too much).
    next: Option<Queued>,
    own: OwnBases,
    kept: VecDeque<(u64, Entry)>,
    kept_bytes: u64,
    upkeep: Option<JoinHandle<()>>,
    put_time: Duration,
    /// Entries that may come while a group is gathered: as many as were just answered or are queued.
    expected: usize,
    /// Groups that go at once since waiting was in vain, and how many there are after the next time.
    at_once: u32,
    vain: u32,
    last_contact: Instant,
}

/// Entries that go into one commit.
struct Group {
    entries: Vec<Queued>,
    intents: usize,
    bytes: u64,
}

impl Group {
    fn of(first: Queued) -> Self {
        Self {
            intents: first.entry.intents.len(),
            bytes: new_bytes(&first.entry),
            entries: vec![first],
        }
    }

    /// Whether it has room for another, which must be of the same author.
    fn takes(&self, queued: &Queued) -> bool {
        self.intents < GROUP_INTENTS && self.bytes < GROUP_BYTES && queued.entry.author == self.entries[0].entry.author
    }

    fn push(&mut self, queued: Queued) {
        self.intents += queued.entry.intents.len();
        self.bytes += new_bytes(&queued.entry);
        self.entries.push(queued);
    }
}

/// How a try at a slot ended.
enum Tried {
    Ours(Box<Slot>),
    Lost,
}

impl Committer {
    pub(crate) fn new(
        shared: Arc<Shared>,
        queue: mpsc::UnboundedReceiver<Queued>,
        ring: Option<Arc<Ring>>,
        probe: bool,
    ) -> Self {
        Self {
            shared,
            queue,
            ring,
            probed: !probe,
            next: None,
            own: OwnBases::new(),
            kept: VecDeque::new(),
            kept_bytes: 0,
            upkeep: None,
            put_time: Duration::from_millis(2),
            expected: 1,
            at_once: 0,
            vain: 1,
            last_contact: Instant::now(),
        }
    }

    /// Runs until the last handle is gone and the queue is empty.
    pub(crate) async fn run(mut self) {
        while let Some(group) = self.group().await {
            let waiting = self.queue.len() + group.len();
            self.shared.change_health(|h| h.waiting = waiting);
            let result = self.commit(&group).await;
            if let Err(error) = &result {
                tracing::error!(store = self.shared.url(), %error, "commit failed");
            }
            self.expected = group.len() + self.queue.len() + usize::from(self.next.is_some());
            self.answer(group, result);
            let waiting = self.queue.len();
            self.shared.change_health(|h| h.waiting = waiting);
            self.settle_upkeep().await;
        }
        self.finish_upkeep().await;
    }

    /// The next group: what is queued, of one author. Writers that were just answered are often back within a moment;
    /// they are waited for, or they and those who queued meanwhile would alternate and halve the rate.
    async fn group(&mut self) -> Option<Vec<Queued>> {
        let first = match self.next.take() {
            Some(first) => first,
            None => self.queue.recv().await?,
        };
        let mut group = Group::of(first);
        while let Ok(queued) = self.queue.try_recv() {
            if !group.takes(&queued) {
                self.next = Some(queued);
                break;
            }
            group.push(queued);
        }
        if self.next.is_none() && group.entries.len() < self.expected {
            self.gather(&mut group).await;
        }
        Some(group.entries)
    }

    /// Waits half a PUT for the rest of the writers: whoever comes then is spared a whole one.
    async fn gather(&mut self, group: &mut Group) {
        if self.at_once > 0 {
            self.at_once -= 1;
            return;
        }
        let until = Instant::now() + self.put_time / 2;
        while group.entries.len() < self.expected {
            match tokio::time::timeout_at(until, self.queue.recv()).await {
                Ok(Some(queued)) if group.takes(&queued) => group.push(queued),
                Ok(queued) => {
                    self.next = queued;
                    break;
                }
                Err(_) => {
                    self.at_once = self.vain;
                    self.vain = (self.vain * 2).min(VAIN_MOST);
                    return;
                }
            }
        }
        self.vain = 1;
    }

    fn answer(&mut self, group: Vec<Queued>, result: Result<Vec<Vec<std::result::Result<Outcome, Refused>>>>) {
        match result {
            Ok(results) => {
                let settled = self.shared.tree().mounts.get(&self.shared.mount).copied().unwrap_or(0);
                for (queued, results) in group.into_iter().zip(results) {
                    if results.iter().any(|r| r.as_ref().is_ok_and(|o| o.sibling.is_some())) {
                        self.shared.change_health(|h| h.conflicts += 1);
                    }
                    // A caller that stopped waiting has its answer in the log.
                    let _ = queued.reply.send(Ok(results));
                    // What was refused as a whole is in no slot, so it can't get lost.
                    if queued.counter <= settled {
                        self.kept_bytes += new_bytes(&queued.entry);
                        self.kept.push_back((queued.counter, queued.entry));
                    }
                }
                while self.kept.len() > KEPT_ENTRIES || self.kept_bytes > KEPT_BYTES {
                    let Some((_, oldest)) = self.kept.pop_front() else {
                        break;
                    };
                    self.kept_bytes -= new_bytes(&oldest);
                }
            }
            Err(error) => {
                for queued in group {
                    let _ = queued.reply.send(Err(error.clone()));
                }
            }
        }
    }

    /// Commits a group and returns what each intent came to.
    async fn commit(&mut self, group: &[Queued]) -> Result<Vec<Vec<std::result::Result<Outcome, Refused>>>> {
        if self.shared.backend().append.is_none() {
            return Err(StoreError::ReadOnly {
                url: self.shared.url().into(),
            });
        }
        if !self.probed {
            crate::probe::probe(self.shared.backend(), &*self.shared.random).await?;
            self.probed = true;
        }
        if self.last_contact.elapsed() > VERIFY_AFTER {
            self.verify_aside();
        }
        let mut texts = Texts::default();
        let mut uploads = Uploads::new();
        // The tree that was known when the uploads were made.
        let mut since = 0;
        loop {
            self.recommit_lost().await?;
            let settled = self.shared.tree().mounts.get(&self.shared.mount).copied().unwrap_or(0);
            let fresh: Vec<&Queued> = group.iter().filter(|q| q.counter > settled).collect();
            let entries: Vec<&Entry> = fresh.iter().map(|q| &q.entry).collect();
            let (attempt, seq) = self.resolve(&entries, &mut texts, (uploads, since)).await?;
            let counters = (
                fresh.first().map_or(0, |q| q.counter),
                fresh.last().map_or(0, |q| q.last()),
            );
            if attempt.ops.is_empty() {
                return Ok(spread(group, settled, attempt.results));
            }
            match self.try_slot(&entries, &attempt, seq, counters).await? {
                Tried::Ours(slot) if self.counts(&slot, counters.1)? => {
                    if let Some(ring) = &self.ring {
                        ring.ring(seq);
                    }
                    self.own = settle_extents(attempt.own, &slot);
                    return Ok(spread(group, settled, attempt.results));
                }
                _ => {
                    // Catch up to the first missing slot, then let those go first who have waited longer.
                    self.retrying(|s| async move { s.advance().await }).await?;
                    tokio::time::sleep(self.put_time / 2 * self.shared.rank()).await;
                    uploads = attempt.bodies.into_data();
                    since = seq - 1;
                }
            }
        }
    }

    /// Whether a slot that was created counts: void ones (the bucket changed under this handle) do not.
    fn counts(&self, slot: &Slot, last: u64) -> Result<bool> {
        match self.shared.absorb(slot, None) {
            Err(StoreError::Chain { .. }) => Ok(false),
            Err(error) => Err(error),
            Ok(()) => Ok(self
                .shared
                .tree()
                .mounts
                .get(&self.shared.mount)
                .is_some_and(|c| *c >= last)),
        }
    }

    async fn resolve(
        &self,
        entries: &[&Entry],
        texts: &mut Texts,
        (mut uploads, since): (Uploads, Seq),
    ) -> Result<(Attempt, Seq)> {
        loop {
            let tree = self.shared.tree();
            // What was condemned meanwhile is uploaded again under a new name.
            uploads.retain(|_, (id, _)| !tree.may_be_gone(ObjectRef::Data(*id), since));
            let setting = Setting {
                mount: self.shared.mount,
                now: self.shared.clock.now(),
                random: &*self.shared.random,
                own: &self.own,
            };
            match resolve(&tree, entries, &setting, texts, uploads) {
                Ok(attempt) => return Ok((attempt, tree.seq + 1)),
                Err((needs, back)) => {
                    uploads = back;
                    self.load(&needs, texts).await?;
                }
            }
        }
    }

    /// Loads the bytes of extents, or notes that they are nowhere to be had.
    async fn load(&self, needs: &[Extent], texts: &mut Texts) -> Result<()> {
        let read = |extents: Vec<Extent>| {
            self.retrying(move |s| {
                let extents = extents.clone();
                async move { s.read_extents(&extents).await }
            })
        };
        let failed = match read(needs.to_vec()).await {
            Ok(found) => {
                texts.extend(found);
                return Ok(());
            }
            Err(error @ (StoreError::Damaged { .. } | StoreError::Redacted { .. })) => error,
            Err(error) => return Err(error),
        };
        let mut news = false;
        for extent in needs {
            match read(vec![*extent]).await {
                Ok(found) => texts.extend(found),
                Err(StoreError::Damaged { .. } | StoreError::Redacted { .. }) => news |= texts.lose(extent),
                Err(error) => return Err(error),
            }
        }
        // A merge that can't do without them stops here.
        if news { Ok(()) } else { Err(failed) }
    }

    async fn try_slot(
        &mut self,
        entries: &[&Entry],
        attempt: &Attempt,
        seq: Seq,
        (first, last): (u64, u64),
    ) -> Result<Tried> {
        let append = self.shared.backend().append.clone();
        let Some(append) = append else {
            return Err(StoreError::ReadOnly {
                url: self.shared.url().into(),
            });
        };
        for (id, bytes) in attempt.bodies.data().values() {
            let key = self.shared.log.key(&format!("data/{id}"));
            let put = || append.put_if_absent(&key, bytes.clone());
            self.put(&key, put, None).await?;
        }
        let tree = self.shared.tree();
        if tree.seq + 1 != seq {
            return Ok(Tried::Lost);
        }
        let (bodies, body) = attempt.bodies.in_slot();
        let header = Header {
            format: FORMAT,
            seq,
            write: WriteId::random(&*self.shared.random),
            previous: tree.write,
            time: self.shared.clock.now().max(tree.time),
            author: entries[0].author.clone(),
            mount: self.shared.mount,
            first,
            last,
            ops: attempt.ops.clone(),
            body,
        };
        let object = header.encode(bodies);
        let key = self.shared.log.key(&slot::key(seq));
        let put = || append.put_if_absent(&key, object.clone());
        let started = Instant::now();
        let created = self.put(&key, put, Some((seq, header.write))).await?;
        if created == Created::Exists {
            return Ok(Tried::Lost);
        }
        self.put_time = (self.put_time * 7 + started.elapsed()) / 8;
        self.last_contact = Instant::now();
        let slot = Slot::decode(seq, &object).map_err(|e| StoreError::slot(self.shared.url(), &e))?;
        for body in bodies {
            self.shared.contents.keep(crate::content::Hash::of(body), body);
        }
        Ok(Tried::Ours(Box::new(slot)))
    }

    /// Creates an object, until it is known whether it is ours: the same bytes at the same key. A slot that exists is
    /// ours if it bears our stamp.
    async fn put<F, P>(&self, key: &str, put: P, stamp: Option<(Seq, WriteId)>) -> Result<Created>
    where
        P: Fn() -> F,
        F: Future<Output = crate::backend::Result<Created>>,
    {
        let mut trouble = Trouble::new(&self.shared);
        loop {
            match put().await {
                Ok(Created::Yes) => return Ok(trouble.over(Created::Yes)),
                Ok(Created::Exists) => {
                    // A data object's name is random: one that exists is ours, from a try whose answer was lost.
                    let Some((seq, write)) = stamp else {
                        return Ok(trouble.over(Created::Exists));
                    };
                    match self.shared.log.header(seq).await {
                        Ok(Some(slot)) if slot.header.write == write => return Ok(trouble.over(Created::Yes)),
                        Ok(Some(_)) => return Ok(trouble.over(Created::Exists)),
                        Ok(None) => trouble.wait(format!("{key}: exists, but can't be read")).await?,
                        Err(StoreError::Backend(error)) => trouble.backend(error).await?,
                        Err(error) => return Err(error),
                    }
                }
                Err(error) => trouble.backend(error).await?,
            }
        }
    }

    /// Repeats a read until the object store answers.
    async fn retrying<T, F>(&self, call: impl Fn(Arc<Shared>) -> F) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        let mut trouble = Trouble::new(&self.shared);
        loop {
            match call(self.shared.clone()).await {
                Ok(value) => return Ok(trouble.over(value)),
                Err(StoreError::Backend(error)) => trouble.backend(error).await?,
                Err(error) => return Err(error),
            }
        }
    }

    /// Looks, beside the commit, whether the newest slot known is still there.
    fn verify_aside(&self) {
        let shared = self.shared.clone();
        tokio::spawn(async move {
            if let Err(error) = shared.verify().await {
                tracing::debug!(store = shared.url(), %error, "newest slot not verified");
            }
        });
    }

    /// Commits again what was acknowledged and is no longer in the log, because its slot was overwritten.
    async fn recommit_lost(&mut self) -> Result<()> {
        let settled = self.shared.tree().mounts.get(&self.shared.mount).copied().unwrap_or(0);
        if self.kept.back().is_none_or(|(counter, _)| *counter <= settled) {
            return Ok(());
        }
        let lost: Vec<(u64, Entry)> = self.kept.iter().filter(|(c, _)| *c > settled).cloned().collect();
        tracing::error!(
            store = self.shared.url(),
            entries = lost.len(),
            "acknowledged commits are gone; writing them again"
        );
        self.own.clear();
        for (counter, mut entry) in lost {
            entry.late = true;
            let last = counter + (entry.intents.len() as u64).max(1) - 1;
            loop {
                let (attempt, seq) = self
                    .resolve(&[&entry], &mut Texts::default(), (Uploads::new(), 0))
                    .await?;
                if attempt.ops.is_empty() {
                    break;
                }
                if let Tried::Ours(slot) = self.try_slot(&[&entry], &attempt, seq, (counter, last)).await?
                    && self.counts(&slot, last)?
                {
                    break;
                }
                self.retrying(|s| async move { s.advance().await }).await?;
            }
        }
        Ok(())
    }

    /// Writes the batch and index that this handle owes the readers, beside the next commits; one at a time.
    async fn settle_upkeep(&mut self) {
        let Some(due) = self.shared.upkeep() else { return };
        self.finish_upkeep().await;
        let shared = self.shared.clone();
        self.upkeep = Some(tokio::spawn(async move {
            if let Err(error) = shared.write_upkeep(due).await {
                tracing::debug!(store = shared.url(), %error, "batch or index not written; readers go without");
            }
        }));
    }

    async fn finish_upkeep(&mut self) {
        let Some(task) = self.upkeep.take() else { return };
        if let Err(error) = task.await {
            tracing::error!(store = self.shared.url(), %error, "writing a batch or index ended badly");
        }
    }
}

/// Extents of a new slot counted from the end of its header line while it was being resolved; what this mount bases
/// later writes on must name them as every reader does.
fn settle_extents(mut own: OwnBases, slot: &Slot) -> OwnBases {
    let written = slot
        .header
        .ops
        .iter()
        .filter(|op| op.content().is_some())
        .filter_map(Op::file);
    for file in written.collect::<BTreeSet<_>>() {
        let Some(base) = own.get_mut(&file).filter(|b| b.version.seq == slot.header.seq) else {
            continue;
        };
        for extent in &mut base.content.extents {
            if extent.object == ObjectRef::Slot(slot.header.seq) {
                extent.offset += slot.header_len;
            }
        }
    }
    own
}

/// Results for the whole group: entries a predecessor had settled already changed nothing now.
fn spread(
    group: &[Queued],
    settled: u64,
    results: Vec<Vec<std::result::Result<Outcome, Refused>>>,
) -> Vec<Vec<std::result::Result<Outcome, Refused>>> {
    let mut results = results.into_iter();
    let known = |q: &Queued| q.entry.intents.iter().map(|i| Ok(Outcome::settled_before(i))).collect();
    group
        .iter()
        .map(|q| {
            if q.counter > settled {
                results.next().unwrap_or_default()
            } else {
                known(q)
            }
        })
        .collect()
}

fn new_bytes(entry: &Entry) -> u64 {
    entry.intents.iter().map(crate::intent::Intent::new_bytes).sum()
}

/// An object store that does not do what it should: back-off, and when to give up.
struct Trouble<'a> {
    shared: &'a Shared,
    since: Instant,
    tries: u32,
    unknown: bool,
}

impl<'a> Trouble<'a> {
    fn new(shared: &'a Shared) -> Self {
        Self {
            shared,
            since: Instant::now(),
            tries: 0,
            unknown: false,
        }
    }

    fn over<T>(&self, value: T) -> T {
        if self.tries > 0 {
            self.shared.set_trouble(None);
        }
        value
    }

    async fn backend(&mut self, error: BackendError) -> Result<()> {
        self.unknown |= matches!(error, BackendError::Unknown { .. });
        let expired = self.shared.give_up.is_some_and(|limit| self.since.elapsed() >= limit);
        // A refusal is definite unless an earlier try may have come through.
        if expired || (!self.unknown && self.shared.give_up.is_some()) {
            return Err(error.into());
        }
        self.wait(error.to_string()).await
    }

    async fn wait(&mut self, why: String) -> Result<()> {
        self.tries += 1;
        if self.tries > 2 {
            self.shared.set_trouble(Some(why));
        }
        let pause = Duration::from_millis(10)
            .saturating_mul(1 << self.tries.min(12))
            .min(BACKOFF_MAX);
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = self.shared.nudge.notified() => {}
        }
        Ok(())
    }
}

impl Shared {
    /// Puts a counter aside for `n` intents.
    pub(crate) fn reserve_counters(&self, n: u64) -> u64 {
        self.next_counter.fetch_add(n.max(1), Ordering::Relaxed)
    }

    /// Writes a batch and an index. Both are functions of the slots: whoever was quicker wrote the same.
    pub(crate) async fn write_upkeep(&self, due: crate::upkeep::Due) -> Result<()> {
        let Some(append) = &self.backend().append else {
            return Ok(());
        };
        if let Some((last, mut slots)) = due.batch {
            let first = last + 1 - crate::batch::SLOTS;
            if slots.len() as u64 != crate::batch::SLOTS {
                let known_from = slots.first().map_or(last + 1, |s| s.header.seq);
                let mut all = self.log.headers(first..=known_from - 1, 0).await?;
                all.append(&mut slots);
                slots = all;
            }
            append
                .put_if_absent(
                    &self.log.key(&crate::batch::key(last)),
                    crate::batch::encode(&slots).into(),
                )
                .await?;
        }
        if let Some(tree) = due.index {
            let key = self.log.key(&crate::index::key(tree.seq));
            append.put_if_absent(&key, crate::index::encode(&tree).into()).await?;
        }
        Ok(())
    }
}
