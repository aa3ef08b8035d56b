//! Secrets that are told: by the name before them, by the words around them, by the sentence they stand in.

use regex::{Captures, Regex};

use super::look::{is_measure, is_name, is_reference, is_strange, looks_random, words_together};
use super::patterns::{
    ABOUT, BARE, CONFIDED, CONFIDING, GROUPS, IS_LOGIN, LOGIN, LOGIN_AS, LOGIN_IS, MAIL_AND, NAMED, OPENS, PAIR, PART,
    SECRET, TYPE, USED_AS, USER_AND, WORDS_AS, WORDY_END,
};
use super::plain::{is_about_word, is_noun_after, is_plain_word, is_small_word};
use super::value::{Joint, Told, ends, is_made_up, is_said, trimmed};
use super::{hints, locks, wallet};
use crate::text::sentence;

/// Where values stand behind their names; `typed` texts are read as prose, others as code and output.
pub(super) fn named(text: &str, typed: bool, found: &mut Vec<(usize, usize)>) {
    each(&NAMED, text, |captures| {
        let (name, value) = (captures.name("name")?, captures.name("value")?);
        let before = text[..name.start()].chars().next_back();
        // "PGPASSWORD=…" in one word, as the environment of programs has it; "BYPASS" and "SPIN" are words.
        let written_on = before.is_some_and(|c| c.is_ascii_uppercase());
        let of_a_program = [
            "PASSWORD",
            "PASSWD",
            "PASSPHRASE",
            "PASS",
            "PWD",
            "TOKEN",
            "SECRET",
            "APIKEY",
            "SESSIONID",
        ]
        .contains(&name.as_str())
            && captures["sep"].trim() == "=";
        let camel = if written_on {
            of_a_program
        } else {
            !before.is_some_and(|c| c.is_ascii_lowercase()) || name.as_str().starts_with(char::is_uppercase)
        };
        let joint = match captures["sep"].trim_matches([' ', ',']).to_lowercase().as_str() {
            "=" | "==" | ":" | ":=" | "=>" | "->" | "→" => Joint::Assigned,
            ">" if text[..name.start()].ends_with('<') => Joint::Assigned,
            "?" | "|" | ">" => Joint::Bare,
            sep if sep.ends_with("to") && sep != "to be" => Joint::To,
            _ => Joint::Is,
        };
        let told = Told {
            text,
            name: name.as_str(),
            joint,
            quoted: captures["open"].contains(['"', '\'', '`', '“', '‘', '«', '„']),
            start: value.start(),
            end: value.end(),
            typed,
        };
        if camel && let Some(range) = told.value() {
            // "Changed from … to …": the old value may still open other doors.
            found.extend(captures.name("was").map(|was| (was.start(), was.end())));
            found.push(range);
            return Some(range.1);
        }
        None
    });
}

/// Values in prose: behind a name without "is", before a name, after a user, and what is strange in such a sentence.
pub(super) fn in_prose(text: &str, found: &mut Vec<(usize, usize)>) {
    behind_a_bare_name(text, found);
    before_a_name(text, found);
    behind_a_login(text, found);
    told_in_pairs(text, found);
    in_a_pair(text, found);
    to_log_in_with(text, found);
    that_is_a_login(text, found);
    behind_an_address(text, found);
    let alone = text.trim();
    if is_strange(alone) && !alone.contains(char::is_whitespace) {
        let start = text.len() - text.trim_start().len();
        found.push((start, start + alone.len()));
    }
    if CONFIDING.is_match(text) {
        confided(text, found);
    }
    if SECRET.is_match(text) {
        beside_a_secret(text, found);
    }
    that_opens(text, found);
    locks::find(text, found);
    hints::find(text, found);
    wallet::find(text, found);
    strange_words(text, found);
}

/// "Password hunter2": a value behind its name alone.
fn behind_a_bare_name(text: &str, found: &mut Vec<(usize, usize)>) {
    each(&BARE, text, |captures| {
        let (name, value) = (captures.name("name")?, captures.name("value")?);
        let told = Told {
            text,
            name: name.as_str(),
            joint: Joint::Bare,
            quoted: !captures["open"].trim_matches('(').is_empty(),
            start: value.start(),
            end: value.end(),
            typed: true,
        };
        let range = told.value()?;
        found.push(range);
        Some(range.1)
    });
}

