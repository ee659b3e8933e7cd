//! What an app says about itself and its calls: plain values, checked when they are sent.

use std::fmt;
use std::time::{Duration, SystemTime};

use hookswitch_wire::dbus::words as model;
use hookswitch_wire::dbus::{
    self, ArgumentError, CallTone, CallTones, Dict, HandleKind, OnAnswer, SecondCalls,
};

use crate::account::{Account, ActionButton};

/// A remote address (CallKit `CXHandle`). `Debug` shows the kind only.
#[derive(Clone, Eq, PartialEq)]
pub struct Handle {
    /// What kind of address it is.
    pub kind: HandleKind,
    /// The address.
    pub value: String,
}

impl Handle {
    /// Any string that means something to the app (`CXHandle.HandleType.generic`).
    #[must_use]
    pub fn generic(value: impl Into<String>) -> Self {
        Self {
            kind: HandleKind::Generic,
            value: value.into(),
        }
    }

    /// A dialable number (`CXHandle.HandleType.phoneNumber`).
    #[must_use]
    pub fn phone_number(value: impl Into<String>) -> Self {
        Self {
            kind: HandleKind::PhoneNumber,
            value: value.into(),
        }
    }

    /// An e-mail-like address (`CXHandle.HandleType.emailAddress`).
    #[must_use]
    pub fn email_address(value: impl Into<String>) -> Self {
        Self {
            kind: HandleKind::EmailAddress,
            value: value.into(),
        }
    }

    pub(crate) fn checked(&self) -> Result<model::Handle, ArgumentError> {
        dbus::handle(self.kind.name(), &self.value)
    }

    pub(crate) fn of(handle: &model::Handle) -> Self {
        Self {
            kind: handle.kind(),
            value: handle.value().to_owned(),
        }
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Handle({:?})", self.kind)
    }
}

/// What an app registers with (CallKit `CXProviderConfiguration`). The defaults are CallKit's.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Configuration {
    name: String,
    groups_max: u32,
    calls_per_group_max: u32,
    in_recents: bool,
    video: bool,
    handle_kinds: Vec<HandleKind>,
    ring_for: Option<Duration>,
    open_url: Option<String>,
    cellular: bool,
    emergency_numbers: Vec<String>,
    voicemail: bool,
    accounts: Vec<Account>,
    buttons: Vec<ActionButton>,
    on_answer: OnAnswer,
    second_calls: SecondCalls,
    translation: bool,
    tones: CallTones,
}

