//! The committer: one slot in flight per mount; what is enqueued while it flies joins the next (group commit).

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::backend::Created;
use crate::content::{Extent, ObjectRef};
use crate::error::{Result, StoreError};
use crate::group::{Group, Queued, new_bytes};
use crate::id::{Seq, WriteId};
use crate::intent::{Entry, Outcome, Refused};
use crate::merge::bodies::{Texts, Uploads};
use crate::merge::resolve::{Attempt, KnownBase, OwnBases, Setting, resolve};
use crate::planted::{self, Bug};
use crate::recall::Recall;
use crate::ring::Ring;
use crate::shared::Shared;
use crate::slot::{self, FORMAT, Header, Slot};
use crate::tree::Tree;
use crate::trouble::Trouble;

/// Groups for which nobody is waited for, at most, after waiting was in vain.
const VAIN_MOST: u32 = 64;

/// Acknowledged entries kept until it is clear that their slots stay: a store that broke create-if-absent.
const KEPT_ENTRIES: usize = 256;

/// And at most this many bytes of them.
const KEPT_BYTES: u64 = 2 << 20;

/// What a PUT is taken to last at most: one that stalled says nothing of the next.
const PUT_MOST: Duration = Duration::from_secs(1);

/// How long a handle that goes looks after what it wrote.
const PART_MOST: Duration = Duration::from_secs(10);

/// A handle that wrote nothing for this long checks its newest slot beside its next commit.
const VERIFY_AFTER: Duration = Duration::from_secs(5);

