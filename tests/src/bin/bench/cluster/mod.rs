//! What memory costs in a cluster: in the start of a pod, beside it, on its way to another pod, while it is dreamt, and in
//! the apiserver.

mod bucket;
mod crowd;
mod dreams;
mod hundred_sessions;
mod idle_schedules;
mod listing;
mod many_stores;
mod metrics;
mod pods;
mod requests;
mod scene;
mod sidecar;
mod starts;
mod visible;
mod webhook;

use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result};

use crate::Effort;
use crate::table::Table;
pub(crate) use bucket::run as bare_stores;
use scene::Scene;

/// Measures on the cluster of the kubeconfig and writes the table.
pub(crate) fn run(effort: Effort, path: &Path) -> Result<()> {
    let runtime = tokio::runtime::Runtime::new().context("starting the runtime")?;
    let start = Instant::now();
    let mut table = Table::new(effort);
    runtime.block_on(async {
        let scene = Scene::new().await?;
        starts::measure(&mut table, effort, &scene).await;
        webhook::measure(&mut table, effort, &scene).await;
        sidecar::measure(&mut table, effort, &scene).await;
        visible::measure(&mut table, effort, &scene).await;
        hundred_sessions::measure(&mut table, effort, &scene).await;
        listing::measure(&mut table, effort, &scene);
        many_stores::measure(&mut table, effort, &scene).await;
        idle_schedules::measure(&mut table, effort, &scene).await;
        crowd::measure(&mut table, effort, &scene).await;
        scene.end().await
    })?;
    table.took(start.elapsed());
    std::fs::write(path, table.markdown()).with_context(|| format!("writing {}", path.display()))
}
