//! Tokens of a sentence: the words that carry meaning and the values that tell two facts apart.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::clean::pattern;
use super::source;
use super::vocabulary::{STOP, alternative, number, same};

/// A token as it stands in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token<'a> {
    /// The characters, without punctuation around them.
    pub raw: &'a str,
    /// Where it starts.
    pub at: usize,
    /// It stands in backticks.
    pub code: bool,
}

/// Splits text into tokens; identifiers, paths, addresses and versions stay whole.
pub(crate) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut out = Vec::new();
    let mut code = false;
    let mut start = None;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        let inside = c.is_alphanumeric() || "_./@:+#-'’%$*~&=!".contains(c);
        match (start, inside) {
            (None, true) => start = Some(at),
            (Some(from), false) => {
                push(&mut out, &text[from..at], from, code);
                start = None;
            }
            _ => {}
        }
        if c == '`' {
            code = !code;
        }
    }
    out
}

fn push<'a>(out: &mut Vec<Token<'a>>, raw: &'a str, at: usize, code: bool) {
    let lead = raw.len() - raw.trim_start_matches(|c: char| "'’:!*=&+".contains(c)).len();
    let body = raw[lead..].trim_end_matches(|c: char| ".'’:!*-=&~/".contains(c) && (c != '/' || raw.len() < 3));
    let body = if body.ends_with('%') && body.len() > 1 {
        body
    } else {
        body.trim_end_matches('%')
    };
    // "Tuesday/Thursday" are two words, "src/main" is a path: a slash between capitalised words joins no path.
    if body.contains('/')
        && body
            .split('/')
            .all(|part| part.chars().next().is_some_and(char::is_uppercase))
    {
        let mut from = at + lead;
        for part in body.split('/') {
            out.push(Token {
                raw: part,
                at: from,
                code,
            });
            from += part.len() + 1;
        }
    } else if body.chars().any(char::is_alphanumeric) {
        out.push(Token {
            raw: body,
            at: at + lead,
            code,
        });
    }
}

/// What kind of value a token is; two facts with the same subject and another value of one kind contradict.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    /// A number, with the word it counts.
    Number(String),
    /// A proper name.
    Name,
    /// A path, command, flag, identifier.
    Code,
    /// A mail or web address.
    Address,
    /// One of a row of alternatives.
    Alternative(u16),
}

/// What a text is about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Features {
    /// Stems of all words with meaning, values included.
    pub stems: BTreeSet<String>,
    /// Stems that are no values: the subject.
    pub subject: BTreeSet<String>,
    /// Values by kind.
    pub values: BTreeMap<Value, BTreeSet<String>>,
    /// Names and numbers that stand before the verb: they say which thing is spoken of.
    pub leading: BTreeSet<String>,
    /// Words before the verb that are no values: the thing that is spoken of.
    pub head: BTreeSet<String>,
    /// The sentence says no.
    pub negative: bool,
    /// All words in order, lower case.
    pub sequence: Vec<String>,
    /// The same without whom or what the text has it from, where it says so.
    pub claim: Option<Box<Features>>,
}

/// Words that say no.
pub(crate) const NEGATIONS: [&str; 21] = [
    "dont",
    "doesnt",
    "cant",
    "wont",
    "isnt",
    "not",
    "no",
    "never",
    "don't",
    "doesn't",
    "didn't",
    "won't",
    "can't",
    "cannot",
    "isn't",
    "aren't",
    "mustn't",
    "shouldn't",
    "without",
    "avoid",
    "stop",
];

/// Words that may stand capitalised at the start of a sentence without being names.
pub(crate) fn is_plain_start(lower: &str) -> bool {
    STOP.contains(lower)
        || same(lower).is_some()
        || super::vocabulary::WORK.contains(lower)
        || super::vocabulary::WORK.contains(stem(lower).as_str())
        || super::vocabulary::TASK_VERBS.contains(lower)
        || super::vocabulary::HABIT_VERBS.contains(lower)
}

/// "…, no exceptions", "… without exception": a no behind what is said, which takes nothing of it back.
fn only_insists(text: &str, no: &Token<'_>, next: Option<&Token<'_>>) -> bool {
    const LACKING: [&str; 7] = [
        "exception",
        "exceptions",
        "exemptions",
        "discussion",
        "discussions",
        "excuses",
        "ifs",
    ];
    let Some(next) = next.filter(|next| LACKING.contains(&next.raw.to_lowercase().as_str())) else {
        return false;
    };
    let (before, after) = (text[..no.at].trim_end(), &text[next.at + next.raw.len()..]);
    let apart = match no.raw.to_lowercase().as_str() {
        "no" => before.ends_with([',', ';', '.', ':', '!', '-', '–', '—', '(']) || before.ends_with(" with"),
        "without" => !before.is_empty(),
        _ => false,
    };
    apart && !after.trim_start().starts_with(char::is_alphanumeric)
}

