//! The rules: what a person's own sentence asks to keep or to forget.

mod answers;
mod antecedent;
mod claim;
mod deciding;
mod directive;
mod evidence;
mod forget;
mod grounded;
mod label;
mod lasting;
mod life;
mod manner;
mod passing;
mod pronoun;
mod reason;
mod remember;
mod retell;
mod runs;
mod slip;
mod standing;
mod statement;
mod suspect;
mod task;
#[cfg(test)]
mod tests;
mod tools;
mod topical;
mod weight;

pub use answers::Asked;
pub use evidence::{Origin, ToolResult, is_change, is_run, is_unsafe, leads_to_memory, moved_to, origin};
pub use forget::{Whole, is_not_to_keep};
pub use grounded::{agents_words, grounded};
pub use lasting::{outlasts, sets_a_task};
pub(crate) use life::{Talk, read as of_a_life};
pub(crate) use retell::{is_past_form, tells_of_the_user};
pub use runs::Runs;
pub use suspect::Suspect;
pub use tools::{COMMAND, Commands, goes_on, run};

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use crate::dates;
use crate::fact::{Finding, Kind, Mark, Op};
use crate::text::clean;
use crate::text::long::Reach;
use crate::text::past::past_values;
use crate::text::sentence::{self, Placed};
use crate::text::words::features;

/// The words a person typed themselves. Empty where none are left.
pub fn own_words(message: &str) -> String {
    clean::own_words(message, order)
}

