//! Whole looks at objects against a scripted apiserver: each request is expected, in this order, and no other.
// Literals read best by value.
#![allow(
    clippy::unwrap_used,
    clippy::needless_pass_by_value,
    clippy::cloned_ref_to_slice_refs
)]

mod after;
mod confine;
mod dreams;
mod echo;
mod retention;
mod sts;

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::runtime::controller::Action;
use parking_lot::Mutex;
use remanence_api::{Agent, MemoryStore, MemoryStoreClass};
use remanence_store::backend::counted::Counted;
use remanence_store::backend::{Backend, BackendError, Listed, Read};
use remanence_store::url::StoreUrl;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::{Context, agent, class, pod, store};
use crate::admission::Injection;
use crate::apiserver::{Call, call, failing, scripted};
use crate::broker::S3Keys;
use crate::bucket::Buckets;
use crate::bucket::claim::{Owner, claim};
use crate::cluster::Cluster;
use crate::events::Events;
use crate::fixtures;
use crate::keys::KeyRing;
use crate::metrics::Metrics;

const EVENTS: &str = "/apis/events.k8s.io/v1/namespaces/team-a/events";
const PROJECT: &str = "/apis/remanence.dev/v1alpha1/namespaces/team-a/memorystores/project";
const PROJECT_STATUS: &str = "/apis/remanence.dev/v1alpha1/namespaces/team-a/memorystores/project/status";

fn event() -> Call {
    call("POST", EVENTS, json!({"metadata": {}, "eventTime": null}))
}

/// What says the time.
type Clock = fn() -> jiff::Timestamp;

/// A bucket in a folder.
struct Folder {
    root: tempfile::TempDir,
    /// Nobody may open it.
    broken: Mutex<bool>,
    /// Nobody may delete from it.
    append_only: Mutex<bool>,
    /// Nobody gets an answer from it.
    silent: Mutex<bool>,
    /// What it is asked.
    counted: Counted,
}

/// What reads from a bucket that does not answer.
struct Silent;

impl Silent {
    fn error() -> BackendError {
        BackendError::Unknown {
            what: "LIST".to_owned(),
            cause: "no answer".to_owned(),
        }
    }
}

#[async_trait]
impl Read for Silent {
    async fn get(&self, _: &str, _: Option<Range<u64>>) -> Result<Option<Bytes>, BackendError> {
        Err(Self::error())
    }

    async fn list(&self, _: &str, _: Option<&str>, _: usize) -> Result<Vec<Listed>, BackendError> {
        Err(Self::error())
    }
}

impl Folder {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            root: tempfile::tempdir().unwrap(),
            broken: Mutex::default(),
            append_only: Mutex::default(),
            silent: Mutex::default(),
            counted: Counted::new(),
        })
    }
}

#[async_trait]
impl Buckets for Folder {
    async fn open(&self, _: &MemoryStoreClass, _: Option<&S3Keys>, prefix: &str) -> Result<Backend, BackendError> {
        if *self.broken.lock() {
            return Err(BackendError::Refused {
                what: "bucket".to_owned(),
                cause: "the keys are not known there".to_owned(),
            });
        }
        let place = self.root.path().join(prefix);
        std::fs::create_dir_all(&place).unwrap();
        let mut backend = StoreUrl::of_directory(&place).connect().await?;
        if *self.silent.lock() {
            backend.read = Arc::new(Silent);
        }
        let backend = self.counted.wrap(backend);
        Ok(if *self.append_only.lock() {
            backend.without_maintain()
        } else {
            backend
        })
    }
}

/// An operator beside a scripted apiserver.
struct Scene {
    context: Arc<Context>,
    bucket: Arc<Folder>,
    apiserver: JoinHandle<Vec<Value>>,
    _leading: watch::Sender<bool>,
}

impl Scene {
    fn new(cluster: Cluster, expected: Vec<Call>) -> Self {
        Self::in_bucket(cluster, Folder::new(), expected)
    }

    fn in_bucket(cluster: Cluster, bucket: Arc<Folder>, expected: Vec<Call>) -> Self {
        let (client, apiserver) = scripted(expected);
        let (leading, is_leading) = watch::channel(true);
        let context = Context {
            client: client.clone(),
            cluster,
            keys: Arc::new(KeyRing::new(client.clone(), Arc::default())),
            buckets: bucket.clone(),
            events: Events::new(client, "test".to_owned()),
            metrics: Arc::new(Metrics::default()),
            leading: is_leading,
            cluster_id: "cluster".to_owned(),
            seen: store::Seen::default(),
            upkeep: store::Upkeep::default(),
            dreams: fixtures::surroundings(),
            now: || "2026-01-01T00:00:00Z".parse().unwrap(),
        };
        Self {
            context: Arc::new(context),
            bucket,
            apiserver,
            _leading: leading,
        }
    }

    /// Reconciles a store, which goes well.
    async fn reconcile(&self, object: MemoryStore) {
        store::reconcile(Arc::new(object), self.context.clone()).await.unwrap();
    }

    /// What was sent, once all that was expected was asked.
    async fn sent(self) -> Vec<Value> {
        // With the last client gone the script ends.
        drop(self.context);
        self.apiserver.await.unwrap()
    }
}

fn held(mut store: MemoryStore) -> MemoryStore {
    store.metadata.finalizers = Some(vec!["remanence.dev/store".to_owned()]);
    store
}

