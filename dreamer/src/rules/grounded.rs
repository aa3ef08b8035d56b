//! An agent's own sentence counts where a clean, local tool result bears it out.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::claim::{bears_out_any, bears_out_closely, is_copied};
use super::evidence::{ToolResult, is_unsafe, speaks_to_agents};
use super::runs::Runs;
use super::suspect::Suspect;
use super::{is_of_another_script, is_past_form};
use crate::fact::{Finding, Kind, Mark, Op};
use crate::text::clean::{pattern, said_words};
use crate::text::sentence;

/// Talk about the work of the moment.
static CHATTY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:i|i'll|i'm|i've|i'd|let me|let's|let us|me|my|you|your|you're|we'll|we're|we've|now|currently|still|already|again|any ?more|just|yet|so far|meanwhile|today|right away|at the moment|once more|after all|at last|finally|next(?:,| step| up| task| i\b)|here(?:'s| is| are)|(?:see|seen|listed|shown|described|mentioned|the) (?:above|below)|this (?:file|test|error|change|commit|function|is|means|should|will|was|line|one)|passes|passing|failing|(?:tests?|builds?|ci|jobs?|checks?|suite|code|it|they|all) (?:passed|failed|fails?)|(?:failed|fails|passed)(?: (?:to|with|at|because|due|for)\b|[.,;!]|$)|(?:was|were|been|just|all|have|has|file) (?:fixed|updated|created|added|removed|changed|renamed|done|finished|completed?)|successfully|succeeded|successful|(?:is|are) (?:fully |all |completely |both )?(?:running|fine|ok|okay|ready|in order|in place|right|correct|implemented|pushed|merged|committed|resolved|landed|cleaned|tidied|staged)|looks (?:good|fine|right|ok)|seems|appears|probably|likely|maybe|perhaps|might|would|could|should (?:now|work|be fine)|however|unfortunately|great|perfect|excellent|sorry|understood|noted|got it|as expected|the (?:errors?|issues?|problems?|fix|fixes|bugs?|changes?|diff|warnings?|tests? (?:are|is|pass|fail)|output (?:is|shows|looks|has)|results? (?:is|are|shows?)|user (?:wants|asked|said|is|has|opened))|the (?:logs?|screenshots?|trace|dump|listing) (?:shows?|says?|has)|(?:readme|file|document|page|docs?) (?:has|have|describes?|covers?|lists?|explains?|consists?)|(?:for|in|on|of) this (?:branch|pr|pull request|commit|run|change|round|session)|more \w+ly|row \d+|(?:jobs?|runs?|builds?|process|pid|pipelines?) #?\d+ (?:is|are|has|have|was|will)|(?:first|second|third|last) (?:paragraph|row|line|sentence|section|page|half)|the (?:sum|total|mean|average|loss|accuracy) (?:of|is)|is (?:the reason|why)|reads (?:more|better|well)|(?:one|two|a|by) (?:level|line|row|column|step|page|half)s? (?:up|down|too|shorter|longer)|\d+ (?:tests?|passed|failed|errors?|warnings?|files? (?:changed|updated)))\b|^code (?:describes?|covers|lists|explains|parses|compiles|works|reads|opens)\b|^(?:here|good|next steps?|confirm|continuing|the remaining|changes are|coverage|(?:one|two|three|four|five|six|seven|eight|nine|ten|both) (?:\w+ )?(?:commits?|changes|mutations|fixes|files|steps|issues)|all set|short answer|recommendation|commits?|committed|fixed|updated|created|added|removed|changed|renamed|done|finished|completed?)\b|^(?:\d+ |(?:all|both|each) (?:\d+|of)\b|(?:task|step|phase|part|option|question|point|item|test|case)s? ?\d*\b ?[:—–-]|expected\b|confirmed\b|verified\b|interesting)|\b(?:pass|(?:remains?|stays?|all|back to|goes|turns?|went) green|for the first time|at all|coverage is|(?:these|those|remaining|other|all|new|\d+) tasks?|todos?|is valid|are valid|is closed|are closed|is clean|(?:files?|it|they|modules?|functions?|director(?:y|ies)|folders?|branch(?:es)?|keys?) (?:doesn't |don't )?exists?|is green|are green|is missing|are missing|in progress|this session|as planned|the plan (?:is|was))\b|[✓✅✔❌⚠🎉🚀]|\?$",
    )
});
/// What is wrong today is no fact of tomorrow.
static FAULT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:bugs?|broken|breaks|buggy|wrong(?:ly)?|incorrect(?:ly)?|mistakes?|typo|typos (?:in|on|at|within)|(?:has|have|contains?|full of|no|some|any|few|several|many|two|three|\d+|the|these|those) typos|crashed|crashes|leaked|stalled|overflow(?:s|ed)|is off|will (?:fail|break|crash)|assert\w*|off by|off-by-one|unused|stale|missing|forgotten|regressions?|root (?:cause|issue|problem)|most suspicious|on lines? \d+|(?:at|around) lines? \d+|culprit|flaky|traceback|stack ?trace|null pointer|race condition|too (?:many|few|late|early|long|short|big|small))\b",
    )
});
/// What was chosen, or is made so by rule, may be told in the past.
static DECIDED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:decided|decision|decisions|settled|agreed|chosen|chose|picked|adopted|rejected|deprecated|superseded|standardi[sz]ed|adr)\b|\b(?:is|are|uses?|runs?)\b.*[,;] .*\b(?:was|were|has been|have been) (?:dropped|replaced|discarded|abandoned|ditched|ruled out|given up|turned down) (?:because|since|as|due to|for|in favou?r)\b",
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
        r"(?i)^(?:(?:it|this|that|these|those|they|he|she|here|yes|no,|nope|ok|okay|sure|hm+|well|add|fix|update|check|open|try|see|let|remove|rename|create|write|move|change|note|(?:(?:i|we) )?(?:still |also |just )?need to|make sure|restart|install|please|tell|apply|re-?run|edit|delete|replace|wait|continue|proceed|ran|made|found|wrote|took|split|got|put|moved|left|built|set|only (?:changed|touched)|nothing (?:else|is|was|to)|looking|checking|reading|opening|having|going|trying|searching|starting|carrying|running|thanks)\b|\w+s (?:the|an?|all of|both|each|every)\b|\d\)|then\b|run\b|(?:docs?|tests?|cli|gui|feat|chore|refactor)(?:\([^)]*\))?: |task \d+ (?:is|can)\b|\w+(?:ed|ing),|\w+ed (?:the|a|an|it|and|both|all|two|three|\d|in|out|up|to)\b|\w+ing (?:the|a|an|it|this|that|at|for|into|through|up|out|on|my|your)\b)",
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
        r"(?i)\b(?:is|are) (?:fixed|updated|created|added|removed|changed|renamed|done|finished|completed?|bumped|upgraded|downgraded|raised|lowered|reverted|refactored|reworked|rewritten|simplified|shortened|tightened|reformatted|formatted|swapped|modified)\b(?: (?P<how>with|by|via|through|from|using|as|every|nightly|daily|hourly|weekly|automatically|when|whenever|only|at|before|after|per)\b)?",
    )
});
pub(super) static TELLS: LazyLock<Regex> = LazyLock::new(|| {
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

/// The words that an agent said itself.
pub fn agents_words(said: &str) -> String {
    said_words(&without_source(said))
}

/// Facts in an agent's own words that a result or a run of its own bears out, and that nobody else put into its mouth.
pub fn grounded(words: &str, results: &[&ToolResult], runs: &Runs, suspect: &Suspect) -> Vec<Finding> {
    let mut out = Vec::new();
    let sentences = sentence::split(words);
    for (at, sentence) in sentences.iter().enumerate() {
        let sentence = sentence.replace("**", "");
        let before = at.checked_sub(1).and_then(|before| sentences.get(before));
        let sentence = with_thing(&sentence, before.copied(), results).unwrap_or(sentence);
        let plain = without_hedge(without_mistake(&without_head(&sentence)));
        let Some(plain) = borne_out(plain, results, runs).filter(|_| out.len() < 3) else {
            continue;
        };
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

/// The sentence where it tells how things are and something bears it out; or the part of it that does: "the port is 80; your
/// client used 81".
fn borne_out(sentence: String, results: &[&ToolResult], runs: &Runs) -> Option<String> {
    // "The file asks for 80, so I use that": taking a thing as it is changes nothing. "… so I set it to 81" does.
    static SO_I: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i), (?:and )?so (?:i|we)(?:['’]ll| will)? (?:start|begin|go|stay|stick|work|use|take|follow)(?: (?:with|by|from|on|to))? (?:that|this|it|those|these|them)[.!]*$",
        )
    });
    let holds = |part: &str| {
        let plain = without_addresses(part, results);
        is_general(&plain) && bears_out_any(results, part)
            || is_lasting(&plain) && bears_out_closely(results, part)
            || is_run(part, results, runs)
    };
    if holds(&sentence) {
        return Some(sentence);
    }
    if let Some(found) = SO_I.find(&sentence) {
        let told = &sentence[..found.start()];
        if holds(told) {
            return Some(told.to_owned());
        }
    }
    let mut parts = sentence.split("; ").filter(|_| sentence.contains("; "));
    parts.find(|part| holds(part)).map(str::to_owned)
}

/// A sentence in which the addresses that a setting here holds are code: nobody is asked to go there.
fn without_addresses(sentence: &str, results: &[&ToolResult]) -> String {
    static ADDRESS: LazyLock<Regex> = LazyLock::new(|| pattern(r"https?://[\w.:/-]*[\w/]"));
    let set = |found: &Captures<'_>| {
        let address = &found[0];
        if results.iter().any(|result| result.sets(address)) {
            "`code`".to_owned()
        } else {
            address.to_owned()
        }
    };
    ADDRESS.replace_all(sentence, set).into_owned()
}

/// Whether a sentence says how something is run here, and a run that worked is that.
fn is_run(sentence: &str, results: &[&ToolResult], runs: &Runs) -> bool {
    static NOW: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\b(is|are|lives?|sits?) now\b"));
    static IT_IS: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)^it is (?:an?|the) "));
    static HERE: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)(\w+) here (is|are)\b"));
    // After a failure, what "is now at" another place is not what the agent put there, and "what works here is" shows nothing.
    let general = NOW.replace(sentence, "$1");
    let general = HERE.replace(&general, "$1 $2");
    let general = IT_IS.replace(&general, "The thing is the ");
    is_general(&general) && runs.bear_out(sentence, &without_code(sentence), results)
}

