//! How people say a day, a week or a month relative to when they speak.

use std::sync::LazyLock;

use regex::Regex;

use crate::text::clean::pattern;

const DAYS: &str =
    "mondays?|tuesdays?|wednesdays?|thursdays?|fridays?|saturdays?|sundays?|mon|tues?|weds?|thur?s?|fri|sat|sun";
/// Without those that are words of their own.
const SURE_DAYS: &str = "monday|tuesday|wednesday|thursday|friday|saturday|sunday|tues?|weds|thurs?|thu|fri";
pub(super) const MONTHS: &str = "january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec";
const SEASONS: &str = "spring|summer|autumn|fall|winter";
const COUNT: &str = r"\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty(?:[\ -](?:one|two|three|four|five|six|seven|eight|nine))?|thirty|forty|fifty|sixty|seventy|eighty|ninety|(?:an?\ )?couple(?:\ of)?|a\ few|few|several|some|half\ an?|half\ of\ an?|a\ dozen|a\ good|a\ full|an?";
const UNITS: &str = r"(?:business|working|work|calendar)[\ -]days?|days?|weeks?|wks?|fortnights?|months?|mths?|quarters?|years?|yrs?|hours?|hrs?|minutes?|mins?";
const SPAN: &str = "week|month|quarter|year";
const ABOUT: &str = r"(?:about|around|roughly|approximately|approx\.?|almost|nearly|exactly|just|only|maybe|over|more\ than|less\ than|under|some)\ ";
const PART: &str =
    r"(?:[\ ,]+(?:first\ thing|early|late|in\ the)?\ ?(?:morning|afternoon|evening|night|noon|lunch(?:time)?|am|pm))?";
/// What leads to a day of another week.
const LEADS: &str = r"by|until|till|before|from|after|since|as\ of|starting";
const TOMORROW: &str = r"tom+or+ow|tommorow|tmrw|tmrrw|tmr|tmw|tmmrw|tomoz|2morrow|2moro|2mrw";
const YESTERDAY: &str = r"yesterday|yesteday|yestarday|yesterdy|yersterday|yday|y'day|ystrday|ystd";
const NTH: &str = "first|second|third|fourth|fifth|last|1st|2nd|3rd|4th|5th";

