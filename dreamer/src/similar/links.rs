//! Which words stand between a thing and its value and tell neither.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use crate::text::words::stem;

/// Stems that say how something stands to its value and not what is asked of it: "is owned by", "stands in".
pub(super) static LINKS: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    const WORDS: &str = "owned handled managed maintained led responsible charge belongs done used runs kept stored \
        holds held lives sits stands located based hosted placed put found set fixed capped limited happens takes goes \
        made given gets called named default keep make show open last part time way thing value \
        gate blocks below above threshold least bar floor sharp exactly precisely";
    WORDS.split_whitespace().map(stem).collect()
});

/// What many things do, each in its own way.
pub(crate) const DOINGS: [&str; 22] = [
    "listen", "run", "live", "accept", "speak", "start", "begin", "end", "expire", "close", "open", "cost", "hold",
    "belong", "report", "support", "need", "require", "serve", "weigh", "come", "arrive",
];

/// Words that say that something changed, not what.
pub(super) const TURNS: [&str; 9] = [
    "moved", "changed", "switched", "migrated", "now", "back", "scrap", "ditch", "abandon",
];
