//! Contents kept near: in memory, and in folders with a cap. Keyed by hash, so nothing in it can be stale.

pub mod budget;
pub(crate) mod disk;
pub(crate) mod memory;
