//! Files of a session that lie here like the project's own and are not: what was downloaded or cloned, and what the agent
//! itself wrote down.

use std::sync::LazyLock;

use regex::Regex;

use crate::rules::evidence::{is_shell, is_writer};
use crate::text::clean::pattern;

/// Files and folders that are kept of one session at most.
const MOST: usize = 512;
/// Lines of a result that are looked at for the names of files.
const MOST_LINES: usize = 400;

/// Where a session's downloads and notes lie.
#[derive(Debug, Default)]
pub(super) struct Brought {
    theirs: Vec<Place>,
    notes: Vec<Place>,
    /// How far below a folder of others the shell stands, if it does.
    below: Option<usize>,
}

/// Whose words a file holds that is not the project's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    /// It was downloaded or cloned.
    Theirs,
    /// The agent wrote it.
    Agents,
}

/// Where what a command line writes goes.
static INTO: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"(?:(?:^|[\s\d&])>{1,2}\s*|\btee\s+(?:-a\s+)?)['"]?([^\s;|&<>()'"]+)"#));
/// Files of words, not of code or settings.
static PROSE: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\.(?:md|mdx|markdown|txt|org|rst|adoc)$"));
/// Command lines whose own words are what they write.
static WRITES_ITSELF: LazyLock<Regex> = LazyLock::new(|| pattern(r"<<|(?:^|[;&|\n]\s*)(?:echo|printf)\b"));
/// What an address asks of its server is no part of a file's name.
static ASKED: LazyLock<Regex> = LazyLock::new(|| pattern(r#"(https?://[^\s'"?#]*)[?#][^\s'"]*"#));
/// Where a part of a line writes to, which is none of its words.
static REDIRECTED: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?:^|\s)\d?>{1,2}\s*\S*"));
/// An address, or a path on another machine.
static ELSEWHERE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^(?:\w[\w+.-]*://|(?:[\w.-]+@)?[\w.-]{2,}(?:/[\w.-]+)*:)"));
static ARCHIVE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)\.(?:tar(?:\.\w+)?|tgz|tbz2?|txz|zip|whl|gz|bz2|xz|zst|7z)$"));

impl Brought {
    /// Whose words the result of a use holds, and takes in what the use brought here. `foreign`: they are others' anyway.
    pub(super) fn whose(&mut self, tool: &str, on: &str, text: &str, failed: bool, foreign: bool) -> Option<Whose> {
        let line = command_line(on);
        let shell = is_shell(tool);
        // A pattern of a search says nothing of what is found.
        let named: Vec<&str> = words(&line).filter(|word| shell || !word.contains('*')).collect();
        let shown: Vec<&str> = located(text).collect();
        let held = |places: &[Place], path: &str| places.iter().any(|place| place.holds(path));
        let notes = named.iter().any(|path| held(&self.notes, path))
            || !shown.is_empty() && shown.iter().all(|path| held(&self.notes, path));
        let mut theirs = named.iter().chain(&shown).any(|path| held(&self.theirs, path));
        if shell {
            theirs |= self.follow(&line, text, failed, foreign || theirs);
        }
        if !failed {
            self.note(tool, on, &line, foreign || theirs);
        }
        for places in [&mut self.theirs, &mut self.notes] {
            places.drain(..places.len().saturating_sub(MOST));
        }
        match (theirs, notes) {
            (true, _) => Some(Whose::Theirs),
            (false, true) => Some(Whose::Agents),
            (false, false) => None,
        }
    }

    /// Takes in words that the agent wrote into a file.
    fn note(&mut self, tool: &str, on: &str, line: &str, foreign: bool) {
        // An editor of many verbs names the one before the path.
        let whole = on.strip_prefix("create ").or(is_writer(tool).then_some(on));
        let wrote: Vec<&str> = match whole {
            Some(path) => vec![path],
            None if is_shell(tool) && !foreign && WRITES_ITSELF.is_match(line) => targets(line).collect(),
            None => Vec::new(),
        };
        let prose = wrote.into_iter().filter(|path| PROSE.is_match(path));
        self.notes.extend(prose.filter_map(Place::of));
    }

    /// Follows a command line: where the shell goes, and what comes here. Whether something of it ran among others' files.
    fn follow(&mut self, line: &str, text: &str, failed: bool, foreign: bool) -> bool {
        let before = self.below;
        let mut base = String::new();
        let mut among = false;
        for part in line.split(['\n', ';', '|', '&']) {
            let part = REDIRECTED.replace_all(part, " ");
            let all: Vec<&str> = words(&part).collect();
            let begins = |word: &&&str| !word.contains('=') && !matches!(**word, "sudo" | "env" | "time" | "nohup");
            let start = all.iter().take_while(|word| !begins(word)).count();
            let Some((program, rest)) = all[start..].split_first() else {
                continue;
            };
            if matches!(*program, "cd" | "pushd") {
                if let Some(to) = rest.first() {
                    self.below = self.moved(to);
                    base = joined(&base, to);
                }
                continue;
            }
            among |= self.below.is_some() && stays(rest);
            if !failed {
                for to in self.arrivals(program, rest, text) {
                    // A clone may be made where the shell stands.
                    if parts(&to).is_empty() {
                        self.below = Some(0);
                    }
                    self.theirs.extend(Place::of(&joined(&base, &to)));
                }
            }
        }
        if failed {
            self.below = before;
        } else if foreign || among {
            self.theirs
                .extend(targets(line).filter_map(|to| Place::of(&joined(&base, to))));
        }
        among
    }

    /// How far below a folder of others the shell stands after a move.
    fn moved(&self, to: &str) -> Option<usize> {
        if let Some(below) = self.theirs.iter().find_map(|place| place.below(to)) {
            return Some(below);
        }
        if to.starts_with(['/', '~', '-']) {
            return None;
        }
        to.split('/').try_fold(self.below?, |below, part| match part {
            "" | "." => Some(below),
            ".." => below.checked_sub(1),
            _ => Some(below + 1),
        })
    }

    /// The files and folders that a command brings here, or makes of such.
    fn arrivals(&self, program: &str, rest: &[&str], text: &str) -> Vec<String> {
        let flag = |word: &&str| word.starts_with('-') && !word.starts_with("--") && !word.starts_with("-X");
        let big_o = rest.iter().any(|word| flag(word) && word.contains('O'));
        let has = |beginning: &str| rest.iter().any(|word| word.starts_with(beginning));
        match program.rsplit('/').next().unwrap_or_default() {
            "git" | "gh" | "glab" if rest.contains(&"clone") => cloned(rest).into_iter().collect(),
            "curl" => saved(rest, big_o || has("--remote-name")),
            "wget" => saved(rest, !big_o && !has("--output-document")),
            "scp" | "sftp" | "rsync" | "rclone" => fetched(rest),
            "aws" | "gsutil" | "gcloud" | "az" | "kubectl" | "docker" | "podman" if has("cp") || has("sync") => {
                fetched(rest)
            }
            "cp" | "mv" | "ln" | "install" => match (self.first_of_theirs(rest), rest.last()) {
                (Some(from), Some(to)) => vec![copied(from, to)],
                _ => Vec::new(),
            },
            "tar" | "unzip" | "gunzip" | "bunzip2" | "unxz" | "unzstd" | "7z" => self
                .first_of_theirs(rest)
                .map(|archive| unpacked(archive, rest, text))
                .unwrap_or_default(),
            _ if rest.contains(&"download") => after(rest, &["-d", "--dest", "-D", "--dir", "-O", "--output"]),
            _ => Vec::new(),
        }
    }

    fn first_of_theirs<'a>(&self, words: &[&'a str]) -> Option<&'a str> {
        words
            .iter()
            .copied()
            .find(|word| self.theirs.iter().any(|place| place.holds(word)))
    }
}

