//! What dashboard, alerts and documentation name is what the operator tells. (The sidecar's: `pods/binary.rs`.)

use std::time::Duration;

use kube::{Client, Config};
use remanence_operator::cluster;
use remanence_operator::metrics::Metrics;
use remanence_tests::metric_names::{named, told};

const PREFIX: &str = "remanence_operator_";

#[tokio::test]
async fn every_metric_is_explained_and_none_is_made_up() {
    // Nobody is there to be asked; what is not known counts as none.
    let nobody = Config::new("http://127.0.0.1:9".parse().expect("a URL"));
    let client = Client::try_from(nobody).expect("a client");
    let metrics = Metrics::of(cluster::start(&client).cluster);
    // Metrics with labels are told once they have been counted.
    metrics.reconciled("Agent", Duration::from_millis(3), true);
    metrics.admitted("injected", Duration::from_millis(3));
    metrics.content.answered("get", 200, Duration::from_millis(3));
    let text = metrics.text();
    assert_eq!(told(PREFIX, &text), named(PREFIX), "{text}");
    assert!(
        text.contains(r#"remanence_operator_objects{kind="MemoryStore",ready="false"} 0"#),
        "{text}"
    );
    assert!(
        text.contains(r#"remanence_operator_dreams{phase="Failed"} 0"#),
        "{text}"
    );
}
