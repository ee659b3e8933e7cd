//! The side of senders: HTTP/2 with the paths, headers and answers of APNs.
//!
//! Wire details that real senders lean on: 200 ends with its headers; an error is exactly one DATA
//! frame; `apns-id` comes back byte for byte, in errors too; a client without ALPN and without
//! `:authority` is served.

mod session;

use std::sync::Arc;
use std::time::Duration;

use hookswitch_push_core::apns::sender::Environment;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use crate::bounds;
use crate::delivery::DeliveryLog;
use crate::keys::Keys;
use crate::metrics::Metrics;
use crate::registry::Registry;
use crate::shard::Shards;
use session::Session;

/// What each connection uses.
pub struct Senders {
    /// The world this gateway is.
    pub environment: Environment,
    /// The keys of provider tokens.
    pub keys: Keys,
    /// The way to the shards.
    pub shards: Arc<Shards>,
    /// Tokens of devices.
    pub registry: Arc<Registry>,
    /// The counters.
    pub metrics: Arc<Metrics>,
    /// The delivery log, in the development environment.
    pub delivery: Option<Arc<DeliveryLog>>,
    /// How long a decision may take: the store's time and a second.
    pub patience: Duration,
}

/// Accepts senders until the gateway stops, then drains.
pub async fn listen(
    listener: TcpListener,
    tls: TlsAcceptor,
    senders: Arc<Senders>,
    mut stop: watch::Receiver<bool>,
) {
    let places = Arc::new(Semaphore::new(bounds::SENDERS));
    let mut open = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.changed() => break,
        };
        while open.try_join_next().is_some() {}
        let Ok((stream, _)) = accepted else {
            tokio::time::sleep(Duration::from_millis(50)).await; // Out of descriptors.
            continue;
        };
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
            continue;
        };
        let (tls, senders, stop) = (tls.clone(), Arc::clone(&senders), stop.clone());
        open.spawn(async move {
            senders.metrics.sender(1);
            connection(stream, tls, &senders, stop).await;
            senders.metrics.sender(-1);
            drop(place);
        });
    }
    drop(listener);
    let drained = async { while open.join_next().await.is_some() {} };
    if timeout(bounds::DRAIN, drained).await.is_err() {
        tracing::warn!("senders were still busy when the time to drain was over");
    }
}

/// One connection from its handshake to its end.
async fn connection(
    stream: TcpStream,
    tls: TlsAcceptor,
    senders: &Arc<Senders>,
    mut stop: watch::Receiver<bool>,
) {
    let _ = stream.set_nodelay(true);
    let Ok(Ok(stream)) = timeout(bounds::HANDSHAKE, tls.accept(stream)).await else {
        return;
    };
    let certificate = stream
        .get_ref()
        .1
        .peer_certificates()
        .and_then(<[_]>::first);
    let session = Arc::new(Session::new(certificate, senders));
    let answer = service_fn(move |request| {
        let session = Arc::clone(&session);
        async move { Ok::<_, std::convert::Infallible>(session.answer(request).await) }
    });
    let served = http2::Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        .max_concurrent_streams(bounds::STREAMS)
        .max_header_list_size(bounds::HEADERS)
        .keep_alive_interval(bounds::PING)
        .keep_alive_timeout(bounds::PONG)
        .serve_connection(TokioIo::new(stream), answer);
    tokio::pin!(served);
    let mut stopping = false;
    loop {
        tokio::select! {
            ended = &mut served => {
                if ended.is_err() {
                    tracing::debug!("a sender's connection ended with an error");
                }
                return;
            }
            _ = stop.changed(), if !stopping => {
                stopping = true;
                served.as_mut().graceful_shutdown();
            }
        }
    }
}
