//! Parts of the installation go away: pods go on, and all comes right again. These run alone.

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use remanence_e2e::manifest::{BUSYBOX, IDLE, agent, entry, list, pod, store};
use remanence_e2e::{Class, Space, Writers, alone, kubectl, kubectl_json, together, try_kubectl, until, within};
use remanence_operator::certificates::{Bundle, next};
use serde_json::{Value, json};

const SYSTEM: &str = "--namespace=remanence-system";

/// Counts up in a file, and says when a write fails.
const COUNTER: &str = "cd /mnt/memory/project; i=0; trap exit TERM; \
                       while :; do i=$((i+1)); echo $i > count.md || echo failed >> /tmp/failures; sleep 0.05; done";

fn count(space: &Space) -> Result<u64, String> {
    let text = space.try_sh(
        "counter",
        "cat /tmp/failures 2>/dev/null; cat /mnt/memory/project/count.md",
    )?;
    text.trim().parse().map_err(|_| text)
}

/// The counter goes on, and no write of its failed.
fn goes_on(space: &Space) {
    // Between emptying the file and writing it there is no number.
    let before = until("the counter's number", || count(space));
    until("the counter", || {
        let now = count(space)?;
        if now > before + 2 {
            Ok(())
        } else {
            Err(format!("it is at {now}"))
        }
    });
}

fn counter() -> Space {
    let space = Space::plain();
    space.apply(&list([
        store("project", &json!({})),
        store("later", &json!({})),
        agent("counter", &json!({"stores": [entry("project")]})),
    ]));
    space.start(&pod("counter", "counter", COUNTER));
    goes_on(&space);
    space
}

fn is_available(what: &str) {
    kubectl(&[SYSTEM, "rollout", "status", what, "--timeout=120s"]);
}

#[test]
fn the_node_plugin_may_be_killed_at_any_time() {
    let _turn = alone();
    let space = counter();
    let plugin = "--selector=app.kubernetes.io/name=remanence-node";
    kubectl(&[SYSTEM, "delete", "pod", plugin, "--grace-period=0", "--force"]);
    goes_on(&space);
    // A pod that comes meanwhile waits.
    space.start(&pod("next", "counter", IDLE));
    is_available("daemonset/remanence-node");
    goes_on(&space);
    space.stop("counter");
    space.stop("next");
}

#[test]
fn operator_and_broker_may_be_killed_at_any_time() {
    let _turn = alone();
    let space = counter();
    let operators = "--selector=app.kubernetes.io/name=remanence-operator";
    kubectl(&[SYSTEM, "delete", "pod", operators, "--grace-period=0", "--force"]);
    goes_on(&space);
    space.apply(&agent(
        "counter",
        &json!({"stores": [entry("project"), entry("later")]}),
    ));
    is_available("deployment/remanence-operator");
    space.sees("counter", "test -d /mnt/memory/later && echo there", "there");
    goes_on(&space);
    another_takes_over(&space);
}

/// Where who leads is written down.
fn lease() -> Value {
    kubectl_json(&[SYSTEM, "get", "lease", "remanence-operator"])["spec"].take()
}

/// The other replica takes over from a leader that dies, as soon as its lease has ended, and does its work.
fn another_takes_over(space: &Space) {
    let (leader, other) = until("a leader and another replica", || {
        let leader = lease()["holderIdentity"].as_str().unwrap_or_default().to_owned();
        let operators = "--selector=app.kubernetes.io/name=remanence-operator";
        let found = try_kubectl(&[SYSTEM, "get", "pods", operators, "--output=name"])?;
        let names = found.lines().filter_map(|name| name.strip_prefix("pod/"));
        let (leads, others): (Vec<_>, Vec<_>) = names.partition(|name| *name == leader);
        match others.as_slice() {
            [other] if leads.len() == 1 => Ok((leader, (*other).to_owned())),
            _ => Err(format!("{leader:?} leads, of {found}")),
        }
    });
    let duration = lease()["leaseDurationSeconds"].as_u64().unwrap();
    // What comes in its stead gets no node, so that it is not the one that takes over.
    let cordon = Cordon::of_all();
    // One that is told to end serves on for five seconds before it gives its lease back: by then it is killed.
    kubectl(&[SYSTEM, "delete", "pod", &leader, "--grace-period=1"]);
    within(2 * Duration::from_secs(duration), "the other replica leads", || {
        let holder = lease()["holderIdentity"].take();
        if holder == other {
            Ok(())
        } else {
            Err(format!("it is {other}, and the lease is held by {holder}"))
        }
    });
    space.apply(&store("after", &json!({})));
    space.wait("memorystore/after", "Ready");
    goes_on(space);
    drop(cordon);
    is_available("deployment/remanence-operator");
}

/// No pod that comes is given a node, until this goes.
struct Cordon {
    nodes: Vec<String>,
}

impl Cordon {
    fn of_all() -> Self {
        let found = kubectl(&["get", "nodes", "--output=name"]);
        let names = found.lines().filter_map(|name| name.strip_prefix("node/"));
        let cordon = Self {
            nodes: names.map(str::to_owned).collect(),
        };
        for node in &cordon.nodes {
            kubectl(&["cordon", node]);
        }
        cordon
    }
}

