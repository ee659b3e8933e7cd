//! What everybody may know at one point of a trace: phases, ringing, audio.

use hookswitch_model::{RingState, Snapshot};
use serde_json::{Value, json};

use crate::describe::phase_words;
use crate::names::Names;

/// The state after a step, by names.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct State {
    /// The live calls, oldest first.
    pub calls: Vec<CallState>,
    /// The call that has the audio.
    pub lease: Option<String>,
    /// The call that rings.
    pub ringing: Option<String>,
    /// The audio device in use.
    pub route: Option<String>,
}

/// One live call.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct CallState {
    /// Its name.
    pub call: String,
    /// The name of its app.
    pub app: String,
    /// Its phase with the detail, such as `held by user`.
    pub phase: String,
    /// What its app was asked for and has not settled.
    pub pending: Option<String>,
    /// The microphone is stopped.
    pub muted: bool,
    /// The other party holds.
    pub remote_held: bool,
    /// Its app is gone.
    pub orphaned: bool,
}

impl State {
    /// The state of a snapshot.
    #[must_use]
    pub fn of(names: &Names, snapshot: &Snapshot) -> Self {
        let calls = snapshot.calls.iter().map(|call| CallState {
            call: names.call(call.id),
            app: names.app(&call.app),
            phase: phase_words(&call.phase),
            pending: call.pending.map(|kind| kind.name().to_owned()),
            muted: call.muted,
            remote_held: call.remote_hold,
            orphaned: call.orphaned_until.is_some(),
        });
        Self {
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

    /// The state as a JSON object; what is not the case is left out of its calls.
    #[must_use]
    pub fn json(&self) -> Value {
        let calls = self.calls.iter().map(CallState::json);
        json!({
            "calls": calls.collect::<Vec<_>>(),
            "lease": self.lease,
            "ringing": self.ringing,
            "route": self.route,
        })
    }
}

impl CallState {
    fn json(&self) -> Value {
        let mut value = json!({ "call": self.call, "app": self.app, "phase": self.phase });
        let flags = [
            ("muted", self.muted),
            ("remote_held", self.remote_held),
            ("orphaned", self.orphaned),
        ];
        if let Some(members) = value.as_object_mut() {
            for (name, on) in flags {
                if on {
                    members.insert(name.to_owned(), Value::Bool(true));
                }
            }
            if let Some(pending) = &self.pending {
                members.insert("pending".to_owned(), json!(pending));
            }
        }
        value
    }
}
