//! What an order to forget asks for: words, and kinds of values, which a fact may hold without the word.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use crate::dates::MONTH_NAMES;
use crate::text::clean::pattern;
use crate::text::vocabulary::STOP;
use crate::text::words::{Features, Value, akin, features, is_plain_start, is_title, stem};

/// Stems of words that say what of a thing is meant, not which thing.
const ASPECTS: [&str; 19] = [
    "name", "detail", "talk", "story", "topic", "matter", "bit", "part", "info", "inform", "subject", "fact", "news",
    "plan", "thing", "arrange", "locat", "place", "identit",
];
/// Stems of what a thing may have as well as any other: alone they do not say of what.
const OF_MANY: [&str; 2] = ["vendor", "decision"];
/// An aspect that shows in a fact; where none shows it, it says no more than the others.
const SHOWN: [&str; 1] = ["address"];

/// Stems of words for what a thing is called, which shows where a fact names it.
const CALLED: [&str; 3] = ["titl", "nicknam", "codenam"];
/// Stems of words that stand in many names: of "Project Otter" it is the otter.
const IN_NAMES: [&str; 6] = ["project", "oper", "mission", "team", "programm", "initiativ"];
/// Stems of words that say of news no more than that it is some.
const OF_NEWS: [&str; 7] = [
    "decision",
    "public",
    "secret",
    "official",
    "announc",
    "confidential",
    "final",
];

/// "It goes by the name of Otter", "they want to rename it to Otter".
static NAMES_IT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"(?i)\b(?:called|named|titled|entitled|dubbed|christened|nicknamed|renamed|known as|go(?:es)? by)(?: (?:the|a|an))?(?: (?:\w+ )?names? (?:of )?)? ?["“'‘]?(?-i:[A-Z])|\brenam(?:es?|ed|ing) [^.;:]{0,40}?\b(?:to|as|into) ["“'‘]?(?-i:[A-Z])|\b(?:name|title|nickname)(?: (?:of|for) (?:the|our|my|this|that) [\w-]+(?: [\w-]+)?)? (?:is|was|will be|shall be) ["“'‘]?(?-i:[A-Z])"#,
    )
});

/// Whether a fact says what a thing is called. "The director of the play is called …" names somebody else.
fn names_it(text: &str) -> bool {
    static OF_ANOTHER: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\bof (?:the|our|my|this|that)\b|['’]s\b"));
    NAMES_IT
        .find(text)
        .is_some_and(|found| !OF_ANOTHER.is_match(&text[..found.start()]))
}

/// Words for being away, which shows where a fact says so without them: "the trip" in "a weekend in Oulu".
static AWAY: LazyLock<[(BTreeSet<String>, Regex); 2]> = LazyLock::new(|| {
    const TRIP: &str = r"(?i)\b(?:weekends?|days?|nights?|weeks?) (?:away\b|(?:in|at|by) (?:the )?(?-i:[A-Z]))|\b(?:fl(?:y|ies|ew|ying)|sail(?:s|ed|ing)?|travel(?:s|led|ling)?|driv(?:e|es|ing)|drove) (?:together )?to (?-i:[A-Z])";
    const STAY: &str = r"(?i)\bhospitali[sz]ed\b|\b(?:i|he|she|they|the user|(?-i:[A-Z])[\w’-]+) (?:was|were|will be|has been|have been|lay|spent|spends|stayed|stays) (?:[\w’-]+ ){0,4}?(?:in|at) ";
    [("trip journey outing getaway vacation", TRIP), ("stay stays", STAY)]
        .map(|(words, looks)| (words.split_whitespace().map(stem).collect(), pattern(looks)))
});

/// Whether a text shows that somebody is away, where a word asks for that.
fn is_away(wanted: &str, text: &str) -> bool {
    AWAY.iter()
        .any(|(words, looks)| words.contains(wanted) && looks.is_match(text))
}

/// "That I'm diabetic": said of the asker, and of nobody else.
fn is_of_the_asker(text: &str) -> bool {
    static OF_ASKER: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"(?i)^(?:(?:the fact that|that|how|how much|how old) )?i(?:['’](?:m|ve|d)|\b) ?(?P<verb>[a-z]+)?")
    });
    // "That I told you about Ruth" is on Ruth.
    const TELLS: [&str; 8] = ["told", "said", "mentioned", "gave", "shared", "asked", "wrote", "know"];
    OF_ASKER.captures(text).is_some_and(|found| {
        let verb = found.name("verb").map_or("", |verb| verb.as_str());
        !TELLS.contains(&verb.to_lowercase().as_str())
    })
}

