//! The numbers of locks: told without the word "code", with blanks between the digits, or some words after their name.

use std::sync::LazyLock;

use regex::Regex;

use super::value::find_values;
use crate::text::clean::pattern;

/// What only a number opens.
const LOCK: &str = r"(?:(?:bike|bicycle|cycle|combination|number)[ -]lock|padlock|lock ?box|key ?box|key ?safe)s?(?: (?:number|no\.?|code))?";
/// What joins a lock to its number.
const JOINT: &str = r"(?:(?:is|takes|wants|needs|opens|number|code|set|on|to|with)\b|[:=–—,-])\s*";

/// Where a dial is turned to.
const SIDE: &str = r"(?:(?:to the )?(?:left|right)|(?:anti|counter)?-?clockwise|links|rechts)";

/// Where the numbers of locks stand.
pub(super) fn find(text: &str, found: &mut Vec<(usize, usize)>) {
    static NUMBERS: LazyLock<[Regex; 5]> = LazyLock::new(|| {
        [
            // "bike lock 6622", "key safe at the gate: 0917"
            format!(
                r"(?i)\b{LOCK}(?:\s*(?:{JOINT})*|\s+(?:by|at|on|of|for|in|outside|near|behind|beside)\s[^\n:;]{{1,25}}?\s*(?:{JOINT})+)(?P<value>\d{{1,2}}(?:[- ]\d{{1,2}}){{2,3}}|\d{{4,6}}[#*]?)(?:$|[.,;!?)]|\s*$|\s(?:now|today|since|from now on))"
            ),
            // "pin: 48 21"
            r"(?i)\b(?:pin|pass ?code|combination|combo|(?:door|gate|alarm|safe|entry|access|lock|keypad) code)\s*(?:\bis\b|\bwas\b|:|=)\s*(?P<value>\d\d \d\d(?: \d\d)?|\d(?:[ -]\d){3,7})(?:$|[\s.,;!?)])".to_owned(),
            // "the combination for the tool chest, 18-6-31"
            r"(?i)\b(?:combination|combo) (?:for|of|to|on) [^.,;:\n]{2,40}, (?P<value>\d{1,2}(?:[- ]\d{1,2}){2,3})(?:$|[\s.,;!?)])".to_owned(),
            // "the safe's numbers are 12, 34 and 56"
            r"(?i)\b(?:safe|vault|lock|padlock|dial)(?:['’]s)? (?:numbers|digits) (?:are|were) (?P<value>\d{1,2}(?:(?:, | |-| and |, and )\d{1,2}){2,4})(?:$|[\s.,;!?)])".to_owned(),
            // "the safe opens with 33 left, 12 right, 7 left", "the dial: left to 33, right to 12, left to 7"
            format!(
                r"(?i)\b(?:safe|vault|strong ?box|padlock|lock|dial|combination|combo)s?\b[^.\n]{{0,50}}?\b(?P<value>\d{{1,2}} {SIDE}(?:(?:,? and(?: then)?|,? then|,|;| -)? \d{{1,2}} {SIDE}){{2,5}}|{SIDE} (?:to )?\d{{1,2}}(?:(?:,? and(?: then)?|,? then|,|;| -)? {SIDE} (?:to )?\d{{1,2}}){{2,5}})\b"
            ),
        ]
        .map(|text| pattern(&text))
    });
    find_values(&*NUMBERS, text, found);
}

#[cfg(test)]
mod tests {
    #[test]
    fn numbers_of_locks() {
        let first = |text: &str| {
            let mut found = Vec::new();
            super::find(text, &mut found);
            found.first().map(|(from, to)| text[*from..*to].to_owned())
        };
        for (text, value) in [
            ("Bike lock 6622", "6622"),
            ("the lockbox by the gate is on 3-1-7-2", "3-1-7-2"),
            ("Key safe at the mill: 0917", "0917"),
            ("The loft padlock takes 2219.", "2219"),
            ("my pin: 48 21", "48 21"),
            ("the alarm code is 7 7 1 4", "7 7 1 4"),
            ("The combination for the tool chest, 18-6-31", "18-6-31"),
            ("The safe's numbers are 12, 34 and 56", "12, 34 and 56"),
            (
                "The safe opens with 33 left, 12 right, 7 left.",
                "33 left, 12 right, 7 left",
            ),
            (
                "The vault: right to 40, left to 8 and then right to 21",
                "right to 40, left to 8 and then right to 21",
            ),
            (
                "Turn the dial 9 clockwise, then 31 counter-clockwise, then 4 clockwise",
                "9 clockwise, then 31 counter-clockwise, then 4 clockwise",
            ),
        ] {
            assert_eq!(first(text).as_deref(), Some(value), "{text}");
        }
        for text in [
            "The padlock on gate 1204 is broken",
            "The vault was built in 1987",
            "The padlocks are from 1987",
            "A safe temperature is 1200 degrees",
            "The reset pin: 13",
            "The locker numbers are 12, 13 and 14",
            "The combination of Redis and Postgres, 3-4 nodes, is fragile",
            "The key box hangs in room 4412",
            "Rooms 33 left, 12 right, 7 left of the stairs",
            "The safe stands 3 doors left of room 12",
            "The lock has 2 screws left, 3 right",
        ] {
            assert_eq!(first(text), None, "{text}");
        }
    }
}
