//! Outright orders to forget.

mod not_to_keep;
mod off_record;
mod target;
#[cfg(test)]
mod tests;
mod whole;

use std::sync::LazyLock;

use regex::Regex;

pub use self::not_to_keep::is_not_to_keep;
pub(super) use self::not_to_keep::{IfHeld, read as read_if_held};
pub(super) use self::off_record::{OffRecord, read as read_off_record};
pub(super) use self::target::of_what;
use self::target::{clean, is_pointer, of_whom, restated, split_off, who};
pub use self::whole::Whole;
pub(super) use self::whole::may_be_of_the_work;
use super::task::is_task;
use super::{antecedent, is_question, pronoun, remember, task};
use crate::text::clean::{SOURCE, pattern};
use crate::text::sentence;
use crate::text::vocabulary::number;

/// What is to be forgotten, and what was said to hold instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Forget {
    pub target: String,
    pub instead: Option<String>,
    /// "Scratch what I said about handler names, they are `snake_case`": nothing goes, the thing has another value.
    pub restated: Option<String>,
    /// The order itself says "it", or "her": what that is, or who, was named before.
    pub points: bool,
    /// It speaks of memory or of what was told: "forget it" alone is as often said of the work.
    pub outright: bool,
}

const POLITE: &str = r"(?:(?:ok(?:ay)?|and|also|so|but|oh|hey|(?:please|pls)(?: to)?|kindly|just|now|actually|sorry|no|i (?:want|need|ask) (?:yo)?u to|i(?:'d| would) (?:like|prefer) (?:(?:yo)?u to|that (?:yo)?u)|i(?:'d| would) rather (?:yo)?u|(?:can|could|would|will) (?:yo)?u(?: please)?|(?:yo)?u (?:can|should|must|may|might|need to|have to)(?: now| please| safely)?|make sure (?:(?:yo)?u|to)|be sure to|let'?s|we (?:should|must|need to)|completely|immediately|now|maybe|perhaps|(?:on|upon) (?:reflection|second thoughts?)|go ahead and|from now on|do (?:me|us) (?:a|the|one|this) (?:[a-z]+ )?favou?r(?: and)?|be so (?:kind|good|nice) (?:and|as to)|feel free to|(?:i|we) (?:must|have to|need to) ask (?:yo)?u to|(?:i|we) beg (?:yo)?u to|(?:i|we)(?:['’]d| would) (?:appreciate it|be (?:[a-z]+ )?(?:glad|happy|grateful|thankful)) if (?:yo)?u(?: could| would)?|(?:it |that )?would be (?:[a-z]+ )?(?:good|nice|great|kind|best|better|lovely|helpful)(?: of (?:yo)?u)? (?:if (?:yo)?u(?: could| would)?|to))[,:!]?\s+)*";
const MEMORY: &str = r"(?:(?:your|ur|yr|the|our|my|all|any|an? (?:shared|common|team)|long[- ]term|team|shared|project|everyone's)\s+)*(?:memor(?:y|ies)(?:[ .](?:md|files?|store|bank|folder))?|notes?(?: files?)?|mind|brain|head|knowledge(?: base)?|records?|notebook|files? on me|profile|(?:what(?:ever)?|anything|everything|wherever|all)(?: that| which)? you(?:'ve| have)? (?:it |that )?(?:stored?|saved?|kept|noted|written|recorded|know|knew|remember(?:ed)?|keep|hold|have|put (?:it|that))(?: down)?)";
const DELETE: &str = r"(?:delete|remove|erase|drop|purge|wipe|scrub|clear|strike|take|get rid of|discard|expunge|unlearn|cut|throw|kick|clean|scratch|redact|eliminate|lose|destroy|undo|retract|pull|omit|bin|ditch|nuke|zap|chuck|scrap|banish|kill)";
pub(super) const KNOWN: &str = r"(?:noted|stored|saved|remember(?:ed)?|know|knew|kept|wrote|written|recorded|learn(?:ed|t)|have|hold|got|heard|were told|was told|memori[sz]ed|keep|store|logged|jotted|collected|gathered|picked up)";
pub(super) const ABOUT: &str =
    r"(?:about|on|regarding|concerning|of|related to|relating to|with regard to|around|in connection with)";

/// What only an agent has: a program has a memory, too.
pub(super) const YOURS: &str =
    r"(?:your|ur|yr)\s+(?:\w+\s+)?(?:memor(?:y|ies)|notes|notebook|records|head|mind|knowledge)";

/// "I told you that by mistake", "we should never have told you": what was told, not what was ordered.
const REGRETS: &str = r"(?:i|we)(?:(?: spoke|['’]ve spoken| have spoken) (?:out of turn|too (?:soon|early|freely))\b|(?:['’]d| had|['’]ve| have)? (?:told u|(?:told you|mentioned|said|shared|gave you|let)(?: (?:it|that|this|them|those|about (?:it|that|them)))?(?: with you| to you| slip)?) (?:only |just |purely )?(?:by (?:mistake|accident)|too (?:soon|early|fast)|in confidence|out of turn|mistakenly|accidentally|prematurely)\b|['’]?(?:d| had)? ?(?:should|ought)(?:n['’]?t| not| never)(?: to)? have (?:told|said|shared|mentioned|given)(?: (?:you|u|it|that|this|them|those|with|about|to))*\s*(?:[,;.!–—-]|$))";

/// "You don't need to remember …": the need is over.
const NO_NEED: &str = r"(?:(?:there(?:['’]s| is) )?no (?:longer any |more )?(?:need|reason)(?: for you)? to|(?:yo)?u (?:don['’]?t|do not|no longer) (?:need|have) to)";

/// "Ida's", in front of what she has.
const OWNER: &str = r"(?-i:[A-Z])[\w’-]*['’]s";

/// "We tore it down", "it no longer exists": only what is known of it is left.
const GONE: &str = r"(?:(?:because|since|as|for) )?(?:(?:i|we|he|she|they)(?:['’]ve| have| had)? (?:already |just |now |long since )*(?:(?:tore|torn|sold|closed|dissolved|scrapped|dismantled|demolished|g[eo]t rid of|cancell?ed)\b|(?:gave|given) (?:it|them|that) up|called (?:it|them|that) off|shut (?:it|them|that) down)|(?:it|that|they)(?:['’]s| is|['’]re| are| was| were| has| have)(?: been)? (?:already |just |now |long )*(?:gone|dead|history|sold|closed|dissolved|scrapped|dismantled|demolished|cancell?ed|torn down|shut down|called off)|(?:it|that|they) (?:no longer exists?|(?:does not|doesn['’]t|do not|don['’]t) exist))";

