// Literals read best by value.
#![allow(
    clippy::unwrap_used,
    clippy::needless_pass_by_value,
    clippy::cloned_ref_to_slice_refs
)]

use std::sync::Arc;

use axum::body::Body;
use axum::http::Request;
use kube::Client;
use remanence_api::{Agent, MemoryStore};
use serde_json::{Value, json};
use tower::ServiceExt;

use super::inject::{Common, inject};
use super::review::{Admission, Verdict};
use super::{Injection, Sidecar};
use crate::apiserver::{call, failing, scripted};
use crate::certificates::Served;
use crate::fixtures;
use crate::metrics::Metrics;

fn sidecar() -> Sidecar {
    serde_json::from_value(json!({
        "image": "example.com/remanence:1", "imagePullPolicy": "IfNotPresent", "runAsUser": 65534,
        "resources": {"requests": {"cpu": "10m", "memory": "64Mi"}}, "cacheSize": "1Gi",
    }))
    .unwrap()
}

fn admission(agents: &[Agent], stores: &[MemoryStore]) -> Admission {
    let cluster = fixtures::cluster(agents, stores, &[], &[]);
    Admission {
        cluster,
        sidecar: sidecar(),
        broker: "https://remanence-broker.remanence-system.svc:8444".to_owned(),
        served: Served::default(),
    }
}

impl Admission {
    /// What becomes of a pod whose Agent is known from the watch.
    fn judged(&self, pod: &Value, namespace: &str) -> Verdict {
        let label = pod["metadata"]["labels"]["remanence.dev/agent"].as_str();
        let agent = label.and_then(|label| self.cluster.agent(namespace, label));
        self.judge(pod, namespace, agent.as_deref())
    }
}

fn agent(spec: Value) -> Agent {
    fixtures::agent("team-a", "reviewer", spec)
}

fn pod(spec: Value) -> Value {
    let mut pod = json!({
        "metadata": {"name": "p", "labels": {"remanence.dev/agent": "reviewer"}},
        "spec": {"containers": [{"name": "main", "image": "x"}]},
    });
    for (key, value) in spec.as_object().unwrap() {
        pod["spec"][key] = value.clone();
    }
    pod
}

