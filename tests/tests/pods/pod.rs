//! A pod: a mount as the node plugin makes it, and the sidecar's daemon on it.

use std::ffi::CString;
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::time::Duration;

use remanence_sidecar::daemon::{self, DaemonConfig, DaemonError};
use remanence_sidecar::{MountConfig, Stopped};
use rustix::fs::{Mode, OFlags};
use rustix::mount::{MountFlags, UnmountFlags};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use remanence_tests::cluster::Cluster;

const SOON: Duration = Duration::from_secs(30);

/// A running pod.
pub(crate) struct Pod {
    pub(crate) at: PathBuf,
    stop: CancellationToken,
    task: Option<JoinHandle<Result<Stopped, DaemonError>>>,
    dir: tempfile::TempDir,
}

impl Pod {
    /// Starts it and waits until it is ready.
    pub(crate) async fn start(cluster: &Cluster, name: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let at = dir.path().join("mnt");
        std::fs::create_dir(&at).unwrap();
        let token = dir.path().join("token");
        std::fs::write(&token, format!("token-of-{name}\n")).unwrap();
        let config = DaemonConfig {
            broker: cluster.config(token),
            agent: format!("agent-of-{name}"),
            at: at.clone(),
            cache: dir.path().join("cache"),
            contents: MountConfig::CONTENTS,
            uid: None,
            gid: None,
            grace: Duration::from_secs(10),
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let stop = CancellationToken::new();
        let fd = mount(&at);
        let stopped = stop.clone().cancelled_owned();
        let task =
            tokio::spawn(async move { daemon::serve(config, fd, listener, stopped, || Ok(()), || Ok(())).await });
        let pod = Self {
            at,
            stop,
            task: Some(task),
            dir,
        };
        daemon::wait(&pod.dir.path().join("cache"), SOON).await.unwrap();
        pod
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.at.join(name)
    }

    /// Ends it as the kubelet does.
    pub(crate) async fn stop(mut self) -> Stopped {
        self.stop.cancel();
        self.task.take().unwrap().await.unwrap().unwrap()
    }
}

impl Drop for Pod {
    fn drop(&mut self) {
        self.stop.cancel();
        rustix::mount::unmount(&self.at, UnmountFlags::DETACH).expect("the mount is there");
    }
}

/// Mounts as the node plugin does.
pub(crate) fn mount(at: &Path) -> OwnedFd {
    let flags = OFlags::RDWR | OFlags::CLOEXEC;
    let fuse = rustix::fs::open("/dev/fuse", flags, Mode::empty()).expect("/dev/fuse is there: run `modprobe fuse`");
    let options = format!(
        "fd={},rootmode=40000,user_id=0,group_id=0,allow_other,default_permissions",
        fuse.as_raw_fd()
    );
    let flags = MountFlags::NODEV | MountFlags::NOSUID | MountFlags::NOATIME;
    let options = CString::new(options).unwrap();
    rustix::mount::mount("remanence", at, "fuse", flags, &*options).expect("mount(2) of a FUSE mount: run as root");
    fuse
}

/// Does what may block apart from the runtime.
pub(crate) async fn apart<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.unwrap()
}

/// Waits until `done`, off the runtime, or fails; says how long it took.
pub(crate) async fn eventually(what: &'static str, done: impl FnMut() -> bool + Send + 'static) -> Duration {
    apart(move || remanence_tests::eventually::eventually(what, SOON, done)).await
}
