//! The edge to the store: memory and sessions in, one commit out.

mod dream;
mod error;
mod evidence;
mod extraction;
mod listing;
mod memory;
mod proposal;
mod records;
mod redacted;
mod review;
mod sessions;
mod undo;
mod why;
mod write;

pub(crate) use dream::dream_billed;
pub use dream::{Change, Dreamt, Request, dream, name};
pub use error::DreamError;
pub use evidence::{evidence_of_commit, evidence_of_proposal};
pub use records::dreams;
pub use review::{approve, proposed, reject, withdraw};
pub use sessions::{ByAddress, FindSessions, Sessions};
pub use undo::undo;
pub use why::{Why, WhySource, why};
