//! What is removed from a bucket: once a day what is past its time, and with its object a store whose object says so.

use jiff::Timestamp;
use remanence_store::intent::{Base, Create, Entry, Intent, Piece};
use remanence_store::op::Place;
use remanence_store::{Author, FileId};

use super::dreams::open;
use super::*;

/// Commits a file.
pub(super) async fn write(bucket: &Folder, name: &str) {
    let store = open(bucket).await;
    let put = Intent::Put {
        file: FileId::random(store.random()),
        path: format!("/{name}"),
        create: Some(Create::at(Place {
            parent: FileId::ROOT,
            name: name.to_owned(),
        })),
        base: Base::Nothing,
        content: vec![Piece::New("{}\n".into())],
        mode: None,
        mtime: None,
        expect: None,
    };
    let entry = Entry::new(Author::agent("reviewer"), vec![put]);
    store.commit_all(entry).await.unwrap();
    store.close().await;
}

/// What a file says, if it is there.
async fn read(bucket: &Folder, name: &str) -> Option<String> {
    let store = open(bucket).await;
    let tree = store.tree();
    let content = tree.lookup(&format!("/{name}"))?.content()?;
    let bytes = store.read_all(content).await.unwrap();
    Some(String::from_utf8(bytes.to_vec()).unwrap())
}

/// The object after a look at it, which has something to tell.
pub(super) async fn look(bucket: &Arc<Folder>, object: &MemoryStore, now: Clock) -> MemoryStore {
    let cluster = fixtures::cluster(&[], &[object.clone()], &[fixtures::class("standard")], &[]);
    let told = call("PUT", PROJECT_STATUS, answer(object));
    let mut scene = Scene::in_bucket(cluster, bucket.clone(), vec![told]);
    Arc::get_mut(&mut scene.context).unwrap().now = now;
    scene.reconcile(object.clone()).await;
    let status = scene.sent().await[0]["status"].take();
    MemoryStore {
        status: serde_json::from_value(status).unwrap(),
        ..object.clone()
    }
}

fn at(time: &str) -> Timestamp {
    time.parse().unwrap()
}

fn maintained(object: &MemoryStore) -> Option<Timestamp> {
    object.status.as_ref()?.last_maintenance.as_ref().map(|time| time.0)
}

/// Commits are made by the clock of the machine, so that all of this is far in the future.
#[tokio::test]
async fn once_a_day_sessions_that_are_past_their_expiry_go_and_no_others() {
    // The last one but one is from before the schema had a limit: longer than there is a calendar.
    for (expiry, stays) in [
        (json!("30d"), false),
        (json!("5000w"), true),
        (json!("9999999d"), true),
        (Value::Null, true),
    ] {
        let bucket = Folder::new();
        let spec = json!({"purpose": "Sessions", "expiry": expiry});
        let mut new = held(fixtures::store("team-a", "project", spec));
        new.metadata.creation_timestamp = serde_json::from_value(json!("2099-12-31T00:00:00Z")).unwrap();
        let made = look(&bucket, &new, || at("2099-12-31T00:00:00Z")).await;
        assert_eq!(maintained(&made), None);

        write(&bucket, "one.jsonl").await;
        let there = Some("{}\n".to_owned());
        let left = there.clone().filter(|_| stays);
        let first = look(&bucket, &made, || at("2100-01-01T00:00:00Z")).await;
        let when = Some(at("2100-01-01T00:00:00Z"));
        assert_eq!(maintained(&first), when);
        assert_eq!(read(&bucket, "one.jsonl").await, left, "{expiry}");

        write(&bucket, "two.jsonl").await;
        let second = look(&bucket, &first, || at("2100-01-01T23:59:59Z")).await;
        assert_eq!(maintained(&second), when, "it was done on that day");
        assert_eq!(read(&bucket, "two.jsonl").await, there, "{expiry}");

        let third = look(&bucket, &second, || at("2100-01-02T00:00:00Z")).await;
        assert_eq!(maintained(&third), Some(at("2100-01-02T00:00:00Z")));
        assert_eq!(read(&bucket, "two.jsonl").await, left, "{expiry}");
    }
}

