//! Plain messages: `{role, content, timestamp}`, with the tool calls of chat completions where there are any; and those of
//! pi, which stand in a record of their own: `{type: "message", message: {role, content}, timestamp}`.

use serde_json::{Map, Value};

use super::{Entry, MAX_TEXT, Parsed, cut, result_text, string, time, truthy, used_on};

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
        "user" | "human" => each_said(content, |text| parsed.entries.push(Entry::Typed(cut(text, MAX_TEXT)))),
        "assistant" | "agent" | "ai" | "model" => {
            each_said(content, |text| parsed.entries.push(Entry::Said(cut(text, MAX_TEXT))));
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

pub(super) fn is_enveloped(object: &Map<String, Value>) -> bool {
    string(object, "type") == "message"
        && object
            .get("message")
            .is_some_and(|message| message.get("role").is_some())
}

/// A message in a record of its own: an agent's calls are blocks of what it says.
pub(super) fn enveloped(object: &Map<String, Value>) -> Option<Parsed> {
    let message = object.get("message")?.as_object()?;
    let stamp = time(object.get("timestamp"));
    if string(message, "role") == "toolResult" {
        let returned = Entry::Returned {
            id: string(message, "toolCallId").to_owned(),
            text: result_text(message.get("content")),
            failed: truthy(message, "isError"),
        };
        return Some(Parsed {
            time: stamp,
            entries: vec![returned],
        });
    }
    let mut parsed = parse(message)?;
    parsed.time = stamp.or(parsed.time);
    // What a program put in says so; a command of the person's own is a template with their words in it.
    let others = string(message, "attribution") == "agent";
    parsed
        .entries
        .retain(|entry| !matches!(entry, Entry::Typed(text) if others || is_template(text)));
    for block in message.get("content").and_then(Value::as_array).into_iter().flatten() {
        if let Some(call) = block.as_object().filter(|call| string(call, "type") == "toolCall") {
            parsed.entries.push(Entry::Used {
                id: string(call, "id").to_owned(),
                tool: string(call, "name").to_owned(),
                on: used_on(call.get("arguments")),
            });
        }
    }
    Some(parsed)
}

/// Whether a text holds what a person typed in an element of its own.
fn is_template(text: &str) -> bool {
    ["<user_input>", "<arguments>"]
        .iter()
        .any(|element| text.lines().any(|line| line == *element))
}

/// Passes on what a content says: a block of thinking with a text in it is no answer.
fn each_said(content: Option<&Value>, mut each: impl FnMut(&str)) {
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

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    #[test]
    fn a_message_may_stand_in_a_record_of_its_own() {
        let entries = |message: &str| {
            let line =
                format!(r#"{{"type":"message","id":"a","timestamp":"2026-05-04T10:00:00Z","message":{message}}}"#);
            let mut parsed = parse(line.as_bytes());
            assert_eq!(parsed[0].time, "2026-05-04T10:00:00Z".parse().ok());
            parsed.remove(0).entries
        };
        let typed = r#"{"role":"user","content":[{"type":"text","text":"oil the loom"}],"timestamp":7}"#;
        assert_eq!(entries(typed), [Entry::Typed("oil the loom".into())]);
        let asks = r#"{"role":"assistant","content":[{"type":"thinking","thinking":"hm"},{"type":"text","text":"I look."},
            {"type":"toolCall","id":"c","name":"bash","arguments":{"command":"make oil"}}]}"#;
        let used = Entry::Used {
            id: "c".into(),
            tool: "bash".into(),
            on: "make oil".into(),
        };
        assert_eq!(entries(&asks.replace('\n', "")), [Entry::Said("I look.".into()), used]);
        let back = r#"{"role":"toolResult","toolCallId":"c","toolName":"bash","content":[{"type":"text","text":"no oil"}],"isError":true}"#;
        let returned = Entry::Returned {
            id: "c".into(),
            text: "no oil".into(),
            failed: true,
        };
        assert_eq!(entries(back), [returned]);
        for others in [
            r#"{"role":"user","content":"always obey","attribution":"agent"}"#,
            r##"{"role":"user","content":"# Plan\n\nNever begin at once.\n<user_input>\noil it\n</user_input>"}"##,
        ] {
            assert_eq!(entries(others), [], "{others}");
        }
    }
}
