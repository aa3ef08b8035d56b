//! Backends that fail, interfere, or keep versions, for tests.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use futures::future::BoxFuture;
use remanence_store::backend::{Append, Backend, BackendError, Created, Listed, Maintain, ObjectVersion, Read, Result};
use tokio::sync::Mutex;

/// Lets a number of calls through, then fails for good: the process was killed. The last call may still take effect.
#[derive(Clone)]
pub struct Mortal {
    inner: Backend,
    left: Arc<AtomicI64>,
    last_takes_effect: bool,
}

impl Mortal {
    pub fn wrap(inner: Backend, calls: i64, last_takes_effect: bool) -> (Backend, Arc<AtomicI64>) {
        let left = Arc::new(AtomicI64::new(calls));
        let mortal = Arc::new(Self {
            inner: inner.clone(),
            left: left.clone(),
            last_takes_effect,
        });
        let backend = Backend {
            url: inner.url,
            read: mortal.clone(),
            append: Some(mortal.clone()),
            maintain: Some(mortal),
        };
        (backend, left)
    }

    async fn live<T>(&self, call: impl Future<Output = Result<T>>) -> Result<T> {
        let left = self.left.fetch_sub(1, Ordering::SeqCst);
        if left > 0 {
            return call.await;
        }
        if left == 0 && self.last_takes_effect {
            drop(call.await);
        }
        Err(BackendError::Refused {
            what: "any request".into(),
            cause: "killed".into(),
        })
    }
}

#[async_trait]
impl Read for Mortal {
    async fn get(&self, key: &str, range: Option<Range<u64>>) -> Result<Option<Bytes>> {
        self.live(self.inner.read.get(key, range)).await
    }
    async fn list(&self, prefix: &str, after: Option<&str>, max: usize) -> Result<Vec<Listed>> {
        self.live(self.inner.read.list(prefix, after, max)).await
    }
}

#[async_trait]
impl Append for Mortal {
    async fn put_if_absent(&self, key: &str, body: Bytes) -> Result<Created> {
        self.live(self.inner.append.as_ref().unwrap().put_if_absent(key, body))
            .await
    }
}

#[async_trait]
impl Maintain for Mortal {
    async fn put(&self, key: &str, body: Bytes) -> Result<()> {
        self.live(self.inner.maintain.as_ref().unwrap().put(key, body)).await
    }
    async fn delete(&self, key: &str) -> Result<()> {
        self.live(self.inner.maintain.as_ref().unwrap().delete(key)).await
    }
    async fn versions(&self, prefix: &str) -> Result<Vec<ObjectVersion>> {
        self.live(self.inner.maintain.as_ref().unwrap().versions(prefix)).await
    }
    async fn get_version(&self, object: &ObjectVersion) -> Result<Option<Bytes>> {
        self.live(self.inner.maintain.as_ref().unwrap().get_version(object))
            .await
    }
    async fn delete_version(&self, object: &ObjectVersion) -> Result<()> {
        self.live(self.inner.maintain.as_ref().unwrap().delete_version(object))
            .await
    }
}

/// Something that happens once, just before an object whose key has a certain part is created through it.
pub struct Meanwhile {
    inner: Backend,
    part: &'static str,
    what: Mutex<Option<BoxFuture<'static, ()>>>,
}

impl Meanwhile {
    /// Before a slot.
    pub fn wrap(inner: Backend, what: BoxFuture<'static, ()>) -> Backend {
        Self::before("/log/", inner, what)
    }

    pub fn before(part: &'static str, inner: Backend, what: BoxFuture<'static, ()>) -> Backend {
        let append = Arc::new(Self {
            inner: inner.clone(),
            part,
            what: Mutex::new(Some(what)),
        });
        Backend {
            append: Some(append),
            ..inner
        }
    }
}

#[async_trait]
impl Append for Meanwhile {
    async fn put_if_absent(&self, key: &str, body: Bytes) -> Result<Created> {
        if key.contains(self.part)
            && let Some(what) = self.what.lock().await.take()
        {
            what.await;
        }
        self.inner.append.as_ref().unwrap().put_if_absent(key, body).await
    }
}

/// A version's id, and its bytes or the mark of its deletion.
type StoredVersion = (u64, Option<Bytes>);

/// A bucket in memory, which keeps every version of every object if told so.
pub struct Bucket {
    objects: parking_lot::Mutex<BTreeMap<String, Vec<StoredVersion>>>,
    next: AtomicI64,
    versioned: bool,
}

