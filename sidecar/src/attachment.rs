//! One attached store: its state, and how what it accepts gets into the journal and the store.

use std::sync::Arc;
use std::time::Instant;

use jiff::Timestamp;
use parking_lot::{Mutex, MutexGuard};
use remanence_store::intent::{Entry, Intent};
use remanence_store::op::Place;
use remanence_store::store::Committed;
use remanence_store::{Author, FileId, Store};
use tokio::sync::{mpsc, oneshot};

use crate::answer::Answer;
use crate::body::Body;
use crate::errno::{FsError, Result};
use crate::item::{Item, Stage, What};
use crate::journal::Record;
use crate::kernel::Kernel;
use crate::settings::{Access, AttachmentSettings, Durability, Timing};
use crate::state::State;
use crate::virtual_dir::LogShown;

/// What the engine is told.
#[derive(Debug)]
pub enum ToEngine {
    /// Items went to the store; here is where its answer comes.
    Sent(Vec<u64>, oneshot::Receiver<Committed>),
    /// An item is due earlier than known.
    Due,
    /// Answer once all news so far is taken in.
    CatchUp(oneshot::Sender<()>),
    /// Everything is to be sent now; answer once nothing is on its way.
    Flush(oneshot::Sender<()>),
}

/// An attached store.
#[derive(Debug)]
pub struct Attachment {
    /// Its name: the folder's.
    pub name: String,
    /// Its slot in node ids.
    pub slot: u8,
    /// The store.
    pub store: Store,
    /// How it is attached.
    pub settings: AttachmentSettings,
    /// Who writes.
    pub author: Author,
    /// Bounds of waiting.
    pub timing: Timing,
    pub(crate) kernel: Arc<Kernel>,
    pub(crate) engine: mpsc::UnboundedSender<ToEngine>,
    pub(crate) state: Mutex<State>,
    /// When the engine looks again by itself.
    pub(crate) due: Mutex<Option<Instant>>,
    pub(crate) log_shown: Mutex<LogShown>,
    /// Told to the agent in the note; may change while it is attached.
    pub(crate) instructions: Mutex<String>,
}

