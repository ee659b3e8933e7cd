//! Scenario files: what parses is printed and parses again to the same.

#![no_main]

use hookswitch_sim::scenario::{parse, print};

libfuzzer_sys::fuzz_target!(|text: &str| {
    if let Ok(scenario) = parse(text) {
        let printed = print(&scenario);
        let again = parse(&printed).expect("what is printed parses");
        assert_eq!(print(&again), printed, "printing is stable");
    }
});
