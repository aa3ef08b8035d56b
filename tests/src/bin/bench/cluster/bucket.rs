//! The chart's own object store, as it is reached from here: what a bare client writes into it.

use anyhow::{Context, Result};
use k8s_openapi::api::core::v1::Secret;
use remanence_api::MemoryStoreClass;
use remanence_operator::broker::S3Keys;
use remanence_operator::bucket::{Buckets, S3Buckets};
use remanence_store::backend::Backend;

use super::scene::{SYSTEM, Scene};

/// The place `prefix` in the bucket of the class that the chart made, with its keys.
///
/// # Errors
/// Where the stores lie elsewhere.
pub(super) async fn open(scene: &Scene, prefix: &str) -> Result<Backend> {
    let class = scene.list("apis/remanence.dev/v1alpha1/memorystoreclasses").await?;
    let class = class.into_iter().next().context("there is no MemoryStoreClass")?;
    let mut class: MemoryStoreClass = serde_json::from_value(class).context("reading the MemoryStoreClass")?;
    let found = scene
        .get(&format!("api/v1/namespaces/{SYSTEM}/secrets/remanence-s3"))
        .await?;
    let secret: Secret = serde_json::from_value(found).context("reading the Secret remanence-s3")?;
    let value = |key: &str| {
        let bytes = secret.data.as_ref().and_then(|data| data.get(key));
        let text = bytes.and_then(|bytes| String::from_utf8(bytes.0.clone()).ok());
        text.with_context(|| format!("the Secret remanence-s3 lacks {key}"))
    };
    let keys = S3Keys {
        access_key_id: value("accessKeyId")?,
        secret_access_key: value("secretAccessKey")?,
        session_token: None,
    };
    let pods = format!("api/v1/namespaces/{SYSTEM}/pods?labelSelector=app.kubernetes.io%2Fname%3Dremanence-s3");
    let pods = scene.list(&pods).await?;
    let address = pods.first().and_then(|pod| pod["status"]["podIP"].as_str());
    // Names of Services are known to pods alone.
    class.spec.s3.endpoint = Some(format!(
        "http://{}:8333",
        address.context("no pod of the chart's object store has an address")?
    ));
    let buckets = S3Buckets::default();
    Ok(buckets.open(&class, Some(&keys), prefix).await?)
}
