// Literals read best by value.
#![allow(
    clippy::unwrap_used,
    clippy::needless_pass_by_value,
    clippy::cloned_ref_to_slice_refs
)]

use std::collections::HashMap;

use serde_json::{Value, json};

use super::*;

/// A cluster of a few objects.
#[derive(Default)]
struct Few {
    stores: HashMap<(String, String), Arc<MemoryStore>>,
    namespaces: HashMap<String, Labels>,
}

impl World for Few {
    fn store(&self, namespace: &str, name: &str) -> Option<Arc<MemoryStore>> {
        self.stores.get(&(namespace.to_owned(), name.to_owned())).cloned()
    }

    fn namespace_labels(&self, namespace: &str) -> Option<Labels> {
        self.namespaces.get(namespace).cloned()
    }
}

fn labels(pairs: &[(&str, &str)]) -> Labels {
    pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
}

impl Few {
    fn store(mut self, namespace: &str, name: &str, spec: Value) -> Self {
        let store = store(namespace, name, spec);
        self.stores
            .insert((namespace.to_owned(), name.to_owned()), Arc::new(store));
        self
    }

    fn edit(mut self, namespace: &str, name: &str, edit: impl Fn(&mut MemoryStore)) -> Self {
        let store = self.stores.get_mut(&(namespace.to_owned(), name.to_owned())).unwrap();
        edit(Arc::make_mut(store));
        self
    }

    fn namespace(mut self, name: &str, pairs: &[(&str, &str)]) -> Self {
        self.namespaces.insert(name.to_owned(), labels(pairs));
        self
    }
}

/// A store that is ready.
fn store(namespace: &str, name: &str, spec: Value) -> MemoryStore {
    let mut store: MemoryStore = serde_json::from_value(json!({
        "apiVersion": "remanence.dev/v1alpha1", "kind": "MemoryStore",
        "metadata": {"name": name, "namespace": namespace, "uid": format!("uid-{name}")}, "spec": spec,
    }))
    .unwrap();
    store.status = Some(
        serde_json::from_value(json!({
            "storeId": "1", "prefix": format!("{namespace}/{name}"),
            "conditions": [{"type": "Ready", "status": "True", "reason": "Ready", "message": "", "lastTransitionTime": "2026-01-01T00:00:00Z"}],
        }))
        .unwrap(),
    );
    store
}

fn agent(spec: Value) -> Agent {
    serde_json::from_value(json!({
        "apiVersion": "remanence.dev/v1alpha1", "kind": "Agent",
        "metadata": {"name": "reviewer", "namespace": "team-a", "uid": "uid-agent"}, "spec": spec,
    }))
    .unwrap()
}

fn owned(store: &mut MemoryStore) {
    let owner = json!([{"apiVersion": "remanence.dev/v1alpha1", "kind": "Agent", "name": "reviewer", "uid": "uid-agent", "controller": true}]);
    store.metadata.owner_references = serde_json::from_value(owner).unwrap();
}

/// `folder=access` of each attachment, and the reason of each that is lacking.
fn told(plan: &Plan) -> (Vec<String>, Vec<&'static str>) {
    let attached = plan.attached.iter().map(|a| format!("{}={:?}", a.folder, a.access));
    (attached.collect(), plan.lacking.iter().map(|l| l.reason).collect())
}

#[test]
fn sharing_decides_who_attaches_and_how() {
    let by_team = json!([
        {"namespaces": {"from": "Same"}},
        {"namespaces": {"from": "Selector", "selector": {"matchLabels": {"team": "b"}}}, "maxAccess": "ReadOnly"},
    ]);
    let all_reading = json!([{"namespaces": {"from": "All"}, "maxAccess": "ReadOnly"}]);
    let both = json!([
        {"namespaces": {"from": "All"}, "maxAccess": "ReadOnly"},
        {"namespaces": {"from": "Selector", "selector": {"matchLabels": {"team": "a"}}}},
    ]);
    // (sharing, the store's namespace, labels of the Agent's namespace, access or reason)
    let table = [
        (None, "team-a", &[][..], "ReadWrite"),
        (None, "platform", &[][..], reasons::NOT_SHARED),
        (Some(json!([])), "team-a", &[][..], reasons::NOT_SHARED),
        (Some(by_team.clone()), "team-a", &[][..], "ReadWrite"),
        (Some(by_team.clone()), "platform", &[("team", "b")][..], "ReadOnly"),
        (Some(by_team), "platform", &[("team", "c")][..], reasons::NOT_SHARED),
        (Some(all_reading), "platform", &[][..], "ReadOnly"),
        (Some(both), "platform", &[("team", "a")][..], "ReadWrite"),
    ];
    for (sharing, home, own_labels, expected) in table {
        let mut spec = json!({});
        if let Some(sharing) = sharing {
            spec["sharing"] = sharing;
        }
        let world = Few::default()
            .store(home, "project", spec.clone())
            .namespace("team-a", own_labels);
        let reference = json!({"name": "project", "namespace": home});
        let agent = agent(json!({"stores": [{"name": "project", "storeRef": reference}]}));
        let plan = plan(&world, &agent, None, Purport::Start);
        let outcome = match (plan.attached.first(), plan.lacking.first()) {
            (Some(attached), None) => format!("{:?}", attached.access),
            (None, Some(lacking)) => lacking.reason.to_owned(),
            _ => panic!("{plan:?}"),
        };
        assert_eq!(outcome, expected, "{spec} from {own_labels:?}");
        assert_eq!(plan.lowered.len(), usize::from(expected == "ReadOnly"), "{spec}");
    }
}

