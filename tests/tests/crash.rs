//! Every sequence of one or two operations, killed before and after each store call and at each journal write, a torn
//! one included: the next process has everything that was acknowledged.

#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use remanence_sidecar::attachment::Attachment;
use remanence_sidecar::fs::attr::SetAttr;
use remanence_sidecar::fs::create::CreateMode;
use remanence_sidecar::fs::open::OpenMode;
use remanence_sidecar::node_id::NodeId;
use remanence_sidecar::open::{Common, open};
use remanence_sidecar::{AttachmentConfig, AttachmentSettings, Durability, MountConfig, Timing};
use remanence_store::backend::{Append, Backend, Created, Listed, Read, Result};
use remanence_store::tree::NodeKind;
use remanence_store::url::StoreUrl;
use remanence_store::{Author, Options, Store};

const SLOT: u8 = 1;
const ROOT: NodeId = NodeId::root_of(SLOT);

/// The operations that sequences are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Op {
    Write,
    Append,
    Exclusive,
    Save,
    Truncate,
    Setattr,
    Mkdir,
    Rmdir,
    Symlink,
    Rename,
    Unlink,
    Sync,
}

const OPS: [Op; 12] = [
    Op::Write,
    Op::Append,
    Op::Exclusive,
    Op::Save,
    Op::Truncate,
    Op::Setattr,
    Op::Mkdir,
    Op::Rmdir,
    Op::Symlink,
    Op::Rename,
    Op::Unlink,
    Op::Sync,
];

/// What a store holds at each path, folders with a `/` at its end: bytes or a link's target, and permission bits.
type Shown = BTreeMap<String, (Vec<u8>, u32)>;

/// The permission bits of what operations make.
const FILE: u32 = 0o644;
const FOLDER: u32 = 0o755;
const LINK: u32 = 0o777;

/// Where a file is cut.
const CUT: usize = 5;

impl Op {
    /// What it makes of a state; `None` where it fails.
    fn on(self, state: &Shown, step: usize) -> Option<Shown> {
        let mut next = state.clone();
        let text = text(step);
        match self {
            Self::Write => next.entry("/a".into()).or_insert((Vec::new(), FILE)).0 = text,
            Self::Append => next.entry("/a".into()).or_insert((Vec::new(), FILE)).0.extend(text),
            Self::Exclusive if next.contains_key("/x") => return None,
            Self::Exclusive => drop(next.insert("/x".into(), (text, FILE))),
            Self::Save => drop(next.insert("/a".into(), (text, FILE))),
            Self::Truncate => next.get_mut("/a")?.0.truncate(CUT),
            Self::Setattr => next.get_mut("/a")?.1 = 0o600,
            Self::Mkdir if next.contains_key("/d/") => return None,
            Self::Mkdir => drop(next.insert("/d/".into(), (Vec::new(), FOLDER))),
            Self::Rmdir => drop(next.remove("/d/")?),
            Self::Symlink if next.contains_key("/l") => return None,
            Self::Symlink => drop(next.insert("/l".into(), (b"a".to_vec(), LINK))),
            Self::Rename => {
                let file = next.remove("/a")?;
                next.insert("/b".into(), file);
            }
            Self::Unlink => drop(next.remove("/a")?),
            Self::Sync if !next.contains_key("/a") => return None,
            Self::Sync => {}
        }
        Some(next)
    }

    /// States between a state and what it makes of it: a file that is made or emptied and not written to yet, an
    /// editor's temporary file. All else changes at once.
    fn on_the_way(self, state: &Shown, step: usize) -> Vec<Shown> {
        let with = |path: &str, text: Vec<u8>| {
            let mut between = state.clone();
            between.entry(path.to_owned()).or_insert((Vec::new(), FILE)).0 = text;
            between
        };
        match self {
            Self::Write => vec![with("/a", Vec::new())],
            Self::Append if !state.contains_key("/a") => vec![with("/a", Vec::new())],
            Self::Exclusive => vec![with("/x", Vec::new())],
            Self::Save => vec![with("/a.tmp", Vec::new()), with("/a.tmp", text(step))],
            _ => Vec::new(),
        }
    }

    /// Does it; whether it succeeded.
    async fn run(self, at: &Arc<Attachment>, step: usize) -> bool {
        let text = text(step);
        match self {
            Self::Write => put(at, "a", &text, false).await,
            Self::Append => append(at, "a", &text).await,
            Self::Exclusive => put(at, "x", &text, true).await,
            Self::Save => {
                put(at, "a.tmp", &text, false).await && at.rename(ROOT, "a.tmp", ROOT, "a", false).get().await.is_ok()
            }
            Self::Truncate => {
                let cut = SetAttr {
                    size: Some(CUT as u64),
                    ..SetAttr::default()
                };
                set(at, "a", cut).await
            }
            Self::Setattr => {
                let closed = SetAttr {
                    mode: Some(0o600),
                    ..SetAttr::default()
                };
                set(at, "a", closed).await
            }
            Self::Mkdir => at.mkdir(ROOT, "d", FOLDER).get().await.is_ok(),
            Self::Rmdir => at.rmdir(ROOT, "d").get().await.is_ok(),
            Self::Symlink => at.symlink(ROOT, "l", "a").get().await.is_ok(),
            Self::Rename => at.rename(ROOT, "a", ROOT, "b", false).get().await.is_ok(),
            Self::Unlink => at.unlink(ROOT, "a").get().await.is_ok(),
            Self::Sync => match at.lookup(ROOT, "a") {
                Ok(attr) => at.fsync(attr.id).get().await.is_ok(),
                Err(_) => false,
            },
        }
    }
}

