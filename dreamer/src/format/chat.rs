//! Chat completions: a request or a whole conversation a line, `{messages: […]}`, with the answer beside it where it was
//! logged (`choices`, or `request` and `response`). Shape of the messages: `OpenAI`'s Chat Completions and Responses.
//!
//! A request carries the whole conversation so far. What stands before its last answer was said in an earlier one.

use serde_json::{Map, Value};

use super::{Parsed, generic, time};

pub(super) fn is(object: &Map<String, Value>) -> bool {
    messages(object).is_some()
}

pub(super) fn parse(object: &Map<String, Value>) -> Parsed {
    let stamp = ["timestamp", "time", "created_at", "created", "ts"];
    let response = object.get("response").and_then(Value::as_object);
    let stamped = stamp
        .iter()
        .find_map(|key| time(object.get(*key)).or_else(|| time(response?.get(*key))));
    let mut parsed = Parsed {
        time: stamped,
        entries: Vec::new(),
    };
    let answers = answers(object).or_else(|| answers(response?)).unwrap_or_default();
    let asked = messages(object).unwrap_or_default();
    let is_request = !answers.is_empty() || object.contains_key("model") || object.contains_key("request");
    for message in newest(asked, is_request).iter().chain(&answers) {
        if let Some(inner) = message.as_object().and_then(generic::parse) {
            parsed.time = parsed.time.or(inner.time);
            parsed.entries.extend(inner.entries);
        }
    }
    parsed
}

/// The part of a conversation that was not there before: all after the last answer, where more of it is asked for.
pub(super) fn newest(messages: &[Value], is_request: bool) -> &[Value] {
    let is_answer = |m: &Value| m.get("role").and_then(Value::as_str) == Some("assistant");
    let last = messages.iter().rposition(is_answer);
    match last {
        // A conversation that ends with an answer was written down as a whole.
        Some(at) if is_request && at + 1 < messages.len() => &messages[at + 1..],
        _ => messages,
    }
}

fn messages(object: &Map<String, Value>) -> Option<&[Value]> {
    let body = object.get("request").and_then(Value::as_object).unwrap_or(object);
    let list = body.get("messages").or_else(|| body.get("input"))?.as_array()?;
    let known = list.iter().any(|m| m.get("role").is_some_and(Value::is_string));
    known.then_some(list.as_slice())
}

/// The answers of `choices[].message`.
fn answers(object: &Map<String, Value>) -> Option<Vec<Value>> {
    let choices = object.get("choices")?.as_array()?;
    Some(
        choices
            .iter()
            .filter_map(|choice| choice.get("message").cloned())
            .collect(),
    )
}