fn deleted(mut store: MemoryStore) -> MemoryStore {
    store.metadata.deletion_timestamp = serde_json::from_value(json!("2026-01-01T00:00:00Z")).unwrap();
    store
}

fn project() -> MemoryStore {
    fixtures::store("team-a", "project", json!({"description": "shared"}))
}

fn answer(store: &MemoryStore) -> Value {
    serde_json::to_value(store).unwrap()
}

fn ready_condition(status: &Value) -> (&str, &str) {
    let condition = &status["status"]["conditions"][0];
    (
        condition["status"].as_str().unwrap(),
        condition["reason"].as_str().unwrap(),
    )
}

#[tokio::test]
async fn a_new_store_is_held_before_anything_is_made() {
    let new = project();
    let scene = Scene::new(
        fixtures::cluster(&[], &[new.clone()], &[fixtures::class("standard")], &[]),
        vec![call("PATCH", PROJECT, answer(&new))],
    );
    scene.reconcile(new).await;
    assert!(!scene.bucket.root.path().join("team-a").exists());
    assert_eq!(
        scene.sent().await[0]["metadata"]["finalizers"],
        json!(["remanence.dev/store"])
    );
}

#[tokio::test]
async fn a_store_is_made_in_the_bucket_and_told() {
    let object = held(project());
    let scene = Scene::new(
        fixtures::cluster(&[], &[object.clone()], &[fixtures::class("standard")], &[]),
        vec![call("PUT", PROJECT_STATUS, answer(&object))],
    );
    scene.reconcile(object).await;
    assert!(scene.bucket.root.path().join("team-a/project/store/1").exists());
    let sent = scene.sent().await;
    assert_eq!(ready_condition(&sent[0]), ("True", "Ready"));
    assert_eq!(
        (&sent[0]["status"]["prefix"], &sent[0]["status"]["className"]),
        (&json!("team-a/project"), &json!("standard"))
    );
}

#[tokio::test]
async fn an_archived_store_says_that_it_can_only_be_read() {
    for (archived, told) in [
        (false, "it can be attached"),
        (
            true,
            "it can be attached and read; it is archived and takes no more writes",
        ),
    ] {
        let mut object = held(project());
        object.spec.archived = archived;
        let scene = Scene::new(
            fixtures::cluster(&[], &[object.clone()], &[fixtures::class("standard")], &[]),
            vec![call("PUT", PROJECT_STATUS, answer(&object))],
        );
        scene.reconcile(object).await;
        assert_eq!(scene.sent().await[0]["status"]["conditions"][0]["message"], told);
    }
}

#[tokio::test]
async fn an_operator_that_dies_after_the_bucket_goes_on_with_the_same_store() {
    let object = held(project());
    let cluster = fixtures::cluster(&[], &[object.clone()], &[fixtures::class("standard")], &[]);
    let first = Scene::new(cluster.clone(), vec![failing("PUT", PROJECT_STATUS, 500)]);
    store::reconcile(Arc::new(object.clone()), first.context.clone())
        .await
        .unwrap_err();
    let bucket = first.bucket.clone();
    let lost = first.sent().await;
    let second = Scene::in_bucket(cluster, bucket, vec![call("PUT", PROJECT_STATUS, answer(&object))]);
    second.reconcile(object).await;
    assert_eq!(
        second.sent().await[0]["status"]["storeId"],
        lost[0]["status"]["storeId"]
    );
}

#[tokio::test]
async fn a_store_without_a_class_says_so_in_condition_and_event() {
    let mut named = held(project());
    named.spec.class_name = Some("gold".to_owned());
    let mut unready = fixtures::class("standard");
    unready.status = None;
    for (object, classes, reason) in [
        (held(project()), vec![], "NoDefaultClass"),
        (
            held(project()),
            vec![fixtures::class("a"), fixtures::class("b")],
            "SeveralDefaultClasses",
        ),
        (named, vec![fixtures::class("standard")], "ClassNotFound"),
        (held(project()), vec![unready], "ClassNotReady"),
    ] {
        let scene = Scene::new(
            fixtures::cluster(&[], &[object.clone()], &classes, &[]),
            vec![call("PUT", PROJECT_STATUS, answer(&object)), event()],
        );
        scene.reconcile(object).await;
        let sent = scene.sent().await;
        assert_eq!(ready_condition(&sent[0]), ("False", reason));
        assert_eq!(
            (&sent[1]["reason"], &sent[1]["type"]),
            (&json!(reason), &json!("Warning"))
        );
    }
}

#[tokio::test]
async fn a_store_whose_sharing_can_not_be_read_says_so() {
    let mut object = held(project());
    object.spec.sharing = serde_json::from_value(json!([
        {"namespaces": {"from": "Same"}},
        {"namespaces": {"from": "Selector", "selector": {"matchExpressions": [
            {"key": "team", "operator": "Like", "values": ["a"]}]}}},
    ]))
    .unwrap();
    let scene = Scene::new(
        fixtures::cluster(&[], &[object.clone()], &[fixtures::class("standard")], &[]),
        vec![call("PUT", PROJECT_STATUS, answer(&object)), event()],
    );
    scene.reconcile(object).await;
    let sent = scene.sent().await;
    assert_eq!(ready_condition(&sent[0]), ("True", "Ready"));
    let said = sent[0]["status"]["conditions"][0]["message"].as_str().unwrap();
    assert!(said.contains("spec.sharing[1]"), "{said}");
    assert_eq!(
        (&sent[1]["reason"], &sent[1]["type"]),
        (&json!("SelectorMalformed"), &json!("Warning"))
    );
}

