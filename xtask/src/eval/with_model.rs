//! The scenarios with a model beside the rules, next to the same by rules alone.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::process::ExitCode;

use anyhow::{Result, bail};
use serde_json::Value;

use super::llama::{self, Llama};
use super::pack::Scenario;
use super::program::Program;
use super::wire::Wire;
use super::{Args, Tally, dream, marks, tallies};
use crate::{run, table};

/// What a model was asked in the dreams of a kind of scenario, and what came of it.
#[derive(Default)]
pub(super) struct Asked {
    dreams: usize,
    failed: usize,
    /// Transcripts that these dreams read.
    sessions: usize,
    requests: u64,
    repaired: u64,
    useless: u64,
    read: u64,
    written: u64,
    /// In USD, of the dreams whose model has a price.
    cost: f64,
    priced: usize,
    seconds: f64,
    kept_out: BTreeMap<String, usize>,
}

impl Asked {
    /// Counts a dream by its record.
    pub(super) fn count(&mut self, record: &Value) {
        let spent = &record["spent"];
        if spent.is_null() {
            return;
        }
        let count = |of: &Value, name: &str| of[name].as_u64().unwrap_or_default();
        let tokens = &spent["tokens"];
        self.dreams += 1;
        self.failed += usize::from(record["phase"] == "Failed");
        self.sessions += record["sessions"].as_array().map_or(0, Vec::len);
        self.requests += count(spent, "requests");
        self.repaired += count(spent, "repaired");
        self.useless += count(spent, "useless");
        self.read += count(tokens, "input") + count(tokens, "cached") + count(tokens, "cache_writes");
        self.written += count(tokens, "output");
        self.cost += spent["cost"].as_f64().unwrap_or_default();
        self.priced += usize::from(spent["cost"].is_number());
        self.seconds += spent["seconds"].as_f64().unwrap_or_default();
        for reason in record["reasons"].as_array().into_iter().flatten() {
            if let Some(why) = reason.as_str().and_then(|reason| reason.strip_prefix("kept out: ")) {
                *self.kept_out.entry(why.to_owned()).or_default() += 1;
            }
        }
    }

    fn add(&mut self, other: &Self) {
        self.dreams += other.dreams;
        self.failed += other.failed;
        self.sessions += other.sessions;
        self.requests += other.requests;
        self.repaired += other.repaired;
        self.useless += other.useless;
        self.read += other.read;
        self.written += other.written;
        self.cost += other.cost;
        self.priced += other.priced;
        self.seconds += other.seconds;
        for (why, count) in &other.kept_out {
            *self.kept_out.entry(why.clone()).or_default() += count;
        }
    }
}

/// What went over the wire in all scenarios.
#[derive(Default)]
struct Seen {
    requests: usize,
    /// Those of scenarios with secrets, and how many held a piece of one.
    with_secrets: usize,
    leaks: usize,
}

/// Dreams with the model, and puts it beside `by_rules`. A kind that fares worse than by rules, and a secret in a
/// request, is a failure.
pub(super) fn run(
    rules: &Program,
    model: &str,
    args: &Args,
    scenarios: &[Scenario],
    by_rules: &BTreeMap<String, Tally>,
) -> Result<ExitCode> {
    if args.write && (model != "llama.cpp" || args.pack.is_some()) {
        bail!("--write: docs/benchmarks.md has a place for `--model llama.cpp` with our own scenarios only");
    }
    let llama = (model == "llama.cpp").then(Llama::start).transpose()?;
    let wire = llama.as_ref().map(|llama| Wire::before(llama.address())).transpose()?;
    let (name, url) = match &wire {
        Some(wire) => (format!("openai:{}", llama::NAME), Some(wire.url())),
        None => (model.to_owned(), args.model_url.clone()),
    };
    let mut flags = vec!["--model".to_owned(), name.clone()];
    flags.extend(url.into_iter().flat_map(|url| ["--model-url".to_owned(), url]));
    let program = rules.with_model(flags);
    let mut seen = Seen::default();
    let with_model = tallies(scenarios, |scenario, tally| {
        dream(&program, scenario, tally)?;
        for request in wire.iter().flat_map(Wire::take) {
            seen.requests += 1;
            seen.with_secrets += usize::from(scenario.has_secrets());
            seen.leaks += usize::from(scenario.leaks_in(&request)?);
        }
        println!(
            "{}: {:.0} s of the model so far in its kind",
            scenario.id, tally.asked.seconds
        );
        Ok(())
    });
    let mut tables = side_by_side(&name, by_rules, &with_model);
    tables.push_str(&told(&with_model));
    if wire.is_some() {
        let _ = writeln!(
            tables,
            "\n{} requests went over the wire, {} of them in scenarios with secrets; {} held a piece of one.",
            seen.requests, seen.with_secrets, seen.leaks
        );
    }
    println!("{tables}");
    if args.write {
        let [begin, end] = marks("eval --model llama.cpp");
        table::write(&tables, [&begin, &end])?;
    }
    let worse = |kind: &String, by_rules: &Tally| with_model.get(kind).is_none_or(|with| with.passed < by_rules.passed);
    let worse: Vec<&str> = by_rules
        .iter()
        .filter(|(kind, by_rules)| worse(kind, by_rules))
        .map(|(kind, _)| kind.as_str())
        .collect();
    if !worse.is_empty() {
        println!("worse than by rules: {}", worse.join(", "));
    }
    Ok(run::exit_code(worse.is_empty() && seen.leaks == 0))
}

fn side_by_side(name: &str, by_rules: &BTreeMap<String, Tally>, with_model: &BTreeMap<String, Tally>) -> String {
    let mut out = format!(
        "| kind | scenarios | checks passed by rules | with `{name}` | seconds a dream by rules | with the model |\n|---|---|---|---|---|---|\n"
    );
    for (kind, rules) in by_rules {
        let Some(with) = with_model.get(kind) else { continue };
        let passed = |tally: &Tally| format!("{} of {}", tally.passed, tally.passed + tally.failed);
        let seconds = |tally: &Tally| tally.seconds / tally.dreams.max(1) as f64;
        let _ = writeln!(
            out,
            "| {kind} | {} | {} | {} | {:.2} | {:.0} |",
            rules.scenarios,
            passed(rules),
            passed(with),
            seconds(rules),
            seconds(with)
        );
    }
    out
}

/// What the model did and cost, and why what it said was kept out.
fn told(with_model: &BTreeMap<String, Tally>) -> String {
    let mut all = Asked::default();
    for tally in with_model.values() {
        all.add(&tally.asked);
    }
    let mut out = format!(
        "\n{} dreams asked the model, {} of them failed by it. It was asked {} times in {:.0} s and took {} tokens in and {} out; {} answers were asked for again, {} were no use and left to the rules.\n",
        all.dreams, all.failed, all.requests, all.seconds, all.read, all.written, all.repaired, all.useless
    );
    let thousands = all.sessions.max(1) as f64 / 1000.0;
    let _ = writeln!(
        out,
        "\n| for 1,000 sessions like these {} | tokens in | tokens out | cost |\n|---|---|---|---|\n| | {:.0} | {:.0} | {} |",
        all.sessions,
        all.read as f64 / thousands,
        all.written as f64 / thousands,
        if all.priced == all.dreams {
            format!("{:.2} USD", all.cost / thousands)
        } else {
            "no price is known".to_owned()
        }
    );
    if !all.kept_out.is_empty() {
        out.push_str("\n| kept out, because | dreams |\n|---|---|\n");
        for (why, count) in &all.kept_out {
            let _ = writeln!(out, "| {why} | {count} |");
        }
    }
    out
}
