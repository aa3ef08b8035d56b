//! What is done in the bucket: claimed once, then looked at; what is known already costs one request, and none where the
//! object comes back only because something was told of it.

use std::collections::HashMap;

use kube::ResourceExt;
use parking_lot::Mutex;
use remanence_api::conditions::reasons;
use remanence_api::{MemoryStore, MemoryStoreStatus};
use remanence_store::backend::BackendError;
use remanence_store::{StoreError, StoreId};

use super::NotReady;
use super::dereference::Place;
use crate::bucket::claim::{ClaimError, claim, passed_over};
use crate::bucket::tend::{Look, has_news, tend};
use crate::plan::World;
use crate::reconcile::Context;

/// What was last seen of stores, by the objects' uids.
#[derive(Default)]
pub struct Seen(Mutex<HashMap<String, Known>>);

#[derive(Clone)]
struct Known {
    made_of: MadeOf,
    done: Done,
    /// What was told of it since, until it comes back.
    told: Option<MemoryStoreStatus>,
}

/// Object and class as they were: the one says how the store is to be, the other where it lies.
#[derive(Clone, PartialEq, Eq)]
struct MadeOf {
    generation: Option<i64>,
    class: (Option<String>, Option<i64>),
}

/// What is known of a store afterwards.
#[derive(Debug, Clone)]
pub(super) struct Done {
    pub(super) id: StoreId,
    pub(super) look: Look,
    /// An earlier store that `adopt` no longer brings back, where this one is empty.
    pub(super) passed_over: Option<StoreId>,
}

impl Seen {
    fn get(&self, uid: &str) -> Option<Known> {
        self.0.lock().get(uid).cloned()
    }

    fn set(&self, uid: &str, known: Known) {
        self.0.lock().insert(uid.to_owned(), known);
    }

    /// `status` is written after a look that went well: the object comes back with it.
    pub(super) fn told(&self, uid: &str, status: &MemoryStoreStatus) {
        if let Some(known) = self.0.lock().get_mut(uid) {
            known.told = Some(status.clone());
        }
    }

    /// Whether the object comes back with what was told of it. What was told is taken: of the same a second time it says no.
    fn take_echo(&self, uid: &str, status: Option<&MemoryStoreStatus>) -> bool {
        let told = self.0.lock().get_mut(uid).and_then(|known| known.told.take());
        told.is_some() && told.as_ref() == status
    }

    /// The object is gone.
    pub(super) fn forget(&self, uid: &str) {
        self.0.lock().remove(uid);
    }
}

/// Does it.
///
/// `is_dreamt`: a dream ended of which nothing is told yet.
pub(super) async fn run(
    store: &MemoryStore,
    place: &Place,
    is_dreamt: bool,
    context: &Context,
) -> Result<Done, NotReady> {
    let uid = store.uid().unwrap_or_default();
    let made_of = MadeOf {
        generation: store.metadata.generation,
        class: (place.class.uid(), place.class.metadata.generation),
    };
    if let Some(known) = context.seen.get(&uid).filter(|known| known.made_of == made_of) {
        if context.seen.take_echo(&uid, store.status.as_ref()) && !is_dreamt {
            return Ok(known.done);
        }
        let news = has_news(&place.backend, known.done.id, known.done.look.head).await;
        if !news.map_err(|error| not_ready(&error))? {
            return Ok(known.done);
        }
    }
    let known = store.status.as_ref().and_then(|status| status.store_id.as_deref());
    let lives = |owner: &str| is_there(owner, context);
    let claimed = claim(
        &place.backend,
        &place.owner,
        store.spec.adopt,
        known,
        &lives,
        (context.now)(),
    )
    .await;
    let claimed = claimed.map_err(|error| match &error {
        ClaimError::Gone { .. } => NotReady::not_ready(reasons::STORE_GONE, error.to_string()),
        ClaimError::Foreign { .. } | ClaimError::InUse { .. } => {
            NotReady::not_ready(reasons::FOREIGN_STORE, error.to_string())
        }
        ClaimError::Store(error) => not_ready(error),
    })?;
    let id = claimed.id;
    let look = tend(&place.backend, claimed, &store.spec)
        .await
        .map_err(|error| not_ready(&error))?;
    let passed_over = if store.spec.adopt && look.files == 0 {
        // Advice; a store is no less ready where an older one can't be read.
        let found = passed_over(&place.backend, id, &place.owner, &lives).await;
        found.unwrap_or_default()
    } else {
        None
    };
    let done = Done { id, look, passed_over };
    let seen = Known {
        made_of,
        done: done.clone(),
        told: None,
    };
    context.seen.set(&uid, seen);
    Ok(done)
}

/// Whether an owner, as a manifest names it, is a store's object of this cluster.
fn is_there(owner: &str, context: &Context) -> bool {
    let parts: Vec<&str> = owner.split('/').collect();
    let [cluster, namespace, name, uid] = parts[..] else {
        return false;
    };
    let found = context.cluster.store(namespace, name);
    cluster == context.cluster_id && found.is_some_and(|found| found.uid().as_deref() == Some(uid))
}

fn not_ready(error: &StoreError) -> NotReady {
    let reason = match error {
        StoreError::Probe(_) => reasons::STORAGE_UNSAFE,
        StoreError::Backend(
            BackendError::Unknown { .. } | BackendError::Refused { .. } | BackendError::Full { .. },
        ) => reasons::STORAGE_UNREACHABLE,
        _ => reasons::STORE_UNREADABLE,
    };
    NotReady::not_ready(reason, error.to_string())
}
