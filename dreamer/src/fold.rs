//! Fold: what an agent's edit left beside a file, because it could not be merged, goes back into it.
//!
//! `<stem>.conflict-<agent>-<short id>.md` holds the file as that agent would have it. Its lines that the file lacks
//! are put in where they stood; what the file says already, or what was forgotten since, is not. Of two lines that say the
//! same the fuller one stays. A person's line is always kept. The sibling then goes: it stays in history.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::dates::day;
use crate::index;
use crate::memory_file::{body_start, line_end};
use crate::orient::{Author, LineAuthor, MemoryFile, is_memory};
use crate::render;
use crate::settings::Settings;
use crate::similar::{Relation, relation};
use crate::text::sentence::strip_bullet;
use crate::text::words::{Features, akin, features};
use crate::tombstone::{self, Tombstone};

const MARK: &str = ".conflict-";

/// The files without the siblings.
#[derive(Debug, Default)]
pub(crate) struct Folded {
    /// The files as they are now.
    pub files: Vec<MemoryFile>,
    /// Siblings that went into a file, with their text.
    pub gone: BTreeMap<String, String>,
    /// What was done, and what could not be.
    pub reasons: Vec<String>,
}

/// The file a conflict sibling belongs to, and the agent that left it.
pub(crate) fn sibling_of(path: &str) -> Option<(String, String)> {
    let (folder, name) = path.rsplit_once('/').map_or(("", path), |(f, n)| (f, n));
    let (stem, rest) = name.rsplit_once(MARK)?;
    let (rest, end) = rest
        .rsplit_once('.')
        .map_or((rest, String::new()), |(r, e)| (r, format!(".{e}")));
    let (agent, _) = rest.rsplit_once('-')?;
    let slash = if folder.is_empty() { "" } else { "/" };
    (!stem.is_empty()).then(|| (format!("{folder}{slash}{stem}{end}"), agent.to_owned()))
}

/// Folds every sibling that may be folded. Others are left out: they are no memory, and nothing of them changes.
pub(crate) fn fold(
    files: &[MemoryFile],
    tombstones: &[Tombstone],
    settings: &Settings,
    names: &BTreeSet<String>,
) -> Folded {
    let mut out = Folded::default();
    let mut siblings = Vec::new();
    for file in files {
        match sibling_of(&file.path).filter(|_| is_memory(&file.path)) {
            Some((base, agent)) => siblings.push((base, agent, file)),
            None => out.files.push(file.clone()),
        }
    }
    for (base, agent, sibling) in siblings {
        if settings.is_pinned(&base) || settings.is_pinned(&sibling.path) {
            out.reasons.push(format!("{} stays: it is pinned", sibling.path));
            continue;
        }
        let at = out.files.iter().position(|f| f.path == base);
        let old = at.map_or_else(
            || MemoryFile {
                path: base.clone(),
                ..MemoryFile::default()
            },
            |at| out.files[at].clone(),
        );
        let merge = Merge {
            agent: &agent,
            tombstones,
            names,
        };
        let new = merge.merged(&old, sibling);
        // What else a Dream writes has to find room, too.
        let most = settings.file_size - settings.file_size / 40;
        if new.text.len() > most.max(old.text.len()) {
            out.reasons
                .push(format!("{} stays: {base} would be too large with it", sibling.path));
            continue;
        }
        match at {
            Some(at) => out.files[at] = new,
            None if !new.text.trim().is_empty() => out.files.push(new),
            None => {}
        }
        out.gone.insert(sibling.path.clone(), sibling.text.clone());
        out.reasons.push(format!("{} was folded into {base}", sibling.path));
    }
    out.files.sort_by(|a, b| a.path.cmp(&b.path));
    out
}

struct Merge<'a> {
    agent: &'a str,
    tombstones: &'a [Tombstone],
    names: &'a BTreeSet<String>,
}

