//! Which node stands for which file, kept over restarts: the kernel and bind mounts know files by these numbers.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::path::Path;
use std::time::Instant;

use bytes::Bytes;
use jiff::Timestamp;
use remanence_store::content::Content;
use remanence_store::intent::Base;
use remanence_store::{FileId, Tree, Version};
use serde::{Deserialize, Serialize};

use crate::body::Body;
use crate::node_id::{FIRST_INDEX, LAST_INDEX, NodeId};
use crate::record_log::RecordLog;
use crate::view::ViewNode;

/// A node the kernel was told of.
#[derive(Debug, Default)]
pub struct NodeEntry {
    /// The file it stands for.
    pub file: FileId,
    /// Handles open on it.
    pub open: u32,
    /// Of these, those that may write.
    pub writers: u32,
    /// How often the kernel was given it.
    pub lookups: u64,
    /// Last change, where it was made here.
    pub ctime: Option<Timestamp>,
    /// Access time, where it was set.
    pub atime: Option<Timestamp>,
    /// Set once the path is another node's, or gone.
    pub detached: Option<Box<Detached>>,
}

/// A node that no path leads to any more.
#[derive(Debug)]
pub struct Detached {
    /// What it was.
    pub node: ViewNode,
    /// The content its handles go on reading.
    pub body: Body,
    /// Whether others did it: the kernel must look the path up again. Else it was removed here.
    pub superseded: bool,
    /// Whether the path goes on with the next generation of this number.
    pub replaced: bool,
    /// Since when.
    pub since: Instant,
    /// The item its handles write to.
    pub item: Option<u64>,
    /// What further writes of its handles are made on.
    pub base: Base,
}

/// A log shorter than this, in bytes, is left as it is.
const TIDY_FROM: u64 = 1 << 20;

#[derive(Debug, Serialize, Deserialize)]
enum Record {
    /// A file's node.
    #[serde(rename = "n")]
    Node(u64, FileId),
    /// A number that may be given again.
    #[serde(rename = "f")]
    Free(u64),
    /// What was served of a file.
    #[serde(rename = "s")]
    Served(FileId, Version, Content),
}

/// What was served of a file, as kept.
pub type ServedRecord = (FileId, Version, Content);

/// All nodes of an attachment.
#[derive(Debug)]
pub struct NodeTable {
    slot: u8,
    ids: HashMap<FileId, NodeId>,
    entries: HashMap<NodeId, NodeEntry>,
    next_index: u32,
    free: Vec<NodeId>,
    log: Option<RecordLog>,
    /// Length of the log when it was last tidied, in bytes.
    tidied: u64,
    unwritten: Vec<Record>,
}

/// What the newest records say; those before them count no more.
struct Newest {
    /// By the index in the slot: the node, and its file unless the number is free.
    nodes: BTreeMap<u32, (NodeId, Option<FileId>)>,
    served: BTreeMap<FileId, (Version, Content)>,
}

impl Newest {
    fn of(records: impl IntoIterator<Item = (Record, Bytes)>) -> Self {
        let mut newest = Self {
            nodes: BTreeMap::new(),
            served: BTreeMap::new(),
        };
        let mut ids: HashMap<FileId, NodeId> = HashMap::new();
        for (record, _) in records {
            match record {
                Record::Node(id, file) => {
                    let id = NodeId(id);
                    ids.insert(file, id);
                    newest.nodes.insert(id.index(), (id, Some(file)));
                }
                Record::Free(id) => {
                    let id = NodeId(id);
                    newest.nodes.insert(id.index(), (id, None));
                }
                Record::Served(file, version, content) => {
                    newest.served.insert(file, (version, content));
                }
            }
        }
        // A file that got another number left its old one.
        for (id, file) in newest.nodes.values_mut() {
            if file.is_some_and(|f| ids.get(&f) != Some(id)) {
                (*id, *file) = (id.next_generation(), None);
            }
        }
        newest
    }

    fn records(&self) -> Vec<(Record, Vec<u8>)> {
        let nodes = self.nodes.values().map(|(id, file)| match file {
            Some(file) => Record::Node(id.0, *file),
            None => Record::Free(id.0),
        });
        let served = self.served.iter().map(|(f, (v, c))| Record::Served(*f, *v, c.clone()));
        nodes.chain(served).map(|record| (record, Vec::new())).collect()
    }
}

