//! Reads the memory from its store: files, who wrote each line, the ledger, what people took out.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use remanence_store::content::Content;
use remanence_store::history::{self, LogQuery};
use remanence_store::maintain::blame_all;
use remanence_store::op::{BlameRun, Op};
use remanence_store::tree::Tree;
use remanence_store::{At, FileId, Seq, Store, StoreError, Version};

use super::error::DreamError;
use crate::index;
use crate::ledger::{self, Ledger, hash};
use crate::memory_file::fact_lines;
use crate::orient::{Author, LineAuthor, MemoryFile, Removed, is_memory};
use crate::text::words::names_in;
use crate::tombstone;
use crate::topic;

/// How many edits of the ledger are looked behind for the last version of its own.
const EDITS: usize = 32;

/// A file as it was read.
#[derive(Debug, Clone)]
pub(super) struct At0 {
    pub(super) file: FileId,
    pub(super) version: Version,
    pub(super) content: Content,
}

/// The memory of a store at one commit.
pub(super) struct Memory {
    pub(super) tree: Arc<Tree>,
    pub(super) files: Vec<MemoryFile>,
    /// Files that are not UTF-8 throughout.
    pub(super) unreadable: BTreeSet<String>,
    /// Folders and links that have the name of a file which Dreams write.
    pub(super) in_the_way: BTreeSet<String>,
    pub(super) read: BTreeMap<String, At0>,
    pub(super) ledger: Ledger,
    pub(super) ledger_at: Option<At0>,
    /// The commit whose memory the ledger knows.
    pub(super) dreamt_at: Seq,
    /// The ledger as it lies in the store says something else: it names files by paths that they have no more, or
    /// somebody deleted or edited it.
    pub(super) differs: bool,
    /// What is to be said of the ledger.
    pub(super) notes: Vec<String>,
}

impl Memory {
    /// The memory of a tree, without its lines' authors.
    pub(super) async fn at(store: &Store, tree: &Arc<Tree>) -> Result<Self, DreamError> {
        let mut memory = Self::ledger_of(store, tree).await?;
        memory.read_files(store).await?;
        memory.follow_renames(store).await?;
        Ok(memory)
    }

    /// The memory as it is now, for a decision on a Dream: the ledger as far as it can be had, with tombstones for what
    /// people took out since it was written, which is not looked for again.
    pub(super) async fn for_decision(store: &Store) -> Result<Self, DreamError> {
        let mut memory = Self::ledger_of(store, &store.tree()).await?;
        memory.complete_ledger(store).await?;
        memory.read_files(store).await?;
        memory.follow_renames(store).await?;
        let removed = memory.removed(store).await?;
        let mut names = BTreeSet::new();
        for file in &memory.files {
            names_in(&file.text, &mut names);
        }
        let ledger = &mut memory.ledger;
        tombstone::lay_for_deletions(&mut ledger.tombstones, &removed, &ledger.facts, &names);
        Ok(memory)
    }

    /// Its ledger alone: enough to see that there is nothing to do.
    pub(super) async fn ledger_of(store: &Store, tree: &Arc<Tree>) -> Result<Self, DreamError> {
        let mut memory = Self {
            tree: Arc::clone(tree),
            files: Vec::new(),
            unreadable: BTreeSet::new(),
            in_the_way: BTreeSet::new(),
            read: BTreeMap::new(),
            ledger: Ledger::default(),
            ledger_at: None,
            dreamt_at: 0,
            differs: false,
            notes: Vec::new(),
        };
        let Some(node) = tree.lookup(&format!("/{}", ledger::PATH)) else {
            return Ok(memory);
        };
        let Some(content) = node.content() else {
            return Err(DreamError::NoLedger {
                url: store.url().to_owned(),
            });
        };
        let text = store.read_all(content).await?;
        memory.ledger = Ledger::parse(&String::from_utf8_lossy(&text));
        memory.dreamt_at = node.version.seq;
        memory.ledger_at = Some(At0 {
            file: node.id,
            version: node.version,
            content: content.clone(),
        });
        let unknown = memory.ledger.unknown.len();
        if unknown > 0 {
            let why = format!("lines of the ledger that are not understood: {unknown}; they are kept and not used");
            memory.notes.push(why);
        }
        Ok(memory)
    }

