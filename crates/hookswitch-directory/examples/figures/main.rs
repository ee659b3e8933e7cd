//! Size and speed of number sets: `cargo run --release -p hookswitch-directory --example figures`.

#![allow(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "a program that measures, not the crate"
)]

mod shapes;

use std::hint::black_box;
use std::time::Instant;

use hookswitch_directory::set::{Builder, NumberSet};
use shapes::{Rng, Shape};

fn main() {
    let count: usize = std::env::args()
        .nth(1)
        .and_then(|word| word.parse().ok())
        .unwrap_or(10_000_000);
    for shape in [Shape::Dir, Shape::Range, Shape::Uniform] {
        let numbers = shape.numbers(count, 1);
        let misses = shape.numbers(count / 10, 2);
        figures(shape.name(), &numbers, &misses);
    }
}

fn figures(name: &str, numbers: &[u64], misses: &[u64]) {
    let began = Instant::now();
    let mut builder = Builder::new();
    let mut bytes = Vec::new();
    for number in numbers {
        builder.push(*number).expect("ascending");
        if builder.len().is_multiple_of(1 << 16) {
            bytes.append(&mut builder.take());
        }
    }
    bytes.append(&mut builder.finish());
    let built = began.elapsed();
    let set = NumberSet::open(&bytes).expect("whole");
    let misses: Vec<u64> = misses
        .iter()
        .copied()
        .filter(|number| numbers.binary_search(number).is_err())
        .collect();
    for number in numbers.iter().step_by(97) {
        assert!(set.contains(*number));
    }
    for number in misses.iter().step_by(97) {
        assert!(!set.contains(*number));
    }
    let bits = bytes.len() as f64 * 8.0 / numbers.len() as f64;
    println!(
        "{name:8} {:9} numbers  {bits:6.3} bits each  {:6.1} M/s built  \
         hit {:5.0} ns  miss {:5.0} ns",
        numbers.len(),
        numbers.len() as f64 / built.as_secs_f64() / 1e6,
        lookups(&set, numbers),
        lookups(&set, &misses),
    );
}

/// Median nanoseconds of one lookup, each depending on the answer before.
fn lookups(set: &NumberSet<'_>, queries: &[u64]) -> f64 {
    let mut rng = Rng::new(7);
    let mut batches = Vec::new();
    let mut found = 0usize;
    for _ in 0..100 {
        let batch: Vec<u64> = (0..4000)
            .map(|_| queries[rng.below(queries.len())])
            .collect();
        let began = Instant::now();
        for number in &batch {
            found += usize::from(set.contains(black_box(number + (found as u64 >> 63))));
        }
        batches.push(began.elapsed().as_nanos() as f64 / 4000.0);
    }
    black_box(found);
    batches.sort_by(f64::total_cmp);
    batches[batches.len() / 2]
}
