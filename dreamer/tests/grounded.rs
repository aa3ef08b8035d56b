//! What an agent concludes from what a tool showed it is a fact; what it does, and how the work stands, is none.
#![allow(clippy::unwrap_used)]

mod common;

use common::desk::Desk;
use common::{said, tool};

const SHOWN: &str = "2026-05-04T10:00:00Z";
const SAID: &str = "2026-05-04T10:01:00Z";

/// What is left of a sentence that an agent says after a tool showed something.
fn facts(command: &str, output: &str, sentence: &str) -> Vec<String> {
    let mut desk = Desk::default();
    desk.line("kai/a", &tool(SHOWN, command, output))
        .line("kai/a", &said(SAID, sentence));
    desk.dream(5);
    desk.facts()
        .into_iter()
        .filter(|fact| !fact.starts_with("Command that works"))
        .collect()
}

#[track_caller]
fn kept(cases: &[(&str, &str, &str)]) {
    let lost: Vec<_> = cases
        .iter()
        .filter(|(command, output, sentence)| facts(command, output, sentence).is_empty())
        .collect();
    assert!(lost.is_empty(), "{} of {} lost: {lost:#?}", lost.len(), cases.len());
}

#[track_caller]
fn dropped(cases: &[(&str, &str, &str)]) {
    let kept: Vec<_> = cases
        .iter()
        .map(|(command, output, sentence)| facts(command, output, sentence))
        .filter(|facts| !facts.is_empty())
        .collect();
    assert!(kept.is_empty(), "{} of {} kept: {kept:#?}", kept.len(), cases.len());
}

#[test]
fn passes_are_steps() {
    kept(&[
        (
            "cat docs/weaving.md",
            "Order of passes: warp, weave, full. Fulling must not shrink.\n",
            "The passes run in the order warp, weave, full, and fulling must not shrink.",
        ),
        (
            "cat docs/order.md",
            "Passes, in order: carding, spinning, dyeing\n",
            "All passes run in the order carding, spinning, dyeing.",
        ),
    ]);
    dropped(&[
        (
            "cat docs/weaving.md",
            "Order of tests: warp, weave, full. Fulling must not shrink.\n",
            "The warp test passes in the order warp, weave, full.",
        ),
        (
            "make check",
            "warp ok\nweave ok\n",
            "The suite passes with warp and weave.",
        ),
    ]);
}

#[test]
fn findings_behind_what_they_are_good_for() {
    kept(&[
        (
            "cat vat.properties",
            "vat.home=/opt/dye-21\n# 17 crashes the mixer\n",
            "That explains the noise in my run: the vat needs dye 21, with 17 the mixer crashes.",
        ),
        (
            "cat docs/recipes.md",
            "Amounts are parts per hundred, not grams.\n",
            "Before I convert anything: the amounts in the recipes are parts per hundred, they are not grams.",
        ),
        (
            "cat loom.toml",
            "features = [\"4.3\"]\n",
            "One thing I noticed on the way: the loom is pinned to 4.3, newer looms rewrite the cards.",
        ),
        (
            "cat etc/suppliers.txt",
            "Brandt: files come as Latin-1, everyone else UTF-8\n",
            "The odd letters are no fault of ours: Brandt sends its files in Latin-1 while everybody else uses UTF-8.",
        ),
        (
            "rg -n address looms",
            "looms/net/Hosts.kt:12: val address =\n",
            "I checked: all addresses of looms live in net/Hosts.kt, no other file has any.",
        ),
        (
            "cat ops/yearend.md",
            "When the guild has counted the looms: sh ops/close_year.sh\n",
            "Year end is done by ops/close_year.sh, once the guild has counted the looms.",
        ),
        (
            "cat lists/closed.ini",
            "[2026]\ngood_friday = closed\n",
            "Days when the mill is closed are set in lists/closed.ini.",
        ),
    ]);
    dropped(&[
        (
            "cat loom.toml",
            "port = 80\n",
            "What I noticed in the old branch: the port of the loom is 80.",
        ),
        (
            "cat loom.toml",
            "port = 80\n",
            "That explains the noise: the port 80 is missing in the other file.",
        ),
        ("cat loom.toml", "threads = 17\n", "With 17 threads the loom crashes."),
        (
            "cat lists/closed.ini",
            "good_friday = closed\n",
            "The gate in lists/closed.ini is closed.",
        ),
    ]);
}

