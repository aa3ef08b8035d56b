//! Wrong input gets a clear answer and loses nothing.

use remanence_e2e::manifest::{BUSYBOX, IDLE, agent, entry, pod, store};
use remanence_e2e::{Class, Plugin, Space, apply, kubectl_json, together, try_kubectl, until};
use serde_json::{Value, json};

fn dreaming(kind: &str, spec: &Value) -> Value {
    json!({"apiVersion": "remanence.dev/v1alpha1", "kind": kind, "metadata": {"name": "wrong"}, "spec": spec})
}

#[test]
fn a_wrong_object_is_refused_with_what_to_change() {
    let _turn = together();
    let space = Space::plain();
    let wrong = [
        (
            agent("a", &json!({"stores": [entry("a")], "memory": {}})),
            "name the entry otherwise",
        ),
        (agent("a", &json!({"sessions": {}})), "sessions needs a mountPath"),
        (
            agent("a", &json!({"stores": [{"name": "p", "storeRef": {}}]})),
            "either name or fromPodLabel",
        ),
        (agent("a", &json!({"containers": ["remanence"]})), "injected sidecar"),
        (agent("a", &json!({"harness": "Emacs"})), "Unsupported value"),
        (
            store("p", &json!({"limits": {"fileSize": "2 tons"}})),
            "limits.fileSize",
        ),
        (
            store("p", &json!({"history": {"retention": "soon"}})),
            "history.retention",
        ),
        (store("p", &json!({"deletionPolicy": "Perhaps"})), "Unsupported value"),
        (
            json!({
                "apiVersion": "remanence.dev/v1alpha1", "kind": "MemoryStoreClass", "metadata": {"name": space.name},
                "spec": {"s3": {"bucket": "b", "prefix": "{name}"}, "credentials": {"mode": "Ambient"}},
            }),
            "two stores would share one place",
        ),
        (
            dreaming("DreamSchedule", &json!({"schedule": "TZ=UTC 0 3 * * *"})),
            "timeZone",
        ),
        (
            dreaming("DreamSchedule", &json!({"schedule": "every night"})),
            "write schedule as cron does",
        ),
        (
            dreaming(
                "DreamSchedule",
                &json!({"schedule": "0 3 * * *", "model": {"provider": "Anthropic", "name": "m"}}),
            ),
            "needs apiKeySecretRef",
        ),
        (
            dreaming(
                "Dream",
                &json!({"storeRef": {"name": "p"}, "budget": {"dailyCost": "1.00"}}),
            ),
            "a Dream takes budget.cost",
        ),
    ];
    for (object, said) in wrong {
        let refused = space.try_apply(&object).expect_err(said);
        assert!(refused.contains(said), "{}: {refused}", object["spec"]);
    }
}

#[test]
fn a_value_of_a_wrong_kind_is_refused_with_its_field() {
    let _turn = together();
    let space = Space::plain();
    let retained = |retention: &str| json!({"sessions": {"mountPath": "/s", "retention": retention}});
    let trusted = json!({
        "apiVersion": "remanence.dev/v1alpha1", "kind": "MemoryStoreClass", "metadata": {"name": space.name},
        "spec": {"s3": {"bucket": "memories", "caBundle": "cert"}, "credentials": {"mode": "Ambient"}},
    });
    let wrong = [
        (
            agent("a", &json!({"stores": [entry("p"), entry("p")]})),
            "spec.stores[1]: Duplicate value",
        ),
        (
            agent(
                "a",
                &json!({"stores": [{"name": "p", "storeRef": {"name": "p"}, "access": "All"}]}),
            ),
            "spec.stores[0].access: Unsupported value",
        ),
        (agent("a", &retained("soon")), "spec.sessions.retention: Invalid value"),
        (agent("a", &json!({"notes": "/n.md"})), "spec.notes: Invalid value"),
        (
            store("p", &json!({"limits": {"files": 0}})),
            "greater than or equal to 1",
        ),
        (
            store("p", &json!({"limits": {"files": "ten"}})),
            "spec.limits.files: Invalid value",
        ),
        (store("p", &json!({"expiry": "1d"})), "expiry is for purpose Sessions"),
        (
            store("p", &json!({"retention": "1d"})),
            "unknown field \"spec.retention\"",
        ),
        (trusted, "caBundle must be PEM"),
    ];
    for (object, said) in wrong {
        let refused = space.try_apply(&object).expect_err(said);
        assert!(refused.contains(said), "{}: {refused}", object["spec"]);
    }
}

