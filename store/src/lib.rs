//! The memory store: a log of commits in an object store, the tree they make, and its history.
//!
//! Knows nothing of pods and nothing of FUSE. The design: `docs/format.md`.

pub mod backend;
pub mod clock;
pub mod id;
pub mod random;
