//! Stories of one line: what comes in, what has to come out.

use std::time::{Duration, Instant};

use super::*;
use crate::words::{AskNumber, CellState, Number, Report, Seen, Why};

/// A line under test, with its own time.
struct Story {
    line: Line,
    now: Instant,
}

impl Story {
    fn new(listed_after_ms: u64) -> Self {
        let now = Instant::now();
        let rules = Rules {
            listed_after: Duration::from_millis(listed_after_ms),
        };
        let orphans = [CallKey("/9#old".into()), CallKey("/8#old".into())];
        let line = Line::new(rules, KeyMaker::default(), orphans, now);
        Self { line, now }
    }

    /// One step in words; says what follows, in words.
    fn step(&mut self, step: &str) -> String {
        let words: Vec<&str> = step.split(' ').collect();
        let now = self.now;
        match words[..] {
            ["seen", path, state, number] => {
                let news = News::Seen(seen(path, state, number, false));
                self.line.news(now, news);
            }
            ["seen-out", path, state, number] => {
                let news = News::Seen(seen(path, state, number, true));
                self.line.news(now, news);
            }
            ["gone", path, why] => {
                let why = match why {
                    "unknown" => Why::Unknown,
                    "local" => Why::Local,
                    "remote" => Why::Remote,
                    "busy" => Why::Busy,
                    _ => panic!("no such reason: {why}"),
                };
                self.line.news(now, News::Gone(CallPath(path.into()), why));
            }
            ["listed"] => self.line.listed(now),
            ["again"] => self.line.tell_again(),
            ["lost"] => self.line.news(now, News::Lost),
            ["ask", number, transaction, wish, key] => {
                let wish = match wish {
                    "answer" => Wish::Answer,
                    "end" => Wish::End,
                    "hold" => Wish::Hold,
                    "resume" => Wish::Resume,
                    "join" => Wish::Join,
                    "part" => Wish::Part,
                    _ => match wish.split_once('=') {
                        Some(("start", to)) => Wish::Start(Number(to.into())),
                        Some(("digits", tones)) => Wish::Digits(Digits(tones.into())),
                        _ => panic!("no such wish: {wish}"),
                    },
                };
                let number = AskNumber(number.parse().expect("a number"));
                self.line
                    .ask(now, transaction, number, CallKey(key.into()), wish);
            }
            ["done", verb] => self.line.finished(now, verb_number(verb), Ok(None)),
            ["done", verb, path] => {
                let path = Some(CallPath(path.into()));
                self.line.finished(now, verb_number(verb), Ok(path));
            }
            ["fails", verb] => self.line.finished(now, verb_number(verb), Err("no".into())),
            ["refused", key] => self.line.refused(now, &CallKey(key.into())),
            ["system-ended", key] => self.line.system_ended(now, &CallKey(key.into())),
            ["after", millis] => {
                self.now += Duration::from_millis(millis.parse().expect("a time"));
                self.line.tick(self.now);
            }
            _ => panic!("no such step: {step}"),
        }
        let mut all = Vec::new();
        while let Some(one) = self.line.take_next() {
            all.push(short(&one));
        }
        all.join(", ").trim().to_owned()
    }
}

fn verb_number(text: &str) -> VerbNumber {
    VerbNumber(text.parse().expect("a number"))
}

/// A state with a star is that of a party of a group.
fn seen(path: &str, state: &str, number: &str, outgoing: bool) -> Seen {
    let multiparty = state.ends_with('*');
    let state = state.trim_end_matches('*');
    let state = match state {
        "dialing" => CellState::Dialing,
        "alerting" => CellState::Alerting,
        "incoming" => CellState::Incoming,
        "waiting" => CellState::Waiting,
        "active" => CellState::Active,
        "held" => CellState::Held,
        _ => panic!("no such state: {state}"),
    };
    Seen {
        path: CallPath(path.into()),
        state,
        number: Number(number.trim_matches('-').into()),
        outgoing,
        emergency: false,
        multiparty,
    }
}

