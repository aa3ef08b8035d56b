//! `OpenHands` events, in both shapes it has written: `{source, action|observation, args|content}` and, since its SDK,
//! `{kind: MessageEvent|ActionEvent|ObservationEvent, source, …}`. Read from its event types and serialisation.
//!
//! A conversation is a file of events a line, one JSON array, or a file for each event.

use serde_json::{Map, Value};

use super::{Entry, MAX_TEXT, Parsed, cut, result_text, string, texts, time, truthy, used_on};

pub(super) fn is(object: &Map<String, Value>) -> bool {
    let event = string(object, "kind").ends_with("Event");
    let old = object.contains_key("action") || object.contains_key("observation");
    object.contains_key("source") && (event || old)
}

pub(super) fn parse(object: &Map<String, Value>) -> Parsed {
    let mut parsed = Parsed {
        time: time(object.get("timestamp")),
        entries: Vec::new(),
    };
    let entries = &mut parsed.entries;
    match string(object, "kind") {
        "MessageEvent" => message(object, entries),
        "ActionEvent" => {
            for text in texts(object.get("thought")) {
                entries.push(Entry::Said(cut(text, MAX_TEXT)));
            }
            let action = object.get("action");
            match (
                string(object, "tool_name"),
                action.and_then(|action| action.get("message")?.as_str()),
            ) {
                ("finish", Some(said)) => entries.push(Entry::Said(cut(said, MAX_TEXT))),
                _ => entries.push(used(object, string(object, "tool_call_id"), action)),
            }
        }
        "ObservationEvent" => {
            let inner = object.get("observation").and_then(Value::as_object);
            entries.push(returned(string(object, "tool_call_id"), inner.unwrap_or(object)));
        }
        _ => old(object, entries),
    }
    parsed
}

fn message(object: &Map<String, Value>, entries: &mut Vec<Entry>) {
    let content = object.get("llm_message").and_then(|m| m.get("content"));
    for text in texts(content) {
        match string(object, "source") {
            "user" => entries.push(Entry::Typed(cut(text, MAX_TEXT))),
            "agent" => entries.push(Entry::Said(cut(text, MAX_TEXT))),
            _ => {}
        }
    }
}

/// Events before the SDK: an observation names the id of the action that caused it.
fn old(object: &Map<String, Value>, entries: &mut Vec<Entry>) {
    let args = object.get("args");
    let text = |key: &str| {
        args.and_then(|a| a.get(key))
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    match (string(object, "action"), string(object, "source")) {
        ("message", "user") => entries.push(Entry::Typed(cut(text("content"), MAX_TEXT))),
        ("message", "agent") => entries.push(Entry::Said(cut(text("content"), MAX_TEXT))),
        ("finish", "agent") => {
            say_thought(text("thought"), entries);
            say_thought(text("final_thought"), entries);
        }
        ("", _) if !string(object, "observation").is_empty() => {
            entries.push(returned(&id(object.get("cause")), object));
        }
        ("" | "message" | "system" | "recall" | "think" | "null" | "change_agent_state", _) => {}
        // Any other gives out what it names: who wrote that is asked of each result.
        ("call_tool_mcp", _) => {
            say_thought(text("thought"), entries);
            entries.push(Entry::Used {
                id: id(object.get("id")),
                tool: text("name").to_owned(),
                on: used_on(args.and_then(|args| args.get("arguments"))),
            });
        }
        _ => {
            say_thought(text("thought"), entries);
            entries.push(used(object, &id(object.get("id")), args));
        }
    }
}

fn say_thought(thought: &str, entries: &mut Vec<Entry>) {
    if !thought.is_empty() {
        entries.push(Entry::Said(cut(thought, MAX_TEXT)));
    }
}

fn used(object: &Map<String, Value>, id: &str, input: Option<&Value>) -> Entry {
    let name = [string(object, "tool_name"), string(object, "action")];
    Entry::Used {
        id: id.to_owned(),
        tool: name.into_iter().find(|n| !n.is_empty()).unwrap_or_default().to_owned(),
        on: used_on(input),
    }
}

fn returned(id: &str, object: &Map<String, Value>) -> Entry {
    let content = object.get("content").or_else(|| object.get("output"));
    let metadata = object
        .get("extras")
        .and_then(|e| e.get("metadata"))
        .or_else(|| object.get("metadata"));
    let codes = [object.get("exit_code"), metadata.and_then(|m| m.get("exit_code"))];
    let code = codes.into_iter().flatten().find_map(Value::as_i64);
    let refused = object.get("success").and_then(Value::as_bool) == Some(false);
    Entry::Returned {
        id: id.to_owned(),
        text: result_text(content),
        failed: code.is_some_and(|code| code != 0) || truthy(object, "is_error") || refused,
    }
}

fn id(value: Option<&Value>) -> String {
    value.map_or(String::new(), ToString::to_string)
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    fn entries(line: &str) -> Vec<Entry> {
        parse(line.as_bytes()).remove(0).entries
    }

    #[test]
    fn every_use_of_a_tool_is_known_by_its_name() {
        for (line, tool, on) in [
            (
                r#"{"id":3,"source":"agent","action":"browse_interactive","args":{"browser_actions":"goto(\"http://a.example\")"}}"#,
                "browse_interactive",
                "",
            ),
            (
                r#"{"id":3,"source":"agent","action":"call_tool_mcp","args":{"name":"fetch_page","arguments":{"url":"http://a.example"}}}"#,
                "fetch_page",
                "http://a.example",
            ),
            (
                r#"{"id":3,"source":"agent","action":"run","args":{"command":"make oil"}}"#,
                "run",
                "make oil",
            ),
        ] {
            let used = Entry::Used {
                id: "3".into(),
                tool: tool.into(),
                on: on.into(),
            };
            assert_eq!(entries(line), [used], "{line}");
        }
    }

    #[test]
    fn what_an_agent_says_last_is_said() {
        for line in [
            r#"{"id":4,"source":"agent","action":"finish","args":{"final_thought":"The looms are oiled.","thought":""}}"#,
            r#"{"kind":"ActionEvent","source":"agent","tool_name":"finish","tool_call_id":"f","action":{"kind":"FinishAction","message":"The looms are oiled."}}"#,
        ] {
            assert_eq!(entries(line), [Entry::Said("The looms are oiled.".into())], "{line}");
        }
        for line in [
            r#"{"id":5,"source":"user","action":"recall","args":{"query":"oil"}}"#,
            r#"{"id":6,"source":"agent","action":"think","args":{"thought":"oil?"}}"#,
        ] {
            assert_eq!(entries(line), [], "{line}");
        }
    }
}
