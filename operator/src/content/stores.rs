//! From a store's name to where it lies.

use std::sync::Arc;

use kube::runtime::reflector::{ObjectRef, Store};
use remanence_api::conditions::{self, types};
use remanence_api::{MemoryStore, MemoryStoreClass};
use remanence_store::backend::Backend;

use super::answer::Problem;
use crate::bucket::Buckets;
use crate::keys::KeyRing;

/// Opens stores with the operator's own access.
#[derive(Clone)]
pub struct Stores {
    /// All stores.
    pub stores: Store<MemoryStore>,
    /// All classes.
    pub classes: Store<MemoryStoreClass>,
    /// The classes' keys.
    pub keys: Arc<KeyRing>,
    /// The buckets.
    pub buckets: Arc<dyn Buckets>,
}

/// A store that is there.
pub(super) struct Found {
    /// Where it lies, with all rights.
    pub(super) backend: Backend,
    /// The id of its data.
    pub(super) id: String,
    /// Why nothing may be written, if so.
    pub(super) closed: Option<String>,
}

impl Stores {
    /// A client of Kubernetes sends again, for minutes, what is answered by 503: what somebody has to mend is a conflict.
    pub(super) async fn find(&self, namespace: &str, name: &str) -> Result<Found, Problem> {
        // An error says that the writer is gone: the program is ending.
        let _ = tokio::join!(self.stores.wait_until_ready(), self.classes.wait_until_ready());
        let store = self.stores.get(&ObjectRef::new(name).within(namespace));
        let store = store.ok_or_else(|| Problem::NoStore(name.to_owned()))?;
        let status = store.status.clone().unwrap_or_default();
        let (Some(id), Some(prefix)) = (status.store_id, status.prefix) else {
            let ready = conditions::find(&status.conditions, types::READY);
            let why = ready.map_or_else(
                || "it is being made".to_owned(),
                |ready| format!("{}: {}", ready.reason, ready.message),
            );
            return Err(Problem::Conflict(format!("the store {name} is not ready ({why})")));
        };
        let class = status.class_name.unwrap_or_default();
        let class = self
            .classes
            .get(&ObjectRef::new(&class))
            .ok_or_else(|| Problem::Conflict(format!("the class {class} of the store {name} is not there any more")))?;
        let keys = self.keys.of(&class).await;
        let keys = keys.map_err(|why| Problem::Conflict(format!("the store {name} can't be opened: {why}")))?;
        let backend = self.buckets.open(&class, keys.as_ref(), &prefix).await?;
        let closed = if store.spec.archived {
            Some(format!("the store {name} is archived: it is read-only for good"))
        } else if store.metadata.deletion_timestamp.is_some() {
            Some(format!("the store {name} is being deleted"))
        } else {
            None
        };
        Ok(Found { backend, id, closed })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use axum::http::StatusCode;
    use axum::response::IntoResponse;
    use serde_json::json;

    use super::*;
    use crate::apiserver::scripted;
    use crate::bucket::S3Buckets;
    use crate::fixtures;

    #[tokio::test]
    async fn a_store_that_is_not_ready_says_why_at_once_and_is_not_asked_again() {
        let new = fixtures::store("team-a", "new", json!({}));
        let mut broken = fixtures::store("team-a", "broken", json!({"className": "nope"}));
        let condition = json!({
            "type": "Ready", "status": "False", "reason": "ClassNotFound", "message": "there is no class nope",
            "lastTransitionTime": "2026-01-01T00:00:00Z",
        });
        broken.status = Some(serde_json::from_value(json!({"conditions": [condition]})).unwrap());
        let classless = fixtures::made(fixtures::store("team-a", "classless", json!({})));
        let cluster = fixtures::cluster(&[], &[new, broken, classless], &[], &[]);
        let (client, _) = scripted(Vec::new());
        let stores = Stores {
            stores: cluster.stores,
            classes: cluster.classes,
            keys: Arc::new(KeyRing::new(client, Arc::default())),
            buckets: Arc::new(S3Buckets::default()),
        };
        for (name, said) in [
            ("new", "is being made"),
            ("broken", "ClassNotFound: there is no class nope"),
            ("classless", "is not there any more"),
        ] {
            let Err(problem) = stores.find("team-a", name).await else {
                panic!("{name} is found")
            };
            assert!(problem.to_string().contains(said), "{problem}");
            assert_eq!(problem.into_response().status(), StatusCode::CONFLICT, "{name}");
        }
    }
}
