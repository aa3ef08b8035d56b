//! Passing on that a store has a commit: to whoever else has it attached, at best effort.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use remanence_proto::broker::{FromPod, Hint, Ring, ToPod, from_pod, to_pod};
use tokio::sync::mpsc;

/// Where a stream's messages go.
pub(super) type Outbox = mpsc::Sender<Result<ToPod, tonic::Status>>;

/// Who listens for which store.
#[derive(Default)]
pub struct Hints {
    by_store: Mutex<HashMap<String, HashMap<u64, Outbox>>>,
    /// The other replicas.
    peers: Mutex<HashMap<IpAddr, mpsc::Sender<FromPod>>>,
    next: AtomicU64,
}

/// One stream's part; gone with it.
pub(super) struct Listener {
    hints: Arc<Hints>,
    id: u64,
    outbox: Outbox,
    stores: Vec<String>,
}

impl Hints {
    /// A stream that listens for nothing yet.
    pub(super) fn listener(self: &Arc<Self>, outbox: Outbox) -> Listener {
        Listener {
            hints: self.clone(),
            id: self.next.fetch_add(1, Ordering::Relaxed),
            outbox,
            stores: Vec::new(),
        }
    }

    /// Somebody who is no pod has committed: tells the pods, here and at the other replicas.
    pub fn ring(&self, store: &str, seq: u64) {
        let ring = Ring {
            store: store.to_owned(),
            seq,
        };
        self.tell(&ring, None);
        self.relay(&ring);
    }

    /// There is another replica.
    pub(super) fn join(&self, peer: IpAddr, outbox: mpsc::Sender<FromPod>) {
        self.peers.lock().insert(peer, outbox);
    }

    /// A replica is gone.
    pub(super) fn part(&self, peer: IpAddr) {
        self.peers.lock().remove(&peer);
    }

    /// Tells the pods that are connected here, but for one.
    pub(super) fn tell(&self, ring: &Ring, but: Option<u64>) {
        let hint = ToPod {
            message: Some(to_pod::Message::Hint(Hint {
                store: ring.store.clone(),
                seq: ring.seq,
            })),
        };
        let by_store = self.by_store.lock();
        for (id, outbox) in by_store.get(&ring.store).into_iter().flatten() {
            if Some(*id) != but {
                // One that has too much on its way finds out by polling.
                let _ = outbox.try_send(Ok(hint.clone()));
            }
        }
    }

    /// Tells the other replicas.
    fn relay(&self, ring: &Ring) {
        for outbox in self.peers.lock().values() {
            let message = Some(from_pod::Message::Ring(ring.clone()));
            // At best effort, as all of it.
            let _ = outbox.try_send(FromPod { message });
        }
    }
}

impl Listener {
    /// From now on it listens for these.
    pub(super) fn listen(&mut self, stores: Vec<String>) {
        let mut by_store = self.hints.by_store.lock();
        forget(&mut by_store, &self.stores, self.id);
        for store in &stores {
            let listeners = by_store.entry(store.clone()).or_default();
            listeners.insert(self.id, self.outbox.clone());
        }
        drop(by_store);
        self.stores = stores;
    }

    /// Tells the others, here and at the other replicas.
    pub(super) fn ring(&self, ring: &Ring) {
        self.hints.tell(ring, Some(self.id));
        self.hints.relay(ring);
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        forget(&mut self.hints.by_store.lock(), &self.stores, self.id);
    }
}

fn forget(by_store: &mut HashMap<String, HashMap<u64, Outbox>>, stores: &[String], id: u64) {
    for store in stores {
        if let Some(listeners) = by_store.get_mut(store) {
            listeners.remove(&id);
            if listeners.is_empty() {
                by_store.remove(store);
            }
        }
    }
}
