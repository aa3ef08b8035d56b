//! A handle on one store: its tree, its contents and its committer.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::author::Author;
use crate::backend::Backend;
use crate::cache::budget::CacheBudget;
use crate::clock::{Clock, SystemClock};
use crate::commit::Committer;
use crate::content::{Content, Extent};
use crate::contents::Contents;
use crate::error::{Result, StoreError};
use crate::follow::follow;
use crate::group::Queued;
use crate::id::{At, MountId, Seq, StoreId};
use crate::intent::{Entry, Intent, Outcome, Refused};
use crate::log::{Loaded, Log};
use crate::manifest::{self, Manifest};
use crate::probe::probe;
use crate::random::{OsRandom, Random};
use crate::ring::Ring;
use crate::settings::Settings;
use crate::shared::Shared;
use crate::slot::{FORMAT, Slot};
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
    /// How long a write is tried against an object store that can't be reached. `None` = for ever: mounts, whose
    /// journal holds what waits. Commands give up.
    pub give_up: Option<Duration>,
    /// Probe the object store before the first write.
    pub probe: bool,
    /// Polling interval while the store changes.
    pub poll_active: Duration,
    /// Longest polling interval of an idle store.
    pub poll_idle: Duration,
    /// Contents kept in memory, in bytes.
    pub memory_cache: usize,
    /// Folder for the content cache on disk, and what it and others may take together.
    pub disk_cache: Option<(PathBuf, Arc<CacheBudget>)>,
    /// The bell to ring and to hear; `None` = this machine's.
    pub ring: Option<Arc<Ring>>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            clock: Arc::new(SystemClock),
            random: Arc::new(OsRandom),
            mount: None,
            next_counter: 1,
            follow: false,
            give_up: Some(Duration::from_secs(30)),
            probe: true,
            poll_active: Duration::from_millis(50),
            poll_idle: Duration::from_mins(1),
            memory_cache: 8 << 20,
            disk_cache: None,
            ring: None,
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
    /// Why the object store refuses what this handle writes, once it has refused it for some seconds.
    pub refused: Option<String>,
    /// How often the bucket no longer held what this handle had seen (restored, or create-if-absent broken).
    pub rebuilt: u64,
    /// The slot behind the newest commit, where it is missing though later slots are there.
    pub missing: Option<Seq>,
    /// When the tree was last known to be the newest.
    pub looked: Option<Instant>,
}

/// What an entry came to, an outcome an intent; the outer error means *unknown* or stopped.
pub type Committed = Result<Vec<std::result::Result<Outcome, Refused>>>;

/// A handle on one store; clones share it. Once the last clone is gone its tasks end by themselves, after what was
/// enqueued; [`Store::close`] waits for that.
#[derive(Clone)]
pub struct Store {
    handle: Arc<Handle>,
}

struct Handle {
    shared: Arc<Shared>,
    queue: Mutex<Option<mpsc::UnboundedSender<Queued>>>,
    committer: Mutex<Option<JoinHandle<()>>>,
    _stop_following: DropGuard,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store")
            .field("url", &self.url())
            .field("id", &self.id())
            .finish_non_exhaustive()
    }
}

impl Store {
    /// Opens the store at `backend`.
    ///
    /// # Errors
    /// When there is none, it is damaged, newer, deleted or can't be reached.
    pub async fn open(backend: Backend, options: Options) -> Result<Self> {
        match manifest::newest(&backend).await? {
            None => Err(StoreError::Absent { url: backend.url }),
            Some((_, manifest)) if manifest.deleted => Err(StoreError::Deleted { url: backend.url }),
            Some((_, manifest)) => Self::open_known(backend, manifest.id, options).await,
        }
    }

    /// Opens the store at `backend`, or makes it with `settings`. Before the first write of a new store the object
    /// store is probed. One that nothing was committed to yet gets them, too: whoever made it may have been killed before.
    ///
    /// # Errors
    /// As [`Store::open`], and when the probe fails.
    pub async fn open_or_init(backend: Backend, settings: &Settings, options: Options) -> Result<Self> {
        let n = match manifest::newest(&backend).await? {
            Some((_, manifest)) if !manifest.deleted => {
                // A commit would settle all that a predecessor recorded for its mount: counters only rise.
                let is_new = options.mount.is_none();
                let store = Self::open_known(backend, manifest.id, options).await?;
                if is_new {
                    store.settle(settings).await?;
                }
                return Ok(store);
            }
            Some((n, _)) => n + 1,
            None => 1,
        };
        if options.probe {
            probe(&backend, &*options.random).await?;
        }
        let made = Manifest {
            format: FORMAT,
            id: StoreId::random(&*options.random),
            created: options.clock.now(),
            owner: None,
            deleted: false,
        };
        manifest::create(&backend, n, &made).await?;
        // Whoever was quicker made it; settings are the first commit's, and equal ones are not written again.
        let store = Self::open(backend, options).await?;
        store.settle(settings).await?;
        Ok(store)
    }

