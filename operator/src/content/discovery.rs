//! What the apiserver and its clients ask first: which resources there are.

use axum::Json;
use axum::Router;
use axum::routing::get;
use serde_json::{Value, json};

use super::{GROUP, VERSION};

/// The routes.
pub(super) fn router() -> Router {
    Router::new()
        .route(&format!("/apis/{GROUP}"), get(async || Json(group())))
        .route(&format!("/apis/{GROUP}/{VERSION}"), get(async || Json(resources())))
}

fn group() -> Value {
    let version = json!({"groupVersion": format!("{GROUP}/{VERSION}"), "version": VERSION});
    json!({"kind": "APIGroup", "apiVersion": "v1", "name": GROUP, "versions": [version], "preferredVersion": version})
}

fn resources() -> Value {
    json!({
        "kind": "APIResourceList", "apiVersion": "v1", "groupVersion": format!("{GROUP}/{VERSION}"),
        "resources": [{
            "name": "memorystores/content", "singularName": "", "namespaced": true, "kind": "MemoryStoreContent",
            "verbs": ["get", "update", "delete"],
        }],
    })
}
