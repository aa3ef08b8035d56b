//! `remanence dream`: reads sessions and tidies the memory.

use std::path::PathBuf;

use clap::ValueEnum;
use jiff::Timestamp;

use crate::exit::{Failure, Outcome};
use crate::open::StoreArg;
use crate::output::Output;
use crate::size::Size;

/// Read what agents said since the last dream, and leave the memory better
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  remanence dream --store file:///srv/mem/project --sessions file:///srv/mem/sessions
  remanence dream --store file:///srv/mem/project --sessions ./logs --dry-run
  remanence dream --store file:///srv/mem/project --sessions ./logs --review   # then: remanence approve

Sessions are a folder of <agent>/<session>.jsonl[.gz], a session store, or plain logs under an S3 prefix.")]
pub(crate) struct Args {
    #[command(flatten)]
    store: StoreArg,
    /// Where the sessions are; can be given more than once
    #[arg(long, value_name = "DIR|URL", required = true, num_args = 1..)]
    sessions: Vec<String>,
    /// Which facts belong into this store
    #[arg(long, value_enum, default_value = "all")]
    facts: Facts,
    /// What finds and words the facts
    #[arg(long, value_enum, default_value = "rules")]
    model: Model,
    /// What else the dream should mind
    #[arg(long, value_name = "FILE")]
    instructions: Option<PathBuf>,
    /// Take this for the time
    #[arg(long, value_name = "RFC3339")]
    now: Option<Timestamp>,
    /// Over this size the weakest facts go, to history
    #[arg(long, value_name = "SIZE")]
    memory_size: Option<Size>,
    /// Show what it would do, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Write a proposal that waits for `remanence approve`
    #[arg(long, conflicts_with = "dry_run")]
    review: bool,
    /// Read sessions again that were used already
    #[arg(long)]
    again: bool,
}

pub(crate) async fn run(args: &Args, _out: &mut Output) -> Outcome {
    let store = args.store.read().await?;
    Err(Failure::failed(format!(
        "{}: dream is not part of this build",
        store.url()
    )))
}

/// Which facts a store takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Facts {
    /// About the user and how to work with them
    Own,
    /// About the work
    Shared,
    /// Both
    All,
}

/// What finds and words the facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Model {
    /// Rules: no network, no key
    Rules,
}
