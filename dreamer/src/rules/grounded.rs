//! An agent's own sentence counts where a clean, local tool result bears it out.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use regex::Regex;

use super::evidence::{Result, is_unsafe, speaks_to_agents};
use super::suspect::Suspect;
use crate::fact::{Finding, Kind, Mark, Op};
use crate::text::clean::{own_words, pattern};
use crate::text::sentence;
use crate::text::vocabulary::number;
use crate::text::words::{Value, features, stem};

/// Talk about the work of the moment.
static CHATTY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:i|i'll|i'm|i've|i'd|let me|let's|let us|me|my|you|your|you're|we'll|we're|we've|now|currently|still|already|again|any ?more|just|yet|so far|meanwhile|today|right away|at the moment|once more|after all|at last|finally|next(?:,| step| up| task| i\b)|here(?:'s| is| are)|(?:see|seen|listed|shown|described|mentioned|the) (?:above|below)|this (?:file|test|error|change|commit|function|is|means|should|will|was|line|one)|passes|passing|failing|(?:tests?|builds?|ci|jobs?|checks?|suite|code|it|they|all) (?:passed|failed|fails?)|(?:failed|fails|passed)(?: (?:to|with|at|because|due|for)\b|[.,;!]|$)|(?:was|were|been|just|all|have|has|file) (?:fixed|updated|created|added|removed|changed|renamed|done|finished|completed?)|successfully|succeeded|successful|(?:is|are) (?:fully |all |completely |both )?(?:running|fine|ok|okay|ready|in order|in place|right|correct|implemented|pushed|merged|committed|resolved|landed|cleaned|tidied|staged)|looks (?:good|fine|right|ok)|seems|appears|probably|likely|maybe|perhaps|might|would|could|should (?:now|work|be fine)|however|unfortunately|great|perfect|excellent|sorry|understood|noted|got it|as expected|the (?:errors?|issues?|problems?|fix|fixes|bugs?|changes?|diff|warnings?|tests? (?:are|is|pass|fail)|output (?:is|shows|looks|has)|results? (?:is|are|shows?)|user (?:wants|asked|said|is|has|opened))|the (?:logs?|screenshots?|trace|dump|listing) (?:shows?|says?|has)|(?:readme|file|document|page|docs?) (?:has|have|describes?|covers?|lists?|explains?|consists?)|(?:for|in|on|of) this (?:branch|pr|pull request|commit|run|change|round|session)|more \w+ly|row \d+|(?:first|second|third|last) (?:paragraph|row|line|sentence|section|page|half)|the (?:sum|total|mean|average|loss|accuracy) (?:of|is)|is (?:the reason|why)|reads (?:more|better|well)|(?:one|two|a|by) (?:level|line|row|column|step|page|half)s? (?:up|down|too|shorter|longer)|\d+ (?:tests?|passed|failed|errors?|warnings?|files? (?:changed|updated)))\b|^code (?:describes?|covers|lists|explains|parses|compiles|works|reads|opens)\b|^(?:here|good|fixed|updated|created|added|removed|changed|renamed|done|finished|completed?)\b|^(?:\d+ |(?:all|both|each) (?:\d+|of)\b|(?:task|step|phase|part|option|question|point|item|test|case)s? ?\d*\b ?[:—–-]|expected\b|confirmed\b|verified\b|interesting)|\b(?:pass|(?:these|those|remaining|other|all|new|\d+) tasks?|todos?|is valid|are valid|is closed|are closed|is clean|(?:files?|it|they|modules?|functions?|director(?:y|ies)|folders?|branch(?:es)?|keys?) (?:doesn't |don't )?exists?|is green|are green|is missing|are missing|in progress|this session|as planned|the plan (?:is|was))\b|[✓✅✔❌⚠🎉🚀]|\?$",
    )
});
/// What is wrong today is no fact of tomorrow.
static FAULT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:bugs?|broken|breaks|buggy|wrong(?:ly)?|incorrect(?:ly)?|mistakes?|typos?|crashed|crashes|leaked|stalled|overflow(?:s|ed)|is off|will (?:fail|break|crash)|assert\w*|off by|off-by-one|unused|stale|missing|forgotten|regressions?|root cause|culprit|flaky|traceback|stack ?trace|null pointer|race condition|too (?:many|few|late|early|long|short|big|small))\b",
    )
});
/// What was chosen, or is made so by rule, may be told in the past.
static DECIDED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:decided|decision|decisions|settled|agreed|chosen|chose|picked|adopted|rejected|deprecated|superseded|standardi[sz]ed|adr)\b",
    )
});
static PAST: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:was|were|wasn't|weren't|had|did|didn't|(?:has|have) (?:been )?\w+(?:ed|en|own|ade|ilt|ept|eft|ent)|took|went|came|broke|wrote|ran|gave|fell|threw|grew|began|became|forgot)\b",
    )
});
/// First words that tell what is done, ask for it or answer, or point out of the sentence.
static STARTS_BADLY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:(?:it|this|that|these|those|they|he|she|here|yes|no,|nope|ok|okay|sure|hm+|well|add|fix|update|check|open|try|see|let|remove|rename|create|write|move|change|note|make sure|restart|install|please|tell|apply|re-?run|edit|delete|replace|wait|continue|proceed|ran|made|found|wrote|took|split|got|put|moved|left|built|set|only (?:changed|touched)|nothing (?:else|is|was|to)|looking|checking|reading|opening|having|going|trying|searching|starting|carrying|running|thanks)\b|\w+(?:ed|ing),|\w+ed (?:the|a|an|it|and|both|all|two|three|\d|in|out|up|to)\b|\w+ing (?:the|a|an|it|this|that|at|for|into|through|up|out|on|my|your)\b)",
    )
});
/// "X is tidied.": what was done to it, without a word on how it always is.
static DONE_TO: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:is|are|gets?) (?:\w+ly )?(?:\w+(?:ed|en)|built|set|cut|split|gone|out|in|back)(?: (?:and|or) \w+ed)?(?: up| out| down| off| away| over| accordingly| too| by (?:half|\w+ lines))?[.!]?$",
    )
});
static TOLD_BY_RULE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:must|may|can|cannot|never|always|only|above|below|over|under|without|older|larger|smaller|longer|shorter|more than|less than|at most|at least|outside|beyond|except)\b",
    )
});
/// "… is done": a state, unless it says with what.
static STATE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:is|are) (?:fixed|updated|created|added|removed|changed|renamed|done|finished|completed?|bumped|upgraded|downgraded|raised|lowered|reverted|refactored|reworked|rewritten|simplified|shortened|tightened|reformatted|formatted|swapped|modified)\b(?: (?P<how>with|by|via|through|from|using|every|nightly|daily|hourly|weekly|automatically|when|whenever|only|at|before|after|per)\b)?",
    )
});
static TELLS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:is|are|must|may|can|cannot|can't|has|have|needs?|requires?|uses?|runs?|lives?|reads?|writes?|goes|go|comes?|starts?|ends?|lints?|builds?|tests?|deploys?|generates?|loads?|stores?|keeps?|serves?|listens?|expects?|depends?|supports?|belongs?|contains?|defines?|handles?|sends?|returns?|validates?|calls?|exports?|imports?|points?|maps?|owns?|publishes|delivers?|holds?|doesn't|don't|isn't|aren't|never|always|only)\b",
    )
});
/// Any verb of the third person, or one that goes with many; an order ("close it, and move on") has none of them.
fn has_any_verb(words: &str) -> bool {
    static THIRD_PERSON: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)\S+ (?:\S+ )*?(?:\w{2,}(?:[^s\W]s|sses|ches|shes|xes)|will|do|does)\b \S"));
    const OF_MANY: [&str; 50] = [
        "get", "look", "take", "give", "work", "live", "stay", "sit", "follow", "expire", "rotate", "limit", "allow",
        "mean", "apply", "exist", "share", "move", "pass", "bind", "mount", "ship", "land", "sort", "wait", "retry",
        "match", "refer", "include", "skip", "inherit", "talk", "connect", "speak", "count", "cost", "last", "hang",
        "stand", "fall", "bite", "pin", "cap", "abort", "fail", "join", "split", "carry", "happen", "rely",
    ];
    let all: Vec<&str> = words.split_whitespace().collect();
    let of_many = all.windows(3).any(|three| {
        OF_MANY.contains(&three[1]) && !three[0].ends_with(',') && !matches!(three[0], "and" | "or" | "to" | "not")
    });
    of_many || THIRD_PERSON.is_match(words)
}

