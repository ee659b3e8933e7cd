//! Loads on a disk that fails, against a plain map.

use std::collections::{BTreeMap, BTreeSet};

use hookswitch_directory::load::{Entry, Limits};
use hookswitch_directory_store::{Extension, StoreError, View};

use crate::disk::{Disk, Fault, Rng};

/// Numbers are from 1 to this.
const NUMBERS: u64 = 48;

const LIMITS: Limits = Limits {
    entries: 1_000,
    entries_in_all: 1_000,
};

/// What an extension says about every number.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Model {
    blocked: BTreeSet<u64>,
    labels: BTreeMap<u64, Vec<String>>,
}

/// One thing that is done to an extension.
#[derive(Clone, Debug)]
enum Deed {
    Full(Model),
    Change {
        unblock: BTreeSet<u64>,
        unlabel: BTreeSet<u64>,
        unblock_all: bool,
        add: Model,
    },
    Rebuild,
}

/// How many points were tried, and how often the data before counted.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Tally {
    /// Losses of power, at every operation.
    pub power: u64,
    /// Full disks, at every operation.
    pub full: u64,
    /// Bits that flipped and ends that were lost.
    pub decay: u64,
    /// Of these, how often an older state or nothing was served.
    pub older: u64,
}

impl Tally {
    /// All points.
    pub fn all(&self) -> u64 {
        self.power + self.full + self.decay
    }
}

/// One story: a few deeds that go well, then one that is tried with a fault at each operation.
pub fn story(seed: u64, tally: &mut Tally) {
    let mut rng = Rng(seed);
    let disk = Disk::new();
    let mut history = vec![Model::default()];
    for _ in 0..rng.below(4) {
        let deed = deed(&mut rng);
        let mut extension = open(&disk).expect("the disk is fine");
        perform(&mut extension, &deed).expect("the disk is fine");
        history.push(after(history.last().expect("one"), &deed));
        assert_eq!(state(extension.view()), *history.last().expect("one"));
    }
    let deed = deed(&mut rng);
    let before = history.last().expect("one").clone();
    let wanted = after(&before, &deed);
    let tried = disk.copy(None, 0);
    perform(&mut open(&tried).expect("fine"), &deed).expect("fine");
    for at in 1..=tried.operations() {
        power(
            &disk.copy(Some((at, Fault::Power)), rng.draw()),
            &deed,
            [&before, &wanted],
            &mut rng,
        );
        full(
            &disk.copy(Some((at, Fault::Full)), rng.draw()),
            &deed,
            [&before, &wanted],
            &mut rng,
        );
        tally.power += 1;
        tally.full += 1;
    }
    history.push(wanted);
    for _ in 0..tried.operations() {
        if let Some(disk) = tried.decay(rng.draw()) {
            tally.decay += 1;
            tally.older += u64::from(decay(&disk, &history));
        }
    }
}

/// The power goes: afterwards the state is the one before or the one wanted, and it goes on.
fn power(disk: &Disk, deed: &Deed, [before, wanted]: [&Model; 2], rng: &mut Rng) {
    let done = open(disk).and_then(|mut extension| perform(&mut extension, deed));
    let left = disk.without_power(rng.draw());
    let found = open(&left).map(|extension| state(extension.view()));
    let found = found.expect("nothing is damaged by a loss of power");
    match done {
        Ok(()) => assert_eq!(found, *wanted, "a load that was kept is there"),
        Err(_) => assert!(found == *before || found == *wanted, "all or nothing"),
    }
    goes_on(&left, &found, rng);
}

/// The disk is full for a moment: the data before counts, and the next try succeeds.
fn full(disk: &Disk, deed: &Deed, [before, wanted]: [&Model; 2], rng: &mut Rng) {
    let Ok(mut extension) = open(disk) else {
        return;
    };
    match perform(&mut extension, deed) {
        Ok(()) => assert_eq!(state(extension.view()), *wanted),
        Err(_) => {
            assert_eq!(state(extension.view()), *before, "nothing of it counts");
            perform(&mut extension, deed).expect("there is space again");
            assert_eq!(state(extension.view()), *wanted);
        }
    }
    drop(extension);
    let left = disk.without_power(rng.draw());
    let found = open(&left).map(|extension| state(extension.view()));
    assert_eq!(found.expect("nothing is damaged"), *wanted, "it was kept");
}

