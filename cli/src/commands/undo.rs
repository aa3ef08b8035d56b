//! `remanence undo`: takes back what a dream did.

use super::decide::{self, Asked};
use crate::exit::Outcome;
use crate::output::Output;

/// Take back what a dream did; without DREAM, the newest that did something
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  remanence undo --store file:///srv/mem/project
  remanence undo --store file:///srv/mem/project 2026-06-01-a1b2c3")]
pub(crate) struct Args {
    #[command(flatten)]
    on: decide::Decided,
}

pub(crate) async fn run(args: &Args, out: &mut Output) -> Outcome {
    decide::run(&args.on, out, Asked::Undo, remanence_dreamer::undo).await
}
