//! Writing an object's status.

use std::fmt::Debug;

use kube::api::PostParams;
use kube::{Api, Resource, ResourceExt};
use remanence_api::names::FIELD_MANAGER;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;

/// Writes an object's status, unless the object changed since it was read: what is told of an older one would take back
/// what was told since. The operator alone tells it, so the whole of it is put: that costs the apiserver less than an apply.
///
/// # Errors
/// When the apiserver refuses; 409 where the object changed, 404 where it is gone.
pub(crate) async fn write_status<K, S>(api: &Api<K>, object: &K, status: &S) -> Result<(), kube::Error>
where
    K: Resource<DynamicType = ()> + Clone + DeserializeOwned + Debug,
    S: Serialize,
{
    let name = object.name_any();
    let whole = json!({
        "apiVersion": K::api_version(&()), "kind": K::kind(&()),
        "metadata": {"name": name, "resourceVersion": object.resource_version()}, "status": status,
    });
    let params = PostParams {
        field_manager: Some(FIELD_MANAGER.to_owned()),
        ..PostParams::default()
    };
    api.replace_subresource("status", &name, &params, &whole)
        .await
        .map(drop)
}
