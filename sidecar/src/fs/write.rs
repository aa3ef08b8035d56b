//! WRITE and truncation, FLUSH, FSYNC and RELEASE: how new content grows and when it goes to the store.

use std::sync::Arc;

use bytes::Bytes;
use remanence_store::content::Extent;
use remanence_store::intent::Base;

use crate::answer::Answer;
use crate::attachment::Attachment;
use crate::body::Missing;
use crate::errno::{FsError, Result};
use crate::item::{ContentItem, Item, Stage, What};
use crate::journal::Record;
use crate::node_id::NodeId;
use crate::settings::Durability;
use crate::state::{Known, State};
use crate::temp_names::looks_temporary;

/// A change of a file's bytes.
#[derive(Debug, Clone)]
enum Edit {
    /// Bytes at an offset.
    Write(u64, Bytes),
    /// Bytes at the end, wherever that is.
    Append(Bytes),
    /// A length.
    Truncate(u64),
}

/// Why an edit was not done.
enum Halt {
    Needs(Vec<Extent>),
    Failed(FsError),
}

impl From<FsError> for Halt {
    fn from(error: FsError) -> Self {
        Self::Failed(error)
    }
}

impl Attachment {
    /// WRITE; with `append` the offset is the end, whatever the kernel believes.
    pub fn write(self: &Arc<Self>, id: NodeId, offset: u64, data: &[u8], append: bool) -> Answer<u32> {
        let mut state = self.lock();
        let result = match self.edit_bytes(&mut state, id, offset, data, append) {
            Ok(()) => {
                self.flush_line(&mut state, id);
                Ok(data.len() as u32)
            }
            Err(Halt::Failed(error)) => Err(error),
            Err(Halt::Needs(needs)) => {
                let bytes = Bytes::copy_from_slice(data);
                let edit = if append {
                    Edit::Append(bytes)
                } else {
                    Edit::Write(offset, bytes)
                };
                let written = data.len() as u32;
                return self.edit_later(id, edit, needs).then(move |()| Ok(written));
            }
        };
        Answer::Now(result)
    }

    /// Sets a file's length. Without a handle it is done once the store has it.
    pub(crate) fn truncate(self: &Arc<Self>, id: NodeId, len: u64, through_handle: bool) -> Answer<()> {
        let mut state = self.lock();
        let edited = match self.edit(&mut state, id, &Edit::Truncate(len)) {
            Ok(()) => Answer::Now(Ok(())),
            Err(Halt::Failed(error)) => Answer::Now(Err(error)),
            Err(Halt::Needs(needs)) => self.edit_later(id, Edit::Truncate(len), needs),
        };
        if through_handle {
            return edited;
        }
        match edited {
            Answer::Now(Err(error)) => Answer::Now(Err(error)),
            Answer::Now(Ok(())) => self.finish(&mut state, id, false),
            Answer::Later(edited) => {
                drop(state);
                let this = self.clone();
                Answer::later(async move {
                    edited.await?;
                    let finished = this.finish(&mut this.lock(), id, false);
                    finished.get().await
                })
            }
        }
    }

    /// Loads what an edit needs, then does it.
    fn edit_later(self: &Arc<Self>, id: NodeId, edit: Edit, mut needs: Vec<Extent>) -> Answer<()> {
        let this = self.clone();
        Answer::later(async move {
            loop {
                let mut loaded = Vec::new();
                for extent in &needs {
                    loaded.push((*extent, this.load(extent).await?));
                }
                let mut state = this.lock();
                this.fill(&mut state, id, &loaded)?;
                match this.edit(&mut state, id, &edit) {
                    Ok(()) => return Ok(()),
                    Err(Halt::Failed(error)) => return Err(error),
                    Err(Halt::Needs(more)) => needs = more,
                }
            }
        })
    }

    fn fill(&self, state: &mut State, id: NodeId, loaded: &[(Extent, Bytes)]) -> Result<()> {
        let known = state.known(id)?;
        let item = self.item_for_writing(state, &known)?;
        let body = match item {
            Some(item) => state
                .items
                .get_mut(&item)
                .and_then(|i| i.content_mut())
                .map(|c| &mut c.body),
            None => state.entry(&known).detached.as_mut().map(|d| &mut d.body),
        };
        if let Some(body) = body {
            for (extent, bytes) in loaded {
                body.fill(extent, bytes);
            }
        }
        Ok(())
    }

