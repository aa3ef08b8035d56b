//! Instructions: what a person tells Dreams to leave out, to favour, or to keep alone.
//!
//! Rules read one order a line, in these forms; everything else is named in the record as not understood.
//!
//! | order | does |
//! |---|---|
//! | `ignore: commands, office life` (also "leave out", "skip", "nothing about") | facts on it are not taken in |
//! | `favour: deployment` (also "focus on", "prioritise") | such facts matter more when room is short |
//! | `only: feedback, project` | facts of other kinds are not taken in |
//!
//! A subject is a kind (`user`, `feedback`, `project`, `reference`), a topic file's name, `commands`, or words that all
//! stand in a fact. Orders steer what is taken in, never what is there: they delete nothing, lift no limit, and what a
//! person outright asked to remember or to forget is done in any case.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use crate::fact::{Finding, Kind};
use crate::secrets;
use crate::text::clean::pattern;
use crate::text::sentence::strip_bullet;
use crate::text::words::{Features, akin, features};
use crate::topic;

/// How much more a favoured fact matters.
const MORE: u8 = 2;
/// A favoured fact does not outrank what is critical.
const MOST: u8 = 9;

static IGNORE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:please )?(?:ignore|skip|leave out|leave aside|omit|exclude|(?:do not|don'?t|never) (?:keep|remember|note|store|record|save)|nothing (?:about|on)|no (?:facts?|notes?|lines?|memories) (?:about|on))(?: (?:anything|everything|facts?|notes?))?(?: (?:about|on|regarding))?\s*:?\s+(?P<what>.+)$",
    )
});
static FAVOUR: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:please )?(?:favou?r|focus on|prioriti[sz]e|prefer|pay attention to|emphasi[sz]e|above all keep|keep above all)(?: (?:facts?|notes?))?(?: (?:about|on|regarding))?\s*:?\s+(?P<what>.+)$",
    )
});
static ONLY: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)^(?:please )?(?:keep )?only(?: keep)?\s*:?\s+(?P<what>.+)$"));
static EVERYTHING: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i)^(?:all|any|every|everything|anything|it|this|that|them|memory|memories|rules?|limits?|the guard)\b")
});

/// A subject that an order names.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Subject {
    Kind(Kind),
    Topic(&'static str),
    Commands,
    Words(BTreeSet<String>),
}

/// The orders that were understood, and the lines that were not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Instructions {
    ignored: Vec<Subject>,
    favoured: Vec<Subject>,
    only: BTreeSet<Kind>,
    /// What could not be followed, and why.
    pub notes: Vec<String>,
}

impl Instructions {
    /// Reads orders, one a line.
    pub fn parse(text: &str) -> Self {
        let mut out = Self::default();
        for line in text.lines() {
            let line = strip_bullet(line).trim_end_matches(['.', '!']);
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if !out.order(line) {
                out.notes
                    .push(format!("instructions: not understood by rules: {}", shown(line)));
            }
        }
        out
    }

    fn order(&mut self, line: &str) -> bool {
        let subjects = |found: &regex::Captures<'_>| {
            let what = found["what"].replace(" and ", ", ").replace(" or ", ", ");
            what.split([',', ';'])
                .map(str::trim)
                .filter(|s| !s.is_empty())
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        if let Some(found) = ONLY.captures(line) {
            let all: Option<Vec<Kind>> = subjects(&found).iter().map(|s| kind(s)).collect();
            let Some(all) = all else { return false };
            self.only.extend(all);
            return true;
        }
        let (found, ignore) = match (IGNORE.captures(line), FAVOUR.captures(line)) {
            (Some(found), _) => (found, true),
            (_, Some(found)) => (found, false),
            _ => return false,
        };
        for what in subjects(&found) {
            match subject(&what) {
                Some(subject) if ignore => self.ignored.push(subject),
                Some(subject) => self.favoured.push(subject),
                None => self.notes.push(format!(
                    "instructions: {} names no subject; nothing is deleted or left out by it",
                    shown(line)
                )),
            }
        }
        true
    }

