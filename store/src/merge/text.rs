//! Three-way line merge of texts.

use std::collections::HashMap;
use std::ops::Range;

use crate::planted::{self, Bug};

use similar::{Algorithm, DiffOp, capture_diff_slices};

/// Steps that comparing two texts may take, about the square of the changed lines: a second or so. Not a time, so that a
/// merge depends on its texts alone.
const MOST_STEPS: usize = 1 << 27;

/// Merges two texts made on `base`. `theirs` is committed already, so where both insert at one point, theirs comes
/// first, but for front matter, which is none anywhere else. `None` where lines were changed differently on both sides,
/// where a side is not text, or where so much of a long text changed that telling what did would take minutes.
pub fn merge(base: &[u8], theirs: &[u8], ours: &[u8]) -> Option<Vec<u8>> {
    let (base, theirs, ours) = (Lines::of(base)?, Lines::of(theirs)?, Lines::of(ours)?);
    let mut merged = Merger {
        base: &base.lines,
        out: Vec::new(),
        at: 0,
    };
    merged.run(&hunks(&base.lines, &theirs.lines)?, &hunks(&base.lines, &ours.lines)?)?;
    let newline = if theirs.newline == base.newline {
        ours.newline
    } else {
        theirs.newline
    };
    let mut text = merged.out.join(&b'\n');
    if newline && !merged.out.is_empty() {
        text.push(b'\n');
    }
    Some(text)
}

/// The lines of `added`, which was appended to `base`, that `theirs` did not gain since `base`.
pub fn lacking(base: &[u8], theirs: &[u8], added: &[u8]) -> Vec<u8> {
    let mut gained = gained(base, theirs);
    let lines = added.split_inclusive(|b| *b == b'\n');
    lines
        .filter(|line| !take(&mut gained, line))
        .flatten()
        .copied()
        .collect()
}

/// `ours`, which was made on `base`, without the lines that both it and `theirs` gained since.
pub fn without_gained(base: &[u8], theirs: &[u8], ours: &[u8]) -> Vec<u8> {
    let mut gained = gained(base, theirs);
    let mut old = count(base);
    let lines = ours.split_inclusive(|b| *b == b'\n');
    lines
        .filter(|line| take(&mut old, line) || !take(&mut gained, line))
        .flatten()
        .copied()
        .collect()
}

fn gained<'a>(base: &'a [u8], theirs: &'a [u8]) -> HashMap<&'a [u8], isize> {
    let mut gained = count(theirs);
    for (line, times) in count(base) {
        *gained.entry(line).or_default() -= times;
    }
    gained
}

fn count(text: &[u8]) -> HashMap<&[u8], isize> {
    let mut lines = HashMap::new();
    for line in text.split(|b| *b == b'\n') {
        *lines.entry(line).or_default() += 1;
    }
    lines
}

fn take(lines: &mut HashMap<&[u8], isize>, line: &[u8]) -> bool {
    match lines.get_mut(line.strip_suffix(b"\n").unwrap_or(line)) {
        Some(times) if *times > 0 => {
            *times -= 1;
            true
        }
        _ => false,
    }
}

/// Whether bytes are text that can be merged by lines: UTF-8 without NUL.
pub fn is_text(bytes: &[u8]) -> bool {
    !bytes.contains(&0) && std::str::from_utf8(bytes).is_ok()
}

struct Lines<'a> {
    lines: Vec<&'a [u8]>,
    newline: bool,
}

impl<'a> Lines<'a> {
    fn of(text: &'a [u8]) -> Option<Self> {
        if !is_text(text) {
            return None;
        }
        let newline = text.is_empty() || text.ends_with(b"\n");
        let body = text.strip_suffix(b"\n").unwrap_or(text);
        let lines = if text.is_empty() {
            Vec::new()
        } else {
            body.split(|b| *b == b'\n').collect()
        };
        Some(Self { lines, newline })
    }
}

/// A change: these lines of the base become those.
#[derive(Debug, PartialEq)]
struct Hunk<'a> {
    base: Range<usize>,
    new: Vec<&'a [u8]>,
}