/// What stands before the name of a person.
pub(crate) fn is_title(lower: &str) -> bool {
    matches!(lower, "mr" | "mrs" | "ms" | "miss" | "dr" | "prof" | "sir" | "madam")
}

/// Reads the features of a text. `names` are words seen capitalised inside sentences elsewhere.
pub(crate) fn features(text: &str, names: &BTreeSet<String>) -> Features {
    let mut found = features_of_all(text, names);
    found.claim = source::claim(text).map(|claim| Box::new(features_of_all(&claim, names)));
    found
}

/// The features of a text with whatever it names as its source, where nobody asks for its claim alone.
pub(crate) fn features_of_all(text: &str, names: &BTreeSet<String>) -> Features {
    static SPLIT: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(back|sign|log|set|roll|clean|shut|hand|hook|take|walk|pay|lock|drop|sell|break|cut|check)(?:s|ed|ing)? (up|off|in|out|down|over)\b",
        )
    });
    let mut found = Features::default();
    let text = text.replace("w/o ", "without ").replace(" w/ ", " with ");
    let joined = SPLIT.replace_all(&text, "$1$2");
    let sized = with_length(&joined);
    let plain = with_plain_words(&sized);
    let text = plain.as_ref();
    let tokens = tokens(text);
    let verb = tokens
        .iter()
        .position(|t| is_finite_verb(&t.raw.to_lowercase()) && (t.raw != "May" || t.at == 0))
        .unwrap_or(tokens.len().min(2));
    let mut sentence_start = true;
    for (at, token) in tokens.iter().enumerate() {
        let lower = base(token.raw);
        found.sequence.push(lower.clone());
        if NEGATIONS.contains(&lower.as_str()) && !only_insists(text, token, tokens.get(at + 1)) {
            found.negative = true;
        }
        let starts = sentence_start;
        let after = &text[token.at + token.raw.len()..];
        sentence_start = after.starts_with(['.', '!', '?']) && after[1..].starts_with(' ');
        let before = at.checked_sub(1).map(|before| tokens[before].raw.to_lowercase());
        let stops = STOP.contains(lower.as_str())
            && !token.code
            && !is_the_country(token.raw, before.as_deref())
            && !is_the_month(token.raw, before.as_deref());
        if lower.is_empty() || stops {
            continue;
        }
        let kind = value_of(token, starts, names, &tokens[at + 1..])
            .or_else(|| is_called(text, &tokens, at).then_some(Value::Name));
        let mut stems = stems_of(token, kind.as_ref());
        // "The bucket art-raw": the name is one, "art-inbox" is another.
        if kind == Some(Value::Name) && !starts && lower.contains('-') && !token.raw.contains(char::is_uppercase) {
            found.stems.extend(std::mem::replace(&mut stems, vec![lower.clone()]));
        }
        if kind == Some(Value::Code) {
            found.stems.extend(parts_of(&lower));
        }
        if let Some(kind) = kind {
            if at < verb && matches!(kind, Value::Name | Value::Number(_)) {
                found.leading.extend(stems.iter().cloned());
            }
            found.values.entry(kind).or_default().extend(stems.iter().cloned());
        } else {
            if at < verb {
                found.head.extend(stems.iter().cloned());
            }
            found.subject.extend(stems.iter().cloned());
        }
        found.stems.extend(stems);
    }
    found
}

/// "The May report", "until May": the month.
fn is_the_month(raw: &str, before: Option<&str>) -> bool {
    const LEADS: [&str; 12] = [
        "the", "our", "of", "in", "on", "since", "until", "till", "from", "by", "each", "every",
    ];
    raw == "May" && before.is_some_and(|before| LEADS.contains(&before))
}

/// "The US office", "our us region": the country, and not us.
pub(crate) fn is_the_country(raw: &str, before: Option<&str>) -> bool {
    raw == "US" || raw == "us" && matches!(before, Some("the" | "our" | "a" | "each" | "every"))
}

