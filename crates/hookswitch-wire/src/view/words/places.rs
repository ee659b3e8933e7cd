//! What to say when calls take up the places of a limit.

use hookswitch_model::{Limit, PhaseKind, Rejection};

/// The limit and who takes up its places, as a sentence. `calls` are those calls, each with its
/// phase ([`phase`]).
#[must_use]
pub fn limit_of_calls(rejection: &Rejection, calls: &[String]) -> String {
    let Rejection::LimitReached { limit, max, .. } = rejection else {
        return super::refusal(rejection, "The app");
    };
    let what = match (*limit == Limit::Ringing, max) {
        (true, 1) => "rings at once",
        (true, _) => "ring at once",
        (false, 1) => "is possible at once",
        (false, _) => "are possible at once",
    };
    let (noun, advice) = match max {
        1 => ("call", "End it first."),
        _ => ("calls", "End one first."),
    };
    match calls {
        [] => format!("No more than {max} {noun} {what}. {advice}"),
        calls => format!(
            "No more than {max} {noun} {what}: {}. {advice}",
            calls.join(", ")
        ),
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
    }
}
