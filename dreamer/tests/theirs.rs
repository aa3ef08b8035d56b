//! What people put into files that Dreams tidy stays as they wrote it, and the links that Dreams keep beside it.
#![allow(clippy::unwrap_used)]

mod common;

use common::at;
use common::desk::Desk;
use remanence_dreamer::orient::{Author, LineAuthor};

const TARIFFS: &str = "Remember that the tariff database is backed up by Ottilie.";
const ARCHIVE: &str = "Remember that the archive database holds 40 gigabytes.";
const WEAVING: &str = "Remember that the weaving team is led by Ottilie.";

fn file_of(desk: &Desk, part: &str) -> String {
    let mut files = desk.files.iter();
    files.find(|(_, text)| text.contains(part)).unwrap().0.clone()
}

/// A person wrote the lines that hold this, Dreams the others.
fn person_wrote(desk: &mut Desk, path: &str, part: &str) {
    let by = |line: &str| LineAuthor {
        author: if line.contains(part) {
            Author::Person
        } else {
            Author::Dream
        },
        time: None,
    };
    let authors = desk.files[path].lines().map(by).collect();
    desk.authors.insert(path.to_owned(), authors);
}

#[test]
fn an_older_sentence_with_an_aside_yields_to_a_persons_line() {
    for (line, told, old) in [
        (
            "- Guest tickets are kept in Vesker (Ilse)",
            &["All guest tickets live in Quarn, everybody has a login there."][..],
            "Quarn",
        ),
        (
            "- goods for Anklam go via Torvald since the flood (Ilse)",
            &[
                "Remember: Anklam goods always via Quarn.",
                "for anklam we route over quarn as always, put the hours in",
            ],
            "quarn",
        ),
    ] {
        let mut desk = Desk::default();
        desk.files.insert("notes.md".into(), format!("# Notes\n\n{line}\n"));
        person_wrote(&mut desk, "notes.md", "- ");
        for (at, told) in told.iter().enumerate() {
            desk.typed(&format!("kai/{at}"), 4, told);
        }
        desk.dream(5);
        assert!(!desk.has(old), "{}", desk.all());
        assert!(desk.has(line), "{}", desk.all());
    }
}

#[test]
fn files_that_speak_of_one_name_are_linked() {
    let mut desk = Desk::default();
    desk.typed("kai/a", 4, TARIFFS).typed("kai/a", 4, WEAVING).typed(
        "kai/a",
        4,
        "Never start the big press before the safety check.",
    );
    desk.dream(5);
    let (tariffs, weaving, press) = (
        file_of(&desk, "tariff"),
        file_of(&desk, "weaving"),
        file_of(&desk, "big press"),
    );
    assert_ne!(tariffs, weaving);
    for (file, other) in [(&tariffs, &weaving), (&weaving, &tariffs)] {
        let link = format!("\n\nRelated: [[{}]]\n", other.trim_end_matches(".md"));
        assert!(desk.files[file].ends_with(&link), "{}", desk.files[file]);
    }
    assert!(!desk.files[&press].contains("Related"), "{}", desk.files[&press]);
    assert!(desk.dream(6).writes.is_empty());
    // The name goes, and the link with it.
    desk.typed("kai/b", 7, "Please forget about the tariff database.");
    desk.dream(8);
    assert!(!desk.has("Related"), "{}", desk.all());
}

#[test]
fn a_persons_own_line_of_links_stays_beside_a_dreams() {
    let mut desk = Desk::default();
    desk.typed("kai/a", 4, TARIFFS).typed("kai/a", 4, WEAVING);
    desk.dream(5);
    let (tariffs, weaving) = (file_of(&desk, "tariff"), file_of(&desk, "weaving"));
    let own = format!("Related: [[{}]]", weaving.trim_end_matches(".md"));
    let text = desk.files.get_mut(&tariffs).unwrap();
    text.push_str("\nRelated: [[loom-manual]]\n");
    person_wrote(&mut desk, &tariffs, "loom-manual");
    desk.typed("kai/b", 6, ARCHIVE);
    let plan = desk.dream(7);
    assert_eq!(plan.refused, None);
    for line in ["Related: [[loom-manual]]", own.as_str()] {
        assert_eq!(
            desk.files[&tariffs].matches(line).count(),
            1,
            "{}",
            desk.files[&tariffs]
        );
    }
    person_wrote(&mut desk, &tariffs, "loom-manual");
    assert!(desk.dream(8).writes.is_empty());
    // It stays when the last fact goes.
    desk.typed("kai/c", 9, "Please forget about the tariff database.")
        .typed("kai/c", 9, "Please forget about the archive database.");
    let plan = desk.dream(10);
    assert_eq!(plan.refused, None);
    assert_eq!(desk.facts().len(), 1, "{}", desk.all());
    assert!(
        desk.files[&tariffs].contains("Related: [[loom-manual]]\n"),
        "{}",
        desk.all()
    );
}

