//! The first call, whole: a foreign SIP client, our daemon and phone, a real browser.
//!
//! What is claimed is measured: tones by frequency and level at both ends, ringing at the speaker.

use hookswitch_e2e::{Desk, USER_HZ, peer};
use hookswitch_testbed::{Baresip, EchoPeer};

const ANA_HZ: f64 = 1100.0;
const OMAR_HZ: f64 = 700.0;

struct Story {
    desk: Desk,
}

#[test]
fn a_call_rings_is_answered_held_resumed_joined_by_a_second_and_found_in_the_recents() {
    let mut story = Story::begin();
    let mut ana = peer("Ana Kowalska", "ana", ANA_HZ);
    let mut omar = peer("Omar Haddad", "omar", OMAR_HZ);
    story.it_rings_and_is_answered(&mut ana);
    story.both_hear_each_other(&ana, ANA_HZ);
    story.hold_stops_both_and_resume_restores_both(&mut ana);
    story.the_keypad_sends_digits(&ana);
    story.a_second_call_is_answered_by_hold_and_answer(&mut omar, &mut ana);
    story.swap_brings_the_first_back(&mut ana, &mut omar);
    story.the_peers_hang_up(&mut ana, &mut omar);
    story.the_recents_tell_it_all();
}

#[test]
fn a_call_nobody_takes_and_one_declined_are_told_apart() {
    let mut story = Story::begin();
    let mut ana = peer("Ana Kowalska", "ana", ANA_HZ);
    let sip = story.desk.system.sip();
    ana.call(&format!("desk@{sip}"));
    story.desk.browser.see("alertdialog", "Ana Kowalska");
    story.desk.speaker.rings();
    story.desk.browser.press("Escape");
    story.desk.speaker.hears_nothing();
    story.desk.browser.see("alertdialog", "Ana Kowalska");
    ana.command("hangup", "");
    ana.event("CALL_CLOSED");
    story.desk.browser.gone("alertdialog", "");
    story.desk.browser.read("Missed, they hung up after");
    ana.call(&format!("desk@{sip}"));
    story.desk.browser.see("alertdialog", "Ana Kowalska");
    story.desk.speaker.rings();
    story.desk.browser.click("button", "^Decline");
    ana.event("CALL_CLOSED");
    story.desk.browser.read("You declined");
    story.desk.speaker.hears_nothing();
}

#[test]
fn a_call_we_place_is_heard_at_the_far_end_before_and_after_a_hold() {
    let mut story = Story::begin();
    let mut echo = EchoPeer::start();
    let dialed = story
        .desk
        .system
        .cli(&["dial", &format!("sip:{}", echo.address())]);
    story.desk.browser.see("button", "^Hold");
    // What the far end hears comes back: the user hears his own tone, or the far end heard none.
    story.desk.speaker.hears(USER_HZ);
    story.desk.browser.shot("8-outgoing");
    story.desk.browser.click("button", "^Hold");
    story.desk.speaker.hears_nothing();
    story.desk.browser.click("button", "^Resume");
    story.desk.speaker.hears(USER_HZ);
    story.desk.browser.click("button", "^End");
    let status = echo.wait();
    assert!(status.success(), "{dialed}\n{}", echo.log());
    story.desk.browser.read("you ended it");
}

impl Story {
    fn begin() -> Self {
        let desk = Desk::start();
        Self { desk }
    }

    fn it_rings_and_is_answered(&mut self, ana: &mut Baresip) {
        ana.call(&format!("desk@{}", self.desk.system.sip()));
        self.desk.browser.see("alertdialog", "Ana Kowalska");
        self.desk.speaker.rings();
        self.desk.browser.shot("1-incoming");
        self.desk.browser.scheme("dark");
        self.desk.browser.shot("1-incoming-dark");
        self.desk.browser.scheme("light");
        let listed = self.desk.system.cli(&["list"]);
        assert!(listed.contains("Ana Kowalska"), "{listed}");
        self.desk.browser.click("button", "^Answer");
        ana.event("CALL_ESTABLISHED");
        self.desk.browser.gone("alertdialog", "");
        self.desk.browser.see("button", "^Mute");
        self.desk.browser.see("button", "^Audio.*speaker");
        self.desk.browser.shot("2-active");
    }

    fn both_hear_each_other(&mut self, peer: &Baresip, peer_hz: f64) {
        let level = peer.hears(USER_HZ);
        assert!((-30.0..0.0).contains(&level), "the user arrives at {level}");
        self.desk.speaker.hears(peer_hz);
    }

    fn hold_stops_both_and_resume_restores_both(&mut self, ana: &mut Baresip) {
        self.desk.browser.click("button", "^Hold");
        self.desk.browser.read("On hold");
        ana.is_sent_nothing();
        self.desk.speaker.hears_nothing();
        self.desk.browser.shot("3-held");
        self.desk.browser.click("button", "^Resume");
        self.desk.browser.see("button", "^Hold");
        ana.is_sent_something();
        self.desk.speaker.hears(ANA_HZ);
    }

    fn the_keypad_sends_digits(&mut self, ana: &Baresip) {
        self.desk.browser.click("button", "^Keypad");
        self.desk.browser.press("5");
        ana.event("CALL_DTMF_START");
        self.desk.browser.shot("4-keypad");
        self.desk.browser.click("button", "Hide keypad");
    }

    fn a_second_call_is_answered_by_hold_and_answer(
        &mut self,
        omar: &mut Baresip,
        ana: &mut Baresip,
    ) {
        omar.call(&format!("desk@{}", self.desk.system.sip()));
        self.desk.browser.see("alertdialog", "Omar Haddad");
        self.desk.browser.see("button", "^Decline");
        self.desk.browser.see("button", "^End & Answer");
        ana.is_sent_something();
        self.desk.browser.shot("5-call-waiting");
        self.desk.browser.size(1200, 800);
        self.desk.browser.shot("5-call-waiting-desktop");
        self.desk.browser.size(420, 840);
        self.desk.browser.click("button", "^Hold & Answer");
        omar.event("CALL_ESTABLISHED");
        self.desk.browser.gone("alertdialog", "");
        self.both_hear_each_other(omar, OMAR_HZ);
        ana.is_sent_nothing();
        self.desk.browser.see("button", "Swap");
        self.desk.browser.shot("6-two-calls");
        self.desk.browser.size(1200, 800);
        self.desk.browser.shot("6-two-calls-desktop");
        self.desk.browser.size(420, 840);
    }

    fn swap_brings_the_first_back(&mut self, ana: &mut Baresip, omar: &mut Baresip) {
        self.desk.browser.click("button", "^Swap");
        self.desk.speaker.hears(ANA_HZ);
        ana.is_sent_something();
        omar.is_sent_nothing();
    }

    fn the_peers_hang_up(&mut self, ana: &mut Baresip, omar: &mut Baresip) {
        ana.command("hangup", "");
        ana.event("CALL_CLOSED");
        // The user must not be overheard unawares: a remote end leaves the other call on hold.
        self.desk.browser.gone("button", "Swap");
        self.desk.browser.read("On hold");
        omar.is_sent_nothing();
        omar.command("hangup", "");
        omar.event("CALL_CLOSED");
    }

    fn the_recents_tell_it_all(&mut self) {
        self.desk.browser.see("heading", "Recents");
        self.desk.browser.read("they ended it");
        self.desk.browser.read("Ana Kowalska");
        self.desk.browser.read("Omar Haddad");
        self.desk.browser.shot("7-recents");
        let recents = self.desk.system.cli(&["recents"]);
        assert!(recents.contains("they ended it"), "{recents}");
    }
}
