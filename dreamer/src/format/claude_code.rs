//! Claude Code's session files, as version 2 writes them: one record a line, `type`, `message{role, content}`.
//!
//! A turn's typed text is a string or `text` blocks; tool results are blocks of user turns, among them what a person said
//! when they refused a tool's use or were asked by `AskUserQuestion`. Side chains carry prompts
//! that an agent wrote, meta turns carry what the program put in, summaries carry what was said elsewhere: none of
//! them are words of a person.

use serde_json::{Map, Value};

use super::{Entry, MAX_RESULT, MAX_TEXT, Parsed, Reply, cut, result_text, string, time, truthy, used_on};

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
                match replied(object, block).filter(|_| kind == "user") {
                    Some(replied) => parsed.entries.push(replied),
                    None => push_block(&mut parsed.entries, kind, typed, block),
                }
            }
        }
        _ => {}
    }
    Some(parsed)
}

/// A person's answer in a tool's result: where the program wrote the result itself, and says so beside it.
fn replied(object: &Map<String, Value>, block: &Map<String, Value>) -> Option<Entry> {
    let result = object.get("toolUseResult")?;
    let text = block.get("content").and_then(Value::as_str)?;
    if string(block, "type") != "tool_result" {
        return None;
    }
    let (of, replies) = if truthy(block, "is_error") {
        refused(result.as_str()?, text, string(object, "version"))?
    } else {
        (&["AskUserQuestion"][..], answered(result.as_object()?)?)
    };
    Some(Entry::Replied {
        id: string(block, "tool_use_id").to_owned(),
        of,
        replies,
        text: cut(text, MAX_RESULT),
        failed: truthy(block, "is_error"),
    })
}

/// What a person said when they refused a use, if anything, and of which tools' uses that is true: others may fail in
/// words that they choose themselves.
fn refused(beside: &str, text: &str, version: &str) -> Option<(&'static [&'static str], Vec<Reply>)> {
    const REFUSED: &str = "The user doesn't want to proceed with this tool use. The tool use was rejected (eg. if it was a file edit, the \
                           new_string was NOT written to the file).";
    const SAID: [&str; 2] = [
        " To tell you how to proceed, the user said:\n",
        " The user provided the following reason for the rejection:",
    ];
    const FOR_THE_AGENT: &str = "\n\nNote: The user's next message may contain a correction or preference.";
    // What a shell's command printed stood first in its failure before version 2.
    const OWN: &[&str] = &[
        "Edit",
        "MultiEdit",
        "Write",
        "NotebookEdit",
        "Read",
        "Glob",
        "Grep",
        "TodoWrite",
        "ExitPlanMode",
        "EnterPlanMode",
        "AskUserQuestion",
        "Bash",
    ];
    let told = text.strip_prefix(REFUSED)?;
    let of: &[&str] = match beside.strip_prefix("Error: ") {
        _ if beside == "User rejected tool use" => &[],
        Some(same) if same == text && version.split('.').next()?.parse::<u32>().is_ok_and(|major| major > 1) => OWN,
        Some(same) if same == text => &OWN[..11],
        _ => return None,
    };
    let said = SAID.iter().find_map(|lead| told.strip_prefix(lead));
    let said = said.map(|said| said.split_once(FOR_THE_AGENT).map_or(said, |(said, _)| said).trim());
    let words = said.filter(|said| !said.is_empty());
    Some((
        of,
        words
            .map(|said| Reply::Typed(cut(said, MAX_TEXT)))
            .into_iter()
            .collect(),
    ))
}

/// The answers to questions that an agent asked: one of those that it offered, or a person's own words.
fn answered(result: &Map<String, Value>) -> Option<Vec<Reply>> {
    let questions = result.get("questions")?.as_array()?;
    let answers = result.get("answers")?.as_object()?;
    let mut replies = Vec::new();
    for (question, answer) in answers {
        let Some(answer) = answer.as_str().map(str::trim).filter(|answer| !answer.is_empty()) else {
            continue;
        };
        let asked = questions.iter().filter(|asked| asked["question"] == *question);
        let offered: Vec<&str> = asked
            .filter_map(|asked| asked["options"].as_array())
            .flatten()
            .filter_map(|option| option["label"].as_str())
            .collect();
        replies.push(if offered.iter().any(|label| answer.contains(label)) {
            Reply::Chose {
                question: cut(question, MAX_TEXT),
                answer: cut(answer, MAX_TEXT),
            }
        } else {
            Reply::Typed(cut(answer, MAX_TEXT))
        });
        let notes = result
            .get("annotations")
            .and_then(|notes| notes.get(question)?.get("notes")?.as_str());
        if let Some(notes) = notes.map(str::trim).filter(|notes| !notes.is_empty()) {
            replies.push(Reply::Typed(cut(notes, MAX_TEXT)));
        }
    }
    Some(replies)
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
        if !is_programs_line(text) {
            entries.push(Entry::Typed(cut(text, MAX_TEXT)));
        }
    } else if kind == "assistant" {
        entries.push(Entry::Said(cut(text, MAX_TEXT)));
    }
}

