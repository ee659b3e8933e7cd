//! What can happen in a random world: one row of data per operation.
//!
//! A new verb of the scenario files gets its row here, and random worlds use it from then on. A row
//! says how often it is chosen beside the others, which calls it is about, which decides when it
//! makes sense, and how it is written as the part of a scenario line after its time.
//!
//! In what is written `[a|b]` is one of these, also one in another. `$call` and `$with` are the
//! calls it is about, `$its` is the app of the first, `$app` any app, `$other` any live call, and
//! `$new` a name for a new call.

use super::dice::Dice;
use super::draft::{Draft, Guess};
use About::{Former, Live, New, Nothing, Pair, That, Two};

/// One thing that can happen.
#[derive(Clone, Copy, Debug)]
pub struct Operation {
    /// Its name; no two have the same.
    pub name: &'static str,
    /// How often beside the others: 1 seldom, 8 often.
    pub weight: u8,
    /// Whether people and apps do it every day, or something is broken.
    pub nature: Nature,
    /// Which calls it is about.
    pub about: About,
    /// Who does what.
    pub text: &'static str,
}

/// What kind of operation it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Nature {
    /// Everyday use; most worlds know it.
    Use,
    /// A fault; most worlds know few.
    Fault,
}

/// Which calls an operation is about, and so when it makes sense.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum About {
    /// None: it always makes sense.
    Nothing,
    /// One that does not exist yet.
    New,
    /// Mostly one that lives.
    Live,
    /// Mostly one that is probably as guessed.
    That(Guess),
    /// Any, when two live.
    Two,
    /// Mostly two answered ones of one app, when two of one app live.
    Pair,
    /// Mostly one that is over.
    Former,
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

