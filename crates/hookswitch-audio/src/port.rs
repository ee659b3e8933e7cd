//! The seam between what is played or captured and the device that does it.
//!
//! Input: a device (PipeWire or the null clock) that asks for samples or hands them over.
//! Output: the samples of a [`Feed`], or samples given to a [`Drain`].
//!
//! # Promises
//!
//! - **T1** a feed or drain never blocks; it runs on the audio thread.
//! - **T2** a feed always fills the whole buffer.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

/// Which device a caller wants.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Backend {
    /// PipeWire when it is there, the null device while it is not.
    #[default]
    Auto,
    /// PipeWire; opening is refused when it is not there.
    PipeWire,
    /// The measured null device, whatever the machine has.
    Null,
}

/// Which device takes part at the moment.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Device {
    /// The null device that was asked for.
    Null,
    /// A PipeWire stream that is linked to an endpoint.
    PipeWire,
    /// No audio server; the null clock stands in and the server is tried again.
    NoServer,
    /// The server is there but has no endpoint for us; the null clock stands in.
    NoEndpoint,
}

/// What a stream is for; the session manager may duck or pause others by it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Role {
    /// The voice of a call.
    Communication,
    /// A ringtone.
    Notification,
}

impl Role {
    /// PipeWire's word for the role (`media.role`).
    pub(crate) fn media_role(self) -> &'static str {
        match self {
            Self::Communication => "Communication",
            Self::Notification => "Notification",
        }
    }
}

/// Something that is played.
pub(crate) trait Feed: Send {
    /// Fills all of `out`.
    fn fill(&mut self, out: &mut [i16]);
    /// Whether a feed that was told to stop has nothing more to fade out.
    fn finished(&self) -> bool;
    /// Whether it has come to an end of its own: its stream may go without being told to.
    fn ended(&self) -> bool {
        false
    }
}

/// Something that takes captured samples.
pub(crate) trait Drain: Send {
    /// Takes samples in the order in which they were captured.
    fn take(&mut self, samples: &[i16]);
}

/// One direction of sound.
pub(crate) enum Port {
    /// Playback.
    Play(Box<dyn Feed>),
    /// Capture.
    Capture(Box<dyn Drain>),
}

impl fmt::Debug for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Play(_) => f.write_str("Play"),
            Self::Capture(_) => f.write_str("Capture"),
        }
    }
}

/// What the audio thread needs to know about a stream.
#[derive(Clone, Debug)]
pub(crate) struct StreamSpec {
    pub(crate) name: String,
    pub(crate) rate_hz: u32,
    pub(crate) role: Role,
    pub(crate) backend: Backend,
    /// The endpoint to use; without it, or while it is away, the session manager chooses.
    pub(crate) target: Option<String>,
}

/// The [`Device`] of a stream, written by the audio thread and read by anyone.
#[derive(Clone, Debug)]
pub(crate) struct DeviceCell(Arc<AtomicU8>);

impl DeviceCell {
    pub(crate) fn new(backend: Backend) -> Self {
        let cell = Self(Arc::new(AtomicU8::new(0)));
        cell.set(match backend {
            Backend::Null => Device::Null,
            Backend::Auto | Backend::PipeWire => Device::NoServer,
        });
        cell
    }

    pub(crate) fn set(&self, device: Device) {
        let code = match device {
            Device::Null => 0,
            Device::PipeWire => 1,
            Device::NoServer => 2,
            Device::NoEndpoint => 3,
        };
        self.0.store(code, Ordering::Relaxed);
    }

    /// Whether only the audio thread still holds the cell, because the stream's owner is gone.
    pub(crate) fn is_orphaned(&self) -> bool {
        Arc::strong_count(&self.0) == 1
    }

    pub(crate) fn get(&self) -> Device {
        match self.0.load(Ordering::Relaxed) {
            1 => Device::PipeWire,
            2 => Device::NoServer,
            3 => Device::NoEndpoint,
            _ => Device::Null,
        }
    }
}
