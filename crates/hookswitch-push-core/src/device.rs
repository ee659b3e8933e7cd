//! The device's end of the contract: what may still begin, for which app, and what it owes then.
//!
//! Input: the link, the frames of the gateway, the apps that come, complete and report, with the
//! boot clock of the device. Output: frames, launches, callbacks with a deadline, records for the
//! user. No wall clock is read here.
//!
//! # Promises
//!
//! - A callback is handed out with the last instant at which it may begin; whoever runs it asks
//!   [`crate::fresh::may_begin`] right before it (I1).
//! - An id is handed to one process of an app once, and never after its completion (I5).
//! - A push that is not stored is acknowledged as it arrives; a stored one when it was completed,
//!   so that it comes again after a crash.
//! - Everything that is held ends at its deadline; queues have the bounds of [`Limits`].
//!
//! # Not here
//!
//! How an app is started; what a call is. Ids that must outlive this process are told as
//! [`Effect::Remember`] and come back by [`Device::restore`].

mod app;
mod arrive;

use std::collections::{BTreeMap, VecDeque};

use crate::frame::{Down, Grant, Outcome, Up};
use crate::limits::Limits;
use crate::push::{Priority, PushId, Service};
use crate::time::Boot;

use app::Apps;
pub use app::Status;

/// What happens on a device.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Event {
    /// A new link is there; the greeting has to be sent.
    Linked,
    /// The link is gone.
    Unlinked,
    /// The gateway said something.
    Frame(Down),
    /// An app's push registry is up, in a new process or again.
    Ready {
        /// The app.
        app: String,
        /// How it takes call pushes.
        style: Style,
    },
    /// The app's process ended.
    Gone {
        /// The app.
        app: String,
    },
    /// The app's callback is done.
    Completed {
        /// The app.
        app: String,
        /// The push.
        id: PushId,
    },
    /// The process found the callback's deadline passed and did not begin it.
    TooLate {
        /// The app.
        app: String,
        /// The push.
        id: PushId,
    },
    /// The app reported a call, whatever became of it.
    Reported {
        /// The app.
        app: String,
    },
    /// The user opened the app, or unblocked it: launches are allowed again.
    Released {
        /// The app.
        app: String,
    },
    /// What the app is doing changed.
    Doing {
        /// The app.
        app: String,
        /// What it does.
        doing: Doing,
    },
    /// The app is not installed any more, or wants no pushes: nothing of it is handed out.
    Removed {
        /// The app.
        app: String,
    },
    /// The time of [`Device::next_deadline`] came.
    Tick,
}

/// What a device wants done.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Effect {
    /// Greet the gateway, with this number of a heartbeat.
    Hello {
        /// The number.
        beat: u32,
    },
    /// Say something to the gateway.
    Frame(Up),
    /// Give the link up and make a new one.
    Relink,
    /// Start an app; it says [`Event::Ready`] when it is up.
    Launch {
        /// The app.
        app: String,
    },
    /// Begin a callback in the app.
    Hand(Handed),
    /// Keep the id of a completed push until an instant, across a restart.
    Remember {
        /// The push.
        id: PushId,
        /// Until when it could come again.
        until: Boot,
    },
    /// A line of the history of an app.
    Record(Record),
}

/// A push as an app gets it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Handed {
    /// The app.
    pub app: String,
    /// The service.
    pub service: Service,
    /// The push.
    pub id: PushId,
    /// What it replaces on the screen.
    pub collapse: Option<String>,
    /// The payload.
    pub payload: Vec<u8>,
    /// The callback may begin before this instant of the boot clock only.
    pub deadline: Boot,
    /// What is known about it.
    pub about: About,
}

/// The metadata of a push.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct About {
    /// Whether the app must report a call for it.
    pub must_report: bool,
    /// Why it must not.
    pub reason: Reason,
    /// It is not older than this, in milliseconds.
    pub age_ms: u64,
    /// It lives at least so much longer, in milliseconds.
    pub expires_in_ms: u64,
    /// Whether it waited in the store of the gateway.
    pub stored: bool,
}

/// Why an app need not report a call.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Reason {
    /// It must.
    None,
    /// It was on a call as the push arrived.
    ActiveCall,
    /// It was in front as the push arrived.
    Foreground,
    /// The push is too old to ring.
    Stale,
    /// The push is not about a call.
    NoCall,
}

impl Reason {
    /// Its word for apps and logs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::ActiveCall => "active-call",
            Self::Foreground => "foreground",
            Self::Stale => "stale",
            Self::NoCall => "no-call",
        }
    }
}

