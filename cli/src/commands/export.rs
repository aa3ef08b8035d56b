//! `remanence export`: plain files out.

use std::path::PathBuf;

use remanence_store::At;
use remanence_store::export::export;

use super::tree_at;
use crate::exit::{Failure, Outcome};
use crate::open::StoreArg;
use crate::output::{Output, some};

/// Write a store's files to a folder
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  remanence export --store file:///srv/mem/project ./notes
  remanence export --store file:///srv/mem/project --at 17 ./as-it-was

Files with the same path are replaced, others in the folder stay. Nothing is written through a link.")]
pub(crate) struct Args {
    #[command(flatten)]
    store: StoreArg,
    /// The folder to write to; made if it is missing
    #[arg(value_name = "DIR")]
    dir: PathBuf,
    /// As it was after this commit or op
    #[arg(long, value_name = "SEQ[.OP]")]
    at: Option<At>,
}

pub(crate) async fn run(args: &Args, out: &mut Output) -> Outcome {
    let store = args.store.read().await?;
    let tree = tree_at(&store, args.at).await?;
    let progress = out.progress("exported");
    let exported = export(&store, &tree, &args.dir, &|files, bytes| progress.at(files, bytes)).await;
    drop(progress);
    let exported = exported?;
    out.print(&exported, |out, e| {
        out.line(format!(
            "exported {} ({}) to {}",
            some(e.written, "file"),
            some(e.bytes, "byte"),
            args.dir.display()
        ))
    })?;
    if exported.skipped.is_empty() {
        return Ok(());
    }
    let lines = exported.skipped.iter().map(|s| format!("\n  {}: {}", s.path, s.why));
    Err(Failure::failed(format!(
        "{} not exported:{}",
        some(exported.skipped.len() as u64, "path"),
        lines.collect::<String>()
    )))
}
