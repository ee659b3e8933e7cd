//! `hookswitch-lookup`: build, serve, keys, issue, gateway-key, ask, demo.

use std::fs::{self, File};
use std::io::Read;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result, bail, ensure};
use axum::Router;
use clap::{Args, Parser, Subcommand};
use hookswitch_lookup::ask::{Answer, ask};
use hookswitch_lookup::bounds::Bounds;
use hookswitch_lookup::build::{Options, build};
use hookswitch_lookup::chance::SystemChance;
use hookswitch_lookup::gateway::{self, Gateway};
use hookswitch_lookup::post::{Peer, Transport};
use hookswitch_lookup::rows::{Record, read};
use hookswitch_lookup::serve::{Front, pages, serve};
use hookswitch_lookup::service::Service;
use hookswitch_lookup::tls;
use hookswitch_lookup::tokens::issuer::{Issuer, Users};
use hookswitch_lookup::tokens::keys;
use hookswitch_lookup::tokens::verifier::{Access, Verifier};
use hookswitch_lookup::tokens::wallet::{Habit, IssuerPeer, Wallet};
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
    /// Serves a built folder over HTTP.
    Serve {
        /// The folder.
        folder: PathBuf,
        /// The folder of issuer keys whose tokens are taken; without it everybody may ask.
        #[arg(long)]
        tokens: Option<PathBuf>,
        /// The file of spent tokens; without it they are forgotten when the service ends, and can
        /// be spent again.
        #[arg(long, requires = "tokens")]
        spent: Option<PathBuf>,
        /// The file of users, to issue tokens here as well: for development.
        #[arg(long, requires = "tokens")]
        users: Option<PathBuf>,
        /// The file of gateway keys, to take requests that come through a relay (OHTTP).
        #[arg(long)]
        gateway: Option<PathBuf>,
        #[command(flatten)]
        door: Door,
    },
    /// Makes issuer keys: `keys.toml`, and two files for each tier.
    Keys {
        /// The folder to write to.
        folder: PathBuf,
        /// The host name of the issuer, which is part of every token.
        #[arg(long)]
        issuer: String,
        /// A tier of users that gets a key; again for more.
        #[arg(long, default_value = "tier1")]
        tier: Vec<String>,
        /// When the keys begin to be used, in seconds since 1970.
        #[arg(long, default_value_t = 0)]
        not_before: u64,
    },
    /// Issues tokens to the users of a file, apart from the service.
    Issue {
        /// The folder of issuer keys, with the secret ones.
        folder: PathBuf,
        /// The file of users.
        users: PathBuf,
        #[command(flatten)]
        door: Door,
    },
    /// Puts a new key in front of the gateway keys of a file; the three before it are still taken.
    GatewayKey {
        /// The file.
        file: PathBuf,
    },
    /// Asks a service for a number.
    Ask(Asked),
    /// Builds a small database with Apple's test number, serves it, and asks it.
    Demo,
}

/// Where a server listens.
#[derive(Args)]
struct Door {
    /// Where to listen; 0 for any port.
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Listen on other addresses than the loopback: anybody who reaches it can ask.
    #[arg(long)]
    open: bool,
    /// The certificate (PEM), to speak TLS, with HTTP/2 and HTTP/1.1.
    #[arg(long, requires = "private_key")]
    certificate: Option<PathBuf>,
    /// The private key of the certificate (PEM).
    #[arg(long, requires = "certificate")]
    private_key: Option<PathBuf>,
}

