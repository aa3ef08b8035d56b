//! What a sentence claims, and whether what a tool showed holds it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use regex::Regex;

use super::evidence::ToolResult;
use super::grounded::TELLS;
use crate::text::clean::pattern;
use crate::text::vocabulary::number;
use crate::text::words::{Features, Value, features_of_all, stem};

/// Whether a result bears a sentence out, and none holds it word for word: who copies what a file says adds nothing to
/// it, and a file is nobody to be trusted.
pub(super) fn bears_out_any(results: &[&ToolResult], sentence: &str) -> bool {
    let claim = Claim::of(sentence);
    let together = || claim.values() > 1 && ToolResult::of_all(results).is_some_and(|all| claim.is_borne_out(&all));
    (results.iter().any(|result| claim.is_borne_out(result)) || together()) && !is_copied(results, sentence)
}

/// Whether a sentence stands in a result word for word.
pub(super) fn is_copied(results: &[&ToolResult], sentence: &str) -> bool {
    let copied = words_only(sentence);
    results.iter().any(|result| words_only(&result.text).contains(&copied))
}

/// Whether a result says nearly all words of a sentence, and every value of it: its verb may be any then.
pub(super) fn bears_out_closely(results: &[&ToolResult], sentence: &str) -> bool {
    let claim = Claim::of(sentence);
    let close = |result: &&ToolResult| {
        let known = claim.known_words(result);
        result.is_plain() && result.is_fresh() && known > 3 && known * 5 >= claim.words.len() * 4
    };
    claim.values() > 0 && results.iter().any(close) && bears_out_any(results, sentence)
}

/// Words in small letters with single spaces around them.
fn words_only(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()) {
        out.push(' ');
        out.extend(word.chars().flat_map(char::to_lowercase));
    }
    out.push(' ');
    out
}

/// What must stand in a result for a sentence to hold.
struct Claim {
    /// Commands in backticks.
    commands: Vec<String>,
    /// Paths, identifiers, addresses.
    code: Vec<String>,
    /// Names that stand as they are, or do not: ":weave", "DIR=Vats".
    exact: Vec<String>,
    /// Numbers with what they count.
    numbers: Vec<(String, String)>,
    /// Names after the verb.
    names: Vec<String>,
    /// Words in parts: names of things where they stand as they are, plain words otherwise.
    joined: Vec<String>,
    /// Other words with meaning: as stems, with how they are written.
    words: BTreeMap<String, String>,
    /// It speaks of a rule.
    rule: bool,
    /// What it says that something is called.
    called: Option<String>,
    /// It says where or with what something is done: "… in `src/a`".
    placed: bool,
    /// It retells what code does.
    told_of_code: bool,
    /// Its verb is one of those that tell how things are.
    lasting: bool,
    /// Days and the like that it names: one of a row of which another would be another answer.
    chosen: Vec<String>,
}

