//! `remanence mount` and `unmount`: real mounts, in the foreground and as daemons.

#![allow(clippy::unwrap_used)]

mod common;

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use common::Place;

/// How long anything here may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// A mount in the foreground; ended when dropped, whatever happened.
struct Foreground {
    child: Child,
    ready: String,
}

impl Place {
    fn folder(&self, name: &str) -> String {
        std::fs::create_dir_all(self.path(name)).unwrap();
        self.path(name).to_str().unwrap().to_owned()
    }

    fn store(&self, name: &str) -> String {
        format!("{name}=file://{}", self.path(name).display())
    }

    fn mount(&self, args: &[&str]) -> Foreground {
        Foreground::start(self.command(), args)
    }
}

impl Foreground {
    /// Runs `remanence mount` by a command that has what comes before.
    fn start(mut remanence: Command, args: &[&str]) -> Self {
        assert!(Path::new("/dev/fuse").exists(), "no /dev/fuse: run `modprobe fuse`");
        let mut child = remanence
            .arg("mount")
            .args(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut ready = String::new();
        BufReader::new(child.stdout.as_mut().unwrap())
            .read_line(&mut ready)
            .unwrap();
        if ready.is_empty() {
            let mut why = String::new();
            child.stderr.take().unwrap().read_to_string(&mut why).unwrap();
            panic!("no mount: {why}");
        }
        Self { child, ready }
    }

    fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-s", name, &pid])
                .status()
                .unwrap()
                .success()
        );
    }

    /// Kills it; its mount is dead afterwards.
    fn kill(&mut self) {
        self.signal("KILL");
        self.child.wait().unwrap();
    }

    /// The exit code, once it has ended.
    fn ended(&mut self) -> i32 {
        let started = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code().unwrap();
            }
            assert!(started.elapsed() < PATIENCE, "the mount does not end");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Foreground {
    fn drop(&mut self) {
        if self.child.try_wait().is_ok_and(|ended| ended.is_none()) {
            self.signal("TERM");
            let started = Instant::now();
            while self.child.try_wait().is_ok_and(|ended| ended.is_none()) && started.elapsed() < PATIENCE {
                std::thread::sleep(Duration::from_millis(5));
            }
        }
    }
}

fn is_mounted(at: &str) -> bool {
    let list = std::fs::read_to_string("/proc/self/mountinfo").unwrap();
    list.lines().any(|line| line.split(' ').nth(4) == Some(at))
}

#[test]
fn a_store_is_a_folder_until_the_signal() {
    for signal in ["INT", "TERM"] {
        let place = Place::new();
        let at = place.folder("at");
        let mut mount = place.mount(&["--store", &place.store("project"), "--at", &at, "--agent", "reviewer"]);
        assert_eq!(mount.ready, format!("mounted {at}\n"));
        let mut names: Vec<_> = std::fs::read_dir(&at)
            .unwrap()
            .map(|e| e.unwrap().file_name())
            .collect();
        names.sort();
        assert_eq!(names, ["AGENTS.md", "CLAUDE.md", "project"]);
        std::fs::write(format!("{at}/project/a.md"), "from the mount\n").unwrap();
        mount.signal(signal);
        assert_eq!(mount.ended(), 0);
        assert!(!is_mounted(&at));
        let url = format!("file://{}", place.path("project").display());
        assert_eq!(
            place.run(&["cat", "a.md", "--store", &url]).ok().stdout,
            "from the mount\n"
        );
        let log = place.run(&["log", "a.md", "--store", &url, "-o", "json"]).json();
        assert_eq!(log[0]["author"]["agent"], "reviewer");
    }
}

