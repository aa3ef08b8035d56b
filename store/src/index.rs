//! The index: the tree at a commit as one object. A pure function of slots 1…N, so any two writers write the same.
//!
//! zstd over JSON lines: a head line, then one line a node, sorted by id.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write as _};
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::author::Author;
use crate::content::{Content, Extent, ObjectRef};
use crate::id::{FileId, MountId, Seq, StoreId, Version, WriteId};
use crate::op::{BlameRun, Relocation};
use crate::seqset::SeqSet;
use crate::settings::Settings;
use crate::slot::FORMAT;
use crate::tree::{KeptBlame, Moved, Node, NodeKind, Tree};

/// zstd level: the index is written in the background and read by every mount.
const LEVEL: i32 = 3;

#[derive(Serialize, Deserialize)]
struct Head {
    format: u32,
    /// Whose it is; older programs did not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    store: Option<StoreId>,
    seq: Seq,
    write: WriteId,
    written: Seq,
    time: Timestamp,
    settings: Settings,
    horizon: Seq,
    /// Authors of nodes; a node names its own by its place here.
    authors: Vec<Author>,
    mounts: BTreeMap<MountId, u64>,
    aliases: BTreeMap<FileId, FileId>,
    relocated: Vec<(Seq, Relocation)>,
    superseded: Vec<(ObjectRef, Seq)>,
    condemned: Vec<(ObjectRef, Seq)>,
    collected: Seq,
    stubbed: SeqSet,
    redacted: Vec<Extent>,
    destroying: Vec<(ObjectRef, Version)>,
    nodes: usize,
}

#[derive(Serialize, Deserialize)]
struct Line {
    id: FileId,
    #[serde(rename = "in")]
    parent: FileId,
    name: Arc<str>,
    #[serde(flatten)]
    kind: Kind,
    mode: u32,
    mtime: Timestamp,
    version: Version,
    time: Timestamp,
    by: usize,
    mount: MountId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    blame: Option<(Version, Vec<BlameRun>)>,
}

#[derive(Serialize, Deserialize)]
enum Kind {
    #[serde(rename = "dir")]
    Dir(()),
    #[serde(rename = "file")]
    File(Content),
    /// A file whose last line has no end.
    #[serde(rename = "open")]
    Open(Content),
    #[serde(rename = "link")]
    Link(Arc<str>),
}

/// An index that can't be read.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// Made by a newer program.
    #[error("has format {0}, newer than this program's {FORMAT}: update remanence")]
    Newer(u32),
    /// Another store's.
    #[error("is the store {0}'s")]
    Foreign(StoreId),
    /// Damaged.
    #[error("is damaged ({0})")]
    Damaged(String),
}

/// Encodes the tree.
pub fn encode(tree: &Tree) -> Vec<u8> {
    write(tree, None)
}

/// Encodes the tree of the store `id`, as it lies in the object store.
pub fn encode_of(id: StoreId, tree: &Tree) -> Vec<u8> {
    write(tree, Some(id))
}

fn write(tree: &Tree, store: Option<StoreId>) -> Vec<u8> {
    let mut nodes: Vec<&Arc<Node>> = tree.nodes().collect();
    nodes.sort_unstable_by_key(|n| n.id);
    let mut authors: Vec<&Author> = nodes.iter().map(|n| &*n.author).collect();
    authors.sort_unstable();
    authors.dedup();
    let head = Head {
        format: FORMAT,
        store,
        seq: tree.seq,
        write: tree.write,
        written: tree.written,
        time: tree.time,
        settings: Settings::clone(&tree.settings),
        horizon: tree.horizon,
        authors: authors.iter().copied().cloned().collect(),
        mounts: tree.mounts.iter().map(|(k, v)| (*k, *v)).collect(),
        aliases: tree.aliases.iter().map(|(k, v)| (*k, *v)).collect(),
        relocated: tree.relocated.iter().map(relocation).collect(),
        superseded: tree.superseded.iter().map(|(k, v)| (*k, *v)).collect(),
        condemned: tree.condemned.iter().map(|(k, v)| (*k, *v)).collect(),
        collected: tree.collected,
        stubbed: tree.stubbed.clone(),
        redacted: tree.redacted.iter().copied().collect(),
        destroying: tree.destroying.iter().map(|(k, v)| (*k, *v)).collect(),
        nodes: nodes.len(),
    };
    let mut out = zstd::Encoder::new(Vec::new(), LEVEL).expect("the level is a valid one");
    let mut line = |value: serde_json::Result<Vec<u8>>| {
        // Plain types of our own, written to memory.
        out.write_all(&value.expect("an index serialises"))
            .expect("memory takes it");
        out.write_all(b"\n").expect("memory takes it");
    };
    line(serde_json::to_vec(&head));
    for node in nodes {
        let kind = match &node.kind {
            NodeKind::Dir => Kind::Dir(()),
            NodeKind::File {
                content,
                whole_lines: true,
            } => Kind::File(content.clone()),
            NodeKind::File {
                content,
                whole_lines: false,
            } => Kind::Open(content.clone()),
            NodeKind::Symlink { target } => Kind::Link(target.clone()),
        };
        line(serde_json::to_vec(&Line {
            id: node.id,
            parent: node.parent,
            name: node.name.clone(),
            kind,
            mode: node.mode,
            mtime: node.mtime,
            version: node.version,
            time: node.time,
            by: authors.binary_search(&&*node.author).unwrap_or(0),
            mount: node.mount,
            blame: node.blame.as_ref().map(|b| (b.version, b.lines.clone())),
        }));
    }
    out.finish().expect("memory takes it")
}

