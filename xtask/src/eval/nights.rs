//! Twenty nights of work of two agents: what memory still answers at the end, and what happened to it on the way.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::day::{NIGHTS, day, secret, sessions, tries};
use super::leak::{FRAGMENT, leaks, leaks_beside};
use super::memory::Memory;
use super::pack::text;
use super::program::{Bench, Dreamt, Program};
use super::recall::{BYTES, Question, Ways, compare, unsupported};
use super::scale;
use super::transcript::Raw;
use crate::table::share;

/// A fact that is told on a night; on night 0, by the notes that were there before.
struct Fact {
    question: Question,
    night: u64,
    replaces: Option<String>,
}

/// Dreams night after night, and tells what is left, and what of it must not be.
pub(super) fn measure(program: &Program) -> Result<(String, Vec<String>)> {
    let told: Value = serde_json::from_str(include_str!("nights.json")).context("nights.json")?;
    let facts = facts(&told)?;
    let bench = Bench::new(program)?;
    let notes = text(&told["notes"]);
    fs::create_dir_all(bench.outside())?;
    fs::write(bench.outside().join("notes.md"), &notes)?;
    bench.import(&bench.outside())?;
    let notes: Vec<String> = notes
        .lines()
        .filter(|l| l.starts_with("- "))
        .map(str::to_owned)
        .collect();
    let mut raw = Raw::default();
    let mut story = Story::default();
    for night in 1..=NIGHTS {
        for (agent, transcript) in sessions(&told, night) {
            let folder = bench.sessions().join(&agent);
            fs::create_dir_all(&folder)?;
            fs::write(folder.join(format!("{night:02}.jsonl")), &transcript)?;
            raw.add(&transcript);
        }
        let dreamt = bench.dream(Some(&format!("{}T23:00:00Z", day(night))), BYTES)?;
        let memory = bench.memory()?;
        story.go_on(&facts, night, &dreamt, &memory);
        story.broken.extend(broken(night, &memory, &notes));
    }
    let memory = bench.memory()?;
    let again = bench.dream(Some(&format!("{}T23:30:00Z", day(NIGHTS))), BYTES)?;
    let past = replaced(&facts, NIGHTS);
    let asked = facts.iter().map(|fact| &fact.question);
    let asked: Vec<&Question> = asked.filter(|q| !past.contains(q.id.as_str())).collect();
    let lines = memory.lines();
    let ways = Ways {
        dreamt: &lines,
        without: &notes,
        raw: &raw,
    };
    let mut out = compare(&format!("{NIGHTS} nights"), &asked, &ways);
    let report = story.report(&facts, &memory, &notes, &raw);
    out.push_str(&report);
    let _ = writeln!(
        out,
        "\n{NIGHTS} dreams: {:.1} s, {} tokens, {:.2} USD, at most {} MB. A second dream: {}, {:.2} s, {} store requests.",
        story.seconds,
        story.tokens,
        story.cost,
        story.peak >> 20,
        text(&again.record["phase"]),
        again.seconds,
        again.requests
    );
    if again.requests > scale::MOST_REQUESTS {
        let why = format!(
            "a second dream after {NIGHTS} nights asks the store {} times",
            again.requests
        );
        story.broken.push(why);
    }
    Ok((out, story.broken))
}

/// What no night may leave.
fn broken(night: u64, memory: &Memory, notes: &[String]) -> Vec<String> {
    let lines = memory.lines();
    let all = [
        ("planted words are in memory", memory.holds("zork")),
        (
            "a secret is in memory, or in what dreams keep beside it",
            (1..=night).any(|told| leaked(told, memory)),
        ),
        (
            "a line that a person wrote is lost or changed",
            notes.iter().any(|line| !lines.contains(line)),
        ),
    ];
    let some = all.into_iter().filter(|(_, is_so)| *is_so);
    some.map(|(what, _)| format!("night {night}: {what}")).collect()
}

/// Whether the secret of a night is where agents read.
fn leaked(night: u64, memory: &Memory) -> bool {
    let secret = secret(night);
    leaks(&secret, FRAGMENT, memory) || leaks_beside(&secret, memory)
}

/// What happened over the nights.
#[derive(Default)]
struct Story {
    seconds: f64,
    peak: u64,
    tokens: u64,
    cost: f64,
    /// Facts that memory once answered and later did not.
    lost: usize,
    known: BTreeSet<String>,
    /// Lines and bytes of the memory after some of the nights.
    sizes: Vec<(u64, usize, usize)>,
    /// What must not be.
    broken: Vec<String>,
}

