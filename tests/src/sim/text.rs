//! The texts agents write: every line they add bears a token that occurs nowhere else, by which it can be followed.

use std::collections::BTreeSet;
use std::fmt;

use remanence_store::MountId;

use super::rng::Rng;

/// A written line's mark: who wrote it, and the how manieth it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Token {
    pub(super) writer: u32,
    pub(super) number: u32,
}

/// The mount by which a writer writes.
pub(super) fn mount_of(writer: u32) -> MountId {
    MountId(u64::from(writer) + 100)
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{}.{}>", self.writer, self.number)
    }
}

/// All tokens of a text, in order, repeated ones too.
pub(super) fn tokens(text: &[u8]) -> Vec<Token> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = text[at..].iter().position(|b| *b == b'<') {
        let rest = &text[at + start + 1..];
        at += start + 1;
        let Some(end) = rest.iter().take(24).position(|b| *b == b'>') else {
            continue;
        };
        let parsed = std::str::from_utf8(&rest[..end])
            .ok()
            .and_then(|t| t.split_once('.'))
            .and_then(|(w, n)| Some((w.parse().ok()?, n.parse().ok()?)));
        if let Some((writer, number)) = parsed {
            found.push(Token { writer, number });
        }
    }
    found
}

/// The set of a text's tokens.
pub(super) fn token_set(text: &[u8]) -> BTreeSet<Token> {
    tokens(text).into_iter().collect()
}

/// Gives out a writer's tokens.
#[derive(Debug)]
pub(super) struct Pen {
    writer: u32,
    next: u32,
    rng: Rng,
}

impl Pen {
    pub(super) fn new(writer: u32, rng: Rng) -> Self {
        Self { writer, next: 1, rng }
    }

    /// A new line without its end; rarely one that is too large for a slot's body.
    pub(super) fn line(&mut self, large: bool) -> (Token, Vec<u8>) {
        let token = Token {
            writer: self.writer,
            number: self.next,
        };
        self.next += 1;
        let fill = if large {
            66_000
        } else {
            self.rng.between(0, 12) as usize
        };
        let mut line = token.to_string().into_bytes();
        line.extend(std::iter::repeat_n(b'x', fill));
        (token, line)
    }

    /// An edit of a text by lines: one or two of insert, replace and delete.
    pub(super) fn edit(&mut self, text: &[u8], large: bool) -> Edited {
        let mut lines: Vec<Vec<u8>> = text.split_inclusive(|b| *b == b'\n').map(<[u8]>::to_vec).collect();
        let mut added = BTreeSet::new();
        for _ in 0..self.rng.between(1, 2) {
            let kind = self.rng.below(10);
            if lines.is_empty() || kind < 5 {
                let at = self.rng.index(lines.len() + 1);
                let (token, mut line) = self.line(large);
                line.push(b'\n');
                if at == lines.len()
                    && let Some(last) = lines.last_mut().filter(|l| !l.ends_with(b"\n"))
                {
                    last.push(b'\n');
                }
                lines.insert(at, line);
                added.insert(token);
            } else if kind < 8 {
                let at = self.rng.index(lines.len());
                let (token, mut line) = self.line(false);
                line.push(b'\n');
                lines[at] = line;
                added.insert(token);
            } else {
                let at = self.rng.index(lines.len());
                lines.remove(at);
            }
        }
        let text: Vec<u8> = lines.concat();
        // What the second change took away again was never written.
        let there = token_set(&text);
        added.retain(|t| there.contains(t));
        Edited { text, added }
    }
}

/// A text after an edit.
#[derive(Debug)]
pub(super) struct Edited {
    pub(super) text: Vec<u8>,
    pub(super) added: BTreeSet<Token>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_found_wherever_they_stand() {
        let found: Vec<String> = tokens(b"<1.2>xx<3.4>\n<<5.6>>\n<a> <7.>\n<8.9")
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(found, ["<1.2>", "<3.4>", "<5.6>"]);
    }
}
