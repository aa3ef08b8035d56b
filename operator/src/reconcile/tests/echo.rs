//! A store that comes back because its status was written.

use remanence_api::conditions::{self, Verdict, reasons};
use remanence_store::StoreError;

use super::retention::{look, write};
use super::*;
use crate::fixtures::Night;

/// Between two seconds, of which the apiserver keeps the first.
const HALF_PAST: Clock = || "2026-01-01T00:00:00.5Z".parse().unwrap();

#[tokio::test]
async fn a_store_that_comes_back_with_what_was_told_of_it_is_not_asked_for_again() {
    let bucket = Folder::new();
    let new = held(project());
    let made = look(&bucket, &new, HALF_PAST).await;
    let cluster = fixtures::cluster(&[], &[], &[fixtures::class("standard")], &[]);
    let told = vec![call("PUT", PROJECT_STATUS, answer(&new))];
    let mut scene = Scene::in_bucket(cluster, bucket.clone(), told);
    Arc::get_mut(&mut scene.context).unwrap().now = HALF_PAST;
    scene.reconcile(new).await;
    // The second time it is looked at because it is due, though nothing changed.
    for expected in [0, 1, 1] {
        let before = bucket.counted.snapshot();
        scene.reconcile(made.clone()).await;
        let asked = bucket.counted.snapshot() - before;
        assert_eq!(asked.requests(), expected, "{asked}");
    }
    scene.sent().await;
}

#[tokio::test]
async fn a_store_that_comes_back_after_a_dream_is_looked_at() {
    let bucket = Folder::new();
    let new = held(project());
    let made = look(&bucket, &new, HALF_PAST).await;
    let cluster = fixtures::cluster(&[], &[], &[fixtures::class("standard")], &[]);
    let told = || call("PUT", PROJECT_STATUS, answer(&new));
    let mut scene = Scene::in_bucket(cluster.clone(), bucket.clone(), vec![told(), told()]);
    scene.reconcile(new.clone()).await;
    write(&bucket, "a.md").await;
    let over = json!({"phase": "Applied", "finished": "2026-01-01T00:00:00Z"});
    let dream = fixtures::dream("team-a", "d", json!({"storeRef": {"name": "project"}}), over);
    let night = Night {
        dreams: &[dream],
        ..Night::default()
    };
    Arc::get_mut(&mut scene.context).unwrap().cluster = fixtures::dreaming(cluster, &night);
    scene.reconcile(made).await;
    assert_eq!(scene.sent().await[1]["status"]["files"], 1);
}

#[tokio::test]
async fn a_store_out_of_reach_stays_unready_when_it_comes_back_with_that() {
    let bucket = Folder::new();
    let new = held(project());
    let made = look(&bucket, &new, HALF_PAST).await;
    let cluster = fixtures::cluster(&[], &[], &[fixtures::class("standard")], &[]);
    let told = || call("PUT", PROJECT_STATUS, answer(&new));
    let mut scene = Scene::in_bucket(cluster, bucket.clone(), vec![told(), told(), event()]);
    Arc::get_mut(&mut scene.context).unwrap().now = HALF_PAST;
    scene.reconcile(new.clone()).await;
    scene.reconcile(made.clone()).await;
    *bucket.silent.lock() = true;
    scene.reconcile(made.clone()).await;

    let why = StoreError::from(Silent::error()).to_string();
    let mut unready = made;
    let status = unready.status.as_mut().unwrap();
    let verdict = Verdict::not_ready(reasons::STORAGE_UNREACHABLE, why);
    status.conditions = conditions::updated(&status.conditions, &[verdict], Some(1), &scene.context.time());
    scene.reconcile(unready.clone()).await;
    let sent = scene.sent().await;
    assert_eq!(sent[1]["status"], serde_json::to_value(&unready.status).unwrap());
    assert_eq!(ready_condition(&sent[1]), ("False", "StorageUnreachable"));
}
