//! Contents on demand: caches first, then range GETs, always checked by hash.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use bytes::{Bytes, BytesMut};
use futures::stream::{self, StreamExt as _, TryStreamExt as _};

use crate::cache::disk::DiskCache;
use crate::cache::memory::MemoryCache;
use crate::content::{Content, Extent, Hash, ObjectRef, SLOT_BODY_MAX};
use crate::error::{Result, StoreError};
use crate::log::{TRIES, pause};
use crate::shared::Shared;
use crate::slot::Slot;
use crate::store::Options;

/// Longest run of adjacent extents fetched by one GET.
const RUN_MAX: u64 = 8 << 20;

pub(crate) struct Contents {
    memory: MemoryCache,
    disk: Option<DiskCache>,
}

impl Contents {
    pub(crate) fn new(options: &Options) -> Self {
        let disk = options.disk_cache.as_ref().and_then(|(dir, budget)| {
            DiskCache::open(dir.clone(), budget.clone())
                .inspect_err(|error| tracing::warn!(%error, dir = %dir.display(), "contents are not cached on disk"))
                .ok()
        });
        Self {
            memory: MemoryCache::new(options.memory_cache),
            disk,
        }
    }

    /// Keeps the small bodies of a slot that was read whole, since what is new is often read next.
    pub(crate) fn take_note(&self, slot: &Slot, object: Option<&Bytes>) {
        for op in &slot.header.ops {
            let Some((object, content)) = object.zip(op.content()) else {
                continue;
            };
            for extent in content
                .extents
                .iter()
                .filter(|e| e.object == ObjectRef::Slot(slot.header.seq))
            {
                let (from, to) = (extent.offset as usize, (extent.offset + extent.length) as usize);
                if let Some(bytes) = object.get(from..to).filter(|b| Hash::of(b) == extent.hash) {
                    self.memory.insert(extent.hash, &object.slice_ref(bytes));
                }
            }
        }
    }

    /// Keeps bytes this handle wrote itself.
    pub(crate) fn keep(&self, hash: Hash, bytes: &Bytes) {
        self.memory.insert(hash, bytes);
        if let Some(disk) = &self.disk {
            disk.insert(&hash, bytes);
        }
    }

    /// Forgets everything, since something was redacted: a longer content, or what a move joined, may hold those bytes
    /// under another hash.
    pub(crate) fn clear(&self) {
        self.memory.clear();
        if let Some(disk) = &self.disk {
            disk.clear();
        }
    }

    /// Forgets everything that was kept before some of `redacted` was, while no handle was here to hear of it.
    pub(crate) fn heed<'a>(&self, redacted: impl IntoIterator<Item = &'a Extent>) {
        let hashes: Vec<u8> = redacted.into_iter().flat_map(|e| e.hash.0).collect();
        if let Some(disk) = self.disk.as_ref().filter(|_| !hashes.is_empty()) {
            disk.clear_once(&Hash::of(&hashes));
        }
    }

    pub(crate) fn cached_extent(&self, hash: &Hash) -> Option<Bytes> {
        self.memory.get(hash).or_else(|| {
            let bytes = self.disk.as_ref()?.get(hash)?;
            self.memory.insert(*hash, &bytes);
            Some(bytes)
        })
    }

    pub(crate) fn cached(&self, content: &Content) -> Option<Bytes> {
        if let [only] = content.extents.as_slice() {
            return self.cached_extent(&only.hash);
        }
        let mut all = BytesMut::with_capacity(content.len() as usize);
        for extent in &content.extents {
            all.extend_from_slice(&self.cached_extent(&extent.hash)?);
        }
        Some(all.freeze())
    }
}

impl Shared {
    /// Bytes `range` of a content, cut to its length.
    pub(crate) async fn read(&self, content: &Content, range: Range<u64>) -> Result<Bytes> {
        let mut at = 0;
        let mut wanted = Vec::new();
        for extent in &content.extents {
            let (from, to) = (at, at + extent.length);
            at = to;
            if from < range.end && range.start < to {
                let start = range.start.saturating_sub(from);
                wanted.push((*extent, start..(range.end.min(to) - from)));
            }
        }
        let extents: Vec<Extent> = wanted.iter().map(|(e, _)| *e).collect();
        let found = self.read_extents(&extents).await?;
        let cut =
            |(extent, part): &(Extent, Range<u64>)| found[&extent.hash].slice(part.start as usize..part.end as usize);
        if let [only] = wanted.as_slice() {
            return Ok(cut(only));
        }
        let mut all = BytesMut::with_capacity(wanted.iter().map(|(_, p)| (p.end - p.start) as usize).sum());
        for part in &wanted {
            all.extend_from_slice(&cut(part));
        }
        Ok(all.freeze())
    }