#[test]
fn a_daemon_is_served_when_the_command_returns_and_gone_after_unmount() {
    let place = Place::new();
    let at = place.folder("at");
    let args = [
        "mount",
        "--store",
        &place.store("project"),
        "--at",
        &at,
        "--agent",
        "a",
        "--durability",
        "local",
    ];
    let mounted = place.run(&[&args[..], &["--daemon", "-o", "json"]].concat()).json();
    assert_eq!(mounted["at"], at.as_str());
    assert_eq!(mounted["stores"], serde_json::json!(["project"]));
    assert!(is_mounted(&at));
    for n in 0..20 {
        std::fs::write(format!("{at}/project/{n}.md"), "x\n").unwrap();
    }
    let pid = mounted["pid"].as_u64().unwrap();
    let unmounted = place.run(&["unmount", &at, "-o", "json"]).json();
    assert_eq!(unmounted, serde_json::json!({ "at": at }));
    assert!(!is_mounted(&at));
    // One that ended but was not collected yet has no command line.
    let command = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    assert!(command.is_empty(), "the process has ended");
    // All of it was written, though `local` had promised only the journal.
    let url = format!("file://{}", place.path("project").display());
    let ls = place.run(&["ls", "--store", &url, "-o", "json"]).json();
    assert_eq!(ls.as_array().unwrap().len(), 20);
    place.run(&["unmount", &at]).fails(1, "no mount of this program");
    // What is told in several lines is told whole.
    let mounted = place.run(&[&args[..], &["--daemon", "-o", "yaml"]].concat()).ok();
    place.run(&["unmount", &at]).ok();
    let told = ["at: ", "agent: a\n", "pid: "];
    assert!(told.iter().all(|line| mounted.stdout.contains(line)), "{mounted:?}");
}

#[test]
fn a_mount_is_known_by_every_path_of_its_folder() {
    let place = Place::new();
    let (at, cache) = (place.folder("at"), place.folder("cache"));
    std::os::unix::fs::symlink("at", place.path("link")).unwrap();
    let link = place.path("link").to_str().unwrap().to_owned();
    let project = place.store("project");
    let mount = |named: &str| {
        let options = ["--store", &project, "--agent", "a", "--cache", &cache, "--at", named];
        place.mount(&options)
    };
    let unmount = |named: &str| place.run(&["unmount", named, "--cache", &cache, "-o", "json"]).json();
    let mut mounted = mount(&link);
    assert_eq!(mounted.ready, format!("mounted {at}\n"));
    assert_eq!(unmount(&link), serde_json::json!({ "at": at }));
    assert_eq!(mounted.ended(), 0);
    // The way to one whose process is gone may lead through it.
    let roundabout = format!("{at}/../at");
    for named in [&link, &roundabout] {
        mount(named).kill();
        assert_eq!(unmount(&roundabout), serde_json::json!({ "at": at }));
        assert!(!is_mounted(&at));
    }
}

#[test]
fn unmount_says_what_is_left_and_the_next_mount_brings_it_to_the_store() {
    let place = Place::new();
    let at = place.folder("at");
    let project = place.store("project");
    let mount = [
        &["mount", "--daemon", "--agent", "a", "--store", &project][..],
        &["--at", &at, "--durability", "local"],
    ]
    .concat();
    place.run(&mount).ok();
    let list = format!("{at}/project/list.md");
    std::fs::write(&list, "first\n").unwrap();
    File::open(&list).unwrap().sync_all().unwrap();
    std::fs::rename(place.path("project"), place.path("away")).unwrap();
    let mut file = OpenOptions::new().append(true).open(&list).unwrap();
    file.write_all(b"second\n").unwrap();
    drop(file);
    let ended = place
        .run(&["unmount", &at])
        .fails(1, "changes are not in the store yet: 1 of project");
    assert!(
        ended.stderr.contains("mount again with the same --at and --cache"),
        "{ended:?}"
    );
    assert!(!is_mounted(&at));
    std::fs::rename(place.path("away"), place.path("project")).unwrap();
    place.run(&mount).ok();
    assert_eq!(std::fs::read_to_string(&list).unwrap(), "first\nsecond\n");
    place.run(&["unmount", &at]).ok();
    let url = format!("file://{}", place.path("project").display());
    let cat = place.run(&["cat", "list.md", "--store", &url]).ok();
    assert_eq!(cat.stdout, "first\nsecond\n");
}

