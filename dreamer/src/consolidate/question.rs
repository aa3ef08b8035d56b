//! Whether two facts answer one question, and which answer a text calls past.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use crate::fact::{Finding, Mark};
use crate::orient::Fact;
use crate::similar::{Relation, relation};
use crate::text::clean::pattern;
use crate::text::vocabulary::STOP;
use crate::text::words::{Features, Value, akin, stem};

/// Values that a text names as past: "not npm", "tabs are out", "instead of Jest".
pub(crate) fn past_values(text: &str) -> Vec<BTreeSet<String>> {
    static NAMED: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)(?:\b(?:instead of|rather than|in place of|no more|no longer (?:use |using |on |in |with )?|away from|stop using|not using|drop(?:ped)?|ditch(?:ed)?|replac(?:e|es|ed|ing)|moved? (?:off|from)|migrated? (?:off|from)|switch(?:ed)? (?:away )?from|,? ?\bnot)\s+(?:the |our |any |using |with |in |on |to )?(?P<after>[`\w][\w.+#/-]*`?)|(?:^|[\s,;])(?P<before>[`\w][\w.+#/-]*`?)\s+(?:is|are|was|were) (?:(?:not|no longer|never) (?:to be )?(?:wanted|used|allowed|needed|supported|welcome)|out|gone|dead|history|banned|retired|deprecated|over|no more|past|obsolete|dropped|forbidden)\b)",
        )
    });
    NAMED
        .captures_iter(text)
        .filter_map(|found| found.name("after").or(found.name("before")))
        .map(|m| m.as_str().trim_matches('`').to_lowercase())
        .filter(|word| !STOP.contains(word.as_str()) && word.len() > 1)
        .map(|word| BTreeSet::from([stem(&word)]))
        .collect()
}

/// A change of orders on a subject of few words takes over from the order there was: "squash merges only".
pub(super) fn takes_over(finding: &Finding, about: &Features, other: &Fact) -> bool {
    let orders = |a: &Mark, b: &Mark| a.change && a.order && b.order;
    if !orders(&finding.mark, &other.known.mark) && !orders(&other.known.mark, &finding.mark) {
        return false;
    }
    let (a, b) = (&about.stems, &other.features.stems);
    let shared = a.iter().filter(|s| b.contains(*s)).count();
    let smaller = a.len().min(b.len());
    shared > 0 && smaller <= 3 && shared * 2 >= smaller && about.values.keys().all(|k| !matches!(k, Value::Code))
}

/// Whether an older fact is an answer to the same question with the value that is past.
pub(super) fn is_about(fact: &Features, past: &BTreeSet<String>, newer: &Features) -> bool {
    if !past.iter().all(|stem| fact.stems.contains(stem)) {
        return false;
    }
    let rest: Vec<&String> = fact.stems.iter().filter(|s| !past.contains(*s)).collect();
    let shared = rest.iter().filter(|s| newer.stems.contains(**s)).count();
    shared * 2 >= rest.len() || rest.len() <= 2 || rest.len() == 3 && shared > 0
}

/// Whether a text says otherwise of what is known: another value, another answer, or the known one is past.
pub(crate) fn contradicts(text: &str, about: &Features, known: &Features) -> bool {
    relation(about, known) == Relation::Contradicts
        || same_question(about, known)
        || past_values(text).iter().any(|past| is_about(known, past, about))
}

/// Whether a person's line and a statement answer one question with different values.
pub(crate) fn same_question(a: &Features, b: &Features) -> bool {
    let named = |f: &Features| values_of(f, |v| matches!(v, Value::Name | Value::Code | Value::Alternative(_)));
    let numbers = |f: &Features| values_of(f, |v| matches!(v, Value::Number(_)));
    let hosts = |f: &Features| {
        values_of(f, |v| matches!(v, Value::Address))
            .iter()
            .filter_map(|v| v.rsplit('@').next().map(str::to_owned))
            .collect::<BTreeSet<_>>()
    };
    let addresses = |f: &Features| values_of(f, |v| matches!(v, Value::Address));
    let differ = |x: &BTreeSet<String>, y: &BTreeSet<String>| !x.is_empty() && !y.is_empty() && x.is_disjoint(y);
    if differ(&addresses(a), &addresses(b)) && !hosts(a).is_disjoint(&hosts(b)) {
        return true;
    }
    // "Mill Corvin" and "Mill Dorst" have a word in common and are two.
    let others = |x: &BTreeSet<String>, y: &BTreeSet<String>| {
        let (only_x, only_y) = (x.difference(y).count(), y.difference(x).count());
        only_x > 0 && only_y > 0 && x.len() - only_x <= only_x.min(only_y)
    };
    let shared = a
        .subject
        .iter()
        .filter(|s| b.subject.iter().any(|t| akin(s, t)))
        .count();
    let smaller = a.subject.len().min(b.subject.len());
    shared > 0
        && (others(&named(a), &named(b)) && shared * 2 >= smaller
            || differ(&numbers(a), &numbers(b)) && shared * 3 >= smaller
            || differ(&addresses(a), &addresses(b)) && shared * 2 >= smaller)
}

pub(crate) fn values_of(f: &Features, kind: impl Fn(&Value) -> bool) -> BTreeSet<String> {
    f.values
        .iter()
        .filter(|(k, _)| kind(k))
        .flat_map(|(_, v)| v.iter().cloned())
        .collect()
}
