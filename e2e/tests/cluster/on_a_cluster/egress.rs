//! Who can connect to what, by trying: each `NetworkPolicy` of the chart, and those of dreamers.
//!
//! Nothing listens at most of the ports that are forbidden: without a policy, or on a cluster that enforces none, the
//! answer is that nobody listens, and with one there is no answer.

use std::collections::BTreeMap;

use remanence_e2e::probe::{connect, listener, outside, visitor};
use remanence_e2e::{Space, apply, kubectl, kubectl_json, together, try_kubectl, until};
use serde_json::{Value, json};

use super::dreams::{dream, reaches, schedule, with_a_worker};

const SYSTEM: &str = "remanence-system";
/// Where a cloud has what a node is allowed to; here, an address of the test's own.
const METADATA: &str = "169.254.169.254:80";
/// Somebody's servers; the addresses are for documentation (RFC 5737), and here of the test's own.
const MODEL: &str = "203.0.113.7:443";
const ANYBODY: &str = "203.0.113.7:80";

/// What a selector of labels or a name finds in the release's namespace.
fn in_system(words: &[&str]) -> String {
    kubectl(&[&["--namespace", SYSTEM], words].concat())
}

/// `ADDRESS:PORT` of a Service.
fn service(namespace: &str, name: &str, port: u16) -> String {
    let address = "--output=jsonpath={.spec.clusterIP}";
    format!(
        "{}:{port}",
        kubectl(&["--namespace", namespace, "get", "service", name, address])
    )
}

/// The address of a pod that a selector finds.
fn pod_address(namespace: &str, selector: &str) -> String {
    let address = "--output=jsonpath={.items[0].status.podIP}";
    until(&format!("the address of {selector}"), || {
        let found = try_kubectl(&["--namespace", namespace, "get", "pods", "--selector", selector, address])?;
        if found.is_empty() { Err(found) } else { Ok(found) }
    })
}

fn pod(name: &str, spec: &Value) -> Value {
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "labels": {"role": name}}, "spec": spec})
}

/// Waits until connections from a pod go as `expected` says.
fn goes(from: &str, expected: &[(String, &str)], exec: impl Fn(&str) -> Result<String, String>) {
    let expected: BTreeMap<String, String> = expected
        .iter()
        .map(|(to, how)| (to.clone(), (*how).to_owned()))
        .collect();
    let targets: Vec<String> = expected.keys().cloned().collect();
    until(&format!("connections from {from}"), || {
        let found = connect(&targets, &exec)?;
        if found == expected {
            return Ok(());
        }
        Err(format!(
            "expected {expected:?}, found {found:?}; does this cluster enforce NetworkPolicies?"
        ))
    });
}

#[test]
fn a_dreamer_reaches_the_broker_storage_and_its_model_and_nothing_else() {
    let _turn = together();
    let space = Space::plain();
    space.start(&pod("outside", &outside(&[METADATA, MODEL, ANYBODY])));
    space.start(&pod("neighbour", &listener(8080)));
    let node = space.get("pod/outside").unwrap();
    // Where those addresses are the test's own, and nowhere else.
    let mut spec = visitor();
    spec["nodeName"] = node["spec"]["nodeName"].clone();
    space.start(&pod("visitor", &spec));
    space.apply(&schedule("nightly", &json!({"schedule": "0 3 * * *", "suspend": true})));
    space.wait("dreamschedule/nightly", "Ready");
    // As the schedule's own Jobs make them, but for what runs in it.
    spec["restartPolicy"] = "Never".into();
    let labels = json!({"remanence.dev/dreamer": "true", "remanence.dev/schedule": "nightly"});
    let template = json!({"metadata": {"labels": labels}, "spec": spec});
    space.apply(&json!({
        "apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "dreamer"}, "spec": {"template": template},
    }));
    until("the dreamer's pod", || {
        let ready = ["wait", "--for=condition=Ready", "--timeout=10s", "pod"];
        space.try_kubectl(&[&ready[..], &["--selector=remanence.dev/schedule=nightly"]].concat())
    });

    let host = node["status"]["hostIP"].as_str().unwrap();
    let allowed = [
        format!("remanence-broker.{SYSTEM}.svc:8444"),
        format!("remanence-s3.{SYSTEM}.svc:8333"),
    ];
    let model = MODEL.to_owned();
    let forbidden = [
        "kubernetes.default.svc:443".to_owned(),
        format!("{host}:6443"),
        format!("{host}:10250"),
        format!("remanence-metrics.{SYSTEM}.svc:8080"),
        format!("{}:8080", pod_address(&space.name, "role=neighbour")),
        METADATA.to_owned(),
        ANYBODY.to_owned(),
    ];
    let all = |others: &'static str, to_the_model: &'static str| -> Vec<(String, &'static str)> {
        let allowed = allowed.iter().map(|to| (to.clone(), "open"));
        let forbidden = forbidden.iter().map(|to| (to.clone(), others));
        allowed
            .chain(forbidden)
            .chain([(model.clone(), to_the_model)])
            .collect()
    };
    goes("any other pod", &all("open", "open"), |script| {
        space.try_sh("visitor", script)
    });
    let from_dreamer =
        |expected: &[(String, &str)]| goes("a dreamer", expected, |script| space.try_sh("job/dreamer", script));
    from_dreamer(&all("dropped", "dropped"));

    let with_model = |url: &str| {
        let model = json!({"provider": "OpenAI", "name": "small", "baseURL": url});
        let patch = json!({"spec": {"model": model}}).to_string();
        space.kubectl(&["patch", "dreamschedule/nightly", "--type=merge", "--patch", &patch]);
    };
    with_model("https://203.0.113.7/v1");
    from_dreamer(&all("dropped", "open"));
    // By a name that is no Service's: any address outside, at that port.
    with_model("https://model.example/v1");
    from_dreamer(&all("dropped", "open"));
    with_model("http://127.0.0.1:9/v1");
    from_dreamer(&all("dropped", "dropped"));
}

