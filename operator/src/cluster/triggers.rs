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
            dream.namespace().as_deref() == Some(&namespace) && dream.spec.store_ref.name == name && is_waiting(dream)
        };
        for dream in cluster.dreams.state_filter(waits) {
            let _ = self.dreams.send(ObjectRef::from_obj(&*dream));
        }
    }

    /// A schedule changed.
    pub fn schedule(&self, schedule: &DreamSchedule) {
        let _ = self.schedules.send(ObjectRef::from_obj(schedule));
    }

    /// A Dream changed: perhaps it takes the place of one that waits for a decision, or was in the way of one that is to
    /// be undone, or is one too many.
    pub fn dream(&self, cluster: &Cluster, dream: &Dream) {
        let _ = self.dreams.send(ObjectRef::from_obj(dream));
        self.of_schedule(dream);
        if dream.status.as_ref().is_some_and(|status| status.phase.is_over()) {
            let store = ObjectRef::new(&dream.spec.store_ref.name);
            let _ = self.stores.send(store.within(&dream.namespace().unwrap_or_default()));
        }
        let waits = |other: &Dream| {
            let phase = other.status.as_ref().map(|status| status.phase);
            other.namespace() == dream.namespace()
                && other.spec.store_ref == dream.spec.store_ref
                && (phase == Some(Phase::Proposed) || is_to_be_undone(other))
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

    /// A dreamer's pod changed: perhaps it can't start, or ended before it said what became of its Dreams.
    pub fn dreamer(&self, cluster: &Cluster, pod: &Pod) {
        self.of_dream(pod);
        self.of_schedule(pod);
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

    /// A class changed, of which `before` was known.
    pub fn class(&self, cluster: &Cluster, class: &MemoryStoreClass, before: Option<&MemoryStoreClass>) {
        let _ = self.classes.send(ObjectRef::from_obj(class));
        // A store more is no news to all others.
        if before.is_some_and(|before| is_same_but_for_its_count(before, class)) {
            return;
        }
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

fn is_same_but_for_its_count(before: &MemoryStoreClass, now: &MemoryStoreClass) -> bool {
    let conditions = |class: &MemoryStoreClass| class.status.as_ref().map(|status| status.conditions.clone());
    before.metadata.uid == now.metadata.uid
        && before.metadata.generation == now.metadata.generation
        && before.metadata.annotations == now.metadata.annotations
        && before.metadata.deletion_timestamp == now.metadata.deletion_timestamp
        && conditions(before) == conditions(now)
}

/// Whether more may come of a Dream once its store is another.
fn is_waiting(dream: &Dream) -> bool {
    !dream.status.as_ref().is_some_and(|status| status.phase.is_over()) || is_to_be_undone(dream)
}

/// Whether a Dream is to be taken back and was not yet: newer ones may have been in the way.
fn is_to_be_undone(dream: &Dream) -> bool {
    let phase = dream.status.as_ref().map(|status| status.phase);
    dream.spec.undo.is_some() && phase == Some(Phase::Applied)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::needless_pass_by_value)]
    use serde_json::{Value, json};
    use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

    use super::*;
    use crate::fixtures::{self, Night, queues};

    fn names(mut due: UnboundedReceiver<ObjectRef<Dream>>) -> Vec<String> {
        let mut names = Vec::new();
        while let Ok(dream) = due.try_recv() {
            names.push(dream.name);
        }
        names.sort();
        names.dedup();
        names
    }

    #[test]
    fn a_dream_that_waits_to_be_undone_is_looked_at_with_its_store_and_with_others_of_it() {
        let dream = |name: &str, store: &str, phase: &str, more: Value| {
            let mut spec = json!({"storeRef": {"name": store}});
            spec.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            fixtures::dream("team-a", name, spec, json!({"phase": phase}))
        };
        let undo = || json!({"undo": {"by": "ann"}});
        let undone = dream("undone", "project", "Undone", undo());
        let dreams = [
            dream("older", "project", "Applied", undo()),
            dream("applied", "project", "Applied", json!({})),
            dream("proposed", "project", "Proposed", json!({})),
            dream("elsewhere", "other", "Applied", undo()),
            undone.clone(),
        ];
        let night = Night {
            dreams: &dreams,
            ..Night::default()
        };
        let cluster = fixtures::dreaming(fixtures::cluster(&[], &[], &[], &[]), &night);

        let (by_store, due) = queues();
        by_store.store(&cluster, &fixtures::store("team-a", "project", json!({})));
        assert_eq!(names(due), ["older", "proposed"]);

        let (by_dream, due) = queues();
        by_dream.dream(&cluster, &undone);
        assert_eq!(names(due), ["older", "proposed", "undone"]);
    }

    #[test]
    fn the_stores_of_a_class_are_looked_at_when_it_changes_and_not_when_they_are_more() {
        let stores = [fixtures::store("team-a", "project", json!({}))];
        let cluster = fixtures::cluster(&[], &stores, &[], &[]);
        let before = fixtures::class("standard");
        let concerns = |now: &MemoryStoreClass, before: Option<&MemoryStoreClass>| {
            let (all, _dreams) = queues();
            let (stores, mut stores_due) = unbounded_channel();
            let (classes, mut classes_due) = unbounded_channel();
            let all = Queues { stores, classes, ..all };
            all.class(&cluster, now, before);
            assert_eq!(classes_due.try_recv().unwrap().name, "standard");
            stores_due.try_recv().is_ok()
        };
        let mut counted = before.clone();
        counted.status.as_mut().unwrap().stores = 2;
        counted.metadata.resource_version = Some("2".to_owned());
        assert!(!concerns(&counted, Some(&before)));
        assert!(concerns(&counted, None), "it is first seen, or gone");
        let changes: [fn(&mut MemoryStoreClass); 5] = [
            |now: &mut MemoryStoreClass| now.metadata.uid = Some("another".to_owned()),
            |now: &mut MemoryStoreClass| now.metadata.generation = Some(2),
            |now: &mut MemoryStoreClass| now.metadata.annotations = None,
            |now: &mut MemoryStoreClass| {
                now.metadata.deletion_timestamp = serde_json::from_value(json!("2026-01-01T00:00:00Z")).unwrap();
            },
            |now: &mut MemoryStoreClass| {
                now.status.as_mut().unwrap().conditions[0].status = "False".to_owned();
            },
        ];
        for (at, change) in changes.into_iter().enumerate() {
            let mut now = counted.clone();
            change(&mut now);
            assert!(concerns(&now, Some(&before)), "{at}");
        }
    }
}