/// "Explain it step by step", "answers under five lines": how long an answer is, in the words that say it of anything.
fn with_length(text: &str) -> Cow<'_, str> {
    static ANSWERS: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)\b(?:answers?|repl(?:y|ies)|responses?|explain|explanations?)\b"));
    static BRIEF: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:under|below|within|up to|at most|no (?:more|longer) than|fewer than|less than|max(?:imum)?) (\S+ (?:lines?|words?|sentences?|paragraphs?))\b",
        )
    });
    static FULL: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"(?i)\b(?:in full|in (?:more |full |great )?detail|at (?:full )?length|step by step|thoroughly)\b")
    });
    if !ANSWERS.is_match(text) {
        return Cow::Borrowed(text);
    }
    match BRIEF.replace(text, "short $1") {
        Cow::Borrowed(text) => FULL.replace(text, "detailed"),
        brief @ Cow::Owned(_) => brief,
    }
}

/// Phrases that mean what one word does.
fn with_plain_words(text: &str) -> Cow<'_, str> {
    static REQUEST: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\b(?:pull|merge)[ -]requests?\b"));
    static BEGIN: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\bkick(?:s|ed|ing)?[ -]off\b"));
    static END_TO_END: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\bend-to-end\b"));
    // Since when is no part of the thing.
    static NOWADAYS: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\b(?:these days|nowadays)\b"));
    // "Looks after", "is Ida's job": whose it is.
    static OWNS: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\blook(?:s|ed)? after\b|\btakes? care of\b"));
    static JOB: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?P<whose>(?:is|are) (?:[\w-]+ ){0,3}[\w-]+['’]s) (?:job|duty|responsibility|remit|business)(?P<end>[.,;!]|$| (?:now|since|until|from)\b)",
        )
    });
    // "Larch is the firm that paints the boats": the firm paints them.
    static WHAT_DOES: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i) (?:is|are) (?:the|our) (?:service|system|tool|program|one|team|person|people|firm|company|address) (?:that|which|who) (?P<does>[a-z]+s)\b",
        )
    });
    static COLLECTED: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\bpicked up\b"));
    let text = in_one_word(with_numbers(with_hours(text)), &REQUEST, "pr");
    let text = in_one_word(text, &OWNS, "owns");
    let text = in_one_word(text, &JOB, "$whose charge$end");
    let text = in_one_word(text, &WHAT_DOES, " $does");
    let text = in_one_word(text, &COLLECTED, "collected");
    let text = in_one_word(text, &NOWADAYS, "now");
    let text = in_one_word(text, &BEGIN, "starts");
    in_one_word(text, &END_TO_END, "e2e")
}

/// "Half past seven" is 7:30.
pub(crate) fn with_hours(text: &str) -> Cow<'_, str> {
    static PAST: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:(?P<half>half)|(?:a )?quarter) past (?P<hour>1[0-2]|[1-9]|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b",
        )
    });
    // Few texts name such an hour.
    if !text.contains(" past ") {
        return Cow::Borrowed(text);
    }
    PAST.replace_all(text, |found: &Captures<'_>| {
        let hour = found["hour"].to_lowercase();
        let minute = if found.name("half").is_some() { 30 } else { 15 };
        format!("{}:{minute}", number(&hour).unwrap_or(hour.as_str()))
    })
}

/// "Half an hour" is 30 minutes, "once a month" every month, "after an hour" after 1 hour.
fn with_spans(text: Cow<'_, str>) -> Cow<'_, str> {
    static HALF_HOUR: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\b(?:half an|(?:an? )?half[ -]) ?hour\b"));
    static HALF_YEAR: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\b(?:half a|(?:an? )?half[ -]) ?year\b"));
    static ONCE: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)\bonce (?:an?|per|every|each) (minute|hour|day|week|month|year)\b"));
    static WITHIN_ONE: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)\b(after|within)(?: about)? an? (minute|hour|day|week|month|year)\b"));
    // Few texts have such words.
    if !["half", "once ", "fter a", "ithin a"]
        .iter()
        .any(|lead| text.contains(lead))
    {
        return text;
    }
    let text = in_one_word(text, &HALF_HOUR, "30 minutes");
    let text = in_one_word(text, &HALF_YEAR, "6 months");
    let text = in_one_word(text, &ONCE, "every 1 $1");
    in_one_word(text, &WITHIN_ONE, "$1 1 $2")
}