#[test]
fn unmount_says_what_a_killed_mount_has_left_and_fails() {
    let place = Place::new();
    let (at, cache) = (place.folder("at"), place.folder("cache"));
    let project = place.store("project");
    let mount = ["--store", &project, "--durability", "local", "--agent", "a"];
    let mount = [&mount[..], &["--at", &at, "--cache", &cache]].concat();
    let list = format!("{at}/project/list.md");
    let append = |text: &str| {
        let mut file = OpenOptions::new().create(true).append(true).open(&list).unwrap();
        file.write_all(text.as_bytes()).unwrap();
        file
    };
    for format in ["text", "json"] {
        let mut mounted = place.mount(&mount);
        append("stored\n").sync_all().unwrap();
        std::fs::rename(place.path("project"), place.path("away")).unwrap();
        drop(append("kept\n"));
        mounted.kill();
        let ended = place.run(&["unmount", &at, "--cache", &cache, "-o", format]);
        let ended = ended.fails(1, "changes that may not be in the store are in its journal");
        if format == "json" {
            ended.json_error();
        }
        for words in ["1 of project", &cache, "mount again with the same --at and --cache"] {
            assert!(ended.stderr.contains(words), "{words}: {ended:?}");
        }
        assert!(!is_mounted(&at));
        std::fs::rename(place.path("away"), place.path("project")).unwrap();
    }
    let mut mounted = place.mount(&mount);
    assert_eq!(std::fs::read_to_string(&list).unwrap(), "stored\nkept\n".repeat(2));
    mounted.kill();
    let unmounted = place.run(&["unmount", &at, "--cache", &cache, "-o", "json"]).json();
    assert_eq!(unmounted, serde_json::json!({ "at": at }), "nothing was left");
    place.mount(&mount).kill();
    place
        .run(&["unmount", &at])
        .fails(1, "was it mounted with another --cache?");
    assert!(!is_mounted(&at));
}

#[test]
fn a_journal_of_another_store_is_named_until_its_own_is_mounted_again() {
    let place = Place::new();
    let (at, cache) = (place.folder("at"), place.folder("cache"));
    let (project, other) = (
        place.store("project"),
        place.store("other").replace("other=", "project="),
    );
    let mount = |store: &str, more: &[&str]| {
        let args = [
            "mount",
            "--daemon",
            "--agent",
            "a",
            "--durability",
            "local",
            "--at",
            &at,
        ];
        place.run(&[&args[..], &["--cache", &cache, "--store", store], more].concat())
    };
    mount(&project, &[]).ok();
    std::fs::rename(place.path("project"), place.path("away")).unwrap();
    std::fs::write(format!("{at}/project/kept.md"), "kept\n").unwrap();
    place.run(&["unmount", &at]).fails(1, "1 of project");
    std::fs::rename(place.path("away"), place.path("project")).unwrap();

    let names_it = |said: &str| {
        for words in [
            "changes wait for the store",
            ": 1, in the journal",
            "/project/journal",
            "as `project`",
        ] {
            assert!(said.contains(words), "{words}: {said}");
        }
    };
    names_it(&mount(&project, &["--read-only", "project"]).ok().stdout);
    names_it(&place.run(&["unmount", &at]).ok().stdout);
    for _ in 0..2 {
        names_it(&mount(&other, &[]).ok().stdout);
        names_it(&place.run(&["unmount", &at]).ok().stdout);
    }
    let mounted = mount(&other, &["-o", "json"]).json();
    assert_eq!(mounted["waiting"][0]["changes"], 1);
    place.run(&["unmount", &at]).ok();

    assert_eq!(mount(&project, &[]).ok().stdout, format!("mounted {at}\n"));
    let kept = std::fs::read_to_string(format!("{at}/project/kept.md")).unwrap();
    assert_eq!(kept, "kept\n");
    assert_eq!(place.run(&["unmount", &at]).ok().stdout, format!("unmounted {at}\n"));
}

/// A user without a right here.
const NOBODY: u32 = 65534;