static FORMS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    [
        // forget …
        format!(r"(?is)^{POLITE}(?:forget|un-?(?:remember|learn|know|note|save)|dis-?remember|(?:would|do) you mind forgetting)\b\s*(?P<target>.*)$"),
        // would it be possible to forget …
        format!(r"(?is)^{POLITE}(?:(?:is|would) it (?:be )?possible(?: for (?:yo)?u)?|are (?:yo)?u able) to (?:forget|unlearn)\s+(?P<target>(?:about\s+)?(?:my|our|his|her|their|the|what|who|where|{OWNER})\b.*)$"),
        // could you not remember …
        format!(r"(?is)^{POLITE}(?:(?:can|could|would|will) (?:yo)?u(?: please| kindly)?|do (?:me|us) (?:a|the|one|this) (?:[a-z]+ )?favou?r and) not (?:remember|recall|memori[sz]e)\s+(?P<target>(?:the|who|where|{OWNER})\b.{{3,80}})$"),
        // I'd feel better without … in your notes
        format!(r"(?is)^{POLITE}(?:i|we)(?:['’]d| would) (?:(?:feel|be|sleep) (?:\w+ ){{1,2}}without|(?:rather|prefer to|like to) not (?:have|see|find)|(?:rather|prefer) not to (?:have|see|find))\s+(?P<target>.+?)\s+(?:in|on)\s+{YOURS}\b.*$"),
        // I don't want my … in your notes, don't have my … in your notes
        format!(r"(?is)^{POLITE}(?:(?:i|we) )?(?:don['’]?t|do not|no longer) (?:want|like|have|carry|list)\s+(?P<target>(?:my|his|her|their|who|whose|{OWNER})\b.*?)\s+(?:in|on)\s+{YOURS}\b.*$"),
        // … has to be out of your memory
        format!(r"(?is)^(?P<target>(?:my|our|his|her|their|the|that|who|what|{OWNER})\b.{{3,120}}?)\s+(?:should|must|needs?|has|have|ought)\s+(?:to )?(?:(?:be|get|come)\s+out of\s+{YOURS}\b.*|leave\s+{YOURS}(?:,? (?:please|pls|now|today))*[.!]*)$"),
        // everything about … out of your memory
        format!(r"(?is)^{POLITE}(?P<target>(?:(?:everything|anything|all)(?: you know)? {ABOUT}|my|his|her|their|{OWNER})\s[^,;:]{{2,60}}?)[,:]? out of {YOURS}(?:,? (?:please|pls|now|at once|right away|with it))*[.!]*$"),
        // could … be removed from your notes?
        format!(r"(?is)^(?:can|could|would|may) (?P<target>(?:my|our|his|her|their|the|what|{OWNER})\b.+?) (?:please |kindly )?be (?:removed|deleted|erased|wiped|struck|forgotten|purged|dropped|taken) (?:from|out of|off) {YOURS}\b.*$"),
        // can we delete the entry on my …?
        format!(r"(?is)^(?:can|could|shall|may) we(?: please| just)? {DELETE} (?:the|that|your|any|every) (?:notes?|entry|entries|facts?|lines?|memor(?:y|ies)|records?) {ABOUT}\s+(?P<target>(?:my|his|her|their|who|{OWNER})\b.+)$"),
        // I want it gone from your notes
        format!(r"(?is)^{POLITE}(?:i|we)(?:'d| would)? (?:want|need|like|prefer|wish) (?P<target>.+?) (?:to be |to get )?(?:gone|out|removed|deleted|erased|wiped|struck|taken out|purged|forgotten)(?: again| please)* (?:from|of|out of|in) {MEMORY}\b.*$"),
        // erase who …
        format!(r"(?is)^{POLITE}(?:erase|wipe|scrub|purge|unlearn|strike|expunge)\s+(?P<target>(?:who|whose|whom|where|how much|how many)\b.{{3,80}})$"),
        // delete everything you noted about …
        format!(r"(?is)^{POLITE}{DELETE}\b.{{0,40}}?\b(?:everything|anything|all|whatever|what|things?|stuff|notes?|facts?|data|information|info)\b.{{0,30}}?\b(?:you|we|that|i|was|is|been|ever|have|had|'ve)\b.{{0,30}}?\b(?:{KNOWN}|told|said|mentioned|shared)\b(?:\s+(?:you|down|so far|earlier|before|in {MEMORY}))*\s+{ABOUT}\s+(?P<target>.+)$"),
        // remove … from memory
        format!(r"(?is)^{POLITE}{DELETE}\b\s*(?P<target>.*?)\s*\b(?:from|out of|in|off|of|within)\s+{MEMORY}\b.*$"),
        // delete her name wherever you have it
        format!(r"(?is)^{POLITE}{DELETE}\b\s*(?P<target>.{{3,80}}?),?\s+(?:wherever|everywhere|any ?where)(?: that)? you(?:'ve| have|'re| are| may have| might have)?(?: (?:got|noted|stored|saved|kept|recorded|keep|store|know|hold|remember|keeping|holding))?(?: (?:it|that|them|him|her|this))?(?: down)?(?:,? please)?[.!]*$"),
        // get my … out of your head, let my … slip your mind
        format!(r"(?is)^{POLITE}(?:get|put|push|drive|let)\s+(?P<target>.+?)\s+(?:(?:(?:slip|fade|drop|go|fall)\s+)?out of|(?:slip|fade|drop|fall)\s+from|slip)\s+(?:your|ur)\s+(?:memory|mind|head|brain)\b.*$"),
        // let go of my …
        format!(r"(?is)^{POLITE}let go of\s+(?P<target>(?:my|our|his|her|their|what|who|where|{OWNER})\b.+)$"),
        // leave my … out of your notes
        format!(r"(?is)^{POLITE}(?:leave|keep|hold)\s+(?P<target>(?:my|our|his|her|their|this|that|these|those|it|them|the|what|everything|anything|\w+'s)\b.*?)\s+(?:out of|away from|off)\s+{MEMORY}\b.*$"),
        // you must not know who …
        format!(r"(?is)^(?:{POLITE}you )(?:(?:must|should)(?:n'?t| not| never| no longer)|(?:are|were) (?:not |never )(?:supposed|allowed|meant) to|have no (?:business|need|right) (?:to|of))\s+(?:know|remember|memori[sz]e|knowing|remembering)\s+(?P<target>(?:about|of|who|whom|what|where|when|how much|which|my|mine|our|his|her|their|anything|that|this|it|(?-i:[A-Z])\w*'s)\b.*)$"),
        // … is not something you should know
        r"(?is)^(?P<target>.{3,120}?)\s+(?:(?:is|are|was|were)(?:n['’]?t| not| never| no longer)(?: really)?(?: something| anything| a thing| things)?|(?:is|are|was|were) nothing)(?: that)?\s+(?:for you to|you (?:should|must|ought to|(?:are|were) (?:supposed|meant|allowed) to))\s+(?:know|remember|keep|store|hold|retain)\b.*$".to_owned(),
        // there is no reason for you to remember my …
        format!(r"(?is)^{POLITE}{NO_NEED}\s+(?:remember|memori[sz]e|retain|hold on to)\s+(?P<target>(?:my|mine|his|her|their|who|whom|whose|{OWNER})\b.*)$"),
        // you don't need to know about … any more
        format!(r"(?is)^{POLITE}{NO_NEED}\s+(?:remember|memori[sz]e|know|hold on to)\s+(?P<target>(?:about|that|the|what|when|who|where|my|our|his|her|their|{OWNER})\b.{{3,80}}?),?\s+(?:any ?more|any longer)\b.*$"),
        // no need to keep … on file
        format!(r"(?is)^{POLITE}{NO_NEED}\s+(?:keep|store|have|hold|list|retain)\s+(?P<target>(?:my|mine|his|her|their|who|whose|{OWNER})\b.{{1,80}}?)\s+(?:on (?:file|record)|noted|(?:in|on) {YOURS})\b.*$"),
        // you don't have to remember that …
        format!(r"(?is)^{POLITE}{NO_NEED}\s+(?:remember|memori[sz]e)\s+that\s+(?P<target>(?:the|my|our|his|her|their|(?-i:[A-Z])[\w'’-]+)\b.{{3,120}})$"),
        // make sure … isn't stored anywhere
        format!(r"(?is)^{POLITE}(?:(?:make|be) sure|ensure|see to it)(?: that)?\s+(?P<target>(?:my|his|her|their|who|{OWNER})\s[^,;:.]{{2,60}}?)\s+(?:is|are|does|do)(?:n['’]?t| not| never| no longer)\s+(?:stored|kept|saved|remembered|recorded|noted|written down|stay|stand|appear)(?: (?:anywhere|in (?:here|there|{MEMORY})|at all|any ?more|any longer|by you))+(?:,? (?:please|pls))?[.!]*$"),
        // wipe the … stuff you saved
        format!(r"(?is)^{POLITE}{DELETE}\s+(?P<target>(?:the|that|those|my|our|his|her|their|{OWNER}) [^,;.:]{{2,60}}?)\s+(?:stuff|things?|bits?)\s+(?:that |which )?you(?:['’]ve| have)? (?:noted|stored|saved|kept|remember(?:ed)?|memori[sz]ed|jotted|collected)(?: down| away| earlier| before| about (?:me|us|him|her|them))*(?:,? please)?[.!?]*$"),
        // delete the note about …
        format!(r"(?is)^{POLITE}{DELETE}\b\s+(?:the|that|this|any|all|your|every|those|my|our)?\s*(?:memor(?:y|ies)|notes?|entr(?:y|ies)|facts?|records?|lines?|mentions?|references?|traces?|copies|information|info|data)\s+(?:{ABOUT}|for|to|with|containing|that (?:says?|mentions?|mention))\s+(?P<target>.+)$"),
        // nothing about … may stay in your notes
        format!(r"(?is)^{POLITE}(?:no(?: more)? (?:mentions?|trace|words?|lines?|notes?|records?)|nothing(?: more)?)\s+(?:{ABOUT})\s+(?P<target>.+?)\s+(?:may|must|can|should|shall|will|ought to|needs? to|is to|is allowed to)\s+(?:ever |still |be )*(?:be|stay|remain|stand|live|linger|survive|left|kept|found|stored|noted|recorded)\s+(?:in|on)\s+{YOURS}\b.*$"),
        // NDA signed: nothing about … may be stored
        format!(r"(?is)^(?:[^:.!?]{{2,40}}: )?(?:nothing|no (?:mention|word|note|record))\s+(?:{ABOUT})\s+(?P<target>(?:(?:my|his|her|{OWNER})\s|(?-i:[A-Z]))[^,;:.!?]{{2,60}}?)\s+(?:may|must|can|should|shall|is to|is allowed to)\s+(?:ever )?be (?:stored|kept|remembered|recorded|noted|saved|written down)(?: (?:anywhere|here|by you))?[.!]*$"),
        // no more mention of … in your notes
        format!(r"(?is)^{POLITE}(?:no(?: more)? (?:mentions?|trace|words?|lines?|notes?|records?)|nothing(?: more)?)\s+(?:{ABOUT})\s+(?P<target>.+?)\s+(?:in|from|on)\s+{MEMORY}\b.*$"),
        // make … disappear from your memory
        format!(r"(?is)^{POLITE}(?:make|let|have)\s+(?P<target>.+?)\s+(?:disappear|vanish|go|deleted|removed|erased|wiped)\s+(?:from|out of)\s+{MEMORY}\b.*$"),
        // act as if I had never told you …
        format!(r"(?is)^{POLITE}(?:(?:can|could|shall|may) we (?:(?:just|please|pls) )*)?(?:act|behave|do|pretend|carry on)\s+(?:as (?:if|though)|like|that)?\s*(?:i|we|you)(?:'d| had|'ve| have)?\s*(?:never|not|n'?t)\s+(?:ever )?(?:said|told you|mentioned|shared|heard|wrote|written|brought up|known)(?: (?:about|of|that))?\s+(?P<target>.+)$"),
        // don't keep my …
        format!(r"(?is)^{POLITE}(?:don'?t|do not|stop|never|no longer|not to|not|please don'?t|didn'?t)\s+(?:keep|keeping|store|storing|remember|remembering|retain|retaining|hold|holding|save|saving|record|know)\b(?:\s+on to)?\s+(?P<target>(?:my|mine|that|this|it|what i|anything (?:i|about|on|regarding)|any of|her|his|their|{OWNER}|(?:where|who|how much|how old) (?:i|he|she|they|my|our|his|her|(?-i:[A-Z])[\w'’-]*)(?: [\w'’-]+){{0,3}} (?:is|am|are|lives?|works?|stays?|earns?|makes?|weighs?|owes?)(?:[,;.!–—]|$)|the [^.]{{2,60}}? (?:i (?:gave|told|mentioned|shared|sent)|in {MEMORY}|any ?more|anywhere|any longer)).*)$"),
        // … should not be in your memory
        format!(r"(?is)^(?P<target>.{{3,120}}?)\s+(?:should|must|may|can|ought|needs?|has|have|do|does)\s*(?:n['’]?t|not|never|no longer|no|to not|not to)\s*(?:to be|be|been|belong|have a|place|stay|remain|appear|exist|live|go|stick)?\s*(?:stored|kept|held|remembered|saved|retained|noted|recorded|memori[sz]ed|business|place|around)?\s*(?:(?:in|from|to|into|out of)\s+{MEMORY}|on (?:record|file) (?:with|by) (?:yo)?u)\b.*$"),
        // … is nothing for your notes
        format!(r"(?is)^(?P<target>.{{3,120}}?)\s+(?:is|are|was|were)\s*(?:n['’]?t|not|never|no longer|nothing)\s+(?:(?:(?:supposed|meant|allowed) )?to be (?:stored |kept |remembered |saved |noted |recorded )?(?:in|on)|(?:something |anything |a (?:thing|matter|topic) )?for)\s+{MEMORY}\b.*$"),
        // … has to go from your notes
        format!(r"(?is)^(?P<target>.{{3,120}}?)\s+(?:should|must|may|can|ought|needs?|has|have|is to|are to)\s+(?:to )?(?:be )?(?:gone|deleted|removed|erased|wiped|forgotten|dropped|purged|scrubbed|struck|disappear|vanish|go)\s+(?:from|out of)\s+{MEMORY}\b.*$"),
        r"(?is)^(?P<target>.{3,120}?)\s+(?:should|must|may|needs?|has|have|is|are|ought)(?:\s+to|n'?t)?\s*(?:not|never|no longer)?\s*(?:be)\s+(?:forgotten|remembered (?:any ?more|any longer)|kept (?:any ?more|any longer)|stored (?:anywhere|any ?more|any longer))\b.*$".to_owned(),
        // I don't want you to remember …
        format!(r"(?is)^{POLITE}(?:(?:i (?:don'?t|do not|no longer) (?:want|like) (?:you to|it if you|that you)|i(?:'d| would) (?:rather|prefer) (?:you|that you|it if you) (?:didn'?t|did not|don'?t|not|no longer))\s+(?:keep|store|remember|retain|hold(?: on to)?|save|record|know|have)|(?:i|we)(?:['’]d| would) (?:be|feel) (?:\w+ ){{1,2}}if you (?:didn['’]?t|did not|no longer)\s+(?:know|knew|remember(?:ed)?|retain(?:ed)?))\s+(?P<target>.+)$"),
        // disregard what I said about …
        format!(r"(?is)^{POLITE}(?:disregard|ignore|scratch|never ?mind|strike|cancel|withdraw|take back|i take back|i(?:'d like to| want to) take back|retract|i retract|drop|scrap)\s+(?:what|everything|anything|whatever|all|the things?|my (?:(?:(?:earlier|previous|last|first|old) )?(?:remark|comment|statement|words?)|(?:earlier|previous|last|first|old) (?:note|message)))\s+(?:that )?(?:(?:i|we)(?:'ve| have)?\s+(?:said|told you|mentioned|wrote|claimed|stated|asked)\s*(?:earlier|before|yesterday|last \w+)?\s+)?{ABOUT}\s+(?P<target>.+)$"),
        // what I said about …, drop that as well
        format!(r"(?is)^{POLITE}(?:what|everything|anything|all) (?:that )?(?:i|we)(?:['’]ve| have)? (?:said|told you|mentioned) {ABOUT}\s+(?P<target>[^,;:]{{3,60}})[,:;–—-]+ (?:please |just |you can )?(?:forget|drop|delete|erase|remove|scratch|strike)(?: (?:that|it|this|all of (?:it|that)))?(?:,? (?:as well|too|also|please|again|completely))*[.!]*$"),
        // never mind my weight, please remove that
        format!(r"(?is)^{POLITE}(?:never ?mind|about)\s+(?P<target>(?:my|his|her|{OWNER})\s[^,;:.!?]{{2,40}}?)[,;–—-]+ (?:please |just |you can |kindly )*(?:forget|remove|delete|erase|drop|scratch|strike) (?:that|it)(?:,? (?:again|please|too|as well|from {MEMORY}))*[.!]*$"),
        // scratch that bit about …
        format!(r"(?is)^{POLITE}(?:scratch|never ?mind|disregard|retract|take back)\s+(?:the|that|this|my) (?:thing|bit|stuff|story|rumou?r)s? {ABOUT}\s+(?P<target>[^,;:]+)$"),
        // I take that back about …
        format!(r"(?is)^{POLITE}(?:i|we)(?:['’]ll| will)? (?:take|took) (?:that|this|it|everything) back (?:about|regarding|concerning)\s+(?P<target>.+)$"),
        // delete the location of …, it is confidential
        format!(r"(?is)^{POLITE}{DELETE}\s+(?P<target>[^,;.!]{{3,80}})[,;.!–—-]+\s*[^.!]*?\b(?:confidential|private|personal|secret|sensitive|nda|embargo|not (?:for )?(?:public|sharing)|nobody'?s business|none of (?:their|your|our) business|(?:written|put|noted) down|(?:stored|kept|recorded|remembered|memori[sz]ed)|data protection|gdpr|no one (?:needs|has) to know|nobody (?:needs|has) to know)\b.*$"),
        // delete everything about …, I told you that by mistake
        format!(r"(?is)^{POLITE}{DELETE}\s+(?:(?:everything|anything|all|whatever|(?:the|that) (?:thing|stuff|part|bit|story)s?)\s+{ABOUT}\s+)?(?P<target>[^,;.!]{{3,80}}?)\s*[,;.!–—-]+\s*(?:because |since |as |for )?{REGRETS}.*$"),
        // erase the house I told you about, we sold it
        format!(r"(?is)^{POLITE}(?:erase|wipe|scrub|purge|strike|expunge|unlearn)\s+(?P<target>(?:the|that|my|our|his|her|their|{OWNER})\s+[^,;:.]{{3,60}}?)\s+(?:that |which )?(?:i|we)(?:['’]ve| have| had)? (?:once |just )?(?:mentioned|brought up|(?:spoke|spoken|talked) (?:of|about)|told (?:yo)?u (?:about|of))(?: (?:to you|earlier|before|yesterday|the other \w+|last \w+))*\s*[,;–—-]+\s*{GONE}\b.*$"),
        // delete my private address
        format!(r"(?is)^{POLITE}{DELETE}\s+(?P<target>(?:my|our|his|her|(?-i:[A-Z])\w*'s)\s+(?:(?:private|personal|home|own)\s+)?(?:(?:phone|mobile|cell|street|mail|e-?mail|postal)\s+)?(?:address|(?:phone|mobile|cell|private|personal) (?:number|nr)|number|birthday|date of birth|age|salary|wages?|diagnosis|(?:private|personal|medication|medical|health|bank|contact|family|travel) (?:details|data|info(?:rmation)?|life|matters|situation)))(?:,?\s+(?:again|please|completely|right away|now|immediately|for good|entirely|everywhere))*[.!]*$"),
        // delete that note (the sentence before names what it is about)
        format!(r"(?is)^{POLITE}{DELETE}\s+(?P<note>(?:the|that|this) (?:note|entry|fact|memory|line|record|item))(?:,?\s+(?:again|please|completely|right away|now|immediately|for good|entirely|too|as well))*[.!]*$"),
        // that memo about … has to go
        format!(r"(?is)^{POLITE}(?:(?:the|that|this|your|my|any|every|all)\s+(?:\w+ )?(?:memos?|notes?|entr(?:y|ies)|facts?|lines?|memor(?:y|ies)|records?|remarks?|things?|stuff|bits?|parts?|mentions?)|(?:everything|anything|whatever|what|all)(?: that)? you(?:['’]ve| have)? (?:{KNOWN})(?: down)?)\s+{ABOUT}\s+(?P<target>.+?)\s+(?:has|have|needs?|must|should|ought|can)\s+(?:to )?(?:go|disappear|vanish|be (?:deleted|removed|erased|gone|wiped|forgotten|struck|purged))\b.*$"),
        // throw away the account name I gave you
        format!(r"(?is)^{POLITE}(?:delete|remove|erase|drop|purge|wipe|scrub|discard|throw away|throw out|bin|ditch|get rid of|scratch|strike)\s+(?P<target>(?:the|my|our|that|his|her|their)\s+(?:[\w'’-]+ ){{0,4}}(?:name|user|username|login|account|number|nickname|alias|handle|address|date|birthday|price|rate|salary|sum|amount|contact|e-?mail|phone|pin|location|details?|info(?:rmation)?|secret))\s+(?:that |which )?(?:i|we)(?:'ve| have| had)? (?:gave|given|sent|shared|passed|told|mentioned|named|dictated)(?: to)?(?: you)?(?: (?:earlier|before|again|yesterday|please|now|last \w+|on \w+day|the other \w+|(?:an?|two|some|a few) \w+ (?:ago|back)))*(?:[,;–—-].*|[.!]*)$"),
        // don't keep the recipe, it is a family secret
        format!(r"(?is)^{POLITE}(?:don'?t|do not|stop|never|no longer)\s+(?:keep|keeping|store|storing|remember|remembering|retain|retaining|save|saving|hold on to|holding on to)\s+(?P<target>(?:the|our|my|that|his|her|their)\s+(?:[\w'’-]+\s+){{0,8}}?[\w'’-]+)[,;.!–—-]+\s*(?:that|it|this)(?:'s|’s| is| was)\b[^.!]*\b(?:confidential|private|personal|secret|sensitive|nda|embargo|internal|nobody'?s business|none of (?:their|your|our) business|not (?:for )?(?:public|sharing))\b.*$"),
        // it has to go (likewise)
        r"(?is)^(?P<told>it|that|this|they|those)\s+(?:has|have|needs?|must|should|ought)\s+(?:to )?(?:go|disappear|vanish|be (?:deleted|removed|erased|gone|wiped|forgotten))(?:,? \w+){0,2}[.!]*$".to_owned(),
        // remove, please (likewise)
        format!(r"(?is)^{POLITE}(?:delete|remove|erase|wipe|purge)(?P<told>)(?:,?\s+(?:please|pls|again|now|right away|completely|immediately|for good|everywhere))*[.!]*$"),
        // remove it (a pronoun after a sentence that regrets telling)
        format!(r"(?is)^{POLITE}{DELETE}\s+(?P<told>(?:all (?:of )?)?(?:it|that|this|them|those|these))(?:,?\s+(?:all|out|off|away|again|please|completely|right away|now|immediately|everywhere|for good|entirely))*(?:[,;–—-].*|[.!?]*)$"),
    ]
    .iter()
    .map(|text| pattern(text))
    .collect()
});