/// A path in its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    absolute: bool,
    parts: Vec<String>,
}

impl Place {
    /// Nothing where the path leads nowhere else.
    fn of(path: &str) -> Option<Self> {
        let parts: Vec<String> = parts(path).into_iter().map(str::to_owned).collect();
        (!parts.is_empty() && !path.starts_with("/dev/")).then(|| Self {
            absolute: path.starts_with('/'),
            parts,
        })
    }

    fn holds(&self, path: &str) -> bool {
        self.below(path).is_some()
    }

    /// How far below this a path leads. Where the shell stands is seldom known: a relative path may begin anywhere.
    fn below(&self, path: &str) -> Option<usize> {
        let inside = parts(path);
        let begins = |inside: &[&str], place: &[String]| {
            let same = inside.len() >= place.len() && inside.iter().zip(place).all(|(part, name)| is_same(part, name));
            same.then(|| inside.len() - place.len())
        };
        match (self.absolute, path.starts_with('/')) {
            (true, true) => begins(&inside, &self.parts),
            (true, false) => (0..self.parts.len()).find_map(|from| begins(&inside, &self.parts[from..])),
            (false, _) => (0..inside.len()).find_map(|from| begins(&inside[from..], &self.parts)),
        }
    }
}

/// The parts of a path; what stands before a home or a variable says nothing.
fn parts(path: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part if part.starts_with(['~', '$']) => parts.clear(),
            part => parts.push(part),
        }
    }
    parts
}

