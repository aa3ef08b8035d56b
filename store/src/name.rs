//! Which names a store takes: those that look to everybody like what they are.

use unicode_normalization::is_nfc;
use unicode_security::skeleton;

/// The folder at the root that each mount makes itself and no store holds.
pub const MOUNT_FOLDER: &str = ".memory";

/// Longest path in bytes, its `/` included.
pub const PATH_MAX: usize = 1024;

/// Longest single name in bytes, as Linux has it.
pub const NAME_MAX: usize = 255;

/// Characters of Unicode's category Cf (format): invisible, or they change how their neighbours look. Bidi controls
/// are among them.
const FORMAT: [(char, char); 21] = [
    ('\u{AD}', '\u{AD}'),
    ('\u{600}', '\u{605}'),
    ('\u{61C}', '\u{61C}'),
    ('\u{6DD}', '\u{6DD}'),
    ('\u{70F}', '\u{70F}'),
    ('\u{890}', '\u{891}'),
    ('\u{8E2}', '\u{8E2}'),
    ('\u{180E}', '\u{180E}'),
    ('\u{200B}', '\u{200F}'),
    ('\u{202A}', '\u{202E}'),
    ('\u{2060}', '\u{2064}'),
    ('\u{2066}', '\u{206F}'),
    ('\u{FEFF}', '\u{FEFF}'),
    ('\u{FFF9}', '\u{FFFB}'),
    ('\u{110BD}', '\u{110BD}'),
    ('\u{110CD}', '\u{110CD}'),
    ('\u{13430}', '\u{1343F}'),
    ('\u{1BCA0}', '\u{1BCA3}'),
    ('\u{1D173}', '\u{1D17A}'),
    ('\u{E0001}', '\u{E0001}'),
    ('\u{E0020}', '\u{E007F}'),
];

/// Why a name is not allowed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// No name at all.
    #[error("a name is empty")]
    Empty,
    /// `.` or `..`.
    #[error("`{0}` is not allowed as a name: write the path without it")]
    Dots(String),
    /// A `/` within one name.
    #[error("a name holds `/`")]
    Slash,
    /// A path that does not start at the root.
    #[error("a path starts with `/`")]
    Relative,
    /// One name is too long.
    #[error("a name of {0} bytes is longer than {NAME_MAX}: shorten it")]
    NameTooLong(usize),
    /// The path is too long.
    #[error("a path of {0} bytes is longer than {PATH_MAX}: shorten it")]
    PathTooLong(usize),
    /// A control, format or separator character.
    #[error("the name holds {kind} U+{code:04X}, which does not show: remove it", code = u32::from(*.character))]
    Character {
        /// The character.
        character: char,
        /// What kind it is.
        kind: &'static str,
    },
    /// Not normalised.
    #[error("the name is not in Unicode normal form NFC: two spellings would look the same")]
    NotNfc,
    /// Looks like another name of the folder.
    #[error("the name looks just like `{0}`, which is there: use another")]
    Confusable(String),
}

/// Checks one name of a folder.
///
/// # Errors
/// Says what is not allowed.
pub fn check(name: &str) -> Result<(), NameError> {
    match name {
        "" => return Err(NameError::Empty),
        "." | ".." => return Err(NameError::Dots(name.into())),
        _ if name.len() > NAME_MAX => return Err(NameError::NameTooLong(name.len())),
        _ => {}
    }
    if name.is_ascii() {
        // The common case is decided without Unicode tables.
        return match name.chars().find(|c| c.is_ascii_control() || *c == '/') {
            None => Ok(()),
            Some('/') => Err(NameError::Slash),
            Some(character) => Err(bad(character, "the control character")),
        };
    }
    for character in name.chars() {
        match character {
            '/' => return Err(NameError::Slash),
            '\u{2028}' | '\u{2029}' => return Err(bad(character, "the line separator")),
            c if c.is_control() => return Err(bad(c, "the control character")),
            c if is_format(c) => return Err(bad(c, "the format character")),
            _ => {}
        }
    }
    if is_nfc(name) { Ok(()) } else { Err(NameError::NotNfc) }
}

/// Checks an absolute path: its length and each of its names.
///
/// # Errors
/// Says what is not allowed.
pub fn check_path(path: &str) -> Result<(), NameError> {
    check_path_length(path.len())?;
    match path.strip_prefix('/') {
        None => Err(NameError::Relative),
        Some("") => Ok(()),
        Some(names) => names.split('/').try_for_each(check),
    }
}

/// Checks the length of a path in bytes.
///
/// # Errors
/// Says how long it is.
pub fn check_path_length(bytes: usize) -> Result<(), NameError> {
    if bytes > PATH_MAX {
        return Err(NameError::PathTooLong(bytes));
    }
    Ok(())
}

