//! Lines 53 and 54: transcripts.

use std::fs::{self, OpenOptions};
use std::io::Write;

use remanence_sidecar::mount::MountConfig;

use crate::common::{Bench, eventually, names};

fn config(bench: &Bench, agent: &str) -> MountConfig {
    let mut config = bench.config(agent, Vec::new());
    config.sessions = Some(bench.sessions());
    config
}

#[test]
fn line_53_a_line_is_stored_though_its_handle_stays_open() {
    let bench = Bench::new();
    let mount = bench.start(config(&bench, "a"));
    let folder = mount.at.join(".sessions/project");
    fs::create_dir(&folder).unwrap();
    let mut transcript = OpenOptions::new()
        .create(true)
        .append(true)
        .open(folder.join("s.jsonl"))
        .unwrap();
    let stored = || bench.stored("sessions", "/project/s.jsonl").unwrap_or_default();
    transcript.write_all(b"{\"n\":1}\n").unwrap();
    eventually("the first line is stored", || stored() == b"{\"n\":1}\n");
    transcript.write_all(b"{\"n\":2").unwrap();
    transcript.write_all(b"}\n").unwrap();
    eventually("the second line is stored", || stored() == b"{\"n\":1}\n{\"n\":2}\n");
    drop(transcript);
}

#[test]
fn line_54_a_transcript_that_was_resumed_elsewhere_is_not_interleaved() {
    let bench = Bench::new();
    let (a, b) = (bench.start(config(&bench, "a")), bench.start(config(&bench, "b")));
    let path = |at: &std::path::Path| at.join(".sessions/s.jsonl");
    let mut first = OpenOptions::new().create(true).append(true).open(path(&a.at)).unwrap();
    first.write_all(b"a1\n").unwrap();
    first.sync_all().unwrap();
    // Another pod reads it and goes on at the head.
    eventually("b sees the line", || fs::read(path(&b.at)).is_ok_and(|t| t == b"a1\n"));
    let mut second = OpenOptions::new().append(true).open(path(&b.at)).unwrap();
    second.write_all(b"b1\n").unwrap();
    second.sync_all().unwrap();
    assert_eq!(bench.stored("sessions", "/s.jsonl").unwrap(), b"a1\nb1\n");
    // The first one was not dead after all.
    first.write_all(b"a2\n").unwrap();
    first.sync_all().unwrap();
    assert_eq!(
        bench.stored("sessions", "/s.jsonl").unwrap(),
        b"a1\nb1\n",
        "not interleaved"
    );
    let sessions = b.at.join(".sessions");
    eventually("a sibling is there", || {
        names(&sessions).iter().any(|n| n.starts_with("s.conflict-a-"))
    });
    let sibling = names(&sessions)
        .into_iter()
        .find(|n| n.starts_with("s.conflict-a-"))
        .unwrap();
    assert_eq!(bench.stored("sessions", &format!("/{sibling}")).unwrap(), b"a1\na2\n");
}
