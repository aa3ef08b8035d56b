//! Redaction and maintenance from the command line.

#![allow(clippy::unwrap_used)]

mod common;

use common::{Place, each, holds};

#[test]
fn a_redacted_version_is_gone_and_who_wrote_it_remains() {
    let place = Place::new();
    let secret = "the password is xyzzy-plugh-4711";
    let version = place.put("notes.md", &format!("{secret}\n"));
    place
        .run(&["redact", "notes.md", "--at", &version])
        .fails(1, "notes.md");
    place.put("notes.md", "nothing to see\n");
    assert!(holds(&place.path("store"), secret));
    let report = place
        .run(&["redact", "notes.md", "--at", &version, "-o", "json"])
        .json();
    assert_eq!(
        (&report["path"], &report["version"]),
        (&"/notes.md".into(), &version.as_str().into())
    );
    assert!(!holds(&place.path("store"), secret));

    assert_eq!(place.cat("notes.md"), "nothing to see\n");
    place
        .run(&["cat", "notes.md", "--at", &version])
        .fails(1, &format!("/notes.md: the bytes of version {version} were redacted"));
    place.put("later.md", "later\n");
    place
        .run(&["redact", "later.md", "--at", &version])
        .fails(1, &format!("/later.md: no such file or folder at {version}"));
    place
        .run(&["restore", "notes.md", "--at", &version])
        .fails(1, "redacted");
    place.run(&["restore", "--at", "1"]).fails(1, "redacted");
    let shown = place.run(&["show", "--at", "1"]).ok().stdout;
    assert!(shown.contains("user ada") && shown.contains("(redacted)"), "{shown}");
    let exported = place.run(&["export", "out", "--at", "1"]);
    assert_eq!(exported.code, 1);
    assert!(
        exported.stderr.contains("/notes.md: its bytes were redacted"),
        "{exported:?}"
    );
    let log = place.run(&["log", "notes.md", "-o", "json"]).json();
    assert_eq!(each(&log, "/op"), ["redact", "put", "put"]);
    assert_eq!(log[0]["note"], format!("version {version}"));
}

#[test]
fn what_a_redaction_leaves_or_can_t_prove_is_said() {
    let place = Place::new();
    let secret = "xyzzy-plugh-4711-frotz";
    let version = place.put("notes.md", secret);
    place.put(&format!("{secret}.md"), "named like it\n");
    place.put("notes.md", "nothing to see\n");
    let ran = place.run(&["redact", "notes.md", "--at", &version]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.stdout.ends_with("gone from 1 object\n"), "{ran:?}");
    assert!(ran.stderr.contains("log/00000000000000000002"), "{ran:?}");
    assert!(ran.stderr.contains("change what was secret"), "{ran:?}");
    let again = place.run(&["redact", "notes.md", "--at", &version]).ok();
    assert!(again.stdout.contains("nothing was left to destroy"), "{again:?}");

    let short = place.put("pin.md", "4711\n");
    place.put("pin.md", "changed\n");
    let ran = place.run(&["redact", "pin.md", "--at", &short]).ok();
    assert!(ran.stdout.contains("Copies were not searched for"), "{ran:?}");
}

#[test]
fn maintenance_keeps_history_unless_told_otherwise() {
    let place = Place::new();
    place.put("a.md", "old words of a\n");
    place.put("a.md", "new words of a\n");
    place.put("b.md", "words of b\n");
    let far = "2036-01-01T00:00:00Z";
    place.run(&["maintain", "--now", far]).ok();
    place.run(&["maintain", "--now", far]).ok();
    assert_eq!(place.run(&["cat", "a.md", "--at", "1"]).ok().stdout, "old words of a\n");

    let report = place
        .run(&["maintain", "--keep", "30d", "--now", far, "-o", "json"])
        .json();
    assert!(report["horizon"].as_u64().unwrap() >= 3, "{report}");
    place.run(&["maintain", "--keep", "30d", "--now", far]).ok();
    assert!(!holds(&place.path("store"), "old words of a"));
    place.run(&["cat", "a.md", "--at", "1"]).fails(1, "past its retention");
    assert_eq!(place.cat("a.md"), "new words of a\n");
    assert_eq!(place.cat("b.md"), "words of b\n");
    // Who did what stays.
    assert_eq!(
        place
            .run(&["log", "a.md", "-o", "json"])
            .json()
            .as_array()
            .unwrap()
            .len(),
        2
    );
    assert!(place.run(&["log", "--maintenance"]).ok().stdout.contains("condemn"));
    assert!(!place.run(&["log"]).ok().stdout.contains("condemn"));
}
