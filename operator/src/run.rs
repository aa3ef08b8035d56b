//! Starts the parts and ends them in order.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use jiff::Timestamp;
use k8s_openapi::api::core::v1::Namespace;
use kube::{Api, Client, ResourceExt};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::admission::{self, Admission};
use crate::args::Args;
use crate::broker::{self, Hints, TokenReviews};
use crate::bucket::S3Buckets;
use crate::certificates::{Keeper, Served};
use crate::cluster::{self, Watching};
use crate::content::{self, AccessReviews, FrontProxy, Stores};
use crate::directory::ClusterDirectory;
use crate::dream::{Surroundings, Writer};
use crate::events::Events;
use crate::health;
use crate::keys::KeyRing;
use crate::leader::Election;
use crate::metrics::Metrics;
use crate::reconcile::{self, Context};

const VERSION: &str = env!("CARGO_PKG_VERSION");
/// How long what is not there yet (the CRDs, the apiserver, the webhook's configuration) is waited for.
const AGAIN: Duration = Duration::from_secs(2);

/// Runs until `stop`, or until a part ends that should not.
///
/// # Errors
/// When a listener can't be had, or a part fails.
pub async fn run(args: Args, client: Client, stop: CancellationToken) -> Result<()> {
    let watching = cluster::start(&client);
    let metrics = Arc::new(Metrics::of(watching.cluster.clone()));
    let (ready, is_ready) = watch::channel(false);
    let mut parts: JoinSet<Result<&'static str>> = JoinSet::new();

    let listener = TcpListener::bind(args.health_listen)
        .await
        .with_context(|| format!("listening at {}", args.health_listen))?;
    let shown = health::serve(listener, metrics.clone(), is_ready, stop.clone());
    parts.spawn(async move { shown.await.context("the health server").map(|()| "the health server") });

    let served = Served::default();
    let keeper = Keeper {
        client: client.clone(),
        namespace: args.namespace.clone(),
        secret: args.certificates.clone(),
        webhook: args.webhook_configuration.clone(),
        content_api: args.content_api.clone(),
        names: args.served_names(),
        served: served.clone(),
    };
    if !begin(&client, &keeper, &watching, &stop).await {
        return Ok(());
    }
    let cluster_id = patiently("the cluster's id", &stop, || cluster_id(&client)).await;
    let Some(cluster_id) = cluster_id else { return Ok(()) };
    ready.send_replace(true);
    let keeping = keeper.run(stop.clone());
    parts.spawn(async move {
        keeping.await;
        Ok("the certificates")
    });

    let keys = Arc::new(KeyRing::new(client.clone(), watching.changed.clone()));
    let following = keys.clone().follow(watching.cluster.classes.clone(), stop.clone());
    parts.spawn(async move {
        following.await;
        Ok("the keys of classes")
    });
    serve(&args, &client, &watching, &served, &keys, &metrics, &mut parts, &stop).await?;
    let dreams = Surroundings {
        dreamer: args.dreamer.clone(),
        broker: args.broker(),
        served,
        egress: args.dream_egress.clone(),
        namespace: args.namespace.clone(),
    };
    control(
        &args, client, watching, keys, metrics, cluster_id, dreams, &mut parts, &stop,
    );

    let ended = parts.join_next().await;
    // Whichever ends first, the others end with it.
    let is_due = stop.is_cancelled();
    stop.cancel();
    while parts.join_next().await.is_some() {}
    match ended {
        Some(Ok(Ok(_))) if is_due => Ok(()),
        Some(Ok(Ok(part))) => anyhow::bail!("{part} ended"),
        Some(Ok(Err(error))) => Err(error),
        Some(Err(error)) => Err(error).context("a part of the operator broke"),
        None => Ok(()),
    }
}

/// Waits until there are certificates and the cluster is known; whether it came to that.
async fn begin(client: &Client, keeper: &Keeper, watching: &Watching, stop: &CancellationToken) -> bool {
    tracing::info!(version = VERSION, url = %client.default_namespace(), "the operator starts");
    let certificates = patiently("certificates", stop, || async {
        keeper.look().await.map_err(anyhow::Error::from)
    });
    if certificates.await.is_none() {
        return false;
    }
    tokio::select! {
        () = watching.cluster.ready() => true,
        () = stop.cancelled() => false,
    }
}

/// Tries until it works; `None` where it is to stop before.
async fn patiently<T, F>(what: &str, stop: &CancellationToken, attempt: impl Fn() -> F) -> Option<T>
where
    F: Future<Output = Result<T>>,
{
    loop {
        match attempt().await {
            Ok(done) => return Some(done),
            Err(error) => tracing::warn!("{what}: {error:#}; tried again"),
        }
        tokio::select! {
            () = tokio::time::sleep(AGAIN) => {}
            () = stop.cancelled() => return None,
        }
    }
}

/// What names this cluster wherever it leaves something: the uid of the one namespace that every cluster keeps.
async fn cluster_id(client: &Client) -> Result<String> {
    let namespace = Api::<Namespace>::all(client.clone()).get("kube-system").await?;
    namespace.uid().context("kube-system has no uid")
}

