//! Redaction of a version: first a commit, then the bytes are destroyed wherever they are.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::author::Author;
use crate::content::{Content, Extent, Hash, ObjectRef};
use crate::error::{Result, StoreError};
use crate::history::tree_of;
use crate::id::{At, FileId, Version};
use crate::intent::{Entry, Intent, Refused};
use crate::maintain::blame::blame;
use crate::maintain::destroy::{destroy, raw};
use crate::maintain::rights::Rights;
use crate::maintain::scan::{SHORTEST, scan};
use crate::op::{Op, Relocation};
use crate::placement::overlap;
use crate::store::Store;

/// What a redaction did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RedactReport {
    /// The path.
    pub path: String,
    /// The version whose bytes are gone. Who wrote it and when remains.
    pub version: Version,
    /// Objects that held the bytes and are stubs now.
    pub objects: u64,
    /// Proposals that held the bytes or would write the file, and are void now.
    pub proposals: u64,
    /// Versions that the bucket kept of overwritten and deleted objects, and that are deleted now.
    pub noncurrent: u64,
    /// Objects that the last scan read to prove it; 0 where the bytes are too few to be searched for, and only the
    /// places that the log names were destroyed.
    pub scanned: u64,
    /// Live files that hold the bytes, since somebody wrote them again meanwhile.
    pub again: BTreeSet<String>,
    /// Slots whose header lines hold the bytes, in a name for example: these can't be destroyed.
    pub in_headers: BTreeSet<String>,
}

/// Destroys the bytes that the version of `path` at `at` brought: a put's whole content, an append's added bytes. What
/// holds the same bytes in history, in proposals or in versions that the bucket kept goes, too, and so do proposals that
/// would write the file: they hold it as it was, with its words in other places.
///
/// # Errors
/// When a live file shares the bytes, there is no such version, the handle may not maintain, or the store can't be read
/// or written. Cut short after its commit, it is finished by the next [`crate::maintain::maintain`].
pub async fn redact(store: &Store, path: &str, at: At, author: Author) -> Result<RedactReport> {
    let rights = Rights::of(store)?;
    store.sync().await?;
    let target = find(store, path, at).await?;
    let mut needles: BTreeMap<Hash, Bytes> = BTreeMap::new();
    let tree = store.tree();
    if !target.content.extents.iter().all(|e| tree.is_redacted(e)) {
        let mut extents = everywhere(store, &target.content).await?;
        for extent in &extents {
            if let Some(bytes) = raw(&rights, extent).await? {
                needles.insert(extent.hash, bytes);
            }
        }
        let is_unknown = |e: &Extent| e.length >= SHORTEST && !needles.contains_key(&e.hash);
        if target.content.extents.iter().any(is_unknown) {
            // Past retention since it was looked up: what can't be read can't be searched for.
            store.sync().await?;
            find(store, path, at).await?;
        }
        let searched: Vec<Bytes> = needles.values().cloned().collect();
        for hit in scan(&rights, &searched).await?.0 {
            if hit.version.current {
                extents.extend(hit.extents);
            }
        }
        commit(store, &target, extents.into_iter().collect(), author).await?;
    }
    let done = destroy(&rights, needles).await?;
    Ok(RedactReport {
        path: target.path,
        version: target.version,
        objects: done.objects,
        proposals: done.proposals,
        noncurrent: done.noncurrent,
        scanned: done.scanned,
        again: done.again,
        in_headers: done.in_headers,
    })
}

struct Target {
    file: FileId,
    path: String,
    version: Version,
    content: Content,
}

/// Finds the version of `path` at `at`, by the path it had then or has now.
async fn find(store: &Store, path: &str, at: At) -> Result<Target> {
    let then = tree_of(store, at).await?;
    let now = store.tree();
    let by_id = || now.lookup(path).and_then(|n| then.node(n.id)).cloned();
    let refused = |refused| StoreError::Refused {
        url: store.url().into(),
        refused,
    };
    let Some(node) = then.lookup(path).cloned().or_else(by_id) else {
        return Err(StoreError::NotFound {
            url: store.url().into(),
            path: path.into(),
            when: format!("at {at}; `remanence log {path}` lists its versions"),
        });
    };
    let slots = store.headers(node.version.seq..node.version.seq + 1).await?;
    let op = slots
        .iter()
        .find_map(|s| s.header.ops.get(node.version.op as usize - 1));
    match op.and_then(|op| Some((op.path()?, op.content()?))) {
        Some((path, content)) => Ok(Target {
            file: node.id,
            path: path.to_owned(),
            version: node.version,
            content: content.clone(),
        }),
        None => Err(refused(Refused::Invalid {
            path: path.into(),
            why: "only a file has bytes to redact".into(),
        })),
    }
}

/// Every place that the log says these bytes ever lay at: where moves brought them from and to.
async fn everywhere(store: &Store, content: &Content) -> Result<BTreeSet<Extent>> {
    let head = store.tree().seq;
    let slots = store.headers(1..head + 1).await?;
    let moves: Vec<&Relocation> = slots
        .iter()
        .flat_map(|s| &s.header.ops)
        .filter_map(|op| match op {
            Op::Move { moves, .. } => Some(moves),
            _ => None,
        })
        .flatten()
        .collect();
    let mut by_object: HashMap<ObjectRef, Vec<(Extent, Extent)>> = HashMap::new();
    for moved in moves {
        let (from, to) = (moved.from, moved.moved());
        by_object.entry(from.object).or_default().push((from, to));
        by_object.entry(to.object).or_default().push((to, from));
    }
    let mut found: BTreeSet<Extent> = content.extents.iter().copied().collect();
    let mut new: Vec<Extent> = content.extents.clone();
    while let Some(extent) = new.pop() {
        for (here, there) in by_object.get(&extent.object).into_iter().flatten() {
            if overlap(here, &extent) && found.insert(*there) {
                new.push(*there);
            }
        }
    }
    Ok(found)
}

/// Commits the redaction, and who wrote the lines of the file as it is, since the version that says so becomes
/// unreadable.
async fn commit(store: &Store, target: &Target, extents: Vec<Extent>, author: Author) -> Result<()> {
    let mut ops = Vec::new();
    let live = store.tree().node(target.file).cloned();
    if let Some(node) = live.filter(|n| n.content().is_some()) {
        let lines = blame(store, node.id, node.version).await?;
        if lines.iter().any(|run| run.author != *node.author) {
            ops.push(Op::Blame {
                file: node.id,
                path: store.tree().path(node.id).unwrap_or_else(|| target.path.clone()),
                version: node.version,
                lines,
            });
        }
    }
    ops.push(Op::Redact {
        file: target.file,
        path: target.path.clone(),
        version: target.version,
        content: Content { extents },
    });
    let intents = ops.into_iter().map(|op| Intent::Maintain { op }).collect();
    store.commit_all(Entry::new(author, intents)).await?;
    Ok(())
}
