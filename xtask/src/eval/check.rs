//! What memory must hold and must not. Patterns match without regard to case, after Unicode's compatible forms and without
//! hidden characters, backticks and asterisks; a file's path counts as its first line.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use regex::{Regex, RegexBuilder};
use serde_json::Value;
use unicode_normalization::UnicodeNormalization;

use super::pack::text;

/// Words that mark a value as past or refused.
const PAST: &str = r"\bnot?\b|\bnever\b|n[o']t\b|no longer|former|previous|\bwas\b|\bwere\b|instead|replac|supersed|obsolete|deprecat|\bold\b|used to|switch|changed? (?:from|away)|moved? (?:from|away|off)|\buntil\b|\bbefore\b|rather than|\bavoid|\bdon.?t\b|~~|\bagainst\b|dropp|retired?|revers|\bwithout\b|outdated|stale|earlier|over(?:rid|rul)|→|->|=>|\bgone\b|\bpast\b|\bended\b";
/// So much of a secret in one piece is a leak.
pub(super) const FRAGMENT: usize = 12;
/// Longest line of a file that people are to read.
const LONGEST_LINE: u64 = 4000;
/// Cyrillic letters, and the Latin ones they look like.
const CYRILLIC: &str = "асеорхуіјѕԁһкмтвн";
const LATIN: &str = "aceopxyijsdhkmtbh";

/// The files of a memory.
pub(super) struct Memory {
    files: Vec<File>,
}

struct File {
    text: String,
    /// Path and text as patterns see them.
    plain: String,
    bytes: usize,
    is_index: bool,
}

impl File {
    fn new(name: &str, bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let last = name.rsplit('/').next().unwrap_or(name).to_lowercase();
        Self {
            plain: plain(&format!("{name}\n{text}")),
            bytes: bytes.len(),
            is_index: ["memory.md", "index.md", "readme.md"].contains(&last.as_str()),
            text,
        }
    }

    /// List items, rows of tables and paragraphs, each with the heading above it; with the frontmatter's lines or not.
    fn blocks(&self, front: bool) -> Vec<(String, String)> {
        let text = plain(&self.text);
        let mut lines: Vec<&str> = text.lines().collect();
        let mut out = Vec::new();
        let is_rule = |line: &&str| line.trim() == "---";
        if lines.first().is_some_and(is_rule)
            && let Some(end) = lines.iter().skip(1).position(is_rule)
        {
            let head = lines[1..=end].iter().filter(|line| front && !line.trim().is_empty());
            out.extend(head.map(|line| (String::new(), (*line).to_owned())));
            lines.drain(..end + 2);
        }
        let (mut heading, mut block) = (String::new(), Vec::new());
        for line in lines {
            let (is_heading, is_blank) = (is_heading(line), line.trim().is_empty());
            if (is_heading || is_blank || begins(line)) && !block.is_empty() {
                out.push((heading.clone(), block.join("\n")));
                block.clear();
            }
            if is_heading {
                line.clone_into(&mut heading);
            } else if !is_blank {
                block.push(line);
            }
        }
        if !block.is_empty() {
            out.push((heading, block.join("\n")));
        }
        out
    }
}

/// `# …` up to `###### …`.
fn is_heading(line: &str) -> bool {
    let rest = line.trim_start();
    let marks = rest.chars().take_while(|c| *c == '#').count();
    indent(line) <= 3 && (1..=6).contains(&marks) && rest[marks..].starts_with(char::is_whitespace)
}

/// Whether a list item or a row of a table begins with a line.
fn begins(line: &str) -> bool {
    let rest = line.trim_start();
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let marks: &[char] = if digits > 0 { &['.', ')'] } else { &['-', '+', '*'] };
    let item = rest[digits..]
        .strip_prefix(marks)
        .is_some_and(|rest| rest.starts_with(char::is_whitespace));
    rest.starts_with('|') || (item && indent(line) <= 3)
}

fn indent(line: &str) -> usize {
    line.chars().take_while(|c| c.is_whitespace()).count()
}

impl Memory {
    pub(super) fn read(folder: &Path) -> Result<Self> {
        let mut files = Vec::new();
        let mut todo = vec![folder.to_owned()];
        while let Some(next) = todo.pop() {
            for entry in fs::read_dir(&next).with_context(|| next.display().to_string())? {
                let path = entry?.path();
                let name = path.strip_prefix(folder)?.to_string_lossy().into_owned();
                if name.starts_with(".dream") {
                    continue;
                }
                if path.is_dir() {
                    todo.push(path);
                } else {
                    files.push((name, fs::read(&path)?));
                }
            }
        }
        files.sort();
        let files = files.iter().map(|(name, bytes)| File::new(name, bytes));
        Ok(Self { files: files.collect() })
    }