fn short(one: &Do) -> String {
    match one {
        Do::Verb(number, verb) => {
            let what = match verb {
                Verb::Dial(to) => format!("dial {}", to.0),
                Verb::Answer(path) => format!("answer {}", path.0),
                Verb::HangUp(path) => format!("hang-up {}", path.0),
                Verb::HoldAndAnswer => "hold-and-answer".into(),
                Verb::EndAndAnswer => "end-and-answer".into(),
                Verb::Swap => "swap".into(),
                Verb::Join(path) => format!("join {}", path.0),
                Verb::Part(path) => format!("part {}", path.0),
                Verb::Tone(path, tone) => format!("tone {} {tone}", path.0),
            };
            format!("{}: {what}", number.0)
        }
        Do::Settle(ask, Ok(())) => format!("ok {}", ask.0),
        Do::Settle(ask, Err(_)) => format!("no {}", ask.0),
        Do::Report(report) => match report {
            Report::Incoming { key, number, .. } => format!("rings {} {}", key.0, number.0),
            Report::Adopted(key) => format!("adopted {}", key.0),
            Report::Number(key, number) => format!("number {} {}", key.0, number.0),
            Report::StartedOutside(key, _) => format!("started {}", key.0),
            Report::Connecting(key) => format!("connecting {}", key.0),
            Report::Connected(key) => format!("connected {}", key.0),
            Report::Held(key, on) => format!("held={on} {}", key.0),
            Report::Ended(key, end) => format!("ended {} {end:?}", key.0),
        },
    }
}

/// Plays steps; each is `step -> what follows`, with nothing after the arrow for nothing.
#[track_caller]
fn play(steps: &[&str]) {
    play_listed_after(0, steps);
}

/// The same with a daemon that needs its time to know the place of a call.
#[track_caller]
fn play_listed_after(millis: u64, steps: &[&str]) {
    let mut story = Story::new(millis);
    for line in steps {
        let (step, want) = line.split_once(" ->").expect("an arrow");
        assert_eq!(story.step(step), want.trim(), "after `{step}`");
    }
}

#[test]
fn an_incoming_call_lives() {
    play(&[
        "seen /1 incoming - -> rings /1#1 ",
        "seen /1 incoming +1 -> number /1#1 +1",
        "ask 1 t1 answer /1#1 -> 1: answer /1",
        "done 1 ->",
        "seen /1 active +1 -> ok 1",
        "ask 2 t2 end /1#1 -> 2: hang-up /1",
        "gone /1 unknown -> ok 2",
        "done 2 ->",
    ]);
}

#[test]
fn ends_are_told_once_and_with_their_reason() {
    play(&[
        "seen /1 incoming 1 -> rings /1#1 1",
        "gone /1 unknown -> ended /1#1 CanceledByCaller",
        "gone /1 unknown ->",
        "seen /1 incoming 1 -> rings /1#2 1",
        "ask 1 t1 answer /1#2 -> 1: answer /1",
        "gone /1 remote -> ended /1#2 CanceledByCaller, no 1",
    ]);
}

#[test]
fn an_outgoing_call_lives() {
    play(&[
        "ask 1 t1 start=5 k -> 1: dial 5",
        "seen-out /1 dialing 5 ->",
        "done 1 /1 -> ok 1",
        "seen-out /1 alerting 5 -> connecting k",
        "seen-out /1 active 5 -> connected k",
        "seen-out /1 active 5 ->",
        "gone /1 remote -> ended k RemoteHangup",
    ]);
    play(&["ask 1 t1 start=5 k -> 1: dial 5", "fails 1 -> no 1"]);
    play(&[
        "ask 1 t1 start=5 k -> 1: dial 5",
        "done 1 /1 -> ok 1",
        "gone /1 busy -> ended k Busy",
    ]);
}

#[test]
fn an_outgoing_call_that_is_faster_than_its_reply() {
    play(&[
        "ask 1 t1 start=5 k -> 1: dial 5",
        "seen-out /1 active 5 ->",
        "done 1 /1 -> ok 1, connected k",
    ]);
    play(&[
        "ask 1 t1 start=5 k -> 1: dial 5",
        "seen-out /1 dialing 5 ->",
        "gone /1 busy -> ok 1, ended k Busy",
        "done 1 /1 ->",
    ]);
}

#[test]
fn a_call_is_canceled_before_it_is_there() {
    play(&[
        "ask 1 t1 start=5 k -> 1: dial 5",
        "ask 2 t2 end k ->",
        "done 1 /1 -> ok 1, 2: hang-up /1",
        "gone /1 local -> ok 2",
    ]);
    play(&[
        "ask 1 t1 start=5 k -> 1: dial 5",
        "ask 2 t2 end k ->",
        "fails 1 -> no 1, ok 2",
    ]);
}