/// What a person's own words of a message (`own_words`) say, in order. `before` is the last sentence they typed earlier
/// in the session.
pub fn read(own: &str, before: Option<&str>) -> (Vec<Finding>, Option<String>) {
    let mut places = sentence::placed(own);
    places.retain(|place| !place.text.contains('\u{fffd}') && !is_of_another_script(place.text));
    let sentences: Vec<&str> = places.iter().map(|place| place.text).collect();
    let mut reader = Reader {
        places: &places,
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

/// What an order to forget names, where it was told in a sentence that says nothing else of it that is known.
pub fn thing_of(target: &str) -> Option<&str> {
    antecedent::thing_of(target)
}

/// Words of scripts without spaces between them: a rule that finds an English word among them has not read the sentence.
fn is_of_another_script(text: &str) -> bool {
    const FIRST: char = '\u{2e80}';
    const FEW: usize = 3;
    let of_it = |c: char| c >= FIRST && c.is_alphabetic();
    if text.chars().filter(|c| of_it(*c)).count() <= FEW {
        return false;
    }
    // "Our client 春の庭株式会社 pays within 60 days": a name among English words.
    let (names, others): (Vec<&str>, Vec<&str>) = text.split_whitespace().partition(|word| word.contains(of_it));
    let is_name = |word: &str| !word.contains(|c: char| c.is_ascii_alphanumeric() || "、。・，！？".contains(c));
    let english = others
        .iter()
        .filter(|word| {
            word.trim_matches([',', '.', ':', ';', '!'])
                .chars()
                .all(|c| c.is_ascii_alphabetic())
        })
        .count();
    !(names.len() == 1 && names.iter().copied().all(is_name) && english > FEW)
}

/// Whether a line orders outright to keep or to forget something.
pub fn orders(line: &str) -> bool {
    sentence::split(line)
        .into_iter()
        .any(|sentence| order(sentence, None).is_some())
}

/// Whether a sentence orders outright to keep or to forget something, and what it takes beside itself.
fn order(sentence: &str, before: Option<&str>) -> Option<Reach> {
    let text = label::strip(sentence).text;
    let forget = forget::read(text, before).or_else(|| forget::read_late(text, before));
    if let Some(forget) = forget.filter(|forget| forget.outright) {
        return Some(if forget.points { Reach::Before } else { Reach::Alone });
    }
    let order = remember::read(sentence, false)
        .or_else(|| (text != sentence).then(|| remember::read(text, false)).flatten())?;
    Some(match order {
        remember::Order::This(_) => Reach::Alone,
        remember::Order::Before | remember::Order::Near => Reach::Before,
        remember::Order::After(_) => Reach::After,
    })
}

/// Whether words that are left of a sentence still say something.
pub fn says_something(text: &str) -> bool {
    statement::has_verb(text) && !pronoun::points_out(text)
}

/// Whether a message asks to remember what was said before it: "Great, remember that."
pub fn points_back(own: &str) -> bool {
    let sentences = sentence::split(own);
    let alone = sentences.len() == 1;
    let points = |text: &str| {
        matches!(
            remember::read(text, alone),
            Some(remember::Order::Before | remember::Order::Near)
        )
    };
    sentences
        .iter()
        .any(|sentence| points(sentence) || points(label::strip(sentence).text))
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
        let last_start = std::mem::replace(&mut self.last_start, self.found.len());
        if forget::only_leaves_aside(label.text) && remember::read(whole, alone).is_none() {
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
        let here = forget::read(label.text, previous.as_deref())
            .or_else(|| labelled.then(|| forget::read(whole, previous.as_deref())).flatten());
        if let Some(forget) = &here {
            // What is told only to say what is to be forgotten is no fact.
            let told = self.found[last_start..].iter().all(|finding| finding.op == Op::State);
            let is_why = || forget.outright && previous.as_deref().is_some_and(antecedent::says_why);
            if !self.begins && told && (forget.points || is_why()) {
                self.found.truncate(last_start);
            }
            self.push_forget(forget);
            let explains = |next: &str| antecedent::says_why(next) && forget::read(next, None).is_none();
            return 1 + usize::from(forget.outright && rest.get(1).is_some_and(|next| explains(next)));
        }
        if let Some(forget) = forget::read_late(label.text, previous.as_deref()) {
            self.push_forget(&forget);
            return 1;
        }
        // What memory does not hold is a rule for the work, so reading goes on.
        if let Some(forget) = forget::read_if_held(label.text) {
            self.push_if_held(forget);
        }
        let order =
            remember::read(whole, alone).or_else(|| labelled.then(|| remember::read(label.text, alone)).flatten());
        if let Some(order) = order {
            let first = self.found.len();
            // "Remember that." after a question, or after a task that an agent went about, asks for what it said.
            let before = previous.filter(|before| !(is_question(before) || earlier && task::is_at_hand(before)));
            let used = self.remember(&order, rest, before.as_deref(), label.importance.or(raised));
            if earlier && matches!(order, remember::Order::Before | remember::Order::Near) && used == 1 {
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
        if asked.is_none() && is_question(label.text) || is_musing(label.text) || task::is_next_step(label.text) {
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
        let mark = Mark {
            change: label.mark.change || anew || denied || decided.is_some() || ended,
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
        let points =
            |text: &str| pronoun::points_out(text) && !manner::is_correction(text) && !manner::sets_a_wording(text);
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
        let named = before.filter(|before| {
            short(before) && !is_question(before) && !passing::is_passing(before) && !pronoun::points_out(before)
        });
        match named {
            Some(before) => self.found[start].text = format!("{} {text}", end_sentence(before)),
            None => {
                self.found.remove(start);
            }
        }
        named.is_some()
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
    /// a rule.
    fn push_if_held(&mut self, forget: forget::IfHeld) {
        let (forget, asked, order) = match forget {
            forget::IfHeld::Mind(forget) => (forget, true, false),
            forget::IfHeld::Thing(forget) => (forget, false, false),
            forget::IfHeld::Rule(forget) => (forget, false, true),
        };
        let mark = Mark {
            asked,
            order,
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
            last.mark.asked = true;
            last.importance = last.importance.max(8);
            return 1;
        }
        let counted = payloads.len() > 1;
        for payload in payloads {
            let payload = if counted { remember::without_count(payload) } else { payload };
            let inner = label::strip(payload);
            let mut mark = inner.mark;
            mark.asked = true;
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
fn numbered<'a>(sentences: &[&'a str]) -> Vec<&'a str> {
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

/// The last touches that every kept sentence gets.
fn finish(finding: &mut Finding, importance: Option<u8>) {
    if let Some(importance) = importance.or_else(|| label::importance_within(&finding.text)) {
        finding.importance = finding.importance.max(importance);
        finding.mark.passing = false;
    }
    finding.mark.change |= label::tells_a_change(&finding.text);
    finding.text = tidy(&finding.text);
}

/// One line, without a full stop at the end, beginning with a capital; "my" said by whom.
pub(crate) fn tidy(text: &str) -> String {
    let text: String = text.chars().filter(|c| !clean::is_invisible(*c)).collect();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let text = text.trim_matches(|c: char| matches!(c, ',' | ';' | ':' | '-' | '–' | '—' | ' ' | '>'));
    let text = text
        .strip_suffix('.')
        .filter(|t| !t.ends_with('.'))
        .unwrap_or(text)
        .trim_end_matches('!');
    let text = retell::by_whom(text);
    let text = unbalanced(&text);
    let mut chars = text.chars();
    match chars.next() {
        // An identifier keeps its case.
        Some(first) if first.is_lowercase() && !starts_with_identifier(&text) => {
            first.to_uppercase().chain(chars).collect()
        }
        _ => text,
    }
}

/// Drops a quotation mark or bracket that lost its other half.
fn unbalanced(text: &str) -> String {
    let mut out = text.to_owned();
    if out.matches('"').count() == 1 || out.matches('`').count() % 2 == 1 {
        out = out.replace(['"', '`'], "");
    }
    if out.matches(')').count() > out.matches('(').count() {
        out = out.trim_end_matches(')').to_owned();
    }
    out
}

fn starts_with_identifier(text: &str) -> bool {
    let first = text.split_whitespace().next().unwrap_or_default();
    first.contains(['/', '_', '.', '(', '='])
        || first.chars().skip(1).any(char::is_uppercase)
        || first.starts_with("--")
}

/// "Nobody uses it any more": without the sentence before, nobody knows what it is about.
fn is_empty_talk(text: &str) -> bool {
    const POINTS: [&str; 7] = ["it", "this", "that", "them", "these", "those", "they"];
    let found = features(text, &BTreeSet::new());
    let points = found.sequence.iter().any(|w| POINTS.contains(&w.as_str()));
    points && found.values.is_empty() && found.stems.len() <= 2
}

/// "Thanks!" ends a list and is none of it.
fn is_farewell(text: &str) -> bool {
    const WORDS: [&str; 6] = ["thanks", "thank you", "thx", "cheers", "regards", "best"];
    let lower = text.to_lowercase();
    lower.split_whitespace().count() <= 4 && WORDS.iter().any(|word| lower.starts_with(word))
}

fn end_sentence(text: &str) -> String {
    let text = text.trim_end();
    if text.ends_with(['.', '!', ';', ':']) {
        text.to_owned()
    } else {
        format!("{text}.")
    }
}

/// "Perhaps one day we …", "I sometimes wonder if …": nobody decided anything.
fn is_musing(text: &str) -> bool {
    static MUSES: LazyLock<Regex> = LazyLock::new(|| {
        clean::pattern(
            r"(?i)^(?:(?:perhaps|maybe|possibly|someday|some day|one day|at some point|in theory),? (?:we|i|you|they|one day|some ?day|the|our|it|someone|somebody|next|later|this|that)\b|what if\b|i (?:sometimes|often|still|do)? ?(?:wonder|dream|could imagine|daydream)\b|(?:we|i|one|they) (?:might|could) (?:perhaps|maybe|one day|some ?day|as well|eventually|also)\b)|\b(?:(?:just|only) (?:an idea|a thought|dreaming|musing)|thinking (?:aloud|out loud))\b",
        )
    });
    MUSES.is_match(text)
}

/// A sentence without the "ok?" at its end: whoever says that asks nothing. "Is it ok?" does.
fn without_tag(text: &str) -> &str {
    static TAG: LazyLock<Regex> = LazyLock::new(|| {
        clean::pattern(r"(?i)(?P<comma>,)? (?:ok(?:ay)?|alright|all right|understood|got it|got that)\s*\?+\s*$")
    });
    const BE: [&str; 10] = [
        "is", "are", "be", "was", "were", "looks", "seems", "still", "all", "not",
    ];
    let Some(found) = TAG.captures(text) else {
        return without_guess(text);
    };
    let rest = &text[..text.len() - found[0].len()];
    let last = rest.split_whitespace().next_back().unwrap_or_default().to_lowercase();
    let told = found.name("comma").is_some() || statement::has_finite_verb(rest);
    if told && rest.split_whitespace().count() >= 4 && !BE.contains(&last.as_str()) {
        rest
    } else {
        text
    }
}

/// "Since Monday the gate is shut, maybe that's why nobody came?": what is told in front of a guess. What somebody did, and
/// what goes wrong without a day, is part of the question.
fn without_guess(text: &str) -> &str {
    static GUESS: LazyLock<Regex> = LazyLock::new(|| {
        clean::pattern(
            r"(?i)(?:,|;| –| —| -) ?(?:(?:so|and|maybe|perhaps|possibly|probably) )*(?:(?:that|this)(?:['’]?s| is| might be| may be| could be)|(?:is|might|may|could) (?:that|this)(?: be)?) (?:(?:maybe|perhaps|probably) )?(?:the reason|why)\b[^?]*\?\s*$",
        )
    });
    static OF_SOMEBODY: LazyLock<Regex> =
        LazyLock::new(|| clean::pattern(r"(?i)\b(?:i|i['’]\w+|you|you['’]\w+|your|my)\b"));
    let Some(found) = GUESS.find(text) else { return text };
    let told = &text[..found.start()];
    let dated = dates::is_relative(told) || label::tells_a_change(told);
    let tells = told.split_whitespace().count() >= 4 && statement::has_verb(told) && !told.contains('?');
    if dated && tells && !is_question(told) && !OF_SOMEBODY.is_match(told) {
        told
    } else {
        text
    }
}

pub(crate) fn is_question(text: &str) -> bool {
    const ASKS: [&str; 30] = [
        "what ",
        "who ",
        "whose ",
        "where ",
        "how ",
        "why ",
        "which ",
        "is ",
        "are ",
        "was ",
        "were ",
        "does ",
        "do you ",
        "did ",
        "can you ",
        "could you ",
        "would you ",
        "will you ",
        "should ",
        "shall ",
        "can u ",
        "could u ",
        "would u ",
        "will u ",
        "can we ",
        "can i ",
        "may i ",
        "have you ",
        "has ",
        "do we ",
    ];
    // "Whats the difference between …": "what's more: …" asks nothing.
    static WHATS: LazyLock<Regex> = LazyLock::new(|| {
        clean::pattern(
            r"(?i)^(?:what|where|how|who)['’]?s (?:the|an?|this|that|our|your|my|it|wrong|going on|up with|in the)\b[^,:;]*$",
        )
    });
    let lower = text.to_lowercase();
    // "Why do you edit the output, it is generated." asks nothing.
    if lower.starts_with("why ") && text.contains(',') && text.ends_with('.') {
        return false;
    }
    text.trim_end_matches(['"', ')', ' ']).ends_with('?')
        || WHATS.is_match(text)
        || ASKS.iter().any(|ask| lower.starts_with(ask))
}
