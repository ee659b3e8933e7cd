//! The user's hand: everything a calling UI, the command line or a headset bridge does.
//!
//! Input: wishes by call id. Output: acceptance at once; outcomes by [`Controller::wait_finished`];
//! the state as a document, once or as a stream of the newest.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use hookswitch_wire::dbus::{
    self, AnswerMode, CONTROLLER_INTERFACE, CallKitDomain, HeadsetGesture, Interruption, OnAnswer,
    Privacy, SecondCalls, words::Callee,
};
use hookswitch_wire::json::{Caller, RecentsFilter, RequestBody, Rules, State};
use hookswitch_wire::view::RecentsEntry;
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

use crate::bus::BusAddress;
use crate::call::{Handle, wall};
use crate::error::Error;
use crate::link::{Alive, Driver, Link, Method, Repeat, lock};

mod heard;

use heard::Heard;

/// Acts on all calls of the user (what the system's own UI does on Apple's phones; for an app's own
/// calls see [`Provider::request`](crate::Provider::request)). Cheap to clone.
#[derive(Clone, Debug)]
pub struct Controller {
    link: Link,
    heard: Arc<Heard>,
    _alive: Arc<Alive>,
}

/// An accepted wish on its way (CallKit `CXTransaction`).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Transaction {
    id: String,
    /// The connection it was accepted on; another daemon counts from the start again.
    connection: u64,
}

/// A part of a transaction that was given up because its app died.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Dropped {
    /// The call, by its id.
    pub call: String,
    /// What was asked for, such as `play-digits`.
    pub action: String,
    /// `app-gone` (the app had it in its hands), `call-ended`, `other-call-ended` or `moved-on`.
    pub reason: String,
}

impl Transaction {
    /// Its id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }
}

/// An accepted change of the audio device on its way.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RouteChange {
    generation: u64,
    connection: u64,
}

impl RouteChange {
    /// Its number: that of the route in the state, once it is in use.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.generation
    }
}

impl Controller {
    /// Connects to the daemon. Must be called within a tokio runtime.
    ///
    /// # Errors
    ///
    /// At once, when no bus is found or no daemon runs there and none can be started.
    pub async fn connect() -> Result<Self, Error> {
        Self::connect_at(BusAddress::Session).await
    }

    /// The same, on a given bus.
    ///
    /// # Errors
    ///
    /// As [`Self::connect`].
    pub async fn connect_at(address: BusAddress) -> Result<Self, Error> {
        let (driver, link) = Driver::new();
        let heard = Arc::new(Heard::default());
        let alive = Arc::new(driver.start(heard.clone(), address));
        link.ready(false).await?;
        Ok(Self {
            link,
            heard,
            _alive: alive,
        })
    }

    /// Answers a ringing call; `mode` says what happens to the one on the line.
    ///
    /// # Errors
    ///
    /// When the daemon refuses; then nothing happened.
    pub async fn answer(&self, call: &str, mode: AnswerMode) -> Result<Transaction, Error> {
        self.wish("Answer", &(call, mode.name())).await
    }

    /// Declines a ringing call.
    ///
    /// # Errors
    ///
    /// When the daemon refuses; then nothing happened.
    pub async fn decline(&self, call: &str) -> Result<Transaction, Error> {
        self.wish("Decline", &(call,)).await
    }

    /// Ends, cancels or declines a call.
    ///
    /// # Errors
    ///
    /// When the daemon refuses; then nothing happened.
    pub async fn end(&self, call: &str) -> Result<Transaction, Error> {
        self.wish("End", &(call,)).await
    }

    /// Ends a call here at once, whether its app answers or not; the app is told.
    ///
    /// # Errors
    ///
    /// When there is no such call.
    pub async fn force_end(&self, call: &str) -> Result<(), Error> {
        self.link.call(method("ForceEnd"), &(call,)).await
    }

