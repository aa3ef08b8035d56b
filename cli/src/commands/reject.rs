//! `remanence reject`: lets go of what a dream proposed.

use crate::author::AuthorArg;
use crate::exit::{Failure, Outcome};
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

pub(crate) async fn run(args: &Args, _out: &mut Output) -> Outcome {
    let store = args.store.read().await?;
    Err(Failure::failed(format!(
        "{}: reject is not part of this build",
        store.url()
    )))
}
