//! What an attachment holds in memory: the view, the items on their way, and the nodes the kernel knows.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::Instant;

use jiff::Timestamp;
use remanence_store::content::Content;
use remanence_store::intent::{Base, Intent};
use remanence_store::op::Place;
use remanence_store::settings::Purpose;
use remanence_store::{FileId, Tree, Version};

use crate::body::Body;
use crate::dir_order::DirOrder;
use crate::errno::{FsError, Result};
use crate::item::{Item, Stage, What};
use crate::journal::{Journal, Record};
use crate::node_id::NodeId;
use crate::node_table::{Detached, NodeEntry, NodeTable};
use crate::served::ServedTable;
use crate::view::{View, ViewKind, ViewNode};

/// A committed file that was renamed to a temporary-looking name a moment ago: an editor's backup.
#[derive(Debug)]
pub(crate) struct RenamedAway {
    /// The file.
    pub file: FileId,
    /// Where it was.
    pub from: Place,
    /// When.
    pub at: Instant,
}

/// All of it; behind one lock.
#[derive(Debug)]
pub(crate) struct State {
    /// What the mount shows.
    pub view: View,
    /// What is on its way, in order.
    pub items: BTreeMap<u64, Item>,
    /// The number of the next item.
    pub next_item: u64,
    /// The last item that touches a file.
    pub last: HashMap<FileId, u64>,
    /// The last item that gives a file the content its path shows.
    pub bodies: HashMap<FileId, u64>,
    /// Nodes.
    pub nodes: NodeTable,
    /// What was served.
    pub served: ServedTable,
    /// Versions that were in a removal's way, unseen: the next one is told of them.
    pub in_the_way: HashMap<FileId, Version>,
    /// The journal; none where nothing can be written.
    pub journal: Option<Journal>,
    /// Folders in the order in which they are listed.
    pub order: DirOrder,
    /// When a folder's names last changed, as far as this mount saw it.
    pub dir_times: HashMap<FileId, Timestamp>,
    /// Files renamed away a moment ago.
    pub renamed_away: Vec<RenamedAway>,
    /// Files changed by others while own writes are on their way: their paths get new nodes once these are settled.
    pub stale: HashSet<FileId>,
    /// The file whose OPEN was refused last since others had changed it, and when.
    pub refused: Option<(FileId, Instant)>,
    /// Why nothing can be written any more: what a write answers.
    pub stopped: Option<FsError>,
}

/// Where a node's bytes are.
pub(crate) enum Source<'a> {
    /// In an item or detached body.
    Body(&'a Body),
    /// In the store.
    Stored(&'a Content),
}

impl Source<'_> {
    /// Length in bytes.
    pub(crate) fn size(&self) -> u64 {
        match self {
            Self::Body(body) => body.len(),
            Self::Stored(content) => content.len(),
        }
    }

    /// A body of its own.
    pub(crate) fn to_body(&self) -> Body {
        match self {
            Self::Body(body) => Body::clone(body),
            Self::Stored(content) => Body::kept(content),
        }
    }
}

/// A node that a request is about.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Known {
    /// The node.
    pub id: NodeId,
    /// The file it stands for.
    pub file: FileId,
    /// Whether no path leads to it any more.
    pub detached: bool,
    /// Whether others did that.
    pub superseded: bool,
}

impl State {
    /// The state over a tree.
    pub(crate) fn new(tree: Arc<Tree>, nodes: NodeTable, journal: Option<Journal>) -> Self {
        Self {
            view: View::new(tree),
            items: BTreeMap::new(),
            next_item: 1,
            last: HashMap::new(),
            bodies: HashMap::new(),
            nodes,
            served: ServedTable::default(),
            in_the_way: HashMap::new(),
            journal,
            order: DirOrder::default(),
            // No commit makes a store's own folder.
            dir_times: HashMap::from([(FileId::ROOT, Timestamp::now())]),
            renamed_away: Vec::new(),
            stale: HashSet::new(),
            refused: None,
            stopped: None,
        }
    }

