//! Who may do what: one table.
//!
//! Input: what a caller lives in, the user's grants, the name of a method.
//! Output: whether the caller may call it, and if not, what to do about it.
//!
//! # Promises
//!
//! - **R1** each method of `org.hookswitch.Calls1` needs exactly one right; what is not in the
//!   table is allowed to nobody.
//! - **R2** names, addresses and the token of the calling UI need a right that a sandboxed app has
//!   only if the user gave it.

use std::collections::BTreeMap;

use hookswitch_model::AppId;
use hookswitch_wire::dbus::{
    CONTROLLER_INTERFACE, DIRECTORY_INTERFACE, MATERIALS_INTERFACE, OBSERVER_INTERFACE,
    PROVIDER_INTERFACE, PUSH_INTERFACE,
};

use crate::identity::Sandbox;

/// One thing that a caller may be.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Right {
    /// Offers calls of its own, and acts on them.
    Provider,
    /// The user's hand: sees all calls with their names, and acts on them.
    Controller,
    /// Sees ids and flags of all calls.
    Observer,
    /// Opens the calling UI, and reads what happened with its names.
    Ui,
}

impl Right {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Provider, Self::Controller, Self::Observer, Self::Ui];

    /// Its word in the configuration.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Provider => "provider",
            Self::Controller => "controller",
            Self::Observer => "observer",
            Self::Ui => "ui",
        }
    }

    /// Reads its word.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|right| right.name() == name)
    }
}

/// What one caller may be.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Rights(u8);

impl Rights {
    /// The user's own programs.
    pub const ALL: Self = Self(0b1111);
    /// A sandboxed app that the user said nothing about.
    pub const SANDBOXED: Self = Self(1 << Right::Provider as u8 | 1 << Right::Observer as u8);

    /// Whether a right is among them.
    #[must_use]
    pub fn has(self, right: Right) -> bool {
        self.0 & (1 << right as u8) != 0
    }
}

impl FromIterator<Right> for Rights {
    fn from_iter<I: IntoIterator<Item = Right>>(rights: I) -> Self {
        let bits = rights.into_iter().map(|right| 1 << right as u8);
        Self(bits.fold(0, |all, bit: u8| all | bit))
    }
}

/// What the user said about apps: all that each of them may do, in place of the default. A Snap is
/// named `snap.NAME`.
pub type Grants = BTreeMap<AppId, Rights>;

/// Whose grant decides about a caller, if one does.
pub(crate) fn grant_for(sandbox: &Sandbox, owned: &[AppId], grants: &Grants) -> Option<AppId> {
    let granted = |app: &AppId| grants.contains_key(app);
    match sandbox {
        Sandbox::None => owned.iter().find(|app| granted(app)).cloned(),
        Sandbox::Flatpak(_) | Sandbox::Snap(_) => sandbox.app().filter(granted),
    }
}

/// The rights of a caller by what it lives in; outside of a sandbox `owned` says which of the
/// granted names are its own.
pub(crate) fn rights_of(sandbox: &Sandbox, owned: &[AppId], grants: &Grants) -> Rights {
    let granted = grant_for(sandbox, owned, grants);
    let granted = granted.and_then(|app| grants.get(&app));
    let default = match sandbox {
        Sandbox::None => Rights::ALL,
        Sandbox::Flatpak(_) | Sandbox::Snap(_) => Rights::SANDBOXED,
    };
    granted.copied().unwrap_or(default)
}

/// The right that a method needs.
pub(crate) fn needed(interface: &str, method: &str) -> Option<Right> {
    let mut rows = TABLE.iter();
    rows.find(|row| row.0 == interface && row.1.contains(&method))
        .map(|row| row.2)
}

/// What a refused caller is told.
pub(crate) fn refusal(interface: &str, method: &str, right: Option<Right>, who: &str) -> String {
    let Some(right) = right else {
        return format!("{method} of {interface} is allowed to nobody");
    };
    let right = right.name();
    format!(
        "{method} needs the right \"{right}\", which {who} does not have; the user can give it in \
         hookswitchd.toml: [[grant]] with app and rights = [\"{right}\", ...]"
    )
}

