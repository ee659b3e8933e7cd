//! A recording plays again with the same effects, holds no names, and shows what was changed.

use std::collections::BTreeSet;
use std::sync::Arc;

use hookswitch_core::{
    Action, Core, Effects, Environment, Event, Outcome, Report, Request, Requester,
};
use hookswitch_model::{
    Account, AccountId, ActionButton, AnswerMode, AppId, AskId, ButtonId, CallId, CallKey,
    CallUpdate, Callee, CallerChange, CallerLabel, ClientId, Configuration, Decision, DecisionStep,
    Digits, DirectoryRule, EndReason, Entry, Finding, FrontRules, Handle, HandleKind, HandleKinds,
    Limits, ListStamp, NumberPattern, OnAnswer, Patch, RequestId, RingPolicy, RuleChange, Screener,
    Stamp, Text, Timestamp, Verdict, Wall,
};
use hookswitch_sim::player::play;
use hookswitch_sim::record::{Recording, Step, cut, record, replay};
use hookswitch_sim::scenario::parse;
use hookswitch_sim::trace::Trace;

/// A core that is given events as a daemon gives them, late clock and all.
struct Desk {
    core: Core,
    now: u64,
    steps: Vec<Step>,
    requests: u64,
}

impl Desk {
    fn new() -> Self {
        Self {
            core: Core::new(Limits::default()),
            now: 86_400_000_123_457,
            steps: Vec::new(),
            requests: 0,
        }
    }

    fn event(&mut self, event: Event) -> Effects {
        self.now += 40_013_777;
        let wall = Wall::from_millis(
            1_790_000_000_000 + i64::try_from(self.now / 1_000_000).expect("small"),
        );
        let at = Stamp::new(Timestamp::from_nanos(self.now), wall);
        let mut effects = Effects::new();
        self.core.handle(at, event.clone(), &mut effects);
        let kept = effects.clone();
        self.steps.push(Step {
            at,
            event,
            effects: kept,
        });
        effects
    }

    fn report(&mut self, client: u64, report: Report) {
        self.requests += 1;
        let request = RequestId(self.requests);
        self.event(Event::Report {
            client: ClientId(client),
            request,
            report,
        });
    }

    fn user(&mut self, wish: Request) -> Vec<AskId> {
        self.requests += 1;
        let request = RequestId(self.requests);
        let effects = self.event(Event::Request {
            from: Requester::User,
            request,
            wish,
        });
        asks(&effects)
    }

    fn fulfill(&mut self, client: u64, ask: AskId) -> Vec<AskId> {
        let effects = self.event(Event::Settled {
            client: ClientId(client),
            ask,
            outcome: Outcome::Fulfilled { at: None },
        });
        asks(&effects)
    }
}

impl Desk {
    fn around(&mut self, change: Environment) {
        self.event(Event::Environment(change));
    }

    fn trace(&self, with_names: bool) -> Trace {
        let recording = Recording {
            steps: &self.steps,
            dropped: 0,
            inherited: 0,
            with_names,
        };
        let trace = record(&recording, &Limits::default());
        assert_eq!(Trace::read(&trace.write()).expect("readable"), trace);
        trace
    }
}

fn number(value: &str) -> Handle {
    Handle::new(HandleKind::PhoneNumber, value).expect("a number")
}