    /// The bytes of extents by hash; adjacent ones in one request.
    pub(crate) async fn read_extents(&self, extents: &[Extent]) -> Result<HashMap<Hash, Bytes>> {
        let redacted = || StoreError::Redacted { url: self.url().into() };
        let tree = self.tree();
        if extents.iter().any(|e| tree.is_redacted(e)) {
            return Err(redacted());
        }
        let mut found = HashMap::new();
        let mut missing: Vec<Extent> = Vec::new();
        let mut seen = HashSet::new();
        for extent in extents {
            if !seen.insert(extent.hash) {
                continue;
            }
            match self.contents.cached_extent(&extent.hash) {
                Some(bytes) => drop(found.insert(extent.hash, bytes)),
                None => missing.push(*extent),
            }
        }
        for attempt in 1.. {
            if missing.is_empty() {
                break;
            }
            let tree = self.tree();
            if missing.iter().any(|e| tree.is_redacted(e)) {
                return Err(redacted());
            }
            let located = missing.iter().map(|e| tree.located(e)).collect();
            let fetched: Vec<_> = stream::iter(runs(located))
                .map(|run| self.fetch(run))
                .buffer_unordered(8)
                .try_collect::<Vec<_>>()
                .await?
                .into_iter()
                .flatten()
                .collect();
            for (hash, bytes) in fetched {
                self.contents.memory.insert(hash, &bytes);
                if let Some(disk) = &self.contents.disk {
                    disk.insert(&hash, &bytes);
                }
                found.insert(hash, bytes);
            }
            missing.retain(|e| !found.contains_key(&e.hash));
            if let Some(lost) = missing.first() {
                // It was moved, or this handle is behind: look at the head, then try again; or the bucket is another
                // than was seen.
                self.advance().await?;
                if attempt == 2 {
                    self.verify_all().await?;
                }
                if attempt == TRIES {
                    let at = self.tree().located(lost);
                    return Err(StoreError::Damaged {
                        url: self.url().into(),
                        key: at.object.to_string(),
                        why: format!(
                            "{} bytes at {} are missing or do not match their hash",
                            at.length, at.offset
                        ),
                    });
                }
                pause(attempt).await;
            }
        }
        Ok(found)
    }

    /// Fetches a run of adjacent extents; those that are not there or wrong are left out.
    async fn fetch(&self, run: Vec<Extent>) -> Result<Vec<(Hash, Bytes)>> {
        let (Some(first), Some(last)) = (run.first(), run.last()) else {
            return Ok(Vec::new());
        };
        let key = self.log.key(&first.object.to_string());
        let start = first.offset;
        let range = start..last.offset + last.length;
        let Some(object) = self.backend().read.get(&key, Some(range)).await? else {
            return Ok(Vec::new());
        };
        let part = |e: &Extent| {
            let from = (e.offset - start) as usize;
            let bytes = object.get(from..from + e.length as usize)?;
            (Hash::of(bytes) == e.hash).then(|| (e.hash, object.slice_ref(bytes)))
        };
        Ok(run.iter().filter_map(part).collect())
    }
}

/// Groups extents that lie one behind the other in an object.
fn runs(mut extents: Vec<Extent>) -> Vec<Vec<Extent>> {
    extents.sort_unstable_by_key(|e| (e.object, e.offset));
    let mut runs: Vec<Vec<Extent>> = Vec::new();
    for extent in extents {
        match runs.last_mut() {
            Some(run) if continues(run, &extent) => run.push(extent),
            _ => runs.push(vec![extent]),
        }
    }
    runs
}

/// Extents a slot's header line apart or less are fetched together: cheaper than another request.
fn continues(run: &[Extent], next: &Extent) -> bool {
    let (Some(first), Some(last)) = (run.first(), run.last()) else {
        return false;
    };
    let end = last.offset + last.length;
    last.object == next.object
        && next.offset >= end
        && next.offset - end <= SLOT_BODY_MAX as u64
        && next.offset + next.length - first.offset <= RUN_MAX
}
