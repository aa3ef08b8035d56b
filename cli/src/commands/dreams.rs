//! `remanence dreams`: the dreams of a store.

use std::fmt::Write as _;
use std::io;

use remanence_dreamer::model::Spent;
use remanence_dreamer::{Change, Counts, Phase, Record, dreams, proposed};
use serde::Serialize;

use super::dream::print_change;
use crate::exit::{Failure, Outcome};
use crate::open::StoreArg;
use crate::output::{Cell, Output, some};

/// List a store's dreams and what they did, newest first
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  remanence dreams --store file:///srv/mem/project
  remanence dreams --store file:///srv/mem/project 2026-06-01-a1b2c3 -o json")]
pub(crate) struct Args {
    #[command(flatten)]
    store: StoreArg,
    /// Only this one
    #[arg(value_name = "DREAM")]
    dream: Option<String>,
}

/// A record, and what would change where it waits.
#[derive(Serialize)]
struct Whole<'a> {
    #[serde(flatten)]
    record: &'a Record,
    changes: Vec<Change>,
}

pub(crate) async fn run(args: &Args, out: &mut Output) -> Outcome {
    let store = args.store.read().await?;
    let records = dreams(&store).await?;
    let Some(wanted) = &args.dream else {
        return out.print(&records, |out, records| {
            out.table(&["dream", "when", "phase", "facts"], records.iter().map(row))
        });
    };
    let record = records.iter().find(|r| r.id == *wanted).ok_or_else(|| {
        Failure::failed(format!("{}: there is no dream {wanted}", store.url())).hint("`remanence dreams` lists them")
    })?;
    let changes = match record.phase {
        Phase::Proposed => proposed(&store, &record.id).await?,
        _ => Vec::new(),
    };
    out.print(&Whole { record, changes }, |out, whole| {
        for change in &whole.changes {
            print_change(out, change)?;
        }
        print_record(out, whole.record)
    })
}

fn row(record: &Record) -> Vec<Cell> {
    vec![
        record.id.as_str().into(),
        Cell::Time(record.time),
        phase(record).into(),
        counts(&record.facts).into(),
    ]
}

/// A record in full.
pub(super) fn print_record(out: &mut Output, record: &Record) -> io::Result<()> {
    let by = record.by.as_ref().map_or(String::new(), |by| format!(" by {by}"));
    let result = record.result.map_or(String::new(), |seq| format!(", commit {seq}"));
    out.line(format!("dream {}: {}{by}{result}", record.id, phase(record)))?;
    let lines: u64 = record.sessions.iter().map(|s| s.lines).sum();
    out.line(format!(
        "{} from {} of {} in {:.2} s",
        counts(&record.facts),
        some(lines, "line"),
        some(record.sessions.len() as u64, "session"),
        record.seconds
    ))?;
    if let Some(spent) = &record.spent {
        out.line(model(&record.model, spent))?;
    }
    for file in &record.files {
        out.line(format!("  {file}"))?;
    }
    for session in &record.sessions {
        if let Some(broken) = &session.broken {
            out.line(format!("  {}: can't be read to its end: {broken}", session.path))?;
        }
    }
    let skipped: u64 = record.sessions.iter().map(|s| s.skipped).sum();
    if skipped > 0 {
        out.line(format!(
            "  {} passed over: no entry of a known form",
            some(skipped, "line")
        ))?;
    }
    for reason in &record.reasons {
        out.line(format!("  {reason}"))?;
    }
    Ok(())
}

fn phase(record: &Record) -> &'static str {
    match record.phase {
        Phase::Proposed => "proposed",
        Phase::Applied => "applied",
        Phase::NoChange => "no change",
        Phase::Rejected => "rejected",
        Phase::Superseded => "superseded",
        Phase::Undone => "undone",
        Phase::Failed => "failed",
    }
}

fn model(name: &str, spent: &Spent) -> String {
    let cost = spent.cost.map_or(String::new(), |cost| format!(", {cost:.4} USD"));
    let mut failed = String::new();
    for (count, what) in [
        (spent.repaired, "asked for again"),
        (spent.useless, "of no use"),
        (spent.unanswered, "that never came"),
    ] {
        if count > 0 {
            let _ = write!(failed, ", {count} {what}");
        }
    }
    format!(
        "{name}: {}{failed}, {} in ({} of them cached) and {} out{cost}, {:.1} s",
        some(spent.requests.into(), "answer"),
        some(spent.tokens.all() - spent.tokens.output, "token"),
        spent.tokens.cached,
        spent.tokens.output,
        spent.seconds
    )
}

fn counts(facts: &Counts) -> String {
    let all = [
        (facts.added, "added"),
        (facts.merged, "merged"),
        (facts.replaced, "replaced"),
        (facts.forgotten, "forgotten"),
        (facts.quarantined, "kept out"),
    ];
    let some: Vec<String> = all
        .iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, what)| format!("{n} {what}"))
        .collect();
    if some.is_empty() {
        "no facts".into()
    } else {
        some.join(", ")
    }
}
