//! The table of compound gestures, and the document that prints it.

use hookswitch_core::gesture::TABLE;

fn printed() -> String {
    let mut out = String::from("| gesture | asks, in order |\n| --- | --- |\n");
    for gesture in TABLE {
        let join = if gesture.waits { ", then " } else { ", " };
        let moves = gesture.moves.iter();
        let moves: Vec<String> = moves
            .map(|(deed, who)| format!("{} {}", deed.name(), who.name()))
            .collect();
        out += &format!("| {} | {} |\n", gesture.name, moves.join(join));
    }
    out
}

#[test]
fn the_document_prints_the_table() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/gestures.md");
    let text = std::fs::read_to_string(path).expect("docs/gestures.md");
    let table = printed();
    assert!(
        text.contains(&table),
        "docs/gestures.md must hold:\n\n{table}"
    );
}
