//! `.memory/`: files made by the mount itself, in the root of each store: how it is doing, which conflicts are to be
//! looked at, and what happened last. Not listed, read-only, and made anew for each reader.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use remanence_store::Seq;
use remanence_store::history::{self, LogEntry, LogQuery};

use crate::answer::Answer;
use crate::attachment::Attachment;
use crate::errno::{FsError, Result};
use crate::fs::attr::{Attr, Kind};
use crate::fs::dir::DirEntry;
use crate::fs::read::cut;
use crate::item::Stage;
use crate::node_id::NodeId;
use crate::state::State;

/// Its name.
pub const NAME: &str = remanence_store::name::MOUNT_FOLDER;
/// Index of its node.
pub const FOLDER: u32 = 2;

const STATUS: u32 = 3;
const CONFLICTS: u32 = 4;
const LOG: u32 = 5;
const FILES: [(u32, &str); 3] = [(STATUS, "status"), (CONFLICTS, "conflicts"), (LOG, "log")];

/// How many ops `log` shows.
const LOG_ENTRIES: usize = 200;

/// What `log` showed last: the next reader asks for what came since.
#[derive(Debug, Clone, Default)]
pub(crate) struct LogShown {
    /// Its newest entries, up to the commit `head`.
    entries: Vec<LogEntry>,
    head: Seq,
    /// How often the log had turned out to be another until then.
    rebuilt: u64,
    /// The text, for the rest of a reader's reads.
    text: Bytes,
}

/// Whether a node is `.memory` or in it.
pub fn holds(id: NodeId) -> bool {
    (FOLDER..=LOG).contains(&id.index()) && id.slot() != crate::node_id::ROOT_SLOT
}

impl Attachment {
    pub(crate) fn virtual_lookup(&self, parent: NodeId, name: &str) -> Result<Attr> {
        let file = FILES.iter().find(|(_, n)| *n == name && parent.index() == FOLDER);
        let (index, _) = file.ok_or(FsError::NotFound)?;
        Ok(self.virtual_attr_now(&self.lock(), NodeId::of(self.slot, *index)))
    }

    pub(crate) fn virtual_attr_now(&self, state: &State, id: NodeId) -> Attr {
        let size = match id.index() {
            STATUS => self.status(state).len(),
            CONFLICTS => conflicts(state).len(),
            // As with /proc: what there is to read is known once it is read.
            _ => 0,
        };
        virtual_attr(state, id, size as u64)
    }

    pub(crate) fn virtual_read(self: &Arc<Self>, id: NodeId, offset: u64, size: u32) -> Answer<Bytes> {
        match id.index() {
            STATUS => Answer::Now(Ok(cut(&self.status(&self.lock()).into(), offset, size))),
            CONFLICTS => Answer::Now(Ok(cut(&conflicts(&self.lock()).into(), offset, size))),
            LOG => {
                let shown = self.log_shown.lock().text.clone();
                if offset > 0 && !shown.is_empty() {
                    return Answer::Now(Ok(cut(&shown, offset, size)));
                }
                let this = self.clone();
                Answer::later(async move { Ok(cut(&this.log().await?, offset, size)) })
            }
            _ => Answer::Now(Err(FsError::IsDir)),
        }
    }

    fn status(&self, state: &State) -> String {
        let tree = &state.view.tree;
        let health = self.store.health();
        let unsettled = state.items.values().filter(|i| i.stage != Stage::Open).count();
        let usage = &tree.settings;
        let mut text = String::new();
        let mut line = |key: &str, value: String| {
            // Writing into a string does not fail.
            let _ = writeln!(text, "{key}: {value}");
        };
        line("store", self.store.url().to_owned());
        line("access", format!("{:?}", self.settings.access));
        line("durability", format!("{:?}", self.settings.durability));
        line("on conflict", format!("{:?}", self.settings.conflicts));
        line("consistency", format!("{:?}", self.settings.consistency));
        line("head", format!("{} ({})", tree.seq, tree.time));
        if let Some(looked) = health.looked {
            line("last looked", format!("{:.1} s ago", looked.elapsed().as_secs_f32()));
        }
        line("files", format!("{} of {}", state.view.files(), usage.files));
        line("bytes", format!("{} (at most {} a file)", tree.bytes, usage.file_size));
        line("waiting for the store", unsettled.to_string());
        if let Some(oldest) = state.oldest() {
            line("oldest waits since", format!("{:.1} s", oldest.elapsed().as_secs_f32()));
        }
        line("conflicts", conflict_paths(state).len().to_string());
        match (&state.stopped, &health.trouble) {
            (Some(stopped), _) => line("stopped", format!("{stopped}; reads go on")),
            (None, Some(trouble)) => line(
                "trouble",
                format!("{trouble}; reads go on, writes follow once it is back"),
            ),
            (None, None) => {}
        }
        if health.rebuilt > 0 {
            line(
                "log read anew",
                format!("{} times: the bucket was changed under it", health.rebuilt),
            );
        }
        text
    }

