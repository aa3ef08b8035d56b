//! Contents kept near: in memory, and in a folder with a cap. Keyed by hash, so nothing in it can be stale.

pub(crate) mod disk;
pub(crate) mod memory;
