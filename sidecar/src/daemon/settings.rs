//! From what the broker says of a store to how it is attached.

use remanence_proto::broker::{Attachment, attachment};
use remanence_store::intent::Conflicts;

use crate::settings::{Access, AttachmentSettings, Consistency, Durability};

/// How the store is to be attached.
pub(super) fn of(attachment: &Attachment) -> AttachmentSettings {
    let sessions = attachment.purpose() == attachment::Purpose::Sessions;
    AttachmentSettings {
        access: match attachment.access() {
            attachment::Access::ReadOnly => Access::ReadOnly,
            attachment::Access::ReadWrite => Access::ReadWrite,
        },
        durability: match attachment.durability.as_str() {
            "Local" => Durability::Local,
            // Transcripts are many small appends, which no caller should wait for.
            "" if sessions => Durability::Local,
            _ => Durability::Store,
        },
        conflicts: match attachment.conflicts.as_str() {
            "Refuse" => Conflicts::Refuse,
            _ => Conflicts::Merge,
        },
        consistency: match attachment.consistency.as_str() {
            "Strict" => Consistency::Strict,
            _ => Consistency::CloseToOpen,
        },
        instructions: attachment.instructions.clone(),
    }
}
