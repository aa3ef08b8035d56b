//! What a Dream is allowed and asked to do.

use std::collections::BTreeSet;

use crate::fact::Kind;
use crate::instructions::Instructions;

/// Which facts belong in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Facts {
    /// About the user and how to work with them.
    Own,
    /// About the work.
    Shared,
    /// Both.
    #[default]
    All,
}

impl Facts {
    /// Whether facts of a kind belong in the store.
    pub fn takes(self, kind: Kind) -> bool {
        match self {
            Self::All => true,
            Self::Own => matches!(kind, Kind::User | Kind::Feedback),
            Self::Shared => matches!(kind, Kind::Project | Kind::Reference),
        }
    }
}

/// The settings of a Dream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Which facts belong in the store.
    pub facts: Facts,
    /// Places of sessions, as [`SessionName::store`](crate::gather::SessionName::store) has them, whose facts all do.
    pub whole: BTreeSet<String>,
    /// Most bytes of what Dreams keep in memory files: facts, the headings over them, the index. What people and agents
    /// wrote is not counted.
    pub memory_size: usize,
    /// Most bytes of one file in the store.
    pub file_size: usize,
    /// Paths, or folders with a `*` at the end, that Dreams leave alone.
    pub pinned: Vec<String>,
    /// Files that are not UTF-8 throughout: written back, their bytes would be others. And files that are larger than the
    /// store lets them be written, and names that a folder or a link has. They are as good as pinned.
    pub unreadable: BTreeSet<String>,
    /// The share of facts that may be lost without being asked to.
    pub max_loss_percent: u8,
    /// What a person wants left out or favoured.
    pub instructions: Instructions,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            facts: Facts::All,
            whole: BTreeSet::new(),
            memory_size: 256 * 1024,
            file_size: 102_400,
            pinned: Vec::new(),
            unreadable: BTreeSet::new(),
            max_loss_percent: 25,
            instructions: Instructions::default(),
        }
    }
}

impl Settings {
    /// Whether a path is pinned.
    pub fn is_pinned(&self, path: &str) -> bool {
        let path = path.trim_start_matches('/');
        if self.unreadable.contains(path) {
            return true;
        }
        self.pinned.iter().any(|pin| {
            let pin = pin.trim_start_matches('/');
            match pin.strip_suffix('*') {
                Some(start) => path.starts_with(start),
                None => path == pin || path.strip_prefix(pin).is_some_and(|rest| rest.starts_with('/')),
            }
        })
    }
}
