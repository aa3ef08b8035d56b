//! The doorbell: who commits rings, who follows the same store on the same machine looks at once instead of at its next
//! poll.
//!
//! A ring is never trusted and may be lost: it only says that looking may be worth it, and each wakes a listener at most
//! once. In a directory the new slot itself is the ring (inotify on the log); for other stores it is a small file of this
//! user, `$XDG_RUNTIME_DIR/remanence/ring/<store id>`. Nothing runs until the kernel has something to say. Where somebody
//! else passes rings on, as a broker does between pods, the bell is his ([`Ring::through`]).

use std::ffi::OsStr;
use std::path::Path;
use std::sync::Arc;

use futures::StreamExt;
use inotify::{EventMask, Inotify, WatchDescriptor, WatchMask, Watches};
use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio::task::AbortHandle;

use self::place::Place;
use crate::backend::Backend;
use crate::id::{Seq, StoreId};

mod place;

/// A listener for, and a button of, one store's bell. Dropping it ends the listening.
#[derive(Debug)]
pub struct Ring {
    button: Button,
    bell: Arc<Bell>,
    listener: Option<AbortHandle>,
}

/// What rings others.
enum Button {
    Place(Arc<Place>),
    Through(Box<dyn Fn(Seq) + Send + Sync>),
}

impl std::fmt::Debug for Button {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Place(place) => place.fmt(f),
            Self::Through(_) => f.write_str("Through"),
        }
    }
}

/// What the listener hands over.
#[derive(Debug, Default)]
struct Bell {
    /// The highest slot rung for since it was last asked.
    rung: Mutex<Option<Seq>>,
    notify: Notify,
}

impl Bell {
    fn ring(&self, seq: Seq) {
        let mut rung = self.rung.lock();
        *rung = (*rung).max(Some(seq));
        drop(rung);
        self.notify.notify_one();
    }
}

impl Ring {
    /// The bell of the store `id` at `backend`. Where none can be had, that is logged: polling finds everything, later.
    /// Needs a Tokio runtime.
    pub fn open(backend: &Backend, id: StoreId) -> Option<Arc<Self>> {
        Self::open_in(backend, id, None)
    }

    /// As [`Ring::open`], with the files of rings below the folder `runtime` (which is there) instead of this user's.
    pub fn open_in(backend: &Backend, id: StoreId, runtime: Option<&Path>) -> Option<Arc<Self>> {
        let url = &backend.url;
        let bell = Arc::new(Bell::default());
        let place = find(url, id, runtime)?;
        let listener = match listen(&place, bell.clone()) {
            Ok(listener) => Some(listener),
            Err(error) => {
                tracing::warn!(url, %error, "cannot listen for the ring of this store (see \
                     fs.inotify.max_user_instances): changes by others are seen at the next poll");
                None
            }
        };
        Some(Arc::new(Self {
            button: Button::Place(place),
            bell,
            listener,
        }))
    }

    /// As [`Ring::open`], for one who rings and does not listen: a listener takes one of the user's few inotify instances.
    pub fn mute(backend: &Backend, id: StoreId) -> Option<Arc<Self>> {
        let place = find(&backend.url, id, None)?;
        Some(Arc::new(Self {
            button: Button::Place(place),
            bell: Arc::default(),
            listener: None,
        }))
    }

    /// A bell that is rung by `ring` and heard by whoever calls [`Ring::hear`].
    pub fn through(ring: impl Fn(Seq) + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self {
            button: Button::Through(Box::new(ring)),
            bell: Arc::default(),
            listener: None,
        })
    }

    /// Somebody says that the store is at `seq`, or that something may have happened.
    pub fn hear(&self, seq: Option<Seq>) {
        self.bell.ring(seq.unwrap_or(Seq::MAX));
    }

    /// Says that `seq` was committed.
    pub fn ring(&self, seq: Seq) {
        match &self.button {
            Button::Through(ring) => ring(seq),
            Button::Place(place) => {
                // In a directory the slot's own name has rung already.
                if let Place::File { path, file } = &**place
                    && let Err(error) = rustix::io::pwrite(file, format!("{seq:020}\n").as_bytes(), 0)
                {
                    tracing::debug!(path = %path.display(), %error, "cannot ring");
                }
            }
        }
    }

    /// Waits for a ring, one since the last call included, and yields the highest slot that was rung for; `None` when it
    /// is only known that something may have happened. Own commits are heard, too. One caller at a time; may be
    /// cancelled.
    pub async fn heard(&self) -> Option<Seq> {
        loop {
            let rung = self.bell.rung.lock().take();
            match rung {
                Some(Seq::MAX) => return None,
                Some(seq) => return Some(seq),
                None => self.bell.notify.notified().await,
            }
        }
    }
}

