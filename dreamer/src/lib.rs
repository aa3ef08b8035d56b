//! Dreams: reads what was said since the last one and leaves the memory better: complete, true, short.
//!
//! Each stage is a file: `fold`, `orient`, `gather`, `extract`, `screen`, `consolidate`, `forget`, `index`, `guard`,
//! `propose`.
//! All but the edge to the store are pure functions of their input; the clock and the name of a Dream are given.

pub mod consolidate;
pub mod dates;
pub mod edge;
pub mod extract;
pub mod fact;
pub mod fold;
pub mod forget;
pub mod format;
pub mod gather;
pub mod guard;
pub mod index;
pub mod instructions;
pub mod law;
pub mod ledger;
pub mod memory_file;
pub mod model;
pub mod orient;
pub mod plan;
pub mod pod;
mod priority;
pub mod propose;
pub mod reading;
pub mod record;
pub mod render;
pub mod room;
pub mod rules;
pub mod screen;
pub mod secrets;
pub mod settings;
pub mod similar;
pub mod text;
pub mod tombstone;
pub mod topic;
pub mod unfounded;

pub use edge::{
    ByAddress, Change, DreamError, Dreamt, FindSessions, Request, Sessions, Why, WhySource, approve, dream, dreams,
    evidence_of_commit, evidence_of_proposal, name, proposed, reject, undo, why, withdraw,
};
pub use priority::step_back;
pub use record::{Counts, Phase, Record};
pub use settings::Facts;
