//! Reads the sentences of a message one after another, for what one says may depend on those around it.

use std::sync::LazyLock;

use regex::Regex;

use super::Whole;
use super::{
    antecedent, deciding, directive, end_sentence, finish, forget, is_empty_talk, is_farewell, is_musing, is_question,
    label, manner, passing, pronoun, reason, remember, slip, standing, statement, task, tidy, unmeant, update,
    without_tag,
};
use crate::fact::{Finding, Kind, Mark, Op};
use crate::text::clean;
use crate::text::past::past_values;
use crate::text::sentence::Placed;

/// What sentences say, in order, and the last of them. `before` is the last one that was typed earlier in the session.
pub(super) fn read(places: &[Placed<'_>], before: Option<&str>) -> (Vec<Finding>, Option<String>) {
    let sentences: Vec<&str> = places.iter().map(|place| place.text).collect();
    let mut reader = Reader {
        places,
        at: 0,
        found: Vec::new(),
        previous: before.map(str::to_owned),
        next_importance: None,
        announced: Announced::Nothing,
        begins: true,
        earlier: before.is_some(),
        last_start: 0,
    };
    let mut at = 0;
    while at < sentences.len() {
        reader.at = at;
        at += reader.sentence(&sentences[at..], sentences.len() == 1);
        reader.begins = false;
    }
    (reader.found, reader.previous)
}

/// What a sentence may announce of the one after it.
#[derive(Clone, Copy, PartialEq)]
enum Announced {
    Nothing,
    /// "I never said that.": it speaks of how it is.
    Denial,
    /// "No!": it corrects what was done.
    Objection,
    /// "I reconsidered.": it sets something anew.
    Change,
}

struct Reader<'a> {
    /// Where all sentences stand, and the one that is read.
    places: &'a [Placed<'a>],
    at: usize,
    found: Vec<Finding>,
    previous: Option<String>,
    /// "This is critical." alone speaks of the sentence after it.
    next_importance: Option<u8>,
    /// What the sentence before, which says nothing else, makes of the next one.
    announced: Announced,
    /// The sentence is the first of its message.
    begins: bool,
    /// The sentence before stands in an earlier message.
    earlier: bool,
    /// How much was found before the last sentence.
    last_start: usize,
}

