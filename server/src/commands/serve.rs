//! `tollwarden serve`: the server.

use super::CommandFailure;
use crate::api::health;
use crate::cli::Global;
use crate::config::Config;
use crate::database::Database;
use crate::opened::{self, OpenedDatabase};
use crate::pages::{Pages, Threads};
use crate::state::State;
use crate::{connections, router, site};
use app::Assets;
use axum::Router;
use axum::routing::get;
use engine::Engine;
use engine::accounts::issue_link;
use engine::postgres::ServeLock;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;
use tokio::net::TcpSocket;

/// How long open requests may take after the signal to stop.
const DRAIN: Duration = Duration::from_secs(3);
/// How long background work may take after that.
const REST: Duration = Duration::from_secs(1);
/// When the server is dropped after the signal; together with Postgres' stop this is within the
/// contract's 10 s.
const GRACE: Duration = Duration::from_secs(5);
/// Connections that may wait to be accepted; as many as Linux allows by default.
const BACKLOG: u32 = 4096;

pub(super) async fn run(global: &Global, config: &Config) -> Result<(), CommandFailure> {
    // Refuse what can be refused before anything is started.
    config.check().map_err(CommandFailure::new)?;
    let assets = site::assets()?;
    if config.public_url.as_ref().is_some_and(|url| url.is_https())
        && config.trusted_proxies.is_empty()
    {
        tracing::warn!(
            "public_url is https, so something in front of this server speaks TLS; without \
             trusted_proxies, everybody behind it appears to have its address"
        );
    }
    let database = Database::named(global)?;
    let _lock = match &database {
        Some(_) => None,
        None => Some(ServeLock::take(&global.data_dir)?),
    };
    let socket = bind("listen", config.listen)?;
    let metrics = config.metrics_listen.map(|at| bind("metrics_listen", at)).transpose()?;
    let spool = global.spool();
    opened::with(global, GRACE, async |opened| {
        if let Some(database) = &database {
            database.warn(&opened.db).await?;
        }
        serve(opened, config, assets, &spool, socket, metrics).await
    })
    .await
}

async fn serve(
    opened: OpenedDatabase,
    config: &Config,
    assets: Assets,
    spool: &Path,
    socket: TcpSocket,
    metrics: Option<TcpSocket>,
) -> Result<(), CommandFailure> {
    let OpenedDatabase { db, stop, .. } = opened;
    engine::secret::check(&db).await?;
    health::install()?;
    let engine =
        Engine::start(db.clone()).await?.with_spool(spool).with_retention(config.retention());
    let engine = engine
        .with_notify(config.notify().map_err(CommandFailure::new)?)
        .map_err(CommandFailure::new)?;
    let threads = Threads::start()?;
    let mut state = State::new(engine.clone(), assets);
    state.pages = Pages::on(&threads);
    let router = router::over(state, config);
    let work = tokio::spawn(engine.work(stop.clone()));
    if let Some(socket) = metrics {
        let listener = socket.listen(BACKLOG)?;
        tracing::info!(at = %listener.local_addr()?, "metrics");
        let router = Router::new().route("/metrics", get(health::metrics));
        let stop = stop.clone().cancelled_owned();
        tokio::spawn(axum::serve(listener, router).with_graceful_shutdown(stop).into_future());
    }
    let listener = socket.listen(BACKLOG)?;
    announce(&config.base_url(listener.local_addr()?), &db).await?;

    let late = async {
        stop.cancelled().await;
        tokio::time::sleep(DRAIN).await;
    };
    tokio::select! {
        () = connections::serve(listener, router, stop.clone()) => {}
        () = late => tracing::warn!("some requests were not finished in time"),
    }
    stop.cancel();
    let _ = tokio::time::timeout(REST, work).await;
    Ok(())
}

/// Binds an address without listening yet: an address in use is reported before anything starts,
/// and nobody connects before the store is ready.
fn bind(name: &str, at: SocketAddr) -> Result<TcpSocket, CommandFailure> {
    let bound = match at {
        SocketAddr::V4(_) => TcpSocket::new_v4(),
        SocketAddr::V6(_) => TcpSocket::new_v6(),
    }
    .and_then(|socket| {
        // Otherwise a restart has to wait for the previous process's connections in TIME_WAIT.
        socket.set_reuseaddr(true)?;
        socket.bind(at)?;
        Ok(socket)
    });
    bound.map_err(|error| CommandFailure::new(format!("cannot use {name} = {at}: {error}")))
}

/// Prints the URL, and on an empty store the secret set-up link: only to stderr, not to the log.
async fn announce(url: &str, db: &store::Db) -> Result<(), CommandFailure> {
    let mut text = format!("Tollwarden is at {url}\n");
    if let Some(link) = issue_link(db).await? {
        text.push_str(
            "There is no account yet. Create the first one within an hour, with this link, which \
             works once:\n",
        );
        text.push_str(&format!("{url}{}\n", link.path()));
    }
    // A closed stderr is not an error.
    let _ = std::io::stderr().write_all(text.as_bytes());
    Ok(())
}
