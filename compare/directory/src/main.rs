//! The call directory's set of numbers beside what one could pick instead: bytes, build and lookup.
//!
//! `cargo run --release --manifest-path compare/directory/Cargo.toml -- 1000000 10000000`. All hold
//! the same numbers and are asked the same questions in turns, so that other work on the machine
//! falls on all of them alike: compare the ratios.

mod peers;
#[path = "../../../crates/hookswitch-directory/examples/figures/shapes.rs"]
mod shapes;

use std::hint::black_box;
use std::time::Instant;

use peers::Peer;
use shapes::{Rng, Shape};

/// Rounds of hot lookups, in each of which every peer has its turn.
const ROUNDS: usize = 41;
/// Lookups in a turn; databases have fewer.
const BATCH: usize = 4_000;
/// Cold lookups of each peer.
const COLD: usize = 41;
/// Memory that is written before a cold lookup.
const OTHER: usize = 80 << 20;

fn main() {
    let counts = std::env::args().skip(1);
    let counts: Vec<usize> = counts.filter_map(|word| word.parse().ok()).collect();
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    println!("load of the machine: {}", load.trim());
    for count in if counts.is_empty() {
        vec![1_000_000]
    } else {
        counts
    } {
        for shape in [Shape::Dir, Shape::Range, Shape::Uniform] {
            compare(shape, count);
        }
    }
}

fn compare(shape: Shape, count: usize) {
    let numbers = shape.numbers(count, 1);
    let mut misses = shape.numbers(count / 10, 2);
    misses.retain(|number| numbers.binary_search(number).is_err());
    println!("\n{} {} numbers", shape.name(), numbers.len());
    println!(
        "{:22} {:>9} {:>9} {:>14} {:>14} {:>9} {:>9}",
        "", "bits each", "build M/s", "hit ns (p10)", "miss ns (p10)", "cold us", "cold miss"
    );
    let peers: Vec<Peer> = peers::ALL.iter().map(|make| make(&numbers)).collect();
    check(&peers, &numbers, &misses);
    let hits = hot(&peers, &numbers);
    let absent = hot(&peers, &misses);
    let cold_hits = cold(&peers, &numbers);
    let cold_absent = cold(&peers, &misses);
    for (at, peer) in peers.iter().enumerate() {
        let both = |times: &[f64]| format!("{:.0} ({:.0})", middle(times), times[times.len() / 10]);
        println!(
            "{:22} {:9.2} {:9.1} {:>14} {:>14} {:9.1} {:9.1}",
            peer.name,
            peer.bytes as f64 * 8.0 / numbers.len() as f64,
            numbers.len() as f64 / peer.built.as_secs_f64() / 1e6,
            both(&hits[at]),
            both(&absent[at]),
            middle(&cold_hits[at]),
            middle(&cold_absent[at]),
        );
    }
}

/// Every answer is right.
fn check(peers: &[Peer], numbers: &[u64], misses: &[u64]) {
    let every = (numbers.len() / 20_000).max(1);
    for peer in peers {
        let name = peer.name;
        let is_found = |number: &u64| peer.set.contains(*number);
        assert!(
            numbers.iter().step_by(every).all(is_found),
            "{name}: not found"
        );
        assert!(!misses.iter().step_by(every).any(is_found), "{name}: found");
    }
}

fn middle(sorted: &[f64]) -> f64 {
    sorted[sorted.len() / 2]
}

/// Nanoseconds of one lookup of each peer, each depending on the answer before: sorted.
fn hot(peers: &[Peer], queries: &[u64]) -> Vec<Vec<f64>> {
    let mut rng = Rng::new(7);
    let mut times = vec![Vec::new(); peers.len()];
    let mut found = 0_usize;
    for _ in 0..ROUNDS {
        let batch: Vec<u64> = (0..BATCH)
            .map(|_| queries[rng.below(queries.len())])
            .collect();
        for (peer, times) in peers.iter().zip(&mut times) {
            let batch = &batch[..if peer.is_slow { BATCH / 8 } else { BATCH }];
            let began = Instant::now();
            for number in batch {
                found += usize::from(peer.set.contains(black_box(number + (found as u64 >> 63))));
            }
            times.push(began.elapsed().as_nanos() as f64 / batch.len() as f64);
        }
    }
    black_box(found);
    sorted(times)
}

/// Microseconds of one lookup of each peer after other memory was written: sorted.
fn cold(peers: &[Peer], queries: &[u64]) -> Vec<Vec<f64>> {
    let mut rng = Rng::new(9);
    let mut other = vec![0_u8; OTHER];
    let mut times = vec![Vec::new(); peers.len()];
    for round in 0..COLD {
        let number = queries[rng.below(queries.len())];
        for (peer, times) in peers.iter().zip(&mut times) {
            other.fill(round as u8);
            black_box(&other);
            // The clock itself shall not be cold.
            black_box(Instant::now());
            let began = Instant::now();
            black_box(peer.set.contains(black_box(number)));
            times.push(began.elapsed().as_nanos() as f64 / 1e3);
        }
    }
    sorted(times)
}

fn sorted(mut times: Vec<Vec<f64>>) -> Vec<Vec<f64>> {
    times
        .iter_mut()
        .for_each(|times| times.sort_by(f64::total_cmp));
    times
}
