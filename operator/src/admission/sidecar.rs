//! The container that serves the memory. It needs nothing that Pod Security `restricted` refuses.

use remanence_api::Size;
use remanence_api::names::{CACHE_VOLUME, CSI_DRIVER, HANDOVER_VOLUME, MEMORY_VOLUME, MOUNT_PATH, SIDECAR};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::container::{environment, security, token_mount, token_volume};

const PROGRAM: &str = "/usr/local/bin/remanence-sidecar";
/// How long the main containers are held back before the sidecar is started anew. For ever would hide why: meanwhile
/// Kubernetes shows neither the pod's address nor the sidecar's log. What ran for ten minutes is started anew at once. Nor is
/// the pod ended meanwhile, so the sidecar gives up by itself once it hears that its pod is being deleted, or hears nothing
/// of the broker for a minute.
const PATIENCE: &str = "600s";

/// How sidecars are to be: the chart's `sidecar` values.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Sidecar {
    /// The image.
    pub image: String,
    /// `IfNotPresent`, `Always` or `Never`.
    pub image_pull_policy: String,
    /// Its user; left to the platform where it is absent.
    #[serde(default)]
    pub run_as_user: Option<i64>,
    /// Requests and limits.
    #[serde(default)]
    pub resources: Value,
    /// Where its spans go by OTLP; without, nothing is traced.
    #[serde(default)]
    pub traces: Option<String>,
    /// The most that cached contents and journals may take of the node's disk.
    pub cache_size: Size,
}

/// What a sidecar must know of its pod.
pub(super) struct Surroundings<'a> {
    pub(super) agent: &'a str,
    pub(super) broker: &'a str,
    pub(super) trusted: &'a str,
    pub(super) uid: Option<i64>,
    pub(super) gid: Option<i64>,
    /// The pod is on the network of its node, where a port is one for all.
    pub(super) host_network: bool,
    /// How many seconds it has at the end to write what is left.
    pub(super) grace: i64,
}

impl Sidecar {
    /// The container.
    pub(super) fn container(&self, around: &Surroundings<'_>) -> Value {
        let mut env = environment(around.broker, around.trusted, self.traces.as_deref());
        env.push(json!({"name": "REMANENCE_AGENT", "value": around.agent}));
        env.push(json!({"name": "REMANENCE_DIR", "value": MOUNT_PATH}));
        env.push(json!({"name": "REMANENCE_GRACE", "value": format!("{}s", around.grace)}));
        // The rest is the journals': over the volume's limit the kubelet evicts the pod.
        let contents = self.cache_size.bytes() / 2;
        env.push(json!({"name": "REMANENCE_CACHE_BYTES", "value": contents.to_string()}));
        for (name, id) in [("REMANENCE_UID", around.uid), ("REMANENCE_GID", around.gid)] {
            env.extend(id.map(|id| json!({"name": name, "value": id.to_string()})));
        }
        if around.host_network {
            env.push(json!({"name": "REMANENCE_LISTEN", "value": "127.0.0.1:0"}));
        }
        let mut container = json!({
            "name": SIDECAR,
            "image": self.image,
            "imagePullPolicy": self.image_pull_policy,
            "command": [PROGRAM],
            "restartPolicy": "Always",
            "env": env,
            // The main containers start when this succeeds; a startup probe would cost a second.
            "lifecycle": {"postStart": {"exec": {"command": [PROGRAM, "wait", "--timeout", PATIENCE]}}},
            // The pod's status tells what ended it.
            "terminationMessagePolicy": "FallbackToLogsOnError",
            "resources": self.resources,
            "securityContext": security(self.run_as_user),
            "volumeMounts": [
                {"name": HANDOVER_VOLUME, "mountPath": "/run/remanence/handover"},
                {"name": CACHE_VOLUME, "mountPath": "/var/cache/remanence"},
                token_mount(),
            ],
        });
        if !around.host_network {
            container["ports"] = json!([{"name": "remanence", "containerPort": 9464, "protocol": "TCP"}]);
        }
        container
    }

    /// The pod's volumes.
    pub(super) fn volumes(&self) -> [Value; 4] {
        let csi = |name: &str, role: &str| json!({"name": name, "csi": {"driver": CSI_DRIVER, "volumeAttributes": {"role": role}}});
        [
            csi(MEMORY_VOLUME, "memory"),
            csi(HANDOVER_VOLUME, "handover"),
            json!({"name": CACHE_VOLUME, "emptyDir": {"sizeLimit": self.cache_size}}),
            token_volume(),
        ]
    }
}
