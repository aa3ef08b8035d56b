//! Names of Dreams that schedules' runs make.

/// A Dream's name takes so many characters, of which its id takes some.
const LONGEST: usize = 63;

/// The name of the Dream with that id over that store.
pub(super) fn of(store: &str, id: &str) -> String {
    let room = LONGEST - 1 - id.len();
    // Names are ASCII.
    let store = store
        .get(..room.min(store.len()))
        .unwrap_or(store)
        .trim_end_matches('-');
    format!("{store}-{id}")
}

/// Whether a text may be a Dream's id in its store: `2026-06-01-a1b2c3`.
pub fn is_id(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (1..=32).contains(&text.len()) && text.bytes().all(plain) && !text.starts_with('-') && !text.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_dns_label_however_long_the_stores_is() {
        assert_eq!(of("project", "2026-06-01-a1b2c3"), "project-2026-06-01-a1b2c3");
        for store in ["a".repeat(63), format!("{}-{}", "a".repeat(44), "b".repeat(18))] {
            let name = of(&store, "2026-06-01-a1b2c3");
            assert!(
                name.len() <= 63 && !name.contains("--") && name.ends_with("-2026-06-01-a1b2c3"),
                "{name}"
            );
        }
    }

    #[test]
    fn an_id_can_not_lead_elsewhere() {
        assert!(is_id("2026-06-01-a1b2c3"));
        for bad in ["", "../x", "A", "a/b", "-a", "a-", "ö", &"a".repeat(33)] {
            assert!(!is_id(bad), "{bad}");
        }
    }
}