    /// Puts a call on hold.
    ///
    /// # Errors
    ///
    /// When the daemon refuses; then nothing happened.
    pub async fn hold(&self, call: &str) -> Result<Transaction, Error> {
        self.wish("SetHeld", &(call, true)).await
    }

    /// Takes a call back from hold; the one on the line is held first.
    ///
    /// # Errors
    ///
    /// When the daemon refuses; then nothing happened.
    pub async fn resume(&self, call: &str) -> Result<Transaction, Error> {
        self.wish("SetHeld", &(call, false)).await
    }

    /// Holds the call on the line and takes the held one back.
    ///
    /// # Errors
    ///
    /// When the daemon refuses; then nothing happened.
    pub async fn swap(&self) -> Result<Transaction, Error> {
        self.wish("Swap", &()).await
    }

    /// Joins the conversation of a call with that of another one of the same app.
    ///
    /// # Errors
    ///
    /// When the daemon refuses; then nothing happened.
    pub async fn merge(&self, call: &str, with: &str) -> Result<Transaction, Error> {
        self.wish("Merge", &(call, with)).await
    }

    /// Takes a call out of its group to talk to it alone; the rest of the group is held.
    ///
    /// # Errors
    ///
    /// When the daemon refuses; then nothing happened.
    pub async fn split(&self, call: &str) -> Result<Transaction, Error> {
        self.wish("Split", &(call,)).await
    }

    /// Ends a call and all others of its group.
    ///
    /// # Errors
    ///
    /// When the daemon refuses; then nothing happened.
    pub async fn end_group(&self, call: &str) -> Result<Transaction, Error> {
        self.wish("EndGroup", &(call,)).await
    }

    /// Stops or restarts the user's microphone for a call.
    ///
    /// # Errors
    ///
    /// When the daemon refuses; then nothing happened.
    pub async fn set_muted(&self, call: &str, on: bool) -> Result<Transaction, Error> {
        self.wish("SetMuted", &(call, on)).await
    }

    /// Sends digits.
    ///
    /// # Errors
    ///
    /// When they are no digits, or the daemon refuses.
    pub async fn play_digits(&self, call: &str, digits: &str) -> Result<Transaction, Error> {
        dbus::digits(digits)?;
        self.wish("PlayDigits", &(call, digits)).await
    }

    /// Sends the digits that wait behind a hard pause.
    ///
    /// # Errors
    ///
    /// When none wait, or the call is not active.
    pub async fn send_rest(&self, call: &str) -> Result<Transaction, Error> {
        self.wish("SendRest", &(call,)).await
    }

    /// Forgets the digits that wait behind a pause.
    ///
    /// # Errors
    ///
    /// When none wait.
    pub async fn drop_rest(&self, call: &str) -> Result<(), Error> {
        self.link.call(method("DropRest"), &(call,)).await
    }

    /// Stops the ringing; the call goes on waiting.
    ///
    /// # Errors
    ///
    /// When the call does not ring.
    pub async fn silence(&self, call: &str) -> Result<(), Error> {
        self.link.call(method("Silence"), &(call,)).await
    }

    /// Switches do-not-disturb, for ever or until a time.
    ///
    /// # Errors
    ///
    /// When the daemon cannot be reached.
    pub async fn set_do_not_disturb(
        &self,
        on: bool,
        until: Option<SystemTime>,
    ) -> Result<(), Error> {
        let until = dbus::at_millis(until.map(wall));
        self.link
            .call(method("SetDoNotDisturb"), &(on, until))
            .await
    }

    /// Blocks someone, or not any more. Addresses are compared exactly, kind and value.
    ///
    /// # Errors
    ///
    /// When the address is none, the list is full, or the daemon cannot be reached.
    pub async fn set_blocked(&self, handle: &Handle, on: bool) -> Result<(), Error> {
        self.set_listed("SetBlocked", handle, on).await
    }

