//! The `NetworkPolicy` of dreamers' pods: in force before their Job is made, gone when they are.

use k8s_openapi::api::networking::v1::NetworkPolicy;
use kube::ResourceExt;
use kube::api::{DeleteParams, Patch, PatchParams};
use kube::runtime::reflector::ObjectRef;
use remanence_api::names::{BUILT_ANNOTATION, FIELD_MANAGER};
use serde_json::Value;

use super::{Context, ReconcileError};
use crate::dream::policy_name;

/// Applies the policy of the pods that have `label` where it differs from `wanted`, or deletes it where none is wanted.
pub(super) async fn run(
    namespace: &str,
    label: (&str, &str),
    wanted: Option<&Value>,
    context: &Context,
) -> Result<(), ReconcileError> {
    let name = policy_name(label);
    let known = ObjectRef::new(&name).within(namespace);
    let known = context.cluster.network_policies.get(&known);
    let api = context.api::<NetworkPolicy>(namespace);
    let outcome = match (wanted, known) {
        (Some(wanted), known) => {
            let built = wanted["metadata"]["annotations"][BUILT_ANNOTATION].as_str();
            if known.is_some_and(|known| known.annotations().get(BUILT_ANNOTATION).map(String::as_str) == built) {
                return Ok(());
            }
            let params = PatchParams::apply(FIELD_MANAGER).force();
            api.patch(&name, &params, &Patch::Apply(wanted)).await.map(drop)
        }
        (None, Some(_)) => api.delete(&name, &DeleteParams::default()).await.map(drop),
        (None, None) => return Ok(()),
    };
    match outcome {
        // Deleted meanwhile.
        Err(kube::Error::Api(status)) if status.code == 404 && wanted.is_none() => Ok(()),
        outcome => outcome.map_err(ReconcileError::api(format!("the NetworkPolicy {name}"))),
    }
}
