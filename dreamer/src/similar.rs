//! Whether two texts say the same, contradict each other, or have nothing to do with one another.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use crate::text::vocabulary::number;
use crate::text::words::{Features, Value, akin, stem, value_form};

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

/// Words that join others and say little themselves.
const JOINS: [&str; 5] = ["unless", "behind", "during", "within", "via"];

/// Shared part of the smaller set.
fn overlap(a: &BTreeSet<String>, b: &BTreeSet<String>) -> (usize, f32) {
    let tells = |stem: &&String| !JOINS.contains(&stem.as_str());
    let (of_a, of_b) = (a.iter().filter(tells).count(), b.iter().filter(tells).count());
    let smaller = of_a.min(of_b);
    if smaller == 0 {
        return (0, 0.0);
    }
    let (small, large) = if of_a <= of_b { (a, b) } else { (b, a) };
    let meets =
        |stem: &&String| large.contains(*stem) || large.iter().filter(tells).any(|l| l.len() > 4 && akin(stem, l));
    let shared = small.iter().filter(tells).filter(meets).count();
    (shared, shared as f32 / smaller as f32)
}

/// Compares two facts.
pub fn relation(a: &Features, b: &Features) -> Relation {
    let in_words_of = |text: &Features, other: &Features| plain(text, other).or_else(|| shortened(text, other));
    let (of_a, of_b) = (in_words_of(a, b), in_words_of(b, a));
    compare(of_a.as_ref().unwrap_or(a), of_b.as_ref().unwrap_or(b))
}

/// A text whose first word looks like a name, where the other has it as a plain word: "Barley goes to …".
fn plain(text: &Features, other: &Features) -> Option<Features> {
    let first = stem(text.sequence.first()?);
    let named = |f: &Features| f.values.get(&Value::Name).is_some_and(|names| names.contains(&first));
    if !named(text) || named(other) || !other.subject.contains(&first) {
        return None;
    }
    let mut plain = text.clone();
    let names = plain.values.get_mut(&Value::Name)?;
    names.remove(&first);
    if names.is_empty() {
        plain.values.remove(&Value::Name);
    }
    plain.leading.remove(&first);
    plain.head.insert(first.clone());
    plain.subject.insert(first);
    Some(plain)
}

/// A text with the words for which the other has their initials in place of them: "end of day" where that says "EOD".
fn shortened(text: &Features, other: &Features) -> Option<Features> {
    let is_short = |word: &&String| {
        (3..=5).contains(&word.len())
            && word.chars().all(char::is_alphabetic)
            && other.stems.contains(*word)
            && !text.sequence.contains(word)
    };
    other.sequence.iter().filter(is_short).find_map(|word| {
        let initials = |words: &&[String]| words.iter().map(|w| w.chars().next()).eq(word.chars().map(Some));
        let found = text.sequence.windows(word.len()).find(initials)?;
        let spelt: BTreeSet<String> = found.iter().map(|w| stem(w)).collect();
        let mut short = text.clone();
        let in_head = spelt.iter().any(|s| text.head.contains(s));
        for set in [
            &mut short.stems,
            &mut short.subject,
            &mut short.head,
            &mut short.leading,
        ] {
            set.retain(|stem| !spelt.contains(stem));
        }
        for values in short.values.values_mut() {
            values.retain(|value| !spelt.contains(value));
        }
        short.values.retain(|_, values| !values.is_empty());
        short.stems.insert(word.clone());
        short.subject.insert(word.clone());
        if in_head {
            short.head.insert(word.clone());
        }
        Some(short)
    })
}

