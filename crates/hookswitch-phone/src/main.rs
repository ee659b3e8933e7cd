//! The command line of the phone: run it, or let the built-in peer call it.
//!
//! Input: arguments. Output: plain lines on standard output, or JSON with `--json`; an exit code.

use std::io::IsTerminal as _;
use std::io::Write as _;
use std::net::IpAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand, ValueEnum};
use hookswitch::{BusAddress, runtime_dir};
use hookswitch_audio::Backend;
use hookswitch_phone::call_me::{self, CallMe};
use hookswitch_phone::config;
use hookswitch_phone::run::{self, Options};

/// A SIP phone that rings, answers and holds through the Hookswitch daemon.
#[derive(Debug, Parser)]
#[command(version, about, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    run: RunArguments,
}

/// Arguments of the phone itself.
#[derive(Debug, clap::Args)]
struct RunArguments {
    /// The configuration file; it may be missing.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Where audio comes from and goes to.
    #[arg(long, value_enum, default_value_t = Audio::Auto)]
    audio: Audio,
    /// The first SIP port to try, 0 for any; goes before the file's.
    #[arg(long)]
    port: Option<u16>,
    /// The first port to try for the page, 0 for any; goes before the file's.
    #[arg(long)]
    page_port: Option<u16>,
    /// Print where the phone is as one JSON object.
    #[arg(long)]
    json: bool,
}

/// Where audio comes from.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Audio {
    /// The audio server if there is one, a measured silent device otherwise.
    Auto,
    /// The audio server only.
    Pipewire,
    /// A measured silent device.
    Null,
}

/// What to do; without one the phone runs.
#[derive(Debug, Subcommand)]
enum Command {
    /// Let a built-in SIP peer place a real call, play a tone and tell what it hears.
    CallMe(CallMeArguments),
    /// Print the configuration file with every key explained.
    Config,
    /// Print the address of the running phone's page.
    Page,
    /// Print the running phone's address and token as JSON, for scripts.
    Where,
}

/// Arguments of `call-me`.
#[derive(Debug, clap::Args)]
struct CallMeArguments {
    /// Whom to call: the phone's own SIP address, as its page shows it.
    #[arg(long, default_value = "127.0.0.1:5060")]
    to: String,
    /// The tone to play, in Hz.
    #[arg(long, default_value_t = 440.0)]
    tone: f64,
    /// How long to talk once answered, in seconds.
    #[arg(long, default_value_t = 20)]
    seconds: u64,
    /// The name to call under.
    #[arg(long, default_value = "Ana Kowalska")]
    name: String,
    /// The address to call from.
    #[arg(long, default_value = "127.0.0.1")]
    from: IpAddr,
    /// Print one JSON object per event, and a summary at the end.
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return failure(&format!("cannot start: {error}")),
    };
    match arguments.command {
        Some(Command::CallMe(arguments)) => runtime.block_on(call_me(arguments)),
        Some(Command::Config) => {
            print!("{}", config::TEMPLATE);
            ExitCode::SUCCESS
        }
        Some(Command::Page) => found(|address| println!("{}", address.entry())),
        Some(Command::Where) => found(print_json),
        None => {
            log();
            runtime.block_on(run(arguments.run))
        }
    }
}

/// Logs go to standard error. The SIP library writes whole messages, with names and addresses,
/// into its log, so it stays silent whatever the environment says.
fn log() {
    let quiet = ["rsipstack=off", "str0m=error"];
    let base = std::env::var("RUST_LOG").unwrap_or_else(|_| "info".to_owned());
    let mut filter = tracing_subscriber::EnvFilter::new(base);
    for directive in quiet {
        filter = filter.add_directive(directive.parse().expect("a valid directive"));
    }
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
}

fn found(show: impl Fn(&run::Address)) -> ExitCode {
    match run::find(&runtime_dir()) {
        Some(address) => {
            show(&address);
            ExitCode::SUCCESS
        }
        None => failure("no phone is running; start one with hookswitch-phone"),
    }
}

async fn run(arguments: RunArguments) -> ExitCode {
    let file = arguments.config.unwrap_or_else(config::default_path);
    let mut config = match config::load(&file) {
        Ok(config) => config,
        Err(error) => return failure(&error.to_string()),
    };
    config.port = arguments.port.or(config.port);
    config.page_port = arguments.page_port.or(config.page_port);
    let backend = match arguments.audio {
        Audio::Auto => Backend::Auto,
        Audio::Pipewire => Backend::PipeWire,
        Audio::Null => Backend::Null,
    };
    let bus = BusAddress::Session;
    let options = Options {
        config,
        backend,
        bus,
        runtime_dir: Some(runtime_dir()),
    };
    let running = match run::start(options).await {
        Ok(running) => running,
        Err(error) => return failure(&error.to_string()),
    };
    if let Err(error) = announce(&running.address, arguments.json) {
        // A bus that starts the phone may leave it without anybody who reads.
        tracing::info!(%error, "nobody reads where the phone is; `hookswitch-phone where` says it");
    }
    stop_signal().await;
    running.stop().await;
    ExitCode::SUCCESS
}

/// Says where the phone is.
fn announce(address: &run::Address, json: bool) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    if json {
        serde_json::to_writer(&mut out, address)?;
        return writeln!(out);
    }
    writeln!(out, "Phone: call sip:phone@{}", address.sip)?;
    writeln!(out, "Page:  {}", address.entry())
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
            eprintln!("hookswitch-phone: cannot wait for signals ({error}); kill it to stop");
            std::future::pending::<()>().await;
        }
    }
}

async fn call_me(arguments: CallMeArguments) -> ExitCode {
    let json = arguments.json;
    let what = CallMe {
        to: arguments.to,
        tone_hz: arguments.tone,
        talk: Duration::from_secs(arguments.seconds),
        name: arguments.name,
        listen: arguments.from,
    };
    let say = |line: &call_me::Line| {
        if json {
            print_json(line);
        } else {
            println!("{}", line.sentence());
        }
    };
    match call_me::run(what, say, stop_signal()).await {
        Ok(outcome) => {
            if json {
                print_json(&outcome);
            }
            if outcome.answered {
                ExitCode::SUCCESS
            } else {
                ExitCode::from(2)
            }
        }
        Err(error) => failure(&error.to_string()),
    }
}

fn print_json(value: &impl serde::Serialize) {
    match serde_json::to_string(value) {
        Ok(text) => println!("{text}"),
        Err(error) => eprintln!("hookswitch-phone: {error}"),
    }
}

fn failure(why: &str) -> ExitCode {
    eprintln!("hookswitch-phone: {why}");
    ExitCode::FAILURE
}
