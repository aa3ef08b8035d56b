//! Maintenance beside writers: whoever lands second sees what the first did.

use std::sync::Arc;

use futures::FutureExt;
use futures::future::BoxFuture;
use remanence_store::At;
use remanence_store::Author;
use remanence_store::clock::Clock;
use remanence_store::intent::{Base, Entry, Intent, Piece, Refused};
use remanence_store::maintain::{condemnable, land, maintain};
use remanence_store::op::Op;
use remanence_store::restore::restore;

use crate::backends::Meanwhile;
use crate::shop::{DAY, Shop, check, open};

/// Three maintenance runs: what was free before the first is gone after the last.
fn maintaining(shop: &Shop, keep: std::time::Duration) -> BoxFuture<'static, ()> {
    let (backend, clock) = (shop.backend(), shop.clock.clone());
    async move {
        for _ in 0..3 {
            let store = open(backend.clone(), &clock).await;
            maintain(&store, keep, clock.now()).await.unwrap();
        }
    }
    .boxed()
}

#[tokio::test]
async fn an_upload_that_was_collected_before_its_commit_is_uploaded_again() {
    let shop = Shop::new();
    shop.agent("a").await.create("/x.md", "x\n").await.unwrap();
    let backend = Meanwhile::wrap(shop.backend(), maintaining(&shop, DAY));
    let b = shop.agent_on("b", backend).await;
    let text = "big ".repeat(20_000);
    b.create("/big.txt", &text).await.unwrap();
    assert_eq!(shop.objects("data/").len(), 1);
    assert_eq!(shop.agent("c").await.text("/big.txt").await, Some(text));
    check(&b.store).await;
}

#[tokio::test]
async fn a_restore_of_bytes_that_go_meanwhile_lands_whole_or_is_refused() {
    for keep in [DAY, DAY * 10] {
        let shop = Shop::new();
        let a = shop.agent("a").await;
        a.create("/notes.md", "the first\n").await.unwrap();
        let notes = a.id("/notes.md");
        a.edit("/notes.md", notes, Base::Head, "the second\n").await.unwrap();
        shop.clock.turn(DAY * 2);
        let backend = Meanwhile::wrap(shop.backend(), maintaining(&shop, keep));
        let b = shop.agent_on("b", backend).await;
        // Without its own copy of them: the bytes are what the store holds.
        let done = restore(&b.store, "/notes.md", At { seq: 1, op: None }, Author::user("u")).await;
        let text = shop.agent("c").await.text("/notes.md").await.unwrap();
        match done {
            Ok(_) => assert_eq!(text, "the first\n"),
            Err(error) => assert_eq!(text, "the second\n", "{error}"),
        }
        check(&b.store).await;
    }
}

#[tokio::test]
async fn an_edit_that_keeps_what_is_being_moved_names_the_new_place() {
    let shop = Shop::new();
    let a = shop.agent("a").await;
    a.create("/notes.md", "line 1\n").await.unwrap();
    let notes = a.id("/notes.md");
    let kept = a.store.tree().lookup("/notes.md").unwrap().content().unwrap().extents[0];
    shop.clock.turn(DAY * 2);
    let backend = Meanwhile::wrap(shop.backend(), maintaining(&shop, DAY));
    let b = shop.agent_on("b", backend).await;
    let put = Intent::Put {
        file: notes,
        path: "/notes.md".into(),
        create: None,
        base: Base::Head,
        content: vec![Piece::Kept(kept), Piece::New("line 2\n".into())],
        mode: None,
        mtime: None,
        expect: None,
    };
    b.one(put).await.unwrap();
    assert_eq!(b.text("/notes.md").await.as_deref(), Some("line 1\nline 2\n"));
    shop.settle().await;
    assert_eq!(
        shop.agent("c").await.text("/notes.md").await.as_deref(),
        Some("line 1\nline 2\n")
    );
    check(&b.store).await;
}

#[tokio::test]
async fn a_move_lands_on_what_others_wrote_meanwhile() {
    let shop = Shop::new();
    let a = shop.agent("a").await;
    a.create("/x.md", "old x, and longer\n").await.unwrap();
    a.create("/y.md", "old y\n").await.unwrap();
    shop.clock.turn(DAY * 2);
    let (x, writer) = (a.id("/x.md"), shop.agent("b").await);
    let meanwhile = async move { drop(writer.edit("/x.md", x, Base::Head, "new x\n").await.unwrap()) };
    let store = open(Meanwhile::wrap(shop.backend(), meanwhile.boxed()), &shop.clock).await;
    maintain(&store, DAY, shop.clock.now()).await.unwrap();
    assert_eq!(a.text("/x.md").await.as_deref(), Some("new x\n"));
    assert_eq!(a.text("/y.md").await.as_deref(), Some("old y\n"));
    check(&a.store).await;
    shop.clock.turn(DAY * 2);
    shop.settle().await;
    assert!(shop.holding("old x").is_empty());
    check(&a.store).await;
}

