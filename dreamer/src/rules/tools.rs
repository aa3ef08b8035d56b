//! What tools show by being used: the project's own commands that worked.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;

use super::runs::{NONE_FAILED, REFUSED};
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
const RUNS: [&str; 9] = ["run", "exec", "-m", "compose", "task", "poe", "x", "dlx", "nextest"];
/// Programs that run what a project sets up, and give out what others hold, too.
const SET_UP: [&str; 4] = ["docker", "docker-compose", "terraform", "tofu"];
/// Programs of which a project itself says what their words do.
const OWN_WORDS: [&str; 13] = [
    "make",
    "just",
    "task",
    "rake",
    "invoke",
    "mage",
    "poe",
    "gradle",
    "gradlew",
    "ant",
    "ninja",
    "snakemake",
    "turbo",
];
/// Words that ask something, make something once, or tell nothing without what stood behind them, where a program means
/// the same by them in every project.
const ONCE: [&str; 38] = [
    "generate",
    "g",
    "runner",
    "console",
    "dbconsole",
    "destroy",
    "scaffold",
    "tinker",
    "show",
    "state",
    "output",
    "import",
    "workspace",
    "why",
    "search",
    "whoami",
    "config",
    "explain",
    "tree",
    "metadata",
    "env",
    "doctor",
    "devices",
    "ps",
    "logs",
    "down",
    "stop",
    "pull",
    "push",
    "rm",
    "kill",
    "images",
    "top",
    "restart",
    "audit",
    "link",
    "graph",
    "providers",
];
/// Modules of Python itself: small tools for what is at hand.
const OF_PYTHON: [&str; 14] = [
    "py_compile",
    "compileall",
    "json.tool",
    "http.server",
    "venv",
    "pip",
    "timeit",
    "this",
    "site",
    "ast",
    "zipfile",
    "base64",
    "cProfile",
    "pdb",
];
pub(super) static FAILED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?im)^(?:.*\b(?:error(?:s|\[E\d+\])?:|failed|FAILED|not ok|Traceback|command not found|No such file|fatal:|panicked|No rule to make|Missing script|Unknown (?:command|task))\b|(?-i:E) {3,}\S|exit code:? [1-9]|.*exited with code [1-9])",
    )
});

/// A command that goes on in the background, or one of a script's own: what comes of it is told later, or never.
static GOES_ON: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?m)^(?:Command running in background with ID: \S|Process running with session ID \d|Script (?:completed|running)\b)|\A\[\d+\] \d+\s*\z",
    )
});
/// Settings whose values are not repeated.
static GUARDED: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)key|token|secret|pass|pwd|auth|cred|cookie|session|private|dsn"));

/// Whether what a shell gave back says only that its command goes on.
pub fn goes_on(line: &str, output: &str) -> bool {
    let last = line.trim_end();
    last.ends_with('&') && !last.ends_with("&&") || GOES_ON.is_match(output)
}

/// One run of a project's own command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// As it was run.
    form: String,
    /// Without what belongs to the one run.
    pub told: String,
    /// The same without its settings.
    pub bare: String,
    /// Whether it worked.
    pub worked: bool,
}

/// The run of a project's command that a command line comes to, where its outcome is known.
pub fn run(line: &str, output: &str, failed: bool) -> Option<Run> {
    if line.len() > 400 || line.contains("<<") || goes_on(line, output) {
        return None;
    }
    let parts = line.split("&&").flat_map(|part| part.split(';'));
    let (part, (form, told, bare)) = parts.filter_map(|part| Some((part, command(part)?))).last()?;
    if part.split_whitespace().any(|word| word == "&") {
        return None;
    }
    // Most tools run no such command: only of those that do, all that they gave back is searched.
    let output = NONE_FAILED.replace_all(output, "");
    let failed = failed || FAILED.is_match(&output);
    // "make test | tail", "make test; ls", "make test || true": it may have failed all the same.
    let after = line.rsplit_once(part).map_or("", |(_, after)| after);
    let last = !part.contains('|') && !after.starts_with(';');
    let hidden = part.contains("||") || after.contains("$?") || !last && REFUSED.is_match(&output);
    (failed || !hidden).then_some(Run {
        form,
        told,
        bare,
        worked: !failed,
    })
}

