//! Controllers. Each looks at one object at a time; its steps are files: dereference (what the object refers to),
//! build (pure), apply, status. Only the leader acts.

pub mod agent;
pub mod class;
mod confine;
pub mod dream;
mod held_up;
mod make;
pub mod pod;
pub mod schedule;
pub mod store;
#[cfg(test)]
mod tests;

use std::fmt::Debug;
use std::hash::Hash;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::{Stream, StreamExt, stream};
use jiff::Timestamp;
use k8s_openapi::api::core::v1::ObjectReference;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::core::{NamespaceResourceScope, Status};
use kube::runtime::Controller;
use kube::runtime::controller::{Action, Config};
use kube::runtime::reflector::{ObjectRef, Store};
use kube::{Api, Client, Resource, ResourceExt};
use remanence_api::conditions::Verdict;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::{mpsc, watch};
use tokio_stream::wrappers::{UnboundedReceiverStream, WatchStream};
use tokio_util::sync::CancellationToken;

use crate::bucket::Buckets;
use crate::cluster::Cluster;
use crate::dream::pod::Surroundings;
use crate::events::Events;
use crate::keys::KeyRing;
use crate::metrics::Metrics;
use crate::write_status::write_status;

/// How many objects of a kind are looked at at once.
const CONCURRENCY: u16 = 16;
/// How soon an object is looked at again after a failure.
const AGAIN: Duration = Duration::from_secs(5);

/// What every controller needs.
pub struct Context {
    /// The apiserver.
    pub client: Client,
    /// What is known of the cluster.
    pub cluster: Cluster,
    /// The classes' keys.
    pub keys: Arc<KeyRing>,
    /// The buckets.
    pub buckets: Arc<dyn Buckets>,
    /// Events.
    pub events: Events,
    /// Metrics.
    pub metrics: Arc<Metrics>,
    /// Whether this replica acts.
    pub leading: watch::Receiver<bool>,
    /// What names this cluster in buckets.
    pub cluster_id: String,
    /// What was last seen of stores.
    pub seen: store::Seen,
    /// Retention.
    pub upkeep: store::Upkeep,
    /// What dreamers' pods are made with.
    pub dreams: Surroundings,
    /// The time.
    pub now: fn() -> Timestamp,
}

/// Why an object could not be looked after.
#[derive(Debug, thiserror::Error)]
#[error("{what}: {source}")]
pub struct ReconcileError {
    /// What was asked of the apiserver.
    what: String,
    /// Its answer.
    source: Box<kube::Error>,
}

impl ReconcileError {
    /// The apiserver refused `what`.
    pub fn api(what: impl Into<String>) -> impl FnOnce(kube::Error) -> Self {
        let what = what.into();
        move |source| Self {
            what,
            source: Box::new(source),
        }
    }

    /// That `what` is refused, where the apiserver found it wrong.
    ///
    /// # Errors
    /// The error itself, where it is another.
    fn refused(self, reason: &'static str, what: &str) -> Result<Verdict, Self> {
        match &*self.source {
            kube::Error::Api(status) if matches!(status.code, 400 | 403 | 422) || is_no_quantity(status) => {
                Ok(Verdict::not_ready(reason, format!("{what}: {}", status.message)))
            }
            _ => Err(self),
        }
    }
}

/// Whether the apiserver found a quantity (`cpu: abc`) that is none: it calls that an error of its own.
fn is_no_quantity(status: &Status) -> bool {
    status.code == 500 && status.message.contains("quantit")
}

impl Context {
    /// The time as Kubernetes writes it: in whole seconds. Parts of one would not come back, and what was told would look
    /// like something else.
    pub fn time(&self) -> Time {
        whole_seconds((self.now)())
    }

    /// Writes an object's status; answers whether it is written. It is not where the object is gone or changed meanwhile:
    /// then the change brings it back.
    ///
    /// # Errors
    /// When the apiserver refuses.
    pub async fn apply_status<K, S>(&self, api: &Api<K>, object: &K, status: &S) -> Result<bool, ReconcileError>
    where
        K: Resource<DynamicType = ()> + Clone + DeserializeOwned + Debug,
        S: Serialize,
    {
        match write_status(api, object, status).await {
            Ok(()) => Ok(true),
            Err(kube::Error::Api(status)) if matches!(status.code, 404 | 409) => Ok(false),
            Err(error) => {
                let what = format!("the status of {} {}", K::kind(&()), object.name_any());
                Err(ReconcileError::api(what)(error))
            }
        }
    }

    /// The API of an object's namespace.
    pub fn api<K>(&self, namespace: &str) -> Api<K>
    where
        K: Resource<DynamicType = (), Scope = NamespaceResourceScope>,
    {
        Api::namespaced(self.client.clone(), namespace)
    }
}

fn whole_seconds(time: Timestamp) -> Time {
    Time(Timestamp::from_second(time.as_second()).unwrap_or(time))
}

/// Names an object for Events.
pub fn reference<K: Resource<DynamicType = ()>>(object: &K) -> ObjectReference {
    object.object_ref(&())
}

/// Runs a controller until `stop`: each object in `queue` is looked at, and all when this replica becomes the leader.
pub async fn run<K, F, Fut>(
    kind: &'static str,
    reader: Store<K>,
    queue: mpsc::UnboundedReceiver<ObjectRef<K>>,
    context: Arc<Context>,
    look: F,
    stop: CancellationToken,
) where
    K: Resource<DynamicType = ()> + Clone + DeserializeOwned + Debug + Send + Sync + 'static,
    F: Fn(Arc<K>, Arc<Context>) -> Fut + Send + Sync + Copy + 'static,
    Fut: Future<Output = Result<Action, ReconcileError>> + Send + 'static,
    ObjectRef<K>: Hash,
{
    let timed = move |object: Arc<K>, context: Arc<Context>| async move {
        if !*context.leading.borrow() {
            return Ok(Action::await_change());
        }
        let since = Instant::now();
        let outcome = look(object, context.clone()).await;
        context.metrics.reconciled(kind, since.elapsed(), outcome.is_ok());
        outcome
    };
    let failed = move |object: Arc<K>, error: &ReconcileError, _: Arc<Context>| {
        let meta = object.meta();
        tracing::warn!(kind, name = meta.name, namespace = meta.namespace, %error, "will be tried again");
        Action::requeue(AGAIN)
    };
    Controller::for_stream(stream::pending(), reader)
        .with_config(Config::default().concurrency(CONCURRENCY))
        .reconcile_on(UnboundedReceiverStream::new(queue))
        .reconcile_all_on(leadership(context.leading.clone()))
        .graceful_shutdown_on(stop.cancelled_owned())
        .run(timed, failed, context)
        // Failures were told above; an object that is gone needs nothing.
        .for_each(|_| std::future::ready(()))
        .await;
}

/// Each time this replica becomes the leader.
fn leadership(leading: watch::Receiver<bool>) -> impl Stream<Item = ()> + Send {
    WatchStream::new(leading).filter_map(|leads| std::future::ready(leads.then_some(())))
}