fn changed(verdict: Verdict) -> Value {
    match verdict {
        Verdict::Changed(pod) => *pod,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_sidecar_sends_spans_only_where_the_chart_names_a_collector() {
    let env = |sidecar: Sidecar| {
        let admission = Admission {
            sidecar,
            ..admission(&[agent(json!({}))], &[])
        };
        let pod = changed(admission.judged(&pod(json!({})), "team-a"));
        let env = &pod["spec"]["initContainers"][0]["env"];
        let names = env
            .as_array()
            .unwrap()
            .iter()
            .map(|v| v["name"].as_str().unwrap().to_owned());
        names.filter(|name| name.starts_with("OTEL_")).collect::<Vec<_>>()
    };
    assert!(env(sidecar()).is_empty());
    let traced = Sidecar {
        traces: Some("http://collector:4317".to_owned()),
        ..sidecar()
    };
    assert_eq!(env(traced), ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_RESOURCE_ATTRIBUTES"]);
}

#[test]
fn half_of_the_volume_is_for_contents_and_the_rest_for_journals() {
    let pod = changed(admission(&[agent(json!({}))], &[]).judged(&pod(json!({})), "team-a"));
    let volumes = pod["spec"]["volumes"].as_array().unwrap();
    let cache = volumes.iter().find(|v| v["name"] == "remanence-cache").unwrap();
    assert_eq!(cache["emptyDir"], json!({"sizeLimit": "1Gi"}));
    let env = pod["spec"]["initContainers"][0]["env"].as_array().unwrap();
    let bytes = env.iter().find(|v| v["name"] == "REMANENCE_CACHE_BYTES").unwrap();
    assert_eq!(bytes["value"], json!((1_u64 << 29).to_string()));
}

fn mounts(pod: &Value, container: &str) -> Vec<String> {
    let all = pod["spec"]["containers"]
        .as_array()
        .unwrap()
        .iter()
        .chain(pod["spec"]["initContainers"].as_array().into_iter().flatten());
    let container = all.into_iter().find(|c| c["name"] == container).unwrap();
    let mounts = container["volumeMounts"].as_array().into_iter().flatten();
    mounts
        .map(|m| {
            format!(
                "{}<-{}/{}",
                m["mountPath"].as_str().unwrap(),
                m["name"].as_str().unwrap(),
                m["subPath"].as_str().unwrap_or("")
            )
        })
        .collect()
}

#[test]
fn a_pod_gets_its_memory_and_a_sidecar_that_restricted_admits() {
    let ready = admission(&[agent(json!({}))], &[]);
    let pod = changed(ready.judged(&pod(json!({})), "team-a"));
    assert_eq!(mounts(&pod, "main"), ["/mnt/memory<-remanence-memory/"]);
    let sidecar = &pod["spec"]["initContainers"][0];
    assert_eq!(
        (&sidecar["name"], &sidecar["restartPolicy"]),
        (&json!("remanence"), &json!("Always"))
    );
    let expected = json!({
        "allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}, "readOnlyRootFilesystem": true,
        "runAsNonRoot": true, "runAsUser": 65534, "seccompProfile": {"type": "RuntimeDefault"},
    });
    assert_eq!(sidecar["securityContext"], expected);
    // The agent's container sees neither socket nor token.
    assert!(
        !mounts(&pod, "main")
            .iter()
            .any(|m| m.contains("handover") || m.contains("token"))
    );
    assert!(
        pod["spec"]["schedulingGates"].is_null(),
        "all is ready, so nobody waits"
    );
}

#[test]
fn a_pod_that_comes_before_its_agent_waits() {
    let pod = changed(admission(&[], &[]).judged(&pod(json!({})), "team-a"));
    assert_eq!(
        pod["spec"]["schedulingGates"],
        json!([{"name": "remanence.dev/memory"}])
    );
}

/// Replaced later it would count as a failure, which a Job with `backoffLimit: 0` does not survive.
#[test]
fn a_pod_of_a_job_is_not_made_before_its_agent() {
    let of_job = |agents: &[Agent], controller: bool| {
        let mut pod = pod(json!({}));
        let owner = json!({"apiVersion": "batch/v1", "kind": "Job", "name": "j", "uid": "u", "controller": controller});
        pod["metadata"]["ownerReferences"] = json!([owner]);
        admission(agents, &[]).judged(&pod, "team-a")
    };
    match of_job(&[], true) {
        Verdict::Refused(why) => assert!(
            why.contains("no Agent reviewer in the namespace team-a") && why.contains("once there is"),
            "{why}"
        ),
        other => panic!("{other:?}"),
    }
    // One that nobody makes again waits.
    assert!(matches!(of_job(&[], false), Verdict::Changed(_)));
    // Once the Agent is known what is mounted is, too: it may wait for stores.
    let wants = agent(json!({"stores": [{"name": "x", "storeRef": {"name": "absent"}}]}));
    let waiting = changed(of_job(&[wants], true));
    assert_eq!(
        waiting["spec"]["schedulingGates"],
        json!([{"name": "remanence.dev/memory"}])
    );
}

#[test]
fn injecting_twice_is_injecting_once() {
    let whole = agent(json!({"harness": "ClaudeCode", "memory": {}, "notes": ["/n"]}));
    let sidecar = sidecar();
    let common = Common {
        sidecar: &sidecar,
        broker: "b",
        trusted: "t",
    };
    let injection = Injection::of(Some(&whole));
    let once = inject(&pod(json!({})), "reviewer", &injection, &common, true);
    assert_eq!(inject(&once, "reviewer", &injection, &common, true), once);
    // Another webhook tampered with the sidecar: it is put right.
    let mut tampered = once.clone();
    tampered["spec"]["initContainers"][0]
        .as_object_mut()
        .unwrap()
        .remove("restartPolicy");
    assert_eq!(inject(&tampered, "reviewer", &injection, &common, true), once);
}

/// The webhook is called again after others, and for an object that was read back and applied.
#[test]
fn a_pod_that_has_its_sidecar_is_admitted_as_it_is() {
    let ready = admission(&[agent(json!({}))], &[]);
    let once = changed(ready.judged(&pod(json!({})), "team-a"));
    assert_eq!(ready.judged(&once, "team-a"), Verdict::Same);
    let mut tampered = once.clone();
    tampered["spec"]["initContainers"][0]["image"] = "another".into();
    assert_eq!(changed(ready.judged(&tampered, "team-a")), once);
}

#[test]
fn presets_map_sessions_notes_and_settings() {
    let claude = Injection::of(Some(&agent(json!({"harness": "ClaudeCode", "memory": {}}))));
    assert_eq!(claude.sessions.as_deref(), Some("/home/agent/.claude/projects"));
    assert_eq!(claude.notes, ["/etc/claude-code/CLAUDE.md"]);
    let (path, text) = claude.settings.clone().unwrap();
    assert_eq!(path, "/etc/claude-code/managed-settings.json");
    assert_eq!(
        serde_json::from_str::<Value>(&text).unwrap(),
        json!({"autoMemoryDirectory": "/mnt/memory/reviewer"})
    );
    let codex = Injection::of(Some(&agent(json!({"harness": "Codex", "home": "/root/"}))));
    assert_eq!(codex.sessions.as_deref(), Some("/root/.codex/sessions"));
    assert_eq!(codex.notes, ["/root/.codex/AGENTS.md"]);
    let said = Injection::of(Some(&agent(
        json!({"harness": "Codex", "sessions": {"mountPath": "/s"}}),
    )));
    assert_eq!(said.sessions.as_deref(), Some("/s"));
    assert_eq!(Injection::of(Some(&agent(json!({})))), Injection::default());

    let pod = inject(
        &pod(json!({})),
        "reviewer",
        &claude,
        &Common {
            sidecar: &sidecar(),
            broker: "b",
            trusted: "t",
        },
        false,
    );
    assert_eq!(
        mounts(&pod, "main"),
        [
            "/mnt/memory<-remanence-memory/",
            "/home/agent/.claude/projects<-remanence-memory/.sessions",
            "/etc/claude-code/CLAUDE.md<-remanence-memory/CLAUDE.md",
            "/etc/claude-code/managed-settings.json<-remanence-settings/managed-settings.json",
        ]
    );
    assert_eq!(
        pod["metadata"]["annotations"]["remanence.dev/managed-settings"],
        json!(text)
    );
}

#[test]
fn only_the_containers_named_get_the_memory() {
    let named = admission(&[agent(json!({"containers": ["main", "prepare"]}))], &[]);
    let pod = changed(named.judged(
        &pod(json!({"containers": [{"name": "main"}, {"name": "logs"}], "initContainers": [{"name": "prepare"}, {"name": "other"}]})),
        "team-a",
    ));
    assert_eq!(mounts(&pod, "main").len(), 1);
    assert_eq!(mounts(&pod, "prepare").len(), 1);
    assert!(mounts(&pod, "logs").is_empty() && mounts(&pod, "other").is_empty());
}

#[test]
fn the_sidecar_stands_first_but_after_a_mesh() {
    let ready = admission(&[agent(json!({}))], &[]);
    let order = |init: Value| -> Vec<String> {
        let pod = changed(ready.judged(&pod(json!({"initContainers": init})), "team-a"));
        pod["spec"]["initContainers"]
            .as_array()
            .unwrap()
            .iter()
            .map(|c| c["name"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(order(json!([{"name": "a"}])), ["remanence", "a"]);
    assert_eq!(
        order(json!([{"name": "istio-init"}, {"name": "istio-proxy"}, {"name": "a"}])),
        ["istio-init", "istio-proxy", "remanence", "a"]
    );
}

#[test]
fn the_mount_shows_the_agents_user() {
    let ready = admission(&[agent(json!({}))], &[]);
    let env = |spec: Value| -> Vec<String> {
        let pod = changed(ready.judged(&pod(spec), "team-a"));
        let env = pod["spec"]["initContainers"][0]["env"].as_array().unwrap().clone();
        let ids = env
            .iter()
            .filter(|e| e["name"] == "REMANENCE_UID" || e["name"] == "REMANENCE_GID");
        ids.map(|e| e["value"].as_str().unwrap().to_owned()).collect()
    };
    assert!(env(json!({})).is_empty());
    assert_eq!(
        env(json!({"securityContext": {"runAsUser": 1000, "fsGroup": 2000}})),
        ["1000", "2000"]
    );
    let own = json!([{"name": "main", "securityContext": {"runAsUser": 7, "runAsGroup": 8}}]);
    assert_eq!(
        env(json!({"securityContext": {"runAsUser": 1000}, "containers": own})),
        ["7", "8"]
    );
}

#[test]
fn what_can_not_be_is_refused_with_a_reason() {
    let strict =
        agent(json!({"serviceAccountNames": ["reviewer"], "containers": ["main"], "sessions": {"mountPath": "/s"}}));
    let admission = admission(&[strict], &[]);
    let fine = json!({"serviceAccountName": "reviewer"});
    let with = |more: Value| {
        let mut spec = fine.clone();
        spec.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        pod(spec)
    };
    for (spec, said) in [
        (json!({"shareProcessNamespace": true}), "shareProcessNamespace"),
        (json!({"hostPID": true}), "hostPID"),
        (json!({"hostUsers": false}), "hostUsers"),
        (json!({"hostNetwork": true}), "dnsPolicy: ClusterFirstWithHostNet"),
        (json!({"dnsPolicy": "Default"}), "dnsPolicy: ClusterFirst"),
        (json!({"os": {"name": "windows"}}), "Linux"),
        (
            json!({"serviceAccountName": "default"}),
            "may not be the Agent reviewer: it allows reviewer",
        ),
        (
            json!({"containers": [{"name": "other"}]}),
            "container main, but the pod has other;",
        ),
        (
            json!({"containers": [{"name": "other"}], "initContainers": [{"name": "first"}]}),
            "but the pod has other, first (an init container);",
        ),
        (
            json!({"containers": [{"name": "main", "volumeMounts": [{"name": "v", "mountPath": "/mnt/memory/"}]}]}),
            "mounts v at /mnt/memory",
        ),
        (
            json!({"containers": [{"name": "main", "volumeMounts": [{"name": "v", "mountPath": "/s"}]}]}),
            "mounts v at /s",
        ),
        (
            json!({"containers": [{"name": "main", "volumeMounts": [{"name": "remanence-handover", "mountPath": "/x"}]}]}),
            "sidecar's alone",
        ),
        (
            json!({"containers": [{"name": "main", "volumeMounts": [{"name": "remanence-token", "mountPath": "/x"}]}]}),
            "remanence-token is the sidecar's alone",
        ),
        (
            json!({"containers": [{"name": "main"}],
                "initContainers": [{"name": "first", "volumeMounts": [{"name": "remanence-cache", "mountPath": "/x"}]}]}),
            "remanence-cache is the sidecar's alone",
        ),
        (
            json!({"volumes": [{"name": "mine", "csi": {"driver": "csi.remanence.dev",
                "volumeAttributes": {"role": "handover"}}}]}),
            "a volume mine of the driver csi.remanence.dev",
        ),
        (
            json!({"volumes": [{"name": "remanence-memory", "emptyDir": {}}]}),
            "remanence-memory of its own",
        ),
        (
            json!({"containers": [{"name": "main"}, {"name": "remanence"}]}),
            "is named remanence",
        ),
        (
            json!({"initContainers": [{"name": "remanence", "image": "mine"}]}),
            "is named remanence",
        ),
        (json!({"nodeName": "n1"}), "can't wait"),
    ] {
        match admission.judged(&with(spec.clone()), "team-a") {
            Verdict::Refused(why) => assert!(why.contains(said), "{spec}: {why}"),
            other => panic!("{spec}: {other:?}"),
        }
    }
}

#[test]
fn nothing_else_is_mounted_where_the_memory_goes_and_anything_elsewhere() {
    let spec = json!({"harness": "ClaudeCode", "memory": {}, "notes": ["/notes/"], "containers": ["main"]});
    let admission = admission(&[agent(spec)], &[]);
    for (container, volume, at, refused) in [
        ("main", "v", "/mnt/memory", true),
        // Below: it would take the place of a store, or of a part of one.
        ("main", "v", "/mnt/memory/project", true),
        ("main", "v", "/mnt//memory/./project/deep/", true),
        ("main", "v", "/mnt/other/../memory/project", true),
        ("main", "v", "mnt/memory/project", true),
        ("main", "v", "/home/agent/.claude/projects/one", true),
        // Beside, and above: the memory is mounted into it.
        ("main", "v", "/mnt/memory-of-mine", false),
        ("main", "v", "/mnt", false),
        ("main", "v", "/home/agent/.claude/projects", true),
        ("main", "v", "/notes", true),
        ("main", "v", "/etc/claude-code/managed-settings.json", true),
        ("main", "v", "/etc/claude-code", false),
        // Of a name like ours, and not ours.
        ("main", "remanence-x", "/mnt/memory", true),
        // Ours are made anew.
        ("main", "remanence-memory", "/mnt/memory", false),
        (
            "main",
            "remanence-settings",
            "/etc/claude-code/managed-settings.json",
            false,
        ),
        // It gets no memory.
        ("logs", "v", "/mnt/memory", false),
        ("logs", "v", "/mnt/memory/project", false),
    ] {
        let mut containers = json!([{"name": "main"}, {"name": "logs"}]);
        let index = usize::from(container == "logs");
        containers[index]["volumeMounts"] = json!([{"name": volume, "mountPath": at}]);
        let verdict = admission.judged(&pod(json!({"containers": containers})), "team-a");
        let is_refused = matches!(&verdict, Verdict::Refused(why) if why.contains("where the memory goes"));
        assert_eq!(is_refused, refused, "{container} {volume} {at}: {verdict:?}");
        assert!(is_refused || matches!(verdict, Verdict::Changed(_)), "{verdict:?}");
    }
}

/// A container's variable, if it is there once.
fn variable<'a>(container: &'a Value, name: &str) -> Option<&'a str> {
    let all = container["env"].as_array()?;
    let mut found = all.iter().filter(|variable| variable["name"] == name);
    let value = found.next()?["value"].as_str();
    assert!(found.next().is_none(), "{name} is there twice: {container:#}");
    value
}

#[test]
fn the_sidecar_writes_what_is_left_within_its_pods_time() {
    let ready = admission(&[agent(json!({}))], &[]);
    for (whole, grace) in [
        (None, "23s"),
        (Some(0), "1s"),
        (Some(2), "1s"),
        (Some(3), "2s"),
        (Some(30), "23s"),
        (Some(600), "479s"),
        (Some(i64::MAX), "69119s"),
    ] {
        let spec = json!({"terminationGracePeriodSeconds": whole});
        let pod = changed(ready.judged(&pod(spec), "team-a"));
        let sidecar = &pod["spec"]["initContainers"][0];
        assert_eq!(variable(sidecar, "REMANENCE_GRACE"), Some(grace), "{whole:?}");
    }
}

#[test]
fn the_agent_is_told_where_its_memory_is_and_nobody_else() {
    let named = admission(&[agent(json!({"containers": ["main"]}))], &[]);
    for env in [
        Value::Null,
        json!([{"name": "OTHER", "value": "1"}]),
        json!([{"name": "REMANENCE_DIR", "value": "/elsewhere"}]),
    ] {
        let containers = json!([{"name": "main", "env": env}, {"name": "logs"}]);
        let pod = changed(named.judged(&pod(json!({"containers": containers})), "team-a"));
        let of = |index: usize| variable(&pod["spec"]["containers"][index], "REMANENCE_DIR");
        assert_eq!((of(0), of(1)), (Some("/mnt/memory"), None), "{env}");
        let other = variable(&pod["spec"]["containers"][0], "OTHER");
        assert_eq!(other.is_some(), env[0]["name"] == "OTHER", "{env}");
    }
}

#[test]
fn a_node_is_not_kept_for_the_sidecars_cache() {
    let ready = admission(&[agent(json!({}))], &[]);
    let annotation = "cluster-autoscaler.kubernetes.io/safe-to-evict-local-volumes";
    for (before, after) in [
        (None, "remanence-cache"),
        (Some(""), "remanence-cache"),
        (Some("scratch"), "scratch,remanence-cache"),
        (Some("remanence-cache,scratch"), "remanence-cache,scratch"),
    ] {
        let mut pod = pod(json!({}));
        if let Some(before) = before {
            pod["metadata"]["annotations"][annotation] = before.into();
        }
        let pod = changed(ready.judged(&pod, "team-a"));
        assert_eq!(pod["metadata"]["annotations"][annotation], after, "{before:?}");
    }
}

#[test]
fn pods_on_the_network_of_their_node_do_not_contend_for_a_port() {
    let admission = admission(&[agent(json!({}))], &[]);
    let at_node = json!({"hostNetwork": true, "dnsPolicy": "ClusterFirstWithHostNet"});
    let of = |spec: Value| changed(admission.judged(&pod(spec), "team-a"))["spec"]["initContainers"][0].clone();
    let (own, shared) = (of(json!({})), of(at_node));
    let listens = |sidecar: &Value| {
        let env = sidecar["env"].as_array().unwrap();
        env.iter()
            .any(|v| v["name"] == "REMANENCE_LISTEN" && v["value"] == "127.0.0.1:0")
    };
    assert!(own["ports"].is_array() && !listens(&own), "{own:#}");
    assert!(shared["ports"].is_null() && listens(&shared), "{shared:#}");
}

#[test]
fn a_pod_with_a_node_is_taken_when_all_is_ready() {
    let ready = admission(&[agent(json!({}))], &[]);
    let pod = changed(ready.judged(&pod(json!({"nodeName": "n1"})), "team-a"));
    assert!(pod["spec"]["schedulingGates"].is_null());
}

#[test]
fn fields_that_are_not_known_here_are_kept() {
    let ready = admission(&[agent(json!({}))], &[]);
    let pod = changed(ready.judged(&pod(json!({"fieldOfNextYear": {"a": 1}})), "team-a"));
    assert_eq!(pod["spec"]["fieldOfNextYear"], json!({"a": 1}));
}

/// What the webhook answers.
async fn answer(admission: Admission, client: Client) -> Value {
    let router = super::server::router(admission, client, Arc::new(Metrics::default()));
    let review = json!({"request": {"uid": "u1", "namespace": "team-a", "object": pod(json!({}))}});
    let request = Request::post("/mutate")
        .header("content-type", "application/json")
        .body(Body::from(review.to_string()))
        .unwrap();
    let answer = router.oneshot(request).await.unwrap();
    let bytes = axum::body::to_bytes(answer.into_body(), 1 << 20).await.unwrap();
    serde_json::from_slice::<Value>(&bytes).unwrap()["response"].take()
}

fn patch(response: &Value) -> Value {
    let patch: k8s_openapi::ByteString = serde_json::from_value(response["patch"].clone()).unwrap();
    serde_json::from_slice(&patch.0).unwrap()
}

#[tokio::test]
async fn the_apiserver_is_answered() {
    let (client, _) = scripted(vec![]);
    let response = answer(admission(&[agent(json!({}))], &[]), client).await;
    assert_eq!(
        (&response["uid"], &response["allowed"], &response["patchType"]),
        (&json!("u1"), &json!(true), &json!("JSONPatch"))
    );
    assert_eq!(patch(&response)[1]["path"], "/spec");
}

#[tokio::test]
async fn an_agent_that_was_made_just_before_its_pod_is_asked_for() {
    const PATH: &str = "/apis/remanence.dev/v1alpha1/namespaces/team-a/agents/reviewer";
    let known = agent(json!({"sessions": {"mountPath": "/said"}}));
    let found = call("GET", PATH, serde_json::to_value(&known).unwrap());
    for (asked, mounts) in [
        (found, true),
        (failing("GET", PATH, 404), false),
        (failing("GET", PATH, 500), false),
    ] {
        let (client, _) = scripted(vec![asked]);
        let spec = patch(&answer(admission(&[], &[]), client).await)[1]["value"].take();
        let mounted = spec["containers"][0]["volumeMounts"].to_string().contains("/said");
        assert_eq!(mounted, mounts, "{spec}");
        assert_eq!(
            spec["schedulingGates"][0]["name"], "remanence.dev/memory",
            "it waits for its stores"
        );
    }
}
