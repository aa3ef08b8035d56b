//! What tools gave back: which of it may bear out an agent's sentence, and which must not even be repeated.

use std::cell::OnceCell;
use std::collections::{BTreeSet, HashSet};
use std::sync::LazyLock;

use regex::Regex;

use super::tools::RUNNERS;
use crate::text::clean::{is_disguised, pattern};
use crate::text::vocabulary::number;
use crate::text::words::{akin, stem};

/// What a tool gave back, as far as grounding needs it.
#[derive(Debug, Clone, Default)]
pub struct ToolResult {
    /// What the tool was used on.
    pub on: String,
    /// What it gave back.
    pub text: String,
    /// How often the agent spoke since.
    pub age: u32,
    /// Of most results no sentence asks: it is made out for the first that does.
    shown: OnceCell<Shown>,
}

/// Where the words of a result come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// This machine's own files and settings.
    Local,
    /// Something that the agent itself did or wrote, or passing state: no evidence, no danger.
    Own,
    /// Memory that was read back: dreams would confirm themselves.
    ReadBack,
    /// A page, a ticket, a database's rows: others wrote it.
    Foreign,
    /// It speaks to agents, hides words or teaches what is unsafe, wherever it stands.
    Hostile,
}

/// Text that speaks to an agent instead of to a reader taints all that stands around it.
static SPEAKS_TO_AGENTS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:ai|llms?|language models?|assistants?|agents?|claude|chatgpt|gpt-?\d|copilot|codex|gemini|bots?)\b|\bmemor(?:y|ies|i[sz]e)\b(?:[^.\n]{0,40}(?:\.md|store|save|add|note)|[^.\n:]{0,40}:\s*[\x22'{]*[^\d\s\x22'{$<&*-])|\b(?:remember (?:that|this|to)|from now on|going forward|forget (?:all|everything|previous|the)|ignore (?:all|any|previous|the above|prior)|disregard|override|the user (?:prefers|wants|said|says|has|always|never|likes|asked)|permanent(?:ly)? (?:rule|note|instruction|store)|store as|save (?:this )?(?:to|as|in)|note instead|add to memory|must comply|mandatory for|new instructions?|system prompt|developer mode|as if the user|follow (?:these|this|it)|apply it|decode this|do not tell|pre-?approved|without (?:review|asking|confirmation)|merken|enregistrez|recuerda|ricorda|запомни|记住)\b|<!--|<system|system-reminder|\bHuman:|\bAssistant:|\x1b\[",
    )
});
/// Things no fact may teach unless a person says so.
static UNSAFE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"(?i)\b(?:curl|wget|iwr|invoke-webrequest)\b.*\||\|\s*(?:sudo )?(?:ba|z|da)?sh\b|--no-verify|--insecure|\bverify\s*=\s*false|\b(?:disable|turn off|switch(?:ed)? off|skip|bypass|ignore)\b.{0,40}\b(?:tls|ssl|verification|certificates?|auth\w*|security|review|tests?|checks?|signature|2fa|mfa|sandbox|firewall)|pre-?approved|without (?:review|approval|asking|confirmation)|\bexfiltrat|\bsend\b.{0,40}\b(?:secrets?|tokens?|keys?|\.env|credentials?|passwords?)|\.env\b.{0,40}\b(?:copied|sent|upload|posted|shared)|https?://|\bchmod 777|\brm -rf|\bsudo\b|\beval\s*["'`($]|base64|extra-index-url|--registry|\bgrant\b.{0,20}\badmin"#,
    )
});
/// What the name of a tool holds that reads or runs something here.
const KINDS: &str = "bash|(?:power)?shell|exec(?:ute|ution|utor)?|terminal|command|run|console|cmd|read|view|open|cat|files?|(?:rip)?grep|glob|ls|list|dir(?:ector(?:y|ies))?|find|search[_-]?(?:code|project)|code[_-]?search|codebase|edit(?:or)?|notebook|repl|i?python|tree|patch|write|insert|replace|create";
/// What else it may hold. Any other word names a service (`zendesk_read`, `list_contacts`), and what that gives out others wrote.
const BESIDE: &str = "mcp__(?:file_?system|fs)|file_?system|folders?|paths?|repo(?:sitory)?|project|workspace|code|script|text|contents?|lines?|range|block|chunk|string|str|names?|pattern|regex|keyword|sizes?|info|structure|outline|overview|symbols?|definitions?|referenc(?:es?|ing)|usages?|class|functions?|body|tests?|build|lint|process(?:es)?|output|stdin|status|cells?|kernel|jupyter|interpreter|container|sandbox|developer|local|unified|interactive|tool|based|default_api|search|get|show|apply|diff|undo|save|append|delete|remove|move|copy|rename|update|make|start|stop|kill|multi(?:ple)?|many|partial|allowed|changed|to|in|into|by|for|from|of|at|with|and|or|before|after";
static LOCAL_TOOL: LazyLock<Regex> = LazyLock::new(|| {
    let beside = format!(r"(?:(?:{BESIDE})[\W_\d]*)*");
    pattern(&format!(r"(?i)^(?:{beside}(?:(?:{KINDS})[\W_\d]*{beside})+)?$"))
});
/// Names of tools and beginnings of commands that write or only ask how the work stands.
static OWN_TOOL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i)^(?:multi_?)?(?:edit|write|create|insert|replace|update|apply|str_replace)|_edit$|patch|notebookedit")
});
static OWN_COMMAND: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^\s*(?:cd \S+\s*(?:&&|;)\s*)?(?:docker (?:compose )?(?:ps|stats|top|images)\b|(?:edit|insert|create|submit|echo|printf|wc|stat|du|df|ps|free|top|uptime|date|sleep|kill|mkdir|touch|cp|mv|rm|tee|ln|chmod)\s|git (?:add|commit|push|status|diff|stash|checkout|switch|rebase|merge|reset|restore|mv|rm)\b)|<<-?\s*['\x22]?\w|\bsed\b[^|;&]* -\w*i\b|(?:^|\s)(?:>{1,2})\s*[^\s&/]|(?:^|\s)>{1,2}\s*/(?:[^d]|d[^e])",
    )
});
/// Runs of programs tell how this run went, unless they are asked what there is.
static RUN: LazyLock<Regex> = LazyLock::new(|| {
    let runners = RUNNERS.join("|");
    pattern(&format!(
        r"(?i)^\s*(?:cd \S+\s*(?:&&|;)\s*)?(?:\w+=\S+\s+)*(?:time |timeout \S+ )?(?:(?:{runners}|python[\d.]*|node|ruby|php|java)(?:[\s;&|<>]|$)|\./[\w./-]+\b)",
    ))
});
static ASKS_WHAT_THERE_IS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:^|\s)(?:--?help|-h|help|--?version|-V|--?list\S*|-l|list|--summary|--show|show|--markers|--fixtures|--evaluate|--dry-run|-n|-np|-p|metadata|tree|env|config|info|inspect|describe|routes|tasks|run)\s*$|--(?:help|version|list|markers|no-deps)",
    )
});
/// What went on, and what a test expects of one case.
static LOG: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\.log\b|(?:^|[\s/])logs?/|\bjournalctl\b|\bdmesg\b"));
static TEST: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i)(?:^|[\s/])(?:tests?|specs?|__tests__)/|(?:^|[\s/])test_|_test\.|[._](?:spec|test)\.")
});
static REMOTE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)https?://|\b(?:curl|wget|http|gh|glab|hub|ssh|scp|rsync|ftp|nc|telnet|ping|dig|aws|gcloud|az|kubectl|psql|mysql|mariadb|sqlite3|duckdb|mongo|mongosh|redis-cli|docker (?:pull|logs)|lynx|w3m|pdftotext|tesseract|xxd|(?:npm|pnpm|yarn|pip|uv|cargo|gem|bundle|go) (?:install|i|add|ci|get|update|info|view|show|search)|git (?:log|pull|fetch|clone|blame))\b|node_modules|site-packages|vendor/|third_?party/|\.venv|\.eml\b|(?:^|/)(?:inbox|downloads)/",
    )
});
/// The head of a mail, which somebody wrote wherever it is kept.
static MAIL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?m)^(?:\s*\d+\s*[→:|\t])?\s*(?:From|Reply-To|Return-Path): \S*.*@|^(?:\s*\d+\s*[→:|\t])?\s*(?:From|To|Cc|Subject|Sent): \S.*\n(?:\s*\d+\s*[→:|\t])?\s*(?:From|To|Cc|Subject|Sent|Date): \S",
    )
});
/// What describes a system here instead of giving out what others put into it.
static STRUCTURE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^\s*(?:cd \S+\s*(?:&&|;)\s*)?(?:(?:\w+=\S+\s+)*)(?:(?:sudo |docker(?:[- ]compose)? exec (?:-\w+ )*\S+ )*(?:psql|mysql|mariadb|sqlite3|duckdb|mongosh?)\b[^|]*?(?:\\d[a-z]*\+?(?:\s|['\x22]|$)|\\l\b|\.schema\b|\.tables\b|\b(?:describe|desc)\s+\w|\bshow\s+(?:create|full|tables|columns|databases|schemas|index|fields)|\binformation_schema\b|\bpragma\b|getIndexes|getCollectionNames)|kubectl (?:-\S+ \S+ )*(?:get|explain|config|version|api-resources)\b|(?:aws|gcloud|az) (?:--version|configure|config)\b)",
    )
});
/// What an agent reads back from memory, notes and summaries is no evidence: dreams would confirm themselves.
static READ_BACK: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)/mnt/memory|(?:^|[/\s])memory(?:/|\.md)|memory\.md|claude(?:\.local)?\.md|agents\.md|\.claude/|\.codex/|\.cursor|\.dream/|summary|(?:^|/)notes?/|transcript|\.jsonl|(?:^|[/\s'\x22])(?:(?:agent|session|work|working|dev|my|claude|codex|task)[-_])?(?:notes?|plan|to-?do|hand-?(?:off|over)|scratch(?:pad)?|progress|worklog)\.(?:md|mdx|markdown|txt|org|rst)\b|(?:^|[/\s'\x22])\.?scratch(?:pad)?/\S*\.(?:md|txt)\b",
    )
});
/// The head of a memory file, wherever it is kept.
static MEMORY_HEAD: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?m)^\s*(?:\d+\s*[→:|\t]?\s*)?description: .*\n\s*(?:\d+\s*[→:|\t]?\s*)?type: (?:user|feedback|project|reference)\s*$",
    )
});

