//! Schedules and Dreams.

use remanence_api::{Dream, DreamSchedule};
use remanence_dreamer::{Phase as Recorded, Record, Request as Asked, Sessions, dream as dream_it};
use remanence_store::{Options, Store};

use super::super::{dream, schedule};
use super::*;
use crate::fixtures::Night;

const CRON_JOB: &str = "/apis/batch/v1/namespaces/team-a/cronjobs/nightly";
const NIGHTLY_STATUS: &str = "/apis/remanence.dev/v1alpha1/namespaces/team-a/dreamschedules/nightly/status";
const JOB: &str = "/apis/batch/v1/namespaces/team-a/jobs/d-b1424e";
const D_STATUS: &str = "/apis/remanence.dev/v1alpha1/namespaces/team-a/dreams/d/status";

fn nightly() -> DreamSchedule {
    fixtures::schedule("team-a", "nightly", json!({"schedule": "0 3 * * *"}))
}

fn any(path: &'static str) -> Call {
    // What is applied is not read.
    call("PATCH", path, json!({"metadata": {"name": "x"}}))
}

#[tokio::test]
async fn a_schedule_becomes_one_cron_job_and_then_asks_for_nothing() {
    let mut object = nightly();
    let cluster = fixtures::cluster(&[], &[], &[], &[]);
    let mut status = call("PUT", NIGHTLY_STATUS, Value::Null);
    status.answer = serde_json::to_value(&object).unwrap();
    let scene = Scene::new(
        cluster.clone(),
        vec![failing("GET", CRON_JOB, 404), cron(any(CRON_JOB)), status],
    );
    schedule::reconcile(Arc::new(object.clone()), scene.context.clone())
        .await
        .unwrap();
    let sent = scene.sent().await;
    assert_eq!(sent[1]["spec"]["schedule"], "0 3 * * *");
    assert_eq!(ready_condition(&sent[2]), ("True", "Ready"));

    object.status = Some(serde_json::from_value(sent[2]["status"].clone()).unwrap());
    let cron_jobs = [serde_json::from_value(sent[1].clone()).unwrap()];
    let night = Night {
        cron_jobs: &cron_jobs,
        ..Night::default()
    };
    let scene = Scene::new(fixtures::dreaming(cluster, &night), vec![]);
    schedule::reconcile(Arc::new(object), scene.context.clone())
        .await
        .unwrap();
    assert!(scene.sent().await.is_empty());
}

/// What the apiserver answers must be readable as a `CronJob`.
fn cron(mut call: Call) -> Call {
    call.answer =
        json!({"metadata": {"name": "nightly"}, "spec": {"schedule": "", "jobTemplate": {"spec": {"template": {}}}}});
    call
}

#[tokio::test]
async fn a_schedule_that_can_not_be_says_why() {
    let taken = cron(call("GET", CRON_JOB, Value::Null));
    let refused = || failing("PATCH", CRON_JOB, 422);
    let mut no_quantity = failing("PATCH", CRON_JOB, 500);
    no_quantity.answer["message"] = "failed to convert: quantities must match the regular expression".into();
    for (calls, reason) in [
        (vec![taken], "JobTaken"),
        (vec![failing("GET", CRON_JOB, 404), refused()], "JobRefused"),
        (vec![failing("GET", CRON_JOB, 404), no_quantity], "JobRefused"),
    ] {
        let object = nightly();
        let asked = calls.len();
        let told = call("PUT", NIGHTLY_STATUS, serde_json::to_value(&object).unwrap());
        let calls = calls.into_iter().chain([told, event()]).collect();
        let scene = Scene::new(fixtures::cluster(&[], &[], &[], &[]), calls);
        schedule::reconcile(Arc::new(object), scene.context.clone())
            .await
            .unwrap();
        assert_eq!(ready_condition(&scene.sent().await[asked]), ("False", reason));
    }
}