    fn edit(&self, state: &mut State, id: NodeId, edit: &Edit) -> std::result::Result<(), Halt> {
        match edit {
            Edit::Write(offset, bytes) => self.edit_bytes(state, id, *offset, bytes, false),
            Edit::Append(bytes) => self.edit_bytes(state, id, 0, bytes, true),
            Edit::Truncate(len) => self.edit_length(state, id, *len),
        }
    }

    fn edit_bytes(
        &self,
        state: &mut State,
        id: NodeId,
        offset: u64,
        data: &[u8],
        append: bool,
    ) -> std::result::Result<(), Halt> {
        let known = state.known(id)?;
        state.check_size(&known, |len| if append { len } else { offset } + data.len() as u64)?;
        let Some(item) = self.item_for_writing(state, &known)? else {
            // Unlinked here: its handles go on, nothing is kept.
            let now = self.now();
            if let Some(detached) = &mut state.entry(&known).detached {
                let at = if append { detached.body.len() } else { offset };
                detached
                    .body
                    .write(at, data)
                    .map_err(|Missing(needs)| Halt::Needs(needs))?;
                detached.node.mtime = now;
            }
            return Ok(());
        };
        let at = {
            let content = content_of(state, item)?;
            let at = if append { content.body.len() } else { offset };
            content
                .body
                .check_write(at, data.len() as u64)
                .map_err(|Missing(needs)| Halt::Needs(needs))?;
            at
        };
        state.not_only_added(item, at, false)?;
        let mtime = self.now();
        state.record(&Record::Write { id: item, at, mtime }, data)?;
        let content = content_of(state, item)?;
        content
            .body
            .write(at, data)
            .map_err(|Missing(needs)| Halt::Needs(needs))?;
        self.edited(state, item, &known);
        Ok(())
    }

    fn edit_length(&self, state: &mut State, id: NodeId, len: u64) -> std::result::Result<(), Halt> {
        let known = state.known(id)?;
        if state.view_node(&known)?.is_dir() {
            return Err(FsError::IsDir.into());
        }
        if state.source(&known).size() == len {
            // Nothing changes but the times, and these follow a truncation only where it did something.
            self.check_writable(state)?;
            return Ok(());
        }
        state.check_size(&known, |_| len)?;
        let Some(item) = self.item_for_writing(state, &known)? else {
            let now = self.now();
            if let Some(detached) = &mut state.entry(&known).detached {
                detached
                    .body
                    .truncate(len)
                    .map_err(|Missing(needs)| Halt::Needs(needs))?;
                detached.node.mtime = now;
            }
            return Ok(());
        };
        let content = content_of(state, item)?;
        content
            .body
            .check_truncate(len)
            .map_err(|Missing(needs)| Halt::Needs(needs))?;
        state.not_only_added(item, len, true)?;
        let mtime = self.now();
        state.record(&Record::Truncate { id: item, len, mtime }, &[])?;
        let content = content_of(state, item)?;
        content
            .body
            .truncate(len)
            .map_err(|Missing(needs)| Halt::Needs(needs))?;
        self.edited(state, item, &known);
        Ok(())
    }

    fn edited(&self, state: &mut State, item: u64, known: &Known) {
        let mtime = self.now();
        if let Some(content) = state.items.get_mut(&item).and_then(|i| i.content_mut()) {
            content.mtime = mtime;
            if content.shown {
                let file = content.file;
                state.view.touch(file, |node| (node.mtime, node.ctime) = (mtime, mtime));
            }
        }
        let entry = state.entry(known);
        entry.ctime = Some(mtime);
    }

    /// The item that a node's writes go to; made where there is none. `None` for a file that was unlinked here.
    fn item_for_writing(&self, state: &mut State, known: &Known) -> Result<Option<u64>> {
        if known.detached && !known.superseded {
            return Ok(None);
        }
        self.check_file(state, known.file)?;
        let there = match state.detached(known.id) {
            Some(detached) => detached
                .item
                .filter(|item| state.items.get(item).is_some_and(|i| i.stage != Stage::Sent)),
            None => state.changeable(known.file),
        };
        if let Some(item) = there {
            let has_writers = state.nodes.get(known.id).is_some_and(|e| e.writers > 0);
            if let Some(there) = state.items.get_mut(&item).filter(|_| has_writers) {
                there.stage = Stage::Open;
            }
            return Ok(Some(item));
        }
        self.start_item(state, known).map(Some)
    }

