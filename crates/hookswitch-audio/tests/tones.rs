//! The tones of calls against a real, private PipeWire server: heard with their cadence, where they
//! are to be, and gone at once.

use std::time::{Duration, Instant};

use hookswitch_audio::{Audio, Backend, CallTone, Device, RingTone, ServerAddress};
use hookswitch_testbed::tone::{self, Tone};
use hookswitch_testbed::{AudioServer, Bed, RECORD_RATE_HZ, wait_for};

const SOON: Duration = Duration::from_secs(20);
const PITCH_HZ: f64 = 425.0;

#[test]
fn a_busy_tone_comes_and_goes_each_second_and_stops_at_once() {
    let (_bed, server, audio) = speaker();
    let recording = server.record("speaker");
    let mut player = audio.tone_player(Backend::Auto);
    player.start(CallTone::Busy, None, None).expect("it starts");
    // Sound, its pause, and sound again.
    recording.until(SOON, pitch);
    recording.until(SOON, quiet);
    recording.until(SOON, pitch);
    let state = player.state();
    assert_eq!(
        (state.playing, state.device),
        (Some(CallTone::Busy), Some(Device::PipeWire))
    );
    player.stop();
    let stopped = wait_for("the measured end", SOON, || player.state().times.stopped);
    let asked = player.state().times.stop_asked.expect("it was stopped");
    let delay = stopped.duration_since(asked);
    assert!(delay < Duration::from_millis(500), "gone after {delay:?}");
    recording.until(SOON, quiet);
    assert_eq!(server.playing_streams(), "");
}

#[test]
fn a_tone_without_a_device_moves_with_the_calls_and_one_with_a_device_stays() {
    let (_bed, server, audio) = speaker();
    server.add_sink("headset");
    server.set_default_sink("speaker");
    let (desk, ear) = (server.record("speaker"), server.record("headset"));
    let mut player = audio.tone_player(Backend::Auto);
    player
        .start(CallTone::Ringback, None, None)
        .expect("it starts");
    desk.until(SOON, pitch);
    server.set_default_sink("headset");
    ear.until(SOON, pitch);
    // The call is over, and everything else plays on the desk again.
    player
        .start(CallTone::Busy, Some("headset"), None)
        .expect("it starts");
    server.set_default_sink("speaker");
    desk.until(SOON, quiet);
    ear.until(SOON, pitch);
    // A device that is away is no reason to be silent.
    player
        .start(CallTone::Busy, Some("elsewhere"), None)
        .expect("it starts");
    desk.until(SOON, pitch);
}

#[test]
fn it_has_the_role_of_a_call_and_leaves_the_ring_alone() {
    let (_bed, server, audio) = speaker();
    let mut player = audio.tone_player(Backend::Auto);
    player
        .start(CallTone::Ringback, None, None)
        .expect("it starts");
    let role = wait_for("its stream", SOON, || {
        server.playing_role("Hookswitch call tone")
    });
    // PulseAudio's word, in which the list is, for `Communication`.
    assert_eq!(role, "phone");
    player.stop();
    let mut ringer = audio.ringer(Backend::Auto);
    ringer.start(RingTone::Ring).expect("it rings");
    wait_for("the ring", SOON, || ringer.state().times.started);
    assert_eq!(player.state().playing, None);
}

#[test]
fn a_tone_on_the_null_device_has_measured_times() {
    let bed = Bed::new();
    let socket = bed.runtime_dir().join("no-server");
    let audio = Audio::new(ServerAddress::Socket(socket));
    let mut player = audio.tone_player(Backend::Null);
    player.start(CallTone::Busy, None, None).expect("it starts");
    let started = wait_for("the first sample", SOON, || player.state().times.started);
    player.stop();
    let stopped = wait_for("the end", SOON, || player.state().times.stopped);
    assert!(started <= stopped && stopped <= Instant::now());
    assert_eq!(player.state().device, Some(Device::Null));
}

#[test]
fn a_tone_with_an_end_goes_without_a_stop() {
    let (_bed, server, audio) = speaker();
    let mut player = audio.tone_player(Backend::Auto);
    let most = Some(Duration::from_millis(700));
    // The one after a call has an end of its own.
    for (tone, most) in [(CallTone::Busy, most), (CallTone::Ended, None)] {
        player.start(tone, None, most).expect("it starts");
        wait_for("the first sample", SOON, || player.state().times.started);
        wait_for("the end", SOON, || player.state().times.stopped);
        assert_eq!(player.state().playing, None, "{tone:?}");
        assert_eq!(player.state().times.stop_asked, None, "{tone:?}");
        assert_eq!(server.playing_streams(), "");
    }
    player.stop();
}

/// A server with one loudspeaker.
fn speaker() -> (Bed, AudioServer, Audio) {
    let bed = Bed::new();
    let server = AudioServer::start(&bed);
    server.add_sink("speaker");
    server.set_default_sink("speaker");
    let audio = Audio::new(ServerAddress::Socket(server.socket()));
    (bed, server, audio)
}

/// The last 200 ms, once they have the pitch.
fn pitch(samples: &[i16]) -> Option<Tone> {
    tone::last(samples, RECORD_RATE_HZ, 200)
        .filter(|tone| tone.level_dbfs > -40.0 && (tone.frequency_hz - PITCH_HZ).abs() < 10.0)
}

fn quiet(samples: &[i16]) -> Option<()> {
    let last = tone::last(samples, RECORD_RATE_HZ, 100)?;
    (last.level_dbfs <= tone::SILENCE_DBFS).then_some(())
}