fn compare(a: &Features, b: &Features) -> Relation {
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
    // The same words with a "no" in one of them, and little else.
    let more = a.stems.len().max(b.stems.len()) - shared;
    if a.negative != b.negative && over >= 0.8 && more <= 3 && !hedged(a) && !hedged(b) {
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
    if values.shared_numbers > 0 && both_open(a, b) {
        return Relation::Same(over);
    }
    let tiny = a.stems.len().min(b.stems.len()) == 1 && a.stems.len() == b.stems.len();
    if over >= least && (words >= 2 || (words >= 1 && values.shared > 0) || (tiny && over >= 1.0)) {
        return Relation::Same(over + 0.1 * values.shared as f32);
    }
    Relation::Different
}

/// "The desk opens at 8", "nobody answers the desk before 8", "desk hours begin at 8": from when something is open, in the
/// words that say it of anything.
fn both_open(a: &Features, b: &Features) -> bool {
    static OPENING: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
        const WORDS: &str = "open opened opening begins starts staffed manned available reachable attended answers picks \
            hours hour nobody none early earlier morning service";
        WORDS.split_whitespace().map(stem).collect()
    });
    let numbers = values_of_numbers;
    let own = |f: &Features, other: &Features| -> Option<bool> {
        let refuses = f.negative || f.sequence.iter().any(|w| w == "nobody" || w == "none");
        let mut begins = false;
        let told = f.stems.iter().filter(|stem| !numbers(f).contains(*stem));
        for stem in told {
            let opens = OPENING.contains(stem) || refuses && stem == "before";
            begins |= opens;
            if !opens && !other.stems.iter().any(|s| akin(s, stem)) {
                return None;
            }
        }
        Some(begins)
    };
    let of_a = numbers(a);
    let thing = a.stems.iter().filter(|s| !OPENING.contains(*s) && !of_a.contains(*s));
    thing.into_iter().any(|s| b.stems.iter().any(|t| akin(s, t)))
        && of_a == numbers(b)
        && own(a, b) == Some(true)
        && own(b, a) == Some(true)
}

/// The numbers of a text.
fn values_of_numbers(f: &Features) -> BTreeSet<String> {
    let numbers = f.values.iter().filter(|(kind, _)| matches!(kind, Value::Number(_)));
    numbers.flat_map(|(_, values)| values.iter().cloned()).collect()
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
        if matches!(kind, Value::Number(_)) && of_other_labels(a, b) {
            continue;
        }
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
    let (numbers_a, numbers_b) = (values_of_numbers(a), values_of_numbers(b));
    if !numbers_a.is_empty()
        && !numbers_b.is_empty()
        && numbers_a.is_disjoint(&numbers_b)
        && out.shared == 0
        && !of_other_labels(a, b)
    {
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

/// "Python 3.12", "port 8080": whether the numbers of a text are those of something that the other does not speak of.
fn of_other_labels(a: &Features, b: &Features) -> bool {
    let labelled = |f: &Features, other: &Features| {
        let numbers = values_of_numbers(f);
        let mut at = f
            .sequence
            .iter()
            .enumerate()
            .filter(|(_, w)| numbers.contains(&value_form(w)))
            .peekable();
        at.peek().is_some()
            && at.all(|(at, _)| {
                let before = at.checked_sub(1).map(|before| stem(&f.sequence[before]));
                before.is_some_and(|label| {
                    f.stems.contains(&label)
                        && !numbers.contains(&label)
                        && !DOINGS.contains(&label.as_str())
                        && !LINKS.contains(&label)
                        && !other.stems.iter().any(|s| akin(s, &label))
                })
            })
    };
    labelled(a, b) && !in_common_units(a, b) || labelled(b, a) && !in_common_units(a, b)
}

/// Whether both count the same.
fn in_common_units(a: &Features, b: &Features) -> bool {
    let counts = |kind: &&Value| matches!(kind, Value::Number(unit) if !unit.is_empty());
    a.values.keys().filter(counts).any(|kind| b.values.contains_key(kind))
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
        made given gets called named default keep make show open last part time way thing value \
        gate blocks below above threshold least bar floor";
    WORDS.split_whitespace().map(stem).collect()
});

/// "Has 3 replicas" and "listens on port 8080", "invoices … on Mondays" and "payslips … on Fridays": each says something
/// of its own beside the value, so both can hold.
pub fn of_other_aspects(a: &Features, b: &Features) -> bool {
    let own = |f: &Features, other: &Features| {
        let said = |stem: &String| other.stems.iter().any(|s| akin(s, stem));
        let links = |stem: &String| LINKS.contains(stem) || TURNS.iter().any(|turn| akin(turn, stem));
        let of_name = if named_alike(f, other) {
            beside_names(f, other)
        } else {
            BTreeSet::new()
        };
        let reason = reason_of(f);
        let told = f.subject.iter().filter(|stem| !reason.contains(*stem));
        told.into_iter()
            .any(|stem| !said(stem) && !links(stem) && !of_name.contains(stem))
    };
    !run_alike(a, b) && !choose_one(a, b) && own(a, b) && own(b, a)
}

/// The stems of what a text gives as its reason: "…, so the crews can rest" says nothing of the thing.
fn reason_of(f: &Features) -> BTreeSet<String> {
    let begins = |word: &String| matches!(word.as_str(), "so" | "because" | "otherwise" | "too");
    let reason = f.sequence.iter().skip_while(|word| !begins(word));
    reason.map(|word| stem(word)).collect()
}

/// "The press runs at 40 sheets an hour, Ida says", "the press runs at 55 sheets an hour, I read it there": alike up to
/// where each has its own value of one kind, whatever comes after.
fn run_alike(a: &Features, b: &Features) -> bool {
    let words = |f: &Features| -> Vec<String> {
        let told = f.sequence.iter().filter(|word| !UNHEARD.contains(&word.as_str()));
        told.map(|word| value_form(word)).collect()
    };
    let (of_a, of_b) = (words(a), words(b));
    let same = of_a.iter().zip(&of_b).take_while(|(x, y)| x == y).count();
    let (Some(value_a), Some(value_b)) = (of_a.get(same), of_b.get(same)) else {
        return false;
    };
    let of_kind = |(kind, values): (&Value, &BTreeSet<String>)| {
        values.contains(value_a) && b.values.get(kind).is_some_and(|of_b| of_b.contains(value_b))
    };
    same >= 3 && a.values.iter().any(of_kind)
}

/// Where the names that each has for itself stand after prepositions, one of them is the same: "to Anklam", "to Güstrow".
fn named_alike(a: &Features, b: &Features) -> bool {
    let placed = |f: &Features, other: &Features| -> BTreeSet<&'static str> {
        let own = f
            .sequence
            .iter()
            .enumerate()
            .filter(|(_, word)| is_own_name(word, f, other));
        own.filter_map(|(at, _)| {
            let near = f.sequence[at.saturating_sub(3)..at].iter().rev();
            near.into_iter()
                .find_map(|word| PREPOSITIONS.iter().find(|p| *p == word))
                .copied()
        })
        .collect()
    };
    let (of_a, of_b) = (placed(a, b), placed(b, a));
    of_a.is_empty() || of_b.is_empty() || !of_a.is_disjoint(&of_b)
}