    fn start_item(&self, state: &mut State, known: &Known) -> Result<u64> {
        let seen = state.view_node(known)?;
        if !known.detached {
            state.freeze(known.file);
        }
        let body = state.source(known).to_body();
        let (base, source) = match state.detached(known.id) {
            Some(detached) if detached.item.is_some() => (Base::Own, Base::Own),
            Some(detached) => (detached.base.clone(), detached.base.clone()),
            None => state.base(known.file),
        };
        let content = ContentItem {
            file: known.file,
            create: None,
            resume: None,
            base,
            adds_to: Some(body.len()),
            body,
            mode: None,
            mtime: self.now(),
            source,
            seen,
            shown: !known.detached,
            node: known.id,
        };
        let item = self.start_content(state, content)?;
        if let Some(detached) = state.nodes.get_mut(known.id).and_then(|e| e.detached.as_deref_mut()) {
            detached.item = Some(item);
        }
        Ok(item)
    }

    /// Journals and adds new content that handles are writing.
    pub(crate) fn start_content(&self, state: &mut State, mut content: ContentItem) -> Result<u64> {
        let id = state.next_item;
        let path = state
            .view
            .path(content.file)
            .unwrap_or_else(|| state.view.path_in(content.seen.parent, &content.seen.name));
        let (record, bytes) = content.record(id, path);
        state.record(&Record::Content(record), &bytes)?;
        Ok(self.insert(state, What::Content(Box::new(content)), Stage::Open))
    }

    /// Transcripts go to the store at each line's end, though their handle stays open.
    fn flush_line(self: &Arc<Self>, state: &mut State, id: NodeId) {
        if !state.is_sessions() {
            return;
        }
        let Some(item) = state.item_of(id) else { return };
        let ready = state
            .items
            .get(&item)
            .and_then(|i| i.content())
            .is_some_and(|c| c.body.last_new_byte() == Some(b'\n') && (c.adds_to.is_some() || c.create.is_some()));
        if ready && self.settings.durability == Durability::Local {
            // It never waits: a line written is no close.
            let _ = self.hold(state, &[item]);
        }
    }

    /// FLUSH: a handle that may write is closed.
    pub fn flush(self: &Arc<Self>, id: NodeId) -> Answer<()> {
        self.finish(&mut self.lock(), id, false)
    }

    /// Brings a node's content on its way, and answers as its attachment's durability has it. `now`: whatever its name
    /// and the durability.
    fn finish(self: &Arc<Self>, state: &mut State, id: NodeId, now: bool) -> Answer<()> {
        let Some(item_id) = state.item_of(id) else {
            return Answer::Now(Ok(()));
        };
        let just_begun = state
            .items
            .get(&item_id)
            .is_some_and(|item| is_just_begun(state, id, item));
        let Some(item) = state.items.get_mut(&item_id) else {
            return Answer::Now(Ok(()));
        };
        if now {
            return self.send_and_wait(state, &[item_id]);
        }
        if just_begun {
            return self.defer(state, item_id);
        }
        let is_new = item.content().and_then(|c| c.create.as_ref());
        let temporary = is_new.is_some_and(|c| looks_temporary(&c.place.name));
        match (item.stage, self.settings.durability) {
            (Stage::Sent, Durability::Local) => Answer::Now(Ok(())),
            (Stage::Sent, Durability::Store) => self.wait(state, item_id),
            _ if temporary => self.defer(state, item_id),
            _ => self.done(state, &[item_id]),
        }
    }

    /// Delays the first commit of something that is probably changed again within a moment.
    fn defer(self: &Arc<Self>, state: &mut State, item: u64) -> Answer<()> {
        if let Some(item) = state.items.get_mut(&item) {
            item.stage = Stage::Held;
            item.due = item.since + self.timing.temp_delay;
            let due = item.due;
            self.wake_at(due);
        }
        Answer::Now(Ok(()))
    }

    /// FSYNC: whatever is on its way for the file is in the store afterwards.
    pub fn fsync(self: &Arc<Self>, id: NodeId) -> Answer<()> {
        let mut state = self.lock();
        let Ok(known) = state.known(id) else {
            return Answer::Now(Ok(()));
        };
        let content = state.item_of(id);
        let last = state.last.get(&known.file).copied().filter(|_| !known.detached);
        let mut items: Vec<u64> = content.into_iter().chain(last).collect();
        items.sort_unstable();
        items.dedup();
        // What was accepted before it goes before it: the file's folder may be new itself.
        if let (Some(last), Durability::Local) = (items.last().copied(), self.settings.durability) {
            items = state
                .items
                .range(..=last)
                .filter(|(id, i)| i.stage == Stage::Held || items.contains(id))
                .map(|(id, _)| *id)
                .collect();
        }
        self.send_and_wait(&mut state, &items)
    }