    /// Lets someone ring in spite of do-not-disturb, or not any more.
    ///
    /// # Errors
    ///
    /// As [`Self::set_blocked`].
    pub async fn set_allowed(&self, handle: &Handle, on: bool) -> Result<(), Error> {
        self.set_listed("SetAllowed", handle, on).await
    }

    /// Says that the screen is shared or lent, or not any more: nobody rings then.
    ///
    /// # Errors
    ///
    /// When the daemon cannot be reached.
    pub async fn set_restricted(&self, on: bool) -> Result<(), Error> {
        self.link.call(method("SetRestricted"), &(on,)).await
    }

    /// What a call does that comes while another one is there: in every app, or in one. `None`
    /// takes the rule of one app back; for all it means that second calls ring.
    ///
    /// # Errors
    ///
    /// When the app's id is not one, or the daemon cannot be reached.
    pub async fn set_second_calls(
        &self,
        rule: Option<SecondCalls>,
        app: Option<&str>,
    ) -> Result<(), Error> {
        let app = app.map(dbus::app_id).transpose()?;
        let of_app = app.as_ref().map_or("", |app| app.as_str());
        let rule = match (rule, &app) {
            (Some(rule), _) => rule.name(),
            (None, Some(_)) => "",
            (None, None) => SecondCalls::default().name(),
        };
        self.link
            .call(method("SetSecondCalls"), &(rule, of_app))
            .await
    }

    /// Says that an app is locked or hidden, or not any more: its calls neither ring nor start
    /// then.
    ///
    /// # Errors
    ///
    /// When the app's id is not one, or the daemon cannot be reached.
    pub async fn set_protected(&self, app: &str, on: bool) -> Result<(), Error> {
        let app = dbus::app_id(app)?;
        self.link
            .call(method("SetProtected"), &(app.as_str(), on))
            .await
    }

    /// How much is shown of the calls of an app: on every screen, in notices, in the recents, and
    /// to whoever watches.
    ///
    /// # Errors
    ///
    /// When the app's id is not one, or the daemon cannot be reached.
    pub async fn set_privacy(&self, app: &str, level: Privacy) -> Result<(), Error> {
        let app = dbus::app_id(app)?;
        self.link
            .call(method("SetPrivacy"), &(app.as_str(), level.name()))
            .await
    }

    /// Says that this program needs the audio for something else than calls, or is done with it:
    /// calls go on without sound. Over by itself when this program leaves the bus, and when the
    /// daemon restarts.
    ///
    /// # Errors
    ///
    /// When the reason is [`Interruption::ServerLost`], which is not for programs to say, or the
    /// daemon cannot be reached.
    pub async fn interrupt(&self, reason: Interruption, began: bool) -> Result<(), Error> {
        let reason = dbus::interruption(reason.name())?;
        let body = (reason.name(), began);
        self.link.call(method("Interrupt"), &body).await
    }

    /// For desktops: says that an app came to the front, or left it. It matters in profile
    /// `callkit` only, where an app in the background starts no call.
    ///
    /// # Errors
    ///
    /// When the app's id is not one, or the daemon cannot be reached.
    pub async fn set_foreground(&self, app: &str, on: bool) -> Result<(), Error> {
        let app = dbus::app_id(app)?;
        let body = (app.as_str(), on);
        self.link.call(method("SetForeground"), &body).await
    }

    async fn set_listed(&self, name: &'static str, handle: &Handle, on: bool) -> Result<(), Error> {
        let kind = handle.checked()?.kind().name();
        let body = (kind, handle.value.as_str(), on);
        self.link.call(method(name), &body).await
    }

    /// The user's rules for incoming calls.
    ///
    /// # Errors
    ///
    /// When the daemon cannot be reached.
    pub async fn rules(&self) -> Result<Rules, Error> {
        let text: String = self.link.call(method("Rules"), &()).await?;
        serde_json::from_str(&text).map_err(|error| Error::BadReply(error.to_string()))
    }

