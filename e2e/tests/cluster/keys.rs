//! The keys of a class break, vanish and come back.

use std::time::Duration;

use remanence_e2e::manifest::{IDLE, agent, entry, pod, store};
use remanence_e2e::{Space, apply, kubectl, together, try_kubectl, within};
use serde_json::{Value, json};

/// Keys are read each minute, and what follows takes its time.
const NEXT_LOOK: Duration = Duration::from_secs(150);

/// A class of one test, on the bucket of the class `embedded`; gone with the test.
struct Class(String);

impl Class {
    /// With keys in the space's Secret `keys`.
    fn new(space: &Space) -> Self {
        let embedded = kubectl(&["get", "memorystoreclass", "embedded", "--output=json"]);
        let embedded: Value = serde_json::from_str(&embedded).unwrap();
        let mut spec = embedded["spec"].clone();
        spec["s3"]["prefix"] = format!("{}/{{namespace}}/{{name}}", space.name).into();
        spec["credentials"]["secretRef"] = json!({"namespace": space.name, "name": "keys"});
        let class = json!({
            "apiVersion": "remanence.dev/v1alpha1", "kind": "MemoryStoreClass", "metadata": {"name": space.name},
            "spec": spec,
        });
        apply(&[], &class).unwrap_or_else(|why| panic!("{why}"));
        Self(space.name.clone())
    }

    /// Waits until its condition Ready has that reason; answers the message.
    fn says(&self, reason: &str) -> String {
        within(NEXT_LOOK, &format!("the class says {reason}"), || {
            let class = try_kubectl(&["get", "memorystoreclass", &self.0, "--output=json"])?;
            said(&serde_json::from_str(&class).unwrap(), reason)
        })
    }
}

impl Drop for Class {
    fn drop(&mut self) {
        let _ = try_kubectl(&["delete", "memorystoreclass", &self.0, "--wait=false"]);
    }
}

fn said(object: &Value, reason: &str) -> Result<String, String> {
    let conditions = object["status"]["conditions"].as_array().cloned().unwrap_or_default();
    let ready = conditions
        .iter()
        .find(|one| one["type"] == "Ready" && one["reason"] == reason);
    ready
        .map(|one| one["message"].as_str().unwrap_or_default().to_owned())
        .ok_or_else(|| object["status"].to_string())
}

/// Lets the operator read the Secret, as the chart's `classSecrets` does.
fn let_read(space: &Space) {
    let named = "--resource-name=keys";
    space.kubectl(&["create", "role", "keys", "--verb=get", "--resource=secrets", named]);
    let operator = "--serviceaccount=remanence-system:remanence-operator";
    space.kubectl(&["create", "rolebinding", "keys", "--role=keys", operator]);
}

#[test]
fn keys_that_break_or_vanish_hold_back_new_pods_and_no_other() {
    let _turn = together();
    let space = Space::plain();
    let keys = kubectl(&[
        "--namespace=remanence-system",
        "get",
        "secret",
        "remanence-s3",
        "--output=json",
    ]);
    let keys: Value = serde_json::from_str(&keys).unwrap();
    let secret =
        |data: Value| json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "keys"}, "data": data});
    let whole = json!({
        "accessKeyId": keys["data"]["accessKeyId"], "secretAccessKey": keys["data"]["secretAccessKey"],
    });
    let_read(&space);
    space.apply(&secret(whole.clone()));
    let class = Class::new(&space);
    space.apply(&store("project", &json!({"className": class.0})));
    space.apply(&agent("one", &json!({"stores": [entry("project")]})));
    space.start(&pod("one", "one", IDLE));
    space.sh("one", "echo before > /mnt/memory/project/a.md");

    space.apply(&secret(json!({"accessKeyId": keys["data"]["accessKeyId"]})));
    let message = class.says("SecretMalformed");
    assert!(message.contains("secretAccessKey"), "{message}");
    space.kubectl(&["delete", "secret", "keys"]);
    let message = class.says("SecretNotFound");
    assert!(message.contains(&format!("{}/keys", space.name)), "{message}");
    space.sees("one", "cat /mnt/memory/project/a.md", "before");
    space.apply(&pod("two", "one", IDLE));

    space.apply(&secret(whole));
    class.says("Ready");
    space.wait("pod/two", "Ready");
    space.sees(
        "one",
        "echo after >> /mnt/memory/project/a.md; tail -n 1 /mnt/memory/project/a.md",
        "after",
    );
    space.sees("two", "head -n 1 /mnt/memory/project/a.md", "before");
}