#[test]
fn where_things_are() {
    kept(&[
        (
            "rg -n 'fn dye' .",
            "crates/vat/src/mix.rs:40:pub fn dye() {",
            "Colours are mixed in crates/vat/src/mix.rs.",
        ),
        (
            "ls deploy",
            "kiln.nomad\nvat.nomad\n",
            "The Nomad jobs sit in deploy/, one file per service.",
        ),
        (
            "find . -name '*.tmpl'",
            "./mail/tpl/receipt.tmpl\n./mail/tpl/reminder.tmpl\n",
            "Mail templates live under mail/tpl.",
        ),
        (
            "cat .env.example",
            "LOOM_DB=/var/lib/loom/loom.db\n",
            "The loom database file is /var/lib/loom/loom.db.",
        ),
        (
            "grep -rn addEvent src",
            "src/bus/registry.ts:8:export function addEvent(",
            "New events are registered in src/bus/registry.ts.",
        ),
        (
            "cat mkdocs.yml",
            "site_name: Looms\ndocs_dir: handbook\n",
            "The handbook folder is what MkDocs publishes as the site.",
        ),
        (
            "ls translations",
            "de.po\nnl.po\nsv.po\n",
            "Translations exist for three languages: de, nl and sv.",
        ),
    ]);
}

#[test]
fn how_things_are_run() {
    kept(&[
        (
            "cat package.json",
            "{\"scripts\": {\"storybook\": \"storybook dev -p 6006\"}}",
            "Storybook comes up with `npm run storybook` on port 6006.",
        ),
        (
            "cat tasks.py",
            "@task\ndef reindex(c):\n    c.run('python -m loom.index')\n",
            "The search index is rebuilt with `invoke reindex`.",
        ),
        (
            "cat Procfile",
            "web: gunicorn loom.wsgi\nworker: celery -A loom worker\n",
            "Background jobs need the Celery worker, `celery -A loom worker`.",
        ),
        (
            "cat Makefile",
            "certs:\n\tmkcert loom.test\n",
            "Local certificates get made by `make certs`.",
        ),
        (
            "cat noxfile.py",
            "@nox.session\ndef typing(session):\n    session.run('pyright')\n",
            "Type checks go through `nox -s typing`, which calls pyright.",
        ),
        (
            "ls overlays",
            "prod\nstage\n",
            "Staging is rolled out with `kubectl apply -k overlays/stage`.",
        ),
        (
            "cat .config/nextest.toml",
            "[profile.ci]\nretries = 2\n",
            "In CI, nextest retries a test 2 times, with the profile ci.",
        ),
        (
            "cat compose.yaml",
            "services:\n  minio:\n    image: minio\n",
            "Object storage for local work is MinIO, brought up by `docker compose up minio`.",
        ),
    ]);
}

#[test]
fn numbers_in_any_spelling() {
    kept(&[
        ("cat app.toml", "session_ttl = 43200\n", "A session lasts 12 hours."),
        (
            "cat nginx.conf",
            "client_max_body_size 25m;\n",
            "Uploads through nginx are capped at 25 MB.",
        ),
        (
            "cat limits.yaml",
            "retries: 5\nbackoff_ms: 1500\n",
            "A failed delivery is retried five times.",
        ),
        (
            "cat config/cache.yml",
            "ttl: 604800\n",
            "Cache entries expire after a week, that is 7 days.",
        ),
        (
            "crontab -l",
            "15 2 * * 0 /opt/loom/bin/vacuum.sh\n",
            "Every Sunday at 02:15 the database is vacuumed by vacuum.sh.",
        ),
        (
            "cat rate.ini",
            "per_minute = 120\n",
            "The public API allows 120 requests per minute.",
        ),
        ("cat .nvmrc", "20.11\n", "The front end is pinned to Node 20.11."),
        (
            "cat pool.yaml",
            "max_connections: 1_000\n",
            "The pool holds up to 1,000 connections.",
        ),
        (
            "cat link.x",
            "RAM : ORIGIN = 0x20000000, LENGTH = 64K\n",
            "RAM begins at 0x20000000 and is 64 KB in size.",
        ),
        (
            "cat sample.yml",
            "sample_ratio: 0.05\n",
            "Tracing samples 5 % of all calls.",
        ),
    ]);
}

