//! The same command line as `kubectl memory`: a store is named as an object, `project/notes.md`, in the namespace and
//! context that kubectl's own options name.
//!
//! The words are put into those of `remanence` before they are parsed: `-n team-a cat project/a.md` becomes
//! `cat k8s://team-a/project /a.md`. So there is one parser, and commands know of places only.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::builder::Resettable;
use clap::error::ErrorKind;
use clap::{Arg, Command, CommandFactory};

use crate::args::Cli;
use crate::cluster::{Kind, ObjectUrl};
use crate::exit::HELP;

/// The name by which kubectl finds a plugin, and what the user types.
const PROGRAM: &str = "kubectl-memory";
const TYPED: &str = "kubectl memory";

/// The argument that names the store, and those that name what is in it.
pub(crate) const STORE: &str = "place";
const INSIDE: [&str; 3] = ["path", "from", "line"];

/// What the operator does in a cluster, or what is about this machine.
const HIDDEN: [&str; 4] = ["mount", "unmount", "init", "maintain"];

/// What a Dream of a cluster is made with; the rest is said by its schedule, or by a Dream that is applied.
pub(crate) const DREAMT_WITH: [&str; 5] = [STORE, "instructions", "dry_run", "review", "wait"];

/// What is done with a Dream.
pub(crate) const ON_DREAMS: [&str; 3] = ["approve", "reject", "undo"];

/// kubectl's options, which commands that are about a whole namespace have themselves.
const NAMESPACE: &str = "namespace";

/// How a Dream is named.
pub(crate) const DREAM: &str = "dream";

const EXAMPLES: &str = "\
Examples:
  kubectl memory ls project
  kubectl memory cat project/MEMORY.md -n team-a
  kubectl memory log project -o json

It needs get on memorystores/content of the group content.remanence.dev to read, update to write, delete to redact.";

const DREAM_HELP: &str = "\
Examples:
  kubectl memory dream project --wait
  kubectl memory dream project --review --wait      # then: kubectl memory approve dream/NAME

It makes a Dream of this namespace; `kubectl get dreams` lists them. A model, a budget and more: apply a Dream or a DreamSchedule.";

/// Whether this process was started as the plugin.
pub(crate) fn is_plugin(words: &[OsString]) -> bool {
    let program = words.first().map(Path::new).and_then(Path::file_stem);
    program.is_some_and(|name| name == PROGRAM)
}

/// The command line as the plugin shows it.
pub(crate) fn command() -> Command {
    let mut command = Cli::command()
        .name(TYPED)
        .bin_name(TYPED)
        .about("Look into agents' memories and change them, in your own name")
        .after_help(format!("{EXAMPLES}\n\n{HELP}"))
        .args(options());
    for sub in HIDDEN {
        command = command.mut_subcommand(sub, |sub| sub.hide(true));
    }
    command.mut_subcommands(adapted)
}

/// kubectl's own options; they are taken out of the words before these are parsed.
fn options() -> [Arg; 3] {
    let option = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(value).help(help).global(true)
    };
    [
        option(
            "namespace",
            "NAMESPACE",
            "The store's namespace [default: the context's]",
        )
        .short('n'),
        option(
            "context",
            "CONTEXT",
            "The context of the kubeconfig [default: the current one]",
        ),
        option("kubeconfig", "FILE", "The kubeconfig [default: as kubectl finds it]"),
    ]
}