/// "Five hundred" is 500, "the third gate" gate 3.
pub(crate) fn with_numbers(text: Cow<'_, str>) -> Cow<'_, str> {
    let text = with_spans(text);
    static MANY: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"(?i)\b(?P<count>two|three|four|five|six|seven|eight|nine|ten|\d{1,2}) (?P<of>hundred|thousand)\b")
    });
    static WHICH: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\bthe (?P<which>(?:first|second) (?:floors?|storeys?|stories|decks?|gates?|doors?|platforms?|shelf|shelves|rows?|aisles?|shifts?|lanes?|tracks?)|(?:third|fourth|fifth|sixth|seventh|eighth|ninth|tenth) [a-z]+)\b(?: of\b)?",
        )
    });
    // Which one of a row it is depends on where that begins.
    const OF_A_ROW: [&str; 14] = [
        "party", "parties", "person", "time", "day", "week", "month", "quarter", "year", "attempt", "try", "part",
        "half", "reason",
    ];
    // Few texts have such words.
    let text = if text.contains(" hundred") || text.contains(" thousand") {
        let counted = MANY.replace_all(&text, |found: &Captures<'_>| {
            let count = found["count"].to_lowercase();
            let zeros = if found["of"].eq_ignore_ascii_case("hundred") {
                "00"
            } else {
                "000"
            };
            format!("{}{zeros}", number(&count).unwrap_or(count.as_str()))
        });
        Cow::Owned(counted.into_owned())
    } else {
        text
    };
    if !WHICH.is_match(&text) {
        return text;
    }
    let told = WHICH.replace_all(&text, |found: &Captures<'_>| {
        const NTH: [&str; 10] = [
            "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
        ];
        let which = found["which"].to_lowercase();
        let (which, thing) = which.split_once(' ').unwrap_or((which.as_str(), ""));
        let of_a_row = OF_A_ROW.contains(&thing) || thing.ends_with("day") || found[0].ends_with(" of");
        match NTH.iter().position(|nth| *nth == which).filter(|_| !of_a_row) {
            Some(at) => format!("the {thing} {}", at + 1),
            None => found[0].to_owned(),
        }
    });
    Cow::Owned(told.into_owned())
}

fn in_one_word<'a>(text: Cow<'a, str>, phrase: &Regex, word: &str) -> Cow<'a, str> {
    if phrase.is_match(&text) {
        Cow::Owned(phrase.replace_all(&text, word).into_owned())
    } else {
        text
    }
}

/// Lower case, without possessive.
pub(crate) fn base(raw: &str) -> String {
    let lower = raw.to_lowercase().replace(['’', 'ʼ'], "'");
    lower
        .strip_suffix("'s")
        .or(lower.strip_suffix("s'"))
        .unwrap_or(&lower)
        .to_owned()
}

/// Whether a word is one of the commonest verbs, in a form that follows what it is told of.
pub(crate) fn is_finite_verb(lower: &str) -> bool {
    const VERBS: [&str; 40] = [
        "is", "are", "was", "were", "has", "have", "had", "must", "may", "can", "should", "will", "shall", "needs",
        "need", "owns", "runs", "uses", "belongs", "lives", "gets", "goes", "comes", "takes", "keeps", "holds",
        "starts", "ends", "reviews", "approves", "handles", "decides", "checks", "writes", "reads", "says", "be",
        "does", "do", "cannot",
    ];
    VERBS.contains(&lower)
}

fn value_of(token: &Token<'_>, starts: bool, names: &BTreeSet<String>, rest: &[Token<'_>]) -> Option<Value> {
    let next = rest.first();
    let raw = token.raw;
    let lower = base(raw);
    if raw.contains('@') && raw.contains('.') || raw.contains("://") || raw.starts_with("www.") {
        return Some(Value::Address);
    }
    if let Some(digits) = number_of(&lower) {
        // "13, keep the SQL to that": what stands behind a comma is not counted.
        let counted = next.filter(|t| t.at == token.at + raw.len() + 1);
        let unit = counted
            .map(|t| base(t.raw))
            .filter(|unit| !STOP.contains(unit.as_str()));
        let unit = unit.map(|unit| stem(&unit));
        let unit = if digits.1.is_empty() {
            unit.unwrap_or_default()
        } else {
            digits.1
        };
        return Some(Value::Number(unit));
    }
    // "Meetings" are held, in Meet or elsewhere.
    let is_held = lower.starts_with("meeting");
    if let Some(row) = alternative(&lower)
        .or_else(|| alternative(&stem(&lower)).filter(|_| !is_held))
        .or_else(|| alternative(lower.strip_suffix('s')?))
        .or_else(|| alternative(same(&lower)?))
    {
        return Some(Value::Alternative(row));
    }
    if token.code || is_identifier(raw) {
        return Some(Value::Code);
    }
    let capital = raw.chars().next().is_some_and(char::is_uppercase);
    // An abbreviation names a kind of thing more often than one thing.
    let letters = raw.chars().filter(|c| c.is_alphabetic()).count();
    if (2..=5).contains(&letters)
        && raw
            .chars()
            .all(|c| c.is_uppercase() || matches!(c, '-' | '\'' | 's' | '’'))
    {
        return None;
    }
    if capital
        && (names.contains(&lower)
            || (!starts && lower != "i")
            || (starts && !is_plain_start(&lower) && followed(rest)))
    {
        return Some(Value::Name);
    }
    None
}

