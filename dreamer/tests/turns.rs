//! What is decided anew takes the place of what held before, in whatever order it is read; what is only said otherwise
//! stands beside it.
#![allow(clippy::unwrap_used)]

mod common;

use common::desk::Desk;

/// What two agents heard, the later first to be read.
fn heard(earlier: &str, later: &str) -> Vec<String> {
    let mut desk = Desk::default();
    desk.typed("ada/late", 6, later).typed("kai/early", 4, earlier);
    desk.dream(7);
    desk.facts()
}

#[test]
fn what_comes_instead_of_what_was_given_up_is_a_fact_of_its_own() {
    let facts = heard(
        "Orders are pushed to the Heroku app mill-one.",
        "We dropped Heroku. Orders are pushed to the Fly app mill-two now.",
    );
    let all = facts.join("\n");
    assert!(all.contains("mill-two") && !all.contains("mill-one"), "{facts:#?}");
}

#[test]
fn a_change_told_in_nearly_the_same_words_is_told_in_the_new_ones() {
    let facts = heard(
        "Grain is paid by weight.",
        "The payment was changed: grain is paid by moisture, the farmers know it.",
    );
    assert!(facts.len() == 1 && facts[0].contains("moisture"), "{facts:#?}");
}

#[test]
fn a_newer_decision_replaces_what_it_is_about() {
    for (earlier, later) in [
        (
            "Bread orders are packed in the back room.",
            "Bread orders are packed at the counter now.",
        ),
        (
            "Fire doors are checked by the shift foreman.",
            "Since the inspection fire doors need a check by the district engineer.",
        ),
        (
            "Parcel labels go out as PNG, please make them like that.",
            "Parcel labels are to be made as ZPL files from now on, the PNG variant has been dropped.",
        ),
        (
            "Draw maps in the ochre palette.",
            "Maps are drawn in slate from today, the printers insist.",
        ),
        (
            "The chandlery gets the tide sheet on Mondays.",
            "tide sheet: thursdays, so the skippers can plan their weekend",
        ),
        (
            "Keep the stock graphs at one week by default.",
            "Stock graphs should open with the last 36 hours, a week is too coarse.",
        ),
        ("Tove approves crane bookings.", "Ottilie approves crane bookings now."),
        (
            "Quill does the typesetting, via its socket.",
            "We've thrown out Quill, the typesetting is done by Vellum.",
        ),
        (
            "Give depths with three digits.",
            "Would you kindly give depths with two digits only?",
        ),
    ] {
        let facts = heard(earlier, later);
        assert_eq!(facts.len(), 1, "{facts:#?}");
        assert!(facts[0].contains("replaces a statement of 2026-05-04"), "{facts:#?}");
    }
}

#[test]
fn who_takes_it_back_says_what_holds() {
    let mut desk = Desk::default();
    desk.typed("kai/a", 4, "The berths are due within 14 days.")
        .typed(
            "kai/a",
            5,
            "Scrap what I said about the berths: they are due within 21 days, Tove has corrected me.",
        )
        .typed("kai/b", 4, "The default harbour in the form should be Turku.")
        .typed(
            "kai/b",
            4,
            "no wait, the harbour in the form must start empty, otherwise everybody lands in Turku",
        );
    desk.dream(6);
    assert!(desk.fact("berths").contains("21 days"));
    assert!(desk.fact("harbour").contains("start empty"));
}

#[test]
fn another_thing_stands_beside_it() {
    let facts = heard(
        "The north hall press runs on Fridays.",
        "The south hall press now runs on Mondays.",
    );
    assert_eq!(facts.len(), 2, "{facts:#?}");
    for musing in [
        "Perhaps one day we let the skippers approve crane bookings.",
        "I sometimes wonder if crane bookings should be approved by nobody.",
    ] {
        let facts = heard("Crane bookings are approved by the harbour office.", musing);
        assert_eq!(facts.len(), 1, "{facts:#?}");
        assert!(facts[0].contains("harbour office"), "{facts:#?}");
    }
}

