//! The whole view from its parts.

use std::collections::{BTreeMap, BTreeSet};

use hookswitch_model::{
    ActionKind, CallSnapshot, CallerChange, DialStage, Direction, Endpoint, EndpointKind, Handle,
    HeldBy, Hold, Limit, Limits, Phase, Privacy, RuleChange, Snapshot, Wall,
};

use super::types::{
    AccountView, AppView, AudioView, CallState, CallView, EndpointView, FrontView, MemberView,
    PersonView, RulesView, View,
};
use super::{buttons, extras, incoming, lists, messages, party, ring_on, second, sound, words};
use crate::json::RequestBody;

/// What a view is made of.
#[derive(Clone, Copy, Debug)]
pub struct ViewInput<'a> {
    /// The read model.
    pub snapshot: &'a Snapshot,
    /// Grows whenever the recents change.
    pub recents_revision: u64,
    /// The wall clock, for the client's timers.
    pub now: Wall,
    /// The limits in force, which some sentences name.
    pub limits: &'a Limits,
}

/// Makes the view.
#[must_use]
pub fn view(input: &ViewInput<'_>) -> View {
    let snapshot = input.snapshot;
    View {
        revision: snapshot.revision,
        recents_revision: input.recents_revision,
        now_ms: input.now.as_millis(),
        incoming: incoming::incoming(snapshot),
        more_ringing: more_ringing(snapshot),
        calls: calls(input),
        audio: audio(snapshot),
        apps: apps(snapshot),
        front: FrontView {
            on_answer: snapshot.front.on_answer.map(|rule| rule.name().to_owned()),
            driving: snapshot.front.driving,
        },
        ring_on: ring_on::places(snapshot),
        icons: BTreeMap::new(), // the daemon fills them in, which keeps them
        messages: messages::messages(snapshot, input.limits),
        rules: rules(snapshot, input.now),
        sources: Vec::new(), // the daemon fills them in, which has the lists
    }
}

/// Most people of one list that a view shows.
pub(super) const PEOPLE_MAX: usize = 200;

fn rules(snapshot: &Snapshot, now: Wall) -> RulesView {
    let policy = &snapshot.policy;
    let is_on = policy.is_quiet(now);
    let people = |list: &BTreeSet<Handle>, change: fn(Handle, bool) -> RuleChange| {
        let person = |handle: &Handle| PersonView {
            title: party::display_handle(handle.value()).to_owned(),
            remove: RequestBody::from(&change(handle.clone(), false)),
        };
        list.iter().take(PEOPLE_MAX).map(person).collect()
    };
    RulesView {
        do_not_disturb: is_on,
        until_ms: policy
            .do_not_disturb_until
            .filter(|_| is_on)
            .map(Wall::as_millis),
        text: words::do_not_disturb(is_on).to_owned(),
        toggle: Some(RequestBody::DoNotDisturb {
            on: !is_on,
            until_ms: None,
        }),
        blocked: people(&policy.blocked, RuleChange::Block),
        allowed: people(&policy.allowed, RuleChange::Allow),
        restricted: policy.restricted,
        restrict: Some(RequestBody::Restrict {
            on: !policy.restricted,
        }),
        protected: policy
            .protected
            .iter()
            .map(|app| PersonView {
                title: party::app_name(snapshot, app),
                remove: RequestBody::from(&RuleChange::Protect(app.clone(), false)),
            })
            .collect(),
        hidden_names: policy
            .privacy_of
            .iter()
            .filter(|(_, level)| **level == Privacy::NameHidden)
            .map(|(app, _)| PersonView {
                title: party::app_name(snapshot, app),
                remove: RequestBody::from(&RuleChange::Privacy(app.clone(), Privacy::Full)),
            })
            .collect(),
        second_calls: second::choices(policy),
        second_calls_of: second::of_apps(snapshot),
        patterns: lists::patterns(&policy.callers.blocked, CallerChange::Block),
        exceptions: lists::patterns(&policy.callers.exceptions, CallerChange::Except),
        callers: lists::switches(&policy.callers),
        call_back: lists::call_back(&policy.callers),
    }
}

/// How many calls ring behind the presented one.
fn more_ringing(snapshot: &Snapshot) -> usize {
    let presented = incoming::presented(snapshot).map(|call| call.id);
    let waits = |call: &&CallSnapshot| state(call).is_none() && Some(call.id) != presented;
    snapshot.live().filter(waits).count()
}