#[test]
fn an_agents_own_store_is_not_said_to_be_shareable() {
    let of_another = |store: &mut MemoryStore| {
        owned(store);
        store.metadata.owner_references.as_mut().unwrap()[0].name = "writer".to_owned();
    };
    let reference = json!({"stores": [{"name": "project", "storeRef": {"name": "project"}}]});
    for (is_of_agent, said) in [
        (true, "is the Agent writer's own"),
        (false, "add the namespace to spec.sharing"),
    ] {
        let mut world = Few::default().store("team-a", "project", json!({"sharing": []}));
        if is_of_agent {
            world = world.edit("team-a", "project", of_another);
        }
        let plan = plan(&world, &agent(reference.clone()), None, Purport::Start);
        assert_eq!(plan.lacking[0].reason, reasons::NOT_SHARED);
        assert!(plan.lacking[0].message.contains(said), "{}", plan.lacking[0].message);
    }
}

#[test]
fn a_modest_wish_is_not_lowered() {
    let world = Few::default()
        .store(
            "team-a",
            "project",
            json!({"sharing": [{"namespaces": {"from": "Same"}, "maxAccess": "ReadOnly"}]}),
        )
        .store("team-a", "notes", json!({}));
    let entry = |name: &str| json!({"name": name, "storeRef": {"name": name}, "access": "ReadOnly"});
    let plan = plan(
        &world,
        &agent(json!({"stores": [entry("project"), entry("notes")]})),
        None,
        Purport::Start,
    );
    assert_eq!(told(&plan).0, ["project=ReadOnly", "notes=ReadOnly"]);
    assert!(plan.lowered.is_empty());
}

#[test]
fn an_archived_store_is_read_only_for_everybody() {
    let world = Few::default().store("team-a", "project", json!({"archived": true}));
    let plan = plan(
        &world,
        &agent(json!({"stores": [{"name": "p", "storeRef": {"name": "project"}}]})),
        None,
        Purport::Start,
    );
    assert_eq!(told(&plan).0, ["p=ReadOnly"]);
    assert!(plan.lowered[0].contains("archived"));
}

#[test]
fn the_own_store_and_the_sessions_are_the_agents_alone() {
    let nobody = json!({"sharing": []});
    let world = Few::default()
        .store("team-a", "reviewer", nobody.clone())
        .edit("team-a", "reviewer", owned)
        .store(
            "team-a",
            "reviewer-sessions",
            json!({"sharing": [], "purpose": "Sessions"}),
        )
        .edit("team-a", "reviewer-sessions", owned);
    let whole = agent(json!({"memory": {}, "harness": "ClaudeCode"}));
    let plan_ = plan(&world, &whole, None, Purport::Start);
    assert_eq!(
        told(&plan_),
        (vec!["reviewer=ReadWrite".to_owned(), "=ReadWrite".to_owned()], vec![])
    );
    assert_eq!(plan_.attached[1].durability, Durability::Local);
    // Another Agent that names it gets nothing.
    let mut other = agent(json!({"stores": [{"name": "theirs", "storeRef": {"name": "reviewer"}}]}));
    other.metadata.uid = Some("uid-other".to_owned());
    assert_eq!(
        told(&plan(&world, &other, None, Purport::Start)).1,
        [reasons::NOT_SHARED]
    );
}

#[test]
fn a_reference_that_is_not_the_agents_own_makes_no_store_its_own() {
    let agent = agent(json!({"memory": {}}));
    let own = json!({"apiVersion": "remanence.dev/v1alpha1", "kind": "Agent", "name": "reviewer", "uid": "uid-agent", "controller": true});
    for (namespace, field, value, expected) in [
        ("team-a", "controller", json!(true), true),
        ("team-a", "apiVersion", json!("remanence.dev/v1"), true),
        ("team-b", "controller", json!(true), false),
        ("team-a", "controller", json!(false), false),
        ("team-a", "apiVersion", json!("bogus/v1"), false),
        ("team-a", "apiVersion", json!("v1"), false),
        ("team-a", "kind", json!("ConfigMap"), false),
        ("team-a", "name", json!("other"), false),
        ("team-a", "uid", json!("uid-other"), false),
    ] {
        let mut owner = own.clone();
        owner[field] = value;
        let mut store = store(namespace, "reviewer", json!({}));
        store.metadata.owner_references = serde_json::from_value(json!([owner])).unwrap();
        assert_eq!(is_owned(&store, &agent), expected, "{namespace} {owner}");
    }
}

