//! What people typed, kept while transcripts are read, for a model to read.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::fact::Source;
use crate::rules::own_words;
use crate::text::sentence::strip_bullet;

/// Something a person typed.
#[derive(Debug, Clone)]
pub struct Passage {
    /// Where it stands.
    pub source: Source,
    /// Their own words, without what they pasted or quoted.
    pub text: String,
}

/// The passages of a Dream, in order.
#[derive(Debug, Default)]
pub struct Passages {
    /// All that are kept.
    pub all: Vec<Passage>,
    /// Transcripts that were not kept to their end, by store and path, and where the rest begins.
    pub rest: BTreeMap<(String, String), u64>,
    bytes: usize,
    most: usize,
}

/// What of a message is shown to a model.
pub(crate) fn shown(message: &str) -> String {
    let own = own_words(message);
    let lines: Vec<&str> = own.lines().map(strip_bullet).collect();
    lines.join("\n").trim().to_owned()
}

impl Passages {
    /// Room for this many bytes.
    pub fn of_at_most(most: usize) -> Self {
        Self {
            most,
            ..Self::default()
        }
    }

    pub(crate) fn add(&mut self, source: Source, text: &str) {
        let text = shown(text);
        if text.split_whitespace().count() < 2 {
            return;
        }
        let same_line = |p: &Passage| Arc::ptr_eq(&p.source.session, &source.session) && p.source.span == source.span;
        if self.bytes + text.len() > self.most && !self.all.last().is_some_and(same_line) && !self.all.is_empty() {
            let session = &source.session;
            let place = (session.store.clone(), session.path.clone());
            self.rest.entry(place).or_insert(source.span.0);
            return;
        }
        self.bytes += text.len();
        self.all.push(Passage { source, text });
    }
}