fn calls(input: &ViewInput<'_>) -> Vec<CallView> {
    let snapshot = input.snapshot;
    let presented = incoming::presented(snapshot).map(|call| call.id);
    let mut shown: Vec<(CallState, &CallSnapshot)> = snapshot
        .live()
        .filter(|call| Some(call.id) != presented)
        .filter_map(|call| state(call).map(|state| (state, call)))
        .collect();
    shown.sort_by_key(|(state, _)| *state);
    // A group has one card, of its member that is furthest up.
    let mut groups = BTreeSet::new();
    shown.retain(|(_, call)| call.group.is_none_or(|group| groups.insert(group)));
    let is_only_call = shown.len() == 1;
    let view =
        |(state, call): &(CallState, &CallSnapshot)| call_view(input, call, *state, is_only_call);
    shown.iter().map(view).collect()
}

/// Where a call is; none while it rings and nobody has answered.
fn state(call: &CallSnapshot) -> Option<CallState> {
    match call.phase {
        Phase::Ringing { .. } => {
            (call.pending == Some(ActionKind::Answer)).then_some(CallState::Connecting)
        }
        Phase::Dialing { stage, .. } => Some(match stage {
            DialStage::Requested | DialStage::Started => CallState::Dialing,
            DialStage::Connecting => CallState::Connecting,
        }),
        Phase::Active { .. } => Some(CallState::Active),
        Phase::Held(_) => Some(CallState::Held),
        Phase::Ending { .. } => Some(CallState::Ending),
    }
}

fn call_view(
    input: &ViewInput<'_>,
    call: &CallSnapshot,
    state: CallState,
    is_only_call: bool,
) -> CallView {
    let party = party::parties(input.snapshot, call);
    let conversation = party::conversation(input.snapshot, call);
    CallView {
        call: call.id.to_string(),
        video: call.video,
        outgoing: call.direction == Direction::Outgoing,
        state,
        state_text: state_text(call, state).to_owned(),
        timer_ms: timer(call).map(Wall::as_millis),
        held_reason: held_reason(input, call),
        muted: party::is_muted(input.snapshot, call),
        note: match call.orphaned_until {
            Some(_) => Some(words::reconnecting(&party.app.name)),
            None => extras::note(input.snapshot, call, &party.app.name),
        },
        offer: extras::offer(call, &party),
        buttons: buttons::grid(input, call, &party),
        end: buttons::end(call, &party, is_only_call),
        members: members(input.snapshot, &conversation, state, &party.app.name),
        party,
    }
}

/// The rows of a group's card.
fn members(
    snapshot: &Snapshot,
    conversation: &[&CallSnapshot],
    of_card: CallState,
    app: &str,
) -> Vec<MemberView> {
    let row = |call: &&CallSnapshot| {
        let (private, end) = buttons::of_member(call, app);
        let other = state(call).filter(|state| *state != of_card);
        MemberView {
            call: call.id.to_string(),
            party: party::party(snapshot, call),
            state_text: other.map(|state| state_text(call, state).to_owned()),
            private,
            end,
        }
    };
    match conversation {
        [] | [_] => Vec::new(),
        calls => calls.iter().map(row).collect(),
    }
}

fn state_text(call: &CallSnapshot, state: CallState) -> &'static str {
    if call.orphaned_until.is_some() {
        return words::RECONNECTING;
    }
    match state {
        CallState::Held if call.phase.is_at_voicemail() => words::AT_VOICEMAIL,
        CallState::Dialing | CallState::Connecting if call.slow.is_some() => words::TAKES_LONG,
        CallState::Active => words::ACTIVE,
        CallState::Dialing => words::DIALING,
        CallState::Connecting => words::CONNECTING,
        CallState::Held => words::ON_HOLD,
        CallState::Ending => words::ENDING,
    }
}

/// What the timer counts from: being connected, or being on hold.
fn timer(call: &CallSnapshot) -> Option<Wall> {
    match call.phase {
        Phase::Active { since } => Some(call.connected_at.unwrap_or(since.wall)),
        Phase::Held(hold) => Some(hold.since.wall),
        Phase::Ringing { .. } | Phase::Dialing { .. } | Phase::Ending { .. } => None,
    }
}

