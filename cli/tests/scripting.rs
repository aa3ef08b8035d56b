//! What scripts rely on: JSON shapes, exit codes, pipes, the environment.

#![allow(clippy::unwrap_used)]

mod common;

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use common::{Place, each};
use serde_json::json;

#[test]
fn the_log_is_newest_first_with_who_what_and_how_much() {
    let place = Place::new();
    place.put("notes/a.md", "one\n");
    place.put("notes/a.md", "one\ntwo\n");
    let log = place.run(&["log", "notes/a.md", "-o", "json"]).json();
    let log = log.as_array().unwrap();
    assert_eq!(log.len(), 2);
    for (entry, (version, bytes)) in log.iter().zip([("2.1", 8), ("1.2", 4)]) {
        assert_eq!(entry["version"], version);
        assert_eq!(entry["path"], "/notes/a.md");
        assert_eq!(entry["author"], json!({ "user": "ada" }));
        assert_eq!(entry["op"], "put");
        assert_eq!(entry["bytes"], bytes);
        assert!(entry["time"].as_str().unwrap().parse::<jiff::Timestamp>().is_ok());
    }
    let all = place.run(&["log", "-o", "json"]).json();
    assert_eq!(each(&all, "/version"), ["2.1", "1.2", "1.1"]);
}

#[test]
fn status_and_ls_have_what_monitoring_needs() {
    let place = Place::new();
    place.put("a.md", "12345");
    let status = place.run(&["status", "-o", "json"]).json();
    assert_eq!(status["url"], place.url());
    assert_eq!(status["id"].as_str().unwrap().len(), 16);
    assert_eq!(
        (&status["head"], &status["files"], &status["bytes"]),
        (&json!(1), &json!(1), &json!(5))
    );
    assert_eq!(status["limits"], json!({ "file_size": 102_400, "files": 10_000 }));
    assert_eq!((&status["conflicts"], &status["description"]), (&json!(0), &json!("")));
    let ls = place.run(&["ls", "-o", "json"]).json();
    assert_eq!((&ls[0]["path"], &ls[0]["kind"]), (&json!("/a.md"), &json!("file")));
    assert_eq!((&ls[0]["bytes"], &ls[0]["mode"]), (&json!(5), &json!("644")));
    assert_eq!(
        (&ls[0]["version"], &ls[0]["author"]),
        (&json!("1.1"), &json!({ "user": "ada" }))
    );
}

#[test]
fn changes_and_the_way_back_are_told_as_data() {
    let place = Place::new();
    place.put("notes/a.md", "one\n");
    place.put("b.md", "two\n");
    let json = |args: &[&str]| place.run(&[args, &["-o", "json"]].concat()).json();
    assert_eq!(
        json(&["mv", "b.md", "notes"]),
        json!({ "from": "/b.md", "path": "/notes/b.md", "version": "3.1" })
    );
    place.put("notes/a.md", "one\nmore\n");
    let shown = json(&["show", "--at", "3"]);
    let (op, file) = (&shown["ops"][0], &shown["files"][0]);
    assert_eq!((&op["op"], &op["from"]), (&json!("rename"), &json!("/b.md")), "{shown}");
    assert_eq!(
        (&file["change"], &file["path"]),
        (&json!("renamed"), &json!("/notes/b.md")),
        "{shown}"
    );
    let diff = json(&["diff", "--at", "3"]);
    let file = &diff["files"][0];
    assert_eq!((&diff["from"], &diff["to"]), (&json!("3"), &json!("4")), "{diff}");
    assert_eq!(
        (&file["change"], &file["path"]),
        (&json!("changed"), &json!("/notes/a.md"))
    );
    assert_eq!((&file["added"], &file["removed"]), (&json!(1), &json!(0)), "{diff}");
    assert!(file["text"].as_str().unwrap().contains("\n+more"), "{diff}");
    assert_eq!(
        json(&["rm", "-r", "notes"]),
        json!({ "path": "/notes", "version": "5.3", "commit": 5, "count": 3, "kept": false })
    );
    assert_eq!(
        json(&["restore", "notes/a.md", "--at", "1"]),
        json!({ "commit": 6, "written": ["/notes/a.md"], "removed": [], "siblings": [] })
    );
    assert_eq!(place.paths(), ["/notes", "/notes/a.md"]);
}