impl NodeTable {
    /// A table that is not kept.
    pub fn in_memory(slot: u8) -> Self {
        Self {
            slot,
            ids: HashMap::from([(FileId::ROOT, NodeId::root_of(slot))]),
            entries: HashMap::new(),
            next_index: FIRST_INDEX,
            free: Vec::new(),
            log: None,
            tidied: 0,
            unwritten: Vec::new(),
        }
    }

    /// The table kept in `folder`, tidied against the tree; also what was served of each file.
    ///
    /// # Errors
    /// When it can't be read or written.
    pub fn open(slot: u8, folder: &Path, tree: &Tree) -> io::Result<(Self, Vec<ServedRecord>)> {
        let (mut log, records) = RecordLog::open::<Record>(&folder.join("nodes"))?;
        let Newest { nodes, mut served } = Newest::of(records);
        let mut table = Self::in_memory(slot);
        let mut kept = BTreeMap::new();
        for (index, (id, file)) in nodes {
            table.next_index = table.next_index.max(index + 1);
            match file {
                // The slot is by position: another attachment may have had it.
                _ if id.slot() != slot || file == Some(FileId::ROOT) => {}
                Some(file) if tree.node(file).is_some() => {
                    table.ids.insert(file, id);
                    kept.insert(index, (id, Some(file)));
                }
                gone => {
                    let free = if gone.is_some() { id.next_generation() } else { id };
                    table.free.push(free);
                    kept.insert(index, (free, None));
                }
            }
        }
        served.retain(|file, _| tree.node(*file).is_some());
        let newest = Newest { nodes: kept, served };
        log.rewrite(&newest.records())?;
        table.tidied = log.size();
        table.log = Some(log);
        let served = newest.served.into_iter().map(|(file, (v, c))| (file, v, c)).collect();
        Ok((table, served))
    }

    /// The node of a file; a new one where it has none.
    pub fn id(&mut self, file: FileId) -> NodeId {
        if let Some(id) = self.ids.get(&file) {
            return *id;
        }
        let id = self.free.pop().unwrap_or_else(|| {
            let index = self.next_index.min(LAST_INDEX);
            self.next_index = index + 1;
            NodeId::of(self.slot, index)
        });
        self.bind(id, file);
        id
    }

    /// The node of a file, if it has one.
    pub fn known(&self, file: FileId) -> Option<NodeId> {
        self.ids.get(&file).copied()
    }