#[test]
fn a_dream_is_confined_as_long_as_its_pod_lives() {
    let _turn = together();
    let space = with_a_worker();
    space.start(&pod("neighbour", &listener(8080)));
    space.apply(&json!({
        "apiVersion": "v1", "kind": "Service", "metadata": {"name": "model"},
        "spec": {"selector": {"role": "neighbour"}, "ports": [{"port": 80, "targetPort": 8080}]},
    }));
    space.sh(
        "worker",
        r#"echo '{"role": "user", "content": "Remember that I like the blue one more."}' > /sessions/monday.jsonl"#,
    );
    // It answers nothing, so that the dreamer waits.
    let model = json!({"provider": "OpenAI", "name": "silent", "baseURL": "http://model/v1"});
    space.apply(&dream("long", &json!({"model": model})));
    let policy = "networkpolicy/remanence-dream-long";
    until("the Dream runs", || {
        match space.get("dream/long")?["status"]["phase"].as_str() {
            Some("Running") => Ok(()),
            other => Err(format!("{other:?}")),
        }
    });
    let found = space.get(policy).unwrap();
    let selected = &found["spec"]["podSelector"]["matchLabels"];
    assert_eq!(selected["remanence.dev/dream"], "long", "{found}");
    space.kubectl(&[
        "patch",
        "dream/long",
        "--type=merge",
        "--patch",
        r#"{"spec":{"cancel":true}}"#,
    ]);
    reaches(&space, "long", &["Canceled"]);
    until("the policy goes with the pod", || {
        let pods = space.kubectl(&["get", "pods", "--output=name", "--selector=remanence.dev/dream"]);
        match space.get(policy) {
            Err(gone) if gone.contains("NotFound") && pods.is_empty() => Ok(()),
            found => Err(format!("{found:?} {pods}")),
        }
    });
}

#[test]
fn the_operator_opens_nobody_else_and_nobody_but_a_job_makes_a_dreamer() {
    let _turn = together();
    let space = Space::plain();
    let operator = format!("--as=system:serviceaccount:{SYSTEM}:remanence-operator");
    let policy = |name: &str, labels: &Value| {
        json!({
            "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": name},
            "spec": {"podSelector": {"matchLabels": labels}, "policyTypes": ["Egress"], "egress": [{}]},
        })
    };
    // What it may not read it applies without looking.
    let as_operator = ["--namespace", &space.name, "--server-side", &operator];
    let mut said = vec![apply(&as_operator, &policy("opens", &json!({"role": "neighbour"}))).unwrap_err()];
    let theirs = json!({"role": "theirs"});
    space.apply(&policy("theirs", &theirs));
    said.push(
        apply(
            &[&as_operator[..], &["--force-conflicts"]].concat(),
            &policy("theirs", &theirs),
        )
        .unwrap_err(),
    );
    let delete = ["delete", "networkpolicy", "theirs", "--wait=false", operator.as_str()];
    said.push(space.try_kubectl(&delete).unwrap_err());
    for refused in said {
        assert!(
            refused.contains("may write NetworkPolicies that select dreamers alone"),
            "{refused}"
        );
    }
    apply(&as_operator, &policy("own", &json!({"remanence.dev/dreamer": "true"}))).unwrap();

    // Whoever may make pods, and so be any agent of the namespace.
    let account = format!("--serviceaccount={}:ann", space.name);
    space.kubectl(&["create", "serviceaccount", "ann"]);
    space.kubectl(&["create", "rolebinding", "edits", "--clusterrole=edit", &account]);
    let ann = format!("--as=system:serviceaccount:{}:ann", space.name);
    let as_ann = ["--namespace", &space.name, &ann];
    until("ann makes a pod", || apply(&as_ann, &pod("plain", &visitor())));
    for label in ["remanence.dev/dreamer", "remanence.dev/schedule", "remanence.dev/dream"] {
        let mut posing = pod("posing", &visitor());
        posing["metadata"]["labels"] = json!({label: "nightly"});
        let made = apply(&as_ann, &posing);
        let labelled = format!("{label}=nightly");
        let relabel = ["label", "pod", "plain", &labelled, &ann];
        for refused in [made, space.try_kubectl(&relabel)] {
            let refused = refused.unwrap_err();
            assert!(refused.contains("given to pods of Jobs alone"), "{label}: {refused}");
        }
    }
}