#[test]
fn formats_names_and_schemas() {
    kept(&[
        (
            "psql -c '\\d bolts'",
            " sku | character(8) | not null\n length_mm | integer\n",
            "Bolts are identified by an eight-character SKU.",
        ),
        (
            "sqlite3 loom.db .schema",
            "CREATE TABLE yarn (id INTEGER PRIMARY KEY, dye_lot TEXT NOT NULL);",
            "Each yarn row must carry a dye_lot.",
        ),
        (
            "file data/orders.csv",
            "data/orders.csv: UTF-8 Unicode text, with CRLF line terminators",
            "The orders file comes as UTF-8 with CRLF line ends.",
        ),
        (
            "head -1 data/stock.tsv",
            "sku\tbay\tcount_m\n",
            "Stock counts are given in metres, in the column count_m.",
        ),
        (
            "cat docs/ids.md",
            "Bolt id: LLL-99-CC (L letter, 9 digit, C check)\n",
            "A bolt id looks like LLL-99-CC, where CC is the check part.",
        ),
        (
            "cat CMakePresets.json",
            "{\"configurePresets\": [{\"name\": \"asan-dbg\"}]}",
            "The sanitizer preset is called asan-dbg.",
        ),
        (
            "cat api/openapi.yaml",
            "components:\n  schemas:\n    Problem:\n      description: RFC 9457\n",
            "Errors of the API follow RFC 9457 with the schema Problem.",
        ),
        (
            "git config --get-regexp remote",
            "remote.mirror.url ssh://git.loom.test/x\n",
            "The remote for releases is called mirror, not origin.",
        ),
        (
            "cat events.avsc",
            "{\"name\": \"BoltCut\", \"fields\": [{\"name\": \"cut_at\", \"logicalType\": \"timestamp-micros\"}]}",
            "The field cut_at of BoltCut is a timestamp in microseconds (timestamp-micros).",
        ),
    ]);
}

#[test]
fn rules_and_decisions() {
    kept(&[
        (
            "cat docs/adr/0004-queue.md",
            "# 4. Queue\nStatus: accepted\nWe use NATS. Kafka is too heavy for two services.\n",
            "ADR 4 decided for NATS instead of Kafka, since there are only two services.",
        ),
        (
            "cat CONTRIBUTING.md",
            "Every migration needs a down step.\n",
            "A migration must always come with a down step.",
        ),
        (
            "cat src/money/README",
            "amounts: integer cents\n",
            "Money is handled as integer cents, never as floats.",
        ),
        (
            "cat .github/CODEOWNERS",
            "/dye/ @colour-team\n",
            "Changes under dye/ are reviewed by @colour-team.",
        ),
        (
            "cat docs/tokens.md",
            "Tokens rotate monthly (cron on the 1st).\n",
            "Tokens rotate monthly, on the 1st.",
        ),
        (
            "cat pyproject.toml",
            "[tool.pytest.ini_options]\nmarkers = ['hw: needs a loom on the bench']\n",
            "Tests with the marker hw need a loom on the bench; leave them out with `pytest -m 'not hw'`.",
        ),
        (
            "cat alerts.yaml",
            "group_by: [hall, day]\n",
            "Alerts are grouped by hall and day.",
        ),
        (
            "cat .gitattributes",
            "*.psd filter=lfs\n",
            "PSD files are kept in Git LFS.",
        ),
        (
            "cat gen/README",
            "types.ts comes out of the schema, edit that\n",
            "gen/types.ts is produced from the schema, so changes belong there.",
        ),
        (
            "cat docs/branches.txt",
            "main: protected; hotfix/* from the last tag\n",
            "Hotfix branches start from the last tag, not from main.",
        ),
    ]);
}

