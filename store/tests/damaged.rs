//! Objects that are damaged, cut short, another store's or gone: what is only a shortcut is passed over, what is more is
//! named or written again, and all else can be read.
#![allow(clippy::unwrap_used)]

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::{Agent, World};
use remanence_store::history::{Gone, LogQuery, log, tree_of};
use remanence_store::intent::Entry;
use remanence_store::manifest::{self, Manifest};
use remanence_store::op::{Op, Place};
use remanence_store::restore::restore;
use remanence_store::settings::Settings;
use remanence_store::slot;
use remanence_store::url::StoreUrl;
use remanence_store::{At, Author, FileId, MountId, Options, Store, StoreError, StoreId, Tree};

/// As many as fill a batch, and two more.
const COMMITS: u64 = 66;

/// A store as its last writer left it: one commit a file, the last too large for its slot.
struct Stored {
    world: World,
    tree: Tree,
    /// Where its objects lie.
    objects: PathBuf,
}

impl Stored {
    async fn of(who: &str, commits: u64) -> Self {
        let world = World::new();
        let agent = world.mount(who).await;
        for n in 1..commits {
            agent
                .create(&format!("/{n}.md"), &format!("{n} of {who}\n"))
                .await
                .unwrap();
        }
        agent.create("/large.md", &who.repeat(70_000)).await.unwrap();
        agent.store.write_index().await.unwrap();
        agent.store.close().await;
        let objects = world.dir.path().join(agent.store.id().to_string());
        let tree = Tree::clone(&agent.store.tree());
        Self { world, tree, objects }
    }

    /// The only object in a folder.
    fn only(&self, folder: &str) -> PathBuf {
        let mut entries = fs::read_dir(self.objects.join(folder)).unwrap();
        let object = entries.next().unwrap().unwrap().path();
        assert!(entries.next().is_none(), "{folder} holds more");
        object
    }

    /// Key of the object that holds a file's bytes.
    fn holder(&self, path: &str) -> String {
        let content = self.tree.lookup(path).unwrap().content().unwrap();
        content.extents[0].object.to_string()
    }

    async fn open(&self) -> Result<Store, StoreError> {
        let backend = StoreUrl::of_directory(self.world.dir.path()).connect().await?;
        Store::open(backend, Options::default()).await
    }

    async fn opens_as_it_was(&self, what: &str) {
        let store = self.open().await.unwrap();
        assert!(*store.tree() == self.tree, "{what}: another tree");
    }
}

