//! A class whose pods get sessions: its STS is asked for one.

use axum::Router;
use axum::http::StatusCode;
use tokio::net::TcpListener;

use super::*;

const STATUS: &str = "/apis/remanence.dev/v1alpha1/memorystoreclasses/standard/status";
const CLASS_EVENTS: &str = "/apis/events.k8s.io/v1/namespaces/default/events";
const SECRET: &str = "/api/v1/namespaces/storage/secrets/s3";

/// An STS that answers this to everybody, and what it is asked.
async fn sts(status: StatusCode, answer: &'static str) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let asked: Arc<Mutex<Vec<String>>> = Arc::default();
    let noted = asked.clone();
    let router = Router::new().fallback(move |form: String| {
        noted.lock().push(form);
        async move { (status, answer) }
    });
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    (url, asked)
}

#[tokio::test]
async fn a_class_whose_sts_gives_no_session_says_so_before_a_pod_waits_for_one() {
    let session = "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>A</AccessKeyId><SecretAccessKey>S\
                   </SecretAccessKey><SessionToken>T</SessionToken><Expiration>2999-01-01T00:00:00Z</Expiration>\
                   </Credentials></AssumeRoleResult></AssumeRoleResponse>";
    for (status, answer, expected) in [
        (StatusCode::OK, session, ("True", "Ready")),
        (StatusCode::FORBIDDEN, "no such role", ("False", "StsRefused")),
    ] {
        let (endpoint, asked) = sts(status, answer).await;
        let mut object = fixtures::class("standard");
        object.status = None;
        let credentials = json!({
            "mode": "Broker",
            "secretRef": {"namespace": "storage", "name": "s3"},
            "sts": {"endpoint": endpoint, "roleArn": "arn:aws:iam::1:role/pods"},
        });
        object.spec.credentials = serde_json::from_value(credentials).unwrap();
        let secret =
            json!({"metadata": {"name": "s3"}, "data": {"accessKeyId": "aWQ=", "secretAccessKey": "c2VjcmV0"}});
        let scene = Scene::new(
            fixtures::cluster(&[], &[], &[object.clone()], &[]),
            vec![
                call("GET", SECRET, secret),
                call("PUT", STATUS, serde_json::to_value(&object).unwrap()),
                call("POST", CLASS_EVENTS, json!({"metadata": {}, "eventTime": null})),
            ],
        );
        class::reconcile(Arc::new(object), scene.context.clone()).await.unwrap();
        let sent = scene.sent().await;
        assert_eq!(ready_condition(&sent[1]), expected);
        let message = sent[1]["status"]["conditions"][0]["message"].as_str().unwrap();
        assert_eq!(message.contains("no such role"), status != StatusCode::OK, "{message}");
        // With the policy of a store that is none.
        let asked = asked.lock();
        assert!(
            asked[0].contains("role%2Fpods") && asked[0].contains("_remanence%2F"),
            "{asked:?}"
        );
        assert_eq!(asked.len(), 1);
    }
}
