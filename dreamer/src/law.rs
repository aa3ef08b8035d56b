//! What people wrote into memory, read as a person reads it: sentence by sentence, the row of a table by its cells, a rule
//! under its heading. What agents were told must not say otherwise.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use jiff::Timestamp;
use regex::Regex;

use crate::consolidate::{same_question, values_of};
use crate::memory_file::{self, body_start};
use crate::similar::{Relation, end_otherwise, hedged, relation};
use crate::text::clean::pattern;
use crate::text::past::past_values;
use crate::text::sentence;
use crate::text::vocabulary::STOP;
use crate::text::words::{Features, Value, akin, features, stem};

/// "(Ilse, stores)", "-- Ilse", "- Ilse": who says so.
static SIGNED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\s*(?:\((?P<note>[^()]{2,41})\)|(?:--|—|–)\s*[A-Z][^.:;]{1,40}|\s-\s(?P<who>[A-Z][\w'’]+(?:\s[A-Z][\w'’]+)?))\s*$",
    )
});

/// A line without who says so at its end.
fn unsigned<'a>(line: &'a str, names: &BTreeSet<String>) -> &'a str {
    let Some(found) = SIGNED.captures(line) else {
        return line;
    };
    // "Monday - Friday"
    let is_name = |who: &str| features(who, names).values.keys().all(|kind| *kind == Value::Name);
    let signs = match (found.name("note"), found.name("who")) {
        (Some(note), _) => says_who(note.as_str(), names),
        (_, Some(who)) => is_name(who.as_str()),
        _ => true,
    };
    if signs {
        &line[..line.len() - found[0].len()]
    } else {
        line
    }
}

/// "Ilse, stores", "chief", "changed by the office": no part of what a line says.
fn says_who(note: &str, names: &BTreeSet<String>) -> bool {
    static WHO: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:(?:(?:changed|updated|corrected|edited|set|decided|agreed|confirmed|checked|ordered|written|added|said|says|asked|wish|rule|word|order|decision) )?(?:by|of|per|with|from|says|said) )?(?:the |our |my )?[a-z'’]+(?: [a-z'’]+)?$",
        )
    });
    let about = features(note, names);
    note.starts_with(|c: char| c.is_ascii_uppercase())
        || WHO.is_match(note)
            && !about.negative
            && !about.stems.is_empty()
            && about.values.keys().all(|kind| *kind == Value::Name)
}

/// A line that a person wrote.
#[derive(Debug, Clone, PartialEq)]
pub struct Law {
    /// The file.
    pub file: String,
    /// When it was written.
    pub time: Option<Timestamp>,
    /// The line as a whole, where it is an item.
    item: Option<Features>,
    /// Its sentences, or the row.
    parts: Vec<Features>,
    /// Its sentences that say no, with the words of the headings they stand under.
    forbids: Vec<Features>,
    /// The values that it calls past: "oak, not pine".
    past: BTreeSet<String>,
    /// What it tells to do and what not, where it is an item.
    sides: Sides,
    /// It is the row of a table.
    row: bool,
}

/// What a text says yes to, and what it says no to: "use oak, never pine".
#[derive(Debug, Clone, Default, PartialEq)]
struct Sides {
    yes: BTreeSet<String>,
    no: BTreeSet<String>,
}

impl Sides {
    fn of(text: &str, names: &BTreeSet<String>) -> Self {
        static NO: LazyLock<Regex> =
            LazyLock::new(|| pattern(r"(?i)\b(?:never|not|no longer|don['’]?t|do not|avoid|instead of|rather than)\b"));
        let mut sides = Self::default();
        for clause in text.split([',', ';', '.', ':', '–', '—']) {
            let (yes, no) = match NO.find(clause) {
                Some(found) => (&clause[..found.start()], &clause[found.end()..]),
                None => (clause, ""),
            };
            sides.yes.extend(features(yes, names).stems);
            sides.no.extend(features(no, names).stems);
        }
        sides
    }

    /// Whether a text has it the other way round, in the same words: "never use oak; use pine, it is lighter". One that
    /// speaks of more than the other forbids, or of another thing, does not.
    fn are_turned_by(&self, other: &Self) -> bool {
        let only_no = |sides: &Self| -> BTreeSet<String> { sides.no.difference(&sides.yes).cloned().collect() };
        let (own, others) = (only_no(self), only_no(other));
        let spoken_of = |stem: &String| other.yes.contains(stem) || other.no.contains(stem);
        !own.is_empty()
            && !others.is_empty()
            && own.is_disjoint(&others)
            && self.no.is_subset(&other.yes)
            && other.no.is_subset(&self.yes)
            && self.yes.iter().all(spoken_of)
    }
}

