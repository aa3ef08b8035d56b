//! The mount's process is killed under load, again and again; what it had acknowledged is all there in the end, once.

#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use remanence_tests::eventually::eventually;
use remanence_tests::mounted::is_mounted;
use remanence_tests::prerequisites;
use rustix::mount::UnmountFlags;

/// How often it is killed.
const ROUNDS: usize = 8;

/// What the agents were told is done: a line of a file, or a file's text.
#[derive(Default)]
struct Acknowledged {
    lines: Vec<(String, String)>,
    texts: BTreeMap<String, String>,
    removed: Vec<String>,
}

struct Place {
    dir: tempfile::TempDir,
}

impl Place {
    fn at(&self) -> PathBuf {
        self.dir.path().join("mnt")
    }

    fn store(&self, name: &str) -> PathBuf {
        self.dir.path().join(format!("store-{name}"))
    }

    /// Mounts a store of each durability, where the mount before may have been killed.
    fn start(&self) -> Child {
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.dir.path().join("log"))
            .unwrap();
        let store = |name: &str| format!("{name}=file://{}", self.store(name).display());
        // The mount goes when the test does, even if that is killed.
        let process = Command::new("setpriv")
            .args(["--pdeathsig", "TERM", "--"])
            .arg(prerequisites::binary())
            .args(["mount", "--agent", "tester", "--durability", "local=local"])
            .args(["--store", &store("durable"), "--store", &store("local")])
            .arg("--at")
            .arg(self.at())
            .arg("--cache")
            .arg(self.dir.path().join("cache"))
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .expect("setpriv, of util-linux, runs remanence mount");
        let at = self.at();
        eventually("it is mounted", Duration::from_mins(1), || {
            is_mounted(&at) && fs::metadata(at.join("local")).is_ok()
        });
        process
    }

    fn said(&self) -> String {
        fs::read_to_string(self.dir.path().join("log")).unwrap_or_default()
    }
}

/// Whether the mount still answers: this call is never answered from the kernel's caches.
fn alive(at: &Path) -> bool {
    rustix::fs::statvfs(at).is_ok()
}

/// An agent at work until the mount is gone.
fn work(who: usize, round: usize, root: &Path, stop: &AtomicBool, acknowledged: &Mutex<Acknowledged>) {
    for step in 0.. {
        if stop.load(Ordering::Relaxed) || one_step(who, round, step, root, acknowledged).is_none() {
            return;
        }
    }
}

fn one_step(who: usize, round: usize, step: usize, root: &Path, acknowledged: &Mutex<Acknowledged>) -> Option<()> {
    let log = format!("log-{}", who % 2);
    let line = format!("{who} {round} {step}");
    // A close that failed is not seen here, but the mount does not answer then.
    let mut file = OpenOptions::new()
        .create(true)
        .append(true)
        .open(root.join(&log))
        .ok()?;
    // One write, or the lines of two agents could meet in the middle.
    file.write_all(format!("{line}\n").as_bytes()).ok()?;
    drop(file);
    alive(root).then_some(())?;
    acknowledged.lock().unwrap().lines.push((log, line.clone()));
    let name = format!("own-{who}");
    fs::write(root.join(format!("{name}.tmp")), &line).ok()?;
    fs::rename(root.join(format!("{name}.tmp")), root.join(&name)).ok()?;
    acknowledged.lock().unwrap().texts.insert(name, line.clone());
    let made = format!("made-{who}-{round}-{step}");
    fs::write(root.join(&made), &line).ok()?;
    alive(root).then_some(())?;
    if step.is_multiple_of(3) {
        fs::remove_file(root.join(&made)).ok()?;
        acknowledged.lock().unwrap().removed.push(made);
    } else {
        acknowledged.lock().unwrap().texts.insert(made, line);
    }
    Some(())
}

