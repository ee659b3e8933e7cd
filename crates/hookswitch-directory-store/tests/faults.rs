//! The short form of the example `faults`: a fault at every operation of some stories.

#[path = "../examples/faults/disk.rs"]
mod disk;
#[path = "../examples/faults/story.rs"]
mod story;

#[test]
fn no_fault_makes_a_wrong_answer_or_loses_what_was_kept() {
    let mut tally = story::Tally::default();
    for seed in 1..=60 {
        story::story(seed, &mut tally);
    }
    assert!(tally.all() > 2_000, "{tally:?}");
    assert!(tally.older > 0, "{tally:?}");
}