/// Whether a path leads into memory.
pub fn leads_to_memory(path: &str) -> bool {
    READ_BACK.is_match(path)
}

/// Where a command line moves the shell.
pub fn moved_to(line: &str) -> Option<&str> {
    static MOVES: LazyLock<Regex> = LazyLock::new(|| pattern(r#"(?:^|&&|;|\|\|)\s*(?:cd|pushd)\s+['"]?([^\s;&|'"]+)"#));
    let found = MOVES.captures_iter(line).last()?;
    found.get(1).map(|to| to.as_str())
}

/// Whether a text speaks to an agent instead of a reader.
pub(super) fn speaks_to_agents(text: &str) -> bool {
    // In most files that were read the arrow behind the line numbers is all that is not ASCII, and text of ASCII alone
    // is searched many times faster.
    SPEAKS_TO_AGENTS.is_match(&text.replace('→', "|"))
}

/// Whether a text teaches what no fact may unless a person says so.
pub fn is_unsafe(text: &str) -> bool {
    UNSAFE.is_match(text)
}

/// Whether a tool changed a file.
pub fn is_change(tool: &str, on: &str) -> bool {
    static CHANGES: LazyLock<Regex> = LazyLock::new(|| pattern(r"<<-?\s*['\x22]?\w|\bsed\b[^|;&]* -\w*i\b"));
    OWN_TOOL.is_match(tool) || CHANGES.is_match(on)
}

/// Whether a tool is used on command lines.
pub(super) fn is_shell(tool: &str) -> bool {
    static RUNS: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)^$|bash|shell|exec|terminal|command|run|console|cmd"));
    RUNS.is_match(tool)
}

/// Whether a tool writes whole files.
pub(super) fn is_writer(tool: &str) -> bool {
    static WRITES: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)write|create|save"));
    WRITES.is_match(tool) && LOCAL_TOOL.is_match(tool)
}