#[tokio::test]
async fn a_schedule_whose_run_has_a_pod_that_can_not_start_says_why() {
    let container = json!({
        "name": "dreamer", "ready": false, "restartCount": 0, "image": "i", "imageID": "i",
        "state": {"waiting": {"reason": "ImagePullBackOff", "message": "no such image"}},
    });
    let pod: Pod = serde_json::from_value(json!({
        "metadata": {"name": "p", "namespace": "team-a", "labels": {"remanence.dev/schedule": "nightly"}},
        "status": {"phase": "Pending", "containerStatuses": [container]},
    }))
    .unwrap();
    let night = Night {
        dreamers: &[pod],
        ..Night::default()
    };
    let object = nightly();
    let told = call("PUT", NIGHTLY_STATUS, serde_json::to_value(&object).unwrap());
    let calls = vec![failing("GET", CRON_JOB, 404), cron(any(CRON_JOB)), told, event()];
    let scene = Scene::new(fixtures::dreaming(fixtures::cluster(&[], &[], &[], &[]), &night), calls);
    schedule::reconcile(Arc::new(object), scene.context.clone())
        .await
        .unwrap();
    let sent = scene.sent().await;
    assert_eq!(ready_condition(&sent[2]), ("False", "PodHeldUp"));
    let note = sent[3]["note"].as_str().unwrap();
    assert!(note.contains("ImagePullBackOff: no such image"), "{note}");
}

#[tokio::test]
async fn the_oldest_dreams_go_and_those_that_wait_or_count_against_the_day_stay() {
    let dream = |name: &str, day: &str, phase: &str| {
        let status = json!({"phase": phase, "started": format!("{day}T03:00:00Z")});
        let mut dream = fixtures::dream("team-a", name, json!({"storeRef": {"name": "project"}}), status);
        dream.metadata.labels = Some([("remanence.dev/schedule".to_owned(), "nightly".to_owned())].into());
        dream
    };
    let dreams = [
        dream("old", "2025-12-31", "Applied"),
        dream("today", "2026-01-01", "Applied"),
        dream("waits", "2026-01-02", "Proposed"),
        dream("new", "2026-01-03", "NoChange"),
    ];
    let night = Night {
        dreams: &dreams,
        ..Night::default()
    };
    let gone = |dream: &Dream| {
        let path = match dream.metadata.name.as_deref() {
            Some("old") => "/apis/remanence.dev/v1alpha1/namespaces/team-a/dreams/old",
            _ => "/apis/remanence.dev/v1alpha1/namespaces/team-a/dreams/today",
        };
        call("DELETE", path, serde_json::to_value(dream).unwrap())
    };
    for (daily_cost, surplus) in [(None, vec![&dreams[1], &dreams[0]]), (Some("1"), vec![&dreams[0]])] {
        let mut object = nightly();
        object.spec.dreams_history_limit = 1;
        object.spec.dreaming.budget.daily_cost = daily_cost.map(str::to_owned);
        let mut calls = vec![failing("GET", CRON_JOB, 404), cron(any(CRON_JOB))];
        calls.extend(surplus.into_iter().map(gone));
        calls.push(call("PUT", NIGHTLY_STATUS, serde_json::to_value(&object).unwrap()));
        let cluster = fixtures::dreaming(fixtures::cluster(&[], &[], &[], &[]), &night);
        let scene = Scene::new(cluster, calls);
        schedule::reconcile(Arc::new(object), scene.context.clone())
            .await
            .unwrap();
        scene.sent().await;
    }
}

#[tokio::test]
async fn a_dream_made_by_hand_becomes_a_job_once_its_store_is_there() {
    let object = fixtures::dream("team-a", "d", json!({"storeRef": {"name": "project"}}), Value::Null);
    let told = || call("PUT", D_STATUS, serde_json::to_value(&object).unwrap());
    let scene = Scene::new(fixtures::cluster(&[], &[], &[], &[]), vec![told(), event()]);
    dream::reconcile(Arc::new(object.clone()), scene.context.clone())
        .await
        .unwrap();
    assert_eq!(ready_condition(&scene.sent().await[0]), ("False", "StoreNotFound"));

    let stores = [fixtures::made(project())];
    let scene = Scene::new(fixtures::cluster(&[], &stores, &[], &[]), vec![any(JOB), told()]);
    dream::reconcile(Arc::new(object.clone()), scene.context.clone())
        .await
        .unwrap();
    let sent = scene.sent().await;
    assert_eq!(
        sent[0]["spec"]["template"]["metadata"]["labels"]["remanence.dev/dream"],
        "d"
    );
    assert_eq!(ready_condition(&sent[1]), ("False", "WaitingForPod"));
    // A status that is older than the Dream is refused.
    assert_eq!(sent[1]["metadata"]["resourceVersion"], "1");
}

