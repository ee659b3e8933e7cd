//! `hookswitch-lookup`: build, serve, ask, demo.

use std::fs::File;
use std::io::Read;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use clap::{Parser, Subcommand};
use hookswitch_lookup::ask::{Answer, ask};
use hookswitch_lookup::bounds::Bounds;
use hookswitch_lookup::build::{Options, build};
use hookswitch_lookup::chance::SystemChance;
use hookswitch_lookup::post::Peer;
use hookswitch_lookup::rows::{Record, read};
use hookswitch_lookup::serve::serve;
use hookswitch_lookup::service::Service;
use hookswitch_lookup_ring::sample::Random;
use hookswitch_lookup_wire::identity::Category;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

/// Private lookup of phone numbers: the service does not learn which number was asked for.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Builds processed shards from a table of numbers (CSV with a header: number, name, block,
    /// category, expiry).
    Build {
        /// The table; `-` for standard input.
        table: PathBuf,
        /// The folder to write to.
        folder: PathBuf,
        /// The bundle id of the app extension.
        #[arg(long, default_value = "org.example.lookup")]
        bundle: String,
        /// The parameter set.
        #[arg(long, default_value = "n_4096_logq_27_28_28_logt_5")]
        parameters: String,
        /// Rows that a shard should have: the numbers among which a question hides.
        #[arg(long, default_value_t = 50_000)]
        rows_per_shard: usize,
    },
    /// Serves a built folder over plain HTTP without tokens: for development builds.
    Serve {
        /// The folder.
        folder: PathBuf,
        /// Where to listen; 0 for any port.
        #[arg(long, default_value = "127.0.0.1:8080")]
        listen: SocketAddr,
        /// Listen on other addresses than the loopback: anybody who reaches it can ask.
        #[arg(long)]
        open: bool,
    },
    /// Asks a service for a number.
    Ask {
        /// The number with its plus sign.
        number: String,
        /// Host and port of the service.
        #[arg(long, default_value = "127.0.0.1:8080")]
        service: String,
        /// The bundle id of the app extension.
        #[arg(long, default_value = "org.example.lookup")]
        bundle: String,
    },
    /// Builds a small database with Apple's test number, serves it, and asks it.
    Demo,
}

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("hookswitch-lookup: {error:#}");
            ExitCode::FAILURE
        }
    }
}

#[tokio::main]
async fn run(command: Command) -> Result<()> {
    match command {
        Command::Build {
            table,
            folder,
            bundle,
            parameters,
            rows_per_shard,
        } => {
            let input: Box<dyn Read> = match table.as_os_str() == "-" {
                true => Box::new(std::io::stdin()),
                false => Box::new(
                    File::open(&table).with_context(|| format!("reading {}", table.display()))?,
                ),
            };
            let options = Options {
                bundle,
                parameters,
                rows_per_shard,
            };
            let report = build(&read(input)?, &options, &folder)?;
            println!(
                "{} numbers to block or not, {} identities, {} shards in {}",
                report.block_rows,
                report.identity_rows,
                report.shards,
                folder.display()
            );
        }
        Command::Serve {
            folder,
            listen,
            open,
        } => {
            let is_near = listen.ip().is_loopback();
            ensure!(
                is_near || open,
                "{listen} is not the loopback: say --open if you mean it"
            );
            let service = Service::load(&folder)?;
            let listener = TcpListener::bind(listen).await;
            let listener = listener.with_context(|| format!("listening on {listen}"))?;
            println!("serving on http://{}", listener.local_addr()?);
            let (stop, serving) = serve(listener, service, Bounds::default());
            let serving = tokio::spawn(serving);
            asked_to_stop().await?;
            stop.stop();
            serving.await?;
        }
        Command::Ask {
            number,
            service,
            bundle,
        } => print(&ask_once(service, bundle, number).await?),
        Command::Demo => demo().await?,
    }
    Ok(())
}

async fn ask_once(address: String, bundle: String, number: String) -> Result<Answer> {
    let mut user = [0; 8];
    SystemChance.fill(&mut user);
    let user = format!("{:016x}", u64::from_le_bytes(user));
    let peer = Peer { address, user };
    tokio::task::spawn_blocking(move || ask(&peer, &bundle, &number)).await?
}

async fn demo() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let fiction = |n: u32| Record::named(&format!("+120255501{n:02}"), &format!("Demo Person {n}"));
    let mut records = (0..100).map(fiction).collect::<Vec<_>>();
    records.push(Record::named("+14085551212", "Johnny Appleseed"));
    let bundle = "org.example.lookup".to_owned();
    let options = Options {
        bundle: bundle.clone(),
        parameters: "n_4096_logq_27_28_28_logt_5".to_owned(),
        rows_per_shard: 50_000,
    };
    build(&records, &options, folder.path())?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?.to_string();
    let service = Service::load(folder.path())?;
    let (stop, serving) = serve(listener, service, Bounds::default());
    let serving = tokio::spawn(serving);
    for number in ["+14085551212", "+12025550142", "+442079460000"] {
        println!("{number}:");
        print(&ask_once(address.clone(), bundle.clone(), number.to_owned()).await?);
    }
    stop.stop();
    Ok(serving.await?)
}

/// Waits for Ctrl-C or SIGTERM.
async fn asked_to_stop() -> Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        pressed = tokio::signal::ctrl_c() => pressed?,
        _ = terminate.recv() => {}
    }
    Ok(())
}

fn print(answer: &Answer) {
    match answer.block {
        Some(true) => println!("  block it"),
        Some(false) => println!("  do not block it"),
        None => println!("  the service does not know whether to block it"),
    }
    match &answer.identity {
        Some(identity) => {
            let category = match identity.category() {
                Category::Person => " (person)",
                Category::Business => " (business)",
                Category::Unspecified => "",
            };
            println!("  {}{category}", identity.name);
        }
        None => println!("  the service does not know who it is"),
    }
}
