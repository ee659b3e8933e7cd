//! What an app says about itself and about a call.

use core::time::Duration;

use crate::account::{Account, AccountId};
use crate::button::{ActionButton, ButtonId};
use crate::front::OnAnswer;
use crate::handle::{Handle, HandleKind};
use crate::second::SecondCalls;
use crate::text::Text;
use crate::time::Wall;
use crate::tone::CallTones;
use crate::word::word_type;

word_type!(
    /// The identity of an app: the well-known bus name it owns, such as `org.hookswitch.Phone`.
    ///
    /// The bus vouches for it; an app cannot claim a name that it does not own.
    AppId, shown
);

impl AppId {
    /// Keeps a name that follows the D-Bus rules for well-known bus names.
    #[must_use]
    pub fn new(name: &str) -> Option<Self> {
        let elements = || name.split('.');
        let valid = name.len() <= 255 && elements().count() >= 2 && elements().all(is_element);
        valid.then(|| Self(name.into()))
    }
}

/// D-Bus specification, "Valid Names": `[A-Za-z0-9_-]`, not starting with a digit.
fn is_element(element: &str) -> bool {
    !element.is_empty()
        && !element.starts_with(|c: char| c.is_ascii_digit())
        && element
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
}

/// The handle kinds an app can dial (CallKit `supportedHandleTypes`).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct HandleKinds {
    /// Any string.
    pub generic: bool,
    /// Phone numbers.
    pub phone_number: bool,
    /// E-mail-like addresses.
    pub email_address: bool,
}

impl HandleKinds {
    /// Says whether a handle of this kind can be dialed.
    #[must_use]
    pub fn contains(self, kind: HandleKind) -> bool {
        match kind {
            HandleKind::Generic => self.generic,
            HandleKind::PhoneNumber => self.phone_number,
            HandleKind::EmailAddress => self.email_address,
        }
    }

    /// The kinds that are among them.
    pub fn iter(self) -> impl Iterator<Item = HandleKind> {
        HandleKind::ALL
            .into_iter()
            .filter(move |kind| self.contains(*kind))
    }
}

/// What network the calls of an app come over.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum AppKind {
    /// Any app with calls of its own. All apps but the modem's.
    #[default]
    Voip,
    /// The mobile network of this machine. Emergency calls exist here only, and no call of another
    /// app ends one without the user's explicit choice.
    Cellular,
}

impl AppKind {
    /// The name used on every wire and in scenarios.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Voip => "voip",
            Self::Cellular => "cellular",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Voip, Self::Cellular]
            .into_iter()
            .find(|kind| kind.name() == name)
    }
}

/// What an app registers with (CallKit `CXProviderConfiguration`).
///
/// Changing anything means registering again with a whole new configuration; it applies to calls
/// reported after that.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Configuration {
    /// The app's name as the user knows it.
    pub name: Text,
    /// Simultaneous groups of this app. CallKit default: 2.
    pub groups_max: u32,
    /// Calls in one group. CallKit default: 5.
    pub calls_per_group_max: u32,
    /// Whether finished calls enter the recents. CallKit default: true.
    pub in_recents: bool,
    /// Whether the app can do video at all.
    pub video: bool,
    /// What it can dial.
    pub handle_kinds: HandleKinds,
    /// How long its calls ring; `None` takes the limit of the profile.
    pub ring_for: Option<Duration>,
    /// A loopback page of the app that "Open" leads to, if it has one.
    pub open_url: Option<Text>,
    /// What network its calls come over. `Cellular` counts only for apps that the daemon's
    /// configuration names; any other app is taken as `Voip`.
    pub kind: AppKind,
    /// The numbers that are emergency calls when dialed through it (ModemManager
    /// `Sim.EmergencyNumbers`). Counts for a cellular app only; at most
    /// [`Configuration::EMERGENCY_NUMBERS_MAX`].
    pub emergency_numbers: Vec<Text>,
    /// A declined call goes to a voicemail the user can listen in on and pick up from. Counts for
    /// a cellular app only.
    pub voicemail: bool,
    /// Its accounts, at most the limit `accounts`; none means one nameless account.
    pub accounts: Vec<Account>,
    /// Buttons it adds to its calls, at most the limit `buttons`.
    pub buttons: Vec<ActionButton>,
    /// Whether answering brings its window to the front, unless the user says otherwise.
    pub on_answer: OnAnswer,
    /// Whether its calls may be translated (CallKit `supportsAudioTranslation`).
    pub translation: bool,
    /// What it wants for its calls that come while another call is there, of any app; it cannot see
    /// those of others. The user may want more than that, but not that such a call rings in spite
    /// of it. Beside [`Configuration::groups_max`], which turns no call away: at that limit the
    /// second call still rings, and answering it ends the first.
    pub second_calls: SecondCalls,
    /// The tones of its calls that the system plays for it. CallKit has none: there an app plays
    /// all of them.
    pub tones: CallTones,
}

