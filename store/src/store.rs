//! A handle on one store: its tree, its contents and its committer.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{mpsc, oneshot};

use crate::backend::Backend;
use crate::clock::{Clock, SystemClock};
use crate::content::{Content, Extent};
use crate::error::Result;
use crate::id::{At, MountId, Seq, StoreId};
use crate::intent::{Entry, Outcome, Refused};
use crate::random::{OsRandom, Random};
use crate::settings::Settings;
use crate::tree::{Change, Tree};

/// How a store is opened. Components come in by `with_*`.
#[derive(Clone)]
pub struct Options {
    /// The wall clock.
    pub clock: Arc<dyn Clock>,
    /// Randomness for ids.
    pub random: Arc<dyn Random>,
    /// The writing mount; a successor process gives its predecessor's. `None` = a new one.
    pub mount: Option<MountId>,
    /// The first free op counter of the mount (1 for a new mount).
    pub next_counter: u64,
    /// Follow the log in the background (ring and polling), for mounts. Commands look once.
    pub follow: bool,
    /// Polling interval while the store changes.
    pub poll_active: Duration,
    /// Longest polling interval of an idle store.
    pub poll_idle: Duration,
    /// Contents kept in memory, in bytes.
    pub memory_cache: usize,
    /// Folder for the content cache on disk, and its cap in bytes.
    pub disk_cache: Option<(PathBuf, u64)>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            clock: Arc::new(SystemClock),
            random: Arc::new(OsRandom),
            mount: None,
            next_counter: 1,
            follow: false,
            poll_active: Duration::from_millis(50),
            poll_idle: Duration::from_secs(60),
            memory_cache: 8 << 20,
            disk_cache: None,
        }
    }
}

/// News for a mount: the tree moved on.
#[derive(Debug, Clone)]
pub struct Update {
    /// The new tree.
    pub tree: Arc<Tree>,
    /// What changed since the update before, in order; own commits included (see [`Change::mount`]).
    pub changes: Vec<Change>,
}

/// How a store is doing.
#[derive(Debug, Clone, Default)]
pub struct Health {
    /// Ops waiting for the store.
    pub waiting: usize,
    /// Conflict siblings made by this handle.
    pub conflicts: u64,
    /// Why the object store can't be reached, while it can't.
    pub trouble: Option<String>,
    /// Why this handle no longer writes, once it has stopped for good.
    pub stopped: Option<String>,
}

/// What an entry came to, an outcome an intent; the outer error means *unknown* or stopped.
pub type Committed = Result<Vec<std::result::Result<Outcome, Refused>>>;

/// A handle on one store; clones share it. Dropping the last clone stops its tasks; [`Store::close`] first waits for
/// what was enqueued.
#[derive(Clone)]
pub struct Store {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {}

impl Store {
    /// Opens the store at `backend`.
    ///
    /// # Errors
    /// When there is none, it is damaged, newer, deleted or can't be reached.
    pub async fn open(backend: Backend, options: Options) -> Result<Self> {
        todo!()
    }

    /// Opens the store at `backend`, or makes it with `settings` after the probe of the object store has passed.
    ///
    /// # Errors
    /// As [`Store::open`], and when the probe fails.
    pub async fn open_or_init(backend: Backend, settings: &Settings, options: Options) -> Result<Self> {
        todo!()
    }

    /// Where it is, for messages.
    pub fn url(&self) -> &str {
        todo!()
    }

    /// Its id.
    pub fn id(&self) -> StoreId {
        todo!()
    }

    /// The mount this handle writes as.
    pub fn mount(&self) -> MountId {
        todo!()
    }

    /// Whether it may write.
    pub fn is_read_only(&self) -> bool {
        todo!()
    }

    /// Randomness for new file ids.
    pub fn random(&self) -> &dyn Random {
        todo!()
    }

    /// The clock.
    pub fn clock(&self) -> &dyn Clock {
        todo!()
    }

    /// The tree as this handle knows it.
    pub fn tree(&self) -> Arc<Tree> {
        todo!()
    }

    /// News of every commit from now on, own ones included: sent before the entry's answer. One receiver a handle;
    /// a later call takes over.
    pub fn updates(&self) -> mpsc::UnboundedReceiver<Update> {
        todo!()
    }

    /// Reserves `n` op counters of this mount and returns the first, for a journal that records them before it
    /// enqueues. Counters must be enqueued in rising order.
    pub fn reserve_counters(&self, n: u64) -> u64 {
        todo!()
    }

    /// Hands an entry to the committer. The answer comes once it is known what became of it.
    pub fn enqueue(&self, entry: Entry) -> oneshot::Receiver<Committed> {
        todo!()
    }

    /// Commits an entry and waits for it.
    ///
    /// # Errors
    /// When the store can't be written; each intent's own fate is in the vector.
    pub async fn commit(&self, entry: Entry) -> Committed {
        todo!()
    }

    /// Looks at the head of the log and catches up with it.
    ///
    /// # Errors
    /// When the object store can't be reached or the log is damaged.
    pub async fn sync(&self) -> Result<Seq> {
        todo!()
    }

    /// Bytes `range` of a content (cut to its length).
    ///
    /// # Errors
    /// When they can't be had, or were redacted.
    pub async fn read(&self, content: &Content, range: Range<u64>) -> Result<Bytes> {
        todo!()
    }

    /// The whole content, if it can be had without asking the object store (memory or disk cache).
    pub fn cached(&self, content: &Content) -> Option<Bytes> {
        todo!()
    }

    /// The bytes of one extent, checked by its hash.
    ///
    /// # Errors
    /// As [`Store::read`].
    pub async fn read_extent(&self, extent: &Extent) -> Result<Bytes> {
        todo!()
    }

    /// The tree at a moment of the history.
    ///
    /// # Errors
    /// When that moment is in the future or past retention.
    pub async fn tree_at(&self, at: At) -> Result<Tree> {
        todo!()
    }

    /// The slots `range` of the log, headers only.
    ///
    /// # Errors
    /// When one is missing or damaged.
    pub async fn headers(&self, range: Range<Seq>) -> Result<Vec<crate::slot::Slot>> {
        todo!()
    }

    /// How it is doing.
    pub fn health(&self) -> Health {
        todo!()
    }

    /// Tries the object store again at once instead of after the back-off.
    pub fn nudge(&self) {
        todo!()
    }

    /// Waits until all that was enqueued is known, then stops the tasks.
    ///
    /// # Errors
    /// When something enqueued could not be committed.
    pub async fn close(&self) -> Result<()> {
        todo!()
    }
}