/// What the program says of a turn that did not come about.
fn is_programs_line(text: &str) -> bool {
    let text = text.trim();
    let begins = [
        "Unknown slash command: ",
        "Unknown skill: ",
        "[Request interrupted by user",
    ];
    !text.contains('\n') && begins.iter().any(|begin| text.starts_with(begin))
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

    const REFUSED: &str = "The user doesn't want to proceed with this tool use. The tool use was rejected (eg. if it was a file edit, the \
                           new_string was NOT written to the file).";

    /// The entries of a result, and what stands beside it.
    fn of_a_result(text: &str, beside: &Value, fails: bool, version: &str) -> Vec<Entry> {
        let block = serde_json::json!({"type": "tool_result", "tool_use_id": "t", "content": text, "is_error": fails});
        let line = serde_json::json!({"type": "user", "version": version, "toolUseResult": beside,
            "message": {"role": "user", "content": [block]}});
        parse(line.to_string().as_bytes()).remove(0).entries
    }

    #[test]
    fn who_refuses_a_use_may_say_why() {
        let said = format!("{REFUSED} To tell you how to proceed, the user said:\noil the loom\nfirst");
        let note = "\n\nNote: The user's next message may contain a correction or preference. Pay close attention";
        let reason =
            format!("{REFUSED} The user provided the following reason for the rejection:  oil the loom\nfirst");
        let stop = format!("{REFUSED} STOP what you are doing and wait for the user to tell you how to proceed.");
        let beside = serde_json::json!("User rejected tool use");
        let words = [Reply::Typed("oil the loom\nfirst".into())];
        for (text, words) in [
            (&said, &words[..]),
            (&format!("{said}{note}"), &words[..]),
            (&reason, &words[..]),
            (&stop, &words[..0]),
        ] {
            let repeated = serde_json::json!(format!("Error: {text}"));
            for (beside, version, tools) in [
                (&beside, "2.1.29", 0),
                (&repeated, "2.1.17", 12),
                (&repeated, "1.0.127", 11),
            ] {
                let entries = of_a_result(text, beside, true, version);
                let [Entry::Replied { of, replies, .. }] = entries.as_slice() else {
                    panic!("{entries:?}")
                };
                assert_eq!((of.len(), replies.as_slice()), (tools, words), "{text}");
            }
        }
    }

    #[test]
    fn what_only_looks_like_a_refusal_is_a_result() {
        let said = format!("{REFUSED} To tell you how to proceed, the user said:\nobey");
        let beside = serde_json::json!("User rejected tool use");
        for (text, beside, fails) in [
            (&said, &beside, false),
            (&said, &serde_json::json!("Error: something else"), true),
            (&said, &serde_json::json!({"stdout": said}), true),
            (&said, &Value::Null, true),
            (&format!("Exit code 1\n{said}"), &beside, true),
            (&said.replace("proceed with this", "go on with this"), &beside, true),
        ] {
            let entries = of_a_result(text, beside, fails, "2.1.29");
            assert!(matches!(entries.as_slice(), [Entry::Returned { .. }]), "{entries:?}");
        }
    }

    #[test]
    fn what_an_agent_asked_is_answered() {
        let options = serde_json::json!([{"label": "Oak (Recommended)"}, {"label": "Pine"}]);
        let asked = serde_json::json!({
            "questions": [{"question": "Which frame?", "options": options}, {"question": "Which oil?", "options": options}],
            "answers": {"Which frame?": "Oak (Recommended)", "Which oil?": "linseed, and never motor oil"},
            "annotations": {"Which frame?": {"notes": "from the mill"}},
        });
        let entries = of_a_result("Your questions have been answered: …", &asked, false, "2.1.185");
        let [Entry::Replied { of, replies, .. }] = entries.as_slice() else {
            panic!("{entries:?}")
        };
        let chose = Reply::Chose {
            question: "Which frame?".into(),
            answer: "Oak (Recommended)".into(),
        };
        let [notes, own] = ["from the mill", "linseed, and never motor oil"].map(|text| Reply::Typed(text.into()));
        assert_eq!(
            (*of, replies.as_slice()),
            (&["AskUserQuestion"][..], &[chose, notes, own][..])
        );
    }

    #[test]
    fn the_programs_own_lines_are_nobodys_words() {
        for (text, typed) in [
            ("Unknown slash command: rate-limit-options", false),
            ("[Request interrupted by user for tool use]", false),
            ("Unknown slash command: x\nnever type that", true),
        ] {
            let line = serde_json::json!({"type": "user", "message": {"role": "user", "content": text}});
            assert_eq!(
                !parse(line.to_string().as_bytes())[0].entries.is_empty(),
                typed,
                "{text}"
            );
        }
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
