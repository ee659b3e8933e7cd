//! A load that goes on.

use std::sync::Arc;

use hookswitch_directory::delta::Change;
use hookswitch_directory::labels::{self, LABELS_OF_ONE_MAX};
use hookswitch_directory::load::{Entry, LABEL_TEXTS_MAX, List, Load, LoadError, Mode, Why};
use hookswitch_directory::set;

use crate::error::StoreError;
use crate::files::Files;
use crate::writer::{ImageWriter, PushError};

/// The widest range of an incremental load.
const RANGE_MAX: u64 = 1 << 16;

/// Most numbers in an incremental load: they are held in memory until it is kept.
const CHANGES_MAX: u64 = 4_000_000;

/// What a commit made.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Committed {
    /// The number of this load.
    pub generation: u64,
    /// How many entries the extension has now.
    pub entries: u64,
    /// Whether there are so many changes that a new image should be made
    /// ([`Extension::rebuild`](crate::Extension::rebuild)) when there is time.
    pub wants_rebuild: bool,
}

/// A load; it is kept by [`Extension::commit`](crate::Extension::commit) and else forgotten.
pub struct Loading<F: Files> {
    pub(crate) load: Load,
    pub(crate) files: F,
    pub(crate) name: String,
    pub(crate) image: Option<ImageWriter<F>>,
    pub(crate) change: Change,
    /// Bytes of the labels in the change.
    pub(crate) change_texts: usize,
    /// As long as it lives, no other load begins.
    pub(crate) token: Arc<()>,
}

impl<F: Files> Loading<F> {
    /// Whether the entries are changes; asked before the first entry it makes them so.
    pub fn ask_incremental(&mut self) -> bool {
        self.load.ask_incremental()
    }

    /// Whether the entries are changes.
    #[must_use]
    pub fn is_incremental(&self) -> bool {
        self.load.mode() == Mode::Incremental
    }

    /// How many entries came in a list.
    #[must_use]
    pub fn count(&self, list: List) -> u64 {
        self.load.count(list)
    }

    /// Blocks numbers.
    ///
    /// # Errors
    ///
    /// If the entry breaks a rule, or the disk is full.
    pub fn block(&mut self, entry: Entry) -> Result<(), StoreError> {
        let (first, last) = self.load.take(List::Blocking, entry)?;
        if self.load.mode() == Mode::Incremental {
            self.narrow(List::Blocking, &entry)?;
            self.change.block.extend(first..=last);
            return Ok(());
        }
        let pushed = self.image()?.push_blocked(first, last);
        self.pushed(List::Blocking, pushed, &entry)
    }

    /// Gives numbers a label.
    ///
    /// # Errors
    ///
    /// If the entry breaks a rule, or the disk is full.
    pub fn identify(&mut self, entry: Entry, label: &str) -> Result<(), StoreError> {
        let (first, last) = self.load.take(List::Identification, entry)?;
        let texts = match &self.image {
            Some(image) => image.text_bytes(),
            None => self.change_texts,
        };
        if texts + label.len() > LABEL_TEXTS_MAX {
            return Err(self.fail(List::Identification, Why::LabelTexts, &entry));
        }
        if self.load.mode() == Mode::Full {
            let pushed = self.image()?.push_label(first, last, label);
            return self.pushed(List::Identification, pushed, &entry);
        }
        self.narrow(List::Identification, &entry)?;
        let is_fine = !label.is_empty() && label.len() <= labels::LABEL_BYTES_MAX;
        if !is_fine {
            return Err(self.fail(List::Identification, Why::Label, &entry));
        }
        let numbers = usize::try_from(last - first + 1).unwrap_or(usize::MAX);
        self.change_texts = label.len().saturating_mul(numbers).saturating_add(texts);
        if self.change_texts > LABEL_TEXTS_MAX {
            return Err(self.fail(List::Identification, Why::LabelTexts, &entry));
        }
        for number in first..=last {
            let again = self
                .change
                .label
                .binary_search_by_key(&number, |(number, _)| *number);
            match again {
                Ok(at) => {
                    let labels = &mut self.change.label[at].1;
                    if labels.iter().any(|known| **known == *label) {
                        return Err(self.fail(List::Identification, Why::SameLabel, &entry));
                    }
                    if labels.len() >= LABELS_OF_ONE_MAX {
                        return Err(self.fail(List::Identification, Why::Label, &entry));
                    }
                    labels.push(label.into());
                }
                Err(_) => self.change.label.push((number, vec![label.into()])),
            }
        }
        Ok(())
    }

