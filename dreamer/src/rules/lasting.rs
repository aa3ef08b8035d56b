//! What outlasts the work: of a message that an agent was long at work on, most is the task itself.

use std::sync::LazyLock;

use regex::Regex;

use super::label;
use super::standing::says_when;
use super::task::is_task;
use super::weight::SOMEONES;
use crate::fact::{Finding, Op};
use crate::text::clean::pattern;
use crate::text::sentence;
use crate::text::vocabulary::{HABIT_VERBS, STOP};

/// Importance of what a person said to matter.
const MATTERS: u8 = 8;

/// "Never", "before you finish", "as each task is done": it speaks of more than the task.
static HOLDS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:always|never|ever|from (?:now|today|here) on(?:wards?)?|going forward|in (?:the )?future|henceforth|(?:each|every|any) time|whenever|by default|as a rule|any ?more|any longer|no longer|at all times|under no circumstances|(?:before|after|when|once) (?:you|each|every|any|[a-z]{3,}ing)|as (?:each|every|any|[a-z]{3,}ing)|as (?:you|we) (?:go|work|build|write|implement|add|make|move|read|learn)|remember|keep in mind|i prefer|we prefer|must (?:not|never)|may (?:only|not|never)|only (?:before|after|on|when|if)|(?:in|on|at) (?:each|every)|a (?:limit|rule|law|ban|minimum|maximum) (?:of|that|on|for|against)|(?:the user would|i['’]d) like (?:[\w-]+ ){0,2}[\w-]+s (?:as|in|with|without))\b",
    )
});
/// "Each panel should …": what holds for all of a kind.
static OF_ALL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:(?:then|and|so|also),? )*(?:each|every|any|all|no)\b[^,;]*\b(?:should|must|(?:has|have|needs?) to|may|can|cannot)\b",
    )
});
/// "Ok, and then …": what stands before a step.
static OPENER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:(?:ok(?:ay)?|yes|no|so|and|or|then|also|now|first|next|finally|please|pls|great|good|well|but|actually|for example|if (?:possible|so|not)|i think|instead|as well|one more thing|last(?:ly)?|in addition|again|based on [^,]{2,40})\b[,.!:;]?\s+)+",
    )
});
/// "Let's …", "we also need to …", "perhaps …": what is to be done now, or is weighed.
static NEXT_STEP: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:let['’]?s|lets|let us|(?:we|you|i)(?:['’](?:d|ll))? (?:(?:also|really|do|still|just|now|then|first|will|would|may|might|could|should|[a-z]{3,}ly) )*(?:need|want|like|have to|should|could|can|may|might|will|ought)\b|maybe|perhaps|proceed|go (?:ahead|on|through|with)|continue|(?:can|could|would|will) (?:you|we)|how about|what about|try|do|start|setup|set up|double.?check|save (?:it|this|that|these|those|them|the|an?|my|our|your|all|both|everything|changes|progress)|focus|include|ensure|make sure|be sure|see to it)\b",
    )
});
/// "We have agreed to close at five", "our printer is called Ida", "there is a guide to glazes in the office": settled, or
/// told of people and things of one's own.
static SETTLED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:we(?:['’]ve| have)? (?:(?:now|just|all|finally) )*(?:decided|agreed|chose|chosen|settled|standardi[sz]ed|voted|switched|moved|migrated)\b|(?:the user['’]s|our) [\w'’-]+(?: [\w'’-]+){0,3}? (?:is|are) (?:called|named|allergic|closed|open|from)\b|there(?:['’]s| is| are) (?:an?|our|two|three|four|\d+) (?:[\w-]+ ){0,2}?(?:(?:guides?|guidelines?|checklists?|glossar(?:y|ies)|handbooks?|manuals?|polic(?:y|ies)|price lists?) (?:to|for|on|in|at|under)|[\w-]+ (?:called|named) (?-i:[A-Z])\w*)\b)",
    )
});
/// "…, because the clerk reads no Finnish": an order with its reason is more than a step.
static BECAUSE: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i), (?:because|otherwise|or else)\b"));
/// What a thing that is being made is to be like.
static IS_TO_BE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i)\b(?:should|shall|needs? to|need|ought to|has to|have to|will|would|could|supposed to)\b")
});

