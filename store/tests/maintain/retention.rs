use std::time::Duration;

use remanence_store::backend::counted::Counted;
use remanence_store::clock::Clock;
use remanence_store::history::{Gone, LogQuery, log};
use remanence_store::intent::Base;
use remanence_store::maintain::maintain;
use remanence_store::{At, StoreError, slot};

use crate::shop::{DAY, Shop, check, open};

#[tokio::test]
async fn versions_superseded_longer_ago_than_kept_are_dropped_and_the_newest_stays() {
    let shop = Shop::new();
    let a = shop.agent("a").await;
    a.create("/notes.md", "first draft\n").await.unwrap();
    let notes = a.id("/notes.md");
    a.edit("/notes.md", notes, Base::Head, "second draft\n").await.unwrap();
    shop.clock.turn(DAY / 2);
    a.edit("/notes.md", notes, Base::Head, "third draft\n").await.unwrap();
    shop.clock.turn(DAY * 3 / 4);

    // The first was superseded more than a day ago; the second, which then was the newest, less.
    let report = shop.maintain().await;
    assert_eq!((report.horizon, report.versions_dropped, report.condemned), (2, 1, 1));
    assert_eq!(shop.holding("first draft").len(), 1, "gone before its time");
    let report = shop.maintain().await;
    assert_eq!((report.slots_stubbed, report.bytes_freed), (1, 12));
    assert!(shop.holding("first draft").is_empty());

    let past = check(&a.store).await;
    assert_eq!(past[&2]["/notes.md"].1.as_deref(), Some("second draft\n"));
    assert_eq!(a.text("/notes.md").await.as_deref(), Some("third draft\n"));
    let too_old = a.store.tree_at(At { seq: 1, op: None }).await.unwrap_err();
    assert!(matches!(too_old, StoreError::NoVersion { .. }), "{too_old}");

    // Who and when remain.
    let entries = log(&a.store, &LogQuery::of("/notes.md")).await.unwrap();
    let told: Vec<_> = entries.iter().map(|e| (e.version.seq, e.gone)).collect();
    assert_eq!(told, [(3, None), (2, None), (1, Some(Gone::Retention))]);
    let header = a.store.headers(1..2).await.unwrap().remove(0).header;
    assert_eq!((header.author.name(), header.ops[0].path()), ("a", Some("/notes.md")));
    let stub = shop.objects(&slot::key(1)).into_values().next().unwrap();
    assert_eq!(slot::stub(1, &stub.clone().into()).unwrap(), stub);
}

#[tokio::test]
async fn nothing_is_dropped_while_it_is_kept() {
    let shop = Shop::new();
    let a = shop.agent("a").await;
    a.create("/notes.md", "first\n").await.unwrap();
    let notes = a.id("/notes.md");
    a.edit("/notes.md", notes, Base::Head, "second\n").await.unwrap();
    a.remove("/notes.md", notes, Base::Head).await.unwrap();
    shop.clock.turn(DAY.checked_sub(Duration::from_secs(1)).unwrap());
    let before = check(&a.store).await;
    let report = shop.maintain().await;
    assert_eq!((report.versions_dropped, report.condemned), (0, 0));
    assert_eq!(check(&a.store).await, before);
}

#[tokio::test]
async fn a_live_file_that_nobody_touches_is_never_dropped() {
    let shop = Shop::new();
    let a = shop.agent("a").await;
    a.create("/kept.md", "for ever\n").await.unwrap();
    a.create("/gone.md", "not for ever\n").await.unwrap();
    a.remove("/gone.md", a.id("/gone.md"), Base::Head).await.unwrap();
    for _ in 0..6 {
        shop.clock.turn(DAY * 400);
        shop.maintain().await;
    }
    assert_eq!(a.text("/kept.md").await.as_deref(), Some("for ever\n"));
    assert!(shop.holding("not for ever").is_empty());
    check(&a.store).await;
}

#[tokio::test]
async fn a_run_with_nothing_to_do_makes_no_commit_and_few_requests() {
    let shop = Shop::new();
    let a = shop.agent("a").await;
    for n in 0..150 {
        a.create(&format!("/{n}.md"), &format!("file {n}\n")).await.unwrap();
    }
    for n in 0..50 {
        a.edit(&format!("/{n}.md"), a.id(&format!("/{n}.md")), Base::Head, "edited\n")
            .await
            .unwrap();
    }
    shop.clock.turn(DAY * 2);
    shop.settle().await;
    let counted = Counted::new();
    let store = open(counted.wrap(shop.backend()), &shop.clock).await;
    let (seq, before) = (store.tree().seq, counted.snapshot());
    let report = maintain(&store, DAY, shop.clock.now()).await.unwrap();
    let used = counted.snapshot() - before;
    assert_eq!(store.tree().seq, seq, "{report:?}");
    assert!(used.requests() <= 6, "{used}");
    assert_eq!(
        used.put.requests + used.put_if_absent.requests + used.delete.requests,
        0,
        "{used}"
    );

    // A day on, with one edit, it takes few as well.
    a.edit("/0.md", a.id("/0.md"), Base::Head, "again\n").await.unwrap();
    let before = counted.snapshot();
    maintain(&store, DAY, shop.clock.now()).await.unwrap();
    let used = counted.snapshot() - before;
    assert!(used.requests() <= 16, "{used}");
}

#[tokio::test]
async fn what_a_killed_writer_uploaded_goes_a_generation_later() {
    let shop = Shop::new();
    let a = shop.agent("a").await;
    a.create("/big.bin", &"x".repeat(90_000)).await.unwrap();
    let data = a.store.key(&format!("data/{:032x}", 7));
    let append = a.store.backend().append.clone().unwrap();
    append.put_if_absent(&data, "orphan".into()).await.unwrap();
    assert_eq!(shop.maintain().await.condemned, 1);
    assert_eq!(shop.objects("data/").len(), 2);
    let report = shop.maintain().await;
    assert_eq!((report.objects_deleted, report.bytes_freed), (1, 6));
    assert_eq!(shop.objects("data/").len(), 1);
    assert_eq!(a.text("/big.bin").await.unwrap().len(), 90_000);
    check(&a.store).await;
}

#[tokio::test]
async fn a_handle_without_the_right_is_told_so() {
    let shop = Shop::new();
    shop.agent("a").await;
    let store = open(shop.backend().without_maintain(), &shop.clock).await;
    let error = maintain(&store, DAY, shop.clock.now()).await.unwrap_err();
    assert!(matches!(error, StoreError::NoMaintain { .. }), "{error}");
}

#[tokio::test]
async fn indexes_that_no_retained_state_needs_are_deleted() {
    let shop = Shop::new();
    let a = shop.agent("a").await;
    for n in 0..3 {
        a.create(&format!("/{n}.md"), "text\n").await.unwrap();
        a.store.write_index().await.unwrap();
    }
    shop.clock.turn(DAY * 2);
    let seq = a.store.tree().seq;
    a.edit("/0.md", a.id("/0.md"), Base::Head, "changed\n").await.unwrap();
    shop.clock.turn(DAY * 2);
    shop.settle().await;
    let left = shop.objects("index/");
    assert_eq!(left.len(), 1, "{:?}", left.keys());
    assert!(left.keys().next().unwrap().ends_with(&(u64::MAX - seq).to_string()));
    check(&open(shop.backend(), &shop.clock).await).await;
}
