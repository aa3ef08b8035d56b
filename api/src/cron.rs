//! Rules for what a `CronJob` takes: a schedule that it would refuse is refused when it is applied.

use kube::core::{Message, Rule};

/// One field: values, ranges and steps, with commas between.
fn field(value: &str) -> String {
    let part = format!("([*?]|({value})(-({value}))?)(/[1-9][0-9]*)?");
    format!("{part}(,{part})*")
}

/// Five fields, or a word. That a range begins before it ends, only the apiserver looks at.
pub(crate) fn schedule() -> Rule {
    let fields = [
        field("[0-5]?[0-9]"),
        field("[01]?[0-9]|2[0-3]"),
        field("0?[1-9]|[12][0-9]|3[01]"),
        field("0?[1-9]|1[0-2]|(?i:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"),
        field("0?[0-6]|(?i:sun|mon|tue|wed|thu|fri|sat)"),
    ];
    let words = "@(hourly|daily|midnight|weekly|monthly|yearly|annually)|@every ([0-9]+(ms|h|m|s))+";
    let message = "write schedule as cron does: minute, hour, day of the month, month and day of the week (0 or sun to 6 or \
                   sat), as in `0 3 * * *`; or @hourly, @daily, @weekly, @monthly or @yearly";
    Rule::new(format!("self.matches('^ *({}|{words}) *$')", fields.join(" +")))
        .message(Message::Message(message.to_owned()))
}

/// The shape of a time zone's name. Whether there is one of that name, only the apiserver knows.
pub(crate) fn time_zone() -> Rule {
    let message = "timeZone is a name of the IANA time zone database, as in Europe/Berlin or Etc/UTC";
    Rule::new("self.matches('^[-+._a-zA-Z0-9]+(/[-+._a-zA-Z0-9]+)*$') && !self.matches('^(?i:local)$')")
        .message(Message::Message(message.to_owned()))
}