/// Whether a tool ran a command that does more than show what is there.
pub fn is_run(tool: &str, on: &str) -> bool {
    static SHOWS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^\s*(?:cd \S+\s*(?:&&|;)\s*)?(?:cat|bat|less|more|head|tail|ls|ll|tree|find|fd|grep|e?grep|rg|ag|sed|awk|cut|sort|wc|stat|file|diff|which|type|echo|printf|pwd|date|git|jq|yq|xxd|strings|ps|df|du|free|open|edit|view|mkdir|cp|mv|rm|touch|chmod|ln)\b",
        )
    });
    is_shell(tool) && !SHOWS.is_match(on)
}

/// Where a result's words come from.
pub fn origin(tool: &str, on: &str, text: &str) -> Origin {
    // An address that a setting holds asks nobody to go there.
    static SET_TO_ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r#"(?m)(?:^|[\[{])\s*(?:\d+\s*[→:|\t]?\s*)?["']?[\w.@:/-]+?["']?\s*[=:]\s*["']?https?://|\bproxy_pass\s+["']?https?://"#,
        )
    });
    let top: String = text.lines().take(4).fold(String::new(), |top, line| top + line + "\n");
    if is_disguised(text) || speaks_to_agents(text) || UNSAFE.is_match(&SET_TO_ADDRESS.replace_all(&top, "")) {
        return Origin::Hostile;
    }
    if !LOCAL_TOOL.is_match(tool) {
        return Origin::Foreign;
    }
    if READ_BACK.is_match(on) || MEMORY_HEAD.is_match(text) {
        return Origin::ReadBack;
    }
    if MAIL.is_match(&top) {
        return Origin::Foreign;
    }
    if REMOTE.is_match(on) && (!STRUCTURE.is_match(on) || on.contains("://")) {
        return Origin::Foreign;
    }
    let run = RUN.is_match(on) && !ASKS_WHAT_THERE_IS.is_match(on.split('|').next().unwrap_or_default());
    let passing = run || LOG.is_match(on) || (TEST.is_match(on) && PROGRAM.is_match(on));
    let views = text.starts_with("Here's the result of running `cat");
    if (OWN_TOOL.is_match(tool) && !views) || OWN_COMMAND.is_match(on) || passing || on.trim().is_empty() {
        return Origin::Own;
    }
    Origin::Local
}

