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

/// Rows of words each of which says one and the same of a thing: which of them a text uses tells no other aspect of it.
static OF_ONE_ASPECT: LazyLock<Vec<BTreeSet<String>>> = LazyLock::new(|| {
    const ROWS: [&str; 10] = [
        "takes needs requires lasts",
        "heat warm hot",
        "due paid payable pay term terms within net deadline",
        "ttl expire expires valid lifetime entries",
        "measures across diameter",
        "port listens connects",
        "returns speaks talks answers responds",
        "runs leaves goes departs",
        "go goes day happens held meets",
        "limit limited size most",
    ];
    ROWS.iter()
        .map(|row| row.split_whitespace().map(stem).collect())
        .collect()
});

/// Whether the other text says in another word what this stem of a text says.
pub(super) fn says_in_another_word(told: &str, other: &BTreeSet<String>) -> bool {
    OF_ONE_ASPECT
        .iter()
        .any(|row| row.contains(told) && row.iter().any(|word| word != told && other.contains(word)))
}

/// What many things do, each in its own way.
pub(crate) const DOINGS: [&str; 23] = [
    "listen", "run", "live", "accept", "speak", "start", "begin", "end", "expire", "close", "open", "cost", "fee",
    "hold", "belong", "report", "support", "need", "require", "serve", "weigh", "come", "arrive",
];

/// Words that say that something changed, not what.
pub(super) const TURNS: [&str; 9] = [
    "moved", "changed", "switched", "migrated", "now", "back", "scrap", "ditch", "abandon",
];
