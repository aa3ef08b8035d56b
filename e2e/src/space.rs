//! A namespace of one test.

use std::fs;
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};
use tempfile::NamedTempFile;

use crate::kubectl::{apply, kubectl, try_kubectl};
use crate::until;

/// A namespace, gone with the test; of a test that fails, its pods and Events are printed.
pub struct Space {
    /// Its name.
    pub name: String,
}

impl Space {
    /// A new one, with labels.
    pub fn new(labels: &Value) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("e2e-{}-{number}", process::id());
        let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}});
        apply(&[], &namespace).unwrap_or_else(|why| panic!("{why}"));
        let space = Self { name };
        // A pod is refused before its ServiceAccount is there.
        until("the default ServiceAccount", || space.get("serviceaccount/default"));
        space
    }

    /// A new one, as a user makes it.
    pub fn plain() -> Self {
        Self::new(&json!({}))
    }

    /// Runs kubectl here; anything but success fails the test.
    pub fn kubectl(&self, words: &[&str]) -> String {
        kubectl(&self.words(words))
    }

    /// Runs kubectl here.
    pub fn try_kubectl(&self, words: &[&str]) -> Result<String, String> {
        try_kubectl(&self.words(words))
    }

    /// Applies an object here; a refusal fails the test.
    pub fn apply(&self, manifest: &Value) {
        self.try_apply(manifest).unwrap_or_else(|why| panic!("{why}"));
    }

    /// Applies an object here.
    pub fn try_apply(&self, manifest: &Value) -> Result<String, String> {
        apply(&["--namespace", &self.name], manifest)
    }

    /// Applies a file of `examples/` here.
    pub fn apply_example(&self, file: &str) {
        self.kubectl(&["apply", "--filename", &example(file)]);
    }

    /// Applies a file of `examples/` that names namespaces: each is replaced by a space.
    pub fn apply_example_across(file: &str, namespaces: &[(&str, &Self)]) {
        let mut text = fs::read_to_string(example(file)).unwrap();
        for (namespace, space) in namespaces {
            text = text.replace(namespace, &space.name);
        }
        let changed = NamedTempFile::with_suffix(".yaml").unwrap();
        fs::write(changed.path(), text).unwrap();
        kubectl(&["apply", "--filename", &changed.path().display().to_string()]);
    }

    /// An object.
    pub fn get(&self, what: &str) -> Result<Value, String> {
        let text = self.try_kubectl(&["get", what, "--output=json"])?;
        serde_json::from_str(&text).map_err(|error| error.to_string())
    }

    /// Waits until an object's condition holds.
    pub fn wait(&self, what: &str, condition: &str) {
        // The object itself may still have to come.
        until(&format!("{what} {condition}"), || {
            self.try_kubectl(&["wait", "--timeout=10s", &format!("--for=condition={condition}"), what])
        });
    }

    /// Waits until an object is gone.
    pub fn wait_gone(&self, what: &str) {
        self.kubectl(&["wait", "--for=delete", "--timeout=90s", what]);
    }

    /// Starts a pod and waits until it is ready.
    pub fn start(&self, pod: &Value) {
        self.apply(pod);
        self.wait(&format!("pod/{}", pod["metadata"]["name"].as_str().unwrap()), "Ready");
    }

    /// Deletes a pod and waits until it is gone.
    pub fn stop(&self, pod: &str) {
        self.kubectl(&["delete", "pod", pod, "--timeout=90s"]);
    }

    /// What a script prints in the container `main` of a pod; anything but success fails the test.
    pub fn sh(&self, pod: &str, script: &str) -> String {
        self.try_sh(pod, script)
            .unwrap_or_else(|why| panic!("in {pod}: {script}: {why}"))
    }

    /// Runs a script in the container `main` of a pod.
    pub fn try_sh(&self, pod: &str, script: &str) -> Result<String, String> {
        self.try_kubectl(&["exec", pod, "--container=main", "--", "sh", "-c", script])
    }

    /// Waits until a script prints just this.
    pub fn sees(&self, pod: &str, script: &str, expected: &str) {
        until(&format!("{pod}: {script}"), || match self.try_sh(pod, script)? {
            seen if seen.trim_end() == expected => Ok(()),
            seen => Err(format!("it prints {seen:?}")),
        });
    }

    /// Waits for an Event on an object whose note has these words.
    pub fn event(&self, object: &str, reason: &str, words: &str) {
        until(&format!("an Event {reason} on {object} that says {words:?}"), || {
            let all = self.get("events.events.k8s.io")?;
            let all = all["items"].as_array().cloned().unwrap_or_default();
            let says = |event: &Value| event["note"].as_str().is_some_and(|note| note.contains(words));
            let found = all
                .iter()
                .any(|event| event["regarding"]["name"] == object && event["reason"] == reason && says(event));
            let said = |event: &Value| format!("{}: {}", event["reason"], event["note"]);
            if found {
                return Ok(());
            }
            Err(all.iter().map(said).collect::<Vec<_>>().join("\n"))
        });
    }

    /// What the operator said of this namespace.
    fn operator_log(&self) -> Result<String, String> {
        let said = try_kubectl(&[
            "--namespace=remanence-system",
            "logs",
            "--selector=app.kubernetes.io/name=remanence-operator",
            "--tail=-1",
        ])?;
        let ours = |line: &&str| line.contains(&self.name);
        Ok(said.lines().filter(ours).collect::<Vec<_>>().join("\n"))
    }

    fn words<'a>(&'a self, words: &[&'a str]) -> Vec<&'a str> {
        let mut all = vec!["--namespace", self.name.as_str()];
        all.extend(words);
        all
    }
}

fn example(file: &str) -> String {
    format!("{}/../examples/{file}", env!("CARGO_MANIFEST_DIR"))
}

impl Drop for Space {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let events = "--output=custom-columns=ON:.involvedObject.name,REASON:.reason,SAYS:.message";
            for words in [
                &["get", "pods,agents,memorystores,jobs"][..],
                &["get", "events", events],
            ] {
                eprintln!("{}", self.try_kubectl(words).unwrap_or_else(|why| why));
            }
            eprintln!("{}", self.operator_log().unwrap_or_else(|why| why));
        }
        if let Err(why) = try_kubectl(&["delete", "namespace", &self.name, "--wait=false"]) {
            eprintln!("{why}");
        }
    }
}
