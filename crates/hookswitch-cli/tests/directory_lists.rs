//! Lists of numbers from the command line, in a running call system.

mod stage;

use stage::Stage;

#[test]
fn a_list_is_loaded_asked_why_switched_off_and_removed() {
    let stage = Stage::set();
    let file = stage.bed.path().join("spam.txt");
    std::fs::write(
        &file,
        "+1 202 555 0103 Pest\n+12025550101\n# a remark\n+12025550102\n07911 123456\n",
    )
    .expect("written");
    let file = file.to_str().expect("UTF-8");
    stage.refused(&["directory", "load", "a.b", file], 2, "letters");
    stage.refused(
        &["directory", "load", "spam", "--strict", file],
        1,
        "line 5",
    );
    let loaded = stage.text(&["directory", "load", "spam", file]);
    assert!(loaded.contains("blocks 3 numbers and names 1"), "{loaded}");
    assert!(loaded.contains("1 line was left out"), "{loaded}");
    let blocked = stage.text(&["directory", "explain", "+1 (202) 555-0103"]);
    assert!(
        blocked.starts_with("Blocked. “spam” blocks +12025550103."),
        "{blocked}"
    );
    assert!(blocked.contains("Named Pest by spam."), "{blocked}");
    let list = stage.text(&["directory", "list"]);
    assert!(list.contains("blocks 3 and names 1"), "{list}");
    let status = stage.json(&["directory", "status", "spam", "--json"]);
    assert_eq!(
        (&status["blocked"], &status["enabled"]),
        (&3.into(), &true.into())
    );
    stage.text(&["directory", "order", "spam"]);
    stage.refused(
        &["directory", "reload", "spam"],
        1,
        "load it again from its files",
    );
    stage.refused(&["directory", "why"], 1, "no call was blocked yet");
    stage.text(&["directory", "disable", "spam"]);
    let rings = stage.text(&["directory", "explain", "+12025550101"]);
    assert!(!rings.starts_with("Blocked"), "{rings}");
    stage.text(&["directory", "block", "+12025550101"]);
    let own = stage.json(&["directory", "explain", "+12025550101", "--json"]);
    assert_eq!(own["rule"], "own-block", "{own}");
    stage.text(&["directory", "unblock", "+12025550101"]);
    stage.text(&["directory", "remove", "spam"]);
    let none = stage.text(&["directory", "list"]);
    assert!(none.starts_with("No lists."), "{none}");
    for command in ["remove", "status", "enable", "reload"] {
        stage.refused(&["directory", command, "spam"], 1, "there is no list spam");
    }
}

#[test]
fn what_cannot_be_meant_is_refused_and_what_did_not_change_is_told() {
    let stage = Stage::set();
    let write = |name: &str, text: &str| {
        let file = stage.bed.path().join(name);
        std::fs::write(&file, text).expect("written");
        file.to_str().expect("UTF-8").to_owned()
    };
    let (wide, bare, none) = (
        write("wide.txt", "+12025550101\n5*\n"),
        write("bare.txt", "+12025550101\n"),
        write("none.txt", ""),
    );
    stage.refused(
        &["directory", "load", "all", &wide],
        1,
        "line 2 blocks a whole country",
    );
    stage.text(&["directory", "load", "all", "--wide", &wide]);
    stage.refused(
        &["directory", "load", "who", "--names", &bare],
        1,
        "has a name",
    );
    stage.refused(
        &["directory", "load", "--", "-x", &bare],
        2,
        "no dash in front",
    );
    assert_eq!(
        stage.output(&["directory", "lint", &none]).status.code(),
        Some(1)
    );

    stage.refused(
        &["directory", "block", "hello"],
        2,
        "no number and no address",
    );
    stage.refused(
        &["directory", "block", "07911 123456"],
        2,
        "no country code",
    );
    stage.refused(&["directory", "block", "0800*"], 2, "is no pattern");
    stage.text(&["directory", "block", "+4490*"]);
    let blocked = stage.json(&["directory", "explain", "+44901234567", "--json"]);
    assert_eq!(blocked["rule"], "own-pattern", "{blocked}");
    stage.text(&["directory", "except", "+44901*"]);
    let rings = stage.json(&["directory", "explain", "+44901234567", "--json"]);
    assert_eq!(rings["rule"], "own-exception", "{rings}");
    let again = stage.text(&["directory", "unblock", "+12025550199"]);
    assert!(again.contains("was not in your block list"), "{again}");
    let locked = stage.text(&["protect", "remove", "org.example.None"]);
    assert!(locked.contains("was not locked"), "{locked}");
    let rules = stage.text(&["directory", "rule", "anonymous", "on"]);
    assert!(rules.contains("on   anonymous"), "{rules}");
    let rules = stage.json(&["directory", "call-back", "10m", "--json"]);
    assert_eq!(rules["call_back_s"], 600, "{rules}");
    stage.text(&["dnd", "on"]);
    let quiet = stage.text(&["directory", "explain", "+12025550155"]);
    assert!(quiet.starts_with("Does not ring now."), "{quiet}");
    let odd = stage.text(&["directory", "explain", "hello"]);
    assert!(odd.contains("no phone number"), "{odd}");
    let rights = stage.text(&["rights", "list"]);
    assert!(rights.contains("hookswitchd.toml"), "{rights}");
}

/// Who is in the own list counts, is named as the reason, and goes out of it, however it is
/// spelled.
#[test]
fn the_own_list_counts_in_any_spelling_and_wide_patterns_have_to_be_meant() {
    let stage = Stage::set();
    for wide in ["+*", "+44*", "+10000000000-+19999999999"] {
        stage.refused(&["directory", "block", wide], 1, "a whole country or more");
    }
    stage.text(&["directory", "block", "--wide", "+44*"]);
    stage.text(&["directory", "unblock", "+44*"]);
    let table = [
        (
            "+44 (0)20 7946 0000",
            "+442079460000",
            "tel:+44-20-7946-0000",
        ),
        ("sip:Ana@Example.org", "ana@example.org", "ANA@EXAMPLE.ORG"),
        ("4711", "sip:4711", "tel:4711"),
    ];
    for (blocked, calls, gone) in table {
        let explain = || stage.json(&["directory", "explain", calls, "--json"]);
        assert_eq!(explain()["verdict"], "ring", "{calls}");
        stage.text(&["directory", "block", blocked]);
        let why = explain();
        assert_eq!(
            (&why["verdict"], &why["rule"]),
            (&"block".into(), &"own-block".into())
        );
        let headline = why["headline"].as_str().unwrap_or_default();
        assert!(headline.contains("is in your block list"), "{headline}");
        let text = stage.text(&["directory", "unblock", gone]);
        assert!(text.contains("not in your block list any more"), "{text}");
        assert_eq!(explain()["verdict"], "ring", "{calls}");
    }
}
