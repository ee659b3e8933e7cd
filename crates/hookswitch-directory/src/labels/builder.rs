//! From ascending numbers with labels to the three parts.

use core::fmt;

use super::ids::IdsBuilder;
use super::text::LABEL_BYTES_MAX;
use super::text_builder::TextBuilder;
use crate::set::{self, Builder as SetBuilder};

/// Why an entry was refused. Nothing of the others is lost.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PushError {
    /// The number does not come now; [`set::PushError::Duplicate`] also for the same number with
    /// the same label.
    Number(set::PushError),
    /// The label is empty or longer than [`LABEL_BYTES_MAX`].
    Label,
    /// There are too many different labels (2^24), or too many of one number
    /// ([`LABELS_OF_ONE_MAX`]).
    Labels,
}

impl fmt::Display for PushError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(why) => why.fmt(f),
            Self::Label => write!(f, "a label has 1 to {LABEL_BYTES_MAX} bytes"),
            Self::Labels => write!(
                f,
                "more than 16,777,216 different labels, or {LABELS_OF_ONE_MAX} of one number"
            ),
        }
    }
}

impl core::error::Error for PushError {}

/// Most labels that one load gives to a number.
pub const LABELS_OF_ONE_MAX: usize = 1024;

/// The bytes of the three parts, or the rest of them.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Parts {
    /// The set of numbers with ranks.
    pub numbers: Vec<u8>,
    /// The ids of the labels by rank.
    pub ids: Vec<u8>,
    /// The text of the labels; comes at the end.
    pub text: Vec<u8>,
}

/// Numbers with labels, being built.
#[derive(Debug)]
pub struct Builder {
    set: SetBuilder,
    ids: IdsBuilder,
    text: TextBuilder,
    pending: Option<(u64, u64)>,
    pending_ids: Vec<u32>,
}

impl Default for Builder {
    fn default() -> Self {
        Self::new()
    }
}

impl Builder {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            set: SetBuilder::with_ranks(),
            ids: IdsBuilder::new(),
            text: TextBuilder::default(),
            pending: None,
            pending_ids: Vec::new(),
        }
    }

    /// Gives a number a label. The numbers ascend; the same number again gets a further label.
    ///
    /// # Errors
    ///
    /// If the number comes too late, has this label already, or the label cannot be kept.
    pub fn push(&mut self, number: u64, label: &str) -> Result<(), PushError> {
        self.push_range(number, number, label)
    }

    /// Gives all numbers from `first` to `last` a label. The same range again gets a further one.
    ///
    /// # Errors
    ///
    /// As [`Builder::push`]; also if ranges overlap without being the same.
    pub fn push_range(&mut self, first: u64, last: u64, label: &str) -> Result<(), PushError> {
        let id = self.id(label)?;
        if self.pending == Some((first, last)) {
            if self.pending_ids.len() >= LABELS_OF_ONE_MAX {
                return Err(PushError::Labels);
            }
            if self.pending_ids.contains(&id) {
                return Err(PushError::Number(set::PushError::Duplicate));
            }
            self.pending_ids.push(id);
            return Ok(());
        }
        self.flush();
        self.set
            .push_range(first, last)
            .map_err(PushError::Number)?;
        self.pending = Some((first, last));
        self.pending_ids.push(id);
        Ok(())
    }

    /// The id of a label, for [`Builder::push_ids`].
    ///
    /// # Errors
    ///
    /// If the label cannot be kept.
    pub fn id(&mut self, label: &str) -> Result<u32, PushError> {
        if label.is_empty() || label.len() > LABEL_BYTES_MAX {
            return Err(PushError::Label);
        }
        self.text.id(label).ok_or(PushError::Labels)
    }

    /// Gives all numbers from `first` to `last` the labels with these ids, which are those of this
    /// builder ([`Builder::id`]).
    ///
    /// # Errors
    ///
    /// If the numbers do not come now.
    pub fn push_ids(&mut self, first: u64, last: u64, ids: &[u32]) -> Result<(), PushError> {
        self.flush();
        self.set
            .push_range(first, last)
            .map_err(PushError::Number)?;
        self.pending = Some((first, last));
        self.pending_ids.extend_from_slice(ids);
        Ok(())
    }

    /// How many bytes the different labels have: they are held in memory until the end.
    #[must_use]
    pub fn text_bytes(&self) -> usize {
        self.text.bytes()
    }

    /// How many numbers there are.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.set.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.set.is_empty()
    }

    /// How many bytes are ready to be taken.
    #[must_use]
    pub fn ready(&self) -> usize {
        self.set.ready() + self.ids.ready()
    }

    /// The bytes that are ready, to be written behind those taken before. The text is not among
    /// them: it comes at the end.
    pub fn take(&mut self) -> Parts {
        Parts {
            numbers: self.set.take(),
            ids: self.ids.take(),
            text: Vec::new(),
        }
    }

    /// Ends the parts and gives the rest of their bytes.
    #[must_use]
    pub fn finish(mut self) -> Parts {
        self.flush();
        Parts {
            numbers: self.set.finish(),
            ids: self.ids.finish(),
            text: self.text.finish(),
        }
    }

    fn flush(&mut self) {
        if let Some((first, last)) = self.pending.take() {
            self.ids.push(&self.pending_ids, last - first + 1);
            self.pending_ids.clear();
        }
    }
}
