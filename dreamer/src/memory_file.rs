//! Topic files: Markdown that a person would write. Frontmatter, a heading, short dated facts, links.

use crate::topic::Topic;

/// Where in a file its own lines stand.
pub fn fact_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
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
pub enum Change {
    /// It stays as it is.
    Keep,
    /// It goes.
    Drop,
    /// It reads otherwise.
    Replace(String),
}

/// A new topic file without facts.
pub fn create(topic: &Topic) -> String {
    format!(
        "---\nname: {}\ndescription: {}\ntype: {}\n---\n# {}\n\n",
        topic.name,
        topic.description,
        topic.kind.name(),
        topic.title
    )
}

/// Applies changes to the fact lines of a file and adds new ones at the end of its last list. All other lines stay.
pub fn edit(text: &str, mut change: impl FnMut(&str) -> Change, added: &[String], related: &[String]) -> String {
    let body = body_start(text);
    let mut out: Vec<String> = Vec::new();
    let mut last_item = None;
    for (at, line) in text.lines().enumerate() {
        let content = line
            .trim_start()
            .strip_prefix("- ")
            .or_else(|| line.trim_start().strip_prefix("* "));
        let Some(content) = content.filter(|_| at >= body) else {
            if !is_related(line) {
                out.push(line.to_owned());
            }
            continue;
        };
        match change(content.trim()) {
            Change::Keep => out.push(line.to_owned()),
            Change::Drop => continue,
            Change::Replace(new) => out.push(format!("- {new}")),
        }
        last_item = Some(out.len());
    }
    while out.last().is_some_and(|line| line.trim().is_empty()) && last_item.is_none_or(|at| at < out.len()) {
        out.pop();
    }
    if !added.is_empty() {
        let at = last_item.unwrap_or_else(|| {
            out.push(String::new());
            out.len()
        });
        let tail = out.split_off(at);
        out.extend(added.iter().map(|line| format!("- {line}")));
        out.extend(tail);
    }
    if !related.is_empty() {
        let links: Vec<String> = related.iter().map(|name| format!("[[{name}]]")).collect();
        out.push(String::new());
        out.push(format!("Related: {}", links.join(", ")));
    }
    let mut text = out.join("\n");
    text.push('\n');
    text
}

/// The line of links, which Dreams keep.
fn is_related(line: &str) -> bool {
    line.strip_prefix("Related: ").is_some_and(|rest| {
        rest.split(", ").all(|link| {
            link.strip_prefix("[[")
                .and_then(|l| l.strip_suffix("]]"))
                .is_some_and(|name| !name.contains(['[', ']']))
        })
    })
}

/// Whether a file holds nothing that a person or an agent wrote, and no fact.
pub fn is_empty(text: &str, topic: &Topic) -> bool {
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
        );
        assert!(!is_empty(&full, topic));
        let emptied = edit(&full, |_| Change::Drop, &[], &[]);
        assert!(is_empty(&emptied, topic), "{emptied}");
    }
}
