//! Entries whose counters a journal has: what failed is repeated by a successor, so nothing may overtake it.

use std::sync::atomic::Ordering;
use std::time::Duration;

use remanence_store::intent::{Base, Create, Entry, Intent, Piece};
use remanence_store::op::Place;
use remanence_store::settings::Settings;
use remanence_store::url::StoreUrl;
use remanence_store::{Author, FileId, Options, Store, StoreError};

use crate::backends::Mortal;

fn entry(counter: u64, name: &str) -> Entry {
    let put = Intent::Put {
        file: FileId(1000 + counter),
        path: format!("/{name}"),
        create: Some(Create::at(Place {
            parent: FileId::ROOT,
            name: name.into(),
        })),
        base: Base::Nothing,
        content: vec![Piece::New(name.to_owned().into())],
        mode: None,
        mtime: None,
        expect: None,
    };
    Entry {
        counter: Some(counter),
        ..Entry::new(Author::agent("a"), vec![put])
    }
}

#[tokio::test]
async fn nothing_overtakes_what_failed() {
    let dir = tempfile::tempdir().unwrap();
    let plain = StoreUrl::of_directory(dir.path()).connect().await.unwrap();
    let (backend, left) = Mortal::wrap(plain.clone(), i64::MAX, false);
    let options = Options {
        give_up: Some(Duration::ZERO),
        follow: false,
        ..Options::default()
    };
    let store = Store::open_or_init(backend, &Settings::memory(), options.clone())
        .await
        .unwrap();
    let mount = store.mount();
    store.commit(entry(1, "first")).await.unwrap();
    left.store(0, Ordering::SeqCst);
    let failed = store.commit(entry(2, "failed")).await.unwrap_err();
    left.store(i64::MAX, Ordering::SeqCst);
    let later = store.commit(entry(3, "later")).await.unwrap_err();
    assert_eq!(later.to_string(), failed.to_string());
    store.close().await;

    // Its successor repeats both.
    let options = Options {
        mount: Some(mount),
        next_counter: 4,
        ..options
    };
    let successor = Store::open(plain, options).await.unwrap();
    for (counter, name) in [(2, "failed"), (3, "later")] {
        successor.commit(entry(counter, name)).await.unwrap();
    }
    let tree = successor.tree();
    for name in ["/first", "/failed", "/later"] {
        assert!(tree.lookup(name).is_some(), "{name}");
    }
}

#[tokio::test]
async fn a_handle_without_a_journal_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let plain = StoreUrl::of_directory(dir.path()).connect().await.unwrap();
    let (backend, left) = Mortal::wrap(plain, i64::MAX, false);
    let options = Options {
        give_up: Some(Duration::ZERO),
        follow: false,
        ..Options::default()
    };
    let store = Store::open_or_init(backend, &Settings::memory(), options)
        .await
        .unwrap();
    let without = |name| Entry {
        counter: None,
        ..entry(9, name)
    };
    left.store(0, Ordering::SeqCst);
    let failed = store.commit(without("one")).await.unwrap_err();
    assert!(
        matches!(failed, StoreError::Backend(_) | StoreError::Probe(_)),
        "{failed}"
    );
    left.store(i64::MAX, Ordering::SeqCst);
    store.commit(without("two")).await.unwrap();
    assert!(store.tree().lookup("/two").is_some());
}
