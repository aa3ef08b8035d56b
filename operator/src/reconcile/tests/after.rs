//! `after`: runs that begin because sessions grew.

use std::time::Duration;

use k8s_openapi::api::batch::v1::{CronJob, Job};
use remanence_api::DreamSchedule;

use super::super::schedule;
use super::*;
use crate::fixtures::Night;

const CRON_JOB: &str = "/apis/batch/v1/namespaces/team-a/cronjobs/nightly";
const NIGHTLY_STATUS: &str = "/apis/remanence.dev/v1alpha1/namespaces/team-a/dreamschedules/nightly/status";
/// The Job of the schedule's first version, and of its second.
const JOBS: [&str; 2] = [
    "/apis/batch/v1/namespaces/team-a/jobs/nightly-after-5e1697ad",
    "/apis/batch/v1/namespaces/team-a/jobs/nightly-after-d24a013c",
];
const BEFORE: &str = "2025-12-31T03:00:00Z";
const LATER: &str = "2026-01-01T03:00:00Z";

/// A schedule that is to run after five transcripts, of which so many count as read.
fn nightly(read: Option<i64>, suspend: bool) -> DreamSchedule {
    let spec = json!({"schedule": "0 3 * * *", "after": {"sessions": 5}, "suspend": suspend});
    let mut object = fixtures::schedule("team-a", "nightly", spec);
    object.status = Some(serde_json::from_value(json!({"transcripts": read, "lastRun": BEFORE})).unwrap());
    object
}

/// A store that an Agent with so many transcripts contributes to, and its schedule's `CronJob`, which last ran then.
fn cluster(transcripts: i64, last_run: &str, jobs: &[Job]) -> Cluster {
    let entry = json!({"name": "project", "storeRef": {"name": "project"}, "dream": "Contribute"});
    let reviewer = fixtures::agent(
        "team-a",
        "reviewer",
        json!({"harness": "ClaudeCode", "stores": [entry]}),
    );
    let spec = json!({"purpose": "Sessions", "sharing": []});
    let mut sessions = fixtures::made(fixtures::store("team-a", "reviewer-sessions", spec));
    let owner = json!([{"apiVersion": "remanence.dev/v1alpha1", "kind": "Agent", "name": "reviewer",
        "uid": "uid-reviewer", "controller": true}]);
    sessions.metadata.owner_references = serde_json::from_value(owner).unwrap();
    sessions.status.as_mut().unwrap().files = Some(transcripts);
    let owner = json!([{"apiVersion": "remanence.dev/v1alpha1", "kind": "DreamSchedule", "name": "nightly",
        "uid": "uid-nightly", "controller": true}]);
    let cron_job: CronJob = serde_json::from_value(json!({
        "metadata": {"name": "nightly", "namespace": "team-a", "ownerReferences": owner},
        "spec": {"schedule": "", "jobTemplate": {"spec": {"template": {}}}},
        "status": {"lastScheduleTime": last_run},
    }))
    .unwrap();
    let night = Night {
        cron_jobs: &[cron_job],
        jobs,
        ..Night::default()
    };
    let stores = [fixtures::made(project()), sessions];
    fixtures::dreaming(fixtures::cluster(&[reviewer], &stores, &[], &[]), &night)
}

/// A Job of the schedule.
fn job(ended: bool) -> Job {
    let conditions = if ended {
        json!([{"type": "Complete", "status": "True"}])
    } else {
        json!([])
    };
    let labels = json!({"remanence.dev/schedule": "nightly"});
    let metadata = json!({"name": "nightly-1", "namespace": "team-a", "labels": labels});
    serde_json::from_value(json!({"metadata": metadata, "status": {"conditions": conditions}})).unwrap()
}

/// The schedule's `CronJob` is applied.
fn applied() -> Call {
    let cron_job = json!({
        "metadata": {"name": "nightly"}, "spec": {"schedule": "", "jobTemplate": {"spec": {"template": {}}}},
    });
    call("PATCH", CRON_JOB, cron_job)
}

/// What is sent when the schedule is looked at, and `begins` is the Job that it begins.
async fn sent(object: DreamSchedule, cluster: Cluster, begins: Option<&'static str>) -> Vec<Value> {
    let mut calls = vec![applied()];
    calls.extend(begins.map(|job| call("PATCH", job, json!({"metadata": {"name": "x"}}))));
    calls.push(call("PUT", NIGHTLY_STATUS, serde_json::to_value(&object).unwrap()));
    let scene = Scene::new(cluster, calls);
    schedule::reconcile(Arc::new(object), scene.context.clone())
        .await
        .unwrap();
    scene.sent().await
}

