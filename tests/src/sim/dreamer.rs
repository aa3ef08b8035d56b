//! A committer as dreams are: it reads some files, thinks, and changes them all in one commit or not at all.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use remanence_store::id::FileId;
use remanence_store::intent::{Base, Create, Entry, Expect, Intent, Piece};
use remanence_store::op::Place;
use remanence_store::tree::Node;
use remanence_store::{Author, Options, Store};

use super::client::Client;
use super::clock::SimClock;
use super::history::{Effect, History, Status};
use super::rng::Rng;
use super::text::{Pen, mount_of, token_set};
use super::world::World;

/// Its number among the writers.
const NUMBER: u32 = 90;

/// Dreams so many times; the handle that it used stays open.
pub(super) async fn dream(world: Arc<World>, history: Arc<History>, rng: Rng, times: u64) -> Store {
    let mut pen = Pen::new(NUMBER, rng.clone());
    let client = Client::new(&world, "dreamer".into());
    let options = Options {
        clock: Arc::new(SimClock::new(world.start(), SignedDuration::from_secs(-3600))),
        random: Arc::new(rng.random()),
        mount: Some(mount_of(NUMBER)),
        // It stays until the end, to notice when what it wrote is overwritten.
        follow: true,
        give_up: None,
        probe: false,
        ..Options::default()
    };
    let store = loop {
        tokio::time::sleep(rng.millis(50, 1500)).await;
        if let Ok(store) = Store::open(client.backend(false), options.clone()).await {
            break store;
        }
    };
    for number in 0..times {
        tokio::time::sleep(rng.millis(50, 1500)).await;
        if store.sync().await.is_err() {
            continue;
        }
        let Some((intents, effect)) = plan(&store, &rng, &mut pen, number).await else {
            continue;
        };
        let mut entry = Entry::new(Author::dream(format!("dream-{number}")), intents).atomic();
        let count = entry.intents.len() as u64;
        let counter = store.reserve_counters(count);
        entry.counter = Some(counter);
        let what = format!("dream {number} +{:?}", effect.added);
        world.note(&format!("#{counter} {what}"));
        let operation = history.asked(what, store.mount(), (counter, counter + count - 1), effect, false, true);
        match store.commit(entry).await {
            Ok(results) => {
                let refused = results.iter().any(Result::is_err);
                history.answered(operation, if refused { Status::Refused } else { Status::Done });
                world.note(&format!("#{counter} dream refused: {refused}"));
            }
            Err(error) => {
                history.answered(operation, Status::Unknown);
                world.wrong(format!("dream {number} failed: {error}"));
            }
        }
    }
    store
}

/// One dream's changes: some files edited, each as it was read, and a record.
async fn plan(store: &Store, rng: &Rng, pen: &mut Pen, number: u64) -> Option<(Vec<Intent>, Effect)> {
    let tree = store.tree();
    let folder = tree.child(FileId::ROOT, ".dream").map(|n| n.id);
    let mut files: Vec<&Arc<Node>> = tree
        .nodes()
        .filter(|n| n.content().is_some() && folder.is_none_or(|f| n.parent != f))
        .collect();
    files.sort_unstable_by_key(|n| n.id);
    let mut intents = Vec::new();
    let mut effect = Effect::default();
    let parent = folder.unwrap_or_else(|| FileId::random(&rng.random()));
    if folder.is_none() {
        intents.push(Intent::Mkdir {
            file: parent,
            path: "/.dream".into(),
            place: Place {
                parent: FileId::ROOT,
                name: ".dream".into(),
            },
            mode: 0o755,
            exists_ok: true,
        });
    }
    let mut chosen: Vec<FileId> = Vec::new();
    for _ in 0..rng.between(1, 3) {
        let node = rng.pick(&files)?;
        if chosen.contains(&node.id) {
            continue;
        }
        chosen.push(node.id);
        let content = node.content()?.clone();
        let text = store.read_all(&content).await.ok()?;
        let edited = pen.edit(&text, false);
        effect.removed.extend(&token_set(&text) - &token_set(&edited.text));
        effect.added.extend(edited.added);
        intents.push(Intent::Put {
            file: node.id,
            path: tree.path(node.id)?,
            create: None,
            base: Base::Version {
                version: node.version,
                content,
            },
            content: vec![Piece::New(edited.text.into())],
            mode: None,
            mtime: None,
            expect: Some(Expect::Version(node.version)),
        });
    }
    let (token, mut line) = pen.line(false);
    line.push(b'\n');
    effect.added.insert(token);
    let name = format!("record-{number}");
    intents.push(Intent::Put {
        file: FileId::random(&rng.random()),
        path: format!("/.dream/{name}"),
        create: Some(Create {
            place: Place { parent, name },
            exclusive: true,
        }),
        base: Base::Nothing,
        content: vec![Piece::New(line.into())],
        mode: Some(0o644),
        mtime: None,
        expect: Some(Expect::Absent),
    });
    tokio::time::sleep(Duration::from_millis(rng.between(0, 300))).await;
    let added: BTreeSet<_> = effect.added.clone();
    (!added.is_empty()).then_some((intents, effect))
}