/// "Use hunter2 as the password", "hunter2 is the password".
fn before_a_name(text: &str, found: &mut Vec<(usize, usize)>) {
    each(&USED_AS, text, |captures| {
        let value = captures.name("value")?;
        let word = trimmed(value.as_str());
        let lower = word.to_lowercase();
        let used = captures.name("verb").is_some() && captures["how"].eq_ignore_ascii_case("as");
        let quoted = captures["open"].contains(['"', '\'', '`', '“', '‘', '«', '„']);
        // "Sunflower is the password for the wifi": nothing stands before it, and no "password manager" behind.
        let whole = captures.get(0).map_or("", |m| &text[m.end()..]);
        let alone = captures["how"].eq_ignore_ascii_case("is")
            && text[..value.start()].trim_end().ends_with(|c| ".!?:,;\n".contains(c))
                | text[..value.start()].trim().is_empty()
            && (ends(whole)
                || [" for ", " of ", " to ", " on ", " at "]
                    .iter()
                    .any(|word| whole.starts_with(word)))
            && WORDY_END.is_match(&captures[0])
            && word.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_');
        let plain = (used || quoted || alone || words_together(word) >= 3 && word.len() >= 12)
            && !is_plain_word(&lower)
            && !is_small_word(&lower)
            && word.len() > 3;
        let random = looks_random(word)
            && !is_measure(word)
            && (!is_name(word)
                || used
                || quoted
                || word.len() >= 6 && word.contains(|c: char| c.is_ascii_digit()) && !word.contains(['-', '/', '.']));
        if (plain || random) && !is_reference(word) {
            found.push((value.start(), value.start() + word.len()));
        }
        None
    });
}

/// "Log in as user / value", "credentials user:value".
fn behind_a_login(text: &str, found: &mut Vec<(usize, usize)>) {
    each(&LOGIN, text, |captures| {
        let value = captures.name("value")?;
        let word = trimmed(value.as_str());
        // "Takes admin and `letmein!`"
        let quoted =
            text[..value.start()].ends_with(['"', '\'', '`', '“']) && word.ends_with(['!', '#', '$', '%', '&']);
        if word.len() > 5
            && (looks_random(word) || quoted)
            && !is_reference(word)
            && (quoted || !is_name(word))
            && word.contains(char::is_alphabetic)
        {
            found.push((value.start(), value.start() + word.len()));
        }
        None
    });
}

/// "The login is user / value".
fn in_a_pair(text: &str, found: &mut Vec<(usize, usize)>) {
    each(&PAIR, text, |captures| {
        let value = captures.name("value")?;
        let word = trimmed(value.as_str());
        let lower = word.to_lowercase();
        let letters = word.contains(char::is_alphabetic);
        let spaced = captures["sep"].contains(' ') && !captures["sep"].contains(':');
        let tight = !spaced
            && (is_name(word) || word.len() < 6)
            && !(word.len() >= 6 && word.contains(|c: char| c.is_ascii_digit()) && !word.contains(['-', '.', '/']));
        let plain =
            spaced && ends(&text[value.start() + word.len()..]) && !is_plain_word(&lower) && !is_noun_after(&lower);
        if letters
            && (!tight || is_made_up(word))
            && !is_reference(word)
            && !is_measure(word)
            && (looks_random(word) || plain || is_made_up(word))
        {
            found.push((value.start(), value.start() + word.len()));
        }
        None
    });
}

/// "Log in as user with value".
fn to_log_in_with(text: &str, found: &mut Vec<(usize, usize)>) {
    each(&LOGIN_AS, text, |captures| {
        let value = captures.name("value")?;
        let word = trimmed(value.as_str());
        let last = ends(&text[value.start() + word.len()..]);
        let spoken = captures.name("word").is_some() && last && !is_said(word);
        // "Log on as 07 with 2219"
        let digits = (4..=8).contains(&word.len()) && word.chars().all(|c| c.is_ascii_digit());
        if is_made_up(word) || spoken || digits && last && captures[0].contains(" as ") {
            found.push((value.start(), value.start() + word.len()));
        }
        None
    });
}

