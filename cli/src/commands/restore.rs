//! `remanence restore`: back to what it was, as a new commit.

use remanence_store::At;
use remanence_store::restore::{Restored, restore, restore_memory};

use crate::author::AuthorArg;
use crate::exit::Outcome;
use crate::open::{Place, StoreArg};
use crate::output::Output;
use crate::path;

/// Bring a file, a folder or the whole store back to what it was
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  remanence restore --store file:///srv/mem/project notes/build.md --at 17.1
  remanence restore --store file:///srv/mem/project --at 17     # the whole store

It is one new commit, so it can be undone the same way. `remanence log` lists what there is to go back to.")]
pub(crate) struct Args {
    #[command(flatten)]
    store: StoreArg,
    /// File or folder; without it, the whole store
    #[arg(default_value = "/", value_parser = path::parse)]
    path: String,
    /// The commit or op to go back to
    #[arg(long, value_name = "SEQ[.OP]")]
    at: At,
    #[command(flatten)]
    author: AuthorArg,
}

pub(crate) async fn run(args: &Args, out: &mut Output) -> Outcome {
    let (store, author) = args.store.write(&args.author).await?;
    let restored = match &args.store.place {
        // In a cluster what dreams keep changes by their Dreams alone.
        Place::Object(_) if args.path == "/" => restore_memory(&store, args.at, author).await?,
        _ => restore(&store, &args.path, args.at, author).await?,
    };
    store.close().await;
    if restored.commit.is_none() {
        out.hint(format!("{} is as it was at {}", args.path, args.at));
    }
    for sibling in &restored.siblings {
        out.hint(format!("changed meanwhile; what was restored is kept as {sibling}"));
    }
    out.print(&restored, print)
}

fn print(out: &mut Output, restored: &Restored) -> std::io::Result<()> {
    for path in &restored.written {
        out.line(format!("restored {path}"))?;
    }
    for path in &restored.removed {
        out.line(format!("removed {path}"))?;
    }
    Ok(())
}
