//! Connections: accepted, bounded, ended.
//!
//! # Promises
//!
//! - **K1** at most [`Bounds::connections`] at once; one more is told 503 (in the open)
//!   and closed.
//! - **K2** a connection that says nothing, or says its head slowly, ends after [`Bounds::head`];
//!   every connection ends [`Bounds::connection`] and [`Bounds::drain`] after it began.
//! - **K3** when the service stops, open requests have [`Bounds::drain`] to end.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

use super::body::Room;
use crate::bounds::Bounds;

/// What is accepted, and how.
#[derive(Clone)]
pub struct Listen {
    /// The bounds.
    pub bounds: Arc<Bounds>,
    /// The room for bodies, of which each connection has its part.
    pub room: Room,
    /// TLS; without it, HTTP/1.1 in the open.
    pub tls: Option<TlsAcceptor>,
    /// Becomes true when the service is to stop.
    pub stop: watch::Receiver<bool>,
}

impl Listen {
    /// Serves a router until it is told to stop, then drains.
    pub async fn serve(mut self, listener: TcpListener, router: Router) {
        let places = Arc::new(Semaphore::new(self.bounds.connections));
        let mut open = JoinSet::new();
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                _ = self.stop.wait_for(|stop| *stop) => break,
            };
            while open.try_join_next().is_some() {}
            let Ok((stream, _)) = accepted else {
                sleep(Duration::from_millis(50)).await; // Out of descriptors.
                continue;
            };
            let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
                if self.tls.is_none() {
                    turn_away(&stream, self.bounds.retry_seconds);
                }
                continue;
            };
            let (listen, router) = (self.clone(), router.clone());
            open.spawn(async move {
                listen.connection(stream, router).await;
                drop(place);
            });
        }
        drop(listener);
        let drained = async { while open.join_next().await.is_some() {} };
        // What is still open then is dropped, and so closed.
        let _ = timeout(self.bounds.drain, drained).await;
    }

    /// One connection, from its first byte to its end.
    async fn connection(self, stream: TcpStream, router: Router) {
        let _ = stream.set_nodelay(true);
        let Some(tls) = &self.tls else {
            return self.spoken(stream, router, Spoken::Http1).await;
        };
        let Ok(Ok(stream)) = timeout(self.bounds.handshake, tls.accept(stream)).await else {
            return;
        };
        let spoken = match stream.get_ref().1.alpn_protocol() {
            Some(b"h2") => Spoken::Http2,
            Some(_) | None => Spoken::Http1,
        };
        self.spoken(stream, router, spoken).await;
    }

    async fn spoken<S>(self, stream: S, router: Router, spoken: Spoken)
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let part = self.room.connection(&self.bounds);
        let pages = TowerToHyperService::new(router);
        let router = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(part.clone());
            pages.call(request)
        });
        let stream = TokioIo::new(stream);
        let (bounds, stop) = (&self.bounds, self.stop.clone());
        match spoken {
            Spoken::Http1 => {
                let served = http1::Builder::new()
                    .timer(TokioTimer::new())
                    .header_read_timeout(bounds.head)
                    .max_buf_size(bounds.head_bytes)
                    .serve_connection(stream, router);
                let mut served = pin!(served);
                if self.lived(served.as_mut(), stop).await {
                    served.as_mut().graceful_shutdown();
                    let _ = timeout(bounds.drain, served).await;
                }
            }
            Spoken::Http2 => {
                let served = http2::Builder::new(TokioExecutor::new())
                    .timer(TokioTimer::new())
                    .max_concurrent_streams(bounds.streams)
                    .max_header_list_size(bounds.head_bytes as u32)
                    .keep_alive_interval(bounds.head)
                    .keep_alive_timeout(bounds.head)
                    .serve_connection(stream, router);
                let mut served = pin!(served);
                if self.lived(served.as_mut(), stop).await {
                    served.as_mut().graceful_shutdown();
                    let _ = timeout(bounds.drain, served).await;
                }
            }
        }
    }

    /// Serves a connection; whether it is to be ended and did not end by itself.
    async fn lived(&self, served: impl Future, mut stop: watch::Receiver<bool>) -> bool {
        tokio::select! {
            _ = served => false,
            () = sleep(self.bounds.connection) => true,
            _ = stop.wait_for(|stop| *stop) => true,
        }
    }
}

/// What a connection speaks.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Spoken {
    Http1,
    Http2,
}

/// Says 503 if the socket takes it at once, which a fresh one does.
fn turn_away(stream: &TcpStream, retry_seconds: u32) {
    let answer = format!(
        "HTTP/1.1 503 Service Unavailable\r\nRetry-After: {retry_seconds}\r\n\
         Content-Length: 0\r\nConnection: close\r\n\r\n"
    );
    let _ = stream.try_write(answer.as_bytes());
}
