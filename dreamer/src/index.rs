//! Index: the Dream's own marked block in `MEMORY.md`. The rest of the file is the people's.

use std::collections::BTreeMap;

use crate::memory_file::line_end;
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
///
/// Where what people wrote leaves no room for an entry, there is no block: no Dream makes the file too long. `file_size`:
/// the most bytes that the store lets a file have.
pub fn render(current: Option<&str>, topics: &BTreeMap<String, usize>, file_size: usize) -> Option<String> {
    let text = current.unwrap_or_default();
    let end = line_end(text);
    let (before, after) = around(text);
    let heading = format!("{HEADING}\n\n");
    let before = if current.is_none() { heading.as_str() } else { before };
    let gap = match before {
        "" => String::new(),
        text if text.ends_with("\n\n") || text.ends_with("\n\r\n") => String::new(),
        text if text.ends_with('\n') => end.to_owned(),
        _ => end.repeat(2),
    };
    let frame = |block: &str| format!("{before}{gap}{BEGIN}{end}{block}{END}{end}{after}");
    let empty = frame("");
    let mut room = MOST_LINES.saturating_sub(empty.lines().count());
    let mut bytes = MOST_BYTES.min(file_size).saturating_sub(empty.len());
    let mut block = String::new();
    for (path, count) in topics {
        let line = entry(path, *count) + end;
        if room == 0 || line.len() > bytes {
            break;
        }
        room -= 1;
        bytes -= line.len();
        block.push_str(&line);
    }
    if !block.is_empty() {
        return Some(frame(&block));
    }
    let rest = if text.contains(BEGIN) {
        format!("{before}{after}").trim_end().to_owned() + end
    } else {
        text.to_owned()
    };
    current
        .map(|_| rest)
        .filter(|text| text.trim() != HEADING && !text.trim().is_empty())
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

/// What stands before and after the block. Lines in it that are none of its entries are somebody's: they come first
/// after it.
fn around(text: &str) -> (&str, String) {
    let Some(begin) = text.find(BEGIN) else {
        return (text, String::new());
    };
    let rest = &text[begin + BEGIN.len()..];
    let (block, after) = rest.split_once(END).unwrap_or((rest, ""));
    let after = after.strip_prefix("\r\n").or(after.strip_prefix('\n')).unwrap_or(after);
    let is_own = |line: &str| line.starts_with("- [") && (line.ends_with(" facts)") || line.ends_with("(1 fact)"));
    let strays = block.lines().filter(|line| !line.trim().is_empty() && !is_own(line));
    let strays: String = strays.flat_map(|line| [line, line_end(text)]).collect();
    (&text[..begin], strays + after)
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
        let first = render(Some("# Ours\n\n- a line of ours"), &topics(), MOST_BYTES).unwrap();
        assert!(first.starts_with("# Ours\n\n- a line of ours\n\n<!--"));
        assert_eq!(render(Some(&first), &topics(), MOST_BYTES).unwrap(), first);
        let after = first + "\nWritten later.\n";
        let again = render(Some(&after), &BTreeMap::from([("data.md".to_owned(), 1)]), MOST_BYTES).unwrap();
        assert!(
            again.contains("- a line of ours") && again.ends_with("Written later.\n") && !again.contains("testing.md")
        );
    }

    #[test]
    fn lines_that_somebody_put_into_the_block_stay() {
        let first = render(None, &topics(), MOST_BYTES).unwrap();
        for mine in ["- a line of mine", "A remark of mine."] {
            let edited = first.replace(END, &format!("{mine}\n{END}"));
            let again = render(Some(&edited), &topics(), MOST_BYTES).unwrap();
            assert!(again.ends_with(&format!("{END}\n{mine}\n")), "{again}");
            assert_eq!(render(Some(&again), &topics(), MOST_BYTES).unwrap(), again);
        }
        let unended = first.replace(&format!("{END}\n"), "Written later.\n");
        let again = render(Some(&unended), &topics(), MOST_BYTES).unwrap();
        assert!(again.ends_with(&format!("{END}\nWritten later.\n")), "{again}");
        assert_eq!(again.matches("testing.md").count(), 1, "{again}");
    }

    #[test]
    fn it_keeps_to_its_lines_and_bytes() {
        for own in 0..=300 {
            let long = "a line\n".repeat(own);
            let text = render(Some(&long), &topics(), MOST_BYTES).unwrap_or_default();
            assert!(text.lines().count() <= MOST_LINES.max(own), "{own} lines");
            // A blank line, two marks and an entry have to fit.
            assert_eq!(text.contains(BEGIN), own + 4 <= MOST_LINES, "{own} lines");
            assert_eq!(
                render(Some(&text), &topics(), MOST_BYTES).unwrap_or_default(),
                text,
                "{own} lines"
            );
        }
        for own in MOST_BYTES - 400..MOST_BYTES + 10 {
            let long = "x".repeat(own - 1) + "\n";
            let text = render(Some(&long), &topics(), MOST_BYTES).unwrap();
            assert!(text.len() <= MOST_BYTES.max(own), "{own} bytes");
            assert!(text.starts_with(&long), "{own} bytes");
        }
    }
}
