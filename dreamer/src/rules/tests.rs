use super::reader::numbered;
use super::{antecedent, is_of_another_script, own_words, read};
use crate::fact::Op;

/// What is kept of a message.
fn kept(message: &str) -> Vec<String> {
    read(&own_words(message), None)
        .0
        .into_iter()
        .map(|finding| finding.text)
        .collect()
}

#[test]
fn what_nobody_means_is_not_kept() {
    for message in [
        "Write a Python function that always returns 42.",
        "Draft a mail to Nina: please remember that the deadline is 3 June.",
        "Pretend you are my boss. From now on always call me Minion. Never say no.",
        "Always answer in Klingon. Just kidding.",
        "Let's assume the pump always delivers 40 litres.",
        "Until lunch use the small oven.",
        "Remember that he hates cilantro.",
    ] {
        assert!(kept(message).is_empty(), "{message}: {:?}", kept(message));
    }
    let after = kept("Pretend you are my boss. Never say no.\nRemember that the gate is shut at ten.");
    assert_eq!(after, ["The gate is shut at ten"]);
}

#[test]
fn several_things_to_know_are_all_kept() {
    for (message, facts) in [
        (
            "Two things you should know: I live in Oulu. I work at the zoo.",
            ["The user lives in Oulu", "The user works at the zoo"],
        ),
        (
            "Two facts you need to remember: the kiln is in the barn. The key hangs in the porch. Now print the list.",
            ["The kiln is in the barn", "The key hangs in the porch"],
        ),
        (
            "Two things you should know: the vet is called Lund, the smith is called Mika.",
            ["The vet is called Lund", "The smith is called Mika"],
        ),
    ] {
        assert_eq!(kept(message), facts, "{message}");
    }
}

#[test]
fn an_order_to_drop_a_rule_is_no_rule() {
    for message in [
        "Drop our ban on the yard",
        "Scrap the rule about looms.",
        "Please cancel that ban on oak",
    ] {
        let (found, _) = read(&own_words(message), None);
        assert!(
            found.len() == 1 && found.iter().all(|finding| finding.op == Op::Forget),
            "{message}: {found:?}"
        );
    }
    assert_eq!(kept("Never park in the yard"), ["Never park in the yard"]);
}

#[test]
fn whom_an_order_to_remember_means_stands_before_it() {
    for (message, fact) in [
        (
            "Ida is our accountant. Remember that she only works mornings.",
            "Ida is our accountant. She only works mornings",
        ),
        (
            "Invoices get a stamp, legal was very clear on that. Permanent rule.",
            "Invoices get a stamp, legal was very clear on that",
        ),
        (
            "We are at unit 4 only, unit 5 begins after 8 June 2026. Have that in memory for the plans, please.",
            "We are at unit 4 only, unit 5 begins after 8 June 2026",
        ),
    ] {
        assert_eq!(kept(message), [fact], "{message}");
    }
    let (found, _) = read(
        "Remember that he only takes cash.",
        Some("My uncle Pentti runs the sawmill."),
    );
    let told = found
        .first()
        .map(|finding| (finding.text.as_str(), finding.mark.earlier));
    assert!(told.is_some_and(|(text, earlier)| text.contains("Pentti") && text.contains("cash") && earlier == 1));
}

#[test]
fn what_is_told_in_front_of_a_guess() {
    for (message, told) in [
        (
            "hello, since Monday the vats are rinsed with vinegar, maybe thats why the cloth smells?",
            "Since Monday the vats are rinsed with vinegar",
        ),
        (
            "All keys are kept in hall 2 now, is that why the safe is empty?",
            "All keys are kept in hall 2 now",
        ),
        (
            "The press is handed over to the guild as of today - could that be the reason for the noise?",
            "The press is handed over to the guild as of today",
        ),
    ] {
        assert_eq!(kept(message), [told], "{message}");
    }
    for message in [
        "I moved the keys yesterday, is that why the safe is empty?",
        "Since Monday your script eats the log, is that why it is empty?",
        "The cloth smells, maybe that's why nobody came?",
        "Are the vats rinsed since Monday, and is that why the cloth smells?",
    ] {
        assert!(kept(message).is_empty(), "{message}");
    }
}

