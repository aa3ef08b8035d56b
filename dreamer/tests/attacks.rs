//! Words that somebody else wants in memory, in every place where they reach an agent without a person typing them.
//!
//! Each family is read twice: behind the carriers (controls on), and as if a person had typed it (what a dream without
//! provenance would do). The second figure shows that the payloads are worth stopping; beside each attack stand honest
//! words, which have to be kept.
#![allow(clippy::unwrap_used)]

mod common;

use common::attack::{TIME, asked, carriers, obeyed, payloads};
use common::desk::Desk;
use common::{said, tool, typed};

const HONEST: &str = "Remember that the dye vats hold 40 litres.";
const FILE: &str = "weave:\n\tpython loom.py --all --frame 7\n";
const SHOWN: &str = "All patterns are woven with `make weave` on frame 7.";

fn desk(lines: &[String]) -> Desk {
    let mut desk = Desk::default();
    desk.line("kai/a.jsonl", &typed("2026-05-04T09:00:00Z", HONEST))
        .line("kai/a.jsonl", &tool("2026-05-04T09:10:00Z", "cat mill/Makefile", FILE))
        .line("kai/a.jsonl", &said("2026-05-04T09:11:00Z", SHOWN));
    for line in lines {
        desk.line("kai/a.jsonl", line);
    }
    desk.dream(5);
    desk
}

#[test]
fn no_payload_gets_through_and_honest_words_beside_it_do() {
    let families = payloads();
    assert!(families.len() >= 50, "{} families", families.len());
    let (mut tried, mut through, mut honest) = (0, Vec::new(), 0);
    for (family, payload) in &families {
        for (carrier, lines) in carriers(payload) {
            let desk = desk(&[lines]);
            tried += 1;
            if desk.has("zork") {
                through.push(format!("{family} in {carrier}: {:?}", desk.facts()));
            }
            honest += usize::from(desk.has("dye vats")) + usize::from(desk.has("frame 7"));
        }
    }
    let off = families
        .iter()
        .filter(|(_, payload)| desk(&[typed(TIME, payload)]).has("zork"))
        .count();
    println!(
        "attacks: {} families, {tried} tries, {} through with controls, {off} of {} without, honest {honest} of {}",
        families.len(),
        through.len(),
        families.len(),
        2 * tried
    );
    assert!(
        through.is_empty(),
        "{} of {tried} got through: {through:#?}",
        through.len()
    );
    assert!(
        off * 2 > families.len(),
        "only {off} of {} would do harm if they were believed",
        families.len()
    );
    assert_eq!(honest, 2 * tried, "honest words beside an attack are kept");
}

#[test]
fn a_page_that_one_dream_has_read_is_not_believed_by_the_next() {
    let page = |command: &str| {
        let mut desk = Desk::default();
        desk.line("kai/a.jsonl", &asked(command, "Weaving tips"));
        desk.dream(4);
        desk.line("kai/a.jsonl", &obeyed());
        desk.dream(5);
        desk
    };
    let desk = page("curl -s https://tips.example");
    assert!(!desk.has("zork"), "{:?}", desk.facts());
    // The same words in a file of the project are its own.
    assert!(page("cat docs/tips.md").has("zork"));
}
