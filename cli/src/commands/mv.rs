//! `remanence mv`: another name or folder; history follows.

use remanence_store::Version;
use remanence_store::intent::{Base, Intent};
use serde::Serialize;

use super::{commit, find, place};
use crate::author::AuthorArg;
use crate::exit::{Failure, Outcome};
use crate::open::StoreArg;
use crate::output::Output;
use crate::path;

/// Rename or move a file or folder; its history goes with it
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  remanence mv --store file:///srv/mem/project notes.md archive/notes.md
  remanence mv --store file:///srv/mem/project notes.md archive")]
pub(crate) struct Args {
    #[command(flatten)]
    store: StoreArg,
    /// What to move
    #[arg(value_parser = path::parse)]
    from: String,
    /// Its new path, or the folder to move it into
    #[arg(value_parser = path::parse)]
    to: String,
    /// Fail if something has the new path already
    #[arg(short, long)]
    no_replace: bool,
    #[command(flatten)]
    author: AuthorArg,
}

#[derive(Serialize)]
struct Moved {
    from: String,
    path: String,
    version: Version,
}

pub(crate) async fn run(args: &Args, out: &mut Output) -> Outcome {
    if args.from == "/" {
        return Err(Failure::usage("/: is the store's root folder and can't be moved"));
    }
    let (store, author) = args.store.write(&args.author).await?;
    let tree = store.tree();
    let node = find(&store, &tree, &args.from, None)?;
    let to = match tree.lookup(&args.to) {
        Some(folder) if folder.is_dir() && folder.id != node.id => path::join(&args.to, path::name(&args.from)),
        _ => args.to.clone(),
    };
    let (place, mut intents) = place(&store, &tree, &to)?;
    intents.push(Intent::Rename {
        file: node.id,
        from: args.from.clone(),
        path: to.clone(),
        place,
        no_replace: args.no_replace,
        over: Base::Head,
        there: None,
    });
    let outcome = commit(&store, author, intents).await?;
    let moved = Moved {
        from: args.from.clone(),
        path: to,
        version: outcome.version,
    };
    out.print(&moved, |out, moved| {
        out.line(format!("{} {} -> {}", moved.version, moved.from, moved.path))
    })
}
