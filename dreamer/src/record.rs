//! `.dream/<id>.json`: what a Dream read, did and left, and why nothing happened when nothing did. All keys are always
//! there.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::Spent;

/// How far a Dream got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Phase {
    /// It waits for review.
    Proposed,
    /// Its commit is in the store.
    Applied,
    /// It found nothing to change.
    NoChange,
    /// A person turned it down, or it was dropped.
    Rejected,
    /// A newer proposal took its place.
    Superseded,
    /// It was taken back.
    Undone,
    /// The guard refused it, or the model that it needs failed.
    Failed,
}

/// What a Dream did, in facts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// New facts.
    pub added: u32,
    /// Facts that were said again.
    pub merged: u32,
    /// Facts that newer ones took the place of.
    pub replaced: u32,
    /// Facts that were forgotten: asked for, faded, or over the budget.
    pub forgotten: u32,
    /// Statements that were kept out.
    pub quarantined: u32,
}

/// One transcript and what of it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionRead {
    /// The session store or folder.
    pub store: String,
    /// Path in it.
    pub path: String,
    /// First byte.
    pub from: u64,
    /// The byte after the last.
    pub to: u64,
    /// Lines that were used.
    pub lines: u64,
    /// Lines that were no entries.
    #[serde(default)]
    pub skipped: u64,
    /// What was wrong with the file.
    #[serde(default)]
    pub broken: Option<String>,
}

/// The record of a Dream.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Its name.
    pub id: String,
    /// How far it got.
    pub phase: Phase,
    /// The store's newest commit when it began.
    pub base: u64,
    /// Its own commit.
    #[serde(default)]
    pub result: Option<u64>,
    /// Who approved, rejected or undid it.
    #[serde(default)]
    pub by: Option<String>,
    /// The digest of what it proposed (`sha256:…`), by which a decision names it.
    #[serde(default)]
    pub proposal: Option<String>,
    /// When it dreamt, by the clock it was given.
    pub time: Timestamp,
    /// What extracted the facts.
    pub model: String,
    /// The version of the words a model was asked with.
    #[serde(default)]
    pub prompt: Option<String>,
    /// What a model cost.
    #[serde(default)]
    pub spent: Option<Spent>,
    /// What it read.
    pub sessions: Vec<SessionRead>,
    /// What it did.
    pub facts: Counts,
    /// Files it changed.
    pub files: Vec<String>,
    /// How long it took.
    pub seconds: f64,
    /// Why things were left out, or why nothing happened.
    pub reasons: Vec<String>,
}

impl Record {
    /// The path of a Dream's record.
    pub fn path(id: &str) -> String {
        format!(".dream/{id}.json")
    }
}