/// Words that begin what a verb is done to.
const DETERMINERS: [&str; 11] = [
    "all", "the", "every", "each", "our", "a", "an", "any", "no", "most", "both",
];

/// What a thing of these kinds is called stands after it, in capitals or not: "team lynx", "the server kestrel".
const CALLED: [&str; 33] = [
    "team",
    "server",
    "host",
    "machine",
    "box",
    "channel",
    "branch",
    "bucket",
    "cluster",
    "project",
    "customer",
    "client",
    "account",
    "user",
    "queue",
    "topic",
    "table",
    "namespace",
    "repo",
    "folder",
    "archive",
    "profile",
    "preset",
    "supplier",
    "vendor",
    "room",
    "depot",
    "site",
    "ship",
    "pool",
    "group",
    "dataset",
    "replica",
];

/// Whether a plain word ends its phrase and names a thing of the kind that stands before it. "The user's grandmother" is
/// what the user has.
fn is_called(text: &str, tokens: &[Token<'_>], at: usize) -> bool {
    let Some(before) = at.checked_sub(1).map(|before| &tokens[before]) else {
        return false;
    };
    let (kind, word) = (base(before.raw), base(tokens[at].raw));
    let joined = text[before.at + before.raw.len()..tokens[at].at] == *" ";
    // Of people and things "-os" may be many, "photos"; what a machine is called is not.
    let is_host = word.ends_with("os") && matches!(kind.as_str(), "server" | "host" | "machine" | "cluster" | "ship");
    let ends = |next: &Token<'_>| {
        STOP.contains(base(next.raw).as_str()) || text[tokens[at].at + tokens[at].raw.len()..next.at].trim() != ""
    };
    joined
        && before.raw.to_lowercase() == kind
        && CALLED.contains(&kind.as_str())
        && word.len() > 2
        && word.chars().all(|c| c.is_alphabetic() || matches!(c, '-' | '_'))
        && !word.ends_with("ing")
        && !word.ends_with("ed")
        && (!word.ends_with('s') || word.ends_with("ss") || word.ends_with("us") || word.ends_with("as") || is_host)
        && !STOP.contains(word.as_str())
        && !is_plain_start(&word)
        && !is_finite_verb(&word)
        && tokens.get(at + 1).is_none_or(ends)
}

/// A capitalised first word followed by a verb of the third person is someone.
fn followed(rest: &[Token<'_>]) -> bool {
    // "Hyacinth answers all …": a word in -s before "all" or "the" is a verb and no plural.
    let does = rest
        .first()
        .is_some_and(|t| t.raw.len() > 4 && t.raw.ends_with('s') && !t.raw.ends_with("ss"))
        && rest
            .get(1)
            .is_some_and(|t| DETERMINERS.contains(&t.raw.to_lowercase().as_str()));
    does || rest.first().is_some_and(|t| {
        let lower = t.raw.to_lowercase();
        matches!(lower.as_str(), "is" | "has" | "was" | "will" | "must" | "can" | "and")
            || (is_finite_verb(&lower) && lower.ends_with('s'))
    })
}

/// A number and the unit that is written onto it.
fn number_of(lower: &str) -> Option<(String, String)> {
    if let Some(digits) = number(lower) {
        return Some((digits.to_owned(), String::new()));
    }
    let body = lower
        .strip_prefix('v')
        .filter(|b| b.starts_with(|c: char| c.is_ascii_digit()))
        .unwrap_or(lower);
    let body = body.trim_start_matches(['$', '#', '~', '+', '-']);
    if !body.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let end = body
        .find(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | ',' | ':'))
        .unwrap_or(body.len());
    let (digits, unit) = body.split_at(end);
    let known = [
        "", "%", "ms", "s", "m", "h", "d", "kb", "mb", "gb", "tb", "k", "px", "am", "pm", "th", "st", "nd", "rd", "x",
        "min", "kg", "km", "kib", "mib", "gib", "rps", "days", "hours",
    ];
    let unit = unit.trim_start_matches('-');
    known.contains(&unit).then(|| {
        let unit = match unit {
            "am" | "pm" | "th" | "st" | "nd" | "rd" => "",
            unit => unit,
        };
        (plain_number(digits.trim_end_matches([',', '.', ':'])), stem(unit))
    })
}

