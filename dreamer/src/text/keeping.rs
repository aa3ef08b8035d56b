//! Orders to remember in words that no list foresees: what stands before the fact speaks of nothing but keeping.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::vocabulary::{STOP, words};
use super::words::{Token, base, tokens};

/// A head is at most this many words long.
const LONGEST: usize = 16;

/// Words that say that something is to be kept.
static KEEP: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    words(
        "remember remembering remembered reminder memory memories memorise memorize memo note notes noted noting record \
         records recorded log file save saved store stored keep keeping kept hold hang stick stuck sticks retain pin \
         bookmark write writing written jot mind head brain forget forgotten forgetting lose lost slip recall knowledge \
         posterity habit stash tuck engrave etch carve internalise internalize absorb archive commit keeper dictate dictating heads-up headsup",
    )
});
/// Words of keeping that nothing but a mind or its notes does: "a note for you" needs no more of them.
const OF_MINDS: [&str; 11] = [
    "mind", "remember", "memorise", "memorize", "memory", "memo", "note", "notes", "reminder", "recall", "forget",
];
/// Words that say it only beside another of these or of the former: "you'll need this again".
static LATER: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    words(
        "later again next time times future reference know knowing learn need useful handy worth matter matters explain \
         repeat ask asking tell telling say saying mention permanent permanently forever long-term tomorrow away",
    )
});
/// Words that go with them and name no thing.
static AROUND: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    words(
        "down aside help helps didn't somewhere safe good long term run one ones two three four five six several couple few thing things here carry bit fact facts piece point points something \
         following info information detail details self yourself ourselves myself everyone everybody anyone anybody \
         someone whoever whatever team folks guys colleague colleagues agent agents successor successors assistant work \
         works working session sessions conversation conversations chat chats list notebook book books notepad diary \
         back give take leave drop try quick little small mental sticky proper own important besides along front minute \
         second moment twice thank thanks kindly dear ok okay hey hi hello listen look attention careful well may \
         third fourth fifth tenth nth often expect expects trust i'd i'll you'll you'd we'll we'd it'll you've i've there'll want wants would could will can pls u thx ever \
         sure certain always mentioned across rule practice sense show stay stays remain please stone happens happen speak talk go come track keep's add list's into see bear heart sight",
    )
});

/// The words after a head that speaks of nothing but keeping: "hang on to this one: …", "let it be noted that …". Empty
/// where the whole sentence is such a head: "Save this for later, will you?"
pub(crate) fn after_head(text: &str) -> Option<&str> {
    // "This one can cost lives, so keep it: …": why stands before it.
    after_keeping(text).or_else(|| {
        let at = text.find(": ")?;
        let head = &text[..at];
        let clause = [", ", "; ", " so ", " and ", " – ", " — "]
            .iter()
            .filter_map(|mark| head.rfind(mark).map(|found| found + mark.len()))
            .max()?;
        let keeps = after_keeping(&text[clause..])?;
        (head.split_whitespace().count() <= LONGEST && text[at + 1..].trim_start() == keeps).then_some(keeps)
    })
}

fn after_keeping(text: &str) -> Option<&str> {
    let all = tokens(text);
    let mut found = Head::default();
    // "For next time, and do note, …": the last pause after which nothing but keeping was spoken of so far.
    let mut paused = None;
    for (at, token) in all.iter().enumerate().take(LONGEST) {
        let word = base(token.raw);
        let end = token.at + token.raw.len();
        let until = all.get(at + 1).map_or(text.len(), |next| next.at);
        let gap = &text[end..until];
        if word == "that" && at > 0 && (found.keep > 0 || found.asks(false)) && found.is_told() && !points(&all, at) {
            return Some(text[end..].trim_start());
        }
        if word == "to" && found.habit && found.count >= 2 {
            return Some(text[end..].trim_start());
        }
        if !found.take(&word) {
            return paused.map(|at: usize| text[at..].trim_start());
        }
        // "Do not lose it" orders; "do you …" asks.
        found.tells &= !(at == 1 && word == "not");
        let closes = gap.contains([':', '—', '–']) || gap.contains(" - ");
        let pauses = gap.contains(',') && found.asks(false);
        if closes && found.asks(true) || pauses && !more_of_it(&all[at + 1..]) {
            return Some(text[until..].trim_start());
        }
        if pauses && found.speaks_of_knowing() {
            paused = Some(until);
        }
    }
    let whole = all.len() <= LONGEST && text.trim_end().ends_with(['?', ':']);
    (whole && found.asks(true) && found.keep + found.later > 1).then_some("")
}