/// All operations.
pub const OPERATIONS: &[Operation] = &[
    everyday(
        "incoming",
        8,
        New,
        "$app reports incoming $call from [tel:+12025550101[| account work| \
         buttons door+gate]|tel:+12025550101 rings-for 20s|\
         tel:+12025550101 called-ago 20s|anonymous|@omar:x video]",
    ),
    everyday(
        "answer",
        8,
        That(Guess::Incoming),
        "user answers $call[| hold| end| end-held]",
    ),
    everyday("decline", 2, That(Guess::Incoming), "user declines $call"),
    everyday("end", 3, Live, "user ends $call"),
    everyday("force-end", 1, Live, "user force-ends $call"),
    everyday("silence", 1, That(Guess::Incoming), "user silences $call"),
    everyday("hold", 3, That(Guess::Answered), "user holds $call"),
    everyday("resume", 3, That(Guess::Answered), "user resumes $call"),
    everyday("swap", 2, Two, "user swaps"),
    everyday("merge", 4, Pair, "user merges $call with $with"),
    everyday("split", 2, Pair, "user splits $call"),
    everyday("end-group", 1, Pair, "user ends-group $call"),
    everyday(
        "regroup",
        2,
        Pair,
        "$its requests [ungroup $call, hold $with|ungroup $call|\
         resume $with, group $call with $with|group $call with $with]",
    ),
    everyday("mute", 2, Live, "user [mutes|unmutes] $call"),
    everyday(
        "digits",
        1,
        Live,
        "user [digits 12|digits 1p2|digits 3w4p5w6|sends-rest|drops-rest] $call",
    ),
    everyday("open", 1, Live, "user opens $call"),
    everyday(
        "dial",
        4,
        New,
        "user dials $app sip:bob as $call[|||| video| account work| account home]",
    ),
    everyday("redial", 2, Former, "user redials $call as $new"),
    everyday(
        "dial-emergency",
        1,
        New,
        "user dials modem tel:112 as $call",
    ),
    everyday(
        "rules",
        2,
        Nothing,
        "user [dnd on|dnd on for 5s|dnd off|allows tel:+12025550101|\
         disallows tel:+12025550101|blocks tel:+12025550101|unblocks tel:+12025550101|\
         restricts on|restricts off|repeats off|repeats on|locks $app|unlocks $app]",
    ),
    everyday(
        "second-calls",
        1,
        Nothing,
        "user second-calls [ring|busy|missed|busy in $app|missed in $app|default in $app]",
    ),
    everyday(
        "rules-read",
        1,
        Nothing,
        "daemon [rules none|rules dnd on, allows tel:+12025550101|\
         rules blocks tel:+12025550101, repeats off|front app|front open-app driving]",
    ),
    everyday(
        "front",
        1,
        Nothing,
        "user [prefers [app|stay|open-app|open-if-video]|drives|drives no-more]",
    ),
    everyday(
        "screening",
        1,
        Nothing,
        "screening by [directory, lookup|directory|nobody]",
    ),
    everyday(
        "verdict",
        3,
        That(Guess::Incoming),
        "verdict [ring|ring|silence|block] $call by [directory|lookup]",
    ),
    everyday(
        "directory-list",
        2,
        Nothing,
        "directory [fritz|yellow] [on|on|off|loads nothing|\
         loads blocks +12025550101|loads names +12025550101 \"Acme\"|\
         loads blocks +12025550100-+12025550199, names +12025550101 \"Acme\"|\
         changes unblocks +12025550101|changes blocks +12025550101|loads blocks 0]",
    ),
    everyday(
        "directory-rules",
        1,
        Nothing,
        "directory [order yellow, fritz|contact tel:+12025550101 \"Ana\"|blocks +1202*|\
         excepts +12025550101|anonymous [blocked|allowed]|unknown [blocked|allowed]|\
         trusts [contacts|called-numbers] [on|off]|call-back 10s]",
    ),
    everyday("place", 1, Nothing, "$app goes [background|foreground]"),
    everyday("lock", 1, Nothing, "system [locks|unlocks]"),
    everyday(
        "video",
        2,
        That(Guess::Answered),
        "user [starts-video|stops-video|declines-video] $call",
    ),
    everyday(
        "video-offer",
        2,
        That(Guess::Answered),
        "$its reports [video-offered|video-offered|video-withdrawn] $call",
    ),
    everyday(
        "translate",
        2,
        That(Guess::Answered),
        "user [translates $call en de|translates $call de en|stops-translating $call]",
    ),
    everyday(
        "request-translate",
        1,
        That(Guess::Answered),
        "$its requests [translate $call en de|stop-translating $call]",
    ),
    everyday("press", 2, Live, "user presses [door|gate|bell] $call"),
    everyday("route", 2, Nothing, "user routes [bt|desk|jack|nowhere]"),
    everyday(
        "app-route",
        2,
        That(Guess::Answered),
        "$its routes $call [bt|desk|jack|nowhere]",
    ),
    everyday(
        "ringtone",
        1,
        Nothing,
        "$app sets-ringtone [chime|bell|none]",
    ),
    everyday("ring-on", 1, Nothing, "user rings-on [default|all|desk|bt]"),
    everyday(
        "headset",
        2,
        Nothing,
        "user headset [press|hold][|| bt| nowhere]",
    ),
    everyday(
        "rings-on",
        1,
        Nothing,
        "audio server rings-on [default|all|desk|bt|nowhere]",
    ),
    everyday("rings-at", 1, Nothing, "audio rings-at [0%|100%]"),
    everyday("microphone", 1, Nothing, "audio [mutes|unmutes]"),
    everyday("wants-audio", 1, Nothing, "$app wants [record|playback]"),
    everyday(
        "plug",
        2,
        Nothing,
        "audio server [plugs bluetooth:bt|plugs headset:jack|unplugs bt|unplugs jack|\
         unplugs desk]",
    ),
    everyday(
        "ended",
        4,
        Live,
        "$its reports ended $call [remote-hangup|canceled-by-caller|failed|\
         answered-elsewhere|declined-elsewhere|unanswered|busy|declined-by-remote]",
    ),
    everyday(
        "connecting",
        2,
        That(Guess::Outgoing),
        "$its reports connecting $call",
    ),
    everyday(
        "connected",
        4,
        That(Guess::Outgoing),
        "$its reports connected $call",
    ),
    everyday(
        "updated",
        1,
        Live,
        "$its reports updated $call [name \"Ana\"|no-name|[video|no-video]|no-holding|\
         holding|no-dialpad|no-grouping|no-ungrouping|emergency|[account work|\
         no-account]|[buttons door+gate|no-buttons]]",
    ),
    everyday(
        "early-media",
        1,
        That(Guess::Outgoing),
        "$its reports updated $call [early-media|early-media|no-early-media]",
    ),
    everyday(
        "far-end",
        2,
        Live,
        "$its reports [remote-held|remote-resumed|muted|unmuted|held|resumed] $call",
    ),
    everyday(
        "settle",
        4,
        Live,
        "$its [fulfills|fulfills|fails] [start|answer|end|hold|resume|mute|unmute|digits|\
         group|ungroup] $call",
    ),
    everyday(
        "settle-extra",
        2,
        Live,
        "$its [fulfills|fulfills|fails] [video-on|video-off|video-declined|press|\
         stop-translating|translate] $call[|| using custom]",
    ),
    everyday(
        "request",
        3,
        Live,
        "$its requests [hold|resume|end|answer|mute|unmute] $call[||, start $new sip:eve|\
         , hold $other]",
    ),
    everyday(
        "request-start",
        2,
        Nothing,
        "$app requests start $new sip:eve[|| video| account work| account home contact Eve]",
    ),
    everyday("request-digits", 1, Live, "$its requests digits 3 $call"),
    everyday(
        "devices",
        2,
        Nothing,
        "audio server offers speaker:desk[, handset:ear, headset:jack using desk|\
         , headset:bt using desk|, headset:bt using bt| using desk]",
    ),
    everyday("start", 2, Nothing, "$app starts"),
    fault("crash", 2, Nothing, "$app crashes"),
    fault("disconnect", 1, Nothing, "$app disconnects"),
    fault(
        "temper",
        4,
        Nothing,
        "$app becomes [prompt|slow|silent|refusing|crashing|contradictory|late]",
    ),
    fault("invalidate", 1, Nothing, "$app invalidates"),
    fault("register-again", 1, Nothing, "$app registers"),
    fault("adopt-unasked", 1, Live, "$its adopts $call"),
    fault("acknowledge", 1, Nothing, "$app acknowledges"),
    fault("request-nothing", 1, Nothing, "$app requests nothing"),
    fault(
        "daemon-restart",
        1,
        Nothing,
        "daemon restarts[|| down=20ms| down=500ms| down=4s]",
    ),
    fault("suspend", 1, Nothing, "system suspends for [50ms|5s|10m]"),
    fault("clock-jump", 1, Nothing, "system jumps [-1h|+1h|+30s]"),
    fault(
        "audio-server",
        3,
        Nothing,
        "audio server [vanishes|returns|restarts down=300ms|restarts down=3s using desk|\
         refuses bt|accepts|slow 1s|slow 3s|slow never|slow 10ms|uses jack|uses desk]",
    ),
    fault(
        "interruption",
        1,
        Nothing,
        "audio [interrupts|frees] [emergency|exclusive]",
    ),
    fault("tick", 1, Nothing, "system ticks"),
];

