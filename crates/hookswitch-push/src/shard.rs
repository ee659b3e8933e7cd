//! The tasks that own the pure gateways: each has some of the devices, by value.
//!
//! A shard takes events from its inbox, reads both clocks, asks the core and carries out what it
//! says. It never waits for an engine, a device or a sender.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use hookswitch_push_core::frame::{Close, Down};
use hookswitch_push_core::gateway::{Decision, Effect, Event, Gateway, LinkId};
use hookswitch_push_core::limits::Limits;
use hookswitch_push_core::push::{Address, DeviceId, Push, PushId};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, sleep_until};

use crate::delivery::DeliveryLog;
use crate::engine::{Engine, Failed, Order};
use crate::metrics::Metrics;
use crate::{bounds, clock};

/// What comes to a shard.
pub enum Inbox {
    /// A sender's push.
    Send {
        /// Where to.
        address: Address,
        /// The push.
        push: Push,
        /// The header.
        expiration: Option<u64>,
        /// Where the decision goes.
        answer: oneshot::Sender<Decision>,
    },
    /// A device that proved who it is.
    Link {
        /// Its connection.
        link: LinkId,
        /// The device.
        device: DeviceId,
        /// The number of the heartbeat in its greeting.
        beat: u32,
        /// Where its frames go.
        frames: mpsc::Sender<Down>,
    },
    /// Anything else.
    Core(Event),
}

/// What every shard uses.
#[derive(Clone)]
pub struct Shared {
    /// The numbers in force.
    pub limits: Limits,
    /// The store.
    pub engine: Arc<dyn Engine>,
    /// The counters.
    pub metrics: Arc<Metrics>,
    /// The delivery log, in the development environment.
    pub delivery: Option<Arc<DeliveryLog>>,
}

/// The way to all shards.
pub struct Shards {
    inboxes: Vec<mpsc::Sender<Inbox>>,
    links: AtomicU64,
}

impl Shards {
    /// Starts so many shards.
    pub fn start(count: usize, shared: &Shared, stop: &watch::Receiver<bool>) -> Self {
        let epochs = Arc::new(AtomicU64::new(clock::utc().0));
        let start = |_| {
            let (inbox, events) = mpsc::channel(bounds::INBOX);
            let shard = Shard {
                gateway: Gateway::new(shared.limits),
                shared: shared.clone(),
                epochs: Arc::clone(&epochs),
                inbox: inbox.downgrade(),
                answers: HashMap::new(),
                frames: HashMap::new(),
                effects: Vec::new(),
            };
            tokio::spawn(shard.run(events, stop.clone()));
            inbox
        };
        Self {
            inboxes: (0..count.max(1)).map(start).collect(),
            links: AtomicU64::new(0),
        }
    }

    /// The inbox of the shard that has this device.
    pub fn of(&self, device: DeviceId) -> &mpsc::Sender<Inbox> {
        let (head, _) = device.0.split_at(8);
        let sum = head
            .iter()
            .fold(0_usize, |sum, byte| sum * 31 + usize::from(*byte));
        &self.inboxes[sum % self.inboxes.len()]
    }

    /// A number for a new connection.
    pub fn next_link(&self) -> LinkId {
        LinkId(self.links.fetch_add(1, Ordering::Relaxed) + 1)
    }
}

struct Shard {
    gateway: Gateway,
    shared: Shared,
    epochs: Arc<AtomicU64>,
    inbox: mpsc::WeakSender<Inbox>,
    answers: HashMap<(DeviceId, PushId), Vec<oneshot::Sender<Decision>>>,
    frames: HashMap<LinkId, mpsc::Sender<Down>>,
    effects: Vec<Effect>,
}

/// The longest sleep: a suspend of the machine stops timers, not the boot clock.
const LOOK: Duration = Duration::from_secs(5);

impl Shard {
    async fn run(mut self, mut events: mpsc::Receiver<Inbox>, mut stop: watch::Receiver<bool>) {
        let mut batch = Vec::new();
        loop {
            let due = self.gateway.next_deadline();
            let due = due.map(|at| Duration::from_millis(at.since(clock::stamp().boot)));
            let look = Instant::now() + due.unwrap_or(LOOK).min(LOOK);
            tokio::select! {
                count = events.recv_many(&mut batch, 64) => {
                    if count == 0 {
                        return;
                    }
                    for event in batch.drain(..) {
                        self.take(event);
                    }
                }
                () = sleep_until(look) => self.play(Event::Tick),
                _ = stop.changed() => break,
            }
        }
        for frames in self.frames.values() {
            let _ = frames.try_send(Down::Close {
                why: Close::Stopping,
            });
        }
        self.frames.clear();
        while let Some(event) = events.recv().await {
            if let Inbox::Core(_) | Inbox::Send { .. } = &event {
                self.take(event); // Requests that were under way still get their decision.
            }
        }
    }

