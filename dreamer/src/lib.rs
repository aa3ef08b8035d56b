//! Dreams: reads what was said since the last one and leaves the memory better: complete, true, short.
//!
//! Each stage is a file: `fold`, `orient`, `gather`, `extract`, `screen`, `consolidate`, `forget`, `index`, `guard`,
//! `propose`.
//! All but the edge to the store are pure functions of their input; the clock and the name of a Dream are given.

mod consolidate;
mod dates;
mod edge;
mod extract;
mod fact;
mod fold;
mod forget;
mod format;
pub mod gather;
pub mod guard;
pub mod index;
mod instructions;
mod law;
pub mod ledger;
mod memory_file;
pub mod model;
pub mod orient;
pub mod plan;
pub mod pod;
mod priority;
mod propose;
pub mod reading;
mod record;
mod render;
mod room;
pub mod rules;
mod screen;
mod secrets;
pub mod settings;
mod similar;
mod text;
mod tombstone;
mod topic;
pub mod unfounded;

pub use edge::{
    ByAddress, Change, DreamError, Dreamt, FindSessions, Request, Sessions, Why, WhySource, approve, dream, dreams,
    evidence_of_commit, evidence_of_proposal, name, proposed, reject, undo, why, withdraw,
};
pub use priority::step_back;
pub use record::{Counts, Phase, Record};
pub use settings::Facts;
