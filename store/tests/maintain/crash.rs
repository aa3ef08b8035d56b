//! The process is killed at any request of maintenance or redaction, before it or just after; another run finishes.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use remanence_store::clock::Clock;
use remanence_store::intent::Base;
use remanence_store::maintain::{blame, maintain, redact};
use remanence_store::{At, Author, Store};

use crate::backends::{Bucket, Mortal};
use crate::shop::{DAY, Shop, TurnedClock, check, open, try_open};

/// A commit after the first maintenance, whose tree still holds what the later edits superseded.
const RETAINED: u64 = 40;

/// An upload that no commit names.
const ORPHAN: &str = "data/00000000000000000000000000000005";

const NOWHERE: [&str; 0] = [];

const SECRET: &str = "token: 0123456789abcdef-very-secret\n";

/// A store with something of everything: live and superseded contents in shared slots, a long file, a big content, an
/// orphan, a condemned object; the secret in a slot, in a data object, in a pack, and in an orphan.
async fn laden(shop: &Shop, bucket: &Arc<Bucket>) {
    let a = shop.agent_on("ann", bucket.backend()).await;
    let b = shop.agent_on("bob", bucket.backend()).await;
    let both = vec![
        a.creating("/secret.md", SECRET, false),
        a.creating("/beside.md", "beside\n", false),
    ];
    a.run(both).await.into_iter().for_each(|r| drop(r.unwrap()));
    a.create("/notes.md", "one\ntwo\n").await.unwrap();
    b.edit("/notes.md", a.id("/notes.md"), Base::Head, "one\n2\n")
        .await
        .unwrap();
    a.create("/big.md", &format!("{SECRET}{}", "x".repeat(70_000)))
        .await
        .unwrap();
    a.create("/log.md", "0\n").await.unwrap();
    for n in 0..33 {
        a.append("/log.md", a.id("/log.md"), Base::Head, &format!("line {n}\n"))
            .await
            .unwrap();
    }
    shop.clock.turn(DAY * 2);
    maintain(&a.store, DAY, shop.clock.now()).await.unwrap();
    a.store.sync().await.unwrap();
    a.edit("/big.md", a.id("/big.md"), Base::Head, "small\n").await.unwrap();
    a.edit("/secret.md", a.id("/secret.md"), Base::Head, "clean\n")
        .await
        .unwrap();
    a.edit("/beside.md", a.id("/beside.md"), Base::Head, "beside, edited\n")
        .await
        .unwrap();
    let append = a.store.backend().append.clone().unwrap();
    let orphan = a.store.key(ORPHAN);
    append
        .put_if_absent(&orphan, format!("orphan {SECRET}").into())
        .await
        .unwrap();
}

/// Kills `run` at each request in turn; `after` looks at what the next runs make of it.
async fn at_each_request<R, A>(bucket: &Arc<Bucket>, clock: &TurnedClock, run: R, after: A) -> i64
where
    R: AsyncFn(Store) -> bool,
    A: AsyncFn(&Arc<Bucket>),
{
    let mut most = 0;
    for last_takes_effect in [false, true] {
        for calls in 0.. {
            let bucket = bucket.fork();
            let (backend, left) = Mortal::wrap(bucket.backend(), calls, last_takes_effect);
            let done = match try_open(backend, clock).await {
                Ok(store) => run(store).await,
                Err(_) => false,
            };
            println!("killed at request {calls}, which takes effect: {last_takes_effect}");
            check(&open(bucket.backend(), clock).await).await;
            after(&bucket).await;
            if done && left.load(Ordering::SeqCst) > 0 {
                most = most.max(calls);
                break;
            }
        }
    }
    most
}

#[tokio::test]
async fn maintenance_killed_at_any_request_is_finished_by_the_next_runs() {
    let (shop, bucket) = (Shop::new(), Bucket::new(false));
    laden(&shop, &bucket).await;
    shop.clock.turn(DAY * 2);
    let now = shop.clock.now();
    let run = async |store: Store| maintain(&store, DAY, now).await.is_ok();
    let calls = at_each_request(&bucket, &shop.clock, run, async |bucket| {
        let store = open(bucket.backend(), &shop.clock).await;
        for _ in 0..3 {
            maintain(&store, DAY, now).await.unwrap();
        }
        let past = check(&store).await;
        let live = &past[&store.tree().seq];
        assert_eq!(live["/notes.md"].1.as_deref(), Some("one\n2\n"));
        assert_eq!(live["/beside.md"].1.as_deref(), Some("beside, edited\n"));
        assert_eq!(live["/log.md"].1.as_ref().unwrap().lines().count(), 34);
        // Beside what lives on it may outlast retention in a packed object; slots, orphans and objects of its own may not.
        let left = bucket.holding(SECRET.trim());
        let packed = left.iter().all(|key| key.contains("/data/") && !key.ends_with(ORPHAN));
        assert!(
            packed && bucket.holding(&"x".repeat(70_000)).is_empty(),
            "past retention, but still there: {left:?}"
        );
        let notes = store.tree().lookup("/notes.md").unwrap().clone();
        let runs = blame(&store, notes.id, notes.version).await.unwrap();
        let names: Vec<_> = runs.iter().map(|r| r.author.name()).collect();
        assert_eq!(names, ["ann", "bob"]);
    })
    .await;
    println!("killed at each of {calls} requests");
    assert!(calls > 20, "only {calls} requests");
}

#[tokio::test]
async fn a_redaction_killed_at_any_request_is_finished_by_the_next_run() {
    let (shop, bucket) = (Shop::new(), Bucket::new(true));
    laden(&shop, &bucket).await;
    let (path, at) = (
        "/secret.md",
        At {
            seq: RETAINED,
            op: None,
        },
    );
    let run = async |store: Store| redact(&store, path, at, Author::user("erin")).await.is_ok();
    let calls = at_each_request(&bucket, &shop.clock, run, async |bucket| {
        let store = open(bucket.backend(), &shop.clock).await;
        let bound = !store.tree().redacted.is_empty();
        maintain(&store, DAY * 100, shop.clock.now()).await.unwrap();
        let past = check(&store).await;
        assert_eq!(
            past[&store.tree().seq]["/beside.md"].1.as_deref(),
            Some("beside, edited\n")
        );
        assert_eq!(past[&RETAINED]["/beside.md"].1.as_deref(), Some("beside\n"));
        if bound {
            assert_eq!(bucket.holding(SECRET.trim()), NOWHERE, "redacted, but still there");
        }
    })
    .await;
    println!("killed at each of {calls} requests");
    assert!(calls > 40, "only {calls} requests");
}
