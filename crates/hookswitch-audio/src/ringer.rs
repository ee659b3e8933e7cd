//! The ring: which tone plays, since when, and when it really started and stopped.
//!
//! Input: start with a tone, stop, volume.
//! Output: the tone at the default endpoint, and [`RingerState`] with measured times.
//!
//! # Promises
//!
//! - **K1** [`Ringer::stop`] silences within a fade of 5 ms and one device buffer, and then
//!   the stream is gone; it never waits for that.
//! - **K2** starting a tone replaces the one that plays.
//! - **K3** a sound file that cannot be played is replaced by the shipped ring: a call rings.
//! - **K4** times are taken on the audio thread, when samples are handed to the device and when
//!   the stream is gone, for the null device too.
//!
//! # Not here
//!
//! Whether a call may ring: the core decides. Vibration and notifications.

use std::path::PathBuf;

use crate::engine::Audio;
use crate::error::AudioError;
use crate::playing::{Playing, ToneTimes, What};
use crate::port::{Backend, Device, Role};
use crate::sound;

/// Most endpoints that ring at once.
pub const RINGS_MAX: usize = 16;

/// What to ring with.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum RingTone {
    /// The shipped ringtone.
    Ring,
    /// The shipped call-waiting tone, soft enough for a person in a call.
    Waiting,
    /// A WAV file (16-bit PCM) of the user's choice.
    File(PathBuf),
}

/// What the ringer does at one moment.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RingerState {
    /// The tone that plays, or nothing.
    pub playing: Option<RingTone>,
    /// Times of the tone that plays, or of the last one that did.
    pub times: ToneTimes,
    /// Which device plays it; nothing before the first tone.
    pub device: Option<Device>,
    /// Why the shipped ring stands in for the file that was asked for.
    pub substituted: Option<AudioError>,
}

/// Plays one tone at a time, in a loop, until it is stopped or dropped.
#[derive(Debug)]
pub struct Ringer {
    audio: Audio,
    backend: Backend,
    volume: f32,
    playing: Option<RingTone>,
    /// One for each endpoint it rings on.
    last: Vec<Playing>,
    substituted: Option<AudioError>,
}

impl Ringer {
    /// Makes a silent ringer on the user's own audio server.
    pub fn new(backend: Backend) -> Self {
        Audio::shared().ringer(backend)
    }

    /// Starts a tone, instead of the one that plays. Returns without waiting for the device.
    pub fn start(&mut self, tone: RingTone) -> Result<(), AudioError> {
        self.start_on(tone, &[])
    }

    /// The same on these endpoints, by id; on none means on the default. An endpoint that is away
    /// is replaced by the default, so that a call is heard.
    pub fn start_on(&mut self, tone: RingTone, on: &[String]) -> Result<(), AudioError> {
        self.stop();
        self.substituted = None;
        let sound = match &tone {
            RingTone::Ring => sound::ring(),
            RingTone::Waiting => sound::waiting(),
            RingTone::File(path) => sound::load(path).unwrap_or_else(|error| {
                self.substituted = Some(error);
                sound::ring()
            }),
        };
        self.last.clear();
        let places = on.iter().take(RINGS_MAX).cloned().map(Some);
        let default = on.is_empty().then_some(None);
        for target in places.chain(default) {
            let what = What {
                name: "Hookswitch ringtone",
                role: Role::Notification,
                sound: sound.clone(),
                volume: self.volume,
                target,
                most: None,
            };
            self.last
                .push(Playing::open(&self.audio, self.backend, what)?);
        }
        self.playing = Some(tone);
        Ok(())
    }

    /// Stops the tone at once; does nothing when none plays.
    pub fn stop(&mut self) {
        if self.playing.take().is_some() {
            self.last.iter().for_each(|last| last.stop(&self.audio));
        }
    }

    /// Sets the loudness from 0.0 to 1.0, also of the tone that plays.
    pub fn set_volume(&mut self, volume: f32) {
        self.volume = if volume.is_finite() {
            volume.clamp(0.0, 1.0)
        } else {
            1.0
        };
        for last in &self.last {
            last.set_volume(self.volume);
        }
    }

    /// The loudness, from 0.0 to 1.0.
    pub fn volume(&self) -> f32 {
        self.volume
    }

    /// What plays, since when, and when the last tone started and stopped.
    pub fn state(&self) -> RingerState {
        RingerState {
            playing: self.playing.clone(),
            times: self
                .last
                .first()
                .map_or_else(ToneTimes::default, Playing::times),
            device: self.last.first().map(|last| last.device()),
            substituted: self.substituted.clone(),
        }
    }
}

impl Drop for Ringer {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Audio {
    /// Makes a silent ringer; see [`Ringer`].
    pub fn ringer(&self, backend: Backend) -> Ringer {
        Ringer {
            audio: self.clone(),
            backend,
            volume: 1.0,
            playing: None,
            last: Vec::new(),
            substituted: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_volume_glides_and_is_kept_in_range() {
        let mut ringer = Audio::new(crate::ServerAddress::Session).ringer(Backend::Null);
        for (asked, got) in [(0.5, 0.5), (7.0, 1.0), (-1.0, 0.0), (f32::NAN, 1.0)] {
            ringer.set_volume(asked);
            assert!((ringer.volume() - got).abs() < f32::EPSILON);
        }
    }
}
