//! STATFS: limits and use.

use crate::attachment::Attachment;

/// Bytes of a block.
pub const BLOCK: u64 = 4096;

/// Limits and use of a store, or of several.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Bytes it may hold.
    pub bytes: u64,
    /// Bytes it holds.
    pub bytes_used: u64,
    /// Files it may hold.
    pub files: u64,
    /// Files it holds.
    pub files_used: u64,
}

impl Usage {
    /// Both together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            bytes: self.bytes.saturating_add(other.bytes),
            bytes_used: self.bytes_used.saturating_add(other.bytes_used),
            files: self.files.saturating_add(other.files),
            files_used: self.files_used.saturating_add(other.files_used),
        }
    }
}

impl Attachment {
    /// Limits and use.
    pub fn usage(&self) -> Usage {
        let state = self.lock();
        let settings = &state.view.tree.settings;
        Usage {
            bytes: settings
                .size
                .unwrap_or_else(|| settings.file_size.saturating_mul(settings.files)),
            bytes_used: state.view.tree.bytes,
            files: settings.files,
            files_used: state.view.files(),
        }
    }
}
