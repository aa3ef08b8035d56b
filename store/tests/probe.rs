//! The probe finds object stores that break the promise of create-if-absent, and nothing is written there.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use remanence_store::backend::counted::Counted;
use remanence_store::backend::local::LocalDir;
use remanence_store::backend::{Append, Backend, BackendError, Created, Result};
use remanence_store::intent::{Entry, Intent};
use remanence_store::probe::{ProbeError, probe};
use remanence_store::random::OsRandom;
use remanence_store::settings::Settings;
use remanence_store::{Author, Options, Store, StoreError};
use tempfile::TempDir;

fn backend() -> (TempDir, Backend) {
    let dir = tempfile::tempdir().unwrap();
    let backend = LocalDir::backend(dir.path().join("bucket"));
    (dir, backend)
}

/// An object store that breaks its promise in one way.
struct Broken {
    backend: Backend,
    how: How,
}

enum How {
    /// Takes no notice of the precondition.
    Overwrites,
    /// Looks first and writes then, as two steps.
    LooksFirst,
    /// Says that the object exists, and replaces it.
    Lies,
    /// Answers nothing.
    Down,
}

#[async_trait]
impl Append for Broken {
    async fn put_if_absent(&self, key: &str, body: Bytes) -> Result<Created> {
        let there = self.backend.read.get(key, None).await?.is_some();
        let maintain = self.backend.maintain.as_ref().unwrap();
        match self.how {
            How::Down => {
                return Err(BackendError::Unknown {
                    what: format!("PUT {key}"),
                    cause: "no answer".to_owned(),
                });
            }
            How::LooksFirst if there => return Ok(Created::Exists),
            _ => maintain.put(key, body).await?,
        }
        Ok(if matches!(self.how, How::Lies) && there {
            Created::Exists
        } else {
            Created::Yes
        })
    }
}

/// The same place by way of such an object store.
fn broken(backend: &Backend, how: How) -> Backend {
    let append = Broken {
        backend: backend.clone(),
        how,
    };
    Backend {
        append: Some(Arc::new(append)),
        ..backend.clone()
    }
}

/// What a refusal names: the test, for how many of a race were told that they won is another number each time.
fn refused_for(error: &ProbeError) -> String {
    match error {
        ProbeError::Failed { test, .. } => (*test).to_owned(),
        ProbeError::Backend { .. } => error.to_string(),
    }
}

async fn verdict(how: How) -> ProbeError {
    let (_dir, backend) = backend();
    let broken = broken(&backend, how);
    let first = probe(&broken, &OsRandom).await.unwrap_err();
    let again = probe(&broken, &OsRandom).await.unwrap_err();
    assert_eq!(refused_for(&first), refused_for(&again), "a refusal is not forgotten");
    first
}

#[tokio::test]
async fn who_breaks_the_promise_is_refused_with_the_name_of_the_test() {
    for (how, name) in [
        (How::Overwrites, "double-create"),
        (How::Lies, "double-create"),
        (How::LooksFirst, "race"),
    ] {
        let error = verdict(how).await;
        let ProbeError::Failed { test, .. } = &error else {
            panic!("{error}")
        };
        assert_eq!(*test, name);
        assert!(error.to_string().contains("If-None-Match"), "{error}");
    }
    let error = verdict(How::Down).await;
    assert!(matches!(error, ProbeError::Backend { .. }), "{error}");
}

#[tokio::test]
async fn a_passed_probe_costs_two_requests_and_leaves_nothing_more() {
    let (dir, backend) = backend();
    let counted = Counted::new();
    let mount = counted.wrap(backend.clone()).without_maintain();
    probe(&mount, &OsRandom).await.unwrap();
    let first = counted.snapshot();
    assert!(first.requests() <= 60, "{first}");
    let objects = backend.read.list("probe/", None, 100).await.unwrap();
    assert_eq!(
        objects.len(),
        7,
        "the record, and five races that a mount may not delete"
    );
    for _ in 0..3 {
        let before = counted.snapshot();
        probe(&mount, &OsRandom).await.unwrap();
        assert_eq!((counted.snapshot() - before).requests(), 2);
    }
    assert_eq!(backend.read.list("probe/", None, 100).await.unwrap(), objects);

    // Through another address the promise is tested anew; who may delete cleans up.
    let link = dir.path().join("other");
    std::os::unix::fs::symlink(dir.path().join("bucket"), &link).unwrap();
    let before = counted.snapshot();
    probe(&counted.wrap(LocalDir::backend(&link)), &OsRandom).await.unwrap();
    assert!((counted.snapshot() - before).requests() > 40);
    assert_eq!(backend.read.list("probe/", None, 100).await.unwrap().len(), 9);

    probe(&backend.read_only(), &OsRandom).await.unwrap();
}

/// All objects but the probe's own.
async fn written(backend: &Backend) -> Vec<(String, Bytes)> {
    let mut objects = Vec::new();
    for object in backend.read.list("", None, 100).await.unwrap() {
        if !object.key.starts_with("probe/") {
            let bytes = backend.read.get(&object.key, None).await.unwrap().unwrap();
            objects.push((object.key, bytes));
        }
    }
    objects
}

#[track_caller]
fn is_the_double_creates(error: &StoreError) {
    let refusal = matches!(
        error,
        StoreError::Probe(ProbeError::Failed {
            test: "double-create",
            ..
        })
    );
    assert!(refusal, "{error:?}");
}

#[tokio::test]
async fn no_store_is_made_where_the_promise_is_broken() {
    let (_dir, backend) = backend();
    let broken = broken(&backend, How::Overwrites);
    let made = Store::open_or_init(broken, &Settings::memory(), Options::default()).await;
    is_the_double_creates(&made.unwrap_err());
    assert!(written(&backend).await.is_empty());
}

#[tokio::test]
async fn nothing_is_committed_to_a_store_where_the_promise_is_broken() {
    let (_dir, backend) = backend();
    let unprobed = Options {
        probe: false,
        ..Options::default()
    };
    let store = Store::open_or_init(backend.clone(), &Settings::memory(), unprobed).await;
    store.unwrap().close().await;
    let before = written(&backend).await;
    let store = Store::open(broken(&backend, How::Overwrites), Options::default()).await;
    let settings = Settings {
        files: 7,
        ..Settings::memory()
    };
    let entry = Entry::new(Author::user("ada"), vec![Intent::Settings { settings }]);
    let committed = store.unwrap().commit(entry).await;
    is_the_double_creates(&committed.unwrap_err());
    assert_eq!(written(&backend).await, before);
}
