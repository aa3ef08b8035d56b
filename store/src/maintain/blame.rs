//! Who wrote which line of a file: by the differences between its versions, and by what was written down when older
//! versions were dropped. A line that was moved within its file counts as written anew.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use jiff::Timestamp;
use similar::{Algorithm, DiffOp, capture_diff_slices};

use crate::author::Author;
use crate::content::Content;
use crate::error::{Result, StoreError};
use crate::id::{FileId, Version};
use crate::maintain::history::{FileHistory, Made, Step, begin, effective, histories, tree_at};
use crate::op::BlameRun;
use crate::store::Store;
use crate::tree::KeptBlame;

/// Who wrote the lines of one file's version, in order.
///
/// # Errors
/// When the log or the contents can't be read.
pub async fn blame(store: &Store, file: FileId, version: Version) -> Result<Vec<BlameRun>> {
    let mut all = blame_all(store, &[(file, version)]).await?;
    Ok(all.remove(&file).unwrap_or_default())
}

/// Who wrote the lines of several files, reading the log once. A file that has no such version is left out.
///
/// # Errors
/// When the log or the contents can't be read.
pub async fn blame_all(store: &Store, files: &[(FileId, Version)]) -> Result<BTreeMap<FileId, Vec<BlameRun>>> {
    let head = store.tree();
    let before = tree_at(store, head.horizon).await?;
    let last = files.iter().map(|(_, v)| v.seq).max().unwrap_or(0);
    let slots = effective(&before, store.headers(before.seq + 1..last + 1).await?);
    let only: HashSet<FileId> = files.iter().map(|(f, _)| *f).collect();
    let mut found = histories(&before, &slots, Some(&only));
    let mut all = BTreeMap::new();
    for (file, version) in files {
        let history = found.remove(file).unwrap_or_else(|| begin(&before, *file));
        let kept = head.node(*file).and_then(|n| n.blame.clone());
        if let Some(runs) = walk(store, &history, *version, kept.as_deref()).await? {
            all.insert(*file, runs);
        }
    }
    Ok(all)
}

/// One line's origin.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Origin {
    version: Version,
    time: Timestamp,
    author: Arc<Author>,
}

/// Walks a file's versions up to `version`; `None` when it has no such version.
pub(super) async fn walk(
    store: &Store,
    history: &FileHistory,
    version: Version,
    kept: Option<&KeptBlame>,
) -> Result<Option<Vec<BlameRun>>> {
    let Some(end) = history.versions.iter().position(|m| m.version == version) else {
        return Ok(None);
    };
    let kept = kept.filter(|k| k.version <= version);
    let mut text = Bytes::new();
    let mut lines: Vec<Origin> = Vec::new();
    for made in &history.versions[..=end] {
        let Some(next) = read(store, &text, &made.step).await? else {
            // Redacted, or damaged: the next version that can be read stands for it.
            continue;
        };
        lines = match kept.filter(|k| k.version == made.version) {
            Some(kept) => known(&kept.lines, count(&next)).unwrap_or_else(|| carry(&text, &lines, &next, made)),
            None => carry(&text, &lines, &next, made),
        };
        text = next;
    }
    Ok(Some(runs(&lines)))
}

/// The text after a step; `None` where its bytes can't be had.
async fn read(store: &Store, text: &Bytes, step: &Step) -> Result<Option<Bytes>> {
    let (old, content) = match step {
        Step::Put(content) => (&Bytes::new(), content),
        Step::Append(content) => (text, content),
    };
    Ok(readable(store, content).await?.map(|added| {
        if old.is_empty() {
            return added;
        }
        let mut all = BytesMut::from(&old[..]);
        all.extend_from_slice(&added);
        all.freeze()
    }))
}

async fn readable(store: &Store, content: &Content) -> Result<Option<Bytes>> {
    match store.read_all(content).await {
        Ok(bytes) => Ok(Some(bytes)),
        Err(StoreError::Redacted { .. }) => Ok(None),
        Err(error @ StoreError::Damaged { .. }) => {
            tracing::warn!(store = store.url(), %error, "version passed over");
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// Lines of `next`: those that stand in `text` keep their origin, the others are of `made`.
fn carry(text: &[u8], lines: &[Origin], next: &[u8], made: &Made) -> Vec<Origin> {
    let own = Origin {
        version: made.version,
        time: made.time,
        author: made.author.clone(),
    };
    let (old, new) = (split(text), split(next));
    // Appending is by far the most common step, and needs no search for what is equal.
    let same = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let mut out: Vec<Origin> = lines[..same].to_vec();
    for op in capture_diff_slices(Algorithm::Myers, &old[same..], &new[same..]) {
        match op {
            DiffOp::Equal { old_index, len, .. } => {
                out.extend_from_slice(&lines[same + old_index..same + old_index + len]);
            }
            DiffOp::Delete { .. } => {}
            DiffOp::Insert { new_len, .. } | DiffOp::Replace { new_len, .. } => {
                out.extend(std::iter::repeat_n(own.clone(), new_len));
            }
        }
    }
    out
}

fn split(text: &[u8]) -> Vec<&[u8]> {
    text.split_inclusive(|b| *b == b'\n').collect()
}

fn count(text: &[u8]) -> usize {
    split(text).len()
}

/// Origins as they were written down, if they fit the text.
fn known(runs: &[BlameRun], lines: usize) -> Option<Vec<Origin>> {
    let all: Vec<Origin> = runs
        .iter()
        .flat_map(|run| {
            let origin = Origin {
                version: run.version,
                time: run.time,
                author: Arc::new(run.author.clone()),
            };
            std::iter::repeat_n(origin, run.lines as usize)
        })
        .take(lines + 1)
        .collect();
    (all.len() == lines).then_some(all)
}

fn runs(lines: &[Origin]) -> Vec<BlameRun> {
    lines
        .chunk_by(|a, b| a == b)
        .map(|run| BlameRun {
            lines: run.len() as u32,
            version: run[0].version,
            time: run[0].time,
            author: Author::clone(&run[0].author),
        })
        .collect()
}
