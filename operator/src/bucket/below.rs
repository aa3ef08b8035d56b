//! A place below another: the same client, longer keys.

use std::ops::Range;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use remanence_store::backend::{Append, Backend, Created, Listed, Maintain, ObjectVersion, Read, Result};
use remanence_store::url::{S3Url, StoreUrl};

struct Below {
    whole: Backend,
    /// Ends in `/`.
    base: String,
}

/// The place `prefix` of a bucket.
pub fn below(whole: &Backend, prefix: &str, url: S3Url) -> Backend {
    let below = Arc::new(Below {
        whole: whole.clone(),
        base: format!("{prefix}/"),
    });
    Backend {
        url: StoreUrl::S3(url).to_string(),
        read: below.clone(),
        append: whole.append.as_ref().map(|_| below.clone() as Arc<dyn Append>),
        maintain: whole.maintain.as_ref().map(|_| below as Arc<dyn Maintain>),
    }
}

impl Below {
    fn key(&self, key: &str) -> String {
        format!("{}{key}", self.base)
    }

    fn append(&self) -> &dyn Append {
        self.whole
            .append
            .as_deref()
            .expect("handed out only where the whole has it")
    }

    fn maintain(&self) -> &dyn Maintain {
        self.whole
            .maintain
            .as_deref()
            .expect("handed out only where the whole has it")
    }

    fn version(&self, object: &ObjectVersion) -> ObjectVersion {
        ObjectVersion {
            key: self.key(&object.key),
            ..object.clone()
        }
    }

    fn relative(&self, key: String) -> String {
        key.strip_prefix(&self.base).map(str::to_owned).unwrap_or(key)
    }
}

#[async_trait]
impl Read for Below {
    async fn get(&self, key: &str, range: Option<Range<u64>>) -> Result<Option<Bytes>> {
        self.whole.read.get(&self.key(key), range).await
    }

    async fn list(&self, prefix: &str, after: Option<&str>, max: usize) -> Result<Vec<Listed>> {
        let after = after.map(|after| self.key(after));
        let mut listed = self.whole.read.list(&self.key(prefix), after.as_deref(), max).await?;
        for object in &mut listed {
            object.key = self.relative(std::mem::take(&mut object.key));
        }
        Ok(listed)
    }

    async fn proved_author(&self, key: &str) -> Result<Option<String>> {
        self.whole.read.proved_author(&self.key(key)).await
    }
}

#[async_trait]
impl Append for Below {
    async fn put_if_absent(&self, key: &str, body: Bytes) -> Result<Created> {
        self.append().put_if_absent(&self.key(key), body).await
    }
}

#[async_trait]
impl Maintain for Below {
    async fn put(&self, key: &str, body: Bytes) -> Result<()> {
        self.maintain().put(&self.key(key), body).await
    }

    async fn delete(&self, key: &str) -> Result<()> {
        self.maintain().delete(&self.key(key)).await
    }

    async fn versions(&self, prefix: &str) -> Result<Vec<ObjectVersion>> {
        let mut versions = self.maintain().versions(&self.key(prefix)).await?;
        for version in &mut versions {
            version.key = self.relative(std::mem::take(&mut version.key));
        }
        Ok(versions)
    }

    async fn get_version(&self, object: &ObjectVersion) -> Result<Option<Bytes>> {
        self.maintain().get_version(&self.version(object)).await
    }

    async fn delete_version(&self, object: &ObjectVersion) -> Result<()> {
        self.maintain().delete_version(&self.version(object)).await
    }
}
