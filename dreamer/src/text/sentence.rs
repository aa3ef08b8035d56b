//! Splits text into sentences without breaking file names, versions and abbreviations.

use super::words::is_title;

/// The sentences of a text, in order, each trimmed. A line end always ends a sentence.
pub(crate) fn split(text: &str) -> Vec<&str> {
    text.lines().flat_map(|line| split_line(strip_bullet(line))).collect()
}

/// A sentence with where it stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Placed<'a> {
    /// The sentence.
    pub text: &'a str,
    /// The number of its line, from 0.
    pub line: usize,
    /// It stands in an item of a list.
    pub item: bool,
    /// More than two blank lines stand before it: it goes on about nothing.
    pub gap: bool,
}

/// The sentences of a text, in order, each with where it stands.
pub(crate) fn placed(text: &str) -> Vec<Placed<'_>> {
    let mut out = Vec::new();
    let (mut blank, mut item) = (0, false);
    for (line, whole) in text.lines().enumerate() {
        if whole.trim().is_empty() {
            blank += 1;
            continue;
        }
        item = is_item(whole) || item && whole.starts_with([' ', '\t']);
        for (at, text) in split_line(strip_bullet(whole)).into_iter().enumerate() {
            out.push(Placed {
                text,
                line,
                item,
                gap: at == 0 && blank > 2,
            });
        }
        blank = 0;
    }
    out
}

/// A text without its lists.
pub(crate) fn without_items(text: &str) -> String {
    let mut item = false;
    let kept = text.lines().filter(|line| {
        item = is_item(line) || item && line.starts_with([' ', '\t']);
        !item
    });
    kept.collect::<Vec<_>>().join("\n")
}

/// Whether a line begins with a list marker.
fn is_item(line: &str) -> bool {
    !lead(line).trim().is_empty()
}

/// What stands before a line's first word: the space it is moved in by, and its list marker.
pub(crate) fn lead(line: &str) -> &str {
    &line[..line.trim_end().len() - strip_bullet(line).len()]
}

/// A line without its list marker.
pub(crate) fn strip_bullet(line: &str) -> &str {
    let line = line.trim();
    for bullet in ["- ", "* ", "+ ", "• ", "– ", "— "] {
        if let Some(rest) = line.strip_prefix(bullet) {
            return rest.trim_start_matches("[ ] ").trim_start_matches("[x] ").trim();
        }
    }
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    if (1..=2).contains(&digits) {
        for mark in [". ", ") "] {
            if let Some(rest) = line[digits..].strip_prefix(mark) {
                return rest.trim();
            }
        }
    }
    line
}

fn split_line(line: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut start = 0;
    let mut code = false;
    let bytes = line.as_bytes();
    for (at, c) in line.char_indices() {
        if c == '`' {
            code = !code;
        }
        // Marks after the end of a sentence went with it.
        if at < start {
            continue;
        }
        if !matches!(c, '.' | '!' | '?') || code && line[at + c.len_utf8()..].contains('`') {
            continue;
        }
        let next = at + 1;
        let ends = bytes
            .get(next)
            .is_none_or(|b| b.is_ascii_whitespace() || matches!(b, b'"' | b'\'' | b')'));
        if ends && !(c == '.' && is_abbreviation(&line[start..at])) {
            let mut end = next;
            while bytes
                .get(end)
                .is_some_and(|b| matches!(b, b'"' | b'\'' | b')' | b'.' | b'!' | b'?'))
            {
                end += 1;
            }
            push(&mut out, &line[start..end]);
            start = end;
        }
    }
    push(&mut out, line.get(start..).unwrap_or_default());
    out
}

fn push<'a>(out: &mut Vec<&'a str>, piece: &'a str) {
    let piece = piece.trim();
    if piece.chars().any(char::is_alphanumeric) {
        out.push(piece);
    }
}

fn is_abbreviation(before: &str) -> bool {
    const KNOWN: [&str; 25] = [
        "e.g", "i.e", "etc", "vs", "v", "ca", "nr", "resp", "dept", "jr", "sr", "tel", "art", "dr", "mr", "mrs", "ms",
        "approx", "cf", "incl", "st", "prof", "inc", "ltd", "fig",
    ];
    let mut words = before
        .rsplit(|c: char| c.is_whitespace() || "('\"“‘".contains(c))
        .filter(|word| !word.is_empty());
    let last = words.next().unwrap_or_default();
    // "Mrs A. Larkin"
    let initial = last.len() == 1 && last.starts_with(char::is_uppercase);
    let mut titled = words.map(|word| is_title(&word.trim_end_matches('.').to_lowercase()));
    KNOWN.contains(&last.to_lowercase().as_str()) || initial && titled.next() == Some(true)
}

/// Where a piece of a text begins in it.
pub(crate) fn offset(piece: &str, text: &str) -> usize {
    piece.as_ptr() as usize - text.as_ptr() as usize
}

/// The pieces of a sentence between commas, semicolons and dashes.
pub(crate) fn clauses(sentence: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut start = 0;
    for (at, c) in sentence.char_indices() {
        let spaced = sentence[at + c.len_utf8()..].starts_with(' ');
        let dash = matches!(c, '–' | '—') || (c == '-' && spaced && sentence[..at].ends_with(' '));
        if (matches!(c, ',' | ';') && spaced) || dash {
            out.push(sentence[start..at].trim());
            start = at + c.len_utf8();
        }
    }
    out.push(sentence[start..].trim());
    out.retain(|piece| !piece.is_empty());
    out
}

/// The first of them.
pub(crate) fn first_clause(sentence: &str) -> &str {
    clauses(sentence).first().copied().unwrap_or(sentence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_dots_stay_whole() {
        let text = "Read conf/app.toml first. It runs on v1.2, e.g. at Fly.io! Right?";
        assert_eq!(
            split(text),
            [
                "Read conf/app.toml first.",
                "It runs on v1.2, e.g. at Fly.io!",
                "Right?"
            ]
        );
        assert_eq!(split("run `a. b` now"), ["run `a. b` now"]);
        assert_eq!(
            split("She is named as 'Mrs A. Larkin'. Ask Dr. B. Quarn. Meet in hall A. Then go by plan B. Fine."),
            [
                "She is named as 'Mrs A. Larkin'.",
                "Ask Dr. B. Quarn.",
                "Meet in hall A.",
                "Then go by plan B.",
                "Fine."
            ]
        );
    }

    #[test]
    fn no_text_is_too_odd_to_split() {
        assert_eq!(
            split("see `GET …/items` (now!). Right"),
            ["see `GET …/items` (now!).", "Right"]
        );
        assert_eq!(split("It works (really!?)...\" ok"), ["It works (really!?)...\"", "ok"]);
        assert_eq!(split("Grüße `ä.ö` …“!).?"), ["Grüße `ä.ö` …“!).?"]);
    }

    #[test]
    fn bullets_are_sentences() {
        assert_eq!(split("- one\n2. two\n\n* three"), ["one", "two", "three"]);
    }
}
