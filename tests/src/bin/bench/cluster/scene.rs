//! A namespace on the cluster of the kubeconfig, and what is asked of the apiserver.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};
use http::{Method, Request};
use kube::Client;
use serde_json::{Value, json};

/// Longer than anything takes that is waited for.
const PATIENCE: Duration = Duration::from_mins(10);
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// The API of our own objects.
const OURS: &str = "apis/remanence.dev/v1alpha1";
/// Where the chart is installed.
pub(super) const SYSTEM: &str = "remanence-system";

/// A namespace of its own.
#[derive(Clone)]
pub(super) struct Scene {
    client: Client,
    pub(super) namespace: String,
}

impl Scene {
    pub(super) async fn new() -> Result<Self> {
        let client = Client::try_default()
            .await
            .context("reading the kubeconfig; run: cargo xtask bench --cluster")?;
        let namespace = format!("bench-{}", std::process::id());
        let scene = Self { client, namespace };
        let object = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": scene.namespace}});
        scene.create("api/v1/namespaces", &object).await?;
        let account = scene.core("serviceaccounts/default");
        scene
            .until("the default ServiceAccount", async || {
                Ok(scene.get(&account).await.ok())
            })
            .await?;
        Ok(scene)
    }

    /// Takes everything away, without waiting for it.
    pub(super) async fn end(self) -> Result<()> {
        self.delete(&format!("api/v1/namespaces/{}", self.namespace)).await
    }

    /// The path of something in the core API, here.
    pub(super) fn core(&self, rest: &str) -> String {
        format!("api/v1/namespaces/{}/{rest}", self.namespace)
    }

    /// The path of something in the API of Jobs, here.
    pub(super) fn batch(&self, rest: &str) -> String {
        format!("apis/batch/v1/namespaces/{}/{rest}", self.namespace)
    }

    /// The path of objects of ours, here.
    pub(super) fn ours(&self, rest: &str) -> String {
        format!("{OURS}/namespaces/{}/{rest}", self.namespace)
    }

    pub(super) async fn get(&self, path: &str) -> Result<Value> {
        self.ask(Method::GET, path, None).await
    }

    /// The objects that a path finds.
    pub(super) async fn list(&self, path: &str) -> Result<Vec<Value>> {
        let mut found = self.get(path).await?;
        Ok(found["items"].as_array_mut().map(std::mem::take).unwrap_or_default())
    }

    pub(super) async fn text(&self, path: &str) -> Result<String> {
        let request = Request::get(format!("/{path}")).body(Vec::new())?;
        self.client
            .request_text(request)
            .await
            .with_context(|| format!("GET {path}"))
    }

    pub(super) async fn create(&self, path: &str, object: &Value) -> Result<Value> {
        self.ask(Method::POST, path, Some(object)).await
    }

    /// A merge patch.
    pub(super) async fn patch(&self, path: &str, patch: &Value) -> Result<Value> {
        self.ask(Method::PATCH, path, Some(patch)).await
    }

    /// Deletes what the path finds; what is gone already needs no more.
    pub(super) async fn delete(&self, path: &str) -> Result<()> {
        match self.ask(Method::DELETE, path, None).await {
            Err(error) if is_gone(&error) => Ok(()),
            outcome => outcome.map(drop),
        }
    }

    async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value> {
        let kind = if method == Method::PATCH {
            "application/merge-patch+json"
        } else {
            "application/json"
        };
        let text = body.map_or_else(Vec::new, |body| body.to_string().into_bytes());
        let request = Request::builder().method(&method).uri(format!("/{path}"));
        let request = request.header("content-type", kind).body(text)?;
        self.client
            .request(request)
            .await
            .with_context(|| format!("{method} {path}"))
    }

    /// An Agent with a memory of its own, ready.
    pub(super) async fn agent(&self, name: &str) -> Result<()> {
        self.make("agents", &agent(name)).await
    }

    /// Makes an object of ours and waits until it is ready.
    pub(super) async fn make(&self, kind: &str, object: &Value) -> Result<()> {
        self.create(&self.ours(kind), object).await?;
        let name = object["metadata"]["name"].as_str().context("an object has a name")?;
        let path = self.ours(&format!("{kind}/{name}"));
        let is_ready = async || Ok(is_ready(&self.get(&path).await?).then_some(()));
        self.until(&format!("{kind}/{name} to be ready"), is_ready).await
    }

