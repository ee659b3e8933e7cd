//! The daemon's command line.

use std::path::PathBuf;

use clap::Parser;

/// The call system: rings, shows one calling UI, and decides who may talk.
///
/// Serves org.hookswitch.Calls1 on the session bus (or on a private one, if there is none) and the
/// calling UI on 127.0.0.1. Find the UI with `hookswitch ui`.
#[derive(Clone, Debug, Parser)]
#[command(version, after_help = AFTER)]
pub struct Args {
    /// Configuration file [default: $XDG_CONFIG_HOME/hookswitch/hookswitchd.toml]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Check the configuration file and exit
    #[arg(long)]
    pub check_config: bool,
    /// First port tried for the calling UI; the next free one is taken (0: any)
    #[arg(long, value_name = "PORT")]
    pub port: Option<u16>,
    /// Print one JSON line on standard output when ready, with the address of the UI
    #[arg(long)]
    pub json: bool,
    /// Directory with more D-Bus service files, for a private bus (repeatable)
    #[arg(long, value_name = "DIR")]
    pub service_dir: Vec<PathBuf>,
}

const AFTER: &str = "\
Signals: SIGTERM and SIGINT end the daemon; SIGUSR1 writes the journal of the last events \
(no names, no numbers) to $XDG_STATE_HOME/hookswitch/journal.txt.

Environment: HOOKSWITCH_LOG sets what is logged, for example HOOKSWITCH_LOG=debug.

Files: the runtime directory $XDG_RUNTIME_DIR/hookswitch holds `http` (address and token of the \
UI) and, for a private bus, `bus` (its address). Both are readable for you only.";
