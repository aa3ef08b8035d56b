//! Stores: made in the bucket, kept as their object says, looked at, marked when they are deleted.

mod delete;
mod dereference;
mod status;
mod upkeep;
mod work;

use std::sync::Arc;
use std::time::Duration;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::ResourceExt;
use kube::api::{Patch, PatchParams};
use kube::runtime::controller::Action;
use remanence_api::MemoryStore;
use remanence_api::conditions::Verdict;
use remanence_api::names::FINALIZER;
use serde_json::json;

use super::{Context, ReconcileError};

pub(super) use dereference::run as place;
pub use upkeep::Upkeep;
pub use work::Seen;

/// How soon a store that was written lately is looked at again, one that is idle, and one that is not ready.
const LIVELY: Duration = Duration::from_mins(1);
const IDLE: Duration = Duration::from_mins(15);
const BROKEN: Duration = Duration::from_secs(15);
/// How long after its last write a store counts as lively.
const LATELY: i64 = 600;

/// Looks at a store.
///
/// # Errors
/// When the apiserver can't be written.
pub async fn reconcile(store: Arc<MemoryStore>, context: Arc<Context>) -> Result<Action, ReconcileError> {
    if store.metadata.deletion_timestamp.is_some() {
        return delete::run(&store, &context).await;
    }
    if !store.finalizers().iter().any(|f| f == FINALIZER) {
        // Nothing is made in the bucket that would not be marked later. The change comes back as an event.
        hold(&store, &context).await?;
        return Ok(Action::await_change());
    }
    let dreamt = untold_dream(&store, &context);
    let outcome = match dereference::run(&store, &context).await {
        Ok(place) => match work::run(&store, &place, dreamt.is_some(), &context).await {
            Ok(done) => Ok((place, done)),
            Err(why) => Err(why),
        },
        Err(why) => Err(why),
    };
    let mut after = status::build(&store, outcome.as_ref(), dreamt, &context.time());
    if let Ok((place, _)) = &outcome {
        upkeep::run(&store, place, &mut after, &context).await;
    }
    let told = outcome.as_ref().map(|(_, done)| done);
    status::apply(&store, &after, told, &context).await?;
    let wait = match &outcome {
        Err(_) => BROKEN,
        Ok((_, done)) => {
            let lately = done
                .look
                .last_write
                .is_some_and(|t| context.time().0.as_second() - t.as_second() < LATELY);
            if lately { LIVELY } else { IDLE }
        }
    };
    Ok(Action::requeue(wait))
}

/// When the last dream ended, where its status does not tell yet.
fn untold_dream(store: &MemoryStore, context: &Context) -> Option<Time> {
    let told = store.status.as_ref().and_then(|status| status.last_dream.as_ref());
    let last = context.cluster.last_dream(store);
    last.filter(|last| told.is_none_or(|told| told.0 < last.0))
}

/// Why a store is not ready.
pub(super) type NotReady = Verdict;

async fn hold(store: &MemoryStore, context: &Context) -> Result<(), ReconcileError> {
    let mut finalizers = store.finalizers().to_vec();
    finalizers.push(FINALIZER.to_owned());
    set_finalizers(store, &finalizers, context).await
}

/// Sets the finalizers, unless the object changed meanwhile.
async fn set_finalizers(store: &MemoryStore, finalizers: &[String], context: &Context) -> Result<(), ReconcileError> {
    let name = store.name_any();
    let patch = json!({"metadata": {"finalizers": finalizers, "resourceVersion": store.resource_version()}});
    let api = context.api::<MemoryStore>(&store.namespace().unwrap_or_default());
    match api.patch(&name, &PatchParams::default(), &Patch::Merge(patch)).await {
        // Changed or gone meanwhile: the next event tells.
        Err(kube::Error::Api(status)) if matches!(status.code, 404 | 409) => Ok(()),
        other => other
            .map(drop)
            .map_err(ReconcileError::api(format!("the finalizer of MemoryStore {name}"))),
    }
}
