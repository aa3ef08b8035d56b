//! `remanence approve`, `reject` and `undo`: a person decides on one dream.

use remanence_api::dream::Verdict;

use super::cluster_dream::print_status;
use super::dreams::print_record;
use crate::author::AuthorArg;
use crate::cluster::{Kind, Namespace, ObjectUrl};
use crate::exit::{Failure, Outcome};
use crate::open::{Place, StoreArg};
use crate::output::Output;

pub(crate) const APPROVE_EXAMPLES: &str = "\
Examples:
  remanence approve --store file:///srv/mem/project
  remanence approve --store file:///srv/mem/project 2026-06-01-a1b2c3";
pub(crate) const REJECT_EXAMPLES: &str = "\
Examples:
  remanence reject --store file:///srv/mem/project
  remanence reject --store file:///srv/mem/project 2026-06-01-a1b2c3";
pub(crate) const UNDO_EXAMPLES: &str = "\
Examples:
  remanence undo --store file:///srv/mem/project
  remanence undo --store file:///srv/mem/project 2026-06-01-a1b2c3";

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    store: StoreArg,
    /// The dream; `remanence dreams` lists them
    #[arg(value_name = "DREAM")]
    dream: Option<String>,
    #[command(flatten)]
    author: AuthorArg,
}

/// What is decided.
#[derive(Debug, Clone, Copy)]
pub(super) enum Decision {
    Approve,
    Reject,
    Undo,
}

/// Decides, and prints what became of the dream: in the store, or, where it is a cluster's, by its object.
pub(super) async fn run(args: &Args, decision: Decision, out: &mut Output) -> Outcome {
    if let Place::Object(url) = &args.store.place {
        return ask(url, decision, out).await;
    }
    let (store, author) = args.store.write(&args.author).await?;
    let (dream, by) = (args.dream.as_deref(), author.name());
    let record = match decision {
        Decision::Approve => remanence_dreamer::approve(&store, dream, by).await?,
        Decision::Reject => remanence_dreamer::reject(&store, dream, by).await?,
        Decision::Undo => remanence_dreamer::undo(&store, dream, by).await?,
    };
    store.close().await;
    out.print(&record, print_record)
}

async fn ask(url: &ObjectUrl, decision: Decision, out: &mut Output) -> Outcome {
    if url.kind != Kind::Dream {
        return Err(Failure::usage(format!(
            "{url}: is a store; in a cluster it is the Dream that is decided on"
        ))
        .hint("`kubectl get dreams` lists them; name one as `dream/NAME`"));
    }
    let (dreams, name) = (Namespace::of(url).await?.dreams(), &url.name);
    let dream = match decision {
        Decision::Approve => dreams.decide(&dreams.get(name).await?, Verdict::Approve).await?,
        Decision::Reject => dreams.decide(&dreams.get(name).await?, Verdict::Reject).await?,
        Decision::Undo => dreams.undo(name).await?,
    };
    out.print(&dream, print_status)
}
