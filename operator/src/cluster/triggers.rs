//! Which objects are to be looked at again when another one changes.

use k8s_openapi::api::core::v1::Pod;
use kube::ResourceExt;
use kube::runtime::reflector::ObjectRef;
use remanence_api::dream::Phase;
use remanence_api::names::{DREAM_LABEL, SCHEDULE_LABEL};
use remanence_api::store::Purpose;
use remanence_api::{Agent, Dream, DreamSchedule, MemoryStore, MemoryStoreClass};
use tokio::sync::mpsc::UnboundedSender;

use super::{Cluster, agent_of, is_default};
use crate::plan;

/// The controllers' queues.
#[derive(Clone)]
pub struct Queues {
    /// Of Agents.
    pub agents: UnboundedSender<ObjectRef<Agent>>,
    /// Of stores.
    pub stores: UnboundedSender<ObjectRef<MemoryStore>>,
    /// Of classes.
    pub classes: UnboundedSender<ObjectRef<MemoryStoreClass>>,
    /// Of pods.
    pub pods: UnboundedSender<ObjectRef<Pod>>,
    /// Of schedules.
    pub schedules: UnboundedSender<ObjectRef<DreamSchedule>>,
    /// Of Dreams.
    pub dreams: UnboundedSender<ObjectRef<Dream>>,
}

// A queue without a receiver is that of a controller that has ended; nothing is to be done for it.
impl Queues {
    /// An Agent changed.
    pub fn agent(&self, cluster: &Cluster, agent: &Agent) {
        let _ = self.agents.send(ObjectRef::from_obj(agent));
        let namespace = agent.namespace().unwrap_or_default();
        for pod in cluster.pods_of(&namespace, &agent.name_any()) {
            let _ = self.pods.send(ObjectRef::from_obj(&*pod));
        }
    }

    /// A store changed.
    pub fn store(&self, cluster: &Cluster, store: &MemoryStore) {
        let _ = self.stores.send(ObjectRef::from_obj(store));
        let (namespace, name) = (store.namespace().unwrap_or_default(), store.name_any());
        for agent in cluster
            .agents
            .state_filter(|agent| plan::concerns(agent, &namespace, &name))
        {
            self.agent(cluster, &agent);
        }
        let sessions = store.spec.purpose == Purpose::Sessions;
        let concerned = |schedule: &DreamSchedule| {
            // Sessions of other namespaces may be read too.
            schedule.namespace().as_deref() == Some(&namespace) || (sessions && schedule.spec.after.is_some())
        };
        for schedule in cluster.schedules.state_filter(concerned) {
            self.schedule(&schedule);
        }
        let waits = |dream: &Dream| {
            dream.namespace().as_deref() == Some(&namespace)
                && dream.spec.store_ref.name == name
                && !dream.status.as_ref().is_some_and(|status| status.phase.is_over())
        };
        for dream in cluster.dreams.state_filter(waits) {
            let _ = self.dreams.send(ObjectRef::from_obj(&*dream));
        }
    }

    /// A schedule changed.
    pub fn schedule(&self, schedule: &DreamSchedule) {
        let _ = self.schedules.send(ObjectRef::from_obj(schedule));
    }

    /// A Dream changed: perhaps it takes the place of one that waits for a decision, or is one too many.
    pub fn dream(&self, cluster: &Cluster, dream: &Dream) {
        let _ = self.dreams.send(ObjectRef::from_obj(dream));
        self.of_schedule(dream);
        if dream.status.as_ref().is_some_and(|status| status.phase.is_over()) {
            let store = ObjectRef::new(&dream.spec.store_ref.name);
            let _ = self.stores.send(store.within(&dream.namespace().unwrap_or_default()));
        }
        let waits = |other: &Dream| {
            other.namespace() == dream.namespace()
                && other.spec.store_ref == dream.spec.store_ref
                && other
                    .status
                    .as_ref()
                    .is_some_and(|status| status.phase == Phase::Proposed)
        };
        for other in cluster.dreams.state_filter(waits) {
            let _ = self.dreams.send(ObjectRef::from_obj(&*other));
        }
    }

    /// Something of a schedule changed.
    pub fn of_schedule(&self, what: &impl ResourceExt) {
        if let Some(name) = what.labels().get(SCHEDULE_LABEL) {
            let namespace = what.namespace().unwrap_or_default();
            let _ = self.schedules.send(ObjectRef::new(name).within(&namespace));
        }
    }

    /// Something of a Dream made by hand changed.
    pub fn of_dream(&self, what: &impl ResourceExt) {
        if let Some(name) = what.labels().get(DREAM_LABEL) {
            let namespace = what.namespace().unwrap_or_default();
            let _ = self.dreams.send(ObjectRef::new(name).within(&namespace));
        }
    }

    /// A dreamer's pod changed: perhaps it ended before it said what became of its Dreams.
    pub fn dreamer(&self, cluster: &Cluster, pod: &Pod) {
        self.of_dream(pod);
        let name = pod.name_any();
        let its = |dream: &Dream| {
            dream.namespace() == pod.namespace()
                && dream
                    .status
                    .as_ref()
                    .is_some_and(|status| status.phase == Phase::Running && status.pod.as_ref() == Some(&name))
        };
        for dream in cluster.dreams.state_filter(its) {
            let _ = self.dreams.send(ObjectRef::from_obj(&*dream));
        }
    }

    /// A class changed.
    pub fn class(&self, cluster: &Cluster, class: &MemoryStoreClass) {
        let _ = self.classes.send(ObjectRef::from_obj(class));
        let name = class.name_any();
        let concerned = |store: &MemoryStore| match &store.spec.class_name {
            Some(named) => *named == name,
            // Also where this class was the default until now.
            None => {
                is_default(class)
                    || store
                        .status
                        .as_ref()
                        .and_then(|s| s.class_name.as_ref())
                        .is_none_or(|c| *c == name)
            }
        };
        for store in cluster.stores.state_filter(concerned) {
            let _ = self.stores.send(ObjectRef::from_obj(&*store));
        }
        // Dreamers may reach its storage.
        for schedule in cluster.schedules.state() {
            self.schedule(&schedule);
        }
    }

    /// A pod changed.
    pub fn pod(&self, cluster: &Cluster, pod: &Pod) {
        let _ = self.pods.send(ObjectRef::from_obj(pod));
        let namespace = pod.namespace().unwrap_or_default();
        if let Some(agent) = agent_of(pod) {
            let _ = self.agents.send(ObjectRef::new(agent).within(&namespace));
        }
        // A store that is to be deleted waits for its pods.
        for store in cluster
            .stores
            .state_filter(|store| store.metadata.deletion_timestamp.is_some())
        {
            let _ = self.stores.send(ObjectRef::from_obj(&*store));
        }
    }

    /// A namespace changed: perhaps its labels, which stores are shared by.
    pub fn namespace(&self, cluster: &Cluster, name: &str) {
        for agent in cluster
            .agents
            .state_filter(|agent| agent.namespace().as_deref() == Some(name))
        {
            self.agent(cluster, &agent);
        }
    }
}
