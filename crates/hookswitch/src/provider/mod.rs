//! Being a calling app (CallKit `CXProvider`, and `CXCallController` for one's own calls).

mod app;
mod ask;
mod events;
mod letters;
mod pending;
mod request;
mod routed;
mod session;

use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use hookswitch_wire::dbus::words::ActionKind;
use hookswitch_wire::dbus::{
    self, CallKitDomain, EndReason, MATERIALS_INTERFACE, PROVIDER_INTERFACE, at_millis,
};

use crate::bus::BusAddress;
use crate::call::{Call, CallUpdate, Configuration, wall};
use crate::error::Error;
use crate::link::{Alive, Driver, Link, Method, Repeat};
use crate::push::{PushEvents, PushRegistry, PushService, PushStyle};

pub use ask::{Action, Ask, Digits, Tones, TonesKind, Translation};
pub use events::{EVENTS_MAX, ProviderEvent, ProviderEvents, ResetCause};
pub use letters::Letter;
pub use pending::{PendingAction, PendingTransaction};
pub use request::Request;
pub use routed::{AppRoute, AudioEndpoint};
use session::Session;

/// The app as the call system sees it (CallKit `CXProvider`). Cheap to clone.
///
/// Reports are facts and idempotent: a report that is repeated changes nothing.
#[derive(Clone, Debug)]
pub struct Provider {
    link: Link,
    session: Arc<Session>,
    _alive: Arc<Alive>,
}

impl Provider {
    /// Takes the bus name `app` (such as `org.example.Phone`; it is the app's identity), offers the
    /// app to the call system, and keeps it offered. `CXProvider.init(configuration:)` and
    /// `setDelegate`.
    ///
    /// A daemon that starts at the same time is waited for up to [`CALL_MAX`](crate::CALL_MAX).
    /// Must be called within a tokio runtime.
    ///
    /// # Errors
    ///
    /// When a value is wrong, no bus or daemon is there, the name is taken, or the daemon refuses.
    pub async fn connect(
        app: &str,
        configuration: Configuration,
    ) -> Result<(Self, ProviderEvents), Error> {
        Self::connect_at(BusAddress::Session, app, configuration).await
    }

    /// The same, on a given bus.
    ///
    /// # Errors
    ///
    /// As [`Self::connect`].
    pub async fn connect_at(
        address: BusAddress,
        app: &str,
        configuration: Configuration,
    ) -> Result<(Self, ProviderEvents), Error> {
        let app = dbus::app_id(app)?;
        let configuration = configuration.to_dict()?;
        let (driver, link) = Driver::new();
        let (sender, receiver) = events::channel();
        let session = Session::new(app.as_str(), configuration, link.clone(), sender);
        let session = Arc::new(session);
        session.letters().acknowledge(link.clone());
        let alive = Arc::new(driver.start(session.clone(), address));
        let ready = link.ready(true).await;
        ready.map_err(|error| error.about(app.as_str()))?;
        let events = ProviderEvents::new(receiver, session.letters().clone(), alive.clone());
        let provider = Self {
            link,
            session,
            _alive: alive,
        };
        Ok((provider, events))
    }

    /// Registers the app for pushes (`PKPushRegistry.desiredPushTypes`). Do it at every start: the
    /// push that started the app waits for that.
    ///
    /// # Errors
    ///
    /// When the daemon cannot be reached, or knows no push gateway.
    pub async fn push_registry(
        &self,
        services: &[PushService],
        style: PushStyle,
    ) -> Result<(PushRegistry, PushEvents), Error> {
        let way = (self.link.clone(), self._alive.clone());
        let pushes = self.session.pushes().clone();
        PushRegistry::open(way, pushes, services, style).await
    }

    /// Registers again with a whole new configuration (`CXProvider.configuration`). It applies to
    /// calls reported after that.
    ///
    /// # Errors
    ///
    /// When a value is wrong or the daemon refuses.
    pub async fn set_configuration(&self, configuration: Configuration) -> Result<(), Error> {
        let dict = configuration.to_dict()?;
        let body = (self.session.app(), &dict);
        let method = report("Register", CallKitDomain::General);
        let _: (u64, Vec<(String, String)>) = self.link.call(method, &body).await?;
        self.session.keep_configuration(dict);
        Ok(())
    }

