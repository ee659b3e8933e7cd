//! `hookswitch directory` on the corpus of lists, as a person runs it.

use std::process::{Command, Output};

use serde_json::Value;

fn hookswitch(arguments: &[&str]) -> Output {
    let corpus = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../hookswitch-directory/corpus"
    );
    Command::new(env!("CARGO_BIN_EXE_hookswitch"))
        .args(["directory"])
        .args(arguments)
        .current_dir(corpus)
        .output()
        .expect("it runs")
}

fn text(output: &Output) -> String {
    let text = String::from_utf8(output.stdout.clone()).expect("UTF-8");
    assert!(
        text.lines().all(|line| line.chars().count() <= 80),
        "{text}"
    );
    text
}

fn json(arguments: &[&str]) -> Value {
    let output = hookswitch(arguments);
    serde_json::from_slice(&output.stdout).expect("one document")
}

#[test]
fn lint_names_lines_and_what_to_do() {
    let output = hookswitch(&["lint", "plain.txt"]);
    assert_eq!(output.status.code(), Some(1), "a line could not be used");
    let text = text(&output);
    for want in [
        "--region GB",
        "line 5",
        "sort",
        "Apple's call directory",
        "line 16",
    ] {
        assert!(text.contains(want), "{want}: {text}");
    }
    let fine = hookswitch(&["lint", "asterisk.xml", "ftc.csv", "plain.txt", "--json"]);
    assert_eq!(String::from_utf8_lossy(&fine.stdout).lines().count(), 3);
    let missing = hookswitch(&["lint", "no-such-file"]);
    assert_eq!(missing.status.code(), Some(1));
}

#[test]
fn a_region_completes_national_numbers() {
    let report = json(&["lint", "phoneblock.csv", "--region", "DE", "--json"]);
    assert_eq!(report["entries"], 4);
    assert_eq!(report["refused"], Value::Array(Vec::new()));
    assert_eq!(report["odd"][0]["what"], "completed");
    let unknown = hookswitch(&["lint", "plain.txt", "--region", "XX"]);
    assert_eq!(unknown.status.code(), Some(2));
}

#[test]
fn explain_says_which_rule_decides() {
    let arguments = [
        "explain",
        "0162 123456",
        "--region",
        "FR",
        "--list",
        "patterns.txt",
    ];
    let text = text(&hookswitch(&arguments));
    assert!(
        text.starts_with("Blocked. “patterns.txt” blocks +33162123456."),
        "{text}"
    );
    let arguments = [
        "explain",
        "+33162123456",
        "--list",
        "patterns.txt",
        "--called-ago",
        "5m",
        "--trust-called",
        "--json",
    ];
    let view = json(&arguments);
    assert_eq!(
        (&view["verdict"], &view["rule"]),
        (&"ring".into(), &"trusted-called".into())
    );
    let emergency = [
        "explain",
        "112",
        "--block",
        "112",
        "--block-unknown",
        "--json",
    ];
    assert_eq!(json(&emergency)["rule"], "emergency");
    let hidden = ["explain", "anonymous", "--block-anonymous", "--json"];
    assert_eq!(json(&hidden)["rule"], "anonymous");
    let off = [
        "explain",
        "+33162123456",
        "--list-off",
        "patterns.txt",
        "--json",
    ];
    assert_eq!(json(&off)["verdict"], "ring");
}
