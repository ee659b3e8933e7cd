//! Puts the parts together, runs them, and takes them apart in order.
//!
//! Input: configuration. Output: a ready daemon until it is told to stop.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hookswitch_bus::{
    Card, Clients, DirectoryPort, EdgeError, FINISHED_MAX, Inbox, LAUNCHES_MAX, Links, Published,
    PushPort, RuntimeDir, Session, Source, Starts, UNLOCKS_MAX,
};
use hookswitch_core::Environment;
use hookswitch_http::{
    BindError, DirectoryQuery, HttpCommand, HttpEdge, HttpLimits, PORT_TRIES, Token, TokenError,
};
use hookswitch_model::{AppId, CallId, RingPolicy, Snapshot};
use hookswitch_store::{OpenedRules, RECORDS_MAX, RulesFile};
use hookswitch_wire::dbus::HTTP_FILE;
use hookswitch_wire::json::DirectorySource;
use hookswitch_wire::view::View;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{mpsc, oneshot, watch};

use crate::cards::{self, Screens};
use crate::cli::Args;
use crate::clock;
use crate::config::{Config, ConfigError};
use crate::directory::{self, Directory, Lists};
use crate::materials::Materials;
use crate::narrate;
use crate::push;
use crate::ready::{self, Ready};
use crate::recents::{self, Recents, Recorded};
use crate::ring_on;
use crate::runner::{Outlets, Runner};
use crate::second_calls::KeptRules;
use crate::shell::{INBOX_MAX, Order, Shell};
use crate::sound::Sound;
use crate::window;
use crate::{front, kept};

/// Most calls that wait for a window.
const UNSHOWN_MAX: usize = 4;
/// The live calls, in the runtime directory, for the daemon after this one.
const LIVE_FILE: &str = "live-calls";
/// Media players that are paused for a call, kept while the session lasts.
const PAUSED_FILE: &str = "paused-players";
/// The user's rules for incoming calls, in the state directory.
const RULES_FILE: &str = "rules.json";
/// The lists of the call directory, in the state directory.
const LISTS_DIR: &str = "directory";
/// Longest wait for the lists when the daemon starts: whoever is blocked shall not ring meanwhile.
const LISTS_WAIT: Duration = Duration::from_secs(5);
/// What apps brought along, in the state directory.
const APPS_DIR: &str = "apps";
/// Most orders that wait for the loop.
const ORDERS_MAX: usize = 4;