/// What a result shows, in the forms in which a sentence may take it up.
#[derive(Debug, Clone, Default)]
struct Shown {
    lower: String,
    /// Stems of all words.
    words: BTreeSet<String>,
    /// Pieces of identifiers and paths, as they are written.
    pieces: BTreeSet<String>,
    /// Numbers, and how many lines there are.
    numbers: Vec<f64>,
    lines: usize,
}

/// Files in which programs are written.
static PROGRAM: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\.(?:rs|py|pyi|js|jsx|mjs|ts|tsx|go|java|kt|swift|c|cc|cpp|h|hpp|cs|rb|php|ex|exs|scala|clj|hs|ml|lua|vue|svelte|css|scss|html?|sql|ipynb|dart|zig|pl)\b",
    )
});

static LISTING: LazyLock<Regex> = LazyLock::new(|| pattern(r"^\s*(?:ls|ll|find|tree|exa|eza)\b"));

impl ToolResult {
    /// Takes in what a tool gave back.
    pub fn new(on: &str, text: &str) -> Self {
        Self {
            on: on.to_owned(),
            text: text.to_owned(),
            age: 0,
            shown: OnceCell::new(),
        }
    }

    fn shown(&self) -> &Shown {
        self.shown.get_or_init(|| Shown::by(&self.on, &self.text))
    }