#[tokio::test]
async fn a_store_that_can_not_be_maintained_says_so_in_condition_and_event_and_says_nothing_else() {
    let bucket = Folder::new();
    let mut new = held(fixtures::store("team-a", "project", json!({})));
    new.metadata.creation_timestamp = serde_json::from_value(json!("2099-12-31T00:00:00Z")).unwrap();
    let made = look(&bucket, &new, || at("2099-12-31T00:00:00Z")).await;
    let condition = json!({"type": "Maintained", "status": "False", "reason": "NotMaintained", "message": "",
        "lastTransitionTime": "2100-01-01T00:00:00Z"});
    let mut known = made.clone();
    let conditions = &mut known.status.as_mut().unwrap().conditions;
    conditions.push(serde_json::from_value(condition).unwrap());

    let cluster = fixtures::cluster(&[], &[], &[fixtures::class("standard")], &[]);
    let told = || call("PUT", PROJECT_STATUS, answer(&made));
    let mut scene = Scene::in_bucket(cluster, bucket.clone(), vec![event(), told(), told(), told()]);
    let looks: [(&MemoryStore, Clock, bool); 3] = [
        (&made, || at("2100-01-01T00:00:00Z"), true),
        // It is tried again after an hour.
        (&known, || at("2100-01-01T00:59:59Z"), true),
        (&known, || at("2100-01-01T01:00:00Z"), false),
    ];
    for (object, now, append_only) in looks {
        *bucket.append_only.lock() = append_only;
        Arc::get_mut(&mut scene.context).unwrap().now = now;
        scene.reconcile(object.clone()).await;
    }
    let sent = scene.sent().await;
    assert_eq!(
        (&sent[0]["type"], &sent[0]["reason"]),
        (&json!("Warning"), &json!("NotMaintained"))
    );
    for (told, holds, reason, when) in [
        (&sent[1], "False", "NotMaintained", Value::Null),
        // Not known to be told: told again, and nothing was tried.
        (&sent[2], "False", "NotMaintained", Value::Null),
        (&sent[3], "True", "Maintained", json!("2100-01-01T01:00:00Z")),
    ] {
        assert_eq!(ready_condition(told), ("True", "Ready"));
        let condition = &told["status"]["conditions"][1];
        assert_eq!(
            (&condition["status"], &condition["reason"]),
            (&json!(holds), &json!(reason))
        );
        assert_eq!(told["status"]["lastMaintenance"], when);
    }
}

#[tokio::test]
async fn what_was_done_is_told_by_the_next_look_where_the_object_changed_meanwhile() {
    let bucket = Folder::new();
    let mut new = held(fixtures::store("team-a", "project", json!({})));
    new.metadata.creation_timestamp = serde_json::from_value(json!("2099-12-31T00:00:00Z")).unwrap();
    let made = look(&bucket, &new, || at("2099-12-31T00:00:00Z")).await;
    let mut changed = made.clone();
    changed.metadata.resource_version = Some("2".to_owned());

    let cluster = fixtures::cluster(&[], &[], &[fixtures::class("standard")], &[]);
    let conflict = failing("PUT", PROJECT_STATUS, 409);
    let told = call("PUT", PROJECT_STATUS, answer(&made));
    let mut scene = Scene::in_bucket(cluster, bucket.clone(), vec![conflict, told]);
    let looks: [(&MemoryStore, Clock); 2] = [
        (&made, || at("2100-01-01T00:00:00Z")),
        (&changed, || at("2100-01-01T00:00:01Z")),
    ];
    for (object, now) in looks {
        Arc::get_mut(&mut scene.context).unwrap().now = now;
        scene.reconcile(object.clone()).await;
    }
    let sent = scene.sent().await;
    for (told, version) in sent.iter().zip(["1", "2"]) {
        assert_eq!(told["metadata"]["resourceVersion"], version);
        assert_eq!(told["status"]["lastMaintenance"], "2100-01-01T00:00:00Z");
        assert_eq!(told["status"]["conditions"][1]["reason"], "Maintained");
    }
}

#[tokio::test]
async fn a_deleted_store_takes_its_data_along_where_its_object_says_so_and_nowhere_else() {
    for (policy, stays) in [("Retain", true), ("Delete", false)] {
        let object = held(fixtures::store("team-a", "project", json!({"deletionPolicy": policy})));
        let cluster = fixtures::cluster(&[], &[object.clone()], &[fixtures::class("standard")], &[]);
        let calls = vec![
            call("PUT", PROJECT_STATUS, answer(&object)),
            call("PATCH", PROJECT, answer(&object)),
        ];
        let scene = Scene::new(cluster, calls);
        let bucket = scene.bucket.clone();
        scene.reconcile(object.clone()).await;
        write(&bucket, "a.md").await;
        scene.reconcile(deleted(object)).await;
        let sent = scene.sent().await;
        assert_eq!(sent[1]["metadata"]["finalizers"], json!([]));

        let id = sent[0]["status"]["storeId"].as_str().unwrap();
        let place = StoreUrl::of_directory(&bucket.root.path().join("team-a/project"));
        let backend = place.connect().await.unwrap();
        let left = backend.read.list(&format!("{id}/"), None, 100).await.unwrap();
        assert_eq!(!left.is_empty(), stays, "{policy}: {left:?}");
        // That the id was used is known for good.
        let manifests = backend.read.list("store/", None, 100).await.unwrap();
        assert_eq!(manifests.len(), 2, "{policy}");
    }
}