/// "Scratch what I said about mugs": what is said next is said instead.
pub(super) fn takes_back_words(text: &str) -> bool {
    static SAID: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:what|everything|anything) (?:that )?(?:i|we)(?:['’]ve| have)? (?:just |once )?(?:said|asked|ordered|wrote) (?:\w+ )?(?:about|on|regarding)\b",
        )
    });
    SAID.is_match(text)
}

/// Orders that use the word and mean something else.
static NOT_AN_ORDER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:don'?t|do not|never|dont|not to|let'?s not|must not|shouldn'?t|won'?t|can'?t)\s+(?:you\s+)?(?:ever\s+)?forget\b|\b(?:not|never|mustn'?t|n'?t)\s+(?:ever\s+)?(?:to\s+)?be\s+forgotten\b|\b(?:i|we|they|he|she|people|users?)\s+(?:always |often |keep |keeps |never |sometimes |tend to |may |might |just )?(?:forget|forgot|forgetting)\b|\byou (?:always |often |keep |sometimes )?(?:forgot|forgetting)\b|\byou (?:always|often|keep|sometimes|never) forget|^forget to\b|\bforget-me\b|\btake (?:an? |another |good |careful )*notes? (?:for|of|that|to|on|about)\b",
    )
});

/// What is done each time, or the memory of a machine.
static OF_THE_WORK: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?ix)
        \b(?:before|after|on|at|in|with)\s(?:each|every)\s|\b(?:every\stime|each\stime|whenever)\b
        |\b(?:cache|buffer|heap|object|pointer|variable|tensor|allocation)s?\b.{0,30}\b(?:from|in|out\sof)\s(?:the\s|main\s|gpu\s|video\s)?memory\b
        |^\W*(?:please\s)?(?:pull|take|get|cut)\b.{3,60}\bfrom\s(?:our|the|my|all|their)\s(?:records?|notes?|files?|profiles?)\b.{0,10}\band\s",
    )
});

