//! A service on a free loopback port, gone with the task that started it.

use std::ffi::OsString;
use std::fs;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use tempfile::TempDir;

use crate::run;

const ATTEMPTS: usize = 5;
const LISTENS_WITHIN: Duration = Duration::from_mins(1);

/// Keeps a service as long as its own standard input is open, which ends with the task however the task ends; then
/// removes what the service leaves behind. `$1` is the log, what stands before `--` is removed.
const KEEPER: &str = r#"
exec 3<&0
trap '' INT TERM HUP
log=$1
shift
leavings=
while [ "$1" != -- ]; do leavings="$leavings $1"; shift; done
shift
"$@" </dev/null 3<&- >"$log" 2>&1 &
service=$!
(cat <&3 >/dev/null; kill -KILL $service 2>/dev/null; exec rm -rf $leavings) &
exec 3<&-
wait $service
"#;

/// How a service is to be started.
pub(crate) struct Plan {
    /// Where it is going to listen.
    pub(crate) port: u16,
    /// The program and its arguments.
    pub(crate) words: Vec<OsString>,
    /// Files that it leaves behind outside its folder.
    pub(crate) leavings: Vec<PathBuf>,
}

/// A running service under its keeper.
pub(crate) struct Service {
    port: u16,
    keeper: Child,
    folder: TempDir,
}

impl Service {
    /// Starts what `plan` says, given a folder of its own, and waits until it listens. A free port may be taken by
    /// somebody else before the service binds it: then another is tried.
    pub(crate) fn start(name: &str, plan: impl Fn(&Path) -> Result<Plan>) -> Result<Self> {
        let mut log = String::new();
        for _ in 0..ATTEMPTS {
            let folder = TempDir::with_prefix("remanence-service-").context("making a folder for a service")?;
            let plan = plan(folder.path())?;
            let mut service = Self::spawn(folder, &plan).with_context(|| format!("starting {name}"))?;
            if service.listens()? {
                return Ok(service);
            }
            log = service.log();
        }
        bail!(
            "{name} did not start in {ATTEMPTS} attempts; the end of its log:\n{}",
            tail(&log, 20)
        )
    }

    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Lets it live until `folder` is gone, beyond the end of this task.
    pub(crate) fn live_as_long_as(mut self, folder: &Path) -> Result<()> {
        let input = self.keeper.stdin.take().context("the service is ending")?;
        let watch = "trap '' INT TERM HUP; while [ -e \"$1\" ]; do sleep 1; done";
        let mut command = Command::new("sh");
        command.args(["-c", watch, "sh"]).arg(folder).process_group(0);
        // The keeper ends when nobody holds its input any more.
        command.stdin(Stdio::null()).stdout(input).stderr(Stdio::null());
        command.spawn().context("running sh")?;
        std::mem::forget(self);
        Ok(())
    }

    fn spawn(folder: TempDir, plan: &Plan) -> Result<Self> {
        let mut command = Command::new("sh");
        command.args(["-c", KEEPER, "sh"]).arg(folder.path().join("log"));
        command
            .arg(folder.path())
            .args(&plan.leavings)
            .arg("--")
            .args(&plan.words);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let keeper = command.spawn().context("running sh")?;
        let port = plan.port;
        Ok(Self { port, keeper, folder })
    }

    /// Waits until it listens; answers false if it ended instead.
    fn listens(&mut self) -> Result<bool> {
        let port = self.port;
        let listens = run::until(&format!("a service listens at port {port}"), LISTENS_WITHIN, || {
            if self.ended()? {
                return Ok(Ok(false));
            }
            let connected = TcpStream::connect((Ipv4Addr::LOCALHOST, port));
            Ok(connected.map(|_| true).map_err(|error| error.to_string()))
        });
        listens.map_err(|error| anyhow!("{error:#}; the end of its log:\n{}", tail(&self.log(), 20)))
    }

    /// Whether it is no longer running.
    pub(crate) fn ended(&mut self) -> Result<bool> {
        Ok(self.keeper.try_wait().context("asking after a service")?.is_some())
    }

    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_else(|error| format!("no log: {error}"))
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        if let Err(error) = self.keeper.wait() {
            eprintln!("waiting for a service to end: {error}");
        }
    }
}

pub(crate) fn free_ports<const N: usize>() -> Result<[u16; N]> {
    // All are held at once, so that they differ.
    let mut listeners = Vec::with_capacity(N);
    let mut ports = [0; N];
    for port in &mut ports {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("looking for a free port")?;
        *port = listener.local_addr().context("looking for a free port")?.port();
        listeners.push(listener);
    }
    Ok(ports)
}

/// The last `lines` of a text.
pub(crate) fn tail(text: &str, lines: usize) -> String {
    let all: Vec<_> = text.lines().collect();
    all[all.len().saturating_sub(lines)..].join("\n")
}
