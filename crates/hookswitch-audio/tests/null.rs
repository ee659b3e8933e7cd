//! The audio edge without any audio server: measured, typed, never stuck.

use std::time::{Duration, Instant};

use hookswitch_audio::{
    Audio, AudioError, Backend, Device, DuplexSpec, REPLY_MAX, RingTone, Role, ServerAddress,
};
use hookswitch_testbed::{Bed, tone, wait_for};

const SOON: Duration = Duration::from_secs(20);

#[test]
fn the_null_device_plays_at_the_real_rate_and_measures_levels() {
    let (_bed, audio) = nowhere();
    let mut call = audio
        .open_duplex(&spec(Backend::Null, 8000))
        .expect("null needs no server");
    let (start, mut given) = (Instant::now(), 0);
    let wave = tone::sine(8000, 1000.0, -12.0, 20);
    let mut second = None;
    // The level is that of the last moment, so it is read while there is sound.
    wait_for("one second of sound at its level", SOON, || {
        while given * 20 < start.elapsed().as_millis() as usize {
            call.play(&wave);
            given += 1;
        }
        if call.stats().played >= 8000 {
            second.get_or_insert_with(|| start.elapsed().as_secs_f64());
        }
        let level = (call.levels().out_dbfs + 12.0).abs() < 1.0;
        (level && second.is_some()).then_some(())
    });
    let seconds = second.expect("waited for");
    assert!(seconds > 0.9, "one second of sound took {seconds} s");
    assert_eq!(
        (call.kind(), call.microphone()),
        (Device::Null, Device::Null)
    );
    let mut silence = [1; 160];
    wait_for("silence from the null microphone", SOON, || {
        (call.capture(&mut silence) == 160).then_some(())
    });
    assert_eq!(silence, [0; 160]);
}

#[test]
fn a_ring_on_the_null_device_has_measured_times() {
    let (_bed, audio) = nowhere();
    let mut ringer = audio.ringer(Backend::Null);
    ringer.start(RingTone::Ring).expect("null needs no server");
    wait_for("the first sample", SOON, || ringer.state().times.started);
    assert_eq!(ringer.state().device, Some(Device::Null));
    ringer.stop();
    let stopped = wait_for("the end", SOON, || ringer.state().times.stopped);
    let times = ringer.state().times;
    assert!(times.asked <= times.started && times.started <= times.stop_asked);
    assert!(times.stop_asked <= Some(stopped));
    assert_eq!(ringer.state().playing, None);
}

#[test]
fn a_missing_server_is_refused_or_replaced_as_asked() {
    let (_bed, audio) = nowhere();
    let refused = audio.open_duplex(&spec(Backend::PipeWire, 8000));
    assert!(
        matches!(refused, Err(AudioError::NoServer { .. })),
        "{refused:?}"
    );
    let start = Instant::now();
    let call = audio
        .open_duplex(&spec(Backend::Auto, 8000))
        .expect("the null clock stands in");
    assert!(start.elapsed() < REPLY_MAX);
    assert_eq!(call.kind(), Device::NoServer);
    wait_for("the null clock", SOON, || {
        (call.stats().played > 800).then_some(())
    });
}

#[test]
fn endpoints_without_a_server_say_so() {
    let (_bed, audio) = nowhere();
    let endpoints = audio
        .endpoints()
        .expect("a missing server is no error here");
    let list = endpoints.newer_than(0, SOON).expect("the first list comes");
    assert!(
        matches!(list.missing, Some(AudioError::NoServer { .. })),
        "{list:?}"
    );
    assert!(list.sinks.is_empty());
    let wish = endpoints.set_default_sink("speaker");
    assert!(matches!(wish, Err(AudioError::NoServer { .. })), "{wish:?}");
}

#[test]
fn a_bad_sound_file_is_replaced_by_the_shipped_ring() {
    let (bed, audio) = nowhere();
    let mut ringer = audio.ringer(Backend::Null);
    let file = bed.path().join("not.wav");
    std::fs::write(&file, "hello").expect("the bed is writable");
    ringer
        .start(RingTone::File(file))
        .expect("it rings all the same");
    assert!(matches!(
        ringer.state().substituted,
        Some(AudioError::BadSound { .. })
    ));
    wait_for("the shipped ring", SOON, || ringer.state().times.started);
}

#[test]
fn an_impossible_rate_is_refused() {
    let (_bed, audio) = nowhere();
    let refused = audio.open_duplex(&spec(Backend::Null, 12));
    assert!(
        matches!(refused, Err(AudioError::RateOutOfRange { rate_hz: 12, .. })),
        "{refused:?}"
    );
}

/// An audio thread whose server does not exist.
fn nowhere() -> (Bed, Audio) {
    let bed = Bed::new();
    let socket = bed.runtime_dir().join("no-server");
    (bed, Audio::new(ServerAddress::Socket(socket)))
}

fn spec(backend: Backend, rate_hz: u32) -> DuplexSpec {
    DuplexSpec {
        rate_hz,
        role: Role::Communication,
        name: "Test call".to_owned(),
        backend,
    }
}