/// Something decayed: what is served was true once, or it is said that nothing is left. Whether
/// it is not the newest.
fn decay(disk: &Disk, history: &[Model]) -> bool {
    let newest = history.last().expect("one");
    let (mut extension, found) = match open(disk) {
        Ok(extension) => {
            let found = state(extension.view());
            assert!(history.contains(&found), "never a wrong answer: {found:?}");
            (extension, Some(found))
        }
        Err(StoreError::Damaged) => (Extension::empty(disk.clone()).expect("fine"), None),
        Err(other) => panic!("{other}"),
    };
    perform(&mut extension, &Deed::Full(newest.clone())).expect("the disk is fine");
    assert_eq!(state(extension.view()), *newest);
    drop(extension);
    assert_eq!(state(open(disk).expect("fine").view()), *newest);
    found.as_ref() != Some(newest)
}

/// What was found can be changed and is kept.
fn goes_on(disk: &Disk, found: &Model, rng: &mut Rng) {
    let mut extension = open(disk).expect("fine");
    let deed = deed(rng);
    perform(&mut extension, &deed).expect("the disk is fine");
    let wanted = after(found, &deed);
    assert_eq!(state(extension.view()), wanted);
    drop(extension);
    let left = disk.without_power(rng.draw());
    assert_eq!(state(open(&left).expect("fine").view()), wanted);
}

fn open(disk: &Disk) -> Result<Extension<Disk>, StoreError> {
    Extension::open(disk.clone()).map(|opened| opened.extension)
}

fn perform(extension: &mut Extension<Disk>, deed: &Deed) -> Result<(), StoreError> {
    let (is_full, model) = match deed {
        Deed::Rebuild => return extension.rebuild(),
        Deed::Full(model) => (true, model),
        Deed::Change { add, .. } => (false, add),
    };
    let mut load = extension.begin(LIMITS)?;
    let is_change = !is_full && load.ask_incremental();
    if let (
        true,
        Deed::Change {
            unblock,
            unlabel,
            unblock_all,
            ..
        },
    ) = (is_change, deed)
    {
        if *unblock_all {
            load.unblock_all()?;
        }
        for number in unblock {
            load.unblock(Entry::number(*number as i64))?;
        }
        for number in unlabel {
            load.unlabel(Entry::number(*number as i64))?;
        }
    }
    for number in &model.blocked {
        load.block(Entry::number(*number as i64))?;
    }
    for (number, labels) in &model.labels {
        for label in labels {
            load.identify(Entry::number(*number as i64), label)?;
        }
    }
    extension.commit(load, 0, 0).map(drop)
}

fn after(before: &Model, deed: &Deed) -> Model {
    let mut model = before.clone();
    match deed {
        Deed::Rebuild => {}
        Deed::Full(new) => model = new.clone(),
        Deed::Change {
            unblock,
            unlabel,
            unblock_all,
            add,
        } => {
            if *unblock_all {
                model.blocked.clear();
            }
            model.blocked.retain(|number| !unblock.contains(number));
            model.labels.retain(|number, _| !unlabel.contains(number));
            model.blocked.extend(&add.blocked);
            for (number, more) in &add.labels {
                let labels = model.labels.entry(*number).or_default();
                for label in more {
                    if !labels.contains(label) {
                        labels.push(label.clone());
                    }
                }
            }
        }
    }
    model
}

fn state(view: Option<View>) -> Model {
    let mut model = Model::default();
    let Some(view) = view else {
        return model;
    };
    for number in 1..=NUMBERS + 2 {
        if view.blocks(number) {
            model.blocked.insert(number);
        }
        let mut labels = Vec::new();
        view.labels(number, &mut |label| labels.push(label.to_owned()));
        if !labels.is_empty() {
            model.labels.insert(number, labels);
        }
    }
    model
}

fn deed(rng: &mut Rng) -> Deed {
    match rng.below(8) {
        0 => Deed::Rebuild,
        1..=2 => Deed::Full(model(rng, 40)),
        _ => Deed::Change {
            unblock: numbers(rng, 10),
            unlabel: numbers(rng, 10),
            unblock_all: rng.below(8) == 0,
            add: model(rng, 12),
        },
    }
}

fn numbers(rng: &mut Rng, most: usize) -> BTreeSet<u64> {
    let many = rng.below(most);
    (0..many).map(|_| 1 + rng.draw() % NUMBERS).collect()
}

fn model(rng: &mut Rng, most: usize) -> Model {
    let labels = numbers(rng, most).into_iter().map(|number| {
        let first = rng.below(5);
        let mut labels = vec![format!("label {first}")];
        if rng.below(3) == 0 {
            labels.push(format!("label {}", first + 1));
        }
        (number, labels)
    });
    let labels = labels.collect();
    Model {
        blocked: numbers(rng, most),
        labels,
    }
}