#[tokio::test]
async fn a_dream_whose_job_is_refused_is_tried_again_until_it_is_taken() {
    let mut object = fixtures::dream("team-a", "d", json!({"storeRef": {"name": "project"}}), Value::Null);
    let told = || call("PUT", D_STATUS, serde_json::to_value(&object).unwrap());
    let stores = [fixtures::made(project())];
    let cluster = fixtures::cluster(&[], &stores, &[], &[]);
    // A quota, say.
    let calls = vec![failing("PATCH", JOB, 403), told(), event()];
    let scene = Scene::new(cluster.clone(), calls);
    let next = dream::reconcile(Arc::new(object.clone()), scene.context.clone())
        .await
        .unwrap();
    assert_ne!(next, Action::await_change());
    let mut sent = scene.sent().await;
    assert_eq!(ready_condition(&sent[1]), ("False", "JobRefused"));

    let calls = vec![any(JOB), told()];
    object.status = serde_json::from_value(sent[1]["status"].take()).unwrap();
    let scene = Scene::new(cluster, calls);
    dream::reconcile(Arc::new(object), scene.context.clone()).await.unwrap();
    assert_eq!(ready_condition(&scene.sent().await[1]), ("False", "WaitingForPod"));
}

/// A store in a bucket, with what a Dream proposed for it or did to it.
struct Slept {
    bucket: Arc<Folder>,
    cluster: Cluster,
    record: Record,
}

impl Slept {
    async fn new(review: bool) -> Self {
        let object = held(project());
        let cluster = fixtures::cluster(&[], &[object.clone()], &[fixtures::class("standard")], &[]);
        let scene = Scene::new(cluster, vec![call("PUT", PROJECT_STATUS, answer(&object))]);
        scene.reconcile(object).await;
        let bucket = scene.bucket.clone();
        scene.sent().await;
        let said = bucket.root.path().join("said/reviewer");
        std::fs::create_dir_all(&said).unwrap();
        let words = json!({"type": "user", "timestamp": "2026-01-01T00:00:00Z",
            "message": {"role": "user", "content": "Remember that the staging database listens on port 5433."}});
        std::fs::write(said.join("one.jsonl"), format!("{words}\n")).unwrap();
        let sessions = Sessions::at(bucket.root.path().join("said").to_str().unwrap())
            .await
            .unwrap();
        let store = open(&bucket).await;
        let asked = Asked {
            review,
            id: Some("2026-01-01-a1b2c3".to_owned()),
            ..Asked::default()
        };
        let record = dream_it(&store, &[sessions], &asked).await.unwrap().record;
        store.close().await;
        let stores = [fixtures::made(held(project()))];
        Self {
            bucket,
            cluster: fixtures::cluster(&[], &stores, &[fixtures::class("standard")], &[]),
            record,
        }
    }

    /// The Dream as its dreamer reported it.
    fn dream(&self, more: Value) -> Dream {
        let mut spec = json!({"storeRef": {"name": "project"}, "review": "Manual"});
        spec.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let status = json!({
            "phase": self.record.phase, "id": self.record.id, "proposalDigest": self.record.proposal,
            "started": "2026-01-01T00:00:00Z",
        });
        fixtures::dream("team-a", "d", spec, status)
    }

    fn decided(&self, verdict: &str) -> Value {
        json!({"decision": {"verdict": verdict, "proposalDigest": self.record.proposal, "by": "ann"}})
    }

    /// What is told of a Dream after a look at it.
    async fn look(&self, dream: &Dream, status: Call) -> Value {
        let scene = Scene::in_bucket(self.cluster.clone(), self.bucket.clone(), vec![status]);
        // A status that can't be written is tried again.
        let _ = dream::reconcile(Arc::new(dream.clone()), scene.context.clone()).await;
        scene.sent().await.remove(0)["status"].take()
    }

    async fn told(&self, dream: &Dream) -> Value {
        self.look(dream, call("PUT", D_STATUS, serde_json::to_value(dream).unwrap()))
            .await
    }

    /// How far the store says that it got.
    async fn recorded(&self) -> Recorded {
        let store = open(&self.bucket).await;
        let all = remanence_dreamer::dreams(&store).await.unwrap();
        store.close().await;
        all.into_iter()
            .find(|record| record.id == self.record.id)
            .unwrap()
            .phase
    }

    async fn memory(&self) -> String {
        let store = open(&self.bucket).await;
        let tree = store.tree();
        let mut text = String::new();
        for node in tree
            .nodes()
            .filter(|node| !tree.path(node.id).unwrap().starts_with("/.dream"))
        {
            if let Some(content) = node.content() {
                text += std::str::from_utf8(&store.read_all(content).await.unwrap()).unwrap();
            }
        }
        text
    }
}

