//! What "it" means in an order to forget: the sentence before the order names the thing, or tells it.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use super::forget::{ABOUT, KNOWN, YOURS};
use crate::text::clean::pattern;
use crate::text::sentence;
use crate::text::vocabulary::STOP;
use crate::text::words::{Value, features, tokens};

/// Someone regrets having told something: "I should not have told you my shoe size".
static REGRET: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:(?:oh|sorry|hm+|well|actually),? )?(?:(?:i|we) ?(?:(?:was|were)(?:n'?t| not| never) (?:really |actually )?(?:supposed|allowed|meant|permitted) to (?:tell|give|mention|share|let slip)(?: (?:you|to you|here))?|(?:am|are|'m|'re)(?:n'?t| not| never) (?:really |actually )?(?:supposed|allowed|meant|permitted) to (?:tell you|mention)|had no (?:business|right|permission) (?:telling|giving|mentioning|sharing|to (?:tell|give|mention|share))(?: (?:you|to you|here))?)|(?:i(?:['’]ve| have| had)? )?(?:should ?n[o']t have (?:told|given|mentioned|shared|sent|said|posted|written)(?: (?:you|to you|here))?|should not have (?:told|given|mentioned|shared|sent|said|posted|written)(?: (?:you|to you|here))?|regret (?:telling|giving|mentioning|sharing)(?: you)?|wish i had(?:n'?t| not| never) (?:told|given|mentioned|shared)(?: you)?|(?:told|gave) you|never should have (?:told|given|mentioned|shared)(?: you)?|mentioned|shared))\s+",
    )
});
/// "What I told you about the leave was not mine to share": it is the leave.
static TOLD_ABOUT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"(?i)^(?:oh,? |sorry,? |hm+,? |about )?(?:what|the thing|the things|that thing|everything|anything|all) (?:that )?(?:i|we)(?:'ve| have|'d| had)? (?:just |once |ever )?(?:told|said|mentioned|shared|gave|wrote|let slip|let out)(?: to)?(?: you)? {ABOUT} (?P<target>.+?)(?:\s+(?:was|were|is|are|isn'?t|wasn'?t|aren'?t|weren'?t|should|must|has|had|can|may|will|would|never|does|doesn'?t|did|didn'?t|came|comes|goes|went|stays?|got|gets|belongs?)\b.*)?[.!]*$"
    ))
});
/// "That note on the leave was wrong of me to give": it is the leave. A note of the work is only too long or outdated.
static TOLD_WRONGLY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"(?i)^(?:oh,? |sorry,? |hm+,? )?(?:that|the|this|my|what i (?:said|told you),?) (?:\w+ )?(?:notes?|remarks?|comments?|messages?|sentences?|lines?|things?|bits?|words?|stor(?:y|ies)|details?|info(?:rmation)?|facts?|hints?|mentions?) (?:(?:that )?(?:i|we)(?:'ve| have)? (?:gave|told|mentioned|shared|made)(?: to)?(?: you)? )?{ABOUT} (?P<target>.+?) (?:was|were|is|are|should|must|had|has|never|ought|slipped|came|got)\b[^.]*?\b(?:wrong of (?:me|us)|mistake|slip|slipped|blunder|indiscre\w+|not mine|not ours|(?:too|very) (?:private|personal)|private|confidential|secret|nobody's business|never have|not have|never to have|n't have|out of turn|too soon|careless|thoughtless|tactless|told in confidence)\b[^.]*[.!]*$"
    ))
});
/// What is done with what one is to know.
const KEEP: &str = r"(?:keep|store|remember|memori[sz]e|retain|save|know|note|hold on to)";