impl Hunk<'_> {
    fn is_insertion(&self) -> bool {
        self.base.is_empty()
    }

    /// Whether both change the same lines, or one inserts inside what the other changes.
    fn collides(&self, other: &Self) -> bool {
        match (self.is_insertion(), other.is_insertion()) {
            (true, true) => self.base.start == other.base.start,
            (true, false) => other.base.start < self.base.start && self.base.start < other.base.end,
            (false, true) => self.base.start < other.base.start && other.base.start < self.base.end,
            (false, false) => self.base.start < other.base.end && other.base.start < self.base.end,
        }
    }
}

fn hunks<'a>(base: &[&'a [u8]], new: &[&'a [u8]]) -> Option<Vec<Hunk<'a>>> {
    let mut hunks: Vec<Hunk<'a>> = Vec::new();
    for op in diff(base, new)? {
        if matches!(op, DiffOp::Equal { .. }) {
            continue;
        }
        let (old, new) = (op.old_range(), new[op.new_range()].to_vec());
        match hunks.last_mut() {
            Some(last) if last.base.end == old.start => {
                last.base.end = old.end;
                last.new.extend(new);
            }
            _ => hunks.push(Hunk { base: old, new }),
        }
    }
    Some(hunks)
}

/// What makes `new` of `old`; `None` where finding out takes too long.
fn diff(old: &[&[u8]], new: &[&[u8]]) -> Option<Vec<DiffOp>> {
    is_near(old, new, MOST_STEPS).then(|| capture_diff_slices(Algorithm::Myers, old, new))
}

/// Whether the search for what makes `new` of `old` comes to its end within about so many steps.
fn is_near(old: &[&[u8]], new: &[&[u8]], steps: usize) -> bool {
    let same = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let (old, new) = (&old[same..], &new[same..]);
    let ends = old.iter().rev().zip(new.iter().rev());
    let same = ends.take_while(|(a, b)| a == b).count();
    let (old, new) = (&old[..old.len() - same], &new[..new.len() - same]);
    let lines = old.len() + new.len();
    if old.is_empty() || new.is_empty() || lines.saturating_mul(lines) <= steps {
        return true;
    }
    // Myers' search, as far as the steps lead. Diagonal `k`, on which a line of `old` has a number higher by `k` than that
    // of `new`, is at `zero + k`; of each is kept the furthest line of `old` that so many changes reach.
    let most = lines.min(steps.saturating_mul(2).isqrt());
    let zero = most + 1;
    let mut furthest = vec![0; 2 * zero + 1];
    let mut left = steps;
    for changes in 0..=most {
        for at in (zero - changes..=zero + changes).step_by(2) {
            let (removed, added) = (furthest[at - 1], furthest[at + 1]);
            let adds = at == zero - changes || (at != zero + changes && removed < added);
            let start = if adds { added } else { removed + 1 };
            let mut line = start;
            while let (Some(a), Some(b)) = (old.get(line), new.get(line + zero - at))
                && a == b
            {
                line += 1;
            }
            if line >= old.len() && line + zero - at >= new.len() {
                return true;
            }
            furthest[at] = line;
            let Some(rest) = left.checked_sub(1 + line - start) else {
                return false;
            };
            left = rest;
        }
    }
    false
}

struct Merger<'a, 'b> {
    base: &'b [&'a [u8]],
    out: Vec<&'a [u8]>,
    at: usize,
}

