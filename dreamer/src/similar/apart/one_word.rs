//! Texts that run alike but for one word, and tell of two things all the same: what is denied of the one says nothing of
//! the other ("we no longer buy flour from Larch" and "we buy eggs from Larch"), two things may both be forbidden, and
//! something may hold on two occasions.

use std::ops::Range;

use super::{Gap, Pair, Side, are_two, does, is_article, is_mark, is_number, turns};
use crate::text::vocabulary;
use crate::text::words::{Value, akin, is_title, stem};

/// Words of its own that a text has at most.
const MOST: usize = 2;

impl Pair<'_> {
    /// Whether the only gap between both names two things.
    pub(super) fn names_two(&self, gaps: &[Gap]) -> bool {
        let [gap] = gaps else {
            return false;
        };
        let (own_a, own_b) = (own(&self.a, &gap.a, &self.b), own(&self.b, &gap.b, &self.a));
        let (Some(&a), Some(&b)) = (own_a.first(), own_b.first()) else {
            return false;
        };
        if !names(&self.a, &own_a) || !names(&self.b, &own_b) || !are_two(self.a.words[a], self.b.words[b]) {
            return false;
        }
        let counted = is_number(self.a.words[a]) || is_number(self.b.words[b]);
        let numbered = || {
            // "Ferry 4 calls": that counts no calls, for "ferry 6 no longer calls".
            let counts_nothing = is_bare(&self.a, a) || is_bare(&self.b, b);
            self.follows_one_word(gap) && counts_nothing && is_one_of_many(&self.a, a) && is_one_of_many(&self.b, b)
        };
        if counted && !numbered() {
            return false;
        }
        match (self.a.of.negative, self.b.of.negative) {
            (true, false) => says_no_more(&self.a, &own_a, &self.b),
            (false, true) => says_no_more(&self.b, &own_b, &self.a),
            _ if turns(self.a.of) || turns(self.b.of) => false,
            (true, true) => forbids(&self.a) && forbids(&self.b),
            (false, false) => {
                !counted
                    && (on_an_occasion(&self.a, a) && on_an_occasion(&self.b, b)
                        || beyond_a_number(&self.a, a) && beyond_a_number(&self.b, b))
            }
        }
    }
}

/// The places in a gap whose words tell something that the other text does not say.
fn own(side: &Side<'_>, gap: &Range<usize>, other: &Side<'_>) -> Vec<usize> {
    let mut telling = side.telling(gap);
    telling.retain(|at| {
        let word = side.words[*at];
        !is_title(word) && word != "anymore" && !said(word, other)
    });
    telling
}

fn said(word: &str, by: &Side<'_>) -> bool {
    by.words
        .iter()
        .any(|other| other == &word || akin(&stem(word), &stem(other)))
}

/// One thing, in one or two words that stand together. "Allowed" and "permitted" say what is done.
fn names(side: &Side<'_>, own: &[usize]) -> bool {
    let is_done = |word: &str| {
        let plain = word.strip_suffix('s').unwrap_or(word);
        does(word) || word.ends_with("ed") || vocabulary::is_verb(word) || vocabulary::is_verb(plain)
    };
    own.len() <= MOST
        && own.windows(2).all(|two| two[0] + 1 == two[1])
        && !own.iter().any(|at| is_done(side.words[*at]))
}

/// "Bay 4", and not "above 180".
fn is_one_of_many(side: &Side<'_>, at: usize) -> bool {
    const LIMITS: [&str; 8] = [
        "above", "below", "beyond", "exceed", "within", "before", "after", "until",
    ];
    let before = at.checked_sub(1).map(|before| side.words[before]);
    is_mark(side.words[at]) && before.is_some_and(|word| !LIMITS.contains(&word))
}

/// A number that counts nothing.
fn is_bare(side: &Side<'_>, at: usize) -> bool {
    let bare = side.of.values.get(&Value::Number(String::new()));
    bare.is_some_and(|bare| bare.contains(&side.forms[at]) || bare.contains(side.words[at]))
}

/// Whether a text that says no tells nothing beside its own words that the other does not, too. "Oak, not pine" and "oak
/// for doors, no pine" say what there is instead.
fn says_no_more(no: &Side<'_>, own: &[usize], yes: &Side<'_>) -> bool {
    let rest = (0..no.words.len()).filter(|at| no.tells(*at) && !own.contains(at));
    let mut rest = rest
        .map(|at| no.words[at])
        .filter(|word| !is_title(word) && *word != "anymore");
    let first = rest.next();
    first.is_some_and(|word| said(word, yes)) && rest.all(|word| said(word, yes))
}

/// "Never …", "don't …".
fn forbids(side: &Side<'_>) -> bool {
    matches!(
        side.words.as_slice(),
        ["never" | "don't" | "dont", ..] | ["do", "not", ..]
    )
}

/// "Ask Ida before you open the vault": after what is to be done, when it is.
fn on_an_occasion(side: &Side<'_>, at: usize) -> bool {
    let clause = |two: &[&str]| {
        matches!(two[0], "before" | "after" | "when" | "whenever" | "if")
            && matches!(
                two[1],
                "you" | "we" | "they" | "somebody" | "someone" | "anybody" | "anyone"
            )
    };
    side.words[..at].windows(2).skip(1).any(clause)
}

/// "Orders over 300 …": the kind of which there is a limit, in front.
fn beyond_a_number(side: &Side<'_>, at: usize) -> bool {
    const OF_ANY_KIND: [&str; 7] = [
        "anything",
        "everything",
        "something",
        "whatever",
        "anyone",
        "everyone",
        "people",
    ];
    let in_front = at == 0 || at == 1 && is_article(side.words[0]);
    in_front
        && !OF_ANY_KIND.contains(&side.words[at])
        && matches!(
            side.words.get(at + 1..at + 3),
            Some(["over" | "under" | "above" | "below", number]) if is_number(number)
        )
}
