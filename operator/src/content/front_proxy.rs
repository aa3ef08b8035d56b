//! The apiserver's front proxy: the one client that may say on whose behalf it comes. Kubernetes publishes in a
//! `ConfigMap` by which certificates it is known and in which headers it names its callers.

use std::sync::Arc;
use std::time::Duration;

use k8s_openapi::api::core::v1::ConfigMap;
use kube::{Api, Client};
use parking_lot::RwLock;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{CertificateError, DigitallySignedStruct, DistinguishedName, RootCertStore, SignatureScheme};
use tokio_util::sync::CancellationToken;

/// Where it is published.
const NAMESPACE: &str = "kube-system";
const NAME: &str = "extension-apiserver-authentication";

/// How often it is looked whether it has changed, and how soon again while nothing is known.
const LOOK: Duration = Duration::from_mins(1);
const AGAIN: Duration = Duration::from_secs(2);

/// In which headers callers are named.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Headers {
    pub(super) user: Vec<String>,
    pub(super) uid: Vec<String>,
    pub(super) groups: Vec<String>,
    pub(super) extra_prefixes: Vec<String>,
}

/// What is known of the front proxy now; clones share it.
#[derive(Clone)]
pub struct FrontProxy {
    known: Arc<RwLock<Option<Known>>>,
    provider: Arc<CryptoProvider>,
}

struct Known {
    data: Published,
    verifier: Arc<dyn ClientCertVerifier>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Published {
    ca: String,
    /// Common names that may be; any of the authority's where there are none.
    names: Vec<String>,
    headers: Headers,
}

impl Default for FrontProxy {
    fn default() -> Self {
        Self {
            known: Arc::default(),
            provider: Arc::new(ring::default_provider()),
        }
    }
}

impl std::fmt::Debug for FrontProxy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FrontProxy").finish_non_exhaustive()
    }
}

impl FrontProxy {
    /// Looks until `stop`.
    pub async fn run(self, client: Client, stop: CancellationToken) {
        let api: Api<ConfigMap> = Api::namespaced(client, NAMESPACE);
        loop {
            let looked = match api.get(NAME).await {
                Ok(published) => self.set(&published),
                Err(error) => Err(error.to_string()),
            };
            if let Err(error) = looked {
                tracing::warn!(
                    "the content API can't learn who the apiserver's front proxy is: the ConfigMap {NAMESPACE}/{NAME}: {error}"
                );
            }
            let rest = if self.known.read().is_some() { LOOK } else { AGAIN };
            tokio::select! {
                () = tokio::time::sleep(rest) => {}
                () = stop.cancelled() => return,
            }
        }
    }

    /// From now on goes by what is `published`; what was known before stays where this can't be used.
    ///
    /// # Errors
    /// Why it can't.
    pub fn set(&self, published: &ConfigMap) -> Result<(), String> {
        let data = read(published)?;
        if self.known.read().as_ref().is_some_and(|known| known.data == data) {
            return Ok(());
        }
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(data.ca.as_bytes()) {
            let certificate = certificate.map_err(|error| format!("the authority is no PEM: {error}"))?;
            roots
                .add(certificate)
                .map_err(|error| format!("the authority can't be used: {error}"))?;
        }
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), self.provider.clone());
        let verifier = verifier.build().map_err(|error| error.to_string())?;
        *self.known.write() = Some(Known { data, verifier });
        Ok(())
    }

    /// In which headers callers are named.
    pub(super) fn headers(&self) -> Headers {
        let known = self.known.read();
        known.as_ref().map_or_else(Headers::default, |k| k.data.headers.clone())
    }
}

fn read(published: &ConfigMap) -> Result<Published, String> {
    let data = published.data.clone().unwrap_or_default();
    let list = |key: &str| -> Result<Vec<String>, String> {
        let Some(text) = data.get(key) else {
            return Ok(Vec::new());
        };
        serde_json::from_str(text).map_err(|error| format!("{key} is no list: {error}"))
    };
    let ca = data.get("requestheader-client-ca-file").filter(|ca| !ca.is_empty());
    let ca = ca.ok_or("there is no requestheader-client-ca-file: the apiserver does not aggregate APIs")?;
    Ok(Published {
        ca: ca.clone(),
        names: list("requestheader-allowed-names")?,
        headers: Headers {
            user: list("requestheader-username-headers")?,
            uid: list("requestheader-uid-headers")?,
            groups: list("requestheader-group-headers")?,
            extra_prefixes: list("requestheader-extra-headers-prefix")?,
        },
    })
}

/// Common names of a certificate.
fn common_names(certificate: &CertificateDer<'_>) -> Vec<String> {
    let Ok((_, parsed)) = x509_parser::parse_x509_certificate(certificate) else {
        return Vec::new();
    };
    let names = parsed.subject().iter_common_name();
    names.filter_map(|name| Some(name.as_str().ok()?.to_owned())).collect()
}

impl ClientCertVerifier for FrontProxy {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        let known = self.known.read();
        let refused = rustls::Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure);
        let Some(known) = known.as_ref() else {
            return Err(refused);
        };
        let verified = known.verifier.verify_client_cert(end_entity, intermediates, now)?;
        let allowed = &known.data.names;
        let is_allowed = allowed.is_empty() || common_names(end_entity).iter().any(|name| allowed.contains(name));
        if is_allowed { Ok(verified) } else { Err(refused) }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
