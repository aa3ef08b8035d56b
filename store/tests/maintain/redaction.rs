use std::sync::Arc;

use remanence_store::backend::Backend;
use remanence_store::cache::budget::CacheBudget;
use remanence_store::clock::Clock;
use remanence_store::intent::Base;
use remanence_store::maintain::{RedactReport, maintain, redact};
use remanence_store::proposal::{self, Proposal};
use remanence_store::restore::restore;
use remanence_store::{At, Author, Options, Store, StoreError};

use crate::backends::{Bucket, Meanwhile};
use crate::common::Agent;
use crate::shop::{DAY, Shop, check, open};
use futures::FutureExt;

const SECRET: &str = "password: correct-horse-battery-staple\n";

fn at(seq: u64) -> At {
    At { seq, op: None }
}

async fn redacting(backend: Backend, shop: &Shop, path: &str, seq: u64) -> Result<RedactReport, StoreError> {
    let store = open(backend, &shop.clock).await;
    redact(&store, path, at(seq), Author::user("erin")).await
}

/// `/notes.md` with a secret at 1, cleaned at 2.
async fn leaked(shop: &Shop) -> Agent {
    let a = shop.agent("a").await;
    a.create("/notes.md", SECRET).await.unwrap();
    a.edit("/notes.md", a.id("/notes.md"), Base::Head, "nothing here\n")
        .await
        .unwrap();
    a
}

async fn read_at(store: &Store, path: &str, seq: u64) -> Result<String, StoreError> {
    let tree = store.tree_at(at(seq)).await?;
    let content = tree.lookup(path).unwrap().content().unwrap().clone();
    Ok(String::from_utf8(store.read_all(&content).await?.to_vec()).unwrap())
}

#[tokio::test]
async fn the_bytes_are_gone_and_who_and_when_remain() {
    let shop = Shop::new();
    let a = leaked(&shop).await;
    let report = redacting(shop.backend(), &shop, "/notes.md", 1).await.unwrap();
    assert_eq!(
        (report.path.as_str(), report.version.to_string().as_str()),
        ("/notes.md", "1.1")
    );
    assert!(
        report.objects == 1 && report.scanned > 0 && report.again.is_empty(),
        "{report:?}"
    );
    assert!(shop.holding("battery-staple").is_empty());
    let past = check(&a.store).await;
    assert_eq!(past[&1]["/notes.md"].1, None);
    assert_eq!(past[&2]["/notes.md"].1.as_deref(), Some("nothing here\n"));
    let header = a.store.headers(1..2).await.unwrap().remove(0).header;
    assert_eq!(header.author.name(), "a");
    // Once more is no error, and changes nothing.
    let seq = a.store.tree().seq;
    redacting(shop.backend(), &shop, "/notes.md", 1).await.unwrap();
    assert_eq!(a.store.sync().await.unwrap(), seq);
}

#[tokio::test]
async fn it_is_refused_while_a_live_file_shares_the_bytes() {
    let shop = Shop::new();
    let a = shop.agent("a").await;
    a.create("/notes.md", SECRET).await.unwrap();
    a.create("/copy.md", &format!("copied:\n{SECRET}")).await.unwrap();
    let notes = a.id("/notes.md");
    let error = redacting(shop.backend(), &shop, "/notes.md", 1).await.unwrap_err();
    assert!(error.to_string().contains("live file /"), "{error}");
    // Gone from there, it is still in the other file, as a part of it.
    a.edit("/notes.md", notes, Base::Head, "clean\n").await.unwrap();
    let error = redacting(shop.backend(), &shop, "/notes.md", 1).await.unwrap_err();
    assert!(error.to_string().contains("live file /copy.md"), "{error}");
    assert_eq!(shop.holding("battery-staple").len(), 2);
    a.remove("/copy.md", a.id("/copy.md"), Base::Head).await.unwrap();
    let report = redacting(shop.backend(), &shop, "/notes.md", 1).await.unwrap();
    assert_eq!(report.objects, 2);
    assert!(shop.holding("battery-staple").is_empty());
    check(&a.store).await;
}

