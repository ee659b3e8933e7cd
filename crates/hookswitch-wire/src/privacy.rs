//! Who a call is shown to be with: the one place that obeys the user's level of privacy.
//!
//! Input: a live or a former call. Output: a name and an address for every document and view.
//!
//! # Promises
//!
//! - **PV1** where the name is hidden, neither it nor the address is in what this crate makes of
//!   the call, whenever either became known.

use hookswitch_model::{CallSnapshot, Direction, Handle};

/// What stands in place of a person in the title of a call.
#[must_use]
pub fn title(app: &str, direction: Direction) -> String {
    match direction {
        Direction::Incoming => format!("Call from {app}"),
        Direction::Outgoing => format!("Call through {app}"),
    }
}

/// The name and address to be shown of a live call.
pub(crate) fn shown(call: &CallSnapshot) -> (Option<String>, Option<&Handle>) {
    match &call.shown_as {
        Some(app) => (Some(title(app.as_str(), call.direction)), None),
        None => {
            let name = call.name.as_ref().map(|name| name.as_str().to_owned());
            (name, call.handle.as_ref())
        }
    }
}