#[tokio::test]
async fn a_store_that_was_not_ready_says_when_it_is() {
    let mut object = held(project());
    let unready = json!({"type": "Ready", "status": "False", "reason": "ClassNotReady", "message": "",
        "lastTransitionTime": "2026-01-01T00:00:00Z"});
    object.status = Some(serde_json::from_value(json!({"conditions": [unready]})).unwrap());
    let scene = Scene::new(
        fixtures::cluster(&[], &[object.clone()], &[fixtures::class("standard")], &[]),
        vec![call("PUT", PROJECT_STATUS, answer(&object)), event()],
    );
    scene.reconcile(object).await;
    let told = &scene.sent().await[1];
    assert_eq!((&told["type"], &told["reason"]), (&json!("Normal"), &json!("Ready")));
}

#[tokio::test]
async fn a_store_of_another_cluster_under_the_prefix_is_left_alone_until_it_is_adopted() {
    let mut object = held(project());
    let class = fixtures::class("standard");
    let cluster = fixtures::cluster(&[], &[object.clone()], &[class.clone()], &[]);
    let first = Scene::new(
        cluster.clone(),
        vec![call("PUT", PROJECT_STATUS, answer(&object)), event()],
    );
    let bucket = first.bucket.clone();
    let place = bucket.open(&class, None, "team-a/project").await.unwrap();
    let theirs = Owner {
        cluster: "another".to_owned(),
        namespace: "team-a".to_owned(),
        name: "project".to_owned(),
        uid: "theirs".to_owned(),
    };
    let claimed = claim(&place, &theirs, false, None, &|_| false, (first.context.now)())
        .await
        .unwrap();
    first.reconcile(object.clone()).await;
    let sent = first.sent().await;
    assert_eq!(ready_condition(&sent[0]), ("False", "ForeignStore"));
    assert!(sent[0]["status"]["storeId"].is_null());
    let note = sent[1]["note"].as_str().unwrap();
    assert!(
        note.contains("another/team-a/project/theirs") && note.contains("spec.adopt: true"),
        "{note}"
    );
    assert!(!bucket.root.path().join("team-a/project/store/2").exists());

    object.spec.adopt = true;
    let second = Scene::in_bucket(cluster, bucket, vec![call("PUT", PROJECT_STATUS, answer(&object))]);
    second.reconcile(object).await;
    assert_eq!(second.sent().await[0]["status"]["storeId"], claimed.id.to_string());
}

#[tokio::test]
async fn adopt_that_comes_too_late_says_what_to_do() {
    let mut object = held(project());
    object.spec.adopt = true;
    let class = fixtures::class("standard");
    let cluster = fixtures::cluster(&[], &[object.clone()], &[class.clone()], &[]);
    let scene = Scene::new(cluster, vec![call("PUT", PROJECT_STATUS, answer(&object)), event()]);
    let place = scene.bucket.open(&class, None, "team-a/project").await.unwrap();
    let mut ids = Vec::new();
    for uid in ["earlier", "uid-project"] {
        let owner = Owner {
            cluster: "cluster".to_owned(),
            namespace: "team-a".to_owned(),
            name: "project".to_owned(),
            uid: uid.to_owned(),
        };
        let made = claim(&place, &owner, false, None, &|_| false, (scene.context.now)()).await;
        ids.push(made.unwrap().id.to_string());
        if uid == "earlier" {
            retention::write(&scene.bucket, "a.md").await;
        }
    }
    scene.reconcile(object).await;
    let sent = scene.sent().await;
    assert_eq!(ready_condition(&sent[0]), ("True", "Ready"));
    assert_eq!(sent[0]["status"]["storeId"], ids[1]);
    assert_eq!(
        (&sent[1]["reason"], &sent[1]["type"]),
        (&json!("EarlierStore"), &json!("Warning"))
    );
    for told in [&sent[1]["note"], &sent[0]["status"]["conditions"][0]["message"]] {
        let told = told.as_str().unwrap();
        assert!(told.contains(&ids[0]) && told.contains("create it again"), "{told}");
    }
}

#[tokio::test]
async fn a_store_of_another_object_that_is_there_is_not_adopted() {
    let mut object = held(project());
    object.spec.adopt = true;
    let mut other = fixtures::store("team-b", "project", json!({}));
    let class = fixtures::class("standard");
    for (uid, status) in [("theirs", "False"), ("of-one-made-again", "True")] {
        other.metadata.uid = Some(uid.to_owned());
        let cluster = fixtures::cluster(&[], &[object.clone(), other.clone()], &[class.clone()], &[]);
        let mut expected = vec![call("PUT", PROJECT_STATUS, answer(&object))];
        expected.extend((status == "False").then(event));
        let scene = Scene::new(cluster, expected);
        let theirs = Owner {
            cluster: "cluster".to_owned(),
            namespace: "team-b".to_owned(),
            name: "project".to_owned(),
            uid: "theirs".to_owned(),
        };
        let place = scene.bucket.open(&class, None, "team-a/project").await.unwrap();
        let claimed = claim(&place, &theirs, false, None, &|_| false, (scene.context.now)())
            .await
            .unwrap();
        scene.reconcile(object.clone()).await;
        let sent = scene.sent().await;
        assert_eq!(ready_condition(&sent[0]).0, status);
        if status == "True" {
            assert_eq!(sent[0]["status"]["storeId"], claimed.id.to_string());
        } else {
            assert_eq!(ready_condition(&sent[0]).1, "ForeignStore");
            let note = sent[1]["note"].as_str().unwrap();
            assert!(
                note.contains("team-b/project/theirs") && !note.contains("adopt"),
                "{note}"
            );
        }
    }
}

