//! What the phone and the system say to each other, in the phone's words.
//!
//! The phone's task speaks these messages over two bounded channels; [`crate::app`] carries them
//! to the daemon by the SDK, and tests put a scripted system in its place.
//!
//! # Promises
//!
//! - **Y1** every [`SystemEvent::Ask`] is settled by exactly one [`SystemCommand::Settle`],
//!   unless it expired before.
//! - **Y2** the phone never decides to ring, hold or open the microphone; it only reports and
//!   obeys.

use crate::media::{Gate, Mute};
use crate::sip::{EndedBy, HoldWish, Party, Refusal};

/// Messages that may wait in either direction.
pub const MESSAGES_MAX: usize = 128;

/// The phone's own name for a call, known to the system too; never used twice.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct CallKey(pub String);

/// The system's name for one thing it asked.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AskId(pub String);

/// What the phone tells or wants.
#[derive(Clone, Debug, PartialEq)]
pub enum SystemCommand {
    /// A call comes in; the answer is an [`SystemEvent::Accepted`] or [`SystemEvent::Refused`].
    ReportIncoming(CallKey, Party),
    /// The called side rings.
    ReportConnecting(CallKey),
    /// An outgoing call is answered and acknowledged.
    ReportConnected(CallKey),
    /// The peer holds the call, or took it back.
    ReportRemoteHold(CallKey, HoldWish),
    /// The call is over, and not because the system asked.
    ReportEnded(CallKey, EndedBy),
    /// An ask is done, or failed with a sentence why.
    Settle(AskId, Result<(), String>),
    /// The person dialed on the phone's page; the system will ask to start the call.
    RequestStart(CallKey, String),
    /// The phone stops.
    Shutdown,
}

/// What the system says.
#[derive(Clone, Debug, PartialEq)]
pub enum SystemEvent {
    /// The daemon took the phone's registration.
    Ready,
    /// The daemon is away; it is looked for.
    Away(String),
    /// The reported call will ring.
    Accepted(CallKey),
    /// The reported call must not ring.
    Refused(CallKey, Refusal),
    /// A call that the person dialed on the page cannot start.
    StartRefused(CallKey, String),
    /// Do something with a call.
    Ask(AskId, CallKey, Action),
    /// The time for an ask is over.
    Expired(AskId),
    /// The call ended by the system's decision.
    CallEnded(CallKey),
    /// The system gave this call the audio, or took it.
    Audio(CallKey, Gate),
    /// The person wants to see the phone.
    Open,
}

/// What the system asks for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Action {
    /// Place a call to this address.
    Start(String),
    /// Answer.
    Answer,
    /// End, decline or cancel.
    End,
    /// Hold or resume.
    Hold(HoldWish),
    /// Mute or unmute.
    Mute(Mute),
    /// Send digits.
    Digits(String),
}