impl Drop for Cordon {
    fn drop(&mut self) {
        for node in &self.nodes {
            if let Err(why) = try_kubectl(&["uncordon", node]) {
                eprintln!("{why}");
            }
        }
    }
}

/// The mark of a version that has led, on the operator's Lease; gone with the test, since nobody would lead after it.
struct Mark;

impl Mark {
    fn of(version: &str) -> Self {
        let mark = format!("remanence.dev/version={version}");
        kubectl(&[SYSTEM, "annotate", "lease", "remanence-operator", &mark, "--overwrite"]);
        Self
    }
}

impl Drop for Mark {
    fn drop(&mut self) {
        let away = [
            SYSTEM,
            "annotate",
            "lease",
            "remanence-operator",
            "remanence.dev/version-",
        ];
        if let Err(why) = try_kubectl(&away) {
            eprintln!("{why}");
        }
    }
}

#[test]
fn an_operator_older_than_one_that_has_led_stands_by_until_it_is_told_otherwise() {
    let _turn = alone();
    let space = counter();
    let mark = Mark::of("99.0.0");
    let operators = "--selector=app.kubernetes.io/name=remanence-operator";
    kubectl(&[SYSTEM, "delete", "pod", operators]);
    is_available("deployment/remanence-operator");
    let replicas = kubectl(&[SYSTEM, "get", "pods", operators, "--output=name"]);
    until("each replica's word", || {
        let events = [SYSTEM, "get", "events.events.k8s.io", "--output=json"];
        let events: Value = serde_json::from_str(&try_kubectl(&events)?).unwrap();
        let said = events["items"].as_array().into_iter().flatten();
        let said: Vec<_> = said.filter(|event| event["reason"] == "NewerVersion").collect();
        for replica in replicas.lines().filter_map(|name| name.strip_prefix("pod/")) {
            let event = said.iter().find(|event| event["reportingInstance"] == replica);
            let event = event.ok_or_else(|| format!("{replica} said nothing"))?;
            let note = event["note"].as_str().unwrap_or_default();
            assert!(note.contains("99.0.0 has led"), "{note}");
        }
        Ok(())
    });
    // Pods that run are served, and so are new ones of an Agent that is ready.
    goes_on(&space);
    until("the webhook", || space.try_apply(&pod("next", "counter", IDLE)));
    space.wait("pod/next", "Ready");
    drop(mark);
    goes_on(&space);
    // Whoever leads now has left its own mark.
    let left = "--output=jsonpath={.metadata.annotations.remanence\\.dev/version}";
    until("the leader's own mark", || {
        match try_kubectl(&[SYSTEM, "get", "lease", "remanence-operator", left])? {
            mark if !mark.is_empty() && mark != "99.0.0" => Ok(()),
            mark => Err(format!("it is {mark:?}")),
        }
    });
}

const CERTIFICATES: &str = "remanence-certificates";

/// What the Secret of the certificates holds.
fn certificates() -> BTreeMap<String, Vec<u8>> {
    let secret = kubectl_json(&[SYSTEM, "get", "secret", CERTIFICATES]);
    let data = secret["data"].as_object().unwrap().iter();
    data.map(|(key, text)| (key.clone(), STANDARD.decode(text.as_str().unwrap()).unwrap()))
        .collect()
}

/// Puts a certificate into the Secret that its authority issued 200 days ago; answers it.
fn expire_certificates() -> Vec<u8> {
    let found = certificates();
    let names = String::from_utf8(found["tls.names"].clone()).unwrap();
    // In another order they have one issued before it is due.
    let names: Vec<_> = names.rsplit(',').map(str::to_owned).collect();
    let then = Timestamp::now() - SignedDuration::from_hours(24 * 200);
    let expired = next(Bundle::read(&found).as_ref(), &names, then).unwrap();
    let mut expired = expired.expect("it is issued").write();
    expired.insert("tls.names".to_owned(), found["tls.names"].clone());
    let data: BTreeMap<_, _> = expired.iter().map(|(key, text)| (key, STANDARD.encode(text))).collect();
    let patch = json!({"data": data}).to_string();
    kubectl(&[
        SYSTEM,
        "patch",
        "secret",
        CERTIFICATES,
        "--type=merge",
        "--patch",
        &patch,
    ]);
    expired["tls.crt"].clone()
}

