//! Secrets: found wherever they stand, never in memory, not even a piece of one.

mod patterns;
mod plain;

use std::collections::HashSet;

use patterns::{LOGIN, NAMED, SHAPES, USED_AS};
use plain::is_plain_word;

use crate::text::sentence;

/// What stands where a secret stood.
pub const MASKED: &str = "[masked]";
/// Length of the pieces that are compared.
const PIECE: usize = 8;
/// Most values that are remembered of one Dream's input.
const MOST: usize = 20_000;

/// Values that were seen and must not be kept, by their pieces.
#[derive(Debug, Default)]
pub struct Secrets {
    pieces: HashSet<u64>,
    values: usize,
}

impl Secrets {
    /// Notes every secret of a text. `typed` texts are also searched for tokens that only look random.
    pub fn collect(&mut self, text: &str, typed: bool) {
        if self.values >= MOST {
            return;
        }
        for range in find(text, typed) {
            self.note(&text[range.0..range.1]);
        }
    }

    fn note(&mut self, value: &str) {
        self.values += 1;
        for part in value.split_whitespace() {
            if let Some(decoded) = from_base64(part)
                && decoded.len() >= PIECE
            {
                self.note_pieces(&decoded);
                let after = decoded.rsplit(':').next().unwrap_or_default();
                self.note_pieces(after);
            }
            self.note_pieces(part);
        }
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
            let turned: Vec<u8> = piece.iter().map(|b| rot13(*b)).collect();
            self.pieces.extend([key(&piece), key(&reversed), key(&turned)]);
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
        let bytes: Vec<u8> = text
            .bytes()
            .filter(|b| !b.is_ascii_whitespace())
            .map(|b| b.to_ascii_lowercase())
            .collect();
        bytes.windows(PIECE).any(|piece| self.pieces.contains(&key(piece)))
    }
}

fn key(piece: &[u8]) -> u64 {
    piece.iter().fold(0, |all, byte| all << 8 | u64::from(*byte))
}

fn rot13(byte: u8) -> u8 {
    match byte {
        b'a'..=b'z' => (byte - b'a' + 13) % 26 + b'a',
        other => other,
    }
}

/// Where secrets stand in a text, as byte ranges.
pub fn find(text: &str, typed: bool) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for captures in SHAPES.captures_iter(text) {
        let group = ["pem", "key", "auth", "url", "query", "hook"]
            .iter()
            .find_map(|name| captures.name(name));
        if let Some(m) = group {
            let plain = captures.name("auth").is_some() && !looks_random(m.as_str());
            if !plain {
                found.push((m.start(), m.end()));
            }
        }
    }
    for captures in NAMED.captures_iter(text) {
        if let Some(value) = captures.name("value")
            && is_named_value(
                &captures["name"],
                value.as_str(),
                &captures["sep"],
                &text[value.end()..],
                typed,
            )
        {
            found.push((
                value.start(),
                value_end(text, value.start(), value.end(), &captures["name"]),
            ));
        }
    }
    if typed {
        for captures in USED_AS.captures_iter(text).chain(LOGIN.captures_iter(text)) {
            if let Some(value) = ["value", "bare"].iter().find_map(|name| captures.name(name))
                && looks_random(value.as_str())
                && !is_reference(value.as_str())
            {
                found.push((value.start(), value.end()));
            }
        }
        found.extend(random_tokens(text));
    }
    found
}

/// A passphrase goes on to the end of its clause.
fn value_end(text: &str, start: usize, end: usize, name: &str) -> usize {
    if is_phrase(name) {
        let rest = &text[start..];
        return start + rest.find(['.', ',', ';', '\n']).unwrap_or(rest.len());
    }
    end
}

fn is_phrase(name: &str) -> bool {
    let name = name.to_lowercase();
    ["phrase", "seed", "mnemonic", "combination", "safe word"]
        .iter()
        .any(|n| name.contains(n))
}

/// Words that follow "the password is" without being one.
fn is_named_value(name: &str, value: &str, separator: &str, after: &str, typed: bool) -> bool {
    let value = value.trim_end_matches(['.', ':', '!', '?']);
    let lower = value.to_lowercase();
    if value.len() < 3 || is_plain_word(&lower) || is_reference(value) {
        return false;
    }
    if looks_random(value) || (typed && is_phrase(name)) {
        return true;
    }
    // In code and output a plain word after a colon is a type or a name, not a password.
    if !typed || !value.chars().all(char::is_alphanumeric) {
        return false;
    }
    let assigned = matches!(separator, "=" | ":" | ":=" | "==" | "->" | "=>" | "→");
    let participle = ["ed", "ing", "able", "ly", "en"].iter().any(|end| lower.ends_with(end));
    let last = after.trim_start_matches(['"', '\'', '`', '”', '’', ')']).trim_start();
    let ends =
        last.is_empty() || last.starts_with(['.', ',', ';', '!', '\n']) || last.to_lowercase().starts_with("if you");
    !participle && (assigned || ends) && !last.starts_with("is ")
}

/// A path, placeholder or name of a variable points at a secret without being it.
fn is_reference(value: &str) -> bool {
    let slug = |c: char| c.is_ascii_lowercase() || matches!(c, '/' | '.' | '-' | '_' | '~');
    value.starts_with(['$', '<', '{', '%', '~'])
        || value.starts_with("process.env")
        || value.starts_with("os.environ")
        || value.contains("...")
        || value
            .chars()
            .all(|c| matches!(c, '*' | 'x' | 'X' | '.' | '-' | '_' | '•'))
        || (value.contains(['/', '.']) && value.chars().all(slug))
        || (value.contains('_') && value.chars().all(|c| c.is_ascii_uppercase() || c == '_'))
        || (value.contains("://") && !value.contains('@'))
}