#[test]
fn two_who_apply_parts_of_one_agent_keep_each_others_and_what_they_leave_out_is_filled_in() {
    let _turn = together();
    let space = Space::plain();
    for name in ["first", "second"] {
        let manager = format!("--field-manager={name}");
        let words = ["--namespace", &space.name, "--server-side", &manager];
        apply(&words, &agent("one", &json!({"stores": [entry(name)]}))).unwrap();
    }
    let spec = space.get("agent/one").unwrap()["spec"].clone();
    for (path, value) in [
        ("/stores/0/name", "first"),
        ("/stores/1/name", "second"),
        ("/stores/0/access", "ReadWrite"),
        ("/harness", "Generic"),
    ] {
        assert_eq!(spec.pointer(path), Some(&json!(value)), "{path}: {spec:#}");
    }
}

#[test]
fn a_pod_that_can_not_have_a_memory_is_refused_with_the_reason() {
    let _turn = together();
    let space = Space::plain();
    let spec = json!({"memory": {}, "containers": ["main"], "serviceAccountNames": ["default"]});
    space.apply(&agent("one", &spec));
    space.wait("agent/one", "Ready");
    let with = |path: &str, value: Value| {
        let mut pod = pod("wrong", "one", IDLE);
        *pod.pointer_mut(path).unwrap() = value;
        pod
    };
    let mut shared = pod("wrong", "one", IDLE);
    shared["spec"]["shareProcessNamespace"] = true.into();
    let mut at_node = pod("wrong", "one", IDLE);
    at_node["spec"]["hostNetwork"] = true.into();
    let mut other = pod("wrong", "one", IDLE);
    other["spec"]["serviceAccountName"] = "other".into();
    space.kubectl(&["create", "serviceaccount", "other"]);
    let wrong = [
        (
            with("/spec/containers/0/name", "agent".into()),
            "container main, but the pod has agent",
        ),
        (shared, "shareProcessNamespace"),
        (at_node, "ClusterFirstWithHostNet"),
        (other, "may not be the Agent one: it allows default"),
    ];
    for (pod, said) in wrong {
        let refused = space.try_apply(&pod).expect_err(said);
        assert!(refused.contains(said), "{refused}");
    }
    // Who a pod is does not change.
    space.start(&pod("right", "one", IDLE));
    let mut plain = pod("plain", "one", IDLE);
    plain["metadata"]["labels"] = json!({});
    plain["spec"]["schedulingGates"] = json!([{"name": "example.com/never"}]);
    space.apply(&plain);
    for (name, label) in [
        ("right", "remanence.dev/agent=two"),
        ("right", "remanence.dev/agent-"),
        ("plain", "remanence.dev/agent=one"),
    ] {
        let refused = space.try_kubectl(&["label", "pod", name, label, "--overwrite"]);
        let refused = refused.expect_err(label);
        assert!(refused.contains("can't change"), "{label}: {refused}");
    }
}

const WEBHOOK: &str = "mutatingwebhookconfiguration/remanence";
const EXCLUDED: &str = "/webhooks/0/namespaceSelector/matchExpressions/0/values";

/// The webhook does not see the pods of a space, as if another one took away what it adds.
struct Unseen {
    /// The namespaces that it did not look at before.
    before: Value,
}

impl Unseen {
    fn new(space: &Space) -> Self {
        let found = kubectl_json(&["get", WEBHOOK]);
        assert_eq!(found["webhooks"][0]["name"], "pods.remanence.dev", "{found:#}");
        let before = found.pointer(EXCLUDED).unwrap().clone();
        let mut excluded = before.clone();
        excluded.as_array_mut().unwrap().push(json!(space.name));
        exclude(&excluded).unwrap();
        Self { before }
    }
}

impl Drop for Unseen {
    fn drop(&mut self) {
        if let Err(why) = exclude(&self.before) {
            eprintln!("{why}");
        }
    }
}

fn exclude(namespaces: &Value) -> Result<String, String> {
    let patch = json!([{"op": "replace", "path": EXCLUDED, "value": namespaces}]);
    try_kubectl(&["patch", WEBHOOK, "--type=json", "--patch", &patch.to_string()])
}