/// Whether a whole sentence is such a head and points at what is to be kept: "Jot this down somewhere safe." To keep,
/// save or log "it" is as often the work itself.
pub(crate) fn is_head(text: &str) -> bool {
    let all = tokens(text);
    let mut found = Head::default();
    let names_nothing = all.iter().all(|token| found.take(&base(token.raw)));
    let ends = !text.trim_end().ends_with(['?', ':']);
    let asks = (found.of_mind || found.puts_down()) && found.asks(true) && !found.tells;
    ends && names_nothing && all.len() > 3 && found.points && asks
}

/// Whether all that stands before a colon asks to keep what follows: "I say this once more, so hold on to it:".
pub(crate) fn hands_on(head: &str) -> bool {
    let all = tokens(head);
    let mut found = Head::default();
    all.len() <= LONGEST && all.iter().all(|token| found.take(&base(token.raw))) && found.asks(true)
}

/// Whether words name no thing: "for you to".
pub(crate) fn names_nothing(text: &str) -> bool {
    let mut found = Head::default();
    tokens(text).iter().all(|token| found.take(&base(token.raw)))
}

/// Whether words name nothing and speak of keeping: "before it slips my mind".
pub(crate) fn speaks_of_keeping(text: &str) -> bool {
    let mut found = Head::default();
    tokens(text).iter().all(|token| found.take(&base(token.raw))) && found.keep + found.later > 0
}