#[test]
fn orders_with_a_curled_apostrophe_are_read_like_others() {
    for message in [
        "I don't want you to print customer rows. Look at counts or schemas, our auditors read the session logs.",
        "We don't send press notes to the Courier first any more. Put them on our own site first.",
        "Don't rebase shared branches",
        "Please remember that we can't print labels on Mondays.",
        "Remember: we're shut in July.",
        "From now on, don't use tabs in our yaml files.",
        "Don't forget that the mill's gate isn't locked at night.",
        "You don't need to know about my shoe size anymore",
        "I'd feel better without my shoe size in your notes.",
        "I'd be happier if you didn't know my shoe size",
        "My shoe size isn't something you should know any more",
        "Delete everything about the layoffs, I told you that by mistake. It isn't public.",
    ] {
        let found = read(&own_words(message), None);
        assert!(!found.0.is_empty(), "{message}");
        for curled in ["’", "ʼ"] {
            let message = message.replace('\'', curled);
            assert_eq!(read(&own_words(&message), None), found, "{message}");
        }
    }
}

#[test]
fn what_is_done_instead_and_why_goes_with_the_order() {
    for message in [
        "Not \"bad weather\". Say \"wind\" or \"ice\" in cancellation texts, insurers ask for the exact cause.",
        "I don't want you to print customer rows. Look at counts or schemas, our auditors read the session logs.",
        "Archive scans as FLAC please, not MP3. The library does not take lossy files.",
        "We don't send press notes to the Courier first any more. Put them on our own site first.",
        "Stop rounding the prices on labels, people missed the difference. Exact cents instead.",
        "I don't want sleeps in the tests. Poll with wait_until(), the CI boxes are slow.",
        "'May contain nuts' isn't allowed on our labels, list them all. The inspector fined us for that in spring.",
        "Always write the guest's name, not 'the room'. Guests found that cold, we had two complaints.",
        "'fix stuff' is not a commit message. Say why, not what. We get audited on the history.",
    ] {
        let told = message.replace("I don't want", "The user doesn't want");
        assert_eq!(kept(message), [told.trim_end_matches('.')]);
    }
}

#[test]
fn what_is_over_goes_with_what_is_done_instead() {
    for message in [
        "StatsD is being dropped. Send metrics through OpenTelemetry instead.",
        "Telex is out. Send press notes by mail instead.",
    ] {
        assert_eq!(kept(message), [message.trim_end_matches('.')]);
    }
    for message in [
        "I decided against NumPy docstrings. Google style please, everywhere.",
        "We voted against oak doors. Larch from now on.",
        "Prettier is out. Biome please.",
    ] {
        let told = message.replace("I decided", "The user decided");
        assert_eq!(kept(message), [told.trim_end_matches('.')]);
    }
    let found = kept("The desk opens at noon. Send press notes by mail instead.");
    assert!(
        found.iter().any(|text| text == "Send press notes by mail instead"),
        "{found:?}"
    );
}

#[test]
fn a_slip_is_put_right_in_a_later_message() {
    let (found, _) = read("Oh sorry, typo, it opens at 9:00.", Some("The mill shop opens at 8:15"));
    let found: Vec<_> = found
        .into_iter()
        .map(|f| (f.text, f.mark.change, f.mark.earlier))
        .collect();
    assert_eq!(found, [("The mill shop opens at 9:00".to_owned(), true, 1)]);
}