/// A project's command in a part of a command line: as it was run, without what belongs to the one run, and without its
/// settings ("DB=1"), too.
fn command(part: &str) -> Option<(String, String, String)> {
    let part = part.split('|').next()?.split(" 2>").next()?.split(" >").next()?.trim();
    let all: Vec<&str> = part.split_whitespace().collect();
    let begins = |w: &&str| {
        !(w.contains('=')
            || matches!(*w, "time" | "env" | "timeout" | "sudo" | "exec")
            || w.bytes().all(|b| b.is_ascii_digit()))
    };
    let at = all.iter().position(begins)?;
    let (first, words) = all[at..].split_first()?;
    let name = first.rsplit('/').next()?;
    // "~/.cargo/bin/cargo" is cargo; a wrapper or an environment of the project is more than its name.
    let installed = first.starts_with(['/', '~', '$'])
        && RUNNERS.contains(&name)
        && !matches!(name, "gradlew" | "mvnw" | "artisan")
        && !["venv/", "node_modules/"].iter().any(|own| first.contains(own));
    let first = if installed { name } else { *first };
    let script = first.starts_with("./") && name.rsplit_once('.').is_none_or(|(_, end)| end == "sh");
    let module = matches!(name, "python" | "python3");
    if !RUNNERS.contains(&name) && !script && !module && !SET_UP.contains(&name) {
        return None;
    }
    // "docker run", "docker images": of one container, and no project.
    if name == "docker" && words.first() != Some(&"compose") {
        return None;
    }
    let mut kept = vec![first];
    for word in words {
        let plain = word
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | ':' | '.'));
        // "cargo nextest run mill": what is run is the one run.
        let done = kept.get(1) == Some(&"nextest") && kept.len() > 2;
        let nested = !done && kept.last().is_some_and(|last| RUNS.contains(last));
        // A path, a quoted word, an option or a value belongs to the one run.
        if !plain
            || word.starts_with('.')
            || (word.starts_with('-') && !(module && *word == "-m") && !(script && kept.len() == 1))
        {
            break;
        }
        if kept.len() > 1 && !nested {
            break;
        }
        kept.push(*word);
    }
    if module && (kept.get(1).is_none_or(|w| *w != "-m") || kept.get(2).is_none_or(|of| OF_PYTHON.contains(of))) {
        return None;
    }
    // "docker compose run --rm web pytest": what is run there is cut away.
    let compose = SET_UP.contains(&name) && kept.iter().any(|word| matches!(*word, "run" | "exec"));
    let unnamed = name == "docker" && kept.len() < 3 || compose && kept.len() <= words.len();
    if unnamed || !OWN_WORDS.contains(&name) && !script && !module && makes_once(&kept) {
        return None;
    }
    // "make -C mill weave" is not what `make` alone does.
    let whole = kept.len() > words.len() || words.iter().all(|word| is_setting(word));
    let says_something =
        script || kept.len() > 1 || matches!(name, "pytest" | "tox" | "nox") || name == "make" && whole;
    let passing = [
        "install", "add", "init", "i", "new", "create", "update", "login", "publish", "get", "mod", "exec", "version",
        "help", "view", "info", "ls", "list", "pub", "outdated",
    ];
    let last = kept.get(1).filter(|w| **w != "exec" || kept.len() == 2);
    let fetches = |word: &&str| *word == "ci" && matches!(name, "npm" | "pnpm" | "yarn" | "bun");
    if !says_something || last.is_some_and(|w| passing.contains(w) || fetches(w)) {
        return None;
    }
    let before = all[..at].iter().copied().filter(|word| is_setting(word));
    let after = words
        .iter()
        .copied()
        .take_while(|word| *word != "--")
        .filter(|word| is_setting(word));
    let (before, after): (Vec<&str>, Vec<&str>) = (before.collect(), after.collect());
    // It may not work without a setting, and not every setting may be told.
    let may_be_told = |word: &&str| {
        let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | ':' | '.' | ',' | '/' | '=');
        word.len() <= 60 && word.chars().all(plain) && !GUARDED.is_match(word)
    };
    let set = before.iter().chain(&after).all(may_be_told);
    let bare = kept.join(" ");
    let told = [before.as_slice(), &kept, &after].concat().join(" ");
    let form = [before.as_slice(), &[first], words].concat().join(" ");
    set.then_some((form, told, bare))
}

/// "rails generate", "mix phx.gen.html", "docker compose ps": done once, or asked.
fn makes_once(kept: &[&str]) -> bool {
    let at = if kept.get(1) == Some(&"compose") { 2 } else { 1 };
    kept.get(at).is_some_and(|word| {
        let own = matches!(kept, ["go" | "yarn" | "pnpm" | "bun", "generate", ..]);
        ONCE.contains(word) && !own || word.contains(".gen.") || word.starts_with("make:")
    })
}

