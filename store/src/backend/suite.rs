//! What a store takes for granted of its backend, as a suite to run against any: it panics at the first thing that is
//! not so. Works under `suite/<random>/` and cleans up after itself.

use std::collections::BTreeSet;
use std::ops::Range;

use bytes::Bytes;
use futures::future::join_all;
use futures::stream::{self, StreamExt};

use super::{Append, Backend, BackendError, Created, Maintain, Read};
use crate::random::{OsRandom, Random};

/// Runs the suite against `backend`, which must have all rights.
///
/// # Panics
/// When the backend does something else than a store needs; the message says what.
pub async fn check(backend: &Backend) {
    let suite = Suite::new(backend);
    suite.absent().await;
    suite.created_once().await;
    suite.one_winner().await;
    suite.ranges().await;
    suite.order().await;
    suite.pages().await;
    suite.log_names().await;
    suite.maintenance().await;
    suite.versions().await;
    suite.bad_keys().await;
    suite.clean().await;
}

struct Suite<'a> {
    read: &'a dyn Read,
    append: &'a dyn Append,
    maintain: &'a dyn Maintain,
    base: String,
}

impl<'a> Suite<'a> {
    fn new(backend: &'a Backend) -> Self {
        Self {
            read: &*backend.read,
            append: backend.append.as_deref().expect("the suite needs the right to append"),
            maintain: backend
                .maintain
                .as_deref()
                .expect("the suite needs the right to maintain"),
            base: format!("suite/{:016x}/", OsRandom.u64()),
        }
    }

    fn key(&self, name: &str) -> String {
        format!("{}{name}", self.base)
    }

    async fn create(&self, name: &str, body: impl Into<Bytes>) -> Created {
        let created = self.append.put_if_absent(&self.key(name), body.into()).await;
        created.expect("a create succeeds")
    }

    async fn get(&self, name: &str, range: Option<Range<u64>>) -> Option<Bytes> {
        self.read.get(&self.key(name), range).await.expect("a GET succeeds")
    }

    /// The names below `prefix` after `after`, without the suite's own prefix.
    async fn list(&self, prefix: &str, after: Option<&str>, max: usize) -> Vec<String> {
        let after = after.map(|after| self.key(after));
        let listed = self.read.list(&self.key(prefix), after.as_deref(), max).await;
        let names = listed.expect("a LIST succeeds").into_iter().map(|object| {
            let name = object.key.strip_prefix(&self.base);
            name.expect("listed keys begin with the prefix").to_owned()
        });
        names.collect()
    }

    async fn absent(&self) {
        assert_eq!(self.get("absent", None).await, None, "an absent object is None");
        assert_eq!(self.get("absent", Some(2..5)).await, None, "so is a range of one");
        assert_eq!(self.get("absent", Some(2..2)).await, None, "and an empty range");
        assert!(
            self.list("absent/", None, 10).await.is_empty(),
            "nothing lies under an absent prefix"
        );
    }

    async fn created_once(&self) {
        for body in [&b""[..], b"small", &vec![7; 300 << 10]] {
            let name = format!("once/{}", body.len());
            assert_eq!(
                self.create(&name, body.to_vec()).await,
                Created::Yes,
                "an absent key is created"
            );
            assert_eq!(
                self.create(&name, "other").await,
                Created::Exists,
                "a second create is told so"
            );
            assert_eq!(
                self.create(&name, body.to_vec()).await,
                Created::Exists,
                "even with the same bytes"
            );
            assert_eq!(
                self.get(&name, None).await.as_deref(),
                Some(body),
                "the first body stays"
            );
        }
    }

    async fn one_winner(&self) {
        for round in 0..5 {
            let name = format!("race/{round}");
            let created = join_all((0..8).map(|n| {
                let name = &name;
                async move { self.create_known(name, &format!("body {n}")).await }
            }));
            let created = created.await;
            let winners: Vec<_> = (0..8).filter(|n| created[*n] == Created::Yes).collect();
            assert_eq!(winners.len(), 1, "one of eight concurrent creates wins");
            let body = self.get(&name, None).await.expect("the winner's object is there");
            assert_eq!(
                body,
                format!("body {}", winners[0]),
                "the winner's body is what is there"
            );
        }
    }