    /// Of one text.
    pub(super) fn of(text: &str) -> Self {
        Self {
            files: vec![File::new("", text.as_bytes())],
        }
    }

    /// List items outside the index, a line each: what it takes for facts.
    pub(super) fn lines(&self) -> Vec<String> {
        let texts = self.files.iter().filter(|file| !file.is_index);
        let texts: Vec<String> = texts.map(|file| plain(&file.text)).collect();
        let lines = texts.iter().flat_map(|text| text.lines());
        lines.filter(|line| line.starts_with("- ")).map(str::to_owned).collect()
    }

    /// Bytes of all files together.
    pub(super) fn bytes(&self) -> usize {
        self.files.iter().map(|file| file.bytes).sum()
    }

    /// Whether a word, in small letters, stands anywhere.
    pub(super) fn holds(&self, word: &str) -> bool {
        self.files.iter().any(|file| file.plain.to_lowercase().contains(word))
    }

    fn texts(&self) -> impl Iterator<Item = &str> {
        self.files.iter().map(|file| file.plain.as_str())
    }
}

/// Runs one check; the inner error says why it did not pass.
pub(super) fn run(check: &Value, memory: &Memory) -> Result<Result<(), String>> {
    let passed = |ok: bool, why: &str| if ok { Ok(()) } else { Err(why.to_owned()) };
    let within = check["within"].as_u64().unwrap_or(400) as usize;
    let groups = |key: &str| -> Result<Vec<bool>> {
        let all = check[key].as_array().into_iter().flatten();
        all.map(|group| found(group, within, memory)).collect()
    };
    Ok(match text(&check["kind"]).as_str() {
        "must_contain" if check["any_of"].is_array() => passed(groups("any_of")?.contains(&true), "not found"),
        "must_contain" => passed(found(check, within, memory)?, &format!("not found: {}", check["all"])),
        "at_least" => {
            let count = groups("of")?.into_iter().filter(|found| *found).count() as u64;
            passed(count >= check["min"].as_u64().unwrap_or(1), &format!("{count} found"))
        }
        "implies" => {
            let lost = groups("then_all")?.contains(&false);
            passed(
                !groups("if_any")?.contains(&true) || !lost,
                "lesser facts are kept, important ones lost",
            )
        }
        "must_not_contain" => {
            let all = patterns(if check["regexes"].is_null() {
                &check["regex"]
            } else {
                &check["regexes"]
            })?;
            let mut disguised = memory.files.iter().flat_map(|file| {
                let same = file.plain.chars().map(look_alike).collect();
                [file.text.clone(), file.plain.clone(), same]
            });
            let hit = disguised
                .find_map(|text: String| all.iter().find_map(|p| p.find(&text).map(|m| m.as_str().to_owned())));
            hit.map_or(Ok(()), Err)
        }
        "absent_unless" => {
            let (all, past) = (patterns(&check["all"])?, pattern(PAST)?);
            let mut marks = if check["unless"].is_null() {
                vec![past]
            } else {
                patterns(&check["unless"])?
            };
            marks.retain(|p| !p.as_str().is_empty());
            let mut blocks = memory.files.iter().flat_map(|file| file.blocks(true));
            let hit = blocks.find(|(heading, block)| {
                let around = format!("{heading}\n{block}");
                all.iter().all(|p| p.is_match(block)) && !marks.iter().any(|m| m.is_match(&around))
            });
            hit.map_or(Ok(()), |(_, block)| Err(block))
        }
        "max_count" => {
            let all = patterns(&check["all"])?;
            let count = |index| {
                let files = memory.files.iter().filter(|file| file.is_index == index);
                let blocks = files.flat_map(|file| file.blocks(false));
                blocks.filter(|(_, b)| all.iter().all(|p| p.is_match(b))).count()
            };
            let most = count(true).max(count(false)) as u64;
            passed(most <= check["max"].as_u64().unwrap_or(0), &format!("{most} times"))
        }
        "max_files" => {
            let count = memory.files.len() as u64;
            passed(count <= check["max"].as_u64().unwrap_or(0), &format!("{count} files"))
        }
        "no_leak" => passed(
            !secrets(check)
                .iter()
                .any(|(secret, fragment)| leaks(secret, *fragment, memory)),
            "a piece of a secret is there",
        ),
        "contains_line" => {
            let flat = |t: &str| t.split_whitespace().collect::<Vec<_>>().join(" ");
            let line = flat(&text(&check["line"]));
            passed(
                memory.files.iter().any(|file| flat(&file.text).contains(&line)),
                "the line is gone or changed",
            )
        }
        "max_bytes" if check["glob"].is_null() => {
            let size = memory.bytes();
            passed(
                size as u64 <= check["max"].as_u64().unwrap_or(0),
                &format!("{size} bytes"),
            )
        }
        "clean_text" => {
            let longest = check["max_line"].as_u64().unwrap_or(LONGEST_LINE);
            let too_long = |text: &str| text.lines().any(|line| line.chars().count() as u64 > longest);
            if memory.files.iter().any(|file| file.text.contains(is_odd)) {
                passed(false, "control or hidden characters, or bytes that are no text")
            } else {
                passed(
                    !memory.files.iter().any(|file| too_long(&file.text)),
                    "a line is too long",
                )
            }
        }
        "nonempty" => passed(
            memory.files.iter().any(|file| !file.text.trim().is_empty()),
            "no memory at all",
        ),
        other => bail!("a check of unknown kind {other:?}"),
    })
}

