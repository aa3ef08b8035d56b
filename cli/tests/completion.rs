//! What kubectl's completion is told, as far as that takes no cluster.

#![allow(clippy::unwrap_used)]

use std::os::unix::fs::symlink;
use std::process::Command;

use tempfile::TempDir;

/// What is said to the words after `kubectl memory`, a line each.
fn completed(words: &[&str]) -> Vec<String> {
    let folder = TempDir::new().unwrap();
    let program = folder.path().join("kubectl_complete-memory");
    symlink(env!("CARGO_BIN_EXE_remanence"), &program).unwrap();
    let output = Command::new(program)
        .args(words)
        .env("KUBECONFIG", folder.path().join("none"))
        .output()
        .unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(str::to_owned).collect()
}

#[test]
fn commands_and_options_are_offered_with_what_they_are() {
    let commands = completed(&[""]);
    assert!(
        commands.iter().any(|line| line.starts_with("cat\tPrint a file")),
        "{commands:?}"
    );
    assert!(
        !commands.iter().any(|line| line.starts_with("mount")),
        "what is of no cluster: {commands:?}"
    );
    assert_eq!(commands.last().unwrap(), ":4");
    let names: Vec<_> = completed(&["-n", "team-a", "re"]);
    let names: Vec<_> = names.iter().map(|line| line.split('\t').next().unwrap()).collect();
    assert_eq!(names, ["restore", "redact", "reject", ":4"]);
    let options = completed(&["log", "project", "--l"]);
    assert!(options[0].starts_with("--limit\t"), "{options:?}");
    let formats = completed(&["ls", "project", "-o", ""]);
    let formats: Vec<_> = formats.iter().map(|line| line.split('\t').next().unwrap()).collect();
    assert_eq!(formats, ["text", "json", "yaml", ":4"]);
}

#[test]
fn a_file_of_this_machine_is_the_shells_to_complete() {
    assert_eq!(completed(&["import", "project", ""]), [":0"]);
    assert_eq!(completed(&["ls", "--kubeconfig", ""]), [":0"]);
    assert_eq!(completed(&["cat", "project/a.md", ""]), [":4"]);
}

#[test]
fn a_cluster_that_says_nothing_completes_nothing() {
    assert_eq!(completed(&["cat", "pro"]), [":1"]);
}