    /// Blocks numbers no longer.
    ///
    /// # Errors
    ///
    /// In a full load, or if the entry breaks a rule.
    pub fn unblock(&mut self, entry: Entry) -> Result<(), StoreError> {
        let (first, last) = self.load.take(List::BlockingRemovals, entry)?;
        self.narrow(List::BlockingRemovals, &entry)?;
        self.change.unblock.extend(first..=last);
        Ok(())
    }

    /// Takes all labels of numbers.
    ///
    /// # Errors
    ///
    /// In a full load, or if the entry breaks a rule.
    pub fn unlabel(&mut self, entry: Entry) -> Result<(), StoreError> {
        let (first, last) = self.load.take(List::IdentificationRemovals, entry)?;
        self.narrow(List::IdentificationRemovals, &entry)?;
        self.change.unlabel.extend(first..=last);
        Ok(())
    }

    /// Blocks nothing of what was blocked before.
    ///
    /// # Errors
    ///
    /// In a full load.
    pub fn unblock_all(&mut self) -> Result<(), StoreError> {
        self.load.remove_all(List::BlockingRemovals)?;
        self.change.unblock_all = true;
        Ok(())
    }

    /// Takes all labels that were there before.
    ///
    /// # Errors
    ///
    /// In a full load.
    pub fn unlabel_all(&mut self) -> Result<(), StoreError> {
        self.load.remove_all(List::IdentificationRemovals)?;
        self.change.unlabel_all = true;
        Ok(())
    }

    /// The image being written; it begins with the first entry.
    pub(crate) fn image(&mut self) -> Result<&mut ImageWriter<F>, StoreError> {
        match &mut self.image {
            Some(image) => Ok(image),
            none => Ok(none.insert(ImageWriter::create(&self.files, &self.name)?)),
        }
    }

    fn pushed(
        &mut self,
        list: List,
        pushed: Result<(), PushError>,
        entry: &Entry,
    ) -> Result<(), StoreError> {
        let why = match pushed {
            Ok(()) => return Ok(()),
            Err(PushError::Entry(why)) => why,
            Err(PushError::Io(error)) => {
                self.load.fail(list, Why::Storage, entry);
                return Err(StoreError::Io(error));
            }
        };
        let why = match why {
            labels::PushError::Number(set::PushError::Duplicate) => Why::SameLabel,
            labels::PushError::Number(set::PushError::OutOfOrder) => Why::Smaller(0),
            labels::PushError::Number(set::PushError::OutOfRange) => Why::NotPositive,
            labels::PushError::Label | labels::PushError::Labels => Why::Label,
        };
        Err(self.fail(list, why, entry))
    }

    fn narrow(&mut self, list: List, entry: &Entry) -> Result<(), StoreError> {
        let width = entry.last.abs_diff(entry.first);
        if width >= RANGE_MAX {
            return Err(self.fail(list, Why::WideRange, entry));
        }
        if self.change.len() as u64 + width >= CHANGES_MAX {
            return Err(self.fail(list, Why::TooManyChanges(CHANGES_MAX), entry));
        }
        Ok(())
    }

    fn fail(&mut self, list: List, why: Why, entry: &Entry) -> StoreError {
        let error: LoadError = self.load.fail(list, why, entry);
        StoreError::Load(error)
    }
}

impl<F: Files> Drop for Loading<F> {
    fn drop(&mut self) {
        if let Some(image) = self.image.take() {
            image.discard();
        }
    }
}
