use super::*;

#[test]
fn what_is_left_aside_for_the_work_stays_known() {
    for text in [
        "Forget about looms for now.",
        "Forget about looms, let us look at the seals.",
        "Let us forget about the east kiln for a moment and fix the seals",
        "Forget the seals, run the linter.",
        "ok forget about the deploy, let's look at the parser",
        "Forget my branch for the time being",
        "Let's forget the kiln for a while",
        "Let's forget lint today.",
        "Forget seals this time",
        "Let us forget the east kiln.",
    ] {
        assert_eq!(read(text, None), None, "{text}");
        assert!(only_leaves_aside(text), "{text}");
    }
    for text in [
        "Forget about my shoe size, let's go on",
        "Forget Ida's loan, look at the seals",
        "Forget the loan, delete it please",
        "Forget where Ida lives, let's look at the parser",
        "Forget looms, weave with frames",
        "Forget the address I gave you",
        "Forget Ida's loan today",
        "Let's forget my shoe size.",
        "Forget the kiln.",
        "Forget what I told you about looms, let's look at the seals",
    ] {
        assert!(read(text, None).is_some() && !only_leaves_aside(text), "{text}");
    }
}

#[test]
fn what_somebody_likes_now_holds_instead() {
    for (text, instead) in [
        (
            "Forget what I said about oak, I prefer larch now",
            Some("I prefer larch now"),
        ),
        ("Forget my old street, I live at the mill", Some("I live at the mill")),
        ("Forget my shoe size, I prefer that nobody knows", None),
        ("Forget my shoe size, I like my privacy", None),
        ("Forget my shoe size, I mean it", None),
    ] {
        let got = read(text, None).and_then(|f| f.instead);
        assert_eq!(got.as_deref(), instead, "{text}");
    }
    for text in [
        "Ignore my earlier note on the east kiln.",
        "Disregard my last message about the east kiln",
    ] {
        assert_eq!(
            read(text, None).map(|f| f.target).as_deref(),
            Some("the east kiln"),
            "{text}"
        );
    }
    assert_eq!(read("Ignore my notes on the east kiln in the draft", None), None);
}

