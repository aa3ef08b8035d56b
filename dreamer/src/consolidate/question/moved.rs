//! Whether newer words say that a thing went elsewhere, or is done from elsewhere, than an older fact tells.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use crate::text::clean::pattern;
use crate::text::words::{akin, features};

/// A thing and where it is, as stems.
struct Placed {
    thing: BTreeSet<String>,
    place: BTreeSet<String>,
}

fn stems(text: &str) -> BTreeSet<String> {
    features(text, &BTreeSet::new()).stems
}

fn placed(form: &Regex, text: &str) -> Option<Placed> {
    let found = form.captures(text)?;
    let placed = Placed {
        thing: stems(&found["thing"]),
        place: stems(&found["place"]),
    };
    (!placed.thing.is_empty() && !placed.place.is_empty()).then_some(placed)
}

/// "We moved hosting to Larch last week", after "our hosting is at Hobb", or "we host the site at Hobb".
pub(in crate::consolidate) fn moved_a_thing(newer: &str, older: &str) -> bool {
    static MOVED: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:we|they)(?:['’]ve| have)? (?:(?:just|recently|finally|also|already|now) )*(?:moved|switched|migrated|shifted|transferred|relocated) (?:(?:the|our|all) )*(?P<thing>[\w-]+(?: [\w-]+){0,3}?) (?:(?:over|back|out|away) )*(?:in)?to (?P<place>[\w.&'’-]+(?: [A-Z][\w.&'’-]*)*)",
        )
    });
    static IS: LazyLock<[Regex; 2]> = LazyLock::new(|| {
        const PLACE: &str = r"(?:at|on|in|with|by|from|via|through|under) (?P<place>[^,;:]{2,40})";
        [
            pattern(&format!(
                r"(?i)^(?:(?:the|our|all) )*(?P<thing>[\w-]+(?: [\w-]+){{0,3}}?) (?:is|are|runs?|lives?|sits?) (?:(?:now|currently|still|all) )*(?:(?:hosted|kept|stored|held|done|run|made|managed|handled|built|located|based|served|sent|printed|baked) )?{PLACE}"
            )),
            pattern(&format!(
                r"(?i)^we (?:host|keep|store|run|do|make|manage|handle|build|serve|print|bake) (?:(?:the|our|all) )*(?P<thing>[\w-]+(?: [\w-]+){{0,3}}?) {PLACE}"
            )),
        ]
    });
    let (Some(now), Some(was)) = (placed(&MOVED, newer), IS.iter().find_map(|form| placed(form, older))) else {
        return false;
    };
    alike(&now.thing, &was.thing) && now.place.is_disjoint(&was.place)
}

/// "From now on we deploy from main", after "we deploy from the release branch": the same is done, from or with another
/// thing. "To" and "in" may name one more.
pub(in crate::consolidate) fn done_otherwise(newer: &str, older: &str) -> bool {
    static DO: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:(?:from now on|now|these days|[\w-]+(?: [\w-]+)? now)[,:]? )?(?:we|the user)(?:['’]ll| will)? (?:(?:now|only|always|usually) )*(?P<verb>[a-z]+)(?P<thing>(?: (?:the|our|all) [a-z]+(?: [a-z-]+)?)?) (?:(?:straight|directly|only) )?(?P<prep>from|with|via|by|through) (?P<place>[^,;:]+?)(?: (?:now|instead|from now on|as of now))*[.!]*(?:$|[,;])",
        )
    });
    static ALSO: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\b(?:also|too|as well|both|either|or)\b"));
    let (Some(now), Some(was)) = (DO.captures(newer), DO.captures(older)) else {
        return false;
    };
    let same = |name: &str| now[name].eq_ignore_ascii_case(&was[name]);
    let (place, before) = (stems(&now["place"]), stems(&was["place"]));
    same("prep")
        && akin(&now["verb"].to_lowercase(), &was["verb"].to_lowercase())
        && alike(&stems(&now["thing"]), &stems(&was["thing"]))
        && !place.is_empty()
        && !before.is_empty()
        && place.is_disjoint(&before)
        && !ALSO.is_match(newer)
}

fn alike(a: &BTreeSet<String>, b: &BTreeSet<String>) -> bool {
    let all_in = |x: &BTreeSet<String>, y: &BTreeSet<String>| x.iter().all(|s| y.iter().any(|t| akin(s, t)));
    all_in(a, b) && all_in(b, a)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thing_that_moved_is_elsewhere() {
        for (newer, older) in [
            ("We moved hosting to Larch last week", "Our hosting is at Hobb"),
            ("We moved our hosting to Larch", "Our hosting is at Hobb"),
            ("We've switched backups to S3", "Backups are on tape"),
            ("We moved the site to Larch", "We host our site at Hobb"),
            ("They migrated the ledger to Postgres", "The ledger is kept in Redis"),
        ] {
            assert!(moved_a_thing(newer, older), "{newer}");
        }
        for (newer, older) in [
            ("We moved the hall lamp to Larch", "Our hosting is at Hobb"),
            ("We moved hosting to Hobb", "Our hosting is at Hobb"),
            ("We moved the meeting to Friday", "The minutes are on the wiki"),
        ] {
            assert!(!moved_a_thing(newer, older), "{newer}");
        }
    }

    #[test]
    fn what_is_done_from_elsewhere() {
        for (newer, older) in [
            ("From now on we deploy from main", "We deploy from the release branch"),
            ("We deploy straight from main now", "We deploy from the release branch"),
            (
                "Trunk-based now: we deploy straight from main",
                "We deploy from the release branch",
            ),
            ("We print the labels with resin now", "We print the labels with wax"),
        ] {
            assert!(done_otherwise(newer, older), "{newer}");
        }
        for (newer, older) in [
            ("We deploy from main now", "We build from the release branch"),
            ("We also deploy from main now", "We deploy from the release branch"),
            ("We print the posters with resin now", "We print the labels with wax"),
            ("We ship to Oulu now", "We ship to Bonn"),
        ] {
            assert!(!done_otherwise(newer, older), "{newer}");
        }
    }
}
