//! `remanence log`: who did what, newest first.

use remanence_store::history::{Gone, LogEntry, LogQuery, log};
use remanence_store::{At, Store};

use crate::exit::{Failure, Outcome};
use crate::open::StoreArg;
use crate::output::{Cell, Output};
use crate::path;

/// List who changed a file, a folder or the whole store, newest first
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  remanence log --store file:///srv/mem/project
  remanence log --store file:///srv/mem/project notes/build.md -n 5
  remanence log --store file:///srv/mem/project notes -o json

A file is followed through its renames. There is no going back to what is past retention, nor to what is void: a commit
that was made on one that is gone.")]
pub(crate) struct Args {
    #[command(flatten)]
    store: StoreArg,
    /// File or folder
    #[arg(default_value = "/", value_parser = path::parse)]
    path: String,
    /// Only up to this commit or op
    #[arg(long, value_name = "SEQ[.OP]")]
    at: Option<At>,
    /// At most N entries
    #[arg(short = 'n', long, value_name = "N")]
    limit: Option<usize>,
    /// Also what maintenance did
    #[arg(long)]
    maintenance: bool,
}

pub(crate) async fn run(args: &Args, out: &mut Output) -> Outcome {
    let store = args.store.read().await?;
    let query = LogQuery {
        at: args.at,
        limit: args.limit.unwrap_or(usize::MAX),
        maintenance: args.maintenance,
        void: true,
        ..LogQuery::of(&args.path)
    };
    let entries = log(&store, &query).await?;
    out.print(&entries, |out, entries| table(out, entries))
}

/// The newest entry of a path, and the moment it stands for: the whole commit where it is about the whole store.
pub(super) async fn newest(store: &Store, path: &str, until: Option<At>) -> Result<(LogEntry, At), Failure> {
    let query = LogQuery {
        at: until,
        limit: 1,
        ..LogQuery::of(path)
    };
    let entry = log(store, &query).await?.into_iter().next();
    let entry = entry.ok_or_else(|| Failure::failed(format!("{}: {path} has no history yet", store.url())))?;
    let mut at = At::from(entry.version);
    if path == "/" {
        at.op = None;
    }
    Ok((entry, at))
}

/// Entries as a table.
pub(super) fn table(out: &mut Output, entries: &[LogEntry]) -> std::io::Result<()> {
    let rows = entries.iter().map(|entry| {
        let mut what = match &entry.from {
            Some(from) => format!("{from} -> {}", entry.path),
            None => entry.path.clone(),
        };
        if let Some(merged) = entry.merged.and_then(|m| serde_json::to_value(m).ok()) {
            what = format!("{what} (merged: {})", merged.as_str().unwrap_or_default());
        }
        if let Some(note) = &entry.note {
            what = format!("{what} ({note})");
        }
        match entry.gone {
            Some(Gone::Void) => what.push_str(" (void: not part of the store)"),
            Some(Gone::Retention) => what.push_str(" (past retention)"),
            None => {}
        }
        vec![
            entry.version.to_string().into(),
            Cell::Time(entry.time),
            match &entry.forged {
                None => entry.author.to_string(),
                Some(proved) => format!("{} (forged: {proved} wrote it)", entry.author),
            }
            .into(),
            entry.op.into(),
            Cell::Size(entry.bytes),
            what.into(),
        ]
    });
    out.table(&["version", "when", "by", "op", "bytes", "path"], rows)
}
