//! What `approve`, `reject` and `undo` share: a person decides on one dream.

use remanence_dreamer::{DreamError, Record};
use remanence_store::Store;

use super::dreams::print_record;
use crate::author::AuthorArg;
use crate::exit::Outcome;
use crate::open::StoreArg;
use crate::output::Output;

#[derive(Debug, clap::Args)]
pub(crate) struct Decided {
    #[command(flatten)]
    store: StoreArg,
    /// The dream; `remanence dreams` lists them
    #[arg(value_name = "DREAM")]
    dream: Option<String>,
    #[command(flatten)]
    author: AuthorArg,
}

/// Opens the store, decides, and prints what became of the dream.
pub(crate) async fn run(
    args: &Decided,
    out: &mut Output,
    decide: impl AsyncFnOnce(&Store, Option<&str>, &str) -> Result<Record, DreamError>,
) -> Outcome {
    let (store, author) = args.store.write(&args.author).await?;
    let record = decide(&store, args.dream.as_deref(), author.name()).await?;
    store.close().await;
    out.print(&record, print_record)
}
