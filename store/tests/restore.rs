//! Restoring: whatever was done since, a store can be brought back to any of its moments.

#![allow(clippy::unwrap_used)]

mod common;

use common::{Agent, World};
use rand_chacha::ChaCha12Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use remanence_store::intent::{Base, Entry, Intent};
use remanence_store::restore::{RestoreError, restore, restore_memory};
use remanence_store::tree::{NodeKind, Tree};
use remanence_store::{At, Author, FileId};

/// Paths, kinds, modes and contents (by hash) of a tree.
fn listing(tree: &Tree) -> Vec<String> {
    let mut lines: Vec<String> = tree
        .nodes()
        .map(|n| {
            let what = match &n.kind {
                NodeKind::Dir => "folder".to_owned(),
                NodeKind::Symlink { target } => format!("link to {target}"),
                NodeKind::File { content, .. } => {
                    let hashes: Vec<_> = content.extents.iter().map(|e| e.hash.to_string()).collect();
                    format!("{:o} {}", n.mode, hashes.join(" "))
                }
            };
            format!("{} {what}", tree.path(n.id).unwrap())
        })
        .collect();
    lines.sort();
    lines
}

fn commit(seq: u64) -> At {
    At { seq, op: None }
}

/// One random change; indexes are taken modulo what exists, so that most of them do something.
async fn change(agent: &Agent, rng: &mut ChaCha12Rng) {
    let tree = agent.store.tree();
    let pick = |rng: &mut ChaCha12Rng, dirs: bool| {
        let mut paths: Vec<_> = tree
            .nodes()
            .filter(|n| n.is_dir() == dirs)
            .map(|n| tree.path(n.id).unwrap())
            .collect();
        paths.sort();
        (!paths.is_empty()).then(|| paths[rng.next_u32() as usize % paths.len()].clone())
    };
    let folder = if rng.next_u32().is_multiple_of(2) {
        String::new()
    } else {
        pick(rng, true).unwrap_or_default()
    };
    let name = format!("{folder}/n{}", rng.next_u32() % 6);
    let free = tree.lookup(&name).is_none();
    match rng.next_u32() % 7 {
        0 | 1 if free => drop(agent.create(&name, &format!("text {}\n", rng.next_u32())).await),
        2 if free => drop(agent.mkdir(&name).await),
        3 if free => {
            let link = Intent::Symlink {
                file: FileId::random(agent.store.random()),
                path: name.clone(),
                place: agent.place(&name),
                target: format!("t{}", rng.next_u32() % 3),
            };
            drop(agent.one(link).await);
        }
        4 => {
            if let Some(path) = pick(rng, false)
                && tree.lookup(&path).unwrap().content().is_some()
            {
                let text = format!("edited {}\n", rng.next_u32());
                drop(agent.edit(&path, agent.id(&path), agent.served(&path), &text).await);
            }
        }
        5 => {
            if let Some(path) = pick(rng, false) {
                drop(agent.remove(&path, agent.id(&path), Base::Head).await);
            }
        }
        _ => {
            let dirs = rng.next_u32().is_multiple_of(2);
            if let Some(from) = pick(rng, dirs) {
                // Also onto what is there, and into itself: some of these are refused.
                drop(agent.rename(&from, &name, agent.id(&from), Base::Head).await);
            }
        }
    }
}

#[tokio::test]
async fn any_moment_comes_back_after_any_changes() {
    for seed in 0..12 {
        let world = World::new();
        let agent = world.mount("a").await;
        let mut rng = ChaCha12Rng::seed_from_u64(seed);
        for round in 0..6 {
            for _ in 0..12 {
                change(&agent, &mut rng).await;
            }
            let head = agent.store.tree().seq;
            let seq = 1 + rng.next_u64() % head;
            let then = agent.store.tree_at(commit(seq)).await.unwrap();
            let before = listing(&agent.store.tree());
            restore(&agent.store, "/", commit(seq), Author::user("ada"))
                .await
                .unwrap();
            assert_eq!(
                listing(&agent.store.tree()),
                listing(&then),
                "seed {seed} round {round} to {seq}"
            );
            assert!(agent.store.tree().seq <= head + 1, "one commit");
            // And forward again.
            restore(&agent.store, "/", commit(head), Author::user("ada"))
                .await
                .unwrap();
            assert_eq!(
                listing(&agent.store.tree()),
                before,
                "seed {seed} round {round} back to {head}"
            );
        }
    }
}

