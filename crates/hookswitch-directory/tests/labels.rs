//! Numbers with labels against a plain list.

use hookswitch_directory::labels::{Builder, LABEL_BYTES_MAX, Labels, Parts, PushError};
use hookswitch_directory::set;
use proptest::collection::vec;
use proptest::prelude::*;

/// Gap, further numbers, and labels of an entry.
type Entry = (u64, u64, Vec<String>);

fn entries() -> impl Strategy<Value = Vec<Entry>> {
    let gap = prop_oneof![1u64..3, 1u64..100, 1u64..(1 << 40)];
    let run = prop_oneof![6 => Just(0u64), 1 => 0u64..3000];
    let label = prop_oneof![
        4 => "[ab]",
        2 => "[a-c]{1,3} GmbH",
        1 => "\\PC{1,40}",
        1 => Just("é".repeat(200)),
    ];
    let labels = vec(label, 1..4).prop_map(|mut labels| {
        labels.dedup();
        labels.truncate(2);
        labels
    });
    vec((gap, run, labels), 0..300)
}

/// First and last number, and labels.
type Listed = (u64, u64, Vec<String>);

fn build(entries: &[Entry]) -> (Vec<Listed>, Parts) {
    let (mut builder, mut next, mut listed) = (Builder::new(), 0, Vec::new());
    let mut parts = Parts::default();
    for (gap, run, labels) in entries {
        let (first, last) = (next + gap, next + gap + run);
        for label in labels {
            builder.push_range(first, last, label).expect("ascending");
        }
        listed.push((first, last, labels.clone()));
        next = last;
        let ready = builder.take();
        parts.numbers.extend(ready.numbers);
        parts.ids.extend(ready.ids);
    }
    let rest = builder.finish();
    parts.numbers.extend(rest.numbers);
    parts.ids.extend(rest.ids);
    parts.text.extend(rest.text);
    (listed, parts)
}

fn open(parts: &Parts) -> Result<Labels<'_>, set::FormatError> {
    Labels::open(&parts.numbers, &parts.ids, &parts.text)
}

fn labels_of(labels: &Labels<'_>, number: u64) -> Vec<String> {
    let mut found = Vec::new();
    labels.visit(number, &mut |text| found.push(text.to_owned()));
    found
}

proptest! {
    #[test]
    fn each_number_has_its_labels_in_their_order(entries in entries()) {
        let (listed, parts) = build(&entries);
        let labels = open(&parts).expect("whole");
        prop_assert_eq!(labels.verify(), Ok(()));
        for (first, last, texts) in &listed {
            for number in [*first, (first + last) / 2, *last] {
                prop_assert_eq!(&labels_of(&labels, number), texts, "{}", number);
            }
        }
        let (mut all, mut read) = (labels.entries(), Vec::<Listed>::new());
        while let Some((first, last, ids)) = all.next_entry() {
            let texts = ids.iter().map(|id| labels.text(*id).expect("whole")).collect();
            read.push((first, last, texts));
        }
        prop_assert_eq!(joined(read), joined(listed));
    }

    #[test]
    fn damage_is_noticed_and_never_panics(
        entries in entries(),
        part in 0usize..3,
        at in any::<prop::sample::Index>(),
        flip in 1u8..,
    ) {
        let (listed, mut parts) = build(&entries);
        let bytes = match part {
            0 => &mut parts.numbers,
            1 => &mut parts.ids,
            _ => &mut parts.text,
        };
        let index = at.index(bytes.len());
        bytes[index] ^= flip;
        if let Ok(labels) = open(&parts) {
            prop_assert!(labels.verify().is_err());
            for (first, last, _) in &listed {
                let _ = labels_of(&labels, *first);
                let _ = labels_of(&labels, *last);
            }
            let mut all = labels.entries();
            while all.next_entry().is_some() {}
        }
    }
}

/// Ranges that follow each other with the same labels become one.
fn joined(listed: Vec<Listed>) -> Vec<Listed> {
    let mut joined: Vec<Listed> = Vec::new();
    for (first, last, texts) in listed {
        match joined.last_mut() {
            Some(before) if before.1 + 1 == first && before.2 == texts => before.1 = last,
            Some(_) | None => joined.push((first, last, texts)),
        }
    }
    joined
}

#[test]
fn a_number_may_have_several_labels_but_none_twice() {
    let mut builder = Builder::new();
    let twice = PushError::Number(set::PushError::Duplicate);
    assert_eq!(builder.push(5, "b"), Ok(()));
    assert_eq!(builder.push(5, "a"), Ok(()));
    assert_eq!(builder.push(5, "b"), Err(twice));
    let late = PushError::Number(set::PushError::OutOfOrder);
    assert_eq!(builder.push(4, "a"), Err(late));
    assert_eq!(builder.push(9, ""), Err(PushError::Label));
    let long = "x".repeat(LABEL_BYTES_MAX);
    assert_eq!(builder.push(9, &long), Ok(()));
    assert_eq!(builder.push(10, &format!("{long}x")), Err(PushError::Label));
    let parts = builder.finish();
    let labels = open(&parts).expect("whole");
    assert_eq!(labels_of(&labels, 5), ["b", "a"]);
    assert_eq!(labels_of(&labels, 9), [long]);
    assert!(labels_of(&labels, 4).is_empty());
    assert_eq!((labels.len(), labels.texts()), (2, 3));
}

#[test]
fn parts_that_do_not_belong_together_are_refused() {
    let (_, one) = build(&[(1, 0, vec!["a".into()])]);
    let (_, two) = build(&[(1, 5, vec!["a".into()])]);
    assert!(Labels::open(&one.numbers, &two.ids, &one.text).is_err());
    assert!(Labels::open(&one.ids, &one.ids, &one.text).is_err());
}

#[test]
fn a_labeled_range_of_millions_takes_a_few_bytes() {
    let mut builder = Builder::new();
    builder
        .push_range(33_162_000_000, 33_162_999_999, "telemarketing")
        .expect("ascending");
    let parts = builder.finish();
    let size = parts.numbers.len() + parts.ids.len() + parts.text.len();
    assert!(size < 4096, "{size}");
    let labels = open(&parts).expect("whole");
    assert_eq!(labels_of(&labels, 33_162_999_999), ["telemarketing"]);
}
