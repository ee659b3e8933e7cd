//! Size and speed of number sets: `cargo run --release -p hookswitch-directory --example figures`.

#![allow(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "a program that measures, not the crate"
)]

mod labeled;
mod shapes;

use std::hint::black_box;
use std::time::{Duration, Instant};

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
    labeled::figures(&Shape::Dir.numbers(count, 1), count / 50);
}

fn figures(name: &str, numbers: &[u64], misses: &[u64]) {
    let began = Instant::now();
    let mut builder = Builder::new();
    let mut bytes = Vec::with_capacity(numbers.len() * 2);
    for number in numbers {
        builder.push(*number).expect("ascending");
        if builder.ready() > 1 << 16 {
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
    let began = Instant::now();
    let ranges = set.ranges().count();
    let read = began.elapsed();
    let bits = bytes.len() as f64 * 8.0 / numbers.len() as f64;
    let rate = |time: Duration| numbers.len() as f64 / time.as_secs_f64() / 1e6;
    println!(
        "{name:8} {:9} numbers  {bits:6.3} bits each  {:6.1} M/s built  {:6.1} M/s read ({ranges})",
        numbers.len(),
        rate(built),
        rate(read),
    );
    let ours = |number: u64| set.contains(number);
    let sorted = |number: u64| numbers.binary_search(&number).is_ok();
    for (name, find) in [
        ("set", &ours as &dyn Fn(u64) -> bool),
        ("Vec search", &sorted),
    ] {
        println!(
            "    {name:10}  hit {}  miss {}  cold hit {:5.2} us  cold miss {:5.2} us",
            hot(find, numbers),
            hot(find, &misses),
            cold(find, numbers),
            cold(find, &misses),
        );
    }
}

/// Nanoseconds of one lookup, each depending on the answer before: median (and best tenth) of
/// batches.
pub fn hot(find: &dyn Fn(u64) -> bool, queries: &[u64]) -> String {
    let mut rng = Rng::new(7);
    let mut batches = Vec::new();
    let mut found = 0usize;
    for _ in 0..100 {
        let batch: Vec<u64> = (0..4000)
            .map(|_| queries[rng.below(queries.len())])
            .collect();
        let began = Instant::now();
        for number in &batch {
            found += usize::from(find(black_box(number + (found as u64 >> 63))));
        }
        batches.push(began.elapsed().as_nanos() as f64 / 4000.0);
    }
    black_box(found);
    batches.sort_by(f64::total_cmp);
    format!("{:5.0} ({:4.0}) ns", batches[50], batches[10])
}

/// Microseconds of one lookup after 80 MiB of other memory were written: median.
fn cold(find: &dyn Fn(u64) -> bool, queries: &[u64]) -> f64 {
    let mut rng = Rng::new(9);
    let mut other = vec![0u8; 80 << 20];
    let mut times = Vec::new();
    for round in 0..41u8 {
        other.fill(round);
        black_box(&other);
        let number = queries[rng.below(queries.len())];
        // The clock itself shall not be cold.
        black_box(Instant::now());
        let began = Instant::now();
        black_box(find(black_box(number)));
        times.push(began.elapsed().as_nanos() as f64 / 1000.0);
    }
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
