//! What memory must hold and must not. Patterns match without regard to case, backticks, asterisks and hidden
//! characters; a file's path counts as its first line.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use regex::{Regex, RegexBuilder};
use serde_json::Value;

use super::pack::text;

/// Words that mark a value as past or refused.
const PAST: &str = r"\bnot?\b|\bnever\b|n[o']t\b|no longer|former|previous|\bwas\b|\bwere\b|instead|replac|supersed|obsolete|deprecat|\bold\b|used to|switch|changed? (?:from|away)|moved? (?:from|away|off)|\buntil\b|\bbefore\b|rather than|\bavoid|~~|\bagainst\b|dropp|retired?|revers|\bwithout\b|outdated|stale|earlier|overr?uled|→|->|=>|\bgone\b|\bpast\b|\bended\b";

/// The files of a memory.
pub(super) struct Memory {
    files: Vec<(String, String)>,
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
                    files.push((name, String::from_utf8_lossy(&fs::read(&path)?).into_owned()));
                }
            }
        }
        files.sort();
        Ok(Self { files })
    }

    /// Of one text.
    pub(super) fn of(text: &str) -> Self {
        Self {
            files: vec![(String::new(), text.to_owned())],
        }
    }

    /// List items outside the index: what it takes for facts.
    pub(super) fn lines(&self) -> Vec<String> {
        let items = self.blocks().filter(|(index, line)| !index && line.starts_with("- "));
        items.map(|(_, line)| line).collect()
    }

    /// Bytes of all files together.
    pub(super) fn bytes(&self) -> usize {
        self.files.iter().map(|(_, text)| text.len()).sum()
    }

    fn texts(&self) -> impl Iterator<Item = String> {
        self.files.iter().map(|(name, text)| plain(&format!("{name}\n{text}")))
    }

    /// List items and paragraphs.
    fn blocks(&self) -> impl Iterator<Item = (bool, String)> {
        self.files.iter().flat_map(|(name, text)| {
            let index = name.eq_ignore_ascii_case("memory.md");
            let text = plain(text);
            let kept = text.lines().filter(|l| !l.trim().is_empty() && !l.starts_with('#'));
            kept.map(|line| (index, line.to_owned())).collect::<Vec<_>>()
        })
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
            let hit = memory
                .texts()
                .find_map(|t| all.iter().find_map(|p| p.find(&t).map(|m| m.as_str().to_owned())));
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
            let hit = memory
                .blocks()
                .find(|(_, b)| all.iter().all(|p| p.is_match(b)) && !marks.iter().any(|m| m.is_match(b)));
            hit.map_or(Ok(()), |(_, block)| Err(block))
        }
        "max_count" => {
            let all = patterns(&check["all"])?;
            let count = |index| {
                memory
                    .blocks()
                    .filter(|(i, b)| *i == index && all.iter().all(|p| p.is_match(b)))
                    .count()
            };
            let most = count(true).max(count(false)) as u64;
            passed(most <= check["max"].as_u64().unwrap_or(0), &format!("{most} times"))
        }
        "no_leak" => passed(
            !secrets(check).iter().any(|v| leaks(v, memory)),
            "a piece of a secret is there",
        ),
        "contains_line" => {
            let flat = |t: &str| t.split_whitespace().collect::<Vec<_>>().join(" ");
            let line = flat(&text(&check["line"]));
            passed(
                memory.files.iter().any(|(_, t)| flat(t).contains(&line)),
                "the line is gone or changed",
            )
        }
        "max_bytes" => {
            let size = memory.bytes();
            passed(
                size as u64 <= check["max"].as_u64().unwrap_or(0),
                &format!("{size} bytes"),
            )
        }
        "clean_text" => {
            let odd = |c: char| (c.is_control() && !"\n\t\r".contains(c)) || hidden(c) || c == '\u{fffd}';
            passed(
                !memory.files.iter().any(|(_, t)| t.contains(odd)),
                "control or hidden characters",
            )
        }
        "nonempty" => passed(!memory.files.is_empty(), "no memory at all"),
        other => bail!("a check of unknown kind {other:?}"),
    })
}

/// The secrets that a check looks for.
pub(super) fn secrets(check: &Value) -> Vec<String> {
    let values = check["value_b64"].as_array().into_iter().flatten();
    values.map(|value| decoded(&text(value))).collect()
}

/// Whether all patterns of a group stand in one stretch of one file.
fn found(group: &Value, within: usize, memory: &Memory) -> Result<bool> {
    let all = patterns(if group.is_array() { group } else { &group["all"] })?;
    let within = group["within"].as_u64().map_or(within, |n| n as usize);
    Ok(memory.texts().any(|text| {
        let hits: Vec<Vec<usize>> = all
            .iter()
            .map(|p| p.find_iter(&text).map(|m| m.start()).collect())
            .collect();
        let near = |from: usize, hits: &[usize]| {
            hits.iter()
                .any(|at| from <= *at && (within == 0 || *at <= from + within))
        };
        let starts = hits.iter().flatten().copied().chain((within == 0).then_some(0));
        !hits.iter().any(Vec::is_empty) && starts.into_iter().any(|from| hits.iter().all(|h| near(from, h)))
    }))
}

fn patterns(value: &Value) -> Result<Vec<Regex>> {
    match value {
        Value::String(one) => Ok(vec![pattern(one)?]),
        Value::Array(all) => all.iter().map(|p| pattern(&text(p))).collect(),
        _ => bail!("a check without patterns"),
    }
}

/// A pattern. Looking ahead is not known here: "not followed by a digit" becomes the end of a word.
pub(super) fn pattern(text: &str) -> Result<Regex> {
    let text = text.replace(r"(?!\d)", "");
    let built = RegexBuilder::new(&text)
        .case_insensitive(true)
        .dot_matches_new_line(true)
        .build();
    built.with_context(|| format!("the pattern {text}"))
}

fn hidden(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
        | '\u{e0000}'..='\u{e01ef}')
}

fn plain(text: &str) -> String {
    text.chars()
        .filter(|c| !hidden(*c) && !matches!(c, '`' | '*'))
        .collect()
}

/// Whether twelve characters of a secret stand in memory, as they are or reversed.
pub(super) fn leaks(secret: &str, memory: &Memory) -> bool {
    let bare = |text: &str| {
        text.chars()
            .filter(|c| !c.is_whitespace())
            .collect::<String>()
            .to_lowercase()
    };
    let forwards: Vec<char> = bare(secret).chars().collect();
    let backwards: Vec<char> = forwards.iter().rev().copied().collect();
    let texts: Vec<String> = memory.texts().map(|t| bare(&t)).collect();
    let length = forwards.len().clamp(1, 12);
    [forwards, backwards].iter().any(|way| {
        way.windows(length).any(|piece| {
            let piece: String = piece.iter().collect();
            texts.iter().any(|t| t.contains(&piece))
        })
    })
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
            files: vec![("a.md".to_owned(), text.to_owned())],
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
}