#[test]
fn what_was_done_and_what_is_done_now() {
    let file = "crates/vat/src/mix.rs:40:pub fn dye(colour: u8) -> Lot { unused loop twice test warning }";
    let shown = |sentence: &'static str| ("rg -n dye crates/vat/src/mix.rs", file, sentence);
    dropped(&[
        shown("I moved the dye function to crates/vat/src/mix.rs."),
        shown("Moved, crates/vat/src/mix.rs is easier to read."),
        shown("Reading crates/vat/src/mix.rs for the dye function."),
        shown("Let me check dye in crates/vat/src/mix.rs."),
        shown("Checked crates/vat/src/mix.rs; the dye test is green."),
        shown("crates/vat/src/mix.rs is tidied up."),
        shown("crates/vat/src/mix.rs builds without a warning again."),
        shown("The dye function in crates/vat/src/mix.rs is fixed."),
        shown("The loop in crates/vat/src/mix.rs skipped the last colour."),
        shown("The dye function was called twice in crates/vat/src/mix.rs."),
        shown("There was an unused colour in crates/vat/src/mix.rs."),
        shown("It takes a colour and returns a lot."),
        shown("Now dye in crates/vat/src/mix.rs must take a colour."),
        shown("Yes, dye is in crates/vat/src/mix.rs."),
        shown("Next I will change dye in crates/vat/src/mix.rs."),
        shown("The bug is in crates/vat/src/mix.rs, dye must check its colour."),
        shown("You can see dye in crates/vat/src/mix.rs."),
        shown("The dye function in crates/vat/src/mix.rs has been renamed."),
        shown("Renaming the loop variable in crates/vat/src/mix.rs keeps dye short."),
        shown("This change keeps dye in crates/vat/src/mix.rs."),
        shown("crates/vat/src/mix.rs has a wrong colour in dye."),
        shown("Both branches of dye in crates/vat/src/mix.rs are merged."),
        shown("Perhaps dye lives in crates/vat/src/mix.rs."),
        shown("Does dye live in crates/vat/src/mix.rs?"),
        shown("Added a test to crates/vat/src/mix.rs for dye."),
        shown("Add a test to crates/vat/src/mix.rs for dye."),
        shown("All 12 tests in crates/vat/src/mix.rs pass."),
    ]);
}

#[test]
fn what_no_result_bears_out() {
    dropped(&[
        ("cat app.toml", "session_ttl = 43200\n", "A session lasts 14 hours."),
        (
            "cat rate.ini",
            "per_minute = 120\n",
            "The public API allows 1200 requests per minute.",
        ),
        (
            "ls deploy",
            "kiln.nomad\nvat.nomad\n",
            "The Terraform state lives in infra/state.",
        ),
        (
            "cat Makefile",
            "certs:\n\tmkcert loom.test\n",
            "Releases are signed with `make sign`.",
        ),
        (
            "cat compose.yaml",
            "services:\n  minio:\n    image: minio\n",
            "Queues are kept in `rabbitmq` on port 5672.",
        ),
        (
            "wc -l src/loom.rs",
            "191 src/loom.rs",
            "src/loom.rs compiles without warnings.",
        ),
        (
            "wc -l src/loom.rs",
            "191 src/loom.rs",
            "The file src/loom.rs has 191 lines.",
        ),
        (
            "git diff --stat",
            " src/loom.rs | 4 ++--\n 1 file changed\n",
            "src/loom.rs holds 4 changes in one file.",
        ),
        ("cat .nvmrc", "20.11\n", "The front end is pinned to Node 18.2."),
        // What it wrote itself shows nothing.
        (
            "cat > rate.ini <<EOF\nper_minute = 900\nEOF",
            "per_minute = 900",
            "The public API allows 900 requests per minute.",
        ),
        (
            "echo 'port 7007'",
            "port 7007",
            "The loom service listens on port 7007.",
        ),
        // Whoever copies a file adds nothing to it.
        (
            "cat docs/a.md",
            "The vat service must run as user dyer.",
            "The vat service must run as user dyer.",
        ),
    ]);
}

