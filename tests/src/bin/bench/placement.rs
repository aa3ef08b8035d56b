//! Where the client and the daemons run: anywhere, or all on one processor.

use std::fs;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::daemon::Daemon;

/// A placement of this process and of the daemons it talks to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Placement {
    Free,
    OneCpu,
}

impl Placement {
    pub(crate) const BOTH: [Self; 2] = [Self::Free, Self::OneCpu];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::OneCpu => "one CPU",
        }
    }

    /// Does `work` in this placement; afterwards everybody is free again.
    pub(crate) fn during<T>(self, daemons: &[&Daemon], work: impl FnOnce() -> Result<T>) -> Result<T> {
        if self == Self::Free {
            return work();
        }
        let everywhere = allowed()?;
        let first = everywhere
            .split([',', '-'])
            .next()
            .context("no processor is allowed")?
            .to_owned();
        let mut pids: Vec<u32> = daemons.iter().map(|daemon| daemon.pid()).collect();
        pids.push(std::process::id());
        place(&pids, &first)?;
        let outcome = work();
        place(&pids, &everywhere)?;
        outcome
    }
}

fn allowed() -> Result<String> {
    let status = fs::read_to_string("/proc/self/status").context("reading /proc/self/status")?;
    let list = status
        .lines()
        .find_map(|line| line.strip_prefix("Cpus_allowed_list:"))
        .context("the kernel lists no processors")?;
    Ok(list.trim().to_owned())
}

fn place(pids: &[u32], cpus: &str) -> Result<()> {
    for pid in pids {
        let mut command = Command::new("taskset");
        command.args(["--all-tasks", "--cpu-list", "--pid", cpus, &pid.to_string()]);
        let output = command
            .stdin(Stdio::null())
            .output()
            .context("running taskset, of util-linux")?;
        if !output.status.success() {
            bail!("taskset: {}", String::from_utf8_lossy(&output.stderr).trim());
        }
    }
    Ok(())
}
