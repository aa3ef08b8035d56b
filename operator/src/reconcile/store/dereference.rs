//! What a store refers to: its class, the class's keys, its place in the bucket.

use std::sync::Arc;

use kube::ResourceExt;
use remanence_api::conditions::{self, reasons, types};
use remanence_api::{MemoryStore, MemoryStoreClass};
use remanence_store::backend::{Backend, BackendError};

use super::NotReady;
use crate::broker::S3Keys;
use crate::bucket::claim::Owner;
use crate::cluster::NoClass;
use crate::reconcile::Context;

/// Where a store is.
pub(in crate::reconcile) struct Place {
    pub(in crate::reconcile) class: Arc<MemoryStoreClass>,
    pub(in crate::reconcile) prefix: String,
    pub(in crate::reconcile) backend: Backend,
    pub(in crate::reconcile) owner: Owner,
}

/// The place of a store.
pub(in crate::reconcile) async fn run(store: &MemoryStore, context: &Context) -> Result<Place, NotReady> {
    check_named(store)?;
    let class = class(store, context)?;
    check_class(&class)?;
    let keys = context
        .keys
        .of(&class)
        .await
        .map_err(|why| NotReady::not_ready(why.reason, why.message))?;
    open(store, class, keys.as_ref(), context)
        .await
        .map_err(|error| NotReady::not_ready(reasons::PLACE_MALFORMED, error.to_string()))
}

/// The place of a store, though its class may not be ready.
pub(super) async fn open(
    store: &MemoryStore,
    class: Arc<MemoryStoreClass>,
    keys: Option<&S3Keys>,
    context: &Context,
) -> Result<Place, BackendError> {
    let (namespace, name) = (store.namespace().unwrap_or_default(), store.name_any());
    let prefix = store.status.as_ref().and_then(|s| s.prefix.clone());
    let prefix = prefix.unwrap_or_else(|| class.spec.s3.prefix_of(&namespace, &name));
    let backend = context.buckets.open(&class, keys, &prefix).await?;
    let owner = Owner {
        cluster: context.cluster_id.clone(),
        namespace,
        name,
        uid: store.uid().unwrap_or_default(),
    };
    Ok(Place {
        class,
        prefix,
        backend,
        owner,
    })
}

/// The class it was made with, else the one named, else the default one.
pub(super) fn class(store: &MemoryStore, context: &Context) -> Result<Arc<MemoryStoreClass>, NotReady> {
    let made_with = store.status.as_ref().and_then(|s| s.class_name.clone());
    let named = made_with.or_else(|| store.spec.class_name.clone());
    context.cluster.class(named.as_deref()).map_err(|why| match why {
        NoClass::Absent => NotReady::not_ready(
            reasons::CLASS_NOT_FOUND,
            format!(
                "the MemoryStoreClass {} does not exist; create it or name another",
                named.unwrap_or_default()
            ),
        ),
        NoClass::NoDefault => NotReady::not_ready(
            reasons::NO_DEFAULT_CLASS,
            "no MemoryStoreClass is the default; set spec.className, or annotate a class with \
             remanence.dev/is-default-class: \"true\"",
        ),
        NoClass::SeveralDefaults => NotReady::not_ready(
            reasons::SEVERAL_DEFAULT_CLASSES,
            "several MemoryStoreClasses say that they are the default; leave the annotation \
             remanence.dev/is-default-class on one of them, or set spec.className",
        ),
    })
}

/// A class that is named later says no more than which one it was made with: its data lie there.
fn check_named(store: &MemoryStore) -> Result<(), NotReady> {
    let made_with = store.status.as_ref().and_then(|s| s.class_name.as_deref());
    match (store.spec.class_name.as_deref(), made_with) {
        (Some(named), Some(made_with)) if named != made_with => Err(NotReady::not_ready(
            reasons::CLASS_CHANGED,
            format!(
                "it was made with the class {made_with}, where its data lie, and spec.className is {named} now; set \
                 spec.className to {made_with}, or make another store"
            ),
        )),
        _ => Ok(()),
    }
}

fn check_class(class: &MemoryStoreClass) -> Result<(), NotReady> {
    let name = class.name_any();
    let status = class.status.clone().unwrap_or_default();
    match conditions::find(&status.conditions, types::READY) {
        Some(ready) if ready.status == "True" => Ok(()),
        Some(ready) => {
            let message = format!("its class {name} is not ready ({}: {})", ready.reason, ready.message);
            Err(NotReady::not_ready(reasons::CLASS_NOT_READY, message))
        }
        None => {
            let message = format!("its class {name} is being looked at");
            Err(NotReady::not_ready(reasons::CLASS_NOT_READY, message))
        }
    }
}