#[tokio::test]
async fn what_else_is_retained_in_the_same_objects_moves_out_and_stays_readable() {
    let shop = Shop::new();
    let a = shop.agent("a").await;
    let both = vec![
        a.creating("/secret.md", SECRET, false),
        a.creating("/other.md", "other\n", false),
    ];
    a.run(both).await.into_iter().for_each(|r| drop(r.unwrap()));
    a.edit("/secret.md", a.id("/secret.md"), Base::Head, "clean\n")
        .await
        .unwrap();
    a.edit("/other.md", a.id("/other.md"), Base::Head, "other, edited\n")
        .await
        .unwrap();
    redacting(shop.backend(), &shop, "/secret.md", 1).await.unwrap();
    assert!(shop.holding("battery-staple").is_empty());
    let past = check(&a.store).await;
    assert_eq!(past[&1]["/other.md"].1.as_deref(), Some("other\n"));
    assert_eq!(past[&1]["/secret.md"].1, None);
}

#[tokio::test]
async fn appended_bytes_can_be_redacted_alone() {
    let shop = Shop::new();
    let a = shop.agent("a").await;
    a.create("/log.md", "first\n").await.unwrap();
    let log = a.id("/log.md");
    a.append("/log.md", log, Base::Head, SECRET).await.unwrap();
    a.edit("/log.md", log, Base::Head, "first\nlast\n").await.unwrap();
    redacting(shop.backend(), &shop, "/log.md", 2).await.unwrap();
    assert!(shop.holding("battery-staple").is_empty());
    let past = check(&a.store).await;
    assert_eq!(past[&1]["/log.md"].1.as_deref(), Some("first\n"));
    assert_eq!(past[&2]["/log.md"].1, None);
}

#[tokio::test]
async fn moves_and_compaction_do_not_hide_bytes_from_it() {
    let shop = Shop::new();
    let a = shop.agent("a").await;
    a.create("/log.md", "line 0\n").await.unwrap();
    let log = a.id("/log.md");
    for n in 1..40 {
        let line = if n == 20 {
            SECRET.to_owned()
        } else {
            format!("line {n}\n")
        };
        a.append("/log.md", log, Base::Head, &line).await.unwrap();
    }
    // Joined with its neighbours in a new object, while the old places are not yet collected.
    assert_eq!(shop.maintain().await.extents_joined, 40);
    a.store.sync().await.unwrap();
    a.edit("/log.md", log, Base::Head, "short now\n").await.unwrap();
    assert!(shop.holding("battery-staple").len() > 1);
    redacting(shop.backend(), &shop, "/log.md", 21).await.unwrap();
    assert!(shop.holding("battery-staple").is_empty());
    let past = check(&a.store).await;
    assert!(past[&20]["/log.md"].1.as_ref().unwrap().ends_with("line 19\n"));
    assert_eq!(past[&21]["/log.md"].1, None);
    shop.clock.turn(DAY * 2);
    shop.settle().await;
    check(&a.store).await;
}

