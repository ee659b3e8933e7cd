//! Size and speed of labels: half of the numbers in 15 categories, half with names.

use std::time::Instant;

use hookswitch_directory::labels::{Builder, Labels};

use crate::shapes::Rng;

const FIRST: [&str; 12] = [
    "Nord",
    "Atlas",
    "Blue River",
    "Golden",
    "Sunrise",
    "Urban",
    "Green Leaf",
    "Royal",
    "Summit",
    "Harbor",
    "Silver Oak",
    "Prime",
];
const SECOND: [&str; 10] = [
    "Dental Care",
    "Plumbing",
    "Logistics",
    "Insurance",
    "Auto Repair",
    "Bakery",
    "Law Office",
    "Consulting",
    "Travel",
    "Energy",
];

/// Prints size, rate and time of a lookup.
pub fn figures(numbers: &[u64], texts: usize) {
    let mut rng = Rng::new(3);
    let texts: Vec<String> = (0..texts).map(|_| name(&mut rng)).collect();
    let began = Instant::now();
    let mut builder = Builder::new();
    let (mut set, mut ids) = (Vec::new(), Vec::new());
    let mut counts = vec![0u32; texts.len()];
    for number in numbers {
        let label = if rng.unit() < 0.5 {
            rng.power(15, 0.5)
        } else {
            rng.power(texts.len(), 0.8)
        };
        counts[label] += 1;
        builder.push(*number, &texts[label]).expect("ascending");
        if builder.ready() > 1 << 18 {
            let mut parts = builder.take();
            set.append(&mut parts.numbers);
            ids.append(&mut parts.ids);
        }
    }
    let mut rest = builder.finish();
    set.append(&mut rest.numbers);
    ids.append(&mut rest.ids);
    let built = began.elapsed();
    let labels = Labels::open(&set, &ids, &rest.text).expect("whole");
    let bits = |bytes: usize| bytes as f64 * 8.0 / numbers.len() as f64;
    let all = numbers.len() as f64;
    let entropy: f64 = counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| f64::from(*count) / all)
        .map(|share| -share * share.log2())
        .sum();
    println!(
        "labels   {} numbers, {} labels: {:.2} bits (set {:.2}, ids {:.2} of {entropy:.2}, \
         text {:.2})  {:.1} M/s built",
        numbers.len(),
        labels.texts(),
        bits(set.len() + ids.len() + rest.text.len()),
        bits(set.len()),
        bits(ids.len()),
        bits(rest.text.len()),
        all / built.as_secs_f64() / 1e6,
    );
    let find = |number: u64| labels.visit(number, &mut |text| assert!(!text.is_empty()));
    let only_set = hookswitch_directory::set::NumberSet::open(&set).expect("whole");
    let in_set = |number: u64| only_set.contains(number);
    let texts_of: Vec<u32> = numbers.iter().map(|number| *number as u32 % 1000).collect();
    let plain = |number: u64| match numbers.binary_search(&number) {
        Ok(at) => !texts[texts_of[at] as usize].is_empty(),
        Err(_) => false,
    };
    for (name, find) in [
        ("to text", &find as &dyn Fn(u64) -> bool),
        ("set only", &in_set),
        ("Vec search", &plain),
    ] {
        println!("    {name:10}  {}", crate::hot(find, numbers));
    }
}

fn name(rng: &mut Rng) -> String {
    let first = FIRST[rng.below(FIRST.len())];
    let second = SECOND[rng.below(SECOND.len())];
    format!("{first} {second} {}", 100 + rng.below(90_000))
}