    async fn log(&self) -> Result<Bytes> {
        let mut shown = self.log_shown.lock().clone();
        let rebuilt = self.store.health().rebuilt;
        if shown.rebuilt != rebuilt {
            shown = LogShown {
                rebuilt,
                ..LogShown::default()
            };
        }
        // What comes while it is asked is asked for again.
        let head = self.store.tree().seq;
        let query = LogQuery {
            after: shown.head,
            limit: LOG_ENTRIES,
            ..LogQuery::of("/")
        };
        let mut entries = match tokio::time::timeout(self.timing.unknown_after, history::log(&self.store, &query)).await
        {
            Ok(entries) => entries?,
            Err(_) => return Err(FsError::Unreadable("the store does not answer".into())),
        };
        entries.append(&mut shown.entries);
        entries.truncate(LOG_ENTRIES);
        shown.text = text(&entries).into();
        entries.retain(|entry| entry.version.seq <= head);
        (shown.entries, shown.head) = (entries, head);
        let text = shown.text.clone();
        *self.log_shown.lock() = shown;
        Ok(text)
    }
}

/// A line for each entry.
fn text(entries: &[LogEntry]) -> String {
    let mut text = String::new();
    for e in entries {
        let forged = match &e.forged {
            None => String::new(),
            Some(proved) => format!(" (forged: {proved} wrote it)"),
        };
        // Writing into a string does not fail.
        let _ = writeln!(
            text,
            "{} {} {}{forged} {} {} ({} bytes)",
            e.version, e.time, e.author, e.op, e.path, e.bytes
        );
    }
    text
}

/// Attributes of `.memory` or a file in it.
pub(crate) fn virtual_attr(state: &State, id: NodeId, size: u64) -> Attr {
    let time = state.view.tree.time;
    let is_dir = id.index() == FOLDER;
    Attr {
        id,
        kind: if is_dir { Kind::Dir } else { Kind::File },
        size: if is_dir { 4096 } else { size },
        mode: if is_dir { 0o555 } else { 0o444 },
        atime: time,
        mtime: time,
        ctime: time,
        nlink: 1,
        ttl: Duration::ZERO,
    }
}

/// READDIR of `.memory`.
pub(crate) fn virtual_readdir(state: &State, id: NodeId, offset: u64, add: &mut dyn FnMut(&DirEntry<'_>) -> bool) {
    let own = [(FOLDER, "."), (FOLDER, "..")];
    let entries = own.iter().chain(&FILES).enumerate().skip(offset as usize);
    for (at, (index, name)) in entries {
        let entry = DirEntry {
            next: at as u64 + 1,
            name,
            id: NodeId::of(id.slot(), *index),
            kind: if *index == FOLDER { Kind::Dir } else { Kind::File },
            attr: Some(virtual_attr(state, NodeId::of(id.slot(), *index), 0)),
        };
        if add(&entry) {
            return;
        }
    }
}

fn conflicts(state: &State) -> String {
    let mut text = conflict_paths(state).join("\n");
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

fn conflict_paths(state: &State) -> Vec<String> {
    let tree = &state.view.tree;
    let mut paths: Vec<String> = tree
        .nodes()
        .filter(|n| remanence_store::tree::is_conflict_name(&n.name))
        .filter_map(|n| tree.path(n.id))
        .collect();
    paths.sort();
    paths
}
