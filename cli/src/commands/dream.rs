//! `remanence dream`: reads sessions and tidies the memory.

use std::collections::BTreeSet;
use std::io;
use std::path::PathBuf;

use clap::ValueEnum;
use jiff::Timestamp;
use remanence_dreamer::{Change, Phase, Record, Request, Sessions, dream, step_back};
use remanence_store::backend::counted::Counted;
use remanence_store::url::StoreUrl;
use remanence_store::{Options, Store};
use serde::Serialize;
use similar::TextDiff;

use super::cluster_dream;
use super::dreams::print_record;
use crate::cluster::Wanted;
use crate::exit::{Failure, Outcome};
use crate::open::{Place, StoreArg};
use crate::output::Output;
use crate::size::Size;

/// Read what agents said since the last dream, and leave the memory better
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  remanence dream --store file:///srv/mem/project --sessions file:///srv/mem/sessions
  remanence dream --store file:///srv/mem/project --sessions ./logs --dry-run
  remanence dream --store file:///srv/mem/project --sessions ./logs --review   # then: remanence approve
  ANTHROPIC_API_KEY=… remanence dream --store file:///srv/mem/project --sessions ./logs \\
      --model anthropic:claude-haiku-4-5 --budget-cost 0.50
  remanence dream --store file:///srv/mem/project --sessions ./logs \\
      --model openai:qwen2.5 --model-url http://127.0.0.1:8080/v1

Sessions are a folder of <agent>/<session>.jsonl[.gz], a session store, or plain logs under an S3 prefix.")]
pub(crate) struct Args {
    #[command(flatten)]
    store: StoreArg,
    /// Where the sessions are; can be given more than once. In a cluster the Dream's object knows
    #[arg(long, value_name = "DIR|URL", num_args = 1.., value_parser = sessions_place)]
    sessions: Vec<String>,
    /// Which facts belong in this store
    #[arg(long, value_enum, default_value = "all")]
    facts: Facts,
    /// Instructions on what to leave out or favour, one per line: `ignore: canteen`, `favour: releases`, `only: feedback`
    #[arg(long, value_name = "FILE")]
    instructions: Option<PathBuf>,
    /// Use this as the current time
    #[arg(long, value_name = "RFC3339")]
    now: Option<Timestamp>,
    /// Most that dreams keep; beyond it the weakest facts are removed, and stay in the history
    #[arg(long, value_name = "SIZE")]
    memory_size: Option<Size>,
    /// Show what it would do, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Write a proposal that waits for `remanence approve`
    #[arg(long, conflicts_with = "dry_run")]
    review: bool,
    /// Read sessions again that were already used
    #[arg(long)]
    again: bool,
    /// In a cluster: wait until it is over, and show what it did
    #[arg(long)]
    wait: bool,
    #[command(flatten)]
    model: super::model::ModelArgs,
}

/// A folder as it is, or a URL that parses.
fn sessions_place(text: &str) -> Result<String, String> {
    if text.contains("://") {
        text.parse::<StoreUrl>().map_err(|e| e.to_string())?;
    }
    Ok(text.to_owned())
}

/// The record, and what would change where nothing is written yet.
#[derive(Serialize)]
struct Dreamed<'a> {
    #[serde(flatten)]
    record: &'a Record,
    changes: Option<&'a [Change]>,
    /// Requests that the memory's store took.
    requests: u64,
}

pub(crate) async fn run(args: &Args, out: &mut Output) -> Outcome {
    if let Place::Object(url) = &args.store.place {
        let wanted = Wanted {
            dry_run: args.dry_run,
            review: args.review,
            instructions: args.instructions()?.unwrap_or_default(),
        };
        return cluster_dream::run(url, wanted, args.wait, out).await;
    }
    if args.sessions.is_empty() {
        return Err(Failure::usage(
            "--sessions is missing: say where the sessions are, e.g. `--sessions ./logs`",
        ));
    }
    step_back();
    let request = args.request()?;
    let mut sessions = Vec::new();
    for place in &args.sessions {
        sessions.push(Sessions::at(place).await?);
    }
    let backend = args.store.url("dream")?.connect().await?;
    let backend = if args.dry_run {
        backend.read_only()
    } else {
        backend.without_maintain()
    };
    let counted = Counted::new();
    let store = Store::open(counted.wrap(backend), Options::default()).await?;
    let dreamt = dream(&store, &sessions, &request).await?;
    store.close().await;
    let record = &dreamt.record;
    let is_open = args.dry_run || record.phase == Phase::Proposed;
    let dreamed = Dreamed {
        record,
        changes: is_open.then_some(&dreamt.changes),
        requests: counted.snapshot().requests(),
    };
    out.print(&dreamed, |out, dreamed| {
        for change in dreamed.changes.unwrap_or_default() {
            print_change(out, change)?;
        }
        print_record(out, dreamed.record)
    })?;
    match record.phase {
        Phase::Failed => Err(Failure::failed(format!(
            "dream {} failed; memory is as it was",
            record.id
        ))),
        Phase::Proposed if !args.dry_run => {
            out.hint(format!(
                "`remanence approve --store '{}' {}` applies it",
                store.url(),
                record.id
            ));
            Ok(())
        }
        _ => Ok(()),
    }
}

impl Args {
    fn instructions(&self) -> Result<Option<String>, Failure> {
        let read = |path: &PathBuf| {
            std::fs::read_to_string(path)
                .map_err(|e| Failure::failed(format!("--instructions {}: {e}", path.display())))
        };
        self.instructions.as_ref().map(read).transpose()
    }

    fn request(&self) -> Result<Request, Failure> {
        Ok(Request {
            facts: match self.facts {
                Facts::Own => remanence_dreamer::Facts::Own,
                Facts::Shared => remanence_dreamer::Facts::Shared,
                Facts::All => remanence_dreamer::Facts::All,
            },
            whole: BTreeSet::new(),
            memory_size: self
                .memory_size
                .map(|size| usize::try_from(size.0).unwrap_or(usize::MAX)),
            instructions: self.instructions()?,
            now: self.now,
            dry_run: self.dry_run,
            review: self.review,
            again: self.again,
            engine: self.model.engine()?,
            id: None,
            max_loss_percent: None,
        })
    }
}

pub(super) fn print_change(out: &mut Output, change: &Change) -> io::Result<()> {
    out.unified(&unified(change))
}

/// A change as a unified diff.
pub(crate) fn unified(change: &Change) -> String {
    let side = |name: &str, text: &Option<String>| match text {
        Some(_) => format!("{name}/{}", change.path),
        None => "/dev/null".into(),
    };
    let (old, new) = (
        change.before.as_deref().unwrap_or(""),
        change.after.as_deref().unwrap_or(""),
    );
    let lines = TextDiff::from_lines(old, new);
    let mut unified = lines.unified_diff();
    unified.header(&side("a", &change.before), &side("b", &change.after));
    unified.to_string()
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
