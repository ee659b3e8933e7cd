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
    assert!(loaded.contains("1 lines were left out"), "{loaded}");
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
    stage.refused(&["directory", "remove", "spam"], 1, "no extension");
}
