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
use crate::endpoint::Board;
use crate::engine::{Command, Reply, ServerAddress};
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
/// One step of the null clock.
const STEP: Duration = Duration::from_millis(10);
/// Most time the null clock catches up on at once, for example after a suspend.
const CATCH_UP_MAX: Duration = Duration::from_millis(500);
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

struct Worker {
    address: ServerAddress,
    server: Server,
    slots: BTreeMap<u64, Slot>,
    boards: Vec<(Weak<Board>, Option<Reply>)>,
    defaults: Vec<(String, Reply)>,
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
            defaults: Vec::new(),
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
                let clock = NullClock::new(spec.rate_hz, spec.backend);
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
            Command::SetDefault { id, reply } => self.defaults.push((id, reply)),
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
                (News::Default(name), Server::Here { link, .. }) => link.default_changed(name),
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
        streams || !self.boards.is_empty() || !self.defaults.is_empty()
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
        let (sinks, missing) = match &self.server {
            Server::Away { reason: None, .. } => return self.answer_null(),
            Server::Away {
                reason: Some(reason),
                ..
            } => (Vec::new(), Some(reason.clone())),
            Server::Here { settled, .. } if *settled < SETTLED => return self.answer_null(),
            Server::Here { link, .. } => (link.sinks(), None),
        };
        for (board, reply) in &mut self.boards {
            if let Some(board) = board.upgrade() {
                board.publish(&sinks, missing.as_ref());
            }
            send(reply.take(), Ok(()));
        }
        for (id, reply) in std::mem::take(&mut self.defaults) {
            let result = missing
                .clone()
                .map_or_else(|| self.set_default(&id, &sinks), Err);
            send(Some(reply), result);
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

    fn set_default(&self, id: &str, sinks: &[crate::Endpoint]) -> Result<(), AudioError> {
        let Server::Here { link, .. } = &self.server else {
            return Err(AudioError::Closed);
        };
        if !sinks.iter().any(|sink| sink.id == id) {
            return Err(AudioError::UnknownEndpoint(id.to_owned()));
        }
        if !link.keeps_default() {
            return Err(AudioError::NoSessionManager);
        }
        link.set_default(id);
        Ok(())
    }

    /// How long nothing is due.
    fn rest(&self) -> Duration {
        let now = Instant::now();
        let server = match &self.server {
            Server::Away { retry, .. } => self.wants_server().then_some(*retry),
            Server::Here {
                settled, deadline, ..
            } => (*settled < SETTLED).then_some(*deadline),
        };
        let slots = self.slots.values().flat_map(Slot::due);
        let next = slots.chain(server).min().unwrap_or(now + REST_MAX);
        next.saturating_duration_since(now).min(REST_MAX)
    }
}

impl Slot {
    /// Whether the stream is to go: its owner is gone, or it was closed and has faded out.
    fn is_over(&self, now: Instant) -> bool {
        let Some(by) = self.close_by else {
            return self.device.is_orphaned();
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

/// Moves samples at the real rate while no device does.
struct NullClock {
    rate_hz: u32,
    start: Option<Instant>,
    moved: u64,
    scratch: Vec<i16>,
}

impl NullClock {
    fn new(rate_hz: u32, backend: Backend) -> Self {
        // A server that is there answers within the grace, and then the device takes over.
        let grace = if backend == Backend::Null {
            Duration::ZERO
        } else {
            LINK_GRACE
        };
        let mut clock = Self {
            rate_hz,
            start: None,
            moved: 0,
            scratch: Vec::new(),
        };
        clock.start_at(Instant::now() + grace);
        clock
    }

    fn start_at(&mut self, start: Instant) {
        self.start = Some(start);
        self.moved = 0;
    }

    fn stop(&mut self) {
        self.start = None;
    }

    fn due(&self) -> Option<Instant> {
        let passed = Duration::from_secs_f64(self.moved as f64 / f64::from(self.rate_hz));
        self.start.map(|start| start + passed + STEP)
    }

    fn run(&mut self, now: Instant, port: &mut Port) {
        let Some(start) = self.start else { return };
        let elapsed = now.saturating_duration_since(start);
        let target = elapsed.as_millis() as u64 * u64::from(self.rate_hz) / 1000;
        let most = CATCH_UP_MAX.as_millis() as u64 * u64::from(self.rate_hz) / 1000;
        self.moved = self.moved.max(target.saturating_sub(most));
        let step = u64::from(self.rate_hz) * STEP.as_millis() as u64 / 1000;
        while self.moved + step <= target {
            self.scratch.clear();
            self.scratch.resize(usize::try_from(step).unwrap_or(0), 0);
            match port {
                Port::Play(feed) => feed.fill(&mut self.scratch),
                Port::Capture(drain) => drain.take(&self.scratch),
            }
            self.moved += step;
        }
    }
}

fn send(reply: Option<Reply>, result: Result<(), AudioError>) {
    if let Some(reply) = reply {
        // The caller has given up if nobody listens; it was told so by its own deadline.
        let _ = reply.try_send(result);
    }
}
