//! `OpenTelemetry` spans of its conventions for generative AI: `gen_ai.input.messages` and `gen_ai.output.messages`, each a list of
//! `{role, parts: [{type, content}]}`, as OTLP/JSON (one export a line) or as one span object a line.
//!
//! Each request of a conversation carries all of it again: only what stands after the last answer is new. What an agent
//! asks of a sub-agent has the role of a user as well; the spans above it tell, where they are in the same export.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::chat::newest;
use super::{Entry, MAX_TEXT, Parsed, cut, result_text, string, time, used_on};

/// Spans above a span that are looked at.
const HIGHEST: usize = 64;

pub(super) fn is(object: &Map<String, Value>) -> bool {
    object.contains_key("resourceSpans") || object.contains_key("resource_spans") || attributes(object).is_some()
}

pub(super) fn parse(object: &Map<String, Value>) -> Vec<Parsed> {
    let mut all = Vec::new();
    collect(object, &mut all, 0);
    let by_id: HashMap<&str, &Map<String, Value>> = all.iter().filter_map(|span| Some((id(span)?, *span))).collect();
    let spans = all.iter().filter(|span| attributes(span).is_some());
    let mut parsed: Vec<Parsed> = spans
        .map(|object| {
            let mut parsed = span(object);
            if is_sub_agents(object, &by_id) {
                parsed.entries.retain(|entry| !matches!(entry, Entry::Typed(_)));
            }
            parsed
        })
        .collect();
    parsed.sort_by_key(|p| p.time);
    parsed
}

/// Spans stand in `resourceSpans[].scopeSpans[].spans[]`; what they stand in is collected with them.
fn collect<'a>(object: &'a Map<String, Value>, all: &mut Vec<&'a Map<String, Value>>, depth: u8) {
    all.push(object);
    let inner = ["resourceSpans", "resource_spans", "scopeSpans", "scope_spans", "spans"];
    for list in inner.iter().filter_map(|key| object.get(*key)?.as_array()) {
        for item in list.iter().filter_map(Value::as_object).filter(|_| depth < 4) {
            collect(item, all, depth + 1);
        }
    }
}

fn id(span: &Map<String, Value>) -> Option<&str> {
    let own = ["spanId", "span_id"].iter().find_map(|key| span.get(*key));
    own.or_else(|| span.get("context")?.get("span_id"))?.as_str()
}

fn parent(span: &Map<String, Value>) -> Option<&str> {
    let keys = ["parentSpanId", "parent_span_id", "parent_id"];
    keys.iter().find_map(|key| span.get(*key)?.as_str())
}

/// Whether a span is of an agent that another one called: it stands below a tool, or below more than one agent.
fn is_sub_agents(span: &Map<String, Value>, by_id: &HashMap<&str, &Map<String, Value>>) -> bool {
    let mut agents = 0;
    let mut at = span;
    for step in 0..HIGHEST {
        let all = attributes(at).unwrap_or_default();
        let operation = all.iter().find(|(key, _)| *key == "gen_ai.operation.name");
        match operation.and_then(|(_, value)| value.as_str().or_else(|| value.get("stringValue")?.as_str())) {
            Some("execute_tool") if step > 0 => return true,
            Some("invoke_agent") => agents += 1,
            _ => {}
        }
        match parent(at).and_then(|id| by_id.get(id)) {
            Some(above) => at = above,
            None => break,
        }
    }
    agents > 1
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