#[tokio::test]
async fn a_store_whose_data_are_elsewhere_is_not_made_again() {
    let mut object = held(project());
    let made = json!({"storeId": "1", "prefix": "team-a/project", "className": "standard"});
    object.status = serde_json::from_value(made).unwrap();
    for (named, reason, said) in [
        (None, "StoreGone", "not the store 1"),
        (Some("gold"), "ClassChanged", "set spec.className to standard"),
    ] {
        object.spec.class_name = named.map(str::to_owned);
        let classes = [fixtures::class("standard"), fixtures::class("gold")];
        let scene = Scene::new(
            fixtures::cluster(&[], &[object.clone()], &classes, &[]),
            vec![call("PUT", PROJECT_STATUS, answer(&object)), event()],
        );
        let bucket = scene.bucket.clone();
        scene.reconcile(object.clone()).await;
        assert!(!bucket.root.path().join("team-a/project/store").exists());
        let sent = scene.sent().await;
        assert_eq!(ready_condition(&sent[0]), ("False", reason));
        assert_eq!(sent[0]["status"]["storeId"], "1", "what was made stays known");
        let note = sent[1]["note"].as_str().unwrap();
        assert!(note.contains(said), "{note}");
    }
}

#[tokio::test]
async fn a_class_that_leads_elsewhere_is_noticed_though_nothing_of_the_store_changed() {
    let mut object = held(project());
    let mut class = fixtures::class("standard");
    let cluster = |class: &MemoryStoreClass| fixtures::cluster(&[], &[], &[class.clone()], &[]);
    let told = || call("PUT", PROJECT_STATUS, answer(&project()));
    let mut scene = Scene::new(cluster(&class), vec![told(), told(), event()]);
    let place = scene.bucket.root.path().join("team-a/project");
    scene.reconcile(object.clone()).await;
    let manifest = std::fs::read(place.join("store/1")).unwrap();
    let id = serde_json::from_slice::<Value>(&manifest).unwrap()["id"].clone();
    let made = json!({"storeId": id, "prefix": "team-a/project", "className": "standard"});
    object.status = serde_json::from_value(made).unwrap();

    std::fs::remove_dir_all(&place).unwrap();
    class.metadata.generation = Some(2);
    Arc::get_mut(&mut scene.context).unwrap().cluster = cluster(&class);
    scene.reconcile(object).await;
    assert_eq!(ready_condition(&scene.sent().await[1]), ("False", "StoreGone"));
}

#[tokio::test]
async fn a_deleted_store_leaves_its_marker() {
    let object = held(project());
    let cluster = fixtures::cluster(&[], &[object.clone()], &[fixtures::class("standard")], &[]);
    let scene = Scene::new(
        cluster,
        vec![
            call("PUT", PROJECT_STATUS, answer(&object)),
            call("PATCH", PROJECT, answer(&object)),
        ],
    );
    scene.reconcile(object.clone()).await;
    scene.reconcile(deleted(object)).await;
    let marker = std::fs::read(scene.bucket.root.path().join("team-a/project/store/2")).unwrap();
    assert_eq!(
        serde_json::from_slice::<Value>(&marker).unwrap()["deleted"],
        json!(true)
    );
    assert_eq!(scene.sent().await[1]["metadata"]["finalizers"], json!([]));
}

#[tokio::test]
async fn a_deleted_store_without_keys_does_not_hold_its_namespace() {
    let mut object = deleted(held(project()));
    object.status = Some(serde_json::from_value(json!({"storeId": "1", "prefix": "team-a/project"})).unwrap());
    let scene = Scene::new(
        fixtures::cluster(&[], &[object.clone()], &[fixtures::class("standard")], &[]),
        vec![event(), call("PATCH", PROJECT, answer(&object))],
    );
    *scene.bucket.broken.lock() = true;
    scene.reconcile(object).await;
    let sent = scene.sent().await;
    assert_eq!(sent[0]["reason"], "NotMarked");
    assert_eq!(sent[1]["metadata"]["finalizers"], json!([]));
}

