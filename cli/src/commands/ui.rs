//! `kubectl memory ui`: a page in the browser.

use std::path::PathBuf;

use serde_json::json;

use crate::cluster::{Namespace, ObjectUrl};
use crate::exit::Outcome;
use crate::output::Output;
use crate::stop::stop;
use crate::ui::Server;

/// Serve a page for this machine's browser: a namespace's stores, their history, and dreams to decide on
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  kubectl memory ui
  kubectl memory ui -n team-a --port 8484

It prints the page's address and serves it until Ctrl-C, on 127.0.0.1 alone and to nobody who does not have the address:
it holds a key, new each time. What the page shows and does is done with your kubeconfig, in your name.")]
pub(crate) struct Args {
    /// The namespace [default: the context's]
    #[arg(short, long)]
    namespace: Option<String>,
    /// The context of the kubeconfig [default: the current one]
    #[arg(long)]
    context: Option<String>,
    /// The kubeconfig [default: as kubectl finds it]
    #[arg(long, value_name = "FILE")]
    kubeconfig: Option<PathBuf>,
    /// The port [default: one that is free]
    #[arg(long, default_value_t = 0, hide_default_value = true)]
    port: u16,
}

pub(crate) async fn run(args: &Args, out: &mut Output) -> Outcome {
    let url = ObjectUrl {
        namespace: args.namespace.clone(),
        context: args.context.clone(),
        kubeconfig: args.kubeconfig.clone(),
        ..ObjectUrl::default()
    };
    let namespace = Namespace::of(&url).await?;
    let stopped = stop()?;
    let server = Server::bind(args.port, namespace).await?;
    let address = server.address();
    out.print(&json!({ "url": address }), |out, _| out.line(&address))?;
    out.flush()?;
    out.hint("open it in a browser on this machine; Ctrl-C ends it");
    server.serve(stopped).await
}