impl Configuration {
    /// A configuration under the name by which the user knows the app (`localizedName`).
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            groups_max: 2,
            calls_per_group_max: 5,
            in_recents: true,
            video: false,
            handle_kinds: Vec::new(),
            ring_for: None,
            open_url: None,
            cellular: false,
            emergency_numbers: Vec::new(),
            voicemail: false,
            accounts: Vec::new(),
            buttons: Vec::new(),
            on_answer: OnAnswer::default(),
            second_calls: SecondCalls::default(),
            translation: false,
            tones: CallTones::default(),
        }
    }

    /// The app's accounts, at most 16 (default one nameless account). With accounts, what can be
    /// dialed is what they can dial.
    #[must_use]
    pub fn accounts(mut self, accounts: impl IntoIterator<Item = Account>) -> Self {
        self.accounts = accounts.into_iter().collect();
        self
    }

    /// Buttons that the app adds to its calls, at most three.
    #[must_use]
    pub fn buttons(mut self, buttons: impl IntoIterator<Item = ActionButton>) -> Self {
        self.buttons = buttons.into_iter().collect();
        self
    }

    /// Whether answering brings the app's window to the front, unless the user says otherwise
    /// (default: if the call has video).
    #[must_use]
    pub fn on_answer(mut self, rule: OnAnswer) -> Self {
        self.on_answer = rule;
        self
    }

    /// What the app wants for its calls that come while another call is there, of any app (default:
    /// they ring beside it). With `SecondCalls::Busy` such a report is refused with
    /// [`ErrorCode::UserBusy`](crate::ErrorCode::UserBusy), and the app tells the caller so.
    #[must_use]
    pub fn second_calls(mut self, rule: SecondCalls) -> Self {
        self.second_calls = rule;
        self
    }

    /// The tones of its calls that the system plays for it, by their role (default: none, the app
    /// plays them itself). Ringback sounds while a call is reported as connecting and has the
    /// audio, until [`CallUpdate::early_media`]; busy and ended sound after the call.
    #[must_use]
    pub fn tones(mut self, tones: impl IntoIterator<Item = CallTone>) -> Self {
        self.tones = tones.into_iter().collect();
        self
    }

    /// Whether its calls may be translated (`supportsAudioTranslation`, default false).
    #[must_use]
    pub fn translation(mut self, on: bool) -> Self {
        self.translation = on;
        self
    }

    /// Most simultaneous groups of calls (`maximumCallGroups`, default 2).
    #[must_use]
    pub fn groups_max(mut self, max: u32) -> Self {
        self.groups_max = max;
        self
    }

    /// Most calls in one group (`maximumCallsPerCallGroup`, default 5).
    #[must_use]
    pub fn calls_per_group_max(mut self, max: u32) -> Self {
        self.calls_per_group_max = max;
        self
    }

    /// Whether finished calls enter the recents (`includesCallsInRecents`, default true).
    #[must_use]
    pub fn in_recents(mut self, on: bool) -> Self {
        self.in_recents = on;
        self
    }

    /// Whether the app can do video at all (`supportsVideo`, default false).
    #[must_use]
    pub fn video(mut self, on: bool) -> Self {
        self.video = on;
        self
    }

    /// What the app can dial (`supportedHandleTypes`, default nothing).
    #[must_use]
    pub fn handle_kinds(mut self, kinds: impl IntoIterator<Item = HandleKind>) -> Self {
        self.handle_kinds = kinds.into_iter().collect();
        self
    }

    /// How long incoming calls ring, up to ten minutes; the system's own time if not set.
    #[must_use]
    pub fn ring_for(mut self, time: Duration) -> Self {
        self.ring_for = Some(time);
        self
    }

    /// A page of the app on this machine to which "Open" leads.
    #[must_use]
    pub fn open_url(mut self, url: impl Into<String>) -> Self {
        self.open_url = Some(url.into());
        self
    }

    /// The app's calls come over the mobile network of this machine. Counts only if the daemon's
    /// configuration names the app.
    #[must_use]
    pub fn cellular(mut self, on: bool) -> Self {
        self.cellular = on;
        self
    }

    /// The numbers that are emergency calls when dialed through a cellular app, at most 64.
    #[must_use]
    pub fn emergency_numbers(mut self, numbers: impl IntoIterator<Item = String>) -> Self {
        self.emergency_numbers = numbers.into_iter().collect();
        self
    }

    /// A declined call of a cellular app goes to a voicemail that the user can pick up from.
    #[must_use]
    pub fn voicemail(mut self, on: bool) -> Self {
        self.voicemail = on;
        self
    }

    /// The message, after a check of every value.
    pub(crate) fn to_dict(&self) -> Result<Dict, ArgumentError> {
        let kinds = kinds_of(&self.handle_kinds);
        let mut configuration = model::Configuration::new(dbus::text("name", &self.name)?);
        configuration.groups_max = self.groups_max;
        configuration.calls_per_group_max = self.calls_per_group_max;
        configuration.in_recents = self.in_recents;
        configuration.video = self.video;
        configuration.handle_kinds = kinds;
        configuration.ring_for = self.ring_for;
        let url = self.open_url.as_deref();
        configuration.open_url = url.map(|url| dbus::text("open_url", url)).transpose()?;
        if self.cellular {
            configuration.kind = model::AppKind::Cellular;
        }
        let numbers = self.emergency_numbers.iter();
        let numbers = numbers.map(|number| dbus::text("emergency_numbers", number));
        configuration.emergency_numbers = numbers.collect::<Result<_, _>>()?;
        configuration.voicemail = self.voicemail;
        let accounts = self.accounts.iter().map(Account::checked);
        configuration.accounts = accounts.collect::<Result<_, _>>()?;
        let buttons = self.buttons.iter().map(ActionButton::checked);
        configuration.buttons = buttons.collect::<Result<_, _>>()?;
        configuration.on_answer = self.on_answer;
        configuration.second_calls = self.second_calls;
        configuration.translation = self.translation;
        configuration.tones = self.tones;
        let dict = dbus::configuration_to_dict(&configuration);
        dbus::configuration_from_dict(&dict)?;
        Ok(dict)
    }
}

