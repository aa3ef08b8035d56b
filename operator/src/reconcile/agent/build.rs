//! The stores that belong to an Agent.

use std::collections::BTreeMap;

use kube::api::ObjectMeta;
use kube::{Resource, ResourceExt};
use remanence_api::names::{FINALIZER, MANAGED_BY, MANAGER, session_store};
use remanence_api::store::Purpose;
use remanence_api::{Agent, MemoryStore, MemoryStoreSpec};

/// Its own store and its sessions', as it says. Nobody else may attach them: they are shared with nobody.
pub(super) fn stores(agent: &Agent) -> Vec<MemoryStore> {
    let mut stores = Vec::new();
    let name = agent.name_any();
    if let Some(memory) = &agent.spec.memory {
        let spec = MemoryStoreSpec {
            class_name: memory.class_name.clone(),
            description: memory.description.clone(),
            limits: memory.limits.clone(),
            adopt: memory.adopt,
            sharing: Vec::new(),
            ..MemoryStoreSpec::default()
        };
        stores.push(owned(agent, &name, spec));
    }
    if agent.keeps_sessions() {
        let spec = MemoryStoreSpec {
            class_name: agent.spec.sessions.as_ref().and_then(|s| s.class_name.clone()),
            description: format!("Session transcripts of the agent {name}."),
            purpose: Purpose::Sessions,
            adopt: agent.spec.sessions.as_ref().is_some_and(|s| s.adopt),
            expiry: agent.spec.sessions.as_ref().and_then(|s| s.retention),
            sharing: Vec::new(),
            ..MemoryStoreSpec::default()
        };
        stores.push(owned(agent, &session_store(&name), spec));
    }
    stores
}

fn owned(agent: &Agent, name: &str, spec: MemoryStoreSpec) -> MemoryStore {
    let mut store = MemoryStore::new(name, spec);
    store.metadata = ObjectMeta {
        name: Some(name.to_owned()),
        namespace: agent.namespace(),
        labels: Some(BTreeMap::from([(MANAGED_BY.to_owned(), MANAGER.to_owned())])),
        // Or it would take another write before anything is made in the bucket.
        finalizers: Some(vec![FINALIZER.to_owned()]),
        owner_references: agent.controller_owner_ref(&()).map(|owner| vec![owner]),
        ..ObjectMeta::default()
    };
    store
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::needless_pass_by_value)]
    use serde_json::{Value, json};

    use super::*;

    fn stores_of(spec: Value) -> Vec<MemoryStore> {
        let agent: Agent = serde_json::from_value(json!({
            "apiVersion": "remanence.dev/v1alpha1", "kind": "Agent",
            "metadata": {"name": "reviewer", "namespace": "team-a", "uid": "u"}, "spec": spec,
        }))
        .unwrap();
        stores(&agent)
    }

    #[test]
    fn stores_are_made_as_the_agent_says() {
        for (spec, names) in [
            (json!({}), &[][..]),
            (json!({"memory": {}}), &["reviewer"][..]),
            (json!({"sessions": {"mountPath": "/s"}}), &["reviewer-sessions"][..]),
            (
                json!({"harness": "Codex", "memory": {}}),
                &["reviewer", "reviewer-sessions"][..],
            ),
        ] {
            let made: Vec<_> = stores_of(spec.clone()).iter().map(ResourceExt::name_any).collect();
            assert_eq!(made, names, "{spec}");
        }
    }

    #[test]
    fn they_are_the_agents_alone_and_go_with_it() {
        for store in stores_of(json!({"harness": "ClaudeCode", "memory": {"description": "Mine."}})) {
            assert!(store.spec.sharing.is_empty());
            let owner = &store.owner_references()[0];
            assert_eq!(
                (owner.kind.as_str(), owner.uid.as_str(), owner.controller),
                ("Agent", "u", Some(true))
            );
            assert_eq!(store.namespace().unwrap(), "team-a");
        }
    }

    #[test]
    fn an_empty_sharing_is_said_and_not_left_to_the_default() {
        let store = &stores_of(json!({"memory": {}}))[0];
        assert_eq!(serde_json::to_value(store).unwrap()["spec"]["sharing"], json!([]));
    }
}
