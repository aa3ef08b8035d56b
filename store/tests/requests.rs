//! Requests to the object store per operation: they cost money and time, so each is counted.
#![allow(clippy::unwrap_used)]

mod common;

use bytes::Bytes;
use common::{Agent, World};
use remanence_store::backend::counted::{Counted, Snapshot};
use remanence_store::history::{LogQuery, log};
use remanence_store::intent::{Create, Entry, Intent, Piece};
use remanence_store::op::Place;
use remanence_store::settings::Settings;
use remanence_store::url::StoreUrl;
use remanence_store::{Author, FileId, Options, Store};

async fn counted(world: &World) -> (Counted, Store) {
    let counted = Counted::new();
    let backend = counted.wrap(StoreUrl::of_directory(world.dir.path()).connect().await.unwrap());
    let settings = Settings {
        files: 200_000,
        ..Settings::memory()
    };
    let store = Store::open_or_init(backend, &settings, Options::default())
        .await
        .unwrap();
    (counted, store)
}

async fn during<T>(counted: &Counted, what: impl Future<Output = T>) -> (Snapshot, T) {
    let before = counted.snapshot();
    let done = what.await;
    (counted.snapshot() - before, done)
}

fn create(store: &Store, parent: FileId, folder: &str, name: &str, text: Bytes) -> Intent {
    Intent::Put {
        file: FileId::random(store.random()),
        path: format!("{folder}/{name}"),
        create: Some(Create::at(Place {
            parent,
            name: name.to_owned(),
        })),
        base: remanence_store::intent::Base::Nothing,
        content: vec![Piece::New(text)],
        mode: Some(0o644),
        mtime: None,
        expect: None,
    }
}

fn agent(store: Store) -> Agent {
    Agent {
        store,
        name: "a".into(),
        late: false,
        refuse: false,
    }
}

#[tokio::test]
async fn a_small_write_is_one_request_and_reading_it_back_none() {
    let world = World::new();
    let (counted, store) = counted(&world).await;
    let agent = agent(store);
    agent.create("/first", "settles the probe\n").await.unwrap();
    let (took, _) = during(&counted, agent.create("/notes.md", &"x".repeat(4096))).await;
    assert_eq!((took.put_if_absent.requests, took.requests()), (1, 1), "{took:?}");
    assert!(took.bytes() < 4096 + 700, "{took:?}");
    let content = agent
        .store
        .tree()
        .lookup("/notes.md")
        .unwrap()
        .content()
        .unwrap()
        .clone();
    let (took, _) = during(&counted, agent.store.read_all(&content)).await;
    assert_eq!(took.requests(), 0, "{took:?}");
}

#[tokio::test]
async fn a_large_write_is_one_upload_and_one_slot() {
    let world = World::new();
    let (counted, store) = counted(&world).await;
    let agent = agent(store);
    agent.create("/first", "settles the probe\n").await.unwrap();
    let (took, _) = during(&counted, agent.create("/large", &"x".repeat(100_000))).await;
    assert_eq!((took.put_if_absent.requests, took.requests()), (2, 2), "{took:?}");
}

#[tokio::test]
async fn what_is_enqueued_together_is_committed_together() {
    let world = World::new();
    let (counted, store) = counted(&world).await;
    agent(store.clone())
        .create("/first", "settles the probe\n")
        .await
        .unwrap();
    let (took, ()) = during(&counted, async {
        let waiting: Vec<_> = (0..1000)
            .map(|n| {
                create(
                    &store,
                    FileId::ROOT,
                    "",
                    &format!("f{n}"),
                    Bytes::from(format!("{n}\n")),
                )
            })
            .map(|intent| store.enqueue(Entry::new(Author::agent("a"), vec![intent])))
            .collect();
        for done in waiting {
            done.await.unwrap().unwrap()[0].as_ref().unwrap();
        }
    })
    .await;
    assert!(took.requests() <= 20, "{took:?}");
}

#[tokio::test]
async fn seeing_another_mounts_write_is_one_slot_and_a_look_for_the_next() {
    let world = World::new();
    let (counted, store) = counted(&world).await;
    let writer = world.mount("b").await;
    writer.create("/notes.md", "hello\n").await.unwrap();
    let reader = agent(store);
    let (took, text) = during(&counted, reader.text("/notes.md")).await;
    assert_eq!(text.unwrap(), "hello\n");
    assert_eq!((took.get.requests, took.requests()), (2, 2), "{took:?}");
}

#[tokio::test]
async fn opening_100_000_files_takes_five_requests_and_the_slots_since() {
    let world = World::new();
    let (_, store) = counted(&world).await;
    let author = Author::user("loader");
    for folder in 0..100 {
        let name = format!("d{folder:03}");
        let dir = FileId::random(store.random());
        let place = Place {
            parent: FileId::ROOT,
            name: name.clone(),
        };
        let mkdir = Intent::Mkdir {
            file: dir,
            path: format!("/{name}"),
            place,
            mode: 0o755,
            exists_ok: false,
        };
        let files = (0..1000).map(|n| {
            create(
                &store,
                dir,
                &format!("/{name}"),
                &format!("f{n:04}.md"),
                Bytes::from(format!("{folder} {n}\n")),
            )
        });
        store
            .commit_all(Entry::new(
                author.clone(),
                std::iter::once(mkdir).chain(files).collect(),
            ))
            .await
            .unwrap();
    }
    store.close().await;
    let started = std::time::Instant::now();
    let (opened, reader) = counted_open(&world).await;
    let tree = reader.tree();
    println!(
        "opened {} nodes in {:?}: {opened:?}",
        tree.nodes().count(),
        started.elapsed()
    );
    assert_eq!(tree.nodes().count(), 100_100);
    let since_batch = tree.seq % 64;
    assert!(opened.requests() <= 5 + since_batch, "{opened:?}");
}

#[tokio::test]
async fn the_newest_of_the_log_take_as_many_requests_as_are_asked_for() {
    let world = World::new();
    let (counted, store) = counted(&world).await;
    let agent = agent(store);
    // The first commit has the settings.
    for n in 2..=200 {
        agent.create(&format!("/{n}.md"), "x\n").await.unwrap();
    }
    // No batch is being written any more.
    agent.store.close().await;
    let newest = LogQuery {
        limit: 20,
        ..LogQuery::of("/")
    };
    let since = LogQuery {
        after: 190,
        ..LogQuery::of("/")
    };
    for (query, listed) in [(newest, 20), (since, 10)] {
        let (took, entries) = during(&counted, log(&agent.store, &query)).await;
        assert_eq!(entries.unwrap().len(), listed);
        // Of each, who proved to have written it; and its header, or the batch that has it.
        assert_eq!(took.head.requests, listed as u64, "{took}");
        assert!(took.get.requests <= listed as u64 + 2, "{took}");
    }
}

async fn counted_open(world: &World) -> (Snapshot, Store) {
    let counted = Counted::new();
    let backend = counted.wrap(StoreUrl::of_directory(world.dir.path()).connect().await.unwrap());
    let store = Store::open(backend, Options::default()).await.unwrap();
    (counted.snapshot(), store)
}
