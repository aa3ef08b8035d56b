//! A gigabyte in one line: passed over within little memory, and what stands around it is read.
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Read};

use common::{at, typed};
use remanence_dreamer::gather::SessionName;
use remanence_dreamer::ledger::Ledger;
use remanence_dreamer::plan::{Input, Plan, plan};
use remanence_dreamer::reading::Session;
use remanence_dreamer::settings::Settings;
use remanence_dreamer::unfounded::Unfounded;

const GIGABYTE: u64 = 1 << 30;
/// Far more than reading takes, far less than the line.
const MOST: u64 = 32 << 20;

/// Most memory this process ever held.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
}

/// What a Dream plans over a session that has a line of that length between two that are whole.
fn planned(line: u64) -> (Plan, u64) {
    let time = "2026-05-04T10:00:00Z";
    let first = format!("{}\n", typed(time, "Remember that the dye vats hold 40 litres."));
    let last = format!("\n{}\n", typed(time, "Remember that valve 7 opens at noon."));
    let length = first.len() as u64 + line + last.len() as u64;
    let session = Session {
        name: SessionName {
            store: "desk".into(),
            agent: "kai".into(),
            path: "kai/a.jsonl".into(),
            file: None,
            version: None,
        },
        size: length,
        start: at(time),
        strangers: false,
        open: Box::new(move |from| {
            assert_eq!(from, 0);
            let line = std::io::repeat(b'x').take(line);
            let whole = Cursor::new(first.clone()).chain(line).chain(Cursor::new(last.clone()));
            Ok(Box::new(whole) as Box<dyn Read>)
        }),
    };
    let input = Input {
        files: Vec::new(),
        ledger: Ledger::default(),
        removed: Vec::new(),
        settings: Settings::default(),
        now: at("2026-05-05T03:00:00Z"),
        dream: "dream-1".into(),
        again: false,
        unfounded: Unfounded::default(),
        passage_bytes: Some(1 << 20),
        until: BTreeMap::new(),
    };
    (plan(&input, [Ok(session)]).unwrap(), length)
}

#[test]
fn a_gigabyte_in_one_line_is_passed_over() {
    // What the rules take once, whatever they read, is not the line's.
    planned(10);
    let before = peak();
    let (plan, length) = planned(GIGABYTE);
    assert_eq!(plan.counts.added, 2, "{:?}", plan.reasons);
    assert_eq!((plan.sessions[0].skipped, plan.sessions[0].to), (1, length));
    let grown = peak() - before;
    assert!(grown < MOST, "{} MB for a line of a gigabyte", grown >> 20);
}
