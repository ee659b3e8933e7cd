//! Many apps at once: one that hangs delays nobody, and 1,000 calls of 50 apps are all kept apart.

use std::fmt::Write as _;

use hookswitch_sim::player::play;
use hookswitch_sim::scenario::parse;
use hookswitch_sim::trace::{Entry, Kind};

const APPS: usize = 50;
const CALLS_OF_EACH: usize = 20;

/// What happens to `mx`, with its moments: all events of the app and all effects that go to it.
fn told(entries: &[Entry]) -> Vec<String> {
    let about = entries
        .iter()
        .filter(|entry| entry.actor == "mx" || entry.target == "mx");
    let lines = about.map(|entry| {
        let words = entry
            .what
            .iter()
            .filter(|word| !word.starts_with('t') || word.len() > 2);
        let words: Vec<&str> = words.map(String::as_str).collect();
        format!("{} {}", entry.at.at, words.join(" "))
    });
    lines.collect()
}

#[test]
fn an_app_that_never_answers_delays_another_apps_calls_by_nothing() {
    let day = |temper: &str| {
        let text = format!(
            "hookswitch-scenario 1\ntitle t\napp sip {{ temper={temper} }}\napp mx\n\
             at 0s sip reports incoming a\nat 1s user answers a\n\
             at 2s mx reports incoming b\nat 2.5s user silences b\n\
             at 3s mx reports ended b canceled-by-caller\n\
             at 4s mx reports incoming c\nat 5s user declines c\nat 70s time passes\n"
        );
        let run = play(&parse(&text).expect("readable"));
        assert_eq!(run.failures, [], "{temper}");
        told(&run.entries)
    };
    let beside_a_hung_app = day("silent");
    assert!(beside_a_hung_app.len() > 8, "{beside_a_hung_app:?}");
    let alone = "hookswitch-scenario 1\ntitle t\napp sip\napp mx\n\
                 at 2s mx reports incoming b\nat 2.5s user silences b\n\
                 at 3s mx reports ended b canceled-by-caller\n\
                 at 4s mx reports incoming c\nat 5s user declines c\nat 70s time passes\n";
    let run = play(&parse(alone).expect("readable"));
    assert_eq!(beside_a_hung_app, told(&run.entries));
}

#[test]
fn a_thousand_calls_of_fifty_apps_live_at_once_and_all_end() {
    let mut text = String::from("hookswitch-scenario 1\ntitle t\n");
    let _ = writeln!(text, "limits calls=1000 ringing=1001");
    for app in 0..APPS {
        let _ = writeln!(text, "app app{app}");
    }
    for call in 0..CALLS_OF_EACH {
        for app in 0..APPS {
            let _ = writeln!(text, "at 0s app{app} reports incoming c{app}-{call}");
        }
    }
    let _ = writeln!(text, "  state calls 1000, queued 999");
    let _ = writeln!(text, "at 1s user answers c0-0");
    let _ = writeln!(text, "  within 1s expect c0-0 active, lease c0-0");
    for app in 0..APPS {
        let _ = writeln!(text, "at 10s app{app} crashes");
    }
    let _ = writeln!(
        text,
        "at 20s time passes\n  state calls 0, lease none, quiet"
    );
    let run = play(&parse(&text).expect("readable"));
    assert_eq!(run.failures, []);
    let kept = run.entries.iter().filter(|entry| entry.what[0] == "record");
    assert_eq!(
        kept.filter(|entry| entry.kind == Kind::Effect).count(),
        APPS * CALLS_OF_EACH
    );
}