#[tokio::test]
async fn a_run_begins_once_so_many_transcripts_are_new_and_none_is_at_it() {
    // (read, there now, last run by the clock, suspended, its Jobs, begins, read then)
    for (number, (read, now, last_run, suspend, jobs, begins, then)) in [
        // All that is there when it is first looked at is the clock's.
        (None, 9, BEFORE, false, vec![], false, 9),
        (Some(4), 8, BEFORE, false, vec![], false, 4),
        (Some(4), 9, BEFORE, false, vec![], true, 9),
        (Some(4), 20, BEFORE, false, vec![], true, 20),
        // One is at it, by the clock or not: those that are new wait for its end.
        (Some(4), 9, BEFORE, false, vec![job(false)], false, 4),
        (Some(4), 9, BEFORE, false, vec![job(true)], true, 9),
        (Some(4), 9, BEFORE, true, vec![], false, 4),
        // A run by the clock has read all.
        (Some(4), 9, LATER, false, vec![], false, 9),
        // Retention took some away.
        (Some(9), 3, BEFORE, false, vec![], false, 3),
    ]
    .into_iter()
    .enumerate()
    {
        let sent = sent(
            nightly(read, suspend),
            cluster(now, last_run, &jobs),
            begins.then_some(JOBS[0]),
        )
        .await;
        let status = &sent.last().unwrap()["status"];
        assert_eq!(status["transcripts"], then, "{number}: {status}");
        if begins {
            assert_eq!(sent[1]["metadata"]["labels"]["remanence.dev/schedule"], "nightly");
        }
    }
}

#[tokio::test]
async fn a_run_begins_though_retention_takes_as_many_as_come() {
    // Day by day: what there is, and what then counts as read. All hundred were read, five are to be new.
    let mut object = nightly(Some(100), false);
    object.status.as_mut().unwrap().transcripts_seen = Some(100);
    for (now, begins, read) in [
        (102, false, 100),
        (100, false, 98),
        (102, false, 98),
        (100, false, 96),
        (101, true, 101),
        (99, false, 99),
    ] {
        let sent = sent(object.clone(), cluster(now, BEFORE, &[]), begins.then_some(JOBS[0])).await;
        let status = &sent.last().unwrap()["status"];
        assert_eq!(
            (&status["transcripts"], &status["transcriptsSeen"]),
            (&json!(read), &json!(now))
        );
        // As an operator that starts anew finds it.
        object.status = Some(serde_json::from_value(status.clone()).unwrap());
    }
}

#[tokio::test]
async fn a_run_begins_though_as_many_transcripts_came_together_before_and_once_for_one_time() {
    let first = nightly(Some(4), false);
    let told = sent(first.clone(), cluster(9, BEFORE, &[]), Some(JOBS[0])).await;
    assert_eq!(told[1]["metadata"]["name"], "nightly-after-5e1697ad");
    // An operator that dies before it says so begins the same one again.
    sent(first, cluster(10, BEFORE, &[]), Some(JOBS[0])).await;

    // Said; then retention took what was read away, and as many came again.
    let mut second = nightly(Some(4), false);
    second.metadata.resource_version = Some("2".to_owned());
    sent(second, cluster(9, BEFORE, &[]), Some(JOBS[1])).await;
}

#[tokio::test]
async fn a_run_that_is_refused_is_told_and_tried_again_and_its_transcripts_are_still_new() {
    let object = nightly(Some(4), false);
    let mut refused = failing("PATCH", JOBS[0], 403);
    refused.answer["message"] = "jobs.batch \"nightly-after-5e1697ad\" is forbidden: exceeded quota".into();
    let told = call("PUT", NIGHTLY_STATUS, serde_json::to_value(&object).unwrap());
    let scene = Scene::new(cluster(9, BEFORE, &[]), vec![applied(), refused, told, event()]);
    let next = schedule::reconcile(Arc::new(object), scene.context.clone())
        .await
        .unwrap();
    assert_eq!(next, Action::requeue(Duration::from_mins(1)));
    let sent = scene.sent().await;
    assert_eq!(ready_condition(&sent[2]), ("False", "JobRefused"));
    let status = &sent[2]["status"];
    assert_eq!(
        (&status["transcripts"], &status["transcriptsSeen"]),
        (&json!(4), &json!(9))
    );
    // The same each time, or each telling of it would be another version of the schedule, and bring the next.
    let message = status["conditions"][0]["message"].as_str().unwrap();
    assert!(
        message.contains("exceeded quota") && !message.contains("5e1697ad"),
        "{message}"
    );
}