    /// Someone calls (`reportNewIncomingCall`). `key` is the app's own string for the call, or a
    /// UUID. For a call the system knows already this is an update.
    ///
    /// # Errors
    ///
    /// When the system does not take the call: it is not shown, and the app drops it.
    pub async fn report_incoming(
        &self,
        key: impl AsRef<str>,
        update: &CallUpdate,
    ) -> Result<Call, Error> {
        let key = dbus::call_ref("key", key.as_ref())?;
        let method = report("ReportIncoming", CallKitDomain::IncomingCall);
        let body = (key.as_str(), update.to_dict()?);
        let (id, known): (String, bool) = self.link.call(method, &body).await?;
        let call = Call::new(id, key.as_str()).with_known(known);
        self.session.add_call(call.clone());
        Ok(call)
    }

    /// More is known about a call (`reportCall(with:updated:)`).
    ///
    /// # Errors
    ///
    /// When a value is wrong or the call is not (any more) there.
    pub async fn report_updated(
        &self,
        call: impl AsRef<str>,
        update: &CallUpdate,
    ) -> Result<(), Error> {
        let dict = update.to_dict()?;
        self.report("ReportUpdated", call.as_ref(), dict).await
    }

    /// An outgoing call is connecting (`reportOutgoingCall(with:startedConnectingAt:)`).
    ///
    /// # Errors
    ///
    /// When the call is not (any more) there.
    pub async fn report_connecting(&self, call: impl AsRef<str>) -> Result<(), Error> {
        let call = dbus::call_ref("call", call.as_ref())?;
        let method = report("ReportConnecting", CallKitDomain::General);
        self.link.call(method, &(call.as_str(),)).await
    }

    /// An outgoing call has been connecting since a known time.
    ///
    /// # Errors
    ///
    /// When the call is not (any more) there.
    pub async fn report_connecting_at(
        &self,
        call: impl AsRef<str>,
        at: SystemTime,
    ) -> Result<(), Error> {
        let at = at_millis(Some(wall(at)));
        self.report("ReportConnectingAt", call.as_ref(), at).await
    }

    /// An outgoing call was answered now (`reportOutgoingCall(with:connectedAt:)`).
    ///
    /// # Errors
    ///
    /// When the call is not (any more) there.
    pub async fn report_connected(&self, call: impl AsRef<str>) -> Result<(), Error> {
        self.report("ReportConnected", call.as_ref(), 0i64).await
    }

    /// An outgoing call was answered at a known time: the timer counts from it.
    ///
    /// # Errors
    ///
    /// When the call is not (any more) there.
    pub async fn report_connected_at(
        &self,
        call: impl AsRef<str>,
        at: SystemTime,
    ) -> Result<(), Error> {
        let at = at_millis(Some(wall(at)));
        self.report("ReportConnected", call.as_ref(), at).await
    }

    /// A call ended by something other than an ask (`reportCall(with:endedAt:reason:)`).
    ///
    /// # Errors
    ///
    /// When the system never knew the call.
    pub async fn report_ended(
        &self,
        call: impl AsRef<str>,
        reason: EndReason,
    ) -> Result<(), Error> {
        let result = self.report("ReportEnded", call.as_ref(), reason.name());
        result.await?;
        self.session.remove_call(call.as_ref());
        Ok(())
    }

    /// A call ended at a known time. Nothing here is told a time in the future, or one before the
    /// call connected: it is moved to the nearest that can be.
    ///
    /// # Errors
    ///
    /// When the system never knew the call.
    pub async fn report_ended_at(
        &self,
        call: impl AsRef<str>,
        reason: EndReason,
        at: SystemTime,
    ) -> Result<(), Error> {
        let name = dbus::call_ref("call", call.as_ref())?;
        let method = report("ReportEndedAt", CallKitDomain::General);
        let body = (name.as_str(), reason.name(), at_millis(Some(wall(at))));
        let () = self.link.call(method, &body).await?;
        self.session.remove_call(call.as_ref());
        Ok(())
    }

    /// The other party put us on hold, or took us back. CallKit does not know this.
    ///
    /// # Errors
    ///
    /// When the call is not (any more) there.
    pub async fn report_remote_held(&self, call: impl AsRef<str>, on: bool) -> Result<(), Error> {
        self.report("ReportRemoteHeld", call.as_ref(), on).await
    }

    /// The call was held, or talked on again, where the system did not see it: at a headset of the
    /// modem or by another program. It is taken as it is, and others make room. A wish of the
    /// user in the app's own window is a request. CallKit does not know this.
    ///
    /// # Errors
    ///
    /// When the call is not one that is talked on or held.
    pub async fn report_held(&self, call: impl AsRef<str>, on: bool) -> Result<(), Error> {
        self.report("ReportHeld", call.as_ref(), on).await
    }

