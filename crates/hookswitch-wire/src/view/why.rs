//! Every English sentence about a decision of the call directory.
//!
//! Callers choose *which* sentence; this file only says it. A translation replaces this file.

use hookswitch_model::{DirectoryRule, Verdict};

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