#[test]
fn a_store_that_happens_to_bear_the_agents_name_is_not_taken() {
    let world = Few::default().store("team-a", "reviewer", json!({}));
    let plan = plan(&world, &agent(json!({"memory": {}})), None, Purport::Start);
    assert_eq!(told(&plan).1, [reasons::STORE_TAKEN]);
}

#[test]
fn a_label_of_the_pod_names_the_store() {
    let world = Few::default().store("team-a", "acme", json!({}));
    let by_label = |create: bool| {
        agent(json!({"stores": [{"name": "customer", "storeRef": {"fromPodLabel": "x/customer"}, "create": create}]}))
    };
    let with = |value: &str| labels(&[("x/customer", value)]);
    let reason = |create, pod: Option<&Labels>| {
        let plan = plan(&world, &by_label(create), pod, Purport::Start);
        (
            plan.attached.len(),
            plan.lacking.first().map(|l| (l.reason, l.make.clone())),
        )
    };
    assert_eq!(reason(false, Some(&with("acme"))), (1, None));
    assert_eq!(
        reason(false, Some(&with("zeta"))),
        (0, Some((reasons::STORE_NOT_FOUND, None)))
    );
    assert_eq!(
        reason(true, Some(&with("zeta"))),
        (0, Some((reasons::STORE_NOT_READY, Some("zeta".to_owned()))))
    );
    assert_eq!(
        reason(true, Some(&with("Not_A_Label"))),
        (0, Some((reasons::POD_LABEL, None)))
    );
    assert_eq!(reason(true, Some(&labels(&[]))), (0, Some((reasons::POD_LABEL, None))));
    // The Agent as such does not depend on its pods' labels.
    assert_eq!(reason(true, None), (0, None));
}

#[test]
fn a_running_pod_keeps_what_a_new_one_would_wait_for() {
    let secret_lost = |store: &mut MemoryStore| {
        let status = store.status.as_mut().unwrap();
        status.conditions[0].status = "False".to_owned();
        status.conditions[0].reason = reasons::SECRET_NOT_FOUND.to_owned();
    };
    let deleted = |store: &mut MemoryStore| {
        store.metadata.deletion_timestamp = serde_json::from_value(json!("2026-01-01T00:00:00Z")).unwrap();
    };
    let never_made = |store: &mut MemoryStore| store.status = None;
    let agent = agent(json!({"stores": [{"name": "project", "storeRef": {"name": "project"}}]}));
    type Edit = fn(&mut MemoryStore);
    let table: [(Edit, &str, bool); 3] = [
        (secret_lost, reasons::STORE_NOT_READY, true),
        (deleted, reasons::STORE_DELETED, true),
        (never_made, reasons::STORE_NOT_READY, false),
    ];
    for (edit, reason, serves) in table {
        let world = Few::default()
            .store("team-a", "project", json!({}))
            .edit("team-a", "project", edit);
        assert_eq!(told(&plan(&world, &agent, None, Purport::Start)).1, [reason]);
        assert_eq!(
            plan(&world, &agent, None, Purport::Serve).attached.len(),
            usize::from(serves),
            "{reason}"
        );
    }
}

#[test]
fn only_the_service_accounts_named_may_be_the_agent() {
    let open = agent(json!({}));
    let closed = agent(json!({"serviceAccountNames": ["reviewer", "bot"]}));
    assert!(may_be(&open, "default").is_ok() && may_be(&closed, "bot").is_ok());
    let refused = may_be(&closed, "default").unwrap_err();
    assert_eq!(refused.reason, reasons::SERVICE_ACCOUNT);
    assert!(refused.message.contains("reviewer, bot"), "{}", refused.message);
}

#[test]
fn an_agent_is_concerned_by_the_stores_it_names() {
    let one = agent(json!({"stores": [{"name": "h", "storeRef": {"name": "handbook", "namespace": "platform"}}]}));
    let any = agent(json!({"stores": [{"name": "c", "storeRef": {"fromPodLabel": "x"}}]}));
    for (agent, namespace, store, expected) in [
        (&one, "platform", "handbook", true),
        (&one, "platform", "other", false),
        (&one, "team-a", "handbook", false),
        (&one, "team-a", "reviewer-sessions", true),
        (&any, "team-a", "whatever", true),
        (&any, "platform", "whatever", false),
    ] {
        assert_eq!(concerns(agent, namespace, store), expected, "{namespace}/{store}");
    }
}
