//! The committer: one slot in flight per mount; what is enqueued while it flies joins the next (group commit).

mod attempt;
mod kept;
mod put;
mod recommit;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tracing::Instrument as _;
use tracing::field::Empty;

use self::attempt::Done;
use self::kept::KeptEntries;
use crate::error::{Result, StoreError};
use crate::group::{Group, Queued};
use crate::merge::resolve::OwnBases;
use crate::recall::Recall;
use crate::ring::Ring;
use crate::shared::Shared;

/// Groups for which nobody is waited for, at most, after waiting was in vain.
const VAIN_MOST: u32 = 64;

/// How long a handle that goes looks after what it wrote.
const PART_MOST: Duration = Duration::from_secs(10);

pub(crate) struct Committer {
    shared: Arc<Shared>,
    queue: mpsc::UnboundedReceiver<Queued>,
    ring: Option<Arc<Ring>>,
    probed: bool,
    /// Taken from the queue, but not into the group (another author, or too much).
    next: Option<Queued>,
    own: OwnBases,
    recall: Recall,
    kept: KeptEntries,
    upkeep: Option<JoinHandle<()>>,
    put_time: Duration,
    /// Entries that may come while a group is gathered: as many as were just answered or are queued.
    expected: usize,
    /// Groups that go at once since waiting was in vain, and how many there are after the next time.
    at_once: u32,
    vain: u32,
    last_contact: Instant,
    /// Why nothing is committed any more. What is recorded in a journal is repeated by a successor, which takes all counters
    /// below the highest in the log for settled: nothing may go past a group that failed.
    failed: Option<StoreError>,
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
            kept: KeptEntries::default(),
            upkeep: None,
            put_time: Duration::from_millis(2),
            expected: 1,
            at_once: 0,
            vain: 1,
            last_contact: Instant::now(),
            failed: None,
        }
    }

    /// Runs until the last handle is gone and the queue is empty.
    pub(crate) async fn run(mut self) {
        while let Some(group) = self.group().await {
            if let Some(error) = &self.failed {
                let error = error.clone();
                self.answer(group, Err(error));
                continue;
            }
            let waiting = self.queue.len() + group.len();
            self.shared.change_health(|h| h.waiting = waiting);
            let span = tracing::info_span!("commit", store = self.shared.url(), entries = group.len(), slot = Empty);
            let result = self.commit(&group).instrument(span).await;
            if let Err(error) = &result {
                if group.iter().any(|queued| queued.entry.counter.is_some()) {
                    tracing::error!(store = self.shared.url(), %error, "commit failed");
                    self.failed = Some(error.clone());
                } else {
                    // Whoever waits for the answer tells it.
                    tracing::debug!(store = self.shared.url(), %error, "commit failed");
                }
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
                        self.kept.keep(&queued, &results, bases);
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