/// The message that a person's words stand in.
#[derive(Debug, Clone, Copy, Default)]
pub struct Message {
    /// It asks for work, whose description the plain statements in it are.
    sets_a_task: bool,
    /// It goes on at length, as who describes work or weighs a design does.
    is_long: bool,
}

impl Message {
    /// Words from which on a message is long.
    const LONG: usize = 40;

    /// Looks at a message's own words.
    pub fn of(own: &str) -> Self {
        // "Our conventions: …": what is long for it gives many rules.
        static GIVES_RULES: LazyLock<Regex> = LazyLock::new(|| {
            pattern(
                r"(?im)\b(?:rules?|conventions?|guidelines?|standards?|preferences?|facts?|things to know|house style)\b[^.:\n]{0,40}:[ \t]*$",
            )
        });
        let sets_a_task = sentence::split(own)
            .into_iter()
            .any(|sentence| is_step(label::strip(sentence).text));
        Self {
            sets_a_task,
            is_long: own.split_whitespace().count() >= Self::LONG && !GIVES_RULES.is_match(own),
        }
    }
}

/// Whether what a person said holds beyond the work that an agent then went about.
pub fn outlasts(finding: &Finding, message: Message) -> bool {
    let text = finding.text.as_str();
    let mark = finding.mark;
    if mark.if_held {
        return false;
    }
    let lasts = HOLDS.is_match(text) || OF_ALL.is_match(text) || chooses(text);
    if finding.op != Op::State || mark.asked || finding.importance >= MATTERS || lasts {
        return true;
    }
    if says_when(text) || SETTLED.is_match(text) && !is_still_wrong(text) {
        return true;
    }
    let rest = after_opener(text);
    if NEXT_STEP.is_match(rest) || IS_TO_BE.is_match(text) || is_still_wrong(text) {
        return false;
    }
    let reasoned = mark.order && BECAUSE.is_match(text);
    mark.correction
        || reasoned
        || !is_task(rest) && (mark.change || !mark.order && !message.sets_a_task && !SOMEONES.is_match(text))
}

