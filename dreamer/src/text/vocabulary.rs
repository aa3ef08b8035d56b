//! Word lists: what counts as work, as passing, as an order, as the same thing said in another way.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

/// Words that carry no subject.
pub(crate) static STOP: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    words(
        "a an the this that these those it its it's they them their there here he she his her him we us our ours you \
         your yours i me my mine is are was were be been being am do does did done doing have has had having will \
         would shall should can could may might must ought need needs of to in on at by for from with into onto over \
         under about as than then so if when while because since and or but nor not no yes please just also too very \
         really only always never every each any all some more most much many own same such up out off again further \
         once everywhere both few other another which who whom whose what where why how let lets let's get gets got per via \
         use uses used using make makes put puts new prefer prefers want wants \
         still already yet now today even quite rather instead ever actually basically simply thing things way ways \
         like one's that's there's we're i'm you're don't doesn't didn't won't can't cannot isn't aren't wasn't haven't \
         hasn't shouldn't wouldn't couldn't mustn't",
    )
});

/// Verbs of letting somebody know.
pub(crate) const TELLING: [&str; 16] = [
    "alert", "notify", "warn", "ping", "page", "tell", "text", "call", "phone", "ring", "mail", "email", "e-mail",
    "message", "inform", "wake",
];

/// Words of one meaning, first the one that stands for the others.
const SAME: &[&str] = &[
    "postgres postgresql pg psql",
    "kubernetes k8s kube",
    "javascript js",
    "typescript ts",
    "python py",
    "database db databases",
    "repository repo repos",
    "directory dir folder folders directories",
    "configuration config configs configure configured conf settings setting",
    "environment env environments",
    "production prod",
    "documentation docs doc document documents",
    "application app apps applications",
    "authentication auth login logins signin authenticate",
    "authorization authz",
    "administrator admin admins",
    "message messages msg msgs",
    "message_mail mail email e-mail emails mails",
    "review approval approve approves approved signoff sign-off signs signed reviewer reviewers reviewed reviewing ok'd \
     okay okays okayed vet vets vetted",
    "design mockup mock-up mock-ups mockups designs layouts layout wireframe wireframes",
    "suite test tests testing suites spec specs tested",
    "pull_request pr prs mr mrs",
    "function func functions fn",
    "parameter param params parameters argument arguments",
    "delete remove removes removed erase drop drops dropped purge",
    "customer client customers clients buyer buyers",
    "employee staff colleague employees coworker",
    "salary pay wage wages salaries compensation earnings earn payband",
    "number numbers nr",
    "person persons people",
    "child children kid kids twins",
    "address addresses",
    "owner own owns owned owning responsible maintain maintains maintainer maintained belongs belong charge",
    "deploy deployment deploys deployments deployed deploying rollout rollouts release releases ship ships shipped \
     shipping releasing released",
    "build builds building built compile compiles compiling compiled",
    "backup backups back-up back-ups backing",
    "server servers host hosts machine machines box boxes",
    "error errors exception exceptions",
    "show shows showed shown showing",
    "draw draws drew drawn drawing",
    "send sends sent sending",
    "give gives gave given giving",
    "collect collects collected pickup pick-up pickups pick-ups",
    "plot plots plotted plotting chart charts graph graphs figure figures",
    "answer answers reply replies response responses explain explains explanation explanations",
    "picture image images pictures screenshot screenshots",
    "start starts started starting begin begins boot boots booted launch launches launched running up",
    "limit limits cap caps capped maximum max ceiling",
    "minimum min least",
    "retain keep keeps kept retention retained retains store stores stored preserve preserved",
    "write writes writing written author",
    "run runs execute executes executed",
    "live lives reside resides located sit sits found find",
    "port ports",
    "indent indentation indents indented",
    "comment comments",
    "commit commits committing",
    "branch branches",
    "fast quick rapid",
    "big large huge",
    "forbid forbidden prohibit prohibited ban banned disallow disallowed",
    "holiday vacation holidays",
    "bicycle bicycles bike bikes",
    "telephone telephones phone phones mobile_number",
    "photograph photographs photo photos",
    "refrigerator refrigerators fridge fridges",
    "television televisions tv tvs",
    "lorry lorries truck trucks",
    "advert adverts advertisement advertisements ad ads",
    "average averages averaged averaging mean means",
    "birthday birthdate born",
    "language languages",
    "region regions",
    "opponent opponents opposing adversary adversaries",
    "vendor supplier vendors suppliers provider providers",
    "company firm companies organisation organization",
    "acquire acquisition acquiring acquired takeover buyout buy buying purchase merger",
    "fee fees price prices cost costs",
    "night nightly nights overnight",
    "percent % pct percentage",
    "frame frames fps",
    "java jdk jre openjdk",
    "hour hours hr hrs h",
    "minute minutes mins",
    "second seconds sec secs",
    "day days",
    "week weeks",
    "month months",
    "year years yr yrs",
    "monday mon mondays",
    "tuesday tue tues tuesdays",
    "wednesday wed wednesdays weds",
    "thursday thu thur thurs thursdays",
    "friday fri fridays",
    "saturday sat saturdays",
    "sunday sun sundays",
];

