//! Whether the words that a model names stand where it says, and say what it makes of them.

use std::collections::BTreeSet;

use super::passages::{Passage, shown};
use super::schema::Proposal;
use crate::consolidate::contradicts;
use crate::dates;
use crate::fact::{Candidate, Finding, Mark, Op, Source, words_hash};
use crate::ledger::short_hash;
use crate::rules;
use crate::secrets::MASKED;
use crate::text::past::past_values;
use crate::text::sentence;
use crate::text::words::{Features, NEGATIONS, akin, base, features, is_plain_start, stem, tokens};

/// Findings of a model are numbered from here.
const OF_MODEL: u32 = 1 << 21;
/// Quotations of more words are looked for as whole messages only.
const LONGEST_QUOTE: usize = 48;
/// What a model finds important is not more so than what a person asked to remember.
const MOST_IMPORTANT: u8 = 7;
/// Words a model may add: they say whose the fact is, not what.
const GLUE: [&str; 14] = [
    "user",
    "team",
    "project",
    "person",
    "people",
    "work",
    "agent",
    "developer",
    "repository",
    "code",
    "codebase",
    "ask",
    "like",
    "say",
];
/// Words that say no, besides those that every stage knows.
const MORE_NEGATIONS: [&str; 14] = [
    "nobody", "none", "nothing", "nowhere", "neither", "nor", "wasn't", "weren't", "haven't", "hasn't", "wouldn't",
    "couldn't", "needn't", "hadn't",
];
/// Words at which a "no" ends.
const TURNS: [&str; 10] = [
    "but", "instead", "because", "since", "unless", "until", "except", "without", "outside", "so",
];
const GUESSES: [&str; 13] = [
    "maybe",
    "perhaps",
    "might",
    "probably",
    "possibly",
    "guess",
    "suppose",
    "imagine",
    "wonder",
    "wondering",
    "hypothetically",
    "unsure",
    "doubt",
];

/// Where a model's finding stands, checked; or what is wrong with it.
pub(super) fn check(
    proposal: &Proposal,
    passages: &[Passage],
    at: usize,
    names: &BTreeSet<String>,
) -> Result<Finding, &'static str> {
    let passage = &passages[at];
    let (plain, range) = find(&passage.text, &proposal.quote).ok_or("a model's quotation stands nowhere")?;
    let said = around(&plain, range);
    if said.trim_end_matches(['"', ')', ' ']).ends_with('?') {
        return Err("a model took a question for a fact");
    }
    let fact = proposal.fact.split_whitespace().collect::<Vec<_>>().join(" ");
    if fact.contains(MASKED) {
        return Err("holds a secret");
    }
    if rules::is_unsafe(&fact) {
        return Err("a model's words teach what only a person may");
    }
    let found = features(&fact, names);
    if found.stems.is_empty() {
        return Err("a model's words say nothing");
    }
    let quoted = features(&said, names);
    if guesses(&quoted) && !guesses(&found) {
        return Err("a model took a guess for a fact");
    }
    let ground = ground(passages, at, names);
    // Every number, name, date, path and address stands there.
    if !found.values.values().flatten().all(|value| is_said(value, &ground)) {
        return Err("a model's words hold what nobody said");
    }
    // A sentence's first word has a capital in any case; a name must stand there all the same.
    let first = base(fact.split_whitespace().next().unwrap_or_default());
    if !is_plain_start(&first) && !found.stems.iter().any(|s| akin(s, &stem(&first)) && stands(s, &ground)) {
        return Err("a model's words hold what nobody said");
    }
    let told: Vec<&String> = found.stems.iter().filter(|s| !GLUE.contains(&s.as_str())).collect();
    let share = |of: &BTreeSet<String>| told.iter().filter(|s| stands(s, of)).count();
    if share(&quoted.stems) * 2 < told.len() || share(&ground) * 10 < told.len() * 7 || told.is_empty() {
        return Err("a model's words are not those of the person");
    }
    polarity(&fact, &found, &said, &quoted)?;
    Ok(Finding {
        op: Op::State,
        text: rules::tidy(&fact),
        kind: proposal.kind,
        importance: proposal.importance.min(MOST_IMPORTANT),
        mark: Mark::default(),
    })
}

/// The number of a quotation, of which the spaces and capitals do not count.
fn part_of(quote: &str) -> u32 {
    let bits = short_hash(quote.as_bytes(), 2);
    OF_MODEL + u32::from_str_radix(&bits, 16).unwrap_or_default()
}

