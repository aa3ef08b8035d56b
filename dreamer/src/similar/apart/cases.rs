//! Texts that each say something of their own, of two sorts of a thing ("the hay loft leaks" and "the feed loft is new"), on
//! two occasions ("on deck wear …" and "in the galley wear …"), or as the answer to two questions ("the vet is Ida" and "the
//! vet is in Oulu").

use super::{Gap, Pair, Side, does, is_article, is_month, is_number, is_preposition, turns};
use crate::dates::is_weekday;
use crate::similar::USER;
use crate::text::vocabulary::{self, STOP};
use crate::text::words::{akin, stem};

/// To what question an answer is one.
#[derive(PartialEq, Eq)]
enum Asked {
    Who,
    Where,
    When,
}

impl Pair<'_> {
    /// Whether the texts differ in a gap, whose telling words begin at these places, in of what or when they tell the rest.
    pub(super) fn tells_of_two(&self, gaps: &[Gap], at: usize, first: (usize, usize)) -> bool {
        let counted = is_number(self.a.words[first.0]) || is_number(self.b.words[first.1]);
        !counted
            && (self.is_on_two_sorts(gaps, at, first)
                || self.is_on_two_occasions(gaps, at, first)
                || self.orders_two(gaps, at, first))
    }

    /// "The hay loft leaks", "the feed loft is new". Where all else is alike, a change gives another answer: "the blue bins
    /// are for glass now".
    fn is_on_two_sorts(&self, gaps: &[Gap], at: usize, (a, b): (usize, usize)) -> bool {
        let gap = &gaps[at];
        let opens = |side: &Side<'_>, first: usize| {
            let before = &side.words[..first];
            before.iter().all(|word| is_article(word) || *word == USER)
                && (first > 0 || !vocabulary::is_verb(side.words[0]))
        };
        let of_a_row = self.a.is_row(a) && self.b.is_row(b);
        let goes_on = at + 1 < gaps.len();
        let turned = || turns(self.a.of) || turns(self.b.of);
        opens(&self.a, a)
            && opens(&self.b, b)
            && self.is_told_of_a_kind(gap)
            && (goes_on || !of_a_row && (self.ends_otherwise(gap) || !turned()))
    }

    /// Whether the same thing stands behind a gap, and right behind that what it does: "… loft leaks", "… loft is new".
    fn is_told_of_a_kind(&self, gap: &Gap) -> bool {
        const MOST: usize = 3;
        let (a, b) = (&self.a.words[gap.a.end..], &self.b.words[gap.b.end..]);
        let Some(kind) = a.first() else { return false };
        let third = |word: &str| word.len() > 3 && word.ends_with('s') && !word.ends_with("ss") && !STOP.contains(word);
        let is_kind = |word: &str| !STOP.contains(word) && !does(word) && !is_number(word);
        let pairs = a.iter().zip(b).enumerate();
        let alike = pairs.take_while(|(at, (x, y))| x == y && is_kind(x) && (*at == 0 || !third(x)));
        let alike = alike.count();
        // "Ida waters the plants", "the bins are": a word in -s is a thing only where a sure verb follows.
        let doing = |word: &&str| does(word) || !third(kind) && third(word);
        (1..=MOST).contains(&alike) && a.get(alike).is_some_and(doing) && b.get(alike).is_some_and(doing)
    }

    /// Whether one of both says something behind a gap that the other does not.
    fn ends_otherwise(&self, gap: &Gap) -> bool {
        let rest = |side: &Side<'_>, from: usize| -> Vec<String> {
            let told = (from..side.words.len()).filter(|at| side.tells(*at));
            told.map(|at| stem(side.words[at])).collect()
        };
        let (a, b) = (rest(&self.a, gap.a.end), rest(&self.b, gap.b.end));
        let own = |x: &[String], y: &[String]| x.iter().any(|word| !y.iter().any(|other| akin(word, other)));
        own(&a, &b) || own(&b, &a)
    }

    /// "On deck wear …", "in the galley wear …", "before a dive check …", "after a dive rinse …".
    fn is_on_two_occasions(&self, gaps: &[Gap], at: usize, (a, b): (usize, usize)) -> bool {
        const LEADS: [&str; 8] = ["on", "in", "at", "for", "with", "during", "before", "after"];
        // "In future": from now on.
        const ALWAYS: [&str; 4] = ["future", "general", "principle", "short"];
        let led = |side: &Side<'_>, first: usize| {
            let opens = side.words.first().is_some_and(|word| LEADS.contains(word));
            let between = side.words.get(1..first).unwrap_or_default();
            let word = side.words[first];
            opens && between.iter().all(|word| is_article(word)) && !ALWAYS.contains(&word)
        };
        let days = is_weekday(self.a.words[a]) || is_weekday(self.b.words[b]);
        let moved = days && (turns(self.a.of) || turns(self.b.of));
        at + 1 < gaps.len() && led(&self.a, a) && led(&self.b, b) && !moved
    }

    /// "Send the weekly list to Ida", "send the monthly list to Bob": what is to be done with the one says nothing of the
    /// other.
    fn orders_two(&self, gaps: &[Gap], at: usize, (a, b): (usize, usize)) -> bool {
        let gap = &gaps[at];
        let ordered = |side: &Side<'_>, first: usize| {
            let mut before = side.words[..first].iter();
            before.next().is_some_and(|word| vocabulary::is_verb(word)) && before.all(|word| is_article(word))
        };
        let (behind_a, behind_b) = (&self.a.words[gap.a.end..], &self.b.words[gap.b.end..]);
        let led = matches!(
            (behind_a, behind_b),
            ([kind, leads, ..], [kind_b, leads_b, ..])
                if kind == kind_b
                    && leads == leads_b
                    && !STOP.contains(*kind)
                    && !is_number(kind)
                    && (is_preposition(leads) || *leads == "to")
        );
        led && ordered(&self.a, a)
            && ordered(&self.b, b)
            && gaps[at + 1..].iter().any(|gap| self.gap_has(gap, Side::is_value))
    }

    /// "The old crane lifts 5 tons", "the new crane lifts 8": each is spoken of.
    pub(super) fn is_old_and_new(&self) -> bool {
        let kind = |side: &Side<'_>, which: &[&str]| -> Option<String> {
            let at = usize::from(side.words.first().is_some_and(|word| is_article(word)));
            let called = side.words.get(at).is_some_and(|word| which.contains(word));
            side.forms.get(at + 1).filter(|_| called).cloned()
        };
        let stand = |x: &Side<'_>, y: &Side<'_>| {
            let old = kind(x, &["old", "former", "previous"]);
            old.is_some() && old == kind(y, &["new"])
        };
        stand(&self.a, &self.b) || stand(&self.b, &self.a)
    }

    /// "The tower is 60 m high", "the tower is 20 m wide": another measure of it.
    pub(super) fn is_another_measure(&self) -> bool {
        const MEASURES: [&[&str]; 5] = [
            &["high", "tall", "height", "tallest"],
            &["wide", "width", "broad", "across", "diameter"],
            &["long", "length"],
            &["deep", "depth"],
            &["thick", "thickness"],
        ];
        let measure = |side: &Side<'_>| {
            let mut said = MEASURES
                .iter()
                .map(|row| side.words.iter().any(|word| row.contains(word)));
            let at = said.position(|said| said)?;
            MEASURES[at + 1..]
                .iter()
                .all(|row| !side.words.iter().any(|word| row.contains(word)))
                .then_some(at)
        };
        matches!((measure(&self.a), measure(&self.b)), (Some(a), Some(b)) if a != b)
    }

    /// "The yard opens at 9", "the yard closes at 18": both ends of what goes on.
    pub(super) fn is_begin_and_end(&self) -> bool {
        const ENDS: [[&[&str]; 2]; 2] = [
            [
                &["opens", "open", "starts", "start", "begins", "begin"],
                &["closes", "close", "ends", "end", "finishes", "finish", "shuts", "shut"],
            ],
            [
                &["arrives", "arrive", "arrival"],
                &["leaves", "leave", "departs", "depart", "departure"],
            ],
        ];
        let says = |side: &Side<'_>, all: &[&str]| side.words.iter().any(|word| all.contains(word));
        let plain = |side: &Side<'_>| {
            !side.of.negative
                && !says(side, &["until", "till", "before"])
                && side.words.iter().filter(|word| is_number(word)).count() == 1
        };
        let only = |side: &Side<'_>, one: &[&str], other: &[&str]| says(side, one) && !says(side, other);
        plain(&self.a)
            && plain(&self.b)
            && ENDS.iter().any(|[begins, ends]| {
                only(&self.a, begins, ends) && only(&self.b, ends, begins)
                    || only(&self.b, begins, ends) && only(&self.a, ends, begins)
            })
    }

    /// "The hall is shut on Mondays", "the hall bar is shut on Fridays": what belongs to a thing is another one. "The round"
    /// and "the round trip" may be one, and so may what a change is on.
    pub(super) fn is_on_a_part(&self, gaps: &[Gap]) -> bool {
        const OF_ANY: [&str; 44] = [
            "job", "jobs", "process", "service", "server", "system", "team", "crew", "hours", "time", "times", "break",
            "line", "file", "files", "data", "number", "name", "page", "site", "app", "tool", "list", "plan", "day",
            "date", "session", "meeting", "call", "run", "task", "script", "url", "address", "link", "place", "area",
            "limit", "rate", "price", "value", "round", "trip", "often",
        ];
        let thing = |side: &Side<'_>| -> Option<(Vec<String>, String)> {
            let verb = side.words.iter().position(|word| does(word))?;
            let last = verb.checked_sub(1).filter(|last| *last > 0)?;
            let known = |at: usize| side.tells(at) && !side.is_named(at) && !is_number(side.words[at]);
            let told = is_article(side.words[0]) && known(last);
            told.then(|| (side.forms[1..=verb].to_vec(), side.words[last].to_owned()))
        };
        let (Some(a), Some(b)) = (thing(&self.a), thing(&self.b)) else {
            return false;
        };
        let (whole, part) = if a.0.len() < b.0.len() { (a, b) } else { (b, a) };
        let (words, last) = part;
        let names_a_part = last.len() > 2 && !last.ends_with("ly") && !OF_ANY.contains(&last.as_str());
        // What is told of both begins with the same verb.
        let (of_part, of_whole) = (words.split_last(), whole.0.split_last());
        matches!((of_part, of_whole), (Some((is, [thing @ .., _])), Some((was, one))) if is == was && thing == one)
            && names_a_part
            && !gaps.is_empty()
            && !turns(self.a.of)
            && !turns(self.b.of)
    }

    /// "The vet is Ida", "the vet is in Oulu", "the round is on Mondays", "the round is in hall 2".
    pub(super) fn answers_two_questions(&self) -> bool {
        let pairs = self.a.forms.iter().zip(&self.b.forms);
        let same = pairs.take_while(|(x, y)| x == y).count();
        let is = same.checked_sub(1).map(|at| self.a.words[at]);
        let counts = |side: &Side<'_>| side.words[same..].iter().any(|word| is_number(word));
        let (rest_a, rest_b) = (&self.a.forms[same..], &self.b.forms[same..]);
        let mut told = rest_a.iter().filter(|form| !STOP.contains(form.as_str()));
        let shares = told.any(|form| rest_b.contains(form));
        same >= 2
            && matches!(is, Some("is" | "are"))
            && !(counts(&self.a) && counts(&self.b))
            && !shares
            && matches!((asked(&self.a, same), asked(&self.b, same)), (Some(x), Some(y)) if x != y)
    }
}