pub(super) async fn open(bucket: &Folder) -> Store {
    let place = StoreUrl::of_directory(&bucket.root.path().join("team-a/project"));
    Store::open(place.connect().await.unwrap(), Options::default())
        .await
        .unwrap()
}

#[tokio::test]
async fn an_approved_proposal_becomes_memory_once_even_if_the_operator_dies_before_it_says_so() {
    let slept = Slept::new(true).await;
    assert_eq!(slept.memory().await, "");
    let dream = slept.dream(slept.decided("Approve"));
    slept.look(&dream, failing("PUT", D_STATUS, 500)).await;
    assert!(slept.memory().await.contains("5433"));
    let head = open(&slept.bucket).await.tree().seq;
    let told = slept.told(&dream).await;
    assert_eq!((&told["phase"], &told["by"]), (&json!("Applied"), &json!("ann")));
    assert_eq!(told["changes"], "+1");
    assert_eq!(open(&slept.bucket).await.tree().seq, head, "nothing was done twice");
}

#[tokio::test]
async fn a_proposal_that_was_applied_before_it_was_to_be_rejected_is_told_as_applied() {
    let slept = Slept::new(true).await;
    let approved = slept.dream(slept.decided("Approve"));
    slept.look(&approved, failing("PUT", D_STATUS, 500)).await;
    let rejected = slept.dream(slept.decided("Reject"));
    let calls = vec![call("PUT", D_STATUS, serde_json::to_value(&rejected).unwrap()), event()];
    let scene = Scene::in_bucket(slept.cluster.clone(), slept.bucket.clone(), calls);
    dream::reconcile(Arc::new(rejected), scene.context.clone())
        .await
        .unwrap();
    let status = scene.sent().await[0]["status"].take();
    let decided = &status["conditions"][1];
    assert_eq!(
        (&status["phase"], &decided["type"], &decided["status"]),
        (&json!("Applied"), &json!("Decided"), &json!("False"))
    );
    assert!(slept.memory().await.contains("5433"));
}

#[tokio::test]
async fn a_rejected_proposal_leaves_no_trace_in_the_memory() {
    let slept = Slept::new(true).await;
    let told = slept.told(&slept.dream(slept.decided("Reject"))).await;
    assert_eq!(told["phase"], "Rejected");
    assert_eq!(slept.memory().await, "");
}

#[tokio::test]
async fn a_canceled_proposal_is_over_and_one_that_was_applied_before_is_told_as_applied() {
    let slept = Slept::new(true).await;
    let told = |dream: &Dream| call("PUT", D_STATUS, serde_json::to_value(dream).unwrap());
    let mut canceled = slept.dream(json!({"cancel": true}));
    let scene = Scene::in_bucket(
        slept.cluster.clone(),
        slept.bucket.clone(),
        vec![told(&canceled), event()],
    );
    dream::reconcile(Arc::new(canceled.clone()), scene.context.clone())
        .await
        .unwrap();
    let sent = scene.sent().await;
    assert_eq!(sent[0]["status"]["phase"], "Canceled");
    assert_eq!(ready_condition(&sent[0]), ("False", "Canceled"));
    assert_eq!(slept.recorded().await, Recorded::Rejected);

    // An approve that comes after it changes nothing.
    canceled.status = Some(serde_json::from_value(sent[0]["status"].clone()).unwrap());
    canceled.spec.decision = slept.dream(slept.decided("Approve")).spec.decision;
    let scene = Scene::in_bucket(slept.cluster.clone(), slept.bucket.clone(), vec![]);
    dream::reconcile(Arc::new(canceled), scene.context.clone())
        .await
        .unwrap();
    assert!(scene.sent().await.is_empty());
    assert_eq!(slept.memory().await, "");

    let slept = Slept::new(true).await;
    let mut approved = slept.dream(slept.decided("Approve"));
    slept.look(&approved, failing("PUT", D_STATUS, 500)).await;
    approved.spec.cancel = true;
    assert_eq!(slept.told(&approved).await["phase"], "Applied");
}

