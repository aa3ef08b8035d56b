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
        "this pod's mount was served by an earlier process of this container that died; what was written is safe, but \
         the mount is lost to this pod: delete it, and the next one begins anew"
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
    if was_served(&config.cache, &mark)? {
        // The kernel says INIT once. Whoever uses the mount gets an error now instead of waiting for good.
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
    let stopped = serve(config, received.mount, listener, stop, || {
        std::fs::write(note, mark)?;
        *held.lock() = Some(link.served(kept, Vec::new())?);
        Ok(())
    })
    .await?;
    if let Some(held) = held.into_inner() {
        held.goodbye();
    }
    Ok(stopped)
}

/// Where is noted what was served, for the next process of this container.
fn note_of(cache: &Path) -> PathBuf {
    cache.join("served")
}

/// What the note says of a volume. The cache outlives a reboot, at the same path; the mount and all who used it do not.
fn mark(boot: &str, volume: &str) -> String {
    format!("{}\n{volume}", boot.trim_end())
}

/// Whether a process of this container has served before what `mark` says.
fn was_served(cache: &Path, mark: &str) -> Result<bool, DaemonError> {
    let path = note_of(cache);
    match std::fs::read_to_string(&path) {
        Ok(served) => Ok(served == mark),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(source) => Err(DaemonError::Cache { path, source }),
    }
}

/// Serves the mount that `fd` stands for until `stop`; `served` is called once the kernel was answered.
///
/// # Errors
/// When it can't be served.
pub async fn serve(
    config: DaemonConfig,
    fd: OwnedFd,
    listener: TcpListener,
    stop: impl Future<Output = ()>,
    served: impl FnOnce() -> std::io::Result<()>,
) -> Result<Stopped, DaemonError> {
    let cache = config.cache.clone();
    // Before anything that takes time: the plugin and the kernel wait for the first answer.
    let mount = Mount::start_on(
        fd,
        MountConfig {
            attachments: Vec::new(),
            sessions: None,
            at: config.at,
            agent: config.agent,
            cache: config.cache,
            uid: config.uid,
            gid: config.gid,
            grace: config.grace,
            timing: Timing::default(),
        },
    )
    .await?;
    served()?;
    let health = Arc::new(Health::new(mount.fs().clone()));
    health::note(&cache, &listener).map_err(|source| DaemonError::Cache { path: cache, source })?;
    tokio::spawn(health::serve(listener, health.clone()));
    let (link, mut events) = broker::connect(config.broker, PROGRAM, health.clone());
    let mut attached = Attached::new(mount, link);
    // Heard to the end: without a stream nobody signs for what is written last.
    converse(&mut attached, &mut events, &health, stop).await;
    Ok(attached.stop().await)
}

/// Does what the broker says until `stop`, or until somebody else has unmounted.
async fn converse(
    attached: &mut Attached,
    events: &mut mpsc::Receiver<Event>,
    health: &Health,
    stop: impl Future<Output = ()>,
) {
    let mut stop = std::pin::pin!(stop);
    loop {
        let complete = attached.is_complete();
        let event = tokio::select! {
            () = &mut stop => return,
            () = attached.unmounted() => {
                tracing::info!("unmounted by somebody else");
                return;
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
            () = &mut stop => return,
        }
        health.set_ready(attached.is_complete());
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn what_was_served_before_a_reboot_is_not_what_is_served_now() {
        let cache = tempfile::tempdir().unwrap();
        let (before, now) = ("8f1c\n", "03d7\n");
        let was_served = |boot, volume| was_served(cache.path(), &mark(boot, volume)).unwrap();
        assert!(!was_served(now, "/pods/2b/mount"), "nothing was served");
        std::fs::write(note_of(cache.path()), mark(before, "/pods/2b/mount")).unwrap();
        assert!(was_served(before, "/pods/2b/mount"), "a process that died");
        assert!(!was_served(now, "/pods/2b/mount"), "a reboot");
        assert!(!was_served(before, "/pods/3c/mount"), "another volume");
    }
}
