//! The first call, whole: a foreign SIP client, our daemon and phone, a real browser.
//!
//! What is claimed is measured: tones by frequency and level at both ends, ringing at the speaker.

use std::time::Duration;

use hookswitch_e2e::{Browser, System};
use hookswitch_testbed::{
    Baresip, EchoPeer, PeerOptions, PeerTransport, Process, RECORD_RATE_HZ, Recording, tone,
    wait_for,
};

/// What the user says, as a tone.
const USER_HZ: f64 = 440.0;
const ANA_HZ: f64 = 1100.0;
const OMAR_HZ: f64 = 700.0;
/// What the peers say, in dBFS.
const PEER_DBFS: f64 = -8.0;
/// Below this is silence at the speaker.
const SILENCE_DBFS: f64 = -55.0;
/// The bound on a hang; the real figures are benchmarks.
const HANG: Duration = Duration::from_secs(10);

struct Story {
    system: System,
    browser: Browser,
    speaker: Recording,
    _voice: Process,
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
    let sip = story.system.sip();
    ana.call(&format!("desk@{sip}"));
    story.browser.see("alertdialog", "Ana Kowalska");
    story.rings(true);
    story.browser.press("Escape");
    story.rings(false);
    story.browser.see("alertdialog", "Ana Kowalska");
    ana.command("hangup", "");
    ana.event("CALL_CLOSED");
    story.browser.gone("alertdialog", "");
    story.browser.read("Missed, they hung up after");
    ana.call(&format!("desk@{sip}"));
    story.browser.see("alertdialog", "Ana Kowalska");
    story.rings(true);
    story.browser.click("button", "^Decline");
    ana.event("CALL_CLOSED");
    story.browser.read("You declined");
    story.rings(false);
}

#[test]
fn a_call_we_place_is_heard_at_the_far_end_before_and_after_a_hold() {
    let mut story = Story::begin();
    let mut echo = EchoPeer::start();
    let dialed = story
        .system
        .cli(&["dial", &format!("sip:{}", echo.address())]);
    story.browser.see("button", "^Hold");
    // What the far end hears comes back: the user hears his own tone, or the far end heard none.
    story.hears(USER_HZ);
    story.browser.shot("8-outgoing");
    story.browser.click("button", "^Hold");
    story.hears_nothing();
    story.browser.click("button", "^Resume");
    story.hears(USER_HZ);
    story.browser.click("button", "^End");
    let status = echo.wait();
    assert!(status.success(), "{dialed}\n{}", echo.log());
    story.browser.read("you ended it");
}

fn peer(name: &str, user: &str, tone_hz: f64) -> Baresip {
    Baresip::start(PeerOptions {
        name,
        user,
        tone_hz,
        tone_dbfs: PEER_DBFS,
        answers: true,
        transport: PeerTransport::Udp,
    })
}

impl Story {
    fn begin() -> Self {
        let system = System::start();
        let voice = system.bed.path().join("voice.wav");
        write_wav(&voice, USER_HZ);
        let voice = system.audio.play_into_microphone("mic", &voice);
        let mut browser = Browser::start(&System::root());
        browser.open(&system.ui());
        browser.see("heading", "Recents");
        let speaker = system.audio.record("speaker");
        Self {
            system,
            browser,
            speaker,
            _voice: voice,
        }
    }

    fn it_rings_and_is_answered(&mut self, ana: &mut Baresip) {
        ana.call(&format!("desk@{}", self.system.sip()));
        self.browser.see("alertdialog", "Ana Kowalska");
        self.rings(true);
        self.browser.shot("1-incoming");
        self.browser.scheme("dark");
        self.browser.shot("1-incoming-dark");
        self.browser.scheme("light");
        let listed = self.system.cli(&["list"]);
        assert!(listed.contains("Ana Kowalska"), "{listed}");
        self.browser.click("button", "^Answer");
        ana.event("CALL_ESTABLISHED");
        self.browser.gone("alertdialog", "");
        self.browser.see("button", "^Mute");
        self.browser.see("button", "^Audio.*speaker");
        self.browser.shot("2-active");
    }

    fn both_hear_each_other(&mut self, peer: &Baresip, peer_hz: f64) {
        let level = peer.hears(USER_HZ);
        assert!((-30.0..0.0).contains(&level), "the user arrives at {level}");
        self.hears(peer_hz);
    }

