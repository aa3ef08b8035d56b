//! Mounting, sharing and ending mounts, with real kernels and a directory as the bucket.

#![allow(clippy::unwrap_used)]

mod common;

use std::fs;
use std::io::{Read, Write};

use common::{Bench, eventually};
use remanence_sidecar::{AttachmentSettings, Durability};

fn settings(durability: Durability) -> AttachmentSettings {
    AttachmentSettings {
        durability,
        ..AttachmentSettings::default()
    }
}

#[test]
fn what_is_written_is_read_renamed_and_in_the_store_afterwards() {
    for durability in [Durability::Store, Durability::Local] {
        let bench = Bench::new();
        let mount = bench.mount("reviewer", settings(durability));
        fs::write(mount.path("a.md"), "hello\n").unwrap();
        assert_eq!(fs::read_to_string(mount.path("a.md")).unwrap(), "hello\n");
        fs::create_dir(mount.path("d")).unwrap();
        fs::rename(mount.path("a.md"), mount.path("d/b.md")).unwrap();
        fs::write(mount.path("d/b.md.tmp"), "new\n").unwrap();
        fs::rename(mount.path("d/b.md.tmp"), mount.path("d/b.md")).unwrap();
        assert_eq!(fs::read_to_string(mount.path("d/b.md")).unwrap(), "new\n");
        let names: Vec<_> = fs::read_dir(mount.path("d"))
            .unwrap()
            .map(|e| e.unwrap().file_name())
            .collect();
        assert_eq!(names, ["b.md"]);
        let stopped = mount.stop();
        assert!(stopped.left.is_empty() && !stopped.in_use, "{stopped:?}");
        assert_eq!(bench.stored("memory", "/d/b.md").unwrap(), b"new\n");
    }
}

#[test]
fn another_mount_sees_a_change_and_a_handle_opened_before_keeps_its_version() {
    let bench = Bench::new();
    let a = bench.mount("a", settings(Durability::Store));
    let b = bench.mount("b", settings(Durability::Store));
    fs::write(a.path("notes.md"), "one\n").unwrap();
    eventually("b sees the new file", || {
        fs::read_to_string(b.path("notes.md")).is_ok_and(|t| t == "one\n")
    });
    let mut before = fs::File::open(b.path("notes.md")).unwrap();
    let mut first = [0; 1];
    before.read_exact(&mut first).unwrap();
    fs::write(a.path("notes.md"), "two\n").unwrap();
    eventually("b sees the new version", || {
        fs::read_to_string(b.path("notes.md")).unwrap() == "two\n"
    });
    let mut rest = String::new();
    before.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "ne\n", "a handle opened before reads the version it opened");
    fs::remove_file(a.path("notes.md")).unwrap();
    eventually("b sees the removal", || !b.path("notes.md").exists());
    fs::create_dir(a.path("x")).unwrap();
    fs::write(a.path("x/f"), "f").unwrap();
    eventually("b sees the folder", || b.path("x/f").exists());
    fs::rename(a.path("x"), a.path("y")).unwrap();
    eventually("b sees the rename", || b.path("y/f").exists() && !b.path("x").exists());
}

#[test]
fn a_file_that_is_written_anew_keeps_what_another_mount_added_meanwhile() {
    for durability in [Durability::Store, Durability::Local] {
        let bench = Bench::new();
        let a = bench.mount("a", settings(durability));
        let b = bench.mount("b", settings(Durability::Store));
        fs::write(a.path("list.md"), "one\ntwo\n").unwrap();
        eventually("b sees the list", || {
            fs::read_to_string(b.path("list.md")).is_ok_and(|t| t == "one\ntwo\n")
        });
        let read = fs::read_to_string(a.path("list.md")).unwrap();
        let mut added = fs::OpenOptions::new().append(true).open(b.path("list.md")).unwrap();
        added.write_all(b"three\n").unwrap();
        drop(added);
        // As a shell's `>` does: emptied, and a copy of the handle closed, before a word is written.
        let mut file = fs::File::create(a.path("list.md")).unwrap();
        drop(file.try_clone().unwrap());
        file.write_all(b"zero\n").unwrap();
        file.write_all(read.as_bytes()).unwrap();
        drop(file);
        let complete = |text: &str| {
            ["zero", "one", "two", "three"]
                .iter()
                .all(|line| text.matches(line).count() == 1)
        };
        for mount in [&a, &b] {
            eventually("all four lines are in the list", || {
                fs::read_to_string(mount.path("list.md")).is_ok_and(|t| complete(&t))
            });
        }
    }
}

/// Several mounts append to one file at once, and every line is kept, once.
fn concurrent_appends_are_all_kept(mounts: usize, lines: usize) {
    let bench = Bench::new();
    let mounts: Vec<_> = (0..mounts)
        .map(|who| bench.mount(&format!("agent-{who}"), settings(Durability::Store)))
        .collect();
    fs::write(mounts[0].path("log.md"), "").unwrap();
    for mount in &mounts {
        eventually("each sees the file", || mount.path("log.md").exists());
    }
    std::thread::scope(|scope| {
        for (who, mount) in mounts.iter().enumerate() {
            scope.spawn(move || {
                for line in 0..lines {
                    let mut file = fs::OpenOptions::new().append(true).open(mount.path("log.md")).unwrap();
                    writeln!(file, "{who} {line}").unwrap();
                }
            });
        }
    });
    let mut expected: Vec<String> = (0..mounts.len())
        .flat_map(|who| (0..lines).map(move |line| format!("{who} {line}")))
        .collect();
    drop(mounts);
    let text = String::from_utf8(bench.stored("memory", "/log.md").unwrap()).unwrap();
    let mut kept: Vec<&str> = text.lines().collect();
    kept.sort_unstable();
    expected.sort_unstable();
    assert_eq!(kept, expected);
}

#[test]
fn concurrent_appends_of_two_mounts_are_all_kept() {
    concurrent_appends_are_all_kept(2, 20);
}

#[test]
fn long_run_of_200_concurrent_appends_of_eight_mounts_keeps_all() {
    concurrent_appends_are_all_kept(8, 200);
}
