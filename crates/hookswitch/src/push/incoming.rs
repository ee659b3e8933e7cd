//! A push in the hands of the app.

use std::fmt;
use std::time::Duration;

use hookswitch_wire::dbus::{PushAbout, may_begin};

use super::{PushService, boot_ms, method, until};
use crate::error::Error;
use crate::link::Link;

/// Why a push demands no report of a call.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum PushReason {
    /// It demands one.
    None,
    /// The app was on a call as it arrived.
    ActiveCall,
    /// The app was in front as it arrived.
    Foreground,
    /// It is too old to ring.
    Stale,
    /// It is not about a call.
    NoCall,
}

impl PushReason {
    fn from_name(name: &str) -> Self {
        match name {
            "active-call" => Self::ActiveCall,
            "foreground" => Self::Foreground,
            "stale" => Self::Stale,
            "no-call" => Self::NoCall,
            _ => Self::None,
        }
    }
}

/// A push (`PKPushPayload` with `PKVoIPPushMetadata`), until it is completed.
///
/// If [`must_report`](Self::must_report) says so, report a call first
/// ([`Provider::report_incoming`](crate::Provider::report_incoming)), then
/// [`complete`](Self::complete).
pub struct IncomingPush {
    link: Link,
    id: String,
    service: PushService,
    payload: Vec<u8>,
    deadline_ms: u64,
    about: PushAbout,
    settled: bool,
}

/// The payload is nobody's business.
impl fmt::Debug for IncomingPush {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IncomingPush")
            .field("id", &self.id)
            .field("service", &self.service)
            .field("bytes", &self.payload.len())
            .field("about", &self.about)
            .finish_non_exhaustive()
    }
}

impl IncomingPush {
    pub(super) fn new(
        link: Link,
        (id, service): (String, PushService),
        payload: Vec<u8>,
        deadline_ms: u64,
        about: PushAbout,
    ) -> Self {
        Self {
            link,
            id,
            service,
            payload,
            deadline_ms,
            about,
            settled: false,
        }
    }

    /// Its id, which the sender knows as `apns-id`.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What it is for.
    #[must_use]
    pub fn service(&self) -> PushService {
        self.service
    }

    /// What the sender sent (`dictionaryPayload`): a JSON document, or encrypted bytes.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// Whether a call must be reported for it (`mustReport`).
    #[must_use]
    pub fn must_report(&self) -> bool {
        self.about.must_report
    }

    /// Why not.
    #[must_use]
    pub fn reason(&self) -> PushReason {
        PushReason::from_name(&self.about.reason)
    }

    /// The sender sent it no longer ago than this, as of the moment it was handed out.
    #[must_use]
    pub fn age(&self) -> Duration {
        Duration::from_millis(self.about.age_ms)
    }

    /// For how much longer it lives, at least.
    #[must_use]
    pub fn remaining(&self) -> Duration {
        until(self.deadline_ms)
    }

    /// Whether it waited in the store of the gateway.
    #[must_use]
    pub fn was_stored(&self) -> bool {
        self.about.stored
    }

    /// What it replaces on the screen (`apns-collapse-id`).
    #[must_use]
    pub fn collapse(&self) -> Option<&str> {
        self.about.collapse.as_deref()
    }

    /// Whether its work may still begin. The stream of events has asked as it returned the push; an
    /// app that lets it wait after that asks again.
    #[must_use]
    pub fn may_begin(&self) -> bool {
        may_begin(boot_ms(), self.deadline_ms)
    }

    /// The app is done with it (the completion handler). It does not come again after this.
    ///
    /// # Errors
    ///
    /// When the daemon cannot be reached.
    pub async fn complete(mut self) -> Result<(), Error> {
        self.settled = true;
        let body = (self.id.clone(),);
        self.link.call(method("Completed"), &body).await
    }

    /// Its time was over before the app took it.
    pub(super) fn too_late(mut self) {
        self.settled = true;
        self.tell("TooLate");
    }

    fn tell(&self, what: &'static str) {
        let (link, body) = (self.link.clone(), (self.id.clone(),));
        self.link.spawn(async move {
            // A daemon that is gone has forgotten it, too.
            let _: Result<(), Error> = link.call(method(what), &body).await;
        });
    }
}

impl Drop for IncomingPush {
    fn drop(&mut self) {
        if !self.settled {
            self.tell("Completed");
        }
    }
}
