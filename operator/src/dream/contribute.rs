//! Whose sessions a store's dreams read, and which facts belong in it. Pure.

use std::sync::Arc;

use kube::ResourceExt;
use remanence_api::agent::{Contribution, UserTurns};
use remanence_api::names::session_store;
use remanence_api::{Agent, MemoryStore};
use remanence_proto::broker::task::Facts;

use super::task::called;
use crate::cluster::Cluster;
use crate::plan::{self, World};

/// What a store's dreams read.
#[derive(Debug, Clone)]
pub struct Reading {
    /// The session stores.
    pub sessions: Vec<Arc<MemoryStore>>,
    /// Those of them, as they are called on a stream, in which strangers type.
    pub strangers: Vec<String>,
    /// Which facts belong in the store.
    pub facts: Facts,
    /// Those of the session stores, as they are called on a stream, whose facts all do: the other kind has no other place.
    pub whole: Vec<String>,
    /// The store is an Agent's own.
    pub own: bool,
}

/// What the dreams of `store` read: the sessions of the Agent it belongs to, or of those that contribute to it.
///
/// An Agent's own store takes what is about the user, and a shared one what is about the work; either takes both where
/// the other kind would otherwise have no place.
pub fn reading(cluster: &Cluster, store: &MemoryStore) -> Reading {
    let mut agents = cluster.agents.state();
    agents.sort_by_key(|agent| (agent.namespace(), agent.name_any()));
    if let Some(owner) = agents.iter().find(|agent| plan::is_owned(store, agent)) {
        let gives_elsewhere = owner
            .spec
            .stores
            .iter()
            .any(|entry| entry.dream == Contribution::Contribute);
        return Reading {
            sessions: sessions_of(cluster, owner).into_iter().collect(),
            strangers: strangers_of(cluster, owner).into_iter().collect(),
            facts: if gives_elsewhere { Facts::Own } else { Facts::All },
            whole: Vec::new(),
            own: true,
        };
    }
    let contributors: Vec<_> = agents
        .iter()
        .filter(|agent| contributes(cluster, agent, store))
        .collect();
    let have_own = contributors.iter().any(|agent| agent.spec.memory.is_some());
    Reading {
        sessions: contributors
            .iter()
            .filter_map(|agent| sessions_of(cluster, agent))
            .collect(),
        strangers: contributors
            .iter()
            .filter_map(|agent| strangers_of(cluster, agent))
            .collect(),
        facts: if have_own { Facts::Shared } else { Facts::All },
        whole: contributors
            .iter()
            .filter(|agent| have_own && agent.spec.memory.is_none())
            .filter_map(|agent| sessions_of(cluster, agent))
            .map(|sessions| called(&sessions))
            .collect(),
        own: false,
    }
}

/// An Agent's session store, if there is one that can be read.
fn sessions_of(cluster: &Cluster, agent: &Agent) -> Option<Arc<MemoryStore>> {
    if !agent.keeps_sessions() {
        return None;
    }
    let store = cluster.store(&agent.namespace()?, &session_store(&agent.name_any()))?;
    let is_made = store
        .status
        .as_ref()
        .is_some_and(|s| s.store_id.is_some() && s.prefix.is_some());
    (plan::is_owned(&store, agent) && is_made).then_some(store)
}

/// An Agent's session store, as it is called on a stream, where it says that those who type are strangers.
fn strangers_of(cluster: &Cluster, agent: &Agent) -> Option<String> {
    let are_strangers = agent.spec.sessions.as_ref()?.user_turns == UserTurns::Untrusted;
    let sessions = sessions_of(cluster, agent)?;
    are_strangers.then(|| called(&sessions))
}

