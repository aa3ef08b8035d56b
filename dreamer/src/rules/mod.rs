//! The rules: what a person's own sentence asks to keep or to forget.

mod answers;
mod antecedent;
mod claim;
mod deciding;
mod directive;
mod evidence;
mod forget;
mod grounded;
mod label;
mod lasting;
mod life;
mod manner;
mod passing;
mod pronoun;
mod reader;
mod reason;
mod remember;
mod retell;
mod runs;
mod slip;
mod standing;
mod statement;
mod suspect;
mod task;
#[cfg(test)]
mod tests;
mod tools;
mod topical;
mod unmeant;
mod update;
mod weight;

pub use answers::Asked;
pub use evidence::{Origin, ToolResult, is_change, is_run, is_unsafe, leads_to_memory, moved_to, origin};
pub use forget::{Whole, is_not_to_keep};
pub use grounded::{agents_words, grounded};
pub use lasting::{Message, outlasts, outlasts_work};
pub(crate) use life::{Talk, read as of_a_life};
pub(crate) use retell::{is_past_form, tells_of_the_user};
pub use runs::Runs;
pub use suspect::Suspect;
pub use tools::{COMMAND, Commands, goes_on, run};

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use crate::dates;
use crate::fact::Finding;
use crate::text::clean;
use crate::text::long::Reach;
use crate::text::sentence;
use crate::text::words::features;

/// The words a person typed themselves. Empty where none are left.
pub fn own_words(message: &str) -> String {
    clean::own_words(message, order)
}

/// What a person's own words of a message (`own_words`) say, in order. `before` is the last sentence they typed earlier
/// in the session.
pub fn read(own: &str, before: Option<&str>) -> (Vec<Finding>, Option<String>) {
    let mut places = sentence::placed(own);
    places.retain(|place| !place.text.contains('\u{fffd}') && !is_of_another_script(place.text));
    reader::read(&places, before)
}

/// What an order to forget names, where it was told in a sentence that says nothing else of it that is known.
pub fn thing_of(target: &str) -> Option<&str> {
    antecedent::thing_of(target)
}

/// Words of scripts without spaces between them: a rule that finds an English word among them has not read the sentence.
fn is_of_another_script(text: &str) -> bool {
    const FIRST: char = '\u{2e80}';
    const FEW: usize = 3;
    let of_it = |c: char| c >= FIRST && c.is_alphabetic();
    if text.chars().filter(|c| of_it(*c)).count() <= FEW {
        return false;
    }
    // "Our client 春の庭株式会社 pays within 60 days": a name among English words.
    let (names, others): (Vec<&str>, Vec<&str>) = text.split_whitespace().partition(|word| word.contains(of_it));
    let is_name = |word: &str| !word.contains(|c: char| c.is_ascii_alphanumeric() || "、。・，！？".contains(c));
    let english = others
        .iter()
        .filter(|word| {
            word.trim_matches([',', '.', ':', ';', '!'])
                .chars()
                .all(|c| c.is_ascii_alphabetic())
        })
        .count();
    !(names.len() == 1 && names.iter().copied().all(is_name) && english > FEW)
}

/// Whether a line orders outright to keep or to forget something.
pub fn orders(line: &str) -> bool {
    sentence::split(line)
        .into_iter()
        .any(|sentence| order(sentence, None).is_some())
}

/// Whether a sentence orders outright to keep or to forget something, and what it takes beside itself.
fn order(sentence: &str, before: Option<&str>) -> Option<Reach> {
    let text = label::strip(sentence).text;
    let forget = forget::read(text, before).or_else(|| forget::read_late(text, before));
    if let Some(forget) = forget.filter(|forget| forget.outright) {
        return Some(if forget.points { Reach::Before } else { Reach::Alone });
    }
    let order = remember::read(sentence, false)
        .or_else(|| (text != sentence).then(|| remember::read(text, false)).flatten())?;
    Some(match order {
        remember::Order::This(_) => Reach::Alone,
        remember::Order::Before | remember::Order::Near => Reach::Before,
        remember::Order::After(_) | remember::Order::AndAfter(..) => Reach::After,
    })
}

