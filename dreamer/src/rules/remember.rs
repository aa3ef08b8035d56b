//! Outright orders to remember.

use std::sync::LazyLock;

use regex::Regex;

use super::passing::is_passing;
use super::{pronoun, statement};
use crate::text::clean::pattern;
use crate::text::keeping;
use crate::text::vocabulary::{TASK_VERBS, number};
use crate::text::words::{base, tokens};

/// What is to be remembered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Order {
    /// This text.
    This(String),
    /// What was said before.
    Before,
    /// What was said before in the same message; where nothing was, what follows.
    Near,
    /// What follows: a list of at most so many sentences.
    After(usize),
    /// This text, and at most so many sentences after it.
    AndAfter(String, usize),
}

/// Sentences that are to be remembered after an order, at most, where they are no list.
const LIST: usize = 24;
/// Sentences of a list that is, at most.
pub(super) const LONGEST_LIST: usize = 200;

const POLITE: &str = r"(?:(?:ok(?:ay)?|and|also|so|but|oh|hey|hi|(?:please|pls)(?: to)?|kindly|just|now|one more thing|to whom it may concern|dear (?:agent|assistant|all|team|colleagues?)|(?:hi|hello|hey|good morning|morning) (?:all|team|there|again|everyone|folks)|btw|by the way|important|critical|very important|attention|reminder|(?:can|could|would|will) (?:yo)?u(?: please)?|i(?:'d| would) (?:like|love|want|prefer)(?: it if)? (?:(?:yo)?u to|that (?:yo)?u|(?:yo)?u would|(?:yo)?u could|(?:yo)?u)|i (?:hereby |really |just |kindly )?(?:want|need|ask|wish) (?:(?:yo)?u to|that (?:yo)?u|(?:yo)?u)|(?:(?:it |that )?(?:would|might)|it['’]d) be (?:great|nice|good|lovely|helpful|cool|fantastic|wonderful|useful|kind|best|better|super|perfect)(?: of (?:yo)?u)?(?: if (?:yo)?u| to)(?:['’]d| could| would| can)?|be so (?:kind|good|nice) (?:and|as to)|(?:i'?d|i would|we'?d|we would) (?:appreciate|be (?:glad|happy|grateful|thankful))(?: it)? (?:if|when) (?:yo)?u(?: could| would| can)?|(?:would it be|is it) possible (?:to|that (?:yo)?u)|(?:yo)?u (?:should|must|need to|have to|can|may|might want to)|make sure (?:(?:yo)?u|to)|be sure to|do|always|let'?s|we (?:should|need to|must)|do (?:me|us) (?:a|the|one|this) (?:[a-z]+ )?favou?r,? and|it(?:['’]s| is) (?:really |very )?(?:(?:important|worth|good|vital|crucial|essential) to|(?:important|vital|crucial|essential|best|better)(?: that)? (?:yo)?u)|try to|remember to)[,:!]?\s+)*";
const MEMORY: &str = r"(?:(?:your|ur|yr|the|our|my|this|long[- ]term|team|shared|project|permanent|common)\s+)*(?:memor(?:y|ies)(?:[ .](?:md|file|store|bank|folder))?|notes?(?: file)?|mind|brain|head|knowledge(?: base)?|notebook|records?|books|future(?: sessions?| use| reference)?|later|posterity|next time|good|long term|(?:all |any )?(?:future|next|later) (?:sessions?|conversations?|chats?|runs?|tasks?))";
const THAT: &str = r"(?:[,:;–—-]+\s*|\s+)(?:(?:that|this|(?:the )?following|these(?: things| points| facts| rules)?|down|it|well|always|for (?:me|us|later|next time|the future|future sessions?)|please|about (?:me|us|this project|our project|the project)|, ?always)\s*[,:;–—-]*\s*)*";

