//! The log: lines on standard error, written by a thread of their own.
//!
//! # Promises
//!
//! - **L1** the loop never waits for whoever reads the log: when [`LINES_MAX`] lines wait, further
//!   ones are dropped and counted.
//! - **L2** a reader that has gone away stops nothing.
//! - **L3** at the end of the program what waits is written, within [`DRAIN_MAX`].

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

use crate::config::Config;

/// Most lines that wait to be written.
const LINES_MAX: usize = 1024;
/// Longest wait for the last lines.
const DRAIN_MAX: Duration = Duration::from_millis(500);

/// What the writing thread is given.
#[derive(Debug)]
enum Entry {
    Line(Vec<u8>),
    /// Everything before this is written.
    Drained(SyncSender<()>),
}

/// The running log.
#[derive(Debug)]
pub struct Log(SyncSender<Entry>);

impl Log {
    /// Waits until what was logged so far is written.
    pub fn drain(&self) {
        let (done, drained) = sync_channel(1);
        if self.0.try_send(Entry::Drained(done)).is_ok() {
            // An error means the time is over: the reader of the log has stopped reading.
            let _ = drained.recv_timeout(DRAIN_MAX);
        }
    }
}

/// Starts logging as the environment or the configuration says.
///
/// # Errors
///
/// If the system gives no more threads.
pub fn start(config: &Config) -> io::Result<Log> {
    let wanted = std::env::var("HOOKSWITCH_LOG").ok();
    let wanted = wanted.or_else(|| config.log.clone());
    let filter = EnvFilter::new(wanted.as_deref().unwrap_or("info,zbus=warn"));
    let (lines, received) = sync_channel(LINES_MAX);
    let dropped = Arc::new(AtomicU64::new(0));
    let lost = dropped.clone();
    thread::Builder::new()
        .name("log".to_owned())
        .spawn(move || write_all(&received, &lost))?;
    let log = Log(lines.clone());
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(Queue { lines, dropped })
        .with_ansi(false)
        .init();
    Ok(log)
}

/// Writes a line for whoever started the program. That nobody reads it is no reason to stop.
pub fn say(mut out: impl Write, line: &str) {
    // An error means that the reader has gone; there is no better place to say so.
    let _ = writeln!(out, "{line}");
}

/// What a log goes through: one line at a time, never waiting.
#[derive(Clone, Debug)]
struct Queue {
    lines: SyncSender<Entry>,
    dropped: Arc<AtomicU64>,
}

impl Write for Queue {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.lines.try_send(Entry::Line(line.to_vec())).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Queue {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

fn write_all(entries: &Receiver<Entry>, dropped: &AtomicU64) {
    let mut out = io::stderr();
    for entry in entries {
        let line = match entry {
            Entry::Line(line) => line,
            Entry::Drained(done) => {
                // An error means that nobody waits any more.
                let _ = done.try_send(());
                continue;
            }
        };
        let note = match dropped.swap(0, Ordering::Relaxed) {
            0 => Ok(()),
            lost => writeln!(out, "({lost} lines of log were dropped here)"),
        };
        if note.and_then(|()| out.write_all(&line)).is_err() {
            // Nobody reads any more; there is no better place to say so.
            return;
        }
    }
}