impl Attachment {
    /// The state, locked.
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }

    /// Now, by the store's clock.
    pub(crate) fn now(&self) -> Timestamp {
        self.store.clock().now()
    }

    /// Whether the agent may write at all.
    ///
    /// # Errors
    /// Why not.
    pub(crate) fn check_writable(&self, state: &State) -> Result<()> {
        if self.settings.access == Access::ReadOnly || self.store.is_read_only() {
            return Err(FsError::ReadOnly("this store is attached read-only"));
        }
        if state.view.tree.settings.archived {
            return Err(FsError::ReadOnly("the store is archived: read-only for good"));
        }
        match &state.stopped {
            Some(stopped) => Err(stopped.clone()),
            None => Ok(()),
        }
    }

    /// Whether it is known to be no session store: a new one says what it is by its first commit.
    pub(crate) fn is_of_memories(&self) -> bool {
        let state = self.lock();
        state.view.tree.seq > 0 && !state.is_sessions()
    }

    /// Whether nothing can be written any more until the store is attached again.
    pub(crate) fn is_stopped(&self) -> bool {
        self.lock().stopped.is_some()
    }

    /// Whether the agent may write something at that place.
    ///
    /// # Errors
    /// Why not.
    pub(crate) fn check_place(&self, state: &State, parent: FileId, name: &str) -> Result<()> {
        self.check_writable(state)?;
        if parent == FileId::ROOT && name == crate::virtual_dir::NAME {
            return Err(FsError::ReadOnly("`.memory` is made by the mount"));
        }
        if state.view.is_dream(parent, name) {
            return Err(FsError::ReadOnly("only dreams write below `.dream`"));
        }
        Ok(())
    }

    /// As [`Attachment::check_place`], for a file that is there.
    ///
    /// # Errors
    /// Why not.
    pub(crate) fn check_file(&self, state: &State, file: FileId) -> Result<()> {
        match state.view.node(file) {
            Some(node) if file != FileId::ROOT => self.check_place(state, node.parent, &node.name),
            _ => self.check_writable(state),
        }
    }

    /// Checks a name that is to be made, and the number of files.
    ///
    /// # Errors
    /// What is wrong.
    pub(crate) fn check_new(&self, state: &State, parent: FileId, name: &str, counts: bool) -> Result<()> {
        state.view.check_name(parent, name, 0)?;
        self.check_place(state, parent, name)?;
        let limit = state.view.tree.settings.files;
        if counts && state.view.files() >= limit {
            return Err(FsError::Full { limit });
        }
        Ok(())
    }

    /// Accepts an intent without content: journalled, visible, held.
    ///
    /// # Errors
    /// When the cache disk is full.
    pub(crate) fn accept(&self, state: &mut State, intent: Intent) -> Result<u64> {
        let intent = record_name(state, intent, &[])?;
        Ok(self.show(state, intent, None))
    }

    /// Shows and holds an intent that is journalled already.
    pub(crate) fn show(&self, state: &mut State, intent: Intent, moved: Option<(FileId, Body)>) -> u64 {
        let what = What::Name {
            intent: Box::new(intent),
            moved,
            time: self.now(),
        };
        self.insert(state, what, Stage::Held)
    }

    /// Adds an item that is journalled already, with the number that is next.
    pub(crate) fn insert(&self, state: &mut State, what: What, stage: Stage) -> u64 {
        let id = state.next_item;
        state.next_item += 1;
        let now = Instant::now();
        let item = Item {
            id,
            what,
            stage,
            since: now,
            due: now + self.timing.local_delay,
            waiters: Vec::new(),
        };
        state.items.insert(id, item);
        state.apply(id);
        id
    }

    /// What a call answers that made these items: sent and waited for, or held, as the attachment is set.
    pub(crate) fn done(self: &Arc<Self>, state: &mut State, items: &[u64]) -> Answer<()> {
        match self.settings.durability {
            Durability::Store => self.send_and_wait(state, items),
            Durability::Local => self.hold(state, items),
        }
    }

    /// Sends items and waits for them. Some may have been sent before, in whatever order.
    pub(crate) fn send_and_wait(self: &Arc<Self>, state: &mut State, items: &[u64]) -> Answer<()> {
        if let Err(error) = self.send(state, items) {
            return Answer::Now(Err(error));
        }
        let mut waiting: Vec<Answer<()>> = items.iter().map(|id| self.wait(state, *id)).collect();
        if waiting.len() <= 1 {
            return waiting.pop().unwrap_or(Answer::Now(Ok(())));
        }
        Answer::later(async move {
            let mut result = Ok(());
            for answer in waiting {
                result = result.and(answer.get().await);
            }
            result
        })
    }

    /// Leaves items for the engine; waits only where the oldest has waited too long.
    pub(crate) fn hold(self: &Arc<Self>, state: &mut State, items: &[u64]) -> Answer<()> {
        let mut earliest = None;
        for id in items {
            if let Some(item) = state.items.get_mut(id).filter(|i| i.stage != Stage::Sent) {
                item.stage = Stage::Held;
                item.due = item.due.min(item.since + self.timing.local_delay);
                earliest = Some(earliest.map_or(item.due, |due: Instant| due.min(item.due)));
            }
        }
        if let Some(due) = earliest {
            self.wake_at(due);
        }
        let late = state
            .oldest()
            .is_some_and(|since| since.elapsed() > self.timing.local_window);
        match items.last() {
            Some(last) if late => self.wait(state, *last),
            _ => Answer::Now(Ok(())),
        }
    }

    /// Makes the engine look at `due` at the latest.
    pub(crate) fn wake_at(&self, due: Instant) {
        let mut known = self.due.lock();
        if known.is_none_or(|known| due < known) {
            *known = Some(due);
            // An engine that has ended has nothing left to send.
            let _ = self.engine.send(ToEngine::Due);
        }
    }

    /// Waits for an item, but not for ever: then it is not known what becomes of it.
    pub(crate) fn wait(self: &Arc<Self>, state: &mut State, id: u64) -> Answer<()> {
        let Some(item) = state.items.get_mut(&id) else {
            return Answer::Now(Ok(()));
        };
        if let Some(stopped) = &state.stopped {
            return Answer::Now(Err(stopped.clone()));
        }
        let (waiter, answer) = oneshot::channel();
        item.waiters.push(waiter);
        let this = self.clone();
        Answer::later(async move {
            match tokio::time::timeout(this.timing.unknown_after, answer).await {
                Ok(Ok(result)) => result,
                Ok(Err(_)) => Err(FsError::Unknown("the mount is ending".into())),
                Err(_) => {
                    let trouble = this.store.health().trouble;
                    Err(FsError::Unknown(trouble.unwrap_or_else(|| "no answer yet".into())))
                }
            }
        })
    }

    /// Hands items to the store, in order, as one entry. Their counters are in the journal first.
    ///
    /// # Errors
    /// When the cache disk is full; they stay held then, and the engine tries again.
    pub(crate) fn send(&self, state: &mut State, items: &[u64]) -> Result<()> {
        let ids: Vec<u64> = items
            .iter()
            .copied()
            .filter(|id| state.items.get(id).is_some_and(|i| i.stage != Stage::Sent))
            .collect();
        if ids.is_empty() {
            return Ok(());
        }
        let count: u64 = ids.iter().filter_map(|id| state.items.get(id)).map(Item::intents).sum();
        let counter = self.store.reserve_counters(count);
        let record = Record::Sent {
            ids: ids.clone(),
            counter,
        };
        if let Err(error) = state.record(&record, &[]) {
            let retry = Instant::now() + self.timing.temp_delay;
            for id in &ids {
                if let Some(item) = state.items.get_mut(id) {
                    (item.stage, item.due) = (Stage::Held, retry);
                }
            }
            self.wake_at(retry);
            return Err(error);
        }
        let mut intents = Vec::new();
        for id in &ids {
            intents.extend(state.intents(*id));
        }
        let entry = Entry {
            conflicts: self.settings.conflicts,
            late: self.settings.durability == Durability::Local,
            counter: Some(counter),
            ..Entry::new(self.author.clone(), intents)
        };
        let answer = self.store.enqueue(entry);
        // Without an engine the mount is ending; the journal keeps the items.
        let _ = self.engine.send(ToEngine::Sent(ids, answer));
        Ok(())
    }

    /// Waits until the engine has taken in all news so far.
    pub(crate) async fn catch_up(&self) {
        let (done, told) = oneshot::channel();
        if self.engine.send(ToEngine::CatchUp(done)).is_ok() {
            // An engine that has ended has no news.
            let _ = told.await;
        }
    }

    /// Sends everything at once and waits until nothing is on its way.
    pub async fn flush_all(&self) {
        let (done, flushed) = oneshot::channel();
        if self.engine.send(ToEngine::Flush(done)).is_ok() {
            // An engine that has ended has sent what it could.
            let _ = flushed.await;
        }
    }

    /// Empties or rewrites a journal that has grown.
    pub(crate) fn tidy_journal(&self, state: &mut State) {
        if state.items.is_empty() {
            if let Some(journal) = state.journal.as_mut().filter(|journal| journal.is_long())
                && let Err(error) = journal.empty()
            {
                tracing::warn!(attachment = self.name, %error, "journal not emptied");
            }
            return;
        }
        if !state.journal.as_ref().is_some_and(crate::journal::Journal::is_untidy) {
            return;
        }
        let open = Record::Open {
            store: self.store.id(),
            mount: self.store.mount(),
            next: self.store.reserve_counters(1),
        };
        let mut records = vec![(open, Vec::new())];
        let ids: Vec<u64> = state.items.keys().copied().collect();
        // Those on their way keep their counters, which are lower than any new one; they must be known as sent.
        for id in ids {
            let path = state.item_path(id);
            if let Some(item) = state.items.get_mut(&id) {
                if item.stage == Stage::Sent {
                    return;
                }
                records.extend(item.records(path));
            }
        }
        let rewritten = state.journal.as_mut().map(|journal| journal.rewrite(&records));
        if let Some(Err(error)) = rewritten {
            tracing::warn!(attachment = self.name, %error, "journal not tidied");
        }
    }
}

