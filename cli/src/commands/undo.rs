//! `remanence undo`: takes back what a dream did.

use crate::author::AuthorArg;
use crate::exit::{Failure, Outcome};
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

pub(crate) async fn run(args: &Args, _out: &mut Output) -> Outcome {
    let store = args.store.read().await?;
    Err(Failure::failed(format!(
        "{}: undo is not part of this build",
        store.url()
    )))
}