impl Merge<'_> {
    /// The file with the sibling's lines it lacks, each after the line it follows there.
    fn merged(&self, file: &MemoryFile, sibling: &MemoryFile) -> MemoryFile {
        let mut lines: Vec<(String, LineAuthor)> = with_authors(file).collect();
        let own: HashSet<String> = lines.iter().map(|(line, _)| line.trim().to_owned()).collect();
        let fact = |(line, by): &(String, LineAuthor)| {
            let about = features(render::without_suffix(item(line)?), self.names);
            Some(Item {
                line: line.clone(),
                author: by.author,
                about,
            })
        };
        let facts: Vec<Item> = lines.iter().filter_map(fact).collect();
        let is_index = file.path == index::PATH;
        let kept = is_index.then(|| index::outside(&sibling.text));
        let head = body_start(&sibling.text);
        let mut after = None;
        for (at, (line, by)) in with_authors(sibling).enumerate() {
            let trimmed = line.trim();
            let elsewhere = kept
                .as_ref()
                .is_some_and(|text| !text.lines().any(|l| l.trim() == trimmed));
            let known = !file.text.is_empty() && (trimmed.is_empty() || at < head);
            if known || elsewhere {
                // What stands below a blank line stays below it.
                let blank = |at: &usize| lines.get(*at).is_some_and(|(line, _)| line.trim().is_empty());
                after = after.map(|at| if trimmed.is_empty() && blank(&at) { at + 1 } else { at });
                continue;
            }
            if !trimmed.is_empty() && own.contains(trimmed) {
                after = lines.iter().position(|(l, _)| l.trim() == trimmed).map(|at| at + 1);
                continue;
            }
            let (line, poorer) = match self.line(&line, by, &facts) {
                Fate::Goes => continue,
                Fate::Instead(poorer) => (line, Some(poorer)),
                Fate::Beside(line) => (line, None),
            };
            let poorer = poorer.and_then(|poorer| lines.iter().position(|(l, _)| *l == poorer));
            let place = poorer.or(after).unwrap_or(lines.len());
            if poorer.is_some() {
                lines[place] = (line, by);
            } else {
                lines.insert(place, (line, by));
            }
            after = Some(place + 1);
        }
        let (text, authors): (Vec<String>, Vec<LineAuthor>) = lines.into_iter().unzip();
        let end = line_end(if file.text.is_empty() {
            &sibling.text
        } else {
            &file.text
        });
        let mut text = text.join(end);
        if !text.is_empty() {
            text.push_str(end);
        }
        MemoryFile {
            path: file.path.clone(),
            text,
            authors,
        }
    }

    /// What becomes of a line of the sibling.
    fn line(&self, line: &str, by: LineAuthor, facts: &[Item]) -> Fate {
        let Some(text) = item(line).filter(|_| by.author != Author::Person) else {
            return Fate::Beside(line.to_owned());
        };
        let bare = render::without_suffix(text);
        let about = features(bare, self.names);
        // A sibling is a copy from before its agent's edit, whenever it was written: that it is newer than an order to
        // forget says nothing of its lines.
        if tombstone::keep_out(self.tombstones, &about, None) {
            return Fate::Goes;
        }
        let same = |fact: &&Item| matches!(relation(&about, &fact.about), Relation::Same(_));
        let against = facts
            .iter()
            .any(|f| relation(&about, &f.about) == Relation::Contradicts);
        // A Dream's line that the file has no more was superseded there.
        let dreamt = bare.len() < text.len();
        if dreamt && (against || facts.iter().any(|fact| same(&fact))) {
            return Fate::Goes;
        }
        if facts.iter().filter(same).any(|fact| holds(&fact.about, &about)) {
            return Fate::Goes;
        }
        if against {
            let when = by.time.map_or(String::new(), |time| format!(", {}", day(time)));
            return Fate::Beside(format!("{line} ({}{when}; from an edit in conflict)", self.agent));
        }
        // What an agent wrote is no loss where the fuller line says all of it.
        let is_poorer = |fact: &&Item| fact.author == Author::Agent && holds(&about, &fact.about);
        match facts.iter().filter(same).find(is_poorer) {
            Some(poorer) => Fate::Instead(poorer.line.clone()),
            None => Fate::Beside(line.to_owned()),
        }
    }
}

/// Whether a line has all the words of another.
fn holds(all: &Features, part: &Features) -> bool {
    part.stems.iter().all(|stem| all.stems.iter().any(|s| akin(s, stem)))
}

/// An item of the file.
struct Item {
    line: String,
    author: Author,
    about: Features,
}

/// What becomes of a line of a sibling.
enum Fate {
    /// The file says it already, or it was forgotten.
    Goes,
    /// It takes the place of this line, which says less.
    Instead(String),
    /// It goes into the file like this.
    Beside(String),
}

fn with_authors(file: &MemoryFile) -> impl Iterator<Item = (String, LineAuthor)> {
    let by = |at: usize| file.authors.get(at).copied().unwrap_or_default();
    file.text
        .lines()
        .enumerate()
        .map(move |(at, line)| (line.to_owned(), by(at)))
}

/// The text of a list item.
fn item(line: &str) -> Option<&str> {
    let text = strip_bullet(line);
    (text.len() < line.trim().len()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_a_sibling_belongs_to() {
        for (path, expected) in [
            ("notes.conflict-kai-1a2b.md", Some(("notes.md", "kai"))),
            (
                "team/notes.conflict-build-bot-1a2b.md",
                Some(("team/notes.md", "build-bot")),
            ),
            ("notes.conflict-kai-1a2b", Some(("notes", "kai"))),
            ("notes.md", None),
            (".conflict-kai-1.md", None),
        ] {
            let expected = expected.map(|(base, agent)| (base.to_owned(), agent.to_owned()));
            assert_eq!(sibling_of(path), expected, "{path}");
        }
    }
}
