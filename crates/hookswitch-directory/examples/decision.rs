//! How long a whole decision takes, with its trace, over five lists:
//!
//! ```sh
//! cargo run --release -p hookswitch-directory --example decision -- [COUNT]
//! ```
//!
//! COUNT is of all lists together, 50 million if it is left out. *Warm*: one call after the other.
//! *Cold*: 64 MiB of other memory are written before each call.

#![allow(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "a program that measures, not the crate"
)]

#[allow(dead_code, reason = "shared with another program")]
#[path = "figures/shapes.rs"]
mod shapes;

use std::collections::BTreeSet;
use std::hint::black_box;
use std::time::Instant;

use hookswitch_directory::decide::{
    Caller, Contact, OwnBlocks, Presented, Source, UserRules, decide,
};
use hookswitch_directory::set::{Builder, NumberSet};
use hookswitch_model::{CallerRules, Candidate, Formed, NumberPattern, Text, Verdict, Wall};
use shapes::{Rng, Shape};

const LISTS: u32 = 5;

struct SetSource<'a> {
    name: Text,
    order: u32,
    set: NumberSet<'a>,
}

impl Source for SetSource<'_> {
    fn name(&self) -> &Text {
        &self.name
    }

    fn order(&self) -> u32 {
        self.order
    }

    fn is_enabled(&self) -> bool {
        true
    }

    fn generation(&self) -> u64 {
        1
    }

    fn loaded(&self) -> Option<Wall> {
        Some(Wall::from_millis(1))
    }

    fn blocks(&self, number: u64) -> bool {
        self.set.contains(number)
    }

    fn labels(&self, _: u64, _: &mut dyn FnMut(&str)) {}
}

fn main() {
    let count = std::env::args().nth(1).and_then(|word| word.parse().ok());
    let count: usize = count.unwrap_or(50_000_000);
    let mut files = Vec::new();
    let mut known = Vec::new();
    for list in 0..LISTS {
        let numbers = Shape::Dir.numbers(count / LISTS as usize, 100 + u64::from(list));
        known.extend(numbers.iter().step_by(1 + numbers.len() / 20_000));
        files.push(packed(&numbers));
    }
    let bytes: usize = files.iter().map(Vec::len).sum();
    println!("{count} numbers in {LISTS} lists, {} MB", bytes / 1_000_000);
    let sources: Vec<SetSource<'_>> = (0..LISTS)
        .zip(&files)
        .map(|(order, file)| SetSource {
            name: Text::new(&format!("list {order}")).expect("a name"),
            order,
            set: NumberSet::open(file).expect("whole"),
        })
        .collect();
    let strangers = Shape::Dir.numbers(100_000, 7);
    for (name, callers) in [("blocked", &known), ("stranger", &strangers)] {
        for cold in [false, true] {
            report(name, callers, &sources, cold);
        }
    }
}

fn packed(numbers: &[u64]) -> Vec<u8> {
    let mut builder = Builder::new();
    let mut bytes = Vec::new();
    for number in numbers {
        builder.push(*number).expect("ascending");
        if builder.ready() > 1 << 16 {
            bytes.append(&mut builder.take());
        }
    }
    bytes.append(&mut builder.finish());
    bytes
}

fn report(name: &str, callers: &[u64], sources: &[SetSource<'_>], cold: bool) {
    let pattern = NumberPattern::parse("+4490*").expect("a pattern");
    let rules = CallerRules {
        blocked: BTreeSet::from([pattern]),
        ..CallerRules::default()
    };
    let user = UserRules {
        callers: &rules,
        blocked: &OwnBlocks::default(),
        regions: &[*b"US"],
    };
    let sources: Vec<&SetSource<'_>> = sources.iter().collect();
    let mut rng = Rng::new(3);
    let mut other = vec![0_u64; 8 << 20];
    let rounds = if cold { 1_001 } else { 100_001 };
    let mut times = Vec::with_capacity(rounds);
    let mut blocked = 0_usize;
    for round in 0..rounds {
        let caller = caller(callers[rng.below(callers.len())]);
        if cold {
            other
                .iter_mut()
                .for_each(|word| *word = word.wrapping_add(round as u64));
            black_box(&other);
        }
        let began = Instant::now();
        let decision = decide(&caller, &user, &sources, Wall::default());
        times.push(began.elapsed().as_nanos() as f64 / 1000.0);
        blocked += usize::from(decision.verdict == Verdict::Block);
    }
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times[(share * (rounds - 1) as f64) as usize];
    println!(
        "{name:9} {}  p50 {:6.2} us  p99 {:6.2} us  worst {:7.2} us  ({blocked} blocked)",
        if cold { "cold" } else { "warm" },
        at(0.5),
        at(0.99),
        at(1.0)
    );
}

fn caller(number: u64) -> Caller {
    let candidate = |number, formed| Candidate { number, formed };
    Caller {
        presented: Presented::Number,
        candidates: vec![
            candidate(number, Formed::International),
            candidate(number / 10, Formed::WithoutTrunk),
        ],
        short: None,
        address: None,
        contact: Contact::Unknown,
        called: None,
    }
}