impl Claim {
    fn of(sentence: &str) -> Self {
        static SPAN: LazyLock<Regex> = LazyLock::new(|| pattern(r"`([^`]+)`"));
        static GROUPED: LazyLock<Regex> = LazyLock::new(|| pattern(r"(\d)(?:,(\d{3})\b| (%))"));
        // What follows from it, or what it is not, is the agent's to say.
        static FOLLOWS: LazyLock<Regex> = LazyLock::new(|| {
            pattern(
                r"(?i)(?:,? (?:not|instead of|rather than|because|since)|[,;] (?:so|never|hence|thus|which means|no|and not|there is no|there are no)) .*$",
            )
        });
        static NAMED: LazyLock<Regex> =
            LazyLock::new(|| pattern(r"(?i)\b(?:is|are) (?:called|named|known as) (?:the )?[`']?(?P<name>[\w.-]+)"));
        static CODE_TALK: LazyLock<Regex> = LazyLock::new(|| {
            pattern(
                r"(?i)\b(?:takes|returns|awaits|throws|raises|walks|iterates|loops|parses|compares|initiali[sz]es|sets|receives|wraps|yields|casts|increments|decrements|instantiates)\b|\b(?:functions?|methods?|quer(?:y|ies)|components?|props?|hooks?|macros?|constructors?|renders?|selects?|picks?|loops?|parameters?|arguments?|variables?|branch(?:es)? of)\b",
            )
        });
        static PLACED: LazyLock<Regex> = LazyLock::new(|| {
            pattern(
                r"(?i)\b(?:is|are|gets?|lives?|sits?|comes?|goes|runs?|starts?|begins?|happens?|ends?|stands?|stays?|belongs?|kept) .*?\b(?:in|with|by|from|at|through|via|under|into|is) (?:the \w+ )?(?:`[^`]+ [^`]+`|`?[\w.-]*[/_.][\w./-]+)|^(?:the|our) (?:[\w-]+ )?(?:entry ?points?|entry|main (?:file|class|module|function|program)|config(?:uration)?|settings|schema|changelog|manifest|templates?|style guide|source of truth) (?:file )?(?:of|for) [^,;:]{3,40}? (?:is|are) `?[\w.-]*[/_.][\w./-]+",
            )
        });
        let mut commands = Vec::new();
        let mut code = Vec::new();
        for span in SPAN.captures_iter(sentence) {
            let inner = span[1].trim().to_lowercase();
            if inner.contains(' ') {
                commands.push(inner);
            } else {
                code.push(inner);
            }
        }
        let rest = SPAN.replace_all(sentence, " ~ ");
        let rest = GROUPED.replace_all(&rest, "$1$2$3");
        let found = features_of_all(&rest, &BTreeSet::new());
        let core = FOLLOWS.replace(&rest, "");
        let core = if core.split_whitespace().count() < 3 {
            &rest
        } else {
            &core
        };
        let without = (core.len() < rest.len()).then(|| features_of_all(core, &BTreeSet::new()));
        let told = without.as_ref().unwrap_or(&found);
        let mut claim = Self {
            commands,
            code,
            exact: Vec::new(),
            numbers: Vec::new(),
            names: Vec::new(),
            joined: Vec::new(),
            words: BTreeMap::new(),
            rule: ["must", "never", "only", "always", "because", "cannot", "all", "every"]
                .iter()
                .any(|w| found.sequence.iter().any(|s| s == w)),
            called: NAMED.captures(&rest).map(|found| found["name"].to_lowercase()),
            placed: PLACED.is_match(sentence),
            told_of_code: CODE_TALK.is_match(&rest),
            lasting: TELLS.is_match(&rest),
            chosen: Vec::new(),
        };
        static CAPITALS: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b[A-Z][A-Z]{2,}\b"));
        claim
            .joined
            .extend(CAPITALS.find_iter(core).map(|word| word.as_str().to_lowercase()));
        // "Europe/Oslo": no two words.
        static ZONE: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b[A-Z][a-z]+(?:/[A-Z][A-Za-z_]+)+\b"));
        claim
            .joined
            .extend(ZONE.find_iter(core).map(|zone| zone.as_str().to_lowercase()));
        // ":weave": a module or task by the mark before its name.
        static MARKED: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?:^|\s)(:[a-z][\w-]+)(?:[\s,.;)]|$)"));
        claim
            .exact
            .extend(MARKED.captures_iter(&rest).map(|found| found[1].to_lowercase()));
        claim.take(&rest, &found, told, listed(sentence));
        claim
    }

    /// Takes in the words and values of a sentence: `whole` as it is, `core` without what follows from it. The number of
    /// the things that are `listed` is no value.
    fn take(&mut self, text: &str, whole: &Features, core: &Features, listed: Option<usize>) {
        for word in whole.sequence.iter().filter(|word| word.contains('-')) {
            // "a three-letter code"
            let mut parts = word.split('-');
            if let Some(digits) = parts.next().and_then(number) {
                self.numbers
                    .push((digits.to_owned(), parts.next().map(stem).unwrap_or_default()));
            } else if !self.code.contains(word) {
                self.joined.push(word.clone());
            }
        }
        let units: Vec<&str> = whole.values.keys().filter_map(unit).collect();
        let written: BTreeMap<String, &String> = core.sequence.iter().map(|word| (stem(word), word)).collect();
        for word in core.subject.iter().filter(|word| !units.contains(&word.as_str())) {
            let raw = written.get(word).map_or(word, |raw| *raw);
            self.words.insert(word.clone(), raw.clone());
        }
        for (kind, values) in &whole.values {
            for value in values.iter().cloned() {
                match kind {
                    // "no one", "one of them"
                    Value::Number(_) if value == "1" && !text.contains('1') => {}
                    // "two hosts, a and b"
                    Value::Number(_) if listed.is_some() && value.parse().ok() == listed => {}
                    Value::Number(unit) => self.numbers.push((value, unit.clone())),
                    Value::Code if units.contains(&value.as_str()) => {}
                    // "…, so all of it is UTF-8": what follows may name what everybody knows.
                    Value::Code if !core.stems.contains(&value) && ENCODINGS.contains(&value.as_str()) => {}
                    // "TypeScript": a name.
                    Value::Code if value.chars().all(char::is_alphabetic) && !text.contains(&value) => {
                        self.names.push(value);
                    }
                    Value::Name if value.contains('=') => self.exact.push(value),
                    Value::Code | Value::Address => self.code.push(value),
                    Value::Name if !whole.leading.contains(&value) && core.stems.contains(&value) => {
                        self.names.push(value);
                    }
                    Value::Name | Value::Alternative(_) if core.stems.contains(&value) => {
                        if matches!(kind, Value::Alternative(_)) {
                            self.chosen.push(value.clone());
                        }
                        self.words.insert(value.clone(), value);
                    }
                    Value::Name | Value::Alternative(_) => {}
                }
            }
        }
    }

    /// How many things it names that can be looked up.
    fn values(&self) -> usize {
        self.commands.len() + self.code.len() + self.exact.len() + self.numbers.len()
    }

    /// How many of its plain words stand in a result.
    fn known_words(&self, result: &ToolResult) -> usize {
        let whole = |word: &str| word.contains('_') && word.split('_').all(|part| result.has_word(part));
        let known = |(word, raw): &(&String, &String)| result.has_word(word) || result.has_word(raw) || whole(word);
        self.words.iter().filter(known).count()
    }

    /// How many of its values the text shows, apart from what the tool was used on.
    fn shown_in(&self, result: &ToolResult) -> usize {
        let text = result.text.to_lowercase();
        let code = self
            .code
            .iter()
            .filter(|code| text.contains(code.trim_start_matches("./")));
        let named = self.exact.iter().chain(&self.joined);
        let named = named.filter(|word| text.contains(word.as_str()));
        let commands = self.commands.iter().filter(|command| {
            let mut own = command.split_whitespace().filter(|word| !is_usual_in_commands(word));
            own.any(|word| text.contains(word.trim_start_matches("./")))
        });
        code.count()
            + commands.count()
            + named.count()
            + self
                .numbers
                .iter()
                .filter(|(number, _)| text.contains(number.as_str()))
                .count()
    }

    /// "… on Mondays", where a setting says so: it ties a sentence down as a number does.
    fn chooses(&self, result: &ToolResult) -> bool {
        let text = result.text.to_lowercase();
        !self.chosen.is_empty() && self.chosen.iter().all(|value| text.contains(value.as_str()))
    }

    fn is_borne_out(&self, result: &ToolResult) -> bool {
        let commands = self.commands.iter().map(|command| command_stands(command, result));
        let Some(pieces) = commands.sum::<Option<usize>>() else {
            return false;
        };
        let all = self.code.iter().all(|code| code_stands(code, result))
            && self.exact.iter().all(|name| result.holds(name))
            && self
                .numbers
                .iter()
                .all(|(number, unit)| number_stands(number, unit, result));
        if !all {
            return false;
        }
        let joined = self.joined.iter().filter(|word| result.holds(word)).count();
        let values = self.values() + joined;
        let known_names = self.names.iter().filter(|name| result.has_word(name)).count();
        let known = self.known_words(result) + known_names;
        let count = self.words.len() + self.names.len();
        // A sentence that says how code works is worth less than one that says how things are.
        let plain = result.is_plain();
        if !plain
            && (self.told_of_code && !self.rule || !self.lasting && self.numbers.is_empty() && self.commands.is_empty())
        {
            return false;
        }
        if values == 0 {
            let firm = self.rule || (plain && result.is_fresh());
            let called = self.called.as_ref().is_some_and(|name| result.holds(name));
            return firm
                && known_names == self.names.len()
                && (known * 5 >= count * 3 && (known >= 3 || known == 2 && self.rule)
                    || (called || self.chooses(result)) && known >= 2);
        }
        if !result.is_fresh() {
            // Code that stands there ties the sentence down; other words then may be the agent's.
            let tied = self.code.len() + self.exact.len() + self.commands.len() > 0;
            let needed = if tied { 3 } else { 2 };
            return (tied || self.rule || values > 1)
                && known + values >= 2
                && (known + values) * needed >= count + values;
        }
        // What is said of a file that was opened rests on what stands in it, not on its name.
        let shown = self.shown_in(result);
        let tied = known > 0
            || (shown > 0 && result.text.trim().len() < 24)
            || pieces > 1
            || shown > 1
            || (shown > 0 && (values > 1 || self.placed));
        tied && (known + values + shown) * 4 >= count + values
    }
}

