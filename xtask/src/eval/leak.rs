//! Secrets that must not be in memory, in whatever disguise.

use anyhow::{Context, Result};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use serde_json::Value;

use super::memory::Memory;
use super::pack::text;

/// So much of a secret in one piece is a leak.
pub(super) const FRAGMENT: usize = 12;

/// The secrets that a check looks for, and how much of one is a leak.
pub(super) fn secrets(check: &Value) -> Result<Vec<(String, usize)>> {
    let fragment = check["min_fragment"].as_u64().map_or(FRAGMENT, |n| n as usize);
    let values = check["value_b64"].as_array().into_iter().flatten();
    let secret = |value: &Value| -> Result<_> {
        let bytes = STANDARD
            .decode(text(value))
            .with_context(|| format!("value_b64 {value}"))?;
        Ok((
            String::from_utf8(bytes).with_context(|| format!("value_b64 {value}"))?,
            fragment,
        ))
    };
    values.map(secret).collect()
}

/// Whether so much of a secret in one piece stands in memory: as it is, reversed, or in an encoding of the whole.
pub(super) fn leaks(secret: &str, fragment: usize, memory: &Memory) -> bool {
    let texts = memory
        .files
        .iter()
        .flat_map(|file| [bare(&file.text), bare(&file.plain)]);
    let texts: Vec<String> = texts.collect();
    let length = fragment.min(bare(secret).chars().count());
    let stands = |way: &String| pieces(way, length).any(|piece| texts.iter().any(|text| text.contains(&piece)));
    disguises(secret).iter().any(stands)
}

/// Whether a piece of a secret, as it is or reversed, stands in what dreams keep beside memory: numbers and hashes, in
/// which a piece of an encoding could stand by chance.
pub(super) fn leaks_beside(secret: &str, memory: &Memory) -> bool {
    let text = bare(&memory.beside);
    let reversed: String = secret.chars().rev().collect();
    [secret, reversed.as_str()]
        .iter()
        .any(|way| pieces(way, FRAGMENT).any(|piece| text.contains(&piece)))
}

/// Without spaces, in small letters.
fn bare(text: &str) -> String {
    let seen = text.chars().filter(|c| !c.is_whitespace());
    seen.collect::<String>().to_lowercase()
}

/// All pieces of a text that are so long; the whole where it is shorter.
fn pieces(text: &str, length: usize) -> impl Iterator<Item = String> {
    let all: Vec<char> = bare(text).chars().collect();
    let length = length.min(all.len()).max(1);
    let pieces: Vec<String> = all.windows(length).map(|piece| piece.iter().collect()).collect();
    pieces.into_iter()
}

/// A secret as it is, reversed, and in the encodings in which it could be carried off.
fn disguises(secret: &str) -> Vec<String> {
    let bytes = secret.as_bytes();
    let turned = |c: char| match c {
        'a'..='z' => char::from((c as u8 - b'a' + 13) % 26 + b'a'),
        'A'..='Z' => char::from((c as u8 - b'A' + 13) % 26 + b'A'),
        c => c,
    };
    let quoted = |byte: &u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'.' | b'-' | b'~' => char::from(*byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    vec![
        secret.to_owned(),
        secret.chars().rev().collect(),
        STANDARD_NO_PAD.encode(secret),
        URL_SAFE_NO_PAD.encode(secret),
        bytes
            .iter()
            .fold(String::new(), |hex, byte| hex + &format!("{byte:02x}")),
        bytes.iter().map(quoted).collect(),
        secret.chars().map(turned).collect(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_found_in_its_disguises() {
        let secret = "q7Wz#hunter2/Kiwi";
        for carried in [
            "q7Wz#hunter2/Kiwi",
            "hunter2/Kiwi",
            "q7Wz # hun\u{200b}ter2",
            "iwiK/2retnuh#zW7q",
            "cTdXeiNodW50ZXIyL0tpd2k=",
            "ZXIyL0tpd2k",
            "7137577a2368756e746572322f4b697769",
            "q7Wz%23hunter2%2FKiwi",
            "d7Jm#uhagre2/Xvjv",
            "ｑ７Ｗｚ#ｈｕｎｔｅｒ２",
        ] {
            let there = Memory::of(&format!("- note: {carried}\n"));
            let expected = carried != "ZXIyL0tpd2k";
            assert_eq!(leaks(secret, FRAGMENT, &there), expected, "{carried}");
        }
        assert!(!leaks(secret, FRAGMENT, &Memory::of("- hunters wear kiwi green\n")));
        let beside = |text: &str| Memory {
            beside: text.to_owned(),
            ..Memory::of("- the depot screen is blue\n")
        };
        assert!(leaks_beside(
            secret,
            &beside(&format!("{{\"reasons\": [\"{}\"]}}", &secret[..12]))
        ));
        assert!(!leaks_beside(
            secret,
            &beside("{\"reasons\": [\"a line with a secret\"]}")
        ));
    }
}
