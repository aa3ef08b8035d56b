//! `remanence unmount`: ends a mount and waits until all it holds is written.

use std::path::PathBuf;

use crate::exit::{Failure, Outcome};
use crate::output::Output;

/// End a mount; returns once all it holds is written
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  remanence unmount /mnt/memory")]
pub(crate) struct Args {
    /// Where it is mounted
    #[arg(value_name = "DIR")]
    dir: PathBuf,
}

pub(crate) fn run(args: &Args, _out: &mut Output) -> Outcome {
    Err(Failure::failed(format!(
        "{}: unmount is not part of this build",
        args.dir.display()
    )))
}
