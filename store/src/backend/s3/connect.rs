//! From an address and the environment to a client: credentials, region, endpoint, certificates.

use std::time::Duration;

use super::lent::{Lent, Provided};
use crate::backend::http::check_pem;
use crate::backend::{BackendError, Result};
use crate::url::S3Url;
use aws_config::environment::EnvironmentVariableRegionProvider;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::ProfileFileRegionProvider;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region};
use aws_sdk_s3::Client;
use aws_sdk_s3::config::SharedHttpClient;
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};

const CONNECT: Duration = Duration::from_secs(5);
/// Longest wait for one try of a read's answer to begin.
const READ: Duration = Duration::from_secs(15);

/// The two clients of a bucket; they share their connections.
pub(super) struct Clients {
    /// Tries again by itself.
    pub(super) reader: Client,
    /// Never tries again by itself: whoever creates must know that an answer belongs to his own try.
    pub(super) writer: Client,
}

/// Makes the clients for `url`, with the credentials of the environment or with lent ones. No request, unless the region
/// has to be asked of the machine.
pub(super) async fn connect(url: &S3Url, lent: Option<Lent>) -> Result<Clients> {
    let ca_bundle = match &lent {
        Some(lent) => lent.ca_bundle.clone(),
        None => ca_bundle(url)?,
    };
    let plain = url
        .endpoint
        .as_deref()
        .is_some_and(|endpoint| endpoint.starts_with("http://"));
    let https = https_client(ca_bundle)?;
    let mut loader = aws_config::defaults(BehaviorVersion::latest()).http_client(https);
    if let Some(region) = region(url).await {
        loader = loader.region(region);
    }
    if let Some(lent) = lent {
        loader = loader.credentials_provider(Provided(lent.lender));
    }
    let shared = loader.load().await;
    if shared.region().is_none() {
        let cause = "no region is known; add `?region=…` to the URL, or set AWS_REGION".to_owned();
        return Err(refused(url, cause));
    }
    let mut config = aws_sdk_s3::config::Builder::from(&shared)
        .force_path_style(url.path_style.unwrap_or(url.endpoint.is_some()))
        .timeout_config(
            TimeoutConfig::builder()
                .connect_timeout(CONNECT)
                .operation_attempt_timeout(READ)
                .build(),
        );
    if plain {
        // Without TLS nothing reads the machine's certificates, which cost memory.
        config = config.http_client(Builder::new().build_http());
    }
    if let Some(endpoint) = &url.endpoint {
        config = config.endpoint_url(endpoint);
    }
    let writer = config
        .clone()
        .retry_config(RetryConfig::disabled())
        .timeout_config(TimeoutConfig::builder().connect_timeout(CONNECT).build());
    Ok(Clients {
        reader: Client::from_conf(config.build()),
        writer: Client::from_conf(writer.build()),
    })
}

/// The region, unless the whole chain is to be asked for it.
async fn region(url: &S3Url) -> Option<Region> {
    if let Some(region) = &url.region {
        return Some(Region::new(region.clone()));
    }
    url.endpoint.as_ref()?;
    // Any region will do for most servers; the machine is not asked, since outside AWS that takes seconds.
    let chain = RegionProviderChain::first_try(EnvironmentVariableRegionProvider::new())
        .or_else(ProfileFileRegionProvider::new());
    Some(chain.region().await.unwrap_or(Region::from_static("us-east-1")))
}

fn https_client(ca_bundle: Option<Vec<u8>>) -> Result<SharedHttpClient> {
    let trust = match ca_bundle {
        Some(pem) => TrustStore::empty().with_pem_certificate(pem),
        None => TrustStore::default(),
    };
    let context = TlsContext::builder()
        .with_trust_store(trust)
        .build()
        .map_err(|error| BackendError::Refused {
            what: "TLS".to_owned(),
            cause: error.to_string(),
        })?;
    Ok(Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .tls_context(context)
        .build_https())
}

/// The certificates of `AWS_CA_BUNDLE`, checked.
fn ca_bundle(url: &S3Url) -> Result<Option<Vec<u8>>> {
    let Some(path) = std::env::var_os("AWS_CA_BUNDLE").filter(|path| !path.is_empty()) else {
        return Ok(None);
    };
    let shown = path.display();
    let pem = std::fs::read(&path).map_err(|error| {
        refused(
            url,
            format!("cannot read AWS_CA_BUNDLE {shown}: {error}; correct or unset it"),
        )
    })?;
    match check_pem(&pem) {
        Ok(()) => Ok(Some(pem)),
        Err(why) => Err(refused(
            url,
            format!("AWS_CA_BUNDLE {shown} {why}; give a PEM file of CA certificates"),
        )),
    }
}

fn refused(url: &S3Url, cause: String) -> BackendError {
    BackendError::Refused {
        what: url.to_string(),
        cause,
    }
}
