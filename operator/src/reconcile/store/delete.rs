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

/// What could not be done in the bucket.
struct Undone {
    /// Where the data lie that were to go, if the marker is there and only they are left.
    left: Option<String>,
    /// It may be otherwise soon; else nobody can change it but somebody who changes something.
    passing: bool,
    why: String,
}

impl Undone {
    fn unmarked(passing: bool, why: String) -> Self {
        Self {
            left: None,
            passing,
            why,
        }
    }

    fn reason(&self) -> &'static str {
        match self.left {
            None => reasons::NOT_MARKED,
            Some(_) => reasons::NOT_ERASED,
        }
    }

    /// While it is tried.
    fn now(&self) -> String {
        let what = match self.left {
            None => "it can't be marked as deleted in the bucket",
            Some(_) => "it is marked as deleted in the bucket, and its data can't be removed",
        };
        format!("{what}: {}; tried again for ten minutes", self.why)
    }

    /// Once it is given up.
    fn at_last(&self) -> String {
        let why = &self.why;
        match &self.left {
            None => format!(
                "deleted without a marker in the bucket ({why}); its data stay, and a store of this name finds them as \
                 an earlier one's"
            ),
            Some(left) => format!(
                "deleted and marked so in the bucket, but not all of its data could be removed ({why}); remove what is \
                 left below {left}"
            ),
        }
    }
}

impl From<StoreError> for Undone {
    fn from(error: StoreError) -> Self {
        Self::unmarked(is_passing(&error), error.to_string())
    }
}

/// Whether it may be otherwise soon: room comes back as well.
fn is_passing(error: &StoreError) -> bool {
    matches!(
        error,
        StoreError::Backend(BackendError::Unknown { .. } | BackendError::Full { .. })
    )
}

pub(super) async fn run(store: &MemoryStore, context: &Context) -> Result<Action, ReconcileError> {
    if !store.finalizers().iter().any(|f| f == FINALIZER) {
        return Ok(Action::await_change());
    }
    let pods = pods(store, context);
    if !pods.is_empty() {
        let message = format!("it goes once these pods have ended: {}", pods.join(", "));
        let attached = Verdict::of(types::ATTACHED, true, reasons::STILL_ATTACHED, message);
        warn(store, &attached, context).await?;
        return Ok(Action::requeue(AGAIN));
    }
    let before = store.status.clone().unwrap_or_default().conditions;
    if conditions::holds(&before, types::ATTACHED) {
        // From now on counts what the bucket may take. The change comes back as an event.
        let detached = Verdict::of(types::ATTACHED, false, reasons::DETACHED, "no pod mounts it any more");
        tell(store, &detached, context).await?;
        return Ok(Action::await_change());
    }
    if let Err(undone) = clear(store, context).await {
        if undone.passing && waited(store, context) < PATIENCE {
            // Said once: a server's words may be others each time.
            let ready = conditions::find(&before, types::READY);
            if ready.is_none_or(|ready| ready.reason != undone.reason()) {
                let verdict = Verdict::not_ready(undone.reason(), undone.now());
                warn(store, &verdict, context).await?;
            }
            return Ok(Action::requeue(AGAIN));
        }
        context
            .events
            .say(&reference(store), Mood::Warning, undone.reason(), &undone.at_last())
            .await;
    }
    let rest: Vec<String> = store.finalizers().iter().filter(|f| *f != FINALIZER).cloned().collect();
    set_finalizers(store, &rest, context).await?;
    let uid = store.uid().unwrap_or_default();
    context.seen.forget(&uid);
    context.upkeep.forget(&uid);
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

/// Says it as a condition and an Event.
async fn warn(store: &MemoryStore, verdict: &Verdict, context: &Context) -> Result<(), ReconcileError> {
    tell(store, verdict, context).await?;
    context
        .events
        .say(&reference(store), Mood::Warning, verdict.reason, &verdict.message)
        .await;
    Ok(())
}

/// Says it as a condition.
async fn tell(store: &MemoryStore, verdict: &Verdict, context: &Context) -> Result<(), ReconcileError> {
    let mut status = store.status.clone().unwrap_or_default();
    status.conditions = conditions::updated(
        &status.conditions,
        std::slice::from_ref(verdict),
        store.metadata.generation,
        &context.time(),
    );
    if store.status.as_ref() == Some(&status) {
        return Ok(());
    }
    let api = context.api(&store.namespace().unwrap_or_default());
    context.apply_status(&api, store, &status).await.map(drop)
}

/// Marks it in the bucket, and removes its data where its object says so.
async fn clear(store: &MemoryStore, context: &Context) -> Result<(), Undone> {
    if store.status.as_ref().is_none_or(|status| status.store_id.is_none())
        && dereference::class(store, context).is_err()
    {
        // Never made.
        return Ok(());
    }
    let class = dereference::class(store, context).map_err(|why| Undone::unmarked(false, why.message))?;
    let keys = context
        .keys
        .of(&class)
        .await
        .map_err(|why| Undone::unmarked(why.passing, why.message))?;
    let place = dereference::open(store, class, keys.as_ref(), context)
        .await
        .map_err(StoreError::from)?;
    let marked = mark_deleted(&place.backend, &place.owner, (context.now)()).await?;
    if let Some(id) = marked
        && store.spec.deletion_policy == DeletionPolicy::Delete
    {
        erase(&place.backend, id).await.map_err(|error| Undone {
            left: Some(format!("{}/{id}/", place.prefix)),
            ..Undone::from(error)
        })?;
    }
    Ok(())
}

/// Seconds since the last of its pods went, as far as it had any, or else since it was deleted.
fn waited(store: &MemoryStore, context: &Context) -> i64 {
    let status = store.status.as_ref();
    let attached = status.and_then(|status| conditions::find(&status.conditions, types::ATTACHED));
    let detached = attached.map(|attached| &attached.last_transition_time);
    let since = detached.or(store.metadata.deletion_timestamp.as_ref());
    since.map_or(0, |since| context.time().0.as_second() - since.0.as_second())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_otherwise_soon_is_tried_again() {
        let (what, cause) = (String::new(), String::new());
        for (error, passing) in [
            (
                BackendError::Unknown {
                    what: what.clone(),
                    cause: cause.clone(),
                },
                true,
            ),
            (
                BackendError::Full {
                    what: what.clone(),
                    cause: cause.clone(),
                },
                true,
            ),
            (BackendError::Refused { what, cause }, false),
        ] {
            let error = StoreError::from(error);
            assert_eq!(is_passing(&error), passing, "{error}");
        }
    }
}
