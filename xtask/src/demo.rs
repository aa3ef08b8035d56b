//! `cargo xtask demo`: what Remanence is for, told with three agents on this machine.
//!
//! Every step checks what it claims: if the story is wrong, the demo fails.

mod agents;
mod conflict;
mod dream;
mod figures;
mod kept;
mod mounts;
mod own_sessions;
mod read_only;
mod resume;
mod share;
mod stage;
mod transcripts;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::build;
use crate::cache::Cache;
use crate::install;
use crate::keeper::Kept;
use crate::s3_servers::{self, Server};

use mounts::Mounts;
use stage::Stage;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Keep the stores in S3, on a `SeaweedFS` that is started for it, instead of in a folder.
    #[arg(long)]
    s3: bool,
    /// Leave everything mounted at the end, to look around.
    #[arg(long)]
    keep: bool,
    /// Dream over your own transcripts, `DIR/<agent>/<session>.jsonl[.gz]`, instead of those of the story.
    #[arg(long, value_name = "DIR")]
    sessions: Option<PathBuf>,
    /// Tell the story with this `remanence` instead of building one.
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let sessions = args.sessions.as_deref().map(own_folder).transpose()?;
    if args.binary.is_none() {
        println!("building (some minutes the first time)");
    }
    let binary = build::remanence(args.binary.as_deref())?;
    let server = {
        let cache = Cache::lock()?;
        install::fuse()?;
        let python = args.s3.then(|| install::python(&cache)).transpose()?;
        python.map(|python| Server::seaweedfs(&python)).transpose()?
    };
    let folder = Kept::folder("remanence-demo-", &env::temp_dir(), &binary)?;
    fs::create_dir(folder.path().join("stores")).context("making a folder for stores")?;
    let start = Instant::now();
    let mut stage = Stage::new(folder.path(), &binary);
    name_stores(&mut stage, server.as_ref());
    let mounts = story(&mut stage, sessions.as_deref())?;
    println!("\nThat was the story, in {:.0} s.", start.elapsed().as_secs_f64());
    if args.keep {
        kept::leave(&stage, &mounts, folder, server)?;
    } else {
        mounts.end(&stage)?;
        drop(folder);
        println!("All mounts are ended and all files of the demo are removed.");
    }
    println!("\nNext: give an agent of your own a memory:");
    println!("  {}", next(&binary));
    println!("  (`cargo xtask demo --keep` leaves this story mounted)");
    Ok(ExitCode::SUCCESS)
}

/// What to type next: it works as it is, with nothing but the binary.
fn next(binary: &Path) -> String {
    format!(
        "mkdir -p ~/memory ~/remanence && '{}' mount --store project=file://$HOME/remanence/project --at ~/memory --agent me",
        binary.display()
    )
}

fn story(stage: &mut Stage, sessions: Option<&Path>) -> Result<Mounts> {
    let mut mounts = Mounts::default();
    agents::arrive(stage, &mut mounts)?;
    share::a_plan(stage)?;
    share::lines_at_once(stage)?;
    conflict::merged(stage)?;
    conflict::kept_beside(stage)?;
    share::a_race(stage)?;
    read_only::refused(stage)?;
    transcripts::recorded(stage)?;
    resume::elsewhere(stage, &mut mounts)?;
    let figures = figures::measure(stage)?;
    let seconds = match sessions {
        Some(folder) => own_sessions::dream(stage, folder)?,
        None => dream::dream(stage)?,
    };
    stage.step("The figures of this run.");
    figures.show(seconds);
    Ok(mounts)
}

/// Where the stores lie, as variables of all commands.
fn name_stores(stage: &mut Stage, server: Option<&Server>) {
    let url = |name: &str| match server {
        Some(server) => server.url(&format!("demo/{name}")),
        None => format!("file://{}", stage.path("stores").join(name).display()),
    };
    let stores = [
        ("PROJECT", url("project")),
        ("PLANNER", url("planner")),
        ("CODER", url("coder")),
        ("REVIEWER", url("reviewer")),
        ("PLANNER_SESSIONS", url("planner-sessions")),
        ("CODER_SESSIONS", url("coder-sessions")),
        ("REVIEWER_SESSIONS", url("reviewer-sessions")),
    ];
    for (name, url) in stores {
        stage.set(name, url);
    }
    if server.is_some() {
        for (name, value) in s3_servers::credentials() {
            stage.set(name, value);
        }
    }
}

fn own_folder(folder: &Path) -> Result<PathBuf> {
    let path = folder
        .canonicalize()
        .with_context(|| format!("--sessions {}", folder.display()))?;
    if !path.is_dir() {
        bail!(
            "--sessions {}: is not a folder of <agent>/<session>.jsonl[.gz]",
            folder.display()
        );
    }
    Ok(path)
}
