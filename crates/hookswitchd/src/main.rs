//! The Hookswitch daemon: one loop around the core, thin edges around the loop.
//!
//! Layer 4. Input: configuration, environment, signals. Output: a running call system.
//!
//! # Promises
//!
//! - **P1** starting fails with a sentence that says what to do, or the daemon is ready: the bus
//!   name is owned and the calling UI can be opened.
//! - **P2** no edge can stop another one: a missing audio server, a full disk or a lost bus are
//!   logged, and calls go on.

mod boundary;
mod cards;
mod cli;
mod clock;
mod config;
mod daemon;
mod directory;
mod front;
mod journal;
mod kept;
mod log;
mod materials;
mod narrate;
mod privacy;
mod push;
mod ready;
mod recents;
mod ring_on;
mod runner;
mod second_calls;
mod shell;
mod sound;
mod standing;
mod window;

use std::io;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;

use crate::cli::Args;
use crate::config::Config;

/// Longest wait for threads that wait themselves, when the daemon stops.
const STOP_MAX: Duration = Duration::from_secs(1);

fn main() -> ExitCode {
    let started = Instant::now();
    let args = Args::parse();
    match run(&args, started) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            log::say(io::stderr(), &format!("hookswitchd: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args, started: Instant) -> Result<(), daemon::StartError> {
    let (path, asked_for) = match &args.config {
        Some(path) => (path.clone(), true),
        None => (daemon::config_dir().join("hookswitchd.toml"), false),
    };
    let config = Config::load(&path, asked_for)?;
    if args.check_config {
        let verdict = if path.exists() {
            "fine"
        } else {
            "not there; every setting has its default"
        };
        log::say(io::stdout(), &format!("{}: {verdict}", path.display()));
        return Ok(());
    }
    let log = log::start(&config).map_err(daemon::StartError::System)?;
    // One thread for the loop and all network edges: a step hands over without a context switch.
    // Whatever may be slow (disk, audio) has threads of its own.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(daemon::StartError::System)?;
    let ended = runtime.block_on(daemon::run_as_task(args.clone(), config, started));
    // A file of an app that does not answer holds a thread; nobody waits for it here.
    runtime.shutdown_timeout(STOP_MAX);
    log.drain();
    ended
}
