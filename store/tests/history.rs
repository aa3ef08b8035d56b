//! The log of a file, a folder and the store, and what one change did.

#![allow(clippy::unwrap_used)]

mod common;

use common::{Agent, World};
use remanence_store::diff::{Change, diff, show};
use remanence_store::history::{LogQuery, log, tree_at};
use remanence_store::intent::{Base, Intent};
use remanence_store::op::Merged;
use remanence_store::{At, StoreError};

async fn entries(agent: &Agent, path: &str) -> Vec<String> {
    let entries = log(&agent.store, &LogQuery::of(path)).await.unwrap();
    entries
        .iter()
        .map(|e| format!("{} {} {}", e.version.seq, e.op, e.path))
        .collect()
}

async fn remove_folder(agent: &Agent, path: &str) {
    let rmdir = Intent::Rmdir {
        file: agent.id(path),
        path: path.into(),
    };
    agent.one(rmdir).await.unwrap();
}

#[tokio::test]
async fn a_file_is_followed_through_renames_and_its_earlier_lives() {
    let world = World::new();
    let a = world.mount("a").await;
    a.create("/x", "first life\n").await.unwrap();
    let first = a.id("/x");
    a.remove("/x", first, Base::Head).await.unwrap();
    a.create("/x", "second life\n").await.unwrap();
    let id = a.id("/x");
    a.create("/other", "no part of it\n").await.unwrap();
    a.rename("/x", "/y", id, Base::Head).await.unwrap();
    a.append("/y", id, a.served("/y"), "more\n").await.unwrap();
    let all = ["6 append /y", "5 rename /y", "3 put /x", "2 remove /x", "1 put /x"];
    assert_eq!(entries(&a, "/y").await, all);
    // The path it had: from where it left.
    assert_eq!(entries(&a, "/x").await, all[1..]);
    let error = log(&a.store, &LogQuery::of("/never")).await.unwrap_err();
    assert!(matches!(error, StoreError::NotFound { .. }), "{error}");
}

#[tokio::test]
async fn an_atomic_save_stays_one_history() {
    let world = World::new();
    let a = world.mount("a").await;
    a.create("/x", "one\n").await.unwrap();
    let over = a.served("/x");
    a.create("/x.tmp", "two\n").await.unwrap();
    a.rename("/x.tmp", "/x", a.id("/x.tmp"), over).await.unwrap();
    assert_eq!(entries(&a, "/x").await, ["3 put /x", "1 put /x"]);
}

#[tokio::test]
async fn a_folder_is_followed_through_its_renames() {
    let world = World::new();
    let a = world.mount("a").await;
    a.mkdir("/p").await.unwrap();
    a.mkdir("/p/d").await.unwrap();
    a.create("/p/d/x", "x\n").await.unwrap();
    a.create("/outside", "o\n").await.unwrap();
    a.rename("/p", "/q", a.id("/p"), Base::Head).await.unwrap();
    a.rename("/q/d/x", "/x", a.id("/q/d/x"), Base::Head).await.unwrap();
    let all = ["6 rename /x", "5 rename /q", "3 put /p/d/x", "2 mkdir /p/d"];
    assert_eq!(entries(&a, "/q/d").await, all);
    remove_folder(&a, "/q/d").await;
    assert_eq!(entries(&a, "/q/d").await[1..], all);
    assert_eq!(entries(&a, "/").await.len(), 7);
}

#[tokio::test]
async fn a_long_log_is_read_from_its_end_and_only_as_far_as_asked() {
    let world = World::new();
    let a = world.mount("a").await;
    a.create("/x", "").await.unwrap();
    for n in 0..300 {
        a.append("/x", a.id("/x"), a.served("/x"), &format!("{n}\n"))
            .await
            .unwrap();
    }
    let query = LogQuery {
        limit: 5,
        ..LogQuery::of("/x")
    };
    let none = LogQuery {
        limit: 0,
        ..LogQuery::of("/x")
    };
    assert_eq!(log(&a.store, &none).await.unwrap(), []);
    let newest: Vec<_> = log(&a.store, &query)
        .await
        .unwrap()
        .iter()
        .map(|e| e.version.seq)
        .collect();
    assert_eq!(newest, [301, 300, 299, 298, 297]);
    let query = LogQuery {
        at: Some(At { seq: 100, op: None }),
        ..LogQuery::of("/x")
    };
    let until = log(&a.store, &query).await.unwrap();
    assert_eq!((until.len(), until[0].version.seq, until[99].op), (100, 100, "put"));
}