/// "Card numbers must never be stored anywhere": a rule for the work, of things of a kind.
static KEPT_NOWHERE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^\W*(?P<first>[\w'’-]+)(?: [\w-]+){0,3}? (?:should|must|may|can|ought|needs?|are)\b.{0,20}?\b(?:stored|kept|saved|retained|recorded|held) (?:(?:in|within) (?:memory|notes?|records?)\b|any ?where\b|on (?:file|record)\b)",
    )
});

/// Whether an order is one for the work, in the words of an order to forget.
fn is_of_the_work(text: &str) -> bool {
    const POINTING: [&str; 20] = [
        "my",
        "our",
        "his",
        "her",
        "their",
        "your",
        "the",
        "that",
        "this",
        "these",
        "those",
        "it",
        "they",
        "what",
        "who",
        "anything",
        "everything",
        "all",
        "any",
        "mine",
    ];
    let of_a_kind = |found: regex::Captures<'_>| {
        let first = found["first"].to_lowercase();
        !POINTING.contains(&first.as_str()) && !first.ends_with("'s") && !first.ends_with("’s")
    };
    left_aside(text).is_some() || OF_THE_WORK.is_match(text) || KEPT_NOWHERE.captures(text).is_some_and(of_a_kind)
}

/// "Forget the linter for now", "forget about npm, let us look at the tests", "let's forget lint today": what is left aside
/// for the work at hand stays known. What follows these words.
fn left_aside(text: &str) -> Option<&str> {
    static ASIDE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?is)^\W*(?:(?:ok(?:ay)?|so|just|but|and|well|now|then|please|(?P<lets>let['’]?s|let us)|(?:you|we) (?:can|could|should))\W+)*forget\s(?:about\s)?(?P<what>[^,;:.–—]{2,60}?)(?:\s(?:just )?for (?:now|today|(?:the|this|a) (?:moment|minute|second|while|bit|sec)|the time being)\b|(?P<now>\s(?:today|this time)\b)|(?P<end>[.!]*$)|(?P<on>\s*[,;.–—]+\s*(?:(?:and|then|just) )*))(?P<rest>.*)$",
        )
    });
    static GOES_ON: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:(?:let['’]?s|let us) (?:look|focus|do|start|move|work|get|talk|concentrate|fix|run|try|see|check)|we(?:['’]ll| just)? (?:ship|skip)|i['’]ll|just (?:do|go|ship|make)|focus|concentrate)\b",
        )
    });
    const OWN: [&str; 9] = [
        "my",
        "mine",
        "our",
        "his",
        "her",
        "their",
        "what",
        "everything",
        "anything",
    ];
    let found = ASIDE.captures(text)?;
    let (what, rest) = (&found["what"], found.name("rest")?.as_str());
    let first = what.split_whitespace().next().unwrap_or_default().to_lowercase();
    let somebodys = OWN.contains(&first.as_str())
        || first.ends_with("'s")
        || first.ends_with("’s")
        || is_known_thing(what)
        || speaks_of_memory(text);
    // An agent and a person forget nothing together: "let's forget the kiln".
    let together = found.name("end").is_none() || found.name("lets").is_some();
    let aside = match (found.name("on"), found.name("now").or(found.name("end"))) {
        (Some(_), _) => !somebodys && (GOES_ON.is_match(rest) || task::is_at_hand(rest)),
        (_, Some(_)) => !somebodys && together && !is_pointer(what),
        _ => true,
    };
    aside.then_some(rest)
}