/// Whether a fact is on somebody else than the user: on their mother, or on somebody named.
fn is_of_another(text: &str, fact: &Features) -> bool {
    static RELATIVE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:the user['’]s|my|our|his|her|their) (?:[\w-]+ )?(?:mother|mum|mom|father|dad|parents?|sister|brother|siblings?|wife|husband|spouse|partner|girlfriend|boyfriend|fianc[ée]e?|sons?|daughters?|child|children|kids?|baby|aunt|uncle|cousin|niece|nephew|grand[a-z]+|friend|flatmate|roommate|boss|manager|colleague|neighbou?r|dog|cat)(?:-in-law)?s?\b",
        )
    });
    static THE_USER: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\b(?:the user|i|my|me)\b"));
    let named = || {
        let names = fact.values.get(&Value::Name);
        names.is_some_and(|names| !names.is_disjoint(&fact.leading)) && !THE_USER.is_match(text)
    };
    RELATIVE.is_match(text) || named()
}

/// "The user lives in Oulu", "the user's flat is at 9 Alder Court".
fn is_a_home(text: &str) -> bool {
    static HOME: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:(?:(?:the user|i|we)\b[^.;]{0,40}?\b(?:lives|lived|living|resid(?:e|es|ed|ing))|(?:i|we|the user and [\w’-]+) live) (?:[\w’-]+ ){0,2}?(?:in|at|on|near|behind|beside|opposite|above|next to)|(?:the user['’]s|my|our) (?:(?:home|postal|street|private|own|new) )?address|(?:the user['’]s|my|our) (?:new |own )?(?:home|house|flat|apartment) (?:is|stands|lies|sits) (?:[\w’-]+ ){0,2}?(?:in|at|on|near|behind|beside|opposite|above|next to))\b",
        )
    });
    HOME.is_match(text)
}

/// "Where Ida lives": who that is.
fn who_lives(text: &str) -> Option<&str> {
    static LIVES: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)^(?:about )?where (?P<who>[\w'’-]+(?: [\w'’-]+){0,2}) (?:live|stay|reside)s?$"));
    Some(LIVES.captures(text.trim())?.name("who")?.as_str())
}

