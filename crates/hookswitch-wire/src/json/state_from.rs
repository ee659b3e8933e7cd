//! From the read model to the state document. One direction only: nobody sends us a state.

use hookswitch_model::{
    self as model, AnswerVerdict, CallSnapshot, Direction, Rejection, RingState, Snapshot, Stamp,
    Timestamp, ToneState,
};

use super::ErrorBody;
use super::state::{
    Account, Answer, Audio, AudioWait, Call, CallButton, Control, End, Endpoint, Handle, Lease,
    Notice, NoticeKind, Phase, Provider, Ring, Route, State, Tone, Translating,
};
use crate::privacy;

impl From<&Snapshot> for State {
    fn from(snapshot: &Snapshot) -> Self {
        let call = |call| call_from(call, snapshot.at);
        Self {
            calls: snapshot.live().map(call).collect(),
            ..Self::without_calls(snapshot)
        }
    }
}

impl State {
    /// The document, less its calls.
    pub(super) fn without_calls(snapshot: &Snapshot) -> Self {
        Self {
            revision: snapshot.revision,
            at_ms: snapshot.at.wall.as_millis(),
            calls: Vec::new(),
            presented: snapshot.presented.map(|call| call.to_string()),
            answers: snapshot.answers.iter().map(Answer::from).collect(),
            ring: Ring {
                ringtone: snapshot.ringtone.as_ref().map(ToString::to_string),
                ..Ring::from(snapshot.ring)
            },
            lease: snapshot.lease.as_ref().map(Lease::from),
            swap: Control::from(&snapshot.swap),
            endpoints: snapshot.endpoints.iter().map(Endpoint::from).collect(),
            route: snapshot
                .audio
                .route
                .effective
                .as_ref()
                .map(ToString::to_string),
            audio: Audio::from(&snapshot.audio),
            providers: snapshot.providers.iter().map(Provider::from).collect(),
            notices: snapshot.notices.iter().map(Notice::from).collect(),
            on_answer: snapshot.front.on_answer.map(|rule| rule.name().to_owned()),
            driving: snapshot.front.driving,
            ring_on: snapshot.ring_on.name().to_owned(),
            tone: snapshot.tone.map(Tone::from),
            locked: snapshot.locked,
            unlocking: snapshot.unlocking.map(|call| call.to_string()),
            do_not_disturb: snapshot.policy.is_quiet(snapshot.at.wall),
        }
    }
}

pub(super) fn call_from(call: &CallSnapshot, now: Stamp) -> Call {
    let (name, handle) = privacy::shown(call);
    Call {
        id: call.id.to_string(),
        key: call.key.as_str().to_owned(),
        app: call.app.to_string(),
        direction: direction_name(call.direction).to_owned(),
        handle: handle.map(Handle::from),
        name,
        name_hidden: call.shown_as.is_some(),
        video: call.video,
        emergency: call.emergency,
        phase: phase_from(&call.phase),
        pending: call.pending.map(|action| action.name().to_owned()),
        has_connected: call.has_connected,
        started_at_ms: call.started_at.map(model::Wall::as_millis),
        connecting_at_ms: call.connecting_at.map(model::Wall::as_millis),
        connected_at_ms: call.connected_at.map(model::Wall::as_millis),
        began_ms: call.began.wall.as_millis(),
        muted: call.muted,
        muted_by: call.muted_by.name().to_owned(),
        mute_revision: call.mute_revision,
        remote_hold: call.remote_hold,
        silenced: call.silenced,
        orphaned: call.orphaned_until.is_some(),
        orphaned_until_ms: call.orphaned_until.map(|until| wall_at(now, until)),
        hold: Control::from(&call.hold),
        mute: Control::from(&call.mute),
        digits: Control::from(&call.digits),
        group: call.group.map(|group| group.to_string()),
        merge_with: call.merge_with.map(|call| call.to_string()),
        merge: Control::from(&call.merge),
        split: Control::from(&call.split),
        add_call: Control::from(&call.add_call),
        account: call.account.as_ref().map(Account::from),
        video_control: Control::from(&call.video_control),
        video_offer_until_ms: call.video_offer.map(|until| wall_at(now, until)),
        translating: call.translating.as_ref().map(Translating::from),
        translate: Control::from(&call.translate),
        uplink: call.uplink,
        slow: call.slow.map(|action| action.name().to_owned()),
        digits_waiting: call.digits_waiting.as_ref().map(|d| d.as_str().to_owned()),
        buttons: call.buttons.iter().map(CallButton::from).collect(),
    }
}

