//! What a labelled pod may not be. Each check says what is wrong and what to do; the first that fails is told.

use remanence_api::Agent;
use remanence_api::names::{HANDOVER_VOLUME, MEMORY_VOLUME, MOUNT_PATH, SIDECAR};
use serde_json::Value;

use super::injection::Injection;
use super::mounts::{containers, list};
use crate::plan;

/// A pod as it came, and what is known of its Agent.
pub(super) struct Seen<'a> {
    pub(super) pod: &'a Value,
    pub(super) label: &'a str,
    pub(super) agent: Option<&'a Agent>,
    pub(super) injection: &'a Injection,
}

type Check = fn(&Seen<'_>) -> Option<String>;

/// In this order.
const CHECKS: [Check; 9] = [
    label,
    shared_processes,
    host_processes,
    user_namespace,
    windows,
    names_of_services,
    service_account,
    names,
    places,
];

/// Why the pod is refused, if it is.
pub(super) fn refusal(seen: &Seen<'_>) -> Option<String> {
    CHECKS.iter().find_map(|check| check(seen))
}

fn label(seen: &Seen<'_>) -> Option<String> {
    seen.label
        .is_empty()
        .then(|| "the label remanence.dev/agent is empty; it names the pod's Agent".to_owned())
}

fn shared_processes(seen: &Seen<'_>) -> Option<String> {
    is_true(&seen.pod["spec"]["shareProcessNamespace"]).then(|| {
        "shareProcessNamespace lets the agent reach into the sidecar that holds its access to the memory; leave it out"
            .to_owned()
    })
}

fn host_processes(seen: &Seen<'_>) -> Option<String> {
    is_true(&seen.pod["spec"]["hostPID"]).then(|| {
        "hostPID lets the agent reach into the sidecar that holds its access to the memory; leave it out".to_owned()
    })
}

fn user_namespace(seen: &Seen<'_>) -> Option<String> {
    (seen.pod["spec"]["hostUsers"] == Value::Bool(false)).then(|| {
        "hostUsers: false is not supported yet: the mount can't be mapped into a user namespace; leave it out"
            .to_owned()
    })
}

fn windows(seen: &Seen<'_>) -> Option<String> {
    (seen.pod["spec"]["os"]["name"] == "windows").then(|| "a memory needs Linux; spec.os.name is windows".to_owned())
}

fn names_of_services(seen: &Seen<'_>) -> Option<String> {
    let spec = &seen.pod["spec"];
    let policy = spec["dnsPolicy"].as_str().unwrap_or("ClusterFirst");
    let of_node = policy == "Default" || (policy == "ClusterFirst" && is_true(&spec["hostNetwork"]));
    let wanted = if is_true(&spec["hostNetwork"]) {
        "ClusterFirstWithHostNet"
    } else {
        "ClusterFirst"
    };
    of_node.then(|| {
        format!("the pod looks names up as its node does, where the memory's broker has none; set dnsPolicy: {wanted}")
    })
}

fn service_account(seen: &Seen<'_>) -> Option<String> {
    let account = seen.pod["spec"]["serviceAccountName"]
        .as_str()
        .filter(|name| !name.is_empty())
        .unwrap_or("default");
    plan::may_be(seen.agent?, account).err().map(|lacking| lacking.message)
}

/// Containers that the Agent names must be there.
fn names(seen: &Seen<'_>) -> Option<String> {
    let there: Vec<&str> = containers(seen.pod).filter_map(|c| c["name"].as_str()).collect();
    let absent: Vec<&str> = seen
        .injection
        .containers
        .iter()
        .map(String::as_str)
        .filter(|c| !there.contains(c))
        .collect();
    (!absent.is_empty()).then(|| {
        let there: Vec<&str> = there.into_iter().filter(|name| *name != SIDECAR).collect();
        format!(
            "the Agent {} gives its memory to the container {}, but the pod has {}; correct spec.containers of the Agent",
            seen.label,
            absent.join(", "),
            there.join(", ")
        )
    })
}

/// Nothing else may be mounted where the memory goes.
fn places(seen: &Seen<'_>) -> Option<String> {
    let mut wanted = vec![MOUNT_PATH];
    wanted.extend(seen.injection.sessions.as_deref());
    wanted.extend(seen.injection.notes.iter().map(String::as_str));
    for container in containers(seen.pod).filter(|c| c["name"] != SIDECAR) {
        for mount in list(container, "volumeMounts") {
            let at = mount["mountPath"].as_str().unwrap_or_default().trim_end_matches('/');
            let volume = mount["name"].as_str().unwrap_or_default();
            if volume == HANDOVER_VOLUME {
                return Some(format!(
                    "the volume {HANDOVER_VOLUME} is the sidecar's alone; don't mount it"
                ));
            }
            if wanted.contains(&at) && !volume.starts_with("remanence-") {
                return Some(format!(
                    "the container {} mounts {volume} at {at}, where the memory goes; mount it elsewhere",
                    container["name"].as_str().unwrap_or_default()
                ));
            }
        }
    }
    let foreign = list(&seen.pod["spec"], "volumes")
        .iter()
        .any(|volume| volume["name"] == MEMORY_VOLUME && volume["csi"].is_null());
    foreign.then(|| format!("the pod has a volume {MEMORY_VOLUME} of its own; name it otherwise"))
}

fn is_true(value: &Value) -> bool {
    *value == Value::Bool(true)
}
