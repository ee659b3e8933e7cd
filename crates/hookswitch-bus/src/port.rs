//! What the edge hands to the shell, and what it hands back.
//!
//! Input: parsed messages. Output: at most one answer each.
//!
//! # Promises
//!
//! - **P1** handing over never waits: a full inbox is refused with [`PortError::Busy`].
//! - **P2** waiting for an answer ends after [`REPLY_MAX`].

use std::time::Duration;

use hookswitch_core::{Accepted, Environment, Outcome, Report, Request, Requester};
use hookswitch_model::{AskId, CallId, ClientId, Cursor, Handle, Refusal};
use hookswitch_wire::dbus::WhatIf;
use hookswitch_wire::view::DecisionView;
use tokio::sync::{mpsc, oneshot};

use crate::app::Outbound;

/// Longest wait for the shell's answer.
pub const REPLY_MAX: Duration = Duration::from_secs(5);

/// Where the answer to a report or request goes.
pub type ReplyTo = oneshot::Sender<Result<Accepted, Refusal>>;

/// One parsed message for the shell.
#[derive(Debug)]
pub enum Input {
    /// An app registers; this is where messages for it go, unless it has a mailbox.
    Joined {
        /// Its connection.
        client: ClientId,
        /// Its mailbox.
        mailbox: mpsc::Sender<Outbound>,
    },
    /// A fact from an app.
    Report {
        /// Its connection.
        client: ClientId,
        /// The fact.
        report: Report,
        /// Where the answer goes.
        reply: ReplyTo,
    },
    /// A wish.
    Request {
        /// Who wishes.
        from: Requester,
        /// The wish.
        wish: Request,
        /// Where the answer goes.
        reply: ReplyTo,
    },
    /// An app settled an ask.
    Settled {
        /// Its connection.
        client: ClientId,
        /// Which ask.
        ask: AskId,
        /// How.
        outcome: Outcome,
        /// Where the answer goes: refused if the ask was not open.
        reply: ReplyTo,
    },
    /// An app has what it was told up to here in its own hands.
    Acknowledged {
        /// Its connection.
        client: ClientId,
        /// The number of the letter.
        cursor: Cursor,
    },
    /// The world around changed.
    Environment(Environment),
    /// Somebody wants to know what would be decided about a call.
    Explain {
        /// Who calls; none: the number is hidden.
        handle: Option<Handle>,
        /// What is supposed.
        what: WhatIf,
        /// Where the decision goes.
        reply: oneshot::Sender<DecisionView>,
    },
    /// Somebody wants to know what was decided about a call that ended.
    ExplainCall {
        /// Which call.
        call: CallId,
        /// Where the decision goes, if there was one.
        reply: oneshot::Sender<Option<DecisionView>>,
    },
    /// Somebody wants the recording of the last events.
    Recording {
        /// Whether names, addresses and digits are kept.
        with_names: bool,
        /// Where the trace goes.
        reply: oneshot::Sender<String>,
    },
}

/// Why the shell gave no answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum PortError {
    /// The inbox is full.
    #[error("the call system is busy; try again in a moment")]
    Busy,
    /// The shell is gone.
    #[error("the call system is shutting down")]
    Stopping,
    /// The shell took it and gave no answer, which breaks a promise of the core.
    #[error("the call system gave no answer; this is a defect of hookswitchd")]
    Lost,
    /// The shell did not answer in time.
    #[error("the call system did not answer within {} s", REPLY_MAX.as_secs())]
    NoAnswer,
}

/// The way into the shell.
#[derive(Clone, Debug)]
pub struct Inbox(mpsc::Sender<Input>);

impl Inbox {
    /// Wraps the sending end of the shell's bounded inbox.
    #[must_use]
    pub fn new(sender: mpsc::Sender<Input>) -> Self {
        Self(sender)
    }

    /// Hands over without waiting.
    ///
    /// # Errors
    ///
    /// [`PortError::Busy`] if the inbox is full, [`PortError::Stopping`] if nobody reads it.
    pub fn put(&self, input: Input) -> Result<(), PortError> {
        self.0.try_send(input).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => PortError::Busy,
            mpsc::error::TrySendError::Closed(_) => PortError::Stopping,
        })
    }

    /// Hands over a change of the world, which must not be lost, waiting for room if need be.
    pub async fn tell(&self, environment: Environment) {
        if self.0.send(Input::Environment(environment)).await.is_err() {
            tracing::debug!("the shell is gone; a change of the world is dropped");
        }
    }

    /// Asks for the recording of the last events.
    ///
    /// # Errors
    ///
    /// [`PortError`] if there is none in time.
    pub async fn recording(&self, with_names: bool) -> Result<String, PortError> {
        self.question(|reply| Input::Recording { with_names, reply })
            .await
    }

    /// Asks what would be decided about a call.
    ///
    /// # Errors
    ///
    /// [`PortError`] if there is no answer in time.
    pub async fn explain(
        &self,
        handle: Option<Handle>,
        what: WhatIf,
    ) -> Result<DecisionView, PortError> {
        let input = |reply| Input::Explain {
            handle,
            what,
            reply,
        };
        self.question(input).await
    }

    /// Asks what was decided about a call that ended.
    ///
    /// # Errors
    ///
    /// [`PortError`] if there is no answer in time.
    pub async fn explain_call(&self, call: CallId) -> Result<Option<DecisionView>, PortError> {
        self.question(|reply| Input::ExplainCall { call, reply })
            .await
    }

    async fn question<T>(
        &self,
        input: impl FnOnce(oneshot::Sender<T>) -> Input,
    ) -> Result<T, PortError> {
        let (reply, answer) = oneshot::channel();
        self.put(input(reply))?;
        match tokio::time::timeout(REPLY_MAX, answer).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(_)) => Err(PortError::Lost),
            Err(_) => Err(PortError::NoAnswer),
        }
    }

    /// Hands over and waits for the answer.
    ///
    /// # Errors
    ///
    /// [`PortError`] if there is none in time; the inner error is the refusal.
    pub async fn ask(
        &self,
        input: impl FnOnce(ReplyTo) -> Input,
    ) -> Result<Result<Accepted, Refusal>, PortError> {
        self.question(input).await
    }
}
