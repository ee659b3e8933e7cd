//! The set against a plain sorted list.

use hookswitch_directory::set::{Builder, FormatError, NUMBER_MAX, NumberSet, PushError};
use proptest::collection::vec;
use proptest::prelude::*;

/// Numbers in runs and gaps of many sizes.
fn numbers() -> impl Strategy<Value = Vec<(u64, u64)>> {
    let gap = prop_oneof![1u64..4, 1u64..100, 1u64..1_000_000, 1u64..(1 << 40)];
    let run = prop_oneof![4 => Just(0u64), 2 => 0u64..20, 1 => 0u64..3_000];
    vec((gap, run), 0..600)
}

fn build(parts: &[(u64, u64)]) -> (Vec<(u64, u64)>, Vec<u8>) {
    let (mut builder, mut next, mut ranges, mut bytes) = (Builder::new(), 0, Vec::new(), vec![]);
    for (index, (gap, run)) in parts.iter().enumerate() {
        let first = next + gap;
        builder.push_range(first, first + run).expect("ascending");
        ranges.push((first, first + run));
        next = first + run;
        if index % 7 == 0 {
            bytes.extend(builder.take());
        }
    }
    bytes.extend(builder.finish());
    (ranges, bytes)
}

/// Ranges that follow each other become one.
fn joined(ranges: &[(u64, u64)]) -> Vec<(u64, u64)> {
    let mut joined: Vec<(u64, u64)> = Vec::new();
    for (first, last) in ranges {
        match joined.last_mut() {
            Some(before) if before.1 + 1 == *first => before.1 = *last,
            Some(_) | None => joined.push((*first, *last)),
        }
    }
    joined
}

fn is_in(ranges: &[(u64, u64)], number: u64) -> bool {
    ranges.iter().any(|(a, b)| (*a..=*b).contains(&number))
}

proptest! {
    #[test]
    fn what_is_pushed_is_found_and_nothing_else(
        parts in numbers(),
        probes in vec(any::<u64>(), 20),
    ) {
        let (ranges, bytes) = build(&parts);
        let set = NumberSet::open(&bytes).expect("whole");
        prop_assert_eq!(set.verify(), Ok(()));
        let count: u64 = ranges.iter().map(|(a, b)| b - a + 1).sum();
        prop_assert_eq!(set.len(), count);
        for (first, last) in &ranges {
            for number in [first - 1, *first, first + 1, last - 1, *last, last + 1] {
                prop_assert_eq!(set.contains(number), is_in(&ranges, number), "{}", number);
            }
        }
        for probe in probes {
            prop_assert_eq!(set.contains(probe), is_in(&ranges, probe));
        }
        prop_assert_eq!(set.ranges().collect::<Vec<_>>(), joined(&ranges));
    }

    #[test]
    fn damage_is_noticed_and_never_panics(
        parts in numbers(),
        at in any::<prop::sample::Index>(),
        flip in 1u8..,
    ) {
        let (ranges, mut bytes) = build(&parts);
        let index = at.index(bytes.len());
        bytes[index] ^= flip;
        if let Ok(set) = NumberSet::open(&bytes) {
            prop_assert_eq!(set.verify(), Err(FormatError::Checksum));
            for (first, last) in &ranges {
                let _ = set.contains(*first);
                let _ = set.contains(last + 1);
            }
            let _ = set.ranges().count();
        }
        bytes.truncate(index);
        prop_assert!(NumberSet::open(&bytes).is_err());
    }

    #[test]
    fn any_bytes_are_refused_or_answered(bytes in vec(any::<u8>(), 0..400)) {
        if let Ok(set) = NumberSet::open(&bytes) {
            let _ = set.contains(1);
        }
    }
}

#[test]
fn a_block_that_claims_to_have_no_end_has_one() {
    for bit in 6..12 {
        let mut builder = Builder::new();
        for number in 1..40 {
            builder.push(number * 5).expect("ascending");
        }
        let mut bytes = builder.finish();
        // The width of the ends: they become as long as the damage says.
        bytes[bit / 8] ^= 1 << (bit % 8);
        let set = NumberSet::open(&bytes).expect("the footer is whole");
        assert_eq!(set.verify(), Err(FormatError::Checksum));
        let _ = set.contains(100);
        assert!(set.ranges().count() <= bytes.len() * 8);
    }
}

