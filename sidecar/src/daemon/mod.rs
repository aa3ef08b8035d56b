//! The daemon in a pod: takes the pod's mount over from the node plugin, asks the broker what to attach, and serves it
//! until it is told to stop. It goes on with what it has while the broker is away.

use std::future::Future;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use remanence_link::{self as broker, Event};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use crate::handover::{self, HandoverError, Held};
use crate::mount::{Mount, MountConfig, MountError, Stopped};
use crate::settings::Timing;

mod attached;
mod health;
mod heard;
mod settings;

pub use health::wait;
pub use remanence_link::BrokerConfig;

use attached::Attached;
use health::Health;

/// For the broker's log.
const PROGRAM: &str = concat!("remanence-sidecar ", env!("CARGO_PKG_VERSION"));
/// How long the node plugin is waited for.
const PATIENCE: Duration = Duration::from_mins(1);
/// The kernel's name for the time since the node was started.
const BOOT: &str = "/proc/sys/kernel/random/boot_id";
/// When stores that could not be attached are tried again.
const RETRY: Duration = Duration::from_secs(1);

/// What the daemon needs to know.
#[derive(Debug, Clone)]
pub struct DaemonConfig {
    /// Who tells what to attach.
    pub broker: BrokerConfig,
    /// The Agent's name.
    pub agent: String,
    /// Where the agent sees the mount.
    pub at: PathBuf,
    /// Where journal and caches lie.
    pub cache: PathBuf,
    /// What cached contents of all stores may take of that disk together, in bytes; the journals come on top of it.
    pub contents: u64,
    /// Owner shown; the first caller that is not root where left out.
    pub uid: Option<u32>,
    /// Group shown; as the owner.
    pub gid: Option<u32>,
    /// How long it may take at the end to write what is left.
    pub grace: Duration,
}

