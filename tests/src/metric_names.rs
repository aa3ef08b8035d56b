//! The names of metrics: those that programs tell, and those that the documentation, the dashboard and the alerts name.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Where metrics are named.
const DOCUMENTS: [&str; 1] = ["docs/operations.md"];
const USERS: [&str; 2] = [
    "charts/remanence/dashboards/remanence.json",
    "charts/remanence/alerts/alerts.yaml",
];

/// The metrics that the documentation explains. Fails where the dashboard or an alert uses another.
pub fn named(prefix: &str) -> BTreeSet<String> {
    let explained: BTreeSet<String> = DOCUMENTS.iter().flat_map(|file| names(prefix, &read(file))).collect();
    for file in USERS {
        let used: BTreeSet<String> = names(prefix, &read(file)).into_iter().collect();
        let unknown: Vec<_> = used.difference(&explained).collect();
        assert!(
            unknown.is_empty(),
            "{file} uses what {DOCUMENTS:?} does not explain: {unknown:?}"
        );
        assert!(!used.is_empty(), "{file} uses no {prefix}* at all");
    }
    explained
}

/// The metrics that a program tells, from its answer.
pub fn told(prefix: &str, answer: &str) -> BTreeSet<String> {
    let types = answer.lines().filter(|line| line.starts_with("# TYPE "));
    types.flat_map(|line| names(prefix, line)).collect()
}

/// Without what Prometheus appends to them.
fn names(prefix: &str, text: &str) -> Vec<String> {
    let starts = text.match_indices(prefix).map(|(at, _)| &text[at..]);
    let names = starts.map(|from| {
        let end = from
            .find(|c: char| !c.is_ascii_lowercase() && c != '_')
            .unwrap_or(from.len());
        let name = from.get(..end).unwrap_or(from);
        ["_total", "_bucket", "_sum", "_count"]
            .iter()
            .find_map(|tail| name.strip_suffix(tail))
            .unwrap_or(name)
            .to_owned()
    });
    names.collect()
}

fn read(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(file);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
