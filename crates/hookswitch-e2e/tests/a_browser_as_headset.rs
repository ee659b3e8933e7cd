//! A machine without ears: the phone's page hands the audio of a call to a browser, by WebRTC.

use hookswitch_e2e::{Browser, HANG, System, peer, write_tone};
use hookswitch_testbed::wait_for;

const ANA_HZ: f64 = 1100.0;
/// What the browser's microphone hears.
const BROWSER_HZ: f64 = 620.0;

#[test]
fn a_call_is_heard_and_spoken_in_the_browser_of_the_phones_page() {
    let system = System::start();
    let wav = write_tone(system.bed.path(), BROWSER_HZ);
    let microphone = format!("--use-file-for-fake-audio-capture={}", wav.display());
    let mut page = Browser::start(&System::root(), &[&microphone]);
    page.open(&system.phone_page());
    page.see("heading", "Phone");
    page.click("switch", "Use this browser for audio");
    page.read("Calls are heard and spoken here");

    let mut ana = peer("Ana Kowalska", "ana", ANA_HZ);
    ana.call(&format!("desk@{}", system.sip()));
    wait_for("the call to ring", HANG, || {
        let listed = system.cli(&["list"]);
        listed.contains("Ana Kowalska").then_some(())
    });
    let answered = system.cli(&["answer"]);
    ana.event("CALL_ESTABLISHED");
    page.hears(ANA_HZ);
    let level = ana.hears(BROWSER_HZ);
    assert!(
        (-40.0..0.0).contains(&level),
        "the browser arrives at {level}: {answered}"
    );
    page.read("Connected. Audio: this browser");
    page.shot("9-phone-page");
    page.scheme("dark");
    page.shot("9-phone-page-dark");

    ana.command("hangup", "");
    ana.event("CALL_CLOSED");
    page.read("No calls");
    page.click("switch", "Use this browser for audio");
    page.read("Calls are heard on this computer");
}
