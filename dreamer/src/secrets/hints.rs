//! Secrets that are told around the corner: the answer to a question, what one begins and ends with, of what it is made.

use std::sync::LazyLock;

use regex::Regex;

use super::look::{is_measure, is_strange, looks_random, words_together};
use super::value::{ends, find_values, trimmed};
use crate::text::clean::pattern;

/// Where the answers and parts stand.
pub(super) fn find(text: &str, found: &mut Vec<(usize, usize)>) {
    static TOLD: LazyLock<[Regex; 13]> = LazyLock::new(|| {
        [
            // "security question: the first pet was Biscuit"
            r"(?i)\b(?:security|secret|recovery|memorable) questions?(?:\s*[:=–—]|\s-)\s*(?P<value>[^.\n]{0,60}?\b(?:was|is)\b[^.\n]{2,40})",
            // "the answer to the secret question is Biscuit"
            r"(?i)\banswer (?:to|for|of) (?:the|my|our) (?:\w+ )?(?:security|secret|recovery|memorable) question\s*(?:\bis\b|:|=)\s*(?P<value>[^.,;\n]{2,60})",
            // "the password is the usual one plus 2026"
            r"(?i)\b(?:password|passphrase|passcode|pw|pin)(?: (?:for|of|to) [\w' -]{1,25}?)? is (?P<value>(?:the|my|our|his|her|your) [^.\n]{2,60}? (?:plus|followed by|and then|backwards)\b[^.\n]{0,40})",
            // "the password has three words: heron, malt, crypt"
            r"(?i)\b(?:password|passphrase|pass phrase|pw)\b[^.:\n]{0,40}?\bwords?:\s*(?P<value>[^.\n]{6,80})",
            // "the token starts with x9Kq and ends with 77Qz"
            r"(?i)\b(?:token|password|passphrase|secret|pin) (?:starts|begins) with (?P<value>[^\s,;]{3,}[,;]? (?:and|then|but) (?:it )?ends? (?:with|in|on) [^\s,;.]{2,})",
            // "the licence for the scale is 8H2K-9PQZ-11AA"
            r"(?i)\blicen[cs]e (?:for|of) [^.,;:\n]{1,30}?\s*(?:\bis\b|:|=)\s*(?P<value>(?-i:[A-Z0-9]{4,6}(?:-[A-Z0-9]{4,6}){2,}))",
            // "the password hint is the name of our first dog, Biscuit"
            r"(?i)\b(?:password|passphrase|pass phrase|pin|login|security) (?:hint|reminder)(?: (?:for|of|on) [\w' -]{1,25}?)?\s*(?:\bis\b|\bwas\b|:|=)\s*(?:(?:the|my|our|his|her|your) )?(?:[\w'’-]+ ){0,3}?(?:name|nickname|surname|town|city|street|village|pet|dog|cat|school|teacher|car|film|book|band|song)\b[^.,:()\n]{0,40}(?:[,:]\s|\s[–—-]\s|\s\()(?P<value>(?-i:[A-Z])[\w'’-]+(?: (?-i:[A-Z])[\w'’-]+)?)\)?\s*(?:[.!]|$)",
            // "my passport number is XP1234567"
            r"(?i)\b(?:passport(?: (?:number|no\.?|nr\.?))?|(?:(?:identity|id) card|(?:national|personal) (?:id|identity|identification)|driv(?:er['’]?s?|ing) licen[cs]e|residence permit|social insurance|national insurance|health (?:insurance|card)|medicare) (?:number|no\.?|nr\.?))(?: (?:for|of) [\w'’ -]{1,25}?)?\s*(?:\bis\b|\bwas\b|:|=)\s*(?P<value>(?-i:[A-Z]{0,3}[ -]?[0-9](?:[ -]?[A-Z0-9]){5,16}))\b",
            // "my driving licence is 4471209882"
            r"(?i)\b(?:(?:driv(?:er['’]?s?|ing) licen[cs]e|passport|(?:identity|id) card|residence permit))(?: (?:for|of) [\w'’ -]{1,25}?)?\s*(?:\bis\b|:|=)\s*(?P<value>(?-i:[A-Z]{0,3}[0-9](?:[ -]?[A-Z0-9]){7,16}))\b",
            // "my mother's maiden name is Quarn, that's the security answer"
            r"(?i)\b(?:maiden name|first (?:pet|dog|cat|school|teacher|car|street)|birth ?place|home ?town)\b[^.,;:\n]{0,30}?\s(?:is|was)\s(?P<value>(?-i:[A-Z])[\w'’-]+(?: (?-i:[A-Z])[\w'’-]+)?)[^.\n]{0,40}\b(?:security|secret|recovery) (?:question|answer)\b",
            // "7741 to disarm the alarm"
            r"(?i)\b(?:alarm|doors?|gate|lock|garage|entry|safe|intercom|keypad|barrier)\b[^.\n]{0,40}?[\s:,](?P<value>\d{4,8}[#*]?) to (?:disarm|unlock|open|get in|get into|enter)\b",
            // "to enter the garage press 8 2 4 6"
            r"(?i)\b(?:enter|open|unlock|disarm|get in(?:to)?|get inside)\b[^.\n]{0,40}?\b(?:press|type|dial|punch in|key in) (?P<value>[#*]?\d(?:[ -]?\d){2,7}[#*]?)(?:$|[\s.,;!?)])",
            // "the intercom code for the yard is #14*"
            r"(?i)\b(?:door|gate|garage|alarm|entry|intercom|keypad|lift|elevator|shed|yard|barn|house|room) code (?:for|of|to|at|on) [^.,;:\n]{2,30}? (?:is|was) (?P<value>[#*]?\d{2,8}[#*]?)(?:$|[\s.,;!?)])",
        ]
        .map(pattern)
    });
    // "The passport is 2024-2034": for how long it is good.
    static YEARS: LazyLock<Regex> = LazyLock::new(|| pattern(r"^(?:19|20)\d\d ?- ?(?:19|20)\d\d$"));
    let mut told = Vec::new();
    find_values(&*TOLD, text, &mut told);
    found.extend(
        told.into_iter()
            .filter(|(start, end)| !YEARS.is_match(&text[*start..*end])),
    );
    named_before(text, found);
    of_a_network(text, found);
}

