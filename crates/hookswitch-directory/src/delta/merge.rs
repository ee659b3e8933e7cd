//! An image and its changes become the content of the next image.

use std::collections::BTreeMap;

use super::change::Change;
use super::overlay::Overlay;
use crate::image::Image;

/// Where the content of the next image goes, in ascending order.
pub trait Target {
    /// Why something cannot be kept.
    type Error;

    /// These numbers are blocked.
    ///
    /// # Errors
    ///
    /// If it cannot be kept.
    fn block(&mut self, first: u64, last: u64) -> Result<(), Self::Error>;

    /// The id of a label in the next image.
    ///
    /// # Errors
    ///
    /// If it cannot be kept.
    fn id(&mut self, label: &str) -> Result<u32, Self::Error>;

    /// These numbers have labels with these ids.
    ///
    /// # Errors
    ///
    /// If it cannot be kept.
    fn label(&mut self, first: u64, last: u64, ids: &[u32]) -> Result<(), Self::Error>;
}

/// Gives everything that holds after the changes to `target`; how many entries that are.
///
/// # Errors
///
/// What the target refuses.
pub fn merge<T: Target>(
    image: &Image<'_>,
    overlay: &Overlay,
    change: &Change,
    target: &mut T,
) -> Result<u64, T::Error> {
    let facts = image.facts();
    let mut entries = facts.entries;
    let blocked = blocked_changes(overlay, change);
    if change.unblock_all {
        entries = entries.saturating_sub(facts.blocked);
    }
    let mut more = merge_blocked(image, change.unblock_all, &blocked, target)?;
    drop(blocked);
    if change.unlabel_all {
        entries = entries.saturating_sub(facts.labeled);
    }
    let labels = label_changes(overlay, change);
    more += merge_labels(image, change.unlabel_all, &labels, target)?;
    Ok(entries.saturating_add_signed(more))
}

/// All numbers whose being blocked may change, ascending.
fn blocked_changes(overlay: &Overlay, change: &Change) -> Vec<(u64, bool)> {
    let before = overlay
        .blocked
        .iter()
        .map(|(number, blocked)| (*number, *blocked))
        .chain(change.unblock.iter().map(|number| (*number, false)));
    let mut all: Vec<(u64, bool)> = before
        .filter(|_| !change.unblock_all)
        .chain(change.block.iter().map(|number| (*number, true)))
        .collect();
    // Stable: of one number the last one counts. Ascending parts are only joined.
    all.sort_by_key(|(number, _)| *number);
    all.dedup_by(|later, kept| {
        let same = later.0 == kept.0;
        if same {
            kept.1 = later.1;
        }
        same
    });
    all
}

fn merge_blocked<T: Target>(
    image: &Image<'_>,
    without: bool,
    changes: &[(u64, bool)],
    target: &mut T,
) -> Result<i64, T::Error> {
    let (mut next, mut more) = (0, 0);
    let many = if without { 0 } else { usize::MAX };
    for (first, last) in image.blocked().ranges().take(many) {
        while let Some((number, blocked)) = changes.get(next).filter(|(n, _)| *n < first) {
            if *blocked {
                target.block(*number, *number)?;
                more += 1;
            }
            next += 1;
        }
        let mut begin = first;
        while let Some((number, blocked)) = changes.get(next).filter(|(n, _)| *n <= last) {
            if !blocked {
                if begin < *number {
                    target.block(begin, number - 1)?;
                }
                begin = number + 1;
                more -= 1;
            }
            next += 1;
        }
        if begin <= last {
            target.block(begin, last)?;
        }
    }
    for (number, _) in changes[next..].iter().filter(|(_, blocked)| *blocked) {
        target.block(*number, *number)?;
        more += 1;
    }
    Ok(more)
}

/// What happens to the labels of one number.
#[derive(Debug, Default)]
struct Relabel {
    /// Those of the image are replaced by these.
    replace: Option<Vec<Box<str>>>,
    /// These come behind them.
    append: Vec<Box<str>>,
}

fn label_changes(overlay: &Overlay, change: &Change) -> BTreeMap<u64, Relabel> {
    let mut all: BTreeMap<u64, Relabel> = BTreeMap::new();
    if !change.unlabel_all {
        for (number, labels) in &overlay.labels {
            all.entry(*number).or_default().replace = Some(labels.clone());
        }
        for number in &change.unlabel {
            all.entry(*number).or_default().replace = Some(Vec::new());
        }
    }
    for (number, labels) in &change.label {
        all.entry(*number).or_default().append = labels.clone();
    }
    all
}

fn merge_labels<T: Target>(
    image: &Image<'_>,
    without: bool,
    changes: &BTreeMap<u64, Relabel>,
    target: &mut T,
) -> Result<i64, T::Error> {
    let mut merger = LabelMerger {
        image,
        target,
        ids: vec![None; image.labels().texts() as usize],
        list: Vec::new(),
        more: 0,
    };
    let mut changes = changes.iter().peekable();
    let mut entries = image.labels().entries();
    while !without && let Some((first, last, ids)) = entries.next_entry() {
        while let Some((number, relabel)) = changes.next_if(|(n, _)| **n < first) {
            merger.relabel(*number, &[], relabel)?;
        }
        let mut begin = first;
        while let Some((number, relabel)) = changes.next_if(|(n, _)| **n <= last) {
            if begin < *number {
                merger.keep(begin, number - 1, ids)?;
            }
            merger.relabel(*number, ids, relabel)?;
            begin = number + 1;
        }
        if begin <= last {
            merger.keep(begin, last, ids)?;
        }
    }
    for (number, relabel) in changes {
        merger.relabel(*number, &[], relabel)?;
    }
    Ok(merger.more)
}

struct LabelMerger<'m, 'a, T> {
    image: &'m Image<'a>,
    target: &'m mut T,
    /// For each label of the image its id in the next one.
    ids: Vec<Option<u32>>,
    list: Vec<u32>,
    more: i64,
}

impl<T: Target> LabelMerger<'_, '_, T> {
    fn keep(&mut self, first: u64, last: u64, ids: &[u32]) -> Result<(), T::Error> {
        self.translate(ids)?;
        self.write(first, last)
    }

    fn relabel(&mut self, number: u64, ids: &[u32], relabel: &Relabel) -> Result<(), T::Error> {
        self.list.clear();
        if relabel.replace.is_none() {
            self.translate(ids)?;
        }
        let labels = relabel.replace.iter().flatten().chain(&relabel.append);
        for label in labels {
            let id = self.target.id(label)?;
            if !self.list.contains(&id) {
                self.list.push(id);
            }
        }
        self.more += i64::from(!self.list.is_empty()) - i64::from(!ids.is_empty());
        self.write(number, number)
    }

    fn translate(&mut self, ids: &[u32]) -> Result<(), T::Error> {
        self.list.clear();
        for id in ids {
            let known = self.ids.get(*id as usize).copied().flatten();
            let new = match known {
                Some(new) => new,
                None => {
                    // A label that cannot be read was damaged: the image is checked before.
                    let Some(text) = self.image.labels().text(*id) else {
                        continue;
                    };
                    let new = self.target.id(&text)?;
                    if let Some(slot) = self.ids.get_mut(*id as usize) {
                        *slot = Some(new);
                    }
                    new
                }
            };
            self.list.push(new);
        }
        Ok(())
    }

    fn write(&mut self, first: u64, last: u64) -> Result<(), T::Error> {
        if self.list.is_empty() {
            return Ok(());
        }
        self.target.label(first, last, &self.list)
    }
}
