//! The words in which effects and facts are written, as patterns for checking observables.
//!
//! An observable is the beginning of such a line; every word given must fit its place.

use hookswitch_model::EndReason;

use super::lex::{ScenarioError, Word};
use super::{AskWord, Scenario};

/// What may stand in one place of a line.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    /// This word.
    Is(&'static str),
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// The name of an app.
    App,
    /// The name of a call.
    Call,
    /// The name of a call, or `none`.
    CallOrNone,
    /// The name of a device.
    Device,
    /// The kind of an ask.
    Ask,
    /// An end reason.
    Reason,
    /// Anything.
    Any,
}

use Place::{Any, App, Ask, Call, CallOrNone, Device, Is, OneOf, Reason};

const ORIGINS: &[&str] = &[
    "user",
    "app",
    "remote",
    "other-device",
    "ring-limit",
    "call-waiting",
    "limit",
    "system",
];
const PHASES: &[&str] = &["ringing", "dialing", "active", "held", "ending"];
const MODES: &[&str] = &["auto", "hold", "end", "end-held"];
const CONTROLS: &[&str] = &["ready", "busy", "refused", "absent"];
const HOLDERS: &[&str] = &[
    "user",
    "other-call",
    "system-slow",
    "system-refused",
    "system-displaced",
    "voicemail",
];
const TONES: &[&str] = &["ringback", "busy", "ended"];
const STAGES: &[&str] = &["requested", "started", "connecting"];

/// Why calls are missed or blocked.
const REASONS: &[&str] = &[
    "never-rang",
    "short-ring",
    "do-not-disturb",
    "silenced",
    "screened-silent",
    "verdict-timeout",
    "emergency",
    "limit",
    "late",
    "restricted",
    "protected",
    "blocked",
    "screened",
    "blocked-late",
    "ring-muted",
    "no-sound",
    "busy",
];
const KEPT_FOR: &[&str] = &["server-lost", "emergency", "exclusive"];
const INTERRUPTIONS: &[&str] = &["none", "server-lost", "emergency", "exclusive"];
const FAULTS: &[&str] = &["none", "gone", "refused", "timed-out", "server-lost"];
const DROPS: &[&str] = &["app-gone", "call-ended", "other-call-ended", "moved-on"];
const FINISHES: &[&str] = &[
    "done",
    "superseded",
    "gone",
    "refused",
    "timed-out",
    "server-lost",
];
const CAUSES: &[&str] = &[
    "unknown",
    "device-added",
    "device-lost",
    "policy",
    "user",
    "app",
    "answering-device",
    "no-device",
    "elsewhere",
    "override-refused",
    "server-restarted",
];

/// Names of anomalies.
pub(crate) const ANOMALIES: &[&str] = &[
    "ask-expired",
    "hold-slow",
    "hold-refused",
    "settled-late",
    "settled-foreign",
    "impossible-report",
    "client-gone",
    "letter-lost",
    "no-grant",
    "law-broken",
];

/// Effects of a step. The order of the words is the order in which they are written.
const EFFECTS: &[&[Place]] = &[
    &[Is("reply"), Is("accepted"), Any],
    &[Is("reply"), Is("known")],
    &[Is("reply"), Is("refused"), Any, Any],
    &[Is("ask"), App, Ask, Call, Any, Any, Any, Any, Any],
    &[Is("told"), App, Is("expired"), Ask, Call],
    &[Is("told"), App, Is("ended"), Call, Reason, Is("replayed")],
    &[Is("told"), App, Is("open"), Call, Is("replayed")],
    &[
        Is("told"),
        App,
        OneOf(&["audio-activated", "audio-deactivated"]),
        Call,
    ],
    &[Is("screen"), Call, Is("by"), Any, Is("until"), Any],
    &[Is("unlock")],
    &[Is("launch"), App],
    &[Is("ring"), Call, Is("waiting")],
    &[Is("ring"), Call, Is("with"), Any],
    &[Is("stop-ring")],
    &[Is("start-tone"), Call, OneOf(TONES), Is("on"), Any],
    &[Is("stop-tone")],
    &[Is("keep-rules")],
    &[Is("use-route"), Any],
    &[Is("route-finished"), OneOf(FINISHES)],
    &[Is("told"), App, Is("audio-denied"), Call, OneOf(KEPT_FOR)],
    &[
        Is("told"),
        App,
        Is("audio-interrupted"),
        Call,
        OneOf(KEPT_FOR),
        OneOf(&["began", "ended"]),
    ],
    &[
        Is("record"),
        Call,
        Reason,
        Is("by"),
        OneOf(ORIGINS),
        Is("in"),
        OneOf(PHASES),
    ],
    &[Is("amend"), Call, Reason, Is("by"), OneOf(ORIGINS)],
    &[Is("finished"), OneOf(&["complete", "incomplete"]), Any],
    &[Is("dropped"), Any, Call, OneOf(DROPS), Any],
    &[
        Is("sent"),
        Call,
        OneOf(&["ring", "granted", "over"]),
        Reason,
    ],
    &[Is("lost"), Call],
    &[Is("publish")],
    &[Is("anomaly"), OneOf(ANOMALIES), Any, Any],
];

