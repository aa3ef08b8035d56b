//! `cargo xtask crds`: what follows from the types of the custom resources: `crds/`, the chart of the CRDs and
//! `docs/reference.md`.

use std::process::{Command, ExitCode};
use std::time::Duration;

use anyhow::{Result, bail};

use crate::build::{self, workspace};
use crate::{install, run};

const LIMIT: Duration = Duration::from_mins(20);

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Change nothing; fail if a file differs from the types.
    #[arg(long)]
    check: bool,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let mut build = run::bounded(LIMIT, install::cargo());
    // Of the whole workspace, as the tests build it: of one package alone, dependencies would be built anew.
    build.args(["build", "--quiet", "--workspace", "--example", "crds"]);
    let (status, output) = run::captured(build.current_dir(workspace()))?;
    if !status.success() {
        bail!("{output}the types can't be built ({})", run::reason(status));
    }
    let (status, output) = run::captured(&mut command(args.check)?)?;
    print!("{output}");
    Ok(run::exit_code(status.success()))
}

/// The program that writes or compares them; it must have been built.
pub(crate) fn command(check: bool) -> Result<Command> {
    let mut command = run::bounded(LIMIT, build::target()?.join("debug/examples/crds"));
    command.current_dir(workspace());
    if check {
        command.arg("--check");
    }
    Ok(command)
}
