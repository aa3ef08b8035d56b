//! "I …" and "my …" said by whom: memory is read by others.

use std::sync::LazyLock;

use regex::Regex;

use crate::text::clean::pattern;

/// How a sentence begins in which a person speaks of themselves, and how that is retold.
const SAID: &[(&str, &str)] = &[
    ("my ", "The user's "),
    ("i'm ", "The user is "),
    ("i am ", "The user is "),
    ("i've ", "The user has "),
    ("i have ", "The user has "),
    ("i'd like ", "The user would like "),
    ("i'd love ", "The user would love "),
    ("i'd prefer ", "The user would prefer "),
    ("i'd rather ", "The user would rather "),
    ("i'll ", "The user will "),
    ("i don't ", "The user doesn't "),
    ("i do not ", "The user does not "),
    ("i do ", "The user does "),
];

/// Verbs whose form of the third person is made by an "s", of what people tell of themselves.
const PRESENT: [&str; 55] = [
    "prefer",
    "like",
    "love",
    "hate",
    "dislike",
    "want",
    "need",
    "use",
    "work",
    "live",
    "speak",
    "own",
    "lead",
    "manage",
    "run",
    "maintain",
    "read",
    "write",
    "code",
    "think",
    "eat",
    "drink",
    "play",
    "take",
    "earn",
    "bank",
    "collect",
    "know",
    "drive",
    "ride",
    "sleep",
    "report",
    "answer",
    "sing",
    "cook",
    "bake",
    "travel",
    "keep",
    "enjoy",
    "shop",
    "train",
    "volunteer",
    "commute",
    "attend",
    "practice",
    "practise",
    "subscribe",
    "belong",
    "spend",
    "retire",
    "rent",
    "wear",
    "smoke",
    "swim",
    "weigh",
];

/// Verbs that help others, the same for all persons.
const AUXILIARY: [&str; 21] = [
    "was",
    "had",
    "did",
    "can",
    "could",
    "may",
    "might",
    "must",
    "should",
    "will",
    "would",
    "can't",
    "cannot",
    "couldn't",
    "didn't",
    "won't",
    "wouldn't",
    "wasn't",
    "hadn't",
    "shouldn't",
    "mustn't",
];

/// Forms of the past that have another of their own.
const PAST: [&str; 68] = [
    "became",
    "began",
    "bought",
    "broke",
    "brought",
    "built",
    "came",
    "caught",
    "chose",
    "drank",
    "drew",
    "drove",
    "ate",
    "fell",
    "felt",
    "flew",
    "forgot",
    "found",
    "gave",
    "got",
    "grew",
    "heard",
    "held",
    "kept",
    "knew",
    "learnt",
    "led",
    "left",
    "lent",
    "lost",
    "made",
    "meant",
    "met",
    "paid",
    "ran",
    "rode",
    "rose",
    "said",
    "sang",
    "sat",
    "saw",
    "sent",
    "shot",
    "slept",
    "sold",
    "spent",
    "spoke",
    "stood",
    "stuck",
    "swam",
    "taught",
    "thought",
    "threw",
    "told",
    "took",
    "understood",
    "went",
    "woke",
    "won",
    "wore",
    "wrote",
    "dealt",
    "fed",
    "fought",
    "hid",
    "hung",
    "laid",
    "lit",
];

/// Verbs whose past ends like their present: "I need", "I feed" have no past here.
const NO_PAST: [&str; 8] = ["need", "feed", "speed", "bleed", "breed", "seed", "heed", "exceed"];

/// What may stand between "I" and its verb.
const BETWEEN: [&str; 19] = [
    "actually",
    "just",
    "recently",
    "also",
    "always",
    "never",
    "usually",
    "generally",
    "typically",
    "mostly",
    "often",
    "only",
    "really",
    "still",
    "finally",
    "already",
    "once",
    "currently",
    "now",
];

/// Words of the first person after the start, and those of the third. The longer ones first.
const LATER: &[(&str, &str)] = &[
    ("i'm", "they're"),
    ("i am", "they are"),
    ("i was", "they were"),
    ("i wasn't", "they weren't"),
    ("i've", "they've"),
    ("i'd", "they'd"),
    ("i'll", "they'll"),
    ("i", "they"),
    ("am i", "are they"),
    ("was i", "were they"),
    ("my", "their"),
    ("me", "them"),
    ("myself", "themselves"),
    ("mine", "theirs"),
];

