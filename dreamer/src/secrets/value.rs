//! Whether the words behind the name of a secret are its value.

use regex::Regex;

use super::look::{is_measure, is_name, is_reference, is_strange, looks_random, words_together};
use super::patterns::{CONFIDING, SECRET};
use super::plain::{is_about_word, is_noun_after, is_plain_word, is_small_word};

/// How far the words reach that tell what a value is, in bytes.
const NEAR: usize = 320;

/// What follows a value and says more of it.
const GOES_ON: &str = "if you|for now|btw|and the|and don|but don|and keep|by the way|in case|everywhere|please|pls|from now|\
    as of|now|again|today|as always|as usual|until";
/// What stands before somebody's name.
const USERS: &str = "user username account login log logon signin sign admin root name guest operator credentials creds wifi \
    ssid network benutzer konto compte usuario";
/// What is counted.
const UNITS: &str = "characters character chars char digits digit bits bit bytes byte days day hours hour minutes minute \
    seconds second weeks week months month years year letters words times kb mb per percent people users \
    requests calls";

/// Where the `value` of each pattern stands.
pub(super) fn find_values(patterns: &[Regex], text: &str, found: &mut Vec<(usize, usize)>) {
    for pattern in patterns {
        let values = pattern
            .captures_iter(text)
            .filter_map(|captures| captures.name("value"));
        found.extend(values.map(|value| (value.start(), value.end())));
    }
}

/// How a value is joined to its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Joint {
    /// `=`, `:`
    Assigned,
    /// "is", "would be"
    Is,
    /// "changed to"
    To,
    /// nothing, a comma or a bracket
    Bare,
}

/// What kind of thing a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// Words that people choose.
    Wordy,
    /// Digits, mostly.
    Code,
    /// Rows of words.
    Phrase,
    /// What machines make.
    Opaque,
}

fn class(name: &str) -> Class {
    const MACHINES: &str = "token key secret cred cookie jwt dsn connection bearer session zugangsdaten";
    const DIGITS: &str = "pin code comb otp 2fa puk cvv cvc number zahl iban ssn";
    let name = name.to_lowercase();
    let has = |words: &str| words.split(' ').any(|word| name.contains(word));
    let code = ["code", "pin", "combination", "combo", "number"]
        .iter()
        .any(|end| name.trim_end_matches('s').ends_with(end));
    if name.starts_with("code ") && !has("word phrase") || code && !has("passcode pass-code card") {
        Class::Code
    } else if has("phrase seed mnemonic satz sentence") || name.ends_with("words") {
        Class::Phrase
    } else if matches!(name.as_str(), "pass" | "passes" | "pat") || has(MACHINES) && !has("pass word phrase pwd") {
        Class::Opaque
    } else if has(DIGITS) && !has("pass word") {
        Class::Code
    } else {
        Class::Wordy
    }
}

/// Words written together or with digits: what follows a user is no other thing then.
pub(super) fn is_made_up(word: &str) -> bool {
    let digit = word.contains(|c: char| c.is_ascii_digit());
    word.len() >= 6
        && !is_reference(word)
        && !is_measure(word)
        && !is_said(word)
        && (is_strange(word)
            || digit && word.contains(char::is_alphabetic) && !word.contains(['/', ':', '.'])
            || words_together(word) >= 3)
}

/// A word that people say about secrets.
pub(super) fn is_said(word: &str) -> bool {
    let lower = word.to_lowercase();
    is_plain_word(&lower)
        || is_small_word(&lower)
        || is_about_word(&lower)
        || is_noun_after(&lower)
        || SECRET.is_match(word)
}

/// A word without the punctuation of the sentence after it.
pub(super) fn trimmed(word: &str) -> &str {
    let mut word = word.trim_end_matches(['.', ',', ':', ';', '?', ']', '}', '"', '\'', '`', '>', '*']);
    while word.ends_with(')') && !word.contains('(') {
        word = word[..word.len() - 1].trim_end_matches(['.', ',', ':', ';', '?']);
    }
    word
}

pub(super) fn ends(after: &str) -> bool {
    let last = after
        .trim_start_matches(['"', '\'', '`', '”', '’', '“', '»', ')', ']', '*'])
        .trim_start_matches([' ', '\t']);
    let lower = last.get(..16).unwrap_or(last).to_lowercase();
    last.is_empty()
        || last.starts_with(['.', ',', ';', '!', '?', '\n', '(', '–', '—', '-', ')'])
        || GOES_ON.split('|').any(|go| lower.starts_with(go))
}

pub(super) struct Told<'a> {
    pub(super) text: &'a str,
    pub(super) name: &'a str,
    pub(super) joint: Joint,
    pub(super) quoted: bool,
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) typed: bool,
}