/// Numbers as words.
const NUMBERS: &[(&str, &str)] = &[
    ("zero", "0"),
    ("one", "1"),
    ("two", "2"),
    ("three", "3"),
    ("four", "4"),
    ("five", "5"),
    ("six", "6"),
    ("seven", "7"),
    ("eight", "8"),
    ("nine", "9"),
    ("ten", "10"),
    ("eleven", "11"),
    ("twelve", "12"),
    ("thirteen", "13"),
    ("fourteen", "14"),
    ("fifteen", "15"),
    ("sixteen", "16"),
    ("seventeen", "17"),
    ("eighteen", "18"),
    ("nineteen", "19"),
    ("twenty", "20"),
    ("thirty", "30"),
    ("forty", "40"),
    ("fifty", "50"),
    ("sixty", "60"),
    ("seventy", "70"),
    ("eighty", "80"),
    ("ninety", "90"),
    ("hundred", "100"),
    ("twice", "2"),
    ("midnight", "0"),
    ("noon", "12"),
];

/// Things of which a rule names one: another of the same row is another answer to the same question.
const ALTERNATIVES: &[&str] = &[
    "tab space",
    "rebase squash",
    "eur euro euros usd dollar dollars gbp chf franc francs sek nok dkk jpy yen",
    "uart rtt jtag swd usb can spi i2c rs485 ethernet",
    "openocd probe-rs jlink j-link pyocd",
    "wandb mlflow tensorboard neptune",
    "pdf xlsx xls docx odt csv html markdown asciidoc spreadsheet spreadsheets latex typst word excel",
    "ppm ppb mg/l g/l",
    "png jpg jpeg tiff tif gif webp bmp svg",
    "mp3 ogg opus flac wav aac m4a",
    "gcc clang msvc icc",
    "tailwind bootstrap bulma css sass",
    "rabbitmq kafka nats redis sqs pulsar activemq mqtt",
    "bazel gradle maven cmake ninja meson buck make just",
    "terraform pulumi ansible chef puppet salt cloudformation",
    "react vue angular svelte solid",
    "arial helvetica garamond times calibri verdana roboto georgia",
    "sie du vous tu usted",
    "git mercurial svn perforce",
    "gzip zstd lz4 brotli xz",
    "ubuntu debian fedora alpine centos arch nixos rocky",
    "firefox chrome safari edge chromium",
    "zoom meet jitsi webex",
    "trunk develop main master",
    "kilo kilos kilogram kg gram grams pound pounds ounce",
    "kilometre kilometres kilometer km mile miles metre metres meter meters foot feet",
    "litre litres liter gallon gallons",
    "kelvin celsius fahrenheit",
    "12-hour 24-hour",
    "bar psi kpa",
    "landscape portrait",
    "ascending descending",
    "inclusive exclusive",
    "gross net",
    "snake_case camelcase kebab-case pascalcase snake camel kebab pascal",
    "npm yarn pnpm bun",
    "jest vitest mocha jasmine ava tap",
    "pytest unittest nose",
    "cypress playwright selenium puppeteer",
    "webpack vite rollup parcel esbuild",
    "black ruff yapf autopep8",
    "prettier biome dprint standard",
    "pip poetry uv pipenv conda",
    "docker podman",
    "gitmoji conventional",
    "light dark",
    "short long brief detailed verbose terse concise",
    "formal informal casual",
    "metric imperial",
    "english german french spanish italian dutch portuguese polish swedish danish norwegian finnish czech japanese \
     chinese korean russian turkish british american",
    "utc local cet gmt est pst cest",
    "morning afternoon evening",
    "mysql postgres sqlite mariadb mongodb oracle dynamodb",
    "heroku aws gcp azure hetzner digitalocean netlify vercel",
    "slack teams discord email mattermost zulip opsgenie pagerduty",
    "jira linear trello asana",
    "json yaml toml xml protobuf",
    "rest graphql grpc soap",
    "monday tuesday wednesday thursday friday saturday sunday",
    "january february march april june july august september october november december",
    "weekly daily monthly hourly yearly quarterly",
    "single double",
    "async sync",
    "emacs vim nano vscode",
    "enable disable",
    "allow forbid",
    "manual automatic",
    "mandatory optional",
    "public private",
    "first last",
    "before after",
];