impl<'a> Merger<'a, '_> {
    fn run(&mut self, theirs: &[Hunk<'a>], ours: &[Hunk<'a>]) -> Option<()> {
        let (mut theirs, mut ours) = (theirs.iter().peekable(), ours.iter().peekable());
        loop {
            match (theirs.peek(), ours.peek()) {
                (None, None) => break,
                (Some(t), Some(o)) if t.collides(o) => {
                    let (t, o) = (theirs.next()?, ours.next()?);
                    if t == o {
                        self.take(t);
                    } else if t.is_insertion() && o.is_insertion() {
                        self.copy_to(t.base.start);
                        if planted::is(Bug::FirstInsertionWins) {
                            self.out.extend_from_slice(&t.new);
                        } else if t.base.start == 0 && has_front_matter(&o.new) && !has_front_matter(&t.new) {
                            self.out.extend(union(&o.new, &t.new)?);
                        } else {
                            self.out.extend(union(&t.new, &o.new)?);
                        }
                    } else {
                        return None;
                    }
                }
                // At one point, an insertion comes before the change of the line that follows it.
                (Some(t), Some(o)) if (t.base.start, t.base.end) <= (o.base.start, o.base.end) => {
                    self.take(theirs.next()?);
                }
                (Some(_), None) => self.take(theirs.next()?),
                (_, Some(_)) => self.take(ours.next()?),
            }
        }
        self.copy_to(self.base.len());
        Some(())
    }

    fn copy_to(&mut self, line: usize) {
        if self.at < line {
            self.out.extend_from_slice(&self.base[self.at..line]);
            self.at = line;
        }
    }

    fn take(&mut self, hunk: &Hunk<'a>) {
        self.copy_to(hunk.base.start);
        self.out.extend_from_slice(&hunk.new);
        self.at = hunk.base.end.max(self.at);
    }
}

/// Whether lines that begin a text begin it with front matter.
fn has_front_matter(lines: &[&[u8]]) -> bool {
    let mut fences = lines.iter().map(|line| line.trim_ascii_end() == b"---");
    fences.next() == Some(true) && fences.any(|is_fence| is_fence)
}