    /// The node a request names.
    ///
    /// # Errors
    /// When it was never given out by this table: the kernel looks the path up again.
    pub(crate) fn known(&self, id: NodeId) -> Result<Known> {
        if id.index() == 1 {
            return Ok(Known {
                id,
                file: FileId::ROOT,
                detached: false,
                superseded: false,
            });
        }
        let entry = self.nodes.get(id).ok_or(FsError::Superseded)?;
        Ok(Known {
            id,
            file: entry.file,
            detached: entry.detached.is_some(),
            superseded: entry.detached.as_ref().is_some_and(|d| d.superseded),
        })
    }

    /// The folder a request names.
    ///
    /// # Errors
    /// When it is gone or not a folder.
    pub(crate) fn folder(&self, id: NodeId) -> Result<FileId> {
        let known = self.known(id)?;
        if known.superseded {
            return Err(FsError::Superseded);
        }
        if known.detached {
            return Err(FsError::NotFound);
        }
        match self.view.node(known.file) {
            Some(node) if node.is_dir() => Ok(known.file),
            Some(_) => Err(FsError::NotDir),
            None => Err(FsError::Superseded),
        }
    }

    /// What a node is.
    ///
    /// # Errors
    /// When it is gone.
    pub(crate) fn view_node(&self, known: &Known) -> Result<ViewNode> {
        if let Some(detached) = self.detached(known.id) {
            return Ok(detached.node.clone());
        }
        self.view.node(known.file).ok_or(FsError::Superseded)
    }

    /// The detached part of a node.
    pub(crate) fn detached(&self, id: NodeId) -> Option<&Detached> {
        self.nodes.get(id)?.detached.as_deref()
    }

