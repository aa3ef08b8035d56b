//! The doorbell: tells mounts nearby that a store has a new commit. Never trusted, only quicker than polling.

use std::sync::Arc;

use crate::backend::Backend;
use crate::id::{Seq, StoreId};

/// A doorbell.
#[derive(Debug)]
pub struct Ring;

impl Ring {
    /// Opens it.
    pub fn open(_backend: &Backend, _id: StoreId) -> Option<Arc<Self>> {
        None
    }

    /// Rings.
    pub fn ring(&self, _seq: Seq) {}

    /// Waits for it.
    pub async fn heard(&self) -> Option<Seq> {
        std::future::pending().await
    }
}