/// The kinds as a set.
pub(crate) fn kinds_of(list: &[HandleKind]) -> model::HandleKinds {
    model::HandleKinds {
        generic: list.contains(&HandleKind::Generic),
        phone_number: list.contains(&HandleKind::PhoneNumber),
        email_address: list.contains(&HandleKind::EmailAddress),
    }
}

/// A sparse patch of what is known about a call (CallKit `CXCallUpdate`): what is not set stays.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct CallUpdate {
    handle: Option<Option<Handle>>,
    name: Option<Option<Name>>,
    holding: Option<bool>,
    grouping: Option<bool>,
    ungrouping: Option<bool>,
    digits: Option<bool>,
    video: Option<bool>,
    emergency: Option<bool>,
    early_media: Option<bool>,
    called_at: Option<SystemTime>,
    ring_until: Option<SystemTime>,
    account: Option<Name>,
    buttons: Option<Vec<String>>,
}

#[derive(Clone, Eq, PartialEq)]
struct Name(String);

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Name({} bytes)", self.0.len())
    }
}

impl CallUpdate {
    /// An update that changes nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The other party (`remoteHandle`).
    #[must_use]
    pub fn handle(mut self, handle: Handle) -> Self {
        self.handle = Some(Some(handle));
        self
    }

    /// The other party is not known (any more).
    #[must_use]
    pub fn anonymous(mut self) -> Self {
        self.handle = Some(None);
        self
    }

    /// A name that goes before any the system finds itself (`localizedCallerName`).
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(Some(Name(name.into())));
        self
    }

    /// The app knows no name (any more).
    #[must_use]
    pub fn no_name(mut self) -> Self {
        self.name = Some(None);
        self
    }

    /// Whether the call may be held (`supportsHolding`, at first true).
    #[must_use]
    pub fn holding(mut self, on: bool) -> Self {
        self.holding = Some(on);
        self
    }

    /// Whether the call may be merged (`supportsGrouping`, at first true).
    #[must_use]
    pub fn grouping(mut self, on: bool) -> Self {
        self.grouping = Some(on);
        self
    }

    /// Whether the call may leave its group (`supportsUngrouping`, at first true).
    #[must_use]
    pub fn ungrouping(mut self, on: bool) -> Self {
        self.ungrouping = Some(on);
        self
    }

    /// Whether the call accepts digits (`supportsDTMF`, at first true).
    #[must_use]
    pub fn digits(mut self, on: bool) -> Self {
        self.digits = Some(on);
        self
    }

    /// The account that the call came in by.
    #[must_use]
    pub fn account(mut self, id: impl Into<String>) -> Self {
        self.account = Some(Name(id.into()));
        self
    }

    /// Which of the app's own buttons the call has, by their ids (at first all of them).
    #[must_use]
    pub fn buttons(mut self, ids: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.buttons = Some(ids.into_iter().map(Into::into).collect());
        self
    }

    /// Whether there is video besides audio (`hasVideo`, at first false).
    #[must_use]
    pub fn video(mut self, on: bool) -> Self {
        self.video = Some(on);
        self
    }

    /// An emergency call, or the call-back of an emergency center. Counts for a cellular app.
    #[must_use]
    pub fn emergency(mut self, on: bool) -> Self {
        self.emergency = Some(on);
        self
    }

    /// Whether the network itself sends sound before the call is connected: an announcement, music,
    /// its own ringback (RFC 3960, section 3.2). Then the system plays no ringback over it.
    #[must_use]
    pub fn early_media(mut self, on: bool) -> Self {
        self.early_media = Some(on);
        self
    }

    /// When the caller called, if the news of it took its time: the call rings no longer than its
    /// ring time after that. Take it from a clock that is right.
    #[must_use]
    pub fn called_at(mut self, at: SystemTime) -> Self {
        self.called_at = Some(at);
        self
    }

    /// When the caller has given up for certain: an incoming call rings no longer than that, and
    /// not at all if that time is over when it is reported.
    #[must_use]
    pub fn ring_until(mut self, at: SystemTime) -> Self {
        self.ring_until = Some(at);
        self
    }

    /// The message, after a check of every value.
    pub(crate) fn to_dict(&self) -> Result<Dict, ArgumentError> {
        let handle = match &self.handle {
            None => model::Patch::Keep,
            Some(None) => model::Patch::Clear,
            Some(Some(handle)) => model::Patch::Set(handle.checked()?),
        };
        let name = match &self.name {
            None => model::Patch::Keep,
            Some(None) => model::Patch::Clear,
            Some(Some(name)) => model::Patch::Set(dbus::text("name", &name.0)?),
        };
        let buttons = match &self.buttons {
            None => None,
            Some(ids) => {
                let ids = ids.iter().map(|id| dbus::button("buttons", id));
                Some(ids.collect::<Result<_, _>>()?)
            }
        };
        Ok(dbus::update_to_dict(&model::CallUpdate {
            handle,
            name,
            holding: self.holding,
            grouping: self.grouping,
            ungrouping: self.ungrouping,
            digits: self.digits,
            video: self.video,
            emergency: self.emergency,
            early_media: self.early_media,
            called_at: self.called_at.map(wall),
            ring_until: self.ring_until.map(wall),
            account: match &self.account {
                None => model::Patch::Keep,
                Some(id) => model::Patch::Set(dbus::account("account", &id.0)?),
            },
            buttons,
        }))
    }
}

