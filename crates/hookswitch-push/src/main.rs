//! `hookswitch-push`: the push gateway, its check, its development mode, a device to try it with.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};
use hookswitch_push::config::Config;
use hookswitch_push::device_program::{self, Options};
use hookswitch_push::serve::Gateway;
use hookswitch_push::{check, dev, keys};
use hookswitch_push_core::time::Utc;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;
use tracing_subscriber::EnvFilter;

/// A wake-up push gateway that senders of APNs pushes can be pointed at.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the gateway.
    Serve {
        /// The configuration file.
        config: PathBuf,
    },
    /// Try everything that a configuration names: certificates, keys, clock, store.
    Check {
        /// The configuration file.
        config: PathBuf,
    },
    /// Print the configuration with a comment for each entry.
    Config,
    /// Run a gateway for development: certificates, keys and configuration are made.
    Dev {
        /// The folder for all of it.
        #[arg(long, default_value = "hookswitch-push-dev")]
        folder: PathBuf,
        /// Where senders come.
        #[arg(long, default_value = "127.0.0.1:2197")]
        senders: SocketAddr,
        /// Where devices come.
        #[arg(long, default_value = "127.0.0.1:2198")]
        devices: SocketAddr,
        /// Where metrics and the delivery log are.
        #[arg(long, default_value = "127.0.0.1:9464")]
        metrics: SocketAddr,
    },
    /// Make a provider token with a `.p8` key, for trying out with curl.
    Token {
        /// The key.
        #[arg(long)]
        key: PathBuf,
        /// Its id.
        #[arg(long, default_value = dev::KEY_ID)]
        id: String,
        /// Its team.
        #[arg(long, default_value = dev::TEAM)]
        team: String,
    },
    /// Be a device with one app: prints its tokens and each push that is fresh.
    Device {
        /// `host:port` of the gateway's device side.
        #[arg(long, default_value = "127.0.0.1:2198")]
        gateway: String,
        /// The name in the gateway's certificate.
        #[arg(long, default_value = "localhost")]
        name: String,
        /// The certificates to trust, PEM.
        #[arg(long)]
        trust: PathBuf,
        /// The app.
        #[arg(long, default_value = dev::APP)]
        app: String,
        /// Where the device's identity is kept; without it, a new device each time.
        #[arg(long)]
        identity: Option<PathBuf>,
        /// Give both tokens of the app up: senders get 410 from then on.
        #[arg(long)]
        unregister: bool,
    },
}

fn main() -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    log.init();
    match run(Arguments::parse().command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("hookswitch-push: {error:#}");
            ExitCode::FAILURE
        }
    }
}

#[tokio::main]
async fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Serve { config } => serve(&config).await?,
        Command::Check { config } => return Ok(print_check(&config)),
        Command::Config => print!("{}", hookswitch_push::config::COMMENTED),
        Command::Dev {
            folder,
            senders,
            devices,
            metrics,
        } => {
            let addresses = dev::Addresses {
                senders,
                devices,
                metrics,
            };
            let file = dev::prepare(&folder, addresses)?;
            println!("folder {}", folder.display());
            serve(&file).await?;
        }
        Command::Token { key, id, team } => {
            let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?;
            let issued = Utc(u64::try_from(now.as_millis())?);
            println!("{}", keys::sign(&key, &id, &team, issued)?);
        }
        Command::Device {
            gateway,
            name,
            trust,
            app,
            identity,
            unregister,
        } => {
            let options = Options {
                gateway,
                name,
                trust,
                app,
                identity,
                unregister,
            };
            device(options).await?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Runs a gateway until SIGTERM or SIGINT, then drains.
async fn serve(config: &Path) -> Result<()> {
    let config = Config::read(config)?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let gateway = Gateway::start(&config).await?;
    println!("senders https://{}", gateway.senders);
    println!("devices {}", gateway.devices);
    if let Some(metrics) = gateway.metrics {
        println!("metrics http://{metrics}/metrics");
    }
    println!("ready");
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("stopping: senders finish what they began, devices come again");
    gateway.stop().await;
    Ok(())
}

fn print_check(config: &Path) -> ExitCode {
    let findings = check::check(config);
    for found in &findings {
        let word = if found.is_fine { "fine " } else { "WRONG" };
        println!("{word} {}", found.text);
    }
    match findings.iter().all(|found| found.is_fine) {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

async fn device(options: Options) -> Result<()> {
    let (lines, mut printed) = mpsc::channel(64);
    let printing = tokio::spawn(async move {
        while let Some(line) = printed.recv().await {
            println!("{line}");
        }
    });
    device_program::run(options, lines).await?;
    Ok(printing.await?)
}