/// Why the daemon does not serve.
#[derive(Debug, thiserror::Error)]
pub enum DaemonError {
    /// The hand-over.
    #[error(transparent)]
    Handover(#[from] HandoverError),
    /// The mount.
    #[error(transparent)]
    Mount(#[from] MountError),
    /// The mount can't be gone on with.
    #[error(
        "this pod's mount was served by an earlier process of this container that died, and is lost to the pod: delete \
         it, and the next one begins with what is in the store; what was not yet there is in this pod's journal alone"
    )]
    Died,
    /// The cache volume.
    #[error("{}: {source}; is there a volume for the cache?", path.display())]
    Cache {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The system.
    #[error("{0}")]
    Io(#[from] std::io::Error),
}

/// Takes the mount over at the socket `handover`, serves it until `stop`, and says goodbye once all is written.
///
/// # Errors
/// When there is no mount to take over or it can't be served.
pub async fn run(
    config: DaemonConfig,
    handover: PathBuf,
    listener: TcpListener,
    stop: impl Future<Output = ()>,
) -> Result<Stopped, DaemonError> {
    let received = tokio::task::spawn_blocking(move || handover::receive(&handover, PATIENCE));
    let received = received.await.map_err(std::io::Error::other)??;
    let kept = received.mount.try_clone()?;
    let link = received.link;
    // Where it can't be read, a reboot is taken for a process that died.
    let boot = std::fs::read_to_string(BOOT).unwrap_or_default();
    let mark = mark(&boot, &received.offer.volume);
    if was_used(&config.cache, &mark)? {
        // Whoever used the mount has the one that is lost, and gets an error now instead of waiting for good.
        link.served(kept, Vec::new())?.goodbye();
        return Err(DaemonError::Died);
    }
    let held: Mutex<Option<Held>> = Mutex::new(None);
    let stop = async {
        stop.await;
        if let Some(held) = &*held.lock() {
            held.leaving();
        }
    };
    let note = note_of(&config.cache);
    let answered = || -> std::io::Result<()> {
        *held.lock() = Some(link.served(kept, Vec::new())?);
        Ok(())
    };
    let stopped = serve(config, received.mount, listener, stop, answered, || {
        std::fs::write(note, mark)
    })
    .await?;
    if let Some(held) = held.into_inner() {
        held.goodbye();
    }
    Ok(stopped)
}

/// Where is noted which mount was let be used, for the next process of this container: until then nobody had it, and the
/// next process serves a new one.
fn note_of(cache: &Path) -> PathBuf {
    cache.join("used")
}

/// What the note says of a volume. The cache outlives a reboot, at the same path; the mount and all who used it do not.
fn mark(boot: &str, volume: &str) -> String {
    format!("{}\n{volume}", boot.trim_end())
}

/// Whether a process of this container has let be used before what `mark` says.
fn was_used(cache: &Path, mark: &str) -> Result<bool, DaemonError> {
    let path = note_of(cache);
    match std::fs::read_to_string(&path) {
        Ok(used) => Ok(used == mark),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(source) => Err(DaemonError::Cache { path, source }),
    }
}

/// Serves the mount that `fd` stands for until `stop`; `answered` is called once the kernel was answered, `used` before
/// the pod is told that all is there.
///
/// # Errors
/// When it can't be served.
pub async fn serve(
    config: DaemonConfig,
    fd: OwnedFd,
    listener: TcpListener,
    stop: impl Future<Output = ()>,
    answered: impl FnOnce() -> std::io::Result<()>,
    used: impl FnOnce() -> std::io::Result<()>,
) -> Result<Stopped, DaemonError> {
    let cache = config.cache.clone();
    let broken = |source| DaemonError::Cache {
        path: cache.clone(),
        source,
    };
    // Before anything that takes time: the plugin and the kernel wait for the first answer.
    let mount = Mount::start_on(
        fd,
        MountConfig {
            attachments: Vec::new(),
            sessions: None,
            at: config.at,
            agent: config.agent,
            cache: config.cache,
            contents: config.contents,
            uid: config.uid,
            gid: config.gid,
            grace: config.grace,
            timing: Timing::default(),
        },
    )
    .await?;
    answered()?;
    let health = Arc::new(Health::new(mount.fs().clone()));
    health::note(&cache, &listener).map_err(broken)?;
    tokio::spawn(health::serve(listener, health.clone()));
    let (link, mut events) = broker::connect(config.broker, PROGRAM, health.clone());
    let mut attached = Attached::new(mount, link);
    // Heard to the end: without a stream nobody signs for what is written last.
    let conversed = converse(&mut attached, &mut events, &health, stop, used).await;
    let stopped = attached.stop().await;
    conversed.map_err(broken)?;
    Ok(stopped)
}

/// Does what the broker says until `stop`, or until somebody else has unmounted.
async fn converse(
    attached: &mut Attached,
    events: &mut mpsc::Receiver<Event>,
    health: &Health,
    stop: impl Future<Output = ()>,
    used: impl FnOnce() -> std::io::Result<()>,
) -> std::io::Result<()> {
    let mut stop = std::pin::pin!(stop);
    let mut used = Some(used);
    loop {
        let complete = attached.is_complete();
        let event = tokio::select! {
            () = &mut stop => return Ok(()),
            () = attached.unmounted() => {
                tracing::info!("unmounted by somebody else");
                return Ok(());
            }
            event = events.recv() => event,
            () = tokio::time::sleep(RETRY), if !complete => None,
        };
        match event {
            Some(Event::Welcome(identity)) => attached.welcome(&identity),
            Some(Event::Attachments(attachments)) => attached.want(attachments),
            // A dreamer's.
            Some(Event::Dreams(_)) | None => {}
        }
        tokio::select! {
            () = attached.settle() => {}
            // What is being detached has no more time than the rest.
            () = &mut stop => return Ok(()),
        }
        health.waits_for(attached.trouble());
        // Once ready it stays so: an attachment that comes later must not take the pod out of service.
        if attached.is_complete()
            && let Some(used) = used.take()
        {
            used()?;
            health.set_ready();
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn what_was_used_before_a_reboot_is_not_what_is_served_now() {
        let cache = tempfile::tempdir().unwrap();
        let (before, now) = ("8f1c\n", "03d7\n");
        let was_used = |boot, volume| was_used(cache.path(), &mark(boot, volume)).unwrap();
        assert!(!was_used(now, "/pods/2b/mount"), "nothing was used");
        std::fs::write(note_of(cache.path()), mark(before, "/pods/2b/mount")).unwrap();
        assert!(was_used(before, "/pods/2b/mount"), "a process that died");
        assert!(!was_used(now, "/pods/2b/mount"), "a reboot");
        assert!(!was_used(before, "/pods/3c/mount"), "another volume");
    }
}
