use remanence_store::Author;
use remanence_store::backend::Created;
use remanence_store::clock::Clock;
use remanence_store::intent::{Base, Intent, Piece};
use remanence_store::proposal::{self, Proposal};

use crate::common::Agent;
use crate::shop::{DAY, Shop};

fn proposed(agent: &Agent, shop: &Shop, dream: &str, text: &str) -> Proposal {
    let node = agent.store.tree().lookup("/notes.md").unwrap().clone();
    let put = Intent::Put {
        file: node.id,
        path: "/notes.md".into(),
        create: None,
        base: Base::Version {
            version: node.version,
            content: node.content().unwrap().clone(),
        },
        content: vec![
            Piece::Kept(node.content().unwrap().extents[0]),
            Piece::New(text.to_owned().into()),
        ],
        mode: None,
        mtime: None,
        expect: None,
    };
    let append = Intent::Append {
        file: node.id,
        path: "/notes.md".into(),
        base: Base::Head,
        bytes: "and this\n".into(),
        mtime: None,
    };
    Proposal {
        dream: dream.into(),
        base: agent.store.tree().seq,
        time: shop.clock.now(),
        author: Author::dream(dream),
        intents: vec![put, append],
    }
}

#[tokio::test]
async fn a_proposal_waits_beside_the_log_and_is_committed_as_it_was_made() {
    let shop = Shop::new();
    let a = shop.agent("a").await;
    a.create("/notes.md", "known\n").await.unwrap();
    let made = proposed(&a, &shop, "d-1", "dreamt\n");
    assert_eq!(proposal::create(&a.store, &made).await.unwrap(), Created::Yes);
    // The first one of a dream stays.
    let other = proposed(&a, &shop, "d-1", "other\n");
    assert_eq!(proposal::create(&a.store, &other).await.unwrap(), Created::Exists);
    proposal::create(&a.store, &proposed(&a, &shop, "d-0", "x\n"))
        .await
        .unwrap();
    assert_eq!(proposal::list(&a.store).await.unwrap(), ["d-0", "d-1"]);
    assert_eq!(a.store.sync().await.unwrap(), 1);

    let read = proposal::read(&a.store, "d-1").await.unwrap().unwrap();
    assert_eq!(read, made);
    assert_eq!(proposal::read(&a.store, "d-2").await.unwrap(), None);
    a.run(read.intents).await.into_iter().for_each(|r| drop(r.unwrap()));
    assert_eq!(a.text("/notes.md").await.as_deref(), Some("known\ndreamt\nand this\n"));
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
