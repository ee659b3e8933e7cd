//! What everybody may know at one point of a trace: phases, ringing, audio.

use serde_json::{Value, json};

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
