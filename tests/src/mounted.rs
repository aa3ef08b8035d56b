//! `remanence mount` as a process of its own, on a folder of its own, gone when dropped.

use std::ffi::OsString;
use std::fs::{self, File};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::prerequisites;

const SERVED_WITHIN: Duration = Duration::from_secs(30);
const GONE_WITHIN: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(5);

/// How to mount; `start` does it.
pub struct Mount {
    args: Vec<OsString>,
    folders: Vec<String>,
}

impl Mount {
    /// A mount of `agent` without a store.
    pub fn of(agent: &str) -> Self {
        Self {
            args: vec!["--agent".into(), agent.into()],
            folders: Vec::new(),
        }
    }

    /// Attaches the store at `url` as folder `name`.
    #[must_use]
    pub fn store(mut self, name: &str, url: &str) -> Self {
        self.folders.push(name.to_owned());
        self.option("--store", &format!("{name}={url}"))
    }

    /// Attaches the session store at `url`.
    #[must_use]
    pub fn sessions(mut self, url: &str) -> Self {
        self.folders.push(".sessions".to_owned());
        self.option("--sessions", url)
    }

    /// Any other option of `remanence mount`.
    #[must_use]
    pub fn option(mut self, name: &str, value: &str) -> Self {
        self.args.extend([name.into(), value.into()]);
        self
    }

    /// Mounts, and answers once every attached store is there.
    pub fn start(&self) -> Mounted {
        let folder = TempDir::with_prefix("remanence-mount-").expect("a temporary folder");
        let at = folder.path().join("memory");
        fs::create_dir(&at).expect("a mount point");
        let log = folder.path().join("log");
        let stderr = File::create(&log).expect("a log file");
        // The mount goes when the thread of the test does, even if the test is killed.
        let mut command = Command::new("setpriv");
        command
            .args(["--pdeathsig", "TERM", "--"])
            .arg(prerequisites::binary())
            .arg("mount")
            .args(&self.args);
        command
            .arg("--at")
            .arg(&at)
            .arg("--cache")
            .arg(folder.path().join("cache"));
        command
            .stdin(Stdio::null())
            .stdout(stderr.try_clone().expect("a second handle of the log"))
            .stderr(stderr);
        let process = command.spawn().expect("setpriv, of util-linux, runs remanence mount");
        let mut mounted = Mounted {
            process,
            status: None,
            at,
            log,
            folder,
        };
        mounted.wait_until_served(&self.folders);
        mounted
    }
}

/// A served mount.
pub struct Mounted {
    process: Child,
    status: Option<ExitStatus>,
    at: PathBuf,
    log: PathBuf,
    folder: TempDir,
}

impl Mounted {
    /// The mount point.
    pub fn at(&self) -> &Path {
        &self.at
    }

    /// The folder of an attached store.
    pub fn store(&self, name: &str) -> PathBuf {
        self.at.join(name)
    }

    /// The cache folder of the mount, where its journal lies.
    pub fn cache(&self) -> PathBuf {
        self.folder.path().join("cache")
    }

    /// The id of the serving process.
    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    /// What the process has said so far.
    pub fn said(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_else(|error| format!("no log: {error}"))
    }

    /// Ends the mount as a user does, which must flush, unmount and succeed.
    pub fn stop(mut self) {
        self.signal(Signal::TERM);
        let status = self.wait(GONE_WITHIN);
        assert!(
            status.is_some(),
            "the mount did not end within {GONE_WITHIN:?}:\n{}",
            self.said()
        );
        assert!(
            status.is_some_and(|status| status.success()),
            "the mount ended with {status:?}:\n{}",
            self.said()
        );
        assert!(
            !is_mounted(&self.at),
            "still mounted after a clean end:\n{}",
            self.said()
        );
    }

    /// Ends the process with SIGKILL and takes the dead mount away; cache and journal stay until the answer is dropped.
    pub fn kill(&mut self) {
        self.signal(Signal::KILL);
        let status = self.wait(GONE_WITHIN).expect("a killed process ends");
        assert_eq!(
            status.signal(),
            Some(Signal::KILL.as_raw()),
            "ended before it was killed:\n{}",
            self.said()
        );
        detach(&self.at);
    }

    fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.process.id())
            .ok()
            .and_then(Pid::from_raw)
            .expect("a process id");
        if self.status.is_none() {
            kill_process(pid, signal).expect("a child that was not waited for can be signalled");
        }
    }

    fn wait(&mut self, limit: Duration) -> Option<ExitStatus> {
        let deadline = Instant::now() + limit;
        while self.status.is_none() && Instant::now() < deadline {
            self.status = self.process.try_wait().expect("a child can be waited for");
            thread::sleep(PAUSE);
        }
        self.status
    }

    fn wait_until_served(&mut self, folders: &[String]) {
        let deadline = Instant::now() + SERVED_WITHIN;
        while !is_mounted(&self.at) {
            let status = self.wait(PAUSE);
            assert!(status.is_none(), "the mount ended with {status:?}:\n{}", self.said());
            assert!(
                Instant::now() < deadline,
                "not mounted after {SERVED_WITHIN:?}:\n{}",
                self.said()
            );
        }
        // Asking a mount that never answers blocks for good, so somebody else asks.
        let (answer, answered) = mpsc::channel();
        let paths: Vec<_> = folders.iter().map(|folder| self.at.join(folder)).collect();
        thread::spawn(move || {
            while !paths.iter().all(|path| path.is_dir()) {
                thread::sleep(PAUSE);
            }
            // Nobody listens any more when it took too long.
            answer.send(()).ok();
        });
        let complete = answered.recv_timeout(SERVED_WITHIN).is_ok();
        assert!(
            complete,
            "the mount lacks one of {folders:?} after {SERVED_WITHIN:?}:\n{}",
            self.said()
        );
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        if self.status.is_none() {
            self.signal(Signal::TERM);
            if self.wait(GONE_WITHIN).is_none() {
                self.signal(Signal::KILL);
                self.wait(GONE_WITHIN);
            }
        }
        if is_mounted(&self.at) {
            detach(&self.at);
        }
        if thread::panicking() {
            eprintln!("what the mount at {} said:\n{}", self.at.display(), self.said());
        }
    }
}

/// Whether something is mounted at `path`, by the kernel's own list: a dead mount answers nothing else.
pub fn is_mounted(path: &Path) -> bool {
    let mounts = fs::read_to_string("/proc/self/mountinfo").expect("the kernel lists its mounts");
    mounts
        .lines()
        .any(|line| line.split(' ').nth(4).is_some_and(|point| Path::new(point) == path))
}

fn detach(path: &Path) {
    let tool = if rustix::process::geteuid().is_root() {
        "umount"
    } else {
        "fusermount3"
    };
    let flags: &[&str] = if tool == "umount" { &["--lazy"] } else { &["-u", "-z"] };
    let status = Command::new(tool).args(flags).arg(path).stderr(Stdio::null()).status();
    if is_mounted(path) {
        eprintln!("{} stays mounted: {tool} ended with {status:?}", path.display());
    }
}
