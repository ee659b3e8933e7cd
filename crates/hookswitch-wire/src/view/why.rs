//! Every English sentence about a decision of the call directory.
//!
//! Callers choose *which* sentence; this file only says it. A translation replaces this file.

use hookswitch_model::{CallerRule, DecisionStep, DirectoryRule, Finding, Verdict};

/// No rule decided.
pub const NOTHING_AGAINST: &str = "Rings. Nothing speaks against it.";
/// How a number was made.
pub const AS_RECEIVED: &str = "as received";
/// How a number was made.
pub const WITHOUT_TRUNK: &str = "without the zero behind the country code";

/// How a number was made.
#[must_use]
pub fn as_of(region: &str) -> String {
    format!("as a number of {region}")
}

/// A step that decided.
pub const DECIDED: &str = "Decided";
/// The screen is shared or lent.
pub const RESTRICTED_TITLE: &str = "Shared screen";
/// The same as a sentence.
pub const RESTRICTED: &str = "The screen is shared or lent.";
/// Do-not-disturb.
pub const QUIET_TITLE: &str = "Do not disturb";
/// A list that cannot be read.
pub const DAMAGED: &str = "What it held is damaged and blocks nobody. Load it again.";
/// An address that is no number.
pub const NO_NUMBER: &str = "It is no phone number. Lists know phone numbers only.";
/// A number without country code that no region completes.
pub const NO_CODE: &str = "It has no country code, and the configuration names no region for such \
                           numbers, so that no list can know it. Write it with + in front.";

/// Do-not-disturb as a sentence.
#[must_use]
pub fn quiet(repeats: bool) -> String {
    let rest = if repeats {
        " A second call within three minutes would ring."
    } else {
        ""
    };
    format!("Do not disturb is on, and the caller is not allowed.{rest}")
}

/// A call that nothing blocks and that does not ring.
#[must_use]
pub fn not_rung(sentence: &str) -> String {
    format!("Does not ring now. {sentence}")
}

/// Who keeps a list.
#[must_use]
pub fn kept_by(is_app: bool) -> &'static str {
    if is_app {
        "Kept by its app"
    } else {
        "Loaded by you"
    }
}

/// What a list holds.
#[must_use]
pub fn holds(blocked: &str, named: &str, loaded: bool) -> String {
    match (blocked, named) {
        _ if !loaded => "Nothing loaded yet.".to_owned(),
        ("0", "0") => "It is empty.".to_owned(),
        (blocked, "0") => format!("Blocks {blocked} numbers."),
        ("0", named) => format!("Names {named} numbers."),
        (blocked, named) => format!("Blocks {blocked} numbers, names {named}."),
    }
}

/// A load that was not kept.
#[must_use]
pub fn not_kept(why: &str, had: bool) -> String {
    let rest = if had {
        "What it held before stays in force."
    } else {
        "It holds nothing."
    };
    format!(
        "The last update was refused: {}. {rest}",
        why.trim_end_matches('.')
    )
}

/// What a switch does, and what more there is to say.
#[must_use]
pub fn caller_rule(rule: CallerRule) -> (&'static str, &'static str) {
    match rule {
        CallerRule::Anonymous => ("Block hidden numbers", "Callers who hide their number"),
        CallerRule::NotInContacts => (
            "Only contacts ring",
            "Everybody else is blocked, if there are contacts to look in",
        ),
        CallerRule::TrustContacts => (
            "Trust contacts",
            "A contact rings even if a source or you block the number",
        ),
        CallerRule::TrustCalled => (
            "Trust called numbers",
            "A number that you have called rings even if it is blocked",
        ),
    }
}

/// For how long one may call back.
#[must_use]
pub fn call_back(minutes: u32) -> String {
    match minutes {
        0 => "Never".to_owned(),
        minutes if minutes.is_multiple_of(1_440) => match minutes / 1_440 {
            1 => "1 day".to_owned(),
            days => format!("{days} days"),
        },
        minutes if minutes.is_multiple_of(60) => format!("{} h", minutes / 60),
        minutes => format!("{minutes} min"),
    }
}

