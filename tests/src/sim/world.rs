//! The object store of a run, as it would be seen from above: what it holds, what it ever held, what happened.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use parking_lot::Mutex;
use remanence_store::backend::{Listed, ObjectVersion};
use tokio::time::Instant;

use super::faults::{Course, Faults};
use super::rng::Rng;
use super::trace::{Trace, digest};

/// An object store.
#[derive(Debug)]
pub(super) struct World {
    start: Instant,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    objects: BTreeMap<String, Vec<Stored>>,
    /// Every body a key ever had.
    archive: BTreeMap<String, Vec<Bytes>>,
    versioned: bool,
    next_version: u64,
    faults: Faults,
    faulty: bool,
    rng: Rng,
    trace: Trace,
    overwritten: Vec<String>,
    kept: bool,
    wrongs: Vec<String>,
}

/// One stored version; a body of `None` marks a deletion.
#[derive(Debug, Clone)]
struct Stored {
    id: u64,
    body: Option<Bytes>,
}

impl World {
    pub(super) fn new(rng: Rng, faults: Faults, versioned: bool, keep_trace: bool) -> Arc<Self> {
        Arc::new(Self {
            start: Instant::now(),
            inner: Mutex::new(Inner {
                objects: BTreeMap::new(),
                archive: BTreeMap::new(),
                versioned,
                next_version: 1,
                faults,
                faulty: true,
                rng,
                trace: Trace::new(keep_trace),
                overwritten: Vec::new(),
                kept: false,
                wrongs: Vec::new(),
            }),
        })
    }

    /// When the run began.
    pub(super) fn start(&self) -> Instant {
        self.start
    }

    /// From now on nothing goes wrong any more.
    pub(super) fn heal(&self) {
        self.inner.lock().faulty = false;
    }

    /// The course of the next request.
    pub(super) fn course(&self, writes: bool) -> Course {
        let inner = self.inner.lock();
        let none = Faults::none();
        let faults = if inner.faulty { &inner.faults } else { &none };
        let mut course = Course::draw(faults, &inner.rng, writes);
        let arrives = self.start.elapsed() + course.there;
        if faults.outage.is_some_and(|(from, to)| from <= arrives && arrives < to) {
            course.fate = super::faults::Fate::Before("no route to host");
        }
        course
    }

    /// Notes an event.
    pub(super) fn note(&self, event: &str) {
        let at = self.start.elapsed().as_micros();
        self.inner.lock().trace.note(format!("{at:>9} {event}"));
    }

    /// Notes that something is wrong.
    pub(super) fn wrong(&self, what: String) {
        self.note(&format!("WRONG {what}"));
        self.inner.lock().wrongs.push(what);
    }

    /// What was found wrong so far.
    pub(super) fn wrongs(&self) -> Vec<String> {
        self.inner.lock().wrongs.clone()
    }

    /// The trace's hash and length.
    pub(super) fn trace(&self) -> (u64, u64) {
        let inner = self.inner.lock();
        (inner.trace.hash(), inner.trace.count())
    }

    /// The last events.
    pub(super) fn last_events(&self) -> Vec<String> {
        self.inner.lock().trace.last()
    }

    /// Somebody maintains the store.
    pub(super) fn keep(&self) {
        self.inner.lock().kept = true;
    }

    /// Whether somebody maintains the store.
    pub(super) fn is_kept(&self) -> bool {
        self.inner.lock().kept
    }

    /// The objects that hold such bytes, noncurrent versions included.
    pub(super) fn holding(&self, prefix: &str, bytes: &[u8]) -> Vec<String> {
        let inner = self.inner.lock();
        let below = inner.objects.range(prefix.to_owned()..);
        let below = below.take_while(|(key, _)| key.starts_with(prefix));
        let holds = |stored: &Stored| stored.body.as_ref().is_some_and(|body| memmem(body, bytes));
        below
            .filter(|(_, versions)| versions.iter().any(holds))
            .map(|(key, _)| key.clone())
            .collect()
    }

    /// Slots that a create-if-absent overwrote.
    pub(super) fn overwritten(&self) -> Vec<String> {
        self.inner.lock().overwritten.clone()
    }

