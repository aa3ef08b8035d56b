//! Who may talk to the apiserver: a token and a kubeconfig for each part.

use anyhow::{Context, Result};

use crate::cluster::link;
use crate::cluster::place::Place;

/// The kubeconfig of the one who runs the cluster.
pub(crate) const ADMIN: &str = "kubeconfig";

/// Makes tokens and kubeconfigs, unless they are there.
pub(crate) fn make(place: &Place) -> Result<()> {
    if place.path("tokens").exists() {
        return Ok(());
    }
    let server = format!("https://{}:6443", link::node(place)?);
    let node = format!("system:node:{}", place.name);
    let users = [
        (ADMIN, "admin", "system:masters"),
        ("controllers.kubeconfig", "system:kube-controller-manager", ""),
        ("scheduler.kubeconfig", "system:kube-scheduler", ""),
        ("proxy.kubeconfig", "system:kube-proxy", ""),
        ("kubelet.kubeconfig", &node, "system:nodes"),
    ];
    let mut tokens = Vec::new();
    for (file, user, groups) in users {
        let token = token()?;
        tokens.push(format!("{token},{user},{user},\"{groups}\"\n"));
        place.write(file, &kubeconfig(place, &server, &token))?;
    }
    place.write("tokens", &tokens.concat())
}

fn kubeconfig(place: &Place, server: &str, token: &str) -> String {
    let authority = place.path("ca.crt");
    let config = serde_json::json!({
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": place.name, "cluster": {"server": server, "certificate-authority": authority}}],
        "users": [{"name": "me", "user": {"token": token}}],
        "contexts": [{"name": place.name, "context": {"cluster": place.name, "user": "me"}}],
        "current-context": place.name,
    });
    // JSON is YAML.
    format!("{config:#}\n")
}

fn token() -> Result<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).context("asking for random bytes")?;
    Ok(format!("{:032x}", u128::from_be_bytes(bytes)))
}