/// What else may lie in an object's place.
fn instead(object: &Path, foreign: &Path) -> [(&'static str, Vec<u8>); 3] {
    let whole = fs::read(object).unwrap();
    [
        ("garbage", b"no such thing\n".repeat(10)),
        ("cut short", whole[..whole.len() / 2].to_vec()),
        ("foreign", fs::read(foreign).unwrap()),
    ]
}

#[tokio::test]
async fn an_index_that_is_no_use_is_passed_over() {
    let (ours, theirs) = (Stored::of("a", COMMITS).await, Stored::of("b", COMMITS).await);
    let index = ours.only("index");
    assert_eq!(index.file_name(), theirs.only("index").file_name());
    for (what, bytes) in instead(&index, &theirs.only("index")) {
        fs::write(&index, bytes).unwrap();
        ours.opens_as_it_was(what).await;
    }
}

#[tokio::test]
async fn a_batch_that_is_no_use_is_passed_over() {
    // With slots behind it that tell, and with none.
    for commits in [COMMITS, 64] {
        let (ours, theirs) = (Stored::of("a", commits).await, Stored::of("b", commits).await);
        fs::remove_file(ours.only("index")).unwrap();
        let batch = ours.only("batch");
        for (what, bytes) in instead(&batch, &theirs.only("batch")) {
            fs::write(&batch, bytes).unwrap();
            ours.opens_as_it_was(&format!("{what}, {commits} commits")).await;
        }
    }
}

#[tokio::test]
async fn contents_that_are_lost_are_named_and_the_others_are_read() {
    let (ours, theirs) = (Stored::of("a", COMMITS).await, Stored::of("b", COMMITS).await);
    for (lost, folder) in [("/large.md", "data/"), ("/3.md", "log/")] {
        let key = ours.holder(lost);
        assert!(key.starts_with(folder), "{key}");
        let object = ours.objects.join(&key);
        let whole = fs::read(&object).unwrap();
        for (what, bytes) in instead(&object, &theirs.objects.join(theirs.holder(lost))) {
            fs::write(&object, bytes).unwrap();
            let store = ours.open().await.unwrap();
            for node in ours.tree.nodes() {
                let path = ours.tree.path(node.id).unwrap();
                let read = store.read_all(node.content().unwrap()).await;
                if path == lost {
                    let named = matches!(&read, Err(StoreError::Damaged { key: named, .. }) if *named == key);
                    assert!(named, "{what}: {path}: {read:?}");
                } else {
                    assert!(read.is_ok(), "{what}: {path}: {read:?}");
                }
            }
        }
        fs::write(&object, whole).unwrap();
    }
}

#[tokio::test]
async fn a_manifest_that_is_no_use_is_named() {
    let ours = Stored::of("a", 2).await;
    let manifest = ours.world.dir.path().join("store/1");
    // Another store's manifest would be that store.
    for (what, bytes) in instead(&manifest, &ours.only("index")) {
        fs::write(&manifest, bytes).unwrap();
        let error = ours.open().await.unwrap_err();
        let named = matches!(&error, StoreError::Damaged { key, .. } if key == "store/1");
        assert!(named, "{what}: {error:?}");
    }
}

#[tokio::test]
async fn what_is_written_beside_a_version_that_is_lost_is_kept() {
    let ours = Stored::of("a", 2).await;
    let (a, b) = (ours.world.mount("a").await, ours.world.mount("b").await);
    let (file, seen) = (a.id("/1.md"), a.served("/1.md"));
    let base = b.served("/1.md");
    let large = "x".repeat(70_000);
    b.edit("/1.md", file, base, &large).await.unwrap();
    let lost = b.store.tree().lookup("/1.md").unwrap().content().unwrap().extents[0].object;
    fs::write(ours.objects.join(lost.to_string()), "lost").unwrap();
    let kept = a.edit("/1.md", file, seen, "mine\n").await.unwrap();
    let sibling = kept.sibling.unwrap();
    assert_eq!(a.text(&sibling).await.unwrap(), "mine\n");
    // The mount goes on.
    a.create("/later.md", "later\n").await.unwrap();
}

#[tokio::test]
async fn an_object_beside_the_slots_is_none() {
    let ours = Stored::of("a", 2).await;
    let next = ours.tree.seq + 1;
    fs::write(ours.objects.join(format!("log/{next}")), "no slot").unwrap();
    let store = ours.open().await.unwrap();
    assert_eq!(store.tree().seq, ours.tree.seq);
    store.close().await;
    let agent = ours.world.mount("b").await;
    agent.create("/later.md", "later\n").await.unwrap();
    let store = ours.open().await.unwrap();
    assert_eq!(store.tree().seq, next);
}

#[tokio::test]
async fn a_forged_commit_puts_no_folder_below_itself() {
    let ours = Stored::of("a", 1).await;
    let store = ours.open().await.unwrap();
    let mut forged = store.headers(1..2).await.unwrap()[0].header.clone();
    let folder = |file, parent, name: &str| Op::Mkdir {
        file: FileId(file),
        path: format!("/{name}"),
        place: Place {
            parent,
            name: name.into(),
        },
        mode: 0o755,
    };
    forged.ops = vec![folder(100, FileId::ROOT, "outer"), folder(101, FileId(100), "inner")];
    let mut tree = Tree::empty();
    tree.apply(&forged).unwrap();
    forged.seq += 1;
    forged.previous = forged.write;
    forged.ops = vec![folder(100, FileId(101), "outer")];
    let refused = tree.apply(&forged).unwrap_err();
    assert!(refused.to_string().contains("is a folder"), "{refused}");
}

#[tokio::test]
async fn of_what_a_bucket_that_was_set_back_lacks_the_newest_is_written_again() {
    let world = World::new();
    let options = Options {
        memory_cache: 0,
        ..Options::default()
    };
    let a = Agent {
        store: world.open_with(options).await,
        name: "a".into(),
        late: false,
        refuse: false,
    };
    a.create("/0.md", "0\n").await.unwrap();
    let entries = (1..=270).map(|n| {
        let intent = a.creating(&format!("/{n}.md"), &format!("{n}\n"), false);
        a.store.enqueue(Entry::new(Author::agent("a"), vec![intent]))
    });
    for answer in entries.collect::<Vec<_>>() {
        answer.await.unwrap().unwrap()[0].as_ref().unwrap();
    }
    let tree = a.store.tree();
    let newest = tree.lookup("/270.md").unwrap().content().unwrap();
    let objects = world.dir.path().join(a.store.id().to_string());
    for seq in 2..=tree.seq {
        fs::remove_file(objects.join(slot::key(seq))).unwrap();
    }
    // Whoever reads what is gone notices that the log is another.
    drop(a.store.read_all(newest).await);
    a.create("/later.md", "later\n").await.unwrap();
    let b = world.mount("b").await;
    for n in 0..=270 {
        // What the last 256 entries were is known.
        let there = n == 0 || n > 270 - 256;
        assert_eq!(b.store.tree().lookup(&format!("/{n}.md")).is_some(), there, "{n}");
    }
    assert_eq!(b.text("/270.md").await.as_deref(), Some("270\n"));
    assert_eq!(b.text("/later.md").await.as_deref(), Some("later\n"));
}

#[tokio::test]
async fn a_commit_whose_predecessor_is_lost_is_written_again_before_its_mount_ends() {
    let world = World::new();
    let a = world.mount("a").await;
    for n in 1..=5 {
        a.create(&format!("/{n}.md"), &format!("{n}\n")).await.unwrap();
    }
    let following = Options {
        follow: true,
        ..Options::default()
    };
    let mount = Agent {
        store: world.open_with(following).await,
        name: "b".into(),
        late: false,
        refuse: false,
    };
    let objects = world.dir.path().join(mount.store.id().to_string());
    fs::remove_file(objects.join(slot::key(mount.store.tree().seq))).unwrap();
    mount.create("/acked.md", "acked\n").await.unwrap();
    mount.store.close().await;
    let reader = world.mount("c").await;
    assert_eq!(reader.text("/acked.md").await.as_deref(), Some("acked\n"));
}

#[tokio::test]
async fn what_lies_behind_a_slot_that_is_lost_is_told_and_no_moment_of_the_store() {
    let world = World::new();
    let a = world.mount("a").await;
    a.create("/n.md", "1\n").await.unwrap();
    let id = a.id("/n.md");
    for n in 2..=5 {
        a.edit("/n.md", id, a.served("/n.md"), &format!("{n}\n")).await.unwrap();
    }
    let objects = world.dir.path().join(a.store.id().to_string());
    fs::remove_file(objects.join(slot::key(3))).unwrap();
    let lost = At { seq: 5, op: Some(1) };

    let b = world.mount("b").await;
    assert_eq!((b.store.tree().seq, b.store.health().missing), (2, Some(3)));
    let error = b.store.tree_at(lost).await.unwrap_err().to_string();
    assert!(error.contains(&slot::key(3)), "{error}");

    // The next write takes the slot's place.
    b.create("/y.md", "y\n").await.unwrap();
    let c = world.mount("c").await;
    assert_eq!((c.store.tree().seq, c.store.health().missing), (5, None));
    assert_eq!(c.text("/n.md").await.as_deref(), Some("2\n"));
    let mut query = LogQuery::of("/n.md");
    let told = |entries: Vec<remanence_store::history::LogEntry>| {
        let told = entries.iter().map(|e| (e.version.seq, e.gone));
        told.collect::<Vec<_>>()
    };
    assert_eq!(told(log(&c.store, &query).await.unwrap()), [(2, None), (1, None)]);
    query.void = true;
    let void = Some(Gone::Void);
    assert_eq!(
        told(log(&c.store, &query).await.unwrap()),
        [(5, void), (4, void), (2, None), (1, None)]
    );
    for at in [lost, At { seq: 5, op: None }] {
        let error = tree_of(&c.store, at).await.unwrap_err();
        assert!(error.to_string().contains("is void"), "{error}");
    }
    let restored = restore(&c.store, "/n.md", lost, Author::user("ada")).await;
    assert!(restored.unwrap_err().to_string().contains("is void"));
}

#[tokio::test]
async fn no_store_is_made_beside_data_whose_manifest_is_lost() {
    let ours = Stored::of("a", 2).await;
    let dir = ours.world.dir.path();
    let manifest = dir.join("store/1");
    let line = fs::read(&manifest).unwrap();
    fs::remove_file(&manifest).unwrap();
    let backend = StoreUrl::of_directory(dir).connect().await.unwrap();
    let made = Store::open_or_init(backend, &Settings::memory(), Options::default()).await;
    let error = made.unwrap_err();
    let id = ours.objects.file_name().unwrap().to_str().unwrap();
    let named = matches!(&error, StoreError::Orphaned { id: named, .. } if named.to_string() == id);
    assert!(named, "{error:?}");
    assert!(!manifest.exists());
    fs::write(&manifest, line).unwrap();
    ours.opens_as_it_was("put back").await;
}

#[tokio::test]
async fn a_store_whose_maker_was_killed_before_its_settings_gets_them_once() {
    let dir = tempfile::tempdir().unwrap();
    let backend = StoreUrl::of_directory(dir.path()).connect().await.unwrap();
    let made = Manifest {
        format: slot::FORMAT,
        id: StoreId(7),
        created: "2026-01-02T03:04:05Z".parse().unwrap(),
        owner: None,
        deleted: false,
    };
    manifest::create(&backend, 1, &made).await.unwrap();
    let limited = Settings {
        files: 7,
        ..Settings::memory()
    };
    for (mount, asked, has, commits) in [
        (Some(MountId(3)), Settings::sessions(), Settings::memory(), 0),
        (None, Settings::memory(), Settings::memory(), 0),
        (None, Settings::sessions(), Settings::sessions(), 1),
        (None, limited, Settings::sessions(), 1),
    ] {
        let options = Options {
            mount,
            ..Options::default()
        };
        let store = Store::open_or_init(backend.clone(), &asked, options).await.unwrap();
        let tree = store.tree();
        assert_eq!(
            (tree.settings.as_ref(), tree.seq),
            (&has, commits),
            "asked for {asked:?}"
        );
        store.close().await;
    }
}

#[tokio::test]
async fn a_store_can_be_made_above_others() {
    let world = World::new();
    // Even where their prefixes look like another's id and data.
    let below = world.dir.path().join("0123456789abcdef/data");
    fs::create_dir_all(below.parent().unwrap()).unwrap();
    for dir in [below.as_path(), world.dir.path()] {
        let backend = StoreUrl::of_directory(dir).connect().await.unwrap();
        let store = Store::open_or_init(backend, &Settings::memory(), Options::default()).await;
        store.unwrap().close().await;
    }
}
