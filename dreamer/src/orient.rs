//! Orient: what memory holds, whose each line is, and what people changed since the last Dream.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::index;
use crate::law::{self, Law};
use crate::ledger::{Known, Ledger, hash};
use crate::memory_file::{self, fact_lines};
use crate::render;
use crate::settings::Settings;
use crate::text::words::{Features, features};

/// Who wrote a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Author {
    /// A person: the line is law.
    #[default]
    Person,
    /// An agent.
    Agent,
    /// A Dream.
    Dream,
}

/// One line's author.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LineAuthor {
    /// Who.
    pub author: Author,
    /// When, where it is known.
    pub time: Option<Timestamp>,
}

/// A file of the memory store.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MemoryFile {
    /// Path in the store.
    pub path: String,
    /// Its text.
    pub text: String,
    /// Who wrote each line; a line without an entry is a person's, unless the ledger knows it.
    pub authors: Vec<LineAuthor>,
}

/// A line that went since the last Dream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removed {
    /// The line, as it was.
    pub line: String,
    /// Who took it out.
    pub author: Author,
    /// When.
    pub time: Timestamp,
}

/// A fact that Dreams keep.
#[derive(Debug, Clone, PartialEq)]
pub struct Fact {
    /// What it says, without its date.
    pub text: String,
    /// What the ledger knows.
    pub known: Known,
    /// The line as it stands in its file now; none where it is new.
    pub line: Option<String>,
    /// What it is about.
    pub features: Features,
}

/// A line of somebody else.
#[derive(Debug, Clone, PartialEq)]
pub struct Foreign {
    /// The file.
    pub file: String,
    /// The line.
    pub line: String,
    /// Whose it is.
    pub author: Author,
    /// When it was written.
    pub time: Option<Timestamp>,
    /// What it is about.
    pub features: Features,
}

/// What a Dream starts from.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    /// Facts that Dreams keep.
    pub facts: Vec<Fact>,
    /// Lines of people and agents.
    pub foreign: Vec<Foreign>,
    /// What people wrote, and what stands in pinned files.
    pub laws: Vec<Law>,
    /// Lines of people that are no items, by file; in the index also those that look like an entry, but nothing of the
    /// Dream's own block.
    pub prose: BTreeMap<String, BTreeSet<String>>,
    /// All files by path.
    pub files: BTreeMap<String, String>,
    /// Facts in files that are pinned, or cannot be read: there they are left as they are, like all else in such a file.
    pub aside: Vec<Known>,
    /// Facts whose line is gone.
    pub gone: Vec<Known>,
    /// The file and hash of every line that Dreams keep.
    pub owned: BTreeSet<(String, String)>,
    /// Lines of agents, by file, that are to go.
    pub dropped: BTreeSet<(String, String)>,
}

/// Whether a path is one of the Markdown files that memory is made of.
pub fn is_memory(path: &str) -> bool {
    let markdown = path.rsplit_once('.').is_some_and(|(_, end)| end == "md");
    markdown && !path.starts_with(".dream/")
}

