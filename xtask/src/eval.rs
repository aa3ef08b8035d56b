//! `cargo xtask eval`: dreams over scenarios and checks what memory holds afterwards.

mod check;
mod pack;
mod program;
mod quarter;
mod scale;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use crate::build::{self, Profile};
use pack::Scenario;
use program::{Bench, Program};

const BEGIN: &str = "<!-- table: cargo xtask eval --write -->";
const END: &str = "<!-- end of eval table -->";
/// Sessions of the dream that is timed.
const SESSIONS: usize = 1000;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Scenarios to run instead of the repository's own: folders with `expect.json` and `stages/NN/{sessions,memory}`
    #[arg(long, value_name = "DIR")]
    pack: Option<PathBuf>,
    /// Dream with this model instead of the rules alone: `openai:NAME` or `anthropic:NAME`
    #[arg(long, value_name = "MODEL")]
    model: Option<String>,
    /// Where the model is: any server that speaks chat completions
    #[arg(long, value_name = "URL", requires = "model")]
    model_url: Option<String>,
    /// Put the tables into docs/benchmarks.md
    #[arg(long, conflicts_with_all = ["pack", "model"])]
    write: bool,
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
}

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let program = match &args.binary {
        Some(program) => program.canonicalize().with_context(|| program.display().to_string())?,
        None => build::binaries(Profile::Dev, &["remanence"])?.join("remanence"),
    };
    let scenarios = match &args.pack {
        Some(folder) => pack::read(folder)?,
        None => pack::own()?,
    };
    if scenarios.is_empty() {
        bail!("there are no scenarios: a scenario is a folder with expect.json");
    }
    let program = Program::new(program, args);
    let mut kinds: BTreeMap<String, Tally> = BTreeMap::new();
    for scenario in &scenarios {
        let tally = kinds.entry(scenario.kind.clone()).or_default();
        tally.scenarios += 1;
        dream(&program, scenario, tally).with_context(|| format!("scenario {}", scenario.id))?;
    }
    let mut table = table(&kinds);
    if args.pack.is_none() {
        let _ = write!(table, "\n{}", quarter::measure(&program)?);
        if args.model.is_none() {
            let _ = write!(table, "\n{}", scale::measure(&program, SESSIONS)?);
        }
    }
    println!("{table}");
    if args.write {
        write(&build::workspace().join("docs/benchmarks.md"), &table)?;
    }
    let failed: usize = kinds.values().map(|t| t.failed).sum();
    let passed: usize = kinds.values().map(|t| t.passed).sum();
    println!("{passed} passed, {failed} failed");
    Ok(if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Runs the stages of a scenario, each with its dream, and checks the memory after it.
fn dream(program: &Program, scenario: &Scenario, tally: &mut Tally) -> Result<()> {
    let bench = Bench::new(program)?;
    for stage in 1..=scenario.stages {
        scenario.lay_out(stage, &bench.sessions(), &bench.outside(), |memory| {
            bench.import(memory)
        })?;
        let now = scenario.now.get(stage - 1).map(String::as_str);
        tally.seconds += bench.dream(now, scenario.budget)?.seconds;
        tally.dreams += 1;
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
        if again["phase"] == "NoChange" {
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

fn table(kinds: &BTreeMap<String, Tally>) -> String {
    let mut out = String::from(
        "| kind | scenarios | checks passed | 95% interval | a second dream changes nothing | seconds a dream |\n|---|---|---|---|---|---|\n",
    );
    for (kind, t) in kinds {
        let checks = t.passed + t.failed;
        let (low, high) = interval(t.passed, checks);
        let _ = writeln!(
            out,
            "| {kind} | {} | {} of {checks} | {:.0}–{:.0}% | {} | {:.2} |",
            t.scenarios,
            t.passed,
            100.0 * low,
            100.0 * high,
            t.settled,
            t.seconds / t.dreams.max(1) as f64
        );
    }
    out
}

/// Wilson's interval of a share.
fn interval(passed: usize, of: usize) -> (f64, f64) {
    if of == 0 {
        return (0.0, 1.0);
    }
    let (n, share, z) = (of as f64, passed as f64 / of as f64, 1.96_f64);
    let middle = (share + z * z / (2.0 * n)) / (1.0 + z * z / n);
    let half = z / (1.0 + z * z / n) * (share * (1.0 - share) / n + z * z / (4.0 * n * n)).sqrt();
    ((middle - half).max(0.0), (middle + half).min(1.0))
}

fn write(page: &Path, table: &str) -> Result<()> {
    let text = fs::read_to_string(page)?;
    let (Some(from), Some(to)) = (text.find(BEGIN), text.find(END)) else {
        bail!("{} has no place for the table: `{BEGIN}` … `{END}`", page.display());
    };
    let new = format!("{}{BEGIN}\n{table}{}", &text[..from], &text[to..]);
    fs::write(page, new)?;
    Ok(())
}
