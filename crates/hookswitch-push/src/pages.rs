//! The pages for operators: `/metrics`, and in development `/delivery/` with an `apns-unique-id`.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::time::timeout;

use crate::delivery::DeliveryLog;
use crate::metrics::Metrics;

/// Readers at once, and how long one may stay.
const READERS: usize = 16;
/// See [`READERS`].
const STAY: Duration = Duration::from_secs(30);

/// What the pages show.
pub struct Pages {
    /// The counters.
    pub metrics: Arc<Metrics>,
    /// The delivery log, in the development environment.
    pub delivery: Option<Arc<DeliveryLog>>,
}

/// Serves the pages until the gateway stops.
pub async fn listen(listener: TcpListener, pages: Arc<Pages>, mut stop: watch::Receiver<bool>) {
    let places = Arc::new(Semaphore::new(READERS));
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.changed() => return,
        };
        let place = Arc::clone(&places).try_acquire_owned();
        let (Ok((stream, _)), Ok(place)) = (accepted, place) else {
            continue;
        };
        let pages = Arc::clone(&pages);
        tokio::spawn(async move {
            let answer = service_fn(|request| {
                let answer = pages.answer(&request);
                async move { Ok::<_, Infallible>(answer) }
            });
            let served = http1::Builder::new()
                .timer(TokioTimer::new())
                .serve_connection(TokioIo::new(stream), answer);
            let _ = timeout(STAY, served).await;
            drop(place);
        });
    }
}

impl Pages {
    fn answer(&self, request: &Request<Incoming>) -> Response<Full<Bytes>> {
        let path = request.uri().path();
        let unique = path.strip_prefix("/delivery/");
        let found = unique.and_then(|unique| self.delivery.as_ref()?.find(unique));
        let (text, kind) = match found {
            Some(text) => (text, "application/json"),
            None if path == "/metrics" => (self.metrics.page(), "text/plain; version=0.0.4"),
            None => (String::new(), "text/plain"),
        };
        let mut response = Response::new(Full::from(text.clone()));
        if text.is_empty() {
            *response.status_mut() = StatusCode::NOT_FOUND;
        }
        response
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        response
    }
}
