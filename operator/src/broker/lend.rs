//! What a stream lends of one store: a signature for each request, a session, or nothing.

use std::collections::BTreeMap;
use std::time::SystemTime;

use remanence_proto::broker::{Ambient, Credentials, Place, Presigned, SignedRequest, credentials, request};

use super::directory::{Access, Grant, Keys};
use super::sign::{self, Presigner};
use super::{VALIDITY, sts};

/// All that it depends on how a store is lent to a pod.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Terms {
    pub(super) store: String,
    pub(super) id: String,
    pub(super) access: Access,
    pub(super) place: Option<Place>,
    keys: Keys,
}

/// The terms of each store. One that is attached in several folders is lent once, with the greatest access.
pub(super) fn terms(grants: &[Grant]) -> BTreeMap<String, Terms> {
    let mut terms: BTreeMap<String, Terms> = BTreeMap::new();
    for grant in grants {
        let attachment = &grant.attachment;
        let wanted = Terms {
            store: attachment.store.clone(),
            id: grant.id.clone(),
            access: grant.access(),
            place: attachment.place.clone(),
            keys: grant.keys.clone(),
        };
        let known = terms.get(&attachment.store);
        if known.is_none_or(|known| known.access < wanted.access) {
            terms.insert(attachment.store.clone(), wanted);
        }
    }
    terms
}

/// A store of a stream.
pub(super) struct Lent {
    pub(super) terms: Terms,
    pub(super) credentials: Credentials,
    presigner: Option<Presigner>,
}

impl Lent {
    /// Opens a store.
    ///
    /// # Errors
    /// Why it can't be opened now, for people.
    pub(super) async fn new(terms: Terms) -> Result<Self, String> {
        let place = terms.place.clone().unwrap_or_default();
        let mut presigner = None;
        let kind = match &terms.keys {
            Keys::Unavailable(why) => return Err(why.clone()),
            Keys::Ambient => credentials::Credentials::Ambient(Ambient {}),
            Keys::Presigned(keys) => {
                presigner = Some(Presigner::new(&place, keys, VALIDITY).map_err(|error| error.to_string())?);
                credentials::Credentials::Presigned(Presigned {})
            }
            Keys::Session(keys, sts) => {
                let session = sts::assume(&place, keys, sts, &terms.id, terms.access).await;
                credentials::Credentials::Session(session.map_err(|error| error.to_string())?)
            }
        };
        let credentials = Credentials {
            store: terms.store.clone(),
            credentials: Some(kind),
        };
        Ok(Self {
            terms,
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
        if let Err(error) = sign::check(request, &self.terms.id, self.terms.access) {
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
