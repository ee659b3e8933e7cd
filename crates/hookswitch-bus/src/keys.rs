//! From an app's own call strings to call ids.
//!
//! # Promises
//!
//! - **K1** the same app and key always lead to the same call id; a key that is a UUID is the id.
//! - **K2** two apps cannot meet in an id unless they both bring the same UUID.

use hookswitch_core::Action;
use hookswitch_model::{AppId, CallId, CallKey};
use hookswitch_wire::dbus::{self, ActionMessage, ArgumentError, Dict};
use uuid::Uuid;

use crate::error::BusError;

/// Most actions in one transaction.
pub const ACTIONS_MAX: usize = 16;

/// The space of derived call ids (UUID version 5, RFC 9562): that of the DNS name
/// `calls1.hookswitch.org`, so that any program can derive the same.
fn key_space() -> Uuid {
    Uuid::new_v5(&Uuid::NAMESPACE_DNS, b"calls1.hookswitch.org")
}

/// The call behind an app's key: the key itself if it is a UUID, else derived from app and key.
#[must_use]
pub fn call_of_key(app: &AppId, key: &CallKey) -> CallId {
    let derived = |_| {
        let name = format!("{app}\n{}", key.as_str());
        CallId(Uuid::new_v5(&key_space(), name.as_bytes()).as_u128())
    };
    key.as_str().parse().unwrap_or_else(derived)
}

/// A call id, as the controller interface takes it.
pub(crate) fn call_id(text: &str) -> Result<CallId, ArgumentError> {
    let wanted = "a call id; list the calls and take theirs";
    text.parse()
        .map_err(|_| ArgumentError::new("call", dbus::Problem::Malformed { wanted }))
}

/// A fresh random call id.
#[must_use]
pub fn new_call_id() -> CallId {
    CallId(Uuid::new_v4().as_u128())
}

/// The actions of an app's own transaction.
pub(crate) fn actions(app: &AppId, list: &[Dict]) -> Result<Vec<Action>, BusError> {
    if list.len() > ACTIONS_MAX {
        let max = ACTIONS_MAX;
        return Err(ArgumentError::new("actions", dbus::Problem::TooLong { max }).into());
    }
    let messages = ActionMessage::list_from_dicts(list)?;
    Ok(messages
        .into_iter()
        .map(|message| action(app, message))
        .collect())
}

fn action(app: &AppId, message: ActionMessage) -> Action {
    let id = call_of_key(app, message.call());
    match message {
        ActionMessage::Start { call: key, to } => Action::Start { call: id, key, to },
        ActionMessage::Answer { .. } => Action::Answer(id),
        ActionMessage::End { .. } => Action::End(id),
        ActionMessage::SetHeld { on, .. } => Action::SetHeld(id, on),
        ActionMessage::SetMuted { on, .. } => Action::SetMuted(id, on),
        ActionMessage::SetGroup { with, .. } => {
            Action::SetGroup(id, with.map(|with| call_of_key(app, &with)))
        }
        ActionMessage::PlayDigits { digits, .. } => Action::PlayDigits(id, digits),
        ActionMessage::SetTranslating { to, .. } => Action::SetTranslating(id, to),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_is_the_call_id_and_any_other_key_leads_to_one() {
        let uuid = "01234567-89ab-cdef-0123-456789abcdef";
        assert_eq!(id("org.example.A", uuid).to_string(), uuid);
        assert_eq!(id("org.example.A", "sip-1"), id("org.example.A", "sip-1"));
        assert_ne!(id("org.example.A", "sip-1"), id("org.example.A", "sip-2"));
        assert_ne!(id("org.example.A", "sip-1"), id("org.example.B", "sip-1"));
    }

    fn id(app: &str, key: &str) -> CallId {
        let app = AppId::new(app).expect("valid");
        call_of_key(&app, &CallKey::new(key).expect("valid"))
    }
}
