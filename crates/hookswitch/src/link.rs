//! One connection to the daemon that mends itself.
//!
//! Input: a [`Role`], which says what a connection has to offer and to do when the daemon is there.
//! Output: a [`Link`], through which methods are called; calls wait while there is no connection.
//!
//! # Promises
//!
//! - **N1** a task of its own connects, watches the daemon's name, and connects again after a loss,
//!   with pauses that grow up to [`RETRY_MAX`].
//! - **N2** a call takes at most [`CALL_MAX`] in all, or what it says itself; at most
//!   [`WAITING_MAX`] calls are under way.
//! - **N3** a call that may have reached the daemon is repeated only if that is harmless.
//! - **N4** what answers one daemon never reaches another one, whose ids mean something else.

use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::StreamExt as _;
use hookswitch_wire::dbus::{BUS_NAME, CallKitDomain, ErrorCode, OBJECT_PATH};
use tokio::sync::{Semaphore, SemaphorePermit, watch};
use tokio::time::{Instant, sleep, timeout_at};
use zbus::connection::Builder;
use zbus::fdo::DBusProxy;
use zbus::{Connection, Message};

use crate::bus::{self, BusAddress};
use crate::error::{self, Error};
use crate::signals;

/// How long one call may take, with all waiting for the daemon.
pub const CALL_MAX: Duration = Duration::from_secs(5);
/// The longest pause between two attempts to connect.
pub const RETRY_MAX: Duration = Duration::from_secs(2);
/// The first pause between two attempts to connect.
const RETRY_MIN: Duration = Duration::from_millis(50);
/// How many calls may be under way at once.
const WAITING_MAX: usize = 256;

/// What a connection is for.
pub(crate) trait Role: Send + Sync + 'static {
    /// The interface of the daemon whose signals are wanted.
    const SIGNALS: &'static str;

    /// How long any call on its connection may take.
    fn patience(&self) -> Duration {
        CALL_MAX
    }

    /// The well-known name the connection takes.
    fn name(&self) -> Option<&str> {
        None
    }

    /// Adds what the connection offers.
    fn prepare(self: &Arc<Self>, builder: Builder<'static>) -> Builder<'static>;

    /// The daemon is there; calls go out once this is done.
    fn up(&self, connection: &Connection) -> impl Future<Output = Result<(), Error>> + Send;

    /// The daemon or the bus is gone.
    fn down(&self);

    /// The daemon sent a signal.
    fn signal(&self, message: &Message);
}

/// Whether a call may be sent again when it may have arrived already.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Repeat {
    /// A report or a question: twice is as good as once.
    Harmless,
    /// A wish: twice could dial twice.
    Never,
}

/// What stands between us and the daemon.
#[derive(Clone, Debug)]
enum State {
    /// The first attempt is under way.
    Starting,
    /// Calls go out here, to the daemon by its unique name: another daemon that takes over must not
    /// get what was meant for a registration with this one.
    Up(Connection, String),
    /// There is no daemon, for this reason; attempts go on.
    Down(Error),
    /// For good.
    Closed,
}

/// A method of the daemon.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Method {
    pub(crate) interface: &'static str,
    pub(crate) name: &'static str,
    pub(crate) during: CallKitDomain,
    pub(crate) repeat: Repeat,
}

/// The way to the daemon. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    state: watch::Receiver<State>,
    owner: Owner,
    places: Arc<Semaphore>,
    runtime: tokio::runtime::Handle,
}

/// The unique bus name of the daemon, while it is there.
#[derive(Clone, Debug, Default)]
pub(crate) struct Owner(Arc<Mutex<Option<String>>>);

impl Owner {
    pub(crate) fn is(&self, sender: Option<&str>) -> bool {
        let owner = lock(&self.0);
        owner.is_some() && owner.as_deref() == sender
    }

    fn set(&self, owner: Option<String>) {
        *lock(&self.0) = owner;
    }
}

/// Dropping this closes the connection.
#[derive(Debug)]
pub(crate) struct Alive {
    _stop: watch::Sender<()>,
}