/// "*.md" may be any name of that kind.
fn is_same(part: &str, name: &str) -> bool {
    match (part.split_once('*'), part.rsplit_once('*')) {
        (Some((head, _)), Some((_, tail))) => {
            name.len() >= head.len() + tail.len() && name.starts_with(head) && name.ends_with(tail)
        }
        _ => part == name,
    }
}

fn joined(base: &str, path: &str) -> String {
    if base.is_empty() || path.starts_with(['/', '~', '$']) {
        path.to_owned()
    } else {
        format!("{base}/{path}")
    }
}

/// A command line without the text that it hands to a command, and without what addresses ask.
fn command_line(on: &str) -> String {
    let end = on
        .find("<<")
        .and_then(|at| on[at..].find('\n').map(|end| at + end))
        .unwrap_or(on.len());
    ASKED.replace_all(&on[..end], "$1").into_owned()
}

/// The words of a command line; an option and its value are two.
fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| c.is_whitespace() || "'\"`()<>".contains(c))
        .flat_map(|word| match word.split_once('=') {
            Some((option, value)) if option.starts_with("--") => [option, value],
            _ => [word, ""],
        })
        .filter(|word| !word.is_empty())
}

/// Files that a command line writes its output into.
fn targets(line: &str) -> impl Iterator<Item = &str> {
    INTO.captures_iter(line)
        .filter_map(|found| found.get(1).map(|to| to.as_str()))
        .filter(|to| !to.starts_with("/dev/"))
}

/// Files whose lines a search shows.
fn located(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .take(MOST_LINES)
        .filter_map(|line| line.split_once(':').map(|(path, _)| path))
        .filter(|path| path.contains(['.', '/']) && !path.contains(char::is_whitespace))
}

fn name_of(address: &str) -> &str {
    address
        .trim_end_matches('/')
        .rsplit(['/', ':'])
        .next()
        .unwrap_or_default()
}

/// The paths that follow one of these options, where they lead elsewhere.
fn after(words: &[&str], options: &[&str]) -> Vec<String> {
    words
        .windows(2)
        .filter(|pair| options.contains(&pair[0]) && pair[1] != "-" && !parts(pair[1]).is_empty())
        .map(|pair| pair[1].to_owned())
        .collect()
}

/// Whether a command reads what lies where the shell stands: it names no path from the root, or another file besides.
fn stays(rest: &[&str]) -> bool {
    let far = rest.iter().any(|word| word.starts_with(['/', '~']));
    let near = |word: &&str| !word.starts_with(['/', '~', '$', '-']) && word.contains('.');
    !far || rest.iter().any(near)
}

/// The folder of a clone of what lies elsewhere.
fn cloned(rest: &[&str]) -> Option<String> {
    const WITH_VALUE: [&str; 8] = [
        "-b", "--branch", "--depth", "-o", "--origin", "-c", "--config", "--filter",
    ];
    let at = rest.iter().position(|word| *word == "clone")?;
    let named = matches!(rest[..at], ["repo" | "gist"]);
    let option = |at: usize| rest[at].starts_with('-') || at > 0 && rest[at - 1].starts_with('-');
    if !named && !(0..at).all(option) {
        return None;
    }
    let from = (at + 1..rest.len()).find(|at| ELSEWHERE.is_match(rest[*at]) || named && !rest[*at].starts_with('-'))?;
    let into = (from + 1..rest.len()).find(|at| !rest[*at].starts_with('-') && !WITH_VALUE.contains(&rest[at - 1]));
    let name = name_of(rest[from].trim_end_matches('/').trim_end_matches(".git"));
    Some(into.map_or(name, |at| rest[at]).to_owned())
}

/// The files that a download is saved as.
fn saved(rest: &[&str], as_named: bool) -> Vec<String> {
    let options = ["--output", "--output-document", "--output-dir", "--directory-prefix"];
    let mut out = after(rest, &options);
    // "-sSLo page.txt", "-qO page.txt"
    let short = rest.windows(2).filter(|pair| {
        let flags = pair[0].strip_prefix('-').filter(|flags| !flags.starts_with('-'));
        let value = !pair[1].starts_with('-') && !pair[1].contains("://");
        value && flags.is_some_and(|flags| flags.ends_with(['o', 'O', 'P']))
    });
    out.extend(short.map(|pair| pair[1].to_owned()));
    if as_named {
        let addresses = rest.iter().filter(|word| word.contains("://"));
        out.extend(addresses.map(|address| name_of(address).to_owned()));
    }
    out.retain(|to| !parts(to).is_empty());
    out
}

