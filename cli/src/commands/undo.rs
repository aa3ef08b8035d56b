//! `remanence undo`: takes back what a dream did.

use remanence_dreamer::undo;

use super::dreams::print_record;
use crate::author::AuthorArg;
use crate::exit::Outcome;
use crate::open::StoreArg;
use crate::output::Output;

/// Take back what a dream did; without DREAM, the newest that did something
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  remanence undo --store file:///srv/mem/project
  remanence undo --store file:///srv/mem/project 2026-06-01-a1b2c3")]
pub(crate) struct Args {
    #[command(flatten)]
    store: StoreArg,
    /// The dream; `remanence dreams` lists them
    #[arg(value_name = "DREAM")]
    dream: Option<String>,
    #[command(flatten)]
    author: AuthorArg,
}

pub(crate) async fn run(args: &Args, out: &mut Output) -> Outcome {
    let store = args.store.write().await?;
    let record = undo(&store, args.dream.as_deref(), &args.author.name()).await?;
    store.close().await;
    out.print(&record, print_record)
}
