//! Where a call's audio goes: the computer's devices, or a tone with a meter for tests.
//!
//! Input and output: frames of [`FRAME`] samples at 8 kHz. The browser's end is in
//! [`crate::browser`].
//!
//! # Promises
//!
//! - **E1** neither direction ever waits.
//! - **E2** `capture` gives a whole frame or nothing, so that the far side never hears half ones.

use hookswitch_audio::{Backend, Device, Duplex, DuplexSpec, Role, open_duplex};
use tokio::sync::mpsc;

use crate::tone::Tone;

/// Samples of one frame: 20 ms at 8 kHz.
pub const FRAME: usize = 160;
/// Samples per second of every end.
pub const RATE_HZ: u32 = 8000;
/// Frames that a listener of a [`ToneEnd`] may leave unread (60 s); further ones are dropped.
pub const HEARD_MAX: usize = 3000;

/// One place where a call is heard and spoken.
pub trait AudioEnd: Send {
    /// Plays one frame.
    fn play(&mut self, frame: &[i16]);
    /// Fills `frame` and is true, or leaves it and is false when no whole frame is there.
    fn capture(&mut self, frame: &mut [i16]) -> bool;
    /// What a person would call it.
    fn describe(&self) -> String;
}

/// The computer's loudspeaker and microphone, or their measured stand-in.
pub struct DeviceEnd {
    duplex: Duplex,
    pending: Vec<i16>,
}

impl DeviceEnd {
    /// Opens the devices; may wait for the audio server, so not on an async thread.
    pub fn open(backend: Backend) -> Result<Self, String> {
        let spec = DuplexSpec {
            rate_hz: RATE_HZ,
            role: Role::Communication,
            name: "Hookswitch call".to_owned(),
            backend,
        };
        let duplex = open_duplex(&spec).map_err(|error| error.to_string())?;
        Ok(Self {
            duplex,
            pending: Vec::with_capacity(FRAME),
        })
    }
}

impl AudioEnd for DeviceEnd {
    fn play(&mut self, frame: &[i16]) {
        self.duplex.play(frame); // what does not fit is counted by the device
    }

    fn capture(&mut self, frame: &mut [i16]) -> bool {
        let have = self.pending.len();
        let mut fresh = [0; FRAME];
        let read = self.duplex.capture(&mut fresh[..FRAME - have]);
        self.pending.extend_from_slice(&fresh[..read]);
        if self.pending.len() < FRAME {
            return false;
        }
        frame.copy_from_slice(&self.pending);
        self.pending.clear();
        true
    }

    fn describe(&self) -> String {
        let device = match self.duplex.kind() {
            Device::PipeWire => "this computer",
            Device::Null => "a silent device",
            Device::NoServer => "silence: no audio server is running",
            Device::NoEndpoint => "silence: the audio server has no device",
        };
        device.to_owned()
    }
}

/// A tone to speak and a channel for what is heard: the "call me" peer and the tests.
pub struct ToneEnd {
    tone: Option<Tone>,
    heard: mpsc::Sender<Vec<i16>>,
}

impl ToneEnd {
    /// Speaks `tone`, or silence; passes heard frames to the receiver.
    pub fn new(tone: Option<Tone>) -> (Self, mpsc::Receiver<Vec<i16>>) {
        let (heard, listener) = mpsc::channel(HEARD_MAX);
        (Self { tone, heard }, listener)
    }
}

impl AudioEnd for ToneEnd {
    fn play(&mut self, frame: &[i16]) {
        // A full channel means that nobody measures at the moment.
        self.heard.try_send(frame.to_vec()).ok();
    }

    fn capture(&mut self, frame: &mut [i16]) -> bool {
        match &mut self.tone {
            Some(tone) => tone.fill(frame),
            None => frame.fill(0),
        }
        true
    }

    fn describe(&self) -> String {
        "a tone and a meter".to_owned()
    }
}
