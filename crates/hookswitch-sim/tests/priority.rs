//! Who has to make room for whom: the table in the docs is what the core does.
//!
//! Each cell is found by playing a story with each possible outcome as its expectation; the first
//! that holds is the cell. `UPDATE_DOCS=1` writes the table.

use std::path::Path;

use hookswitch_sim::player::play;
use hookswitch_sim::scenario::parse;

/// What has the line, and how it came there. The call is `l`.
const LINES: [(&str, &str); 6] = [
    ("nothing", ""),
    (
        "an app's call",
        "at 0s sip reports incoming l from @ana:x\nat 1s user answers l\n",
    ),
    (
        "an app's call that cannot be held",
        "at 0s sip reports incoming l from @ana:x no-holding\nat 1s user answers l\n",
    ),
    (
        "a cellular call",
        "at 0s modem reports incoming l from tel:+12025550101\nat 1s user answers l\n",
    ),
    (
        "a cellular call that cannot be held",
        "at 0s modem reports incoming l from tel:+12025550101 no-holding\nat 1s user answers l\n",
    ),
    (
        "an emergency call",
        "at 0s user dials modem tel:112 as l\nat 1s modem reports connected l\n",
    ),
];

/// What rings then. The call is `n`.
const RINGS: [(&str, &str); 3] = [
    (
        "an app's call rings",
        "at 5s mx reports incoming n from @omar:x\n",
    ),
    (
        "a cellular call rings",
        "at 5s modem reports incoming n from tel:+12025550102\n",
    ),
    (
        "an emergency center calls back",
        "at 5s modem reports incoming n from tel:+12025550103 emergency\n",
    ),
];

/// What the user dials then. The call is `n`.
const DIALS: [(&str, &str); 3] = [
    ("an app's call", "at 5s user dials mx @eve:x as n\n"),
    (
        "a cellular call",
        "at 5s user dials modem tel:+12025550104 as n\n",
    ),
    ("an emergency call", "at 5s user dials modem tel:112 as n\n"),
];

/// What may come of a report, and how a story says so.
const HEARD: [(&str, &str); 4] = [
    ("call-waiting tone", "expect ring n waiting"),
    ("rings", "expect ring n"),
    ("missed: refused as NotNow", "expect reply refused NotNow"),
    ("rings in vain", "expect reply accepted"),
];

/// What a way to answer may do.
const CHOICES: [(&str, &str); 6] = [
    ("holds it", "allowed holds l"),
    ("ends it", "allowed ends l"),
    ("works", "allowed"),
    ("has to be chosen", "refused NotNow"),
    ("cannot", "refused InvalidAction"),
    ("not offered", "absent"),
];

/// What may come of dialing.
const DIALED: [(&str, &str); 7] = [
    (
        "held, then it goes out",
        "within 2s expect l held by other-call, n dialing started",
    ),
    (
        "ended, then it goes out",
        "within 2s expect record l, n dialing started",
    ),
    ("goes out", "within 2s expect n dialing started"),
    (
        "refused: the user has to choose first",
        "expect reply refused NotNow",
    ),
    (
        "refused: an emergency call has the line",
        "expect reply refused InvalidAction emergency",
    ),
    (
        "refused: it cannot be held",
        "expect reply refused InvalidAction cannot-hold",
    ),
    ("refused", "expect reply refused"),
];

fn holds(story: &str, check: &str) -> bool {
    let text = format!(
        "hookswitch-scenario 1\ntitle priority\napp modem {{ cellular emergency=112 }}\napp sip\n\
         app mx\ncalls l, n\n{story}  {check}\n"
    );
    let story = parse(&text).unwrap_or_else(|why| panic!("{why}\n{text}"));
    play(&story).failures.is_empty()
}

/// The first of the outcomes that holds.
fn cell(
    story: &str,
    outcomes: &[(&'static str, &str)],
    check: impl Fn(&str) -> String,
) -> &'static str {
    let mut outcomes = outcomes.iter();
    let found = outcomes.find(|(_, said)| holds(story, &check(said)));
    found
        .unwrap_or_else(|| panic!("none of the outcomes holds:\n{story}"))
        .0
}

fn table() -> String {
    let mut table = String::from(
        "| on the line | comes | heard | Answer | Hold & Answer | End & Answer |\n\
         | --- | --- | --- | --- | --- | --- |\n",
    );
    for (line, before) in LINES {
        for (comes, act) in RINGS {
            let story = format!("{before}{act}");
            let heard = cell(&story, &HEARD, str::to_owned);
            let ways = ["auto", "hold", "end"].map(|mode| {
                cell(&story, &CHOICES, |said| {
                    format!("state choice {mode} {said}")
                })
            });
            let [auto, hold, end] = ways;
            table += &format!("| {line} | {comes} | {heard} | {auto} | {hold} | {end} |\n");
        }
    }
    table += "\n| on the line | the user dials | what happens |\n| --- | --- | --- |\n";
    for (line, before) in LINES {
        for (dials, act) in DIALS {
            let done = cell(&format!("{before}{act}"), &DIALED, str::to_owned);
            table += &format!("| {line} | {dials} | {done} |\n");
        }
    }
    table
}

#[test]
fn the_page_shows_who_makes_room_for_whom() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/priority.md");
    let text = std::fs::read_to_string(&page).expect("docs/priority.md is there");
    let (begin, end) = ("<!-- priority: begin -->\n", "<!-- priority: end -->");
    let at = text.find(begin).expect("a mark") + begin.len();
    let to = text.find(end).expect("a mark");
    let table = table();
    if std::env::var_os("UPDATE_DOCS").is_some_and(|value| value == "1") {
        let new = format!("{}{table}{}", &text[..at], &text[to..]);
        std::fs::write(&page, new).expect("writable");
        return;
    }
    assert_eq!(&text[at..to], table, "UPDATE_DOCS=1 writes it");
}
