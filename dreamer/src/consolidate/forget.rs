//! Orders to forget: what they name goes, and stays away.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use jiff::Timestamp;
use regex::Regex;

use super::Work;
use super::wanted::Wanted;
use crate::dates::{MONTH_NAMES, is_weekday};
use crate::fact::{Finding, Kind, Source};
use crate::orient::{Author, Fact, Foreign};
use crate::rules::{self, Whole};
use crate::text::clean::pattern;
use crate::text::words::Features;
use crate::tombstone::Tombstone;

/// Why orders are not carried out, and what to do then.
const EVERYTHING: &str = "an order to forget everything is not carried out, for a dream empties no memory: say what is to \
                          be forgotten, or take files out with `remanence rm`";
const BUT_FOR: &str = "an order to forget everything but for something is not carried out: say what is to be forgotten, or \
                       take files out with `remanence rm`";
const DATA: &str = "an order to forget \"my data\" stands beside other work and was not carried out: for what is known of a \
                    person say \"forget what you know about me\"";
const OFF_RECORD: &str = "what was told off the record, or not to be written down, is not kept";
const NOTHING_HELD: &str = "an order to forget names nothing that memory holds";

impl Work<'_> {
    /// Takes out what was asked to be forgotten, and keeps it out.
    pub(super) fn forget(&mut self, order: &Finding, source: &Source) {
        let time = source.time;
        match Whole::named(&order.text) {
            Some(Whole::Asker) => return self.forget_asker(source),
            Some(Whole::Memory) => return self.say(EVERYTHING),
            Some(Whole::ButFor) => return self.say(BUT_FOR),
            Some(Whole::Data) => return self.say(DATA),
            Some(Whole::OffRecord) => return self.say(OFF_RECORD),
            None => {}
        }
        if order.mark.order {
            return self.drop_rule(&order.text, time);
        }
        if order.mark.correction && !order.mark.asked {
            return self.keep_no_longer(order, time);
        }
        // "The build is red. Ah, forget it" is no order to forget all builds.
        let thing = rules::thing_of(&order.text).filter(|_| order.mark.asked);
        let texts = std::iter::once(order.text.as_str()).chain(thing);
        let readings: Vec<Wanted> = texts.flat_map(|text| Wanted::readings(text, self.names)).collect();
        let Some(closest) = readings.iter().find(|wanted| !wanted.is_whole()) else {
            return self.say("an order to forget names nothing in particular");
        };
        let found = readings.iter().find(|wanted| self.take_out(wanted, time));
        if found.is_none() && !self.take_out_one_by_one(&order.text, time) {
            self.say(NOTHING_HELD);
            // "Do not remember the last tab" is a rule for the work, then.
            if order.mark.correction {
                return;
            }
        }
        let stone = Tombstone::of_name(&found.unwrap_or(closest).about, time, self.dream);
        self.lay(stone);
    }

    fn say(&mut self, reason: &str) {
        self.reasons.insert(reason.to_owned());
    }

    /// "Scrap the rule about looms": the one there is.
    fn drop_rule(&mut self, text: &str, time: Timestamp) {
        let Some(wanted) = closest(text, self.names) else {
            return;
        };
        let is_meant = |fact: &Fact| fact.known.mark.order && wanted.share(&fact.text, &fact.features) >= 1.0;
        let meant: Vec<usize> = self
            .older(time)
            .filter(|(_, fact)| is_meant(fact))
            .map(|(at, _)| at)
            .collect();
        match meant[..] {
            [] => self.say("an order to drop a rule names none that memory holds"),
            [at] => self.take(at, time),
            _ => self.say("an order to drop a rule was not carried out: memory holds several such rules, say which"),
        }
    }

    /// "Never keep the guest wifi": what somebody asked to be remembered, and is about nothing else. All else may be a
    /// rule for the work.
    fn keep_no_longer(&mut self, order: &Finding, time: Timestamp) {
        let Some(wanted) = closest(&order.text, self.names) else {
            return;
        };
        // "Never keep the invoices": the work makes more of the kind.
        let one = !is_of_a_kind(&order.text);
        let known: Vec<(usize, bool)> = self
            .older(time)
            .filter(|(_, fact)| wanted.share(&fact.text, &fact.features) >= 1.0)
            .map(|(at, fact)| (at, one && fact.known.mark.asked && wanted.is_subject(&fact.features)))
            .collect();
        let meant: Vec<usize> = known.iter().filter(|(_, meant)| *meant).map(|(at, _)| *at).collect();
        if meant.is_empty() {
            if !known.is_empty() {
                self.say(
                    "words not to keep something, or to strike it, may be said of the work: what memory holds of it \
                     stays, \"forget …\" takes it out",
                );
            } else if order.mark.change {
                self.say(NOTHING_HELD);
            }
            return;
        }
        for at in meant {
            self.take(at, time);
        }
        let stone = Tombstone::of_name(&wanted.about, time, self.dream);
        self.lay(stone);
    }

    /// What is known of the person who asks. A fact says "the user" of everybody, so it is theirs where the agent heard it
    /// that hears the order, and where it names them.
    fn forget_asker(&mut self, source: &Source) {
        let time = source.time;
        let heard = |s: &Source| s.session.store == source.session.store && s.session.agent == source.session.agent;
        let (mut meant, mut of_others) = (BTreeSet::new(), false);
        let mut names: BTreeSet<String> = BTreeSet::new();
        for (at, fact) in self.older(time) {
            if !is_of_a_user(fact) {
                continue;
            }
            if fact.known.sources.iter().any(heard) {
                meant.insert(at);
                names.extend(own_name(&fact.text));
            } else {
                of_others = true;
            }
        }
        let is_named = |text: &str| names.iter().any(|name| names_person(text, name));
        let named = self.older(time).filter(|(_, fact)| is_named(&fact.text));
        meant.extend(named.map(|(at, _)| at));
        let lines = self.take_lines(time, |line| {
            rules::tells_of_the_user(&line.line) || is_named(&line.line)
        });
        if meant.is_empty() && !lines && !of_others {
            self.say("an order to forget a person names nobody of whom memory holds something");
        }
        if of_others {
            self.say(
                "an order to forget a person leaves what other agents were told by \"the user\": it may be somebody else's; \
                 say what is to be forgotten, or take lines out with `remanence edit`",
            );
        }
        for at in meant {
            self.take(at, time);
        }
    }

    fn take(&mut self, at: usize, time: Timestamp) {
        self.retire(at);
        self.counts.forgotten += 1;
        let stone = Tombstone::of_fact(&self.memory.facts[at].features, time, self.dream);
        self.lay(stone);
    }

    /// Takes out the lines beside the facts that are meant and were there by then; whether there are any.
    fn take_lines(&mut self, time: Timestamp, is_meant: impl Fn(&Foreign) -> bool) -> bool {
        let lines = self.memory.foreign.iter().enumerate();
        let lines: Vec<usize> = lines
            .filter(|(_, line)| line.time.is_none_or(|t| t <= time) && is_meant(line))
            .map(|(at, _)| at)
            .collect();
        for at in &lines {
            self.take_line(*at);
        }
        !lines.is_empty()
    }

    /// Takes out a line of an agent. What a person wrote, and what is pinned, stays, and the record says so.
    fn take_line(&mut self, at: usize) {
        let line = &self.memory.foreign[at];
        let file = &line.file;
        if self.settings.is_pinned(file) {
            let why = format!("an order to forget names a line in {file}, which is pinned: it stays");
            self.reasons.insert(why);
        } else if line.author == Author::Person {
            let why = format!("an order to forget names a line that a person wrote in {file}: it stays");
            self.reasons.insert(why);
        } else if self.memory.dropped.insert((file.clone(), line.line.clone())) {
            self.counts.forgotten += 1;
        }
    }

    /// Whether memory held something of what is named in a row: of each thing one fact, for its word may stand in others.
    fn take_out_one_by_one(&mut self, text: &str, time: Timestamp) -> bool {
        let mut found = false;
        for wanted in Wanted::one_by_one(text, self.names) {
            let told = |fact: &Fact| wanted.share(&fact.text, &fact.features) >= 1.0;
            if self.older(time).filter(|(_, fact)| told(fact)).count() == 1 {
                found |= self.take_out(&wanted, time);
            }
        }
        found
    }

    /// Whether memory held something of what is wanted.
    fn take_out(&mut self, wanted: &Wanted, time: Timestamp) -> bool {
        let scored: Vec<(usize, f32)> = self
            .older(time)
            .map(|(at, fact)| (at, wanted.share(&fact.text, &fact.features)))
            .collect();
        let best = scored.iter().map(|(_, share)| *share).fold(0.0, f32::max);
        let least = wanted.least(best);
        // Of kiln 3 all is found: what is said in the same words of kiln 4 is not meant.
        let is_other = |at: usize| best >= 1.0 && wanted.lacks_a_value(&self.memory.facts[at].features);
        let mut meant: BTreeSet<usize> = scored
            .into_iter()
            .filter(|(at, share)| *share >= 1.0 || *share >= least && !is_other(*at))
            .map(|(at, _)| at)
            .collect();
        let several = self.drop_namesakes(wanted, &mut meant);
        let names: BTreeSet<String> = meant
            .iter()
            .flat_map(|at| wanted.names_in(&self.memory.facts[*at].features))
            .collect();
        let tells = |fact: &Features| !fact.stems.is_disjoint(&names);
        meant.extend(
            self.older(time)
                .filter(|(_, fact)| tells(&fact.features))
                .map(|(at, _)| at),
        );
        let mut found = several || !meant.is_empty();
        for at in meant {
            self.take(at, time);
        }
        found |= self.take_lines(time, |line| {
            let is_meant = wanted.share(&line.line, &line.features) >= least.max(0.6) || tells(&line.features);
            let namesake = wanted.name().and_then(|name| surname(&line.line, name));
            is_meant && !(several && namesake.is_some())
        });
        found
    }

    /// "Forget Ida" where one fact is on Ida and one on Ida Larkin: who has another name beside it stays. Whether there are
    /// several people of that name.
    fn drop_namesakes(&mut self, wanted: &Wanted, meant: &mut BTreeSet<usize>) -> bool {
        let Some(name) = wanted.name() else {
            return false;
        };
        let surname_of = |at: &usize| surname(&self.memory.facts[*at].text, name);
        let people: BTreeSet<Option<&str>> = meant.iter().map(surname_of).collect();
        if people.len() < 2 {
            return false;
        }
        meant.retain(|at| surname_of(at).is_none());
        self.say(
            "an order to forget a name leaves who, or what, has another name beside it: say it in full to forget them",
        );
        true
    }

    /// The facts there are that were said no later.
    fn older(&self, time: Timestamp) -> impl Iterator<Item = (usize, &Fact)> {
        let facts = self.memory.facts.iter().enumerate();
        // A fact from the future is older than its clock said.
        let old = move |fact: &Fact| fact.known.time <= time || fact.known.time > self.now;
        facts.filter(move |(at, fact)| self.alive[*at] && old(fact))
    }

    pub(super) fn lay(&mut self, stone: Tombstone) {
        let same = |t: &Tombstone| t.pairs == stone.pairs && t.named == stone.named && t.time >= stone.time;
        if !self.tombstones.iter().any(same) {
            self.tombstones.push(stone);
        }
    }
}