const fn everyday(name: &'static str, weight: u8, about: About, text: &'static str) -> Operation {
    Operation {
        name,
        weight,
        nature: Nature::Use,
        about,
        text,
    }
}

const fn fault(name: &'static str, weight: u8, about: About, text: &'static str) -> Operation {
    Operation {
        name,
        weight,
        nature: Nature::Fault,
        about,
        text,
    }
}

impl Operation {
    /// Whether it makes sense in a story so far.
    #[must_use]
    pub fn fits(&self, draft: &Draft) -> bool {
        match self.about {
            About::Nothing | About::New => true,
            About::Live | About::That(_) => draft.live() > 0,
            About::Two => draft.live() > 1,
            About::Pair => draft.live_in_one_app() > 1,
            About::Former => draft.has_former(),
        }
    }

    /// Writes who does what.
    #[must_use]
    pub fn write(&self, dice: &mut Dice<'_>, draft: &Draft) -> String {
        let (call, with) = match self.about {
            About::Nothing | About::Two => ("", ""),
            About::New => (draft.new_call(dice), ""),
            About::Live => (draft.call(dice), ""),
            About::That(guess) => (draft.call_that(dice, guess), ""),
            About::Pair => draft.two_answered(dice),
            About::Former => (draft.call_that(dice, Guess::Over), ""),
        };
        let words = Words { draft, call, with };
        let mut out = String::new();
        words.expand(self.text, dice, &mut out);
        out
    }
}

