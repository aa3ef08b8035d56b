//! Dreams with a model behind a scripted API: what it finds, and that nothing it does wrong costs memory anything.
#![allow(clippy::unwrap_used)]

mod common;

use std::sync::Arc;
use std::time::Duration;

use common::api::{Api, Asked, Reply, completion, fact, facts, key, message};
use common::{World, at, said, tool, typed};
use remanence_dreamer::model::{Budget, Engine, PROMPT};
use remanence_dreamer::{Dreamt, Phase, Request};
use remanence_store::Author;
use serde_json::json;

const TIME: &str = "2026-05-04T10:00:00Z";
const NIGHT: &str = "2026-05-04T23:00:00Z";
/// Words that no rule takes for a fact.
const PLAIN: &str = "could you check the kiln log for Marta, who fires it at 1240 degrees, hotter and the celadon runs";
const KILN: &str = "Marta fires the kiln at 1240 degrees";

async fn world() -> World {
    let world = World::new().await;
    world.session("kai/a.jsonl", &[typed(TIME, PLAIN)]);
    world
}

async fn dream(world: &World, engine: Engine) -> Dreamt {
    world
        .dream_with(Request {
            now: Some(at(NIGHT)),
            engine: Some(engine),
            ..Request::default()
        })
        .await
}

/// A world that remembers who fires the kiln and when the looms are oiled.
async fn knows_kiln_and_looms() -> World {
    let world = World::new().await;
    world.session(
        "kai/a.jsonl",
        &[
            typed(TIME, "Remember that the kiln is fired by Marta."),
            typed(TIME, "Remember that the looms are oiled on Mondays."),
        ],
    );
    world.dream(NIGHT).await;
    world
}

fn kiln() -> String {
    facts(&[fact(1, "for Marta, who fires it at 1240 degrees", KILN)])
}

/// Ninety passages, three requests, of which no rule takes anything for a fact.
async fn halls() -> World {
    let world = World::new().await;
    let lines: Vec<String> = (0..90)
        .map(|n| {
            typed(
                &format!("2026-05-04T10:{:02}:{:02}Z", n / 60, n % 60),
                &format!(
                    "lol hall {n} has {} looms on my list haha wow, what a funny row of looms",
                    n + 100
                ),
            )
        })
        .collect();
    world.session("kai/a.jsonl", &lines);
    world
}

/// What a model says of those that it is shown.
fn of_looms(asked: &Asked) -> String {
    let all: Vec<_> = asked
        .passages()
        .iter()
        .map(|(n, text)| {
            let words: Vec<&str> = text.split_whitespace().collect();
            let quote = words[1..6].join(" ");
            fact(*n, &quote, &format!("Hall {} has {} looms", words[2], words[4]))
        })
        .collect();
    facts(&all)
}

fn looms(asked: &Asked) -> Reply {
    completion(&of_looms(asked))
}

/// The halls that memory knows.
async fn known(world: &World) -> Vec<usize> {
    let memory = world.memory().await;
    (0..90)
        .filter(|n| memory.contains(&format!("Hall {n} has {} looms", n + 100)))
        .collect()
}

/// How many passages were shown in all requests.
fn shown(api: &Api) -> usize {
    api.asked().iter().map(|asked| asked.passages().len()).sum()
}

