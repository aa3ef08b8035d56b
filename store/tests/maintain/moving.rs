use std::collections::BTreeMap;
use std::ops::Range;

use remanence_store::FileId;
use remanence_store::content::ObjectRef;
use remanence_store::intent::{Base, Intent};

use crate::common::Agent;
use crate::shop::{DAY, Shop, check};

fn extents(agent: &Agent, path: &str) -> Vec<remanence_store::content::Extent> {
    agent
        .store
        .tree()
        .lookup(path)
        .unwrap()
        .content()
        .unwrap()
        .extents
        .clone()
}

/// Appends of a line each.
fn appends(path: &str, file: FileId, lines: Range<usize>) -> Vec<Intent> {
    lines
        .map(|n| Intent::Append {
            file,
            path: path.to_owned(),
            base: Base::Head,
            bytes: format!("line {n}\n").into(),
            mtime: None,
        })
        .collect()
}

#[tokio::test]
async fn small_files_of_a_folder_move_out_of_old_slots_into_one_object() {
    let shop = Shop::new();
    let a = shop.agent("a").await;
    a.mkdir("/x").await.unwrap();
    a.mkdir("/y").await.unwrap();
    for n in 0..20 {
        a.create(&format!("/x/{n:02}.md"), &format!("x{n}\n")).await.unwrap();
        a.create(&format!("/y/{n:02}.md"), &format!("y{n}\n")).await.unwrap();
    }
    shop.clock.turn(DAY * 2);
    shop.settle().await;
    check(&a.store).await;
    let objects = shop.objects("data/");
    assert_eq!(objects.len(), 1);
    let text = String::from_utf8(objects.into_values().next().unwrap()).unwrap();
    assert!(
        text.starts_with("x0\nx1\nx2\n") && text.ends_with("y18\ny19\n"),
        "{text}"
    );
    // The slots are stubs: headers alone.
    for (key, slot) in shop.objects("/log/") {
        assert_eq!(slot.iter().position(|b| *b == b'\n'), Some(slot.len() - 1), "{key}");
    }
    assert_eq!(a.text("/y/07.md").await.as_deref(), Some("y7\n"));
}

#[tokio::test]
async fn thousands_of_appended_extents_become_few_and_old_versions_stay_readable() {
    let shop = Shop::new();
    let a = shop.agent("a").await;
    a.create("/log.jsonl", "line 0\n").await.unwrap();
    let log = a.id("/log.jsonl");
    for n in 1..100 {
        a.append("/log.jsonl", log, Base::Head, &format!("line {n}\n"))
            .await
            .unwrap();
    }
    let before = check(&a.store).await;
    let text = a.text("/log.jsonl").await;
    // Within retention, too: it is only placement that changes.
    let report = shop.maintain().await;
    assert_eq!((report.extents_joined, report.versions_dropped), (100, 0));
    assert_eq!(a.text("/log.jsonl").await, text);
    assert_eq!(extents(&a, "/log.jsonl").len(), 1);
    let after = check(&a.store).await;
    for (seq, texts) in before {
        assert_eq!(after[&seq], texts);
    }
    // The mount goes on appending, also on what it knew before.
    a.append("/log.jsonl", log, Base::Head, "line 100\n").await.unwrap();
    assert_eq!(a.text("/log.jsonl").await, text.map(|t| t + "line 100\n"));
    shop.settle().await;
    check(&a.store).await;
}

#[tokio::test]
async fn a_file_that_is_joined_again_keeps_its_history() {
    let shop = Shop::new();
    let a = shop.agent("a").await;
    a.create("/log.jsonl", "line 0\n").await.unwrap();
    let log = a.id("/log.jsonl");
    let mut before = BTreeMap::new();
    for (from, to) in [(1, 40), (40, 80), (80, 120)] {
        for n in (from..to).step_by(10) {
            let done = a.run(appends("/log.jsonl", log, n..to.min(n + 10))).await;
            assert!(done.iter().all(Result::is_ok), "{done:?}");
        }
        before.extend(check(&a.store).await);
        // What was joined before moves on as one extent; the states from before that name its parts.
        assert!(shop.maintain().await.extents_joined >= 40);
    }
    shop.settle().await;
    let after = check(&a.store).await;
    for (seq, texts) in before {
        assert_eq!(after[&seq], texts);
    }
    // Past retention, what only they are read from goes.
    shop.clock.turn(DAY * 2);
    shop.settle().await;
    check(&a.store).await;
    assert_eq!(shop.objects("data/").len(), 1);
}

