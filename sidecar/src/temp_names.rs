//! Names that look temporary: editors and tools write such a file first and then rename it over the real one.

/// Whether a new file of this name is probably renamed or removed within a moment.
pub fn looks_temporary(name: &str) -> bool {
    name.ends_with('~')
        || ["swp", "swx"].contains(&extension(name))
        || name == "4913"
        || name.starts_with(".#")
        || (name.starts_with('#') && name.ends_with('#') && name.len() > 2)
        || has_tmp_part(name)
        || is_sed(name)
        || is_rsync(name)
        || name.starts_with(".goutputstream-")
        || name.starts_with(".nfs")
}

/// `x.tmp`, `x.tmp.123.ab12`, `.tmpAbCdEf`, `tmpab12cd34`.
fn has_tmp_part(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let mut parts = lower.split('.');
    let first = parts.next().unwrap_or_default();
    let random = |rest: &str| rest.len() >= 6 && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    first.strip_prefix("tmp").is_some_and(random)
        || parts.any(|p| p == "tmp" || p == "temp" || p.strip_prefix("tmp").is_some_and(random))
        || ["part", "crdownload"].contains(&extension(&lower))
}

fn extension(name: &str) -> &str {
    name.rsplit_once('.').map_or("", |(_, extension)| extension)
}

/// `sedAbCdEf`, as `sed -i` names it.
fn is_sed(name: &str) -> bool {
    name.strip_prefix("sed")
        .is_some_and(|rest| rest.len() == 6 && rest.bytes().all(|b| b.is_ascii_alphanumeric()) && mixed(rest))
}

/// `.name.AbCdEf`, as `rsync` and `mkstemp` users name it.
fn is_rsync(name: &str) -> bool {
    let Some((stem, random)) = name.strip_prefix('.').and_then(|n| n.rsplit_once('.')) else {
        return false;
    };
    !stem.is_empty() && random.len() == 6 && random.bytes().all(|b| b.is_ascii_alphanumeric()) && mixed(random)
}

/// Random letters rarely are a word: there is an upper-case letter or a digit among them.
fn mixed(text: &str) -> bool {
    text.bytes().any(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::looks_temporary;

    #[test]
    fn names_that_tools_use_for_a_moment() {
        for name in [
            ".notes.md.swp",
            "notes.md~",
            "notes.md.tmp",
            "X.tmp.4242.ab12cd",
            "4913",
            ".#notes.md",
            "#notes.md#",
            "sedQ3xK9a",
            ".notes.md.Gh3kLm",
            ".tmpAbCdEf",
            "tmpab12cd34",
            ".goutputstream-XYZ",
            "a.tmpfile12",
        ] {
            assert!(looks_temporary(name), "{name}");
        }
    }

    #[test]
    fn names_that_people_use_for_good() {
        for name in [
            "notes.md",
            "MEMORY.md",
            ".gitignore",
            "template.md",
            "temperature.md",
            "sedate.md",
            ".eslintrc.config",
            "tmp",
            "sediment",
            "a.b.c",
            "attempt.md",
            "#",
            "2024.md",
            ".config.nested.parsed",
        ] {
            assert!(!looks_temporary(name), "{name}");
        }
    }
}