/// Facts in what an agent said that one of the results bears out, and that nobody else put into its mouth.
pub fn grounded(said: &str, results: &[&Result], suspect: &Suspect) -> Vec<Finding> {
    let mut out = Vec::new();
    if results.is_empty() || said.len() > 6000 {
        return out;
    }
    let words = own_words(said);
    let sentences = sentence::split(&words);
    for (at, sentence) in sentences.iter().enumerate() {
        let plain = without_hedge(&sentence.replace("**", ""));
        if out.len() == 3 || !is_general(&plain) || !bears_out_any(results, &plain) {
            continue;
        }
        let text = super::tidy(&with_remedy(&plain, sentences.get(at + 1)));
        if !suspect.told(&plain) && !suspect.told(&text) {
            out.push(Finding {
                op: Op::State,
                text,
                kind: Kind::Project,
                importance: 4,
                mark: Mark::default(),
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
    match remedy.filter(|found| !is_unsafe(&found["do"])) {
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

/// A sentence on how things are here, not on what was done or how it stands.
fn is_general(sentence: &str) -> bool {
    let count = sentence.split_whitespace().count();
    if !(4..=36).contains(&count)
        || sentence.ends_with([':', '?'])
        || sentence.contains(['{', '|', '\u{fffd}'])
        || sentence.contains("# ")
        || sentence.contains("##")
        || is_unsafe(sentence)
        || speaks_to_agents(sentence)
    {
        return false;
    }
    // What stands in code or is a path has no say in what kind of sentence it is.
    let words = without_code(sentence);
    let first = words.trim_start_matches("So ").trim_start();
    !CHATTY.is_match(&words)
        && !FAULT.is_match(&words)
        && !STARTS_BADLY.is_match(first)
        && (TOLD_BY_RULE.is_match(&words)
            || !DONE_TO.is_match(&without_condition(&words))
                && STATE.captures_iter(&words).all(|found| found.name("how").is_some()))
        && (DECIDED.is_match(&words) || !tells_of_the_past(&words))
        && (TELLS.is_match(&words) || has_any_verb(&words) || DECIDED.is_match(&words))
}

/// "… when it is full": what holds stands before it.
fn without_condition(words: &str) -> String {
    static CONDITION: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)(\w+ \w+ .*?),? (?:when|whenever|if|once|unless|as soon as) .*$"));
    CONDITION.replace(words, "$1").into_owned()
}

fn without_code(sentence: &str) -> String {
    static CODE: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"`[^`]*`|\S*[\w.][/_]\w\S*|\b\w+\.[a-z]\w{0,4}\b|(?:^|\s)--?\w\S*"));
    let words = CODE.replace_all(sentence, " code ").replace("looks like", "is like");
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The main verb is one of the past: "skipped the last row", "was too long".
fn tells_of_the_past(words: &str) -> bool {
    static DID: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:(?:the|a|an|all|both|our|each|every|one|two|\w+'s) )?(?:[\w'-]+ ){0,4}?(?P<verb>\w+[^\We]ed|made|found|sent|built|left|got|had)\b",
        )
    });
    static BE: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)\b(?:is|are|be|been|being|get|gets|got|has|have|not|must|can|may|as)\b"));
    PAST.is_match(words)
        || DID.captures(words).is_some_and(|found| {
            let at = found.name("verb").map_or(0, |verb| verb.start());
            let after = found.name("verb").map_or(0, |verb| verb.end());
            !BE.is_match(&words[..at]) && !TELLS.is_match(&words[after..])
        })
}

