//! Secrets: found wherever they stand, never in memory, not even a piece of one.

mod hints;
mod locks;
mod look;
mod patterns;
mod plain;
mod told;
mod value;
mod wallet;

use std::borrow::Cow;
use std::collections::HashSet;

pub(crate) use look::capitals_within;
use look::{is_reference, looks_random, readable_base64};
use patterns::SHAPES;

use crate::text::clean::straight;
use crate::text::encoded::rot13;
use crate::text::sentence;

/// What stands where a secret stood.
pub(crate) const MASKED: &str = "[masked]";
/// Length of the pieces that are compared.
const PIECE: usize = 8;
/// The same for words that people say, in a row: shorter ones may stand together by chance.
const PHRASE: usize = 14;
/// Longest text that is read as prose: longer ones are dumps, and each fact taken from one is read again by itself.
const TYPED: usize = 64 << 10;
/// Most values that are remembered of one Dream's input.
const MOST: usize = 20_000;

/// Values that were seen and must not be kept, by their pieces.
#[derive(Debug, Default)]
pub struct Secrets {
    pieces: HashSet<u64>,
    phrases: HashSet<u128>,
    values: usize,
}

impl Secrets {
    /// Notes every secret of a text. `typed` texts are also searched for tokens that only look random.
    pub fn collect(&mut self, text: &str, typed: bool) {
        if self.values >= MOST {
            return;
        }
        for range in find(text, typed) {
            let value = &text[range.0..range.1];
            self.note(value);
            // So it stands in a person's own words.
            if let Cow::Owned(plain) = straight(value) {
                self.note(&plain);
            }
        }
    }

    fn note(&mut self, value: &str) {
        self.values += 1;
        for part in value.split_whitespace() {
            if let Some(decoded) = readable_base64(part)
                && decoded.len() >= PIECE
            {
                self.note_pieces(&decoded);
                let after = decoded.rsplit(':').next().unwrap_or_default();
                self.note_pieces(after);
            }
            self.note_pieces(part);
        }
        self.note_phrase(value);
    }

    fn note_pieces(&mut self, value: &str) {
        // A password that is a plain word, or a name or path, says nothing about other texts with that word.
        if value.len() < PIECE || !looks_random(value) || is_reference(value) {
            return;
        }
        // A word in capitals next to one in small letters is no chance.
        let telling = |piece: &&[u8]| {
            let plain = |b: &u8| b.is_ascii_alphabetic() || b"/._-:".contains(b);
            let turns = piece
                .windows(2)
                .filter(|w| w[0].is_ascii_uppercase() != w[1].is_ascii_uppercase());
            !piece.iter().all(plain) || turns.count() > 2
        };
        for piece in value.as_bytes().windows(PIECE).filter(telling) {
            let piece: Vec<u8> = piece.iter().map(u8::to_ascii_lowercase).collect();
            let reversed: Vec<u8> = piece.iter().rev().copied().collect();
            let turned: Vec<u8> = piece.iter().map(|b| rot13(char::from(*b)) as u8).collect();
            self.pieces
                .extend([key(&piece) as u64, key(&reversed) as u64, key(&turned) as u64]);
        }
    }

    /// "correct-horse-battery", three words or more: no piece of it looks random, but nobody says them in a row.
    fn note_phrase(&mut self, value: &str) {
        let words = value.split_whitespace().count().max(look::words_together(value));
        if words >= 3 && !is_reference(value) {
            let plain = plain(value);
            self.phrases.extend(plain.windows(PHRASE).map(key));
        }
    }

    /// The text with `[masked]` where secrets stand, and no sentence that holds a piece of one all the same.
    pub fn masked(&self, text: &str) -> String {
        let mut ranges = find(text, true);
        ranges.sort_unstable();
        let mut out = String::with_capacity(text.len());
        let mut at = 0;
        for (start, end) in ranges.into_iter().filter(|(start, end)| start < end) {
            if end > at {
                out.push_str(&text[at..start.max(at)]);
                out.push_str(MASKED);
                at = end;
            }
        }
        out.push_str(&text[at..]);
        let left = sentence::split(&out)
            .into_iter()
            .filter(|sentence| !self.stand_in(&sentence.replace(MASKED, " ")));
        let left = left.collect::<Vec<_>>().join(" ");
        // A value may go on from one sentence into the next.
        if self.stand_in(&left.replace(MASKED, " ")) {
            MASKED.to_owned()
        } else {
            left
        }
    }