/// Whether what a person said holds beyond a session in which an agent was long at work: most of what is told then is how far
/// the work is, and what is wrong with it.
pub fn outlasts_work(finding: &Finding, message: Message) -> bool {
    static OURS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:we (?:already |also )?(?:use|run|host|deploy|keep|store|support|are using|call|follow|have (?:an?|another|two|three|several|our own))\b|the (?:[\w'’-]+ ){1,4}(?:i|we)(?:['’]m| am|['’]re| are)? (?:work|use|live|working|using|living)\b[^,;]{0,20} is\b|(?:the user['’]s|our) [\w'’-]+(?: [\w'’-]+){0,3}? (?:is|are|runs?|uses?|lives?|belongs?)\b|the user (?:is (?:an? |on |from |called |named )|was born |works? |uses? |runs? |prefers? |lives? ))",
        )
    });
    // "As in what do people use", "when you set it up did you do the lamps": asked without a question mark.
    static ASKED: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:what|how|why|where|who|which|when) (?:do|does|did|can|could|should|would|is|are) (?:i|you|we|people|they|it|the)\b|\b(?:did|do|does|can|could|would|will) (?:you|i|we) [a-z]+|^(?:what|how|why) (?:if|about|to)\b|^(?:will|is|are|do|does|did|can|could|should) (?:any|the|this|that|these|those|it|there|we|i)\b",
        )
    });
    // "Always ask who is to pay", "only then do we ship": no question.
    static FIRMLY: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:[^,;]{3,60}, )?(?:(?:you|we|they) (?:must|should|have to) )?(?:always|never|only|nor|neither)\b",
        )
    });
    static OF_A_CASE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^\W|\b(?:lines? \d|was|were|been|would|could|might|your|sometimes|something|what if|not sure|feel free|noticed?)\b|^[a-z]{3,}[^e]ed\b",
        )
    });
    static CONTRAST: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i), (?:and )?(?:not|never)\b"));
    static EVERY: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\b(?:every|each)\b"));
    let text = finding.text.as_str();
    let mark = finding.mark;
    if finding.op != Op::State || mark.asked {
        return true;
    }
    if mark.if_held {
        return false;
    }
    let rest = after_opener(text);
    if !FIRMLY.is_match(rest) && (ASKED.is_match(rest) || is_of_the_moment(rest)) {
        return false;
    }
    let step = is_step(rest) && !CONTRAST.is_match(rest);
    let lasts = HOLDS.is_match(text) || OF_ALL.is_match(text) || chooses(text) || SETTLED.is_match(text);
    let reasoned = mark.order && BECAUSE.is_match(text);
    let talk = is_talk(text);
    if lasts || reasoned || says_when(text) || mark.change && !step && !talk && !message.is_long {
        return true;
    }
    if step || talk || is_still_wrong(text) && !EVERY.is_match(text) {
        return false;
    }
    let told = !message.sets_a_task && !SOMEONES.is_match(text);
    let plain = mark.order || told;
    OURS.is_match(text) || mark.correction || plain && !message.is_long && !OF_A_CASE.is_match(text)
}

/// "Oof, …", "the user: I wanna …", "I want you to …", what was pasted or pictured: talk on what is at hand.
fn is_talk(text: &str) -> bool {
    static TALK: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:oof|nope|nah|yep|wow|lol|ah+|oh|argh|ugh|hm+|whoa|oops|sorry|thanks|perfect|awesome|cool|nice)\b|^the user: i (?:wanna|(?:don['’]?t|do not) want|want|expect|reali[sz]e|think|thought|guess|hope|noticed|see|saw|tried|just|ha[vd]e?|need)\b|^(?:can['’]?t|cannot|couldn['’]?t) (?:get|find|see|open|run|make)\b|^the user (?:deleted|added|removed|moved|renamed|copied|pushed|pulled|merged|fixed|tried|killed|restarted|installed|updated)\b|^(?:the|this) screenshots?\b|^(?:must|should|has to|needs? to)\b|^in this (?:directory|folder|file|repo|branch)\b|\bi (?:want|need|would like) you to\b|\bi (?:see|get|got) (?:this|these|that)\b|\[image\b|\bthink hard(?:er)?\b|[─━⎯=*#-]{4,}",
        )
    });
    TALK.is_match(text)
}

fn is_step(text: &str) -> bool {
    // "On the main page, put the bar below": where in the work.
    static WHERE: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)^(?:in|on|at|under|for) (?:the|this|that|our|your) [^,;:]{3,50}, "));
    let rest = after_opener(text);
    let there = WHERE.find(rest).map_or(rest, |found| &rest[found.end()..]);
    NEXT_STEP.is_match(rest) || [rest, there].into_iter().any(|text| is_task(text) && !is_habit(text))
}

/// "Use metric units", "save invoices under accounts": how a kind of thing is done, and not "use the ladder".
fn is_habit(text: &str) -> bool {
    let mut words = text
        .split_whitespace()
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase());
    let verb = words.next().unwrap_or_default();
    let what = words.next().unwrap_or_default();
    // "Only then do we ship" orders nothing to be done now.
    let firm = matches!(verb.as_str(), "always" | "never" | "only");
    let habit = HABIT_VERBS.contains(verb.as_str()) || verb == "save";
    firm || habit && !what.is_empty() && !STOP.contains(what.as_str())
}

fn after_opener(text: &str) -> &str {
    OPENER.find(text).map_or(text, |found| &text[found.end()..])
}