    /// FSYNCDIR: every name operation before it is in the store afterwards.
    pub fn fsyncdir(self: &Arc<Self>) -> Answer<()> {
        let mut state = self.lock();
        let items: Vec<u64> = state
            .items
            .values()
            .filter(|i| i.stage == Stage::Held || (i.stage == Stage::Sent && i.content().is_none()))
            .map(|i| i.id)
            .collect();
        self.send_and_wait(&mut state, &items)
    }

    /// RELEASE: a handle is gone. What was written through a mapping after the close goes to the store now.
    pub fn release(self: &Arc<Self>, id: NodeId, writable: bool) {
        let mut state = self.lock();
        let Ok(known) = state.known(id) else { return };
        let entry = state.entry(&known);
        entry.open = entry.open.saturating_sub(1);
        if writable {
            entry.writers = entry.writers.saturating_sub(1);
        }
        if entry.writers == 0 {
            let unsent = state
                .item_of(id)
                .filter(|item| state.items.get(item).is_some_and(|i| i.stage != Stage::Sent));
            if unsent.is_some() {
                // Nobody is there to be told; the journal has it.
                drop(self.finish(&mut state, id, false));
            }
        }
        state.nodes.drop_if_unused(id);
        state.nodes.write();
    }

    async fn load(&self, extent: &Extent) -> Result<Bytes> {
        match tokio::time::timeout(self.timing.unknown_after, self.store.read_extent(extent)).await {
            Ok(bytes) => Ok(bytes?),
            Err(_) => Err(FsError::Unreadable("the store does not answer".into())),
        }
    }
}

fn content_of(state: &mut State, item: u64) -> Result<&mut ContentItem> {
    state
        .items
        .get_mut(&item)
        .and_then(|i| i.content_mut())
        .ok_or(FsError::BadHandle)
}

impl State {
    fn check_size(&self, known: &Known, size: impl Fn(u64) -> u64) -> Result<()> {
        let limit = self.view.tree.settings.file_size;
        let len = self.source(known).size();
        let size = size(len);
        if size > limit && size > len {
            return Err(FsError::TooLarge { size, limit });
        }
        // What is on its way counts once it is committed, and the commit looks again.
        if let Some(limit) = self.view.tree.settings.size
            && size.saturating_sub(len) > limit.saturating_sub(self.view.tree.bytes)
        {
            return Err(FsError::NoRoom { limit });
        }
        Ok(())
    }

    /// An item that only added so far changes what was there: from now on it is a whole content.
    fn not_only_added(&mut self, item: u64, at: u64, truncates: bool) -> Result<()> {
        let path = self.item_path(item);
        let content = content_of(self, item)?;
        let Some(start) = content.adds_to.filter(|start| at < *start) else {
            return Ok(());
        };
        let before = (Some(start), content.base.clone());
        content.adds_to = None;
        if matches!(content.base, Base::Head) && !(truncates && at == 0 && start > 0) {
            // It keeps bytes of a version nobody read, so this is what it is made on.
            content.base = content.source.clone();
        }
        let (record, bytes) = content.record(item, path);
        let recorded = self.record(&Record::Content(record), &bytes);
        if recorded.is_err() {
            let content = content_of(self, item)?;
            (content.adds_to, content.base) = before;
        }
        recorded
    }

    /// The item that holds a node's unsettled content.
    fn item_of(&self, id: NodeId) -> Option<u64> {
        let known = self.known(id).ok()?;
        match self.detached(id) {
            Some(detached) => detached.item,
            None => self.bodies.get(&known.file).copied(),
        }
    }
}

/// Whether a file was emptied or made, and nothing written yet by handles that are still open. A shell closes a copy
/// of its handle before it writes: others should not see an empty file for that.
fn is_just_begun(state: &State, id: NodeId, item: &Item) -> bool {
    let writers = state.nodes.get(id).is_some_and(|e| e.writers > 0);
    writers && item.stage != Stage::Sent && item.content().is_some_and(|c| c.body.is_empty())
}
