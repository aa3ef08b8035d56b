//! Completion for kubectl: it runs `kubectl_complete-memory` with the words after `kubectl memory`, the last of them half
//! typed, and reads what can stand there, one a line with a description behind a tab, and at the end `:` and a number that
//! says what else the shell is to do.

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

use clap::{Arg, Command};
use kube::ResourceExt;

use crate::cluster::{Dreams, Namespace, ObjectUrl, phase};
use crate::commands::ls;
use crate::exit::Failure;
use crate::kubectl::{self, Named, SoFar};

/// The name by which kubectl finds it.
const PROGRAM: &str = "kubectl_complete-memory";

/// How long a shell may be kept waiting.
const PATIENCE: Duration = Duration::from_secs(3);

/// What else the shell is to do, as cobra numbers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Then {
    /// Files of this machine are meant.
    Files = 0,
    /// Nothing: what could stand here is not known.
    Error = 1,
    /// Nothing more.
    Nothing = 4,
    /// No space behind it, since more of the word may follow.
    NoSpace = 2 | 4,
}

/// What can stand there: a word, and what it is.
type Candidate = (String, String);

/// Whether this process was started to complete a command line.
pub(crate) fn is_asked(words: &[OsString]) -> bool {
    let program = words.first().map(Path::new).and_then(Path::file_stem);
    program.is_some_and(|name| name == PROGRAM)
}

/// Prints what can stand in place of the last word.
pub(crate) fn run(words: &[OsString]) -> io::Result<()> {
    let typed: Vec<String> = words
        .iter()
        .skip(1)
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    let (done, current) = match typed.split_last() {
        Some((current, done)) => (done, current.as_str()),
        None => (&[][..], ""),
    };
    let (candidates, then) = candidates(done, current);
    let mut out = io::stdout().lock();
    for (word, about) in candidates {
        // What others named must not become lines of its own.
        if word.starts_with(current) && !word.contains(char::is_control) {
            writeln!(out, "{word}\t{}", about.replace(char::is_control, " "))?;
        }
    }
    writeln!(out, ":{}", then as u8)
}

fn candidates(done: &[String], current: &str) -> (Vec<Candidate>, Then) {
    let command = kubectl::command();
    let so_far = kubectl::so_far(&command, done);
    if let Some(option) = so_far.open {
        return match option.get_id().as_str() {
            "kubeconfig" => (Vec::new(), Then::Files),
            "namespace" | "context" => (Vec::new(), Then::Nothing),
            _ => (values(option), Then::Nothing),
        };
    }
    let Some(sub) = so_far.sub else {
        return match current.strip_prefix('-') {
            Some(_) => (options(&[&command]), Then::Nothing),
            None => (commands(&command), Then::Nothing),
        };
    };
    if current.starts_with('-') {
        return (options(&[sub, &command]), Then::Nothing);
    }
    match so_far.names {
        Named::Nothing => (Vec::new(), Then::Nothing),
        Named::File => (Vec::new(), Then::Files),
        _ => ask(&so_far, current).unwrap_or((Vec::new(), Then::Error)),
    }
}

fn commands(command: &Command) -> Vec<Candidate> {
    let shown = command.get_subcommands().filter(|sub| !sub.is_hide_set());
    shown
        .map(|sub| {
            (
                sub.get_name().to_owned(),
                sub.get_about().map(ToString::to_string).unwrap_or_default(),
            )
        })
        .collect()
}

fn options(commands: &[&Command]) -> Vec<Candidate> {
    let all = commands.iter().flat_map(|command| command.get_arguments());
    all.filter(|arg| !arg.is_hide_set())
        .filter_map(|arg| {
            let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
            Some((format!("--{}", arg.get_long()?), help))
        })
        .collect()
}

fn values(option: &Arg) -> Vec<Candidate> {
    let values = option.get_possible_values();
    values
        .iter()
        .map(|value| {
            let help = value.get_help().map(ToString::to_string).unwrap_or_default();
            (value.get_name().to_owned(), help)
        })
        .collect()
}

/// Asks the cluster for names; none where it says nothing in time.
fn ask(so_far: &SoFar<'_>, current: &str) -> Option<(Vec<Candidate>, Then)> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .ok()?;
    let names = async {
        match (so_far.names, current.split_once('/')) {
            (Named::Dream, _) | (Named::StoreOrDream, Some(("dream", _))) => dreams(&so_far.url).await,
            (_, Some((store, inside))) if so_far.has_inside => paths(&so_far.url, store, inside).await,
            _ => stores(&so_far.url, so_far.has_inside).await,
        }
    };
    let answered = runtime.block_on(async { tokio::time::timeout(PATIENCE, names).await });
    answered.ok()?.ok()
}

async fn stores(url: &ObjectUrl, has_inside: bool) -> Result<(Vec<Candidate>, Then), Failure> {
    let stores = Namespace::of(url).await?.stores().await?;
    let named = stores.iter().map(|store| {
        (
            store.name_any(),
            store.spec.description.lines().next().unwrap_or_default().to_owned(),
        )
    });
    let then = if has_inside { Then::NoSpace } else { Then::Nothing };
    Ok((named.collect(), then))
}

async fn dreams(url: &ObjectUrl) -> Result<(Vec<Candidate>, Then), Failure> {
    let dreams = Namespace::of(url).await?.dreams().list().await?;
    let named = dreams
        .iter()
        .map(|dream| (Dreams::typed(dream), format!("{:?}", phase(dream))));
    Ok((named.collect(), Then::Nothing))
}

/// What is in the folder that is typed so far.
async fn paths(url: &ObjectUrl, store: &str, inside: &str) -> Result<(Vec<Candidate>, Then), Failure> {
    let folder = inside.rsplit_once('/').map_or("", |(folder, _)| folder);
    let content = Namespace::of(url).await?.content(store);
    let items = ls::list(&content.read().await?, &format!("/{folder}"), None, false).await?;
    let named = items.iter().map(|item| {
        let slash = if item.kind == "folder" { "/" } else { "" };
        (format!("{store}{}{slash}", item.path), item.author.to_string())
    });
    Ok((named.collect(), Then::NoSpace))
}