/// Letters with digits or signs, or letters of mixed case: what nobody says in a sentence.
fn looks_random(value: &str) -> bool {
    let value = value.trim_end_matches(['.', ',', ':', ';', '!', '?', ')', '(']);
    let count = |f: fn(char) -> bool| value.chars().filter(|c| f(*c)).count();
    let (lower, upper, digit) = (
        count(char::is_lowercase),
        count(char::is_uppercase),
        count(|c| c.is_ascii_digit()),
    );
    let sign = value.chars().filter(|c| "!@#$%^&*+=?~|".contains(*c)).count();
    let inner_upper = value.chars().skip(1).any(char::is_uppercase);
    (digit > 0 && lower + upper > 0)
        || (sign > 0 && lower + upper + digit > 2)
        || (lower > 0 && inner_upper && value.len() >= 8)
        || (digit >= 4 && lower + upper == 0)
}

/// Long tokens that look like nothing but chance.
fn random_tokens(text: &str) -> Vec<(usize, usize)> {
    let mut out = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        let inside = c.is_ascii_alphanumeric() || "+/=_-!@#$%^&*".contains(c);
        match (start, inside) {
            (None, true) => start = Some(at),
            (Some(from), false) => {
                if is_chance(&text[from..at]) {
                    out.push((from, at));
                }
                start = None;
            }
            _ => {}
        }
    }
    out
}

fn is_chance(token: &str) -> bool {
    // Names joined by separators are judged part by part.
    token.split(['/', '_', '-', '=', '#', '@']).any(|part| {
        let letters = part.chars().filter(char::is_ascii_alphabetic).count();
        let digits = part.chars().filter(char::is_ascii_digit).count();
        let upper = part.chars().filter(char::is_ascii_uppercase).count();
        let lower = letters - upper;
        if part.len() < 12 || part.chars().all(|c| c.is_ascii_digit()) {
            return false;
        }
        let hex = part.chars().all(|c| c.is_ascii_hexdigit());
        if hex {
            return part.len() >= 24 && digits > 2 && letters > 2;
        }
        let switches = part
            .as_bytes()
            .windows(2)
            .filter(|w| class(w[0]) != class(w[1]) && !(w[0].is_ascii_uppercase() && w[1].is_ascii_lowercase()))
            .count();
        (digits >= 2 && upper >= 1 && lower >= 1 && switches >= 3)
            || (part.len() >= 16 && digits >= 3 && switches >= 4)
            || (part.len() >= 20 && switches >= 6)
    })
}

fn class(byte: u8) -> u8 {
    match byte {
        b'a'..=b'z' => 0,
        b'A'..=b'Z' => 1,
        b'0'..=b'9' => 2,
        _ => 3,
    }
}

/// Text that was written as base64, where it decodes to readable characters.
fn from_base64(text: &str) -> Option<String> {
    let body = text.trim_end_matches('=');
    if body.len() < 12 {
        return None;
    }
    let mut bits = 0u32;
    let mut held = 0;
    let mut out = Vec::new();
    for byte in body.bytes() {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(six);
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push((bits >> held) as u8);
        }
    }
    let text = String::from_utf8(out).ok()?;
    text.chars().all(|c| c.is_ascii_graphic() || c == ' ').then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_in_many_words() {
        let mut missed = Vec::new();
        for text in [
            "the wifi password is sunflower",
            "Remember that my passphrase is purple monkey dishwasher seven",
            "use Tr0ub4dor as the root password",
            "pass: hunter22",
            "API_KEY=abcdef123456",
            "password for the staging box is kX9#mm2",
            "log in with admin / s3cretPw!",
            "Authorization: Bearer abcDEF123456ghi",
            "redis://:pa55w0rd1@cache:6379",
            "my PIN is 4821",
            "token a8F3kLm92QxZ7Rt1",
            "second part: 9fKq2LmXw71Zt0Rb",
            "the door code is 88213",
        ] {
            if find(text, true).is_empty() {
                missed.push(text);
            }
        }
        assert!(missed.is_empty(), "missed: {missed:#?}");
    }

    #[test]
    fn words_about_secrets_are_no_secrets() {
        let mut taken = Vec::new();
        for text in [
            "The deploy keys are kept in the vault under team/orchard.",
            "CI reads its token from the runner group blue.",
            "The password is stored in 1Password",
            "Ask Joris when a credential has to be rotated.",
            "The API key is rotated every 90 days",
            "Passwords must have 12 characters",
            "The token is in $GITHUB_TOKEN",
            "Secrets live in vault/prod/app",
            "src/components/UserProfileCard.tsx holds the card",
            "port 7431 is reserved for the metrics proxy",
            "Use commit 3f2a91bc to compare",
            "the primary region is eu-central-1",
            "The password policy is enforced by Okta",
        ] {
            if let Some((from, to)) = find(text, true).first() {
                taken.push((text, &text[*from..*to]));
            }
        }
        assert!(taken.is_empty(), "taken for secrets: {taken:#?}");
    }

    #[test]
    fn a_piece_of_a_known_secret_is_noticed() {
        let mut secrets = Secrets::default();
        secrets.collect("export TOKEN=zq_Abc123Def456Ghi789", false);
        assert!(secrets.stand_in("the first half is zq_Abc123"));
        assert!(secrets.stand_in(&"zq_Abc123Def456".chars().rev().collect::<String>()));
        assert!(!secrets.stand_in("an ordinary sentence about tokens"));
    }
}
