//! `cargo xtask crds`: what follows from the types of the custom resources: `crds/`, the chart of the CRDs and
//! `docs/reference.md`.

use std::process::{Command, ExitCode};
use std::time::Duration;

use anyhow::Result;

use crate::build::workspace;
use crate::{install, run};

const LIMIT: Duration = Duration::from_mins(20);

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Change nothing; fail if a file differs from the types.
    #[arg(long)]
    check: bool,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let status = run::captured(&mut command(args.check))?;
    print!("{}", status.1);
    Ok(if status.0.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// The program that writes or compares them.
pub(crate) fn command(check: bool) -> Command {
    let mut command = run::bounded(LIMIT, install::cargo());
    command
        .args([
            "run",
            "--quiet",
            "--package",
            "remanence-api",
            "--example",
            "crds",
            "--",
        ])
        .current_dir(workspace());
    if check {
        command.arg("--check");
    }
    command
}