pub(crate) struct Committer {
    shared: Arc<Shared>,
    queue: mpsc::UnboundedReceiver<Queued>,
    ring: Option<Arc<Ring>>,
    probed: bool,
    /// Taken from the queue, but not into the group (another author, or too much).
    next: Option<Queued>,
    own: OwnBases,
    recall: Recall,
    kept: VecDeque<Kept>,
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

/// An acknowledged entry: what was carried out of it.
#[derive(Clone)]
struct Kept {
    counter: u64,
    last: u64,
    entry: Entry,
}

/// What became of a group.
struct Done {
    /// Whether it has a slot of its own; what changes nothing needs none.
    landed: bool,
    /// Entries, the first ones, that were in the log before it was tried.
    settled: usize,
    results: Vec<Vec<std::result::Result<Outcome, Refused>>>,
    /// What bases that are no versions stood for, where it landed.
    bases: Vec<Vec<Option<KnownBase>>>,
}

/// A group resolved on a tree, whose next slot it is tried at.
struct Resolved {
    tree: Arc<Tree>,
    attempt: Attempt,
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
            recall: Recall::default(),
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
        if self.shared.follow && !self.kept.is_empty() {
            // Not for long: an object store that is gone must not keep a process from ending.
            match tokio::time::timeout(PART_MOST, self.part()).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => {
                    tracing::error!(store = self.shared.url(), %error, "what was written last could not be looked at again");
                }
                Err(_) => {
                    tracing::error!(
                        store = self.shared.url(),
                        "no time to look again at what was written last"
                    );
                }
            }
        }
        self.finish_upkeep().await;
    }

    /// Before the handle goes, looks whether what it wrote is there.
    async fn part(&mut self) -> Result<()> {
        self.retrying(|s| async move { s.verify().await }).await?;
        self.recommit_lost().await
    }

    /// The next entry. Meanwhile, what turns out to be lost is committed again.
    async fn wait(&mut self) -> Option<Queued> {
        if let Some(next) = self.next.take() {
            return Some(next);
        }
        loop {
            tokio::select! {
                // In a fixed order, so that a simulated run repeats.
                biased;
                queued = self.queue.recv() => return queued,
                () = self.shared.rebuilt.notified() => {
                    if let Err(error) = self.recommit_lost().await {
                        tracing::error!(store = self.shared.url(), %error, "acknowledged commits are still gone");
                    }
                }
            }
        }
    }

    /// The next group: what is queued, of one author. Writers that were just answered are often back within a moment;
    /// they are waited for, or they and those who queued meanwhile would alternate and halve the rate.
    async fn group(&mut self) -> Option<Vec<Queued>> {
        let mut group = Group::of(self.wait().await?);
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

    fn answer(&mut self, group: Vec<Queued>, result: Result<Done>) {
        match result {
            Ok(Done {
                landed,
                settled,
                results,
                bases,
            }) => {
                let none = std::iter::repeat_n(Vec::new(), settled);
                let bases = none.chain(bases).chain(std::iter::repeat_with(Vec::new));
                for (at, ((queued, results), bases)) in group.into_iter().zip(results).zip(bases).enumerate() {
                    if results.iter().any(|r| r.as_ref().is_ok_and(|o| o.sibling.is_some())) {
                        self.shared.change_health(|h| h.conflicts += 1);
                    }
                    if landed || at < settled {
                        self.keep(&queued, &results, bases);
                    }
                    // A caller that stopped waiting has its answer in the log.
                    let _ = queued.reply.send(Ok(results));
                }
            }
            Err(error) => {
                for queued in group {
                    let _ = queued.reply.send(Err(error.clone()));
                }
            }
        }
    }

    /// Keeps what was carried out of an entry, until it is clear that its slot stays.
    fn keep(
        &mut self,
        queued: &Queued,
        results: &[std::result::Result<Outcome, Refused>],
        bases: Vec<Option<KnownBase>>,
    ) {
        let mut entry = queued.entry.clone();
        for (intent, base) in entry.intents.iter_mut().zip(bases) {
            intent.once_more(base);
        }
        let mut done = results.iter().map(std::result::Result::is_ok);
        entry.intents.retain(|_| done.next().unwrap_or(false));
        if entry.intents.is_empty() {
            return;
        }
        self.kept_bytes += new_bytes(&entry);
        self.kept.push_back(Kept {
            counter: queued.counter,
            last: queued.last(),
            entry,
        });
        while self.kept.len() > KEPT_ENTRIES || self.kept_bytes > KEPT_BYTES {
            let Some(oldest) = self.kept.pop_front() else {
                break;
            };
            self.kept_bytes -= new_bytes(&oldest.entry);
        }
    }

    /// Forgets an entry that was kept.
    fn unkeep(&mut self, counter: u64) {
        if let Some(at) = self.kept.iter().position(|k| k.counter == counter)
            && let Some(kept) = self.kept.remove(at)
        {
            self.kept_bytes -= new_bytes(&kept.entry);
        }
    }

    /// Commits a group and returns what each intent came to.
    async fn commit(&mut self, group: &[Queued]) -> Result<Done> {
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
            let settled = if planted::is(Bug::ReplayWithoutCounters) {
                0
            } else {
                self.settled()
            };
            let fresh: Vec<&Queued> = group.iter().filter(|q| q.counter > settled).collect();
            let entries: Vec<&Entry> = fresh.iter().map(|q| &q.entry).collect();
            self.recall(&entries).await?;
            let resolved = match self.resolve(&entries, &mut texts, (uploads, since), false).await {
                Ok(resolved) => resolved,
                Err(error @ StoreError::Damaged { .. }) => {
                    if self.retrying(|s| async move { s.verify_all().await }).await? {
                        return Err(error);
                    }
                    // What it merges with was never there for anybody else.
                    (texts, uploads, since) = (Texts::default(), Uploads::new(), 0);
                    continue;
                }
                Err(error) => return Err(error),
            };
            if self.has_lost(&resolved.tree) {
                // The log turned out to be another meanwhile; what was acknowledged comes first.
                uploads = resolved.attempt.bodies.into_data();
                since = resolved.tree.seq;
                continue;
            }
            let counters = (
                fresh.first().map_or(0, |q| q.counter),
                fresh.last().map_or(0, |q| q.last()),
            );
            if resolved.attempt.ops.is_empty() {
                self.own = self.remembered(&resolved.attempt);
                return Ok(Done {
                    landed: false,
                    settled: group.len() - fresh.len(),
                    results: spread(group, settled, resolved.attempt.results),
                    bases: Vec::new(),
                });
            }
            match self.try_slot(&entries, &resolved, counters).await? {
                Tried::Ours(slot) if self.counts(&slot, counters.1).await? => {
                    if let Some(ring) = &self.ring {
                        ring.ring(slot.header.seq);
                    }
                    self.own = resolved.attempt.own_of(&slot);
                    return Ok(Done {
                        landed: true,
                        settled: group.len() - fresh.len(),
                        bases: resolved.attempt.bases_of(&slot),
                        results: spread(group, settled, resolved.attempt.results),
                    });
                }
                _ => {
                    // Catch up to the first missing slot, then let those go first who have waited longer.
                    self.retrying(|s| async move { s.advance().await }).await?;
                    tokio::time::sleep(self.put_time / 2 * self.shared.rank()).await;
                    uploads = resolved.attempt.bodies.into_data();
                    since = resolved.tree.seq;
                }
            }
        }
    }

    /// Completes what entries are based on from the log, for those that a predecessor left.
    async fn recall(&mut self, entries: &[&Entry]) -> Result<()> {
        let shared = self.shared.clone();
        let mut trouble = Trouble::new(&shared);
        loop {
            match self.recall.complete(&shared, entries, &self.own).await {
                Ok(own) => {
                    self.own = trouble.over(own);
                    return Ok(());
                }
                Err(StoreError::Backend(error)) => trouble.backend(error).await?,
                Err(error) => return Err(error),
            }
        }
    }

    /// What later writes are based on where nothing had to be written; its bytes are at hand for a while.
    fn remembered(&self, attempt: &Attempt) -> OwnBases {
        for body in attempt.bodies.in_slot().0 {
            self.shared.contents.keep(crate::content::Hash::of(body), body);
        }
        attempt.own.clone()
    }

    /// The last op counter of this mount that the log has settled.
    fn settled(&self) -> u64 {
        self.settled_in(&self.shared.tree())
    }

    fn settled_in(&self, tree: &Tree) -> u64 {
        tree.mounts.get(&self.shared.mount).copied().unwrap_or(0)
    }

    /// Whether something acknowledged is not in the log any more.
    fn has_lost(&self, tree: &Tree) -> bool {
        let settled = self.settled_in(tree);
        self.kept.back().is_some_and(|kept| kept.counter > settled) && !planted::is(Bug::NoRecommit)
    }

    /// Whether a slot that was created counts: void ones (the bucket changed under this handle) do not.
    async fn counts(&self, slot: &Slot, last: u64) -> Result<bool> {
        match self.shared.absorb(slot, None) {
            Err(StoreError::Chain { .. }) => return Ok(false),
            Err(error) => return Err(error),
            Ok(()) if self.settled() >= last => return Ok(true),
            Ok(()) => {}
        }
        // It took the place of a commit that this handle knew: whoever reads on sees ours.
        self.retrying(|s| async move { s.verify_all().await }).await?;
        Ok(self.settled() >= last)
    }

    async fn resolve(
        &self,
        entries: &[&Entry],
        texts: &mut Texts,
        (mut uploads, since): (Uploads, Seq),
        again: bool,
    ) -> Result<Resolved> {
        loop {
            let tree = self.shared.tree();
            // What was condemned meanwhile is uploaded again under a new name.
            uploads.retain(|_, (id, _)| !tree.may_be_gone(ObjectRef::Data(*id), since));
            let setting = Setting {
                mount: self.shared.mount,
                now: self.shared.clock.now(),
                random: &*self.shared.random,
                own: &self.own,
                again,
                changed: self.shared.health().rebuilt > 0,
            };
            match resolve(&tree, entries, &setting, texts, uploads) {
                Ok(attempt) => return Ok(Resolved { tree, attempt }),
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

    async fn try_slot(&mut self, entries: &[&Entry], resolved: &Resolved, (first, last): (u64, u64)) -> Result<Tried> {
        let Resolved { tree, attempt } = resolved;
        let seq = tree.seq + 1;
        let append = self.shared.backend().append.clone();
        let Some(append) = append else {
            return Err(StoreError::ReadOnly {
                url: self.shared.url().into(),
            });
        };
        for (id, bytes) in attempt.uploads() {
            let key = self.shared.log.key(&format!("data/{id}"));
            let put = || append.put_if_absent(&key, bytes.clone());
            self.put(&key, put, None).await?;
        }
        // The ops stand on this very tree: one more commit, or another that took the place of one, spoils them.
        let known = self.shared.tree();
        if (known.seq, known.write) != (tree.seq, tree.write) {
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
        self.put_time = (self.put_time * 7 + started.elapsed().min(PUT_MOST)) / 8;
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
                    if planted::is(Bug::ExistingSlotIsOurs) {
                        return Ok(Created::Yes);
                    }
                    match self.shared.log.header(seq).await {
                        Ok(Some(slot)) if slot.header.write == write => return Ok(trouble.over(Created::Yes)),
                        Ok(Some(_)) => return Ok(trouble.over(Created::Exists)),
                        Ok(None) => trouble.wait(format!("{key}: exists, but can't be read")).await?,
                        Err(StoreError::Backend(error)) => trouble.backend(error).await?,
                        Err(error) => return Err(error),
                    }
                }
                Err(_) if stamp.is_some() && planted::is(Bug::AckOnTimeout) => return Ok(Created::Yes),
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
        let tree = self.shared.tree();
        if !self.has_lost(&tree) {
            return Ok(());
        }
        let settled = self.settled_in(&tree);
        let lost: Vec<Kept> = self.kept.iter().filter(|k| k.counter > settled).cloned().collect();
        tracing::error!(
            store = self.shared.url(),
            entries = lost.len(),
            "acknowledged commits are gone; writing them again"
        );
        // Entries often keep bytes of those before them, whose slots may be gone.
        let mut texts = Texts::default();
        for Kept {
            counter,
            last,
            mut entry,
        } in lost
        {
            entry.late = true;
            // A slot of ours that was thought lost may turn up while another is tried.
            while counter > self.settled() {
                let resolved = self.resolve(&[&entry], &mut texts, (Uploads::new(), 0), true).await?;
                for refused in resolved
                    .attempt
                    .results
                    .iter()
                    .flatten()
                    .filter_map(|r| r.as_ref().err())
                {
                    tracing::error!(store = self.shared.url(), %refused, "acknowledged, gone, and can't be written again");
                }
                if resolved.attempt.ops.is_empty() {
                    self.own = self.remembered(&resolved.attempt);
                    // Others have written it again: no slot of this mount will ever hold it, and none need.
                    self.unkeep(counter);
                    break;
                }
                if let Tried::Ours(slot) = self.try_slot(&[&entry], &resolved, (counter, last)).await?
                    && self.counts(&slot, last).await?
                {
                    self.own = resolved.attempt.own_of(&slot);
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
