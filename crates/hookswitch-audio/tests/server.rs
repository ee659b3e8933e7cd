//! The audio edge against a real, private PipeWire server: what is asked for is really heard.

use std::process::Command;
use std::time::{Duration, Instant};

use hookswitch_audio::{
    Audio, AudioError, Backend, Device, Duplex, DuplexSpec, RingTone, Role, ServerAddress,
};
use hookswitch_testbed::tone::{self, Tone};
use hookswitch_testbed::{AudioServer, Bed, wait_for};

const SOON: Duration = Duration::from_secs(20);
const RATE: u32 = 8_000;

#[test]
fn a_ring_is_heard_at_the_sink_and_stops_at_once() {
    let (_bed, server, audio) = speaker();
    let recording = server.record("speaker");
    let mut ringer = audio.ringer(Backend::Auto);
    ringer.start(RingTone::Ring).expect("the ring starts");
    // The first window holds the silence before the tone too.
    recording.until(SOON, |samples| {
        loud(samples, -45.0).filter(|tone| (600.0..1200.0).contains(&tone.frequency_hz))
    });
    assert_eq!(ringer.state().device, Some(Device::PipeWire));
    assert_eq!(ringer.state().playing, Some(RingTone::Ring));
    ringer.stop();
    let stopped = wait_for("the measured end", SOON, || ringer.state().times.stopped);
    let times = ringer.state().times;
    let since = |later: Option<Instant>, earlier: Option<Instant>| {
        let pair = later.zip(earlier).expect("both were measured");
        pair.0.duration_since(pair.1)
    };
    let started = since(times.started, times.asked);
    let delay = since(Some(stopped), times.stop_asked);
    println!("heard after {started:?}, gone after {delay:?}");
    assert!(started < Duration::from_secs(2), "heard after {started:?}");
    assert!(delay < Duration::from_millis(500), "gone after {delay:?}");
    recording.until(SOON, quiet);
    assert_eq!(server.playing_streams(), "");
}

#[test]
fn a_call_is_heard_at_the_sink() {
    let (_bed, server, audio) = speaker();
    let recording = server.record("speaker");
    let mut call = duplex(&audio, Backend::PipeWire);
    let mut far_end = FarEnd::new(1000.0, -12.0);
    let heard = recording.until(SOON, |samples| {
        far_end.speak(&mut call);
        loud(samples, -16.0).filter(|tone| (tone.frequency_hz - 1000.0).abs() < 5.0)
    });
    // Mono on a stereo sink is spread at equal power: 3 dB less on each side.
    assert!((heard.level_dbfs + 15.0).abs() < 1.0, "{heard:?}");
    assert_eq!(call.kind(), Device::PipeWire);
    assert!(
        (call.levels().out_dbfs + 12.0).abs() < 1.5,
        "{:?}",
        call.levels()
    );
}

#[test]
fn a_tone_into_the_microphone_is_captured() {
    let (bed, server, audio) = speaker();
    server.add_microphone("mic");
    let wav = bed.path().join("tone.wav");
    let made = Command::new("sox")
        .args(["-n", "-r", "48000", "-c", "1", "-b", "16"])
        .arg(&wav)
        .args(["synth", "60", "sine", "600", "gain", "-9"])
        .status();
    assert!(made.expect("Debian's `sox` is installed").success());
    let _player = server.play_into_microphone("mic", &wav);
    let mut call = duplex(&audio, Backend::Auto);
    let (mut heard, mut frame) = (Vec::new(), [0; 160]);
    let tone = wait_for("600 Hz from the microphone", SOON, || {
        let count = call.capture(&mut frame);
        heard.extend_from_slice(&frame[..count]);
        tone::last(&heard, RATE, 200).filter(|tone| tone.level_dbfs > -40.0)
    });
    let tone = wait_for("a clean tone", SOON, || {
        let count = call.capture(&mut frame);
        heard.extend_from_slice(&frame[..count]);
        let last = tone::last(&heard, RATE, 200)?;
        ((last.frequency_hz - 600.0).abs() < 5.0).then_some((tone, last))
    });
    assert!(
        (call.levels().in_dbfs - tone.1.level_dbfs as f32).abs() < 3.0,
        "{:?}",
        call.levels()
    );
    assert_eq!(call.microphone(), Device::PipeWire);
}