/// The table: interface, methods, right. The property `Version` is for everyone.
const TABLE: [(&str, &[&str], Right); 9] = [
    (
        MATERIALS_INTERFACE,
        &["SetRingtone", "ClearRingtone", "SetIcon", "ClearIcon"],
        Right::Provider,
    ),
    (
        PROVIDER_INTERFACE,
        &[
            "Register",
            "Invalidate",
            "ReportIncoming",
            "ReportUpdated",
            "ReportConnecting",
            "ReportConnectingAt",
            "ReportConnected",
            "ReportEnded",
            "ReportEndedAt",
            "ReportRemoteHeld",
            "ReportHeld",
            "ReportMuted",
            "ReportVideoOffer",
            "Adopt",
            "Request",
            "RequestAudio",
            "RequestRoute",
            "Endpoints",
            "Fulfill",
            "Acknowledge",
            "FulfillTranslating",
            "Fail",
        ],
        Right::Provider,
    ),
    (
        CONTROLLER_INTERFACE,
        &[
            "Answer",
            "Decline",
            "End",
            "ForceEnd",
            "SetHeld",
            "Swap",
            "Merge",
            "Split",
            "EndGroup",
            "SetMuted",
            "PlayDigits",
            "SendRest",
            "DropRest",
            "Silence",
            "Dial",
            "Open",
            "SetRoute",
            "RequestRoute",
            "Headset",
            "SetDoNotDisturb",
            "SetBlocked",
            "SetAllowed",
            "SetRepeatedCallers",
            "SetRestricted",
            "SetProtected",
            "SetPrivacy",
            "SetSecondCalls",
            "Interrupt",
            "SetForeground",
            "Rules",
            "SetVideo",
            "DeclineVideo",
            "Translate",
            "Press",
            "SetOnAnswer",
            "SetDriving",
            "SetRingOn",
            "State",
            "Callers",
            "Watch",
            "Follow",
            "Recents",
        ],
        Right::Controller,
    ),
    (CONTROLLER_INTERFACE, &["UiAddress", "Record"], Right::Ui),
    (OBSERVER_INTERFACE, &["Calls"], Right::Observer),
    (
        DIRECTORY_INTERFACE,
        &[
            "Offer",
            "BeginLoad",
            "AddBlocking",
            "AddIdentification",
            "RemoveBlocking",
            "RemoveIdentification",
            "RemoveAll",
            "AddFile",
            "Commit",
            "Cancel",
            "Status",
            "ReloadMine",
        ],
        Right::Provider,
    ),
    (
        DIRECTORY_INTERFACE,
        &[
            "OfferMine",
            "BeginMine",
            "Sources",
            "SetEnabled",
            "SetOrder",
            "Remove",
            "Reload",
            "Explain",
            "ExplainCall",
            "SetPattern",
            "SetRule",
            "SetCallBack",
        ],
        Right::Controller,
    ),
    (
        PUSH_INTERFACE,
        &["Register", "Unregister", "Completed", "TooLate", "Status"],
        Right::Provider,
    ),
    (
        PUSH_INTERFACE,
        &["Apps", "Allow", "Forget"],
        Right::Controller,
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    const PROMISED: &str = include_str!("../../../interfaces/org.hookswitch.Calls1.xml");

    #[test]
    fn every_method_of_the_interfaces_needs_one_right() {
        let mut interface = "";
        let mut seen = 0;
        for line in PROMISED.lines().map(str::trim) {
            if let Some(name) = quoted(line, "<interface name=\"") {
                interface = name;
            } else if let Some(method) = quoted(line, "<method name=\"") {
                let rows = TABLE.iter().filter(|row| row.0 == interface);
                let found = rows.filter(|row| row.1.contains(&method)).count();
                assert_eq!(found, 1, "{interface} {method}");
                seen += 1;
            }
        }
        let listed: usize = TABLE.iter().map(|row| row.1.len()).sum();
        assert_eq!(seen, listed, "the table names what is not there");
        assert_eq!(needed(CONTROLLER_INTERFACE, "Unheard"), None);
    }

    fn quoted<'l>(line: &'l str, start: &str) -> Option<&'l str> {
        line.strip_prefix(start)?.split('"').next()
    }

    #[test]
    fn who_may_what() {
        let app = |id: &str| AppId::new(id).expect("valid");
        let grants = Grants::from([
            (app("org.example.Ui"), Rights::ALL),
            (app("snap.ui"), [Right::Controller].into_iter().collect()),
            (
                app("org.example.Watcher"),
                [Right::Observer].into_iter().collect(),
            ),
        ]);
        let flatpak = |id: &str| Sandbox::Flatpak(id.to_owned());
        let snap = |name: &str| Sandbox::Snap(name.to_owned());
        // Sandbox, own names that are granted, then: provider, controller, observer, ui.
        let rows: [(Sandbox, &[&str], [bool; 4]); 8] = [
            (Sandbox::None, &[], [true, true, true, true]),
            (
                Sandbox::None,
                &["org.example.Watcher"],
                [false, false, true, false],
            ),
            (
                flatpak("org.example.Phone"),
                &[],
                [true, false, true, false],
            ),
            (flatpak("org.example.Ui"), &[], [true, true, true, true]),
            // A name that a Flatpak owns does not make it another app.
            (
                flatpak("org.example.Phone"),
                &["org.example.Ui"],
                [true, false, true, false],
            ),
            (
                flatpak("org.example.Ui.Other"),
                &[],
                [true, false, true, false],
            ),
            (snap("phone"), &[], [true, false, true, false]),
            (snap("ui"), &[], [false, true, false, false]),
        ];
        for (sandbox, owned, want) in rows {
            let owned: Vec<AppId> = owned.iter().map(|id| app(id)).collect();
            let rights = rights_of(&sandbox, &owned, &grants);
            assert_eq!(
                Right::ALL.map(|right| rights.has(right)),
                want,
                "{sandbox:?}"
            );
        }
    }
}
