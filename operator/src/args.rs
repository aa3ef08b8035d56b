//! How the operator is started: by the chart, in environment variables.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use clap::Args as ClapArgs;
use serde::de::DeserializeOwned;

use crate::admission::Sidecar;
use crate::broker::Peers;
use crate::dream::{Dreamer, Egress};

/// How to run.
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// The operator's own namespace
    #[arg(long, env = "REMANENCE_NAMESPACE")]
    pub namespace: String,
    /// This replica's name
    #[arg(long, env = "POD_NAME", default_value = "remanence-operator")]
    pub identity: String,
    /// How sidecars are to be, as JSON: image, imagePullPolicy, runAsUser, resources, cacheSize
    #[arg(long, env = "REMANENCE_SIDECAR", value_parser = json::<Sidecar>)]
    pub sidecar: Sidecar,
    /// How dreamers are to be, as JSON: image, imagePullPolicy, runAsUser, resources
    #[arg(long, env = "REMANENCE_DREAMER", value_parser = json::<Dreamer>)]
    pub dreamer: Dreamer,
    /// Where dreamers may connect to, as JSON: always (egress rules of a `NetworkPolicy`) and outside (peers of one), besides
    /// what follows from classes and models; left out, they have no `NetworkPolicy`
    #[arg(long, env = "REMANENCE_DREAM_EGRESS", value_parser = json::<Egress>)]
    pub dream_egress: Option<Egress>,
    /// The broker's URL for pods; left out, port 8444 of the broker's Service
    #[arg(long, env = "REMANENCE_BROKER_ADDRESS")]
    pub broker_address: Option<String>,
    /// The broker's Service
    #[arg(long, env = "REMANENCE_BROKER_SERVICE", default_value = "remanence-broker")]
    pub broker_service: String,
    /// The headless Service that leads to all replicas' brokers; left out, they do not tell one another of commits
    #[arg(long, env = "REMANENCE_PEERS", requires_all = ["own_address", "service_account"])]
    pub peers: Option<String>,
    /// This replica's own address
    #[arg(long, env = "POD_IP")]
    pub own_address: Option<IpAddr>,
    /// The `ServiceAccount` that the replicas run as
    #[arg(long, env = "POD_SERVICE_ACCOUNT")]
    pub service_account: Option<String>,
    /// The file with the operator's own token for the broker
    #[arg(
        long,
        env = "REMANENCE_TOKEN",
        default_value = "/var/run/secrets/remanence.dev/token"
    )]
    pub token: PathBuf,
    /// The webhook's Service
    #[arg(long, env = "REMANENCE_WEBHOOK_SERVICE", default_value = "remanence-webhook")]
    pub webhook_service: String,
    /// The webhook's `MutatingWebhookConfiguration`
    #[arg(long, env = "REMANENCE_WEBHOOK_CONFIGURATION", default_value = "remanence")]
    pub webhook_configuration: String,
    /// The Secret with the certificates
    #[arg(long, env = "REMANENCE_CERTIFICATES", default_value = "remanence-certificates")]
    pub certificates: String,
    /// Where the webhook listens
    #[arg(long, env = "REMANENCE_WEBHOOK_LISTEN", default_value = "[::]:8443")]
    pub webhook_listen: SocketAddr,
    /// Where the broker listens
    #[arg(long, env = "REMANENCE_BROKER_LISTEN", default_value = "[::]:8444")]
    pub broker_listen: SocketAddr,
    /// The content API's `APIService`; left out, there is no content API
    #[arg(long, env = "REMANENCE_CONTENT_API")]
    pub content_api: Option<String>,
    /// The content API's Service
    #[arg(long, env = "REMANENCE_CONTENT_SERVICE", default_value = "remanence-content")]
    pub content_service: String,
    /// Where the content API listens
    #[arg(long, env = "REMANENCE_CONTENT_LISTEN", default_value = "[::]:8445")]
    pub content_listen: SocketAddr,
    /// Where health and metrics are answered
    #[arg(long, env = "REMANENCE_HEALTH_LISTEN", default_value = "[::]:8080")]
    pub health_listen: SocketAddr,
}

impl Args {
    /// The names that are served by TLS.
    pub fn served_names(&self) -> Vec<String> {
        let services = [&self.webhook_service, &self.broker_service, &self.content_service];
        let names = services.map(|service| {
            let short = format!("{service}.{}.svc", self.namespace);
            [format!("{short}.cluster.local"), short]
        });
        names.into_iter().flatten().collect()
    }

    /// How replicas find and know one another.
    pub fn peers(&self) -> Option<Peers> {
        Some(Peers {
            service: format!(
                "{}.{}.svc:{}",
                self.peers.as_ref()?,
                self.namespace,
                self.broker_listen.port()
            ),
            name: format!("{}.{}.svc", self.broker_service, self.namespace),
            own: self.own_address?,
            token: self.token.clone(),
            account: (self.namespace.clone(), self.service_account.clone()?),
        })
    }

    /// The broker's URL.
    pub fn broker(&self) -> String {
        let by_service = || format!("https://{}.{}.svc:8444", self.broker_service, self.namespace);
        self.broker_address.clone().unwrap_or_else(by_service)
    }
}

fn json<T: DeserializeOwned>(text: &str) -> Result<T, serde_json::Error> {
    serde_json::from_str(text)
}
