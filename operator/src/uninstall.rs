//! The guard of an uninstall: pods that mount memories would lose them.

use anyhow::{Context as _, Result, bail};
use k8s_openapi::api::core::v1::Pod;
use kube::api::ListParams;
use kube::{Api, Client, ResourceExt};
use remanence_api::names::AGENT_LABEL;

use crate::cluster::has_ended;

/// Pods named in the message at most.
const NAMED: usize = 20;

/// Fails where labelled pods run, and names them.
///
/// # Errors
/// When there are some, or they can't be listed.
pub async fn check(client: Client) -> Result<()> {
    let pods = Api::<Pod>::all(client)
        .list(&ListParams::default().labels(AGENT_LABEL))
        .await;
    let pods = pods.context("listing the agents' pods")?;
    let mut held: Vec<String> = pods
        .iter()
        .filter(|pod| !has_ended(pod) && pod.spec.as_ref().is_some_and(|spec| spec.node_name.is_some()))
        .map(|pod| format!("{}/{}", pod.namespace().unwrap_or_default(), pod.name_any()))
        .collect();
    if held.is_empty() {
        return Ok(());
    }
    held.sort();
    let count = held.len();
    held.truncate(NAMED);
    bail!(
        "{count} pods mount memories, which an uninstall would break: {}; end them first, or set uninstall.guard=false",
        held.join(", ")
    )
}