/// A pod in the release's namespace that a policy takes for one of its own, and no Service nor controller does.
struct StandIn(String);

impl StandIn {
    fn of(policy: &Value) -> Self {
        let name = format!(
            "{}-as-{}",
            std::process::id(),
            policy["metadata"]["name"].as_str().unwrap()
        );
        let owner = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}});
        apply(&["--namespace", SYSTEM], &owner).unwrap();
        let owner = kubectl_json(&["--namespace", SYSTEM, "get", "configmap", &name]);
        let mut spec = visitor();
        spec["containers"][0]["readinessProbe"] = json!({"exec": {"command": ["false"]}});
        let pod = json!({
            "apiVersion": "v1", "kind": "Pod", "spec": spec,
            "metadata": {
                "name": name,
                "labels": policy["spec"]["podSelector"]["matchLabels"],
                "ownerReferences": [{
                    "apiVersion": "v1", "kind": "ConfigMap", "name": name, "uid": owner["metadata"]["uid"], "controller": true,
                }],
            },
        });
        let stand_in = Self(name);
        apply(&["--namespace", SYSTEM], &pod).unwrap();
        let pod = format!("pod/{}", stand_in.0);
        in_system(&["wait", "--for=jsonpath={.status.phase}=Running", "--timeout=90s", &pod]);
        stand_in
    }

    fn goes(&self, expected: &[(String, &str)]) {
        goes(&self.0, expected, |script| {
            let into = [
                "--namespace",
                SYSTEM,
                "exec",
                &self.0,
                "--container=main",
                "--",
                "sh",
                "-c",
                script,
            ];
            try_kubectl(&into)
        });
    }

    fn address(&self) -> String {
        in_system(&["get", "pod", &self.0, "--output=jsonpath={.status.podIP}"])
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        // Its pod goes with it.
        if let Err(why) = try_kubectl(&["--namespace", SYSTEM, "delete", "configmap", &self.0, "--wait=false"]) {
            eprintln!("{why}");
        }
    }
}

#[test]
fn each_policy_of_the_chart_lets_through_what_its_pods_need_and_nothing_else() {
    let _turn = together();
    let space = Space::plain();
    space.start(&pod("neighbour", &listener(8080)));
    space.start(&pod("visitor", &visitor()));
    let all = kubectl_json(&["--namespace", SYSTEM, "get", "networkpolicies"]);
    let mut stand_ins: BTreeMap<&str, StandIn> = BTreeMap::new();
    for policy in all["items"].as_array().unwrap() {
        stand_ins.insert(policy["metadata"]["name"].as_str().unwrap(), StandIn::of(policy));
    }
    // One that is added wants its tries.
    let names: Vec<&str> = stand_ins.keys().copied().collect();
    let [node, operator, s3, guard] =
        ["node", "operator", "s3", "uninstall-guard"].map(|part| format!("remanence-{part}"));
    assert_eq!(names, [&node, &operator, &s3, &guard]);

    let apiserver = || service("default", "kubernetes", 443);
    let broker = || service(SYSTEM, "remanence-broker", 8444);
    let storage = || service(SYSTEM, "remanence-s3", 8333);
    let neighbour = || format!("{}:8080", pod_address(&space.name, "role=neighbour"));
    goes(
        "any other pod",
        &[
            (apiserver(), "open"),
            (broker(), "open"),
            (storage(), "open"),
            (neighbour(), "open"),
        ],
        |script| space.try_sh("visitor", script),
    );
    for (from, outcomes) in [
        // Whatever storage a class names.
        (&operator, ["open"; 4]),
        (&guard, ["open"; 4]),
        (&s3, ["dropped"; 4]),
        (&node, ["dropped"; 4]),
    ] {
        let to = [apiserver(), broker(), storage(), neighbour()];
        let expected: Vec<_> = to.into_iter().zip(outcomes).collect();
        stand_ins[from.as_str()].goes(&expected);
    }

    let real = |name: &str| pod_address(SYSTEM, &format!("app.kubernetes.io/name={name},pod-template-hash"));
    let node_plugin = pod_address(
        SYSTEM,
        &format!("app.kubernetes.io/name={node},controller-revision-hash"),
    );
    let at = |address: &str, port: u16| format!("{address}:{port}");
    goes(
        "a tenant's pod",
        &[
            (at(&real(&operator), 8443), "open"),
            (at(&real(&operator), 8444), "open"),
            (at(&real(&operator), 8446), "dropped"),
            (at(&real(&s3), 8333), "open"),
            // The parts of the server speak with one another without a key.
            (at(&real(&s3), 9333), "dropped"),
            (at(&node_plugin, 80), "dropped"),
            (at(&stand_ins[guard.as_str()].address(), 80), "dropped"),
            (neighbour(), "open"),
            (format!("{}:81", pod_address(&space.name, "role=neighbour")), "closed"),
        ],
        |script| space.try_sh("visitor", script),
    );
}