fn text(step: usize) -> Vec<u8> {
    format!("text of step {step}\n").into_bytes()
}

const WRITE: OpenMode = OpenMode {
    read: false,
    write: true,
    truncate: false,
};

async fn set(at: &Arc<Attachment>, name: &str, set: SetAttr) -> bool {
    match at.lookup(ROOT, name) {
        Ok(attr) => at.setattr(attr.id, set).get().await.is_ok(),
        Err(_) => false,
    }
}

async fn put(at: &Arc<Attachment>, name: &str, text: &[u8], exclusive: bool) -> bool {
    let mode = CreateMode {
        mode: FILE,
        exclusive,
        open: OpenMode {
            truncate: !exclusive,
            ..WRITE
        },
    };
    let Ok((attr, _)) = at.create(ROOT, name, mode).get().await else {
        return false;
    };
    let written = at.write(attr.id, 0, text, false).get().await.is_ok();
    close(at, attr.id).await && written
}

async fn append(at: &Arc<Attachment>, name: &str, text: &[u8]) -> bool {
    let mode = CreateMode {
        mode: FILE,
        exclusive: false,
        open: WRITE,
    };
    let Ok((attr, _)) = at.create(ROOT, name, mode).get().await else {
        return false;
    };
    let written = at.write(attr.id, 0, text, true).get().await.is_ok();
    close(at, attr.id).await && written
}

async fn close(at: &Arc<Attachment>, id: NodeId) -> bool {
    let closed = at.flush(id).get().await.is_ok();
    at.release(id, true);
    closed
}

/// The bytes of every file below a folder.
type Files = Vec<(PathBuf, Vec<u8>)>;

fn copy_of(folder: &Path) -> Files {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(bytes) = fs::read(&path) {
                files.push((path.strip_prefix(folder).unwrap().to_owned(), bytes));
            }
        }
    }
    files
}

