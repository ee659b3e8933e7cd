//! Asks: what the app is to do, settled by value.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use hookswitch_wire::dbus::{
    AskMessage, CallKitDomain, EndReason, ErrorCode, Origin, TranslationEngine, at_millis,
};

use crate::call::{Call, Handle};
use crate::error::Error;

use super::letters::Letter;
use super::session::Session;
use super::wall;

/// What the app is asked to do (the subclasses of CallKit's `CXAction`).
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Action {
    /// Start an outgoing call (`CXStartCallAction`). Fulfilled means: the invitation was sent.
    Start {
        /// Whom.
        handle: Handle,
        /// With video.
        video: bool,
        /// The account to call with, if the app has named accounts.
        account: Option<String>,
        /// The address book's own name for the person (`contactIdentifier`).
        contact: Option<String>,
    },
    /// Answer (`CXAnswerCallAction`). Fulfilled means: both can talk.
    Answer,
    /// End, cancel or decline (`CXEndCallAction`).
    End {
        /// Who wants it, which CallKit does not tell; with a daemon in profile `callkit` always the
        /// user.
        origin: Origin,
        /// How it will be recorded; [`EndReason::DeclinedHere`] is a decline. With a daemon in
        /// profile `callkit` always [`EndReason::LocalHangup`].
        reason: EndReason,
    },
    /// Hold, or resume if false (`CXSetHeldCallAction`).
    SetHeld(bool),
    /// Mute, or unmute if false (`CXSetMutedCallAction`).
    SetMuted(bool),
    /// Join the group of this other call of the app, or leave one's own group if there is none
    /// (`CXSetGroupCallAction`). Fulfilled means: those of the group hear each other.
    SetGroup(Option<Call>),
    /// Send digits (`CXPlayDTMFCallAction`).
    PlayDigits(Tones),
    /// Switch video on, or off if false; CallKit has no such action.
    SetVideo(bool),
    /// The user turned the other party's offer of video down; CallKit has no such action.
    DeclineVideo,
    /// Translate, or stop if `None` (`CXSetTranslatingCallAction`). Settle it with
    /// [`Ask::fulfill_translating`]. While it runs, a muted call goes on sending the translation.
    SetTranslating(Option<Translation>),
    /// One of the app's own buttons was pressed; this is its id. CallKit has no such buttons.
    Press(String),
}

/// What is translated into what, as language tags.
pub use hookswitch_wire::dbus::words::Translation;

/// Tones to send: `0-9 * # A-D`, `,` for a pause, `;` to wait for the user. `Debug` hides them.
pub use hookswitch_wire::dbus::words::{Digits, Tones, TonesKind};

impl Action {
    pub(super) fn of(message: AskMessage) -> Self {
        match message {
            AskMessage::Start(to) => Self::Start {
                handle: Handle::of(&to.handle),
                video: to.video,
                account: to.account.map(|id| id.as_str().to_owned()),
                contact: to.contact.map(|name| name.as_str().to_owned()),
            },
            AskMessage::Answer => Self::Answer,
            AskMessage::End { origin, reason } => Self::End { origin, reason },
            AskMessage::SetHeld(on) => Self::SetHeld(on),
            AskMessage::SetMuted(on) => Self::SetMuted(on),
            AskMessage::SetGroup(with) => Self::SetGroup(
                with.map(|(id, key)| Call::new(id.to_string(), key.as_str().to_owned())),
            ),
            AskMessage::PlayDigits(tones) => Self::PlayDigits(tones),
            AskMessage::SetVideo(on) => Self::SetVideo(on),
            AskMessage::DeclineVideo => Self::DeclineVideo,
            AskMessage::SetTranslating(to) => Self::SetTranslating(to),
            AskMessage::Custom(button) => Self::Press(button.to_string()),
        }
    }
}

/// A question to the app (CallKit `CXAction`): fulfill or fail it before its deadline. Dropped
/// without either, it is failed.
#[derive(Debug)]
pub struct Ask {
    id: String,
    transaction: String,
    call: Call,
    action: Action,
    deadline: Instant,
    letter: Letter,
    session: Arc<Session>,
    /// Nothing is to be sent (any more).
    settled: bool,
}

