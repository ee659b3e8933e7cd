//! What to say when calls take up the places of a limit.

use hookswitch_model::{Limit, PhaseKind, Places, Rejection};

/// The limit and who takes up its places, as a sentence. `calls` are those calls, each with its
/// phase ([`phase`]).
#[must_use]
pub fn limit_of_calls(rejection: &Rejection, calls: &[String]) -> String {
    let Rejection::LimitReached { limit, max, .. } = rejection else {
        return super::refusal(rejection, "The app");
    };
    let Some(places) = Places::of(*limit) else {
        return super::refusal(rejection, "The app");
    };
    let is_one = *max == 1;
    let (noun, it) = if is_one {
        ("call", "it")
    } else {
        ("calls", "one")
    };
    let what = match (places, is_one) {
        (Places::Ringing, true) => "rings at once",
        (Places::Ringing, false) => "ring at once",
        (Places::Calls | Places::Groups, true) => "is possible at once",
        (Places::Calls | Places::Groups, false) => "are possible at once",
        (Places::Group, true) => "fits in a conversation",
        (Places::Group, false) => "fit in one conversation",
    };
    let advice = match places {
        Places::Calls | Places::Ringing | Places::Groups => format!("End {it} first."),
        Places::Group => format!("Take {it} out or end {it} first."),
    };
    match calls {
        [] => format!("No more than {max} {noun} {what}. {advice}"),
        calls => format!(
            "No more than {max} {noun} {what}: {}. {advice}",
            calls.join(", ")
        ),
    }
}

/// The limit as a sentence, where nobody is named. `app` is the app that it is about.
pub(super) fn limit_alone(limit: Limit, max: u64, app: &str) -> String {
    match Places::of(limit) {
        Some(Places::Calls | Places::Ringing | Places::Groups) => {
            format!("The limit of {max} is reached. End a call first.")
        }
        Some(Places::Group) => {
            format!("The limit of {max} is reached. Take a call out or end one first.")
        }
        None if limit == Limit::AsksPerCall => {
            format!("{app} has not done yet what it was asked to do. Try again in a moment.")
        }
        None => format!("The limit of {max} is reached."),
    }
}

/// Where a call is in its life, in a word or two.
#[must_use]
pub fn phase(phase: PhaseKind) -> &'static str {
    match phase {
        PhaseKind::Ringing => "ringing",
        PhaseKind::Dialing => "dialing",
        PhaseKind::Active => "active",
        PhaseKind::Held => "on hold",
        PhaseKind::Ending => "ending",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentence_names_the_calls() {
        let refused = |limit, max| Rejection::LimitReached {
            limit,
            max,
            of: None,
        };
        let two = ["Ana (active)".to_owned(), "Omar (on hold)".to_owned()];
        let text = limit_of_calls(&refused(Limit::Groups, 2), &two);
        let says = "No more than 2 calls are possible at once: Ana (active), Omar (on hold). End \
                    one first.";
        assert_eq!(text, says);
        let text = limit_of_calls(&refused(Limit::Groups, 1), &two[..1]);
        let says = "No more than 1 call is possible at once: Ana (active). End it first.";
        assert_eq!(text, says);
        let text = limit_of_calls(&refused(Limit::Ringing, 4), &[]);
        assert_eq!(text, "No more than 4 calls ring at once. End one first.");
        let text = limit_of_calls(&refused(Limit::CallsPerGroup, 2), &two);
        let says = "No more than 2 calls fit in one conversation: Ana (active), Omar (on hold). \
                    Take one out or end one first.";
        assert_eq!(text, says);
    }

    #[test]
    fn nobody_is_told_to_end_a_call_where_calls_are_not_the_matter() {
        let refused = |limit| Rejection::LimitReached {
            limit,
            max: 16,
            of: None,
        };
        let text = limit_of_calls(&refused(Limit::AsksPerCall), &[]);
        let says = "The app has not done yet what it was asked to do. Try again in a moment.";
        assert_eq!(text, says);
        let text = super::super::refusal(&refused(Limit::People), "Acme");
        assert_eq!(text, "The limit of 16 is reached.");
        let text = super::super::refusal(&refused(Limit::Calls), "Acme");
        assert_eq!(text, "The limit of 16 is reached. End a call first.");
    }
}
