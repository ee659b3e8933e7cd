//! Snapshots to show: small pieces that tests put together.
#![allow(dead_code, reason = "each test file uses its own part")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use hookswitch_model::{
    Account, AccountId, ActionButton, ActionFault, ActionKind, AnswerChoice, AnswerMode,
    AnswerVerdict, AppId, AppKind, AudioServer, ButtonIcon, ButtonSnapshot, CallId, CallKey,
    CallSnapshot, Capabilities, Control, DialStage, Direction, End, EndReason, Endpoint,
    EndpointId, EndpointKind, FrontRules, Handle, HandleKind, HandleKinds, HeldBy, Hold, Language,
    Lease, Limits, MediaHush, MuteOrigin, Notice, NoticeKind, OnAnswer, Origin, Phase, PhaseKind,
    ProviderId, ProviderSnapshot, Rejection, RingState, RouteCause, Snapshot, Stamp, Text,
    Timestamp, Translating, Translation, TranslationEngine, Wall,
};
use hookswitch_wire::view::{View, ViewInput, view};

/// The three apps of the design reference.
pub const ACME: &str = "org.example.Acme";
pub const MOBILE: &str = "org.example.Mobile";
/// Two people.
pub const ANA: CallId = CallId(1);
pub const OMAR: CallId = CallId(2);
pub const CITY_BANK: CallId = CallId(3);

/// Noon of a day in 2026, and seconds after it.
pub fn stamp(seconds: u64) -> Stamp {
    let millis = 1_790_000_000_000 + i64::try_from(seconds).unwrap() * 1000;
    Stamp::new(
        Timestamp::from_millis(seconds * 1000),
        Wall::from_millis(millis),
    )
}

pub fn text(text: &str) -> Text {
    Text::new(text).unwrap()
}

pub fn app(id: &str) -> AppId {
    AppId::new(id).unwrap()
}

/// A call with a name and a number, in Acme; Omar's is in Mobile.
pub fn call(id: CallId, phase: Phase) -> CallSnapshot {
    let (name, number, in_app) = match id {
        ANA => ("Ana Kowalska", "+44 7700 900123", ACME),
        OMAR => ("Omar Haddad", "+49 30 23125 042", MOBILE),
        _ => ("City Bank helpline", "sip:bank@example.org", ACME),
    };
    let direction = if matches!(phase, Phase::Dialing { .. }) {
        Direction::Outgoing
    } else {
        Direction::Incoming
    };
    let has_connected = matches!(phase, Phase::Active { .. } | Phase::Held(_));
    CallSnapshot {
        id,
        key: CallKey::new(&format!("key-{}", id.0)).unwrap(),
        app: app(in_app),
        direction,
        handle: Some(Handle::new(HandleKind::PhoneNumber, number).unwrap()),
        shown_as: None,
        name: Some(text(name)),
        capabilities: Capabilities::default(),
        video: false,
        emergency: false,
        phase,
        pending: None,
        has_connected,
        started_at: None,
        connecting_at: None,
        connected_at: has_connected.then(|| stamp(12).wall),
        began: stamp(4),
        muted: false,
        muted_by: MuteOrigin::Nobody,
        mute_revision: 0,
        remote_hold: false,
        silenced: false,
        orphaned_until: None,
        hold: Control::Ready,
        mute: Control::Ready,
        digits: Control::Ready,
        group: None,
        merge_with: None,
        merge: Control::Absent,
        split: Control::Absent,
        add_call: Control::Ready,
        account: None,
        video_control: Control::Absent,
        video_offer: None,
        translating: None,
        translate: Control::Absent,
        slow: None,
        resuming: false,
        digits_waiting: None,
        uplink: matches!(phase, Phase::Active { .. }),
        buttons: Vec::new(),
    }
}

pub fn ringing() -> Phase {
    Phase::Ringing {
        since: stamp(30),
        until: Timestamp::from_millis(90_000),
    }
}

pub fn active() -> Phase {
    Phase::Active { since: stamp(12) }
}

pub fn dialing(stage: DialStage) -> Phase {
    Phase::Dialing {
        stage,
        since: stamp(20),
    }
}

pub fn held(by: HeldBy, displaced_by: Option<CallId>) -> Phase {
    Phase::Held(Hold {
        by,
        since: stamp(40),
        displaced_by,
    })
}

pub fn ending(from: PhaseKind) -> Phase {
    Phase::Ending {
        reason: EndReason::LocalHangup,
        origin: Origin::User,
        from,
    }
}

/// Acme and Mobile, connected, with these calls.
pub fn snapshot(calls: Vec<CallSnapshot>) -> Snapshot {
    let presented = calls
        .iter()
        .find(|call| call.phase.kind() == PhaseKind::Ringing)
        .map(|call| call.id);
    Snapshot {
        revision: 7,
        at: stamp(60),
        providers: vec![provider(1, ACME, "Acme"), provider(2, MOBILE, "Mobile")],
        presented,
        calls: calls.into_iter().map(Arc::new).collect(),
        ..Snapshot::default()
    }
}

pub fn provider(number: u64, id: &str, name: &str) -> ProviderSnapshot {
    ProviderSnapshot {
        id: ProviderId(number),
        app: app(id),
        name: text(name),
        kind: if id == MOBILE {
            AppKind::Cellular
        } else {
            AppKind::Voip
        },
        connected: true,
        open_url: None,
        accounts: Vec::new(),
    }
}

