//! The phone: joins signalling, audio, the system and the page, and holds the list of calls.
//!
//! Input: [`SipEvent`](crate::sip::SipEvent)s, [`SystemEvent`]s,
//! [`MediaEvent`](crate::media::MediaEvent)s and [`PhoneCommand`]s from the page. Output: commands
//! to all of them, and a [`PhoneStatus`] to look at. One task owns the calls.
//!
//! # Promises
//!
//! - **H1** a caller hears ringing only after the system accepted the report; a refused report
//!   becomes 486, 603 or 480. Without a system a caller gets 480 at once.
//! - **H2** each ask of the system is settled once: done when the peer acknowledged, failed with
//!   a sentence otherwise.
//! - **H3** a call that ends from outside is reported with its reason; one the system ended is not.
//! - **H4** audio flows only while the system says so.
//!
//! # Not here
//!
//! SIP, RTP and D-Bus themselves; any decision about ringing.

mod status;
mod task;

use std::net::SocketAddr;

use thiserror::Error;
use tokio::sync::{mpsc, oneshot, watch};

use crate::config::Account;
use crate::media::{Endpoint, OpenEnd};
use crate::sip::SipStack;
use crate::system::{SystemCommand, SystemEvent};

pub use status::{
    AccountStatus, AudioStatus, CallDirection, CallStage, CallStatus, PhoneStatus, SystemStatus,
};

/// Commands from the page that may wait.
pub const COMMANDS_MAX: usize = 32;

/// What the page wants.
#[derive(Debug)]
pub enum PhoneCommand {
    /// Dial; the answer comes when the system has taken or refused the request.
    Dial(String, oneshot::Sender<Result<(), DialRefused>>),
    /// Hear and speak there, in all calls.
    Use(Endpoint),
    /// End everything and stop.
    Shutdown,
}

/// Why a call cannot be dialed from the page.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum DialRefused {
    /// The daemon is not there.
    #[error("the calling system is away ({0}); start hookswitchd and try again")]
    SystemAway(String),
    /// It is no address.
    #[error("{0}")]
    Address(String),
    /// The phone is stopping.
    #[error("the phone is stopping")]
    Stopping,
}

/// The way to the phone's task.
#[derive(Clone, Debug)]
pub struct PhoneHandle {
    commands: mpsc::Sender<PhoneCommand>,
    status: watch::Receiver<PhoneStatus>,
}

impl PhoneHandle {
    /// Asks the system to start a call.
    pub async fn dial(&self, to: &str) -> Result<(), DialRefused> {
        let (answer, answered) = oneshot::channel();
        let command = PhoneCommand::Dial(to.to_owned(), answer);
        self.commands
            .send(command)
            .await
            .map_err(|_| DialRefused::Stopping)?;
        answered.await.unwrap_or(Err(DialRefused::Stopping))
    }

    /// Chooses where calls are heard.
    pub async fn use_endpoint(&self, endpoint: Endpoint) {
        if self
            .commands
            .send(PhoneCommand::Use(endpoint))
            .await
            .is_err()
        {
            tracing::debug!("the phone is stopping");
        }
    }

    /// Ends all calls and stops; resolves when the phone has stopped.
    pub async fn shut_down(&self) {
        if self.commands.send(PhoneCommand::Shutdown).await.is_ok() {
            self.commands.closed().await;
        }
    }

    /// How the phone does.
    pub fn status(&self) -> PhoneStatus {
        self.status.borrow().clone()
    }

    /// A copy of the status that can be waited on.
    pub fn watch(&self) -> watch::Receiver<PhoneStatus> {
        self.status.clone()
    }
}

/// What the phone is made of.
pub struct PhoneParts {
    /// Running signalling.
    pub sip: SipStack,
    /// The accounts signalling registers.
    pub accounts: Vec<Account>,
    /// The name shown to the called.
    pub display_name: Option<String>,
    /// Opens audio ends.
    pub open: OpenEnd,
    /// To the system.
    pub system: mpsc::Sender<SystemCommand>,
    /// From the system.
    pub system_events: mpsc::Receiver<SystemEvent>,
}

/// Starts the phone's task.
pub fn start(parts: PhoneParts) -> PhoneHandle {
    let (commands, inbox) = mpsc::channel(COMMANDS_MAX);
    let (status_outbox, status) = watch::channel(PhoneStatus::new(parts.sip.address));
    tokio::spawn(task::Phone::run(parts, inbox, status_outbox));
    PhoneHandle { commands, status }
}

/// The address other phones call without an account.
pub fn own_address(address: SocketAddr) -> String {
    format!("sip:phone@{address}")
}
