//! A desk for core tests: apps by number, calls by number, effects as short words.

use hookswitch_core::{
    Accepted, Action, AskKind, Core, Effect, Event, Outcome, Report, Request, Requester, RingTone,
};
use hookswitch_model::{
    AnswerMode, AppId, AskId, CallId, CallKey, CallUpdate, ClientId, Configuration, Cursor,
    EndReason, Handle, HandleKind, HandleKinds, Limit, Limits, Phase, RecentsEntry, Rejection,
    RequestId, Stamp, Text, Timestamp, Wall,
};

/// One core, a clock that only moves when told, and what came out last.
pub struct World {
    /// The core under test.
    pub core: Core,
    now_ms: u64,
    requests: u64,
    /// Whether apps acknowledge at once what they are told.
    pub acks: bool,
    asks: Vec<(AskId, ClientId, CallId, AskKind)>,
    /// Calls that ended, as they are kept.
    pub recorded: Vec<RecentsEntry>,
}

impl World {
    /// Two registered apps, 1 and 2, with the given limits.
    pub fn new(limits: Limits) -> Self {
        let mut world = Self {
            core: Core::new(limits),
            now_ms: 0,
            requests: 0,
            acks: true,
            asks: Vec::new(),
            recorded: Vec::new(),
        };
        for app in [1, 2] {
            world.register(app, app);
        }
        world
    }

    /// The same with one limit of its own.
    pub fn limited(limit: Limit, value: u64) -> Self {
        let mut limits = Limits::default();
        limits.set(limit, value);
        Self::new(limits)
    }

    /// Registers app `app` on connection `client`.
    pub fn register(&mut self, app: u64, client: u64) -> Vec<String> {
        let mut configuration = Configuration::new(Text::new("Acme").expect("text"));
        configuration.handle_kinds = HandleKinds {
            generic: true,
            phone_number: true,
            email_address: true,
        };
        self.report(
            client,
            Report::Register {
                app: AppId::new(&format!("org.example.App{app}")).expect("app id"),
                configuration,
            },
        )
    }

    /// The daemon dies and comes back: what was kept is restored, connections and asks are gone.
    pub fn restart(&mut self) {
        let saved = self.core.saved();
        let limits = self.core.limits().clone();
        self.core = Core::restore(limits, self.stamp(), saved);
        self.asks.clear();
    }

    /// Both apps come back under new connections and adopt what is theirs.
    pub fn come_back(&mut self, first_client: u64) {
        for (app, client) in [(1, first_client), (2, first_client + 1)] {
            self.register(app, client);
            let name = format!("org.example.App{app}");
            let calls: Vec<CallId> = self
                .core
                .snapshot()
                .calls
                .into_iter()
                .filter(|call| call.app.as_str() == name)
                .map(|call| call.id)
                .collect();
            for call in calls {
                self.report(client, Report::Adopt { call });
            }
        }
    }

    /// Fulfills asks until none is open.
    pub fn fulfill_all(&mut self) {
        while !self.asks.is_empty() {
            self.settle_at(0, Outcome::Fulfilled { at: None });
        }
    }

    /// The live calls and their phases, in one word each.
    pub fn calls(&self) -> Vec<(u128, String)> {
        let calls = self.core.snapshot().calls;
        calls
            .iter()
            .map(|call| (call.id.0, self.phase(call.id.0)))
            .collect()
    }

    /// Moves time forward.
    pub fn wait(&mut self, ms: u64) -> Vec<String> {
        self.now_ms += ms;
        self.feed(Event::Tick)
    }

    /// App `app` reports incoming call `call`.
    pub fn incoming(&mut self, app: u64, call: u128) -> Vec<String> {
        self.incoming_with(app, call, CallUpdate::default())
    }

    /// The same with data.
    pub fn incoming_with(&mut self, app: u64, call: u128, update: CallUpdate) -> Vec<String> {
        let key = CallKey::new(&call.to_string()).expect("key");
        let call = CallId(call);
        self.report(app, Report::Incoming { call, key, update })
    }

    /// App `app` reports something.
    pub fn report(&mut self, client: u64, report: Report) -> Vec<String> {
        self.requests += 1;
        self.feed(Event::Report {
            client: ClientId(client),
            request: RequestId(self.requests),
            report,
        })
    }

    /// The other side ends a call of app `app`.
    pub fn remote_ends(&mut self, app: u64, call: u128) -> Vec<String> {
        self.report(
            app,
            Report::Ended {
                call: CallId(call),
                reason: EndReason::RemoteHangup,
                at: None,
            },
        )
    }

    /// The user wishes something.
    pub fn user(&mut self, wish: Request) -> Vec<String> {
        self.requests += 1;
        self.feed(Event::Request {
            from: Requester::User,
            request: RequestId(self.requests),
            wish,
        })
    }

    /// An app wishes something for its own calls.
    pub fn app(&mut self, app: u64, actions: Vec<Action>) -> Vec<String> {
        self.requests += 1;
        self.feed(Event::Request {
            from: Requester::App(ClientId(app)),
            request: RequestId(self.requests),
            wish: Request::Transaction(actions),
        })
    }

