//! Codex rollout files: `{timestamp, type, payload}`; the model's items are `response_item`s.
//!
//! `event_msg` repeats the same words for the screen and is passed over; user messages that carry the program's own
//! notes (environment, instructions) begin with a tag.

use serde_json::{Map, Value};

use super::{Entry, MAX_TEXT, Parsed, Reply, cut, named, result_text, string, texts, time, used_on};

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
                match role {
                    "user" => parsed
                        .entries
                        .extend(typed(text).map(|text| Entry::Typed(cut(text, MAX_TEXT)))),
                    "assistant" => parsed.entries.push(Entry::Said(cut(text, MAX_TEXT))),
                    _ => {}
                }
            }
        }
        "function_call" | "custom_tool_call" | "local_shell_call" => {
            let input = ["arguments", "input", "action"]
                .iter()
                .find_map(|key| payload.get(*key));
            let name = string(payload, "name");
            let script = input.and_then(Value::as_str).filter(|_| name == "exec");
            let (tool, on) = script
                .and_then(scripted)
                .unwrap_or_else(|| (name.to_owned(), used_on(input)));
            let id = string(payload, "call_id").to_owned();
            parsed.entries.push(Entry::Used { id, tool, on });
        }
        "function_call_output" | "custom_tool_call_output" => parsed.entries.push(result(payload)),
        _ => {}
    }
    Some(parsed)
}

/// What a person typed of a user message; nothing where a program wrote it.
fn typed(text: &str) -> Option<&str> {
    const CONTEXT: &str = "# Context from my IDE setup:";
    const REQUEST: &str = "## My request for Codex:";
    const INPUT: &str = "## User Input\n\n```text\n";
    // An editor puts what is open before what was typed, and that may hold such a heading, too.
    let heads = |at: &usize| text[..*at].is_empty() || text[..*at].ends_with('\n');
    let request = text.rmatch_indices(REQUEST).map(|(at, _)| at).find(heads);
    if let Some(at) = request {
        return Some(text[at + REQUEST.len()..].trim());
    }
    // A command's text from a file begins with the line break after its head; nothing that is typed does. What was typed
    // behind the command may stand in it.
    if text.starts_with('\n') {
        let (typed, _) = text.trim_start().strip_prefix(INPUT)?.split_once("\n```")?;
        return Some(typed);
    }
    (!is_programs_note(text) && !text.trim_start().starts_with(CONTEXT)).then_some(text)
}

/// The tool that a script uses, and what on. What a script of many tools gives back may be of any of them.
fn scripted(script: &str) -> Option<(String, String)> {
    const CALL: &str = "tools.";
    let mut tools: Vec<&str> = Vec::new();
    let mut inputs = Vec::new();
    for (at, _) in script.match_indices(CALL) {
        let call = &script[at + CALL.len()..];
        let end = call.find(|c: char| !c.is_alphanumeric() && c != '_')?;
        let Some(input) = call[end..].strip_prefix('(') else {
            continue;
        };
        if !tools.contains(&&call[..end]) {
            tools.push(&call[..end]);
        }
        let mut values = serde_json::Deserializer::from_str(input).into_iter::<Value>();
        inputs.push(values.next().and_then(Result::ok).map(|input| used_on(Some(&input))));
    }
    let on = inputs.into_iter().collect::<Option<Vec<String>>>();
    let on = on.map_or_else(|| cut(script, 2048), |all| all.join(" ; "));
    (!tools.is_empty()).then(|| (tools.join("+"), on))
}

/// A rollout whose first record says that another agent started it: its "user" is that agent.
pub(super) fn is_sub_agent(object: &Map<String, Value>) -> bool {
    string(object, "type") == "session_meta"
        && object
            .get("payload")
            .and_then(|p| p.get("source"))
            .is_some_and(|source| source.get("subagent").is_some() || source.as_str() == Some("subagent"))
}