/// Whether a text tells something of the person themself: "The user lives in Oulu", "the user's sister …". The "user
/// service" and a "user's session" are things of the work.
pub(crate) fn tells_of_the_user(text: &str) -> bool {
    const OF_THE_WORK: [&str; 18] = [
        "session",
        "sessions",
        "account",
        "accounts",
        "browser",
        "input",
        "token",
        "role",
        "roles",
        "permissions",
        "id",
        "request",
        "cookie",
        "profile",
        "device",
        "screen",
        "data",
        "page",
    ];
    let lower = text.to_lowercase().replace('’', "'");
    let mut words = lower
        .split_whitespace()
        .map(|word| word.trim_end_matches([',', '.', ':', ';', '!']))
        .skip_while(|word| BETWEEN.contains(word));
    if words.next() != Some("the") {
        return false;
    }
    match words.next() {
        Some("user's") => words.next().is_some_and(|thing| !OF_THE_WORK.contains(&thing)),
        Some("user") => words
            .find(|word| !BETWEEN.contains(word) && !matches!(*word, "no" | "longer"))
            .is_some_and(|verb| {
                matches!(
                    verb,
                    "is" | "has"
                        | "does"
                        | "doesn't"
                        | "isn't"
                        | "hasn't"
                        | "goes"
                        | "teaches"
                        | "studies"
                        | "wishes"
                        | "i"
                ) || AUXILIARY.contains(&verb)
                    || is_past_form(verb)
                    || verb.strip_suffix('s').is_some_and(|bare| PRESENT.contains(&bare))
            }),
        _ => false,
    }
}

/// A sentence that begins with a person's own "I" or "my", retold of the user; others stay as they are. Where the form
/// of the verb is not known it is quoted whole.
pub(super) fn by_whom(text: &str) -> String {
    let lower = text.to_lowercase().replace('’', "'");
    // Some letters change their length.
    let same_length = lower.len() == text.replace('’', "'").len();
    if !same_length || !(lower.starts_with("i ") || lower.starts_with("i'") || lower.starts_with("my ")) {
        return text.to_owned();
    }
    let rest_after = |start: &str| {
        let chars = start.chars().count();
        let at = text.char_indices().nth(chars).map_or(text.len(), |(at, _)| at);
        &text[at..]
    };
    if let Some((start, said)) = SAID.iter().find(|(start, _)| lower.starts_with(start)) {
        return format!("{said}{}", third_person(rest_after(start)));
    }
    let Some(told) = lower.strip_prefix("i ") else {
        return text.to_owned();
    };
    // "I no longer …"
    let (mut between, told) = match told.strip_prefix("no longer ") {
        Some(told) => ("no longer ".to_owned(), told),
        None => (String::new(), told),
    };
    let mut words = told.split(' ').filter(|word| !word.is_empty());
    let verb = loop {
        match words.next() {
            Some(word) if BETWEEN.contains(&word) => between = format!("{between}{word} "),
            other => break other.unwrap_or_default(),
        }
    };
    let said = match verb.trim_end_matches([',', '.', '!', ';', ':']) {
        "am" => Some("is".to_owned()),
        "have" => Some("has".to_owned()),
        "don't" => Some("doesn't".to_owned()),
        "do" => Some("does".to_owned()),
        "go" => Some("goes".to_owned()),
        "teach" => Some("teaches".to_owned()),
        "study" => Some("studies".to_owned()),
        "wish" => Some("wishes".to_owned()),
        bare if is_past(&between, bare) => Some(bare.to_owned()),
        bare if PRESENT.contains(&bare) => Some(format!("{bare}s")),
        bare if AUXILIARY.contains(&bare) || is_past_form(bare) => Some(bare.to_owned()),
        _ => None,
    };
    let start = format!("i {between}{verb}");
    match said.filter(|_| lower.starts_with(&start)) {
        Some(said) => {
            let bare = verb.trim_end_matches([',', '.', '!', ';', ':']);
            let rest = rest_after(&start[..start.len() - (verb.len() - bare.len())]);
            format!("The user {between}{said}{}", with_second_verb(&third_person(rest)))
        }
        None => format!("The user: {text}"),
    }
}