/// "User / value is the login for …".
fn that_is_a_login(text: &str, found: &mut Vec<(usize, usize)>) {
    each(&IS_LOGIN, text, |captures| {
        let value = captures.name("value")?;
        let word = trimmed(value.as_str());
        if is_made_up(word)
            || value.as_str().chars().all(char::is_alphabetic) && captures[0].contains(" / ") && !is_said(word)
        {
            found.push((value.start(), value.start() + word.len()));
        }
        None
    });
}

/// "me@mill.example:value".
fn behind_an_address(text: &str, found: &mut Vec<(usize, usize)>) {
    each(&MAIL_AND, text, |captures| {
        let value = captures.name("value")?;
        let word = trimmed(value.as_str());
        // "Ask me@mill.example, Ida2 or Bob": a comma joins other things, too.
        let listed = captures.name("sep").is_some_and(|sep| sep.as_str() == ",");
        let told = !listed || word.ends_with(['!', '#', '$', '%', '&']) || is_strange(word);
        if told
            && looks_random(word)
            && word.contains(char::is_alphabetic)
            && !word.contains(['/', '@'])
            && !is_measure(word)
        {
            found.push((value.start(), value.start() + word.len()));
        }
        None
    });
}

/// "It's value, don't tell".
fn confided(text: &str, found: &mut Vec<(usize, usize)>) {
    each(&CONFIDED, text, |captures| {
        let value = captures.name("value")?;
        let word = trimmed(value.as_str());
        if is_made_up(word) || looks_random(word) && !is_measure(word) {
            found.push((value.start(), value.start() + word.len()));
        }
        None
    });
}

/// "When it asks for the password, type value", "use four words in a row as the passphrase".
fn beside_a_secret(text: &str, found: &mut Vec<(usize, usize)>) {
    each(&TYPE, text, |captures| {
        let value = captures.name("value")?;
        let word = trimmed(value.as_str());
        let typed = !captures["verb"].eq_ignore_ascii_case("use") && ends(&text[value.start() + word.len()..]);
        let letters = word.len() > 5 && word.chars().all(char::is_alphabetic) && !is_said(word);
        if is_made_up(word) && ends(&text[value.start() + word.len()..]) || typed && letters {
            found.push((value.start(), value.start() + word.len()));
        }
        None
    });
    each(&WORDS_AS, text, |captures| {
        let (how, words) = ["used", "words", "quoted"]
            .iter()
            .find_map(|name| captures.name(name).map(|m| (*name, m)))?;
        let all: Vec<String> = words.as_str().split_whitespace().map(str::to_lowercase).collect();
        let small = all
            .iter()
            .filter(|w| is_small_word(w) || is_plain_word(w) && how != "quoted")
            .count();
        let least = if how == "quoted" { 2 } else { 3 };
        if all.len() >= least && (small == 0 || how == "quoted") && !all.iter().any(|w| is_about_word(w)) {
            found.push((words.start(), words.end()));
            return Some(words.end());
        }
        None
    });
}

/// "The gate opens with 4418".
fn that_opens(text: &str, found: &mut Vec<(usize, usize)>) {
    each(&OPENS, text, |captures| {
        let value = ["value", "open", "typed", "wants", "opener", "coded"]
            .iter()
            .find_map(|name| captures.name(name))?;
        let word = trimmed(value.as_str());
        let digits = word.chars().filter(char::is_ascii_digit).count();
        let code = digits >= 3 && word.chars().all(|c| c.is_ascii_digit() || "-#* ".contains(c));
        if (code || is_made_up(word) && word.len() >= 8) && !is_measure(word) {
            found.push((value.start(), value.start() + word.len()));
        }
        None
    });
}