#[tokio::test]
async fn names_that_were_swapped_are_swapped_back() {
    let world = World::new();
    let a = world.mount("a").await;
    a.create("/x", "x\n").await.unwrap();
    a.create("/y", "y\n").await.unwrap();
    let seq = a.store.tree().seq;
    let (x, y) = (a.id("/x"), a.id("/y"));
    a.rename("/x", "/t", x, Base::Head).await.unwrap();
    a.rename("/y", "/x", y, Base::Head).await.unwrap();
    a.rename("/t", "/y", x, Base::Head).await.unwrap();
    restore(&a.store, "/", commit(seq), Author::user("ada")).await.unwrap();
    assert_eq!(a.text("/x").await.unwrap(), "x\n");
    assert_eq!(a.text("/y").await.unwrap(), "y\n");
}

#[tokio::test]
async fn a_removed_file_comes_back_with_its_id_so_its_history_goes_on() {
    let world = World::new();
    let a = world.mount("a").await;
    a.mkdir("/notes").await.unwrap();
    a.create("/notes/x", "x\n").await.unwrap();
    let (id, seq) = (a.id("/notes/x"), a.store.tree().seq);
    a.remove("/notes/x", id, Base::Head).await.unwrap();
    let notes = a.id("/notes");
    let rmdir = Intent::Rmdir {
        file: notes,
        path: "/notes".into(),
    };
    a.one(rmdir).await.unwrap();
    let restored = restore(&a.store, "/notes/x", commit(seq), Author::user("ada"))
        .await
        .unwrap();
    assert_eq!(restored.written, ["/notes/x"]);
    assert_eq!(a.id("/notes/x"), id);
    assert_eq!(a.text("/notes/x").await.unwrap(), "x\n");
}

#[tokio::test]
async fn what_dreams_keep_stays_where_the_memory_alone_is_restored() {
    let world = World::new();
    let a = world.mount("a").await;
    a.create("/x", "x\n").await.unwrap();
    let before = a.store.tree().seq;
    let entry = Entry::new(Author::dream("d"), vec![a.making("/.dream")]);
    a.store.commit_all(entry).await.unwrap();
    a.create("/y", "y\n").await.unwrap();
    restore_memory(&a.store, commit(before), Author::user("ada"))
        .await
        .unwrap();
    assert_eq!(a.paths().await, ["/.dream", "/x"]);
    restore(&a.store, "/", commit(before), Author::user("ada"))
        .await
        .unwrap();
    assert_eq!(a.paths().await, ["/x"]);
    restore_memory(&a.store, commit(before + 1), Author::user("ada"))
        .await
        .unwrap();
    assert_eq!(a.paths().await, ["/x"]);
}

#[tokio::test]
async fn a_renamed_file_is_restored_where_it_is_now() {
    let world = World::new();
    let a = world.mount("a").await;
    a.create("/old", "one\n").await.unwrap();
    let (id, version) = (a.id("/old"), a.store.tree().lookup("/old").unwrap().version);
    a.edit("/old", id, a.served("/old"), "two\n").await.unwrap();
    a.rename("/old", "/new", id, Base::Head).await.unwrap();
    a.create("/old", "another\n").await.unwrap();
    restore(&a.store, "/new", version.into(), Author::user("ada"))
        .await
        .unwrap();
    assert_eq!(a.text("/new").await.unwrap(), "one\n");
    assert_eq!(a.text("/old").await.unwrap(), "another\n");
}

#[tokio::test]
async fn who_wrote_meanwhile_loses_nothing() {
    let world = World::new();
    let (a, b) = (world.mount("a").await, world.mount("b").await);
    a.create("/x", "one\ntwo\nthree\n").await.unwrap();
    let (id, seq) = (a.id("/x"), a.store.tree().seq);
    a.edit("/x", id, a.served("/x"), "1\ntwo\nthree\n").await.unwrap();
    b.store.sync().await.unwrap();
    // What `b` writes now, `a` has not seen when it restores.
    b.edit("/x", id, b.served("/x"), "1\ntwo\nthree\nfour\n").await.unwrap();
    b.create("/y", "new\n").await.unwrap();
    restore(&a.store, "/", commit(seq), Author::user("ada")).await.unwrap();
    assert_eq!(a.text("/x").await.unwrap(), "one\ntwo\nthree\nfour\n");
    assert_eq!(a.text("/y").await.unwrap(), "new\n");
}

#[tokio::test]
async fn what_was_not_there_can_t_be_restored() {
    let world = World::new();
    let a = world.mount("a").await;
    a.create("/x", "x\n").await.unwrap();
    a.create("/y", "y\n").await.unwrap();
    let error = restore(&a.store, "/y", commit(1), Author::user("ada"))
        .await
        .unwrap_err();
    assert!(matches!(error, RestoreError::NotThere { .. }), "{error}");
    let error = restore(&a.store, "/z", commit(2), Author::user("ada"))
        .await
        .unwrap_err();
    assert!(matches!(error, RestoreError::NotThere { .. }), "{error}");
    assert_eq!(a.paths().await, ["/x", "/y"]);
}