    /// Commits the settings of a store that has no commit, where they are not those that it has without one.
    async fn settle(&self, settings: &Settings) -> Result<()> {
        let is_empty = self.tree().seq == 0 && self.health().missing.is_none();
        if is_empty && *settings != Settings::default() {
            let author = Author::Maintenance {
                maintenance: "init".into(),
            };
            let entry = Entry::new(
                author,
                vec![Intent::Settings {
                    settings: settings.clone(),
                }],
            );
            self.commit(entry).await?;
        }
        Ok(())
    }

    /// Opens the store `id`, which the caller has just read, or written, the manifest of.
    ///
    /// # Errors
    /// When it is newer than this program, damaged or out of reach.
    pub async fn open_known(backend: Backend, id: StoreId, options: Options) -> Result<Self> {
        let log = Log { backend, id };
        let loaded = log.load(None).await?;
        Ok(Self::start(log, loaded, options))
    }

    /// Opens the store `id`, whose manifest the caller has just made under an id that nobody knew before: there is nothing
    /// to read.
    pub fn open_made(backend: Backend, id: StoreId, options: Options) -> Self {
        Self::start(Log { backend, id }, Loaded::nothing(), options)
    }

    fn start(log: Log, loaded: Loaded, options: Options) -> Self {
        let id = log.id;
        let mount = options.mount.unwrap_or_else(|| MountId::random(&*options.random));
        let contents = Contents::new(&options);
        contents.heed(&loaded.tree.redacted);
        let shared = Arc::new(Shared::new(log, loaded, contents, mount, &options));
        let (queue, receiver) = mpsc::unbounded_channel();
        let ring = options.ring.or_else(|| {
            let ring = if options.follow { Ring::open } else { Ring::mute };
            ring(shared.backend(), id)
        });
        let committer = tokio::spawn(Committer::new(shared.clone(), receiver, ring.clone(), options.probe).run());
        let stop = CancellationToken::new();
        if options.follow {
            let follower = follow(
                shared.clone(),
                ring,
                options.poll_active,
                options.poll_idle,
                stop.clone(),
            );
            tokio::spawn(follower);
        }
        Self {
            handle: Arc::new(Handle {
                shared,
                queue: Mutex::new(Some(queue)),
                committer: Mutex::new(Some(committer)),
                _stop_following: stop.drop_guard(),
            }),
        }
    }

    fn shared(&self) -> &Arc<Shared> {
        &self.handle.shared
    }

    /// Where it is, for messages.
    pub fn url(&self) -> &str {
        self.shared().url()
    }

    /// Its id.
    pub fn id(&self) -> StoreId {
        self.shared().id()
    }

    /// The rights this handle holds.
    pub fn backend(&self) -> &Backend {
        self.shared().backend()
    }

    /// The key of an object of this store, for the backend.
    pub fn key(&self, rest: &str) -> String {
        self.shared().log.key(rest)
    }

    /// The mount this handle writes as.
    pub fn mount(&self) -> MountId {
        self.shared().mount
    }

    /// Whether it may not write.
    pub fn is_read_only(&self) -> bool {
        self.backend().append.is_none()
    }

    /// Randomness for new file ids.
    pub fn random(&self) -> &dyn Random {
        &*self.shared().random
    }

    /// The clock.
    pub fn clock(&self) -> &dyn Clock {
        &*self.shared().clock
    }

    /// The tree as this handle knows it.
    pub fn tree(&self) -> Arc<Tree> {
        self.shared().tree()
    }

    /// News of every commit from now on, own ones included: sent before the entry's answer. One receiver a handle;
    /// a later call takes over.
    pub fn updates(&self) -> mpsc::UnboundedReceiver<Update> {
        self.shared().updates()
    }

    /// Reserves `n` op counters of this mount and returns the first, for a journal that records them before it
    /// enqueues. Counters must be enqueued in rising order.
    pub fn reserve_counters(&self, n: u64) -> u64 {
        self.shared().reserve_counters(n)
    }

    /// Hands an entry to the committer. The answer comes once it is known what became of it; a handle that was closed
    /// drops the answer's sender.
    pub fn enqueue(&self, entry: Entry) -> oneshot::Receiver<Committed> {
        let (reply, receiver) = oneshot::channel();
        // Under the lock, so that counters reach the queue in rising order.
        let queue = self.handle.queue.lock();
        if let Some(queue) = &*queue {
            let counter = entry
                .counter
                .unwrap_or_else(|| self.reserve_counters(entry.intents.len() as u64));
            // The committer ends only after this sender is gone.
            let _ = queue.send(Queued { entry, counter, reply });
        }
        receiver
    }

