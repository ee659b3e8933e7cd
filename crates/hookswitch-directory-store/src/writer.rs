//! Writing an image into a file while the entries come in.

use std::io;

use hookswitch_directory::delta::Target;
use hookswitch_directory::image::{Facts, Section, Writer};
use hookswitch_directory::{labels, set};

use crate::error::StoreError;
use crate::files::{Files, Output};

/// Bytes that are gathered before they are written.
const CHUNK: usize = 1 << 16;

/// The names of the files that hold a part until the parts before it are complete.
const SPOOLS: [&str; 2] = ["numbers.new", "ids.new"];

/// An image being written. Labels and blocked numbers come in any mixture: parts of the former
/// wait in files of their own.
pub(crate) struct ImageWriter<F: Files> {
    files: F,
    name: String,
    out: F::Output,
    layout: Writer,
    blocked: set::Builder,
    labels: labels::Builder,
    spools: Option<[F::Output; 2]>,
}

impl<F: Files> ImageWriter<F> {
    pub(crate) fn create(files: &F, name: &str) -> io::Result<Self> {
        let mut out = files.create(name)?;
        let mut start = Vec::new();
        let mut layout = Writer::new(&mut start);
        layout.begin(Section::Blocked, &mut start);
        out.write(&start)?;
        Ok(Self {
            files: files.clone(),
            name: name.to_owned(),
            out,
            layout,
            blocked: set::Builder::new(),
            labels: labels::Builder::new(),
            spools: None,
        })
    }

    /// Blocks these numbers.
    pub(crate) fn push_blocked(&mut self, first: u64, last: u64) -> Result<(), PushError> {
        self.blocked
            .push_range(first, last)
            .map_err(labels::PushError::Number)?;
        if self.blocked.ready() >= CHUNK {
            let ready = self.blocked.take();
            self.layout.add(&ready);
            self.out.write(&ready)?;
        }
        Ok(())
    }

    /// Gives these numbers a label.
    pub(crate) fn push_label(
        &mut self,
        first: u64,
        last: u64,
        label: &str,
    ) -> Result<(), PushError> {
        self.labels.push_range(first, last, label)?;
        Ok(self.spool()?)
    }

    /// How many bytes the labels have, each counted once.
    pub(crate) fn text_bytes(&self) -> usize {
        self.labels.text_bytes()
    }

    /// Completes the file; it is on the disk under its preliminary name.
    pub(crate) fn finish(mut self, mut facts: Facts) -> io::Result<()> {
        facts.blocked = self.blocked.len();
        facts.labeled = self.labels.len();
        let blocked = core::mem::take(&mut self.blocked).finish();
        self.write(&blocked)?;
        let rest = core::mem::take(&mut self.labels).finish();
        let has_spools = self.spools.take().is_some();
        let parts = [(Section::Labeled, &rest.numbers), (Section::Ids, &rest.ids)];
        for ((section, rest), spool) in parts.into_iter().zip(SPOOLS) {
            self.begin(section)?;
            if has_spools {
                let bytes = self.files.map(spool)?;
                for chunk in (*bytes).as_ref().chunks(CHUNK) {
                    self.write(chunk)?;
                }
            }
            self.write(rest)?;
        }
        self.begin(Section::Texts)?;
        self.write(&rest.text)?;
        let mut end = Vec::new();
        self.layout.finish(&facts, &mut end);
        self.out.write(&end)?;
        self.out.sync()?;
        if has_spools {
            SPOOLS
                .iter()
                .try_for_each(|spool| self.files.remove(spool))?;
        }
        Ok(())
    }

    /// Gives up: what was written goes.
    pub(crate) fn discard(self) {
        // What cannot be removed is removed when the extension is opened.
        let _ = self.files.remove(&self.name);
        if self.spools.is_some() {
            SPOOLS
                .iter()
                .for_each(|spool| drop(self.files.remove(spool)));
        }
    }

    fn begin(&mut self, section: Section) -> io::Result<()> {
        let mut fill = Vec::new();
        self.layout.begin(section, &mut fill);
        self.out.write(&fill)
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.layout.add(bytes);
        self.out.write(bytes)
    }

    fn spool(&mut self) -> io::Result<()> {
        if self.labels.ready() < 2 * CHUNK {
            return Ok(());
        }
        let spools = match &mut self.spools {
            Some(spools) => spools,
            None => {
                let [numbers, ids] = SPOOLS;
                let new = [self.files.create(numbers)?, self.files.create(ids)?];
                self.spools.insert(new)
            }
        };
        let ready = self.labels.take();
        spools[0].write(&ready.numbers)?;
        spools[1].write(&ready.ids)
    }
}

/// Why an entry was not taken.
#[derive(Debug)]
pub(crate) enum PushError {
    /// The entry is wrong.
    Entry(labels::PushError),
    /// The disk is.
    Io(io::Error),
}

impl From<labels::PushError> for PushError {
    fn from(error: labels::PushError) -> Self {
        Self::Entry(error)
    }
}

impl From<io::Error> for PushError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<PushError> for StoreError {
    fn from(error: PushError) -> Self {
        match error {
            // Entries of an image that was checked are in order.
            PushError::Entry(_) => Self::Damaged,
            PushError::Io(error) => Self::Io(error),
        }
    }
}

impl<F: Files> Target for ImageWriter<F> {
    type Error = PushError;

    fn block(&mut self, first: u64, last: u64) -> Result<(), PushError> {
        self.push_blocked(first, last)
    }

    fn id(&mut self, label: &str) -> Result<u32, PushError> {
        Ok(self.labels.id(label)?)
    }

    fn label(&mut self, first: u64, last: u64, ids: &[u32]) -> Result<(), PushError> {
        self.labels.push_ids(first, last, ids)?;
        Ok(self.spool()?)
    }
}
