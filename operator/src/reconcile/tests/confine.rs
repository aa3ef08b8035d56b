//! Where dreamers may connect to: said before their Job is made, and until their pods are gone.

use std::time::Duration;

use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::networking::v1::NetworkPolicy;
use remanence_api::{Dream, DreamSchedule};

use super::super::{dream, schedule};
use super::*;
use crate::fixtures::Night;

const CRON_JOB: &str = "/apis/batch/v1/namespaces/team-a/cronjobs/nightly";
const POLICY: &str = "/apis/networking.k8s.io/v1/namespaces/team-a/networkpolicies/remanence-schedule-nightly";
const NIGHTLY_STATUS: &str = "/apis/remanence.dev/v1alpha1/namespaces/team-a/dreamschedules/nightly/status";
const JOB: &str = "/apis/batch/v1/namespaces/team-a/jobs/d-b1424e";
const D_POLICY: &str = "/apis/networking.k8s.io/v1/namespaces/team-a/networkpolicies/remanence-dream-d";
const D_STATUS: &str = "/apis/remanence.dev/v1alpha1/namespaces/team-a/dreams/d/status";

fn nightly() -> DreamSchedule {
    fixtures::schedule("team-a", "nightly", json!({"schedule": "0 3 * * *"}))
}

fn d(status: Value) -> Dream {
    fixtures::dream("team-a", "d", json!({"storeRef": {"name": "project"}}), status)
}

/// An operator whose chart confines dreamers.
fn confined(cluster: Cluster, expected: Vec<Call>) -> Scene {
    let mut scene = Scene::new(cluster, expected);
    Arc::get_mut(&mut scene.context).unwrap().dreams = fixtures::confined();
    scene
}

/// Something is applied, and what the apiserver answers is not looked at.
fn applied(path: &'static str) -> Call {
    let answer = json!({
        "metadata": {"name": "x"},
        "spec": {"schedule": "", "jobTemplate": {"spec": {"template": {}}}, "podSelector": {}},
    });
    call("PATCH", path, answer)
}

fn policy(name: &str) -> NetworkPolicy {
    serde_json::from_value(json!({"metadata": {"name": name, "namespace": "team-a"}})).unwrap()
}

fn job(ended: bool) -> Job {
    let conditions = if ended {
        json!([{"type": "Complete", "status": "True"}])
    } else {
        json!([])
    };
    let metadata = json!({"name": "d-b1424e", "namespace": "team-a"});
    serde_json::from_value(json!({"metadata": metadata, "status": {"conditions": conditions}})).unwrap()
}

fn pod() -> Pod {
    let labels = json!({"remanence.dev/dream": "d"});
    serde_json::from_value(json!({"metadata": {"name": "p", "namespace": "team-a", "labels": labels}})).unwrap()
}

#[tokio::test]
async fn a_schedules_policy_is_there_before_its_cron_job_and_made_again_where_it_is_gone() {
    let object = nightly();
    let told = || call("PUT", NIGHTLY_STATUS, serde_json::to_value(&object).unwrap());
    let cluster = fixtures::cluster(&[], &[], &[], &[]);
    let calls = vec![
        failing("GET", CRON_JOB, 404),
        applied(POLICY),
        applied(CRON_JOB),
        told(),
    ];
    let scene = confined(cluster.clone(), calls);
    schedule::reconcile(Arc::new(object.clone()), scene.context.clone())
        .await
        .unwrap();
    let sent = scene.sent().await;

    let cron_jobs = [serde_json::from_value(sent[2].clone()).unwrap()];
    let policies: [NetworkPolicy; 1] = [serde_json::from_value(sent[1].clone()).unwrap()];
    for (there, calls) in [(&policies[..], vec![told()]), (&[][..], vec![applied(POLICY), told()])] {
        let night = Night {
            cron_jobs: &cron_jobs,
            network_policies: there,
            ..Night::default()
        };
        let scene = confined(fixtures::dreaming(cluster.clone(), &night), calls);
        schedule::reconcile(Arc::new(object.clone()), scene.context.clone())
            .await
            .unwrap();
        scene.sent().await;
    }
}

