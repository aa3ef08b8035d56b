//! How a store is attached: plain values, as they come from the command line or a file.

use std::str::FromStr;
use std::time::Duration;

use remanence_store::intent::Conflicts;
use serde::{Deserialize, Serialize};

/// What an agent may do in an attachment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Access {
    /// Read and write.
    #[default]
    ReadWrite,
    /// Read only: every change is EROFS.
    ReadOnly,
}

/// When a call that changes something returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Durability {
    /// Once the commit is in the store.
    #[default]
    Store,
    /// Once it is in the journal; the store follows within a second.
    Local,
}

/// How fresh an opened file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Consistency {
    /// As fresh as the ring and polling make it.
    #[default]
    CloseToOpen,
    /// The head is looked at before each open.
    Strict,
}

/// A word that is none of the values.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{word}` is neither `{}` nor `{}`", .values.0, .values.1)]
pub struct UnknownWord {
    word: String,
    values: (&'static str, &'static str),
}

impl FromStr for Durability {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        match word {
            "store" => Ok(Self::Store),
            "local" => Ok(Self::Local),
            _ => Err(UnknownWord {
                word: word.to_owned(),
                values: ("store", "local"),
            }),
        }
    }
}

impl FromStr for Consistency {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        match word {
            "close-to-open" => Ok(Self::CloseToOpen),
            "strict" => Ok(Self::Strict),
            _ => Err(UnknownWord {
                word: word.to_owned(),
                values: ("close-to-open", "strict"),
            }),
        }
    }
}

/// Settings of one attachment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct AttachmentSettings {
    /// What the agent may do.
    pub access: Access,
    /// When a call returns.
    pub durability: Durability,
    /// What happens to an edit that can't be merged.
    pub conflicts: Conflicts,
    /// How fresh an opened file is.
    pub consistency: Consistency,
    /// Told to the agent in the note.
    pub instructions: String,
}

/// Bounds of waiting. Only tests change them.
#[derive(Debug, Clone, Copy)]
pub struct Timing {
    /// How long a caller waits for the store before it is told EIO, while the journal goes on.
    pub unknown_after: Duration,
    /// How long the first commit of a new file with a temporary-looking name may be delayed.
    pub temp_delay: Duration,
    /// How long `Local` collects before it commits.
    pub local_delay: Duration,
    /// How old the oldest entry of `Local` may be before closes wait.
    pub local_window: Duration,
    /// How long after a rename to a temporary-looking name the path that is made again keeps its history.
    pub resume_window: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            unknown_after: Duration::from_secs(30),
            temp_delay: Duration::from_secs(1),
            local_delay: Duration::from_millis(100),
            local_window: Duration::from_secs(1),
            resume_window: Duration::from_secs(10),
        }
    }
}