/// Words that ask for a value, and how such a value looks: "her wage" is "31 euros an hour".
static KINDS: LazyLock<Vec<(BTreeSet<String>, Regex)>> = LazyLock::new(|| {
    const MONEY: &str = r"(?i)[€$£]\s?\d|\d(?:[\d., ]*\d)?\s?(?:k|m|million|thousand)?\s?(?:€|\$|£|(?:euros?|eur|dollars?|usd|pounds?|gbp|francs?|chf|cents?|crowns?|yen)\b)|\d (?:a|per) (?:month|week|year|head|night|person)\b|\b(?:pays?|paid|costs?|charges?|earns?|owes?) (?:[a-z]+ ){0,2}\d{2}";
    // "The clinic will merge with Santa Brisca"; branches and lists are merged, too.
    const OF_FIRMS: &str = r"(?i)\b(?:buy|bought|sell|sold|purchas|acquir|sale\b|takes? over|took over)|\b(?:(?:we|they|(?-i:[A-Z])[\w'’-]+) (?:will|may|might|are to|is to) (?:soon )?merge|(?:we|they|(?-i:[A-Z])[\w'’-]+) (?:is|are) (?:soon )?merging|(?-i:[A-Z])[\w'’-]+ (?:(?:has|have|had) )?merge[ds]) with (?:the )?(?-i:[A-Z][a-z])|\b(?:clinic|school|hospital|compan(?:y|ie)|firm|bank|parish|council|charit(?:y|ie)|universit(?:y|ie)|association|orchestra|choir)s? (?:(?:is|are|will|shall|to|have|has|may|might|plan|want) )*merg(?:e|es|ed|ing)(?: (?:with|in|next|this|before|by|soon)\b|[.!]*$)";
    let months = MONTH_NAMES.join("|");
    let short_months = MONTH_NAMES.map(|month| &month[..3]).join("|");
    let day = format!(
        r"(?i)\b\d{{4}}-\d\d-\d\d\b|\b(?:{months}|{short_months}) \d{{1,2}}\b|\b\d{{1,2}}(?:st|nd|rd|th)?\.? (?:of )?(?:{months})\b"
    );
    [
        ("money sum amount salary fee cost price budget rent bonus income revenue turnover loan debt deposit funding", MONEY),
        ("rebate discount margin commission markup surcharge percentage share interest", r"(?i)\d\s?(?:%|percent\b)|\b(?:two|three|four|five|six|seven|eight|nine|ten|fifteen|twenty|thirty|forty|fifty) percent\b"),
        ("frequency", r"(?i)\d\s?[kmg]?hz\b"),
        ("temperature", r"(?i)\d\s?(?:°|degrees?\b|kelvin\b)"),
        ("date deadline birthday", day.as_str()),
        ("phone number mobile telephone", r"(?:\+|\b0)\d{1,5}(?:[ ()/-]{0,2}\d){5,}|\+?\d(?:[ ()/]{0,2}\d){6,}|\d{3}-\d{3,4}-\d{3,4}"),
        ("mail", r"\S@\S+\.\w"),
        ("address", r"\b\d{1,4}[a-z]? (?:[A-Z][\w'’-]+ ?){2,}|\b[A-Z][\w'’-]+ ?(?:[Ss]tra(?:ß|ss)e|[Ww]eg|[Gg]asse|[Pp]latz|[Aa]llee|[Ss]treet|[Rr]oad|[Ll]ane|[Aa]venue|[Ss]quare) \d"),
        ("change switch swap replacement transition", r"(?i)\b(?:chang|switch|swap|replac|mov(?:e|es|ed|ing)\b|migrat)"),
        ("purchase sale deal buyout", OF_FIRMS),
        ("closing closure shutdown", r"(?i)\b(?:clos(?:e[sd]?|ing)|shut(?:s|ting)?) (?:down|for good|forever|in|next|this|by)\b|\bshutting\b|\b(?:wind(?:s|ing)?|wound) (?:up|down)\b|\bgo(?:es|ing)? out of business\b"),
        ("terminus terminal endpoint", r"(?i)\b(?:ends?|ending|terminates?|turns? round|last stop) (?:at|in|on|is)\b|\bto end (?:at|in|on)\b"),
        ("supplier suppliers vendor vendors", r"(?i)\b(?:(?:we|i|they) (?:buy|order|purchase)|(?:is|are) (?:bought|ordered|purchased)|we bought) (?:[\w'’-]+ ){0,5}?(?:from|through) (?-i:[A-Z])|\b(?:supplied|delivered) by (?-i:[A-Z])|(?-i:[A-Z])[\w'’-]+ (?:supplies|delivers) (?:us|our|all|the)\b"),
        ("decision", r"(?i)\b(?:decided|agreed|voted|chose|chosen|resolved) (?:to|on|for|against|that)\b|\b(?:we|they)(?: (?:are|will|shall|plan to)|['’](?:re|ll))(?: (?:soon|all|probably|finally|be|going to))* (?:mov|switch|chang|migrat|buy|sell|adopt|introduc|replac|merg)(?:e|ing)?\b"),
        ("departure resignation exit", r"(?i)\b(?:leav(?:e|es|ing)|left|quits?|resign)"),
        ("wedding marriage", r"(?i)\b(?:marr(?:y|ies|ied)|weds)\b"),
        ("illness disease sickness condition diagnosis health", r"(?i)\b(?:ill(?:ness)?\b|sick|suffers?|diagnosed|diabet|asthma|cancer|epileps|depress|allerg|migraine|pregnan|surgery\b)"),
        ("medication medicine medicament medicines pills", r"(?i)\b(?:pills?|tablets?|capsules?|insulin|inhalers?|painkillers?|antibiotics?|antidepressants?|(?:eye|ear|nose) drops|prescribed|medications?|medicines?)\b|\btakes? (?:[\w-]+ ){0,4}?\d+ ?m(?:g|l|cg)\b|\btakes? (?:lithium|aspirin|ritalin|beta blockers|[a-z]{3,}(?:olol|pril|statin|formin|pam|zole|oxine?|arin|mycin|cillin|tine|azine))\b"),
        ("private personal home", r"(?i)\b(?:I|me|my|mine|the user(?:'s)?)\b"),
    ]
    .into_iter()
    .map(|(words, looks)| (words.split_whitespace().map(stem).collect(), pattern(looks)))
    .collect()
});

/// What a fact has to say of a place.
#[derive(Clone, Copy)]
enum Place {
    /// Nothing.
    Any,
    /// Where something is.
    Where,
    /// Where the user lives.
    Home,
}

/// One reading of an order to forget.
pub(super) struct Wanted {
    /// What it names.
    pub(super) about: Features,
    /// It asks for a name to go: no other fact may tell it.
    names: bool,
    /// All of its words are to stand in a fact.
    whole: bool,
    /// It asks for where somebody or something is, and a fact has to say where that is.
    place: Place,
    /// It is said of the asker alone.
    own: bool,
    /// It is nothing but a name.
    name: Option<String>,
    /// The kind of a new thing, where nothing else is named: "the decision about the new system".
    new: Option<String>,
}

