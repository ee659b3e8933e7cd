//! One tone that plays in a loop: from its stream to the last sample of its fade.
//! It ends when it is stopped, or at an end of its own.
//!
//! Input: a sound, and what it is for. Output: its samples, and measured times.
//!
//! # Promises
//!
//! - **Y1** what is stopped is silent within a fade of [`FADE`] and one device buffer, and then the
//!   stream is gone; nobody waits for that.
//! - **Y2** times are taken on the audio thread, when samples are handed to the device and when
//!   the stream is gone, for the null device too.
//! - **Y3** what has an end of its own fades out before it, and its stream goes without a stop.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use crate::engine::{Audio, Command};
use crate::error::AudioError;
use crate::port::{Backend, Device, DeviceCell, Feed, Port, Role, StreamSpec};
use crate::sound::Sound;

/// Length of the fade when a tone stops.
const FADE: Duration = Duration::from_millis(5);
/// Longest a stopped tone may keep its stream for the fade.
const CLOSE_MAX: Duration = Duration::from_millis(80);

/// When a tone was asked for, was first heard, and was gone.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct ToneTimes {
    /// The call of [`Ringer::start`](crate::Ringer::start).
    pub asked: Option<Instant>,
    /// The first audible sample was handed to the device.
    pub started: Option<Instant>,
    /// The call of [`Ringer::stop`](crate::Ringer::stop).
    pub stop_asked: Option<Instant>,
    /// The last audible sample had been handed over and the stream was gone.
    pub stopped: Option<Instant>,
}

/// What to play, and what it is for.
pub(crate) struct What {
    /// The name of the stream.
    pub(crate) name: &'static str,
    pub(crate) role: Role,
    pub(crate) sound: Sound,
    /// From 0.0 to 1.0.
    pub(crate) volume: f32,
    /// The endpoint to use; without it, or while it is away, the default.
    pub(crate) target: Option<String>,
    /// How long it plays if nobody stops it; without it, until somebody does.
    pub(crate) most: Option<Duration>,
}

/// One tone from its start to its end.
#[derive(Debug)]
pub(crate) struct Playing {
    id: u64,
    asked: Instant,
    control: Arc<Control>,
    device: DeviceCell,
}

impl Playing {
    /// Opens a stream for it. Returns without waiting for the device.
    pub(crate) fn open(audio: &Audio, backend: Backend, what: What) -> Result<Self, AudioError> {
        let control = Arc::new(Control::default());
        control.set_volume(what.volume);
        let (id, device) = (audio.engine.next_id(), DeviceCell::new(backend));
        let playing = Self {
            id,
            asked: Instant::now(),
            control,
            device,
        };
        let spec = StreamSpec {
            name: what.name.to_owned(),
            rate_hz: what.sound.rate_hz,
            role: what.role,
            backend,
            target: what.target,
        };
        let feed = ToneFeed::new(what.sound, what.most, playing.control.clone());
        let port = Port::Play(Box::new(feed));
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

    /// Stops it at once, and waits for nothing.
    pub(crate) fn stop(&self, audio: &Audio) {
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

    /// Sets the loudness from 0.0 to 1.0.
    pub(crate) fn set_volume(&self, volume: f32) {
        self.control.set_volume(volume);
    }

    /// Which device plays it.
    pub(crate) fn device(&self) -> Device {
        self.device.get()
    }

    /// When it was heard.
    pub(crate) fn times(&self) -> ToneTimes {
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
    /// Samples until the fade before its own end begins.
    left: Option<u64>,
}

impl ToneFeed {
    fn new(sound: Sound, most: Option<Duration>, control: Arc<Control>) -> Self {
        let fade_samples = FADE.as_secs_f32() * sound.rate_hz as f32;
        let millis = most.map(|most| most.saturating_sub(FADE).as_millis());
        let millis = millis.map(|millis| u64::try_from(millis).unwrap_or(u64::MAX));
        let left = millis.map(|millis| millis.saturating_mul(sound.rate_hz.into()) / 1_000);
        let gain = f32::from_bits(control.volume.load(Ordering::Relaxed));
        Self {
            sound,
            control,
            position: 0,
            gain,
            step: 1.0 / fade_samples,
            silent_fills: 0,
            left,
        }
    }

    fn is_past_its_end(&self) -> bool {
        self.left == Some(0)
    }

    fn next(&mut self, volume: f32) -> i16 {
        let target = if self.is_past_its_end() { 0.0 } else { volume };
        self.left = self.left.map(|left| left.saturating_sub(1));
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
        if (stop || self.is_past_its_end()) && self.gain <= 0.0 {
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

    fn ended(&self) -> bool {
        self.is_past_its_end() && self.silent_fills > 0
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
    fn a_tone_with_an_end_is_silent_at_it_and_over_without_a_stop() {
        let (mut feed, _control) = loud_feed_of(Some(Duration::from_millis(19)));
        let mut buffer = [0; 480];
        feed.fill(&mut buffer);
        assert!(buffer.iter().all(|sample| *sample == 10_000));
        feed.fill(&mut buffer);
        assert!(buffer[191] == 10_000 && buffer[300] > 0 && buffer[300] < 10_000);
        assert_eq!(buffer[479], 0, "19 ms are 912 samples, the fade among them");
        assert!(!feed.ended(), "the fade itself must reach the device");
        feed.fill(&mut buffer);
        assert!(feed.ended() && buffer.iter().all(|sample| *sample == 0));
        let (mut endless, _control) = loud_feed();
        (0..100).for_each(|_| endless.fill(&mut buffer));
        assert!(!endless.ended() && buffer[479] == 10_000);
    }

    #[test]
    fn times_are_kept_for_a_tone_that_was_never_heard() {
        let (feed, control) = loud_feed();
        assert!(feed.finished());
        drop(feed);
        assert!(control.started.get().is_none() && control.stopped.get().is_some());
    }

    fn loud_feed() -> (ToneFeed, Arc<Control>) {
        loud_feed_of(None)
    }

    fn loud_feed_of(most: Option<Duration>) -> (ToneFeed, Arc<Control>) {
        let control = Arc::new(Control::default());
        control.set_volume(1.0);
        let sound = Sound {
            rate_hz: 48_000,
            samples: Arc::from([10_000_i16; 64]),
        };
        (ToneFeed::new(sound, most, control.clone()), control)
    }
}