impl From<&model::Account> for Account {
    fn from(account: &model::Account) -> Self {
        let kinds = account.handle_kinds.iter();
        Self {
            id: account.id.as_str().to_owned(),
            label: account.label.as_str().to_owned(),
            handle_kinds: kinds.map(|kind| kind.name().to_owned()).collect(),
            dials: account.dials,
            video: account.video,
        }
    }
}

impl From<&model::Translating> for Translating {
    fn from(translating: &model::Translating) -> Self {
        Self {
            local: translating.languages.local.to_string(),
            remote: translating.languages.remote.to_string(),
            engine: translating.engine.name().to_owned(),
        }
    }
}

impl From<&model::ButtonSnapshot> for CallButton {
    fn from(shown: &model::ButtonSnapshot) -> Self {
        Self {
            id: shown.button.id.to_string(),
            label: shown.button.label.as_str().to_owned(),
            icon: shown.button.icon.name().to_owned(),
            needs_unlock: shown.button.needs_unlock,
            control: Control::from(&shown.control),
        }
    }
}

fn phase_from(phase: &model::Phase) -> Phase {
    match phase {
        model::Phase::Ringing { since, until } => Phase::Ringing {
            since_ms: since.wall.as_millis(),
            until_ms: wall_at(*since, *until),
        },
        model::Phase::Dialing { stage, since } => Phase::Dialing {
            stage: stage.name().to_owned(),
            since_ms: since.wall.as_millis(),
        },
        model::Phase::Active { since } => Phase::Active {
            since_ms: since.wall.as_millis(),
        },
        model::Phase::Held(hold) => Phase::Held {
            by: hold.by.name().to_owned(),
            since_ms: hold.since.wall.as_millis(),
            displaced_by: hold.displaced_by.map(|call| call.to_string()),
        },
        model::Phase::Ending {
            reason,
            origin,
            from,
        } => Phase::Ending {
            reason: reason.name().to_owned(),
            origin: origin.name().to_owned(),
            from: from.name().to_owned(),
        },
    }
}

/// The wall time of a point on the boot clock, seen from a stamp that knows both.
fn wall_at(known: Stamp, point: Timestamp) -> i64 {
    let millis = |span: core::time::Duration| i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
    let later = millis(point.since(known.at));
    let earlier = millis(known.at.since(point));
    known
        .wall
        .as_millis()
        .saturating_add(later)
        .saturating_sub(earlier)
}

fn direction_name(direction: Direction) -> &'static str {
    match direction {
        Direction::Incoming => "incoming",
        Direction::Outgoing => "outgoing",
    }
}

impl From<&model::Handle> for Handle {
    fn from(handle: &model::Handle) -> Self {
        Self {
            kind: handle.kind().name().to_owned(),
            value: handle.value().to_owned(),
        }
    }
}

impl From<&model::Control> for Control {
    fn from(control: &model::Control) -> Self {
        let (state, reason) = match control {
            model::Control::Ready => ("ready", None),
            model::Control::Busy => ("busy", None),
            model::Control::Refused(rejection) => ("refused", Some(ErrorBody::from(rejection))),
            model::Control::Absent => ("absent", None),
        };
        Self {
            state: state.to_owned(),
            reason,
        }
    }
}

impl From<&Rejection> for ErrorBody {
    /// The rejection in the words of a program's log; [`view`](crate::view) has those for people.
    fn from(rejection: &Rejection) -> Self {
        Self {
            error: rejection.name().to_owned(),
            message: rejection.to_string(),
        }
    }
}

impl From<&model::AnswerChoice> for Answer {
    fn from(choice: &model::AnswerChoice) -> Self {
        let first = |calls: &[model::CallId]| calls.first().map(ToString::to_string);
        let (ends, holds, reason) = match &choice.verdict {
            AnswerVerdict::Allowed { ends, holds } => (first(ends), first(holds), None),
            AnswerVerdict::Refused(rejection) => (None, None, Some(ErrorBody::from(rejection))),
        };
        Self {
            mode: choice.mode.name().to_owned(),
            allowed: reason.is_none(),
            ends,
            holds,
            reason,
        }
    }
}