    pub(super) fn get(&self, key: &str, range: Option<Range<u64>>) -> Option<Bytes> {
        let inner = self.inner.lock();
        let body = inner.current(key)?;
        Some(match range {
            None => body.clone(),
            Some(range) => {
                let len = body.len() as u64;
                body.slice(range.start.min(len) as usize..range.end.min(len) as usize)
            }
        })
    }

    pub(super) fn list(&self, prefix: &str, after: Option<&str>, max: usize) -> Vec<Listed> {
        let inner = self.inner.lock();
        inner
            .objects
            .range(prefix.to_owned()..)
            .take_while(|(key, _)| key.starts_with(prefix))
            .filter(|(key, _)| after.is_none_or(|after| key.as_str() > after))
            .filter_map(|(key, stored)| {
                let body = stored.last()?.body.as_ref()?;
                Some(Listed {
                    key: key.clone(),
                    size: body.len() as u64,
                    etag: None,
                    modified: None,
                })
            })
            .take(max)
            .collect()
    }

    /// Creates an object; `false` when it is there.
    pub(super) fn create(&self, key: &str, body: &Bytes) -> bool {
        let mut inner = self.inner.lock();
        let there = inner.current(key).cloned();
        if let Some(there) = there {
            let breaks = inner.faulty && inner.faults.overwrite && key.contains("/log/") && there != *body;
            if !breaks {
                return false;
            }
            inner.faults.overwrite = false;
            inner.overwritten.push(key.to_owned());
        }
        inner.store(key, Some(body.clone()));
        true
    }

    pub(super) fn put(&self, key: &str, body: &Bytes) {
        self.inner.lock().store(key, Some(body.clone()));
    }

    pub(super) fn delete(&self, key: &str) {
        let mut inner = self.inner.lock();
        if inner.current(key).is_some() {
            inner.store(key, None);
        }
    }

    pub(super) fn versions(&self, prefix: &str) -> Vec<ObjectVersion> {
        let inner = self.inner.lock();
        let mut all = Vec::new();
        for (key, stored) in inner.objects.range(prefix.to_owned()..) {
            if !key.starts_with(prefix) {
                break;
            }
            let newest = stored.last().map(|s| s.id);
            all.extend(stored.iter().filter_map(|s| {
                Some(ObjectVersion {
                    key: key.clone(),
                    version: inner.versioned.then(|| s.id.to_string()),
                    current: Some(s.id) == newest,
                    size: s.body.as_ref()?.len() as u64,
                })
            }));
        }
        all
    }

    pub(super) fn get_version(&self, object: &ObjectVersion) -> Option<Bytes> {
        let inner = self.inner.lock();
        let stored = inner.objects.get(&object.key)?;
        match &object.version {
            None => stored.last()?.body.clone(),
            Some(id) => stored.iter().find(|s| s.id.to_string() == *id)?.body.clone(),
        }
    }

    pub(super) fn delete_version(&self, object: &ObjectVersion) {
        let mut inner = self.inner.lock();
        if let Some(stored) = inner.objects.get_mut(&object.key) {
            match &object.version {
                None => stored.clear(),
                Some(id) => stored.retain(|s| s.id.to_string() != *id),
            }
            if stored.is_empty() {
                inner.objects.remove(&object.key);
            }
        }
    }

    /// Every body that `key` ever had.
    pub(super) fn archived(&self, key: &str) -> Vec<Bytes> {
        self.inner.lock().archive.get(key).cloned().unwrap_or_default()
    }
}

/// Whether bytes occur in others.
pub(super) fn memmem(all: &[u8], part: &[u8]) -> bool {
    all.windows(part.len()).any(|window| window == part)
}

impl Inner {
    fn current(&self, key: &str) -> Option<&Bytes> {
        self.objects.get(key)?.last()?.body.as_ref()
    }

    fn store(&mut self, key: &str, body: Option<Bytes>) {
        if let Some(body) = &body {
            let ever = self.archive.entry(key.to_owned()).or_default();
            if ever.last().is_none_or(|last| digest(last) != digest(body)) {
                ever.push(body.clone());
            }
        }
        let stored = Stored {
            id: self.next_version,
            body,
        };
        self.next_version += 1;
        let versions = self.objects.entry(key.to_owned()).or_default();
        if !self.versioned {
            versions.clear();
            if stored.body.is_none() {
                self.objects.remove(key);
                return;
            }
        }
        versions.push(stored);
    }
}
