//! Claude Code's session files, as version 2 writes them: one record a line, `type`, `message{role, content}`.
//!
//! A turn's typed text is a string or `text` blocks; tool results are blocks of user turns. Side chains carry prompts
//! that an agent wrote, meta turns carry what the program put in, summaries carry what was said elsewhere: none of
//! them are words of a person.

use serde_json::{Map, Value};

use super::{Entry, MAX_TEXT, Parsed, cut, result_text, string, time, truthy, used_on};

pub(super) fn is(object: &Map<String, Value>) -> bool {
    object.contains_key("type")
        && (object.get("message").is_some_and(Value::is_object)
            || object.get("attachment").is_some_and(Value::is_object))
}

pub(super) fn parse(object: &Map<String, Value>) -> Option<Parsed> {
    if let Some(attachment) = object.get("attachment").and_then(Value::as_object) {
        return queued(object, attachment);
    }
    let message = object.get("message")?.as_object()?;
    let kind = string(object, "type");
    if !matches!(kind, "user" | "assistant") {
        return None;
    }
    let mut parsed = Parsed {
        time: time(object.get("timestamp")),
        entries: Vec::new(),
    };
    if ["isSidechain", "isMeta", "isCompactSummary", "isVisibleInTranscriptOnly"]
        .iter()
        .any(|key| truthy(object, key))
        || object.get("agentId").is_some_and(|id| !id.is_null())
    {
        return Some(parsed);
    }
    let typed = kind == "user" && matches!(string(message, "role"), "user" | "") && is_persons(object, object);
    match message.get("content") {
        Some(Value::String(text)) => push_text(&mut parsed.entries, kind, typed, text),
        Some(Value::Array(blocks)) => {
            for block in blocks.iter().filter_map(Value::as_object) {
                push_block(&mut parsed.entries, kind, typed, block);
            }
        }
        _ => {}
    }
    Some(parsed)
}

/// What a person typed while the agent worked stands in an attachment, and only there.
fn queued(object: &Map<String, Value>, attachment: &Map<String, Value>) -> Option<Parsed> {
    let typed = string(attachment, "type") == "queued_command"
        && matches!(string(attachment, "commandMode"), "prompt" | "")
        && is_persons(object, attachment)
        && !truthy(object, "isSidechain");
    let mut parsed = Parsed {
        time: time(object.get("timestamp").or_else(|| attachment.get("timestamp"))),
        entries: Vec::new(),
    };
    match attachment.get("prompt") {
        Some(Value::String(text)) => push_text(&mut parsed.entries, "user", true, text),
        Some(Value::Array(blocks)) => {
            for block in blocks.iter().filter_map(Value::as_object) {
                push_block(&mut parsed.entries, "user", true, block);
            }
        }
        _ => {}
    }
    typed.then_some(parsed)
}

/// Whether a prompt does not say that something else than a person made it: older versions say nothing.
fn is_persons(object: &Map<String, Value>, prompt: &Map<String, Value>) -> bool {
    let source = string(object, "promptSource");
    match prompt.get("origin").and_then(|origin| origin.get("kind")) {
        Some(kind) => kind == "human" && !matches!(source, "hook" | "system" | "task" | "agent"),
        None => matches!(source, "" | "typed" | "queued" | "sdk" | "suggestion_accepted"),
    }
}

fn push_text(entries: &mut Vec<Entry>, kind: &str, typed: bool, text: &str) {
    if typed {
        entries.push(Entry::Typed(cut(text, MAX_TEXT)));
    } else if kind == "assistant" {
        entries.push(Entry::Said(cut(text, MAX_TEXT)));
    }
}

fn push_block(entries: &mut Vec<Entry>, kind: &str, typed: bool, block: &Map<String, Value>) {
    match string(block, "type") {
        "text" => push_text(entries, kind, typed, string(block, "text")),
        "tool_use" if kind == "assistant" => entries.push(Entry::Used {
            id: string(block, "id").to_owned(),
            tool: string(block, "name").to_owned(),
            on: used_on(block.get("input")),
        }),
        "tool_result" => entries.push(Entry::Returned {
            id: string(block, "tool_use_id").to_owned(),
            text: result_text(block.get("content")),
            failed: truthy(block, "is_error"),
        }),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    #[test]
    fn typed_words_and_tool_results_are_told_apart() {
        let line = br#"{"type":"user","timestamp":"2026-05-04T10:00:00Z","message":{"role":"user","content":[
            {"type":"tool_result","tool_use_id":"t1","content":[{"type":"text","text":"from a file"}]},
            {"type":"text","text":"from me"},{"type":"image"},{"type":"text","text":null},7]}}"#;
        let parsed = parse(&line.iter().copied().filter(|b| *b != b'\n').collect::<Vec<_>>()).remove(0);
        let result = Entry::Returned {
            id: "t1".into(),
            text: "from a file".into(),
            failed: false,
        };
        assert_eq!(
            parsed.entries,
            [result, Entry::Typed("from me".into()), Entry::Typed(String::new())]
        );
    }

    #[test]
    fn what_was_typed_while_the_agent_worked_counts() {
        let line = |mode: &str| {
            format!(
                r#"{{"type":"attachment","timestamp":"2026-05-04T10:00:00Z","attachment":{{"type":"queued_command","commandMode":"{mode}","prompt":"also oil the loom"}}}}"#
            )
        };
        assert_eq!(
            parse(line("prompt").as_bytes())[0].entries,
            [Entry::Typed("also oil the loom".into())]
        );
        assert!(parse(line("task-notification").as_bytes()).is_empty());
    }

    #[test]
    fn a_prompt_says_who_made_it() {
        let typed = |fields: &str| {
            let line = format!(r#"{{"type":"user",{fields}"message":{{"role":"user","content":"oil the loom"}}}}"#);
            !parse(line.as_bytes())[0].entries.is_empty()
        };
        for fields in [
            "",
            r#""promptSource":"typed","#,
            r#""promptSource":"sdk","#,
            r#""origin":{"kind":"human"},"#,
            r#""origin":{"kind":"human"},"promptSource":"spoken","#,
        ] {
            assert!(typed(fields), "{fields}");
        }
        for fields in [
            r#""promptSource":"system","#,
            r#""promptSource":"a hook of tomorrow","#,
            r#""origin":{"kind":"peer"},"#,
            r#""origin":{"kind":"channel"},"promptSource":"typed","#,
            r#""origin":{"kind":"task-notification"},"#,
            r#""origin":{"kind":null},"#,
        ] {
            assert!(!typed(fields), "{fields}");
        }
        let queued = r#"{"type":"attachment","attachment":{"type":"queued_command","prompt":"oil it","origin":{"kind":"peer"}}}"#;
        assert!(parse(queued.as_bytes()).is_empty());
    }

    #[test]
    fn side_chains_meta_turns_and_summaries_are_nobodys_words() {
        for flag in ["isSidechain", "isMeta", "isCompactSummary"] {
            let line =
                format!(r#"{{"type":"user","{flag}":true,"message":{{"role":"user","content":"always obey"}}}}"#);
            assert!(parse(line.as_bytes())[0].entries.is_empty(), "{flag}");
        }
        assert!(parse(br#"{"type":"summary","summary":"the user likes rain"}"#).is_empty());
    }
}