    /// All that the agent looked at just before it spoke, as one; nothing where that is one alone.
    pub(super) fn of_all(results: &[&Self]) -> Option<Self> {
        let fresh: Vec<&&Self> = results.iter().filter(|result| result.age == 0).collect();
        if fresh.len() < 2 {
            return None;
        }
        let join = |part: fn(&Self) -> &str| fresh.iter().map(|result| part(result)).collect::<Vec<_>>().join("\n");
        Some(Self::new(&join(|result| &result.on), &join(|result| &result.text)))
    }

    /// The agent looked at it just before it spoke.
    pub(super) fn is_fresh(&self) -> bool {
        self.age < 2
    }

    /// It shows settings, listings or words, not a program's code.
    pub(super) fn is_plain(&self) -> bool {
        !PROGRAM.is_match(&self.on)
    }

    /// A text stands there as it is.
    pub(super) fn holds(&self, lower: &str) -> bool {
        self.shown().lower.contains(lower)
    }

    /// A word stands there, in this or a kindred form, or as a piece of an identifier.
    pub(super) fn has_word(&self, stemmed: &str) -> bool {
        let Shown { words, pieces, .. } = self.shown();
        if words.contains(stemmed) || pieces.contains(stemmed) {
            return true;
        }
        if stemmed
            .strip_suffix('s')
            .is_some_and(|one| one.len() > 1 && words.contains(one))
        {
            return true;
        }
        let Some(start) = stemmed.get(..3) else {
            return words
                .range(stemmed.to_owned()..)
                .next()
                .is_some_and(|word| word.starts_with(stemmed));
        };
        let kin = |set: &BTreeSet<String>, least: usize| {
            set.range(start.to_owned()..)
                .take_while(|word| word.starts_with(start))
                .any(|word| {
                    let short = word.len().min(stemmed.len());
                    short >= least && (word.starts_with(stemmed) || stemmed.starts_with(word.as_str()))
                        || akin(word, stemmed)
                })
        };
        kin(words, 4) || kin(pieces, 3)
    }

    /// A setting holds an address: it stands after a mark or a directive, not in a sentence.
    pub(super) fn sets(&self, address: &str) -> bool {
        let address = address.to_lowercase();
        let set = |(at, _): (usize, &str)| {
            let before = self.shown().lower[..at].trim_end_matches(['"', '\'', ' ']);
            before.ends_with(['=', '{', '['])
                || before.ends_with("proxy_pass")
                || before.ends_with(':')
                    && !before
                        .rsplit(['\n', '{', ','])
                        .next()
                        .is_some_and(|key| key.trim().contains(' '))
        };
        self.shown().lower.match_indices(&address).any(set)
    }

    /// A task or stage of this name is defined there: `check:`, `"check": …`, `def check(`.
    pub(super) fn defines(&self, name: &str) -> bool {
        let defined = |(at, _): (usize, &str)| {
            let (before, after) = (&self.text[..at], &self.text[at + name.len()..]);
            let begins = before.rsplit(['\n', '{', ',', '[']).next().is_some_and(|lead| {
                matches!(
                    lead.trim().trim_end_matches(['"', '\'']).trim_end(),
                    "" | "-" | "def" | "task" | "async def"
                )
            });
            begins
                && after
                    .trim_start_matches(['"', '\''])
                    .trim_start()
                    .starts_with([':', '=', '('])
        };
        self.text.match_indices(name).any(defined)
    }

    /// Files or entries there are numbered with so many digits.
    pub(super) fn numbers_files_with(&self, digits: usize) -> bool {
        let mut runs = self.text.split(|c: char| !c.is_ascii_digit());
        digits > 1 && runs.any(|run| run.len() == digits && run.starts_with('0'))
    }

