//! A person looks at memory in the browser and decides there, with their own rights.

use remanence_e2e::manifest::{IDLE, agent, entry, list, pod, store};
use remanence_e2e::{Browser, Page, Plugin, Space, together, until};
use serde_json::json;

use super::dreams::{TUESDAYS, dream, memory, reaches, turn, with_a_worker, write_session};

/// What would show that something of a memory was taken for more than text.
const MARKUP: &str = "<script>window.fooled = 1</script><img src=x onerror='window.fooled = 1'>";

#[test]
fn what_agents_and_people_wrote_is_shown_as_text_with_who_and_when() {
    let _turn = together();
    let space = Space::plain();
    let worker = agent("worker", &json!({"stores": [entry("project")]}));
    let described = json!({"description": format!("Known to all. {MARKUP}")});
    space.apply(&list(vec![store("project", &described), worker]));
    space.start(&pod("worker", "worker", IDLE));
    let script = format!(
        "cd /mnt/memory/project && mkdir notes && cat > 'notes/<i>odd.md' <<'END'\n{MARKUP}\nplain\u{202e}txet\nEND"
    );
    space.sh("worker", &script);
    let admin = Plugin::admin(&space);
    until("the agent's file", || {
        admin.run(&["ls", "project/notes"], "").and_then(
            |text| {
                if text.contains("odd.md") { Ok(()) } else { Err(text) }
            },
        )
    });
    admin.says(&["put", "project/person.md"], "A person's line.\n");

    let page = Page::of(&admin);
    let browser = Browser::start(1280, 800);
    browser.open(&page.address);
    browser.sees("#who", &space.name);
    browser.sees("td", "project");
    browser.sees("td", MARKUP);
    let address = browser.run("return location.href", vec![]).unwrap().to_string();
    assert!(!address.contains("key"), "the key stays in sight: {address}");
    browser.click("project");
    browser.sees("td", "person.md");
    browser.click("notes/");
    browser.click("<i>odd.md");
    browser.sees(".text .code", MARKUP);
    browser.sees(".text .unseen", "U+202E");
    browser.sees("article .by", "agent worker");

    browser.click("Its history");
    browser.sees(".timeline .agent", "agent worker");
    browser.click("Changes");
    browser.sees(".timeline ins", MARKUP);
    browser.open(&page.address.replace("#key=", "#/stores/project/history?"));
    browser.sees(".timeline .person", "person.md");
    let order = browser.text(".timeline > li .by").unwrap();
    assert!(order.starts_with("person "), "the newest comes first: {order}");

    // A folder of the history is shown as it was, and what is in it as well.
    admin.says(&["mv", "project/notes", "project/old"], "");
    browser.open(&page.address.replace("#key=", "#/stores/project/history?now&"));
    browser.sees(".timeline .op", "rename");
    browser.click("/old");
    browser.sees(".facts", "as of version");
    browser.click("<i>odd.md");
    browser.sees(".text .code", MARKUP);
    browser.sees("article .facts", "as of version");

    let fooled = browser
        .run("return window.fooled ?? document.images.length", vec![])
        .unwrap();
    assert_eq!(fooled, 0, "text became markup");
    let inline = "const s = document.createElement('div'); try { s.innerHTML = '<b>x</b>'; return 'made' } catch { return 'refused' }";
    assert_eq!(browser.run(inline, vec![]).unwrap(), "refused", "the policy holds");
}

#[test]
fn a_dream_is_read_with_the_words_it_rests_on_and_decided_by_who_may() {
    let _turn = together();
    let space = with_a_worker();
    write_session(&space, "monday", &[turn("user", TUESDAYS)]);
    space.apply(&dream("first", &json!({"review": "Manual"})));
    reaches(&space, "first", &["Proposed"]);
    let admin = Plugin::admin(&space);
    let ann = Plugin::account(&space, "ann");
    let account = format!("--serviceaccount={}:ann", space.name);

    // Who may nothing is told so, by the apiserver's own words.
    let page = Page::of(&ann);
    let browser = Browser::start(420, 900);
    browser.open(&page.address);
    browser.sees("[role=alert]", "cannot list resource \"memorystores\"");
    space.kubectl(&["create", "rolebinding", "edits", "--clusterrole=edit", &account]);
    until("ann may read", || ann.run(&["ls", "project"], ""));
    // Who may edit may look at it, and not decide.
    browser.open(&page.address.replace("#key=", "#/dreams?"));
    browser.click("first");
    browser.sees("ins", "deploy on Tuesdays only");
    browser.click("Approve");
    browser.sees("dialog[open]", "in your name");
    browser.click("Cancel");
    browser.click("Reject");
    browser.agree();
    browser.sees("[role=alert]", "approve");
    assert_eq!(reaches(&space, "first", &["Proposed"])["by"], json!(null));
    drop((browser, page));

    let page = Page::of(&admin);
    let browser = Browser::start(1280, 800);
    browser.open(&page.address);
    browser.sees("#waiting", "1");
    let to = |view: &str| browser.open(&page.address.replace("#key=", &format!("#/{view}?")));
    to("dreams/first");
    browser.sees(".row.ins .evidence", TUESDAYS);
    browser.sees(".row.ins .evidence", "monday.jsonl, line 1");
    let side_by_side = "const row = document.querySelector('.evidence figure').closest('.row'); \
                        const [line, words] = [row.querySelector('ins'), row.querySelector('.evidence')] \
                          .map((e) => e.getBoundingClientRect()); \
                        return words.left >= line.right && Math.abs(words.top - line.top) < 4";
    assert_eq!(browser.run(side_by_side, vec![]).unwrap(), true);
    assert!(!memory(&space).contains("Tuesdays"), "nobody approved it");
    browser.click("Approve");
    browser.agree();
    browser.sees("#said", "Applied by");
    browser.sees(".phase", "Applied");
    space.sees(
        "worker",
        "cat /mnt/memory/project/*.md | grep -c 'deploy on Tuesdays only' || true",
        "1",
    );

    // Why a line is there, where it stands now.
    to("stores/project/files/deployment.md");
    browser.sees(".text .code", "deploy on Tuesdays only");
    let number = "return [...document.querySelectorAll('.line')].find((e) => e.innerText.includes('Tuesdays')).querySelector('button').getAttribute('aria-label')";
    browser.click(browser.run(number, vec![]).unwrap().as_str().unwrap());
    browser.sees(".why", TUESDAYS);
    browser.sees(".why .by", "dream ");

    // What is turned down leaves no trace.
    let before = memory(&space);
    write_session(
        &space,
        "tuesday",
        &[turn(
            "user",
            "Please remember that the staging database is called otter.",
        )],
    );
    space.apply(&dream("second", &json!({"review": "Manual"})));
    reaches(&space, "second", &["Proposed"]);
    to("dreams/second");
    browser.sees("ins", "otter");
    browser.click("Reject");
    browser.agree();
    browser.sees("#said", "Rejected by");
    assert_eq!(memory(&space), before);
    to("dreams/first");
    browser.click("Undo");
    browser.agree();
    browser.sees(".phase", "Undone");
    space.sees(
        "worker",
        "cat /mnt/memory/project/*.md | grep -c 'deploy on Tuesdays only' || true",
        "0",
    );
}
