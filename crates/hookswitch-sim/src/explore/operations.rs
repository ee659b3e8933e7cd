//! What can happen in a random world: one row per operation.
//!
//! A new verb of the scenario files gets its row here, and random worlds use it from then on. A row
//! says how often it is chosen beside the others, when it makes sense, and how it is written as the
//! part of a scenario line after its time. Six bytes of chance are there for each act.

use super::dice::Dice;
use super::draft::{Draft, Guess};

/// One thing that can happen.
#[derive(Debug)]
pub struct Operation {
    /// Its name; no two have the same.
    pub name: &'static str,
    /// How often beside the others: 1 seldom, 8 often.
    pub weight: u8,
    /// Whether people and apps do it every day, or something is broken.
    pub nature: Nature,
    /// Whether it makes sense in a story so far.
    pub when: fn(&Draft) -> bool,
    /// Writes who does what.
    pub write: fn(&mut Dice<'_>, &Draft) -> String,
}

/// What kind of operation it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Nature {
    /// Everyday use; most worlds know it.
    Use,
    /// A fault; most worlds know few.
    Fault,
}

/// Ways of an app to behave.
pub const TEMPERS: [&str; 7] = [
    "prompt",
    "slow",
    "silent",
    "refusing",
    "crashing",
    "contradictory",
    "late",
];

const REASONS: [&str; 8] = [
    "remote-hangup",
    "canceled-by-caller",
    "failed",
    "answered-elsewhere",
    "declined-elsewhere",
    "unanswered",
    "busy",
    "declined-by-remote",
];

const ASKS: [&str; 10] = [
    "start", "answer", "end", "hold", "resume", "mute", "unmute", "digits", "group", "ungroup",
];

