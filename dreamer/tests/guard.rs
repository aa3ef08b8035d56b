//! The guard, on results that no Dream should come to.
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::at;
use common::desk::Desk;
use remanence_dreamer::Counts;
use remanence_dreamer::guard::{Refused, check, dated, stable};
use remanence_dreamer::index;
use remanence_dreamer::ledger::Ledger;
use remanence_dreamer::orient::{Author, LineAuthor, MemoryFile, orient};
use remanence_dreamer::settings::Settings;

const NOTES: &str =
    "---\nname: notes\n---\n# Ours\n\nRead this first.\n\n* The kiln is fired by Marta\n- A note of an agent\n";

/// What the guard says of files that `NOTES` and an index became; all but the last line of the notes is a person's.
fn judged(index: &str, after: &[(&str, &str)], settings: &Settings) -> Result<(), Refused> {
    let by = |author| LineAuthor { author, time: None };
    let mut authors = vec![by(Author::Person); NOTES.lines().count()];
    *authors.last_mut().unwrap() = by(Author::Agent);
    let mut files = vec![MemoryFile {
        path: "notes.md".into(),
        text: NOTES.into(),
        authors,
    }];
    if !index.is_empty() {
        files.push(MemoryFile {
            path: index::PATH.into(),
            text: index.into(),
            authors: vec![by(Author::Person); index.lines().count()],
        });
    }
    let before = orient(&files, &Ledger::default(), &BTreeSet::new(), settings);
    let after: BTreeMap<String, String> = after
        .iter()
        .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
        .collect();
    check(&before, 1, &after, 0, settings)
}

fn notes(text: &str, settings: &Settings) -> Result<(), Refused> {
    judged("", &[("notes.md", text)], settings)
}

#[test]
fn what_harms_nobody_passes() {
    let settings = Settings::default();
    assert_eq!(notes(NOTES, &settings), Ok(()));
    assert_eq!(notes(&NOTES.replace("- A note of an agent\n", ""), &settings), Ok(()));
    assert_eq!(notes(&format!("{NOTES}- A new line\n"), &settings), Ok(()));
}

#[test]
fn a_result_that_is_refused_counts_nothing() {
    let mut desk = Desk::default();
    for n in 0..20 {
        let told = format!("Remember that shelf number {n} of the archive is kept by warden{n}.");
        desk.typed("kai/a", 3, &told);
    }
    desk.dream(3);
    desk.settings.memory_size = 300;
    desk.typed("kai/a", 4, "Remember that the tower clock is wound on Sundays.");
    let plan = desk.dream(5);
    assert!(matches!(plan.refused, Some(Refused::Loss { .. })), "{plan:?}");
    assert_eq!((&plan.counts, plan.writes.len()), (&Counts::default(), 0));
}

#[test]
fn a_pinned_file_does_not_change() {
    let settings = Settings {
        pinned: vec!["/notes.md".into()],
        ..Settings::default()
    };
    assert_eq!(notes(NOTES, &settings), Ok(()));
    let refused = Err(Refused::Pinned("notes.md".into()));
    assert_eq!(notes(&format!("{NOTES}- A new line\n"), &settings), refused);
    assert_eq!(judged("", &[], &settings), refused, "nor does it go");
}

#[test]
fn every_line_of_a_person_stays_as_it_is() {
    let settings = Settings::default();
    let refused = Err(Refused::Person("notes.md".into()));
    let theirs = NOTES
        .lines()
        .filter(|line| !line.is_empty() && !line.contains("of an agent"));
    for line in theirs {
        let without: Vec<&str> = NOTES.lines().filter(|other| *other != line).collect();
        assert_eq!(notes(&without.join("\n"), &settings), refused, "without {line:?}");
        let longer = NOTES.replace(line, &format!("{line} and more"));
        assert_eq!(notes(&longer, &settings), refused, "{line:?} and more");
    }
    assert_eq!(judged("", &[], &settings), refused, "without the file");
    let outside = "# Memory\n\nSee the board first.\n";
    let index = |text| judged(outside, &[("notes.md", NOTES), (index::PATH, text)], &settings);
    assert_eq!(index(outside), Ok(()));
    assert_eq!(index("# Memory\n"), Err(Refused::Person(index::PATH.into())));
}