impl Ask {
    pub(super) fn new(
        session: Arc<Session>,
        (id, transaction): (String, String),
        call: Call,
        action: Action,
        (time, letter): (Duration, Letter),
    ) -> Self {
        let now = Instant::now();
        Self {
            id,
            transaction,
            call,
            action,
            deadline: now.checked_add(time).unwrap_or(now),
            letter,
            session,
            settled: false,
        }
    }

    /// Its id (`CXAction.uuid`). It is not the call's id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The transaction it belongs to (`CXTransaction.uuid`).
    #[must_use]
    pub fn transaction(&self) -> &str {
        &self.transaction
    }

    /// The call (`CXCallAction.callUUID`).
    #[must_use]
    pub fn call(&self) -> &Call {
        &self.call
    }

    /// What to do.
    #[must_use]
    pub fn action(&self) -> &Action {
        &self.action
    }

    /// When it expires (`CXAction.timeoutDate`).
    #[must_use]
    pub fn deadline(&self) -> Instant {
        self.deadline
    }

    /// When it was decided, and whether the app was away then.
    #[must_use]
    pub fn letter(&self) -> Letter {
        self.letter
    }

    /// It is done now (`fulfill()`).
    ///
    /// # Errors
    ///
    /// [`ErrorCode::UnknownAsk`] when it was too late.
    pub async fn fulfill(self) -> Result<(), Error> {
        self.settle(Settle::At(0)).await
    }

    /// It took effect at a known time (`fulfill(withDateStarted:)`, `…Connected:`, `…Ended:`).
    ///
    /// # Errors
    ///
    /// [`ErrorCode::UnknownAsk`] when it was too late.
    pub async fn fulfill_at(self, at: SystemTime) -> Result<(), Error> {
        let at = at_millis(Some(wall(at)));
        self.settle(Settle::At(at)).await
    }

    /// The translation runs (or has stopped), by this engine
    /// (`CXSetTranslatingCallAction.fulfill(using:)`).
    ///
    /// # Errors
    ///
    /// [`ErrorCode::UnknownAsk`] when it was too late.
    pub async fn fulfill_translating(self, engine: TranslationEngine) -> Result<(), Error> {
        self.settle(Settle::Using(engine)).await
    }

    /// It cannot be done (`fail()`).
    ///
    /// # Errors
    ///
    /// [`ErrorCode::UnknownAsk`] when it was too late.
    pub async fn fail(self) -> Result<(), Error> {
        self.settle(Settle::Failed).await
    }

    async fn settle(mut self, how: Settle) -> Result<(), Error> {
        self.settled = true;
        let open = self.session.close_ask(&self.id).ok_or_else(too_late)?;
        let Some(daemon) = open.daemon else {
            // It is asked again when the daemon is back.
            return Err(Error::DaemonGone);
        };
        let sent = match how {
            Settle::At(at) => self.session.fulfill(&daemon, &self.id, at).await,
            Settle::Using(engine) => {
                let session = &self.session;
                session.fulfill_translating(&daemon, &self.id, engine).await
            }
            Settle::Failed => self.session.fail(&daemon, &self.id).await,
        };
        if !matches!(sent, Err(Error::DaemonGone)) {
            self.session.letters().done(open.cursor);
        }
        sent?;
        let fulfilled = how != Settle::Failed;
        self.session.settled(&self.call, &self.action, fulfilled);
        Ok(())
    }
}

/// How an app settles an ask.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Settle {
    /// Fulfilled, at a time in milliseconds since the Unix epoch; 0 is now.
    At(i64),
    /// Translated, or stopped, by this engine.
    Using(TranslationEngine),
    Failed,
}

fn too_late() -> Error {
    Error::Refused {
        code: ErrorCode::UnknownAsk,
        message: "the time for this ask is over; the system has gone on without it".into(),
        during: CallKitDomain::General,
        retry_after: None,
        occupied: None,
    }
}

impl Drop for Ask {
    fn drop(&mut self) {
        if self.settled {
            return;
        }
        if let Some(open) = self.session.close_ask(&self.id) {
            let session = self.session.clone();
            let id = std::mem::take(&mut self.id);
            let call = self.call.clone();
            session.settled(&call, &self.action, false);
            let gave_up = !session.has_call(&call);
            self.session.link().spawn(async move {
                let failed = match &open.daemon {
                    Some(daemon) => session.fail(daemon, &id).await,
                    None => Err(Error::DaemonGone),
                };
                if failed.is_err() && gave_up {
                    session.gave_up(call);
                }
                session.letters().done(open.cursor);
            });
        }
    }
}