async fn check(folder: &Path, acknowledged: &Acknowledged) {
    let stored: BTreeMap<String, String> = common::stored(folder)
        .await
        .into_iter()
        .map(|(path, bytes)| (path[1..].to_owned(), String::from_utf8(bytes).unwrap()))
        .collect();
    assert!(
        stored.keys().all(|name| !name.contains("conflict")),
        "nothing was written by two: {:?}",
        stored.keys()
    );
    for (log, line) in &acknowledged.lines {
        let times = stored[log].lines().filter(|l| l == line).count();
        assert_eq!(times, 1, "{line:?} is {times} times in {log}");
    }
    for log in stored.iter().filter(|(name, _)| name.starts_with("log-")) {
        let mut lines: Vec<&str> = log.1.lines().collect();
        let all = lines.len();
        lines.sort_unstable();
        lines.dedup();
        assert_eq!(lines.len(), all, "no line of {} is doubled", log.0);
    }
    for (name, text) in &acknowledged.texts {
        let there = stored.get(name);
        // A later save that was not acknowledged may be there as well.
        let later = name.starts_with("own-") && there.is_some_and(|t| newer(t, text));
        assert!(
            there == Some(text) || later,
            "{name}: {text:?} was acknowledged, {there:?} is there"
        );
    }
    for name in &acknowledged.removed {
        assert!(!stored.contains_key(name), "{name} was removed");
    }
}

/// Whether a text of the same agent is of a later step.
fn newer(there: &str, acknowledged: &str) -> bool {
    let step = |text: &str| -> Vec<usize> { text.split(' ').map(|n| n.parse().unwrap()).collect() };
    step(there) > step(acknowledged)
}

/// Waits for a killed process. A thread of it that was telling the kernel of an outdated name may wait for a folder that a
/// rename holds, which waits for the process: a forced unmount, as after any daemon that hangs, ends both.
fn reap(process: &mut Child, at: &Path) {
    let started = Instant::now();
    while process.try_wait().unwrap().is_none() {
        if started.elapsed() > Duration::from_secs(5) {
            println!("the killed process is held by the kernel; its mount is taken away by force");
            rustix::mount::unmount(at, UnmountFlags::FORCE | UnmountFlags::DETACH).unwrap();
            process.wait().unwrap();
            return;
        }
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn nothing_acknowledged_is_lost_or_doubled_when_the_process_is_killed() {
    let place = Place {
        dir: tempfile::tempdir().unwrap(),
    };
    fs::create_dir(place.at()).unwrap();
    let mut random = ChaCha8Rng::seed_from_u64(9);
    let acknowledged: [Mutex<Acknowledged>; 2] = Default::default();
    for round in 0..ROUNDS {
        let mut process = place.start();
        let stop = AtomicBool::new(false);
        thread::scope(|scope| {
            for who in 0..4 {
                for (name, acknowledged) in ["durable", "local"].iter().zip(&acknowledged) {
                    let root = place.at().join(name);
                    let stop = &stop;
                    scope.spawn(move || work(who, round, &root, stop, acknowledged));
                }
            }
            // It is killed at a moment of no importance to anybody.
            thread::sleep(Duration::from_millis(100 + u64::from(random.next_u32() % 400)));
            process.kill().unwrap();
            stop.store(true, Ordering::Relaxed);
            reap(&mut process, &place.at());
        });
    }
    let mut process = place.start();
    let ended = Command::new(prerequisites::binary())
        .arg("unmount")
        .arg(place.at())
        .status()
        .unwrap();
    assert!(ended.success(), "{}", place.said());
    let started = Instant::now();
    while process.try_wait().unwrap().is_none() {
        assert!(started.elapsed() < Duration::from_secs(30), "{}", place.said());
        thread::sleep(Duration::from_millis(5));
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    for (name, acknowledged) in ["durable", "local"].iter().zip(&acknowledged) {
        let acknowledged = acknowledged.lock().unwrap();
        let count = acknowledged.lines.len() + acknowledged.texts.len();
        assert!(
            count > ROUNDS,
            "{name}: only {count} changes were acknowledged:\n{}",
            place.said()
        );
        println!("{name}: {count} acknowledged changes, 0 lost over {ROUNDS} kills");
        runtime.block_on(check(&place.store(name), &acknowledged));
    }
}
