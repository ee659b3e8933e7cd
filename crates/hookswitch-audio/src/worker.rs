//! The audio thread: streams, the server connection, and the null clock that stands in.
//!
//! Input: commands from the queue and news from the server.
//! Output: samples moved, replies sent, boards kept up to date.
//!
//! # Promises
//!
//! - **W1** every wait has a deadline; an idle thread sleeps until it is woken.
//! - **W2** a stream moves on at its real rate whatever the server does: by the device while it
//!   flows, else by the null clock (after [`LINK_GRACE`] while a link is being made).
//! - **W3** a lost or missing server is tried again every [`RETRY`], but only while somebody has
//!   a stream or a watch that wants it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Weak;
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError};
use std::time::{Duration, Instant};

use pipewire::channel as wake;
use pipewire::main_loop::MainLoopRc;
use pipewire::spa::support::system::IoFlags;

use crate::alarm::Alarm;
use crate::clock::{NullClock, STEP};
use crate::endpoint::{Board, Endpoint};
use crate::engine::{Command, Done, Reply, ServerAddress};
use crate::error::AudioError;
use crate::port::{Backend, Device, DeviceCell, Port, StreamSpec};
use crate::server::{Link, News, NewsQueue};
use crate::stream::DeviceStream;

/// How long a server may take to answer a new connection.
pub const CONNECT_MAX: Duration = Duration::from_secs(2);
/// How long a missing or lost server is left alone.
pub const RETRY: Duration = Duration::from_millis(500);
/// How long a stream may wait for its link before the null clock stands in.
pub const LINK_GRACE: Duration = Duration::from_secs(1);
/// When it is told again.
const WISH_REPEAT: Duration = Duration::from_millis(300);
/// Longest rest when nothing is due.
const REST_MAX: Duration = Duration::from_secs(5);

