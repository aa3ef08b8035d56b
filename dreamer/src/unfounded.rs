//! Facts whose words were redacted: they go, and nothing of them is kept.

use std::collections::{BTreeMap, BTreeSet};

use crate::consolidate::source_key;
use crate::ledger::{Ledger, Past};
use crate::orient::Memory;

/// What redactions of transcripts leave without ground.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unfounded {
    /// Sources whose words are gone, by their hash.
    pub sources: BTreeSet<String>,
    /// Facts that rest on nothing else, by file and hash of their line.
    pub lines: BTreeSet<(String, String)>,
    /// How many redacted stretches each session store had when this was looked up.
    pub seen: BTreeMap<String, u64>,
    /// This Dream, which settles it.
    pub dream: String,
}

impl Unfounded {
    /// Takes the sources out of the ledger, and notes that they are settled.
    pub fn strip(&self, ledger: &mut Ledger) {
        ledger.redactions.extend(self.seen.clone());
        if self.sources.is_empty() {
            return;
        }
        for known in &mut ledger.facts {
            let whole = self.lines.contains(&(known.file.clone(), known.line.clone()));
            known
                .sources
                .retain(|s| whole || !self.sources.contains(&source_key(s)));
        }
        let mut of: BTreeSet<String> = self.sources.clone();
        let gone = |known: &&crate::ledger::Known| self.lines.contains(&(known.file.clone(), known.line.clone()));
        of.extend(
            ledger
                .facts
                .iter()
                .filter(gone)
                .flat_map(|k| k.sources.iter().map(source_key)),
        );
        ledger.past.push(Past {
            dream: self.dream.clone(),
            of: of.into_iter().collect(),
            under: None,
        });
    }

    /// Drops the facts that rest on nothing any more; how many that were.
    pub fn drop_from(&self, memory: &mut Memory) -> u32 {
        let before = memory.facts.len();
        memory
            .facts
            .retain(|f| !self.lines.contains(&(f.known.file.clone(), f.known.line.clone())));
        (before - memory.facts.len()) as u32
    }
}
