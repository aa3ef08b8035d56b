//! `cargo xtask test`: everything that is tested, in one run.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;

use anyhow::Result;

use crate::build::{self, workspace};
use crate::cache::Cache;
use crate::cluster::tools::kubectl_and_helm;
use crate::cluster::{Borrowed, KUBECONFIG};
use crate::crds;
use crate::install::{self, Python};
use crate::run;
use crate::s3_servers::{self, Server};
use crate::suite::Suite;

/// Longer than anything takes on two cores from nothing; a hang must not take the whole run.
const LIMIT: Duration = Duration::from_mins(80);

/// Names in tests by which `--quick` leaves them out: they need a server, a mount under load, or minutes.
const LONG: [&str; 7] = ["helm_", "seaweedfs", "moto", "minio", "pjdfstest", "fsx", "long_run"];

/// The tests that need a cluster. They are left out by name: without their package, dependencies would have other
/// features, and nearly all would be built once more.
const STORY: &str = "on_a_cluster::";

#[derive(clap::Args)]
pub(crate) struct Args {
    /// For the inner loop: no S3 servers, no conformance suites, no cluster, no long runs.
    #[arg(long, conflicts_with = "agents")]
    quick: bool,
    /// Also run the real Claude Code and Codex against a scripted model (downloads 770 MB once).
    #[arg(long)]
    agents: bool,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let mut suite = Suite::default();
    checks(&mut suite);
    // All targets, so that the features of dependencies are those of the tests and nothing is built twice.
    if suite.check("build", cargo("build").args(["--workspace", "--all-targets"])) {
        suite.check("CRDs and reference", &mut crds::command(true)?);
        tests(args, &mut suite)?;
    }
    Ok(suite.close())
}

fn checks(suite: &mut Suite) {
    suite.check("format", cargo("fmt").args(["--all", "--check"]));
    let lints = ["--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"];
    suite.check("lints", cargo("clippy").args(lints));
    let documentation = ["--workspace", "--no-deps", "--document-private-items", "--quiet"];
    suite.check(
        "documentation",
        cargo("doc").args(documentation).env("RUSTDOCFLAGS", "-D warnings"),
    );
}

fn tests(args: &Args, suite: &mut Suite) -> Result<()> {
    let mut environment = Environment::default();
    let binary = build::target()?.join("debug/remanence");
    environment.set("REMANENCE_BIN", &binary);
    let cache = Cache::lock()?;
    suite.attempt("FUSE", install::fuse);
    // Dropped, and so stopped, when the tests are over.
    let mut servers = Vec::new();
    if args.quick {
        environment.set("REMANENCE_QUICK", "1");
        suite.left_out(format!("tests named *{}* (--quick)", LONG.join("*, *")));
    } else {
        if let Some(python) = suite.attempt("S3 servers", || install::python(&cache)) {
            servers = start(suite, &python, &mut environment);
            if let Some(program) = suite.attempt("MinIO", || install::minio(&cache))
                && let Some(server) = suite.attempt("MinIO server", || Server::minio(&python, &program))
            {
                environment.set("REMANENCE_TEST_S3_MINIO", server.url("tests"));
                servers.push(server);
            }
        }
        if let Some((kubectl, helm)) = suite.attempt("kubectl and Helm", || kubectl_and_helm(&cache)) {
            environment.set("REMANENCE_KUBECTL", kubectl);
            environment.set("REMANENCE_HELM", helm);
        }
        suite.attempt("browser", install::browser);
        if let Some(path) = suite.attempt("pjdfstest", || install::pjdfstest(&cache)) {
            environment.set("REMANENCE_PJDFSTEST", path);
        }
        if let Some(path) = suite.attempt("fsx", || install::fsx(&cache)) {
            environment.set("REMANENCE_FSX", path);
        }
    }
    let agents = if args.agents {
        suite.attempt("agents", || install::agents(&cache))
    } else {
        None
    };
    drop(cache);

    // Beside the binary, since this program's own file is another one once it has been built anew.
    let xtask = binary.with_file_name("xtask");
    let mut demo = run::bounded(LIMIT, &xtask);
    demo.args(["demo", "--binary"]).arg(&binary);
    suite.check("demo", &mut demo);
    if args.quick {
        suite.left_out("manifests and what dreams leave in memory (--quick)");
    } else {
        let mut manifests = run::bounded(LIMIT, &xtask);
        suite.check("manifests", manifests.arg("manifests"));
        let mut eval = run::bounded(LIMIT, &xtask);
        eval.args(["eval", "--quick", "--binary"]).arg(&binary);
        suite.check("what dreams leave in memory", &mut eval);
    }

    let mut command = cargo("test");
    command.args(["--workspace", "--no-fail-fast", "--", "--skip", STORY]);
    if args.quick {
        command.args(LONG.iter().flat_map(|name| ["--skip", name]));
    }
    suite.tests("tests", environment.apply(&mut command));

    // The store with mistakes in it is another build of the few crates that these tests stand on.
    let mut planted = cargo("test");
    planted.args([
        "--workspace",
        "--features",
        "remanence-tests/planted-bugs",
        "--test",
        "planted_bugs",
    ]);
    suite.tests("planted bugs", environment.apply(&mut planted));

    if args.quick {
        suite.left_out("the cluster story (--quick)");
    } else {
        cluster_story(suite, &xtask, &mut environment, agents.is_some());
    }
    if let Some(agents) = agents {
        environment.set("REMANENCE_CLAUDE", agents.claude);
        environment.set("REMANENCE_CODEX", agents.codex);
        let mut command = cargo("test");
        command.args(["--workspace", "--test", "agents", "--", "--ignored"]);
        suite.tests("real agents", environment.apply(&mut command));
        suite.made_up_for("tests/agents.rs");
    }
    drop(servers);
    Ok(())
}

