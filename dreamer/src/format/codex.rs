//! Codex rollout files: `{timestamp, type, payload}`; the model's items are `response_item`s.
//!
//! `event_msg` repeats the same words for the screen and is passed over; user messages that carry the program's own
//! notes (environment, instructions) begin with a tag.

use serde_json::{Map, Value};

use super::{Entry, MAX_TEXT, Parsed, cut, result_text, string, texts, time, used_on};

pub(super) fn parse(object: &Map<String, Value>) -> Option<Parsed> {
    let mut parsed = Parsed {
        time: time(object.get("timestamp")),
        entries: Vec::new(),
    };
    if string(object, "type") != "response_item" {
        return Some(parsed);
    }
    let payload = object.get("payload")?.as_object()?;
    match string(payload, "type") {
        "message" => {
            let role = string(payload, "role");
            for text in texts(payload.get("content")) {
                if role == "user" && !is_programs_note(text) {
                    parsed.entries.push(Entry::Typed(cut(without_context(text), MAX_TEXT)));
                } else if role == "assistant" {
                    parsed.entries.push(Entry::Said(cut(text, MAX_TEXT)));
                }
            }
        }
        "function_call" | "custom_tool_call" | "local_shell_call" => {
            let input = ["arguments", "input", "action"]
                .iter()
                .find_map(|key| payload.get(*key));
            parsed.entries.push(Entry::Used {
                id: string(payload, "call_id").to_owned(),
                tool: string(payload, "name").to_owned(),
                on: used_on(input),
            });
        }
        "function_call_output" | "custom_tool_call_output" => parsed.entries.push(result(payload)),
        _ => {}
    }
    Some(parsed)
}

/// An editor puts what is open before what was typed.
fn without_context(text: &str) -> &str {
    const REQUEST: &str = "## My request for Codex:";
    text.find(REQUEST)
        .map_or(text, |at| text[at + REQUEST.len()..].trim_start())
}

/// A rollout whose first record says that another agent started it: its "user" is that agent.
pub(super) fn is_sub_agent(object: &Map<String, Value>) -> bool {
    string(object, "type") == "session_meta"
        && object
            .get("payload")
            .and_then(|p| p.get("source"))
            .is_some_and(|source| source.get("subagent").is_some() || source.as_str() == Some("subagent"))
}

fn is_programs_note(text: &str) -> bool {
    let text = text.trim_start();
    text.starts_with('<') || text.starts_with("# AGENTS.md instructions")
}

fn result(payload: &Map<String, Value>) -> Entry {
    let id = string(payload, "call_id").to_owned();
    let output = payload.get("output");
    // Older versions wrap the text: {"output": "...", "metadata": {"exit_code": 1}}.
    let wrapped: Option<Value> = output
        .and_then(Value::as_str)
        .filter(|t| t.starts_with('{'))
        .and_then(|t| serde_json::from_str(t).ok());
    let object = wrapped.as_ref().or(output.filter(|o| o.is_object()));
    let inner = object.and_then(|o| o.get("output").or_else(|| o.get("content")));
    let text = result_text(inner.or(output));
    let code = object.and_then(|o| o.get("metadata")?.get("exit_code")?.as_i64());
    let said = text.lines().take(8).find_map(exit_code);
    let failed = code.or(said).is_some_and(|code| code != 0);
    Entry::Returned { id, text, failed }
}

fn exit_code(line: &str) -> Option<i64> {
    let rest = line
        .strip_prefix("Process exited with code ")
        .or_else(|| line.strip_prefix("Exit code: "))?;
    rest.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    fn entries(payload: &str) -> Vec<Entry> {
        let line = format!(r#"{{"timestamp":"2026-05-04T10:00:00Z","type":"response_item","payload":{payload}}}"#);
        parse(line.as_bytes()).remove(0).entries
    }

    #[test]
    fn messages_and_calls() {
        let typed = r#"{"type":"message","role":"user","content":[{"type":"input_text","text":"hello"},
            {"type":"input_text","text":"<environment_context>x</environment_context>"}]}"#;
        assert_eq!(entries(&typed.replace('\n', "")), [Entry::Typed("hello".into())]);
        let call = r#"{"type":"function_call","name":"exec_command","call_id":"c","arguments":"{\"cmd\":\"make t\"}"}"#;
        assert_eq!(
            entries(call),
            [Entry::Used {
                id: "c".into(),
                tool: "exec_command".into(),
                on: "make t".into()
            }]
        );
        let output = r#"{"type":"function_call_output","call_id":"c","output":"Process exited with code 2\nboom"}"#;
        assert!(matches!(entries(output)[0], Entry::Returned { failed: true, .. }));
    }

    #[test]
    fn events_repeat_words_and_are_passed_over() {
        let line = br#"{"type":"event_msg","payload":{"type":"user_message","message":"hello"}}"#;
        assert!(parse(line)[0].entries.is_empty());
    }
}
