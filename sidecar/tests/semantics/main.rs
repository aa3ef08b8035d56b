//! `docs/semantics.md`, line by line: each test bears the number of the line it restates.

#![allow(clippy::unwrap_used)]

#[path = "../common/mod.rs"]
mod common;

mod durability;
mod errnos;
mod faulty;
mod files;
mod names;
mod root;
mod sessions;
mod visibility;

use remanence_sidecar::{Access, AttachmentSettings, Consistency, Durability};
use remanence_store::intent::Conflicts;

fn durable() -> AttachmentSettings {
    AttachmentSettings::default()
}

fn local() -> AttachmentSettings {
    AttachmentSettings {
        durability: Durability::Local,
        ..durable()
    }
}

fn read_only() -> AttachmentSettings {
    AttachmentSettings {
        access: Access::ReadOnly,
        ..durable()
    }
}

fn refusing() -> AttachmentSettings {
    AttachmentSettings {
        conflicts: Conflicts::Refuse,
        ..durable()
    }
}

fn strict() -> AttachmentSettings {
    AttachmentSettings {
        consistency: Consistency::Strict,
        ..durable()
    }
}