/// Whether a sentence only leaves something aside for the work at hand, and says nothing to keep.
pub(super) fn only_leaves_aside(text: &str) -> bool {
    static STEP: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)^(?:let['’]?s|let us|we['’]ll|i['’]ll|focus|concentrate|we just)\b"));
    left_aside(text).is_some_and(|rest| {
        let rest = rest.trim_start_matches(|c: char| c.is_whitespace() || ",;.!–—-".contains(c));
        let rest = rest
            .strip_prefix("and ")
            .or_else(|| rest.strip_prefix("then "))
            .unwrap_or(rest);
        rest.is_empty() || STEP.is_match(rest) || task::is_task(rest)
    })
}

/// "You know what, forget …", "for privacy, forget …", "as she asked, forget …": what stands before the order says why.
static BEFORE_ORDER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:(?:you know what|come to think of it|(?:now that|when) i think (?:of|about) it|thinking (?:about it|it over)|on (?:reflection|second thoughts?)|having (?:thought|slept) (?:about it|it over|on it)|i (?:thought|slept) (?:about it|it over|on it)|(?:for|out of|because of|due to|in view of|under|by|at|on|upon|with|as per|per|owing to) [^,.;:]{0,50}?\b(?:privacy|private|confidential\w*|discretion|secrecy|legal|lawyers?|gdpr|data protection|safety|respect|requests?|wish(?:es)?|consent|compliance|sake)\b[^,.;:]{0,30}|(?:(?:just|only|and|oh|also|but) )*(?:(?:an?|one|my|the|another|some|two) )?(?:(?:more|other|last|final|little|small|tiny|quick|short|minor|personal|big|important|urgent|humble) )*(?:thing|point|request|favou?r|wish|plea|matter|question|ask|item)s?(?: (?:though|then|please|still|again|first|too|also|left|remains|of (?:mine|ours)|from \w+(?: \w+)?|for you|before|while|since)\b[^,.;:–—]{0,40}?)?|(?:before|while|as long as|since) (?:i|you|we|u)(?:['’]\w+)? ?(?:\w+ ){0,2}?(?:forget|go on|carry on|continue|start|begin|leave|finish|stop|at it|here|there|on it|think of it|remember|thinking of it|have you)|(?:as|since|because|now that) (?:he|she|they|we|i|it|that|this|my|our|the|(?-i:[A-Z])[\w'’-]+)\b[^,.;:]{0,50}?\b(?:ask(?:ed|s)|wish(?:ed|es)?|request(?:ed|s)|insist(?:ed|s)|object(?:ed|s)|private|confidential|secret|personal|sensitive|nobody's business)\b[^,.;:]{0,30})(?:[,;:–—]|\s-)\s*)+",
    )
});

