//! Propose: the files a memory comes to, as writes against the files it was read from.

use std::collections::{BTreeMap, BTreeSet};

use crate::index;
use crate::ledger::{Known, hash};
use crate::memory_file::{self, Change};
use crate::orient::{Author, Fact, Memory};
use crate::render::{self, Other};
use crate::settings::Settings;
use crate::text::words::{Value, features, names_in};
use crate::topic;

/// A file as it should be; no text means that it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Write {
    /// Path in the store.
    pub path: String,
    /// Its whole text.
    pub text: Option<String>,
}

/// What a memory comes to.
#[derive(Debug, Clone, Default)]
pub(crate) struct Files {
    /// All files by path.
    pub files: BTreeMap<String, String>,
    /// The ledger's facts.
    pub facts: Vec<Known>,
}

/// Lays the facts out in their files. Lines of people and agents stay where they are.
pub(crate) fn lay_out(memory: &mut Memory, settings: &Settings) -> Files {
    settle_groups(&mut memory.facts);
    let others = disagreements(&memory.facts);
    let lines: Vec<String> = memory
        .facts
        .iter()
        .zip(&others)
        .map(|(f, o)| render::line(&f.text, &f.known, o))
        .collect();
    let mut by_file: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, fact) in memory.facts.iter().enumerate() {
        by_file.entry(fact.known.file.clone()).or_default().push(at);
    }
    let owned: BTreeSet<String> = memory.owned.iter().map(|(file, _)| file.clone()).collect();
    let dropped_in = memory.dropped.iter().map(|(file, _)| file.clone());
    let touched: BTreeSet<String> = by_file.keys().cloned().chain(owned).chain(dropped_in).collect();
    let related = related(&memory.facts, &by_file);
    let mut files = memory.files.clone();
    for path in touched {
        let topic = topic::of_file(&path);
        let old = files.get(&path).cloned();
        let Some(base) = old.clone().or_else(|| topic.map(memory_file::create)) else {
            continue;
        };
        let facts = by_file.get(&path).map(Vec::as_slice).unwrap_or_default();
        let now: BTreeMap<&str, usize> = facts
            .iter()
            .filter_map(|at| memory.facts[*at].line.as_deref().map(|line| (line, *at)))
            .collect();
        // A line that a person wrote as it stands in a Dream's is theirs: only one of the two is the Dream's.
        let foreign = memory.foreign.iter().filter(|line| line.file == path);
        let copied: BTreeSet<&str> = foreign
            .filter(|line| line.author == Author::Person && memory.owned.contains(&(path.clone(), hash(&line.line))))
            .map(|line| line.line.as_str())
            .collect();
        let mut met = BTreeSet::new();
        let change = |line: &str| match now.get(line) {
            _ if copied.contains(line) && !met.insert(line.to_owned()) => Change::Keep,
            Some(at) if lines[*at] == line => Change::Keep,
            Some(at) => Change::Replace(lines[*at].clone()),
            None if memory.owned.contains(&(path.clone(), hash(line))) => Change::Drop,
            None if memory.dropped.contains(&(path.clone(), line.to_owned())) => Change::Drop,
            None => Change::Keep,
        };
        let mut new: Vec<usize> = facts
            .iter()
            .copied()
            .filter(|at| memory.facts[*at].line.is_none())
            .collect();
        new.sort_by(|a, b| {
            let (fa, fb) = (&memory.facts[*a], &memory.facts[*b]);
            (fb.known.importance, &fa.known.group, fa.known.time, &fa.text).cmp(&(
                fa.known.importance,
                &fb.known.group,
                fb.known.time,
                &fb.text,
            ))
        });
        let added: Vec<String> = new.iter().map(|at| lines[*at].clone()).collect();
        let links = related.get(&path).map(Vec::as_slice).unwrap_or_default();
        let none = BTreeSet::new();
        let theirs = memory.prose.get(&path).unwrap_or(&none);
        let text = memory_file::edit(&base, change, &added, links, theirs);
        let linked = theirs.iter().any(|line| memory_file::is_related(line));
        if topic.is_some_and(|topic| memory_file::is_empty(&text, topic)) && !linked {
            files.remove(&path);
        } else {
            files.insert(path, text);
        }
    }
    if !settings.is_pinned(index::PATH) {
        list(&mut files, settings.file_size);
    }
    let facts = memory
        .facts
        .iter()
        .zip(&lines)
        .map(|(fact, line)| Known {
            line: hash(line),
            ..fact.known.clone()
        })
        .chain(memory.aside.iter().cloned())
        .collect();
    Files { files, facts }
}