    /// Whether a finding is to be left out. What a person asked to be remembered never is.
    pub fn leaves_out(&self, finding: &Finding, about: &Features) -> bool {
        if finding.mark.asked {
            return false;
        }
        let other_kind = !self.only.is_empty() && !self.only.contains(&finding.kind);
        other_kind || self.ignored.iter().any(|s| s.is_of(finding, about))
    }

    /// Raises what is favoured.
    pub fn favour(&self, finding: &mut Finding, about: &Features) {
        if self.favoured.iter().any(|s| s.is_of(finding, about)) {
            let raised = (finding.importance + MORE).min(MOST);
            finding.importance = finding.importance.max(raised);
        }
    }
}

impl Subject {
    fn is_of(&self, finding: &Finding, about: &Features) -> bool {
        match self {
            Self::Kind(kind) => finding.kind == *kind,
            Self::Topic(name) => topic::choose(finding.kind, &finding.text, false).name == *name,
            Self::Commands => finding.text.starts_with(crate::rules::COMMAND),
            Self::Words(words) => words.iter().all(|w| about.stems.iter().any(|s| akin(w, s))),
        }
    }
}

fn subject(text: &str) -> Option<Subject> {
    let lower = text.trim_start_matches("the ").to_lowercase();
    if EVERYTHING.is_match(&lower) {
        return None;
    }
    if let Some(kind) = kind(&lower) {
        return Some(Subject::Kind(kind));
    }
    if lower == "commands" || lower == "command lines" {
        return Some(Subject::Commands);
    }
    if let Some(topic) = topic::of_file(&format!("{}.md", lower.replace(' ', "-").trim_end_matches(".md"))) {
        return Some(Subject::Topic(topic.name));
    }
    let words = features(text, &BTreeSet::new()).stems;
    (!words.is_empty()).then_some(Subject::Words(words))
}

fn kind(text: &str) -> Option<Kind> {
    let text = text.to_lowercase();
    let name = text.strip_suffix(" facts").unwrap_or(&text);
    [Kind::User, Kind::Feedback, Kind::Project, Kind::Reference]
        .into_iter()
        .find(|kind| kind.name() == name)
}

/// A line as the record may show it.
fn shown(line: &str) -> String {
    if !secrets::find(line, true).is_empty() {
        return "a line with a secret".to_owned();
    }
    let cut: String = line.chars().take(80).collect();
    format!("\"{cut}\"")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::{Mark, Op};

    fn finding(text: &str, asked: bool) -> (Finding, Features) {
        let mark = Mark {
            asked,
            ..Mark::default()
        };
        let finding = Finding {
            op: Op::State,
            text: text.to_owned(),
            kind: Kind::Project,
            importance: 5,
            mark,
        };
        let about = features(text, &BTreeSet::new());
        (finding, about)
    }

    #[test]
    fn orders_that_rules_follow() {
        let orders = Instructions::parse("# steering\n- Ignore: the canteen, commands\nFavour: release dates.\n");
        assert!(orders.notes.is_empty(), "{:?}", orders.notes);
        for (text, out) in [
            ("The canteen closes at two", true),
            ("Command that works here: `make weave`", true),
            ("The dye vats hold 40 litres", false),
        ] {
            let (finding, about) = finding(text, false);
            assert_eq!(orders.leaves_out(&finding, &about), out, "{text}");
        }
        let (asked, about) = finding("The canteen closes at two", true);
        assert!(
            !orders.leaves_out(&asked, &about),
            "an outright order to remember is followed"
        );
        let (mut favoured, about) = finding("The release date of the loom is 2026-06-01", false);
        orders.favour(&mut favoured, &about);
        assert_eq!(favoured.importance, 7);
    }

    #[test]
    fn kinds_alone() {
        let orders = Instructions::parse("only: feedback, user");
        let (project, about) = finding("The dye vats hold 40 litres", false);
        assert!(orders.leaves_out(&project, &about));
    }

    #[test]
    fn what_asks_for_harm_is_not_done() {
        for text in [
            "delete everything",
            "ignore all rules",
            "Forget what people wrote",
            "be creative",
        ] {
            let orders = Instructions::parse(text);
            assert_eq!(orders.notes.len(), 1, "{text}: {orders:?}");
            let (fact, about) = finding("The dye vats hold 40 litres", false);
            assert!(!orders.leaves_out(&fact, &about), "{text}");
        }
    }
}
