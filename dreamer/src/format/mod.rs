//! Transcript formats, recognised by the shape of a line. Unknown lines are passed over.

mod chat;
mod claude_code;
mod codex;
mod generic;
mod openhands;
mod otel;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::{Map, Value};

pub(crate) use codex::Copies;

/// What one line of a transcript says.
#[derive(Debug, Clone, Default)]
pub(crate) struct Parsed {
    /// When it was said.
    pub time: Option<Timestamp>,
    /// What was said or done, in order.
    pub entries: Vec<Entry>,
}

/// One thing that was said or done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// A person typed this.
    Typed(String),
    /// The agent said this.
    Said(String),
    /// The agent used a tool.
    Used {
        /// Ties the result to the use.
        id: String,
        /// The tool's name.
        tool: String,
        /// The command line, path, pattern or address it was used on.
        on: String,
    },
    /// What a tool gave back; never evidence by itself.
    Returned {
        /// The use it belongs to.
        id: String,
        /// The text, cut to what grounding needs.
        text: String,
        /// The tool said that it failed.
        failed: bool,
    },
    /// A person answered where the program asked them: about the use of a tool, or what an agent wanted to know. It is
    /// theirs only where the use was of one of these tools; else it is what the tool gave back, which may look the same.
    Replied {
        /// The use it belongs to.
        id: String,
        /// Names of tools; none where nothing but the program writes such a record.
        of: &'static [&'static str],
        /// What they said.
        replies: Vec<Reply>,
        /// The text of the result.
        text: String,
        /// The tool said that it failed.
        failed: bool,
    },
}

/// A person's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// Their own words.
    Typed(String),
    /// An answer that an agent had laid before them.
    Chose {
        /// What the agent asked.
        question: String,
        /// What they chose.
        answer: String,
    },
}

/// Longest text that is kept of one tool result.
const MAX_RESULT: usize = 16 << 10;
/// Longest text that is kept of one message.
const MAX_TEXT: usize = 64 << 10;

/// What some editors and exporters put before the first line.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Parses one line: an object, or a list of them. Empty where it is of no known shape.
pub(crate) fn parse(line: &[u8]) -> Vec<Parsed> {
    match value(line) {
        Some(Value::Object(object)) => parse_object(&object),
        Some(Value::Array(list)) => list
            .iter()
            .filter_map(Value::as_object)
            .flat_map(parse_object)
            .collect(),
        _ => Vec::new(),
    }
}

fn value(line: &[u8]) -> Option<Value> {
    let trimmed = line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line).trim_ascii();
    if !matches!(trimmed.first(), Some(b'{' | b'[')) {
        return None;
    }
    let text = String::from_utf8_lossy(trimmed);
    // The parser's own depth limit turns a line nested too deeply into an error, which is a line passed over.
    match serde_json::from_str(&text) {
        Ok(value) => Some(value),
        Err(_) => serde_json::from_str(&without_lone_surrogates(&text)?).ok(),
    }
}

fn parse_object(object: &Map<String, Value>) -> Vec<Parsed> {
    if object.get("payload").is_some_and(Value::is_object) {
        return codex::parse(object).into_iter().collect();
    }
    if generic::is_enveloped(object) {
        return generic::enveloped(object).into_iter().collect();
    }
    if claude_code::is(object) {
        return claude_code::parse(object).into_iter().collect();
    }
    if openhands::is(object) {
        return vec![openhands::parse(object)];
    }
    if otel::is(object) {
        return otel::parse(object);
    }
    if object.contains_key("role") {
        return generic::parse(object).into_iter().collect();
    }
    if chat::is(object) {
        return vec![chat::parse(object)];
    }
    Vec::new()
}

/// Whether a line says that an agent, not a person, typed what follows in its file.
pub(crate) fn is_sub_agent(line: &[u8]) -> bool {
    named(line, &["\"session_meta\""]).is_some_and(|object| codex::is_sub_agent(&object))
}

/// The record in a line that holds one of these names: looking for them is cheaper than parsing all lines twice.
fn named(line: &[u8], names: &[&str]) -> Option<Map<String, Value>> {
    let holds = |name: &&str| memchr::memmem::find(line, name.as_bytes()).is_some();
    if line.len() >= 256 << 10 || !names.iter().any(holds) {
        return None;
    }
    match value(line)? {
        Value::Object(object) => Some(object),
        _ => None,
    }
}