#[test]
fn a_read_think_write_race_is_told_to_the_one_who_lost() {
    let place = Place::new();
    let seen = place.put("plan.md", "draft\n");
    let first = place.run_with(&["put", "plan.md", "--if-version", &seen], b"mine\n");
    assert_eq!(first.code, 0);
    place
        .run_with(&["put", "plan.md", "--if-version", &seen], b"yours\n")
        .fails(1, "but at 2.1 now");
    place
        .run(&["rm", "plan.md", "--if-version", &seen])
        .fails(1, "but at 2.1 now");
    assert_eq!(place.cat("plan.md"), "mine\n");
    place.run(&["rm", "plan.md", "--if-version", "2.1"]).ok();
    place
        .run_with(&["put", "plan.md", "--if-version", "2.1"], b"again\n")
        .fails(1, "there is no such file, or none any more");
}

#[test]
fn the_author_is_the_option_or_the_user_or_the_account() {
    let place = Place::new();
    place.put("a", "1");
    place.run_with(&["put", "a", "--author", "bob"], b"2").ok();
    let output = place.command().env_remove("USER").args(["rm", "a"]).output().unwrap();
    assert!(output.status.success());
    let log = place.run(&["log", "-o", "json"]).json();
    let users = each(&log, "/author/user");
    assert_eq!(&users[1..], ["bob", "ada"]);
    assert!(!users[0].is_empty());
    place.run(&["rm", "a", "--author", "x\ny"]).fails(2, "U+000A");
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let place = Place::new();
    place.write("in/big.md", "line\n".repeat(20_000));
    place.run(&["import", "in"]).ok();
    let mut child = place
        .command()
        .args(["cat", "big.md"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    // Dropping the reader closes the pipe while more is to come.
    BufReader::with_capacity(16, child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    assert_eq!(line, "line\n");
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
}

#[test]
fn data_in_a_pipe_has_no_headings_colours_or_tabs() {
    let place = Place::new();
    place.put("a.md", "x\n");
    for args in [&["ls"][..], &["log"], &["status"], &["show"]] {
        let out = place.run(args).ok().stdout;
        assert!(
            !out.contains(['\t', '\u{1b}']) && !out.contains("VERSION"),
            "{args:?}: {out}"
        );
    }
}

#[test]
fn log_lines_have_no_colours_in_a_pipe_and_are_json_beside_json() {
    let place = Place::new();
    for name in ["a.md", "b.md", "c.md"] {
        place.put(name, "x\n");
    }
    // What is written now takes the place of the commit that is lost, and what followed it is void.
    std::fs::remove_file(place.objects().join(format!("log/{:020}", 2))).unwrap();
    place.run_with(&["put", "d.md"], b"x\n").ok();
    let said = place.run(&["ls"]).ok().stderr;
    assert!(said.contains("ERROR") && said.contains("void commit"), "{said}");
    assert!(!said.contains('\u{1b}'), "{said}");
    for format in ["json", "yaml"] {
        let ran = place.run(&["cat", "c.md", "-o", format]);
        assert_eq!(ran.code, 1, "{ran:?}");
        let log: Vec<&str> = ran.stderr.lines().filter(|line| line.contains("void commit")).collect();
        assert!(!log.is_empty(), "{ran:?}");
        for line in log {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            assert_eq!(line["level"], "ERROR");
        }
    }
}

#[test]
fn a_write_that_fails_is_told_once() {
    let place = Place::new();
    place.put("a.md", "x\n");
    // A folder in the place of the next slot's name lets nobody write there.
    std::fs::create_dir(place.objects().join(format!("log/{:020}", 2))).unwrap();
    let failed = place.run_with(&["put", "b.md", "-o", "json"], b"x\n");
    assert_eq!(failed.code, 1, "{failed:?}");
    assert!(failed.json_error().contains("log/00000000000000000002"), "{failed:?}");
}

#[test]
fn any_bytes_go_in_and_out() {
    let place = Place::new();
    let bytes: Vec<u8> = (0..=255).cycle().take(70_000).collect();
    place.run_with(&["put", "bin"], &bytes).ok();
    let output = place.command().args(["cat", "bin"]).output().unwrap();
    assert_eq!(output.stdout, bytes);
    place.run_with(&["put", "empty"], b"").ok();
    assert_eq!(place.cat("empty"), "");
    // Bytes that are not UTF-8 come as they are in data, too.
    place.run_with(&["put", "short"], &[0xff, 0x00, b'a', b'\n']).ok();
    let short = place.run(&["cat", "short", "-o", "json"]).json();
    assert_eq!(
        (&short["encoding"], &short["content"]),
        (&json!("base64"), &json!("/wBhCg=="))
    );
    place.put("text", "Zürich\n");
    let text = place.run(&["cat", "text", "-o", "json"]).json();
    assert_eq!(
        (&text["encoding"], &text["content"]),
        (&json!("utf-8"), &json!("Zürich\n"))
    );
}

#[test]
fn help_goes_to_stdout() {
    let place = Place::new();
    let help = place.run(&["--help"]).ok();
    assert!(
        help.stdout.contains("Exit codes: 0 done, 1 failed, 2 wrong usage"),
        "{help:?}"
    );
    for command in ["mount", "put", "dream"] {
        assert!(place.run(&[command, "--help"]).ok().stdout.contains("Examples:"));
    }
    for asked in ["--help", "-h"] {
        assert_eq!(place.run(&["help", asked]).ok().stdout, help.stdout);
        assert!(place.run(&["help", "put", asked]).ok().stdout.contains("Examples:"));
    }
    assert!(place.run(&["--version"]).ok().stdout.starts_with("remanence "));
}

/// What bash offers for the last of the words.
fn offered(place: &Place, words: &str) -> Vec<String> {
    let script = format!(
        ". ./completions\nCOMP_WORDS=({words}) COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))\n\
         _remanence remanence \"${{COMP_WORDS[-1]}}\" \"${{COMP_WORDS[-2]}}\"\nprintf '%s\\n' \"${{COMPREPLY[@]}}\""
    );
    let mut bash = Command::new("bash");
    bash.args(["-c", &script]).current_dir(place.dir.path());
    let output = bash.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let said = String::from_utf8(output.stdout).unwrap();
    said.lines().map(str::to_owned).collect()
}

#[test]
fn completions_know_every_command() {
    let place = Place::new();
    let help = place.run(&["-h"]).ok().stdout;
    let (_, rest) = help.split_once("Commands:\n").unwrap();
    let lines = rest.lines().take_while(|line| !line.is_empty());
    let named = lines.filter_map(|line| line.strip_prefix("  ").filter(|line| !line.starts_with(' ')));
    let commands: Vec<&str> = named.filter_map(|line| line.split(' ').next()).collect();
    assert!(commands.contains(&"mount") && commands.len() > 25, "{help}");

    place.write("completions", place.run(&["completions", "bash"]).ok().stdout);
    let mut words = offered(&place, "remanence ''");
    words.retain(|word| !word.starts_with('-'));
    assert_eq!(words, commands);
    let options = offered(&place, "remanence ls --");
    for option in ["--store", "--at", "--recursive", "--output"] {
        assert!(options.iter().any(|word| word == option), "{option}: {options:?}");
    }
    // These shells are not asked: each has its own way to write a command down.
    let zsh = place.run(&["completions", "zsh"]).ok().stdout;
    let fish = place.run(&["completions", "fish"]).ok().stdout;
    for command in commands {
        assert!(zsh.contains(&format!("\n'{command}:")), "{command}: {zsh}");
        assert!(fish.contains(&format!(" -a \"{command}\" ")), "{command}: {fish}");
    }
}
