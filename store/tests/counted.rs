//! Requests and bytes are counted by kind.
#![allow(clippy::unwrap_used)]

use std::ops::Range;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use remanence_store::backend::counted::{Count, Counted};
use remanence_store::backend::local::LocalDir;
use remanence_store::backend::{Listed, Read, Result};
use remanence_store::history::{LogQuery, log};
use remanence_store::intent::{Entry, Intent};
use remanence_store::op::Place;
use remanence_store::settings::Settings;
use remanence_store::{Author, FileId, Options, Store};

fn count(requests: u64, bytes: u64) -> Count {
    Count { requests, bytes }
}

#[tokio::test]
async fn each_request_is_counted_where_it_belongs() {
    let dir = tempfile::tempdir().unwrap();
    let counted = Counted::new();
    let backend = counted.wrap(LocalDir::backend(dir.path()));
    let (append, maintain) = (backend.append.unwrap(), backend.maintain.unwrap());
    append.put_if_absent("a", "12345".into()).await.unwrap();
    append.put_if_absent("a", "12345".into()).await.unwrap();
    backend.read.get("a", Some(1..3)).await.unwrap();
    backend.read.get("absent", None).await.unwrap();
    backend.read.list("", None, 10).await.unwrap();
    backend.read.proved_author("a").await.unwrap();
    let before = counted.snapshot();
    maintain.put("a", "1".into()).await.unwrap();
    maintain.delete("a").await.unwrap();

    let all = counted.snapshot();
    assert_eq!(all.put_if_absent, count(2, 10));
    assert_eq!(all.get, count(2, 2));
    assert_eq!((all.list, all.head), (count(1, 0), count(1, 0)));
    let later = all - before;
    assert_eq!((later.put, later.delete), (count(1, 1), count(1, 0)));
    assert_eq!((all.requests(), later.requests(), all.bytes()), (8, 2, 13));
    assert_eq!(later.to_string(), "2 requests, 1 bytes; 1 put; 1 delete");
}

/// All of whose objects were written by one agent, as its token proved.
struct Proving(Arc<dyn Read>);

#[async_trait]
impl Read for Proving {
    async fn get(&self, key: &str, range: Option<Range<u64>>) -> Result<Option<Bytes>> {
        self.0.get(key, range).await
    }

    async fn list(&self, prefix: &str, after: Option<&str>, max: usize) -> Result<Vec<Listed>> {
        self.0.list(prefix, after, max).await
    }

    async fn proved_author(&self, _key: &str) -> Result<Option<String>> {
        Ok(Some(r#"{"agent":"mallory"}"#.to_owned()))
    }
}

#[tokio::test]
async fn who_wrote_is_proved_behind_a_counter_too() {
    let dir = tempfile::tempdir().unwrap();
    let mut backend = LocalDir::backend(dir.path());
    backend.read = Arc::new(Proving(backend.read));
    let counted = Counted::new();
    let store = Store::open_or_init(counted.wrap(backend), &Settings::memory(), Options::default())
        .await
        .unwrap();
    for (id, author) in [(77, "ada"), (78, "mallory")] {
        let mkdir = Intent::Mkdir {
            file: FileId(id),
            path: format!("/{author}"),
            place: Place {
                parent: FileId::ROOT,
                name: author.to_owned(),
            },
            mode: 0o755,
            exists_ok: false,
        };
        store
            .commit_all(Entry::new(Author::agent(author), vec![mkdir]))
            .await
            .unwrap();
    }
    let entries = log(&store, &LogQuery::of("/")).await.unwrap();
    let forged: Vec<_> = entries.into_iter().map(|entry| entry.forged).collect();
    assert_eq!(forged, [None, Some(Author::agent("mallory"))]);
    assert_eq!(counted.snapshot().head, count(2, 0));
}
