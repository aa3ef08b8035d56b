//! What whoever looks at a pod is told of what keeps it from its memory.

use remanence_operator::broker::{Grant, Keys};
use remanence_proto::broker::{Attachment, FromPod, Refresh, ToPod, from_pod, to_pod};
use remanence_tests::cluster::Cluster;
use tonic::Streaming;

use crate::stream::{endpoint, open};

/// Waits until the pod is told of a problem of that kind.
async fn hear_problem(stream: &mut Streaming<ToPod>, reason: &str) {
    loop {
        let message = stream.message().await.unwrap().unwrap().message;
        if matches!(message, Some(to_pod::Message::Problem(problem)) if problem.reason == reason) {
            return;
        }
    }
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