const fn everyday(
    name: &'static str,
    weight: u8,
    when: fn(&Draft) -> bool,
    write: fn(&mut Dice<'_>, &Draft) -> String,
) -> Operation {
    Operation {
        name,
        weight,
        nature: Nature::Use,
        when,
        write,
    }
}

const fn fault(
    name: &'static str,
    weight: u8,
    when: fn(&Draft) -> bool,
    write: fn(&mut Dice<'_>, &Draft) -> String,
) -> Operation {
    Operation {
        name,
        weight,
        nature: Nature::Fault,
        when,
        write,
    }
}

fn always(_: &Draft) -> bool {
    true
}

fn a_call(draft: &Draft) -> bool {
    draft.live() > 0
}

fn two_calls(draft: &Draft) -> bool {
    draft.live() > 1
}

fn two_of_an_app(draft: &Draft) -> bool {
    draft.live_in_one_app() > 1
}

/// All operations.
pub const OPERATIONS: &[Operation] = &[
    everyday("incoming", 8, always, |dice, draft| {
        let call = draft.new_call(dice);
        let from = dice.of(&[
            "from tel:+12025550101",
            "from tel:+12025550101 rings-for 20s",
            "from tel:+12025550101 called-ago 20s",
            "from anonymous",
            "from @omar:x video",
        ]);
        format!("{} reports incoming {call} {from}", draft.app(dice))
    }),
    everyday("answer", 8, a_call, |dice, draft| {
        let call = draft.call_that(dice, Guess::Incoming);
        let mode = dice.of(&["", " hold", " end", " end-held"]);
        format!("user answers {call}{mode}")
    }),
    everyday("decline", 2, a_call, |dice, draft| {
        format!("user declines {}", draft.call_that(dice, Guess::Incoming))
    }),
    everyday("end", 3, a_call, |dice, draft| {
        format!("user ends {}", draft.call(dice))
    }),
    everyday("silence", 1, a_call, |dice, draft| {
        format!("user silences {}", draft.call_that(dice, Guess::Incoming))
    }),
    everyday("hold", 3, a_call, |dice, draft| {
        format!("user holds {}", draft.call_that(dice, Guess::Answered))
    }),
    everyday("resume", 3, a_call, |dice, draft| {
        format!("user resumes {}", draft.call_that(dice, Guess::Answered))
    }),
    everyday("swap", 2, two_calls, |_, _| "user swaps".to_owned()),
    everyday("merge", 4, two_of_an_app, |dice, draft| {
        let (call, with) = draft.two_answered(dice);
        format!("user merges {call} with {with}")
    }),
    everyday("split", 2, two_of_an_app, |dice, draft| {
        format!("user splits {}", draft.call_that(dice, Guess::Answered))
    }),
    everyday("end-group", 1, two_of_an_app, |dice, draft| {
        format!("user ends-group {}", draft.call(dice))
    }),
    everyday("regroup", 2, two_of_an_app, |dice, draft| {
        let (call, with) = draft.two_answered(dice);
        let app = draft.app_of(dice, call);
        match dice.below(4) {
            0 => format!("{app} requests ungroup {call}, hold {with}"),
            1 => format!("{app} requests ungroup {call}"),
            2 => format!("{app} requests resume {with}, group {call} with {with}"),
            _ => format!("{app} requests group {call} with {with}"),
        }
    }),
    everyday("mute", 2, a_call, |dice, draft| {
        let verb = dice.of(&["mutes", "unmutes"]);
        format!("user {verb} {}", draft.call(dice))
    }),
    everyday("digits", 1, a_call, |dice, draft| {
        let what = dice.of(&[
            "digits 12",
            "digits 1p2",
            "digits 3w4p5w6",
            "sends-rest",
            "drops-rest",
        ]);
        format!("user {what} {}", draft.call(dice))
    }),
    everyday("open", 1, a_call, |dice, draft| {
        format!("user opens {}", draft.call(dice))
    }),
    everyday("dial", 4, always, |dice, draft| {
        let call = draft.new_call(dice);
        let video = dice.of(&["", "", "", " video"]);
        format!("user dials {} sip:bob as {call}{video}", draft.app(dice))
    }),
    everyday("dial-emergency", 1, always, |dice, draft| {
        format!("user dials modem tel:112 as {}", draft.new_call(dice))
    }),
    everyday("rules", 2, always, |dice, draft| {
        let rules = [
            "dnd on",
            "dnd off",
            "allows tel:+12025550101",
            "disallows tel:+12025550101",
            "blocks tel:+12025550101",
            "unblocks tel:+12025550101",
            "restricts on",
            "restricts off",
        ];
        match dice.below(5) {
            0 => format!("user locks {}", draft.app(dice)),
            1 => format!("user unlocks {}", draft.app(dice)),
            _ => format!("user {}", dice.of(&rules)),
        }
    }),
    everyday("screening", 1, always, |dice, _| {
        let by = ["directory, lookup", "directory", "nobody"];
        format!("screening by {}", dice.of(&by))
    }),
    everyday("verdict", 3, a_call, |dice, draft| {
        let verdict = dice.of(&["ring", "ring", "silence", "block"]);
        let call = draft.call_that(dice, Guess::Incoming);
        format!(
            "verdict {verdict} {call} by {}",
            dice.of(&["directory", "lookup"])
        )
    }),
    everyday("place", 1, always, |dice, draft| {
        let place = dice.of(&["background", "foreground"]);
        format!("{} goes {place}", draft.app(dice))
    }),
    everyday("route", 2, always, |dice, _| {
        format!(
            "user routes {}",
            dice.of(&["bt", "desk", "jack", "nowhere"])
        )
    }),
    everyday("headset", 2, always, |dice, _| {
        let on = dice.of(&["", "", " bt", " nowhere"]);
        format!("user headset {}{on}", dice.of(&["press", "hold"]))
    }),
    everyday("microphone", 1, always, |dice, _| {
        format!("audio {}", dice.of(&["mutes", "unmutes"]))
    }),
    everyday("wants-audio", 1, always, |dice, draft| {
        let wanted = dice.of(&["record", "playback"]);
        format!("{} wants {wanted}", draft.app(dice))
    }),
    everyday("plug", 2, always, |dice, _| {
        let what = [
            "plugs bluetooth:bt",
            "plugs headset:jack",
            "unplugs bt",
            "unplugs jack",
            "unplugs desk",
        ];
        format!("audio server {}", dice.of(&what))
    }),
    everyday("ended", 4, a_call, |dice, draft| {
        let (app, call) = draft.app_and_call(dice);
        format!("{app} reports ended {call} {}", dice.of(&REASONS))
    }),
    everyday("connecting", 2, a_call, |dice, draft| {
        let call = draft.call_that(dice, Guess::Outgoing);
        format!("{} reports connecting {call}", draft.app_of(dice, call))
    }),
    everyday("connected", 4, a_call, |dice, draft| {
        let call = draft.call_that(dice, Guess::Outgoing);
        format!("{} reports connected {call}", draft.app_of(dice, call))
    }),
    everyday("updated", 1, a_call, |dice, draft| {
        let (app, call) = draft.app_and_call(dice);
        let facts = [
            "name \"Ana\"",
            "no-name",
            "video",
            "no-holding",
            "holding",
            "no-dialpad",
            "no-grouping",
            "no-ungrouping",
            "emergency",
        ];
        format!("{app} reports updated {call} {}", dice.of(&facts))
    }),
    everyday("far-end", 2, a_call, |dice, draft| {
        let (app, call) = draft.app_and_call(dice);
        let what = ["remote-held", "remote-resumed", "muted", "unmuted"];
        format!("{app} reports {} {call}", dice.of(&what))
    }),
    everyday("settle", 4, a_call, |dice, draft| {
        let (app, call) = draft.app_and_call(dice);
        let ask = dice.of(&ASKS);
        format!(
            "{app} {} {ask} {call}",
            dice.of(&["fulfills", "fulfills", "fails"])
        )
    }),
    everyday("request", 3, always, |dice, draft| {
        let (app, call) = draft.app_and_call(dice);
        let verb = dice.of(&["hold", "resume", "end", "answer", "mute", "unmute"]);
        match dice.below(4) {
            0 => format!("{app} requests start {} sip:eve", draft.new_call(dice)),
            1 => {
                let new = draft.new_call(dice);
                format!("{app} requests {verb} {call}, start {new} sip:eve")
            }
            2 => format!("{app} requests {verb} {call}, hold {}", draft.call(dice)),
            _ => format!("{app} requests {verb} {call}"),
        }
    }),
    everyday("request-digits", 1, a_call, |dice, draft| {
        let (app, call) = draft.app_and_call(dice);
        format!("{app} requests digits 3 {call}")
    }),
    everyday("devices", 2, always, |dice, _| {
        let offer = [
            "offers speaker:desk, handset:ear, headset:jack using desk",
            "offers speaker:desk, headset:bt using desk",
            "offers speaker:desk, headset:bt using bt",
            "offers speaker:desk using desk",
        ];
        format!("audio server {}", dice.of(&offer))
    }),
    everyday("start", 2, always, |dice, draft| {
        format!("{} starts", draft.app(dice))
    }),
    fault("crash", 2, always, |dice, draft| {
        format!("{} crashes", draft.app(dice))
    }),
    fault("temper", 4, always, |dice, draft| {
        format!("{} becomes {}", draft.app(dice), dice.of(&TEMPERS))
    }),
    fault("invalidate", 1, always, |dice, draft| {
        format!("{} invalidates", draft.app(dice))
    }),
    fault("register-again", 1, always, |dice, draft| {
        format!("{} registers", draft.app(dice))
    }),
    fault("adopt-unasked", 1, a_call, |dice, draft| {
        let (app, call) = draft.app_and_call(dice);
        format!("{app} adopts {call}")
    }),
    fault("acknowledge", 1, always, |dice, draft| {
        format!("{} acknowledges", draft.app(dice))
    }),
    fault("request-nothing", 1, always, |dice, draft| {
        format!("{} requests nothing", draft.app(dice))
    }),
    fault("daemon-restart", 1, always, |dice, _| {
        let down = ["", "", " down=20ms", " down=500ms", " down=4s"];
        format!("daemon restarts{}", dice.of(&down))
    }),
    fault("suspend", 1, always, |dice, _| {
        format!("system suspends for {}", dice.of(&["50ms", "5s", "10m"]))
    }),
    fault("clock-jump", 1, always, |dice, _| {
        format!("system jumps {}", dice.of(&["-1h", "+1h", "+30s"]))
    }),
    fault("audio-server", 3, always, |dice, _| {
        let what = [
            "vanishes",
            "returns",
            "restarts down=300ms",
            "restarts down=3s using desk",
            "refuses bt",
            "accepts",
            "slow 1s",
            "slow 3s",
            "slow never",
            "slow 10ms",
            "uses jack",
            "uses desk",
        ];
        format!("audio server {}", dice.of(&what))
    }),
    fault("interruption", 1, always, |dice, _| {
        let verb = dice.of(&["interrupts", "frees"]);
        format!("audio {verb} {}", dice.of(&["emergency", "exclusive"]))
    }),
    fault("tick", 1, always, |_, _| "system ticks".to_owned()),
];

/// Fields of apps: of each group at most one is written, in proportion to the weights; the empty
/// field stands for none.
pub const FIELDS: &[&[(&str, u64)]] = &[
    &[
        ("", 10),
        ("temper=slow", 2),
        ("temper=silent", 1),
        ("temper=refusing", 1),
        ("temper=crashing", 1),
        ("temper=contradictory", 2),
        ("temper=late", 1),
    ],
    &[
        ("", 12),
        ("on-hold=silent", 1),
        ("on-hold=refusing", 1),
        ("on-hold=slow", 1),
        ("on-resume=slow", 1),
    ],
    &[
        ("", 12),
        ("on-answer=slow", 1),
        ("on-answer=silent", 1),
        ("on-end=silent", 1),
    ],
    &[("", 14), ("holding=no", 1)],
    &[("", 14), ("digits=no", 1)],
    &[("", 14), ("grouping=no", 1), ("ungrouping=no", 1)],
    &[("", 14), ("calls-per-group=2", 2)],
    &[
        ("", 12),
        ("on-group=refusing", 2),
        ("on-group=slow", 1),
        ("on-group=silent", 1),
        ("on-ungroup=refusing", 1),
    ],
    &[("", 14), ("recents=no", 1)],
    &[("", 7), ("adopts=no", 1)],
    &[("", 3), ("acks=no", 1)],
    &[("", 8), ("groups=1", 1)],
    &[("", 8), ("ring=10s", 1)],
    &[("", 4), ("emergency=112", 1)],
    &[
        ("", 8),
        ("reconnect=1s", 2),
        ("reconnect=2.99s", 1),
        ("reconnect=never", 1),
    ],
    &[("", 2), ("restart=1s", 1), ("restart=4s", 1)],
    &[
        ("", 12),
        ("stopped", 2),
        ("stopped launch=never", 1),
        ("stopped launch=fails", 1),
    ],
];