/// Whether an Agent says that it contributes, and the store lets it.
fn contributes(cluster: &Cluster, agent: &Agent, store: &MemoryStore) -> bool {
    let here = agent.namespace().unwrap_or_default();
    let named = agent.spec.stores.iter().any(|entry| {
        let there = entry.store_ref.namespace.as_deref().unwrap_or(&here);
        entry.dream == Contribution::Contribute
            && entry.store_ref.name.as_deref() == Some(&store.name_any())
            && store.namespace().as_deref() == Some(there)
    });
    let labels = cluster.namespace_labels(&here).unwrap_or_default();
    named && plan::may_contribute(store, &here, &labels)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::{Value, json};

    use super::*;
    use crate::fixtures;

    fn made(namespace: &str, name: &str, spec: Value, owner: Option<&str>) -> MemoryStore {
        let mut store = fixtures::made(fixtures::store(namespace, name, spec));
        store.metadata.owner_references = owner.map(|owner| {
            serde_json::from_value(
                json!([{"apiVersion": "remanence.dev/v1alpha1", "kind": "Agent", "name": owner,
                "uid": format!("uid-{owner}"), "controller": true}]),
            )
            .unwrap()
        });
        store
    }

    fn sessions(namespace: &str, agent: &str) -> MemoryStore {
        made(
            namespace,
            &session_store(agent),
            json!({"purpose": "Sessions", "sharing": []}),
            Some(agent),
        )
    }

    fn told(cluster: &Cluster, store: &MemoryStore) -> (Vec<String>, Facts) {
        let reading = reading(cluster, store);
        let names = reading.sessions.iter();
        (names.map(|store| called(store)).collect(), reading.facts)
    }

    fn entry(store: &str, namespace: &str, dream: &str) -> Value {
        json!({"name": "s", "storeRef": {"name": store, "namespace": namespace}, "dream": dream})
    }

    #[test]
    fn only_who_contributes_is_read_and_only_where_the_store_lets_it() {
        // (the Agent's namespace, what its entry says, the store's sharing, is its session store read?)
        let same = json!([{"namespaces": {"from": "Same"}}]);
        let all = json!([{"namespaces": {"from": "All"}, "maxAccess": "ReadOnly"}]);
        let open = json!([{"namespaces": {"from": "All"}, "maxAccess": "ReadOnly", "contribute": true}]);
        for (home, dream, sharing, expected) in [
            ("team-a", "Contribute", &same, true),
            ("team-a", "Nothing", &same, false),
            ("team-a", "Contribute", &json!([]), false),
            ("team-b", "Contribute", &all, false),
            ("team-b", "Contribute", &open, true),
            ("team-b", "Nothing", &open, false),
        ] {
            let store = made("team-a", "project", json!({"sharing": sharing}), None);
            let agent = fixtures::agent(
                home,
                "reviewer",
                json!({"harness": "ClaudeCode", "stores": [entry("project", "team-a", dream)]}),
            );
            let cluster = fixtures::cluster(&[agent], &[store.clone(), sessions(home, "reviewer")], &[], &[]);
            let read = told(&cluster, &store).0;
            let wanted: Vec<String> = expected
                .then(|| format!("{home}/reviewer-sessions"))
                .into_iter()
                .collect();
            assert_eq!(read, wanted, "{home} {dream} {sharing}");
        }
    }

    #[test]
    fn facts_go_where_they_belong_and_nowhere_else() {
        let project = made("team-a", "project", json!({}), None);
        let own = made("team-a", "reviewer", json!({"sharing": []}), Some("reviewer"));
        // (memory, contributes to the project, facts of the own store, facts of the project)
        for (memory, gives, of_own, of_project) in [
            (true, true, Some(Facts::Own), Facts::Shared),
            (true, false, Some(Facts::All), Facts::All),
            (false, true, None, Facts::All),
        ] {
            let dream = if gives { "Contribute" } else { "Nothing" };
            let mut spec = json!({"harness": "ClaudeCode", "stores": [entry("project", "team-a", dream)]});
            if memory {
                spec["memory"] = json!({});
            }
            let agent = fixtures::agent("team-a", "reviewer", spec);
            let stores = [project.clone(), own.clone(), sessions("team-a", "reviewer")];
            let cluster = fixtures::cluster(&[agent], &stores, &[], &[]);
            if let Some(of_own) = of_own {
                let read = vec!["team-a/reviewer-sessions".to_owned()];
                assert_eq!(told(&cluster, &own), (read, of_own), "{gives}");
            }
            assert_eq!(told(&cluster, &project).1, of_project, "{memory} {gives}");
        }
    }

    #[test]
    fn what_is_said_to_an_agent_without_memory_of_its_own_is_kept_by_the_shared_store() {
        let project = made("team-a", "project", json!({}), None);
        let spec = json!({"harness": "ClaudeCode", "stores": [entry("project", "team-a", "Contribute")]});
        let mut with_memory = spec.clone();
        with_memory["memory"] = json!({});
        let agents = [
            fixtures::agent("team-a", "reviewer", with_memory),
            fixtures::agent("team-a", "tester", spec),
        ];
        let stores = [
            project.clone(),
            made("team-a", "reviewer", json!({"sharing": []}), Some("reviewer")),
            sessions("team-a", "reviewer"),
            sessions("team-a", "tester"),
        ];
        let cluster = fixtures::cluster(&agents, &stores, &[], &[]);
        let reading = reading(&cluster, &project);
        assert_eq!(reading.sessions.len(), 2);
        assert_eq!(reading.facts, Facts::Shared);
        assert_eq!(reading.whole, ["team-a/tester-sessions"]);
        // Where none has memory of its own, the store takes all of everybody's.
        let cluster = fixtures::cluster(&agents[1..], &stores, &[], &[]);
        let reading = super::reading(&cluster, &project);
        assert_eq!((reading.facts, reading.whole.len()), (Facts::All, 0));
    }

    #[test]
    fn a_store_that_only_says_that_it_is_another_namespaces_agents_reads_nothing() {
        let victim = fixtures::agent("team-b", "reviewer", json!({"harness": "ClaudeCode", "memory": {}}));
        let forged = made("team-a", "reviewer", json!({}), Some("reviewer"));
        let cluster = fixtures::cluster(&[victim], &[forged.clone(), sessions("team-b", "reviewer")], &[], &[]);
        assert!(told(&cluster, &forged).0.is_empty());
    }

    #[test]
    fn a_session_store_that_another_made_is_not_read() {
        let project = made("team-a", "project", json!({}), None);
        let agent = fixtures::agent(
            "team-a",
            "reviewer",
            json!({"harness": "Codex", "stores": [entry("project", "team-a", "Contribute")]}),
        );
        for theirs in [
            made(
                "team-a",
                "reviewer-sessions",
                json!({"purpose": "Sessions"}),
                Some("other"),
            ),
            fixtures::store("team-a", "reviewer-sessions", json!({"purpose": "Sessions"})),
        ] {
            let cluster = fixtures::cluster(std::slice::from_ref(&agent), &[project.clone(), theirs], &[], &[]);
            assert!(told(&cluster, &project).0.is_empty());
        }
    }
}