static ORDERS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    [
        // Remember that …
        format!(r"(?is)^{POLITE}(?:remember|memori[sz]e|(?:please|pls),? (?:yo)?u (?:remember|memori[sz]e|keep in mind)|rememeber|r+e+m+e*m*b+e*r+|remembr|remebmer|keep in (?:your )?mind|keep (?:these|the following)(?: [\w'’-]+){{0,3}} in mind|bear in mind|(?:don'?t|do not|never|dont|let'?s not)(?: you)?(?: dare)?(?: ever)? forget|not to forget|let it be (?:known|noted|recorded)|learn|know|be aware|take (?:good )?note|(?:make|take|keep|leave) (?:yourself |me |us )?(?:a|another) (?:mental |quick |short |small )?note(?: of)?|note down|jot down|write down|jot|keep (?:this |that |it )?(?:on record|on file)|take (?:this |that )?down|internali[sz]e|hold on to|engrave|etch|tattoo|burn (?:this|that|it|these|the following)(?: in(?:to)? (?:yo)?ur (?:brain|mind|memory|head)))\b(?P<rest>{THAT}.*)$"),
        // Note that …, note for the future: …
        format!(r"(?is)^{POLITE}(?:mental )?note\b(?:\s+(?:(?:and )?to (?:self|you|us|me|myself|yourself)|to (?:the )?(?:agent|assistant|team|everyone)|for {MEMORY}|please|pls|kindly|well|down|for (?:the|our|my) [\w'’-]+(?: [\w'’-]+)?,? and (?:also )?for (?:yo)?u))*(?P<rest>(?:\s*[:,–—-]\s*|\s+that\s+).+|\s*:\s*)$"),
        // Add to memory: …, save this in your notes: …
        format!(r"(?is)^{POLITE}(?:add|save|store|put|commit|write|record|keep|log|enter|persist|pin|stash|file|insert|append|include|retain|place|stick|drop|move|preserve)\b(?:\s+(?:this|that|it|the following|these|down|away|a note|an entry|one|another (?:one|fact)|the fact|somewhere))*\s+(?:to|in|into|for|as|on|under)\s+(?:an?\s+)?{MEMORY}\b(?P<rest>{THAT}.*|\s*)$"),
        // Write this down: …
        format!(r"(?is)^{POLITE}(?:write|jot|note|take|put|mark|get) (?:this|that|it|the following|these) (?:one )?down\b(?P<rest>{THAT}.*|\s*)$"),
        format!(r"(?is)^{POLITE}(?:save|store|record|note|remember|memori[sz]e|pin|persist) (?:this|that|the following|these)(?: (?:fact|facts|rule|rules|point|points|permanently|please|one|info|information|for {MEMORY}))*\s*[:–—-]\s*(?P<rest>.*)$"),
        // Log this as a standing fact: …, keep this for the paper: …
        format!(r"(?is)^{POLITE}(?:keep|save|store|log|record|note|remember|hold|take|file|treat|count|retain|preserve|mark|enter|list) (?:this|that|the following|these)(?: one)? (?:for|as|above|over|before|under|beyond|until|through|throughout) (?:[\w'’-]+ ){{0,5}}[\w'’-]+\s*:\s+(?P<rest>.*)$"),
        // Make sure you know this next time: …
        format!(r"(?is)^{POLITE}(?:(?:make|be) sure|see to it)(?: that)? (?:yo)?u (?:(?:still|also|always) )?(?:know|remember) (?:this|that|it)(?: (?:for |the )?next time| in (?:the )?future| from now on| later)*\s*:\s*(?P<rest>.+)$"),
        // What you should know is that …
        format!(r"(?is)^{POLITE}(?:what|one thing|something|a thing)(?: else)?(?: that)? (?:(?:yo)?u (?:should|must|need to|have to|ought to)|to) (?:know|remember|note|(?:bear|keep) in mind)(?: [a-z]+){{0,2}}? is(?: that\b|\s*:)(?P<rest>.*)$"),
        // What I want you to remember is our closing week
        format!(r"(?is)^{POLITE}what (?:i|we)(?:['’]d like| would like| want| need) (?:yo)?u to (?:remember|know|note|(?:bear|keep) in mind) is\b(?:,|\s*:)?\s+(?P<rest>(?:that|our|my|the|this:) .*)$"),
        // It should stay known that …
        format!(r"(?is)^{POLITE}(?:it|this) (?:should|must|has to|needs to|is to|ought to) (?:(?:always|also) )?(?:stay|remain|be kept) (?:known|remembered|noted|recorded|on record|on file|in mind|in memory)(?: (?:here|forever|for good|in future))?(?:\s*:|,?\s+that\s)\s*(?P<rest>.+)$"),
        // It would be nice if next time you know already: …, it would help if you remembered that …
        r"(?is)^(?:(?:and|so|but|ok(?:ay)?|also|please),? )*(?:(?:(?:it |that )?(?:would|might)|(?:it|that)['’]d) (?:help|be (?:great|nice|good|lovely|helpful|cool|wonderful|useful|better|best|super|perfect))) if(?:,? (?:next time|in (?:the )?future|from now on|later),?)? (?:yo)?u (?:(?:already|also|always|could|would|next time|in (?:the )?future) )*(?:remembered|kept in mind|noted|knew|know|remember)(?: (?:already|next time|by then|for next time|always|then))*(?:\s*[:–—]|,?\s+that\s)\s*(?P<rest>.+)$".to_owned(),
        // For the record: …, for future reference, …
        format!(r"(?is)^{POLITE}(?:for|as) (?:the record|your (?:records?|notes?|notebook|memory|knowledge(?: base)?|reference|information for later)|future (?:reference|sessions?|use|work|tasks?|runs?)|next time|later(?: use| reference)?|the (?:future|notes|memory|files?|books)|all future (?:sessions?|work))\s*[:,–—-]\s*(?:that\s+|please\s+(?:note|remember)\s+(?:that\s+)?)?(?P<rest>.*)$"),
        // Memory: …, to remember: …, one for the memory: …
        r"(?is)^(?:(?:new )?memory(?: entry| note| item)?|memo(?: to self)?|to (?:be )?remember(?:ed)?|(?:one |something |a thing |things |fact |facts |worth )?(?:for (?:the|your) (?:memory|notes|long term)|to (?:remember|memori[sz]e|keep in mind)|remembering)|standing (?:note|instruction|order|rule)|permanent (?:note|rule)|reminder|(?:save|store|keep|retain)(?:,? (?:pls|please))?|(?:please |pls )?(?:update|extend|amend) (?:your|ur) (?:memory|notes?|records?|notebook|knowledge(?: base)?))\s*[:–—]\s*(?P<rest>.*)$".to_owned(),
    ]
    .iter()
    .map(|text| pattern(text))
    .collect()
});

static TRAILING: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"(?is)^(?P<said>.{{6,}}?)\s*[,;.–—-]+\s*(?:(?:and|so)\s+)?(?:please\s+)?(?:(?:yo)?u (?:must|should|ought to|(?:have|need) to)\s+)?(?:(?:do\s+)?(?:remember|memori[sz]e|note|save|store|record|keep|write down|don'?t forget|never forget)\s+(?:that|this|it|so)?(?:\s*(?:in mind|down|please|well|always|from (?:now|here|today) on|for (?:next time|later|the future|good|me|us)|(?:to|in|into) {MEMORY}))*|keep (?:that|this|it) in mind(?: please)?|(?:hang|hold) on to (?:that|this|it)(?: please)?|bear (?:that|this|it) in mind|remember(?:,? please)?|make a note(?: of (?:that|this|it))?|take note|don'?t (?:you )?forget|commit (?:that|this|it) to memory|add (?:that|this|it) to {MEMORY})(?:,? (?:ok(?:ay)?|right|yes|alright)\s*\?)?(?:\s*[,;.–—-]+\s*(?:(?:and|so|now|then|ok(?:ay)?|please|pls)\s+)*(?:go on|continue|carry on|proceed))?\s*[.!]*$"
    ))
});
static ALL_BEFORE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"(?is)^{POLITE}(?:(?:remember|memori[sz]e|internali[sz]e|absorb|note|save|store|record|keep|don'?t forget|never forget)\s+(?:that|this|it)(?:\s*(?:in mind|down|please|well|always|fact|one|rule|permanently|for (?:next time|later|the future|good|me|us|future sessions)|(?:to|in|into) {MEMORY}))*|keep (?:that|this|it) in mind|bear (?:that|this|it) in mind|make a note of (?:that|this|it)|(?:write|note|jot) (?:that|this|it) down|(?:add|commit|save|put|store|write) (?:that|this|it) (?:to|in|into) {MEMORY}|remember)\s*(?:please)?[.!]*$"
    ))
});
/// How something that was agreed on is named: "our rule about", "the limit for".
pub(super) const RULE_ABOUT: &str = r"(?:the|our|my|that|this) (?:[\w-]+ ){0,2}?(?:rule|deal|agreement|policy|convention|habit|custom|practice|limit|decision) (?:about|on|of|with|for)";
static NOT_AN_ORDER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"(?i)^(?:do you (?:still )?remember|i (?:don'?t |can'?t |still |vaguely )?remember|(?:i )?don'?t remember|note(?:s|book)?\b(?:\s+(?:is|are|was|has|that was)\b)|know (?:how|why|what|of|any)|learn (?:how|more|about|to)|keep (?:going|it up|the)|save (?:all|my)|(?:save|store) (?:the(?P<listed> following)?|a)|as for)\b|^remember (?:(?:when|how|why|what|who|where|the time)\b.*|{RULE_ABOUT} [^,:;]*|(?:(?:the )?good old|those|that) (?:days?|times?|years?|summers?|winters?|trips?|nights?|part(?:y|ies))(?: (?:in|at|on|when|with|by|we|back)\b[^,:;]*)?)\?$|^(?:do|did|does) you (?:still )?(?:remember|know|recall)\b.*\?|^(?:can|could|will|would) you (?:still (?:remember|know|recall)|know|recall|remember (?:what|how|why|who|where|when|which|if|whether|the|my|our|me))\b.*\?"
    ))
});