/// Why nobody hears anything: a hold on our side, else one on theirs.
fn held_reason(input: &ViewInput<'_>, call: &CallSnapshot) -> Option<String> {
    match call.phase {
        Phase::Held(hold) => Some(own_hold_reason(input, call, hold)),
        Phase::Active { .. } if call.remote_hold => {
            let name = party::party(input.snapshot, call).title;
            Some(words::held_by_remote(&name))
        }
        Phase::Active { .. }
        | Phase::Ringing { .. }
        | Phase::Dialing { .. }
        | Phase::Ending { .. } => None,
    }
}

fn own_hold_reason(input: &ViewInput<'_>, call: &CallSnapshot, hold: Hold) -> String {
    let app = party::app_name(input.snapshot, &call.app);
    match hold.by {
        HeldBy::User => words::HELD_BY_USER.to_owned(),
        HeldBy::OtherCall => displaced(input.snapshot, hold),
        HeldBy::SystemSlow => words::held_slow(&app, input.limits.time(Limit::Stage)),
        HeldBy::SystemRefused => words::held_refused(&app),
        HeldBy::SystemDisplaced => words::held_displaced(&app),
        HeldBy::Voicemail => words::AT_VOICEMAIL_REASON.to_owned(),
    }
}

fn displaced(snapshot: &Snapshot, hold: Hold) -> String {
    let other = hold
        .displaced_by
        .and_then(|call| party::find(snapshot, call));
    let Some(other) = other else {
        return words::HELD_FOR_OTHER.to_owned();
    };
    let name = party::party(snapshot, other).title;
    let talked_before = other.connected_at.is_some_and(|at| at < hold.since.wall);
    if talked_before {
        return words::held_to_talk(&name);
    }
    match other.direction {
        Direction::Incoming => words::held_to_answer(&name),
        Direction::Outgoing => words::held_to_call(&name),
    }
}

fn audio(snapshot: &Snapshot) -> AudioView {
    AudioView {
        label: buttons::route_name(snapshot).unwrap_or_else(|| words::NO_AUDIO.to_owned()),
        endpoints: snapshot
            .endpoints
            .iter()
            .map(|endpoint| endpoint_view(snapshot, endpoint))
            .collect(),
        note: sound::note(snapshot),
    }
}

fn endpoint_view(snapshot: &Snapshot, endpoint: &Endpoint) -> EndpointView {
    let detail = match endpoint.kind {
        EndpointKind::Speaker => Some(words::SPEAKER),
        EndpointKind::Handset => Some(words::HANDSET),
        EndpointKind::Headset => Some(words::HEADSET),
        EndpointKind::Bluetooth => Some(words::BLUETOOTH),
        EndpointKind::Other => None,
    };
    let name = endpoint.name.as_str();
    EndpointView {
        id: endpoint.id.to_string(),
        name: name.to_owned(),
        detail: words::audio::detail(
            detail.filter(|word| *word != name),
            doing(snapshot, endpoint),
        ),
        in_use: snapshot.audio.route.effective.as_ref() == Some(&endpoint.id),
        wanted: is_wanted(snapshot, endpoint),
        enabled: true,
        request: RequestBody::Route {
            endpoint: endpoint.id.to_string(),
        },
    }
}

/// What becomes of a device in a list of them.
fn doing(snapshot: &Snapshot, endpoint: &Endpoint) -> Option<&'static str> {
    let route = &snapshot.audio.route;
    let id = Some(&endpoint.id);
    if route.effective.as_ref() == id {
        Some(words::audio::IN_USE)
    } else if route.pending.as_ref() == id {
        Some(words::audio::SOON)
    } else if route.desired.as_ref() == id {
        Some(words::audio::WANTED)
    } else {
        None
    }
}

/// Chosen, and not in use yet or any more.
fn is_wanted(snapshot: &Snapshot, endpoint: &Endpoint) -> bool {
    let route = &snapshot.audio.route;
    let id = Some(&endpoint.id);
    route.effective.as_ref() != id && (route.pending.as_ref() == id || route.desired.as_ref() == id)
}

fn apps(snapshot: &Snapshot) -> Vec<AppView> {
    let app = |provider: &hookswitch_model::ProviderSnapshot| AppView {
        id: provider.app.to_string(),
        name: provider.name.as_str().to_owned(),
        ready: provider.connected,
        accounts: provider
            .accounts
            .iter()
            .filter(|account| account.dials)
            .map(|account| AccountView {
                id: account.id.as_str().to_owned(),
                label: account.label.as_str().to_owned(),
            })
            .collect(),
    };
    snapshot.providers.iter().map(app).collect()
}
