//! A deleted store: waits for the pods that mount it, leaves a marker in the bucket (and no data, where its object says
//! so), then goes. Keys that are lost do not hold it: an Event says what is left behind.

use std::time::Duration;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference;
use kube::ResourceExt;
use kube::runtime::controller::Action;
use remanence_api::MemoryStore;
use remanence_api::conditions::{self, Verdict, reasons, types};
use remanence_api::names::FINALIZER;
use remanence_api::store::DeletionPolicy;
use remanence_store::StoreError;
use remanence_store::backend::BackendError;

use super::dereference;
use super::set_finalizers;
use crate::bucket::claim::mark_deleted;
use crate::bucket::erase::erase;
use crate::cluster::agent_of;
use crate::events::Mood;
use crate::plan::{self, Purport};
use crate::reconcile::{Context, ReconcileError, reference};

/// How soon it is tried again, and how long in all.
const AGAIN: Duration = Duration::from_secs(15);
const PATIENCE: i64 = 600;

/// Why there is no marker.
enum Unmarked {
    /// Nobody can change that but somebody who changes something.
    Definite(String),
    /// It may be otherwise soon.
    Passing(String),
}

pub(super) async fn run(store: &MemoryStore, context: &Context) -> Result<Action, ReconcileError> {
    if !store.finalizers().iter().any(|f| f == FINALIZER) {
        return Ok(Action::await_change());
    }
    let pods = pods(store, context);
    if !pods.is_empty() {
        tell_attached(store, &pods, context).await?;
        return Ok(Action::requeue(AGAIN));
    }
    match mark(store, context).await {
        Ok(()) => {}
        Err(Unmarked::Passing(_)) if waited(store, context) < PATIENCE => return Ok(Action::requeue(AGAIN)),
        Err(Unmarked::Passing(why) | Unmarked::Definite(why)) => {
            let note = format!(
                "deleted without a marker in the bucket ({why}); its data stay, and a store of this name finds them as \
                 an earlier one's"
            );
            context
                .events
                .say(&reference(store), Mood::Warning, reasons::NOT_MARKED, &note)
                .await;
        }
    }
    let rest: Vec<String> = store.finalizers().iter().filter(|f| *f != FINALIZER).cloned().collect();
    set_finalizers(store, &rest, context).await?;
    context.seen.forget(&store.uid().unwrap_or_default());
    Ok(Action::await_change())
}

/// The pods that mount it.
fn pods(store: &MemoryStore, context: &Context) -> Vec<String> {
    let (namespace, name) = (store.namespace().unwrap_or_default(), store.name_any());
    let mut found = Vec::new();
    for agent in context
        .cluster
        .agents
        .state_filter(|agent| plan::concerns(agent, &namespace, &name))
    {
        let home = agent.namespace().unwrap_or_default();
        for pod in context.cluster.pods_of(&home, &agent.name_any()) {
            let plan = plan::plan(&context.cluster, &agent, Some(pod.labels()), Purport::Serve);
            if plan.attached.iter().any(|a| a.store.uid() == store.uid()) && is_placed(&pod) {
                found.push(format!("{home}/{}", pod.name_any()));
            }
        }
    }
    // An Agent that is gone leaves its pods, and they its own store. One that was made again has taken its place: what
    // they are lent now is that one's, which itself waits until this store is gone.
    let is_left = |owner: &&OwnerReference| {
        let now = context.cluster.agent(&namespace, &owner.name);
        owner.kind == "Agent" && now.is_none_or(|agent| agent.uid().as_ref() == Some(&owner.uid))
    };
    for owner in store.owner_references().iter().filter(is_left) {
        let left = context.cluster.pods.state_filter(|pod| {
            pod.namespace().as_deref() == Some(&namespace) && agent_of(pod) == Some(&owner.name) && is_placed(pod)
        });
        found.extend(
            left.iter()
                .filter(|pod| !crate::cluster::has_ended(pod))
                .map(|pod| format!("{namespace}/{}", pod.name_any())),
        );
    }
    found.sort();
    found.dedup();
    found
}

/// Whether a pod runs, or is about to: one that waits for a node holds nothing.
fn is_placed(pod: &k8s_openapi::api::core::v1::Pod) -> bool {
    pod.spec.as_ref().is_some_and(|spec| spec.node_name.is_some())
}

async fn tell_attached(store: &MemoryStore, pods: &[String], context: &Context) -> Result<(), ReconcileError> {
    let message = format!("it goes once these pods have ended: {}", pods.join(", "));
    let mut status = store.status.clone().unwrap_or_default();
    let verdict = Verdict::of(types::ATTACHED, true, reasons::STILL_ATTACHED, message.clone());
    status.conditions = conditions::updated(
        &status.conditions,
        &[verdict],
        store.metadata.generation,
        &context.time(),
    );
    if store.status.as_ref() != Some(&status) {
        let api = context.api(&store.namespace().unwrap_or_default());
        context
            .apply_status::<MemoryStore, _>(&api, &store.name_any(), &status)
            .await?;
    }
    context
        .events
        .say(&reference(store), Mood::Warning, reasons::STILL_ATTACHED, &message)
        .await;
    Ok(())
}

async fn mark(store: &MemoryStore, context: &Context) -> Result<(), Unmarked> {
    if store.status.as_ref().is_none_or(|status| status.store_id.is_none())
        && dereference::class(store, context).is_err()
    {
        // Never made.
        return Ok(());
    }
    let class = dereference::class(store, context).map_err(|why| Unmarked::Definite(why.message))?;
    let keys = context.keys.of(&class).await.map_err(|why| {
        if why.passing {
            Unmarked::Passing(why.message)
        } else {
            Unmarked::Definite(why.message)
        }
    })?;
    let place = dereference::open(store, class, keys.as_ref(), context)
        .await
        .map_err(|error| unmarked(error.into()))?;
    let marked = mark_deleted(&place.backend, &place.owner, (context.now)())
        .await
        .map_err(unmarked)?;
    if let Some(id) = marked
        && store.spec.deletion_policy == DeletionPolicy::Delete
    {
        erase(&place.backend, id).await.map_err(unmarked)?;
    }
    Ok(())
}

fn unmarked(error: StoreError) -> Unmarked {
    match error {
        StoreError::Backend(BackendError::Unknown { .. }) => Unmarked::Passing(error.to_string()),
        error => Unmarked::Definite(error.to_string()),
    }
}

/// Seconds since it was deleted.
fn waited(store: &MemoryStore, context: &Context) -> i64 {
    let since = store.metadata.deletion_timestamp.as_ref();
    since.map_or(0, |since| context.time().0.as_second() - since.0.as_second())
}
