//! Parts that start, leave and crash around a live call.

use std::time::{Duration, Instant};

use hookswitch_e2e::{Desk, HANG, System, USER_HZ, peer};
use hookswitch_testbed::{EchoPeer, wait_for};

const ANA_HZ: f64 = 1100.0;
const OMAR_HZ: f64 = 700.0;
/// How long a crashed app may take to come back, less what a busy machine takes to notice.
const COMES_BACK_MIN: Duration = Duration::from_millis(2500);

#[test]
fn dialing_starts_a_phone_that_is_not_running() {
    let mut desk = Desk::around(System::with_sleeping_phone());
    assert!(desk.system.bed.running("hookswitch-phone").is_empty());
    let mut echo = EchoPeer::start();
    let address = format!("sip:{}", echo.address());
    let phone = ["dial", "--app", "org.hookswitch.Phone", &address];
    let dialed = desk.system.cli(&phone);
    assert!(dialed.contains("Calling"), "{dialed}");
    desk.browser.see("button", "^Hold");
    assert_eq!(desk.system.bed.running("hookswitch-phone").len(), 1);
    desk.speaker.hears(USER_HZ);
    desk.browser.click("button", "^End");
    // Its scenario holds a hold, which this call has not, so its verdict does not count.
    let _verdict = echo.wait();
    desk.browser.read("you ended it");
}

#[test]
fn a_call_outlives_the_browser_that_shows_it() {
    let mut desk = Desk::start();
    let mut ana = peer("Ana Kowalska", "ana", ANA_HZ);
    ana.call(&format!("desk@{}", desk.system.sip()));
    desk.browser.click("button", "^Answer");
    ana.event("CALL_ESTABLISHED");
    desk.speaker.hears(ANA_HZ);
    desk.browser.leave();
    ana.hears(USER_HZ);
    desk.speaker.hears(ANA_HZ);
    desk.browser = desk.system.open_ui();
    desk.browser.read("Ana Kowalska");
    desk.browser.see("button", "^Mute");
    desk.browser.click("button", "^End");
    ana.event("CALL_CLOSED");
    desk.browser.read("you ended it");
}

#[test]
fn a_crashed_phone_loses_its_own_call_only_and_the_person_is_told() {
    let mut desk = Desk::start();
    let example = desk.system.start_example_app();
    desk.browser.see("alertdialog", "Ana Kowalska");
    desk.browser.click("button", "^Answer");
    example.wait_for_line("audio on", HANG);
    let mut omar = peer("Omar Haddad", "omar", OMAR_HZ);
    omar.call(&format!("desk@{}", desk.system.sip()));
    desk.browser.see("alertdialog", "Omar Haddad");
    desk.browser.click("button", "^Hold & Answer");
    omar.event("CALL_ESTABLISHED");
    desk.speaker.hears(OMAR_HZ);

    desk.system.crash_phone();
    let crashed = Instant::now();
    desk.browser.read("Phone stopped working");
    desk.browser.shot("10-app-crashed");
    wait_for("the end of the call", HANG, || {
        let notices = desk.system.cli(&["list", "--json"]);
        notices.contains("app-crashed").then_some(())
    });
    assert!(
        crashed.elapsed() > COMES_BACK_MIN,
        "{:?}",
        crashed.elapsed()
    );
    desk.browser.read("The call with Omar Haddad has ended");
    desk.browser.shot("11-app-crashed-ended");
    desk.speaker.hears_nothing();

    desk.browser.click("button", "^Resume");
    wait_for("the example's audio again", HANG, || {
        (example.log().matches("audio on").count() == 2).then_some(())
    });
    desk.browser.click("button", "^End");
    desk.browser.read("Ended: Phone stopped working");
    desk.browser.read("you ended it");
}
