//! The tones of calls: ringback, busy, and the tone after the end, made of a sine and a cadence.
//!
//! Input: start with a tone, stop. Output: the tone on the endpoint of the call.
//!
//! Frequency and cadences are those that ITU-T E.180 recommends and 3GPP TS 22.001 (annex F) gives
//! to phones: 425 Hz; ringback 1 s of 5 s, busy half of each second. For the end of a call E.180
//! has no tone: it is what the same annex gives to a call that is dropped, three short bursts,
//! once.
//!
//! # Promises
//!
//! - **TP1** [`TonePlayer::stop`] silences within 5 ms and one device buffer, and never waits.
//! - **TP2** starting a tone replaces the one that plays.
//! - **TP3** a tone that is started with an end, and the one after a call, go by themselves.
//! - **TP4** the stream has the role of a call: what makes room for calls leaves it alone.
//!
//! # Not here
//!
//! When a tone is due (the core decides), the ring and the call-waiting tone ([`crate::Ringer`]).

use std::sync::LazyLock;
use std::time::Duration;

use crate::engine::Audio;
use crate::error::AudioError;
use crate::playing::{Playing, ToneTimes, What};
use crate::port::{Backend, Device, Role};
use crate::sound::{RATE_MIN_HZ, Sound};

/// The pitch of all of them, in hertz.
const PITCH_HZ: f32 = 425.0;
/// The loudest sample: 20 dB below full scale, for somebody who has the device at the ear.
const PEAK: f32 = 3277.0;
/// How long a burst swells and fades, in samples: without it each would click.
const SWELL: usize = RATE_MIN_HZ as usize / 200;

/// A tone of a call.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CallTone {
    /// The other end rings.
    Ringback,
    /// The other party is busy.
    Busy,
    /// The other end has left. Once: it ends by itself.
    Ended,
}

impl CallTone {
    /// One whole loop: milliseconds of sound and of silence.
    fn cadence(self) -> &'static [(usize, usize)] {
        match self {
            Self::Ringback => &[(1_000, 4_000)],
            Self::Busy => &[(500, 500)],
            Self::Ended => &[(200, 200), (200, 200), (200, 200)],
        }
    }

    /// How long one whole loop is.
    fn length(self) -> Duration {
        let millis = self.cadence().iter().map(|(on, off)| on + off);
        Duration::from_millis(millis.sum::<usize>() as u64)
    }

    /// When it ends, of at most this long.
    fn end(self, most: Option<Duration>) -> Option<Duration> {
        match self {
            Self::Ringback | Self::Busy => most,
            Self::Ended => Some(most.map_or(self.length(), |most| most.min(self.length()))),
        }
    }

    /// One whole loop, made once.
    fn sound(self) -> Sound {
        match self {
            Self::Ringback => RINGBACK.clone(),
            Self::Busy => BUSY.clone(),
            Self::Ended => ENDED.clone(),
        }
    }

    fn made(self) -> Sound {
        let samples = |millis: usize| millis * RATE_MIN_HZ as usize / 1_000;
        let mut loops = Vec::new();
        for (on, off) in self.cadence() {
            loops.extend((0..samples(*on)).map(|at| burst(at, samples(*on))));
            loops.extend(core::iter::repeat_n(0, samples(*off)));
        }
        Sound {
            rate_hz: RATE_MIN_HZ,
            samples: loops.into(),
        }
    }
}

static RINGBACK: LazyLock<Sound> = LazyLock::new(|| CallTone::Ringback.made());
static BUSY: LazyLock<Sound> = LazyLock::new(|| CallTone::Busy.made());
static ENDED: LazyLock<Sound> = LazyLock::new(|| CallTone::Ended.made());

/// One sample of a burst of this length.
fn burst(at: usize, length: usize) -> i16 {
    let turns = at as f32 * PITCH_HZ / RATE_MIN_HZ as f32;
    let swell = at.min(length - 1 - at).min(SWELL) as f32 / SWELL as f32;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the peak is far below the range"
    )]
    let sample = ((turns * core::f32::consts::TAU).sin() * PEAK * swell) as i16;
    sample
}

/// What the player does at one moment.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TonePlayerState {
    /// The tone that plays, or nothing.
    pub playing: Option<CallTone>,
    /// Times of the tone that plays, or of the last one that did.
    pub times: ToneTimes,
    /// Which device plays it; nothing before the first tone.
    pub device: Option<Device>,
}

