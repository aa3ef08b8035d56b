#![allow(clippy::unwrap_used)]
use super::*;

/// A Wednesday.
fn said(text: &str) -> String {
    absolute(text, "2026-05-13T09:00:00Z".parse().unwrap())
}

#[track_caller]
fn all_said(forms: &[(&str, &str)]) {
    let wrong: Vec<_> = forms
        .iter()
        .map(|(text, expected)| (text, said(text), expected))
        .filter(|(text, got, expected)| got != *expected || !is_relative(text) && !text.contains("the other"))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn days_and_spans_ago() {
    all_said(&[
        ("Yesterday we moved", "On 2026-05-12 we moved"),
        ("yday the lease was signed", "on 2026-05-12 the lease was signed"),
        ("yesterday evening the fuse blew", "on 2026-05-12 the fuse blew"),
        (
            "late yesterday the vendor called it off",
            "on 2026-05-12 the vendor called it off",
        ),
        ("it ends the day after tomorrow", "it ends on 2026-05-15"),
        ("day after tmrw the crane comes", "on 2026-05-15 the crane comes"),
        (
            "the day before yesterday Noor took over",
            "on 2026-05-11 Noor took over",
        ),
        ("the night before last the pump failed", "on 2026-05-11 the pump failed"),
        (
            "the other day the board agreed to a second shift",
            "shortly before 2026-05-13 the board agreed to a second shift",
        ),
        ("Three weeks ago Noor left", "On 2026-04-22 Noor left"),
        ("about three weeks ago Noor left", "on 2026-04-22 Noor left"),
        (
            "2 wks ago we moved to the new tenant",
            "on 2026-04-29 we moved to the new tenant",
        ),
        ("3d ago we froze the schema", "on 2026-05-10 we froze the schema"),
        ("a couple of days ago Noor left", "around 2026-05-11 Noor left"),
        ("a couple weeks ago Noor left", "around 2026-04-29 Noor left"),
        ("a few days back Noor left", "around 2026-05-10 Noor left"),
        ("half a year ago Noor left", "on 2025-11-13 Noor left"),
        ("since three days the hall is let", "since 2026-05-10 the hall is let"),
        ("the hall is let since 2 weeks", "the hall is let since 2026-04-29"),
        ("Since a few days Noor runs it", "Since about 2026-05-10 Noor runs it"),
        (
            "since three days ago the hall is let",
            "since 2026-05-10 the hall is let",
        ),
        ("a year and a half ago we sold it", "on 2024-11-13 we sold it"),
        ("a week ago today the roof leaked", "on 2026-05-06 the roof leaked"),
        ("a week ago yesterday the roof leaked", "on 2026-05-05 the roof leaked"),
        ("a week ago on Friday the roof leaked", "on 2026-05-01 the roof leaked"),
        ("twenty-one days ago the roof leaked", "on 2026-04-22 the roof leaked"),
        ("seventeen days ago the roof leaked", "on 2026-04-26 the roof leaked"),
        ("seventy days ago the roof leaked", "on 2026-03-04 the roof leaked"),
        ("eighty days ago the roof leaked", "on 2026-02-22 the roof leaked"),
        ("two Mondays ago the roof leaked", "on 2026-05-04 the roof leaked"),
        (
            "five hours ago the deploy key was revoked",
            "on 2026-05-13 the deploy key was revoked",
        ),
        (
            "ten hours ago the deploy key was revoked",
            "on 2026-05-12 the deploy key was revoked",
        ),
    ]);
}

#[test]
fn days_and_spans_ahead() {
    all_said(&[
        ("it ends in a fortnight", "it ends on 2026-05-27"),
        ("it ends in two weeks' time", "it ends on 2026-05-27"),
        ("it ends in 2-3 weeks", "it ends between 2026-05-27 and 2026-06-03"),
        ("it ends in about six weeks", "it ends on 2026-06-24"),
        (
            "in ten business days the quote lapses",
            "on 2026-05-27 the quote lapses",
        ),
        ("in half a year the contract ends", "on 2026-11-13 the contract ends"),
        ("in a year and a half the lease ends", "on 2027-11-13 the lease ends"),
        (
            "in a couple of weeks the rack moves",
            "around 2026-05-27 the rack moves",
        ),
        ("two months from now", "on 2026-07-13"),
        (
            "three weeks from tomorrow the lease ends",
            "on 2026-06-04 the lease ends",
        ),
        ("a week from Monday", "on 2026-05-25"),
        (
            "two weeks from Thursday the audit starts",
            "on 2026-05-28 the audit starts",
        ),
        ("a week on Saturday we move", "on 2026-05-23 we move"),
        ("a fortnight on Tuesday we move", "on 2026-06-02 we move"),
        ("a week tomorrow we move", "on 2026-05-21 we move"),
        ("Monday week the new rota starts", "On 2026-05-25 the new rota starts"),
        ("Friday in two weeks the lease ends", "On 2026-05-29 the lease ends"),
    ]);
}

#[test]
fn days_of_the_week() {
    all_said(&[
        ("Last Monday it moved", "On 2026-05-11 it moved"),
        ("last fri it moved", "on 2026-05-08 it moved"),
        ("it ends next Monday", "it ends on 2026-05-18"),
        (
            "next tue the vendor cuts us off",
            "on 2026-05-19 the vendor cuts us off",
        ),
        ("it ends this coming Friday", "it ends on 2026-05-15"),
        ("this sat the hall is closed", "on 2026-05-16 the hall is closed"),
        ("valid until next Thursday", "valid until 2026-05-14"),
        (
            "wednesday next week the hall is closed",
            "on 2026-05-20 the hall is closed",
        ),
        (
            "next week on Thursday the hall is closed",
            "on 2026-05-21 the hall is closed",
        ),
        (
            "on Tuesday last week the hall was closed",
            "on 2026-05-05 the hall was closed",
        ),
        (
            "From Thursday next week the hall is closed",
            "From 2026-05-21 the hall is closed",
        ),
        ("it is shut until Friday next week", "it is shut until 2026-05-22"),
        ("by next week Tuesday it ends", "by 2026-05-19 it ends"),
        ("it was shut since Monday last week", "it was shut since 2026-05-04"),
        ("the Friday after next we move", "on 2026-05-22 we move"),
        ("the Monday before last we moved", "on 2026-05-04 we moved"),
        (
            "this weekend the line stops",
            "on the weekend of 2026-05-16 the line stops",
        ),
        (
            "over the weekend we moved the racks",
            "on the weekend of 2026-05-09 we moved the racks",
        ),
        (
            "next weekend the line stops",
            "on the weekend of 2026-05-23 the line stops",
        ),
        (
            "last weekend the line stopped",
            "on the weekend of 2026-05-09 the line stopped",
        ),
    ]);
}

#[test]
fn ends_and_parts_of_spans() {
    all_said(&[
        ("by the end of the month", "by 2026-05-31"),
        ("at the end of next month", "by 2026-06-30"),
        ("by end of next week the line stops", "by 2026-05-24 the line stops"),
        ("end of May the line stops", "by 2026-05-31 the line stops"),
        ("at the end of q3 the line stops", "by 2026-09-30 the line stops"),
        ("by EOD tomorrow all keys are gone", "by 2026-05-14 all keys are gone"),
        ("until the end of next year", "until 2027-12-31"),
        (
            "at the beginning of next month the line stops",
            "on 2026-06-01 the line stops",
        ),
        (
            "in the middle of next month the line stops",
            "around 2026-06-16 the line stops",
        ),
        (
            "since the start of the year Noor runs it",
            "since 2026-01-01 Noor runs it",
        ),
        ("before month-end the line stops", "before 2026-05-31 the line stops"),
        ("mid next month the line stops", "around 2026-06-16 the line stops"),
        ("mid-june the line stops", "in mid June 2026 the line stops"),
        ("the line stops mid-month", "the line stops around 2026-05-16"),
        (
            "early next week the line stops",
            "early in the week of 2026-05-18 the line stops",
        ),
        (
            "later this week the line stops",
            "in the week of 2026-05-11 the line stops",
        ),
        ("late next month the line stops", "late in 2026-06 the line stops"),
    ]);
}

#[test]
fn weeks_months_and_years() {
    all_said(&[
        ("since last week", "since the week of 2026-05-04"),
        ("it moves by Thursday week", "it moves by 2026-05-21"),
        ("until Friday week it is shut", "until 2026-05-22 it is shut"),
        ("last month it moved", "in 2026-04 it moved"),
        ("next quarter the line stops", "in Q3 2026 the line stops"),
        (
            "the week after next the line stops",
            "in the week of 2026-05-25 the line stops",
        ),
        ("the month before last it moved", "in 2026-03 it moved"),
        ("next year's budget is 4 million", "the 2027 budget is 4 million"),
        ("last march we moved", "in March 2026 we moved"),
        ("we moved last march", "we moved in March 2026"),
        ("we leave the hall this june", "we leave the hall in June 2026"),
        ("next june the lease ends", "in June 2026 the lease ends"),
        ("next summer the hall closes", "in summer 2026 the hall closes"),
        ("In July the hall closes", "In July 2026 the hall closes"),
        (
            "in february the hall was closed",
            "in February 2026 the hall was closed",
        ),
    ]);
}

#[test]
fn numbered_days() {
    all_said(&[
        (
            "first monday of next month the line stops",
            "on 2026-06-01 the line stops",
        ),
        ("the last friday of june the line stops", "on 2026-06-26 the line stops"),
        ("the last day of next month is a holiday", "on 2026-06-30 is a holiday"),
        (
            "third Thursday in July the audit starts",
            "on 2026-07-16 the audit starts",
        ),
        (
            "the first week of next month the line stops",
            "in the week of 2026-06-01 the line stops",
        ),
        (
            "the filing deadline is the 21st",
            "the filing deadline is on 2026-05-21",
        ),
        ("the audit starts on the 3rd", "the audit starts on 2026-06-03"),
        ("on the 2nd the hall was sold", "on 2026-05-02 the hall was sold"),
        ("the 1st of next month the hall closes", "on 2026-06-01 the hall closes"),
        ("due on the first of next month", "due on 2026-06-01"),
        ("next month on the 5th the hall closes", "on 2026-06-05 the hall closes"),
        ("on Thursday the 21st the hall closes", "on 2026-05-21 the hall closes"),
    ]);
}

#[test]
fn parts_of_the_day() {
    all_said(&[
        ("This morning it moved", "On 2026-05-13 it moved"),
        ("this aft the tills are swapped", "on 2026-05-13 the tills are swapped"),
        ("tonight the tills are swapped", "on 2026-05-13 the tills are swapped"),
        (
            "earlier today the office approved it",
            "on 2026-05-13 the office approved it",
        ),
        (
            "later today the tills are swapped",
            "on 2026-05-13 the tills are swapped",
        ),
        ("tmrw the rig goes", "on 2026-05-14 the rig goes"),
        ("tomorow the rig goes", "on 2026-05-14 the rig goes"),
        ("first thing tomorrow the rig goes", "on 2026-05-14 the rig goes"),
        ("starting tomorrow Wanda answers", "starting 2026-05-14 Wanda answers"),
        (
            "As of today the depot is closed",
            "As of 2026-05-13 the depot is closed",
        ),
    ]);
}

#[test]
fn single_days_of_the_week() {
    all_said(&[
        ("it will move on Friday", "it will move on 2026-05-15"),
        ("the reports are due on Friday", "the reports are due on 2026-05-15"),
        ("abstracts are due on Friday", "abstracts are due on 2026-05-15"),
        ("on friday the lease ends", "on 2026-05-15 the lease ends"),
        ("On Monday we switched to MQTT", "On 2026-05-11 we switched to MQTT"),
        (
            "by friday all shops must have labels",
            "by 2026-05-15 all shops must have labels",
        ),
        (
            "no deploys before monday, the vendor migrates",
            "no deploys before 2026-05-18, the vendor migrates",
        ),
        (
            "hand it in no later than thursday",
            "hand it in no later than 2026-05-14",
        ),
        (
            "since Monday the oven reports to the new broker",
            "since 2026-05-11 the oven reports to the new broker",
        ),
        (
            "from Monday on the desk is staffed at night",
            "from 2026-05-18 on the desk is staffed at night",
        ),
        (
            "starting monday the desk is staffed at night",
            "starting 2026-05-18 the desk is staffed at night",
        ),
        (
            "as of thursday the desk is staffed at night",
            "as of 2026-05-14 the desk is staffed at night",
        ),
        ("the audit starts friday", "the audit starts on 2026-05-15"),
        ("monday the audit starts", "on 2026-05-18 the audit starts"),
        ("deadline is thursday", "deadline is on 2026-05-14"),
        ("The deadline is Thursday", "The deadline is on 2026-05-14"),
    ]);
}

#[test]
fn of_a_day_and_up_to_it() {
    all_said(&[
        (
            "yesterday's outage was caused by DNS",
            "the 2026-05-12 outage was caused by DNS",
        ),
        (
            "since yesterday's outage the cache is off",
            "since the 2026-05-12 outage the cache is off",
        ),
        (
            "for the next two weeks the hall is closed",
            "until 2026-05-27 the hall is closed",
        ),
        (
            "over the last three months we have lost two vendors",
            "since 2026-02-13 we have lost two vendors",
        ),
        (
            "in the coming weeks the hall is rebuilt",
            "in the time after 2026-05-13 the hall is rebuilt",
        ),
        (
            "this time next week the hall is closed",
            "on 2026-05-20 the hall is closed",
        ),
        ("postponed to next Tuesday", "postponed to 2026-05-19"),
        (
            "between tomorrow and Friday the hall is closed",
            "between 2026-05-14 and 2026-05-15 the hall is closed",
        ),
    ]);
}

#[test]
fn what_holds_again_or_is_no_date_stays() {
    let changed: Vec<_> = [
        "it is read-only on Fridays",
        "we never deploy on Friday",
        "standup is on Monday",
        "We meet on Monday at ten",
        "Timesheets are due every Friday",
        "Reports are due on Friday",
        "Note that shift rosters are due by Thursday",
        "Expenses are due Monday",
        "Weeks start on Sunday in our reports",
        "The working week ends on Thursday",
        "we ship Monday to Friday",
        "from Monday to Friday the desk is staffed",
        "Monday meetings are in room 4",
        "The Friday report goes to Ilse",
        "Refunds are paid within 14 days",
        "parcels must be answered within two days",
        "tests run in 30 minutes",
        "backups run twice in a week",
        "Round the hours up to the next quarter",
        "Shifts are rounded to the next week",
        "the dashboard shows the last 7 days",
        "logs are kept for the last 30 days",
        "the 3rd floor is closed",
        "The 95th percentile must stay under 200 ms",
        "payroll goes out on the 25th",
        "Delling & Sons pay in 60 days",
        "The council pays in 14 days",
        "Our tenants usually settle in two weeks",
        "invoices are sent on the 1st of the month",
        "the release goes out on the first Monday of the month",
        "every first Monday of the month the hall is closed",
        "the team may only use staging",
        "may the tests run in parallel",
        "the march towards v2",
        "see docs/today.md for the list",
        "run `git log --since=yesterday` first",
        "the tab is called \"Next week\"",
        "use next-week.sh for the rota",
        "at the end of the day it is about trust",
        "two days earlier than planned",
        "the fiscal year starts in July",
        "the lease ends on 14 May 2027",
        "the birthday of Noor is on the 3rd",
        "sales rose by 20% in three months",
        "the tool deleted 20 files in a day",
        "This may or may not work",
        "open from December to March",
        "the route is open from late June to early October",
        "fishing and back",
        "on the weekend the office is closed",
        "the Roman hall is closed on the last Friday",
        "on the last Monday we clean the tanks",
        "finished reels are uploaded on Sunday night",
        "painted signs are hung and checked on Monday",
    ]
    .into_iter()
    .map(|text| (text, said(text)))
    .filter(|(text, got)| text != got)
    .collect();
    assert!(changed.is_empty(), "{changed:#?}");
}

#[test]
fn days_of_every_week_stay() {
    for text in [
        "The tuner comes on Wednesday afternoons",
        "On Friday nights the pool is closed",
        "The hall must be booked by Thursday for the next week",
        "Orders may be changed until Tuesday noon for the following week",
        "We bake on Monday of every second week",
    ] {
        assert_eq!(said(text), text);
    }
}

#[test]
fn what_was_made_absolute_is_no_longer_relative() {
    for text in [
        "Yesterday we moved, and next Monday the lease ends",
        "by friday all keys must be back, the audit is on the 3rd",
        "last month's bill is paid until the end of next week",
    ] {
        assert!(!is_relative(&said(text)), "{}", said(text));
    }
}
