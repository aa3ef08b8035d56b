//! What goes by itself, what never does, and that the record tells. The clock is the test's own.
#![allow(clippy::unwrap_used)]

mod common;

use common::desk::Desk;
use common::{at, said, tool, typed};
use remanence_dreamer::orient::{Author, LineAuthor, Removed};

const PASSING: &str = "By the way, the display case in hall 3 holds the oldest ribbons.";

/// A line of the memory, as an agent sees it that reads the folder.
fn read_back(desk: &mut Desk, day: u32, part: &str) {
    let line = format!("- {}\n", desk.fact(part));
    let shown = tool(
        &format!("2026-05-{day:02}T10:00:00Z"),
        "cat /mnt/memory/project/project.md",
        &line,
    );
    desk.line(&format!("lin/read-{day}"), &shown);
}

#[test]
fn a_passing_remark_fades_and_the_record_says_so() {
    let mut desk = Desk::default();
    desk.typed("kai/a", 4, PASSING)
        .typed("kai/a", 4, "Remember that looms are oiled on Mondays.")
        .typed("kai/a", 4, "Never start the big press before the safety check.");
    desk.dream(5);
    desk.fact("ribbons");
    let still = desk.dream_at("2026-06-01T03:00:00Z");
    assert_eq!((still.counts.forgotten, desk.has("ribbons")), (0, true));
    let later = desk.dream_at("2026-06-10T03:00:00Z");
    assert_eq!(later.counts.forgotten, 1);
    assert!(
        later
            .reasons
            .contains(&"facts that faded, weak and not said or read again: 1".to_owned()),
        "{:?}",
        later.reasons
    );
    assert!(!desk.has("ribbons"));
    // The same words do not bring it back, and what was asked for or ordered does not fade in ten years.
    desk.again = true;
    desk.dream_at("2036-06-10T03:00:00Z");
    assert!(!desk.has("ribbons"), "{:#?}", desk.facts());
    desk.fact("oiled");
    desk.fact("big press");
}

#[test]
fn a_clock_that_runs_years_ahead_does_not_empty_memory() {
    let mut desk = Desk::default();
    let things = "kitchen ribbons attic bobbins cellar looms porch needles stable thimbles garden shuttles tower spindles \
                  chapel buttons library laces workshop dyes gallery hoops lobby mirrors studio chests harbour stamps mill \
                  sketches bakery ledgers school portraits station lanterns museum clocks market bells"
        .split_whitespace()
        .collect::<Vec<_>>();
    for pair in things.chunks(2) {
        let words = format!(
            "By the way, the display case in the {} holds the oldest {}.",
            pair[0], pair[1]
        );
        desk.typed("kai/a", 4, &words);
    }
    desk.dream(5);
    let before = desk.facts().len();
    assert!(before > 12, "{:#?}", desk.facts());
    let plan = desk.dream_at("2036-06-10T03:00:00Z");
    assert_eq!(plan.refused, None);
    assert_eq!(plan.counts.forgotten as usize, before / 4, "{:?}", plan.reasons);
    assert!(
        plan.reasons.iter().any(|why| why.contains("go later")),
        "{:?}",
        plan.reasons
    );
    assert_eq!(desk.facts().len(), before - before / 4);
    // The next one goes on.
    assert!(desk.dream_at("2036-06-11T03:00:00Z").counts.forgotten > 0);
}

#[test]
fn what_is_read_lasts_longer() {
    let mut desk = Desk::default();
    desk.typed("kai/a", 4, PASSING);
    desk.dream(5);
    read_back(&mut desk, 20, "ribbons");
    desk.dream(21);
    assert_eq!(desk.ledger.facts[0].uses, 1);
    desk.dream_at("2026-07-10T03:00:00Z");
    desk.fact("ribbons");
    desk.dream_at("2026-08-10T03:00:00Z");
    assert!(!desk.has("ribbons"));
}

/// A conversation in which something is told of a life: a weak fact.
fn told_in_passing(desk: &mut Desk) {
    desk.typed("kai/a", 4, "By the way, I just got back from a 4-day hike in Koli.");
    let asks = "I would love to hear what you make of all that, because I have a long evening and nobody to talk to, and I \
                would much rather talk to you than sit here and watch the rain fall on my roof.";
    desk.typed("kai/a", 4, asks);
    desk.dream(5);
    desk.fact("Koli");
}