#[test]
fn who_is_not_root_mounts_and_unmounts_by_fusermount3() {
    let installed = ["/usr/bin/fusermount3", "/bin/fusermount3"].map(|program| Path::new(program).exists());
    assert!(installed.contains(&true), "no fusermount3: install the package fuse3");
    let everybody = std::fs::metadata("/dev/fuse").unwrap().mode() & 0o006 == 0o006;
    assert!(everybody, "/dev/fuse is root's alone: run `chmod 666 /dev/fuse`");
    let place = Place::new();
    let at = place.folder("at");
    let program = place.path("remanence");
    // It may lie where nobody gets to.
    std::fs::copy(env!("CARGO_BIN_EXE_remanence"), &program).unwrap();
    for path in [place.dir.path(), Path::new(&at)] {
        std::os::unix::fs::chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
    }
    let nobody = |program: &Path| {
        let mut command = Command::new("setpriv");
        command
            .arg(format!("--reuid={NOBODY}"))
            .arg(format!("--regid={NOBODY}"))
            .args(["--clear-groups", "--"])
            .arg(program)
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", place.dir.path())
            .current_dir(place.dir.path());
        command
    };
    let mut mount = Foreground::start(
        nobody(&program),
        &["--store", &place.store("project"), "--at", &at, "--agent", "a"],
    );
    assert_eq!(mount.ready, format!("mounted {at}\n"));
    let shell = nobody(Path::new("/bin/sh"))
        .args(["-c", "echo hello > \"$1\" && cat \"$1\"", "sh"])
        .arg(format!("{at}/project/a.md"))
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&shell.stdout), "hello\n", "{shell:?}");
    let unmounted = nobody(&program).args(["unmount", &at]).output().unwrap();
    assert!(unmounted.status.success(), "{unmounted:?}");
    assert_eq!(mount.ended(), 0);
    assert!(!is_mounted(&at));
    let url = format!("file://{}", place.path("project").display());
    assert_eq!(place.run(&["cat", "a.md", "--store", &url]).ok().stdout, "hello\n");
}

#[test]
fn a_daemon_that_can_t_mount_says_why_and_leaves_nothing() {
    let place = Place::new();
    let at = place.folder("at");
    let missing = place.path("missing").to_str().unwrap().to_owned();
    let common = ["mount", "--daemon", "--agent", "a", "--store"];
    let project = place.store("project");
    let ran = place.run(&[&common[..], &[&project, "--at", &missing]].concat());
    ran.fails(1, "mkdir -p");
    place.write("at/file", "x");
    place
        .run(&[&common[..], &[&project, "--at", &at]].concat())
        .fails(1, "not empty");
    std::fs::remove_file(place.path("at/file")).unwrap();
    let json = place.run(
        &[
            &common[..],
            &[&project, "--at", &at, "--read-only", "project", "-o", "json"],
        ]
        .concat(),
    );
    assert_eq!(json.code, 1);
    assert!(
        json.json_error().contains("no store here"),
        "a store is not made by a reader"
    );
    assert!(!is_mounted(&at));
    let mount = place.mount(&["--store", &project, "--at", &at, "--agent", "a"]);
    place
        .run(&[&common[..], &[&project, "--at", &at]].concat())
        .fails(1, "mounted there already");
    drop(mount);
}

#[test]
fn a_daemon_whose_cache_disk_is_full_says_so() {
    let place = Place::new();
    let (at, cache) = (place.folder("at"), place.folder("cache"));
    let disk = Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=64k", "tmpfs", &cache])
        .status();
    assert!(disk.unwrap().success(), "mount(8) of a tmpfs: run as root");
    std::fs::write(format!("{cache}/filler"), vec![0; 1 << 20]).unwrap_err();
    let project = place.store("project");
    let args = ["mount", "--daemon", "--agent", "a", "--store", &project, "--at", &at];
    let ran = place.run(&[&args[..], &["--cache", &cache]].concat());
    assert!(Command::new("umount").arg(&cache).status().unwrap().success());
    ran.fails(1, "No space left on device");
    assert!(!is_mounted(&at));
}

#[test]
fn options_are_for_one_store_or_for_all() {
    let place = Place::new();
    let at = place.folder("at");
    place
        .run(&["put", "--store", &place.store("rules")[6..], "rule.md"])
        .ok();
    let mount = place.mount(&[
        "--store",
        &place.store("project"),
        &place.store("rules"),
        "--read-only",
        "rules",
        "--durability",
        "local",
        "--durability",
        "project=store",
        "--conflicts",
        "project=refuse",
        "--consistency",
        "strict",
        "--sessions",
        &place.store("sessions")[9..],
        "--uid",
        "1234",
        "--gid",
        "4321",
        "--at",
        &at,
        "--agent",
        "a",
    ]);
    let refused = std::fs::write(format!("{at}/rules/new.md"), "x").unwrap_err();
    assert_eq!(refused.kind(), std::io::ErrorKind::ReadOnlyFilesystem);
    std::fs::write(format!("{at}/project/new.md"), "x").unwrap();
    std::fs::write(format!("{at}/.sessions/s.jsonl"), "{}\n").unwrap();
    let meta = std::fs::metadata(format!("{at}/project/new.md")).unwrap();
    assert_eq!((meta.uid(), meta.gid()), (1234, 4321));
    drop(mount);
    let url = format!("file://{}", place.path("sessions").display());
    let status = place.run(&["status", "--store", &url, "-o", "json"]).json();
    assert_eq!(
        (&status["purpose"], &status["limits"]["file_size"]),
        (&"sessions".into(), &(1 << 30).into())
    );
    assert_eq!(status["files"], 1);
}