/// Encodings of text.
const ENCODINGS: [&str; 6] = ["utf-8", "utf8", "utf-16", "utf16", "latin-1", "latin1"];

fn unit(kind: &Value) -> Option<&str> {
    match kind {
        Value::Number(unit) if !unit.is_empty() && unit.len() < 4 => Some(unit),
        _ => None,
    }
}

/// How many things a sentence ends with: "…: a, b and c".
fn listed(sentence: &str) -> Option<usize> {
    let (_, tail) = sentence
        .split_once([':', ','])
        .filter(|(_, tail)| tail.split_whitespace().count() < 14)?;
    let things = tail
        .split(',')
        .flat_map(|part| part.split(" and "))
        .flat_map(|part| part.split(" or "));
    let count = things.filter(|thing| thing.chars().any(char::is_alphanumeric)).count();
    (count > 1).then_some(count)
}

/// How many words of a command that are its own stand in a result; nothing where one does not.
fn command_stands(command: &str, result: &ToolResult) -> Option<usize> {
    let words: Vec<&str> = command
        .split_whitespace()
        .map(|word| word.trim_matches(['\'', '"']))
        .filter(|word| word.chars().any(char::is_alphanumeric))
        .collect();
    let mut known = 0;
    for (at, word) in words.iter().copied().enumerate() {
        let stands = code_stands(word, result);
        let defined = at > 0 && stands && result.defines(word);
        if defined && is_of_tasks(words[0], &result.on) {
            // A task in the file of tasks that the command reads ties a sentence down.
            known += 2;
        } else if stands && (!is_usual_in_commands(word) || defined) {
            known += 1;
        } else if !stands {
            // The program may be the agent's knowledge, a file may not; what a known program does to what stands there may.
            let plain = word.chars().all(|c| c.is_alphanumeric() || c == '-');
            let does = at == 1 && words.len() > 2 && !word.starts_with('-') && code_stands(words[0], result);
            let program = plain && (at == 0 || does);
            let short = word.starts_with('-') && word.len() < 3;
            if !program && !short && !is_usual_in_commands(word) && !word.starts_with(['<', '$']) {
                return None;
            }
        }
    }
    (known > 0).then_some(known)
}