    fn take(&mut self, event: Inbox) {
        match event {
            Inbox::Send {
                address,
                push,
                expiration,
                answer,
            } => {
                let key = (address.device, push.id);
                self.answers.entry(key).or_default().push(answer);
                self.play(Event::Send {
                    address,
                    push,
                    expiration,
                });
            }
            Inbox::Link {
                link,
                device,
                beat,
                frames,
            } => {
                self.frames.insert(link, frames);
                let epoch = self.epochs.fetch_add(1, Ordering::Relaxed) + 1;
                self.play(Event::Linked {
                    link,
                    device,
                    epoch,
                    beat,
                });
            }
            Inbox::Core(event) => {
                if let Event::Unlinked { link } = &event {
                    self.frames.remove(link);
                }
                self.play(event);
            }
        }
    }

    fn play(&mut self, event: Event) {
        let mut effects = std::mem::take(&mut self.effects);
        self.gateway.handle(clock::stamp(), event, &mut effects);
        self.shared.metrics.clock(self.gateway.is_clock_disputed());
        for effect in effects.drain(..) {
            self.carry_out(effect);
        }
        self.effects = effects;
    }

    fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::Decided {
                device,
                id,
                decision,
            } => {
                for answer in self.answers.remove(&(device, id)).unwrap_or_default() {
                    let _ = answer.send(decision);
                }
            }
            Effect::Frame { link, frame } => {
                if let Some(frames) = self.frames.get(&link)
                    && frames.try_send(frame).is_err()
                {
                    self.frames.remove(&link); // A slow reader: its connection ends.
                }
            }
            Effect::Close { link, why } => {
                if let Some(frames) = self.frames.remove(&link) {
                    let _ = frames.try_send(Down::Close { why });
                }
            }
            Effect::Log { id, stage } => {
                self.shared.metrics.reached(stage);
                if let Some(log) = &self.shared.delivery {
                    log.reached(id, clock::utc(), stage);
                }
            }
            Effect::Keep(kept) => self.keep(kept),
            Effect::Forget { address, id } => {
                // What stays by a failure expires, and the device knows its id.
                let _ = self.shared.engine.order(Order::Forget { address, id });
            }
            Effect::Fetch { device, epoch } => self.fetch(device, epoch),
            // One gateway has all devices: there is nobody to tell.
            Effect::Renew { .. }
            | Effect::Wake { .. }
            | Effect::Relay { .. }
            | Effect::Answer { .. } => {}
        }
    }

    fn keep(&mut self, kept: hookswitch_push_core::gateway::Kept) {
        let (device, id) = (kept.address.device, kept.push.id);
        let inbox = self.inbox.clone();
        let done = Box::new(move |sequence: Result<u64, Failed>| {
            let sequence = sequence.ok();
            let event = Event::Stored {
                device,
                id,
                sequence,
            };
            tell(&inbox, event);
        });
        let kept = Box::new(kept);
        if self
            .shared
            .engine
            .order(Order::Keep { kept, done })
            .is_err()
        {
            let sequence = None;
            self.play_later(Event::Stored {
                device,
                id,
                sequence,
            });
        }
    }

    fn fetch(&mut self, device: DeviceId, epoch: u64) {
        let inbox = self.inbox.clone();
        let done = Box::new(move |kept: Result<Vec<_>, Failed>| {
            let kept = kept.unwrap_or_default();
            let event = Event::Fetched {
                device,
                epoch,
                kept,
            };
            tell(&inbox, event);
        });
        let fetch = Order::Fetch { device, done };
        if self.shared.engine.order(fetch).is_err() {
            tracing::warn!("the store has too much to do; a device misses what is stored for it");
        }
    }

    /// An event that follows from an effect; dropped when the inbox is full, its deadline holds.
    fn play_later(&self, event: Event) {
        if let Some(inbox) = self.inbox.upgrade() {
            let _ = inbox.try_send(Inbox::Core(event));
        }
    }
}

/// Called on the thread of the engine, which may wait for a busy shard.
fn tell(inbox: &mpsc::WeakSender<Inbox>, event: Event) {
    if let Some(inbox) = inbox.upgrade() {
        let _ = inbox.blocking_send(Inbox::Core(event));
    }
}