#[test]
fn a_store_of_memories_is_not_taken_for_the_session_store() {
    let place = Place::new();
    let at = place.folder("at");
    place.put("a.md", "x\n");
    let project = place.store("project");
    let mount = ["mount", "--daemon", "--agent", "a", "--store", &project, "--at", &at];
    place
        .run(&[&mount[..], &["--sessions", &place.url()]].concat())
        .fails(1, "is a store of memories; give one of sessions");
    assert!(!is_mounted(&at));
    assert_eq!(place.paths(), ["/a.md"], "nothing was written");
}

#[test]
fn a_store_that_nothing_was_committed_to_can_be_the_session_store() {
    let place = Place::new();
    let at = place.folder("at");
    // So a mount leaves it that is killed while it makes one.
    place.run(&["init"]).ok();
    let (project, sessions) = (place.store("project"), place.url());
    let stores = ["--store", &project, "--sessions", &sessions];
    drop(place.mount(&[&stores[..], &["--at", &at, "--agent", "a"]].concat()));
    let status = place.run(&["status", "-o", "json"]).json();
    assert_eq!((&status["purpose"], &status["head"]), (&"sessions".into(), &1.into()));
    place.run(&["init", "--sessions"]).ok();
}

#[test]
fn what_names_a_store_beats_what_is_for_all() {
    let place = Place::new();
    let at = place.folder("at");
    let (all, project) = (place.store("all"), place.store("project"));
    let options = [
        ["--durability", "local"],
        ["--durability", "project=store"],
        ["--conflicts", "refuse"],
        ["--conflicts", "project=merge"],
        ["--consistency", "strict"],
        ["--consistency", "project=close-to-open"],
    ];
    let stores = ["--store", &all, "--store", &project, "--at", &at, "--agent", "a"];
    let _mount = place.mount(&[&stores[..], options.as_flattened()].concat());
    for (store, says) in [
        (
            "all",
            ["durability: Local", "on conflict: Refuse", "consistency: Strict"],
        ),
        (
            "project",
            ["durability: Store", "on conflict: Merge", "consistency: CloseToOpen"],
        ),
    ] {
        let status = std::fs::read_to_string(format!("{at}/{store}/.memory/status")).unwrap();
        let attached: Vec<_> = status.lines().filter(|line| says.contains(line)).collect();
        assert_eq!(attached, says, "{status}");
    }
}

#[test]
fn options_that_make_no_sense_are_wrong_usage() {
    let place = Place::new();
    let at = place.folder("at");
    let project = place.store("project");
    let run = |more: &[&str]| place.run(&[&["mount", "--at", &at, "--agent", "a", "--store", &project], more].concat());
    run(&["--read-only", "rules"]).fails(2, "no store is attached as `rules`; the names are: project");
    run(&["--durability", "rules=local"]).fails(2, "no store is attached as `rules`");
    run(&["--durability", "disk"]).fails(2, "`disk` is neither `store` nor `local`");
    run(&["--conflicts", "project=maybe"]).fails(2, "`maybe` is neither `merge` nor `refuse`");
    run(&["--consistency", "never"]).fails(2, "neither `close-to-open` nor `strict`");
    run(&["--durability", "project=store", "--durability", "project=local"])
        .fails(2, "--durability: there are two values for `project`");
    run(&["--store", &project]).fails(2, "two stores are named `project`");
    run(&["--store", "file:///no/name"]).fails(2, "write NAME=URL");
    run(&["--store", ".hidden=file:///x"]).fails(2, "keeps for itself");
    place
        .run(&["mount", "--at", &at, "--agent", "../a", "--store", &project])
        .fails(2, "holds `/`");
    place.run(&["mount", "--at", &at, "--agent", "a"]).fails(2, "--store");
    assert!(!place.path("project").exists());
}