    /// A create whose outcome becomes known: servers may answer a race with "try again".
    async fn create_known(&self, name: &str, body: &str) -> Created {
        loop {
            match self.append.put_if_absent(&self.key(name), body.to_owned().into()).await {
                Ok(Created::Exists) if self.get(name, None).await.is_some_and(|there| there == body) => {
                    return Created::Yes;
                }
                Ok(created) => return created,
                Err(BackendError::Unknown { .. }) => {}
                Err(error) => panic!("a create under a race: {error}"),
            }
        }
    }

    async fn ranges(&self) {
        self.create("range", "0123456789").await;
        for (range, expected) in [
            (0..10, "0123456789"),
            (3..6, "345"),
            (9..10, "9"),
            (8..99, "89"),
            (10..20, ""),
            (50..60, ""),
            (4..4, ""),
        ] {
            let got = self.get("range", Some(range.clone())).await;
            assert_eq!(
                got.as_deref(),
                Some(expected.as_bytes()),
                "range {range:?} of ten bytes"
            );
        }
        self.create("empty", "").await;
        assert_eq!(
            self.get("empty", Some(0..5)).await.as_deref(),
            Some(&b""[..]),
            "a range of an empty object"
        );
    }

    async fn order(&self) {
        let names = [
            "order/a/b",
            "order/a/b/c1",
            "order/a/d",
            "order/a0",
            "order/b",
            "order/b2",
        ];
        // A file system cannot hold `b` beside `b/c1`.
        let names: Vec<_> = names.into_iter().filter(|name| *name != "order/a/b").collect();
        for name in names.iter().rev() {
            self.create(name, name.to_string()).await;
        }
        assert_eq!(
            self.list("order/", None, 100).await,
            names,
            "objects are listed in byte order"
        );
        assert_eq!(self.list("order/b", None, 100).await, names[3..], "by any prefix");
        assert_eq!(
            self.list("order/a/", None, 1).await,
            names[..1],
            "no more than asked for"
        );
        assert_eq!(self.list("order/", None, 0).await, names[..0], "even if that is none");
        for (at, name) in names.iter().enumerate() {
            assert_eq!(
                self.list("order/", Some(name), 100).await,
                names[at + 1..],
                "from after {name}"
            );
        }
        assert_eq!(
            self.list("order/", Some("order/a/c"), 2).await,
            names[1..3],
            "from after a key that is absent"
        );
        let listed = self
            .read
            .list(&self.key("order/b2"), None, 1)
            .await
            .expect("a LIST succeeds");
        assert_eq!(listed[0].size, 8, "with their sizes");
    }

    async fn pages(&self) {
        let names: Vec<_> = (0..1100).map(|n| format!("pages/{n:020}")).collect();
        let creates = stream::iter(&names).map(|name| self.create(name, ""));
        let created: Vec<_> = creates.buffer_unordered(16).collect().await;
        assert!(
            created.iter().all(|created| *created == Created::Yes),
            "many objects are created at once"
        );
        assert_eq!(
            self.list("pages/", None, 5000).await,
            names,
            "a list is longer than a page"
        );
        assert_eq!(
            self.list("pages/", None, 1001).await,
            names[..1001],
            "or cut just past one"
        );
        let after = Some(names[1096].as_str());
        assert_eq!(
            self.list("pages/", after, 5000).await,
            names[1097..],
            "its end is found from near it"
        );
    }

    /// The newest index is the first of its folder, whatever else is in the store.
    async fn log_names(&self) {
        for seq in [1_u64, 9, 10, 1_000_000] {
            self.create(&format!("s/log/{seq:020}"), "").await;
            self.create(&format!("s/index/{:020}", u64::MAX - seq), "").await;
        }
        let newest = format!("s/index/{:020}", u64::MAX - 1_000_000);
        assert_eq!(
            self.list("s/index/", None, 1).await,
            [newest],
            "the newest index comes first"
        );
        let after = format!("s/log/{:020}", 9);
        let later = [format!("s/log/{:020}", 10), format!("s/log/{:020}", 1_000_000)];
        assert_eq!(
            self.list("s/log/", Some(&after), 9).await,
            later,
            "the log goes on after a slot"
        );
    }

