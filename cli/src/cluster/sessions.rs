//! Finds the `MemoryStore` that holds a transcript: ledgers name the place in the bucket, and people have no key to that.

use async_trait::async_trait;
use remanence_dreamer::{DreamError, FindSessions, Sessions};
use remanence_store::url::StoreUrl;

use super::Namespace;

/// Session stores of the cluster, those of the namespace first.
pub(crate) struct ClusterSessions<'a> {
    pub(crate) namespace: &'a Namespace,
}

#[async_trait]
impl FindSessions for ClusterSessions<'_> {
    async fn find(&self, place: &str) -> Result<Sessions, DreamError> {
        let failed = |why: String| DreamError::Address {
            place: place.to_owned(),
            why,
        };
        let content = match place.parse() {
            Ok(StoreUrl::S3(place)) => self.namespace.content_at(&place.prefix).await,
            _ => Ok(None),
        };
        let content = content.map_err(|failure| failed(failure.message))?;
        let content =
            content.ok_or_else(|| failed("there is no MemoryStore at that place that you may see".to_owned()))?;
        let store = content.read().await.map_err(|failure| failed(failure.message))?;
        Ok(Sessions::Store {
            store,
            strangers: false,
        })
    }
}