/// "Have that in memory for the plans, please.", "Permanent rule.": said of the sentence before.
static POINTS_AT_A_RULE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"(?i)^(?:(?:please|pls|and|so),? )*(?:have|hold) (?:that|this|it) in {MEMORY}(?: for (?:the|our|my|all|your) [\w' -]{{2,30}})?(?:,? (?:please|pls|thanks))?[.!]*$|^(?:(?:(?:that|this|it)(?:'s| is) )?(?:an? |the |our )?)(?:permanent|standing|lasting) rule(?: (?:here|of ours|for (?:all|everyone|us|good)))?[.!]*$"
    ))
});

/// "Save this for later, will you?": the fact follows.
static TAG: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:(?:will|would|can|could|won'?t) (?:you|u)|please|pls|ok(?:ay)?|thanks|right|for me)(?: please)?\s*[?.!]*$",
    )
});

/// "One sec - the lab closes at noon - remember that": what only calls for attention.
static CALLS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:(?:(?:just )?(?:one|a|1) (?:sec(?:ond)?|moment|minute|min)|wait|hold on|stop|btw|by the way|side note|quick note)(?:\s*[,;:–—]|\s-)\s*)+",
    )
});

/// "In case the lift stops at night, remember that …": a clause of time, reason or condition stands before the order.
static CLAUSE_FIRST: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?is)^(?:(?:oh|ok(?:ay)?|and|so|also|but|well|hey)[, ]+)*(?P<clause>(?:before|in case|just in case|if|when(?:ever)?|while|since|as|because|for|once|after|now that|given that|until|so that)\b(?P<said>[^.:;?!]{3,90}?))(?:,\s*|\s+)(?P<asks>(?:(?:please|pls|(?:can|could|would|will) you|you (?:should|must|need to)|(?:i|we)(?:'d| would)? (?:like|want|need|wish|ask|prefer) (?:you to|that you|you)|(?:it )?would be \w+ if you(?: could| would)?)\s+)*)(?:remember|memori[sz]e|keep in mind|bear in mind|don'?t forget)\b(?P<rest>[\s,:–—-].{6,})$",
    )
});
/// "Before you go on, …": when it is to be remembered, and not since when it holds.
static OF_THE_TALK: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:before|while|since|as|now that|once|after|if) (?:i|you|we)(?:['’]\w+)? (?:\w+ ){0,2}?(?:go(?:ing)? on|carry(?:ing)? on|continue|go(?:ing)? ahead|start|begin|leave|forget|at it|here|there|on it|stop|finish(?:ed)?|done|proceed|move on|get going|close|think(?:ing)? of it|can|may|have (?:a )?(?:time|minute|moment|second))$",
    )
});
/// Someone who remembers, or does not, is told nothing: "when you remember the …", "if it does not remember".
static REMEMBERS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:i|you|u|we|he|she|it|they|who|that|which|to|do|does|did|can|could|will|would|may|must|should|not|never|always|still|\w+n'?t|people|users?|\w+s)$",
    )
});

static WHERE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)^(?:in|into|to|on|onto|at|under|within) (?:the|our|my|your|this|that|a)\b"));
/// "I expect you to know this: what is …" asks.
static ASKS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:what|who|whose|where|when|how|why|which)(?: \w+)? (?:is|are|was|were|do|does|did|can|could|should|would|will|has|have)\b[^,:]*$",
    )
});

/// Reads an order to remember. `alone`: the sentence is the whole message.
pub(super) fn read(sentence: &str, alone: bool) -> Option<Order> {
    static ASKS_WHICH: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:(?:and|so|but|ok(?:ay)?),? )*(?:what|which|who|whose|when|where|why|how|now that)\b[^?]*\?\W*$",
        )
    });
    // "Ah, and while I think of it, …", "no worries about the keys, but …": what leads to the order.
    static OPENS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:(?:ah|oh|hm+|and|ok(?:ay)?),? )*(?:while i think of it|before i forget(?: it)?|no worries(?: about [^,;:]{2,40})?)\s*(?:[,:;–—]|\s-)\s*(?:(?:but|and) )?",
        )
    });
    let text = sentence.trim();
    let text = OPENS.find(text).map_or(text, |found| &text[found.end()..]);
    // "What was the commit that …?" orders nothing.
    if ASKS_WHICH.is_match(text) {
        return None;
    }
    if let Some(note) = text
        .strip_prefix("# ")
        .or_else(|| text.strip_prefix('#').filter(|t| t.starts_with(char::is_alphabetic)))
    {
        return alone.then(|| Order::This(note.trim_start_matches('#').trim().to_owned()));
    }
    // "Store the following: the lab closes at noon". What has no verb is stored by a program.
    let listed = match NOT_AN_ORDER.captures(text).map(|found| found.name("listed")) {
        Some(None) => return None,
        Some(_) => true,
        None => false,
    };
    if ALL_BEFORE.is_match(text) {
        return Some(if text.ends_with(':') {
            Order::After(LIST)
        } else {
            Order::Before
        });
    }
    if let Some(order) = counted(text) {
        return Some(order);
    }
    if keeping::is_head(text) || POINTS_AT_A_RULE.is_match(text) {
        return Some(Order::Near);
    }
    for order in ORDERS.iter() {
        if let Some(found) = order.captures(text) {
            let rest = found.name("rest").map_or("", |m| m.as_str());
            let rest = rest
                .trim_start_matches(|c: char| c.is_whitespace() || ",:;–—-".contains(c))
                .trim_end();
            let rest = lead_off(rest);
            if TAG.is_match(rest) {
                return Some(Order::After(1));
            }
            if let Some(count) = announced(rest, text) {
                return Some(Order::After(count));
            }
            if listed && !statement::has_verb(rest) {
                return None;
            }
            // "Write it down in the readme" says where, and nothing to keep.
            if WHERE.is_match(rest) && !statement::has_verb(rest) {
                return None;
            }
            if rest.chars().filter(|c| c.is_alphanumeric()).count() > 2 {
                // A question about remembering asks; "can you remember that …?" orders.
                return Some(Order::This(without_tag(rest).trim_end_matches('?').to_owned()));
            }
            return Some(Order::After(LIST));
        }
    }
    if let Some(found) = TRAILING.captures(text) {
        let said = found.name("said").map_or("", |said| said.as_str());
        return Some(Order::This(CALLS.replace(said, "").into_owned()));
    }
    if let Some(fact) = after_clause(text) {
        return Some(Order::This(fact));
    }
    if let Some(fact) = beside_a_task(text).or_else(|| asked_within(text)) {
        return Some(Order::This(fact.to_owned()));
    }
    // "Keep this across sessions: the chosen tab" is a task.
    let is_task = |rest: &str| text.contains(" across ") && !statement::has_verb(rest);
    let told = |rest: &&str| {
        !ASKS.is_match(rest) && (rest.is_empty() || !is_task(rest)) && (!listed || statement::has_verb(rest))
    };
    match keeping::after_head(text).filter(told)? {
        "" if text.ends_with(':') => Some(Order::After(LIST)),
        "" => Some(Order::After(1)),
        rest => Some(Order::This(without_tag(rest).trim_end_matches('?').to_owned())),
    }
}

