//! A thousand Agents: how soon they are ready beside a bare client's same writes, and what they cost when nothing happens.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use futures::stream::{self, StreamExt, TryStreamExt};
use serde_json::{Value, json};

use super::bucket;
use super::metrics::label;
use super::requests::requests;
use super::scene::{Scene, agent, is_ready};
use super::sidecar::container;
use crate::Effort;
use crate::samples::{MIB, Spread, Unit};
use crate::table::{Row, Table, Target};

/// Requests under way at once.
const AT_ONCE: usize = 16;
/// What follows a change is over by then.
const SETTLED_AFTER: Duration = Duration::from_mins(1);

pub(super) async fn measure(table: &mut Table, effort: Effort, scene: &Scene) {
    match crowd(effort, scene).await {
        Ok(crowd) => {
            let bare = without_operator(scene, crowd.many, &crowd.written).await;
            crowd.tell(table, bare);
        }
        Err(error) => table.row("many Agents", Err(error)),
    }
}

/// What was seen of that many Agents.
struct Crowd {
    many: usize,
    /// Seconds until all were ready.
    ready: f64,
    /// Writes meanwhile, by resource.
    written: BTreeMap<String, f64>,
    /// Bytes of the operator that leads.
    memory: f64,
    /// Seconds in which nothing happened, with what was asked for meanwhile.
    seconds: f64,
    idle: f64,
    polled: f64,
}

/// What a client takes that decides nothing, for the same writes.
struct Bare {
    /// Seconds for those to the apiserver.
    objects: f64,
    /// Seconds for those to the object store, and how many there are for each store.
    stores: f64,
    parts: usize,
}

impl Crowd {
    /// What is known of the operator is told whatever became of the bare client, of whose seconds only one row speaks.
    fn tell(&self, table: &mut Table, bare: Result<Bare>) {
        let what = format!(
            "{} Agents with a store each, from the first created to all ready",
            self.many
        );
        table.row(&what, bare.map(|bare| self.readiness(&what, &bare)));
        table.row("", Ok(self.memory()));
        table.row("", Ok(self.idle()));
    }

    fn readiness(&self, what: &str, bare: &Bare) -> Row {
        let count = |kind: &str| self.written.get(kind).map_or(0.0, |sum| sum / self.many as f64);
        let kinds = ["agents", "agents/status", "memorystores", "memorystores/status"];
        let kinds: Vec<_> = kinds.iter().map(|kind| format!("{:.1} {kind}", count(kind))).collect();
        let whole = Spread::once(bare.objects + bare.stores, Unit::Seconds);
        Row {
            against: Some(("a bare client's same writes", whole)),
            ..Row::alone(what, Spread::once(self.ready, Unit::Seconds), Target::RatioAtMost(1.3))
        }
        .beside(format!(
            "writes for each: {} to the apiserver, which take the bare client {:.1} s, and {} to the object store, \
             which take it {:.1} s afterwards",
            kinds.join(", "),
            bare.objects,
            bare.parts,
            bare.stores
        ))
    }

    fn memory(&self) -> Row {
        Row::alone(
            format!("resident memory of the operator that leads, {} Agents", self.many),
            Spread::once(self.memory, Unit::Bytes),
            Target::AtMost(60.0 * MIB, "≤ 60 MiB"),
        )
    }

    fn idle(&self) -> Row {
        // Each Agent has a store.
        let hourly = self.idle / (self.seconds / 3600.0) / (2 * self.many) as f64;
        Row::alone(
            "requests to the apiserver for each idle object and hour",
            Spread::once(hourly, Unit::Count),
            Target::AtMost(2.0, "≤ 2"),
        )
        .beside(format!(
            "{} requests for Remanence's own kinds in {:.0} s; not in it: {} of anybody's for Secrets and Leases",
            self.idle, self.seconds, self.polled
        ))
    }
}

async fn crowd(effort: Effort, scene: &Scene) -> Result<Crowd> {
    let many = effort.agents;
    let before = requests(scene, of_ours).await?;
    let ready = all_ready(scene, many).await?;
    let written = writes(&requests(scene, of_ours).await?, &before);
    let memory = operator_memory(scene).await?;

    tokio::time::sleep(SETTLED_AFTER).await;
    let (quiet, since) = (requests(scene, of_ours).await?, Instant::now());
    let polled = requests(scene, of_polling).await?;
    tokio::time::sleep(Duration::from_secs(effort.idle)).await;
    let sum = |all: &BTreeMap<String, f64>| all.values().sum::<f64>();
    let idle = sum(&requests(scene, of_ours).await?) - sum(&quiet);
    let seconds = since.elapsed().as_secs_f64();
    let polled = sum(&requests(scene, of_polling).await?) - sum(&polled);
    Ok(Crowd {
        many,
        ready,
        written,
        memory,
        seconds,
        idle,
        polled,
    })
}

/// Seconds until that many new Agents are ready.
async fn all_ready(scene: &Scene, many: usize) -> Result<f64> {
    let since = Instant::now();
    let path = scene.ours("agents");
    let create = async |index: usize| scene.create(&path, &agent(&format!("crowd-{index}"))).await.map(drop);
    each(many, create).await?;
    // A list of all costs the apiserver as much as many writes: between two, one is waited for that is not ready yet.
    let awaited = RefCell::new(format!("crowd-{}", many - 1));
    scene
        .until("all Agents to be ready", async || {
            let one = format!("{path}/{}", awaited.borrow());
            if !is_ready(&scene.get(&one).await?) {
                return Ok(None);
            }
            let found = scene.list(&format!("{path}?resourceVersion=0")).await?;
            let crowd = found.iter().filter(|one| is_of_crowd(one));
            let (ready, others): (Vec<&Value>, Vec<&Value>) = crowd.partition(|one| is_ready(one));
            if let Some(name) = others.first().and_then(|one| one["metadata"]["name"].as_str()) {
                name.clone_into(&mut awaited.borrow_mut());
            }
            Ok((ready.len() == many).then(|| since.elapsed().as_secs_f64()))
        })
        .await
}

