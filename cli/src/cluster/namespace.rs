//! A namespace of a cluster: what it has, reached over one connection by one of the user's accesses.

use k8s_openapi::api::authentication::v1::SelfSubjectReview;
use kube::api::{ListParams, PostParams};
use kube::{Api, Client};
use remanence_api::MemoryStore;

use super::access::access;
use super::{Content, Dreams, Kind, ObjectUrl};
use crate::exit::Failure;

/// A namespace; clones share the connection.
#[derive(Clone)]
pub(crate) struct Namespace {
    pub(super) client: Client,
    name: String,
    /// By which access, for the addresses of objects.
    by: ObjectUrl,
}

impl Namespace {
    /// That of an object, or the context's. Asks nothing yet.
    pub(crate) async fn of(url: &ObjectUrl) -> Result<Self, Failure> {
        let (client, name) = access(url).await?;
        Ok(Self {
            client,
            name,
            by: url.clone(),
        })
    }

    /// Its name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The address of one of its objects.
    pub(super) fn object(&self, kind: Kind, name: &str) -> ObjectUrl {
        ObjectUrl {
            kind,
            namespace: Some(self.name.clone()),
            name: name.to_owned(),
            ..self.by.clone()
        }
    }

    /// The content of one of its stores.
    pub(crate) fn content(&self, store: &str) -> Content {
        Content::new(self.client.clone(), &self.name, store)
    }

    /// Its Dreams.
    pub(crate) fn dreams(&self) -> Dreams {
        Dreams::new(self.clone())
    }

    /// Its stores.
    pub(crate) async fn stores(&self) -> Result<Vec<MemoryStore>, Failure> {
        list(Api::namespaced(self.client.clone(), &self.name)).await
    }

    /// The content of the store whose data lie under a prefix: of this namespace, else of any.
    pub(super) async fn content_at(&self, prefix: &str) -> Result<Option<Content>, Failure> {
        let lies_there = |store: &MemoryStore| {
            let status = store.status.as_ref();
            status.and_then(|status| status.prefix.as_deref()) == Some(prefix)
        };
        let mut found = self.stores().await?.into_iter().find(lies_there);
        if found.is_none() {
            found = list(Api::all(self.client.clone())).await?.into_iter().find(lies_there);
        }
        let names = found.and_then(|store| Some((store.metadata.namespace?, store.metadata.name?)));
        Ok(names.map(|(namespace, name)| Content::new(self.client.clone(), &namespace, &name)))
    }

    /// Who the apiserver says that we are; none where it tells nobody.
    pub(crate) async fn user(&self) -> Result<Option<String>, Failure> {
        let api: Api<SelfSubjectReview> = Api::all(self.client.clone());
        match api.create(&PostParams::default(), &SelfSubjectReview::default()).await {
            Ok(review) => {
                let info = review.status.and_then(|status| status.user_info);
                Ok(info.and_then(|info| info.username))
            }
            Err(kube::Error::Api(status)) if status.is_forbidden() => Ok(None),
            Err(error) => Err(Failure::failed(format!(
                "the cluster can't be asked who you are: {}",
                said(error)
            ))),
        }
    }
}

async fn list(api: Api<MemoryStore>) -> Result<Vec<MemoryStore>, Failure> {
    let failed = |error| Failure::failed(format!("MemoryStores can't be listed: {}", said(error)));
    Ok(api.list(&ListParams::default()).await.map_err(failed)?.items)
}

/// What the apiserver says against it, or why it can't be asked.
pub(super) fn said(error: kube::Error) -> String {
    match error {
        kube::Error::Api(status) => status.message,
        error => error.to_string(),
    }
}