/// The fact of an order with a clause before it, which is part of the fact unless it speaks of keeping alone.
fn after_clause(text: &str) -> Option<String> {
    let found = CLAUSE_FIRST.captures(text)?;
    let clause = found.name("clause")?;
    // "For future runs remember: …" has a plural and no verb in front.
    let told = text[clause.end()..].starts_with(',')
        || !found["asks"].is_empty()
        || found["rest"].starts_with([':', '–', '—']);
    if !told && REMEMBERS.is_match(clause.as_str()) {
        return None;
    }
    let rest = found["rest"].trim_start_matches(|c: char| c.is_whitespace() || ",:–—-".contains(c));
    let fact = lead_off(rest).trim_end_matches('?');
    let words = fact.split_whitespace().count();
    (words >= 3).then(|| {
        let for_whom = clause.as_str().to_lowercase().starts_with("for ") && keeping::names_nothing(&found["said"]);
        if for_whom || keeping::speaks_of_keeping(&found["said"]) || OF_THE_TALK.is_match(clause.as_str()) {
            fact.to_owned()
        } else {
            format!("{}, {fact}", clause.as_str())
        }
    })
}

/// What a program is to remember has happened to somebody before.
static OF_A_PROGRAM: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i)\b(?:it|them|already)\b|\b(?:has|have|had|was|were) (?:been )?[a-z]+(?:ed|en|own)\b")
});

/// "Make the list longer, and remember that the hall has 40 seats": a task stands before the order. "Remember that choice"
/// is one more task, and so is "remember that the guest has seen it", or what a text is to note.
fn beside_a_task(text: &str) -> Option<&str> {
    static AND: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?is)^(?:(?:ok(?:ay)?|and|so|now|just|also|hey|then|please|pls|(?:can|could|would|will) (?:yo)?u)(?: please)?[, ]+)*(?P<verb>[a-z-]+) .{3,120}?(?:,|;| -| –| —) (?:and|but)(?: (?:please|pls|do|also|then))* (?:remember|keep in mind|bear in mind|(?P<notes>note|make a note|take note)|don['’]?t forget|never forget)(?: please)?(?: that |: )(?P<fact>.{6,})$",
        )
    });
    static TEXT: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:write|draft|add|update|rewrite|describe|explain|translate|summari[sz]e|send|post|publish|give|tell|create|make)$",
        )
    });
    let found = AND.captures(text)?;
    let fact = found.name("fact")?.as_str().trim_end_matches('?');
    let orders = TASK_VERBS.contains(found["verb"].to_lowercase().as_str());
    let in_a_text = found.name("notes").is_some() && (TEXT.is_match(&found["verb"]) || is_passing(fact));
    let told = statement::has_finite_verb(fact) && !OF_A_PROGRAM.is_match(fact) && !pronoun::points_out(fact);
    (orders && told && !in_a_text).then_some(fact)
}

/// "We had it wrong, so please remember: block C is last", "(a) leave the titles alone and (b) remember that …": an order
/// in the middle of a sentence that is plainly one to the agent.
fn asked_within(text: &str) -> Option<&str> {
    static WITHIN: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?is)^[^:;?!]{3,90}?(?:[,–—-]|\s)\s*(?:but|so|and|hence|therefore)\s+(?:(?:(?:can|could|will|would) (?:yo)?u )?(?:please|pls|plz|plese|pleas|kindly)|\(?[b-e2-5]\))\s+(?:remember|memori[sz]e|(?:keep|bear) in mind|don['’]?t forget)\b(?:\s+(?:this|once and for (?:all|ever)|for good|forever|always|from now on))*(?:\s*[:,–—]|\s-|\s+that)\s+(?P<fact>.{6,})$",
        )
    });
    let fact = WITHIN.captures(text)?.name("fact")?.as_str().trim_end_matches('?');
    (statement::has_verb(fact) && !OF_A_PROGRAM.is_match(fact) && !pronoun::points_out(fact)).then_some(fact)
}

/// "Two things you need to keep straight for me.": how many sentences after it are to be remembered. "Two things you should
/// know: the mill opens at 8." tells the first of them.
fn counted(text: &str) -> Option<Order> {
    static COUNTED: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:(?:ok(?:ay)?|so|and|also|now|hi|hey|here are|there are|i have)[,:]? )*(?P<count>two|three|four|five|six|[2-6]) (?:(?:more|other|little|small|quick) )?(?:things|points|facts|rules) (?:that )?(?:(?:yo)?u (?:should|must|need to|have to|ought to)|i(?:['’]d like| would like| want| need) (?:yo)?u to) (?:(?:always|also) )?(?:know|remember|note|learn|bear in mind|keep(?: straight| in mind| apart)?|get straight)(?: (?:for|about|from) (?:me|us|now on|next time|later))*(?:\s*[.:]*|:\s+(?P<first>\S.*))$",
        )
    });
    // "How the vat works and where the key is" tells nothing yet.
    static TELLS_NONE: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)^(?:how|what|where|when|who|whose|which|why|whether|if)\b"));
    let found = COUNTED.captures(text)?;
    let count = count_of(&found["count"])?;
    let Some(first) = found.name("first").map(|first| first.as_str()) else {
        return Some(Order::After(count));
    };
    if TELLS_NONE.is_match(first) || !statement::has_verb(first) {
        return None;
    }
    let all = format!("{count} things: {first}");
    Some(if several(&all).is_empty() {
        Order::AndAfter(first.to_owned(), count - 1)
    } else {
        Order::This(all)
    })
}

