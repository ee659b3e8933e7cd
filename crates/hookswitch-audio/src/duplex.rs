//! The voice of a call: play and capture at the call's own rate.
//!
//! Input: samples of the far end, and the captured samples of the near end.
//! Output: the same at the device, plus levels and counts of what was lost.
//!
//! # Promises
//!
//! - **D1** [`Duplex::play`] and [`Duplex::capture`] never block and never allocate.
//! - **D2** at most [`BACKLOG_MAX`] of sound waits in either direction; what is older is dropped
//!   and counted, so that a call never lags behind itself.
//! - **D3** playback starts again after a gap only with [`PREBUFFER`] in hand, so that frames
//!   of 20 ms play without holes.
//!
//! # Not here
//!
//! Pacing and jitter: the phone decides when to play; `capture` returns what is there.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::engine::{Audio, Command, Engine};
use crate::error::AudioError;
use crate::meter::{Level, Meter};
use crate::port::{Backend, Device, DeviceCell, Drain, Feed, Port, Role, StreamSpec};
use crate::ring::SampleRing;
use crate::sound::{RATE_MAX_HZ, RATE_MIN_HZ};

/// Most sound that waits in one direction.
pub const BACKLOG_MAX: Duration = Duration::from_millis(200);
/// Sound in hand before playback starts or starts again.
const PREBUFFER: Duration = Duration::from_millis(40);
/// What a trimmed direction keeps.
const BACKLOG_KEPT: Duration = Duration::from_millis(60);

/// What to open.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DuplexSpec {
    /// Samples per second in both directions; the server resamples.
    pub rate_hz: u32,
    /// What the audio is for.
    pub role: Role,
    /// What a mixer shows; no name or number of a person.
    pub name: String,
    /// Which device to use.
    pub backend: Backend,
}

/// Loudness of both directions, in dB relative to full scale (see the crate's meter).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Levels {
    /// What was captured.
    pub in_dbfs: f32,
    /// What was played.
    pub out_dbfs: f32,
}

/// Counts since a duplex was opened, in samples unless said otherwise.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct DuplexStats {
    /// Played by the device, silence included.
    pub played: u64,
    /// Captured by the device.
    pub captured: u64,
    /// Given to `play` and dropped.
    pub play_dropped: u64,
    /// Captured and dropped because nobody fetched it.
    pub capture_dropped: u64,
    /// How often playback ran dry.
    pub gaps: u64,
}

/// An open pair of streams; dropping it closes both.
#[derive(Debug)]
pub struct Duplex {
    engine: Arc<Engine>,
    ids: [u64; 2],
    play: Arc<Lane>,
    capture: Arc<Lane>,
    speaker: DeviceCell,
    microphone: DeviceCell,
    limit: usize,
    kept: usize,
}

/// Opens playback and capture on the user's own audio server.
pub fn open_duplex(spec: &DuplexSpec) -> Result<Duplex, AudioError> {
    Audio::shared().open_duplex(spec)
}

impl Audio {
    /// Opens playback and capture; see [`open_duplex`].
    pub fn open_duplex(&self, spec: &DuplexSpec) -> Result<Duplex, AudioError> {
        let (min, max, rate_hz) = (RATE_MIN_HZ, RATE_MAX_HZ, spec.rate_hz);
        if !(min..=max).contains(&rate_hz) {
            return Err(AudioError::RateOutOfRange { rate_hz, min, max });
        }
        let duplex = Duplex::new(self.engine.clone(), spec);
        let feed = Port::Play(Box::new(Playback::new(duplex.play.clone(), rate_hz)));
        let drain = Port::Capture(Box::new(Recording::new(duplex.capture.clone(), rate_hz)));
        let stream = StreamSpec {
            name: spec.name.clone(),
            rate_hz,
            role: spec.role,
            backend: spec.backend,
            target: None,
        };
        let [play, capture] = duplex.ids;
        let device = duplex.speaker.clone();
        self.engine.send(Command::Open {
            id: capture,
            spec: stream.clone(),
            port: drain,
            device: duplex.microphone.clone(),
            reply: None,
        })?;
        self.engine.ask(|reply| Command::Open {
            id: play,
            spec: stream,
            port: feed,
            device,
            reply: Some(reply),
        })?;
        Ok(duplex)
    }
}

