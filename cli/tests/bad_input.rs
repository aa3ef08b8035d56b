//! What makes no sense gets a clear answer, the right exit code, and changes nothing.

#![allow(clippy::unwrap_used)]

mod common;

use common::Place;
use serde_json::Value;

#[test]
fn a_url_that_does_not_parse_is_wrong_usage() {
    let place = Place::new();
    for (url, says) in [
        ("/srv/mem", "file:///srv/mem"),
        ("http://host/x", "scheme `http`"),
        ("file://relative", "not absolute"),
        ("s3://", "bucket is missing"),
        ("s3://b?regoin=x", "`regoin` is not known"),
        ("s3://key:secret@b/p", "secret"),
    ] {
        place.run(&["ls", "--store", url]).fails(2, says);
    }
}

#[test]
fn an_unknown_command_or_option_is_wrong_usage() {
    let place = Place::new();
    place.run(&["lss"]).fails(2, "unrecognized subcommand");
    place.run(&["ls", "--colour"]).fails(2, "unexpected argument");
    place.run(&["restore", "a.md"]).fails(2, "--at");
    place
        .run(&["cat", "a.md", "--at", "yesterday"])
        .fails(2, "version (SEQ or SEQ.OP)");
    place.run(&["put", "a.md", "--if-version", "3"]).fails(2, "SEQ.OP");
    place.run(&["maintain", "--keep", "30"]).fails(2, "duration");
    place.run(&["why", "a.md"]).fails(2, "FILE:LINE");
}

#[test]
fn without_a_store_the_option_is_asked_for() {
    let place = Place::new();
    let output = place
        .command()
        .env_remove("REMANENCE_STORE")
        .arg("ls")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("--store"));
}

#[test]
fn a_log_filter_that_makes_no_sense_is_named() {
    let output = Place::new()
        .command()
        .env("REMANENCE_LOG", "remanence_store=loud")
        .arg("ls")
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("ignoring `remanence_store=loud`"), "{said}");
}

#[test]
fn reading_makes_no_store() {
    let place = Place::new();
    for args in [
        &["ls"][..],
        &["cat", "a"],
        &["log"],
        &["show"],
        &["diff"],
        &["status"],
        &["rm", "a"],
        &["mv", "a", "b"],
        &["restore", "--at", "1"],
        &["export", "out"],
        &["redact", "a", "--at", "1.1"],
        &["maintain"],
    ] {
        place.run(args).fails(1, "no store here; make one with `remanence init");
    }
    assert!(!place.path("store").exists());
    assert!(!place.path("out").exists());
}

#[test]
fn a_store_is_made_with_the_folders_above_it_and_by_writing_only() {
    for command in [&["put", "a.md"][..], &["init"], &["import", "in"]] {
        let place = Place::new();
        place.write("in/a.md", "x");
        let url = format!("file://{}", place.path("not/there/yet").display());
        place.run(&["ls", "--store", &url]).fails(1, "no store here");
        assert!(!place.path("not").exists());
        place.run(&[command, &["--store", &url]].concat()).ok();
        place.run(&["ls", "--store", &url]).ok();
    }
}

#[test]
fn errors_are_json_where_json_is_asked_for() {
    let place = Place::new();
    let absent = place.run(&["ls", "-o", "json"]);
    assert_eq!(absent.code, 1);
    assert!(absent.json_error().contains("no store here"));
    let usage = place.run(&["ls", "../x", "--output=json"]);
    assert_eq!(usage.code, 2);
    assert!(usage.json_error().contains("`..`"));
    let missing = place.run(&["restore", "a.md", "-ojson"]);
    assert_eq!(missing.code, 2);
    assert!(missing.json_error().contains("--at"), "{missing:?}");
    place.put("a.md", "x");
    let stale = place.run_with(&["put", "a.md", "--if-version", "9.9", "-ojson"], b"y");
    assert_eq!(stale.code, 1);
    let error: Value = serde_json::from_str(&stale.stderr).unwrap();
    assert_eq!(error["now"], "1.1");
}

