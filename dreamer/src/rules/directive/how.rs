//! Orders that say how things of a kind are made, shown or handed over.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use super::manner;
use crate::dates;
use crate::text::clean::pattern;
use crate::text::vocabulary::STOP;
use crate::text::words::{Value, features};

/// "Print dates in ISO format", "send the rosters as PDF": how things of a kind are made or handed over. Orders to do
/// something once begin with verbs of change, or name one thing.
pub(super) fn says_how(text: &str) -> bool {
    static HOW: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?P<wants>(?:i|we|the \w+)(?:'d| would)? (?:wants?|likes?|prefers?|needs?) )?(?:(?P<verb>show|print|send|set|round|track|display|format|name|give|mark|label|number|render|deliver|post|publish|plot|tag|quote|report|express|state|list|spell|call|address|sign|date|bill|charge|book|enter|seed|flash|store|keep|save|write|put|ship|pack|measure|record|log|return|export|present|phrase|word|title|translate|greet|answer|open|leave|read|handle|treat|cut|count|weigh|draw|paint|serve|bake|price|typeset|compose|do|make|build|sort|explain|describe|document) )?(?:me |us )?(?P<thing>(?:(?:all|every|each|the|our|any|new) )?(?:[\w'’-]+ ){1,5}?)(?:out )?(?:(?P<how>in|as|with|over|via|by|using|without)|to) (?P<value>[^,.;]+)(?:[,.;].*)?$",
        )
    });
    static FILE: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\b[\w-]+(?:/[\w.-]+|\.[a-z]{1,4}\b)"));
    static BARE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:show|print|round|display|format|mark|label|number|render|list|sort|report|count|measure|draw|spell|write|quote) [a-z][\w-]*[^s\W]s (?:[\w-]+ ){1,3}[\w-]+[.!]?$",
        )
    });
    if (BARE.is_match(text) || names_the_tool(text) || manner::is_of_a_text(text) || manner::is_on_a_material(text))
        && !FILE.is_match(text)
    {
        return true;
    }
    let Some(found) = HOW.captures(text) else { return false };
    let verb = found.name("verb").map(|verb| verb.as_str().to_lowercase());
    let wanted = verb.is_none() && found.name("wants").is_some();
    let thing_to_do = found["thing"].to_lowercase().starts_with("to ");
    if verb.is_none() && !wanted || thing_to_do || FILE.is_match(&found["thing"]) {
        return false;
    }
    // "To" says how only of what is brought into a form.
    let brought = matches!(verb.as_deref(), Some("round" | "set" | "format")) || names_the_way(&found["value"]);
    if found.name("how").is_none() && !brought {
        return false;
    }
    // "Sort the rows by year", "explain the files in src/lib.rs": done once.
    let loose = matches!(
        verb.as_deref(),
        Some("do" | "make" | "build" | "sort" | "explain" | "describe" | "document")
    );
    if loose && (FILE.is_match(&found["value"]) || manner::is_definite(&found["thing"])) {
        return false;
    }
    let thing = found["thing"].to_lowercase();
    let words: Vec<&str> = thing.split_whitespace().collect();
    let first = words.first().copied().unwrap_or_default();
    let of_a_kind = matches!(first, "all" | "every" | "each" | "any" | "new")
        || words.iter().any(|word| {
            word.len() > 3 && word.ends_with('s') && !word.ends_with("ss") && !matches!(*word, "this" | "its")
        })
        || words
            .iter()
            .any(|word| matches!(*word, "daily" | "weekly" | "monthly" | "output" | "everything"))
        || wanted && names_one_of_a_row(&thing) && ends_in_many(&found["value"]);
    of_a_kind
        && !matches!(
            first,
            "this" | "that" | "these" | "those" | "it" | "them" | "me" | "us" | "a" | "an"
        )
}

/// "British spelling": one of a row of alternatives.
fn names_one_of_a_row(thing: &str) -> bool {
    let told = features(thing, &BTreeSet::new());
    told.values.keys().any(|kind| matches!(kind, Value::Alternative(_)))
}

