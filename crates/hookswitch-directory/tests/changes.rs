//! Images, changes and merged images against a plain map.

use std::collections::BTreeMap;
use std::convert::Infallible;

use hookswitch_directory::delta::{Change, Overlay, Record, Target, merge, read_log, write_record};
use hookswitch_directory::image::{Facts, Image, Section, Writer};
use hookswitch_directory::{labels, set};
use proptest::collection::{btree_map, btree_set, vec};
use proptest::prelude::*;

/// What a map says: blocked or not, and labels.
#[derive(Clone, Debug, Default, PartialEq)]
struct Model {
    blocked: BTreeMap<u64, ()>,
    labels: BTreeMap<u64, Vec<Box<str>>>,
}

impl Model {
    fn apply(&mut self, change: &Change) {
        if change.unblock_all {
            self.blocked.clear();
        }
        if change.unlabel_all {
            self.labels.clear();
        }
        for number in &change.unblock {
            self.blocked.remove(number);
        }
        for number in &change.unlabel {
            self.labels.remove(number);
        }
        for number in &change.block {
            self.blocked.insert(*number, ());
        }
        for (number, more) in &change.label {
            let labels = self.labels.entry(*number).or_default();
            for label in more {
                if !labels.contains(label) {
                    labels.push(label.clone());
                }
            }
        }
    }
}

/// Builds an image from what it is given.
#[derive(Default)]
struct Parts {
    blocked: set::Builder,
    labels: labels::Builder,
}

impl Target for Parts {
    type Error = Infallible;

    fn block(&mut self, first: u64, last: u64) -> Result<(), Infallible> {
        self.blocked.push_range(first, last).expect("ascending");
        Ok(())
    }

    fn id(&mut self, label: &str) -> Result<u32, Infallible> {
        Ok(self.labels.id(label).expect("a label"))
    }

    fn label(&mut self, first: u64, last: u64, ids: &[u32]) -> Result<(), Infallible> {
        self.labels.push_ids(first, last, ids).expect("ascending");
        Ok(())
    }
}

impl Parts {
    fn image(self, entries: u64) -> Vec<u8> {
        let facts = Facts {
            generation: 7,
            loaded: -5,
            entries,
            blocked: self.blocked.len(),
            labeled: self.labels.len(),
        };
        let rest = self.labels.finish();
        let sections = [self.blocked.finish(), rest.numbers, rest.ids, rest.text];
        let mut bytes = Vec::new();
        let mut writer = Writer::new(&mut bytes);
        for (section, part) in Section::ALL.into_iter().zip(sections) {
            writer.begin(section, &mut bytes);
            writer.add(&part);
            bytes.extend(part);
        }
        writer.finish(&facts, &mut bytes);
        bytes
    }
}

fn image_of(model: &Model) -> Vec<u8> {
    let mut parts = Parts::default();
    for number in model.blocked.keys() {
        parts.blocked.push(*number).expect("ascending");
    }
    for (number, labels) in &model.labels {
        for label in labels {
            parts.labels.push(*number, label).expect("ascending");
        }
    }
    parts.image((model.blocked.len() + model.labels.len()) as u64)
}

fn model_of(image: &Image<'_>) -> Model {
    let mut model = Model::default();
    for (first, last) in image.blocked().ranges() {
        model
            .blocked
            .extend((first..=last).map(|number| (number, ())));
    }
    let mut entries = image.labels().entries();
    while let Some((first, last, ids)) = entries.next_entry() {
        let text = |id: &u32| image.labels().text(*id).expect("whole").into();
        let texts: Vec<Box<str>> = ids.iter().map(text).collect();
        model
            .labels
            .extend((first..=last).map(|number| (number, texts.clone())));
    }
    model
}

fn texts() -> impl Strategy<Value = Vec<Box<str>>> {
    btree_set("[a-e]", 1..3).prop_map(|set| set.into_iter().map(Into::into).collect())
}

fn models() -> impl Strategy<Value = Model> {
    let numbers = || 1u64..120;
    let blocked = btree_map(numbers(), Just(()), 0..60);
    let labels = btree_map(numbers(), texts(), 0..60);
    (blocked, labels).prop_map(|(blocked, labels)| Model { blocked, labels })
}

fn changes() -> impl Strategy<Value = Change> {
    let numbers = || btree_set(1u64..120, 0..20).prop_map(|set| set.into_iter().collect());
    let label = btree_map(1u64..120, texts(), 0..20);
    (numbers(), numbers(), numbers(), label).prop_map(|(unblock, unlabel, block, label)| Change {
        unblock,
        unlabel,
        block,
        label: label.into_iter().collect(),
        ..Change::default()
    })
}