/// Plays one tone of a call at a time, until it is stopped or dropped.
#[derive(Debug)]
pub struct TonePlayer {
    audio: Audio,
    backend: Backend,
    playing: Option<CallTone>,
    last: Option<Playing>,
}

impl TonePlayer {
    /// Makes a silent player on the user's own audio server.
    pub fn new(backend: Backend) -> Self {
        Audio::shared().tone_player(backend)
    }

    /// Starts a tone, in place of the one that plays, on this endpoint. Without one, or while it is
    /// away, the tone is where calls are, and moves with them. Ends by itself after `most`, if that
    /// is given. Does not wait for the device.
    pub fn start(
        &mut self,
        tone: CallTone,
        on: Option<&str>,
        most: Option<Duration>,
    ) -> Result<(), AudioError> {
        self.stop();
        let what = What {
            name: "Hookswitch call tone",
            role: Role::Communication,
            sound: tone.sound(),
            volume: 1.0,
            target: on.map(str::to_owned),
            most: tone.end(most),
        };
        self.last = Some(Playing::open(&self.audio, self.backend, what)?);
        self.playing = Some(tone);
        Ok(())
    }

    /// Stops the tone at once; does nothing when none plays.
    pub fn stop(&mut self) {
        if self.playing.take().is_some()
            && let Some(last) = &self.last
        {
            last.stop(&self.audio);
        }
    }

    /// What plays, since when, and when the last tone started and stopped.
    pub fn state(&self) -> TonePlayerState {
        let last = self.last.as_ref();
        let times = last.map_or_else(ToneTimes::default, Playing::times);
        TonePlayerState {
            playing: self.playing.filter(|_| times.stopped.is_none()),
            times,
            device: last.map(Playing::device),
        }
    }
}

impl Drop for TonePlayer {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Audio {
    /// Makes a silent player of the tones of calls; see [`TonePlayer`].
    pub fn tone_player(&self, backend: Backend) -> TonePlayer {
        TonePlayer {
            audio: self.clone(),
            backend,
            playing: None,
            last: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cadences_are_those_of_the_recommendation() {
        for (tone, seconds, bursts) in [
            (CallTone::Ringback, 5.0, 1),
            (CallTone::Busy, 1.0, 1),
            (CallTone::Ended, 1.2, 3),
        ] {
            let sound = tone.sound();
            let length = sound.samples.len() as f64 / f64::from(sound.rate_hz);
            assert!((length - seconds).abs() < 1e-9, "{tone:?}: {length} s");
            // A burst begins where a tenth of a second of silence was before.
            let mut silent = sound.rate_hz;
            let mut begun = 0;
            for sample in sound.samples.iter() {
                if *sample != 0 && silent > sound.rate_hz / 10 {
                    begun += 1;
                }
                silent = if *sample == 0 { silent + 1 } else { 0 };
            }
            assert_eq!(begun, bursts, "{tone:?}");
        }
    }

    #[test]
    fn the_tone_after_a_call_plays_once_however_long_it_may() {
        let (short, long) = (Duration::from_secs(1), Duration::from_secs(60));
        for (tone, most, end) in [
            (CallTone::Ringback, None, None),
            (CallTone::Busy, Some(long), Some(long)),
            (CallTone::Ended, None, Some(Duration::from_millis(1_200))),
            (
                CallTone::Ended,
                Some(long),
                Some(Duration::from_millis(1_200)),
            ),
            (CallTone::Ended, Some(short), Some(short)),
        ] {
            assert_eq!(tone.end(most), end, "{tone:?} of at most {most:?}");
        }
    }

    #[test]
    fn a_tone_is_as_high_and_as_loud_as_it_is_to_be_and_does_not_click() {
        let sound = CallTone::Ringback.sound();
        let second = &sound.samples[..sound.rate_hz as usize];
        let rises = second.windows(2).filter(|pair| pair[0] < 0 && pair[1] >= 0);
        assert!((424..=425).contains(&rises.count()));
        let peak = second.iter().map(|sample| sample.unsigned_abs()).max();
        assert!(
            peak.is_some_and(|peak| (3200..=3277).contains(&peak)),
            "{peak:?}"
        );
        assert_eq!([second.first(), second.last()], [Some(&0), Some(&0)]);
        assert!(second[..4].iter().all(|sample| sample.unsigned_abs() < 500));
    }
}
