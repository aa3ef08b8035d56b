//! `remanence completions`: what a shell needs to complete commands.

use clap::CommandFactory;
use clap_complete::Shell;

use crate::args::Cli;
use crate::exit::Outcome;
use crate::output::Output;

/// Print a shell's completions
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  remanence completions bash > ~/.local/share/bash-completion/completions/remanence
  remanence completions zsh > ~/.zfunc/_remanence
  remanence completions fish > ~/.config/fish/completions/remanence.fish")]
pub(crate) struct Args {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "remanence", &mut script);
    if out.is_data() {
        let script = String::from_utf8_lossy(&script).into_owned();
        return out.print(&serde_json::json!({ "script": script }), |_, _| Ok(()));
    }
    Ok(out.bytes(&script)?)
}
