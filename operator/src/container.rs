//! Environment variables that sidecars and dreamers have alike. Pure.

use serde_json::{Value, json};

/// A variable that holds a field of the pod.
pub(crate) fn field(name: &str, path: &str) -> Value {
    json!({"name": name, "valueFrom": {"fieldRef": {"fieldPath": path}}})
}

/// What has a program send its spans to `endpoint`, where there is one; after the fields that it names.
pub(crate) fn traces(endpoint: Option<&str>) -> Vec<Value> {
    let Some(endpoint) = endpoint else { return Vec::new() };
    let pod = "k8s.namespace.name=$(POD_NAMESPACE),k8s.pod.name=$(POD_NAME),k8s.pod.uid=$(POD_UID)";
    vec![
        json!({"name": "OTEL_EXPORTER_OTLP_ENDPOINT", "value": endpoint}),
        json!({"name": "OTEL_RESOURCE_ATTRIBUTES", "value": pod}),
    ]
}