    /// The app itself muted or unmuted the microphone, by a headset button it saw for example.
    ///
    /// # Errors
    ///
    /// When the call is not (any more) there.
    pub async fn report_muted(&self, call: impl AsRef<str>, on: bool) -> Result<(), Error> {
        self.report("ReportMuted", call.as_ref(), on).await
    }

    /// Asks for the microphone outside of what its calls give the app (`AVAudioSession.setActive`).
    /// Changes nothing: a call gets its audio by itself. Returns whether one of the app's calls has
    /// it now.
    ///
    /// # Errors
    ///
    /// When a call of another app has it, and this app takes part in none
    /// (`insufficientPriority`, 561017449).
    pub async fn request_audio(&self) -> Result<bool, Error> {
        let method = report("RequestAudio", CallKitDomain::General);
        self.link.call(method, &("record",)).await
    }

    /// The audio devices, for a loudspeaker button of the app's own.
    ///
    /// # Errors
    ///
    /// When the daemon cannot be reached.
    pub async fn endpoints(&self) -> Result<Vec<AudioEndpoint>, Error> {
        let method = report("Endpoints", CallKitDomain::General);
        let (rows,): (Vec<dbus::EndpointRow>,) = self.link.call(method, &()).await?;
        Ok(rows.into_iter().map(AudioEndpoint::from).collect())
    }

    /// Uses another audio device for a call of this app that has the audio
    /// (`AVAudioSession.overrideOutputAudioPort`, Android `requestCallEndpointChange`). Gives a
    /// number to wait for with [`Self::wait_routed`].
    ///
    /// # Errors
    ///
    /// When there is no such device, the call does not have the audio, or the user has chosen the
    /// device of this call.
    pub async fn request_route(
        &self,
        call: impl AsRef<str>,
        endpoint: &str,
    ) -> Result<AppRoute, Error> {
        let call = dbus::call_ref("call", call.as_ref())?;
        let loss = self.session.routed().loss();
        let mut method = report("RequestRoute", CallKitDomain::General);
        method.repeat = Repeat::Never;
        let body = (call.as_str(), endpoint);
        let (generation,): (u64,) = self.link.call(method, &body).await?;
        Ok(AppRoute { generation, loss })
    }

    /// Waits until the device is in use. The daemon's own deadline for it is 2 s.
    ///
    /// # Errors
    ///
    /// [`Error::NotRouted`] with the reason if it did not come into use (`superseded`: the user
    /// chose another one meanwhile), [`Error::TimedOut`] after `limit`, [`Error::DaemonGone`] if
    /// the daemon went away meanwhile.
    pub async fn wait_routed(&self, route: &AppRoute, limit: Duration) -> Result<(), Error> {
        self.session.routed().wait(route, limit).await
    }

    /// Brings a ringtone along that rings for this app's calls
    /// (`CXProviderConfiguration.ringtoneSound`): a WAV file with 16-bit PCM. The daemon reads it
    /// from its beginning and keeps it; the app may be in a sandbox. Calls that begin to ring after
    /// that ring with it, also when the app was started anew.
    ///
    /// # Errors
    ///
    /// When it cannot be played or is too large: the app rings as it did before.
    pub async fn set_ringtone(&self, sound: impl AsFd) -> Result<(), Error> {
        self.bring("SetRingtone", sound.as_fd()).await
    }

    /// Takes the ringtone away; the one that rings for everybody is used.
    ///
    /// # Errors
    ///
    /// When the daemon cannot be reached.
    pub async fn clear_ringtone(&self) -> Result<(), Error> {
        self.link.call(material("ClearRingtone"), &()).await
    }

    /// Brings an icon along that stands beside the app's name
    /// (`CXProviderConfiguration.iconTemplateImageData`): a square PNG with an alpha channel, whose
    /// opaque part is drawn in a color of the screen.
    ///
    /// # Errors
    ///
    /// When it is no such picture or too large: the app is shown as it was before.
    pub async fn set_icon(&self, picture: impl AsFd) -> Result<(), Error> {
        self.bring("SetIcon", picture.as_fd()).await
    }

    /// Takes the icon away; the first letter of the app's name is shown.
    ///
    /// # Errors
    ///
    /// When the daemon cannot be reached.
    pub async fn clear_icon(&self) -> Result<(), Error> {
        self.link.call(material("ClearIcon"), &()).await
    }

