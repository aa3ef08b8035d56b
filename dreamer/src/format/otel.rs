//! `OpenTelemetry` spans of its conventions for generative AI: `gen_ai.input.messages` and `gen_ai.output.messages`, each a list of
//! `{role, parts: [{type, content}]}`, as OTLP/JSON (one export a line) or as one span object a line.
//!
//! Each request of a conversation carries all of it again: only what stands after the last answer is new.

use serde_json::{Map, Value};

use super::chat::newest;
use super::{Entry, MAX_TEXT, Parsed, cut, result_text, string, time, used_on};

pub(super) fn is(object: &Map<String, Value>) -> bool {
    object.contains_key("resourceSpans") || object.contains_key("resource_spans") || attributes(object).is_some()
}

pub(super) fn parse(object: &Map<String, Value>) -> Vec<Parsed> {
    let mut spans = Vec::new();
    collect(object, &mut spans, 0);
    let mut parsed: Vec<Parsed> = spans.into_iter().map(span).collect();
    parsed.sort_by_key(|p| p.time);
    parsed
}

/// Spans stand in `resourceSpans[].scopeSpans[].spans[]`.
fn collect<'a>(object: &'a Map<String, Value>, spans: &mut Vec<&'a Map<String, Value>>, depth: u8) {
    if attributes(object).is_some() {
        spans.push(object);
    }
    let inner = ["resourceSpans", "resource_spans", "scopeSpans", "scope_spans", "spans"];
    for list in inner.iter().filter_map(|key| object.get(*key)?.as_array()) {
        for item in list.iter().filter_map(Value::as_object).filter(|_| depth < 4) {
            collect(item, spans, depth + 1);
        }
    }
}

/// The attributes of a span of these conventions, whether as an object or as OTLP's list of keys and values.
fn attributes(object: &Map<String, Value>) -> Option<Vec<(&str, &Value)>> {
    let all: Vec<(&str, &Value)> = match object.get("attributes")? {
        Value::Object(map) => map.iter().map(|(key, value)| (key.as_str(), value)).collect(),
        Value::Array(list) => list
            .iter()
            .filter_map(|item| Some((item.get("key")?.as_str()?, item.get("value")?)))
            .collect(),
        _ => return None,
    };
    all.iter().any(|(key, _)| key.starts_with("gen_ai.")).then_some(all)
}

fn span(object: &Map<String, Value>) -> Parsed {
    let stamps = [
        "endTimeUnixNano",
        "end_time_unix_nano",
        "endTime",
        "end_time",
        "startTimeUnixNano",
        "start_time",
    ];
    let mut parsed = Parsed {
        time: stamps.iter().find_map(|key| nanoseconds(object.get(*key))),
        entries: Vec::new(),
    };
    let all = attributes(object).unwrap_or_default();
    let messages = |name: &str| {
        let value = all.iter().find(|(key, _)| *key == name).map(|(_, value)| plain(value));
        value.as_ref().and_then(Value::as_array).cloned().unwrap_or_default()
    };
    let input = messages("gen_ai.input.messages");
    for message in newest(&input, true).iter().chain(&messages("gen_ai.output.messages")) {
        entries(message, &mut parsed.entries);
    }
    parsed
}

/// A value of OTLP without its wrapping; a string that holds JSON is what it holds.
fn plain(value: &Value) -> Value {
    if let Some(text) = value.as_str().or_else(|| value.get("stringValue")?.as_str()) {
        return serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()));
    }
    if let Some(list) = value.get("arrayValue").and_then(|a| a.get("values")?.as_array()) {
        return Value::Array(list.iter().map(plain).collect());
    }
    if let Some(list) = value.get("kvlistValue").and_then(|a| a.get("values")?.as_array()) {
        let pair = |item: &Value| Some((item.get("key")?.as_str()?.to_owned(), plain(item.get("value")?)));
        return Value::Object(list.iter().filter_map(pair).collect());
    }
    value.clone()
}

fn entries(message: &Value, out: &mut Vec<Entry>) {
    let role = message.get("role").and_then(Value::as_str).unwrap_or_default();
    for part in message.get("parts").and_then(Value::as_array).into_iter().flatten() {
        let Some(part) = part.as_object() else { continue };
        let id = string(part, "id").to_owned();
        match (string(part, "type"), role) {
            ("text", "user") => out.push(Entry::Typed(cut(string(part, "content"), MAX_TEXT))),
            ("text", "assistant") => out.push(Entry::Said(cut(string(part, "content"), MAX_TEXT))),
            ("tool_call", _) => out.push(Entry::Used {
                id,
                tool: string(part, "name").to_owned(),
                on: used_on(part.get("arguments")),
            }),
            ("tool_call_response", _) => out.push(Entry::Returned {
                id,
                text: result_text(part.get("response").or_else(|| part.get("result"))),
                failed: false,
            }),
            _ => {}
        }
    }
}

/// Nanoseconds since 1970, as a number or a string of one; or a time as text.
fn nanoseconds(value: Option<&Value>) -> Option<jiff::Timestamp> {
    let digits = match value? {
        Value::String(text) => text.parse::<i64>().ok(),
        Value::Number(number) => number.as_i64(),
        _ => None,
    };
    match digits.filter(|n| *n > 1_000_000_000_000_000) {
        Some(nanoseconds) => jiff::Timestamp::from_nanosecond(i128::from(nanoseconds)).ok(),
        None => time(value),
    }
}
