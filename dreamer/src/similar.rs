//! Whether two texts say the same, contradict each other, or have nothing to do with one another.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use crate::text::words::{Features, Value, akin, stem};

/// How two facts stand to each other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Relation {
    /// The same, and how surely.
    Same(f32),
    /// The same subject with another value.
    Contradicts,
    /// Two facts.
    Different,
}

/// Shared part of the smaller set.
fn overlap(a: &BTreeSet<String>, b: &BTreeSet<String>) -> (usize, f32) {
    let smaller = a.len().min(b.len());
    if smaller == 0 {
        return (0, 0.0);
    }
    let (small, large) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let shared = small
        .iter()
        .filter(|s| large.contains(*s) || large.iter().any(|l| l.len() > 4 && akin(s, l)))
        .count();
    (shared, shared as f32 / smaller as f32)
}

/// Compares two facts.
pub fn relation(a: &Features, b: &Features) -> Relation {
    let (shared, over) = overlap(&a.stems, &b.stems);
    if shared == 0 {
        return Relation::Different;
    }
    // The same words: "use two columns" has too few to tell otherwise.
    if a.stems == b.stems && a.values == b.values && a.sequence == b.sequence {
        return Relation::Same(over);
    }
    let values = compare_values(a, b);
    let (subject_shared, subject) = overlap(&a.subject, &b.subject);
    // Another shelf, another person: names in front say which thing is spoken of.
    if !a.leading.is_empty() && !b.leading.is_empty() && a.leading.is_disjoint(&b.leading) {
        return Relation::Different;
    }
    if of_other_things(a, b) {
        return Relation::Different;
    }
    if values.differ {
        let enough =
            subject_shared >= 1 && (subject >= 0.5 || (values.opposed && subject >= 0.3) || subject_shared >= 3);
        return if enough && !of_other_aspects(a, b) {
            Relation::Contradicts
        } else {
            Relation::Different
        };
    }
    if parallel(a, b) || reordered(a, b) {
        return Relation::Contradicts;
    }
    // The same words with a "no" in one of them.
    if a.negative != b.negative && over >= 0.8 && !hedged(a) && !hedged(b) {
        return Relation::Contradicts;
    }
    // Each knows something the other does not: one wording would lose it.
    if !values.only_a.is_empty() && !values.only_b.is_empty() {
        return Relation::Different;
    }
    let least = match values.shared {
        0 => 0.6,
        1 => 0.45,
        _ => 0.34,
    };
    let words = shared - values.shared_numbers.min(shared);
    let tiny = a.stems.len().min(b.stems.len()) == 1 && a.stems.len() == b.stems.len();
    if over >= least && (words >= 2 || (words >= 1 && values.shared > 0) || (tiny && over >= 1.0)) {
        return Relation::Same(over + 0.1 * values.shared as f32);
    }
    Relation::Different
}

#[derive(Default)]
struct Compared {
    /// Names, code and addresses that both have.
    shared: usize,
    /// Numbers that both have: too common to tie two facts together.
    shared_numbers: usize,
    /// Values that only the first has.
    only_a: BTreeSet<String>,
    /// Values that only the second has.
    only_b: BTreeSet<String>,
    /// Some kind of value is in both and nothing of it in common.
    differ: bool,
    /// They differ as alternatives do.
    opposed: bool,
}

