//! The daemon: opens the stores, mounts, serves until it is told to stop, then writes what is left and unmounts.

use std::collections::BTreeMap;
use std::fs::File;
use std::future::Future;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use remanence_store::Author;
use rustix::fs::FlockOperation;
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;

use crate::attachment::Attachment;
use crate::ended;
use crate::fs::Fs;
use crate::fuse::{Fuse, Served};
use crate::kernel::Notify;
use crate::mount_point::{self, MountPointError};
use crate::node_id::SESSIONS_SLOT;
use crate::open::{AttachError, AttachmentConfig, Common};
use crate::owner::Owner;
use crate::replace::replace;
use crate::settings::Timing;

/// The most that a store which is detached may take to write what is left: the others wait meanwhile.
const DETACH: Duration = Duration::from_secs(25);

/// In the mount's folder in the cache, beside a folder for each store.
const LOCK: &str = "lock";
const SLOTS: &str = "slots.json";
/// As [`replace`] calls it until it is whole.
const NEW_SLOTS: &str = "slots.new";

/// What is mounted where.
#[derive(Debug, Clone)]
pub struct MountConfig {
    /// Stores to attach.
    pub attachments: Vec<AttachmentConfig>,
    /// The agent's session store, at `.sessions`; its name is not used.
    pub sessions: Option<AttachmentConfig>,
    /// Where to mount: an empty folder.
    pub at: PathBuf,
    /// The agent's name.
    pub agent: String,
    /// Where journal and caches lie.
    pub cache: PathBuf,
    /// What cached contents of all stores may take of that disk together, in bytes; the journals come on top of it.
    pub contents: u64,
    /// Owner shown. Where left out: this process's, or on a mount that was handed over the first caller's that is not root.
    pub uid: Option<u32>,
    /// Group shown; as the owner.
    pub gid: Option<u32>,
    /// How long it may take at the end to write what is left.
    pub grace: Duration,
    /// Bounds of waiting.
    pub timing: Timing,
}

impl MountConfig {
    /// The default of [`MountConfig::grace`].
    pub const GRACE: Duration = Duration::from_secs(10);
    /// The default of [`MountConfig::contents`].
    pub const CONTENTS: u64 = 1 << 30;
}

/// Why a mount does not come to be.
#[derive(Debug, thiserror::Error)]
pub enum MountError {
    /// The folder.
    #[error(transparent)]
    MountPoint(#[from] MountPointError),
    /// A store.
    #[error(transparent)]
    Attach(#[from] AttachError),
    /// Two stores of one name, or a name that the root or the cache has for itself.
    #[error("`{0}` can't be a store's folder here: it is taken; use another name")]
    Name(String),
    /// A store of memories in the place of the session store.
    #[error(
        "{0}: is a store of memories; give one of sessions with --sessions (`remanence init --sessions` makes one)"
    )]
    NoSessions(String),
    /// Another process has the journal.
    #[error("{}: another process serves a mount with this cache folder; end it or give another with --cache", .0.display())]
    CacheBusy(PathBuf),
    /// The cache folder.
    #[error("{}: {source}; give another folder with --cache", path.display())]
    Cache {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The kernel.
    #[error("{}: can't be mounted: {source}{}", at.display(), hint(source))]
    Kernel {
        /// The folder.
        at: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

fn hint(error: &std::io::Error) -> &'static str {
    match error.kind() {
        std::io::ErrorKind::NotFound => "; is /dev/fuse there (`modprobe fuse`), and fusermount3 (package fuse3)?",
        std::io::ErrorKind::PermissionDenied => "; may this user open /dev/fuse?",
        _ => "",
    }
}

/// How a mount ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stopped {
    /// Changes of each store that it does not have yet; they are in the journal, and the next mount finishes them.
    pub left: BTreeMap<String, usize>,
    /// Where the journal is.
    pub journal: PathBuf,
    /// Whether something still had files open; it keeps what it has, and can't reach the store any more.
    pub in_use: bool,
}

/// A mount that is served.
pub struct Mount {
    fs: Arc<Fs>,
    at: PathBuf,
    owner: (Option<u32>, Option<u32>),
    common: Common,
    grace: Duration,
    slots: Slots,
    /// Whether somebody else mounted it, and unmounts it.
    handed: bool,
    served: Option<Served>,
    over: Option<oneshot::Receiver<()>>,
    _lock: CacheLock,
}

impl Mount {
    /// Opens the stores and mounts; ready once the kernel has been answered.
    ///
    /// # Errors
    /// When a store, the folder or the cache can't be used.
    pub async fn start(mut config: MountConfig) -> Result<Self, MountError> {
        let at = mount_point::prepare(&config.at)?;
        check_names(&config)?;
        let (attachments, sessions) = (std::mem::take(&mut config.attachments), config.sessions.take());
        let mut mount = Self::new(&config, at, sessions.is_some())?;
        let mut openings = Vec::new();
        for attachment in attachments {
            let slot = mount.slots.of(&attachment.name)?;
            openings.push(crate::open::open(attachment, slot, &mount.common));
        }
        if let Some(mut sessions) = sessions {
            sessions.name = crate::fs::root::SESSIONS.into();
            openings.push(crate::open::open(sessions, SESSIONS_SLOT, &mount.common));
        }
        for attachment in futures::future::join_all(openings).await {
            let attachment = attachment?;
            if attachment.slot == SESSIONS_SLOT && attachment.is_of_memories() {
                return Err(MountError::NoSessions(attachment.store.url().to_owned()));
            }
            mount.fs.attach(attachment);
        }
        let at = mount.at.clone();
        mount.serve(move |fuse, over| fuse.serve(&at, over)).await?;
        Ok(mount)
    }

