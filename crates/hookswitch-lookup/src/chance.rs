//! Chance of the operating system.

use hookswitch_lookup_ring::sample::Random;

/// The operating system's generator.
#[derive(Clone, Copy, Debug)]
pub struct SystemChance;

impl Random for SystemChance {
    fn fill(&mut self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("a system without chance can keep no secret");
    }
}