#[test]
fn errors_are_yaml_where_yaml_is_asked_for() {
    let place = Place::new();
    let usage = place.run(&["ls", "../x", "--output=yaml"]);
    assert_eq!(usage.code, 2);
    let said: Value = serde_saphyr::from_str(&usage.stderr).unwrap();
    assert!(said["error"].as_str().unwrap().contains("`..`"), "{usage:?}");
    place.put("notes/a.md", "x");
    let folder = place.run(&["cat", "notes", "-o", "yaml"]);
    assert_eq!(folder.code, 1);
    let said: Value = serde_saphyr::from_str(&folder.stderr).unwrap();
    let is = serde_json::json!({ "error": "/notes: is a folder", "hint": "`remanence ls` lists it" });
    assert_eq!(said, is, "{folder:?}");
}

#[test]
fn names_that_deceive_are_refused() {
    let place = Place::new();
    for (name, says) in [
        ("../a", "`..`"),
        ("a/./b", "`.`"),
        ("a\nb", "U+000A"),
        ("gpj\u{202e}.exe", "U+202E"),
        ("Zu\u{308}rich", "NFC"),
    ] {
        let ran = place.run_with(&["put", name], b"x").fails(2, says);
        assert!(!ran.stderr.contains('\u{202e}'), "{ran:?}");
    }
    // What was typed is quoted in one line.
    place.run_with(&["put", "a\nb"], b"x").fails(2, r"'a\nb'");
    let ran = place.run(&["why", "a\u{1b}[31mb"]).fails(2, "FILE:LINE");
    assert!(!ran.stderr.contains('\u{1b}'), "{ran:?}");
    place
        .run(&["init", "--description", "a\u{1b}[31mb"])
        .fails(2, "U+001B, which does not show");
    place.run(&["init", "--description", "Two\nlines"]).ok();
    place.put("paypal.md", "x");
    // The first `a` is Cyrillic.
    place
        .run_with(&["put", "p\u{430}ypal.md"], b"x")
        .fails(1, "looks just like `paypal.md`");
    place.run_with(&["put", "/"], b"x").fails(2, "root folder");
    assert_eq!(place.paths(), ["/paypal.md"]);
}

#[test]
fn a_file_over_the_limit_is_refused_and_the_old_one_stays() {
    let place = Place::new();
    place.run(&["init", "--file-size", "10"]).ok();
    place.put("a.md", "0123456789");
    place
        .run_with(&["put", "a.md"], b"0123456789a")
        .fails(1, "limit of 10 bytes a file");
    assert_eq!(place.cat("a.md"), "0123456789");
    // A name like a conflict sibling's lifts no limit.
    place
        .run_with(&["put", "a.conflict-ada-1.md"], b"0123456789a")
        .fails(1, "limit of 10 bytes a file");
    place.run(&["init", "--file-size", "11"]).ok();
    place.run_with(&["put", "a.md"], b"0123456789a").ok();
    // One that is over a limit that came later may become shorter.
    place.run(&["init", "--file-size", "5"]).ok();
    place.run_with(&["put", "a.md"], b"01234567").ok();
    place
        .run_with(&["put", "a.md"], b"012345678")
        .fails(1, "limit of 5 bytes a file");
    assert_eq!(place.cat("a.md"), "01234567");
}

#[test]
fn one_file_more_than_the_store_takes_is_refused() {
    let place = Place::new();
    place.run(&["init", "--files", "2"]).ok();
    place.put("a.md", "a");
    place.put("b.md", "b");
    place.run_with(&["put", "c.md"], b"c").fails(1, "full (2 files)");
    // What is there can be changed, and what makes room helps.
    place.put("b.md", "B");
    place.run(&["rm", "a.md"]).ok();
    place.put("c.md", "c");
    assert_eq!(place.paths(), ["/b.md", "/c.md"]);
}

#[test]
fn a_file_and_a_folder_do_not_take_each_other_s_place() {
    let place = Place::new();
    place.put("notes/a.md", "a");
    place.run_with(&["put", "notes"], b"x").fails(1, "/notes: is a folder");
    place
        .run_with(&["put", "notes/a.md/b"], b"x")
        .fails(1, "/notes/a.md: is not a folder");
    place.run(&["cat", "notes"]).fails(1, "/notes: is a folder");
    place.run(&["mv", "notes", "notes/inside"]).fails(1, "into itself");
    place.run(&["rm", "notes"]).fails(1, "-r");
}