/// Accounts, buttons, rules, a screener, the front: what the core is told beside its calls.
fn ruled_day() -> Desk {
    let mut desk = Desk::new();
    let (blocked, ana) = (number("+48600700801"), number("+48600700800"));
    let policy = RingPolicy {
        blocked: BTreeSet::from([blocked.clone()]),
        repeated_callers: false,
        ..RingPolicy::default()
    };
    desk.around(Environment::Policy(Arc::new(policy)));
    desk.around(Environment::Front(FrontRules {
        on_answer: Some(OnAnswer::OpenApp),
        driving: false,
    }));
    register_with_extras(&mut desk, 7);
    arrives(&mut desk, CallId(1), blocked);
    let screener = Screener::new("lookup").expect("a name");
    desk.around(Environment::Screeners(BTreeSet::from([screener.clone()])));
    arrives(&mut desk, CallId(2), ana.clone());
    desk.around(Environment::Verdict {
        call: CallId(2),
        screener,
        verdict: Verdict::Silence,
    });
    let mode = AnswerMode::Auto;
    let ask = desk.user(Request::Answer {
        call: CallId(2),
        mode,
    })[0];
    desk.fulfill(7, ask);
    let door = ButtonId::new("door").expect("an id");
    let ask = desk.user(Request::Custom(CallId(2), door))[0];
    desk.fulfill(7, ask);
    let ask = desk.user(Request::End(CallId(2)))[0];
    desk.fulfill(7, ask);
    desk.around(Environment::Screeners(BTreeSet::new()));
    let quiet = desk.now / 1_000_000 + 60_000;
    let until = Wall::from_millis(1_790_000_000_000 + i64::try_from(quiet).expect("small"));
    let change = RuleChange::DoNotDisturb {
        on: true,
        until: Some(until),
    };
    desk.user(Request::ChangeRule(change));
    arrives(&mut desk, CallId(3), ana.clone());
    desk.user(Request::ChangeRule(RuleChange::Allow(ana.clone(), true)));
    arrives(&mut desk, CallId(4), ana.clone());
    desk.user(Request::Decline(CallId(4)));
    starts_through(&mut desk, "sip:ana@secret.example", ana);
    desk
}

fn arrives(desk: &mut Desk, call: CallId, from: Handle) {
    let update = CallUpdate {
        handle: Patch::Set(from),
        account: Patch::Set(AccountId::new("sip:work@secret.example").expect("an id")),
        buttons: Some(vec![ButtonId::new("door").expect("an id")]),
        ..CallUpdate::default()
    };
    let key = CallKey::new(&format!("key{}", call.0)).expect("a key");
    desk.report(7, Report::Incoming { call, key, update });
}

fn register_with_extras(desk: &mut Desk, client: u64) {
    let mut configuration = Configuration::new(Text::new("Phone").expect("a text"));
    let kinds = HandleKinds {
        phone_number: true,
        ..HandleKinds::default()
    };
    configuration.handle_kinds = kinds;
    for (id, dials) in [
        ("sip:home@secret.example", false),
        ("sip:work@secret.example", true),
    ] {
        configuration.accounts.push(Account {
            id: AccountId::new(id).expect("an id"),
            label: Text::new("Line").expect("a text"),
            handle_kinds: kinds,
            dials,
            video: false,
        });
    }
    let mut door = ActionButton::new("door", "Open").expect("a button");
    door.while_ringing = true;
    configuration.buttons.push(door);
    let app = AppId::new("org.hookswitch.Phone").expect("an id");
    desk.report(client, Report::Register { app, configuration });
}

/// Once refused, as the account is not there; once through the account that can dial.
fn starts_through(desk: &mut Desk, unknown: &str, to: Handle) {
    for (call, account) in [(5, unknown), (6, "sip:work@secret.example")] {
        let mut to = Callee::new(to.clone(), false);
        to.account = Some(AccountId::new(account).expect("an id"));
        let key = CallKey::new(&format!("out{call}")).expect("a key");
        let call = CallId(call);
        desk.requests += 1;
        let request = RequestId(desk.requests);
        desk.event(Event::Request {
            from: Requester::App(ClientId(7)),
            request,
            wish: Request::Transaction(vec![Action::Start { call, key, to }]),
        });
    }
}