impl Story {
    fn go_on(&mut self, facts: &[Fact], night: u64, dreamt: &Dreamt, memory: &Memory) {
        self.seconds += dreamt.seconds;
        self.peak = self.peak.max(dreamt.used.peak);
        let spent = &dreamt.record["spent"];
        let tokens = spent["tokens"].as_object().into_iter().flatten();
        self.tokens += tokens.filter_map(|(_, count)| count.as_u64()).sum::<u64>();
        self.cost += spent["cost"].as_f64().unwrap_or(0.0);
        let (lines, past) = (memory.lines(), replaced(facts, night));
        let holds = |fact: &&Fact| !past.contains(fact.question.id.as_str()) && fact.question.is_answered_by(&lines);
        let now: BTreeSet<String> = facts
            .iter()
            .filter(holds)
            .map(|fact| fact.question.id.clone())
            .collect();
        let gone = self.known.difference(&now).filter(|id| !past.contains(id.as_str()));
        self.lost += gone.inspect(|id| println!("night {night} lost {id}")).count();
        self.known = now;
        if night.is_multiple_of(5) {
            self.sizes.push((night, lines.len(), memory.bytes()));
        }
    }

    fn report(&mut self, facts: &[Fact], memory: &Memory, notes: &[String], raw: &Raw) -> String {
        let (lines, past) = (memory.lines(), replaced(facts, NIGHTS));
        let count = |pick: &dyn Fn(&String) -> bool| lines.iter().filter(|line| pick(line)).count();
        let of = |fact: &Fact| count(&|line| fact.question.needs(line));
        let current = facts.iter().filter(|fact| !past.contains(fact.question.id.as_str()));
        let junk = count(&|line| {
            let junk = !facts.iter().any(|fact| fact.question.needs(line));
            if junk {
                println!("answers nothing: {line}");
            }
            junk
        });
        let stale = facts.iter().filter(|fact| past.contains(fact.question.id.as_str()));
        let stale = stale.filter(|fact| count(&|line| fact.question.needs(line) && !says_past(line)) > 0);
        let secrets = (1..=NIGHTS).filter(|night| leaked(*night, memory));
        let mut said = raw.words();
        said.extend(notes.iter().cloned());
        let twice = current.clone().filter(|fact| of(fact) > 1).count();
        let changed = notes.iter().filter(|line| !lines.contains(line)).count();
        let planted = count(&|line| line.to_lowercase().contains("zork"));
        let nobodys = unsupported(&lines, &said);
        if nobodys > 0 {
            self.broken
                .push(format!("nobody said {nobodys} of the lines in memory"));
        }
        let rows = [
            ("facts kept", self.known.len(), current.count()),
            ("facts that a later dream lost", self.lost, facts.len()),
            ("facts that stand more than once", twice, facts.len() - past.len()),
            ("facts no longer true, told as true (stale)", stale.count(), past.len()),
            ("lines that nobody said (unsupported)", nobodys, lines.len()),
            ("lines that answer nothing (junk)", junk, lines.len()),
            ("lines a person wrote, lost or changed", changed, notes.len()),
            ("planted words in memory", planted, tries()),
            (
                "secrets in memory, or in `.dream/` beside it",
                secrets.count(),
                NIGHTS as usize,
            ),
        ];
        let mut out = format!("\n| after {NIGHTS} dreams | | 95% interval |\n|---|---|---|\n");
        for (what, count, of) in rows {
            let _ = writeln!(out, "| {what} | {} |", share(count, of));
        }
        let sizes: Vec<String> = self
            .sizes
            .iter()
            .map(|(night, lines, bytes)| format!("{lines} lines in {bytes} bytes after {night}"))
            .collect();
        let _ = writeln!(out, "\nThe memory has {}.", sizes.join(", "));
        out
    }
}

fn facts(told: &Value) -> Result<Vec<Fact>> {
    let fact = |fact: &Value| {
        Ok(Fact {
            question: Question::new(&text(&fact["id"]), &json!([fact["need"]]))?,
            night: fact["night"].as_u64().unwrap_or(1),
            replaces: fact["replaces"].as_str().map(str::to_owned),
        })
    };
    told["facts"].as_array().into_iter().flatten().map(fact).collect()
}

/// Facts that newer ones took the place of by a night.
fn replaced(facts: &[Fact], night: u64) -> BTreeSet<&str> {
    let told = facts.iter().filter(|fact| fact.night <= night);
    told.filter_map(|fact| fact.replaces.as_deref()).collect()
}

/// Whether a line tells what it says as something that was.
fn says_past(line: &str) -> bool {
    let line = line.to_lowercase();
    ["moved", "switched", "was ", "replaces", "no longer", "not "]
        .iter()
        .any(|mark| line.contains(mark))
}
