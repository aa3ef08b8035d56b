//! Many stores of a namespace dreamt by one run of one `CronJob`: each once, one after the other, within the memory that a
//! dreamer may take.

use std::cell::Cell;

use anyhow::{Context, Result, bail};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::crowd::each;
use super::dreams::{Run, dreamt, entries, run, schedule, store, teller};
use super::hundred_sessions::talk;
use super::scene::Scene;
use super::sidecar::look;
use crate::Effort;
use crate::samples::{MIB, Spread, Unit};
use crate::table::{Row, Table, Target};

/// Of the schedule, and what the stores' names begin with.
const NAME: &str = "many";
/// Stores that get their words from one Agent, which takes no more than 32.
const EACH: usize = 25;
const CONTAINER: &str = "dreamer";

pub(super) async fn measure(table: &mut Table, effort: Effort, scene: &Scene) {
    let memory = "memory of the dreamer meanwhile, at most";
    match ran(effort, scene).await {
        Ok(ran) => {
            table.row("", Ok(ran.stores()));
            table.row(memory, ran.memory(memory));
        }
        Err(error) => table.row("the stores of a namespace dreamt by one CronJob", Err(error)),
    }
}

/// What came of the run.
struct Ran {
    stores: usize,
    applied: usize,
    seconds: f64,
    most: f64,
    limit: String,
}

impl Ran {
    fn stores(&self) -> Row {
        Row::alone(
            format!(
                "{} stores of a namespace, dreamt by one CronJob one after the other",
                self.stores
            ),
            Spread::once(self.applied as f64, Unit::Count),
            Target::All(self.stores as f64),
        )
        .beside(format!("in {:.0} s", self.seconds))
    }

    fn memory(&self, what: &str) -> Result<Row> {
        if self.most == 0.0 {
            bail!("the run was over before the kubelet had looked at it");
        }
        let target = Target::AtMost(256.0 * MIB, "≤ 256 MiB");
        let row = Row::alone(what, Spread::once(self.most, Unit::Bytes), target);
        Ok(row.beside(format!("its limit: {}", self.limit)))
    }
}

async fn ran(effort: Effort, scene: &Scene) -> Result<Ran> {
    let names: Vec<String> = (0..effort.stores).map(|number| format!("{NAME}-{number}")).collect();
    let path = scene.ours("memorystores");
    let make = async |number: usize| scene.create(&path, &store(&names[number], NAME)).await.map(drop);
    each(names.len(), make).await?;
    let all = scene.ours(&format!("memorystores?labelSelector=bench%3D{NAME}"));
    scene.all_ready(&all, names.len()).await?;
    for (number, stores) in names.chunks(EACH).enumerate() {
        let agent = format!("teller-{number}");
        scene.make("agents", &teller(&agent, &[])).await?;
        talk(scene, &agent, number, 1).await?;
        // Only now: its pod is to mount its sessions alone.
        let patch = json!({"spec": {"stores": entries(stores)}});
        scene.patch(&scene.ours(&format!("agents/{agent}")), &patch).await?;
    }
    schedule(scene, NAME).await?;
    let run = run(scene, NAME).await?;
    let dreams = dreamt(scene, NAME, &run, names.len());
    let (dreams, (most, limit)) = tokio::try_join!(dreams, followed(scene, &run))?;
    let spans = spans(&dreams)?;
    let overlap = spans.windows(2).find(|pair| pair[1].0 < pair[0].1);
    if let Some(pair) = overlap {
        bail!("two Dreams of the Job {} overlap: {pair:?}", run.job);
    }
    scene.clear("dreamschedules", NAME).await?;
    scene.clear("memorystores", NAME).await?;
    let applied = dreams.iter().filter(|dream| dream["status"]["phase"] == "Applied");
    let (first, last) = spans.first().zip(spans.last()).context("nothing was dreamt")?;
    Ok(Ran {
        stores: names.len(),
        applied: applied.count(),
        seconds: last.1.duration_since(first.0).as_secs_f64(),
        most,
        limit,
    })
}

/// From when to when each Dream was at it, in order.
fn spans(dreams: &[Value]) -> Result<Vec<(Timestamp, Timestamp)>> {
    let time = |dream: &Value, field: &str| -> Result<Timestamp> {
        let text = dream["status"][field].as_str().unwrap_or_default();
        text.parse()
            .with_context(|| format!("{field} of the Dream {}", dream["metadata"]["name"]))
    };
    let span =
        |dream: &Value| -> Result<(Timestamp, Timestamp)> { Ok((time(dream, "started")?, time(dream, "finished")?)) };
    let mut spans = dreams.iter().map(span).collect::<Result<Vec<_>>>()?;
    spans.sort_unstable();
    Ok(spans)
}

/// Follows a run's pod to its end: the most memory that the kubelet saw, and its limit.
async fn followed(scene: &Scene, run: &Run) -> Result<(f64, String)> {
    let path = scene.core(&format!(
        "pods?labelSelector=batch.kubernetes.io%2Fjob-name%3D{}",
        run.job
    ));
    let most = Cell::new(0.0_f64);
    let what = format!("the pod of the Job {} to end", run.job);
    let ended = scene.until(&what, async || {
        let pods = scene.get(&path).await?;
        let pod = &pods["items"][0];
        let (name, node) = (pod["metadata"]["name"].as_str(), pod["spec"]["nodeName"].as_str());
        if let (Some(name), Some(node)) = (name, node)
            && let Some(usage) = look(scene, node, name, CONTAINER).await?
        {
            most.set(most.get().max(usage.working_set));
        }
        match pod["status"]["phase"].as_str() {
            Some("Succeeded") => {
                let limit = &pod["spec"]["containers"][0]["resources"]["limits"]["memory"];
                Ok(Some(limit.as_str().unwrap_or("none").to_owned()))
            }
            Some("Failed") => bail!("the pod of the Job {} failed: {}", run.job, pod["status"]),
            _ => Ok(None),
        }
    });
    let limit = ended.await?;
    Ok((most.get(), limit))
}
