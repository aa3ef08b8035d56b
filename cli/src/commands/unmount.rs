//! `remanence unmount`: ends a mount and waits until all it holds is written.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use remanence_sidecar::fuse::PID_ATTRIBUTE;
use remanence_sidecar::mount_point::unmount;
use serde::Serialize;

use crate::exit::{Failure, Outcome};
use crate::output::Output;

/// How long the process that serves the mount may take: it has what it needs to write in seconds, or says why not.
const PATIENCE: Duration = Duration::from_mins(1);

/// End a mount; returns once all it holds is written
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  remanence unmount /mnt/memory")]
pub(crate) struct Args {
    /// Where it is mounted
    #[arg(value_name = "DIR")]
    dir: PathBuf,
}

#[derive(Serialize)]
struct Unmounted {
    at: PathBuf,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> Outcome {
    let process = server(&args.dir);
    unmount(&args.dir, PATIENCE)?;
    // The mount goes first; what came last is still being written.
    let started = Instant::now();
    while let Some(pid) = process.filter(|pid| is_running(*pid)) {
        if started.elapsed() > PATIENCE {
            return Err(Failure::failed(format!(
                "{}: is unmounted, but process {pid} is still writing what is left; see its log",
                args.dir.display()
            )));
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let unmounted = Unmounted { at: args.dir.clone() };
    out.print(&unmounted, |out, u| out.line(format!("unmounted {}", u.at.display())))
}

/// The process that serves a mount, as the mount says; a dead one says nothing.
fn server(dir: &Path) -> Option<u32> {
    let mut value = [0; 32];
    let len = rustix::fs::getxattr(dir, PID_ATTRIBUTE, &mut value[..]).ok()?;
    std::str::from_utf8(&value[..len]).ok()?.parse().ok()
}

/// Whether a process runs; one that has ended and only waits to be collected does not.
fn is_running(pid: u32) -> bool {
    let Ok(stat) = std::fs::read_to_string(format!("/proc/{pid}/stat")) else {
        return false;
    };
    // The name before it may hold anything but is in brackets.
    stat.rsplit_once(") ")
        .is_some_and(|(_, rest)| !rest.starts_with(['Z', 'X']))
}
