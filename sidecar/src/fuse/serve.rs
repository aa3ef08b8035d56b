//! Mounts, and serves the mount from a thread of its own.

use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;

use fuser::{Config, MountOption, Session, SessionACL};

use super::Fuse;
use super::notify::KernelNotify;
use crate::kernel::Notify;

/// A mount that is served by a thread of its own.
pub struct Served {
    unmounter: fuser::SessionUnmounter,
    thread: std::thread::JoinHandle<io::Result<()>>,
}

impl Served {
    /// Whether the kernel has ended the mount.
    pub fn is_over(&self) -> bool {
        self.thread.is_finished()
    }

    /// Unmounts.
    ///
    /// # Errors
    /// When it is in use.
    pub fn unmount(&mut self) -> io::Result<()> {
        self.unmounter.unmount()
    }
}

impl Fuse {
    /// Mounts at `at` and serves from a thread of its own; also what tells the kernel news. `over` is called once the
    /// mount has ended.
    ///
    /// # Errors
    /// When it can't be mounted.
    pub fn serve(self, at: &Path, over: impl FnOnce() + Send + 'static) -> io::Result<(Served, Box<dyn Notify>)> {
        let mut config = config();
        config.mount_options = vec![
            MountOption::FSName(crate::mount_point::SOURCE.into()),
            MountOption::NoAtime,
        ];
        // The agent may be another user than this process; access is by attachment.
        config.acl = if rustix::process::geteuid().is_root() {
            SessionACL::All
        } else {
            SessionACL::Owner
        };
        run(Session::new(self, at, &config)?, over)
    }

    /// Serves the mount that `fd` stands for, which somebody else has made and will unmount; otherwise as
    /// [`Fuse::serve`].
    ///
    /// # Errors
    /// When `fd` is no fresh mount.
    pub fn serve_on(self, fd: OwnedFd, over: impl FnOnce() + Send + 'static) -> io::Result<(Served, Box<dyn Notify>)> {
        run(Session::from_fd(self, fd, SessionACL::All, config())?, over)
    }
}

fn config() -> Config {
    let mut config = Config::default();
    config.n_threads = Some(1);
    config.clone_fd = false;
    config
}

/// Serves from a thread of its own.
fn run(mut session: Session<Fuse>, over: impl FnOnce() + Send + 'static) -> io::Result<(Served, Box<dyn Notify>)> {
    let unmounter = session.unmount_callable();
    let notify = KernelNotify::start(session.notifier())?;
    let thread = std::thread::Builder::new().name("fuse".into()).spawn(move || {
        let result = session.run();
        over();
        result
    })?;
    Ok((Served { unmounter, thread }, Box::new(notify)))
}
