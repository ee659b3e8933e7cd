//! What the phone shows of itself: on its page, and as JSON for scripts.

use std::net::SocketAddr;

use serde::Serialize;

use crate::media::{Endpoint, MediaStatus};
use crate::sip::RegistrationState;

/// Everything the page shows.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PhoneStatus {
    /// The address to call without an account.
    pub own_address: String,
    /// Where SIP listens.
    pub sip: SocketAddr,
    /// The calling system.
    pub system: SystemStatus,
    /// The accounts.
    pub accounts: Vec<AccountStatus>,
    /// The calls.
    pub calls: Vec<CallStatus>,
    /// Where calls are heard: `computer` or `browser`.
    pub endpoint: &'static str,
}

/// The calling system as the phone sees it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SystemStatus {
    /// True while the daemon has our registration.
    pub ready: bool,
    /// A sentence about it.
    pub text: String,
}

/// One account.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AccountStatus {
    /// Its name.
    pub name: String,
    /// Its address.
    pub address: String,
    /// `registering`, `registered`, `failed` or `unregistered`.
    pub state: &'static str,
    /// A sentence about it.
    pub text: String,
}

/// Which way a call went.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CallDirection {
    /// Somebody calls us.
    Incoming,
    /// We call somebody.
    Outgoing,
}

/// How far a call is.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CallStage {
    /// Incoming; the system has not taken it yet.
    Reported,
    /// Incoming; it rings.
    Ringing,
    /// Incoming; our answer waits for its acknowledgement.
    Answering,
    /// Outgoing; no answer yet.
    Dialing,
    /// Answered.
    Connected,
}

/// One call.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CallStatus {
    /// The name the system knows it by.
    pub key: String,
    /// Which way it went.
    pub direction: CallDirection,
    /// How far it is.
    pub stage: CallStage,
    /// The peer's address.
    pub address: String,
    /// The peer's name.
    pub name: Option<String>,
    /// True while we hold it.
    pub held: bool,
    /// True while the peer holds it.
    pub held_by_peer: bool,
    /// The digits the peer sent.
    pub digits: String,
    /// Its audio.
    pub audio: AudioStatus,
}

/// A call's audio.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct AudioStatus {
    /// True while the system gave this call the audio.
    pub active: bool,
    /// True while muted.
    pub muted: bool,
    /// `computer` or `browser`.
    pub endpoint: &'static str,
    /// What is open there.
    pub device: String,
    /// Level heard, in dBFS.
    pub in_dbfs: f64,
    /// Level sent, in dBFS.
    pub out_dbfs: f64,
    /// Packets sent.
    pub sent: u64,
    /// Packets received.
    pub received: u64,
}

impl PhoneStatus {
    /// The status before anything happened.
    pub fn new(sip: SocketAddr) -> Self {
        Self {
            own_address: super::own_address(sip),
            sip,
            system: SystemStatus {
                ready: false,
                text: "Looking for the calling system.".to_owned(),
            },
            accounts: Vec::new(),
            calls: Vec::new(),
            endpoint: endpoint_name(Endpoint::default()),
        }
    }
}

impl AccountStatus {
    pub(super) fn set(&mut self, state: &RegistrationState) {
        (self.state, self.text) = match state {
            RegistrationState::Registering => ("registering", "Registering.".to_owned()),
            RegistrationState::Registered { expires } => (
                "registered",
                format!("Registered, refreshed within {expires} s."),
            ),
            RegistrationState::Failed(why) => ("failed", format!("Not registered: {why}.")),
            RegistrationState::Unregistered => ("unregistered", "Not registered.".to_owned()),
        };
    }
}

impl From<MediaStatus> for AudioStatus {
    fn from(status: MediaStatus) -> Self {
        Self {
            active: status.active,
            muted: status.muted,
            endpoint: endpoint_name(status.endpoint),
            device: status.device,
            in_dbfs: tenth(status.in_dbfs),
            out_dbfs: tenth(status.out_dbfs),
            sent: status.sent,
            received: status.received,
        }
    }
}

/// The word for an endpoint.
pub(super) fn endpoint_name(endpoint: Endpoint) -> &'static str {
    match endpoint {
        Endpoint::Computer => "computer",
        Endpoint::Browser => "browser",
    }
}

fn tenth(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}