/// "02:00", "2.0" and "2" are one number; "1,000" is 1000.
fn plain_number(digits: &str) -> String {
    let grouped = digits.split(',').skip(1).all(|group| group.len() == 3);
    let digits = if grouped {
        digits.replace(',', "")
    } else {
        digits.to_owned()
    };
    let digits = digits.strip_suffix(":00").unwrap_or(&digits);
    let digits = if digits.contains(':') || digits.len() < 3 {
        digits.trim_start_matches('0')
    } else {
        digits
    };
    if digits.is_empty() {
        "0".to_owned()
    } else {
        digits.to_owned()
    }
}

fn is_identifier(raw: &str) -> bool {
    let inner = &raw[raw.chars().next().map_or(0, char::len_utf8)..];
    let digit = raw.chars().any(|c| c.is_ascii_digit());
    let letter = raw.chars().any(char::is_alphabetic);
    raw.contains('/')
        || raw.contains('_')
        || raw.starts_with('.') && letter
        || raw.starts_with('-') && raw[1..].starts_with(|c: char| c == '-' || c.is_ascii_alphabetic())
        || inner.contains('.') && !raw.ends_with('.')
        || (digit && letter && raw.len() > 2)
        || inner.contains("::")
        || inner
            .chars()
            .zip(inner.chars().skip(1))
            .any(|(a, b)| a.is_lowercase() && b.is_uppercase())
        || raw.contains('-') && digit
        || raw.contains('#') && digit
        || is_abbreviated(raw)
        // "#help-desk": a channel or a tag.
        || raw.starts_with('#') && letter
}

/// "svc-reports", "db-main": a name with a part that nobody speaks. "TV-set", "x-ray" and "hmm-mm" are words.
fn is_abbreviated(raw: &str) -> bool {
    const SPOKEN: [&str; 12] = ["tv", "pc", "cd", "dvd", "mr", "dr", "st", "th", "vs", "hr", "pr", "qr"];
    let is_short = |part: &str| {
        (2..=4).contains(&part.len())
            && part.chars().all(|c| c.is_ascii_lowercase() && !"aeiouy".contains(c))
            && !SPOKEN.contains(&part)
    };
    let is_word = |part: &str| part.len() > 1 && part.chars().all(|c| c.is_ascii_lowercase());
    raw.contains('-') && raw.split('-').all(is_word) && raw.split('-').any(is_short)
}

/// The stems a token stands for: one for a word or name, the parts too for a path or a hyphenated word.
fn stems_of(token: &Token<'_>, kind: Option<&Value>) -> Vec<String> {
    let lower = base(token.raw);
    match kind {
        Some(Value::Number(_)) => number_of(&lower).map(|(digits, _)| vec![digits]).unwrap_or_default(),
        Some(Value::Code | Value::Address) => vec![lower.trim_start_matches("./").trim_start_matches("--").to_owned()],
        _ if same(&lower).is_some() => vec![stem(&lower)],
        _ if lower.contains(['-', '/']) => lower
            .split(['-', '/'])
            .filter(|p| p.len() > 1 && !STOP.contains(p))
            .map(stem)
            .collect(),
        _ => vec![stem(&lower)],
    }
}

/// The words in a path or identifier.
fn parts_of(lower: &str) -> Vec<String> {
    let parts = lower
        .split(['/', '_', '.', ':'])
        .filter(|p| p.len() > 2 && p.chars().any(char::is_alphabetic) && !STOP.contains(p));
    let parts: Vec<String> = parts.map(stem).collect();
    if parts.len() > 1 { parts } else { Vec::new() }
}

/// A word without its endings, or the word that stands for its meaning.
pub(crate) fn stem(lower: &str) -> String {
    if let Some(known) = same(lower) {
        return known.to_owned();
    }
    let strip = |suffix: &str, least: usize| lower.strip_suffix(suffix).filter(|rest| rest.len() >= least);
    let cut = strip("ations", 4)
        .or(strip("ation", 4))
        .or(strip("ments", 4))
        .or(strip("ment", 4))
        .or(strip("ings", 4))
        .or(strip("ing", 4))
        .or(strip("ally", 4))
        .or(strip("ies", 3))
        .or(strip("ied", 3))
        .or(strip("ers", 5))
        .or(strip("ed", 4))
        .or(strip("sses", 2).map(|_| &lower[..lower.len() - 2]))
        .or(strip("ches", 2).map(|_| &lower[..lower.len() - 2]))
        .or(strip("shes", 2).map(|_| &lower[..lower.len() - 2]))
        .or(strip("s", 3).filter(|rest| !rest.ends_with(['s', 'u', 'i'])))
        .unwrap_or(lower);
    if let Some(known) = same(cut) {
        return known.to_owned();
    }
    let cut = cut.strip_suffix('e').filter(|rest| rest.len() >= 4).unwrap_or(cut);
    let cut = cut.strip_suffix('y').filter(|rest| rest.len() >= 3).unwrap_or(cut);
    let mut ends = cut.chars().rev();
    let doubled = cut.len() >= 5
        && cut != lower
        && ends
            .next()
            .is_some_and(|last| last.is_ascii() && ends.next() == Some(last));
    let cut = if doubled && !cut.ends_with("ss") && !cut.ends_with("ll") {
        &cut[..cut.len() - 1]
    } else {
        cut
    };
    same(cut).unwrap_or(cut).to_owned()
}