#[tokio::test]
async fn a_deleted_store_waits_for_an_apiserver_that_can_not_give_its_keys_now() {
    let mut object = deleted(held(project()));
    object.status = Some(serde_json::from_value(json!({"storeId": "1", "prefix": "team-a/project"})).unwrap());
    let mut class = fixtures::class("standard");
    let credentials = json!({"mode": "Broker", "secretRef": {"namespace": "storage", "name": "s3"}});
    class.spec.credentials = serde_json::from_value(credentials).unwrap();
    let asked = || failing("GET", "/api/v1/namespaces/storage/secrets/s3", 503);
    // For ten minutes since it was deleted, or since its last pod went, and no longer.
    let times: [(bool, Clock, bool); 4] = [
        (false, || "2026-01-01T00:09:59Z".parse().unwrap(), false),
        (false, || "2026-01-01T00:10:00Z".parse().unwrap(), true),
        (true, || "2026-01-01T00:39:59Z".parse().unwrap(), false),
        (true, || "2026-01-01T00:40:00Z".parse().unwrap(), true),
    ];
    for (was_attached, now, gone) in times {
        let attached = attached("False", "2026-01-01T00:30:00Z");
        let conditions = if was_attached { json!([attached]) } else { json!([]) };
        object.status.as_mut().unwrap().conditions = serde_json::from_value(conditions).unwrap();
        let told = if gone {
            [event(), call("PATCH", PROJECT, answer(&object))]
        } else {
            [call("PUT", PROJECT_STATUS, answer(&object)), event()]
        };
        let calls = [asked()].into_iter().chain(told).collect();
        let mut scene = Scene::new(fixtures::cluster(&[], &[], &[class.clone()], &[]), calls);
        Arc::get_mut(&mut scene.context).unwrap().now = now;
        scene.reconcile(object.clone()).await;
        let mut sent = scene.sent().await;
        let told = if gone { &sent[1] } else { &sent[2] };
        assert_eq!(told["reason"], "NotMarked");
        if gone {
            continue;
        }
        let status = sent[1]["status"].take();
        let ready = status["conditions"].as_array().unwrap().last().unwrap();
        assert_eq!(
            (&ready["type"], &ready["status"], &ready["reason"]),
            (&json!("Ready"), &json!("False"), &json!("NotMarked"))
        );
        // And says so once.
        let known = MemoryStore {
            status: serde_json::from_value(status.clone()).unwrap(),
            ..object.clone()
        };
        let mut scene = Scene::new(fixtures::cluster(&[], &[], &[class.clone()], &[]), vec![asked()]);
        Arc::get_mut(&mut scene.context).unwrap().now = now;
        scene.reconcile(known).await;
        scene.sent().await;
    }
}

/// The condition of a store that waits for its pods, or did until then.
fn attached(status: &str, since: &str) -> Value {
    json!({"type": "Attached", "status": status, "reason": "StillAttached", "message": "", "lastTransitionTime": since})
}

#[tokio::test]
async fn a_deleted_store_says_when_its_last_pod_has_gone_before_the_bucket_is_asked() {
    let mut object = deleted(held(project()));
    let status = json!({"storeId": "1", "prefix": "team-a/project",
        "conditions": [attached("True", "2025-12-31T00:00:00Z")]});
    object.status = Some(serde_json::from_value(status).unwrap());
    let scene = Scene::new(
        fixtures::cluster(&[], &[object.clone()], &[fixtures::class("standard")], &[]),
        vec![call("PUT", PROJECT_STATUS, answer(&object))],
    );
    *scene.bucket.broken.lock() = true;
    scene.reconcile(object).await;
    let sent = scene.sent().await;
    assert_eq!(ready_condition(&sent[0]), ("False", "Detached"));
    let since = &sent[0]["status"]["conditions"][0]["lastTransitionTime"];
    assert_eq!(since, "2026-01-01T00:00:00Z");
}

#[tokio::test]
async fn a_deleted_store_whose_data_can_not_be_removed_says_that_it_is_marked_and_where_they_are() {
    let object = held(fixtures::store(
        "team-a",
        "project",
        json!({"deletionPolicy": "Delete"}),
    ));
    let scene = Scene::new(
        fixtures::cluster(&[], &[object.clone()], &[fixtures::class("standard")], &[]),
        vec![
            call("PUT", PROJECT_STATUS, answer(&object)),
            event(),
            call("PATCH", PROJECT, answer(&object)),
        ],
    );
    scene.reconcile(object.clone()).await;
    *scene.bucket.append_only.lock() = true;
    scene.reconcile(deleted(object)).await;
    let bucket = scene.bucket.clone();
    let sent = scene.sent().await;
    assert!(bucket.root.path().join("team-a/project/store/2").exists());
    assert_eq!(sent[1]["reason"], "NotErased");
    let (note, id) = (sent[1]["note"].as_str().unwrap(), &sent[0]["status"]["storeId"]);
    let place = format!("team-a/project/{}/", id.as_str().unwrap());
    assert!(note.contains(&place) && !note.contains("without a marker"), "{note}");
    assert_eq!(sent[2]["metadata"]["finalizers"], json!([]));
}

#[tokio::test]
async fn a_deleted_store_waits_for_the_pods_that_mount_it() {
    let mut object = deleted(held(project()));
    object.status = Some(serde_json::from_value(json!({"storeId": "1", "prefix": "team-a/project"})).unwrap());
    let agent = fixtures::agent(
        "team-a",
        "reviewer",
        json!({"stores": [{"name": "project", "storeRef": {"name": "project"}}]}),
    );
    let pod = pod_of("reviewer", json!({"nodeName": "n1"}), &json!({}));
    let scene = Scene::new(
        fixtures::cluster(&[agent], &[object.clone()], &[fixtures::class("standard")], &[pod]),
        vec![call("PUT", PROJECT_STATUS, answer(&object)), event()],
    );
    scene.reconcile(object).await;
    let sent = scene.sent().await;
    assert_eq!(ready_condition(&sent[0]), ("True", "StillAttached"));
    assert!(sent[1]["note"].as_str().unwrap().contains("team-a/p"));
}

