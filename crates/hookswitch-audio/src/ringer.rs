//! The ring: which tone plays, since when, and when it really started and stopped.
//!
//! Input: start with a tone, stop, volume.
//! Output: the tone at the default endpoint, and [`RingerState`] with measured times.
//!
//! # Promises
//!
//! - **K1** [`Ringer::stop`] silences within a fade of [`FADE`] and one device buffer, and then
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
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use crate::engine::{Audio, Command};
use crate::error::AudioError;
use crate::port::{Backend, Device, DeviceCell, Feed, Port, Role, StreamSpec};
use crate::sound::{self, Sound};

/// Length of the fade when a tone stops.
pub const FADE: Duration = Duration::from_millis(5);
/// Most endpoints that ring at once.
pub const RINGS_MAX: usize = 16;
/// Longest a stopped tone may keep its stream for the fade.
const CLOSE_MAX: Duration = Duration::from_millis(80);

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

/// When a tone was asked for, was first heard, and was gone.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct ToneTimes {
    /// The call of [`Ringer::start`].
    pub asked: Option<Instant>,
    /// The first audible sample was handed to the device.
    pub started: Option<Instant>,
    /// The call of [`Ringer::stop`].
    pub stop_asked: Option<Instant>,
    /// The last audible sample had been handed over and the stream was gone.
    pub stopped: Option<Instant>,
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
            let (audio, backend) = (&self.audio, self.backend);
            let playing = Playing::open(audio, backend, sound.clone(), self.volume, target)?;
            self.last.push(playing);
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
            last.control.set_volume(self.volume);
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
            device: self.last.first().map(|last| last.device.get()),
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

/// One tone from its start to its end.
#[derive(Debug)]
struct Playing {
    id: u64,
    asked: Instant,
    control: Arc<Control>,
    device: DeviceCell,
}

impl Playing {
    fn open(
        audio: &Audio,
        backend: Backend,
        sound: Sound,
        volume: f32,
        target: Option<String>,
    ) -> Result<Self, AudioError> {
        let control = Arc::new(Control::default());
        control.set_volume(volume);
        let (id, device) = (audio.engine.next_id(), DeviceCell::new(backend));
        let playing = Self {
            id,
            asked: Instant::now(),
            control,
            device,
        };
        let spec = StreamSpec {
            name: "Hookswitch ringtone".to_owned(),
            rate_hz: sound.rate_hz,
            role: Role::Notification,
            backend,
            target,
        };
        let port = Port::Play(Box::new(ToneFeed::new(sound, playing.control.clone())));
        let device = playing.device.clone();
        audio.engine.send(Command::Open {
            id,
            spec,
            port,
            device,
            reply: None,
        })?;
        Ok(playing)
    }

    fn stop(&self, audio: &Audio) {
        let now = Instant::now();
        // A second stop keeps the first time.
        let _ = self.control.stop_asked.set(now);
        self.control.stop.store(true, Ordering::Release);
        let close = Command::Close {
            id: self.id,
            by: now + CLOSE_MAX,
        };
        if let Err(error) = audio.engine.send(close) {
            // The feed is silent all the same; the stream goes when its owner does.
            tracing::warn!(%error, "a stopped tone keeps its silent stream for now");
        }
    }

    fn times(&self) -> ToneTimes {
        ToneTimes {
            asked: Some(self.asked),
            started: self.control.started.get().copied(),
            stop_asked: self.control.stop_asked.get().copied(),
            stopped: self.control.stopped.get().copied(),
        }
    }
}

/// What the ringer and the audio thread share about one tone.
#[derive(Debug, Default)]
struct Control {
    stop: AtomicBool,
    volume: AtomicU32,
    started: OnceLock<Instant>,
    stop_asked: OnceLock<Instant>,
    stopped: OnceLock<Instant>,
}

impl Control {
    fn set_volume(&self, volume: f32) {
        self.volume.store(volume.to_bits(), Ordering::Relaxed);
    }
}