/// How surely a law says otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Otherwise {
    /// Both answer one question, each in its way.
    Likely,
    /// Of the same thing it says another value, or no.
    Surely,
}

impl Law {
    /// All ways in which it is read: as a whole, by its sentences, under its headings.
    pub(crate) fn readings(&self) -> impl Iterator<Item = &Features> {
        self.item.iter().chain(&self.parts).chain(&self.forbids)
    }

    /// Whether it says otherwise than a text.
    pub fn against(&self, about: &Features) -> Option<Otherwise> {
        // A single sentence of a line, or a row, has fewer words to go by: it takes two of the same thing, or the one word
        // that a row is about where nothing else is spoken of, or the one that both say when it ends.
        let of_the_same = |law: &&Features| {
            let shared = about.subject.iter().filter(|s| law.subject.iter().any(|t| akin(s, t)));
            match shared.count() {
                0 => false,
                1 => end_otherwise(law, about) || self.row && law.subject.len() == 1 && about.subject.len() == 1,
                _ => true,
            }
        };
        let readings = || self.item.iter().chain(self.parts.iter().filter(of_the_same));
        if readings().any(|law| relation(about, law) == Relation::Contradicts)
            || self.forbids.iter().any(|law| forbids(law, about))
        {
            return Some(Otherwise::Surely);
        }
        let likely = readings().any(|law| same_question(about, law));
        likely.then_some(Otherwise::Likely)
    }

    /// Whether it forbids what a text orders, and orders what that forbids.
    pub fn turns(&self, text: &str, names: &BTreeSet<String>) -> bool {
        !self.sides.no.is_empty() && self.sides.are_turned_by(&Sides::of(text, names))
    }

    /// What a text that it is against says instead: the values, or the one or two words by which they differ.
    pub fn overrules(&self, about: &Features, kind: impl Fn(&Value) -> bool) -> BTreeSet<String> {
        let readings = || self.item.iter().chain(&self.parts);
        let own: BTreeSet<String> = readings().flat_map(|law| values_of(law, &kind)).collect();
        let mut values = values_of(about, &kind);
        values.retain(|value| !own.contains(value) || self.past.contains(value));
        if values.is_empty() {
            let another =
                |law: &&Features| law.negative == about.negative && relation(about, law) == Relation::Contradicts;
            let words = readings()
                .filter(another)
                .map(|law| about.stems.difference(&law.stems).cloned());
            values = words
                .map(BTreeSet::from_iter)
                .find(|words| words.len() < 3)
                .unwrap_or_default();
        }
        values
    }
}

/// "Not on market days", under "Deliveries": what says yes to all of it, and little else, is against it. "The delivery
/// report …" is another thing.
fn forbids(law: &Features, about: &Features) -> bool {
    /// Words that a yes may have for itself.
    const OWN_WORDS: usize = 2;
    let said = |stem: &String, f: &Features| f.stems.iter().any(|s| akin(s, stem));
    let own = about.stems.iter().filter(|stem| !said(stem, law)).count();
    !about.negative
        && !hedged(law)
        && law.stems.len() > 1
        && law.stems.iter().all(|stem| said(stem, about))
        && about.head.iter().all(|word| said(word, law))
        && own <= OWN_WORDS
}

/// Reads the lines of a file of which `wrote` says when a person wrote them.
pub(crate) fn read(
    file: &str,
    text: &str,
    names: &BTreeSet<String>,
    wrote: impl Fn(usize, &str) -> Option<Option<Timestamp>>,
) -> Vec<Law> {
    let items: BTreeSet<usize> = memory_file::fact_lines(text).map(|(at, _)| at).collect();
    let mut heading = String::new();
    let mut code = false;
    let mut laws = Vec::new();
    for (at, whole) in text.lines().enumerate().skip(body_start(text)) {
        let line = whole.trim();
        if line.starts_with("```") {
            code = !code;
        }
        if line.starts_with('#') {
            line.trim_start_matches('#').trim().clone_into(&mut heading);
            continue;
        }
        let Some(time) = wrote(at, line).filter(|_| !code && !line.is_empty() && !line.starts_with("<!--")) else {
            continue;
        };
        let is_item = items.contains(&at);
        let line = if is_item { sentence::strip_bullet(line) } else { line };
        let law = if let Some(row) = line.strip_prefix('|') {
            Law {
                file: file.to_owned(),
                time,
                item: None,
                parts: vec![row_of(row, names)],
                forbids: Vec::new(),
                past: BTreeSet::new(),
                sides: Sides::default(),
                row: true,
            }
        } else {
            let unsigned = unsigned(line, names);
            let sentences = sentence::split(unsigned);
            let under = |sentence: &&&str| {
                let own = features(sentence, names);
                (own.negative && !heading.is_empty()).then(|| features(&format!("{heading}: {sentence}"), names))
            };
            // "Never on Fridays": what must not be is in the heading.
            let says_what = |item: &Features| heading.is_empty() || !item.negative || !item.subject.is_empty();
            Law {
                file: file.to_owned(),
                time,
                item: Some(features(line, names)).filter(|item| is_item && says_what(item)),
                forbids: sentences.iter().filter_map(|s| under(&s)).collect(),
                past: past_values(line).into_iter().flatten().collect(),
                sides: if is_item {
                    Sides::of(line, names)
                } else {
                    Sides::default()
                },
                row: false,
                parts: if is_item && sentences.len() == 1 && unsigned == line {
                    without_reason(line)
                        .map(|said| features(said, names))
                        .into_iter()
                        .collect()
                } else {
                    sentences.iter().map(|s| features(s, names)).collect()
                },
            }
        };
        laws.push(law);
    }
    laws
}