    /// Commits an entry and waits for it.
    ///
    /// # Errors
    /// When the store can't be written; each intent's own fate is in the vector.
    pub async fn commit(&self, entry: Entry) -> Committed {
        let closed = || StoreError::Closed { url: self.url().into() };
        self.enqueue(entry).await.map_err(|_| closed())?
    }

    /// Commits an entry of which every intent must succeed.
    ///
    /// # Errors
    /// When the store can't be written, or the first refusal.
    pub async fn commit_all(&self, entry: Entry) -> Result<Vec<Outcome>> {
        let url = self.url().to_owned();
        let results = self.commit(entry.atomic()).await?;
        let refused = results
            .iter()
            .find_map(|r| r.as_ref().err().filter(|e| !matches!(e, Refused::Together { .. })));
        if let Some(refused) = refused {
            return Err(StoreError::Refused {
                url,
                refused: refused.clone(),
            });
        }
        results
            .into_iter()
            .collect::<std::result::Result<_, _>>()
            .map_err(|refused| StoreError::Refused { url, refused })
    }

    /// Looks at the head of the log and catches up with it.
    ///
    /// # Errors
    /// When the object store can't be reached or the log is damaged.
    pub async fn sync(&self) -> Result<Seq> {
        self.shared().advance().await
    }

    /// Bytes `range` of a content (cut to its length).
    ///
    /// # Errors
    /// When they can't be had, or were redacted.
    pub async fn read(&self, content: &Content, range: Range<u64>) -> Result<Bytes> {
        self.shared().read(content, range).await
    }

    /// The whole content.
    ///
    /// # Errors
    /// As [`Store::read`].
    pub async fn read_all(&self, content: &Content) -> Result<Bytes> {
        self.read(content, 0..u64::MAX).await
    }

    /// The whole content, if it can be had without asking the object store (memory or disk cache).
    pub fn cached(&self, content: &Content) -> Option<Bytes> {
        let tree = self.tree();
        if content.extents.iter().any(|e| tree.is_redacted(e)) {
            return None;
        }
        self.shared().contents.cached(content)
    }

    /// The bytes of one extent, checked by its hash.
    ///
    /// # Errors
    /// As [`Store::read`].
    pub async fn read_extent(&self, extent: &Extent) -> Result<Bytes> {
        self.read_all(&Content { extents: vec![*extent] }).await
    }

    /// Headers of the commits in `range`, in order; the part of it beyond the head is left out.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn headers(&self, range: Range<Seq>) -> Result<Vec<Slot>> {
        let head = self.tree().seq;
        self.shared()
            .log
            .headers(range.start.max(1)..=range.end.saturating_sub(1).min(head), head)
            .await
    }

    /// The tree at a moment of the history; after a whole commit that is void it is as before that.
    ///
    /// # Errors
    /// When that moment is in the future, past retention or an op of a void commit.
    pub async fn tree_at(&self, at: At) -> Result<Tree> {
        let horizon = self.tree().horizon;
        if at.seq < horizon {
            let why = format!("history before commit {horizon} is past its retention");
            return Err(StoreError::NoVersion {
                url: self.url().into(),
                at: at.to_string(),
                why,
            });
        }
        Ok(self.shared().log.load(Some(at)).await?.tree)
    }

    /// How it is doing.
    pub fn health(&self) -> Health {
        self.shared().health()
    }

    /// Tries the object store again at once instead of after the back-off.
    pub fn nudge(&self) {
        self.shared().nudge.notify_waiters();
    }

    /// Takes in nothing more: the committer ends once what was enqueued is known.
    fn end(&self) -> Option<JoinHandle<()>> {
        drop(self.handle.queue.lock().take());
        self.handle.committer.lock().take()
    }

    /// Waits until all that was enqueued is known, then stops.
    pub async fn close(&self) {
        if let Some(committer) = self.end()
            && let Err(error) = committer.await
        {
            tracing::error!(store = self.url(), %error, "committer ended badly");
        }
    }

    /// As [`Store::close`], for `patience` at most: what is not known then is for a successor to find out, who must not
    /// meet this handle still trying.
    pub async fn close_within(&self, patience: Duration) {
        if let Some(mut committer) = self.end()
            && tokio::time::timeout(patience, &mut committer).await.is_err()
        {
            committer.abort();
            // Aborted: an error says so.
            let _ = committer.await;
        }
    }

    /// Writes an index of the head if readers would be quicker with one: after a bulk load.
    ///
    /// # Errors
    /// When it can't be written.
    pub async fn write_index(&self) -> Result<()> {
        let due = crate::upkeep::Due {
            batch: None,
            index: Some(Tree::clone(&self.tree())),
        };
        self.shared().write_upkeep(due).await
    }
}