    /// Serves the mount that `fd`, a descriptor of `/dev/fuse`, stands for, at once and with nothing attached yet;
    /// whoever made it unmounts it. `config.at` is where the agent sees it.
    ///
    /// # Errors
    /// When the kernel or the cache can't be used.
    pub async fn start_on(fd: OwnedFd, config: MountConfig) -> Result<Self, MountError> {
        let at = config.at.clone();
        let mut mount = Self::new(&config, at, true)?;
        mount.handed = true;
        mount.serve(move |fuse, over| fuse.serve_on(fd, over)).await?;
        Ok(mount)
    }

    /// A mount that is not served yet and has nothing attached.
    fn new(config: &MountConfig, at: PathBuf, has_sessions: bool) -> Result<Self, MountError> {
        let folder = cache_folder(&config.cache, &at);
        let lock = lock(&folder)?;
        ended::forget(&folder).map_err(|source| MountError::Cache {
            path: folder.clone(),
            source,
        })?;
        let author = Author::agent(&config.agent);
        let common = Common::new(author, folder.clone(), config.timing, config.contents);
        let fs = Fs::new(&config.agent, at.clone(), common.kernel.clone(), has_sessions);
        Ok(Self {
            fs: Arc::new(fs),
            at,
            owner: (config.uid, config.gid),
            common,
            grace: config.grace,
            slots: Slots::open(&folder)?,
            handed: false,
            served: None,
            over: None,
            _lock: lock,
        })
    }

    /// Has the kernel served by `start`, which waits for its first request.
    async fn serve<S>(&mut self, start: S) -> Result<(), MountError>
    where
        S: FnOnce(Fuse, Box<dyn FnOnce() + Send>) -> std::io::Result<(Served, Box<dyn Notify>)> + Send + 'static,
    {
        let (uid, gid) = self.owner;
        let owner = if self.handed {
            Owner::first_of(uid, gid)
        } else {
            let (own_uid, own_gid) = (rustix::process::geteuid(), rustix::process::getegid());
            Owner::fixed(uid.unwrap_or(own_uid.as_raw()), gid.unwrap_or(own_gid.as_raw()))
        };
        let workers = tokio::runtime::Handle::current();
        let fuse = Fuse::new(self.fs.clone(), workers, owner, &self.common.folder);
        let (ended, over) = oneshot::channel();
        let ended = Box::new(move || {
            // Whoever waits for it may be gone.
            let _ = ended.send(());
        });
        let served = tokio::task::spawn_blocking(move || start(fuse, ended));
        let kernel = |source| MountError::Kernel {
            at: self.at.clone(),
            source,
        };
        let (served, notify) = served
            .await
            .map_err(|e| kernel(std::io::Error::other(e)))?
            .map_err(kernel)?;
        self.common.kernel.connect(notify);
        tracing::info!(at = %self.at.display(), agent = self.common.author.name(), "mounted");
        self.served = Some(served);
        self.over = Some(over);
        Ok(())
    }

    /// Who writes what is attached from now on.
    pub fn set_author(&mut self, author: Author) {
        self.common.author = author;
    }

    /// The filesystem.
    pub fn fs(&self) -> &Arc<Fs> {
        &self.fs
    }

    /// Attaches a store while it runs.
    ///
    /// # Errors
    /// When the store can't be used or the name is taken.
    pub async fn attach(&mut self, config: AttachmentConfig) -> Result<Arc<Attachment>, MountError> {
        check_name(&config.name, &self.fs)?;
        let slot = self.slots.of(&config.name)?;
        let attachment = crate::open::open(config, slot, &self.common).await?;
        self.fs.attach(attachment.clone());
        Ok(attachment)
    }