/// What the places of a row stand for.
struct Words<'a> {
    draft: &'a Draft,
    call: &'static str,
    with: &'static str,
}

impl Words<'_> {
    fn expand(&self, text: &str, dice: &mut Dice<'_>, out: &mut String) {
        let mut rest = text;
        while let Some(at) = rest.find(['[', '$']) {
            out.push_str(&rest[..at]);
            rest = &rest[at..];
            rest = match rest.strip_prefix('[') {
                Some(inner) => {
                    let (choices, after) = choices(inner);
                    self.expand(dice.of(&choices), dice, out);
                    after
                }
                None => self.place(rest, dice, out),
            };
        }
        out.push_str(rest);
    }

    /// Writes the place that the text begins with; what follows it.
    fn place<'t>(&self, text: &'t str, dice: &mut Dice<'_>, out: &mut String) -> &'t str {
        let end = text[1..].find(|c: char| !c.is_ascii_lowercase());
        let (name, after) = text.split_at(end.map_or(text.len(), |end| end + 1));
        out.push_str(match name {
            "$call" => self.call,
            "$with" => self.with,
            "$its" => self.draft.app_of(dice, self.call),
            "$app" => self.draft.app(dice),
            "$other" => self.draft.call(dice),
            "$new" => self.draft.new_call(dice),
            unknown => unknown,
        });
        after
    }
}

/// The choices up to the bracket that closes them, and what follows it.
fn choices(text: &str) -> (Vec<&str>, &str) {
    let (mut depth, mut start, mut out) = (0, 0, Vec::new());
    for (at, sign) in text.char_indices() {
        match sign {
            '[' => depth += 1,
            ']' if depth > 0 => depth -= 1,
            '|' if depth == 0 => {
                out.push(&text[start..at]);
                start = at + 1;
            }
            ']' => {
                out.push(&text[start..at]);
                return (out, &text[at + 1..]);
            }
            _ => {}
        }
    }
    out.push(&text[start..]);
    (out, "")
}

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
    &[
        ("", 10),
        ("second-calls=busy", 1),
        ("second-calls=missed", 1),
    ],
    &[
        ("", 3),
        ("tones=all", 4),
        ("tones=ringback", 1),
        ("tones=busy+ended", 1),
    ],
    &[("", 8), ("ring=10s", 1)],
    &[("", 4), ("emergency=112", 1)],
    &[("", 4), ("voicemail", 1)],
    &[
        ("", 4),
        ("account=work account=home:none", 2),
        ("account=work:phone+audio", 1),
    ],
    &[("", 3), ("button=door:ringing button=gate:unlock", 2)],
    &[("", 6), ("front=open-app", 1), ("front=stay", 1)],
    &[("", 10), ("video=no", 1)],
    &[("", 2), ("translates=yes", 1)],
    &[
        ("", 12),
        ("on-press=refusing", 1),
        ("on-video-on=slow", 1),
        ("on-video-on=refusing", 1),
        ("on-translate=silent", 1),
    ],
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_may_have_choices_in_it() {
        let (all, after) = choices("a[x|y]|b] $call[|c]");
        assert_eq!(all, ["a[x|y]", "b"]);
        assert_eq!(after, " $call[|c]");
    }

    #[test]
    fn every_place_of_every_row_is_known() {
        for row in OPERATIONS {
            let line = row.write(&mut Dice::new(&[1; 16]), &Draft::default());
            assert!(!line.contains(['$', '[', ']']), "{}: {line}", row.name);
        }
    }
}