#[tokio::test]
async fn an_own_store_waits_for_the_pods_of_its_agent_until_another_agent_has_its_name() {
    let again = fixtures::agent("team-a", "reviewer", json!({"memory": {}}));
    let pod = pod_of("reviewer", json!({"nodeName": "n1"}), &json!({}));
    let own = "/apis/remanence.dev/v1alpha1/namespaces/team-a/memorystores/reviewer";
    let own_status = "/apis/remanence.dev/v1alpha1/namespaces/team-a/memorystores/reviewer/status";
    let mut object = deleted(held(fixtures::store("team-a", "reviewer", json!({}))));
    for (agents, uid, goes) in [
        (vec![], "uid-earlier", false),
        (vec![again.clone()], "uid-reviewer", false),
        (vec![again], "uid-earlier", true),
    ] {
        let owner = json!([{"apiVersion": "remanence.dev/v1alpha1", "kind": "Agent", "name": "reviewer", "uid": uid,
            "controller": true}]);
        object.metadata.owner_references = serde_json::from_value(owner).unwrap();
        let calls = if goes {
            vec![call("PATCH", own, answer(&object))]
        } else {
            vec![call("PUT", own_status, answer(&object)), event()]
        };
        let scene = Scene::new(
            fixtures::cluster(
                &agents,
                &[object.clone()],
                &[fixtures::class("standard")],
                &[pod.clone()],
            ),
            calls,
        );
        scene.reconcile(object.clone()).await;
        let sent = scene.sent().await;
        if goes {
            assert_eq!(sent[0]["metadata"]["finalizers"], json!([]));
        } else {
            assert_eq!(ready_condition(&sent[0]), ("True", "StillAttached"), "{uid}");
        }
    }
}

#[tokio::test]
async fn an_agents_own_store_is_made_and_waited_for() {
    let object = fixtures::agent("team-a", "reviewer", json!({"memory": {}}));
    let own = "/apis/remanence.dev/v1alpha1/namespaces/team-a/memorystores/reviewer";
    let status = "/apis/remanence.dev/v1alpha1/namespaces/team-a/agents/reviewer/status";
    let made = fixtures::store("team-a", "reviewer", json!({}));
    let scene = Scene::new(
        fixtures::cluster(&[object.clone()], &[], &[], &[]),
        vec![
            call("PATCH", own, answer(&made)),
            call("PUT", status, serde_json::to_value(&object).unwrap()),
        ],
    );
    agent::reconcile(Arc::new(object), scene.context.clone()).await.unwrap();
    let sent = scene.sent().await;
    assert_eq!(sent[0]["metadata"]["ownerReferences"][0]["kind"], "Agent");
    assert_eq!(ready_condition(&sent[1]), ("False", "StoreNotReady"));
}

#[tokio::test]
async fn of_a_new_agent_nothing_is_told_that_is_over_in_a_moment() {
    let mut object = fixtures::agent("team-a", "reviewer", json!({"memory": {}}));
    object.metadata.creation_timestamp = Some(Time("2025-12-31T23:59:56Z".parse().unwrap()));
    let own = "/apis/remanence.dev/v1alpha1/namespaces/team-a/memorystores/reviewer";
    let made = fixtures::store("team-a", "reviewer", json!({}));
    let scene = Scene::new(
        fixtures::cluster(&[object.clone()], &[], &[], &[]),
        vec![call("PATCH", own, answer(&made))],
    );
    let next = agent::reconcile(Arc::new(object), scene.context.clone()).await.unwrap();
    assert_ne!(next, Action::await_change());
    scene.sent().await;

    // What is wrong is told at once.
    let entry = json!({"name": "project", "storeRef": {"name": "project"}});
    let mut object = fixtures::agent("team-a", "reviewer", json!({"stores": [entry]}));
    object.metadata.creation_timestamp = Some(Time("2025-12-31T23:59:56Z".parse().unwrap()));
    let status = "/apis/remanence.dev/v1alpha1/namespaces/team-a/agents/reviewer/status";
    let told = call("PUT", status, serde_json::to_value(&object).unwrap());
    let scene = Scene::new(fixtures::cluster(&[object.clone()], &[], &[], &[]), vec![told, event()]);
    agent::reconcile(Arc::new(object), scene.context.clone()).await.unwrap();
    assert_eq!(ready_condition(&scene.sent().await[0]), ("False", "StoreNotFound"));
}

#[tokio::test]
async fn an_agent_that_may_less_than_it_wishes_says_so_in_condition_and_event_and_once() {
    let sharing = json!([{"namespaces": {"from": "Same"}, "maxAccess": "ReadOnly"}]);
    let store = fixtures::made(fixtures::store("team-a", "project", json!({"sharing": sharing})));
    let entry = json!({"name": "project", "storeRef": {"name": "project"}});
    let mut object = fixtures::agent("team-a", "reviewer", json!({"stores": [entry]}));
    let status = "/apis/remanence.dev/v1alpha1/namespaces/team-a/agents/reviewer/status";
    let told = call("PUT", status, serde_json::to_value(&object).unwrap());
    let scene = Scene::new(fixtures::cluster(&[], &[store], &[], &[]), vec![told, event()]);
    agent::reconcile(Arc::new(object.clone()), scene.context.clone())
        .await
        .unwrap();
    let cluster = scene.context.cluster.clone();
    let sent = scene.sent().await;
    assert_eq!(ready_condition(&sent[0]), ("True", "Ready"));
    let lowered = &sent[0]["status"]["conditions"][1];
    assert_eq!(
        (&lowered["type"], &lowered["status"]),
        (&json!("AccessLowered"), &json!("True"))
    );
    assert_eq!(
        (&sent[1]["type"], &sent[1]["reason"], &sent[1]["note"]),
        (&json!("Warning"), &json!("MaxAccess"), &lowered["message"])
    );

    // As an operator that starts anew finds it, with one thing more to tell.
    object.status = serde_json::from_value(sent[0]["status"].clone()).unwrap();
    object.status.as_mut().unwrap().pods = 1;
    let told = call("PUT", status, serde_json::to_value(&object).unwrap());
    let scene = Scene::new(cluster, vec![told]);
    agent::reconcile(Arc::new(object), scene.context.clone()).await.unwrap();
    scene.sent().await;
}