/// "According to conf/a.toml the port is 80", "…: the comment says so": where it stands is the agent's to say, and whether it
/// does is looked up.
fn without_source(said: &str) -> String {
    static NAMES_FILE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:according to|going by|judging by|as (?:stated|written|described|defined|set) in) (`?[\w./-]*[\w/]\.?[/.][\w-]+`?),?",
        )
    });
    static SAYS_SO: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)[:;,]\s+(?:the|as|so|its?|that)\b[^:;,.!?\n]{2,60}?\b(?:says?|states?|shows?|reads?|has) (?:so|it|that)([.!]|$)",
        )
    });
    // "Found it: …" hands over nothing of others.
    static FOUND: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?im)^(?:(?:ok(?:ay)?|good|great|right|ah|aha|so)[,.!]? )?(?:found(?: it| the (?:\w+ )?(?:cause|reason|catch|trick|way))?|got it(?: working)?|(?:here(?:'s| is) )?the (?:catch|trick|cause|reason|way)|there it is|summary|in short|conclusion|for the record)\s*[:!–—-]+\s+",
        )
    });
    // "Layering rule from the docs: …"
    static OF_DOCS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?im)^(?:[\w-]+ ){1,4}(?:from|in|per|of) (?:the|our) (?:docs?|documentation|readme|guide(?:lines?)?|handbook|manual|adrs?|config(?:uration)?|makefile|notes?):\s+",
        )
    });
    let said = FOUND.replace_all(said, "");
    let said = without_head(&said);
    let said = OF_DOCS.replace_all(&said, "");
    let said = NAMES_FILE.replace_all(&said, "in $1");
    SAYS_SO.replace_all(&said, "$1").into_owned()
}

