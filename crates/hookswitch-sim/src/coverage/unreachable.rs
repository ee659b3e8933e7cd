//! Cells that cannot be met, with the reason: data, checked against what is met.

use super::Cell;

/// Cells that cannot be met: all of these events in all of these states.
#[derive(Debug)]
pub struct Unreachable {
    /// Beginnings of the names of events.
    pub events: &'static [&'static str],
    /// Beginnings of the names of states; an empty list means every state that is not in `except`.
    pub states: &'static [&'static str],
    /// Beginnings of the names of states that can be met all the same.
    pub except: &'static [&'static str],
    /// Why.
    pub reason: &'static str,
}

impl Unreachable {
    /// Whether a cell is one of these.
    #[must_use]
    pub fn covers(&self, (state, event): Cell) -> bool {
        let begins = |list: &[&str], name: &str| list.iter().any(|part| name.starts_with(part));
        let is_state = self.states.is_empty() || begins(self.states, state);
        begins(self.events, event) && is_state && !begins(self.except, state)
    }
}

const SETTLES: &[&str] = &["app fulfills", "app fails"];

/// States of a call whose app is connected, by the beginnings of their names.
const RINGING: &str = "ringing";
const DIALING: &str = "dialing";

const fn row(
    events: &'static [&'static str],
    states: &'static [&'static str],
    reason: &'static str,
) -> Unreachable {
    Unreachable {
        events,
        states,
        except: &[],
        reason,
    }
}

const fn only(
    events: &'static [&'static str],
    except: &'static [&'static str],
    reason: &'static str,
) -> Unreachable {
    Unreachable {
        events,
        states: &[],
        except,
        reason,
    }
}

/// All of them.
pub const UNREACHABLE: &[Unreachable] = &[
    row(
        SETTLES,
        &["no call", "ended"],
        "an ask does not outlive its call; what comes later is too late",
    ),
    row(
        SETTLES,
        &[
            "ringing, app away",
            "dialing, app away",
            "active, app away",
            "held, app away",
        ],
        "an ask ends with the connection it went to",
    ),
    only(
        &["app fulfills answer", "app fails answer"],
        &["ringing, answering", "active", "held", "ending"],
        "only a call that rings or is at the voicemail (held) is asked to be answered, and it \
         stays answering until that is settled, or until its app says that it is connected",
    ),
    only(
        &["app fulfills end", "app fails end"],
        &["ending"],
        "a call that was asked to end is ending",
    ),
    row(
        &["app fulfills start", "app fails start"],
        &[RINGING, "dialing, started", "dialing, connecting"],
        "only an outgoing call is started, and going on settles its start",
    ),
    row(
        &[
            "app fulfills hold",
            "app fails hold",
            "app fulfills resume",
            "app fails resume",
        ],
        &[RINGING, DIALING],
        "only a connected call is asked to hold",
    ),
    row(
        &["app fulfills mute", "app fails mute"],
        &[RINGING],
        "a call that was not answered has no microphone to stop",
    ),
    row(
        &["app fulfills digits", "app fails digits"],
        &[RINGING, DIALING],
        "digits are sent on a connected call",
    ),
    only(&["app requests nothing"], &["no call"], "it names no call"),
    row(
        &[
            "app registers",
            "app invalidates",
            "app dies",
            "app cannot be started",
            "user swaps",
            "user routes",
            "audio devices change",
            "audio server is lost",
            "audio server refuses a device",
            "audio is interrupted",
            "ringtone changes its device",
            "microphone is muted",
            "app changes its place",
            "app acknowledges",
            "app wants audio",
            "screeners change",
            "screen is locked",
            "rules are read",
            "user changes who may ring",
            "user changes what comes to the front",
            "user presses the headset's button",
        ],
        &["ended"],
        "it meets the live calls only",
    ),
    only(
        &[
            "verdict time is over",
            "route time is over",
            "unlock time is over",
            "tone time is over",
        ],
        &["no call"],
        "a call that waits for a verdict is not live yet, an order to the audio server and the \
         lock are about no call, and a call whose tone sounds on is gone",
    ),
    only(
        &["time to launch again"],
        &["ending"],
        "an app is started once more only to hear of a call that ends",
    ),
    only(
        &["grant time is over"],
        &["active", DIALING],
        "only a call that talks or is dialed waits for the audio",
    ),
    only(
        &["offer time is over", "pause in digits is over"],
        &["active", "held"],
        "video is offered and digits wait on a connected call",
    ),
    only(
        &["voicemail time is over"],
        &["held"],
        "a call at the voicemail is held",
    ),
    only(
        &["ring time is over"],
        &[RINGING],
        "only an incoming call that was not answered has a ring time",
    ),
    only(
        &["dialing time is over"],
        &[DIALING],
        "only an outgoing call that was not answered has a dialing time",
    ),
    row(
        &[
            "ask time is over",
            "usual time is over",
            "stage time is over",
            "launch time is over",
        ],
        &["no call", "ended"],
        "a wait does not outlive its call",
    ),
    only(
        &["away time is over"],
        &[
            "ringing, app away",
            "dialing, app away",
            "active, app away",
            "held, app away",
            "ending, app away",
        ],
        "the time to come back runs only while the app is away",
    ),
];