/// "Posters are printed at Larch since we closed the account with Hobb": what is so, without what it came from, for the
/// reason names what was before. Nothing where there is none.
fn without_reason(line: &str) -> Option<&str> {
    static REASON: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i),? (?:since|because|as|now that|after) (?:we|i|they|he|she) (?:[a-z]+ed|left|had|lost|sold|quit|no longer)\b",
        )
    });
    /// Words that a claim has at least.
    const LEAST: usize = 4;
    let said = &line[..REASON.find(line)?.start()];
    (said.split_whitespace().count() >= LEAST).then_some(said)
}

/// The cells after the first are what is said of it: a single word there is a name, in capitals or not.
fn row_of(row: &str, names: &BTreeSet<String>) -> Features {
    let mut about = features(&row.replace('|', ", "), names);
    for cell in row.split('|').skip(1).map(|cell| cell.trim().to_lowercase()) {
        let is_word = cell.chars().all(char::is_alphabetic) && cell.len() > 1 && !STOP.contains(cell.as_str());
        if is_word {
            let name = stem(&cell);
            about.subject.remove(&name);
            about.values.entry(Value::Name).or_default().insert(name);
        }
    }
    about
}

#[cfg(test)]
mod tests {
    use super::*;

    fn laws(text: &str) -> Vec<Law> {
        read("notes.md", text, &BTreeSet::new(), |_, _| Some(None))
    }

    fn against(text: &str, said: &str) -> bool {
        let about = features(said, &BTreeSet::new());
        laws(text).iter().any(|law| law.against(&about).is_some())
    }

    #[test]
    fn a_paragraph_a_row_and_a_rule_under_a_heading_are_law() {
        for (text, said) in [
            (
                "The oven timers were replaced, they run firmware 9 now. Ask Ines for the key.",
                "The oven timers run firmware 4",
            ),
            (
                "- Posters are printed at Larch since we closed the account with Hobb",
                "Our posters are printed at Hobb",
            ),
            (
                "- The night desk is staffed by two people since June",
                "The night desk is one person, always",
            ),
            (
                "- The loom catalogue is v12 since June. Read v9 only for old cloth.",
                "Use the loom catalogue v9",
            ),
            (
                "| what | where |\n|---|---|\n| sheet music archive | quill |\n",
                "The sheet music archive is on the server raven",
            ),
            (
                "| what | value |\n|---|---|\n| Tuning | 442 Hz |\n",
                "Our tuning is 440 Hz",
            ),
            (
                "- The spare loom stands at Vesker (Ilse, stores)",
                "The spare loom stands at Quarn",
            ),
            (
                "- Assembly point is the playing field (chief)",
                "Our assembly point is the car park",
            ),
            (
                "- Breakfast is served until 10:30 (Henrike, front office)",
                "Breakfast ends 9:30 on weekdays and sundays alike",
            ),
            (
                "- Tool store is the old chapel (changed by Henrike)",
                "Our tool store is the north barn",
            ),
            (
                "- Meeting spot is the west gate - Zeynep",
                "Our meeting spot is the stone bridge",
            ),
            (
                "Ilse: Free tuning starts at 85 euro, no exceptions.",
                "Free tuning starts at 60 euro",
            ),
            (
                "# Ours\n\n## Deliveries\n- Not on market days. -- Ilse\n",
                "Deliveries on market days are fine",
            ),
        ] {
            assert!(against(text, said), "{text} / {said}");
        }
    }

