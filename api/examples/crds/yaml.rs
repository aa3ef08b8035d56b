//! JSON values as YAML in block style, for files that people read.

use std::fmt::Write as _;

use serde_json::Value;

/// A document.
pub(crate) fn render(value: &Value) -> String {
    let mut text = String::new();
    block(&mut text, value, 0);
    text
}

/// Writes a value below its key or dash; the cursor is at the start of a line.
fn block(out: &mut String, value: &Value, indent: usize) {
    match value {
        Value::Object(map) => {
            for (key, value) in map.iter().filter(|(_, value)| !value.is_null()) {
                pad(out, indent);
                out.push_str(&scalar(key));
                out.push(':');
                child(out, value, indent);
            }
        }
        Value::Array(items) => {
            for item in items {
                pad(out, indent);
                out.push('-');
                item_block(out, item, indent);
            }
        }
        other => {
            pad(out, indent);
            line(out, &leaf(other));
        }
    }
}

fn child(out: &mut String, value: &Value, indent: usize) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            out.push('\n');
            block(out, value, indent + 2);
        }
        Value::Array(items) if !items.is_empty() => {
            out.push('\n');
            block(out, value, indent);
        }
        other => {
            out.push(' ');
            line(out, &leaf(other));
        }
    }
}

/// After a dash: a map begins on the same line.
fn item_block(out: &mut String, item: &Value, indent: usize) {
    match item {
        Value::Object(map) if !map.is_empty() => {
            let mut nested = String::new();
            block(&mut nested, item, indent + 2);
            out.push(' ');
            out.push_str(&nested[indent + 2..]);
        }
        other => {
            out.push(' ');
            line(out, &leaf(other));
        }
    }
}

fn leaf(value: &Value) -> String {
    match value {
        Value::String(text) => scalar(text),
        Value::Object(_) => "{}".to_owned(),
        Value::Array(_) => "[]".to_owned(),
        other => other.to_string(),
    }
}

/// A string as it is where YAML can't mistake it, else quoted as JSON, which YAML reads too.
fn scalar(text: &str) -> String {
    let starts = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '.' || c == '/');
    let plain = text
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || " ._/$-(),;'`<>".contains(c));
    let word = !matches!(
        text.to_ascii_lowercase().as_str(),
        "true" | "false" | "null" | "yes" | "no" | "on" | "off" | "y" | "n"
    );
    if starts && plain && word && !text.ends_with(' ') && !text.contains(" #") {
        text.to_owned()
    } else {
        Value::from(text).to_string()
    }
}

fn line(out: &mut String, text: &str) {
    // Writing into a string does not fail.
    let _ = writeln!(out, "{text}");
}

fn pad(out: &mut String, indent: usize) {
    out.extend(std::iter::repeat_n(' ', indent));
}
