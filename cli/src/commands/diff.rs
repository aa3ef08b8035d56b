//! `remanence diff`: what differs between two moments.

use std::io;
use std::sync::Arc;

use remanence_store::At;
use remanence_store::diff::{Change, FileDiff, diff};
use remanence_store::history;
use serde::Serialize;

use super::cluster_dream;
use super::log::newest;
use super::tree_at;
use crate::cluster::Kind;
use crate::exit::{Failure, Outcome};
use crate::open::{Place, StoreArg};
use crate::output::Output;
use crate::path;

/// Show what differs between a moment of the history and now, or another
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  remanence diff --store file:///srv/mem/project --at 17             # from commit 17 to now
  remanence diff --store file:///srv/mem/project --at 17 --to 20 notes
  remanence diff --store file:///srv/mem/project notes/build.md      # its last change")]
pub(crate) struct Args {
    #[command(flatten)]
    store: StoreArg,
    /// Only this file or folder
    #[arg(default_value = "/", value_parser = path::parse)]
    path: String,
    /// From this commit or op; without it, from before the path's last change
    #[arg(long, value_name = "SEQ[.OP]")]
    at: Option<At>,
    /// To this commit or op instead of now
    #[arg(long, value_name = "SEQ[.OP]")]
    to: Option<At>,
}

#[derive(Serialize)]
struct Diff {
    from: String,
    to: String,
    files: Vec<FileDiff>,
}

pub(crate) async fn run(args: &Args, out: &mut Output) -> Outcome {
    if let Place::Object(url) = &args.store.place
        && url.kind == Kind::Dream
    {
        return cluster_dream::run_diff(url, out).await;
    }
    let store = args.store.read().await?;
    let (from, old) = if let Some(at) = args.at {
        (at, tree_at(&store, Some(at)).await?)
    } else {
        let (_, at) = newest(&store, &args.path, args.to).await?;
        let before = history::before(at);
        (before, Arc::new(history::tree_at(&store, before).await?))
    };
    let new = tree_at(&store, args.to).await?;
    if args.path != "/" && [&old, &new].iter().all(|tree| tree.lookup(&args.path).is_none()) {
        return Err(Failure::failed(format!(
            "{}: exists at neither moment in {}",
            args.path,
            store.url()
        )));
    }
    let files = diff(&store, &old, &new, &args.path).await?;
    let diff = Diff {
        from: from.to_string(),
        to: args.to.map_or(new.seq.to_string(), |to| to.to_string()),
        files,
    };
    if diff.files.is_empty() {
        out.hint(format!("no difference between {} and {}", diff.from, diff.to));
    }
    out.print(&diff, |out, diff| print_files(out, &diff.files))
}

/// Differences one after the other: unified where there are texts, else a line.
pub(super) fn print_files(out: &mut Output, files: &[FileDiff]) -> io::Result<()> {
    for file in files {
        let what = match file.change {
            Change::Added => "added",
            Change::Removed => "removed",
            Change::Changed => "changed",
            Change::Renamed => "renamed",
            Change::Mode => "mode of",
        };
        let from = file.from.as_ref().map_or(String::new(), |from| format!("{from} -> "));
        let note = file.note.as_ref().map_or(String::new(), |note| format!(" ({note})"));
        out.line(format!("{what} {from}{}{note}", file.path))?;
        if let Some(text) = &file.text {
            out.unified(text)?;
        }
    }
    Ok(())
}
