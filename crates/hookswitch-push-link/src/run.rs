//! The loop of a link: one pure device, one connection at a time.

use std::collections::BTreeSet;
use std::time::Duration;

use hookswitch_push_core::device::{Device, Effect, Event, What};
use hookswitch_push_core::frame::{Close, Down, Secret, Up, VERSION};
use hookswitch_push_core::push::{DeviceId, Service};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_rustls::TlsConnector;

use crate::connect::{Connection, connect};
use crate::{CONNECT_MAX, Config, KEEP_MAX, Order, RETRY_MAX, Told, boot};

/// The longest sleep: a suspend stops the timers of a process, not the boot clock.
const LOOK: Duration = Duration::from_secs(15);
/// The first pause between two attempts. Each is a quarter longer than the one before, so that a
/// device is back soon after a short outage: at most about a third of the outage later.
const RETRY: Duration = Duration::from_millis(100);

/// The state of a running link.
struct Run {
    device: Device,
    id: DeviceId,
    secret: Secret,
    /// Apps that want their token on each new link.
    registered: BTreeSet<(String, Service)>,
    /// Tokens to give up on each new link, until the app registers again.
    unregistered: BTreeSet<(String, Service)>,
    told: mpsc::Sender<Told>,
    connection: Option<Connection>,
    is_welcome: bool,
    /// It was said that no connection can be made.
    is_unreachable: bool,
    /// What the gateway said as it closed the link.
    closed: Option<Close>,
}

/// Whoever listened is gone.
struct Ended;

/// Runs until nobody gives orders or listens.
pub(crate) async fn run(
    config: Config,
    tls: TlsConnector,
    mut orders: mpsc::Receiver<Order>,
    told: mpsc::Sender<Told>,
) {
    let mut device = Device::new(config.limits);
    device.restore(config.remembered.iter().copied());
    for app in &config.apps {
        device.install(app);
    }
    for (app, saved, ago_ms) in &config.duties {
        device.restore_app(app, |duty| duty.restore(saved.clone(), *ago_ms, boot()));
    }
    let mut run = Run {
        device,
        id: config.device,
        secret: config.secret.clone(),
        registered: BTreeSet::new(),
        unregistered: BTreeSet::new(),
        told,
        connection: None,
        is_welcome: false,
        is_unreachable: false,
        closed: None,
    };
    let mut retry = RETRY;
    loop {
        let ended = match run.connection {
            Some(_) => run.linked(&mut orders).await,
            None => run.unlinked(&config, &tls, &mut orders, retry).await,
        };
        if ended.is_err() {
            return;
        }
        retry = match (run.is_welcome, run.connection.is_some()) {
            (true, _) => RETRY,
            (false, true) => retry, // Not greeted yet.
            (false, false) => (retry * 5 / 4).min(RETRY_MAX),
        };
    }
}

impl Run {
    /// Serves one event of a live connection.
    async fn linked(&mut self, orders: &mut mpsc::Receiver<Order>) -> Result<(), Ended> {
        let look = self.next_look();
        let Some(connection) = self.connection.as_mut() else {
            return Ok(());
        };
        tokio::select! {
            frame = connection.down.recv() => match frame {
                Some(frame) => self.frame(frame).await,
                None => self.unlink().await,
            },
            order = orders.recv() => self.order(order).await,
            () = sleep_until(look) => self.play(Event::Tick).await,
        }
    }

    /// Pauses, then connects; orders are served meanwhile.
    async fn unlinked(
        &mut self,
        config: &Config,
        tls: &TlsConnector,
        orders: &mut mpsc::Receiver<Order>,
        retry: Duration,
    ) -> Result<(), Ended> {
        let spread = 0.5 + f64::from(config.device.0[0] ^ config.device.0[9]) / 255.0;
        let attempt = async {
            sleep(retry.mul_f64(spread)).await;
            timeout(CONNECT_MAX, connect(tls, &config.gateway, &config.name)).await
        };
        tokio::pin!(attempt);
        loop {
            let look = self.next_look();
            tokio::select! {
                connected = &mut attempt => {
                    if let Ok(Ok(connection)) = connected {
                        self.connection = Some(connection);
                        self.is_unreachable = false;
                        return self.play(Event::Linked).await;
                    }
                    return self.tell_unreachable().await;
                }
                order = orders.recv() => self.order(order).await?,
                () = sleep_until(look) => self.play(Event::Tick).await?,
            }
        }
    }