impl Wanted {
    /// The readings of an order's words, the closest first. The aspects say nothing where other words do: of "the name of
    /// the sequel" it is the sequel that goes.
    pub(super) fn readings(text: &str, known: &BTreeSet<String>) -> Vec<Self> {
        static NAMES: LazyLock<Regex> =
            LazyLock::new(|| pattern(r"(?i)\b(?:(?:code)?names?|nicknames?|identity|who|whom)\b"));
        static WHICH_NAME: LazyLock<Regex> =
            LazyLock::new(|| pattern(r"(?i)\b(?:code|working|cover|stage|pen|pet)[ -]names?\b"));
        match who_lives(text).map(str::to_lowercase).as_deref() {
            Some("i" | "we") => return vec![Self::home(known)],
            // Whose home that is was not said.
            Some("he" | "she" | "they") => return Vec::new(),
            _ => {}
        }
        let words = features(text, known);
        let new = new_thing(text, &words);
        let own = is_of_the_asker(text);
        let without = |aspects: &[&str]| {
            let mut about = words.clone();
            let telling = |stem: &String| !aspects.contains(&stem.as_str());
            if about.stems.iter().any(telling) {
                about.stems.retain(telling);
                about.subject.retain(telling);
            }
            Self {
                about,
                names: NAMES.is_match(text),
                whole: false,
                place: Place::Any,
                own,
                name: only_name(text),
                new: new.clone(),
            }
        };
        // "The code name": where a fact says these very words, it is that one, and none on the review of code.
        let mut whole = without(&[]);
        whole.whole = true;
        let mut closest = without(&ASPECTS);
        // "My address" is nobody else's.
        let mine = words.sequence.iter().any(|word| word == "my" || word == "mine");
        if mine && closest.about.stems.iter().all(|stem| looks_of(stem).is_some()) {
            closest.about.stems.insert("personal".to_owned());
        }
        let mut readings = Vec::new();
        if whole.names && whole.about.stems != closest.about.stems {
            readings.push(whole);
        }
        // "The code name of the engine" shows where a fact says what the engine is called.
        if let Cow::Owned(called) = WHICH_NAME.replace_all(text, "nickname") {
            readings.push(Self {
                about: features(&called, known),
                names: true,
                whole: true,
                place: Place::Any,
                own,
                name: None,
                new: None,
            });
        }
        readings.push(closest);
        if words.stems.iter().any(|stem| SHOWN.contains(&stem.as_str())) {
            let mut bare = without(&[ASPECTS.as_slice(), &SHOWN].concat());
            bare.place = Place::Where;
            readings.push(bare);
        }
        readings.retain(|wanted| !wanted.about.stems.is_empty());
        readings
    }

    /// "Where I live".
    fn home(known: &BTreeSet<String>) -> Self {
        let mut about = features("my home address", known);
        about.stems.extend(["personal".to_owned(), "live".to_owned()]);
        Self {
            about,
            names: false,
            whole: false,
            place: Place::Home,
            own: true,
            name: None,
            new: None,
        }
    }

    /// The name, where it asks for nothing else.
    pub(super) fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// "The trip and the present": each thing by itself, where the words are no more than that and say which thing.
    pub(super) fn one_by_one(text: &str, known: &BTreeSet<String>) -> Vec<Self> {
        static THING: LazyLock<Regex> =
            LazyLock::new(|| pattern(r"(?i)^(?:the|my|our|his|her|their) (?P<words>[\w'’-]+(?: [\w'’-]+){0,2})$"));
        let telling = |stem: &String| !ASPECTS.contains(&stem.as_str()) && looks_of(stem).is_none();
        let thing = |part: &str| {
            let found = THING.captures(part.trim())?;
            let plain = found["words"]
                .split(' ')
                .all(|word| !STOP.contains(word.to_lowercase().as_str()));
            let wanted = Self::readings(part, known).into_iter().find(|wanted| !wanted.whole)?;
            (plain && wanted.about.stems.iter().any(telling)).then_some(wanted)
        };
        let parts: Vec<&str> = text.split(" and ").collect();
        let things: Option<Vec<Self>> = parts.iter().map(|part| thing(part)).collect();
        things.filter(|things| things.len() > 1).unwrap_or_default()
    }

