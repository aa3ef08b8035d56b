//! Destroys the bytes of committed redactions: moves what else is retained out of the objects that hold them, makes
//! stubs of those objects, and proves by a scan that the bytes are nowhere else. Any part of it can be cut short: the
//! tree knows which objects are still to be destroyed.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;

use crate::author::Author;
use crate::content::{Content, Hash, ObjectRef};
use crate::error::{Result, StoreError};
use crate::id::Version;
use crate::log::{TRIES, pause};
use crate::maintain::collect::{OBJECTS_PER_OP, stub_slot};
use crate::maintain::landing::holders;
use crate::maintain::mover::move_out;
use crate::maintain::rights::Rights;
use crate::maintain::scan::{Hit, SHORTEST, scan, whole};
use crate::maintain::{author, commit};
use crate::op::Op;
use crate::planted::{self, Bug};
use crate::proposal::{self, Made};
use crate::tree::Tree;

/// Rounds until it is given up: each finds what came up while the one before was under way.
const ROUNDS: usize = 8;

/// What was destroyed.
#[derive(Debug, Default)]
pub(super) struct Destroyed {
    /// Objects that commits name.
    pub(super) objects: u64,
    /// Proposals that held the bytes or would write the file.
    pub(super) proposals: u64,
    /// Versions that the bucket kept of overwritten and deleted objects.
    pub(super) noncurrent: u64,
    /// Objects that the last scan read.
    pub(super) scanned: u64,
    /// Live files that hold the bytes, since somebody wrote them again.
    pub(super) again: BTreeSet<String>,
    /// Header lines that hold the bytes: they are for ever.
    pub(super) in_headers: BTreeSet<String>,
}

/// Finishes redactions that were cut short.
pub(super) async fn finish(rights: &Rights) -> Result<Destroyed> {
    destroy(rights, BTreeMap::new()).await
}

/// Destroys everything that is redacted and not yet recorded as destroyed; `needles` are bytes known already.
pub(super) async fn destroy(rights: &Rights, mut needles: BTreeMap<Hash, Bytes>) -> Result<Destroyed> {
    let store = &rights.store;
    let mut done = Destroyed::default();
    let mut keys = String::new();
    for _ in 0..ROUNDS {
        let tree = store.tree();
        if tree.destroying.is_empty() {
            return Ok(done);
        }
        let doomed: BTreeSet<ObjectRef> = tree.destroying.keys().copied().collect();
        needles.extend(readable(rights, &tree, &doomed).await?);
        let free = move_out(rights, &doomed, &author()).await?;
        // As long as those objects hold the bytes, a run that takes over from this one can search for them: they go
        // last, after all copies.
        let found = look(rights, &needles, &mut done).await?;
        if !free || !found.is_empty() {
            keys = names(found.iter().map(|h| &h.key));
            redact_too(rights, &found).await?;
            store.sync().await?;
            continue;
        }
        for object in &doomed {
            wipe(rights, *object, &mut done).await?;
        }
        let left = look(rights, &needles, &mut done).await?;
        if left.is_empty() {
            done.objects += doomed.len() as u64;
            let objects: Vec<ObjectRef> = doomed.into_iter().collect();
            let ops = objects
                .chunks(OBJECTS_PER_OP)
                .map(|some| Op::Collected { objects: some.to_vec() });
            commit(store, &author(), ops.collect()).await?;
        } else {
            keys = names(left.iter().map(|h| &h.key));
            redact_too(rights, &left).await?;
        }
        store.sync().await?;
    }
    if store.tree().destroying.is_empty() {
        return Ok(done);
    }
    Err(StoreError::NotDestroyed {
        url: store.url().into(),
        keys,
    })
}

fn names<'a>(keys: impl Iterator<Item = &'a String>) -> String {
    let mut keys: Vec<&str> = keys.map(String::as_str).take(10).collect();
    if keys.is_empty() {
        keys.push("objects that others were moving contents out of");
    }
    keys.join(", ")
}

/// Bytes of redacted extents that are still where they lay, as far as they are long enough to be searched for.
async fn readable(rights: &Rights, tree: &Tree, objects: &BTreeSet<ObjectRef>) -> Result<BTreeMap<Hash, Bytes>> {
    let mut found = BTreeMap::new();
    for extent in tree.redacted.iter().filter(|e| objects.contains(&e.object)) {
        if let Some(bytes) = raw(rights, extent).await? {
            found.insert(extent.hash, bytes);
        }
    }
    Ok(found)
}

/// The bytes of an extent as the object holds them, redacted or not; `None` where they are gone or too short.
pub(super) async fn raw(rights: &Rights, extent: &crate::content::Extent) -> Result<Option<Bytes>> {
    if extent.length < SHORTEST {
        return Ok(None);
    }
    let range = extent.offset..extent.offset + extent.length;
    let key = extent.object.to_string();
    let mut bytes = rights.get(&key, Some(range.clone())).await?;
    for tries in 1..TRIES {
        if bytes.as_ref().is_none_or(|b| b.len() as u64 == extent.length) {
            break;
        }
        // It ends before, as a stub does, or the answer was cut short on its way.
        let size = rights
            .list(&key)
            .await?
            .into_iter()
            .find(|o| o.key == key)
            .map(|o| o.size);
        if size.is_none_or(|size| size < range.end) {
            return Ok(None);
        }
        pause(tries).await;
        bytes = rights.get(&key, Some(range.clone())).await?;
    }
    Ok(bytes.filter(|b| Hash::of(b) == extent.hash))
}

