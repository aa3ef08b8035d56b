//! `remanence unmount`: ends a mount, waits until all it holds is written, and says what was not.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use remanence_sidecar::aside::{self, Waiting};
use remanence_sidecar::ended;
use remanence_sidecar::fuse::{JOURNAL_ATTRIBUTE, PID_ATTRIBUTE};
use remanence_sidecar::mount::folder_of;
use remanence_sidecar::mount_point::{absolute, unmount};
use serde::Serialize;

use crate::commands::mount::cache;
use crate::exit::{Failure, Outcome};
use crate::output::Output;
use crate::stopped::{AGAIN, left, report, waits};

/// How long the process that serves the mount may take: it has what it needs to write in seconds, or says why not.
const PATIENCE: Duration = Duration::from_mins(1);

/// End a mount; returns once all it holds is written, and fails where that could not be
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  remanence unmount /mnt/memory")]
pub(crate) struct Args {
    /// Where it is mounted
    #[arg(value_name = "DIR")]
    dir: PathBuf,
    /// What `mount --cache` said; asked for where its process was killed [default: ~/.cache/remanence]
    #[arg(long, value_name = "DIR")]
    cache: Option<PathBuf>,
}

#[derive(Serialize)]
struct Unmounted {
    at: PathBuf,
    /// Journals that the mount left alone.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    waiting: Vec<Waiting>,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> Outcome {
    let at = absolute(&args.dir)?;
    let server = Server::of(&at);
    unmount(&at, PATIENCE)?;
    let journal = if let Some(server) = server {
        server.wait(&at)?;
        match ended::read(&server.journal)? {
            Some(stopped) => report(&stopped, out)?,
            None => report_killed(&at, &server.journal)?,
        }
        server.journal
    } else {
        let journal = args.journal(&at)?;
        report_killed(&at, &journal)?;
        journal
    };
    // What was attached has left nothing. It is unmounted, whatever an old journal is like.
    let waiting = aside::waiting(&journal, |_| false).unwrap_or_else(|error| {
        out.hint(format!("{}: {error}", journal.display()));
        Vec::new()
    });
    let unmounted = Unmounted { at, waiting };
    out.print(&unmounted, |out, u| {
        out.line(format!("unmounted {}", u.at.display()))?;
        u.waiting.iter().try_for_each(|waiting| out.line(waits(waiting)))
    })
}

/// Says what a process that was killed has left in its journal, which is all that it said.
fn report_killed(dir: &Path, journal: &Path) -> Outcome {
    let killed = |what: String| {
        Failure::failed(format!(
            "{}: is unmounted, but its process was killed, {what}",
            dir.display()
        ))
        .hint(AGAIN)
    };
    // Each mount forgets how the one before it ended: a word that is left there is not of this one.
    let is_there = journal.is_dir() && ended::read(journal)?.is_none();
    if !is_there {
        return Err(killed(format!(
            "and its journal is not in {}: was it mounted with another --cache?",
            journal.display()
        )));
    }
    let stopped = ended::left(journal)
        .map_err(|e| killed(format!("and its journal can't be read ({}): {e}", journal.display())))?;
    if stopped.left.is_empty() {
        return Ok(());
    }
    Err(killed(format!(
        "and changes that may not be in the store are in its journal ({}): {}",
        journal.display(),
        left(&stopped)
    )))
}

impl Args {
    /// Where the mount has its journal.
    fn journal(&self, at: &Path) -> Result<PathBuf, Failure> {
        let cache = std::path::absolute(self.cache.clone().unwrap_or_else(cache))?;
        Ok(folder_of(&cache, at)?)
    }
}

/// The process that serves a mount.
struct Server {
    pid: u32,
    journal: PathBuf,
}

impl Server {
    /// As the mount says; a dead one says nothing.
    fn of(dir: &Path) -> Option<Self> {
        Some(Self {
            pid: attribute(dir, PID_ATTRIBUTE)?.parse().ok()?,
            journal: attribute(dir, JOURNAL_ATTRIBUTE)?.into(),
        })
    }

    /// Waits for its end. The mount goes first; what came last is still being written.
    fn wait(&self, dir: &Path) -> Outcome {
        let started = Instant::now();
        while is_running(self.pid) {
            if started.elapsed() > PATIENCE {
                return Err(Failure::failed(format!(
                    "{}: is unmounted, but process {} is still writing what is left; see its log",
                    dir.display(),
                    self.pid
                )));
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }
}

fn attribute(dir: &Path, name: &str) -> Option<String> {
    let mut value = vec![0_u8; 4096];
    let len = rustix::fs::getxattr(dir, name, &mut value[..]).ok()?;
    value.truncate(len);
    String::from_utf8(value).ok()
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
