//! What holds for every combination is shown for every combination: stories made from a table.

use hookswitch_sim::player::play;
use hookswitch_sim::scenario::parse;

/// What an app may leave out of a call, as a story says it.
const FLAGS: [&str; 5] = [
    "no-holding",
    "no-grouping",
    "no-ungrouping",
    "no-dialpad",
    "video",
];

/// Who calls. Nobody and an empty string are the same caller: the D-Bus edge reads an empty value
/// as none.
const CALLERS: [&str; 4] = [
    "anonymous",
    "tel:+12025550101",
    "@omar:example.org",
    "mailto:ana@example.org",
];

fn chosen(bits: usize) -> String {
    let named = FLAGS.iter().enumerate();
    let chosen = named.filter(|(at, _)| bits & (1 << at) != 0);
    chosen.map(|(_, flag)| format!(" {flag}")).collect()
}

/// T31: from the locked screen the app opens with its call.
#[test]
fn the_button_of_the_app_is_there_for_every_combination_of_flags_and_callers() {
    let mut played = 0;
    for profile in ["native", "callkit"] {
        for caller in CALLERS {
            for bits in 0..1 << FLAGS.len() {
                let flags = chosen(bits);
                let text = format!(
                    "hookswitch-scenario 1\ntitle T31\nprofile {profile}\n\
                     app sip {{ front=stay }}\n\
                     at 0s system locks\n\
                     at 1s sip reports incoming a from {caller}{flags}\n\
                     at 2s user answers a\n  \
                     within 1s expect a active, ui button a open-app enabled \"Open sip\"\n\
                     at 5s user opens a\n  \
                     expect reply accepted, unlock, unlocking a\n  \
                     within 1s never told sip open a\n\
                     at 8s system unlocks\n  \
                     expect told sip open a\n"
                );
                let story = parse(&text).unwrap_or_else(|why| panic!("{why}\n{text}"));
                let run = play(&story);
                assert!(run.failures.is_empty(), "{text}\n{:#?}", run.failures);
                played += 1;
            }
        }
    }
    assert_eq!(played, 256);
}