#[tokio::test]
async fn a_cancel_is_tried_again_until_the_store_has_recorded_it() {
    let slept = Slept::new(true).await;
    let mut canceled = slept.dream(json!({"cancel": true}));
    let told = |dream: &Dream| call("PUT", D_STATUS, serde_json::to_value(dream).unwrap());
    *slept.bucket.broken.lock() = true;
    let calls = vec![told(&canceled), event()];
    let scene = Scene::in_bucket(slept.cluster.clone(), slept.bucket.clone(), calls);
    let next = dream::reconcile(Arc::new(canceled.clone()), scene.context.clone())
        .await
        .unwrap();
    assert_ne!(next, Action::await_change());
    let status = scene.sent().await[0]["status"].take();
    assert_eq!(status["phase"], "Proposed");
    canceled.status = Some(serde_json::from_value(status).unwrap());
    *slept.bucket.broken.lock() = false;

    // The operator dies before it says so, and says it then.
    slept.look(&canceled, failing("PUT", D_STATUS, 500)).await;
    assert_eq!(slept.recorded().await, Recorded::Rejected);
    let calls = vec![told(&canceled), event()];
    let scene = Scene::in_bucket(slept.cluster.clone(), slept.bucket.clone(), calls);
    dream::reconcile(Arc::new(canceled), scene.context.clone())
        .await
        .unwrap();
    let status = scene.sent().await[0]["status"].take();
    assert_eq!(status["phase"], "Canceled");
    assert_eq!(status["conditions"][0]["status"], "True", "{status}");
}

#[tokio::test]
async fn a_decision_about_another_proposal_does_nothing() {
    let slept = Slept::new(true).await;
    let mut dream = slept.dream(slept.decided("Approve"));
    dream.spec.decision.as_mut().unwrap().proposal_digest = format!("sha256:{}", "0".repeat(64));
    let calls = vec![call("PUT", D_STATUS, serde_json::to_value(&dream).unwrap()), event()];
    let scene = Scene::in_bucket(slept.cluster.clone(), slept.bucket.clone(), calls);
    dream::reconcile(Arc::new(dream), scene.context.clone()).await.unwrap();
    assert_eq!(ready_condition(&scene.sent().await[0]), ("False", "NotCarriedOut"));
    assert_eq!(slept.memory().await, "");
}

#[tokio::test]
async fn an_applied_dream_is_taken_back() {
    let slept = Slept::new(false).await;
    assert!(slept.memory().await.contains("5433"));
    let told = slept.told(&slept.dream(json!({"undo": {"by": "ann"}}))).await;
    assert_eq!((&told["phase"], &told["by"]), (&json!("Undone"), &json!("ann")));
    assert!(!slept.memory().await.contains("5433"));
}

#[tokio::test]
async fn a_dream_made_again_with_its_decision_is_known_by_its_store_and_runs_nothing() {
    let slept = Slept::new(true).await;
    slept.told(&slept.dream(slept.decided("Approve"))).await;
    let again = |verdict: &str| Dream {
        status: None,
        ..slept.dream(slept.decided(verdict))
    };
    let told = slept.told(&again("Approve")).await;
    assert_eq!(
        (&told["phase"], &told["id"]),
        (&json!("Applied"), &json!("2026-01-01-a1b2c3"))
    );
    // It tells when it was dreamt and decided on, not when it was made again.
    let second = |field: &str| {
        let time: jiff::Timestamp = told[field].as_str().unwrap().parse().unwrap();
        time.as_second()
    };
    assert_eq!(second("started"), slept.record.time.as_second());
    assert!(second("finished") >= second("started"), "{told}");

    let other = again("Reject");
    let calls = vec![call("PUT", D_STATUS, serde_json::to_value(&other).unwrap()), event()];
    let scene = Scene::in_bucket(slept.cluster.clone(), slept.bucket.clone(), calls);
    dream::reconcile(Arc::new(other), scene.context.clone()).await.unwrap();
    assert_eq!(scene.sent().await[0]["status"]["phase"], "Failed");
}