/// The wall clock of a message.
pub(crate) fn wall(at: SystemTime) -> model::Wall {
    let since = at.duration_since(SystemTime::UNIX_EPOCH);
    let millis = since.unwrap_or_default().as_millis();
    model::Wall::from_millis(i64::try_from(millis).unwrap_or(i64::MAX))
}

/// A call of this app: the system's id and the app's own key. Methods that take a call accept it,
/// its id, or the key. Equal when the id is equal. `Debug` does not show the key, which may be an
/// address.
#[derive(Clone)]
pub struct Call {
    id: String,
    key: String,
    known: bool,
}

impl Call {
    pub(crate) fn new(id: impl Into<String>, key: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            key: key.into(),
            known: false,
        }
    }

    pub(crate) fn with_known(mut self, known: bool) -> Self {
        self.known = known;
        self
    }

    /// The system's id, a UUID (`CXCall.uuid`).
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The app's own string for the call.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The app's own string for the call, or the system's id where the app gave none.
    #[must_use]
    pub fn key_or_id(&self) -> &str {
        if self.key.is_empty() {
            &self.id
        } else {
            &self.key
        }
    }

    /// Whether the system knew the call already when it was reported (a report twice is no error).
    #[must_use]
    pub fn was_known(&self) -> bool {
        self.known
    }
}

impl AsRef<str> for Call {
    fn as_ref(&self) -> &str {
        &self.id
    }
}

impl PartialEq for Call {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Call {}

impl std::hash::Hash for Call {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.id.hash(state);
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Call({})", self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_values_are_found_before_they_are_sent() {
        let check = |result: Result<Dict, ArgumentError>, want: &str| {
            assert_eq!(result.unwrap_err().to_string(), want);
        };
        let long = "x".repeat(257);
        check(Configuration::new("").to_dict(), "name: must not be empty");
        check(
            Configuration::new("a").groups_max(0).to_dict(),
            "groups_max: must be from 1 to 4294967295",
        );
        check(
            Configuration::new("a").open_url("http://e.org").to_dict(),
            "open_url: must begin with http:// and lead to 127.0.0.1, [::1] or localhost",
        );
        check(
            CallUpdate::new().name(long).to_dict(),
            "name: must not be longer than 256",
        );
        check(
            CallUpdate::new().handle(Handle::generic("")).to_dict(),
            "handle: must not be empty",
        );
    }

    #[test]
    fn debug_shows_neither_names_nor_addresses() {
        let update = CallUpdate::new()
            .handle(Handle::phone_number("+48600000000"))
            .name("Ana Kowalska");
        let call = Call::new("id-1", "ana@example.org");
        let text = format!("{update:?} {call:?}");
        for secret in ["+48", "Ana", "ana@"] {
            assert!(!text.contains(secret), "{text}");
        }
    }
}