/// How an app takes call pushes.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Style {
    /// With metadata: it is told whether it must report.
    #[default]
    Metadata,
    /// The old way: it must always report, so it gets nothing that is too old to ring.
    AlwaysReport,
}

impl Style {
    /// Its word: `metadata` or `always-report`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Metadata => "metadata",
            Self::AlwaysReport => "always-report",
        }
    }

    /// Reads its word.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let all = [Self::Metadata, Self::AlwaysReport];
        all.into_iter().find(|known| known.name() == name)
    }
}

/// What an app is doing.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Doing {
    /// It has a focused window of its own; picture in picture alone does not count.
    pub in_front: bool,
    /// It has a call.
    pub on_call: bool,
}

/// One line of the history of an app.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Record {
    /// The app.
    pub app: String,
    /// The push.
    pub id: PushId,
    /// When, by the boot clock.
    pub at: Boot,
    /// What became of it.
    pub what: What,
}

/// What became of a push on the device.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum What {
    /// It arrived and is fresh.
    Arrived,
    /// The app was started for it.
    Launched,
    /// The app got it.
    Handed,
    /// The app completed it.
    Completed,
    /// It expired before its callback began.
    Expired,
    /// It was here before.
    Duplicate,
    /// It was too old to ring, and the app cannot be told so.
    Stale,
    /// Launches of the app are stopped.
    Stopped,
    /// The app's process ended and the push is not repeated.
    Lost,
    /// The app is not registered on this device.
    NoApp,
    /// Too many pushes wait for apps.
    Crowded,
    /// The app did not report a call for it: a strike.
    Strike,
}

impl What {
    /// Its word for status pages and logs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Arrived => "arrived",
            Self::Launched => "launched",
            Self::Handed => "handed",
            Self::Completed => "completed",
            Self::Expired => "expired",
            Self::Duplicate => "duplicate",
            Self::Stale => "stale",
            Self::Stopped => "stopped",
            Self::Lost => "lost",
            Self::NoApp => "no-app",
            Self::Crowded => "crowded",
            Self::Strike => "strike",
        }
    }
}

/// The state of one device.
#[derive(Clone, Debug)]
pub struct Device {
    limits: Limits,
    link: Option<Link>,
    next_beat: u32,
    claims: BTreeMap<PushId, Boot>,
    held: BTreeMap<(u64, PushId), Held>,
    arrivals: u64,
    seen: BTreeMap<PushId, Seen>,
    apps: Apps,
}

/// The live link and what was said on it.
#[derive(Clone, Debug)]
struct Link {
    heard: Boot,
    beat_ms: u64,
    silence_ms: u64,
    /// The last heartbeats and when they were sent.
    beats: VecDeque<(u32, Boot)>,
}

/// How many heartbeats can be referred to.
const BEATS: usize = 4;

/// A fresh push that its app has not completed.
#[derive(Clone, Debug)]
struct Held {
    grant: Grant,
    /// The instant before the grant that proves it.
    since: Boot,
    deadline: Boot,
    reason: Reason,
    handed: bool,
}

/// An id that was here.
#[derive(Clone, Copy, Debug)]
struct Seen {
    until: Boot,
    completed: bool,
}