/// "Guest network Linden, key is winter-29-moor", "SSID Linden, pass winter-29-moor".
fn of_a_network(text: &str, found: &mut Vec<(usize, usize)>) {
    static KEY: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r#"(?i)\b(?:ssid|wi-?fi|wlan|network|hotspot)\b[^.\n]{0,40}?\b(?:pass|key|pw|code|phrase)(?:\s*(?:\bis\b|:|=)\s*|\s+)["'`“]?(?P<value>[^\s"'`”]{6,})"#,
        )
    });
    for captures in KEY.captures_iter(text) {
        let Some(value) = captures.name("value") else { continue };
        let word = trimmed(value.as_str());
        let digit = word.contains(|c: char| c.is_ascii_digit());
        if !is_measure(word) && (looks_random(word) || digit && word.contains('-')) {
            found.push((value.start(), value.start() + word.len()));
        }
    }
}

/// "Ida's password for the portal, Kestrel-44-Moor".
fn named_before(text: &str, found: &mut Vec<(usize, usize)>) {
    static FAR: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r#"(?i)\b(?:password|passphrase|passcode|pw|pwd|passwd|pass) (?:for|of|to|on|at|in) [^.,;:\n]{2,40}, ["'`“]?(?P<value>[^\s"'`”]{6,})"#,
        )
    });
    for captures in FAR.captures_iter(text) {
        let Some(value) = captures.name("value") else { continue };
        let word = trimmed(value.as_str());
        let digit = word.contains(|c: char| c.is_ascii_digit());
        let told = looks_random(word) && !is_measure(word) && (is_strange(word) || digit && words_together(word) >= 3);
        if told && ends(&text[value.start() + word.len()..]) {
            found.push((value.start(), value.start() + word.len()));
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn told_around_the_corner() {
        let is_found = |text: &str| {
            let mut found = Vec::new();
            super::find(text, &mut found);
            !found.is_empty()
        };
        for text in [
            "security question: the first pet was Biscuit",
            "The answer to the secret question is Biscuit",
            "our Apple password is the usual one plus 2026",
            "My password is my dog's name followed by 1987",
            "The password has 3 words: heron, malt, crypt",
            "my token starts with x9Kq and ends with 77Qz",
            "Ida's password for the portal, Kestrel-44-Moor",
            "The licence for the scale is 8H2K-9PQZ-11AA",
            "The password hint is the name of our first dog, Biscuit.",
            "PIN hint for the till: the street of the old mill (Alder Close)",
            "login reminder is my best teacher: Quarn",
            "My passport number is XP1234567, remember that",
            "Ida's driving licence no. is 4471 209 882",
            "The national ID number of Tove: 120387-4412",
            "passport: L01X00T47",
            "My driving licence is 4471209882",
            "my mother's maiden name is Quarn, that's the security answer",
            "The alarm: 7741 to disarm",
            "To enter the garage press 8 2 4 6 and the star key",
            "The intercom code for the yard is #14*",
            "Guest network Linden, key is winter-29-moor",
            "SSID Linden, pass winter-29-moor",
            "My first dog was Biscuit, which is the answer to the security question",
        ] {
            assert!(is_found(text), "{text}");
        }
        for text in [
            "The security question is shown after the login",
            "The password is the same on all boxes",
            "The password field has three words of help",
            "Redis keys start with tenant: and expire daily",
            "Ask Ida for the password for the portal, she has it",
            "The password for web-01, web-02 and db-01 is in the vault",
            "The licence for the parser is Apache-2.0",
            "The password hint is shown under the name of the field, Ida says so",
            "The password hint is set by the warden, Ida",
            "The login hint is the name of the tenant, in small letters",
            "The passport number is checked at gate 4",
            "The passport is valid until 2031",
            "My passport is 2024-2034",
            "The driving licence is from 12 June 2019",
            "Press 1 to open the menu",
            "The network key is printed on the box",
            "It took 2019 to open the branch",
            "The colour code for the doors is 7016",
            "To open the dialog press F12",
            "My mother's maiden name is Quarn",
            "My passport is 10 years old",
            "Order number 1716239023 was refunded",
            "The VAT number is FI12345678",
            "The customer number of Hobb is 4471209",
            "Call the desk at 0228 4471209",
            "The id number of the sensor is 4471209882",
        ] {
            assert!(!is_found(text), "{text}");
        }
    }
}