    /// Attaches the agent's session store while it runs.
    ///
    /// # Errors
    /// When the store can't be used or one is attached already.
    pub async fn attach_sessions(&mut self, mut config: AttachmentConfig) -> Result<Arc<Attachment>, MountError> {
        config.name = crate::fs::root::SESSIONS.into();
        if self.fs.attachments().iter().any(|a| a.slot == SESSIONS_SLOT) {
            return Err(MountError::Name(config.name));
        }
        let attachment = crate::open::open(config, SESSIONS_SLOT, &self.common).await?;
        self.fs.attach(attachment.clone());
        Ok(attachment)
    }

    /// Detaches a store while it runs, after what was accepted is written (or has had its time). Returns how many
    /// changes are left in its journal, or `None` where there is no such store.
    pub async fn detach(&mut self, name: &str) -> Option<usize> {
        let attachment = self.fs.detach(name)?;
        self.common.detached(name);
        // What a store that is gone or forbidden never takes must not hold up the other stores; the journal has it.
        let patience = self.grace.min(DETACH);
        let left = settle(&attachment, patience).await;
        attachment.store.close_within(patience).await;
        Some(left)
    }

    /// Waits until somebody else has unmounted it.
    pub async fn unmounted(&mut self) {
        if let Some(over) = &mut self.over {
            // An error means the same: the thread is gone.
            let _ = over.await;
            self.over = None;
        }
    }

    /// Writes what is left, unmounts, and says what remained.
    pub async fn stop(mut self) -> Stopped {
        let attachments = self.fs.attachments();
        let settled = attachments.iter().map(|a| settle(a, self.grace));
        futures::future::join_all(settled).await;
        let in_use = self.unmount().await;
        // What came between the two.
        let settled = attachments
            .iter()
            .map(|a| async { (a.name.clone(), settle(a, self.grace / 4).await) });
        let left: BTreeMap<String, usize> = futures::future::join_all(settled)
            .await
            .into_iter()
            .filter(|(_, left)| *left > 0)
            .collect();
        for (name, left) in &left {
            tracing::warn!(
                attachment = name,
                left,
                "not in the store yet; the next mount finishes it from the journal"
            );
        }
        let stopped = Stopped {
            left,
            journal: self.common.folder.clone(),
            in_use,
        };
        // While the folder is still this mount's.
        if let Err(error) = ended::leave(&stopped) {
            tracing::warn!(at = %self.at.display(), %error, "whoever unmounts can't be told how it ended");
        }
        stopped
    }

