//! Plain HTTP requests to an object store, for what somebody else has signed.

use std::error::Error;
use std::time::Duration;

use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_runtime_api::client::http::HttpConnector;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::http::Headers;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use bytes::Bytes;
use hyper_util::client::legacy;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use super::fault::chain;

/// A client; connections are kept while they last.
#[derive(Debug)]
pub struct Http {
    connector: Connector,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: Headers,
    /// The body.
    pub body: Bytes,
}

/// Why nothing came back.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The request can't be sent at all.
    #[error("{0}")]
    Unusable(String),
    /// There was no connection to send it on.
    #[error("{0}")]
    NotSent(String),
    /// Not known whether it was received.
    #[error("{0}")]
    Unknown(String),
}

impl Http {
    /// A client for `endpoint`, an `http://` or `https://` URL, trusting the certificates of `ca_bundle` (PEM) or else
    /// the system's.
    ///
    /// # Errors
    /// When the bundle is not one.
    pub fn new(endpoint: &str, ca_bundle: Option<&[u8]>) -> Result<Self, HttpError> {
        if endpoint.starts_with("http://") {
            // Without TLS nothing reads the machine's certificates, which cost memory.
            let connector = Connector::builder().build_http();
            return Ok(Self { connector });
        }
        let trust = match ca_bundle {
            Some(pem) => {
                check_pem(pem).map_err(|why| HttpError::Unusable(format!("the CA bundle {why}")))?;
                TrustStore::empty().with_pem_certificate(pem)
            }
            None => TrustStore::default(),
        };
        let context = TlsContext::builder()
            .with_trust_store(trust)
            .build()
            .map_err(|error| HttpError::Unusable(error.to_string()))?;
        let connector = Connector::builder()
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .tls_context(context)
            .build();
        Ok(Self { connector })
    }

    /// Sends a request once and waits for the whole answer, for `limit` at most.
    ///
    /// # Errors
    /// When it can't be sent, or no answer comes.
    pub async fn send(
        &self,
        method: &str,
        url: &str,
        headers: &[(String, String)],
        body: Bytes,
        limit: Duration,
    ) -> Result<Answer, HttpError> {
        let unusable = |error: String| HttpError::Unusable(error);
        let mut request = HttpRequest::new(SdkBody::from(body));
        request.set_method(method).map_err(|e| unusable(e.to_string()))?;
        request.set_uri(url).map_err(|e| unusable(e.to_string()))?;
        for (name, value) in headers {
            let set = request.headers_mut().try_insert(name.clone(), value.clone());
            set.map_err(|e| unusable(e.to_string()))?;
        }
        let exchange = async {
            let answer = self.connector.call(request).await;
            let answer = answer.map_err(|error| sort(&error))?;
            let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
            let body = ByteStream::new(answer.into_body()).collect().await;
            let body = body.map_err(|error| HttpError::Unknown(format!("the answer broke off: {}", chain(&error))))?;
            Ok(Answer {
                status,
                headers,
                body: body.into_bytes(),
            })
        };
        match tokio::time::timeout(limit, exchange).await {
            Ok(answer) => answer,
            Err(_) => Err(HttpError::Unknown(format!("no answer in {} s", limit.as_secs()))),
        }
    }
}

/// Whether a request that failed may have been received.
fn sort(error: &ConnectorError) -> HttpError {
    let why = chain(error);
    let mut next = error.source();
    while let Some(cause) = next {
        if cause
            .downcast_ref::<legacy::Error>()
            .is_some_and(legacy::Error::is_connect)
        {
            return HttpError::NotSent(why);
        }
        next = cause.source();
    }
    HttpError::Unknown(why)
}

/// Says what is wrong with a bundle of certificates, if so.
pub(crate) fn check_pem(pem: &[u8]) -> Result<(), String> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate.map_err(|error| format!("is not PEM ({error})"))?;
        roots
            .add(certificate)
            .map_err(|error| format!("has a bad certificate ({error})"))?;
    }
    if roots.is_empty() {
        return Err("has no certificate in it".to_owned());
    }
    Ok(())
}