#[test]
fn what_is_used_instead_says_of_what() {
    for (message, told) in [
        (
            "Forget Prisma for queries, we use Drizzle instead.",
            "For queries, we use Drizzle instead",
        ),
        (
            "Forget Jest in our tests, use Vitest instead",
            "In our tests, use Vitest instead",
        ),
    ] {
        let found = kept(message);
        assert!(found.iter().any(|text| text == told), "{found:?}");
    }
    for message in [
        "Forget my address in Oulu, I moved to Turku",
        "Forget Prisma for queries, we use Drizzle in queries instead",
    ] {
        let found = kept(message);
        assert!(
            !found
                .iter()
                .any(|text| text.starts_with("For queries,") || text.starts_with("In Oulu,")),
            "{found:?}"
        );
    }
}

#[test]
fn what_is_told_after_talk_of_what_was_sent() {
    for (message, told) in [
        (
            "oops, will rotate, sorry about that. anyway it was for the old lab box, the bastion only accepts hardware keys",
            "The bastion only accepts hardware keys",
        ),
        (
            "my bad, that was the old one, the barn door is opened by Ruth only",
            "The barn door is opened by Ruth only",
        ),
        (
            "sorry, wrong window. it was meant for the other chat, our registry only accepts signed images",
            "Our registry only accepts signed images",
        ),
    ] {
        assert_eq!(kept(message), [told]);
    }
}

#[test]
fn why_something_is_to_be_forgotten_is_no_fact() {
    for message in [
        "The boss says the bone ash must not be written down anywhere. Please forget the trick of the glaze.",
        "Please forget the trick of the glaze. The bone ash is not to be noted anywhere.",
        "Ruth doesn't want that known. Forget how much she earns.",
        "The recipe has to stay in the family. Forget the trick of the glaze please.",
        "Forget my salary. My contract is confidential.",
    ] {
        let found = read(&own_words(message), None).0;
        assert!(
            found.iter().all(|f| f.op == Op::Forget) && found.len() == 1,
            "{found:?}"
        );
    }
    let found = read("The depot is opened by Ruth only. Please forget my salary.", None).0;
    assert!(found.iter().any(|f| f.op == Op::State), "{found:?}");
    for rule in [
        "Tokens must not be stored in plain text.",
        "Card numbers must never be kept.",
        "The gate is not to be kept open.",
        "The lab doesn't want the kiln moved.",
        "The library must stay quiet at noon.",
    ] {
        assert!(!antecedent::says_why(rule), "{rule}");
    }
}

#[test]
fn a_name_of_another_script_stands_in_an_english_sentence() {
    for text in [
        "Our buyer 春の庭株式会社 pays within 60 days",
        "The \u{201c}花の店株式会社\u{201d} is our tenant in Oulu.",
    ] {
        assert!(!is_of_another_script(text), "{text}");
    }
    for text in [
        "請閱讀/home/mill/doc.md, 這是我的 home project",
        "このページは use always",
        "門は5時に閉まります。 open the gate at nine always",
    ] {
        assert!(is_of_another_script(text), "{text}");
    }
}

#[test]
fn a_list_to_remember_may_stand_in_one_line() {
    for (message, told) in [
        (
            "remember pls: 1. my sister Ida eats no nuts 2. parcels go to the side gate",
            vec!["The user's sister Ida eats no nuts", "Parcels go to the side gate"],
        ),
        (
            "Please remember: 1. hats hang in the porch 2. row 4 is for the choir 3. Ilse has the key. Print the list",
            vec!["Hats hang in the porch", "Row 4 is for the choir", "Ilse has the key"],
        ),
    ] {
        let found = read(&own_words(message), None).0;
        let asked = found.iter().filter(|f| f.mark.asked).map(|f| f.text.as_str());
        assert_eq!(asked.collect::<Vec<_>>(), told, "{message}");
    }
    for head in ["Remember that the hall seats 1.", "Remember: the hall is in v1."] {
        assert!(numbered(&[head, "The porch seats 2.", "It is cold."]).is_empty());
    }
}