#[tokio::test]
async fn merges_are_told_in_the_log() {
    let world = World::new();
    let (a, b) = (world.mount("a").await, world.mount("b").await);
    a.create("/x", "one\ntwo\nthree\n").await.unwrap();
    b.store.sync().await.unwrap();
    let (id, base) = (a.id("/x"), a.served("/x"));
    a.edit("/x", id, base.clone(), "ONE\ntwo\nthree\n").await.unwrap();
    b.edit("/x", id, base, "one\ntwo\nTHREE\n").await.unwrap();
    let entries = log(&b.store, &LogQuery::of("/x")).await.unwrap();
    assert_eq!(entries[0].merged, Some(Merged::Lines));
    assert_eq!(entries[0].author.name(), "b");
}

#[tokio::test]
async fn a_change_is_shown_with_what_it_changed_and_nothing_else() {
    let world = World::new();
    let a = world.mount("a").await;
    a.create("/x", "one\ntwo\n").await.unwrap();
    a.create("/y", "y\n").await.unwrap();
    let id = a.id("/x");
    a.edit("/x", id, a.served("/x"), "one\n2\n").await.unwrap();
    a.rename("/x", "/z", id, Base::Head).await.unwrap();
    let shown = show(&a.store, "/", At { seq: 3, op: None }).await.unwrap();
    assert_eq!(shown.files.len(), 1);
    let file = &shown.files[0];
    assert_eq!((file.change, file.added, file.removed), (Change::Changed, 1, 1));
    assert!(file.text.as_ref().unwrap().contains("-two\n+2\n"), "{file:?}");
    // By the name it has now, too.
    let by_name = show(&a.store, "/z", At { seq: 3, op: Some(1) }).await.unwrap();
    assert_eq!(by_name.files, shown.files);
    let renamed = show(&a.store, "/", At { seq: 4, op: None }).await.unwrap();
    assert_eq!(renamed.files[0].change, Change::Renamed);
    assert_eq!(renamed.files[0].from.as_deref(), Some("/x"));
}

#[tokio::test]
async fn two_moments_differ_by_file() {
    let world = World::new();
    let a = world.mount("a").await;
    a.create("/gone", "g\n").await.unwrap();
    a.create("/again", "1\n").await.unwrap();
    a.create("/same", "s\n").await.unwrap();
    a.create("/bin", "a\0b").await.unwrap();
    let then = a.store.tree().seq;
    a.remove("/gone", a.id("/gone"), Base::Head).await.unwrap();
    a.remove("/again", a.id("/again"), Base::Head).await.unwrap();
    a.create("/again", "2\n").await.unwrap();
    a.create("/new", "n").await.unwrap();
    a.edit("/bin", a.id("/bin"), a.served("/bin"), "a\0c").await.unwrap();
    let old = tree_at(&a.store, At { seq: then, op: None }).await.unwrap();
    let files = diff(&a.store, &old, &a.store.tree(), "/").await.unwrap();
    let short: Vec<_> = files.iter().map(|f| (f.path.as_str(), f.change)).collect();
    assert_eq!(
        short,
        [
            ("/again", Change::Changed),
            ("/bin", Change::Changed),
            ("/gone", Change::Removed),
            ("/new", Change::Added)
        ]
    );
    assert_eq!(files[1].note.as_deref(), Some("binary"));
    assert!(files[3].text.as_ref().unwrap().contains("\\ No newline at end of file"));
    // Before the first commit there was nothing.
    let nothing = tree_at(&a.store, At { seq: 0, op: None }).await.unwrap();
    assert_eq!(diff(&a.store, &nothing, &old, "/").await.unwrap().len(), 4);
}
