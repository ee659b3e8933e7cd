//! Sentences about calls that ended.

/// "Incoming" or "Outgoing".
#[must_use]
pub fn direction(is_outgoing: bool) -> &'static str {
    if is_outgoing { "Outgoing" } else { "Incoming" }
}

/// A call that was connected: "Incoming, 12 min, you ended it".
#[must_use]
pub fn connected(is_outgoing: bool, span: &str, how: &str) -> String {
    format!("{}, {span}, {how}", direction(is_outgoing))
}

/// A call that was not connected: "Outgoing, not connected, you ended it".
#[must_use]
pub fn unconnected(is_outgoing: bool, how: &str) -> String {
    format!("{}, not connected, {how}", direction(is_outgoing))
}

/// How a call ended.
pub const BY_YOU: &str = "you ended it";
/// How a call ended.
pub const BY_YOU_FOR_ANOTHER: &str = "you ended it to answer another call";
/// How a call ended.
pub const BY_THEM: &str = "they ended it";
/// How a call ended.
pub const BY_FAILURE: &str = "the connection failed";
/// End sentence.
pub const YOU_DECLINED: &str = "You declined";
/// End sentence.
pub const THEY_DECLINED: &str = "Outgoing, they declined";
/// End sentence.
pub const NO_ANSWER: &str = "Outgoing, no answer";
/// End sentence.
pub const THEY_WERE_BUSY: &str = "Outgoing, they were busy";
/// End sentence.
pub const WE_WERE_BUSY: &str = "Missed, your line was busy";
/// End sentence.
pub const ANSWERED_ELSEWHERE: &str = "Answered on another device";
/// End sentence.
pub const DECLINED_ELSEWHERE: &str = "Declined on another device";
/// End sentence.
pub const BUSY_ELSEWHERE: &str = "You were in a call on another device";
/// End sentence.
pub const FILTERED: &str = "Blocked by your rules";
/// End sentence.
pub const BLOCKED: &str = "Blocked: you have blocked this caller";
/// End sentence.
pub const SCREENED: &str = "Blocked by screening";
/// End sentence.
pub const BLOCKED_LATE: &str = "Blocked by screening, after it began to ring";
/// Why a call did not ring.
pub const DO_NOT_DISTURB: &str = "Do not disturb";
/// Why a call did not ring.
pub const EMERGENCY: &str = "an emergency call was in progress";
/// Why a call did not ring.
pub const ARRIVED_LATE: &str = "arrived late";
/// Why a call did not ring.
pub const RESTRICTED: &str = "the screen was shared or lent";
/// Why a call did not ring.
pub const SECOND_BUSY: &str = "you were busy with another call, and they were told so";
/// Why a call did not ring.
pub const SECOND_MISSED: &str = "you were busy with another call";
/// Why a call did not ring.
pub const NO_ROOM: &str = "too many calls at once";
/// Why a call did not ring.
pub const BEHIND_ANOTHER: &str = "another call was ringing";

/// "Missed, did not ring: Do not disturb".
#[must_use]
pub fn did_not_ring(why: &str) -> String {
    format!("Missed, did not ring: {why}")
}

/// Why a call did not ring: "arrived 4 min late".
#[must_use]
pub fn arrived_late(span: &str) -> String {
    format!("arrived {span} late")
}

/// Why a call did not ring: "Acme was locked".
#[must_use]
pub fn was_locked(app: &str) -> String {
    format!("{app} was locked")
}
/// End sentence.
pub const COULD_NOT_CONNECT: &str = "Could not connect";

/// "Missed, rang 60 s".
#[must_use]
pub fn missed_rang(span: &str) -> String {
    format!("Missed, rang {span}")
}

/// Why a call that was shown was not heard.
pub const RING_MUTED: &str = "the ringtone is switched off or its volume is zero";
/// Why a call that was shown was not heard.
pub const NO_SOUND: &str = "there was no sound device";

/// "Missed, shown for 60 s without a sound: there was no sound device".
#[must_use]
pub fn missed_unheard(span: &str, why: &str) -> String {
    format!("Missed, shown for {span} without a sound: {why}")
}

/// "Missed, they hung up after 8 s".
#[must_use]
pub fn missed_gave_up(span: &str) -> String {
    format!("Missed, they hung up after {span}")
}

/// "Could not connect: Acme could not set up the call".
#[must_use]
pub fn could_not_connect(why: &str) -> String {
    format!("{COULD_NOT_CONNECT}: {why}")
}

/// Reason of a failure.
#[must_use]
pub fn app_failed(app: &str) -> String {
    format!("{app} could not set up the call")
}

/// Reason of a failure.
pub const REMOTE_FAILED: &str = "the other side could not be reached";
/// Reason of a failure.
pub const LIMIT_FAILED: &str = "too many calls at once";
/// Reason of a failure.
pub const SYSTEM_FAILED: &str = "Hookswitch could not keep the call going";

/// "Ended: Acme stopped working".
#[must_use]
pub fn app_crashed(app: &str) -> String {
    format!("Ended: {app} stopped working")
}

/// "Ended: Acme did not respond".
#[must_use]
pub fn app_unresponsive(app: &str) -> String {
    format!("Ended: {app} did not respond")
}

/// Message: "Acme did not respond".
#[must_use]
pub fn did_not_respond(app: &str) -> String {
    format!("{app} did not respond")
}

/// Message: "Ana Kowalska ended the call".
#[must_use]
pub fn they_ended(name: &str) -> String {
    format!("{name} ended the call")
}

/// Message: "Call with Ana Kowalska ended".
#[must_use]
pub fn call_ended(name: &str) -> String {
    format!("Call with {name} ended")
}

/// Message: "Missed call from Ana Kowalska".
#[must_use]
pub fn missed_from(name: &str) -> String {
    format!("Missed call from {name}")
}

/// Message detail: "12 min 4 s in Acme".
#[must_use]
pub fn span_in(span: &str, app: &str) -> String {
    format!("{span} in {app}")
}

/// Message detail: "Omar Haddad, Mobile".
#[must_use]
pub fn party_in(name: &str, app: &str) -> String {
    format!("{name}, {app}")
}

/// Message: "Omar Haddad declined".
#[must_use]
pub fn they_declined(name: &str) -> String {
    format!("{name} declined")
}

/// Message: "Omar Haddad did not answer".
#[must_use]
pub fn no_answer_from(name: &str) -> String {
    format!("{name} did not answer")
}

/// Message: "Omar Haddad was busy".
#[must_use]
pub fn was_busy(name: &str) -> String {
    format!("{name} was busy")
}

/// Message: "The call with Ana Kowalska failed".
#[must_use]
pub fn failed(name: &str) -> String {
    format!("The call with {name} failed")
}

/// Message detail: "Acme stopped working. The call has ended."
#[must_use]
pub fn has_ended_with(name: &str) -> String {
    format!("The call with {name} has ended.")
}