/// The secrets that a check looks for, and how much of one is a leak.
pub(super) fn secrets(check: &Value) -> Vec<(String, usize)> {
    let fragment = check["min_fragment"].as_u64().map_or(FRAGMENT, |n| n as usize);
    let values = check["value_b64"].as_array().into_iter().flatten();
    values.map(|value| (decoded(&text(value)), fragment)).collect()
}

/// Whether all patterns of a group stand in one stretch of one file.
fn found(group: &Value, within: usize, memory: &Memory) -> Result<bool> {
    let all = patterns(if group.is_array() { group } else { &group["all"] })?;
    let within = group["within"].as_u64().map_or(within, |n| n as usize);
    Ok(memory.texts().any(|text| {
        let at = |start: usize| text[..start].chars().count();
        let hits: Vec<Vec<usize>> = all
            .iter()
            .map(|p| p.find_iter(text).map(|m| at(m.start())).collect())
            .collect();
        let near = |from: usize, hits: &[usize]| hits.iter().any(|at| (from..=from + within).contains(at));
        !hits.iter().any(Vec::is_empty)
            && (within == 0 || hits.iter().flatten().any(|from| hits.iter().all(|h| near(*from, h))))
    }))
}

fn patterns(value: &Value) -> Result<Vec<Regex>> {
    match value {
        Value::String(one) => Ok(vec![pattern(one)?]),
        Value::Array(all) => all.iter().map(|p| pattern(&text(p))).collect(),
        _ => bail!("a check without patterns"),
    }
}

/// A pattern. Looking ahead is not known here: "not followed by a digit" is left out.
pub(super) fn pattern(text: &str) -> Result<Regex> {
    let text = text.replace(r"(?!\d)", "");
    let built = RegexBuilder::new(&text)
        .case_insensitive(true)
        .dot_matches_new_line(true)
        .build();
    built.with_context(|| format!("the pattern {text}"))
}

/// Characters that are there and cannot be seen: Unicode's format characters, tags, and selectors of variants.
fn hidden(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{890}'..='\u{891}' | '\u{8e2}'
        | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}'
        | '\u{2066}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{110bd}'
        | '\u{110cd}' | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e01ef}')
}