/// "The UI texts": many things of a kind, and none of them at hand.
fn ends_in_many(value: &str) -> bool {
    let value = value.trim().trim_end_matches(['.', '!']);
    let first = value.split_whitespace().next().unwrap_or_default().to_lowercase();
    value.ends_with('s')
        && !value.ends_with("ss")
        && !matches!(first.as_str(), "this" | "that" | "these" | "those" | "my")
        && !value.contains(|c: char| c.is_ascii_digit())
}

/// "Build the image with Docker", "deploy with Ansible", "mock the clock in tests with sinon": the tool for one of a
/// project's usual tasks. A word in lower case may say how it is done this once, "run the tests with coverage".
fn names_the_tool(text: &str) -> bool {
    static WITH: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"^(?i:build|run|deploy|test|compile|start|release|publish|lint|manage|install|ship|package|provision|generate|format|mock|stub|bundle|style|seed|encrypt) (?i:(?:the|our|all|every) )?(?:[\w-]+ ){1,4}?(?i:straight |directly |only )?(?i:with|via|through|using|from|inside|under|on) (?:(?i:the|our|a) )?(?:[A-Z][\w.+-]*|`[^`]+`|[a-z]+ ?shell|command line|console|terminal|container)\b",
        )
    });
    // An order for today would say what is deployed.
    static WITHOUT_A_THING: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"^(?i:build|publish|lint|format|provision|bundle) (?i:with|via|through|using) [A-Z][\w.+-]*(?: [A-Z][\w.+-]*)?(?i:,? please)?[.!]*(?:[,;:–—].*)?$",
        )
    });
    static OF_A_KIND: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:(?:format|mock|stub|style|log|cache|seed|encrypt|sign) (?:(?:the|our|all) )?(?:[\w-]+ ){1,2}?(?:in|for) (?:(?:all|our|new) )?[a-z][\w-]*[^s\W]s|(?:lint|bundle) (?:(?:the|our|all) )?(?:[\w-]+ ){0,2}?[\w-]+) (?:with|via|using|through) (?P<tool>[a-z][\w.+-]*[^s\W])[.!]*$",
        )
    });
    static OF_A_ROW: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:build|deploy|release|publish|lint|format|install|package|provision|bundle|compile|manage|style|mock) (?:(?:(?:the|our|all|every) )?(?:[\w-]+ ){1,3}?)?(?:with|via|using|through) (?P<tool>[a-z][\w.+-]*)(?:,? please)?[.!]*(?:[,;:–—].*)?$",
        )
    });
    let of_a_kind = || {
        OF_A_KIND
            .captures(text)
            .is_some_and(|found| !STOP.contains(&found["tool"]))
    };
    let of_a_row = || {
        OF_A_ROW
            .captures(text)
            .is_some_and(|found| names_one_of_a_row(&found["tool"]))
    };
    WITH.is_match(text) || WITHOUT_A_THING.is_match(text) || of_a_kind() || of_a_row()
}

/// "Answer me in German": the language of all answers.
pub(super) fn says_in_which_language(text: &str) -> bool {
    static LANGUAGE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:answer|reply|respond|talk|speak|write)(?: back)? (?:to )?(?:me|us) in (?:plain |simple )?(?P<language>[a-z]+)(?:,? (?:please|pls|only|from now on))*[.!]*(?:[,;:–—].*)?$",
        )
    });
    LANGUAGE.captures(text).is_some_and(|found| {
        let language = &found["language"];
        let is_month = dates::MONTH_NAMES
            .iter()
            .any(|month| month.eq_ignore_ascii_case(language));
        let named = language.starts_with(char::is_uppercase) || names_one_of_a_row(language);
        named && !is_month && !matches!(language, "short" | "brief")
    })
}

/// "… to the mill by fax", "… to the press as PDF files": after whom it goes to, in what form or by what way.
fn names_the_way(value: &str) -> bool {
    static WAY: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\S (?:(?:as|by|via|in|over|through|with) (?:an? )?|(?:via|through) (?:the|our) )(?P<way>[\w.-]+)(?: [\w-]+)?[.!]*$",
        )
    });
    static UNTIL: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:\d|\w+day$|the$|tomorrow|tonight|noon|midnight|end|eod|now|then|next|this|one|two|three|\w+ing$)",
        )
    });
    WAY.captures(value).is_some_and(|found| !UNTIL.is_match(&found["way"]))
}
