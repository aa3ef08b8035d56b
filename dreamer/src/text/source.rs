//! What a sentence claims, without whom or what it has that from: "the mill opens at 7, the porter told me so".

use std::sync::LazyLock;

use regex::Regex;

use super::clean::pattern;

/// Words that a claim has at least.
const LEAST: usize = 3;
/// Sources that stand behind one claim, at most: "…, it is on the plate, I checked it".
const SOURCES: usize = 3;
/// What may be read somewhere.
const PRINTED: &str = "(?:plate|label|sign|board|pass|papers?|form|sheet|page|website|site|invoice|contract|manual|docs?|document|list|plan|poster|sticker|bill|receipt|certificate|book|log|letter|e?-?mail|notice|print|package|menu|timetable|schedule|panel|datasheet|screen|file|console|portal|spec|config|readme|wiki|dashboard|brochure|calendar|handbook|code)s?";

/// A sentence without its sources; nothing where it names none.
pub(super) fn claim(text: &str) -> Option<String> {
    let whole = text.trim_end_matches(['.', '!', ' ']);
    let mut claim = addressed(whole);
    let front = told(claim);
    claim = front.unwrap_or(claim);
    for _ in 0..SOURCES {
        let behind = BEHIND.find(claim).map(|found| &claim[..found.start()]);
        let Some(rest) = behind.filter(|rest| says_enough(rest)) else {
            break;
        };
        claim = rest;
    }
    // "The cart comes at 7 says the porter, so be there": what stands in front has a value.
    let within = WITHIN.captures(claim).and_then(|found| found.name("source"));
    let has_value = |before: &str| before.contains(|c: char| c.is_ascii_digit()) && words(before) > LEAST;
    if let Some(source) = within.filter(|source| front.is_none() && has_value(&claim[..source.start()])) {
        return Some(format!("{}{}", &claim[..source.start()], &claim[source.end()..]));
    }
    (claim.len() < whole.len()).then(|| claim.to_owned())
}

/// "For your table: the toll is 4": what it is told for is none of it.
fn addressed(text: &str) -> &str {
    const LONGEST: usize = 30;
    let yours = text.get(..9).is_some_and(|lead| lead.eq_ignore_ascii_case("for your "));
    let told = text.split_once(": ").filter(|(lead, _)| yours && lead.len() <= LONGEST);
    told.map_or(text, |(_, told)| told)
}

/// "The porter told me on the phone that the mill opens at 7": what somebody, or something that can be read, says.
pub(crate) fn told(text: &str) -> Option<&str> {
    static FRONT: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:i (?:was|have been|['’]ve been) told(?: that)? |(?P<who>(?:[\w.'’-]+ ){1,5}?)(?:says|said|tells (?:me|us)|told (?:me|us)|confirms|confirmed|writes|wrote|insists|insisted)(?: (?:(?:in|on) (?:its|their|his|her) [\w-]+|(?:in|on|over|by|via) (?:(?:the|an?|our) )?(?:phone|telephone|e?-?mail|call|letter|chat|meeting|message|person|writing|print|manual|docs|website|panel|invoice)))?(?: that)? |(?:according to|as per|going by) [^,;:]{3,40}, )(?P<told>(?:(?:the|our|all|every|each|an?|we|there|no|(?-i:[A-Z])[\w'’-]*)\b|(?:[\w'’-]+ ){1,3}?(?:is|are|has|have|can|may|must|should|needs?|takes?|costs?)\b).*)$",
        )
    });
    // "Nobody says …", "whoever says …" tell nothing.
    const TELLS_NOT: [&str; 20] = [
        "no", "not", "never", "nobody", "none", "who", "whoever", "that", "which", "if", "when", "whenever", "until",
        "unless", "once", "before", "after", "where", "what", "cannot",
    ];
    let found = FRONT.captures(text)?;
    let who = found.name("who").map_or("", |who| who.as_str()).to_lowercase();
    let tells = |word: &str| !TELLS_NOT.contains(&word) && !word.ends_with("n't") && !word.ends_with("n’t");
    let told = found.name("told")?.as_str();
    let names_one = !who.contains(|c: char| c.is_ascii_digit()) && who.split_whitespace().all(tells);
    (names_one && says_enough(told)).then_some(told)
}

fn says_enough(claim: &str) -> bool {
    words(claim) >= LEAST
}

fn words(text: &str) -> usize {
    text.split_whitespace().count()
}