/// "that" with no sentence of its own after it: "keep that in mind".
fn points(all: &[Token<'_>], at: usize) -> bool {
    let next_word = |place: usize| all.get(place).map(|next| base(next.raw)).unwrap_or_default();
    let known_by_you = next_word(at + 1) == "you" && matches!(next_word(at + 2).as_str(), "know" | "remember" | "keep");
    all.len() <= at + 3
        || known_by_you
        || all
            .get(at + 1)
            .is_some_and(|next| matches!(base(next.raw).as_str(), "in" | "for" | "down" | "one" | "to" | "away"))
}

/// Whether what follows a comma goes on about keeping: "save this for later, will you?"
fn more_of_it(rest: &[Token<'_>]) -> bool {
    rest.iter().take(2).all(|token| Head::default().take(&base(token.raw)))
}

#[derive(Default)]
struct Head {
    count: usize,
    keep: usize,
    later: usize,
    points: bool,
    habit: bool,
    of_mind: bool,
    writes: bool,
    down: bool,
    /// "What do you remember: …" asks back.
    queries: bool,
    /// "I know that …", "we noted that …" tell what someone did.
    tells: bool,
    you: bool,
}

impl Head {
    /// Takes a word; false where it names a thing.
    fn take(&mut self, word: &str) -> bool {
        if self.count == 0 {
            self.tells = matches!(
                word,
                "i" | "we" | "they" | "he" | "she" | "people" | "who" | "do" | "did" | "does"
            );
        }
        // "I want this in your memory" orders.
        self.tells &= !(self.count == 1 && matches!(word, "want" | "need" | "wish" | "expect"));
        self.count += 1;
        self.points |= matches!(
            word,
            "this" | "it" | "one" | "these" | "following" | "something" | "fact" | "that"
        );
        self.habit |= matches!(word, "habit" | "rule" | "practice");
        self.you |= matches!(word, "you" | "u" | "yourself" | "you'll");
        let keeps = KEEP.contains(word) || doing(word).any(|doing| KEEP.contains(doing.as_str()));
        self.of_mind |= OF_MINDS.contains(&word);
        self.writes |= matches!(word, "write" | "jot" | "writing" | "jotting");
        self.down |= word == "down";
        self.queries |= matches!(word, "do" | "did" | "does");
        self.keep += usize::from(keeps);
        self.later += usize::from(LATER.contains(word));
        keeps || LATER.contains(word) || AROUND.contains(word) || STOP.contains(word)
    }

    /// Whether it asks to keep something. `closed`: it ends in a colon or a dash, which leaves less doubt.
    fn asks(&self, closed: bool) -> bool {
        let says = self.keep > 0 && (self.points || self.later > 0 || self.keep > 1)
            || self.later > 1
            || self.later > 0 && self.points && closed
            || self.of_mind && self.you && closed && !self.queries;
        self.count > 1 && says && self.is_told()
    }

    /// What the agent is to know or bear in mind: words of keeping alone are those of files, too.
    fn speaks_of_knowing(&self) -> bool {
        self.later > 0 && (self.of_mind || self.you && self.keep == 0 && self.later > 1)
    }

    fn puts_down(&self) -> bool {
        self.writes && self.down
    }

    /// It tells someone to keep something; it does not say that someone did.
    fn is_told(&self) -> bool {
        self.you || !self.tells
    }
}

/// What "committing", "storing", "jotting" are forms of.
fn doing(word: &str) -> impl Iterator<Item = String> {
    let stem = word.strip_suffix("ing").filter(|stem| stem.len() > 2);
    let forms = stem.map(|stem| {
        let mut shorter = stem.chars();
        shorter.next_back();
        [stem.to_owned(), format!("{stem}e"), shorter.as_str().to_owned()]
    });
    forms.into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_that_speak_of_keeping_only() {
        let mut wrong = Vec::new();
        for head in [
            "Hold on to this one: ",
            "Let the record show that ",
            "I'd like it on record that ",
            "This one needs to stay in your head: ",
            "You will want this again later: ",
            "Put this somewhere you will look again: ",
            "For whoever is here next time, please keep this: ",
            "Try to keep hold of this: ",
            "Don't make me repeat this: ",
            "Could you make a note for yourself that ",
            "Good to know for later: ",
            "Make it a rule to ",
            "Commit this one to memory, please: ",
            "Would you write down somewhere that ",
            "This one can cost a hand, so keep it whatever happens: ",
            "Required by the guild, do not lose it: ",
            "A note to me and to you: ",
            "What you could remember: ",
            "How often must I say this: ",
            "For the fifth time, please hold on to this: ",
            "It may be worth writing down that ",
            "It matters next time that you know, ",
            "I need this in your head: ",
            "It would help if I didn't have to tell you again: ",
            "This one is a keeper: ",
            "Here are two things that you should remember: ",
            "There's one thing you have to know by heart: ",
            "Never lose sight of this: ",
            "Take this to heart and keep it: ",
            "Could you keep track of this: ",
            "For next time, please keep track of it: ",
            "I want this remembered across sessions: ",
            "One thing I have not mentioned yet, and please do retain it: ",
            "Something nobody mentioned, please keep it in mind: ",
        ] {
            let text = format!("{head}the pumps are bled on Mondays");
            if after_head(&text) != Some("the pumps are bled on Mondays") {
                wrong.push((head, after_head(&text).map(str::to_owned)));
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
        assert_eq!(after_head("Keep this for later, will you?"), Some(""));
        assert_eq!(after_head("Could you file this away?"), Some(""));
        assert!(is_head("Jot this down somewhere safe."));
    }

    #[test]
    fn heads_that_name_a_thing_or_tell_what_someone_did() {
        let mut wrong = Vec::new();
        for text in [
            "I know that the pumps are slow",
            "Keep going: the pumps are next",
            "Save the pump list: it is long",
            "I noted that the pumps are slow",
            "We write down that the pumps are slow",
            "Can you keep that?",
            "Write the file, then run the pumps",
            "Look at this: the pumps are slow",
            "Let me know: are the pumps slow",
            "Take a look at this one, the pumps are slow",
            "Keep it as it is",
            "Keep it down please",
            "Save it to the log now.",
            "What do you remember: the pumps or the vents?",
            "The heart of it: the pumps are slow",
            "A sight to see: the pumps are slow",
            "Keep track of the hours: the pumps are slow",
            "The track to keep: the pumps are slow",
            "Ida mentioned the log: the pumps are slow",
            "Across the yard: the pumps are slow",
            "I mentioned this: the pumps are slow",
        ] {
            if after_head(text).is_some() || is_head(text) {
                wrong.push((text, after_head(text)));
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
}
