use remanence_store::intent::Base;
use remanence_store::maintain::{blame, redact};
use remanence_store::{At, Author};

use crate::common::Agent;
use crate::shop::{DAY, Shop, check};

/// The authors of a file's lines, one a line.
async fn authors(agent: &Agent, path: &str) -> Vec<String> {
    agent.store.sync().await.unwrap();
    let node = agent.store.tree().lookup(path).unwrap().clone();
    let runs = blame(&agent.store, node.id, node.version).await.unwrap();
    let lines = runs
        .iter()
        .flat_map(|r| std::iter::repeat_n(r.author.name().to_owned(), r.lines as usize));
    lines.collect()
}

async fn written(shop: &Shop) -> [Agent; 3] {
    let [a, b, c] = [
        shop.agent("ann").await,
        shop.agent("bob").await,
        shop.agent("cat").await,
    ];
    a.create("/notes.md", "one\ntwo\nthree\n").await.unwrap();
    b.store.sync().await.unwrap();
    let notes = a.id("/notes.md");
    b.edit("/notes.md", notes, Base::Head, "one\n2\nthree\n").await.unwrap();
    c.append("/notes.md", notes, Base::Head, "four\n").await.unwrap();
    [a, b, c]
}

#[tokio::test]
async fn each_line_is_of_whom_brought_it() {
    let shop = Shop::new();
    let [a, ..] = written(&shop).await;
    assert_eq!(authors(&a, "/notes.md").await, ["ann", "bob", "ann", "cat"]);
    // An unfinished last line belongs to whom finished it.
    let notes = a.id("/notes.md");
    a.append("/notes.md", notes, Base::Head, "fi").await.unwrap();
    shop.agent("bob")
        .await
        .append("/notes.md", notes, Base::Head, "ve\n")
        .await
        .unwrap();
    assert_eq!(authors(&a, "/notes.md").await, ["ann", "bob", "ann", "cat", "bob"]);
    assert_eq!(
        a.text("/notes.md").await.as_deref(),
        Some("one\n2\nthree\nfour\nfive\n")
    );
}

#[tokio::test]
async fn it_outlives_the_versions_that_told_it() {
    let shop = Shop::new();
    let [a, b, _] = written(&shop).await;
    let before = authors(&a, "/notes.md").await;
    shop.clock.turn(DAY * 2);
    assert_eq!(shop.maintain().await.blames_kept, 1);
    shop.settle().await;
    assert!(shop.holding("two").is_empty());
    assert_eq!(authors(&a, "/notes.md").await, before);
    // And the next retention builds on what was kept.
    let notes = a.id("/notes.md");
    b.edit("/notes.md", notes, Base::Head, "zero\none\n2\nfour\n")
        .await
        .unwrap();
    assert_eq!(authors(&a, "/notes.md").await, ["bob", "ann", "bob", "cat"]);
    shop.clock.turn(DAY * 2);
    shop.settle().await;
    assert_eq!(authors(&a, "/notes.md").await, ["bob", "ann", "bob", "cat"]);
    check(&a.store).await;
}

#[tokio::test]
async fn one_author_needs_no_record() {
    let shop = Shop::new();
    let a = shop.agent("ann").await;
    a.create("/notes.md", "one\n").await.unwrap();
    a.append("/notes.md", a.id("/notes.md"), Base::Head, "two\n")
        .await
        .unwrap();
    a.edit("/notes.md", a.id("/notes.md"), Base::Head, "1\ntwo\n")
        .await
        .unwrap();
    shop.clock.turn(DAY * 2);
    let report = shop.maintain().await;
    assert_eq!((report.blames_kept, report.versions_dropped), (0, 2));
    assert_eq!(authors(&a, "/notes.md").await, ["ann", "ann"]);
}

#[tokio::test]
async fn it_outlives_a_redaction() {
    let shop = Shop::new();
    let [a, b, _] = written(&shop).await;
    let notes = a.id("/notes.md");
    b.edit("/notes.md", notes, Base::Head, "one\n2\nthree\nfour\nfive\n")
        .await
        .unwrap();
    let before = authors(&a, "/notes.md").await;
    redact(&a.store, "/notes.md", At { seq: 2, op: None }, Author::user("erin"))
        .await
        .unwrap();
    assert_eq!(authors(&a, "/notes.md").await, before);
}