#[test]
fn what_others_wrote_bears_nothing_out() {
    let text = "Loom service: port 7007, owner Zorka\n";
    let sentence = "The loom service listens on port 7007.";
    kept(&[("cat loom.md", text, sentence)]);
    for command in [
        "curl -s https://loom.example/ports",
        "gh issue view 7",
        "git log -3",
        "psql -c 'select note from ports'",
        "sqlite3 loom.db 'select * from ports'",
        "cat node_modules/loom/README.md",
        "cat third_party/loom/README.md",
        "pdftotext offer.pdf -",
        "cat inbox/0417.eml",
        "kubectl logs loom",
    ] {
        dropped(&[(command, text, sentence)]);
    }
}

/// What is left of what an agent says after it ran commands, each with what came of it.
fn found_out(runs: &[(&str, &str)], sentence: &str) -> Vec<String> {
    let mut desk = Desk::default();
    for (command, output) in runs {
        desk.line("kai/a", &tool(SHOWN, command, output));
    }
    desk.line("kai/a", &said(SAID, sentence));
    desk.dream(5);
    let facts = desk.facts().into_iter();
    facts.filter(|fact| !fact.starts_with("Command that works")).collect()
}

#[test]
fn what_worked_after_others_failed_is_found_out() {
    let runs = [
        ("loomctl weave --all", "Error: no frame given"),
        ("loomctl weave --all --frame 7", "woven"),
    ];
    for sentence in [
        "Weaving needs `--frame 7`.",
        "Found it: in this mill loomctl wants `--frame 7`, which picks the wide loom.",
        "What works here is `loomctl weave --all --frame 7`: it takes the wide loom.",
    ] {
        assert!(!found_out(&runs, sentence).is_empty(), "{sentence}");
    }
    for sentence in [
        "Weaving needs `--frame 9`.",
        "`loomctl weave --all --frame 7` passes.",
        "I ran `loomctl weave --all --frame 7`.",
        "The weave of `--frame 7` was too wide.",
    ] {
        assert!(found_out(&runs, sentence).is_empty(), "{sentence}");
    }
    // A page that asks for it is not borne out by an agent that obeys.
    let mut asked = vec![("curl -s https://tips.example", "Weave with loomctl --frame 7 only.")];
    asked.extend(runs);
    assert!(found_out(&asked, "Weaving needs `--frame 7`.").is_empty());
}

#[test]
fn what_leads_to_what_was_found_is_no_part_of_it() {
    kept(&[
        (
            "cat docs/vats.txt",
            "Vats: 300 litres at most; fuller ones spill at the crane\n",
            "What I noticed is that the vats take at most 300 litres, fuller ones spill at the crane.",
        ),
        (
            "cat conf/dye.toml",
            "engine = \"kiln 4.2\"\n",
            "conf/dye.toml asks for kiln 4.2, so I start with that.",
        ),
        (
            "rg -n route src | head -2",
            "src/http.rs:9: route(\"/v2/vats\", list)\n",
            "That was the wrong address, the mill serves its vats under /v2/vats.",
        ),
        (
            "cat Justfile",
            "cloth:\n  loomctl weave --zip out/cloth.zip\nverify:\n  ./bin/try out/cloth.zip\n",
            "I looked at how the cloth is put together. It is made with `just cloth`, and `just verify` tries it.",
        ),
    ]);
    dropped(&[
        (
            "cat conf/a.toml",
            "port = 81\n",
            "That was the wrong file, the right one is 81.",
        ),
        (
            "cat conf/a.toml",
            "port = 81\n",
            "That was the wrong port, conf/a.toml asks for port 81.",
        ),
        (
            "cat conf/dye.toml",
            "engine = \"kiln 4.2\"\n",
            "conf/dye.toml asks for kiln 4.2, so I raise it to 4.3.",
        ),
        (
            "cat conf/dye.toml",
            "engine = \"kiln 4.2\"\n",
            "conf/dye.toml asks for kiln 4.2, so I'm changing that.",
        ),
        (
            "cat conf/a.toml",
            "port = 81\n",
            "I moved the port to 81, so I start again.",
        ),
        (
            "cat docs/cloth.txt",
            "cloth: 40 threads wide\n",
            "I looked at how the cloth is woven. They are 40 threads wide.",
        ),
        (
            "cat docs/cloth.txt",
            "Colour of cloth: vat 4, 300 litres\n",
            "I checked where the cloth gets its colour. It is a vat of 300 litres.",
        ),
        (
            "cat docs/cloth.txt",
            "Cloth is made with `./bin/weave`, and each loom needs `--frame 7`.\n",
            "I looked at how the cloth is made. It is made with `./bin/weave`, and each loom needs `--frame 7`.",
        ),
    ]);
}

