//! Runs of schedules by the clock.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::scene::{Scene, now};

/// A run of a schedule.
pub(super) struct Run {
    /// Its Job's name.
    pub(super) job: String,
    /// When it was to begin, in nanoseconds.
    pub(super) due: i128,
}

/// A store that a schedule finds, as its user writes it.
pub(super) fn store(name: &str, schedule: &str) -> Value {
    json!({
        "apiVersion": "remanence.dev/v1alpha1", "kind": "MemoryStore",
        "metadata": {"name": name, "labels": {"bench": schedule}}, "spec": {},
    })
}

/// An Agent without a memory of its own, that keeps its sessions in `/sessions` and gives them to these stores.
pub(super) fn teller(name: &str, stores: &[String]) -> Value {
    json!({
        "apiVersion": "remanence.dev/v1alpha1", "kind": "Agent", "metadata": {"name": name},
        "spec": {"sessions": {"mountPath": "/sessions"}, "stores": entries(stores)},
    })
}

/// An Agent's entries for the stores that it gives its sessions to.
pub(super) fn entries(stores: &[String]) -> Value {
    let entry = |name: &String| json!({"name": name, "storeRef": {"name": name}, "dream": "Contribute"});
    stores.iter().map(entry).collect()
}

/// Makes a schedule whose clock stands still, over the stores that are made for it.
pub(super) async fn schedule(scene: &Scene, name: &str) -> Result<()> {
    let object = json!({
        "apiVersion": "remanence.dev/v1alpha1", "kind": "DreamSchedule",
        "metadata": {"name": name, "labels": {"bench": name}},
        "spec": {
            "schedule": "* * * * *", "suspend": true, "storeSelector": {"matchLabels": {"bench": name}},
            // What its clock missed is not made up.
            "startingDeadlineSeconds": 10,
        },
    });
    scene.make("dreamschedules", &object).await
}

/// Lets a schedule's clock go on until a run begins.
pub(super) async fn run(scene: &Scene, schedule: &str) -> Result<Run> {
    let path = scene.ours(&format!("dreamschedules/{schedule}"));
    let before = jobs(scene, schedule).await?;
    let suspend = |is: bool| json!({"spec": {"suspend": is}});
    scene.patch(&path, &suspend(false)).await?;
    let asked = now();
    let what = format!("a run of the schedule {schedule}");
    let begun = scene.until(&what, async || {
        let after = jobs(scene, schedule).await?;
        Ok(after.difference(&before).next().cloned())
    });
    let job = begun.await?;
    scene.patch(&path, &suspend(true)).await?;
    // A CronJob names its Jobs by the minute.
    let minute = job.rsplit('-').next().and_then(|text| text.parse::<i128>().ok());
    let minute = minute.with_context(|| format!("the Job {job} is not named by its minute"))?;
    Ok(Run {
        due: asked.max(minute * 60_000_000_000),
        job,
    })
}

async fn jobs(scene: &Scene, schedule: &str) -> Result<BTreeSet<String>> {
    let found = scene.list(&scene.batch(&format!("jobs?{}", of(schedule)))).await?;
    let names = found
        .iter()
        .filter_map(|job| job["metadata"]["name"].as_str().map(str::to_owned));
    Ok(names.collect())
}

/// Waits until a run has dreamt so many stores; answers its Dreams.
pub(super) async fn dreamt(scene: &Scene, schedule: &str, run: &Run, stores: usize) -> Result<Vec<Value>> {
    let path = scene.ours(&format!("dreams?{}", of(schedule)));
    let pods = format!("{}-", run.job);
    let is_its = |dream: &Value| {
        dream["status"]["pod"]
            .as_str()
            .is_some_and(|pod| pod.starts_with(&pods))
    };
    let what = format!("the {stores} Dreams of the Job {}", run.job);
    scene
        .until(&what, async || {
            let mut over = scene.list(&path).await?;
            over.retain(|dream| is_its(dream) && is_over(dream));
            Ok((over.len() == stores).then_some(over))
        })
        .await
}

fn is_over(dream: &Value) -> bool {
    let phase = dream["status"]["phase"].as_str();
    phase.is_some_and(|phase| phase != "Pending" && phase != "Running")
}

/// Selects what belongs to a schedule.
fn of(schedule: &str) -> String {
    format!("labelSelector=remanence.dev%2Fschedule%3D{schedule}")
}