/// Decodes a tree.
///
/// # Errors
/// When the bytes are no index, damaged, or of a newer format.
pub fn decode(bytes: &[u8]) -> Result<Tree, IndexError> {
    read(bytes).map(|(tree, _)| tree)
}

/// Decodes the tree of the store `id`.
///
/// # Errors
/// As [`decode`], and when it is another store's.
pub fn decode_of(id: StoreId, bytes: &[u8]) -> Result<Tree, IndexError> {
    match read(bytes)? {
        (_, Some(other)) if other != id => Err(IndexError::Foreign(other)),
        (tree, _) => Ok(tree),
    }
}

fn read(bytes: &[u8]) -> Result<(Tree, Option<StoreId>), IndexError> {
    let damaged = |e: &dyn std::fmt::Display| IndexError::Damaged(e.to_string());
    let decoder = zstd::Decoder::new(bytes).map_err(|e| damaged(&e))?;
    let mut lines = BufReader::with_capacity(256 << 10, decoder);
    let mut line = Vec::new();
    lines.read_until(b'\n', &mut line).map_err(|e| damaged(&e))?;
    let format: serde_json::Value = serde_json::from_slice(&line).map_err(|e| damaged(&e))?;
    let format = format.get("format").and_then(serde_json::Value::as_u64).unwrap_or(0) as u32;
    if format > FORMAT {
        return Err(IndexError::Newer(format));
    }
    let head: Head = serde_json::from_slice(&line).map_err(|e| damaged(&e))?;
    let authors: Vec<Arc<Author>> = head.authors.into_iter().map(Arc::new).collect();
    let mut tree = Tree::empty();
    tree.seq = head.seq;
    tree.write = head.write;
    tree.written = head.written;
    tree.time = head.time;
    tree.settings = Arc::new(head.settings);
    tree.horizon = head.horizon;
    tree.mounts = head.mounts.into_iter().collect();
    tree.aliases = head.aliases.into_iter().collect();
    tree.relocated = head.relocated.into_iter().map(moved).collect();
    tree.superseded = head.superseded.into_iter().collect();
    tree.condemned = head.condemned.into_iter().collect();
    tree.collected = head.collected;
    tree.stubbed = head.stubbed;
    tree.redacted = head.redacted.into_iter().collect();
    tree.destroying = head.destroying.into_iter().collect();
    let mut exempt = Vec::new();
    for _ in 0..head.nodes {
        line.clear();
        lines.read_until(b'\n', &mut line).map_err(|e| damaged(&e))?;
        let line: Line = serde_json::from_slice(&line).map_err(|e| damaged(&e))?;
        let author = authors
            .get(line.by)
            .ok_or_else(|| damaged(&"a node without author"))?
            .clone();
        let node = line.into_node(author);
        if node.parent == FileId::ROOT && &*node.name == ".dream" {
            exempt.push(node.id);
        }
        tree.restore_node(node);
    }
    for folder in exempt {
        tree.set_exempt_below(folder, true);
    }
    Ok((tree, head.store))
}

impl Line {
    fn into_node(self, author: Arc<Author>) -> Node {
        Node {
            id: self.id,
            parent: self.parent,
            exempt: false,
            name: self.name,
            kind: match self.kind {
                Kind::Dir(()) => NodeKind::Dir,
                Kind::File(content) => NodeKind::File {
                    content,
                    whole_lines: true,
                },
                Kind::Open(content) => NodeKind::File {
                    content,
                    whole_lines: false,
                },
                Kind::Link(target) => NodeKind::Symlink { target },
            },
            mode: self.mode,
            mtime: self.mtime,
            version: self.version,
            time: self.time,
            author,
            mount: self.mount,
            blame: self
                .blame
                .map(|(version, lines)| Arc::new(KeptBlame { version, lines })),
        }
    }
}

fn relocation((from, moved): (&Extent, &Moved)) -> (Seq, Relocation) {
    let (to, at) = (moved.object, moved.offset);
    (moved.by, Relocation { from: *from, to, at })
}

fn moved((by, relocation): (Seq, Relocation)) -> (Extent, Moved) {
    let (object, offset) = (relocation.to, relocation.at);
    (relocation.from, Moved { by, object, offset })
}

/// Key of the index at `seq` below the store's id: newer ones sort first.
pub fn key(seq: Seq) -> String {
    format!("index/{:020}", u64::MAX - seq)
}

/// The commit whose index a key names.
pub fn seq_of_key(key: &str) -> Option<Seq> {
    key.rsplit('/').next()?.parse::<u64>().ok().map(|n| u64::MAX - n)
}