/// "… in Oulu and work from home": a second verb, where what follows it says that it is one, takes the form of the first.
fn with_second_verb(rest: &str) -> String {
    static SECOND: LazyLock<Regex> = LazyLock::new(|| {
        let verbs = PRESENT.join("|");
        pattern(&format!(
            r"^ (?:in|at|from|as|on|for|with|near|to|by) [^,;.]{{1,60}}? and (?:also )?(?P<verb>(?:live|work|commute|volunteer) (?:from|in|at|as|for|near)|(?:{verbs}) (?:the|a|an|their|our|every|each)) "
        ))
    });
    let verb = SECOND.captures(rest).and_then(|found| found.name("verb"));
    let Some((start, verb)) = verb.map(|verb| (verb.start(), verb.as_str())) else {
        return rest.to_owned();
    };
    let end = start + verb.find(' ').unwrap_or(verb.len());
    format!("{}s{}", &rest[..end], &rest[end..])
}

/// "Just set", "recently put": where the same form is present and past, what stands before it tells.
pub(super) fn is_past(between: &str, verb: &str) -> bool {
    const BOTH: [&str; 11] = [
        "set", "put", "cut", "hit", "read", "beat", "quit", "split", "shut", "let", "hurt",
    ];
    let over = |word: &str| matches!(word, "just" | "recently" | "finally" | "once" | "already");
    BOTH.contains(&verb) && between.split(' ').any(over)
}

/// Whether a verb tells what was: "went", "moved".
pub(crate) fn is_past_form(verb: &str) -> bool {
    let regular = verb.len() > 4 && verb.ends_with("ed") && !NO_PAST.contains(&verb);
    regular && verb.chars().all(|c| c.is_ascii_lowercase() || c == '-') || PAST.contains(&verb)
}

/// What a person goes on to say of themselves, retold. What stands in quotation marks or is code stays as it is.
fn third_person(rest: &str) -> String {
    static QUOTED: LazyLock<Regex> = LazyLock::new(|| pattern(r#""[^"]*"|“[^”]*”|«[^»]*»|`[^`]*`|\b\S*[/_.=@:]\S+"#));
    let mut out = String::new();
    let mut at = 0;
    for quoted in QUOTED.find_iter(rest) {
        out += &without_first(&rest[at..quoted.start()]);
        out += quoted.as_str();
        at = quoted.end();
    }
    out + &without_first(&rest[at..])
}

fn without_first(words: &str) -> String {
    static FIRST: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"\b(?:(?:[Aa]m|[Ww]as) I|I(?:['’](?:m|ve|d|ll)| am| wasn['’]t| was)?|[Mm]yself|[Mm]y|[Mm]ine|[Mm]e)\b")
    });
    let mut out = String::new();
    let mut at = 0;
    for found in FIRST.find_iter(words) {
        out += &words[at..found.start()];
        at = found.end();
        let lower = found.as_str().to_lowercase().replace('’', "'");
        let told = LATER.iter().find(|(said, _)| *said == lower).map(|(_, told)| *told);
        match told.filter(|_| stands_alone(words, found.start(), found.end()) && (lower != "mine" || is_owned(&out))) {
            Some(told) if begins(&out) => {
                let (head, tail) = told.split_at(1);
                out += &head.to_uppercase();
                out += tail;
            }
            Some(told) => out += told,
            None => out += found.as_str(),
        }
    }
    out + &words[at..]
}

/// "I/O", "my-script", "A.I." are other words.
fn stands_alone(words: &str, from: usize, to: usize) -> bool {
    const JOINS: [char; 7] = ['\'', '’', '-', '/', '&', '_', '@'];
    let after = &words[to..];
    let initial =
        after.starts_with('.') && after[1..].starts_with(char::is_alphanumeric) || words[..from].ends_with('.');
    !(initial || words[..from].ends_with(JOINS) || after.starts_with(JOINS))
}