#[test]
fn hold_and_answer_become_one_verb() {
    const TALKING: &[&str] = &[
        "seen /1 incoming 1 -> rings /1#1 1",
        "ask 1 t1 answer /1#1 -> 1: answer /1",
        "seen /1 active 1 -> ok 1",
        "seen /2 waiting 2 -> rings /2#2 2",
    ];
    let then = |steps: &[&str]| play(&[TALKING, steps].concat());
    then(&[
        "ask 2 t2 hold /1#1 ->",
        "ask 3 t2 answer /2#2 -> 2: hold-and-answer",
        "done 2 ->",
        "seen /1 held 1 -> ok 2",
        "seen /2 active 2 -> ok 3",
        "ask 4 t3 hold /2#2 ->",
        "ask 5 t3 resume /1#1 -> 3: swap",
        "seen /2 held 2 -> ok 4",
        "seen /1 active 1 -> ok 5",
    ]);
    then(&[
        "ask 2 t2 end /1#1 ->",
        "ask 3 t2 answer /2#2 -> 2: end-and-answer",
        "gone /1 local -> ok 2",
        "seen /2 active 2 -> ok 3",
    ]);
    then(&["ask 2 t2 hold /1#1 ->", "after 200 -> no 2"]);
    then(&["ask 2 t2 end /1#1 ->", "after 200 -> 2: hang-up /1"]);
    then(&[
        "ask 2 t2 end /2#2 -> 2: hang-up /2",
        "gone /2 unknown -> ok 2",
    ]);
    then(&[
        "ask 2 t2 hold /1#1 ->",
        "ask 3 t2 answer /2#2 -> 2: hold-and-answer",
        "fails 2 -> no 2, no 3",
    ]);
    then(&[
        "ask 2 t2 hold /1#1 ->",
        "ask 3 t2 answer /2#2 -> 2: hold-and-answer",
        "done 2 ->",
        "after 8000 -> no 2, no 3",
    ]);
}

#[test]
fn hold_and_dial_come_one_after_the_other() {
    play(&[
        "seen /1 incoming 1 -> rings /1#1 1",
        "ask 1 t1 answer /1#1 -> 1: answer /1",
        "seen /1 active 1 -> ok 1",
        "ask 2 t2 hold /1#1 -> 2: swap",
        "ask 3 t2 start=5 k ->",
        "seen /1 held 1 -> ok 2, 3: dial 5",
        "done 3 /2 -> ok 3",
    ]);
}

#[test]
fn ending_waits_for_nothing() {
    play(&[
        "seen /1 incoming 1 -> rings /1#1 1",
        "ask 1 t1 answer /1#1 -> 1: answer /1",
        "ask 2 t2 end /1#1 -> 2: hang-up /1",
        "gone /1 local -> no 1, ok 2",
    ]);
}

#[test]
fn a_waiting_call_that_rings_again_is_the_same_call() {
    const WAITING: &[&str] = &[
        "seen /1 incoming 1 -> rings /1#1 1",
        "ask 1 t1 answer /1#1 -> 1: answer /1",
        "seen /1 active 1 -> ok 1",
        "seen /2 waiting 2 -> rings /2#2 2",
    ];
    let then = |steps: &[&str]| play(&[WAITING, steps].concat());
    then(&[
        "gone /2 unknown ->",
        "seen /3 incoming - ->",
        "gone /1 unknown -> ended /1#1 RemoteHangup",
        "ask 2 t2 answer /2#2 -> 2: answer /3",
        "seen /3 active 2 -> ok 2",
    ]);
    then(&[
        "gone /2 unknown ->",
        "after 3000 ->",
        "after 1000 -> ended /2#2 CanceledByCaller",
    ]);
    then(&["gone /2 remote -> ended /2#2 CanceledByCaller"]);
}

#[test]
fn what_others_do_here_is_told() {
    play(&[
        "seen /1 incoming 1 -> rings /1#1 1",
        "seen /1 active 1 -> connected /1#1",
        "ask 1 t1 answer /1#1 -> ok 1",
        "seen /1 held 1 -> held=true /1#1",
        "ask 2 t2 hold /1#1 -> ok 2",
        "seen /1 active 1 -> held=false /1#1",
        "gone /1 local -> ended /1#1 LocalHangup",
        "seen-out /2 dialing 9 -> started /2#2",
        "ask 3 t3 start=9 /2#2 -> ok 3",
        "seen-out /2 active 9 -> connected /2#2",
    ]);
}

#[test]
fn a_call_that_nobody_wants_is_turned_away() {
    play(&[
        "seen /1 incoming 1 -> rings /1#1 1",
        "refused /1#1 -> 1: hang-up /1",
        "gone /1 local ->",
        "seen-out /2 dialing 9 -> started /2#2",
        "refused /2#2 ->",
        "seen-out /2 active 9 ->",
        "gone /2 remote ->",
    ]);
    play(&[
        "seen /1 incoming 1 -> rings /1#1 1",
        "system-ended /1#1 -> 1: hang-up /1",
    ]);
}