impl From<ToneState> for Tone {
    fn from(ToneState { call, tone }: ToneState) -> Self {
        Self {
            call: call.to_string(),
            tone: tone.name().to_owned(),
        }
    }
}

impl From<RingState> for Ring {
    fn from(ring: RingState) -> Self {
        let (state, call) = match ring {
            RingState::Quiet => ("quiet", None),
            RingState::Ringing(call) => ("ringing", Some(call)),
            RingState::Waiting(call) => ("waiting", Some(call)),
        };
        Self {
            state: state.to_owned(),
            call: call.map(|call| call.to_string()),
            ringtone: None,
        }
    }
}

impl From<&model::Lease> for Lease {
    fn from(lease: &model::Lease) -> Self {
        Self {
            call: lease.call.to_string(),
            app: lease.app.to_string(),
            since_ms: lease.since.wall.as_millis(),
        }
    }
}

impl From<&model::AudioSnapshot> for Audio {
    fn from(audio: &model::AudioSnapshot) -> Self {
        Self {
            server: audio.server.name().to_owned(),
            interruption: audio.interruption.map(|reason| reason.name().to_owned()),
            waiting: audio.waiting.map(|waiting| AudioWait {
                call: waiting.call.to_string(),
                denied: waiting.denied,
            }),
            route: Route::from(&audio.route),
            hush: audio.hush.name().to_owned(),
            microphone_muted: audio.microphone_muted,
        }
    }
}

impl From<&model::RouteSnapshot> for Route {
    fn from(route: &model::RouteSnapshot) -> Self {
        let id = |id: &Option<model::EndpointId>| id.as_ref().map(ToString::to_string);
        Self {
            desired: id(&route.desired),
            effective: id(&route.effective),
            cause: route.cause.name().to_owned(),
            cause_number: route.cause.callkit(),
            generation: route.generation,
            pending: id(&route.pending),
            fault: route.fault.map(|fault| fault.name().to_owned()),
        }
    }
}

impl From<&model::Endpoint> for Endpoint {
    fn from(endpoint: &model::Endpoint) -> Self {
        Self {
            id: endpoint.id.to_string(),
            name: endpoint.name.as_str().to_owned(),
            kind: endpoint.kind.name().to_owned(),
        }
    }
}

impl From<&model::ProviderSnapshot> for Provider {
    fn from(provider: &model::ProviderSnapshot) -> Self {
        Self {
            id: provider.id.to_string(),
            app: provider.app.to_string(),
            name: provider.name.as_str().to_owned(),
            kind: provider.kind.name().to_owned(),
            connected: provider.connected,
            open_url: provider
                .open_url
                .as_ref()
                .map(|url| url.as_str().to_owned()),
            accounts: provider.accounts.iter().map(Account::from).collect(),
        }
    }
}

impl From<&model::Notice> for Notice {
    fn from(notice: &model::Notice) -> Self {
        Self {
            id: notice.id,
            at_ms: notice.at.wall.as_millis(),
            app: notice.app.to_string(),
            app_name: notice.app_name.as_str().to_owned(),
            party: notice.party.as_ref().map(|text| text.as_str().to_owned()),
            kind: NoticeKind::from(&notice.kind),
        }
    }
}

impl From<&model::NoticeKind> for NoticeKind {
    fn from(kind: &model::NoticeKind) -> Self {
        match kind {
            model::NoticeKind::Ended {
                call,
                end,
                connected_ms,
            } => Self::Ended {
                call: call.to_string(),
                end: End::from(end),
                connected_ms: *connected_ms,
            },
            model::NoticeKind::HoldSlow(call) => Self::HoldSlow {
                call: call.to_string(),
            },
            model::NoticeKind::HoldRefused(call) => Self::HoldRefused {
                call: call.to_string(),
            },
            model::NoticeKind::LineTaken(call) => Self::LineTaken {
                call: call.to_string(),
            },
            model::NoticeKind::NotDone(call, action) => Self::NotDone {
                call: call.to_string(),
                action: action.name().to_owned(),
            },
            model::NoticeKind::AppGone => Self::AppGone,
        }
    }
}

impl From<&model::End> for End {
    fn from(end: &model::End) -> Self {
        Self {
            reason: end.reason.name().to_owned(),
            origin: end.origin.name().to_owned(),
            phase: end.phase.name().to_owned(),
            at_ms: end.at.wall.as_millis(),
        }
    }
}