fn compare_values(a: &Features, b: &Features) -> Compared {
    let mut out = Compared::default();
    let all = |f: &Features| f.values.values().flatten().cloned().collect::<BTreeSet<_>>();
    let (everything_a, everything_b) = (all(a), all(b));
    for (kind, of_a) in &a.values {
        let common = of_a.iter().filter(|v| everything_b.contains(*v)).count();
        match kind {
            Value::Number(_) => out.shared_numbers += common,
            _ => out.shared += common,
        }
        let Some(of_b) = b.values.get(kind) else { continue };
        // A value that the other side has as another kind is no difference.
        let common = of_a.iter().any(|v| everything_b.contains(v)) || of_b.iter().any(|v| everything_a.contains(v));
        // "Nothing after eleven" says what "before eleven" says.
        let turned = a.negative != b.negative && of_a.iter().chain(of_b).all(|v| v == "after" || v == "before");
        // "Tuesday and Thursday" against "Tuesday": the days differ even though one is shared.
        if !common && !turned {
            out.differ = true;
            out.opposed |= matches!(kind, Value::Alternative(_));
        }
    }
    // A number without its unit in one of them is still another number.
    let numbers = |f: &Features| {
        f.values
            .iter()
            .filter(|(k, _)| matches!(k, Value::Number(_)))
            .flat_map(|(_, v)| v.iter().cloned())
            .collect::<BTreeSet<_>>()
    };
    let (numbers_a, numbers_b) = (numbers(a), numbers(b));
    if !numbers_a.is_empty() && !numbers_b.is_empty() && numbers_a.is_disjoint(&numbers_b) && out.shared == 0 {
        let units = |f: &Features| {
            f.values
                .keys()
                .filter_map(|k| match k {
                    Value::Number(unit) => Some(unit.clone()),
                    _ => None,
                })
                .collect::<BTreeSet<_>>()
        };
        let (units_a, units_b) = (units(a), units(b));
        let (spans_a, spans_b) = (spans_of_time(a), spans_of_time(b));
        // "48 hours" and "one week" are two answers, "14 days" and "two weeks" are one.
        let spans = !spans_a.is_empty() && !spans_b.is_empty() && spans_a.is_disjoint(&spans_b);
        out.differ |= !units_a.is_disjoint(&units_b) || units_a.contains("") || units_b.contains("") || spans;
    }
    let telling = |f: &Features| {
        let kept = f
            .values
            .iter()
            .filter(|(kind, _)| !matches!(kind, Value::Alternative(_)));
        kept.flat_map(|(_, values)| values.iter().cloned())
            .collect::<BTreeSet<_>>()
    };
    out.only_a = telling(a).into_iter().filter(|v| !b.stems.contains(v)).collect();
    out.only_b = telling(b).into_iter().filter(|v| !a.stems.contains(v)).collect();
    out
}

/// Lengths of time, in seconds.
fn spans_of_time(f: &Features) -> BTreeSet<u64> {
    const UNITS: [(&str, u64); 5] = [
        ("second", 1),
        ("minute", 60),
        ("hour", 3600),
        ("day", 86_400),
        ("week", 604_800),
    ];
    let spans = f.values.iter().filter_map(|(kind, values)| {
        let Value::Number(unit) = kind else { return None };
        let (_, seconds) = UNITS.iter().find(|(name, _)| name == unit)?;
        Some(
            values
                .iter()
                .filter_map(move |v| v.parse::<u64>().ok()?.checked_mul(*seconds)),
        )
    });
    spans.flatten().collect()
}

/// Whether two facts speak of two things of one kind.
pub fn of_other_things(a: &Features, b: &Features) -> bool {
    other_things(a, b) || others_do_the_same(a, b)
}

/// "The billing desk of the tenant Rook is in Turku", "the tenant Rook has its billing desk in Oulu": how things stand, in
/// the same words in another order but for one name.
fn reordered(a: &Features, b: &Features) -> bool {
    let names = |f: &Features| f.values.get(&Value::Name).cloned().unwrap_or_default();
    let (of_a, of_b) = (names(a), names(b));
    let stands = |f: &Features| {
        f.sequence
            .iter()
            .any(|w| matches!(w.as_str(), "is" | "are" | "has" | "have"))
    };
    let same_words = a.subject.len() >= 3
        && a.subject.len() == b.subject.len()
        && a.subject.iter().all(|w| b.subject.iter().any(|x| akin(w, x)));
    same_words
        && stands(a)
        && stands(b)
        && !of_a.is_disjoint(&of_b)
        && of_a.difference(&of_b).count() == 1
        && of_b.difference(&of_a).count() == 1
}

