//! The audio as one may see it: the server, the route, who waits for the lease, and why.
//!
//! The numbers beside the names are those of Apple's `AVAudioSession`, so that an app that knows
//! them can be tested against them.

use crate::endpoint::EndpointId;
use crate::id::CallId;
use crate::text::Text;

/// The audio, apart from the lease.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct AudioSnapshot {
    /// The audio server.
    pub server: AudioServer,
    /// Why no call may use the audio, while something keeps it.
    pub interruption: Option<Interruption>,
    /// The call that ought to have the lease and waits for it.
    pub waiting: Option<AudioWait>,
    /// Which device calls use.
    pub route: RouteSnapshot,
    /// How much other sound has to make room.
    pub hush: MediaHush,
    /// The microphone is muted where it is, by a key of the headset or in a mixer.
    pub microphone_muted: bool,
}

/// Whether there is an audio server.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum AudioServer {
    /// None was seen since the daemon started. The lease is granted all the same: an app may have
    /// other ways to play, a browser for example.
    #[default]
    Absent,
    /// It is there.
    Up,
    /// It was there and is gone: nobody can play until it is back.
    Lost,
}

impl AudioServer {
    /// The name used on every wire and in scenarios.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Up => "up",
            Self::Lost => "lost",
        }
    }
}

/// Why calls may not use the audio for a while. No call ends because of it.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Interruption {
    /// The audio server is gone (Apple: media services were lost).
    ServerLost,
    /// The system needs the audio for an emergency, such as a public warning.
    Emergency,
    /// Another program uses the audio alone.
    Exclusive,
}

impl Interruption {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::ServerLost, Self::Emergency, Self::Exclusive];

    /// The name used on every wire and in scenarios.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ServerLost => "server-lost",
            Self::Emergency => "emergency",
            Self::Exclusive => "exclusive",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.name() == name)
    }

    /// `AVAudioSession.InterruptionReason`: default 0, route disconnected 4. Apple has no number
    /// for the others.
    #[must_use]
    pub fn callkit(self) -> u8 {
        match self {
            Self::ServerLost => 4,
            Self::Emergency | Self::Exclusive => 0,
        }
    }
}

/// A call that ought to have the lease and does not.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct AudioWait {
    /// The call.
    pub call: CallId,
    /// Its app was told that the lease is denied for now.
    pub denied: bool,
}

/// Which audio device calls use: wanted, in use, and why.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct RouteSnapshot {
    /// What the user or the policy wants, while there are calls or a change is under way.
    pub desired: Option<EndpointId>,
    /// What the audio server uses. A screen shows this one.
    pub effective: Option<EndpointId>,
    /// Why the effective one is in use.
    pub cause: RouteCause,
    /// Grows with every change of the route and with every order to the audio server.
    pub generation: u64,
    /// What the audio server was asked for and does not use yet.
    pub pending: Option<EndpointId>,
    /// Why the desired one is not in use.
    pub fault: Option<RouteFault>,
    /// The name of the device that was lost, while that is why another one is in use.
    pub lost: Option<Text>,
}

/// Why a device is in use.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum RouteCause {
    /// It was so when the daemon came.
    #[default]
    Unknown,
    /// A device appeared.
    DeviceAdded,
    /// The former device is gone.
    DeviceLost,
    /// The default for a call that begins, or the end of the last call.
    Policy,
    /// The user chose it.
    User,
    /// The app of the call chose it, and the user has not chosen.
    App,
    /// The call was answered on this device.
    AnsweringDevice,
    /// There is no device.
    NoDevice,
    /// Another program chose it.
    Elsewhere,
    /// Another program chose another one, and the user's choice was put back.
    OverrideRefused,
    /// The audio server was started anew.
    ServerRestarted,
}

impl RouteCause {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Unknown,
        Self::DeviceAdded,
        Self::DeviceLost,
        Self::Policy,
        Self::User,
        Self::App,
        Self::AnsweringDevice,
        Self::NoDevice,
        Self::Elsewhere,
        Self::OverrideRefused,
        Self::ServerRestarted,
    ];

    /// The name used on every wire and in scenarios.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::DeviceAdded => "device-added",
            Self::DeviceLost => "device-lost",
            Self::Policy => "policy",
            Self::User => "user",
            Self::App => "app",
            Self::AnsweringDevice => "answering-device",
            Self::NoDevice => "no-device",
            Self::Elsewhere => "elsewhere",
            Self::OverrideRefused => "override-refused",
            Self::ServerRestarted => "server-restarted",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cause| cause.name() == name)
    }

    /// `AVAudioSession.RouteChangeReason`. 5 is not used by Apple; 6, woken from sleep, has no
    /// counterpart here: after sleep the audio server tells what changed.
    #[must_use]
    pub fn callkit(self) -> u8 {
        match self {
            Self::Unknown => 0,
            Self::DeviceAdded => 1,
            Self::DeviceLost => 2,
            Self::Policy => 3,
            Self::User | Self::App | Self::AnsweringDevice => 4,
            Self::NoDevice => 7,
            Self::Elsewhere | Self::OverrideRefused | Self::ServerRestarted => 8,
        }
    }
}

