//! Devices of a real, private PipeWire server: what they are, which one is used, what is muted, and
//! what becomes of orders when a device or the session manager does not do its part.

use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use hookswitch_audio::{Audio, AudioError, Backend, Endpoints, Kind, RingTone, ServerAddress};
use hookswitch_testbed::tone;
use hookswitch_testbed::{AudioServer, Bed, wait_for};

/// A hang bound, not a measurement.
const SOON: Duration = Duration::from_secs(30);
/// What an order may take.
const WITHIN: Duration = Duration::from_secs(3);

#[test]
fn what_a_device_is_comes_from_its_properties() {
    let stage = Stage::set();
    stage
        .server
        .add_sink_with("desk", "device.form-factor=speaker");
    stage
        .server
        .add_sink_with("usb-jabra", "device.form-factor=headset device.bus=usb");
    stage
        .server
        .add_sink_with("car-kit", "api.bluez5.profile=headset-head-unit");
    stage.server.add_sink("old-headphones");
    for (id, want) in [
        ("desk", Kind::Speaker),
        ("usb-jabra", Kind::Headset),
        ("car-kit", Kind::Bluetooth),
        ("old-headphones", Kind::Headset),
    ] {
        wait_for(id, SOON, || (stage.kind(id)? == want).then_some(()));
    }
}

#[test]
fn the_mute_of_the_microphone_itself_is_seen() {
    let stage = Stage::set();
    stage.server.add_microphone("mic");
    let muted = |on: bool| {
        wait_for("the mute of the microphone", SOON, || {
            (stage.endpoints.current().microphone_muted == on).then_some(())
        });
    };
    muted(false);
    stage.server.set_microphone_muted("mic", true);
    muted(true);
    stage.server.set_microphone_muted("mic", false);
    muted(false);
}

#[test]
fn a_device_that_vanishes_is_gone_and_usable_again_when_it_comes_back() {
    let stage = Stage::set();
    stage.server.add_sink("headset");
    assert_eq!(stage.order("headset").recv_timeout(SOON), Ok(Ok(())));
    stage.in_use("headset");
    stage.server.remove_sink("headset");
    wait_for("the end of the headset", SOON, || {
        stage.kind("headset").is_none().then_some(())
    });
    stage.in_use("speaker");
    let gone = Err(AudioError::UnknownEndpoint("headset".to_owned()));
    assert_eq!(stage.order("headset").recv_timeout(SOON), Ok(gone));
    stage.server.add_sink("headset");
    wait_for("the headset", SOON, || stage.kind("headset").map(drop));
    assert_eq!(stage.order("headset").recv_timeout(SOON), Ok(Ok(())));
    stage.in_use("headset");
}

#[test]
fn a_newer_order_ends_one_that_hangs() {
    let stage = Stage::set();
    stage.server.add_sink("headset");
    wait_for("the headset", SOON, || stage.kind("headset").map(drop));
    let frozen = stage.server.freeze_session_manager();
    let first = stage.order("headset");
    let second = stage.order("speaker");
    assert_eq!(first.recv_timeout(SOON), Ok(Err(AudioError::Superseded)));
    // The speaker is in use: there is nothing to wait for.
    assert_eq!(second.recv_timeout(SOON), Ok(Ok(())));
    let hangs = stage.order("headset").recv_timeout(SOON);
    assert!(
        matches!(hangs, Ok(Err(AudioError::ServerSilent(_)))),
        "{hangs:?}"
    );
    drop(frozen);
    assert_eq!(stage.order("headset").recv_timeout(SOON), Ok(Ok(())));
    stage.in_use("headset");
}

#[test]
fn it_rings_on_the_chosen_devices_and_nowhere_else() {
    let stage = Stage::set();
    stage.server.add_sink("headset");
    let (speaker, headset) = (
        stage.server.record("speaker"),
        stage.server.record("headset"),
    );
    let is_loud = |samples: &[i16]| {
        let last = tone::last(samples, hookswitch_testbed::RECORD_RATE_HZ, 200)?;
        (last.level_dbfs > -45.0).then_some(())
    };
    let mut ringer = stage.audio.ringer(Backend::Auto);
    let on = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
    ringer
        .start_on(RingTone::Ring, &on(&["headset"]))
        .expect("it rings");
    headset.until(SOON, is_loud);
    let heard = speaker.samples();
    assert!(
        heard.iter().all(|sample| *sample == 0),
        "the speaker was heard"
    );
    ringer
        .start_on(RingTone::Ring, &on(&["headset", "speaker"]))
        .expect("it rings");
    speaker.until(SOON, is_loud);
    // A device that is away keeps no call from being heard.
    ringer.stop();
    ringer
        .start_on(RingTone::Ring, &on(&["kazoo"]))
        .expect("it rings");
    let device = || ringer.state().device;
    wait_for("the default", SOON, || {
        (device()? == hookswitch_audio::Device::PipeWire).then_some(())
    });
    speaker.until(SOON, is_loud);
}

/// A server with a speaker, which is the default, and a watch on its devices.
struct Stage {
    _bed: Bed,
    server: AudioServer,
    audio: Audio,
    endpoints: Endpoints,
}

impl Stage {
    fn set() -> Self {
        let bed = Bed::new();
        let server = AudioServer::start(&bed);
        server.add_sink("speaker");
        server.set_default_sink("speaker");
        let audio = Audio::new(ServerAddress::Socket(server.socket()));
        let endpoints = audio.endpoints().expect("the server is there");
        let stage = Self {
            _bed: bed,
            server,
            audio,
            endpoints,
        };
        stage.in_use("speaker");
        stage
    }

    fn kind(&self, id: &str) -> Option<Kind> {
        let sinks = self.endpoints.current().sinks;
        sinks
            .iter()
            .find(|sink| sink.id == id)
            .map(|sink| sink.kind)
    }

    fn in_use(&self, id: &str) {
        wait_for(id, SOON, || {
            let sinks = self.endpoints.current().sinks;
            sinks
                .iter()
                .any(|sink| sink.id == id && sink.is_default)
                .then_some(())
        });
    }

    fn order(&self, id: &str) -> Receiver<Result<(), AudioError>> {
        let (told, outcome) = mpsc::channel();
        let done = move |result| {
            told.send(result).expect("the test waits for it");
        };
        self.endpoints
            .order_default_sink(id, WITHIN, done)
            .expect("the thread is there");
        outcome
    }
}
