//! `cargo xtask eval`: dreams over scenarios and checks what memory holds afterwards.

mod attacks;
mod beside;
mod check;
mod day;
mod leak;
mod llama;
mod memory;
mod nights;
mod pack;
mod pattern;
mod program;
mod questions;
mod recall;
mod scale;
mod transcript;
mod wire;
mod with_model;
mod work;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::{build, run, table};
use pack::Scenario;
use program::{Bench, Program};

/// Sessions of the dream that is timed.
const SESSIONS: usize = 1000;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Scenarios to run instead of the repository's own: folders with `expect.json` and `stages/NN/{sessions,memory}`
    #[arg(long, value_name = "DIR")]
    pack: Option<PathBuf>,
    /// Dream with this model as well: `llama.cpp` (a small one that is installed and runs here), `openai:NAME` or
    /// `anthropic:NAME`
    #[arg(long, value_name = "MODEL")]
    model: Option<String>,
    /// Where the model is: any server that speaks chat completions
    #[arg(long, value_name = "URL", requires = "model")]
    model_url: Option<String>,
    /// Put the tables into docs/benchmarks.md; with `--pack`, those of its question sets
    #[arg(long)]
    write: bool,
    /// The scenarios and the nights alone, a minute or so, without attacks and what is timed
    #[arg(long, conflicts_with_all = ["pack", "model", "write"])]
    quick: bool,
    /// Use this program instead of building it
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,
}

/// What the scenarios of one kind came to.
#[derive(Default)]
struct Tally {
    scenarios: usize,
    passed: usize,
    failed: usize,
    /// Dreams, and how many of them a second one had nothing to add to.
    dreams: usize,
    settled: usize,
    seconds: f64,
    /// What a model was asked and answered.
    asked: with_model::Asked,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let program = build::remanence(args.binary.as_deref())?;
    let scenarios = match &args.pack {
        Some(folder) => pack::read(folder)?,
        None => pack::own()?,
    };
    let has_questions = match &args.pack {
        Some(folder) => !questions::files(folder)?.is_empty(),
        None => false,
    };
    if scenarios.is_empty() && !has_questions {
        bail!(
            "there is nothing to dream over: a scenario is a folder with expect.json, a question set one with \
             questions.jsonl and sessions"
        );
    }
    let rules = Program::by_rules(program);
    let kinds = tallies(&scenarios, |scenario, tally| dream(&rules, scenario, tally));
    if let Some(model) = &args.model {
        return with_model::run(&rules, model, args, &scenarios, &kinds);
    }
    let mut tables = String::new();
    if !scenarios.is_empty() {
        tables.push_str(&by_kind(&kinds));
    }
    let mut broken = Vec::new();
    let mut kept = ("eval", None);
    if let Some(folder) = &args.pack {
        let asked = questions::measure(&rules, folder)?;
        tables.push_str(&asked);
        // Other scenarios than the repository's own have no place on the page, what a memory answers has.
        kept = ("eval --pack DIR", Some(asked));
    } else {
        let (table, wrong) = nights::measure(&rules)?;
        let _ = write!(tables, "\n{table}");
        broken.extend(wrong);
        if !args.quick {
            let _ = write!(tables, "\n{}", attacks::measure()?);
            let (table, wrong) = scale::measure(&rules, SESSIONS)?;
            let _ = write!(tables, "\n{table}");
            broken.extend(wrong);
            let (table, wrong) = beside::measure(&rules, SESSIONS / 4)?;
            let _ = write!(tables, "\n{table}");
            broken.extend(wrong);
        }
    }
    println!("{tables}");
    if args.write {
        let [begin, end] = marks(kept.0);
        table::write(kept.1.as_ref().unwrap_or(&tables), [&begin, &end])?;
    }
    for why in &broken {
        println!("FAIL {why}");
    }
    let failed: usize = kinds.values().map(|t| t.failed).sum::<usize>() + broken.len();
    let passed: usize = kinds.values().map(|t| t.passed).sum();
    println!("{passed} passed, {failed} failed");
    Ok(run::exit_code(failed == 0))
}

/// The marks of what `cargo xtask NAME --write` measures.
fn marks(name: &str) -> [String; 2] {
    [
        format!("<!-- table: cargo xtask {name} --write -->"),
        format!("<!-- end of {name} table -->"),
    ]
}

/// Runs all scenarios and counts by kind.
fn tallies(
    scenarios: &[Scenario],
    mut run: impl FnMut(&Scenario, &mut Tally) -> Result<()>,
) -> BTreeMap<String, Tally> {
    let mut kinds: BTreeMap<String, Tally> = BTreeMap::new();
    for scenario in scenarios {
        let tally = kinds.entry(scenario.kind.clone()).or_default();
        tally.scenarios += 1;
        // What breaks one scenario says nothing of the others.
        if let Err(error) = run(scenario, tally) {
            tally.failed += 1;
            println!("FAIL {}: {error:#}", scenario.id);
        }
    }
    kinds
}

/// Runs the stages of a scenario, each with its dream, and checks the memory after it.
fn dream(program: &Program, scenario: &Scenario, tally: &mut Tally) -> Result<()> {
    let bench = Bench::new(program)?;
    for stage in 1..=scenario.stages {
        scenario.lay_out(stage, &bench.sessions(), &bench.outside(), |memory| {
            bench.import(memory)
        })?;
        let now = scenario.now.get(stage - 1).map(String::as_str);
        let dreamt = bench.dream(now, scenario.budget)?;
        tally.seconds += dreamt.seconds;
        tally.dreams += 1;
        tally.asked.count(&dreamt.record);
        for (name, outcome) in scenario.checks(stage, &bench.memory()?)? {
            match outcome {
                Ok(()) => tally.passed += 1,
                Err(why) => {
                    tally.failed += 1;
                    println!("FAIL {} stage {stage} {name}: {why}", scenario.id);
                }
            }
        }
        let again = bench.dream(now, scenario.budget)?.record;
        // A model that failed is asked again.
        if again["phase"] == "NoChange" || dreamt.record["phase"] == "Failed" {
            tally.settled += 1;
        } else {
            tally.failed += 1;
            println!(
                "FAIL {} stage {stage}: a second dream is {}",
                scenario.id, again["phase"]
            );
        }
    }
    Ok(())
}

fn by_kind(kinds: &BTreeMap<String, Tally>) -> String {
    let mut out = String::from(
        "| kind | scenarios | checks passed | 95% interval | a second dream changes nothing | seconds a dream |\n|---|---|---|---|---|---|\n",
    );
    for (kind, t) in kinds {
        let _ = writeln!(
            out,
            "| {kind} | {} | {} | {} | {:.2} |",
            t.scenarios,
            table::share(t.passed, t.passed + t.failed),
            t.settled,
            t.seconds / t.dreams.max(1) as f64
        );
    }
    out
}