    /// Calls someone through an app, which is started if it is not running. Gives the call's id.
    ///
    /// # Errors
    ///
    /// When a value is wrong, no such app is there, or the daemon refuses.
    pub async fn dial(
        &self,
        app: &str,
        handle: &Handle,
        video: bool,
    ) -> Result<(String, Transaction), Error> {
        self.dial_with(app, handle, video, None).await
    }

    /// The same, through one of the app's accounts.
    ///
    /// # Errors
    ///
    /// As [`Self::dial`]; also when the app has no such account.
    pub async fn dial_with(
        &self,
        app: &str,
        handle: &Handle,
        video: bool,
        account: Option<&str>,
    ) -> Result<(String, Transaction), Error> {
        let app = dbus::app_id(app)?;
        let checked = handle.checked()?;
        let kind = checked.kind().name();
        let account = account.map(|id| dbus::account("account", id)).transpose()?;
        let options = dbus::dial_options(&Callee {
            account,
            ..Callee::new(checked, video)
        });
        let connection = self.heard.connection();
        let body = (app.as_str(), kind, handle.value.as_str(), options);
        let (call, id): (String, String) = self.link.call(method("Dial"), &body).await?;
        Ok((call, Transaction { id, connection }))
    }

    /// Calls the other party of a former call back, through the same app and account. Gives the
    /// new call's id.
    ///
    /// # Errors
    ///
    /// [`Error::NotCallable`] when the app cannot call this address; otherwise as [`Self::dial`].
    pub async fn redial(&self, entry: &RecentsEntry) -> Result<(String, Transaction), Error> {
        let Some(RequestBody::Dial {
            app,
            handle,
            handle_kind: kind,
            video,
            account,
        }) = &entry.redial
        else {
            let reason = entry.redial_reason.clone().unwrap_or_default();
            return Err(Error::NotCallable(reason));
        };
        let kind = kind.as_deref().unwrap_or("generic");
        let handle = Handle {
            kind: dbus::handle_kind("handle_kind", kind)?,
            value: handle.clone(),
        };
        self.dial_with(app, &handle, *video, account.as_deref())
            .await
    }

    /// Switches video on, which also accepts an offer of the other party, or off.
    ///
    /// # Errors
    ///
    /// When the daemon refuses; then nothing happened.
    pub async fn set_video(&self, call: &str, on: bool) -> Result<Transaction, Error> {
        self.wish("SetVideo", &(call, on)).await
    }

    /// Turns the other party's offer of video down.
    ///
    /// # Errors
    ///
    /// When there is no offer.
    pub async fn decline_video(&self, call: &str) -> Result<Transaction, Error> {
        self.wish("DeclineVideo", &(call,)).await
    }

    /// Translates a call between two languages (tags such as `en`), or stops it if `None`.
    ///
    /// # Errors
    ///
    /// When a tag is wrong, or the daemon refuses.
    pub async fn translate(
        &self,
        call: &str,
        languages: Option<(&str, &str)>,
    ) -> Result<Transaction, Error> {
        let (local, remote) = languages.unwrap_or_default();
        dbus::translation(local, remote)?;
        self.wish("Translate", &(call, local, remote)).await
    }

    /// Presses one of the app's own buttons. If it waits for the screen to be unlocked, the
    /// transaction has no id yet.
    ///
    /// # Errors
    ///
    /// When the call does not have this button now.
    pub async fn press(&self, call: &str, button: &str) -> Result<Transaction, Error> {
        dbus::button("button", button)?;
        self.wish("Press", &(call, button)).await
    }

    /// Sets the user's rule for what comes to the front on answer; `None` leaves it to each app.
    ///
    /// # Errors
    ///
    /// When the daemon cannot be reached.
    pub async fn set_on_answer(&self, rule: Option<OnAnswer>) -> Result<(), Error> {
        let word = rule.map_or("", OnAnswer::name);
        self.link.call(method("SetOnAnswer"), &(word,)).await
    }