/// The reading of an order's words that leaves out the aspects.
fn closest(text: &str, names: &BTreeSet<String>) -> Option<Wanted> {
    Wanted::readings(text, names)
        .into_iter()
        .find(|wanted| !wanted.is_whole())
}

/// "The invoices": more than one thing.
fn is_of_a_kind(text: &str) -> bool {
    let last = text.split_whitespace().next_back().unwrap_or_default();
    last.ends_with('s') && last.len() > 3 && !["ss", "us", "is", "'s", "’s"].iter().any(|end| last.ends_with(end))
}

/// What follows a first name in a text where the person is named with another one: the "Larkin" of "Ida Larkin has the
/// key", nothing of "Ida has the key".
fn surname<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let at = text.find(name)?;
    let after = text[at + name.len()..].strip_prefix(' ')?;
    let word = after.split(|c: char| !(c.is_alphanumeric() || c == '-')).next()?;
    // "Ida Mondays at nine": a day is no name.
    let is_day = is_weekday(&word.to_lowercase()) || MONTH_NAMES.contains(&word);
    let capital = word.chars().next().is_some_and(char::is_uppercase) && !is_day;
    (capital && word.chars().nth(1).is_some_and(char::is_lowercase)).then_some(word)
}

/// What a person told of themself. The user service of a shop is none of it.
fn is_of_a_user(fact: &Fact) -> bool {
    rules::tells_of_the_user(&fact.text)
        || fact.known.kind == Kind::User && !fact.text.to_lowercase().starts_with("the user")
}