/// On the cluster that the user names, else on one of its own.
fn cluster_story(suite: &mut Suite, xtask: &Path, environment: &mut Environment, agents: bool) {
    let borrowed = if env::var_os(KUBECONFIG).is_some() {
        None
    } else {
        let programs = xtask.parent().unwrap_or(xtask);
        let Some(cluster) = suite.attempt("cluster", || Borrowed::start(xtask, programs)) else {
            return;
        };
        suite.attempt("cluster env, cluster load", || cluster.use_commands(xtask, programs));
        environment.set(KUBECONFIG, cluster.kubeconfig());
        Some(cluster)
    };
    tell(suite, environment, borrowed.as_ref(), agents);
    if let Some(cluster) = borrowed {
        suite.attempt("taking the cluster down, with nothing left", || cluster.end());
    }
}

/// On the cluster that there is.
fn tell(suite: &mut Suite, environment: &Environment, borrowed: Option<&Borrowed>, agents: bool) {
    let mut command = cargo("test");
    command.args([
        "--workspace",
        "--no-fail-fast",
        "--test",
        "cluster",
        "--",
        "--test-threads=4",
    ]);
    suite.tests("cluster story", environment.apply(&mut command));
    if !agents {
        return;
    }
    // A cluster that the user names has the images that the examples name.
    if let Some(cluster) = borrowed
        && suite.attempt("images of the agents", || cluster.add_agents()).is_none()
    {
        return;
    }
    let mut command = cargo("test");
    command.args(["--workspace", "--test", "cluster", "--", "--ignored"]);
    suite.tests("real agents in pods", environment.apply(&mut command));
    suite.made_up_for("tests/cluster/main.rs");
}

fn start(suite: &mut Suite, python: &Python, environment: &mut Environment) -> Vec<Server> {
    for (name, value) in s3_servers::credentials() {
        environment.set(name, value);
    }
    let mut servers = Vec::new();
    if let Some(server) = suite.attempt("SeaweedFS", || Server::seaweedfs(python)) {
        environment.set("REMANENCE_TEST_S3_SEAWEEDFS", server.url("tests"));
        servers.push(server);
    }
    if let Some(server) = suite.attempt("moto", || Server::moto(python)) {
        environment.set("REMANENCE_TEST_S3_MOTO", server.url("tests"));
        servers.push(server);
    }
    servers
}

/// What the tests learn from their environment.
#[derive(Default)]
struct Environment(Vec<(&'static str, PathBuf)>);

impl Environment {
    fn set(&mut self, name: &'static str, value: impl Into<PathBuf>) {
        self.0.push((name, value.into()));
    }

    fn apply<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command.envs(self.0.iter().map(|(name, value)| (name, value)))
    }
}

fn cargo(task: &str) -> Command {
    let mut command = run::bounded(LIMIT, install::cargo());
    command.arg(task).current_dir(workspace());
    command
}
