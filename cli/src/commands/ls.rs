//! `remanence ls`: what is in a folder.

use jiff::Timestamp;
use remanence_store::tree::{Node, NodeKind, Tree};
use remanence_store::{At, Author, Store, Version};
use serde::Serialize;

use super::{find, tree_at};
use crate::exit::{Failure, Outcome};
use crate::open::StoreArg;
use crate::output::{Cell, Output};
use crate::path;

/// List a folder, or one file
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  remanence ls --store file:///srv/mem/project
  remanence ls --store file:///srv/mem/project -R notes
  remanence ls --store file:///srv/mem/project --at 17 -o json")]
pub(crate) struct Args {
    #[command(flatten)]
    store: StoreArg,
    /// Folder or file
    #[arg(default_value = "/", value_parser = path::parse)]
    path: String,
    /// As it was after this commit or op
    #[arg(long, value_name = "SEQ[.OP]")]
    at: Option<At>,
    /// Also everything below
    #[arg(short = 'R', long)]
    recursive: bool,
}

/// What is in a folder.
#[derive(Serialize)]
pub(crate) struct Item {
    pub(crate) path: String,
    pub(crate) kind: &'static str,
    bytes: u64,
    mode: String,
    mtime: Timestamp,
    version: Version,
    time: Timestamp,
    pub(crate) author: Author,
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<String>,
}

pub(crate) async fn run(args: &Args, out: &mut Output) -> Outcome {
    let store = args.store.read().await?;
    let items = list(&store, &args.path, args.at, args.recursive).await?;
    out.print(&items, |out, items| {
        let rows = items.iter().map(|item| {
            let below = item
                .path
                .strip_prefix(args.path.as_str())
                .map_or("", |p| p.trim_start_matches('/'));
            let name = if below.is_empty() {
                path::name(&item.path)
            } else {
                below
            };
            let name = match (item.kind, &item.target) {
                ("folder", _) => format!("{name}/"),
                (_, Some(target)) => format!("{name} -> {target}"),
                _ => name.to_owned(),
            };
            vec![
                item.version.to_string().into(),
                Cell::Time(item.time),
                item.author.to_string().into(),
                Cell::Size(item.bytes),
                name.into(),
            ]
        });
        out.table(&["version", "changed", "by", "bytes", "name"], rows)
    })
}

/// What is in a folder, by path; or a file alone.
pub(crate) async fn list(store: &Store, path: &str, at: Option<At>, recursive: bool) -> Result<Vec<Item>, Failure> {
    let tree = tree_at(store, at).await?;
    let top = find(store, &tree, path, at)?;
    let mut items = Vec::new();
    if top.is_dir() {
        collect(&tree, top, path, recursive, &mut items);
    } else {
        items.push(item(top, path.to_owned()));
    }
    items.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(items)
}

fn collect(tree: &Tree, folder: &Node, at: &str, recursive: bool, items: &mut Vec<Item>) {
    let mut stack = vec![(folder.id, at.to_owned())];
    while let Some((folder, at)) = stack.pop() {
        for node in tree.children(folder) {
            let path = path::join(&at, &node.name);
            if recursive && node.is_dir() {
                stack.push((node.id, path.clone()));
            }
            items.push(item(node, path));
        }
    }
}

fn item(node: &Node, path: String) -> Item {
    let (kind, target) = match &node.kind {
        NodeKind::Dir => ("folder", None),
        NodeKind::File { .. } => ("file", None),
        NodeKind::Symlink { target } => ("link", Some(target.to_string())),
    };
    Item {
        path,
        kind,
        bytes: node.size(),
        mode: format!("{:03o}", node.mode),
        mtime: node.mtime,
        version: node.version,
        time: node.time,
        author: Author::clone(&node.author),
        target,
    }
}