/// "That explains the noise: …", "one thing I noticed: …", "before I go on: …", "the stains are no fault of ours: …": the
/// finding stands behind why it is told. What was so "in the old shed" or "before we moved" holds there or then alone.
fn without_head(said: &str) -> Cow<'_, str> {
    static HEAD: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?im)^(?:(?:ok(?:ay)?|so|good|right|ah|well|and)[,.]? )*(?:that (?:also |then |would )?explains [^:;?\n]{3,60}|(?:(?:one|another|a) (?:(?:more|last|small|odd|useful|other) )*(?:thing|detail|point|fact)|something(?: else)?|what) (?:that )?(?:i|we)(?:['’]ve| have)? (?:(?:just|also|only) )*(?:learn(?:ed|t)|noticed|found(?: out)?|saw|came across|discovered|picked up)(?: (?:here|there|on the way|along the way|in passing|just now|while \w+ing))?|(?:i|we)(?:['’]ve| have)? (?:(?:just|also|now) )*(?:checked|verified|looked(?: it up)?|made sure)(?: (?:it|this|that|again|twice|everywhere|to be sure|first))*|before (?:i|we|you) (?P<does>[a-z]+)(?: [^:;,?.\n]{2,40})?|(?:the|this|that|these|those|our|your) [^:;,?.\n]{2,50}? (?:is|are) (?:no|not (?:an?|our|your|my)) (?:bug|fault|mistake|error|accident|coincidence|typo)s?(?: of (?:ours|mine|yours|(?:the|our|your) [\w-]+)| at all| then)*):[ \t]+",
        )
    });
    HEAD.replace_all(said, |found: &Captures<'_>| {
        let past = found.name("does").is_some_and(|does| is_past_form(does.as_str()));
        if past { found[0].to_owned() } else { String::new() }
    })
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
            r"(?i)^(?:(?:so|ok(?:ay)?|good|great|right|interesting|important(?: finding)?|note|i see)[,.:!–—-]*\s+)*(?:(?:it|this) (?:looks like|looks as if|seems(?: like)?|appears|turns out)(?: that)?|(?:i|we)(?: can| now)? see(?: here)?(?: that)?|what (?:i|we)(?:['’]ve| have)? (?:came across|come across|found(?: out)?|noticed|learn(?:ed|t)|discovered|saw)(?: here| there| on the way| along the way)? (?:is|was) that|as (?:we|you) can see,?|apparently,?)\s+",
        )
    });
    match HEDGE.find(sentence) {
        Some(found) => sentence[found.end()..].to_owned(),
        None => sentence.to_owned(),
    }
}

