//! Turns files into the intents of one commit.

use std::collections::BTreeMap;

use bytes::Bytes;
use remanence_store::intent::{Base, Conflicts, Create, Entry, Expect, Intent, Outcome, Piece, Refused};
use remanence_store::op::Place;
use remanence_store::tree::Tree;
use remanence_store::{Author, FileId, Seq, Store, StoreError};

use super::error::DreamError;
use super::memory::At0;
use crate::ledger;
use crate::propose::Write;
use crate::record::Record;

/// What became of a commit.
pub(super) enum Written {
    /// It is in the log.
    At(Seq),
    /// Somebody wrote the same lines, or the ledger, meanwhile.
    Stale(String),
}

/// Collects intents; makes missing folders on the way.
pub(super) struct Commit<'a> {
    store: &'a Store,
    tree: &'a Tree,
    intents: Vec<Intent>,
    folders: BTreeMap<String, FileId>,
}

impl<'a> Commit<'a> {
    pub(super) fn new(store: &'a Store, tree: &'a Tree) -> Self {
        Self {
            store,
            tree,
            intents: Vec::new(),
            folders: BTreeMap::new(),
        }
    }

    /// Files of the memory, each made on the version it was read at.
    pub(super) fn files(&mut self, writes: &[Write], read: &BTreeMap<String, At0>) {
        for write in writes {
            let base = read.get(&write.path);
            match (&write.text, base) {
                (Some(text), _) => self.put(&write.path, vec![new(text)], base, None),
                (None, Some(at)) => self.remove(&write.path, at),
                (None, None) => {}
            }
        }
    }

    /// The ledger: only if it is the one that was read.
    pub(super) fn ledger(&mut self, text: &str, read: Option<&At0>) {
        let expect = read.map_or(Expect::Absent, |at| Expect::Version(at.version));
        self.put(ledger::PATH, vec![new(text)], read, Some(expect));
    }

    /// A record, new or over the one that is there.
    pub(super) fn record(&mut self, record: &Record) {
        let path = Record::path(&record.id);
        let text = serde_json::to_string_pretty(record).unwrap_or_default() + "\n";
        let there = self.tree.lookup(&format!("/{path}")).and_then(|node| {
            Some(At0 {
                file: node.id,
                version: node.version,
                content: node.content()?.clone(),
            })
        });
        self.put(&path, vec![new(&text)], there.as_ref(), None);
    }

    pub(super) fn put(&mut self, path: &str, content: Vec<Piece>, base: Option<&At0>, expect: Option<Expect>) {
        let full = format!("/{path}");
        let (file, create, base) = if let Some(at) = base {
            let base = Base::Version {
                version: at.version,
                content: at.content.clone(),
            };
            (at.file, None, base)
        } else {
            let create = Create::at(self.place(path));
            (FileId::random(self.store.random()), Some(create), Base::Nothing)
        };
        self.intents.push(Intent::Put {
            file,
            path: full,
            create,
            base,
            content,
            mode: None,
            mtime: None,
            expect,
        });
    }

    pub(super) fn remove(&mut self, path: &str, at: &At0) {
        let base = Base::Version {
            version: at.version,
            content: at.content.clone(),
        };
        self.intents.push(Intent::Remove {
            file: at.file,
            path: format!("/{path}"),
            base,
            expect: None,
        });
    }

    fn place(&mut self, path: &str) -> Place {
        let mut parent = FileId::ROOT;
        let mut at = String::new();
        let mut parts: Vec<&str> = path.split('/').collect();
        let name = parts.pop().unwrap_or_default().to_owned();
        for part in parts {
            at = format!("{at}/{part}");
            let known = self
                .tree
                .lookup(&at)
                .map(|node| node.id)
                .or_else(|| self.folders.get(&at).copied());
            parent = known.unwrap_or_else(|| {
                let file = FileId::random(self.store.random());
                let place = Place {
                    parent,
                    name: part.to_owned(),
                };
                self.intents.push(Intent::Mkdir {
                    file,
                    path: at.clone(),
                    place,
                    mode: 0o755,
                    exists_ok: true,
                });
                self.folders.insert(at.clone(), file);
                file
            });
        }
        Place { parent, name }
    }

    /// Commits all of it or nothing; lines that cannot be merged refuse it.
    pub(super) async fn commit(self, author: Author) -> Result<Written, DreamError> {
        let mut entry = Entry::new(author, self.intents).atomic();
        entry.conflicts = Conflicts::Lines;
        match self.store.commit_all(entry).await {
            Ok(outcomes) => Ok(Written::At(newest(&outcomes))),
            Err(StoreError::Refused {
                refused: Refused::Stale { path, .. } | Refused::Exists { path },
                ..
            }) => Ok(Written::Stale(path)),
            Err(error) => Err(error.into()),
        }
    }
}

pub(super) fn new(text: &str) -> Piece {
    Piece::New(Bytes::copy_from_slice(text.as_bytes()))
}

fn newest(outcomes: &[Outcome]) -> Seq {
    outcomes.iter().map(|o| o.version.seq).max().unwrap_or(0)
}
