//! A running gateway: its parts, its addresses, its stop.

use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::config::{Config, World};
use crate::delivery::DeliveryLog;
use crate::device::{self, Devices};
use crate::engine::{Engine, Sqlite};
use crate::keys::Keys;
use crate::metrics::Metrics;
use crate::pages::{self, Pages};
use crate::registry::Registry;
use crate::sender::{self, Senders};
use crate::shard::{Shards, Shared};
use crate::tls;

/// A gateway that runs.
pub struct Gateway {
    /// Where senders come.
    pub senders: SocketAddr,
    /// Where devices come.
    pub devices: SocketAddr,
    /// Where metrics are read.
    pub metrics: Option<SocketAddr>,
    stop: watch::Sender<bool>,
    parts: JoinSet<()>,
}

impl Gateway {
    /// Starts a gateway on the current runtime; its addresses are bound when this returns.
    ///
    /// # Errors
    ///
    /// When a file, the store or an address cannot be used; the message says which.
    pub async fn start(config: &Config) -> Result<Self> {
        let keys = Keys::read(&config.key)?;
        let sender_tls = tls::senders(&config.senders, config.sender_ca.as_deref())?;
        let device_tls = tls::devices(&config.devices)?;
        let (store, kept) = Sqlite::open(&config.state)?;
        let engine: Arc<dyn Engine> = Arc::new(store);
        let metrics = Arc::new(Metrics::default());
        let is_development = config.environment == World::Development;
        let delivery = is_development.then(|| Arc::new(DeliveryLog::default()));
        let (stop, stopped) = watch::channel(false);
        let shared = Shared {
            limits: config.limits(),
            engine: Arc::clone(&engine),
            metrics: Arc::clone(&metrics),
            delivery: delivery.clone(),
        };
        let cores = available_parallelism().map_or(1, std::num::NonZero::get);
        let shards = Shards::start(config.shards.unwrap_or(cores), &shared, &stopped);
        let shards = Arc::new(shards);
        let registry = Arc::new(Registry::new(engine, kept, config.enroll));
        let mut parts = JoinSet::new();
        let patience = Duration::from_millis(shared.limits.engine_ms + 1_000);
        let for_senders = Arc::new(Senders {
            environment: config.environment.environment(),
            keys,
            shards: Arc::clone(&shards),
            registry: Arc::clone(&registry),
            metrics: Arc::clone(&metrics),
            delivery: delivery.clone(),
            patience,
        });
        let (listener, senders) = bind(config.senders.listen).await?;
        parts.spawn(sender::listen(
            listener,
            sender_tls,
            for_senders,
            stopped.clone(),
        ));
        let for_devices = Arc::new(Devices {
            shards,
            registry,
            metrics: Arc::clone(&metrics),
        });
        let (listener, devices) = bind(config.devices.listen).await?;
        parts.spawn(device::listen(
            listener,
            device_tls,
            for_devices,
            stopped.clone(),
        ));
        let mut address = None;
        if let Some(metrics_at) = config.metrics {
            let (listener, bound) = bind(metrics_at).await?;
            address = Some(bound);
            let shown = Arc::new(Pages { metrics, delivery });
            parts.spawn(pages::listen(listener, shown, stopped));
        }
        Ok(Self {
            senders,
            devices,
            metrics: address,
            stop,
            parts,
        })
    }

    /// Drains and stops.
    pub async fn stop(mut self) {
        let _ = self.stop.send(true);
        while self.parts.join_next().await.is_some() {}
    }
}

async fn bind(at: SocketAddr) -> Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(at)
        .await
        .with_context(|| format!("cannot listen on {at}"))?;
    let bound = listener.local_addr()?;
    Ok((listener, bound))
}