    /// The part of what it names that a text says, or shows a value of.
    pub(super) fn share(&self, text: &str, fact: &Features) -> f32 {
        if self.own && is_of_another(text, fact) {
            return 0.0;
        }
        match self.place {
            Place::Home => return if is_a_home(text) { 1.0 } else { 0.0 },
            Place::Where if !says_where(text) => return 0.0,
            Place::Where | Place::Any => {}
        }
        // "The title" alone does not say of what.
        let of_something = self.about.stems.len() > 1;
        let met = self.about.stems.iter().filter(|wanted| {
            fact.stems.iter().any(|stem| akin(wanted, stem))
                || (of_something || !OF_MANY.contains(&wanted.as_str()))
                    && looks_of(wanted).is_some_and(|looks| looks.is_match(text))
                || of_something && CALLED.contains(&wanted.as_str()) && names_it(text)
                || of_something && is_away(wanted, text)
        });
        met.count() as f32 / self.about.stems.len() as f32
    }

    /// Whether it is what a fact is about, and all of that: of the fact that the guest wifi is called Otter, the guest wifi.
    pub(super) fn is_subject(&self, fact: &Features) -> bool {
        let subject: BTreeSet<&String> = fact.head.iter().chain(&fact.leading).collect();
        let wanted = &self.about.stems;
        !wanted.is_empty()
            && wanted.iter().all(|stem| subject.iter().any(|own| akin(stem, own)))
            && subject.iter().all(|own| wanted.iter().any(|stem| akin(stem, own)))
    }

    /// Whether a fact lacks a name or number that it says.
    pub(super) fn lacks_a_value(&self, fact: &Features) -> bool {
        let values = self.about.values.iter();
        values
            .filter(|(kind, _)| matches!(kind, Value::Name | Value::Number(_)))
            .flat_map(|(_, stems)| stems)
            .any(|stem| !fact.stems.contains(stem))
    }

    /// Whether all of its words are to stand in a fact.
    pub(super) fn is_whole(&self) -> bool {
        self.whole
    }

    /// The share from which on a fact is meant, where the best has this one.
    pub(super) fn least(&self, best: f32) -> f32 {
        if self.whole || self.about.stems.len() == 1 {
            1.0
        } else {
            0.6_f32.max(best - 0.21)
        }
    }

    /// The names that a fact that goes gives to the thing, where it is a name that is to go, or all of something new.
    pub(super) fn names_in(&self, fact: &Features) -> BTreeSet<String> {
        // "Mr Larch", and not "MR": titles have stems, too.
        let titles: BTreeSet<String> = fact
            .sequence
            .iter()
            .filter(|word| is_title(word))
            .map(|t| stem(t))
            .collect();
        let is_its = |name: &&String| {
            let telling = name.len() > 1 && !titles.contains(*name) && !is_plain_start(name);
            telling
                && !IN_NAMES.contains(&name.as_str())
                && !fact.leading.contains(*name)
                && !self.about.stems.contains(*name)
        };
        let names = fact.values.get(&Value::Name).into_iter().flatten();
        names
            .filter(|name| self.names || self.is_of_the_new(name, fact))
            .filter(is_its)
            .cloned()
            .collect()
    }

    /// Whether a fact calls the new thing by a name: "the Larch system".
    fn is_of_the_new(&self, name: &str, fact: &Features) -> bool {
        const COMES: [&str; 12] = [
            "new",
            "next",
            "soon",
            "will",
            "moving",
            "move",
            "switching",
            "switch",
            "buy",
            "buying",
            "introduce",
            "introducing",
        ];
        let called = |pair: &[String], thing: &str| stem(&pair[0]) == name && pair[1] == thing;
        // The tool that was there before keeps its name.
        let comes = fact.sequence.iter().any(|word| COMES.contains(&word.as_str()));
        let new = self.new.as_deref().filter(|_| comes);
        new.is_some_and(|thing| fact.sequence.windows(2).any(|pair| called(pair, thing)))
    }
}

/// "Ida", "about Ida": a name and no more.
fn only_name(text: &str) -> Option<String> {
    static NAME: LazyLock<Regex> = LazyLock::new(|| pattern(r"^(?:about )?(?P<name>[A-Z][a-zß-ÿ’-]{1,30})$"));
    Some(NAME.captures(text.trim())?["name"].to_owned())
}