/// Verbs that a sentence may begin with to order something done once.
pub(crate) static TASK_VERBS: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    words(
        "add fix refactor rename create implement bump update remove delete tidy clean debug investigate check look run \
         show open read find explain merge push revert install upgrade move extract inline build test generate convert \
         migrate rewrite make change set try list print search give tell help finish continue restart stop start close \
         apply replace copy compare port adapt correct improve optimise optimize simplify split undo redo verify measure \
         profile trace reproduce bisect cherry-pick draft translate summarise summarize describe sketch plan scaffold \
         wire hook expose hide disable enable bring pull fetch download upload send post publish submit analyse analyze \
         count sum round deploy release ship review research scan lint reformat regenerate resolve handle introduce \
         drop switch turn rerun retry walk inspect display render paste wait see go come take extend increase decrease \
         reduce raise lower tweak adjust align polish cut trim strip patch backport rework restructure reorganise \
         reorganize rebuild recreate reset restore clear empty expand collapse",
    )
});

/// What a project's usual tasks are called.
pub(crate) static PROJECT_TASKS: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    words(
        "test tests lint build check fmt format seed migrate dev start up serve typecheck docs bench e2e unit gen generate \
         proto clippy",
    )
});

/// Verbs that a sentence may begin with to say how things are done here.
pub(crate) static HABIT_VERBS: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    words(
        "use write keep prefer log indent name put store ask answer reply respond format begin end document comment wrap \
         sort limit avoid stick follow treat call talk speak quote sign prefix suffix tag squash rebase commit address \
         refer favour favor default assume expect target pin type annotate validate sanitize sanitise escape encode \
         cache mock stub order group separate import export place spell capitalise capitalize reserve restrict notify \
         ping contact consult involve inform mention link reference cite number version archive encrypt mask redact \
         record report file skip ignore leave never always only don't do not be include exclude return throw raise \
         assert cover measure schedule host serve route start",
    )
});

/// Words of work: a sentence with one of them is likely about something worth keeping.
pub(crate) static WORK: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    words(
        "deploy test suite branch service api endpoint database table schema query index migration file code config \
         configuration review customer invoice token server cluster region staging production environment build \
         pipeline ci cd job worker queue event topic cache log metric alert dashboard monitor backup snapshot replica \
         repository commit merge pull_request ticket issue sprint roadmap owner team vendor contract sla budget licence \
         license legal compliance gdpr audit security permission role account credential key certificate secret vault \
         password port host domain dns url address network firewall proxy gateway load balancer container docker image \
         kubernetes pod namespace helm terraform version library package dependency framework module component function \
         class interface type parameter variable flag feature toggle rollout deadline milestone freeze window schedule \
         cron timezone currency tax payment billing order cart checkout product catalogue catalog shipment warehouse \
         user tenant partner client sdk webhook callback request response timeout retry limit quota rate threshold \
         percent coverage lint format style convention guideline rule policy process procedure documentation readme \
         changelog wiki design figma prototype translation locale language report export import data dataset model \
         training experiment notebook script tool command makefile directory path root binary artifact registry mirror \
         bucket storage disk volume partition shard node machine cpu memory gpu driver firmware device sensor hardware \
         mobile android ios browser frontend backend application website page form field button layout theme font \
         colour color icon header footer menu sidebar support helpdesk incident outage postmortem runbook escalation \
         contact mail email channel meeting standup retro demo onboarding holiday office supplier manufacturer lab \
         sample patient clinic school course student grade exam lesson editor publisher article newsletter campaign \
         lead sale revenue subscription plan tier discount coupon refund transfer bank ledger journal accounting payroll \
         approval encryption privacy retention consent cookie session login authentication authorization administrator \
         hotfix release rollback canary semver main master trunk fixture mock stub benchmark \
         profiler debugger linter formatter compiler runtime interpreter virtualenv lockfile zone plugin extension transcript hook skill template codec parser renderer crawler scraper batch stream \
         broker consumer producer lambda inventory stock tariff vat receipt \
         payout chargeback subscriber workspace organisation organization department site plant line \
         kiln oven lot recipe dosage ward court case clause statute tender grant thesis paper \
         citation chapter manuscript proof print press stage rehearsal show venue booking reservation room \
         shift roster vehicle fleet route stop depot parcel pallet",
    )
});