/// Brings the index up to date: every topic file that has a line is in it, whoever wrote that.
fn list(files: &mut BTreeMap<String, String>, file_size: usize) {
    let topics = files.iter().filter(|(path, _)| topic::of_file(path).is_some());
    let counts: BTreeMap<String, usize> = topics
        .map(|(path, text)| (path.clone(), memory_file::fact_lines(text).count()))
        .filter(|(_, count)| *count > 0)
        .collect();
    match index::render(files.get(index::PATH).map(String::as_str), &counts, file_size) {
        Some(text) if files.contains_key(index::PATH) || !counts.is_empty() => {
            files.insert(index::PATH.to_owned(), text);
        }
        Some(_) => {}
        None => {
            files.remove(index::PATH);
        }
    }
}

/// A disagreement of which one side is left is none any more.
fn settle_groups(facts: &mut [Fact]) {
    let mut members: BTreeMap<String, usize> = BTreeMap::new();
    for group in facts.iter().filter_map(|f| f.known.group.clone()) {
        *members.entry(group).or_default() += 1;
    }
    for fact in facts {
        if fact
            .known
            .group
            .as_ref()
            .is_some_and(|group| members.get(group) == Some(&1))
        {
            fact.known.group = None;
        }
    }
}

/// For each fact, who says otherwise and when.
fn disagreements(facts: &[Fact]) -> Vec<Vec<Other>> {
    let mut groups: BTreeMap<&str, Vec<(usize, Other)>> = BTreeMap::new();
    for (at, fact) in facts.iter().enumerate() {
        if let Some(group) = &fact.known.group {
            let agent = fact
                .known
                .sources
                .last()
                .map_or_else(String::new, |s| s.session.agent.clone());
            groups.entry(group).or_default().push((
                at,
                Other {
                    agent,
                    time: fact.known.time,
                },
            ));
        }
    }
    let mut out = vec![Vec::new(); facts.len()];
    for members in groups.values() {
        for (at, _) in members {
            let mut others: Vec<Other> = members
                .iter()
                .filter(|(other, _)| other != at)
                .map(|(_, o)| o.clone())
                .collect();
            others.sort();
            out[*at] = others;
        }
    }
    out
}

/// Topic files that speak of the same names, up to three each. What is a name, the facts alone tell: transcripts are read
/// once, and the links are to stay as they are.
fn related(facts: &[Fact], by_file: &BTreeMap<String, Vec<usize>>) -> BTreeMap<String, Vec<String>> {
    let mut names = BTreeSet::new();
    for fact in facts {
        names_in(&fact.text, &mut names);
    }
    let mut files_of: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for (file, at) in by_file
        .iter()
        .flat_map(|(file, all)| all.iter().map(move |at| (file, at)))
    {
        let values = features(&facts[*at].text, &names).values.into_iter();
        let linking = values.filter(|(kind, _)| matches!(kind, Value::Name | Value::Code));
        for value in linking.flat_map(|(_, values)| values) {
            files_of.entry(value).or_default().insert(file);
        }
    }
    let mut shared: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    // A name that stands everywhere links nothing.
    for files in files_of.values().filter(|files| (2..=3).contains(&files.len())) {
        for a in files {
            for b in files.iter().filter(|b| *b != a) {
                *shared.entry((a, b)).or_default() += 1;
            }
        }
    }
    let mut out: BTreeMap<String, Vec<(usize, String)>> = BTreeMap::new();
    for ((a, b), count) in shared {
        let name = b.strip_suffix(".md").unwrap_or(b).to_owned();
        out.entry(a.to_owned()).or_default().push((count, name));
    }
    out.into_iter()
        .map(|(file, mut links)| {
            links.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
            links.truncate(3);
            (file, links.into_iter().map(|(_, name)| name).collect())
        })
        .collect()
}

/// What differs between the files as they were and as they should be.
pub(crate) fn writes(before: &BTreeMap<String, String>, after: &BTreeMap<String, String>) -> Vec<Write> {
    let changed = after.iter().filter(|(path, text)| before.get(*path) != Some(text));
    let gone = before.keys().filter(|path| !after.contains_key(*path));
    changed
        .map(|(path, text)| Write {
            path: path.clone(),
            text: Some(text.clone()),
        })
        .chain(gone.map(|path| Write {
            path: path.clone(),
            text: None,
        }))
        .collect()
}