    /// Unmounts; says whether it was in use.
    async fn unmount(&mut self) -> bool {
        let Some(mut served) = self.served.take() else {
            return false;
        };
        if self.handed || served.is_over() {
            return false;
        }
        let at = self.at.clone();
        let unmounting = tokio::task::spawn_blocking(move || match served.unmount() {
            Ok(()) => false,
            Err(error) => {
                tracing::warn!(at = %at.display(), %error, "still in use; detached");
                if let Err(error) = mount_point::detach(&at) {
                    tracing::error!("{error}");
                }
                true
            }
        });
        unmounting.await.unwrap_or(true)
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        // A mount that nobody serves any more would make every caller wait.
        let Some(mut served) = self.served.take() else { return };
        if self.handed || served.is_over() || served.unmount().is_ok() {
            return;
        }
        if let Err(error) = mount_point::detach(&self.at) {
            tracing::error!("{error}");
        }
    }
}

/// Mounts, calls `ready`, and serves until `stop` comes or somebody unmounts.
///
/// # Errors
/// When the mount does not come to be.
pub async fn serve(
    config: MountConfig,
    ready: impl FnOnce(),
    stop: impl Future<Output = ()>,
) -> Result<Stopped, MountError> {
    let mut mount = Mount::start(config).await?;
    ready();
    tokio::select! {
        () = stop => {}
        () = mount.unmounted() => tracing::info!("unmounted by somebody else"),
    }
    Ok(mount.stop().await)
}

/// Sends all that was accepted and waits for it, for `patience` at most; says how much is left.
async fn settle(attachment: &Attachment, patience: Duration) -> usize {
    attachment.store.nudge();
    // What is left is counted, whether it took too long or not.
    let _ = tokio::time::timeout(patience, attachment.flush_all()).await;
    attachment.lock().items.len()
}

fn check_names(config: &MountConfig) -> Result<(), MountError> {
    let mut seen = Vec::new();
    for attachment in &config.attachments {
        let name = attachment.name.as_str();
        if is_taken(name) || seen.contains(&name) {
            return Err(MountError::Name(name.to_owned()));
        }
        seen.push(name);
    }
    Ok(())
}

fn check_name(name: &str, fs: &Fs) -> Result<(), MountError> {
    if is_taken(name) || fs.attachments().iter().any(|a| a.name == name) {
        return Err(MountError::Name(name.to_owned()));
    }
    Ok(())
}

fn is_taken(name: &str) -> bool {
    name.starts_with('.')
        || remanence_store::name::check(name).is_err()
        || crate::notes::NOTES.iter().any(|(note, _)| *note == name)
        || [LOCK, SLOTS, NEW_SLOTS].contains(&name)
}

/// The folder in `cache` that a mount at `at` has for itself.
///
/// # Errors
/// When there is no such place.
pub fn folder_of(cache: &Path, at: &Path) -> Result<PathBuf, MountPointError> {
    Ok(cache_folder(cache, &mount_point::absolute(at)?))
}

/// The mount's own folder in the cache: a later mount at the same place finds the journal.
fn cache_folder(cache: &Path, at: &Path) -> PathBuf {
    let name: String = at
        .to_string_lossy()
        .trim_start_matches('/')
        .chars()
        .map(|c| {
            if c.is_alphanumeric() || "._-".contains(c) {
                c
            } else {
                '_'
            }
        })
        .rev()
        .take(80)
        .collect();
    let name: String = name.chars().rev().collect();
    let hash = remanence_store::content::Hash::of(at.as_os_str().as_encoded_bytes()).to_string();
    cache.join(format!("{name}-{}", &hash[..8]))
}

/// Keeps other mounts away from a cache.
struct CacheLock(File);

impl Drop for CacheLock {
    fn drop(&mut self) {
        // A child that another thread is just starting holds a copy of the file until it runs: to close ours alone would
        // not give the cache free.
        if let Err(error) = rustix::fs::flock(&self.0, FlockOperation::Unlock) {
            tracing::warn!(%error, "the lock of a cache can't be given back");
        }
    }
}

fn lock(folder: &Path) -> Result<CacheLock, MountError> {
    let cache = |source| MountError::Cache {
        path: folder.to_owned(),
        source,
    };
    std::fs::create_dir_all(folder).map_err(cache)?;
    let path = folder.join(LOCK);
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
        .map_err(cache)?;
    match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(CacheLock(file)),
        Err(rustix::io::Errno::WOULDBLOCK) => Err(MountError::CacheBusy(folder.to_owned())),
        Err(error) => Err(cache(error.into())),
    }
}

/// Which slot each attachment has, kept over restarts: the slot is part of its node ids.
struct Slots {
    path: PathBuf,
    by_name: BTreeMap<String, u8>,
}

impl Slots {
    fn open(folder: &Path) -> Result<Self, MountError> {
        let path = folder.join(SLOTS);
        let by_name = match std::fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|e| MountError::Cache {
                path: path.clone(),
                source: e.into(),
            })?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => BTreeMap::new(),
            Err(source) => return Err(MountError::Cache { path, source }),
        };
        Ok(Self { path, by_name })
    }

    fn of(&mut self, name: &str) -> Result<u8, MountError> {
        if let Some(slot) = self.by_name.get(name) {
            return Ok(*slot);
        }
        let used = |slot: &u8| self.by_name.values().any(|s| s == slot);
        let slot = (1..SESSIONS_SLOT).find(|slot| !used(slot));
        let slot = slot.ok_or_else(|| MountError::Name(name.to_owned()))?;
        self.by_name.insert(name.to_owned(), slot);
        let written = serde_json::to_vec(&self.by_name)
            .map_err(std::io::Error::from)
            .and_then(|bytes| replace(&self.path, &bytes));
        written.map_err(|source| MountError::Cache {
            path: self.path.clone(),
            source,
        })?;
        Ok(slot)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::io::Read as _;

    use super::*;

    #[test]
    fn slots_are_whole_whenever_the_process_is_killed() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path();
        let mut slots = Slots::open(folder).unwrap();
        slots.of("one").unwrap();
        let mut before = File::open(folder.join(SLOTS)).unwrap();
        slots.of("two").unwrap();
        let mut whole = String::new();
        before.read_to_string(&mut whole).unwrap();
        assert_eq!(whole, r#"{"one":1}"#, "it was not written over");
        // As a process leaves it that is killed over its third store.
        std::fs::write(folder.join(NEW_SLOTS), r#"{"one":1,"thr"#).unwrap();
        let mut again = Slots::open(folder).unwrap();
        assert_eq!((again.of("two").unwrap(), again.of("three").unwrap()), (2, 3));
        assert!(is_taken(NEW_SLOTS), "no store's folder is in the way");
    }
}
