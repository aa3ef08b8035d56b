//! Reading the log: slots, batches and indexes of one store.

use std::ops::{Range, RangeInclusive};
use std::time::Duration;

use bytes::Bytes;
use futures::stream::{self, StreamExt as _, TryStreamExt as _};

use crate::backend::{Backend, BackendError, Listed};
use crate::error::{Result, StoreError};
use crate::id::{At, Seq, StoreId};
use crate::slot::{self, Slot, SlotError};
use crate::tree::Tree;
use crate::{batch, index};

/// Requests under way at once when many objects are read.
pub(crate) const PARALLEL: usize = 16;

/// A header line rarely is longer; one that is costs a second request.
const HEADER_GUESS: u64 = 16 << 10;

/// How often something is read before it counts as damaged or out of reach.
pub(crate) const TRIES: u32 = 5;

/// A batch replaces reading single slots where it saves at least this many requests.
const WORTH_A_BATCH: u64 = 4;

/// One store's log, for reading.
#[derive(Debug, Clone)]
pub(crate) struct Log {
    pub(crate) backend: Backend,
    pub(crate) id: StoreId,
}

/// A tree as it was loaded, and what it was loaded from.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) tree: Tree,
    /// Size of the index it started from and that index's commit.
    pub(crate) index: (u64, Seq),
    /// The slots since, headers only.
    pub(crate) slots: Vec<Slot>,
    /// The slot behind the last, where it is missing though later ones are there.
    pub(crate) missing: Option<Seq>,
}

impl Loaded {
    /// Of a store without a commit.
    pub(crate) fn nothing() -> Self {
        Self {
            tree: Tree::empty(),
            index: (0, 0),
            slots: Vec::new(),
            missing: None,
        }
    }
}

impl Log {
    /// A key below the store's id.
    pub(crate) fn key(&self, rest: &str) -> String {
        format!("{}/{rest}", self.id)
    }

    pub(crate) fn url(&self) -> &str {
        &self.backend.url
    }

    /// As the backend's; an answer that says nothing is asked for again. Opening a store takes many requests, which would
    /// hardly ever all succeed at once where some fail.
    async fn get(&self, key: &str, range: Option<Range<u64>>) -> Result<Option<Bytes>> {
        let mut tries = 0;
        loop {
            match self.backend.read.get(key, range.clone()).await {
                Err(error) => again(&mut tries, error).await?,
                Ok(got) => return Ok(got),
            }
        }
    }

    /// As the backend's, tried again as [`Log::get`].
    async fn list(&self, prefix: &str, after: Option<&str>, max: usize) -> Result<Vec<Listed>> {
        let mut tries = 0;
        loop {
            match self.backend.read.list(prefix, after, max).await {
                Err(error) => again(&mut tries, error).await?,
                Ok(listed) => return Ok(listed),
            }
        }
    }

    /// A slot with its whole object; `None` where the log ends.
    pub(crate) async fn slot(&self, seq: Seq) -> Result<Option<(Slot, Bytes)>> {
        let key = self.key(&slot::key(seq));
        let mut tries = 0;
        loop {
            let Some(object) = self.get(&key, None).await? else {
                return Ok(None);
            };
            match Slot::decode(seq, &object) {
                Ok(slot) => return Ok(Some((slot, object))),
                Err(error) => read_again(&mut tries, self.url(), &error).await?,
            }
        }
    }

    /// A slot's header alone.
    pub(crate) async fn header(&self, seq: Seq) -> Result<Option<Slot>> {
        let key = self.key(&slot::key(seq));
        let mut tries = 0;
        loop {
            let Some(start) = self.get(&key, Some(0..HEADER_GUESS)).await? else {
                return Ok(None);
            };
            if !start.contains(&b'\n') && start.len() as u64 == HEADER_GUESS {
                return Ok(self.slot(seq).await?.map(|(slot, _)| slot));
            }
            match Slot::decode(seq, &start) {
                Ok(slot) => return Ok(Some(slot)),
                Err(error) => read_again(&mut tries, self.url(), &error).await?,
            }
        }
    }