#[tokio::test]
async fn packs_that_are_packed_again_keep_the_history_of_what_was_joined_in_them() {
    let shop = Shop::new();
    let a = shop.agent("a").await;
    for file in 0..16 {
        let path = format!("/{file}.jsonl");
        a.create(&path, "line 0\n").await.unwrap();
        let log = a.id(&path);
        let done = a.run(appends(&path, log, 1..32)).await;
        assert!(done.iter().all(Result::is_ok), "{done:?}");
        assert_eq!(shop.maintain().await.extents_joined, 32);
    }
    let before = check(&a.store).await;
    shop.settle().await;
    let after = check(&a.store).await;
    for (seq, texts) in before {
        assert_eq!(after[&seq], texts);
    }
}

#[tokio::test]
async fn what_lives_in_a_mostly_dead_object_moves_away_so_that_it_can_go() {
    let shop = Shop::new();
    let a = shop.agent("a").await;
    for n in 0..8 {
        a.create(&format!("/{n}.bin"), &n.to_string().repeat(30_000))
            .await
            .unwrap();
    }
    shop.clock.turn(DAY * 2);
    shop.settle().await;
    a.store.sync().await.unwrap();
    let packed = extents(&a, "/7.bin")[0].object;
    assert_eq!(extents(&a, "/0.bin")[0].object, packed);
    for n in 0..7 {
        a.edit(&format!("/{n}.bin"), a.id(&format!("/{n}.bin")), Base::Head, "small\n")
            .await
            .unwrap();
    }
    // While the old versions are retained, nothing is gained by moving.
    shop.settle().await;
    a.store.sync().await.unwrap();
    assert_eq!(extents(&a, "/7.bin")[0].object, packed);
    shop.clock.turn(DAY * 2);
    shop.settle().await;
    a.store.sync().await.unwrap();
    assert_ne!(extents(&a, "/7.bin")[0].object, packed);
    assert_eq!(a.text("/7.bin").await.unwrap(), "7".repeat(30_000));
    let total: usize = shop.objects("data/").values().map(Vec::len).sum();
    assert!(total < 31_000, "{total} bytes for 30,042 live ones");
    check(&a.store).await;
}

#[tokio::test]
async fn many_small_packs_become_one() {
    let shop = Shop::new();
    let a = shop.agent("a").await;
    for n in 0..20 {
        a.create(&format!("/{n}.md"), &format!("file {n}\n")).await.unwrap();
        shop.clock.turn(DAY * 2);
        shop.settle().await;
    }
    let left = shop.objects("data/").len();
    assert!(left <= 6, "{left} objects for 20 small files");
    check(&a.store).await;
}

#[tokio::test]
async fn a_backup_that_shares_contents_survives_their_move() {
    let shop = Shop::new();
    let a = shop.agent("a").await;
    a.create("/notes.md", "shared\n").await.unwrap();
    let notes = a.id("/notes.md");
    a.rename("/notes.md", "/notes.md~", notes, Base::Nothing).await.unwrap();
    a.one(remanence_store::intent::Intent::Resume {
        file: notes,
        path: "/notes.md".into(),
        place: a.place("/notes.md"),
        backup: remanence_store::FileId::random(a.store.random()),
    })
    .await
    .unwrap();
    assert_eq!(extents(&a, "/notes.md"), extents(&a, "/notes.md~"));
    shop.clock.turn(DAY * 2);
    shop.settle().await;
    assert_eq!(a.text("/notes.md").await.as_deref(), Some("shared\n"));
    assert_eq!(extents(&a, "/notes.md"), extents(&a, "/notes.md~"));
    assert!(matches!(extents(&a, "/notes.md")[0].object, ObjectRef::Data(_)));
    check(&a.store).await;
}
