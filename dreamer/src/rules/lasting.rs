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

/// Importance of what a person said to matter.
const MATTERS: u8 = 8;

/// "Never", "before you finish", "as each task is done": it speaks of more than the task.
static HOLDS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:always|never|ever|from (?:now|today|here) on(?:wards?)?|going forward|in (?:the )?future|henceforth|(?:each|every|any) time|whenever|by default|as a rule|any ?more|any longer|no longer|at all times|under no circumstances|(?:before|after|when|once|as) (?:you|each|every|any|[a-z]{3,}ing)|as (?:you|we) go|remember|keep in mind|i prefer|we prefer|must (?:not|never)|may (?:only|not|never)|only (?:before|after|on|when|if)|(?:in|on|at) (?:each|every)|a (?:limit|rule|law|ban|minimum|maximum) (?:of|that|on|for|against)|(?:the user would|i['’]d) like (?:[\w-]+ ){0,2}[\w-]+s (?:as|in|with|without))\b",
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
        r"(?i)^(?:let['’]?s|lets|let us|(?:we|you|i)(?:['’](?:d|ll))? (?:(?:also|really|do|still|just|now|then|first|will|would|may|might|could|should) )*(?:need|want|like|have to|should|could|can|may|might|will|ought)\b|maybe|perhaps|proceed|go (?:ahead|on|through|with)|continue|(?:can|could|would|will) (?:you|we)|how about|what about|try|do|start|setup|set up|double.?check|save|focus|include|ensure|make sure|be sure|see to it)\b",
    )
});
/// "We have agreed to close at five", "our printer is called Ida": settled, or told of people and things of one's own.
static SETTLED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:we(?:['’]ve| have)? (?:(?:now|just|all|finally) )*(?:decided|agreed|chose|chosen|settled|standardi[sz]ed|voted)\b|(?:the user['’]s|our) [\w'’-]+(?: [\w'’-]+){0,3}? (?:is|are) (?:called|named|allergic|closed|open|from)\b)",
    )
});
/// "…, because the clerk reads no Finnish": an order with its reason is more than a step.
static BECAUSE: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i), (?:because|otherwise|or else)\b"));
/// What a thing that is being made is to be like.
static IS_TO_BE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i)\b(?:should|shall|needs? to|need|ought to|has to|have to|will|would|could|supposed to)\b")
});

/// Whether what a person said holds beyond the work that an agent then went about. `of_a_task`: their message asked for
/// work, whose description the plain statements in it are.
pub fn outlasts(finding: &Finding, of_a_task: bool) -> bool {
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
        || !is_task(rest) && (mark.change || !mark.order && !of_a_task && !SOMEONES.is_match(text))
}

/// Whether what a person said holds beyond a session in which an agent was long at work: most of what is told then is how far
/// the work is, and what is wrong with it. `of_a_task` as above.
pub fn outlasts_work(finding: &Finding, of_a_task: bool) -> bool {
    static OURS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:we (?:already |also )?(?:use|run|host|deploy|keep|store|support|are using|call|follow|have (?:an?|another|two|three|several|our own))\b|(?:the user['’]s|our) [\w'’-]+(?: [\w'’-]+){0,3}? (?:is|are|runs?|uses?|lives?|belongs?)\b|the user (?:is (?:an? |on |from |called |named )|works? |uses? |runs? |prefers? |lives? ))",
        )
    });
    // "As in what do people use", "when you set it up did you do the lamps": asked without a question mark.
    static ASKED: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:what|how|why|where|who|which|when) (?:do|does|did|can|could|should|would|is|are) (?:i|you|we|people|they|it|the)\b|\b(?:did|do|does|can|could|would|will) (?:you|i|we) [a-z]+|^(?:what|how|why) (?:if|about|to)\b",
        )
    });
    const FEW: usize = 4;
    static OF_A_CASE: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)^\W|\b(?:lines? \d|was|were|been|would|could|might|your)\b"));
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
    if ASKED.is_match(text) || rest.split_whitespace().count() < FEW {
        return false;
    }
    let step = NEXT_STEP.is_match(rest);
    let lasts = HOLDS.is_match(text) || OF_ALL.is_match(text) || chooses(text) || SETTLED.is_match(text);
    let reasoned = mark.order && BECAUSE.is_match(text);
    if lasts || reasoned || says_when(text) || mark.change && !step {
        return true;
    }
    if step || is_still_wrong(text) && !EVERY.is_match(text) {
        return false;
    }
    OURS.is_match(text)
        || mark.correction
        || !OF_A_CASE.is_match(text) && (mark.order || !of_a_task && !SOMEONES.is_match(text))
}

/// Whether a person's words ask for work.
pub fn sets_a_task(own: &str) -> bool {
    sentence::split(own)
        .into_iter()
        .any(|sentence| is_step(label::strip(sentence).text))
}

fn is_step(text: &str) -> bool {
    let rest = after_opener(text);
    NEXT_STEP.is_match(rest) || is_task(rest)
}

fn after_opener(text: &str) -> &str {
    OPENER.find(text).map_or(text, |found| &text[found.end()..])
}

/// "Use `gh` to log in", "name the command sail": what was chosen for good by whoever makes a thing.
fn chooses(text: &str) -> bool {
    static USES: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:(?:please|pls|just|only) )?use (?P<what>`[^`]+`|[\w.+/-]+)(?:,? (?:please|pls|here))?(?: (?:to|for) (?:[\w-]+ ){0,1}[\w-]+)?[.!]*$",
        )
    });
    static NAMES: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:(?:please|pls|just|let['’]?s) )?(?:name|call) (?:the|our|it|this)\b(?: [\w-]+){0,2} (?:`[^`]+`|[\w.:+/-]+)[.!]*$",
        )
    });
    const NOTHING: [&str; 10] = ["it", "this", "that", "them", "these", "those", "your", "my", "the", "a"];
    let uses = USES
        .captures(text)
        .is_some_and(|found| !NOTHING.contains(&found["what"].to_lowercase().as_str()));
    uses || NAMES.is_match(text)
}

/// "No lamp at all, but a blank square", "there are now four of them": how far the work is.
fn is_still_wrong(text: &str) -> bool {
    static WRONG: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:(?:still|again|now|ok(?:ay)?|restarted|hm+)\b[,.:]? )*(?:none of|no [\w'’-]+(?: [\w'’-]+)?,? but\b|there(?:['’]s| is| are)\b|(?:it|that|they|this)\b|nothing\b|(?:looks|seems) like\b)|\bexits? immediately\b|\b(?:is|are) (?:misleading|still|now)\b|\bdoes(?:n['’]t| not)\b|\bdidn['’]t\b",
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
        let of_a_task = sets_a_task(&own);
        found.iter().filter(|finding| outlasts(finding, of_a_task)).count()
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
            let of_a_task = sets_a_task(&own);
            found.iter().any(|finding| outlasts_work(finding, of_a_task))
        };
        for message in [
            "Never print on both sides",
            "We use Postgres for all bookings",
            "Remember that the press takes A3 only",
            "Our printer runs Debian",
            "The vat needs to be scrubbed every November by Ruth",
            "No, use larch for the frames, not oak",
            "The tide service listens on port 8085 and reads tides.toml",
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
        assert!(outlasts(&finding, true));
    }
}