/// Why the daemon did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The configuration is wrong.
    #[error("{0}")]
    Config(#[from] ConfigError),
    /// The bus.
    #[error("{0}")]
    Bus(#[from] EdgeError),
    /// The port.
    #[error("{0}")]
    Port(#[from] BindError),
    /// The token.
    #[error("{0}")]
    Token(#[from] TokenError),
    /// The operating system.
    #[error("the system refused something basic: {0}")]
    System(#[from] io::Error),
}

/// Reading ends of the watches that several edges share.
struct Watches {
    published: Published,
    views: watch::Receiver<Arc<View>>,
    cards: watch::Receiver<Option<Card>>,
    materials: Arc<Materials>,
}

/// Sending ends of the same.
struct Publishers {
    state: watch::Sender<Arc<Snapshot>>,
    ui: watch::Sender<Option<String>>,
    screens: Screens,
}

/// Runs until a signal asks it to stop. As a task of the runtime it is woken without a system call,
/// unlike the future that the runtime blocks on.
///
/// # Errors
///
/// [`StartError`] if it cannot start.
pub async fn run_as_task(args: Args, config: Config, started: Instant) -> Result<(), StartError> {
    let running = tokio::spawn(async move { run(&args, &config, started).await });
    running.await.map_err(io::Error::other)?
}

async fn run(args: &Args, config: &Config, started: Instant) -> Result<(), StartError> {
    let runtime = RuntimeDir::prepare()?;
    let (inbox_sender, inbox_receiver) = mpsc::channel(INBOX_MAX);
    let inbox = Inbox::new(inbox_sender);
    let materials = Arc::new(Materials::open(state_dir().join(APPS_DIR), config.limits()));
    let (rules, recents, recorded) = start_recents(config)?;
    let (watches, publishers) = watches(&recents, &materials);
    let lists = open_lists(config).await?;
    let (done_sender, finished) = mpsc::channel(FINISHED_MAX);
    let (launch_sender, launches) = mpsc::channel(LAUNCHES_MAX);
    let (unlock_sender, unlocks) = mpsc::channel(UNLOCKS_MAX);
    let (unshown_sender, unshown) = mpsc::channel(UNSHOWN_MAX);
    let mut links = Links {
        inbox: inbox.clone(),
        published: watches.published.clone(),
        finished,
        launches,
        unlocks,
        cards: config.notifications.enabled.then(|| watches.cards.clone()),
        media: config.media.policy(runtime.path().join(PAUSED_FILE)),
        unshown: unshown_sender.clone(),
        epoch: epoch(),
        clients: Clients::default(),
        keeper: materials.clone(),
        grants: Arc::new(config.grants()),
        rates: config.limits(),
        cellular: Arc::new(config.cellular_apps()),
        starts: Starts::default(),
        directory: lists.port.clone(),
        load_asks: lists.asks,
        push: open_pushes(config, &watches, &launch_sender),
    };
    let (mut source, session) = open_bus(&runtime, args, &links).await?;

    let desk = start_desk(config, lists.port.clone(), inbox.clone());
    let runner = Runner::new(Outlets {
        state: publishers.state,
        told: start_narrating(),
        finished: done_sender,
        launches: launch_sender,
        unlocks: unlock_sender,
        records: recents.orders.clone(),
        sound: Sound::start(&config.ring, &config.limits(), inbox)?,
        materials: materials.clone(),
    });
    let (commands, command_receiver) = mpsc::channel(hookswitch_http::COMMANDS_MAX);
    let (orders, order_receiver) = mpsc::channel(ORDERS_MAX);
    let live = runtime.path().join(LIVE_FILE);
    let shell = Shell::new(config.limits(), runner, recorded, state_dir(), live)
        .with_directory(decider(config, &watches)?.with_lists(lists.views))
        .with_known(known(config, &watches, rules));
    let looping = tokio::spawn(shell.run(inbox_receiver, command_receiver, order_receiver));
    follow_states(config, &watches, lists.port.sources, publishers.screens);
    follow_unshown(config, &watches, unshown, unshown_sender);

    let (stop_http, stopped) = oneshot::channel::<()>();
    let pages = (commands, desk);
    let web = serve_ui(args, config, &runtime, pages, &recents, &watches, stopped).await?;
    publishers.ui.send_replace(web.clone());
    tell_ready(&source, web, args, started);

    let serving = source.serve(session, &mut links);
    let ended = tokio::select! {
        () = serving => Ok(()),
        ended = until_stopped(&orders, looping) => ended,
    };
    drop(stop_http);
    stop(&runtime, source, recents).await;
    ended
}

/// Follows the contacts, and answers pages about the lists.
fn start_desk(config: &Config, port: DirectoryPort, inbox: Inbox) -> mpsc::Sender<DirectoryQuery> {
    let config = &config.directory;
    let (paths, regions) = (config.contacts.clone(), config.regions.clone());
    tokio::spawn(directory::follow_contacts(paths, regions, port.clone()));
    directory::start_desk(port, inbox)
}

/// What decides about callers: numbers in the spellings of the configured regions.
fn decider(config: &Config, watches: &Watches) -> io::Result<Directory> {
    let config = &config.directory;
    let decider = Directory::new(&config.regions).map_err(io::Error::other)?;
    let recents = watches.published.recents.clone();
    Ok(decider.with_recents(recents))
}

/// The link to the push gateway, if there is one.
fn open_pushes(config: &Config, watches: &Watches, launches: &mpsc::Sender<AppId>) -> PushPort {
    let states = watches.published.state.clone();
    let (limits, launches) = (config.limits(), launches.clone());
    push::start(&config.push, &limits, &state_dir(), launches, states)
}

/// Starts whoever keeps the lists, and waits until they are there.
async fn open_lists(config: &Config) -> io::Result<Lists> {
    let limits = hookswitch_directory::load::Limits::of(&config.limits());
    let mut lists = directory::start(state_dir().join(LISTS_DIR), limits)?;
    if tokio::time::timeout(LISTS_WAIT, &mut lists.opened)
        .await
        .is_err()
    {
        tracing::error!("the lists are not read yet and block nobody so far; is the disk slow?");
    }
    Ok(lists)
}

async fn stop(runtime: &RuntimeDir, source: Source, recents: Recents) {
    ready::tell_stopping();
    runtime.remove(HTTP_FILE);
    source.stop().await;
    recents.stop();
}

/// Grows with each start of the daemon.
fn epoch() -> u64 {
    u64::try_from(clock::stamp().wall.as_millis()).unwrap_or_default()
}

/// What the core has to know from the start; the rules for the front are kept from then on.
fn known(config: &Config, watches: &Watches, policy: RingPolicy) -> Vec<Environment> {
    let rules = front::load(&state_dir());
    let states = &watches.published.state;
    tokio::spawn(kept::follow(
        front::file(&state_dir()),
        rules,
        states.clone(),
    ));
    let ring_on = ring_on::load(&state_dir()).unwrap_or_else(|| config.ring.ring_on());
    tokio::spawn(kept::follow(
        ring_on::file(&state_dir()),
        ring_on.clone(),
        states.clone(),
    ));
    let mut known = vec![
        Environment::CellularApps(config.cellular_apps()),
        Environment::Front(rules),
        Environment::RingOn(ring_on),
        Environment::Policy(Arc::new(policy)),
    ];
    if config.ring.is_muted() {
        known.push(Environment::RingMuted(true));
    }
    known.extend(watches.materials.ringtones());
    known
}

/// The user's rules for incoming calls, as they were kept last; those about callers are those of
/// the configuration until the user changes them.
fn open_rules(config: &Config) -> Result<OpenedRules, String> {
    let configured = config.directory.rules()?;
    let opened = RulesFile::open(state_dir().join(RULES_FILE), configured);
    if let Some(kept_as) = &opened.damaged {
        let kept_as = kept_as.display();
        tracing::error!(%kept_as, "the rules for incoming calls cannot be read; nobody is blocked");
    }
    Ok(opened)
}

/// The rules that count from the start, and the thread that keeps them and the recents.
fn start_recents(config: &Config) -> io::Result<(RingPolicy, Recents, mpsc::Receiver<Recorded>)> {
    let opened = open_rules(config).map_err(io::Error::other)?;
    let (rules, kept) = KeptRules::of(opened, config);
    let (recorder, recorded) = mpsc::channel(RECORDS_MAX);
    let file = config.recents.file.clone();
    let file = file.unwrap_or_else(|| recents::default_file(&state_dir()));
    let recents = recents::start(file, kept, recorder)?;
    Ok((rules, recents, recorded))
}

fn watches(recents: &Recents, materials: &Arc<Materials>) -> (Watches, Publishers) {
    let (state, state_seen) = watch::channel(Arc::new(Snapshot::default()));
    let (ui, ui_seen) = watch::channel(None);
    let (views, views_seen) = watch::channel(Arc::new(View::default()));
    let (cards, cards_seen) = watch::channel(None);
    let watches = Watches {
        published: Published {
            state: state_seen,
            recents: recents.pages.clone(),
            ui: ui_seen,
        },
        views: views_seen,
        cards: cards_seen,
        materials: materials.clone(),
    };
    let screens = Screens { views, cards };
    let publishers = Publishers { state, ui, screens };
    (watches, publishers)
}

async fn open_bus(
    runtime: &RuntimeDir,
    args: &Args,
    links: &Links,
) -> Result<(Source, Session), StartError> {
    let source = hookswitch_bus::find(runtime, service_dirs(args)).await?;
    match Session::open(source.address(), links).await {
        Ok(session) => Ok((source, session)),
        Err(EdgeError::AlreadyRunning(who)) => {
            // The bus is the other daemon's: leave it alone.
            let who = format!("{who}; \"hookswitch ui\" prints the address of its calling UI");
            Err(EdgeError::AlreadyRunning(who).into())
        }
        Err(error) => {
            source.stop().await;
            Err(error.into())
        }
    }
}

/// Service files that come with the daemon: `../share/dbus-1/services` of the program.
fn service_dirs(args: &Args) -> Vec<PathBuf> {
    let program = std::env::current_exe().ok();
    let shipped = program
        .as_deref()
        .and_then(|program| program.parent()?.parent())
        .map(|prefix| prefix.join("share/dbus-1/services"))
        .filter(|dir| dir.is_dir());
    args.service_dir.iter().cloned().chain(shipped).collect()
}

fn start_narrating() -> mpsc::Sender<Arc<Snapshot>> {
    let (told, states) = mpsc::channel(narrate::STATES_MAX);
    tokio::spawn(narrate::follow(states));
    told
}

/// Keeps views and cards in step with the published states.
fn follow_states(
    config: &Config,
    watches: &Watches,
    sources: watch::Receiver<Arc<Vec<DirectorySource>>>,
    screens: Screens,
) {
    let states = watches.published.state.clone();
    let recents = watches.published.recents.clone();
    tokio::spawn(cards::follow(
        states,
        recents,
        sources,
        config.limits(),
        watches.materials.clone(),
        screens,
    ));
}

/// Without notifications each presented call counts as unshown.
fn follow_unshown(
    config: &Config,
    watches: &Watches,
    unshown: mpsc::Receiver<CallId>,
    tell: mpsc::Sender<CallId>,
) {
    let address = watches.published.ui.clone();
    tokio::spawn(window::open_all(unshown, address, config.ui.open_window));
    if !config.notifications.enabled {
        let mut cards = watches.cards.clone();
        tokio::spawn(async move {
            while cards.changed().await.is_ok() {
                let call = cards.borrow_and_update().as_ref().map(|card| card.call);
                if let Some(call) = call
                    && tell.send(call).await.is_err()
                {
                    return;
                }
            }
        });
    }
}

/// Serves the calling UI; returns its address with the token.
async fn serve_ui(
    args: &Args,
    config: &Config,
    runtime: &RuntimeDir,
    (commands, directory): (mpsc::Sender<HttpCommand>, mpsc::Sender<DirectoryQuery>),
    recents: &Recents,
    watches: &Watches,
    stopped: oneshot::Receiver<()>,
) -> Result<Option<String>, StartError> {
    if !config.ui.enabled {
        runtime.remove(HTTP_FILE);
        return Ok(None);
    }
    let port = args.port.unwrap_or(config.ui.port);
    let listener = hookswitch_http::bind(port, PORT_TRIES).await?;
    let token = Token::generate()?;
    let url = hookswitch_http::url(&listener)?;
    let file = serde_json::json!({ "url": url, "token": token.as_str() });
    runtime.write(HTTP_FILE, &file.to_string())?;
    let address = token.login_url(&url);
    let edge = HttpEdge {
        listener,
        token,
        commands,
        views: watches.views.clone(),
        recents: recents.queries(),
        directory,
        icons: watches.materials.icons(),
        limits: HttpLimits::default(),
        rates: config.limits(),
    };
    tokio::spawn(async move {
        let until = async {
            // An error means the same: the other end is gone.
            let _ = stopped.await;
        };
        if let Err(error) = edge.serve(until).await {
            tracing::error!(%error, "the calling UI is not served any more");
        }
    });
    Ok(Some(address))
}

fn tell_ready(source: &Source, url: Option<String>, args: &Args, started: Instant) {
    let bus = match source {
        Source::Session(_) => "session".to_owned(),
        Source::Private(bus) => format!("private ({})", bus.address()),
    };
    let took = started.elapsed();
    ready::tell(&Ready { url, bus, took }, args.json);
}

/// Passes signals to the loop; returns when the loop has ended.
async fn until_stopped(
    orders: &mpsc::Sender<Order>,
    looping: tokio::task::JoinHandle<()>,
) -> Result<(), StartError> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut dump = signal(SignalKind::user_defined1())?;
    let mut looping = looping;
    loop {
        let order = tokio::select! {
            ended = &mut looping => {
                return Ok(ended.map_err(io::Error::other)?);
            }
            _ = terminate.recv() => Order::Stop,
            _ = interrupt.recv() => Order::Stop,
            _ = dump.recv() => Order::DumpJournal,
        };
        if orders.try_send(order).is_err() {
            tracing::warn!(?order, "the loop is busy; send the signal again");
        }
    }
}

/// `$XDG_CONFIG_HOME/hookswitch`, or `~/.config/hookswitch`.
#[must_use]
pub fn config_dir() -> PathBuf {
    xdg_dir("XDG_CONFIG_HOME", ".config")
}

/// `$XDG_STATE_HOME/hookswitch`, or `~/.local/state/hookswitch`.
fn state_dir() -> PathBuf {
    xdg_dir("XDG_STATE_HOME", ".local/state")
}

/// XDG Base Directory specification 0.8: relative and empty values are ignored.
fn xdg_dir(variable: &str, below_home: &str) -> PathBuf {
    let set = std::env::var_os(variable).map(PathBuf::from);
    let base = set.filter(|dir| dir.is_absolute()).unwrap_or_else(|| {
        let home = std::env::var_os("HOME").map_or_else(|| PathBuf::from("/"), PathBuf::from);
        home.join(below_home)
    });
    base.join("hookswitch")
}
