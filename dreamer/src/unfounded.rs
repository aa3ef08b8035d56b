//! Facts whose words were redacted: they go, and nothing of them is kept.

use std::collections::{BTreeMap, BTreeSet};

use crate::consolidate::source_key;
use crate::ledger::{Known, Ledger, Past};
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
}

impl Unfounded {
    /// Whether the fact rests on nothing else.
    fn takes(&self, known: &Known) -> bool {
        self.lines.contains(&(known.file.clone(), known.line.clone()))
    }

    /// Takes the sources out of the ledger, and notes that `dream` settles them.
    pub fn strip(&self, ledger: &mut Ledger, dream: &str) {
        ledger.redactions.extend(self.seen.clone());
        if self.sources.is_empty() {
            return;
        }
        for known in &mut ledger.facts {
            let whole = self.takes(known);
            known
                .sources
                .retain(|s| whole || !self.sources.contains(&source_key(s)));
        }
        let mut of: BTreeSet<String> = self.sources.clone();
        let gone = ledger.facts.iter().filter(|known| self.takes(known));
        of.extend(gone.flat_map(|known| known.sources.iter().map(source_key)));
        ledger.past.push(Past::new(dream, of));
    }

    /// Drops the facts that rest on nothing any more; how many that were.
    pub fn drop_from(&self, memory: &mut Memory) -> u32 {
        let before = memory.facts.len();
        memory.facts.retain(|f| !self.takes(&f.known));
        (before - memory.facts.len()) as u32
    }

    /// Pinned files in which such facts stand: there they stay.
    pub fn pinned_in(&self, memory: &Memory) -> BTreeSet<String> {
        let theirs = memory.aside.iter().filter(|known| self.takes(known));
        theirs.map(|known| known.file.clone()).collect()
    }
}
