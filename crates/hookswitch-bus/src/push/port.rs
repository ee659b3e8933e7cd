//! What the push interface hands to whoever holds the push link, and what it hands back.
//!
//! # Promises
//!
//! - **PP1** a report of a call is never held up: what is told about it does not wait.
//! - **PP2** waiting for an answer ends after [`PUSH_REPLY_MAX`].

use std::time::Duration;

use hookswitch_model::AppId;
use hookswitch_push_core::device::{Handed, Style};
use hookswitch_push_core::push::{PushId, Service};
use hookswitch_wire::dbus::ErrorCode;
use hookswitch_wire::json::PushStatus;
use tokio::sync::{mpsc, oneshot};

use crate::error::BusError;
use crate::port::PortError;

/// Most wishes that wait for the push link.
pub const PUSH_WISHES_MAX: usize = 256;
/// Longest wait for an answer.
pub const PUSH_REPLY_MAX: Duration = Duration::from_secs(5);

/// Why a wish was refused.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PushFault {
    /// Its name on the bus.
    pub code: ErrorCode,
    /// One sentence that says what to do.
    pub text: String,
}

/// Where an answer goes.
pub type PushReply<T> = oneshot::Sender<Result<T, PushFault>>;

/// What an app is told about its pushes.
#[derive(Clone, Debug)]
pub enum PushTold {
    /// Its token, in hexadecimal digits.
    Token {
        /// The service.
        service: Service,
        /// The token.
        token: String,
    },
    /// Its token is dead.
    Invalidated {
        /// The service.
        service: Service,
    },
    /// A push.
    Incoming(Handed),
}

/// A wish about pushes, or something that they depend on.
#[derive(Debug)]
pub enum PushWish {
    /// The push registry of an app is up.
    Register {
        /// The app.
        app: AppId,
        /// Its connection.
        owner: String,
        /// What it wants pushes for.
        services: Vec<Service>,
        /// How it takes call pushes.
        style: Style,
        /// The way to it.
        outbox: mpsc::Sender<PushTold>,
        /// Where the answer goes.
        reply: PushReply<()>,
    },
    /// An app wants no more pushes.
    Unregister {
        /// The app.
        app: AppId,
        /// For what.
        services: Vec<Service>,
        /// Where the answer goes.
        reply: PushReply<()>,
    },
    /// A callback is done.
    Completed {
        /// The app.
        app: AppId,
        /// The push.
        push: PushId,
    },
    /// A callback did not begin: its deadline was over.
    TooLate {
        /// The app.
        app: AppId,
        /// The push.
        push: PushId,
    },
    /// An app reported a call, whatever becomes of it.
    Reported {
        /// The app.
        app: AppId,
    },
    /// An app has a focused window of its own now, or has not.
    Front {
        /// The app.
        app: AppId,
        /// It has.
        on: bool,
    },
    /// An app's connection ended.
    Gone {
        /// The app.
        app: AppId,
        /// Which connection; nothing when the whole bus is gone.
        owner: Option<String>,
    },
    /// What is to be told.
    Status {
        /// About one app only.
        app: Option<AppId>,
        /// Where the answer goes.
        reply: PushReply<PushStatus>,
    },
    /// The user lets an app be started again.
    Allow {
        /// The app.
        app: AppId,
        /// Where the answer goes.
        reply: PushReply<()>,
    },
    /// The user takes an app's tokens away.
    Forget {
        /// The app.
        app: AppId,
        /// Where the answer goes.
        reply: PushReply<()>,
    },
}

/// The way to whoever holds the push link. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct PushPort {
    wishes: Option<mpsc::Sender<PushWish>>,
    status: PushStatus,
}

impl PushPort {
    /// The way to a link.
    #[must_use]
    pub fn new(wishes: mpsc::Sender<PushWish>) -> Self {
        Self {
            wishes: Some(wishes),
            status: PushStatus::default(),
        }
    }

    /// Nobody holds a link here, and this is why: every wish is refused.
    #[must_use]
    pub fn nobody(status: PushStatus) -> Self {
        Self {
            wishes: None,
            status,
        }
    }

    /// Hands over and waits for the answer.
    pub(crate) async fn ask<T>(
        &self,
        wish: impl FnOnce(PushReply<T>) -> PushWish,
    ) -> Result<T, BusError> {
        let (reply, answer) = oneshot::channel();
        self.hand_over(wish(reply)).await?;
        match tokio::time::timeout(PUSH_REPLY_MAX, answer).await {
            Ok(Ok(Ok(done))) => Ok(done),
            Ok(Ok(Err(fault))) => Err(BusError::new(fault.code, fault.text)),
            Ok(Err(_)) => Err(PortError::Lost.into()),
            Err(_) => Err(PortError::NoAnswer.into()),
        }
    }

    /// Hands over, waiting for room.
    pub(crate) async fn hand_over(&self, wish: PushWish) -> Result<(), BusError> {
        let Some(wishes) = &self.wishes else {
            return Err(BusError::new(ErrorCode::NotNow, self.refusal()));
        };
        let sent = tokio::time::timeout(PUSH_REPLY_MAX, wishes.send(wish)).await;
        match sent {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(PortError::Stopping.into()),
            Err(_) => Err(PortError::Busy.into()),
        }
    }

    /// Tells what nobody waits for (PP1).
    pub(crate) fn tell(&self, wish: PushWish) {
        let Some(wishes) = &self.wishes else {
            return;
        };
        if let Err(mpsc::error::TrySendError::Full(wish)) = wishes.try_send(wish) {
            let wishes = wishes.clone();
            tokio::spawn(async move {
                // An error means that the link is gone, and its debts with it.
                let _ = wishes.send(wish).await;
            });
        }
    }

    pub(crate) async fn status(&self, app: Option<AppId>) -> Result<PushStatus, BusError> {
        match self.wishes {
            Some(_) => self.ask(|reply| PushWish::Status { app, reply }).await,
            None => Ok(self.status.clone()),
        }
    }

    fn refusal(&self) -> String {
        self.status.fault.clone().unwrap_or_else(|| {
            "no push gateway is configured; name one in hookswitchd.toml: [push] gateway".to_owned()
        })
    }
}