/// Reads the memory with its ledger. All that stands in a pinned file is law, whoever wrote it.
pub fn orient(files: &[MemoryFile], ledger: &Ledger, names: &BTreeSet<String>, settings: &Settings) -> Memory {
    let mut memory = Memory::default();
    let mut missing: BTreeMap<(String, String), Known> = ledger
        .facts
        .iter()
        .map(|known| ((known.file.clone(), known.line.clone()), known.clone()))
        .collect();
    for file in files {
        memory.files.insert(file.path.clone(), file.text.clone());
        if !is_memory(&file.path) {
            continue;
        }
        let theirs = if file.path == index::PATH {
            people_wrote_in_index(file)
        } else {
            people_wrote(file)
        };
        memory.prose.insert(file.path.clone(), theirs);
        let pinned = settings.is_pinned(&file.path);
        memory.laws.extend(laws_of(file, &missing, pinned, names));
        for (at, line) in fact_lines(&file.text) {
            if let Some(known) = missing.remove(&(file.path.clone(), hash(line))) {
                if pinned {
                    memory.foreign.push(Foreign {
                        file: file.path.clone(),
                        line: line.to_owned(),
                        author: Author::Person,
                        time: Some(known.time),
                        features: features(render::without_suffix(line), names),
                    });
                    memory.aside.push(known);
                    continue;
                }
                memory.owned.insert((file.path.clone(), hash(line)));
                let text = line
                    .strip_suffix(&render::suffix(&known, &[]))
                    .unwrap_or_else(|| render::without_suffix(line));
                let features = features(text, names);
                memory.facts.push(Fact {
                    text: text.to_owned(),
                    known,
                    line: Some(line.to_owned()),
                    features,
                });
                continue;
            }
            let by = file.authors.get(at).copied().unwrap_or_default();
            if index::is_entry(&file.path, line) {
                continue;
            }
            memory.foreign.push(Foreign {
                file: file.path.clone(),
                line: line.to_owned(),
                // A Dream's line that its ledger does not know was changed or lost: it is treated as an agent's.
                author: match by.author {
                    _ if pinned => Author::Person,
                    Author::Dream => Author::Agent,
                    other => other,
                },
                time: by.time,
                features: features(line, names),
            });
        }
    }
    let left = missing.into_values();
    let (hidden, gone): (Vec<Known>, Vec<Known>) = left.partition(|known| {
        let file = &known.file;
        settings.unreadable.contains(file) && memory.files.contains_key(file)
    });
    memory.aside.extend(hidden);
    memory.gone = gone;
    memory
}

/// What is law in a file: lines of people, and all of a pinned one.
fn laws_of(
    file: &MemoryFile,
    facts: &BTreeMap<(String, String), Known>,
    pinned: bool,
    names: &BTreeSet<String>,
) -> Vec<Law> {
    law::read(&file.path, &file.text, names, |at, line| {
        let by = file.authors.get(at);
        let item = line
            .strip_prefix("- ")
            .or_else(|| line.strip_prefix("* "))
            .map(str::trim);
        if let Some(known) = item.and_then(|item| facts.get(&(file.path.clone(), hash(item)))) {
            return pinned.then_some(Some(known.time));
        }
        // Prose of which nobody is known to have written it may be a Dream's own.
        let theirs = by.map_or(item.is_some(), |by| by.author == Author::Person);
        let own = item.is_some_and(|item| index::is_entry(&file.path, item)) || memory_file::is_related(line);
        ((theirs || pinned) && !own).then_some(by.and_then(|by| by.time))
    })
}

/// The lines of a file that are no items and that a person wrote.
fn people_wrote(file: &MemoryFile) -> BTreeSet<String> {
    let theirs = memory_file::prose(&file.text).filter(|(at, line)| is_a_persons(file, *at, line));
    theirs.map(|(_, line)| line.to_owned()).collect()
}

/// The same of the index: what stands beside the Dream's own block, but the heading where there is nothing else.
fn people_wrote_in_index(file: &MemoryFile) -> BTreeSet<String> {
    let outside = index::outside(&file.text);
    if outside.trim() == index::HEADING {
        return BTreeSet::new();
    }
    let outside: BTreeSet<&str> = outside.lines().collect();
    let items: BTreeMap<usize, &str> = fact_lines(&file.text).collect();
    let is_item = |at: &usize| items.get(at).is_some_and(|item| !index::is_entry(&file.path, item));
    let lines = file.text.lines().enumerate();
    let theirs = lines.filter(|(at, line)| {
        !line.trim().is_empty() && outside.contains(line) && !is_item(at) && is_a_persons(file, *at, line)
    });
    theirs.map(|(_, line)| line.to_owned()).collect()
}

/// Whether a person wrote the line. Where nobody is known to have written a line of links, it is a Dream's own.
fn is_a_persons(file: &MemoryFile, at: usize, line: &str) -> bool {
    match file.authors.get(at) {
        Some(by) => by.author == Author::Person,
        None => !memory_file::is_related(line),
    }
}
