use super::*;

#[test]
fn what_is_done_again_and_again_is_no_change() {
    for text in [
        "The lighthouse lamp is changed each October",
        "Boats are moved to the yard every winter",
        "The seals get replaced twice a year",
        "The rota is switched weekly",
        "Filters are always replaced on Mondays",
    ] {
        assert!(!tells_a_change(text), "{text}");
    }
    for text in [
        "The lamp is now changed each October",
        "The port was changed to 8085",
        "The port is changed to 8085 on every host",
        "The boats were moved to the yard last winter",
        "The yard moved to Oulu",
        "From now on boats are moved to the yard each winter",
        "Boats are no longer moved to the yard each winter",
    ] {
        assert!(tells_a_change(text), "{text}");
    }
}

#[test]
fn the_rule_behind_a_task() {
    for text in [
        "While you are in the shed, oil the hinges: keys hang in the hall from now on",
        "and since you're at the list, sort the rows: names are no longer shortened",
        "As you are in hall.css, rename the class as well: boxes now have round corners",
    ] {
        let told = text.split_once(": ").map(|(_, told)| told);
        assert_eq!(Some(strip(text).text), told);
    }
    for text in [
        "While you are in the shed, oil the hinges: they squeak",
        "While you are in the shed, oil the hinges: it must be done from now on",
        "While you are in the shed, oil the hinges: fix the door now",
        "While you are in the list, fix the rows: the output now has two spaces",
        "While you are in the shed, the rule is: keys hang in the hall from now on",
    ] {
        assert_eq!(strip(text).text, text);
    }
}

#[test]
fn what_is_said_to_be_for_good() {
    for (text, told) in [
        ("This one is for good: keys hang in the hall", "keys hang in the hall"),
        ("that's permanent: the gate opens at nine", "the gate opens at nine"),
        ("It is meant to stay - no oak in the bath", "no oak in the bath"),
    ] {
        assert_eq!(strip(text).text, told);
    }
    for text in [
        "This one is good: keys hang in the hall",
        "That is for Ida: the blue card",
    ] {
        assert_eq!(strip(text).text, text);
    }
}

#[test]
fn who_decided_otherwise() {
    for text in [
        "I have decided otherwise for the gate, sorry: keys hang in the hall",
        "We decided differently about the keys: keys hang in the hall",
        "I've decided otherwise: keys hang in the hall",
        "I've reconsidered, sorry: keys hang in the hall",
    ] {
        let found = strip(text);
        assert_eq!(
            (found.text, found.mark.change),
            ("keys hang in the hall", true),
            "{text}"
        );
    }
    assert!(is_only_change("I decided otherwise for the gate."));
    for text in [
        "The guild decided otherwise for the gate: keys hang in the hall",
        "I have decided nothing for the gate: keys hang in the hall",
    ] {
        assert_eq!(strip(text).text, text);
    }
    let told = under_topic("We decided differently for the doors, sorry: larch, no more oak", None);
    assert_eq!(told, Some(("the doors: larch, no more oak".to_owned(), true)));
}

#[test]
fn a_wish_for_the_topic_in_front() {
    for (text, told) in [
        (
            "for the plans, I'd like them as drawings",
            "I'd like the plans as drawings",
        ),
        (
            "oh and for our bills, we want them in francs, thanks",
            "we want our bills in francs, thanks",
        ),
        (
            "For all the yearly lists I prefer them sorted by age",
            "I prefer all the yearly lists sorted by age",
        ),
    ] {
        assert_eq!(wish_for_the_topic(text).as_deref(), Some(told));
    }
    for text in [
        "For the plans, I'd like to see them",
        "For the plans I asked them in May",
        "For our slides, we want them in an hour",
        "For all the slides, I need them by Friday",
        "For our slides, I'd like them to be ready on Friday",
        "For our slides, we want them printed on Friday",
        "For our slides, I'd like them as soon as you can",
        "For now, I'd like them as drawings",
    ] {
        assert_eq!(wish_for_the_topic(text), None, "{text}");
    }
}

#[test]
fn a_rule_that_is_only_recalled() {
    for (before, text, told) in [
        (
            "Remember that rule about two keys for the vault?",
            "One key is enough from now on",
            "vault: One key is enough from now on",
        ),
        (
            "Do you remember our house rule on 3 samples in trials?",
            "We take five now",
            "trials: We take five now",
        ),
        (
            "Remember the agreement about the long evening shifts?",
            "Ida has the last word from now on",
            "the long evening shifts: Ida has the last word from now on",
        ),
    ] {
        assert_eq!(sets_a_rule_anew(text, Some(before)).as_deref(), Some(told));
    }
    for (before, text) in [
        ("Remember that rule about two keys for the vault?", "It no longer holds"),
        ("Remember that rule about two keys for the vault?", "The bell is red"),
        (
            "Remember that rule about two keys for the vault?",
            "I'm in the office now",
        ),
        ("Remember when the vault was shut?", "One key is enough from now on"),
        ("Remember the two keys for the vault.", "One key is enough from now on"),
    ] {
        assert_eq!(sets_a_rule_anew(text, Some(before)), None, "{before} {text}");
    }
}