    /// Where a node's bytes are.
    pub(crate) fn source(&self, known: &Known) -> Source<'_> {
        static EMPTY: Content = Content::EMPTY;
        if let Some(detached) = self.detached(known.id) {
            let item = detached.item.and_then(|item| self.items.get(&item));
            let body = item.and_then(|item| item.body_of(known.file));
            return Source::Body(body.unwrap_or(&detached.body));
        }
        self.source_of_file(known.file).unwrap_or(Source::Stored(&EMPTY))
    }

    /// Where the bytes are that a file's path shows.
    pub(crate) fn source_of_file(&self, file: FileId) -> Option<Source<'_>> {
        let body = self
            .bodies
            .get(&file)
            .and_then(|item| self.items.get(item))
            .and_then(|item| item.body_of(file));
        match body {
            Some(body) => Some(Source::Body(body)),
            None => self.view.tree.node(file).and_then(|n| n.content()).map(Source::Stored),
        }
    }

    /// Gives a node of the view to the kernel: its number, counted once more.
    pub(crate) fn give(&mut self, file: FileId) -> NodeId {
        let id = self.nodes.id(file);
        if id.index() != 1 {
            self.nodes.entry(id, file).lookups += 1;
        }
        id
    }

    /// The item that new content of a file still goes into: it was not sent, and what touches the file since leaves its
    /// content alone. A second one would overtake it.
    pub(crate) fn changeable(&self, file: FileId) -> Option<u64> {
        let id = *self.bodies.get(&file)?;
        let item = self.items.get(&id)?;
        let content = item.content()?;
        let later = self.items.range(id + 1..).map(|(_, later)| later);
        (item.stage != Stage::Sent
            && content.file == file
            && content.shown
            && later
                .filter(|later| later.files().contains(&Some(file)))
                .all(Item::leaves_content))
        .then_some(id)
    }

    /// Takes everything off the tree and puts the items on it again.
    pub(crate) fn rebuild(&mut self) {
        self.view.clear();
        self.last.clear();
        self.bodies.clear();
        let ids: Vec<u64> = self.items.keys().copied().collect();
        for id in ids {
            self.apply(id);
        }
    }

    /// Puts an item on top of the view.
    pub(crate) fn apply(&mut self, id: u64) {
        let Some(item) = self.items.get(&id) else { return };
        for file in item.files().into_iter().flatten() {
            self.last.insert(file, id);
        }
        match &item.what {
            What::Content(content) => {
                if !content.shown {
                    return;
                }
                let file = content.file;
                self.bodies.insert(file, id);
                if let Some((resume, _)) = &content.resume {
                    self.bodies.insert(resume.backup, id);
                    apply_resume(&mut self.view, file, &resume.place, resume.backup);
                }
                let mut node = content.seen.clone();
                if let Some(create) = &content.create {
                    node.parent = create.place.parent;
                    node.name = create.place.name.as_str().into();
                } else if let Some(there) = self.view.node(file) {
                    node.parent = there.parent;
                    node.name = there.name;
                    node.mode = there.mode;
                }
                node.mode = content.mode.unwrap_or(node.mode);
                (node.mtime, node.ctime) = (content.mtime, content.mtime);
                self.view.put(node);
            }
            What::Name { intent, moved, time } => {
                if let Some((target, _)) = moved {
                    self.bodies.insert(*target, id);
                    if let Intent::Rename { file, .. } = &**intent {
                        self.bodies.remove(file);
                    }
                }
                apply_intent(&mut self.view, intent, moved.is_some(), *time);
            }
        }
    }

    /// A folder's names changed now.
    pub(crate) fn names_changed(&mut self, folder: FileId, now: Timestamp) {
        self.dir_times.insert(folder, now);
    }

    /// Detaches a file's node from its path: it was removed, or others replaced it. Returns the node if the kernel knows
    /// it. Must be called while the view still shows what the node's handles are to go on reading.
    pub(crate) fn detach(&mut self, file: FileId, superseded: bool, replaced: bool) -> Option<NodeId> {
        let id = self.nodes.known(file)?;
        let mut node = self.view.node(file).unwrap_or_else(ViewNode::root);
        if node.kind == ViewKind::Dir && file == FileId::ROOT {
            return None;
        }
        let open_item = self
            .bodies
            .get(&file)
            .copied()
            .filter(|item| self.items.get(item).is_some_and(|i| i.stage == Stage::Open));
        let body = if node.kind == ViewKind::File {
            self.freeze(file);
            self.source_of_file(file).map(|s| s.to_body()).unwrap_or_default()
        } else {
            Body::default()
        };
        if replaced {
            self.nodes.supersede(file)?;
        } else {
            self.nodes.unbind(file);
        }
        let base = match self.base(file) {
            (Base::Head, source) => source,
            (base, _) => base,
        };
        let entry = self.nodes.get_mut(id)?;
        node.ctime = entry.ctime.unwrap_or(node.ctime);
        entry.detached = Some(Box::new(Detached {
            node,
            body,
            superseded,
            replaced,
            since: Instant::now(),
            item: open_item.filter(|_| superseded),
            base,
        }));
        if let (true, Some(item)) = (superseded, open_item) {
            // Its handles write on, for themselves; the path shows what others wrote.
            self.bodies.remove(&file);
            if let Some(content) = self.items.get_mut(&item).and_then(Item::content_mut) {
                content.shown = false;
                if matches!(content.base, Base::Head) {
                    content.base = content.source.clone();
                }
            }
        }
        self.nodes.drop_if_unused(id);
        Some(id)
    }

    /// What a new write of a file is based on, and the version whose content it starts from.
    pub(crate) fn base(&self, file: FileId) -> (Base, Base) {
        let source = match self.view.tree.node(file) {
            Some(node) if !self.bodies.contains_key(&file) => Base::Version {
                version: node.version,
                content: node.content().cloned().unwrap_or_default(),
            },
            _ => Base::Own,
        };
        let base = if self.bodies.contains_key(&file) {
            Base::Own
        } else {
            self.served.base(file, &self.view.tree)
        };
        (base, source)
    }

    /// What was served of a file that is gone says nothing any more once nothing of it is on its way.
    pub(crate) fn forget_gone(&mut self, file: FileId) {
        if self.view.tree.node(file).is_none() && !self.last.contains_key(&file) {
            self.served.gone(file);
            self.in_the_way.remove(&file);
        }
    }

    /// Freezes the growing body of a file, so that it can be shared.
    pub(crate) fn freeze(&mut self, file: FileId) {
        let item = self.bodies.get(&file).copied();
        if let Some(content) = item.and_then(|id| self.items.get_mut(&id)).and_then(Item::content_mut)
            && content.file == file
        {
            content.body.freeze();
        }
    }

    /// Writes a record into the journal.
    ///
    /// # Errors
    /// When the cache disk is full.
    pub(crate) fn record(&mut self, record: &Record, bytes: &[u8]) -> Result<()> {
        let Some(journal) = &mut self.journal else {
            return Ok(());
        };
        let mut recorded = journal.append(record, bytes);
        if recorded.is_err() && self.items.is_empty() {
            // Nothing in it waits: what it takes of a full disk is room.
            recorded = journal.empty().and_then(|()| journal.append(record, bytes));
        }
        recorded.map_err(|error| FsError::CacheFull {
            folder: journal.path().display().to_string(),
            cause: error.to_string(),
        })
    }

    /// As [`State::record`], of what comes instead of items that were never sent: both are in the journal, or neither.
    ///
    /// # Errors
    /// When the cache disk is full.
    pub(crate) fn record_instead(&mut self, of: &[u64], record: &Record) -> Result<()> {
        if of.is_empty() {
            return self.record(record, &[]);
        }
        let instead = Record::Instead {
            of: of.to_vec(),
            record: Box::new(record.clone()),
        };
        self.record(&instead, &[])
    }

    /// The path an item's file has now, for the log.
    pub(crate) fn item_path(&self, id: u64) -> String {
        let content = self.items.get(&id).and_then(Item::content);
        content
            .map(|c| {
                self.view
                    .path(c.file)
                    .unwrap_or_else(|| self.view.path_in(c.seen.parent, &c.seen.name))
            })
            .unwrap_or_default()
    }

    /// Whether transcripts are kept here: they are sent at each line's end.
    pub(crate) fn is_sessions(&self) -> bool {
        self.view.tree.settings.purpose == Purpose::Sessions
    }

    /// The entry of a node the kernel knows.
    pub(crate) fn entry(&mut self, known: &Known) -> &mut NodeEntry {
        self.nodes.entry(known.id, known.file)
    }

    /// When the oldest item that nobody writes to was accepted.
    pub(crate) fn oldest(&self) -> Option<Instant> {
        self.items
            .values()
            .filter(|i| i.stage != Stage::Open)
            .map(|i| i.since)
            .min()
    }
}

