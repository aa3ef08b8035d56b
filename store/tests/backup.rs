//! A store that is copied object by object while it is written to, in the order that `docs/how-to.md` says.
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeMap;

use bytes::Bytes;
use common::{Agent, World};
use remanence_store::backend::Backend;
use remanence_store::history::tree_at;
use remanence_store::tree::Tree;
use remanence_store::url::StoreUrl;
use remanence_store::{At, Options, Store};

/// Enough for batches and indexes to be among what is copied.
const COMMITS_BEFORE: usize = 150;
/// Objects of a page, where the AWS command line has a thousand: between two pages there is a commit.
const PAGE: usize = 10;

/// Writes one thing after the other.
struct Writer {
    agent: Agent,
    turn: usize,
}

impl Writer {
    async fn new(world: &World) -> Self {
        let agent = world.mount("writer").await;
        agent.create("/log.md", "start\n").await.unwrap();
        Self { agent, turn: 0 }
    }

    /// Makes one commit: a line, a file too large to ride in its slot, or that file's end.
    async fn write(&mut self) {
        let turn = self.turn;
        self.turn += 1;
        let large = format!("/large-{}.md", turn / 3);
        match turn % 3 {
            0 => self.append(&format!("line {turn}\n")).await,
            1 => drop(
                self.agent
                    .create(&large, &format!("{turn:07}\n").repeat(10_000))
                    .await
                    .unwrap(),
            ),
            _ if turn.is_multiple_of(2) => {
                let (id, base) = (self.agent.id(&large), self.agent.served(&large));
                self.agent.remove(&large, id, base).await.unwrap();
            }
            _ => self.append(&format!("another line {turn}\n")).await,
        }
    }

    async fn append(&self, line: &str) {
        let (id, base) = (self.agent.id("/log.md"), self.agent.served("/log.md"));
        self.agent.append("/log.md", id, base, line).await.unwrap();
    }

    fn seq(&self) -> u64 {
        self.agent.store.tree().seq
    }
}

/// Whether a key is that of contents.
fn is_data(key: &str) -> bool {
    let mut parts = key.rsplit('/');
    let id = parts.next().unwrap_or_default();
    id.len() == 32 && parts.next() == Some("data")
}

/// Copies objects in the order of their keys, page by page, while the writer goes on.
async fn copy(from: &Backend, to: &Backend, which: impl Fn(&str) -> bool, writer: &mut Writer) {
    let target = to.maintain.as_ref().unwrap();
    let mut after: Option<String> = None;
    loop {
        let page = from.read.list("", after.as_deref(), PAGE).await.unwrap();
        let Some(last) = page.last() else { return };
        after = Some(last.key.clone());
        writer.write().await;
        for object in page.iter().filter(|object| which(&object.key)) {
            let bytes = from.read.get(&object.key, None).await.unwrap().unwrap();
            target.put(&object.key, bytes).await.unwrap();
        }
    }
}

/// All files of a tree, with what is in them.
async fn files(store: &Store, tree: &Tree) -> BTreeMap<String, Bytes> {
    let mut files = BTreeMap::new();
    for node in tree.nodes() {
        if let Some(content) = node.content() {
            files.insert(tree.path(node.id).unwrap(), store.read_all(content).await.unwrap());
        }
    }
    files
}

#[tokio::test]
async fn a_copy_made_while_a_writer_goes_on_is_a_state_that_the_store_once_had() {
    let world = World::new();
    let mut writer = Writer::new(&world).await;
    for _ in 0..COMMITS_BEFORE {
        writer.write().await;
    }
    let from = StoreUrl::of_directory(world.dir.path()).connect().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let to = StoreUrl::of_directory(folder.path()).connect().await.unwrap();

    let begun = writer.seq();
    copy(&from, &to, |key| !is_data(key), &mut writer).await;
    let data = writer.seq();
    copy(&from, &to, is_data, &mut writer).await;
    assert!(begun < data && data < writer.seq(), "the writer went on all the while");

    let copied = Store::open(to, Options::default()).await.unwrap();
    let tree = copied.tree();
    assert!(
        (begun..=data).contains(&tree.seq),
        "{} is not in {begun}..={data}",
        tree.seq
    );
    let original = &writer.agent.store;
    let then = tree_at(
        original,
        At {
            seq: tree.seq,
            op: None,
        },
    )
    .await
    .unwrap();
    let (kept, was) = (files(&copied, &tree).await, files(original, &then).await);
    assert!(kept.len() > COMMITS_BEFORE / 6, "{} files", kept.len());
    assert!(kept == was, "the copy is not what the store was at {}", tree.seq);

    // And it goes on from there.
    let agent = Agent {
        store: copied,
        name: "successor".to_owned(),
        late: false,
        refuse: false,
    };
    agent.create("/new.md", "new\n").await.unwrap();
    assert_eq!(agent.text("/new.md").await.as_deref(), Some("new\n"));
}