/// The other end of a [`Link`]: what has to run so that it works.
pub(crate) struct Driver {
    state: watch::Sender<State>,
    owner: Owner,
}

impl Driver {
    /// Makes both ends. Must be called within a tokio runtime.
    pub(crate) fn new() -> (Self, Link) {
        let (sender, state) = watch::channel(State::Starting);
        let owner = Owner::default();
        let link = Link {
            state,
            owner: owner.clone(),
            places: Arc::new(Semaphore::new(WAITING_MAX)),
            runtime: tokio::runtime::Handle::current(),
        };
        let driver = Self {
            state: sender,
            owner,
        };
        (driver, link)
    }

    /// Starts connecting; goes on until the returned guard is dropped.
    pub(crate) fn start<R: Role>(self, role: Arc<R>, address: BusAddress) -> Alive {
        let (stop, stopped) = watch::channel(());
        tokio::spawn(self.run(role, address, stopped));
        Alive { _stop: stop }
    }

    async fn run<R: Role>(self, role: Arc<R>, address: BusAddress, mut stop: watch::Receiver<()>) {
        let mut pause = RETRY_MIN;
        loop {
            let began = Instant::now();
            tokio::select! {
                _ = stop.changed() => break,
                Err(error) = self.session(&role, &address) => {
                    self.set_down(&*role, error);
                }
            }
            if began.elapsed() > RETRY_MAX {
                pause = RETRY_MIN;
            }
            tokio::select! {
                _ = stop.changed() => break,
                () = sleep(pause) => pause = (pause * 2).min(RETRY_MAX),
            }
        }
        role.down();
        self.owner.set(None);
        self.state.send_replace(State::Closed);
    }

    fn set_down<R: Role>(&self, role: &R, error: Error) {
        self.owner.set(None);
        self.state.send_replace(State::Down(error));
        role.down();
    }

    /// One connection, until it breaks.
    async fn session<R: Role>(
        &self,
        role: &Arc<R>,
        address: &BusAddress,
    ) -> Result<std::convert::Infallible, Error> {
        let prepare =
            |builder: Builder<'static>| role.prepare(builder.method_timeout(role.patience()));
        let connection = bus::connect(address, role.name(), prepare).await?;
        let broken = |error: zbus::Error| error::from_call(&error, CallKitDomain::General);
        let dbus = DBusProxy::new(&connection).await.map_err(broken)?;
        let changes = dbus.receive_name_owner_changed_with_args(&[(0, BUS_NAME)]);
        let mut changes = changes.await.map_err(broken)?;
        let _signals = signals::listen(&connection, self.owner.clone(), role.clone()).await?;
        let mut owner = daemon_on(&dbus).await;
        loop {
            match owner.take() {
                Some(name) => {
                    self.owner.set(Some(name.clone()));
                    role.up(&connection).await?;
                    self.state.send_replace(State::Up(connection.clone(), name));
                }
                None => self.set_down(&**role, Error::DaemonGone),
            }
            let change = tokio::select! {
                () = connection.closed() => return Err(Error::DaemonGone),
                change = changes.next() => change.ok_or(Error::DaemonGone)?,
            };
            let args = change.args().map_err(broken)?;
            owner = args.new_owner.as_ref().map(ToString::to_string);
            if owner.is_some() {
                // A daemon that took over from another: what the old one knew is gone.
                self.set_down(&**role, Error::DaemonGone);
            }
        }
    }
}

/// The daemon's unique name; the bus is asked to start it if it is not there.
async fn daemon_on(dbus: &DBusProxy<'_>) -> Option<String> {
    let name = zbus::names::WellKnownName::from_static_str(BUS_NAME).ok()?;
    if let Ok(owner) = dbus.get_name_owner((&name).into()).await {
        return Some(owner.to_string());
    }
    dbus.start_service_by_name(name.clone(), 0).await.ok()?;
    let owner = dbus.get_name_owner((&name).into()).await.ok()?;
    Some(owner.to_string())
}

