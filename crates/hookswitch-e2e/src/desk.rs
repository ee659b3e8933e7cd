//! A person at a desk: the system, a browser, ears at the speaker and a voice in the microphone.
//!
//! Input: what the person does, by [`Browser`]. Output: what is heard, as tones and silence.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use hookswitch_testbed::{
    Baresip, PeerOptions, PeerTransport, Process, RECORD_RATE_HZ, Recording, tone, wait_for,
};

use crate::{Browser, System};

/// What the person says, as a tone.
pub const USER_HZ: f64 = 440.0;
/// What a peer says, in dBFS.
pub const PEER_DBFS: f64 = -8.0;
/// Below this is silence at the speaker.
pub const SILENCE_DBFS: f64 = -55.0;
/// A sample louder than this is sound: about -46 dBFS.
const LOUD: u16 = 160;
/// The bound on a hang; the real figures are benchmarks.
pub const HANG: Duration = Duration::from_secs(10);

/// The desk; dropping it ends everything on it.
#[derive(Debug)]
pub struct Desk {
    /// Daemon, phone, audio server.
    pub system: System,
    /// A browser that shows the calling UI.
    pub browser: Browser,
    /// Ears at the speaker.
    pub speaker: Speaker,
    _voice: Process,
}

impl Desk {
    /// Starts everything; the calling UI shows the recents.
    #[must_use]
    pub fn start() -> Self {
        Self::around(System::start())
    }

    /// The same around a system that runs already.
    #[must_use]
    pub fn around(system: System) -> Self {
        let wav = write_tone(system.bed.path(), USER_HZ);
        let voice = system.audio.play_into_microphone("mic", &wav);
        let mut browser = system.open_ui();
        browser.see("heading", "Recents");
        let speaker = Speaker(system.audio.record("speaker"));
        Self {
            system,
            browser,
            speaker,
            _voice: voice,
        }
    }
}

/// What the speaker plays.
#[derive(Debug)]
pub struct Speaker(Recording);

impl Speaker {
    /// Waits until it plays this tone and little else.
    #[track_caller]
    pub fn hears(&self, hz: f64) {
        self.0.clear();
        self.0.until(HANG, |samples| {
            let window = RECORD_RATE_HZ as usize / 4;
            let last = samples.get(samples.len().checked_sub(window)?..)?;
            let at = tone::level_at(last, RECORD_RATE_HZ, hz);
            let all = tone::measure(last, RECORD_RATE_HZ).level_dbfs;
            (at > -30.0 && (all - at).abs() < 1.0).then_some(())
        });
    }

    /// Forgets what it played so far.
    pub fn forget(&self) {
        self.0.clear();
    }

    /// When it began and ended to play what it played since [`Speaker::forget`].
    #[must_use]
    pub fn loud_between(&self) -> Option<(SystemTime, SystemTime)> {
        self.0.loud_between(LOUD)
    }

    /// Waits until it plays anything.
    #[track_caller]
    pub fn rings(&self) {
        self.0.clear();
        self.0.until(HANG, |samples| {
            let last = tone::last(samples, RECORD_RATE_HZ, 100)?;
            (last.level_dbfs > SILENCE_DBFS).then_some(())
        });
    }

    /// Waits for half a second of silence.
    #[track_caller]
    pub fn hears_nothing(&self) {
        self.0.clear();
        self.falls_silent();
    }

    /// The same, and what was heard before is kept.
    #[track_caller]
    pub fn falls_silent(&self) {
        wait_for("silence at the speaker", HANG, || {
            let last = tone::last(&self.0.samples(), RECORD_RATE_HZ, 500)?;
            (last.level_dbfs < SILENCE_DBFS).then_some(())
        });
    }
}

/// A SIP client that answers by itself and says a tone.
#[must_use]
pub fn peer(name: &str, user: &str, tone_hz: f64) -> Baresip {
    Baresip::start(PeerOptions {
        name,
        user,
        tone_hz,
        tone_dbfs: PEER_DBFS,
        answers: true,
        transport: PeerTransport::Udp,
    })
}

/// Writes two minutes of a tone, mono, 48 kHz, into a folder.
#[must_use]
pub fn write_tone(folder: &Path, hz: f64) -> PathBuf {
    let wav = folder.join(format!("{hz}.wav"));
    let samples = tone::sine(RECORD_RATE_HZ, hz, -12.0, 120_000);
    tone::write_wav(&wav, RECORD_RATE_HZ, &samples).expect("the bed takes files");
    wav
}
