//! File systems served by a process of their own: `remanence mount`, and the minimal one.

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use remanence_tests::mounted::is_mounted;
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::command::binary;
use crate::watcher::Watcher;

const SERVED_WITHIN: Duration = Duration::from_mins(1);
const GONE_WITHIN: Duration = Duration::from_mins(1);
const PAUSE: Duration = Duration::from_millis(1);

/// A mounted file system and the process that serves it; gone when dropped.
pub(crate) struct Daemon {
    child: Child,
    folder: TempDir,
    served_after: Duration,
    /// What ends it; the minimal one ends with its standard input.
    signal: Option<Signal>,
}

impl Daemon {
    /// `remanence mount` with stores as `name`, `url`, and further options.
    pub(crate) fn remanence(agent: &str, stores: &[(&str, &str)], options: &[&str]) -> Result<Self> {
        // The mount goes with the main thread, however this process ends.
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "TERM", "--"]).arg(binary()?);
        command.args(["mount", "--agent", agent]).args(options);
        for (name, url) in stores {
            command.arg("--store").arg(format!("{name}={url}"));
        }
        Self::start(command, Some(Signal::TERM), |command, at, folder| {
            command.arg("--cache").arg(folder.join("cache")).arg("--at").arg(at);
            stores.iter().map(|(name, _)| at.join(name)).collect()
        })
    }

    /// The minimal file system.
    pub(crate) fn minimal() -> Result<Self> {
        let this = std::env::current_exe().context("looking for this program")?;
        let mut command = Command::new(this);
        command.arg("serve-minimal");
        Self::start(command, None, |command, at, _| {
            command.arg(at);
            Vec::new()
        })
    }

    /// `place` says where to mount and answers what is there once it is served.
    fn start(
        mut command: Command,
        signal: Option<Signal>,
        place: impl FnOnce(&mut Command, &Path, &Path) -> Vec<PathBuf>,
    ) -> Result<Self> {
        let folder = TempDir::with_prefix("mount-").context("making a folder for a mount")?;
        let at = folder.path().join("at");
        fs::create_dir(&at).context("making a mount point")?;
        let signs = place(&mut command, &at, folder.path());
        let log = File::create(folder.path().join("log")).context("making a log")?;
        // Not in this process group: a Ctrl-C must leave it the time to unmount.
        command
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(log);
        let start = Instant::now();
        let child = command.spawn().with_context(|| format!("running {command:?}"))?;
        let mut daemon = Self {
            child,
            folder,
            served_after: Duration::ZERO,
            signal,
        };
        while !(is_mounted(&at) && signs.iter().all(|sign| sign.is_dir())) {
            if let Some(status) = daemon.child.try_wait().context("asking after a mount")? {
                bail!("the mount ended with {status}: {}", daemon.log());
            }
            if start.elapsed() > SERVED_WITHIN {
                bail!("the mount is not served after {SERVED_WITHIN:?}: {}", daemon.log());
            }
            thread::sleep(PAUSE);
        }
        daemon.served_after = start.elapsed();
        Ok(daemon)
    }

    /// The mount point.
    pub(crate) fn at(&self) -> PathBuf {
        self.folder.path().join("at")
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// From the start of the process until its stores were there.
    pub(crate) fn served_after(&self) -> Duration {
        self.served_after
    }

    /// Its process, to be watched from elsewhere.
    pub(crate) fn watcher(&self) -> Watcher {
        Watcher(self.pid())
    }

    /// Ends it as a user does; everything it holds is in the store afterwards.
    pub(crate) fn stop(mut self) -> Result<()> {
        let status = self.end()?;
        if !status.is_some_and(|status| status.success()) {
            bail!("the mount ended with {status:?}: {}", self.log());
        }
        Ok(())
    }

    fn end(&mut self) -> Result<Option<std::process::ExitStatus>> {
        drop(self.child.stdin.take());
        let raw = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        let mut status = self.child.try_wait().context("asking after a mount")?;
        if let (Some(pid), None, Some(signal)) = (raw, status, self.signal) {
            kill_process(pid, signal).context("ending a mount")?;
        }
        let deadline = Instant::now() + GONE_WITHIN;
        while status.is_none() && Instant::now() < deadline {
            thread::sleep(PAUSE);
            status = self.child.try_wait().context("asking after a mount")?;
        }
        Ok(status)
    }

    fn log(&self) -> String {
        let text =
            fs::read_to_string(self.folder.path().join("log")).unwrap_or_else(|error| format!("no log: {error}"));
        let lines: Vec<_> = text.lines().collect();
        lines[lines.len().saturating_sub(5)..].join("; ")
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        if let Err(error) = self.end() {
            eprintln!("ending a mount: {error:#}");
        }
        if is_mounted(&self.at()) {
            eprintln!("{} stays mounted: {}", self.at().display(), self.log());
        }
    }
}