    /// The user answers.
    pub fn answer(&mut self, call: u128, mode: AnswerMode) -> Vec<String> {
        let call = CallId(call);
        self.user(Request::Answer { call, mode })
    }

    /// The app fulfills its oldest open ask for a call.
    pub fn fulfill(&mut self, call: u128) -> Vec<String> {
        self.settle(call, Outcome::Fulfilled { at: None })
    }

    /// The app settles its oldest open ask for a call.
    pub fn settle(&mut self, call: u128, outcome: Outcome) -> Vec<String> {
        let index = self.asks.iter().position(|ask| ask.2 == CallId(call));
        self.settle_at(index.expect("an ask is open"), outcome)
    }

    /// The app settles its newest open ask for a call.
    pub fn settle_newest(&mut self, call: u128, outcome: Outcome) -> Vec<String> {
        let index = self.asks.iter().rposition(|ask| ask.2 == CallId(call));
        self.settle_at(index.expect("an ask is open"), outcome)
    }

    fn settle_at(&mut self, index: usize, outcome: Outcome) -> Vec<String> {
        let (ask, client, ..) = self.asks.remove(index);
        self.feed(Event::Settled {
            client,
            ask,
            outcome,
        })
    }

    /// The ask that was sent last, and to whom.
    pub fn newest_ask(&self) -> (AskId, ClientId) {
        let (ask, client, ..) = self.asks.last().expect("an ask is open");
        (*ask, *client)
    }

    /// Fulfills an ask by its id.
    pub fn settle_ask(&mut self, (ask, client): (AskId, ClientId)) -> Vec<String> {
        let outcome = Outcome::Fulfilled { at: None };
        self.feed(Event::Settled {
            client,
            ask,
            outcome,
        })
    }

    /// A call of app `app` that is active.
    pub fn active(&mut self, app: u64, call: u128) {
        self.incoming(app, call);
        self.answer(call, AnswerMode::Auto);
        self.fulfill(call);
    }

    /// A further call that is active; what talked is on hold for it.
    pub fn active_too(&mut self, app: u64, call: u128) {
        self.incoming(app, call);
        self.answer(call, AnswerMode::HoldAndAnswer);
        self.fulfill_all();
    }

    /// Two calls of app 1 in one group, `first` and `second`, active.
    pub fn merged(&mut self, first: u128, second: u128) {
        self.active(1, first);
        self.active_too(1, second);
        self.user(Request::Merge(CallId(second), CallId(first)));
        self.fulfill_all();
    }

    /// A process that died settles nothing.
    pub fn forget_asks(&mut self, client: u64) {
        self.asks.retain(|ask| ask.1 != ClientId(client));
    }

    /// One more call of a connection, merged with the group on the line.
    pub fn merged_more(&mut self, client: u64, call: u128) {
        let lease = self.core.snapshot().lease;
        let with = lease.expect("a call is on the line").call;
        self.active_too(client, call);
        self.user(Request::Merge(CallId(call), with));
        self.fulfill_all();
    }

    /// The groups as lists of calls, in order of arrival.
    pub fn groups(&self) -> Vec<Vec<u128>> {
        let calls = self.core.snapshot().calls;
        let mut groups: Vec<Vec<u128>> = Vec::new();
        for call in calls.iter().filter(|call| call.group.is_some()) {
            let mates = calls.iter().filter(|other| other.group == call.group);
            let mates: Vec<u128> = mates.map(|call| call.id.0).collect();
            if !groups.contains(&mates) {
                groups.push(mates);
            }
        }
        groups
    }

    fn stamp(&self) -> Stamp {
        let wall = i64::try_from(self.now_ms).expect("small");
        Stamp::new(Timestamp::from_millis(self.now_ms), Wall::from_millis(wall))
    }

    /// Applies an event; effects come back as words, without publish.
    pub fn feed(&mut self, event: Event) -> Vec<String> {
        let mut out = Vec::new();
        self.core.handle(self.stamp(), event, &mut out);
        for effect in &out {
            if let Effect::Ask { client, ask, .. } = effect {
                self.asks
                    .push((ask.id, *client, ask.call, ask.kind.clone()));
            } else if let Effect::Record(entry) = effect {
                self.recorded.push(RecentsEntry::clone(entry));
            }
        }
        if self.acks {
            self.acknowledge(&out);
        }
        out.iter().filter_map(word).collect()
    }

    fn acknowledge(&mut self, told: &[Effect]) {
        for (client, cursor) in told.iter().filter_map(cursor) {
            let mut out = Vec::new();
            let event = Event::Acknowledged { client, cursor };
            self.core.handle(self.stamp(), event, &mut out);
            assert_eq!(out, [], "an acknowledgment has no effect");
        }
    }