impl Link {
    /// Waits for the first connection. With `patience`, a daemon that is not there yet is waited
    /// for up to [`CALL_MAX`]; a refusal ends the wait at once in any case.
    pub(crate) async fn ready(&self, patience: bool) -> Result<(), Error> {
        let mut state = self.state.clone();
        let deadline = Instant::now() + CALL_MAX;
        let settled = |state: &State| match state {
            State::Starting => false,
            State::Up(..) | State::Closed => true,
            State::Down(error) => !(patience && error.is_unreachable()),
        };
        let waited = timeout_at(deadline, state.wait_for(settled)).await;
        let now = match waited {
            Ok(Ok(now)) => now.clone(),
            Ok(Err(_)) => State::Closed,
            Err(_) => self.state.borrow().clone(),
        };
        match now {
            State::Up(..) => Ok(()),
            State::Down(error) => Err(error),
            State::Starting => Err(Error::TimedOut),
            State::Closed => Err(Error::Closed),
        }
    }

    /// Calls a method of the daemon.
    pub(crate) async fn call<B, R>(&self, method: Method, body: &B) -> Result<R, Error>
    where
        B: serde::ser::Serialize + zbus::DynamicType + Sync,
        R: for<'d> zbus::wire::DynamicDeserialize<'d>,
    {
        self.call_within(CALL_MAX, method, body).await
    }

    /// The same, with another bound of time.
    pub(crate) async fn call_within<B, R>(
        &self,
        within: Duration,
        method: Method,
        body: &B,
    ) -> Result<R, Error>
    where
        B: serde::ser::Serialize + zbus::DynamicType + Sync,
        R: for<'d> zbus::wire::DynamicDeserialize<'d>,
    {
        let _place = self.place(method.during)?;
        let deadline = Instant::now() + within;
        let mut state = self.state.clone();
        loop {
            let (connection, daemon) = connection(&mut state, deadline).await?;
            let failure = match send(&connection, &daemon, method, body, deadline).await {
                Ok(reply) => return read(&reply),
                Err(failure) => failure,
            };
            if !may_repeat(&failure, method.repeat) {
                return Err(error::from_call(&failure, method.during));
            }
            // The loss shows in the state within moments; then the wait is for the next connection.
            let noticed = (Instant::now() + RETRY_MIN).min(deadline);
            if timeout_at(noticed, state.changed()).await.is_err() && noticed == deadline {
                return Err(Error::DaemonGone);
            }
        }
    }

    fn place(&self, during: CallKitDomain) -> Result<SemaphorePermit<'_>, Error> {
        self.places.try_acquire().map_err(|_| Error::Refused {
            code: ErrorCode::Busy,
            message: format!("more than {WAITING_MAX} calls are under way; wait for some"),
            during,
            retry_after: None,
            occupied: None,
        })
    }

    /// Calls a method of this daemon, and of no other that took over meanwhile; never repeated.
    pub(crate) async fn call_same<B>(
        &self,
        daemon: &str,
        method: Method,
        body: &B,
    ) -> Result<(), Error>
    where
        B: serde::ser::Serialize + zbus::DynamicType + Sync,
    {
        let _place = self.place(method.during)?;
        let deadline = Instant::now() + CALL_MAX;
        let (connection, current) = connection(&mut self.state.clone(), deadline).await?;
        if current != daemon {
            return Err(Error::DaemonGone);
        }
        let sent = send(&connection, daemon, method, body, deadline).await;
        sent.map(drop)
            .map_err(|failure| error::from_call(&failure, method.during))
    }

    /// Reads a property of the daemon.
    pub(crate) async fn property(
        &self,
        interface: &'static str,
        name: &'static str,
    ) -> Result<String, Error> {
        let method = Method {
            interface: "org.freedesktop.DBus.Properties",
            name: "Get",
            during: CallKitDomain::General,
            repeat: Repeat::Harmless,
        };
        let (value,): (zbus::OwnedVariant,) = self.call(method, &(interface, name)).await?;
        String::try_from(value).map_err(|error| Error::BadReply(error.to_string()))
    }

    /// Runs something in the background, in the runtime the link was made in.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.runtime.spawn(task);
    }

    /// The name by which the daemon is known to be itself.
    pub(crate) fn owner(&self) -> &Owner {
        &self.owner
    }
}