/// "That was the wrong folder, the looms are in …": the agent looked elsewhere before. Of a wrong value the one that stands
/// there may be it, and "… the right one is 4" names no thing.
fn without_mistake(sentence: &str) -> &str {
    static MISTAKE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:(?:ah|oh|oops|ok(?:ay)?|hm+|right|sorry)[,.:!]? )*(?:(?:that was|i (?:had|got|used|took|tried|opened|guessed)) the wrong (?:address|path|route|endpoint|url|page|file|folder|directory|place|module|package|command|host|machine|table)|my (?:mistake|bad|fault|error)|i was wrong)\s*[,;:–—]\s+",
        )
    });
    static NAMES_NOTHING: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:(?:the|a) (?:right|correct|proper|real|actual|other|new|same) |(?:it|its|that|this|these|those|they|there|one|so|now|not|but)\b)",
        )
    });
    match MISTAKE.find(sentence) {
        Some(found) if !NAMES_NOTHING.is_match(&sentence[found.end()..]) => &sentence[found.end()..],
        _ => sentence,
    }
}

/// "I looked at how the cloth is dyed. It is dyed with …": what was looked at is what the next sentence tells of. Of "where
/// the cloth gets its colour" it could be either, and a sentence that was copied is none of the agent's own with another
/// beginning.
fn with_thing(sentence: &str, before: Option<&str>, results: &[&ToolResult]) -> Option<String> {
    static LOOKED: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:(?:ok(?:ay)?|so|first)[,.]? )*(?:i|we)(?:['’]ve| have)? (?:(?:just|also|first|now|quickly) )*(?:looked (?:at|into|up)|checked|read up on|traced|followed|found out|went through) (?:how|where|when|from where|with what) (?P<thing>(?:the|our) [a-z][\w-]*(?: [a-z][\w-]*){0,2}?) (?P<does>is|are)(?: [\w-]+){1,2}[.!]*$",
        )
    });
    static GOES_ON: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"^(?P<it>It|They) (?P<told>(?:is|are|has|have|gets?|goes|go|comes?|runs?|lives?|starts?|needs?|uses?|ends?) .*)$",
        )
    });
    let told = GOES_ON.captures(sentence)?;
    let thing = LOOKED.captures(before?)?;
    let one = thing["does"].ends_with('s');
    let goes_on = one == (&told["it"] == "It") && !is_copied(results, &told["told"]);
    goes_on.then(|| format!("{} {}", &thing["thing"], &told["told"]))
}

/// A sentence on how things are here, not on what was done or how it stands.
pub(super) fn is_general(sentence: &str) -> bool {
    is_lasting(sentence) && (says_how_things_are(sentence) || DECIDED.is_match(&without_code(sentence)))
}