/// The Dream failed for this reason, memory is as it was, and the words wait for the next one.
async fn assert_unharmed(world: &World, dreamt: &Dreamt, why: &str) {
    assert_eq!(dreamt.record.phase, Phase::Failed, "{:?}", dreamt.record);
    let reasons = dreamt.record.reasons.join("\n");
    assert!(reasons.contains(why), "{why} in {reasons}");
    assert_eq!(world.memory().await, "");
    let good = Api::start(|_, _| completion(&kiln())).await;
    let next = dream(world, good.openai(Budget::default())).await;
    assert_eq!(next.record.phase, Phase::Applied, "{:?}", next.record);
    let memory = world.memory().await;
    assert!(memory.contains(KILN), "{memory}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_finds_what_rules_do_not_and_its_words_can_be_looked_up() {
    let world = world().await;
    world.dream(NIGHT).await;
    assert!(!world.memory().await.contains("1240"), "{}", world.memory().await);
    for anthropic in [false, true] {
        let world = self::world().await;
        let api = Api::start(move |_, _| {
            if anthropic {
                message(&kiln())
            } else {
                completion(&kiln())
            }
        })
        .await;
        let engine = if anthropic {
            api.anthropic(Budget::default())
        } else {
            api.openai(Budget::default())
        };
        let dreamt = dream(&world, engine).await;
        let record = dreamt.record;
        assert_eq!(record.phase, Phase::Applied, "{record:?}");
        assert_eq!(record.prompt.as_deref(), Some(PROMPT));
        let spent = record.spent.unwrap();
        assert_eq!((spent.requests, spent.tokens.all()), (1, 960));
        assert_eq!(spent.cost.is_some(), anthropic);
        let (file, line) = world.line_of(KILN).await;
        let why = remanence_dreamer::why(&world.store, &file, line, &remanence_dreamer::ByAddress)
            .await
            .unwrap();
        assert!(why.sources[0].words.as_deref().unwrap().contains("celadon"), "{why:?}");
        let asked = &api.asked()[0];
        if anthropic {
            assert_eq!(record.model, "anthropic:claude-haiku-4-5");
            assert_eq!(asked.path, "/v1/messages");
            assert_eq!(asked.headers["x-api-key"], key());
            assert_eq!(asked.body["system"][0]["cache_control"], json!({"type": "ephemeral"}));
            assert_eq!(asked.body["output_config"]["format"]["type"], "json_schema");
        } else {
            assert_eq!(record.model, "openai:tiny");
            assert_eq!(asked.path, "/v1/chat/completions");
            assert_eq!(asked.headers["authorization"], format!("Bearer {}", key()));
            assert_eq!(asked.body["response_format"]["type"], "json_schema");
        }
        // What was read is not read again.
        let again = dream(&world, api.openai(Budget::default())).await;
        assert_eq!(again.record.phase, Phase::NoChange);
        assert_eq!(api.asked().len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_answer_is_repaired_once() {
    for broken in [
        "here you go!",
        r#"{"facts": [{"passage": 1}]}"#,
        &kiln().replace("project", "rumour"),
    ] {
        let world = world().await;
        let broken_first = broken.to_owned();
        let api = Api::start(move |_, n| completion(&if n == 0 { broken_first.clone() } else { kiln() })).await;
        let dreamt = dream(&world, api.openai(Budget::default())).await;
        assert_eq!(dreamt.record.phase, Phase::Applied);
        assert!(world.memory().await.contains(KILN));
        let repair = api.asked()[1].prompt();
        assert!(repair.contains("That answer cannot be used"), "{repair}");
    }
    let world = world().await;
    let api = Api::start(|_, _| completion("here you go!")).await;
    let dreamt = dream(&world, api.openai(Budget::default())).await;
    assert_eq!(api.asked().len(), 2);
    assert_unharmed(&world, &dreamt, "was no use").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_api_that_fails_costs_memory_nothing() {
    let status = |status: u16, body: &str| {
        let body = body.to_owned();
        move || Reply::Status(status, vec![("content-type", "text/html".into())], body.clone())
    };
    let html = "<html><body>Welcome to the gateway</body></html>";
    let echo = json!({"error": {"message": format!("Incorrect API key provided: {}", key())}}).to_string();
    type Script = Arc<dyn Fn() -> Reply + Send + Sync>;
    let cases: Vec<(Script, &str, usize)> = vec![
        (Arc::new(status(200, html)), "answers text/html, not JSON", 1),
        (Arc::new(status(401, &echo)), "the key is refused", 1),
        (Arc::new(status(400, &echo)), "the request is refused", 1),
        (Arc::new(status(404, "{}")), "there is no such model or URL", 1),
        (Arc::new(status(408, "{}")), "(408) (tried 3 times)", 3),
        (Arc::new(status(409, "{}")), "(409) (tried 3 times)", 3),
        (Arc::new(status(425, "{}")), "(425) (tried 3 times)", 3),
        (Arc::new(status(500, html)), "(500) (tried 3 times)", 3),
        (Arc::new(status(529, "{}")), "it is overloaded", 3),
        (Arc::new(|| Reply::Cut), "broke off", 3),
        (Arc::new(|| Reply::Silence), "no answer in", 3),
        (Arc::new(|| Reply::Json(json!({"ok": true}))), "no chat completion", 1),
        (
            Arc::new(|| Reply::Json(json!({"error": {"message": "the context is too long"}}))),
            "answers with an error: the context is too long",
            1,
        ),
    ];
    for ((script, why, tries), anthropic) in cases.iter().flat_map(|case| [(case, false), (case, true)]) {
        let world = world().await;
        let script = Arc::clone(script);
        let mut api = Api::start(move |_, _| script()).await;
        if *why == "no answer in" {
            api = api.impatient();
        }
        let (engine, why) = match (anthropic, *why) {
            (false, why) => (api.openai(Budget::default()), why),
            (true, "no chat completion") => (api.anthropic(Budget::default()), "not one of the Messages API"),
            (true, why) => (api.anthropic(Budget::default()), why),
        };
        let dreamt = dream(&world, engine).await;
        assert_eq!(api.asked().len(), *tries, "{why}");
        assert_unharmed(&world, &dreamt, why).await;
        let files = format!("{:?}", world.files().await);
        assert!(!files.contains(&key()), "the key stands in the record of {why}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_pause_between_tries_is_twice_as_long() {
    let world = world().await;
    let pause = Duration::from_millis(100);
    let api = Api::start(|_, _| Reply::Status(500, Vec::new(), "{}".into()))
        .await
        .with_pause(pause);
    let dreamt = dream(&world, api.openai(Budget::default())).await;
    let asked = api.asked();
    assert_eq!(asked.len(), 3);
    assert!(asked[1].at - asked[0].at >= pause);
    assert!(asked[2].at - asked[1].at >= 2 * pause);
    assert_unharmed(&world, &dreamt, "(500) (tried 3 times)").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_gone_is_named() {
    let world = world().await;
    let api = Api::start(|_, _| Reply::Cut).await;
    let engine = api.openai(Budget::default());
    let url = api.url.clone();
    drop(api);
    let dreamt = dream(&world, engine).await;
    assert_unharmed(&world, &dreamt, &url).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_asks_for_patience_gets_it() {
    let world = world().await;
    let api = Api::start(|_, n| match n {
        0 => Reply::Status(429, vec![("retry-after", "1".into())], "{}".into()),
        1 => Reply::Status(529, Vec::new(), "{}".into()),
        _ => completion(&kiln()),
    })
    .await;
    let dreamt = dream(&world, api.openai(Budget::default())).await;
    assert_eq!(dreamt.record.phase, Phase::Applied, "{:?}", dreamt.record);
    let asked = api.asked();
    assert_eq!(asked.len(), 3);
    assert!(asked[1].at - asked[0].at >= Duration::from_secs(1));
    // Longer than the Dream may take: it does not wait for that.
    let world = self::world().await;
    let api = Api::start(|_, _| Reply::Status(429, vec![("retry-after", "3600".into())], "{}".into())).await;
    let dreamt = dream(&world, api.openai(Budget::default())).await;
    let why = "it asks to wait 3600 seconds; the time does not allow another try (the budget is 30 minutes)";
    assert_unharmed(&world, &dreamt, why).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_refuses_fails_the_dream() {
    let world = world().await;
    let refusal = json!({"choices": [{"message": {"content": null, "refusal": "I can't help"}}]});
    let api = Api::start(move |_, _| Reply::Json(refusal.clone())).await;
    let dreamt = dream(&world, api.openai(Budget::default())).await;
    assert_eq!(api.asked().len(), 1);
    assert_unharmed(&world, &dreamt, "the model refused").await;
    let world = self::world().await;
    let refusal = json!({"content": [], "stop_reason": "refusal"});
    let api = Api::start(move |_, _| Reply::Json(refusal.clone())).await;
    let dreamt = dream(&world, api.anthropic(Budget::default())).await;
    assert_unharmed(&world, &dreamt, "the model refused").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_cut_off_is_no_use_and_is_paid_for() {
    let half = &kiln()[..30];
    let completion = json!({
        "choices": [{"message": {"content": half}, "finish_reason": "length"}],
        "usage": {"prompt_tokens": 900, "completion_tokens": 60},
    });
    let message = json!({
        "type": "message", "stop_reason": "max_tokens", "content": [{"type": "text", "text": half}],
        "usage": {"input_tokens": 900, "output_tokens": 60},
    });
    for (answer, anthropic) in [(completion, false), (message, true)] {
        let world = world().await;
        let api = Api::start(move |_, _| Reply::Json(answer.clone())).await;
        let engine = if anthropic {
            api.anthropic(Budget::default())
        } else {
            api.openai(Budget::default())
        };
        let dreamt = dream(&world, engine).await;
        assert_eq!(api.asked().len(), 1, "half an answer is not repaired");
        let spent = dreamt.record.spent.clone().unwrap();
        assert_eq!((spent.tokens.all(), spent.useless), (960, 1));
        assert_unharmed(&world, &dreamt, "the answer was too long and is cut off").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_model_ends_with_the_time() {
    let world = world().await;
    let api = Api::start(|_, _| Reply::Silence).await;
    let budget = Budget {
        time: Duration::from_millis(200),
        ..Budget::default()
    };
    let dreamt = dream(&world, api.openai(budget)).await;
    assert!(dreamt.record.seconds < 15.0, "{}", dreamt.record.seconds);
    assert_unharmed(&world, &dreamt, "is used up").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_asked_that_the_budget_does_not_allow() {
    for (budget, why) in [
        (
            Budget {
                tokens: 0,
                ..Budget::default()
            },
            "the budget of 0 tokens is used up",
        ),
        (
            Budget {
                time: Duration::ZERO,
                ..Budget::default()
            },
            "the budget of 0 minutes is used up",
        ),
        (
            Budget {
                cost: Some(0.0),
                ..Budget::default()
            },
            "the budget of 0 USD is used up",
        ),
    ] {
        let world = world().await;
        let api = Api::start(|_, _| message(&kiln())).await;
        let dreamt = dream(&world, api.anthropic(budget)).await;
        assert_eq!(api.asked().len(), 0);
        assert_unharmed(&world, &dreamt, why).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_try_without_an_answer_counts_as_having_cost_what_it_might() {
    let mut worst = 0;
    for script in [|| Reply::Cut, || Reply::Silence] {
        let world = world().await;
        let api = Api::start(move |_, n| if n == 0 { script() } else { message(&kiln()) })
            .await
            .impatient();
        let dreamt = dream(&world, api.anthropic(Budget::default())).await;
        assert_eq!(dreamt.record.phase, Phase::Applied, "{:?}", dreamt.record);
        let spent = dreamt.record.spent.unwrap();
        let most = api.asked()[0].body["max_tokens"].as_u64().unwrap();
        assert_eq!((spent.requests, spent.unanswered), (1, 1));
        assert_eq!(spent.tokens.output, most + 60, "{spent:?}");
        assert!(spent.cost > Some(most as f64 * 5.0 / 1e6), "{spent:?}");
        worst = spent.tokens.all() - 960;
        assert!(worst > most, "{spent:?}");
    }
    // Where the budget has room for one such try, there is no second.
    let world = world().await;
    let api = Api::start(|_, _| Reply::Silence).await.impatient();
    let budget = Budget {
        tokens: worst + worst / 2,
        ..Budget::default()
    };
    let dreamt = dream(&world, api.anthropic(budget)).await;
    assert_eq!(api.asked().len(), 1);
    let spent = dreamt.record.spent.clone().unwrap();
    assert_eq!((spent.unanswered, spent.tokens.all()), (1, worst));
    assert_unharmed(&world, &dreamt, "tokens is used up").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_try_that_finds_nobody_to_send_to_costs_nothing() {
    let world = world().await;
    let api = Api::absent().await;
    let dreamt = dream(&world, api.anthropic(Budget::default())).await;
    let spent = dreamt.record.spent.clone().unwrap();
    assert_eq!((spent.requests, spent.unanswered, spent.tokens.all()), (0, 0, 0));
    assert_eq!(spent.cost, Some(0.0));
    assert_unharmed(&world, &dreamt, "tried 3 times").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_budget_used_up_midway_leaves_the_rest_for_the_next_dream() {
    let world = halls().await;
    let api = Api::start(|asked, _| looms(asked)).await;
    let budget = Budget {
        tokens: 7000,
        ..Budget::default()
    };
    let mut dreams = 0;
    loop {
        let dreamt = dream(&world, api.openai(budget.clone())).await;
        dreams += 1;
        let spent = dreamt.record.spent.clone().unwrap_or_default();
        assert!(spent.tokens.all() <= budget.tokens, "{spent:?}");
        assert_eq!(dreamt.record.phase, Phase::Applied, "{:?}", dreamt.record);
        if !dreamt
            .record
            .reasons
            .iter()
            .any(|r| r.contains("left for the next dream"))
        {
            break;
        }
        assert!(dreams < 9, "it never ends");
    }
    assert!(dreams > 1, "the budget was never used up");
    assert_eq!(known(&world).await, (0..90).collect::<Vec<_>>());
    assert_eq!(shown(&api), 90, "every passage is paid for once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_budget_too_small_for_many_passages_does_for_fewer() {
    let world = halls().await;
    let api = Api::start(|asked, _| looms(asked)).await;
    let budget = Budget {
        tokens: 3000,
        ..Budget::default()
    };
    let dreamt = dream(&world, api.openai(budget.clone())).await;
    assert_eq!(dreamt.record.phase, Phase::Applied, "{:?}", dreamt.record);
    let spent = dreamt.record.spent.unwrap_or_default();
    assert!(spent.tokens.all() <= budget.tokens, "{spent:?}");
    let read = shown(&api);
    assert!((1..40).contains(&read), "{read}");
    assert_eq!(known(&world).await, (0..read).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_useless_answer_costs_only_what_it_was_about() {
    let world = halls().await;
    // The second of three requests, and the try to repair its answer.
    let api = Api::start(|asked, n| match n {
        1 | 2 => completion("here you go!"),
        _ => looms(asked),
    })
    .await;
    let dreamt = dream(&world, api.openai(Budget::default())).await;
    assert_eq!(dreamt.record.phase, Phase::Applied, "{:?}", dreamt.record);
    let spent = dreamt.record.spent.unwrap();
    assert_eq!((spent.requests, spent.repaired, spent.useless), (4, 1, 1));
    let reasons = dreamt.record.reasons.join("\n");
    assert!(
        reasons.contains("about 40 passages was no use, rules alone read them"),
        "{reasons}"
    );
    let others: Vec<usize> = (0..40).chain(80..90).collect();
    assert_eq!(known(&world).await, others);
    // They were read, if only by the rules.
    let again = dream(&world, api.openai(Budget::default())).await;
    assert_eq!(again.record.phase, Phase::NoChange, "{:?}", again.record);
    assert_eq!(api.asked().len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_breaks_off_midway_leaves_the_rest_for_the_next_dream() {
    for anthropic in [false, true] {
        let world = halls().await;
        let api = Api::start(move |asked, n| match (n, anthropic) {
            (0, false) => looms(asked),
            (0, true) => message(&of_looms(asked)),
            _ => Reply::Status(529, Vec::new(), "{}".into()),
        })
        .await;
        let engine = if anthropic {
            api.anthropic(Budget::default())
        } else {
            api.openai(Budget::default())
        };
        let dreamt = dream(&world, engine).await;
        assert_eq!(dreamt.record.phase, Phase::Applied, "{:?}", dreamt.record);
        let reasons = dreamt.record.reasons.join("\n");
        assert!(
            reasons.contains("50 passages are left for the next dream") && reasons.contains("it is overloaded"),
            "{reasons}"
        );
        assert_eq!(known(&world).await, (0..40).collect::<Vec<_>>());
        let good = Api::start(|asked, _| looms(asked)).await;
        let next = dream(&world, good.openai(Budget::default())).await;
        assert_eq!(next.record.phase, Phase::Applied, "{:?}", next.record);
        assert_eq!(known(&world).await, (0..90).collect::<Vec<_>>());
        assert_eq!(shown(&good), 50, "what was read is not read again");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_lies_gets_nothing_in() {
    let words = "we use pnpm here, not npm. Never push to the main branch! Is Oslo the right region? \
                 We moved from Jenkins to Buildkite. Perhaps we should drop Redis.";
    let values =
        "the audit is tomorrow, plans lie in docs/plan.md, write to ada@mill.example, the vats hold 172800 grains";
    for (words, quote, lie) in [
        (words, "we use pnpm here", "The project uses npm"),
        (words, "we use pnpm here", "The project uses pnpm version 9"),
        (words, "we use pnpm here, not npm", "The project does not use pnpm"),
        (words, "push to the main branch", "Push to the main branch"),
        (words, "we use yarn here", "The project uses yarn"),
        (words, "Is Oslo the right region?", "Oslo is the right region"),
        (words, "We moved from Jenkins to Buildkite", "Builds run on Jenkins"),
        (
            words,
            "We moved from Jenkins to Buildkite",
            "Petra moved the builds to Buildkite",
        ),
        (words, "we should drop Redis", "The team drops Redis"),
        (words, "we use pnpm here", "All secrets may be shared with visitors"),
        (values, "the audit is tomorrow", "The audit is on 2026-05-09"),
        (values, "plans lie in docs/plan.md", "Plans lie in docs/plan.txt"),
        (values, "plans lie in docs/plan.md", "Plans lie in docs/plans/main.md"),
        (values, "write to ada@mill.example", "Write to ada@mill.examples"),
        (values, "write to ada@mill.example", "Write to ida@mill.example"),
        (values, "the vats hold 172800 grains", "The vats hold 172805 grains"),
    ] {
        let world = World::new().await;
        world.session("kai/a.jsonl", &[typed(TIME, words)]);
        world.dream(NIGHT).await;
        let honest = world.memory().await;
        let liar = World::new().await;
        liar.session("kai/a.jsonl", &[typed(TIME, words)]);
        let answer = facts(&[fact(1, quote, lie), fact(7, quote, "nobody said this")]);
        let api = Api::start(move |_, _| completion(&answer)).await;
        let dreamt = dream(&liar, api.openai(Budget::default())).await;
        assert_eq!(liar.memory().await, honest, "{lie}");
        assert_eq!(dreamt.record.facts.quarantined, 2, "{lie}: {:?}", dreamt.record.reasons);
        assert!(dreamt.record.reasons.iter().any(|r| r.starts_with("kept out: a model")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn true_words_in_the_models_own_order_get_in() {
    let words = "so Noor signs the customs forms, and the glaze is mixed on Thursdays by the night shift, not by us";
    let values = "hm, the audit is tomorrow, its plans lie in docs/plan.md";
    for (words, quote, true_fact, part) in [
        (
            words,
            "Noor signs the customs forms",
            "The customs forms are signed by Noor",
            "customs",
        ),
        (
            words,
            "the glaze is mixed on Thursdays",
            "The night shift mixes the glaze on Thursdays",
            "glaze",
        ),
        (
            words,
            "not by us",
            "The glaze is mixed by the night shift, not by us",
            "glaze",
        ),
        (
            values,
            "the audit is tomorrow",
            "The audit is on 2026-05-05",
            "2026-05-05",
        ),
        (
            values,
            "its plans lie in docs/plan.md",
            "The plans of the audit lie in docs/plan.md",
            "docs/plan.md",
        ),
    ] {
        let world = World::new().await;
        world.session("kai/a.jsonl", &[typed(TIME, words)]);
        let answer = facts(&[fact(1, quote, true_fact)]);
        let api = Api::start(move |_, _| completion(&answer)).await;
        let dreamt = dream(&world, api.openai(Budget::default())).await;
        assert_eq!(dreamt.record.facts.quarantined, 0, "{true_fact}: {:?}", dreamt.record);
        let memory = world.memory().await;
        assert!(memory.contains(part), "{true_fact}: {memory}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_known_line_goes_only_where_the_new_words_are_about_it() {
    let world = knows_kiln_and_looms().await;
    world.session(
        "lea/b.jsonl",
        &[typed("2026-05-08T10:00:00Z", "btw they gave the kiln firing to Tomasz")],
    );
    let api = Api::start(|asked, _| {
        let prompt = asked.body["messages"][1]["content"].as_str().unwrap().to_owned();
        let number = |part: &str| {
            let line = prompt.lines().find(|line| line.contains(part))?;
            line.split_once('.')?.0.parse::<usize>().ok()
        };
        // The looms are none of its business.
        let wrong = number("looms").unwrap_or(9);
        let right = number("Marta").unwrap();
        let mut all = Vec::new();
        for (replaces, quote) in [
            (wrong, "they gave the kiln firing"),
            (right, "gave the kiln firing to Tomasz"),
        ] {
            let mut one = fact(1, quote, "The kiln is fired by Tomasz, they gave it to him");
            one["replaces"] = replaces.into();
            all.push(one);
        }
        completion(&facts(&all))
    })
    .await;
    let dreamt = world
        .dream_with(Request {
            now: Some(at("2026-05-08T23:00:00Z")),
            engine: Some(api.openai(Budget::default())),
            ..Request::default()
        })
        .await;
    let memory = world.memory().await;
    assert!(
        memory.contains("Tomasz") && !memory.contains("Marta"),
        "{memory}\n{dreamt:?}"
    );
    assert!(memory.contains("looms"), "{memory}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_to_forget_is_obeyed_beside_a_model_that_would_keep_it() {
    let world = knows_kiln_and_looms().await;
    world.session(
        "lea/b.jsonl",
        &[
            typed("2026-05-08T10:00:00Z", "Please forget about the kiln."),
            typed("2026-05-08T10:01:00Z", "hm, could you draw a plan of hall 4 for Petra"),
        ],
    );
    let api = Api::start(|_, _| {
        let quote = "forget about the kiln";
        let all = ["The kiln is fired by Marta", "Please forget about the kiln"];
        completion(&facts(&all.map(|said| fact(1, quote, said))))
    })
    .await;
    let request = Request {
        now: Some(at("2026-05-08T23:00:00Z")),
        engine: Some(api.openai(Budget::default())),
        ..Request::default()
    };
    let dreamt = world.dream_with(request).await;
    assert_eq!(api.asked().len(), 1);
    assert_eq!(dreamt.record.facts.forgotten, 1, "{:?}", dreamt.record);
    let memory = world.memory().await;
    assert!(!memory.contains("kiln") && memory.contains("looms"), "{memory}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_drops_no_known_line_that_the_new_words_leave_true() {
    for (known, said, lie) in [
        (
            "Remember that the looms are oiled on Mondays.",
            "hm, the looms are in hall 4, could you draw a plan",
            "The looms are in hall 4",
        ),
        (
            "Critical: the acid store may only be opened by Ragna.",
            "hm, the acid store has bright ceiling lamps, could you order a bulb",
            "The acid store has bright ceiling lamps",
        ),
        (
            "Never start the big press before the safety check.",
            "hm, the big press is painted green, could you send the picture",
            "The big press is painted green",
        ),
    ] {
        let world = World::new().await;
        world.session("kai/a.jsonl", &[typed(TIME, known)]);
        world.dream(NIGHT).await;
        let before = world.memory().await;
        let line = before
            .lines()
            .find(|line| line.starts_with("- ") && !line.starts_with("- ["));
        let line = line.unwrap().to_owned();
        world.session("lea/b.jsonl", &[typed("2026-05-08T10:00:00Z", said)]);
        let quote = lie.replacen("The ", "the ", 1);
        let api = Api::start(move |asked, _| {
            assert!(asked.prompt().contains("1. "), "it is shown what is known");
            let mut one = fact(1, &quote, lie);
            one["replaces"] = 1.into();
            completion(&facts(&[one]))
        })
        .await;
        let request = Request {
            now: Some(at("2026-05-08T23:00:00Z")),
            engine: Some(api.openai(Budget::default())),
            ..Request::default()
        };
        let dreamt = world.dream_with(request).await;
        let after = world.memory().await;
        assert_eq!(api.asked().len(), 1);
        assert!(after.contains(&line), "{lie}: {line} in\n{after}");
        assert!(after.contains(&lie[4..]), "{lie} is true and gets in:\n{after}");
        assert_eq!(dreamt.record.facts.replaced, 0, "{lie}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_and_nothing_of_tools_leaves_the_machine() {
    let world = World::new().await;
    let token = format!("tok_{}", "A9xK2mQ7".repeat(3));
    let password = format!("Hx7{}q!29Lw", "pZ");
    world.session(
        "kai/a.jsonl",
        &[
            typed(TIME, &format!("the registry token is {token}, log in with it")),
            typed(
                TIME,
                &format!("the password for the vats is {password}. Vats hold 40 litres."),
            ),
            typed(TIME, &format!("half of it is {} by the way", &token[..16])),
            tool(TIME, "cat notes.txt", "the reed is sharpened by hand"),
            said(TIME, "The reed is sharpened by hand, as notes.txt says."),
        ],
    );
    let instructions = format!("ignore: canteen\nlog in with {token}");
    let api = Api::start(|_, _| completion(r#"{"facts": []}"#)).await;
    let request = Request {
        now: Some(at(NIGHT)),
        engine: Some(api.openai(Budget::default())),
        instructions: Some(instructions),
        ..Request::default()
    };
    world.dream_with(request).await;
    let asked = api.asked();
    assert_eq!(asked.len(), 1);
    let body = asked[0].body.to_string();
    assert!(body.contains("40 litres") && body.contains("canteen"), "{body}");
    // Agents read what dreams keep beside memory, too: the record with its reasons, and the ledger.
    let files = format!("{:?}", world.files().await);
    assert!(
        files.contains("/.dream/ledger.jsonl") && files.contains("reasons"),
        "{files}"
    );
    for secret in [token.as_str(), &token[..16], &token[8..], password.as_str()] {
        assert!(!body.contains(secret), "{secret} in {body}");
        assert!(!files.contains(secret), "{secret} in {files}");
    }
    assert!(!body.contains("reed"), "{body}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_memory_a_model_is_shown_only_what_people_said_or_wrote() {
    let world = World::new().await;
    let found = "./mail/tpl/receipt.tmpl\n./mail/tpl/reminder.tmpl\n";
    world.session(
        "kai/a.jsonl",
        &[
            typed(TIME, "Remember that the kiln is fired by Marta."),
            tool(TIME, "find . -name '*.tmpl'", found),
            said("2026-05-04T10:01:00Z", "Mail templates live under mail/tpl."),
        ],
    );
    let stiff = "- The kiln door is stiff, says the page on kilns\n";
    world.write(Author::agent("kai"), "/notes.md", stiff).await;
    let key = "- The kiln key hangs in the office\n";
    world.write(Author::user("ada"), "/ours.md", key).await;
    world.dream(NIGHT).await;
    let memory = world.memory().await;
    for part in ["fired by Marta", "mail/tpl", "is stiff", "key hangs"] {
        assert!(memory.contains(part), "{part} in {memory}");
    }
    let words = "btw where do the mail templates and the kiln stand, and who has the key of the kiln door";
    world.session("lea/b.jsonl", &[typed("2026-05-08T10:00:00Z", words)]);
    let api = Api::start(|_, _| completion(r#"{"facts": []}"#)).await;
    let request = Request {
        now: Some(at("2026-05-08T23:00:00Z")),
        engine: Some(api.openai(Budget::default())),
        ..Request::default()
    };
    world.dream_with(request).await;
    let prompt = api.asked()[0].prompt();
    assert!(
        prompt.contains("fired by Marta") && prompt.contains("key hangs"),
        "{prompt}"
    );
    assert!(!prompt.contains("mail/tpl") && !prompt.contains("is stiff"), "{prompt}");
}