impl Drop for Ring {
    fn drop(&mut self) {
        if let Some(listener) = &self.listener {
            listener.abort();
        }
    }
}

/// The place of a store's ring; where there is none, that is logged.
fn find(url: &str, id: StoreId, runtime: Option<&Path>) -> Option<Arc<Place>> {
    match Place::find(url, id, runtime) {
        Ok(place) => Some(Arc::new(place)),
        Err(error) => {
            tracing::warn!(url, %error, "no ring for this store: changes by others are seen at the next poll");
            None
        }
    }
}

/// Starts listening.
fn listen(place: &Arc<Place>, bell: Arc<Bell>) -> std::io::Result<AbortHandle> {
    let inotify = Inotify::init()?;
    let mut ears = Ears {
        place: place.clone(),
        watches: inotify.watches(),
        watch: None,
        whole: false,
    };
    ears.prick()?;
    let mut events = inotify.into_event_stream([0; 4096])?;
    let task = tokio::spawn(async move {
        while let Some(event) = events.next().await {
            match event {
                Ok(event) => {
                    if ears.lost(&event) {
                        if let Err(error) = ears.prick() {
                            tracing::warn!(%error, "the ring of a store is lost: changes by others are seen at the next poll");
                            return;
                        }
                        // Something may have been committed before the watch was there.
                        bell.ring(Seq::MAX);
                    } else if let Some(seq) = ears.seq(event.name.as_deref()) {
                        bell.ring(seq);
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, "the ring of a store is lost: changes by others are seen at the next poll");
                    return;
                }
            }
        }
    });
    Ok(task.abort_handle())
}

/// The watch on a store's place.
struct Ears {
    place: Arc<Place>,
    watches: Watches,
    watch: Option<WatchDescriptor>,
    /// Whether the place itself is watched, and not yet only a folder above it.
    whole: bool,
}

impl Ears {
    /// Watches the place, or the nearest folder in which it will appear.
    fn prick(&mut self) -> std::io::Result<()> {
        let mask = WatchMask::CREATE
            | WatchMask::MOVED_TO
            | WatchMask::MODIFY
            | WatchMask::DELETE_SELF
            | WatchMask::MOVE_SELF
            | WatchMask::DONT_FOLLOW;
        let mut last = std::io::Error::other("nothing to watch");
        for (rank, path) in self.place.watched().into_iter().enumerate() {
            // The kernel gives one descriptor per file, so a watch that is there already is found again.
            match self.watches.add(path, mask) {
                Ok(watch) => {
                    if let Some(old) = self.watch.replace(watch.clone())
                        && old != watch
                    {
                        // Fails only when the file went and its watch with it.
                        let _ = self.watches.remove(old);
                    }
                    self.whole = rank == 0;
                    return Ok(());
                }
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    /// Whether `event` means that something else is to be watched now.
    fn lost<T>(&mut self, event: &inotify::Event<T>) -> bool {
        if self.watch.as_ref() != Some(&event.wd) && !event.mask.contains(EventMask::Q_OVERFLOW) {
            // Of a watch given up earlier.
            return false;
        }
        let gone = EventMask::IGNORED | EventMask::DELETE_SELF | EventMask::MOVE_SELF;
        if event.mask.intersects(gone) {
            if event.mask.contains(EventMask::IGNORED) {
                self.watch = None;
            }
            return true;
        }
        !self.whole || event.mask.contains(EventMask::Q_OVERFLOW)
    }

    /// The slot that rang.
    fn seq(&self, name: Option<&OsStr>) -> Option<Seq> {
        match &*self.place {
            Place::Log { .. } => name?.to_str()?.parse().ok(),
            Place::File { file, .. } => {
                let mut text = [0; 20];
                let read = rustix::io::pread(file, &mut text, 0).ok()?;
                std::str::from_utf8(&text[..read]).ok()?.parse().ok()
            }
        }
    }
}
