//! `remanence dreams`: the dreams of a store.

use crate::exit::{Failure, Outcome};
use crate::open::StoreArg;
use crate::output::Output;

/// List a store's dreams and what they did, newest first
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  remanence dreams --store file:///srv/mem/project
  remanence dreams --store file:///srv/mem/project 2026-06-01-a1b2c3 -o json")]
pub(crate) struct Args {
    #[command(flatten)]
    store: StoreArg,
    /// Only this one
    #[arg(value_name = "DREAM")]
    dream: Option<String>,
}

pub(crate) async fn run(args: &Args, _out: &mut Output) -> Outcome {
    let store = args.store.read().await?;
    Err(Failure::failed(format!(
        "{}: dreams is not part of this build",
        store.url()
    )))
}