fn restore(files: &Files, folder: &Path) {
    for (path, bytes) in files {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

/// A moment before or after a store call.
struct Moment {
    store: Files,
    journal: Vec<u8>,
}

/// Takes note of each store call that changes something.
struct Recorder {
    backend: Backend,
    store: PathBuf,
    journal: PathBuf,
    moments: Mutex<Vec<Moment>>,
}

impl Recorder {
    fn note(&self) {
        let moment = Moment {
            store: copy_of(&self.store),
            journal: fs::read(&self.journal).unwrap_or_default(),
        };
        self.moments.lock().unwrap().push(moment);
    }

    /// How many moments there were, and how long the journal is.
    fn now(&self) -> (usize, usize) {
        let journal = fs::metadata(&self.journal).unwrap().len() as usize;
        (self.moments.lock().unwrap().len(), journal)
    }
}

#[async_trait]
impl Read for Recorder {
    async fn get(&self, key: &str, range: Option<Range<u64>>) -> Result<Option<Bytes>> {
        self.backend.read.get(key, range).await
    }

    async fn list(&self, prefix: &str, after: Option<&str>, max: usize) -> Result<Vec<Listed>> {
        self.backend.read.list(prefix, after, max).await
    }
}

#[async_trait]
impl Append for Recorder {
    async fn put_if_absent(&self, key: &str, body: Bytes) -> Result<Created> {
        self.note();
        let created = self.backend.append.as_ref().unwrap().put_if_absent(key, body).await;
        self.note();
        created
    }
}

fn config(backend: Backend, durability: Durability) -> AttachmentConfig {
    AttachmentConfig {
        name: "memory".into(),
        backend,
        settings: AttachmentSettings {
            durability,
            ..AttachmentSettings::default()
        },
        init: Some(common::roomy()),
        ring: None,
    }
}

fn shared(dir: &Path) -> Common {
    let timing = Timing {
        local_delay: Duration::from_millis(5),
        ..Timing::default()
    };
    let author = Author::agent("tester");
    Common::new(author, dir.join("cache"), timing, MountConfig::CONTENTS)
}

async fn backend(dir: &Path) -> Backend {
    StoreUrl::of_directory(&dir.join("store")).connect().await.unwrap()
}

/// A history of moments, and at which of them each operation was acknowledged.
struct History {
    moments: Vec<Moment>,
    acknowledged: Vec<(usize, usize)>,
    states: Vec<Shown>,
}

async fn record(ops: &[Op], durability: Durability) -> History {
    let dir = tempfile::tempdir().unwrap();
    let plain = backend(dir.path()).await;
    let recorder = Arc::new(Recorder {
        backend: plain.clone(),
        store: dir.path().join("store"),
        journal: dir.path().join("cache/memory/journal"),
        moments: Mutex::default(),
    });
    let backend = Backend {
        read: recorder.clone(),
        append: Some(recorder.clone()),
        ..plain
    };
    let attachment = open(config(backend, durability), SLOT, &shared(dir.path()))
        .await
        .unwrap();
    recorder.moments.lock().unwrap().clear();
    recorder.note();
    let mut states = vec![Shown::new()];
    let mut acknowledged = Vec::new();
    for (step, op) in ops.iter().enumerate() {
        let expected = op.on(states.last().unwrap(), step);
        assert_eq!(op.run(&attachment, step).await, expected.is_some(), "{ops:?}: {op:?}");
        states.push(expected.unwrap_or_else(|| states.last().unwrap().clone()));
        acknowledged.push(recorder.now());
    }
    attachment.flush_all().await;
    recorder.note();
    attachment.store.close().await;
    let moments = std::mem::take(&mut *recorder.moments.lock().unwrap());
    History {
        moments,
        acknowledged,
        states,
    }
}

/// Lengths at which a kill can leave a journal that grows from `from` to `to`: whole records, and torn ones.
fn cuts(from: usize, to: &[u8]) -> Vec<usize> {
    let mut cuts = vec![from];
    let mut at = from;
    while let Some(length) = to.get(at..at + 4) {
        let end = at + 12 + u32::from_le_bytes(length.try_into().unwrap()) as usize;
        if end > to.len() {
            break;
        }
        cuts.push(end - 1);
        cuts.push(end);
        at = end;
    }
    cuts
}

async fn shown(dir: &Path) -> Shown {
    let store = Store::open(backend(dir).await, Options::default()).await.unwrap();
    let tree = store.tree();
    let mut shown = Shown::new();
    for node in tree.nodes() {
        let path = tree.path(node.id).unwrap();
        let (path, bytes) = match &node.kind {
            NodeKind::Dir => (format!("{path}/"), Vec::new()),
            NodeKind::File { content, .. } => (path, store.read_all(content).await.unwrap().to_vec()),
            NodeKind::Symlink { target } => (path, target.as_bytes().to_vec()),
        };
        shown.insert(path, (bytes, node.mode));
    }
    shown
}

/// Whether a store may show this after a kill: all that was acknowledged, and the next operation not begun, done, or on
/// its way.
fn allowed(shown: &Shown, ops: &[Op], history: &History, acknowledged: usize) -> bool {
    let done = &history.states[acknowledged];
    if shown == done {
        return true;
    }
    let (Some(next), Some(op)) = (history.states.get(acknowledged + 1), ops.get(acknowledged)) else {
        return false;
    };
    next != done && (shown == next || op.on_the_way(done, acknowledged).contains(shown))
}

async fn check(ops: &[Op], durability: Durability) -> usize {
    let history = record(ops, durability).await;
    let mut kills = 0;
    for (index, moment) in history.moments.iter().enumerate() {
        let from = moment.journal.len();
        let grown = history
            .moments
            .get(index + 1)
            .map_or(&moment.journal, |next| &next.journal);
        for cut in cuts(from, grown) {
            let acknowledged = history
                .acknowledged
                .iter()
                .filter(|(moments, journal)| *moments <= index || (*moments == index + 1 && *journal <= cut))
                .count();
            let dir = tempfile::tempdir().unwrap();
            restore(&moment.store, &dir.path().join("store"));
            fs::create_dir_all(dir.path().join("cache/memory")).unwrap();
            fs::write(dir.path().join("cache/memory/journal"), &grown[..cut]).unwrap();
            let config = config(backend(dir.path()).await, durability);
            let next = open(config, SLOT, &shared(dir.path())).await.unwrap();
            next.store.close().await;
            let shown = shown(dir.path()).await;
            assert!(
                allowed(&shown, ops, &history, acknowledged),
                "{durability:?} {ops:?}: killed at moment {index}, journal {cut}, {acknowledged} acknowledged: {:?}",
                shown
                    .iter()
                    .map(|(path, (bytes, mode))| (path, String::from_utf8_lossy(bytes), mode))
                    .collect::<Vec<_>>()
            );
            kills += 1;
        }
    }
    kills
}

fn all(durability: Durability) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let mut kills = 0;
    for first in OPS {
        kills += runtime.block_on(check(&[first], durability));
        for second in OPS {
            kills += runtime.block_on(check(&[first, second], durability));
        }
    }
    println!("{durability:?}: killed {kills} times");
    assert!(kills > 500, "only {kills} kills");
}

#[test]
fn what_a_durable_close_acknowledged_survives_every_kill() {
    all(Durability::Store);
}

#[test]
fn what_the_journal_acknowledged_survives_every_kill() {
    all(Durability::Local);
}