/// Facts of a state.
const FACTS: &[&[Place]] = &[
    &[Is("presented"), CallOrNone],
    &[Is("ringing"), CallOrNone],
    &[Is("waiting"), Call],
    &[Is("quiet")],
    &[Is("lease"), CallOrNone, Is("of"), App],
    &[
        Is("route"),
        Is("desired"),
        Any,
        Is("effective"),
        Any,
        Is("cause"),
        OneOf(CAUSES),
    ],
    &[
        Is("route"),
        Is("effective"),
        Any,
        Is("cause"),
        OneOf(CAUSES),
    ],
    &[Is("route"), Is("pending"), Any],
    &[Is("route"), Is("fault"), OneOf(FAULTS)],
    &[Is("route"), Any],
    &[Is("audio"), Is("server"), OneOf(&["absent", "up", "lost"])],
    &[Is("audio"), Is("interrupted"), OneOf(INTERRUPTIONS)],
    &[Is("audio"), OneOf(&["waiting", "denied"]), CallOrNone],
    &[Is("rings-on"), Any],
    &[Is("ringtone"), Any],
    &[Is("tone"), CallOrNone, OneOf(TONES)],
    &[Is("hush"), OneOf(&["off", "ring", "call"])],
    &[Is("microphone"), OneOf(&["muted", "open"])],
    &[
        Call,
        Is("muted-by"),
        OneOf(&["nobody", "user", "app", "device"]),
    ],
    &[
        Is("choice"),
        OneOf(MODES),
        Is("allowed"),
        OneOf(&["ends", "holds"]),
        Call,
        OneOf(&["ends", "holds"]),
        Call,
        OneOf(&["ends", "holds"]),
        Call,
        OneOf(&["ends", "holds"]),
        Call,
    ],
    &[
        Is("choice"),
        OneOf(MODES),
        OneOf(&["refused", "absent"]),
        Any,
    ],
    &[
        Is("control"),
        OneOf(&[
            "hold",
            "mute",
            "digits",
            "merge",
            "split",
            "add-call",
            "video",
            "translate",
        ]),
        Call,
        OneOf(CONTROLS),
        Any,
        Any,
    ],
    &[Is("control"), Is("button"), Call, Any, OneOf(CONTROLS), Any],
    &[Is("control"), Is("swap"), OneOf(CONTROLS), Any, Any],
    &[Is("screening"), CallOrNone],
    &[Is("dnd"), OneOf(&["on", "off"])],
    &[Is("recents"), Is("count"), Any],
    &[Is("recents"), Call, Is("because"), OneOf(REASONS)],
    &[Is("recents"), Call, OneOf(&["callable", "not-callable"])],
    &[Is("recents"), Call, Is("account"), Any],
    &[
        Is("recents"),
        Call,
        OneOf(&["began", "ended"]),
        Is("at"),
        Any,
    ],
    &[
        Is("recents"),
        Call,
        OneOf(&["rang", "talked"]),
        Is("for"),
        Any,
    ],
    &[Is("calls"), Is("occupying"), Is("others"), Any],
    &[
        Is("calls"),
        Is("occupying"),
        CallOrNone,
        OneOf(PHASES),
        Is("orphaned"),
    ],
    &[Is("unlocking"), CallOrNone],
    &[
        Is("front"),
        OneOf(&["app", "stay", "open-app", "open-if-video"]),
    ],
    &[Is("locked")],
    &[Is("unlocked")],
    &[Is("driving")],
    &[Call, OneOf(&["uplink", "video-offered"])],
    &[Call, Is("account"), Any],
    &[
        Call,
        Is("translating"),
        Any,
        Any,
        OneOf(&["default", "custom"]),
    ],
    &[
        Is("ui"),
        Is("redial"),
        Call,
        OneOf(&["enabled", "disabled"]),
        Any,
    ],
    &[
        Is("recents"),
        Call,
        Reason,
        Is("by"),
        OneOf(ORIGINS),
        Is("in"),
        OneOf(PHASES),
    ],
    &[
        Is("observed"),
        Call,
        OneOf(&[
            "outgoing",
            "incoming",
            "on-hold",
            "not-on-hold",
            "connected",
            "not-connected",
            "ended",
            "not-ended",
        ]),
        OneOf(&["on-hold", "not-on-hold"]),
        OneOf(&["connected", "not-connected"]),
        OneOf(&["ended", "not-ended"]),
    ],
    &[Is("connected"), App],
    &[Is("disconnected"), App],
    &[Is("letters"), App, Any],
    &[
        Is("notice"),
        OneOf(&["hold-slow", "hold-refused", "line-taken", "ended"]),
        Call,
        Reason,
    ],
    &[Is("notice"), Is("not-done"), Call, Any],
    &[Is("notice"), Is("app-gone"), App],
    &[
        Is("ui"),
        Is("incoming"),
        CallOrNone,
        OneOf(&["full", "waiting"]),
    ],
    &[
        Is("ui"),
        OneOf(&[
            "title",
            "app",
            "call",
            "member",
            "held-reason",
            "note",
            "offer",
            "recents",
            "recents-title",
        ]),
        Call,
        Any,
    ],
    &[
        Is("ui"),
        OneOf(&[
            "announcement",
            "disclosure",
            "message",
            "audio",
            "audio-note",
        ]),
        Any,
    ],
    &[
        Is("ui"),
        Is("choice"),
        Any,
        OneOf(&["enabled", "disabled"]),
        Any,
    ],
    &[
        Is("ui"),
        Is("button"),
        Call,
        Any,
        OneOf(&["enabled", "disabled", "busy"]),
        Any,
        Any,
    ],
    &[
        Is("ui"),
        OneOf(&["missed", "blocked", "did-not-ring"]),
        Call,
    ],
    &[Is("calls"), Any],
    &[Is("queued"), Any],
    &[Call, OneOf(&["ringing", "active", "ending"])],
    &[Call, Is("dialing"), OneOf(STAGES)],
    &[Call, Is("held"), Is("by"), OneOf(HOLDERS)],
    &[
        Call,
        Is("ended"),
        Reason,
        Is("by"),
        OneOf(ORIGINS),
        Is("in"),
        OneOf(PHASES),
    ],
    &[
        Call,
        OneOf(&["live", "gone", "muted", "unmuted", "silenced", "audible"]),
    ],
    &[
        Call,
        OneOf(&[
            "remote-held",
            "orphaned",
            "slow",
            "connected",
            "video",
            "anonymous",
            "emergency",
        ]),
    ],
    &[Call, Is("pending"), Any],
    &[
        Call,
        OneOf(&["started", "connecting", "connected"]),
        Is("at"),
        Any,
    ],
    &[Is("ui"), Is("timer"), Call, Is("from"), Any],
    &[Call, Is("digits-waiting"), Any],
    &[Call, Is("with"), Call],
    &[Call, Is("alone")],
    &[Is("groups"), Any],
    &[Call, Is("named"), Any],
    &[Call, Is("from"), Any],
    &[Is("directory"), Any, OneOf(&["on", "off", "loaded"])],
    &[Is("directory"), Any, Is("entries"), Any],
    &[Is("directory"), Any, Is("refused"), Any, Is("at"), Any],
    &[
        Is("decision"),
        Call,
        OneOf(&["ring", "block"]),
        Is("by"),
        Any,
        Any,
    ],
    &[Is("decision"), Call, Is("consulted"), Any, Any, Any],
    &[Is("decision"), Call, Is("named"), Any, Is("by"), Any],
    &[Is("ui"), Is("decision"), Call, Any],
    &[Is("push"), Any, OneOf(&PUSH_WORDS)],
    &[Is("push"), Any, Is("need-not-report"), OneOf(&PUSH_REASONS)],
    &[
        Is("push"),
        Any,
        OneOf(&["lives", "strikes", "stopped-for"]),
        Any,
    ],
];