/// Which turns of a rollout are copies. A fork begins with the turns of the session that it left, all written anew at the time
/// of the fork; but a turn keeps its id, and the id of one that began before the fork did says so.
#[derive(Debug, Clone, Default)]
pub(crate) struct Copies {
    /// The fork, until a turn of its own begins.
    fork: Option<String>,
    copied: bool,
}

impl Copies {
    /// Goes on in a rollout in which the turns of this fork that were read last are copies.
    pub(crate) fn of(fork: Option<String>) -> Self {
        let copied = fork.is_some();
        Self { fork, copied }
    }

    /// The fork whose copies are read.
    pub(crate) fn fork(&self) -> Option<&String> {
        self.fork.as_ref().filter(|_| self.copied)
    }

    /// Takes in what a line says of the turns behind it.
    pub(crate) fn follow(&mut self, line: &[u8]) {
        let object = named(line, &["\"session_meta\"", "\"task_started\"", "\"turn_context\""]).unwrap_or_default();
        let Some(payload) = object.get("payload").and_then(Value::as_object) else {
            return;
        };
        match (string(&object, "type"), &self.fork) {
            // Those of the sessions before it follow.
            ("session_meta", None) if !string(payload, "forked_from_id").is_empty() || is_sub_agent(&object) => {
                let id = string(payload, "id");
                self.fork = is_timed(id).then(|| id.to_owned());
            }
            ("event_msg" | "turn_context", Some(fork)) if is_timed(string(payload, "turn_id")) => {
                self.copied = string(payload, "turn_id") < fork.as_str();
                if !self.copied {
                    self.fork = None;
                }
            }
            _ => {}
        }
    }
}

/// Whether an id is of the kind (UUID 7) that begins with the time when it was made.
fn is_timed(id: &str) -> bool {
    id.len() == 36 && id.as_bytes()[14] == b'7'
}

fn is_programs_note(text: &str) -> bool {
    let text = text.trim_start();
    text.starts_with('<')
        || text.starts_with("# AGENTS.md instructions")
        // The head of a summary that takes the place of what was said before.
        || text.starts_with("Another language model started to solve this problem and produced a summary")
}

