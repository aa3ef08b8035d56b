//! What a labelled pod may not be. Each check says what is wrong and what to do; the first that fails is told.

use remanence_api::Agent;
use remanence_api::names::{
    CACHE_VOLUME, CSI_DRIVER, HANDOVER_VOLUME, MEMORY_VOLUME, MOUNT_PATH, SETTINGS_VOLUME, SIDECAR, TOKEN_VOLUME,
};
use serde_json::Value;

use super::inject::is_chosen;
use super::injection::Injection;
use super::mounts::list;
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
const CHECKS: [Check; 12] = [
    label,
    name_of_the_sidecar,
    shared_processes,
    host_processes,
    user_namespace,
    windows,
    names_of_services,
    service_account,
    names,
    private_volumes,
    volumes_of_the_driver,
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

/// The injected one is known by the volume that nobody else may mount, whatever a later webhook made of it.
fn name_of_the_sidecar(seen: &Seen<'_>) -> Option<String> {
    let injected = |container: &Value| {
        list(container, "volumeMounts")
            .iter()
            .any(|mount| mount["name"] == HANDOVER_VOLUME)
    };
    let spec = &seen.pod["spec"];
    let main = list(spec, "containers").iter().any(|c| c["name"] == SIDECAR);
    let init = list(spec, "initContainers")
        .iter()
        .any(|c| c["name"] == SIDECAR && !injected(c));
    (main || init)
        .then(|| format!("a container of the pod is named {SIDECAR}, as the injected sidecar is; name it otherwise"))
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
    let all: Vec<_> = others(seen.pod).collect();
    let absent: Vec<&str> = seen
        .injection
        .containers
        .iter()
        .map(String::as_str)
        .filter(|absent| !all.iter().any(|(_, container)| container["name"] == *absent))
        .collect();
    let there: Vec<String> = all.iter().map(|(field, container)| called(field, container)).collect();
    let plural = if absent.len() == 1 { "" } else { "s" };
    (!absent.is_empty()).then(|| {
        format!(
            "the Agent {} gives its memory to the container{plural} {}, but the pod has {}; correct spec.containers of the \
             Agent",
            seen.label,
            absent.join(", "),
            there.join(", ")
        )
    })
}

/// What the sidecar shares with nobody.
const PRIVATE: [&str; 3] = [HANDOVER_VOLUME, CACHE_VOLUME, TOKEN_VOLUME];

fn private_volumes(seen: &Seen<'_>) -> Option<String> {
    let mut mounted = others(seen.pod).flat_map(|(_, container)| list(container, "volumeMounts"));
    let volume = mounted.find_map(|mount| PRIVATE.into_iter().find(|name| mount["name"] == *name))?;
    Some(format!("the volume {volume} is the sidecar's alone; don't mount it"))
}

/// One more would be another way to the mount, or to the socket by which it is handed over.
fn volumes_of_the_driver(seen: &Seen<'_>) -> Option<String> {
    let more = list(&seen.pod["spec"], "volumes").iter().find(|volume| {
        volume["csi"]["driver"] == CSI_DRIVER && volume["name"] != MEMORY_VOLUME && volume["name"] != HANDOVER_VOLUME
    })?;
    Some(format!(
        "the pod has a volume {} of the driver {CSI_DRIVER}; take it out: the memory's are added to the pod",
        more["name"].as_str().unwrap_or_default()
    ))
}

/// Nothing else may be mounted where the memory goes, nor below: what is written there would not reach it.
fn places(seen: &Seen<'_>) -> Option<String> {
    let injection = seen.injection;
    let settings = injection.settings.as_ref().map(|(path, _)| path);
    let wanted = injection.sessions.iter().chain(&injection.notes).chain(settings);
    let mut wanted: Vec<String> = wanted.map(|path| plain(path)).collect();
    wanted.push(MOUNT_PATH.to_owned());
    for (field, container) in others(seen.pod).filter(|(field, container)| is_chosen(container, field, injection)) {
        for mount in list(container, "volumeMounts") {
            let at = plain(mount["mountPath"].as_str().unwrap_or_default());
            let volume = mount["name"].as_str().unwrap_or_default();
            // The memory's own mounts are made anew.
            let hides = wanted.iter().any(|place| is_within(&at, place));
            if hides && volume != MEMORY_VOLUME && volume != SETTINGS_VOLUME {
                return Some(format!(
                    "the container {} mounts {volume} at {at}, where the memory goes; mount it elsewhere",
                    called(field, container)
                ));
            }
        }
    }
    let foreign = list(&seen.pod["spec"], "volumes")
        .iter()
        .any(|volume| volume["name"] == MEMORY_VOLUME && volume["csi"].is_null());
    foreign.then(|| format!("the pod has a volume {MEMORY_VOLUME} of its own; name it otherwise"))
}

/// A path as the container's runtime takes it: absolute, without empty parts, `.` and `..`.
fn plain(path: &str) -> String {
    let mut parts = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

/// Whether a plain path is another one or lies below it.
fn is_within(path: &str, place: &str) -> bool {
    path.strip_prefix(place)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The containers beside the sidecar, each with the list that it is in.
fn others(pod: &Value) -> impl Iterator<Item = (&'static str, &Value)> {
    ["containers", "initContainers"]
        .into_iter()
        .flat_map(|field| {
            list(&pod["spec"], field)
                .iter()
                .map(move |container| (field, container))
        })
        .filter(|(_, container)| container["name"] != SIDECAR)
}

/// A container's name; of one of the list of init containers that, too.
fn called(field: &str, container: &Value) -> String {
    let name = container["name"].as_str().unwrap_or_default();
    let is_init = field == "initContainers";
    format!("{name}{}", if is_init { " (an init container)" } else { "" })
}

fn is_true(value: &Value) -> bool {
    *value == Value::Bool(true)
}