/// What can become of a push, as the history of an app tells it.
const PUSH_WORDS: [&str; 14] = [
    "arrived",
    "launched",
    "handed",
    "completed",
    "expired",
    "expired-at-gateway",
    "duplicate",
    "stale",
    "stopped",
    "lost",
    "no-app",
    "crowded",
    "strike",
    "must-report",
];

/// Why a push demands no report.
const PUSH_REASONS: [&str; 4] = ["active-call", "foreground", "stale", "no-call"];

/// Words that are kept for later versions, with what they will be about.
const RESERVED: &[(&str, &str)] = &[
    ("lookup", "online identification"),
    ("notification", "desktop notifications"),
];

/// Says what a word that is kept for later will be about.
pub(super) fn reserved(word: &str) -> Option<&'static str> {
    RESERVED
        .iter()
        .find(|(name, _)| *name == word)
        .map(|(_, about)| *about)
}

/// What is known of the calls of the services.
const SERVICE_FACTS: &[&[Place]] = &[
    &[Call, Is("ringing")],
    &[Call, Is("with"), Device],
    &[Call, Is("over"), Reason],
];

/// Whether some observable begins with this word.
pub(super) fn begins_observable(word: &str) -> bool {
    let begins = |pattern: &&[Place]| match pattern[0] {
        Is(first) => first == word,
        OneOf(_) | App | Call | CallOrNone | Device | Ask | Reason | Any => false,
    };
    EFFECTS.iter().chain(FACTS).any(begins)
}