fn count_of(word: &str) -> Option<usize> {
    number(&word.to_lowercase()).unwrap_or(word).parse().ok()
}

/// "1) the vault opens at 8 2) Maja has the key", "three things: the vet is Lund, the smith is Mika, and the hay comes from
/// Oulu": the things that are told in one sentence. Empty where it tells one, or where they are not so many as it says.
pub(super) fn several(text: &str) -> Vec<String> {
    static THINGS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?is)^(?:these |the following )?(?P<count>two|three|four|five|six|[2-6]) (?:(?:more|other|little|small|quick) )?(?:things|points|facts|rules)\s*:\s*(?P<told>.+)$",
        )
    });
    let in_brackets = by_number(text);
    if !in_brackets.is_empty() {
        return in_brackets;
    }
    let Some(found) = THINGS.captures(text) else {
        return Vec::new();
    };
    let in_brackets = by_number(&found["told"]);
    if !in_brackets.is_empty() {
        return in_brackets;
    }
    let count = count_of(&found["count"]);
    let pieces = |mark: &str| -> Vec<String> {
        let pieces = found["told"].split(mark).map(str::trim);
        let pieces = pieces.map(|piece| piece.strip_prefix("and ").unwrap_or(piece).to_owned());
        pieces.collect()
    };
    let tells = |piece: &String| piece.split_whitespace().count() >= 3 && statement::has_verb(piece);
    let ways = [";", ",", " and "].map(pieces);
    let whole = |pieces: &Vec<String>| Some(pieces.len()) == count && pieces.iter().all(tells);
    ways.into_iter().find(whole).unwrap_or_default()
}

/// The things behind "1)", "2)" and so on, from the start of a text on.
fn by_number(text: &str) -> Vec<String> {
    let first = text.trim_start().strip_prefix("1)");
    let Some(mut rest) = first.filter(|rest| rest.starts_with(' ')) else {
        return Vec::new();
    };
    let mut things = Vec::new();
    for next in 2.. {
        let Some((thing, after)) = rest.split_once(&format!(" {next}) ")) else {
            break;
        };
        things.push(thing);
        rest = after;
    }
    things.push(rest);
    let things = things.into_iter().map(|thing| {
        let thing = thing.trim().trim_end_matches([',', ';']);
        thing.strip_suffix(" and").unwrap_or(thing).trim_end_matches([',', ';'])
    });
    let things: Vec<String> = things.map(str::to_owned).collect();
    let tells = things.len() > 1 && things.iter().all(|thing| thing.split_whitespace().count() >= 2);
    if tells { things } else { Vec::new() }
}

/// "One, the flour comes on Mondays": a thing of several, without its number.
pub(super) fn without_count(text: &str) -> &str {
    static COUNT: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:and )?(?:one|two|three|four|five|six|first(?:ly)?|second(?:ly)?|third(?:ly)?|finally|lastly)\s*[,:–—]\s*",
        )
    });
    COUNT.find(text).map_or(text, |found| &text[found.end()..])
}

/// "Two things", "something for me": what only announces sentences to remember, and how many. `order` is the whole
/// sentence.
fn announced(rest: &str, order: &str) -> Option<usize> {
    static FOLLOW: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\b(?:these|following)\b"));
    const ANYTHING: [&str; 7] = ["thing", "things", "something", "fact", "facts", "point", "points"];
    let words: Vec<String> = tokens(rest).iter().map(|token| base(token.raw)).collect();
    // "Remember these two" before a list. "Remember seven" is the number.
    let counts = words.len() == 1 && number(&words[0]).is_some() && FOLLOW.is_match(order);
    if !counts && (!keeping::names_nothing(rest) || !words.iter().any(|word| ANYTHING.contains(&word.as_str()))) {
        return None;
    }
    let count = words.iter().find_map(|word| number(word)?.parse().ok());
    Some(count.unwrap_or(1))
}

/// "…, won't you?": what only asks once more.
fn without_tag(rest: &str) -> &str {
    static ASKS_AGAIN: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i),\s*(?:(?:will|would|can|could|won['’]?t) (?:yo)?u(?: please)?|thanks|thank you|thx)\s*[?.!]*$|,\s*(?:right|correct|yes|eh)\s*\?+\s*$",
        )
    });
    ASKS_AGAIN.find(rest).map_or(rest, |found| &rest[..found.start()])
}