#[test]
fn a_weak_fact_fades_after_120_days() {
    let mut desk = Desk::default();
    told_in_passing(&mut desk);
    desk.dream_at("2026-09-01T09:00:00Z");
    desk.fact("Koli");
    desk.dream_at("2026-09-01T11:00:00Z");
    assert!(!desk.has("Koli"));
}

#[test]
fn what_is_read_again_and_again_lasts_a_year_and_no_longer() {
    let mut desk = Desk::default();
    told_in_passing(&mut desk);
    for day in [6, 7, 8, 9] {
        read_back(&mut desk, day, "Koli");
    }
    desk.dream(10);
    assert_eq!(desk.ledger.facts.iter().map(|known| known.uses).max(), Some(4));
    desk.dream_at("2027-05-10T22:00:00Z");
    desk.fact("Koli");
    desk.dream_at("2027-05-11T00:00:00Z");
    assert!(!desk.has("Koli"));
}

#[test]
fn what_is_said_again_starts_anew() {
    let mut desk = Desk::default();
    desk.typed("kai/a", 4, PASSING);
    desk.dream(5);
    desk.typed(
        "lin/b",
        30,
        "By the way, the oldest ribbons are in the display case in hall 3.",
    );
    desk.dream(31);
    assert_eq!(desk.ledger.facts[0].sources.len(), 2);
    desk.dream_at("2026-06-20T03:00:00Z");
    desk.fact("ribbons");
}

#[test]
fn what_holds_until_a_day_goes_when_it_is_over() {
    let mut desk = Desk::default();
    desk.typed("kai/a", 4, "The north gate must stay shut until 2026-05-20.")
        .typed("kai/a", 4, "Remember that the crane permit is valid until 2026-05-20.")
        .typed("kai/a", 4, "The lease of hall 9 must be paid until 2029-01-31.");
    desk.dream(5);
    desk.dream_at("2026-06-01T03:00:00Z");
    desk.fact("north gate");
    let over = desk.dream_at("2026-07-01T03:00:00Z");
    assert!(
        over.reasons
            .contains(&"facts that were over, held until a day that is past: 1".to_owned()),
        "{:?}",
        over.reasons
    );
    assert!(!desk.has("north gate"));
    desk.fact("crane permit");
    desk.fact("hall 9");
}

#[test]
fn lines_of_people_and_agents_never_fade() {
    let mut desk = Desk::default();
    let text = "- the ferry is slow today\n- by the way, the tram was late until 2020-01-01\n";
    desk.files.insert("notes.md".into(), text.into());
    let by = |author| LineAuthor {
        author,
        time: Some(at("2020-01-01T00:00:00Z")),
    };
    desk.authors
        .insert("notes.md".into(), vec![by(Author::Person), by(Author::Agent)]);
    desk.typed("kai/a", 4, PASSING);
    desk.dream(5);
    desk.settings.memory_size = 60;
    for year in 2027..2032 {
        desk.dream_at(&format!("{year}-01-01T00:00:00Z"));
        assert_eq!(desk.files["notes.md"], text, "{year}");
    }
}

#[test]
fn an_agents_tidying_leaves_no_tombstone_a_persons_deletion_does() {
    for (author, stones) in [(Author::Agent, 0), (Author::Person, 1)] {
        let mut desk = Desk::default();
        desk.typed("kai/a", 4, "Please remember that the attic is rented to Quist.");
        desk.dream(5);
        let line = desk.fact("Quist");
        for text in desk.files.values_mut() {
            *text = text.replace(&format!("- {line}\n"), "");
        }
        desk.removed.push(Removed {
            line,
            author,
            time: at("2026-05-06T10:00:00Z"),
        });
        desk.dream(7);
        assert_eq!(desk.ledger.tombstones.len(), stones, "{author:?}");
    }
}

#[test]
fn in_a_pinned_file_nothing_fades_changes_or_is_forgotten() {
    let mut desk = Desk::default();
    desk.typed("kai/a", 4, PASSING)
        .typed("kai/a", 4, "The bobbin service must use port 4100.");
    desk.dream(5);
    let before = desk.files.clone();
    desk.settings.pinned = before.keys().cloned().collect();
    desk.typed("kai/b", 6, "Forget about the ribbons in the display case.")
        .typed(
            "kai/b",
            7,
            "Change of plan: the bobbin service must use port 4200 from now on.",
        );
    let plan = desk.dream_at("2026-09-01T03:00:00Z");
    assert_eq!(plan.refused, None);
    for (path, text) in &before {
        assert_eq!(&desk.files[path], text, "{path}");
    }
    // What is new goes into another file, and the pinned facts can still be explained.
    desk.fact("4200");
    assert_eq!(desk.ledger.facts.len(), 3);
    assert!(desk.dream_at("2026-09-02T03:00:00Z").writes.is_empty());
    // Taken off the pin, they are a Dream's again.
    desk.settings.pinned.clear();
    desk.dream_at("2026-09-03T03:00:00Z");
    assert!(!desk.has("ribbons"), "{:#?}", desk.facts());
}

