//! An agent's own sentence counts where a clean, local tool result bears it out.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use crate::fact::{Finding, Kind, Mark, Op};
use crate::text::clean::{is_disguised, own_words, pattern};
use crate::text::sentence;
use crate::text::words::{Value, features, stem, tokens};

/// What a tool gave back, as far as grounding needs it.
#[derive(Debug, Clone, Default)]
pub struct Result {
    /// What the tool was used on.
    pub on: String,
    /// What it gave back.
    pub text: String,
}

/// Text that speaks to an agent instead of to a reader taints all that stands around it.
static SPEAKS_TO_AGENTS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:ai|llms?|language models?|assistants?|agents?|claude|chatgpt|gpt-?\d|copilot|codex|gemini|bots?)\b|\bmemor(?:y|ies|i[sz]e)\b(?:[^.\n]{0,40}(?:\.md|:|store|save|add|note))|\b(?:remember (?:that|this|to)|from now on|going forward|forget (?:all|everything|previous|the)|ignore (?:all|any|previous|the above|prior)|disregard|override|the user (?:prefers|wants|said|says|has|always|never|likes|asked)|permanent(?:ly)? (?:rule|note|instruction|store)|store as|save (?:this )?(?:to|as|in)|note instead|add to memory|must comply|mandatory for|new instructions?|system prompt|developer mode|as if the user|follow (?:these|this|it)|apply it|decode this|do not tell|pre-?approved|without (?:review|asking|confirmation)|merken|enregistrez|recuerda|ricorda|запомни|记住)\b|<!--|<system|system-reminder|\bHuman:|\bAssistant:|\x1b\[",
    )
});
/// Things no fact may teach unless a person says so.
static UNSAFE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:curl|wget|iwr|invoke-webrequest)\b.*\||\|\s*(?:sudo )?(?:ba|z|da)?sh\b|--no-verify|--insecure|\bverify\s*=\s*false|\b(?:disable|turn off|switch(?:ed)? off|skip|bypass|ignore)\b.{0,40}\b(?:tls|ssl|verification|certificates?|auth\w*|security|review|tests?|checks?|signature|2fa|mfa|sandbox|firewall)|pre-?approved|without (?:review|approval|asking|confirmation)|\bexfiltrat|\bsend\b.{0,40}\b(?:secrets?|tokens?|keys?|\.env|credentials?|passwords?)|\.env\b.{0,40}\b(?:copied|sent|upload|posted|shared)|https?://|\bchmod 777|\brm -rf|\bsudo\b|\beval\b|base64|extra-index-url|--registry|\bgrant\b.{0,20}\badmin",
    )
});
/// Tools and commands whose output comes from this machine's own files.
static LOCAL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^\s*(?:cd \S+\s*(?:&&|;)\s*)?(?:(?:\w+=\S+\s+)*)(?:cat|head|tail|less|bat|sed|awk|grep|rg|ag|ls|find|fd|tree|jq|yq|wc|stat|file|nl|cut|sort|git (?:show|grep|ls-files|config|branch|remote|tag)|make -[np]|just --(?:list|show|summary)|npm (?:run|pkg)|cargo (?:metadata|tree)|[./\w-]*/[\w.-]+$|/|~|\.|\w)",
    )
});
static REMOTE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)https?://|\b(?:curl|wget|http|gh|glab|hub|ssh|scp|nc|telnet|ping|dig|aws|gcloud|az|kubectl|psql|mysql|mongo|redis-cli|docker (?:pull|logs)|(?:npm|pnpm|yarn|pip|uv|cargo|gem|bundle|go) (?:install|i|add|ci|get|update|info|view|show|search)|git (?:log|pull|fetch|clone|blame))\b|node_modules|site-packages|vendor/|\.venv",
    )
});
/// What an agent reads back from memory, notes and summaries is no evidence: dreams would confirm themselves.
static READ_BACK: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)/mnt/memory|(?:^|[/\s])memory(?:/|\.md)|memory\.md|claude(?:\.local)?\.md|agents\.md|\.claude/|\.codex/|\.cursor|\.dream/|summary|(?:^|/)notes?/|transcript|\.jsonl",
    )
});
static CHATTY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:i|i'll|i'm|i've|i'd|let me|let's|me|my|you|your|you're|we'll|we're|now|currently|still|already|next|here(?:'s| is| are)|above|below|this (?:file|test|error|change|commit|function|is|means|should|will|was)|passes|passed|passing|failing|failed|fails|(?:was|were|been|just|all|have|has|is|file) (?:fixed|updated|created|added|removed|changed|renamed|done|finished|completed?)|^(?:fixed|updated|created|added|removed|changed|renamed|done|finished|completed?)|successfully|succeeded|running|queued|looks|seems|appears|probably|maybe|perhaps|might|should (?:now|work|be fine)|however|unfortunately|great|perfect|excellent|good|sorry|understood|noted|got it|as expected|so far|at the moment|the (?:error|issue|problem|fix|bug|change|tests? (?:are|is|pass|fail)|user|output|diff|result|warning)s?|\d+ (?:tests?|passed|failed|errors?|warnings?|files? (?:changed|updated)))\b|^(?:\d+ |(?:all|both|each) (?:\d+|of)\b|(?:task|step|phase|part|option|question|point|item|test|case)s? ?\d*\b ?[:—–-]|expected\b|confirmed\b|verified\b|interesting)|\b(?:pass|yet|(?:these|those|remaining|next|other|all|new|\d+) tasks?|todos?|is valid|are valid|is closed|are closed|is clean|exists?|doesn't exist|is green|are green|is missing|are missing|in progress|this session|the session|as planned|the plan)\b|[✓✅✔❌⚠🎉🚀]|\?$",
    )
});
static TELLS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:is|are|must|may|can|cannot|can't|has|have|needs?|requires?|uses?|runs?|lives?|reads?|writes?|goes|go|comes?|starts?|ends?|lints?|builds?|tests?|deploys?|generates?|loads?|stores?|keeps?|serves?|listens?|expects?|depends?|supports?|belongs?|contains?|defines?|handles?|sends?|returns?|validates?|calls?|exports?|imports?|points?|maps?|owns?|publishes|delivers?|holds?|doesn't|don't|isn't|aren't|never|always|only)\b",
    )
});

