//! The container that serves the memory. It needs nothing that Pod Security `restricted` refuses.

use remanence_api::Size;
use remanence_api::names::{
    AUDIENCE, CACHE_VOLUME, CSI_DRIVER, HANDOVER_VOLUME, MEMORY_VOLUME, MOUNT_PATH, SIDECAR, TOKEN_VOLUME,
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::container::{field, traces};

const PROGRAM: &str = "/usr/local/bin/remanence-sidecar";
/// How long the main containers are held back before the sidecar is started anew. For ever would hide why: meanwhile
/// Kubernetes shows neither the pod's address nor the sidecar's log. What ran for ten minutes is started anew at once.
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
}

impl Sidecar {
    /// The container.
    pub(super) fn container(&self, around: &Surroundings<'_>) -> Value {
        let mut env = vec![
            json!({"name": "REMANENCE_BROKER", "value": around.broker}),
            json!({"name": "REMANENCE_BROKER_CA", "value": around.trusted}),
            json!({"name": "REMANENCE_AGENT", "value": around.agent}),
            json!({"name": "REMANENCE_DIR", "value": MOUNT_PATH}),
            // The rest is the journals': over the volume's limit the kubelet evicts the pod.
            json!({"name": "REMANENCE_CACHE_BYTES", "value": (self.cache_size.bytes() / 2).to_string()}),
            field("POD_NAME", "metadata.name"),
            field("POD_NAMESPACE", "metadata.namespace"),
            field("POD_UID", "metadata.uid"),
        ];
        env.extend(traces(self.traces.as_deref()));
        for (name, id) in [("REMANENCE_UID", around.uid), ("REMANENCE_GID", around.gid)] {
            env.extend(id.map(|id| json!({"name": name, "value": id.to_string()})));
        }
        if around.host_network {
            env.push(json!({"name": "REMANENCE_LISTEN", "value": "127.0.0.1:0"}));
        }
        let mut security = json!({
            "allowPrivilegeEscalation": false,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": true,
            "runAsNonRoot": true,
            "seccompProfile": {"type": "RuntimeDefault"},
        });
        if let Some(user) = self.run_as_user {
            security["runAsUser"] = user.into();
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
            "securityContext": security,
            "volumeMounts": [
                {"name": HANDOVER_VOLUME, "mountPath": "/run/remanence/handover"},
                {"name": CACHE_VOLUME, "mountPath": "/var/cache/remanence"},
                {"name": TOKEN_VOLUME, "mountPath": "/var/run/secrets/remanence.dev", "readOnly": true},
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
        let token = json!({"audience": AUDIENCE, "expirationSeconds": 3600, "path": "token"});
        [
            csi(MEMORY_VOLUME, "memory"),
            csi(HANDOVER_VOLUME, "handover"),
            json!({"name": CACHE_VOLUME, "emptyDir": {"sizeLimit": self.cache_size}}),
            json!({"name": TOKEN_VOLUME, "projected": {"sources": [{"serviceAccountToken": token}]}}),
        ]
    }
}