/// Whether a word is a name that the other text lacks, and not that of the thing spoken of.
fn is_own_name(word: &str, f: &Features, other: &Features) -> bool {
    let form = value_form(word);
    let mut named = f
        .values
        .iter()
        .filter(|(kind, _)| matches!(kind, Value::Name | Value::Code));
    named.any(|(_, values)| values.contains(&form)) && !other.stems.contains(&form) && !f.leading.contains(&form)
}

/// "The Anklam plant", "team Larch": what stands beside a name that the other lacks says what kind of thing it is the
/// name of.
fn beside_names(f: &Features, other: &Features) -> BTreeSet<String> {
    let mut beside = BTreeSet::new();
    for (at, _) in f
        .sequence
        .iter()
        .enumerate()
        .filter(|(_, word)| is_own_name(word, f, other))
    {
        beside.extend(f.sequence.get(at + 1).map(|word| stem(word)));
        let led = at.checked_sub(2).map(|before| f.sequence[before].as_str());
        if led.is_some_and(|word| ARTICLES.contains(&word) || PREPOSITIONS.contains(&word)) {
            beside.insert(stem(&f.sequence[at - 1]));
        }
    }
    beside
}

/// Words after which a thing is named.
const ARTICLES: [&str; 4] = ["the", "a", "an", "our"];

/// Words that say how something stands to what is named after them.
const PREPOSITIONS: [&str; 12] = [
    "in", "on", "at", "to", "by", "from", "with", "for", "via", "through", "into", "under",
];

/// "Single quotes", "double quotes": of one thing, either the one or the other.
fn choose_one(a: &Features, b: &Features) -> bool {
    let chosen = |f: &Features, row: u16| -> BTreeSet<(String, String)> {
        let words = f.sequence.windows(2).filter_map(|two| {
            let value = value_form(&two[0]);
            let is_one = f
                .values
                .get(&Value::Alternative(row))
                .is_some_and(|of| of.contains(&value));
            is_one.then(|| (value, stem(&two[1])))
        });
        words.filter(|(_, of)| f.subject.contains(of)).collect()
    };
    let rows = a.values.keys().filter_map(|kind| match kind {
        Value::Alternative(row) if b.values.contains_key(kind) => Some(*row),
        _ => None,
    });
    let lacks = |f: &Features, other: &Features| {
        let said = |word: &String| other.stems.iter().any(|s| akin(word, s));
        !f.head.is_empty() && !f.head.iter().any(said)
    };
    !(lacks(a, b) && lacks(b, a))
        && rows.into_iter().any(|row| {
            let (of_a, of_b) = (chosen(a, row), chosen(b, row));
            of_a.iter()
                .any(|(value, of)| of_b.iter().any(|(other, its)| value != other && of == its))
        })
}