#[test]
fn a_lost_modem_ends_everything() {
    play(&[
        "seen /1 incoming 1 -> rings /1#1 1",
        "ask 1 t1 answer /1#1 -> 1: answer /1",
        "seen /1 active 1 -> ok 1",
        "seen /2 waiting 2 -> rings /2#2 2",
        "ask 2 t2 end /1#1 ->",
        "ask 3 t3 end /2#2 -> 2: hang-up /2",
        "lost -> ok 2, ok 3",
        "seen /1 incoming 3 -> rings /1#3 3",
    ]);
    play(&[
        "seen /1 incoming 1 -> rings /1#1 1",
        "lost -> ended /1#1 Failed",
    ]);
}

#[test]
fn tones_keep_their_order() {
    const TALKING: &[&str] = &[
        "seen /1 incoming 1 -> rings /1#1 1",
        "seen /1 active 1 -> connected /1#1",
    ];
    let then = |steps: &[&str]| play(&[TALKING, steps].concat());
    then(&[
        "ask 1 t1 digits=1,2 /1#1 -> 1: tone /1 1",
        "ask 2 t2 digits=3 /1#1 ->",
        "done 1 -> ok 1",
        "after 1000 ->",
        "after 1000 -> 2: tone /1 2",
        "done 2 -> 3: tone /1 3",
        "done 3 -> ok 2",
    ]);
    then(&[
        "ask 1 t1 digits=12 /1#1 -> 1: tone /1 1",
        "fails 1 -> no 1",
        "ask 2 t2 digits=3 /1#1 -> 2: tone /1 3",
        "gone /1 remote -> no 2, ended /1#1 RemoteHangup",
    ]);
    play(&["ask 1 t1 digits=1 k -> no 1"]);
}

#[test]
fn a_former_run_leaves_its_calls() {
    play(&[
        "seen /9 active 1 -> adopted /9#old, number /9#old 1, connected /9#old",
        "seen /1 incoming 2 -> rings /1#1 2",
        "listed ->",
        "seen /8 incoming 4 -> rings /8#2 4",
        "gone /8 remote -> ended /8#2 CanceledByCaller",
        "again -> rings /1#1 2",
        "gone /9 remote -> ended /9#old RemoteHangup",
        "seen /9 incoming 3 -> rings /9#3 3",
    ]);
    play(&["seen-out /9 active 1 -> adopted /9#old, connected /9#old"]);
}

#[test]
fn keys_lead_back_to_their_object_in_the_same_run_only() {
    let mut keys = KeyMaker::new(":1.5", "s-");
    let key = keys.make(&CallPath("/a/b".into()));
    assert_eq!(key, CallKey(":1.5/a/b#s-1".into()));
    assert_eq!(keys.path_of(&key), Some(CallPath("/a/b".into())));
    assert_eq!(KeyMaker::new(":1.50", "").path_of(&key), None);
    assert_eq!(KeyMaker::new(":1.", "").path_of(&key), None);
}

#[test]
fn a_waiting_call_is_declined_when_its_place_is_known() {
    play_listed_after(
        3000,
        &[
            "seen /1 incoming 1 -> rings /1#1 1",
            "ask 1 t1 answer /1#1 -> 1: answer /1",
            "seen /1 active 1 -> ok 1",
            "seen /2 waiting 2 -> rings /2#2 2",
            "after 1000 ->",
            "ask 2 t2 end /2#2 ->",
            "after 1000 ->",
            "after 1000 -> 2: hang-up /2",
            "gone /2 unknown -> ok 2",
            "seen /3 waiting 3 -> rings /3#3 3",
            "refused /3#3 ->",
            "after 3000 -> 3: hang-up /3",
            "gone /3 unknown ->",
            "ask 3 t3 end /1#1 -> 4: hang-up /1",
        ],
    );
}

#[test]
fn calls_join_and_part() {
    play(&[
        "seen /1 incoming 1 -> rings /1#1 1",
        "ask 1 t1 answer /1#1 -> 1: answer /1",
        "seen /1 active 1 -> ok 1",
        "seen /2 waiting 2 -> rings /2#2 2",
        "ask 2 t2 hold /1#1 ->",
        "ask 3 t2 answer /2#2 -> 2: hold-and-answer",
        "seen /1 held 1 -> ok 2",
        "seen /2 active 2 -> ok 3",
        "ask 4 t3 resume /1#1 ->",
        "ask 5 t3 join /2#2 -> 3: join /1",
        "seen /1 active* 1 -> ok 4",
        "seen /2 active* 2 -> ok 5",
        "ask 6 t4 hold /1#1 ->",
        "ask 7 t4 part /2#2 -> 4: part /2",
        "seen /1 held 1 -> ok 6",
        "seen /2 active 2 -> ok 7",
    ]);
}
