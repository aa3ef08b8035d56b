//! What a store says of itself: limits, description, pins and purpose. They are changed by commits.

use serde::{Deserialize, Serialize};

/// Settings of a store, kept in its log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Largest file in bytes.
    pub file_size: u64,
    /// Most files and links; dreams' records are not counted.
    pub files: u64,
    /// Most bytes in all files together, siblings and dreams' records included; not limited by itself where it is `None`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// Told to the agents.
    pub description: String,
    /// Paths no dream touches.
    pub pinned: Vec<String>,
    /// What the store is for.
    pub purpose: Purpose,
    /// Read-only for good.
    pub archived: bool,
}

/// What a store is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Purpose {
    /// Memories.
    #[default]
    Memory,
    /// Session transcripts: a concurrent append to one becomes a sibling instead of an interleaving.
    Sessions,
}

impl Settings {
    /// The reference contract's limits: 102,400 bytes a file, 10,000 files.
    pub fn memory() -> Self {
        Self {
            file_size: 102_400,
            files: 10_000,
            size: None,
            description: String::new(),
            pinned: Vec::new(),
            purpose: Purpose::Memory,
            archived: false,
        }
    }

    /// A session store: 1 GiB a file.
    pub fn sessions() -> Self {
        Self {
            file_size: 1 << 30,
            files: 100_000,
            purpose: Purpose::Sessions,
            ..Self::memory()
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self::memory()
    }
}
