//! Random worlds on the call core: the bytes are decoded as seeds and the kept corpus are.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hookswitch_sim::explore::fuzz(bytes));