/// Replaces `\ud83d` without its other half, which JSON may carry and text may not.
fn without_lone_surrogates(text: &str) -> Option<String> {
    if !text.contains("\\ud") && !text.contains("\\uD") {
        return None;
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("\\u") {
        let escaped = rest[..at].bytes().rev().take_while(|b| *b == b'\\').count() % 2 == 1;
        let unit = rest
            .get(at + 2..at + 6)
            .and_then(|hex| u32::from_str_radix(hex, 16).ok());
        let next = rest.get(at + 6..at + 12).filter(|n| n.starts_with("\\u"));
        let low = next
            .and_then(|n| n.get(2..))
            .and_then(|hex| u32::from_str_radix(hex, 16).ok());
        let (keep, skip) = match unit {
            Some(0xd800..=0xdbff) if !escaped && low.is_some_and(|l| (0xdc00..=0xdfff).contains(&l)) => (12, 12),
            Some(0xd800..=0xdfff) if !escaped => (0, 6),
            _ => (2, 2),
        };
        out.push_str(&rest[..at]);
        if keep == 0 {
            out.push('\u{fffd}');
        } else {
            out.push_str(&rest[at..at + keep]);
        }
        rest = &rest[at + skip..];
    }
    out.push_str(rest);
    Some(out)
}

/// A time as transcripts write it: RFC 3339, or seconds or milliseconds since 1970.
fn time(value: Option<&Value>) -> Option<Timestamp> {
    match value? {
        // Without a zone it is taken for UTC.
        Value::String(text) => text
            .parse()
            .ok()
            .or_else(|| Some(text.parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok()?.timestamp())),
        Value::Number(number) => {
            let seconds = number.as_f64()?;
            let millis = if seconds.abs() > 1e11 {
                seconds
            } else {
                seconds * 1000.0
            };
            Timestamp::from_millisecond(millis as i64).ok()
        }
        _ => None,
    }
}

fn string<'a>(object: &'a Map<String, Value>, key: &str) -> &'a str {
    object.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn truthy(object: &Map<String, Value>, key: &str) -> bool {
    object.get(key).and_then(Value::as_bool).unwrap_or(false)
}

fn cut(text: &str, most: usize) -> String {
    let mut end = text.len().min(most);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[..end].to_owned()
}

/// The texts of a content: a string, or blocks with texts.
fn texts(content: Option<&Value>) -> Vec<&str> {
    match content {
        Some(Value::String(text)) => vec![text],
        Some(Value::Array(blocks)) => blocks
            .iter()
            .filter_map(|b| b.get("text").and_then(Value::as_str))
            .collect(),
        _ => Vec::new(),
    }
}

/// The text of a tool result.
fn result_text(content: Option<&Value>) -> String {
    match texts(content)[..] {
        [only] => cut(only, MAX_RESULT),
        ref all => cut(&all.join("\n"), MAX_RESULT),
    }
}

/// What a tool was used on: the first argument that says so.
fn used_on(input: Option<&Value>) -> String {
    const KEYS: [&str; 10] = [
        "command",
        "cmd",
        "file_path",
        "path",
        "notebook_path",
        "url",
        "pattern",
        "query",
        "code",
        "prompt",
    ];
    match input {
        Some(Value::String(text)) => {
            let inner: Option<Value> = serde_json::from_str(text).ok();
            match inner {
                Some(value @ Value::Object(_)) => used_on(Some(&value)),
                _ => cut(text, 2048),
            }
        }
        Some(Value::Object(object)) => {
            // An editor of many verbs names one, and the file in a field of its own.
            let (verb, path) = (string(object, "command"), string(object, "path"));
            if !path.is_empty() && matches!(verb, "view" | "create" | "str_replace" | "insert" | "undo_edit") {
                return cut(&format!("{verb} {path}"), 2048);
            }
            for key in KEYS {
                match object.get(key) {
                    Some(Value::String(text)) => return cut(text, 2048),
                    Some(Value::Array(words)) => {
                        let words: Vec<&str> = words.iter().filter_map(Value::as_str).collect();
                        // A shell wrapper says nothing about the work: the script in it does.
                        let script = matches!(words.as_slice(), [_, "-lc" | "-c", _]).then(|| words[2]);
                        return cut(script.unwrap_or(&words.join(" ")), 2048);
                    }
                    _ => {}
                }
            }
            String::new()
        }
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_lone_surrogate_does_not_cost_the_line() {
        let line = br#"{"role":"user","content":"half \ud83d here, \\ud83d stays, \ud83d\ude00 too"}"#;
        let parsed = parse(line);
        assert_eq!(
            parsed[0].entries,
            [Entry::Typed("half \u{fffd} here, \\ud83d stays, \u{1f600} too".into())]
        );
    }

    #[test]
    fn an_editor_of_many_verbs_is_used_on_its_file() {
        let on = |input: &str| used_on(Some(&serde_json::from_str(input).unwrap()));
        assert_eq!(on(r#"{"command":"view","path":"/srv/loom.md"}"#), "view /srv/loom.md");
        assert_eq!(on(r#"{"command":"make weave","path":"/srv"}"#), "make weave");
        assert_eq!(on(r#"{"path":"/srv/loom.md"}"#), "/srv/loom.md");
    }

    #[test]
    fn deep_nesting_is_passed_over() {
        let deep = format!(
            "{{\"role\":\"user\",\"content\":{}1{}}}",
            "[".repeat(100_000),
            "]".repeat(100_000)
        );
        assert!(parse(deep.as_bytes()).is_empty());
    }

    #[test]
    fn times_come_as_text_seconds_or_milliseconds() {
        let at = |v: &str| time(Some(&serde_json::from_str(v).unwrap()));
        let expected = "2026-05-04T10:00:00Z".parse().ok();
        assert_eq!(at("\"2026-05-04T10:00:00Z\""), expected);
        assert_eq!(at("1777888800"), expected);
        assert_eq!(at("1777888800000"), expected);
        assert_eq!(at("\"2026-05-04T10:00:00.000000\""), expected);
        assert_eq!(at("\"yesterday-ish\""), None);
    }
}
