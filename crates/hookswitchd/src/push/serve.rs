//! What apps and the user wish of the pushes, and what apps do meanwhile.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use hookswitch_bus::{PushFault, PushReply, PushTold, PushWish};
use hookswitch_model::{AppId, Phase, Snapshot};
use hookswitch_push_core::device::{Doing, Event, Style};
use hookswitch_push_core::push::Service;
use hookswitch_push_link::{Link, Order, Stopped};
use hookswitch_wire::dbus::ErrorCode;
use hookswitch_wire::json::PushStatus;
use tokio::sync::{mpsc, oneshot, watch};

use super::{Shared, wall_ms};

/// Longest wait for what the link knows of one app.
const STATUS_MAX: Duration = Duration::from_secs(2);

/// A process that registers: its connection, how it takes pushes, the way to it.
struct Registry {
    owner: String,
    style: Style,
    outbox: mpsc::Sender<PushTold>,
}

/// What is known of the apps besides their pushes.
#[derive(Default)]
struct Apps {
    in_front: BTreeSet<String>,
    on_call: BTreeSet<String>,
    told: BTreeMap<String, Doing>,
}

/// Serves until nobody wishes anything any more.
pub(super) async fn serve(
    mut wishes: mpsc::Receiver<PushWish>,
    shared: Arc<Shared>,
    link: Link,
    mut states: watch::Receiver<Arc<Snapshot>>,
) {
    let mut apps = Apps::default();
    let kept = shared.book.lock().await.registrations();
    for (app, service) in kept {
        if link.order(Order::Register { app, service }).await.is_err() {
            return;
        }
    }
    loop {
        let served = tokio::select! {
            wish = wishes.recv() => match wish {
                Some(wish) => take(wish, &shared, &link, &mut apps).await,
                None => return,
            },
            Ok(()) = states.changed() => {
                let state = states.borrow_and_update().clone();
                apps.on_call = on_call(&state);
                apps.tell(&shared, &link).await
            }
        };
        if served.is_err() {
            tracing::error!("the push link has stopped; restart the daemon");
            return;
        }
    }
}

async fn take(
    wish: PushWish,
    shared: &Shared,
    link: &Link,
    apps: &mut Apps,
) -> Result<(), Stopped> {
    let happened = async |event| link.order(Order::App(event)).await;
    match wish {
        PushWish::Register {
            app,
            owner,
            services,
            style,
            outbox,
            reply,
        } => {
            let registry = Registry {
                owner,
                style,
                outbox,
            };
            let done = register(&app, &services, registry, shared, link).await?;
            answer(reply, done);
            apps.told.remove(app.as_str());
            apps.tell(shared, link).await
        }
        PushWish::Unregister {
            app,
            services,
            reply,
        } => {
            unregister(&app, &services, shared, link).await?;
            answer(reply, Ok(()));
            Ok(())
        }
        PushWish::Forget { app, reply } => {
            let dead = unregister(&app, &Service::ALL, shared, link).await?;
            answer(reply, known(dead > 0, &app));
            Ok(())
        }
        PushWish::Allow { app, reply } => {
            let is_known = shared.book.lock().await.names().contains(&name(&app));
            answer(reply, known(is_known, &app));
            match is_known {
                true => happened(Event::Released { app: name(&app) }).await,
                false => Ok(()),
            }
        }
        PushWish::Completed { app, push } => {
            let (app, id) = (name(&app), push);
            happened(Event::Completed { app, id }).await
        }
        PushWish::TooLate { app, push } => {
            let (app, id) = (name(&app), push);
            happened(Event::TooLate { app, id }).await
        }
        PushWish::Reported { app } => happened(Event::Reported { app: name(&app) }).await,
        PushWish::Front { app, on } => front(&name(&app), on, shared, link, apps).await,
        PushWish::Gone { app, owner } => gone(&name(&app), owner, shared, link, apps).await,
        PushWish::Status { app, reply } => {
            let only = app.as_ref().map(AppId::as_str);
            let status = status(only, shared, link).await?;
            answer(reply, Ok(status));
            Ok(())
        }
    }
}