/// Whether words that are left of a sentence still say something.
pub fn says_something(text: &str) -> bool {
    statement::has_verb(text) && !pronoun::points_out(text)
}

/// Whether a message asks to remember what was said before it: "Great, remember that."
pub fn points_back(own: &str) -> bool {
    let sentences = sentence::split(own);
    let alone = sentences.len() == 1;
    let points = |text: &str| {
        matches!(
            remember::read(text, alone),
            Some(remember::Order::Before | remember::Order::Near)
        )
    };
    sentences
        .iter()
        .any(|sentence| points(sentence) || points(label::strip(sentence).text))
}

/// The last touches that every kept sentence gets.
fn finish(finding: &mut Finding, importance: Option<u8>) {
    if let Some(importance) = importance.or_else(|| label::importance_within(&finding.text)) {
        finding.importance = finding.importance.max(importance);
        finding.mark.passing = false;
    }
    finding.mark.change |= label::tells_a_change(&finding.text);
    finding.text = tidy(&finding.text);
}

/// One line, without a full stop at the end, beginning with a capital; "my" said by whom.
pub(crate) fn tidy(text: &str) -> String {
    let text: String = text.chars().filter(|c| !clean::is_invisible(*c)).collect();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let text = text.trim_matches(|c: char| matches!(c, ',' | ';' | ':' | '-' | '–' | '—' | ' ' | '>'));
    let text = text
        .strip_suffix('.')
        .filter(|t| !t.ends_with('.'))
        .unwrap_or(text)
        .trim_end_matches('!');
    let text = retell::by_whom(text);
    let text = unbalanced(&text);
    let mut chars = text.chars();
    match chars.next() {
        // An identifier keeps its case.
        Some(first) if first.is_lowercase() && !starts_with_identifier(&text) => {
            first.to_uppercase().chain(chars).collect()
        }
        _ => text,
    }
}

/// Drops a quotation mark or bracket that lost its other half.
fn unbalanced(text: &str) -> String {
    let mut out = text.to_owned();
    if out.matches('"').count() == 1 || out.matches('`').count() % 2 == 1 {
        out = out.replace(['"', '`'], "");
    }
    if out.matches(')').count() > out.matches('(').count() {
        out = out.trim_end_matches(')').to_owned();
    }
    out
}

fn starts_with_identifier(text: &str) -> bool {
    let first = text.split_whitespace().next().unwrap_or_default();
    first.contains(['/', '_', '.', '(', '='])
        || first.chars().skip(1).any(char::is_uppercase)
        || first.starts_with("--")
}

/// "Nobody uses it any more": without the sentence before, nobody knows what it is about.
fn is_empty_talk(text: &str) -> bool {
    const POINTS: [&str; 7] = ["it", "this", "that", "them", "these", "those", "they"];
    let found = features(text, &BTreeSet::new());
    let points = found.sequence.iter().any(|w| POINTS.contains(&w.as_str()));
    points && found.values.is_empty() && found.stems.len() <= 2
}

/// "Thanks!" ends a list and is none of it.
fn is_farewell(text: &str) -> bool {
    const WORDS: [&str; 6] = ["thanks", "thank you", "thx", "cheers", "regards", "best"];
    let lower = text.to_lowercase();
    lower.split_whitespace().count() <= 4 && WORDS.iter().any(|word| lower.starts_with(word))
}

fn end_sentence(text: &str) -> String {
    let text = text.trim_end();
    if text.ends_with(['.', '!', ';', ':']) {
        text.to_owned()
    } else {
        format!("{text}.")
    }
}

/// "Perhaps one day we …", "I sometimes wonder if …": nobody decided anything.
fn is_musing(text: &str) -> bool {
    static MUSES: LazyLock<Regex> = LazyLock::new(|| {
        clean::pattern(
            r"(?i)^(?:(?:perhaps|maybe|possibly|someday|some day|one day|at some point|in theory),? (?:we|i|you|they|one day|some ?day|the|our|it|someone|somebody|next|later|this|that)\b|what if\b|i (?:sometimes|often|still|do)? ?(?:wonder|dream|could imagine|daydream)\b|(?:we|i|one|they) (?:might|could) (?:perhaps|maybe|one day|some ?day|as well|eventually|also)\b)|\b(?:(?:just|only) (?:an idea|a thought|dreaming|musing)|thinking (?:aloud|out loud))\b",
        )
    });
    MUSES.is_match(text)
}

