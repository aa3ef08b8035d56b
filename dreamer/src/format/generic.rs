//! Plain messages: `{role, content, timestamp}`, with the tool calls of chat completions where there are any.

use serde_json::{Map, Value};

use super::{Entry, MAX_TEXT, Parsed, cut, result_text, string, time, used_on};

pub(super) fn parse(object: &Map<String, Value>) -> Option<Parsed> {
    let stamp = ["timestamp", "time", "created_at", "created", "ts"]
        .iter()
        .find_map(|key| object.get(*key));
    let mut parsed = Parsed {
        time: time(stamp),
        entries: Vec::new(),
    };
    let content = object.get("content").or_else(|| object.get("text"));
    match string(object, "role") {
        "user" | "human" => texts(content, |text| parsed.entries.push(Entry::Typed(cut(text, MAX_TEXT)))),
        "assistant" | "agent" | "ai" | "model" => {
            texts(content, |text| parsed.entries.push(Entry::Said(cut(text, MAX_TEXT))));
            for call in object.get("tool_calls").and_then(Value::as_array).into_iter().flatten() {
                let function = call.get("function").unwrap_or(call);
                let name = function.get("name").and_then(Value::as_str).unwrap_or_default();
                let id = call.get("id").and_then(Value::as_str).unwrap_or_default();
                let on = used_on(function.get("arguments"));
                parsed.entries.push(Entry::Used {
                    id: id.to_owned(),
                    tool: name.to_owned(),
                    on,
                });
            }
        }
        "tool" | "function" => parsed.entries.push(Entry::Returned {
            id: string(object, "tool_call_id").to_owned(),
            text: result_text(content),
            failed: false,
        }),
        _ => return None,
    }
    Some(parsed)
}

fn texts(content: Option<&Value>, mut each: impl FnMut(&str)) {
    match content {
        Some(Value::String(text)) => each(text),
        Some(Value::Array(blocks)) => {
            for block in blocks {
                let kind = block.get("type").and_then(Value::as_str).unwrap_or("text");
                if let (true, Some(text)) = (kind.ends_with("text"), block.get("text").and_then(Value::as_str)) {
                    each(text);
                }
            }
        }
        _ => {}
    }
}
