//! Models that dreams ask: one that can't be reached, one that does not let them in, one that is too dear. Memory stays as
//! it is, the record says why, and what was said waits.
#![allow(clippy::unwrap_used)]

use std::net::{IpAddr, UdpSocket};

use remanence_e2e::{Space, kubectl, together};
use remanence_tests::model_server::ModelServer;
use serde_json::{Value, json};

use super::dreams::{
    OVER, TUESDAYS, dream, dreams_of, memory, reaches, run_now, schedule, turn, with_a_worker, write_session,
};

/// What is in memory before, and after.
const NOTE: &str = "- The API listens on port 8443.\n";

/// A model where pods reach it: at the address by which this machine speaks to the cluster.
pub(crate) fn model() -> ModelServer {
    let server = kubectl(&[
        "config",
        "view",
        "--minify",
        "--output=jsonpath={.clusters[0].cluster.server}",
    ]);
    let server = server.trim_start_matches("https://").trim_end_matches('/');
    // Nothing is sent.
    let socket = UdpSocket::bind("0.0.0.0:0").unwrap();
    socket.connect(server).unwrap();
    let address: IpAddr = socket.local_addr().unwrap().ip();
    ModelServer::at(address).unwrap()
}

/// A Dream's `spec.model` at that address, which is asked with the key in the Secret `model`.
fn at(url: &str) -> Value {
    json!({
        "provider": "OpenAI", "name": "small", "baseURL": format!("{url}/v1"),
        "apiKeySecretRef": {"name": "model", "key": "key"},
    })
}

/// A namespace with a note in memory, with something that was said since, and with the Secret `model`; and its key.
fn with_a_key() -> (Space, String) {
    let space = with_a_worker();
    space.sh(
        "worker",
        &format!("echo '{}' > /mnt/memory/project/api.md", NOTE.trim()),
    );
    write_session(&space, "monday", &[turn("user", TUESDAYS)]);
    let key = format!("no-key-{}", space.name);
    space.kubectl(&[
        "create",
        "secret",
        "generic",
        "model",
        &format!("--from-literal=key={key}"),
    ]);
    (space, key)
}

/// The Dream came to that, for that reason, and changed nothing.
fn came_to_nothing(space: &Space, status: &Value, phase: &str, why: &str) {
    assert_eq!(status["phase"], phase, "{status}");
    assert!(status["reasons"].to_string().contains(why), "{why} is not in {status}");
    assert_eq!(memory(space), NOTE);
}

/// What was said is read by a Dream that needs no model.
fn is_read_later(space: &Space) {
    space.apply(&dream("later", &json!({})));
    let status = reaches(space, "later", &OVER);
    assert_eq!(
        (&status["phase"], &status["facts"]["added"]),
        (&json!("Applied"), &json!(1))
    );
}

#[test]
fn a_model_that_can_not_be_reached_costs_memory_nothing_and_the_record_says_so() {
    let _turn = together();
    let (space, key) = with_a_key();
    space.apply(&dream("first", &json!({"model": at("http://127.0.0.1:9")})));
    let status = reaches(&space, "first", &OVER);
    came_to_nothing(&space, &status, "Failed", "http://127.0.0.1:9/v1/chat/completions");
    assert!(!status.to_string().contains(&key), "the key is in the record");
    is_read_later(&space);
}

#[test]
fn a_model_that_refuses_the_key_costs_memory_nothing_and_the_record_says_so() {
    let _turn = together();
    let (space, key) = with_a_key();
    let model = model();
    model.admit_only("another-key");
    space.apply(&dream("first", &json!({"model": at(&model.url())})));
    let status = reaches(&space, "first", &OVER);
    came_to_nothing(&space, &status, "Failed", "the key is refused");
    assert!(!status.to_string().contains(&key), "the key is in the record");

    // With the right one it is let in.
    model.admit_only(&key);
    space.apply(&dream("second", &json!({"model": at(&model.url())})));
    let status = reaches(&space, "second", &OVER);
    assert_eq!(status["phase"], "Applied", "{status}");
    assert!(model.requests()[0].to_string().contains("deploy on Tuesdays"));
}

#[test]
fn a_budget_that_is_used_up_costs_memory_nothing_and_the_record_says_so() {
    let _turn = together();
    let (space, _) = with_a_key();
    let model = model();
    space.apply(&dream(
        "first",
        &json!({"model": at(&model.url()), "budget": {"tokens": 500}}),
    ));
    let status = reaches(&space, "first", &OVER);
    came_to_nothing(
        &space,
        &status,
        "Failed",
        "the budget of 500 tokens is used up: 0 are spent",
    );

    let nothing_left = json!({
        "schedule": "0 3 * * *", "suspend": true, "model": at(&model.url()), "budget": {"dailyCost": "0"},
    });
    space.apply(&schedule("nightly", &nothing_left));
    space.wait("dreamschedule/nightly", "Ready");
    run_now(&space, "nightly", "tonight");
    space.wait("job/tonight", "Complete");
    let dreams = dreams_of(&space, "nightly");
    assert_eq!(dreams.len(), 1, "{dreams:?}");
    came_to_nothing(&space, &dreams[0]["status"], "NoChange", "today's budget is used up");
    assert!(model.requests().is_empty(), "the model was asked");
    is_read_later(&space);
}