fn is_of_crowd(object: &Value) -> bool {
    object["metadata"]["name"]
        .as_str()
        .is_some_and(|name| name.starts_with("crowd-"))
}

/// Does that many times what is given its number, some at once.
pub(super) async fn each(many: usize, work: impl AsyncFn(usize) -> Result<()>) -> Result<()> {
    stream::iter(0..many)
        .map(|index| work(index))
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await
}

fn of_ours(labels: &str) -> bool {
    label(labels, "group") == "remanence.dev"
}

/// What is asked for again and again, by the operator (classes' keys, its election) and by others: the apiserver does not
/// count by whom.
fn of_polling(labels: &str) -> bool {
    ["secrets", "leases"].contains(&label(labels, "resource"))
}

/// What was written between, by resource.
fn writes(after: &BTreeMap<String, f64>, before: &BTreeMap<String, f64>) -> BTreeMap<String, f64> {
    let mut sums = BTreeMap::new();
    for (key, value) in after {
        if let Some((verb, resource)) = key.split_once(' ')
            && ["POST", "PUT", "PATCH", "APPLY"].contains(&verb)
        {
            *sums.entry(resource.to_owned()).or_default() += value - before.get(key).copied().unwrap_or_default();
        }
    }
    sums
}

/// The leader's, which has worked most: the largest.
async fn operator_memory(scene: &Scene) -> Result<f64> {
    let mut most: f64 = 0.0;
    for pod in scene.operators().await? {
        let text = |field: &Value| field.as_str().map(str::to_owned).context("a pod lacks a field");
        let (node, name) = (text(&pod["spec"]["nodeName"])?, text(&pod["metadata"]["name"])?);
        let container_name = text(&pod["spec"]["containers"][0]["name"])?;
        most = most.max(container(scene, &node, &name, &container_name).await?.resident);
    }
    Ok(most)
}

/// What a bare client takes while no operator runs.
async fn without_operator(scene: &Scene, many: usize, written: &BTreeMap<String, f64>) -> Result<Bare> {
    let replicas = scene.operators().await?.len();
    let models = [
        scene.get(&scene.ours("agents/crowd-0")).await?,
        scene.get(&scene.ours("memorystores/crowd-0")).await?,
    ];
    scene.scale_operators(0).await?;
    let bare = write_objects(scene, many, written, &models).await;
    // They have no finalizer, and the operator is to know nothing of them.
    let path = |kind: &str, index: usize| scene.ours(&format!("{kind}/bare-{index}"));
    let removed = each(many, async |index: usize| {
        scene.delete(&path("agents", index)).await?;
        scene.delete(&path("memorystores", index)).await
    });
    let removed = removed.await;
    let stored = bucket::write_stores(scene, many).await;
    scene.scale_operators(replicas).await?;
    // Where several failed, the first says why.
    let objects = bare?;
    removed?;
    let (stores, parts) = stored?;
    Ok(Bare { objects, stores, parts })
}

/// Seconds for the writes to the apiserver.
async fn write_objects(
    scene: &Scene,
    many: usize,
    written: &BTreeMap<String, f64>,
    models: &[Value; 2],
) -> Result<f64> {
    let times = |what: &str| (written.get(what).copied().unwrap_or_default() / many as f64).round() as usize;
    let since = Instant::now();
    each(many, async |index: usize| {
        for (kind, model) in ["agents", "memorystores"].into_iter().zip(models) {
            let name = format!("bare-{index}");
            let path = scene.ours(&format!("{kind}/{name}"));
            let object = json!({
                "apiVersion": model["apiVersion"], "kind": model["kind"], "metadata": {"name": name},
                "spec": model["spec"],
            });
            scene.create(&scene.ours(kind), &object).await?;
            // Each changes something: what changes nothing is not written.
            for turn in 1..times(kind) {
                let mark = json!({"metadata": {"annotations": {"bench": turn.to_string()}}});
                scene.patch(&path, &mark).await?;
            }
            for turn in 0..times(&format!("{kind}/status")) {
                let mut status = model["status"].clone();
                status["conditions"][0]["message"] = format!("turn {turn}").into();
                scene
                    .patch(&format!("{path}/status"), &json!({"status": status}))
                    .await?;
            }
        }
        Ok(())
    })
    .await?;
    Ok(since.elapsed().as_secs_f64())
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    #[test]
    fn what_the_operator_takes_is_told_though_the_bare_client_failed() {
        let crowd = Crowd {
            many: 100,
            ready: 4.0,
            written: BTreeMap::from([("agents/status".to_owned(), 200.0)]),
            memory: 45.0 * MIB,
            seconds: 36.0,
            idle: 1.0,
            polled: 7.0,
        };
        for (bare, first) in [
            (Err(anyhow!("it was refused")), "missing: it was refused"),
            (
                Ok(Bare {
                    objects: 1.5,
                    stores: 0.5,
                    parts: 2,
                }),
                "4 s | a bare client's same writes: 2 s | 2.00",
            ),
        ] {
            let mut table = Table::new(crate::QUICK);
            crowd.tell(&mut table, bare);
            let told = table.markdown();
            for words in [
                "100 Agents with a store each",
                first,
                "leads, 100 Agents | free | 45.0 MiB",
                "idle object and hour | free | 0.5",
            ] {
                assert!(told.contains(words), "{words}: {told}");
            }
        }
    }
}