/// Runs until the queue is closed.
pub(crate) fn run(address: ServerAddress, queue: Receiver<Command>, woken: wake::Receiver<()>) {
    let alarm = match Alarm::new() {
        Ok(alarm) => alarm,
        Err(error) => return tracing::error!(%error, "no timer for the audio thread"),
    };
    let mut worker = Worker::new(address, NewsQueue::new(alarm.clone()));
    let main_loop = loop {
        match queue.recv_timeout(worker.rest()) {
            Ok(command) => worker.apply(command),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        worker.tick(None);
        if let Some(main_loop) = worker.make_loop() {
            break main_loop;
        }
    };
    run_loop(&main_loop, &alarm, queue, woken, worker);
}

/// Lets PipeWire's loop run. Everything happens in turns inside it: PipeWire hands samples to
/// the thread that runs its loop, and to any thread while nobody does.
fn run_loop(
    main_loop: &MainLoopRc,
    alarm: &Alarm,
    queue: Receiver<Command>,
    woken: wake::Receiver<()>,
    worker: Worker,
) {
    let bell = alarm.clone();
    let _attached = woken.attach(main_loop.loop_(), move |()| bell.ring_in(Duration::ZERO));
    let (handle, worker) = (main_loop.clone(), RefCell::new(worker));
    let turn = move |alarm: &mut Alarm| {
        alarm.heard();
        let mut worker = worker.borrow_mut();
        match drain(&queue, &mut worker) {
            Queue::Open => {
                worker.tick(Some(&handle));
                alarm.ring_in(worker.rest());
            }
            Queue::Closed => {
                worker.shut();
                handle.quit();
            }
        }
    };
    let _turns = main_loop.loop_().add_io(alarm.clone(), IoFlags::IN, turn);
    alarm.ring_in(Duration::ZERO);
    main_loop.run();
}

enum Queue {
    Open,
    Closed,
}

fn drain(queue: &Receiver<Command>, worker: &mut Worker) -> Queue {
    loop {
        match queue.try_recv() {
            Ok(command) => worker.apply(command),
            Err(TryRecvError::Empty) => return Queue::Open,
            Err(TryRecvError::Disconnected) => return Queue::Closed,
        }
    }
}

/// Where we stand with the server.
enum Server {
    /// Not tried, or to be tried again at a time; with what the last try said.
    Away {
        retry: Instant,
        reason: Option<AudioError>,
    },
    /// Connected; `settled` counts the round trips that came back.
    Here {
        link: Box<Link>,
        settled: u8,
        deadline: Instant,
    },
}

/// Round trips until everything the server had is known: its objects, then its metadata.
const SETTLED: u8 = 2;

/// One stream.
struct Slot {
    spec: StreamSpec,
    stream: Option<DeviceStream>,
    port: Rc<RefCell<Port>>,
    device: DeviceCell,
    clock: NullClock,
    close_by: Option<Instant>,
    reply: Option<Reply>,
}

/// The default endpoint that is under way.
struct Wish {
    id: String,
    done: Done,
    /// The session manager was told of another one, and must hear of this one in any case.
    overrides: bool,
    repeat_at: Instant,
    within: Duration,
    deadline: Instant,
}

impl Wish {
    fn new(id: String, within: Duration, since: Instant, done: Done) -> Self {
        Self {
            id,
            done,
            overrides: false,
            repeat_at: since,
            within,
            deadline: since + within,
        }
    }
}

/// Where a wish stands.
enum Verdict {
    Done(Result<(), AudioError>),
    Wait,
}

impl Verdict {
    fn refused(error: AudioError) -> Self {
        Self::Done(Err(error))
    }
}

struct Worker {
    address: ServerAddress,
    server: Server,
    slots: BTreeMap<u64, Slot>,
    boards: Vec<(Weak<Board>, Option<Reply>)>,
    wish: Option<Wish>,
    news: NewsQueue,
}

impl Worker {
    fn new(address: ServerAddress, news: NewsQueue) -> Self {
        Self {
            address,
            server: Server::Away {
                retry: Instant::now(),
                reason: None,
            },
            slots: BTreeMap::new(),
            boards: Vec::new(),
            wish: None,
            news,
        }
    }

    /// Ends everything while the loop still runs.
    fn shut(&mut self) {
        self.slots.clear();
        self.server = Server::Away {
            retry: Instant::now(),
            reason: None,
        };
    }

    fn apply(&mut self, command: Command) {
        match command {
            Command::Open {
                id,
                spec,
                port,
                device,
                reply,
            } => {
                let clock = {
                    // A server that is there answers within the grace, and then the device
                    // takes over.
                    let null = spec.backend == Backend::Null;
                    let grace = if null { Duration::ZERO } else { LINK_GRACE };
                    NullClock::new(spec.rate_hz, Instant::now() + grace)
                };
                let port = Rc::new(RefCell::new(port));
                let slot = Slot {
                    spec,
                    stream: None,
                    port,
                    device,
                    clock,
                    close_by: None,
                    reply,
                };
                self.slots.insert(id, slot);
            }
            Command::Close { id, by } => {
                if let Some(slot) = self.slots.get_mut(&id) {
                    slot.close_by = Some(by);
                }
            }
            Command::Watch { board, reply } => self.boards.push((board, Some(reply))),
            Command::SetDefault {
                id,
                within,
                since,
                done,
            } => {
                let former = self.wish.take();
                let mut wish = Wish::new(id, within, since, done);
                wish.overrides = former.is_some();
                self.wish = Some(wish);
                if let Some(former) = former {
                    (former.done)(Err(AudioError::Superseded));
                }
            }
        }
    }

    /// Does everything that is due.
    fn tick(&mut self, main_loop: Option<&MainLoopRc>) {
        let now = Instant::now();
        self.take_news(now);
        self.boards.retain(|(board, _)| board.strong_count() > 0);
        self.slots.retain(|_, slot| !slot.is_over(now));
        if let Some(main_loop) = main_loop {
            self.keep_connected(main_loop, now);
        }
        self.attach_streams(now);
        for slot in self.slots.values_mut() {
            slot.run_null_clock(now, matches!(self.server, Server::Here { .. }));
        }
        self.answer();
        self.expire_wish(now);
    }

    /// An order is over in its time whatever the server does.
    fn expire_wish(&mut self, now: Instant) {
        if let Some(late) = self.wish.take_if(|wish| wish.deadline <= now) {
            (late.done)(Err(AudioError::ServerSilent(late.within)));
        }
    }

    fn take_news(&mut self, now: Instant) {
        loop {
            let Some(news) = self.news.pop() else {
                return;
            };
            match (news, &mut self.server) {
                (News::Lost(reason), _) => return self.lose(reason, now),
                (News::Flowing(id, flowing), _) => self.flow(id, flowing, now),
                (_, Server::Away { .. }) => {}
                (News::Settled, Server::Here { link, settled, .. }) => {
                    *settled = settled.saturating_add(1);
                    if *settled < SETTLED
                        && let Err(error) = link.settle()
                    {
                        return self.lose(error.to_string(), now);
                    }
                }
                (News::Appeared(object), Server::Here { link, .. }) => link.appeared(&object),
                (News::Gone(id), Server::Here { link, .. }) => link.gone(id),
                (News::Default(which, name), Server::Here { link, .. }) => {
                    link.default_changed(which, name);
                }
                (News::Described(id, traits), Server::Here { link, .. }) => {
                    link.described(id, traits);
                }
                (News::Muted(id, on), Server::Here { link, .. }) => link.muted(id, on),
            }
        }
    }

    fn flow(&mut self, id: u64, flowing: bool, now: Instant) {
        let Some(slot) = self.slots.get_mut(&id) else {
            return;
        };
        if flowing {
            slot.device.set(Device::PipeWire);
            slot.clock.stop();
        } else if slot.device.get() == Device::PipeWire {
            slot.device.set(Device::NoEndpoint);
            slot.clock.start_at(now + STEP);
        }
    }

    /// Drops the connection; streams go over to the null clock at once.
    fn lose(&mut self, reason: String, now: Instant) {
        tracing::warn!(%reason, "no audio server; trying again");
        for slot in self.slots.values_mut() {
            slot.stream = None;
            if slot.spec.backend != Backend::Null {
                slot.device.set(Device::NoServer);
                slot.clock.start_at(now);
            }
        }
        let reason = Some(AudioError::NoServer { reason });
        self.server = Server::Away {
            retry: now + RETRY,
            reason,
        };
        self.news.clear();
    }

    fn keep_connected(&mut self, main_loop: &MainLoopRc, now: Instant) {
        match &self.server {
            Server::Away { retry, .. } if *retry <= now && self.wants_server() => {
                match Link::connect(main_loop, &self.address, self.news.clone()) {
                    Ok(link) => {
                        let (link, deadline) = (Box::new(link), now + CONNECT_MAX);
                        self.server = Server::Here {
                            link,
                            settled: 0,
                            deadline,
                        };
                    }
                    Err(pipewire::Error::CreationFailed) => {
                        self.refuse("nothing answers at its socket".to_owned(), now);
                    }
                    Err(error) => self.refuse(error.to_string(), now),
                }
            }
            Server::Here {
                settled, deadline, ..
            } if *settled < SETTLED && *deadline <= now => {
                self.lose(format!("it did not answer within {CONNECT_MAX:?}"), now);
            }
            Server::Away { .. } | Server::Here { .. } => {}
        }
    }

    fn refuse(&mut self, reason: String, now: Instant) {
        let reason = AudioError::NoServer { reason };
        if let Server::Away { reason: None, .. } = &self.server {
            tracing::info!(%reason, "the null device stands in");
        }
        self.server = Server::Away {
            retry: now + RETRY,
            reason: Some(reason),
        };
    }

    /// Makes the PipeWire loop when somebody wants a server for the first time.
    fn make_loop(&mut self) -> Option<MainLoopRc> {
        let now = Instant::now();
        let Server::Away { retry, .. } = &self.server else {
            return None;
        };
        if *retry > now || !self.wants_server() {
            return None;
        }
        match MainLoopRc::new(None) {
            Ok(main_loop) => Some(main_loop),
            Err(error) => {
                self.refuse(format!("PipeWire's own library failed: {error}"), now);
                self.answer();
                None
            }
        }
    }

    fn wants_server(&self) -> bool {
        let streams = self
            .slots
            .values()
            .any(|slot| slot.spec.backend != Backend::Null);
        streams || !self.boards.is_empty() || self.wish.is_some()
    }

    fn attach_streams(&mut self, now: Instant) {
        let Server::Here {
            link,
            settled: SETTLED..,
            ..
        } = &self.server
        else {
            return;
        };
        for (id, slot) in &mut self.slots {
            if slot.stream.is_some() || slot.spec.backend == Backend::Null {
                continue;
            }
            let opened = DeviceStream::open(link.core(), *id, &slot.spec, &slot.port, &self.news);
            match opened {
                Ok(stream) => {
                    slot.stream = Some(stream);
                    slot.device.set(Device::NoEndpoint);
                    slot.clock.start_at(now + LINK_GRACE);
                }
                Err(error) => return self.lose(error.to_string(), now),
            }
        }
    }

    /// Sends what callers wait for, as soon as the server's state is known.
    fn answer(&mut self) {
        let (sinks, muted, missing) = match &self.server {
            Server::Away { reason: None, .. } => return self.answer_null(),
            Server::Away {
                reason: Some(reason),
                ..
            } => (Vec::new(), false, Some(reason.clone())),
            Server::Here { settled, .. } if *settled < SETTLED => return self.answer_null(),
            Server::Here { link, .. } => (link.sinks(), link.microphone_muted(), None),
        };
        for (board, reply) in &mut self.boards {
            if let Some(board) = board.upgrade() {
                board.publish(&sinks, muted, missing.as_ref());
            }
            send(reply.take(), Ok(()));
        }
        if let Some(mut wish) = self.wish.take() {
            let refusal = missing.clone().map(Verdict::refused);
            match refusal.unwrap_or_else(|| self.grant(&mut wish, &sinks)) {
                Verdict::Done(result) => (wish.done)(result),
                Verdict::Wait => self.wish = Some(wish),
            }
        }
        let mut refused = Vec::new();
        for (id, slot) in &mut self.slots {
            let result = match (&missing, slot.spec.backend) {
                (Some(reason), Backend::PipeWire) => Err(reason.clone()),
                (Some(_) | None, Backend::Auto | Backend::Null | Backend::PipeWire) => Ok(()),
            };
            if slot.reply.is_some() && result.is_err() {
                refused.push(*id);
            }
            send(slot.reply.take(), result);
        }
        refused.iter().for_each(|id| drop(self.slots.remove(id)));
    }

    /// Null streams need no server to be open.
    fn answer_null(&mut self) {
        for slot in self.slots.values_mut() {
            if slot.spec.backend == Backend::Null {
                send(slot.reply.take(), Ok(()));
            }
        }
    }

    /// Tells the session manager, and waits until it agrees. One that was busy with sinks of its
    /// own may miss a wish, so it is told again.
    fn grant(&self, wish: &mut Wish, sinks: &[Endpoint]) -> Verdict {
        let now = Instant::now();
        let Server::Here { link, .. } = &self.server else {
            return Verdict::refused(AudioError::Closed);
        };
        let Some(sink) = sinks.iter().find(|sink| sink.id == wish.id) else {
            return Verdict::refused(AudioError::UnknownEndpoint(wish.id.clone()));
        };
        if std::mem::take(&mut wish.overrides) {
            link.set_default(&wish.id);
        }
        if sink.is_default {
            return Verdict::Done(Ok(()));
        }
        if !link.keeps_default() {
            return Verdict::refused(AudioError::NoSessionManager);
        }
        if wish.repeat_at <= now {
            link.set_default(&wish.id);
            wish.repeat_at = now + WISH_REPEAT;
        }
        Verdict::Wait
    }

    /// How long nothing is due.
    fn rest(&self) -> Duration {
        if !self.news.is_empty() {
            return Duration::ZERO;
        }
        let now = Instant::now();
        let server = match &self.server {
            Server::Away { retry, .. } => self.wants_server().then_some(*retry),
            Server::Here {
                settled, deadline, ..
            } => (*settled < SETTLED).then_some(*deadline),
        };
        let slots = self.slots.values().flat_map(Slot::due);
        let settled = matches!(
            self.server,
            Server::Here {
                settled: SETTLED..,
                ..
            }
        );
        let wish = self.wish.as_ref().map(|wish| match settled {
            true => wish.repeat_at.min(wish.deadline),
            false => wish.deadline,
        });
        let next = slots
            .chain(server)
            .chain(wish)
            .min()
            .unwrap_or(now + REST_MAX);
        next.saturating_duration_since(now).min(REST_MAX)
    }
}

impl Slot {
    /// Whether the stream is to go: its owner is gone, it has ended by itself, or it was closed
    /// and has faded out.
    fn is_over(&self, now: Instant) -> bool {
        let Some(by) = self.close_by else {
            let ended = matches!(&*self.port.borrow(), Port::Play(feed) if feed.ended());
            return ended || self.device.is_orphaned();
        };
        let faded = match &*self.port.borrow() {
            Port::Play(feed) => feed.finished(),
            Port::Capture(_) => true,
        };
        faded || by <= now
    }

    fn run_null_clock(&mut self, now: Instant, server: bool) {
        if self.spec.backend != Backend::Null && self.stream.is_none() && !server {
            self.device.set(Device::NoServer);
        }
        self.clock.run(now, &mut self.port.borrow_mut());
    }

    fn due(&self) -> impl Iterator<Item = Instant> {
        let closing = self.close_by.map(|by| by.min(Instant::now() + STEP / 2));
        self.clock.due().into_iter().chain(closing)
    }
}

fn send(reply: Option<Reply>, result: Result<(), AudioError>) {
    if let Some(reply) = reply {
        // The caller has given up if nobody listens; it was told so by its own deadline.
        let _ = reply.try_send(result);
    }
}