/// What people call a rule.
#[must_use]
pub fn title(rule: DirectoryRule, list: &str) -> String {
    use DirectoryRule as R;
    let text = match rule {
        R::Emergency => "Emergency numbers",
        R::TrustedContact => "Trust contacts",
        R::TrustedCalled => "Trust called numbers",
        R::OwnBlock => "Your block list",
        R::OwnException => "Your exceptions",
        R::CalledBack => "Calling back",
        R::OwnPattern => "Your patterns",
        R::List => list,
        R::Anonymous => "Hidden numbers",
        R::NotInContacts => "Only contacts",
    };
    text.to_owned()
}

/// What came of a step.
#[must_use]
pub fn badge(step: &DecisionStep, decided: bool) -> &'static str {
    match (&step.finding, step.in_force) {
        (Finding::NotAsked, _) => "Off, not asked",
        (Finding::Match(_), true) if decided => DECIDED,
        (Finding::Match(_), true) => "Match, came later",
        (Finding::Match(_), false) => "Match, switched off",
        (Finding::Nothing, true) => "No match",
        (Finding::Nothing, false) => "Switched off",
    }
}

/// What was decided, with the sentence of the rule.
#[must_use]
pub fn headline(verdict: Verdict, sentence: &str) -> String {
    let word = match verdict {
        Verdict::Ring => "Rings.",
        Verdict::Silence => "Rings without a sound.",
        Verdict::Block => "Blocked.",
    };
    format!("{word} {sentence}")
}

/// What would have blocked the call.
#[must_use]
pub fn overridden(sentence: &str) -> String {
    format!("Without that it would be blocked: {sentence}")
}

/// A list that is switched off.
#[must_use]
pub fn not_asked(list: &str) -> String {
    format!("“{list}” is switched off.")
}

/// A rule that found nothing.
#[must_use]
pub fn nothing(rule: DirectoryRule, list: &str) -> String {
    use DirectoryRule as R;
    let text = match rule {
        R::Emergency => "It is no emergency number.",
        R::TrustedContact => "It is not in your contacts.",
        R::TrustedCalled => "You have not called it.",
        R::OwnBlock => "It is not in your block list.",
        R::OwnException => "It fits none of your exceptions.",
        R::CalledBack => "You do not wait for a call back from it.",
        R::OwnPattern => "It fits none of your patterns.",
        R::List => return format!("“{list}” does not block it."),
        R::Anonymous => "The number is not hidden.",
        R::NotInContacts => "It is in your contacts, or there are no contacts to look in.",
    };
    text.to_owned()
}

/// A rule that matches, whether it is switched on or not.
#[must_use]
pub fn matched(rule: DirectoryRule, in_force: bool, list: &str, entry: &str) -> String {
    use DirectoryRule as R;
    match (rule, in_force) {
        (R::Emergency, _) => format!("{entry} is an emergency number, which always rings."),
        (R::TrustedContact, true) => {
            format!("It is in your contacts as {entry}, and you trust contacts.")
        }
        (R::TrustedContact, false) => {
            format!("It is in your contacts as {entry}, but you do not trust contacts blindly.")
        }
        (R::TrustedCalled, true) => "You have called it, and you trust such numbers.".to_owned(),
        (R::TrustedCalled, false) => {
            "You have called it, but you do not trust such numbers blindly.".to_owned()
        }
        (R::OwnBlock, _) => format!("{entry} is in your block list."),
        (R::OwnException, _) => format!("It fits your exception {entry}."),
        (R::CalledBack, true) => "You have called it a short time ago.".to_owned(),
        (R::CalledBack, false) => {
            "You have called it just now, but calling back is no reason to ring.".to_owned()
        }
        (R::OwnPattern, _) => format!("It fits {entry}, which you block."),
        (R::List, _) => format!("“{list}” blocks {entry}."),
        (R::Anonymous, true) => "The number is hidden, and you block such callers.".to_owned(),
        (R::Anonymous, false) => "The number is hidden, and you let such callers ring.".to_owned(),
        (R::NotInContacts, true) => "It is not in your contacts, and only those ring.".to_owned(),
        (R::NotInContacts, false) => {
            "It is not in your contacts, and such callers may ring.".to_owned()
        }
    }
}