#[test]
fn numbers_must_ascend() {
    let mut builder = Builder::new();
    assert_eq!(builder.push(0), Err(PushError::OutOfRange));
    assert_eq!(builder.push(NUMBER_MAX + 1), Err(PushError::OutOfRange));
    assert_eq!(builder.push(5), Ok(()));
    assert_eq!(builder.push(5), Err(PushError::Duplicate));
    assert_eq!(builder.push(4), Err(PushError::OutOfOrder));
    assert_eq!(builder.push_range(9, 8), Err(PushError::OutOfOrder));
    assert_eq!(builder.push(NUMBER_MAX), Ok(()));
    let bytes = builder.finish();
    let set = NumberSet::open(&bytes).expect("whole");
    assert!(set.contains(5) && set.contains(NUMBER_MAX) && !set.contains(6));
    assert_eq!(set.len(), 2);
}

#[test]
fn the_place_of_each_number_is_known_if_asked_for() {
    let mut builder = Builder::with_ranks();
    let mut ranges = Vec::new();
    let mut next = 1u64;
    for index in 0..200_000u64 {
        let first = next + 1 + index * index % 991;
        let last = first + if index % 5 == 0 { index % 37 } else { 0 };
        builder.push_range(first, last).expect("ascending");
        ranges.push((first, last));
        next = last + 1;
    }
    let bytes = builder.finish();
    let set = NumberSet::open(&bytes).expect("whole");
    assert_eq!(set.verify(), Ok(()));
    let mut before = 0;
    for (first, last) in joined(&ranges) {
        assert_eq!(set.rank(first), Some(before));
        assert_eq!(set.rank(last), Some(before + last - first));
        assert_eq!(set.rank(last + 1), None);
        before += last - first + 1;
    }
    assert_eq!(set.len(), before);
    let plain = Builder::new().finish();
    assert_eq!(NumberSet::open(&plain).expect("whole").rank(5), None);
}

#[test]
fn the_widest_gaps_and_runs_are_kept() {
    let mut builder = Builder::with_ranks();
    builder.push(1).expect("first");
    builder.push(NUMBER_MAX - 5).expect("ascending");
    builder.push(NUMBER_MAX).expect("ascending");
    let bytes = builder.finish();
    let set = NumberSet::open(&bytes).expect("whole");
    assert_eq!(set.rank(NUMBER_MAX), Some(2));
    assert_eq!(set.rank(NUMBER_MAX - 5), Some(1));
    assert!(!set.contains(NUMBER_MAX - 1) && !set.contains(u64::MAX));
    let mut builder = Builder::with_ranks();
    builder.push_range(3, NUMBER_MAX).expect("ascending");
    let bytes = builder.finish();
    let set = NumberSet::open(&bytes).expect("whole");
    assert_eq!(set.rank(NUMBER_MAX), Some(NUMBER_MAX - 3));
    assert_eq!(set.ranges().collect::<Vec<_>>(), [(3, NUMBER_MAX)]);
}

#[test]
fn an_empty_set_holds_nothing() {
    let bytes = Builder::new().finish();
    let set = NumberSet::open(&bytes).expect("whole");
    assert!(set.is_empty() && !set.contains(1) && !set.contains(u64::MAX));
    assert_eq!(set.verify(), Ok(()));
}

#[test]
fn a_few_ranges_with_millions_of_numbers_take_a_few_bytes() {
    let mut builder = Builder::new();
    for block in 0..9u64 {
        let first = 33_162_000_000 + block * 10_000_000;
        builder
            .push_range(first, first + 1_388_888)
            .expect("ascending");
    }
    assert_eq!(builder.len(), 12_500_001);
    let bytes = builder.finish();
    assert!(bytes.len() < 1024, "{} bytes", bytes.len());
}
