//! Whether two texts that take one course speak of two things, told apart by a word beside the one that both share: a
//! number ("server 7"), an ordinal or month ("the second floor"), a name ("the EU cluster"), or what holds for whom
//! ("20 MB on the free plan").
//!
//! Both are laid side by side. Where they differ in one place alone, that is the answer, and another one takes its place;
//! where they differ in two, and one of these says which thing is meant, both hold.

mod cases;
mod one_word;

use std::ops::Range;

use super::links::DOINGS;
use crate::dates::{MONTH_NAMES, is_weekday};
use crate::text::vocabulary::{self, STOP, alternative, number};
use crate::text::words::{Features, Value, akin, is_finite_verb, is_the_country, stem, value_form};

/// Words that a text has at most to be compared so.
const MOST_WORDS: usize = 60;

/// Where two texts differ: the words of the one and of the other.
struct Gap {
    a: Range<usize>,
    b: Range<usize>,
}

/// Both texts, laid side by side.
struct Pair<'a> {
    a: Side<'a>,
    b: Side<'a>,
}

struct Side<'a> {
    of: &'a Features,
    words: Vec<&'a str>,
    /// The words in the form in which they are compared.
    forms: Vec<String>,
}

/// "Server 7 in rack 3 has 64 GB" and "server 8 in rack 3 has 128 GB".
pub(crate) fn told_apart(a: &Features, b: &Features) -> bool {
    let pair = Pair {
        a: Side::of(a),
        b: Side::of(b),
    };
    if pair.a.words.len().max(pair.b.words.len()) > MOST_WORDS {
        return false;
    }
    let gaps = pair.gaps();
    (0..gaps.len()).any(|at| pair.says_which(&gaps, at))
        || pair.names_two(&gaps)
        || pair.is_old_and_new()
        || pair.is_another_measure()
        || pair.is_begin_and_end()
        || pair.is_on_a_part(&gaps)
        || pair.answers_two_questions()
}

/// The words of a text without those that say from when on it holds, which tell of no thing.
fn without_turn<'w>(words: &[&'w str]) -> Vec<&'w str> {
    let mut out = Vec::with_capacity(words.len());
    let mut rest = words;
    while let Some((word, after)) = rest.split_first() {
        rest = match rest {
            [
                "from",
                "now" | "today" | "here" | "then",
                "on" | "onwards" | "onward",
                after @ ..,
            ]
            | ["no", "longer", after @ ..]
            | ["now" | "please", after @ ..] => after,
            _ => {
                out.push(*word);
                after
            }
        };
    }
    out
}

impl<'a> Side<'a> {
    fn of(of: &'a Features) -> Self {
        let words: Vec<&str> = of.sequence.iter().map(String::as_str).collect();
        let words = without_turn(&words);
        // Why, and from whom it is known, tell of no thing.
        let ends = |word: &&str| {
            matches!(
                *word,
                "so" | "because" | "otherwise" | "too" | "it" | "its" | "that" | "i" | "he" | "she"
            )
        };
        let end = words.iter().skip(3).position(ends).map_or(words.len(), |at| at + 3);
        let words = words[..end].to_vec();
        Self {
            forms: words.iter().map(|word| value_form(word)).collect(),
            words,
            of,
        }
    }

    /// A word that says something by itself.
    fn tells(&self, at: usize) -> bool {
        let word = self.words[at];
        let before = at.checked_sub(1).map_or("the", |before| self.words[before]);
        // "Server A in rack 3".
        let letter = || {
            let next = self.words.get(at + 1);
            // "House A carries 900": no "a" stands before what is many.
            let ends = |next: &str| is_preposition(next) || is_finite_verb(next) || next.ends_with('s');
            word == "a" && at > 0 && next.is_none_or(|next| ends(next))
        };
        let month = || word == "may" && (is_article(before) || is_preposition(before)) && self.words.len() > at + 1;
        !STOP.contains(word) || is_the_country(word, Some(before)) || letter() || month()
    }

    /// The places in a gap whose words say something.
    fn telling(&self, gap: &Range<usize>) -> Vec<usize> {
        gap.clone().filter(|at| self.tells(*at)).collect()
    }

    /// Whether something is done in these words; an order says it first.
    fn has_verb(&self, within: Range<usize>) -> bool {
        let orders = within.start == 0 && within.end > 0 && {
            let first = self.words[0];
            let numbered = is_noun(first) && self.words.get(1).is_some_and(|next| is_mark(next));
            let told = || self.words.iter().any(|word| is_finite_verb(word));
            first == "use" || vocabulary::is_verb(first) && !numbered && !told()
        };
        orders || self.words[within].iter().any(|word| does(word))
    }

