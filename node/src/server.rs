//! Listens where the kubelet looks for drivers.

use std::fs;
use std::future::Future;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::net::UnixListener;
use tokio_stream::StreamExt;
use tokio_stream::wrappers::UnixListenerStream;
use tonic::transport::Server;

use crate::messages::csi::node_server::NodeServer;
use crate::messages::registration::registration_server::RegistrationServer;
pub use crate::pod::Limits;
use crate::pods::Pods;
use crate::{DRIVER, authority, csi, recovery, registration};

/// Where and for whom the plugin works.
#[derive(Debug, Clone)]
pub struct Config {
    /// The kubelet's folder; the plugin must see it at the same path as the kubelet.
    pub kubelet: PathBuf,
    /// The node's name.
    pub node: String,
    /// How long a mount may go unserved.
    pub limits: Limits,
}

/// Why the plugin does not work.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// A file of its own.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// What a predecessor left, or a thread.
    #[error("starting: {0}")]
    Start(io::Error),
    /// The kubelet's calls.
    #[error("serving the kubelet: {0}")]
    Serve(#[from] tonic::transport::Error),
}

/// Serves the kubelet until `stop` comes. Mounts stay as they are, and so do the pods that use them.
///
/// # Errors
/// When the kubelet's folders can't be used.
pub async fn serve(config: Config, stop: impl Future<Output = ()>) -> Result<(), ServerError> {
    let pods = Arc::new(Pods::new(config.kubelet.clone(), config.limits));
    recovery::recover(&pods).map_err(ServerError::Start)?;
    pods.watch().map_err(ServerError::Start)?;
    let endpoint = config.kubelet.join("plugins").join(DRIVER).join("csi.sock");
    let announcement = config
        .kubelet
        .join("plugins_registry")
        .join(format!("{DRIVER}-reg.sock"));
    let calls = UnixListenerStream::new(listener(&endpoint)?);
    // The kubelet calls as soon as it sees this one.
    let registrations = UnixListenerStream::new(listener(&announcement)?).map(|stream| stream.map(authority::readable));
    let driver = csi::Service {
        pods,
        node: config.node,
    };
    let driver = Server::builder()
        .add_service(NodeServer::new(driver))
        .serve_with_incoming(calls);
    let registrar = registration::Service {
        endpoint: endpoint.to_string_lossy().into_owned(),
    };
    let registrar = Server::builder().add_service(RegistrationServer::new(registrar));
    tracing::info!(kubelet = %config.kubelet.display(), "waiting for the kubelet");
    let served = tokio::select! {
        served = driver => served,
        served = registrar.serve_with_incoming(registrations) => served,
        () = stop => Ok(()),
    };
    // Without it, the kubelet knows that there is no driver.
    remove(&announcement)?;
    remove(&endpoint)?;
    Ok(served?)
}

fn listener(path: &Path) -> Result<UnixListener, ServerError> {
    let file = |source| ServerError::File {
        path: path.to_owned(),
        source,
    };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(file)?;
    }
    remove(path)?;
    UnixListener::bind(path).map_err(file)
}

fn remove(path: &Path) -> Result<(), ServerError> {
    match fs::remove_file(path) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => Err(ServerError::File {
            path: path.to_owned(),
            source,
        }),
        _ => Ok(()),
    }
}