pub fn endpoint(id: &str, name: &str, kind: EndpointKind) -> Endpoint {
    Endpoint {
        id: EndpointId::new(id).unwrap(),
        name: text(name),
        kind,
    }
}

pub fn allowed(mode: AnswerMode, ends: Option<CallId>, holds: Option<CallId>) -> AnswerChoice {
    AnswerChoice {
        mode,
        verdict: AnswerVerdict::Allowed {
            ends: ends.into_iter().collect(),
            holds: holds.into_iter().collect(),
        },
    }
}

pub fn refused(mode: AnswerMode, rejection: Rejection) -> AnswerChoice {
    AnswerChoice {
        mode,
        verdict: AnswerVerdict::Refused(rejection),
    }
}

pub fn cannot_hold(call: CallId) -> Rejection {
    Rejection::InvalidAction {
        call,
        action: ActionKind::SetHeld,
        fault: ActionFault::CannotHold,
    }
}

pub fn notice(id: u64, kind: NoticeKind) -> Notice {
    Notice {
        id,
        at: stamp(50),
        app: app(ACME),
        app_name: text("Acme"),
        party: Some(text("Ana Kowalska")),
        kind,
    }
}

pub fn end(reason: EndReason, origin: Origin, phase: PhaseKind) -> End {
    End {
        reason,
        origin,
        phase,
        at: stamp(55),
    }
}

/// Ana on the line, the bank on hold, Omar calling, and something to read: every field is used.
pub fn busy_day() -> Snapshot {
    let mut omar = call(OMAR, ringing());
    omar.video = true;
    let mut bank = call(CITY_BANK, held(HeldBy::OtherCall, Some(ANA)));
    bank.orphaned_until = Some(Timestamp::from_millis(62_000));
    bank.hold = Control::Refused(cannot_hold(CITY_BANK));
    bank.pending = Some(ActionKind::SetMuted);
    bank.mute = Control::Busy;
    let mut all = snapshot(vec![bank, call(ANA, active()), omar]);
    all.answers = vec![
        refused(AnswerMode::HoldAndAnswer, cannot_hold(ANA)),
        allowed(AnswerMode::EndAndAnswer, Some(ANA), None),
        allowed(AnswerMode::EndHeldAndAnswer, Some(CITY_BANK), Some(ANA)),
    ];
    all.ring = RingState::Waiting(OMAR);
    all.lease = Some(Lease {
        call: ANA,
        app: app(ACME),
        since: stamp(13),
    });
    all.swap = Control::Ready;
    with_everything(&mut all);
    all.endpoints = vec![
        endpoint("alsa.speaker", "Speaker", EndpointKind::Speaker),
        endpoint("bluez.jabra", "Jabra Evolve2", EndpointKind::Bluetooth),
    ];
    all.audio.server = AudioServer::Up;
    all.audio.hush = MediaHush::Call;
    all.audio.route.effective = EndpointId::new("bluez.jabra");
    all.audio.route.desired = EndpointId::new("bluez.jabra");
    all.audio.route.cause = RouteCause::User;
    all.audio.route.generation = 4;
    all.providers[0].open_url = Some(text("http://127.0.0.1:8740/"));
    let gone = end(EndReason::RemoteHangup, Origin::Remote, PhaseKind::Active);
    all.notices = vec![
        notice(
            1,
            NoticeKind::Ended {
                call: CallId(9),
                end: gone,
                connected_ms: Some(724_000),
            },
        ),
        notice(2, NoticeKind::HoldSlow(ANA)),
        notice(3, NoticeKind::HoldRefused(CITY_BANK)),
        notice(4, NoticeKind::NotDone(ANA, ActionKind::SetMuted)),
        notice(5, NoticeKind::AppGone),
    ];
    all
}

/// Account, video, translation, buttons, the lock: so that every field is used.
fn with_everything(all: &mut Snapshot) {
    let account = Account {
        id: AccountId::new("work").unwrap(),
        label: text("Work"),
        handle_kinds: HandleKinds {
            phone_number: true,
            ..HandleKinds::default()
        },
        dials: true,
        video: true,
    };
    let door = ButtonSnapshot {
        button: ActionButton {
            icon: ButtonIcon::Door,
            needs_unlock: true,
            while_ringing: true,
            ..ActionButton::new("door", "Open door").unwrap()
        },
        control: Control::Ready,
    };
    for call in all.calls.iter_mut().map(Arc::make_mut) {
        call.account = Some(account.clone());
        call.buttons = vec![door.clone()];
    }
    let mut calls = all.calls.iter_mut().map(Arc::make_mut);
    let ana = calls.find(|call| call.id == ANA).unwrap();
    ana.video_control = Control::Ready;
    ana.video_offer = Some(Timestamp::from_millis(70_000));
    ana.translate = Control::Ready;
    ana.translating = Some(Translating {
        languages: Translation {
            local: Language::new("en").unwrap(),
            remote: Language::new("pl").unwrap(),
        },
        engine: TranslationEngine::Custom,
    });
    all.providers[0].accounts = vec![account];
    all.front = FrontRules {
        on_answer: Some(OnAnswer::OpenApp),
        driving: true,
    };
    all.locked = true;
    all.unlocking = Some(ANA);
}

/// The view of a snapshot, with our limits.
pub fn shown(snapshot: &Snapshot) -> View {
    view(&ViewInput {
        snapshot,
        recents_revision: 3,
        now: stamp(61).wall,
        limits: &Limits::default(),
    })
}