#[test]
fn of_the_index_only_what_people_wrote_has_to_stay() {
    let mut desk = Desk::default();
    let text = "# Memory\n\nSee the board first.\n\n- The kiln is fired by Marta\n- the loom service uses port 4100\n";
    desk.files.insert(index::PATH.into(), text.into());
    let by = |line: &str| LineAuthor {
        author: if line.contains("loom") {
            Author::Agent
        } else {
            Author::Person
        },
        time: Some(at("2026-05-01T00:00:00Z")),
    };
    let authors: Vec<LineAuthor> = text.lines().map(by).collect();
    desk.authors.insert(index::PATH.into(), authors);
    desk.typed("kai/a", 4, "Remember that the dye vats hold 40 litres.")
        .typed("kai/a", 4, "Please forget the loom service.");
    let plan = desk.dream(5);
    assert_eq!(plan.refused, None);
    let left = &desk.files[index::PATH];
    assert!(!left.contains("loom") && left.contains("dream: index"), "{left}");
    for line in ["See the board first.", "- The kiln is fired by Marta"] {
        assert!(left.contains(line), "{left}");
    }
}

#[test]
fn no_file_becomes_longer_than_is_allowed() {
    let settings = Settings::default();
    let long = format!("{NOTES}- {}\n", "x".repeat(102_400));
    let refused = notes(&long, &settings);
    assert!(
        matches!(&refused, Err(Refused::Limit { what, unit: "bytes", most: 102_400, .. }) if what == "notes.md"),
        "{refused:?}"
    );
    let wider = Settings {
        file_size: 120_000,
        ..Settings::default()
    };
    assert_eq!(notes(&long, &wider), Ok(()), "the limit is the store's");
    let index = |before: &str, after: &str| judged(before, &[("notes.md", NOTES), (index::PATH, after)], &settings);
    assert_eq!(index("", &"a line\n".repeat(200)), Ok(()));
    let refused = index("", &"a line\n".repeat(201));
    assert!(
        matches!(
            refused,
            Err(Refused::Limit {
                is: 201,
                unit: "lines",
                most: 200,
                ..
            })
        ),
        "{refused:?}"
    );
    let refused = index("", &"x".repeat(25 * 1024 + 1));
    assert!(
        matches!(
            refused,
            Err(Refused::Limit {
                unit: "bytes",
                most: 25_600,
                ..
            })
        ),
        "{refused:?}"
    );
    let theirs = "a line\n".repeat(300);
    assert_eq!(index(&theirs, &theirs), Ok(()), "what people wrote may be longer");
}

#[test]
fn no_line_is_dated_after_the_clock() {
    let mut desk = Desk::default();
    desk.typed("kai/a", 4, "Remember that the dye vats hold 40 litres.");
    desk.dream(5);
    let facts = desk.ledger.facts;
    let early = at("2026-05-03T23:00:00Z");
    assert_eq!(dated(&[], &facts, at("2026-05-05T23:00:00Z")), Ok(()));
    assert!(matches!(dated(&[], &facts, early), Err(Refused::Date { .. })));
    assert_eq!(dated(&facts, &facts, early), Ok(()), "it was there before");
}

#[test]
fn doing_it_twice_changes_nothing_more() {
    let files = |text: &str| BTreeMap::from([("notes.md".to_owned(), text.to_owned())]);
    assert_eq!(stable(&files(NOTES), &files(NOTES)), Ok(()));
    let refused = Err(Refused::Unstable("notes.md".into()));
    assert_eq!(stable(&files(NOTES), &files("")), refused);
    assert_eq!(stable(&files(NOTES), &BTreeMap::new()), refused);
}