#[test]
fn what_an_order_names_shows_in_a_value() {
    let mut desk = Desk::default();
    desk.typed("kai/a", 4, "Remember that Tove gets 2900 francs a month.")
        .typed("kai/a", 4, "Remember that Tove looks after the looms.")
        .typed(
            "lin/b",
            4,
            "If a parcel with ribbons comes, send it on to me: 14 Alder Close, Quarn. Please remember.",
        )
        .typed("lin/b", 4, "Remember that the depot is at 3 Mill Row, Quarn.");
    desk.dream(5);
    desk.fact("2900");
    desk.fact("Alder Close");
    desk.typed(
        "pax/c",
        6,
        "Tove's wage has no business in your memory. Kindly erase it.",
    )
    .typed("lin/d", 6, "I would like you to delete my private address.");
    desk.dream(7);
    assert!(!desk.has("2900") && !desk.has("Alder Close"), "{:#?}", desk.facts());
    desk.fact("looks after the looms");
    desk.fact("Mill Row");
}

#[test]
fn a_name_that_is_to_go_goes_from_all_facts() {
    let mut desk = Desk::default();
    desk.typed("kai/a", 4, "Remember: the buyer of the old kiln is Marwick Pottery.")
        .typed("lin/b", 4, "Remember that Marwick wants the papers in Danish.")
        .typed("lin/b", 4, "Remember that the new kiln is fired on Mondays.");
    desk.dream(5);
    desk.typed(
        "pax/c",
        6,
        "Strike the name of the buyer of the old kiln from your notes.",
    );
    desk.dream(7);
    assert!(!desk.has("Marwick"), "{:#?}", desk.facts());
    desk.fact("new kiln");
}

#[test]
fn whose_name_is_to_go_stands_in_the_sentence_before() {
    let mut desk = Desk::default();
    desk.typed(
        "kai/a",
        4,
        "Please remember the donor of the Alder papers wants to be named as 'Mrs A. Pomfret'.",
    )
    .typed(
        "lin/b",
        4,
        "Remember that Mrs Dunmore keeps the keys of the reading room.",
    );
    desk.dream(5);
    desk.fact("Pomfret");
    desk.typed(
        "pax/c",
        6,
        "Mrs Pomfret now wishes to stay anonymous! Delete her name wherever you have it.",
    );
    desk.dream(7);
    assert!(!desk.has("Pomfret"), "{:#?}", desk.facts());
    desk.fact("Dunmore");
}

#[test]
fn it_is_what_the_sentence_before_named() {
    for order in [
        "The name of the autumn fair is under wraps until July. Could you wipe it from your memory?",
        "The name of the autumn fair: I spoke too soon, drop it from your notes please.",
        "Ilse is cross that the name of the autumn fair is on record here. Get rid of it, please.",
        "What I told you about the autumn fair never came from me. Delete it, leave no trace.",
    ] {
        let mut desk = Desk::default();
        desk.typed("kai/a", 4, "Remember that the autumn fair will be called Lantern Row.")
            .typed("kai/a", 4, "Remember that the spring fair ends at nine.");
        desk.dream(5);
        desk.fact("Lantern Row");
        desk.typed("lin/b", 6, order);
        desk.dream(7);
        assert!(!desk.has("autumn fair"), "{order}: {:#?}", desk.facts());
        desk.fact("spring fair");
    }
}

#[test]
fn an_order_may_speak_of_the_message_before() {
    let mut desk = Desk::default();
    desk.line(
        "kai/a",
        &typed(
            "2026-05-04T10:00:00Z",
            "Remember that my home address is 14 Alder Close.",
        ),
    )
    .line("kai/a", &typed("2026-05-04T10:01:00Z", "Please forget that."))
    .line("kai/b", &typed("2026-05-04T11:00:00Z", "The spare fob is in box 12."))
    .line("kai/b", &typed("2026-05-04T11:01:00Z", "Remember that."));
    desk.dream(5);
    assert!(!desk.has("Alder"), "{:#?}", desk.facts());
    desk.fact("box 12");
}