/// Waits for a connection. After the deadline the error says what stood in the way.
async fn connection(
    state: &mut watch::Receiver<State>,
    deadline: Instant,
) -> Result<(Connection, String), Error> {
    let settled = |state: &State| match state {
        State::Up(..) | State::Closed => true,
        State::Starting | State::Down(_) => false,
    };
    let now = match timeout_at(deadline, state.wait_for(settled)).await {
        Ok(Ok(now)) => Some(now.clone()),
        Ok(Err(_)) => Some(State::Closed),
        Err(_) => None,
    };
    let Some(now) = now else {
        return Err(blocked_by(&state.borrow()));
    };
    state.mark_unchanged();
    match now {
        State::Up(connection, daemon) => Ok((connection, daemon)),
        State::Closed => Err(Error::Closed),
        State::Starting | State::Down(_) => Err(Error::DaemonGone),
    }
}

fn blocked_by(state: &State) -> Error {
    match state {
        State::Down(error) if !error.is_unreachable() => error.clone(),
        State::Down(_) | State::Starting | State::Up(..) => Error::DaemonGone,
        State::Closed => Error::Closed,
    }
}

/// Calls on a connection that is not offered to others yet.
pub(crate) async fn call_now<B>(
    connection: &Connection,
    method: Method,
    body: &B,
) -> Result<Message, Error>
where
    B: serde::ser::Serialize + zbus::DynamicType + Sync,
{
    let deadline = Instant::now() + CALL_MAX;
    let reply = send(connection, BUS_NAME, method, body, deadline).await;
    reply.map_err(|failure| error::from_call(&failure, method.during))
}

/// Sends a method call and waits for its reply.
async fn send<B>(
    connection: &Connection,
    daemon: &str,
    method: Method,
    body: &B,
    deadline: Instant,
) -> zbus::Result<Message>
where
    B: serde::ser::Serialize + zbus::DynamicType + Sync,
{
    let call = connection.call_method(
        Some(daemon),
        OBJECT_PATH,
        Some(method.interface),
        method.name,
        body,
    );
    match timeout_at(deadline, call).await {
        Ok(reply) => reply,
        Err(_) => Err(std::io::Error::from(std::io::ErrorKind::TimedOut).into()),
    }
}

/// Reads the arguments of a message.
pub(crate) fn read<R>(message: &Message) -> Result<R, Error>
where
    R: for<'d> zbus::wire::DynamicDeserialize<'d>,
{
    let body = message.body();
    body.deserialize()
        .map_err(|error| Error::BadReply(error.to_string()))
}

/// Whether the call should go out again on the next connection.
fn may_repeat(failure: &zbus::Error, repeat: Repeat) -> bool {
    let never_arrived = if let zbus::Error::FDO(error) = failure {
        matches!(
            **error,
            zbus::fdo::Error::ServiceUnknown(_) | zbus::fdo::Error::NameHasNoOwner(_)
        )
    } else {
        false
    };
    match repeat {
        Repeat::Harmless => error::is_gone(failure),
        Repeat::Never => never_arrived,
    }
}

/// Locks; a panic elsewhere does not spread.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn single_arguments_are_read() {
        let message = Message::signal("/a", "a.b", "C").build(&("t1",));
        let (text,): (String,) = read(&message.expect("a small message")).expect("one string");
        assert_eq!(text, "t1");
    }

    #[test]
    fn a_single_structure_is_read() {
        let message = Message::signal("/a", "a.b", "C").build(&(("t1", true),));
        let message = message.expect("a small message");
        let ((text, on),): ((String, bool),) = read(&message).expect("one structure");
        assert_eq!((text.as_str(), on), ("t1", true));
    }
}