fn adapted(sub: Command) -> Command {
    let name = sub.get_name().to_owned();
    if HIDDEN.contains(&name.as_str()) || !has(&sub, STORE) {
        return sub;
    }
    let inside = sub
        .get_positionals()
        .find(|arg| INSIDE.contains(&arg.get_id().as_str()));
    let inside = inside.map(|arg| (arg.get_id().to_string(), arg.is_required_set()));
    let form = match &inside {
        None if ON_DREAMS.contains(&name.as_str()) => "dream/NAME",
        None => "STORE",
        Some((id, _)) if id == "line" => "STORE/FILE:LINE",
        Some((_, true)) => "STORE/PATH",
        Some((_, false)) => "STORE[/PATH]",
    };
    let rest = sub
        .get_positionals()
        .filter(|arg| !INSIDE.contains(&arg.get_id().as_str()) && !ON_DREAMS.contains(&name.as_str()));
    let rest: Vec<String> = rest
        .map(|arg| match (arg.get_id().as_str(), arg.is_required_set()) {
            ("to", _) => "STORE/PATH".to_owned(),
            (id, true) => id.to_uppercase(),
            (id, false) => format!("[{}]", id.to_uppercase()),
        })
        .collect();
    let positionals: Vec<_> = sub.get_positionals().map(|arg| arg.get_id().clone()).collect();
    let options = sub
        .get_arguments()
        .filter(|arg| arg.is_required_set() && arg.get_id() != STORE);
    let options: Vec<String> = options
        .filter_map(|arg| Some((arg.get_long()?, arg.get_value_names()?.first()?)))
        .map(|(long, value)| format!("--{long} {value} "))
        .collect();
    let usage = format!("{TYPED} {name} [OPTIONS] {}{form} {}", options.concat(), rest.join(" "));
    let help = match name.as_str() {
        _ if ON_DREAMS.contains(&name.as_str()) => Some(format!("Examples:\n  {TYPED} {name} dream/project-x7k2p")),
        DREAM => Some(DREAM_HELP.to_owned()),
        _ => sub
            .get_after_help()
            .map(|help| as_plugin(&help.to_string(), inside.is_some())),
    };
    let named = match form {
        "dream/NAME" => "The Dream; `kubectl get dreams` lists them",
        "STORE" => "The store",
        _ => "The store, and what in it",
    };
    let mut sub = sub.override_usage(usage.trim_end().to_owned()).mut_arg(STORE, |arg| {
        arg.long(Resettable::Reset)
            .env(Resettable::Reset)
            .value_name(form)
            .help(named)
    });
    // Changing an argument puts it behind the others.
    for (at, id) in [STORE.into()].into_iter().chain(positionals).enumerate() {
        sub = sub.mut_arg(id, |arg| arg.index(at + 1));
    }
    if let Some((inside, _)) = inside {
        sub = sub.mut_arg(inside, |arg| arg.hide(true));
    }
    if ON_DREAMS.contains(&name.as_str()) {
        sub = sub.mut_arg("dream", |arg| arg.hide(true));
        // A store's newest can be left unnamed elsewhere; here a Dream is named always.
        let about = sub.get_about().map(ToString::to_string).unwrap_or_default();
        let what = about.split(';').next().unwrap_or_default().to_owned();
        sub = sub.about(what);
    }
    if name == DREAM {
        let others = sub.get_arguments().map(|arg| arg.get_id().clone());
        let others: Vec<_> = others.filter(|id| !DREAMT_WITH.contains(&id.as_str())).collect();
        for id in others {
            sub = sub.mut_arg(id, |arg| arg.hide(true));
        }
    }
    // `-n` is the namespace's.
    let taken = sub.get_arguments().find(|arg| arg.get_short() == Some('n'));
    if let Some(taken) = taken.map(|arg| arg.get_id().clone()) {
        sub = sub.mut_arg(taken, |arg| arg.short(Resettable::Reset));
    }
    // Everybody writes in their own name there.
    if has(&sub, "author") {
        sub = sub.mut_arg("author", |arg| arg.hide(true));
    }
    sub.after_help(help.unwrap_or_default())
}

fn has(command: &Command, id: &str) -> bool {
    command.get_arguments().any(|arg| arg.get_id() == id)
}

