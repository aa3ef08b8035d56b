use super::*;

fn order(text: &str) -> bool {
    read(text, Mark::default(), Some("next")).is_some()
}

#[test]
fn what_is_ordered_after_praise() {
    for text in [
        "Looks nice, but please use no slang in the leaflets",
        "That is very good but I must say please never print a phone number",
        "The cover looks great but pls keep all captions in Finnish",
    ] {
        let told = read(text, Mark::default(), None);
        assert!(told.is_some_and(|told| told.mark.correction), "{text}");
    }
    for text in [
        "Looks nice, but please fix the header",
        "That is good but please add a table",
        "Great, but please rename it",
        "Looks nice, but please use the blue one",
        "The cover is fine but please keep the footer",
    ] {
        assert_eq!(read(text, Mark::default(), None), None, "{text}");
    }
}

#[test]
fn what_is_to_come_first_has_a_reason() {
    let right = Mark {
        correction: true,
        ..Mark::default()
    };
    for text in [
        "Test on the sample schema first, the warehouse bills us per second of compute",
        "No, print in grey first, the colour ink costs four times as much",
        "Measure at the meter first, the gauge shows old values",
        "Check with the porter first, the gate opens once an hour",
        "Write all names in pencil first, the board wants changes each time",
    ] {
        assert!(read(text, right, None).is_some(), "{text}");
    }
    for text in [
        "Test the parser first, the importer runs later",
        "Look at main.rs first, the loop runs twice",
        "Go to the depot first, the van waits there",
        "Test on the sample schema first",
    ] {
        assert_eq!(read(text, right, None), None, "{text}");
    }
}