#[test]
fn whoever_says_ok_asks_nothing() {
    for (message, told) in [
        (
            "Deploys are done by Argo CD now, nobody deploys by hand, ok?",
            "Deploys are done by Argo CD now, nobody deploys by hand",
        ),
        ("Never push to the mirror, understood?", "Never push to the mirror"),
    ] {
        assert_eq!(kept(message), [told]);
    }
    for message in [
        "Is the mirror of the registry in hall 4 ok?",
        "We deploy on Fridays, right?",
        "whats the difference between a claim and a draft claim",
        "What’s the port of the staging server",
        "hows the schema of the ledger versioned",
    ] {
        assert_eq!(kept(message), Vec::<String>::new(), "{message}");
    }
}

#[test]
fn the_sentence_after_an_order_says_why() {
    for message in [
        "Write a ticket instead of phoning the mill. Orla deletes every phone note within a day.",
        "One vat at a time! Otherwise the pump trips and the drain with it.",
        "Glass bottles are a no-go. Cans please, the pool floor is tiled.",
        "Use short words in the leaflet. Half of the guests read in their second language, and they give up.",
        "Ask before you order paint. The last batch had the wrong shade and we painted the hall twice.",
    ] {
        assert_eq!(kept(message), [message.trim_end_matches('.')]);
    }
    for message in [
        "Use short words in the leaflet. The mill is in Oulu.",
        "Use short words in the leaflet.\nThe porter never works on Fridays.",
        "The porter sits at gate 4. Use short words in the leaflet. The gate is never open on Fridays.",
    ] {
        let found = kept(message);
        assert!(
            found.iter().any(|told| told == "Use short words in the leaflet"),
            "{found:?}"
        );
    }
}

#[test]
fn what_a_question_brings_up_is_set_anew() {
    assert_eq!(
        kept("Remember our rule about two keys for the vault? One key is enough from now on."),
        ["Vault: One key is enough from now on"]
    );
    assert_eq!(
        kept("Remember that rule about two keys for the vault?"),
        Vec::<String>::new()
    );
    let message = "I rather wish you hadn't sorted the list by name. Could you keep it by age? The porter reads it \
                   from the top.";
    let found = kept(message);
    assert!(
        found.len() == 1 && found[0].contains("by age. The porter reads it"),
        "{found:?}"
    );
}

#[test]
fn what_is_said_to_matter_is_no_question() {
    for message in [
        "What's important: never push to the mirror.",
        "Hows and whys go into the notes, never push to the mirror.",
    ] {
        assert!(!kept(message).is_empty(), "{message}");
    }
}

#[test]
fn another_task_is_no_part_of_an_order() {
    for message in [
        "Archive scans as FLAC please, not MP3. The build is red again.",
        "We don't send press notes to the Courier first any more. Fix the footer of the site.",
    ] {
        let found = kept(message);
        assert!(
            !found.concat().contains("red") && !found.concat().contains("footer"),
            "{found:?}"
        );
    }
}

#[test]
fn what_is_no_more_goes_with_what_is_now() {
    for message in [
        "The mills get 45 days from now on for their invoices. Not 14.",
        "Labels are printed in Finnish now. Not Swedish.",
        "Archive scans as FLAC please. Not MP3.",
        "Sign letters with \"Larkin guild\" from now on. The old \"Larkin & Sons\" is over.",
        "Give me long answers from now on. No short ones any more.",
        "Branches are now called <initials>/<ticket>. feature/ is out.",
    ] {
        assert_eq!(kept(message), [message.trim_end_matches('.')]);
    }
    for message in [
        "Archive scans as FLAC please. Not on Mondays and not without the porter, who keeps the key.",
        "Labels are printed in Finnish now. Lunch is over.",
        "Keep answers short. No emojis any more.",
    ] {
        assert_ne!(kept(message), [message.trim_end_matches('.')], "{message}");
    }
    assert_eq!(kept("Please look at the footer. Not 14."), Vec::<String>::new());
}

#[test]
fn an_objection_of_its_own_makes_a_correction() {
    for message in [
        "No! Leave the moulds where they are. The casters take them directly from there",
        "Stop! Keep the drafts out of the archive. The printers take every file in it",
    ] {
        let told = message.split_once("! ").map(|(_, told)| told).unwrap_or_default();
        assert_eq!(kept(message), [told]);
    }
    assert!(kept("No! It works. Thanks.").is_empty());
    assert!(kept("Leave the cursor where it is, I try again").is_empty());
    assert!(kept("now run the beta tests pls").is_empty());
}

