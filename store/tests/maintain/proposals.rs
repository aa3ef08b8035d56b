use bytes::Bytes;
use remanence_store::clock::Clock;
use remanence_store::intent::{Base, Create, Entry, Intent, Piece};
use remanence_store::maintain::{maintain, redact};
use remanence_store::op::Place;
use remanence_store::proposal::{self, Proposal, Proposed};
use remanence_store::{At, Author, FileId, StoreError};
use serde_json::json;

use crate::common::Agent;
use crate::shop::{DAY, Shop, open};

/// Writes the record of a dream, as whoever decides on it does.
async fn record(agent: &Agent, dream: &str) {
    let random = agent.store.random();
    let (folder, file) = (FileId::random(random), FileId::random(random));
    let place = |parent: FileId, name: &str| Place {
        parent,
        name: name.to_owned(),
    };
    let name = format!("{dream}.json");
    let make = Intent::Mkdir {
        file: folder,
        path: "/.dream".into(),
        place: place(FileId::ROOT, ".dream"),
        mode: 0o755,
        exists_ok: true,
    };
    let put = Intent::Put {
        file,
        path: format!("/.dream/{name}"),
        create: Some(Create::at(place(folder, &name))),
        base: Base::Nothing,
        content: vec![Piece::New("{}\n".into())],
        mode: None,
        mtime: None,
        expect: None,
    };
    let entry = Entry::new(Author::dream(dream), vec![make, put]);
    agent.store.commit_all(entry).await.unwrap();
}

/// A proposal to write `text` to a file and to take another away.
fn proposed(agent: &Agent, shop: &Shop, dream: &str, text: &str) -> Proposal {
    let tree = agent.store.tree();
    let put = Proposed {
        path: "/notes.md".into(),
        file: tree.lookup("/notes.md").map(|node| node.id),
        content: Some(Bytes::from(text.to_owned())),
    };
    let made = Proposed {
        path: "/team/new.md".into(),
        file: None,
        content: Some("and this\n".into()),
    };
    let gone = Proposed {
        path: "/old.md".into(),
        file: None,
        content: None,
    };
    Proposal {
        dream: dream.into(),
        base: tree.seq,
        time: shop.clock.now(),
        files: vec![put, made, gone],
        note: json!({"by": "a test"}),
    }
}

#[tokio::test]
async fn a_proposal_waits_beside_the_log_as_it_was_made() {
    let shop = Shop::new();
    let a = shop.agent("a").await;
    a.create("/notes.md", "known\n").await.unwrap();
    let made = proposed(&a, &shop, "d-1", "dreamt\n");
    let digest = proposal::create(&a.store, &made).await.unwrap();
    // The first one of a dream stays.
    let other = proposed(&a, &shop, "d-1", "other\n");
    assert_eq!(proposal::create(&a.store, &other).await.unwrap(), digest);
    let second = proposed(&a, &shop, "d-0", "x\n");
    assert_ne!(proposal::create(&a.store, &second).await.unwrap(), digest);
    assert_eq!(proposal::list(&a.store).await.unwrap(), ["d-0", "d-1"]);
    assert_eq!(a.store.sync().await.unwrap(), 1);

    assert_eq!(proposal::read(&a.store, "d-1").await.unwrap(), Some((made, digest)));
    assert_eq!(proposal::read(&a.store, "d-2").await.unwrap(), None);
    // Anybody can read what it says.
    let object = shop.objects("proposal/d-1").into_values().next().unwrap();
    assert!(String::from_utf8(object).unwrap().ends_with("}\ndreamt\nand this\n"));
}

