//! The memory store: a log of commits in an object store, the tree they make, and its history.
//!
//! Knows nothing of pods and nothing of FUSE. The format is described in `docs/format.md`.

pub mod author;
pub mod backend;
pub mod batch;
pub mod cache;
pub mod clock;
mod commit;
pub mod content;
mod contents;
pub mod diff;
pub mod error;
pub mod export;
mod follow;
mod group;
pub mod history;
pub mod id;
pub mod import;
pub mod index;
pub mod intent;
mod log;
pub mod maintain;
pub mod manifest;
pub mod merge;
pub mod name;
pub mod op;
mod placement;
#[cfg(feature = "planted-bugs")]
pub mod planted;
#[cfg(not(feature = "planted-bugs"))]
mod planted;
pub mod probe;
pub mod proposal;
pub mod random;
mod recall;
pub mod restore;
pub mod ring;
pub mod seqset;
pub mod settings;
mod shared;
pub mod slot;
pub mod store;
pub mod tree;
mod trouble;
mod upkeep;
pub mod url;

pub use author::Author;
pub use error::{Result, StoreError};
pub use id::{At, FileId, MountId, Seq, StoreId, Version};
pub use store::{Options, Store};
pub use tree::Tree;