    /// A name, something like code, or another value of that kind.
    fn is_named(&self, at: usize) -> bool {
        let (word, form) = (self.words[at], &self.forms[at]);
        let mut named = self
            .of
            .values
            .iter()
            .filter(|(kind, _)| matches!(kind, Value::Name | Value::Code | Value::Address));
        named.any(|(_, values)| values.contains(form) || values.contains(word))
    }

    /// A word that may be an answer.
    fn is_value(&self, at: usize) -> bool {
        is_number(self.words[at]) || self.is_named(at) || self.is_row(at)
    }

    /// One of a row of alternatives.
    fn is_row(&self, at: usize) -> bool {
        alternative(self.words[at])
            .or_else(|| alternative(&self.forms[at]))
            .is_some()
    }
}

/// A verb in a form that follows what it is told of.
fn does(word: &str) -> bool {
    let plain = word.strip_suffix('s').unwrap_or(word);
    is_finite_verb(word) || DOINGS.contains(&plain)
}

fn is_number(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_digit()) || number(word).is_some()
}

/// "7", "#12", "12b", "q1", "b": what a thing of many is called by.
fn is_mark(word: &str) -> bool {
    let letters = word.chars().filter(|c| c.is_alphabetic()).count();
    let digits = word.chars().any(|c| c.is_ascii_digit());
    letters <= 2 && digits && word.chars().all(|c| c.is_alphanumeric() || matches!(c, '#' | '-'))
        || letters == 1 && word.len() == 1 && word != "i"
}

fn is_month(word: &str) -> bool {
    MONTH_NAMES.iter().any(|name| name.eq_ignore_ascii_case(word))
}

fn is_ordinal(word: &str) -> bool {
    const ORDINALS: [&str; 12] = [
        "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh",
        "twelfth",
    ];
    let digits = word.trim_end_matches(|c: char| c.is_alphabetic());
    let counted = !digits.is_empty() && matches!(&word[digits.len()..], "st" | "nd" | "rd" | "th");
    ORDINALS.contains(&word) || counted && digits.chars().all(|c| c.is_ascii_digit())
}

/// Words that say how something stands to what is named after them.
fn is_preposition(word: &str) -> bool {
    matches!(
        word,
        "for" | "in" | "on" | "at" | "of" | "from" | "with" | "per" | "under" | "by"
    )
}

fn is_article(word: &str) -> bool {
    matches!(word, "the" | "our" | "a" | "an" | "their" | "his" | "her")
}

/// "Maximum" and "largest", "new" and "current" say of no thing which one it is, "prod" is "production".
fn are_two(a: &str, b: &str) -> bool {
    const OF_ONE: [&[&str]; 3] = [
        &[
            "max", "maximum", "maximal", "largest", "biggest", "highest", "upper", "top", "most", "longest",
        ],
        &[
            "min", "minimum", "minimal", "least", "lowest", "smallest", "lower", "shortest",
        ],
        &[
            "new", "current", "present", "actual", "old", "previous", "former", "latest", "usual", "default",
            "updated", "revised", "normal", "regular", "standard", "whole", "entire", "total", "full",
        ],
    ];
    // "Server-1" and "server-2" are no forms of one word.
    if a.chars().chain(b.chars()).any(|c| c.is_ascii_digit()) {
        return value_form(a) != value_form(b);
    }
    let begins = |short: &str, long: &str| short.len() > 2 && long.starts_with(short);
    let known = |word: &str| OF_ONE.iter().any(|row| row.contains(&word));
    !(akin(&stem(a), &stem(b))
        || value_form(a) == value_form(b)
        || begins(a, b)
        || begins(b, a)
        || known(a)
        || known(b))
}

impl<'a> Pair<'a> {
    /// Where the texts differ and each has a word that tells something, in order.
    fn gaps(&self) -> Vec<Gap> {
        let (a, b) = (&self.a.forms, &self.b.forms);
        // How many words the rest of both has in common, from each place on.
        let mut rest = vec![vec![0_u8; b.len() + 1]; a.len() + 1];
        for x in (0..a.len()).rev() {
            for y in (0..b.len()).rev() {
                rest[x][y] = if a[x] == b[y] {
                    rest[x + 1][y + 1] + 1
                } else {
                    rest[x + 1][y].max(rest[x][y + 1])
                };
            }
        }
        let mut gaps = Vec::new();
        let (mut x, mut y, mut from) = (0, 0, (0, 0));
        let mut close = |from: (usize, usize), x: usize, y: usize| {
            let gap = Gap {
                a: from.0..x,
                b: from.1..y,
            };
            if !self.a.telling(&gap.a).is_empty() && !self.b.telling(&gap.b).is_empty() {
                gaps.push(gap);
            }
        };
        while x < a.len() && y < b.len() {
            if a[x] == b[y] {
                close(from, x, y);
                (x, y) = (x + 1, y + 1);
                from = (x, y);
            } else if rest[x + 1][y] >= rest[x][y + 1] {
                x += 1;
            } else {
                y += 1;
            }
        }
        close(from, a.len(), b.len());
        gaps
    }