/// The question that the words from a place on answer. "In use", "in German" and "at 40 degrees" say neither where nor when.
fn asked(side: &Side<'_>, from: usize) -> Option<Asked> {
    const PLACED: [&str; 7] = ["in", "at", "on", "near", "behind", "under", "beside"];
    const TIMES: [&str; 11] = [
        "morning",
        "afternoon",
        "evening",
        "night",
        "noon",
        "weekend",
        "summer",
        "winter",
        "spring",
        "autumn",
        "week",
    ];
    let first = side.words.get(from)?;
    let placed = PLACED.contains(first);
    let at = (from..side.words.len()).find(|at| !(is_article(side.words[*at]) || placed && *at == from))?;
    let word = side.words[at];
    let is_when = is_weekday(word)
        || is_weekday(&side.forms[at])
        || is_month(word)
        || TIMES.contains(&word)
        || word.contains(':')
        || *first == "at" && is_number(word) && at + 1 == side.words.len();
    if is_when {
        return Some(Asked::When);
    }
    let led = at > from + 1 && is_article(side.words[at - 1]);
    let numbered = || side.words.get(at + 1).is_some_and(|next| is_number(next));
    if placed {
        let named = side.is_named(at) || led || numbered();
        return (named && !is_number(word) && !side.is_row(at)).then_some(Asked::Where);
    }
    (at == from && side.is_named(at)).then_some(Asked::Who)
}
