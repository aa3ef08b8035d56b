//! Finds the `MemoryStore` that holds a transcript: ledgers name the place in the bucket, and people have no key to that.

use async_trait::async_trait;
use kube::api::ListParams;
use kube::{Api, ResourceExt};
use remanence_api::MemoryStore;
use remanence_dreamer::{DreamError, FindSessions, Sessions};
use remanence_store::Store;
use remanence_store::url::StoreUrl;

use super::access::access;
use super::{Content, ObjectUrl};
use crate::exit::Failure;
use crate::open::apart;

/// Session stores of the cluster that `about` is in.
pub(crate) struct ClusterSessions<'a> {
    pub(crate) about: &'a ObjectUrl,
}

#[async_trait]
impl FindSessions for ClusterSessions<'_> {
    async fn find(&self, place: &str) -> Result<Sessions, DreamError> {
        let failed = |why: String| DreamError::Address {
            place: place.to_owned(),
            why,
        };
        let object = self.object(place).await.map_err(|failure| failed(failure.message))?;
        let Some(object) = object else {
            return Err(failed("no MemoryStore that you may see lies there".to_owned()));
        };
        let content = Content::of(&object).await.map_err(|failure| failed(failure.message))?;
        let store = Store::open(content.backend().read_only(), apart()).await?;
        Ok(Sessions::Store {
            store,
            strangers: false,
        })
    }
}

impl ClusterSessions<'_> {
    /// The object whose data lie at `place`: of the same namespace, else of any.
    async fn object(&self, place: &str) -> Result<Option<ObjectUrl>, Failure> {
        let Ok(StoreUrl::S3(place)) = place.parse() else {
            return Ok(None);
        };
        let (client, namespace) = access(self.about).await?;
        let near = Api::<MemoryStore>::namespaced(client.clone(), &namespace);
        let lies_there = |store: &MemoryStore| {
            let prefix = store.status.as_ref().and_then(|status| status.prefix.as_deref());
            prefix == Some(place.prefix.as_str())
        };
        for api in [near, Api::all(client)] {
            let failed = |error: kube::Error| Failure::failed(format!("MemoryStores can't be listed: {error}"));
            let stores = api.list(&ListParams::default()).await.map_err(failed)?;
            if let Some(store) = stores.into_iter().find(lies_there) {
                return Ok(Some(ObjectUrl {
                    name: store.name_any(),
                    namespace: store.namespace(),
                    ..self.about.clone()
                }));
            }
        }
        Ok(None)
    }
}