/// What many things do, each in its own way.
const DOINGS: [&str; 20] = [
    "listen", "run", "live", "accept", "speak", "start", "begin", "end", "expire", "close", "open", "cost", "hold",
    "belong", "report", "support", "need", "require", "serve", "weigh",
];

/// Words that say that something changed, not what.
const TURNS: [&str; 9] = [
    "moved", "changed", "switched", "migrated", "now", "back", "scrap", "ditch", "abandon",
];

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
        // "3 replicas" and "2 zones" are counts of two kinds.
        let counted = |words: &[String], rest: usize| {
            let is_number = |word: &String| word.starts_with(|c: char| c.is_ascii_digit()) || number(word).is_some();
            (rest == 2 && is_number(&words[same])).then(|| stem(&words[same + 1]))
        };
        let kinds = (counted(&of_a, rest_a), counted(&of_b, rest_b));
        let (tail_a, tail_b) = (differs(&of_a, rest_a), differs(&of_b, rest_b));
        !akin(&stem(&tail_a), &stem(&tail_b))
            && !matches!(&kinds, (Some(x), Some(y)) if x != y)
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
        let mut wrong = Vec::new();
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
            ("Our desk opens at 08:00", "desk hours begin at 8:00"),
            ("Our desk opens at 08:00", "The desk is staffed from 8 in the morning"),
            (
                "The desk is staffed from 8",
                "Nobody picks up the desk earlier than 08:00",
            ),
            ("The help line starts at 7", "Nobody answers the help line before 7:00"),
            ("The counter is open from 9", "The counter opens at nine"),
            (
                "We ask for two reviews on each pull request",
                "PRs are merged after 2 reviews",
            ),
            ("Merge requests need 2 approvals", "Two approvals for every MR"),
            (
                "The staging environment is behind the VPN",
                "Staging can't be opened unless the VPN is up",
            ),
            (
                "Crashes are reported to the Sentry project arbor-ui",
                "The frontend crash reports sit in Sentry under arbor-ui",
            ),
        ] {
            if !matches!(of(a, b), Relation::Same(_)) {
                wrong.push((a, b, of(a, b)));
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
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
            ("Barley goes to the Malchin mill", "We bring the barley to Demmin"),
            (
                "The spare mast: Kandel ridge",
                "If it burns, the spare mast is on the Blauen",
            ),
            ("Wheat is stored in the Ferro silo", "We keep the wheat in Dornum"),
            ("EOD starts at 19:45 CET", "End of day kicks off at 18:30"),
            ("The SLA is 4 hours", "Our service level agreement is 8 hours"),
            (
                "Use single quotes in Lua code",
                "Double quotes in Lua, the style guide says so",
            ),
            (
                "Write long answers for the board",
                "Short answers for the board, they read on the phone",
            ),
            ("The hotline opens at 08:00", "The hotline opens at 09:00"),
            (
                "The press runs at 40 sheets per hour, that is what the plate says",
                "The press runs at 55 sheets per hour, I read it in the manual",
            ),
            (
                "Parcels go out on Mondays, Ida told us",
                "Parcels go out on Thursdays, it is on the board by the door",
            ),
            ("CI blocks below 90 percent coverage", "The coverage gate is 72 percent"),
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
            ("The desk opens at 8", "The desk report is sent at 8"),
            ("The desk opens at 8", "Nobody answers the desk after 8"),
            ("The invoice has a short title", "The mail has a long title"),
            (
                "The crane is serviced by Larch engineering",
                "The crane is painted by the firm Birch",
            ),
            ("The search is tested by Ada", "The search was written by Noor"),
            ("The press is in hall North", "The press is cleaned by Rolf"),
            ("The importer needs Python 3.12", "The importer listens on port 8080"),
            (
                "The API service has 3 replicas in Turku",
                "The API service has 2 zones in Turku",
            ),
            (
                "The coverage of the parser is 90 percent",
                "The coverage of the importer is 72 percent",
            ),
            ("The API rate limit is 40 per second", "The API timeout is 30 seconds"),
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
