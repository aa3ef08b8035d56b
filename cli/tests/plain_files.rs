//! Plain files in, plain files out.

#![allow(clippy::unwrap_used)]

mod common;

use std::os::unix::fs::{PermissionsExt, symlink};

use common::{Place, each, plain_files};

#[test]
fn a_tree_goes_in_and_comes_out_the_same() {
    let place = Place::new();
    place.write("in/MEMORY.md", "# Memory\n");
    place.write("in/notes/deep/er/a.txt", "a");
    place.write("in/notes/empty.txt", "");
    place.write("in/notes/Zürich.md", "Zürich\n");
    place.write("in/large.bin", "x".repeat(90_000));
    std::fs::create_dir(place.path("in/empty folder")).unwrap();
    std::fs::set_permissions(place.path("in/MEMORY.md"), PermissionsExt::from_mode(0o600)).unwrap();
    let imported = place.run(&["import", "in", "-o", "json"]).json();
    assert_eq!(imported["written"], 5);
    assert_eq!(imported["commits"], 1);
    assert_eq!(imported["skipped"], serde_json::json!([]));

    let exported = place.run(&["export", "out", "-o", "json"]).json();
    assert_eq!(exported["written"], 5);
    assert_eq!(plain_files(&place.path("out")), plain_files(&place.path("in")));
    assert!(place.path("out/empty folder").is_dir());
    let meta = |name: &str| place.path(name).metadata().unwrap();
    assert_eq!(meta("out/MEMORY.md").permissions().mode() & 0o777, 0o600);
    assert_eq!(
        meta("out/MEMORY.md").modified().unwrap(),
        meta("in/MEMORY.md").modified().unwrap()
    );
}

#[test]
fn importing_again_writes_only_what_changed_as_that_person_s_edit() {
    let place = Place::new();
    place.write("in/a.md", "a\n");
    place.write("in/b.md", "b\n");
    place.run(&["import", "in"]).ok();
    place.put("theirs.md", "stays\n");
    place.write("in/b.md", "b2\n");
    let again = place.run(&["import", "in", "--author", "bob", "-o", "json"]).json();
    assert_eq!((&again["written"], &again["unchanged"]), (&1.into(), &1.into()));
    assert_eq!(place.cat("b.md"), "b2\n");
    assert_eq!(place.cat("theirs.md"), "stays\n");
    let log = place.run(&["log", "b.md", "-o", "json"]).json();
    assert_eq!(log[0]["author"]["user"], "bob");
    let none = place.run(&["import", "in", "-o", "json"]).json();
    assert_eq!((&none["written"], &none["commits"]), (&0.into(), &0.into()));
}

#[test]
fn links_are_taken_as_links_and_never_followed() {
    let place = Place::new();
    place.write("secret/key", "secret");
    place.write("in/a.md", "a\n");
    symlink("a.md", place.path("in/inside")).unwrap();
    symlink("../secret", place.path("in/outside")).unwrap();
    symlink(place.path("secret/key"), place.path("in/absolute")).unwrap();
    symlink("a\u{1b}[2J.md", place.path("in/clears")).unwrap();
    symlink("../\u{1b}[2J", place.path("in/clears-outside")).unwrap();
    let ran = place.run(&["import", "in"]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("4 paths not imported:"), "{ran:?}");
    assert!(ran.stderr.contains("holds a control character"), "{ran:?}");
    assert!(ran.stderr.contains("(to ../\u{FFFD}[2J)"), "{ran:?}");
    assert!(
        ran.stderr.contains("/outside: is a link that leaves the folder"),
        "{ran:?}"
    );
    assert_eq!(place.paths(), ["/a.md", "/inside"]);
    assert_eq!(place.cat("inside"), "a\n");

    // A link that lies where a folder goes is not written through.
    place.put("notes/b.md", "b\n");
    std::fs::create_dir(place.path("out")).unwrap();
    symlink("../secret", place.path("out/notes")).unwrap();
    place.run(&["export", "out"]).fails(1, "symbolic link is in the way");
    assert_eq!(plain_files(&place.path("secret")), [("key".into(), "secret".into())]);

    // A link that lies where a file goes is replaced, and what it points to stays.
    std::fs::remove_file(place.path("out/notes")).unwrap();
    symlink("../secret/key", place.path("out/a.md")).unwrap();
    place.run(&["export", "out"]).ok();
    assert_eq!(plain_files(&place.path("secret")), [("key".into(), "secret".into())]);
    assert!(place.path("out/a.md").symlink_metadata().unwrap().is_file());
    assert_eq!(
        std::fs::read_link(place.path("out/inside")).unwrap().to_str(),
        Some("a.md")
    );
}