/// Help in the plugin's words.
fn as_plugin(help: &str, has_inside: bool) -> String {
    let line = |line: &str| {
        let line = line
            .replace("remanence ", &format!("{TYPED} "))
            .replace(" -n 5", " --limit 5");
        let Some((before, after)) = line.split_once("--store file:///srv/mem/project") else {
            return line;
        };
        let after = after.trim_start_matches(' ');
        match after.chars().next() {
            Some('a'..='z' | 'A'..='Z') if has_inside => {
                // The second path of `mv` is in the store, too.
                let after = match after.split_once(' ') {
                    Some((from, to)) if before.contains(" mv ") => format!("{from} project/{to}"),
                    _ => after.to_owned(),
                };
                format!("{before}project/{after}")
            }
            Some(_) => format!("{before}project {after}"),
            None => format!("{before}project"),
        }
    };
    help.lines().map(line).collect::<Vec<_>>().join("\n")
}

/// Puts the plugin's words into those of `remanence`.
pub(crate) fn reworded(command: &Command, words: Vec<OsString>) -> Result<Vec<OsString>, clap::Error> {
    let mut reader = Reader::new(command);
    let mut words = words.into_iter();
    reader.out.extend(words.next());
    reader.read(words)?;
    Ok(reader.end())
}

/// What a command line means that is typed up to a word.
pub(crate) struct SoFar<'a> {
    /// The command.
    pub(crate) sub: Option<&'a Command>,
    /// The namespace, and how it is reached.
    pub(crate) url: ObjectUrl,
    /// The option whose value the word is.
    pub(crate) open: Option<&'a Arg>,
    /// What the word names, where it is no option.
    pub(crate) names: Named,
    /// Whether what is in a store may be named behind it.
    pub(crate) has_inside: bool,
}

/// What a word can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Named {
    Store,
    Dream,
    StoreOrDream,
    /// Something on this machine.
    File,
    Nothing,
}

/// What the words after `kubectl memory` mean so far.
pub(crate) fn so_far<'a>(command: &'a Command, words: &[String]) -> SoFar<'a> {
    let mut reader = Reader::new(command);
    // What is wrong with them is told when they are run.
    let _ = reader.read(words.iter().map(OsString::from));
    let open = words.last().filter(|word| word.starts_with('-'));
    let open = open.and_then(|word| reader.open(word));
    let names = match reader.sub {
        Some(sub) if reader.store.is_none() && has(sub, STORE) => match sub.get_name() {
            name if ON_DREAMS.contains(&name) => Named::Dream,
            "diff" => Named::StoreOrDream,
            _ => Named::Store,
        },
        Some(sub) => {
            let known = |arg: &&Arg| ["dream"].iter().chain(&INSIDE).any(|id| arg.get_id() == id);
            let is_file = |arg: &Arg| arg.get_id() != STORE && arg.get_id() != "to";
            let others = sub.get_positionals().filter(|arg| !known(arg));
            if others.filter(|arg| arg.get_possible_values().is_empty()).any(is_file) {
                Named::File
            } else {
                Named::Nothing
            }
        }
        None => Named::Nothing,
    };
    SoFar {
        sub: reader.sub,
        open,
        names,
        has_inside: reader.sub.is_some_and(|sub| INSIDE.iter().any(|id| has(sub, id))),
        url: reader.url,
    }
}

struct Reader<'a> {
    command: &'a Command,
    sub: Option<&'a Command>,
    out: Vec<OsString>,
    url: ObjectUrl,
    /// Where the store's place goes, and how it was written.
    store: Option<(usize, String)>,
    /// How the path of a store begins in the word that comes next, if it is the second of two.
    to: Option<String>,
}

impl<'a> Reader<'a> {
    fn new(command: &'a Command) -> Self {
        Self {
            command,
            sub: None,
            out: Vec::new(),
            url: ObjectUrl::default(),
            store: None,
            to: None,
        }
    }

    fn read(&mut self, mut words: impl Iterator<Item = OsString>) -> Result<(), clap::Error> {
        while let Some(word) = words.next() {
            match word.to_str() {
                Some("--") => {
                    self.out.push(word);
                    for rest in words.by_ref() {
                        self.positional(rest)?;
                    }
                }
                Some(text) if text.len() > 1 && text.starts_with('-') => self.option(text, &mut words),
                _ => self.positional(word)?,
            }
        }
        Ok(())
    }