/// The kind of thing of an order on nothing but something new, which has a name of its own: "the new ship", "that the
/// decision about the new system is not public". A new contract has the name of who signs it, an
/// office that of a town.
fn new_thing(text: &str, words: &Features) -> Option<String> {
    static NEW: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\bnew (?P<thing>system|software|tool|app|platform|program|product|engine|machine|brand|ship|boat)\b",
        )
    });
    let thing = NEW.captures(text)?["thing"].to_lowercase();
    let stem = stem(&thing);
    let nothing_else =
        |word: &String| *word == stem || ASPECTS.contains(&word.as_str()) || OF_NEWS.contains(&word.as_str());
    words.stems.iter().all(nothing_else).then_some(thing)
}

/// "Ruth lives near the mill", "the depot is behind the church". That she plays the cello is no address.
fn says_where(text: &str) -> bool {
    static WHERE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:address|(?:liv(?:e|es|ed|ing)|resid(?:e|es|ing)|stay(?:s|ing)?|mov(?:e|es|ed|ing)|is|are|am|sits?|stands?|lies|lodges?|located|based|found|house|home|flat|office) (?:[\w'’-]+ ){0,2}?(?:in|at|on|to|near|by|behind|beside|opposite|under|above|over|off|from|with)\b)",
        )
    });
    WHERE.is_match(text)
}

