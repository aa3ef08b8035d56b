//! The command line: which commands there are.

use std::ffi::OsString;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};

use crate::commands::{
    cat, completions, decide, diff, dream, dreams, edit, export, import, init, log, ls, maintain, mount, mv, put,
    redact, restore, rm, show, status, ui, unmount, why,
};
use crate::exit::HELP;
use crate::kubectl;
use crate::object_options;
use crate::output::Format;

const EXAMPLES: &str = "\
Examples:
  remanence mount --store project=file:///srv/mem/project --at /mnt/memory --agent reviewer
  remanence ls --store file:///srv/mem/project
  remanence log --store file:///srv/mem/project notes.md -o json

With REMANENCE_STORE set, --store can be left out.";

/// Memory for agents: shared, versioned folders on an object store or a directory
#[derive(Debug, Parser)]
#[command(name = "remanence", version, max_term_width = 100)]
#[command(after_help = format!("{EXAMPLES}\n\n{HELP}"))]
pub(crate) struct Cli {
    /// How results are printed
    #[arg(
        short,
        long,
        global = true,
        value_name = "FORMAT",
        default_value = "text",
        value_enum
    )]
    pub(crate) output: Format,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// One command each; its file in `commands` holds its arguments, its help and what it does. The three decisions on dreams
/// share `decide`.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Mount(Box<mount::Args>),
    Unmount(unmount::Args),
    Status(status::Args),
    Ls(ls::Args),
    Cat(cat::Args),
    Put(put::Args),
    Edit(edit::Args),
    Rm(rm::Args),
    Mv(mv::Args),
    Log(log::Args),
    Show(show::Args),
    Diff(diff::Args),
    Restore(restore::Args),
    Redact(redact::Args),
    Import(import::Args),
    Export(export::Args),
    Init(init::Args),
    Maintain(maintain::Args),
    Dream(Box<dream::Args>),
    Dreams(dreams::Args),
    /// Apply what a dream proposed; without DREAM, the newest that waits
    #[command(after_help = decide::APPROVE_EXAMPLES)]
    Approve(decide::Args),
    /// Discard what a dream proposed; without DREAM, the newest that waits
    #[command(after_help = decide::REJECT_EXAMPLES)]
    Reject(decide::Args),
    /// Take back what a dream did; without DREAM, the newest that did something
    #[command(after_help = decide::UNDO_EXAMPLES)]
    Undo(decide::Args),
    Why(why::Args),
    Ui(ui::Args),
    Completions(completions::Args),
}

/// Reads the command line, as `remanence` or as kubectl's plugin.
pub(crate) fn parse(mut words: Vec<OsString>) -> Result<Cli, clap::Error> {
    // Whoever asks for help on help has it.
    if words.get(1).is_some_and(|word| word == "help") {
        words.retain(|word| word != "--help" && word != "-h");
    }
    let (mut command, words) = if kubectl::is_plugin(&words) {
        let command = kubectl::command();
        let words = kubectl::reworded(&command, words)?;
        (command, words)
    } else {
        (Cli::command(), words)
    };
    let matches = command.try_get_matches_from_mut(words)?;
    object_options::check(&command, &matches)?;
    Cli::from_arg_matches(&matches)
}

/// The format that a command line asks for which could not be parsed.
pub(crate) fn format(args: impl Iterator<Item = OsString>) -> Format {
    let args: Vec<String> = args.map(|arg| arg.to_string_lossy().into_owned()).collect();
    let named = |(at, arg): (usize, &String)| {
        let value = match arg.strip_prefix("--output").or_else(|| arg.strip_prefix("-o"))? {
            "" => args.get(at + 1)?.as_str(),
            value => value.trim_start_matches('='),
        };
        Format::from_str(value, false).ok()
    };
    args.iter().enumerate().find_map(named).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_command_explains_itself_with_examples() {
        Cli::command().debug_assert();
        for command in Cli::command().get_subcommands_mut() {
            let help = command.render_long_help().to_string();
            assert!(help.contains("Examples:"), "{}: {help}", command.get_name());
            assert!(command.get_about().is_some(), "{}", command.get_name());
        }
    }

    /// The commands of a line of shell, each as its words; where they read from and write to is left out.
    fn commands(line: &str) -> Vec<Vec<String>> {
        let mut commands = vec![Vec::new()];
        let (mut word, mut is_file) = (None::<String>, false);
        let mut chars = line.chars();
        loop {
            let c = chars.next();
            match c {
                Some(quote @ ('\'' | '"')) => {
                    let quoted = chars.by_ref().take_while(|c| *c != quote);
                    word.get_or_insert_default().extend(quoted);
                    continue;
                }
                Some(' ' | '<' | '>' | '|' | ';' | '&') | None => {}
                Some('#') if word.is_none() => {}
                Some(c) => {
                    word.get_or_insert_default().push(c);
                    continue;
                }
            }
            if let Some(word) = word.take()
                && !std::mem::take(&mut is_file)
            {
                commands.last_mut().unwrap().push(word);
            }
            match c {
                Some('<' | '>') => is_file = true,
                Some('|' | ';' | '&') => commands.push(Vec::new()),
                Some('#') | None => return commands,
                Some(_) => {}
            }
        }
    }

    #[test]
    fn every_example_of_the_help_can_be_typed() {
        let root = Cli::command();
        for command in [&root].into_iter().chain(root.get_subcommands()) {
            let help = command.get_after_help().unwrap().to_string();
            let (_, examples) = help.split_once("Examples:\n").unwrap();
            let examples = examples.split("\n\n").next().unwrap().replace("\\\n", " ");
            let mut seen = 0;
            for mut words in examples.lines().flat_map(commands) {
                let variables = words.iter().take_while(|word| word.contains('=')).count();
                words.drain(..variables);
                if words.starts_with(&["kubectl".into(), "memory".into()]) {
                    drop(words.splice(..2, ["kubectl-memory".into()]));
                } else if words.first().is_none_or(|word| word != "remanence") {
                    continue;
                }
                let typed = words.join(" ");
                let parsed = parse(words.into_iter().map(Into::into).collect());
                assert!(parsed.is_ok(), "{typed}: {}", parsed.unwrap_err());
                seen += 1;
            }
            assert!(seen > 0, "{}: {help}", command.get_name());
        }
    }

    #[test]
    fn a_format_is_asked_for_in_every_spelling() {
        for (line, asked) in [
            ("x -o json", Format::Json),
            ("x -ojson", Format::Json),
            ("x -o=json", Format::Json),
            ("x --output json --other", Format::Json),
            ("x --output=yaml", Format::Yaml),
            ("x -o yaml", Format::Yaml),
            ("x -o text json", Format::Text),
            ("x -o", Format::Text),
            ("x", Format::Text),
        ] {
            assert_eq!(format(line.split(' ').map(Into::into)), asked, "{line}");
        }
    }
}
