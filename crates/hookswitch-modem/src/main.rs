//! The command line of the cellular line.
//!
//! Input: arguments and the two buses. Output: logs on standard error; an exit code.

use std::io::IsTerminal as _;
use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use hookswitch::BusAddress;
use hookswitch_modem::run::{self, Options};
use hookswitch_modem::stack::Kind;

/// Brings the calls of a modem into Hookswitch: they ring, hold and end like those of any app.
///
/// It talks to ModemManager or oFono on the system bus, whichever is there, and to the call system
/// on the session bus. It switches no modem on and carries no sound; docs/cellular.md says what
/// else a phone needs. DBUS_SYSTEM_BUS_ADDRESS and DBUS_SESSION_BUS_ADDRESS lead to other buses.
#[derive(Debug, Parser)]
#[command(version, about, max_term_width = 100)]
struct Arguments {
    /// Which daemon has the modem.
    #[arg(long, value_enum, default_value_t = Daemon::Auto)]
    daemon: Daemon,
    /// The name by which people know the line.
    #[arg(long, default_value = "Cellular")]
    name: String,
}

/// The daemon of the modem.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Daemon {
    /// Both, whichever comes.
    Auto,
    /// ModemManager only.
    Modemmanager,
    /// oFono only.
    Ofono,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    log();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => return failure(&format!("cannot start: {error}")),
    };
    runtime.block_on(serve(arguments))
}

async fn serve(arguments: Arguments) -> ExitCode {
    let system = match zbus::Connection::system().await {
        Ok(system) => system,
        Err(error) => {
            return failure(&format!(
                "no system bus ({error}); start dbus-daemon, or set DBUS_SYSTEM_BUS_ADDRESS"
            ));
        }
    };
    let daemons = match arguments.daemon {
        Daemon::Auto => vec![Kind::ModemManager, Kind::Ofono],
        Daemon::Modemmanager => vec![Kind::ModemManager],
        Daemon::Ofono => vec![Kind::Ofono],
    };
    let options = Options {
        daemons,
        name: arguments.name,
        session: BusAddress::Session,
    };
    tokio::select! {
        ended = run::run(options, system) => match ended {
            Ok(()) => ExitCode::SUCCESS,
            Err(why) => failure(&why),
        },
        () = stop_signal() => ExitCode::SUCCESS,
    }
}

/// Logs go to standard error; numbers never do.
fn log() {
    let base = std::env::var("RUST_LOG").unwrap_or_else(|_| "info,zbus=warn".to_owned());
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::new(base))
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
}

/// Resolves on Ctrl-C or SIGTERM.
async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    match (
        signal(SignalKind::interrupt()),
        signal(SignalKind::terminate()),
    ) {
        (Ok(mut interrupt), Ok(mut terminate)) => {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        }
        (Err(error), _) | (_, Err(error)) => {
            eprintln!("hookswitch-modem: cannot wait for signals ({error}); kill it to stop");
            std::future::pending::<()>().await;
        }
    }
}

fn failure(why: &str) -> ExitCode {
    eprintln!("hookswitch-modem: {why}");
    ExitCode::FAILURE
}