/// Checks the words of an observable at a place.
pub(super) fn check(
    scenario: &Scenario,
    line: usize,
    place: Option<&str>,
    words: &[Word],
) -> Result<(), ScenarioError> {
    let mut best: (usize, Vec<String>) = (0, Vec::new());
    let known = if place == Some(super::SERVICE) {
        [SERVICE_FACTS, &[]]
    } else {
        [EFFECTS, FACTS]
    };
    for pattern in known.into_iter().flatten() {
        let fits = matched(scenario, pattern, words);
        if fits == words.len() {
            return Ok(());
        }
        if fits > best.0 {
            best = (fits, Vec::new());
        }
        if fits == best.0
            && let Some(place) = pattern.get(fits)
        {
            best.1.extend(offers(scenario, *place));
        }
    }
    Err(complaint(line, words, best.0, &best.1))
}

fn complaint(line: usize, words: &[Word], fits: usize, offers: &[String]) -> ScenarioError {
    let (text, column) = words
        .get(fits)
        .map_or(("", 1), |word| (word.text.as_str(), word.column));
    let message = if let Some(about) = reserved(text) {
        format!("{text:?} is kept for {about}, which this version does not have")
    } else if offers.is_empty() {
        format!("nothing can follow here, but {text:?} does")
    } else {
        super::verbs::unknown("observable word", text, offers.iter().map(String::as_str))
    };
    ScenarioError {
        line,
        column,
        message,
    }
}

fn matched(scenario: &Scenario, pattern: &[Place], words: &[Word]) -> usize {
    words
        .iter()
        .zip(pattern)
        .take_while(|(word, place)| fits(scenario, **place, word))
        .count()
}

fn fits(scenario: &Scenario, place: Place, word: &Word) -> bool {
    let text = word.text.as_str();
    match place {
        Is(want) => word.is(want),
        OneOf(list) => list.contains(&text),
        App => scenario.app(text).is_some(),
        Call => scenario.call(text).is_some(),
        CallOrNone => word.is("none") || scenario.call(text).is_some(),
        Device => scenario.device(text).is_some(),
        Ask => AskWord::ALL.iter().any(|ask| ask.name() == text),
        Reason => EndReason::from_name(text).is_some(),
        Any => true,
    }
}

fn offers(scenario: &Scenario, place: Place) -> Vec<String> {
    match place {
        Is(word) => vec![word.to_owned()],
        OneOf(list) => list.iter().map(ToString::to_string).collect(),
        App => scenario.apps.iter().map(|app| app.name.clone()).collect(),
        Call | CallOrNone => scenario.calls.clone(),
        Device => scenario.devices.iter().map(|d| d.name.clone()).collect(),
        Ask => AskWord::ALL.map(|ask| ask.name().to_owned()).to_vec(),
        Reason => EndReason::ALL
            .map(|reason| reason.name().to_owned())
            .to_vec(),
        Any => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use hookswitch_trace::reserved::TAKEN;

    use super::*;

    /// Words of rules that came later; apps and calls of older stories may have them as names.
    const NOT_TAKEN: [&str; 12] = [
        "screen",
        "dnd",
        "keep-rules",
        "decision",
        "sent",
        "lost",
        "rings-on",
        "ringtone",
        "tone",
        "start-tone",
        "stop-tone",
        "observed",
    ];

    #[test]
    fn every_first_word_of_an_observable_is_taken() {
        let mut words = vec!["user", "audio", "system", "none", "not", "nothing", "over"];
        words.extend(RESERVED.iter().map(|(word, _)| *word));
        let first = |pattern: &&[Place]| match pattern[0] {
            Is(word) => Some(word),
            OneOf(_) | App | Call | CallOrNone | Device | Ask | Reason | Any => None,
        };
        words.extend(EFFECTS.iter().chain(FACTS).filter_map(first));
        words.retain(|word| !NOT_TAKEN.contains(word));
        words.sort_unstable();
        words.dedup();
        assert_eq!(words, TAKEN);
    }
}