    fn option(&mut self, text: &str, words: &mut impl Iterator<Item = OsString>) {
        let (name, value) = match text.strip_prefix("--") {
            Some(long) => match long.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (long, None),
            },
            None => match self.namespace_in(text) {
                Some((flags, value)) => {
                    if !flags.is_empty() {
                        self.out.push(format!("-{flags}").into());
                    }
                    (NAMESPACE, Some(value))
                }
                None => ("", None),
            },
        };
        let value = value.filter(|value| !value.is_empty());
        let mut take = || value.map(OsString::from).or_else(|| words.next());
        match name {
            NAMESPACE => self.url.namespace = take().map(|value| value.to_string_lossy().into_owned()),
            "context" => self.url.context = take().map(|value| value.to_string_lossy().into_owned()),
            "kubeconfig" => self.url.kubeconfig = take().map(Into::into),
            _ => {
                self.out.push(text.into());
                if self.takes_next(text) {
                    self.out.extend(words.next());
                }
            }
        }
    }

    /// The namespace in a word of short options: the flags before its `n`, and what is behind that, which is its value
    /// unless it is empty. `-n team-a`, `-n=team-a`, `-nteam-a`, `-rn team-a`
    fn namespace_in<'t>(&self, text: &'t str) -> Option<(&'t str, &'t str)> {
        let (flags, value) = text.strip_prefix('-')?.split_once('n')?;
        // Behind an option with a value the `n` is a part of that.
        let is_flag = |short: char| {
            let arg = self.known(|arg| arg.get_short() == Some(short));
            arg.is_some_and(|arg| !arg.get_action().takes_values())
        };
        let are_flags = flags.chars().all(is_flag);
        are_flags.then(|| (flags, value.trim_start_matches('=')))
    }

    /// Whether an option's value is the next word.
    fn takes_next(&self, text: &str) -> bool {
        self.open(text).is_some()
    }

    /// The option whose value is the next word.
    fn open(&self, text: &str) -> Option<&'a Arg> {
        let takes_values = |arg: &Arg| arg.get_action().takes_values();
        if let Some(long) = text.strip_prefix("--") {
            // One that has its value already is of another name.
            return self.known(|arg| arg.get_long() == Some(long) && takes_values(arg));
        }
        let mut shorts = text.chars().skip(1);
        let valued = shorts
            .by_ref()
            .find_map(|short| self.known(|arg| arg.get_short() == Some(short) && takes_values(arg)));
        // What comes after it in the same word is its value.
        valued.filter(|_| shorts.next().is_none())
    }

    /// The option that fits, of the command or of all commands.
    fn known(&self, fits: impl Fn(&Arg) -> bool) -> Option<&'a Arg> {
        let all = self.sub.into_iter().chain([self.command]);
        all.flat_map(Command::get_arguments).find(|arg| fits(arg))
    }

    fn positional(&mut self, word: OsString) -> Result<(), clap::Error> {
        let Some(sub) = self.sub else {
            self.sub = word.to_str().and_then(|name| self.command.find_subcommand(name));
            self.out.push(word);
            return Ok(());
        };
        let text = word.to_string_lossy().into_owned();
        if let Some(begin) = self.to.take() {
            let Some(path) = text.strip_prefix(&begin) else {
                let message = format!("{text}: both paths have to be in one store; write {begin}PATH");
                return Err(self.command.clone().error(ErrorKind::ValueValidation, message));
            };
            self.out.push(path.into());
        } else if self.store.is_none() && has(sub, STORE) && !HIDDEN.contains(&sub.get_name()) {
            let (name, inside) = text
                .split_once('/')
                .map_or((text.as_str(), None), |(n, i)| (n, Some(i)));
            self.out.push(OsString::new());
            let takes_dreams = sub.get_name() == "diff" || ON_DREAMS.contains(&sub.get_name());
            if let (DREAM, Some(dream), true) = (name, inside, takes_dreams) {
                if dream.contains('/') {
                    let message = format!("{text}: a Dream has nothing in it to be named; write dream/NAME");
                    return Err(sub.clone().error(ErrorKind::ValueValidation, message));
                }
                self.url.kind = Kind::Dream;
                self.store = Some((self.out.len() - 1, dream.to_owned()));
                return Ok(());
            }
            self.store = Some((self.out.len() - 1, name.to_owned()));
            if let Some(inside) = inside.filter(|inside| !inside.is_empty()) {
                if !INSIDE.iter().any(|id| has(sub, id)) {
                    let command = sub.get_name();
                    let message = if ON_DREAMS.contains(&command) {
                        format!("{text}: `{command}` decides on a Dream; write dream/NAME")
                    } else {
                        format!("{text}: `{command}` is for a whole store; write {name}, without a path")
                    };
                    return Err(sub.clone().error(ErrorKind::ValueValidation, message));
                }
                self.out.push(format!("/{inside}").into());
                self.to = has(sub, "to")
                    .then(|| format!("{name}/"))
                    .filter(|_| sub.get_name() == "mv");
            }
        } else {
            self.out.push(word);
        }
        Ok(())
    }

    fn end(mut self) -> Vec<OsString> {
        if let Some((at, name)) = self.store {
            self.url.name = name;
            self.out[at] = self.url.to_string().into();
        } else if self.sub.is_some_and(|sub| has(sub, NAMESPACE)) {
            let kubeconfig = self.url.kubeconfig.map(PathBuf::into_os_string);
            let options = [
                ("--namespace", self.url.namespace.map(Into::into)),
                ("--context", self.url.context.map(Into::into)),
                ("--kubeconfig", kubeconfig),
            ];
            for (name, value) in options {
                self.out
                    .extend(value.into_iter().flat_map(|value| [name.into(), value]));
            }
        }
        self.out
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn words(line: &str) -> Vec<OsString> {
        line.split(' ').map(Into::into).collect()
    }

    fn reworded_line(line: &str) -> String {
        let out = reworded(&command(), words(line)).unwrap();
        let out: Vec<String> = out.into_iter().map(|word| word.into_string().unwrap()).collect();
        out.join(" ")
    }

    #[test]
    fn the_usage_shows_what_has_to_be_given() {
        let mut command = command();
        for (name, usage) in [
            ("restore", "restore [OPTIONS] --at SEQ[.OP] STORE[/PATH]"),
            ("redact", "redact [OPTIONS] --at SEQ[.OP] STORE/PATH"),
            ("ls", "ls [OPTIONS] STORE[/PATH]"),
            ("mv", "mv [OPTIONS] STORE/PATH STORE/PATH"),
            ("export", "export [OPTIONS] STORE DIR"),
        ] {
            let help = command.find_subcommand_mut(name).unwrap().render_help().to_string();
            assert!(help.contains(&format!("Usage: kubectl memory {usage}\n")), "{help}");
        }
    }

    #[test]
    fn a_store_is_named_as_an_object() {
        for (line, plain) in [
            ("kubectl-memory ls project", "kubectl-memory ls k8s://project"),
            ("k ls project/notes -R", "k ls k8s://project /notes -R"),
            ("k -n team-a cat project/a.md", "k cat k8s://team-a/project /a.md"),
            (
                "k cat project/a.md --at 17 -n team-a",
                "k cat k8s://team-a/project /a.md --at 17",
            ),
            ("k cat --at 17 project/a.md", "k cat --at 17 k8s://project /a.md"),
            (
                "k -o json cat --at=17 project/a.md",
                "k -o json cat --at=17 k8s://project /a.md",
            ),
            ("k -ojson log p --limit 5 -nx", "k -ojson log k8s://x/p --limit 5"),
            ("k mv p/a p/b/c", "k mv k8s://p /a b/c"),
            ("k rm -r p/notes", "k rm -r k8s://p /notes"),
            ("k rm -rn team-a p/notes", "k rm -r k8s://team-a/p /notes"),
            ("k rm p/notes -rn=team-a", "k rm k8s://team-a/p /notes -r"),
            ("k ls -Rnteam-a p", "k ls -R k8s://team-a/p"),
            // A value that begins with `n`, and one that is none.
            ("k ls -Ron p", "k ls -Ron k8s://p"),
            ("k ls -Ro json p -n a", "k ls -Ro json k8s://a/p"),
            ("k why p/build.md:3", "k why k8s://p /build.md:3"),
            ("k export p ./dir", "k export k8s://p ./dir"),
            (
                "k ls p --context=a/b --kubeconfig f",
                "k ls k8s://p?context=a%2Fb&kubeconfig=f",
            ),
            ("k completions bash", "k completions bash"),
            (
                "k -n a ui --port 80 --context=c",
                "k ui --port 80 --namespace a --context c",
            ),
            ("k diff dream/project-x7", "k diff k8s+dream://project-x7"),
            ("k approve dream/project-x7 -n a", "k approve k8s+dream://a/project-x7"),
            ("k dream project --wait", "k dream k8s://project --wait"),
        ] {
            assert_eq!(reworded_line(line), plain, "{line}");
        }
        let error = reworded(&command(), words("k mv p/a other/b")).unwrap_err();
        assert!(error.to_string().contains("one store"), "{error}");
        for (line, says) in [
            ("k export project/notes", "write project, without a path"),
            ("k import project/etc", "write project, without a path"),
            ("k status project/notes -o json", "write project, without a path"),
            ("k approve project/x7", "write dream/NAME"),
            ("k approve dream/team-b/x7", "write dream/NAME"),
        ] {
            let error = reworded(&command(), words(line)).unwrap_err();
            assert!(error.to_string().contains(says), "{line}: {error}");
        }
        assert_eq!(reworded_line("k export project/ dir"), "k export k8s://project dir");
    }

    #[test]
    fn every_example_of_the_help_can_be_typed() {
        let mut seen = 0;
        command().debug_assert();
        for sub in command().get_subcommands_mut().filter(|sub| !sub.is_hide_set()) {
            let help = sub.render_long_help().to_string();
            assert!(!help.contains("--store") && !help.contains("file://"), "{help}");
            for line in help.lines().filter_map(|line| line.split_once("kubectl memory ")) {
                let is_example = line.0.trim().is_empty() || line.0.ends_with("| ");
                if !is_example {
                    continue;
                }
                let typed = line.1.split(['<', '>', '#']).next().unwrap().trim();
                let words = reworded(&command(), words(&format!("kubectl-memory {typed}"))).unwrap();
                let parsed = command().try_get_matches_from(words);
                assert!(parsed.is_ok(), "{typed}: {}", parsed.unwrap_err());
                seen += 1;
            }
        }
        assert!(seen > 25, "{seen} examples");
    }

    #[test]
    fn the_help_of_a_decision_says_that_a_dream_is_to_be_named() {
        for name in ON_DREAMS {
            let mut command = command();
            let sub = command.find_subcommand_mut(name).unwrap();
            let help = sub.render_long_help().to_string();
            assert!(
                !help.contains("without DREAM") && !help.contains("The store, and"),
                "{help}"
            );
            assert!(help.contains(&format!("{name} [OPTIONS] dream/NAME")), "{help}");
        }
        let help = command().render_long_help().to_string();
        assert!(!help.contains("without DREAM"), "{help}");
    }

    #[test]
    fn only_the_plugins_name_makes_the_plugin() {
        assert!(is_plugin(&words("/usr/bin/kubectl-memory ls")));
        assert!(!is_plugin(&words("/usr/bin/remanence ls")));
    }
}