    /// Where somebody deleted or edited the ledger: takes what it lacks from the last version of its own.
    pub(super) async fn complete_ledger(&mut self, store: &Store) -> Result<(), DreamError> {
        let path = format!("/{}", ledger::PATH);
        let now = self
            .tree
            .lookup(&path)
            .map(|node| (node.version, Arc::clone(&node.author)));
        if let Some((version, author)) = &now
            && is_own(store, *version, author).await?
        {
            return Ok(());
        }
        let query = LogQuery {
            limit: EDITS,
            ..LogQuery::of(path.clone())
        };
        let entries = match history::log(store, &query).await {
            Ok(entries) => entries,
            // There never was one.
            Err(StoreError::NotFound { .. }) => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        for entry in entries.into_iter().filter(|entry| entry.op == "put") {
            let version = entry.version;
            if !is_own(store, version, &entry.author).await? {
                continue;
            }
            let what = match &now {
                Some((_, author)) => format!("{author} edited the ledger"),
                None => "the ledger was deleted".to_owned(),
            };
            match read_then(store, &path, version).await {
                Ok(earlier) => {
                    self.ledger.complete(Ledger::parse(&earlier));
                    self.notes.push(format!(
                        "{what}: what it lacks of its version {version} counts all the same"
                    ));
                }
                Err(
                    error @ (StoreError::NoVersion { .. } | StoreError::Redacted { .. } | StoreError::Damaged { .. }),
                ) => {
                    self.notes.push(format!(
                        "{what}, and its version {version} cannot be read any more: what was forgotten or taken back \
                         before may return ({error})"
                    ));
                }
                Err(error) => return Err(error.into()),
            }
            self.dreamt_at = version.seq;
            self.differs = true;
            return Ok(());
        }
        Ok(())
    }

    /// Reads the files, too.
    pub(super) async fn read_files(&mut self, store: &Store) -> Result<(), DreamError> {
        for node in self.tree.nodes() {
            let Some(path) = self.tree.path(node.id) else { continue };
            let path = path.trim_start_matches('/').to_owned();
            if !is_memory(&path) {
                continue;
            }
            let Some(content) = node.content() else {
                if path == index::PATH || topic::of_file(&path).is_some() {
                    self.in_the_way.insert(path);
                }
                continue;
            };
            let bytes = store.read_all(content).await?;
            let text = if let Ok(text) = std::str::from_utf8(&bytes) {
                text.to_owned()
            } else {
                // What is no text is not ours to tidy, but what can be read of it counts.
                self.unreadable.insert(path.clone());
                String::from_utf8_lossy(&bytes).into_owned()
            };
            self.files.push(MemoryFile {
                path: path.clone(),
                text,
                authors: Vec::new(),
            });
            let at = At0 {
                file: node.id,
                version: node.version,
                content: content.clone(),
            };
            self.read.insert(path, at);
        }
        self.files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(())
    }

    /// Has the facts of files that were renamed since the ledger was written follow them.
    pub(super) async fn follow_renames(&mut self, store: &Store) -> Result<(), DreamError> {
        let since = self.dreamt_at;
        if since < self.tree.horizon.max(1) || since == self.tree.seq || self.missing().is_empty() {
            return Ok(());
        }
        let then = history::tree_at(store, At { seq: since, op: None }).await?;
        self.differs |= follow(&mut self.ledger, &then, &self.tree);
        Ok(())
    }

    /// Hashes of the lines of Dreams that are not where the ledger has them, by file.
    fn missing(&self) -> BTreeMap<String, BTreeSet<String>> {
        let lines =
            |file: &MemoryFile| -> BTreeSet<String> { fact_lines(&file.text).map(|(_, line)| hash(line)).collect() };
        let there: BTreeMap<&str, BTreeSet<String>> = self.files.iter().map(|f| (f.path.as_str(), lines(f))).collect();
        let mut missing: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for known in self.ledger.facts.iter().filter(|k| !self.unreadable.contains(&k.file)) {
            let lines = there.get(known.file.as_str());
            if lines.is_none_or(|lines| !lines.contains(&known.line)) {
                missing
                    .entry(known.file.clone())
                    .or_default()
                    .insert(known.line.clone());
            }
        }
        missing
    }

    /// Finds out who wrote each line.
    pub(super) async fn find_authors(&mut self, store: &Store) -> Result<(), DreamError> {
        let readable = self.read.iter().filter(|(path, _)| !self.unreadable.contains(*path));
        let wanted: Vec<(FileId, Version)> = readable.map(|(_, at)| (at.file, at.version)).collect();
        if wanted.is_empty() {
            return Ok(());
        }
        let blame = blame_all(store, &wanted).await?;
        for file in &mut self.files {
            if let Some(runs) = self.read.get(&file.path).and_then(|at| blame.get(&at.file)) {
                file.authors = authors(runs);
            }
        }
        Ok(())
    }

    /// What is to be said where lines of Dreams went, and the history that tells who took them out is past its retention.
    pub(super) fn lost_track(&self) -> Option<String> {
        let horizon = self.tree.horizon;
        let missing: usize = self.missing().values().map(BTreeSet::len).sum();
        (missing > 0 && self.dreamt_at < horizon).then(|| {
            format!(
                "{missing} facts of dreams are not where they were, and the history before commit {horizon}, which would \
                 tell who took them out, is past its retention: what is said of them again is believed"
            )
        })
    }

    /// Lines of Dreams that went since the last one, and who took each out.
    pub(super) async fn removed(&self, store: &Store) -> Result<Vec<Removed>, DreamError> {
        let missing = self.missing();
        let mut removed = Vec::new();
        let since = self.dreamt_at;
        if missing.is_empty() || since < self.tree.horizon.max(1) {
            return Ok(removed);
        }
        for (path, mut hashes) in missing {
            let full = format!("/{path}");
            let file = self.tree.lookup(&full).map(|node| node.id);
            let query = LogQuery {
                after: since,
                ..LogQuery::of(full.clone())
            };
            let mut entries = match history::log(store, &query).await {
                Ok(entries) => entries,
                Err(StoreError::NotFound { .. }) => continue,
                Err(error) => return Err(error.into()),
            };
            entries.reverse();
            let then = text_at(store, &full, file, At { seq: since, op: None }).await?;
            let mut before = then.unwrap_or_default();
            for entry in entries {
                // For a version that was redacted, the next one stands.
                let Some(after) = text_at(store, &full, file, entry.version.into()).await? else {
                    continue;
                };
                let left: BTreeSet<String> = fact_lines(&after).map(|(_, line)| hash(line)).collect();
                for (_, line) in fact_lines(&before) {
                    let id = hash(line);
                    if !left.contains(&id) && hashes.remove(&id) {
                        let author = author(&entry.author);
                        removed.push(Removed {
                            line: line.to_owned(),
                            author,
                            time: entry.time,
                        });
                    }
                }
                before = after;
            }
        }
        Ok(removed)
    }
}

/// Whether a Dream, or a decision on one, wrote that version of the ledger: these write a record beside it.
async fn is_own(store: &Store, version: Version, author: &remanence_store::Author) -> Result<bool, DreamError> {
    match author {
        remanence_store::Author::Dream { .. } => return Ok(true),
        remanence_store::Author::User { .. } => {}
        _ => return Ok(false),
    }
    let slots = store.headers(version.seq..version.seq + 1).await?;
    let mut paths = slots.iter().flat_map(|slot| &slot.header.ops).filter_map(Op::path);
    Ok(paths.any(|path| {
        path.strip_prefix("/.dream/")
            .is_some_and(|name| Path::new(name).extension() == Some("json".as_ref()))
    }))
}

/// The text that a path had at a version.
async fn read_then(store: &Store, path: &str, version: Version) -> Result<String, StoreError> {
    let then = history::tree_at(store, version.into()).await?;
    let content = then.lookup(path).and_then(|node| node.content());
    let bytes = store.read_all(&content.cloned().unwrap_or_default()).await?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// What the file held, whatever its path was then; where it was not there, what had its path. `None` where these bytes are
/// no more.
async fn text_at(store: &Store, path: &str, file: Option<FileId>, at: At) -> Result<Option<String>, DreamError> {
    let then = history::tree_at(store, at).await?;
    let node = file.and_then(|file| then.node(file)).or_else(|| then.lookup(path));
    let Some(content) = node.and_then(|node| node.content().cloned()) else {
        return Ok(Some(String::new()));
    };
    match store.read_all(&content).await {
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(StoreError::Redacted { .. } | StoreError::Damaged { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Has the facts of files that were renamed between two trees follow them; whether any did.
pub(super) fn follow(ledger: &mut Ledger, then: &Tree, now: &Tree) -> bool {
    let mut all: BTreeMap<String, Option<String>> = BTreeMap::new();
    let mut any = false;
    for known in &mut ledger.facts {
        let to = all
            .entry(known.file.clone())
            .or_insert_with_key(|path| renamed(path, then, now));
        if let Some(to) = to {
            known.file.clone_from(to);
            any = true;
        }
    }
    any
}

/// The path that the file of a path has since, where that is another one.
fn renamed(path: &str, then: &Tree, now: &Tree) -> Option<String> {
    let file = then.lookup(&format!("/{path}"))?.id;
    let to = now.path(now.node(file)?.id)?;
    let to = to.trim_start_matches('/');
    (to != path && is_memory(to)).then(|| to.to_owned())
}

fn author(by: &remanence_store::Author) -> Author {
    match by {
        remanence_store::Author::User { .. } => Author::Person,
        remanence_store::Author::Dream { .. } => Author::Dream,
        _ => Author::Agent,
    }
}

fn authors(runs: &[BlameRun]) -> Vec<LineAuthor> {
    runs.iter()
        .flat_map(|run| {
            let by = LineAuthor {
                author: author(&run.author),
                time: Some(run.time),
            };
            std::iter::repeat_n(by, run.lines as usize)
        })
        .collect()
}
