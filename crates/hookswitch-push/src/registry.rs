//! Who has which token, and which devices are known.
//!
//! The tables are in memory; the engine keeps each change before anybody is told of it. One lock,
//! held for a look-up or an insertion only.

use std::collections::BTreeMap;
use std::sync::{Arc, RwLock, RwLockReadGuard, RwLockWriteGuard};

use hookswitch_push_core::frame::Secret;
use hookswitch_push_core::push::{Address, DeviceId};
use hookswitch_push_core::tokens::{Lookup, Row, Tokens};
use ring::digest;
use tokio::sync::oneshot;

use crate::clock;
use crate::config::Enroll;
use crate::engine::{Done, Engine, Failed, Order, Snapshot};

/// Bytes of a fresh token.
const TOKEN: usize = 32;
/// The least bytes of a device's secret.
const SECRET: usize = 16;

/// The tables.
pub struct Registry {
    tables: RwLock<Tables>,
    engine: Arc<dyn Engine>,
    enroll: Enroll,
}

#[derive(Default)]
struct Tables {
    tokens: Tokens,
    devices: BTreeMap<DeviceId, Vec<u8>>,
}

impl Registry {
    /// The tables as they were kept.
    pub fn new(engine: Arc<dyn Engine>, kept: Snapshot, enroll: Enroll) -> Self {
        let mut tables = Tables::default();
        for row in kept.tokens {
            tables.tokens.restore(row);
        }
        tables.devices = kept.devices.into_iter().collect();
        Self {
            tables: RwLock::new(tables),
            engine,
            enroll,
        }
    }

    /// What a sender's token stands for.
    pub fn lookup(&self, token: &Secret) -> Lookup {
        self.read().tokens.lookup(token)
    }

    /// The token of an app, kept before it is told.
    pub async fn register(&self, address: &Address) -> Result<Secret, Failed> {
        let mut fresh = vec![0; TOKEN];
        getrandom::fill(&mut fresh).map_err(|_| Failed)?;
        let row = {
            let mut tables = self.write();
            let row = tables.tokens.register(address, Secret(fresh));
            if tables.tokens.holds(&row) {
                return Ok(row.token);
            }
            tables.tokens.restore(row.clone());
            row
        };
        self.keep(row.clone()).await?;
        Ok(row.token)
    }

    /// An app gave its token up.
    pub async fn unregister(&self, address: &Address) -> Result<(), Failed> {
        let row = {
            let mut tables = self.write();
            let row = tables.tokens.unregister(address, clock::utc());
            let Some(row) = row.filter(|row| !tables.tokens.holds(row)) else {
                return Ok(());
            };
            tables.tokens.restore(row.clone());
            row
        };
        self.keep(row).await
    }

    /// Whether this is the device it says it is; a new one is taken if the operator allows it.
    pub async fn admit(&self, device: DeviceId, secret: &Secret) -> Result<bool, Failed> {
        let hash = digest::digest(&digest::SHA256, &secret.0).as_ref().to_vec();
        {
            let mut tables = self.write();
            if let Some(known) = tables.devices.get(&device) {
                return Ok(*known == hash);
            }
            if self.enroll == Enroll::Closed || secret.0.len() < SECRET {
                return Ok(false);
            }
            tables.devices.insert(device, hash.clone());
        }
        let (done, kept) = answer();
        self.engine.order(Order::Enroll { device, hash, done })?;
        kept.await.map_err(|_| Failed)?.map(|()| true)
    }

    async fn keep(&self, row: Row) -> Result<(), Failed> {
        let (done, kept) = answer();
        self.engine.order(Order::Token { row, done })?;
        kept.await.map_err(|_| Failed)?
    }

    /// A poisoned lock still holds whole tables: every change is one insertion.
    fn read(&self) -> RwLockReadGuard<'_, Tables> {
        self.tables
            .read()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn write(&self) -> RwLockWriteGuard<'_, Tables> {
        self.tables
            .write()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

/// What an engine calls, and where its answer comes out.
fn answer() -> (Done<()>, oneshot::Receiver<Result<(), Failed>>) {
    let (answer, answered) = oneshot::channel();
    let done = Box::new(move |result| {
        let _ = answer.send(result); // Nobody may wait any more.
    });
    (done, answered)
}
