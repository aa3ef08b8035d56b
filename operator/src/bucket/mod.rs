//! What the operator does in buckets: makes stores, looks at them, marks the deleted ones. It never reads what agents
//! wrote but to count it.

mod below;
pub mod claim;
pub mod erase;
pub mod expire;
pub mod tend;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use kube::ResourceExt;
use parking_lot::Mutex;
use remanence_api::MemoryStoreClass;
use remanence_api::class::S3;
use remanence_store::backend::s3::{self, Lender, Lent, LentKeys};
use remanence_store::backend::{Backend, BackendError};
use remanence_store::url::{S3Url, Sse, StoreUrl};

use crate::broker::S3Keys;

pub use below::below;

/// Opens places in buckets.
#[async_trait]
pub trait Buckets: Send + Sync {
    /// The place `prefix` in the class's bucket, with all rights that the keys have.
    async fn open(
        &self,
        class: &MemoryStoreClass,
        keys: Option<&S3Keys>,
        prefix: &str,
    ) -> Result<Backend, BackendError>;
}

/// Real buckets. One client serves all stores of a class: a thousand stores are no thousand clients.
#[derive(Default)]
pub struct S3Buckets {
    open: Mutex<HashMap<String, Open>>,
}

struct Open {
    s3: S3,
    keys: Option<S3Keys>,
    backend: Backend,
}

#[async_trait]
impl Buckets for S3Buckets {
    async fn open(
        &self,
        class: &MemoryStoreClass,
        keys: Option<&S3Keys>,
        prefix: &str,
    ) -> Result<Backend, BackendError> {
        let s3 = &class.spec.s3;
        let known = |open: &&Open| open.s3 == *s3 && open.keys.as_ref() == keys;
        let found = self
            .open
            .lock()
            .get(&class.name_any())
            .filter(known)
            .map(|open| open.backend.clone());
        let backend = if let Some(backend) = found {
            backend
        } else {
            let backend = connect(s3, keys).await?;
            let open = Open {
                s3: s3.clone(),
                keys: keys.cloned(),
                backend: backend.clone(),
            };
            self.open.lock().insert(class.name_any(), open);
            backend
        };
        Ok(below(&backend, prefix, url(s3, prefix)))
    }
}

/// With the class's keys, else with what the operator has of its own.
async fn connect(s3: &S3, keys: Option<&S3Keys>) -> Result<Backend, BackendError> {
    let whole = url(s3, "");
    let Some(keys) = keys else {
        return StoreUrl::S3(whole).connect().await;
    };
    let lent = Lent {
        lender: Arc::new(Fixed(keys.clone())),
        ca_bundle: s3.ca_bundle.as_ref().map(|pem| pem.clone().into_bytes()),
    };
    s3::connect_lent(&whole, lent).await
}

/// Keys of a Secret: other ones make another client.
struct Fixed(S3Keys);

#[async_trait]
impl Lender for Fixed {
    async fn lend(&self) -> Result<LentKeys, String> {
        Ok(LentKeys {
            access_key_id: self.0.access_key_id.clone(),
            secret_access_key: self.0.secret_access_key.clone(),
            session_token: self.0.session_token.clone().unwrap_or_default(),
            valid: Duration::from_hours(24),
        })
    }
}

fn url(s3: &S3, prefix: &str) -> S3Url {
    S3Url {
        bucket: s3.bucket.clone(),
        prefix: prefix.to_owned(),
        endpoint: s3.endpoint.as_deref().map(|e| e.trim_end_matches('/').to_owned()),
        region: Some(s3.region.clone()),
        path_style: s3.path_style,
        sse: s3.sse.as_deref().map(|sse| match sse.strip_prefix("aws:kms") {
            Some("") => Sse::Kms(None),
            Some(key) => Sse::Kms(Some(key.trim_start_matches(':').to_owned())),
            None => Sse::Aes256,
        }),
    }
}