/// The same, whether or not its verb is one that is known.
fn is_lasting(sentence: &str) -> bool {
    let count = sentence.split_whitespace().count();
    if !(4..=36).contains(&count)
        || sentence.ends_with([':', '?'])
        || sentence.contains(['{', '|', '\u{fffd}'])
        || is_of_another_script(sentence)
        || sentence.contains("# ")
        || sentence.contains("##")
        || is_unsafe(sentence)
        || speaks_to_agents(sentence)
    {
        return false;
    }
    // What stands in code or is a path has no say in what kind of sentence it is.
    let words = as_rule(&without_code(sentence));
    let first = WHO_DECIDED.replace(words.trim_start_matches("So ").trim_start(), "The team $1");
    !CHATTY.is_match(&words)
        && !FAULT.is_match(&words)
        && !STARTS_BADLY.is_match(&first)
        && (TOLD_BY_RULE.is_match(&words)
            || !DONE_TO.is_match(&without_condition(&words))
                && STATE.captures_iter(&words).all(|found| found.name("how").is_some()))
        && (DECIDED.is_match(&words) || !tells_of_the_past(&without_reason(&words)))
}

/// "They settled on a heap": who did is not the point.
static WHO_DECIDED: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)^(?:they|we|it was) (settled|decided|agreed|chose|picked|adopted|rejected)\b"));

/// "The page has to load", "CI fails unless it is there": what must be, in a word that says so.
fn as_rule(words: &str) -> String {
    static HAS_TO: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\b(?:has|have) to\b"));
    static OR_FAILS: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\b(?:fails|fail) (unless|without|if)\b"));
    static PASSED_ON: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)\b(?:is|are|gets?) passed (to|on|through|via|along|into|by)\b"));
    // "… because nginx could not do it": why it was chosen.
    static COULD_NOT: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(because|since|as) ((?:[\w.+-]+ ){1,4}?)(?:could not|couldn['’]t|could never|could only|would not|wouldn['’]t) ",
        )
    });
    // "The passes run in the order …": steps, of which no test is one that passes.
    static STEPS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(the|our|all|both|\w+ing|compiler|two|three|four|five) passes (run|are|share|must|come|have|need|live)\b",
        )
    });
    // "Halls are merged into one lot within 80 metres": by rule. Without the bound it may be what was done once.
    static MERGED: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:is|are|gets?) merged (into (?:one|a single) \w+ (?:within|when|whenever|if|unless|above|below|under|over|per|every|each)\b)",
        )
    });
    // "… once Ida has locked the books", "days when the mill is closed are …": what must be before, and which are meant.
    static ONCE_DONE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(once|when|whenever|after|as soon as|until|till|unless|if) ((?:[\w'-]+ ){1,4}?)(?:has|have) (?:been )?(\w+(?:ed|en|own|ade|ilt|ept|eft|ent))\b",
        )
    });
    static DAYS_WHEN: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^((?:(?:the|all|our) )?[\w-]+s) (?:when|(?:on|in|during) which) (?:[\w'-]+ ){1,4}?(?:is|are) \w+ ((?:is|are|gets?|goes|go|comes?|must)\b)",
        )
    });
    // "It needs 21, with 17 the loom crashes": what comes of another than the one that is needed.
    static OTHER_FAILS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b((?:needs?|requires?|must|expects?|wants?|pinned to)\b[^,;]*[,;] (?:and )?(?:with|under|on|from|below|above) (?:\d[\w.]*|(?:anything|any|all) (?:other|newer|older|else)|(?:older|newer) (?:ones|versions))\b[^,;]{0,60}?)\b(?:crash(?:es)?|breaks?|fails?|stalls?)\b",
        )
    });
    // "…, no other file has any": said of all that is not named.
    static NO_OTHER: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i),? (?:and )?(?:no other [\w-]+|nothing else|nowhere else) (?:has|does|holds?|knows|names|sets|contains|uses)(?: (?:any|one|it|them|that|so))?([.!]?)$",
        )
    });
    let words = COULD_NOT.replace_all(words, "$1 ${2}cannot ");
    let words = ONCE_DONE.replace_all(&words, "$1 $2$3");
    let words = DAYS_WHEN.replace(&words, "$1 $2");
    let words = OTHER_FAILS.replace(&words, "${1}refuses");
    let words = NO_OTHER.replace(&words, "$1");
    let words = STEPS.replace_all(&words, "$1 phases $2");
    let words = MERGED.replace_all(&words, "goes $1");
    let words = HAS_TO.replace_all(&words, "must");
    let words = PASSED_ON.replace_all(&words, "goes $1");
    OR_FAILS.replace_all(&words, "refuses $1").into_owned()
}