    /// Chooses where it rings: `default` (where everything else plays), `all`, or the id of a
    /// device.
    /// A device that is away is replaced by the default.
    ///
    /// # Errors
    ///
    /// When no device can be called so.
    pub async fn set_ring_on(&self, device: &str) -> Result<(), Error> {
        self.link.call(method("SetRingOn"), &(device,)).await
    }

    /// Says that the user drives, or does not any more: nothing comes to the front by itself then.
    ///
    /// # Errors
    ///
    /// When the daemon cannot be reached.
    pub async fn set_driving(&self, on: bool) -> Result<(), Error> {
        self.link.call(method("SetDriving"), &(on,)).await
    }

    /// Brings the app's own window for a call to the front.
    ///
    /// # Errors
    ///
    /// When the call is not (any more) there.
    pub async fn open(&self, call: &str) -> Result<(), Error> {
        self.link.call(method("Open"), &(call,)).await
    }

    /// Uses another audio device.
    ///
    /// # Errors
    ///
    /// When there is no such device.
    pub async fn set_route(&self, endpoint: &str) -> Result<(), Error> {
        self.link.call(method("SetRoute"), &(endpoint,)).await
    }

    /// Uses another audio device, and gives a number to wait for with [`Self::wait_routed`].
    /// Without that it is [`Self::set_route`].
    ///
    /// # Errors
    ///
    /// When there is no such device.
    pub async fn request_route(&self, endpoint: &str) -> Result<RouteChange, Error> {
        let connection = self.heard.connection();
        let method = method("RequestRoute");
        let (generation,): (u64,) = self.link.call(method, &(endpoint,)).await?;
        Ok(RouteChange {
            generation,
            connection,
        })
    }

    /// Waits until the device is in use. The daemon's own deadline for it is 2 s.
    ///
    /// # Errors
    ///
    /// [`Error::NotRouted`] with the reason if it did not come into use, [`Error::TimedOut`] after
    /// `limit`, [`Error::DaemonGone`] if the daemon went away meanwhile.
    pub async fn wait_routed(&self, change: &RouteChange, limit: Duration) -> Result<(), Error> {
        let outcome = |heard: &Heard| heard.route_outcome(change.generation);
        let routed = self.wait(change.connection, limit, outcome).await?;
        routed.map_err(Error::NotRouted)
    }

    /// A gesture at the button of a headset, for a bridge that sees it. A call that it answers is
    /// heard on `endpoint`.
    ///
    /// # Errors
    ///
    /// When the gesture means nothing now; then nothing happened.
    pub async fn headset(
        &self,
        gesture: HeadsetGesture,
        endpoint: Option<&str>,
    ) -> Result<Transaction, Error> {
        let body = (gesture.name(), endpoint.unwrap_or_default());
        self.wish("Headset", &body).await
    }

    /// The whole state, as one consistent document.
    ///
    /// # Errors
    ///
    /// When the daemon cannot be reached.
    pub async fn state(&self) -> Result<State, Error> {
        let (text,): (String,) = self.ask("State", &()).await?;
        parse(&text)
    }

    /// The newest of the calls that were, newest first.
    ///
    /// # Errors
    ///
    /// When the daemon cannot be reached.
    pub async fn recents(
        &self,
        filter: RecentsFilter,
        limit: u32,
    ) -> Result<Vec<RecentsEntry>, Error> {
        let (text,): (String,) = self.ask("Recents", &(filter.name(), limit)).await?;
        parse(&text)
    }

    /// What happened of late, as a trace: JSON lines. Names, addresses and digits are in it only if
    /// asked for.
    ///
    /// # Errors
    ///
    /// When the daemon cannot be reached.
    pub async fn record(&self, with_names: bool) -> Result<String, Error> {
        let (trace,): (String,) = self.ask("Record", &(with_names,)).await?;
        Ok(trace)
    }

    /// Where the calling UI is served, with the token that opens it.
    ///
    /// # Errors
    ///
    /// When the daemon cannot be reached.
    pub async fn ui_address(&self) -> Result<String, Error> {
        let (url,): (String,) = self.ask("UiAddress", &()).await?;
        Ok(url)
    }