impl Reader<'_> {
    /// Reads the first of `rest`; returns how many sentences that took.
    fn sentence(&mut self, rest: &[&str], alone: bool) -> usize {
        let whole = passing::without_talk(without_tag(rest[0]));
        if let Some(importance) = label::only_importance(whole) {
            self.next_importance = Some(importance);
            return 1;
        }
        let raised = self.next_importance.take();
        let label = label::strip(whole);
        let previous = self.previous.replace(label.text.to_owned());
        let earlier = std::mem::take(&mut self.earlier);
        // What the sentence before took back is gone already.
        let there = self.found.len();
        let last_start = std::mem::replace(&mut self.last_start, there).min(there);
        if forget::only_leaves_aside(label.text) && remember::read(whole, alone).is_none() {
            return 1;
        }
        if let Some(used) = self.off_the_record(&label, whole, alone, last_start, previous.as_deref()) {
            return used;
        }
        if self.is_data_of_the_work(label.text, rest.get(1).copied()) {
            self.push_unclear(Whole::Data);
            return 1;
        }
        if !self.begins && self.leaves_one(label.text, last_start) {
            return 1;
        }
        let listed = forget::listed(label.text);
        if !listed.is_empty() {
            for forget in &listed {
                self.push_forget(forget);
            }
            return 1;
        }
        let labelled = label.text != whole;
        let taken_back = previous
            .as_deref()
            .and_then(|previous| forget::taken_back(label.text, previous));
        let here = taken_back
            .or_else(|| forget::read(label.text, previous.as_deref()))
            .or_else(|| labelled.then(|| forget::read(whole, previous.as_deref())).flatten());
        if let Some(forget) = &here {
            // What is told only to say what is to be forgotten is no fact.
            let told = self.found[last_start..].iter().all(|finding| finding.op == Op::State);
            let is_why = || forget.outright && previous.as_deref().is_some_and(antecedent::says_why);
            if !self.begins && told && (forget.points || is_why()) {
                self.found.truncate(last_start);
            }
            self.push_forget(forget);
            if forget::takes_back_words(label.text) {
                self.announced = Announced::Change;
            }
            let explains = |next: &str| antecedent::says_why(next) && forget::read(next, None).is_none();
            return 1 + usize::from(forget.outright && rest.get(1).is_some_and(|next| explains(next)));
        }
        if let Some(forget) = forget::read_late(label.text, previous.as_deref()) {
            self.push_forget(&forget);
            return 1;
        }
        // What memory does not hold is a rule for the work, so reading goes on. An order to drop a rule is none itself.
        if let Some(forget) = forget::read_if_held(label.text) {
            // A bit is struck from a text as well, where one is worked on.
            let of_a_text =
                matches!(forget, forget::IfHeld::Bit(_)) && previous.as_deref().is_some_and(task::is_at_hand);
            let drops_a_rule = matches!(forget, forget::IfHeld::Rule(_));
            if !of_a_text {
                self.push_if_held(forget);
            }
            if drops_a_rule {
                return 1;
            }
        }
        if let Some(used) = self.pass_over(label.text, rest, last_start) {
            return used;
        }
        let order =
            remember::read(whole, alone).or_else(|| labelled.then(|| remember::read(label.text, alone)).flatten());
        if let Some(order) = order {
            let first = self.found.len();
            // "Remember that." after a question, or after a task that an agent went about, asks for what it said.
            let before = previous.filter(|before| !(is_question(before) || earlier && task::is_at_hand(before)));
            let used = self.remember(&order, rest, before.as_deref(), label.importance.or(raised));
            let named = self.remember_of_whom(first, before.as_deref(), earlier);
            if earlier && (named || matches!(order, remember::Order::Before | remember::Order::Near) && used == 1) {
                self.takes_up(first);
            }
            return used;
        }
        let right = previous
            .as_deref()
            .and_then(|previous| slip::put_right(rest[0], previous));
        if let Some(right) = right {
            self.put_right(right, earlier);
            return 1;
        }
        let asked = directive::asked(label.text, label.mark);
        if asked.is_none() && is_question(label.text)
            || is_musing(label.text)
            || task::is_next_step(label.text)
            || unmeant::is_not_meant(label.text)
        {
            return 1;
        }
        // "The key:" before a block that was cut out says nothing, and an apology is none of the work.
        let cut_off = whole.trim_end().ends_with(':') && rest.len() == 1;
        if cut_off || passing::is_of_oneself(whole) {
            return 1;
        }
        if deciding::is_denial(whole) {
            self.announced = Announced::Denial;
            return 1;
        }
        if label::is_only_objection(whole) {
            self.announced = Announced::Objection;
            return 1;
        }
        if label::is_only_change(whole) {
            self.announced = Announced::Change;
            return 1;
        }
        let importance = label.importance.or(raised);
        self.tell(rest, &label, asked, previous.as_deref(), earlier, importance)
    }

    /// "The gates are green. Forget the other colours.": what was told last is what holds now.
    fn leaves_one(&mut self, text: &str, last_start: usize) -> bool {
        static OTHERS: LazyLock<Regex> = LazyLock::new(|| {
            clean::pattern(
                r"(?i)^(?:please )?(?:forget|ignore|scrap|drop|disregard) (?:about )?(?:all )?(?:the|any) others?(?: [\w-]+){0,2}(?:,? please)?[.!]*$",
            )
        });
        let told = self.found[last_start..].iter().all(|finding| finding.op == Op::State);
        if !told || self.found.len() == last_start || !OTHERS.is_match(text) {
            return false;
        }
        for finding in &mut self.found[last_start..] {
            finding.mark.change = true;
        }
        true
    }

    /// How many sentences are only the text of a task or of a part that is played. A joke that is taken back takes the
    /// sentence before it along.
    fn pass_over(&mut self, text: &str, rest: &[&str], last_start: usize) -> Option<usize> {
        if unmeant::takes_back_a_joke(text) {
            self.found.truncate(last_start);
            return Some(1);
        }
        if unmeant::plays_a_part(text) {
            return Some(1 + self.rest_of_the_part(rest));
        }
        unmeant::is_text_of_a_task(text).then_some(1)
    }

    /// How many sentences after the first go on with the part that it gives: those on its line, up to an outright order.
    fn rest_of_the_part(&self, rest: &[&str]) -> usize {
        let line = |at: usize| self.places.get(at).map(|place| place.line);
        rest.iter()
            .enumerate()
            .skip(1)
            .take_while(|(at, text)| line(self.at + at) == line(self.at) && super::order(text, None).is_none())
            .count()
    }

    /// Reads the first of `rest`, which neither orders to keep or to forget nor asks; returns how many sentences that took.
    fn tell(
        &mut self,
        rest: &[&str],
        label: &label::Labelled<'_>,
        asked: Option<Finding>,
        previous: Option<&str>,
        earlier: bool,
        importance: Option<u8>,
    ) -> usize {
        // "That is strictly between us", "that was a joke": it takes back what is told, and is no part of it.
        let unsaid = |next: &&str| forget::read_off_record(next).is_some() || unmeant::takes_back_a_joke(next);
        const NEAR: usize = 12;
        let near = rest.iter().skip(1).take(NEAR).position(unsaid);
        let end = near.map_or(rest.len(), |at| at + 1);
        let rest = &rest[..end];
        let announced = std::mem::replace(&mut self.announced, Announced::Nothing);
        let opens = self.begins || announced != Announced::Nothing;
        let denied = announced == Announced::Denial;
        let before = previous.filter(|_| !earlier);
        let topic = label::under_topic(without_tag(rest[0]), before)
            .or_else(|| label::sets_a_rule_anew(label.text, before).map(|text| (text, true)))
            .or_else(|| label::wish_for_the_topic(without_tag(rest[0])).map(|text| (text, false)));
        let over = before.filter(|before| topic.is_none() && label::follows_what_is_over(label.text, before));
        let joined = over.map(|over| format!("{} {}", end_sentence(over), label.text));
        let (text, anew) = match (&topic, &joined) {
            (Some((text, turn)), _) => (text.as_str(), *turn),
            (None, Some(joined)) => (joined.as_str(), true),
            (None, None) => (label.text, false),
        };
        let decided = deciding::read(text);
        let ended = before.is_some_and(|before| reason::follows_an_end(text, before));
        // "I reconsidered. Serve tea in glasses.": how it is to be done, and not "run the tests".
        let turned = announced == Announced::Change && (!task::is_task(text) || says_the_way(text));
        let mark = Mark {
            change: label.mark.change || anew || denied || decided.is_some() || ended || turned,
            correction: label.mark.correction || announced == Announced::Objection,
            order: label.mark.order || joined.is_some(),
            ..label.mark
        };
        let told = decided.unwrap_or(text);
        let start = self.found.len();
        let mut used = 1;
        if let Some(mut finding) = asked.or_else(|| directive::read(told, mark, rest.get(1).copied())) {
            // The reason stands in the sentence after it, or after what is to be done instead.
            let instead = rest
                .get(1)
                .is_some_and(|next| reason::asks_instead(&finding.text, next));
            let instead = usize::from(instead);
            let reasons = rest[1 + instead..]
                .iter()
                .take(2)
                .take_while(|next| reason::is_reason(next, &finding))
                .count();
            let explained = instead == 0 && opens && self.is_one_left(rest) && reason::explains(rest[1], &finding);
            let reasons = instead + reasons.max(usize::from(explained));
            for reason in &rest[1..=reasons] {
                let reason = reason.trim_end_matches('?');
                finding.text = format!("{} {reason}", end_sentence(&finding.text));
            }
            used += reasons;
            self.found.push(finding);
        } else {
            let next = rest.get(1).copied();
            self.found.extend(statement::read(told, mark, next));
            // What is said to matter, or to be settled, is kept, whatever the rules think of it.
            let least = match () {
                () if importance.is_some() => Some(8),
                () if decided.is_some() || denied && deciding::sets_right(told) => Some(6),
                () => None,
            };
            if self.found.len() == start
                && let Some(importance) = least
                && (3..=60).contains(&told.split_whitespace().count())
            {
                self.found.push(statement::finding(told, mark, importance));
            }
            if self.found.len() == start {
                self.found.extend(update::read(told, mark));
            }
            // "The pattern was right; next time ask before you rewrite it."
            if self.found.len() == start
                && let Some((_, order)) = told
                    .split_once("; ")
                    .filter(|(_, order)| directive::is_for_next_time(order))
            {
                self.found.extend(directive::read(order, mark, None));
            }
            used += self.explain(rest, start, opens);
            // "It has …" goes on about the same thing.
            while self.found.len() > start
                && used < 3
                && rest.get(used).is_some_and(|next| {
                    (statement::goes_on(next, &self.found[start]) || reason::says_what_now(next, &self.found[start]))
                        && forget::read(next, Some(text)).is_none()
                })
            {
                let text = format!("{} {}", end_sentence(&self.found[start].text), rest[used]);
                self.found[start].text = text;
                used += 1;
            }
        }
        while self.found.get(start).is_some_and(|told| {
            rest.get(used).is_some_and(|next| {
                statement::is_rest(next) || reason::takes_back(next, told) || reason::says_what_is_left(next, told)
            })
        }) {
            let last = &mut self.found[start];
            last.text = format!("{} {}", end_sentence(&last.text), rest[used]);
            used += 1;
        }
        let start = self.say_what_is_over(start, before);
        if self.name_what_is_meant(start, previous) && earlier {
            self.takes_up(start);
        }
        let mut at = 0;
        self.found.retain(|finding| {
            at += 1;
            at <= start || !is_empty_talk(&finding.text)
        });
        for finding in &mut self.found[start..] {
            finish(finding, importance);
            finding.mark.change |= announced == Announced::Change;
        }
        if topic.is_some() {
            self.previous = topic.map(|(text, _)| text);
        }
        used
    }

    /// Joins what happened, said in the one sentence that is left, to a rule told as how things are; how many sentences
    /// that took.
    fn explain(&mut self, rest: &[&str], start: usize, opens: bool) -> usize {
        let one = opens && self.found.len() == start + 1 && self.is_one_left(rest);
        let rule = self.found.get_mut(start).filter(|_| one);
        let Some(rule) = rule.filter(|rule| reason::explains_a_rule(rest[1], rule)) else {
            return 0;
        };
        rule.text = format!("{} {}", end_sentence(&rule.text), rest[1]);
        1
    }

    /// Whether one more sentence follows in the message, on the same line.
    fn is_one_left(&self, rest: &[&str]) -> bool {
        let line = |at: usize| self.places.get(at).map(|place| place.line);
        rest.len() == 2 && line(self.at) == line(self.at + 1)
    }

    /// "Sorry, typo, it opens at 7": what the sentence before should have said takes its place.
    fn put_right(&mut self, right: String, earlier: bool) {
        let start = self.found.len();
        let mark = Mark {
            change: true,
            correction: true,
            ..Mark::default()
        };
        self.found
            .extend(statement::read(&right, mark, None).into_iter().take(1));
        for finding in &mut self.found[start..] {
            finish(finding, None);
        }
        if earlier {
            self.takes_up(start);
        }
        self.previous = Some(right);
    }

    /// Notes that a finding takes words from an earlier message.
    fn takes_up(&mut self, at: usize) {
        if let Some(finding) = self.found.get_mut(at) {
            finding.mark.earlier = 1;
        }
    }

    /// "Telex is being dropped. Send the notes by mail instead.": what it is done instead of was said in the sentence
    /// before. Where the finding stands then.
    fn say_what_is_over(&mut self, start: usize, before: Option<&str>) -> usize {
        static INSTEAD: LazyLock<Regex> = LazyLock::new(|| {
            clean::pattern(r"(?i)\binstead(?: everywhere| from now on| in (?:all|every|our|any) [\w -]{2,40})?[.!]*$")
        });
        const SHORT: usize = 12;
        let is_instead = |finding: &Finding| finding.op == Op::State && INSTEAD.is_match(finding.text.trim());
        let over = before.filter(|before| {
            before.split_whitespace().count() <= SHORT
                && !is_question(before)
                && !passing::is_passing(before)
                && !pronoun::points_out(before)
                && (!past_values(before).is_empty() || manner::speaks_of_a_wording(before))
        });
        let (Some(over), Some(finding)) = (over, self.found.get(start)) else {
            return start;
        };
        // What is over may be joined to it already.
        let joined = finding.text.starts_with(over);
        let told = tidy(over);
        let is_told = |last: &Finding| last.text == told && !last.mark.asked;
        let kept = self.found[..start].last().is_some_and(is_told);
        // "We parted ways with Brandt. Coffee comes from Melk now."
        let changes = finding.op == Op::State && (finding.mark.change || label::tells_a_change(&finding.text));
        if !(joined || is_instead(finding) || changes && !kept && label::gives_up(over)) {
            return start;
        }
        let start = start - usize::from(kept);
        if kept {
            self.found.remove(start);
            self.last_start = self.last_start.min(start);
        }
        let finding = &mut self.found[start];
        if !joined {
            finding.text = format!("{} {}", end_sentence(over), finding.text);
        }
        start
    }

    /// A finding that points out of its sentence goes with the sentence before, or not at all. Whether it took that up.
    fn name_what_is_meant(&mut self, start: usize, before: Option<&str>) -> bool {
        // "Bind it to 127.0.0.1, guests can reach the network" says enough.
        let points = |text: &str| {
            pronoun::points_out(text)
                && !manner::is_correction(text)
                && !manner::sets_a_wording(text)
                && !manner::names_it_last(text)
        };
        let Some(first) = self.found.get(start).filter(|f| points(&f.text)) else {
            return false;
        };
        let text = first.text.clone();
        let short = |whole: &str| whole.len() < 300;
        if let Some(last) = start.checked_sub(1).and_then(|at| self.found.get_mut(at))
            && last.op == Op::State
            && before.is_some_and(|before| {
                last.text.ends_with(before.trim_end_matches(['.', '!'])) || last.text == tidy(before)
            })
            && short(&last.text)
        {
            last.text = format!("{} {text}", end_sentence(&last.text));
            self.found.remove(start);
            return false;
        }
        // "The gates are too loud. Close them slowly from now on.": the order holds, whatever becomes of its reason.
        let lasts = standing::says_for_good(&text) || standing::says_when(&text);
        let named = before.filter(|before| {
            let tells = lasts || !passing::is_passing(before);
            short(before) && tells && !is_question(before) && !pronoun::points_out(before)
        });
        match named {
            Some(before) => self.found[start].text = format!("{} {text}", end_sentence(before)),
            None => {
                self.found.remove(start);
            }
        }
        named.is_some()
    }

    /// "Ida is our accountant. Remember that she only works mornings": who or what is meant stands before. What is
    /// remembered of him or her whom nobody named is not kept. Whether the sentence before was taken up.
    fn remember_of_whom(&mut self, first: usize, before: Option<&str>, earlier: bool) -> bool {
        static SOMEBODY: LazyLock<Regex> = LazyLock::new(|| clean::pattern(r"(?i)^(?:he|she)(?:'s|'d|'ll)?\b"));
        let Some(text) = self.found.get(first).map(|finding| finding.text.clone()) else {
            return false;
        };
        let of_somebody = SOMEBODY.is_match(&text);
        let names = |before: &&str| {
            before.len() < 300
                && statement::has_verb(before)
                && !(is_question(before) || passing::is_passing(before) || pronoun::points_out(before))
        };
        let before = before.filter(names);
        let told = before.is_some_and(|before| !task::is_task(before));
        let goes_on = !earlier && told && pronoun::points_out(&text);
        if self.found.len() != first + 1 || !(of_somebody || goes_on) {
            return false;
        }
        let named = self.name_what_is_meant(first, before);
        // It went into the finding before.
        let joined = self.found.len() == first;
        if let Some(last) = self.found[..first]
            .last_mut()
            .filter(|last| joined && last.text.ends_with(&text))
        {
            last.mark.ask();
            last.importance = last.importance.max(8);
        }
        named
    }

    fn push_forget(&mut self, forget: &forget::Forget) {
        if let Some(text) = &forget.restated {
            let mark = Mark {
                change: true,
                ..Mark::default()
            };
            let mut finding = statement::finding(text, mark, 6);
            finish(&mut finding, None);
            self.found.push(finding);
            return;
        }
        let kind = Kind::Project;
        let target = forget.target.clone();
        let mark = Mark {
            asked: forget.outright,
            ..Mark::default()
        };
        self.found.push(Finding {
            op: Op::Forget,
            text: target,
            kind,
            importance: 0,
            mark,
        });
        if let Some(instead) = &forget.instead {
            let change = Mark {
                change: true,
                ..Mark::default()
            };
            let finding = directive::read(instead, change, None)
                .map_or_else(|| statement::read(instead, change, None).into_iter().next(), Some);
            // "Nobody uses it any more" speaks of what is to be forgotten.
            let finding = finding.filter(|finding| !pronoun::points_out(&finding.text));
            self.found.extend(finding.map(|mut finding| {
                if let Some(place) = forget::of_what(&forget.target, &finding.text) {
                    finding.text = format!("{place}, {}", finding.text);
                }
                finish(&mut finding, None);
                finding
            }));
        }
    }

    /// An order that is one where memory holds what it names: `mark.correction` of what is not to be kept, `mark.order` of
    /// a rule, `mark.change` of a bit.
    fn push_if_held(&mut self, forget: forget::IfHeld) {
        let change = matches!(forget, forget::IfHeld::Bit(_));
        let (forget, asked, order) = match forget {
            forget::IfHeld::Mind(forget) => (forget, true, false),
            forget::IfHeld::Thing(forget) | forget::IfHeld::Bit(forget) => (forget, false, false),
            forget::IfHeld::Rule(forget) => (forget, false, true),
        };
        let mark = Mark {
            asked,
            order,
            change,
            correction: !order,
            ..Mark::default()
        };
        self.found.push(Finding {
            op: Op::Forget,
            text: forget.target,
            kind: Kind::Project,
            importance: 0,
            mark,
        });
    }

    /// "Between us, don't write this down: …": nothing of it is kept; how many sentences that took.
    fn off_the_record(
        &mut self,
        label: &label::Labelled<'_>,
        whole: &str,
        alone: bool,
        last_start: usize,
        previous: Option<&str>,
    ) -> Option<usize> {
        let told = forget::read_off_record(label.text).or_else(|| forget::read_off_record(whole))?;
        match told {
            // "Between us, remember that …" asks to keep it.
            forget::OffRecord::Shared if remember::read(whole, alone).is_some() => return None,
            // What an earlier message told may be kept already.
            forget::OffRecord::Before if self.begins => {
                self.push_forget(&forget::last_told(previous?)?);
                return Some(1);
            }
            // So does "remember that …" in the sentence before.
            forget::OffRecord::Before if self.found[last_start..].iter().any(|finding| finding.mark.asked) => {
                return None;
            }
            forget::OffRecord::Before => self.found.truncate(last_start),
            forget::OffRecord::Shared | forget::OffRecord::Forbidden => {}
        }
        self.push_unclear(Whole::OffRecord);
        Some(1)
    }

    /// Whether an order on "my data" stands beside a sentence that is none of a person who leaves.
    fn is_data_of_the_work(&self, text: &str, next: Option<&str>) -> bool {
        let before = self.at.checked_sub(1).and_then(|at| self.places.get(at));
        let beside = next.or(before.map(|place| place.text));
        forget::may_be_of_the_work(text, beside)
    }

    /// What the record is to say of words that name no thing.
    fn push_unclear(&mut self, whole: Whole) {
        self.found.push(Finding {
            op: Op::Forget,
            text: whole.target().to_owned(),
            kind: Kind::Project,
            importance: 0,
            mark: Mark::default(),
        });
    }

    /// How many of the sentences after an order to remember it is about: a list to its end, or at most so many.
    fn ordered(&self, most: usize) -> usize {
        let after = &self.places[self.at + 1..];
        let list = most > 1 && after.first().is_some_and(|place| place.item);
        let most = if list { remember::LONGEST_LIST } else { most };
        after
            .iter()
            .take(most)
            .take_while(|place| if list { place.item } else { !place.gap })
            .take_while(|place| !is_question(place.text) && !is_farewell(place.text))
            .count()
    }

    /// Keeps what was asked to be remembered, whatever else the rules think of it.
    fn remember(&mut self, order: &remember::Order, rest: &[&str], before: Option<&str>, raised: Option<u8>) -> usize {
        let numbered = numbered(rest);
        let several = match order {
            remember::Order::This(text) => remember::several(text),
            _ => Vec::new(),
        };
        let (payloads, used): (Vec<&str>, usize) = match order {
            _ if !several.is_empty() => (several.iter().map(String::as_str).collect(), 1),
            _ if numbered.len() > 1 => {
                let used = 1 + numbered.len();
                (numbered, used)
            }
            remember::Order::This(text) => (vec![text.as_str()], 1),
            remember::Order::AndAfter(text, most) => {
                let used = 1 + self.ordered(*most);
                let first = std::iter::once(text.as_str());
                (first.chain(rest[1..used].iter().copied()).collect(), used)
            }
            remember::Order::Near if self.begins && rest.len() > 1 => {
                return self.remember(&remember::Order::After(1), rest, before, raised);
            }
            remember::Order::Before | remember::Order::Near => (before.into_iter().collect(), 1),
            remember::Order::After(most) => {
                let used = 1 + self.ordered(*most);
                (rest[1..used].to_vec(), used)
            }
        };
        // What is asked to be remembered replaces what a rule made of the same sentence.
        if matches!(order, remember::Order::Before | remember::Order::Near)
            && let Some(last) = self.found.last_mut()
            && last.op == Op::State
        {
            last.mark.ask();
            last.importance = last.importance.max(8);
            return 1;
        }
        let counted = payloads.len() > 1;
        for payload in payloads {
            let payload = if counted {
                remember::without_count(payload)
            } else {
                payload
            };
            let inner = label::strip(payload);
            let mut mark = inner.mark;
            mark.ask();
            mark.passing = false;
            let mut finding = directive::read(inner.text, mark, None).unwrap_or_else(|| Finding {
                op: Op::State,
                kind: statement::kind_of(inner.text),
                text: inner.text.to_owned(),
                importance: 8,
                mark,
            });
            finding.importance = finding.importance.max(8);
            finish(&mut finding, inner.importance.or(raised));
            if finding.text.chars().filter(|c| c.is_alphanumeric()).count() > 2 {
                self.found.push(finding);
            }
        }
        self.previous = self.found.last().map(|f| f.text.clone());
        used
    }
}

