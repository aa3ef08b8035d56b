//! One group's way into the log: resolved on the newest tree, tried at the next slot, again until it is there.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::Committer;
use crate::backend::Created;
use crate::content::{Extent, Hash, ObjectRef};
use crate::error::{Result, StoreError};
use crate::group::Queued;
use crate::id::{Seq, WriteId};
use crate::intent::{Entry, Outcome, Refused};
use crate::merge::bodies::{Texts, Uploads};
use crate::merge::resolve::{Attempt, KnownBase, OwnBases, Setting, resolve};
use crate::planted::{self, Bug};
use crate::probe::{ProbeError, probe};
use crate::slot::{self, FORMAT, Header, Slot};
use crate::tree::Tree;
use crate::trouble::Trouble;

/// What a PUT is taken to last at most: one that stalled says nothing of the next.
const PUT_MOST: Duration = Duration::from_secs(1);

/// A handle that wrote nothing for this long checks its newest slot beside its next commit.
const VERIFY_AFTER: Duration = Duration::from_secs(5);

/// What became of a group.
pub(super) struct Done {
    /// Whether it has a slot of its own; what changes nothing needs none.
    pub(super) landed: bool,
    /// Entries, the first ones, that were in the log before it was tried.
    pub(super) settled: usize,
    pub(super) results: Vec<Vec<std::result::Result<Outcome, Refused>>>,
    /// What bases that are no versions stood for, where it landed.
    pub(super) bases: Vec<Vec<Option<KnownBase>>>,
}

/// A group resolved on a tree, whose next slot it is tried at.
pub(super) struct Resolved {
    tree: Arc<Tree>,
    pub(super) attempt: Attempt,
}

/// How a try at a slot ended.
pub(super) enum Tried {
    Ours(Box<Slot>),
    Lost,
}

impl Committer {
    /// Commits a group and returns what each intent came to.
    pub(super) async fn commit(&mut self, group: &[Queued]) -> Result<Done> {
        if self.shared.backend().append.is_none() {
            return Err(StoreError::ReadOnly {
                url: self.shared.url().into(),
            });
        }
        if !self.probed {
            self.probe().await?;
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
            // The log turned out to be another meanwhile, and what was acknowledged comes first; or another that writes as
            // this mount, one that was told to stop, has settled some of it.
            let overtaken = self.settled_in(&resolved.tree) > settled && !planted::is(Bug::ReplayWithoutCounters);
            if self.has_lost(&resolved.tree) || overtaken {
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

    /// Tests the object store before the first write, until it answers.
    async fn probe(&mut self) -> Result<()> {
        let shared = self.shared.clone();
        let mut trouble = Trouble::new(&shared);
        loop {
            match probe(shared.backend(), &*shared.random).await {
                Ok(()) => break,
                Err(error @ ProbeError::Failed { .. }) => return Err(error.into()),
                Err(ProbeError::Backend { url, cause }) => {
                    let waited = trouble.backend(cause.clone()).await;
                    waited.map_err(|_| ProbeError::Backend { url, cause })?;
                }
            }
        }
        self.probed = true;
        trouble.over(());
        Ok(())
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
    pub(super) fn remembered(&self, attempt: &Attempt) -> OwnBases {
        for body in attempt.bodies.in_slot().0 {
            self.shared.contents.keep(Hash::of(body), body);
        }
        attempt.own.clone()
    }

    /// Whether a slot that was created counts: void ones (the bucket changed under this handle) do not.
    pub(super) async fn counts(&self, slot: &Slot, last: u64) -> Result<bool> {
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

    pub(super) async fn resolve(
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

    pub(super) async fn try_slot(
        &mut self,
        entries: &[&Entry],
        resolved: &Resolved,
        (first, last): (u64, u64),
    ) -> Result<Tried> {
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
        tracing::Span::current().record("slot", seq);
        self.put_time = (self.put_time * 7 + started.elapsed().min(PUT_MOST)) / 8;
        self.last_contact = Instant::now();
        let slot = Slot::decode(seq, &object).map_err(|e| StoreError::slot(self.shared.url(), &e))?;
        for body in bodies {
            self.shared.contents.keep(Hash::of(body), body);
        }
        Ok(Tried::Ours(Box::new(slot)))
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