impl Told<'_> {
    /// The range of the value, where the words behind the name are one.
    pub(super) fn value(&self) -> Option<(usize, usize)> {
        let class = class(self.name);
        let raw = &self.text[self.start..self.end];
        // `a=b&c=d`, `a=b;c=d` and the like go on with other things; in prose a sign may be part of it.
        let raw = if self.joint == Joint::Assigned && !self.typed {
            raw.split([',', ';', '<', ')', ']']).next().unwrap_or(raw)
        } else if self.joint == Joint::Assigned {
            raw.split([';', '<']).next().unwrap_or(raw)
        } else {
            raw
        };
        let word = trimmed(raw);
        let end = self.start + word.len();
        if let Some(phrase) = self.phrase(class) {
            return Some(phrase);
        }
        self.is_value(class, word, &self.text[end..])
            .then_some((self.start, end))
    }

    fn is_value(&self, class: Class, word: &str, after: &str) -> bool {
        let lower = word.trim_end_matches('!').to_lowercase();
        let digits_only = word.chars().all(|c| c.is_ascii_digit() || "-.# *,_kKmM".contains(c));
        if word.len() < 3
            || word.starts_with("::")
            || word.starts_with(':') && self.joint == Joint::Assigned
            || is_plain_word(&lower)
            || is_reference(word)
            || is_measure(word)
            || counts(after)
        {
            return false;
        }
        if digits_only {
            let digits = word.chars().filter(char::is_ascii_digit).count();
            let pin = self.name.to_lowercase().ends_with("pin") || self.name.to_lowercase().ends_with("pins");
            return digits >= 4
                && match class {
                    Class::Opaque => digits >= 8 && !word.contains([',', '_', 'k', 'K']) && !self.name.ends_with('s'),
                    // `pin: 13` is a leg of a chip.
                    Class::Code if pin => word.chars().all(|c| c.is_ascii_digit() || "-#*".contains(c)),
                    _ => true,
                };
        }
        if looks_random(word) {
            let strange = is_strange(word);
            return strange
                || match (class, self.joint) {
                    // "The chip select pin is GPIO17"
                    (Class::Code, _) => {
                        self.typed && !is_name(word)
                            || word.starts_with(|c: char| c.is_ascii_digit() || c == '*' || c == '#')
                    }
                    (Class::Opaque, Joint::Assigned) => true,
                    (Class::Opaque, Joint::Is) => word.contains(|c: char| c.is_ascii_digit()) || !is_name(word),
                    (Class::Opaque, _) => false,
                    (_, Joint::Bare) => word.len() > 3 && !is_noun_after(&lower),
                    _ => true,
                };
        }
        self.typed && self.is_plain_value(class, word, &lower, after)
    }

    /// "The password is sunflower": a word may be a password where nothing else can follow.
    fn is_plain_value(&self, class: Class, word: &str, lower: &str, after: &str) -> bool {
        let parts = word.split(['-', '_', '.', '+', '~', '&', '/', ',']).count();
        // "The security answer is Lauren": a name ends like one.
        let name = self.joint == Joint::Is && word.starts_with(char::is_uppercase);
        let participle = is_participle(lower) && parts == 1 && !name;
        let word_like = word.chars().all(|c| c.is_alphanumeric() || "-_.+~&!'’,".contains(c));
        if !word_like || participle || is_about_word(lower) || is_noun_after(lower) {
            return false;
        }
        let together = words_together(word);
        let ends = (ends(after) || together >= 3 && word.len() >= 12) && !after.trim_start().starts_with("is ");
        let kept_apart = ["secret", "cred", "key"]
            .iter()
            .any(|part| self.name.to_lowercase().contains(part));
        match (class, self.joint) {
            (Class::Code, _) => false,
            (Class::Opaque, Joint::Assigned | Joint::Is) if together >= 3 && !kept_apart && word.len() >= 12 => true,
            (Class::Opaque, Joint::Assigned | Joint::Is)
                if together >= 3 && word.len() >= 12 && (self.quoted || CONFIDING.is_match(self.text)) =>
            {
                true
            }
            (Class::Opaque, Joint::Assigned) => word.chars().all(char::is_alphanumeric) && ends || self.quoted,
            (Class::Opaque, Joint::Is) => {
                self.name.len() > 7 && self.name.to_lowercase().contains("secret") && ends || self.quoted && parts == 1
            }
            (_, Joint::Assigned) => ends || self.quoted || word.chars().all(char::is_alphanumeric),
            (_, Joint::Is | Joint::To) => ends || self.quoted,
            (Class::Wordy | Class::Phrase, Joint::Bare) => {
                (self.quoted || self.after_user() || together >= 3 && word.len() >= 12) && ends
            }
            _ => false,
        }
    }

    /// "account svc, password sunflower": somebody's name stands before.
    fn after_user(&self) -> bool {
        let from = (0..=self.start.saturating_sub(NEAR))
            .rev()
            .find(|at| self.text.is_char_boundary(*at));
        let clause = self.text[from.unwrap_or(0)..self.start]
            .rsplit(['\n', ';', '!'])
            .next()
            .unwrap_or_default()
            .to_lowercase();
        let before: Vec<&str> = clause
            .split(|c: char| !(c.is_alphanumeric() || c == '-' || c == '_'))
            .filter(|w| !w.is_empty())
            .collect();
        let near = &before[before.len().saturating_sub(10)..];
        near.iter().any(|word| USERS.split(' ').any(|user| user == *word))
    }

    /// A passphrase goes on to the end of its clause.
    fn phrase(&self, class: Class) -> Option<(usize, usize)> {
        if self.joint == Joint::Bare && !self.quoted && !self.after_user() || !self.typed {
            return None;
        }
        let to = (self.start + NEAR).min(self.text.len());
        let to = (to..=self.text.len()).find(|at| self.text.is_char_boundary(*at));
        let rest = &self.text[self.start..to.unwrap_or(self.text.len())];
        let stop: &[char] = if self.quoted {
            &['"', '`', '“', '”', '»', '\n']
        } else {
            &['.', ',', ';', '\n', '(', '!', '–', '—']
        };
        let mut clause = &rest[..rest.find(stop).unwrap_or(rest.len())];
        if self.quoted && clause.len() == rest.len() {
            clause = &rest[..rest.find(['\'', '’', '.']).unwrap_or(rest.len())];
        }
        // Seed words may be set apart by commas.
        let listed = rest.split('\n').next().unwrap_or_default().trim_end_matches(['.', '!']);
        let many = listed.split([' ', ',']).filter(|w| !w.is_empty()).count();
        if class == Class::Phrase && many >= 12 && listed.matches(", ").count() >= 8 {
            clause = listed;
        }
        // "Backup codes: abcd-efgh, ijkl-mnop": codes without a digit.
        let spare = ["backup", "recovery"]
            .iter()
            .any(|of| self.name.to_lowercase().contains(of));
        let mut codes = listed.split([' ', ',']).filter(|code| !code.is_empty());
        if class == Class::Code && spare && !listed.is_empty() && codes.all(is_dashed) {
            return Some((self.start, self.start + listed.len()));
        }
        let clause = clause.trim_end();
        let words: Vec<&str> = clause.split_whitespace().collect();
        let first = words.first()?.to_lowercase();
        let first = first.trim_matches(|c: char| !c.is_alphanumeric());
        let participle = is_participle(first);
        let small = words.iter().filter(|w| is_small_word(&w.to_lowercase())).count();
        let about = words
            .iter()
            .any(|w| is_about_word(&w.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase()));
        let is = match class {
            _ if words.len() < 2 || clause.contains(['=', '{', '}', '<', '>', '|']) => false,
            Class::Phrase => {
                let seed = self.name.eq_ignore_ascii_case("seed");
                !is_reference(first)
                    && (!participle || words.len() > 4 && small == 0)
                    && if seed {
                        words.len() >= 6 && small == 0
                    } else {
                        self.quoted || !is_plain_word(first) && !about || words.len() >= 4 && small == 0 && !about
                    }
            }
            Class::Wordy => {
                (self.quoted && small * 2 <= words.len() && !about)
                    || (words.len() >= 3
                        && words.len() <= 12
                        && small == 0
                        && !participle
                        && !about
                        && !is_noun_after(first))
            }
            Class::Code => {
                // "1 2 3 4", "12 - 34 - 56", "left 12 right 30": rows of digits.
                let digits: usize = clause.chars().filter(char::is_ascii_digit).count();
                digits >= 4
                    && words.iter().all(|w| {
                        w.chars().all(|c| c.is_ascii_digit() || "-#*/:".contains(c))
                            || ["left", "right", "then", "and", "hash", "star", "links", "rechts"].contains(w)
                    })
            }
            Class::Opaque => false,
        };
        is.then_some((self.start, self.start + clause.len()))
    }
}