/// Lines inserted by both at one point: theirs, then ours; a run both have (one side had read the other's) once.
fn union<'a>(theirs: &[&'a [u8]], ours: &[&'a [u8]]) -> Option<Vec<&'a [u8]>> {
    let mut out = Vec::new();
    for op in diff(theirs, ours)? {
        let blank = theirs[op.old_range()].iter().all(|l| l.trim_ascii().is_empty());
        match op {
            // Blank lines alone don't align two independent insertions.
            DiffOp::Equal { .. } if blank => {
                let mut all = theirs.to_vec();
                all.extend_from_slice(ours);
                return Some(all);
            }
            DiffOp::Equal { .. } => out.extend_from_slice(&theirs[op.old_range()]),
            _ => {
                out.extend_from_slice(&theirs[op.old_range()]);
                out.extend_from_slice(&ours[op.new_range()]);
            }
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn merged(base: &str, theirs: &str, ours: &str) -> Option<String> {
        merge(base.as_bytes(), theirs.as_bytes(), ours.as_bytes()).map(|m| String::from_utf8_lossy(&m).into_owned())
    }

    #[test]
    fn changes_of_different_lines_are_joined() {
        assert_eq!(
            merged("a\nb\nc\n", "A\nb\nc\n", "a\nb\nC\n").as_deref(),
            Some("A\nb\nC\n")
        );
        assert_eq!(merged("a\nb\n", "A\nb\n", "a\nB\n").as_deref(), Some("A\nB\n"));
        assert_eq!(merged("a\nb\nc\n", "b\nc\n", "a\nb\n").as_deref(), Some("b\n"));
    }

    #[test]
    fn insertions_at_one_point_are_both_kept_in_commit_order() {
        assert_eq!(merged("a\n", "a\nt\n", "a\no\n").as_deref(), Some("a\nt\no\n"));
        assert_eq!(merged("", "t\n", "o\n").as_deref(), Some("t\no\n"));
    }

    #[test]
    fn front_matter_stays_first() {
        let topic = "---\nname: deployment\n---\n\n# Deployment\n\n- The database is called heron.\n";
        let line = "- The cache is called wren.\n";
        let both = format!("{topic}{line}");
        assert_eq!(merged("", line, topic).as_deref(), Some(both.as_str()));
        assert_eq!(merged("", topic, line).as_deref(), Some(both.as_str()));
        assert_eq!(
            merged("a\n", "a\nt\n", "a\n---\no\n---\n").as_deref(),
            Some("a\nt\n---\no\n---\n")
        );
    }

    #[test]
    fn what_both_inserted_stands_once() {
        assert_eq!(merged("a\n", "a\nx\n", "a\nx\n").as_deref(), Some("a\nx\n"));
        assert_eq!(
            merged("a\n", "a\nt\no\n", "a\no\no2\n").as_deref(),
            Some("a\nt\no\no2\n")
        );
    }

    #[test]
    fn one_line_changed_two_ways_is_a_conflict() {
        assert_eq!(merged("a\nb\n", "a\nx\n", "a\ny\n"), None);
        assert_eq!(merged("a\nb\n", "a\n", "a\ny\n"), None);
    }

    #[test]
    fn a_missing_last_newline_does_not_glue_lines() {
        assert_eq!(merged("a", "a\nb", "a\nc").as_deref(), Some("a\nb\nc"));
        assert_eq!(merged("a\n", "a\nb", "z\na\n").as_deref(), Some("z\na\nb"));
    }

    #[test]
    fn an_append_made_again_lacks_what_others_did_not_keep() {
        let lacks = |base: &str, theirs: &str, added: &str| {
            String::from_utf8_lossy(&lacking(base.as_bytes(), theirs.as_bytes(), added.as_bytes())).into_owned()
        };
        assert_eq!(lacks("a\n", "a\ny\n", "x\ny\n"), "x\n");
        assert_eq!(lacks("a\n", "a\n", "a\n"), "a\n");
        assert_eq!(lacks("a\n", "a\na\n", "a\na\n"), "a\n");
        assert_eq!(lacks("a", "b\nax\n", "x\ny"), "x\ny");
        let without = |base: &str, theirs: &str, ours: &str| {
            String::from_utf8_lossy(&without_gained(base.as_bytes(), theirs.as_bytes(), ours.as_bytes())).into_owned()
        };
        assert_eq!(without("a\nb\n", "y\na\n", "a\nx\nb\ny\n"), "a\nx\nb\n");
        assert_eq!(without("a\n", "a\na\n", "a\na\na\n"), "a\na\n");
    }

    #[test]
    fn binary_is_not_merged() {
        assert_eq!(merge(b"a\n", b"a\0\n", b"b\n"), None);
        assert_eq!(merge(b"a\n", b"\xff\n", b"b\n"), None);
    }

    #[test]
    fn long_texts_are_merged_where_little_changed_and_not_where_all_did() {
        let text = |of: &dyn Fn(usize) -> String| (0..20_000).map(of).collect::<String>();
        let base = text(&|n| format!("line {n}\n"));
        let theirs = text(&|n| {
            let whose = if [0, 10_000, 19_999].contains(&n) { "their " } else { "" };
            format!("{whose}line {n}\n")
        });
        let ours = base.replace("\nline 5\n", "\n");
        let both = merged(&base, &theirs, &ours).unwrap_or_default();
        assert!(both.starts_with("their line 0\nline 1\n") && !both.contains("\nline 5\n"));
        let grown = format!("{base}{}", text(&|n| format!("new line {n}\n")));
        assert_eq!(merged(&base, &grown, &ours).map(|m| m.lines().count()), Some(39_999));
        let rewritten = text(&|n| format!("another line {n}\n"));
        assert_eq!(merged(&base, &rewritten, &ours), None);
    }

    #[test]
    fn a_search_takes_as_many_steps_as_there_are_changes_to_find() {
        let lines = |text: &'static str| text.split(' ').map(str::as_bytes).collect::<Vec<_>>();
        for (old, new, steps, found) in [
            ("a b c d", "a b c d", 0, true),
            ("a b c d", "a b x c d", 0, true),
            ("b a", "a b", 15, true),
            ("b a", "a b", 3, false),
            ("a b c a b b a", "c b a b a c", 60, true),
            ("a b c", "x y z w", 48, true),
            ("a b c", "x y z w", 20, false),
        ] {
            assert_eq!(
                is_near(&lines(old), &lines(new), steps),
                found,
                "{old} to {new} in {steps}"
            );
            assert_eq!(
                is_near(&lines(new), &lines(old), steps),
                found,
                "{new} to {old} in {steps}"
            );
        }
    }

    #[test]
    fn one_sided_changes_are_taken() {
        assert_eq!(merged("a\nb\n", "a\nb\n", "x\n").as_deref(), Some("x\n"));
        assert_eq!(merged("a\nb\n", "", "a\nb\n").as_deref(), Some(""));
    }
}