/// "… because the auditors want to see who did what": what is told stands before it.
fn without_reason(words: &str) -> String {
    static REASON: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"(?i)^(\w+ \w+ \w+.*?),? (?:because|since|so that|as (?:the|a|an|our|their|it)) .*$")
    });
    REASON.replace(words, "$1").into_owned()
}

/// Whether a sentence has a verb that tells how things are.
pub(super) fn says_how_things_are(sentence: &str) -> bool {
    let words = without_code(sentence);
    TELLS.is_match(&words) || has_any_verb(&words)
}

/// Whether words are about the work of the moment.
pub(super) fn is_talk(words: &str) -> bool {
    let words = without_code(words);
    CHATTY.is_match(&words) || FAULT.is_match(&words) || STARTS_BADLY.is_match(&words)
}

/// "… when it is full": what holds stands before it.
fn without_condition(words: &str) -> String {
    static CONDITION: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"(?i)(\w+ \w+ .*?),? (?:when|whenever|if|once|unless|until|till|as long as|as soon as) .*$")
    });
    static ONCE_EACH: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\bonce (a|an|per|every|each)\b"));
    // What is supported or required stands so.
    static STANDS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(is|are) (?:un)?(?:supported|required|allowed|needed|forbidden|permitted|recommended|expected|reserved)\b",
        )
    });
    let words = ONCE_EACH.replace_all(words, "$1");
    let words = STANDS.replace_all(&words, "$1 so");
    CONDITION.replace(&words, "$1").into_owned()
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
    // "Starts a simulated loom": of what kind a thing is. "The renamed loom" is one that was renamed.
    static OF_A_KIND: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:starts|uses|runs|reads|writes|loads|stores|keeps|serves|needs|requires|expects|sends|returns|builds|generates|calls|holds|contains|defines|exports|imports|handles|supports|publishes|delivers|gives|opens|prints) an? $",
        )
    });
    PAST.is_match(words)
        || DID.captures(words).is_some_and(|found| {
            let at = found.name("verb").map_or(0, |verb| verb.start());
            let after = found.name("verb").map_or(0, |verb| verb.end());
            !BE.is_match(&words[..at]) && !OF_A_KIND.is_match(&words[..at]) && !TELLS.is_match(&words[after..])
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_of_findings() {
        let told = "the looms are oiled with linseed";
        for head in [
            "That explains the noise on my side",
            "So that also explains why the cloth is dark",
            "One thing I learned on the way",
            "Another small detail we noticed while reading",
            "What I found out",
            "I've just checked this twice",
            "Before I go on",
            "Before you buy more soap",
            "The stains are no fault of ours",
            "Our dark cloth is not a mistake of the dyers",
        ] {
            assert_eq!(without_head(&format!("{head}: {told}")), told, "{head}");
        }
        for head in [
            "Before we moved the looms",
            "One thing I noticed in the old shed",
            "I checked the looms of Brandt",
            "That explains nothing; in the old shed",
            "The stains are a fault of ours",
            "What I expected",
        ] {
            let text = format!("{head}: {told}");
            assert_eq!(without_head(&text), text);
        }
    }

    #[test]
    fn what_must_be_before_is_no_past() {
        for text in [
            "The year is ended with `bin/close` once the guild has counted the looms",
            "Gates open after the porter has rung the bell",
            "Days when the mill is closed are set in conf/days.ini",
            "Hours in which the gate is locked are listed in conf/gate.ini",
            "The mixer needs dye 21, with 17 the vat crashes",
            "Looms must be on 4.3, under older versions the press fails",
            "All prices live in conf/prices.ini, no other file has any",
        ] {
            assert!(is_lasting(text), "{text}");
        }
        for text in [
            "The gate opens now that I have oiled it",
            "The press stops after the last test has failed",
            "The days when the mill is closed",
            "The mixer with dye 17 crashes",
            "With 17 rows the vat crashes",
            "The mill is closed and the gate is set in oak",
            "The file has any number of rows",
        ] {
            assert!(!is_lasting(text), "{text}");
        }
    }
}
