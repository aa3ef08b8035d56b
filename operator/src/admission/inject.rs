//! Turns a pod into one with a memory. Doing it twice is doing it once: whatever a later webhook or an older operator
//! made of it is put right.

use remanence_api::names::{
    CACHE_VOLUME, GATE, INJECTION_ANNOTATION, MEMORY_VOLUME, MOUNT_PATH, NOTE, SESSIONS_FOLDER, SETTINGS_ANNOTATION,
    SETTINGS_VOLUME, SIDECAR,
};
use serde_json::{Value, json};

use super::injection::Injection;
use super::mounts::{list, list_mut, put};
use super::sidecar::{Sidecar, Surroundings};

/// Proxies that must be there before anything speaks over the network.
const MESHES: [&str; 2] = ["istio-proxy", "linkerd-proxy"];
const SAFE_TO_EVICT: &str = "cluster-autoscaler.kubernetes.io/safe-to-evict-local-volumes";
const SETTINGS_FILE: &str = "managed-settings.json";
/// How many seconds a pod has to end where it says nothing.
const GRACE: i64 = 30;
/// What counts as for ever.
const LONGEST_GRACE: i64 = 24 * 3600;

/// What all pods have in common.
pub(super) struct Common<'a> {
    pub(super) sidecar: &'a Sidecar,
    pub(super) broker: &'a str,
    pub(super) trusted: &'a str,
}

/// The pod with its memory; with a gate where it has to wait.
pub(super) fn inject(pod: &Value, agent: &str, injection: &Injection, common: &Common<'_>, gated: bool) -> Value {
    let mut pod = pod.clone();
    annotate(&mut pod, injection);
    for volume in common.sidecar.volumes() {
        put(list_mut(&mut pod["spec"], "volumes"), volume);
    }
    if injection.settings.is_some() {
        let path = format!("metadata.annotations['{SETTINGS_ANNOTATION}']");
        let item = json!({"path": SETTINGS_FILE, "fieldRef": {"fieldPath": path}});
        put(
            list_mut(&mut pod["spec"], "volumes"),
            json!({"name": SETTINGS_VOLUME, "downwardAPI": {"items": [item]}}),
        );
    }
    let (uid, gid) = owner(&pod, injection);
    let around = Surroundings {
        agent,
        broker: common.broker,
        trusted: common.trusted,
        uid,
        gid,
        host_network: pod["spec"]["hostNetwork"] == true,
        grace: grace(&pod),
    };
    place_sidecar(&mut pod, common.sidecar.container(&around));
    for field in ["containers", "initContainers"] {
        for container in pod["spec"][field].as_array_mut().into_iter().flatten() {
            if is_chosen(container, field, injection) {
                mount(container, injection);
            }
        }
    }
    if gated {
        put(list_mut(&mut pod["spec"], "schedulingGates"), json!({"name": GATE}));
    }
    pod
}

/// How many seconds the sidecar may write what is left at the end. It takes a quarter of them once more for what comes in
/// between, and is to be gone before the pod's time is over.
fn grace(pod: &Value) -> i64 {
    let whole = pod["spec"]["terminationGracePeriodSeconds"].as_i64().unwrap_or(GRACE);
    let most = (whole.clamp(0, LONGEST_GRACE) * 4 - 1) / 5;
    // The kubelet gives a sidecar two, whatever is left of the pod's.
    most.max(1)
}

/// Whether a container of the list `field` gets the memory.
pub(super) fn is_chosen(container: &Value, field: &str, injection: &Injection) -> bool {
    let name = container["name"].as_str().unwrap_or_default();
    if name == SIDECAR {
        return false;
    }
    if injection.containers.is_empty() {
        // What prepares a pod is not the agent, unless it is said to be.
        return field == "containers";
    }
    injection.containers.iter().any(|chosen| chosen == name)
}

fn annotate(pod: &mut Value, injection: &Injection) {
    if !pod["metadata"]["annotations"].is_object() {
        pod["metadata"]["annotations"] = json!({});
    }
    let annotations = &mut pod["metadata"]["annotations"];
    annotations[INJECTION_ANNOTATION] = injection.fingerprint().into();
    if let Some((_, text)) = &injection.settings {
        annotations[SETTINGS_ANNOTATION] = text.as_str().into();
    }
    // The autoscaler spares pods with an emptyDir; this one may go with its node.
    let mut safe: Vec<&str> = annotations[SAFE_TO_EVICT]
        .as_str()
        .unwrap_or_default()
        .split(',')
        .filter(|v| !v.is_empty())
        .collect();
    if !safe.contains(&CACHE_VOLUME) {
        safe.push(CACHE_VOLUME);
    }
    annotations[SAFE_TO_EVICT] = safe.join(",").into();
}

/// First, so that what prepares the pod may use the memory too; but after a mesh's proxy.
fn place_sidecar(pod: &mut Value, sidecar: Value) {
    let containers = list_mut(&mut pod["spec"], "initContainers");
    containers.retain(|container| container["name"] != SIDECAR);
    let mesh = containers
        .iter()
        .rposition(|c| MESHES.iter().any(|mesh| c["name"] == *mesh));
    containers.insert(mesh.map_or(0, |index| index + 1), sidecar);
}

fn mount(container: &mut Value, injection: &Injection) {
    let mounts = list_mut(container, "volumeMounts");
    mounts.retain(|mount| mount["name"] != MEMORY_VOLUME && mount["name"] != SETTINGS_VOLUME);
    mounts.push(json!({"name": MEMORY_VOLUME, "mountPath": MOUNT_PATH}));
    if let Some(path) = &injection.sessions {
        mounts.push(json!({"name": MEMORY_VOLUME, "mountPath": path, "subPath": SESSIONS_FOLDER}));
    }
    for path in &injection.notes {
        mounts.push(json!({"name": MEMORY_VOLUME, "mountPath": path, "subPath": NOTE, "readOnly": true}));
    }
    if let Some((path, _)) = &injection.settings {
        mounts.push(json!({"name": SETTINGS_VOLUME, "mountPath": path, "subPath": SETTINGS_FILE, "readOnly": true}));
    }
    put(
        list_mut(container, "env"),
        json!({"name": "REMANENCE_DIR", "value": MOUNT_PATH}),
    );
}

/// Whose files the mount shows: the agent's user and group, where the pod says which.
fn owner(pod: &Value, injection: &Injection) -> (Option<i64>, Option<i64>) {
    let of_pod = &pod["spec"]["securityContext"];
    let chosen = list(&pod["spec"], "containers")
        .iter()
        .find(|c| is_chosen(c, "containers", injection));
    let said = |field: &str| {
        let own = chosen.and_then(|container| container["securityContext"][field].as_i64());
        own.or_else(|| of_pod[field].as_i64())
    };
    (
        said("runAsUser"),
        said("runAsGroup").or_else(|| of_pod["fsGroup"].as_i64()),
    )
}
