//! The `remanence` command line. Unlike the tests' own, a failure is a figure that is missing, not the end of the run.

use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// Runs `remanence` with `args` and answers what it printed.
pub(crate) fn remanence(args: &[&str]) -> Result<String> {
    // It must not outlive the benchmark, however that ends.
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL", "--"]).arg(binary()?).args(args);
    printed(command, &format!("remanence {}", args.join(" ")))
}

/// Runs `kubectl memory` with `args` on the cluster of the kubeconfig, without kubectl, and answers what it printed.
pub(crate) fn plugin(args: &[&str]) -> Result<String> {
    let mut command = Command::new(binary()?);
    // By its name it knows what it is.
    command.arg0("kubectl-memory").args(args);
    printed(command, &format!("kubectl memory {}", args.join(" ")))
}

fn printed(mut command: Command, what: &str) -> Result<String> {
    let output = command.stdin(Stdio::null()).output();
    let output = output.with_context(|| format!("running {what}"))?;
    if !output.status.success() {
        let complaint = String::from_utf8_lossy(&output.stderr);
        bail!("{what}: {}: {}", output.status, complaint.trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The binary under measurement.
pub(crate) fn binary() -> Result<std::ffi::OsString> {
    std::env::var_os("REMANENCE_BIN").context("REMANENCE_BIN is not set: run `cargo xtask bench`")
}