/// "Drop two things from your notes: who has the key, and the rent of the shed": each thing by itself. Nothing where what
/// follows the colon may be something else: "forget the details: the colours, the fonts" leaves them aside.
pub(super) fn listed(sentence: &str) -> Vec<Forget> {
    static ANNOUNCES: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:(?:the|these|those|all|both|a|some|several|few|couple|of|my|more|other|last|following|(?P<count>two|three|four|five|six|seven|eight|nine|ten)) )*(?:things?|facts?|items?|points?|notes?|entries|details?|bits?|pieces?|following|two|three|four)$",
        )
    });
    static THING: LazyLock<Regex> = LazyLock::new(|| {
        pattern(&format!(
            r"(?i)^(?:(?:who|whose|whom|where|when|how much|how many|how old|what (?:he|she|they|i|we|my|our|his|her|the|{OWNER}))\b|(?:everything|anything|all|the (?:bit|part|thing|note|fact)s?) {ABOUT}\b|(?P<named>(?:the|my|our|his|her|their|{OWNER})\b))"
        ))
    });
    // "The rest stays": a sentence, and no thing.
    static TELLS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:is|are|was|were|has|have|had|can|may|will|must|should|stays?|remains?|goes|gets?|keeps?|[a-z]+n['’]t|not)\b",
        )
    });
    static THESE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(&format!(
            r"(?i)^{POLITE}(?:forget|unlearn) (?:these|those)(?: (?:things|facts))?(?:,? (?:please|pls))?$"
        ))
    });
    let of_each = || {
        let (head, rest) = sentence.split_once(": ")?;
        let (of_memory, forgets) = (speaks_of_memory(head), head.to_lowercase().contains("forget"));
        // Most heads say neither; to read an order takes long.
        if !of_memory && !forgets {
            return None;
        }
        let mut count: Option<usize> = None;
        if !THESE.is_match(head) {
            let order = read(head, None).filter(|order| !order.points && order.outright && order.instead.is_none())?;
            let announced = ANNOUNCES.captures(&order.target)?;
            let counted = announced.name("count").map(|count| count.as_str().to_lowercase());
            if !(of_memory || forgets && (counted.is_some() || order.target.ends_with("following"))) {
                return None;
            }
            count = counted.and_then(|count| number(&count)?.parse().ok());
        }
        let is_thing = |part: &&str| {
            let found = THING.captures(part);
            found.is_some_and(|found| found.name("named").is_none() || !TELLS.is_match(part))
        };
        let clauses = sentence::clauses(rest).into_iter();
        let mut parts: Vec<&str> = clauses.map(|part| part.strip_prefix("and ").unwrap_or(part)).collect();
        if let [only] = parts[..] {
            parts = only.split(" and ").collect();
        }
        parts.truncate(count.unwrap_or(parts.len()));
        let whole = parts.len() > 1 && parts.len() >= count.unwrap_or(0) && parts.iter().all(is_thing);
        whole.then_some(parts)
    };
    let thing = |part: &str| Forget {
        target: clean(part),
        instead: None,
        restated: None,
        points: false,
        outright: true,
    };
    of_each().unwrap_or_default().into_iter().map(thing).collect()
}

