//! The accept loop: bounded connections, deadlines, one router.

use std::future::Future;
use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::HeaderValue;
use axum::middleware;
use axum::routing::{get, post};
use hookswitch_wire::view::View;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::task::JoinSet;

use crate::directory::DirectoryQuery;
use crate::edge::{HttpCommand, HttpEdge, HttpLimits, Icons, RecentsQuery};
use crate::flood::Flood;
use crate::token::Token;
use crate::{api, directory, guard, ui, ws};

/// What the handlers share: channels and bounds, no call state.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) token: Token,
    pub(crate) commands: mpsc::Sender<HttpCommand>,
    pub(crate) views: watch::Receiver<Arc<View>>,
    pub(crate) recents: mpsc::Sender<RecentsQuery>,
    pub(crate) directory: mpsc::Sender<DirectoryQuery>,
    pub(crate) icons: watch::Receiver<Arc<Icons>>,
    pub(crate) limits: HttpLimits,
    pub(crate) flood: Flood,
    pub(crate) sockets: Arc<Semaphore>,
    /// Closes when the edge stops, so that open WebSockets end, too.
    pub(crate) stopped: watch::Receiver<()>,
    pub(crate) policy: HeaderValue,
    port: u16,
}

impl Shared {
    /// Whether a `Host` value names us: a loopback name with our port.
    pub(crate) fn is_our_host(&self, host: &str) -> bool {
        let Some((name, port)) = host.rsplit_once(':') else {
            return false;
        };
        let is_loopback = ["127.0.0.1", "[::1]", "localhost"]
            .iter()
            .any(|ours| name.eq_ignore_ascii_case(ours));
        is_loopback && port.parse() == Ok(self.port)
    }
}

impl HttpEdge {
    /// Serves until `shutdown` is done. Open connections and WebSockets end then.
    ///
    /// # Errors
    ///
    /// The system's error if the listener has no address.
    pub async fn serve(self, shutdown: impl Future<Output = ()> + Send) -> std::io::Result<()> {
        let port = self.listener.local_addr()?.port();
        let (_running, stopped) = watch::channel(());
        let connections = Arc::new(Semaphore::new(self.limits.connections));
        let listener = self.listener;
        let limits = self.limits;
        let router = router(Arc::new(Shared {
            token: self.token,
            commands: self.commands,
            views: self.views,
            recents: self.recents,
            directory: self.directory,
            icons: self.icons,
            limits,
            flood: Flood::new(&self.rates),
            sockets: Arc::new(Semaphore::new(limits.sockets)),
            stopped,
            policy: guard::content_policy(port),
            port,
        }));
        let mut open = JoinSet::new();
        let accept = async {
            loop {
                let permit = Arc::clone(&connections).acquire_owned().await;
                let stream = match listener.accept().await {
                    Ok((stream, _)) => stream,
                    Err(error) => {
                        tracing::warn!(%error, "a connection could not be accepted");
                        tokio::time::sleep(limits.send / 50).await; // out of file descriptors
                        continue;
                    }
                };
                let router = router.clone();
                open.spawn(async move {
                    connection(stream, router, limits).await;
                    drop(permit);
                });
                while open.try_join_next().is_some() {}
            }
        };
        tokio::select! {
            () = accept => {}
            () = shutdown => {}
        }
        Ok(())
    }
}

async fn connection(stream: TcpStream, router: Router, limits: HttpLimits) {
    let service = TowerToHyperService::new(router);
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .max_headers(64)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades()
        .await;
    if let Err(error) = served {
        tracing::debug!(%error, "a connection ended early");
    }
}

fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/", get(ui::index))
        .route(ui::PLAIN_STYLE_PATH, get(ui::plain_style))
        .route("/api/v1/view", get(api::view))
        .route("/api/v1/ws", get(ws::upgrade))
        .route("/api/v1/requests", post(api::requests))
        .route("/api/v1/recents", get(api::recents))
        .route("/api/v1/directory/explain", post(directory::explain))
        .route("/api/v1/directory/calls/{call}", get(directory::why))
        .route("/api/v1/directory/lint", post(directory::lint))
        .route("/api/v1/directory/lists/{list}", post(directory::load))
        .route("/api/v1/apps/{app}/icon", get(api::icon))
        .route("/api/v1/openapi.json", get(api::openapi))
        .fallback(ui::asset)
        .layer(DefaultBodyLimit::max(shared.limits.body))
        .layer(middleware::from_fn_with_state(
            Arc::clone(&shared),
            guard::guard,
        ))
        .with_state(shared)
}
