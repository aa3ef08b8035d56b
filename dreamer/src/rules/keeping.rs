//! Orders to remember in words that no list foresees: what stands before the fact speaks of nothing but keeping.

use std::collections::HashSet;
use std::sync::LazyLock;

use crate::text::vocabulary::STOP;
use crate::text::words::{Token, base, tokens};

/// A head is at most this many words long.
const LONGEST: usize = 16;

/// Words that say that something is to be kept.
static KEEP: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    words(
        "remember remembering remembered reminder memory memories memorise memorize memo note notes noted noting record \
         records recorded log file save saved store stored keep keeping kept hold hang stick stuck sticks retain pin \
         bookmark write writing written jot mind head brain forget forgotten forgetting lose lost slip recall knowledge \
         posterity habit stash tuck engrave etch carve internalise internalize absorb archive commit heads-up headsup",
    )
});
/// Words that say it only beside another of these or of the former: "you'll need this again".
static LATER: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    words(
        "later again next time future reference know knowing learn need useful handy worth matter matters explain \
         repeat ask asking tell telling say saying mention permanent permanently forever long-term tomorrow",
    )
});
/// Words that go with them and name no thing.
static AROUND: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    words(
        "away down aside somewhere safe good long term run one ones bit fact facts piece point points something \
         following info information detail details self yourself ourselves myself everyone everybody anyone anybody \
         someone whoever whatever team folks guys colleague colleagues agent agents successor successors assistant work \
         works working session sessions conversation conversations chat chats list notebook book books notepad diary \
         back give take leave drop try quick little small mental sticky proper own important besides along front minute \
         second moment twice thank thanks kindly dear ok okay hey hi hello listen look attention careful well may \
         i'd i'll you'll you'd we'll we'd it'll you've i've there'll want wants would could will can pls u thx ever \
         sure certain always rule practice sense show stay stays remain please stone happens happen speak talk go come keep's add list's into see",
    )
});

/// The words after a head that speaks of nothing but keeping: "hang on to this one: …", "let it be noted that …". Empty
/// where the whole sentence is such a head: "Save this for later, will you?"
pub(super) fn after_head(text: &str) -> Option<&str> {
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
            return None;
        }
        // "Do not lose it" orders; "do you …" asks.
        found.tells &= !(at == 1 && word == "not");
        let closes = gap.contains([':', '—', '–']) || gap.contains(" - ");
        let pauses = gap.contains(',') && !more_of_it(&all[at + 1..]);
        if closes && found.asks(true) || pauses && found.asks(false) {
            return Some(text[until..].trim_start());
        }
    }
    let whole = all.len() <= LONGEST && text.trim_end().ends_with(['?', ':']);
    (whole && found.asks(true) && found.keep + found.later > 1).then_some("")
}

/// "that" with no sentence of its own after it: "keep that in mind".
fn points(all: &[Token<'_>], at: usize) -> bool {
    all.len() <= at + 3
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
        self.count += 1;
        self.points |= matches!(
            word,
            "this" | "it" | "one" | "these" | "following" | "something" | "fact" | "that"
        );
        self.habit |= matches!(word, "habit" | "rule" | "practice");
        self.you |= matches!(word, "you" | "u" | "yourself" | "you'll");
        self.keep += usize::from(KEEP.contains(word));
        self.later += usize::from(LATER.contains(word));
        KEEP.contains(word) || LATER.contains(word) || AROUND.contains(word) || STOP.contains(word)
    }

    /// Whether it asks to keep something. `closed`: it ends in a colon or a dash, which leaves less doubt.
    fn asks(&self, closed: bool) -> bool {
        let says = self.keep > 0 && (self.points || self.later > 0 || self.keep > 1)
            || self.later > 1
            || self.later > 0 && self.points && closed;
        self.count > 1 && says && self.is_told()
    }

    /// It tells someone to keep something; it does not say that someone did.
    fn is_told(&self) -> bool {
        self.you || !self.tells
    }
}

fn words(list: &'static str) -> HashSet<&'static str> {
    list.split_whitespace().collect()
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
        ] {
            let text = format!("{head}the pumps are bled on Mondays");
            if after_head(&text) != Some("the pumps are bled on Mondays") {
                wrong.push((head, after_head(&text).map(str::to_owned)));
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
        assert_eq!(after_head("Keep this for later, will you?"), Some(""));
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
        ] {
            if after_head(text).is_some() {
                wrong.push((text, after_head(text)));
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
}
