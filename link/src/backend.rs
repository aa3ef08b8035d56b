//! From what the broker says of a store to a backend.

use std::sync::Arc;

use remanence_proto::broker::{Attachment, Place, attachment, credentials};
use remanence_store::backend::s3::{self, Lent};
use remanence_store::backend::{Backend, BackendError, presigned};
use remanence_store::url::{S3Url, StoreUrl};

use super::lender::BrokerLender;
use super::signer::BrokerSigner;
use super::stream::Link;

/// The store as the broker lends it; nothing in it can be overwritten.
///
/// # Errors
/// When it can't be opened.
pub async fn backend(attachment: &Attachment, link: &Arc<Link>) -> Result<Backend, BackendError> {
    let Some(lent) = &attachment.credentials else {
        return Err(BackendError::Refused {
            what: attachment.store.clone(),
            cause: "the broker has no credentials for it now".to_owned(),
        });
    };
    let place = attachment.place.clone().unwrap_or_default();
    let url = url(&place)?;
    let writable = attachment.access() == attachment::Access::ReadWrite;
    let backend = match &lent.credentials {
        Some(credentials::Credentials::Presigned(_)) => {
            let signer = BrokerSigner {
                link: link.clone(),
                store: attachment.store.clone(),
            };
            let place = presigned::Place {
                url: StoreUrl::S3(url).to_string(),
                endpoint: place.endpoint,
                ca_bundle: (!place.ca_bundle.is_empty()).then(|| place.ca_bundle.into_bytes()),
                prefix: place.prefix,
                writable,
            };
            presigned::backend(&place, Arc::new(signer))?
        }
        Some(credentials::Credentials::Session(session)) => {
            let lender = BrokerLender {
                link: link.clone(),
                store: attachment.store.clone(),
                sessions: link.sessions(&attachment.store, session).into(),
            };
            let lent = Lent {
                lender: Arc::new(lender),
                ca_bundle: (!place.ca_bundle.is_empty()).then(|| place.ca_bundle.into_bytes()),
            };
            s3::connect_lent(&url, lent).await?
        }
        Some(credentials::Credentials::Ambient(_)) => StoreUrl::S3(url).connect().await?,
        None => {
            return Err(BackendError::Refused {
                what: attachment.store.clone(),
                cause: "the broker gives credentials of a kind that is not known here; update this program's image"
                    .to_owned(),
            });
        }
    };
    let backend = backend.without_maintain();
    Ok(if writable { backend } else { backend.read_only() })
}

/// The address of a place.
///
/// # Errors
/// When its encryption is none that is known.
pub fn url(place: &Place) -> Result<S3Url, BackendError> {
    let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let sse = given(&place.sse).map(|word| word.parse()).transpose();
    Ok(S3Url {
        bucket: place.bucket.clone(),
        prefix: place.prefix.clone(),
        endpoint: given(&place.endpoint),
        region: given(&place.region),
        path_style: Some(place.path_style),
        sse: sse.map_err(|error: remanence_store::url::UrlError| BackendError::Refused {
            what: format!("bucket {}", place.bucket),
            cause: error.to_string(),
        })?,
    })
}