    /// From now on `id` stands for `file`.
    pub fn bind(&mut self, id: NodeId, file: FileId) {
        self.ids.insert(file, id);
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.file = file;
        }
        self.unwritten.push(Record::Node(id.0, file));
    }

    /// The file has no node any more; what it had is returned.
    pub fn unbind(&mut self, file: FileId) -> Option<NodeId> {
        self.ids.remove(&file)
    }

    /// The path of `file` gets a new node at the next lookup.
    pub fn supersede(&mut self, file: FileId) -> Option<NodeId> {
        let old = self.ids.get(&file).copied()?;
        if !self.entries.contains_key(&old) {
            // The kernel never heard of it.
            return None;
        }
        self.bind(old.next_generation(), file);
        Some(old)
    }

    /// What was served of a file, to be kept.
    pub fn record_served(&mut self, file: FileId, version: Version, content: &Content) {
        self.unwritten.push(Record::Served(file, version, content.clone()));
    }

    /// Writes what is new.
    pub fn write(&mut self) {
        if self.unwritten.is_empty() {
            return;
        }
        if let Some(log) = &mut self.log {
            for record in &self.unwritten {
                if let Err(error) = log.append(record, &[]) {
                    // Numbers then differ after a restart, which nothing relies on while this process lives.
                    tracing::warn!(file = %log.path().display(), %error, "node numbers not kept");
                    break;
                }
            }
        }
        self.unwritten.clear();
        self.tidy_if_long();
    }

    /// Writes the log anew once most of it is out of date: it lies in a pod's scratch space, which is bounded.
    fn tidy_if_long(&mut self) {
        let Some(log) = self.log.as_mut().filter(|l| l.size() > TIDY_FROM.max(2 * self.tidied)) else {
            return;
        };
        let tidied = RecordLog::read::<Record>(log.path()).and_then(|records| {
            let mut newest = Newest::of(records);
            newest.served.retain(|file, _| self.ids.contains_key(file));
            log.rewrite(&newest.records())
        });
        if let Err(error) = tidied {
            tracing::warn!(file = %log.path().display(), %error, "node numbers not tidied");
        }
        // After a failure as well: not again at each write.
        self.tidied = log.size();
    }

    /// The entry of a node, made if the kernel does not know it yet.
    pub fn entry(&mut self, id: NodeId, file: FileId) -> &mut NodeEntry {
        self.entries.entry(id).or_insert_with(|| NodeEntry {
            file,
            ..NodeEntry::default()
        })
    }

    /// The entry of a node the kernel knows.
    pub fn get(&self, id: NodeId) -> Option<&NodeEntry> {
        self.entries.get(&id)
    }

    /// As [`NodeTable::get`], to be changed.
    pub fn get_mut(&mut self, id: NodeId) -> Option<&mut NodeEntry> {
        self.entries.get_mut(&id)
    }

    /// The kernel forgot `lookups` of what it was given; a node that nothing leads to any more is dropped.
    pub fn forget(&mut self, id: NodeId, lookups: u64) {
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.lookups = entry.lookups.saturating_sub(lookups);
            self.drop_if_unused(id);
        }
    }

    /// Drops a detached node that neither the kernel nor a handle holds.
    pub fn drop_if_unused(&mut self, id: NodeId) {
        let unused = self
            .entries
            .get(&id)
            .is_some_and(|e| e.lookups == 0 && e.open == 0 && e.detached.as_ref().is_some_and(|d| d.item.is_none()));
        if !unused {
            return;
        }
        let entry = self.entries.remove(&id);
        let replaced = entry.is_some_and(|e| e.detached.is_some_and(|d| d.replaced));
        if !replaced && id.index() >= FIRST_INDEX {
            let free = id.next_generation();
            self.free.push(free);
            self.unwritten.push(Record::Free(free.0));
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use remanence_store::Author;
    use remanence_store::id::{MountId, WriteId};
    use remanence_store::op::{Op, Place};
    use remanence_store::slot::{FORMAT, Header};

    use super::*;

    #[test]
    fn a_superseded_path_gets_the_next_generation_of_its_number() {
        let mut table = NodeTable::in_memory(2);
        let first = table.id(FileId(7));
        table.entry(first, FileId(7)).lookups = 1;
        assert_eq!(table.supersede(FileId(7)), Some(first));
        assert_eq!(table.id(FileId(7)), first.next_generation());
        assert_eq!(table.id(FileId::ROOT), NodeId::root_of(2));
    }

    #[test]
    fn the_number_of_a_file_that_is_gone_is_given_again_in_a_later_generation() {
        let mut table = NodeTable::in_memory(1);
        let id = table.id(FileId(7));
        let entry = table.entry(id, FileId(7));
        entry.lookups = 1;
        entry.detached = Some(Box::new(Detached {
            node: ViewNode::root(),
            body: Body::default(),
            superseded: false,
            replaced: false,
            since: Instant::now(),
            item: None,
            base: Base::Head,
        }));
        table.unbind(FileId(7));
        table.forget(id, 1);
        assert_eq!(table.id(FileId(8)), id.next_generation());
    }

    #[test]
    fn the_log_of_a_long_life_stays_short_and_says_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let mut tree = Tree::empty();
        let file = FileId(7);
        let mkdir = Op::Mkdir {
            file,
            path: "/notes".into(),
            place: Place {
                parent: FileId::ROOT,
                name: "notes".into(),
            },
            mode: 0o755,
        };
        tree.apply(&Header {
            format: FORMAT,
            seq: 1,
            write: WriteId(1),
            previous: tree.write,
            time: Timestamp::UNIX_EPOCH,
            author: Author::agent("a"),
            mount: MountId(3),
            first: 1,
            last: 1,
            ops: vec![mkdir],
            body: 0,
        })
        .unwrap();
        let (mut table, _) = NodeTable::open(1, folder.path(), &tree).unwrap();
        let mut id = table.id(file);
        let log = folder.path().join("nodes");
        let mut longest = 0;
        for seq in 1..40_000 {
            table.entry(id, file).lookups = 1;
            table.supersede(file);
            id = table.id(file);
            table.record_served(file, Version { seq, op: 1 }, &Content::EMPTY);
            table.write();
            longest = longest.max(std::fs::metadata(&log).unwrap().len());
        }
        assert!(longest < TIDY_FROM + 4096, "{longest} bytes");
        let (mut again, served) = NodeTable::open(1, folder.path(), &tree).unwrap();
        assert_eq!(again.id(file), id);
        assert_eq!(served, [(file, Version { seq: 39_999, op: 1 }, Content::EMPTY)]);
        assert_ne!(again.id(FileId(8)).index(), id.index());
    }
}