fn looks_of(stem: &str) -> Option<&'static Regex> {
    let kind = KINDS.iter().find(|(words, _)| words.contains(stem));
    kind.map(|(_, looks)| looks)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(order: &str, fact: &str) -> f32 {
        let names = BTreeSet::new();
        let readings = Wanted::readings(order, &names);
        readings
            .iter()
            .find(|wanted| !wanted.is_whole())
            .map_or(0.0, |wanted| wanted.share(fact, &features(fact, &names)))
    }

    #[test]
    fn an_address_is_where_somebody_lives() {
        let best = |order: &str, fact: &str| {
            let names = BTreeSet::new();
            let about = features(fact, &names);
            let readings = Wanted::readings(order, &names);
            let shares = readings.iter().map(|wanted| wanted.share(fact, &about));
            shares.fold(0.0, f32::max)
        };
        for fact in [
            "Ruth lives near the mill",
            "Ruth is at the harbour until May",
            "Ruth moved to Oulu",
        ] {
            assert!(best("Ruth's address", fact) >= 1.0, "{fact}");
        }
        for fact in ["Ruth plays the cello", "Ruth pays in 30 days", "Ruth is the warden"] {
            assert!(best("Ruth's address", fact) < 0.6, "{fact}");
        }
    }

    #[test]
    fn a_value_shows_what_the_order_names() {
        let mut wrong = Vec::new();
        for (order, fact) in [
            ("Ruth's salary", "Ruth gets 4100 euros a month"),
            (
                "the rent for the kiln shed",
                "The landlord wants 2,350 a month for the kiln shed",
            ),
            ("the fee of the choir", "The choir costs us 120"),
            ("the budget for the float", "We may spend €900 on the float"),
            ("the Larkin discount", "Larkin takes 12 % off"),
            ("the frequency of beacon 4", "Beacon 4 sends on 868.3 MHz"),
            ("my private number", "My number is 0171 555 2910"),
            ("my home address", "Send it to me at 14 Alder Close"),
            ("my address", "I live at Lindenweg 4"),
            ("the supplier change", "We switch supplier to Larkin in June"),
            ("the land purchase", "Hobb sells his land to us in autumn"),
            ("the merger", "The clinic will merge with Santa Brisca in autumn"),
            ("the merger", "We are merging with Quarn Mills next year"),
            ("the merger", "The two choirs merge in May"),
            ("the merger", "Both banks are to merge before spring"),
            ("the merger", "Hobb has merged with the Larkin group"),
            ("the tram terminus", "The tram line is to end at Alder Square"),
            ("the closing of the mill", "The Quarn mill shuts in autumn"),
            ("the shop closure", "The shop is winding down"),
            ("our school's shutdown", "Our school closes for good"),
            ("Ruth's departure", "Ruth leaves in May"),
            ("the date of the strike", "The strike is on the 3rd of June"),
            ("my health", "I cannot work nights because of my allergy"),
            ("Ruth's health", "Ruth is on sick leave until May"),
            ("the name of opposing counsel", "Our opponent's counsel is Ms Quarn"),
            ("who our yarn supplier is", "We buy yarn from Hobb in Turku"),
            ("the coffee supplier", "Larkin supplies us with coffee"),
            ("our flour vendor", "Rye flour is ordered through Quarn Mills"),
            ("the new play's title", "They want to rename the play to Larkspur"),
            ("the title of the exhibition", "The exhibition will be called Old Looms"),
            ("the album title", "The title of the album is Larkspur"),
            (
                "the decision on the heating",
                "We agreed to heat with wood, heating costs less then",
            ),
            (
                "the decision about the office",
                "We are moving to the Quarn office next year",
            ),
        ] {
            if share(order, fact) < 1.0 {
                wrong.push((order, fact, share(order, fact)));
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    #[test]
    fn a_name_is_sought_by_all_its_words_first() {
        let names = BTreeSet::new();
        for (order, meant, other) in [
            (
                "the code name",
                "The code name of the engine is Otter",
                "Code is reviewed by two people",
            ),
            (
                "the supplier's name",
                "The supplier has the name Larkin",
                "The supplier comes on Mondays",
            ),
            (
                "the name of the fair",
                "The name of the fair is Lantern Row",
                "The fair ends at nine",
            ),
        ] {
            let readings = Wanted::readings(order, &names);
            let Some(first) = readings.first() else {
                panic!("{order}")
            };
            assert!(first.is_whole() && first.least(1.0) >= 1.0, "{order}");
            let share = |fact: &str| first.share(fact, &features(fact, &names));
            assert!(share(meant) >= 1.0 && share(other) < 1.0, "{order}");
        }
        let readings = Wanted::readings("the price of the fair", &names);
        assert!(readings.iter().all(|wanted| !wanted.is_whole()));
    }

    #[test]
    fn what_a_thing_goes_by_is_its_code_name() {
        let names = BTreeSet::new();
        for (order, meant) in [
            (
                "the code name of the audit",
                "The audit goes by the name of Project Otter",
            ),
            ("the working name of the opera", "The opera is known as Larkspur"),
            ("the audit's codename", "The audit was christened Otter"),
        ] {
            let readings = Wanted::readings(order, &names);
            let found = |fact: &str| {
                let about = features(fact, &names);
                readings.iter().any(|wanted| wanted.share(fact, &about) >= 1.0)
            };
            assert!(found(meant), "{order}");
            for other in [
                "The audit form asks for the name of the owner",
                "The opera begins at eight",
                "The audit is called off in summer",
                "Code is reviewed by two people",
            ] {
                assert!(!found(other), "{order} / {other}");
            }
        }
    }

    #[test]
    fn a_new_thing_has_a_name_of_its_own() {
        let names = BTreeSet::new();
        let named = |order: &str, fact: &str| {
            let readings = Wanted::readings(order, &names);
            let of = |wanted: &Wanted| wanted.names_in(&features(fact, &names));
            readings.first().map(of).unwrap_or_default()
        };
        for (order, fact) in [
            (
                "the decision about the new system isn't public yet",
                "We are moving to the Larkspur system next year",
            ),
            ("the new tool", "Forms will be filled in with the Larkspur tool"),
            ("the plan for the new ship", "We will buy the Larkspur ship"),
        ] {
            assert_eq!(named(order, fact), BTreeSet::from(["larkspur".to_owned()]), "{order}");
        }
        for (order, fact) in [
            (
                "the date of the new system",
                "The move to the Larkspur system is in May",
            ),
            ("the new contract", "We sign the Larkspur contract in May"),
            ("the new system", "The new system comes from Larkspur"),
            ("the system", "We are moving to the Larkspur system"),
            ("the new tool", "Forms are filled in with the Larkspur tool"),
            ("the new office", "We are moving to the Larkspur office"),
            ("the new ship", "We will let Larkspur deploy the shop"),
        ] {
            assert_eq!(named(order, fact), BTreeSet::new(), "{order} / {fact}");
        }
        let project = named(
            "the code name of the audit",
            "The code name of the audit is Project Larkspur",
        );
        assert_eq!(project, BTreeSet::from(["larkspur".to_owned()]));
        // A title is no name, nor is it what others of that title are known by.
        let of_a_room = named("who has room 12", "Room 12 is kept for Mr Larkspur");
        assert_eq!(of_a_room, BTreeSet::from(["larkspur".to_owned()]));
    }

    #[test]
    fn things_that_are_named_one_by_one() {
        let names = BTreeSet::new();
        let of = |text: &str| Wanted::one_by_one(text, &names).len();
        for (text, many) in [
            ("the trip and the present", 2),
            ("my allotment and her choir", 2),
            ("the old kiln and the loom and the press", 3),
            ("the name and the address of the donor", 0),
            ("the price and the date", 0),
            ("the trip", 0),
            ("the trip and what it costs", 0),
            ("the merger with Quarn and the leak", 0),
        ] {
            assert_eq!(of(text), many, "{text}");
        }
    }

    #[test]
    fn what_is_said_of_the_asker_is_nobody_elses() {
        for fact in ["The user is diabetic", "The user has been diabetic since May"] {
            assert!(share("that I'm diabetic", fact) >= 1.0, "{fact}");
        }
        for (order, fact) in [
            ("that I'm diabetic", "The user's mother is diabetic"),
            ("that I am left-handed", "The user's youngest son is left-handed"),
            ("that I'm diabetic", "Ruth Larkin is diabetic"),
        ] {
            assert!(share(order, fact) < 0.6, "{order} / {fact}");
        }
        assert!(!is_of_the_asker("that I told you about Ruth") && !is_of_the_asker("Ida's loan"));
        assert!(share("that Ruth is diabetic", "Ruth is diabetic") >= 1.0);
    }

    #[test]
    fn where_the_asker_lives_is_a_home() {
        for fact in [
            "The user's flat is at 9 Alder Court, Quarn",
            "The user lives in Oulu",
            "The user's home address is 14 Alder Close",
            "The user and Ruth live near the mill",
        ] {
            assert!(share("where I live", fact) >= 1.0, "{fact}");
        }
        for fact in [
            "The user's mother lives in Turku",
            "Ruth lives in Turku",
            "The user is in the choir",
            "The user works at home on Mondays",
            "The user's mail address is ida@mill.example",
            "The depot is at 14 Alder Close",
            "The demo runs live on Mondays",
            "The user plays live sets in Oulu",
        ] {
            assert!(share("where I live", fact) < 0.6, "{fact}");
        }
        let readings = Wanted::readings("where she lives", &BTreeSet::new());
        assert!(readings.is_empty());
    }

    #[test]
    fn a_trip_shows_in_where_it_goes() {
        for (order, fact) in [
            (
                "the birthday trip",
                "The surprise for Ruth's birthday is a weekend in Oulu",
            ),
            ("my stay in hospital", "The user was in hospital in May"),
            ("my stay in hospital", "The user was hospitalised in May"),
            ("the choir's journey", "The choir flies to Turku in June"),
        ] {
            assert!(share(order, fact) >= 1.0, "{order} / {fact}");
        }
        for (order, fact) in [
            ("the birthday trip", "Ruth's birthday is on the 3rd of May"),
            ("my stay in hospital", "The hospital's fax is 0912"),
            ("the trip", "The choir flies to Turku in June"),
            ("the Oulu trip", "Oulu is in the northern region"),
            ("Ruth's trip", "Ruth was at the council until May"),
            ("the choir's journey", "The choir sings on Mondays"),
        ] {
            assert!(share(order, fact) < 0.6, "{order} / {fact}");
        }
        let names = BTreeSet::new();
        assert_eq!(Wanted::one_by_one("the trip and the present", &names).len(), 2);
    }

    #[test]
    fn another_value_shows_something_else() {
        for (order, fact) in [
            ("Ruth's salary", "Ruth plans the shifts of 12 people"),
            ("Ruth's salary", "Ruth sends 2 boxes a month"),
            ("my address", "The depot is at 14 Alder Close"),
            ("my private number", "Reader numbers begin with 9"),
            ("the supplier change", "Our supplier is in Turku"),
            ("the land purchase", "The land register is in hall 4"),
            ("the merger", "Pull requests merge only when CI is green"),
            ("the merger", "Branches are merged with squash"),
            ("the merger", "Merge with Rebase, never with a merge commit"),
            ("the merger", "We merge on Fridays"),
            ("the merger", "The sheets are merged before they are printed"),
            ("Ruth's health", "Ruth draws the illustrations"),
            ("the yarn supplier", "We get the yarn totals from Excel"),
            ("the yarn supplier", "Yarn is sorted from A to Z"),
            ("the closing of the mill", "The mill winds wool on spools"),
            ("the shop closure", "The shop shuts the gate with a chain"),
            ("the yarn supplier", "Orders of yarn are picked up at Gate 4"),
            ("who our supplier is", "We buy yarn from Hobb in Turku"),
            ("the decision", "We decided to heat with wood"),
            (
                "the decision about the logo",
                "The logo will change its colour at night",
            ),
            ("the play's title", "The director of the play is called Ida"),
            ("the play's title", "The play's director is called Ida"),
            ("the play's title", "The name of the director of the play is Ida"),
            ("the play's title", "The play is called off in snow"),
            ("the play's title", "Save files are named after the play"),
            ("the decision about the office", "The office is closed on Mondays"),
        ] {
            assert!(share(order, fact) < 0.6, "{order} / {fact}: {}", share(order, fact));
        }
    }
}