/// A source behind what is said, or that it is only told.
static BEHIND: LazyLock<Regex> = LazyLock::new(|| {
    let text = format!(r"(?:(?:the|my|our|an?|its|their|his|her) )?(?:[\w'’-]+ ){{0,3}}?{PRINTED}(?: [^,;]{{1,30}})?");
    pattern(&format!(
        r"(?i)(?:\s*[,;–—(]|\s-)\s*(?:(?:(?:it|that|this)(?:['’]s| is| was)?|thats|its) (?:(?:what|how) [^,;]{{2,50}}|(?:printed|written|stated|noted|listed|posted|painted|engraved|says so) (?:in|on|at|by|under|there|here)\b[^,;]*|(?:in|on|from) {text})|(?:as )?(?:at least )?(?:(?:the|my|our|an?|their|his|her) )?(?:[\w.&'’-]+ ){{1,3}}?(?:told (?:me|us)|says|said|confirms|confirmed|wrote|writes)(?: (?:so|it|that|this))?(?: (?:to (?:me|us)|(?:in|on|over|by) [^,;]{{2,30}}))?|(?:i|we)(?:['’]ve| have)? (?:(?:read|saw|heard|checked|measured|counted|weighed|looked)(?: (?:it|that|this|them|up|so|myself|there|here))+(?: (?:in|on|at|from) {text})?|(?:have|got) (?:it|that|this|them) (?:here|in writing|from [^,;]{{2,40}}))|(?:as )?(?:according to|as per|going by|per (?:the|our)) [^,;]{{2,50}}|(?:i|we)(?:['’]ve| have)? (?:just |only )?(?:tried|tested|connected to|called|asked|rang|timed|ran) (?:it|them|there)(?: (?:myself|today|yesterday|just now))?|as (?:(?:printed|written|stated|noted|listed|shown) )?(?:in|on|by) {text}|(?:so )?says (?:the|our|my|(?-i:[A-Z]))[^,;]{{1,40}}|(?:just )?(?:to let you know|so (?:that )?you know|fyi|for (?:the record|your information)|by the way|btw))\)?$"
    ))
});
/// A source behind what is said, with nothing between.
static WITHIN: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)(?P<source> says (?:the|our|my|(?-i:[A-Z]))[^,;]{1,40}?)(?:[,;]|$)"));

#[cfg(test)]
mod tests {
    use super::claim;

    #[test]
    fn a_claim_is_told_from_its_source() {
        for (text, said) in [
            (
                "The lift carries 900 kg, the foreman told me so",
                "The lift carries 900 kg",
            ),
            (
                "The lift carries 900 kg, it is printed on the door",
                "The lift carries 900 kg",
            ),
            ("The lift carries 900 kg - its on the plate.", "The lift carries 900 kg"),
            (
                "The lift carries 900 kg, that is on the maker's papers, i have them here",
                "The lift carries 900 kg",
            ),
            ("The toll is 4 euros, as on the town's website", "The toll is 4 euros"),
            ("For your table: the toll is 4 euros, Ida says", "the toll is 4 euros"),
            ("The toll is 4 euros, according to Ida", "The toll is 4 euros"),
            ("The toll is 4 euros, per the town's brochure", "The toll is 4 euros"),
            (
                "The door listens on 5433, it's in the config file",
                "The door listens on 5433",
            ),
            (
                "The door listens on 5433, I just connected to it",
                "The door listens on 5433",
            ),
            ("I was told the toll is 4 euros", "the toll is 4 euros"),
            ("The toll is 4 euros, I read it in the manual", "The toll is 4 euros"),
            ("The toll is 4 euros, just so you know", "The toll is 4 euros"),
            (
                "The cart comes at 7:15 says the porter, so be there by then",
                "The cart comes at 7:15, so be there by then",
            ),
            ("The porter says the cart comes at 7", "the cart comes at 7"),
            ("The porter told me on the phone that carts are free", "carts are free"),
            (
                "The maker says in its manual we may run 12 looms",
                "we may run 12 looms",
            ),
            ("According to Ida, the toll is 4 euros", "the toll is 4 euros"),
        ] {
            assert_eq!(claim(text).as_deref(), Some(said), "{text}");
        }
        for text in [
            "The lift carries 900 kg",
            "The press needs oil, it is in hall 2",
            "The press needs oil, it is on the upper shelf",
            "The lamp costs 40, we have it in red",
            "The toll is 4 euros, per person",
            "Ring twice, the guard told us to wait",
            "Ida says goodbye to guests",
            "I was told to wait at the gate",
            "Nobody says the hall is shut",
            "Room 12 never says the hall is shut",
            "Whoever says the word opens the gate",
            "The porter told me on Mondays to ring",
            "For the kiln: 900 degrees and no more",
        ] {
            assert_eq!(claim(text), None, "{text}");
        }
    }
}