fn says(plan: &remanence_dreamer::plan::Plan, part: &str) -> bool {
    plan.reasons.iter().any(|why| why.contains(part))
}

#[test]
fn what_is_not_to_be_remembered_goes_and_is_not_made_surer() {
    for order in [
        "Please don't remember the guest wifi.",
        "You should not store the guest wifi.",
        "Never keep the guest wifi.",
        "Please do not memorise the guest wifi.",
        "Don't save the guest wifi.",
    ] {
        let mut desk = Desk::default();
        desk.typed("kai/a", 4, "Remember that the guest wifi is called Kuusi.");
        desk.dream(5);
        desk.typed("kai/b", 6, order);
        let plan = desk.dream(7);
        assert_eq!(plan.counts.forgotten, 1, "{order}: {:?}", plan.reasons);
        assert!(!desk.has("guest wifi"), "{order}: {:#?}", desk.facts());
    }
    for order in [
        "Do not keep the back door open.",
        "Don't store the back door in a global variable.",
        "Never store the back door key.",
        "Don't remember to shut the back door.",
    ] {
        let mut desk = Desk::default();
        desk.typed("kai/a", 4, "Remember that the back door leads to the yard.");
        desk.dream(5);
        desk.typed("kai/b", 6, order);
        let plan = desk.dream(7);
        assert_eq!((plan.counts.forgotten, plan.counts.merged), (0, 0), "{order}");
        desk.fact("leads to the yard");
    }
}

#[test]
fn a_person_is_forgotten_and_memory_is_not_emptied() {
    let mut desk = Desk::default();
    desk.typed("kai/a", 4, "My name is Ida and I live in Turku.")
        .typed("kai/a", 4, "Remember that Ida owns the archive room.")
        .typed("kai/a", 4, "Remember that the kiln is in hall 3.")
        .typed("lin/a", 4, "I prefer dark mode screenshots.");
    desk.dream(5);
    let before = desk.facts().len();
    desk.typed("kai/b", 6, "Wipe your memory.")
        .typed("kai/b", 6, "Forget everything about me except my name.");
    let plan = desk.dream(7);
    assert!(
        says(&plan, "forget everything is not") && says(&plan, "everything but for"),
        "{:?}",
        plan.reasons
    );
    assert_eq!(desk.facts().len(), before);
    desk.typed("kai/c", 8, "I want you to forget everything you know about me.");
    let plan = desk.dream(9);
    assert!(!desk.has("Ida") && !desk.has("Turku"), "{:#?}", desk.facts());
    assert!(says(&plan, "other agents"), "{:?}", plan.reasons);
    desk.fact("kiln");
    desk.fact("dark mode");
}

#[test]
fn a_rule_is_dropped_where_there_is_one() {
    let mut desk = Desk::default();
    desk.typed("kai/a", 4, "Never use npm; use pnpm.")
        .typed("kai/a", 4, "Always oil the looms before a run.")
        .typed("kai/a", 4, "Never leave the looms unattended.");
    desk.dream(5);
    desk.typed("kai/b", 6, "Forget about npm for now.").typed(
        "kai/b",
        6,
        "Forget about npm, let us look at the tests.",
    );
    desk.dream(7);
    desk.fact("Never use npm");
    assert!(!desk.has("look at the tests"), "{:#?}", desk.facts());
    desk.typed("kai/c", 8, "Scrap the rule about npm.")
        .typed("kai/c", 8, "Scrap the rule about looms.");
    let plan = desk.dream(9);
    assert!(says(&plan, "several"), "{:?}", plan.reasons);
    assert!(
        !desk.has("npm") && desk.has("oil the looms") && desk.has("unattended"),
        "{:#?}",
        desk.facts()
    );
}