fn pod_of(agent: &str, spec: Value, metadata: &Value) -> Pod {
    let mut pod = json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": "p", "namespace": "team-a", "uid": "uid-p", "labels": {"remanence.dev/agent": agent}},
        "spec": {"containers": []},
    });
    for (key, value) in spec.as_object().unwrap() {
        pod["spec"][key] = value.clone();
    }
    for (key, value) in metadata.as_object().unwrap() {
        pod["metadata"][key] = value.clone();
    }
    serde_json::from_value(pod).unwrap()
}

fn gated(injection: &Injection, more: &[(&str, Value)]) -> Pod {
    let mut metadata = json!({"annotations": {"remanence.dev/injection": injection.fingerprint()}});
    for (key, value) in more {
        metadata[*key] = value.clone();
    }
    pod_of(
        "reviewer",
        json!({"schedulingGates": [{"name": "other"}, {"name": "remanence.dev/memory"}]}),
        &metadata,
    )
}

const POD: &str = "/api/v1/namespaces/team-a/pods/p";

#[tokio::test]
async fn a_gate_is_lifted_once_all_is_there() {
    let agent = fixtures::agent("team-a", "reviewer", json!({}));
    let waiting = gated(&Injection::of(Some(&agent)), &[]);
    let scene = Scene::new(
        fixtures::cluster(&[agent], &[], &[], &[waiting.clone()]),
        vec![call("PATCH", POD, serde_json::to_value(&waiting).unwrap())],
    );
    pod::reconcile(Arc::new(waiting), scene.context.clone()).await.unwrap();
    let sent = scene.sent().await;
    assert_eq!(sent[0][2], json!({"op": "remove", "path": "/spec/schedulingGates/1"}));
}

#[tokio::test]
async fn a_pod_that_waits_says_for_what_and_says_it_once() {
    let strict = fixtures::agent("team-a", "reviewer", json!({"serviceAccountNames": ["bot"]}));
    let wants = fixtures::agent(
        "team-a",
        "reviewer",
        json!({"stores": [{"name": "x", "storeRef": {"name": "absent"}}]}),
    );
    let by_agent: [(Option<Agent>, &str); 3] = [
        (None, "AgentNotFound"),
        (Some(strict), "ServiceAccountNotAllowed"),
        (Some(wants), "StoreNotFound"),
    ];
    for (agent, reason) in by_agent {
        let waiting = Arc::new(gated(&Injection::of(agent.as_ref()), &[]));
        let agents: Vec<Agent> = agent.into_iter().collect();
        let scene = Scene::new(fixtures::cluster(&agents, &[], &[], &[]), vec![event()]);
        pod::reconcile(waiting.clone(), scene.context.clone()).await.unwrap();
        pod::reconcile(waiting, scene.context.clone()).await.unwrap();
        assert_eq!(scene.sent().await[0]["reason"], reason);
    }
}

#[tokio::test]
async fn a_pod_from_before_its_agent_is_made_again_by_its_owner() {
    let agent = fixtures::agent("team-a", "reviewer", json!({"sessions": {"mountPath": "/s"}}));
    let owner = json!([{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "r", "uid": "u", "controller": true}]);
    let plain = Injection::of(None);
    let cluster = || fixtures::cluster(std::slice::from_ref(&agent), &[], &[], &[]);

    let owned = gated(&plain, &[("ownerReferences", owner)]);
    let scene = Scene::new(
        cluster(),
        vec![event(), call("DELETE", POD, serde_json::to_value(&owned).unwrap())],
    );
    pod::reconcile(Arc::new(owned), scene.context.clone()).await.unwrap();
    assert_eq!(scene.sent().await[1]["preconditions"]["uid"], "uid-p");

    // Nobody would make this one again.
    let scene = Scene::new(cluster(), vec![event()]);
    pod::reconcile(Arc::new(gated(&plain, &[])), scene.context.clone())
        .await
        .unwrap();
    assert!(
        scene.sent().await[0]["note"]
            .as_str()
            .unwrap()
            .contains("delete the pod and create it again")
    );
}

#[tokio::test]
async fn a_store_per_customer_is_made_when_a_pod_asks() {
    let agent = fixtures::agent(
        "team-a",
        "reviewer",
        json!({"stores": [{"name": "c", "storeRef": {"fromPodLabel": "x/c"}, "create": true}]}),
    );
    let labels: HashMap<&str, &str> = [("remanence.dev/agent", "reviewer"), ("x/c", "acme")].into();
    let waiting = gated(&Injection::of(Some(&agent)), &[("labels", json!(labels))]);
    let acme = "/apis/remanence.dev/v1alpha1/namespaces/team-a/memorystores/acme";
    let made = fixtures::store("team-a", "acme", json!({}));
    let scene = Scene::new(
        fixtures::cluster(&[agent], &[], &[], &[]),
        vec![call("PATCH", acme, answer(&made)), event(), event()],
    );
    pod::reconcile(Arc::new(waiting), scene.context.clone()).await.unwrap();
    assert!(scene.sent().await[0]["metadata"]["ownerReferences"].is_null());
}