/// "It annoys Ana that her leave is on record here", "you still know my shoe size": what the agent holds.
static HELD: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    // Where agents keep what they know: a person's notes and a table of records are other things.
    let memory = format!("(?:{YOURS}|(?:the |our |shared |team |project )*memory)");
    [
        format!(
            r"(?i)^(?:.*?\b(?:that|because|since|why|how)\s+)?(?P<target>.{{3,80}}?)\s+(?:is|are|was|were|stands?|ended up|has been|have been|got|went|slipped|landed|came)\s+(?:still |now |even |also |actually |already )*(?:on (?:record|file)|(?:in|into|on) {memory}|noted|remembered|known to you|(?:stored|saved|kept|recorded|written down) (?:by|with|in) (?:you|your\b.*))\b[^,]*$"
        ),
        format!(
            r"(?i)^there(?:'s| is| are|'re) (?:still |even )?(?:an?|the|some|one|\w+) (?:lines?|notes?|entry|entries|facts?|words?|mentions?|records?|traces?) (?:on|about|of|for|with) (?P<target>.{{3,80}}?) in {memory}\b.*$"
        ),
        // "She asked us to keep nothing about the leave", "the deposit must not be stored".
        r"(?i)\b(?:asks?|asked|wants?|wanted|told|begs?|begged|would like|prefers?|preferred)\b[^.,:;]{0,20}?\b(?:(?:not|never) to (?:keep|store|remember|record|save|note|know|hold)(?: on to)?(?: (?:a |any |such |these |those |more )?(?:anything|word|things?|remarks?|notes?|comments?|details?|information)(?: like (?:that|this|these|those))?)?|(?:to )?(?:keep|store|remember|record|save|note|know) (?:nothing|no (?:notes?|records?|remarks?|details?)))\s+(?:about|on|of|regarding)\s+(?P<target>.{3,80}?)[.!]*$".to_owned(),
        r"(?i)^(?P<target>.{3,80}?)\s+(?:must|should|may|can|is|are|was|were|ought)(?:n'?t| not| never)\s+(?:allowed |supposed |meant |to )*be (?:stored|kept|remembered|recorded|noted|saved|written down|known|here|in here|in there)\b.*$".to_owned(),
        format!(
            r"(?i)^(?:.*?\b)?you (?:still|apparently|obviously|seem to|even)(?: still)? (?:know|remember|have|keep|hold|list)\s+(?P<target>.{{3,80}}?)(?: (?:on (?:record|file)|in {memory}))?[.!?]*$"
        ),
        format!(
            r"(?i)^(?:what(?:ever)?|everything|anything|all)(?: that)? you(?:['’]ve| have)? {KNOWN}(?: down)? {ABOUT} (?P<target>.{{3,80}}?)[.!]*$"
        ),
        // "You aren't supposed to know who pays the rent", "nobody outside may know what the boat is called".
        r"(?i)^(?:.*?\b)?you (?:(?:must|should)(?:n['’]?t| not| never)|(?:are|were)(?:n['’]?t| not| never) (?:really )?(?:supposed|allowed|meant) to|have no (?:business|right|need) to) (?:know|remember) (?:about |of )?(?P<target>.{3,80}?)[.!]*$".to_owned(),
        r"(?i)^(?:.*?\b)?(?:nobody|no[ -]one|not a soul)(?: else| outside(?: (?:the|our) [\w-]+)?| in (?:the|our) [\w-]+)? (?:may|must|should|shall|is (?:(?:supposed|allowed|meant) )?to) (?:ever )?(?:know|hear|learn|find out)(?: about| of)? (?P<target>.{3,80}?)[.!]*$".to_owned(),
        // "The man with the two vans: we may hold nothing about him any more".
        r"(?i)^(?P<target>[^,;:.!?]{3,80}): (?:[^:]*?\b)?(?:we|i|you)\b[^:]{0,60}?\b(?:(?:may|must|can|should|are to|have to|want to) (?:keep|hold|store|have|retain|know|remember|save) (?:nothing|no (?:data|notes?|records?|details?|information))|(?:may|must|can|should)(?:n['’]?t| ?not| no longer| never) (?:keep|hold|store|have|retain|know|remember|save) (?:anything|any (?:data|notes?|records?|details?|information)))(?: (?:more|else))? (?:about|on|of|regarding|concerning) (?:him|her|them|it|that)\b[^:]*$".to_owned(),
        // "We agreed to keep the code word off the record".
        r"(?i)^(?:.*?\b)?(?:agreed|decided|promised|asked|wants?|wanted|have|has|had|ought|like) (?:(?:us|you|me) )?to keep (?P<target>(?:the|my|our|his|her|their|what|who|[\w-]+['’]s)\b[^,;:]{2,60}?) (?:off the record|out of (?:the|our|your|any|all) (?:\w+ )?(?:notes|records|files|books|memory)|secret|private|confidential|to (?:ourselves|myself)|between us|quiet|under wraps)\b[^,;:]{0,20}$".to_owned(),
        // "The offer was told to me in confidence", "Ida's age is private", "that loan never happened for you".
        r"(?i)^(?P<target>.{3,80}?) (?:was|were) (?:told|said|mentioned|confided) (?:(?:to )?(?:me|us|you) )?(?:in confidence|in private|confidentially|privately|off the record|as a secret)\b.*$".to_owned(),
        r"(?i)^(?P<target>(?:my|his|her|their|(?-i:[A-Z])[\w’-]*['’]s) [^,;:]{2,60}?) (?:is|are|was|were|(?:must|should) (?:stay|remain)|stays?|remains?) (?:[a-z]+ )?(?:private|personal|secret|confidential|nobody['’]s business|none of (?:your|our|my) business|between (?:us|them))\b[^,;:]*$".to_owned(),
        r"(?i)^(?P<target>(?:the|that|this|my|our|his|her|their) [^,;:]{2,60}?) (?:thing|matter|stuff|story|business|news|bit|part) (?:is|was|stays|remains|must stay|has to stay) (?:[a-z]+ )?(?:private|personal|secret|confidential|sensitive|nobody['’]s business|none of (?:your|our|my) business|between us|under nda)\b[^,;:]*$".to_owned(),
        r"(?i)^(?P<target>.{3,80}?) (?:never happened|never existed|does not exist|doesn['’]t exist) (?:for you|to you|as far as you(?:['’]re| are) concerned|between us)\b.*$".to_owned(),
        r"(?i)^what (?:else )?(?:do|did) you (?:still )?(?:have|know|keep|hold|remember|note) (?:on|about|of)\s+(?P<target>.{3,80}?)[?.!]*$".to_owned(),
    ]
    .iter()
    .map(|text| pattern(text))
    .collect()
});
/// "The sum of the deposit: I spoke too soon", "as for the leave, I spoke too soon": the topic stands in front.
static TOPIC: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:(?:about|as for|as to|regarding|concerning|when it comes to|on the subject of)\s+(?P<about>[^,:.!?]{3,60})[,:]\s|(?P<target>[^:.!?]{3,60}):\s)",
    )
});
/// What is said of the thing.
static SAID_OF_IT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\s+(?:is|are|was|were|has|have|should|must|may|can|does|do|isn'?t|aren'?t|stays?|remains?|got|goes|went|came|belongs?|never|will|would|won'?t|can'?t|cannot)\b.*$",
    )
});
/// "The endpoint you stored …"
static HOW_KNOWN: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"(?i)\s+(?:that |which )?(?:you|i|we)(?:'ve| have)? (?:{KNOWN}|gave|given|told|mentioned|shared|sent)\b.*$"
    ))
});