/// "The user's name is Ida Larkin".
fn own_name(text: &str) -> Option<String> {
    static NAME: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^the user(?:['’]s (?:full |own )?name is|(?: is|['’]s)? (?:called|named)) (?P<name>(?-i:[A-Z])[\w'’-]+(?: (?-i:[A-Z])[\w'’-]+){0,2})",
        )
    });
    Some(NAME.captures(text)?["name"].to_owned())
}

/// Whether a text speaks of the person of that name: of a first name alone, "Ida Quarn" is somebody else, and what is
/// called Ida is a thing.
fn names_person(text: &str, name: &str) -> bool {
    let whole = name.contains(' ');
    text.match_indices(name).any(|(at, found)| {
        let (before, after) = (&text[..at], &text[at + found.len()..]);
        let apart = !before.ends_with(char::is_alphanumeric) && !after.starts_with(char::is_alphanumeric);
        let last = before.split_whitespace().next_back().unwrap_or_default();
        let of_a_thing = matches!(
            last.to_lowercase().as_str(),
            "called" | "named" | "the" | "a" | "an" | "our" | "this" | "that"
        );
        let of_another = last.starts_with(char::is_uppercase) && before.split_whitespace().count() > 1
            || after
                .strip_prefix(' ')
                .is_some_and(|after| after.starts_with(char::is_uppercase));
        apart && (whole || !of_a_thing && !of_another)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn things_of_a_kind_and_namesakes() {
        for text in ["the invoices", "the guest lists", "our seals"] {
            assert!(is_of_a_kind(text), "{text}");
        }
        for text in ["the guest wifi", "the bus", "the glass", "Ida's", "the thesis"] {
            assert!(!is_of_a_kind(text), "{text}");
        }
        for (text, other) in [
            ("The user's dentist is Ida Larkin", Some("Larkin")),
            ("Ida Quarn-Holm has the key", Some("Quarn-Holm")),
            ("Ida has the key", None),
            ("Ida's key is in hall 3", None),
            ("The key is with Ida", None),
            ("Ida, Larkin and Quarn have keys", None),
            ("Ida VPN", None),
        ] {
            assert_eq!(surname(text, "Ida"), other, "{text}");
        }
    }

    #[test]
    fn a_person_is_known_by_the_name_they_told() {
        for (text, name) in [
            ("The user's name is Ida and they live in Oulu", Some("Ida")),
            ("The user is called Ida Larkin", Some("Ida Larkin")),
            ("The user's sister is called Ruth", None),
            ("The boat is called Ida", None),
        ] {
            assert_eq!(own_name(text).as_deref(), name, "{text}");
        }
        for text in ["Ida has the key", "Ask Ida before you move a loom", "The key is Ida's"] {
            assert!(names_person(text, "Ida"), "{text}");
        }
        for text in [
            "Ida Quarn has the key",
            "The boat is called Ida",
            "The Ida server is old",
            "Idaho is far",
            "The key is with Mr Ida",
        ] {
            assert!(!names_person(text, "Ida"), "{text}");
        }
        assert!(names_person("The shed is Ida Larkin's", "Ida Larkin"));
    }
}
