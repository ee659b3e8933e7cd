//! What the law of the tones of calls says when it is broken: the worlds in which it is held to say
//! nothing, so it is broken here on purpose.

use hookswitch_core::{Accepted, Effect, Event, Report, RingTone};
use hookswitch_model::{
    CallId, CallTone, CallTones, CallUpdate, ClientId, Configuration, Limits, ProviderId,
    RequestId, RingState, Snapshot, Text, Timestamp, ToneState,
};
use hookswitch_sim::laws::{Laws, Step};
use hookswitch_sim::scenario::{LineKind, When, parse};
use hookswitch_sim::world::World;

/// A step from one state to another, with what was reported and done in it.
struct Taken<'s>(Event, &'s Snapshot, &'s Snapshot, Vec<Effect>);

/// The state after all of a story of an app that asked for all tones.
fn state(story: &str) -> Snapshot {
    let text = format!("hookswitch-scenario 1\ntitle t\napp sip {{ tones=all }}\n{story}");
    let story = parse(&text).expect("readable");
    let mut world = World::new(&story);
    for line in &story.lines {
        if let LineKind::Input(line) = &line.kind {
            let When::At(since) = line.when else {
                panic!("a time since the start");
            };
            let at = Timestamp::ZERO.after(since);
            while world.next_at().is_some_and(|next| next <= at) {
                world.advance();
            }
            world.wait_until(at);
            world.apply(&line.input).expect("possible");
        }
    }
    world.state().clone()
}

fn connecting() -> Snapshot {
    state("at 1s user dials sip sip:bob as a\nat 2s sip reports connecting a\n")
}

/// How often the law is broken by these steps.
fn broken(steps: &[Taken<'_>]) -> usize {
    let mut laws = Laws::new(Limits::default());
    for Taken(event, before, after, effects) in steps {
        laws.check(&Step {
            at: after.at.at,
            event,
            before,
            after,
            effects,
            due_before: None,
            due_after: None,
        });
    }
    let found = laws.violations().iter().filter(|found| found.law == "TN");
    found.count()
}

fn report(report: Report) -> Event {
    Event::Report {
        client: ClientId(1),
        request: RequestId(1),
        report,
    }
}

fn accepted(result: Accepted) -> Vec<Effect> {
    let result = Ok(result);
    let request = RequestId(1);
    vec![Effect::Reply { request, result }]
}

/// The app asks for these, while nothing is there.
fn asks<'s>(empty: &'s Snapshot, state: &Snapshot, tones: CallTones) -> Taken<'s> {
    let mut configuration = Configuration::new(Text::new("t").expect("a name"));
    configuration.tones = tones;
    let app = state.calls[0].app.clone();
    let orphans = Vec::new();
    let provider = ProviderId(1);
    Taken(
        report(Report::Register { app, configuration }),
        empty,
        empty,
        accepted(Accepted::Registered { provider, orphans }),
    )
}

fn all() -> CallTones {
    CallTone::ALL.into_iter().collect()
}

fn tick<'s>(before: &'s Snapshot, after: &'s Snapshot) -> Taken<'s> {
    Taken(Event::Tick, before, after, Vec::new())
}

fn start(call: CallId, tone: CallTone) -> Effect {
    let on = None;
    Effect::StartTone { call, tone, on }
}

#[test]
fn ringback_that_nobody_asked_for_or_that_is_missing_is_found() {
    let (empty, rings) = (Snapshot::default(), connecting());
    assert!(rings.tone.is_some(), "the story plays ringback");
    let asked = |tones| asks(&empty, &rings, tones);
    assert_eq!(broken(&[asked(all()), tick(&empty, &rings)]), 0);
    assert_eq!(
        broken(&[asked(CallTones::default()), tick(&empty, &rings)]),
        1
    );
    let mut silent = rings.clone();
    silent.tone = None;
    assert_eq!(broken(&[asked(all()), tick(&empty, &silent)]), 1);
    assert_eq!(
        broken(&[asked(CallTones::default()), tick(&empty, &silent)]),
        0
    );
}

#[test]
fn ringback_over_the_networks_own_sound_or_without_the_audio_is_found() {
    let (empty, rings) = (Snapshot::default(), connecting());
    let call = rings.calls[0].id;
    let update = CallUpdate {
        early_media: Some(true),
        ..CallUpdate::default()
    };
    let told = report(Report::Updated { call, update });
    let told = Taken(told, &rings, &rings, accepted(Accepted::Done));
    let begins = [asks(&empty, &rings, all()), tick(&empty, &rings), told];
    assert_eq!(broken(&begins), 1);
    let mut kept = rings.clone();
    kept.lease = None;
    assert_eq!(
        broken(&[asks(&empty, &rings, all()), tick(&empty, &kept)]),
        1
    );
}

#[test]
fn a_tone_beside_the_ring_is_found() {
    let (empty, mut rings) = (Snapshot::default(), connecting());
    let asked = || asks(&empty, &connecting(), all());
    let call = rings.calls[0].id;
    rings.ring = RingState::Waiting(call);
    assert_eq!(broken(&[asked(), tick(&empty, &rings)]), 1);
    rings.tone = None;
    assert_eq!(broken(&[asked(), tick(&empty, &rings)]), 0);
    let ring = Effect::Ring {
        call,
        tone: RingTone::Waiting,
        ringtone: None,
        on: Vec::new(),
    };
    let in_order = |effects| Taken(Event::Tick, &empty, &rings, effects);
    let ringback = || start(call, CallTone::Ringback);
    let right = vec![ringback(), Effect::StopTone, ring.clone()];
    assert_eq!(broken(&[asked(), in_order(right)]), 0);
    let wrong = vec![ringback(), ring, Effect::StopTone];
    assert_eq!(broken(&[asked(), in_order(wrong)]), 1);
}

#[test]
fn a_parting_tone_that_is_late_or_of_a_call_that_is_there_is_found() {
    let (empty, before) = (Snapshot::default(), connecting());
    let busy = state(
        "at 1s user dials sip sip:bob as a\nat 2s sip reports connecting a\n\
         at 3s sip reports ended a busy\n",
    );
    let broken_by = |states: &[&Snapshot]| {
        let mut steps = vec![asks(&empty, &before, all()), tick(&empty, &before)];
        let mut last = &before;
        for state in states {
            steps.push(tick(last, state));
            last = state;
        }
        broken(&steps)
    };
    assert_eq!(broken_by(&[&busy]), 0);
    let mut late = busy.clone();
    late.at.at = Timestamp::from_millis(7_001);
    assert_eq!(broken_by(&[&busy, &late]), 1, "its time is over");
    let call = before.calls[0].id;
    let tone = CallTone::Ended;
    let mut talked = busy.clone();
    talked.tone = Some(ToneState { call, tone });
    assert_eq!(broken_by(&[&talked]), 1, "it was never talked on");
    let mut there = before.clone();
    there.tone = talked.tone;
    assert_eq!(broken_by(&[&there]), 1, "its call is there");
}
