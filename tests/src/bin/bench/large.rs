//! A large store: how soon its first listing is there, and what it costs.

use std::fs;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use crate::Effort;
use crate::command::remanence;
use crate::counting_proxy::CountingProxy;
use crate::daemon::Daemon;
use crate::samples::{Spread, Unit, show};
use crate::servers::Servers;
use crate::table::{Row, Table, Target};

/// Files of one folder.
const EACH: usize = 1000;

pub(crate) fn measure(table: &mut Table, effort: Effort, servers: &Servers) {
    let files = show(effort.files as f64, Unit::Count);
    let what = format!("a store of {files} files, SeaweedFS");
    table.rows(&what, first_listing(&files, effort, servers));
}

fn first_listing(files: &str, effort: Effort, servers: &Servers) -> Result<Vec<Row>> {
    let url = servers.seaweedfs.new_store()?;
    fill(&url, effort.files)?;
    let (mut seconds, mut requests) = (Vec::new(), Vec::new());
    let mut kinds = String::new();
    let mut resident = Vec::new();
    for _ in 0..3 {
        let proxy = CountingProxy::before(&url)?;
        let start = Instant::now();
        let mount = Daemon::remanence("bench", &[("project", proxy.url())], &[])?;
        let found = fs::read_dir(mount.at().join("project/part-000"))
            .context("the first listing")?
            .count();
        seconds.push(start.elapsed().as_secs_f64());
        if found != EACH {
            bail!("the first listing shows {found} files of {EACH}");
        }
        requests.push(proxy.requests().all() as f64);
        kinds = proxy.requests().kinds();
        resident.push(mount.watcher().resident()?);
    }
    let resident = Spread::of(resident, Unit::Bytes);
    Ok(vec![
        Row::alone(
            format!("{files} files: from the start of the mount to the end of the first `ls`, SeaweedFS"),
            Spread::of(seconds, Unit::Seconds),
            Target::AtMost(1.0, "≤ 1 s"),
        )
        .beside(format!("then resident: {resident}")),
        Row::alone(
            format!("{files} files: requests for that"),
            Spread::of(requests, Unit::Count),
            Target::AtMost(5.0, "≤ 5, and the slots since the newest batch"),
        )
        .beside(kinds),
    ])
}

/// Makes a store of so many files at `url`.
pub(crate) fn fill(url: &str, files: usize) -> Result<()> {
    let source = TempDir::with_prefix("many-").context("making a folder for many files")?;
    for part in 0..files.div_ceil(EACH) {
        let folder = source.path().join(format!("part-{part:03}"));
        fs::create_dir(&folder).context("making a folder")?;
        for i in 0..EACH {
            write(&folder, part * EACH + i)?;
        }
    }
    remanence(&["init", "--store", url, "--files", "10000000"])?;
    remanence(&["import", "--store", url, &source.path().display().to_string()])?;
    Ok(())
}

fn write(folder: &Path, number: usize) -> Result<()> {
    fs::write(
        folder.join(format!("note-{number:06}.md")),
        format!("# Note {number}\n"),
    )
    .context("writing a file")
}