    /// Waits until that many of the objects that a path finds are ready.
    pub(super) async fn all_ready(&self, path: &str, many: usize) -> Result<()> {
        self.until(&format!("{many} of {path} to be ready"), async || {
            let items = self.list(path).await?;
            Ok((items.iter().filter(|one| is_ready(one)).count() == many).then_some(()))
        })
        .await
    }

    /// Deletes the objects of ours of a kind whose label `bench` says so, and waits until they are gone: what is measured
    /// next is not to be measured with them.
    pub(super) async fn clear(&self, kind: &str, bench: &str) -> Result<()> {
        let path = self.ours(&format!("{kind}?labelSelector=bench%3D{bench}"));
        self.delete(&path).await?;
        self.until(&format!("the {kind} of {bench} to be gone"), async || {
            Ok(self.list(&path).await?.is_empty().then_some(()))
        })
        .await
    }

    /// The pods of the operator.
    pub(super) async fn operators(&self) -> Result<Vec<Value>> {
        let items = self.list(&operator_pods()).await?;
        if items.is_empty() {
            bail!("no pod of the operator runs in {SYSTEM}; is the chart installed?");
        }
        Ok(items)
    }

    /// Sets how many operators there are, and waits until there are so many; one that ends works until it has.
    pub(super) async fn scale_operators(&self, replicas: usize) -> Result<()> {
        let path = format!("apis/apps/v1/namespaces/{SYSTEM}/deployments/remanence-operator");
        self.patch(&path, &json!({"spec": {"replicas": replicas}})).await?;
        self.until("the operators", async || {
            let available = self.get(&path).await?["status"]["availableReplicas"]
                .as_u64()
                .unwrap_or_default();
            // The Deployment itself does not count those that end.
            let pods = self.list(&operator_pods()).await?.len();
            Ok((pods == replicas && available == replicas as u64).then_some(()))
        })
        .await
    }

    /// Asks until there is an answer.
    pub(super) async fn until<T>(&self, what: &str, ask: impl AsyncFn() -> Result<Option<T>>) -> Result<T> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(answer) = ask().await? {
                return Ok(answer);
            }
            if Instant::now() > deadline {
                bail!("{what}: not within {} s", PATIENCE.as_secs());
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}

fn operator_pods() -> String {
    format!("api/v1/namespaces/{SYSTEM}/pods?labelSelector=app.kubernetes.io%2Fname%3Dremanence-operator")
}

/// Whether the apiserver said that there is no such object.
fn is_gone(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref::<kube::Error>(), Some(kube::Error::Api(status)) if status.code == 404)
}

/// An Agent as its user writes it.
pub(super) fn agent(name: &str) -> Value {
    json!({
        "apiVersion": "remanence.dev/v1alpha1", "kind": "Agent", "metadata": {"name": name}, "spec": {"memory": {}},
    })
}

/// Whether an object's condition Ready holds.
pub(super) fn is_ready(object: &Value) -> bool {
    let conditions = object["status"]["conditions"].as_array();
    conditions.is_some_and(|all| all.iter().any(|one| one["type"] == "Ready" && one["status"] == "True"))
}

/// The clock that this machine shares with the pods that it runs, in nanoseconds.
pub(super) fn now() -> i128 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_nanos() as i128)
}

#[cfg(test)]
mod tests {
    use kube::core::Status;

    use super::*;

    #[test]
    fn only_what_the_apiserver_does_not_know_is_gone() {
        let refused = |code| {
            let status = Status::failure("agents \"bare-16\"", "X").with_code(code);
            anyhow::Error::new(kube::Error::Api(status.boxed())).context("DELETE agents/bare-16")
        };
        for (error, gone) in [
            (refused(404), true),
            (refused(403), false),
            (anyhow::anyhow!("the answer did not come"), false),
        ] {
            assert_eq!(is_gone(&error), gone, "{error:#}");
        }
    }
}