/// What is asked, and of whom.
#[derive(Args)]
struct Asked {
    /// The number with its plus sign.
    number: String,
    /// The service: `https://host`, or host and port without a cover.
    #[arg(long, default_value = "127.0.0.1:8080")]
    service: String,
    /// A relay to ask through: `https://host/path`.
    #[arg(long, requires = "gateway")]
    relay: Option<String>,
    /// The gateway behind the relay, whose keys are fetched from it: `https://host`.
    #[arg(long, requires = "relay")]
    gateway: Option<String>,
    /// Certificates of the authorities to trust (PEM); those of the system without this.
    #[arg(long)]
    authorities: Option<PathBuf>,
    /// The bundle id of the app extension.
    #[arg(long, default_value = "org.example.lookup")]
    bundle: String,
    /// The issuer, where the service wants tokens: `https://host`, or host and port.
    #[arg(long, requires = "user_token")]
    issuer: Option<String>,
    /// The issuer's name in its tokens; its host without this.
    #[arg(long, requires = "issuer")]
    issuer_name: Option<String>,
    /// The file with what the issuer knows the user by: base64.
    #[arg(long, requires = "issuer")]
    user_token: Option<PathBuf>,
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
            let options = Options {
                bundle,
                parameters,
                rows_per_shard,
            };
            build_table(&table, &options, &folder)?;
        }
        Command::Serve {
            folder,
            tokens,
            spent,
            users,
            gateway,
            door,
        } => {
            let front = Front::new(Bounds::of_this_process());
            let (tokens, spent) = (tokens.as_deref(), spent.as_deref());
            let mut all = all_pages(&folder, tokens, spent, users.as_deref(), &front)?;
            if let Some(keys) = gateway {
                all = Gateway::open(&keys)?.router(all, front.clone());
            }
            run_server("serving", door, all, &front).await?;
        }
        Command::Keys {
            folder,
            issuer,
            tier,
            not_before,
        } => {
            let list = keys::add(&folder, &issuer, &tier, not_before)?;
            println!("{} keys in {}", list.keys.len(), folder.display());
        }
        Command::Issue {
            folder,
            users,
            door,
        } => {
            let front = Front::new(Bounds::of_this_process());
            let issuer = Issuer::open(&folder, &Users::read(&users)?)?;
            run_server("issuing", door, issuer.router(front.clone()), &front).await?;
        }
        Command::GatewayKey { file } => {
            let count = gateway::add_key(&file)?;
            println!("{count} keys in {}", file.display());
        }
        Command::Ask(asked) => ask_command(asked).await?,
        Command::Demo => demo().await?,
    }
    Ok(())
}

fn build_table(table: &Path, options: &Options, folder: &Path) -> Result<()> {
    let input: Box<dyn Read> = match table.as_os_str() == "-" {
        true => Box::new(std::io::stdin()),
        false => {
            Box::new(File::open(table).with_context(|| format!("reading {}", table.display()))?)
        }
    };
    let report = build(&read(input)?, options, folder)?;
    println!(
        "{} numbers to block or not, {} identities, {} shards in {}",
        report.block_rows,
        report.identity_rows,
        report.shards,
        folder.display()
    );
    Ok(())
}

/// The pages of a service, and of an issuer where there are users.
fn all_pages(
    folder: &Path,
    tokens: Option<&Path>,
    spent: Option<&Path>,
    users: Option<&Path>,
    front: &Front,
) -> Result<Router> {
    let access = match tokens {
        Some(keys) => Access::Tokens(Arc::new(Verifier::open(keys, spent)?)),
        None => Access::Open,
    };
    let service = pages(Service::load(folder)?, access, front.clone());
    Ok(match (tokens, users) {
        (Some(keys), Some(users)) => {
            let issuer = Issuer::open(keys, &Users::read(users)?)?;
            service.merge(issuer.router(front.clone()))
        }
        _ => service,
    })
}