    /// Whether the words in one of the gaps say which thing is meant.
    fn says_which(&self, gaps: &[Gap], at: usize) -> bool {
        let gap = &gaps[at];
        let (in_a, in_b) = (self.a.telling(&gap.a), self.b.telling(&gap.b));
        let (Some(&first_a), Some(&first_b)) = (in_a.first(), in_b.first()) else {
            return false;
        };
        let (word_a, word_b) = (self.a.words[first_a], self.b.words[first_b]);
        let acts =
            |side: &Side<'_>, at: &[usize]| at.iter().any(|at| does(side.words[*at]) && !is_month(side.words[*at]));
        if !are_two(word_a, word_b) || acts(&self.a, &in_a) || acts(&self.b, &in_b) {
            return false;
        }
        let few = in_a.len() <= 2 && in_b.len() <= 2;
        if few && self.tells_of_two(gaps, at, (first_a, first_b)) {
            return true;
        }
        let both = |of: fn(&str) -> bool| of(word_a) && of(word_b);
        let begins = |side: &Side<'_>, first: usize| first == 0 || first == 1 && is_article(side.words[0]);
        let in_front = begins(&self.a, first_a) && begins(&self.b, first_b);
        let kind_before = self.follows_one_word(gap) && both(is_mark);
        let kind_behind = few && self.stands_before_one_word(gap, first_a, first_b);
        let months = both(is_month);
        // A number counts what stands behind it.
        let counts =
            in_a.iter().any(|at| is_number(self.a.words[*at])) || in_b.iter().any(|at| is_number(self.b.words[*at]));
        let ordinals = both(is_ordinal);
        // "The cart to Oulu leaves at 7".
        let front_placed = few && !counts && self.is_placed_in_front(gap, first_a, first_b);
        let done_after = (kind_before && self.kind_is_placed(gap) || front_placed) && self.goes_on_alike(gap)
            || self.a.has_verb(gap.a.end..self.a.words.len()) && self.b.has_verb(gap.b.end..self.b.words.len());
        let early = first_a <= 2 && first_b <= 2;
        let is_subject = !self.a.has_verb(0..first_a) && !self.b.has_verb(0..first_b) && (early || done_after);
        if is_subject {
            let surely = kind_before || kind_behind && (ordinals || months);
            let called = |side: &Side<'_>, at: usize| side.is_named(at) || is_mark(side.words[at]);
            // "The farmer Larch brings 40 eggs".
            let follows = |side: &Side<'_>, first: usize| first == 1 || first == 2 && is_article(side.words[0]);
            let behind_kind = self.follows_one_word(gap) && follows(&self.a, first_a) && follows(&self.b, first_b);
            let (called_a, called_b) = (called(&self.a, first_a), called(&self.b, first_b));
            // What somebody is called may be a plain word elsewhere: "the weaver Parcel".
            let one_called = called_a && self.b.is_row(first_b) || called_b && self.a.is_row(first_a);
            let thing = (in_front || behind_kind) && called_a && called_b || behind_kind && one_called;
            // "Backups of the shop run at 2".
            let of_one = done_after && front_placed;
            let other = kind_behind && (!counts || ordinals) || thing || of_one;
            let mut others = gaps.iter().enumerate().filter(|(other, _)| *other != at);
            let answers = others.any(|(_, gap)| self.gap_has(gap, Side::is_value));
            // "Ida no longer reviews the loom plans": Bob's kiln plans are another matter.
            let denied = self.a.of.negative != self.b.of.negative && gaps.len() > 1;
            return surely && done_after || (surely || other) && (answers || denied);
        }
        let before = &gaps[..at];
        let answered = before.iter().any(|gap| self.gap_has(gap, Side::is_value));
        let of_a_row = before
            .iter()
            .any(|gap| self.gap_has(gap, |side, at| is_number(side.words[at]) || side.is_row(at)));
        // "The round is on Thursdays at 10 now": day and hour of one thing have changed.
        let hours = before
            .iter()
            .any(|gap| self.gap_has(gap, |side, at| side.words[at].contains(':')));
        let days = both(is_weekday);
        let turned = (days || hours) && (turns(self.a.of) || turns(self.b.of));
        let placed = few && !counts && self.is_placed(gap, first_a, first_b);
        !turned
            && (kind_before && self.kind_is_placed(gap) && answered
                || (placed || kind_behind && (!counts || ordinals)) && of_a_row)
    }