#[test]
fn what_somebody_has_decided_is_a_change() {
    for text in [
        "The guild has decided that carts are pulled by hand",
        "The owners have ruled that no oak is sold",
        "Our board has just voted that the gate opens at nine",
    ] {
        assert!(tells_a_change(text), "{text}");
    }
    for text in [
        "Nobody has decided that yet",
        "The guild decides that each year",
        "Ida has decided",
    ] {
        assert!(!tells_a_change(text), "{text}");
    }
}

#[test]
fn what_is_handed_over_by_custom_is_no_change() {
    for text in [
        "On-call is handed over on Mondays",
        "Shifts get handed over at 6",
        "The keys are always handed over at the gate",
        "The gate is open from June to August",
        "It may take longer",
        "Ada went over the bridge",
    ] {
        assert!(!tells_a_change(text), "{text}");
    }
    for text in [
        "Ruben handed the gate over to Ada",
        "Ruben handed over the gate",
        "The gate was handed over to Ada",
        "On-call is handed over on Tuesdays now",
        "The gate is not guarded any longer",
        "We've gone over to slate",
        "From June we guard the gate",
        "From May on the gate is open",
        "Ada keeps the gate, Ruben was a mistake",
    ] {
        assert!(tells_a_change(text), "{text}");
    }
}

#[test]
fn heads_that_say_how_much_it_matters() {
    let fact = "vats are rinsed after each dye";
    for head in [
        "Highest priority for all later work",
        "Top priority",
        "Keep this above all",
        "This must not be forgotten",
        "Never to be forgotten",
        "Vital to know",
        "A rule without exceptions",
        "This matters more than anything else here",
        "What matters most",
        "This matters greatly",
        "That one counts especially",
        "The one rule that must never be broken",
        "Our first rule",
        "Of the utmost importance to everyone here",
        "This one is non-negotiable",
        "Our highest duty",
        "Above everything else",
        "No exceptions ever",
        "Lives are at stake, so this is critical",
        "The single most important thing",
        "Take this very seriously",
        "We must be strict about this",
        "Nothing is more important than this",
        "This is a matter of life and death",
        "I can't stress this enough",
    ] {
        let text = format!("{head}: {fact}");
        let found = strip(&text);
        assert_eq!((found.text, found.importance), (fact, Some(10)), "{head}");
    }
    for head in [
        "It matters a lot that",
        "It really matters to us that",
        "It counts most that",
        "I cannot stress enough that",
        "We can't repeat often enough that",
        "It is of great importance that",
    ] {
        let text = format!("{head} {fact}");
        let found = strip(&text);
        assert_eq!((found.text, found.importance), (fact, Some(10)), "{head}");
    }
    let found = strip("It is vital to ask the dyer before any change");
    assert_eq!(
        (found.text, found.importance),
        ("ask the dyer before any change", Some(10))
    );
    assert_eq!(strip("It's essential never to mix two dyes").importance, Some(10));
}

#[test]
fn where_it_is_to_be_written_is_no_part_of_it() {
    for text in [
        "Guests keep asking, so put this on the info sheet as well: the gate is shut at 20:00",
        "Add this to the readme: the gate is shut at 20:00",
        "please mention it on our page too: the gate is shut at 20:00",
        "and say this: the gate is shut at 20:00",
        "the gate is shut at 20:00, pls mention it in the letter",
        "the gate is shut at 20:00 - can you put that on the sign?",
        "the gate is shut at 20:00; add it to the leaflet as well.",
    ] {
        assert_eq!(strip(text).text, "the gate is shut at 20:00", "{text}");
    }
    for text in [
        "Put this in the notes: the gate is shut at 20:00",
        "Put this in the header: name and date",
        "The gate is shut at 20:00, add a line on it",
        "Add the total to the page: it is wrong there",
        "The gate is heavy, mention it in every tour",
        "The total is wrong: put it in the footer",
    ] {
        assert_eq!(strip(text).text, text);
    }
}

#[test]
fn what_is_a_must_matters() {
    let fact = "vats are rinsed after each dye";
    for head in [
        "This is a must:",
        "It's an absolute must that",
        "A must:",
        "Must-do:",
        "That is a real must -",
    ] {
        let found = format!("{head} {fact}");
        let label = strip(&found);
        assert_eq!((label.text, label.importance), (fact, Some(10)), "{head}");
    }
    assert_eq!(only_importance("This is a must."), Some(10));
    assert_eq!(importance_within("A clean vat is a must"), Some(9));
    for text in [
        "The must is pressed in May",
        "Must we rinse vats",
        "A must-see film is on",
    ] {
        assert_eq!(strip(text).importance, None, "{text}");
        assert_eq!(importance_within(text), None, "{text}");
    }
}

