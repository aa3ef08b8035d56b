//! What the apiserver was asked for, as it counts that itself.

use std::collections::BTreeMap;

use anyhow::{Result, bail};

use super::metrics::{label, lines};
use super::scene::Scene;

/// The requests so far whose labels `counts` says yes to, by whomever, watches aside: `VERB resource/subresource`.
pub(super) async fn requests(scene: &Scene, counts: impl Fn(&str) -> bool) -> Result<BTreeMap<String, f64>> {
    let mut all = BTreeMap::new();
    for (name, labels, value) in lines(&scene.text("metrics").await?) {
        let verb = label(labels, "verb");
        if name != "apiserver_request_total" || verb == "WATCH" || !counts(labels) {
            continue;
        }
        let (resource, below) = (label(labels, "resource"), label(labels, "subresource"));
        let slash = if below.is_empty() { "" } else { "/" };
        *all.entry(format!("{verb} {resource}{slash}{below}")).or_default() += value;
    }
    if all.is_empty() {
        bail!("the apiserver counts no requests for what is asked about");
    }
    Ok(all)
}