    async fn maintenance(&self) {
        self.create("m/a", "first").await;
        let put = self.maintain.put(&self.key("m/a"), "second".into()).await;
        put.expect("maintenance overwrites");
        assert_eq!(
            self.get("m/a", None).await.as_deref(),
            Some(&b"second"[..]),
            "the new bytes are read back"
        );
        let second = self.etag("m/a").await;
        let put = self.maintain.put(&self.key("m/a"), "2econd".into()).await;
        put.expect("maintenance overwrites");
        assert!(
            second.is_none() || self.etag("m/a").await != second,
            "another content of the same size has another ETag"
        );
        let put = self.maintain.put(&self.key("m/new/b"), "new".into()).await;
        put.expect("an absent object is put as well");
        assert_eq!(
            self.create("m/a", "third").await,
            Created::Exists,
            "what was overwritten is still there"
        );
        for _ in 0..2 {
            let deleted = self.maintain.delete(&self.key("m/a")).await;
            deleted.expect("a delete succeeds, whether or not the object is there");
        }
        assert_eq!(self.get("m/a", None).await, None, "what was deleted is gone");
        assert_eq!(self.list("m/", None, 9).await, ["m/new/b"], "and not listed");
        assert_eq!(
            self.create("m/a", "again").await,
            Created::Yes,
            "its key can be created again"
        );
    }

    async fn etag(&self, key: &str) -> Option<String> {
        let listed = self.read.list(&self.key(key), None, 1).await;
        listed.expect("a LIST succeeds").first()?.etag.clone()
    }

    /// However many versions the bucket keeps, all can be listed, read and deleted for good.
    async fn versions(&self) {
        let key = self.key("v/a");
        self.create("v/a", "secret").await;
        let put = self.maintain.put(&key, "redacted".into()).await;
        put.expect("maintenance overwrites");
        let versions = self
            .maintain
            .versions(&self.key("v/"))
            .await
            .expect("versions are listed");
        let current: Vec<_> = versions.iter().filter(|version| version.current).collect();
        assert_eq!(current.len(), 1, "one version is current: {versions:?}");
        for version in &versions {
            assert_eq!(version.key, key, "only versions under the prefix are listed");
            let body = self.maintain.get_version(version).await.expect("a version is read");
            let expected: &[u8] = if version.current { b"redacted" } else { b"secret" };
            assert_eq!(body.as_deref(), Some(expected), "{version:?}");
        }
        for version in &versions {
            let deleted = self.maintain.delete_version(version).await;
            deleted.expect("a version is deleted");
        }
        let left = self
            .maintain
            .versions(&self.key("v/"))
            .await
            .expect("versions are listed");
        assert!(left.is_empty(), "nothing is left: {left:?}");
        assert_eq!(self.get("v/a", None).await, None, "nor read");
    }

    async fn bad_keys(&self) {
        for bad in ["", "/a", "a/", "a//b", "../a", "a/../../b", "a\0b"] {
            let created = self.append.put_if_absent(bad, Bytes::new()).await;
            assert!(
                matches!(created, Err(BackendError::Refused { .. })),
                "key {bad:?} is refused: {created:?}"
            );
            let got = self.read.get(bad, None).await;
            assert!(
                matches!(got, Err(BackendError::Refused { .. })),
                "key {bad:?} is refused: {got:?}"
            );
        }
    }

    async fn clean(&self) {
        let versions = self.maintain.versions(&self.base).await.expect("versions are listed");
        let keys: BTreeSet<_> = versions.iter().map(|version| version.key.as_str()).collect();
        assert!(keys.len() > 1100, "versions of everything are listed, past a page");
        let deletes = stream::iter(&versions).map(|version| self.maintain.delete_version(version));
        let deleted: Vec<_> = deletes.buffer_unordered(16).collect().await;
        for deleted in deleted {
            deleted.expect("a version is deleted");
        }
        assert!(self.list("", None, 1).await.is_empty(), "the suite leaves nothing");
    }
}