/// Why a wished device did not come into use.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum RouteFault {
    /// A newer wish took its place.
    Superseded,
    /// The device went away.
    Gone,
    /// The audio server refused.
    Refused,
    /// The audio server did not do it in time.
    TimedOut,
    /// The audio server went away.
    ServerLost,
}

impl RouteFault {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Superseded,
        Self::Gone,
        Self::Refused,
        Self::TimedOut,
        Self::ServerLost,
    ];

    /// The name used on every wire and in scenarios.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Superseded => "superseded",
            Self::Gone => "gone",
            Self::Refused => "refused",
            Self::TimedOut => "timed-out",
            Self::ServerLost => "server-lost",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|fault| fault.name() == name)
    }
}

/// Who muted or unmuted last.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum MuteOrigin {
    /// Nobody yet.
    #[default]
    Nobody,
    /// The user, on a screen or the command line.
    User,
    /// The app, by itself or for its own buttons.
    App,
    /// The microphone itself: a key of the headset, or a mixer.
    Device,
}

impl MuteOrigin {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Nobody, Self::User, Self::App, Self::Device];

    /// The name used on every wire and in scenarios.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Nobody => "nobody",
            Self::User => "user",
            Self::App => "app",
            Self::Device => "device",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|origin| origin.name() == name)
    }
}

/// Where it rings. A call that waits over another one is heard where that one is.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum RingOn {
    /// The device that everything else uses.
    #[default]
    Default,
    /// Every device at once.
    Everywhere,
    /// This device while it is there, else the default.
    Device(EndpointId),
}

impl RingOn {
    /// The name used in scenarios and configuration: `default`, `all`, or the device's id.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Default => "default",
            Self::Everywhere => "all",
            Self::Device(id) => id.as_str(),
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "default" => Some(Self::Default),
            "all" => Some(Self::Everywhere),
            id => EndpointId::new(id).map(Self::Device),
        }
    }
}

/// How much other sound has to make room for calls.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub enum MediaHush {
    /// Not at all.
    #[default]
    Off,
    /// A call rings.
    Ring,
    /// There is a call.
    Call,
}

impl MediaHush {
    /// The name used in scenarios and configuration.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Ring => "ring",
            Self::Call => "call",
        }
    }
}

/// What a hand does at the button of a headset.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum HeadsetGesture {
    /// A short press.
    Press,
    /// The button held down.
    Hold,
}

impl HeadsetGesture {
    /// The name used on every wire and in scenarios.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Press => "press",
            Self::Hold => "hold",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Press, Self::Hold]
            .into_iter()
            .find(|gesture| gesture.name() == name)
    }
}

/// What an app wants the audio for, outside of what a call gives it.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum AudioUse {
    /// To play.
    Playback,
    /// To use the microphone.
    Record,
}

impl AudioUse {
    /// The name used on every wire and in scenarios.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Playback => "playback",
            Self::Record => "record",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Playback, Self::Record]
            .into_iter()
            .find(|wanted| wanted.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        for cause in RouteCause::ALL {
            assert_eq!(RouteCause::from_name(cause.name()), Some(cause));
        }
        for fault in RouteFault::ALL {
            assert_eq!(RouteFault::from_name(fault.name()), Some(fault));
        }
        for reason in Interruption::ALL {
            assert_eq!(Interruption::from_name(reason.name()), Some(reason));
        }
        for origin in MuteOrigin::ALL {
            assert_eq!(MuteOrigin::from_name(origin.name()), Some(origin));
        }
        for gesture in [HeadsetGesture::Press, HeadsetGesture::Hold] {
            assert_eq!(HeadsetGesture::from_name(gesture.name()), Some(gesture));
        }
        for wanted in [AudioUse::Playback, AudioUse::Record] {
            assert_eq!(AudioUse::from_name(wanted.name()), Some(wanted));
        }
        assert_eq!(RouteCause::from_name("wind"), None);
    }

    #[test]
    fn causes_have_apples_numbers() {
        let numbers = RouteCause::ALL.map(RouteCause::callkit);
        assert_eq!(numbers, [0, 1, 2, 3, 4, 4, 4, 7, 8, 8, 8]);
    }
}