    /// Whether the words of both sides in a gap have such a one.
    fn gap_has(&self, gap: &Gap, what: fn(&Side<'a>, usize) -> bool) -> bool {
        let has = |side: &Side<'a>, range: &Range<usize>| side.telling(range).into_iter().any(|at| what(side, at));
        has(&self.a, &gap.a) && has(&self.b, &gap.b)
    }

    /// "Server 7", "server 8": the same word, which is a thing, stands right before.
    fn follows_one_word(&self, gap: &Gap) -> bool {
        let kind = |side: &Side<'_>, at: usize| {
            let word = side.words[at];
            let time = is_weekday(word) || is_month(word);
            side.tells(at) && !does(word) && !vocabulary::is_verb(word) && !is_number(word) && !time || is_noun(word)
        };
        match (gap.a.start.checked_sub(1), gap.b.start.checked_sub(1)) {
            (Some(a), Some(b)) => kind(&self.a, a) && kind(&self.b, b),
            _ => false,
        }
    }

    /// "House A carries …", "house B carries …": the same word, which looks like a doing, stands right after.
    fn goes_on_alike(&self, gap: &Gap) -> bool {
        match (self.a.words.get(gap.a.end), self.b.words.get(gap.b.end)) {
            (Some(a), Some(b)) => a == b && a.len() > 3 && a.ends_with('s') && !a.ends_with("ss") && !STOP.contains(*a),
            _ => false,
        }
    }

    /// "On server 7", "of the release 4": the word before the gap stands after a preposition.
    fn kind_is_placed(&self, gap: &Gap) -> bool {
        let placed = |side: &Side<'_>, start: usize| {
            let mut before = side.words[..start.saturating_sub(1)].iter().rev();
            before
                .find(|word| !is_article(word))
                .is_some_and(|word| is_preposition(word))
        };
        placed(&self.a, gap.a.start) && placed(&self.b, gap.b.start)
    }

    /// "The EU cluster", "the US cluster": before the same word, at the beginning of what names the thing.
    fn stands_before_one_word(&self, gap: &Gap, first_a: usize, first_b: usize) -> bool {
        let opens = |side: &Side<'_>, first: usize| match first.checked_sub(1) {
            Some(before) => !side.tells(before) || is_number(side.words[before]),
            None => !vocabulary::is_verb(side.words[first]),
        };
        let kind = |side: &Side<'_>, end: usize| {
            end < side.words.len() && side.tells(end) && !does(side.words[end]) && !is_number(side.words[end])
        };
        opens(&self.a, first_a) && opens(&self.b, first_b) && kind(&self.a, gap.a.end) && kind(&self.b, gap.b.end)
    }

    /// "The toll for carts", "the toll in Oulu": after a preposition, as part of what names the thing.
    fn is_placed_in_front(&self, gap: &Gap, first_a: usize, first_b: usize) -> bool {
        let leads = |word: &str| word == "to" || word != "from" && is_preposition(word);
        let led = |side: &Side<'_>, start: usize, first: usize| {
            let before = side.words[..first].iter().rev().find(|word| !is_article(word));
            let between = &side.words[start..first];
            before.is_some_and(|word| leads(word)) && between.iter().all(|word| is_article(word) || leads(word))
        };
        led(&self.a, gap.a.start, first_a) && led(&self.b, gap.b.start, first_b)
            || self.is_placed(gap, first_a, first_b)
    }

    /// "For members", "for guests": after the same preposition.
    fn is_placed(&self, gap: &Gap, first_a: usize, first_b: usize) -> bool {
        let led = |side: &Side<'_>, start: usize, first: usize| {
            side.words[start..first].iter().all(|word| is_article(word))
                && side.words[..start]
                    .iter()
                    .rev()
                    .find(|word| !is_article(word))
                    .is_some_and(|word| is_preposition(word))
        };
        led(&self.a, gap.a.start, first_a) && led(&self.b, gap.b.start, first_b)
    }
}

/// Things of which each has a number, and that are verbs elsewhere.
fn is_noun(word: &str) -> bool {
    matches!(
        word,
        "step"
            | "file"
            | "order"
            | "version"
            | "release"
            | "test"
            | "build"
            | "report"
            | "route"
            | "print"
            | "set"
            | "round"
    )
}

/// Whether a text says that something is from now on otherwise.
fn turns(f: &Features) -> bool {
    let mut words = f.sequence.iter().map(String::as_str);
    words.any(|word| {
        matches!(
            word,
            "now" | "moved" | "changed" | "instead" | "longer" | "anymore" | "onwards"
        )
    })
}
