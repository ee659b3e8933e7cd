//! Connections: accepted, bounded, ended.
//!
//! # Promises
//!
//! - **K1** at most [`Bounds::connections`] at once; one more is told 503 and closed.
//! - **K2** a connection that says nothing, or says its head slowly, ends after [`Bounds::head`];
//!   every connection ends [`Bounds::connection`] and [`Bounds::drain`] after it began.
//! - **K3** when the service stops, open requests have [`Bounds::drain`] to end.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::bounds::Bounds;

/// What is accepted, and how.
#[derive(Clone, Debug)]
pub struct Listen {
    /// The bounds.
    pub bounds: Arc<Bounds>,
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
                turn_away(&stream, self.bounds.retry_seconds);
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
    async fn connection(mut self, stream: TcpStream, router: Router) {
        let _ = stream.set_nodelay(true);
        let served = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.bounds.head)
            .max_buf_size(self.bounds.head_bytes)
            .half_close(false)
            .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
        tokio::pin!(served);
        tokio::select! {
            _ = &mut served => return,
            () = sleep(self.bounds.connection) => {}
            _ = self.stop.wait_for(|stop| *stop) => {}
        }
        served.as_mut().graceful_shutdown();
        let _ = timeout(self.bounds.drain, served).await;
    }
}

/// Says 503 if the socket takes it at once, which a fresh one does.
fn turn_away(stream: &TcpStream, retry_seconds: u32) {
    let answer = format!(
        "HTTP/1.1 503 Service Unavailable\r\nRetry-After: {retry_seconds}\r\n\
         Content-Length: 0\r\nConnection: close\r\n\r\n"
    );
    let _ = stream.try_write(answer.as_bytes());
}
