//! What a dream leaves: files, as a person who reads them sees them.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use unicode_normalization::UnicodeNormalization;

/// Cyrillic letters, and the Latin ones they look like.
const CYRILLIC: &str = "асеорхуіјѕԁһкмтвн";
const LATIN: &str = "aceopxyijsdhkmtbh";

/// The files of a memory.
pub(super) struct Memory {
    pub(super) files: Vec<File>,
    /// The files in which dreams keep what they know of it: agents read those, too.
    pub(super) beside: String,
}

/// One of them.
pub(super) struct File {
    pub(super) text: String,
    /// Path and text as patterns see them.
    pub(super) plain: String,
    bytes: usize,
    pub(super) is_index: bool,
}

impl File {
    fn new(name: &str, bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let last = name.rsplit('/').next().unwrap_or(name).to_lowercase();
        Self {
            plain: plain(&format!("{name}\n{text}")),
            bytes: bytes.len(),
            is_index: ["memory.md", "index.md", "readme.md"].contains(&last.as_str()),
            text,
        }
    }

    /// List items, rows of tables and paragraphs, each with the heading above it; with the frontmatter's lines or not.
    pub(super) fn blocks(&self, front: bool) -> Vec<(String, String)> {
        let text = plain(&self.text);
        let mut lines: Vec<&str> = text.lines().collect();
        let mut out = Vec::new();
        let is_rule = |line: &&str| line.trim() == "---";
        if lines.first().is_some_and(is_rule)
            && let Some(end) = lines.iter().skip(1).position(is_rule)
        {
            let head = lines[1..=end].iter().filter(|line| front && !line.trim().is_empty());
            out.extend(head.map(|line| (String::new(), (*line).to_owned())));
            lines.drain(..end + 2);
        }
        let (mut heading, mut block) = (String::new(), Vec::new());
        for line in lines {
            let (is_heading, is_blank) = (is_heading(line), line.trim().is_empty());
            if (is_heading || is_blank || begins(line)) && !block.is_empty() {
                out.push((heading.clone(), block.join("\n")));
                block.clear();
            }
            if is_heading {
                line.clone_into(&mut heading);
            } else if !is_blank {
                block.push(line);
            }
        }
        if !block.is_empty() {
            out.push((heading, block.join("\n")));
        }
        out
    }
}

/// `# …` up to `###### …`.
fn is_heading(line: &str) -> bool {
    let rest = line.trim_start();
    let marks = rest.chars().take_while(|c| *c == '#').count();
    indent(line) <= 3 && (1..=6).contains(&marks) && rest[marks..].starts_with(char::is_whitespace)
}

/// Whether a list item or a row of a table begins with a line.
fn begins(line: &str) -> bool {
    let rest = line.trim_start();
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let marks: &[char] = if digits > 0 { &['.', ')'] } else { &['-', '+', '*'] };
    let item = rest[digits..]
        .strip_prefix(marks)
        .is_some_and(|rest| rest.starts_with(char::is_whitespace));
    rest.starts_with('|') || (item && indent(line) <= 3)
}

fn indent(line: &str) -> usize {
    line.chars().take_while(|c| c.is_whitespace()).count()
}

impl Memory {
    pub(super) fn read(folder: &Path) -> Result<Self> {
        let (mut files, mut beside) = (Vec::new(), String::new());
        let mut todo = vec![folder.to_owned()];
        while let Some(next) = todo.pop() {
            for entry in fs::read_dir(&next).with_context(|| next.display().to_string())? {
                let path = entry?.path();
                let name = path.strip_prefix(folder)?.to_string_lossy().into_owned();
                if path.is_dir() {
                    todo.push(path);
                } else if name.starts_with(".dream") {
                    beside += &String::from_utf8_lossy(&fs::read(&path)?);
                } else {
                    files.push((name, fs::read(&path)?));
                }
            }
        }
        files.sort();
        let files = files.iter().map(|(name, bytes)| File::new(name, bytes));
        Ok(Self {
            files: files.collect(),
            beside,
        })
    }

    /// Of one text.
    pub(super) fn of(text: &str) -> Self {
        Self {
            files: vec![File::new("", text.as_bytes())],
            beside: String::new(),
        }
    }

    /// List items outside the index, a line each: what it takes for facts.
    pub(super) fn lines(&self) -> Vec<String> {
        let texts = self.files.iter().filter(|file| !file.is_index);
        let texts: Vec<String> = texts.map(|file| plain(&file.text)).collect();
        let lines = texts.iter().flat_map(|text| text.lines());
        lines.filter(|line| line.starts_with("- ")).map(str::to_owned).collect()
    }

    /// Bytes of all files together.
    pub(super) fn bytes(&self) -> usize {
        self.files.iter().map(|file| file.bytes).sum()
    }

    /// Whether a word, in small letters, stands anywhere.
    pub(super) fn holds(&self, word: &str) -> bool {
        self.files.iter().any(|file| file.plain.to_lowercase().contains(word))
    }

    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        self.files.iter().map(|file| file.plain.as_str())
    }
}

/// Characters that are there and cannot be seen: Unicode's format characters, tags, and selectors of variants.
fn hidden(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{890}'..='\u{891}' | '\u{8e2}'
        | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}'
        | '\u{2066}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{110bd}'
        | '\u{110cd}' | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e01ef}')
}

/// Characters that no text of a memory has; emoji are joined and coloured by two of the hidden ones.
pub(super) fn is_odd(c: char) -> bool {
    let private = matches!(c, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{ffffd}' | '\u{100000}'..='\u{10fffd}');
    let joins = matches!(c, '\u{fe0f}' | '\u{200d}');
    (c.is_control() && !"\n\t\r".contains(c)) || private || (hidden(c) && !joins) || c == '\u{fffd}'
}

/// As a reader sees it: letters that tags spell, full-width and other compatible forms as the plain ones, nothing hidden.
fn plain(text: &str) -> String {
    let spelt = text.chars().map(|c| match c {
        '\u{e0020}'..='\u{e007e}' => char::from_u32(u32::from(c) - 0xe_0000).unwrap_or(c),
        c => c,
    });
    let seen = spelt.filter(|c| !hidden(*c)).nfkc();
    seen.filter(|c| !matches!(c, '`' | '*')).collect()
}

/// The Latin letter that a Cyrillic one looks like.
pub(super) fn look_alike(c: char) -> char {
    let small = c.to_lowercase().next().unwrap_or(c);
    let mut pairs = CYRILLIC.chars().zip(LATIN.chars());
    pairs.find(|(from, _)| *from == small).map_or(c, |(_, to)| to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_goes_on_to_the_next_and_has_its_heading() {
        let text = "---\nname: old kiln\n---\n# Past\n\n- the old\n  kiln\n- a loom\n\nThe vats.\n";
        let found = Memory::of(text).files[0].blocks(true);
        let found: Vec<(&str, &str)> = found.iter().map(|(h, b)| (h.as_str(), b.as_str())).collect();
        let items = [
            ("# Past", "- the old\n  kiln"),
            ("# Past", "- a loom"),
            ("# Past", "The vats."),
        ];
        assert_eq!(found, [&[("", "name: old kiln")][..], &items].concat());
        assert_eq!(Memory::of(text).files[0].blocks(false).len(), 3);
    }
}