/// "The creds are mailer with …", "user mill pass …", "the second half is …", and keys in groups of four.
fn told_in_pairs(text: &str, found: &mut Vec<(usize, usize)>) {
    let both = |word: &str| word.contains(char::is_alphabetic) && word.contains(|c: char| !c.is_alphabetic());
    each(&LOGIN_IS, text, |captures| {
        let value = captures.name("value")?;
        let word = trimmed(value.as_str());
        let ends = ends(&text[value.start() + word.len()..]);
        if ends && both(word) && looks_random(word) && !is_measure(word) && !is_reference(word) {
            found.push((value.start(), value.start() + word.len()));
        }
        None
    });
    each(&USER_AND, text, |captures| {
        let value = captures.name("value")?;
        let word = trimmed(value.as_str());
        let user = captures["user"].to_lowercase();
        if looks_random(word)
            && !is_measure(word)
            && !is_reference(word)
            && !is_small_word(&user)
            && !is_plain_word(&user)
        {
            found.push((value.start(), value.start() + word.len()));
        }
        None
    });
    each(&PART, text, |captures| {
        let value = captures.name("value")?;
        let word = trimmed(value.as_str());
        if both(word) && looks_random(word) && !is_measure(word) && !is_reference(word) && !is_name(word) {
            found.push((value.start(), value.start() + word.len()));
        }
        None
    });
    if ABOUT.is_match(text) {
        let is_mixed =
            |group: &str| group.contains(char::is_alphabetic) && group.contains(|c: char| c.is_ascii_digit());
        let keys = GROUPS.find_iter(text);
        let keys = keys.filter(|key| key.as_str().split([' ', '-']).any(is_mixed));
        found.extend(keys.map(|key| (key.start(), key.end())));
    }
}

/// Calls `each` for every match; where it finds nothing, goes on right behind the name, for matches overlap.
fn each(pattern: &Regex, text: &str, mut each: impl FnMut(&Captures<'_>) -> Option<usize>) {
    let mut at = 0;
    while at <= text.len()
        && let Some(captures) = pattern.captures_at(text, at)
    {
        let whole = captures.get(0).map_or((at, at + 1), |m| (m.start(), m.end()));
        let name_end = captures
            .name("name")
            .or_else(|| captures.name("value"))
            .map_or(whole.1, |m| m.end());
        let next = each(&captures).unwrap_or(name_end.min(whole.1));
        at = next.max(at + 1);
        while !text.is_char_boundary(at) {
            at += 1;
        }
    }
}

/// Strange words in a sentence about getting in, or in the one before or after it.
fn strange_words(text: &str, found: &mut Vec<(usize, usize)>) {
    if !ABOUT.is_match(text) {
        return;
    }
    let sentences = sentence::split(text);
    let about: Vec<bool> = sentences.iter().map(|s| ABOUT.is_match(s)).collect();
    for (at, sentence) in sentences.iter().enumerate() {
        let near = about[at.saturating_sub(1)..(at + 2).min(about.len())].contains(&true);
        if !near {
            continue;
        }
        let offset = sentence::offset(sentence, text);
        // A sentence of one word says nothing, beside one about a secret it is the secret.
        let word = trimmed(sentence);
        let secret = |other: Option<usize>| {
            other
                .and_then(|at| sentences.get(at))
                .is_some_and(|s| SECRET.is_match(s))
        };
        if word.len() >= 8
            && !word.contains(char::is_whitespace)
            && !is_said(word)
            && !is_reference(word)
            && !is_measure(word)
            && (secret(at.checked_sub(1)) || secret(Some(at + 1)))
            && (is_made_up(word) || looks_random(word) || word.len() >= 12)
        {
            found.push((offset, offset + word.len()));
            continue;
        }
        let mut start = 0;
        for word in sentence.split(|c: char| c.is_whitespace() || "\"'`“”‘’„«»<>|".contains(c)) {
            let from = offset + start;
            start += word.len() + sentence[start + word.len()..].chars().next().map_or(0, char::len_utf8);
            let lead = word.len() - word.trim_start_matches(['(', '[', ',', ':', '*']).len();
            let bare = trimmed(&word[lead..]);
            if is_strange(bare) && !follows_hash_word(&text[..from]) {
                found.push((from + lead, from + lead + bare.len()));
            }
        }
    }
}

fn follows_hash_word(before: &str) -> bool {
    let last = before
        .trim_end_matches([' ', '`', '"', '(', ':', '#'])
        .rsplit(|c: char| !c.is_alphanumeric())
        .next()
        .unwrap_or_default();
    [
        "commit", "sha", "sha256", "hash", "digest", "checksum", "revision", "rev", "build", "image", "tag", "branch",
        "ticket", "issue", "version", "model", "chip", "board", "part", "file", "module",
    ]
    .contains(&last.to_lowercase().as_str())
}