proptest! {
    #[test]
    fn changes_over_an_image_are_what_a_map_would_be(
        first in models(),
        changes in vec(changes(), 1..4),
    ) {
        let bytes = image_of(&first);
        let image = Image::open(&bytes).expect("whole");
        prop_assert_eq!(image.verify(), Ok(()));
        prop_assert_eq!(&model_of(&image), &first);
        let (mut model, mut overlay) = (first.clone(), Overlay::default());
        let opened = image.opened();
        let image = opened.over(&bytes);
        let (last, before) = changes.split_last().expect("one at least");
        for change in before {
            overlay.apply(change, &image);
            model.apply(change);
        }
        let mut whole = overlay.clone();
        whole.apply(last, &image);
        model.apply(last);
        for number in 1..130 {
            prop_assert_eq!(whole.blocks(number, &image), model.blocked.contains_key(&number));
            let mut labels: Vec<Box<str>> = Vec::new();
            whole.labels(number, &image, &mut |label| labels.push(label.into()));
            prop_assert_eq!(labels, model.labels.get(&number).cloned().unwrap_or_default());
        }
        let count = (model.blocked.len() as u64, model.labels.len() as u64);
        prop_assert_eq!((whole.count_blocked(&image), whole.count_labeled(&image)), count);
        let all = Change { unblock_all: true, unlabel_all: true, ..last.clone() };
        let mut emptied = Model::default();
        emptied.apply(&all);
        let merges = [
            (&overlay, last, &model),
            (&whole, &Change::default(), &model),
            (&overlay, &all, &emptied),
        ];
        for (overlay, change, model) in merges {
            let count = (model.blocked.len() as u64, model.labels.len() as u64);
            let mut parts = Parts::default();
            let Ok(entries) = merge(&image, overlay, change, &mut parts);
            if !change.unblock_all {
                prop_assert_eq!(entries, count.0 + count.1);
            }
            let bytes = parts.image(entries);
            let merged = Image::open(&bytes).expect("whole");
            prop_assert_eq!(merged.verify(), Ok(()));
            prop_assert_eq!(&model_of(&merged), model);
        }
    }

    #[test]
    fn each_damaged_byte_of_an_image_is_noticed(
        model in models(),
        at in any::<prop::sample::Index>(),
        flip in 1u8..,
    ) {
        let mut bytes = image_of(&model);
        let index = at.index(bytes.len());
        bytes[index] ^= flip;
        if let Ok(image) = Image::open(&bytes) {
            prop_assert!(image.verify().is_err(), "byte {}", index);
            let _ = image.blocked().ranges().count();
            let mut entries = image.labels().entries();
            while let Some((first, _, ids)) = entries.next_entry() {
                ids.iter().for_each(|id| drop(image.labels().text(*id)));
                let _ = image.blocked().contains(first);
            }
        }
        bytes.truncate(index);
        prop_assert!(Image::open(&bytes).is_err());
    }

    #[test]
    fn a_log_is_read_up_to_what_is_damaged(
        changes in vec(changes(), 0..5),
        at in any::<prop::sample::Index>(),
        flip in 1u8..,
    ) {
        let (mut log, mut ends) = (Vec::new(), vec![0]);
        let record = |(change, generation): (&Change, u64)| Record {
            generation,
            loaded: 12,
            change: change.clone(),
        };
        let records: Vec<Record> = changes.iter().zip(10..).map(record).collect();
        for record in &records {
            write_record(record, &mut log);
            ends.push(log.len());
        }
        prop_assert_eq!(read_log(&log, 9), (records.clone(), log.len()));
        prop_assert_eq!(read_log(&log, 8), (vec![], 0));
        if !log.is_empty() {
            let index = at.index(log.len());
            let whole = ends.iter().filter(|end| **end <= index).count() - 1;
            let want = (records[..whole].to_vec(), ends[whole]);
            log[index] ^= flip;
            prop_assert_eq!(read_log(&log, 9), want.clone());
            log.truncate(index);
            prop_assert_eq!(read_log(&log, 9), want);
        }
    }
}

#[test]
fn an_image_says_what_it_is() {
    let bytes = image_of(&Model::default());
    let image = Image::open(&bytes).expect("whole");
    let facts = image.facts();
    assert_eq!((facts.generation, facts.loaded, facts.entries), (7, -5, 0));
    assert!(bytes.starts_with(b"hookswitch call directory"));
}
