//! A store whose clock the test turns, and what must hold of it at any time.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use remanence_store::backend::Backend;
use remanence_store::backend::local::LocalDir;
use remanence_store::clock::Clock;
use remanence_store::content::ObjectRef;
use remanence_store::maintain::{MaintainReport, maintain};
use remanence_store::settings::Settings;
use remanence_store::{At, Options, Store, Tree, Version, index};
use tempfile::TempDir;

use crate::common::Agent;

pub const DAY: Duration = Duration::from_hours(24);

#[derive(Clone)]
pub struct TurnedClock(Arc<AtomicI64>);

impl TurnedClock {
    pub fn new() -> Self {
        Self(Arc::new(AtomicI64::new(1_800_000_000)))
    }

    pub fn turn(&self, by: Duration) {
        self.0.fetch_add(by.as_secs() as i64, Ordering::Relaxed);
    }
}

impl Clock for TurnedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.0.load(Ordering::Relaxed)).unwrap()
    }
}

pub struct Shop {
    pub dir: TempDir,
    pub clock: TurnedClock,
}

impl Shop {
    pub fn new() -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
            clock: TurnedClock::new(),
        }
    }

    pub fn backend(&self) -> Backend {
        LocalDir::backend(self.dir.path())
    }

    pub async fn agent(&self, name: &str) -> Agent {
        self.agent_on(name, self.backend()).await
    }

    pub async fn agent_on(&self, name: &str, backend: Backend) -> Agent {
        Agent {
            store: open(backend, &self.clock).await,
            name: name.to_owned(),
            late: false,
            refuse: false,
        }
    }

    /// Maintains, keeping a day.
    pub async fn maintain(&self) -> MaintainReport {
        let store = open(self.backend(), &self.clock).await;
        maintain(&store, DAY, self.clock.now()).await.unwrap()
    }

    /// Maintains until a run has nothing left to do.
    pub async fn settle(&self) {
        for _ in 0..6 {
            let before = open(self.backend(), &self.clock).await.tree().seq;
            self.maintain().await;
            if open(self.backend(), &self.clock).await.tree().seq == before {
                return;
            }
        }
        panic!("maintenance does not come to rest");
    }

    /// All objects whose path holds `part`, by path.
    pub fn objects(&self, part: &str) -> BTreeMap<String, Vec<u8>> {
        let mut found = BTreeMap::new();
        collect(self.dir.path(), self.dir.path(), &mut found);
        found.retain(|key, _| key.contains(part));
        found
    }

    /// Keys of objects that hold `bytes`.
    pub fn holding(&self, bytes: &str) -> Vec<String> {
        let all = self.objects("");
        let holds = |object: &[u8]| object.windows(bytes.len()).any(|w| w == bytes.as_bytes());
        all.into_iter().filter(|(_, o)| holds(o)).map(|(key, _)| key).collect()
    }
}

fn collect(root: &Path, dir: &Path, found: &mut BTreeMap<String, Vec<u8>>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(root, &path, found);
        } else {
            let key = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            found.insert(key, std::fs::read(&path).unwrap());
        }
    }
}

pub async fn open(backend: Backend, clock: &TurnedClock) -> Store {
    try_open(backend, clock).await.unwrap()
}

pub async fn try_open(backend: Backend, clock: &TurnedClock) -> Result<Store, remanence_store::StoreError> {
    let options = Options {
        clock: Arc::new(clock.clone()),
        probe: false,
        memory_cache: 0,
        ..Options::default()
    };
    Store::open_or_init(backend, &Settings::memory(), options).await
}

/// Every file's version and text at `seq`; `None` for a redacted one.
pub async fn texts(store: &Store, tree: &Tree) -> BTreeMap<String, (Version, Option<String>)> {
    let mut texts = BTreeMap::new();
    for node in tree.nodes().filter(|n| n.content().is_some()) {
        let text = match store.read_all(node.content().unwrap()).await {
            Ok(bytes) => Some(String::from_utf8(bytes.to_vec()).unwrap()),
            Err(remanence_store::StoreError::Redacted { .. }) => None,
            Err(error) => panic!("{} at {}: {error}", tree.path(node.id).unwrap(), tree.seq),
        };
        texts.insert(tree.path(node.id).unwrap(), (node.version, text));
    }
    texts
}

/// What every retained commit shows.
pub type Past = BTreeMap<u64, BTreeMap<String, (Version, Option<String>)>>;

pub async fn past(store: &Store) -> Past {
    let head = store.tree();
    let mut past = Past::new();
    for seq in head.horizon.max(1)..=head.seq {
        let tree = store.tree_at(At { seq, op: None }).await.unwrap();
        past.insert(seq, texts(store, &tree).await);
    }
    past
}

/// What must hold at any time: every live and every retained version can be read, nothing that one of them needs is
/// condemned, and the tree is a function of the slots alone, with or without indexes.
pub async fn check(store: &Store) -> Past {
    store.sync().await.unwrap();
    let head = store.tree();
    let mut needed = BTreeSet::new();
    let mut replayed = Tree::empty();
    for slot in store.headers(1..head.seq + 1).await.unwrap() {
        replayed.apply(&slot.header).unwrap();
        if replayed.seq >= head.horizon {
            needed.extend(replayed.live_extents().map(|e| head.located(e)));
        }
    }
    assert_eq!(replayed, *head, "the tree is not what the slots make");
    assert_eq!(
        index::decode(&index::encode(&head)).unwrap(),
        *head,
        "the index leaves something out"
    );
    for extent in needed {
        assert!(
            !head.condemned.contains_key(&extent.object) || head.is_redacted(&extent),
            "{} is needed, but condemned",
            extent.object
        );
        if let ObjectRef::Slot(seq) = extent.object {
            assert!(
                !head.stubbed.contains(seq) || head.is_redacted(&extent),
                "slot {seq} is needed, but a stub"
            );
        }
    }
    past(store).await
}
