//! Accounts and buttons that an app registers with: plain values, checked when they are sent.

use std::fmt;

use hookswitch_wire::dbus::words as model;
use hookswitch_wire::dbus::{self, ArgumentError, ButtonIcon, HandleKind, Problem};

use crate::call::kinds_of;

/// One account of the app: a line, a number, a workspace (Android Telecom `PhoneAccount`; CallKit
/// knows one nameless account). `Debug` shows its label only.
#[derive(Clone, Eq, PartialEq)]
pub struct Account {
    id: String,
    label: String,
    handle_kinds: Vec<HandleKind>,
    dials: bool,
    video: bool,
}

impl Account {
    /// An account with the app's own name for it, and a name for people such as "Work".
    #[must_use]
    pub fn new(id: impl Into<String>, label: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            label: label.into(),
            handle_kinds: Vec::new(),
            dials: true,
            video: false,
        }
    }

    /// What it can dial (default nothing).
    #[must_use]
    pub fn handle_kinds(mut self, kinds: impl IntoIterator<Item = HandleKind>) -> Self {
        self.handle_kinds = kinds.into_iter().collect();
        self
    }

    /// Whether calls can be started through it at all (default true).
    #[must_use]
    pub fn dials(mut self, on: bool) -> Self {
        self.dials = on;
        self
    }

    /// Whether its calls can have video (default false).
    #[must_use]
    pub fn video(mut self, on: bool) -> Self {
        self.video = on;
        self
    }

    pub(crate) fn checked(&self) -> Result<model::Account, ArgumentError> {
        Ok(model::Account {
            id: dbus::account("accounts", &self.id)?,
            label: dbus::text("accounts", &self.label)?,
            handle_kinds: kinds_of(&self.handle_kinds),
            dials: self.dials,
            video: self.video,
        })
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Account({:?})", self.label)
    }
}

/// A button that the app adds to the system's screen for its calls, such as "Open door". CallKit
/// has none.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ActionButton {
    id: String,
    label: String,
    icon: ButtonIcon,
    needs_unlock: bool,
    while_ringing: bool,
}

impl ActionButton {
    /// A button with the app's own name for it (1 to 32 of `a-z 0-9 -`) and its words (at most 20
    /// characters). It works on a locked screen, and in a connected call only.
    #[must_use]
    pub fn new(id: impl Into<String>, label: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            label: label.into(),
            icon: ButtonIcon::default(),
            needs_unlock: false,
            while_ringing: false,
        }
    }

    /// Its picture.
    #[must_use]
    pub fn icon(mut self, icon: ButtonIcon) -> Self {
        self.icon = icon;
        self
    }

    /// Whether the screen has to be unlocked before the app is asked.
    #[must_use]
    pub fn needs_unlock(mut self, on: bool) -> Self {
        self.needs_unlock = on;
        self
    }

    /// Whether it is there while the call rings, too.
    #[must_use]
    pub fn while_ringing(mut self, on: bool) -> Self {
        self.while_ringing = on;
        self
    }

    pub(crate) fn checked(&self) -> Result<model::ActionButton, ArgumentError> {
        let wanted = "an id of 1 to 32 of a-z 0-9 - and a label of 1 to 20 characters";
        let plain = model::ActionButton::new(&self.id, &self.label)
            .map_err(|_| ArgumentError::new("buttons", Problem::Malformed { wanted }))?;
        Ok(model::ActionButton {
            icon: self.icon,
            needs_unlock: self.needs_unlock,
            while_ringing: self.while_ringing,
            ..plain
        })
    }
}