/// A sentence without the "ok?" at its end: whoever says that asks nothing. "Is it ok?" does.
fn without_tag(text: &str) -> &str {
    static TAG: LazyLock<Regex> = LazyLock::new(|| {
        clean::pattern(r"(?i)(?P<comma>,)? (?:ok(?:ay)?|alright|all right|understood|got it|got that)\s*\?+\s*$")
    });
    const BE: [&str; 10] = [
        "is", "are", "be", "was", "were", "looks", "seems", "still", "all", "not",
    ];
    let Some(found) = TAG.captures(text) else {
        return without_guess(text);
    };
    let rest = &text[..text.len() - found[0].len()];
    let last = rest.split_whitespace().next_back().unwrap_or_default().to_lowercase();
    let told = found.name("comma").is_some() || statement::has_finite_verb(rest);
    if told && rest.split_whitespace().count() >= 4 && !BE.contains(&last.as_str()) {
        rest
    } else {
        text
    }
}

/// "Since Monday the gate is shut, maybe that's why nobody came?": what is told in front of a guess. What somebody did, and
/// what goes wrong without a day, is part of the question.
fn without_guess(text: &str) -> &str {
    static GUESS: LazyLock<Regex> = LazyLock::new(|| {
        clean::pattern(
            r"(?i)(?:,|;| –| —| -) ?(?:(?:so|and|maybe|perhaps|possibly|probably) )*(?:(?:that|this)(?:['’]?s| is| might be| may be| could be)|(?:is|might|may|could) (?:that|this)(?: be)?) (?:(?:maybe|perhaps|probably) )?(?:the reason|why)\b[^?]*\?\s*$",
        )
    });
    static OF_SOMEBODY: LazyLock<Regex> =
        LazyLock::new(|| clean::pattern(r"(?i)\b(?:i|i['’]\w+|you|you['’]\w+|your|my)\b"));
    let Some(found) = GUESS.find(text) else { return text };
    let told = &text[..found.start()];
    let dated = dates::is_relative(told) || label::tells_a_change(told);
    let tells = told.split_whitespace().count() >= 4 && statement::has_verb(told) && !told.contains('?');
    if dated && tells && !is_question(told) && !OF_SOMEBODY.is_match(told) {
        told
    } else {
        text
    }
}

pub(crate) fn is_question(text: &str) -> bool {
    const ASKS: [&str; 32] = [
        "what ",
        "who ",
        "whose ",
        "where ",
        "how ",
        "why ",
        "which ",
        "when does ",
        "when did ",
        "is ",
        "are ",
        "was ",
        "were ",
        "does ",
        "do you ",
        "did ",
        "can you ",
        "could you ",
        "would you ",
        "will you ",
        "should ",
        "shall ",
        "can u ",
        "could u ",
        "would u ",
        "will u ",
        "can we ",
        "can i ",
        "may i ",
        "have you ",
        "has ",
        "do we ",
    ];
    // "Whats the difference between …": "what's more: …" asks nothing.
    static WHATS: LazyLock<Regex> = LazyLock::new(|| {
        clean::pattern(
            r"(?i)^(?:what|where|how|who)['’]?s (?:the|an?|this|that|our|your|my|it|wrong|going on|up with|in the)\b[^,:;]*$",
        )
    });
    let lower = text.to_lowercase();
    // "Why do you edit the output, it is generated." asks nothing.
    if lower.starts_with("why ") && text.contains(',') && text.ends_with('.') {
        return false;
    }
    text.trim_end_matches(['"', ')', ' ']).ends_with('?')
        || WHATS.is_match(text)
        || ASKS.iter().any(|ask| lower.starts_with(ask))
}
