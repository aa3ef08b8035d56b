//! From a store's name to where it lies.

use std::sync::Arc;

use kube::runtime::reflector::{ObjectRef, Store};
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
    pub(super) async fn find(&self, namespace: &str, name: &str) -> Result<Found, Problem> {
        // An error says that the writer is gone: the program is ending.
        let _ = tokio::join!(self.stores.wait_until_ready(), self.classes.wait_until_ready());
        let store = self.stores.get(&ObjectRef::new(name).within(namespace));
        let store = store.ok_or_else(|| Problem::NoStore(name.to_owned()))?;
        let status = store.status.clone().unwrap_or_default();
        let (Some(id), Some(prefix)) = (status.store_id, status.prefix) else {
            return Err(Problem::Unavailable(format!(
                "the store {name} is not ready yet; `kubectl -n {namespace} describe memorystore {name}` says why"
            )));
        };
        let class = status.class_name.unwrap_or_default();
        let class = self.classes.get(&ObjectRef::new(&class)).ok_or_else(|| {
            Problem::Unavailable(format!("the class {class} of the store {name} is not there any more"))
        })?;
        let keys = self.keys.of(&class).await;
        let keys = keys.map_err(|why| Problem::Unavailable(format!("the store {name} can't be opened: {why}")))?;
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
