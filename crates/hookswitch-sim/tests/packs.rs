//! The packs: which file plays which item, with its source; the quirks and their page.

use std::path::Path;

use hookswitch_sim::packs::{Shipped, files_of, from_folder, items, read};
use hookswitch_sim::scenario::parse;

fn root() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn shipped() -> Vec<Shipped> {
    from_folder(&root().join("scenarios")).expect("the scenarios are readable")
}

#[test]
fn item_numbers_are_unique() {
    let mut ids: Vec<&str> = items().map(|item| item.id).collect();
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count);
}

/// P1.
#[test]
fn an_item_has_a_file_or_names_what_it_waits_for() {
    let files = shipped();
    let played = read(&files).expect("readable");
    let open = items().filter(|item| item.needs.is_none() && files_of(item.id, &played).is_empty());
    let open: Vec<&str> = open.map(|item| item.id).collect();
    assert!(
        open.is_empty(),
        "played by no file, and no engine is named: {open:?}"
    );
}

#[test]
fn a_file_that_plays_an_item_cites_a_public_page() {
    let files = shipped();
    for played in read(&files).expect("readable") {
        let cites = played
            .story
            .sources
            .iter()
            .any(|s| s.starts_with("https://"));
        assert!(cites, "{} names no public page", played.file.path);
    }
}

#[test]
fn quirks_are_refused_outside_profile_callkit() {
    let text = "hookswitch-scenario 1\ntitle x\nquirks open-needs-address\n";
    let why = parse(text).expect_err("no profile").to_string();
    assert!(why.contains("say \"profile callkit\" first"), "{why}");
}

/// `UPDATE_DOCS=1` writes the table.
#[test]
fn the_page_lists_every_quirk() {
    let page = root().join("docs/scenarios.md");
    let text = std::fs::read_to_string(&page).expect("readable");
    let mut table = String::from("| quirk | seen | source |\n| --- | --- | --- |\n");
    for row in &hookswitch_model::QUIRKS {
        table += &format!("| `{}` | {} | <{}> |\n", row.name, row.seen, row.source);
    }
    let begin = text.find("<!-- quirks: begin").expect("a mark");
    let begin = begin + text[begin..].find('\n').expect("a line") + 1;
    let end = text.find("<!-- quirks: end -->").expect("a mark");
    if std::env::var_os("UPDATE_DOCS").is_some_and(|value| value == "1") {
        let new = format!("{}{table}{}", &text[..begin], &text[end..]);
        std::fs::write(&page, new).expect("writable");
        return;
    }
    assert_eq!(&text[begin..end], table, "UPDATE_DOCS=1 writes it");
}
