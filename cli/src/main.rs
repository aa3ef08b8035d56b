//! `remanence`: the command line of a memory store.

mod age;
mod args;
mod attach;
mod author;
mod cluster;
mod commands;
mod complete;
mod detach;
mod exit;
mod kubectl;
mod object_options;
mod open;
mod output;
mod path;
mod size;
mod stop;
mod stopped;
mod ui;

use std::borrow::Cow;
use std::io::Write;
use std::process::ExitCode;

use clap::error::{ContextValue, ErrorKind};

use args::Cli;
use exit::{Exit, Failure, Outcome};
use output::{Format, Output};

fn main() -> ExitCode {
    let words: Vec<_> = std::env::args_os().collect();
    if complete::is_asked(&words) {
        // A shell that went away needs no completion.
        let _ = complete::run(&words);
        return Exit::Done.into();
    }
    let cli = match args::parse(words) {
        Ok(cli) => cli,
        Err(error) => return refuse(error),
    };
    start_log(cli.output);
    match run(cli) {
        Ok(()) => Exit::Done.into(),
        Err((failure, format)) => {
            output::report(&failure, format);
            failure.exit.into()
        }
    }
}

fn run(cli: Cli) -> Result<(), (Failure, Format)> {
    let format = cli.output;
    let mut out = Output::new(format);
    let done = commands::run(cli.command, &mut out);
    let flushed: Outcome = out.flush().map_err(Failure::from);
    done.and(flushed).map_err(|failure| (failure, format))
}

/// Reports a command line that makes no sense, as data where that was asked for; help and version are no errors.
fn refuse(mut error: clap::Error) -> ExitCode {
    show_quoted(&mut error);
    let shown = matches!(
        error.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
    );
    let format = args::format(std::env::args_os());
    if !shown && format != Format::Text {
        let text = error.render().to_string();
        // The usage follows after an empty line.
        let said = text.trim_start_matches("error: ").split("\n\n").next();
        let lines: Vec<&str> = said.unwrap_or_default().lines().map(str::trim).collect();
        output::report(&Failure::usage(lines.join(" ")), format);
        return Exit::Usage.into();
    }
    // Printing help into a closed pipe is no failure, and a closed stderr leaves the exit code to speak.
    let plain = error.render().to_string();
    let _ = match output::harmless(&plain) {
        Cow::Borrowed(_) => error.print(),
        Cow::Owned(harmless) => write!(std::io::stderr(), "{harmless}"),
    };
    match error.exit_code() {
        0 => Exit::Done.into(),
        _ => Exit::Usage.into(),
    }
}

/// Has an error quote what was typed with what does not show written out: it must not drive the terminal.
fn show_quoted(error: &mut clap::Error) {
    let quoted = error.context().filter_map(|(kind, value)| match value {
        ContextValue::String(text) => Some((kind, output::shown(text))),
        _ => None,
    });
    for (kind, text) in quoted.collect::<Vec<_>>() {
        error.insert(kind, ContextValue::String(text));
    }
}

/// Log lines go to stderr: as JSON where results are data, else as text.
fn start_log(format: Format) {
    let filter = tracing_subscriber::EnvFilter::builder()
        .with_default_directive(tracing_subscriber::filter::LevelFilter::ERROR.into())
        .with_env_var("REMANENCE_LOG")
        .from_env_lossy();
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    match format {
        Format::Text => log.with_ansi(output::is_stderr_coloured()).init(),
        Format::Json | Format::Yaml => log.json().init(),
    }
}