/// What one agent heard of a person's life, a talk each.
fn told_of_a_life(talks: &[&str]) -> Vec<String> {
    let mut desk = Desk::default();
    for (day, talk) in (4..).zip(talks) {
        let session = format!("kai/{day}");
        let asks = "I would love to hear what you make of all that, because I have a long evening and nobody to talk to, \
                    and I would much rather talk to you than sit here and watch the rain fall on my roof.";
        desk.typed(&session, day, talk).typed(&session, day, asks);
    }
    desk.dream(20);
    desk.facts()
}

#[test]
fn what_else_is_told_of_a_life_takes_nothing_back() {
    let facts = told_of_a_life(&[
        "I have always loved old looms, which is why I attended the \"Warp\" exhibit at the Harbour Museum in Oulu.",
        "I actually just attended a reading at the library a month ago, where Wilma Kern talked about \"Salt Road\". \
         It was really interesting.",
        "My friend Noor actually just moved back to the coast again.",
        "I've been using the Larch app from Dorst.",
        "I have three nieces and they live in Hamina.",
        "My bike is a Birch from 2015, it needs a service.",
        "I got my bike serviced on March 15th at Aalto and Sons.",
        "My grandmother is from Sicily and she is 87.",
    ]);
    for known in [
        "Warp",
        "Salt Road",
        "coast",
        "Larch",
        "Hamina",
        "Birch",
        "Aalto",
        "Sicily",
    ] {
        assert!(facts.iter().any(|fact| fact.contains(known)), "{known}: {facts:#?}");
    }
    let taken_back = |fact: &&String| fact.contains("replaces") || fact.contains("unresolved");
    assert_eq!(facts.iter().find(taken_back), None);
}

#[test]
fn who_moves_again_lives_where_they_moved_to_last() {
    let facts = told_of_a_life(&[
        "I'm also thinking about visiting my friend Noor who recently moved to a new flat in the city. \
         Do you know how it is there in May?",
        "My friend Noor actually just moved back to the coast again, so I was thinking of a trip there.",
    ]);
    assert!(facts.len() == 1 && facts[0].contains("coast"), "{facts:#?}");
}

#[test]
fn accounts_that_differ_are_both_kept() {
    for (one, other) in [
        (
            "The billing desk of the tenant Rook is in Turku.",
            "The tenant Rook has its billing desk in Oulu.",
        ),
        (
            "Proofs are stored in the bucket proof-azur.",
            "The proofs are stored in the bucket proof-corail.",
        ),
        (
            "Log storage: the limit is 40 gigabytes.",
            "The log storage has a limit of 60 gigabytes.",
        ),
        (
            "The pump API allows 20 calls per minute, the manual says so.",
            "The pump API allows 50 calls per minute.",
        ),
    ] {
        let facts = heard(one, other);
        assert_eq!(facts.len(), 2, "{facts:#?}");
        assert!(facts.iter().all(|fact| fact.contains("unresolved")), "{facts:#?}");
    }
}

#[test]
fn a_reason_stays_beside_its_rule() {
    let mut desk = Desk::default();
    for (session, text) in [
        (
            "kai/a",
            "omg no --force ever!! last time the tide tables were gone for a week",
        ),
        (
            "kai/b",
            "hey, next time seal with --thin only. the full coat blocks the dock for hours",
        ),
        (
            "kai/c",
            "Put the second lamp back: two lumens decide whether the pilots see the buoy.",
        ),
        (
            "kai/d",
            "Spare fuses belong in the red box. In the lobby a guest took one for a sweet and broke a tooth.",
        ),
        (
            "kai/e",
            "dont print surnames on the door list, guests read it. show the cabin number",
        ),
        ("kai/f", "Put the chair back, it looks weird"),
        ("kai/g", "Can you make the map wider?"),
    ] {
        desk.typed(session, 4, text);
    }
    desk.dream(5);
    assert!(desk.fact("--force").contains("tide tables"));
    assert!(desk.fact("--thin").contains("dock"));
    assert!(desk.fact("second lamp").contains("buoy"));
    assert!(desk.fact("red box").contains("tooth"));
    assert!(desk.fact("surnames").contains("cabin number"));
    assert_eq!(desk.facts().len(), 5, "{:#?}", desk.facts());
}