#[test]
fn standing_orders() {
    let mut wrong = Vec::new();
    for text in [
        "Write unit tests with Mocha.",
        "Always squash before merging",
        "Keep answers short",
        "I prefer single quotes",
        "From now on use Ruff for formatting",
        "Never push to main directly, the mirror breaks",
        "Don't rebase shared branches",
        "No, use poetry not pip here.",
        "Stop adding emojis to the logs",
        "Variable names should be in English",
        "Please sort imports by length in this repo",
        "Use `just up` instead of docker compose",
        "No direct database access from controllers",
        "Ask Noor before touching the importer",
        "We switched to Biome, Prettier is out",
        "Log dates in ISO format",
        "Plot everything with Gnuplot",
        "Write the report in LaTeX",
        "Explain things in detail to me, I am new",
        "Let me see diffs side by side",
        "Unified diffs are fine after all, please show only these from now on",
        "Write the guest letters informal, first names only",
        "Send the daily menu to the press by fax, they like it that way",
        "Deliver everything to the mill as Word files",
        "Alert me on Teams when a loom stops",
        "Ring the night crew by radio whenever a gauge drops under 3 bar",
        "Stop rounding the prices on labels, people missed the difference",
        "I don't want you to print customer rows",
        "I don't want sleeps in the tests",
        "'fix stuff' is not a commit message",
        "\"May contain traces\" isn't allowed on our labels",
        "Deploy with `make -C ops push` please",
        "Test using `tap run t/`, it knows the fixtures",
        "We've gone over to slate labels for all plants",
        "We have just switched to larch for the doors",
        "I want squash merges for everything.",
        "We'd like oak handles everywhere",
        "British spelling everywhere from now on - colour, organise and so on",
        "Slate labels from here on",
        "Squash-merge the branches here.",
        "Double-check the totals before every print",
        "Hand-write the cards for every guest",
        "Always cross-check the list with Ida",
        "Re-measure the tension after each batch",
        "I want British spelling in the UI texts",
        "We'd like formal language in our letters",
        "Give me long explanations with every change, I am learning",
        "Give me sources with every claim, please",
        "Give me short answers from now on",
        "You can't write \"best glaze\" on labels",
        "Say \"the farm\" instead in all texts",
        "Sorting by name is useless, sort lists by date instead.",
        "Oak rots, use larch instead",
        "It's 'colour' with us, we are British",
        "We spell it 'colour' here",
        "Call the robot Fritzi in all strips",
        "Call our ferry Tove Larkin on every poster",
        "Name the narrator Bruno throughout",
        "Call the old mill Orrin from now on",
        "Call the hero Ned everywhere",
        "I used to like charts, now please tables in the reports",
        "We used to ask for signed letters, but these days a mail is enough",
        "I used to prefer long notes - now short ones",
        "We are going back to paper tickets",
        "Please revert to inches in the plans, metres confuse the carpenters",
        "pnpm breaks our monorepo, so back to npm",
        "Celsius was odd for the bakers, back to Fahrenheit please",
    ] {
        if !order(text) {
            wrong.push(text);
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_right_way_after_the_wrong_one() {
    for (text, next) in [
        (
            "Not from the laptop.",
            "Order through the agent, that one pays the duty",
        ),
        ("Not with the phone.", "Send via the desk, the desk keeps a log"),
        ("Not by the old road.", "Ship through the pass, the bridge is narrow"),
    ] {
        let told = read(text, Mark::default(), Some(next));
        assert!(told.is_some_and(|told| told.mark.correction), "{text} {next}");
    }
    for (text, next) in [
        ("Not on the laptop.", "I am on the train"),
        ("Not in the kitchen.", "Start with the hall, it takes an hour"),
    ] {
        assert!(!denies_a_way(text, next), "{text} {next}");
    }
    for text in [
        "That is the wrong one: dye with tools/vat, it writes the log as well",
        "That's the wrong script: publish with bin/press, it stamps each sheet",
        "This was done before. That was the wrong way: order through the agent, that one pays the duty",
    ] {
        let last = text.rsplit(". ").next().unwrap_or(text);
        let told = read(last, Mark::default(), None);
        assert!(told.is_some_and(|told| told.mark.correction), "{text}");
    }
    for text in [
        "That is the wrong one: take the blue one",
        "That's the wrong file: dye with tools/vat, it writes the log",
    ] {
        assert_eq!(read(text, Mark::default(), None), None, "{text}");
    }
}

#[test]
fn what_is_to_be_shown_each_time_is_no_question() {
    for text in [
        "Tell me what you changed after each step",
        "List every door you found before you lock up",
    ] {
        assert!(ASKS_TO_SHOW.is_match(text) && is_for_each_time(text), "{text}");
    }
    for text in [
        "Tell me what you changed",
        "List the tables that you can see in the hall",
    ] {
        assert!(ASKS_TO_SHOW.is_match(text) && !is_for_each_time(text), "{text}");
    }
}

#[test]
fn what_is_needed_each_time() {
    for text in [
        "Close the lid first before a night run, otherwise the drum jams",
        "stop the pumps before any transfer, or else the meter runs backwards",
        "Empty the tray after a long shift, because mice get into the grain",
        "It's the only copy of the letters from 1820, so best leave it be.",
        "The blue book has the only records of the old guild, so please don't touch it",
        "They're the last spares for the loom, so hands off",
    ] {
        assert!(order(text), "{text}");
    }
    for text in [
        "Close the lid before a guest asks, otherwise we look silly",
        "Fix the header before a release, otherwise the page is ugly",
        "Close the ticket after a final check, because it blocks Ida",
        "Deploy the patch after a review, because customers are waiting",
        "Close it before a night run, otherwise the drum jams",
        "Close the lid before the night run, otherwise the drum jams",
        "Close the lid before a night run",
        "It's the only test that fails, so leave it be",
        "It's the last one for today, so leave it as it is",
        "That's the only copy we have left, so keep it handy",
        "It's the only copy of the letters, so print it twice",
        "It's just a warning, so leave it alone",
    ] {
        assert!(!order(text), "{text}");
    }
}

#[test]
fn what_we_could_do_instead() {
    for (text, told) in [
        (
            "The lists: my printer cuts the long ones, could we do A3 instead from now on?",
            "The lists: do A3 instead from now on, my printer cuts the long ones",
        ),
        (
            "the oak swells in the rain, can we use larch instead from here on please?",
            "use larch instead from here on, the oak swells in the rain",
        ),
        (
            "Mondays are full, so could we send bills on Fridays instead from today on?",
            "send bills on Fridays instead from today on, Mondays are full",
        ),
    ] {
        let found = asked(text, Mark::default());
        assert_eq!(found.map(|found| found.text).as_deref(), Some(told));
    }
    for text in [
        "Could we use larch instead of oak?",
        "Can we use larch from now on?",
        "The oak swells in the rain, could we use larch instead?",
        "The oak swells in the rain, could we meet instead from now on?",
        "If oak swells, could we use larch instead from now on?",
        "The porters are asking, could we use larch instead from now on?",
        "A guest wrote this, can we use larch instead from now on?",
        "Questions from the guests: the hall is cold, could we use larch instead from now on?",
    ] {
        assert!(asked(text, Mark::default()).is_none(), "{text}");
    }
}

#[test]
fn what_went_wrong_last_time_makes_it_last() {
    let read = |text: &str, next: &str| read(text, Mark::default(), Some(next)).is_some();
    for (text, next) in [
        (
            "Nope, convert to CMYK with the profile we have",
            "RGB made the blue come out purple last time",
        ),
        (
            "No, deliver behind the mill",
            "In spring the front gate was closed twice",
        ),
        (
            "Wrong, charge per started hour",
            "Last year two clients complained about it",
        ),
        ("Stop, weigh on the small scale", "The big one lost us a client once"),
        ("No, paint over the knots", "They came through last winter"),
    ] {
        assert!(read(text, next), "{text} {next}");
    }
    for (text, next) in [
        ("No, fix the parser", "It broke last time"),
        ("Nope, convert to CMYK", "Then send me the file"),
        ("Paint over the knots", "They came through last winter"),
    ] {
        assert!(!read(text, next), "{text} {next}");
    }
}

#[test]
fn the_tool_of_a_usual_task() {
    for text in [
        "Deploy with Ansible.",
        "Publish via Crossbar, the mirror takes nothing else",
        "Lint with Larch, please",
        "Format with prettier.",
        "Format the code with Prettier.",
        "Deploy the workers with pulumi",
        "Mock the clock in tests with sinon.",
        "Seed the tables for demos using loomgen",
        "Bundle the app with Warp",
        "Lint the styles with larchlint",
        "Install packages with yarn",
    ] {
        assert!(order(text), "{text}");
    }
    for text in [
        "Deploy with care",
        "Deploy with Monday's fix",
        "Test with Safari",
        "Run with Valgrind",
        "Build with warnings",
        "Run the tests with coverage",
        "Format the table with spaces around it",
        "Mock the clock in the login test with sinon",
        "Lint the files in loops with errors",
        "Deploy with it",
    ] {
        assert!(!order(text), "{text}");
    }
}

#[test]
fn the_language_of_answers_and_other_days() {
    for text in [
        "Answer me in German.",
        "Reply to us in French, please",
        "Talk to me in plain English from now on",
        "Write to me in Estonian, I am from Tartu",
        "Lockers: make that Thursdays.",
        "Rinsing days: set them to Mondays and Fridays",
    ] {
        assert!(order(text), "{text}");
    }
    for text in [
        "Answer me in short",
        "Answer me in the morning",
        "Answer us in May",
        "Meeting: make it Thursday",
    ] {
        assert!(!order(text), "{text}");
    }
}

#[test]
fn what_is_blamed_once_more() {
    for (text, told) in [
        (
            "You used the old key again, please work with the new key only, the old one is billed",
            "work with the new key only, the old one is billed",
        ),
        (
            "You've weighed the vats by hand again, never weigh vats on Fridays",
            "never weigh vats on Fridays",
        ),
        (
            "You keep sorting the lists by name, sort lists by date instead",
            "sort lists by date instead",
        ),
    ] {
        let found = read(text, Mark::default(), None);
        assert!(
            found
                .as_ref()
                .is_some_and(|found| found.text == told && found.mark.correction),
            "{text} {found:?}"
        );
    }
    for text in [
        "You broke the build again, fix the imports",
        "You used the old key again, I saw the bill",
        "You rounded the prices again, don't do that",
        "You used the old key, work with the new key only",
    ] {
        assert!(!order(text), "{text}");
    }
}

#[test]
fn who_gets_what_is_of_a_kind() {
    for text in [
        "Send code reviews to Petra.",
        "Forward invoices to the Larch desk, please",
        "Escalate incidents to #night-watch",
        "Assign new tickets to Ida Larkin",
        "Submit all schema changes to the data team",
    ] {
        assert!(order(text), "{text}");
    }
    for text in [
        "Send the code review to Petra",
        "Send flowers to Petra",
        "Send two invoices to Petra",
        "Send these tickets to Ida",
        "Send invoices to the printer",
        "Assign tickets to Monday",
        "Send my invoices to Petra",
        "Send code reviews to Petra for now",
    ] {
        assert!(!order(text), "{text}");
    }
}

#[test]
fn how_a_thing_is_set_is_no_order() {
    for text in [
        "Our default currency is DKK.",
        "Our default branch is develop",
        "Our standard font is Lato, the printer has it",
        "Our default time zone is Europe/Oslo",
        "Our standard pallet height is 140 cm",
    ] {
        assert!(!order(text), "{text}");
        let told = statement::read(text, Mark::default(), None);
        assert!(told.len() == 1 && !told[0].mark.order, "{text}");
    }
    for text in [
        "Our default is oak",
        "Our default currency is DKK, not EUR",
        "Our standard answer is no",
        "Our default way is to ask first",
        "Our standard coding style is PEP 8",
        "Our rule is two coats",
    ] {
        assert!(order(text), "{text}");
    }
}

#[test]
fn another_number_after_one_that_was_wrong() {
    let read = |text: &str, next: &str| read(text, Mark::default(), Some(next));
    for (text, next) in [
        (
            "Check-up slots: make it 30 minutes.",
            "20 was too tight, everybody ran late",
        ),
        ("Deposits: make them 50 euros", "30 was too little"),
        (
            "Kiln runs: set them to 9 hours",
            "Seven hours were far too short for the blue glaze",
        ),
        (
            "Quiet hours: start them at 22:00 hours",
            "Eleven was too late for the guests",
        ),
        ("Loan periods: make it 4 weeks", "Two weeks were too short"),
    ] {
        assert!(read(text, next).is_some_and(|found| found.mark.change), "{text}");
    }
    for (text, next) in [
        ("Header: make it 40 px", "20 was too small"),
        ("Title: make it bold", "The old one was too thin"),
        ("Check-up slots: make it 30 minutes", "Then send me the list"),
    ] {
        assert!(read(text, next).is_none(), "{text}");
    }
    assert!(super::read("Not 14.", Mark::default(), None).is_none());
    let alone = |text: &str| super::read(text, Mark::default(), None).is_some_and(|found| found.mark.change);
    assert!(alone("Make that 12 seats per table, 14 was too tight"));
    assert!(alone("Set them to 9 hours, seven hours were too short for the glaze"));
    assert!(!alone("Make that 40 px, 20 was too small"));
    assert!(!alone("Make that 12 copies, thanks"));
}

#[test]
fn what_nobody_wants_and_how_many_at_once() {
    for text in [
        "Glass bottles are a no-go.",
        "Neon colours are taboo on the posters",
        "Pop-ups are an absolute no-go for us",
        "Means without their spread are a no-no",
        "Red ink is taboo here",
    ] {
        assert!(
            read(text, Mark::default(), None).is_some_and(|found| found.mark.correction),
            "{text}"
        );
    }
    for text in [
        "One etcd member at a time!!",
        "Only two vats at once, please",
        "At most 3 guests at a time",
        "One wing of the mill at a time",
        "Max two night trains at once",
    ] {
        assert!(read(text, Mark::default(), None).is_some(), "{text}");
    }
    let read = |text: &str, next: &str| read(text, Mark::default(), Some(next)).is_some();
    for (text, next) in [
        ("One key per guest", "Otherwise the locksmith bills us."),
        ("Two people at the gate", "Or else nobody may leave it."),
        ("Only oak for the decks", "Otherwise the planks warp."),
        ("Cheques without a date", "If not, the bank sends them back."),
        ("At least 3 coats of varnish", "Otherwise the wood rots."),
    ] {
        assert!(read(text, next), "{text} {next}");
    }
    for (text, next) in [
        ("One thing at a time!", "The mill comes first."),
        ("Two trains came at once", "The hall was full."),
        ("It is a no-go", "Look at the next one."),
        ("One key per guest", "Otherwise I go mad."),
        ("Fix the one in hall 2", "Otherwise the pump trips."),
        ("Two trains in the hall", "The pump trips."),
        ("Two typos on page 3", "Otherwise it reads well."),
        ("One typo on page 3", "Otherwise print it."),
    ] {
        assert!(!read(text, next), "{text} {next}");
    }
}

#[test]
fn tasks_of_the_day() {
    let mut wrong = Vec::new();
    for text in [
        "Refactor the date helper.",
        "Fix the failing login redirect.",
        "Write a test for the slug function.",
        "Add pagination to the order list.",
        "rename the helper in README.md",
        "tidy the imports in src/server.ts",
        "Run the tests before you commit the fix to it",
        "Don't merge yet",
        "Use this file",
        "Show me the diff",
        "We need to fix the form",
        "Let's go",
        "You can delete it now",
        "Make the button blue",
        "Don't touch it",
        "Bump the version and push",
        "drop the unused parameter in src/loom.rs",
        "drop the outliers in the plot only",
        "Replace the header in the template",
        "also shorten the name of the helper in pkg/loom/warp.go",
        "use two columns",
        "use a pipe in UPGRADING.md",
        "document templates/loom/item.tt",
        "annotate types in src/loom.jl",
        "sort the rows by year",
        "let me see the logs",
        "make the board page refresh without flicker",
        "Ping me when the build is done",
        "Send the draft to Noor by Friday",
        "Tell me when you are done",
        "explain the loop in src/loom.rs in one sentence",
        "Deploy with the fix of yesterday",
        "run with `RUST_LOG=debug`",
        "I want to test the button for all pages",
        "I want a coffee for everyone",
        "We've got to go over the plan",
        "Squash-merge it now",
        "Follow-up the call",
        "I want British tea in the morning",
        "I'd like dark mode in the app",
        "Give me a minute before we start",
        "Give me the sums of the last run",
        "Say \"hello\" to Ida",
        "Kiln hours: make it 30 minutes",
        "The header is broken, use the old one instead",
        "The vat is cracked, rinse it instead",
        "It's 'late' again",
        "Call the porter Ida in the morning",
        "I used to like charts",
        "We used to ask the porter, he left",
        "We are going back to work",
        "The branch is merged, back to main",
        "Lunch is over, back to English",
        "We are going back to class",
        "Revert to the last tag",
    ] {
        if order(text) {
            wrong.push(text);
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