fn apply_resume(view: &mut View, file: FileId, place: &Place, backup: FileId) {
    let Some(old) = view.node(file) else { return };
    let mut made = old.clone();
    made.parent = place.parent;
    made.name = place.name.as_str().into();
    view.put(made);
    view.put(ViewNode { file: backup, ..old });
}

fn apply_intent(view: &mut View, intent: &Intent, atomic_save: bool, now: Timestamp) {
    match intent {
        Intent::Symlink {
            file, place, target, ..
        } => {
            let kind = ViewKind::Symlink(target.as_str().into());
            made(view, *file, place, kind, 0o777, now);
        }
        Intent::Mkdir { file, place, mode, .. } => made(view, *file, place, ViewKind::Dir, *mode, now),
        Intent::Remove { file, .. } | Intent::Rmdir { file, .. } => view.remove(*file),
        Intent::Rename { file, place, .. } => {
            let Some(mut node) = view.node(*file) else { return };
            let there = view
                .child(place.parent, &place.name)
                .filter(|there| there.file != *file);
            match there {
                Some(there) if atomic_save => {
                    view.remove(*file);
                    node.file = there.file;
                }
                Some(there) => view.remove(there.file),
                None => {}
            }
            node.parent = place.parent;
            node.name = place.name.as_str().into();
            node.ctime = now;
            view.put(node);
        }
        Intent::Setattr { file, mode, mtime, .. } => view.touch(*file, |node| {
            node.mode = mode.unwrap_or(node.mode);
            node.mtime = mtime.unwrap_or(node.mtime);
            node.ctime = now;
        }),
        _ => {}
    }
}

fn made(view: &mut View, file: FileId, place: &Place, kind: ViewKind, mode: u32, now: Timestamp) {
    view.put(ViewNode {
        file,
        parent: place.parent,
        name: place.name.as_str().into(),
        kind,
        mode,
        mtime: now,
        ctime: now,
    });
}