/// Words of the passing day.
pub(crate) static PASSING: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    words(
        "coffee tea lunch dinner breakfast snack snacks sandwich pizza cake cookie_jar hungry thirsty tired sleepy sleep \
         asleep nap yawn headache sick cold flu sneeze weather rain raining rainy snow snowing sunny sunshine cloudy \
         storm stormy windy freezing hot warm humid heatwave thunder fog foggy battery charger charging laggy \
         laptop headphones headset keyboard_cat cat cats dog dogs puppy kitten kid kids baby toddler neighbour \
         neighbours neighbor noise noisy loud drilling train bus tram traffic commute bike gym weekend movie film song \
         music football match game goal holiday_mood beach party birthday_cake beer wine drink drinks pub haha hahaha \
         hehe lol rofl lmao funny laugh laughed laughing joke joking hilarious bored boring happy sad excited nervous \
         stressed annoyed brb afk bbl gtg ttyl yay woohoo ugh meh phew oops whoops wow gosh desk chair elevator lift \
         dentist doctor haircut plumber parcel doorbell fire_alarm sorry thanks thank cheers welcome morning_all \
         grr grrr argh aargh ouch ow oof aah aaah aaaah sigh pff pfff brr brrr gah yuck eww yikes sheesh",
    )
});

static SAME_MAP: LazyLock<HashMap<&str, &str>> = LazyLock::new(|| {
    let mut map = HashMap::new();
    for row in SAME {
        let mut row = row.split_whitespace();
        let Some(first) = row.next() else { continue };
        map.insert(first, first);
        for word in row {
            map.insert(word, first);
        }
    }
    map.extend(NUMBERS.iter().copied());
    map
});

static ALTERNATIVE_MAP: LazyLock<HashMap<&str, u16>> = LazyLock::new(|| {
    let rows = ALTERNATIVES.iter().enumerate();
    rows.flat_map(|(at, row)| row.split_whitespace().map(move |word| (word, at as u16)))
        .collect()
});

/// The word that stands for all of its meaning.
pub(crate) fn same(word: &str) -> Option<&'static str> {
    SAME_MAP.get(word).copied()
}

/// The row of alternatives a word belongs to.
pub(crate) fn alternative(word: &str) -> Option<u16> {
    ALTERNATIVE_MAP.get(word).copied()
}

/// Whether an order may begin with a word, in lower case.
pub(crate) fn is_verb(lower: &str) -> bool {
    HABIT_VERBS.contains(lower) || TASK_VERBS.contains(lower)
}

/// The number a word means.
pub(crate) fn number(word: &str) -> Option<&'static str> {
    NUMBERS
        .iter()
        .find(|(name, _)| *name == word)
        .map(|(_, digits)| *digits)
}

/// A set of words, from one text.
pub(crate) fn words(list: &'static str) -> HashSet<&'static str> {
    list.split_whitespace().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_stands_in_two_rows() {
        for rows in [SAME, ALTERNATIVES] {
            let mut row_of: HashMap<&str, &str> = HashMap::new();
            for row in rows {
                for word in row.split_whitespace() {
                    assert_eq!(row_of.insert(word, row), None, "{word}");
                }
            }
        }
        let in_rows: HashSet<&str> = SAME.iter().flat_map(|row| row.split_whitespace()).collect();
        assert!(NUMBERS.iter().all(|(name, _)| !in_rows.contains(name)));
    }

    #[test]
    fn numbers_in_words_are_numbers() {
        for (word, digits) in [
            ("thirteen", "13"),
            ("nineteen", "19"),
            ("seventy", "70"),
            ("eighty", "80"),
        ] {
            assert_eq!((number(word), same(word)), (Some(digits), Some(digits)));
        }
        assert_eq!(same("phone"), same("telephones"));
    }
}