/// "Stop it", "use plan B", "the tests pass": in so few words, it is said of what is at hand. "Use British spelling" is not.
fn is_of_the_moment(text: &str) -> bool {
    static AT_HAND: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:skip|ignore|stop)\b|\b(?:the|this|that|these|those|it|them|me|one|both|here|there|now|again|yet|still|too|instead|and|option|plan|approach|version|(?:is|are)(?:n['’]t)?|looks?|seems?|fails?|failing|needed|done|more|less|fewer|small\w*|bigg?\w*|large\w*|dark\w*|light\w*|bright\w*|wider?)\b",
        )
    });
    match text.split_whitespace().count() {
        0..3 => true,
        3 => AT_HAND.is_match(text),
        _ => false,
    }
}

/// "Use `gh` to log in", "you should use larch instead of oak", "name the command sail": what was chosen for good by whoever
/// makes a thing.
fn chooses(text: &str) -> bool {
    static USES: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:(?:please|pls|just|only|(?P<you>you (?:should|must))) )?use (?P<what>`[^`]+`|[\w.+/-]+)(?P<not> (?:instead of|rather than|and not) (?P<old>`[^`]+`|[\w.+/-]+))?(?:,? (?:please|pls|here))?(?: (?:to|for) (?:[\w-]+ ){0,1}[\w-]+)?[.!]*$",
        )
    });
    static NAMES: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:(?:please|pls|just|let['’]?s) )?(?:name|call) (?:the|our|it|this)\b(?: [\w-]+){0,2} (?:`[^`]+`|[\w.:+/-]+)[.!]*$",
        )
    });
    static AVOIDS: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)^(?:please )?(?:avoid|prefer) (?:[\w-]+ ){0,3}[\w-]+s[.!]*$"));
    const NOTHING: [&str; 16] = [
        "it", "this", "that", "them", "these", "those", "your", "my", "the", "a", "both", "either", "one", "all",
        "more", "two",
    ];
    let is_named = |what: &str| !NOTHING.contains(&what.to_lowercase().as_str());
    let uses = USES.captures(text).is_some_and(|found| {
        let asks = found.name("you").is_none() || found.name("not").is_some();
        asks && is_named(&found["what"]) && found.name("old").is_none_or(|old| is_named(old.as_str()))
    });
    uses || NAMES.is_match(text) || AVOIDS.is_match(text)
}

