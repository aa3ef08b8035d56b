//! Random operations on the filesystem's semantics, without a kernel, and on a reference that is a few maps in memory:
//! both answer the same, and the trees are the same after each. Restarts are operations, too.

#![allow(clippy::unwrap_used)]

mod driver;
mod op;
mod reference;

use driver::Driver;
use op::{Op, Path};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use reference::Reference;
use remanence_sidecar::Durability;

/// What an operation answers: bytes, or an errno.
type Answer = Result<Vec<u8>, i32>;

async fn check(ops: &[Op], durability: Durability) {
    let folder = tempfile::tempdir().unwrap();
    let mut ours = Driver::start(folder.path(), durability).await;
    let mut reference = Reference::default();
    for (step, op) in ops.iter().enumerate() {
        let (a, b) = (ours.run(op).await, reference.run(op));
        let so_far = || format!("{durability:?}: step {step}, {op:?}, of {:#?}", &ops[..=step]);
        assert_eq!(a, b, "{}", so_far());
        assert_eq!(ours.tree().await, reference.tree(), "{}", so_far());
    }
    let stored = ours.stop().await;
    assert_eq!(stored, reference.tree(), "{durability:?}: in the store after {ops:#?}");
}

/// `MODEL_CASES` and `MODEL_SEED` run more, or others, by hand.
fn run(durability: Durability, cases: u32, seed: u8) {
    let by_hand = |name: &str| std::env::var(name).ok().and_then(|value| value.parse::<u32>().ok());
    let config = Config {
        cases: by_hand("MODEL_CASES").unwrap_or(cases),
        failure_persistence: None,
        max_shrink_iters: 400,
        ..Config::default()
    };
    let seed = by_hand("MODEL_SEED").map_or(seed, |s| s as u8);
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]);
    let runtime = runtime();
    TestRunner::new_with_rng(config, rng)
        .run(&prop::collection::vec(op::any_op(), 1..60), |ops| {
            runtime.block_on(check(&ops, durability));
            Ok(())
        })
        .unwrap();
}

#[test]
fn durable_closes_answer_as_the_reference() {
    run(Durability::Store, 60, 1);
}

#[test]
fn local_durability_answers_as_the_reference() {
    run(Durability::Local, 100, 2);
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap()
}

fn check_both(ops: &[Op]) {
    for durability in [Durability::Store, Durability::Local] {
        runtime().block_on(check(ops, durability));
    }
}

/// What an editor does, and then the file goes: the backup is a file of its own.
#[test]
fn a_backup_stays_when_the_file_made_again_is_removed_or_replaced() {
    let (file, backup, other) = (Path::of("b.md"), Path::of("c~"), Path::of("a"));
    let saved = [
        Op::write(file, "old\n"),
        Op::write(other, "other\n"),
        Op::Restart,
        Op::rename(file, backup),
        Op::write(file, "new\n"),
    ];
    check_both(&[saved.as_slice(), &[Op::Unlink { path: file }]].concat());
    check_both(&[saved.as_slice(), &[Op::rename(other, file)]].concat());
}

/// A mount's own writes are what its next ones are made on, and a restart does not change that.
#[test]
fn what_was_written_before_a_restart_can_be_removed_after_it() {
    let file = Path::of("a");
    let append = Op::Append {
        path: file,
        data: op::Data(b"more\n".to_vec()),
    };
    check_both(&[
        Op::write(file, "first\n"),
        Op::Restart,
        append,
        Op::Restart,
        Op::Unlink { path: file },
    ]);
}