#[test]
fn to_remember_a_question_or_a_task_is_to_remember_the_answer() {
    let said = |text: &str| said("2026-05-04T10:02:00Z", text);
    for (asked, answer) in [
        ("Which port does the loom API use?", "It is 8085."),
        ("Look at the config.", "The loom API listens on port 8085."),
        ("Fix the login test.", "Done."),
    ] {
        let mut desk = Desk::default();
        desk.line("kai/a", &typed("2026-05-04T10:00:00Z", asked))
            .line("kai/a", &said(answer))
            .line("kai/a", &typed("2026-05-04T10:03:00Z", "Remember that."));
        let plan = desk.dream(5);
        assert!(says(&plan, "no tool showed"), "{asked}: {:?}", plan.reasons);
        assert_eq!(desk.facts(), Vec::<String>::new(), "{asked}");
    }
    let mut desk = Desk::default();
    desk.line("kai/a", &typed("2026-05-04T10:00:00Z", "Look at the config."))
        .line(
            "kai/a",
            &tool("2026-05-04T10:01:00Z", "cat loom.toml", "loom api port = 8085"),
        )
        .line("kai/a", &said("The loom API listens on port 8085."))
        .line("kai/a", &typed("2026-05-04T10:03:00Z", "Great, remember that."));
    desk.dream(5);
    desk.fact("8085");
    for told in ["We use larch here, not oak.", "Check the seals before each trip."] {
        let mut desk = Desk::default();
        desk.line("kai/a", &typed("2026-05-04T10:00:00Z", told))
            .line("kai/a", &said("Understood."))
            .line("kai/a", &typed("2026-05-04T10:03:00Z", "Remember that!"));
        desk.dream(5);
        desk.fact(told.trim_end_matches('.'));
    }
}

#[test]
fn a_pinned_line_that_is_to_go_is_said_to_be_pinned() {
    let mut desk = Desk::default();
    desk.typed("kai/a", 4, "Remember that the boat is called Otso.");
    desk.dream(5);
    let holds = |(path, text): &(&String, &String)| *path != "MEMORY.md" && text.contains("Otso");
    let file = desk.files.iter().find(holds).map(|(path, _)| path.clone());
    desk.settings.pinned.extend(file);
    desk.typed("kai/b", 6, "Forget the name of the boat.");
    let plan = desk.dream(7);
    assert!(says(&plan, "is pinned"), "{:?}", plan.reasons);
    desk.fact("Otso");
}

#[test]
fn an_order_to_forget_goes_no_further_than_its_words() {
    let mut desk = Desk::default();
    desk.typed("kai/a", 4, "Remember that Ida plays the cello.")
        .typed("kai/a", 4, "Remember that my dentist is Ida Larkin.")
        .typed("kai/a", 4, "Remember that the invoices go to the office in Turku.")
        .typed("kai/a", 4, "Remember that the attic wifi is called Kuusi.")
        .typed("kai/a", 4, "Remember that kilns are fired by Tove.");
    desk.dream(5);
    desk.typed("kai/b", 6, "Let's forget kilns today.")
        .typed("kai/c", 6, "Never keep the invoices.")
        .typed("kai/d", 6, "Wipe my data. Then run the importer.");
    let plan = desk.dream(7);
    assert!(says(&plan, "my data"), "{:?}", plan.reasons);
    for part in ["cello", "Ida Larkin", "office in Turku", "Kuusi", "fired by Tove"] {
        desk.fact(part);
    }
    desk.typed("kai/e", 8, "Forget Ida.")
        .typed("kai/f", 8, "Strike the bit on the attic wifi.");
    let plan = desk.dream(9);
    assert!(!desk.has("cello") && !desk.has("Kuusi"), "{:#?}", desk.facts());
    assert!(says(&plan, "another name"), "{:?}", plan.reasons);
    desk.fact("Ida Larkin");
}

#[test]
fn where_the_asker_lives_goes_and_what_is_off_the_record_never_comes() {
    let mut desk = Desk::default();
    desk.typed("kai/a", 4, "Remember that my flat is at 14 Alder Close, Quarn.")
        .typed("kai/a", 4, "Remember that Tove lives in Turku.")
        .typed(
            "lin/b",
            4,
            "Between us and please don't write this down: the warden retires in May.",
        )
        .typed("lin/c", 4, "Remember that the boat belongs to Hobb.")
        .typed("lin/c", 4, "Sorry, scratch that last one, wrong window.");
    let plan = desk.dream(5);
    assert!(says(&plan, "off the record"), "{:?}", plan.reasons);
    assert!(!desk.has("warden") && !desk.has("Hobb"), "{:#?}", desk.facts());
    desk.fact("Alder Close");
    desk.typed("pax/d", 6, "Please drop where I live, I do not want that kept.");
    desk.dream(7);
    assert!(!desk.has("Alder Close"), "{:#?}", desk.facts());
    desk.fact("Tove");
}