/// An app came to the front, which forgives its strikes, or left it.
async fn front(
    app: &str,
    on: bool,
    shared: &Shared,
    link: &Link,
    apps: &mut Apps,
) -> Result<(), Stopped> {
    let changed = match on {
        true => apps.in_front.insert(app.to_owned()),
        false => apps.in_front.remove(app),
    };
    if changed && on {
        let app = app.to_owned();
        link.order(Order::App(Event::Released { app })).await?;
    }
    apps.tell(shared, link).await
}

async fn gone(
    app: &str,
    owner: Option<String>,
    shared: &Shared,
    link: &Link,
    apps: &mut Apps,
) -> Result<(), Stopped> {
    let was = shared.book.lock().await.gone(app, owner.as_deref());
    apps.told.remove(app);
    let app = app.to_owned();
    match was {
        true => link.order(Order::App(Event::Gone { app })).await,
        false => Ok(()),
    }
}

async fn register(
    app: &AppId,
    services: &[Service],
    registry: Registry,
    shared: &Shared,
    link: &Link,
) -> Result<Result<(), PushFault>, Stopped> {
    let way = (registry.owner, registry.outbox);
    let registered = shared
        .book
        .lock()
        .await
        .register(app.as_str(), services, way);
    if registered.is_err() {
        return Ok(registered);
    }
    if !shared.keep().await {
        let text = "the disk does not take it; check the disk and register again";
        return Ok(Err(fault(ErrorCode::NotNow, text)));
    }
    for service in services {
        let (app, service) = (name(app), *service);
        link.order(Order::Register { app, service }).await?;
    }
    let (app, style) = (name(app), registry.style);
    let event = Event::Ready { app, style };
    link.order(Order::App(event)).await?;
    Ok(Ok(()))
}

/// Says how many tokens died.
async fn unregister(
    app: &AppId,
    services: &[Service],
    shared: &Shared,
    link: &Link,
) -> Result<usize, Stopped> {
    let dead = shared.book.lock().await.unregister(app.as_str(), services);
    shared.keep().await;
    for service in &dead {
        let (app, service) = (name(app), *service);
        link.order(Order::Unregister { app, service }).await?;
    }
    Ok(dead.len())
}

async fn status(only: Option<&str>, shared: &Shared, link: &Link) -> Result<PushStatus, Stopped> {
    let mut status = shared.book.lock().await.status(only);
    for app in &mut status.apps {
        let (answer, known) = oneshot::channel();
        let name = app.app.clone();
        link.order(Order::Status { app: name, answer }).await?;
        let known = tokio::time::timeout(STATUS_MAX, known).await;
        if let Ok(Ok(Some(known))) = known {
            app.strikes = u64::try_from(known.strikes).unwrap_or(u64::MAX);
            app.stopped_until_ms = known.stopped_until.map(wall_ms);
        }
    }
    Ok(status)
}

impl Apps {
    /// Tells the link what changed about what the apps do.
    async fn tell(&mut self, shared: &Shared, link: &Link) -> Result<(), Stopped> {
        for app in shared.book.lock().await.names() {
            let doing = Doing {
                in_front: self.in_front.contains(&app),
                on_call: self.on_call.contains(&app),
            };
            if self.told.insert(app.clone(), doing) != Some(doing) {
                link.order(Order::App(Event::Doing { app, doing })).await?;
            }
        }
        Ok(())
    }
}

/// The apps with a call that somebody has taken or made; one that only rings does not count.
fn on_call(state: &Snapshot) -> BTreeSet<String> {
    let calls = state.calls.iter();
    let live = calls.filter(|call| match call.phase {
        Phase::Dialing { .. } | Phase::Active { .. } | Phase::Held(_) => true,
        Phase::Ringing { .. } | Phase::Ending { .. } => false,
    });
    live.map(|call| call.app.as_str().to_owned()).collect()
}

fn name(app: &AppId) -> String {
    app.as_str().to_owned()
}

fn known(is_known: bool, app: &AppId) -> Result<(), PushFault> {
    let text = format!("{app} takes no pushes; “hookswitch push status” shows who does");
    match is_known {
        true => Ok(()),
        false => Err(fault(ErrorCode::UnknownProvider, &text)),
    }
}

fn fault(code: ErrorCode, text: &str) -> PushFault {
    let text = text.to_owned();
    PushFault { code, text }
}

fn answer<T>(reply: PushReply<T>, result: Result<T, PushFault>) {
    if reply.send(result).is_err() {
        tracing::debug!("whoever asked about pushes does not wait any more");
    }
}
