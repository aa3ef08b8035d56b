//! Topic files: Markdown that a person would write. Frontmatter, a heading, short dated facts, links.

use std::collections::BTreeSet;

use crate::topic::Topic;

/// How the lines of a text end.
pub(crate) fn line_end(text: &str) -> &'static str {
    if text.contains("\r\n") { "\r\n" } else { "\n" }
}

/// Lines that are no items, by their number: headings, prose, the frontmatter.
pub(crate) fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let items: BTreeSet<usize> = fact_lines(text).map(|(at, _)| at).collect();
    let lines = text.lines().enumerate();
    lines.filter(move |(at, line)| !items.contains(at) && !line.trim().is_empty())
}

/// Where in a file its own lines stand.
pub(crate) fn fact_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let body = body_start(text);
    text.lines().enumerate().skip(body).filter_map(|(at, line)| {
        let content = line
            .trim_start()
            .strip_prefix("- ")
            .or_else(|| line.trim_start().strip_prefix("* "))?;
        Some((at, content.trim()))
    })
}

/// The first line after the frontmatter.
pub(crate) fn body_start(text: &str) -> usize {
    let mut lines = text.lines();
    if lines.next().map(str::trim_end) != Some("---") {
        return 0;
    }
    lines.position(|line| line.trim_end() == "---").map_or(0, |at| at + 2)
}

/// What happens to one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Change {
    /// It stays as it is.
    Keep,
    /// It goes.
    Drop,
    /// It reads otherwise.
    Replace(String),
}

/// A new topic file without facts.
pub(crate) fn create(topic: &Topic) -> String {
    format!(
        "---\nname: {}\ndescription: {}\ntype: {}\n---\n# {}\n\n",
        topic.name,
        topic.description,
        topic.kind.name(),
        topic.title
    )
}

/// Applies changes to the fact lines of a file and adds new ones at the end of its last list. All other lines stay as
/// they are but a Dream's own line of links; `theirs` are such lines that others wrote.
pub(crate) fn edit(
    text: &str,
    mut change: impl FnMut(&str) -> Change,
    added: &[String],
    related: &[String],
    theirs: &BTreeSet<String>,
) -> String {
    let end = line_end(text);
    let body = body_start(text);
    // Each with its end.
    let mut out: Vec<String> = Vec::new();
    let mut last_item = None;
    for (at, whole) in text.split_inclusive('\n').enumerate() {
        let line = whole.lines().next().unwrap_or_default();
        let kept = || {
            if whole.ends_with('\n') {
                whole.to_owned()
            } else {
                format!("{whole}{end}")
            }
        };
        let content = line
            .trim_start()
            .strip_prefix("- ")
            .or_else(|| line.trim_start().strip_prefix("* "));
        let Some(content) = content.filter(|_| at >= body) else {
            if !is_related(line) || theirs.contains(line) {
                out.push(kept());
            }
            continue;
        };
        match change(content.trim()) {
            Change::Keep => out.push(kept()),
            Change::Drop => continue,
            Change::Replace(new) => out.push(format!("- {new}{end}")),
        }
        last_item = Some(out.len());
    }
    while out.last().is_some_and(|line| line.trim().is_empty()) && last_item.is_none_or(|at| at < out.len()) {
        out.pop();
    }
    if !added.is_empty() {
        let at = last_item.unwrap_or_else(|| {
            out.push(end.to_owned());
            out.len()
        });
        let tail = out.split_off(at);
        out.extend(added.iter().map(|line| format!("- {line}{end}")));
        out.extend(tail);
    }
    let links: Vec<String> = related.iter().map(|name| format!("[[{name}]]")).collect();
    let links = format!("Related: {}", links.join(", "));
    if !related.is_empty() && !theirs.contains(&links) {
        out.push(end.to_owned());
        out.push(format!("{links}{end}"));
    }
    if out.is_empty() {
        out.push(end.to_owned());
    }
    out.concat()
}

/// Whether a line is one of links as Dreams keep it.
pub(crate) fn is_related(line: &str) -> bool {
    line.strip_prefix("Related: ").is_some_and(|rest| {
        rest.split(", ").all(|link| {
            link.strip_prefix("[[")
                .and_then(|l| l.strip_suffix("]]"))
                .is_some_and(|name| !name.contains(['[', ']']))
        })
    })
}

/// Whether a file holds nothing that a person or an agent wrote, and no fact.
pub(crate) fn is_empty(text: &str, topic: &Topic) -> bool {
    let bare = create(topic);
    let left = |t: &str| {
        t.lines()
            .filter(|l| !l.trim().is_empty() && !is_related(l))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    left(text) == left(&bare)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::Kind;
    use crate::topic;

    #[test]
    fn other_lines_stay_where_they_are() {
        let text = "---\nname: x\n---\n# X\n\nA remark.\n\n- mine\n- hers\n\nThe end.\n";
        let got = edit(
            text,
            |line| {
                if line == "mine" {
                    Change::Replace("ours".into())
                } else {
                    Change::Keep
                }
            },
            &["new".into()],
            &[],
            &BTreeSet::new(),
        );
        assert_eq!(
            got,
            "---\nname: x\n---\n# X\n\nA remark.\n\n- ours\n- hers\n- new\n\nThe end.\n"
        );
    }

    #[test]
    fn a_file_without_facts_is_empty() {
        let topic = topic::choose(Kind::Project, "anything", true);
        let full = edit(
            &create(topic),
            |_| Change::Keep,
            &["one (2026-05-01)".into()],
            &["people".into()],
            &BTreeSet::new(),
        );
        assert!(!is_empty(&full, topic));
        let emptied = edit(&full, |_| Change::Drop, &[], &[], &BTreeSet::new());
        assert!(is_empty(&emptied, topic), "{emptied}");
    }
}