/// Serves pages until Ctrl-C or SIGTERM.
async fn run_server(doing: &str, door: Door, pages: Router, front: &Front) -> Result<()> {
    let listen = door.listen;
    ensure!(
        listen.ip().is_loopback() || door.open,
        "{listen} is not the loopback: say --open if you mean it"
    );
    let tls = match (&door.certificate, &door.private_key) {
        (Some(certificate), Some(key)) => Some(tls::server(certificate, key)?),
        _ => None,
    };
    let listener = TcpListener::bind(listen).await;
    let listener = listener.with_context(|| format!("listening on {listen}"))?;
    let scheme = if tls.is_some() { "https" } else { "http" };
    println!("{doing} on {scheme}://{}", listener.local_addr()?);
    let (stop, serving) = serve(listener, tls, pages, front);
    let serving = tokio::spawn(serving);
    asked_to_stop().await?;
    stop.stop();
    Ok(serving.await?)
}

/// How a host is reached, and the path that was written behind it.
fn reach(url: &str, authorities: Option<&Path>) -> Result<(Transport, String)> {
    let (is_covered, rest) = match url.split_once("://") {
        Some(("https", rest)) => (true, rest),
        Some(("http", rest)) => (false, rest),
        Some((scheme, _)) => bail!("{scheme} is not spoken: write https://"),
        None => (false, url),
    };
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let has_port = host
        .rsplit_once(':')
        .is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    let host = match (has_port, is_covered) {
        (true, _) => host.to_owned(),
        (false, true) => format!("{host}:443"),
        (false, false) => format!("{host}:80"),
    };
    let transport = match is_covered {
        true => Transport::tls(&host, tls::client(authorities)?),
        false => Transport::plain(&host),
    };
    Ok((transport, format!("/{path}")))
}

/// The wallet of a user, whose token is in a file.
fn wallet(url: &str, asked: &Asked, file: &Path) -> Result<Wallet> {
    let user_token = fs::read_to_string(file);
    let user_token = user_token.with_context(|| format!("reading {}", file.display()))?;
    let (transport, _) = reach(url, asked.authorities.as_deref())?;
    let bare = url.split_once("://").map_or(url, |(_, rest)| rest);
    let bare = bare.split([':', '/']).next().unwrap_or(bare);
    let issuer = IssuerPeer {
        transport,
        name: asked.issuer_name.clone().unwrap_or(bare.to_owned()),
        user_token: user_token.trim().to_owned(),
    };
    Ok(Wallet::new(issuer, Habit::default()))
}

/// The service as it is asked for: with tokens, through a relay.
fn peer(asked: &Asked) -> Result<Peer> {
    let authorities = asked.authorities.as_deref();
    let (mut transport, _) = reach(&asked.service, authorities)?;
    if let (Some(relay), Some(gateway)) = (&asked.relay, &asked.gateway) {
        let configs = reach(gateway, authorities)?.0.get(gateway::PATH, &[])?;
        let (relay, path) = reach(relay, authorities)?;
        transport = transport.through(relay, &path, configs);
    }
    let wallet = match (&asked.issuer, &asked.user_token) {
        (Some(url), Some(file)) => Some(wallet(url, asked, file)?),
        _ => None,
    };
    Ok(Peer {
        transport,
        user: user(),
        wallet,
    })
}

/// A user nobody knows.
fn user() -> String {
    let mut user = [0; 8];
    SystemChance.fill(&mut user);
    format!("{:016x}", u64::from_le_bytes(user))
}

async fn ask_command(asked: Asked) -> Result<()> {
    let answer = tokio::task::spawn_blocking(move || {
        let peer = peer(&asked)?;
        ask(&peer, &asked.bundle, &asked.number)
    });
    print(&answer.await??);
    Ok(())
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
    let front = Front::new(Bounds::default());
    let pages = pages(service, Access::Open, front.clone());
    let (stop, serving) = serve(listener, None, pages, &front);
    let serving = tokio::spawn(serving);
    for number in ["+14085551212", "+12025550142", "+442079460000"] {
        println!("{number}:");
        let peer = Peer {
            transport: Transport::plain(&address),
            user: user(),
            wallet: None,
        };
        let bundle = bundle.clone();
        let answer = tokio::task::spawn_blocking(move || ask(&peer, &bundle, number));
        print(&answer.await??);
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