/// "The delta service …" and "the ember service …": things of one kind, each named by a word the other lacks.
fn other_things(a: &Features, b: &Features) -> bool {
    let lacks = |word: &&String, other: &Features| !other.stems.iter().any(|s| akin(word, s));
    let tells = |word: &&String| !OF_ANY_KIND.contains(&word.as_str());
    let (of_a, of_b) = (a.head.iter().filter(tells), b.head.iter().filter(tells));
    !a.head.is_disjoint(&b.head) && of_a.clone().any(|w| lacks(&w, b)) && of_b.clone().any(|w| lacks(&w, a))
}

/// Stems that say of no thing which one it is.
const OF_ANY_KIND: [&str; 14] = [
    "format", "fil", "file", "data", "export", "valu", "value", "record", "entr", "item", "feed", "number", "output",
    "result",
];

/// Stems that say how something stands to its value and not what is asked of it: "is owned by", "stands in".
static LINKS: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    const WORDS: &str = "owned handled managed maintained led responsible charge belongs done used runs kept stored \
        holds held lives sits stands located based hosted placed put found set fixed capped limited happens takes goes \
        made given gets called named part time way thing value";
    WORDS.split_whitespace().map(stem).collect()
});

/// "Has 3 replicas" and "listens on port 8080", "invoices … on Mondays" and "payslips … on Fridays": each says something
/// of its own beside the value, so both can hold.
pub fn of_other_aspects(a: &Features, b: &Features) -> bool {
    let own = |f: &Features, other: &Features| {
        let said = |stem: &String| other.stems.iter().any(|s| akin(s, stem));
        let links = |stem: &String| LINKS.contains(stem) || TURNS.iter().any(|turn| akin(turn, stem));
        f.subject.iter().any(|stem| !said(stem) && !links(stem))
    };
    own(a, b) && own(b, a)
}

/// What many things do, each in its own way.
const DOINGS: [&str; 20] = [
    "listen", "run", "live", "accept", "speak", "start", "begin", "end", "expire", "close", "open", "cost", "hold",
    "belong", "report", "support", "need", "require", "serve", "weigh",
];

/// Words that say that something changed, not what.
const TURNS: [&str; 5] = ["moved", "changed", "switched", "migrated", "now"];

/// "The crane gate listens on …" and "the route planner listens on …": before the same doing, nothing in common.
fn others_do_the_same(a: &Features, b: &Features) -> bool {
    let doing = |f: &Features| {
        let is_one = |word: &String| DOINGS.contains(&word.strip_suffix('s').unwrap_or(word));
        f.sequence.iter().position(is_one)
    };
    let (Some(at_a), Some(at_b)) = (doing(a), doing(b)) else {
        return false;
    };
    let things = |f: &Features, at: usize| -> Vec<String> {
        let before = f.sequence[..at]
            .iter()
            .filter(|word| !TURNS.iter().any(|turn| akin(turn, word)));
        before
            .filter(|word| f.stems.iter().any(|s| akin(s, word)))
            .cloned()
            .collect()
    };
    let (of_a, of_b) = (things(a, at_a), things(b, at_b));
    let said = |word: &String, f: &Features| f.stems.iter().any(|s| akin(s, word));
    akin(&a.sequence[at_a], &b.sequence[at_b])
        && !of_a.is_empty()
        && !of_b.is_empty()
        && !of_a.iter().any(|word| said(word, b))
        && !of_b.iter().any(|word| said(word, a))
}

/// Words at the end that say since when.
const TAIL: [&str; 8] = ["on", "onwards", "onward", "from", "today", "instead", "then", "anymore"];

/// Words that two sentences may differ in and still run alike.
const UNHEARD: [&str; 6] = ["now", "please", "the", "our", "a", "an"];