    #[test]
    fn an_order_the_other_way_round_is_known() {
        let turns = |text: &str, said: &str| laws(text).iter().any(|law| law.turns(said, &BTreeSet::new()));
        for (text, said) in [
            (
                "- Use npm, never pnpm.\n",
                "Never use npm; use pnpm because of the lockfile",
            ),
            (
                "- Glue with casein, not with resin\n",
                "Never glue with casein, glue with resin, it dries faster",
            ),
            ("- Ship by rail instead of by road\n", "Ship by road, never by rail"),
        ] {
            assert!(turns(text, said), "{text} / {said}");
        }
        for (text, said) in [
            (
                "- Use pnpm, never npm.\n",
                "Never use npm; use pnpm because of the lockfile",
            ),
            ("- Use npm in the shop, never pnpm.\n", "Never use npm; use pnpm"),
            ("- Tea for Ana, not coffee\n", "Coffee for Ben, not tea"),
            (
                "- Ship by rail, never by road\n",
                "Never ship glass by rail, ship it by road",
            ),
            ("- Use npm, never pnpm.\n", "Use pnpm in the shop"),
        ] {
            assert!(!turns(text, said), "{text} / {said}");
        }
    }

    #[test]
    fn a_value_that_a_law_calls_past_is_overruled() {
        let named = |kind: &Value| matches!(kind, Value::Alternative(_));
        let over = |text: &str| {
            let about = features("Our queue is RabbitMQ", &BTreeSet::new());
            laws(text)[0].overrules(&about, named)
        };
        let rabbits = BTreeSet::from(["rabbitmq".to_owned()]);
        assert_eq!(over("- Queue of record is NATS, not RabbitMQ"), rabbits);
        assert_eq!(over("- Queue of record is NATS"), rabbits);
        assert!(over("- Queue of record is RabbitMQ or NATS").is_empty());
    }

    #[test]
    fn the_same_old_value_is_found_beside_what_a_law_insists_on() {
        let about = features("Free tuning starts at 60 euro", &BTreeSet::new());
        let named = |kind: &Value| matches!(kind, Value::Name);
        let over = laws("Ilse: Free tuning starts at 85 euro, no exceptions.")[0].overrules(&about, named);
        assert_eq!(over, BTreeSet::from(["60".to_owned()]));
    }

    #[test]
    fn who_says_so_is_told_from_what_is_said() {
        let bare = |line| unsigned(line, &BTreeSet::new());
        for line in [
            "The spare loom stands at Vesker (Ilse, stores)",
            "The spare loom stands at Vesker (chief)",
            "The spare loom stands at Vesker (head office)",
            "The spare loom stands at Vesker (per Ilse)",
            "The spare loom stands at Vesker (decided by the board)",
            "The spare loom stands at Vesker -- Ilse",
            "The spare loom stands at Vesker - Ilse",
        ] {
            assert_eq!(bare(line), "The spare loom stands at Vesker", "{line}");
        }
        for line in [
            "The spare loom stands at Vesker (hall 4)",
            "The spare loom stands at Vesker (not on Mondays)",
            "The spare loom stands at Vesker (from June)",
            "The spare loom stands at Vesker (never ours)",
            "The spare loom stands at Vesker - by the door",
            "The spare loom is in use Monday - Friday",
        ] {
            assert_eq!(bare(line), line);
        }
    }

    #[test]
    fn what_they_do_not_speak_of_is_left_alone() {
        for (text, said) in [
            (
                "The oven timers were replaced, they run firmware 9 now. Ask Ines for the key.",
                "Ask Rolf for the van",
            ),
            ("# Deliveries\n\n- Not on market days.\n", "Deliveries take 20 minutes"),
            (
                "# Deliveries\n\n- Not on market days.\n",
                "Never deliver on market days",
            ),
            (
                "# Deploys\n\n- Never on Fridays.\n",
                "The deploy report is sent out on Fridays",
            ),
            (
                "# Database\n\n- Never drop tables.\n",
                "The database has a job that drops temporary tables nightly",
            ),
            (
                "- The API service has 3 replicas\n",
                "The API service listens on port 8080",
            ),
            (
                "| what | where |\n|---|---|\n| music archive | quill |\n",
                "The film store is on the server raven",
            ),
            (
                "- Breakfast is served until 10:30 (Henrike)",
                "Breakfast costs 12 euros",
            ),
            ("```\nport 80\n```\n", "The port is 90"),
            (
                "| what | value |\n|---|---|\n| Tuning | 442 Hz |\n",
                "The guitar tuning is 440 Hz",
            ),
        ] {
            assert!(!against(text, said), "{text} / {said}");
        }
    }
}
