//! What an app brings along to be heard and seen by: a ringtone and an icon.

use crate::word::{bounded_word, is_plain};

bounded_word!(
    /// Which sound or picture it is: the same bytes have the same name, other bytes another one.
    /// Made of `a-z 0-9 -`.
    MaterialId, 40 bytes, is_plain, shown
);

/// The kinds of material.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum MaterialKind {
    /// What rings for the app's calls (CallKit `ringtoneSound`).
    Ringtone,
    /// What stands beside the app's name (CallKit `iconTemplateImageData`).
    Icon,
}