/// Every form, each in a group of its own name, with its parts in groups that begin with that name.
pub(super) static RELATIVE: LazyLock<Regex> = LazyLock::new(|| {
    let text = format!(
        r"(?ix)
        (?-u:\b)(?:
          (?P<before>(?:the\ )?day\ before\ (?:{YESTERDAY})|ereyesterday|the\ night\ before\ last|the\ day\ before\ last)
        | (?P<after>(?:the\ )?day\ after\ (?:{TOMORROW})|overmorrow)
        | (?P<nextbut>(?:the\ )?(?:(?P<nbu>{SPAN}|weekend)|(?P<nbd>{DAYS}))\ (?P<nbw>before\ last|after\ next))
        | (?P<other>the\ other\ (?:day|week|night|evening|morning))
        | (?P<sametime>(?:at\ )?(?:this|the\ same|same)\ time\ (?P<stw>last|next)\ (?P<stu>{SPAN}))
        | (?P<daysago>(?P<dan>{COUNT})\ (?P<dad>mondays?|tuesdays?|wednesdays?|thursdays?|fridays?|saturdays?|sundays?|weekends?)\ (?P<daw>ago|back|from\ now))
        | (?P<ago>(?:{ABOUT})?(?P<agon>{COUNT})(?:\s?(?:-|–|to|or)\s?(?P<agon2>{COUNT}))?\s?(?P<agou>{UNITS}|(?-i:d|w|wk|mo|yr|h))(?P<agoh>\ and\ a\ half)?\s+(?:ago|back|earlier)(?:\ (?P<agox>today|{YESTERDAY}|{TOMORROW}|(?:on\ |last\ )?(?:{DAYS})))?)
        | (?P<since>since\ (?P<sin>{COUNT})\ (?P<siu>days|weeks|months|years)(?P<sia>\ ago)?)
        | (?P<in>(?P<inp>in|within)\ (?:{ABOUT})?(?P<inn>{COUNT})(?:\s?(?:-|–|to|or)\s?(?P<inn2>{COUNT}))?\s?(?P<inu>{UNITS}|(?-i:w|wk|mo|yr))(?P<inh>\ and\ a\ half)?(?:['’]?s?['’]?\s+time)?)
        | (?P<coming>(?P<cop>in|within|over|during|for|throughout)\ the\ (?:next|coming|following)\ (?:(?P<con>{COUNT})\ )?(?P<cou>days|weeks|months|years|(?P<cos>{SPAN}|fortnight)))
        | (?P<past>(?:in|within|over|during|for|throughout)\ the\ (?:last|past|previous)\ (?:(?P<pan>{COUNT})\ )?(?P<pau>days|weeks|months|years|(?P<pas>{SPAN}|fortnight)))
        | (?P<fromnow>(?P<fnn>{COUNT})(?:\s?(?:-|–|to|or)\s?(?P<fnn2>{COUNT}))?\s(?P<fnu>{UNITS})(?P<fnh>\ and\ a\ half)?\ (?:(?:from|after)\ (?P<fnd>now|today|{TOMORROW}|{YESTERDAY}|(?:this\ |next\ |the\ coming\ )?(?:{DAYS}))|(?:on\ )?(?P<fnb>today|{TOMORROW}|on\ (?:{DAYS}))|(?P<fnl>from\ (?:last\ )(?:{DAYS}))))
        | (?P<dayweek>(?:on\ |(?P<dwp>{LEADS})\ )?(?P<dwd>{SURE_DAYS}|{TOMORROW})\ (?P<dww>week|fortnight))
        | (?P<dayin>(?:on\ )?(?P<did>{SURE_DAYS})\ in\ (?P<din>{COUNT})\ weeks?(?:['’]?\ time)?)
        | (?P<nth>(?:the\ )?(?:very\ )?(?P<ntn>{NTH})\ (?P<ntd>{DAYS}|day|week|weekend|half|(?:business|working)[\ -]day)\ (?:of|in)\ (?:(?P<ntq>this|next|last|the\ coming|the\ next|the\ following)\ (?P<ntu>month|quarter|year)|(?P<ntm>{MONTHS})(?P<nty>,?\ \d{{4}})?))
        | (?P<end>(?:(?P<endp>at|by|until|till|before|from|since|around|towards?|on|in|for|after)\ )?(?:the\ )?(?:very\ )?(?P<endw>end|close|start|beginning|middle|first\ half|second\ half)\ of\ (?:(?P<endq>this|next|last|the|the\ coming|the\ current|the\ running)\ )?(?:(?P<endu>week|month|quarter|year|day|business|today|{TOMORROW})|(?P<endm>{MONTHS})(?P<endy>,?\ \d{{4}})?|(?P<endz>q[1-4])(?P<endzy>,?\ \d{{4}})?))
        | (?P<endshort>(?:(?P<esp>at|by|until|till|before)\ )(?:the\ )?(?P<esw>eom|eow|eoq|eoy|eod|eob|cob|(?:month|week|quarter|year)(?:['’]s)?[\ -]end)(?:\ (?P<esd>today|{TOMORROW}))?)
        | (?P<midmonth>(?:(?:in|by|until|till|around|from|since)\ )?(?:the\ )?mid[-\ ]?(?P<mmq>this[\ -]|next[\ -]|last[\ -])?(?P<mmu>month|quarter|year|week)(?-u:\b))
        | (?P<early>(?P<eaw>early|late|later|earlier|mid|some\ ?time)[\ -](?:on\ |in\ )?(?P<eaq>this|next|last)\ (?P<eau>{SPAN}))
        | (?P<month>(?:(?P<mop>in|by|until|till|since|from|before|after|during|starting|end|as\ of|for)\ )?(?:(?P<mow>early|mid|late)[-\ ]?)?(?:(?P<moq>last|this|next|this\ coming|this\ past|the\ coming)\ )?(?P<mom>{MONTHS}|{SEASONS}))
        | (?P<dom>(?:(?:on\ )?(?:{DAYS}),?\ )?(?:the\ )(?P<don>\d{{1,2}})(?:st|nd|rd|th)(?:\ (?:of\ )?(?P<doq>this|next|last|the)\ month)?)
        | (?P<domw>(?:the\ )?(?:(?P<dwn>\d{{1,2}})(?:st|nd|rd|th)|(?P<dwo>first|second|third|fourth|fifth|tenth|fifteenth|twentieth|thirtieth))\ (?:of\ )?(?P<dwq>this|next|last)\ month|(?P<dwr>this|next|last)\ month\ (?:on\ )?the\ (?P<dws>\d{{1,2}})(?:st|nd|rd|th))
        | (?P<dayof>(?:on\ |(?P<dfp>{LEADS})\ )?(?:(?P<dfd>{DAYS})(?:\ (?:of|in))?\ (?P<dfq>this|next|last)\ week|(?P<dfr>this|next|last)\ week(?:['’]s)?(?:\ on)?\ (?P<dfe>{DAYS})){PART})
        | (?P<weekend>(?:(?:on|over|at|during|for|in)\ )?(?:(?P<wep>the)\ )?(?:(?P<weq>last|this|this\ past|this\ coming|next|coming|past|previous|upcoming)\ )?week-?end)
        | (?P<weekday>(?:on\ )?(?:the\ )?(?P<wdq>last|this\ past|this\ coming|this\ upcoming|this|next|coming|past|previous|upcoming)\ (?P<wd>{DAYS}){PART})
        | (?P<unit>(?:the\ )?(?P<unitq>last|this\ past|this\ coming|this|next|coming|past|previous|upcoming|current|running)\ (?P<unitu>{SPAN}|fortnight))
        | (?P<onday>(?P<odw>on|by|until|till|'til|before|since|from|after|starting|starting\ on|starting\ from|beginning|as\ of|as\ from|effective|come|due|due\ on|due\ by|no\ later\ than|not\ later\ than)\ (?P<od>{SURE_DAYS}|mon|wed|sat){PART}(?:\ on(?:wards?)?(?-u:\b))?)
        | (?P<bareday>(?P<bd>{SURE_DAYS}){PART})
        | (?P<yesterday>(?:late\ |early\ )?(?:{YESTERDAY}){PART}|last\ (?:night|evening)|the\ previous\ day|the\ day\ just\ gone)
        | (?P<tomorrow>(?:first\ thing\ |early\ |late\ )?(?:{TOMORROW})(?:\ first\ thing)?{PART})
        | (?P<today>(?:earlier\ |later\ |late\ |early\ )?(?:today|tdy)(?:\ (?:morning|noon|afternoon|evening))?|tonight|tonite|2nite|(?:earlier\ |later\ |early\ |late\ )?this\ (?:very\ )?(?:morning|noon|afternoon|aft|evening|lunchtime)|as\ of\ now|just\ now)
        )(?P<poss>['’]s)?(?-u:\b)"
    );
    pattern(&text)
});

/// What makes a day of the week, of the month or a month one day: something that happens once, or a time limit.
pub(super) static AHEAD: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:will|won['’]t|going to|gonna|about to|'ll|’ll|to be|deadline|due|cut-?off|cut-?over|go-?live|kick-?off|launch(?:es)?|hearing|audit|exam|is (?:scheduled|planned|set|up|over)|are (?:scheduled|planned)|takes? place|starts?|begins?|opens?|closes|ends?|expires?|goes? live|go(?:es)? (?:to|away|down|up|out of)|moves?|switch(?:es)?|leaves?|joins?|retires?|takes? over|arrives?|comes?|lands?|drops?|stops?|shuts?|runs? out|kicks? off|becomes?|chang(?:es?|ing)|gets?|returns?|renews?|migrates?|signs?|hands? over|cuts? over|flips?|releases?|replaces?|upgrades?|loses?|gains?|burns?|(?:is|are|gets?|be|being) (?:being )?(?:switched|shut|turned|moved|retired|replaced|dropped|closed|opened|migrated|deleted|removed|cut|released|launched|upgraded|decommissioned|scrapped|merged|renamed|signed|handed|taken|sold|published|archived|disabled|enabled|revoked|rotated|frozen|unplugged|demolished|delivered|installed|introduced|raised|lowered|split|wound|phased|sunset|sunsetted|discontinued)|moving|leaving|joining|starting|ending|closing|opening|launching|migrating|switching|retiring|coming)\b",
    )
});
/// What is over.
pub(super) static BEHIND: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:was|were|had|did|been|took|left|went|came|gave|got|made|sold|bought|won|lost|began|broke|froze|hired|told|said|met|chose|sent|ran|fell|rose|died|fired|paid|built|brought|found|held|kept|knew|spoke|wrote|became|grew|threw|burnt|burst|split|shut|quit|cut|set up|put|[a-z]{2,}(?:[a-z]ed|ied))\b",
    )
});
/// Words in "-ed" that tell no past.
pub(super) static NO_PAST: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:is|are|be|being|gets?|must be|should be|not|un\w*|need|needed|needs|feed|speed|seed|indeed|embed|exceed|proceed|succeed|breed|agreed|used|based|named|called|hosted|limited|advanced|required|allowed|supposed|shared|unused|related|dated|unlimited|red|hundred)(?:\s+\w+ed)?\b",
    )
});
/// What holds again and again.
pub(super) static AGAIN: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:every|each|always|never|usually|normally|typically|generally|weekly|daily|monthly|quarterly|yearly|annual(?:ly)?|regular(?:ly)?|whenever|as a rule|any|once a|twice a|times a|per (?:week|month|year)|salar(?:y|ies)|payroll|wages|rent|newsletter|invoices|standing|recurring|birthday|born|fiscal|financial year|weeks? (?:always )?(?:starts?|begins?|ends?))\b",
    )
});
/// What is so on a day of the week, mostly.
pub(super) static RULED: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)\b(?:only|no|not|don['’]?t|doesn['’]?t|must|may|can(?:not|['’]t)?|should)\b"));
/// "Reports are printed …": of things of a kind.
pub(super) static ARE_DONE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:are|get) (?:\w+ly |always |all )?(?:\w+(?:ed|en|wn)|sent|built|sold|bought|read|held|kept|made|paid|cut|set|hung|put|brought|found)\b",
    )
});
/// "In the last week we have …": up to now.
pub(super) static PERFECT: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)\b(?:has|have|had|['’]ve|been|was|were|[a-z]{3,}ed)\b"));
/// What is promised once, not ruled.
pub(super) static ONCE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i)\b(?:will|going to|gonna|['’]ll|wants? to|plans? to|hopes? to|promised|announced)\b")
});