/// Whether a result bears a sentence out, and none holds it word for word: who copies what a file says adds nothing to
/// it, and a file is nobody to be trusted.
fn bears_out_any(results: &[&Result], sentence: &str) -> bool {
    let copied = words_only(sentence);
    let claim = Claim::of(sentence);
    results.iter().any(|result| claim.is_borne_out(result))
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

/// What must stand in a result for a sentence to hold.
struct Claim {
    /// Commands in backticks.
    commands: Vec<String>,
    /// Paths, identifiers, addresses.
    code: Vec<String>,
    /// Numbers with what they count.
    numbers: Vec<(String, String)>,
    /// Names after the verb.
    names: Vec<String>,
    /// Words in parts: names of things where they stand as they are, plain words otherwise.
    joined: Vec<String>,
    /// Other words with meaning.
    /// As stems, with how they are written.
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
                r"(?i)\b(?:is|are|gets?|lives?|sits?|comes?|goes|runs?) .*\b(?:in|with|by|from|at|through|via|under|into|is) (?:the \w+ )?(?:`[^`]+ [^`]+`|`?[\w.-]*[/_.][\w./-]+)",
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
        let found = features(&rest, &BTreeSet::new());
        let core = FOLLOWS.replace(&rest, "");
        let core = if core.split_whitespace().count() < 3 {
            &rest
        } else {
            &core
        };
        let told = features(core, &BTreeSet::new());
        let listed = listed(sentence);
        let mut claim = Self {
            commands,
            code,
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
        };
        static CAPITALS: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b[A-Z][A-Z]{2,}\b"));
        claim
            .joined
            .extend(CAPITALS.find_iter(core).map(|word| word.as_str().to_lowercase()));
        for word in found.sequence.iter().filter(|word| word.contains('-')) {
            // "a three-letter code"
            let first = word.split('-').next().and_then(number);
            if let Some(digits) = first {
                claim.numbers.push((digits.to_owned(), String::new()));
            } else if !claim.code.contains(word) {
                claim.joined.push(word.clone());
            }
        }
        let units: Vec<&str> = found.values.keys().filter_map(unit).collect();
        let written: BTreeMap<String, &String> = told.sequence.iter().map(|word| (stem(word), word)).collect();
        for word in told.subject.iter().filter(|word| !units.contains(&word.as_str())) {
            let raw = written.get(word).map_or(word, |raw| *raw);
            claim.words.insert(word.clone(), raw.clone());
        }
        for (kind, values) in &found.values {
            for value in values.iter().cloned() {
                match kind {
                    // "no one", "one of them"
                    Value::Number(_) if value == "1" && !rest.contains('1') => {}
                    // "two hosts, a and b"
                    Value::Number(_) if listed.is_some() && value.parse().ok() == listed => {}
                    Value::Number(unit) => claim.numbers.push((value, unit.clone())),
                    Value::Code if units.contains(&value.as_str()) => {}
                    // "TypeScript": a name.
                    Value::Code if value.chars().all(char::is_alphabetic) && !rest.contains(&value) => {
                        claim.names.push(value);
                    }
                    Value::Code | Value::Address => claim.code.push(value),
                    Value::Name if !found.leading.contains(&value) && told.stems.contains(&value) => {
                        claim.names.push(value);
                    }
                    Value::Name | Value::Alternative(_) if told.stems.contains(&value) => {
                        claim.words.insert(value.clone(), value);
                    }
                    Value::Name | Value::Alternative(_) => {}
                }
            }
        }
        claim
    }

    /// How many of its values the text shows, apart from what the tool was used on.
    fn shown_in(&self, result: &Result) -> usize {
        let text = result.text.to_lowercase();
        let code = self
            .code
            .iter()
            .filter(|code| text.contains(code.trim_start_matches("./")));
        let joined = self.joined.iter().filter(|word| text.contains(word.as_str()));
        let commands = self.commands.iter().filter(|command| {
            let mut own = command.split_whitespace().filter(|word| !is_usual_in_commands(word));
            own.any(|word| text.contains(word.trim_start_matches("./")))
        });
        code.count()
            + commands.count()
            + joined.count()
            + self
                .numbers
                .iter()
                .filter(|(number, _)| text.contains(number.as_str()))
                .count()
    }

    fn is_borne_out(&self, result: &Result) -> bool {
        let commands = self.commands.iter().map(|command| command_stands(command, result));
        let Some(pieces) = commands.sum::<Option<usize>>() else {
            return false;
        };
        let all = self.code.iter().all(|code| code_stands(code, result))
            && self
                .numbers
                .iter()
                .all(|(number, unit)| number_stands(number, unit, result));
        if !all {
            return false;
        }
        let joined = self.joined.iter().filter(|word| result.holds(word)).count();
        let values = self.commands.len() + self.code.len() + self.numbers.len() + joined;
        let known_names = self.names.iter().filter(|name| result.has_word(name)).count();
        let known = |(word, raw): &(&String, &String)| result.has_word(word) || result.has_word(raw);
        let known = self.words.iter().filter(known).count() + known_names;
        let count = self.words.len() + self.names.len();
        // A sentence that says how code works is worth less than one that says how things are.
        let plain = result.is_plain();
        if !plain && (self.told_of_code && !self.rule || !self.lasting && self.numbers.is_empty()) {
            return false;
        }
        if values == 0 {
            let firm = self.rule || (plain && result.is_fresh());
            let called = self.called.as_ref().is_some_and(|name| result.holds(name));
            return firm
                && known_names == self.names.len()
                && (known * 5 >= count * 3 && (known >= 3 || known == 2 && self.rule) || called && known >= 2);
        }
        if !result.is_fresh() {
            // Code that stands there ties the sentence down; other words then may be the agent's.
            let tied = self.code.len() + self.commands.len() > 0;
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
fn command_stands(command: &str, result: &Result) -> Option<usize> {
    let mut known = 0;
    for (at, word) in command.split_whitespace().enumerate() {
        let word = word.trim_matches(['\'', '"']);
        if !word.chars().any(char::is_alphanumeric) {
            continue;
        }
        let stands = code_stands(word, result);
        if stands && !is_usual_in_commands(word) {
            known += 1;
        } else if !stands {
            // The program may be the agent's knowledge, a file may not.
            let program = at == 0 && word.chars().all(|c| c.is_alphanumeric() || c == '-');
            let short = word.starts_with('-') && word.len() < 3;
            if !program && !short && !is_usual_in_commands(word) && !word.starts_with(['<', '$']) {
                return None;
            }
        }
    }
    (known > 0).then_some(known)
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

fn code_stands(code: &str, result: &Result) -> bool {
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
fn number_stands(number: &str, unit: &str, result: &Result) -> bool {
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
    match number.parse::<f64>() {
        Ok(value) => result.has_number(value, unit),
        Err(_) => result.holds(number),
    }
}