/// Whether a tool result may bear anything out.
pub fn is_clean(result: &Result) -> bool {
    LOCAL.is_match(&result.on)
        && !REMOTE.is_match(&result.on)
        && !READ_BACK.is_match(&result.on)
        && !is_disguised(&result.text)
        && !SPEAKS_TO_AGENTS.is_match(&result.text)
        && !UNSAFE.is_match(&result.text.lines().take(4).collect::<String>())
}

/// Whether a text teaches what no fact may unless a person says so.
pub fn is_unsafe(text: &str) -> bool {
    UNSAFE.is_match(text)
}

/// Facts in what an agent said that one of the results bears out.
pub fn grounded(said: &str, results: &[&Result]) -> Vec<Finding> {
    let mut out = Vec::new();
    if results.is_empty() || said.len() > 6000 {
        return out;
    }
    let words = own_words(said);
    let sentences = sentence::split(&words);
    for (at, sentence) in sentences.iter().enumerate() {
        let plain = without_hedge(&sentence.replace("**", ""));
        if out.len() < 3 && is_general(&plain) && bears_out_any(results, &plain) {
            let kind = Kind::Project;
            let mark = Mark::default();
            out.push(Finding {
                op: Op::State,
                text: super::tidy(&with_remedy(&plain, sentences.get(at + 1))),
                kind,
                importance: 4,
                mark,
            });
        }
    }
    out
}

