//! Whose a token is: asked of the apiserver, which knows whether the pod it was bound to still runs.

use async_trait::async_trait;
use k8s_openapi::api::authentication::v1::{TokenReview, TokenReviewSpec, UserInfo};
use kube::api::PostParams;
use kube::{Api, Client};
use remanence_api::names::AUDIENCE;

const POD_NAME: &str = "authentication.kubernetes.io/pod-name";
const POD_UID: &str = "authentication.kubernetes.io/pod-uid";

/// Who opened a stream, as the token proved it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Caller {
    /// The pod's namespace.
    pub namespace: String,
    /// The pod.
    pub pod: String,
    /// Its uid.
    pub uid: String,
    /// Its `ServiceAccount`.
    pub service_account: String,
}

/// Why a token proves nothing.
#[derive(Debug, Clone, thiserror::Error)]
pub enum TokenError {
    /// It is none, or no longer one.
    #[error("the token is not valid: {0}")]
    Invalid(String),
    /// Nobody can be asked now.
    #[error("the token can't be checked now: {0}")]
    Unavailable(String),
}

/// Proves tokens.
#[async_trait]
pub trait Tokens: Send + Sync + 'static {
    /// Whose the token is.
    async fn prove(&self, token: &str) -> Result<Caller, TokenError>;
}

/// Proves tokens by the apiserver's `TokenReview`.
pub struct TokenReviews {
    client: Client,
}

impl TokenReviews {
    /// Asks by `client`, which needs the right to create `tokenreviews`.
    pub fn new(client: Client) -> Self {
        Self { client }
    }
}

#[async_trait]
impl Tokens for TokenReviews {
    async fn prove(&self, token: &str) -> Result<Caller, TokenError> {
        let review = TokenReview {
            spec: TokenReviewSpec {
                token: Some(token.to_owned()),
                audiences: Some(vec![AUDIENCE.to_owned()]),
            },
            ..TokenReview::default()
        };
        let api: Api<TokenReview> = Api::all(self.client.clone());
        let review = api.create(&PostParams::default(), &review).await;
        let status = review
            .map_err(|error| TokenError::Unavailable(error.to_string()))?
            .status
            .unwrap_or_default();
        if status.authenticated != Some(true) {
            let why = status
                .error
                .unwrap_or_else(|| "the apiserver does not know it".to_owned());
            return Err(TokenError::Invalid(why));
        }
        // An apiserver that does not know audiences leaves them out, and has then not checked them.
        if !status.audiences.unwrap_or_default().iter().any(|a| a == AUDIENCE) {
            return Err(TokenError::Invalid(format!("it is not meant for {AUDIENCE}")));
        }
        caller(&status.user.unwrap_or_default()).map_err(|why| TokenError::Invalid(why.to_owned()))
    }
}

fn caller(user: &UserInfo) -> Result<Caller, &'static str> {
    let name = user.username.as_deref().unwrap_or_default();
    let account = name
        .strip_prefix("system:serviceaccount:")
        .and_then(|n| n.split_once(':'));
    let (namespace, service_account) = account.ok_or("it is not a ServiceAccount's")?;
    let extra = |key: &str| {
        let values = user.extra.as_ref()?.get(key)?;
        // More than one would be no proof of either.
        <&[String; 1]>::try_from(values.as_slice())
            .ok()
            .map(|[value]| value.clone())
    };
    match (extra(POD_NAME), extra(POD_UID)) {
        (Some(pod), Some(uid)) => Ok(Caller {
            namespace: namespace.to_owned(),
            pod,
            uid,
            service_account: service_account.to_owned(),
        }),
        _ => Err("it is not bound to a pod; only a pod's projected token is accepted"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn user(name: &str, extra: &[(&str, &[&str])]) -> UserInfo {
        let extra = extra.iter().map(|(key, values)| {
            let values = values.iter().map(|value| (*value).to_owned()).collect();
            ((*key).to_owned(), values)
        });
        UserInfo {
            username: Some(name.to_owned()),
            extra: Some(extra.collect()),
            ..UserInfo::default()
        }
    }

    type Request = axum::http::Request<kube::client::Body>;
    type Response = axum::http::Response<kube::client::Body>;

    /// What comes of a token of which the apiserver says `status`.
    async fn reviewed(code: u16, status: serde_json::Value) -> Result<Caller, TokenError> {
        let (service, mut apiserver) = tower_test::mock::pair::<Request, Response>();
        let reviews = TokenReviews::new(Client::new(service, "default"));
        let answering = async {
            let (request, answer) = apiserver.next_request().await.unwrap();
            assert_eq!(request.uri().path(), "/apis/authentication.k8s.io/v1/tokenreviews");
            let body = request.into_body().collect_bytes().await.unwrap();
            let asked: TokenReview = serde_json::from_slice(&body).unwrap();
            assert_eq!(asked.spec.token.as_deref(), Some("secret"));
            assert_eq!(asked.spec.audiences, Some(vec![AUDIENCE.to_owned()]));
            let review = serde_json::json!({
                "apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview", "metadata": {}, "spec": {}, "status": status,
            });
            let body = kube::client::Body::from(serde_json::to_vec(&review).unwrap());
            answer.send_response(axum::http::Response::builder().status(code).body(body).unwrap());
        };
        tokio::join!(reviews.prove("secret"), answering).0
    }

    fn status(authenticated: bool, audience: &str) -> serde_json::Value {
        serde_json::json!({
            "authenticated": authenticated,
            "audiences": [audience],
            "user": {"username": "system:serviceaccount:team-a:reviewer", "extra": {POD_NAME: ["p"], POD_UID: ["u"]}},
        })
    }

    #[tokio::test]
    async fn the_apiserver_says_whose_a_token_is() {
        let caller = reviewed(201, status(true, AUDIENCE)).await.unwrap();
        assert_eq!((caller.pod.as_str(), caller.uid.as_str()), ("p", "u"));
        for (what, refused) in [
            ("an unknown token", status(false, AUDIENCE)),
            (
                "one for the apiserver itself",
                status(true, "https://kubernetes.default.svc"),
            ),
            (
                "an apiserver that checks no audience",
                serde_json::json!({"authenticated": true}),
            ),
        ] {
            let error = reviewed(201, refused).await.unwrap_err();
            assert!(matches!(error, TokenError::Invalid(_)), "{what}: {error:?}");
        }
        let away = reviewed(500, serde_json::json!({})).await.unwrap_err();
        assert!(matches!(away, TokenError::Unavailable(_)), "{away:?}");
    }

    #[test]
    fn only_a_token_bound_to_a_pod_names_a_caller() {
        let account = "system:serviceaccount:team-a:reviewer";
        let bound = [(POD_NAME, &["pod-1"][..]), (POD_UID, &["u-1"][..])];
        let known = caller(&user(account, &bound)).unwrap();
        assert_eq!(
            (
                known.namespace.as_str(),
                known.pod.as_str(),
                known.uid.as_str(),
                known.service_account.as_str()
            ),
            ("team-a", "pod-1", "u-1", "reviewer")
        );
        assert!(caller(&user(account, &[])).unwrap_err().contains("not bound"));
        let twice = [(POD_NAME, &["a", "b"][..]), (POD_UID, &["u"][..])];
        assert!(caller(&user(account, &twice)).is_err());
        assert!(caller(&user("kubernetes-admin", &bound)).is_err());
        assert!(caller(&user("system:node:n1", &bound)).is_err());
    }
}