#[test]
fn a_version_that_is_not_there_is_named() {
    let place = Place::new();
    place.put("a.md", "a");
    for args in [
        &["cat", "a.md", "--at", "7"][..],
        &["ls", "--at", "7"],
        &["show", "--at", "7"],
        &["diff", "--at", "7"],
        &["restore", "--at", "7"],
        &["export", "out", "--at", "7"],
    ] {
        place
            .run(args)
            .fails(1, "version 7 is not in the history (the newest is 1)");
    }
    place.run(&["show", "--at", "1.9"]).fails(1, "1.9");
    place.run(&["cat", "b.md"]).fails(1, "/b.md: no such file or folder");
}

#[test]
fn a_store_of_a_newer_format_asks_for_an_update() {
    let place = Place::new();
    place.put("a.md", "a");
    let manifest = place.path("store").join("store/1");
    let text = std::fs::read_to_string(&manifest).unwrap();
    assert!(text.contains("\"format\":1"), "{text}");
    std::fs::remove_file(&manifest).unwrap();
    std::fs::write(&manifest, text.replace("\"format\":1", "\"format\":9")).unwrap();
    place.run(&["ls"]).fails(1, "update remanence");
    place.run_with(&["put", "b.md"], b"b").fails(1, "update remanence");
}

#[test]
fn a_damaged_slot_is_named_and_nothing_is_written_after_it() {
    let place = Place::new();
    place.put("a.md", "a");
    place.put("b.md", "b");
    let slot = place.objects().join(format!("log/{:020}", 2));
    for damage in [&b""[..], b"{\"format\":1,", b"\x00\x01\x02 no header at all\n"] {
        std::fs::remove_file(&slot).unwrap();
        std::fs::write(&slot, damage).unwrap();
        let failed = place.run(&["ls"]).fails(1, "damaged");
        assert!(failed.stderr.contains("log/00000000000000000002"), "{failed:?}");
        place.run_with(&["put", "c.md"], b"c").fails(1, "damaged");
    }
    assert!(!place.objects().join(format!("log/{:020}", 3)).exists());
}

#[test]
fn an_output_that_takes_no_more_is_named() {
    let place = Place::new();
    place.put("a.md", "a");
    for args in [&["cat", "a.md"][..], &["log"], &["log", "-o", "json"]] {
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let output = place.command().args(args).stdout(full).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains("standard output: No space left"), "{args:?}: {said}");
    }
}

#[test]
fn a_folder_that_can_t_be_read_or_written_is_named() {
    let place = Place::new();
    place.put("a.md", "a");
    place.run(&["import", "nowhere"]).fails(1, "nowhere: no such folder");
    place.write("file", "x");
    place.run(&["import", "file"]).fails(1, "file: is not a folder");
    for in_the_way in ["file", "file/x"] {
        place
            .run(&["export", in_the_way])
            .fails(1, &format!("{in_the_way}: a file is in the way of a folder"));
    }
    place
        .run(&["dream", "--sessions", ".", "--instructions", "nowhere"])
        .fails(1, "--instructions nowhere: ");
    place
        .run(&["ls", "--store", &format!("file://{}", place.path("file/x").display())])
        .fails(1, "file/x is not a plain file or folder");
}

#[test]
fn a_slot_of_a_newer_format_is_not_damaged() {
    let place = Place::new();
    place.put("a.md", "a");
    let slot = place.objects().join(format!("log/{:020}", 1));
    let text = std::fs::read_to_string(&slot).unwrap();
    assert!(text.contains("\"format\":1"), "{text}");
    std::fs::remove_file(&slot).unwrap();
    std::fs::write(&slot, text.replace("\"format\":1", "\"format\":9")).unwrap();
    let failed = place.run(&["ls"]).fails(1, "update remanence");
    assert!(!failed.stderr.contains("damaged"), "{failed:?}");
}

#[test]
fn a_file_whose_bytes_are_damaged_is_named_with_what_to_do() {
    let place = Place::new();
    place.put("large.md", &"x".repeat(70_000));
    let mut data = std::fs::read_dir(place.objects().join("data")).unwrap();
    let object = data.next().unwrap().unwrap().path();
    std::fs::remove_file(&object).unwrap();
    std::fs::write(&object, "lost").unwrap();
    let failed = place.run(&["cat", "large.md"]).fails(1, "/large.md: ");
    assert!(failed.stderr.contains("remanence restore /large.md --at"), "{failed:?}");
    place.put("large.md", "small\n");
    let shown = place.run(&["diff", "large.md"]).ok().stdout;
    assert!(shown.contains("changed /large.md (not compared: data/"), "{shown}");
}