#[test]
fn orders_in_many_words() {
    let mut wrong = Vec::new();
    for text in [
        "Please forget my shoe size.",
        "Forget my shoe size, it is private",
        "Delete everything you noted about my shoe size, please",
        "Remove my shoe size from memory.",
        "Please erase my shoe size from your notes",
        "Forget what I told you about my shoe size",
        "Don't keep my shoe size any longer",
        "I don't want you to remember my shoe size",
        "My shoe size should not be in your memory",
        "Forget about my shoe size that I gave you",
        "Wipe my shoe size from your memory, I mean it",
        "Delete the note about my shoe size",
        "Disregard what I said about my shoe size",
        "I take that back about my shoe size",
        "Sorry, I take it back about my shoe size.",
        "can you forget everything about my shoe size?",
        "Scrub any mention of my shoe size from the notes",
        "Please to forget my shoe size",
        "One thing though - please forget my shoe size, I have a tailor now",
        "Last request: forget my shoe size",
        "A small favour, please: delete the note about my shoe size",
        "Before I forget: please forget my shoe size",
        "While you're at it, remove my shoe size from memory.",
        "Before you go on, forget my shoe size",
        "Leave my shoe size out of your notes please",
        "pls drop my shoe size from ur memory",
        "You must not know my shoe size.",
        "My shoe size has no business in your notes",
        "My shoe size does not belong in your notes",
        "My shoe size is nothing for your notes",
        "My shoe size is not to be kept in memory",
        "My shoe size has to go from your notes",
        "My shoe size should be wiped from your memory",
        "No more mention of my shoe size in your notes, please",
        "Make my shoe size disappear from your memory.",
        "Act as if I had never told you my shoe size",
        "Forget about my shoe size, let's go on",
        "That memo about my shoe size has to go.",
        "This line on my shoe size must disappear",
        "Any note about my shoe size should be deleted please",
        "Don't keep my shoe size, that is private. Delete!",
        "Do not remember my shoe size, it's nobody's business",
        "My shoe size must not be stored anywhere",
        "Would you mind forgetting my shoe size?",
        "i want u to forget my shoe size",
        "Do me a favour and forget my shoe size",
        "I'd be glad if you could forget my shoe size",
        "It would be kind of you to forget my shoe size",
        "I'd be happier if you didn't know my shoe size",
        "There's no need for you to remember my shoe size",
        "My shoe size isn't something you should know any more",
        "My shoe size is not for you to keep",
        "Get my shoe size out of your head",
        "Please let my shoe size slip your mind",
        "You can let go of my shoe size now",
        "Everything you know about my shoe size has to go",
        "Can you un-remember my shoe size?",
        "Would it be possible to forget my shoe size?",
        "Is it possible for you to forget about my shoe size",
        "I'd feel better without my shoe size in your notes.",
        "I'd rather not have my shoe size in your memory",
        "I don't want my shoe size in your notes",
        "Please don't have my shoe size in your memory anymore",
        "My shoe size has to be out of your memory by tonight.",
        "My shoe size must leave your memory.",
        "Everything about my shoe size out of your memory, please.",
        "My shoe size: out of your notes, please",
        "Could my shoe size please be removed from your notes?",
        "Can we delete the entry on my shoe size?",
        "Cancel what I said about my shoe size",
        "My shoe size has no place in a shared memory",
        "On second thoughts forget my shoe size",
        "You don't need to know about my shoe size anymore",
        "There is no need to keep my shoe size on file",
        "no need to have my shoe size in your notes any more",
        "You can un-note my shoe size",
        "Can we just pretend I never mentioned my shoe size",
        "Scratch that bit about my shoe size",
        "never mind the thing about my shoe size",
        "Strike that thing about my shoe size, I spoke out of turn",
        "Erase any trace of my shoe size pls",
    ] {
        let got = read(text, None).map(|f| f.target.to_lowercase());
        if !got.as_deref().is_some_and(|t| t.ends_with("my shoe size")) {
            wrong.push((text, got));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_is_gone_leaves_what_is_known_of_it() {
    for (text, target) in [
        ("Erase the houseboat I told you about, we sold it.", "the houseboat"),
        (
            "please wipe the choir I mentioned the other day - it no longer exists",
            "the choir",
        ),
        (
            "Scrub our second kiln that I spoke of, they have dismantled it",
            "our second kiln",
        ),
        (
            "oh and drop the porter's private number I gave you the other day, he is cross",
            "the porter's private number",
        ),
        ("Delete the address I gave you two weeks ago.", "the address"),
    ] {
        assert_eq!(read(text, None).map(|f| f.target).as_deref(), Some(target), "{text}");
    }
    for text in [
        "Erase the houseboat I mentioned, it is in the wrong row.",
        "Remove the header I mentioned, we dropped it",
        "Erase the old layout, we tore it down",
        "Wipe the disk you mentioned, it is dead",
        "Erase the rows I told you about and count them again",
        "Drop the number I gave you the other day into the form",
    ] {
        assert_eq!(read(text, None), None, "{text}");
    }
}

#[test]
fn a_name_beside_its_kind_is_what_goes() {
    for (text, name) in [
        ("That code name, Otter, has to go from everything you store.", "Otter"),
        (
            "Our title, Larkspur Row, must be deleted from your notes",
            "Larkspur Row",
        ),
        (
            "Her nickname, \"Biscuit\", has to vanish from your memory, please",
            "Biscuit",
        ),
    ] {
        assert_eq!(read(text, None).map(|f| f.target).as_deref(), Some(name), "{text}");
    }
    for text in [
        "That code name, Otter, has to go from the page.",
        "The title, Larkspur, has to go from the first slide",
        "The name, Otter, has to go into your notes",
    ] {
        assert_eq!(read(text, None), None, "{text}");
    }
}

#[test]
fn the_thing_of_the_clause_before_is_what_is_scrubbed() {
    for (text, target) in [
        ("The thing about my knee, can you scrub it?", "my knee"),
        (
            "hey I thought it over - the story about Ida's leave, please forget it",
            "Ida's leave",
        ),
        ("That stuff about our loan, could you wipe it?", "our loan"),
    ] {
        let got = read_late(text, None).map(|f| f.target);
        assert_eq!(got.as_deref(), Some(target), "{text}");
    }
    for text in [
        "The thing about the header, can you scrub it?",
        "The part about my thesis, can you delete it?",
        "The note about my talk, can you take it out?",
        "The thing about my knee, can you look it up?",
        "The thing about my knee, don't forget it",
    ] {
        assert_eq!(read_late(text, None), None, "{text}");
    }
}

#[test]
fn what_was_told_wrongly() {
    for (text, target) in [
        (
            "Delete everything about the layoffs, I told you that by mistake.",
            "the layoffs",
        ),
        (
            "Erase the price of the mill - I mentioned it too early",
            "the price of the mill",
        ),
        (
            "wipe the name of the buyer, we shouldn't have shared that",
            "the name of the buyer",
        ),
        (
            "Please remove all about the merger, I should never have told you.",
            "the merger",
        ),
        (
            "Drop the rumour about Ruth; I told you that in confidence",
            "the rumour about Ruth",
        ),
        (
            "Erase the name of the heir, we ought not to have mentioned it",
            "the name of the heir",
        ),
    ] {
        let found = read(text, None).map(|order| order.target);
        assert_eq!(found.as_deref(), Some(target), "{text}");
    }
    for text in [
        "Delete everything about the banner, I told you to add it too early",
        "Delete the two rows, they were added by mistake",
        "Remove the log lines, I committed them by accident",
        "Drop the second index, I said it is slow",
        "Drop the two rows, we should have told you earlier",
        "Remove the retry, I should have told you that it is slow",
    ] {
        assert_eq!(read(text, None), None, "{text}");
    }
}

#[test]
fn what_somebody_is_or_earns_goes() {
    for (text, target) in [
        ("Please don't keep where Ida lives", "where Ida lives"),
        ("don't hold on to how much she earns, ok", "how much she earns"),
        ("Do not remember who my doctor is.", "who my doctor is"),
        ("You don't have to remember that Ida is ill", "Ida is ill"),
        ("Wipe the mill stuff you saved", "the mill"),
    ] {
        let found = read(text, None).map(|order| order.target);
        assert_eq!(found.as_deref(), Some(target), "{text}");
    }
    for text in [
        "Don't store who edited the row",
        "Do not record where the user clicked",
        "Delete Ida's branch, that shouldn't be in there",
        "Delete her age, it isn't shown in the table",
        "No need to keep the old column any more",
        "You don't need to save the draft any longer",
        "There is no need to retain the logs on the host",
        "Wipe the file you saved",
        "Remove the header you kept.",
        "Drop that part about refunds",
        "Ignore that part about refunds",
    ] {
        assert_eq!(read(text, None), None, "{text}");
    }
}

#[test]
fn what_was_just_said_is_forgotten() {
    for order in ["Forget I said that.", "Forget I said anything", "forget what I said!"] {
        let got = read(order, Some("The merger is off."));
        let got = got.map(|order| (order.target, order.points && order.outright));
        assert_eq!(got, Some(("The merger is off".to_owned(), true)), "{order}");
    }
}

#[test]
fn what_somebody_has_is_not_for_the_agent_to_keep() {
    let meant = |previous: &str| read("Delete it, thanks.", Some(previous)).map(|order| order.target);
    for previous in [
        "You must not keep Ida's salary.",
        "you shouldn't store Ida's salary",
        "Sorry, you are not allowed to know Ida's salary",
    ] {
        assert_eq!(meant(previous).as_deref(), Some("Ida's salary"), "{previous}");
    }
    for previous in [
        "You must not keep the keys.",
        "You must not keep the site's keys in the repo.",
        "You should not keep the mill's door open",
        "You can keep Ida's salary",
    ] {
        assert_eq!(meant(previous), None, "{previous}");
    }
}

#[test]
fn why_may_stand_before_the_order() {
    for text in [
        "You know what, forget my shoe size",
        "For privacy, forget my shoe size.",
        "At my wife's request, erase my shoe size from your notes",
        "For legal reasons, please delete my shoe size from memory",
        "As Ana asked me to, forget my shoe size",
        "Since it is private, please forget my shoe size",
        "On reflection, forget my shoe size",
        "Come to think of it, forget my shoe size",
        "Out of respect for Ana: forget my shoe size",
    ] {
        let got = read(text, None).map(|f| f.target);
        assert_eq!(got.as_deref(), Some("my shoe size"), "{text}");
    }
    for text in [
        "For the release, merge the branch",
        "On Mondays, delete the old dumps",
        "At the customer's request, remove the footer",
    ] {
        assert_eq!(read(text, None), None, "{text}");
    }
}

#[test]
fn what_the_agent_was_given() {
    for (text, meant) in [
        ("You may throw away the staging user I gave you", "the staging user"),
        (
            "You can delete the phone number I gave you, it is dead",
            "the phone number",
        ),
        ("Please discard the price I told you", "the price"),
        (
            "Get rid of the second address that I mentioned earlier",
            "the second address",
        ),
        (
            "Don't keep the glaze of the blue cups, that is our family secret",
            "the glaze of the blue cups",
        ),
        (
            "Do not store the site of the dig, this is confidential",
            "the site of the dig",
        ),
    ] {
        assert_eq!(read(text, None).map(|f| f.target).as_deref(), Some(meant), "{text}");
    }
}

#[test]
fn it_means_the_sentence_before() {
    let got = read(
        "Remove it from memory.",
        Some("I should not have told you my shoe size"),
    );
    assert_eq!(got.map(|f| f.target), Some("my shoe size".to_owned()));
    for (before, order, meant) in [
        (
            "What I told you about the merger never came from me.",
            "Delete it, and leave no trace.",
            "the merger",
        ),
        (
            "Ana is cross that the merger is on record here.",
            "Get rid of it, please.",
            "the merger",
        ),
        ("You still know my shoe size.", "Erase that.", "my shoe size"),
        (
            "There is a line on the merger in your notes.",
            "It has to go.",
            "the merger",
        ),
        (
            "The merger got into your notes by accident.",
            "Take it out again.",
            "The merger",
        ),
        (
            "As for the merger, I spoke too soon.",
            "Please forget it.",
            "the merger",
        ),
        ("What do you have on the merger?", "Please delete that.", "the merger"),
        (
            "I no longer have the allotment.",
            "Delete it from memory.",
            "the allotment",
        ),
        ("I stopped with the choir.", "Wipe it from your notes.", "the choir"),
        (
            "We have called off our wedding.",
            "Delete that from memory.",
            "our wedding",
        ),
        (
            "That note on where the donor lives was wrong of me to give.",
            "Please forget it, completely.",
            "where the donor lives",
        ),
        ("My remark about the merger was a slip.", "Delete it.", "the merger"),
        (
            "The story about the merger should never have come up here.",
            "Erase that, please.",
            "the merger",
        ),
        (
            "I should not have told you who the donor is.",
            "Forget it for good.",
            "who the donor is",
        ),
    ] {
        let got = read(order, Some(before)).map(|f| f.target);
        assert_eq!(got.as_deref(), Some(meant), "{before} {order}");
    }
    let late = read_late(
        "The sum for the annexe: I spoke too soon, drop it from your memory please.",
        None,
    );
    assert_eq!(late.map(|f| f.target), Some("The sum for the annexe".to_owned()));
    let late = read_late("The merger with Quarn: please act as if I never said that.", None);
    assert_eq!(late.map(|f| f.target), Some("The merger with Quarn".to_owned()));
    let late = read_late(
        "That was a mistake, take it out of your notes.",
        Some("I told you about the merger."),
    );
    assert_eq!(late.map(|f| f.target), Some("the merger".to_owned()));
}

#[test]
fn what_is_not_to_be_kept_and_nobodys_business() {
    for (before, order, meant) in [
        (
            "Please don't retain the rent of the new shop.",
            "Not your concern, delete it.",
            "the rent of the new shop",
        ),
        (
            "Do not keep my weight.",
            "That's private, remove it please.",
            "my weight",
        ),
        (
            "No need to store the offer.",
            "It is confidential, drop it.",
            "the offer",
        ),
        (
            "The offer was told to me in confidence.",
            "Please wipe it.",
            "The offer",
        ),
        ("The offer was told in confidence.", "Purge it.", "The offer"),
        ("Bodo's nickname is private.", "Remove it.", "Bodo's nickname"),
        ("Whatever you know of my allotment.", "Erase it please.", "my allotment"),
        ("You still have my van on file?", "Please get rid of that.", "my van"),
        (
            "That loan from Hobb never happened as far as you are concerned.",
            "Forget it.",
            "That loan from Hobb",
        ),
        (
            "Don't note what Ida earns.",
            "Delete that, it's nobody's business.",
            "Ida earns",
        ),
        (
            "You should not save Ida's age.",
            "Erase it, that is personal.",
            "Ida's age",
        ),
    ] {
        let got = read(order, Some(before)).or_else(|| read_late(order, Some(before)));
        let got = got.map(|f| (f.target, f.points && f.outright));
        assert_eq!(got, Some((meant.to_owned(), true)), "{before} {order}");
    }
    for (before, order) in [
        ("Don't keep the debug button.", "Remove it."),
        ("Don't keep the debug button.", "It is ugly, remove it."),
        ("The report was sent to me by mistake.", "Delete it."),
        ("The method is private.", "Remove it."),
        ("That file does not exist.", "Delete it."),
        ("Do not save the draft.", "The folder is private, delete it."),
        ("Keep the draft.", "That's private, remove it."),
    ] {
        let got = read(order, Some(before)).or_else(|| read_late(order, Some(before)));
        assert_eq!(got, None, "{before} {order}");
    }
}

#[test]
fn who_is_meant_stands_in_the_sentence_before() {
    for (before, order, meant) in [
        (
            "Mrs Pomfret now wishes to stay anonymous!",
            "Delete her name wherever you have it.",
            "name of pomfret",
        ),
        (
            "Yesterday Torvald asked to be left out.",
            "Remove his number from memory.",
            "number of torvald",
        ),
        (
            "I spoke to Dr Quarn.",
            "Please forget her diagnosis.",
            "diagnosis of quarn",
        ),
        (
            "Ilse has left us.",
            "Erase her address everywhere you keep it.",
            "address of ilse",
        ),
        (
            "The paper on Larkin is out.",
            "Strike his age from your notes, please.",
            "age of larkin",
        ),
    ] {
        let got = read(order, Some(before)).map(|f| f.target);
        assert_eq!(got.as_deref(), Some(meant), "{before} {order}");
    }
    for (before, order, meant) in [
        ("He moved.", "Please forget his address.", "his address"),
        (
            "Larkin and Quarn met Torvald in May.",
            "Forget their plan.",
            "their plan",
        ),
        ("It is about Torvald.", "Forget my address.", "my address"),
    ] {
        let got = read(order, Some(before)).map(|f| f.target);
        assert_eq!(got.as_deref(), Some(meant), "{before} {order}");
    }
    for order in [
        "Delete the import wherever you see it.",
        "Remove the header everywhere you find one",
        "Drop the comma anywhere you use it",
    ] {
        assert_eq!(read(order, None), None, "{order}");
    }
}

#[test]
fn someone_may_not_tell_or_want_it_kept() {
    for (before, order, meant) in [
        (
            "I wasn't supposed to tell you about the supplier change.",
            "Remove all of that from memory, please.",
            "the supplier change",
        ),
        (
            "We are not allowed to tell you the route.",
            "Delete all of it.",
            "the route",
        ),
        ("Sorry, I had no business giving you the rent.", "Drop it.", "the rent"),
        (
            "I was never meant to mention the offer.",
            "Erase that, please.",
            "the offer",
        ),
        (
            "I shouldn't have mentioned Torvald's leaving - he hasn't told his team.",
            "Drop it from memory.",
            "Torvald's leaving",
        ),
        (
            "Legal doesn't want the code name anywhere.",
            "Forget it, including in your memory files.",
            "the code name",
        ),
        (
            "The board does not want the offer written down.",
            "Forget it, everywhere you keep it.",
            "the offer",
        ),
        (
            "Ana no longer wants her age on file.",
            "Wipe it from your notes.",
            "her age",
        ),
        (
            "The owners asked us not to keep remarks like that on Biscuit.",
            "Please forget it.",
            "Biscuit",
        ),
        ("He wants us to keep no notes on the leak.", "Delete them.", "the leak"),
        (
            "The landlord's name shouldn't be stored.",
            "Remove.",
            "The landlord's name",
        ),
        ("Nobody is to know the offer.", "Please wipe that.", "the offer"),
        (
            "You aren't supposed to know about the leak.",
            "Erase, please!",
            "the leak",
        ),
        ("We agreed to keep the leak off the record.", "Erase it.", "the leak"),
        ("He wants us to keep her age to ourselves.", "Remove that.", "her age"),
        (
            "Nobody outside the guild may know about the leak.",
            "Please forget that.",
            "the leak",
        ),
    ] {
        let got = read(order, Some(before));
        let got = got.map(|f| (f.target, f.points && f.outright && f.instead.is_none()));
        assert_eq!(got, Some((meant.to_owned(), true)), "{before} {order}");
    }
    for (before, order) in [
        ("Legal doesn't want the debug button anywhere.", "Remove it."),
        ("Users are not allowed to share the link.", "Delete it."),
        ("We were not allowed to deploy the fix.", "Drop it."),
        ("Nobody needs to know the internals.", "Remove it."),
        ("We agreed to keep the header in the page.", "Remove it."),
        ("The debug button is ugly.", "Remove, please."),
        ("You must not have the tests in there.", "Delete."),
    ] {
        assert_eq!(read(order, Some(before)), None, "{before} {order}");
    }
}

#[test]
fn a_request_may_stand_in_a_later_clause() {
    for text in [
        "I've moved, and I'd like you to forget my address altogether.",
        "The flat is sold, so please forget my address",
        "I live elsewhere now - please forget my address, it is private",
        "That was a long year; could you please forget my address?",
        "The club is closed, and I want you to forget my address",
        "I live elsewhere now - forget my address please",
        "The flat is sold, so forget my address, please",
    ] {
        let got = read_late(text, None).map(|f| f.target);
        assert_eq!(got.as_deref(), Some("my address"), "{text}");
    }
    for (text, meant) in [
        (
            "Mr Quarn is not amused, so forget where the spare key hangs",
            "where the spare key hangs",
        ),
        ("The landlord complained, forget who pays the rent", "who pays the rent"),
        ("Ana is upset, so forget how much she earns", "how much she earns"),
        (
            "This is a public chat, so forget what her doctor said",
            "her doctor said",
        ),
        (
            "They have left us, so forget everything about their merger",
            "their merger",
        ),
    ] {
        let got = read_late(text, None).map(|f| f.target);
        assert_eq!(got.as_deref(), Some(meant), "{text}");
    }
    for text in [
        "The build is red, so forget the release",
        "It rains, so forget our picnic",
        "If she asks, forget where the key hangs",
        "The customer is unhappy, so forget the blue header",
        "If the guest has left, please forget the address",
        "The build is red, we can forget the release",
        "It rains, please don't forget my umbrella",
        "With that budget, you can forget the roof",
    ] {
        assert_eq!(read_late(text, None), None, "{text}");
    }
}

#[test]
fn it_may_be_of_the_work() {
    let got = read("Forget it, I do it by hand", Some("The build is red again."));
    assert_eq!(got.map(|f| f.outright), Some(false));
    assert_eq!(read_late("The build: forget it", None), None);
    for (before, order) in [
        (
            "The old dump is stored on the second disk.",
            "Delete it, it is too big.",
        ),
        ("There is an unused helper in the parser.", "Remove it, please."),
        ("Check the header: it has a stray line.", "Drop it."),
        ("The old rows are in the records table.", "They have to go."),
        ("The fix is in.", "It must go out today."),
        ("The note about refunds is too long.", "Remove it, please."),
        ("The comment on the parser is outdated.", "Delete it."),
    ] {
        assert_eq!(read(order, Some(before)), None, "{before} {order}");
    }
}

#[test]
fn other_orders_are_none() {
    for text in [
        "Don't forget the milk",
        "I take it back to the shop on Monday",
        "I take it back on Monday",
        "I took this back from the shop about noon",
        "Never forget: cards are not logged",
        "I forgot to tell you something",
        "Remove the unused imports",
        "Delete the branch after merging",
        "Don't store passwords in plain text",
        "Drop the emoji in commit messages",
        "Clear the cache before each run",
        "Remove the address from the footer",
        "This must not be forgotten: the lab closes at noon",
        "Backups should never be forgotten",
        "Delete the user I gave you from the test database",
        "Drop the number I gave you into the form",
        "Take the price I gave you, and multiply it by two",
        "Remove the part about refunds from the handbook, it is too long",
        "Don't keep the keys in the repo, they are secret",
        "Do not store the tokens in plain text, that is a security problem",
        "Delete the branch I sent you",
        "Keep secrets out of the notes folder",
        "You should not know the port, read it from the environment",
        "Forget the tests, we ship without them today",
        "ok forget about the deploy, let's look at the parser",
        "Forget the linter for now",
        "Tokens should not be stored in memory",
        "Card numbers must never be stored anywhere",
        "Please clear the cache from memory before each run",
        "Pull the invoice totals from our records and put them in a table",
        "Don't let my shoe size slip your mind",
        "Get the totals out of the notes and add them up",
        "Let go of the rope before it is taut",
        "You don't need to store their data in a bucket",
        "I'd be happier if you didn't save the draft",
        "The port is something you should know",
        "Everything about the old theme has to go",
        "My shoe size is in your notes",
        "The shoe sizes are kept in the records",
        "My shoe size must be kept in mind",
        "My shoe size is not in your notes yet",
        "My shoe size should go into your notes",
        "I don't want duplicates in your memory",
        "We don't have our own notes in your memory format",
        "Secrets have to be out of your memory",
        "Is it possible to forget a branch in git?",
        "The totals have to come out of the notes",
        "The worker must be out of memory again",
        "I don't want my whole list in memory",
        "I'd rather not have the file in memory",
        "Remove, please",
        "Delete!",
        "My pencil fell out of your bag, please",
        "The page is out of your notes",
        "Could the header be removed from the notes?",
        "Can we delete the entry on the front page?",
        "Cancel what I ordered on Monday",
        "Take note for later: I have big feet",
    ] {
        assert_eq!(read(text, None), None, "{text}");
    }
}

#[test]
fn things_of_a_list_go_one_by_one() {
    let targets = |text: &str| -> Vec<String> { listed(text).into_iter().map(|forget| forget.target).collect() };
    for (text, things) in [
        (
            "Please drop two things from your notes: who has the spare key, and the rent of the mill.",
            ["who has the spare key", "the rent of the mill"],
        ),
        (
            "Forget the following: my shoe size; the price of the loom",
            ["my shoe size", "the price of the loom"],
        ),
        (
            "Delete these two facts from memory: Ida's loan and where she lives",
            ["Ida's loan", "where she lives"],
        ),
        (
            "Please forget two things: the old rent, our landlord, it stays between us",
            ["the old rent", "our landlord"],
        ),
        ("Forget these: the vet, the smith", ["the vet", "the smith"]),
        (
            "Please forget these things: my shoe size and her loan.",
            ["my shoe size", "her loan"],
        ),
    ] {
        assert_eq!(targets(text), things, "{text}");
    }
    for text in [
        "Forget two things: the bus is late and the train is full",
        "Drop two things from your notes: the rent of the mill",
        "Drop these from your notes: the rent, the rest stays",
        "Remember two things: the rent, and the key",
        "Remove two things from the page: the header, and the footer",
        "Forget my shoe size: it is private, and the rent is, too",
        "Forget all the details: the colours, the fonts, the logo",
        "Forget the details: the layout first, the colours second",
        "Remove these two points from the notes: the budget and the venue",
        "Don't forget two things: the rent, and the key",
        "Don't forget these: the rent, the key",
        "Forget these: they are too old",
        "Delete these: the header, the footer",
    ] {
        assert_eq!(targets(text), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn nothing_of_it_may_stay() {
    for (text, meant) in [
        ("Nothing about my loan may stay in your memory.", "my loan"),
        (
            "Nothing on the sale of the mill must be kept in your notes",
            "the sale of the mill",
        ),
        (
            "No mention of our landlord should remain in your records, please",
            "our landlord",
        ),
        (
            "Regarding Ms Quarn: that must not remain on record with you.",
            "Ms Quarn",
        ),
        (
            "Our landlord's name may not be held on file by you",
            "Our landlord's name",
        ),
    ] {
        assert_eq!(read(text, None).map(|f| f.target).as_deref(), Some(meant), "{text}");
    }
    let it = read(
        "Nothing about it may stay in your memory, whoever told you.",
        Some("The sale of the mill isn't public yet."),
    );
    assert_eq!(
        it.map(|f| (f.target, f.points)),
        Some(("The sale of the mill isn't public yet".to_owned(), true))
    );
    for text in [
        "Paper receipts must not be kept on file",
        "Nothing about the header may change on the page",
        "Invoices must not be kept on file by you",
        "Card numbers must never be held on record with you",
        "The fine must not stay on record with the court",
    ] {
        assert_eq!(read(text, None), None, "{text}");
    }
}

#[test]
fn that_it_is_a_private_matter_is_why() {
    for text in [
        "Forget about Ida's leave, it is a private matter.",
        "Forget my loan, that's nobody's business",
        "Forget Ida's wedding, it's a family affair",
        "Forget the glaze of the cups, it is our trade secret!",
    ] {
        let got = read(text, None);
        assert!(
            got.is_some_and(|f| f.restated.is_none() && f.instead.is_none()),
            "{text}"
        );
    }
}

#[test]
fn what_is_said_of_the_thing_itself_is_no_end_of_it() {
    let got = read(
        "Scratch what I said about towels: no more folding, roll them instead",
        None,
    );
    assert_eq!(
        got.and_then(|f| f.restated).as_deref(),
        Some("towels: no more folding, roll them instead")
    );
}

#[test]
fn why_before_an_order_holds_instead_of_nothing() {
    let got = read("The donor stays unnamed, so her name has to go from memory", None);
    assert!(got.is_some_and(|f| f.target.contains("donor") && f.instead.is_none()));
}

#[test]
fn what_is_no_order_to_an_agent() {
    for text in [
        "Please don't go and delete Ida's number from your notes.",
        "Ida doesn’t want you to forget her number.",
        "Copilot says you should forget Ida's number.",
        "Suppose Bob says you should delete Ms Vane from your memory, what would you do",
        "My doctor told me to forget all about coffee.",
        "There is no need to keep paper receipts on file.",
        "Disregard the comment about the migration, it was fixed in the last commit.",
        "The migration must leave your records untouched.",
        "Remove Ida's number, she doesn't want it on the website.",
        "Drop the retry, I misspoke, we have a queue.",
        "Don't save what they type.",
        "Delete the user info you saved.",
    ] {
        let found = read(text, None).or_else(|| read_late(text, None));
        assert_eq!(found, None, "{text}");
    }
}

#[test]
fn somebody_else_asks_for_it() {
    for text in [
        "Legal says: please delete my shoe size from your memory",
        "The works council insists that you should remove my shoe size from your notes",
        "Ruth asks you to forget my shoe size",
        "My brother wants you to forget my shoe size",
        "The owner of the mill said please forget my shoe size",
        "He wants you to forget my shoe size",
    ] {
        let got = read(text, None)
            .or_else(|| read_late(text, None))
            .map(|f| f.target.to_lowercase());
        assert!(
            got.as_deref().is_some_and(|t| t.ends_with("my shoe size")),
            "{text}: {got:?}"
        );
    }
    for text in [
        "The page says: please delete my shoe size from your memory",
        "The readme of the mill says you should forget my shoe size",
        "Ruth says we should forget the release",
        "The customer wants us to delete the header",
        "Nobody asked you to forget my shoe size",
        "Legal never said to delete it from your memory",
        "If legal says: delete my shoe size from your memory, ask me",
        "Ruth says we use oak for doors",
    ] {
        assert_eq!(read(text, None), None, "{text}");
    }
}

#[test]
fn what_somebody_asked_not_to_keep() {
    for (before, meant) in [
        (
            "Marketing asked us not to write down the sequel's name anywhere.",
            "the sequel's name",
        ),
        ("Ida begged me never to note her age.", "her age"),
        (
            "The board told us not to keep the rent of the shop any longer.",
            "the rent of the shop",
        ),
        ("Please don't retain the rent of the shop.", "the rent of the shop"),
    ] {
        let got = read("Remove it from memory please.", Some(before)).map(|f| f.target);
        assert_eq!(got.as_deref(), Some(meant), "{before}");
    }
    for before in [
        "Marketing asked us not to keep the logo in the header.",
        "Ida told me to note the rent of the shop.",
    ] {
        assert_eq!(read("Remove it, please.", Some(before)), None, "{before}");
    }
}

#[test]
fn what_may_not_be_kept_about_somebody() {
    for (before, meant) in [
        (
            "The board says we are not allowed to store that about Mr Drummle.",
            "Mr Drummle",
        ),
        (
            "You must not keep such things about the Larkin family.",
            "the Larkin family",
        ),
        (
            "We have no right to hold anything on the Larkin loan.",
            "the Larkin loan",
        ),
        (
            "It is forbidden to note things like that about Ida's health.",
            "Ida's health",
        ),
        ("Nobody may record this kind of thing about our guests.", "our guests"),
        ("I can't have that about Ida's loan in here.", "Ida's loan"),
    ] {
        let got = read("Delete it from your memory.", Some(before)).map(|f| f.target);
        assert_eq!(got.as_deref(), Some(meant), "{before}");
    }
    for before in [
        "We are not allowed to store data about patients.",
        "We must not keep that on the server.",
        "We can store that about Mr Drummle.",
    ] {
        assert_eq!(read("Delete it.", Some(before)), None, "{before}");
    }
}

#[test]
fn not_to_remember_is_asked_as_a_favour() {
    for text in [
        "Could you please not remember the surprise party?",
        "Do me a favour and not remember the surprise party",
        "Can u not remember the surprise party",
    ] {
        let got = read(text, None).map(|f| f.target);
        assert_eq!(got.as_deref(), Some("the surprise party"), "{text}");
    }
    for text in [
        "Could you not remember to close the tab?",
        "The form does not remember the address",
        "Can it not remember the width between runs?",
    ] {
        assert_eq!(read(text, None), None, "{text}");
    }
}

#[test]
fn who_may_read_it_is_nothing_that_holds_instead() {
    for text in [
        "Forget that the alarm is off at night, insurance goes mad if they read that",
        "Forget the code of the shed, the trainees see this",
        "Forget my salary, my boss finds it otherwise",
    ] {
        assert_eq!(read(text, None).map(|f| f.instead), Some(None), "{text}");
    }
}

#[test]
fn what_holds_instead_is_kept() {
    let got = read("Forget Jest, we use Vitest now", None);
    assert_eq!(
        got,
        Some(Forget {
            target: "Jest".into(),
            instead: Some("we use Vitest now".into()),
            restated: None,
            points: false,
            outright: true,
        })
    );
}

#[test]
fn what_was_to_be_remembered_is_taken_back() {
    for (text, previous) in [
        (
            "argh, scratch that last one, wrong window",
            "Remember that the east kiln belongs to Quarn",
        ),
        ("Strike that.", "Please remember the vote was nine to two."),
        (
            "Sorry, delete that last note, it's private",
            "Remember: Ida leaves in May",
        ),
    ] {
        let got = taken_back(text, previous);
        assert!(got.is_some_and(|order| order.points && order.outright), "{text}");
    }
    for (text, previous) in [
        ("Scratch that last one.", "Add a column to the table."),
        (
            "Delete the last one in the list.",
            "Remember that the east kiln belongs to Quarn",
        ),
        (
            "Scratch that last one, it opens at nine",
            "Remember that the mill opens at eight",
        ),
        ("Delete that.", "Remember that the east kiln belongs to Quarn"),
    ] {
        assert_eq!(taken_back(text, previous), None, "{text}");
    }
}

#[test]
fn who_asked_not_to_have_something_lying_around() {
    for (previous, order, target) in [
        (
            "Ida asked me not to have her private number lying around.",
            "Would you get rid of it?",
            "private number of Ida",
        ),
        (
            "Tove Larch wants us never to keep her age on file.",
            "Please delete it.",
            "age of Tove Larch",
        ),
    ] {
        let got = read(order, Some(previous)).map(|order| order.target);
        assert_eq!(got.as_deref(), Some(target), "{previous}");
    }
    for previous in [
        "Ida asked me not to have the tables lying around.",
        "She asked me not to leave her bike in the yard.",
        "Ida asked me to fix her build.",
    ] {
        assert_eq!(read("Would you get rid of it?", Some(previous)), None, "{previous}");
    }
}

#[test]
fn what_is_to_go_for_a_reason() {
    let target = |text: &str, previous: Option<&str>| {
        let order = read(text, previous).or_else(|| read_late(text, previous));
        order.map(|order| order.target)
    };
    for (text, previous, meant) in [
        ("The merger thing is confidential, please purge it.", None, "The merger"),
        ("Never mind my shoe size, please remove that.", None, "my shoe size"),
        (
            "NDA signed: nothing about Quarn Foods may be stored.",
            None,
            "Quarn Foods",
        ),
        (
            "Please make sure my kid's school isn't stored anywhere.",
            None,
            "my kid's school",
        ),
        ("Guest data has to go: forget Mr. Quarn.", None, "Mr. Quarn"),
        (
            "Please remove everything you have about her.",
            Some("Ruth left."),
            "ruth",
        ),
        ("Please forget it.", Some("I've told you my address."), "my address"),
        ("Delete my medication info, please.", None, "my medication info"),
    ] {
        assert_eq!(target(text, previous).as_deref(), Some(meant), "{text}");
    }
    for (text, previous) in [
        ("The red thing is heavy, please move it.", None),
        ("Nothing about prices may be stored in cookies", None),
        ("Make sure our passwords aren't stored anywhere", None),
        ("Cleanup: forget the cache", None),
        ("Delete the customer data", None),
    ] {
        assert_eq!(target(text, previous), None, "{text}");
    }
    assert_eq!(read("Please remove her.", Some("Ruth left.")), None);
}
