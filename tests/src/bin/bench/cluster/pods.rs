//! Pods that run a Python script and say what they measured by their termination message.

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use super::scene::Scene;

/// Where scripts find a clock in nanoseconds; busybox has none.
const IMAGE: &str = "docker.io/library/python:3-slim";

/// A pod that runs `script` once, as `agent` or without a memory.
pub(super) fn pod(name: &str, agent: Option<&str>, script: &str) -> Value {
    let labels = agent.map_or_else(|| json!({}), |agent| json!({"remanence.dev/agent": agent}));
    json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "labels": labels},
        "spec": {
            "restartPolicy": "Never", "terminationGracePeriodSeconds": 1,
            "containers": [{"name": "main", "image": IMAGE, "command": ["python3", "-c", script]}],
        },
    })
}

/// Waits for the end of a pod's script; answers the numbers it left.
pub(super) async fn numbers(scene: &Scene, name: &str) -> Result<Vec<i128>> {
    let path = scene.core(&format!("pods/{name}"));
    let what = format!("the end of the pod {name}");
    let said = scene.until(&what, async || {
        let pod = scene.get(&path).await?;
        let all = pod["status"]["containerStatuses"].as_array();
        let main = all.and_then(|all| all.iter().find(|one| one["name"] == "main"));
        let Some(end) = main
            .map(|main| &main["state"]["terminated"])
            .filter(|end| end.is_object())
        else {
            return Ok(None);
        };
        if end["exitCode"] != 0 {
            bail!("the script of the pod {name} failed: {end}");
        }
        Ok(end["message"].as_str().map(str::to_owned))
    });
    let said = said.await?;
    let numbers: Result<Vec<i128>, _> = said.split_whitespace().map(str::parse).collect();
    numbers.with_context(|| format!("the pod {name} said {said:?}"))
}

/// Deletes a pod and waits until it is gone.
pub(super) async fn remove(scene: &Scene, name: &str) -> Result<()> {
    let path = scene.core(&format!("pods/{name}"));
    scene.delete(&path).await?;
    let gone = async || Ok(scene.get(&path).await.is_err().then_some(()));
    scene.until(&format!("the pod {name} to be gone"), gone).await
}
