//! The right to overwrite and delete, and requests that are tried again while their outcome is unknown.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::backend::{Append, BackendError, Listed, Maintain, ObjectVersion};
use crate::content::ObjectRef;
use crate::error::{Result, StoreError};
use crate::id::DataId;
use crate::store::Store;

/// Tries of a request whose outcome is unknown.
const TRIES: u32 = 6;

/// Requests under way at once.
pub(super) const PARALLEL: usize = 16;

/// Objects a listing asks for at once.
const PAGE: usize = 1000;

/// A data object as it is listed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stored {
    pub(super) id: DataId,
    pub(super) size: u64,
}

impl Stored {
    pub(super) fn object(&self) -> ObjectRef {
        ObjectRef::Data(self.id)
    }
}

/// A store with the right to maintain it.
pub(super) struct Rights {
    pub(super) store: Store,
    append: Arc<dyn Append>,
    maintain: Arc<dyn Maintain>,
}

impl Rights {
    /// The rights of a handle.
    pub(super) fn of(store: &Store) -> Result<Self> {
        let backend = store.backend();
        let (Some(append), Some(maintain)) = (backend.append.clone(), backend.maintain.clone()) else {
            return Err(StoreError::NoMaintain {
                url: store.url().into(),
            });
        };
        Ok(Self {
            store: store.clone(),
            append,
            maintain,
        })
    }

    /// All objects whose key begins so, keys below the store's id.
    pub(super) async fn list(&self, prefix: &str) -> Result<Vec<Listed>> {
        let below = self.store.key("");
        let prefix = self.store.key(prefix);
        let mut all: Vec<Listed> = Vec::new();
        let mut after: Option<String> = None;
        loop {
            let page = retry(|| self.store.backend().read.list(&prefix, after.as_deref(), PAGE)).await?;
            let full = page.len() == PAGE;
            after = page.last().map(|o| o.key.clone());
            all.extend(page.into_iter().filter_map(|o| {
                Some(Listed {
                    key: o.key.strip_prefix(&below)?.to_owned(),
                    ..o
                })
            }));
            if !full {
                return Ok(all);
            }
        }
    }

    /// The data objects there are.
    pub(super) async fn data(&self) -> Result<Vec<Stored>> {
        let stored = |o: Listed| {
            Some(Stored {
                id: o.key.strip_prefix("data/")?.parse().ok()?,
                size: o.size,
            })
        };
        Ok(self.list("data/").await?.into_iter().filter_map(stored).collect())
    }

    /// An object, or a range of it.
    pub(super) async fn get(&self, key: &str, range: Option<Range<u64>>) -> Result<Option<Bytes>> {
        let key = self.store.key(key);
        Ok(retry(|| self.store.backend().read.get(&key, range.clone())).await?)
    }

    /// Creates an object of a new random name.
    pub(super) async fn create(&self, key: &str, body: Bytes) -> Result<()> {
        let key = self.store.key(key);
        retry(|| self.append.put_if_absent(&key, body.clone())).await?;
        Ok(())
    }

    /// Replaces an object.
    pub(super) async fn put(&self, key: &str, body: Bytes) -> Result<()> {
        let key = self.store.key(key);
        Ok(retry(|| self.maintain.put(&key, body.clone())).await?)
    }

    /// Deletes an object.
    pub(super) async fn delete(&self, key: &str) -> Result<()> {
        let key = self.store.key(key);
        Ok(retry(|| self.maintain.delete(&key)).await?)
    }

    /// All stored versions whose key (below the store's id) begins so; keys stay whole.
    pub(super) async fn versions(&self, prefix: &str) -> Result<Vec<ObjectVersion>> {
        let prefix = self.store.key(prefix);
        Ok(retry(|| self.maintain.versions(&prefix)).await?)
    }

    /// The bytes of a stored version.
    pub(super) async fn get_version(&self, object: &ObjectVersion) -> Result<Option<Bytes>> {
        Ok(retry(|| self.maintain.get_version(object)).await?)
    }

    /// Deletes a stored version.
    pub(super) async fn delete_version(&self, object: &ObjectVersion) -> Result<()> {
        Ok(retry(|| self.maintain.delete_version(object)).await?)
    }

    /// A damaged object of this store.
    pub(super) fn damaged(&self, object: ObjectRef, why: &str) -> StoreError {
        StoreError::Damaged {
            url: self.store.url().into(),
            key: object.to_string(),
            why: why.into(),
        }
    }
}

/// Sends a request again while its outcome is unknown: all of these may be done twice.
async fn retry<T, F>(request: impl Fn() -> F) -> crate::backend::Result<T>
where
    F: Future<Output = crate::backend::Result<T>>,
{
    let mut wait = Duration::from_millis(50);
    for _ in 1..TRIES {
        match request().await {
            Err(error @ BackendError::Unknown { .. }) => tracing::debug!(%error, "trying again"),
            other => return other,
        }
        tokio::time::sleep(wait).await;
        wait *= 2;
    }
    request().await
}