/// "DB=1"
fn is_setting(word: &str) -> bool {
    let name = |name: &str| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    word.split_once('=').is_some_and(|(before, _)| name(before))
}

/// What the runs of a session's own commands came to, by the form in which they were run.
#[derive(Debug, Default)]
pub struct Commands(BTreeMap<String, Outcome>);

/// All runs in one form.
#[derive(Debug)]
struct Outcome {
    told: String,
    bare: String,
    /// How often it worked.
    times: usize,
    /// Whether it did the last time.
    works: bool,
}

impl Commands {
    /// Takes in a run. One that an earlier Dream read says only whether the form works.
    pub fn ran(&mut self, run: Run, is_known: bool) {
        let outcome = self.0.entry(run.form).or_insert(Outcome {
            told: run.told,
            bare: run.bare,
            times: 0,
            works: false,
        });
        outcome.works = run.worked;
        outcome.times += usize::from(run.worked && !is_known);
    }

    /// One finding a command; at most half a dozen of a session, the most used first.
    pub fn findings(&self) -> Vec<Finding> {
        let working: Vec<&Outcome> = self.0.values().filter(|run| run.works && run.times > 0).collect();
        let mut used: BTreeMap<&str, usize> = BTreeMap::new();
        for run in &working {
            let alone = working.iter().any(|other| other.told == run.bare);
            let told: &str = if alone { &run.bare } else { &run.told };
            *used.entry(told).or_default() += run.times;
        }
        // `make weave` does not work where only `make weave -B` did, nor all of the tests where only some of them did.
        let all_of_it = |form: &str, told: &str| {
            form.strip_prefix(told)
                .is_some_and(|rest| rest.starts_with(' ') && rest.split_whitespace().all(|word| word.starts_with('-')))
        };
        let fails = |told: &str| {
            if let Some(run) = self.0.get(told) {
                return !run.works;
            }
            let whole = self.0.iter().filter(|(form, _)| all_of_it(form, told));
            let works: Vec<bool> = whole.map(|(_, run)| run.works).collect();
            !works.is_empty() && !works.contains(&true)
        };
        let mut all: Vec<_> = used
            .into_iter()
            .filter(|(told, times)| (*times > 1 || is_usual(told)) && !fails(told))
            .collect();
        all.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
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
}

/// Whether a command runs one of a project's usual tasks: once is enough for them.
fn is_usual(command: &str) -> bool {
    const TASKS: [&str; 7] = ["ci", "deploy", "release", "verify", "package", "nextest", "plan"];
    command
        .split([' ', ':', '-', '/', '.', '_'])
        .any(|word| PROJECT_TASKS.contains(word) || TASKS.contains(&word))
        || command.contains("pytest")
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
            ("cargo test -p core", Some("cargo test")),
            ("CI=1 cargo test -p core", Some("CI=1 cargo test")),
            ("make check DB=1 > log", Some("make check DB=1")),
            ("npm test -- shade=red", Some("npm test")),
            ("DB_PASSWORD=x make check", None),
            ("make -C mill check", None),
            ("make -j4", None),
            ("make", Some("make")),
            ("~/.cargo/bin/cargo build", Some("cargo build")),
            ("/usr/bin/make check", Some("make check")),
            ("$HOME/go/bin/mage test", Some("mage test")),
            ("/srv/mill/.venv/bin/pytest -q", Some("/srv/mill/.venv/bin/pytest")),
            ("python -m pytest -x tests/a.py", Some("python -m pytest")),
            ("./scripts/check.sh --fast", Some("./scripts/check.sh --fast")),
            ("make deploy ENV=staging", Some("make deploy ENV=staging")),
            ("just ci", Some("just ci")),
            ("npm ci", None),
            ("cargo nextest run", Some("cargo nextest run")),
            ("cargo nextest run warp_is_tight --release", Some("cargo nextest run")),
            ("docker compose up -d", Some("docker compose up")),
            ("docker-compose up -d loom", Some("docker-compose up")),
            ("docker compose run tests", Some("docker compose run tests")),
            ("docker compose run web pytest -q", None),
            ("docker compose run --rm web pytest", None),
            ("docker compose -f mill.yml up", None),
            ("docker compose ps", None),
            ("docker run --rm loom", None),
            ("docker build -t loom .", None),
            ("terraform plan -out=p", Some("terraform plan")),
            ("terraform state list", None),
            ("bin/rails test", Some("bin/rails test")),
            ("bin/rails generate model Loom", None),
            ("bin/rails runner 'puts Loom.count'", None),
            ("mix phx.gen.html Mill Loom looms", None),
            ("php artisan make:model Loom", None),
            ("go generate ./...", Some("go generate")),
            ("make generate", Some("make generate")),
            ("./gradlew generate", Some("./gradlew generate")),
            ("npm run generate", Some("npm run generate")),
            ("python -m py_compile mill/warp.py", None),
            ("python3 -m json.tool a.json", None),
            ("python -m mill.seed", Some("python -m mill.seed")),
            ("cargo tree -d", None),
            ("npm install left-pad", None),
            ("git status", None),
            ("ls -la", None),
        ] {
            assert_eq!(run(line, "ok", false).map(|run| run.told).as_deref(), command, "{line}");
        }
    }

    #[test]
    fn what_came_of_a_run() {
        let worked = |line: &str, output: &str| run(line, output, false).map(|run| run.worked);
        for output in [
            "make: *** No rule to make target",
            "E   loom server not reachable on :7070",
        ] {
            assert_eq!(worked("make seed", output), Some(false), "{output}");
        }
        assert_eq!(
            worked("cargo test", "test result: ok. 5 passed; 0 failed; 0 ignored"),
            Some(true)
        );
        // What a pipe or "|| true" hides is not known.
        assert_eq!(worked("make seed || true", "3 seeds"), None);
        assert_eq!(worked("make seed; echo $?", "2"), None);
        assert_eq!(worked("make seed; ls", "seeds: permission denied"), None);
        assert_eq!(worked("make seed | tail -3", "2 seeds, cannot reach the loom"), None);
        assert_eq!(worked("make seed | tail -3", "2 seeds"), Some(true));
        // Nor is what has only begun.
        for (line, output) in [
            ("npm run dev", "Command running in background with ID: bash_1"),
            (
                "npm run dev",
                "Chunk ID: 1\nWall time: 1.0 seconds\nProcess running with session ID 7\nOutput:\n",
            ),
            ("npm run dev &", ""),
            ("npm run dev & sleep 3", ""),
            ("npm run dev > log 2>&1 &", "[1] 4711"),
        ] {
            assert_eq!(worked(line, output), None, "{line}: {output}");
        }
    }

    #[test]
    fn a_command_works_only_as_it_did() {
        let told = |runs: &[(&str, bool)]| {
            let mut all = Commands::default();
            for (line, failed) in runs {
                if let Some(run) = run(line, "", *failed) {
                    all.ran(run, false);
                }
            }
            let texts = all.findings().into_iter().map(|found| found.text.replace(COMMAND, ""));
            texts.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(
            told(&[("make test", true), ("make test DB=1", false)]),
            "`make test DB=1`"
        );
        assert_eq!(
            told(&[("./test.sh", true), ("DB=1 ./test.sh", false)]),
            "`DB=1 ./test.sh`"
        );
        assert_eq!(told(&[("pytest", true), ("pytest -p loom tests", false)]), "");
        assert_eq!(told(&[("pytest -q mill", false), ("pytest", true)]), "");
        assert_eq!(told(&[("pytest -q", true), ("pytest -q mill", false)]), "");
        assert_eq!(told(&[("npm test -- --ci", true), ("npm test -- warp", false)]), "");
        assert_eq!(told(&[("pytest -q", true), ("pytest -x", false)]), "`pytest`");
        assert_eq!(told(&[("cargo test", false), ("cargo test", true)]), "");
        // What was red first and is green now works, and so does what another part of it does not.
        assert_eq!(told(&[("cargo test", true), ("cargo test", false)]), "`cargo test`");
        assert_eq!(
            told(&[("cargo test", false), ("cargo test -p mill", true)]),
            "`cargo test`"
        );
        assert_eq!(
            told(&[("CI=1 go test ./a", false), ("go test ./b", false)]),
            "`go test`"
        );
    }

    #[test]
    fn what_an_earlier_dream_read_says_only_whether_it_works() {
        let mut all = Commands::default();
        let runs = [
            ("make test", true, true),
            ("make test -B", false, false),
            ("make lint", false, true),
        ];
        for (line, failed, is_known) in runs {
            if let Some(run) = run(line, "", failed) {
                all.ran(run, is_known);
            }
        }
        assert_eq!(all.findings(), []);
    }
}