#[test]
fn accounts_buttons_and_rules_are_in_it_and_it_plays_the_same() {
    for with_names in [false, true] {
        let trace = ruled_day().trace(with_names);
        let story = cut(&trace).expect("a story");
        let verdict = replay(&trace).expect("a recording");
        assert_eq!(verdict.divergence, None, "{story}");
        let texts = [
            "button=door:ringing",
            "daemon front open-app",
            "repeats off",
            "verdict silence b by lookup",
            "user presses door b",
            "user dnd on for 59.96s",
        ];
        for text in texts {
            assert!(story.contains(text), "{text} is not in\n{story}");
        }
    }
    let plain = ruled_day().trace(false).write();
    for secret in ["secret.example", "48600700"] {
        assert!(!plain.contains(secret), "{secret} is in\n{plain}");
    }
}

/// The configuration of an app that can dial addresses of one kind.
fn dials(kinds: HandleKinds) -> Configuration {
    let mut configuration = Configuration::new(Text::new("Phone").expect("a text"));
    configuration.handle_kinds = kinds;
    configuration
}

/// An app that dials numbers, then registers again and dials anything, and comes back as it was.
fn day_of_two_configurations() -> Desk {
    let mut desk = Desk::new();
    let app = AppId::new("org.hookswitch.Phone").expect("an id");
    let numbers = HandleKinds {
        phone_number: true,
        ..HandleKinds::default()
    };
    let all = HandleKinds {
        phone_number: true,
        email_address: true,
        generic: true,
    };
    for (round, (client, kinds)) in [(7, numbers), (7, all), (9, numbers)]
        .into_iter()
        .enumerate()
    {
        if client == 9 {
            desk.around(Environment::ClientGone(ClientId(7)));
        }
        let configuration = dials(kinds);
        let app = app.clone();
        desk.report(client, Report::Register { app, configuration });
        let handle = Handle::new(HandleKind::Generic, "bob").expect("an address");
        let call = CallId(40 + round as u128);
        let to = Callee::new(handle, false);
        let asks = desk.user(Request::Dial {
            call,
            app: AppId::new("org.hookswitch.Phone").expect("an id"),
            to,
        });
        assert_eq!(asks.len(), usize::from(round == 1), "round {round}");
        for ask in asks {
            desk.fulfill(client, ask);
        }
    }
    desk
}

#[test]
fn a_second_configuration_is_in_it() {
    let trace = day_of_two_configurations().trace(false);
    let story = cut(&trace).expect("a story");
    assert_eq!(
        replay(&trace).expect("a recording").divergence,
        None,
        "{story}"
    );
    for text in [
        "phone registers { groups=",
        "dials=phone+email+generic ",
        "front=open-if-video second-calls=ring tones=none dials=phone ",
    ] {
        assert!(story.contains(text), "{text} is not in\n{story}");
    }
}

/// What a directory says: a list blocks one caller and names another.
fn decided(rule: Option<DirectoryRule>, label: Option<&str>) -> Decision {
    let list = ListStamp {
        name: Text::new("Ana's list").expect("a text"),
        generation: 3,
        loaded: None,
    };
    let steps = rule.map(|rule| DecisionStep {
        rule,
        list: Some(list.clone()),
        in_force: true,
        finding: Finding::Match(Entry::Number(48_600_700_801)),
    });
    let labels = label.map(|text| CallerLabel {
        text: Text::new(text).expect("a text"),
        list: Some(list),
    });
    Decision {
        verdict: rule.map_or(Verdict::Ring, DirectoryRule::verdict),
        decided_by: rule.map(|_| 0),
        steps: steps.into_iter().collect(),
        candidates: Vec::new(),
        labels: labels.into_iter().collect(),
        at: Wall::default(),
    }
}

