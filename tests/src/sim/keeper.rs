//! Those with the right to maintain: mover, collector and retention in turns, and redactors.

use std::sync::Arc;

use jiff::SignedDuration;
use remanence_store::clock::Clock as _;
use remanence_store::content::Extent;
use remanence_store::error::StoreError;
use remanence_store::id::Version;
use remanence_store::maintain::{maintain, redact};
use remanence_store::op::Op;
use remanence_store::{At, Author, Options, Store};

use super::client::Client;
use super::clock::SimClock;
use super::rng::Rng;
use super::text::mount_of;
use super::world::World;

/// Somebody who maintains the store.
pub(super) struct Keeper {
    name: String,
    number: u32,
    rng: Rng,
    world: Arc<World>,
}

impl Keeper {
    pub(super) fn new(name: &str, number: u32, rng: Rng, world: &Arc<World>) -> Self {
        Self {
            name: format!("{name}{number}"),
            number,
            rng,
            world: world.clone(),
        }
    }

    fn clock(&self) -> SimClock {
        SimClock::new(self.world.start(), SignedDuration::ZERO)
    }

    /// Opens the store, as a command does each time it is called.
    async fn open(&self) -> Option<Store> {
        let client = Client::new(&self.world, self.name.clone());
        let options = Options {
            clock: Arc::new(self.clock()),
            random: Arc::new(self.rng.random()),
            mount: Some(mount_of(self.number)),
            probe: false,
            ..Options::default()
        };
        Store::open(client.backend(true), options).await.ok()
    }

    /// Maintains the store so many times.
    pub(super) async fn maintain(self, times: u64) {
        for _ in 0..times {
            tokio::time::sleep(self.rng.millis(100, 1500)).await;
            self.maintain_once().await;
        }
    }

    /// Maintains the store once; what fails because the object store does is left to the next time.
    pub(super) async fn maintain_once(&self) {
        let Some(store) = self.open().await else { return };
        let keep = self.rng.millis(0, 3000);
        match maintain(&store, keep, self.clock().now()).await {
            Ok(report) => self.world.note(&format!(
                "{} to {}: {} moved, {} condemned, {} stubbed, {} deleted",
                self.name,
                report.horizon,
                report.extents_moved,
                report.condemned,
                report.slots_stubbed,
                report.objects_deleted
            )),
            Err(error) => self.failed(&error),
        }
        store.close().await;
    }

    /// Redacts so many old versions.
    pub(super) async fn redact(self, times: u64) {
        for _ in 0..times {
            tokio::time::sleep(self.rng.millis(300, 2500)).await;
            let Some(store) = self.open().await else { continue };
            if let Some((path, version)) = self.choose(&store).await {
                match redact(&store, &path, At::from(version), Author::user(&*self.name)).await {
                    Ok(report) => self.world.note(&format!(
                        "{} redacted {path} {version}: {} objects, {} noncurrent, again in {:?}",
                        self.name, report.objects, report.noncurrent, report.again
                    )),
                    Err(error) => self.failed(&error),
                }
            }
            store.close().await;
        }
    }

    /// Some version that brought enough bytes to be searched for.
    async fn choose(&self, store: &Store) -> Option<(String, Version)> {
        let slots = store.headers(1..store.tree().seq + 1).await.ok()?;
        let mut versions = Vec::new();
        for slot in &slots {
            for (op, number) in slot.header.ops.iter().zip(1..) {
                if let (Some(path), Some(content)) = (op.path(), op.content())
                    && content.extents.iter().any(is_searched)
                {
                    let seq = slot.header.seq;
                    versions.push((path.to_owned(), Version { seq, op: number }));
                }
            }
        }
        self.rng.pick(&versions).cloned()
    }

    fn failed(&self, error: &StoreError) {
        self.world.note(&format!("{}: {error}", self.name));
        match error {
            // The object store failed too often, or the version may not be redacted.
            StoreError::Backend(_)
            | StoreError::Refused { .. }
            | StoreError::NoVersion { .. }
            | StoreError::NotFound { .. }
            | StoreError::NotDestroyed { .. } => {}
            error => self.world.wrong(format!("{}: {error}", self.name)),
        }
    }
}

/// Whether an extent is long enough that its bytes are searched for.
fn is_searched(extent: &Extent) -> bool {
    extent.length >= 16
}

/// The bytes that must be gone.
pub(super) fn redacted(op: &Op) -> impl Iterator<Item = &Extent> {
    let content = match op {
        Op::Redact { content, .. } => Some(content),
        _ => None,
    };
    content.into_iter().flat_map(|c| &c.extents).filter(|e| is_searched(e))
}
