//! A broker and sidecars of different versions: an upgrade of the operator leaves the sidecars that run.

use remanence_proto::broker::{FromPod, Refresh, from_pod, to_pod};
use remanence_tests::cluster::Cluster;

use crate::stream::{endpoint, open};

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_sidecar_is_served_in_the_protocol_that_both_speak() {
    let cluster = Cluster::start().await;
    cluster.grant("one", Vec::new());
    let opened = open(&endpoint(&cluster), "token-of-one", &[9, 1]).await;
    let (outbox, mut stream) = opened.unwrap();
    let welcome = match stream.message().await.unwrap().unwrap().message {
        Some(to_pod::Message::Welcome(welcome)) => welcome,
        other => panic!("{other:?}"),
    };
    assert_eq!(welcome.version, 1);
    // What only newer ones say is passed over, and what comes after it is not.
    let refresh = from_pod::Message::Refresh(Refresh {
        store: "team-a/absent".into(),
    });
    for message in [None, Some(refresh)] {
        outbox.send(FromPod { message }).await.unwrap();
    }
    loop {
        let message = stream.message().await.unwrap().unwrap().message;
        if let Some(to_pod::Message::Problem(problem)) = message {
            assert_eq!(problem.reason, "NotAttached");
            break;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sidecar_with_no_protocol_in_common_is_told_so() {
    let cluster = Cluster::start().await;
    cluster.grant("one", Vec::new());
    let opened = open(&endpoint(&cluster), "token-of-one", &[9, 8]).await;
    let (_outbox, mut stream) = opened.unwrap();
    let refused = stream.message().await.unwrap_err();
    assert_eq!(refused.code(), tonic::Code::FailedPrecondition);
    for said in ["speaks [1]", "by-hand [9, 8]", "update the older"] {
        assert!(refused.message().contains(said), "{}", refused.message());
    }
}