#[test]
fn what_the_directory_decided_is_in_it_and_plays_the_same() {
    let mut desk = Desk::new();
    register(&mut desk, 7, "org.hookswitch.Phone");
    let calls = [
        (CallId(1), decided(Some(DirectoryRule::List), None)),
        (CallId(2), decided(None, Some("Acme Kowalska"))),
    ];
    for (call, decision) in calls {
        let decision = Arc::new(decision);
        desk.around(Environment::Decided { call, decision });
        let (key, handle) = (format!("key{}", call.0), number("+48600700801"));
        let update = CallUpdate {
            handle: Patch::Set(handle),
            ..CallUpdate::default()
        };
        let key = CallKey::new(&key).expect("a key");
        desk.report(7, Report::Incoming { call, key, update });
    }
    for with_names in [false, true] {
        let trace = desk.trace(with_names);
        let story = cut(&trace).expect("a story");
        let verdict = replay(&trace).expect("a recording");
        assert_eq!(verdict.divergence, None, "{story}");
        for text in [
            "directory decides a by list of ",
            "directory decides b naming ",
        ] {
            assert!(story.contains(text), "{text} is not in\n{story}");
        }
        let run = play(&parse(&story).expect("readable"));
        assert_eq!(run.failures, [], "{story}");
        for secret in ["Kowalska", "Ana's"] {
            assert_eq!(story.contains(secret), with_names, "{secret}:\n{story}");
        }
    }
}

#[test]
fn a_recording_of_the_first_version_is_read() {
    let text = ruled_day().trace(false).write();
    let old = text.replacen("\"recording\":2,", "", 1);
    assert_ne!(old, text);
    assert_eq!(Trace::read(&old).expect("readable").head.recording, 1);
}

fn asks(effects: &Effects) -> Vec<AskId> {
    let asks = effects.iter().filter_map(|effect| {
        let hookswitch_core::Effect::Ask { ask, .. } = effect else {
            return None;
        };
        Some(ask.id)
    });
    asks.collect()
}

fn register(desk: &mut Desk, client: u64, id: &str) {
    let mut configuration = Configuration::new(Text::new("Ana's phone").expect("a text"));
    configuration.handle_kinds = HandleKinds {
        phone_number: true,
        ..HandleKinds::default()
    };
    let app = AppId::new(id).expect("an id");
    desk.report(client, Report::Register { app, configuration });
}

fn incoming(desk: &mut Desk, client: u64, call: CallId) {
    let handle = Handle::new(HandleKind::PhoneNumber, "+48600700800").expect("a number");
    let update = CallUpdate {
        handle: Patch::Set(handle),
        name: Patch::Set(Text::new("Ana Kowalska").expect("a name")),
        ..CallUpdate::default()
    };
    let key = CallKey::new("sip:ana@secret.example").expect("a key");
    desk.report(client, Report::Incoming { call, key, update });
}

/// Two apps: a call, another one over it, digits, the ends.
fn day() -> Desk {
    let mut desk = Desk::new();
    let (a, b) = (CallId(0x1234_5678), CallId(0x9abc));
    register(&mut desk, 7, "org.hookswitch.Phone");
    register(&mut desk, 9, "net.example.Matrix");
    incoming(&mut desk, 7, a);
    let ask = desk.user(Request::Answer {
        call: a,
        mode: AnswerMode::Auto,
    })[0];
    desk.fulfill(7, ask);
    let digits = Digits::new("4711").expect("digits");
    let ask = desk.user(Request::Digits(a, digits))[0];
    desk.fulfill(7, ask);
    incoming(&mut desk, 9, b);
    let ask = desk.user(Request::Answer {
        call: b,
        mode: AnswerMode::HoldAndAnswer,
    })[0];
    let ask = desk.fulfill(7, ask)[0];
    desk.fulfill(9, ask);
    let reason = EndReason::RemoteHangup;
    desk.report(
        9,
        Report::Ended {
            call: b,
            reason,
            at: None,
        },
    );
    let ask = desk.user(Request::SetHeld(a, false))[0];
    desk.fulfill(7, ask);
    let ask = desk.user(Request::End(a))[0];
    desk.fulfill(7, ask);
    desk
}

fn recorded(with_names: bool) -> Trace {
    day().trace(with_names)
}

