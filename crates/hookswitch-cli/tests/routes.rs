//! The audio of a call on a real PipeWire server, from the command line: another device, one that
//! vanishes and comes back, one that is refused, a microphone that is muted where it is.

mod stage;

use hookswitch_testbed::{AudioServer, Bed, wait_for};
use stage::{PATIENCE, Stage};

#[test]
fn a_call_is_heard_where_the_user_wants_it_or_it_is_said_why_not() {
    let bed = Bed::new();
    let server = AudioServer::start(&bed);
    server.add_sink("speaker");
    server.set_default_sink("speaker");
    server.add_sink_with("usb-jabra", "device.form-factor=headset");
    server.add_microphone("mic");
    let stage = Stage::set_in(bed);
    let says = |words: &str| {
        wait_for(words, PATIENCE, || {
            let audio = stage
                .text(&["audio"])
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" ");
            audio.contains(words).then_some(())
        });
    };
    says("headset usb-jabra");
    let app = stage.app();
    app.wait_for_line("ringing", PATIENCE);
    stage.text(&["answer"]);
    says("Calls are heard on speaker");

    assert_eq!(stage.text(&["route", "usb-j"]), "Using usb-jabra.\n");
    says("Calls are heard on usb-jabra: you chose it.");
    assert_eq!(server.default_sink(), "usb-jabra");

    server.remove_sink("usb-jabra");
    says("the former device is gone");
    server.add_sink_with("usb-jabra", "device.form-factor=headset");
    says("Calls are heard on usb-jabra");

    let frozen = server.freeze_session_manager();
    stage.refused(&["route", "speaker"], 1, "did not answer in time");
    says("speaker is wanted: it did not answer.");
    drop(frozen);
    assert_eq!(stage.text(&["route", "speaker"]), "Using speaker.\n");

    server.set_microphone_muted("mic", true);
    says("is muted, at the microphone.");
    stage.refused(&["unmute"], 1, "");
    server.set_microphone_muted("mic", false);
    wait_for("the end of the mute", PATIENCE, || {
        let audio = stage.text(&["audio"]);
        (!audio.contains("is muted")).then_some(())
    });
    stage.text(&["end"]);
}
