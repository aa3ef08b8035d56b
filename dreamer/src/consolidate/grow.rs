//! What is new finds its file; what is said again makes a fact stronger.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::question::values_of;
use super::{Work, source_key};
use crate::fact::{Candidate, Finding, Mark, Source, Trust};
use crate::ledger::Known;
use crate::memory_file;
use crate::orient::Fact;
use crate::room;
use crate::similar::{Relation, relation};
use crate::text::words::{Features, Value};
use crate::topic;

/// Sessions of which the words are kept of one fact, at most.
const MOST_ACCOUNTS: usize = 6;
/// Words that are read only this many seconds after they were said are new to memory all the same.
const LATE: i64 = 48 * 3600;
/// A topic file of this many bytes is full, or one as large as the store lets it be.
const FULL: usize = 60 * 1024;
/// What stands around a fact in its line, at most: the bullet, the bracket and the line end.
const AROUND: usize = 64;
/// What is left free in a file, for its links and for brackets that get longer.
const SPARE: usize = 256;

impl Work<'_> {
    pub(super) fn add(
        &mut self,
        finding: Finding,
        about: Features,
        said: &Candidate,
        replaces: Option<Timestamp>,
        group: Option<String>,
    ) {
        let source = &said.source;
        let topic = topic::choose(finding.kind, &finding.text, self.tight);
        let bytes = finding.text.len() + AROUND;
        // Two sides of a disagreement stand side by side.
        let file = self
            .file_of_group(group.as_deref())
            .unwrap_or_else(|| self.file_of(topic, bytes));
        *self.grown.entry(file.clone()).or_default() += bytes;
        let known = Known {
            line: String::new(),
            file,
            kind: finding.kind,
            importance: finding.importance.clamp(1, 10),
            mark: Mark {
                earlier: 0,
                if_held: false,
                ..finding.mark
            },
            time: source.time,
            learned: (self.now.as_second() - source.time.as_second() > LATE).then_some(self.now),
            sources: said.sources().collect(),
            dream: self.dream.to_owned(),
            replaces,
            group,
            uses: 0,
            used: None,
        };
        self.live.extend(said.sources().map(|source| source_key(&source)));
        self.memory.facts.push(Fact {
            text: finding.text,
            known,
            line: None,
            features: about,
        });
        self.alive.push(true);
        let at = self.memory.facts.len() - 1;
        self.index.enter(at, &self.memory.facts[at].features);
        self.counts.added += 1;
    }

    fn file_of_group(&self, group: Option<&str>) -> Option<String> {
        let same = |fact: &&Fact| group.is_some() && fact.known.group.as_deref() == group;
        let alive = self
            .memory
            .facts
            .iter()
            .zip(&self.alive)
            .filter(|(_, alive)| **alive)
            .map(|(fact, _)| fact);
        let file = alive.filter(same).map(|fact| fact.known.file.clone()).next()?;
        (!self.settings.is_pinned(&file)).then_some(file)
    }

    /// The topic's file; the next one where that is pinned, or so many bytes more would fill it.
    fn file_of(&self, topic: &topic::Topic, bytes: usize) -> String {
        let most = FULL.min(self.settings.file_size);
        let spare = SPARE.min(most / 8);
        let fits = |path: &String| {
            let there = self.memory.files.get(path);
            let there = there.map_or_else(|| memory_file::create(topic).len(), String::len);
            let grown = self.grown.get(path).copied().unwrap_or_default();
            there + grown + bytes + spare <= most
        };
        room::files_of(topic)
            .find(|path| !self.settings.is_pinned(path) && fits(path))
            .unwrap_or_else(|| format!("{}.md", topic.name))
    }

    /// The same thing was said again: the better wording of the two, and another source where a person typed it in
    /// another session. What agents say themselves makes no fact stronger: they say what they read.
    pub(super) fn strengthen(
        &mut self,
        at: usize,
        finding: Finding,
        about: Features,
        said: &Candidate,
        replaces: Option<Timestamp>,
    ) {
        let source = &said.source;
        let fact = &mut self.memory.facts[at];
        let typed = |sources: &[Source]| sources.iter().any(|s| s.trust == Trust::Typed);
        if source.trust < Trust::Typed && (source.trust == Trust::Seen || typed(&fact.known.sources)) {
            self.settled.insert(source_key(source));
            // A command that worked again is in use.
            if source.trust == Trust::Seen {
                fact.known.uses = fact.known.uses.saturating_add(1);
                fact.known.used = fact.known.used.max(Some(source.time));
            }
            return;
        }
        let rank = |mark: Mark, typed: bool, about: &Features, text: &str| {
            let values: usize = about.values.values().map(BTreeSet::len).sum();
            (
                values,
                mark.asked,
                typed,
                mark.order,
                about.stems.len(),
                text.len().min(200),
            )
        };
        let old = rank(fact.known.mark, typed(&fact.known.sources), &fact.features, &fact.text);
        let new = rank(finding.mark, source.trust == Trust::Typed, &about, &finding.text);
        let known = &mut fact.known;
        // A session counts once, with the words that say it best; of agents' own words there is one source.
        let same = |s: &Source| s.trust == source.trust && (s.is_of_session(source) || s.trust == Trust::Grounded);
        if known.sources.iter().any(same) && new <= old {
            self.settled.insert(source_key(source));
        } else {
            let worse = known.sources.extract_if(.., |s| same(s));
            self.settled.extend(worse.map(|s| source_key(&s)));
            known.sources.extend(said.sources());
            self.live.extend(said.sources().map(|source| source_key(&source)));
        }
        known.sources.sort_by(|a, b| {
            a.time
                .cmp(&b.time)
                .then_with(|| a.session.path.cmp(&b.session.path))
                .then(a.span.cmp(&b.span))
        });
        // The first stays, and so do the newest.
        if known.accounts() > MOST_ACCOUNTS
            && let Some(second) = known
                .sources
                .iter()
                .find(|s| !s.is_of_account(&known.sources[0]))
                .cloned()
        {
            let dropped = known.sources.extract_if(.., |s| s.is_of_account(&second));
            self.settled.extend(dropped.map(|s| source_key(&s)));
        }
        known.time = known.time.max(source.time);
        known.importance = known.importance.max(finding.importance);
        known.replaces = known.replaces.max(replaces);
        known.mark = Mark {
            asked: known.mark.asked || finding.mark.asked,
            change: known.mark.change || finding.mark.change,
            order: known.mark.order || finding.mark.order,
            correction: known.mark.correction || finding.mark.correction,
            passing: known.mark.passing && finding.mark.passing,
            if_held: false,
            earlier: 0,
        };
        let known = |wording: &Features, said: &[Features]| said.contains(wording);
        let said = self.wordings.entry(at).or_default();
        if fact.features != about && !known(&about, said) {
            self.index.enter(at, &about);
        }
        let other = if new > old {
            fact.text = finding.text;
            std::mem::replace(&mut fact.features, about)
        } else {
            about
        };
        // What is said again in the same words adds no wording.
        if fact.features != other && !known(&other, said) {
            said.push(other);
        }
        self.counts.merged += 1;
    }

    /// What was said is the same as two facts that were kept apart: they are one. Only where both name the same values.
    pub(super) fn absorb(&mut self, at: usize, other: usize) {
        let (one, two) = (&self.memory.facts[at], &self.memory.facts[other]);
        let told = |kind: &Value| !matches!(kind, Value::Alternative(_));
        let of_one = values_of(&one.features, told);
        let within = |values: &BTreeSet<String>, fact: &Fact| values.iter().all(|v| fact.features.stems.contains(v));
        let same = !of_one.is_empty() && within(&of_one, two) && within(&values_of(&two.features, told), one);
        if !same
            || self.settings.is_pinned(&two.known.file)
            || relation(&one.features, &two.features) == Relation::Contradicts
        {
            return;
        }
        let (sources, importance) = (two.known.sources.clone(), two.known.importance);
        let (asked, wording) = (two.known.mark.asked, two.features.clone());
        self.alive[other] = false;
        let known = &mut self.memory.facts[at].known;
        known.importance = known.importance.max(importance);
        known.mark.asked |= asked;
        let had = known.sources.clone();
        for source in sources {
            let same = |s: &Source| s.is_of_account(&source);
            let fits = known.accounts() < MOST_ACCOUNTS || known.sources.iter().any(same);
            if fits && !had.iter().any(same) {
                known.sources.push(source);
            } else {
                self.settled.insert(source_key(&source));
            }
        }
        known.sources.sort_by_key(|source| source.time);
        self.index.enter(at, &wording);
        self.wordings.entry(at).or_default().push(wording);
        self.counts.merged += 1;
    }
}