/// What a sentence names that speaks of what the agent was told or keeps.
pub(super) fn told(sentence: &str) -> Option<String> {
    let named = TOLD_ABOUT
        .captures(sentence)
        .or_else(|| TOLD_WRONGLY.captures(sentence))
        .or_else(|| HELD.iter().find_map(|held| held.captures(sentence)));
    named
        .and_then(|found| found.name("target"))
        .map(|target| target.as_str())
        .or_else(|| REGRET.find(sentence).map(|found| without_why(&sentence[found.end()..])))
        .map(str::to_owned)
        .or_else(|| asked_not_to_have(sentence))
}

/// "Ida asked me not to have her age lying around": the age of Ida.
fn asked_not_to_have(sentence: &str) -> Option<String> {
    static ASKED: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?P<who>(?-i:[A-Z])[\w’-]+\.?(?: (?-i:[A-Z])[\w’-]+)?) (?:(?:has|just|also) )*(?:(?:asks?|asked|wants?|wanted|begs?|begged|told|prefers?|preferred)(?: (?:me|us|you))? (?:not|never) to (?:have|leave|keep|see|find|let)|(?:does|did)(?:n['’]?t| not) want) (?:his|her|their) (?P<thing>[^,;:.!?]{2,40}?) (?:(?:lying|floating|hanging) (?:around|about)|around|on (?:file|record)|in (?:here|your notes)|anywhere|written down|noted|out there|kept|stored|saved|remembered|recorded)[.!]*$",
        )
    });
    let found = ASKED.captures(sentence.trim())?;
    let who = &found["who"];
    let named = !STOP.contains(who.to_lowercase().as_str()) && !matches!(who, "She" | "He" | "They" | "Somebody");
    named.then(|| format!("{} of {who}", &found["thing"]))
}

/// "Ruth's leaving - her team does not know yet": the clause that names the thing.
fn without_why(told: &str) -> &str {
    let first = sentence::clauses(told).into_iter().next();
    first.filter(|first| names_a_thing(first)).unwrap_or(told)
}

/// "Legal doesn't want the code name anywhere": what an order means that speaks of memory itself. It is said of things of
/// the work as well.
fn unwanted(sentence: &str) -> Option<&str> {
    static UNWANTED: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:(?:do(?:es)?|did)(?:n'?t| not)|no longer|never) wants? (?:(?:us|you|me|anyone|anybody) to (?:have|keep|know|hold) )?(?P<target>(?:the|my|our|his|her|their|[\w'’-]+'s) [^,;:]{2,80}?)(?: (?:to be |to stand )?(?:anywhere|around|stored|kept|noted|known|recorded|remembered|saved|written down|on (?:record|file)|in (?:writing|any \w+|there|here)))+[.!]*$",
        )
    });
    let target = UNWANTED.captures(sentence)?.name("target")?.as_str();
    names_a_thing(target).then_some(target)
}