    /// The headers of a range that exists, in order; from batches where that saves requests.
    pub(crate) async fn headers(&self, range: RangeInclusive<Seq>, head: Seq) -> Result<Vec<Slot>> {
        let (first, last) = (*range.start(), *range.end());
        if first > last {
            return Ok(Vec::new());
        }
        let windows = (batch::last_of(first)..=batch::last_of(last)).step_by(batch::SLOTS as usize);
        let windows: Vec<(Vec<Slot>, bool)> = stream::iter(windows)
            .map(|window| async move {
                let from = (window + 1 - batch::SLOTS).max(first);
                let to = window.min(last);
                if window <= head
                    && to - from + 1 >= WORTH_A_BATCH
                    && let Some(slots) = self.batch(window).await?
                {
                    let slots = slots.into_iter().filter(|s| (from..=to).contains(&s.header.seq));
                    return Ok::<_, StoreError>((slots.collect(), true));
                }
                Ok((self.single_headers(from..=to).await?, false))
            })
            .buffered(4)
            .try_collect()
            .await?;
        let batches = windows.iter().filter(|(_, batch)| *batch).count();
        let singles = windows.len() - batches;
        let slots: Vec<Slot> = windows.into_iter().flat_map(|(slots, _)| slots).collect();
        if batches == 0 || self.is_of_this_log(&slots, singles > 0).await? {
            return Ok(slots);
        }
        tracing::warn!(store = %self.url(), first, last, "batches not used: they don't say what the slots say");
        self.single_headers(first..=last).await
    }

    /// Whether headers of which batches told are this log's: each follows the one before, and one of them was looked at
    /// in its slot.
    async fn is_of_this_log(&self, slots: &[Slot], looked: bool) -> Result<bool> {
        let chained = slots
            .windows(2)
            .all(|pair| pair[1].header.previous == pair[0].header.write);
        let Some(last) = slots.last().filter(|_| chained && !looked) else {
            return Ok(chained);
        };
        match self.header(last.header.seq).await {
            Ok(there) => Ok(there.is_some_and(|slot| slot.header.write == last.header.write)),
            // Then the batch is all there is.
            Err(StoreError::Damaged { .. }) => Ok(true),
            Err(error) => Err(error),
        }
    }

    async fn single_headers(&self, range: RangeInclusive<Seq>) -> Result<Vec<Slot>> {
        stream::iter(range)
            .map(|seq| async move {
                self.header(seq).await?.ok_or_else(|| StoreError::Damaged {
                    url: self.url().into(),
                    key: slot::key(seq),
                    why: "the slot is missing, though later ones exist".into(),
                })
            })
            .buffered(PARALLEL)
            .try_collect()
            .await
    }

    /// A batch; a damaged one is as good as none, since the slots say the same.
    async fn batch(&self, last: Seq) -> Result<Option<Vec<Slot>>> {
        let Some(bytes) = self.get(&self.key(&batch::key(last)), None).await? else {
            return Ok(None);
        };
        match batch::decode(last, &bytes) {
            Ok(slots) => Ok(Some(slots)),
            Err(error) => {
                tracing::warn!(store = %self.url(), %error, "batch not used");
                Ok(None)
            }
        }
    }

    /// The newest index at or before `at`, with its size; damaged ones are passed over.
    async fn index(&self, at: Option<Seq>) -> Result<Option<(Tree, u64)>> {
        let mut after = at
            .and_then(|seq| seq.checked_add(1))
            .map(|seq| self.key(&index::key(seq)));
        loop {
            let listed = self.list(&self.key("index/"), after.as_deref(), 1).await?;
            let Some(newest) = listed.into_iter().next() else {
                return Ok(None);
            };
            if let Some(bytes) = self.get(&newest.key, None).await? {
                match index::decode_of(self.id, &bytes) {
                    Ok(tree) if Some(tree.seq) == index::seq_of_key(&newest.key) => {
                        return Ok(Some((tree, bytes.len() as u64)));
                    }
                    Ok(tree) => {
                        tracing::warn!(store = %self.url(), key = %newest.key, seq = tree.seq, "foreign index not used");
                    }
                    Err(index::IndexError::Newer(found)) => {
                        let known = slot::FORMAT;
                        return Err(StoreError::Newer {
                            url: self.url().into(),
                            found,
                            known,
                        });
                    }
                    Err(error) => tracing::warn!(store = %self.url(), key = %newest.key, %error, "index not used"),
                }
            }
            after = Some(newest.key);
        }
    }

