//! `cargo xtask bench`: the figures, side by side in one run.

use std::fs;
use std::path::Path;
use std::process::{ExitCode, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::build::{self, Profile};
use crate::cache::Cache;
use crate::keeper::Kept;
use crate::services::{self, Server};
use crate::{install, run};

/// Three times what it takes on two cores.
const LIMIT: Duration = Duration::from_mins(30);

const BEGIN: &str = "<!-- table: cargo xtask bench --write -->";
const END: &str = "<!-- end of table -->";

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Fewer rounds, a smaller large store, a shorter idle time.
    #[arg(long)]
    quick: bool,
    /// Put the table into docs/benchmarks.md.
    #[arg(long)]
    write: bool,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    println!("building for release (some minutes the first time)");
    let binaries = build::binaries(
        Profile::Release,
        &[("remanence", "remanence"), ("remanence-tests", "bench")],
    )?;
    let server = {
        let cache = Cache::lock()?;
        install::fuse()?;
        install::python(&cache).and_then(|python| Server::seaweedfs(&python))
    };
    let remanence = binaries.join("remanence");
    // In the target folder, which lies on a disk where a temporary folder may lie in memory.
    let folder = Kept::folder("bench-", &build::target()?, &remanence)?;
    let table = folder.path().join("table.md");
    let mut command = run::bounded(LIMIT, binaries.join("bench"));
    command.arg("run").arg("--table").arg(&table);
    if args.quick {
        command.arg("--quick");
    }
    command.env("REMANENCE_BIN", &remanence).env("TMPDIR", folder.path());
    command.envs(services::credentials());
    match &server {
        Ok(server) => {
            command.env("REMANENCE_TEST_S3_SEAWEEDFS", server.url("bench"));
        }
        Err(error) => println!("SeaweedFS: {error:#}; its figures will be missing"),
    }
    let status = command.stdin(Stdio::null()).status().context("running the benchmark")?;
    if !status.success() {
        bail!("the benchmark: {}", run::reason(status));
    }
    let table = fs::read_to_string(&table).context("reading the table")?;
    println!("\n{table}");
    if args.write {
        let page = build::workspace().join("docs/benchmarks.md");
        write(&page, &table)?;
        println!("written into {}", page.display());
    }
    Ok(ExitCode::SUCCESS)
}

fn write(page: &Path, table: &str) -> Result<()> {
    let name = page.display();
    let text = fs::read_to_string(page).with_context(|| format!("reading {name}"))?;
    let replaced = replace(&text, table).with_context(|| format!("{name} has no lines `{BEGIN}` and `{END}`"))?;
    fs::write(page, replaced).with_context(|| format!("writing {name}"))
}

/// `text` with `table` between the two marks.
fn replace(text: &str, table: &str) -> Option<String> {
    let (before, rest) = text.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n{}\n{END}{after}", table.trim_end()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn only_the_table_of_the_page_changes() {
        let page = format!("before\n{BEGIN}\nold\n{END}\nafter\n");
        let new = replace(&page, "new\n").unwrap();
        assert_eq!(new, format!("before\n{BEGIN}\nnew\n{END}\nafter\n"));
        assert_eq!(replace(&new, "new\n").unwrap(), new);
        assert_eq!(replace("no marks", "new"), None);
    }
}