    fn hold_stops_both_and_resume_restores_both(&mut self, ana: &mut Baresip) {
        self.browser.click("button", "^Hold");
        self.browser.read("On hold");
        ana.is_sent_nothing();
        self.hears_nothing();
        self.browser.shot("3-held");
        self.browser.click("button", "^Resume");
        self.browser.see("button", "^Hold");
        ana.is_sent_something();
        self.hears(ANA_HZ);
    }

    fn the_keypad_sends_digits(&mut self, ana: &Baresip) {
        self.browser.click("button", "^Keypad");
        self.browser.press("5");
        ana.event("CALL_DTMF_START");
        self.browser.shot("4-keypad");
        self.browser.click("button", "Hide keypad");
    }

    fn a_second_call_is_answered_by_hold_and_answer(
        &mut self,
        omar: &mut Baresip,
        ana: &mut Baresip,
    ) {
        omar.call(&format!("desk@{}", self.system.sip()));
        self.browser.see("alertdialog", "Omar Haddad");
        self.browser.see("button", "^Decline");
        self.browser.see("button", "^End & Answer");
        ana.is_sent_something();
        self.browser.shot("5-call-waiting");
        self.browser.size(1200, 800);
        self.browser.shot("5-call-waiting-desktop");
        self.browser.size(420, 840);
        self.browser.click("button", "^Hold & Answer");
        omar.event("CALL_ESTABLISHED");
        self.browser.gone("alertdialog", "");
        self.both_hear_each_other(omar, OMAR_HZ);
        ana.is_sent_nothing();
        self.browser.see("button", "Swap");
        self.browser.shot("6-two-calls");
        self.browser.size(1200, 800);
        self.browser.shot("6-two-calls-desktop");
        self.browser.size(420, 840);
    }

    fn swap_brings_the_first_back(&mut self, ana: &mut Baresip, omar: &mut Baresip) {
        self.browser.click("button", "^Swap");
        self.hears(ANA_HZ);
        ana.is_sent_something();
        omar.is_sent_nothing();
    }

    fn the_peers_hang_up(&mut self, ana: &mut Baresip, omar: &mut Baresip) {
        ana.command("hangup", "");
        ana.event("CALL_CLOSED");
        // The user must not be overheard unawares: a remote end leaves the other call on hold.
        self.browser.gone("button", "Swap");
        self.browser.read("On hold");
        omar.is_sent_nothing();
        omar.command("hangup", "");
        omar.event("CALL_CLOSED");
    }

    fn the_recents_tell_it_all(&mut self) {
        self.browser.see("heading", "Recents");
        self.browser.read("they ended it");
        self.browser.read("Ana Kowalska");
        self.browser.read("Omar Haddad");
        self.browser.shot("7-recents");
        let recents = self.system.cli(&["recents"]);
        assert!(recents.contains("they ended it"), "{recents}");
    }

    /// The speaker plays this tone and little else.
    #[track_caller]
    fn hears(&self, hz: f64) {
        self.speaker.clear();
        self.speaker.until(HANG, |samples| {
            let window = RECORD_RATE_HZ as usize / 4;
            let last = samples.get(samples.len().checked_sub(window)?..)?;
            let at = tone::level_at(last, RECORD_RATE_HZ, hz);
            let all = tone::measure(last, RECORD_RATE_HZ).level_dbfs;
            (at > -30.0 && (all - at).abs() < 1.0).then_some(())
        });
    }

    /// Whether something rings at the speaker: sound within half a second, or none for as long.
    #[track_caller]
    fn rings(&self, on: bool) {
        self.speaker.clear();
        if on {
            self.speaker.until(HANG, |samples| {
                let last = tone::last(samples, RECORD_RATE_HZ, 100)?;
                (last.level_dbfs > SILENCE_DBFS).then_some(())
            });
        } else {
            self.hears_nothing();
        }
    }

    /// Half a second without a sound at the speaker.
    #[track_caller]
    fn hears_nothing(&self) {
        self.speaker.clear();
        wait_for("silence at the speaker", HANG, || {
            let samples = self.speaker.samples();
            let last = tone::last(&samples, RECORD_RATE_HZ, 500)?;
            (last.level_dbfs < SILENCE_DBFS).then_some(())
        });
    }
}

/// A minute and a half of a tone, mono, 48 kHz.
fn write_wav(path: &std::path::Path, hz: f64) {
    let samples = tone::sine(RECORD_RATE_HZ, hz, -12.0, 120_000);
    tone::write_wav(path, RECORD_RATE_HZ, &samples).expect("the bed takes files");
}