    async fn frame(&mut self, frame: Down) -> Result<(), Ended> {
        if let Down::Welcome { .. } = &frame {
            self.is_welcome = true;
            self.tell(Told::Linked).await?;
            for (app, service) in self.registered.clone() {
                self.say(Up::Register { app, service });
            }
            for (app, service) in self.unregistered.clone() {
                self.say(Up::Unregister { app, service });
            }
        }
        if let Down::Token {
            app,
            service,
            token,
        } = frame
        {
            return self
                .tell(Told::Token {
                    app,
                    service,
                    token,
                })
                .await;
        }
        if let Down::Close { why } = &frame {
            self.closed = Some(*why);
        }
        self.play(Event::Frame(frame)).await
    }

    async fn order(&mut self, order: Option<Order>) -> Result<(), Ended> {
        match order.ok_or(Ended)? {
            Order::Register { app, service } => {
                self.device.install(&app);
                self.registered.insert((app.clone(), service));
                self.unregistered.remove(&(app.clone(), service));
                if self.is_welcome {
                    self.say(Up::Register { app, service });
                }
            }
            Order::Unregister { app, service } => {
                self.registered.remove(&(app.clone(), service));
                self.unregistered.insert((app.clone(), service));
                if !self.registered.iter().any(|(other, _)| *other == app) {
                    let app = app.clone();
                    self.play(Event::Removed { app }).await?;
                }
                if self.is_welcome {
                    self.say(Up::Unregister { app, service });
                }
            }
            Order::App(event) => self.play(event).await?,
            Order::Status { app, answer } => {
                let _ = answer.send(self.device.status(&app, boot()));
            }
        }
        Ok(())
    }

    async fn play(&mut self, event: Event) -> Result<(), Ended> {
        let mut effects = Vec::new();
        let released = if let Event::Released { app } = &event {
            Some(app.clone())
        } else {
            None
        };
        self.device.handle(boot(), event, &mut effects);
        self.tell_duty(released).await?;
        for effect in effects {
            match effect {
                Effect::Hello { beat } => self.say(Up::Hello {
                    version: VERSION,
                    device: self.id,
                    secret: self.secret.clone(),
                    beat,
                }),
                Effect::Frame(frame) => self.say(frame),
                Effect::Relink => {
                    self.connection = None;
                    self.is_welcome = false;
                    let why = self.closed.take();
                    self.tell(Told::Unlinked { why }).await?;
                }
                Effect::Launch { app } => self.tell(Told::Launch { app }).await?,
                Effect::Hand(handed) => self.tell(Told::Hand(handed)).await?,
                Effect::Remember { id, until } => {
                    let (kept, done) = oneshot::channel();
                    self.tell(Told::Remember { id, until, kept }).await?;
                    // Dropped or slow: the push goes on, it may come again after a crash.
                    let _ = timeout(KEEP_MAX, done).await;
                }
                Effect::Record(record) => {
                    let struck = (record.what == What::Strike).then(|| record.app.clone());
                    self.tell(Told::Record(record)).await?;
                    self.tell_duty(struck).await?;
                }
            }
        }
        Ok(())
    }

    async fn tell_duty(&self, app: Option<String>) -> Result<(), Ended> {
        let Some(app) = app else {
            return Ok(());
        };
        match self.device.saved_duty(&app, boot()) {
            Some(saved) => self.tell(Told::Duty { app, saved }).await,
            None => Ok(()),
        }
    }

    /// Says so once, until a connection stands.
    async fn tell_unreachable(&mut self) -> Result<(), Ended> {
        tracing::debug!("the push gateway cannot be reached");
        if core::mem::replace(&mut self.is_unreachable, true) {
            return Ok(());
        }
        self.tell(Told::Unreachable).await
    }

    async fn unlink(&mut self) -> Result<(), Ended> {
        self.connection = None;
        self.is_welcome = false;
        self.play(Event::Unlinked).await?;
        let why = self.closed.take();
        self.tell(Told::Unlinked { why }).await
    }

    /// Says something; a gateway that does not read loses the link.
    fn say(&mut self, frame: Up) {
        let said = self.connection.as_ref().map(|live| live.up.try_send(frame));
        if said.is_some_and(|said| said.is_err())
            && let Some(connection) = self.connection.as_mut()
        {
            connection.down.close();
        }
    }

    async fn tell(&self, told: Told) -> Result<(), Ended> {
        self.told.send(told).await.map_err(|_| Ended)
    }

    fn next_look(&self) -> Instant {
        let due = self.device.next_deadline().map(|at| at.since(boot()));
        let wait = due.map_or(LOOK, |ms| Duration::from_millis(ms + 1));
        Instant::now() + wait.min(LOOK)
    }
}
