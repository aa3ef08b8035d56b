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
use super::dice::Dice;
use super::ledger::{Effect, Fate, Ledger};
use super::text::{Pen, mount_of, token_set};
use super::world::World;

/// Its number among the writers.
const NUMBER: u32 = 90;

/// Dreams so many times; the handle that it used stays open.
pub(super) async fn dream(world: Arc<World>, ledger: Arc<Ledger>, dice: Dice, times: u64) -> Store {
    let mut pen = Pen::new(NUMBER, dice.clone());
    let client = Client::new(&world, "dreamer".into());
    let options = Options {
        clock: Arc::new(SimClock::new(world.start(), SignedDuration::from_secs(-3600))),
        random: Arc::new(dice.random()),
        mount: Some(mount_of(NUMBER)),
        // It stays until the end, to notice when what it wrote is overwritten.
        follow: true,
        give_up: None,
        probe: false,
        ..Options::default()
    };
    let store = loop {
        tokio::time::sleep(dice.millis(50, 1500)).await;
        if let Ok(store) = Store::open(client.backend(false), options.clone()).await {
            break store;
        }
    };
    for number in 0..times {
        tokio::time::sleep(dice.millis(50, 1500)).await;
        if store.sync().await.is_err() {
            continue;
        }
        let Some((intents, effect)) = plan(&store, &dice, &mut pen, number).await else {
            continue;
        };
        let mut entry = Entry::new(Author::dream(format!("dream-{number}")), intents).atomic();
        let count = entry.intents.len() as u64;
        let counter = store.reserve_counters(count);
        entry.counter = Some(counter);
        let what = format!("dream {number} +{:?}", effect.added);
        world.note(&format!("#{counter} {what}"));
        let deed = ledger.asked(what, store.mount(), (counter, counter + count - 1), effect, false, true);
        match store.commit(entry).await {
            Ok(results) => {
                let refused = results.iter().any(Result::is_err);
                ledger.answered(deed, if refused { Fate::Refused } else { Fate::Done });
                world.note(&format!("#{counter} dream refused: {refused}"));
            }
            Err(error) => {
                ledger.answered(deed, Fate::Unknown);
                world.wrong(format!("dream {number} failed: {error}"));
            }
        }
    }
    store
}

/// One dream's changes: some files edited, each as it was read, and a record.
async fn plan(store: &Store, dice: &Dice, pen: &mut Pen, number: u64) -> Option<(Vec<Intent>, Effect)> {
    let tree = store.tree();
    let folder = tree.child(FileId::ROOT, ".dream").map(|n| n.id);
    let mut files: Vec<&Arc<Node>> = tree
        .nodes()
        .filter(|n| n.content().is_some() && folder.is_none_or(|f| n.parent != f))
        .collect();
    files.sort_unstable_by_key(|n| n.id);
    let mut intents = Vec::new();
    let mut effect = Effect::default();
    let parent = folder.unwrap_or_else(|| FileId::random(&dice.random()));
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
    for _ in 0..dice.between(1, 3) {
        let node = dice.pick(&files)?;
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
        file: FileId::random(&dice.random()),
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
    tokio::time::sleep(Duration::from_millis(dice.between(0, 300))).await;
    let added: BTreeSet<_> = effect.added.clone();
    (!added.is_empty()).then_some((intents, effect))
}
