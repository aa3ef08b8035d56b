//! `remanence reject`: lets go of what a dream proposed.

use remanence_dreamer::reject;

use super::dreams::print_record;
use crate::author::AuthorArg;
use crate::exit::Outcome;
use crate::open::StoreArg;
use crate::output::Output;

/// Let go of what a dream proposed; without DREAM, the newest that waits
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  remanence reject --store file:///srv/mem/project
  remanence reject --store file:///srv/mem/project 2026-06-01-a1b2c3")]
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
    let record = reject(&store, args.dream.as_deref(), &args.author.name()).await?;
    store.close().await;
    out.print(&record, print_record)
}