#[test]
fn a_pod_that_lost_its_sidecar_is_refused() {
    let _turn = together();
    let space = Space::plain();
    let _unseen = Unseen::new(&space);
    let create = |sidecar: Value| {
        let mut pod = pod("bare", "one", IDLE);
        pod["spec"]["initContainers"] = sidecar;
        apply(&["--namespace", &space.name, "--dry-run=server"], &pod)
    };
    let is_refused = |outcome: Result<String, String>| match outcome {
        Err(why) if why.contains("lost the sidecar") => Ok(()),
        other => Err(format!("{other:?}")),
    };
    // Until the apiserver knows that the webhook is not to be asked.
    until("a pod without its sidecar is refused", || is_refused(create(json!([]))));
    let sidecar = json!({"name": "remanence", "image": BUSYBOX});
    is_refused(create(json!([sidecar]))).unwrap();
    let mut native = sidecar;
    native["restartPolicy"] = "Always".into();
    create(json!([native])).unwrap();
}

#[test]
fn pods_on_the_network_of_their_node_live_side_by_side() {
    let _turn = together();
    let space = Space::plain();
    space.apply(&agent("one", &json!({"memory": {}})));
    for name in ["first", "second"] {
        let mut pod = pod(name, "one", IDLE);
        pod["spec"]["hostNetwork"] = true.into();
        pod["spec"]["dnsPolicy"] = "ClusterFirstWithHostNet".into();
        space.start(&pod);
    }
    space.sh("first", "echo hello > /mnt/memory/one/a.md");
    space.sees("second", "cat /mnt/memory/one/a.md", "hello");
}

#[test]
fn a_store_that_is_deleted_while_attached_waits_and_its_name_made_again_is_a_new_store() {
    let _turn = together();
    let space = Space::plain();
    space.apply(&store("project", &json!({})));
    space.apply(&agent("one", &json!({"stores": [entry("project")]})));
    space.start(&pod("one", "one", IDLE));
    space.sh("one", "echo old > /mnt/memory/project/a.md");
    space.kubectl(&["delete", "memorystore", "project", "--wait=false"]);
    until("the condition Attached", || {
        let store = space.get("memorystore/project")?;
        let conditions = store["status"]["conditions"].as_array().cloned().unwrap_or_default();
        let told = conditions
            .iter()
            .find(|c| c["type"] == "Attached" && c["reason"] == "StillAttached");
        told.map(drop).ok_or_else(|| store["status"].to_string())
    });
    space.sh("one", "echo still >> /mnt/memory/project/a.md");
    space.stop("one");
    space.wait_gone("memorystore/project");
    space.apply(&store("project", &json!({})));
    space.start(&pod("two", "one", IDLE));
    space.sees("two", "ls /mnt/memory/project | wc -l", "0");
    space.sh("two", "echo new > /mnt/memory/project/b.md");
}

#[test]
fn a_place_of_another_store_is_left_alone_until_that_one_is_gone_and_it_is_adopted() {
    let _turn = together();
    let (one, two) = (Space::plain(), Space::plain());
    let keys = kubectl_json(&["--namespace=remanence-system", "get", "secret", "remanence-s3"]);
    let keys = json!({
        "accessKeyId": keys["data"]["accessKeyId"], "secretAccessKey": keys["data"]["secretAccessKey"],
    });
    for space in [&one, &two] {
        space.apply(&json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "keys"}, "data": keys}));
    }
    // Both lead the stores below to `ONE/TWO`.
    let by_namespace = Class::below(&one, &format!("{}-shared/{{namespace}}/{{name}}", one.name));
    let by_name = Class::below(&two, &format!("{}-shared/{{name}}/{{namespace}}", one.name));
    one.apply(&store(&two.name, &json!({"className": by_namespace.name})));
    let first = format!("memorystore/{}", two.name);
    one.wait(&first, "Ready");
    Plugin::admin(&one).says(&["put", &format!("{}/a.md", two.name)], "kept\n");

    let wish = |description: &str| {
        let spec = json!({"className": by_name.name, "adopt": true, "description": description});
        store(&one.name, &spec)
    };
    two.apply(&wish("in vain"));
    two.event(&one.name, "ForeignStore", "it can't be taken over");
    one.kubectl(&["delete", &first, "--wait=false"]);
    one.wait_gone(&first);
    // What is changed is looked at at once.
    two.apply(&wish("what the other one left"));
    two.wait(&format!("memorystore/{}", one.name), "Ready");
    let kept = format!("{}/a.md", one.name);
    let found = until("what is there", || Plugin::admin(&two).run(&["cat", &kept], ""));
    assert_eq!(found, "kept\n");
}
