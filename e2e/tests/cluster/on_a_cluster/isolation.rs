//! What was said in one namespace is no other one's memory.

use remanence_e2e::manifest::{IDLE, agent, pod, store};
use remanence_e2e::{Space, together};
use serde_json::{Value, json};

use super::dreams::{
    TUESDAYS, dreams_of, run_now, schedule_at_will, turn, with_a_worker, write_session, write_session_of,
};

/// Words by which what was said is found in a memory.
const OURS: &str = "deploy on Tuesdays only";
const THEIRS: &str = "staging database is called otter";
const GUESTS: &str = "staging database listens on port 5544";

/// A store that everybody may read, and to which other namespaces give what they heard, or not.
fn open_to_all(contribute: bool) -> Value {
    let all = json!({"namespaces": {"from": "All"}, "maxAccess": "ReadOnly", "contribute": contribute});
    store("project", &json!({"sharing": [{"namespaces": {"from": "Same"}}, all]}))
}

fn count(words: &str) -> String {
    format!("cat /mnt/memory/project/*.md | grep -c '{words}' || true")
}

fn dream(space: &Space, job: &str) {
    run_now(space, "nightly", job);
    space.wait(&format!("job/{job}"), "Complete");
}

#[test]
fn dreams_of_two_namespaces_never_read_one_anothers_transcripts() {
    let _turn = together();
    // Agents and stores of the same names, of one class.
    let (ours, theirs) = (with_a_worker(), with_a_worker());
    ours.apply(&open_to_all(false));
    // It would give what it heard, if it were let.
    let entry = json!({
        "name": "ours", "storeRef": {"name": "project", "namespace": ours.name}, "access": "ReadOnly",
        "dream": "Contribute",
    });
    theirs.apply(&agent(
        "guest",
        &json!({"sessions": {"mountPath": "/sessions"}, "stores": [entry]}),
    ));
    theirs.start(&pod("guest", "guest", IDLE));
    write_session(&ours, "monday", &[turn("user", TUESDAYS)]);
    let otter = format!("Please remember that the {THEIRS}.");
    write_session(&theirs, "monday", &[turn("user", &otter)]);
    let port = format!("Please remember that the {GUESTS}.");
    write_session_of(&theirs, "guest", "monday", &[turn("user", &port)]);

    for space in [&ours, &theirs] {
        schedule_at_will(space, "nightly");
    }
    // Both at once.
    run_now(&ours, "nightly", "first");
    dream(&theirs, "first");
    ours.wait("job/first", "Complete");
    for (space, own) in [(&ours, OURS), (&theirs, THEIRS)] {
        space.sees("worker", &count(own), "1");
        let all = space.sh("worker", "cat /mnt/memory/*/*.md");
        for words in [OURS, THEIRS, GUESTS].into_iter().filter(|words| *words != own) {
            assert!(!all.contains(words), "{}: {all}", space.name);
        }
        let dreams = dreams_of(space, "nightly");
        assert_eq!(dreams.len(), 1, "{dreams:?}");
        assert_eq!(dreams[0]["status"]["sessions"], 1, "{}", dreams[0]);
    }

    // What kept the guest's words out was this and nothing else.
    ours.apply(&open_to_all(true));
    dream(&ours, "second");
    ours.sees("worker", &count(GUESTS), "1");
    ours.sees("worker", &count(THEIRS), "0");
}
