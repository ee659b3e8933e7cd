//! One line of a trace while it is made: with ids, and with digits that a written line hides.

use hookswitch_model::{CallId, RingState, Snapshot, Stamp, Timestamp};
use hookswitch_wire::trace::{CallState, Kind, Line, Origin, State};

use crate::effect::{Words, phase_words};
use crate::names::Names;

/// One line.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Entry {
    /// Its number, from 1.
    pub seq: u64,
    /// When, on the boot and the wall clock.
    pub at: Stamp,
    /// When, on the monotonic clock, which stops in suspend.
    pub monotonic: Timestamp,
    /// What it is about.
    pub kind: Kind,
    /// The device of the user it happened on; `None` in a story of one device, and for a service.
    pub device: Option<String>,
    /// Who did it.
    pub actor: String,
    /// Who it goes to, for the picture.
    pub target: String,
    /// Who wanted it.
    pub origin: Origin,
    /// The line that led to it.
    pub cause: Option<u64>,
    /// The call it is about.
    pub call: Option<(CallId, String)>,
    /// What, in the words of the vocabulary.
    pub what: Words,
    /// The phase of the call before the step.
    pub before: Option<&'static str>,
    /// The phase of the call after the step.
    pub after: Option<&'static str>,
    /// What everybody may know from here on, if that changed.
    pub state: Option<State>,
}

impl Entry {
    /// The line as people read it, digits starred.
    #[must_use]
    pub fn text(&self) -> String {
        self.line().text()
    }

    /// The line as it is written and read, digits starred.
    #[must_use]
    pub fn line(&self) -> Line {
        Line {
            seq: self.seq,
            at: self.at,
            monotonic: self.monotonic,
            kind: self.kind,
            device: self.device.clone(),
            actor: self.actor.clone(),
            target: self.target.clone(),
            origin: self.origin,
            cause: self.cause,
            call: self.call.as_ref().map(|(_, name)| name.clone()),
            what: masked(&self.what).join(" "),
            before: self.before.map(str::to_owned),
            after: self.after.map(str::to_owned),
            state: self.state.clone(),
            input: None,
        }
    }
}

/// Digits may be a PIN.
fn masked(words: &[String]) -> Words {
    let mut out = words.to_vec();
    let about = out.get(2).map(String::as_str);
    if out.first().is_some_and(|word| word == "ask")
        && about == Some("digits")
        && let Some(digits) = out.get_mut(4)
    {
        *digits = "*".repeat(digits.chars().count());
    }
    out
}

/// What everybody may know of a snapshot.
#[must_use]
pub fn state_of(names: &Names, snapshot: &Snapshot) -> State {
    let calls = snapshot.live().map(|call| CallState {
        call: names.call(call.id),
        app: names.app(&call.app),
        phase: phase_words(&call.phase),
        pending: call.pending.map(|kind| kind.name().to_owned()),
        muted: call.muted,
        remote_held: call.remote_hold,
        orphaned: call.orphaned_until.is_some(),
    });
    State {
        calls: calls.collect(),
        lease: snapshot.lease.as_ref().map(|lease| names.call(lease.call)),
        ringing: match snapshot.ring {
            RingState::Quiet => None,
            RingState::Ringing(call) | RingState::Waiting(call) => Some(names.call(call)),
        },
        route: snapshot
            .audio
            .route
            .effective
            .as_ref()
            .map(ToString::to_string),
    }
}