/// What a copy from another machine becomes.
fn fetched(rest: &[&str]) -> Vec<String> {
    let from = rest.iter().find(|word| ELSEWHERE.is_match(word));
    match (from, rest.last()) {
        (Some(from), Some(to)) if !ELSEWHERE.is_match(to) => vec![copied(from, to)],
        _ => Vec::new(),
    }
}

/// Where a copy lies: in a folder under its own name, if that is what the target seems to be.
fn copied(from: &str, to: &str) -> String {
    let folder = to.ends_with('/') || parts(to).is_empty();
    if folder || name_of(from).contains('.') && !name_of(to).contains('.') {
        format!("{to}/{}", name_of(from))
    } else {
        to.to_owned()
    }
}

/// What an archive becomes: the folder that is named, or what is listed, or one of its own name.
fn unpacked(archive: &str, rest: &[&str], text: &str) -> Vec<String> {
    let into = after(rest, &["-C", "-d", "--directory"]);
    if !into.is_empty() {
        return into;
    }
    let listed = text.lines().take(MOST_LINES);
    let listed = listed.filter_map(|line| line.split_whitespace().last().filter(|path| path.contains('/')));
    let mut out: Vec<String> = listed
        .filter_map(|path| parts(path).first().map(|part| (*part).to_owned()))
        .collect();
    out.sort();
    out.dedup();
    out.push(ARCHIVE.replace(name_of(archive), "").into_owned());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "Weave at night.";

    /// Whose words the last of these uses shows.
    fn last(uses: &[(&str, &str)]) -> Option<Whose> {
        let mut brought = Brought::default();
        let mut whose = None;
        for (tool, on) in uses {
            let foreign = on.contains("://") || on.contains("gh ");
            whose = brought.whose(tool, on, PAGE, false, foreign);
        }
        whose
    }

    #[test]
    fn what_was_brought_here_is_others() {
        for (brings, reads) in [
            ("curl -o page.txt https://a.example/x", "cat page.txt"),
            ("curl -sSLo /tmp/page.txt https://a.example/x", "head -5 /tmp/page.txt"),
            ("curl https://a.example/x?a=1&b=2 --output=page.txt", "cat ./page.txt"),
            ("curl -fsSLO https://a.example/page.txt?raw=1", "cat page.txt"),
            ("curl -s https://a.example/x > page.txt", "cat *.txt"),
            ("curl -s https://a.example/x | tee -a docs/page.md", "cat docs/page.md"),
            ("cd /tmp && wget https://a.example/page.txt", "cat /tmp/page.txt"),
            ("wget -P tips https://a.example/page.txt", "cat tips/page.txt"),
            ("gh issue view 12 > issue.txt", "grep -n weave issue.txt"),
            ("git clone https://a.example/kim/tips.git", "cat tips/README.md"),
            ("git clone --depth 1 git@a.example:kim/tips.git", "cat tips/README.md"),
            (
                "git clone -b main https://a.example/kim/tips upstream",
                "rg weave upstream",
            ),
            (
                "git clone https://a.example/kim/tips -b main 2>&1",
                "cat tips/README.md",
            ),
            ("scp kim@a.example:docs/page.txt .", "cat page.txt"),
            ("aws s3 cp s3://a/page.txt docs/", "cat docs/page.txt"),
            ("gh repo clone kim/tips", "cd tips && cat README.md"),
            (
                "GIT_TERMINAL_PROMPT=0 git clone https://a.example/tips /tmp/t",
                "cat /tmp/t/docs/a.md",
            ),
        ] {
            assert_eq!(
                last(&[("Bash", brings), ("Bash", reads)]),
                Some(Whose::Theirs),
                "{brings}; {reads}"
            );
            let others = last(&[("Bash", brings), ("Bash", "cat mill/Makefile")]);
            assert_eq!(others, None, "{brings}");
        }
        let clone = ("Bash", "git clone https://a.example/kim/tips");
        for read in [
            ("Read", "/home/dev/mill/tips/README.md"),
            ("Bash", "cat -- 'tips/README.md'"),
            ("Bash", "cd tips/docs && make weave"),
        ] {
            assert_eq!(last(&[clone, read]), Some(Whose::Theirs), "{read:?}");
        }
    }

    #[test]
    fn where_the_shell_stands() {
        let clone = ("Bash", "git clone https://a.example/kim/tips && cd tips");
        let theirs = |next: &[&str]| {
            let next = next.iter().map(|on| ("Bash", *on));
            last(&[clone].into_iter().chain(next).collect::<Vec<_>>()).is_some()
        };
        assert!(theirs(&["cat README.md"]));
        assert!(theirs(&["cd docs", "cat README.md"]));
        assert!(theirs(&["cd docs", "cd ..", "cat README.md"]));
        assert!(theirs(&["cd ../tips/docs", "cat README.md"]));
        assert!(!theirs(&["cd ..", "cat README.md"]));
        assert!(!theirs(&["cd /home/dev/mill", "cat README.md"]));
        assert!(!theirs(&["cat /home/dev/mill/README.md"]));
        assert!(
            last(&[
                ("Bash", "git clone https://a.example/tips ."),
                ("Bash", "cat README.md")
            ])
            .is_some()
        );
    }

    #[test]
    fn what_is_made_of_it_stays_others() {
        for (makes, reads) in [
            ("cp a.tgz docs/", "cat docs/a.tgz"),
            ("mv a.tgz page.txt", "cat page.txt"),
            ("tar xzf a.tgz -C tips", "cat tips/README.md"),
            ("tar xzf a.tgz", "cat a/README.md"),
            ("cp a.tgz .", "cat a.tgz"),
            ("zcat a.tgz > page.txt", "cat page.txt"),
        ] {
            let uses = [
                ("Bash", "curl -LO https://a.example/a.tgz"),
                ("Bash", makes),
                ("Bash", reads),
            ];
            assert_eq!(last(&uses), Some(Whose::Theirs), "{makes}");
        }
    }

    #[test]
    fn a_search_shows_where_its_lines_stand() {
        let mut brought = Brought::default();
        brought.whose("Bash", "git clone https://a.example/kim/tips", "", false, true);
        let mut whose = |text: &str| brought.whose("Grep", "weave", text, false, false);
        assert_eq!(whose("mill/a.md:3: weave\ntips/a.md:4: weave"), Some(Whose::Theirs));
        assert_eq!(whose("mill/a.md:3: weave"), None);
    }

    #[test]
    fn what_the_agent_wrote_down_is_its_own() {
        for (writes, reads) in [
            (
                ("Write", "/home/dev/mill/weaving.md"),
                ("Read", "/home/dev/mill/weaving.md"),
            ),
            (("create_file", "weaving.txt"), ("Bash", "cat weaving.txt")),
            (
                ("str_replace_editor", "create /srv/weaving.md"),
                ("Bash", "cat weaving.md"),
            ),
            (
                ("Bash", "cat > weaving.md <<'EOF'\nWeave at night.\nEOF"),
                ("Bash", "cat weaving.md"),
            ),
            (
                ("Bash", "echo 'weave at night' >> weaving.md"),
                ("Bash", "tail -1 weaving.md"),
            ),
        ] {
            assert_eq!(last(&[writes, reads]), Some(Whose::Agents), "{writes:?}");
        }
        for (writes, reads) in [
            (("Write", "/home/dev/mill/loom.toml"), ("Bash", "cat loom.toml")),
            (("Write", "/home/dev/mill/loom.py"), ("Bash", "python loom.py")),
            (("Edit", "/home/dev/mill/README.md"), ("Bash", "cat README.md")),
            (("Bash", "make weave > woven.txt"), ("Bash", "cat woven.txt")),
            (
                ("Bash", "cat > a.md <<'EOF'\ngit clone https://a.example/mill\nEOF"),
                ("Bash", "cat mill/a.toml"),
            ),
        ] {
            assert_eq!(last(&[writes, reads]), None, "{writes:?}");
        }
    }

    #[test]
    fn what_only_looks_like_it_brings_nothing() {
        for line in [
            "git commit -m 'clone https://a.example/tips'",
            "git clone /srv/git/tips",
            "git clone ../tips",
            "curl -s https://a.example/README.md",
            "curl -s https://a.example -o /dev/null",
            "curl -XPOST https://a.example/tips",
            "wget -qO- https://a.example/README.md",
            "docker run -p 8080:80 tips",
            "grep -rn 'git clone https://a.example/tips' docs",
        ] {
            for read in ["cat tips/README.md", "cat README.md"] {
                assert_eq!(last(&[("Bash", line), ("Bash", read)]), None, "{line}; {read}");
            }
        }
        let mut brought = Brought::default();
        brought.whose(
            "Bash",
            "git clone https://a.example/tips",
            "fatal: it exists",
            true,
            true,
        );
        assert_eq!(brought.whose("Bash", "cat tips/README.md", PAGE, false, false), None);
    }
}
