//! Index: the Dream's own marked block in `MEMORY.md`. The rest of the file is the people's.

use std::collections::BTreeMap;

use crate::topic;

/// The index file.
pub const PATH: &str = "MEMORY.md";
/// Most lines of the whole file.
pub const MOST_LINES: usize = 200;
/// Most bytes of the whole file.
pub const MOST_BYTES: usize = 25 * 1024;

/// The heading that a Dream gives the file where there was none.
pub const HEADING: &str = "# Memory";

const BEGIN: &str = "<!-- dream: index -->";
const END: &str = "<!-- /dream -->";

/// Writes the block for these topic files into the text of `MEMORY.md`. `None`: no block and nothing to say.
pub fn render(current: Option<&str>, topics: &BTreeMap<String, usize>) -> Option<String> {
    let (before, after) = around(current.unwrap_or_default());
    if topics.is_empty() {
        let rest = format!("{before}{after}");
        return current
            .map(|_| rest.trim_end().to_owned() + "\n")
            .filter(|text| text.trim() != HEADING && !text.trim().is_empty());
    }
    let own_lines = before.lines().count() + after.lines().count() + 2;
    let room = MOST_LINES.saturating_sub(own_lines);
    let mut bytes = MOST_BYTES.saturating_sub(before.len() + after.len() + BEGIN.len() + END.len() + 8);
    let mut block = String::new();
    for (path, count) in topics.iter().take(room) {
        let line = entry(path, *count);
        if line.len() + 1 > bytes {
            break;
        }
        bytes -= line.len() + 1;
        block.push_str(&line);
        block.push('\n');
    }
    let before = if current.is_none() { "# Memory\n\n" } else { before };
    let gap = match before {
        "" => "",
        text if text.ends_with("\n\n") => "",
        text if text.ends_with('\n') => "\n",
        _ => "\n\n",
    };
    Some(format!("{before}{gap}{BEGIN}\n{block}{END}\n{after}"))
}

fn entry(path: &str, count: usize) -> String {
    let facts = if count == 1 {
        "1 fact".to_owned()
    } else {
        format!("{count} facts")
    };
    match topic::of_file(path) {
        Some(topic) => format!("- [{}]({path}) — {} ({facts})", topic.title, topic.description),
        None => format!("- [{path}]({path}) ({facts})"),
    }
}

/// What stands before and after the block.
fn around(text: &str) -> (&str, &str) {
    let Some(begin) = text.find(BEGIN) else {
        return (text, "");
    };
    let rest = &text[begin..];
    let after = rest.find(END).map_or("", |end| {
        rest[end + END.len()..]
            .strip_prefix('\n')
            .unwrap_or(&rest[end + END.len()..])
    });
    (&text[..begin], after)
}

/// The part of `MEMORY.md` that is not the block.
pub fn outside(text: &str) -> String {
    let (before, after) = around(text);
    format!("{before}{after}")
}

/// Whether a line is one of the block's entries.
pub fn is_entry(path: &str, line: &str) -> bool {
    path == PATH
        && line.starts_with('[')
        && line
            .split_once("](")
            .and_then(|(_, rest)| rest.split_once(')'))
            .is_some_and(|(file, _)| topic::of_file(file).is_some())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn topics() -> BTreeMap<String, usize> {
        BTreeMap::from([("testing.md".to_owned(), 2), ("people.md".to_owned(), 1)])
    }

    #[test]
    fn the_rest_of_the_file_is_the_peoples() {
        let first = render(Some("# Ours\n\n- a line of ours"), &topics()).unwrap();
        assert!(first.starts_with("# Ours\n\n- a line of ours\n\n<!--"));
        assert_eq!(render(Some(&first), &topics()).unwrap(), first);
        let after = first + "\nWritten later.\n";
        let again = render(Some(&after), &BTreeMap::from([("data.md".to_owned(), 1)])).unwrap();
        assert!(
            again.contains("- a line of ours") && again.ends_with("Written later.\n") && !again.contains("testing.md")
        );
    }

    #[test]
    fn it_keeps_to_its_lines() {
        let long = "line\n".repeat(198);
        assert!(render(Some(&long), &topics()).unwrap().lines().count() <= MOST_LINES + 2);
    }
}
