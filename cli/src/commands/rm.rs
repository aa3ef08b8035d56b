//! `remanence rm`: removes files and folders; history keeps them.

use remanence_store::intent::{Base, Expect, Intent};
use remanence_store::tree::{Node, Tree};
use remanence_store::{Seq, Version};
use serde::Serialize;

use super::put::{IfVersion, not_met};
use super::{commit, find};
use crate::author::AuthorArg;
use crate::exit::{Failure, Outcome};
use crate::open::StoreArg;
use crate::output::Output;
use crate::path;

/// Remove a file, or a folder with everything in it; `restore` brings it back
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  remanence rm --store file:///srv/mem/project notes/old.md
  remanence rm --store file:///srv/mem/project notes/old.md --if-version 17.1
  remanence rm --store file:///srv/mem/project -r notes")]
pub(crate) struct Args {
    #[command(flatten)]
    store: StoreArg,
    /// The file or folder
    #[arg(value_parser = path::parse)]
    path: String,
    /// Remove a folder and everything below
    #[arg(short, long, conflicts_with = "if_version")]
    recursive: bool,
    /// Only if the file is at this version
    #[arg(long, value_name = "SEQ.OP")]
    if_version: Option<Version>,
    #[command(flatten)]
    author: AuthorArg,
}

#[derive(Serialize)]
struct Removed {
    path: String,
    version: Version,
    commit: Seq,
    /// Files, links and folders removed.
    count: usize,
    /// Somebody edited it at the same time: the edit stays.
    kept: bool,
}

pub(crate) async fn run(args: &Args, out: &mut Output) -> Outcome {
    if args.path == "/" {
        return Err(Failure::usage("/: is the store's root folder and can't be removed"));
    }
    let (store, author) = args.store.write(&args.author).await?;
    let tree = store.tree();
    let node = find(&store, &tree, &args.path, None)?;
    if node.is_dir() && !args.recursive {
        return Err(Failure::failed(format!("{}: is a folder", args.path)).hint("`-r` removes it and everything below"));
    }
    let mut intents = Vec::new();
    remove(&tree, node, args.path.clone(), args.if_version, &mut intents);
    let count = intents.len();
    let expected = args.if_version.map(|version| IfVersion(Expect::Version(version)));
    let outcome = commit(&store, author, intents)
        .await
        .map_err(|failure| not_met(failure, &args.path, expected.as_ref()))?;
    let removed = Removed {
        path: args.path.clone(),
        version: outcome.version,
        commit: outcome.version.seq,
        count,
        kept: !outcome.ours,
    };
    if removed.kept {
        out.hint(format!("{}: was edited meanwhile and stays", args.path));
    }
    out.print(&removed, |out, removed| {
        out.line(format!("{} {}", removed.version, removed.path))
    })
}

/// Intents that remove a node, what is in a folder first.
fn remove(tree: &Tree, node: &Node, path: String, if_version: Option<Version>, intents: &mut Vec<Intent>) {
    for child in tree.children(node.id) {
        remove(tree, child, path::join(&path, &child.name), None, intents);
    }
    let file = node.id;
    intents.push(if node.is_dir() {
        Intent::Rmdir { file, path }
    } else {
        let expect = if_version.map(Expect::Version);
        Intent::Remove {
            file,
            path,
            base: Base::Head,
            expect,
        }
    });
}