#[test]
fn a_recording_plays_again_with_the_same_effects() {
    for with_names in [false, true] {
        let verdict = replay(&recorded(with_names)).expect("a recording");
        assert_eq!(
            verdict.divergence,
            None,
            "{}",
            cut(&recorded(with_names)).expect("a story")
        );
        assert!(verdict.same > 20, "{}", verdict.same);
    }
}

#[test]
fn the_first_effect_that_differs_is_found() {
    let mut trace = recorded(false);
    let line = trace
        .lines
        .iter_mut()
        .find(|line| line.what.starts_with("ask phone hold"));
    let line = line.expect("the first call was held");
    line.what = line.what.replace("hold", "end");
    let seq = line.seq;
    let found = replay(&trace)
        .expect("a recording")
        .divergence
        .expect("a divergence");
    assert_eq!(found.recorded.expect("a line").seq, seq);
    let replayed = found.replayed.expect("a line");
    assert!(
        replayed.what.starts_with("ask phone hold a"),
        "{replayed:?}"
    );
    let mut shorter = recorded(false);
    let last = shorter
        .lines
        .iter()
        .rposition(|line| line.what.starts_with("record"));
    shorter.lines.remove(last.expect("the call was recorded"));
    assert!(replay(&shorter).expect("a recording").divergence.is_some());
}

#[test]
fn names_are_kept_only_if_asked_for() {
    let secrets = ["Kowalska", "48600700800", "4711", "secret.example", "Ana"];
    let plain = recorded(false).write();
    for secret in secrets {
        assert!(!plain.contains(secret), "{secret} is in\n{plain}");
    }
    let named = recorded(true).write();
    assert!(
        named.contains("Ana Kowalska") && named.contains("+48600700800"),
        "{named}"
    );
    let same = plain.matches("Person 1").count();
    assert_eq!(same, 2, "the same person has the same alias\n{plain}");
}

#[test]
fn numbers_of_patterns_have_aliases_and_beginnings_have_none() {
    let mut desk = Desk::new();
    let blocks = |pattern: &str| {
        let pattern = NumberPattern::parse(pattern).expect("a pattern");
        let change = CallerChange::Block(pattern, true);
        Request::ChangeRule(RuleChange::Caller(change))
    };
    for pattern in ["+48600700801", "+48600700900-+48600700999", "+4490*"] {
        desk.user(blocks(pattern));
    }
    let named = desk.trace(true).write();
    let hidden = desk.trace(false).write();
    for secret in ["600700801", "600700900", "600700999"] {
        assert!(named.contains(secret), "{named}");
        assert!(!hidden.contains(secret), "{hidden}");
    }
    assert!(hidden.contains("+4490*"), "{hidden}");
}

#[test]
fn one_address_in_two_spellings_is_one_person() {
    let mut desk = Desk::new();
    register_with_extras(&mut desk, 7);
    let ana = number("+48 600 700 801");
    desk.user(Request::ChangeRule(RuleChange::Allow(ana, true)));
    arrives(&mut desk, CallId(1), number("tel:+48600700801"));
    let hidden = desk.trace(false).write();
    let count = hidden.matches("tel:+1202555").count();
    let first = hidden.matches("tel:+12025550001").count();
    assert!(count >= 2 && count == first, "{hidden}");
}

#[test]
fn a_recording_is_cut_into_a_story_that_plays() {
    let story = cut(&recorded(false)).expect("a story");
    let run = play(&parse(&story).expect("readable"));
    assert_eq!(run.failures, [], "{story}");
    assert!(story.contains("user answers b hold"), "{story}");
}

#[test]
fn what_is_no_recording_is_told_so() {
    let why = replay(&Trace::default()).expect_err("nothing to play");
    assert!(why.contains("no recording"), "{why}");
    let mut trace = recorded(false);
    trace.head.inherited = 2;
    let why = replay(&trace).expect_err("no beginning");
    assert!(why.contains("2 live calls"), "{why}");
}
