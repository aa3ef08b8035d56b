//! `remanence show`: one change, whole.

use remanence_store::At;
use remanence_store::diff::{Shown, show};

use super::diff::print_files;
use super::log::{newest, table};
use crate::exit::Outcome;
use crate::open::StoreArg;
use crate::output::Output;
use crate::path;

/// Show a commit or one op of it: who, when, and what it changed
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  remanence show --store file:///srv/mem/project                   # the newest commit
  remanence show --store file:///srv/mem/project --at 17
  remanence show --store file:///srv/mem/project notes/build.md    # its newest change")]
pub(crate) struct Args {
    #[command(flatten)]
    store: StoreArg,
    /// Only this file or folder
    #[arg(default_value = "/", value_parser = path::parse)]
    path: String,
    /// This commit or op instead of the newest
    #[arg(long, value_name = "SEQ[.OP]")]
    at: Option<At>,
}

pub(crate) async fn run(args: &Args, out: &mut Output) -> Outcome {
    let store = args.store.read().await?;
    let (path, at) = if let Some(at) = args.at {
        (args.path.clone(), at)
    } else {
        let (entry, at) = newest(&store, &args.path, None).await?;
        // The newest op may be what took the path away.
        (
            entry
                .from
                .filter(|from| *from == args.path)
                .unwrap_or(args.path.clone()),
            at,
        )
    };
    let shown = show(&store, &path, at).await?;
    out.print(&shown, print)
}

fn print(out: &mut Output, shown: &Shown) -> std::io::Result<()> {
    table(out, &shown.ops)?;
    if !shown.files.is_empty() {
        out.line("")?;
    }
    print_files(out, &shown.files)
}