#[test]
fn what_can_t_be_imported_is_named_and_the_rest_goes_in() {
    let place = Place::new();
    place.run(&["init", "--file-size", "1Ki"]).ok();
    place.write("in/ok.md", "ok\n");
    place.write("in/large.md", "x".repeat(1025));
    place.write("in/large.conflict-ada-1.md", "x".repeat(1025));
    place.write("in/new\nline", "x");
    place.write("in/socket", "x");
    std::fs::remove_file(place.path("in/socket")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(place.path("in/socket")).unwrap();
    let ran = place.run(&["import", "in", "-o", "json"]);
    assert_eq!(ran.code, 1);
    assert!(ran.json_error().contains("4 paths not imported:"));
    let imported: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let skipped = each(&imported["skipped"], "/path");
    assert_eq!(skipped.len(), 4);
    for path in ["/large.md", "/large.conflict-ada-1.md", "/new\\nline", "/socket"] {
        assert!(skipped.contains(&path), "{path}: {skipped:?}");
    }
    assert_eq!(place.paths(), ["/ok.md"]);
}

#[test]
fn a_decomposed_name_is_imported_as_everybody_writes_it() {
    let place = Place::new();
    place.write("in/Zu\u{308}rich.md", "Zürich\n");
    let ran = place.run(&["import", "in"]).ok();
    assert_eq!(place.paths(), ["/Z\u{fc}rich.md"]);
    assert!(
        ran.stdout
            .starts_with("imported 1 file (8 bytes) in 1 commit, 0 unchanged"),
        "{ran:?}"
    );
    assert!(
        ran.stderr
            .contains("/Z\u{fc}rich.md: its name is written in Unicode normal form NFC"),
        "{ran:?}"
    );
    let again = place.run(&["import", "in", "-o", "json"]).json();
    assert_eq!(again["normalised"], serde_json::json!(["/Z\u{fc}rich.md"]));
}

#[test]
fn a_tree_with_too_many_files_is_refused_before_anything_is_written() {
    let place = Place::new();
    for n in 0..4 {
        place.write(&format!("in/{n}.md"), "x");
    }
    place.run(&["init", "--files", "3"]).ok();
    place
        .run(&["import", "in"])
        .fails(1, "over its limit of 3; nothing was imported");
    assert!(place.paths().is_empty());
    place.run(&["init", "--files", "4"]).ok();
    place.run(&["import", "in"]).ok();
    assert_eq!(place.paths().len(), 4);
}

#[test]
fn importing_again_makes_a_file_what_it_is_on_disk() {
    let place = Place::new();
    place.write("in/a.md", "one\ntwo\nthree\n");
    place.run(&["import", "in"]).ok();
    place.put("a.md", "ONE\ntwo\nthree\n");
    place.write("in/a.md", "one\ntwo\nthree\nfour\n");
    // It edits what is there, as its author saw it; the edit between stays in history.
    place.run(&["import", "in"]).ok();
    assert_eq!(place.cat("a.md"), "one\ntwo\nthree\nfour\n");
    assert_eq!(
        place.run(&["cat", "a.md", "--at", "2"]).ok().stdout,
        "ONE\ntwo\nthree\n"
    );
}

#[test]
fn what_a_store_was_can_be_exported() {
    let place = Place::new();
    place.put("a.md", "then\n");
    place.put("a.md", "now\n");
    place.put("b.md", "later\n");
    place.run(&["export", "out", "--at", "1"]).ok();
    assert_eq!(plain_files(&place.path("out")), [("a.md".into(), "then\n".into())]);
    // What lies in the folder already stays.
    place.run(&["export", "out"]).ok();
    assert_eq!(
        plain_files(&place.path("out")),
        [("a.md".into(), "now\n".into()), ("b.md".into(), "later\n".into())]
    );
}

#[test]
fn the_folder_that_each_mount_makes_itself_is_not_imported() {
    let place = Place::new();
    place.write("in/.memory/status", "mine\n");
    place.write("in/a.md", "a\n");
    let ran = place.run(&["import", "in"]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("2 paths not imported"), "{ran:?}");
    assert_eq!(place.paths(), ["/a.md"]);
}
