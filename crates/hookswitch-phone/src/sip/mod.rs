//! SIP signalling (RFC 3261): registers accounts, places and takes calls, holds and ends them.
//!
//! Input: [`SipCommand`]s from the phone and messages from the network. Output: [`SipEvent`]s.
//! One task owns all signalling state; commands and events travel over bounded channels.
//!
//! # Promises
//!
//! - **I1** an incoming call is not answered `180` before the phone says [`SipCommand::Ring`].
//! - **I2** every leg that was announced ends with exactly one [`SipEvent::Ended`].
//! - **I3** every wait has a deadline: [`deadlines`]. At most [`LEGS_MAX`] legs exist.
//! - **I4** malformed messages are dropped or answered with an error; no leg is disturbed.
//! - **I5** media is described only; no audio passes here.
//!
//! # Not here
//!
//! TLS, WebSocket, SRTP, transfer (REFER) and early media. Requests for them are refused.

mod leg;
mod message;
mod register;
mod stack;
mod task;
mod uas;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use thiserror::Error;
use tokio::sync::mpsc;

use crate::config::Account;
use crate::sdp::Agreed;

pub use message::{DialError, dial_target};
pub use stack::{SipConfig, SipStack, start};

/// Legs (calls in any state) that may exist at once; a further INVITE gets 486.
pub const LEGS_MAX: usize = 16;
/// Commands that may wait.
pub const COMMANDS_MAX: usize = 64;
/// Events that may wait; the phone reads them at once.
pub const EVENTS_MAX: usize = 256;

/// Every wait of the signalling.
pub mod deadlines {
    use std::time::Duration;

    /// How long the phone may think before an INVITE gets 480.
    pub const DECIDE: Duration = Duration::from_secs(15);
    /// How long an address may stay silent to an INVITE: no 100, no 180, nothing.
    pub const FIRST_WORD: Duration = Duration::from_secs(10);
    /// How long a call rings at most, either way, before it is given up.
    pub const RING: Duration = Duration::from_secs(180);
    /// How long a re-INVITE may take.
    pub const REINVITE: Duration = Duration::from_secs(8);
    /// How long a BYE or CANCEL is waited for in the background.
    pub const GOODBYE: Duration = Duration::from_secs(5);
    /// How long one REGISTER may take.
    pub const REGISTER: Duration = Duration::from_secs(10);
    /// How long stopping may take: calls ended and accounts unregistered.
    pub const SHUTDOWN: Duration = Duration::from_millis(1500);
}

/// Names one leg while it lives; never used twice in one run.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct LegId(pub u64);

/// What the phone wants of the signalling.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum SipCommand {
    /// Places a call; our audio will come from and go to `rtp`.
    Dial {
        /// The new leg's name, from [`SipHandle::new_leg`].
        leg: LegId,
        /// A SIP address, `host:port`, or a user at the account's server.
        to: String,
        /// The account to call from, by name; none calls directly.
        account: Option<String>,
        /// The name shown to the called.
        display_name: Option<String>,
        /// Our RTP address.
        rtp: SocketAddr,
    },
    /// Tells the caller that the call rings (180).
    Ring(LegId),
    /// Answers an incoming call (200).
    Answer {
        /// The leg.
        leg: LegId,
        /// Our RTP address.
        rtp: SocketAddr,
    },
    /// Refuses an incoming call.
    Refuse(LegId, Refusal),
    /// Holds or resumes by re-INVITE.
    Hold(LegId, HoldWish),
    /// Ends the leg in whatever way its state asks for.
    End(LegId),
    /// Ends all calls, unregisters and stops.
    Shutdown,
}

/// What a hold request wants.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum HoldWish {
    /// No audio in either direction.
    Hold,
    /// Audio both ways again.
    Resume,
}

/// How an incoming call is refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Refusal {
    /// 486: busy.
    Busy,
    /// 603: declined by the person.
    Declined,
    /// 480: nobody can be rung.
    Unavailable,
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum SipEvent {
    /// A call comes in; nothing but 100 was sent yet.
    Incoming {
        /// The new leg.
        leg: LegId,
        /// Who calls.
        from: Party,
        /// The user part that was called, if any.
        to_user: Option<String>,
    },
    /// The called side rings.
    Ringing(LegId),
    /// The call is answered and acknowledged; audio may flow.
    Connected(LegId, Agreed),
    /// Our hold or resume was acknowledged.
    HoldDone(LegId, HoldWish, Agreed),
    /// Our hold or resume failed; nothing changed.
    HoldFailed(LegId, HoldWish, String),
    /// The peer changed the audio, as by its own hold or resume.
    MediaChanged(LegId, Agreed),
    /// A digit that came by SIP INFO.
    Digit(LegId, char),
    /// The leg is over.
    Ended(LegId, EndedBy),
    /// An account's registration changed.
    Registration {
        /// The account's name.
        account: String,
        /// Its state.
        state: RegistrationState,
    },
}

/// Who calls or is called.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Party {
    /// The SIP address, such as `sip:ana@127.0.0.1:5070`.
    pub address: String,
    /// The display name, if one was given.
    pub name: Option<String>,
}

/// Why a leg is over.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum EndedBy {
    /// We ended or refused it.
    Us,
    /// The peer hung up (BYE).
    Peer,
    /// The caller gave up before the answer (CANCEL).
    CanceledByCaller,
    /// The called side was busy (486, 600).
    Busy,
    /// The called side declined (603).
    Declined,
    /// Nobody answered in time.
    Unanswered,
    /// It failed; the sentence says why.
    Failed(String),
}

/// The state of one account.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum RegistrationState {
    /// The first REGISTER is under way.
    Registering,
    /// The server reaches us for this many seconds, refreshed before.
    Registered {
        /// Seconds granted.
        expires: u32,
    },
    /// The server refused or cannot be reached; it is tried again.
    Failed(String),
    /// Unregistered at our wish.
    Unregistered,
}

/// Why the signalling does not take a command.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum SipGone {
    /// The signalling task has ended.
    #[error("SIP signalling has stopped; start the phone again")]
    Stopped,
    /// Too many commands wait.
    #[error("SIP signalling is overloaded ({COMMANDS_MAX} commands wait); try again")]
    Overloaded,
}

/// The way to the signalling task.
#[derive(Clone, Debug)]
pub struct SipHandle {
    commands: mpsc::Sender<SipCommand>,
    legs: Arc<AtomicU64>,
}

impl SipHandle {
    /// A name for a new outgoing leg.
    pub fn new_leg(&self) -> LegId {
        LegId(self.legs.fetch_add(1, Ordering::Relaxed))
    }

    /// Hands a command over without waiting.
    pub fn send(&self, command: SipCommand) -> Result<(), SipGone> {
        self.commands
            .try_send(command)
            .map_err(|error| match error {
                mpsc::error::TrySendError::Full(_) => SipGone::Overloaded,
                mpsc::error::TrySendError::Closed(_) => SipGone::Stopped,
            })
    }

    /// Resolves when the signalling task has ended.
    pub async fn stopped(&self) {
        self.commands.closed().await;
    }
}

/// The account with this name.
fn account_named<'a>(accounts: &'a [Account], name: &str) -> Option<&'a Account> {
    accounts.iter().find(|account| account.name == name)
}