    /// The last slot of the unbroken run that begins after `seq`, and whether there are later ones all the same.
    async fn head(&self, seq: Seq) -> Result<(Seq, bool)> {
        let mut head = seq;
        'list: loop {
            let after = self.key(&slot::key(head));
            let listed = self.list(&self.key("log/"), Some(&after), 1000).await?;
            let full = listed.len() == 1000;
            for object in listed {
                let next = self.key(&slot::key(head + 1));
                if object.key == next {
                    head += 1;
                    continue;
                }
                // Also one whose name is spelled otherwise, which no reader would find, ends the log.
                if !self.is_slot(&object.key) {
                    return Ok((head, false));
                }
                // A list need not be of one moment: the slot may have come while it was made.
                if self.get(&next, Some(0..1)).await?.is_none() {
                    return Ok((head, true));
                }
                head += 1;
                continue 'list;
            }
            if !full {
                return Ok((head, false));
            }
        }
    }

    fn is_slot(&self, key: &str) -> bool {
        let seq = key.rsplit('/').next().and_then(|name| name.parse::<Seq>().ok());
        seq.is_some_and(|seq| self.key(&slot::key(seq)) == key)
    }

    /// The tree at `at`, or at the head.
    pub(crate) async fn load(&self, at: Option<At>) -> Result<Loaded> {
        // The whole commit is wanted before the index of that commit may be used.
        let bound = at.map(|at| {
            if at.op.is_some() {
                at.seq.saturating_sub(1)
            } else {
                at.seq
            }
        });
        let (mut tree, size) = self.index(bound).await?.unwrap_or((Tree::empty(), 0));
        let index = (size, tree.seq);
        let (head, goes_on) = self.head(tree.seq).await?;
        let missing = goes_on.then_some(head + 1);
        if let (None, Some(seq)) = (at, missing) {
            // Commits are lost, or were never part of the log: only who keeps backups can tell.
            tracing::error!(
                store = self.url(),
                missing = slot::key(seq),
                "a slot of the log is missing: what later ones hold is not part of the store, and the next write takes its \
                 place for good; if it was lost, put it back from a backup before anything is written"
            );
        }
        let last = match at {
            Some(at) if at.seq > head => {
                let why = match missing {
                    Some(seq) => format!("{} is missing, and what later slots hold is void", slot::key(seq)),
                    None => format!("the newest is {head}"),
                };
                return Err(StoreError::NoVersion {
                    url: self.url().into(),
                    at: at.to_string(),
                    why,
                });
            }
            Some(at) => at.seq,
            None => head,
        };
        let slots = self.headers(tree.seq + 1..=last, head).await?;
        for slot in &slots {
            match at.and_then(|at| at.op).filter(|_| slot.header.seq == last) {
                Some(op) if op as usize > slot.header.ops.len() => {
                    let why = format!("commit {last} has {} ops", slot.header.ops.len());
                    let at = at.map_or_else(String::new, |at| at.to_string());
                    return Err(StoreError::NoVersion {
                        url: self.url().into(),
                        at,
                        why,
                    });
                }
                Some(op) if slot.header.previous != tree.write => {
                    let (seq, op) = (last, Some(op));
                    return Err(StoreError::void(self.url(), At { seq, op }));
                }
                Some(op) => tree
                    .apply_first(&slot.header, op)
                    .map_err(|e| StoreError::apply(self.url(), &e))?,
                None => drop(apply_or_void(&mut tree, slot, self.url())?),
            }
        }
        Ok(Loaded {
            tree,
            index,
            slots,
            missing,
        })
    }
}

/// Waits before a slot of the store at `url` is read again, or gives up. A damaged answer need not mean a damaged object:
/// a proxy may have cut it short.
pub(crate) async fn read_again(tries: &mut u32, url: &str, error: &SlotError) -> Result<()> {
    *tries += 1;
    if *tries == TRIES {
        return Err(StoreError::slot(url, error));
    }
    pause(*tries).await;
    Ok(())
}

/// Waits before what was read is read again, longer each time.
pub(crate) async fn pause(tries: u32) {
    tokio::time::sleep(Duration::from_millis(20) * tries).await;
}

/// Waits before a request is sent again; gives the error back where that is no use or was done often enough.
async fn again(tries: &mut u32, error: BackendError) -> Result<()> {
    *tries += 1;
    if *tries == TRIES || !matches!(error, BackendError::Unknown { .. }) {
        return Err(error.into());
    }
    tokio::time::sleep(Duration::from_millis(10) * (1 << *tries)).await;
    Ok(())
}

/// Applies a slot; one that does not follow its predecessor (its writer knew another: a store that broke
/// create-if-absent, a restored bucket) is void for every reader alike. Its writer finds out and commits again.
pub(crate) fn apply_or_void(tree: &mut Tree, slot: &Slot, url: &str) -> Result<Vec<crate::tree::Change>> {
    if slot.header.previous == tree.write {
        return tree.apply(&slot.header).map_err(|e| StoreError::apply(url, &e));
    }
    tracing::error!(
        store = url,
        slot = slot.header.seq,
        writer = %slot.header.mount,
        "void commit: it does not follow the one before it; the bucket was restored or broke create-if-absent"
    );
    tree.pass_void(slot.header.seq)
        .map_err(|e| StoreError::apply(url, &e))?;
    Ok(Vec::new())
}
