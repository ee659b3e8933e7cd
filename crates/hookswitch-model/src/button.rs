//! Buttons that an app adds to its calls: a door opener, a gate, a light.
//!
//! CallKit has none: `CXProviderConfiguration` is all that an app may say about the screen of its
//! calls. Door phones are what people miss them for.

use core::fmt;

use crate::text::{Text, TextError};
use crate::word::{bounded_word, is_plain};

bounded_word!(
    /// The app's own name for a button: 1 to 32 of `a-z 0-9 -`.
    ButtonId, 32 bytes, is_plain, shown
);

/// The picture on a button: one of ours, so that no app can imitate the system's own.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum ButtonIcon {
    /// Nothing special.
    #[default]
    Plain,
    /// A door.
    Door,
    /// A gate or barrier.
    Gate,
    /// A light.
    Light,
    /// A camera.
    Camera,
    /// A note or ticket.
    Note,
    /// A transfer to somebody else.
    Transfer,
    /// A recording.
    Record,
}

impl ButtonIcon {
    /// All icons, in the order of the documentation.
    pub const ALL: [Self; 8] = [
        Self::Plain,
        Self::Door,
        Self::Gate,
        Self::Light,
        Self::Camera,
        Self::Note,
        Self::Transfer,
        Self::Record,
    ];

    /// The name used on every wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Door => "door",
            Self::Gate => "gate",
            Self::Light => "light",
            Self::Camera => "camera",
            Self::Note => "note",
            Self::Transfer => "transfer",
            Self::Record => "record",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|icon| icon.name() == name)
    }
}

/// A button that an app adds to the system's screen for its calls.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ActionButton {
    /// The app's own name for it.
    pub id: ButtonId,
    /// Its words: at most [`ActionButton::LABEL_MAX`] characters, cleaned like every text.
    pub label: Text,
    /// Its picture.
    pub icon: ButtonIcon,
    /// Whether the screen has to be unlocked before the app is asked.
    pub needs_unlock: bool,
    /// Whether it is there while the call rings, too.
    pub while_ringing: bool,
}

/// Why a button was refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ButtonError {
    /// The id holds something other than 1 to 32 of `a-z 0-9 -`.
    Id,
    /// The label is empty or far too long.
    Label(TextError),
    /// The label does not fit a button.
    LongLabel,
}

impl ActionButton {
    /// Most characters of a label; more does not fit a button of the screen.
    pub const LABEL_MAX: usize = 20;

    /// A plain button that works on a locked screen and in a call only.
    ///
    /// # Errors
    ///
    /// [`ButtonError`] names the first problem.
    pub fn new(id: &str, label: &str) -> Result<Self, ButtonError> {
        let label = Text::new(label).map_err(ButtonError::Label)?;
        if label.as_str().chars().count() > Self::LABEL_MAX {
            return Err(ButtonError::LongLabel);
        }
        Ok(Self {
            id: ButtonId::new(id).map_err(|_| ButtonError::Id)?,
            label,
            icon: ButtonIcon::Plain,
            needs_unlock: false,
            while_ringing: false,
        })
    }
}

impl fmt::Display for ButtonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id => f.write_str("the id must be 1 to 32 of a-z 0-9 -"),
            Self::Label(error) => write!(f, "the label: {error}"),
            Self::LongLabel => {
                let max = ActionButton::LABEL_MAX;
                write!(f, "the label must not be longer than {max} characters")
            }
        }
    }
}

impl core::error::Error for ButtonError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_button_is_bounded_and_cleaned() {
        let good = ActionButton::new("open-door", "Open \u{202E}door").expect("a button");
        assert_eq!(good.label.as_str(), "Open door");
        for (id, label, want) in [
            ("", "x", ButtonError::Id),
            ("Open", "x", ButtonError::Id),
            ("door", "", ButtonError::Label(TextError::Empty)),
            ("door", &"x".repeat(21), ButtonError::LongLabel),
        ] {
            assert_eq!(ActionButton::new(id, label), Err(want), "{id} {label}");
        }
        assert!(ActionButton::new("door", &"ö".repeat(20)).is_ok());
    }

    #[test]
    fn icons_read_back() {
        for icon in ButtonIcon::ALL {
            assert_eq!(ButtonIcon::from_name(icon.name()), Some(icon));
        }
    }
}