#[test]
fn a_webhook_that_is_down_holds_labelled_pods_and_nobody_else() {
    let _turn = alone();
    let space = counter();
    kubectl(&[SYSTEM, "scale", "deployment/remanence-operator", "--replicas=0"]);
    until("the operator's end", || {
        let left = kubectl(&[
            SYSTEM,
            "get",
            "pods",
            "--selector=app.kubernetes.io/name=remanence-operator",
            "--output=name",
        ]);
        if left.is_empty() { Ok(()) } else { Err(left) }
    });
    let refused = space.try_apply(&pod("labelled", "counter", IDLE));
    let mut plain = pod("plain", "counter", IDLE);
    plain["metadata"]["labels"] = json!({});
    space.start(&plain);
    goes_on(&space);
    // It was away for so long that its certificate ran out.
    let expired = expire_certificates();
    kubectl(&[SYSTEM, "scale", "deployment/remanence-operator", "--replicas=2"]);
    is_available("deployment/remanence-operator");
    let renewed = certificates();
    assert_ne!(renewed["tls.crt"], expired);
    let today = Timestamp::now().to_string();
    assert!(renewed["tls.until"].as_slice() > &today.as_bytes()[..10]);
    let refused = refused.unwrap_err();
    assert!(refused.contains("pods.remanence.dev"), "{refused}");
    // The way to its Service is made a moment later.
    until("the webhook", || space.try_apply(&pod("labelled", "counter", IDLE)));
    space.wait("pod/labelled", "Ready");
    space.sees("labelled", "test -s /mnt/memory/project/count.md && echo yes", "yes");
}

#[test]
fn a_node_that_is_drained_takes_its_pods_memory_along() {
    let _turn = alone();
    let space = Space::plain();
    let writers = Writers::start(&space, 1);
    let pods = space.get("pods").unwrap();
    let node = pods["items"][0]["spec"]["nodeName"].as_str().unwrap().to_owned();
    // The cluster of the tests has one node: what the installation itself needs stays.
    let ours = "--pod-selector=remanence.dev/agent";
    let drained = try_kubectl(&["drain", &node, ours, "--delete-emptydir-data", "--timeout=90s"]);
    kubectl(&["uncordon", &node]);
    drained.unwrap();
    writers.lost_nothing();
}

#[test]
fn a_mount_that_was_never_served_does_not_hold_its_pod() {
    let _turn = together();
    let space = Space::plain();
    let volume = |name: &str, role: &str| json!({"name": name, "csi": {"driver": "csi.remanence.dev", "volumeAttributes": {"role": role}}});
    // As the webhook would make it, but for an image that never comes.
    space.apply(&json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "stuck"},
        "spec": {
            "terminationGracePeriodSeconds": 3,
            "initContainers": [{"name": "sidecar", "image": "localhost/nowhere:1", "imagePullPolicy": "Never"}],
            "containers": [{
                "name": "main", "image": BUSYBOX, "command": ["sh"],
                "volumeMounts": [{"name": "memory", "mountPath": "/mnt/memory"}],
            }],
            "volumes": [volume("memory", "memory"), volume("handover", "handover")],
        },
    }));
    until("the image that does not come", || {
        let pod = space.get("pod/stuck")?;
        let waits = &pod["status"]["initContainerStatuses"][0]["state"]["waiting"]["reason"];
        if waits == "ErrImageNeverPull" {
            Ok(())
        } else {
            Err(pod["status"].to_string())
        }
    });
    space.kubectl(&["delete", "pod", "stuck", "--timeout=90s"]);
}

#[test]
fn a_pod_that_waits_for_a_store_out_of_reach_can_be_deleted() {
    let _turn = together();
    let space = Space::plain();
    let keys = kubectl_json(&["--namespace=remanence-system", "get", "secret", "remanence-s3"]);
    space.apply(&json!({
        "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "keys"}, "data": {
            "accessKeyId": keys["data"]["accessKeyId"], "secretAccessKey": keys["data"]["secretAccessKey"],
        },
    }));
    let class = Class::embedded(&space);
    space.apply(&list([
        store("project", &json!({"className": class.name})),
        agent("one", &json!({"stores": [entry("project")]})),
    ]));
    // It has its memory's leave to begin, and not the test's, before its store is out of reach.
    let mut waits = pod("waits", "one", IDLE);
    waits["spec"]["schedulingGates"] = json!([{"name": "example.com/test"}]);
    space.apply(&waits);
    until("the memory's gate is lifted", || {
        let gates = space.get("pod/waits")?["spec"]["schedulingGates"].take();
        if gates == json!([{"name": "example.com/test"}]) {
            Ok(())
        } else {
            Err(gates.to_string())
        }
    });
    let nowhere = json!({"spec": {"s3": {"endpoint": "http://127.0.0.1:9"}}}).to_string();
    kubectl(&[
        "patch",
        "memorystoreclass",
        &class.name,
        "--type=merge",
        "--patch",
        &nowhere,
    ]);
    class.says("StorageUnreachable");
    let free = r#"[{"op": "remove", "path": "/spec/schedulingGates"}]"#;
    space.kubectl(&["patch", "pod", "waits", "--type=json", "--patch", free]);
    let look = [
        "exec",
        "waits",
        "--container=remanence",
        "--",
        "/usr/local/bin/remanence-sidecar",
        "wait",
        "--timeout=0s",
    ];
    until("the sidecar waits", || match space.try_kubectl(&look) {
        Err(why) if why.contains("not ready in 0 s") => Ok(()),
        other => Err(format!("{other:?}")),
    });
    space.kubectl(&["delete", "pod", "waits", "--timeout=60s"]);
}
