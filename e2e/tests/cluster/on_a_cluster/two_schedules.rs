//! Two schedules dream one store at once.
#![allow(clippy::unwrap_used)]

use remanence_e2e::together;
use serde_json::Value;

use super::dreams::{TUESDAYS, dreams_of, run_now, schedule_at_will, turn, with_a_worker, write_session};

/// What is said before each round, and the words by which it is found in memory.
const ROUNDS: [(&str, &str); 2] = [
    (TUESDAYS, "deploy on Tuesdays only"),
    (
        "Please remember that the staging database is called otter.",
        "staging database is called otter",
    ),
];

#[test]
fn two_schedules_on_one_store_lose_nothing_and_tell_nothing_twice() {
    let _turn = together();
    let space = with_a_worker();
    let schedules = ["one", "other"];
    for name in schedules {
        schedule_at_will(&space, name);
    }
    for (round, (said, _)) in ROUNDS.iter().enumerate() {
        write_session(&space, &format!("session-{round}"), &[turn("user", said)]);
        for name in schedules {
            run_now(&space, name, &format!("{name}-{round}"));
        }
        // One that finds the other in its way is no failure: what it did not read, the other did.
        for name in schedules {
            space.wait(&format!("job/{name}-{round}"), "Complete");
        }
        for (_, words) in &ROUNDS[..=round] {
            let count = format!("cat /mnt/memory/project/*.md | grep -c '{words}' || true");
            space.sees("worker", &count, "1");
        }
    }
    let mut added = 0;
    for name in schedules {
        let dreams = dreams_of(&space, name);
        assert_eq!(dreams.len(), ROUNDS.len(), "a Dream of {name} for each run: {dreams:?}");
        for dream in &dreams {
            let phase = dream["status"]["phase"].as_str().unwrap_or_default();
            assert!(["Applied", "NoChange"].contains(&phase), "{dream}");
        }
        let facts = |dream: &Value| dream["status"]["facts"]["added"].as_u64().unwrap_or_default();
        added += dreams.iter().map(facts).sum::<u64>();
    }
    assert_eq!(added, ROUNDS.len() as u64, "each was added by one of them alone");
}
