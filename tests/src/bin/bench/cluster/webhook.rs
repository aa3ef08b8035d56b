//! What the webhook takes for a pod: by its own clock, and for who creates the pod.

use anyhow::{Context, Result};

use super::metrics::Buckets;
use super::pods::pod;
use super::scene::{Scene, now};
use crate::Effort;
use crate::samples::{Spread, Unit};
use crate::table::{Row, Table, Target};

const AGENT: &str = "asked";

pub(super) async fn measure(table: &mut Table, effort: Effort, scene: &Scene) {
    table.rows("the webhook", rows(effort, scene).await);
}

async fn rows(effort: Effort, scene: &Scene) -> Result<Vec<Row>> {
    scene.agent(AGENT).await?;
    let before = buckets(scene).await?;
    let (mut with, mut without) = (Vec::new(), Vec::new());
    for _ in 0..effort.admissions {
        without.push(create(scene, None).await?);
        with.push(create(scene, Some(AGENT)).await?);
    }
    let (bound, seen) = buckets(scene).await?.since(&before).within(0.99)?;
    let with = Spread::of(with, Unit::Seconds);
    Ok(vec![
        Row::alone(
            "the webhook's answer, p99, by its own clock: at most",
            Spread::once(bound, Unit::Seconds),
            Target::AtMost(0.020, "≤ 20 ms"),
        )
        .beside(format!("{seen} pods")),
        Row {
            against: Some(("without the label", Spread::of(without, Unit::Seconds))),
            ..Row::alone("a labelled pod created (dry run)", with, Target::None)
        },
    ])
}

/// Seconds for a pod that is seen by all admission and not kept.
async fn create(scene: &Scene, agent: Option<&str>) -> Result<f64> {
    let since = now();
    let path = scene.core("pods?dryRun=All");
    scene.create(&path, &pod("asked", agent, "pass")).await?;
    Ok((now() - since) as f64 / 1e9)
}

async fn buckets(scene: &Scene) -> Result<Buckets> {
    let mut all = Buckets::default();
    for operator in scene.operators().await? {
        let name = operator["metadata"]["name"].as_str().context("a pod has a name")?;
        let namespace = operator["metadata"]["namespace"]
            .as_str()
            .context("a pod has a namespace")?;
        let path = format!("api/v1/namespaces/{namespace}/pods/{name}:8080/proxy/metrics");
        let text = scene.text(&path).await?;
        all = all.and(&Buckets::read(&text, "remanence_operator_admission_seconds"));
    }
    Ok(all)
}