/// Whether what a model once quoted stands in a message; `words` is the hash of all of that.
pub(crate) fn is_quoted_from(source: &Source, words: &str, message: &str) -> bool {
    if source.part < OF_MODEL {
        return false;
    }
    let plain = normal(&shown(message)).to_lowercase();
    let all: Vec<&str> = plain.split(' ').collect();
    let is_it = |quote: &str| {
        part_of(quote) == source.part
            && words_hash(source.time, &format!("{words}\n{quote}"), source.part) == source.words
    };
    let is_any = |quote: &str| is_it(quote) || is_it(quote.trim_end_matches(['.', ',', ';', ':', '!']));
    is_any(&plain)
        || (0..all.len()).any(|from| {
            let longest = (from + LONGEST_QUOTE).min(all.len());
            (from + 1..=longest).any(|to| is_any(&all[from..to].join(" ")))
        })
}

/// The source of a finding: the same words are the same source, whatever a model makes of them another time.
pub(super) fn source(passage: &Passage, quote: &str) -> Source {
    let quote = normal(quote).to_lowercase();
    let part = part_of(&quote);
    Source {
        part,
        words: words_hash(passage.source.time, &format!("{}\n{quote}", passage.source.words), part),
        ..passage.source.clone()
    }
}

/// Whether a rule found the same in the same words.
pub(super) fn is_found_by(rule: &Candidate, finding: &Finding, names: &BTreeSet<String>) -> bool {
    let (a, b) = (
        features(&rule.finding.text, names).stems,
        features(&finding.text, names).stems,
    );
    let shared = a.iter().filter(|s| stands(s, &b)).count();
    match rule.finding.op {
        // What is asked to be forgotten is nothing to keep.
        Op::Forget => shared > 0,
        Op::State => shared * 10 >= a.len().min(b.len()) * 6,
    }
}

/// Whether a known line may go because of the finding: both speak of the same thing, and not both can be true.
pub(super) fn may_replace(known: &str, finding: &Finding, names: &BTreeSet<String>) -> bool {
    let (old, new) = (features(known, names), features(&finding.text, names));
    let shared = old.subject.iter().filter(|s| stands(s, &new.stems)).count();
    shared > 0 && shared * 2 >= old.subject.len().min(new.subject.len()) && contradicts(&finding.text, &new, &old)
}

/// What the person typed before, where the finding takes words from there.
pub(super) fn earlier(finding: &Finding, passages: &[Passage], at: usize, names: &BTreeSet<String>) -> Option<Source> {
    let passage = &passages[at];
    let before = before(passages, at).filter(|before| before.source.span != passage.source.span)?;
    let dated = dates::absolute(&passage.text, passage.source.time);
    let mut here = features(&passage.text, names).stems;
    here.extend(features(&dated, names).stems);
    let there = features(&before.text, names).stems;
    let told = features(&finding.text, names).stems;
    let taken = told.iter().any(|stem| !stands(stem, &here) && stands(stem, &there));
    taken.then(|| before.source.as_earlier(passage.source.trust))
}

/// The passage before, where it is of the same session.
fn before(passages: &[Passage], at: usize) -> Option<&Passage> {
    let before = &passages[at.checked_sub(1)?];
    (before.source.session == passages[at].source.session).then_some(before)
}

fn stands(stem: &str, all: &BTreeSet<String>) -> bool {
    all.contains(stem) || all.iter().any(|other| akin(stem, other))
}

/// A value stands there: of two dates, numbers, paths or addresses that begin alike only one was said.
fn is_said(value: &str, ground: &BTreeSet<String>) -> bool {
    if value.contains(|c: char| c.is_ascii_digit() || "/.@_:#".contains(c)) {
        return ground.contains(value);
    }
    stands(value, ground)
}

fn guesses(found: &Features) -> bool {
    found.sequence.iter().any(|word| GUESSES.contains(&word.as_str()))
}

/// All that may stand in a fact: the passage, its dates made absolute, and what the person typed before.
fn ground(passages: &[Passage], at: usize, names: &BTreeSet<String>) -> BTreeSet<String> {
    let passage = &passages[at];
    let before = before(passages, at);
    let mut all = features(&passage.text, names).stems;
    let dated = dates::absolute(&passage.text, passage.source.time);
    all.extend(features(&dated, names).stems);
    all.extend(
        before
            .into_iter()
            .flat_map(|before| features(&before.text, names).stems),
    );
    all
}

/// A "no" stays with the words it denies, and what is over stays over.
fn polarity(fact: &str, found: &Features, said: &str, quoted: &Features) -> Result<(), &'static str> {
    const TURNED: Result<(), &str> = Err("a model turned a yes into a no, or a no into a yes");
    let (denied, affirmed) = by_polarity(said);
    let (denied_now, affirmed_now) = by_polarity(fact);
    let over: BTreeSet<String> = past_values(said).into_iter().flatten().collect();
    let over_now: BTreeSet<String> = past_values(fact).into_iter().flatten().collect();
    if over
        .iter()
        .any(|past| found.stems.contains(past) && !over_now.contains(past) && !denied_now.contains(past))
    {
        return TURNED;
    }
    if !denied_now.is_empty() {
        let kept = denied_now.iter().filter(|s| stands(s, &denied)).count();
        let values = found.values.values().flatten().filter(|v| denied_now.contains(*v));
        let mut elsewhere = values.filter(|v| !stands(v, &denied) && !over.contains(*v));
        if kept * 2 < denied_now.len() || elsewhere.next().is_some() {
            return TURNED;
        }
    }
    let told = affirmed_now.iter().filter(|s| stands(s, &quoted.stems));
    let (yes, no): (Vec<&String>, Vec<&String>) = told.partition(|s| stands(s, &affirmed));
    if no.iter().any(|s| found.values.values().flatten().any(|v| v == *s)) || no.len() > yes.len() {
        return TURNED;
    }
    Ok(())
}