/// "X does not support Y. I need to do Z instead.": what helps against a limit belongs to it.
fn with_remedy(limit: &str, next: Option<&&str>) -> String {
    static LIMIT: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:doesn'?t|does not|don'?t|do not|cannot|can'?t|not (?:supported|allowed|available)|unsupported|no longer|isn'?t|aren'?t)\b",
        )
    });
    static REMEDY: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:so |therefore |instead,? )?(?:i|we)(?:'ll| will| need to| have to| must| should)(?: now| therefore| instead)? (?P<do>[a-z]+ [^{}|]{8,140}?)[.!]?$",
        )
    });
    let remedy = next
        .filter(|_| LIMIT.is_match(limit))
        .and_then(|next| REMEDY.captures(next));
    match remedy.filter(|found| !UNSAFE.is_match(&found["do"])) {
        Some(found) => format!("{}; remedy: {}", limit.trim_end_matches('.'), &found["do"]),
        None => limit.to_owned(),
    }
}

/// "It looks like the parser is in src": with a result that bears it out, it is.
fn without_hedge(sentence: &str) -> String {
    static HEDGE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:(?:so|ok(?:ay)?|good|great|right|interesting|important(?: finding)?|note|i see)[,.:!–—-]*\s+)*(?:(?:it|this) (?:looks like|looks as if|seems(?: like)?|appears|turns out)(?: that)?|(?:i|we)(?: can| now)? see(?: here)?(?: that)?|as (?:we|you) can see,?|apparently,?)\s+",
        )
    });
    match HEDGE.find(sentence) {
        Some(found) => sentence[found.end()..].to_owned(),
        None => sentence.to_owned(),
    }
}

fn is_general(sentence: &str) -> bool {
    let count = sentence.split_whitespace().count();
    (4..=36).contains(&count)
        && !sentence.ends_with(':')
        && !sentence.contains(['{', '|', '#', '\u{fffd}'])
        && !CHATTY.is_match(sentence)
        && !UNSAFE.is_match(sentence)
        && !SPEAKS_TO_AGENTS.is_match(sentence)
        && TELLS.is_match(sentence)
}

/// Whether a result bears a sentence out, and none holds it word for word: who copies what a file says adds nothing to
/// it, and a file is nobody to be trusted.
fn bears_out_any(results: &[&Result], sentence: &str) -> bool {
    let copied = words_only(sentence);
    results.iter().any(|result| bears_out(result, sentence))
        && !results.iter().any(|result| words_only(&result.text).contains(&copied))
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

/// Half of its words and all of its values stand in the result or in what the tool was used on.
fn bears_out(result: &Result, sentence: &str) -> bool {
    let found = features(sentence, &BTreeSet::new());
    let lower = format!("{} {}", result.on, result.text).to_lowercase();
    let firm = found.values.keys().any(|v| matches!(v, Value::Code | Value::Number(_)))
        || ["must", "never", "only", "always", "because", "cannot"]
            .iter()
            .any(|w| found.sequence.iter().any(|s| s == w))
        || found.values.len() > 1;
    let stands = |value: &String| {
        lower.contains(value.as_str())
            || value
                .split(['/', '-', '_'])
                .filter(|part| part.len() > 1)
                .all(|part| lower.contains(part))
    };
    let values = found
        .values
        .iter()
        .filter(|(kind, _)| !matches!(kind, Value::Name | Value::Alternative(_)));
    if !firm || !values.clone().all(|(_, all)| all.iter().all(stands)) {
        return false;
    }
    let known: BTreeSet<String> = tokens(&lower).iter().flat_map(|t| parts(t.raw)).collect();
    let shared = found.stems.iter().filter(|s| known.contains(*s) || stands(s)).count();
    // Code that stands there ties the sentence down; other words then may be the agent's.
    let needed = if found.values.contains_key(&Value::Code) { 3 } else { 2 };
    shared >= 2 && shared * needed >= found.stems.len()
}

fn parts(raw: &str) -> Vec<String> {
    let mut out = vec![stem(&raw.to_lowercase())];
    if raw.contains(['/', '.', '_', '-', ':']) {
        out.extend(
            raw.to_lowercase()
                .split(['/', '.', '_', '-', ':'])
                .filter(|p| p.len() > 1)
                .map(stem),
        );
    }
    out
}