impl Device {
    /// A device without apps and link.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            link: None,
            next_beat: 0,
            claims: BTreeMap::new(),
            held: BTreeMap::new(),
            arrivals: 0,
            seen: BTreeMap::new(),
            apps: Apps::default(),
        }
    }

    /// Puts back the ids that were to be remembered.
    pub fn restore(&mut self, ids: impl IntoIterator<Item = (PushId, Boot)>) {
        let completed = true;
        for (id, until) in ids {
            self.seen.insert(id, Seen { until, completed });
        }
    }

    /// Puts an app's duty back, see [`crate::duty::Duty::restore`].
    pub fn restore_app(&mut self, name: &str, restore: impl FnOnce(&mut crate::duty::Duty)) {
        restore(&mut self.apps.entry(name).duty);
    }

    /// Makes an app known that is not running: it may be launched.
    pub fn install(&mut self, name: &str) {
        self.apps.entry(name);
    }

    /// Takes one event; the clock must be read after it was received.
    pub fn handle(&mut self, now: Boot, event: Event, effects: &mut Vec<Effect>) {
        self.look(now, effects);
        match event {
            Event::Linked => self.linked(now, effects),
            Event::Unlinked => {
                self.link = None;
                self.claims.clear();
            }
            Event::Frame(frame) => self.frame(now, frame, effects),
            Event::Ready { app, style } => self.ready(&app, style, now, effects),
            Event::Gone { app } => self.gone(&app, now, effects),
            Event::Completed { app, id } => self.completed(&app, id, now, effects),
            Event::TooLate { app, id } => self.too_late(&app, id, now, effects),
            Event::Reported { app } => self.apps.entry(&app).duty.reported(),
            Event::Released { app } => {
                self.apps.entry(&app).duty.release();
                self.wake(&app, now, effects);
            }
            Event::Doing { app, doing } => self.apps.entry(&app).doing = doing,
            Event::Removed { app } => self.removed(&app, now, effects),
            Event::Tick => {}
        }
    }

    /// When [`Event::Tick`] is wanted at the latest.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Boot> {
        let link = self.link.as_ref().and_then(|link| {
            let silent = link.heard.plus(link.silence_ms);
            let beat = link.beats.back().map(|(_, at)| at.plus(link.beat_ms));
            Some(beat?.min(silent))
        });
        let held = self.held.values().map(|held| held.deadline);
        held.chain(link).chain(self.apps.next_deadline()).min()
    }

    /// An app's strikes as they are kept across a restart, see [`crate::duty::Duty::saved`].
    #[must_use]
    pub fn saved_duty(&self, name: &str, now: Boot) -> Option<(Vec<u64>, Option<u64>)> {
        self.apps.get(name).map(|app| app.duty.saved(now))
    }

    /// What is to be told about one app.
    #[must_use]
    pub fn status(&self, name: &str, now: Boot) -> Option<Status> {
        self.apps.get(name).map(|app| app.status(now, &self.limits))
    }

    /// The names of all apps that are known here.
    pub fn apps(&self) -> impl Iterator<Item = &str> {
        self.apps.names()
    }

    fn linked(&mut self, now: Boot, effects: &mut Vec<Effect>) {
        self.claims.clear();
        let mut link = Link {
            heard: now,
            beat_ms: self.limits.beat_ms,
            silence_ms: self.limits.silence_ms,
            beats: VecDeque::new(),
        };
        let beat = link.beat(&mut self.next_beat, now);
        self.link = Some(link);
        effects.push(Effect::Hello { beat });
    }

    fn frame(&mut self, now: Boot, frame: Down, effects: &mut Vec<Effect>) {
        let Some(link) = self.link.as_mut() else {
            return;
        };
        link.heard = now;
        match frame {
            Down::Welcome {
                beat_ms,
                silence_ms,
                ..
            } => {
                link.beat_ms = u64::from(beat_ms).max(1);
                link.silence_ms = u64::from(silence_ms).max(1);
            }
            Down::Beat { .. } | Down::Token { .. } => {}
            Down::Offer { id, .. } => self.offered(id, now, effects),
            Down::Grant(grant) => self.granted(grant, now, effects),
            Down::Gone { id } => {
                self.claims.remove(&id);
            }
            Down::Close { .. } => self.relink(effects),
        }
    }

    fn relink(&mut self, effects: &mut Vec<Effect>) {
        self.link = None;
        self.claims.clear();
        effects.push(Effect::Relink);
    }

    /// Ends what is over and speaks when it is time to.
    fn look(&mut self, now: Boot, effects: &mut Vec<Effect>) {
        self.drop_expired(now, effects);
        let limits = self.limits;
        for (app, id) in self.apps.overdue(now, &limits) {
            self.record(&app, id, What::Strike, now, effects);
        }
        for app in self.apps.failed_starts(now) {
            self.wake(&app, now, effects);
        }
        let Some(link) = self.link.as_mut() else {
            return;
        };
        if now >= link.heard.plus(link.silence_ms) {
            return self.relink(effects);
        }
        let last = link.beats.back().map(|(_, at)| *at);
        if last.is_none_or(|at| now >= at.plus(link.beat_ms)) {
            let beat = link.beat(&mut self.next_beat, now);
            effects.push(Effect::Frame(Up::Beat { beat }));
        }
    }

    fn record(&mut self, app: &str, id: PushId, what: What, at: Boot, effects: &mut Vec<Effect>) {
        let app = app.to_owned();
        let record = Record { app, id, at, what };
        self.apps.record(&record, self.limits.records);
        effects.push(Effect::Record(record));
    }

    fn acknowledge(id: PushId, outcome: Outcome, effects: &mut Vec<Effect>) {
        effects.push(Effect::Frame(Up::Ack { id, outcome }));
    }
}

impl Link {
    /// Notes a heartbeat that is about to be sent.
    fn beat(&mut self, next: &mut u32, now: Boot) -> u32 {
        *next = next.wrapping_add(1);
        if self.beats.len() == BEATS {
            self.beats.pop_front();
        }
        self.beats.push_back((*next, now));
        *next
    }
}

impl Held {
    /// Low priority never wakes an app.
    fn may_launch(&self) -> bool {
        self.grant.push.priority != Priority::Low
    }
}
