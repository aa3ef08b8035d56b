//! Long messages: mostly pasted, and what is surely the person's own in them all the same.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use super::clean::{pattern, quotations};
use super::sentence::{self, Placed};

/// Longest message that is taken as typed, without the lists that it orders to keep.
const MAX_TYPED: usize = 1800;
const MAX_TYPED_LINES: usize = 30;
/// Longest message in which orders are looked for: nobody types more.
const MAX_SEARCHED: usize = 32 << 10;
/// So many pasted lines, if they are more than the others, make a message one that was pasted.
const MANY_PASTED: usize = 8;
/// Longest paragraph that is read as a whole.
const SHORT: usize = 500;
const SHORT_LINES: usize = 6;
/// So many sentences on each side of an order tell who speaks there.
const AROUND: usize = 4;

/// The person speaks of themselves, or asks the agent.
static SPEAKS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:^|[\s(,])(?:i|i['’](?:m|ve|d|ll)|me|my|mine|myself)(?:[\s,.!?)]|$)|\b(?:can|could|would|will) (?:you|u)\b",
    )
});
/// So people speak to an agent, but pages to their readers, too.
static TALKS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i)(?:^|[\s(,])(?:we|we['’](?:re|ve|d|ll)|our|ours|us|let['’]?s|please|pls|thanks|thx)(?:[\s,.!?)]|$)")
});
/// The head of what somebody wrote in a chat: "Kim Berg  10:42".
static CHAT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^\s*(?:@?[A-Z][\w.'’-]*(?: [A-Z][\w.'’-]*){0,2}[,:]?\s+)?[\[(]?\d{1,2}:\d\d(?::\d\d)?(?:\s?[AaPp][Mm])?\b",
    )
});

/// What an outright order takes beside its own sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Nothing.
    Alone,
    /// The sentence before.
    Before,
    /// What follows.
    After,
}

/// Whether a sentence, told after another, orders outright to keep or to forget something, and what that takes beside it.
pub(crate) type FindOrder = fn(&str, Option<&str>) -> Option<Reach>;

/// The lines that somebody surely typed, and what they order in them, if they may. `None` is one that was pasted without a
/// mark.
pub(super) fn surely_typed(mut lines: Vec<Option<&str>>, order: Option<FindOrder>) -> String {
    drop_within_pasted(&mut lines);
    let text = lines
        .iter()
        .flatten()
        .fold(String::new(), |out, line| out + line + "\n");
    let pasted = lines.iter().filter(|line| line.is_none()).count();
    let typed = lines.iter().flatten().filter(|line| !line.trim().is_empty()).count();
    // Where most was pasted, a line more may be so, too.
    if is_typed(text.len(), text.lines().count()) && (pasted < MANY_PASTED || pasted <= typed) {
        return text;
    }
    let mut long = Long::of(&lines, &text);
    if let Some(order) = order.filter(|_| text.len() <= MAX_SEARCHED) {
        long.find_orders(order);
    }
    long.own()
}

fn is_typed(bytes: usize, lines: usize) -> bool {
    bytes <= MAX_TYPED && lines <= MAX_TYPED_LINES
}

/// A line between pasted ones, or right below them, is of the same text, whatever it looks like.
fn drop_within_pasted(lines: &mut [Option<&str>]) {
    for block in lines.split_mut(|line| line.is_some_and(|line| line.trim().is_empty())) {
        let Some(first) = block.iter().position(Option::is_none) else {
            continue;
        };
        let last = block.iter().rposition(Option::is_none).unwrap_or(first);
        let pasted = block.iter().filter(|line| line.is_none()).count();
        if pasted > 2 && pasted * 2 > last + 1 - first {
            let below = block[last + 1..].iter().position(|line| line.is_some_and(speaks));
            let end = below.map_or(block.len(), |below| last + 1 + below);
            block[first..end].fill(None);
        }
    }
}

/// "Never do that again", "no, use the side gate": whoever pasted the lines above speaks.
fn speaks(line: &str) -> bool {
    static OWN: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^\s*(?:(?:please|pls|never|always|don['’]?t|do not|we|our|i|i['’]m|remember|forget|from now on|next time|you)\b|no, )",
        )
    });
    OWN.is_match(line)
}

/// A long message.
struct Long<'a> {
    lines: Vec<&'a str>,
    sentences: Vec<Placed<'a>>,
    /// For each line, its paragraph.
    paragraphs: Vec<usize>,
    /// For each paragraph, whether pasted lines stood in it.
    pasted: Vec<bool>,
    /// Orders to keep or to forget, by their sentence.
    orders: Vec<(usize, Reach)>,
    /// For each sentence, whether it is of a list that an order asks to keep.
    listed: Vec<bool>,
}

impl<'a> Long<'a> {
    /// `text` has the lines that are left.
    fn of(lines: &[Option<&str>], text: &'a str) -> Self {
        let (mut paragraphs, mut pasted) = (Vec::new(), vec![false]);
        let mut blank = false;
        for line in lines {
            if line.is_some_and(|line| line.trim().is_empty()) {
                blank = true;
            } else if std::mem::take(&mut blank) && !paragraphs.is_empty() {
                pasted.push(false);
            }
            let here = pasted.len() - 1;
            match line {
                Some(_) => paragraphs.push(here),
                None => pasted[here] = true,
            }
        }
        let sentences = sentence::placed(text);
        Self {
            lines: text.lines().collect(),
            listed: vec![false; sentences.len()],
            orders: Vec::new(),
            sentences,
            paragraphs,
            pasted,
        }
    }