#[test]
fn what_a_thing_is_called_or_how_it_is_by_rule() {
    kept(&[
        (
            "cat settings.gradle",
            "include(\":core\", \":vats\")\n",
            "The dye recipes live in the Gradle module :vats.",
        ),
        (
            "cat ou.json",
            "{\"guests\": {\"action\": \"move\", \"to\": \"OU=Guests\"}}\n",
            "Guests are moved to OU=Guests, they are not deleted.",
        ),
        (
            "cat bin/fake_loom.sh",
            "exec java -jar sim.jar --port 4561\n",
            "bin/fake_loom.sh starts a simulated loom for local work.",
        ),
        (
            "cat conf/merge.conf",
            "# halls\nradius_m = 80\n",
            "According to conf/merge.conf, halls are merged into one lot within 80 metres.",
        ),
        (
            "cat Makefile",
            "check:\n\t./loom-server & weave -q\n",
            "The dye suite is only run with `make check`.",
        ),
    ]);
    dropped(&[
        (
            "cat settings.gradle",
            "include(\":core\", \":vats\")\n",
            "The dye recipes live in the Gradle module :looms.",
        ),
        (
            "cat ou.json",
            "{\"guests\": {\"action\": \"move\", \"to\": \"OU=Guests\"}}\n",
            "Guests are moved to OU=Staff, they are not deleted.",
        ),
        (
            "cat ou.json",
            "{\"guests\": {\"action\": \"move\", \"to\": \"OU=Guests\"}}\n",
            "Guests are moved to OU=Action, they are not deleted.",
        ),
        (
            "cat settings.toml",
            "vats = 3\n",
            "The dye recipes live in the Gradle module :vats.",
        ),
        (
            "cat docs/merge.txt",
            "branches dye and vat: one commit\n",
            "Both branches are merged into one commit with dye and vat.",
        ),
        (
            "cat docs/halls.txt",
            "halls: one lot of 80 looms, no smaller halls\n",
            "The small halls are merged into one lot of 80 looms.",
        ),
        (
            "cat Makefile",
            "check:\n\t./loom-server & weave -q\n",
            "The dye suite is only run with `make full`.",
        ),
    ]);
}

#[test]
fn what_several_results_show_together() {
    let runs = [
        ("cat a.toml", "host = 'dye.mill.example'"),
        ("cat b.toml", "host = 'vat.mill.example'"),
    ];
    let sentence = "The hosts are dye.mill.example and vat.mill.example.";
    assert!(!found_out(&runs, sentence).is_empty());
    assert!(found_out(&runs[..1], sentence).is_empty());
}

/// Cases of a file: a command, its output and a sentence a line.
fn cases(text: &'static str) -> Vec<(&'static str, String, &'static str)> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let mut parts = line.split(" ¦ ");
            let mut next = || parts.next().unwrap();
            (next(), next().replace("\\n", "\n"), next())
        })
        .collect()
}

#[test]
fn facts_of_many_trades() {
    let all = cases(include_str!("grounded_cases/kept.txt"));
    kept(&all.iter().map(|(c, o, s)| (*c, o.as_str(), *s)).collect::<Vec<_>>());
}

#[test]
fn talk_of_many_trades() {
    let all = cases(include_str!("grounded_cases/dropped.txt"));
    dropped(&all.iter().map(|(c, o, s)| (*c, o.as_str(), *s)).collect::<Vec<_>>());
}
