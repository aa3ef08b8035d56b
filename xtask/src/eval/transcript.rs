//! Transcripts in the making, and what was said in those that are there.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::pack::text;

/// A transcript of one day, a minute a line.
pub(super) struct Lines {
    day: String,
    minute: u32,
    pub(super) text: String,
}

impl Lines {
    pub(super) fn of(day: &str) -> Self {
        Self {
            day: day.to_owned(),
            minute: 0,
            text: String::new(),
        }
    }

    fn push(&mut self, kind: &str, content: &Value) {
        self.minute += 1;
        let time = format!("{}T{:02}:{:02}:00Z", self.day, 9 + self.minute / 60, self.minute % 60);
        let message = json!({"role": kind, "content": content});
        let line = json!({"type": kind, "timestamp": time, "message": message});
        let _ = writeln!(self.text, "{line}");
    }

    /// A person's words.
    pub(super) fn typed(&mut self, words: &str) {
        self.push("user", &json!(words));
    }

    /// The agent's words.
    pub(super) fn said(&mut self, words: &str) {
        self.push("assistant", &json!([{"type": "text", "text": words}]));
    }

    /// A command, and what came back.
    pub(super) fn tool(&mut self, command: &str, output: &str) {
        let id = format!("t{}", self.minute);
        let input = json!({"command": command});
        self.push(
            "assistant",
            &json!([{"type": "tool_use", "id": id, "name": "Bash", "input": input}]),
        );
        self.push(
            "user",
            &json!([{"type": "tool_result", "tool_use_id": id, "content": output}]),
        );
    }
}

/// Lines of transcripts in the order in which they were said.
#[derive(Default)]
pub(super) struct Raw {
    lines: Vec<(String, String)>,
}

impl Raw {
    pub(super) fn add(&mut self, transcript: &str) {
        let time = |line: &str| {
            let value = serde_json::from_str::<Value>(line).unwrap_or_default();
            text(&value["timestamp"])
        };
        let lines = transcript.lines().map(|line| (time(line), line.to_owned()));
        self.lines.extend(lines);
        self.lines.sort_by(|a, b| a.0.cmp(&b.0));
    }

    /// The newest lines that fit in so many bytes, as they stand in the transcripts.
    pub(super) fn newest(&self, bytes: usize) -> Vec<String> {
        newest(self.lines.iter().map(|(_, line)| line.clone()), bytes)
    }

    /// The same of the words alone, without what tools gave back.
    pub(super) fn newest_words(&self, bytes: usize) -> Vec<String> {
        newest(self.words().into_iter(), bytes)
    }

    /// What people and agents said, a message each.
    pub(super) fn words(&self) -> Vec<String> {
        let messages = self.lines.iter().filter_map(|(_, line)| {
            let value = serde_json::from_str::<Value>(line).ok()?;
            let words = match &value["message"]["content"] {
                Value::String(words) => words.clone(),
                Value::Array(blocks) => {
                    let texts = blocks.iter().filter(|block| block["type"] == "text");
                    texts.map(|block| text(&block["text"])).collect::<Vec<_>>().join("\n")
                }
                _ => return None,
            };
            Some(words).filter(|words| !words.is_empty())
        });
        messages.collect()
    }
}

fn newest(lines: impl DoubleEndedIterator<Item = String>, bytes: usize) -> Vec<String> {
    let mut left = bytes;
    let fits = lines.rev().take_while(|line| {
        let fits = line.len() < left;
        left = left.saturating_sub(line.len() + 1);
        fits
    });
    fits.collect()
}