#[test]
fn a_copy_that_a_person_made_of_a_line_is_theirs() {
    let mut desk = Desk::default();
    desk.typed("kai/a", 4, TARIFFS);
    desk.dream(5);
    let tariffs = file_of(&desk, "tariff");
    let line = format!("- {}\n", desk.fact("tariff"));
    desk.files.get_mut(&tariffs).unwrap().push_str(&line);
    let by = |author| LineAuthor { author, time: None };
    let mut authors = vec![by(Author::Dream); desk.files[&tariffs].lines().count()];
    *authors.last_mut().unwrap() = by(Author::Person);
    desk.authors.insert(tariffs.clone(), authors);
    desk.typed("kai/b", 6, "Please forget about the tariff database.");
    let plan = desk.dream(7);
    assert_eq!(plan.refused, None);
    assert_eq!(desk.files[&tariffs].matches(&line).count(), 1, "{}", desk.all());
    assert!(desk.ledger.facts.is_empty());
}

#[test]
fn files_keep_the_ends_of_their_lines() {
    let mut desk = Desk::default();
    desk.typed("kai/a", 4, TARIFFS).typed("kai/a", 4, WEAVING);
    desk.dream(5);
    for text in desk.files.values_mut() {
        *text = text.replace('\n', "\r\n");
    }
    assert!(desk.dream(6).writes.is_empty(), "line ends alone are nothing to do");
    let before = desk.files.clone();
    desk.typed("kai/b", 7, ARCHIVE);
    let plan = desk.dream(8);
    assert_eq!(plan.refused, None);
    let tariffs = file_of(&desk, "gigabytes");
    assert_eq!(tariffs, file_of(&desk, "tariff"));
    assert_ne!(desk.files[&tariffs], before[&tariffs]);
    for (path, text) in desk.files.iter().filter(|(path, _)| before.contains_key(*path)) {
        assert_eq!(
            text.matches('\n').count(),
            text.matches("\r\n").count(),
            "{path}: {text:?}"
        );
    }
    for line in before[&tariffs].lines() {
        assert!(desk.files[&tariffs].lines().any(|other| other == line), "{line:?}");
    }
}

#[test]
fn what_people_write_in_prose_rows_and_under_headings_outranks_what_was_said_before() {
    let mut desk = Desk::default();
    desk.typed("kai/a", 4, "Remember that the dye vats run on firmware 4.")
        .typed("kai/a", 4, "Remember that the weaving team meets at nine.");
    desk.dream(5);
    desk.fact("firmware 4");
    for (path, text) in [
        (
            "vats.md",
            "# Ours\n\nThe dye vats were replaced, they run on firmware 9 now. Ask Ilse for the key.\n",
        ),
        ("rules.md", "# Rules\n\n## Dyeing\n- Not on market days. -- Ilse\n"),
        (
            "where.md",
            "# Where\n\n| what | where |\n|---|---|\n| pattern archive | quill |\n",
        ),
    ] {
        let by = LineAuthor {
            author: Author::Person,
            time: Some(at("2026-05-06T10:00:00Z")),
        };
        desk.authors.insert(path.into(), vec![by; text.lines().count()]);
        desk.files.insert(path.into(), text.into());
    }
    desk.typed("lin/b", 5, "Remember that dyeing on market days is fine.")
        .typed("lin/b", 5, "The pattern archive is on the server raven.");
    desk.dream(7);
    for old in ["firmware 4", "is fine", "raven"] {
        assert!(!desk.has(old), "{old}: {}", desk.all());
    }
    desk.fact("weaving team");
    // What is newer and asked for is kept beside it.
    desk.typed("lin/c", 8, "Remember that the dye vats run on firmware 11 now.");
    desk.dream(9);
    desk.fact("firmware 11");
    assert!(desk.dream(10).writes.is_empty());
}