/// How a word stands among the values of a text.
pub(crate) fn value_form(word: &str) -> String {
    number_of(word).map_or_else(|| stem(word), |(digits, _)| digits)
}

/// Two stems are forms of one word: the same, or one long beginning.
pub(crate) fn akin(a: &str, b: &str) -> bool {
    if a == b || is_form_of(a, b) || is_form_of(b, a) {
        return true;
    }
    let shared = a.bytes().zip(b.bytes()).take_while(|(x, y)| x == y).count();
    let shorter = a.len().min(b.len());
    shared >= 5 && shared + 2 >= shorter && a.len().max(b.len()) - shared <= 5
}

/// "Baked" and "tuning" of "bake" and "tune", "logging" of "log": too short to lose their ends by themselves.
fn is_form_of(form: &str, plain: &str) -> bool {
    let doubled = plain.len() == 3
        && !plain.ends_with(['l', 's', 'e', 'o'])
        && form
            .strip_prefix(plain)
            .is_some_and(|end| plain.ends_with(end) && end.len() == 1);
    // "Sown" of "sow"; "crown" is none of "crow".
    const IN_N: [&str; 9] = ["sow", "grow", "know", "draw", "throw", "blow", "show", "mow", "sew"];
    if doubled || IN_N.contains(&plain) && form.strip_prefix(plain) == Some("n") {
        return true;
    }
    let root = plain.strip_suffix('e').filter(|root| root.len() >= 3);
    let end = root.and_then(|root| form.strip_prefix(root));
    end.is_some_and(|end| matches!(end, "ed" | "ing"))
}