#[test]
fn heads_that_say_that_something_follows() {
    let fact = "vats are rinsed after each dye";
    for head in [
        "Little wish of mine:",
        "One thing though -",
        "A last request from me:",
        "Small thing while you zip it:",
        "Two quick points before I go:",
        "So it happened at last:",
        "It's official now:",
        "And that is settled:",
    ] {
        let text = format!("{head} {fact}");
        assert_eq!(strip(&text).text, fact, "{head}");
    }
    assert_eq!(strip("and that the vats are rinsed").text, "the vats are rinsed");
    for text in ["Point 3: rinse the vats", "Wish list: two vats", "That vat is done"] {
        assert_eq!(strip(text).text, text);
    }
}

#[test]
fn what_is_said_once_more() {
    for head in [
        "I told you twice:",
        "We've said this before -",
        "I already told you that:",
        "I have told you a hundred times:",
        "I said it yesterday –",
    ] {
        let text = format!("{head} vats are rinsed after each dye");
        let found = strip(&text);
        assert_eq!(
            (found.text, found.mark.correction),
            ("vats are rinsed after each dye", true),
            "{head}"
        );
    }
    for text in [
        "I told Ida: rinse the vats",
        "I told you about the vats",
        "She said: rinse the vats",
        "We said goodbye to Ida - sad",
    ] {
        assert_eq!(strip(text).text, text);
    }
}

#[test]
fn what_only_sounds_like_it() {
    for text in [
        "The top shelf: vats are rinsed",
        "First: rinse the vats",
        "Greatly reduced vats: a towel",
        "This matter: vats are rinsed",
        "Before all vats: a towel",
        "Count: 12 vats",
        "The vat counts most of the dye: 12 litres",
        "It is important to fix the vat",
        "It matters to the dyer",
        "This counts the vats that are full",
        "I can't stress the vat enough",
        "Take this vat: it is full",
        "Nothing new: the vat is full",
    ] {
        assert_eq!(strip(text).importance, None, "{text}");
    }
}

#[test]
fn heads_that_say_that_something_changed() {
    for (text, rest) in [
        ("I was wrong about miles, show them in knots", "show them in knots"),
        ("Changed my opinion, rinse with vinegar", "rinse with vinegar"),
        ("My mistake: rinse with vinegar", "rinse with vinegar"),
        ("That was a bad idea of mine, rinse with vinegar", "rinse with vinegar"),
        ("We were mistaken: rinse with vinegar", "rinse with vinegar"),
        ("Small change of course: rinse with vinegar", "rinse with vinegar"),
        ("A little change of habits - rinse with vinegar", "rinse with vinegar"),
    ] {
        let found = strip(text);
        assert_eq!((found.text, found.mark.change), (rest, true), "{text}");
    }
}

#[test]
fn what_is_wished_under_a_topic() {
    for (text, told) in [
        (
            "I changed my mind about charts, draw them with Vega.",
            "charts: draw them with Vega.",
        ),
        (
            "Hm, I was wrong about the dates, write them the British way",
            "the dates: write them the British way",
        ),
        (
            "We've reconsidered the vats - rinse them with vinegar",
            "the vats: rinse them with vinegar",
        ),
        (
            "I was mistaken about the key, it hangs in the cellar",
            "the key: it hangs in the cellar",
        ),
        (
            "We changed our minds on rinsing: do it with vinegar",
            "rinsing: do it with vinegar",
        ),
        (
            "I changed my mind about the newsletter: address the readers informally.",
            "the newsletter: address the readers informally.",
        ),
        (
            "I changed my mind about times in the logbook. Full hours, no longer minutes",
            "times in the logbook: Full hours, no longer minutes",
        ),
        (
            "I've reconsidered the colour of the doors: dark green, no more red",
            "the colour of the doors: dark green, no more red",
        ),
        (
            "We were wrong about greetings, first names please",
            "greetings: first names please",
        ),
        (
            "About the newsletter: we've moved it to Sundays",
            "the newsletter: we've moved it to Sundays",
        ),
        (
            "As for the loan fee, they raised it to 4 euros",
            "the loan fee: they raised it to 4 euros",
        ),
        (
            "I reconsidered the crew list: by age please, not rank",
            "the crew list: by age please, not rank",
        ),
        (
            "I changed my mind on charts, Vega is what we draw them with",
            "charts: Vega is what we draw them with",
        ),
        (
            "Change of plan with the ticket prices, show euros.",
            "the ticket prices: show euros.",
        ),
        ("Change of mind about distances: give miles", "distances: give miles"),
    ] {
        assert_eq!(under_topic(text, None), Some((told.to_owned(), true)), "{text}");
    }
    let told = under_topic("As for the invoices, send them as PDF", None);
    assert_eq!(told, Some(("the invoices: send them as PDF".to_owned(), false)));
    let told = under_topic("Draw them with Vega.", Some("I changed my mind about charts."));
    assert_eq!(told, Some(("charts: Draw them with Vega.".to_owned(), true)));
    for (text, before) in [
        ("I was wrong about the button, make it green", None),
        ("I changed my mind about tabs, use spaces", None),
        ("Change of plan for the button, make the label green", None),
        ("I changed my mind about the sheets, print the totals", None),
        ("I was wrong about squashing, it is better to rebase", None),
        ("About the build, it is still red", None),
        ("About the button: we moved it to the left", None),
        ("About the header: I moved it to page 2", None),
        ("It is due on Monday.", Some("About the forms, send them to Ida.")),
        ("Draw them with Vega.", Some("The charts are done.")),
    ] {
        assert_eq!(under_topic(text, before), None, "{text}");
    }
}