/// Feeds the device with the looped tone; the gain glides, so that nothing clicks.
struct ToneFeed {
    sound: Sound,
    control: Arc<Control>,
    position: usize,
    gain: f32,
    step: f32,
    silent_fills: u32,
}

impl ToneFeed {
    fn new(sound: Sound, control: Arc<Control>) -> Self {
        let fade_samples = FADE.as_secs_f32() * sound.rate_hz as f32;
        let gain = f32::from_bits(control.volume.load(Ordering::Relaxed));
        Self {
            sound,
            control,
            position: 0,
            gain,
            step: 1.0 / fade_samples,
            silent_fills: 0,
        }
    }

    fn next(&mut self, target: f32) -> i16 {
        let change = (target - self.gain).clamp(-self.step, self.step);
        self.gain += change;
        let sample = self.sound.samples[self.position];
        self.position = (self.position + 1) % self.sound.samples.len();
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a gain of at most 1 keeps the range"
        )]
        let scaled = (f32::from(sample) * self.gain) as i16;
        scaled
    }
}

impl Feed for ToneFeed {
    fn fill(&mut self, out: &mut [i16]) {
        let stop = self.control.stop.load(Ordering::Acquire);
        let volume = f32::from_bits(self.control.volume.load(Ordering::Relaxed));
        let target = if stop { 0.0 } else { volume };
        if stop && self.gain <= 0.0 {
            self.silent_fills += 1;
            out.fill(0);
            return;
        }
        for sample in out.iter_mut() {
            *sample = self.next(target);
        }
        if self.control.started.get().is_none() && out.iter().any(|sample| *sample != 0) {
            // Only this thread sets it, so it cannot be set already.
            let _ = self.control.started.set(Instant::now());
        }
    }

    fn finished(&self) -> bool {
        // One silent buffer behind the fade, so that the device has played the fade itself.
        self.silent_fills > 0 || self.control.started.get().is_none()
    }
}

impl Drop for ToneFeed {
    fn drop(&mut self) {
        // Only the feed sets it, so it cannot be set already.
        let _ = self.control.stopped.set(Instant::now());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stopped_tone_fades_within_five_milliseconds_and_is_finished() {
        let (mut feed, control) = loud_feed();
        let mut buffer = [0; 480];
        feed.fill(&mut buffer);
        assert_eq!(buffer[479], 10_000);
        control.stop.store(true, Ordering::Release);
        feed.fill(&mut buffer);
        assert!(
            buffer[100] > 0 && buffer[100] < 10_000,
            "it fades: {}",
            buffer[100]
        );
        assert!(
            buffer[242..].iter().all(|sample| *sample == 0),
            "5 ms are 240 samples"
        );
        assert!(!feed.finished(), "the fade itself must reach the device");
        feed.fill(&mut buffer);
        assert!(feed.finished());
    }

    #[test]
    fn times_are_kept_for_a_tone_that_was_never_heard() {
        let (feed, control) = loud_feed();
        assert!(feed.finished());
        drop(feed);
        assert!(control.started.get().is_none() && control.stopped.get().is_some());
    }

    #[test]
    fn the_volume_glides_and_is_kept_in_range() {
        let mut ringer = Audio::new(crate::ServerAddress::Session).ringer(Backend::Null);
        for (asked, got) in [(0.5, 0.5), (7.0, 1.0), (-1.0, 0.0), (f32::NAN, 1.0)] {
            ringer.set_volume(asked);
            assert!((ringer.volume() - got).abs() < f32::EPSILON);
        }
    }

    fn loud_feed() -> (ToneFeed, Arc<Control>) {
        let control = Arc::new(Control::default());
        control.set_volume(1.0);
        let sound = Sound {
            rate_hz: 48_000,
            samples: Arc::from([10_000_i16; 64]),
        };
        (ToneFeed::new(sound, control.clone()), control)
    }
}
