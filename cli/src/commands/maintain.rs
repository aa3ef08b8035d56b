//! `remanence maintain`: retention, packing and collecting garbage.

use std::io;
use std::time::Duration;

use jiff::Timestamp;
use remanence_store::maintain::{MaintainReport, maintain};

use crate::age::Age;
use crate::exit::Outcome;
use crate::open::StoreArg;
use crate::output::{Cell, Output};

/// Pack small contents, drop what is past retention and collect what nothing refers to
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  remanence maintain --store file:///srv/mem/project --keep 30d
  remanence maintain --store file:///srv/mem/project

Without --keep all history stays. The newest version of a file is always kept.")]
pub(crate) struct Args {
    #[command(flatten)]
    store: StoreArg,
    /// Keep old versions for this long, e.g. 30d or 12h
    #[arg(long, value_name = "DURATION")]
    keep: Option<Age>,
    /// Use this as the current time
    #[arg(long, value_name = "RFC3339")]
    now: Option<Timestamp>,
}

pub(crate) async fn run(args: &Args, out: &mut Output) -> Outcome {
    let store = args.store.maintain("maintain").await?;
    let keep = args.keep.map_or(Duration::MAX, |age| age.0);
    let now = args.now.unwrap_or_else(|| store.clock().now());
    let report = maintain(&store, keep, now).await?;
    store.close().await;
    out.print(&report, print)
}

/// What was done, in the words of the report's fields; what was not is left out.
fn print(out: &mut Output, report: &MaintainReport) -> io::Result<()> {
    let fields = serde_json::to_value(report).map_err(io::Error::from)?;
    let rows: Vec<Vec<Cell>> = fields
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(_, value)| value.as_u64() != Some(0))
        .map(|(name, value)| vec![name.replace('_', " ").into(), value.to_string().into()])
        .collect();
    if rows.is_empty() {
        out.hint("nothing to do");
    }
    out.table(&["", ""], rows)
}