impl Duplex {
    fn new(engine: Arc<Engine>, spec: &DuplexSpec) -> Self {
        let limit = samples(BACKLOG_MAX, spec.rate_hz);
        Self {
            ids: [engine.next_id(), engine.next_id()],
            engine,
            play: Arc::new(Lane::new(2 * limit)),
            capture: Arc::new(Lane::new(2 * limit)),
            speaker: DeviceCell::new(spec.backend),
            microphone: DeviceCell::new(spec.backend),
            limit,
            kept: samples(BACKLOG_KEPT, spec.rate_hz),
        }
    }

    /// Queues samples for playback and returns how many fitted; never waits.
    pub fn play(&mut self, samples: &[i16]) -> usize {
        self.play.ring.write(samples)
    }

    /// Fetches captured samples into `out` and returns how many there were; never waits.
    /// Without a microphone the null clock supplies silence at the real rate.
    pub fn capture(&mut self, out: &mut [i16]) -> usize {
        self.capture.ring.trim(self.limit, self.kept.max(out.len()));
        self.capture.ring.read(out)
    }

    /// How loud both directions are at the device.
    pub fn levels(&self) -> Levels {
        Levels {
            in_dbfs: self.capture.level.dbfs(),
            out_dbfs: self.play.level.dbfs(),
        }
    }

    /// Which device plays at the moment.
    pub fn kind(&self) -> Device {
        self.speaker.get()
    }

    /// Which device captures at the moment.
    pub fn microphone(&self) -> Device {
        self.microphone.get()
    }

    /// What passed and what was lost since the duplex was opened.
    pub fn stats(&self) -> DuplexStats {
        DuplexStats {
            played: self.play.level.total(),
            captured: self.capture.level.total(),
            play_dropped: self.play.ring.dropped(),
            capture_dropped: self.capture.ring.dropped(),
            gaps: self.play.gaps.load(Ordering::Relaxed),
        }
    }
}

impl Drop for Duplex {
    fn drop(&mut self) {
        for id in self.ids {
            // A closed or busy engine is about to drop or has dropped the stream.
            let _ = self.engine.send(Command::Close {
                id,
                by: Instant::now(),
            });
        }
    }
}

/// One direction as both threads see it.
#[derive(Debug)]
struct Lane {
    ring: SampleRing,
    level: Level,
    gaps: AtomicU64,
}

impl Lane {
    fn new(capacity: usize) -> Self {
        Self {
            ring: SampleRing::new(capacity),
            level: Level::new(),
            gaps: AtomicU64::new(0),
        }
    }
}

/// Feeds the device from the ring.
struct Playback {
    lane: Arc<Lane>,
    meter: Meter,
    flowing: bool,
    prebuffer: usize,
    limit: usize,
    kept: usize,
}

impl Playback {
    fn new(lane: Arc<Lane>, rate_hz: u32) -> Self {
        Self {
            lane,
            meter: Meter::new(rate_hz),
            flowing: false,
            prebuffer: samples(PREBUFFER, rate_hz),
            limit: samples(BACKLOG_MAX, rate_hz),
            kept: samples(BACKLOG_KEPT, rate_hz),
        }
    }
}

impl Feed for Playback {
    fn fill(&mut self, out: &mut [i16]) {
        let ring = &self.lane.ring;
        ring.trim(self.limit.max(2 * out.len()), self.kept.max(out.len()));
        self.flowing |= ring.len() >= self.prebuffer.max(out.len());
        let read = if self.flowing { ring.read(out) } else { 0 };
        if self.flowing && read < out.len() {
            self.flowing = false;
            self.lane.gaps.fetch_add(1, Ordering::Relaxed);
        }
        out[read..].fill(0);
        self.meter.feed(out, &self.lane.level);
    }

    fn finished(&self) -> bool {
        true
    }
}

/// Puts what the device captured into the ring.
struct Recording {
    lane: Arc<Lane>,
    meter: Meter,
}

impl Recording {
    fn new(lane: Arc<Lane>, rate_hz: u32) -> Self {
        Self {
            lane,
            meter: Meter::new(rate_hz),
        }
    }
}

impl Drain for Recording {
    fn take(&mut self, samples: &[i16]) {
        self.lane.ring.write(samples);
        self.meter.feed(samples, &self.lane.level);
    }
}

fn samples(span: Duration, rate_hz: u32) -> usize {
    let count = span.as_millis() * u128::from(rate_hz) / 1000;
    usize::try_from(count).unwrap_or(usize::MAX)
}
