//! What a command line says that has no meaning where the store is an object of a cluster: it is refused, so that nobody
//! believes that it was heard.

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{ArgMatches, Command};

use crate::cluster::Kind;
use crate::kubectl::{DREAM, DREAMT_WITH, ON_DREAMS, STORE};
use crate::open::Place;

/// Checks a command line that was parsed by `command`.
///
/// # Errors
/// When it says something that would be ignored.
pub(crate) fn check(command: &Command, matches: &ArgMatches) -> Result<(), clap::Error> {
    let Some((name, matches)) = matches.subcommand() else {
        return Ok(());
    };
    let (Some(sub), Ok(Some(Place::Object(url)))) =
        (command.find_subcommand(name), matches.try_get_one::<Place>(STORE))
    else {
        return Ok(());
    };
    let own = sub.get_arguments().filter(|arg| !arg.is_global_set());
    for arg in own {
        let id = arg.get_id().as_str();
        if matches.value_source(id) != Some(ValueSource::CommandLine) {
            continue;
        }
        if let Some(why) = ignored(name, url.kind, id) {
            let named = arg
                .get_long()
                .map_or_else(|| id.to_uppercase(), |long| format!("--{long}"));
            return Err(sub
                .clone()
                .error(ErrorKind::ArgumentConflict, format!("{named}: {why}")));
        }
    }
    Ok(())
}

/// Why an argument means nothing to an object of that kind, and what to do; `None` where it does.
fn ignored(command: &str, kind: Kind, id: &str) -> Option<&'static str> {
    match (command, kind, id) {
        (_, _, "author") => Some("in a cluster everybody writes in their own name; leave it out"),
        (command, Kind::Dream, "dream") if ON_DREAMS.contains(&command) => {
            Some("the address of the store names the Dream already; leave it out")
        }
        ("diff", Kind::Dream, "path" | "at" | "to") => {
            Some("all that a Dream changed is shown; leave it out, or compare two moments of the store itself")
        }
        (DREAM, _, id) if !DREAMT_WITH.contains(&id) => {
            Some("in a cluster the Dream's object says this; leave it out, or apply a Dream or a DreamSchedule with it")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use crate::args::parse;

    fn parsed(line: &str) -> Result<(), clap::Error> {
        parse(line.split(' ').map(Into::into).collect()).map(drop)
    }

    #[test]
    fn what_would_be_ignored_is_refused_with_what_to_do() {
        for (line, named) in [
            ("remanence put --store k8s://a/p a.md --author bob", "--author"),
            (
                "remanence redact --store k8s://a/p a.md --at 1.1 --author bob",
                "--author",
            ),
            ("remanence approve --store k8s+dream://a/p-x7 --author bob", "--author"),
            ("remanence undo --store k8s+dream://a/p-x7 2026-06-01-a1b2c3", "DREAM"),
            ("remanence diff --store k8s+dream://a/p-x7 notes", "PATH"),
            ("remanence diff --store k8s+dream://a/p-x7 --at 3", "--at"),
            ("remanence diff --store k8s+dream://a/p-x7 --to 3", "--to"),
            ("remanence dream --store k8s://a/p --sessions logs", "--sessions"),
            ("remanence dream --store k8s://a/p --model rules", "--model"),
            ("remanence dream --store k8s://a/p --budget-tokens 9", "--budget-tokens"),
            ("remanence dream --store k8s://a/p --facts all", "--facts"),
            ("remanence dream --store k8s://a/p --now 2026-06-01T00:00:00Z", "--now"),
            ("remanence dream --store k8s://a/p --memory-size 1Ki", "--memory-size"),
            ("remanence dream --store k8s://a/p --again", "--again"),
            ("kubectl-memory dream p --again", "--again"),
            ("kubectl-memory diff dream/p-x7 --at 3", "--at"),
            ("kubectl-memory rm p/a.md --author bob", "--author"),
        ] {
            let refused = parsed(line).unwrap_err();
            assert_eq!(refused.exit_code(), 2, "{line}");
            let said = refused.to_string();
            assert!(said.contains(&format!("error: {named}: ")), "{line}: {said}");
            assert!(said.contains("leave it out"), "{line}: {said}");
        }
    }

    #[test]
    fn what_has_a_meaning_is_taken() {
        for line in [
            "remanence -o json dream --store k8s://a/p --review --instructions orders.txt --wait",
            "remanence approve --store k8s+dream://a/p-x7 -o yaml",
            "remanence diff --store k8s+dream://a/p-x7",
            "remanence diff --store k8s://a/p notes --at 1 --to 2",
            "remanence undo --store file:///p 2026-06-01-a1b2c3 --author bob",
            "kubectl-memory dream p --dry-run -n a",
            "kubectl-memory diff p/notes --at 1",
        ] {
            assert!(parsed(line).is_ok(), "{line}: {:?}", parsed(line));
        }
    }
}
