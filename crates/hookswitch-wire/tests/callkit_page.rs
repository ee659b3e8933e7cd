//! The page `docs/callkit.md` says the same numbers as the data.

use hookswitch_model::EndReason;
use hookswitch_wire::callkit;
use hookswitch_wire::dbus::{CallKitDomain, ErrorCode};

const PAGE: &str = include_str!("../../../docs/callkit.md");

#[test]
fn the_page_shows_every_number_of_the_data() {
    for (domain, codes) in callkit::DOMAINS {
        assert!(PAGE.contains(domain), "{domain}");
        for (name, code) in codes {
            holds(&format!("| {code} | `{name}` |"));
        }
    }
    let lists = callkit::ENDED_REASONS.iter().chain(&callkit::HANDLE_TYPES);
    let lists = lists.chain(&callkit::DIGIT_TYPES);
    for (name, number) in lists.chain(&callkit::ROUTE_CHANGE_REASONS) {
        holds(&format!("`{name}` {number}"));
    }
    for (name, letters) in callkit::AUDIO_ERRORS {
        let number = callkit::four_letters(letters);
        holds(&format!("`{name}` `{letters}` {number}"));
    }
}

#[test]
fn the_page_shows_what_each_of_our_errors_and_reasons_becomes() {
    let number = |code: Option<i32>| code.map_or("-".to_owned(), |code| code.to_string());
    for code in ErrorCode::ALL {
        let of = |domain| number(code.callkit(domain).map(|error| error.code));
        holds(&format!(
            "| `{code}` | {} | {} | {} |",
            of(CallKitDomain::General),
            of(CallKitDomain::IncomingCall),
            of(CallKitDomain::RequestTransaction),
        ));
    }
    for reason in EndReason::ALL {
        let name = reason.name();
        holds(&format!(
            "| `{name}` | {} |",
            number(callkit::ended_reason(reason))
        ));
    }
}

#[track_caller]
fn holds(text: &str) {
    assert!(PAGE.contains(text), "docs/callkit.md does not say {text}");
}