    /// Who is connected to the daemon, as whom, and what each of them may do.
    ///
    /// # Errors
    ///
    /// When the daemon cannot be reached.
    pub async fn callers(&self) -> Result<Vec<Caller>, Error> {
        let (text,): (String,) = self.ask("Callers", &()).await?;
        parse(&text)
    }

    /// The state and every change of it, always the newest; goes on over restarts of the daemon.
    #[must_use]
    pub fn watch(&self) -> StateWatch {
        let mut newest = self.heard.newest.subscribe();
        newest.mark_changed();
        StateWatch {
            newest,
            _controller: self.clone(),
        }
    }

    /// Waits until a transaction is over: true if every action of it was fulfilled.
    ///
    /// # Errors
    ///
    /// [`Error::TimedOut`] after `limit`, [`Error::DaemonGone`] if the daemon went away meanwhile.
    pub async fn wait_finished(
        &self,
        transaction: &Transaction,
        limit: Duration,
    ) -> Result<bool, Error> {
        let outcome = |heard: &Heard| heard.outcome(&transaction.id);
        self.wait(transaction.connection, limit, outcome).await
    }

    /// Waits for something the daemon tells once.
    async fn wait<T>(
        &self,
        connection: u64,
        limit: Duration,
        outcome: impl Fn(&Heard) -> Option<T>,
    ) -> Result<T, Error> {
        let deadline = Instant::now() + limit;
        let mut changes = self.heard.finishes.subscribe();
        loop {
            changes.mark_unchanged();
            if let Some(outcome) = outcome(&self.heard) {
                return Ok(outcome);
            }
            if self.heard.connection() != connection {
                return Err(Error::DaemonGone);
            }
            match timeout_at(deadline, changes.changed()).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) => return Err(Error::Closed),
                Err(_) => return Err(Error::TimedOut),
            }
        }
    }

    /// What of a transaction was given up because its app died, as far as it was told by now.
    #[must_use]
    pub fn dropped(&self, transaction: &Transaction) -> Vec<Dropped> {
        let dropped = lock(&self.heard.dropped);
        let of_it = dropped.iter().filter(|(id, _)| *id == transaction.id);
        of_it.map(|(_, dropped)| dropped.clone()).collect()
    }

    async fn wish<B>(&self, name: &'static str, body: &B) -> Result<Transaction, Error>
    where
        B: serde::Serialize + zbus::DynamicType + Sync,
    {
        let connection = self.heard.connection();
        let (id,): (String,) = self.link.call(method(name), body).await?;
        Ok(Transaction { id, connection })
    }

    async fn ask<B, R>(&self, name: &'static str, body: &B) -> Result<R, Error>
    where
        B: serde::Serialize + zbus::DynamicType + Sync,
        R: for<'d> zbus::wire::DynamicDeserialize<'d>,
    {
        let repeat = Repeat::Harmless;
        self.link
            .call(
                Method {
                    repeat,
                    ..method(name)
                },
                body,
            )
            .await
    }
}

fn method(name: &'static str) -> Method {
    Method {
        interface: CONTROLLER_INTERFACE,
        name,
        during: CallKitDomain::RequestTransaction,
        repeat: Repeat::Never,
    }
}

fn parse<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, Error> {
    serde_json::from_str(text).map_err(|error| Error::BadReply(error.to_string()))
}

/// A stream of states; see [`Controller::watch`].
#[derive(Debug)]
pub struct StateWatch {
    newest: watch::Receiver<Option<Arc<State>>>,
    _controller: Controller,
}

impl StateWatch {
    /// Waits for a state that was not seen yet. The first is the present one.
    pub async fn next(&mut self) -> Option<Arc<State>> {
        loop {
            self.newest.changed().await.ok()?;
            let newest = self.newest.borrow_and_update().clone();
            if newest.is_some() {
                return newest;
            }
        }
    }
}