    fn find_orders(&mut self, find: FindOrder) {
        // Where nobody speaks, only the heads of lists may matter.
        let speaks = self.sentences.iter().any(|s| SPEAKS.is_match(s.text));
        let mut at = 0;
        while at < self.sentences.len() {
            let here = self.sentences[at];
            let heads = !here.item && self.sentences.get(at + 1).is_some_and(|next| next.item);
            let before = at.checked_sub(1).map(|before| self.sentences[before].text);
            let order = (at == 0 || speaks || heads).then(|| find(here.text, before)).flatten();
            self.orders.extend(order.map(|reach| (at, reach)));
            at += 1;
            if order == Some(Reach::After) {
                let list = self.list(at);
                self.listed[at..list].fill(true);
                at = list;
            }
        }
    }

    /// Where the list ends that begins with a sentence.
    fn list(&self, start: usize) -> usize {
        let items = self.sentences[start..].iter();
        start
            + items
                .take_while(|s| s.item && !self.pasted[self.paragraphs[s.line]])
                .count()
    }

    fn own(&self) -> String {
        // A list that a person orders to keep may be as long as they like.
        let of_lists = self.sentences.iter().zip(&self.listed).filter(|(_, listed)| **listed);
        let listed: BTreeSet<usize> = of_lists.map(|(s, _)| s.line).collect();
        let others = self.lines.iter().enumerate();
        let others = others.filter(|(at, line)| !listed.contains(at) && !line.trim().is_empty());
        let (bytes, count) = others.fold((0, 0), |(bytes, count), (_, line)| (bytes + line.len() + 1, count + 1));
        if !listed.is_empty() && is_typed(bytes, count) {
            return self.written(&vec![true; self.sentences.len()]);
        }
        let mut kept = self.ends();
        for &(at, reach) in &self.orders {
            if !kept[at] && !self.is_theirs(at) {
                continue;
            }
            kept[at] = true;
            match reach {
                Reach::Alone => {}
                Reach::Before => kept[at.saturating_sub(1)] = true,
                Reach::After => kept[at + 1..self.end_of_order(at)].fill(true),
            }
        }
        self.written(&kept)
    }

    /// Which sentences stand in the first and the last paragraph, where these are short.
    fn ends(&self) -> Vec<bool> {
        let paragraph = |line: usize| self.paragraphs[line];
        let first = self.sentences.first().map(|s| paragraph(s.line));
        let last = self.sentences.last().map(|s| paragraph(s.line));
        let ends: Vec<usize> = [first, last]
            .into_iter()
            .flatten()
            .filter(|end| self.is_short(*end) && !self.pasted[*end])
            .collect();
        self.sentences
            .iter()
            .map(|s| ends.contains(&paragraph(s.line)))
            .collect()
    }

    fn is_short(&self, paragraph: usize) -> bool {
        let here = self.lines.iter().zip(&self.paragraphs);
        let lengths: Vec<usize> = here
            .filter(|(line, of)| **of == paragraph && !line.trim().is_empty())
            .map(|(line, _)| line.len() + 1)
            .collect();
        lengths.iter().sum::<usize>() <= SHORT && lengths.len() <= SHORT_LINES
    }

    /// Where what an order asks to keep ends: its list, or else the rest of its paragraph, or the next one, if short.
    fn end_of_order(&self, order: usize) -> usize {
        let start = order + 1;
        let list = self.list(start);
        if list > start {
            return list;
        }
        let Some(next) = self.sentences.get(start) else {
            return start;
        };
        let paragraph = self.paragraphs[next.line];
        let rest = self.sentences[start..].iter();
        let count = rest.take_while(|s| self.paragraphs[s.line] == paragraph).count();
        match () {
            () if self.pasted[paragraph] => start,
            () if self.is_short(paragraph) => start + count,
            () => start + 1,
        }
    }

    /// Whether the person speaks where a sentence stands: they begin, and what they paste sounds otherwise.
    fn is_theirs(&self, at: usize) -> bool {
        if self.pasted[self.paragraphs[self.sentences[at].line]] || self.is_quoted(at) {
            return false;
        }
        if at == 0 {
            return true;
        }
        let other = |near: &usize| !self.listed[*near];
        let before = (0..at).rev().filter(other).take(AROUND);
        let after = (at + 1..self.sentences.len()).filter(other).take(AROUND);
        let near: Vec<&Placed<'_>> = before.chain(after).map(|near| &self.sentences[near]).collect();
        let speaks = near.iter().filter(|s| SPEAKS.is_match(s.text)).count();
        let talks = near
            .iter()
            .filter(|s| SPEAKS.is_match(s.text) || TALKS.is_match(s.text))
            .count();
        let chat = near.iter().any(|s| CHAT.is_match(self.lines[s.line]));
        speaks > 0 && talks * 3 >= near.len() && !chat
    }

    fn is_quoted(&self, at: usize) -> bool {
        let here = self.sentences[at];
        let line = self.lines[here.line];
        let start = sentence::offset(here.text, line);
        quotations(line).any(|quoted| quoted.start < start + here.text.len() && start < quoted.end)
    }

    /// The sentences that are kept, line by line; a gap where others are left out.
    fn written(&self, kept: &[bool]) -> String {
        let mut out = String::new();
        let mut last: Option<usize> = None;
        for (at, here) in self.sentences.iter().enumerate().filter(|(at, _)| kept[*at]) {
            let before = at.checked_sub(1).map(|before| self.sentences[before].line);
            let begins = before != Some(here.line);
            let blank = here.line > 0 && self.lines[here.line - 1].trim().is_empty();
            out.push_str(match last {
                None => "",
                Some(last) if last + 1 < at => "\n\n\n\n",
                Some(_) if !begins => " ",
                Some(_) if blank => "\n\n",
                Some(_) => "\n",
            });
            if begins {
                out.push_str(sentence::lead(self.lines[here.line]));
            }
            out.push_str(here.text);
            last = Some(at);
        }
        out
    }
}
