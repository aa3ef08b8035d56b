//! What schedules ask of the apiserver while nothing is to be done.

use std::time::Duration;

use anyhow::Result;
use serde_json::json;

use super::crowd::each;
use super::metrics::label;
use super::requests::requests;
use super::scene::Scene;
use crate::Effort;
use crate::samples::{Spread, Unit};
use crate::table::{Row, Table, Target};

const MANY: usize = 50;
/// What a schedule is, and all that is made for one.
const RESOURCES: [&str; 5] = ["dreamschedules", "dreams", "cronjobs", "jobs", "networkpolicies"];
/// Without a request for so long, what follows their creation is over.
const SETTLED_AFTER: Duration = Duration::from_secs(5);

pub(super) async fn measure(table: &mut Table, effort: Effort, scene: &Scene) {
    let what = "requests to the apiserver for idle schedules";
    table.row(what, row(effort, scene).await);
}

async fn row(effort: Effort, scene: &Scene) -> Result<Row> {
    let path = scene.ours("dreamschedules");
    let create = async |number: usize| {
        let object = json!({
            "apiVersion": "remanence.dev/v1alpha1", "kind": "DreamSchedule",
            "metadata": {"name": format!("yearly-{number}"), "labels": {"bench": "idle"}},
            "spec": {"schedule": "0 0 1 1 *"},
        });
        scene.create(&path, &object).await.map(drop)
    };
    each(MANY, create).await?;
    let all = scene.ours("dreamschedules?labelSelector=bench%3Didle");
    scene.all_ready(&all, MANY).await?;
    let before = scene
        .until("the requests for schedules to cease", async || {
            let before = asked(scene).await?;
            tokio::time::sleep(SETTLED_AFTER).await;
            let after = asked(scene).await?;
            Ok((after - before < 0.5).then_some(after))
        })
        .await?;
    tokio::time::sleep(Duration::from_secs(effort.idle)).await;
    let idle = asked(scene).await? - before;
    scene.clear("dreamschedules", "idle").await?;
    Ok(Row::alone(
        format!(
            "requests to the apiserver for {MANY} idle schedules, their Jobs and Dreams, in {} s",
            effort.idle
        ),
        Spread::once(idle, Unit::Count),
        Target::AtMost(0.0, "none"),
    ))
}

/// Requests so far for schedules and all that is made for them.
async fn asked(scene: &Scene) -> Result<f64> {
    let counts = |labels: &str| RESOURCES.contains(&label(labels, "resource"));
    Ok(requests(scene, counts).await?.values().sum())
}
