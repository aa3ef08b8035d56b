//! How long after a close in one pod another pod reads the new content.
//!
//! Two pods share nothing but broker and storage, wherever they run: each has a sidecar and a network namespace of its own. So
//! what another node is to see is taken on one node, too, from two sidecars in two network namespaces; there both rows are the
//! same experiment, and the wire between nodes is in neither.

use std::collections::BTreeSet;

use anyhow::{Result, bail};
use serde_json::json;

use super::pods::{numbers, pod, remove};
use super::scene::{Scene, now};
use crate::Effort;
use crate::samples::{Spread, Unit, show};
use crate::table::{Row, Table, Target};

const AGENT: &str = "shared";

pub(super) async fn measure(table: &mut Table, effort: Effort, scene: &Scene) {
    let what = "closed in a pod → read in another of the node";
    table.row(what, row(what, effort, scene, None).await);
    let what = "closed in a pod → read in another of another node";
    let one = "closed in a pod → read in another; two sidecars in two network namespaces of one node";
    let apart = match nodes(scene).await {
        Ok(nodes) if nodes.len() > 1 => row(what, effort, scene, Some(nodes)).await,
        Ok(_) => row(one, effort, scene, Some(BTreeSet::new())).await,
        Err(error) => Err(error),
    };
    table.row(what, apart);
}

async fn nodes(scene: &Scene) -> Result<BTreeSet<String>> {
    let found = scene.list("api/v1/nodes").await?;
    Ok(found
        .iter()
        .filter_map(|node| node["metadata"]["name"].as_str().map(str::to_owned))
        .collect())
}

async fn row(what: &str, effort: Effort, scene: &Scene, nodes: Option<BTreeSet<String>>) -> Result<Row> {
    let (target, kind) = if nodes.is_some() {
        (Target::AtMost(0.050, "≤ 50 ms"), "far")
    } else {
        (Target::AtMost(0.005, "≤ 5 ms"), "near")
    };
    let agent = format!("{AGENT}-{kind}");
    scene.agent(&agent).await?;
    let mut places = nodes.into_iter().flatten();
    let (began, rounds) = (now(), effort.operations / 2);
    let names = [format!("writer-{kind}"), format!("reader-{kind}")];
    for (name, script) in names.iter().zip([WRITE, READ]) {
        let folder = format!("/mnt/memory/{agent}");
        let script = format!("folder, began, rounds = '{folder}', {began}, {rounds}\n{script}");
        let mut pod = pod(name, Some(&agent), &script);
        if let Some(node) = places.next() {
            pod["spec"]["nodeSelector"] = json!({"kubernetes.io/hostname": node});
        }
        scene.create(&scene.core("pods"), &pod).await?;
    }
    let [written, read] = [numbers(scene, &names[0]).await?, numbers(scene, &names[1]).await?];
    for name in &names {
        remove(scene, name).await?;
    }
    if written.len() != 2 * rounds || read.len() != rounds {
        bail!(
            "{} times of writing and {} of reading for {rounds} rounds",
            written.len(),
            read.len()
        );
    }
    // What was not seen was overwritten before.
    let seen = |which: usize| -> Vec<f64> {
        let pairs = read.iter().enumerate().filter(|(_, at)| **at > 0);
        pairs
            .map(|(round, at)| (at - written[2 * round + which]) as f64 / 1e6)
            .collect()
    };
    let (from_open, from_close) = (seen(0), seen(1));
    if from_close.len() * 2 < rounds {
        bail!("only {} of {rounds} writes were seen", from_close.len());
    }
    let from_open = Spread::of(from_open, Unit::Seconds);
    Ok(
        Row::alone(what, Spread::of(from_close, Unit::Seconds), target).beside(format!(
            "from before the open: {from_open}, p99 {}",
            show(from_open.p99, Unit::Seconds)
        )),
    )
}

/// Writes as soon as the reader is there, and notes microseconds before each open and after each close.
const WRITE: &str = "
import os, time
def micros(): return (time.time_ns() - began) // 1000
while not os.path.exists(f'{folder}/reader.md'): time.sleep(0.05)
times = []
for turn in range(rounds):
    times.append(micros())
    with open(f'{folder}/state.md', 'w') as file: file.write(f'{turn}\\n')
    times.append(micros())
    time.sleep(0.1)
with open('/dev/termination-log', 'w') as file: file.write(' '.join(map(str, times)))
";

/// Looks five thousand times a second.
const READ: &str = "
import time
with open(f'{folder}/reader.md', 'w') as file: file.write('here\\n')
times = [0] * rounds
while not times[-1]:
    try:
        with open(f'{folder}/state.md') as file: text = file.read()
    except FileNotFoundError: text = ''
    if text.endswith('\\n') and not times[int(text)]: times[int(text)] = (time.time_ns() - began) // 1000
    time.sleep(0.0002)
with open('/dev/termination-log', 'w') as file: file.write(' '.join(map(str, times)))
";