/// "Please remember: 1. the lab closes at noon 2. the key hangs in the porch": the things after an order in one line, where
/// the number of each stands at the end of the sentence before. Empty where there is no such list.
pub(super) fn numbered<'a>(sentences: &[&'a str]) -> Vec<&'a str> {
    let before = |sentence: &'a str, number: usize| {
        let said = sentence.strip_suffix(&format!("{number}."))?;
        said.ends_with(char::is_whitespace).then(|| said.trim_end())
    };
    let mut things = Vec::new();
    let head = sentences.first().copied().and_then(|head| before(head, 1));
    if !head.is_some_and(|head| head.ends_with(':')) {
        return things;
    }
    for (at, sentence) in sentences.iter().copied().enumerate().skip(1) {
        let Some(thing) = before(sentence, at + 1) else {
            things.push(sentence);
            break;
        };
        things.push(thing);
    }
    things
}

/// "Serve the tea in glasses", "count it by sacks": an order that ends in how.
fn says_the_way(text: &str) -> bool {
    static WAY: LazyLock<Regex> = LazyLock::new(|| {
        clean::pattern(
            r"(?i)\b(?:in|as|with|by|per|without) [a-z][\w-]*(?: [a-z][\w-]*)?(?:,? (?:please|now|again|instead|from now on))*[.!]*$",
        )
    });
    // "In the drawer", "by noon": where and when.
    static ELSE: LazyLock<Regex> = LazyLock::new(|| {
        clean::pattern(
            r"(?i)\b(?:in|as|with|by) (?:the|a|an|this|that|my|our|your|it|them|me|us|noon|tonight|tomorrow|\w+day|\d)\b[^,]*$",
        )
    });
    WAY.is_match(text) && !ELSE.is_match(text)
}
