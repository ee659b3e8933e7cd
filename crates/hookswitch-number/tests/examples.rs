//! Agreement with libphonenumber's own examples, in four spellings each.

use std::collections::BTreeSet;

use hookswitch_directory::decide::Presented;
use hookswitch_model::{Formed, Handle, HandleKind};
use hookswitch_number::{Numbers, RegionError};

const EXAMPLES: &str = include_str!("../corpus/examples.tsv");
const DIFFERENCES: &str = include_str!("../corpus/differences.tsv");

struct Row {
    region: &'static str,
    kind: &'static str,
    national: &'static str,
    number: u64,
}

fn rows() -> impl Iterator<Item = Row> {
    let lines = EXAMPLES.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| {
        let mut fields = line.split('\t');
        let mut next = || fields.next().expect("four fields");
        let (region, kind, national, number) = (next(), next(), next(), next());
        Row {
            region,
            kind,
            national,
            number: number.trim_start_matches('+').parse().expect("digits"),
        }
    })
}

fn found(numbers: &Numbers, text: &str) -> Vec<u64> {
    let identity = numbers.identify_text(text);
    identity.candidates.iter().map(|c| c.number).collect()
}

/// Every row in four spellings; what is not found has to stand in the list of differences.
#[test]
fn every_example_is_found_or_listed() {
    let mut differences = BTreeSet::new();
    let mut asked = 0_usize;
    for row in rows() {
        let numbers = Numbers::new(&[row.region]).expect("a region of the corpus");
        let spellings = [
            ("e164", format!("+{}", row.number)),
            ("national", row.national.to_owned()),
            ("international", numbers.display(row.number)),
            ("uri", format!("tel:+{}", row.number)),
        ];
        for (spelling, text) in spellings {
            asked += 1;
            if !found(&numbers, &text).contains(&row.number) {
                differences.insert(format!("{}\t{}\t{spelling}", row.region, row.kind));
            }
        }
    }
    let agreed = asked - differences.len();
    println!("{agreed} of {asked} agree");
    let listed = DIFFERENCES.lines().filter(|line| !line.starts_with('#'));
    let listed: BTreeSet<String> = listed
        .map(|line| line.split('\t').take(3).collect::<Vec<_>>().join("\t"))
        .collect();
    assert_eq!(
        differences, listed,
        "corpus/differences.tsv is to list these"
    );
}

#[test]
fn a_national_number_is_one_of_the_users_regions() {
    let british = Numbers::new(&["GB"]).expect("a region");
    let japanese = Numbers::new(&["jp"]).expect("a region");
    let both = Numbers::new(&["JP", "GB"]).expect("regions");
    let number = 447_911_123_456;
    assert_eq!(found(&british, "07911 123456"), [number]);
    assert!(!found(&japanese, "07911123456").contains(&number));
    let identity = both.identify_text("07911123456");
    let of_britain = identity.candidates.iter().find(|c| c.number == number);
    assert_eq!(of_britain.map(|c| c.formed), Some(Formed::National(*b"GB")));
    let none = Numbers::new::<&str>(&[]).expect("no region is fine");
    assert!(found(&none, "07911123456").is_empty());
    assert_eq!(found(&none, "+447911123456"), [number]);
}

#[test]
fn a_trunk_zero_is_left_out_where_it_does_not_belong() {
    let numbers = Numbers::new(&["GB"]).expect("a region");
    for text in ["+44 (0) 7911 123456", "+4407911123456"] {
        assert_eq!(
            found(&numbers, text),
            [4_407_911_123_456, 447_911_123_456],
            "{text}"
        );
    }
    assert_eq!(
        found(&numbers, "+390612345678"),
        [390_612_345_678],
        "Italy's belongs"
    );
    assert_eq!(
        found(&numbers, "447911123456")[0],
        447_911_123_456,
        "a gateway without plus"
    );
}

#[test]
fn addresses_and_hidden_numbers_are_no_numbers() {
    let numbers = Numbers::new(&["GB"]).expect("a region");
    let mail = Handle::new(HandleKind::EmailAddress, "ana@example.org").expect("valid");
    assert_eq!(numbers.identify(Some(&mail)).presented, Presented::Address);
    assert_eq!(numbers.identify(None).presented, Presented::Withheld);
    let short = numbers.identify_text("999");
    assert_eq!(short.short.as_ref().map(|s| s.as_str()), Some("999"));
    assert!(
        short.candidates.is_empty(),
        "an emergency number is no subscriber"
    );
    let own = Handle::new(HandleKind::PhoneNumber, "07911 123456").expect("valid");
    assert_eq!(numbers.whole([&own]), BTreeSet::from([447_911_123_456]));
    assert_eq!(numbers.display(442_079_460_000), "+44 20 7946 0000");
}

#[test]
fn regions_are_checked() {
    let unknown = Numbers::new(&["XX"]).expect_err("no such region");
    assert_eq!(unknown, RegionError::Unknown("XX".to_owned()));
    let many = Numbers::new(&["GB"; 9]).expect_err("too many");
    assert_eq!(many, RegionError::TooMany);
}

/// What the library keeps is a compiled expression for each region it has met: it does not grow
/// with the number of calls.
#[test]
fn memory_does_not_grow_with_calls() {
    let numbers = Numbers::new(&["GB", "US", "DE"]).expect("regions");
    let meet_all = || {
        for row in rows() {
            found(&numbers, row.national);
            found(&numbers, &format!("+{}", row.number));
            let _ = numbers.display(row.number);
        }
    };
    meet_all();
    let before = resident();
    meet_all();
    meet_all();
    let grown = resident().saturating_sub(before);
    println!("{} KiB after all regions, {grown} KiB more later", before);
    assert!(grown < 2_048, "{grown} KiB more");
}

/// Resident memory of this process, in KiB.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let line = line.expect("VmRSS");
    let digits: String = line.chars().filter(char::is_ascii_digit).collect();
    digits.parse().expect("a number")
}
