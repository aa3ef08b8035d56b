//! What the operator knows of the cluster: shared reflectors, each filled by one watch.

mod readable;
pub mod triggers;
mod watch;

use std::sync::Arc;

use k8s_openapi::api::batch::v1::{CronJob, Job};
use k8s_openapi::api::core::v1::{Namespace, Pod};
use k8s_openapi::api::networking::v1::NetworkPolicy;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::ResourceExt;
use kube::core::PartialObjectMeta;
use kube::runtime::reflector::{ObjectRef, Store};
use remanence_api::dream::Phase;
use remanence_api::names::{AGENT_LABEL, DEFAULT_CLASS};
use remanence_api::{Agent, Dream, DreamSchedule, MemoryStore, MemoryStoreClass};
use tokio::sync::watch as channel;

use crate::plan::{Labels, World};

pub use watch::{Watching, start};

/// Readers of the reflectors.
#[derive(Clone)]
pub struct Cluster {
    /// All Agents.
    pub agents: Store<Agent>,
    /// All stores.
    pub stores: Store<MemoryStore>,
    /// All classes.
    pub classes: Store<MemoryStoreClass>,
    /// All pods with an Agent's label, without what nobody here asks for.
    pub pods: Store<Pod>,
    /// All namespaces' metadata.
    pub namespaces: Store<PartialObjectMeta<Namespace>>,
    /// All schedules.
    pub schedules: Store<DreamSchedule>,
    /// All Dreams.
    pub dreams: Store<Dream>,
    /// The schedules' `CronJobs`, without what they are to do.
    pub cron_jobs: Store<CronJob>,
    /// Dreamers' Jobs, without what they are to do.
    pub jobs: Store<Job>,
    /// Dreamers' pods, without what nobody here asks for.
    pub dreamers: Store<Pod>,
    /// Dreamers' network policies, without what they say.
    pub network_policies: Store<NetworkPolicy>,
    /// Rises with every change.
    pub changes: channel::Receiver<u64>,
}

/// Why no class is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoClass {
    /// The one named is not there.
    Absent,
    /// None is named and none is the default.
    NoDefault,
    /// None is named and several are the default.
    SeveralDefaults,
}

impl Cluster {
    /// Waits until every reflector has been filled once.
    pub async fn ready(&self) {
        // An error says that the writer is gone: the program is ending.
        let _ = tokio::join!(
            self.agents.wait_until_ready(),
            self.stores.wait_until_ready(),
            self.classes.wait_until_ready(),
            self.pods.wait_until_ready(),
            self.namespaces.wait_until_ready(),
            self.schedules.wait_until_ready(),
            self.dreams.wait_until_ready(),
            self.cron_jobs.wait_until_ready(),
            self.jobs.wait_until_ready(),
            self.dreamers.wait_until_ready(),
            self.network_policies.wait_until_ready(),
        );
    }

    /// An Agent.
    pub fn agent(&self, namespace: &str, name: &str) -> Option<Arc<Agent>> {
        self.agents.get(&ObjectRef::new(name).within(namespace))
    }

    /// A pod with an Agent's label.
    pub fn pod(&self, namespace: &str, name: &str) -> Option<Arc<Pod>> {
        self.pods.get(&ObjectRef::new(name).within(namespace))
    }

    /// The class of that name, or else the default one.
    ///
    /// # Errors
    /// When there is none, or not one.
    pub fn class(&self, name: Option<&str>) -> Result<Arc<MemoryStoreClass>, NoClass> {
        if let Some(name) = name {
            return self.classes.get(&ObjectRef::new(name)).ok_or(NoClass::Absent);
        }
        let defaults = self.classes.state_filter(is_default);
        match <[_; 1]>::try_from(defaults) {
            Ok([class]) => Ok(class),
            Err(none) if none.is_empty() => Err(NoClass::NoDefault),
            Err(_) => Err(NoClass::SeveralDefaults),
        }
    }

    /// When a dream of the store was last over.
    pub fn last_dream(&self, store: &MemoryStore) -> Option<Time> {
        let of_store =
            |dream: &Dream| dream.namespace() == store.namespace() && dream.spec.store_ref.name == store.name_any();
        let dreams = self.dreams.state_filter(of_store);
        let over = dreams.iter().filter_map(|dream| dream.status.as_ref());
        over.filter(|status| matches!(status.phase, Phase::Applied | Phase::NoChange))
            .filter_map(|status| status.finished.clone())
            .max_by_key(|time| time.0)
    }

    /// An Agent's pods that have not ended.
    pub fn pods_of(&self, namespace: &str, agent: &str) -> Vec<Arc<Pod>> {
        self.pods.state_filter(|pod| {
            pod.namespace().as_deref() == Some(namespace) && agent_of(pod) == Some(agent) && !has_ended(pod)
        })
    }
}

impl World for Cluster {
    fn store(&self, namespace: &str, name: &str) -> Option<Arc<MemoryStore>> {
        self.stores.get(&ObjectRef::new(name).within(namespace))
    }

    fn namespace_labels(&self, namespace: &str) -> Option<Labels> {
        let found = self.namespaces.get(&ObjectRef::new(namespace))?;
        Some(found.labels().clone())
    }
}

/// Whether a class says that it is the default.
pub fn is_default(class: &MemoryStoreClass) -> bool {
    class
        .annotations()
        .get(DEFAULT_CLASS)
        .is_some_and(|value| value == "true")
}

/// The Agent that a pod is.
pub fn agent_of(pod: &Pod) -> Option<&str> {
    pod.labels().get(AGENT_LABEL).map(String::as_str)
}

/// Whether a pod runs no more.
pub fn has_ended(pod: &Pod) -> bool {
    let phase = pod.status.as_ref().and_then(|s| s.phase.as_deref());
    matches!(phase, Some("Succeeded" | "Failed"))
}
