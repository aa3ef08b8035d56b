//! Guard: refuses a whole result that would do harm. Code decides, whoever extracted the facts.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;

use crate::dates::day;
use crate::index;
use crate::ledger::Known;
use crate::memory_file::{self, fact_lines};
use crate::orient::{Author, Memory};
use crate::propose;
use crate::settings::Settings;
use crate::topic;

/// This many facts may go whatever their share is.
const FEW: u32 = 5;

/// Why a result is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Too much would be lost.
    #[error(
        "the dream would lose {lost} of {of} facts without being asked to: more than {percent}%; nothing was changed"
    )]
    Loss {
        /// Facts that would go.
        lost: u32,
        /// Facts there were.
        of: usize,
        /// The share that may.
        percent: u8,
    },
    /// A pinned file would change.
    #[error("the dream would change {0}, which is pinned; nothing was changed")]
    Pinned(String),
    /// A person's line would go.
    #[error("the dream would change a line that a person wrote in {0}; nothing was changed")]
    Person(String),
    /// A limit would be broken.
    #[error("the dream would leave {what} with {is} {unit}, {most} are allowed; nothing was changed")]
    Limit {
        /// What.
        what: String,
        /// How much.
        is: usize,
        /// Of what.
        unit: &'static str,
        /// The limit.
        most: usize,
    },
    /// A line would be dated after the clock.
    #[error("the dream would date a line in {file} on {date}, after its clock; nothing was changed")]
    Date {
        /// The file.
        file: String,
        /// The date.
        date: Date,
    },
    /// The same input would change memory once more.
    #[error("dreaming twice over the same sessions would change {0} again; nothing was changed")]
    Unstable(String),
}

/// How many of so many known facts may go without being asked to.
pub fn may_go(known: usize, settings: &Settings) -> u32 {
    let share = known as u64 * u64::from(settings.max_loss_percent) / 100;
    u32::try_from(share).unwrap_or(u32::MAX).max(FEW)
}

/// Checks a result against the memory it came from. `lost`: facts that would go without being asked to.
pub fn check(
    before: &Memory,
    known: usize,
    after: &BTreeMap<String, String>,
    lost: u32,
    settings: &Settings,
) -> Result<(), Refused> {
    if lost > may_go(known, settings) {
        return Err(Refused::Loss {
            lost,
            of: known,
            percent: settings.max_loss_percent,
        });
    }
    let changed = |path: &str| before.files.get(path) != after.get(path);
    let all = before.files.keys().chain(after.keys());
    if let Some(path) = all.into_iter().find(|path| settings.is_pinned(path) && changed(path)) {
        return Err(Refused::Pinned(path.clone()));
    }
    for line in before.foreign.iter().filter(|line| line.author == Author::Person) {
        let stays = after
            .get(&line.file)
            .is_some_and(|text| fact_lines(text).any(|(_, item)| item == line.line));
        if !stays {
            return Err(Refused::Person(line.file.clone()));
        }
    }
    for (file, lines) in &before.prose {
        // A file without anything but what a Dream puts into each one may go.
        let frame = topic::of_file(file).filter(|_| !after.contains_key(file));
        let text = frame.map_or_else(|| after.get(file).cloned().unwrap_or_default(), memory_file::create);
        let left: BTreeSet<&str> = text.lines().collect();
        if lines.iter().any(|line| !left.contains(line.as_str())) {
            return Err(Refused::Person(file.clone()));
        }
    }
    limits(before, after, settings)
}

/// Checks that no line gets a date on which, by the clock, nothing can have been said. What was dated so before, when the
/// clock was another, may stay.
pub fn dated(before: &[Known], after: &[Known], now: Timestamp) -> Result<(), Refused> {
    let known: BTreeSet<Timestamp> = before.iter().map(|known| known.time).collect();
    let mut new = after.iter().filter(|known_now| !known.contains(&known_now.time));
    match new.find(|known| known.time > now) {
        Some(late) => Err(Refused::Date {
            file: late.file.clone(),
            date: day(late.time),
        }),
        None => Ok(()),
    }
}

/// Checks that doing it once more changed nothing: the files after it, and after that.
pub fn stable(once: &BTreeMap<String, String>, twice: &BTreeMap<String, String>) -> Result<(), Refused> {
    match propose::writes(once, twice).into_iter().next() {
        Some(write) => Err(Refused::Unstable(write.path)),
        None => Ok(()),
    }
}

fn limits(before: &Memory, after: &BTreeMap<String, String>, settings: &Settings) -> Result<(), Refused> {
    let limit = |what: &str, is: usize, unit: &'static str, most: usize| {
        if is > most {
            Err(Refused::Limit {
                what: what.to_owned(),
                is,
                unit,
                most,
            })
        } else {
            Ok(())
        }
    };
    for (path, text) in after
        .iter()
        .filter(|(path, text)| before.files.get(*path) != Some(text))
    {
        limit(path, text.len(), "bytes", settings.file_size)?;
    }
    if let Some(text) = after.get(index::PATH) {
        // What people wrote there may be longer; a Dream only must not make it so.
        let theirs = before.files.get(index::PATH).map_or(0, |t| t.lines().count());
        limit(
            index::PATH,
            text.lines().count(),
            "lines",
            index::MOST_LINES.max(theirs),
        )?;
        let theirs = before.files.get(index::PATH).map_or(0, String::len);
        limit(index::PATH, text.len(), "bytes", index::MOST_BYTES.max(theirs))?;
    }
    Ok(())
}
