//! What the containers of sidecars and of dreamers have alike. Pure.

use remanence_api::names::{AUDIENCE, TOKEN_VOLUME};
use serde_json::{Value, json};

/// All that Pod Security `restricted` asks for, and more. The user is left to the platform where none is named.
pub(crate) fn security(user: Option<i64>) -> Value {
    let mut security = json!({
        "allowPrivilegeEscalation": false,
        "capabilities": {"drop": ["ALL"]},
        "readOnlyRootFilesystem": true,
        "runAsNonRoot": true,
        "seccompProfile": {"type": "RuntimeDefault"},
    });
    if let Some(user) = user {
        security["runAsUser"] = user.into();
    }
    security
}

/// The variables by which a program finds the broker, knows its own pod, and sends its spans to `traces`, where that is.
pub(crate) fn environment(broker: &str, trusted: &str, traces: Option<&str>) -> Vec<Value> {
    let field = |name: &str, path: &str| json!({"name": name, "valueFrom": {"fieldRef": {"fieldPath": path}}});
    let mut env = vec![
        json!({"name": "REMANENCE_BROKER", "value": broker}),
        json!({"name": "REMANENCE_BROKER_CA", "value": trusted}),
        field("POD_NAME", "metadata.name"),
        field("POD_NAMESPACE", "metadata.namespace"),
        field("POD_UID", "metadata.uid"),
    ];
    if let Some(endpoint) = traces {
        // After the fields that it names.
        let pod = "k8s.namespace.name=$(POD_NAMESPACE),k8s.pod.name=$(POD_NAME),k8s.pod.uid=$(POD_UID)";
        env.push(json!({"name": "OTEL_EXPORTER_OTLP_ENDPOINT", "value": endpoint}));
        env.push(json!({"name": "OTEL_RESOURCE_ATTRIBUTES", "value": pod}));
    }
    env
}

/// The volume of the token that is shown to the broker.
pub(crate) fn token_volume() -> Value {
    let token = json!({"audience": AUDIENCE, "expirationSeconds": 3600, "path": "token"});
    json!({"name": TOKEN_VOLUME, "projected": {"sources": [{"serviceAccountToken": token}]}})
}

/// Where the programs look for it.
pub(crate) fn token_mount() -> Value {
    json!({"name": TOKEN_VOLUME, "mountPath": "/var/run/secrets/remanence.dev", "readOnly": true})
}
