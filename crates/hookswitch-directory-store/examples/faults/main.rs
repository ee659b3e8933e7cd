//! Loads on a disk that loses power, runs full and decays, at every operation:
//! `cargo run --release -p hookswitch-directory-store --example faults [-- POINTS [SEED]]`.

mod disk;
mod story;

fn main() {
    let number = |index, otherwise| {
        let word = std::env::args().nth(index);
        word.and_then(|word| word.parse().ok()).unwrap_or(otherwise)
    };
    let (points, seed) = (number(1, 100_000u64), number(2, 1u64));
    let mut tally = story::Tally::default();
    let mut next = seed;
    while tally.all() < points {
        story::story(next, &mut tally);
        next += 1;
    }
    println!(
        "{} points in {} stories from seed {seed}: {} losses of power, {} full disks, {} decays \
         ({} served an older state or said so): 0 wrong answers",
        tally.all(),
        next - seed,
        tally.power,
        tally.full,
        tally.decay,
        tally.older,
    );
}
