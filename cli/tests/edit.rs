//! `remanence edit`: a person's editor, and others who write meanwhile.

#![allow(clippy::unwrap_used)]

mod common;

use std::os::unix::fs::PermissionsExt;

use common::{Place, Ran};

/// Edits `notes.md` with a script as the editor; `$1` in it is the file.
fn edit(place: &Place, script: &str) -> Ran {
    edit_as(place, "text", script)
}

/// The same with the result in that format.
fn edit_as(place: &Place, format: &str, script: &str) -> Ran {
    let editor = place.path("editor");
    std::fs::write(&editor, format!("#!/bin/sh\nset -e\n{script}\n")).unwrap();
    std::fs::set_permissions(&editor, std::fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = place.command();
    command.args(["edit", "notes.md", "-o", format]).env("EDITOR", &editor);
    let output = command
        .env("REMANENCE", env!("CARGO_BIN_EXE_remanence"))
        .output()
        .unwrap();
    Ran {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

#[test]
fn an_edit_is_a_commit_and_no_change_is_none() {
    let place = Place::new();
    place.put("notes.md", "one\n");
    edit(&place, r#"echo two >> "$1""#).ok();
    assert_eq!(place.cat("notes.md"), "one\ntwo\n");
    let before = place.run(&["status", "-o", "json"]).json();
    let same = edit(&place, "true").ok();
    assert!(same.stderr.contains("nothing was changed"), "{same:?}");
    assert_eq!(place.run(&["status", "-o", "json"]).json()["head"], before["head"]);
    let same = edit_as(&place, "json", "true").json();
    assert_eq!((&same["path"], &same["changed"]), (&"/notes.md".into(), &false.into()));
    let given_up = edit(&place, "exit 3");
    assert!(!given_up.stderr.contains("kept"), "{given_up:?}");
    given_up.fails(1, "nothing was written");
    assert_eq!(place.cat("notes.md"), "one\ntwo\n");
}

#[test]
fn a_file_that_is_not_there_is_made() {
    let place = Place::new();
    place.put("other.md", "x\n");
    edit(&place, r#"test ! -s "$1" && echo new > "$1""#).ok();
    assert_eq!(place.cat("notes.md"), "new\n");
}

#[test]
fn what_others_write_meanwhile_is_merged_or_named() {
    let place = Place::new();
    place.put("notes.md", "one\ntwo\nthree\nfour\nfive\n");
    let other = |line: &str| format!(r#"sed '{line}' "$1" | "$REMANENCE" put notes.md > /dev/null"#);
    edit(&place, &format!("{}\nsed -i s/five/FIVE/ \"$1\"", other("s/one/ONE/"))).ok();
    assert_eq!(place.cat("notes.md"), "ONE\ntwo\nthree\nfour\nFIVE\n");
    let ran = edit(&place, &format!("{}\nsed -i s/two/zwei/ \"$1\"", other("s/two/deux/"))).ok();
    assert_eq!(place.cat("notes.md"), "ONE\ndeux\nthree\nfour\nFIVE\n");
    let named = ran.stderr.split_whitespace().find(|word| word.contains(".conflict-"));
    let sibling = named.unwrap_or_else(|| panic!("{ran:?}"));
    assert_eq!(place.cat(sibling), "ONE\nzwei\nthree\nfour\nFIVE\n");
}

#[test]
fn a_text_that_could_not_be_written_is_not_lost() {
    let place = Place::new();
    place.put("notes.md", "one\n");
    place.run(&["init", "--file-size", "10"]).ok();
    // It is too long, and then the editor fails after it saved.
    for (script, text) in [
        (r#"echo 'much too long a line' > "$1""#, "much too long a line\n"),
        (r#"echo short > "$1"; exit 3"#, "short\n"),
    ] {
        let ran = edit(&place, script);
        assert_eq!(ran.code, 1, "{ran:?}");
        let (_, kept) = ran
            .stderr
            .trim_end()
            .split_once("kept in ")
            .unwrap_or_else(|| panic!("{ran:?}"));
        assert_eq!(std::fs::read_to_string(kept).unwrap(), text);
        std::fs::remove_dir_all(std::path::Path::new(kept).parent().unwrap()).unwrap();
        assert_eq!(place.cat("notes.md"), "one\n");
    }
}

#[test]
fn data_comes_as_yaml_too() {
    let place = Place::new();
    place.put("notes.md", "one: \"x\"\ntwo\n");
    let yaml = place.run(&["cat", "notes.md", "-o", "yaml"]).ok().stdout;
    assert!(
        yaml.contains("path: /notes.md\n") && yaml.contains("bytes: 13\n"),
        "{yaml}"
    );
}
