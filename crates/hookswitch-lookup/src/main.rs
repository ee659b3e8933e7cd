//! `hookswitch-lookup`: build, serve, keys, issue, ask, demo.

use std::fs::{self, File};
use std::io::Read;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use axum::Router;
use clap::{Args, Parser, Subcommand};
use hookswitch_lookup::ask::{Answer, ask};
use hookswitch_lookup::bounds::Bounds;
use hookswitch_lookup::build::{Options, build};
use hookswitch_lookup::chance::SystemChance;
use hookswitch_lookup::post::{Peer, Transport};
use hookswitch_lookup::rows::{Record, read};
use hookswitch_lookup::serve::{Front, pages, serve};
use hookswitch_lookup::service::Service;
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
        /// Where to listen; 0 for any port.
        #[arg(long, default_value = "127.0.0.1:8080")]
        listen: SocketAddr,
        /// Listen on other addresses than the loopback: anybody who reaches it can ask.
        #[arg(long)]
        open: bool,
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
        /// Where to listen; 0 for any port.
        #[arg(long, default_value = "127.0.0.1:8081")]
        listen: SocketAddr,
        /// Listen on other addresses than the loopback.
        #[arg(long)]
        open: bool,
    },
    /// Asks a service for a number.
    Ask(Asked),
    /// Builds a small database with Apple's test number, serves it, and asks it.
    Demo,
}

/// What is asked, and of whom.
#[derive(Args)]
struct Asked {
    /// The number with its plus sign.
    number: String,
    /// Host and port of the service.
    #[arg(long, default_value = "127.0.0.1:8080")]
    service: String,
    /// The bundle id of the app extension.
    #[arg(long, default_value = "org.example.lookup")]
    bundle: String,
    /// Host and port of the issuer, where the service wants tokens.
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
            listen,
            open,
        } => {
            let front = Front::new(Bounds::default());
            let (tokens, spent) = (tokens.as_deref(), spent.as_deref());
            let all = all_pages(&folder, tokens, spent, users.as_deref(), &front)?;
            run_server("serving", listen, open, all, &front).await?;
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
            listen,
            open,
        } => {
            let front = Front::new(Bounds::default());
            let issuer = Issuer::open(&folder, &Users::read(&users)?)?;
            run_server(
                "issuing",
                listen,
                open,
                issuer.router(front.clone()),
                &front,
            )
            .await?;
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
async fn run_server(
    doing: &str,
    listen: SocketAddr,
    open: bool,
    pages: Router,
    front: &Front,
) -> Result<()> {
    let is_near = listen.ip().is_loopback();
    ensure!(
        is_near || open,
        "{listen} is not the loopback: say --open if you mean it"
    );
    let listener = TcpListener::bind(listen).await;
    let listener = listener.with_context(|| format!("listening on {listen}"))?;
    println!("{doing} on http://{}", listener.local_addr()?);
    let (stop, serving) = serve(listener, pages, front);
    let serving = tokio::spawn(serving);
    asked_to_stop().await?;
    stop.stop();
    Ok(serving.await?)
}

/// The wallet of a user, whose token is in a file.
fn wallet(host: &str, name: Option<String>, file: &Path) -> Result<Wallet> {
    let user_token = fs::read_to_string(file);
    let user_token = user_token.with_context(|| format!("reading {}", file.display()))?;
    let bare = host.split(':').next().unwrap_or(host).to_owned();
    let issuer = IssuerPeer {
        transport: Transport::plain(host),
        name: name.unwrap_or(bare),
        user_token: user_token.trim().to_owned(),
    };
    Ok(Wallet::new(issuer, Habit::default()))
}

async fn ask_command(asked: Asked) -> Result<()> {
    let wallet = match (asked.issuer, asked.user_token) {
        (Some(host), Some(file)) => Some(wallet(&host, asked.issuer_name, &file)?),
        _ => None,
    };
    let answer = ask_once(&asked.service, wallet, asked.bundle, asked.number);
    print(&answer.await?);
    Ok(())
}

async fn ask_once(
    address: &str,
    wallet: Option<Wallet>,
    bundle: String,
    number: String,
) -> Result<Answer> {
    let mut user = [0; 8];
    SystemChance.fill(&mut user);
    let peer = Peer {
        transport: Transport::plain(address),
        user: format!("{:016x}", u64::from_le_bytes(user)),
        wallet,
    };
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
    let front = Front::new(Bounds::default());
    let pages = pages(service, Access::Open, front.clone());
    let (stop, serving) = serve(listener, pages, &front);
    let serving = tokio::spawn(serving);
    for number in ["+14085551212", "+12025550142", "+442079460000"] {
        println!("{number}:");
        print(&ask_once(&address, None, bundle.clone(), number.to_owned()).await?);
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