impl Configuration {
    /// Most emergency numbers of one app.
    pub const EMERGENCY_NUMBERS_MAX: usize = 64;

    /// Whether it can dial anything at all.
    #[must_use]
    pub fn dials(&self) -> bool {
        if self.accounts.is_empty() {
            self.handle_kinds != HandleKinds::default()
        } else {
            let none = HandleKinds::default();
            let able = |account: &Account| account.dials && account.handle_kinds != none;
            self.accounts.iter().any(able)
        }
    }

    /// One of its accounts.
    #[must_use]
    pub fn account(&self, id: &AccountId) -> Option<&Account> {
        self.accounts.iter().find(|account| account.id == *id)
    }

    /// A configuration with CallKit's defaults.
    #[must_use]
    pub fn new(name: Text) -> Self {
        Self {
            name,
            groups_max: 2,
            calls_per_group_max: 5,
            in_recents: true,
            video: false,
            handle_kinds: HandleKinds::default(),
            ring_for: None,
            open_url: None,
            kind: AppKind::Voip,
            emergency_numbers: Vec::new(),
            voicemail: false,
            accounts: Vec::new(),
            buttons: Vec::new(),
            on_answer: OnAnswer::default(),
            translation: false,
            second_calls: SecondCalls::default(),
            tones: CallTones::default(),
        }
    }
}

/// What an app can do with one call (CallKit `supports…` flags). All on unless said otherwise.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Capabilities {
    /// May be held alone or swapped.
    pub holding: bool,
    /// May be merged while ungrouped.
    pub grouping: bool,
    /// May be taken private while grouped.
    pub ungrouping: bool,
    /// Accepts digits.
    pub digits: bool,
}

impl Default for Capabilities {
    fn default() -> Self {
        Self {
            holding: true,
            grouping: true,
            ungrouping: true,
            digits: true,
        }
    }
}

/// One field of a sparse update.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum Patch<T> {
    /// Not mentioned: stays as it is.
    #[default]
    Keep,
    /// Mentioned as absent.
    Clear,
    /// Mentioned with a value.
    Set(T),
}

impl<T> Patch<T> {
    /// Applies the field to its present value.
    pub fn apply(self, slot: &mut Option<T>) {
        match self {
            Self::Keep => {}
            Self::Clear => *slot = None,
            Self::Set(value) => *slot = Some(value),
        }
    }
}

/// A sparse patch of what is known about a call (CallKit `CXCallUpdate`): fields not mentioned
/// stay.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct CallUpdate {
    /// The other party.
    pub handle: Patch<Handle>,
    /// A name that goes before any the system finds itself.
    pub name: Patch<Text>,
    /// Whether it may be held.
    pub holding: Option<bool>,
    /// Whether it may be merged.
    pub grouping: Option<bool>,
    /// Whether it may leave its group.
    pub ungrouping: Option<bool>,
    /// Whether it accepts digits.
    pub digits: Option<bool>,
    /// Whether there is video besides audio.
    pub video: Option<bool>,
    /// An emergency call, or the call-back of an emergency center. Counts for a cellular app only.
    pub emergency: Option<bool>,
    /// When the caller called, if the news of it took its time: the call rings no longer than its
    /// ring time after that. Counts in the report of an incoming call.
    pub called_at: Option<Wall>,
    /// When the caller has given up for certain: the call rings no longer than that, and not at all
    /// if that time is over. Counts in the report of an incoming call.
    pub ring_until: Option<Wall>,
    /// The account it came in by.
    pub account: Patch<AccountId>,
    /// Which of the app's own buttons the call has; at first all of them.
    pub buttons: Option<Vec<ButtonId>>,
    /// Whether the network itself sends sound before the call is connected, so that the system
    /// plays no ringback over it (RFC 3960, section 3.2).
    pub early_media: Option<bool>,
}

impl CallUpdate {
    /// Applies the capability fields.
    pub fn apply_capabilities(&self, to: &mut Capabilities) {
        to.holding = self.holding.unwrap_or(to.holding);
        to.grouping = self.grouping.unwrap_or(to.grouping);
        to.ungrouping = self.ungrouping.unwrap_or(to.ungrouping);
        to.digits = self.digits.unwrap_or(to.digits);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn app_ids_are_well_known_bus_names() {
        for good in ["org.hookswitch.Phone", "a.b", "io.x_y.Z-1"] {
            assert!(AppId::new(good).is_some(), "{good}");
        }
        for bad in ["", "phone", ":1.5", "a..b", "a.1b", "a.b c", ".a.b"] {
            assert!(AppId::new(bad).is_none(), "{bad}");
        }
    }
}