/// Journals an intent without content, as the next item, and that it comes instead of items that were never sent.
///
/// # Errors
/// When the cache disk is full; nothing has changed then.
pub(crate) fn record_name(state: &mut State, intent: Intent, instead: &[u64]) -> Result<Intent> {
    let record = Record::Name {
        id: state.next_item,
        intent,
    };
    state.record_instead(instead, &record)?;
    let Record::Name { intent, .. } = record else {
        unreachable!("made above")
    };
    Ok(intent)
}

/// A place.
pub(crate) fn place(parent: FileId, name: &str) -> Place {
    Place {
        parent,
        name: name.to_owned(),
    }
}

impl State {
    fn intents(&mut self, id: u64) -> Vec<Intent> {
        let path = self.item_path(id);
        let Some(item) = self.items.get_mut(&id) else {
            return Vec::new();
        };
        item.stage = Stage::Sent;
        match &mut item.what {
            What::Name { intent, moved, .. } => {
                let intents = vec![Intent::clone(intent)];
                if let Some((target, _)) = moved {
                    self.served.wrote(*target);
                }
                intents
            }
            What::Content(content) => {
                let intents = content.intents(id, path);
                let (file, shown) = (content.file, content.shown);
                if shown {
                    self.served.wrote(file);
                }
                intents
            }
        }
    }
}