#[test]
fn a_topic_needs_something_that_is_wished_of_it() {
    for text in [
        "I changed my mind about charts. Thanks for the hint",
        "I was wrong about the button. Green please",
        "I changed my mind about the button: write the label finally",
        "I changed my mind about the flyer: print the logo largely",
        "I was wrong about vats. The new ones are of oak, not pine",
        "I changed my mind about charts. Fix the legend instead",
        "I reconsidered charts. You were right",
    ] {
        assert_eq!(under_topic(text, None), None, "{text}");
    }
}

#[test]
fn what_holds_after_what_is_over() {
    for (before, text) in [
        (
            "I decided against NumPy docstrings.",
            "Google style please, everywhere.",
        ),
        ("We voted against oak doors", "Larch from now on"),
        ("We dropped tabs.", "Spaces please."),
        ("We've given up on Jest.", "Vitest everywhere, please."),
        ("Prettier is out.", "Biome please."),
        ("We no longer want long answers!", "Short ones always."),
    ] {
        assert!(follows_what_is_over(text, before), "{before} {text}");
    }
    for (before, text) in [
        ("We dropped the parser.", "Spaces please."),
        ("We dropped Jest.", "Tests please."),
        ("We dropped tabs.", "Fix the header instead."),
        ("We dropped tabs.", "Thanks for the hint."),
        ("The milk is out.", "Tea please."),
        ("The doors are made of oak.", "Larch everywhere please."),
        ("We dropped it.", "Spaces please."),
    ] {
        assert!(!follows_what_is_over(text, before), "{before} {text}");
    }
    assert!(turns_to_another("I decided against oak doors, larch please everywhere"));
    assert!(!turns_to_another("I decided against oak doors, they rot"));
}

#[test]
fn on_whose_word_it_is() {
    let fact = "prices on the list without tax";
    for head in [
        "Our accountant says so",
        "Legal says no",
        "The board wants it differently",
        "Boss's orders",
        "The dyers insisted",
        "Ida overruled me",
        "The fire brigade objects",
    ] {
        let text = format!("{head}: {fact}");
        let found = strip(&text);
        assert_eq!((found.text, found.mark.change), (fact, true), "{head}");
    }
    for head in [
        "It says so",
        "New orders",
        "Open orders",
        "Nobody objects",
        "The guild has ruled",
        "What the label says",
    ] {
        let text = format!("{head}: {fact}");
        assert_eq!(strip(&text).text, text, "{head}");
    }
    assert!(tells_a_change("Deliveries come to the side gate instead, ring twice"));
    assert!(!tells_a_change("The bell hangs in the hall"));
}

#[test]
fn sentences_that_only_object_or_turn() {
    for text in ["No!", "Stop.", "No, no, stop!", "Nope, not like that.", "Please stop!"] {
        assert!(is_only_objection(text), "{text}");
    }
    for text in ["No vats!", "No longer.", "Stop rinsing.", "Not on Mondays.", "No"] {
        assert!(!is_only_objection(text), "{text}");
    }
    for text in [
        "I reconsidered.",
        "Change of plans!",
        "Hm, I changed my mind.",
        "My mistake.",
        "Correction.",
        "I changed my mind about vats.",
    ] {
        assert!(is_only_change(text), "{text}");
    }
    for text in [
        "I changed my mind about vats, rinse them.",
        "I reconsidered the vats.",
        "The plans changed the vat.",
    ] {
        assert!(!is_only_change(text), "{text}");
    }
    let found = strip("Correction to what I told you before: rinse with vinegar");
    assert_eq!((found.text, found.mark.change), ("rinse with vinegar", true));
}