/// "A friend of mine" and "it is mine", not "the mine".
fn is_owned(before: &str) -> bool {
    const BEFORE: [&str; 12] = [
        "of", "is", "was", "are", "were", "be", "than", "like", "not", "it's", "that's", "as",
    ];
    let last = before.split_whitespace().next_back().unwrap_or_default();
    BEFORE.contains(&last.to_lowercase().replace('’', "'").as_str())
}

/// Whether a sentence begins after these words.
fn begins(before: &str) -> bool {
    before.ends_with(char::is_whitespace) && before.trim_end().ends_with(['.', '!', '?'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_the_user() {
        for text in [
            "The user lives in Oulu",
            "The user's sister is called Ruth",
            "The user doesn't like oak",
            "The user moved to Turku",
            "The user also prefers larch",
            "The user no longer prefers oak",
            "The user is a weaver",
        ] {
            assert!(tells_of_the_user(text), "{text}");
        }
        for text in [
            "The user service listens on port 8085",
            "The user ids are hashed",
            "The user's session ends after an hour",
            "Users like larch",
            "The boat is old",
        ] {
            assert!(!tells_of_the_user(text), "{text}");
        }
    }

    #[test]
    fn what_people_say_of_themselves_is_retold_whole() {
        for (said, told) in [
            (
                "I hate exercising and I love junk food",
                "The user hates exercising and they love junk food",
            ),
            (
                "I've been tracking my blood pressure with my new monitor",
                "The user has been tracking their blood pressure with their new monitor",
            ),
            (
                "I’m vegan, so send me no recipes with eggs",
                "The user is vegan, so send them no recipes with eggs",
            ),
            (
                "My sister gave me her bike, it's mine now",
                "The user's sister gave them her bike, it's theirs now",
            ),
            (
                "I graduated with a degree in law, which I paid for myself",
                "The user graduated with a degree in law, which they paid for themselves",
            ),
            (
                "I just recently led the choir while I was ill",
                "The user just recently led the choir while they were ill",
            ),
            (
                "I can read Braille. I'm blind",
                "The user can read Braille. They're blind",
            ),
            (
                "I use \"my-dots\" and `say me`, and mail from me@mill.example",
                "The user uses \"my-dots\" and `say me`, and mail from me@mill.example",
            ),
            (
                "I work in the I/O team, my lead is Noor",
                "The user works in the I/O team, their lead is Noor",
            ),
            ("I speak Dutch with my-in-laws", "The user speaks Dutch with my-in-laws"),
            (
                "I no longer prefer dark mode, I prefer light mode",
                "The user no longer prefers dark mode, they prefer light mode",
            ),
            (
                "I live in Oulu and work from home on Mondays",
                "The user lives in Oulu and works from home on Mondays",
            ),
            (
                "I work in the dye hall and lead a team of five",
                "The user works in the dye hall and leads a team of five",
            ),
            (
                "I moved to Turku and commute from there",
                "The user moved to Turku and commutes from there",
            ),
            // Things, not what is done.
            (
                "I write on food and drink for the paper",
                "The user writes on food and drink for the paper",
            ),
            (
                "I hate trains and work on Mondays",
                "The user hates trains and work on Mondays",
            ),
            ("I retire in 2031", "The user retires in 2031"),
            ("I wish to see all drafts", "The user wishes to see all drafts"),
            ("I rent a boat in Oulu", "The user rents a boat in Oulu"),
            ("I deal with sleep and work", "The user: I deal with sleep and work"),
            ("I chair my club", "The user: I chair my club"),
            ("I feed my hens at six", "The user: I feed my hens at six"),
            ("Mine is the blue mug", "Mine is the blue mug"),
            ("The mug on my desk is blue", "The mug on my desk is blue"),
            ("I, Claudius is a book", "I, Claudius is a book"),
        ] {
            assert_eq!(by_whom(said), told);
        }
    }

    #[test]
    fn what_is_retold_stays_so() {
        for said in ["I love my job and I hate my boss", "I chair my club", "My hens know me"] {
            let told = by_whom(said);
            assert_eq!(by_whom(&told), told);
        }
    }
}
