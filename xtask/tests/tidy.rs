//! The tree keeps its own rules.

#[test]
fn the_tree_is_tidy() {
    let findings = xtask::tidy::check(&xtask::root()).expect("the tree can be read");
    let list = findings
        .iter()
        .map(|finding| format!("\n{finding}"))
        .collect::<String>();
    assert!(findings.is_empty(), "{} findings:{list}", findings.len());
}
