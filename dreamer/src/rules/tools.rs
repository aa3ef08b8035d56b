//! What tools show by being used: the project's own commands that worked.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;

use crate::fact::{Finding, Kind, Mark, Op};
use crate::text::clean::pattern;
use crate::text::vocabulary::PROJECT_TASKS;

/// How a command that worked is told.
pub const COMMAND: &str = "Command that works here: ";

/// Programs that run a project's own tasks.
pub(super) const RUNNERS: &[&str] = &[
    "make",
    "just",
    "task",
    "npm",
    "pnpm",
    "yarn",
    "bun",
    "npx",
    "deno",
    "cargo",
    "go",
    "mix",
    "pytest",
    "tox",
    "nox",
    "poetry",
    "uv",
    "hatch",
    "pdm",
    "gradle",
    "gradlew",
    "mvn",
    "mvnw",
    "sbt",
    "rake",
    "bundle",
    "rails",
    "composer",
    "artisan",
    "dotnet",
    "swift",
    "bazel",
    "buck",
    "meson",
    "ninja",
    "cmake",
    "invoke",
    "earthly",
    "turbo",
    "nx",
    "carton",
    "prove",
    "cabal",
    "stack",
    "rebar3",
    "dune",
    "lein",
    "ctest",
    "mage",
    "pixi",
    "pipenv",
    "rye",
    "flutter",
    "dart",
    "zig",
    "phpunit",
    "rspec",
    "poe",
    "lerna",
    "rush",
    "ant",
    "nimble",
    "shards",
    "gleam",
    "elm-test",
    "snakemake",
    "nextflow",
    "dvc",
];
/// After these words of a command comes what they run.
const RUNS: [&str; 8] = ["run", "exec", "-m", "compose", "task", "poe", "x", "dlx"];
pub(super) static FAILED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?im)^(?:.*\b(?:error(?:s|\[E\d+\])?:|failed|FAILED|not ok|Traceback|command not found|No such file|fatal:|panicked|No rule to make|Missing script|Unknown (?:command|task))\b|(?-i:E) {3,}\S|exit code:? [1-9]|.*exited with code [1-9])",
    )
});

/// The project command in a command line that worked, without what belongs to the one run.
pub fn worked(line: &str, output: &str, failed: bool) -> Option<String> {
    if failed || line.len() > 400 || line.contains("<<") {
        return None;
    }
    let parts = line.split("&&").flat_map(|part| part.split(';'));
    let worked = parts.filter_map(command).last()?;
    // Most tools run no such command: only of those that do, all that they gave back is searched.
    (!FAILED.is_match(output)).then_some(worked)
}

fn command(part: &str) -> Option<String> {
    let part = part.split('|').next()?.split(" 2>").next()?.split(" >").next()?.trim();
    let mut words = part.split_whitespace().skip_while(|w| {
        w.contains('=')
            || matches!(*w, "time" | "env" | "timeout" | "sudo" | "exec")
            || w.bytes().all(|b| b.is_ascii_digit())
    });
    let first = words.next()?;
    let name = first.rsplit('/').next()?;
    let script = first.starts_with("./") && name.rsplit_once('.').is_none_or(|(_, end)| end == "sh");
    let module = matches!(name, "python" | "python3");
    if !RUNNERS.contains(&name) && !script && !module {
        return None;
    }
    let mut kept = vec![first.to_owned()];
    for word in words {
        let plain = word
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | ':' | '.'));
        let nested = kept.last().is_some_and(|last| RUNS.contains(&last.as_str()));
        // A path, a quoted word, an option or a value belongs to the one run.
        if !plain
            || word.starts_with('.')
            || (word.starts_with('-') && !(module && word == "-m") && !(script && kept.len() == 1))
        {
            break;
        }
        if kept.len() > 1 && !nested {
            break;
        }
        kept.push(word.to_owned());
    }
    if module && kept.get(1).is_none_or(|w| w != "-m") {
        return None;
    }
    let says_something = script || kept.len() > 1 || matches!(name, "pytest" | "make" | "tox" | "nox");
    let passing = [
        "install", "add", "init", "i", "new", "create", "ci", "update", "login", "publish", "get", "mod", "exec",
        "version", "help",
    ];
    let last = kept.get(1).filter(|w| *w != "exec" || kept.len() == 2);
    let one_off = last.is_some_and(|w| passing.contains(&w.as_str()));
    (says_something && !one_off).then(|| kept.join(" "))
}

/// Whether a command runs one of a project's usual tasks: once is enough for them.
fn is_usual(command: &str) -> bool {
    command
        .split([' ', ':', '-', '/', '.', '_'])
        .any(|word| PROJECT_TASKS.contains(word))
        || command.contains("pytest")
}

/// One finding a command; at most six of a session, the most used first.
pub fn findings(used: &BTreeMap<String, usize>) -> Vec<Finding> {
    let mut all: Vec<_> = used
        .iter()
        .filter(|(command, times)| **times > 1 || is_usual(command))
        .collect();
    all.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
    all.truncate(6);
    all.into_iter()
        .map(|(command, _)| Finding {
            op: Op::State,
            text: format!("{COMMAND}`{command}`"),
            kind: Kind::Project,
            importance: 3,
            mark: Mark::default(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_projects_command_without_the_one_run() {
        for (line, command) in [
            ("cd app && mix test test/a_test.exs:12 2>&1 | tail -5", Some("mix test")),
            ("make seed", Some("make seed")),
            ("npm run lint:fix", Some("npm run lint:fix")),
            ("uv run poe check", Some("uv run poe check")),
            ("deno task dev", Some("deno task dev")),
            (
                "bundle install && bundle exec rspec spec/a_spec.rb",
                Some("bundle exec rspec"),
            ),
            ("carton exec prove -lr t", Some("carton exec prove")),
            ("bundle exec", None),
            ("CI=1 cargo test -p core", Some("cargo test")),
            ("python -m pytest -x tests/a.py", Some("python -m pytest")),
            ("./scripts/check.sh --fast", Some("./scripts/check.sh --fast")),
            ("npm install left-pad", None),
            ("git status", None),
            ("ls -la", None),
        ] {
            assert_eq!(worked(line, "ok", false).as_deref(), command, "{line}");
        }
        assert_eq!(worked("make seed", "make: *** No rule to make target", false), None);
        assert_eq!(
            worked("pytest -q", "E   loom server not reachable on :7070", false),
            None
        );
    }
}
