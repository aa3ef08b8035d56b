//! `remanence reject`: lets go of what a dream proposed.

use remanence_api::dream::Verdict;

use super::decide::{self, Asked};
use crate::exit::Outcome;
use crate::output::Output;

/// Let go of what a dream proposed; without DREAM, the newest that waits
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  remanence reject --store file:///srv/mem/project
  remanence reject --store file:///srv/mem/project 2026-06-01-a1b2c3")]
pub(crate) struct Args {
    #[command(flatten)]
    on: decide::Decided,
}

pub(crate) async fn run(args: &Args, out: &mut Output) -> Outcome {
    decide::run(
        &args.on,
        out,
        Asked::Decision(Verdict::Reject),
        remanence_dreamer::reject,
    )
    .await
}