/// Two sentences that run alike but for one or two words, at the end or within: "written in go" and "written in rust".
fn parallel(a: &Features, b: &Features) -> bool {
    let words = |f: &Features| -> Vec<String> {
        let told = f.sequence.iter().filter(|word| !UNHEARD.contains(&word.as_str()));
        let mut words: Vec<String> = told.cloned().collect();
        while words.last().is_some_and(|last| TAIL.contains(&last.as_str())) {
            words.pop();
        }
        words
    };
    let (of_a, of_b) = (words(a), words(b));
    let same = of_a.iter().zip(&of_b).take_while(|(x, y)| x == y).count();
    let after = of_a[same..].iter().rev().zip(of_b[same..].iter().rev());
    let after = after.take_while(|(x, y)| x == y).count();
    let (rest_a, rest_b) = (of_a.len() - same - after, of_b.len() - same - after);
    same >= 3 && (1..=2).contains(&rest_a) && (1..=2).contains(&rest_b) && {
        let differs = |words: &[String], rest: usize| words[same..same + rest].join(" ");
        let (tail_a, tail_b) = (differs(&of_a, rest_a), differs(&of_b, rest_b));
        !akin(&stem(&tail_a), &stem(&tail_b))
            && a.stems.iter().any(|s| !b.stems.contains(s))
            && b.stems.iter().any(|s| !a.stems.contains(s))
    }
}

/// "never outside of", "not without": a "no" that says the same as "only".
pub(crate) fn hedged(f: &Features) -> bool {
    f.sequence.iter().any(|w| {
        matches!(
            w.as_str(),
            "outside" | "except" | "unless" | "without" | "other" | "only" | "until" | "before" | "but" | "instead"
        )
    })
}

#[cfg(test)]
mod tests {

    use super::*;
    use crate::text::words::features;

    fn of(a: &str, b: &str) -> Relation {
        let names = BTreeSet::new();
        relation(&features(a, &names), &features(b, &names))
    }

    #[test]
    fn one_fact_in_other_words() {
        for (a, b) in [
            ("Use two columns", "use two columns."),
            (
                "The e2e tests need a running Redis 7",
                "You can't run the e2e suite unless Redis 7 is up",
            ),
            (
                "Noor approves every schema change",
                "No schema change without Noor's approval",
            ),
            (
                "We ship on Mondays and Wednesdays only",
                "Releases: Mon and Wed, no other day",
            ),
            (
                "The mock-ups are in the Figma project Lagoon",
                "Design files live in Figma, project Lagoon",
            ),
        ] {
            assert!(matches!(of(a, b), Relation::Same(_)), "{a} / {b}: {:?}", of(a, b));
        }
    }

    #[test]
    fn another_value_contradicts() {
        let mut wrong = Vec::new();
        for (a, b) in [
            (
                "The search index belongs to team Larch",
                "The search index belongs to team Birch",
            ),
            ("Logs are kept for 30 days", "Logs are kept for 60 days"),
            (
                "Write tests with Mocha",
                "We moved over: write all tests with Vitest from now on",
            ),
            ("Our primary region is eu-west-1", "Our primary region is us-east-2"),
            ("The importer is written in rust", "The importer is written in go"),
            ("Indent with tabs", "Use two spaces for indentation"),
        ] {
            if of(a, b) != Relation::Contradicts {
                wrong.push((a, b, of(a, b)));
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    #[test]
    fn two_things_said_of_one_stand_beside_each_other() {
        let mut wrong = Vec::new();
        for (a, b) in [
            ("The API service has 3 replicas", "The API service listens on port 8080"),
            ("Logs are kept for 30 days", "Backups are kept for 60 days"),
            (
                "The search service is written in Go",
                "The search service is reviewed by Noor",
            ),
            ("The importer needs Python 3.12", "The importer runs every 15 minutes"),
            ("Invoices are sent on Mondays", "Payslips are sent on Fridays"),
        ] {
            if of(a, b) != Relation::Different {
                wrong.push((a, b, of(a, b)));
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    #[test]
    fn other_things_are_other_facts() {
        for (a, b) in [
            ("Shelf 12 has some spare mugs", "Shelf 31 has some spare cables"),
            ("Noor is on call on Mondays", "Priya is on call on Fridays"),
            (
                "The staging database is read-only on Fridays",
                "The mobile app still supports Android 9",
            ),
            (
                "The route planner moved, it now listens on port 7301",
                "The crane gate moved and listens on port 5200",
            ),
            ("The archive opens at 9", "The canteen opens at 11"),
            (
                "Invoices are numbered per country",
                "Invoices are archived for 10 years",
            ),
        ] {
            assert_eq!(of(a, b), Relation::Different, "{a} / {b}");
        }
    }
}