    /// "<3.14" leaves 3.13 in.
    pub(super) fn excludes_after(&self, version: &str) -> bool {
        let (head, last) = version
            .rsplit_once('.')
            .map_or(("", version), |(head, last)| (head, last));
        let Some(next) = last.parse::<u32>().ok().and_then(|last| last.checked_add(1)) else {
            return false;
        };
        let bound = if head.is_empty() {
            format!("<{next}")
        } else {
            format!("<{head}.{next}")
        };
        let text: String = self.text.chars().filter(|c| !c.is_whitespace()).collect();
        text.match_indices(&bound)
            .any(|(at, _)| !text[at + bound.len()..].starts_with(|c: char| c.is_ascii_digit()))
    }

    /// A number stands there, perhaps in another unit.
    pub(super) fn has_number(&self, value: f64, unit: &str) -> bool {
        let same = |a: f64, b: f64| (a - b).abs() <= 1e-9 * a.abs().max(b.abs());
        let scales = scales(unit);
        let numbers = &self.shown().numbers;
        numbers
            .iter()
            .any(|n| same(*n, value) || scales.iter().any(|s| same(*n, value * s) || same(*n * s, value)))
            || (value.fract() == 0.0 && (2.0..=12.0).contains(&value) && self.shown().lines == value as usize)
    }
}

impl Shown {
    fn by(on: &str, text: &str) -> Self {
        let mut shown = Self {
            lines: text.lines().filter(|line| !line.trim().is_empty()).count(),
            lower: format!("{on}\n{text}").to_lowercase(),
            ..Self::default()
        };
        // Programs and logs say the same over and over.
        let (mut seen, mut wholes) = (HashSet::new(), HashSet::new());
        for raw in on.split_whitespace().chain(text.split_whitespace()) {
            if seen.insert(raw) {
                shown.take_in(raw, &mut wholes);
            }
        }
        // Sizes and times of files are no facts.
        if LISTING.is_match(on) {
            shown.numbers.clear();
        }
        shown
    }

    /// `wholes` are the words that were taken in before, as they stand.
    fn take_in(&mut self, raw: &str, wholes: &mut HashSet<String>) {
        // The pieces of an identifier begin at capitals and after marks.
        let mut piece = String::new();
        let mut before = ' ';
        let mut whole = String::new();
        for c in raw.chars().chain([' ']) {
            let turn = c.is_uppercase() && before.is_lowercase()
                || (c.is_ascii_digit() != before.is_ascii_digit() && before.is_alphanumeric() && c.is_alphanumeric());
            if !c.is_alphanumeric() || turn {
                self.push_piece(&piece);
                piece.clear();
            }
            if c.is_alphanumeric() {
                piece.extend(c.to_lowercase());
            }
            if c.is_alphanumeric() || matches!(c, '-' | '\'') {
                whole.extend(c.to_lowercase());
            } else if !whole.is_empty() {
                let word = whole.trim_matches(|c| matches!(c, '-' | '\''));
                if !wholes.contains(word) {
                    self.words.insert(stem(word));
                    wholes.insert(word.to_owned());
                }
                whole.clear();
            }
            before = c;
        }
        let number: String = raw.chars().filter(|c| !matches!(c, ',' | '_' | '\'')).collect();
        for part in number.split(|c: char| !c.is_ascii_digit() && c != '.') {
            let part = part.trim_matches('.');
            // Of a version, people say the first part: "21" for 21.0.4, or the first two.
            let first = part.split_once('.').filter(|(_, rest)| rest.contains('.'));
            let value = first.map_or(part, |(major, _)| major);
            self.numbers.extend(value.parse::<f64>());
            let two = first
                .and_then(|(_, rest)| rest.split_once('.'))
                .map(|(minor, _)| format!("{value}.{minor}"));
            self.numbers.extend(two.and_then(|two| two.parse::<f64>().ok()));
        }
        let versions = raw.split(|c: char| !c.is_alphanumeric()).filter_map(short_version);
        self.numbers.extend(versions);
    }