/// Scans; destroys at once what no commit names (proposals, noncurrent versions), and returns the objects with
/// contents that are not marked for destruction yet.
async fn look(rights: &Rights, needles: &BTreeMap<Hash, Bytes>, done: &mut Destroyed) -> Result<Vec<Hit>> {
    void_proposals(rights, done).await?;
    let needles: Vec<Bytes> = needles.values().cloned().collect();
    let (hits, read) = scan(rights, &needles).await?;
    done.scanned = read;
    let tree = rights.store.tree();
    let mut left = Vec::new();
    for mut hit in hits {
        if hit.in_header {
            done.in_headers.insert(hit.key.clone());
        }
        match hit.object() {
            _ if !hit.version.current => {
                if hit.extents.is_empty() && hit.in_header {
                    continue;
                }
                rights.delete_version(&hit.version).await?;
                done.noncurrent += 1;
            }
            Some(object) => {
                if !tree.destroying.contains_key(&object) {
                    hit.extents.retain(|extent| {
                        let again = holders(&tree, std::slice::from_ref(extent));
                        done.again.extend(again.iter().cloned());
                        again.is_empty()
                    });
                    if !hit.extents.is_empty() {
                        left.push(hit);
                    }
                }
            }
            None => {
                rights.put(&hit.key, proposal::tombstone()).await?;
                purge(rights, &hit.key, done).await?;
                done.proposals += 1;
            }
        }
    }
    Ok(left)
}

/// Makes void what would write a file of which a version is being redacted: in a proposal its words may stand among
/// others, where no search for the version's bytes finds them.
async fn void_proposals(rights: &Rights, done: &mut Destroyed) -> Result<()> {
    let ops: BTreeSet<Version> = rights.store.tree().destroying.values().copied().collect();
    let mut files = BTreeSet::new();
    for op in ops {
        files.extend(redaction(rights, op).await?.map(|(_, file, ..)| file));
    }
    for version in rights.versions(proposal::PREFIX).await? {
        let Some(key) = version.key.strip_prefix(&rights.store.key("")).map(str::to_owned) else {
            continue;
        };
        let made = whole(rights, &key, &version).await?.as_ref().and_then(Made::of);
        if made.is_none_or(|made| made.files.is_disjoint(&files)) {
            continue;
        }
        if version.current {
            rights.put(&key, proposal::tombstone()).await?;
            purge(rights, &key, done).await?;
            done.proposals += 1;
        } else if !planted::is(Bug::RedactOnlyCurrent) {
            rights.delete_version(&version).await?;
            done.noncurrent += 1;
        }
    }
    Ok(())
}

/// Marks more objects for destruction, in the name of the redaction that is under way.
async fn redact_too(rights: &Rights, hits: &[Hit]) -> Result<()> {
    let store = &rights.store;
    let Some(version) = store.tree().destroying.values().next().copied() else {
        return Ok(());
    };
    let Some((author, file, path, redacted)) = redaction(rights, version).await? else {
        return Ok(());
    };
    // One op an object: one that a live file came to share is refused alone.
    let ops = hits.iter().map(|hit| Op::Redact {
        file,
        path: path.clone(),
        version: redacted,
        content: Content {
            extents: hit.extents.clone(),
        },
    });
    commit(store, &author, ops.collect()).await?;
    Ok(())
}

type Redaction = (Author, crate::id::FileId, String, Version);

async fn redaction(rights: &Rights, version: Version) -> Result<Option<Redaction>> {
    let slots = rights.store.headers(version.seq..version.seq + 1).await?;
    Ok(slots.into_iter().next().and_then(|slot| {
        let author = slot.header.author;
        match slot.header.ops.into_iter().nth(version.op as usize - 1)? {
            Op::Redact {
                file, path, version, ..
            } => Some((author, file, path, version)),
            _ => None,
        }
    }))
}

/// Makes a stub of an object, and deletes what the bucket kept of it.
async fn wipe(rights: &Rights, object: ObjectRef, done: &mut Destroyed) -> Result<()> {
    match object {
        ObjectRef::Slot(seq) => drop(stub_slot(rights, seq).await?),
        ObjectRef::Data(_) => rights.put(&object.to_string(), proposal::tombstone()).await?,
    }
    purge(rights, &object.to_string(), done).await
}

/// Deletes the noncurrent versions of an object.
async fn purge(rights: &Rights, key: &str, done: &mut Destroyed) -> Result<()> {
    let whole = rights.store.key(key);
    for version in rights.versions(key).await? {
        if version.key == whole && !version.current && !planted::is(Bug::RedactOnlyCurrent) {
            rights.delete_version(&version).await?;
            done.noncurrent += 1;
        }
    }
    Ok(())
}