/// The webhook, the broker and the content API: on every replica.
async fn serve(
    args: &Args,
    client: &Client,
    watching: &Watching,
    served: &Served,
    keys: &Arc<KeyRing>,
    metrics: &Arc<Metrics>,
    parts: &mut JoinSet<Result<&'static str>>,
    stop: &CancellationToken,
) -> Result<()> {
    let admission = Admission {
        cluster: watching.cluster.clone(),
        sidecar: args.sidecar.clone(),
        broker: args.broker(),
        served: served.clone(),
    };
    let listener = std::net::TcpListener::bind(args.webhook_listen)
        .with_context(|| format!("listening at {}", args.webhook_listen))?;
    let webhook = admission::serve(
        listener,
        served.server()?,
        admission,
        client.clone(),
        metrics.clone(),
        stop.clone(),
    );
    parts.spawn(async move { webhook.await.context("the webhook").map(|()| "the webhook") });

    let listener = TcpListener::bind(args.broker_listen)
        .await
        .with_context(|| format!("listening at {}", args.broker_listen))?;
    let trusted = served.clone();
    let hints: Arc<Hints> = Arc::default();
    let events = Arc::new(Events::new(client.clone(), args.identity.clone()));
    let lent = broker::Parts {
        tokens: Arc::new(TokenReviews::new(client.clone())),
        directory: Arc::new(ClusterDirectory::new(
            watching.cluster.clone(),
            keys.clone(),
            Writer::new(client.clone(), Timestamp::now, metrics.dreams.clone(), events.clone()),
            events,
        )),
        trusted: Arc::new(move || trusted.trusted()),
        peers: args.peers(),
        hints: hints.clone(),
        metrics: metrics.broker.clone(),
    };
    let broker = broker::serve(listener, served.server()?, lent, stop.clone());
    parts.spawn(async move { broker.await.context("the broker").map(|()| "the broker") });
    if args.content_api.is_some() {
        let front_proxy = FrontProxy::default();
        tokio::spawn(front_proxy.clone().run(client.clone(), stop.clone()));
        let listener = std::net::TcpListener::bind(args.content_listen)
            .with_context(|| format!("listening at {}", args.content_listen))?;
        let tls = served.server_for(Arc::new(front_proxy.clone()))?;
        let shown = content::Parts {
            front_proxy,
            authorize: Arc::new(AccessReviews::new(client.clone())),
            stores: Stores {
                stores: watching.cluster.stores.clone(),
                classes: watching.cluster.classes.clone(),
                keys: keys.clone(),
                buckets: Arc::new(S3Buckets::default()),
            },
            hints,
            metrics: metrics.content.clone(),
        };
        let content = content::serve(listener, tls, shown, stop.clone());
        parts.spawn(async move { content.await.context("the content API").map(|()| "the content API") });
    }
    Ok(())
}

/// The controllers: on the leader.
fn control(
    args: &Args,
    client: Client,
    watching: Watching,
    keys: Arc<KeyRing>,
    metrics: Arc<Metrics>,
    cluster_id: String,
    dreams: Surroundings,
    parts: &mut JoinSet<Result<&'static str>>,
    stop: &CancellationToken,
) {
    let (lead, leading) = watch::channel(false);
    let election = Election {
        client: client.clone(),
        namespace: args.namespace.clone(),
        identity: args.identity.clone(),
        version: VERSION,
        leading: lead,
        metrics: metrics.clone(),
        events: Events::new(client.clone(), args.identity.clone()),
    };
    let election = election.run(stop.clone());
    parts.spawn(async move {
        election.await;
        Ok("the election")
    });
    let cluster = watching.cluster.clone();
    let context = Arc::new(Context {
        client: client.clone(),
        cluster: cluster.clone(),
        keys,
        buckets: Arc::new(S3Buckets::default()),
        events: Events::new(client, args.identity.clone()),
        metrics,
        leading,
        cluster_id,
        seen: reconcile::store::Seen::default(),
        upkeep: reconcile::store::Upkeep::default(),
        dreams,
        now: Timestamp::now,
    });
    let Watching {
        agents,
        stores,
        classes,
        pods,
        schedules,
        dreams,
        mut tasks,
        ..
    } = watching;
    let classes = reconcile::run(
        "class",
        cluster.classes,
        classes,
        context.clone(),
        reconcile::class::reconcile,
        stop.clone(),
    );
    let stores = reconcile::run(
        "store",
        cluster.stores,
        stores,
        context.clone(),
        reconcile::store::reconcile,
        stop.clone(),
    );
    let agents = reconcile::run(
        "agent",
        cluster.agents,
        agents,
        context.clone(),
        reconcile::agent::reconcile,
        stop.clone(),
    );
    let pods = reconcile::run(
        "pod",
        cluster.pods,
        pods,
        context.clone(),
        reconcile::pod::reconcile,
        stop.clone(),
    );
    let schedules = reconcile::run(
        "schedule",
        cluster.schedules,
        schedules,
        context.clone(),
        reconcile::schedule::reconcile,
        stop.clone(),
    );
    let dreams = reconcile::run(
        "dream",
        cluster.dreams,
        dreams,
        context,
        reconcile::dream::reconcile,
        stop.clone(),
    );
    parts.spawn(async move {
        tokio::join!(classes, stores, agents, pods, schedules, dreams);
        Ok("the controllers")
    });
    let stop = stop.clone();
    parts.spawn(async move {
        tokio::select! {
            _ = tasks.join_next() => {}
            () = stop.cancelled() => {}
        }
        Ok("the watches")
    });
}