/// The words of a text that a "no" denies, and the others.
fn by_polarity(text: &str) -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut denied, mut affirmed) = (String::new(), String::new());
    let mut no = false;
    let mut end = 0;
    for token in tokens(text) {
        let word = base(token.raw);
        let between = &text[end..token.at];
        end = token.at + token.raw.len();
        if between.contains([',', ';', ':', '.', '!', '?', '–', '—', '(', ')']) || TURNS.contains(&word.as_str()) {
            no = false;
        }
        if NEGATIONS.contains(&word.as_str()) || MORE_NEGATIONS.contains(&word.as_str()) {
            no = true;
            continue;
        }
        let side = if no { &mut denied } else { &mut affirmed };
        side.push_str(token.raw);
        side.push(' ');
    }
    let names = BTreeSet::new();
    (features(&denied, &names).stems, features(&affirmed, &names).stems)
}

/// With single spaces and plain quotation marks.
fn normal(text: &str) -> String {
    let plain = text.replace(['’', '‘', 'ʼ'], "'").replace(['“', '”'], "\"");
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The text made plain, and where the quotation stands in it.
fn find(text: &str, quote: &str) -> Option<(String, (usize, usize))> {
    let text = normal(text);
    let quote = normal(quote);
    let quote = quote.trim_matches(|c: char| matches!(c, '"' | '…' | '.' | ' '));
    if quote.split_whitespace().count() < 2 {
        return None;
    }
    if let Some(at) = text.find(quote) {
        return Some((text, (at, at + quote.len())));
    }
    let (lower, quote) = (text.to_lowercase(), quote.to_lowercase());
    let at = lower.find(&quote)?;
    // Where small letters take other bytes, positions are those of the small letters.
    let plain = if lower.len() == text.len() { text } else { lower };
    Some((plain, (at, at + quote.len())))
}

/// The whole sentences that a quotation stands in: what stands before it may deny it.
fn around(plain: &str, range: (usize, usize)) -> String {
    let whole = sentence::split(plain).into_iter().filter(|sentence| {
        let at = sentence::offset(sentence, plain);
        at < range.1 && at + sentence.len() > range.0
    });
    whole.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::Timestamp;

    use super::*;
    use crate::fact::Trust;
    use crate::gather::SessionName;

    fn session() -> SessionName {
        SessionName {
            store: "s".into(),
            agent: "a".into(),
            path: "p".into(),
            file: None,
            version: None,
        }
    }

    #[test]
    fn words_have_the_same_number_in_every_release() {
        let session = session();
        let of = Source {
            session: Arc::new(session),
            span: (0, 1),
            part: 0,
            time: Timestamp::UNIX_EPOCH,
            trust: Trust::Typed,
            words: String::new(),
        };
        let text = "Valve 7 opens at noon.".to_owned();
        let source = source(&Passage { source: of, text }, "valve 7  opens at noon");
        // The first two bytes of the SHA-256 of the words.
        assert_eq!(source.part, OF_MODEL + 0x8a2e);
    }

    #[test]
    fn a_quotation_is_found_again_in_its_message() {
        let session = session();
        let time = Timestamp::UNIX_EPOCH;
        let message = "By the way:\n- Valve 7 opens  at noon.\n- The pump is new, they say.";
        let whole = words_hash(time, message, 0);
        let of = Source {
            session: Arc::new(session),
            span: (0, 1),
            part: 0,
            time,
            trust: Trust::Typed,
            words: whole.clone(),
        };
        let passage = Passage {
            source: of,
            text: shown(message),
        };
        for quote in [
            "Valve 7 opens at noon",
            "valve 7 opens at noon.",
            "The pump is new, they say",
        ] {
            let made = source(&passage, quote);
            assert!(is_quoted_from(&made, &whole, message), "{quote}");
            let other = message
                .replace("Valve 7 opens", "Valve 8 shuts")
                .replace("pump", "door");
            assert!(!is_quoted_from(&made, &words_hash(time, &other, 0), &other), "{quote}");
        }
        assert!(!is_quoted_from(&passage.source, &whole, message), "not of a model");
    }
}