#[tokio::test]
async fn a_dream_that_is_created_with_an_undo_undoes_nothing() {
    let slept = Slept::new(true).await;
    slept.told(&slept.dream(slept.decided("Approve"))).await;
    let head = open(&slept.bucket).await.tree().seq;
    let mut spec = slept.decided("Approve");
    spec["undo"] = json!({"by": "cfo"});
    let forged = Dream {
        status: None,
        ..slept.dream(spec)
    };
    let calls = vec![call("PUT", D_STATUS, serde_json::to_value(&forged).unwrap()), event()];
    let scene = Scene::in_bucket(slept.cluster.clone(), slept.bucket.clone(), calls);
    dream::reconcile(Arc::new(forged.clone()), scene.context.clone())
        .await
        .unwrap();
    let status = scene.sent().await[0]["status"].clone();
    assert_eq!(status["phase"], "Failed");
    assert!(status["reasons"][0].as_str().unwrap().contains("spec.undo"), "{status}");
    assert_eq!(open(&slept.bucket).await.tree().seq, head);

    // One that was undone, by whoever may: that is what its store records, with their name.
    let mut applied = slept.dream(json!({"undo": {"by": "ann"}}));
    applied.status.as_mut().unwrap().phase = remanence_api::dream::Phase::Applied;
    slept.told(&applied).await;
    let told = slept.told(&forged).await;
    assert_eq!((&told["phase"], &told["by"]), (&json!("Undone"), &json!("ann")));
}

#[tokio::test]
async fn a_dream_whose_pod_died_after_its_commit_is_told_as_applied_and_one_before_it_as_failed() {
    let slept = Slept::new(false).await;
    let mut dream = slept.dream(json!({}));
    dream.status.as_mut().unwrap().phase = remanence_api::dream::Phase::Running;
    let told = slept.told(&dream).await;
    assert_eq!(told["phase"], "Applied");

    dream.status.as_mut().unwrap().id = Some("2026-01-01-ffffff".to_owned());
    let calls = vec![call("PUT", D_STATUS, serde_json::to_value(&dream).unwrap()), event()];
    let scene = Scene::in_bucket(slept.cluster.clone(), slept.bucket.clone(), calls);
    dream::reconcile(Arc::new(dream), scene.context.clone()).await.unwrap();
    let sent = scene.sent().await;
    assert_eq!(sent[0]["status"]["phase"], "Failed");
    assert_eq!(ready_condition(&sent[0]), ("False", "PodLost"));
}

#[tokio::test]
async fn a_dream_whose_store_can_not_be_asked_is_asked_about_again_and_not_for_ever() {
    let slept = Slept::new(false).await;
    let mut dream = slept.dream(json!({}));
    dream.status.as_mut().unwrap().phase = remanence_api::dream::Phase::Running;
    let canceled = fixtures::dream(
        "team-a",
        "d",
        json!({"storeRef": {"name": "project"}, "cancel": true}),
        serde_json::to_value(&dream.status).unwrap(),
    );
    let look = async |dream: &Dream, stops: bool, events: usize| {
        let told = call("PUT", D_STATUS, serde_json::to_value(dream).unwrap());
        let mut calls: Vec<Call> = stops
            .then(|| call("DELETE", JOB, json!({"metadata": {}})))
            .into_iter()
            .collect();
        calls.push(told);
        calls.extend((0..events).map(|_| event()));
        let scene = Scene::in_bucket(slept.cluster.clone(), slept.bucket.clone(), calls);
        dream::reconcile(Arc::new(dream.clone()), scene.context.clone())
            .await
            .unwrap();
        scene.sent().await[usize::from(stops)]["status"].take()
    };
    *slept.bucket.broken.lock() = true;
    for (dream, stops, given_up) in [(&dream, false, "Failed"), (&canceled, true, "Canceled")] {
        let status = look(dream, stops, 2).await;
        assert_eq!(status["phase"], "Running", "{status}");
        let asked = &status["conditions"][1];
        assert_eq!(
            (&asked["type"], &asked["status"]),
            (&json!("StoreAsked"), &json!("False"))
        );

        // An hour later.
        let mut waited = Dream {
            status: serde_json::from_value(status).unwrap(),
            ..dream.clone()
        };
        for condition in &mut waited.status.as_mut().unwrap().conditions {
            condition.last_transition_time = serde_json::from_value(json!("2025-12-31T23:00:00Z")).unwrap();
        }
        let status = look(&waited, stops, 1).await;
        assert_eq!(status["phase"], given_up, "{status}");
        let why = status["reasons"][0].as_str().unwrap();
        assert!(
            why.contains("could not be asked") && why.contains("2026-01-01-a1b2c3"),
            "{why}"
        );
    }

    // It answers in time.
    let status = look(&dream, false, 2).await;
    *slept.bucket.broken.lock() = false;
    dream.status = serde_json::from_value(status).unwrap();
    let told = slept.told(&dream).await;
    assert_eq!(
        (&told["phase"], &told["conditions"][1]["status"]),
        (&json!("Applied"), &json!("True"))
    );
}