#[tokio::test]
async fn two_maintainers_at_once_do_no_harm() {
    let shop = Shop::new();
    let a = shop.agent("a").await;
    for n in 0..10 {
        a.create(&format!("/{n}.md"), &format!("text {n}\n")).await.unwrap();
        a.edit(
            &format!("/{n}.md"),
            a.id(&format!("/{n}.md")),
            Base::Head,
            &format!("edited {n}\n"),
        )
        .await
        .unwrap();
    }
    shop.clock.turn(DAY * 2);
    for _ in 0..3 {
        let store = open(Meanwhile::wrap(shop.backend(), maintaining(&shop, DAY)), &shop.clock).await;
        maintain(&store, DAY, shop.clock.now()).await.unwrap();
        check(&a.store).await;
        shop.clock.turn(DAY * 2);
    }
    for n in 0..10 {
        assert_eq!(a.text(&format!("/{n}.md")).await, Some(format!("edited {n}\n")));
    }
}

#[tokio::test]
async fn a_condemnation_leaves_out_what_came_to_be_needed() {
    let shop = Shop::new();
    let a = shop.agent("a").await;
    a.create("/big.txt", &"big ".repeat(20_000)).await.unwrap();
    let big = a.id("/big.txt");
    let object = a.store.tree().live_extents().next().unwrap().object;
    let condemn = Op::Condemn {
        objects: vec![object],
        horizon: 0,
    };
    // Live, then only in a retained state.
    assert_eq!(land(&a.store.tree(), &condemn).unwrap(), None);
    a.edit("/big.txt", big, Base::Head, "small\n").await.unwrap();
    assert_eq!(land(&a.store.tree(), &condemn).unwrap(), None);
    assert_eq!(condemnable(&a.store.tree(), 2, &[object]), [object]);
    // Ops of other kinds don't come this way.
    let op = a.store.headers(1..2).await.unwrap().remove(0).header.ops.remove(0);
    let entry = Entry::new(Author::user("u"), vec![Intent::Maintain { op }]);
    let refused = a.store.commit(entry).await.unwrap().remove(0).unwrap_err();
    assert!(matches!(refused, Refused::Invalid { .. }), "{refused}");
}

#[tokio::test]
async fn a_mount_that_slept_through_retention_loses_nothing_it_writes() {
    let shop = Shop::new();
    let sleeper = shop.agent("sleeper").await;
    sleeper.create("/notes.md", "one\ntwo\nthree\n").await.unwrap();
    let (notes, base) = (sleeper.id("/notes.md"), sleeper.served("/notes.md"));
    let b = shop.agent("b").await;
    for n in 0..5 {
        b.edit("/notes.md", notes, Base::Head, &format!("one\ntwo\nthree {n}\n"))
            .await
            .unwrap();
    }
    shop.clock.turn(DAY * 2);
    shop.settle().await;
    // The bytes it was made on are gone: at worst a conflict that is none.
    let done = sleeper
        .edit("/notes.md", notes, base, "zero\none\ntwo\nthree\n")
        .await
        .unwrap();
    let texts: Vec<_> = [Some("/notes.md".to_owned()), done.sibling]
        .into_iter()
        .flatten()
        .collect();
    let mut all = String::new();
    for path in texts {
        all += &sleeper.text(&path).await.unwrap();
    }
    assert!(all.contains("zero") && all.contains("three 4"), "{all}");
    check(&sleeper.store).await;
}

#[tokio::test]
async fn an_old_reader_finds_what_was_moved() {
    let shop = Shop::new();
    let a = shop.agent("a").await;
    a.create("/notes.md", "moved\n").await.unwrap();
    let reader = shop.agent("reader").await;
    let old = Arc::clone(&reader.store.tree());
    shop.clock.turn(DAY * 2);
    for _ in 0..2 {
        shop.maintain().await;
    }
    // It still holds the tree from before, whose slot is a stub by now.
    let content = old.lookup("/notes.md").unwrap().content().unwrap().clone();
    assert_eq!(reader.store.read_all(&content).await.unwrap(), "moved\n");
}
