//! Audio devices usable for calls.

use crate::text::Text;
use crate::word::word_type;

word_type!(
    /// A stable name of an audio device, as the audio server gives it (PipeWire `node.name`).
    EndpointId, shown
);

impl EndpointId {
    /// Keeps a name of 1 to 255 bytes.
    #[must_use]
    pub fn new(name: &str) -> Option<Self> {
        (1..=255).contains(&name.len()).then(|| Self(name.into()))
    }
}

/// What an endpoint is, for its icon and for policy.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum EndpointKind {
    /// A loudspeaker.
    Speaker,
    /// A handset held to the ear.
    Handset,
    /// A headset on a wire.
    Headset,
    /// A headset or other device over Bluetooth.
    Bluetooth,
    /// Anything else.
    Other,
}

impl EndpointKind {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Speaker,
        Self::Handset,
        Self::Headset,
        Self::Bluetooth,
        Self::Other,
    ];

    /// The name used on every wire and in scenarios.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Speaker => "speaker",
            Self::Handset => "handset",
            Self::Headset => "headset",
            Self::Bluetooth => "bluetooth",
            Self::Other => "other",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// An audio device usable for calls.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Endpoint {
    /// Its stable id.
    pub id: EndpointId,
    /// Its name for people.
    pub name: Text,
    /// What it is.
    pub kind: EndpointKind,
}