#[tokio::test]
async fn a_store_that_a_running_pods_label_names_since_it_changed_is_made() {
    let agent = fixtures::agent(
        "team-a",
        "reviewer",
        json!({"stores": [{"name": "c", "storeRef": {"fromPodLabel": "x/c"}, "create": true}]}),
    );
    let labels = json!({"remanence.dev/agent": "reviewer", "x/c": "project"});
    let mut running = gated(&Injection::of(Some(&agent)), &[("labels", labels)]);
    running.spec.as_mut().unwrap().scheduling_gates = None;
    let mut ended = running.clone();
    ended.status = Some(serde_json::from_value(json!({"phase": "Succeeded"})).unwrap());
    let mut stranger = running.clone();
    stranger.metadata.annotations = None;
    for (pod, stores, calls) in [
        (
            running.clone(),
            vec![],
            vec![call("PATCH", PROJECT, answer(&project())), event()],
        ),
        (running.clone(), vec![fixtures::made(project())], vec![]),
        (running, vec![], vec![failing("PATCH", PROJECT, 403), event()]),
        (ended, vec![], vec![]),
        (stranger, vec![], vec![]),
    ] {
        let scene = Scene::new(fixtures::cluster(&[agent.clone()], &stores, &[], &[]), calls);
        pod::reconcile(Arc::new(pod), scene.context.clone()).await.unwrap();
        scene.sent().await;
    }
}

#[tokio::test]
async fn a_store_that_an_agent_asks_for_by_name_waits_for_no_pod() {
    let object = fixtures::agent(
        "team-a",
        "reviewer",
        json!({"stores": [
            {"name": "a", "storeRef": {"name": "project"}, "create": true},
            {"name": "c", "storeRef": {"fromPodLabel": "x/c"}, "create": true},
        ]}),
    );
    let status = "/apis/remanence.dev/v1alpha1/namespaces/team-a/agents/reviewer/status";
    let told = || call("PUT", status, serde_json::to_value(&object).unwrap());
    let cluster = || fixtures::cluster(&[object.clone()], &[], &[], &[]);

    let scene = Scene::new(
        cluster(),
        vec![call("PATCH", PROJECT, answer(&project())), event(), told()],
    );
    let next = agent::reconcile(Arc::new(object.clone()), scene.context.clone())
        .await
        .unwrap();
    assert_eq!(next, Action::await_change());
    let sent = scene.sent().await;
    assert!(sent[0]["metadata"]["ownerReferences"].is_null());
    assert_eq!(sent[0]["metadata"]["annotations"]["remanence.dev/made-for"], "reviewer");
    assert_eq!(sent[1]["reason"], "StoreMade");
    assert_eq!(ready_condition(&sent[2]), ("False", "StoreNotReady"));

    // A quota, say.
    let scene = Scene::new(cluster(), vec![failing("PATCH", PROJECT, 403), told(), event()]);
    let next = agent::reconcile(Arc::new(object.clone()), scene.context.clone())
        .await
        .unwrap();
    assert_ne!(next, Action::await_change());
    let sent = scene.sent().await;
    assert_eq!(ready_condition(&sent[1]), ("False", "StoreNotReady"));
    assert_eq!(
        (&sent[2]["type"], &sent[2]["note"]),
        (&json!("Warning"), &json!("the store project can't be made: no"))
    );
}

#[tokio::test]
async fn a_pod_whose_store_is_refused_says_so_and_asks_again() {
    let agent = fixtures::agent(
        "team-a",
        "reviewer",
        json!({"stores": [{"name": "c", "storeRef": {"fromPodLabel": "x/c"}, "create": true}]}),
    );
    let labels = json!({"remanence.dev/agent": "reviewer", "x/c": "project"});
    let waiting = gated(&Injection::of(Some(&agent)), &[("labels", labels)]);
    let scene = Scene::new(
        fixtures::cluster(&[agent], &[], &[], &[]),
        vec![failing("PATCH", PROJECT, 403), event()],
    );
    let next = pod::reconcile(Arc::new(waiting), scene.context.clone()).await.unwrap();
    assert_ne!(next, Action::await_change());
    let note = scene.sent().await[1]["note"].clone();
    assert_eq!(note, "waiting for its memory: the store project can't be made: no");
}

#[tokio::test]
async fn a_class_tells_whether_its_bucket_can_be_used() {
    let mut object = fixtures::class("standard");
    object.status = None;
    let status = "/apis/remanence.dev/v1alpha1/memorystoreclasses/standard/status";
    let events = "/apis/events.k8s.io/v1/namespaces/default/events";
    for (broken, expected) in [(false, ("True", "Ready")), (true, ("False", "PlaceMalformed"))] {
        let scene = Scene::new(
            fixtures::cluster(&[], &[], &[object.clone()], &[]),
            vec![
                call("PUT", status, serde_json::to_value(&object).unwrap()),
                call("POST", events, json!({"metadata": {}, "eventTime": null})),
            ],
        );
        *scene.bucket.broken.lock() = broken;
        class::reconcile(Arc::new(object.clone()), scene.context.clone())
            .await
            .unwrap();
        assert_eq!(ready_condition(&scene.sent().await[0]), expected);
    }
}
