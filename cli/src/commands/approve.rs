//! `remanence approve`: applies what a dream proposed.

use remanence_api::dream::Verdict;

use super::decide::{self, Asked};
use crate::exit::Outcome;
use crate::output::Output;

/// Apply what a dream proposed; without DREAM, the newest that waits
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  remanence approve --store file:///srv/mem/project
  remanence approve --store file:///srv/mem/project 2026-06-01-a1b2c3")]
pub(crate) struct Args {
    #[command(flatten)]
    on: decide::Decided,
}

pub(crate) async fn run(args: &Args, out: &mut Output) -> Outcome {
    decide::run(
        &args.on,
        out,
        Asked::Decision(Verdict::Approve),
        remanence_dreamer::approve,
    )
    .await
}
