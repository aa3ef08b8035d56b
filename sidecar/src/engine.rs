//! An attachment's background: takes in news and answers, and sends what is due.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::time::Instant;

use futures::stream::{FuturesUnordered, StreamExt};
use remanence_store::store::{Committed, Update};
use tokio::sync::{mpsc, oneshot};

use crate::attachment::{Attachment, ToEngine};
use crate::item::{Item, Stage};
use crate::settings::Durability;
use crate::state::State;

type Answered = Pin<Box<dyn Future<Output = (Vec<u64>, Option<Committed>)> + Send>>;

/// Runs an attachment's background until the attachment is gone.
pub(crate) struct Engine {
    attachment: Weak<Attachment>,
    orders: mpsc::UnboundedReceiver<ToEngine>,
    updates: mpsc::UnboundedReceiver<Update>,
    answers: FuturesUnordered<Answered>,
    flushes: Vec<oneshot::Sender<()>>,
}

impl Engine {
    /// The background of an attachment.
    pub(crate) fn new(
        attachment: &Arc<Attachment>,
        orders: mpsc::UnboundedReceiver<ToEngine>,
        updates: mpsc::UnboundedReceiver<Update>,
    ) -> Self {
        Self {
            attachment: Arc::downgrade(attachment),
            orders,
            updates,
            answers: FuturesUnordered::new(),
            flushes: Vec::new(),
        }
    }

    /// Runs it.
    pub(crate) async fn run(mut self) {
        loop {
            let Some(due) = self.attachment.upgrade().map(|a| *a.due.lock()) else {
                return;
            };
            let timer = async move {
                match due {
                    Some(due) => tokio::time::sleep_until(due.into()).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                order = self.orders.recv() => match order {
                    Some(order) => self.order(order),
                    None => return,
                },
                Some(update) = self.updates.recv() => self.update(update),
                Some((ids, committed)) = self.answers.next() => self.answer(&ids, committed),
                () = timer => self.send_due(false),
            }
            self.report_flushed();
        }
    }

    fn order(&mut self, order: ToEngine) {
        match order {
            ToEngine::Sent(ids, answer) => self.answers.push(Box::pin(async move { (ids, answer.await.ok()) })),
            ToEngine::Due => {}
            ToEngine::CatchUp(done) => {
                while let Ok(update) = self.updates.try_recv() {
                    self.update(update);
                }
                // Whoever asked may have stopped waiting.
                let _ = done.send(());
            }
            ToEngine::Flush(done) => {
                self.flushes.push(done);
                self.send_due(true);
            }
        }
    }

    fn update(&mut self, update: Update) {
        let Some(attachment) = self.attachment.upgrade() else {
            return;
        };
        let mut state = attachment.lock();
        let outdated = attachment.update(&mut state, update);
        drop(state);
        attachment.kernel.tell(&outdated);
    }

    fn answer(&mut self, ids: &[u64], committed: Option<Committed>) {
        // The store sends the news of a commit before its answer.
        while let Ok(update) = self.updates.try_recv() {
            self.update(update);
        }
        let Some(attachment) = self.attachment.upgrade() else {
            return;
        };
        let closed = || {
            Err(remanence_store::StoreError::Closed {
                url: attachment.store.url().into(),
            })
        };
        let mut state = attachment.lock();
        let outdated = attachment.settle(&mut state, ids, committed.unwrap_or_else(closed));
        drop(state);
        attachment.kernel.tell(&outdated);
        self.send_due(!self.flushes.is_empty());
    }

    /// Sends what is due, or all that can be sent. Under `Local` one batch is on its way at a time, so that a burst takes
    /// few commits.
    fn send_due(&mut self, all: bool) {
        let Some(attachment) = self.attachment.upgrade() else {
            return;
        };
        let now = Instant::now();
        let mut state = attachment.lock();
        let (ready, next) = if all {
            (
                state
                    .items
                    .values()
                    .filter(|i| i.stage != Stage::Sent)
                    .map(|i| i.id)
                    .collect(),
                None,
            )
        } else {
            self.choose(&attachment, &state, now)
        };
        *attachment.due.lock() = next;
        if ready.is_empty() {
            return;
        }
        if let Err(error) = attachment.send(&mut state, &ready) {
            tracing::error!(attachment = attachment.name, "held back: {error}");
        }
    }

    /// The items to send now, and when the next is due.
    fn choose(&self, attachment: &Attachment, state: &State, now: Instant) -> (Vec<u64>, Option<Instant>) {
        let local = attachment.settings.durability == Durability::Local;
        if local && !self.answers.is_empty() {
            // The answer brings the next look.
            return (Vec::new(), None);
        }
        let delay = attachment.timing.local_delay;
        let held: Vec<&Item> = state.items.values().filter(|i| i.stage == Stage::Held).collect();
        let any_due = held.iter().any(|i| i.due <= now);
        // A batch takes along what is ready, but not what is delayed in the hope of a rename.
        let (ready, rest): (Vec<&Item>, Vec<&Item>) = held
            .into_iter()
            .partition(|i| i.due <= now || (local && any_due && i.due <= i.since + delay));
        let next = rest.iter().map(|i| i.due).min();
        (ready.iter().map(|i| i.id).collect(), next)
    }

    fn report_flushed(&mut self) {
        if self.flushes.is_empty() {
            return;
        }
        // Of what stopped nothing is on its way any more: it is a successor's.
        let idle = |a: Arc<Attachment>| a.is_stopped() || a.lock().items.is_empty();
        if self.attachment.upgrade().is_none_or(idle) {
            for done in self.flushes.drain(..) {
                // Whoever asked may have stopped waiting.
                let _ = done.send(());
            }
        }
    }
}
