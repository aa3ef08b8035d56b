//! The benchmark: Remanence beside the limit of FUSE, local file systems and the raw request, in one run.
//!
//! `cargo xtask bench` builds it, starts what it needs and runs it.

mod appends;
mod cluster;
mod command;
mod commits;
mod counting_proxy;
mod daemon;
mod dream;
mod files;
mod footprint;
mod large;
mod placement;
mod put;
mod requests;
mod samples;
mod served_files;
mod servers;
mod table;
mod visibility;
mod watcher;

use std::io::{self, Read};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};

use crate::table::Table;

#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Measure everything and write the table.
    Run {
        /// Fewer rounds and a shorter idle time.
        #[arg(long)]
        quick: bool,
        /// Where the table goes, as Markdown.
        #[arg(long)]
        table: PathBuf,
    },
    /// Measure on the cluster of the kubeconfig and write the table.
    Cluster {
        /// Fewer rounds, fewer Agents and a shorter idle time.
        #[arg(long)]
        quick: bool,
        /// Where the table goes, as Markdown.
        #[arg(long)]
        table: PathBuf,
    },
    /// Write what new stores begin with into the object store of this network, as a bare client, and print the seconds.
    BareStores {
        /// The namespace whose stores were made, of which `crowd-0` is the model.
        #[arg(long)]
        namespace: String,
        /// How many.
        #[arg(long)]
        many: usize,
    },
    /// Serve the minimal file system at a folder until standard input ends.
    ServeMinimal {
        /// The folder.
        at: PathBuf,
    },
}

/// How much is measured.
#[derive(Debug, Clone, Copy)]
struct Effort {
    /// Rounds, in each of which every system has its turn.
    rounds: usize,
    /// Operations of one turn.
    operations: usize,
    /// Files of the large store.
    files: usize,
    /// Seconds for which the idle mount is watched.
    idle: u64,
    /// Sessions for a dream.
    sessions: usize,
    /// Pairs of pods, with memory and without.
    starts: usize,
    /// Pods that the webhook is asked about.
    admissions: usize,
    /// Agents that are made at once.
    agents: usize,
    /// Dreams of a cluster that are timed.
    dreams: usize,
    /// Stores that one run dreams.
    stores: usize,
    quick: bool,
}

const FULL: Effort = Effort {
    rounds: 20,
    operations: 200,
    files: 100_000,
    idle: 60,
    sessions: 1000,
    starts: 30,
    admissions: 500,
    agents: 1000,
    dreams: 3,
    stores: 100,
    quick: false,
};

const QUICK: Effort = Effort {
    rounds: 5,
    operations: 50,
    files: 20_000,
    idle: 10,
    sessions: 200,
    starts: 5,
    admissions: 100,
    agents: 100,
    dreams: 1,
    stores: 20,
    quick: true,
};

fn main() -> ExitCode {
    let effort = |quick| if quick { QUICK } else { FULL };
    let outcome = match Cli::parse().task {
        Task::Run { quick, table } => run(effort(quick), &table),
        Task::Cluster { quick, table } => cluster::run(effort(quick), &table),
        Task::BareStores { namespace, many } => cluster::bare_stores(&namespace, many),
        Task::ServeMinimal { at } => serve_minimal(&at),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn serve_minimal(at: &std::path::Path) -> Result<()> {
    let mounted = remanence_tests::minimal_fs::mount(at)
        .with_context(|| format!("mounting the minimal one at {}", at.display()))?;
    io::stdin()
        .read_to_end(&mut Vec::new())
        .context("waiting for the end")?;
    mounted.umount_and_join().context("unmounting the minimal one")
}

fn run(effort: Effort, path: &std::path::Path) -> Result<()> {
    let start = Instant::now();
    let mut table = Table::new(effort);
    let servers = servers::all();
    // Watched from the beginning to the end, since it does nothing.
    let idle = footprint::Idle::start(&servers, effort);
    served_files::measure(&mut table, effort, &servers);
    commits::measure(&mut table, effort, &servers);
    visibility::measure(&mut table, effort, &servers);
    appends::measure(&mut table, &servers);
    requests::measure(&mut table, &servers);
    large::measure(&mut table, effort, &servers);
    footprint::measure(&mut table, effort, &servers, idle);
    dream::measure(&mut table, effort, &servers);
    table.took(start.elapsed());
    std::fs::write(path, table.markdown()).with_context(|| format!("writing {}", path.display()))
}