#[tokio::test]
async fn ids_that_are_no_plain_names_and_damaged_proposals_are_refused() {
    let shop = Shop::new();
    let a = shop.agent("a").await;
    a.create("/notes.md", "known\n").await.unwrap();
    for bad in ["", "../log/1", ".hidden", "a/b", &"x".repeat(200)] {
        let mut proposal = proposed(&a, &shop, "d", "x\n");
        proposal.dream = bad.to_owned();
        proposal::create(&a.store, &proposal).await.unwrap_err();
    }
    let append = a.store.backend().append.clone().unwrap();
    let whole = {
        proposal::create(&a.store, &proposed(&a, &shop, "whole", "some text\n"))
            .await
            .unwrap();
        shop.objects("proposal/whole").into_values().next().unwrap()
    };
    let newer = String::from_utf8(whole.clone())
        .unwrap()
        .replace("\"format\":1", "\"format\":9");
    let cases = [
        ("cut", whole[..whole.len() - 3].to_vec(), "truncated"),
        ("empty", Vec::new(), "no header line"),
        ("newer", newer.into_bytes(), "update remanence"),
    ];
    for (dream, object, word) in cases {
        append
            .put_if_absent(&a.store.key(&format!("proposal/{dream}")), object.into())
            .await
            .unwrap();
        let error = proposal::read(&a.store, dream).await.unwrap_err().to_string();
        assert!(error.contains(word) && error.contains(dream), "{error}");
    }
}

#[tokio::test]
async fn a_proposal_on_a_state_past_retention_goes() {
    let shop = Shop::new();
    let a = shop.agent("a").await;
    a.create("/notes.md", "known\n").await.unwrap();
    proposal::create(&a.store, &proposed(&a, &shop, "old", "x\n"))
        .await
        .unwrap();
    a.edit("/notes.md", a.id("/notes.md"), Base::Head, "changed\n")
        .await
        .unwrap();
    shop.clock.turn(DAY * 2);
    a.edit("/notes.md", a.id("/notes.md"), Base::Head, "changed again\n")
        .await
        .unwrap();
    proposal::create(&a.store, &proposed(&a, &shop, "new", "x\n"))
        .await
        .unwrap();
    assert_eq!(shop.maintain().await.proposals_dropped, 1);
    assert_eq!(proposal::list(&a.store).await.unwrap(), ["new"]);
}

#[tokio::test]
async fn a_proposal_that_is_decided_goes_whatever_history_is_kept() {
    let shop = Shop::new();
    let a = shop.agent("a").await;
    a.create("/notes.md", "known\n").await.unwrap();
    for dream in ["decided", "open"] {
        proposal::create(&a.store, &proposed(&a, &shop, dream, "x\n"))
            .await
            .unwrap();
    }
    record(&a, "decided").await;
    let keeper = open(shop.backend(), &shop.clock).await;
    let report = maintain(&keeper, DAY * 9999, shop.clock.now()).await.unwrap();
    assert_eq!(report.proposals_dropped, 1);
    assert_eq!(proposal::list(&a.store).await.unwrap(), ["open"]);
}

#[tokio::test]
async fn of_proposals_past_retention_the_newest_waits_on() {
    let shop = Shop::new();
    let a = shop.agent("a").await;
    a.mkdir("/team").await.unwrap();
    for dream in ["first", "second", "third"] {
        proposal::create(&a.store, &proposed(&a, &shop, dream, "x\n"))
            .await
            .unwrap();
        shop.clock.turn(DAY / 2);
    }
    // Nobody wrote anything since, so all of them are made on the newest commit.
    assert_eq!(shop.maintain().await.proposals_dropped, 1, "the first is past a day");
    shop.clock.turn(DAY * 2);
    assert_eq!(shop.maintain().await.proposals_dropped, 1);
    assert_eq!(proposal::list(&a.store).await.unwrap(), ["third"]);
}

#[tokio::test]
async fn a_proposal_that_was_redacted_says_so_to_whoever_writes_it_again() {
    let shop = Shop::new();
    let a = shop.agent("a").await;
    a.create("/notes.md", "a line that holds the password\n").await.unwrap();
    let text = "one line before\nand more of a line that holds the password\n";
    let made = proposed(&a, &shop, "d", text);
    proposal::create(&a.store, &made).await.unwrap();
    a.edit("/notes.md", a.id("/notes.md"), Base::Head, "clean\n")
        .await
        .unwrap();
    let keeper = open(shop.backend(), &shop.clock).await;
    let at = At { seq: 1, op: None };
    redact(&keeper, "/notes.md", at, Author::user("ada")).await.unwrap();
    assert!(shop.holding("the password").is_empty());
    let error = proposal::create(&a.store, &made).await.unwrap_err();
    assert!(matches!(error, StoreError::Redacted { .. }), "{error}");
}