/// "No lamp at all, but a blank square", "there are now four of them": how far the work is.
fn is_still_wrong(text: &str) -> bool {
    static WRONG: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:(?:still|again|now|ok(?:ay)?|restarted|hm+)\b[,.:]? )*(?:none of|no [\w'’-]+(?: [\w'’-]+)?,? but\b|there(?:['’]s| is| are)\b|(?:its?|it['’]s|that|they|this)\b|nothing\b|(?:looks|seems) like\b)|\bexits? immediately\b|\b(?:is|are) (?:misleading|still|now)\b|\bdoes(?:n['’]t| not)\b|\bdidn['’]t\b",
        )
    });
    WRONG.is_match(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::Mark;
    use crate::rules;

    /// What of a message outlasts the work on it.
    fn left(message: &str) -> usize {
        let own = rules::own_words(message);
        let (found, _) = rules::read(&own, None);
        let message = Message::of(&own);
        found.iter().filter(|finding| outlasts(finding, message)).count()
    }

    #[test]
    fn of_a_long_task_what_lasts_is_kept() {
        for message in [
            "Add the tide table. Always write heights in metres.",
            "Sort the crates by age and never touch the sealed ones",
            "Please build the export page, and commit as each part is done",
            "Remember that the press takes A3 only, then print the posters",
            "No, use larch for the frames, not oak",
            "Let's draw the panels. Each panel should show one part of the settings",
            "Before you call it done, open the page in a browser",
            "- use `rg` to search\n- name the command sail\n- write a README on it",
            "We need to keep the slips for six years",
            "The vat needs to be scrubbed every November by Ruth",
            "We have agreed to shut the Oulu shop",
            "Our printer is called Ida, she needs the files as PDF",
            "There is a limit of 40 guests in the hall",
            "You should ring the porter only before noon",
            "Write the letters to the port in Finnish, because the clerk reads no Swedish",
            "Put our name in each footer and the year on every page",
            "I forgot to say, the harbour has another plugin for that in tools/tide.py",
        ] {
            assert!(left(message) > 0, "{message}");
        }
    }

    #[test]
    fn the_task_itself_is_not() {
        for message in [
            "Let's add a panel for the kiln to the main page",
            "We also need to make sure that all our changes are in the docs",
            "First add the other printers",
            "Use the loom tool to raise the speed of the fan",
            "Perhaps up to 40 colours of yarn",
            "These fields need to be on one of the pages but not both",
            "Setup a repo called harbour",
            "Draw the chart of the tides. Rows are the years. Columns are the months.",
            "None of the three songs loaded correctly",
            "There are three lamps, none is lit",
            "Explain what each lamp does",
            "The names should be those of the guests, rather than numbers",
        ] {
            assert_eq!(left(message), 0, "{message}");
        }
    }

    #[test]
    fn of_a_session_of_work_steps_faults_and_questions_are_left() {
        let left = |message: &str| {
            let own = rules::own_words(message);
            let (found, _) = rules::read(&own, None);
            let message = Message::of(&own);
            found.iter().any(|finding| outlasts_work(finding, message))
        };
        for message in [
            "Never print on both sides",
            "We use Postgres for all bookings",
            "Remember that the press takes A3 only",
            "Our printer runs Debian",
            "The vat needs to be scrubbed every November by Ruth",
            "No, use larch for the frames, not oak",
            "The tide service listens on port 8085 and reads tides.toml",
            "Never use staples",
            "Always rinse twice",
            "Use British spelling",
            "Prefer oval labels",
            "Please use metric units",
            "No staples in parcels",
            "Ida owns invoicing",
            "Guests use lockers",
            "Always ask who is the contact before you ring a client",
            "When a guest rings, always ask how they are getting here",
            "Never print what is the name of a patient",
            "Only then do we ship to Norway",
            "There is a style guide in docs/style.md",
            "There is a checklist for leases in LEASES.md",
            "There is a printer called Ida in hall 2",
            "I was born in Porto and grew up in Bonn",
            "You should use larch instead of oak",
            "You must use gloves rather than mitts for acid",
            "Save invoices under accounts",
        ] {
            assert!(left(message), "{message}");
        }
        for message in [
            "As in what do people use for the frames",
            "When you set up the hall did you do the lamps",
            "Let's take the first option for the lamps",
            "The lamps in hall 3 were dark when I came",
            "There are three lamps, none is lit",
            "Stop it",
            "Use the helper",
            "Use plan B",
            "Use both options",
            "Use smaller fonts",
            "Skip failing checks",
            "Commit and push",
            "The pumps run",
            "Lamps are dark",
            "Make sure the lamps are lit",
            "We need to support dark rooms in this plan",
            "There is a leak in the cellar",
            "There are two dead lamps",
            "There is a mistake in the guide to glazes",
            "I was there when it broke",
            "You should use the ladder instead of the stool",
            "You should use larch",
            "Save the plan of the hall under plans",
            "Save it in the drafts folder",
            "If you did the lamps, did you do the doors",
        ] {
            assert!(!left(message), "{message}");
        }
    }

    #[test]
    fn an_order_to_forget_outlasts_everything() {
        let finding = Finding {
            op: Op::Forget,
            text: "the name of the ferry".into(),
            kind: crate::fact::Kind::Project,
            importance: 5,
            mark: Mark::default(),
        };
        assert!(outlasts(&finding, Message::default()));
    }
}
