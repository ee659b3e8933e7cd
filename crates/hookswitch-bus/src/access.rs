//! Lets through what a caller may do, and refuses the rest by name.
//!
//! Input: method calls with their senders. Output: the same calls, or the error `NotPermitted`.
//!
//! # Promises
//!
//! - **A1** no method of a guarded interface runs before its caller's right was looked up.
//! - **A2** who a caller is is asked once for each connection, and anew when names change hands.
//! - **A3** a caller that cannot be identified has no rights.
//! - **A4** a call that may be answered late (`ReportIncoming`, while screeners decide) reaches the
//!   core in its order, and holds up no other one. The next after [`LATE_MAX`] of them is not
//!   refused; it is waited for.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use hookswitch_model::AppId;
use hookswitch_wire::dbus::{ErrorCode, PROVIDER_INTERFACE};
use hookswitch_wire::json;
use tokio::sync::Semaphore;
use zbus::export::async_trait::async_trait;
use zbus::message::Header;
use zbus::names::{InterfaceName, MemberName, OwnedUniqueName};
use zbus::object_server::{DispatchResult, Interface, SignalEmitter};
use zbus::{BoxDBusError, Connection, Message, ObjectServer, OwnedVariant, Variant, fdo};

use crate::clients::Clients;
use crate::error::BusError;
use crate::flood::Flood;
use crate::identity::Sandbox;
use crate::names::Owners;
use crate::rights::{self, Grants, Right, Rights};

/// Most connections whose rights are remembered; beyond that all are asked anew.
const CALLERS_MAX: usize = 1024;

/// Most calls of all apps that wait for a late answer.
pub const LATE_MAX: usize = 64;

/// A caller, as far as its rights go.
#[derive(Clone, Debug)]
struct Caller {
    rights: Rights,
    /// What it is called when it is refused.
    label: String,
    sandbox: Sandbox,
    /// Whose grant decided.
    grant: Option<AppId>,
}

/// Knows the rights of callers. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Access {
    owners: Owners,
    grants: Arc<Grants>,
    flood: Flood,
    late: Arc<Semaphore>,
    known: Arc<Mutex<HashMap<String, Caller>>>,
}

impl Access {
    pub(crate) fn new(owners: Owners, grants: Arc<Grants>, flood: Flood) -> Self {
        Self {
            owners,
            grants,
            flood,
            late: Arc::new(Semaphore::new(LATE_MAX)),
            known: Arc::default(),
        }
    }

    /// A name changed hands: who had it and who has it now are asked anew.
    pub(crate) fn forget(&self, unique: &str) {
        self.known().remove(unique);
    }

    /// Refuses a call that its sender may not make.
    async fn check(&self, interface: &str, header: &Header<'_>) -> Result<(), BusError> {
        let method = header.member().map_or("", |member| member.as_str());
        let sender = header
            .sender()
            .ok_or_else(|| BusError::new(ErrorCode::Unentitled, "the message has no sender"))?;
        self.flood.admit(sender.as_str(), interface, method)?;
        let caller = self.caller(&sender.to_owned().into()).await?;
        let right = rights::needed(interface, method);
        if right.is_some_and(|right| caller.rights.has(right)) {
            return Ok(());
        }
        let text = rights::refusal(interface, method, right, &caller.label);
        Err(BusError::new(ErrorCode::NotPermitted, text))
    }

    async fn caller(&self, unique: &OwnedUniqueName) -> Result<Caller, BusError> {
        let known = self.known().get(unique.as_str()).cloned();
        if let Some(caller) = known {
            return Ok(caller);
        }
        let sandbox = self.owners.sandbox(unique).await?;
        let mut owned: Vec<AppId> = Vec::new();
        for app in self.grants.keys() {
            if self.owners.owns(unique, app).await? {
                owned.push(app.clone());
            }
        }
        let caller = Caller {
            rights: rights::rights_of(&sandbox, &owned, &self.grants),
            label: match owned.first() {
                Some(app) => app.to_string(),
                None => sandbox.label(),
            },
            grant: rights::grant_for(&sandbox, &owned, &self.grants),
            sandbox,
        };
        let mut known = self.known();
        if known.len() >= CALLERS_MAX {
            known.clear();
        }
        known.insert(unique.as_str().to_owned(), caller.clone());
        Ok(caller)
    }

    /// All who called a method since they connected, in the order of their connections.
    pub(crate) async fn callers(&self, clients: &Clients) -> Vec<json::Caller> {
        let known: BTreeMap<String, Caller> = {
            let known = self.known();
            let all = known.iter();
            all.map(|(name, caller)| (name.clone(), caller.clone()))
                .collect()
        };
        let mut callers = Vec::new();
        for (connection, caller) in known {
            let (process, program) = self.owners.program(&connection).await;
            let names = Right::ALL.into_iter().filter(|r| caller.rights.has(*r));
            callers.push(json::Caller {
                app: clients
                    .find(&connection)
                    .map(|client| client.app.to_string()),
                sandbox: caller.sandbox.tag(),
                process,
                program,
                rights: names.map(|right| right.name().to_owned()).collect(),
                because: match (&caller.grant, &caller.sandbox) {
                    (Some(_), _) => "grant",
                    (None, Sandbox::None) => "own-program",
                    (None, Sandbox::Flatpak(_) | Sandbox::Snap(_)) => "sandbox",
                }
                .to_owned(),
                grant: caller.grant.map(|app| app.to_string()),
                connection,
            });
        }
        callers
    }

