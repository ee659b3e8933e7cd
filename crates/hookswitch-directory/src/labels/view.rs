//! Looking up and listing numbers with labels.

use std::sync::Arc;

use super::code::Decoder;
use super::ids::{Cursor, Ids};
use super::text::Texts;
use crate::pack::footer::{FOOTER, Footer};
use crate::pack::group::Group;
use crate::pack::packed::Packed;
use crate::set::{self, FormatError, NumberSet, Ranges};

/// Numbers with labels in bytes that somebody else owns.
#[derive(Clone, Debug)]
pub struct Labels<'a> {
    set: NumberSet<'a>,
    ids: Ids<'a>,
    texts: Texts<'a>,
}

impl<'a> Labels<'a> {
    /// Opens the three parts.
    ///
    /// # Errors
    ///
    /// If one is visibly damaged, or they do not belong together.
    pub fn open(numbers: &'a [u8], ids: &'a [u8], text: &'a [u8]) -> Result<Self, FormatError> {
        let (set, ids) = (NumberSet::open(numbers)?, Ids::open(ids)?);
        if ids.packed.footer.numbers != set.len() || !set.has_ranks() {
            return Err(FormatError::Damaged);
        }
        let texts = Texts::open(text)?;
        Ok(Self { set, ids, texts })
    }

    /// Reads everything and compares the checksums.
    ///
    /// # Errors
    ///
    /// If a byte is not as it was written.
    pub fn verify(&self) -> Result<(), FormatError> {
        self.set.verify()?;
        self.ids.packed.footer.verify(self.ids.packed.body)?;
        self.texts.verify()
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

    /// How many different labels there are.
    #[must_use]
    pub fn texts(&self) -> u64 {
        self.texts.footer.numbers
    }

    /// Tells the labels of a number in their order; whether it has some.
    pub fn visit(&self, number: u64, visit: &mut dyn FnMut(&str)) -> bool {
        let Some(rank) = self.set.rank(number) else {
            return false;
        };
        self.ids.visit(rank, &mut |id| {
            if let Some(text) = self.texts.get(id) {
                visit(&text);
            }
        });
        true
    }

    /// The text of a label by its id, as [`Entries`] gives it.
    #[must_use]
    pub fn text(&self, id: u32) -> Option<String> {
        self.texts.get(id)
    }

    /// What opening found out.
    #[must_use]
    pub fn opened(&self) -> Opened {
        Opened {
            set: self.set.opened(),
            ids: (self.ids.packed.footer, Arc::clone(&self.ids.decoders)),
            texts: (self.texts.footer, Arc::clone(&self.texts.decoders)),
        }
    }

    /// All numbers in order with the ids of their labels.
    #[must_use]
    pub fn entries(&self) -> Entries<'_, 'a> {
        Entries {
            ranges: self.set.ranges(),
            range: None,
            ids: &self.ids,
            next_group: 0,
            group: None,
            next_block: 0,
            list: Vec::new(),
            count: 0,
        }
    }
}

/// What opening found out, without the bytes.
#[derive(Clone, Debug)]
pub struct Opened {
    set: set::Opened,
    ids: (Footer, Arc<[Decoder]>),
    texts: (Footer, Arc<[Decoder]>),
}

impl Opened {
    /// The numbers with labels again. The bytes have to be those that were opened; others give
    /// wrong answers.
    #[must_use]
    pub fn over<'a>(&self, numbers: &'a [u8], ids: &'a [u8], text: &'a [u8]) -> Labels<'a> {
        let body = text.get(..text.len().saturating_sub(FOOTER)).unwrap_or(&[]);
        let (footer, decoders) = &self.texts;
        let texts = Texts::over(body, *footer, Arc::clone(decoders));
        Labels {
            set: self.set.over(numbers),
            ids: Ids {
                packed: Packed::over(ids, self.ids.0, true),
                decoders: Arc::clone(&self.ids.1),
            },
            texts: texts.unwrap_or_else(|| Texts::none(Arc::clone(decoders))),
        }
    }
}

/// The numbers with the ids of their labels, in ranges that have the same ones.
#[derive(Debug)]
pub struct Entries<'s, 'a> {
    ranges: Ranges<'s, 'a>,
    range: Option<(u64, u64)>,
    ids: &'s Ids<'a>,
    next_group: usize,
    group: Option<(Group<'a>, Cursor<'s>)>,
    next_block: usize,
    list: Vec<u32>,
    /// How many further numbers have this list.
    count: u64,
}

impl Entries<'_, '_> {
    /// The next range and the ids of its labels.
    pub fn next_entry(&mut self) -> Option<(u64, u64, &[u32])> {
        let (first, last) = match self.range.take() {
            Some(range) => range,
            None => self.ranges.next()?,
        };
        if self.count == 0 {
            self.count = self.next_list()?;
        }
        let many = (last - first).saturating_add(1).min(self.count);
        self.count -= many;
        let end = first + (many - 1);
        if end < last {
            self.range = Some((end + 1, last));
        }
        Some((first, end, &self.list))
    }

    fn next_list(&mut self) -> Option<u64> {
        loop {
            if let Some((group, cursor)) = &mut self.group {
                if let Some(count) = cursor.next_list(&mut self.list) {
                    return Some(count);
                }
                if self.next_block < group.blocks {
                    cursor.enter(group, self.next_block);
                    self.next_block += 1;
                    continue;
                }
            }
            self.group = Some(self.ids.group(self.next_group)?);
            self.next_group += 1;
            self.next_block = 0;
        }
    }
}