    /// Whether a piece of a known secret, or anything that is one by itself, stands in a text.
    pub fn stand_in(&self, text: &str) -> bool {
        if !find(text, true).is_empty() {
            return true;
        }
        self.holds_piece(text)
    }

    fn holds_piece(&self, text: &str) -> bool {
        let bytes = plain(text);
        bytes
            .windows(PIECE)
            .any(|piece| self.pieces.contains(&(key(piece) as u64)))
            || !self.phrases.is_empty() && bytes.windows(PHRASE).any(|piece| self.phrases.contains(&key(piece)))
    }
}

/// Small letters without what is blank.
fn plain(text: &str) -> Vec<u8> {
    text.bytes()
        .filter(|b| !b.is_ascii_whitespace())
        .map(|b| b.to_ascii_lowercase())
        .collect()
}

fn key(piece: &[u8]) -> u128 {
    piece.iter().fold(0, |all, byte| all << 8 | u128::from(*byte))
}

/// Where secrets stand in a text, as byte ranges.
pub(crate) fn find(text: &str, typed: bool) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for captures in SHAPES.captures_iter(text) {
        let group = [
            "pem", "key", "stub", "auth", "url", "userinfo", "query", "hook", "flag", "short", "cookie",
        ]
        .iter()
        .find_map(|name| captures.name(name).map(|m| (*name, m)));
        if let Some((name, m)) = group
            && is_shape(name, m.as_str())
        {
            found.push((m.start(), m.end()));
        }
    }
    told::named(text, typed, &mut found);
    if typed {
        if text.len() <= TYPED {
            told::in_prose(text, &mut found);
        }
        found.extend(look::numbers_of_accounts(text));
        found.extend(look::chance_tokens(text));
    }
    found
}

/// The values of a message that are too short to be noticed elsewhere by their pieces, and are no words.
pub(crate) fn short_values(text: &str) -> Vec<&str> {
    if text.len() > TYPED {
        return Vec::new();
    }
    let values = find(text, true).into_iter().map(|(start, end)| bare(&text[start..end]));
    values
        .filter(|value| (3..PIECE).contains(&value.len()) && value.contains(|c: char| c.is_ascii_digit()))
        .collect()
}

/// Whether a sentence tells one of the values and does not show that it is one: "5531." after "the door code?".
pub(crate) fn tells_one(sentence: &str, values: &[&str]) -> bool {
    !values.is_empty()
        && find(sentence, true).is_empty()
        && sentence.split_whitespace().any(|word| values.contains(&bare(word)))
}

fn bare(word: &str) -> &str {
    word.trim_matches(|c: char| !c.is_alphanumeric())
}

/// Whether what stands at the place of a secret is one: "basic authentication" is not.
fn is_shape(name: &str, value: &str) -> bool {
    match name {
        // A stub is the beginning of a key, which may go on elsewhere.
        "auth" | "userinfo" | "stub" | "cookie" => looks_random(value) && !is_reference(value),
        "flag" => {
            !is_reference(value)
                && !value.starts_with(['-', '/', '.', '|', '>'])
                && !value.starts_with("id=")
                && value.contains(char::is_alphabetic)
                && !look::is_measure(value)
        }
        "short" => value.contains(char::is_alphabetic) && looks_random(value) && !value.contains(['/', ':', '.', '$']),
        "url" => !is_reference(value) && !value.starts_with('$'),
        "hook" => value
            .split(['/', '?', '&', '='])
            .any(|part| part.len() >= 8 && !part.contains("%20") && looks_random(part) && !look::is_name(part)),
        _ => true,
    }
}

#[cfg(test)]
mod tests;
