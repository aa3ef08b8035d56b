//! What whoever looks at a pod is told of what keeps it from its memory.

use remanence_operator::broker::{Grant, Keys};
use remanence_proto::broker::{Attachment, FromPod, Refresh, ToPod, from_pod, to_pod};
use remanence_tests::cluster::Cluster;
use tonic::Streaming;

use crate::stream::{endpoint, hear, open};

/// Waits until the pod is told of a problem of that kind.
async fn hear_problem(stream: &mut Streaming<ToPod>, reason: &str) {
    let is_it =
        |message: &to_pod::Message| matches!(message, to_pod::Message::Problem(problem) if problem.reason == reason);
    hear(stream, is_it).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_keeps_a_pod_from_its_memory_is_told_to_others_too_and_what_it_alone_is_wrong_about_is_not() {
    let cluster = Cluster::start().await;
    let opened = open(&endpoint(&cluster), "token-of-one", &[1]).await;
    let (outbox, mut stream) = opened.unwrap();
    hear_problem(&mut stream, "NoAgent").await;
    let attachment = Attachment {
        name: "project".into(),
        store: "team-a/project".into(),
        ..Attachment::default()
    };
    let keys = Keys::Unavailable("the Secret does not exist".to_owned());
    let id = "1".to_owned();
    cluster.grant("one", vec![Grant { attachment, id, keys }]);
    hear_problem(&mut stream, "CredentialsUnavailable").await;
    let refresh = from_pod::Message::Refresh(Refresh {
        store: "team-a/absent".into(),
    });
    let message = Some(refresh);
    outbox.send(FromPod { message }).await.unwrap();
    hear_problem(&mut stream, "NotAttached").await;
    let mut warnings = cluster.warnings();
    // It is tried again, sooner or later.
    warnings.dedup();
    assert_eq!(
        warnings,
        [
            "one  NoAgent: the pod one has no Agent",
            "one team-a/project CredentialsUnavailable: the Secret does not exist",
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pod_is_told_that_it_is_being_deleted_whether_it_has_stores_or_not() {
    let cluster = Cluster::start().await;
    cluster.grant("one", Vec::new());
    for pod in ["one", "stranger"] {
        let opened = open(&endpoint(&cluster), &format!("token-of-{pod}"), &[1]).await;
        let (_outbox, mut stream) = opened.unwrap();
        let first = |message: &to_pod::Message| {
            matches!(message, to_pod::Message::Attachments(_) | to_pod::Message::Problem(_))
        };
        hear(&mut stream, first).await;
        cluster.delete(pod);
        hear(&mut stream, |message| matches!(message, to_pod::Message::Ending(_))).await;
    }
}
