//! What a stream lends of one store: a signature for each request, a session, or nothing.

use std::time::SystemTime;

use remanence_proto::broker::{Ambient, Credentials, Presigned, SignedRequest, credentials, request};

use super::directory::{Grant, Keys};
use super::sign::{self, Presigner};
use super::{VALIDITY, sts};

/// A store of a stream.
pub(super) struct Lent {
    pub(super) grant: Grant,
    pub(super) credentials: Credentials,
    presigner: Option<Presigner>,
}

impl Lent {
    /// Opens a store.
    ///
    /// # Errors
    /// Why it can't be opened now, for people.
    pub(super) async fn new(grant: Grant) -> Result<Self, String> {
        let place = grant.attachment.place.clone().unwrap_or_default();
        let mut presigner = None;
        let kind = match &grant.keys {
            Keys::Unavailable(why) => return Err(why.clone()),
            Keys::Ambient => credentials::Credentials::Ambient(Ambient {}),
            Keys::Presigned(keys) => {
                presigner = Some(Presigner::new(&place, keys, VALIDITY).map_err(|error| error.to_string())?);
                credentials::Credentials::Presigned(Presigned {})
            }
            Keys::Session(keys, sts) => {
                let session = sts::assume(&place, keys, sts, &grant.id, grant.access()).await;
                credentials::Credentials::Session(session.map_err(|error| error.to_string())?)
            }
        };
        let credentials = Credentials {
            store: grant.attachment.store.clone(),
            credentials: Some(kind),
        };
        Ok(Self {
            grant,
            credentials,
            presigner,
        })
    }

    /// Signs a request if the pod may make it.
    pub(super) fn sign(&self, request: Option<&request::Request>, author: &str) -> SignedRequest {
        let refused = |error: String| SignedRequest {
            error,
            ..SignedRequest::default()
        };
        let Some(presigner) = &self.presigner else {
            return refused("the store's class does not have its requests signed".to_owned());
        };
        if let Err(error) = sign::check(request, &self.grant.id, self.grant.access()) {
            return refused(error.to_string());
        }
        let Some(request) = request else {
            return refused(sign::KeyError::Empty.to_string());
        };
        match presigner.presign(request, author, SystemTime::now()) {
            Ok(signed) => signed,
            Err(error) => refused(error.to_string()),
        }
    }
}
