//! The machine in which a cluster runs: namespaces with a first process, by whose end the kernel ends everything.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use rustix::process::{Pid, Signal};

use crate::cluster::place::Place;
use crate::run;

const PATIENCE: Duration = Duration::from_mins(1);

/// The first process. The folders that programs take by default lie in the cluster's own (`$1`); orphans are its to
/// wait for.
const FIRST: &str = r#"
set -e
mount -t proc proc /proc
mount --make-rshared /
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /var/lib
mkdir -p /var/lib/containerd /var/lib/kubelet
mount --bind "$1/containerd" /var/lib/containerd
mount --bind "$1/kubelet" /var/lib/kubelet
mount --bind "$1/log" /var/log
mount --make-rshared /var/lib/kubelet
ip link set lo up
echo 1 >/proc/sys/net/ipv4/ip_forward
: >"$1/machine.ready"
while :; do sleep 3600 & wait $!; done
"#;

/// A running machine.
pub(crate) struct Machine {
    /// Its first process, as this machine counts.
    first: Pid,
}

impl Machine {
    pub(crate) fn start(place: &Place) -> Result<Self> {
        let log = place.log("machine");
        let output = fs::File::create(&log).with_context(|| format!("making {}", log.display()))?;
        let mut command = Command::new("unshare");
        command.args([
            "--net",
            "--mount",
            "--pid",
            "--ipc",
            "--fork",
            "--propagation",
            "private",
        ]);
        command.args(["sh", "-c", FIRST, "sh"]).arg(place.root());
        command
            .process_group(0)
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(output.try_clone().context("sharing a log")?)
            .stderr(output);
        let mut unshare = command
            .spawn()
            .context("running unshare; it is in the package util-linux")?;
        let note = place.path("machine.ready");
        let started = run::until("the machine starts", PATIENCE, || {
            if note.exists() {
                return Ok(Ok(()));
            }
            match unshare.try_wait().context("asking after the machine")? {
                Some(status) => bail!("the machine does not start: {status}"),
                None => Ok(Err(format!("{} is not there", note.display()))),
            }
        });
        started.map_err(|error| anyhow!("{error:#}\n{}", place.last_words(&["machine"])))?;
        let children = format!("/proc/{0}/task/{0}/children", unshare.id());
        let children = fs::read_to_string(&children).with_context(|| format!("reading {children}"))?;
        let first: i32 = children.trim().parse().context("the machine has no first process")?;
        let first = Pid::from_raw(first).context("the machine has no first process")?;
        place.write("machine", &format!("{first} {}", born(first)?))?;
        Ok(Self { first })
    }

    /// The machine of `place`, if it runs.
    pub(crate) fn find(place: &Place) -> Result<Option<Self>> {
        if !place.path("machine").exists() {
            return Ok(None);
        }
        let text = place.read("machine")?;
        let (pid, time) = text.split_once(' ').context("the note of the machine can't be read")?;
        let first = Pid::from_raw(pid.parse().context("the note of the machine can't be read")?);
        // A process number may have gone to somebody else.
        Ok(first
            .filter(|first| born(*first).is_ok_and(|found| found == time))
            .map(|first| Self { first }))
    }

    /// The network namespace, for `ip`.
    pub(crate) fn first(&self) -> String {
        self.first.to_string()
    }

    /// A command in the machine.
    pub(crate) fn enter(&self, limit: Duration, program: impl AsRef<OsStr>) -> Command {
        let mut command = run::bounded(limit, "nsenter");
        command.args([
            "--target",
            &self.first.to_string(),
            "--net",
            "--mount",
            "--pid",
            "--ipc",
            "--",
        ]);
        command.arg(program);
        command
    }

    /// Starts a part that stays, unless it is running.
    pub(crate) fn run(&self, place: &Place, part: &str, words: &[String]) -> Result<()> {
        if self.runs(place, part) {
            return Ok(());
        }
        let script = r#"
            note=$1 log=$2
            shift 2
            setsid "$@" </dev/null >>"$log" 2>&1 &
            echo $! >"$note"
        "#;
        let mut command = self.enter(PATIENCE, "sh");
        command.args(["-c", script, "sh"]).arg(note(place, part));
        command.arg(log_inside(part)).args(words);
        run::output(&mut command, &format!("starting {part}")).map(drop)
    }

    /// Whether a part is running. Its note is the number that the machine counts, and true as long as the process of
    /// that number writes the part's log.
    pub(crate) fn runs(&self, place: &Place, part: &str) -> bool {
        let Ok(number) = fs::read_to_string(note(place, part)) else {
            return false;
        };
        let script = r#"[ "$(readlink "/proc/$1/fd/1")" = "$2" ]"#;
        let mut command = self.enter(PATIENCE, "sh");
        command.args(["-c", script, "sh", number.trim()]).arg(log_inside(part));
        run::captured(&mut command).is_ok_and(|(status, _)| status.success())
    }

    /// Ends it; the kernel takes all processes, mounts and interfaces with it.
    pub(crate) fn stop(&self) -> Result<()> {
        rustix::process::kill_process(self.first, Signal::KILL).context("ending the machine")?;
        run::until("the machine ends", PATIENCE, || {
            Ok(match born(self.first) {
                Ok(_) => Err(format!("its first process is {}", self.first)),
                Err(_) => Ok(()),
            })
        })
    }
}

fn note(place: &Place, part: &str) -> PathBuf {
    place.path(&format!("{part}.pid"))
}

fn log_inside(part: &str) -> PathBuf {
    PathBuf::from(format!("/var/log/{part}.log"))
}

/// When a process began, by which it is told from a later one of the same number.
fn born(pid: Pid) -> Result<String> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).context("no such process")?;
    let (_, rest) = text.rsplit_once(')').context("reading a process's state")?;
    let mut fields = rest.split_whitespace();
    if fields.next() == Some("Z") {
        bail!("the process has ended");
    }
    Ok(fields.nth(18).context("reading a process's state")?.to_owned())
}