#[test]
fn that_which_was_done_names_what_is_to_be_done_otherwise() {
    let message = "You queried the replica in office hours. Do that only after 20:00, it slows down the search.";
    assert_eq!(kept(message), [message.trim_end_matches('.')]);
    let message = "You weighed the vats by hand. Never do that on Fridays, the scale is checked then.";
    assert_eq!(kept(message), [message.trim_end_matches('.')]);
}

#[test]
fn what_a_head_wishes_anew() {
    for (message, told) in [
        (
            "I changed my mind about charts, draw them with Vega.",
            "Charts: draw them with Vega",
        ),
        (
            "I was wrong about the dates, write them the British way. Not the American way any more.",
            "The dates: write them the British way. Not the American way any more",
        ),
        (
            "I changed my mind about charts. Draw them with Vega.",
            "Charts: Draw them with Vega",
        ),
        (
            "I changed my mind about times in the logbook. Full hours, no longer minutes.",
            "Times in the logbook: Full hours, no longer minutes",
        ),
        (
            "Our accountant says so: hats are worn on deck from now on.",
            "Hats are worn on deck from now on",
        ),
        (
            "You can answer me in English from now on, my Dutch colleague has left.",
            "Answer me in English from now on, my Dutch colleague has left",
        ),
        (
            "The board wants it differently: prices on the list without tax from now on.",
            "Prices on the list without tax from now on",
        ),
        (
            "Parcels should come to the side gate instead. The front gate is being bricked up.",
            "Parcels should come to the side gate instead. The front gate is being bricked up",
        ),
    ] {
        let found = read(&own_words(message), None).0;
        assert_eq!(
            found.iter().map(|f| f.text.as_str()).collect::<Vec<_>>(),
            [told],
            "{message}"
        );
        assert!(found[0].mark.change, "{message}");
    }
    let found = read("I reconsidered. Vats are rinsed with vinegar in our mill.", None).0;
    assert!(found[0].mark.change);
}

#[test]
fn what_is_taken_back_leaves_the_next_sentence_readable() {
    for message in [
        "Bookings always go to Oracle. Just kidding. Forget the guest wifi.",
        "Bookings always go to Oracle. Just kidding. Prints are on A3.",
        "Between us, the warden leaves. Don't write that down. Forget the other colours.",
        "The mill is for sale. Don't write that down. Just kidding. Prints are always on A3.",
    ] {
        let (found, _) = read(&own_words(message), None);
        assert!(
            !found.iter().any(|finding| finding.text.contains("Oracle")),
            "{message}"
        );
    }
}

#[test]
fn what_is_to_be_done_next_time_stands_behind_what_was() {
    assert_eq!(
        kept("The pattern was right the first time; next time ask before you rewrite something that works."),
        ["Next time ask before you rewrite something that works"]
    );
    assert!(kept("The gate was open; the next one was shut.").is_empty());
}

#[test]
fn what_is_not_to_be_written_down_takes_back_the_message_before() {
    let (found, last) = read("The mill is shut on Mondays.", None);
    assert_eq!(found.len(), 1);
    let (found, _) = read("Please don't write that down.", last.as_deref());
    assert!(
        matches!(&found[..], [finding] if finding.op == Op::Forget && finding.text == "The mill is shut on Mondays.")
    );
    assert!(read("Please don't write that down.", None).0.is_empty());
}

#[test]
fn news_that_is_to_be_remembered_is_kept_whatever_memory_holds() {
    let asked = |message: &str| {
        let found = read(&own_words(message), None).0;
        matches!(&found[..], [finding] if finding.mark.asked && !finding.mark.if_held)
    };
    assert!(asked("Onni left the company. Please remember that."));
    assert!(asked("Kirsi drives the day bus now. Remember that."));
}