    /// The phase of a call, in one word; `gone` if it has ended.
    pub fn phase(&self, call: u128) -> String {
        let snapshot = self.core.snapshot();
        let call = snapshot.calls.iter().find(|c| c.id == CallId(call));
        match call.map(|call| call.phase) {
            None => "gone".into(),
            Some(Phase::Held(hold)) => format!("held {:?}", hold.by),
            Some(phase) => phase.kind().name().into(),
        }
    }
}

fn cursor(effect: &Effect) -> Option<(ClientId, Cursor)> {
    let (Effect::Ask { client, letter, .. }
    | Effect::CallEnded { client, letter, .. }
    | Effect::Open { client, letter, .. }) = effect
    else {
        return None;
    };
    Some((*client, letter.cursor))
}

fn word(effect: &Effect) -> Option<String> {
    Some(match effect {
        Effect::Publish { .. } => return None,
        Effect::KeepPolicy(_) => "keep rules".into(),
        Effect::Screen { screener, call, .. } => format!("screen {} by {screener}", call.0),
        Effect::Reply { result, .. } => match result {
            Ok(Accepted::Registered { orphans, .. }) => format!("registered {}", orphans.len()),
            Ok(Accepted::Reported { known }) => format!("reported known={known}"),
            Ok(Accepted::Transaction { .. }) => "accepted".into(),
            Ok(Accepted::Done) => "done".into(),
            Ok(Accepted::Routing { .. }) => "routing".into(),
            Ok(Accepted::Audio { granted }) => format!("audio granted={granted}"),
            Err(rejection) => format!("refused {}", refusal(rejection)),
        },
        Effect::Ask { client, ask, .. } => {
            let what = match &ask.kind {
                AskKind::Start(_) => "start".into(),
                AskKind::Answer => "answer".into(),
                AskKind::End { .. } => "end".into(),
                AskKind::SetHeld(true) => "hold".into(),
                AskKind::SetHeld(false) => "resume".into(),
                AskKind::SetMuted(on) => format!("mute={on}"),
                AskKind::SetGroup(Some((with, _))) => format!("group with {}:", with.0),
                AskKind::SetGroup(None) => String::from("ungroup"),
                AskKind::PlayDigits(_) => String::from("digits"),
                AskKind::SetVideo(on) => format!("video={on}"),
                AskKind::DeclineVideo => String::from("video-declined"),
                AskKind::SetTranslating(to) => format!("translate={}", to.is_some()),
                AskKind::Custom(button) => format!("press={button}"),
            };
            format!("ask {} {what} {}", client.0, ask.call.0)
        }
        Effect::AskExpired { client, .. } => format!("expired {}", client.0),
        Effect::CallEnded { call, reason, .. } => format!("told {} {}", call.0, reason.name()),
        Effect::AudioActivated { client, call, .. } => format!("audio+ {} {}", client.0, call.0),
        Effect::AudioDeactivated { client, call, .. } => format!("audio- {} {}", client.0, call.0),
        Effect::Open { call, .. } => format!("open {}", call.0),
        Effect::Unlock => "unlock".into(),
        Effect::Launch(app) => format!("launch {app}"),
        Effect::Ring { call, tone, .. } => match tone {
            RingTone::Ring => format!("ring {}", call.0),
            RingTone::Waiting => format!("waiting-tone {}", call.0),
        },
        Effect::StopRing => "stop-ring".into(),
        Effect::StartTone { call, tone, .. } => format!("tone {} {}", call.0, tone.name()),
        Effect::StopTone => "stop-tone".into(),
        Effect::Route { endpoint, .. } => format!("route {endpoint}"),
        Effect::RouteFinished { fault, .. } => format!("route-finished {fault:?}"),
        Effect::AudioDenied { call, reason, .. } => format!("denied {} {reason:?}", call.0),
        Effect::AudioInterrupted { call, began, .. } => format!("interrupted {} {began}", call.0),
        Effect::Record(entry) => {
            let (reason, origin) = (entry.end.reason.name(), entry.end.origin.name());
            format!("record {} {reason} by {origin}", entry.call.0)
        }
        Effect::Dropped {
            call, action, why, ..
        } => format!("dropped {} {} {}", action.name(), call.0, why.name()),
        Effect::Finished { complete, .. } => format!("finished complete={complete}"),
        Effect::Amend(amendment) => {
            format!("amend {} {}", amendment.call.0, amendment.reason.name())
        }
        Effect::Anomaly(anomaly) => format!("anomaly {:?}", anomaly.kind),
    })
}

fn refusal(rejection: &Rejection) -> String {
    if let Rejection::InvalidAction { call, fault, .. } = rejection {
        format!("{:?} {}", fault, call.0)
    } else if let Rejection::NotNow(fault) = rejection {
        format!("{fault:?}")
    } else if let Rejection::LimitReached { limit, .. } = rejection {
        format!("limit {}", limit.row().name)
    } else {
        rejection.name().into()
    }
}

/// A handle for dialing.
pub fn handle() -> Handle {
    Handle::new(HandleKind::Generic, "sip:bob@example.org").expect("handle")
}
