//! Counts the requests of a backend, and their bytes, by kind.

use std::fmt;
use std::ops::{Range, Sub};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use bytes::Bytes;

use super::{Append, Backend, Created, Listed, Maintain, ObjectVersion, Read, Result};

/// Keys in one answer of an object store to a LIST.
const PAGE: usize = 1000;

/// A backend that counts. Clones count together.
#[derive(Debug, Clone, Default)]
pub struct Counted {
    counters: Arc<Counters>,
}

/// Requests of one kind, and the bytes of their bodies.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// Requests, failed ones included.
    pub requests: u64,
    /// Bytes of objects that went either way.
    pub bytes: u64,
}

/// What was counted up to a moment; subtract an earlier one to see what happened between.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// Objects read, whole or in part.
    pub get: Count,
    /// Objects whose proved author was asked for.
    pub head: Count,
    /// Lists; one that takes several pages counts as several.
    pub list: Count,
    /// Creations.
    pub put_if_absent: Count,
    /// Overwrites.
    pub put: Count,
    /// Deletions.
    pub delete: Count,
}

#[derive(Debug, Default)]
struct Counter {
    requests: AtomicU64,
    bytes: AtomicU64,
}

#[derive(Debug, Default)]
struct Counters {
    get: Counter,
    head: Counter,
    list: Counter,
    put_if_absent: Counter,
    put: Counter,
    delete: Counter,
}

impl Counter {
    fn add(&self, requests: u64, bytes: usize) {
        self.requests.fetch_add(requests, Ordering::Relaxed);
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    fn count(&self) -> Count {
        Count {
            requests: self.requests.load(Ordering::Relaxed),
            bytes: self.bytes.load(Ordering::Relaxed),
        }
    }
}

impl Counted {
    /// Counts from zero.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same backend with the same rights, each request counted here.
    pub fn wrap(&self, backend: Backend) -> Backend {
        let counters = &self.counters;
        let read = Arc::new(Counting(backend.read, counters.clone()));
        let append = backend.append.map(|inner| Arc::new(Counting(inner, counters.clone())));
        let maintain = backend
            .maintain
            .map(|inner| Arc::new(Counting(inner, counters.clone())));
        Backend {
            url: backend.url,
            read,
            append: append.map(|append| append as Arc<dyn Append>),
            maintain: maintain.map(|maintain| maintain as Arc<dyn Maintain>),
        }
    }

    /// What was counted up to now.
    pub fn snapshot(&self) -> Snapshot {
        Snapshot {
            get: self.counters.get.count(),
            head: self.counters.head.count(),
            list: self.counters.list.count(),
            put_if_absent: self.counters.put_if_absent.count(),
            put: self.counters.put.count(),
            delete: self.counters.delete.count(),
        }
    }
}

impl Snapshot {
    fn counts(&self) -> [(&'static str, Count); 6] {
        [
            ("get", self.get),
            ("head", self.head),
            ("list", self.list),
            ("put-if-absent", self.put_if_absent),
            ("put", self.put),
            ("delete", self.delete),
        ]
    }

    /// Requests of all kinds.
    pub fn requests(&self) -> u64 {
        self.counts().iter().map(|(_, count)| count.requests).sum()
    }

    /// Bytes of all kinds.
    pub fn bytes(&self) -> u64 {
        self.counts().iter().map(|(_, count)| count.bytes).sum()
    }
}

impl Sub for Count {
    type Output = Self;
    fn sub(self, earlier: Self) -> Self {
        Self {
            requests: self.requests - earlier.requests,
            bytes: self.bytes - earlier.bytes,
        }
    }
}

impl Sub for Snapshot {
    type Output = Self;
    fn sub(self, earlier: Self) -> Self {
        Self {
            get: self.get - earlier.get,
            head: self.head - earlier.head,
            list: self.list - earlier.list,
            put_if_absent: self.put_if_absent - earlier.put_if_absent,
            put: self.put - earlier.put,
            delete: self.delete - earlier.delete,
        }
    }
}

impl fmt::Display for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} requests, {} bytes", self.requests(), self.bytes())?;
        for (kind, count) in self.counts() {
            if count.requests > 0 {
                write!(f, "; {} {kind}", count.requests)?;
            }
        }
        Ok(())
    }
}

/// One right of a backend, counted.
struct Counting<T: ?Sized>(Arc<T>, Arc<Counters>);

/// The bytes of an answer to a GET.
fn size(got: &Result<Option<Bytes>>) -> usize {
    got.as_ref().ok().and_then(Option::as_ref).map_or(0, Bytes::len)
}

/// The pages of an answer to a LIST.
fn pages<T>(listed: &Result<Vec<T>>) -> u64 {
    listed
        .as_ref()
        .map_or(1, |listed| listed.len().div_ceil(PAGE).max(1) as u64)
}

#[async_trait]
impl Read for Counting<dyn Read> {
    async fn get(&self, key: &str, range: Option<Range<u64>>) -> Result<Option<Bytes>> {
        let got = self.0.get(key, range).await;
        self.1.get.add(1, size(&got));
        got
    }

    async fn list(&self, prefix: &str, after: Option<&str>, max: usize) -> Result<Vec<Listed>> {
        let listed = self.0.list(prefix, after, max).await;
        self.1.list.add(pages(&listed), 0);
        listed
    }

    async fn proved_author(&self, key: &str) -> Result<Option<String>> {
        self.1.head.add(1, 0);
        self.0.proved_author(key).await
    }
}

#[async_trait]
impl Append for Counting<dyn Append> {
    async fn put_if_absent(&self, key: &str, body: Bytes) -> Result<Created> {
        self.1.put_if_absent.add(1, body.len());
        self.0.put_if_absent(key, body).await
    }
}

#[async_trait]
impl Maintain for Counting<dyn Maintain> {
    async fn put(&self, key: &str, body: Bytes) -> Result<()> {
        self.1.put.add(1, body.len());
        self.0.put(key, body).await
    }

    async fn delete(&self, key: &str) -> Result<()> {
        self.1.delete.add(1, 0);
        self.0.delete(key).await
    }

    async fn versions(&self, prefix: &str) -> Result<Vec<ObjectVersion>> {
        let listed = self.0.versions(prefix).await;
        self.1.list.add(pages(&listed), 0);
        listed
    }

    async fn get_version(&self, object: &ObjectVersion) -> Result<Option<Bytes>> {
        let got = self.0.get_version(object).await;
        self.1.get.add(1, size(&got));
        got
    }

    async fn delete_version(&self, object: &ObjectVersion) -> Result<()> {
        self.1.delete.add(1, 0);
        self.0.delete_version(object).await
    }
}
