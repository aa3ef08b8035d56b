//! `remanence cat`: a file's bytes.

use std::sync::Arc;

use base64::prelude::{BASE64_STANDARD, Engine};
use bytes::Bytes;
use jiff::Timestamp;
use remanence_store::content::Content;
use remanence_store::tree::{Node, NodeKind, Tree};
use remanence_store::{At, Author, Store, StoreError, Version};
use serde::Serialize;

use super::{find, tree_at};
use crate::exit::{Failure, Outcome};
use crate::open::StoreArg;
use crate::output::Output;
use crate::path;

/// Bytes that are fetched and printed at once.
const PIECE: u64 = 4 << 20;

/// Longest chain of links that is followed, as in Linux.
const LINKS: usize = 40;

/// Print a file
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  remanence cat --store file:///srv/mem/project MEMORY.md
  remanence cat --store file:///srv/mem/project notes/build.md --at 17.1

With -o json or yaml, a file that is not UTF-8 comes as base64, and `encoding` says so.")]
pub(crate) struct Args {
    #[command(flatten)]
    store: StoreArg,
    /// The file
    #[arg(value_parser = path::parse)]
    path: String,
    /// As it was after this commit or op
    #[arg(long, value_name = "SEQ[.OP]")]
    at: Option<At>,
}

/// A file, without what is in it.
#[derive(Serialize)]
pub(crate) struct File {
    path: String,
    version: Version,
    time: Timestamp,
    author: Author,
    /// All of it, whatever is read.
    pub(crate) bytes: u64,
}

/// A file and all that is in it.
#[derive(Serialize)]
struct Printed {
    #[serde(flatten)]
    file: File,
    encoding: Encoding,
    content: String,
}

/// How the bytes of a file are written as text: as they are, if they are UTF-8.
#[derive(Serialize)]
enum Encoding {
    #[serde(rename = "utf-8")]
    Utf8,
    #[serde(rename = "base64")]
    Base64,
}

pub(crate) async fn run(args: &Args, out: &mut Output) -> Outcome {
    let store = args.store.read().await?;
    if out.is_data() {
        let (file, bytes) = read(&store, &args.path, args.at, u64::MAX).await?;
        let (encoding, content) = match std::str::from_utf8(&bytes) {
            Ok(text) => (Encoding::Utf8, text.to_owned()),
            Err(_) => (Encoding::Base64, BASE64_STANDARD.encode(&bytes)),
        };
        let printed = Printed {
            file,
            encoding,
            content,
        };
        return out.print(&printed, |_, _| Ok(()));
    }
    let (node, content) = find_file(&store, &args.path, args.at).await?;
    let mut at = 0;
    while at < content.len() {
        let piece = store.read(&content, at..(at + PIECE).min(content.len())).await;
        let piece = piece.map_err(|error| unread(&args.path, node.version, error))?;
        out.bytes(&piece)?;
        at += piece.len() as u64;
    }
    Ok(())
}

/// A file and its bytes, of which at most the first `most` are read.
pub(crate) async fn read(store: &Store, path: &str, at: Option<At>, most: u64) -> Result<(File, Bytes), Failure> {
    let (node, content) = find_file(store, path, at).await?;
    let bytes = store.read(&content, 0..content.len().min(most)).await;
    let bytes = bytes.map_err(|error| unread(path, node.version, error))?;
    let file = File {
        path: path.into(),
        version: node.version,
        time: node.time,
        author: Author::clone(&node.author),
        bytes: content.len(),
    };
    Ok((file, bytes))
}

/// Why a version of a file can't be read.
fn unread(path: &str, version: Version, error: StoreError) -> Failure {
    match error {
        StoreError::Redacted { .. } => Failure::failed(format!("{path}: the bytes of version {version} were redacted"))
            .hint(format!("`remanence log {path}` lists the other versions")),
        StoreError::Damaged { .. } => Failure::failed(format!("{path}: {error}")).hint(format!(
            "put the object back from a backup, or go back to a version that is whole: `remanence log {path}` lists them, \
             `remanence restore {path} --at VERSION` restores one"
        )),
        error => error.into(),
    }
}

/// What a path means, through links.
async fn find_file(store: &Store, path: &str, at: Option<At>) -> Result<(Arc<Node>, Content), Failure> {
    let tree = tree_at(store, at).await?;
    let node = follow(&tree, find(store, &tree, path, at)?, path)?;
    let NodeKind::File { content, .. } = &node.kind else {
        return Err(Failure::failed(format!("{path}: is a folder")).hint("`remanence ls` lists it"));
    };
    Ok((Arc::clone(node), content.clone()))
}

/// Follows links to what they mean.
fn follow<'a>(tree: &'a Tree, node: &'a Arc<Node>, path: &str) -> Result<&'a Arc<Node>, Failure> {
    let mut node = node;
    for _ in 0..LINKS {
        let NodeKind::Symlink { target } = &node.kind else {
            return Ok(node);
        };
        let folder = tree.path(node.parent).unwrap_or_default();
        let mut names: Vec<&str> = folder.split('/').filter(|n| !n.is_empty()).collect();
        for name in target.split('/') {
            match name {
                "" | "." => {}
                ".." => drop(names.pop()),
                name => names.push(name),
            }
        }
        let to = format!("/{}", names.join("/"));
        node = tree
            .lookup(&to)
            .ok_or_else(|| Failure::failed(format!("{path}: is a link to {target}, which does not exist")))?;
    }
    Err(Failure::failed(format!("{path}: links lead in a circle")))
}