/// Takes off what still introduces the fact.
fn lead_off(rest: &str) -> &str {
    static LEAD: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:(?:this|that|it|the following|these|those)(?: (?:things|points|facts|rules|ones|down|please|well|too))*\s*[:.,–—-]*$|(?:that|this|(?:the )?following|the fact that|these|always|please|from (?:now|here|today) on(?:wards?)?|going forward|in (?:the )?future|in general|next time(?:\s*[,:;–—-])|to (?:always|never)|from here on out|forever|about|down|also|by heart|in(?:to)? (?:your|ur) (?:memory|mind|head|brain)|and (?:keep|note|know|remember|store|save|retain)(?: (?:it|this|well|in mind))?(?: that|[:,])|(?:too|as well)(?:\s*[,:;–—-]|\s+that)|for (?:all |any )?(?:later|future|coming|further|other) [\w'’-]+(?: that|:)|remember|me that|(?:it|this|that|\([a-z]+\)|(?:will|would) (?:yo)?u)(?:\s*[:–—]|\s-\s)|for (?:later|next time|me|us|the future)|for (?:the )?(?:team|others|rest of us|everyone|everybody|next (?:one|person|shift|agent|session))(?::| that)|for good(?::| that)|(?:keep|save|store|note|put|write) (?:it|this|that)(?: (?:down|somewhere|safe))*\s*[:–—])\s*[,:;–—-]*\s+|[,:;–—-]\s*)+",
        )
    });
    static TO: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)^to (?P<verb>[a-z]+ )"));
    // "These five house rules:", "our conventions:" only name the list that follows.
    static HEAD: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:(?:(?:all|each|every one) (?:of )?)?(?:this|the following|these|those)(?: [\w'’-]+){0,4}|(?:(?:a )?(?:few|couple(?: of)?)|some|several|all|my|our|the)(?: [\w'’-]+){0,3} [\w'’-]+s)\s*(?::|[:,]? (?:please|pls)\s*:)$",
        )
    });
    if HEAD.is_match(rest) {
        return "";
    }
    // "to never …", "to always …" keep their sense.
    let lower = rest.to_lowercase();
    if lower.starts_with("to always ") || lower.starts_with("to never ") || lower.starts_with("always ") {
        return if lower.starts_with("to ") { &rest[3..] } else { rest };
    }
    let cut = LEAD.find(rest).map_or(rest, |found| &rest[found.end()..]);
    if TO.is_match(cut) { &cut[3..] } else { cut }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leads_to_the_fact_is_none_of_it() {
        for (order, fact) in [
            (
                "Please remember too that Tuesdays I work from home",
                "Tuesdays I work from home",
            ),
            (
                "Remember as well: the zone letters are a and c",
                "the zone letters are a and c",
            ),
            ("Remember also that the kiln is shared", "the kiln is shared"),
            ("Remember: To always lock the shed", "always lock the shed"),
            ("Please remember in general that the lab is cold", "the lab is cold"),
            (
                "Note for the kitchen calendar and for you: the lab is cold",
                "the lab is cold",
            ),
            ("Make sure you know this next time: the lab is cold", "the lab is cold"),
            (
                "No worries about the keys, but remember that the lab is cold",
                "the lab is cold",
            ),
            ("Ah and while I think of it, note: the lab is cold", "the lab is cold"),
            ("Mental note: the lab is cold", "the lab is cold"),
            ("I hereby ask you to remember that the lab is cold", "the lab is cold"),
            (
                "To whom it may concern: please remember that the loft has no light",
                "the loft has no light",
            ),
            ("The loft has no light, hang on to that.", "The loft has no light"),
            ("It's important you remember we bill in crowns", "we bill in crowns"),
            (
                "It is vital that you keep in mind the pier is slippery",
                "the pier is slippery",
            ),
            (
                "Please to remember, the archive is closed in May",
                "the archive is closed in May",
            ),
            (
                "Keep in mind for all later timetables that the ferry carries no cars",
                "the ferry carries no cars",
            ),
            (
                "Note to self and to you, the spare key hangs in the locker",
                "the spare key hangs in the locker",
            ),
            ("note to you and to us: the pier is slippery", "the pier is slippery"),
            (
                "Learn this by heart: the glaze needs 1240 degrees",
                "the glaze needs 1240 degrees",
            ),
            (
                "Engrave in your memory: the drovers rest in Quarn",
                "the drovers rest in Quarn",
            ),
            (
                "I want you to know and keep that rams are sheared first",
                "rams are sheared first",
            ),
            ("Remember and note: rams are sheared first", "rams are sheared first"),
            (
                "save pls: dory number 8 leaks at the stern",
                "dory number 8 leaks at the stern",
            ),
            ("Update your notes: the toll is 3 crowns", "the toll is 3 crowns"),
            (
                "For your knowledge base: the smithy is shut on Mondays",
                "the smithy is shut on Mondays",
            ),
        ] {
            assert_eq!(read(order, false), Some(Order::This(fact.to_owned())), "{order}");
        }
        for (order, fact) in [
            ("Remember: too many cooks is no reason", "too many cooks is no reason"),
            (
                "Remember: for further trains the east door is used",
                "for further trains the east door is used",
            ),
            (
                "Remember that other than Ilse nobody has a key",
                "other than Ilse nobody has a key",
            ),
        ] {
            assert_eq!(read(order, false), Some(Order::This(fact.to_owned())), "{order}");
        }
    }

    #[test]
    fn an_order_may_stand_in_the_middle() {
        for (text, fact) in [
            (
                "We got it wrong twice, so please remember: row 4 is for the choir",
                "row 4 is for the choir",
            ),
            (
                "sory to break in, but plese remember: the small printer takes A5",
                "the small printer takes A5",
            ),
            (
                "the last list was off so pls remember once and for all, guests pay at the door",
                "guests pay at the door",
            ),
            (
                "Can you (a) keep the titles and (b) remember for good that posters hang at most two weeks",
                "posters hang at most two weeks",
            ),
            (
                "one sec - Ilse signs the vouchers - u need to remember that from now on - ok continue",
                "Ilse signs the vouchers",
            ),
            ("The loft is shut in May - remember that ok?", "The loft is shut in May"),
            (
                "Please you remember, the piano tuner comes every first Friday",
                "the piano tuner comes every first Friday",
            ),
            (
                "Could you do me a favour and keep in mind for all future plans: Ilse never works before ten",
                "Ilse never works before ten",
            ),
            (
                "Store the following: row 4 is for the choir.",
                "row 4 is for the choir.",
            ),
            ("save the following: Ilse signs the vouchers", "Ilse signs the vouchers"),
            ("Remember for good: row 4 is for the choir", "row 4 is for the choir"),
            (
                "for later, keep it somewhere: the side door sticks",
                "the side door sticks",
            ),
        ] {
            assert_eq!(read(text, false), Some(Order::This(fact.to_owned())), "{text}");
        }
        for text in [
            "Make the form ask for a name, and please remember that it was asked",
            "Hide the box and please remember: the visitor has closed the box",
            "Add a column so the page can remember: name, size, colour",
            "Store the following: name, size, colour",
            "Save the following file under its old name: plan",
            "Store the following:",
            "Store the totals: they are in the sheet",
            "Did you say that the hall is shut, and could you remember the date?",
        ] {
            assert_eq!(read(text, false), None, "{text}");
        }
    }

    #[test]
    fn an_order_may_stand_beside_a_task() {
        for (text, fact) in [
            (
                "Can you make the map bigger, and remember that the hall screen has only 600 lines?",
                "the hall screen has only 600 lines",
            ),
            (
                "please print the list by row; but note that row 4 is for the choir",
                "row 4 is for the choir",
            ),
            (
                "Print the labels, and please keep in mind: the small printer takes A5",
                "the small printer takes A5",
            ),
        ] {
            assert_eq!(read(text, false), Some(Order::This(fact.to_owned())), "{text}");
        }
        for text in [
            "Add a box for the size, and remember that choice across sessions",
            "The form asks for a name, and it should remember that visitors are guests",
            "Visitors log in, and remember that the code is theirs",
            "Make the form ask for the size and remember it",
            "Show the tour once, and remember that the guest has seen the end",
            "Hide the box, and remember that the visitor closed it",
            "Write the page on limits, and note that the hall has 40 seats",
            "Run the tests, but note that the build is red again",
        ] {
            assert_eq!(read(text, false), None, "{text}");
        }
    }

    #[test]
    fn how_many_follow_is_no_fact() {
        for text in ["remember these two", "Memorize these four"] {
            assert!(matches!(read(text, false), Some(Order::After(2..=4))), "{text}");
        }
        assert_eq!(read("Remember seven", false), Some(Order::This("seven".to_owned())));
    }

    #[test]
    fn the_head_of_a_list_is_no_fact() {
        for head in [
            "Remember these rules:",
            "Please keep these house rules in mind:",
            "Remember the following conventions:",
            "Please remember these 12 points:",
            "Keep in mind our deploy rules:",
            "Note the following please:",
            "Remember a few things:",
        ] {
            assert!(
                matches!(read(head, false), Some(Order::After(LIST))),
                "{head}: {:?}",
                read(head, false)
            );
        }
        for fact in [
            "Remember the door code: 4711",
            "Remember these rules are for guests only",
        ] {
            assert!(matches!(read(fact, false), Some(Order::This(_))), "{fact}");
        }
    }

    #[test]
    fn orders_in_many_words() {
        for (text, fact) in [
            ("Please remember that the lab closes at noon", "the lab closes at noon"),
            ("Remember: the lab closes at noon", "the lab closes at noon"),
            (
                "Before you go on, I would like that you memorize following: the lab closes at noon",
                "the lab closes at noon",
            ),
            (
                "While you're at it, please remember that the lab closes at noon",
                "the lab closes at noon",
            ),
            (
                "Would be great if you could remember that the lab closes at noon",
                "the lab closes at noon",
            ),
            (
                "It would be nice if you remember that the lab closes at noon",
                "the lab closes at noon",
            ),
            (
                "I'd appreciate it if you would remember that the lab closes at noon",
                "the lab closes at noon",
            ),
            (
                "I want that you remember the lab closes at noon",
                "the lab closes at noon",
            ),
            (
                "Could you remember that the lab closes at noon?",
                "the lab closes at noon",
            ),
            (
                "could you keep in mind that the lab closes at noon?",
                "the lab closes at noon",
            ),
            ("Don't forget: the lab closes at noon", "the lab closes at noon"),
            ("Remember that night shifts end at six?", "night shifts end at six"),
            ("don't forget the lab closes at noon", "the lab closes at noon"),
            ("Note for the future: the lab closes at noon", "the lab closes at noon"),
            ("For future reference, the lab closes at noon", "the lab closes at noon"),
            ("Save to your memory: the lab closes at noon", "the lab closes at noon"),
            (
                "Add a note to memory that the lab closes at noon",
                "the lab closes at noon",
            ),
            (
                "Commit this to memory: the lab closes at noon",
                "the lab closes at noon",
            ),
            ("Write this down: the lab closes at noon", "the lab closes at noon"),
            ("Make a note that the lab closes at noon", "the lab closes at noon"),
            ("Take a note: the lab closes at noon", "the lab closes at noon"),
            (
                "Please make a note for the team: the lab closes at noon",
                "the lab closes at noon",
            ),
            (
                "Leave a short note for the others that the lab closes at noon",
                "the lab closes at noon",
            ),
            ("# the lab closes at noon", "the lab closes at noon"),
            (
                "I want you to remember that the lab closes at noon",
                "the lab closes at noon",
            ),
            ("Remember, always: the lab closes at noon", "the lab closes at noon"),
            ("pls rember: the lab closes at noon", "the lab closes at noon"),
            (
                "pls burn this into your brain: the lab closes at noon",
                "the lab closes at noon",
            ),
            (
                "Could you remember that the lab closes at noon, right?",
                "the lab closes at noon",
            ),
            ("please remeber that the lab closes at noon", "the lab closes at noon"),
            ("note please, the lab closes at noon", "the lab closes at noon"),
            ("Note well: the lab closes at noon", "the lab closes at noon"),
            (
                "Remember from here on that the lab closes at noon",
                "the lab closes at noon",
            ),
            (
                "Log this as a standing fact: the lab closes at noon",
                "the lab closes at noon",
            ),
            ("Save this as a rule: the lab closes at noon", "the lab closes at noon"),
            (
                "Keep this for the paper: the lab closes at noon",
                "the lab closes at noon",
            ),
            (
                "Note this for the handbook: the lab closes at noon",
                "the lab closes at noon",
            ),
            ("Keep this above all: the lab closes at noon", "the lab closes at noon"),
            (
                "Hold this for the rest of the project: the lab closes at noon",
                "the lab closes at noon",
            ),
            (
                "Store this under house rules: the lab closes at noon",
                "the lab closes at noon",
            ),
            (
                "Please store this in memory: the lab closes at noon",
                "the lab closes at noon",
            ),
            ("The lab closes at noon, please remember that", "The lab closes at noon"),
            ("The lab closes at noon - keep that in mind", "The lab closes at noon"),
            ("Memo: the lab closes at noon", "the lab closes at noon"),
            (
                "And don't you forget it: the lab closes at noon",
                "the lab closes at noon",
            ),
            ("Never forget this - the lab closes at noon", "the lab closes at noon"),
            ("Note down, will you: the lab closes at noon", "the lab closes at noon"),
            (
                "Keep in mind please (important): the lab closes at noon",
                "the lab closes at noon",
            ),
            ("Bear in mind the lab closes at noon", "the lab closes at noon"),
            ("For your notes: the lab closes at noon", "the lab closes at noon"),
            (
                "oh and before I lose it again, can you remember that the lab closes at noon?",
                "the lab closes at noon",
            ),
            (
                "if a courier rings please remember the lab closes at noon",
                "if a courier rings, the lab closes at noon",
            ),
            ("i want u to remember the lab closes at noon", "the lab closes at noon"),
            (
                "It'd be cool if you'd remember the lab closes at noon",
                "the lab closes at noon",
            ),
            (
                "Please be so kind as to remember that the lab closes at noon",
                "the lab closes at noon",
            ),
            (
                "Don't you dare forget that the lab closes at noon",
                "the lab closes at noon",
            ),
            ("Let it be known that the lab closes at noon", "the lab closes at noon"),
            (
                "Something to bear in mind is that the lab closes at noon",
                "the lab closes at noon",
            ),
            (
                "What you should know is that the lab closes at noon",
                "the lab closes at noon",
            ),
            (
                "Do remember the lab closes at noon, won't you?",
                "the lab closes at noon",
            ),
            ("For you to remember: the lab closes at noon", "the lab closes at noon"),
            ("Remember, remember: the lab closes at noon", "the lab closes at noon"),
            (
                "Please memorise for all future chats: the lab closes at noon",
                "the lab closes at noon",
            ),
        ] {
            let got = read(text, true);
            assert_eq!(got, Some(Order::This(fact.to_owned())), "{text}");
        }
    }

    #[test]
    fn what_is_only_announced_follows() {
        for (text, count) in [
            ("I need you to remember two things.", 2),
            ("Can you remember something for me?", 1),
            ("Please remember three facts", 3),
        ] {
            assert_eq!(read(text, false), Some(Order::After(count)), "{text}");
        }
        for (text, first, more) in [
            ("Two things you should know: I live in Oulu.", "I live in Oulu.", 1),
            (
                "Three facts you need to remember: the mill opens at 8.",
                "the mill opens at 8.",
                2,
            ),
        ] {
            assert_eq!(
                read(text, false),
                Some(Order::AndAfter(first.to_owned(), more)),
                "{text}"
            );
        }
        let both = "Two things you should know: the vet is called Lund, the smith is called Mika";
        assert!(
            matches!(read(both, false), Some(Order::This(all)) if several(&all).len() == 2),
            "{both}"
        );
        for text in [
            "Two things you should know: how the vat works and where the key is",
            "Two things you should know before you start: the vat is hot.",
        ] {
            assert!(!matches!(read(text, false), Some(Order::AndAfter(..))), "{text}");
        }
        for text in [
            "Remember two keys hang there",
            "Remember something smells in hall 2",
            "Remember the two points of the compass rose",
        ] {
            assert!(matches!(read(text, false), Some(Order::This(_))), "{text}");
        }
    }

    #[test]
    fn pointing_orders() {
        assert_eq!(read("Remember that.", true), Some(Order::Before));
        assert_eq!(read("Keep this in mind", true), Some(Order::Before));
        assert_eq!(read("Remember these:", false), Some(Order::After(LIST)));
        for text in [
            "Have that in memory for the plans, please.",
            "hold this in your memory pls",
            "permanent rule",
            "This is a standing rule for everyone.",
        ] {
            assert_eq!(read(text, false), Some(Order::Near), "{text}");
        }
        assert_eq!(read("Write this one down somewhere safe.", false), Some(Order::Near));
        assert_eq!(read("Please remember the following:", false), Some(Order::After(LIST)));
    }

    #[test]
    fn several_things_in_one_sentence() {
        for (text, things) in [
            (
                "1) the vault opens at 8 2) Maja has the key, and 3) the alarm is armed at 6",
                vec!["the vault opens at 8", "Maja has the key", "the alarm is armed at 6"],
            ),
            (
                "Three things: the vet is Lund, the smith is Mika, and the hay comes from Oulu",
                vec!["the vet is Lund", "the smith is Mika", "the hay comes from Oulu"],
            ),
            (
                "two facts: the well is dry and the pump runs at night",
                vec!["the well is dry", "the pump runs at night"],
            ),
            (
                "three things: the vet is Lund, a kind man, and the smith is Mika",
                vec![],
            ),
            ("two things: salt and flour", vec![]),
            ("the vault has doors 1) and 2) on the left", vec![]),
            ("1) the vault opens at 8", vec![]),
        ] {
            assert_eq!(several(text), things, "{text}");
        }
    }

    #[test]
    fn how_many_follow() {
        for (text, count) in [
            ("Two things you need to keep straight for me.", 2),
            ("ok so 3 more facts you should know:", 3),
            ("There are four rules that I want you to remember", 4),
        ] {
            assert_eq!(counted(text), Some(Order::After(count)), "{text}");
        }
        for text in [
            "Two things you need to fix for me.",
            "Two things you need to know are the gate and the key",
            "Many things you should know",
        ] {
            assert_eq!(counted(text), None, "{text}");
        }
        for (text, told) in [
            ("One, the flour comes on Mondays", "the flour comes on Mondays"),
            ("secondly: the oven is new", "the oven is new"),
            ("One oven is new", "One oven is new"),
        ] {
            assert_eq!(without_count(text), told);
        }
    }

    #[test]
    fn what_should_stay_known() {
        for text in [
            "What I want you to remember is the lab closes at noon",
            "It should stay known that the lab closes at noon",
            "This has to remain on record: the lab closes at noon",
            "It would be nice if next time you know already: the lab closes at noon",
            "It would help if you remembered that the lab closes at noon",
        ] {
            assert_eq!(
                read(text, false),
                Some(Order::This("the lab closes at noon".to_owned())),
                "{text}"
            );
        }
        for text in [
            "It should stay open until noon",
            "It should be noted by the parser that the line ends",
            "It would be nice if you knew how to open the lab",
            "What I want you to know is where the lab is",
        ] {
            assert_eq!(read(text, false), None, "{text}");
        }
    }

    #[test]
    fn talk_about_remembering_is_no_order() {
        for text in [
            "Do you remember the lab?",
            "Remember the good old days?",
            "Remember that summer in the lab?",
            "Burn the old labels",
            "Permanent rules are kept in the lab",
            "Have that in the lab by noon",
            "Could you remember where the lab is?",
            "I remember that the lab closes",
            "When you remember the name, tell me",
            "If nobody remembers the code we reset it",
            "As long as we remember to water the plants",
            "Save the file",
            "Store the result in the cache",
            "Write a test for the note parser",
            "Write it down in the readme please",
            "I expect you to know this: what is the lab",
            "Add a note field to the form",
            "Keep the old one",
            "Keep this file as it is",
            "Note pleas for help in the log",
            "Treat this as a warning",
            "What you should know is where the lab is",
            "What to note is up to the lab",
            "It'd be cool if you'd fix the lab door",
            "Update the notes: the toll table is old",
            "Save the rams and keep that gate shut",
        ] {
            assert_eq!(read(text, true), None, "{text}");
        }
    }
}
