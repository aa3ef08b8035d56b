//! A Dream over a hundred sessions, from the minute of its schedule to Applied, beside the start of any pod.

use anyhow::{Context, Result, bail};

use super::dreams::{dreamt, run, schedule, store, teller};
use super::pods::{numbers, pod, remove};
use super::scene::{Scene, now};
use crate::Effort;
use crate::samples::{Spread, Unit};
use crate::table::{Row, Table, Target};

/// Of the store, of the Agent that gives it its sessions, and of the schedule.
pub(super) const NAME: &str = "hundred";
const SESSIONS: usize = 100;

/// Sessions of twenty turns, with a fact each that stands in no other one. Without a module for JSON, which not every image
/// has.
const TALK: &str = r#"
def line(role, words):
    return '{"role": "%s", "timestamp": "2026-01-02T09:00:00Z", "content": "%s"}\n' % (role, words)
for number in range(first, first + count):
    with open(f'/sessions/{number}.jsonl', 'w') as file:
        file.write(line('user', f'Remember: service {number} listens on port {20000 + number}.'))
        for turn in range(1, 20):
            role = 'assistant' if turn % 2 else 'user'
            file.write(line(role, f'Part {turn} of service {number}. ' + 'So far so good. ' * 20))
with open('/dev/termination-log', 'w') as file: file.write(str(count))
"#;

/// Says when it runs.
const START: &str = "
import time
with open('/dev/termination-log', 'w') as file: file.write(str(time.time_ns()))
";

pub(super) async fn measure(table: &mut Table, effort: Effort, scene: &Scene) {
    let what = "a Dream of 100 sessions, from its schedule's minute to Applied";
    table.row(what, row(what, effort, scene).await);
}

async fn row(what: &str, effort: Effort, scene: &Scene) -> Result<Row> {
    scene.make("memorystores", &store(NAME, NAME)).await?;
    scene.make("agents", &teller(NAME, &[NAME.to_owned()])).await?;
    schedule(scene, NAME).await?;
    let (mut whole, mut starts) = (Vec::new(), Vec::new());
    for round in 0..effort.dreams {
        talk(scene, NAME, round * SESSIONS, SESSIONS).await?;
        let run = run(scene, NAME).await?;
        let dreams = dreamt(scene, NAME, &run, 1).await?;
        whole.push((now() - run.due) as f64 / 1e9);
        let status = &dreams[0]["status"];
        if status["phase"] != "Applied" || status["sessions"] != SESSIONS {
            bail!("the Dream of the Job {}: {status}", run.job);
        }
        starts.push(start(scene, round).await?);
    }
    // The store stays: the next figure looks into it.
    scene.clear("dreamschedules", NAME).await?;
    let beyond = whole.iter().zip(&starts).map(|(whole, start)| whole - start).collect();
    let of = |samples: Vec<f64>| Spread::of(samples, Unit::Seconds);
    Ok(Row::alone(
        format!("{what}, beyond a pod's start"),
        of(beyond),
        Target::AtMost(15.0, "≤ 15 s"),
    )
    .beside(format!(
        "with it {}; the start of a pod that does nothing {}",
        of(whole),
        of(starts)
    )))
}

/// A pod that is `agent` writes that many sessions and ends; what it wrote is stored then.
pub(super) async fn talk(scene: &Scene, agent: &str, first: usize, count: usize) -> Result<()> {
    let name = format!("{agent}-talks-{first}");
    let script = format!("first, count = {first}, {count}\n{TALK}");
    scene
        .create(&scene.core("pods"), &pod(&name, Some(agent), &script))
        .await?;
    let said = numbers(scene, &name).await?;
    if said != [count as i128] {
        bail!("the pod {name} wrote {said:?} sessions");
    }
    remove(scene, &name).await
}

/// Seconds from a pod's creation to the first thing that runs in it.
async fn start(scene: &Scene, round: usize) -> Result<f64> {
    let name = format!("bare-{round}");
    let created = now();
    scene.create(&scene.core("pods"), &pod(&name, None, START)).await?;
    let said = numbers(scene, &name).await?;
    remove(scene, &name).await?;
    let began = said.first().context("the pod said too little")?;
    Ok((began - created) as f64 / 1e9)
}
