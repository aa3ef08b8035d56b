//! From the creation of a pod to its first file operation, beside the same pod without memory, and with a sidecar that
//! does nothing.

use anyhow::{Context, Result};
use serde_json::json;

use super::pods::{numbers, pod, remove};
use super::scene::{Scene, now};
use crate::Effort;
use crate::samples::{Spread, Unit, show};
use crate::table::{Row, Table, Target};

const AGENT: &str = "starter";

pub(super) async fn measure(table: &mut Table, effort: Effort, scene: &Scene) {
    table.rows("pod created → first file operation", rows(effort, scene).await);
}

async fn rows(effort: Effort, scene: &Scene) -> Result<Vec<Row>> {
    scene.agent(AGENT).await?;
    let (mut plain, mut beside, mut listed, mut written) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for round in 0..=effort.starts {
        let turn = [Kind::Plain, Kind::IdleSidecar, Kind::Ours].map(|kind| start(scene, round, kind));
        let [without, idle, ours] = turn;
        let (without, idle, ours) = (without.await?, idle.await?, ours.await?);
        // The first ones load what later ones find.
        if round > 0 {
            plain.push(without.listed);
            beside.push(idle.listed);
            listed.push(ours.listed);
            written.push(ours.written);
        }
    }
    let added = |to: &[f64]| {
        let pairs = listed.iter().zip(to);
        Spread::of(pairs.map(|(with, without)| with - without).collect(), Unit::Seconds)
    };
    let target = Target::AtMost(0.150, "≤ 150 ms");
    let row = |what: &str, added: Spread, target| {
        let p99 = show(added.p99, Unit::Seconds);
        Row::alone(format!("{what}: pod created → first file operation"), added, target).beside(format!("p99 {p99}"))
    };
    let spread = |samples: &[f64]| Spread::of(samples.to_vec(), Unit::Seconds);
    let against = Some(("the same pod without memory", spread(&plain)));
    Ok(vec![
        row("memory adds to", added(&plain), target),
        row(
            "memory adds to that of a pod with a native sidecar that does nothing",
            added(&beside),
            Target::None,
        ),
        Row {
            against,
            ..Row::alone(
                "pod created → its first file operation (the folder listed)",
                spread(&listed),
                Target::None,
            )
        },
        Row {
            against,
            ..Row::alone(
                "pod created → its first file written, closed and stored",
                spread(&written),
                Target::None,
            )
        },
    ])
}

/// What stands beside the container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Nothing.
    Plain,
    /// A container that any pod with a sidecar must start, and a `postStart` that has nothing to wait for.
    IdleSidecar,
    /// Memory.
    Ours,
}

/// Seconds since a pod's creation.
struct Start {
    listed: f64,
    written: f64,
}

async fn start(scene: &Scene, round: usize, kind: Kind) -> Result<Start> {
    let name = format!("start-{kind:?}-{round}").to_lowercase();
    let agent = (kind == Kind::Ours).then_some(AGENT);
    let folder = agent.map_or_else(|| "/tmp".to_owned(), |agent| format!("/mnt/memory/{agent}"));
    let script = format!(
        "import os, time\n\
         os.listdir('{folder}')\n\
         listed = time.time_ns()\n\
         with open('{folder}/start.md', 'w') as file: file.write('here\\n')\n\
         written = time.time_ns()\n\
         with open('/dev/termination-log', 'w') as file: file.write(f'{{listed}} {{written}}')\n"
    );
    let mut pod = pod(&name, agent, &script);
    if kind == Kind::IdleSidecar {
        pod["spec"]["initContainers"] = json!([{
            "name": "idle", "image": pod["spec"]["containers"][0]["image"], "restartPolicy": "Always",
            "command": ["sh", "-c", "trap exit TERM; while :; do sleep 0.5; done"],
            "lifecycle": {"postStart": {"exec": {"command": ["true"]}}},
        }]);
    }
    let created = now();
    scene.create(&scene.core("pods"), &pod).await?;
    let said = numbers(scene, &name).await?;
    let since = |index: usize| said.get(index).map(|at| (at - created) as f64 / 1e9);
    let listed = since(0).context("the pod said too little")?;
    let written = since(1).context("the pod said too little")?;
    remove(scene, &name).await?;
    Ok(Start { listed, written })
}
