//! The `remanence` command line. Unlike the tests' own, a failure is a figure that is missing, not the end of the run.

use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// Runs `remanence` with `args` and answers what it printed.
pub(crate) fn remanence(args: &[&str]) -> Result<String> {
    // It must not outlive the benchmark, however that ends.
    let output = Command::new("setpriv")
        .args(["--pdeathsig", "KILL", "--"])
        .arg(binary()?)
        .args(args)
        .stdin(Stdio::null())
        .output()
        .context("running remanence")?;
    if !output.status.success() {
        let complaint = String::from_utf8_lossy(&output.stderr);
        bail!("remanence {}: {}: {}", args.join(" "), output.status, complaint.trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The binary under measurement.
pub(crate) fn binary() -> Result<std::ffi::OsString> {
    std::env::var_os("REMANENCE_BIN").context("REMANENCE_BIN is not set: run `cargo xtask bench`")
}
