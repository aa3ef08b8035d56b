//! Dreams among others: killed at each write, over edits, beside another Dream, over transcripts that grow.
#![allow(clippy::unwrap_used)]

mod common;

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use common::api::{Api, completion, fact, facts};
use common::{World, at, typed};
use jiff::{SignedDuration, Timestamp};
use remanence_dreamer::model::Budget;
use remanence_dreamer::{DreamError, Phase, Request, Sessions, approve, dream, dreams, reject, undo};
use remanence_store::backend::{self, Append, Created};
use remanence_store::clock::FixedClock;
use remanence_store::url::StoreUrl;
use remanence_store::{Author, Options, Store};
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::task::block_in_place;

const DAY: &str = "2026-05-12T09:00:00Z";
const NIGHT: &str = "2026-05-14T03:00:00Z";
const LATER: &str = "2026-05-20T03:00:00Z";
const OLD: &str = "Please remember that the greenhouse sensor reports in Kelvin.";
const NEW: &str = "Remember that valve 7 opens at noon.";

fn request(now: &str) -> Request {
    Request {
        now: Some(at(now)),
        ..Request::default()
    }
}

async fn sessions(world: &World) -> [Sessions; 1] {
    [Sessions::at(world.sessions().to_str().unwrap()).await.unwrap()]
}

/// Stops for good at a write: before it, or after it without telling.
struct Deadly {
    inner: Arc<dyn Append>,
    left: AtomicUsize,
    after: bool,
    dead: Arc<Notify>,
}

#[async_trait]
impl Append for Deadly {
    async fn put_if_absent(&self, key: &str, body: Bytes) -> backend::Result<Created> {
        let last = self
            .left
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1))
            .is_err();
        if !last {
            return self.inner.put_if_absent(key, body).await;
        }
        if self.after {
            self.inner.put_if_absent(key, body).await?;
        }
        self.dead.notify_one();
        std::future::pending().await
    }
}