#[tokio::test]
async fn without_its_policy_nothing_dreams() {
    let object = nightly();
    let told = call("PUT", NIGHTLY_STATUS, serde_json::to_value(&object).unwrap());
    let calls = vec![
        failing("GET", CRON_JOB, 404),
        failing("PATCH", POLICY, 403),
        told,
        event(),
    ];
    let scene = confined(fixtures::cluster(&[], &[], &[], &[]), calls);
    let next = schedule::reconcile(Arc::new(object), scene.context.clone())
        .await
        .unwrap();
    assert_eq!(next, Action::requeue(Duration::from_mins(1)));
    assert_eq!(ready_condition(&scene.sent().await[2]), ("False", "JobRefused"));

    let object = d(Value::Null);
    let told = call("PUT", D_STATUS, serde_json::to_value(&object).unwrap());
    let calls = vec![failing("PATCH", D_POLICY, 403), told, event()];
    let stores = [fixtures::made(project())];
    let scene = confined(fixtures::cluster(&[], &stores, &[], &[]), calls);
    let next = dream::reconcile(Arc::new(object), scene.context.clone()).await.unwrap();
    assert_ne!(next, Action::await_change());
    assert_eq!(ready_condition(&scene.sent().await[1]), ("False", "JobRefused"));
}

#[tokio::test]
async fn a_dreams_policy_is_there_before_its_job_and_until_its_pod_is_gone() {
    let stores = [fixtures::made(project())];
    let cluster = fixtures::cluster(&[], &stores, &[], &[]);
    let object = d(Value::Null);
    let told = call("PUT", D_STATUS, serde_json::to_value(&object).unwrap());
    let scene = confined(cluster.clone(), vec![applied(D_POLICY), applied(JOB), told]);
    dream::reconcile(Arc::new(object), scene.context.clone()).await.unwrap();
    let sent = scene.sent().await;
    assert_eq!(
        sent[0]["spec"]["podSelector"]["matchLabels"]["remanence.dev/dream"],
        "d"
    );

    let gone = || call("DELETE", D_POLICY, json!({"metadata": {}}));
    let policies = [policy("remanence-dream-d")];
    for (jobs, pods, calls) in [
        // It has said how it ended, and may be lying.
        (vec![job(false)], vec![pod()], vec![]),
        // Its Job was deleted, and it takes its time.
        (vec![], vec![pod()], vec![]),
        (vec![job(true)], vec![], vec![gone()]),
        (vec![], vec![], vec![gone()]),
    ] {
        let night = Night {
            jobs: &jobs,
            dreamers: &pods,
            network_policies: &policies,
            ..Night::default()
        };
        let scene = confined(fixtures::dreaming(cluster.clone(), &night), calls);
        dream::reconcile(Arc::new(d(json!({"phase": "Applied"}))), scene.context.clone())
            .await
            .unwrap();
        scene.sent().await;
    }
}

#[tokio::test]
async fn a_chart_that_no_longer_confines_takes_the_policy_away() {
    let object = nightly();
    let told = call("PUT", NIGHTLY_STATUS, serde_json::to_value(&object).unwrap());
    let policies = [policy("remanence-schedule-nightly")];
    let night = Night {
        network_policies: &policies,
        ..Night::default()
    };
    let calls = vec![
        failing("GET", CRON_JOB, 404),
        call("DELETE", POLICY, json!({"metadata": {}})),
        applied(CRON_JOB),
        told,
    ];
    let scene = Scene::new(fixtures::dreaming(fixtures::cluster(&[], &[], &[], &[]), &night), calls);
    schedule::reconcile(Arc::new(object), scene.context.clone())
        .await
        .unwrap();
    scene.sent().await;
}
