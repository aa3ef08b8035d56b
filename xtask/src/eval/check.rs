//! What memory must hold and must not. Patterns match without regard to case, after Unicode's compatible forms and without
//! hidden characters, backticks and asterisks; a file's path counts as its first line.

use anyhow::{Result, bail};
use serde_json::Value;

use super::leak::{leaks, secrets};
use super::memory::{Memory, is_odd, look_alike};
use super::pack::text;
use super::pattern::Pattern;

/// Words that mark a value as past or refused.
const PAST: &str = r"\bnot?\b|\bnever\b|n[o']t\b|no longer|former|previous|\bwas\b|\bwere\b|instead|replac|supersed|obsolete|deprecat|\bold\b|used to|switch|changed? (?:from|away)|moved? (?:from|away|off)|\buntil\b|\bbefore\b|rather than|\bavoid|\bdon.?t\b|~~|\bagainst\b|dropp|retired?|revers|\bwithout\b|outdated|stale|earlier|over(?:rid|rul)|→|->|=>|\bgone\b|\bpast\b|\bended\b";
/// Longest line of a file that people are to read.
const LONGEST_LINE: u64 = 4000;

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
            let hit = disguised.find_map(|text: String| all.iter().find_map(|p| p.first(&text).map(str::to_owned)));
            hit.map_or(Ok(()), Err)
        }
        "absent_unless" => {
            let (all, past) = (patterns(&check["all"])?, Pattern::new(PAST)?);
            let mut marks = if check["unless"].is_null() {
                vec![past]
            } else {
                patterns(&check["unless"])?
            };
            marks.retain(|p| !p.is_empty());
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
            !secrets(check)?
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
        "max_bytes" if !check["glob"].is_null() => bail!("max_bytes with a glob: globs are not supported"),
        "max_bytes" => {
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

/// Whether all patterns of a group stand in one stretch of one file.
fn found(group: &Value, within: usize, memory: &Memory) -> Result<bool> {
    let all = patterns(if group.is_array() { group } else { &group["all"] })?;
    let within = group["within"].as_u64().map_or(within, |n| n as usize);
    Ok(memory.texts().any(|text| {
        let at = |start: usize| text[..start].chars().count();
        let hits: Vec<Vec<usize>> = all
            .iter()
            .map(|p| p.starts(text).into_iter().map(at).collect())
            .collect();
        let near = |from: usize, hits: &[usize]| hits.iter().any(|at| (from..=from + within).contains(at));
        !hits.iter().any(Vec::is_empty)
            && (within == 0 || hits.iter().flatten().any(|from| hits.iter().all(|h| near(*from, h))))
    }))
}

fn patterns(value: &Value) -> Result<Vec<Pattern>> {
    match value {
        Value::String(one) => Ok(vec![Pattern::new(one)?]),
        Value::Array(all) => all.iter().map(|p| Pattern::new(&text(p))).collect(),
        _ => bail!("a check without patterns"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    /// A check that cannot fail proves nothing.
    #[test]
    fn each_check_passes_and_fails() {
        let good = Memory::of("- The kiln is fired at 900 degrees\n- Not the old kiln\n");
        let bad = Memory::of("- zork and the secret hunter2hunter2\u{200b}\n- kiln\n- kiln\n- old kiln\n");
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
        let globs = run(&json!({"kind": "max_bytes", "glob": "*.md", "max": 1}), &good).unwrap_err();
        assert!(globs.to_string().contains("not supported"), "{globs}");
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
                matches!(run(&check, &Memory::of(&format!("- {word}\n"))), Ok(Err(_))),
                "{word:?}"
            );
        }
    }
}
