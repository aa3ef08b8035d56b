//! File operations that the mount answers from memory, beside the limit of FUSE, a disk and memory.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use tempfile::TempDir;

use crate::Effort;
use crate::command::remanence;
use crate::daemon::Daemon;
use crate::files::{self, Operation};
use crate::placement::Placement;
use crate::samples::{Spread, Unit};
use crate::servers;
use crate::table::{Row, Table, Target};

struct Case {
    what: &'static str,
    operation: Operation,
    /// The share of the minimal file system's speed to reach.
    target: f64,
}

const CASES: [Case; 6] = [
    Case {
        what: "create + write 4 KB + close, `Local`",
        operation: files::create,
        target: 0.35,
    },
    Case {
        what: "open + append 64 B + close, `Local`",
        operation: files::append,
        target: 0.35,
    },
    Case {
        what: "warm open + read 4 KB + close",
        operation: files::warm_read,
        target: 0.8,
    },
    Case {
        what: "stat after create",
        operation: files::stat_after_create,
        target: 0.8,
    },
    Case {
        what: "warm stat",
        operation: files::warm_stat,
        target: 0.8,
    },
    Case {
        what: "`ls -l`, entries",
        operation: files::list,
        target: 0.8,
    },
];

/// A folder in each file system, by its name in the table.
struct Systems {
    ours: Daemon,
    minimal: Daemon,
    disk: TempDir,
    memory: Option<TempDir>,
}

const OURS: &str = "ours";
const MINIMAL: &str = "minimal";

impl Systems {
    fn start() -> Result<Self> {
        let url = servers::all().directory.new_store()?;
        remanence(&["init", "--store", &url, "--files", "10000000"])?;
        let shm = Path::new("/dev/shm");
        Ok(Self {
            ours: Daemon::remanence("bench", &[("project", &url)], &["--durability", "local"])?,
            minimal: Daemon::minimal()?,
            disk: TempDir::with_prefix("disk-").context("making a folder on the disk")?,
            memory: is_tmpfs(shm)
                .then(|| TempDir::with_prefix_in("remanence-bench-", shm))
                .transpose()
                .context("making a folder in memory")?,
        })
    }

    fn folders(&self) -> Vec<(&'static str, PathBuf)> {
        let mut folders = vec![
            (MINIMAL, self.minimal.at()),
            (OURS, self.ours.at().join("project")),
            (disk_name(self.disk.path()), self.disk.path().to_owned()),
        ];
        if let Some(memory) = &self.memory {
            folders.push(("tmpfs", memory.path().to_owned()));
        }
        folders
    }
}

pub(crate) fn measure(table: &mut Table, effort: Effort) {
    let systems = match Systems::start() {
        Ok(systems) => systems,
        Err(error) => return table.row("file operations", Err(error)),
    };
    for placement in Placement::BOTH {
        for case in &CASES {
            let row = placement.during(&[&systems.ours, &systems.minimal], || {
                measure_case(&systems, case, placement, effort)
            });
            table.row(case.what, row);
        }
    }
}

fn measure_case(systems: &Systems, case: &Case, placement: Placement, effort: Effort) -> Result<Row> {
    let folders = systems.folders();
    let mut speeds = vec![Vec::new(); folders.len()];
    // The first round warms up.
    for round in 0..=effort.rounds {
        for ((name, folder), speeds) in folders.iter().zip(&mut speeds) {
            let folder = folder.join(folder_name(case, placement, round));
            fs::create_dir_all(&folder).with_context(|| format!("making a folder on {name}"))?;
            let seconds = (case.operation)(&folder, effort.operations).with_context(|| format!("on {name}"))?;
            if round > 0 {
                speeds.push(1.0 / seconds);
            }
        }
    }
    let mut spreads = folders
        .iter()
        .zip(speeds)
        .map(|((name, _), speeds)| (*name, Spread::of(speeds, Unit::PerSecond)));
    let minimal = spreads.next().context("no minimal file system")?;
    let (_, ours) = spreads.next().context("no mount")?;
    let beside: Vec<_> = spreads.map(|(name, spread)| format!("{name}: {spread}")).collect();
    Ok(Row {
        what: case.what.to_owned(),
        placement: placement.name(),
        ours,
        against: Some(minimal),
        target: Target::RatioAtLeast(case.target),
        beside: beside.join(", "),
    })
}

/// A fresh folder each round, except where the files of the first one are looked at again.
fn folder_name(case: &Case, placement: Placement, round: usize) -> String {
    let case = case
        .what
        .split(|c: char| !c.is_ascii_alphanumeric())
        .collect::<String>();
    let placement = placement.name().replace(' ', "-");
    if case == "lslentries" {
        format!("{case}-{placement}")
    } else {
        format!("{case}-{placement}-{round}")
    }
}

fn is_tmpfs(path: &Path) -> bool {
    disk_name(path) == "tmpfs"
}

/// The kind of file system that holds `path`.
fn disk_name(path: &Path) -> &'static str {
    match rustix::fs::statfs(path).map(|found| found.f_type as u64) {
        Ok(0xef53) => "ext4",
        Ok(0x0102_1994) => "tmpfs",
        Ok(0x5846_5342) => "XFS",
        Ok(0x9123_683e) => "Btrfs",
        Ok(0x794c_7630) => "overlayfs",
        _ => "disk",
    }
}