/// Checks that a new name does not look like another one of its folder. ASCII names always pass: only others can
/// pretend.
///
/// # Errors
/// Names the sibling it looks like.
pub fn check_confusable<'a>(name: &str, siblings: impl IntoIterator<Item = &'a str>) -> Result<(), NameError> {
    if name.is_ascii() {
        return Ok(());
    }
    let ours: Vec<char> = skeleton(name).collect();
    // Compared while it is computed, so that most siblings cost one character.
    match siblings
        .into_iter()
        .find(|other| *other != name && skeleton(other).eq(ours.iter().copied()))
    {
        Some(other) => Err(NameError::Confusable(other.into())),
        None => Ok(()),
    }
}

/// Whether a character shows as what it is: no control, format, bidi or separator character.
pub fn shows(character: char) -> bool {
    !character.is_control() && !is_format(character) && !matches!(character, '\u{2028}' | '\u{2029}')
}

fn bad(character: char, kind: &'static str) -> NameError {
    NameError::Character { character, kind }
}

fn is_format(c: char) -> bool {
    let at = FORMAT.partition_point(|(first, _)| *first <= c);
    at > 0 && c <= FORMAT[at - 1].1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_names_of_any_script_pass() {
        for name in [
            "a",
            "MEMORY.md",
            "Zürich.md",
            "記憶.md",
            "ملاحظات",
            "...",
            ".hidden",
            "two words",
            "🦀",
        ] {
            assert_eq!(check(name), Ok(()), "{name}");
        }
    }

    #[test]
    fn names_that_deceive_are_refused_with_the_reason() {
        for (name, says) in [
            ("", "empty"),
            (".", "not allowed"),
            ("..", "not allowed"),
            ("a/b", "`/`"),
            ("ä/b", "`/`"),
            ("a\nb", "control character U+000A"),
            ("a\0", "control character U+0000"),
            ("\u{85}", "control character U+0085"),
            ("gpj\u{202E}.exe", "format character U+202E"),
            ("a\u{2066}b", "format character U+2066"),
            ("a\u{200D}b", "format character U+200D"),
            ("\u{FEFF}a", "format character U+FEFF"),
            ("a\u{E0041}", "format character U+E0041"),
            ("a\u{2028}b", "line separator U+2028"),
            ("a\u{2029}b", "line separator U+2029"),
            ("Zu\u{308}rich", "NFC"),
        ] {
            let error = check(name).expect_err(name).to_string();
            assert!(error.contains(says), "{name:?}: {error}");
        }
    }

    #[test]
    fn format_characters_are_exactly_those_of_the_table() {
        assert!(FORMAT.is_sorted());
        for c in ['\u{AD}', '\u{200B}', '\u{200F}', '\u{E007F}'] {
            assert!(is_format(c), "{c:?}");
        }
        for c in ['\u{AC}', '\u{AE}', '\u{200A}', '\u{2010}', '\u{E0080}', 'a'] {
            assert!(!is_format(c), "{c:?}");
        }
    }

    #[test]
    fn lengths_count_bytes() {
        assert_eq!(check(&"x".repeat(255)), Ok(()));
        assert_eq!(check(&"x".repeat(256)), Err(NameError::NameTooLong(256)));
        assert_eq!(check(&"ä".repeat(128)), Err(NameError::NameTooLong(256)));
        let path = "/abcdefg".repeat(128);
        assert_eq!(check_path(&path), Ok(()));
        assert_eq!(check_path(&format!("{path}h")), Err(NameError::PathTooLong(1025)));
    }

    #[test]
    fn paths_are_absolute_without_empty_or_dotted_names() {
        assert_eq!(check_path("/"), Ok(()));
        assert_eq!(check_path("/a/b.md"), Ok(()));
        assert_eq!(check_path("a"), Err(NameError::Relative));
        assert_eq!(check_path("/a//b"), Err(NameError::Empty));
        assert_eq!(check_path("/a/"), Err(NameError::Empty));
        assert_eq!(check_path("/a/../b"), Err(NameError::Dots("..".into())));
    }

    #[test]
    fn a_name_that_looks_like_its_sibling_is_refused() {
        let there = ["paypal.md", "notes.md"];
        // The first `a` is Cyrillic.
        let error = check_confusable("p\u{430}ypal.md", there).expect_err("it looks the same");
        assert_eq!(error, NameError::Confusable("paypal.md".into()));
        assert_eq!(check_confusable("päypal.md", there), Ok(()));
        assert_eq!(check_confusable("paypaI.md", there), Ok(()), "ASCII passes");
        assert_eq!(
            check_confusable("p\u{430}ypal.md", ["p\u{430}ypal.md"]),
            Ok(()),
            "itself"
        );
    }
}
