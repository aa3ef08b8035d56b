//! What users write.

use serde_json::{Value, json};

/// Has a shell; the examples use it too.
pub const BUSYBOX: &str = "docker.io/library/busybox:1.37";

/// An Agent with `spec`.
pub fn agent(name: &str, spec: &Value) -> Value {
    json!({"apiVersion": "remanence.dev/v1alpha1", "kind": "Agent", "metadata": {"name": name}, "spec": spec})
}

/// A `MemoryStore` with `spec`.
pub fn store(name: &str, spec: &Value) -> Value {
    json!({"apiVersion": "remanence.dev/v1alpha1", "kind": "MemoryStore", "metadata": {"name": name}, "spec": spec})
}

/// An Agent's entry for a store of its own namespace.
pub fn entry(name: &str) -> Value {
    json!({"name": name, "storeRef": {"name": name}})
}

/// A pod that is `agent`, runs `script` and fits Pod Security `restricted`.
pub fn pod(name: &str, agent: &str, script: &str) -> Value {
    let mut pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec(script)});
    pod["metadata"]["labels"] = labels(agent);
    pod
}

/// A script for pods in which tests work by hand; it ends when it is told to.
pub const IDLE: &str = "trap exit TERM; while :; do sleep 0.2; done";

/// The one label.
pub fn labels(agent: &str) -> Value {
    json!({"remanence.dev/agent": agent})
}

/// The spec of a pod that runs `script`.
pub fn spec(script: &str) -> Value {
    json!({
        "terminationGracePeriodSeconds": 3,
        "securityContext": {
            "runAsNonRoot": true, "runAsUser": 1000, "runAsGroup": 1000, "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [{
            "name": "main",
            "image": BUSYBOX,
            "command": ["sh", "-c", script],
            "securityContext": {"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}},
        }],
    })
}

/// A Deployment of pods that are `agent` and run `script`.
pub fn deployment(name: &str, agent: &str, replicas: u32, script: &str) -> Value {
    let template = json!({"metadata": {"labels": labels(agent)}, "spec": spec(script)});
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name},
        "spec": {"replicas": replicas, "selector": {"matchLabels": labels(agent)}, "template": template},
    })
}

/// Several objects in one.
pub fn list(items: impl IntoIterator<Item = Value>) -> Value {
    json!({"apiVersion": "v1", "kind": "List", "items": items.into_iter().collect::<Vec<_>>()})
}