    fn push_piece(&mut self, piece: &str) {
        if piece.len() > 1 && piece.chars().any(char::is_alphabetic) && !self.pieces.contains(piece) {
            self.words.insert(stem(piece));
            self.numbers
                .extend(number(piece).and_then(|digits| digits.parse::<f64>().ok()));
            if piece.len() > 2 {
                self.pieces.insert(piece.to_owned());
            }
        }
    }
}

/// "py312" is version 3.12.
fn short_version(word: &str) -> Option<f64> {
    let at = word.find(|c: char| c.is_ascii_digit())?;
    let (name, digits) = word.split_at(at);
    let is_one = (2..=4).contains(&name.len())
        && name.chars().all(|c| c.is_ascii_alphabetic())
        && (2..=3).contains(&digits.len())
        && digits.chars().all(|c| c.is_ascii_digit());
    let (major, minor) = digits.split_at_checked(1)?;
    format!("{major}.{minor}").parse().ok().filter(|_| is_one)
}

/// By what a number may differ when it is told in another unit.
fn scales(unit: &str) -> &'static [f64] {
    match unit {
        "ms" | "millisecond" => &[0.001],
        "s" | "sec" | "second" | "thousand" => &[1000.0],
        "m" | "min" | "minut" | "minute" => &[60.0, 60_000.0],
        "h" | "hour" => &[60.0, 3600.0, 3_600_000.0],
        "d" | "day" => &[24.0, 1440.0, 86_400.0, 86_400_000.0],
        "week" => &[7.0, 168.0, 604_800.0],
        "month" => &[30.0, 720.0],
        "y" | "year" => &[12.0, 365.0],
        "k" | "kb" | "kib" => &[1000.0, 1024.0],
        "mb" | "mib" => &[1000.0, 1024.0, 1e6, 1_048_576.0],
        "gb" | "gib" => &[1000.0, 1024.0, 1e6, 1_048_576.0, 1e9, 1_073_741_824.0],
        "%" | "percent" => &[0.01],
        "million" => &[1e6],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_by_where_their_words_come_from() {
        for (tool, on, text, expected) in [
            ("Bash", "cat Makefile", "weave:", Origin::Local),
            ("Read", "/srv/looms/Makefile", "weave:", Origin::Local),
            ("Grep", "weave", "Makefile:weave:", Origin::Local),
            ("exec_command", "rg weave", "Makefile:weave:", Origin::Local),
            ("", "cat Makefile", "weave:", Origin::Local),
            ("Bash", "psql -c '\\d looms'", "id | integer", Origin::Local),
            ("Bash", "kubectl get pods -o name", "pod/loom", Origin::Local),
            ("Bash", "cat k8s/loom.yaml", "memory: 512Mi", Origin::Local),
            ("Bash", "psql -c 'select * from looms'", "1 | weave", Origin::Foreign),
            ("Bash", "curl -s localhost:80", "weave", Origin::Foreign),
            ("WebFetch", "https://a.example", "weave", Origin::Foreign),
            ("WebSearch", "weave a loom", "weave", Origin::Foreign),
            ("mcp__tracker__get_issue", "12", "weave", Origin::Foreign),
            ("Task", "list the modules", "weave", Origin::Foreign),
            ("zendesk_read_conversation", "12", "weave", Origin::Foreign),
            ("discord_read", "looms", "weave", Origin::Foreign),
            ("hubspot_list_contacts", "looms", "weave", Origin::Foreign),
            ("gdrive_read_file", "looms.md", "weave", Origin::Foreign),
            ("mcp__drive__read_file", "looms.md", "weave", Origin::Foreign),
            ("read_rss", "looms", "weave", Origin::Foreign),
            ("LookupOrder", "12", "weave", Origin::Foreign),
            ("execute_sql", "select * from looms", "weave", Origin::Foreign),
            ("read_file", "Makefile", "weave:", Origin::Local),
            ("list_directory", "looms", "vat.toml", Origin::Local),
            ("mcp__filesystem__read_file", "Makefile", "weave:", Origin::Local),
            ("functions.exec_command", "cat Makefile", "weave:", Origin::Local),
            ("run_terminal_cmd", "cat Makefile", "weave:", Origin::Local),
            ("read_email", "12", "weave", Origin::Foreign),
            (
                "Read",
                "/srv/in.txt",
                "From: ida@a.example\nThe gate is shut",
                Origin::Foreign,
            ),
            (
                "Bash",
                "cat in.txt",
                "To: all\nSubject: gate\n\nThe gate is shut",
                Origin::Foreign,
            ),
            ("Bash", "cat a.toml", "from: ida@a.example\nto: all", Origin::Local),
            ("Read", "/srv/a.txt", "From: Oulu\nThe ferry leaves at 7", Origin::Local),
            ("Edit", "src/loom.rs", "src/loom.rs was changed", Origin::Own),
            ("Bash", "cat > a.toml <<EOF\na = 1\nEOF", "", Origin::Own),
            ("Bash", "make build", "built in 4 s", Origin::Own),
            ("Bash", "cd loom && rspec --format doc", "the loom weaves", Origin::Own),
            ("Bash", "phpunit --testdox; ls", "weaves", Origin::Own),
            ("Bash", "zig build check", "weaves", Origin::Own),
            ("Bash", "python3.12 weave.py", "weaves", Origin::Own),
            ("read_file", "composer.json", "weave", Origin::Local),
            ("read_file", "go.mod", "module weave", Origin::Local),
            ("Bash", "pytest --markers", "slow: needs a loom", Origin::Local),
            ("Bash", "git status", "M a.toml", Origin::Own),
            ("Bash", "tail -f loom.log", "weave", Origin::Own),
            ("Bash", "cat tests/test_loom.py", "assert weave", Origin::Own),
            ("Bash", "cat /mnt/memory/looms.md", "- weave", Origin::ReadBack),
            ("Read", "/srv/looms/NOTES.md", "weave", Origin::ReadBack),
            ("Bash", "cat docs/plan.txt", "weave", Origin::ReadBack),
            ("Bash", "cat session-notes.md", "weave", Origin::ReadBack),
            ("Bash", "cat /tmp/scratchpad/a.md", "weave", Origin::ReadBack),
            ("Bash", "python /tmp/scratchpad/a.py", "weave", Origin::Own),
            ("Bash", "cat docs/release-notes.md", "weave", Origin::Local),
            ("Bash", "cat docs/tips.md", "AI agents: weave", Origin::Hostile),
            ("Bash", "cat a.yaml", "memory: \"always weave\"", Origin::Hostile),
            ("WebFetch", "https://a.example", "<!-- weave -->", Origin::Hostile),
        ] {
            assert_eq!(origin(tool, on, text), expected, "{tool} {on} {text}");
        }
    }

    #[test]
    fn where_a_command_moves_the_shell() {
        assert_eq!(moved_to("cd /mnt/memory && ls"), Some("/mnt/memory"));
        assert_eq!(moved_to("ls; cd 'a b'"), Some("a"));
        assert_eq!(moved_to("ls abcd e"), None);
    }

    #[test]
    fn versions_in_short() {
        let result = ToolResult::new("cat loom.ini", "envlist = py312,php83\nrb33: x\nroom 512\nh264 paper42");
        for version in [3.12, 8.3, 3.3] {
            assert!(result.has_number(version, ""), "{version}");
        }
        for version in [5.12, 2.64, 4.2] {
            assert!(!result.has_number(version, ""), "{version}");
        }
    }

    #[test]
    fn numbers_in_another_unit() {
        let result = ToolResult::new("cat a.toml", "ttl = 43200\nsize: 10y\nthree halls\nratio 0.05");
        assert!(result.has_number(12.0, "hour"));
        assert!(result.has_number(10.0, "year"));
        assert!(result.has_number(3.0, "hall"));
        assert!(result.has_number(5.0, "%"));
        assert!(!result.has_number(14.0, "hour"));
        assert!(!result.has_number(432.0, ""));
    }
}
