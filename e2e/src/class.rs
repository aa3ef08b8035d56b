//! A class of one test.

use std::time::Duration;

use serde_json::{Value, json};

use crate::kubectl::{apply, kubectl_json, try_kubectl};
use crate::space::Space;
use crate::within;

/// Keys are read each minute, and what follows takes its time.
pub const NEXT_LOOK: Duration = Duration::from_secs(150);

/// A class with keys in the space's Secret `keys`; gone with the test.
pub struct Class {
    /// Its name.
    pub name: String,
}

impl Class {
    /// On the bucket of the class `embedded`.
    pub fn embedded(space: &Space) -> Self {
        Self::with(space, |_| {})
    }

    /// With its stores at another prefix of that bucket.
    pub fn below(space: &Space, prefix: &str) -> Self {
        Self::with(space, |spec| spec["s3"]["prefix"] = prefix.into())
    }

    /// At another endpoint.
    pub fn at(space: &Space, endpoint: &str) -> Self {
        Self::with(space, |spec| spec["s3"]["endpoint"] = endpoint.into())
    }

    fn with(space: &Space, change: impl FnOnce(&mut Value)) -> Self {
        // The operator is let read the Secret, as the chart's `classSecrets` does.
        let named = "--resource-name=keys";
        space.kubectl(&["create", "role", "keys", "--verb=get", "--resource=secrets", named]);
        let operator = "--serviceaccount=remanence-system:remanence-operator";
        space.kubectl(&["create", "rolebinding", "keys", "--role=keys", operator]);
        let embedded = kubectl_json(&["get", "memorystoreclass", "embedded"]);
        let mut spec = embedded["spec"].clone();
        spec["s3"]["prefix"] = format!("{}/{{namespace}}/{{name}}", space.name).into();
        spec["credentials"]["secretRef"] = json!({"namespace": space.name, "name": "keys"});
        change(&mut spec);
        let class = json!({
            "apiVersion": "remanence.dev/v1alpha1", "kind": "MemoryStoreClass", "metadata": {"name": space.name},
            "spec": spec,
        });
        apply(&[], &class).unwrap_or_else(|why| panic!("{why}"));
        Self {
            name: space.name.clone(),
        }
    }

    /// Waits until its condition Ready has that reason; answers the message.
    pub fn says(&self, reason: &str) -> String {
        within(NEXT_LOOK, &format!("the class says {reason}"), || {
            let class = try_kubectl(&["get", "memorystoreclass", &self.name, "--output=json"])?;
            said(&serde_json::from_str(&class).unwrap(), reason)
        })
    }
}

impl Drop for Class {
    fn drop(&mut self) {
        let _ = try_kubectl(&["delete", "memorystoreclass", &self.name, "--wait=false"]);
    }
}

fn said(object: &Value, reason: &str) -> Result<String, String> {
    let conditions = object["status"]["conditions"].as_array().cloned().unwrap_or_default();
    let ready = conditions
        .iter()
        .find(|one| one["type"] == "Ready" && one["reason"] == reason);
    ready
        .map(|one| one["message"].as_str().unwrap_or_default().to_owned())
        .ok_or_else(|| object["status"].to_string())
}
