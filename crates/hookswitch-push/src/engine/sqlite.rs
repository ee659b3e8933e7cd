//! The embedded engine: one SQLite file, one thread, one write for many orders.

use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use anyhow::{Context, Result};
use hookswitch_push_core::frame::Secret;
use hookswitch_push_core::gateway::Kept;
use hookswitch_push_core::push::{Address, DeviceId, Priority, Push, PushId, Service};
use hookswitch_push_core::time::{Boot, Utc};
use hookswitch_push_core::tokens::Row;
use rusqlite::{Connection, params};

use super::{Engine, Failed, Order, Snapshot};
use crate::{bounds, clock};

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS token (
        token BLOB PRIMARY KEY, device BLOB NOT NULL, app TEXT NOT NULL,
        service INTEGER NOT NULL, dead INTEGER
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS device (device BLOB PRIMARY KEY, hash BLOB NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS slot (
        device BLOB, app TEXT, service INTEGER, id BLOB NOT NULL, sequence INTEGER NOT NULL,
        expires INTEGER NOT NULL, until INTEGER, boot TEXT NOT NULL, accepted INTEGER NOT NULL,
        priority INTEGER NOT NULL, collapse TEXT, payload BLOB NOT NULL,
        PRIMARY KEY (device, app, service)
    ) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS slot_expires ON slot (expires);
    PRAGMA user_version = 1;
";

/// How long an expired push stays before its row is swept, by the wall clock; delivery does not
/// depend on it.
const SWEEP_MS: u64 = 24 * 3_600_000;

/// A handle on the thread that has the file.
pub struct Sqlite {
    orders: SyncSender<Order>,
}

impl Sqlite {
    /// Opens the file in this folder and starts the thread.
    ///
    /// # Errors
    ///
    /// When the folder or the file cannot be used.
    pub fn open(folder: &Path) -> Result<(Self, Snapshot)> {
        let name = folder.display();
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {name}"))?;
        let file = Connection::open(folder.join("push.sqlite"));
        let file = file.with_context(|| format!("cannot open the store in {name}"))?;
        file.pragma_update(None, "journal_mode", "WAL")?;
        file.pragma_update(None, "synchronous", "FULL")?;
        file.execute_batch(SCHEMA)?;
        let snapshot = read_all(&file)?;
        let last = file.query_row("SELECT max(sequence) FROM slot", [], |row| row.get(0))?;
        let last: Option<i64> = last;
        let (orders, inbox) = sync_channel(bounds::ORDERS);
        let mut worker = Worker {
            file,
            sequence: last.map_or(0, unsigned),
            boot: clock::boot_id(),
        };
        thread::Builder::new()
            .name("push-store".to_owned())
            .spawn(move || worker.run(&inbox))?;
        Ok((Self { orders }, snapshot))
    }
}

impl Engine for Sqlite {
    fn order(&self, order: Order) -> Result<(), Failed> {
        self.orders.try_send(order).map_err(|_| Failed)
    }
}

struct Worker {
    file: Connection,
    sequence: u64,
    boot: String,
}

/// An answer that waits for its batch to be on the disk.
type Answer = Box<dyn FnOnce(Result<(), Failed>) + Send>;

impl Worker {
    fn run(&mut self, inbox: &Receiver<Order>) {
        while let Ok(first) = inbox.recv() {
            let more = inbox.try_iter().take(bounds::BATCH - 1);
            let batch: Vec<_> = std::iter::once(first).chain(more).collect();
            self.batch(batch);
        }
    }

    /// Carries out a batch and answers after its commit.
    fn batch(&mut self, batch: Vec<Order>) {
        let mut answers: Vec<Answer> = Vec::new();
        let mut result = self.file.execute_batch("BEGIN IMMEDIATE");
        for order in batch {
            let carried = match result {
                Ok(()) => self.carry_out(order, &mut answers),
                Err(_) => refuse(order, &mut answers),
            };
            result = result.and(carried);
        }
        let end = if result.is_ok() { "COMMIT" } else { "ROLLBACK" };
        let ended = self.file.execute_batch(end);
        let safe = result.and(ended).map_err(|error| {
            tracing::error!(%error, "the store failed; senders get 503 until it works again");
            Failed
        });
        for answer in answers {
            answer(safe);
        }
    }

    fn carry_out(&mut self, order: Order, answers: &mut Vec<Answer>) -> rusqlite::Result<()> {
        match order {
            Order::Keep { kept, done } => {
                self.sequence = (self.sequence + 1).max(clock::utc().0);
                let sequence = self.sequence;
                answers.push(Box::new(move |safe| done(safe.map(|()| sequence))));
                self.keep(&kept, sequence)?;
                let old = clock::utc().0.saturating_sub(SWEEP_MS);
                let sweep = "DELETE FROM slot WHERE expires < ?1";
                self.file
                    .prepare_cached(sweep)?
                    .execute([signed(old)])
                    .map(drop)
            }
            Order::Forget { address, id } => {
                let forget = "DELETE FROM slot
                    WHERE device = ?1 AND app = ?2 AND service = ?3 AND id = ?4";
                let Address {
                    device,
                    app,
                    service,
                } = address;
                let values = params![device.0, app, number(service), id.0];
                self.file.prepare_cached(forget)?.execute(values).map(drop)
            }
            Order::Fetch { device, done } => {
                let kept = self.fetch(device);
                let (kept, result) = match kept {
                    Ok(kept) => (kept, Ok(())),
                    Err(error) => (Vec::new(), Err(error)),
                };
                answers.push(Box::new(move |safe| done(safe.map(|()| kept))));
                result
            }
            Order::Token { row, done } => {
                answers.push(done);
                let Row {
                    token,
                    address,
                    dead,
                } = row;
                let insert = "INSERT OR REPLACE INTO token VALUES (?1, ?2, ?3, ?4, ?5)";
                let dead = dead.map(|utc| signed(utc.0));
                let Address {
                    device,
                    app,
                    service,
                } = address;
                let values = params![token.0, device.0, app, number(service), dead];
                self.file.prepare_cached(insert)?.execute(values).map(drop)
            }
            Order::Enroll { device, hash, done } => {
                answers.push(done);
                let insert = "INSERT OR REPLACE INTO device VALUES (?1, ?2)";
                let values = params![device.0, hash];
                self.file.prepare_cached(insert)?.execute(values).map(drop)
            }
        }
    }

    fn keep(&self, kept: &Kept, sequence: u64) -> rusqlite::Result<()> {
        let insert = "INSERT OR REPLACE INTO slot
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
        let Address {
            device,
            app,
            service,
        } = &kept.address;
        let values = params![
            device.0,
            app,
            number(*service),
            kept.push.id.0,
            signed(sequence),
            signed(kept.expires.0),
            kept.until.map(|until| signed(until.0)),
            self.boot,
            signed(kept.accepted.0),
            urgency(kept.push.priority),
            kept.push.collapse,
            kept.push.payload,
        ];
        self.file.prepare_cached(insert)?.execute(values).map(drop)
    }

    fn fetch(&self, device: DeviceId) -> rusqlite::Result<Vec<Kept>> {
        let select = "SELECT app, service, id, sequence, expires, until, boot, accepted, priority,
            collapse, payload FROM slot WHERE device = ?1 ORDER BY sequence";
        let mut statement = self.file.prepare_cached(select)?;
        let rows = statement.query_map([device.0], |row| {
            let until: Option<i64> = row.get(5)?;
            let same_boot = row.get::<_, String>(6)? == self.boot && !self.boot.is_empty();
            Ok(Kept {
                address: Address {
                    device,
                    app: row.get(0)?,
                    service: service(row.get(1)?),
                },
                push: Push {
                    id: PushId(row.get(2)?),
                    priority: priority(row.get(8)?),
                    collapse: row.get(9)?,
                    payload: row.get(10)?,
                },
                expires: Utc(unsigned(row.get(4)?)),
                until: until
                    .filter(|_| same_boot)
                    .map(|until| Boot(unsigned(until))),
                accepted: Utc(unsigned(row.get(7)?)),
                sequence: unsigned(row.get(3)?),
            })
        })?;
        rows.collect()
    }
}

/// The answer of an order that came after a failure in its batch.
fn refuse(order: Order, answers: &mut Vec<Answer>) -> rusqlite::Result<()> {
    match order {
        Order::Keep { done, .. } => answers.push(Box::new(|_| done(Err(Failed)))),
        Order::Fetch { done, .. } => answers.push(Box::new(|_| done(Err(Failed)))),
        Order::Token { done, .. } | Order::Enroll { done, .. } => answers.push(done),
        Order::Forget { .. } => {}
    }
    Ok(())
}

fn read_all(file: &Connection) -> rusqlite::Result<Snapshot> {
    let mut tokens = file.prepare("SELECT token, device, app, service, dead FROM token")?;
    let tokens = tokens.query_map([], |row| {
        let dead: Option<i64> = row.get(4)?;
        Ok(Row {
            token: Secret(row.get(0)?),
            address: Address {
                device: DeviceId(row.get(1)?),
                app: row.get(2)?,
                service: service(row.get(3)?),
            },
            dead: dead.map(|utc| Utc(unsigned(utc))),
        })
    })?;
    let tokens = tokens.collect::<Result<_, _>>()?;
    let mut devices = file.prepare("SELECT device, hash FROM device")?;
    let devices = devices.query_map([], |row| Ok((DeviceId(row.get(0)?), row.get(1)?)))?;
    let devices = devices.collect::<Result<_, _>>()?;
    Ok(Snapshot { tokens, devices })
}

/// A number as SQLite has it.
fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

fn number(service: Service) -> u8 {
    match service {
        Service::Voip => 0,
        Service::App => 1,
    }
}

fn service(number: u8) -> Service {
    if number == 0 {
        Service::Voip
    } else {
        Service::App
    }
}

fn urgency(priority: Priority) -> u8 {
    match priority {
        Priority::Low => 1,
        Priority::Power => 5,
        Priority::Immediate => 10,
    }
}

fn priority(number: u8) -> Priority {
    match number {
        1 => Priority::Low,
        5 => Priority::Power,
        _ => Priority::Immediate,
    }
}