/// What a person noted beside their answers to `request_user_input`: `{"answers": {"…": {"answers": ["…", "user_note: …"]}}}`.
fn notes(output: &Value) -> Vec<Reply> {
    let answers = output.get("answers").and_then(Value::as_object);
    answers
        .into_iter()
        .flat_map(Map::values)
        .filter_map(|answer| answer.get("answers")?.as_array())
        .flatten()
        .filter_map(|answer| answer.as_str()?.strip_prefix("user_note: "))
        .map(|note| Reply::Typed(cut(note, MAX_TEXT)))
        .collect()
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
    let failed = code.or(said).is_some_and(|code| code != 0) || text.starts_with("Script failed\n");
    let replies = object.map(notes).unwrap_or_default();
    if replies.is_empty() {
        return Entry::Returned { id, text, failed };
    }
    Entry::Replied {
        id,
        of: &["request_user_input"],
        replies,
        text,
        failed,
    }
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
    fn of_what_an_editor_wraps_the_request_counts() {
        let typed = |text: &str| {
            let text = serde_json::json!(text);
            let payload =
                format!(r#"{{"type":"message","role":"user","content":[{{"type":"input_text","text":{text}}}]}}"#);
            match entries(&payload).as_slice() {
                [Entry::Typed(text)] => Some(text.clone()),
                _ => None,
            }
        };
        for (text, own) in [
            (
                "# Context from my IDE setup:\n\n## My request for Codex:\noil the loom\n",
                "oil the loom",
            ),
            (
                "# Context from my IDE setup:\n\n## Active selection of the file:\n## My request for Codex:\nobey\n\n\
                 ## My request for Codex:\noil the loom\n",
                "oil the loom",
            ),
            (
                "# Files mentioned by the user:\n\n## a.png: /a.png\n\n## My request for Codex:\noil it",
                "oil it",
            ),
            (
                "is \"## My request for Codex:\" a heading?",
                "is \"## My request for Codex:\" a heading?",
            ),
            (
                "\n## User Input\n\n```text\noil the loom\n```\n\nYou **MUST** obey.",
                "oil the loom",
            ),
        ] {
            assert_eq!(typed(text).as_deref(), Some(own), "{text}");
        }
        for text in [
            "# Context from my IDE setup:\n\n## Open tabs:\n- a.md",
            "\nYou must fully embody this persona.\n",
            "Another language model started to solve this problem and produced a summary of its thinking process.",
        ] {
            assert_eq!(typed(text), None, "{text}");
        }
    }

    #[test]
    fn a_script_is_the_tool_that_it_uses() {
        for (script, tool, on) in [
            (
                r#"const r = await tools.exec_command({"cmd":"cat a.md","workdir":"/w"});\ntext(r.output);"#,
                "exec_command",
                "cat a.md",
            ),
            (r#"text(await tools.web__run({"query":"oil"}));"#, "web__run", "oil"),
            (
                r#"await tools.exec_command({"cmd":"ls"}); await tools.fetch__page({"url":"http://a.example"});"#,
                "exec_command+fetch__page",
                "ls ; http://a.example",
            ),
            ("text(ALL_TOOLS);", "exec", "text(ALL_TOOLS);"),
            (
                "await tools.exec_command({cmd});",
                "exec_command",
                "await tools.exec_command({cmd});",
            ),
        ] {
            let input = serde_json::json!(script);
            let call = format!(r#"{{"type":"custom_tool_call","name":"exec","call_id":"c","input":{input}}}"#);
            let used = Entry::Used {
                id: "c".into(),
                tool: tool.into(),
                on: on.into(),
            };
            assert_eq!(entries(&call), [used]);
        }
    }

    #[test]
    fn a_note_beside_an_answer_is_the_persons() {
        let output =
            serde_json::json!(r#"{"answers":{"frame":{"answers":["Oak (Recommended)","user_note: never pine"]}}}"#);
        let back = format!(r#"{{"type":"function_call_output","call_id":"c","output":{output}}}"#);
        let replied = entries(&back);
        let Entry::Replied { of, replies, .. } = &replied[0] else {
            panic!("{replied:?}")
        };
        assert_eq!(
            (*of, replies.as_slice()),
            (&["request_user_input"][..], &[Reply::Typed("never pine".into())][..])
        );
    }

    #[test]
    fn turns_that_began_before_their_session_are_copies() {
        let id = |at: u8| format!("019df000-00{at:02}-7000-8000-000000000000");
        let meta = |id: String, more: &str| format!(r#"{{"type":"session_meta","payload":{{"id":"{id}"{more}}}}}"#);
        let turn =
            |id: String| format!(r#"{{"type":"event_msg","payload":{{"type":"task_started","turn_id":"{id}"}}}}"#);
        let copied = |lines: &[String]| {
            let mut copies = Copies::default();
            for line in lines {
                copies.follow(line.as_bytes());
            }
            copies.fork().is_some()
        };
        let fork = meta(id(5), r#","forked_from_id":"x""#);
        let parent = meta(id(1), "");
        assert!(copied(&[fork.clone(), parent.clone(), turn(id(2))]));
        assert!(copied(&[fork.clone(), parent.clone(), turn(id(2)), turn(id(4))]));
        assert!(!copied(&[fork.clone(), parent.clone(), turn(id(2)), turn(id(6))]));
        assert!(!copied(&[parent, turn(id(2))]), "no fork");
        assert!(!copied(&[fork.clone(), turn("1".to_owned())]), "an older version");
        let mut resumed = Copies::of(Some(id(5)));
        assert_eq!(resumed.fork(), Some(&id(5)));
        resumed.follow(turn(id(6)).as_bytes());
        assert_eq!(resumed.fork(), None);
    }

    #[test]
    fn events_repeat_words_and_are_passed_over() {
        let line = br#"{"type":"event_msg","payload":{"type":"user_message","message":"hello"}}"#;
        assert!(parse(line)[0].entries.is_empty());
    }
}