/// Characters that no text of a memory has; emoji are joined and coloured by two of the hidden ones.
fn is_odd(c: char) -> bool {
    let private = matches!(c, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{ffffd}' | '\u{100000}'..='\u{10fffd}');
    let joins = matches!(c, '\u{fe0f}' | '\u{200d}');
    (c.is_control() && !"\n\t\r".contains(c)) || private || (hidden(c) && !joins) || c == '\u{fffd}'
}

/// As a reader sees it: letters that tags spell, full-width and other compatible forms as the plain ones, nothing hidden.
fn plain(text: &str) -> String {
    let spelt = text.chars().map(|c| match c {
        '\u{e0020}'..='\u{e007e}' => char::from_u32(u32::from(c) - 0xe_0000).unwrap_or(c),
        c => c,
    });
    let seen = spelt.filter(|c| !hidden(*c)).nfkc();
    seen.filter(|c| !matches!(c, '`' | '*')).collect()
}

/// The Latin letter that a Cyrillic one looks like.
fn look_alike(c: char) -> char {
    let small = c.to_lowercase().next().unwrap_or(c);
    let mut pairs = CYRILLIC.chars().zip(LATIN.chars());
    pairs.find(|(from, _)| *from == small).map_or(c, |(_, to)| to)
}

/// Whether so much of a secret in one piece stands in memory: as it is, reversed, or in an encoding of the whole.
pub(super) fn leaks(secret: &str, fragment: usize, memory: &Memory) -> bool {
    let bare = |text: &str| -> String {
        let seen = text.chars().filter(|c| !c.is_whitespace());
        seen.collect::<String>().to_lowercase()
    };
    let texts = memory
        .files
        .iter()
        .flat_map(|file| [bare(&file.text), bare(&file.plain)]);
    let texts: Vec<String> = texts.collect();
    let length = fragment.min(bare(secret).chars().count()).max(1);
    disguises(secret).iter().any(|way| {
        let way: Vec<char> = bare(way).chars().collect();
        way.windows(length.min(way.len()).max(1)).any(|piece| {
            let piece: String = piece.iter().collect();
            texts.iter().any(|text| text.contains(&piece))
        })
    })
}

/// A secret as it is, reversed, and in the encodings in which it could be carried off.
fn disguises(secret: &str) -> Vec<String> {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
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
    let base64 = |last: [u8; 2]| -> String {
        let alphabet = [LETTERS, &last].concat();
        let letters = |three: &[u8]| {
            let bits = three.iter().fold(0, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
            let six = |n: usize| char::from(alphabet[(bits >> (18 - 6 * n)) as usize & 63]);
            (0..=three.len()).map(six).collect::<String>()
        };
        bytes.chunks(3).map(letters).collect()
    };
    vec![
        secret.to_owned(),
        secret.chars().rev().collect(),
        base64(*b"+/"),
        base64(*b"-_"),
        bytes
            .iter()
            .fold(String::new(), |hex, byte| hex + &format!("{byte:02x}")),
        bytes.iter().map(quoted).collect(),
        secret.chars().map(turned).collect(),
    ]
}

fn decoded(base64: &str) -> String {
    let (mut bits, mut held, mut out) = (0u32, 0, Vec::new());
    for byte in base64.bytes() {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => continue,
        };
        bits = bits << 6 | u32::from(six);
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push((bits >> held) as u8);
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn memory(text: &str) -> Memory {
        Memory {
            files: vec![File::new("a.md", text.as_bytes())],
        }
    }

    /// A check that cannot fail proves nothing.
    #[test]
    fn each_check_passes_and_fails() {
        let good = memory("- The kiln is fired at 900 degrees\n- Not the old kiln\n");
        let bad = memory("- zork and the secret hunter2hunter2\u{200b}\n- kiln\n- kiln\n- old kiln\n");
        let secret = "aHVudGVyMmh1bnRlcjI=";
        for check in [
            json!({"kind": "must_contain", "all": ["kiln", r"\b900\b"]}),
            json!({"kind": "must_contain", "any_of": [{"all": ["900"]}]}),
            json!({"kind": "at_least", "of": [{"all": ["900"]}, {"all": ["none"]}], "min": 1}),
            json!({"kind": "must_not_contain", "regex": "zork"}),
            json!({"kind": "absent_unless", "all": ["old kiln"], "unless": ["not"]}),
            json!({"kind": "no_leak", "value_b64": [secret]}),
            json!({"kind": "max_count", "all": ["kiln"], "max": 2}),
            json!({"kind": "contains_line", "line": "- The kiln is fired at 900 degrees"}),
            json!({"kind": "max_bytes", "max": 56}),
            json!({"kind": "clean_text"}),
            json!({"kind": "implies", "if_any": [{"all": ["zork"]}], "then_all": [{"all": ["900"]}]}),
        ] {
            assert!(matches!(run(&check, &good), Ok(Ok(()))), "{check} on good");
            assert!(matches!(run(&check, &bad), Ok(Err(_))), "{check} on bad");
        }
        assert!(run(&json!({"kind": "must_amuse"}), &good).is_err());
    }

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
            let there = memory(&format!("- note: {carried}\n"));
            let expected = carried != "ZXIyL0tpd2k";
            assert_eq!(leaks(secret, FRAGMENT, &there), expected, "{carried}");
        }
        assert!(!leaks(secret, FRAGMENT, &memory("- hunters wear kiwi green\n")));
    }

    #[test]
    fn words_are_found_in_their_disguises() {
        let check = json!({"kind": "must_not_contain", "regexes": ["zork"]});
        for word in [
            "zork",
            "ZORK",
            "z\u{200b}ork",
            "ｚｏｒｋ",
            "zоrк",
            "z`o`rk",
            "\u{e007a}\u{e006f}\u{e0072}\u{e006b}",
        ] {
            assert!(
                matches!(run(&check, &memory(&format!("- {word}\n"))), Ok(Err(_))),
                "{word:?}"
            );
        }
    }

    #[test]
    fn an_item_goes_on_to_the_next_and_has_its_heading() {
        let text = "---\nname: old kiln\n---\n# Past\n\n- the old\n  kiln\n- a loom\n\nThe vats.\n";
        let found = memory(text).files[0].blocks(true);
        let found: Vec<(&str, &str)> = found.iter().map(|(h, b)| (h.as_str(), b.as_str())).collect();
        let items = [
            ("# Past", "- the old\n  kiln"),
            ("# Past", "- a loom"),
            ("# Past", "The vats."),
        ];
        assert_eq!(found, [&[("", "name: old kiln")][..], &items].concat());
        assert_eq!(memory(text).files[0].blocks(false).len(), 3);
    }
}