#[test]
fn a_killed_server_is_a_state_and_the_call_comes_back_to_it() {
    let (_bed, mut server, audio) = speaker();
    let mut call = duplex(&audio, Backend::Auto);
    let mut ringer = audio.ringer(Backend::Auto);
    ringer.start(RingTone::Waiting).expect("the tone starts");
    wait_for("PipeWire", SOON, || {
        (call.kind() == Device::PipeWire).then_some(())
    });
    server.kill();
    wait_for("the loss", SOON, || {
        (call.kind() == Device::NoServer).then_some(())
    });
    let before = call.stats().played;
    wait_for("the null clock", SOON, || {
        (call.stats().played > before + 800).then_some(())
    });
    server.restart();
    server.add_sink("speaker");
    let recording = server.record("speaker");
    let mut far_end = FarEnd::new(1000.0, -12.0);
    recording.until(SOON, |samples| {
        far_end.speak(&mut call);
        loud(samples, -30.0).filter(|tone| (tone.frequency_hz - 1000.0).abs() < 20.0)
    });
    ringer.stop();
    wait_for("the end of the tone", SOON, || ringer.state().times.stopped);
}

#[test]
fn endpoints_are_listed_and_the_default_follows_our_wish() {
    let (_bed, server, audio) = speaker();
    server.add_sink("headset");
    server.set_default_sink("speaker");
    let endpoints = audio.endpoints().expect("the server is there");
    let default = |id: &'static str| {
        let sinks = endpoints.current().sinks;
        sinks
            .iter()
            .any(|sink| sink.id == id && sink.is_default)
            .then_some(sinks)
    };
    let sinks = wait_for("the speaker as default", SOON, || default("speaker"));
    let ids = sinks
        .iter()
        .map(|sink| sink.id.as_str())
        .collect::<Vec<_>>();
    assert_eq!(ids, ["headset", "speaker"]);
    endpoints.set_default_sink("headset").expect("it exists");
    wait_for("the headset as default", SOON, || default("headset"));
    assert_eq!(server.default_sink(), "headset");
    let unknown = endpoints.set_default_sink("kazoo");
    assert_eq!(
        unknown,
        Err(AudioError::UnknownEndpoint("kazoo".to_owned()))
    );
    let revision = endpoints.current().revision;
    server.add_sink("car");
    let newer = endpoints
        .newer_than(revision, SOON)
        .expect("a change is told");
    assert!(newer.revision > revision);
}

#[test]
fn a_server_that_links_nothing_is_a_state_and_the_null_clock_goes_on() {
    let bed = Bed::new();
    let server = AudioServer::without_session_manager(&bed);
    let audio = Audio::new(ServerAddress::Socket(server.socket()));
    let call = duplex(&audio, Backend::Auto);
    wait_for("the null clock", SOON, || {
        (call.stats().played > 800).then_some(())
    });
    assert_eq!(call.kind(), Device::NoEndpoint);
}

/// A server with one sink, and an audio thread that talks to it.
fn speaker() -> (Bed, AudioServer, Audio) {
    let bed = Bed::new();
    let server = AudioServer::start(&bed);
    server.add_sink("speaker");
    server.set_default_sink("speaker");
    let audio = Audio::new(ServerAddress::Socket(server.socket()));
    (bed, server, audio)
}

fn duplex(audio: &Audio, backend: Backend) -> Duplex {
    let spec = DuplexSpec {
        rate_hz: RATE,
        role: Role::Communication,
        name: "Test call".into(),
        backend,
    };
    audio.open_duplex(&spec).expect("the server is there")
}

/// The last 200 ms, once they are louder than a level.
fn loud(samples: &[i16], than_dbfs: f64) -> Option<Tone> {
    tone::last(samples, hookswitch_testbed::RECORD_RATE_HZ, 200)
        .filter(|tone| tone.level_dbfs > than_dbfs)
}

fn quiet(samples: &[i16]) -> Option<()> {
    let last = tone::last(samples, hookswitch_testbed::RECORD_RATE_HZ, 100)?;
    (last.level_dbfs <= tone::SILENCE_DBFS).then_some(())
}

/// A far end that speaks a sine at the pace of the clock, as a jitter buffer would.
struct FarEnd {
    wave: Vec<i16>,
    start: Instant,
    spoken: usize,
}

impl FarEnd {
    fn new(hz: f64, dbfs: f64) -> Self {
        // A whole second, so that it can be repeated without a seam.
        Self {
            wave: tone::sine(RATE, hz, dbfs, 1000),
            start: Instant::now(),
            spoken: 0,
        }
    }

    fn speak(&mut self, call: &mut Duplex) {
        let due = self.start.elapsed().as_millis() as usize * RATE as usize / 1000;
        while self.spoken + 160 <= due {
            let from = self.spoken % self.wave.len();
            call.play(&self.wave[from..from + 160]);
            self.spoken += 160;
        }
    }
}