/// "The boss says the ash must not be written down anywhere", "Ruth doesn't want that known": said beside an order to
/// forget, it says why. A rule on things of a kind is told for itself.
pub(super) fn says_why(sentence: &str) -> bool {
    static NOT_KEPT: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:must|should|may|can|is|are|was|were)(?:n['’]?t| not| never) (?:(?:supposed|allowed|meant) )?(?:to )?be (?:written down|noted|stored|kept|saved|recorded|remembered|known|told|passed on|on (?:file|record)|in (?:any|our|your) (?:notes|memory|files|records))(?: (?:anywhere|at all|down|here|any ?more|any longer|yet|by (?:you|us|any ?(?:one|body))))*[.!]*$",
        )
    });
    static NOT_WANTED: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:(?:do(?:es)?|did)(?:n['’]?t| not)|no longer|never) (?:want|like)s? (?:it|that|this|them|those|(?:the|my|our|his|her|their) [^,;:]{2,40}) (?:to be |to get )?(?:known|kept|stored|noted|remembered|recorded|saved|written down|on (?:file|record)|out|around)(?: (?:anywhere|at all|here))*[.!]*$",
        )
    });
    static SECRET: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:is|are|stays?|remains?|(?:must|should|has to|have to) (?:stay|remain|be)) (?:strictly |really |very |still |to be kept |kept )*(?:secret|confidential|quiet|between us|off the record|under wraps|under nda|nobody['’]s business|none of (?:your|our|their) business|in the family)[.!]*$",
        )
    });
    static OF_A_THING: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:(?:the |my |our )?[\w'’-]+ (?:says?|said|insists?|thinks?|wants?|wishes|told (?:me|us))(?: that)? )?(?:the|my|our|his|her|their|that|this|it|these|those|they|what|who|[\w-]+['’]s|(?-i:[A-Z])[\w-]+ (?:(?:does|did)(?:n['’]?t)?|no|never))\b",
        )
    });
    [&NOT_KEPT, &NOT_WANTED, &SECRET]
        .iter()
        .any(|why| why.is_match(sentence.trim()))
        && OF_A_THING.is_match(sentence)
}

/// "We are not allowed to store that about Mr Drummle": of whom, or of what, nothing is to be kept. It is said of the data
/// of the work as well.
fn kept_about(sentence: &str) -> Option<&str> {
    const NOT: &str = r"(?:(?:am|are|is|were|was)(?:n['’]?t| not| no longer)(?: really)? (?:allowed|permitted|supposed|meant|entitled) to|(?:must|should|may|can|could|ought)(?:n['’]?t|['’]t|not| not| never)(?: to)?|(?:have|has) no (?:right|business|permission|consent) to|(?:forbidden|illegal|unlawful|not (?:ok(?:ay)?|legal|allowed|right|fair)) to|(?:nobody|no one) (?:may|must|should|can|is to))";
    const LIKE: &str = r"(?: (?:kind|sort) of (?:thing|stuff)| like (?:that|this)| down| on (?:record|file))*";
    static NOTHING_ABOUT: LazyLock<Regex> = LazyLock::new(|| {
        pattern(&format!(
            r"(?i)\b{NOT} (?:{KEEP}|record|write|hold|have)(?: down)? (?:(?:that|this|it){LIKE} (?:about|regarding|concerning)|(?:things?|something|anything|everything|such (?:an? )?[a-z]+|notes?|records?|data|details|remarks?|information){LIKE} (?:on|about|regarding|concerning)) (?P<target>[^,;:.!?]{{3,60}}?)(?: (?:in (?:here|there|memory|your [a-z]+)|here|at all|any ?more|any longer))*[.!]*$"
        ))
    });
    Some(NOTHING_ABOUT.captures(sentence)?.name("target")?.as_str())
}

/// "Please don't retain the rent of the shop": what is not to be kept.
pub(super) fn not_to_keep(sentence: &str) -> Option<&str> {
    static NOT_TO_KEEP: LazyLock<Regex> = LazyLock::new(|| {
        pattern(&format!(
            r"(?i)\b(?:don['’]?t|do not|never|(?:must|should) not|no (?:need|reason)(?: for you)? to|(?:asks?|asked|tells?|told|begs?|begged|wants?|wanted|orders?|ordered) (?:us|me|you) (?:not|never) to) (?:{KEEP}|(?:write|note|put) down) (?P<target>(?:the|my|our|his|her|their|that|what|who|[\w’-]+['’]s) [^,;.:!?]{{2,80}}?)(?: (?:anywhere|at all|any ?more|any longer))*[.!]*$"
        ))
    });
    let target = NOT_TO_KEEP.captures(sentence)?.name("target")?.as_str();
    names_a_thing(target).then_some(target)
}

