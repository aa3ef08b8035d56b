//! `cargo xtask bench`: the figures, side by side in one run.

mod cluster;

use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::build::{self, Profile};
use crate::cache::Cache;
use crate::keeper::Kept;
use crate::s3_servers::{self, Server};
use crate::table::{self, Marks};
use crate::{install, run};

/// Three times what it takes on two cores.
const LIMIT: Duration = Duration::from_mins(30);

const MARKS: Marks<'static> = ["<!-- table: cargo xtask bench --write -->", "<!-- end of table -->"];

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Fewer rounds, a smaller large store, a shorter idle time.
    #[arg(long)]
    quick: bool,
    /// Put the table into docs/benchmarks.md.
    #[arg(long)]
    write: bool,
    /// Measure in a Kubernetes cluster instead: that of `cargo xtask test`, or one of its own; needs root.
    #[arg(long)]
    cluster: bool,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    println!("building for release (some minutes the first time)");
    let (table, marks) = if args.cluster {
        (cluster::run(args.quick)?, cluster::MARKS)
    } else {
        (mounts(args.quick)?, MARKS)
    };
    println!("\n{table}");
    if args.write {
        table::write(&table, marks)?;
        println!("written into {}", table::PAGE);
    }
    Ok(ExitCode::SUCCESS)
}

/// What mounts do on this machine.
fn mounts(quick: bool) -> Result<String> {
    let binaries = build::binaries(Profile::Release, &["remanence", "bench"])?;
    let server = {
        let cache = Cache::lock()?;
        install::fuse()?;
        install::python(&cache).and_then(|python| Server::seaweedfs(&python))
    };
    let remanence = binaries.join("remanence");
    // In the target folder, which lies on a disk where a temporary folder may lie in memory.
    let folder = Kept::folder("bench-", &build::target()?, &remanence)?;
    let mut command = run::bounded(LIMIT, binaries.join("bench"));
    command.arg("run");
    command.env("REMANENCE_BIN", &remanence).env("TMPDIR", folder.path());
    command.envs(s3_servers::credentials());
    match &server {
        Ok(server) => {
            command.env("REMANENCE_TEST_S3_SEAWEEDFS", server.url("bench"));
        }
        Err(error) => println!("SeaweedFS: {error:#}; its figures will be missing"),
    }
    measured(&mut command, quick, folder.path())
}

/// The table that the benchmark writes.
fn measured(command: &mut Command, quick: bool, folder: &Path) -> Result<String> {
    let table = folder.join("table.md");
    command.arg("--table").arg(&table);
    if quick {
        command.arg("--quick");
    }
    let status = command.stdin(Stdio::null()).status().context("running the benchmark")?;
    if !status.success() {
        bail!("the benchmark: {}", run::reason(status));
    }
    fs::read_to_string(&table).context("reading the table")
}
