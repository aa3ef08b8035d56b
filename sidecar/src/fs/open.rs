//! OPEN and ACCESS.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::answer::Answer;
use crate::attachment::Attachment;
use crate::errno::{FsError, Result};
use crate::node_id::NodeId;
use crate::settings::Consistency;
use crate::state::{Known, State};
use crate::view::ViewKind;
use crate::virtual_dir;

/// How soon after a refused OPEN its second try comes.
const SECOND_TRY: Duration = Duration::from_millis(50);

/// How long ago a change may have been that this second try does not see.
const JUST_NOW: Duration = Duration::from_millis(5);

/// How a file is opened.
#[derive(Debug, Clone, Copy, Default)]
pub struct OpenMode {
    /// Bytes are read through the handle.
    pub read: bool,
    /// Bytes may be written through the handle.
    pub write: bool,
    /// It is emptied first.
    pub truncate: bool,
}

/// An open file. Handles carry no state: all there is to know is whether they may write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opened {
    /// Whether it may write.
    pub writable: bool,
    /// Whether its bytes are made anew for each reader and must not be cached.
    pub made_anew: bool,
}

impl Attachment {
    /// OPEN.
    pub fn open(self: &Arc<Self>, id: NodeId, mode: OpenMode) -> Answer<Opened> {
        if virtual_dir::holds(id) {
            return Answer::Now(if mode.write || mode.truncate {
                Err(FsError::ReadOnly("`.memory` is made by the mount"))
            } else {
                Ok(Opened {
                    writable: false,
                    made_anew: true,
                })
            });
        }
        if self.settings.consistency == Consistency::Strict {
            let this = self.clone();
            return Answer::later(async move {
                match tokio::time::timeout(this.timing.unknown_after, this.store.sync()).await {
                    Ok(seq) => seq?,
                    Err(_) => return Err(FsError::Unreadable("the store does not answer".into())),
                };
                // Whether the engine has taken the news in yet or not: this open answers from them.
                this.catch_up().await;
                this.open_now(id, mode).get().await
            });
        }
        self.open_now(id, mode)
    }

    fn open_now(self: &Arc<Self>, id: NodeId, mode: OpenMode) -> Answer<Opened> {
        let known = match self.begin_open(&mut self.lock(), id, mode) {
            Ok(known) => known,
            Err(error) => return Answer::Now(Err(error)),
        };
        let opened = Opened {
            writable: mode.write,
            made_anew: false,
        };
        if !mode.truncate {
            return Answer::Now(Ok(opened));
        }
        let this = self.clone();
        match self.truncate(id, 0, true) {
            Answer::Now(Ok(())) => Answer::Now(Ok(opened)),
            Answer::Now(Err(error)) => {
                self.release(known.id, mode.write);
                Answer::Now(Err(error))
            }
            Answer::Later(truncated) => Answer::later(async move {
                match truncated.await {
                    Ok(()) => Ok(opened),
                    Err(error) => {
                        this.release(known.id, mode.write);
                        Err(error)
                    }
                }
            }),
        }
    }

    fn begin_open(&self, state: &mut State, id: NodeId, mode: OpenMode) -> Result<Known> {
        let known = state.known(id)?;
        let strict = self.settings.consistency == Consistency::Strict;
        if known.superseded && (strict || !state.is_second_try(&known)) {
            state.refused = Some((known.file, Instant::now()));
            return Err(FsError::Superseded);
        }
        let node = state.view_node(&known)?;
        match node.kind {
            ViewKind::Dir if mode.write => return Err(FsError::IsDir),
            ViewKind::Symlink(_) => return Err(FsError::Invalid("a symbolic link can't be opened")),
            _ => {}
        }
        if mode.write || mode.truncate {
            self.check_file(state, known.file)?;
        }
        let entry = state.entry(&known);
        entry.open += 1;
        entry.writers += u32::from(mode.write);
        if mode.read && !mode.truncate && !known.detached {
            state.serve(&known);
        }
        Ok(known)
    }

    /// ACCESS for writing: every caller may do what the attachment allows.
    ///
    /// # Errors
    /// EROFS where nothing may be written.
    pub fn access_write(&self, id: NodeId) -> Result<()> {
        if virtual_dir::holds(id) {
            return Err(FsError::ReadOnly("`.memory` is made by the mount"));
        }
        let state = self.lock();
        let known = state.known(id)?;
        self.check_file(&state, known.file)
    }
}

impl State {
    /// The kernel looks a path up again after ESTALE, but only once. Where others change the file all the time its
    /// second try gets the node that it was just given, as if the change had come a moment later.
    fn is_second_try(&self, known: &Known) -> bool {
        let refused = self.refused.filter(|(file, _)| *file == known.file);
        let (Some((_, refused)), Some(detached)) = (refused, self.detached(known.id)) else {
            return false;
        };
        refused.elapsed() < SECOND_TRY && detached.since > refused && detached.since.elapsed() < JUST_NOW
    }

    /// An agent reads this version now: what it writes next was made on it.
    fn serve(&mut self, known: &Known) {
        if self.bodies.contains_key(&known.file) {
            return;
        }
        let tree = self.view.tree.clone();
        let Some(node) = tree.node(known.file) else { return };
        let news = self.served.serve(known.file, node.version);
        if let Some(content) = node.content().filter(|_| news) {
            self.nodes.record_served(known.file, node.version, content);
            self.nodes.write();
        }
    }
}
