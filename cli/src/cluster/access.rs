//! The way to the apiserver, as kubectl would go it.

use std::time::Duration;

use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};

use super::ObjectUrl;
use crate::exit::Failure;

/// How long a connection, and then an answer, is waited for.
const CONNECT: Duration = Duration::from_secs(10);
const ANSWER: Duration = Duration::from_mins(1);

/// A client, and the namespace that is meant. Asks nothing yet.
pub(super) async fn access(url: &ObjectUrl) -> Result<(Client, String), Failure> {
    let config = config(url).await?;
    let namespace = url
        .namespace
        .clone()
        .unwrap_or_else(|| config.default_namespace.clone());
    let client = Client::try_from(config).map_err(|error| {
        Failure::failed(format!(
            "{url}: the kubeconfig has no usable access to the cluster: {error}"
        ))
    })?;
    Ok((client, namespace))
}

async fn config(url: &ObjectUrl) -> Result<Config, Failure> {
    let failed = |error: String| Failure::failed(format!("{url}: no usable kubeconfig: {error}"));
    let options = KubeConfigOptions {
        context: url.context.clone(),
        ..KubeConfigOptions::default()
    };
    let config = match &url.kubeconfig {
        Some(path) => {
            let kubeconfig = Kubeconfig::read_from(path).map_err(|error| failed(error.to_string()))?;
            Config::from_custom_kubeconfig(kubeconfig, &options).await
        }
        None => Config::from_kubeconfig(&options).await,
    };
    let mut config = match config {
        Ok(config) => config,
        // In a pod there is none, but a ServiceAccount.
        Err(error) if url.kubeconfig.is_none() && url.context.is_none() => {
            Config::incluster().map_err(|_| failed(error.to_string()))?
        }
        Err(error) => return Err(failed(error.to_string())),
    };
    config.connect_timeout = Some(CONNECT);
    config.read_timeout = Some(ANSWER);
    Ok(config)
}
