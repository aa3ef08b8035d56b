//! The certificate that is served, whichever it is at the moment.

use std::sync::Arc;

use parking_lot::RwLock;
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::danger::ClientCertVerifier;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use super::Bundle;

/// What is served now; clones share it.
#[derive(Clone, Default)]
pub struct Served(Arc<Inner>);

#[derive(Default)]
struct Inner {
    key: RwLock<Option<Arc<CertifiedKey>>>,
    trusted: RwLock<String>,
}

impl std::fmt::Debug for Served {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Served").finish_non_exhaustive()
    }
}

impl Served {
    /// From now on serves `bundle`.
    ///
    /// # Errors
    /// When it is no usable certificate; the earlier one is served on.
    pub fn set(&self, bundle: &Bundle) -> Result<(), String> {
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(bundle.chain().as_bytes()).collect();
        let chain = chain.map_err(|error| format!("the certificate is no PEM: {error}"))?;
        let key = PrivateKeyDer::from_pem_slice(bundle.key().as_bytes())
            .map_err(|error| format!("the key is no PEM: {error}"))?;
        let key = ring::sign::any_supported_type(&key).map_err(|error| format!("the key can't be used: {error}"))?;
        *self.0.key.write() = Some(Arc::new(CertifiedKey::new(chain, key)));
        *self.0.trusted.write() = bundle.trusted();
        Ok(())
    }

    /// What clients are to trust; empty until there is something.
    pub fn trusted(&self) -> String {
        self.0.trusted.read().clone()
    }

    /// A TLS server that serves it.
    ///
    /// # Errors
    /// When the TLS library has no common protocol version.
    pub fn server(&self) -> Result<ServerConfig, rustls::Error> {
        let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
        let builder = builder.with_safe_default_protocol_versions()?;
        Ok(builder.with_no_client_auth().with_cert_resolver(Arc::new(self.clone())))
    }

    /// A TLS server that serves it to those whom `clients` lets in.
    ///
    /// # Errors
    /// When the TLS library has no common protocol version.
    pub fn server_for(&self, clients: Arc<dyn ClientCertVerifier>) -> Result<ServerConfig, rustls::Error> {
        let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
        let builder = builder.with_safe_default_protocol_versions()?;
        let builder = builder.with_client_cert_verifier(clients);
        Ok(builder.with_cert_resolver(Arc::new(self.clone())))
    }
}

impl ResolvesServerCert for Served {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.0.key.read().clone()
    }
}
