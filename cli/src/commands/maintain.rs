//! `remanence maintain`: retention, packing and collecting garbage.

use jiff::Timestamp;

use crate::age::Age;
use crate::exit::{Failure, Outcome};
use crate::open::StoreArg;
use crate::output::Output;

/// Pack small contents, drop what is past retention and collect what nothing refers to
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  remanence maintain --store file:///srv/mem/project --keep 30d
  remanence maintain --store file:///srv/mem/project

Without --keep all history stays. The newest version of a file is always kept.")]
pub(crate) struct Args {
    #[command(flatten)]
    store: StoreArg,
    /// Keep old versions for so long, as 30d or 12h
    #[arg(long, value_name = "DURATION")]
    keep: Option<Age>,
    /// Take this for the time
    #[arg(long, value_name = "RFC3339")]
    now: Option<Timestamp>,
}

pub(crate) async fn run(args: &Args, _out: &mut Output) -> Outcome {
    let store = args.store.read().await?;
    Err(Failure::failed(format!(
        "{}: maintain is not part of this build",
        store.url()
    )))
}
