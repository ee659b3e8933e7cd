//! Words that no app or call of a story may have as its name.

/// All of them, in the order of the alphabet: the first words of what a story can expect, and those
/// that are kept for later. The reader of stories has the same (a test of `hookswitch-sim`).
pub const TAKEN: &[&str] = &[
    "amend",
    "anomaly",
    "ask",
    "audio",
    "calls",
    "choice",
    "connected",
    "control",
    "directory",
    "disconnected",
    "driving",
    "dropped",
    "finished",
    "front",
    "groups",
    "hush",
    "launch",
    "lease",
    "letters",
    "locked",
    "lookup",
    "microphone",
    "none",
    "not",
    "nothing",
    "notice",
    "notification",
    "over",
    "presented",
    "publish",
    "push",
    "queued",
    "quiet",
    "recents",
    "record",
    "reply",
    "ring",
    "ringing",
    "route",
    "route-finished",
    "screening",
    "stop-ring",
    "system",
    "told",
    "ui",
    "unlock",
    "unlocked",
    "unlocking",
    "use-route",
    "user",
    "waiting",
];

/// Whether a name is one of them.
#[must_use]
pub fn is_taken(name: &str) -> bool {
    TAKEN.contains(&name)
}