async fn open(dir: &Path, deadly: Option<(usize, bool)>, dead: &Arc<Notify>) -> Store {
    let mut backend = StoreUrl::of_directory(dir).connect().await.unwrap().without_maintain();
    if let Some((writes, after)) = deadly {
        backend.append = backend.append.map(|inner| {
            Arc::new(Deadly {
                inner,
                left: AtomicUsize::new(writes),
                after,
                dead: Arc::clone(dead),
            }) as Arc<dyn Append>
        });
    }
    Store::open(backend, Options::default()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dream_killed_at_any_write_is_whole_or_not_at_all() {
    let mut outcomes = [0, 0];
    for after in [false, true] {
        for writes in 0.. {
            let world = World::new().await;
            world.session("noor/a.jsonl", &[typed(DAY, OLD)]);
            world.dream(NIGHT).await;
            let before = world.memory().await;
            world.session("noor/a.jsonl", &[typed(DAY, OLD), typed(DAY, NEW)]);
            let (sessions, later) = (sessions(&world).await, request(LATER));
            let dead = Arc::new(Notify::new());
            let dir = world.sessions().parent().unwrap().join("memory");
            let store = open(&dir, Some((writes, after)), &dead).await;
            let finished = tokio::select! {
                dreamt = dream(&store, &sessions, &later) => { dreamt.unwrap(); true }
                () = dead.notified() => false,
            };
            drop(store);
            if finished {
                assert!(writes > 0, "it never wrote");
                break;
            }
            let there = world.memory().await;
            let whole = there.contains("Valve 7");
            assert!(whole || there == before, "half a Dream:\n{there}");
            outcomes[usize::from(whole)] += 1;
            let next = world.dream(LATER).await;
            let phase = if whole { Phase::NoChange } else { Phase::Applied };
            assert_eq!(next.record.phase, phase, "{:?}", next.record);
            assert_eq!(world.memory().await.matches("Valve 7").count(), 1);
        }
    }
    assert!(outcomes[0] > 0 && outcomes[1] > 0, "{outcomes:?}");
}

/// A world with a fact in memory and new words.
async fn with_new_words() -> World {
    let world = World::new().await;
    world.session("noor/a.jsonl", &[typed(DAY, OLD)]);
    world.dream(NIGHT).await;
    world.session("noor/a.jsonl", &[typed(DAY, OLD), typed(DAY, NEW)]);
    world
}

fn review() -> Request {
    Request {
        review: true,
        ..request(LATER)
    }
}

/// The same with a proposal that waits.
async fn with_proposal() -> World {
    let world = with_new_words().await;
    assert_eq!(world.dream_with(review()).await.record.phase, Phase::Proposed);
    world
}

/// Kills what is done to a store at each write it makes, before and after it; hands over what was left each time.
async fn kill_at_each_write(
    prepare: impl AsyncFn() -> World,
    act: impl AsyncFn(&Store, &World) -> Result<(), DreamError>,
    left: impl AsyncFn(World),
) {
    for after in [false, true] {
        for writes in 0.. {
            let world = prepare().await;
            let dead = Arc::new(Notify::new());
            let dir = world.sessions().parent().unwrap().join("memory");
            let store = open(&dir, Some((writes, after)), &dead).await;
            let finished = tokio::select! {
                done = act(&store, &world) => { done.unwrap(); true }
                () = dead.notified() => false,
            };
            drop(store);
            if finished {
                assert!(writes > 0, "it never wrote");
                break;
            }
            left(world).await;
        }
    }
}

async fn has_valve(world: &World) -> bool {
    let memory = world.memory().await;
    assert_eq!(memory.matches("Kelvin").count(), 1, "{memory}");
    assert!(memory.matches("Valve 7").count() <= 1, "{memory}");
    memory.contains("Valve 7")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_review_killed_at_any_write_can_be_asked_for_again() {
    let propose = async |store: &Store, world: &World| {
        let dreamt = dream(store, &sessions(world).await, &review()).await?;
        assert_eq!(dreamt.record.phase, Phase::Proposed);
        Ok(())
    };
    kill_at_each_write(with_new_words, propose, async |world: World| {
        assert!(!has_valve(&world).await);
        assert_eq!(world.dream_with(review()).await.record.phase, Phase::Proposed);
        approve(&world.store, None, "ada").await.unwrap();
        assert!(has_valve(&world).await);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_killed_at_any_write_is_whole_or_not_at_all() {
    let decide = async |store: &Store, _: &World| approve(store, None, "ada").await.map(|_| ());
    kill_at_each_write(with_proposal, decide, async |world: World| {
        let whole = has_valve(&world).await;
        let again = approve(&world.store, None, "ada").await;
        if whole {
            assert!(matches!(again, Err(DreamError::NoneThat { .. })), "{again:?}");
        } else {
            again.unwrap();
        }
        assert!(has_valve(&world).await);
        assert_eq!(world.dream(LATER).await.record.phase, Phase::NoChange);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rejection_killed_at_any_write_is_whole_or_not_at_all() {
    let decide = async |store: &Store, _: &World| reject(store, None, "ada").await.map(|_| ());
    kill_at_each_write(with_proposal, decide, async |world: World| {
        let newest = dreams(&world.store).await.unwrap().remove(0);
        match newest.phase {
            Phase::Proposed => assert_eq!(reject(&world.store, None, "ada").await.unwrap().phase, Phase::Rejected),
            phase => assert_eq!(phase, Phase::Rejected),
        }
        assert_eq!(world.dream(LATER).await.record.phase, Phase::NoChange);
        assert!(!has_valve(&world).await);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_undo_killed_at_any_write_is_whole_or_not_at_all() {
    let dreamt = async || {
        let world = with_new_words().await;
        world.dream(LATER).await;
        assert!(has_valve(&world).await);
        world
    };
    let take_back = async |store: &Store, _: &World| undo(store, None, "ada").await.map(|_| ());
    kill_at_each_write(dreamt, take_back, async |world: World| {
        if has_valve(&world).await {
            undo(&world.store, None, "ada").await.unwrap();
        }
        assert!(!has_valve(&world).await);
        assert_eq!(world.dream(LATER).await.record.phase, Phase::NoChange);
        assert!(!has_valve(&world).await);
    })
    .await;
}

/// A world with a fact in memory and new words, and a model that does something while it is asked.
async fn thinking(during: impl Fn() + Send + Sync + 'static) -> (Arc<World>, Api) {
    let world = with_new_words().await;
    let api = Api::start(move |_, _| {
        block_in_place(&during);
        completion(&facts(&[fact(1, "valve 7 opens at noon", "Valve 7 opens at noon")]))
    })
    .await;
    (Arc::new(world), api)
}

async fn dream_beside(world: &World, api: &Api) -> Result<remanence_dreamer::Dreamt, DreamError> {
    let request = Request {
        engine: Some(api.openai(Budget::default())),
        ..request(LATER)
    };
    dream(&world.store, &sessions(world).await, &request).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_persons_edit_while_the_model_thinks_wins() {
    let place: Arc<std::sync::OnceLock<Arc<World>>> = Arc::default();
    let inner = Arc::clone(&place);
    let (world, api) = thinking(move || {
        let world = inner.get().unwrap();
        Handle::current().block_on(async {
            let (path, _) = world.line_of("Kelvin").await;
            let text = world.read(&path).await.unwrap();
            let edited = text.replace("reports in Kelvin", "reports in Celsius since the repair");
            let other = World::in_store(world.again().await);
            other.write(Author::user("ada"), &path, &edited).await;
        });
    })
    .await;
    assert!(place.set(Arc::clone(&world)).is_ok());
    let dreamt = dream_beside(&world, &api).await.unwrap();
    assert_eq!(dreamt.record.phase, Phase::Applied, "{:?}", dreamt.record);
    let memory = world.memory().await;
    assert!(memory.contains("Celsius since the repair"), "{memory}");
    assert!(memory.contains("Valve 7 opens at noon"), "{memory}");
    assert!(!memory.contains("Kelvin"), "{memory}");
    assert_eq!(api.asked().len(), 1, "it is planned anew without asking again");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_dreams_at_once_one_does_nothing() {
    let place: Arc<std::sync::OnceLock<Arc<World>>> = Arc::default();
    let inner = Arc::clone(&place);
    let (world, api) = thinking(move || {
        let world = inner.get().unwrap();
        Handle::current().block_on(async {
            let other = world.again().await;
            let quicker = dream(&other, &sessions(world).await, &request(LATER)).await.unwrap();
            assert_eq!(quicker.record.phase, Phase::Applied);
        });
    })
    .await;
    assert!(place.set(Arc::clone(&world)).is_ok());
    let slower = dream_beside(&world, &api).await;
    assert!(matches!(slower, Err(DreamError::Another { .. })), "{slower:?}");
    assert_eq!(world.memory().await.matches("Valve 7").count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_while_it_dreams_waits_for_the_next_dream() {
    let place: Arc<std::sync::OnceLock<Arc<World>>> = Arc::default();
    let inner = Arc::clone(&place);
    let (world, api) = thinking(move || {
        let path = inner.get().unwrap().sessions().join("noor/a.jsonl");
        let mut file = OpenOptions::new().append(true).open(path).unwrap();
        writeln!(file, "{}", typed(DAY, "Remember that Sunniva keeps the keys.")).unwrap();
    })
    .await;
    assert!(place.set(Arc::clone(&world)).is_ok());
    let first = dream_beside(&world, &api).await.unwrap();
    assert!(!world.memory().await.contains("Sunniva"));
    let next = world.dream(LATER).await;
    assert_eq!(next.record.sessions[0].from, first.record.sessions[0].to);
    assert_eq!(next.record.facts.added, 1, "{:?}", next.record);
    assert!(world.memory().await.contains("Sunniva keeps the keys"));
}

#[tokio::test]
async fn a_cursor_moves_only_with_its_commit() {
    let world = World::new().await;
    world.session("noor/a.jsonl", &[typed(DAY, OLD)]);
    let sessions = sessions(&world).await;
    for request in [
        Request {
            dry_run: true,
            ..request(NIGHT)
        },
        Request {
            review: true,
            ..request(NIGHT)
        },
    ] {
        dream(&world.store, &sessions, &request).await.unwrap();
        assert_eq!(world.read("/.dream/ledger.jsonl").await, None);
    }
    let read_only = StoreUrl::of_directory(&world.sessions().parent().unwrap().join("memory"))
        .connect()
        .await
        .unwrap()
        .read_only();
    let store = Store::open(read_only, Options::default()).await.unwrap();
    let refused = dream(&store, &sessions, &request(NIGHT)).await.unwrap_err();
    assert!(refused.to_string().contains("read-only"), "{refused}");
    assert_eq!(world.dream(NIGHT).await.record.phase, Phase::Applied);
}

#[tokio::test]
async fn a_review_left_open_is_merged_or_says_what_is_in_the_way() {
    let world = World::new().await;
    world.session("noor/a.jsonl", &[typed(DAY, OLD)]);
    world.dream(NIGHT).await;
    let (path, _) = world.line_of("Kelvin").await;
    world.session(
        "noor/b.jsonl",
        &[typed(
            DAY,
            "Change of plan: the greenhouse sensor reports in Rankine from now on.",
        )],
    );
    let review = Request {
        review: true,
        ..request(LATER)
    };
    let open = world.dream_with(review.clone()).await;
    assert_eq!(open.record.phase, Phase::Proposed);
    let text = world.read(&path).await.unwrap();
    let edited = text.replace("in Kelvin", "in degrees Celsius");
    world.write(Author::user("ada"), &path, &edited).await;
    let blocked = remanence_dreamer::approve(&world.store, None, "ada").await.unwrap_err();
    assert!(blocked.to_string().contains(path.trim_start_matches('/')), "{blocked}");
    assert!(world.memory().await.contains("degrees Celsius"));
    // The edit taken back, the same proposal can be approved.
    world.write(Author::user("ada"), &path, &text).await;
    let approved = remanence_dreamer::approve(&world.store, None, "ada").await.unwrap();
    assert_eq!(approved.id, open.record.id);
    assert!(world.memory().await.contains("Rankine"));
}

#[tokio::test]
async fn a_review_is_merged_with_an_edit_of_another_line_of_the_same_file() {
    let world = with_proposal().await;
    let (path, _) = world.line_of("Kelvin").await;
    let text = world.read(&path).await.unwrap();
    let heading = text.lines().find(|line| line.starts_with("# ")).unwrap();
    let edited = text.replace(heading, &format!("{heading}\n\nSee the board in hall 3 first."));
    world.write(Author::user("ada"), &path, &edited).await;
    let approved = approve(&world.store, None, "ada").await.unwrap();
    assert!(
        approved.files.contains(&path.trim_start_matches('/').to_owned()),
        "{approved:?}"
    );
    let merged = world.read(&path).await.unwrap();
    for part in ["See the board in hall 3 first.", "Kelvin", "Valve 7"] {
        assert_eq!(merged.matches(part).count(), 1, "{part} in {merged}");
    }
    assert_eq!(world.dream(LATER).await.record.phase, Phase::NoChange);
}

#[tokio::test]
async fn a_ledger_that_a_person_edited_or_deleted_costs_no_line() {
    for ledger in ["", "{\"is\": \"fact\", \"line\": 3}\nnot json\n", "ff"] {
        let world = World::new().await;
        world.session("noor/a.jsonl", &[typed(DAY, OLD)]);
        world.dream(NIGHT).await;
        world.write(Author::user("ada"), "/.dream/ledger.jsonl", ledger).await;
        world.session("noor/b.jsonl", &[typed(DAY, NEW)]);
        let next = world.dream(LATER).await;
        assert_ne!(next.record.phase, Phase::Failed, "{:?}", next.record);
        let memory = world.memory().await;
        assert_eq!(memory.matches("Kelvin").count(), 1, "{memory}");
        assert_eq!(memory.matches("Valve 7").count(), 1, "{memory}");
    }
    let world = World::new().await;
    world.session("noor/a.jsonl", &[typed(DAY, OLD)]);
    world.dream(NIGHT).await;
    world.remove(Author::user("ada"), "/.dream/ledger.jsonl").await;
    world.session("noor/b.jsonl", &[typed(DAY, NEW)]);
    let next = world.dream(LATER).await;
    assert_eq!(next.record.phase, Phase::Applied, "{:?}", next.record);
    let memory = world.memory().await;
    assert_eq!(
        (memory.matches("Kelvin").count(), memory.matches("Valve 7").count()),
        (1, 1),
        "{memory}"
    );
}

#[tokio::test]
async fn what_was_forgotten_stays_so_though_the_ledger_is_deleted_or_edited() {
    let ledger = "/.dream/ledger.jsonl";
    for edit in [None, Some(""), Some("{\"is\": \"fact\", \"line\": 3}\nnot json\n")] {
        let world = World::new().await;
        world.session("noor/a.jsonl", &[typed(DAY, OLD), typed(DAY, NEW)]);
        world.dream(NIGHT).await;
        let forget = "Please forget about the greenhouse sensor.";
        world.session("noor/b.jsonl", &[typed("2026-05-15T09:00:00Z", forget)]);
        world.dream("2026-05-16T03:00:00Z").await;
        assert!(!world.memory().await.contains("Kelvin"));
        match edit {
            None => world.remove(Author::user("ada"), ledger).await,
            Some(text) => world.write(Author::user("ada"), ledger, text).await,
        }
        // A transcript turns up late that tells it in words of its own.
        let late = "remember, the sensor in the greenhouse reports in Kelvin";
        world.session("kai/late.jsonl", &[typed("2026-05-11T09:00:00Z", late)]);
        let next = world.dream(LATER).await.record;
        assert_ne!(next.phase, Phase::Failed, "{next:?}");
        assert!(!world.memory().await.contains("Kelvin"), "{edit:?}");
        let told = |record: &remanence_dreamer::Record, what: &str| record.reasons.iter().any(|why| why.contains(what));
        let what = if edit.is_some() {
            "user ada edited the ledger: what it lacks of its version"
        } else {
            "the ledger was deleted: what it lacks of its version"
        };
        assert!(told(&next, what), "{next:?}");
        let broken = edit.is_some_and(|text| !text.is_empty());
        let unknown = "lines of the ledger that are not understood: 2;";
        assert_eq!(told(&next, unknown), broken, "{next:?}");
        assert_eq!(next.sessions.len(), 1, "what was read is not read again: {next:?}");
        // What is left can be explained, and it is said once.
        let (path, line) = world.line_of("Valve 7").await;
        let why = remanence_dreamer::why(&world.store, &path, line, &remanence_dreamer::ByAddress)
            .await
            .unwrap();
        assert_eq!(why.sources.len(), 1, "{why:?}");
        world.session("kai/more.jsonl", &[typed(DAY, "haha, well done")]);
        let after = world.dream("2026-05-21T03:00:00Z").await.record;
        assert!(!told(&after, "of its version"), "{after:?}");
        assert_eq!(told(&after, unknown), broken, "{after:?}");
    }
}

#[tokio::test]
async fn a_full_store_and_a_clock_in_1970_get_a_clear_answer() {
    let world = World::new().await;
    world.session("noor/a.jsonl", &[typed(DAY, OLD)]);
    let mut settings = remanence_store::settings::Settings::memory();
    settings.files = 1;
    world.settings(settings.clone()).await;
    world.write(Author::user("ada"), "/notes.txt", "the only file").await;
    let full = dream(&world.store, &sessions(&world).await, &request(NIGHT))
        .await
        .unwrap_err();
    assert!(full.to_string().contains("the store is full"), "{full}");
    assert_eq!(world.memory().await.matches("Kelvin").count(), 0);
    settings.files = 100;
    settings.size = Some(40);
    world.settings(settings.clone()).await;
    let full = dream(&world.store, &sessions(&world).await, &request(NIGHT))
        .await
        .unwrap_err();
    assert!(full.to_string().contains("(40 bytes in all)"), "{full}");
    assert_eq!(world.memory().await.matches("Kelvin").count(), 0);
    settings.size = None;
    world.settings(settings).await;
    let dream_at = async |time: Timestamp| {
        let dir = world.sessions().parent().unwrap().join("memory");
        let backend = StoreUrl::of_directory(&dir).connect().await.unwrap().without_maintain();
        let options = Options {
            clock: Arc::new(FixedClock(time)),
            ..Options::default()
        };
        let store = Store::open(backend, options).await.unwrap();
        dream(&store, &sessions(&world).await, &Request::default()).await
    };
    let early = dream_at(at("1970-01-01T00:00:00Z")).await.unwrap_err();
    assert!(matches!(early, DreamError::Clock { .. }), "{early}");
    assert!(early.to_string().contains("the clock says 1970-01-01"), "{early}");
    assert_eq!(world.files().await.len(), 1, "nothing was written");
    // One that is behind those of others is well enough: a writer whose clock is ahead stops nobody.
    let newest = world.store.tree().time;
    let behind = newest.checked_sub(SignedDuration::from_hours(48)).unwrap();
    let dreamt = dream_at(behind).await.unwrap();
    assert_eq!(dreamt.record.phase, Phase::Applied, "{:?}", dreamt.record);
    assert!(world.memory().await.contains("Kelvin"));
}