#[tokio::test]
async fn caches_do_not_keep_them_under_the_hash_of_what_was_joined() {
    // Told of it at once, and not before it is opened again.
    for running in [true, false] {
        let shop = Shop::new();
        let a = shop.agent("a").await;
        a.create("/log.md", SECRET).await.unwrap();
        let log = a.id("/log.md");
        for n in 1..40 {
            a.append("/log.md", log, Base::Head, &format!("line {n}\n"))
                .await
                .unwrap();
        }
        assert_eq!(shop.maintain().await.extents_joined, 40);
        let folder = tempfile::tempdir().unwrap();
        let cached = || {
            let files = std::fs::read_dir(folder.path()).unwrap();
            let texts = files.map(|f| std::fs::read(f.unwrap().path()).unwrap());
            texts.map(|t| String::from_utf8(t).unwrap()).collect::<String>()
        };
        let reader = async || {
            let options = Options {
                clock: Arc::new(shop.clock.clone()),
                probe: false,
                disk_cache: Some((folder.path().to_owned(), Arc::new(CacheBudget::new(1 << 20)))),
                ..Options::default()
            };
            Store::open(shop.backend(), options).await.unwrap()
        };
        let store = reader().await;
        let joined = store.tree().lookup("/log.md").unwrap().content().unwrap().clone();
        assert_eq!(joined.extents.len(), 1);
        store.read_all(&joined).await.unwrap();
        assert!(cached().contains("battery-staple"));

        a.edit("/log.md", log, Base::Head, "short now\n").await.unwrap();
        if !running {
            store.close().await;
        }
        redacting(shop.backend(), &shop, "/log.md", 1).await.unwrap();
        if running {
            store.sync().await.unwrap();
            assert!(!cached().contains("battery-staple"));
        }
        let again = reader().await;
        assert!(!cached().contains("battery-staple"));
        // What is kept from then on stays.
        let now = again.tree().lookup("/log.md").unwrap().content().unwrap().clone();
        again.read_all(&now).await.unwrap();
        assert!(reader().await.cached(&now).is_some());
    }
}

#[tokio::test]
async fn short_bytes_are_destroyed_where_the_log_says_they_are() {
    let shop = Shop::new();
    let a = shop.agent("a").await;
    a.create("/pin.md", "4711\n").await.unwrap();
    a.edit("/pin.md", a.id("/pin.md"), Base::Head, "changed\n")
        .await
        .unwrap();
    let report = redacting(shop.backend(), &shop, "/pin.md", 1).await.unwrap();
    assert_eq!((report.objects, report.scanned), (1, 0));
    assert!(shop.holding("4711\n").is_empty());
}

#[tokio::test]
async fn big_contents_are_replaced_so_that_a_late_upload_finds_the_name_taken() {
    let shop = Shop::new();
    let a = shop.agent("a").await;
    let big = SECRET.repeat(2000);
    a.create("/big.md", &big).await.unwrap();
    a.edit("/big.md", a.id("/big.md"), Base::Head, "small\n").await.unwrap();
    let (key, _) = shop.objects("data/").into_iter().next().unwrap();
    redacting(shop.backend(), &shop, "/big.md", 1).await.unwrap();
    let append = shop.backend().append.unwrap();
    let late = append.put_if_absent(&key, big.into()).await.unwrap();
    assert_eq!(late, remanence_store::backend::Created::Exists);
    shop.clock.turn(DAY * 2);
    shop.settle().await;
    assert!(shop.holding("battery-staple").is_empty());
    assert!(shop.objects(&key).contains_key(&key));
    check(&a.store).await;
}

#[tokio::test]
async fn it_binds_restores_and_moves() {
    let shop = Shop::new();
    let a = leaked(&shop).await;
    redacting(shop.backend(), &shop, "/notes.md", 1).await.unwrap();
    restore(&shop.agent("b").await.store, "/notes.md", at(1), Author::user("u"))
        .await
        .unwrap_err();
    // One that was under way while the redaction landed, too.
    let a2 = Shop::new();
    let b = leaked(&a2).await;
    let (backend, clock) = (a2.backend(), a2.clock.clone());
    let meanwhile = async move {
        let store = open(backend, &clock).await;
        redact(&store, "/notes.md", at(1), Author::user("erin")).await.unwrap();
    };
    let racer = a2
        .agent_on("racer", Meanwhile::wrap(a2.backend(), meanwhile.boxed()))
        .await;
    restore(&racer.store, "/notes.md", at(1), Author::user("u"))
        .await
        .unwrap_err();
    assert!(a2.holding("battery-staple").is_empty());
    check(&b.store).await;
    check(&a.store).await;
}