/// Words that stand capitalised inside sentences of a text: names.
pub(crate) fn names_in(text: &str, names: &mut BTreeSet<String>) {
    for sentence in super::sentence::split(text) {
        for token in tokens(sentence).iter().skip(1) {
            let capital = token.raw.chars().next().is_some_and(char::is_uppercase);
            let before = sentence[..token.at].trim_end();
            if capital && !before.ends_with([':', '"', '“']) && token.raw.len() > 1 && token.raw != "I" {
                let lower = base(token.raw);
                if !STOP.contains(lower.as_str()) {
                    names.insert(lower);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn features_of(text: &str) -> Features {
        features(text, &BTreeSet::new())
    }

    #[test]
    fn who_only_insists_says_no_to_nothing() {
        for text in [
            "Shipping is free from 85 euro, no exceptions.",
            "Each card is checked without exception",
            "The gate is shut at nine (no exceptions)",
            "Deploys need two approvals. No discussions!",
            "The hall is locked - no excuses",
        ] {
            assert!(!features_of(text).negative, "{text}");
        }
        for text in [
            "The parser throws no exceptions",
            "No exceptions in library code",
            "The lift runs without a break",
            "The gate is shut, no exceptions are made for vans",
            "Not a discussion",
        ] {
            assert!(features_of(text).negative, "{text}");
        }
    }

    #[test]
    fn words_of_all_scripts_are_read_with_any_ending() {
        const ENDINGS: [&str; 20] = [
            "", "ations", "ation", "ments", "ment", "ings", "ing", "ally", "ies", "ied", "ers", "ed", "sses", "ches",
            "shes", "s", "e", "es", "y", "'s",
        ];
        let mut suspect = crate::rules::Suspect::default();
        for word in [
            "så",
            "café",
            "naïve",
            "łódź",
            "straße",
            "ёлка",
            "мама",
            "ωμέγα",
            "שלום",
            "مدرسة",
            "भारत",
            "हिन्दी",
            "ไทย",
            "日本丸",
            "한국어",
            "コーヒー",
            "åå",
            "öö",
            "ćć",
            "日日",
            "🎉🎉",
            "a\u{301}a\u{301}",
        ] {
            for ending in ENDINGS {
                let word = format!("{word}{ending}");
                stem(&word);
                for text in [
                    format!("{word} the lamp: note {word} of it"),
                    format!("Remember {word}: {word} is kept in {word} {word}."),
                    format!("Please forget {word}."),
                ] {
                    features_of(&text);
                    crate::rules::read(&text, None);
                    suspect.foreign(&text, false);
                }
            }
        }
        assert_eq!(stem("planned"), "plan");
    }

    #[test]
    fn forms_of_one_word_meet() {
        for (a, b) in [
            ("deployments", "deploy"),
            ("indentation", "indent"),
            ("tests", "testing"),
            ("pg", "PostgreSQL"),
        ] {
            assert_eq!(stem(&a.to_lowercase()), stem(&b.to_lowercase()));
        }
        assert!(akin(&stem("acquisition"), &stem("acquire")));
        assert!(!akin("port", "portal"));
        for (form, plain) in [
            ("baked", "bake"),
            ("tuning", "tune"),
            ("moved", "move"),
            ("dated", "date"),
            ("coding", "code"),
            ("logging", "log"),
            ("tagged", "tag"),
            ("pinned", "pin"),
        ] {
            assert!(akin(&stem(form), &stem(plain)), "{form}");
        }
        for (a, b) in [
            ("seed", "see"),
            ("later", "late"),
            ("string", "stripe"),
            ("barn", "bare"),
            ("mill", "mil"),
            ("boss", "bos"),
            ("logs", "log"),
        ] {
            assert!(!akin(a, b), "{a}");
        }
    }

    #[test]
    fn values_are_told_from_the_subject() {
        let f = features_of("The partner API limit is 40 requests per second");
        assert!(f.values[&Value::Number("request".into())].contains("40"));
        assert!(f.subject.contains("partner"));
        let f = features_of("Shelf 12 has spare mugs");
        assert!(f.leading.contains("12"));
    }

    #[test]
    fn what_a_thing_is_called_is_told_from_what_it_has() {
        assert!(features_of("The server kestrel is off").values[&Value::Name].contains("kestrel"));
        for text in ["The user's grandmother is 87", "The server’s kestrel is off"] {
            assert!(!features_of(text).values.contains_key(&Value::Name), "{text}");
        }
    }

    #[test]
    fn a_meeting_is_no_tool() {
        let f = features_of("Our meetings are at 9");
        assert!(f.values.keys().all(|kind| matches!(kind, Value::Number(_))));
        assert!(f.subject.contains("meet"));
        for text in ["We talk in Meet", "Squashing is over", "Pay in euros"] {
            let f = features_of(text);
            assert!(
                f.values.keys().any(|kind| matches!(kind, Value::Alternative(_))),
                "{text}"
            );
        }
    }

    #[test]
    fn a_channel_is_one_value() {
        for (text, channel) in [
            ("Incidents go to #fire-drill", "#fire-drill"),
            ("ask in #help.", "#help"),
            ("Tag it #howto", "#howto"),
        ] {
            assert!(features_of(text).values[&Value::Code].contains(channel), "{text}");
        }
        for text in ["Ticket #42 is open", "It is written in C#", "# Notes"] {
            assert!(!features_of(text).values.contains_key(&Value::Code), "{text}");
        }
    }

    #[test]
    fn flags_are_code() {
        for text in ["Run them with -short please", "Pass -k to curl", "Build with --locked"] {
            assert!(features_of(text).values.contains_key(&Value::Code), "{text}");
        }
        for text in ["The short way", "Cool to -4 degrees", "Red - or blue"] {
            assert!(!features_of(text).values.contains_key(&Value::Code), "{text}");
        }
    }

    #[test]
    fn what_is_counted_stands_right_behind() {
        let units = |text: &str| -> Vec<String> {
            let values = features_of(text).values;
            let units = values.into_keys().filter_map(|kind| match kind {
                Value::Number(unit) => Some(unit),
                _ => None,
            });
            units.collect()
        };
        assert_eq!(units("The oldest glaze is 13, keep the kiln to that"), [""]);
        assert_eq!(units("The kiln takes 13. Keep to that"), [""]);
        assert_eq!(units("The kiln takes 13 plates"), ["plat"]);
    }

    #[test]
    fn days_with_a_slash_are_two_words() {
        let f = features_of("never deploy outside of Tuesday/Thursday");
        assert!(f.stems.contains("tuesday") && f.stems.contains("thursday"));
    }
}