/// "You must not keep the curator's salary": what somebody has, and an agent is not to keep. What is not to be kept in some
/// place, or open, is a rule for the work.
pub(super) fn not_for_you_to_keep(sentence: &str) -> Option<&str> {
    static NOT_FOR_YOU: LazyLock<Regex> = LazyLock::new(|| {
        pattern(&format!(
            r"(?i)^(?:(?:and|but|so|sorry|please|actually|no|oh),? )*you (?:(?:must|should|may|can|ought)(?:n['’]?t| not| never)(?: to)?|cannot|(?:are|were)(?:n['’]?t| not) (?:allowed|supposed|meant) to) {KEEP} (?P<target>(?:(?:my|our|his|her|their)|(?:(?:the|our|my) )?[\w-]+['’]s)(?: [\w’'-]+){{1,3}})[.!]*$"
        ))
    });
    let target = NOT_FOR_YOU.captures(sentence)?.name("target")?.as_str();
    (!says_where(target)).then_some(target)
}

/// "In a drawer", "open": what is not to be kept there, or so, is known all the same.
pub(super) fn says_where(target: &str) -> bool {
    static SOMEWHERE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:in|on|at|under|inside|into|near|by|open|closed|shut|here|there|up|out|away|waiting|\w+ing)\b",
        )
    });
    SOMEWHERE.is_match(target)
}

/// Whether someone regrets in a sentence to have told something.
pub(super) fn is_regretted(sentence: &str) -> bool {
    static REGRETS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:too (?:soon|quick|fast|early|much)|out of turn|should ?n[o']t have|should not have|(?:a|my|by) mistake|by accident|confidential|between us|not mine to (?:tell|share))\b",
        )
    });
    told(sentence).is_some() || REGRETS.is_match(sentence)
}

/// What an order means that says "it" and speaks of memory.
pub(super) fn of(sentence: &str) -> String {
    told(sentence)
        .or_else(|| kept_about(sentence).map(str::to_owned))
        .or_else(|| unwanted(sentence).or_else(|| not_to_keep(sentence)).map(str::to_owned))
        .or_else(|| topic(sentence).map(str::to_owned))
        .or_else(|| given_up(sentence).map(str::to_owned))
        .unwrap_or_else(|| HOW_KNOWN.replace(sentence, "").into_owned())
}

/// "I stopped with the choir", "we no longer have the allotment": what someone has, or had, to do with.
fn given_up(sentence: &str) -> Option<&str> {
    static HAD: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:(?:oh|so|well|actually|sorry)[, ]+)?(?:i|we|he|she|they)(?:'ve|'m|'re|'s| have| has| am| are| is)? (?:[\w'’]+ ){1,4}?(?P<target>(?:the|my|our|his|her|their|that) (?:[\w'’-]+ ){0,3}[\w'’-]+)[.!]*$",
        )
    });
    let target = HAD.captures(sentence)?.name("target")?.as_str();
    names_a_thing(target).then_some(target)
}

/// The topic that stands in front of a sentence.
pub(super) fn topic(sentence: &str) -> Option<&str> {
    let found = TOPIC.captures(sentence)?;
    let target = found.name("about").or(found.name("target"))?.as_str();
    names_a_thing(target).then_some(target)
}

/// The thing alone of a sentence that says no value of it: "the move is still under wraps" need not be what memory
/// says, "the relay is in hall 4" is.
pub(super) fn thing_of(sentence: &str) -> Option<&str> {
    let said = SAID_OF_IT.find(sentence)?;
    let thing = &sentence[..said.start()];
    // When it is over says nothing of it: "under wraps until July".
    let said_values = features(said.as_str(), &BTreeSet::new()).values;
    let tells = said_values.keys().any(|kind| !matches!(kind, Value::Alternative(_)));
    (!tells && names_a_thing(thing)).then_some(thing)
}

/// A plain word that says what is meant: a name alone would take all that is known of it.
fn names_a_thing(text: &str) -> bool {
    tokens(text)
        .iter()
        .any(|token| token.raw.starts_with(char::is_lowercase) && !STOP.contains(token.raw.to_lowercase().as_str()))
}