    async fn bring(&self, method: &'static str, file: BorrowedFd<'_>) -> Result<(), Error> {
        self.link
            .call(material(method), &(zbus::Fd::from(file),))
            .await
    }

    /// The other party offers to switch video on, or withdraws the offer. The user answers it
    /// within the limit `video-offer`; the app hears [`Action::SetVideo`] or
    /// [`Action::DeclineVideo`]. CallKit does not know this.
    ///
    /// # Errors
    ///
    /// When the call is not connected, or the app has no video.
    pub async fn report_video_offer(&self, call: impl AsRef<str>, on: bool) -> Result<(), Error> {
        self.report("ReportVideoOffer", call.as_ref(), on).await
    }

    /// After the app's process came back, it still has this call; see
    /// [`ProviderEvent::Registered`]. The SDK does this by itself for calls of the same process.
    ///
    /// # Errors
    ///
    /// When it is too late: the call has ended.
    pub async fn adopt(&self, call: &Call) -> Result<(), Error> {
        let method = report("Adopt", CallKitDomain::General);
        let () = self.link.call(method, &(call.id(),)).await?;
        self.session.add_call(call.clone());
        Ok(())
    }

    /// Requests actions on the app's own calls, validated together and asked for in order
    /// (`CXCallController.request`). Returns at acceptance; the asks follow as events. The result
    /// is the call the first action is about.
    ///
    /// # Errors
    ///
    /// When any action is refused; then none is carried out.
    pub async fn request(&self, actions: impl IntoIterator<Item = Request>) -> Result<Call, Error> {
        let messages = request::messages(actions)?;
        let key = messages
            .first()
            .map(|first| first.call().as_str().to_owned());
        let dicts: Vec<_> = messages.iter().map(dbus::ActionMessage::to_dict).collect();
        let method = Method {
            interface: PROVIDER_INTERFACE,
            name: "Request",
            during: CallKitDomain::RequestTransaction,
            repeat: Repeat::Never,
        };
        let (_, call): (String, String) = self.link.call(method, &(dicts,)).await?;
        Ok(Call::new(call, key.unwrap_or_default()))
    }

    /// The calls of this app that the SDK knows to be live.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.session.calls()
    }

    /// Takes transactions as a whole from here on ([`ProviderEvent::Execute`]), or ask by ask in
    /// list order ([`ProviderEvent::Perform`]), which is so at first. It is CallKit's
    /// `provider(_:execute:)`, decided once instead of for each transaction.
    pub fn take_whole_transactions(&self, on: bool) {
        self.session.take_whole(on);
    }

    /// What the app has been asked and has not settled (`pendingTransactions`), oldest first. What
    /// has been settled of a transaction is not in its list any more.
    #[must_use]
    pub fn pending_transactions(&self) -> Vec<PendingTransaction> {
        self.session.pending()
    }

    /// The actions of one kind for one call, given by id or key, that the app has not settled
    /// (`pendingCallActions(of:withCall:)`), oldest first.
    #[must_use]
    pub fn pending_call_actions(
        &self,
        kind: ActionKind,
        call: impl AsRef<str>,
    ) -> Vec<PendingAction> {
        let call = call.as_ref();
        let pending = self.session.pending();
        let actions = pending.into_iter().flat_map(|one| one.actions);
        actions
            .filter(|action| action.kind == Some(kind))
            .filter(|action| action.call.id() == call || action.call.key() == call)
            .collect()
    }

    /// Withdraws the app; its calls end as failed (`CXProvider.invalidate`).
    ///
    /// # Errors
    ///
    /// When the daemon cannot be reached.
    pub async fn invalidate(self) -> Result<(), Error> {
        let method = report("Invalidate", CallKitDomain::General);
        self.link.call(method, &()).await
    }

    async fn report<T>(&self, name: &'static str, call: &str, argument: T) -> Result<(), Error>
    where
        T: serde::Serialize + zbus::Type + Sync,
    {
        let call = dbus::call_ref("call", call)?;
        let method = report(name, CallKitDomain::General);
        self.link.call(method, &(call.as_str(), argument)).await
    }
}

fn material(name: &'static str) -> Method {
    Method {
        interface: MATERIALS_INTERFACE,
        ..report(name, CallKitDomain::General)
    }
}

fn report(name: &'static str, during: CallKitDomain) -> Method {
    Method {
        interface: PROVIDER_INTERFACE,
        name,
        during,
        repeat: Repeat::Harmless,
    }
}
