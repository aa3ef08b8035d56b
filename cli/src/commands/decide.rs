//! What `approve`, `reject` and `undo` share: a person decides on one dream.

use remanence_api::dream::Verdict;
use remanence_dreamer::{DreamError, Record};
use remanence_store::Store;

use super::cluster_dream::print_status;
use super::dreams::print_record;
use crate::author::AuthorArg;
use crate::cluster::{Kind, Namespace, ObjectUrl};
use crate::exit::{Failure, Outcome};
use crate::open::{Place, StoreArg};
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

/// What is asked of a Dream of a cluster.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Asked {
    Decision(Verdict),
    Undo,
}

/// Decides, and prints what became of the dream: in the store, or, where it is a cluster's, by its object.
pub(crate) async fn run(
    args: &Decided,
    out: &mut Output,
    asked: Asked,
    decide: impl AsyncFnOnce(&Store, Option<&str>, &str) -> Result<Record, DreamError>,
) -> Outcome {
    if let Place::Object(url) = &args.store.place {
        return ask(url, asked, out).await;
    }
    let (store, author) = args.store.write(&args.author).await?;
    let record = decide(&store, args.dream.as_deref(), author.name()).await?;
    store.close().await;
    out.print(&record, print_record)
}

async fn ask(url: &ObjectUrl, asked: Asked, out: &mut Output) -> Outcome {
    if url.kind != Kind::Dream {
        return Err(Failure::usage(format!(
            "{url}: is a store; in a cluster it is the Dream that is decided on"
        ))
        .hint("`kubectl get dreams` lists them; name one as `dream/NAME`"));
    }
    let dreams = Namespace::of(url).await?.dreams();
    let dream = match asked {
        Asked::Decision(verdict) => dreams.decide(&dreams.get(&url.name).await?, verdict).await?,
        Asked::Undo => dreams.undo(&url.name).await?,
    };
    out.print(&dream, print_status)
}
