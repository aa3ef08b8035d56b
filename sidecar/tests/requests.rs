//! Requests to the object store that calls on a mount cost. Who follows a store looks for the next commit now and then,
//! which brings no bytes while there is none; so writes are counted, and the bytes that are read.

#![allow(clippy::unwrap_used)]

mod common;

use std::fs::{self, File};
use std::time::Duration;

use common::{Bench, Mounted};
use remanence_sidecar::{AttachmentSettings, Durability, Timing};
use remanence_store::backend::counted::{Counted, Snapshot};

/// Longer than any test runs: what waits for something that may follow goes on waiting.
const LONG: Duration = Duration::from_hours(1);

/// A mount on a counted store that was tested already, which takes a write. Nothing is sent by the clock.
fn counted(bench: &Bench, durability: Durability) -> (Counted, Mounted<'_>) {
    let counted = Counted::new();
    let settings = AttachmentSettings {
        durability,
        ..AttachmentSettings::default()
    };
    let mut attachment = bench.attachment("memory", settings);
    attachment.backend = counted.wrap(attachment.backend);
    let mut config = bench.config("a", vec![attachment]);
    config.timing = Timing {
        temp_delay: LONG,
        local_delay: LONG,
        local_window: LONG,
        ..Timing::default()
    };
    let mount = bench.start(config);
    fs::write(mount.path("notes.md"), "first\n").unwrap();
    File::open(mount.path("notes.md")).unwrap().sync_all().unwrap();
    (counted, mount)
}

fn during(counted: &Counted, what: impl FnOnce()) -> Snapshot {
    let before = counted.snapshot();
    what();
    counted.snapshot() - before
}

#[test]
fn a_durable_create_and_close_is_one_put() {
    let bench = Bench::new();
    let (counted, mount) = counted(&bench, Durability::Store);
    let took = during(&counted, || fs::write(mount.path("new.md"), "x".repeat(4096)).unwrap());
    assert_eq!((took.put_if_absent.requests, took.list.requests), (1, 0), "{took}");
}

#[test]
fn an_atomic_save_is_one_put() {
    let bench = Bench::new();
    let (counted, mount) = counted(&bench, Durability::Store);
    let took = during(&counted, || {
        fs::write(mount.path("notes.md.tmp.77.ab12"), "second\n").unwrap();
        fs::rename(mount.path("notes.md.tmp.77.ab12"), mount.path("notes.md")).unwrap();
    });
    assert_eq!((took.put_if_absent.requests, took.list.requests), (1, 0), "{took}");
    assert_eq!(bench.stored("memory", "/notes.md").unwrap(), b"second\n");
}

#[test]
fn what_was_read_once_is_not_read_from_the_store_again() {
    let bench = Bench::new();
    drop(counted(&bench, Durability::Store));
    // Another mount, whose caches are empty.
    let counted = Counted::new();
    let mut attachment = bench.attachment("memory", AttachmentSettings::default());
    attachment.backend = counted.wrap(attachment.backend);
    let mount = bench.start(bench.config("b", vec![attachment]));
    let read = || assert_eq!(fs::read_to_string(mount.path("notes.md")).unwrap(), "first\n");
    let cold = during(&counted, read);
    assert!(cold.get.bytes >= 6, "{cold}");
    let warm = during(&counted, read);
    assert_eq!((warm.get.bytes, warm.list.requests), (0, 0), "{warm}");
}

#[test]
fn of_the_log_only_what_came_since_is_asked_for_again() {
    let bench = Bench::new();
    let (counted, mount) = counted(&bench, Durability::Store);
    for n in 0..30 {
        fs::write(mount.path(&format!("{n}.md")), "x\n").unwrap();
    }
    let newest = || {
        let log = fs::read_to_string(mount.path(".memory/log")).unwrap();
        log.lines().next().unwrap().to_owned()
    };
    let first = during(&counted, || assert!(newest().contains(" put /29.md ")));
    assert!(first.head.requests >= 30, "{first}");
    let again = during(&counted, || assert!(newest().contains(" put /29.md ")));
    assert_eq!((again.head.requests, again.get.bytes), (0, 0), "{again}");
    fs::write(mount.path("new.md"), "x\n").unwrap();
    let later = during(&counted, || assert!(newest().contains(" put /new.md ")));
    assert_eq!(later.head.requests, 1, "{later}");
}

#[test]
fn a_burst_of_1000_creates_that_may_follow_takes_20_puts_at_most() {
    let bench = Bench::new();
    let (counted, mount) = counted(&bench, Durability::Local);
    let took = during(&counted, || {
        for n in 0..1000 {
            fs::write(mount.path(&format!("{n}.md")), format!("{n}\n")).unwrap();
        }
    });
    assert_eq!(took.put_if_absent.requests, 0, "all may follow: {took}");
    let took = during(&counted, || {
        File::open(mount.path("999.md")).unwrap().sync_all().unwrap();
    });
    assert!(took.put_if_absent.requests <= 20, "{took}");
    assert_eq!(bench.stored("memory", "/0.md").unwrap(), b"0\n");
}
