//! Each law over all devices fires when it is broken: what a service knows is changed behind its
//! back.

use super::service::State;
use super::{Home, Input};
use crate::scenario::{LineKind, Scenario, When, parse};
use crate::world::World;
use hookswitch_model::{EndReason, Timestamp};

/// Plays a story of two devices, with all that comes until its last line.
fn home(acts: &str) -> Home {
    let story = format!(
        "hookswitch-scenario 1\ntitle t\ndevice laptop\ndevice phone\napp sip\n{acts}\n\
         at 9s time passes\n"
    );
    let story = parse(&story).expect("readable");
    let mut home = Home::new(&story, World::new(&story));
    for (at, device, input) in inputs(&story) {
        while home.next_at().is_some_and(|next| next <= at) {
            home.advance();
        }
        home.wait_until(device, at);
        home.apply(device, &input).expect("possible");
    }
    home
}

fn inputs(story: &Scenario) -> Vec<(Timestamp, Option<usize>, Input)> {
    let lines = story.lines.iter();
    let input = lines.filter_map(|line| match &line.kind {
        LineKind::Input(line) => Some(line),
        LineKind::Blank
        | LineKind::Comment(_)
        | LineKind::Header(_)
        | LineKind::Check(_)
        | LineKind::Effect(_)
        | LineKind::Facts(_) => None,
    });
    let timed = input.map(|line| match line.when {
        When::At(time) => (Timestamp::ZERO.after(time), line.device, line.input.clone()),
        When::After(_) => panic!("these stories say when"),
    });
    timed.collect()
}

/// The service says this of the only call; which laws are broken then.
fn plant(home: &mut Home, state: State) -> Vec<&'static str> {
    assert_eq!(home.violations(), [], "before the plant");
    let (service, _) = &mut home.services[0];
    let known = service.calls.values_mut().next().expect("a call");
    known.state = state;
    home.check();
    let found: Vec<&str> = home.violations().iter().map(|found| found.law).collect();
    home.check();
    found
}

const RINGS: &str = "service sip\nat 1s service sip calls a from tel:+12025550101";

#[test]
fn dv1_a_device_in_a_call_that_another_has_is_found() {
    let mut home = home(&format!("{RINGS}\nat 2s laptop user answers a"));
    assert_eq!(plant(&mut home, State::With([0].into())), [""; 0]);
    assert_eq!(plant(&mut home, State::With([1].into())), ["DV1"]);
}

#[test]
fn dv2_a_device_that_rings_for_what_is_over_is_found() {
    let mut home = home(RINGS);
    let over = State::Over(EndReason::Unanswered);
    assert_eq!(plant(&mut home, State::Ringing), [""; 0]);
    assert_eq!(plant(&mut home, over), ["DV2", "DV2"]);
}

#[test]
fn dv3_a_missed_call_that_another_device_took_is_found_once() {
    let mut home = home(&format!("{RINGS}\nat 2s service sip hangs-up a"));
    // As if all of it had been on its way until now.
    home.laws = super::laws::Laws::default();
    assert_eq!(plant(&mut home, State::With([0].into())), ["DV3", "DV3"]);
    home.check();
    assert_eq!(home.violations(), []);
}

#[test]
fn dv4_two_devices_in_one_call_are_found() {
    let pulls = "service sip { joins }\nat 1s service sip calls a from tel:+12025550101\n\
                 at 2s laptop user answers a\nat 3s phone sip pulls a as b";
    let mut home = home(pulls);
    let both = State::With([0, 1].into());
    assert_eq!(plant(&mut home, both.clone()), [""; 0]);
    home.services[0].0.decl.joins = false;
    assert_eq!(plant(&mut home, both), ["DV4"]);
}