#[tokio::test]
async fn a_mover_that_copied_the_bytes_before_does_not_bring_them_back() {
    // The edit and the redaction land when the mover has read the bytes, before or after its copy is there.
    for moment in ["/data/", "/log/"] {
        let shop = Shop::new();
        let a = shop.agent("a").await;
        a.create("/notes.md", SECRET).await.unwrap();
        a.create("/other.md", "moved along\n").await.unwrap();
        shop.clock.turn(DAY * 2);
        let b = shop.agent("b").await;
        let meanwhile = async move {
            b.edit("/notes.md", b.id("/notes.md"), Base::Head, "clean\n")
                .await
                .unwrap();
            redact(&b.store, "/notes.md", at(2), Author::user("erin"))
                .await
                .unwrap();
        };
        let backend = Meanwhile::before(moment, shop.backend(), meanwhile.boxed());
        let store = open(backend, &shop.clock).await;
        maintain(&store, DAY, shop.clock.now()).await.unwrap();
        assert!(shop.holding("battery-staple").is_empty());
        assert_eq!(
            shop.holding("moved along").len(),
            1,
            "the copy that came too late is left"
        );
        shop.settle().await;
        assert_eq!(a.text("/other.md").await.as_deref(), Some("moved along\n"));
        check(&a.store).await;
    }
}

#[tokio::test]
async fn versions_that_the_bucket_keeps_go_too() {
    let shop = Shop::new();
    let bucket = Bucket::new(true);
    let a = shop.agent_on("a", bucket.backend()).await;
    a.create("/notes.md", SECRET).await.unwrap();
    a.create("/big.md", &SECRET.repeat(2000)).await.unwrap();
    for path in ["/notes.md", "/big.md"] {
        a.edit(path, a.id(path), Base::Head, "clean\n").await.unwrap();
    }
    a.edit("/notes.md", a.id("/notes.md"), Base::Head, "cleaner\n")
        .await
        .unwrap();
    let big = redacting(bucket.backend(), &shop, "/big.md", 2).await.unwrap();
    assert!(big.noncurrent >= 1, "{big:?}");
    let small = redacting(bucket.backend(), &shop, "/notes.md", 1).await.unwrap();
    assert!(small.noncurrent >= 1, "{small:?}");
    assert!(
        bucket.holding("battery-staple").is_empty(),
        "{:?}",
        bucket.holding("battery-staple")
    );
    // Too short to be searched for: found by its place.
    a.create("/pin.md", "4711\n").await.unwrap();
    let made = a.store.tree().seq;
    a.edit("/pin.md", a.id("/pin.md"), Base::Head, "changed\n")
        .await
        .unwrap();
    redacting(bucket.backend(), &shop, "/pin.md", made).await.unwrap();
    assert!(bucket.holding("4711\n").is_empty());
    check(&a.store).await;
}

#[tokio::test]
async fn a_proposal_that_holds_the_bytes_is_void() {
    let shop = Shop::new();
    let a = leaked(&shop).await;
    let proposal = Proposal {
        dream: "d1".into(),
        base: 2,
        time: shop.clock.now(),
        author: Author::dream("d1"),
        intents: vec![a.creating("/facts.md", &format!("- {SECRET}"), false)],
    };
    proposal::create(&a.store, &proposal).await.unwrap();
    let report = redacting(shop.backend(), &shop, "/notes.md", 1).await.unwrap();
    assert_eq!(report.proposals, 1);
    assert!(shop.holding("battery-staple").is_empty());
    let error = proposal::read(&a.store, "d1").await.unwrap_err();
    assert!(matches!(error, StoreError::Redacted { .. }), "{error}");
}

#[tokio::test]
async fn what_there_is_not_is_named() {
    let shop = Shop::new();
    let a = leaked(&shop).await;
    a.mkdir("/folder").await.unwrap();
    for (path, seq, word) in [
        ("/none.md", 2, "no such"),
        ("/folder", 3, "only a file"),
        ("/notes.md", 99, "newest"),
    ] {
        let error = redacting(shop.backend(), &shop, path, seq).await.unwrap_err();
        assert!(error.to_string().contains(word), "{error}");
    }
    assert_eq!(read_at(&a.store, "/notes.md", 1).await.unwrap(), SECRET);
}