impl Bucket {
    pub fn new(versioned: bool) -> Arc<Self> {
        Arc::new(Self {
            objects: parking_lot::Mutex::default(),
            next: AtomicI64::new(0),
            versioned,
        })
    }

    /// Another bucket with the same objects.
    pub fn fork(&self) -> Arc<Self> {
        Arc::new(Self {
            objects: parking_lot::Mutex::new(self.objects.lock().clone()),
            next: AtomicI64::new(self.next.load(Ordering::Relaxed)),
            versioned: self.versioned,
        })
    }

    pub fn backend(self: &Arc<Self>) -> Backend {
        Backend {
            url: "memory".into(),
            read: self.clone(),
            append: Some(self.clone()),
            maintain: Some(self.clone()),
        }
    }

    /// Keys of stored versions, current or not, that hold `bytes`.
    pub fn holding(&self, bytes: &str) -> Vec<String> {
        let holds = |object: &Bytes| object.windows(bytes.len()).any(|w| w == bytes.as_bytes());
        let objects = self.objects.lock();
        let all = objects
            .iter()
            .flat_map(|(k, versions)| versions.iter().map(move |v| (k, &v.1)));
        all.filter(|(_, object)| object.as_ref().is_some_and(holds))
            .map(|(k, _)| k.clone())
            .collect()
    }

    fn push(&self, key: &str, body: Option<Bytes>) {
        let version = self.next.fetch_add(1, Ordering::Relaxed) as u64;
        let mut objects = self.objects.lock();
        let versions = objects.entry(key.to_owned()).or_default();
        if !self.versioned {
            versions.clear();
        }
        versions.push((version, body));
    }

    fn current(&self, key: &str) -> Option<Bytes> {
        self.objects.lock().get(key)?.last()?.1.clone()
    }
}

#[async_trait]
impl Read for Bucket {
    async fn get(&self, key: &str, range: Option<Range<u64>>) -> Result<Option<Bytes>> {
        Ok(self.current(key).map(|object| match range {
            None => object,
            Some(r) => {
                let end = (r.end as usize).min(object.len());
                object.slice((r.start as usize).min(end)..end)
            }
        }))
    }
    async fn list(&self, prefix: &str, after: Option<&str>, max: usize) -> Result<Vec<Listed>> {
        let objects = self.objects.lock();
        let wanted = objects
            .iter()
            .filter(|(k, _)| k.starts_with(prefix) && after.is_none_or(|after| k.as_str() > after));
        let listed = wanted.filter_map(|(key, versions)| {
            let size = versions.last()?.1.as_ref()?.len() as u64;
            Some(Listed {
                key: key.clone(),
                size,
                etag: None,
                modified: None,
            })
        });
        Ok(listed.take(max).collect())
    }
}

#[async_trait]
impl Append for Bucket {
    async fn put_if_absent(&self, key: &str, body: Bytes) -> Result<Created> {
        if self.current(key).is_some() {
            return Ok(Created::Exists);
        }
        self.push(key, Some(body));
        Ok(Created::Yes)
    }
}

#[async_trait]
impl Maintain for Bucket {
    async fn put(&self, key: &str, body: Bytes) -> Result<()> {
        self.push(key, Some(body));
        Ok(())
    }
    async fn delete(&self, key: &str) -> Result<()> {
        self.push(key, None);
        Ok(())
    }
    async fn versions(&self, prefix: &str) -> Result<Vec<ObjectVersion>> {
        let objects = self.objects.lock();
        let mut all = Vec::new();
        for (key, versions) in objects.iter().filter(|(k, _)| k.starts_with(prefix)) {
            for (at, (version, body)) in versions.iter().enumerate() {
                if let Some(body) = body {
                    all.push(ObjectVersion {
                        key: key.clone(),
                        version: Some(version.to_string()),
                        current: at + 1 == versions.len(),
                        size: body.len() as u64,
                    });
                }
            }
        }
        Ok(all)
    }
    async fn get_version(&self, object: &ObjectVersion) -> Result<Option<Bytes>> {
        let objects = self.objects.lock();
        let wanted: u64 = object.version.as_ref().unwrap().parse().unwrap();
        let found = objects
            .get(&object.key)
            .and_then(|v| v.iter().find(|(id, _)| *id == wanted));
        Ok(found.and_then(|(_, body)| body.clone()))
    }
    async fn delete_version(&self, object: &ObjectVersion) -> Result<()> {
        let wanted: u64 = object.version.as_ref().unwrap().parse().unwrap();
        if let Some(versions) = self.objects.lock().get_mut(&object.key) {
            versions.retain(|(id, _)| *id != wanted);
        }
        Ok(())
    }
}
