//! What the sidecar of a working pod takes, as the kubelet counts it.

use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::Value;

use super::pods::{pod, remove};
use super::scene::Scene;
use crate::Effort;
use crate::samples::{MIB, Spread, Unit, show};
use crate::table::{Row, Table, Target};

/// The kubelet looks at containers every ten seconds or so.
const SETTLED_AFTER: Duration = Duration::from_secs(25);

/// An agent at work: each second a note of 2 KB written anew, a line of a log, and all notes read.
const WORK: &str = "
import os, time
folder = '/mnt/memory/busy'
turn = 0
while True:
    turn += 1
    with open(f'{folder}/note-{turn % 20}.md', 'w') as file: file.write(f'turn {turn}\\n' * 200)
    with open(f'{folder}/log.md', 'a') as file: file.write(f'turn {turn}\\n')
    for name in os.listdir(folder):
        with open(f'{folder}/{name}') as file: file.read()
    time.sleep(1)
";

pub(super) async fn measure(table: &mut Table, effort: Effort, scene: &Scene) {
    table.rows("the sidecar of a working pod", rows(effort, scene).await);
}

async fn rows(effort: Effort, scene: &Scene) -> Result<Vec<Row>> {
    scene.agent("busy").await?;
    scene
        .create(&scene.core("pods"), &pod("busy", Some("busy"), WORK))
        .await?;
    let path = scene.core("pods/busy");
    let node = scene
        .until("the pod busy", async || {
            let pod = scene.get(&path).await?;
            let runs = pod["status"]["containerStatuses"][0]["state"]["running"].is_object();
            Ok(runs
                .then(|| pod["spec"]["nodeName"].as_str().map(str::to_owned))
                .flatten())
        })
        .await?;
    tokio::time::sleep(SETTLED_AFTER).await;
    let before = container(scene, &node, "busy", "remanence").await?;
    tokio::time::sleep(Duration::from_secs(effort.idle)).await;
    // The kubelet's own time is that of its look.
    let after = scene
        .until("the kubelet to look again", async || {
            let now = container(scene, &node, "busy", "remanence").await?;
            Ok((now.at > before.at).then_some(now))
        })
        .await?;
    remove(scene, "busy").await?;
    let cores = (after.processor - before.processor) / (after.at - before.at);
    let seconds = after.at - before.at;
    Ok(vec![
        Row::alone(
            "memory of the sidecar of a working pod",
            Spread::once(after.working_set, Unit::Bytes),
            Target::AtMost(64.0 * MIB, "≤ 64 MiB"),
        )
        .beside(format!("of that resident: {}", show(after.resident, Unit::Bytes))),
        Row::alone(
            "processor of the sidecar of a working pod, thousandths of a core",
            Spread::once(cores * 1000.0, Unit::Count),
            Target::AtMost(10.0, "≤ 10"),
        )
        .beside(format!(
            "over {seconds:.0} s; two files written and 21 read each second"
        )),
    ])
}

/// A container at a moment.
pub(super) struct Usage {
    at: f64,
    processor: f64,
    pub(super) working_set: f64,
    pub(super) resident: f64,
}

/// What the kubelet of a node says of a pod's container.
pub(super) async fn container(scene: &Scene, node: &str, pod: &str, name: &str) -> Result<Usage> {
    let known = async || look(scene, node, pod, name).await;
    scene
        .until("the kubelet to know the container", known)
        .await
        .with_context(|| format!("{pod}, {name}"))
}

/// The same, if it knows the container.
pub(super) async fn look(scene: &Scene, node: &str, pod: &str, name: &str) -> Result<Option<Usage>> {
    let summary = scene.get(&format!("api/v1/nodes/{node}/proxy/stats/summary")).await?;
    let named = |list: &Value, name: &str| {
        let all = list.as_array().cloned().unwrap_or_default();
        all.into_iter()
            .find(|one| one["podRef"]["name"] == name || one["name"] == name)
    };
    let found = named(&summary["pods"], pod).and_then(|pod| named(&pod["containers"], name));
    Ok(found.as_ref().and_then(usage))
}

fn usage(container: &Value) -> Option<Usage> {
    let at: jiff::Timestamp = container["cpu"]["time"].as_str()?.parse().ok()?;
    Some(Usage {
        at: at.as_duration().as_secs_f64(),
        processor: container["cpu"]["usageCoreNanoSeconds"].as_f64()? / 1e9,
        working_set: container["memory"]["workingSetBytes"].as_f64()?,
        resident: container["memory"]["rssBytes"].as_f64()?,
    })
}