/// Whether a file is the one in which a program finds its tasks: "make weave" is in a Makefile.
fn is_of_tasks(program: &str, file: &str) -> bool {
    let name = match program {
        "make" => "makefile",
        "just" => "justfile",
        "task" => "taskfile",
        "rake" => "rakefile",
        "npm" | "pnpm" | "yarn" | "bun" => "package.json",
        _ => return false,
    };
    let is_it = |part: &str| {
        part.strip_prefix(name)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    file.to_lowercase()
        .split(|c: char| c.is_whitespace() || matches!(c, '/' | '\'' | '"'))
        .any(is_it)
}

/// Words of which most tools' commands are made.
fn is_usual_in_commands(word: &str) -> bool {
    const USUAL: [&str; 44] = [
        "run", "exec", "up", "down", "pull", "push", "build", "generate", "gen", "test", "start", "stop", "apply",
        "sync", "compose", "install", "serve", "dev", "check", "lint", "not", "and", "or", "all", "python", "python3",
        "node", "go", "docker", "make", "just", "task", "npm", "cargo", "uv", "hatch", "migrate", "plan", "get",
        "list", "show", "format", "fmt", "script",
    ];
    USUAL.contains(&word)
}

fn code_stands(code: &str, result: &ToolResult) -> bool {
    /// Names of one thing.
    const SAME: [(&str, &str); 7] = [
        ("latin-1", "8859"),
        ("latin1", "8859"),
        ("utf-8", "utf8"),
        ("utf-16", "utf16"),
        ("sha-256", "sha256"),
        ("sha-512", "sha512"),
        ("base-64", "base64"),
    ];
    let code = code.trim_start_matches("./");
    result.holds(code)
        || (code.chars().all(char::is_alphabetic) && result.has_word(code))
        || SAME
            .iter()
            .any(|(a, b)| code == *a && result.holds(b) || code == *b && result.holds(a))
        || {
            let mut parts = code
                .split(['/', '-', '_', '=', ':', '(', ')', ','])
                .filter(|part| part.len() > 1)
                .peekable();
            parts.peek().is_some() && parts.all(|part| result.holds(part))
        }
}

/// "03:40" stands where "40 3" does; 10 years where "10y" does.
fn number_stands(number: &str, unit: &str, result: &ToolResult) -> bool {
    if let Some((hour, minute)) = number.split_once(':') {
        let hour = hour.trim_start_matches('0');
        let minute = minute.trim_start_matches('0');
        let or_zero = |digits: &str| {
            if digits.is_empty() {
                "0".to_owned()
            } else {
                digits.to_owned()
            }
        };
        return result.holds(number) || result.holds(&format!("{} {} ", or_zero(minute), or_zero(hour)));
    }
    if unit == "digit" {
        return number.parse().is_ok_and(|digits| result.numbers_files_with(digits));
    }
    match number.parse::<f64>() {
        Ok(value) => result.has_number(value, unit) || result.excludes_after(number),
        Err(_) => result.holds(number),
    }
}
