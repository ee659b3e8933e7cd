//! An open image.

use super::layout::{self, Facts, Span};
use crate::labels::{self, Labels};
use crate::set::{self, FormatError, NumberSet};

/// An image in bytes that somebody else owns, such as a mapped file.
#[derive(Clone, Debug)]
pub struct Image<'a> {
    bytes: &'a [u8],
    facts: Facts,
    spans: [Span; 4],
    blocked: NumberSet<'a>,
    labels: Labels<'a>,
}

/// What opening an image found out, without its bytes: whoever owns them keeps this beside them
/// and needs no other reading for a lookup.
#[derive(Clone, Debug)]
pub struct Opened {
    facts: Facts,
    spans: [Span; 4],
    blocked: set::Opened,
    labels: labels::Opened,
}

impl<'a> Image<'a> {
    /// Opens an image. Reads its trailer and its codes only.
    ///
    /// # Errors
    ///
    /// If the bytes are no image, or visibly damaged.
    pub fn open(bytes: &'a [u8]) -> Result<Self, FormatError> {
        let (facts, spans) = layout::read(bytes)?;
        let [blocked, labeled, ids, texts] = spans.map(|span| part(bytes, span));
        let image = Self {
            bytes,
            facts,
            spans,
            blocked: NumberSet::open(blocked)?,
            labels: Labels::open(labeled, ids, texts)?,
        };
        let counts = (image.blocked.len(), image.labels.len());
        match counts == (facts.blocked, facts.labeled) {
            true => Ok(image),
            false => Err(FormatError::Damaged),
        }
    }

    /// Reads everything and compares all checksums.
    ///
    /// # Errors
    ///
    /// If a byte is not as it was written.
    pub fn verify(&self) -> Result<(), FormatError> {
        layout::verify(self.bytes, &self.spans)?;
        self.blocked.verify()?;
        self.labels.verify()
    }

    /// What it says about itself.
    #[must_use]
    pub fn facts(&self) -> Facts {
        self.facts
    }

    /// The blocked numbers.
    #[must_use]
    pub fn blocked(&self) -> &NumberSet<'a> {
        &self.blocked
    }

    /// The numbers with labels.
    #[must_use]
    pub fn labels(&self) -> &Labels<'a> {
        &self.labels
    }

    /// What opening found out.
    #[must_use]
    pub fn opened(&self) -> Opened {
        Opened {
            facts: self.facts,
            spans: self.spans,
            blocked: self.blocked.opened(),
            labels: self.labels.opened(),
        }
    }
}

impl Opened {
    /// The image again. The bytes have to be those that were opened; others give wrong answers.
    #[must_use]
    pub fn over<'a>(&self, bytes: &'a [u8]) -> Image<'a> {
        let [_, labeled, ids, texts] = self.spans.map(|span| part(bytes, span));
        Image {
            bytes,
            facts: self.facts,
            spans: self.spans,
            blocked: self.blocked_over(bytes),
            labels: self.labels.over(labeled, ids, texts),
        }
    }

    /// Only its blocked numbers.
    #[must_use]
    pub fn blocked_over<'a>(&self, bytes: &'a [u8]) -> NumberSet<'a> {
        self.blocked.over(part(bytes, self.spans[0]))
    }

    /// What it says about itself.
    #[must_use]
    pub fn facts(&self) -> Facts {
        self.facts
    }
}

/// The bytes of a section; nothing if they are not there.
fn part(bytes: &[u8], span: Span) -> &[u8] {
    let begin = usize::try_from(span.at).unwrap_or(usize::MAX);
    let end = begin.saturating_add(usize::try_from(span.len).unwrap_or(usize::MAX));
    bytes.get(begin..end).unwrap_or(&[])
}