/// "Scratch that last one, wrong window": what the sentence before told, or asked to be remembered.
pub(super) fn taken_back(text: &str, previous: &str) -> Option<Forget> {
    static LAST: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:(?:a+r+gh+|oh|no|wait|hang on|stop|damn|sorry|ou?ps|h+m+|ah|actually|ok(?:ay)?|please|pls)[,.!…]* )*(?:(?:scratch|strike|forget|delete|erase|undo|drop|scrap|retract) (?:that|this|the|my) (?:very )?last (?:one|bit|note|thing|remark|point|entry|fact)|(?:scratch|strike) that)(?:,? (?:again|please|pls))*(?:[.!]*$|\s*[,;:–—(-]+\s*(?:wrong\b|that was|(?:that|it)(?:['’]s| is) (?:wrong|another|not|private|confidential|nobody|none)|not (?:mine|ours|for)|i (?:was|mixed|meant another)|private|confidential|sorry|(?:my|by) mistake))",
        )
    });
    LAST.is_match(text).then(|| last_told(previous)).flatten()
}

/// What the sentence before told, or asked to be remembered.
pub(super) fn last_told(previous: &str) -> Option<Forget> {
    let told = match remember::read(previous, false) {
        Some(remember::Order::This(told)) => told,
        _ if is_question(previous) || is_task(previous) => return None,
        _ => previous.to_owned(),
    };
    Some(Forget {
        target: told,
        instead: None,
        restated: None,
        points: true,
        outright: true,
    })
}

/// Reads an order to forget; `previous` is the sentence before, which "it" means.
pub(super) fn read(sentence: &str, previous: Option<&str>) -> Option<Forget> {
    let text = sentence.trim();
    let text = BEFORE_ORDER.find(text).map_or(text, |found| &text[found.end()..]);
    let text = without_asker(text).unwrap_or(text);
    if NOT_AN_ORDER.is_match(text) || is_of_the_work(text) {
        return None;
    }
    if let Some(whole) = whole::read(text, previous.is_none()) {
        return Some(Forget {
            target: whole.target().to_owned(),
            instead: None,
            restated: None,
            points: false,
            outright: true,
        });
    }
    let (at, found) = FORMS
        .iter()
        .enumerate()
        .find_map(|(at, form)| Some((at, form.captures(text)?)))?;
    let pointed = |target: String| Forget {
        target: clean(&target),
        instead: None,
        restated: None,
        points: true,
        outright: true,
    };
    if found.name("note").is_some() {
        return Some(pointed(antecedent::of(previous?)));
    }
    let whole = found.name("target").map_or("", |m| m.as_str());
    // "Remove it." without a word of memory: only where the sentence before spoke of what the agent was told.
    if found.name("told").is_some() {
        let previous = previous?;
        let kept = || not_to_keep(&sentence::clauses(text), previous).map(str::to_owned);
        let somebodys = || antecedent::not_for_you_to_keep(previous).map(str::to_owned);
        return antecedent::told(previous).or_else(kept).or_else(somebodys).map(pointed);
    }
    let named = name_in_apposition(whole).filter(|_| at > 0);
    let named = named.map(|name| (name.to_owned(), None));
    let (target, instead) = named.unwrap_or_else(|| split_off(whole));
    let target = clean(&target);
    // "Forget it, the mill runs again" names nothing where nothing was said before.
    if is_pointer(&target) && at == 0 && previous.is_none() && instead.is_some() {
        return Some(Forget {
            instead,
            outright: false,
            ..pointed(target)
        });
    }
    if is_pointer(&target) && at == 0 && !speaks_of_memory(text) && !antecedent::is_regretted(previous?) {
        return Some(Forget {
            instead,
            outright: false,
            ..pointed(previous?.to_owned())
        });
    }
    if is_pointer(&target) {
        let previous = previous?;
        let meant = who(&target, previous).unwrap_or_else(|| antecedent::of(previous));
        return Some(Forget {
            instead,
            ..pointed(meant)
        });
    }
    let restated = restated(whole, &target);
    // "She stays unnamed, so her name has to go from memory": what stands before the order is nothing that holds instead.
    let leads = found.name("target").is_some_and(|target| target.start() == 0);
    let instead = instead.filter(|_| restated.is_none() && !leads);
    // "Her name": whose that is was said before.
    let owned = previous.and_then(|previous| of_whom(&target, previous));
    Some(Forget {
        points: owned.is_some(),
        target: owned.unwrap_or(target),
        instead,
        restated,
        outright: true,
    })
}

/// "That code name, Otter, has to go from your notes": it is the name that is to go, wherever it stands.
fn name_in_apposition(target: &str) -> Option<&str> {
    static NAMED: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r#"(?i)^(?:that|the|this|my|our|his|her|their) (?:[\w-]+ )?(?:(?:code[ -]?|nick)?name|title|alias|handle), ["“'‘]?(?P<name>(?-i:[A-Z])[\w’'-]*(?: (?-i:[A-Z])[\w’'-]*)?)["”'’]?,?$"#,
        )
    });
    Some(NAMED.captures(target)?.name("name")?.as_str())
}

/// "Legal says: please delete … from your memory", "Ruth asks you to forget …": the order without who asks for it, where it
/// is plainly one to an agent. What a page or a program says is nobody's order.
fn without_asker(text: &str) -> Option<&str> {
    static ASKER: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?P<who>(?:[\w'’-]+ ){1,5}?)(?:(?:has|have|just|now|also|already) )*(?:(?P<you>(?:wants?|wanted|asks?|asked|begs?|begged|requests?|requested|would like|orders?|ordered) (?:yo)?u to )|(?:says?|said|insists?|insisted|demands?|demanded)(?:\s*[:,–—]\s*| that | ))(?P<order>\S.*)$",
        )
    });
    static TO_AN_AGENT: LazyLock<Regex> =
        LazyLock::new(|| pattern(&format!(r"(?i)^(?:please|pls|kindly)\b|\b{YOURS}\b")));
    // "Nobody", "the readme", "it": no person who asks for something.
    static NO_PERSON: LazyLock<Regex> = LazyLock::new(|| {
        pattern(&format!(
            r"(?i)\b(?:no|none|nobody|not|never|\w+n['’]t|suppose|imagine|it|this|that|which|what|who|here|there|you|i|anyone|anybody|someone|somebody|everyone|people|overflow|gpt\w*|tests?|scripts?|signs?|labels?|{SOURCE})s?\b"
        ))
    });
    let found = ASKER.captures(text)?;
    let order = found.name("order")?.as_str();
    let to_an_agent = found.name("you").is_some() || TO_AN_AGENT.is_match(order);
    (to_an_agent && !NO_PERSON.is_match(&found["who"]) && !CONDITION.is_match(text) && !text.trim_end().ends_with('?'))
        .then_some(order)
}