    fn known(&self) -> MutexGuard<'_, HashMap<String, Caller>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An interface behind the check.
pub(crate) struct Guard<I> {
    inner: Arc<I>,
    access: Access,
}

impl<I> Guard<I> {
    pub(crate) fn new(inner: I, access: &Access) -> Self {
        let (inner, access) = (Arc::new(inner), access.clone());
        Self { inner, access }
    }
}

impl<I: Interface> Guard<I> {
    /// Runs a method up to where it waits; the rest runs beside the connection's other calls (A4).
    async fn run_late(
        &self,
        server: &ObjectServer,
        connection: &Connection,
        message: &Message,
        name: MemberName<'_>,
    ) -> Result<(), BoxDBusError> {
        let Ok(permit) = self.access.late.clone().try_acquire_owned() else {
            return run(&*self.inner, server, connection, message, name).await;
        };
        let (inner, server) = (self.inner.clone(), server.clone());
        let (connection, message) = (connection.clone(), message.clone());
        let name = name.to_owned();
        let mut running = Box::pin(async move {
            let _permit = permit;
            run(&*inner, &server, &connection, &message, name).await
        });
        // The report is in the shell's inbox when this first look is over.
        let first = std::future::poll_fn(|cx| Poll::Ready(running.as_mut().poll(cx))).await;
        if let Poll::Ready(done) = first {
            return done;
        }
        // It replies by itself, also when it is refused.
        tokio::spawn(running);
        Ok(())
    }
}

async fn run<I: Interface>(
    inner: &I,
    server: &ObjectServer,
    connection: &Connection,
    message: &Message,
    name: MemberName<'_>,
) -> Result<(), BoxDBusError> {
    match inner.call(server, connection, message, name) {
        DispatchResult::Async(running) => running.await,
        DispatchResult::NotFound | DispatchResult::RequiresMut => Ok(()),
    }
}

/// The one method whose answer may need longer than a step.
fn may_be_late(interface: &InterfaceName<'_>, method: &str) -> bool {
    interface.as_str() == PROVIDER_INTERFACE && method == "ReportIncoming"
}

#[async_trait]
impl<I: Interface> Interface for Guard<I> {
    fn name() -> InterfaceName<'static> {
        I::name()
    }

    fn spawn_tasks_for_methods(&self) -> bool {
        self.inner.spawn_tasks_for_methods()
    }

    async fn get(
        &self,
        property_name: &str,
        server: &ObjectServer,
        connection: &Connection,
        header: Option<&Header<'_>>,
        emitter: &SignalEmitter<'_>,
    ) -> Option<Result<OwnedVariant, BoxDBusError>> {
        let inner = &self.inner;
        inner
            .get(property_name, server, connection, header, emitter)
            .await
    }

    async fn get_all(
        &self,
        server: &ObjectServer,
        connection: &Connection,
        header: Option<&Header<'_>>,
        emitter: &SignalEmitter<'_>,
    ) -> fdo::Result<HashMap<String, OwnedVariant>> {
        let inner = &self.inner;
        inner.get_all(server, connection, header, emitter).await
    }

    /// None of the interfaces has a property that can be set.
    async fn set_mut(
        &mut self,
        _: &str,
        _: &Variant<'_>,
        _: &ObjectServer,
        _: &Connection,
        _: Option<&Header<'_>>,
        _: &SignalEmitter<'_>,
    ) -> Option<Result<(), BoxDBusError>> {
        None
    }

    fn call<'call>(
        &'call self,
        server: &'call ObjectServer,
        connection: &'call Connection,
        message: &'call Message,
        name: MemberName<'call>,
    ) -> DispatchResult<'call> {
        if may_be_late(&I::name(), name.as_str()) {
            return DispatchResult::Async(Box::pin(async move {
                let checked = self.access.check(&I::name(), &message.header()).await;
                checked.map_err(|refused| Box::new(refused) as BoxDBusError)?;
                self.run_late(server, connection, message, name).await
            }));
        }
        match self.inner.call(server, connection, message, name) {
            DispatchResult::Async(run) => DispatchResult::Async(Box::pin(async move {
                let checked = self.access.check(&I::name(), &message.header()).await;
                checked.map_err(|refused| Box::new(refused) as BoxDBusError)?;
                run.await
            })),
            DispatchResult::NotFound => DispatchResult::NotFound,
            DispatchResult::RequiresMut => DispatchResult::NotFound,
        }
    }

    /// No method of the interfaces changes its own object.
    fn call_mut<'call>(
        &'call mut self,
        _: &'call ObjectServer,
        _: &'call Connection,
        _: &'call Message,
        _: MemberName<'call>,
    ) -> DispatchResult<'call> {
        DispatchResult::NotFound
    }

    fn introspect_to_writer(&self, writer: &mut dyn std::fmt::Write, level: usize) {
        self.inner.introspect_to_writer(writer, level);
    }
}