/// "abcd-efgh": groups of letters and digits.
fn is_dashed(code: &str) -> bool {
    let group = |part: &str| (3..=8).contains(&part.len()) && part.chars().all(|c| c.is_ascii_alphanumeric());
    code.contains('-') && code.split('-').all(group)
}

/// "Stored", "expiring", "readable", "hidden": how a secret is. Some plain words end alike.
fn is_participle(word: &str) -> bool {
    const NOUNS: [&str; 36] = [
        "seven",
        "eleven",
        "garden",
        "kitchen",
        "raven",
        "heaven",
        "oven",
        "chicken",
        "queen",
        "green",
        "golden",
        "linen",
        "kitten",
        "citizen",
        "red",
        "bed",
        "seed",
        "weed",
        "sled",
        "king",
        "ring",
        "spring",
        "string",
        "wing",
        "morning",
        "evening",
        "pudding",
        "wedding",
        "table",
        "cable",
        "fable",
        "lily",
        "july",
        "jelly",
        "butterfly",
        "dragonfly",
    ];
    let ends = ["ed", "ing", "able", "ible", "ly", "en"];
    ends.iter().any(|end| word.ends_with(end)) && !NOUNS.contains(&word)
}

/// "… is 64 characters": a measure follows.
fn counts(after: &str) -> bool {
    let next = after
        .trim_start_matches([' ', '-'])
        .split(|c: char| !c.is_alphabetic())
        .next()
        .unwrap_or_default()
        .to_lowercase();
    after.starts_with([' ', '-']) && !next.is_empty() && UNITS.split(' ').any(|unit| unit == next)
}
