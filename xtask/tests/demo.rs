//! The options of `cargo xtask demo`; the story without any is a step of `cargo xtask test` itself.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::TcpStream;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

/// How long a server may take to end.
const PATIENCE: Duration = Duration::from_mins(1);

/// `cargo xtask demo` with these options; what it leaves lies in `folder`.
fn demo(folder: &Path, options: &[&str]) -> Output {
    let binary = std::env::var_os("REMANENCE_BIN").expect("REMANENCE_BIN is not set: run `cargo xtask test`");
    Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["demo", "--binary"])
        .arg(binary)
        .args(options)
        .env("TMPDIR", folder)
        .output()
        .unwrap()
}

fn told(output: &Output) -> String {
    let (out, err) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(output.status.success(), "{out}\n{err}");
    out.into_owned()
}

/// What a shell that has read `stores.sh` answers.
fn ask(kept: &Path, command: &str) -> String {
    let script = format!(". ./stores.sh && {command}");
    told(
        &Command::new("sh")
            .args(["-c", &script])
            .current_dir(kept)
            .output()
            .unwrap(),
    )
}

fn is_mounted_below(folder: &Path) -> bool {
    let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap();
    mounts.contains(&format!(" {}/", folder.display()))
}

/// Types a command that mounts, as somebody whose home is empty, and ends it.
fn type_mount(command: &str) {
    let home = tempfile::tempdir().unwrap();
    let mut shell = Command::new("sh")
        .args(["-c", command])
        .env("HOME", home.path())
        .env_remove("XDG_CACHE_HOME")
        .process_group(0)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(shell.stdout.take().unwrap());
    let mut said = String::new();
    out.read_line(&mut said).unwrap();
    let at = home.path().join("memory");
    assert_eq!(said, format!("mounted {}\n", at.display()), "{command}");
    let written = fs::write(at.join("project/a.md"), "kept\n");
    // The shell's group, as a terminal would: the mount is a child of the shell.
    kill_process_group(Pid::from_child(&shell), Signal::TERM).unwrap();
    // Its end closes the pipe.
    out.read_to_string(&mut said).unwrap();
    shell.wait().unwrap();
    written.unwrap();
    assert!(!is_mounted_below(home.path()));
    assert!(home.path().join("remanence/project").is_dir());
}

#[test]
fn kept_on_seaweedfs_it_stays_to_look_around_until_its_script_ends_it() {
    let folder = tempfile::tempdir().unwrap();
    let story = told(&demo(folder.path(), &["--s3", "--keep"]));
    let (_, rest) = story.split_once("Everything stays mounted in ").expect(&story);
    let kept = Path::new(rest.split_once(';').unwrap().0);

    assert!(is_mounted_below(kept));
    fs::write(kept.join("planner/project/looked.md"), "looked around\n").unwrap();
    let remanence = std::env::var("REMANENCE_BIN").unwrap();
    assert_eq!(
        ask(kept, &format!("'{remanence}' cat --store \"$PROJECT\" looked.md")),
        "looked around\n"
    );
    let url = ask(kept, "echo \"$PROJECT\"");
    let (_, endpoint) = url.split_once("endpoint=http://").expect(&url);
    let address = endpoint.split(['&', '\n']).next().unwrap().to_owned();
    assert!(TcpStream::connect(&address).is_ok(), "{address}");

    told(&Command::new("sh").arg(kept.join("end.sh")).output().unwrap());
    assert!(!is_mounted_below(kept) && !kept.exists());
    let start = Instant::now();
    while TcpStream::connect(&address).is_ok() {
        assert!(start.elapsed() < PATIENCE, "the server at {address} still answers");
        thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn it_dreams_over_transcripts_of_ones_own() {
    let folder = tempfile::tempdir().unwrap();
    let agent = folder.path().join("mine/helper");
    fs::create_dir_all(&agent).unwrap();
    let turn = r#"{"role": "user", "content": "Remember: the lab's freezer alarm goes to extension 7734.", "timestamp": "2026-01-05T09:00:00Z"}"#;
    fs::write(agent.join("one.jsonl"), format!("{turn}\n")).unwrap();

    let mine = folder.path().join("mine");
    let story = told(&demo(folder.path(), &["--sessions", mine.to_str().unwrap()]));
    let (_, dream) = story.split_once("A Dream over your own transcripts.").expect(&story);
    for words in ["Applied: 1 sessions", "extension 7734", "helper/one.jsonl"] {
        assert!(dream.contains(words), "no {words}: {dream}");
    }
    let next = story.lines().find(|line| line.starts_with("  mkdir -p "));
    type_mount(next.expect(&story).trim());

    let left: Vec<_> = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(left, ["mine"], "it cleans up");
}

#[test]
fn transcripts_that_are_not_there_are_named_before_anything_is_done() {
    let folder = tempfile::tempdir().unwrap();
    let refused = demo(folder.path(), &["--sessions", "/nowhere/at/all"]);
    assert_eq!(refused.status.code(), Some(1));
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(
        said.contains("--sessions /nowhere/at/all") && refused.stdout.is_empty(),
        "{said}"
    );
}