/// "Please don't retain the rent of the shop. Not your concern, delete it.": what is not to be kept, where one of the
/// clauses after it says that it is nobody's business.
fn not_to_keep<'a>(clauses: &[&str], previous: &'a str) -> Option<&'a str> {
    static PRIVATE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:(?:it|that|this|which|they)(?:['’]s|['’]re| is| are) )?(?:(?:really|strictly|just|very|too|all) )*(?:(?:not|none of|nobody['’]s|no one['’]s) (?:(?:your|our|their|my|anyone['’]s|anybody['’]s) )?(?:concern|business|affair|matter)|private|confidential|personal|secret|sensitive|between us)\b[^,;:]{0,20}$",
        )
    });
    let private = clauses.iter().any(|clause| PRIVATE.is_match(clause.trim()));
    private.then_some(previous).and_then(antecedent::not_to_keep)
}

/// Whether an order says itself that it is about what the agent keeps: "forget it, in your notes as well".
fn speaks_of_memory(text: &str) -> bool {
    static SPEAKS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:memor(?:y|ies)|(?:your|ur) (?:\w+ )?(?:notes?|records?|notebook|files?)|(?:wherever|everywhere|anywhere) you (?:have|keep|noted|stored|saved|know)|what(?:ever)? you (?:have )?(?:noted|stored|saved|know|kept)|(?:i|we)(?:['’]ve| have)? (?:ever |just )?(?:said|told (?:yo)?u|mentioned)(?: (?:anything|something|that|it|this|so|a word))?)\b",
        )
    });
    SPEAKS.is_match(text)
}

/// What only holds in some case.
static CONDITION: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i)^(?:\w+ )?(?:if|when(?:ever)?|once|after|before|unless|until|as soon as|each|every|in case)\b")
});

/// "I've moved, and I'd like you to forget my address": a request that names its own thing, after what is no condition.
fn requested(text: &str, pieces: &[&str], previous: Option<&str>) -> Option<Forget> {
    static REQUEST: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:(?:and|so|but|now|therefore) )*(?:please|pls|kindly|i(?:'d| would)? (?:like|want|need|ask|prefer) (?:you to|that you)|(?:can|could|would|will) you please)(?: please| now| kindly)* forget\b",
        )
    });
    static POLITE_END: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\b(?:please|pls|plz)\s*[.!]*$"));
    let (first, rest) = pieces.split_first()?;
    let is_request = |piece: &str| {
        let known = |what: &str| POLITE_END.is_match(text) || is_known_thing(what);
        REQUEST.is_match(piece) || plainly_forget(piece).is_some_and(known)
    };
    let asks = rest.iter().find(|piece| is_request(piece))?;
    let order = read(&text[sentence::offset(asks, text)..], previous)?;
    (!CONDITION.is_match(first) && !order.points && order.outright).then_some(order)
}

/// What a clause says to forget that begins with the word.
fn plainly_forget(piece: &str) -> Option<&str> {
    static FORGET: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"(?i)^(?:(?:and|so|but|now|therefore|hence|thus|then|just|better) )*forget (?P<what>.+)$")
    });
    Some(FORGET.captures(piece)?.name("what")?.as_str())
}

/// "Where the key hangs", "how much she earns": what only somebody who knows it can forget.
fn is_known_thing(what: &str) -> bool {
    static KNOWN_THING: LazyLock<Regex> = LazyLock::new(|| {
        pattern(&format!(
            r"(?i)^(?:about )?(?:(?:who|whose|whom|where|how much|how many|how old)\b|what (?:he|she|they|my|his|her|their|{OWNER})\b|(?:everything|anything|all) (?:you know )?{ABOUT}\b|whatever you know\b)",
        ))
    });
    KNOWN_THING.is_match(what)
}

/// "The endpoint you stored is dead, please drop it from your notes": the order stands in a later clause. Only one that
/// points back, or is a request: another order that names its own thing was found as it stands. `previous` is the
/// sentence before.
pub(super) fn read_late(sentence: &str, previous: Option<&str>) -> Option<Forget> {
    let text = sentence.trim();
    // "The merger: please drop it from your notes."
    if let Some(order) = antecedent::topic(text).and_then(|topic| {
        let (_, rest) = text.split_once([':', ','])?;
        read(rest, Some(topic)).filter(|order| order.points && order.outright)
    }) {
        return Some(order);
    }
    // "Guest data must go after checkout: forget Mr. Alvarez."
    static NAMED: LazyLock<Regex> = LazyLock::new(|| {
        pattern(&format!(
            r"(?i)^(?:please )?forget (?:about )?(?:(?-i:[A-Z])|(?:my|his|her|{OWNER}) )"
        ))
    });
    let behind = text.split_once(": ").map(|(_, rest)| rest);
    if let Some(order) = behind
        .filter(|rest| NAMED.is_match(rest))
        .and_then(|rest| read(rest, None))
        .filter(|order| order.outright && order.instead.is_none())
    {
        return Some(order);
    }
    let pieces = sentence::clauses(text);
    if let Some(order) = of_the_clause_before(&pieces) {
        return Some(order);
    }
    let (first, rest) = pieces.split_first()?;
    // "That was a mistake, take it out": what "that" is was said before.
    let kept = previous.and_then(|previous| not_to_keep(&pieces, previous));
    let told = kept.map(|thing| format!("What I told you about {thing}"));
    let meant = previous.filter(|_| pronoun::points_out(first));
    let before = told.as_deref().or(meant).unwrap_or(first);
    let order = rest.iter().find_map(|piece| read(piece, Some(before)));
    order
        .filter(|order| order.points)
        .or_else(|| requested(text, &pieces, previous))
}

/// "The thing about my knee, can you scrub it?": what is told of somebody, in the clause before. What is only deleted or
/// taken out may be a part of the work.
fn of_the_clause_before(pieces: &[&str]) -> Option<Forget> {
    static THING: LazyLock<Regex> = LazyLock::new(|| {
        pattern(&format!(
            r"(?i)^(?:(?:hey|oh|so|and|also|but|well|actually|sorry|ok(?:ay)?) )*(?:the|that|this) (?:thing|bit|stuff|story|info(?:rmation)?|note|fact)s? {ABOUT} (?P<target>(?:my|our|his|her|their|{OWNER})\b.{{2,60}})$"
        ))
    });
    static FORGETS: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)\b(?:forget|unlearn|scrub|erase|wipe|purge|expunge) (?:it|that|this|them)\b"));
    pieces.windows(2).find_map(|two| {
        let thing = THING.captures(two[0]).filter(|_| FORGETS.is_match(two[1]))?;
        let told = format!("What I told you about {}", &thing["target"]);
        read(two[1].trim_end_matches('?'), Some(&told)).filter(|order| order.points && order.outright)
    })
}
