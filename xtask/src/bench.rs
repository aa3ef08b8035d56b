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
use crate::services::{self, Server};
use crate::{install, run};

/// Three times what it takes on two cores.
const LIMIT: Duration = Duration::from_mins(30);

const PAGE: &str = "docs/benchmarks.md";
/// Before and after the table, which is made anew.
type Marks = [&'static str; 2];
const MARKS: Marks = ["<!-- table: cargo xtask bench --write -->", "<!-- end of table -->"];

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
        write(&build::workspace().join(PAGE), &table, marks)?;
        println!("written into {PAGE}");
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
    command.envs(services::credentials());
    match &server {
        Ok(server) => {
            command.env("REMANENCE_TEST_S3_SEAWEEDFS", server.url("bench"));
        }
        Err(error) => println!("SeaweedFS: {error:#}; its figures will be missing"),
    }
    table(&mut command, quick, folder.path())
}

/// The table that the benchmark writes.
fn table(command: &mut Command, quick: bool, folder: &Path) -> Result<String> {
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

fn write(page: &Path, table: &str, marks: Marks) -> Result<()> {
    let name = page.display();
    let text = fs::read_to_string(page).with_context(|| format!("reading {name}"))?;
    let replaced = replace(&text, table, marks)
        .with_context(|| format!("{name} has no lines `{}` and `{}`", marks[0], marks[1]))?;
    fs::write(page, replaced).with_context(|| format!("writing {name}"))
}

/// `text` with `table` between the two marks.
fn replace(text: &str, table: &str, [begin, end]: Marks) -> Option<String> {
    let (before, rest) = text.split_once(begin)?;
    let (_, after) = rest.split_once(end)?;
    Some(format!("{before}{begin}\n{}\n{end}{after}", table.trim_end()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn only_the_table_of_the_page_changes() {
        let [begin, end] = MARKS;
        let page = format!("before\n{begin}\nold\n{end}\nafter\n");
        let new = replace(&page, "new\n", MARKS).unwrap();
        assert_eq!(new, format!("before\n{begin}\nnew\n{end}\nafter\n"));
        assert_eq!(replace(&new, "new\n", MARKS).unwrap(), new);
        assert_eq!(replace(&new, "new\n", cluster::MARKS), None);
        assert_eq!(replace("no marks", "new", MARKS), None);
    }
}
